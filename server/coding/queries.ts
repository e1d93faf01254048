import type { CodingTable, Db, DocumentTable, Layer, PassageTable, Tx } from "../../db/schema.ts";
import type { Block, Page } from "../documents/read-document.ts";

/** Every coded value of a layer, with the name of whoever coded it. */
export const listCodings = (db: Db | Tx, reportId: string, layer: Layer): Promise<(CodingTable & { name: string })[]> =>
  db
    .selectFrom("coding")
    .innerJoin("account", "account.id", "coding.coded_by")
    .selectAll("coding")
    .select("account.name")
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .execute();

export type CodedPassage = Pick<PassageTable, "id" | "starts" | "ends" | "page" | "quote"> & {
  coding: string;
  factor: string;
  subject: string;
  /** The document's number in the report. */
  document: number;
};
/** The passages of a layer's codings, in the order of the documents and of their texts. */
export const listCodedPassages = (db: Db | Tx, reportId: string, layer: Layer): Promise<CodedPassage[]> =>
  db
    .selectFrom("coding_passage")
    .innerJoin("coding", "coding.id", "coding_passage.coding_id")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .innerJoin("document", "document.id", "passage.document_id")
    .select([
      "passage.id",
      "passage.starts",
      "passage.ends",
      "passage.page",
      "passage.quote",
      "coding.id as coding",
      "coding.factor",
      "coding.subject",
      "document.number as document",
    ])
    .where("coding.report_id", "=", reportId)
    .where("coding.layer", "=", layer)
    .orderBy("document.number")
    .orderBy("passage.page")
    .orderBy("passage.starts")
    .orderBy("passage.ends", "desc")
    .execute();

/** What was dismissed on a layer, factor by factor. */
export const listDismissals = (db: Db | Tx, reportId: string, layer: Layer) =>
  db
    .selectFrom("suggestion_dismissal")
    .select(["factor", "subject", "document_id", "starts as start", "ends as end"])
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .execute();

export type SourceDocument = Omit<DocumentTable, "blocks" | "pages"> & { blocks: Block[]; pages: Page[] };
/** One document of a report with its frozen text, by number. */
export async function findDocument(db: Db | Tx, reportId: string, number: number): Promise<SourceDocument | undefined> {
  const row = await db.selectFrom("document").selectAll().where("report_id", "=", reportId).where("number", "=", number).executeTakeFirst();
  return row && { ...row, blocks: JSON.parse(row.blocks) as Block[], pages: JSON.parse(row.pages) as Page[] };
}
