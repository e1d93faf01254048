import type { PreparedBlock } from "./prepare.ts";

/** What DOCX and ODT files share: a face that every office has (or one of the same widths) and the colours of printed letters. */
export const FACE = "Arial";
export const INK = "24476b";
export const PALE = "eef2f6";
export const HAIR = "c3ccd5";
export const GREY = "4d5661";
export const BLACK = "1b1f24";
/** Size of the text in points, and space after a paragraph. */
export const BODY_SIZE = 10.5;
export const PARAGRAPH_SPACE = 7;
/** Headings 1 to 4: size, space before and after, in points. */
export const HEADINGS = [
  { size: 15, before: 24, after: 10, color: INK, bold: true, italic: false },
  { size: 12, before: 16, after: 7, color: INK, bold: true, italic: false },
  { size: 10.5, before: 12, after: 5, color: BLACK, bold: true, italic: false },
  { size: 10.5, before: 10, after: 5, color: BLACK, bold: false, italic: true },
] as const;
/** Margins above and below the text, in millimetres, and how far header and footer stand from the edge. */
export const TOP_MARGIN = { letter: 22, booklet: 28 };
export const BOTTOM_MARGIN = 27;
export const RUNNING = 14;
/** Names of the bookmarks that the table of contents leads to. */
export const bookmarkOf = (place: number): string => `_Toc${String(place + 1).padStart(8, "0")}`;

/** Width of the terms of a definition list, in millimetres: of the longest, within reason. */
export function termRoom({ items }: Extract<PreparedBlock, { kind: "definitions" }>): number {
  const longest = Math.max(...items.map(({ term }) => term.length));
  return Math.min(50, Math.max(24, Math.ceil(longest * 1.85 + 5)));
}

/** Space between the last line of the letterhead and the address, in millimetres, so that the address stands where an envelope shows it. */
export const addressSpace = (letterheadLines: number, top: number): number => Math.max(8, top - TOP_MARGIN.letter - 5 * letterheadLines);
