import type { TextDocument } from "../document.ts";
import {
  CONTENTS_DEPTH,
  type PreparedBlock,
  type PreparedRun,
  type PreparedTable,
  prepareDocument,
  RECIPIENT,
  SIDE_MARGIN,
  staysWhole,
  TEXT_WIDTH,
  withColon,
} from "../prepare.ts";
import type { Faces } from "./fonts.ts";
import { breakable, familiesOf, printableText } from "./printable.ts";

/** A table tells of each row whether it stays on one page. */
type PrintableBlock = Exclude<PreparedBlock, PreparedTable> | (PreparedTable & { whole: boolean[] });

/** Width of a character and of the padding of a cell, in ems. */
const CHARACTER = 0.58;
const PADDING = 1.2;

/** What document.typ reads: the prepared document with nothing in it that the faces cannot print, its longest words made to break. */
export function printableDocument(document: TextDocument, faces: Pick<Faces, "serif" | "sans" | "covers">): object {
  const prepared = prepareDocument(document);
  const clean = printableText(faces);
  const set = (text: string): string => breakable(clean(text));
  const pair = ({ term, detail }: { term: string; detail: string }) => ({
    term: set(withColon(term, prepared.language)),
    detail: set(detail),
  });
  const { letter } = prepared;
  return {
    ...prepared,
    title: set(prepared.title),
    subtitle: set(prepared.subtitle),
    author: set(prepared.author),
    dateLine: set(prepared.dateLine),
    footer: set(prepared.footer),
    letter: letter && {
      letterhead: letter.letterhead.map(set),
      recipient: letter.recipient.map(set),
      particulars: letter.particulars.map(pair),
    },
    blocks: prepared.blocks.map((block) => printableBlock(block, clean)),
    depth: CONTENTS_DEPTH,
    page: { margin: SIDE_MARGIN, recipientLeft: RECIPIENT.left, recipientTop: RECIPIENT.top },
    fonts: familiesOf(faces),
  };
}

function printableBlock(block: PreparedBlock, clean: (text: string) => string): PrintableBlock {
  const set = (text: string, longest?: number): string => breakable(clean(text), longest);
  const runs = (all: PreparedRun[], longest?: number): PreparedRun[] =>
    all.map((run) => (run.kind === "break" ? run : { ...run, text: set(run.text, longest) }));
  const paragraphs = (all: PreparedRun[][]) => all.map((one) => runs(one));
  switch (block.kind) {
    case "heading":
    case "paragraph":
      return { ...block, runs: runs(block.runs) };
    case "list":
      return {
        ...block,
        items: block.items.map((item) => ({
          runs: runs(item.runs),
          list: item.list && { ...item.list, items: paragraphs(item.list.items) },
        })),
      };
    case "table": {
      const width = (TEXT_WIDTH * 72) / 25.4 / block.size;
      const longest = block.columns.map(({ share }) => Math.max(1, Math.min(26, Math.floor((share * width - PADDING) / CHARACTER))));
      return {
        ...block,
        caption: set(block.caption),
        columns: block.columns.map((column, index) => ({ ...column, heading: set(column.heading, longest[index]) })),
        whole: block.rows.map(staysWhole),
        rows: block.rows.map((row) => row.map((cell, index) => runs(cell, longest[index]))),
      };
    }
    case "definitions":
      return { ...block, items: block.items.map(({ term, paragraphs: all }) => ({ term: set(term), paragraphs: paragraphs(all) })) };
    case "callout":
      return { ...block, title: set(block.title), paragraphs: paragraphs(block.paragraphs) };
    case "quote":
      return { ...block, paragraphs: paragraphs(block.paragraphs), source: set(block.source) };
    case "page-break":
      return block;
    case "signature":
      return { ...block, lines: block.lines.map((line) => set(line)) };
  }
}
