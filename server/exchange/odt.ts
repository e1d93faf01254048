import type { TextDocument } from "./document.ts";
import { packOdt } from "./odt-package.ts";
import { isLarge, writeApart } from "./write-apart.ts";

/**
 * The document as OpenDocument text (ODT): real styles for headings, lists, captions and quotes, its language, a table of contents whose page
 * numbers LibreOffice works out on opening, page numbers, table headings repeated on each page. No name but the author's, no path or date of
 * making. The same document gives the same bytes. Large ones are written in a thread of their own; rejects with WritingFailed when that
 * takes too long.
 */
export async function writeOdt(document: TextDocument): Promise<Uint8Array> {
  return isLarge(document) ? writeApart({ format: "odt", document }) : packOdt(document);
}
