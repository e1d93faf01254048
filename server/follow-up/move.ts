import type { RecommendationTable, Tx } from "../../db/schema.ts";
import { decideRecommendation, type RecommendationDecision } from "../../workflows/recommendation.decide.ts";
import type { RecommendationEvent, RecommendationFacts } from "../../workflows/recommendation.machine.ts";
import { recommendationFactsOf } from "./facts.ts";

/** What an event leaves on the row besides its state: dates of the follow-up, and what was found. */
export type FollowUpChange = Partial<
  Pick<
    RecommendationTable,
    | "deadline"
    | "answer_due"
    | "received_at"
    | "assessment"
    | "implementation"
    | "evidence_question_at"
    | "text"
    | "written_by"
    | "written_at"
  >
>;

/** The instants that the row keeps of an event; an issue, the first or a later one, begins the follow-up anew. */
const stampsOf = (row: RecommendationTable, { type }: RecommendationEvent, now: string): Partial<RecommendationTable> => {
  switch (type) {
    case "RECOMMENDATION_APPROVED":
      return { approved_at: now, evidence_question_at: null };
    case "RECOMMENDATION_ISSUED":
      return { issued_at: now };
    case "RECOMMENDATION_REOPENED":
      return {
        issued_at: now,
        received_at: null,
        answered_at: null,
        assessed_at: null,
        closed_at: null,
        assessment: null,
        implementation: null,
      };
    case "RECEIPT_RECORDED":
      return { received_at: row.received_at ?? now };
    case "ANSWER_RECEIVED":
      return { answered_at: row.answered_at ?? now };
    case "ANSWER_ASSESSED":
    case "NO_ANSWER_FOUND":
      return { assessed_at: now };
    case "RECOMMENDATION_CLOSED":
      return { closed_at: now };
    case "RECOMMENDATION_MAINTAINED":
      return { evidence_question_at: null };
    default:
      return {};
  }
};

/**
 * The only writer of a recommendation's state and of its history: its row and its history change together, or not at all.
 * @param change what else the event leaves on the row; the rules judge the row as it will be, so that a deadline given with an issue counts
 * @param detail codes, dates, references and ids for the history, never a text
 * @returns what the machine decided, with the facts it looked at; nothing is written unless it moved
 */
export async function moveRecommendation(
  tx: Tx,
  recommendation: RecommendationTable,
  event: RecommendationEvent,
  now: string,
  { change = {}, detail = null }: { change?: FollowUpChange; detail?: Record<string, string | number> | null } = {},
): Promise<RecommendationDecision & { facts: RecommendationFacts }> {
  const facts = await recommendationFactsOf(tx, { ...recommendation, ...change }, now);
  const decision = decideRecommendation(recommendation.state, facts, event);
  if (decision.kind !== "moved") return { ...decision, facts };
  const version = recommendation.version + 1;
  await tx
    .updateTable("recommendation")
    .set({ state: decision.to, version, ...change, ...stampsOf(recommendation, event, now) })
    .where("id", "=", recommendation.id)
    .execute();
  await tx
    .insertInto("recommendation_event")
    .values({
      recommendation_id: recommendation.id,
      version,
      type: event.type,
      from_state: decision.from,
      to_state: decision.to,
      by: "link" in event.by ? null : event.by.id,
      link_id: "link" in event.by ? event.by.link : null,
      at: now,
      reason: "reason" in event ? (event.reason ?? null) : null,
      detail: detail ? JSON.stringify(detail) : null,
    })
    .execute();
  return { ...decision, facts };
}

/** Marks recommendations whose findings were withdrawn or changed: each asks for a decision before it goes on. */
export async function questionRecommendations(tx: Tx, ids: readonly string[], now: string): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable("recommendation")
    .set({ evidence_question_at: now })
    .where("id", "in", [...ids])
    .where("state", "in", ["approved", "issued", "answered", "assessed", "closed"])
    .execute();
}
