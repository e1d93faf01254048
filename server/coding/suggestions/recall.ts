import type { Factor } from "../../codebook/definition.ts";
import { locateQuote } from "../../documents/quotes.ts";
import { type DocumentText, indexDocument } from "./index-document.ts";
import { type SuggestOptions, suggest } from "./suggest.ts";

/** A document and the passages on which people rested its values. `page` as in locateQuote. */
export type Reference = { name: string; document: DocumentText; passages: { factor: string; quote: string; page?: number | undefined }[] };

export type Recall = {
  documents: number;
  passages: number;
  found: number;
  /** Share of the passages found, from 0 to 1; 0 where there are none. */
  recall: number;
  byFactor: Record<string, { passages: number; found: number }>;
  missed: { document: string; factor: string; quote: string }[];
};

/**
 * How many reference passages stand among the first suggestions of their factor: a passage is found when one suggestion covers at least
 * half of it. A quote that stands nowhere in its document, or a factor that is not among `factors`, counts as missed.
 */
export function measureRecall(references: Iterable<Reference>, factors: readonly Factor[], options: SuggestOptions = {}): Recall {
  const byCode = new Map(factors.map((factor) => [factor.code, factor]));
  const result: Recall = { documents: 0, passages: 0, found: 0, recall: 0, byFactor: {}, missed: [] };
  for (const { name, document, passages } of references) {
    const index = indexDocument(document);
    result.documents++;
    for (const { factor: code, quote, page } of passages) {
      const factor = byCode.get(code);
      const place = locateQuote({ text: document.text, pages: [...document.pages] }, quote, page);
      const found =
        factor !== undefined &&
        place !== null &&
        suggest(index, factor, options).some(
          ({ start, end }) => 2 * (Math.min(end, place.end) - Math.max(start, place.start)) >= place.end - place.start,
        );
      const count = result.byFactor[code] ?? { passages: 0, found: 0 };
      result.byFactor[code] = count;
      count.passages++;
      result.passages++;
      if (found) {
        count.found++;
        result.found++;
      } else result.missed.push({ document: name, factor: code, quote });
    }
  }
  result.recall = result.passages === 0 ? 0 : Math.round((result.found / result.passages) * 1e4) / 1e4;
  return result;
}
