import type { Insertable } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type { RecommendationTable, Schema, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { decideRecommendation, type RecommendationDecision } from "../../workflows/recommendation.decide.ts";
import type { RecommendationEvent, RecommendationFacts } from "../../workflows/recommendation.machine.ts";
import { dayOf } from "../http/formats.ts";
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
    | "folded"
    | "addressee"
    | "level"
    | "theme"
    | "type"
    | "proof_expected"
    | "written_by"
    | "written_at"
    | "deleted_at"
  >
>;

/** An instant on a day of Paris: now where it is today, noon where it was another day. */
const instantOn = (day: string | null, now: string): string => (day === null || day === dayOf(now) ? now : `${day}T11:00:00.000Z`);

/** The instants that the row keeps of an event, on the day it happened rather than the day it was typed; an issue, the first or a later one, begins the follow-up anew. */
const stampsOf = (row: RecommendationTable, { type }: RecommendationEvent, now: string): Partial<RecommendationTable> => {
  switch (type) {
    case "RECOMMENDATION_APPROVED":
      return { approved_at: now, evidence_question_at: null };
    case "RECOMMENDATION_ISSUED":
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
      // What was found of an earlier answer stays in the history; this one waits to be assessed.
      return { answered_at: row.answered_at ?? now, assessed_at: null, assessment: null };
    case "ANSWER_ASSESSED":
    case "NO_ANSWER_FOUND":
      return { assessed_at: now };
    case "RECOMMENDATION_CLOSED":
      return { closed_at: now };
    case "EVIDENCE_QUESTIONED":
      return { evidence_question_at: row.evidence_question_at ?? now };
    case "RECOMMENDATION_MAINTAINED":
      return { evidence_question_at: null };
    default:
      return {};
  }
};

/**
 * The only writer of a recommendation's state and of its history: its row and its history change together, or not at all.
 * @param change what else the event leaves on the row; the rules judge the row as it will be, so that a deadline given with an issue counts
 * @param on the day it happened, where that is not today: what was sent or answered long before it is recorded is counted from then
 * @param detail codes, dates, references and ids for the history, never a text
 * @returns what the machine decided, with the facts it looked at; nothing is written unless it moved
 */
export async function moveRecommendation(
  tx: Tx,
  recommendation: RecommendationTable,
  event: RecommendationEvent,
  now: string,
  {
    change = {},
    on = null,
    detail = null,
  }: { change?: FollowUpChange; on?: string | null; detail?: Record<string, string | number> | null } = {},
): Promise<RecommendationDecision & { facts: RecommendationFacts }> {
  const facts = await recommendationFactsOf(tx, { ...recommendation, ...change }, now);
  const decision = decideRecommendation(recommendation.state, facts, event);
  if (decision.kind !== "moved") return { ...decision, facts };
  const version = recommendation.version + 1;
  await tx
    .updateTable("recommendation")
    .set({ state: decision.to, version, ...change, ...stampsOf(recommendation, event, instantOn(on, now)) })
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

/**
 * Begins the life of a draft that rests on cross-case findings: its row as given, and the first entry of its history.
 * @returns what the machine decided; nothing is written unless it lets this person write
 */
export async function beginRecommendation(
  tx: Tx,
  row: Insertable<Schema["recommendation"]> & { state: "draft"; version: 1 },
  by: Actor,
  now: string,
): Promise<RecommendationDecision & { facts: RecommendationFacts }> {
  const { id, addressee, deadline = null } = row;
  const nothingYet = { report_id: null, answer_due: null, implementation: null, evidence_question_at: null };
  const facts = await recommendationFactsOf(tx, { id, addressee, deadline, ...nothingYet }, now);
  const decision = decideRecommendation("draft", facts, { type: "RECOMMENDATION_WRITTEN", by });
  if (decision.kind !== "moved") return { ...decision, facts };
  await tx.insertInto("recommendation").values(row).execute();
  await tx
    .insertInto("recommendation_event")
    .values({
      recommendation_id: row.id,
      version: 1,
      type: "RECOMMENDATION_WRITTEN",
      from_state: null,
      to_state: "draft",
      by: by.id,
      at: now,
      reason: null,
    })
    .execute();
  return { ...decision, facts };
}

/**
 * Marks recommendations whose findings were withdrawn or changed: each asks for a decision before it goes on, and its history says since when.
 * Drafts, those withdrawn and those already in question are passed over.
 * @param by whoever withdrew or changed what is behind them
 */
export async function questionRecommendations(tx: Tx, ids: readonly string[], by: Actor, now: string): Promise<void> {
  if (ids.length === 0) return;
  const rows = await tx
    .selectFrom("recommendation")
    .selectAll()
    .where("id", "in", [...ids])
    .where("state", "not in", ["draft", "withdrawn"])
    .where("evidence_question_at", "is", null)
    .orderBy("reference")
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .execute();
  for (const row of rows) {
    const { kind } = await moveRecommendation(tx, row, { type: "EVIDENCE_QUESTIONED", by }, now);
    if (kind !== "moved") throw new Error(`EVIDENCE_QUESTIONED cannot follow ${row.state}`);
  }
}
