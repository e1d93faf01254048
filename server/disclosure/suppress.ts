import type { Highs } from "highs";
import { Attacker, attack, isSmallCount } from "./attack.ts";
import { beyond, type CellSystem, INFEASIBLE, modelOf, OPTIMAL, quiet } from "./solver.ts";

export type SuppressionRule = {
  /** Counts from 1 to one less are hidden. */
  threshold: number;
  /** Cells that cannot be hidden any more, because they were published before. */
  fixed?: readonly boolean[];
  /** What hiding each cell costs; 1 where left out. It must not depend on the counts, or the pattern would tell of them. */
  costs?: readonly number[];
  /** For the search of the cheapest pattern; when it runs out, the best pattern known by then is kept. */
  milliseconds?: number;
};
export type Suppression = {
  hidden: boolean[];
  /** "optimal": no cheaper pattern protects (against the linear attack); "greedy": the quick way, because time ran out. */
  found: "optimal" | "greedy";
};
/** A condition on the pattern: the weights of what is hidden add up to at least this. */
type Cut = { indices: number[]; values: number[]; least: number };

/**
 * Which cells to hide so that no small count can be computed too closely, at the least cost: complementary suppression as an integer
 * programme whose conditions are found one by one from the attacks that succeed (M. Fischetti and J. J. Salazar-González, "Models and
 * algorithms for the 2-dimensional cell suppression problem in statistical disclosure control", Mathematical Programming 84, 1999). When
 * time runs out, a pattern built by one linear programme a cell stands in (J. P. Kelly, B. L. Golden and A. A. Assad, "Cell suppression:
 * disclosure protection for sensitive tabular data", Networks 22, 1992).
 * @param clock milliseconds, from anywhere
 * @returns null when no pattern protects, because too much was published before
 */
export function suppress(highs: Highs, system: CellSystem, rule: SuppressionRule, clock: () => number): Suppression | null {
  const { threshold, fixed = [], milliseconds = 20_000 } = rule;
  const costs = rule.costs ?? system.values.map(() => 1);
  const primary = system.values.map((value, at) => isSmallCount(value, threshold) && !fixed[at]);
  if (!primary.includes(true)) return { hidden: primary, found: "optimal" };
  const until = clock() + milliseconds;
  const master = quiet(
    highs.createModel({
      numCols: primary.length,
      numRows: 0,
      colCost: [...costs],
      colLower: primary.map(Number),
      colUpper: primary.map((one, at) => (!one && fixed[at] ? 0 : 1)),
      rowLower: [],
      rowUpper: [],
      matrix: { format: "csr", numRows: 0, numCols: primary.length, starts: [0], indices: [], values: [] },
      integrality: new Int32Array(primary.length).fill(1),
    }),
  );
  try {
    for (let left = milliseconds; left > 0; left = until - clock()) {
      master.options.set("time_limit", left / 1_000);
      const { modelStatus } = master.run();
      if (modelStatus === INFEASIBLE) return null;
      if (modelStatus !== OPTIMAL) break;
      const hidden = [...master.getSolution().colValue].map((share) => share > 0.5);
      const cuts = cutsOf(highs, system, hidden, primary, threshold);
      if (cuts.length === 0) {
        const closed = closeToIntegers(highs, system, hidden, rule, costs);
        return closed && { hidden: closed, found: "optimal" };
      }
      for (const { indices, values, least } of cuts) master.addRow(least, highs.infinity, { indices, values });
    }
  } finally {
    master.dispose();
  }
  const hidden = greedily(highs, system, primary, rule, costs);
  return hidden && { hidden, found: "greedy" };
}

