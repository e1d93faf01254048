import type { RecommendationTable, Tx } from "../../db/schema.ts";
import { decideRecommendation, type RecommendationDecision, type RecommendationEvent } from "../../workflows/recommendation.machine.ts";

/**
 * The only writer of a recommendation's state and of its history: its row and its history change together, or not at all.
 * @returns what the machine decided; nothing is written unless it moved
 */
export async function moveRecommendation(
  tx: Tx,
  recommendation: Pick<RecommendationTable, "id" | "state" | "version">,
  event: RecommendationEvent,
  now: string,
): Promise<RecommendationDecision> {
  const decision = decideRecommendation(recommendation.state, event);
  if (decision.kind !== "moved") return decision;
  const version = recommendation.version + 1;
  await tx
    .updateTable("recommendation")
    .set({
      state: decision.to,
      version,
      ...(event.type === "RECOMMENDATION_APPROVED" && { approved_at: now }),
      ...(event.type === "RECOMMENDATION_ISSUED" && { issued_at: now }),
    })
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
      by: event.by.id,
      at: now,
      reason: "reason" in event ? event.reason : null,
    })
    .execute();
  return decision;
}
