import { noteCall } from "./frozen-text.ts";

/** A piece of text as the page shows it: baseline and left edge in points from the top left corner of the page. */
export type Run = { text: string; x: number; y: number; width: number; size: number; bold: boolean };
/** A drawn line, horizontal or vertical, in the same coordinates (x1 ≤ x2, y1 ≤ y2). */
export type Ruling = { x1: number; y1: number; x2: number; y2: number };
/** One page as drawn; `aside` holds text that runs in another direction (stamps, watermarks). */
export type Sheet = { number: number; width: number; height: number; runs: Run[]; rulings: Ruling[]; aside: string[] };

/** Runs on one baseline with nothing but word spaces between them; `parts` are the runs, for where they turn out to be cells. */
export type Segment = {
  text: string;
  x: number;
  right: number;
  y: number;
  size: number;
  bold: boolean;
  parts: Run[];
  /** A table found already, standing for all that is in it: it takes its place among the lines. */
  table?: FoundTable;
};
/** The cells of a table, row by row, and where it stands on the page. */
export type FoundTable = { rows: string[][]; top: number; bottom: number; left: number; right: number };

/** Gap, in heights of the letters, from which two pieces of one baseline may be of two columns; lines put them together again. */
const WIDE_GAP = 0.9;

/** Puts runs together into segments; a number written small and raised becomes a note call. */
export function segmentsOf(runs: Run[]): Segment[] {
  const rows: { runs: Run[]; size: number; y: number }[] = [];
  for (const run of withoutDoubles(runs).toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    // The last rows are enough: runs come from top to bottom.
    const row = rows.slice(-6).find((candidate) => sameRow(candidate, run));
    if (!row) rows.push({ runs: [run], size: run.size, y: run.y });
    else {
      row.runs.push(run);
      if (run.size > row.size && run.text.trim() !== "") [row.size, row.y] = [run.size, run.y];
    }
  }
  return rows.flatMap((row) => splitRow(row.runs));
}

function sameRow(row: { size: number; y: number }, run: Run): boolean {
  const [small, large] = run.size < row.size ? [run.size, row.size] : [row.size, run.size];
  const distance = Math.abs(run.y - row.y);
  return distance < 0.3 * small || (small < 0.85 * large && distance < 0.5 * large);
}

/** Some programs print a text twice, a hair apart, to make it look bold. */
function withoutDoubles(runs: Run[]): Run[] {
  const seen = new Map<string, Run[]>();
  return runs.filter((run) => {
    if (run.text.trim() === "") return true;
    const alike = seen.get(run.text) ?? [];
    seen.set(run.text, alike);
    if (alike.some((other) => Math.abs(other.x - run.x) < 0.15 * run.size && Math.abs(other.y - run.y) < 0.15 * run.size)) return false;
    alike.push(run);
    return true;
  });
}

function splitRow(runs: Run[]): Segment[] {
  const inked = runs.filter(({ text }) => text.trim() !== "").toSorted((a, b) => a.x - b.x);
  const blanks = runs.filter(({ text }) => text.trim() === "");
  const groups: Run[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const run of inked) {
    const group = groups.at(-1);
    if (group && run.x - end < WIDE_GAP * Math.max(run.size, group.at(-1)!.size)) group.push(run);
    else groups.push([run]);
    end = Math.max(end, run.x + run.width);
  }
  return groups.map((group) => segmentOf(group, blanks));
}

export function segmentOf(runs: Run[], blanks: Run[]): Segment {
  const main = runs.reduce((best, run) => (run.size * run.text.length ** 0.5 > best.size * best.text.length ** 0.5 ? run : best));
  let text = "";
  let end = 0;
  let boldLetters = 0;
  let letters = 0;
  for (const run of runs) {
    const gap = run.x - end;
    const blank = blanks.find((piece) => piece.x > end - 0.1 * run.size && piece.x < run.x + 0.1 * run.size);
    const spaced = blank !== undefined || gap > 0.15 * run.size;
    const raised = run.size <= 0.8 * main.size && main.y - run.y > 0.12 * main.size && /^\s*\d{1,3}\s*$/.test(run.text);
    if (text !== "" && spaced && !raised && !/\s$/.test(text) && !/^\s/.test(run.text)) text += spaceOf(blank);
    text += raised ? noteCall(run.text) : run.text;
    if (raised && /\s$/.test(run.text)) text += " ";
    end = Math.max(end, run.x + run.width);
    const count = run.text.replace(/\P{L}/gu, "").length;
    letters += count;
    if (run.bold) boldLetters += count;
  }
  return {
    text: text.trim(),
    x: runs[0]!.x,
    right: end,
    y: main.y,
    size: main.size,
    bold: letters > 0 && boldLetters >= 0.95 * letters,
    parts: runs,
  };
}

