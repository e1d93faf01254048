import { getNextTransitions, type StateValueFrom, transition } from "xstate";
import {
  brokenRules,
  type RecommendationActor,
  type RecommendationEvent,
  type RecommendationFacts,
  type RecommendationRule,
  recommendationMachine,
} from "./recommendation.machine.ts";

export type RecommendationState = StateValueFrom<typeof recommendationMachine>;
export const RECOMMENDATION_STATES = Object.keys(recommendationMachine.states) as RecommendationState[];

/** An event that a state knows, with the rules that stand in the way of whoever asks (none: it may be caused now). */
export type RecommendationOffer = { type: RecommendationEvent["type"]; broken: RecommendationRule[] };
export type RecommendationDecision =
  | { kind: "moved"; from: RecommendationState; to: RecommendationState }
  | { kind: "refused"; event: RecommendationEvent["type"]; broken: RecommendationRule[] }
  | { kind: "not-offered"; event: RecommendationEvent["type"] };

const at = (value: RecommendationState, context: RecommendationFacts) => recommendationMachine.resolveState({ value, context });

/** Every event a recommendation's state knows, with what stands in its way. */
export const recommendationOffers = (
  state: RecommendationState,
  facts: RecommendationFacts,
  by: RecommendationActor,
): RecommendationOffer[] =>
  getNextTransitions(at(state, facts)).map(({ eventType, guard }) => ({
    type: eventType as RecommendationEvent["type"],
    broken: brokenRules((guard as unknown as { params: RecommendationRule[] }).params, facts, by),
  }));

/** What this event does to a recommendation in this state: moved, refused with the broken rules, or unknown to the state. */
export function decideRecommendation(
  state: RecommendationState,
  facts: RecommendationFacts,
  event: RecommendationEvent,
): RecommendationDecision {
  const offer = recommendationOffers(state, facts, event.by).find(({ type }) => type === event.type);
  if (!offer) return { kind: "not-offered", event: event.type };
  if (offer.broken.length > 0) return { kind: "refused", event: event.type, broken: offer.broken };
  const [after] = transition(recommendationMachine, at(state, facts), event);
  return { kind: "moved", from: state, to: after.value };
}
