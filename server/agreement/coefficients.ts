import { type Distance, midRanks, quadraticDistance, sum } from "./distance.ts";
import type { Pattern } from "./ratings.ts";

/**
 * The coefficients as functions of how many units have each pattern, so that a bootstrap redraws counts instead of ratings. Each gives a
 * number, or null where it has none (nothing to compare, or no variation that chance could be measured by).
 */
export type Statistic = (counts: Float64Array) => number | null;

/**
 * Share of agreement between two ratings of the same unit, from 0 to 1. With two coders: agreeing units / units rated by both. With more, or
 * with ratings missing: the mean over pairable values, that is each unit's share of agreeing pairs weighted by its number of ratings, as in
 * the diagonal of Krippendorff's coincidence matrix (Krippendorff, 2011, "Computing Krippendorff's Alpha-Reliability").
 */
export function percentAgreement(patterns: readonly Pattern[], distance: Distance): Statistic {
  const apart = patterns.map((pattern) => disagreement(pattern, distance));
  return (counts) => {
    let [values, disagreeing] = [0, 0];
    for (let at = 0; at < patterns.length; at++) {
      const { rated } = patterns[at]!;
      if (rated < 2) continue;
      values += counts[at]! * rated;
      disagreeing += counts[at]! * rated * apart[at]!;
    }
    return values > 0 ? (values - disagreeing) / values : null;
  };
}

/**
 * Krippendorff's alpha, α = 1 − Do/De, for any number of coders and missing ratings (Krippendorff, 2011, "Computing Krippendorff's
 * Alpha-Reliability"). Units rated once do not count. From −1 to 1; null where all pairable values are the same.
 * @param distance null for the ordinal metric, which depends on the frequencies themselves; else nominal or quadratic (interval)
 * @param values how many values the scale has
 */
export function krippendorffAlpha(patterns: readonly Pattern[], values: number, distance: Distance | null): Statistic {
  const fixed = distance && patterns.map((pattern) => disagreement(pattern, distance));
  const frequencies = new Float64Array(values);
  return (counts) => {
    frequencies.fill(0);
    for (let at = 0; at < patterns.length; at++) {
      const { rated, given } = patterns[at]!;
      if (rated < 2 || counts[at] === 0) continue;
      for (const [value, coders] of given) frequencies[value] = frequencies[value]! + counts[at]! * coders;
    }
    if (valuesUsed(frequencies) < 2) return null;
    const metric = distance ?? quadraticDistance(midRanks(frequencies));
    let observed = 0;
    for (let at = 0; at < patterns.length; at++) {
      const pattern = patterns[at]!;
      if (pattern.rated < 2 || counts[at] === 0) continue;
      observed += counts[at]! * pattern.rated * (fixed ? fixed[at]! : disagreement(pattern, metric));
    }
    return 1 - ((sum(frequencies) - 1) * observed) / metric.crossed(frequencies, frequencies);
  };
}

/** Mean distance between the ratings of one unit, over all pairs of its coders; 0 with fewer than two. */
function disagreement({ rated, given }: Pattern, distance: Distance): number {
  let total = 0;
  for (const [one, coders] of given) for (const [other, others] of given) total += coders * others * distance.between(one, other);
  return rated < 2 ? 0 : total / (rated * (rated - 1));
}

/** What two coders gave to the units that both rated. */
type Crossing = { pattern: number; one: number; other: number };

function crossings(patterns: readonly Pattern[], first: number, second: number): Crossing[] {
  return patterns.flatMap(({ row }, pattern) => {
    const [one, other] = [row[first]!, row[second]!];
    return one < 0 || other < 0 ? [] : [{ pattern, one, other }];
  });
}

/**
 * Cohen's kappa of two coders over the units both rated, κ = 1 − observed / expected disagreement; with the nominal distance that of 1960
 * ("A Coefficient of Agreement for Nominal Scales"), with another the weighted kappa of 1968 ("Weighted Kappa: Nominal Scale Agreement with
 * Provision for Scaled Disagreement or Partial Credit"). Null where both gave one and the same value throughout,
 * or have fewer than two units in common.
 * @param first @param second columns of the patterns' rows
 */
export function cohenKappa(
  patterns: readonly Pattern[],
  [first, second]: readonly [number, number],
  values: number,
  distance: Distance,
): Statistic {
  const common = crossings(patterns, first, second);
  const apart = common.map(({ one, other }) => distance.between(one, other));
  const [ones, others] = [new Float64Array(values), new Float64Array(values)];
  return (counts) => {
    ones.fill(0);
    others.fill(0);
    let [units, observed] = [0, 0];
    for (let at = 0; at < common.length; at++) {
      const { pattern, one, other } = common[at]!;
      const count = counts[pattern]!;
      units += count;
      observed += count * apart[at]!;
      ones[one] = ones[one]! + count;
      others[other] = others[other]! + count;
    }
    return units < 2 || sameSingleValue(ones, others) ? null : 1 - (units * observed) / distance.crossed(ones, others);
  };
}

/**
 * Kappa for a team: for two coders Cohen's; for more, the mean of the kappas of all pairs that have one (Light, 1971, "Measures of Response
 * Agreement for Qualitative Data: Some Generalizations and Alternatives"). Null where no pair has one.
 */
export function meanKappa(patterns: readonly Pattern[], coders: number, values: number, distance: Distance): Statistic {
  const kappas = pairsOf(coders).map((pair) => cohenKappa(patterns, pair, values, distance));
  return (counts) => {
    let [pairs, total] = [0, 0];
    for (const kappa of kappas) {
      const value = kappa(counts);
      if (value === null) continue;
      pairs++;
      total += value;
    }
    return pairs > 0 ? total / pairs : null;
  };
}

