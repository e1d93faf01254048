import { setup } from "xstate";
import { type Actor, holds } from "./actor.ts";

/** What the rules look at. Read from the rows at each event; never stored with the state. Persons are account ids. */
export type CrossFindingFacts = {
  /** Everyone who ever wrote it, or sent it to review. */
  authors: readonly string[];
  /** Everyone who coded, settled or wrote anything of one of the reports it rests on, or has one of them now. */
  coders: readonly string[];
  /** Reports it rests on. */
  reports: number;
  /** Reports it rests on that have no edition in force any more, or where one of its factors is not documented any more. */
  fallen: number;
  /** Values it rests on that are not what its author saw. */
  changed: number;
  hasPublicStatement: boolean;
  /** Words of a reviewer wait for the author. */
  wordsWait: boolean;
  secondReview: "asked" | "confirmed" | null;
  /** The second reviewer, once the public statement is confirmed. */
  confirmer: string | null;
  /** An approved text stands: it is readable, and withdrawing it is a decision. */
  standing: boolean;
  /** Whose dissents from it stand. */
  dissenters: readonly string[];
};

/** Why a reviewer sends a finding back. */
export const CROSS_FINDING_RETURNS = ["evidence", "wording", "confidentiality", "kind", "scope", "other"] as const;
export type CrossFindingReturn = (typeof CROSS_FINDING_RETURNS)[number];

/** One event per thing that happens to a cross-case finding, in the past tense. */
export type CrossFindingEvent =
  | { type: "CROSS_FINDING_WRITTEN"; by: Actor }
  | { type: "CROSS_FINDING_SUBMITTED"; by: Actor }
  | { type: "CROSS_FINDING_RESUMED"; by: Actor; reason: string }
  | { type: "CROSS_FINDING_RETURNED"; by: Actor; reason: string }
  | { type: "EDITS_PROPOSED"; by: Actor; reason: string }
  | { type: "EDITS_ACCEPTED"; by: Actor }
  | { type: "EDITS_DECLINED"; by: Actor; reason: string }
  | { type: "SECOND_REVIEW_ASKED"; by: Actor }
  | { type: "PUBLIC_STATEMENT_CONFIRMED"; by: Actor }
  | { type: "DISSENT_RECORDED"; by: Actor }
  | { type: "DISSENT_WITHDRAWN"; by: Actor }
  | { type: "CROSS_FINDING_APPROVED"; by: Actor; reason?: string }
  | { type: "CORRECTION_BEGUN"; by: Actor; reason: string }
  /** Follows from what happened to a report; `by` is whoever caused that. */
  | { type: "EVIDENCE_CHANGED"; by: Actor }
  | { type: "CROSS_FINDING_WITHDRAWN"; by: Actor; reason: string };

/** A draft in the making: the machine says who may save it and when, the history does not tell each save. */
export const QUIET_CROSS_FINDING_EVENTS = ["CROSS_FINDING_WRITTEN"] as const satisfies readonly CrossFindingEvent["type"][];
/** What no person asks for: it follows from an act on a report. */
export const CROSS_FINDING_CONSEQUENCES = ["EVIDENCE_CHANGED"] as const satisfies readonly CrossFindingEvent["type"][];

const WORKERS = ["analyst", "reviewer", "coordinator"] as const;

const rules = {
  byAnalystOrCoordinator: (_: CrossFindingFacts, by: Actor) => holds(by, "analyst") || holds(by, "coordinator"),
  byReviewer: (_: CrossFindingFacts, by: Actor) => holds(by, "reviewer"),
  byReviewerOrCoordinator: (_: CrossFindingFacts, by: Actor) => holds(by, "reviewer") || holds(by, "coordinator"),
  byCoordinator: (_: CrossFindingFacts, by: Actor) => holds(by, "coordinator"),
  bySomeoneOfTheObservatory: (_: CrossFindingFacts, by: Actor) => WORKERS.some((role) => holds(by, role)),
  /** A text that stands is withdrawn by those who answer for it; one that never stood by whoever works on it. */
  byWhoMayWithdraw: ({ standing }: CrossFindingFacts, by: Actor) =>
    standing ? holds(by, "reviewer") || holds(by, "coordinator") : WORKERS.some((role) => holds(by, role)),
  bySomeoneElseThanTheAuthor: ({ authors }: CrossFindingFacts, by: Actor) => !authors.includes(by.id),
  bySomeoneElseThanTheCoders: ({ coders }: CrossFindingFacts, by: Actor) => !coders.includes(by.id),
  bySomeoneElseThanTheConfirmer: ({ confirmer }: CrossFindingFacts, by: Actor) => confirmer !== by.id,
  byTheDissenter: ({ dissenters }: CrossFindingFacts, by: Actor) => WORKERS.some((role) => holds(by, role)) && dissenters.includes(by.id),
  itRestsOnSeveralReports: ({ reports }: CrossFindingFacts) => reports >= 2,
  everyReportStands: ({ fallen }: CrossFindingFacts) => fallen === 0,
  theEvidenceIsWhatWasSeen: ({ changed }: CrossFindingFacts) => changed === 0,
  noWordsAreWaiting: ({ wordsWait }: CrossFindingFacts) => !wordsWait,
  wordsOfAReviewerWait: ({ wordsWait }: CrossFindingFacts) => wordsWait,
  thePublicStatementIsWritten: ({ hasPublicStatement }: CrossFindingFacts) => hasPublicStatement,
  noSecondReviewIsAsked: ({ secondReview }: CrossFindingFacts) => secondReview === null,
  aSecondReviewIsAsked: ({ secondReview }: CrossFindingFacts) => secondReview === "asked",
  theSecondReviewIsDone: ({ secondReview }: CrossFindingFacts) => secondReview !== "asked",
};
export type CrossFindingRule = keyof typeof rules;
export const CROSS_FINDING_RULES = Object.keys(rules) as CrossFindingRule[];

