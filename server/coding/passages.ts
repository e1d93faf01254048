import { sql } from "kysely";
import { newId } from "../../db/ids.ts";
import type { PassageTable, Tx } from "../../db/schema.ts";
import { locateQuote, sliceByCodePoints } from "../documents/quotes.ts";
import { Invalid } from "../http/errors.ts";
import type { KeptPassage } from "./acts.ts";
import { findDocument, type SourceDocument } from "./queries.ts";

/**
 * Where a passage is, as a page or a program says it: code points of the frozen text (with the words seen there, which must agree), words to
 * be found in the text or in one block of it (numbered from 1), a whole block, or, for a scan, the words typed from one of its pages.
 */
export type PassageGiven = {
  /** The document's number in the report. */
  document: number;
  start?: number | null;
  end?: number | null;
  quote?: string | null;
  block?: number | null;
  page?: number | null;
};

/** Longest passage, in code points: evidence is a few sentences, not a page. */
export const LONGEST_PASSAGE = 5_000;

/** Two readings of the same words: what separates blocks and cells on a page is not what separates them in the text. */
const words = (text: string): string => text.normalize("NFC").replace(/[\s|]+/gu, "");

type Range = { start: number; end: number };
function rangeOf(document: SourceDocument, given: PassageGiven): Range {
  if (given.start != null && given.end != null) return { start: given.start, end: given.end };
  const block = given.block == null ? null : (document.blocks[given.block - 1] ?? null);
  if (given.block != null && !block) throw new Invalid({ block: "coding.problem.block" });
  if (given.quote && block) {
    const text = sliceByCodePoints(document.text, block.start, block.end);
    const found = locateQuote({ text, pages: [] }, given.quote);
    if (!found) throw new Invalid({ quote: "coding.problem.quoteNotInBlock" });
    return { start: block.start + found.start, end: block.start + found.end };
  }
  if (given.quote) {
    const found = locateQuote(document, given.quote, given.page ?? undefined);
    if (!found) throw new Invalid({ quote: "coding.problem.quoteNotFound" });
    return found;
  }
  if (block) return { start: block.start, end: block.end };
  throw new Invalid({ quote: "coding.problem.noPassage" });
}

export type Place = Pick<PassageTable, "starts" | "ends" | "page" | "quote">;
/** The exact place and words of a passage in a document. @throws Invalid naming the field when it is nowhere */
export function placeOf(document: SourceDocument, given: PassageGiven): Place {
  if (!document.has_text) {
    const quote = given.quote?.trim();
    if (!quote) throw new Invalid({ quote: "coding.problem.typeQuote" });
    if (given.page == null || given.page < 1 || given.page > (document.page_count ?? 1)) throw new Invalid({ page: "coding.problem.page" });
    return { starts: null, ends: null, page: given.page, quote };
  }
  let { start, end } = rangeOf(document, given);
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start))
    throw new Invalid({ quote: "coding.problem.quoteMismatch" });
  if (end - start > LONGEST_PASSAGE) throw new Invalid({ quote: { key: "coding.problem.quoteLong", params: { most: LONGEST_PASSAGE } } });
  const points = Array.from(sliceByCodePoints(document.text, start, end));
  if (points.length !== end - start) throw new Invalid({ quote: "coding.problem.quoteMismatch" }); // past the end of the text
  if (given.start != null && given.quote != null && words(points.join("")) !== words(given.quote))
    throw new Invalid({ quote: "coding.problem.quoteMismatch" });
  const blank = (point: string | undefined) => point !== undefined && /[\s|]/u.test(point);
  while (blank(points[0])) {
    points.shift();
    start++;
  }
  while (blank(points.at(-1))) {
    points.pop();
    end--;
  }
  if (points.length === 0) throw new Invalid({ quote: "coding.problem.noPassage" });
  const page = document.pages.find((one) => start >= one.start && start < one.end)?.number ?? null;
  return { starts: start, ends: end, page, quote: points.join("") };
}

