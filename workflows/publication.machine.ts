import { getNextTransitions, type StateValueFrom, setup, transition } from "xstate";
import { type Actor, holds } from "./actor.ts";

export type PublicationFacts = {
  /** Everyone who ever composed a part of it. */
  composers: readonly string[];
  blocks: number;
};
export type PublicationEvent =
  | { type: "BLOCKS_EDITED"; by: Actor }
  | { type: "SENT_TO_REVIEW"; by: Actor }
  | { type: "RETURNED_TO_DRAFT"; by: Actor; reason: string }
  | { type: "APPROVED"; by: Actor }
  | { type: "PUBLISHED"; by: Actor }
  | { type: "WITHDRAWN"; by: Actor; reason: string };

const rules = {
  byCoordinator: (_: PublicationFacts, by: Actor) => holds(by, "coordinator"),
  byReviewerOrCoordinator: (_: PublicationFacts, by: Actor) => holds(by, "reviewer") || holds(by, "coordinator"),
  bySomeoneElseThanTheComposer: (facts: PublicationFacts, by: Actor) => !facts.composers.includes(by.id),
  somethingIsComposed: (facts: PublicationFacts) => facts.blocks > 0,
};
export type PublicationRule = keyof typeof rules;
const broken = (names: readonly PublicationRule[], facts: PublicationFacts, by: Actor) => names.filter((name) => !rules[name](facts, by));
const when = (...names: PublicationRule[]) => ({ guard: { type: "holds" as const, params: names } });

/** The life of a letter or sheet: computed blocks are frozen on the way into review; composer and approver are two people. */
export const publicationMachine = setup({
  types: {} as { context: PublicationFacts; events: PublicationEvent; input: PublicationFacts },
  guards: { holds: ({ context, event }, names: PublicationRule[]) => broken(names, context, event.by).length === 0 },
}).createMachine({
  id: "publication",
  initial: "draft",
  context: ({ input }) => input,
  states: {
    draft: {
      on: {
        BLOCKS_EDITED: { target: "draft", ...when("byCoordinator") },
        SENT_TO_REVIEW: { target: "in_review", ...when("byCoordinator", "somethingIsComposed") },
      },
    },
    in_review: {
      on: {
        RETURNED_TO_DRAFT: { target: "draft", ...when("byReviewerOrCoordinator") },
        APPROVED: { target: "approved", ...when("byReviewerOrCoordinator", "bySomeoneElseThanTheComposer") },
      },
    },
    approved: {
      on: {
        RETURNED_TO_DRAFT: { target: "draft", ...when("byReviewerOrCoordinator") },
        PUBLISHED: { target: "published", ...when("byCoordinator") },
      },
    },
    published: { on: { WITHDRAWN: { target: "withdrawn", ...when("byCoordinator") } } },
    withdrawn: {},
  },
});

export type PublicationState = StateValueFrom<typeof publicationMachine>;
export const PUBLICATION_STATES = Object.keys(publicationMachine.states) as PublicationState[];
export type PublicationOffer = { type: PublicationEvent["type"]; broken: PublicationRule[] };
export type PublicationDecision =
  | { kind: "moved"; from: PublicationState; to: PublicationState }
  | { kind: "refused"; event: PublicationEvent["type"]; broken: PublicationRule[] }
  | { kind: "not-offered"; event: PublicationEvent["type"] };

const at = (value: PublicationState, context: PublicationFacts) => publicationMachine.resolveState({ value, context });

/** Every event a publication's state knows, with what stands in its way. */
export const publicationOffers = (state: PublicationState, facts: PublicationFacts, by: Actor): PublicationOffer[] =>
  getNextTransitions(at(state, facts)).map(({ eventType, guard }) => ({
    type: eventType as PublicationEvent["type"],
    broken: broken((guard as unknown as { params: PublicationRule[] }).params, facts, by),
  }));

/** What this event does to a publication in this state. */
export function decidePublication(state: PublicationState, facts: PublicationFacts, event: PublicationEvent): PublicationDecision {
  const offer = publicationOffers(state, facts, event.by).find(({ type }) => type === event.type);
  if (!offer) return { kind: "not-offered", event: event.type };
  if (offer.broken.length > 0) return { kind: "refused", event: event.type, broken: offer.broken };
  const [after] = transition(publicationMachine, at(state, facts), event);
  return { kind: "moved", from: state, to: after.value };
}

export const PUBLICATION_RULE_WORDS: Record<PublicationRule, { fr: string; en: string }> = {
  byCoordinator: { fr: "cet acte revient à la ou au responsable de l’observatoire", en: "this belongs to the head of the observatory" },
  byReviewerOrCoordinator: {
    fr: "cet acte revient à une relectrice, à un relecteur ou à la ou au responsable",
    en: "this belongs to a reviewer or to the head of the observatory",
  },
  bySomeoneElseThanTheComposer: {
    fr: "vous avez composé cette publication : son approbation revient à une autre personne",
    en: "you composed this publication: its approval belongs to someone else",
  },
  somethingIsComposed: { fr: "la publication est vide", en: "the publication is empty" },
};
export const PUBLICATION_STATE_WORDS: Record<PublicationState, { fr: string; en: string }> = {
  draft: { fr: "Brouillon", en: "Draft" },
  in_review: { fr: "En relecture", en: "In review" },
  approved: { fr: "Approuvée", en: "Approved" },
  published: { fr: "Publiée", en: "Published" },
  withdrawn: { fr: "Retirée", en: "Withdrawn" },
};
export const PUBLICATION_EVENT_WORDS: Record<
  PublicationEvent["type"],
  { act: { fr: string; en: string }; done: { fr: string; en: string } }
> = {
  BLOCKS_EDITED: { act: { fr: "Modifier", en: "Edit" }, done: { fr: "Texte modifié", en: "Text edited" } },
  SENT_TO_REVIEW: { act: { fr: "Envoyer en relecture", en: "Send to review" }, done: { fr: "Envoyée en relecture", en: "Sent to review" } },
  RETURNED_TO_DRAFT: {
    act: { fr: "Renvoyer en brouillon", en: "Return to draft" },
    done: { fr: "Renvoyée en brouillon", en: "Returned to draft" },
  },
  APPROVED: { act: { fr: "Approuver", en: "Approve" }, done: { fr: "Approuvée", en: "Approved" } },
  PUBLISHED: { act: { fr: "Publier", en: "Publish" }, done: { fr: "Publiée", en: "Published" } },
  WITHDRAWN: { act: { fr: "Retirer", en: "Withdraw" }, done: { fr: "Retirée", en: "Withdrawn" } },
};