/** The successful attacks on a pattern, each as the condition that any pattern must meet to withstand it. */
function cutsOf(highs: Highs, system: CellSystem, hidden: readonly boolean[], primary: readonly boolean[], threshold: number): Cut[] {
  const attacker = new Attacker(highs, system, hidden, { integer: false });
  const farthest = beyond(system);
  try {
    return primary.flatMap((one, cell) => {
      if (!one) return [];
      const [most, least] = [attacker.greatest(cell), attacker.least(cell)];
      // How much each other cell, once hidden, lets this one move: up to anything, or down to nothing.
      const freed = (duals: Float64Array, direction: 1 | -1): Float64Array =>
        duals.map((dual, at) => (direction * dual > 0 ? farthest : system.values[at]!) * Math.abs(dual));
      const [upwards, downwards] = [freed(most.duals, 1), freed(least.duals, -1)];
      const value = system.values[cell]!;
      const cuts: Cut[] = [];
      const condition = (weights: Float64Array, needed: number): void => {
        const cut: Cut = { indices: [], values: [], least: needed };
        weights.forEach((weight, at) => {
          if (weight <= 1e-6 || at === cell) return;
          cut.indices.push(at);
          cut.values.push(Math.min(weight, needed));
        });
        cuts.push(cut);
      };
      if (most.value < threshold - 1e-6) condition(upwards, threshold - value);
      if (most.value - least.value < threshold - 1 - 1e-6)
        condition(
          upwards.map((weight, at) => weight + downwards[at]!),
          threshold - 1,
        );
      return cuts;
    });
  } finally {
    attacker.dispose();
  }
}

/** One linear programme a cell: the cheapest way to let it be as large as needed; what has to give way is hidden too. */
function greedily(
  highs: Highs,
  system: CellSystem,
  primary: readonly boolean[],
  rule: SuppressionRule,
  costs: readonly number[],
): boolean[] | null {
  const { threshold, fixed = [] } = rule;
  const hidden = [...primary];
  const count = hidden.length;
  const farthest = beyond(system);
  // Each cell twice: by how much it rises, and by how much it falls.
  const twice: CellSystem = { values: [], relations: [] };
  for (let cell = 0; cell < count; cell++) {
    if (!primary[cell]) continue;
    const rise = threshold - system.values[cell]!;
    const room = (at: number, most: number): number => (fixed[at] && !hidden[at] ? 0 : most);
    const model = modelOf(highs, twice, {
      colCost: Array.from({ length: 2 * count }, (_, at) => (hidden[at % count] ? 0 : costs[at % count]!)),
      colLower: Array.from({ length: 2 * count }, (_, at) => (at === cell ? rise : 0)),
      colUpper: Array.from({ length: 2 * count }, (_, at) => {
        if (at === cell) return rise;
        if (at === count + cell) return 0;
        return at < count ? room(at, farthest) : room(at - count, system.values[at - count]!);
      }),
    });
    try {
      for (const { total, parts } of system.relations)
        model.addRow(0, 0, {
          indices: [...parts, total, ...parts.map((part) => count + part), count + total],
          values: [...parts.map(() => 1), -1, ...parts.map(() => -1), 1],
        });
      if (model.run().modelStatus !== OPTIMAL) return null;
      const moves = model.getSolution().colValue;
      for (let at = 0; at < count; at++) if (moves[at]! > 1e-6 || moves[count + at]! > 1e-6) hidden[at] = true;
    } finally {
      model.dispose();
    }
  }
  return closeToIntegers(highs, system, hidden, rule, costs);
}

/**
 * Hides more, a cell at a time, until the attack by whole numbers, which can be narrower than the linear one, leaves no small count exposed:
 * the cheapest cell that shares a sum with an exposed one, or else the cheapest of all.
 */
function closeToIntegers(
  highs: Highs,
  system: CellSystem,
  pattern: readonly boolean[],
  { threshold, fixed = [] }: SuppressionRule,
  costs: readonly number[],
): boolean[] | null {
  const hidden = [...pattern];
  for (;;) {
    const exposed = attack(highs, system, hidden, threshold).find((one) => one.exposed);
    if (!exposed) return hidden;
    const open = (cells: readonly number[]) =>
      cells.filter((at) => !hidden[at] && !fixed[at]).sort((a, b) => costs[a]! - costs[b]! || a - b);
    const beside = system.relations.flatMap(({ total, parts }) =>
      total === exposed.cell || parts.includes(exposed.cell) ? [total, ...parts] : [],
    );
    const next = open(beside)[0] ?? open([...hidden.keys()])[0];
    if (next === undefined) return null;
    hidden[next] = true;
  }
}
