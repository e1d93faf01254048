import { newId } from "../../db/ids.ts";
import type { ChronologyEntryTable, Db, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { forgetUnused, keepPassage, type PassageGiven } from "../coding/passages.ts";
import { attachPassage } from "../coding/save-value.ts";
import { Conflict, type Happened, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { permit } from "../reports/apply-event.ts";
import { peopleOf } from "../reports/queries.ts";
import { type PartialDate, readDate } from "./dates.ts";
import { citedBy, type Entry, type EntryKind, listEntries } from "./queries.ts";

export type EntryGiven = {
  /** Dates as they were typed. */
  start: string;
  end: string | null;
  uncertain: boolean;
  kind: EntryKind;
  service: string | null;
  description: string;
  response: string | null;
  /** Id of a person of the report. */
  person: string | null;
  /** Where the document says so: its number, and words of it, a paragraph, or, for a scan, a page and its words. */
  passage: (PassageGiven & { document: number }) | null;
};
type Writing = { reportId: string; by: Actor; now: string };

const page = (reportId: string) => `/rapports/${reportId}/chronologie`;

/** @throws Invalid naming the field */
function datesOf({ start, end }: Pick<EntryGiven, "start" | "end">, receivedOn: string): { starts: PartialDate; ends: PartialDate | null } {
  const read = (name: "start" | "end", text: string): PartialDate => {
    const date = readDate(text);
    if (!date) throw new Invalid({ [name]: "chronology.problem.date" });
    if (date.first > receivedOn) throw new Invalid({ [name]: "chronology.problem.afterReceipt" });
    return date;
  };
  const starts = read("start", start);
  const ends = end === null ? null : read("end", end);
  if (ends && ends.last < starts.first) throw new Invalid({ end: "chronology.problem.endBeforeStart" });
  const same = ends && ends.first === starts.first && ends.last === starts.last;
  return { starts, ends: same ? null : ends };
}

async function columnsOf(tx: Tx, report: ReportTable, given: EntryGiven) {
  const { starts, ends } = datesOf(given, report.received_on);
  if (given.person !== null && !(await peopleOf(tx, report.id)).some(({ id }) => id === given.person))
    throw new Invalid({ person: "http.invalid.choice" });
  return {
    starts_on: starts.first,
    precision: starts.precision,
    ends_on: ends?.last ?? null,
    ends_precision: ends?.precision ?? null,
    uncertain: given.uncertain ? (1 as const) : (0 as const),
    kind: given.kind,
    service: given.service,
    description: given.description,
    response: given.response,
    person_id: given.person,
  };
}

/** An entry of a report that this person may see. @throws NotFound */
export async function findEntry(db: Db | Tx, report: Pick<ReportTable, "id" | "coding_mode">, id: string, by: Actor): Promise<Entry> {
  const entry = (await listEntries(db, report, by)).find((one) => one.id === id);
  if (!entry) throw new NotFound();
  return entry;
}

/** Adds an entry. @returns its id @throws Invalid naming the field; Refusal when this person may not code now; NotFound */
export async function addEntry(tx: Tx, { reportId, by, now }: Writing, given: EntryGiven): Promise<string> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const columns = await columnsOf(tx, report, given);
  const passage = given.passage && (await keepPassage(tx, reportId, given.passage, by.id, now));
  const id = newId();
  const row: ChronologyEntryTable = {
    id,
    report_id: reportId,
    ...columns,
    passage_id: passage?.id ?? null,
    version: 1,
    created_by: by.id,
    created_at: now,
    updated_by: by.id,
    updated_at: now,
    deleted_at: null,
  };
  await tx.insertInto("chronology_entry").values(row).execute();
  return id;
}

/** Somebody changed or removed the entry first. */
const overtaken = (reportId: string, entryId: string) =>
  new Conflict<Db>(async (db, language: Language): Promise<Happened[]> => {
    const row = await db
      .selectFrom("chronology_entry")
      .innerJoin("account", "account.id", "chronology_entry.updated_by")
      .select(["updated_at", "deleted_at", "account.name"])
      .where("chronology_entry.id", "=", entryId)
      .executeTakeFirstOrThrow();
    const what = translator(language)(row.deleted_at ? "chronology.happened.removed" : "chronology.happened.changed");
    return [{ at: instant(row.updated_at, language), iso: row.updated_at, who: row.name, what, why: null }];
  }, page(reportId));

/** The entry that a person's page was drawn from, for them to change. @throws NotFound, Conflict, Refusal */
async function opened(tx: Tx, { reportId, by }: Writing, id: string, seenVersion: number): Promise<{ report: ReportTable; entry: Entry }> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const row = await tx
    .selectFrom("chronology_entry")
    .select(["created_by", "deleted_at"])
    .where("id", "=", id)
    .where("report_id", "=", reportId)
    .executeTakeFirst();
  if (!row || (report.coding_mode === "blind" && row.created_by !== by.id)) throw new NotFound();
  if (row.deleted_at) throw overtaken(reportId, id);
  const entry = await findEntry(tx, report, id, by);
  if (entry.version !== seenVersion) throw overtaken(reportId, id);
  return { report, entry };
}

