import type { Block } from "./read-document.ts";

/** Bullets and marks that word processors write in the private area of their symbol fonts. */
const SYMBOLS: Record<string, string> = {
  "\uF0B7": "•",
  "\uF0A7": "▪",
  "\uF0A8": "◻",
  "\uF06C": "●",
  "\uF06E": "■",
  "\uF06F": "◻",
  "\uF071": "❑",
  "\uF076": "❖",
  "\uF0D8": "➢",
  "\uF0E0": "→",
  "\uF0E8": "➔",
  "\uF0F0": "⇒",
  "\uF0FC": "✓",
  "\uF0FE": "☑",
  "\uF02D": "–",
  "\uF0BE": "—",
};

// Format characters that show nothing and may deceive: soft hyphen, zero-width space and word joiner, direction marks and
// overrides, invisible operators, interlinear marks, language tags, byte order mark.
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}]/gu;
const CONTROLS = /[\p{Cc}]/gu;
const NONCHARACTERS = /[\uFDD0-\uFDEF\p{Noncharacter_Code_Point}]/gu;

/**
 * Any string as it may stand in a frozen text: NFC, LF as the only line end, tabs as spaces, no control, invisible or
 * non-character, lone surrogates replaced. Runs of plain spaces become one, lines are trimmed of plain spaces; no-break and
 * typographic spaces stay as they are.
 */
export function cleanText(raw: string): string {
  return raw
    .toWellFormed()
    .replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, "\n")
    .replace(/\t/g, " ")
    .replace(CONTROLS, (control) => (control === "\n" ? control : ""))
    .replace(INVISIBLE, "")
    .replace(NONCHARACTERS, "")
    .replace(/[\uF020-\uF0FF]/g, (symbol) => SYMBOLS[symbol] ?? symbol)
    .normalize("NFC")
    .replace(/ {2,}/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^[ \n]+|[ \n]+$/g, "");
}

/** Length in code points. */
export function lengthInCodePoints(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next <= 0xdfff) {
        length--;
        i++;
      }
    }
  }
  return length;
}

export type TextKind = "paragraph" | "list-item" | "footnote" | "running";
type Page = number | null;

/** Longest text that is kept, in UTF-16 units: some thousand pages. Beyond it a document is no report. */
export const LONGEST_TEXT = 4_000_000;

/** The text would be longer than anybody could read: the document is refused as too heavy. */
export class TextTooLong extends Error {}

/**
 * Collects the blocks of one document in reading order and keeps their offsets. A block whose text is empty once cleaned is
 * not kept. Blocks are separated by a blank line, items of one list by a line end, cells by " | ".
 */
export type TextBuilder = {
  heading(level: number, text: string, page?: Page): void;
  add(kind: TextKind, text: string, page?: Page): void;
  /** Pieces of one paragraph, joined by `joint`; returns the offset where each piece starts (for page breaks inside). */
  pieces(kind: TextKind, pieces: { text: string; joint: string }[], page?: Page): number[];
  /** Rows without ink are not kept. Returns where each given row starts (a row not kept: where the next one does). */
  table(rows: string[][], page?: Page): number[];
  /** Where the block added last starts. */
  lastStart(): number;
  finish(): { text: string; blocks: Block[] };
};

export function textBuilder(): TextBuilder {
  const parts: string[] = [];
  const blocks: Block[] = [];
  let units = 0;
  let offset = 0;
  let lastKind: Block["kind"] | null = null;

  const write = (text: string) => {
    units += text.length;
    if (units > LONGEST_TEXT) throw new TextTooLong();
    parts.push(text);
    offset += lengthInCodePoints(text);
  };
  const separate = (kind: Block["kind"]) => {
    if (lastKind !== null) write(kind === "list-item" && lastKind === "list-item" ? "\n" : "\n\n");
    lastKind = kind;
  };

  return {
    heading(level, raw, page = null) {
      const text = cleanText(raw).replace(/\n+/g, " ");
      if (!hasInk(text)) return;
      separate("heading");
      const start = offset;
      write(text);
      blocks.push({ kind: "heading", level: Math.min(Math.max(level, 1), 9), start, end: offset, page });
    },
    add(kind, raw, page = null) {
      const text = cleanText(raw);
      if (!hasInk(text)) return;
      separate(kind);
      const start = offset;
      write(text);
      blocks.push({ kind, start, end: offset, page });
    },
    pieces(kind, raw, page = null) {
      const pieces = raw.map(({ text, joint }) => ({ text: cleanText(text), joint })).filter(({ text }) => text !== "");
      if (!pieces.some(({ text }) => hasInk(text))) return [];
      separate(kind);
      const start = offset;
      const starts = pieces.map(({ text, joint }, index) => {
        if (index > 0) write(joint);
        const at = offset;
        write(text);
        return at;
      });
      blocks.push({ kind, start, end: offset, page });
      return starts;
    },
    table(raw, page = null) {
      const rows = raw.map((row) => row.map(cleanText));
      if (!rows.some((row) => row.some(hasInk))) return rows.map(() => offset);
      separate("table");
      const start = offset;
      const ranges: { start: number; end: number }[][] = [];
      const starts = rows.map((row) => {
        if (!row.some(hasInk)) return offset;
        if (ranges.length > 0) write("\n");
        const rowStart = offset;
        ranges.push(
          row.map((cell, index) => {
            if (index > 0) write(offset === rowStart ? "| " : cell === "" ? " |" : " | ");
            const at = offset;
            write(cell);
            return { start: at, end: offset };
          }),
        );
        return rowStart;
      });
      blocks.push({ kind: "table", rows: ranges, start, end: offset, page });
      return starts;
    },
    lastStart: () => blocks.at(-1)?.start ?? 0,
    finish: () => ({ text: parts.join(""), blocks }),
  };
}

/** Whether something would be seen on paper. */
export const hasInk = (text: string): boolean => /[^\s\u200C\u200D]/u.test(text);

const SUPERSCRIPTS: Record<string, string> = { i: "ⁱ", v: "ᵛ", x: "ˣ" };
for (const [digit, raised] of [..."⁰¹²³⁴⁵⁶⁷⁸⁹"].entries()) SUPERSCRIPTS[digit] = raised;
/** A note call as it is written in every frozen text: its number raised, another mark as it is. */
export const noteCall = (mark: string): string => mark.trim().replace(/[\divx]/g, (character) => SUPERSCRIPTS[character]!);

/** Whether a paragraph style is meant for the title of a document, whoever named it. */
export const isTitleStyle = (name: string): boolean =>
  /(?:title|titre)(?:[ _]principal)?$/i.test(name) && !/sub|sous|inter|toc|index/i.test(name);