/** A no-break or thin space that stands by itself keeps its kind. */
const spaceOf = (blank: Run | undefined): string => (blank && /^[^\S \t\n]$/u.test(blank.text) ? blank.text : " ");

/** A line of running text; segments of one baseline that belong to no table are put side by side. */
export type Line = Segment;

export function linesOf(segments: Segment[]): Line[] {
  const rows: Segment[][] = [];
  for (const segment of segments.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    const row = rows.at(-1);
    if (row && sameRow(row[0]!, { ...segment, width: 0 })) row.push(segment);
    else rows.push([segment]);
  }
  return rows.map((row) => {
    const inOrder = row.toSorted((a, b) => a.x - b.x);
    const main = row.reduce((best, segment) => (segment.text.length > best.text.length ? segment : best));
    return {
      text: inOrder.map(({ text }) => text).join(" "),
      x: inOrder[0]!.x,
      right: Math.max(...row.map(({ right }) => right)),
      y: main.y,
      size: main.size,
      bold: row.every(({ bold }) => bold),
      parts: inOrder.flatMap(({ parts }) => parts),
    };
  });
}

/**
 * Segments in reading order as streams of one column each. A gutter counts only where both sides hold several lines of running
 * text beside each other; what crosses it (a title, a wide table) closes the columns above.
 */
export function columnsOf(segments: Segment[]): Segment[][] {
  const inOrder = segments.toSorted((a, b) => a.y - b.y || a.x - b.x);
  for (const gutter of guttersOf(inOrder)) {
    const streams: Segment[][] = [];
    let band: Segment[] = [];
    let found = false;
    const close = () => {
      if (band.length === 0) return;
      const left = band.filter(({ x }) => x < gutter - 1);
      const right = band.filter(({ x }) => x >= gutter - 1);
      if (isProse(left) && isProse(right) && overlapInHeight(left, right)) {
        streams.push(...columnsOf(left), ...columnsOf(right));
        found = true;
      } else streams.push(band);
      band = [];
    };
    for (const segment of inOrder.flatMap((whole) => partedAt(whole, gutter))) {
      if (segment.x < gutter - 1 && segment.right > gutter + 1) {
        close();
        streams.push([segment]);
      } else band.push(segment);
    }
    close();
    if (found) return joinStreams(streams, gutter);
  }
  return [inOrder];
}

/** A line that seems to cross a gutter may be two, set close to each other: one ends before it and one begins right after. */
function partedAt(segment: Segment, gutter: number): Segment[] {
  if (segment.x >= gutter - 1 || segment.right <= gutter + 1) return [segment];
  const at = segment.parts.findIndex((run) => run.x >= gutter - 1);
  const [before, after] = [segment.parts[at - 1], segment.parts[at]];
  if (!before || !after || after.x > gutter + 8 || after.x - before.x - before.width < 0.5 * after.size) return [segment];
  return [segmentOf(segment.parts.slice(0, at), []), segmentOf(segment.parts.slice(at), [])];
}

/** Left edges that several lines share, each with a clear space before it. */
function guttersOf(segments: Segment[]): number[] {
  const leftmost = Math.min(...segments.map(({ x }) => x));
  const edges = new Map<number, number>();
  for (const { x } of segments) {
    if (x < leftmost + 60) continue;
    const key = Math.round(x / 4) * 4;
    edges.set(key, (edges.get(key) ?? 0) + 1);
  }
  return [...edges]
    .filter(([, count]) => count >= 4)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 6)
    .map(([x]) => x - 4);
}

const isProse = (segments: Segment[]): boolean => {
  const lines = segments.filter(({ table }) => !table);
  if (lines.length < 4) return false;
  const lengths = lines.map(({ text }) => text.length).toSorted((a, b) => a - b);
  return lengths[lengths.length >> 1]! >= 22;
};

function overlapInHeight(left: Segment[], right: Segment[]): boolean {
  const top = Math.max(left[0]!.y, right[0]!.y);
  const bottom = Math.min(left.at(-1)!.y, right.at(-1)!.y);
  const shorter = Math.min(left.at(-1)!.y - left[0]!.y, right.at(-1)!.y - right[0]!.y);
  return bottom - top >= 0.5 * shorter;
}

/** Lines across the page that follow each other are one stream again. */
function joinStreams(streams: Segment[][], gutter: number): Segment[][] {
  const joined: Segment[][] = [];
  let across = false;
  for (const stream of streams) {
    const crosses = stream.some(({ x, right }) => x < gutter - 1 && right > gutter + 1);
    if (crosses && across) joined.at(-1)!.push(...stream);
    else joined.push([...stream]);
    across = crosses;
  }
  return joined;
}