/** All pairs of coders, by their columns. */
export const pairsOf = (coders: number): [number, number][] =>
  Array.from({ length: coders }, (_, first) =>
    Array.from({ length: coders - first - 1 }, (_, more): [number, number] => [first, first + 1 + more]),
  ).flat();

/**
 * Large-sample standard error of (weighted) kappa of two coders, not supposing it zero (Fleiss, Cohen & Everitt, 1969, "Large Sample Standard
 * Errors of Kappa and Weighted Kappa"). Null where kappa is.
 */
export function kappaStandardError(
  patterns: readonly Pattern[],
  [first, second]: readonly [number, number],
  values: number,
  distance: Distance,
): Statistic {
  const common = crossings(patterns, first, second);
  const weight = (one: number, other: number): number => 1 - distance.between(one, other) / distance.largest;
  return (counts) => {
    const [ones, others] = [new Float64Array(values), new Float64Array(values)];
    const units = common.reduce((all, { pattern }) => all + counts[pattern]!, 0);
    if (units < 2) return null;
    for (const { pattern, one, other } of common) {
      ones[one] = ones[one]! + counts[pattern]! / units;
      others[other] = others[other]! + counts[pattern]! / units;
    }
    if (sameSingleValue(ones, others)) return null;
    const observed = common.reduce((all, { pattern, one, other }) => all + (counts[pattern]! / units) * weight(one, other), 0);
    const expected = 1 - distance.crossed(ones, others) / distance.largest;
    const meanWeights = (shares: Float64Array): Float64Array =>
      Float64Array.from(shares, (_, value) => shares.reduce((all, share, other) => all + share * weight(value, other), 0));
    const [rowMeans, columnMeans] = [meanWeights(others), meanWeights(ones)];
    const spread = common.reduce((all, { pattern, one, other }) => {
      const term = weight(one, other) * (1 - expected) - (rowMeans[one]! + columnMeans[other]!) * (1 - observed);
      return all + (counts[pattern]! / units) * term ** 2;
    }, 0);
    const variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (units * (1 - expected) ** 4);
    return Math.sqrt(Math.max(0, variance));
  };
}

/**
 * Gwet's AC1 (nominal distance: Gwet, 2008, "Computing Inter-Rater Reliability and its Variance in the Presence of High Agreement") and AC2
 * (another distance: Gwet, 2014, "Handbook of Inter-Rater Reliability", 4th edition), for any number of coders and missing ratings. Units
 * rated once count for how frequent the values are. Null for a scale of one value, or where no unit was rated twice.
 */
export function gwetCoefficient(patterns: readonly Pattern[], values: number, distance: Distance): Statistic {
  const parts = gwetParts(patterns, values, distance);
  return (counts) => parts(counts)?.value ?? null;
}

/**
 * Standard error of AC1 or AC2 over the units, the coders taken as given (Gwet, 2008, the variance that does not suppose coders independent;
 * 2014 for weights and missing ratings). Null where the coefficient is, or with one unit.
 */
export function gwetStandardError(patterns: readonly Pattern[], values: number, distance: Distance): Statistic {
  const parts = gwetParts(patterns, values, distance);
  return (counts) => {
    const found = parts(counts);
    if (found === null || found.units < 2) return null;
    const { value, expected, units, ratedTwice, frequencies, chance, agreement } = found;
    let total = 0;
    for (let at = 0; at < patterns.length; at++) {
      const { rated, given } = patterns[at]!;
      if (counts[at] === 0 || rated === 0) continue;
      const own = rated < 2 ? 0 : ((units / ratedTwice) * (agreement[at]! - expected)) / (1 - expected);
      const ownChance = chance * given.reduce((all, [one, coders]) => all + (coders / rated) * (1 - frequencies[one]!), 0);
      total += counts[at]! * (own - (2 * (1 - value) * (ownChance - expected)) / (1 - expected) - value) ** 2;
    }
    return Math.sqrt(total / (units * (units - 1)));
  };
}

function gwetParts(patterns: readonly Pattern[], values: number, distance: Distance) {
  if (distance.largest === 0) return () => null;
  const agreement = patterns.map((pattern) => 1 - disagreement(pattern, distance) / distance.largest);
  const every = new Float64Array(values).fill(1);
  // Sum of all weights over the number of ordered pairs of different values.
  const chance = (values ** 2 - distance.crossed(every, every) / distance.largest) / (values * (values - 1));
  const frequencies = new Float64Array(values);
  return (counts: Float64Array) => {
    frequencies.fill(0);
    let [units, ratedTwice, observed] = [0, 0, 0];
    for (let at = 0; at < patterns.length; at++) {
      const { rated, given } = patterns[at]!;
      const count = counts[at]!;
      if (count === 0 || rated === 0) continue;
      units += count;
      for (const [value, coders] of given) frequencies[value] = frequencies[value]! + (count * coders) / rated;
      if (rated < 2) continue;
      ratedTwice += count;
      observed += count * agreement[at]!;
    }
    if (ratedTwice === 0) return null;
    let expected = 0;
    for (let value = 0; value < values; value++) {
      frequencies[value] = frequencies[value]! / units;
      expected += chance * frequencies[value]! * (1 - frequencies[value]!);
    }
    return { value: (observed / ratedTwice - expected) / (1 - expected), expected, units, ratedTwice, frequencies, chance, agreement };
  };
}

/** How many values were given at all. */
export function valuesUsed(frequencies: Float64Array): number {
  let used = 0;
  for (let value = 0; value < frequencies.length; value++) if (frequencies[value]! > 0) used++;
  return used;
}

function sameSingleValue(ones: Float64Array, others: Float64Array): boolean {
  const value = ones.findIndex((share) => share > 0);
  return valuesUsed(ones) === 1 && valuesUsed(others) === 1 && others[value]! > 0;
}