/** The rules among `names` that these facts and this person break. */
export const crossFindingBroken = (names: readonly CrossFindingRule[], facts: CrossFindingFacts, by: Actor): CrossFindingRule[] =>
  names.filter((name) => !rules[name](facts, by));

const when = (...names: CrossFindingRule[]) => ({ guard: { type: "holds" as const, params: names } });

const otherReviewer = ["byReviewer", "bySomeoneElseThanTheAuthor", "bySomeoneElseThanTheCoders"] as const;
/** Anybody of the observatory may say that they do not agree, wherever it is read. */
const dissenting = <State extends "draft" | "in_review" | "approved">(target: State) => ({
  DISSENT_RECORDED: { target, ...when("bySomeoneOfTheObservatory") },
  DISSENT_WITHDRAWN: { target, ...when("byTheDissenter") },
});
/** The author answers a reviewer's words, in review or when the finding came back with them. */
const answering = <State extends "draft" | "in_review">(target: State) => ({
  EDITS_ACCEPTED: { target, ...when("byAnalystOrCoordinator", "wordsOfAReviewerWait") },
  EDITS_DECLINED: { target, ...when("byAnalystOrCoordinator", "wordsOfAReviewerWait") },
});

/**
 * The life of a finding that rests on several reports. A transition to the state it leaves is an act that the history keeps but that moves
 * nothing. What a report's new edition does to it (EVIDENCE_CHANGED) nobody asks for.
 */
export const crossFindingMachine = setup({
  types: {} as { context: CrossFindingFacts; events: CrossFindingEvent; input: CrossFindingFacts },
  guards: { holds: ({ context, event }, names: CrossFindingRule[]) => crossFindingBroken(names, context, event.by).length === 0 },
}).createMachine({
  id: "cross-finding",
  initial: "draft",
  context: ({ input }) => input,
  states: {
    draft: {
      on: {
        CROSS_FINDING_WRITTEN: { target: "draft", ...when("byAnalystOrCoordinator") },
        CROSS_FINDING_SUBMITTED: {
          target: "in_review",
          ...when(
            "byAnalystOrCoordinator",
            "itRestsOnSeveralReports",
            "everyReportStands",
            "theEvidenceIsWhatWasSeen",
            "noWordsAreWaiting",
          ),
        },
        ...answering("draft"),
        ...dissenting("draft"),
        CROSS_FINDING_WITHDRAWN: { target: "withdrawn", ...when("byWhoMayWithdraw") },
      },
    },
    in_review: {
      on: {
        CROSS_FINDING_APPROVED: {
          target: "approved",
          ...when(
            ...otherReviewer,
            "itRestsOnSeveralReports",
            "everyReportStands",
            "noWordsAreWaiting",
            "theSecondReviewIsDone",
            "bySomeoneElseThanTheConfirmer",
          ),
        },
        EDITS_PROPOSED: { target: "in_review", ...when(...otherReviewer, "noWordsAreWaiting") },
        ...answering("in_review"),
        CROSS_FINDING_RETURNED: { target: "draft", ...when(...otherReviewer) },
        SECOND_REVIEW_ASKED: {
          target: "in_review",
          ...when("byReviewerOrCoordinator", "thePublicStatementIsWritten", "noSecondReviewIsAsked"),
        },
        PUBLIC_STATEMENT_CONFIRMED: { target: "in_review", ...when(...otherReviewer, "aSecondReviewIsAsked", "noWordsAreWaiting") },
        CROSS_FINDING_RESUMED: { target: "draft", ...when("byAnalystOrCoordinator") },
        EVIDENCE_CHANGED: { target: "in_review", ...when() },
        ...dissenting("in_review"),
        CROSS_FINDING_WITHDRAWN: { target: "withdrawn", ...when("byWhoMayWithdraw") },
      },
    },
    approved: {
      on: {
        CORRECTION_BEGUN: { target: "draft", ...when("byAnalystOrCoordinator") },
        EVIDENCE_CHANGED: { target: "in_review", ...when() },
        ...dissenting("approved"),
        CROSS_FINDING_WITHDRAWN: { target: "withdrawn", ...when("byWhoMayWithdraw") },
      },
    },
    withdrawn: {
      on: { CROSS_FINDING_RESUMED: { target: "draft", ...when("byCoordinator") } },
    },
  },
});
