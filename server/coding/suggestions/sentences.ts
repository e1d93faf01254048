import type { Block } from "../../documents/read-document.ts";

/** A passage of about a sentence: code points of the text, half-open, without spaces at its ends. `block` is its place among the blocks. */
export type Span = { start: number; end: number; block: number };

const SPACE = /\s/u;
const UPPER_OR_DIGIT = /[\p{Lu}\p{Nd}]/u;
const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;
const OPENING = /[«"“(–—•\-[]/u;
const CLOSING = /[»"”’'\])⁰¹²³⁴-⁹]/u;

/** Words that end with a full stop without ending a sentence. Lower case, without the stop. */
const ABBREVIATIONS = new Set(
  `m mm mme mmes mlle mlles dr drs pr me mes art al av bd bld boul c cf chap coll dept dpt éd env ex fig gal hab ibid id l lt ltn n no nos not num obs op p pp
  par parag r réf rép resp s sect ss st ste suiv sq sqq t tel tél tr v vol vs adj adjt cne cdt col brig gend mdl maj s/c i e j-c av.j-c
  janv févr fév avr juil juill sept oct nov déc cass crim civ soc ch trib corr proc gén subst circ min intér vérif`.split(/\s+/),
);
/** Abbreviations that may end a sentence as well: what follows decides. */
const EITHER = new Set(["etc", "éco", "assoc", "min", "vérif", "h", "ans"]);

/** Up to this many words, the first sentence of a paragraph is a title run into it and stays with what follows. */
const RUN_IN_WORDS = 4;
/** A row of a table up to this length is read as one; longer, cell by cell. */
const ROW = 320;
/** Beyond this length a sentence is parted at its semicolons. */
const LONG = 600;

/**
 * Parts a document into passages of a sentence, in the order of the text. Headings and list items count as sentences; a row of a table is
 * one passage while it is short, so that a date stays with its event. Page headers and footers have none. `points` are the code points of
 * the text; blocks that are not given (a text without structure) leave one passage a sentence of the whole.
 */
export function sentencesOf(points: readonly string[], blocks: readonly Block[]): Span[] {
  const spans: Span[] = [];
  const add = (start: number, end: number, block: number) => {
    for (const [from, to] of partedAt(points, start, end)) spans.push({ start: from, end: to, block });
  };
  if (blocks.length === 0) add(0, points.length, -1);
  for (const [index, block] of blocks.entries()) {
    if (block.kind === "running") continue;
    if (block.kind === "heading") {
      const [start, end] = trimmed(points, block.start, block.end);
      if (end > start) spans.push({ start, end, block: index });
      continue;
    }
    if (block.kind !== "table") {
      add(block.start, block.end, index);
      continue;
    }
    for (const row of block.rows) {
      const [start, end] = trimmed(points, row[0]?.start ?? 0, row.at(-1)?.end ?? 0);
      if (end <= start) continue;
      if (end - start <= ROW) spans.push({ start, end, block: index });
      else for (const cell of row) add(cell.start, cell.end, index);
    }
  }
  return spans;
}

function partedAt(points: readonly string[], start: number, end: number): [number, number][] {
  const parts: [number, number][] = [];
  let from = start;
  for (let at = start; at < end; at++) {
    const after = sentenceEnd(points, at, end);
    if (after === null) continue;
    parts.push([from, after]);
    from = after;
    at = after - 1;
  }
  parts.push([from, end]);
  const kept = parts.map(([a, b]) => trimmed(points, a, b)).filter(([a, b]) => b > a && hasWord(points, a, b));
  // A title run into its paragraph (« La santé. Deux passages… ») says what the sentence is about: they stay together.
  const joined: [number, number][] = [];
  for (const part of kept) {
    const last = joined.at(-1);
    const runIn = last && joined.length === 1 && points[last[1] - 1] === "." && countWords(points, ...last) <= RUN_IN_WORDS;
    if (last && (runIn || part[1] - part[0] < 6)) last[1] = part[1];
    else joined.push([...part]);
  }
  return joined.flatMap(([a, b]) => (b - a > LONG ? atSemicolons(points, a, b) : [[a, b] as [number, number]]));
}

/** Where the sentence ends that has its last mark at `at` (after closing quotes and note calls); null when none ends there. */
function sentenceEnd(points: readonly string[], at: number, end: number): number | null {
  const mark = points[at]!;
  if (mark === "\n") return points[at + 1] === "\n" || startsItem(points, at + 1, end) ? at + 1 : null;
  if (mark !== "." && mark !== "!" && mark !== "?" && mark !== "…") return null;
  let after = at + 1;
  while (after < end && /[.!?…]/u.test(points[after]!)) after++;
  const marks = after - at;
  while (after < end && closes(points, after, end)) after++;
  if (after >= end) return after;
  // 1.5, 515-9.1, site.fr: nothing ends without a space after it.
  if (!SPACE.test(points[after]!)) return null;
  let next = after;
  while (next < end && SPACE.test(points[next]!)) next++;
  if (next >= end) return end;
  while (next < end && (OPENING.test(points[next]!) || SPACE.test(points[next]!))) next++;
  if (!UPPER_OR_DIGIT.test(points[next] ?? "")) return null;
  // « commune de V. (Loir-et-Cher) » : a bracket goes on with an initial.
  if (UPPER_OR_DIGIT.test(points[at - 1] ?? "") && points.slice(after, next).includes("(")) return null;
  if (mark === "." && marks === 1 && after === at + 1 && abbreviation(points, at, next)) return null;
  return after;
}

/** A closing quote, bracket or note call, also after the space that French puts before « » ». */
function closes(points: readonly string[], at: number, end: number): boolean {
  if (CLOSING.test(points[at]!)) return true;
  return /[\u00A0\u202F ]/u.test(points[at]!) && at + 1 < end && points[at + 1] === "»";
}

/** Whether the stop at `at` belongs to a shortened word, to an initial or to a number of a list. */
function abbreviation(points: readonly string[], at: number, next: number): boolean {
  let from = at;
  while (from > 0 && !SPACE.test(points[from - 1]!) && !/[(«"“’'/|]/u.test(points[from - 1]!)) from--;
  const word = points.slice(from, at).join("");
  if (/^\p{Nd}{1,3}$/u.test(word)) return from === 0 || points[from - 1] === "\n";
  const lower = word.toLowerCase();
  // « Madame A. a crié » and « M. B. » : an initial; a sentence may also end with it, which the next word tells.
  if (/^\p{Lu}$/u.test(word)) return lower === "m" || !startsSentence(points, next);
  if (/^(?:\p{Lu}\.)+\p{Lu}$/u.test(word)) return !startsSentence(points, next);
  if (EITHER.has(lower)) return false;
  if (ABBREVIATIONS.has(lower)) return true;
  return false;
}

/** Words that begin a sentence and no name, for what follows an initial. */
const BEGINNERS = new Set(
  `a à ainsi après au aucun aucune aussi aux avant ce cela celle celui ces cet cette ceux chacun dans de depuis des dès deux du elle elles en enfin entre
  et il ils interrogé interrogée je l la le les leur leurs lors lorsque lui madame mais malgré mme monsieur ni notre nous on or par pendant plusieurs pour puis quand quant
  quatre quelques sa sans selon ses si son sur toutefois tous tout trois un une vers`.split(/\s+/),
);

function startsSentence(points: readonly string[], next: number): boolean {
  let to = next;
  while (to < points.length && LETTER.test(points[to]!)) to++;
  const word = points.slice(next, to).join("").toLowerCase();
  if (BEGINNERS.has(word)) return true;
  if (/['’]/u.test(points[to] ?? "")) return true;
  // « Monsieur B. M. C. » is no sentence, « Madame A. 34 ans » neither.
  return word.length > 3 && !DIGIT.test(points[next] ?? "");
}

/** Whether a line begins like an item: a bullet, a dash, « 1) », « a) ». */
function startsItem(points: readonly string[], at: number, end: number): boolean {
  return /^\s{0,4}(?:[•▪●■◻➢–—\-*]\s|\p{Nd}{1,2}[).]\s|\p{Ll}\)\s)/u.test(points.slice(at, Math.min(end, at + 9)).join(""));
}

function atSemicolons(points: readonly string[], start: number, end: number): [number, number][] {
  const parts: [number, number][] = [];
  let from = start;
  for (let at = start; at < end; at++) {
    if (points[at] !== ";" || at - from < 120 || end - at < 60) continue;
    parts.push(trimmed(points, from, at + 1));
    from = at + 1;
  }
  parts.push(trimmed(points, from, end));
  return parts;
}

function trimmed(points: readonly string[], start: number, end: number): [number, number] {
  let [from, to] = [start, end];
  while (from < to && (SPACE.test(points[from]!) || points[from] === "|")) from++;
  while (to > from && (SPACE.test(points[to - 1]!) || points[to - 1] === "|")) to--;
  return [from, to];
}

const countWords = (points: readonly string[], start: number, end: number): number =>
  points.slice(start, end).join("").split(/\s+/u).length;

function hasWord(points: readonly string[], start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (LETTER.test(points[at]!) || DIGIT.test(points[at]!)) return true;
  return false;
}
