import type { Caution, Estimate, Why } from "./agreement.ts";
import { randomWords } from "./intervals.ts";

/** One unit coded twice. Units of one stratum (a factor) share their values; units of one cluster (a case) were coded by the same two people. */
export type PooledUnit = { stratum: string; cluster: string; first: string; second: string };

export const POOLED = ["percent", "kappa", "alphaNominal", "ac1"] as const;
export type PooledCoefficient = (typeof POOLED)[number];
export type Pooled = {
  n: { units: number; strata: number; clusters: number };
  coefficients: Record<PooledCoefficient, Estimate>;
};

/** Under this many cases, an interval should be read as a rough one. */
const FEW_CLUSTERS = 20;

type Stratum = {
  /** Where its square table starts among all cells; row: first coding, column: second. */
  at: number;
  /** Values that were given. */
  size: number;
  /** Values that could be given. */
  scale: number;
};

/**
 * Agreement over several strata at once. Chance is reckoned within each stratum and never across them, or factors that are mostly present
 * beside others mostly absent would pass for agreement: κ = 1 − Σ N(1 − Po) / Σ N(1 − Pe), the pooled kappa of De Vries, Elliott, Kanouse &
 * Teleki (2008, "Using Pooled Kappa to Summarize Interrater Agreement across Many Items"), each stratum weighing as many units as it has;
 * alpha and AC1 are pooled the same way. Strata of a single unit say nothing of chance and count for the percent agreement alone. Only equal
 * values agree. Intervals draw whole clusters, since the units of a case are not independent of one another.
 * @param scales how many values each stratum could take, where known; at least those given are counted
 * @throws RangeError for fewer than 100 draws
 */
export function pooledAgreement(
  units: readonly PooledUnit[],
  { seed = 1, resamples, scales }: { seed?: number; resamples: number; scales: ReadonlyMap<string, number> },
): Pooled {
  if (!Number.isInteger(resamples) || resamples < 100) throw new RangeError("A bootstrap draws 100 times at least");
  const { strata, cells, length } = tabulate(units, scales);
  const n = { units: units.length, strata: strata.length, clusters: cells.length };
  const measure = measureOf(strata);
  const counts = new Float64Array(length);
  for (const cluster of cells) for (const cell of cluster) counts[cell] = counts[cell]! + 1;
  const values = measure(counts);
  const why = (name: PooledCoefficient): Why | null => {
    if (n.units === 0) return "empty";
    if (n.clusters === 1) return "one-unit";
    return values[name] === null ? "one-value" : null;
  };
  const drawn: Record<PooledCoefficient, number[]> = { percent: [], kappa: [], alphaNominal: [], ac1: [] };
  if (n.clusters > 1) {
    const next = randomWords(seed);
    for (let draw = 0; draw < resamples; draw++) {
      counts.fill(0);
      for (let one = 0; one < cells.length; one++)
        for (const cell of cells[Math.floor((next() / 4294967296) * cells.length)]!) counts[cell] = counts[cell]! + 1;
      const found = measure(counts);
      for (const name of POOLED) if (found[name] !== null) drawn[name].push(found[name]);
    }
  }
  const estimate = (name: PooledCoefficient): Estimate => {
    const reason = why(name);
    if (reason !== null) return { kind: "undefined", why: reason };
    const value = values[name]!;
    const undefinedResamples = resamples - drawn[name].length;
    const sorted = drawn[name].sort((one, other) => one - other);
    const rank = Math.max(0, Math.floor(0.025 * (resamples + 1)) - 1) - undefinedResamples;
    const cautions: Caution[] = [];
    if (value === 1) cautions.push("perfect");
    if (n.clusters < FEW_CLUSTERS) cautions.push("few-units");
    if (undefinedResamples > 0) cautions.push("undefined-resamples");
    return {
      kind: "value",
      value,
      low: rank < 0 ? (name === "percent" ? 0 : -1) : sorted[rank]!,
      high: rank < 0 ? 1 : sorted.at(-1 - rank)!,
      method: "bootstrap-percentile",
      undefinedResamples,
      analytic: null,
      cautions,
    };
  };
  return {
    n,
    coefficients: {
      percent: estimate("percent"),
      kappa: estimate("kappa"),
      alphaNominal: estimate("alphaNominal"),
      ac1: estimate("ac1"),
    },
  };
}

/** Every stratum's table one after the other, and the cells that each cluster adds one to. Clusters come in the order of their names. */
function tabulate(units: readonly PooledUnit[], scales: ReadonlyMap<string, number>) {
  const values = new Map<string, Map<string, number>>();
  for (const { stratum, first, second } of units) {
    const known = values.get(stratum) ?? new Map<string, number>();
    values.set(stratum, known);
    for (const value of [first, second]) if (!known.has(value)) known.set(value, known.size);
  }
  let length = 0;
  const placed = new Map<string, Stratum>();
  for (const [stratum, known] of values) {
    placed.set(stratum, { at: length, size: known.size, scale: Math.max(known.size, scales.get(stratum) ?? 0) });
    length += known.size ** 2;
  }
  const clusters = Map.groupBy(units, ({ cluster }) => cluster);
  const cells = [...clusters.keys()].sort().map((name) =>
    Int32Array.from(clusters.get(name)!, ({ stratum, first, second }) => {
      const { at, size } = placed.get(stratum)!;
      const index = values.get(stratum)!;
      return at + index.get(first)! * size + index.get(second)!;
    }),
  );
  return { strata: [...placed.values()], cells, length };
}

/** The four coefficients as a function of how often each cell was met. */
function measureOf(strata: readonly Stratum[]): (counts: Float64Array) => Record<PooledCoefficient, number | null> {
  const widest = Math.max(1, ...strata.map(({ size }) => size));
  const [rows, columns] = [new Float64Array(widest), new Float64Array(widest)];
  return (counts) => {
    let [all, apart] = [0, 0];
    // Disagreeing units of strata that say something of chance, and what chance would bring there by each of the three reckonings.
    let [seen, byKappa, byAlpha, byGwet] = [0, 0, 0, 0];
    for (const { at, size, scale } of strata) {
      rows.fill(0);
      columns.fill(0);
      let [units, agreeing] = [0, 0];
      for (let one = 0; one < size; one++)
        for (let other = 0; other < size; other++) {
          const count = counts[at + one * size + other]!;
          if (count === 0) continue;
          units += count;
          rows[one] = rows[one]! + count;
          columns[other] = columns[other]! + count;
          if (one === other) agreeing += count;
        }
      all += units;
      apart += units - agreeing;
      if (units < 2) continue;
      seen += units - agreeing;
      let [same, alike, spread] = [0, 0, 0];
      for (let value = 0; value < size; value++) {
        const given = rows[value]! + columns[value]!;
        same += rows[value]! * columns[value]!;
        alike += given ** 2;
        const share = given / (2 * units);
        spread += share * (1 - share);
      }
      byKappa += units - same / units;
      byAlpha += (4 * units ** 2 - alike) / (2 * (2 * units - 1));
      if (scale > 1) byGwet += units * (1 - spread / (scale - 1));
    }
    return {
      percent: all > 0 ? 1 - apart / all : null,
      kappa: byKappa > 0 ? 1 - seen / byKappa : null,
      alphaNominal: byAlpha > 0 ? 1 - seen / byAlpha : null,
      ac1: byGwet > 0 ? 1 - seen / byGwet : null,
    };
  };
}
