import { createHash } from "node:crypto";
import { sql } from "kysely";
import { isUniqueViolation } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import { nextNumber, nextNumbers } from "../../db/numbers.ts";
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
 * Registers the reports of an import, held: they exist for nobody until the whole import is there.
 * @returns the receipt numbers and the ids of the people, in the order of the cases
 * @throws Invalid naming the field
 */
export async function registerHeld(
  tx: Tx,
  importId: string,
  cases: readonly { sheet: Sheet; people: readonly PersonGiven[] }[],
  { codebookVersion, by, now }: { codebookVersion: string; by: Actor; now: string },
): Promise<{ id: string; people: (PersonGiven & { id: string })[] }[]> {
  const next = new Map<number, number>();
  const yearOf = ({ sheet }: { sheet: Sheet }) => Number(sheet.receivedOn.slice(0, 4));
  for (const [year, own] of Map.groupBy(cases, yearOf)) next.set(year, await nextNumbers(tx, "report", year, own.length));
  const registered = cases.map((one) => {
    const year = yearOf(one);
    const number = next.get(year)!;
    next.set(year, number + 1);
    return { id: `RETEX-${year}-${String(number).padStart(4, "0")}`, people: one.people.map((person) => ({ ...person, id: newId() })) };
  });
  await tx
    .insertInto("report")
    .values(
      cases.map(({ sheet }, at) => ({
        id: registered[at]!.id,
        state: "received" as const,
        version: 1,
        ...sheetColumns(sheet),
        priority: "normal" as const,
        due_on: null,
        codebook_version: codebookVersion,
        import_id: importId,
        held: 1 as const,
        deposited_by: by.id,
        created_at: now,
        updated_at: now,
      })),
    )
    .execute();
  const people = registered.flatMap(({ id: report_id, people: own }) => own.map((person) => ({ report_id, ...person })));
  if (people.length > 0) await tx.insertInto("person").values(people).execute();
  return registered;
}

/** Lets the held reports of an import exist, each with the first entry of its history. */
export async function releaseHeld(tx: Tx, importId: string, by: Actor, now: string): Promise<void> {
  await tx
    .insertInto("report_event")
    .columns(["report_id", "version", "type", "from_state", "to_state", "by", "at", "reason", "detail"])
    .expression((e) =>
      e
        .selectFrom("report")
        .select((one) => [
          "report.id",
          one.lit(1).as("version"),
          sql.lit("REPORT_RECEIVED").as("type"),
          sql<null>`cast(null as text)`.as("from_state"),
          "report.state as to_state",
          sql<string>`cast(${by.id} as text)`.as("by"),
          sql<string>`cast(${now} as text)`.as("at"),
          sql<null>`cast(null as text)`.as("reason"),
          sql<null>`cast(null as text)`.as("detail"),
        ])
        .where("report.import_id", "=", importId)
        .where("report.held", "=", 1)
        .orderBy("report.id"),
    )
    .execute();
  await tx.updateTable("report").set({ held: 0 }).where("import_id", "=", importId).where("held", "=", 1).execute();
}

/** Takes the reports of an import back from everybody's sight; those that somebody moved since stay. @returns how many were taken back */
export async function holdAgain(tx: Tx, importId: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable("report")
    .set({ held: 1 })
    .where("import_id", "=", importId)
    .where("held", "=", 0)
    .where("version", "=", 1)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Removes held reports with their people and history; their codings must be gone. */
export async function removeHeld(tx: Tx, ids: readonly string[]): Promise<void> {
  // A task that waits on a report is nobody's work yet: it came with a version of the codebook.
  for (const table of ["person", "report_event", "recode_task"] as const)
    await tx.deleteFrom(table).where("report_id", "in", ids).execute();
  await tx.deleteFrom("report").where("id", "in", ids).where("held", "=", 1).execute();
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
