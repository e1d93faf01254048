import type { Statistic } from "./coefficients.ts";
import type { Tally } from "./ratings.ts";

/** How an interval was found. All are at 95 %. */
export type IntervalMethod = "bootstrap-percentile" | "wilson" | "fleiss-cohen-everitt" | "gwet";
export type Interval = { low: number; high: number; method: IntervalMethod };

/** What a 95 % interval leaves out on each side. */
const TAIL = 0.025;
const NORMAL_QUANTILE = 1.959963984540054;

/**
 * Whole numbers from 0 to 2³² − 1, the same for the same seed on every machine: xoshiro128** (Blackman & Vigna, 2021, "Scrambled Linear
 * Pseudorandom Number Generators"), its state spread from the seed by a mixed counter so that neighbouring seeds share nothing.
 */
export function randomWords(seed: number): () => number {
  let counter = seed | 0;
  const mixed = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let bits = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return bits ^ (bits >>> 15);
  };
  let [a, b, c, d] = [mixed(), mixed(), mixed(), mixed()];
  const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
  return () => {
    const word = Math.imul(turned(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = turned(d, 11);
    return word;
  };
}

export type Bootstrapped = { low: number; high: number; undefinedResamples: number };

/**
 * Percentile bootstrap over units (Efron & Tibshirani, 1993, "An Introduction to the Bootstrap", chapter 13): units are drawn with
 * replacement, each with all its ratings, and every statistic is computed from the same draws. Percentile and not BCa: it stays within the
 * bounds of the coefficient, and needs no acceleration, which the jackknife cannot give for the rare values that are common here.
 * A draw without a value (all units alike) could have been anything: it counts as −1 for the lower end and as 1 for the higher, so that the
 * interval says how little such a table tells.
 * @param seed whole number; the same gives the same bytes
 * @param resamples how many draws, from 100; 1999 puts the ends on two of them exactly
 * @throws RangeError for another seed or number of draws
 */
export function bootstrap(tally: Tally, statistics: readonly Statistic[], seed: number, resamples: number): Bootstrapped[] {
  if (!Number.isSafeInteger(seed)) throw new RangeError("The seed of a bootstrap is a whole number");
  if (!Number.isInteger(resamples) || resamples < 100 || resamples > 100_000)
    throw new RangeError("A bootstrap draws from 100 to 100000 times");
  const { units, patterns } = tally;
  const next = randomWords(seed);
  const counts = new Float64Array(patterns.length);
  const found = statistics.map(() => new Float64Array(resamples));
  const missing = statistics.map(() => 0);
  for (let draw = 0; draw < resamples; draw++) {
    counts.fill(0);
    for (let unit = 0; unit < units.length; unit++) {
      const pattern = units[Math.floor((next() / 4294967296) * units.length)]!;
      counts[pattern] = counts[pattern]! + 1;
    }
    for (let at = 0; at < statistics.length; at++) {
      const value = statistics[at]!(counts);
      if (value === null) missing[at] = missing[at]! + 1;
      found[at]![draw] = value ?? Number.NaN;
    }
  }
  return found.map((values, at) => {
    const defined = values.filter((value) => !Number.isNaN(value)).sort();
    // Ranks from the outside, so that the same share is left out on either side.
    const rank = Math.max(0, Math.floor(TAIL * (resamples + 1)) - 1) - missing[at]!;
    return {
      low: rank < 0 ? -1 : defined[rank]!,
      high: rank < 0 ? 1 : defined[defined.length - 1 - rank]!,
      undefinedResamples: missing[at]!,
    };
  });
}

/** A share of units with its interval by Wilson (1927, "Probable Inference, the Law of Succession, and Statistical Inference"). */
export function wilsonInterval(share: number, units: number): Interval {
  const square = NORMAL_QUANTILE ** 2;
  const middle = (share + square / (2 * units)) / (1 + square / units);
  const half = (NORMAL_QUANTILE / (1 + square / units)) * Math.sqrt((share * (1 - share)) / units + square / (4 * units ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half), method: "wilson" };
}

/** Value ± normal quantile × standard error, within −1 and 1. */
export const normalInterval = (value: number, error: number, method: IntervalMethod): Interval =>
  within(value, NORMAL_QUANTILE * error, method);

/** Value ± Student's quantile × standard error, within −1 and 1. @param freedom degrees of freedom, from 1 */
export const studentInterval = (value: number, error: number, freedom: number, method: IntervalMethod): Interval =>
  within(value, studentQuantile(freedom) * error, method);

const within = (value: number, half: number, method: IntervalMethod): Interval => ({
  low: Math.max(-1, value - half),
  high: Math.min(1, value + half),
  method,
});

/** Point that Student's t stays below with probability 97.5 %, found by halving. @param freedom degrees of freedom, whole, from 1 */
export function studentQuantile(freedom: number): number {
  // From here on the two distributions differ by less than one part in ten thousand.
  if (freedom > 20_000) return NORMAL_QUANTILE;
  let [low, high] = [NORMAL_QUANTILE, 13];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (studentCentre(middle, freedom) < 1 - 2 * TAIL) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability that Student's t lies between −t and t, by the finite series for whole degrees of freedom (Abramowitz & Stegun, 1964, 26.7.3–4). */
function studentCentre(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let [term, total] = [odd ? cosine : 1, 0];
  for (let power = odd ? 1 : 0; power <= freedom - 2; power += 2) {
    total += term;
    term *= (cosine ** 2 * (power + 1)) / (power + 2);
  }
  return odd ? (2 / Math.PI) * (angle + sine * total) : sine * total;
}
