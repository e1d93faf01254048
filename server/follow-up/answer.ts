import { newId } from "../../db/ids.ts";
import type { RecommendationTable, Tx } from "../../db/schema.ts";
import type { Answer, RecommendationActor } from "../../workflows/recommendation.machine.ts";
import { actOnRecommendation } from "./act.ts";
import { type Proof, storeAnswerProofs } from "./proofs.ts";

/** What an addressee said. Dates are days. */
export type AnswerGiven = { said: Answer; text: string; answeredOn: string; plannedFor: string | null; respondent: string };

/**
 * Writes what an addressee said of a recommendation, with what proves it: through a personal link, or recorded by the house.
 * @param nonce of the form, so that the same form sent twice is one answer (the second breaks a uniqueness of the database)
 * @returns the recommendation as it is after it, with the answer's id and number
 * @throws as actOnRecommendation
 */
export async function recordAnswer(
  tx: Tx,
  {
    reference,
    seenVersion,
    by,
    given,
    proofs = [],
    nonce = null,
    now,
  }: {
    reference: string;
    seenVersion: number;
    by: RecommendationActor;
    given: AnswerGiven;
    proofs?: readonly Proof[];
    nonce?: string | null;
    now: string;
  },
): Promise<{ recommendation: RecommendationTable; id: string; number: number }> {
  const recommendation = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "ANSWER_RECEIVED", by },
    now,
    on: given.answeredOn,
    detail: { said: given.said, proofs: proofs.length },
  });
  const { last } = await tx
    .selectFrom("recommendation_answer")
    .select((e) => e.fn.coalesce(e.fn.max("number"), e.lit(0)).as("last"))
    .where("recommendation_id", "=", recommendation.id)
    .executeTakeFirstOrThrow();
  const id = newId();
  const number = Number(last) + 1;
  await tx
    .insertInto("recommendation_answer")
    .values({
      id,
      recommendation_id: recommendation.id,
      number,
      said: given.said,
      text: given.text,
      answered_on: given.answeredOn,
      planned_for: given.plannedFor,
      respondent: given.respondent,
      received_at: now,
      by: "link" in by ? null : by.id,
      link_id: "link" in by ? by.link : null,
      nonce,
    })
    .execute();
  await storeAnswerProofs(tx, id, proofs);
  return { recommendation, id, number };
}
