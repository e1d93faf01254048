import { hasInk } from "./frozen-text.ts";
import { type FoundTable, linesOf, type Ruling, type Run, type Segment, segmentOf, segmentsOf } from "./pdf-lines.ts";

const NEAR = 3;
const ITEM_MARK = /^(?:[–—•▪◦➢✓❖❑●■◻-]|\(?\d{1,2}[.)°]|\(?[a-z][.)]|[⁰¹²³⁴-⁹]+)$/u;

/**
 * Tables drawn with lines: grids of horizontal and vertical rulings that touch. Returns them with the runs that stand in none.
 * A frame around text is not a table: at least two columns and two cells with ink are asked for.
 */
export function ruledTables(runs: Run[], rulings: Ruling[]): { tables: FoundTable[]; rest: Run[] } {
  const tables: FoundTable[] = [];
  let rest = runs;
  for (const grid of gridsOf(rulings)) {
    const inside = rest.filter((run) => contains(grid, run));
    const rows = cellsOf(grid, inside).map((row) => row.map((cell) => (cell ? cellText(cell) : null)));
    const kept = rows.map((row) => row.filter((cell) => cell !== null)).filter((row) => row.some(hasInk));
    if (kept.flat().filter(hasInk).length < 2 || Math.max(...kept.map((row) => row.length)) < 2) continue;
    const [left, right, top, bottom] = [grid.xs[0]!, grid.xs.at(-1)!, grid.ys[0]!, grid.ys.at(-1)!];
    tables.push({ rows: kept, left, right, top, bottom });
    const taken = new Set(inside);
    rest = rest.filter((run) => !taken.has(run));
  }
  return { tables, rest };
}

type Grid = { xs: number[]; ys: number[]; horizontal: Ruling[]; vertical: Ruling[] };

const contains = ({ xs, ys }: Grid, { x, y, width, size }: Run): boolean =>
  x + width / 2 > xs[0]! - NEAR &&
  x + width / 2 < xs.at(-1)! + NEAR &&
  y - size * 0.3 > ys[0]! - NEAR &&
  y - size * 0.3 < ys.at(-1)! + NEAR;

function gridsOf(rulings: Ruling[]): Grid[] {
  const lines = rulings.slice(0, 4_000);
  const group = lines.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (group[at] !== at) at = group[at] = group[group[at]!]!;
    return at;
  };
  for (let i = 0; i < lines.length; i++) {
    for (let j = i + 1; j < lines.length; j++) {
      if (touch(lines[i]!, lines[j]!)) group[root(i)] = root(j);
    }
  }
  const sets = new Map<number, Ruling[]>();
  lines.forEach((line, index) => {
    const set = sets.get(root(index));
    if (set) set.push(line);
    else sets.set(root(index), [line]);
  });
  const grids: Grid[] = [];
  for (const set of sets.values()) {
    const horizontal = set.filter(isHorizontal);
    const vertical = set.filter((line) => !isHorizontal(line));
    const ys = distinct(horizontal.map(({ y1 }) => y1));
    const xs = distinct(vertical.map(({ x1 }) => x1));
    if (xs.length >= 3 && ys.length >= 2) grids.push({ xs, ys, horizontal, vertical });
  }
  return grids.toSorted((a, b) => a.ys[0]! - b.ys[0]!);
}

const isHorizontal = ({ x1, x2, y1, y2 }: Ruling) => x2 - x1 >= y2 - y1;

const touch = (a: Ruling, b: Ruling): boolean => a.x1 <= b.x2 + NEAR && b.x1 <= a.x2 + NEAR && a.y1 <= b.y2 + NEAR && b.y1 <= a.y2 + NEAR;

function distinct(values: number[]): number[] {
  const kept: number[] = [];
  for (const value of values.toSorted((a, b) => a - b)) if (kept.length === 0 || value - kept.at(-1)! > NEAR) kept.push(value);
  return kept;
}

