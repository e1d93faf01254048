import type { Agreement, Caution, Estimate } from "./agreement.ts";
import { krippendorffAlpha } from "./coefficients.ts";
import { type Distance, tableDistance } from "./distance.ts";
import { bootstrap } from "./intervals.ts";
import { countPatterns, type Rating, type ScaleOptions, tallyRatings } from "./ratings.ts";

/**
 * How far two sets of options are apart, from 0 (the same) to 1 (nothing in common): 1 − Jaccard × monotonicity, where monotonicity is 1 for
 * equal sets, 2/3 when one holds the other, 1/3 when they overlap, 0 when they do not (MASI: Passonneau, 2006, "Measuring Agreement on
 * Set-Valued Items (MASI) for Semantic and Pragmatic Annotation").
 */
export function setDistance(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((value) => other.has(value)).length;
  const all = one.size + other.size - common;
  if (all === 0) return 0;
  const monotonicity = one.size === other.size && common === one.size ? 1 : common === Math.min(one.size, other.size) ? 2 / 3 : 1 / 3;
  return common === 0 ? 1 : 1 - (common / all) * monotonicity;
}

const distanceOfSets = (values: readonly string[]): Distance => {
  const sets = values.map((value) => new Set(value.split(",")));
  return tableDistance(sets.map((one) => sets.map((other) => setDistance(one, other))));
};

/**
 * Krippendorff's alpha of values that are sets (codes joined by ","), so that two coders who share some options agree in part.
 * @param figures what `agreement` found for the same ratings and options: where equal sets alone give no alpha, sets give none either
 */
export function setAlpha(ratings: readonly Rating[], options: ScaleOptions, figures: Agreement): Estimate {
  const nominal = figures.coefficients.alphaNominal!;
  if (nominal.kind === "undefined") return nominal;
  const tally = tallyRatings(ratings, options);
  const statistic = krippendorffAlpha(tally.patterns, tally.values.length, distanceOfSets(tally.values));
  const value = statistic(countPatterns(tally))!;
  const [drawn] = bootstrap(tally, [statistic], figures.seed, figures.resamples);
  const { low, high, undefinedResamples } = drawn!;
  const kept = nominal.cautions.filter((caution): caution is Caution => caution !== "perfect");
  const cautions = value === 1 ? (["perfect", ...kept] satisfies Caution[]) : kept;
  return {
    kind: "value",
    value,
    low: Math.max(-1, low),
    high,
    method: "bootstrap-percentile",
    undefinedResamples,
    analytic: null,
    cautions,
  };
}
