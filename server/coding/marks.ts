import type { Block } from "../documents/read-document.ts";

/** A passage to show in a text: code points of the frozen text, half-open; `tone` is the section that colours it. */
export type Marked = { id: string; start: number; end: number; tone: string; label: string };
/** One mark around a piece; `first` where the passage begins in this document. */
export type Mark = { id: string; tone: string; label: string; first: boolean };
/** A piece of a block under the same marks, outermost first. */
export type Piece = { text: string; marks: Mark[] };

/** Cuts a text at code points, quickly: one walk for the whole document. */
export function cutter(text: string): (start: number, end: number) => string {
  // Most texts have no astral character: then code points are string positions.
  if (!/[\ud800-\udbff]/.test(text)) return (start, end) => text.slice(start, end);
  const points = Array.from(text);
  return (start, end) => points.slice(start, end).join("");
}

/** The pieces of [start, end): cut wherever a passage begins or ends, each under the marks of the passages that cover it. */
export function piecesOf(
  range: { start: number; end: number },
  marked: readonly Marked[],
  cut: (start: number, end: number) => string,
): Piece[] {
  const here = marked.filter(({ start, end }) => start < range.end && end > range.start);
  if (here.length === 0) return [{ text: cut(range.start, range.end), marks: [] }];
  here.sort((a, b) => a.start - b.start || b.end - a.end);
  const edges = new Set([range.start, range.end]);
  for (const { start, end } of here) {
    if (start > range.start) edges.add(start);
    if (end < range.end) edges.add(end);
  }
  const points = [...edges].sort((a, b) => a - b);
  const begun = new Set<Marked>();
  return points.slice(0, -1).map((from, at) => {
    const to = points[at + 1]!;
    const marks = here
      .filter(({ start, end }) => start <= from && end >= to)
      .map((mark) => {
        const first = mark.start >= range.start && !begun.has(mark);
        begun.add(mark);
        return { id: mark.id, tone: mark.tone, label: mark.label, first };
      });
    return { text: cut(from, to), marks };
  });
}

/** A block ready to be drawn; `start` is where its text begins in the frozen text. */
export type DrawnBlock =
  | { kind: "page"; page: number }
  | { kind: "list"; items: { number: number; start: number; pieces: Piece[] }[] }
  | { kind: "table"; number: number; rows: { start: number; pieces: Piece[] }[][] }
  | { kind: "heading" | "paragraph" | "footnote" | "running"; level: number; number: number; start: number; pieces: Piece[] };

/** Gives, for blocks asked for in the order of the text, the passages that touch each: one walk along both. */
function sweep(marked: readonly Marked[]): (block: { start: number; end: number }) => Marked[] {
  const waiting = marked.toSorted((a, b) => a.start - b.start);
  let next = 0;
  let open: Marked[] = [];
  let reached = 0;
  return ({ start, end }) => {
    if (start < reached) {
      // A block out of order (a footnote told after its page): from the beginning.
      next = 0;
      open = [];
    }
    reached = start;
    while (next < waiting.length && waiting[next]!.start < end) open.push(waiting[next++]!);
    open = open.filter((one) => one.end > start);
    return open;
  };
}

/**
 * The blocks of a document with its passages marked and its page breaks between them; blocks are numbered from 1.
 * @param only numbers of the blocks wanted, drawn without page breaks; null: all
 */
export function drawnBlocks(
  document: { text: string; blocks: readonly Block[] },
  marked: readonly Marked[],
  only: ReadonlySet<number> | null = null,
): DrawnBlock[] {
  const cut = cutter(document.text);
  const touching = sweep(marked);
  const drawn: DrawnBlock[] = [];
  let page: number | null = null;
  // Headings as they come may skip levels; an outline that is read aloud does not.
  let depth = 0;
  for (const [at, block] of document.blocks.entries()) {
    const number = at + 1;
    if (block.kind === "heading") depth = Math.min(block.level, depth + 1);
    if (only && !only.has(number)) continue;
    if (!only && block.page !== null && block.page !== page) {
      for (let next = page === null ? block.page : page + 1; next <= block.page; next++) drawn.push({ kind: "page", page: next });
      page = block.page;
    }
    const here = touching(block);
    const pieces = (range: { start: number; end: number }) => piecesOf(range, here, cut);
    if (block.kind === "table")
      drawn.push({
        kind: "table",
        number,
        rows: block.rows.map((row) => row.map((cell) => ({ start: cell.start, pieces: cell.end > cell.start ? pieces(cell) : [] }))),
      });
    else if (block.kind === "list-item") {
      const item = { number, start: block.start, pieces: pieces(block) };
      const last = drawn.at(-1);
      if (last?.kind === "list") last.items.push(item);
      else drawn.push({ kind: "list", items: [item] });
    } else {
      drawn.push({
        kind: block.kind,
        level: block.kind === "heading" ? depth : 0,
        number,
        start: block.start,
        pieces: pieces(block),
      });
    }
  }
  return drawn;
}
