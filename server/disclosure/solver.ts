import loader, { type Highs, type Model, type ModelData } from "highs";

/**
 * Counts that belong together. `values[i]` is what was counted in cell i; each relation says that one cell is the sum of others. A cell that
 * stands in several tables is one cell here, so that linked tables share it.
 */
export type CellSystem = {
  values: readonly number[];
  relations: readonly { total: number; parts: readonly number[] }[];
};

// The package declares its default export as CommonJS would have it; what is imported is the function itself.
const load = loader as unknown as () => Promise<Highs>;
let loading: Promise<Highs> | undefined;
/** HiGHS, loaded once. Its calls block the thread they run in: long ones belong in a worker. */
export const solver = (): Promise<Highs> => {
  loading ??= load();
  return loading;
};

/** How a run of the solver ended, as far as anything here depends on it. */
export const OPTIMAL = 7;
export const INFEASIBLE = 8;

/** Something that can be minimised: columns with costs and bounds, and the relations as rows "parts − total = 0". */
export function modelOf(
  highs: Highs,
  { relations }: CellSystem,
  columns: Pick<ModelData, "colCost" | "colLower" | "colUpper"> & { integer?: boolean },
): Model {
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const { total, parts } of relations) {
    indices.push(...parts, total);
    values.push(...parts.map(() => 1), -1);
    starts.push(indices.length);
  }
  const { integer = false, ...bounds } = columns;
  const numCols = bounds.colCost.length;
  const numRows = relations.length;
  return quiet(
    highs.createModel({
      numCols,
      numRows,
      ...bounds,
      rowLower: new Float64Array(numRows),
      rowUpper: new Float64Array(numRows),
      matrix: { format: "csr", numRows, numCols, starts, indices, values },
      ...(integer && { integrality: new Int32Array(numCols).fill(1) }),
    }),
  );
}

/** The same model, which says nothing on the console. */
export function quiet(model: Model): Model {
  model.options.set("output_flag", false);
  return model;
}

/** A value that nothing published could ever need: cells that only this bounds are said to have no upper bound. */
export const beyond = ({ values }: CellSystem): number => 1_000 + 10 * values.reduce((most, value) => Math.max(most, value), 0);
