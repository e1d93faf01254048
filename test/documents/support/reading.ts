import { expect } from "chai";
import { sliceByCodePoints } from "../../../server/documents/quotes.ts";
import { type Block, type Limits, type ReadDocument, type RefusalReason, readDocument } from "../../../server/documents/read-document.ts";

/** Reads what must be readable. */
export async function read(bytes: Uint8Array, fileName = "document"): Promise<ReadDocument> {
  const reading = await readDocument(bytes, fileName);
  if (reading.kind === "refused") throw new Error(`refused: ${reading.reason}`);
  checkOffsets(reading.document);
  return reading.document;
}

export async function refusal(bytes: Uint8Array, fileName = "document", limits?: Limits): Promise<RefusalReason | "read"> {
  const reading = await readDocument(bytes, fileName, limits);
  return reading.kind === "refused" ? reading.reason : "read";
}

export const textOf = ({ text }: ReadDocument, { start, end }: { start: number; end: number }) => sliceByCodePoints(text, start, end);

/** The blocks as "kind: text", headings with their level, tables as rows of cells. */
export const outline = (document: ReadDocument): (string | string[][])[] =>
  document.blocks.map((block) =>
    block.kind === "table"
      ? cellsOf(document, block)
      : `${block.kind}${block.kind === "heading" ? ` ${block.level}` : ""}: ${textOf(document, block)}`,
  );

export const cellsOf = (document: ReadDocument, block: Block): string[][] =>
  block.kind === "table" ? block.rows.map((row) => row.map((cell) => textOf(document, cell))) : [];

/** What holds for every frozen text. */
export function checkOffsets({ text, blocks, pages }: ReadDocument): void {
  const length = Array.from(text).length;
  expect(text, "NFC").to.equal(text.normalize("NFC"));
  expect(text, "no control character but the line end").to.not.match(/[^\P{Cc}\n]/u);
  expect(text.isWellFormed(), "no lone surrogate").to.equal(true);
  let end = 0;
  for (const block of blocks) {
    expect(block.start, "blocks follow each other").to.be.at.least(end);
    expect(block.end).to.be.greaterThan(block.start);
    expect(sliceByCodePoints(text, end, block.start), "only line ends between blocks").to.match(/^\n*$/);
    end = block.end;
  }
  expect(end, "the last block ends the text").to.equal(length);
  if (pages.length > 0 && text !== "") {
    expect(pages[0]!.start).to.equal(0);
    expect(pages.at(-1)!.end).to.equal(length);
    for (const [index, page] of pages.entries()) if (index > 0) expect(page.start).to.equal(pages[index - 1]!.end);
  }
}
