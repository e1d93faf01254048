import type { TextDocument } from "./document.ts";
import { isLarge, writeApart } from "./write-apart.ts";

/**
 * The document as Word opens it (DOCX): real styles for headings, lists, captions and quotes, its language, a table of contents that is filled
 * in, page numbers, table headings repeated on each page. No name but the author's, no path or date of making. The same document gives the
 * same bytes. Large ones, and those with a table of contents, are written in a thread of their own; rejects with WritingFailed when that
 * takes too long.
 */
export async function writeDocx(document: TextDocument): Promise<Uint8Array> {
  if (document.toc || isLarge(document)) return writeApart({ format: "docx", document });
  const { packDocx } = await import("./docx-package.ts");
  return packDocx(document);
}
