import {
  gwetCoefficient,
  gwetStandardError,
  kappaStandardError,
  krippendorffAlpha,
  meanKappa,
  pairsOf,
  percentAgreement,
  type Statistic,
} from "./coefficients.ts";
import { type Distance, linearDistance, nominalDistance, quadraticDistance } from "./distance.ts";
import { bootstrap, type Interval, normalInterval, studentInterval, wilsonInterval } from "./intervals.ts";
import { countPatterns, type Level, type Rating, type ScaleOptions, type Tally, tallyRatings } from "./ratings.ts";

/** Why a coefficient has no value; `explain` puts it in words. */
export type Why = "empty" | "single-coder" | "no-common-unit" | "one-unit" | "one-value" | "no-pair-varies" | "not-on-scale";

/** What to keep in mind beside a value; `caution` puts it in words. */
export type Caution = "perfect" | "few-units" | "undefined-resamples" | "mean-of-pairs";

/** A coefficient, or the reason why there is none; never NaN. */
export type Estimate =
  | {
      kind: "value";
      /** 1 is perfect agreement; for all but the percent agreement (a share of 1), 0 is what chance would bring. */
      value: number;
      /** 95 % interval by the seeded percentile bootstrap over units. */
      low: number;
      high: number;
      method: "bootstrap-percentile";
      /** Draws that had no value: each counts as −1 for `low` and as 1 for `high`. */
      undefinedResamples: number;
      /** The published large-sample interval, where one exists for this table. */
      analytic: Interval | null;
      cautions: Caution[];
    }
  | { kind: "undefined"; why: Why };

export const COEFFICIENTS = [
  "percent",
  "kappa",
  "kappaLinear",
  "kappaQuadratic",
  "alphaNominal",
  "alphaOrdinal",
  "alphaInterval",
  "ac1",
  "ac2Linear",
  "ac2Quadratic",
] as const;
export type CoefficientName = (typeof COEFFICIENTS)[number];

/** What each level allows, in the order shown: weighted coefficients only where values have places. */
export const COEFFICIENTS_OF: Record<Level, readonly CoefficientName[]> = {
  nominal: ["percent", "kappa", "alphaNominal", "ac1"],
  ordinal: ["percent", "kappa", "kappaLinear", "kappaQuadratic", "alphaNominal", "alphaOrdinal", "ac1", "ac2Linear", "ac2Quadratic"],
  interval: ["percent", "kappa", "kappaLinear", "kappaQuadratic", "alphaNominal", "alphaInterval", "ac1", "ac2Linear", "ac2Quadratic"],
};

export type AgreementOptions = ScaleOptions & {
  /** Whole number that fixes the draws of the bootstrap; 1 if not given. */
  seed?: number;
  /** Draws of the bootstrap, from 100 to 100 000; 1999 if not given. */
  resamples?: number;
};

export type Agreement = {
  level: Level;
  /** What the figures rest on. */
  n: {
    coders: number;
    /** Units with at least one rating. */
    units: number;
    /** Units with two ratings or more: all that agreement can be seen in. */
    pairableUnits: number;
    ratings: number;
    /** Ratings of the pairable units. */
    pairableRatings: number;
    /** Pairs of coders with a unit in common; kappa is the mean over those that vary. */
    pairs: number;
  };
  /** Every value of the scale with the ratings that gave it, over all units and coders; `share` is null without ratings. */
  prevalence: { value: string; ratings: number; share: number | null }[];
  /** Keys as in `COEFFICIENTS_OF[level]`, in that order. */
  coefficients: Partial<Record<CoefficientName, Estimate>>;
  seed: number;
  resamples: number;
};

export const DEFAULT_SEED = 1;
export const DEFAULT_RESAMPLES = 1999;

/** Under this many pairable units, an interval should be read as a rough one. */
const FEW_UNITS = 20;

/**
 * How far independent coders agree, by every coefficient the level allows, each with its interval or the reason why it has no value.
 * @param ratings in any order, of one factor (or of several whose values mean the same)
 * @throws RatingsError for ratings that cannot be counted; RangeError for a seed or a number of draws out of bounds
 */
export function agreement(ratings: readonly Rating[], options: AgreementOptions): Agreement {
  const { seed = DEFAULT_SEED, resamples = DEFAULT_RESAMPLES, level } = options;
  const tally = tallyRatings(ratings, options);
  const counts = countPatterns(tally);
  const n = sizes(tally, counts);
  const measures = COEFFICIENTS_OF[level].map((name) => ({
    name,
    why: whyNot(tally, counts, n, name),
    statistic: statisticOf(tally, name),
  }));
  const defined = measures.filter(({ why }) => why === null);
  const drawn = bootstrap(
    tally,
    defined.map(({ statistic }) => statistic!),
    seed,
    resamples,
  );
  const coefficients: Agreement["coefficients"] = {};
  for (const { name, why, statistic } of measures) {
    if (why !== null) {
      coefficients[name] = { kind: "undefined", why };
      continue;
    }
    const value = statistic!(counts)!;
    const { low, high, undefinedResamples } = drawn[defined.findIndex((measure) => measure.name === name)]!;
    const least = name === "percent" ? 0 : -1;
    const cautions: Caution[] = [];
    if (value === 1) cautions.push("perfect");
    if (n.pairableUnits < FEW_UNITS) cautions.push("few-units");
    if (undefinedResamples > 0) cautions.push("undefined-resamples");
    if (name.startsWith("kappa") && n.coders > 2) cautions.push("mean-of-pairs");
    const analytic = analyticInterval(tally, counts, n, name, value);
    coefficients[name] = {
      kind: "value",
      value,
      low: Math.max(least, low),
      high,
      method: "bootstrap-percentile",
      undefinedResamples,
      analytic,
      cautions,
    };
  }
  return { level, n, prevalence: prevalenceOf(tally, counts), coefficients, seed, resamples };
}

