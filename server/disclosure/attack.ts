import type { Highs, Model } from "highs";
import { beyond, type CellSystem, modelOf, OPTIMAL } from "./solver.ts";

/** What somebody who reads all that is shown knows of one cell. `greatest` is Infinity where nothing shown bounds it. */
export type Range = { least: number; greatest: number };

/** One end of what a cell may be, and how much each other cell's bounds contribute to it (the reduced costs of the linear programme). */
export type Extreme = { value: number; duals: Float64Array };

/**
 * Somebody who reads every cell that is shown, knows how they add up, and computes what the hidden ones can be: whole numbers from 0. Linear
 * relaxations answer faster and never with a narrower range. Made for one pattern of hidden cells; `dispose` frees the solver's memory.
 */
export class Attacker {
  readonly #model: Model;
  readonly #beyond: number;

  constructor(highs: Highs, system: CellSystem, hidden: readonly boolean[], { integer = true }: { integer?: boolean } = {}) {
    this.#beyond = beyond(system);
    this.#model = modelOf(highs, system, {
      colCost: new Float64Array(system.values.length),
      colLower: system.values.map((value, at) => (hidden[at] ? 0 : value)),
      colUpper: system.values.map((value, at) => (hidden[at] ? this.#beyond : value)),
      integer,
    });
  }

  #extreme(cell: number, sense: 1 | -1): Extreme {
    // Minimising the negative is maximising: the direction of the model never changes, nor the meaning of its reduced costs.
    this.#model.changeColCost(cell, sense);
    const { modelStatus } = this.#model.run();
    if (modelStatus !== OPTIMAL) throw new Error(`the solver ended with status ${modelStatus}`);
    const value = sense * this.#model.getObjectiveValue();
    const duals = this.#model.getSolution().colDual.map((dual) => sense * dual);
    this.#model.changeColCost(cell, 0);
    return { value, duals };
  }
  least = (cell: number): Extreme => this.#extreme(cell, 1);
  greatest = (cell: number): Extreme => this.#extreme(cell, -1);

  range(cell: number): Range {
    const greatest = Math.round(this.greatest(cell).value);
    return { least: Math.round(this.least(cell).value), greatest: greatest > this.#beyond / 2 ? Number.POSITIVE_INFINITY : greatest };
  }
  dispose(): void {
    this.#model.dispose();
  }
}

/** A small count: whoever is meant could be recognised. Zero says nobody. */
export const isSmallCount = (value: number, threshold: number): boolean => value > 0 && value < threshold;

/**
 * Whether a range keeps a small count open enough: it could be as large as the threshold, and at least as many values are possible as the
 * threshold has.
 */
export const isOpen = ({ least, greatest }: Range, threshold: number): boolean =>
  greatest >= threshold && greatest - least >= threshold - 1;

export type AttackedCell = Range & { cell: number; primary: boolean; exposed: boolean };

/** The attack on every hidden cell of a pattern, by integer programmes. A small count is exposed when its range is not open enough. */
export function attack(highs: Highs, system: CellSystem, hidden: readonly boolean[], threshold: number): AttackedCell[] {
  const attacker = new Attacker(highs, system, hidden);
  try {
    return hidden.flatMap((one, cell) => {
      if (!one) return [];
      const range = attacker.range(cell);
      const primary = isSmallCount(system.values[cell]!, threshold);
      return [{ cell, ...range, primary, exposed: primary && !isOpen(range, threshold) }];
    });
  } finally {
    attacker.dispose();
  }
}
