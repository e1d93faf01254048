import { dialectOf } from "../../db/dialect.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { moveRecommendation } from "../follow-up/move.ts";
import { NotFound } from "../http/errors.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { listEditions, publishEdition } from "../reports/editions.ts";

type Acting = { reportId: string; seenVersion: number; by: Actor; now: string };

/**
 * A reviewer's decision on one finding, kept for ever beside the version of the text it was taken on.
 * @param comment required to return a finding, may be empty to approve it
 * @throws Refusal, Conflict, NotFound
 */
export async function decideFinding(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  { number, decision, comment }: { number: number; decision: "approved" | "returned"; comment: string },
): Promise<void> {
  const type = decision === "approved" ? "FINDING_APPROVED" : "FINDING_RETURNED";
  await applyEvent(tx, { reportId, seenVersion, event: { type, by, reason: comment }, now, finding: number });
  const finding = await tx
    .selectFrom("finding")
    .select(["id", "version"])
    .where("report_id", "=", reportId)
    .where("number", "=", number)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!finding) throw new NotFound();
  await tx
    .insertInto("finding_decision")
    .values({ finding_id: finding.id, finding_version: finding.version, decision, comment, by: by.id, at: now })
    .execute();
  await tx.updateTable("finding").set({ status: decision }).where("id", "=", finding.id).execute();
}

/**
 * Sends the findings to review. An approval given before one of the finding's factors was coded again no longer holds: that finding is to
 * be decided again.
 * @throws Refusal, Conflict, NotFound
 */
export async function submitFindings(tx: Tx, { reportId, seenVersion, by, now }: Acting): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "FINDINGS_SUBMITTED", by }, now });
  await tx
    .updateTable("finding")
    .set({ status: "draft" })
    .where("report_id", "=", reportId)
    .where("status", "=", "approved")
    .where((e) =>
      e.exists(
        e
          .selectFrom("coding_act")
          .innerJoin("finding_factor", "finding_factor.factor", "coding_act.factor")
          .select("coding_act.id")
          .whereRef("finding_factor.finding_id", "=", "finding.id")
          .whereRef("coding_act.report_id", "=", "finding.report_id")
          .where("coding_act.at", ">", (last) =>
            last
              .selectFrom("finding_decision")
              .select((of) => of.fn.max("finding_decision.at").as("at"))
              .whereRef("finding_decision.finding_id", "=", "finding.id"),
          ),
      ),
    )
    .execute();
}

/** Moves a recommendation as publishing requires; the machine lets it, or the programme is wrong. */
async function moved(tx: Tx, recommendation: RecommendationTable, event: RecommendationEvent, now: string): Promise<void> {
  const { kind } = await moveRecommendation(tx, recommendation, event, now);
  if (kind !== "moved") throw new Error(`${event.type} cannot follow ${recommendation.state}`);
}

/**
 * Publishes the approved findings as the report's next edition. The recommendations it carries are approved with it; approved ones of an
 * earlier edition that it no longer carries are withdrawn. Those already issued to their addressee stay: see `leftBehind`.
 * @param withdrawal why a recommendation is withdrawn, for its history
 * @returns the edition's number
 * @throws Refusal, Conflict, NotFound
 */
export async function publishFindings(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  withdrawal: (edition: number) => string,
): Promise<number> {
  const [before] = await listEditions(tx, reportId);
  const edition = (before?.number ?? 0) + 1;
  const { report } = await applyEvent(tx, {
    reportId,
    seenVersion,
    event: { type: "FINDINGS_PUBLISHED", by },
    now,
    detail: { edition },
  });
  const { number, recommendationIds } = await publishEdition(tx, report, by.id, now);
  const carried = new Set(recommendationIds);
  const recommendations = await tx
    .selectFrom("recommendation")
    .selectAll()
    .where("report_id", "=", reportId)
    .orderBy("number")
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate()) // the register may be acting on one at this moment
    .execute();
  for (const one of recommendations) {
    if (carried.has(one.id)) {
      if (one.state === "draft" || one.state === "withdrawn") await moved(tx, one, { type: "RECOMMENDATION_APPROVED", by }, now);
    } else if (one.state === "approved") await moved(tx, one, { type: "RECOMMENDATION_WITHDRAWN", by, reason: withdrawal(number) }, now);
  }
  return number;
}

/** Approved or issued recommendations of earlier editions that would not be carried if the findings were published as they stand. */
export const leftBehind = (db: Db | Tx, reportId: string) =>
  db
    .selectFrom("recommendation")
    .select(["reference", "text", "state"])
    .where("report_id", "=", reportId)
    .where("state", "in", ["approved", "issued"])
    .where((e) =>
      e.or([
        e("deleted_at", "is not", null),
        e.not(
          e.exists(
            e
              .selectFrom("recommendation_finding")
              .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
              .select("finding.id")
              .whereRef("recommendation_finding.recommendation_id", "=", "recommendation.id")
              .where("finding.status", "=", "approved")
              .where("finding.deleted_at", "is", null),
          ),
        ),
      ]),
    )
    .orderBy("reference")
    .execute();
