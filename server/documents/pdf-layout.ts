import { lengthInCodePoints, textBuilder } from "./frozen-text.ts";
import { columnsOf, type FoundTable, type Line, linesOf, type Segment, type Sheet, segmentsOf } from "./pdf-lines.ts";
import { alignedTables, joinLines, jointBetween, ruledTables } from "./pdf-tables.ts";
import type { Block, Page } from "./read-document.ts";

type Paragraph = {
  kind: "paragraph" | "list-item" | "heading" | "footnote";
  text: string;
  lines: Line[];
  /** Whether the last line goes as far as its column: a sentence may go on elsewhere. */
  full: boolean;
};
type Table = { kind: "table"; rows: string[][] };
type PageContent = { sheet: Sheet; header: string[]; body: (Paragraph | Table)[]; notes: string[]; footer: string[]; aside: string[] };

/**
 * Freezes the pages of a PDF: lines become paragraphs by their geometry, larger or bold lines headings, grids tables. What
 * repeats at the top and bottom of pages is set apart, together with notes, before a paragraph that goes on overleaf, so that
 * it never stands inside a sentence.
 */
export function layOut(sheets: Sheet[]): { text: string; blocks: Block[]; pages: Page[] } {
  const segmented = sheets.map((sheet) => ({ sheet, segments: segmentsOf(sheet.runs) }));
  const running = runningTexts(segmented);
  const bodySize = usualSize(segmented.flatMap(({ segments }) => segments));
  const contents = segmented.map(({ sheet, segments }) => contentOf(sheet, segments, running, bodySize));
  const sizes = headingSizes(contents, bodySize);
  return freeze(contents, (line) => headingLevel(line, sizes, bodySize));
}

/** The size in which most letters are set. */
function usualSize(segments: Segment[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of segments) letters.set(half(size), (letters.get(half(size)) ?? 0) + text.length);
  return [...letters].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [12, 0])[0];
}

const half = (size: number) => Math.round(size * 2) / 2;

// ---- headers and footers

