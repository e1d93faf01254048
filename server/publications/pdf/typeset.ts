import { typeset } from "../../exchange/pdf/typeset.ts";
import type { LetterDocument } from "../letter-document.ts";

/**
 * The letter as a PDF: A4, PDF/UA-1 (tagged, titled, in its language), same bytes for the same document. Rejects with TypesettingFailed, at
 * the latest `limit` milliseconds after its turn came.
 */
export const typesetLetter = (document: LetterDocument, options?: { limit?: number }): Promise<Uint8Array> =>
  typeset(new URL("typesetter.ts", import.meta.url), document, options);
