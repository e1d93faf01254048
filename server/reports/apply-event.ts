import { dialectOf } from "../../db/dialect.ts";
import type { Db, ReportTable, Tx } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { Actor } from "../../workflows/actor.ts";
import { decide, offers } from "../../workflows/report.decide.ts";
import { ABOUT_ONE_FINDING, QUIET_EVENTS, type ReportEvent, type ReportFacts } from "../../workflows/report.machine.ts";
import { EVENT_WORDS, explain, type Language, notOffered } from "../../workflows/report.words.ts";
import { reviewCrossFindings } from "../cross-findings/evidence-changed.ts";
import { questionRecommendations } from "../follow-up/move.ts";
import { Conflict, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { publishPracticesOf } from "../practices/publish.ts";
import { decideAgainWhereChanged } from "./evidence.ts";
import { factsOf, type QuietFacts, quietFactsOf } from "./facts.ts";
import { mayRead, reasonsToldTo } from "./queries.ts";

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
    .where("held", "=", 0)
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
        ? decision.broken.map((rule) => explain(rule, decision.facts, event.by, language))
        : [notOffered(decision.event, decision.from, language)],
    `/rapports/${report.id}`,
  );
};

/** Events that hand in what findings rest on: decisions taken on other evidence do not hold. */
const EVIDENCE_HANDED_IN: readonly ReportEvent["type"][] = ["CODING_SUBMITTED", "ADJUDICATION_SUBMITTED", "FINDINGS_SUBMITTED"];

/** Events by which a published report counts no more, or counts again. */
const COUNTED_OR_NOT: readonly ReportEvent["type"][] = ["REPORT_SET_ASIDE", "REPORT_RESTORED"];

const ownRecommendations = async (tx: Tx, reportId: string): Promise<string[]> =>
  (await tx.selectFrom("recommendation").select("id").where("report_id", "=", reportId).execute()).map(({ id }) => id);

/** The facts that no rule of a quiet event looks at (a test holds it): a save need not count them. */
export const NOT_LOOKED_AT: Omit<ReportFacts, keyof QuietFacts> = {
  depositor: null,
  coders: [],
  authors: [],
  documents: Number.NaN,
  uncodedFactors: Number.NaN,
  unprovenFactors: Number.NaN,
  undecidedDifferences: Number.NaN,
  unacceptedAgreements: Number.NaN,
  findings: Number.NaN,
  findingsWithoutEvidence: Number.NaN,
  recommendationsWithoutFinding: Number.NaN,
  blockingIssues: Number.NaN,
  undecidedFindings: Number.NaN,
  approvedFindings: Number.NaN,
  returnedFindings: Number.NaN,
  proposedFindings: Number.NaN,
  secondReviewsWaiting: Number.NaN,
  publishedFindings: Number.NaN,
  finding: null,
};

/**
 * Asks the machine whether a draft may be saved now (VALUE_CODED, VALUE_ADJUDICATED, FINDING_WRITTEN); changes nothing.
 * @throws Refusal with the reasons in words, NotFound
 */
export async function permit(
  tx: Tx,
  reportId: string,
  event: Extract<ReportEvent, { type: (typeof QUIET_EVENTS)[number] }>,
): Promise<ReportTable> {
  const report = await lockReport(tx, reportId, event.by);
  judged(report, { ...NOT_LOOKED_AT, ...(await quietFactsOf(tx, report)) }, event);
  return report;
}

/**
 * The only writer of a report's state and of its history. Whatever must stand or fall with the event is written by the caller in the same
 * transaction.
 * @param seenVersion the version of the report that the person's page was drawn from
 * @param finding number of the finding that the event is about (ABOUT_ONE_FINDING)
 * @throws Refusal when the rules stand in the way; Conflict when somebody moved the report meanwhile; NotFound
 */
export async function applyEvent(
  tx: Tx,
  {
    reportId,
    seenVersion,
    event,
    now,
    finding = null,
    detail = null,
  }: {
    reportId: string;
    seenVersion: number;
    event: ReportEvent;
    now: string;
    finding?: number | null;
    detail?: Record<string, string | number> | null;
  },
): Promise<{ report: ReportTable; version: number }> {
  if ((QUIET_EVENTS as readonly string[]).includes(event.type)) throw new Error(`${event.type} is a draft: ask permit()`);
  if ((ABOUT_ONE_FINDING as readonly string[]).includes(event.type) !== (finding !== null))
    throw new Error(`${event.type}: of which finding?`);
  const report = await lockReport(tx, reportId, event.by);
  const inside = may(event.by, "readCases");
  const stale = new Conflict<Db>(
    async (db, language) => happenedSince(db, reportId, seenVersion, language, inside, await reasonsToldTo(db, report, event.by)),
    `/rapports/${reportId}`,
  );
  if (report.version !== seenVersion) throw stale;
  const { from, to } = judged(report, await factsOf(tx, report, finding), event);
  const version = seenVersion + 1;
  const { numUpdatedRows } = await tx
    .updateTable("report")
    .set({ state: to, version, updated_at: now })
    .where("id", "=", reportId)
    .where("version", "=", seenVersion)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw stale;
  const about = finding === null ? detail : { finding, ...detail };
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
      detail: about ? JSON.stringify(about) : null,
    })
    .execute();
  const moved = { ...report, state: to, version };
  if (EVIDENCE_HANDED_IN.includes(event.type)) await decideAgainWhereChanged(tx, moved, event.by.id, now);
  if (COUNTED_OR_NOT.includes(event.type)) {
    await reviewCrossFindings(tx, reportId, event.by, now);
    await publishPracticesOf(tx, reportId, now);
    if (to === "set_aside") await questionRecommendations(tx, await ownRecommendations(tx, reportId), event.by, now);
  }
  return { report: moved, version };
}

/**
 * What was done to a report after a version, oldest first, in words. `inside`: false for a depositor, who is not told by whom nor why; `told`:
 * whether the reason of an event is told (`reasonsToldTo`).
 */
export async function happenedSince(
  db: Db,
  reportId: string,
  version: number,
  language: Language,
  inside = true,
  told: Awaited<ReturnType<typeof reasonsToldTo>> = () => true,
) {
  const rows = await db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .select(["report_event.type", "report_event.by", "report_event.at", "report_event.reason", "report_event.detail", "account.name"])
    .where("report_id", "=", reportId)
    .where("version", ">", version)
    .orderBy("version")
    .execute();
  return rows.map(({ type, by, at, reason, detail, name }) => ({
    at: instant(at, language),
    iso: at,
    who: inside ? name : "",
    what:
      type === "REPORT_RECEIVED"
        ? language === "fr"
          ? "Rapport reçu"
          : "Report received"
        : EVENT_WORDS[type as ReportEvent["type"]].done[language],
    why: inside && told({ type, by, at, detail }) ? reason : null,
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
    reasons: broken.map((rule) => explain(rule, facts, by, language)),
  }));
}
