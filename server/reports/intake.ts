import { createHash } from "node:crypto";
import { isUniqueViolation } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import { nextNumber } from "../../db/numbers.ts";
import type { ActKind, IssuingKind, PersonTable, Proceedings, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { currentCodebook } from "../codebook/store.ts";
import type { ReadDocument } from "../documents/read-document.ts";
import { Invalid } from "../http/errors.ts";
import { foldText } from "./fold.ts";
import { findCourt, findDepartment } from "./places.ts";

/** The sheet of a report: what is known at its deposit. */
export type Sheet = {
  receivedOn: string;
  issuingKind: IssuingKind;
  issuingService: string;
  court: string;
  department: string;
  actDate: string;
  actKind: ActKind;
  proceedings: Proceedings;
};
export type PersonGiven = Pick<PersonTable, "kind" | "number" | "sex">;

export const digestOfBytes = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Columns of a sheet. @throws Invalid naming the field */
export function sheetColumns(sheet: Sheet) {
  const court = findCourt(sheet.court);
  const department = findDepartment(sheet.department);
  if (!court) throw new Invalid({ court: "http.invalid.choice" });
  if (!department) throw new Invalid({ department: "http.invalid.choice" });
  if (sheet.actDate > sheet.receivedOn) throw new Invalid({ actDate: "reports.new.actAfterReceipt" });
  return {
    received_on: sheet.receivedOn,
    issuing_kind: sheet.issuingKind,
    issuing_service: sheet.issuingService,
    service_folded: foldText(sheet.issuingService),
    court: court.srj,
    appeal_court: court.appealCourt,
    department: department.code,
    region: department.region,
    act_date: sheet.actDate,
    act_kind: sheet.actKind,
    proceedings: sheet.proceedings,
  };
}

/**
 * Registers a report with the people of its case and gives it its receipt number, "RETEX-2026-0042" (the year of its receipt).
 * @returns the receipt number
 * @throws Invalid naming the field
 */
export async function registerReport(tx: Tx, sheet: Sheet, people: readonly PersonGiven[], by: Actor, now: string): Promise<string> {
  const columns = sheetColumns(sheet);
  const year = Number(sheet.receivedOn.slice(0, 4));
  const id = `RETEX-${year}-${String(await nextNumber(tx, "report", year)).padStart(4, "0")}`;
  const { version: codebook_version } = await currentCodebook(tx);
  await tx
    .insertInto("report")
    .values({
      id,
      state: "received",
      version: 1,
      ...columns,
      priority: "normal",
      due_on: null,
      codebook_version,
      deposited_by: by.id,
      created_at: now,
      updated_at: now,
    })
    .execute();
  await tx
    .insertInto("report_event")
    .values({
      report_id: id,
      version: 1,
      type: "REPORT_RECEIVED",
      from_state: null,
      to_state: "received",
      by: by.id,
      at: now,
      reason: null,
      detail: null,
    })
    .execute();
  if (people.length > 0)
    await tx
      .insertInto("person")
      .values(people.map((person) => ({ id: newId(), report_id: id, ...person })))
      .execute();
  return id;
}

/**
 * Stores a document as it came, with its frozen text.
 * @returns its id and number in the report
 * @throws Invalid when the report already holds the same bytes
 */
export async function storeDocument(
  tx: Tx,
  given: { reportId: string; fileName: string; bytes: Uint8Array; document: ReadDocument; by: Actor; now: string },
): Promise<{ id: string; number: number }> {
  const { number: last } = await tx
    .selectFrom("document")
    .select((e) => e.fn.coalesce(e.fn.max("number"), e.lit(0)).as("number"))
    .where("report_id", "=", given.reportId)
    .executeTakeFirstOrThrow();
  const id = newId();
  const number = Number(last) + 1;
  const { document } = given;
  try {
    await tx
      .insertInto("document")
      .values({
        id,
        report_id: given.reportId,
        number,
        file_name: given.fileName,
        media_type: document.mediaType,
        byte_count: given.bytes.byteLength,
        digest: digestOfBytes(given.bytes),
        has_text: document.hasText ? 1 : 0,
        page_count: document.pageCount,
        text: document.text,
        blocks: JSON.stringify(document.blocks),
        pages: JSON.stringify(document.pages),
        added_by: given.by.id,
        added_at: given.now,
      })
      .execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new Invalid({ documents: "reports.documents.already" });
    throw error;
  }
  await tx.insertInto("document_content").values({ document_id: id, bytes: given.bytes }).execute();
  return { id, number };
}
