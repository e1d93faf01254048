import type { ReadDocument } from "./read-document.ts";

const SPACE = /\s/u;
const LETTER = /\p{L}/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const HYPHEN = /[-\u2010\u2011\u00AD]/u;
const UNSEEN = /[\u00AD\u200B-\u200D\u2060\uFEFF]/u;
const NOTE_CALL = /[⁰¹²³⁴-⁹ⁱᵛˣ]/u;

/** A text reduced to what a quote is compared by, each unit of it tied to the code points it came from. */
type Folded = { text: string; starts: Uint32Array; ends: Uint32Array };

/**
 * Every run of spaces, no-break spaces and line ends is one space; a hyphen between two letters goes, with the line end after
 * it, so that a word cut at a line end equals the same word whole, and a compound word equals itself cut at its hyphen.
 * Superscript note calls and characters that show nothing go too. Apostrophes and quotation marks are those of the document.
 */
function fold(text: string, letters: (character: string) => string): Folded {
  const points = Array.from(text);
  const capacity = text.length * (letters === asWritten ? 1 : 3) + 1;
  const starts = new Uint32Array(capacity);
  const ends = new Uint32Array(capacity);
  const parts: string[] = [];
  let length = 0;
  let pendingSpace = -1;
  let last = "";
  const push = (value: string, start: number, end: number) => {
    for (let unit = 0; unit < value.length; unit++) {
      starts[length] = start;
      ends[length] = end;
      length++;
    }
    parts.push(value);
    last = value;
  };
  for (let i = 0; i < points.length; i++) {
    const character = points[i]!;
    if (SPACE.test(character)) {
      if (pendingSpace < 0) pendingSpace = i;
      continue;
    }
    if (NOTE_CALL.test(character)) continue;
    if (HYPHEN.test(character) && pendingSpace < 0 && LETTER_OR_DIGIT.test(last)) {
      let next = i + 1;
      while (next < points.length && SPACE.test(points[next]!)) next++;
      const after = points[next] ?? "";
      if (LETTER.test(last) && LETTER.test(after)) {
        i = next - 1;
        continue;
      }
      if (LETTER_OR_DIGIT.test(after) && points.slice(i, next).includes("\n")) {
        push("-", i, i + 1);
        i = next - 1;
        continue;
      }
    }
    if (UNSEEN.test(character)) continue;
    if (pendingSpace >= 0) {
      if (length > 0) push(" ", pendingSpace, i);
      pendingSpace = -1;
    }
    push(letters(character), i, i + 1);
  }
  return { text: parts.join(""), starts, ends };
}

const asWritten = (character: string) => character;
/** Second reading, for quotes typed by hand: straight and curly marks alike, ligatures and full-width forms undone. */
const asTyped = (character: string) => {
  if (/['’‘ʼ′]/u.test(character)) return "'";
  if (/["“”„]/u.test(character)) return '"';
  if (/[‐-―−]/u.test(character)) return "-";
  if (character === "…") return "...";
  const plain = character.normalize("NFKC");
  return plain.length <= 3 ? plain : character;
};

type Kept = { text: string; written?: Folded; typed?: Folded };
// One document is asked for dozens of quotes; folding it once is enough.
const folded = new WeakMap<object, Kept>();

function foldedText(document: Pick<ReadDocument, "text" | "pages">, way: "written" | "typed"): Folded {
  let kept = folded.get(document);
  if (!kept || kept.text !== document.text) {
    kept = { text: document.text };
    folded.set(document, kept);
  }
  kept[way] ??= fold(document.text, way === "written" ? asWritten : asTyped);
  return kept[way];
}

/**
 * Where a quote stands in a frozen text, in code points, half-open, pointing at the real text (spaces and cut words as they
 * are there). Spaces of all kinds and line ends are equal, words cut at a line end are rejoined; failing that, straight and
 * typographic apostrophes, quotation marks and dashes are taken as equal. Of several places the one on `page` is preferred
 * (1-based), then the nearest page, then the first. Null when it stands nowhere or is empty.
 */
export function locateQuote(
  document: Pick<ReadDocument, "text" | "pages">,
  quote: string,
  page?: number,
): { start: number; end: number } | null {
  for (const way of ["written", "typed"] as const) {
    // A selection may begin or end inside a compound or cut word: its hyphen is not in the folded text.
    const whole = quote.normalize("NFC").replace(/^\s*[-\u2010\u2011]\s*(?=\p{L})|(?<=\p{L})[-\u2010\u2011]\s*$/gu, "");
    const needle = fold(whole, way === "written" ? asWritten : asTyped).text;
    if (needle === "") return null;
    const { text, starts, ends } = foldedText(document, way);
    let best: { start: number; end: number } | null = null;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      const range = { start: starts[at]!, end: ends[at + needle.length - 1]! };
      const distance = page === undefined ? 0 : distanceToPage(document.pages, range, page);
      if (distance < bestDistance) [best, bestDistance] = [range, distance];
      if (bestDistance === 0) break;
    }
    if (best) return best;
  }
  return null;
}

/** How many pages away a passage is; 0 when it touches the page, or when pages are not known. */
function distanceToPage(pages: ReadDocument["pages"], range: { start: number; end: number }, page: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const { number, start, end } of pages) {
    if (range.start < end && range.end > start) nearest = Math.min(nearest, Math.abs(number - page));
  }
  return nearest === Number.POSITIVE_INFINITY ? 0 : nearest;
}

/** `text` from code point `start` up to, not including, code point `end`. */
export function sliceByCodePoints(text: string, start: number, end: number): string {
  if (end <= start) return "";
  let point = 0;
  let unit = 0;
  let from = -1;
  while (unit < text.length && point < end) {
    if (point === start) from = unit;
    unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
    point++;
  }
  return from < 0 ? "" : text.slice(from, unit);
}
