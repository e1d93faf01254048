import { newId } from "../../db/ids.ts";
import { nextNumber } from "../../db/numbers.ts";
import type { Db, FindingKind, FindingTable, RecommendationTable, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { EVENT_WORDS } from "../../workflows/report.words.ts";
import { codebookVersion } from "../codebook/store.ts";
import { searchedText } from "../follow-up/searched.ts";
import { Conflict, type Happened, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { dayOf, instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { permit } from "../reports/apply-event.ts";
import { lapseProposals } from "../reports/evidence.ts";

export const FINDING_KINDS = ["failing", "missed_signal", "good_practice", "context"] as const satisfies readonly FindingKind[];
export const ORIGINS = ["report", "observatory"] as const satisfies readonly RecommendationTable["origin"][];

export type FindingGiven = {
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  /** A code of the codebook's `known_when`. */
  knownWhen: string | null;
  factors: readonly string[];
  /** Ids of passages; each belongs to one of the factors. */
  passages: readonly string[];
  /** Ids of entries of the report's chronology. */
  entries?: readonly string[];
};
export type RecommendationGiven = Pick<RecommendationTable, "text" | "addressee" | "level" | "theme" | "type" | "origin" | "deadline"> & {
  /** Numbers of findings of the same report. */
  findings: readonly number[];
  /** What would prove that it was carried out. */
  proof_expected?: string | null;
  /** Who is to act with the lead. */
  associated?: readonly string[];
};
/** Which draft is written, by whom: `number` and `seenVersion` are null for a new one. */
type Writing = { reportId: string; number: number | null; seenVersion: number | null; by: Actor; now: string };

/** Everyone who ever wrote for a report is kept: they never review it. */
export const rememberAuthor = (tx: Tx, reportId: string, by: Actor) =>
  tx
    .insertInto("report_author")
    .values({ report_id: reportId, account_id: by.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

const nextIn = async (tx: Tx, table: "finding" | "recommendation", reportId: string): Promise<number> => {
  const { last } = await tx
    .selectFrom(table)
    .select((e) => e.fn.coalesce(e.fn.max("number"), e.lit(0)).as("last"))
    .where("report_id", "=", reportId)
    .executeTakeFirstOrThrow();
  return Number(last) + 1;
};

const draftsPage = (reportId: string) => `/rapports/${reportId}/constats`;

/** Somebody saved or removed the same draft first: who, when, and the state their text left it in. */
const overtaken = (table: "finding" | "recommendation", id: string, reportId: string) =>
  new Conflict<Db>(async (db, language: Language): Promise<Happened[]> => {
    const row = await db
      .selectFrom(table)
      .innerJoin("account", "account.id", "written_by")
      .select([`${table}.number`, "written_at", "deleted_at", "account.name"])
      .where(`${table}.id`, "=", id)
      .executeTakeFirstOrThrow();
    const t = translator(language);
    const what = t(row.deleted_at ? `findings.happened.${table}Removed` : `findings.happened.${table}Changed`, { number: row.number! });
    return [{ at: instant(row.written_at, language), iso: row.written_at, who: row.name, what, why: null }];
  }, draftsPage(reportId));

/**
 * Asks whether this person may write now. When the findings left for review while they were typing, it is a conflict, whose page keeps
 * their text, rather than a refusal.
 */
async function mayWrite(tx: Tx, reportId: string, by: Actor): Promise<ReportTable> {
  try {
    return await permit(tx, reportId, { type: "FINDING_WRITTEN", by });
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    const last = await tx
      .selectFrom("report_event")
      .innerJoin("account", "account.id", "report_event.by")
      .select(["report_event.type", "report_event.at", "account.name"])
      .where("report_id", "=", reportId)
      .orderBy("report_event.version", "desc")
      .limit(1)
      .executeTakeFirst();
    if (last?.type !== "FINDINGS_SUBMITTED") throw refused;
    const happened = (language: Language): Happened => ({
      at: instant(last.at, language),
      iso: last.at,
      who: last.name,
      what: EVENT_WORDS.FINDINGS_SUBMITTED.done[language],
      why: null,
    });
    throw new Conflict<Db>(async (_, language) => [happened(language)], draftsPage(reportId));
  }
}

/** The draft that a person's page was drawn from. @throws NotFound; Conflict when it changed or was removed meanwhile */
async function seen<Table extends "finding" | "recommendation">(
  tx: Tx,
  table: Table,
  { reportId, number, seenVersion }: Writing,
): Promise<Table extends "finding" ? FindingTable : RecommendationTable> {
  const row = await tx
    .selectFrom(table as "finding" | "recommendation")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("number", "=", number)
    .executeTakeFirst();
  if (!row) throw new NotFound();
  if (row.deleted_at || row.version !== seenVersion) throw overtaken(table, row.id, reportId);
  return row as Awaited<ReturnType<typeof seen<Table>>>;
}

/** @throws Invalid when a factor is not documented in this report's coding, a passage belongs to none of the factors, or an entry is of no chronology of it */
async function checkEvidence(tx: Tx, report: ReportTable, given: FindingGiven): Promise<void> {
  const codings = await tx
    .selectFrom("coding")
    .leftJoin("coding_passage", "coding_passage.coding_id", "coding.id")
    .select(["coding.factor", "coding_passage.passage_id"])
    .where("report_id", "=", report.id)
    .where("layer", "=", report.counted_layer)
    .where("coding.value", "!=", "unknown")
    .execute();
  const factors = new Set(codings.map(({ factor }) => factor));
  if (given.factors.some((factor) => !factors.has(factor))) throw new Invalid({ factors: "findings.form.factorNotDocumented" });
  const chosen = new Set(given.factors);
  const theirs = new Set(codings.filter(({ factor }) => chosen.has(factor)).map(({ passage_id }) => passage_id));
  if (given.passages.some((passage) => !theirs.has(passage))) throw new Invalid({ passages: "findings.form.passageOfOtherFactor" });
  const entries = [...new Set(given.entries)];
  if (entries.length === 0) return;
  const known = await tx
    .selectFrom("chronology_entry")
    .select("id")
    .where("report_id", "=", report.id)
    .where("deleted_at", "is", null)
    .where("id", "in", entries)
    .execute();
  if (known.length !== entries.length) throw new Invalid({ entries: "findings.form.entryUnknown" });
}

/**
 * Writes a finding, new or again; an approved or returned one becomes a draft once more.
 * @returns its number in the report
 * @throws Refusal, NotFound, Conflict (the draft changed meanwhile), Invalid naming the field
 */
export async function saveFinding(tx: Tx, writing: Writing, given: FindingGiven): Promise<number> {
  const { reportId, by, now } = writing;
  const report = await mayWrite(tx, reportId, by);
  const { knownWhen } = await codebookVersion(tx, report.codebook_version);
  const before = writing.number === null ? null : await seen(tx, "finding", writing);
  if (given.knownWhen !== null && !knownWhen.some(({ code }) => code === given.knownWhen))
    throw new Invalid({ knownWhen: "http.invalid.choice" });
  // A sign discovered afterwards, or known to relatives alone, was missed by no service.
  if (given.kind === "missed_signal" && given.knownWhen !== "service_before")
    throw new Invalid({ knownWhen: "findings.form.missedSignalKnownBefore" });
  await checkEvidence(tx, report, given);
  const columns = {
    kind: given.kind,
    statement: given.statement,
    public_statement: given.publicStatement,
    service: given.service,
    known_when: given.knownWhen,
    status: "draft" as const,
    written_by: by.id,
    written_at: now,
  };
  const id = before?.id ?? newId();
  const number = before?.number ?? (await nextIn(tx, "finding", reportId));
  if (before) {
    // Whoever was to read the public statement a second time reads the one there is now, were it taken away and written again meanwhile.
    const asked = await tx
      .selectFrom("finding_decision")
      .select("id")
      .where("finding_id", "=", id)
      .where("decision", "=", "second_asked")
      .executeTakeFirst();
    const second_review = given.publicStatement !== null && asked ? ("asked" as const) : null;
    await tx
      .updateTable("finding")
      .set({ ...columns, second_review, version: before.version + 1 })
      .where("id", "=", id)
      .execute();
    await lapseProposals(tx, [id], by.id, now);
    await tx.deleteFrom("finding_factor").where("finding_id", "=", id).execute();
    await tx.deleteFrom("finding_passage").where("finding_id", "=", id).execute();
    await tx.deleteFrom("finding_chronology").where("finding_id", "=", id).execute();
  } else {
    await tx
      .insertInto("finding")
      .values({ id, report_id: reportId, number, version: 1, deleted_at: null, ...columns })
      .execute();
  }
  const factors = [...new Set(given.factors)];
  const passages = [...new Set(given.passages)];
  if (factors.length > 0)
    await tx
      .insertInto("finding_factor")
      .values(factors.map((factor) => ({ finding_id: id, factor })))
      .execute();
  if (passages.length > 0)
    await tx
      .insertInto("finding_passage")
      .values(passages.map((passage_id) => ({ finding_id: id, passage_id })))
      .execute();
  const entries = [...new Set(given.entries)];
  if (entries.length > 0)
    await tx
      .insertInto("finding_chronology")
      .values(entries.map((entry_id) => ({ finding_id: id, entry_id })))
      .execute();
  await rememberAuthor(tx, reportId, by);
  return number;
}

/** Takes a finding away; its row, its decisions and the editions that hold it stay. @throws as saveFinding */
export async function removeFinding(tx: Tx, writing: Writing & { number: number; seenVersion: number }): Promise<void> {
  const { reportId, by, now } = writing;
  await mayWrite(tx, reportId, by);
  const { id, version } = await seen(tx, "finding", writing);
  await tx
    .updateTable("finding")
    .set({ deleted_at: now, written_by: by.id, written_at: now, version: version + 1 })
    .where("id", "=", id)
    .execute();
  await lapseProposals(tx, [id], by.id, now);
  await rememberAuthor(tx, reportId, by);
}

/** A finding was approved with the recommendations that rest on it: when one changes, it waits for a new decision. */
async function decideAgain(tx: Tx, recommendationId: string, by: string, now: string): Promise<void> {
  const decided = await tx
    .selectFrom("finding")
    .innerJoin("recommendation_finding", "recommendation_finding.finding_id", "finding.id")
    .select("finding.id")
    .where("recommendation_id", "=", recommendationId)
    .where("status", "in", ["approved", "edits_proposed"])
    .execute();
  const ids = decided.map(({ id }) => id);
  if (ids.length === 0) return;
  await lapseProposals(tx, ids, by, now);
  await tx.updateTable("finding").set({ status: "draft" }).where("id", "in", ids).execute();
}

/**
 * Writes a recommendation, new or again. Once approved its words are in the register under its reference: other words are another
 * recommendation.
 * @returns its number in the report and its reference, "REC-2026-0042"
 * @throws Refusal, NotFound, Conflict (the draft changed meanwhile), Invalid naming the field
 */
export async function saveRecommendation(
  tx: Tx,
  writing: Writing,
  given: RecommendationGiven,
): Promise<{ number: number; reference: string }> {
  const { reportId, by, now } = writing;
  const report = await mayWrite(tx, reportId, by);
  const { recommendation: lists } = await codebookVersion(tx, report.codebook_version);
  const before = writing.number === null ? null : await seen(tx, "recommendation", writing);
  if (before && before.state !== "draft") throw wordsAreKept(reportId);
  const known = (list: readonly { code: string }[], code: string) => list.some((option) => option.code === code);
  for (const [name, list] of [
    ["addressee", lists.addressees],
    ["level", lists.levels],
    ["theme", lists.themes],
    ["type", lists.types],
  ] as const)
    if (!known(list, given[name])) throw new Invalid({ [name]: "http.invalid.choice" });
  const associated = [...new Set(given.associated)];
  if (associated.some((code) => !known(lists.addressees, code))) throw new Invalid({ associated: "http.invalid.choice" });
  if (associated.includes(given.addressee)) throw new Invalid({ associated: "recommendations.form.leadTwice" });
  if (given.deadline !== null && given.deadline < dayOf(now)) throw new Invalid({ deadline: "findings.form.deadlinePast" });
  const findings =
    given.findings.length === 0
      ? []
      : await tx
          .selectFrom("finding")
          .select("id")
          .where("report_id", "=", reportId)
          .where("number", "in", [...new Set(given.findings)])
          .where("deleted_at", "is", null)
          .execute();
  if (findings.length !== new Set(given.findings).size) throw new Invalid({ findings: "http.invalid.choice" });
  const { findings: _, associated: __, ...columns } = { ...given, written_by: by.id, written_at: now };
  const id = before?.id ?? newId();
  let number = before?.number;
  let reference = before?.reference;
  if (before) {
    await tx
      .updateTable("recommendation")
      .set({ ...columns, folded: searchedText(before.reference, reportId, given.text), version: before.version + 1 })
      .where("id", "=", id)
      .execute();
    await decideAgain(tx, id, by.id, now);
    await tx.deleteFrom("recommendation_finding").where("recommendation_id", "=", id).execute();
  } else {
    const year = Number(dayOf(now).slice(0, 4));
    number = await nextIn(tx, "recommendation", reportId);
    reference = `REC-${year}-${String(await nextNumber(tx, "recommendation", year)).padStart(4, "0")}`;
    await tx
      .insertInto("recommendation")
      .values({
        id,
        reference,
        report_id: reportId,
        number,
        ...columns,
        folded: searchedText(reference, reportId, given.text),
        state: "draft",
        version: 1,
        approved_at: null,
        issued_at: null,
        deleted_at: null,
      })
      .execute();
  }
  await tx.deleteFrom("recommendation_addressee").where("recommendation_id", "=", id).execute();
  if (associated.length > 0)
    await tx
      .insertInto("recommendation_addressee")
      .values(associated.map((addressee) => ({ recommendation_id: id, addressee })))
      .execute();
  if (findings.length > 0)
    await tx
      .insertInto("recommendation_finding")
      .values(findings.map((finding) => ({ recommendation_id: id, finding_id: finding.id })))
      .execute();
  await decideAgain(tx, id, by.id, now);
  await rememberAuthor(tx, reportId, by);
  return { number: number!, reference: reference! };
}

const wordsAreKept = (reportId: string) =>
  new Refusal((language) => [translator(language)("findings.recommendation.wordsAreKept")], draftsPage(reportId));

/** Takes a recommendation out of what the next edition carries; one that was approved stays in the register until then. @throws as saveRecommendation */
export async function removeRecommendation(tx: Tx, writing: Writing & { number: number; seenVersion: number }): Promise<void> {
  const { reportId, by, now } = writing;
  await mayWrite(tx, reportId, by);
  const { id, version } = await seen(tx, "recommendation", writing);
  await tx
    .updateTable("recommendation")
    .set({ deleted_at: now, written_by: by.id, written_at: now, version: version + 1 })
    .where("id", "=", id)
    .execute();
  await decideAgain(tx, id, by.id, now);
  await rememberAuthor(tx, reportId, by);
}