const EDGE = 0.14;
const PAGE_NUMBER = /^[-–—\s]*(?:p(?:age|\.)?\s*)?(?:#|[ivxlc]{1,6})(?:\s*(?:sur|\/|of|de|-)\s*#)?[-–—\s]*$/i;
const withoutNumbers = (text: string) => text.replace(/\d+/g, "#").replace(/\s+/g, " ").trim();
type Edge = "top" | "bottom";

/** Lines near the edge of a page, from the edge inwards. */
function edgeLines(sheet: Sheet, segments: Segment[], edge: Edge): Line[] {
  const near = segments.filter(({ y }) => (edge === "top" ? y < sheet.height * EDGE : y > sheet.height * (1 - EDGE)));
  const lines = linesOf(near);
  return edge === "top" ? lines : lines.reverse();
}

/** Texts, digits apart, that stand at the same height of the same edge on several pages. */
function runningTexts(pages: { sheet: Sheet; segments: Segment[] }[]): (edge: Edge, line: Line) => boolean {
  const heights = new Map<string, number[]>();
  for (const { sheet, segments } of pages) {
    for (const edge of ["top", "bottom"] as const) {
      for (const line of edgeLines(sheet, segments, edge).slice(0, 5)) {
        const key = `${edge} ${withoutNumbers(line.text)}`;
        const found = heights.get(key);
        if (found) found.push(line.y);
        else heights.set(key, [line.y]);
      }
    }
  }
  // Left and right pages may differ, and the first may have none: a third of the pages is enough, two at least.
  const enough = Math.max(2, Math.ceil(pages.length / 3));
  return (edge, line) => {
    const text = withoutNumbers(line.text);
    const alike = (heights.get(`${edge} ${text}`) ?? []).filter((y) => Math.abs(y - line.y) <= 4).length;
    return alike >= enough || (PAGE_NUMBER.test(text) && text.includes("#") && text.length <= 14);
  };
}

// ---- one page

function contentOf(sheet: Sheet, segments: Segment[], isRunning: ReturnType<typeof runningTexts>, bodySize: number): PageContent {
  const heights = { top: Number.NEGATIVE_INFINITY, bottom: Number.POSITIVE_INFINITY };
  const running = { top: [] as string[], bottom: [] as string[] };
  for (const edge of ["top", "bottom"] as const) {
    for (const line of edgeLines(sheet, segments, edge)) {
      if (!isRunning(edge, line)) break;
      heights[edge] = line.y;
      if (edge === "top") running.top.push(line.text);
      else running.bottom.unshift(line.text);
    }
  }
  const runs = sheet.runs.filter(({ y, size }) => y > heights.top + size * 0.3 && y < heights.bottom - size * 0.3);
  const { tables, rest } = ruledTables(runs, sheet.rulings);
  const streams = columnsOf([...segmentsOf(rest), ...tables.map(standingFor)]);
  const body: (Paragraph | Table)[] = [];
  const notes: string[] = [];
  for (const stream of streams) {
    const others = streams.filter((other) => other !== stream).flat();
    const found = notesOf(stream, others, bodySize, sheet.height);
    notes.push(...found.notes);
    for (const part of aroundTables(found.rest)) {
      if (!Array.isArray(part)) {
        body.push({ kind: "table", rows: part.rows });
        continue;
      }
      const aligned = alignedTables(part);
      for (const piece of aroundTables([...aligned.rest, ...aligned.tables.map(standingFor)])) {
        if (Array.isArray(piece)) append(body, paragraphsOf(linesOf(piece), bodySize));
        else body.push({ kind: "table", rows: piece.rows });
      }
    }
  }
  for (const note of notes) raiseCall(body, note);
  return { sheet, header: running.top, body, notes, footer: running.bottom, aside: sheet.aside };
}

/** A table among the lines of its column. */
const standingFor = (table: FoundTable): Segment => ({
  text: "",
  x: table.left,
  right: table.right,
  y: (table.top + table.bottom) / 2,
  size: 10,
  bold: false,
  parts: [],
  table,
});

/** The segments above, between and below the tables, and the tables, from top to bottom. */
function aroundTables(stream: Segment[]): (Segment[] | FoundTable)[] {
  const parts: (Segment[] | FoundTable)[] = [];
  let segments: Segment[] = [];
  for (const segment of stream.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    if (!segment.table) {
      segments.push(segment);
      continue;
    }
    if (segments.length > 0) parts.push(segments);
    parts.push(segment.table);
    segments = [];
  }
  if (segments.length > 0) parts.push(segments);
  return parts;
}

/** A column may end in the middle of a sentence that the next column goes on with. */
function append(body: (Paragraph | Table)[], paragraphs: Paragraph[]): void {
  const last = body.at(-1);
  const [first, ...others] = paragraphs;
  if (!first) return;
  if (last && last.kind !== "table" && goesOn(last, first)) {
    last.text = joinLines(last.text, first.text);
    last.lines.push(...first.lines);
    last.full = first.full;
  } else body.push(first);
  body.push(...others);
}

const ENDED = /[.!?…:;»”")\]][⁰¹²³⁴-⁹]*$/u;

/** Whether a sentence cut by the end of a column or page goes on in the next paragraph. */
function goesOn(before: Paragraph, after: Paragraph): boolean {
  if (before.kind === "heading" || before.kind === "footnote" || after.kind !== "paragraph") return false;
  if (Math.abs(before.lines.at(-1)!.size - after.lines[0]!.size) > 0.6) return false;
  if (/[\p{L}][-\u2010]$/u.test(before.text) && /^\p{Ll}/u.test(after.text)) return true;
  const startsLow = /^[«“("'\s]*\p{Ll}/u.test(after.text);
  if (/[.!?…»”")\]][⁰¹²³⁴-⁹]*$/u.test(before.text)) return startsLow && /[»”")\]]$/u.test(before.text) && before.full;
  if (/[:;]$/.test(before.text)) return startsLow && before.full;
  return startsLow || before.full;
}

// ---- notes at the foot of the page

const NOTE_START = /^(?:([⁰¹²³⁴-⁹]{1,3})\s*|(\d{1,3})(?:[.)]?\s+|(?=\p{Lu}))|(\*{1,3})\s*)(?=\S)/u;

/** The notes at the end of a column, unless the page goes on below it (`others` are the segments of the other columns). */
function notesOf(stream: Segment[], others: Segment[], bodySize: number, height: number): { notes: string[]; rest: Segment[] } {
  const segments = stream.filter(({ table }) => !table);
  const lines = linesOf(segments);
  const lowest = Math.max(...stream.map(({ y }) => y));
  const left = Math.min(...stream.map(({ x }) => x));
  const right = Math.max(...stream.map((segment) => segment.right));
  if (stream.find(({ y }) => y === lowest)?.table || others.some((other) => other.y > lowest && other.x < right && other.right > left)) {
    return { notes: [], rest: stream };
  }
  let first = lines.length;
  while (first > 0 && lines[first - 1]!.size <= bodySize * 0.93 && lines[first - 1]!.y > height * 0.4) first--;
  while (first < lines.length && !NOTE_START.test(lines[first]!.text)) first++;
  if (first === lines.length) return { notes: [], rest: stream };
  const top = lines[first]!.y - lines[first]!.size * 0.5;
  const notes: string[] = [];
  let number = 0;
  for (const line of lines.slice(first)) {
    const mark = NOTE_START.exec(line.text);
    const value = mark ? markValue(mark) : 0;
    // A line that begins with a number is a new note only when it counts on from the one before.
    if (mark && (notes.length === 0 || value === number + 1 || mark[3])) {
      number = value;
      notes.push(line.text.replace(NOTE_START, `${raised(mark)} `));
    } else notes.push(joinLines(notes.pop() ?? "", line.text));
  }
  return { notes, rest: stream.filter(({ y }) => y < top) };
}

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (mark: RegExpExecArray) => mark[1] ?? mark[3] ?? mark[2]!.replace(/\d/g, (digit) => DIGITS[Number(digit)]!);
const markValue = (mark: RegExpExecArray) => Number(mark[2] ?? [...(mark[1] ?? "")].map((digit) => DIGITS.indexOf(digit)).join(""));

/** Fonts have raised digits of their own, which look like any other in the file: the note tells which number calls it. */
function raiseCall(body: (Paragraph | Table)[], note: string): void {
  const mark = /^[⁰¹²³⁴-⁹]+/u.exec(note)?.[0];
  if (!mark) return;
  const digits = [...mark].map((digit) => DIGITS.indexOf(digit)).join("");
  const paragraphs = body.filter((block): block is Paragraph => block.kind !== "table");
  if (paragraphs.some(({ text }) => text.includes(mark))) return;
  const call = new RegExp(`(?<=[\\p{L}»”)][.,;:!?]?)${digits}(?=[\\s.,;:!?»”)]|$)(?![.,]\\p{N})`, "gu");
  const calls = paragraphs.flatMap((paragraph) => [...paragraph.text.matchAll(call)].map(({ index }) => ({ paragraph, index })));
  const [only] = calls;
  if (!only || calls.length > 1) return;
  const { text } = only.paragraph;
  only.paragraph.text = `${text.slice(0, only.index)}${mark}${text.slice(only.index + digits.length)}`;
}

// ---- lines to paragraphs

const ITEM = /^(?:[–—•▪◦➢✓❖❑●■◻-]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+\S/u;
const BULLET = /^[–—•▪◦➢✓❖❑●■◻-]\s/u;
const NUMBERED_HEADING = /^(?:(?:[IVX]{1,5}|[A-Z]|\d{1,2})[.)]|\d{1,2}(?:\.\d{1,2})+\.?)\s+\S/u;

function paragraphsOf(lines: Line[], bodySize: number): Paragraph[] {
  const found: Paragraph[] = [];
  const edge = usualRight(lines);
  for (const block of blocksOf(lines)) {
    const right = rightEdge(block, edge);
    const left = Math.min(...block.map(({ x }) => x));
    let current: Paragraph | null = null;
    for (const [index, line] of block.entries()) {
      const before = block[index - 1];
      const startsItem: boolean = ITEM.test(line.text) && (!before || itemMayFollow(before, line, current, right));
      const fresh =
        !current ||
        !before ||
        startsItem ||
        before.bold !== line.bold ||
        endsShort(before, line, right) ||
        isIndented(line, before, block[index + 1], left, current) ||
        (current.kind === "list-item" && line.x < current.lines[0]!.x - 2 && ENDED.test(before.text));
      if (current && !fresh) {
        current.text = joinLines(current.text, line.text);
        current.lines.push(line);
      } else {
        current = { kind: startsItem ? "list-item" : "paragraph", text: line.text, lines: [line], full: false };
        found.push(current);
      }
      current.full = line.right >= right - 2.5 * line.size;
    }
  }
  for (const paragraph of found) if (looksLikeHeading(paragraph, bodySize)) paragraph.kind = "heading";
  return joinHeadings(found);
}

/** Lines at the usual distance of each other, in one size. */
function blocksOf(lines: Line[]): Line[][] {
  const blocks: Line[][] = [];
  const leading = usualLeading(lines);
  for (const line of lines) {
    const block = blocks.at(-1);
    const before = block?.at(-1);
    const step = before ? line.y - before.y : 0;
    // Half as much again as the usual distance, or of what its own size asks for where lines are set differently.
    const limit = Math.max(leading(line.size) * 1.22, line.size * 1.1);
    if (block && before && Math.abs(before.size - line.size) <= 0.6 && step <= limit && step > 0) block.push(line);
    else blocks.push([line]);
  }
  return blocks;
}

/** The distance between baselines that is most common among lines of about that size. */
function usualLeading(lines: Line[]): (size: number) => number {
  const steps = new Map<number, Map<number, number>>();
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    if (!before || Math.abs(before.size - line.size) > 0.6) continue;
    const step = half(line.y - before.y);
    if (step < 0.8 * line.size || step > 2.6 * line.size) continue;
    const counts = steps.get(Math.round(line.size)) ?? new Map<number, number>();
    steps.set(Math.round(line.size), counts);
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return (size) => {
    const counts = [...(steps.get(Math.round(size)) ?? [])];
    const most = Math.max(0, ...counts.map(([, count]) => count));
    // Of distances about as common, the smallest: the others are spaces between paragraphs.
    const usual = counts.filter(([, count]) => count >= 0.5 * most).map(([step]) => step);
    return usual.length > 0 && most >= 2 ? Math.min(...usual) : size * 1.45;
  };
}

/** Where the lines of a column usually end: the far edge that at least a few of them reach. */
function usualRight(lines: Line[]): number {
  const ends = lines.map(({ right }) => right).toSorted((a, b) => b - a);
  return ends[Math.min(2, Math.floor(ends.length / 8))] ?? 0;
}

/** Where the lines of one block end: its own edge when it is justified to it, else that of the column. */
function rightEdge(block: Line[], column: number): number {
  const furthest = Math.max(...block.map(({ right }) => right));
  const reaching = block.filter(({ right }) => furthest - right <= 1.2).length;
  return reaching >= 2 ? furthest : Math.max(furthest, column);
}

/** The line ends before its edge although the first word of the next one had room: the author ended it. */
function endsShort(line: Line, next: Line, right: number): boolean {
  const word = /^\S+/u.exec(next.text)?.[0] ?? "";
  const width = ((next.right - next.x) * (word.length + 1)) / Math.max(next.text.length, 1);
  return line.right + width + 0.5 * line.size < right;
}

/** A first line moved in: where the lines around it are not. */
function isIndented(line: Line, before: Line, after: Line | undefined, left: number, current: Paragraph | null): boolean {
  if (current?.kind === "list-item") return false;
  const moved = line.x - left > 0.8 * line.size && line.x - before.x > 0.8 * line.size;
  return moved && (!after || line.x - after.x > 0.8 * line.size || endsLikeSentence(before)) && endsLikeSentence(before);
}

const endsLikeSentence = (line: Line) => ENDED.test(line.text);

function itemMayFollow(before: Line, line: Line, current: Paragraph | null, right: number): boolean {
  if (current?.kind === "list-item" && Math.abs(current.lines[0]!.x - line.x) < 3 && BULLET.test(line.text)) return true;
  return ENDED.test(before.text) || /,$/.test(before.text) || endsShort(before, line, right);
}

function looksLikeHeading({ kind, text, lines }: Paragraph, bodySize: number): boolean {
  const size = lines[0]!.size;
  const bold = lines.every((line) => line.bold);
  if (text.length > 200 || lines.length > 3 || !/\p{L}{2}/u.test(text)) return false;
  if (kind === "list-item" && !(NUMBERED_HEADING.test(text) && (bold || size > bodySize * 1.12))) return false;
  if (size > bodySize * 1.12) return !/[;,]$/.test(text);
  return bold && size >= bodySize * 0.95 && text.length <= 140 && (NUMBERED_HEADING.test(text) || !/[.;,:]$/.test(text));
}

/** A title on two lines is one title. */
function joinHeadings(paragraphs: Paragraph[]): Paragraph[] {
  const joined: Paragraph[] = [];
  for (const paragraph of paragraphs) {
    const last = joined.at(-1);
    const follows =
      last?.kind === "heading" &&
      paragraph.kind === "heading" &&
      !NUMBERED_HEADING.test(paragraph.text) &&
      half(last.lines[0]!.size) === half(paragraph.lines[0]!.size) &&
      paragraph.lines[0]!.y - last.lines.at(-1)!.y < 1.5 * paragraph.lines[0]!.size &&
      last.full;
    if (last && follows) {
      last.text = joinLines(last.text, paragraph.text);
      last.lines.push(...paragraph.lines);
    } else joined.push(paragraph);
  }
  return joined;
}

function headingSizes(contents: PageContent[], bodySize: number): number[] {
  const sizes = new Set<number>();
  for (const { body } of contents) {
    for (const block of body) if (block.kind === "heading" && block.lines[0]!.size > bodySize * 1.04) sizes.add(half(block.lines[0]!.size));
  }
  return [...sizes].toSorted((a, b) => b - a);
}

/** The largest size is level 1; bold lines in the size of the text come below all larger ones. */
function headingLevel(line: Line, sizes: number[], bodySize: number): number {
  const rank = line.size > bodySize * 1.04 ? sizes.indexOf(half(line.size)) : sizes.length;
  return Math.min((rank < 0 ? sizes.length : rank) + 1, 6);
}

// ---- pages to text

function freeze(contents: PageContent[], levelOf: (line: Line) => number): { text: string; blocks: Block[]; pages: Page[] } {
  const builder = textBuilder();
  const starts: (number | null)[] = contents.map(() => null);
  const mark = (page: number, offset: number) => {
    starts[page] ??= offset;
  };

  const write = (block: Paragraph | Table, index: number, number: number) => {
    if (block.kind === "table") {
      const rowStarts = builder.table(block.rows, number);
      if (rowStarts[0] !== undefined) mark(index, rowStarts[0]);
    } else if (block.kind === "heading") {
      builder.heading(levelOf(block.lines[0]!), block.text, number);
      mark(index, builder.lastStart());
    } else {
      const added = builder.pieces(block.kind, [{ text: block.text, joint: "" }], number);
      if (added[0] !== undefined) mark(index, added[0]);
    }
  };

  for (let index = 0; index < contents.length; index++) {
    const { sheet, header, body, notes, footer, aside } = contents[index]!;
    const number = sheet.number;
    const add = (kind: "footnote" | "running" | "paragraph", texts: string[]) => {
      for (const text of texts) {
        const added = builder.pieces(kind, [{ text, joint: "" }], number);
        if (added[0] !== undefined) mark(index, added[0]);
      }
    };
    add("running", header);
    const last = body.at(-1);
    const overleaf = last && last.kind !== "table" ? continuation(contents, index) : [];
    // What goes on overleaf takes the headings right above it along, behind the notes and the footer.
    let kept = body.length;
    if (overleaf.length > 0) {
      kept--;
      while (kept > 0 && body[kept - 1]!.kind === "heading") kept--;
    }
    for (const block of body.slice(0, kept)) write(block, index, number);
    add("paragraph", aside);
    add("footnote", notes);
    add("running", footer);
    for (const block of body.slice(kept, overleaf.length > 0 ? -1 : undefined)) write(block, index, number);
    if (overleaf.length > 0 && last && last.kind !== "table" && last.kind !== "heading") {
      const pieces = [last, ...overleaf.map(({ paragraph }) => paragraph)];
      const offsets = builder.pieces(
        last.kind,
        pieces.map(({ text }, at) => ({ text, joint: at > 0 ? jointBetween(pieces[at - 1]!.text, text) : "" })),
        number,
      );
      mark(index, offsets[0]!);
      overleaf.forEach(({ page }, at) => {
        mark(page, offsets[at + 1]!);
        contents[page]!.body.shift();
      });
    }
  }

  const { text, blocks } = builder.finish();
  const length = lengthInCodePoints(text);
  let next = length;
  const pages: Page[] = [];
  for (let index = contents.length - 1; index >= 0; index--) {
    const { number, width, height } = contents[index]!.sheet;
    const start = index === 0 ? 0 : (starts[index] ?? next);
    pages.unshift({ number, start, end: next, width, height });
    next = start;
  }
  return { text, blocks, pages };
}

/** The paragraphs at the top of the following pages that go on with the last one of this page. */
function continuation(contents: PageContent[], index: number): { page: number; paragraph: Paragraph }[] {
  const found: { page: number; paragraph: Paragraph }[] = [];
  let before = contents[index]!.body.at(-1);
  for (let page = index + 1; page < contents.length; page++) {
    const after = contents[page]!.body[0];
    if (!before || before.kind === "table" || !after || after.kind === "table" || !goesOn(before, after)) break;
    found.push({ page, paragraph: after });
    if (contents[page]!.body.length > 1) break;
    before = after;
  }
  return found;
}