/** The runs of each cell, null where a cell is covered by the one before it or above it. */
function cellsOf(grid: Grid, runs: Run[]): (Run[] | null)[][] {
  const { xs, ys, horizontal, vertical } = grid;
  const columns = xs.length - 1;
  const rowsCount = ys.length - 1;
  const drawnLeftOf = (column: number, row: number) => {
    const middle = (ys[row]! + ys[row + 1]!) / 2;
    return vertical.some(({ x1, y1, y2 }) => Math.abs(x1 - xs[column]!) <= NEAR && y1 <= middle && y2 >= middle);
  };
  const drawnAbove = (column: number, row: number) => {
    const middle = (xs[column]! + xs[column + 1]!) / 2;
    return horizontal.some(({ y1, x1, x2 }) => Math.abs(y1 - ys[row]!) <= NEAR && x1 <= middle && x2 >= middle);
  };
  const cells: (Run[] | null)[][] = [];
  const owner: [number, number][][] = [];
  for (let row = 0; row < rowsCount; row++) {
    cells.push([]);
    owner.push([]);
    for (let column = 0; column < columns; column++) {
      if (column > 0 && !drawnLeftOf(column, row)) {
        cells[row]!.push(null);
        owner[row]!.push(owner[row]![column - 1]!);
      } else if (row > 0 && !drawnAbove(column, row)) {
        cells[row]!.push([]); // the column goes on, empty
        owner[row]!.push(owner[row - 1]![column]!);
      } else {
        cells[row]!.push([]);
        owner[row]!.push([row, column]);
      }
    }
  }
  for (const run of runs.flatMap((whole) => splitAtRulings(whole, grid))) {
    const column = indexIn(xs, run.x + run.width / 2);
    const row = indexIn(ys, run.y - run.size * 0.3);
    const [ownRow, ownColumn] = owner[row]![column]!;
    cells[ownRow]![ownColumn]!.push(run);
  }
  return cells;
}

const indexIn = (edges: number[], at: number): number => {
  for (let index = edges.length - 2; index > 0; index--) if (at >= edges[index]!) return index;
  return 0;
};

/** A run that goes on over a drawn line was two texts: cut at the space that is nearest to the line. */
function splitAtRulings(run: Run, { xs, vertical }: Grid): Run[] {
  const crossed = xs.find(
    (x) =>
      x > run.x + run.size &&
      x < run.x + run.width - run.size &&
      vertical.some(({ x1, y1, y2 }) => Math.abs(x1 - x) <= NEAR && y1 < run.y && y2 > run.y - run.size),
  );
  if (crossed === undefined) return [run];
  const expected = ((crossed - run.x) / run.width) * run.text.length;
  let cut = -1;
  for (let at = run.text.indexOf(" "); at >= 0; at = run.text.indexOf(" ", at + 1)) {
    if (cut < 0 || Math.abs(at - expected) < Math.abs(cut - expected)) cut = at;
  }
  if (cut <= 0) return [run];
  return [
    { ...run, text: run.text.slice(0, cut), width: crossed - run.x - 1 },
    { ...run, text: run.text.slice(cut + 1), x: crossed + 1, width: run.x + run.width - crossed - 1 },
  ];
}

const cellText = (runs: Run[]): string => joinCell(linesOf(segmentsOf(runs)));

/** Lines of one cell: a new line only where the cell leaves a space or begins an item. */
function joinCell(lines: Segment[]): string {
  const steps = lines.slice(1).map((line, index) => line.y - lines[index]!.y);
  const usual = Math.min(...steps);
  return lines.reduce((text, line, index) => {
    if (index === 0) return line.text;
    const apart = steps[index - 1]! > 1.35 * usual || /^[–•▪➢-] /.test(line.text);
    return apart ? `${text}\n${line.text}` : joinLines(text, line.text);
  }, "");
}

/** What stands between two lines of one sentence: a line end after the hyphen of a cut word, so that the cut can be told. */
export const jointBetween = (before: string, after: string): "\n" | " " =>
  /[\p{L}\p{N}][-\u2010]$/u.test(before) && /^[\p{L}\p{N}]/u.test(after) ? "\n" : " ";

export const joinLines = (before: string, after: string): string => `${before}${jointBetween(before, after)}${after}`;

/**
 * Tables set without lines: at least three baselines whose pieces begin at the same two or more places. Returns what they leave
 * in the stream, and the tables. Two columns of running text are told apart before.
 */
