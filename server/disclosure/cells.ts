import { type CsvRecord, readCsvRecords } from "../exchange/read-csv.ts";
import type { CellSystem } from "./solver.ts";

/** How the sum over a dimension is written. */
export const TOTAL = "TOTAL";

/** A table that cannot be taken. `line` of the file, from 1; null when it is the table as a whole. */
export class CellsError extends Error {
  override name = "CellsError";
  readonly line: number | null;
  constructor(line: number | null, message: string) {
    super(message);
    this.line = line;
  }
}

/** For each dimension, the category that each category belongs to: itself a category, or TOTAL. Those not named belong to TOTAL. */
export type Hierarchy = ReadonlyMap<string, ReadonlyMap<string, string>>;
export type CellTable = {
  dimensions: string[];
  /** Where the column of the counts stands among the dimensions. */
  countAt: number;
  /** One a row of the file, in its order: a category of each dimension, and the count. */
  cells: { at: string[]; count: number; line: number }[];
};

const fieldsOf = ({ fields, line }: CsvRecord, width: number): string[] => {
  if (fields.length !== width) throw new CellsError(line, `this line has ${fields.length} columns where the first has ${width}`);
  return fields.map((field) => field.trim());
};

/**
 * Reads a table of counts: one column a dimension, margins written TOTAL, and a column `count` of whole numbers from 0.
 * @throws CellsError, CsvError
 */
export function readCells(text: string): CellTable {
  const [first, ...records] = readCsvRecords(text);
  const headings = (first?.fields ?? []).map((heading) => heading.trim());
  const counts = headings.flatMap((heading, at) => (heading.toLowerCase() === "count" ? [at] : []));
  if (counts.length !== 1) throw new CellsError(1, `the first line must name one column "count"`);
  const dimensions = headings.filter((_, at) => at !== counts[0]);
  if (dimensions.length === 0) throw new CellsError(1, "the first line must name at least one dimension beside count");
  if (new Set(dimensions).size < dimensions.length) throw new CellsError(1, "two columns have the same name");
  const seen = new Map<string, number>();
  const cells = records.map((record) => {
    const fields = fieldsOf(record, headings.length);
    const count = fields[counts[0]!]!;
    if (!/^\d{1,9}$/.test(count)) throw new CellsError(record.line, `"${count}" is no count: a whole number from 0 is expected`);
    const at = fields.filter((_, column) => column !== counts[0]);
    if (at.includes("")) throw new CellsError(record.line, "a category is empty");
    const key = keyOf(at);
    if (seen.has(key)) throw new CellsError(record.line, `the same cell stands on line ${seen.get(key)}`);
    seen.set(key, record.line);
    return { at, count: Number(count), line: record.line };
  });
  if (cells.length === 0) throw new CellsError(null, "the table has no cell");
  return { dimensions, countAt: counts[0]!, cells };
}

/**
 * Reads which category belongs to which: columns `code` and `parent`, and `dimension` where the table has several.
 * @throws CellsError for a column that is missing, a dimension the table does not have, a category with two parents or in a ring; CsvError
 */
export function readHierarchy(text: string, { dimensions }: Pick<CellTable, "dimensions">): Hierarchy {
  const [first, ...records] = readCsvRecords(text);
  const headings = (first?.fields ?? []).map((heading) => heading.trim().toLowerCase());
  const [code, parent, dimension] = ["code", "parent", "dimension"].map((name) => headings.indexOf(name)) as [number, number, number];
  if (code < 0 || parent < 0) throw new CellsError(1, `a hierarchy has the columns "code" and "parent"`);
  if (dimension < 0 && dimensions.length > 1)
    throw new CellsError(1, `the table has ${dimensions.length} dimensions: a column "dimension" must say which one each code is of`);
  const hierarchy = new Map(dimensions.map((name) => [name, new Map<string, string>()]));
  for (const record of records) {
    const fields = fieldsOf(record, headings.length);
    const of = dimension < 0 ? dimensions[0]! : fields[dimension]!;
    const parents = hierarchy.get(of);
    if (!parents) throw new CellsError(record.line, `the table has no dimension "${of}"`);
    const [child, above] = [fields[code]!, fields[parent]! || TOTAL];
    if (child === TOTAL) continue;
    if (parents.has(child) && parents.get(child) !== above)
      throw new CellsError(record.line, `"${child}" already belongs to "${parents.get(child)}"`);
    parents.set(child, above);
    const way = [child];
    for (let at: string | undefined = above; at !== undefined && at !== TOTAL; at = parents.get(at)) {
      if (way.includes(at)) throw new CellsError(record.line, `"${child}" belongs to itself: ${[...way, at].join(" → ")}`);
      way.push(at);
    }
  }
  return hierarchy;
}

const keyOf = (at: readonly string[]): string => JSON.stringify(at);

/**
 * A table as cells that add up: every margin that the file holds is the sum of the cells right below it, a level missing in between being
 * passed over. A cell below a margin that the file leaves out counts nobody.
 * @throws CellsError when a margin is not the sum of its cells
 */
export function systemOf({ dimensions, cells }: Pick<CellTable, "dimensions" | "cells">, hierarchy: Hierarchy = new Map()): CellSystem {
  const index = new Map(cells.map(({ at }, cell) => [keyOf(at), cell]));
  const parentOf = (dimension: number, code: string): string => hierarchy.get(dimensions[dimension]!)?.get(code) ?? TOTAL;
  const children = dimensions.map((name, dimension) => {
    const codes = new Set([
      ...cells.map(({ at }) => at[dimension]!),
      ...(hierarchy.get(name)?.keys() ?? []),
      ...(hierarchy.get(name)?.values() ?? []),
    ]);
    codes.delete(TOTAL);
    return Map.groupBy(codes, (code) => parentOf(dimension, code));
  });
  const relations: { total: number; parts: number[] }[] = [];
  for (const [total, { at, count, line }] of cells.entries())
    for (const dimension of dimensions.keys()) {
      /** Cells of the file right below a category; a category it leaves out stands for those below it. */
      const below = (code: string): number[] =>
        (children[dimension]!.get(code) ?? []).flatMap((child) => {
          const found = index.get(keyOf(at.with(dimension, child)));
          return found === undefined ? below(child) : [found];
        });
      const parts = below(at[dimension]!);
      if (parts.length === 0) continue;
      const sum = parts.reduce((all, part) => all + cells[part]!.count, 0);
      if (sum !== count)
        throw new CellsError(line, `${at.join(", ")} counts ${count}, but its cells over "${dimensions[dimension]}" add up to ${sum}`);
      relations.push({ total, parts });
    }
  return { values: cells.map(({ count }) => count), relations };
}

/** What hiding each cell costs: margins dearer with every dimension they sum over, never by how much they count. */
export const costsOf = ({ cells }: Pick<CellTable, "cells">): number[] =>
  cells.map(({ at }) => 1 + 2 * at.filter((code) => code === TOTAL).length);
