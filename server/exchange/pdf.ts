import type { TextDocument } from "./document.ts";
import { typeset } from "./pdf/typeset.ts";

/**
 * The document as a PDF: A4, PDF/UA-1 (tagged, titled, in its language), outline of its headings, its own faces, page numbers, the headings of
 * tables on each page. Set by Typst in a process of its own. The same document gives the same bytes. Rejects with TypesettingFailed, at the
 * latest `limit` milliseconds after its turn came.
 */
export const writePdf = (document: TextDocument, options: { limit?: number } = { limit: 120_000 }): Promise<Uint8Array> =>
  typeset(new URL("pdf/typesetter.ts", import.meta.url), document, options);
