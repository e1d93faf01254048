import { setup } from "xstate";
import { type Actor, holds } from "./actor.ts";

/** Whoever answers through a personal link: nobody of the house, known by the link alone. */
export type Recipient = { link: string };
/** Whoever causes an event of a recommendation's life. */
export type RecommendationActor = Actor | Recipient;

/** What the addressee says of a recommendation; codes of the codebook's follow-up statuses. */
export const ANSWERS = [
  "accepted",
  "partly_accepted",
  "rejected",
  "already_in_place",
  "in_progress",
  "partly_implemented",
  "implemented",
] as const;
export type Answer = (typeof ANSWERS)[number];
/** What the observatory finds of the answer. The last one is found without any. */
export const ANSWER_ASSESSMENTS = ["acceptable", "acceptable_alternative", "unacceptable", "no_answer"] as const;
export type AnswerAssessment = (typeof ANSWER_ASSESSMENTS)[number];
/** What the observatory finds of the implementation: the scale that French financial courts use for theirs. */
export const IMPLEMENTATIONS = ["fully", "in_progress", "incomplete", "not_implemented", "without_object"] as const;
export type Implementation = (typeof IMPLEMENTATIONS)[number];

/** What the rules look at. Read from the rows at each event; never stored with the state. Dates are "2026-11-24", of Paris. */
export type RecommendationFacts = {
  today: string;
  /** Account ids of everyone who ever wrote it, or a finding behind it. */
  authors: readonly string[];
  /** Account ids of everyone who coded, settled or wrote the chronology of a report behind it, or has it to code. */
  coders: readonly string[];
  /** One addressee leads; "several joint addressees" is none. */
  leadNamed: boolean;
  /** By when it is to be carried out, and by when an answer is awaited. */
  deadline: string | null;
  answerDue: string | null;
  /** Findings that stand behind it: approved ones of the report's edition in force, or approved cross-case findings. */
  standingFindings: number;
  /** A finding behind it was withdrawn, or its evidence changed, and nobody decided since. */
  evidenceQuestioned: boolean;
  implementation: Implementation | null;
};

/** One event per thing that happens to a recommendation, in the past tense. */
export type RecommendationEvent =
  | { type: "RECOMMENDATION_WRITTEN"; by: Actor }
  | { type: "RECOMMENDATION_RETURNED"; by: Actor; reason: string }
  | { type: "RECOMMENDATION_APPROVED"; by: Actor }
  | { type: "RECOMMENDATION_TIED"; by: Actor; reason?: string }
  | { type: "RECOMMENDATION_UNTIED"; by: Actor; reason?: string }
  | { type: "RECOMMENDATION_ISSUED"; by: Actor }
  | { type: "RECEIPT_RECORDED"; by: RecommendationActor }
  | { type: "REMINDER_SENT"; by: Actor }
  | { type: "DEADLINES_CHANGED"; by: Actor; reason: string }
  | { type: "ANSWER_LINK_MADE"; by: Actor }
  | { type: "ANSWER_LINK_REVOKED"; by: Actor; reason?: string }
  | { type: "ANSWER_RECEIVED"; by: RecommendationActor }
  | { type: "ANSWER_ACKNOWLEDGED"; by: Actor }
  | { type: "ANSWER_ASSESSED"; by: Actor; reason: string }
  | { type: "NO_ANSWER_FOUND"; by: Actor; reason: string }
  | { type: "IMPLEMENTATION_ASSESSED"; by: Actor; reason: string }
  /** Follows from what happened to a finding behind it; `by` is whoever caused that. */
  | { type: "EVIDENCE_QUESTIONED"; by: Actor }
  | { type: "RECOMMENDATION_MAINTAINED"; by: Actor; reason: string }
  | { type: "RECOMMENDATION_CLOSED"; by: Actor; reason: string }
  | { type: "RECOMMENDATION_REOPENED"; by: Actor; reason: string }
  | { type: "RECOMMENDATION_WITHDRAWN"; by: Actor; reason: string };

/** What no person asks for: it follows from an act on a finding or a report. */
export const RECOMMENDATION_CONSEQUENCES = ["EVIDENCE_QUESTIONED"] as const satisfies readonly RecommendationEvent["type"][];

const isPerson = (by: RecommendationActor): by is Actor => !("link" in by);

const rules = {
  bySomeoneOfTheHouse: (_: RecommendationFacts, by: RecommendationActor) => isPerson(by),
  byAnalystOrCoordinator: (_: RecommendationFacts, by: RecommendationActor) =>
    isPerson(by) && (holds(by, "analyst") || holds(by, "coordinator")),
  byReviewer: (_: RecommendationFacts, by: RecommendationActor) => isPerson(by) && holds(by, "reviewer"),
  byCoordinator: (_: RecommendationFacts, by: RecommendationActor) => isPerson(by) && holds(by, "coordinator"),
  byReviewerOrCoordinator: (_: RecommendationFacts, by: RecommendationActor) =>
    isPerson(by) && (holds(by, "reviewer") || holds(by, "coordinator")),
  byCoordinatorOrAddressee: (_: RecommendationFacts, by: RecommendationActor) => !isPerson(by) || holds(by, "coordinator"),
  bySomeoneElseThanTheAuthor: (facts: RecommendationFacts, by: RecommendationActor) => isPerson(by) && !facts.authors.includes(by.id),
  bySomeoneElseThanTheCoder: (facts: RecommendationFacts, by: RecommendationActor) => isPerson(by) && !facts.coders.includes(by.id),
  aFindingStandsBehind: (facts: RecommendationFacts) => facts.standingFindings > 0,
  evidenceIsNotQuestioned: (facts: RecommendationFacts) => !facts.evidenceQuestioned,
  evidenceIsQuestioned: (facts: RecommendationFacts) => facts.evidenceQuestioned,
  aLeadIsNamed: (facts: RecommendationFacts) => facts.leadNamed,
  aDeadlineIsAhead: (facts: RecommendationFacts) => facts.deadline !== null && facts.deadline > facts.today,
  theAnswerIsOverdue: (facts: RecommendationFacts) => facts.answerDue !== null && facts.answerDue < facts.today,
  theImplementationIsSettled: (facts: RecommendationFacts) => facts.implementation !== null && facts.implementation !== "in_progress",
};
export type RecommendationRule = keyof typeof rules;
export const RECOMMENDATION_RULES = Object.keys(rules) as RecommendationRule[];

