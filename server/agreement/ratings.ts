/** One value given by one coder to one unit. A rating that was not made has no entry; an empty `value` is an ordinary value. */
export type Rating = { unit: string; coder: string; value: string };

/** What may be done with the values: told apart; put in order; subtracted. */
export type Level = "nominal" | "ordinal" | "interval";
export const LEVELS: readonly Level[] = ["nominal", "ordinal", "interval"];

export type ScaleOptions = {
  level: Level;
  /**
   * Every value that could be given, lowest first at the ordinal level. Without it the values that were given stand for the scale, numbers
   * in their order. Gwet's coefficients depend on how many values there are, used or not: give the scale of the codebook where one exists.
   */
  scale?: readonly string[];
  /** A value that says nothing was found, such as "not documented": one value more, or as if the rating had not been made. */
  notDocumented?: { value: string; as: "value" | "left-out" };
};

/** How units were rated: units with the same values from the same coders are one pattern. */
export type Pattern = {
  /** By coder, in the order of `Tally.coders`: index in `Tally.values`, or −1 where this coder did not rate. */
  row: readonly number[];
  /** Number of coders who rated. */
  rated: number;
  /** The values given, each with the number of coders who gave it. */
  given: readonly (readonly [value: number, coders: number])[];
};

/** Ratings counted. The order of the ratings and the names of the units leave no trace in it. */
export type Tally = {
  values: readonly string[];
  coders: readonly string[];
  patterns: readonly Pattern[];
  /** For each unit with a rating, the index of its pattern; units of a pattern stand together. */
  units: Int32Array;
  /** The place of each value on a scale: ranks from 0 at the ordinal level, the numbers themselves at the interval level; null where a value has none. */
  positions: readonly number[] | null;
};

export type RatingsFault = "duplicate" | "not-a-number" | "no-order" | "not-on-scale" | "repeated-in-scale";

/** Ratings that cannot be counted. The message quotes no value: `at` says which rating or which value of the scale, from 0. */
export class RatingsError extends Error {
  override name = "RatingsError";
  readonly fault: RatingsFault;
  readonly at: number;
  readonly of: "ratings" | "scale";
  constructor(fault: RatingsFault, at: number, of: "ratings" | "scale" = "ratings") {
    super(FAULTS[fault]);
    this.fault = fault;
    this.at = at;
    this.of = of;
  }
}
const FAULTS: Record<RatingsFault, string> = {
  duplicate: "this coder has rated this unit already",
  "not-a-number": "the interval level needs numbers, and this value is none",
  "no-order": "the ordinal level needs the order of the values, unless all are numbers, and this value is none",
  "not-on-scale": "this value is not on the scale",
  "repeated-in-scale": "the scale names this value twice",
};

const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$/;

/** The number a text stands for, with a decimal point or comma; null for anything else. */
export const numberOf = (text: string): number | null => (NUMBER.test(text.trim()) ? Number(text.trim().replace(",", ".")) + 0 : null);

/**
 * Counts ratings. The value that says "not documented" is left out or counted as its option asks; where it counts at the ordinal or interval
 * level and has no place on the scale, the tally has no positions and only coefficients that tell values apart can be computed from it.
 * @throws RatingsError for a second rating of a unit by the same coder, a value off the scale, or a value that the level does not allow
 */
export function tallyRatings(ratings: readonly Rating[], options: ScaleOptions): Tally {
  const { level, notDocumented } = options;
  const silent = (value: string): boolean => notDocumented !== undefined && value === notDocumented.value;
  const kept = ratings.map((rating, at) => ({ ...rating, at })).filter(({ value }) => notDocumented?.as !== "left-out" || !silent(value));
  const scale = scaleOf(kept, options, silent);
  const coders = [...new Set(kept.map(({ coder }) => coder))].sort(byText);
  const coderIndex = new Map(coders.map((coder, index) => [coder, index]));
  const rows = new Map<string, number[]>();
  for (const { unit, coder, value, at } of kept) {
    let row = rows.get(unit);
    if (!row) {
      row = coders.map(() => -1);
      rows.set(unit, row);
    }
    const column = coderIndex.get(coder)!;
    if (row[column] !== -1) throw new RatingsError("duplicate", at);
    const index = scale.indexOf(silent(value) ? value : canonical(value, level));
    if (index === undefined) throw new RatingsError(level === "interval" && numberOf(value) === null ? "not-a-number" : "not-on-scale", at);
    row[column] = index;
  }
  return { values: scale.values, coders, positions: scale.positions, ...patternsOf([...rows.values()]) };
}

