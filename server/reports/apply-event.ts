import { sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type { Db, ReportTable, Tx } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { Actor } from "../../workflows/actor.ts";
import { decide, offers } from "../../workflows/report.decide.ts";
import { QUIET_EVENTS, type ReportEvent, type ReportFacts } from "../../workflows/report.machine.ts";
import { EVENT_WORDS, explain, type Language, notOffered } from "../../workflows/report.words.ts";
import { Conflict, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { mayRead } from "./queries.ts";

/** What the rules look at, read from the rows as they are now. */
export async function factsOf(db: Db | Tx, report: Pick<ReportTable, "id" | "codebook_version" | "deposited_by">): Promise<ReportFacts> {
  const { id, codebook_version } = report;
  const { rows } = await sql<
    Record<
      "documents" | "expected" | "coded" | "unproven" | "findings" | "bare" | "untied" | "draft" | "approved" | "returned",
      number | string
    >
  >`
    select
      (select count(*) from document where report_id = ${id}) as documents,
      (select coalesce(sum(case applies_to when 'case' then 1
        else (select count(*) from person where person.report_id = ${id} and person.kind = codebook_factor.applies_to) end), 0)
        from codebook_factor where codebook_version = ${codebook_version}) as expected,
      (select count(*) from coding where report_id = ${id} and layer = 1) as coded,
      (select count(*) from coding where report_id = ${id} and layer = 1 and value not in ('unknown', 'not_available')
        and (value = 'present' or reason is null)
        and not exists (select 1 from coding_passage where coding_id = coding.id)) as unproven,
      (select count(*) from finding where report_id = ${id} and deleted_at is null) as findings,
      (select count(*) from finding where report_id = ${id} and deleted_at is null
        and (not exists (select 1 from finding_factor where finding_id = finding.id)
          or not exists (select 1 from finding_passage where finding_id = finding.id)
          or exists (select 1 from finding_factor where finding_id = finding.id and not exists (
            select 1 from coding where report_id = ${id} and layer = 1 and coding.factor = finding_factor.factor and value <> 'unknown'))
          or exists (select 1 from finding_passage where finding_id = finding.id and not exists (
            select 1 from coding_passage join coding on coding.id = coding_passage.coding_id and layer = 1 and value <> 'unknown'
            join finding_factor on finding_factor.finding_id = finding.id and finding_factor.factor = coding.factor
            where coding_passage.passage_id = finding_passage.passage_id)))) as bare,
      (select count(*) from recommendation where report_id = ${id} and deleted_at is null and not exists (
        select 1 from recommendation_finding join finding on finding.id = recommendation_finding.finding_id
        where recommendation_id = recommendation.id and finding.deleted_at is null)) as untied,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'draft') as draft,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'approved') as approved,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'returned') as returned`.execute(db);
  // Each coder is found by one step down the index: a report can have thousands of acts and has a few coders.
  const people = await sql<{ part: "analyst" | "coder" | "author"; id: string }>`
    with recursive coder (by) as (
      select min(by) from coding_act where report_id = ${id}
      union all
      select (select min(act.by) from coding_act as act where act.report_id = ${id} and act.by > coder.by) from coder where coder.by is not null
    )
    select 'analyst' as part, analyst_id as id from assignment where report_id = ${id} and ended_at is null
    union select 'coder', by from coder where by is not null
    union select 'author', account_id from report_author where report_id = ${id}
    union select case type when 'CODING_SUBMITTED' then 'coder' else 'author' end, by from report_event
      where report_id = ${id} and type in ('CODING_SUBMITTED', 'FINDINGS_SUBMITTED')`.execute(db);
  const ids = (part: string) => people.rows.filter((row) => row.part === part).map((row) => row.id);
  const n = rows[0]!;
  return {
    depositor: report.deposited_by,
    analysts: ids("analyst"),
    coders: ids("coder"),
    authors: ids("author"),
    documents: Number(n.documents),
    uncodedFactors: Math.max(0, Number(n.expected) - Number(n.coded)),
    unprovenFactors: Number(n.unproven),
    findings: Number(n.findings),
    findingsWithoutEvidence: Number(n.bare),
    recommendationsWithoutFinding: Number(n.untied),
    undecidedFindings: Number(n.draft),
    approvedFindings: Number(n.approved),
    returnedFindings: Number(n.returned),
  };
}

/**
 * The report for the length of the transaction: nobody else moves it meanwhile. A report that this person may not read does not exist, and
 * neither a refusal nor a conflict nor a form's answer tells of it.
 * @throws NotFound
 */
export async function lockReport(tx: Tx, reportId: string, by: Actor): Promise<ReportTable> {
  const report = await tx
    .selectFrom("report")
    .selectAll()
    .where("id", "=", reportId)
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!report || !mayRead(report, by)) throw new NotFound();
  return report;
}

const judged = (report: ReportTable, facts: ReportFacts, event: ReportEvent) => {
  const decision = decide(report.state, facts, event);
  if (decision.kind === "moved") return decision;
  throw new Refusal(
    (language) =>
      decision.kind === "refused"
        ? decision.broken.map((rule) => explain(rule, decision.facts, language))
        : [notOffered(decision.event, decision.from, language)],
    `/rapports/${report.id}`,
  );
};

/**
 * Asks the machine whether a draft may be saved now (VALUE_CODED, FINDING_WRITTEN); changes nothing.
 * @throws Refusal with the reasons in words, NotFound
 */
export async function permit(
  tx: Tx,
  reportId: string,
  event: Extract<ReportEvent, { type: (typeof QUIET_EVENTS)[number] }>,
): Promise<ReportTable> {
  const report = await lockReport(tx, reportId, event.by);
  judged(report, await factsOf(tx, report), event);
  return report;
}

/**
 * The only writer of a report's state and of its history. Whatever must stand or fall with the event is written by the caller in the same
 * transaction.
 * @param seenVersion the version of the report that the person's page was drawn from
 * @throws Refusal when the rules stand in the way; Conflict when somebody moved the report meanwhile; NotFound
 */
export async function applyEvent(
  tx: Tx,
  {
    reportId,
    seenVersion,
    event,
    now,
    detail = null,
  }: { reportId: string; seenVersion: number; event: ReportEvent; now: string; detail?: Record<string, string | number> | null },
): Promise<{ report: ReportTable; version: number }> {
  if ((QUIET_EVENTS as readonly string[]).includes(event.type)) throw new Error(`${event.type} is a draft: ask permit()`);
  const report = await lockReport(tx, reportId, event.by);
  const inside = may(event.by, "readCases");
  const stale = new Conflict<Db>((db, language) => happenedSince(db, reportId, seenVersion, language, inside), `/rapports/${reportId}`);
  if (report.version !== seenVersion) throw stale;
  const { from, to } = judged(report, await factsOf(tx, report), event);
  const version = seenVersion + 1;
  const { numUpdatedRows } = await tx
    .updateTable("report")
    .set({ state: to, version, updated_at: now })
    .where("id", "=", reportId)
    .where("version", "=", seenVersion)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw stale;
  await tx
    .insertInto("report_event")
    .values({
      report_id: reportId,
      version,
      type: event.type,
      from_state: from,
      to_state: to,
      by: event.by.id,
      at: now,
      reason: "reason" in event ? event.reason : null,
      detail: detail ? JSON.stringify(detail) : null,
    })
    .execute();
  return { report: { ...report, state: to, version }, version };
}

/** What was done to a report after a version, oldest first, in words. `inside`: false for a depositor, who is not told by whom nor why. */
export async function happenedSince(db: Db, reportId: string, version: number, language: Language, inside = true) {
  const rows = await db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .select(["report_event.type", "report_event.at", "report_event.reason", "account.name"])
    .where("report_id", "=", reportId)
    .where("version", ">", version)
    .orderBy("version")
    .execute();
  return rows.map(({ type, at, reason, name }) => ({
    at: instant(at, language),
    iso: at,
    who: inside ? name : "",
    what:
      type === "REPORT_RECEIVED"
        ? language === "fr"
          ? "Rapport reçu"
          : "Report received"
        : EVENT_WORDS[type as ReportEvent["type"]].done[language],
    why: inside ? reason : null,
  }));
}

/** One act a page can offer: its words, and in words what stands in its way (empty: it can be done now). */
export type Act = { type: ReportEvent["type"]; label: string; reasons: string[] };

/** Every act the report's state knows, for this person, in the order of the machine. */
export async function actsFor(db: Db | Tx, report: ReportTable, by: Actor, language: Language): Promise<Act[]> {
  const facts = await factsOf(db, report);
  return offers(report.state, facts, by).map(({ type, broken }) => ({
    type,
    label: EVENT_WORDS[type].act[language],
    reasons: broken.map((rule) => explain(rule, facts, language)),
  }));
}
