import type { Db } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { offers } from "../../workflows/report.decide.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { factsOf, findingFactsOf } from "../reports/facts.ts";

const SHOWN = 20;

const lines = (db: Db) =>
  db
    .selectFrom("finding")
    .innerJoin("report", "report.id", "finding.report_id")
    .where("finding.deleted_at", "is", null)
    .where("report.held", "=", 0)
    .select([
      "report.id",
      "report.act_date",
      "report.received_on",
      "report.department",
      "report.due_on",
      "report.priority",
      "finding.number",
    ]);

/** Words that reviewers propose for findings of this analyst's reports, which wait for an answer; the longest waiting first. */
export const listProposedToAnalyst = (db: Db, analyst: string) =>
  lines(db)
    .innerJoin("finding_proposal", "finding_proposal.finding_id", "finding.id")
    .innerJoin("account", "account.id", "finding_proposal.proposed_by")
    .innerJoin("assignment", "assignment.report_id", "report.id")
    .select(["finding_proposal.reason", "account.name"])
    .where("finding_proposal.kind", "=", "review")
    .where("finding_proposal.outcome", "is", null)
    .where("report.state", "in", ["coded", "analysed"])
    .where("assignment.analyst_id", "=", analyst)
    .where("assignment.ended_at", "is", null)
    .orderBy("proposed_at")
    .orderBy("finding.number")
    .limit(SHOWN)
    .execute();

/** Public statements that wait for a second reviewer and corrections that wait to be published, of those that this person may decide. */
export async function listSecondLooks(db: Db, by: Actor) {
  const seconds = await lines(db)
    .where("finding.second_review", "=", "asked")
    .where("finding.status", "=", "approved")
    .where("report.state", "=", "analysed")
    .orderBy("report.updated_at")
    .orderBy("finding.number")
    .execute();
  const corrections = await lines(db)
    .innerJoin("finding_proposal", "finding_proposal.finding_id", "finding.id")
    .where("finding_proposal.kind", "=", "correction")
    .where("finding_proposal.outcome", "is", null)
    .where("report.state", "=", "published")
    .orderBy("proposed_at")
    .orderBy("finding.number")
    .execute();
  const waiting = [
    ...seconds.map((line) => ({ ...line, kind: "second" as const, event: "PUBLIC_STATEMENT_CONFIRMED" as const })),
    ...corrections.map((line) => ({ ...line, kind: "correction" as const, event: "FINDING_CORRECTED" as const })),
  ] satisfies { event: ReportEvent["type"] }[];
  const own: typeof waiting = [];
  for (const line of waiting) {
    const report = await db.selectFrom("report").selectAll().where("id", "=", line.id).executeTakeFirstOrThrow();
    const facts = { ...(await factsOf(db, report)), finding: (await findingFactsOf(db, line.id)).get(line.number) ?? null };
    if (offers(report.state, facts, by).some(({ type, broken }) => type === line.event && broken.length === 0)) own.push(line);
    if (own.length === SHOWN) break;
  }
  return own;
}
