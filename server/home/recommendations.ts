import type { SelectQueryBuilder } from "kysely";
import type { Db, Schema } from "../../db/schema.ts";
import { inSet } from "../follow-up/conditions.ts";

/** How many of a list the page shows; the register shows the others. */
export const SHOWN = 6;
type Some = SelectQueryBuilder<Schema, "recommendation", object>;
export type Waiting = {
  id: string;
  reference: string;
  addressee: string;
  text: string;
  answer_due: string | null;
  answered_at: string | null;
};

/** The first of some recommendations in an order, and how many they are. */
async function first(some: Some, by: "answered_at" | "answer_due" | "evidence_question_at" | "written_at") {
  const { n } = await some.select((e) => e.fn.countAll().as("n")).executeTakeFirstOrThrow();
  const lines: Waiting[] = await some
    .select(["id", "reference", "addressee", "text", "answer_due", "answered_at"])
    .orderBy(`recommendation.${by}`)
    .orderBy("recommendation.reference")
    .limit(SHOWN)
    .execute();
  return { total: Number(n), lines };
}
const among = (db: Db) => db.selectFrom("recommendation") as Some;

/** Answers that wait for the observatory, the oldest first, and which of them nobody acknowledged since they came. */
export async function answersToAssess(db: Db) {
  const { total, lines } = await first(among(db).where("state", "=", "answered"), "answered_at");
  if (lines.length === 0) return { total, lines, silent: new Set<string>() };
  const events = await db
    .selectFrom("recommendation_event")
    .select(["recommendation_id", "type"])
    .where("type", "in", ["ANSWER_RECEIVED", "ANSWER_ACKNOWLEDGED"])
    .where("recommendation_id", "in", lines.map(({ id }) => id)) // biome-ignore format: one condition a line
    .orderBy("version")
    .execute();
  const last = new Map(events.map(({ recommendation_id, type }) => [recommendation_id, type]));
  return { total, lines, silent: new Set(lines.map(({ id }) => id).filter((id) => last.get(id) !== "ANSWER_ACKNOWLEDGED")) };
}

/** Recommendations without the answer that was awaited, the longest overdue first. */
export const answersOverdue = (db: Db, today: string) => first(among(db).where(inSet("answerOverdue", today)), "answer_due");

/** Recommendations whose evidence was withdrawn or changed, and nobody decided since: the oldest question first. */
export const questionedRecommendations = (db: Db) =>
  first(
    among(db).where("state", "in", ["approved", "issued", "answered", "assessed", "closed"]).where("evidence_question_at", "is not", null),
    "evidence_question_at",
  );

/** The recommendations closed last: among them are looked for those whose factors are present again in later cases. */
export const closedLately = (db: Db, most: number) =>
  db
    .selectFrom("recommendation")
    .select(["id", "reference", "addressee", "text", "state", "deadline", "closed_at", "issued_at", "answer_due", "answered_at"])
    .where("state", "=", "closed")
    .orderBy("closed_at", "desc")
    .orderBy("reference")
    .limit(most)
    .execute();

/**
 * Drafts out of cross-case findings that this reviewer may approve: neither they nor a finding behind them are of their hand, they coded no
 * report behind them, and they did not go back to their author.
 */
export const draftsToApprove = (db: Db, reviewer: string) =>
  first(
    among(db)
      .where("state", "=", "draft")
      .where("report_id", "is", null)
      .where("deleted_at", "is", null)
      .where((e) =>
        e(
          "recommendation.id",
          "not in",
          e.selectFrom("recommendation_author").select("recommendation_id").where("account_id", "=", reviewer),
        ),
      )
      .where((e) =>
        e(
          "recommendation.id",
          "not in",
          e
            .selectFrom("recommendation_cross_finding")
            .innerJoin("cross_finding_author", "cross_finding_author.cross_finding_id", "recommendation_cross_finding.cross_finding_id")
            .select("recommendation_cross_finding.recommendation_id")
            .where("cross_finding_author.account_id", "=", reviewer),
        ),
      )
      // Nor did they code a report behind it.
      .where((e) =>
        e(
          "recommendation.id",
          "not in",
          e
            .selectFrom("recommendation_cross_finding")
            .innerJoin("cross_finding_basis", "cross_finding_basis.cross_finding_id", "recommendation_cross_finding.cross_finding_id")
            .innerJoin("coding_act", "coding_act.report_id", "cross_finding_basis.report_id")
            .select("recommendation_cross_finding.recommendation_id")
            .where("coding_act.by", "=", reviewer),
        ),
      )
      .where((e) =>
        e(
          e
            .selectFrom("recommendation_event")
            .select("recommendation_event.type")
            .whereRef("recommendation_event.recommendation_id", "=", "recommendation.id")
            .orderBy("recommendation_event.version", "desc")
            .limit(1),
          "is distinct from",
          "RECOMMENDATION_RETURNED",
        ),
      ),
    "written_at",
  );
