import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CodebookDefinition } from "../../codebook/definition.ts";
import { type DocumentIndex, type DocumentText, indexDocument } from "./index-document.ts";
import { type IndicatorTerms, parseIndicatorTerms } from "./indicator-terms.ts";

const FILE = join(import.meta.dirname, "../../../db/data/indicator-terms.yaml");

/**
 * The additional terms of the house. With a codebook every code is checked against it; without, codes of other versions are let be, since
 * the same file serves all of them. @throws Error with each problem and its line
 */
export function indicatorTerms(definition: Pick<CodebookDefinition, "factors" | "sections"> | null): IndicatorTerms {
  const read = parseIndicatorTerms(readFileSync(FILE, "utf8"), definition);
  if (read.kind === "problems")
    throw new Error(read.problems.map(({ line, message }) => `db/data/indicator-terms.yaml, ${line} : ${message}`).join("\n"));
  return read.terms;
}

/**
 * Keeps the indexes of the documents asked for last, up to `most` code points of text together (at least one document). A frozen text never
 * changes: its document's id is key enough.
 */
export function keepIndexes(most: number): (id: string, document: () => DocumentText) => DocumentIndex {
  const kept = new Map<string, DocumentIndex>();
  return (id, document) => {
    const index = kept.get(id) ?? indexDocument(document());
    kept.delete(id);
    kept.set(id, index);
    let total = [...kept.values()].reduce((sum, { points }) => sum + points.length, 0);
    for (const [oldest, { points }] of kept) {
      if (total <= most || oldest === id) break;
      kept.delete(oldest);
      total -= points.length;
    }
    return index;
  };
}