/** The rules among `names` that these facts and whoever acts break. */
export const brokenRules = (
  names: readonly RecommendationRule[],
  facts: RecommendationFacts,
  by: RecommendationActor,
): RecommendationRule[] => names.filter((name) => !rules[name](facts, by));

const when = (...names: RecommendationRule[]) => ({ guard: { type: "holds" as const, params: names } });

const otherReviewer = ["byReviewer", "bySomeoneElseThanTheAuthor", "bySomeoneElseThanTheCoder"] as const;
/** Ties between recommendations are made wherever the register shows them. */
const tiedIn = <State extends string>(state: State) => ({
  RECOMMENDATION_TIED: { target: state, ...when("byAnalystOrCoordinator") },
  RECOMMENDATION_UNTIED: { target: state, ...when("byAnalystOrCoordinator") },
});
/** A finding behind it fell or changed: it goes on once somebody has decided that it stands. */
const questionedIn = <State extends string>(state: State) => ({
  EVIDENCE_QUESTIONED: { target: state, ...when("bySomeoneOfTheHouse") },
  RECOMMENDATION_MAINTAINED: { target: state, ...when("byCoordinator", "evidenceIsQuestioned") },
});
/** What goes on while an addressee is expected to act. */
const followedIn = <State extends string>(state: State) => ({
  ...tiedIn(state),
  ...questionedIn(state),
  RECEIPT_RECORDED: { target: state, ...when("byCoordinatorOrAddressee") },
  DEADLINES_CHANGED: { target: state, ...when("byCoordinator") },
  ANSWER_LINK_MADE: { target: state, ...when("byCoordinator") },
  ANSWER_LINK_REVOKED: { target: state, ...when("byCoordinator") },
  ANSWER_RECEIVED: { target: "answered" as const, ...when("byCoordinatorOrAddressee") },
  RECOMMENDATION_WITHDRAWN: { target: "withdrawn" as const, ...when("byReviewerOrCoordinator") },
});

/**
 * The life of a recommendation, from its draft to what the observatory finds of it: the addressee answers, the issuer judges. What the
 * addressee says and what the observatory finds are two scales, kept apart. A transition to the state it leaves is an act that the history
 * keeps but that moves nothing.
 */
export const recommendationMachine = setup({
  types: {} as { context: RecommendationFacts; events: RecommendationEvent; input: RecommendationFacts },
  guards: { holds: ({ context, event }, names: RecommendationRule[]) => brokenRules(names, context, event.by).length === 0 },
}).createMachine({
  id: "recommendation",
  initial: "draft",
  context: ({ input }) => input,
  states: {
    draft: {
      on: {
        RECOMMENDATION_WRITTEN: { target: "draft", ...when("byAnalystOrCoordinator") },
        RECOMMENDATION_RETURNED: { target: "draft", ...when("byReviewer", "bySomeoneElseThanTheAuthor") },
        RECOMMENDATION_APPROVED: {
          target: "approved",
          ...when(...otherReviewer, "aFindingStandsBehind"),
        },
      },
    },
    approved: {
      on: {
        ...tiedIn("approved"),
        RECOMMENDATION_ISSUED: {
          target: "issued",
          ...when("byCoordinator", "aLeadIsNamed", "aDeadlineIsAhead", "evidenceIsNotQuestioned"),
        },
        ...questionedIn("approved"),
        RECOMMENDATION_WITHDRAWN: { target: "withdrawn", ...when("byReviewerOrCoordinator") },
      },
    },
    issued: {
      on: {
        ...followedIn("issued"),
        REMINDER_SENT: { target: "issued", ...when("byCoordinator") },
        NO_ANSWER_FOUND: { target: "assessed", ...when("byCoordinator", "theAnswerIsOverdue") },
      },
    },
    answered: {
      on: {
        ...followedIn("answered"),
        ANSWER_ACKNOWLEDGED: { target: "answered", ...when("byCoordinator") },
        ANSWER_ASSESSED: { target: "assessed", ...when("byCoordinator") },
      },
    },
    assessed: {
      on: {
        ...followedIn("assessed"),
        REMINDER_SENT: { target: "assessed", ...when("byCoordinator") },
        IMPLEMENTATION_ASSESSED: { target: "assessed", ...when("byCoordinator") },
        RECOMMENDATION_CLOSED: { target: "closed", ...when("byCoordinator", "theImplementationIsSettled") },
      },
    },
    closed: {
      on: {
        ...tiedIn("closed"),
        ...questionedIn("closed"),
        RECOMMENDATION_REOPENED: { target: "issued", ...when("byCoordinator", "evidenceIsNotQuestioned") },
      },
    },
    withdrawn: {
      on: { RECOMMENDATION_APPROVED: { target: "approved", ...when(...otherReviewer, "aFindingStandsBehind") } },
    },
  },
});