/** Writes an entry again. @throws as addEntry; Conflict when it changed or was removed meanwhile */
export async function changeEntry(tx: Tx, writing: Writing, id: string, seenVersion: number, given: EntryGiven): Promise<void> {
  const { reportId, by, now } = writing;
  const { report, entry } = await opened(tx, writing, id, seenVersion);
  const columns = await columnsOf(tx, report, given);
  // Words left as they were stay where they are, even where the document says the same twice.
  const { passage: asked } = given;
  const same =
    asked !== null &&
    entry.passage !== null &&
    asked.document === entry.passage.document &&
    asked.quote === entry.passage.quote &&
    asked.block == null;
  const passage = same ? entry.passage : asked && (await keepPassage(tx, reportId, asked, by.id, now));
  await tx
    .updateTable("chronology_entry")
    .set({ ...columns, passage_id: passage?.id ?? null, version: entry.version + 1, updated_by: by.id, updated_at: now })
    .where("id", "=", id)
    .execute();
  if (entry.passage && entry.passage.id !== passage?.id) await forgetUnused(tx, [entry.passage.id]);
}

/** Takes an entry away; its row stays. @throws as changeEntry; Refusal while a finding cites it */
export async function removeEntry(tx: Tx, writing: Writing, id: string, seenVersion: number): Promise<void> {
  const { reportId, by, now } = writing;
  const { entry } = await opened(tx, writing, id, seenVersion);
  const findings = (await citedBy(tx, reportId)).get(id) ?? [];
  if (findings.length > 0)
    throw new Refusal(
      (language) => [translator(language)("chronology.problem.cited", { count: findings.length, findings: findings.join(", ") })],
      page(reportId),
    );
  await tx
    .updateTable("chronology_entry")
    .set({ deleted_at: now, version: entry.version + 1, updated_by: by.id, updated_at: now })
    .where("id", "=", id)
    .execute();
}

/**
 * Ties the passage of an entry to a factor of this person's own coding.
 * @param about "factor subject"
 * @throws Invalid for "about" when the factor is not one of the report, or asks for its value first
 */
export async function tieEntry(tx: Tx, { reportId, by, now }: Writing, id: string, about: string): Promise<{ anchor: string }> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const { passage } = await findEntry(tx, report, id, by);
  if (!passage) throw new NotFound();
  const [factor = "", subject = ""] = about.split(" ");
  const { document, starts, ends, page: onPage, quote } = passage;
  const place: PassageGiven = starts === null ? { document, page: onPage, quote } : { document, start: starts, end: ends };
  try {
    return await attachPassage(tx, reportId, { factor, subject, passage: place }, by, now);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid({ about: error.fields.value ?? "http.invalid.choice" });
  }
}