export function alignedTables(segments: Segment[]): { tables: FoundTable[]; rest: Segment[] } {
  const rows: Segment[][] = [];
  for (const segment of segments.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    const row = rows.at(-1);
    if (row && Math.abs(row[0]!.y - segment.y) < 0.3 * segment.size) row.push(segment);
    else rows.push([segment]);
  }
  const tables: FoundTable[] = [];
  const rest: Segment[] = [];
  let index = 0;
  while (index < rows.length) {
    const found = tableAt(rows, index);
    if (found) {
      const { table } = found;
      const above = rows[index - 1];
      const starts = rows[index]!.map(({ x }) => x).toSorted((a, b) => a - b);
      // The heads of narrow columns stand so close that they looked like one text.
      const heads = above && table.top - above[0]!.y < 2.5 * above[0]!.size ? inColumns(above, starts) : null;
      if (heads && heads.length >= 2 && rest.length > 0) {
        rest.splice(rest.length - above!.length);
        table.rows.unshift(starts.map((x) => heads.find((cell) => Math.abs(cell.x - x) <= NEAR)?.text ?? ""));
        table.top = above![0]!.y - above![0]!.size;
      }
      tables.push(table);
      index = found.next;
    } else {
      rest.push(...rows[index]!);
      index++;
    }
  }
  return { tables, rest };
}

function tableAt(rows: Segment[][], first: number): { table: FoundTable; next: number } | null {
  const head = rows[first]!.toSorted((a, b) => a.x - b.x);
  if (head.length < 2) return null;
  const starts = head.map(({ x }) => x);
  const columnOf = (segment: Segment) => starts.findIndex((x) => Math.abs(x - segment.x) <= NEAR);
  const cells: Segment[][][] = [];
  let full = 0;
  let next = first;
  let lastY = head[0]!.y;
  let step = Number.POSITIVE_INFINITY;
  for (; next < rows.length; next++) {
    const row = inColumns(rows[next]!, starts);
    if (!row) break;
    const gap = row[0]!.y - lastY;
    if (next > first && gap > 4 * row[0]!.size) break;
    if (gap > 0) step = Math.min(step, gap);
    lastY = row[0]!.y;
    const opens = row.some((segment) => columnOf(segment) === 0);
    if (!opens && row.length === 1 && cells.length === 0) break;
    if (opens || gap > 1.4 * step) cells.push(starts.map(() => []));
    for (const segment of row) cells.at(-1)![columnOf(segment)]!.push(segment);
    if (row.length > 1) full = next + 1;
  }
  const rowsWithTwo = cells.filter((row) => row.filter((cell) => cell.length > 0).length >= 2).length;
  if (rowsWithTwo < 3 || rowsWithTwo < 0.6 * cells.length) return null;
  const marks = cells.filter(([mark]) => mark?.length === 1 && ITEM_MARK.test(mark[0]!.text)).length;
  if (marks >= 0.6 * cells.length) return null; // a list, its marks hanging in the margin
  // Lines in the first column only, at the end, are what follows the table.
  let end = Math.min(next, rows.length);
  while (end > full && rows[end - 1]!.every((segment) => columnOf(segment) === 0)) {
    end--;
    cells.pop();
  }
  const all = rows.slice(first, end).flat();
  return {
    table: {
      rows: cells.map((row) => row.map(joinCell)),
      top: head[0]!.y - head[0]!.size,
      bottom: rows[end - 1]![0]!.y,
      left: starts[0]!,
      right: Math.max(...all.map(({ right }) => right)),
    },
    next: end,
  };
}

/** A row as its cells in columns that begin at `starts`; null when it is running text. Cells close to each other are parted. */
function inColumns(row: Segment[], starts: number[]): Segment[] | null {
  const cells: Segment[] = [];
  for (const segment of row) {
    let runs: Run[] = [];
    const close = () => {
      if (runs.length > 0) cells.push(segmentOf(runs, []));
      runs = [];
    };
    const begins = (run: Run) => starts.some((x) => Math.abs(x - run.x) <= NEAR);
    if (segment.parts.slice(1).some(begins)) {
      for (const run of segment.parts) {
        if (begins(run)) close();
        runs.push(run);
      }
      close();
    } else cells.push(segment);
  }
  const fits = cells.every((cell) => {
    const column = starts.findIndex((x) => Math.abs(x - cell.x) <= NEAR);
    return column >= 0 && cell.right <= (starts[column + 1] ?? Number.POSITIVE_INFINITY) - 1;
  });
  return fits ? cells : null;
}
