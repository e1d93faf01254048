import type { Db, ReturnCategory } from "../../db/schema.ts";

/** Reports in review, those with priority first, then the ones submitted first; each with where its findings stand. */
export async function listInReview(db: Db) {
  const rows = await db
    .selectFrom("report")
    .selectAll()
    .select((e) => [
      e
        .selectFrom("report_event")
        .select((of) => of.fn.max("at").as("at"))
        .whereRef("report_event.report_id", "=", "report.id")
        .where("type", "=", "FINDINGS_SUBMITTED")
        .as("submitted_at"),
    ])
    .where("state", "=", "analysed")
    .where("held", "=", 0)
    .execute();
  return rows
    .map(({ submitted_at, ...report }) => ({ report, submittedAt: submitted_at ?? report.updated_at }))
    .sort(
      (a, b) =>
        Number(b.report.priority === "high") - Number(a.report.priority === "high") ||
        (a.submittedAt < b.submittedAt ? -1 : a.submittedAt > b.submittedAt ? 1 : a.report.id < b.report.id ? -1 : 1),
    );
}

/** Words that wait for an answer: reviewers' for authors, where the report is being written or reviewed; corrections of what is published. */
export const listWaitingProposals = (db: Db) =>
  db
    .selectFrom("finding_proposal")
    .innerJoin("finding", "finding.id", "finding_proposal.finding_id")
    .innerJoin("report", "report.id", "finding.report_id")
    .innerJoin("account", "account.id", "finding_proposal.proposed_by")
    .select(["finding_proposal.kind", "finding.report_id", "finding.number", "proposed_at as since", "account.name"])
    .where("outcome", "is", null)
    .where("finding.deleted_at", "is", null)
    .where("report.held", "=", 0)
    .where((e) =>
      e.or([
        e.and([e("finding_proposal.kind", "=", "review"), e("report.state", "in", ["coded", "analysed"])]),
        e.and([e("finding_proposal.kind", "=", "correction"), e("report.state", "=", "published")]),
      ]),
    )
    .orderBy("proposed_at")
    .orderBy("finding.report_id")
    .orderBy("finding.number")
    .execute();

/** Public statements that wait for a second reviewer: since when, and who approved them first. */
export async function listSecondReviews(db: Db) {
  const rows = await db
    .selectFrom("finding")
    .innerJoin("report", "report.id", "finding.report_id")
    .innerJoin("finding_decision", "finding_decision.finding_id", "finding.id")
    .innerJoin("account", "account.id", "finding_decision.by")
    .select(["finding.report_id", "finding.number", "finding_decision.at as since", "account.name"])
    .where("finding.second_review", "=", "asked")
    .where("finding.status", "=", "approved")
    .where("finding.deleted_at", "is", null)
    .where("finding_decision.decision", "=", "approved")
    .where("report.state", "=", "analysed")
    .where("report.held", "=", 0)
    .orderBy("finding_decision.id")
    .execute();
  const last = new Map(rows.map((row) => [`${row.report_id} ${row.number}`, row]));
  return [...last.values()].sort((a, b) => (a.since < b.since ? -1 : 1));
}

/** Decisions on findings since an instant, and how many of them were returns, by category (null: before there were categories). */
export async function countReturns(db: Db, since: string): Promise<{ decisions: number; returns: Map<ReturnCategory | null, number> }> {
  const rows = await db
    .selectFrom("finding_decision")
    .select((e) => ["decision", "category", e.fn.countAll().as("n")])
    .where("decision", "in", ["approved", "returned"])
    .where("at", ">=", since)
    .groupBy(["decision", "category"])
    .execute();
  return {
    decisions: rows.reduce((sum, { n }) => sum + Number(n), 0),
    returns: new Map(rows.filter(({ decision }) => decision === "returned").map(({ category, n }) => [category, Number(n)])),
  };
}