function sizes({ coders, patterns, units }: Tally, counts: Float64Array): Agreement["n"] {
  let [pairableUnits, ratings, pairableRatings] = [0, 0, 0];
  for (const [at, { rated }] of patterns.entries()) {
    ratings += counts[at]! * rated;
    if (rated < 2) continue;
    pairableUnits += counts[at]!;
    pairableRatings += counts[at]! * rated;
  }
  const pairs = pairsOf(coders.length).filter(([one, other]) => patterns.some(({ row }) => row[one]! >= 0 && row[other]! >= 0)).length;
  return { coders: coders.length, units: units.length, pairableUnits, ratings, pairableRatings, pairs };
}

function prevalenceOf({ values, patterns }: Tally, counts: Float64Array): Agreement["prevalence"] {
  const given = new Float64Array(values.length);
  let total = 0;
  for (const [at, pattern] of patterns.entries())
    for (const [value, coders] of pattern.given) {
      given[value] = given[value]! + counts[at]! * coders;
      total += counts[at]! * coders;
    }
  return values.map((value, at) => ({ value, ratings: given[at]!, share: total > 0 ? given[at]! / total : null }));
}

/** The distance that a coefficient weighs disagreements by; null where a value has no place on the scale. */
function distanceOf({ values, positions }: Tally, name: CoefficientName): Distance | null {
  if (name.endsWith("Linear")) return positions && linearDistance(positions);
  if (name.endsWith("Quadratic") || name === "alphaInterval") return positions && quadraticDistance(positions);
  return nominalDistance(values.length);
}

/** Null where the scale does not allow it. */
function statisticOf(tally: Tally, name: CoefficientName): Statistic | null {
  const { patterns, coders, values, positions } = tally;
  if (name === "alphaOrdinal") return positions && krippendorffAlpha(patterns, values.length, null);
  const distance = distanceOf(tally, name);
  if (!distance) return null;
  if (name === "percent") return percentAgreement(patterns, distance);
  if (name.startsWith("kappa")) return meanKappa(patterns, coders.length, values.length, distance);
  if (name.startsWith("alpha")) return krippendorffAlpha(patterns, values.length, distance);
  return gwetCoefficient(patterns, values.length, distance);
}

function whyNot(tally: Tally, counts: Float64Array, n: Agreement["n"], name: CoefficientName): Why | null {
  if (n.ratings === 0) return "empty";
  if (n.coders === 1) return "single-coder";
  if (n.pairableUnits === 0) return "no-common-unit";
  if (n.pairableUnits === 1) return "one-unit";
  const statistic = statisticOf(tally, name);
  if (!statistic) return "not-on-scale";
  if (statistic(counts) !== null) return null;
  const pairable = tally.patterns.filter(({ rated }) => rated > 1);
  return new Set(pairable.flatMap(({ given }) => given.map(([value]) => value))).size > 1 ? "no-pair-varies" : "one-value";
}

function analyticInterval(tally: Tally, counts: Float64Array, n: Agreement["n"], name: CoefficientName, value: number): Interval | null {
  const { patterns, coders, values } = tally;
  const distance = distanceOf(tally, name);
  const twoCoders = coders.length === 2;
  if (name === "percent") return twoCoders ? wilsonInterval(value, n.pairableUnits) : null;
  if (!distance || name.startsWith("alpha")) return null;
  if (name.startsWith("kappa")) {
    const error = twoCoders ? kappaStandardError(patterns, [0, 1], values.length, distance)(counts) : null;
    return error === null ? null : normalInterval(value, error, "fleiss-cohen-everitt");
  }
  const error = gwetStandardError(patterns, values.length, distance)(counts);
  return error === null ? null : studentInterval(value, error, n.units - 1, "gwet");
}

/**
 * The same for each pair of coders alone: what a mean hides. Pairs come in the order of their names, those without a common unit too. Give
 * the scale, or each pair is measured on the values it happened to use.
 */
export function agreementByPair(
  ratings: readonly Rating[],
  options: AgreementOptions,
): { coders: [string, string]; agreement: Agreement }[] {
  const coders = [...new Set(ratings.map(({ coder }) => coder))].sort();
  return pairsOf(coders.length).map(([one, other]) => {
    const pair: [string, string] = [coders[one]!, coders[other]!];
    return {
      coders: pair,
      agreement: agreement(
        ratings.filter(({ coder }) => pair.includes(coder)),
        options,
      ),
    };
  });
}