/** The passage at a place of a document as the report knows it; the words tell pages without text apart. */
const findPassage = (tx: Tx, reportId: string, documentId: string, place: Place, by: string): Promise<PassageTable | undefined> =>
  tx
    .selectFrom("passage")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("document_id", "=", documentId)
    .where(sql<boolean>`coalesce(starts, -1) = ${place.starts ?? -1}`)
    .where(sql<boolean>`coalesce(ends, -1) = ${place.ends ?? -1}`)
    // While two code blind, each has passages of their own: an identifier that is older than the act would tell of the other.
    .where(sql<boolean>`(created_by = ${by} or not exists (select 1 from report where report.id = ${reportId} and coding_mode = 'blind'))`)
    .$if(place.starts === null, (q) => q.where("page", "=", place.page).where("quote", "=", place.quote))
    .executeTakeFirst();

/** The passage as a row of the report: the one that is already there, or a new one. @throws Invalid when it is nowhere */
export async function keepPassage(tx: Tx, reportId: string, given: PassageGiven, by: string, now: string): Promise<PassageTable> {
  const document = await findDocument(tx, reportId, given.document);
  if (!document) throw new Invalid({ document: "http.invalid.choice" });
  const place = placeOf(document, given);
  const known = await findPassage(tx, reportId, document.id, place, by);
  if (known) return known;
  const row: PassageTable = {
    id: newId(),
    report_id: reportId,
    document_id: document.id,
    ...place,
    created_by: by,
    created_at: now,
  };
  await tx.insertInto("passage").values(row).execute();
  return row;
}

const documentId = async (tx: Tx, reportId: string, number: number): Promise<string> => {
  const document = tx.selectFrom("document").select("id").where("report_id", "=", reportId).where("number", "=", number);
  return (await document.executeTakeFirstOrThrow()).id;
};

/**
 * A passage that an act remembers, among those tied to a coding: by its place, for it may have been written anew since, and for two coders may
 * each have written one there.
 */
export async function recallPassage(
  tx: Tx,
  codingId: string,
  { document, starts, ends, page, quote }: KeptPassage,
): Promise<string | null> {
  const tied = await tx
    .selectFrom("coding_passage")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .innerJoin("document", "document.id", "passage.document_id")
    .select(["passage.id", "starts", "ends", "page", "quote"])
    .where("coding_id", "=", codingId)
    .where("document.number", "=", document)
    .execute();
  const here = (one: (typeof tied)[number]) =>
    one.starts === starts && one.ends === ends && (starts !== null || (one.page === page && one.quote === quote));
  return tied.find(here)?.id ?? null;
}

/** A passage that an act remembers, written again as it was where nothing rested on it any more. Returns its id. */
export async function rewritePassage(tx: Tx, reportId: string, kept: KeptPassage, by: string, now: string): Promise<string> {
  const { document, ...passage } = kept;
  const document_id = await documentId(tx, reportId, document);
  const known = await findPassage(tx, reportId, document_id, passage, by);
  if (known) return known.id;
  const row: PassageTable = { ...passage, report_id: reportId, document_id, created_by: by, created_at: now };
  await tx.insertInto("passage").values(row).execute();
  return row.id;
}

/** Unties passages from a coding, all of them unless some are named; those that nothing rests on any more go. Returns them as they were. */
export async function untie(tx: Tx, codingId: string, ids: readonly string[] | null = null): Promise<KeptPassage[]> {
  const tied = await tx
    .selectFrom("coding_passage")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .innerJoin("document", "document.id", "passage.document_id")
    .select(["passage.id", "document.number as document", "starts", "ends", "page", "quote"])
    .where("coding_id", "=", codingId)
    .$if(ids !== null, (q) => q.where("passage.id", "in", [...ids!]))
    .orderBy("document.number")
    .orderBy("starts")
    .orderBy("passage.id")
    .execute();
  if (tied.length === 0) return [];
  const gone = tied.map(({ id }) => id);
  await tx.deleteFrom("coding_passage").where("coding_id", "=", codingId).where("passage_id", "in", gone).execute();
  await forgetUnused(tx, gone);
  return tied;
}

/** Removes those of these passages that nothing rests on any more. */
export async function forgetUnused(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await tx
      .deleteFrom("passage")
      .where("id", "=", id)
      .where((e) => e.not(e.exists(e.selectFrom("coding_passage").select("passage_id").where("passage_id", "=", id))))
      .where((e) => e.not(e.exists(e.selectFrom("finding_passage").select("passage_id").where("passage_id", "=", id))))
      .where((e) => e.not(e.exists(e.selectFrom("chronology_entry").select("id").where("passage_id", "=", id))))
      .execute();
}
