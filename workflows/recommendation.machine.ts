import { getNextTransitions, type StateValueFrom, setup, transition } from "xstate";
import { type Actor, holds } from "./actor.ts";

export type RecommendationEvent =
  | { type: "RECOMMENDATION_APPROVED"; by: Actor }
  | { type: "RECOMMENDATION_ISSUED"; by: Actor }
  | { type: "RECOMMENDATION_WITHDRAWN"; by: Actor; reason: string };

const rules = {
  byReviewer: (by: Actor) => holds(by, "reviewer"),
  byCoordinator: (by: Actor) => holds(by, "coordinator"),
  byReviewerOrCoordinator: (by: Actor) => holds(by, "reviewer") || holds(by, "coordinator"),
};
export type RecommendationRule = keyof typeof rules;
const broken = (names: readonly RecommendationRule[], by: Actor) => names.filter((name) => !rules[name](by));
const when = (...names: RecommendationRule[]) => ({ guard: { type: "holds" as const, params: names } });

/**
 * The life of a recommendation, as far as the register uses it: approved with the findings that carry it, issued to its addressee,
 * withdrawn when its findings no longer stand.
 */
export const recommendationMachine = setup({
  types: {} as { events: RecommendationEvent },
  guards: { holds: ({ event }, names: RecommendationRule[]) => broken(names, event.by).length === 0 },
}).createMachine({
  id: "recommendation",
  initial: "draft",
  states: {
    draft: { on: { RECOMMENDATION_APPROVED: { target: "approved", ...when("byReviewer") } } },
    approved: {
      on: {
        RECOMMENDATION_ISSUED: { target: "issued", ...when("byCoordinator") },
        RECOMMENDATION_WITHDRAWN: { target: "withdrawn", ...when("byReviewerOrCoordinator") },
      },
    },
    issued: { on: { RECOMMENDATION_WITHDRAWN: { target: "withdrawn", ...when("byReviewerOrCoordinator") } } },
    withdrawn: { on: { RECOMMENDATION_APPROVED: { target: "approved", ...when("byReviewer") } } },
  },
});

export type RecommendationState = StateValueFrom<typeof recommendationMachine>;
export const RECOMMENDATION_STATES = Object.keys(recommendationMachine.states) as RecommendationState[];

export type RecommendationOffer = { type: RecommendationEvent["type"]; broken: RecommendationRule[] };
export type RecommendationDecision =
  | { kind: "moved"; from: RecommendationState; to: RecommendationState }
  | { kind: "refused"; event: RecommendationEvent["type"]; broken: RecommendationRule[] }
  | { kind: "not-offered"; event: RecommendationEvent["type"] };

const at = (value: RecommendationState) => recommendationMachine.resolveState({ value });

/** Every event a recommendation's state knows, with what stands in its way. */
export const recommendationOffers = (state: RecommendationState, by: Actor): RecommendationOffer[] =>
  getNextTransitions(at(state)).map(({ eventType, guard }) => ({
    type: eventType as RecommendationEvent["type"],
    broken: broken((guard as unknown as { params: RecommendationRule[] }).params, by),
  }));

/** What this event does to a recommendation in this state. */
export function decideRecommendation(state: RecommendationState, event: RecommendationEvent): RecommendationDecision {
  const offer = recommendationOffers(state, event.by).find(({ type }) => type === event.type);
  if (!offer) return { kind: "not-offered", event: event.type };
  if (offer.broken.length > 0) return { kind: "refused", event: event.type, broken: offer.broken };
  const [after] = transition(recommendationMachine, at(state), event);
  return { kind: "moved", from: state, to: after.value };
}

export const RECOMMENDATION_STATE_WORDS: Record<RecommendationState, { fr: string; en: string }> = {
  draft: { fr: "Projet", en: "Draft" },
  approved: { fr: "Approuvée", en: "Approved" },
  issued: { fr: "Adressée", en: "Issued" },
  withdrawn: { fr: "Retirée", en: "Withdrawn" },
};
export const RECOMMENDATION_EVENT_WORDS: Record<
  RecommendationEvent["type"],
  { act: { fr: string; en: string }; done: { fr: string; en: string } }
> = {
  RECOMMENDATION_APPROVED: { act: { fr: "Approuver", en: "Approve" }, done: { fr: "Approuvée", en: "Approved" } },
  RECOMMENDATION_ISSUED: { act: { fr: "Adresser au destinataire", en: "Issue to the addressee" }, done: { fr: "Adressée", en: "Issued" } },
  RECOMMENDATION_WITHDRAWN: { act: { fr: "Retirer", en: "Withdraw" }, done: { fr: "Retirée", en: "Withdrawn" } },
};
