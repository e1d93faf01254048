import type { ChronologyEntryTable, Db, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { standingOf } from "./dates.ts";

export const ENTRY_KINDS = [
  "contact",
  "report",
  "complaint",
  "measure",
  "decision",
  "event",
] as const satisfies readonly ChronologyEntryTable["kind"][];
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** A passage with the place where it stands. */
export type EntryPassage = {
  id: string;
  document: number;
  fileName: string;
  starts: number | null;
  ends: number | null;
  page: number | null;
  quote: string;
};
export type Entry = ChronologyEntryTable & {
  author: string;
  person: { kind: "victim" | "perpetrator" | "child"; number: number } | null;
  passage: EntryPassage | null;
};

/**
 * The entries of a report's chronology that somebody may see, in the order of their dates. While two analysts code without seeing each other,
 * each sees what they wrote themselves and everybody else sees nothing: an entry says what its author found.
 */
export async function listEntries(db: Db | Tx, report: Pick<ReportTable, "id" | "coding_mode">, by: Pick<Actor, "id">): Promise<Entry[]> {
  const rows = await db
    .selectFrom("chronology_entry")
    .innerJoin("account", "account.id", "chronology_entry.created_by")
    .leftJoin("person", "person.id", "chronology_entry.person_id")
    .leftJoin("passage", "passage.id", "chronology_entry.passage_id")
    .leftJoin("document", "document.id", "passage.document_id")
    .selectAll("chronology_entry")
    .select([
      "account.name as author",
      "person.kind as personKind",
      "person.number as personNumber",
      "document.number as documentNumber",
      "document.file_name as fileName",
      "passage.starts",
      "passage.ends",
      "passage.page",
      "passage.quote",
    ])
    .where("chronology_entry.report_id", "=", report.id)
    .where("chronology_entry.deleted_at", "is", null)
    .$if(report.coding_mode === "blind", (q) => q.where("chronology_entry.created_by", "=", by.id))
    .orderBy("starts_on")
    .orderBy("chronology_entry.created_at")
    .orderBy("chronology_entry.id")
    .execute();
  return rows.map(
    ({ personKind, personNumber, documentNumber, fileName, starts, ends, page, quote, ...row }): Entry => ({
      ...row,
      person: personKind !== null && personNumber !== null ? { kind: personKind, number: personNumber } : null,
      passage:
        row.passage_id !== null && documentNumber !== null && fileName !== null && quote !== null
          ? { id: row.passage_id, document: documentNumber, fileName, starts, ends, page, quote }
          : null,
    }),
  );
}

/**
 * The factors that some passages prove, by passage: what decides whether their words are covered for a reader. While two code blind, by the
 * codings of this person alone.
 */
export async function factorsOfPassages(
  db: Db | Tx,
  report: Pick<ReportTable, "id" | "coding_mode">,
  by: Pick<Actor, "id">,
): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom("coding_passage")
    .innerJoin("coding", "coding.id", "coding_passage.coding_id")
    .select(["coding_passage.passage_id", "coding.factor"])
    .where("coding.report_id", "=", report.id)
    .$if(report.coding_mode === "blind", (q) => q.where("coding.coded_by", "=", by.id))
    .execute();
  return new Map([...Map.groupBy(rows, ({ passage_id }) => passage_id)].map(([id, some]) => [id, some.map(({ factor }) => factor)]));
}

/** Numbers of the findings of a report that cite an entry, by entry. */
export async function citedBy(db: Db | Tx, reportId: string): Promise<Map<string, number[]>> {
  const rows = await db
    .selectFrom("finding_chronology")
    .innerJoin("finding", "finding.id", "finding_chronology.finding_id")
    .select(["entry_id", "finding.number"])
    .where("finding.report_id", "=", reportId)
    .where("finding.deleted_at", "is", null)
    .orderBy("finding.number")
    .execute();
  return new Map([...Map.groupBy(rows, ({ entry_id }) => entry_id)].map(([entry, some]) => [entry, some.map(({ number }) => number)]));
}

/** Kinds of entries that are somebody's contact with a service. */
const CONTACTS: readonly EntryKind[] = ["contact", "report", "complaint"];

/** What the page of a report says of its chronology. */
export type ChronologyFacts = {
  entries: number;
  /** Contacts, reports and complaints that came before the act. */
  contacts: number;
  /** Days between the last of them and the act; a range where its date is not known to the day. */
  last: { least: number; most: number; uncertain: boolean } | null;
};
export function factsOfEntries(entries: readonly Entry[], actDate: string): ChronologyFacts {
  const before = entries.flatMap((entry) => {
    const standing = standingOf(entry, actDate);
    if (!CONTACTS.includes(entry.kind)) return [];
    if (standing.kind === "before")
      return [{ least: standing.least, most: entry.ends_on ? standing.least : standing.most, uncertain: entry.uncertain === 1 }];
    return standing.kind === "on" ? [{ least: 0, most: 0, uncertain: entry.uncertain === 1 }] : [];
  });
  const last = before.reduce<(typeof before)[number] | null>(
    (a, b) => (a && (a.least < b.least || (a.least === b.least && a.most <= b.most)) ? a : b),
    null,
  );
  return { entries: entries.length, contacts: before.length, last };
}
export const chronologyFacts = async (
  db: Db | Tx,
  report: Pick<ReportTable, "id" | "coding_mode" | "act_date">,
  by: Pick<Actor, "id">,
): Promise<ChronologyFacts> => factsOfEntries(await listEntries(db, report, by), report.act_date);
