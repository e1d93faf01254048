import { cleanText, lengthInCodePoints, type TextKind, textBuilder } from "./frozen-text.ts";
import type { MediaType, Page, ReadDocument } from "./read-document.ts";

/**
 * What the readers of word-processor files hand over: blocks in reading order, in which "\f" marks the place where the
 * program that saved the file last began a new page.
 */
export type FlowItem =
  | { kind: "heading"; level: number; text: string }
  | { kind: TextKind; text: string }
  | { kind: "table"; rows: string[][] };

export const PAGE_BREAK = "\f";

/** Size of the first page in points, and how many pages the file says it has; null when it does not say. */
export type FlowPages = { width: number; height: number; declared: number | null };

/**
 * Freezes the blocks. Pages are given only when the breaks in the text agree with the number of pages that the file declares:
 * a program that neither lays out nor counts leaves one of them stale, and a wrong page number is worse than none.
 */
export function freezeFlow(mediaType: MediaType, items: FlowItem[], sheet: FlowPages): ReadDocument {
  const builder = textBuilder();
  const breaks = items.reduce((count, item) => count + breaksIn(item), 0);
  const known = sheet.declared !== null && sheet.declared === breaks + 1;
  let page = 1;
  const pageStarts: number[] = [0];
  // A break found where no text follows yet waits for the next piece of text.
  const turnTo = (offset: number) => {
    while (pageStarts.length < page) pageStarts.push(offset);
  };

  for (const item of items) {
    if (item.kind === "table") {
      const startPage = page;
      const turns = item.rows.map((row) => Math.max(0, ...row.map(countBreaks)));
      const starts = builder.table(
        item.rows.map((row) => row.map((cell) => cell.replaceAll(PAGE_BREAK, " "))),
        known ? startPage : null,
      );
      turns.forEach((turn, index) => {
        if (turn === 0) return;
        page += turn;
        turnTo(starts[index]!);
      });
      continue;
    }
    const pieces = item.text.split(PAGE_BREAK);
    const leading = pieces.findIndex((piece) => cleanText(piece) !== "");
    page += leading < 0 ? pieces.length - 1 : leading;
    if (leading < 0) continue;
    const at = known ? page : null;
    if (item.kind === "heading") {
      builder.heading(item.level, pieces.join(" "), at);
      turnTo(builder.lastStart());
      page += pieces.length - 1 - leading;
    } else {
      const kept: { text: string; joint: string; page: number }[] = [];
      for (const [index, text] of pieces.entries()) {
        if (index > leading) page++;
        if (cleanText(text) !== "") kept.push({ text, joint: jointBetween(pieces[index - 1] ?? "", text), page });
      }
      const starts = builder.pieces(item.kind, kept, at);
      starts.forEach((start, index) => {
        while (pageStarts.length < kept[index]!.page) pageStarts.push(start);
      });
    }
  }

  const { text, blocks } = builder.finish();
  const length = lengthInCodePoints(text);
  while (pageStarts.length < page) pageStarts.push(length);
  const pages: Page[] = known
    ? pageStarts.map((start, index) => ({
        number: index + 1,
        start,
        end: pageStarts[index + 1] ?? length,
        width: sheet.width,
        height: sheet.height,
      }))
    : [];
  return { mediaType, text, blocks, pages, pageCount: known ? pages.length : null, hasText: text !== "" };
}

const countBreaks = (text: string) => text.split(PAGE_BREAK).length - 1;

/** Rows that go on over a page carry the break in several cells: it is one break. */
const breaksIn = (item: FlowItem): number =>
  item.kind === "table" ? item.rows.reduce((count, row) => count + Math.max(0, ...row.map(countBreaks)), 0) : countBreaks(item.text);

/** A page ends between two words, at a forced line end, or after the hyphen of a cut word. */
function jointBetween(before: string, after: string): string {
  if (/\n[ \t]*$/.test(before) || /^[ \t]*\n/.test(after)) return "\n";
  return /[ \t]$/.test(before) || /^[ \t]/.test(after) ? " " : "";
}