type Kept = Rating & { at: number };
type Scale = { values: readonly string[]; positions: readonly number[] | null; indexOf: (value: string) => number | undefined };

function scaleOf(kept: readonly Kept[], { level, scale, notDocumented }: ScaleOptions, silent: (value: string) => boolean): Scale {
  const values = scale
    ? declaredScale(scale, level, silent)
    : level === "nominal"
      ? [...new Set(kept.map(({ value }) => value))].filter((value) => !silent(value)).sort(byText)
      : numbersGiven(kept, level, silent);
  const given = kept.some(({ value }) => silent(value));
  const counts = notDocumented?.as === "value" && (given || (level === "nominal" && scale?.some(silent) === true));
  const all = counts ? [...values, notDocumented.value] : values;
  const index = new Map(all.map((value, place) => [value, place]));
  const positions = values.map((value, rank) => (level === "interval" ? Number(value) : rank));
  return { values: all, positions: counts || level === "nominal" ? null : positions, indexOf: (value) => index.get(value) };
}

function declaredScale(scale: readonly string[], level: Level, silent: (value: string) => boolean): string[] {
  const word = level === "interval" ? scale.findIndex((value) => !silent(value) && numberOf(value) === null) : -1;
  if (word >= 0) throw new RatingsError("not-a-number", word, "scale");
  const values = scale.filter((value) => !silent(value)).map((value) => canonical(value, level));
  const twice = values.findIndex((value, at) => values.indexOf(value) !== at);
  if (twice >= 0) throw new RatingsError("repeated-in-scale", twice, "scale");
  return level === "interval" ? values.sort((one, other) => Number(one) - Number(other)) : values;
}

function numbersGiven(kept: readonly Kept[], level: Level, silent: (value: string) => boolean): string[] {
  const numbers = new Map<string, number>();
  for (const { value, at } of kept) {
    if (silent(value)) continue;
    const number = numberOf(value);
    if (number === null) throw new RatingsError(level === "interval" ? "not-a-number" : "no-order", at);
    numbers.set(canonical(value, level), number);
  }
  return [...numbers].sort(([, one], [, other]) => one - other).map(([value]) => value);
}

/** The same number written in two ways is one value, except where values are only names. */
function canonical(value: string, level: Level): string {
  const number = level === "nominal" ? null : numberOf(value);
  return number === null ? value : String(number);
}

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function patternsOf(rows: number[][]): { patterns: Pattern[]; units: Int32Array } {
  const counted = new Map<string, { row: number[]; units: number }>();
  for (const row of rows) {
    const key = row.join();
    const same = counted.get(key);
    if (same) same.units++;
    else counted.set(key, { row, units: 1 });
  }
  const sorted = [...counted.values()].sort((one, other) => compareRows(one.row, other.row));
  return {
    patterns: sorted.map(({ row }) => patternOf(row)),
    units: Int32Array.from(sorted.flatMap(({ units }, pattern) => Array.from({ length: units }, () => pattern))),
  };
}

function compareRows(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, column) => value !== other[column]);
  return at < 0 ? 0 : one[at]! - other[at]!;
}

function patternOf(row: readonly number[]): Pattern {
  const given = new Map<number, number>();
  for (const value of row) if (value >= 0) given.set(value, (given.get(value) ?? 0) + 1);
  return { row, rated: row.filter((value) => value >= 0).length, given: [...given].sort(([one], [other]) => one - other) };
}

/** How many units have each pattern: what the coefficients are computed from, and what the bootstrap redraws. */
export function countPatterns({ patterns, units }: Tally): Float64Array {
  const counts = new Float64Array(patterns.length);
  for (const pattern of units) counts[pattern] = counts[pattern]! + 1;
  return counts;
}
