import { setup } from "xstate";
import { type Actor, holds } from "./actor.ts";

/** One of the two layers of a report that two analysts code without seeing each other. */
export type LayerFacts = {
  /** Whose it is now; null when it was taken back. */
  analyst: string | null;
  /** Everyone who ever coded a value of it. */
  coders: readonly string[];
  /** It was handed in, and not reopened since. */
  submitted: boolean;
  /** Pairs (factor, person it applies to) without a value on it, and values without what proves them. */
  uncoded: number;
  unproven: number;
};

/** The finding that an event is about. */
export type FindingFacts = {
  status: "draft" | "approved" | "returned" | "edits_proposed";
  hasPublicStatement: boolean;
  /** Words that wait for an answer: a reviewer's, for the author; or a correction of what was published, for a reviewer. */
  waiting: "review" | "correction" | null;
  /** Who proposed them. */
  proposer: string | null;
  /** Who approved it last. */
  approver: string | null;
  secondReview: "asked" | "confirmed" | null;
  /** The words that wait hold another public statement than the one read so far. */
  newPublicWords: boolean;
  /** The edition in force holds it. */
  published: boolean;
  /** Whose dissents from it stand. */
  dissenters: readonly string[];
};

/** What the rules look at. Read from the rows at each event; never stored with the state. Persons are account ids. */
export type ReportFacts = {
  depositor: string | null;
  /** Analysts the report is assigned to now, whoever settles differences included. */
  analysts: readonly string[];
  /** One analyst codes; two do, blind; or what two coded has been settled by a third. */
  coding: "single" | "blind" | "adjudicated";
  /** The two layers while they are coded blind; none otherwise. */
  layers: readonly LayerFacts[];
  /** Who settles the differences of two coders. */
  adjudicator: string | null;
  /** Differences between the two layers that nobody settled, and agreements that nobody accepted. */
  undecidedDifferences: number;
  unacceptedAgreements: number;
  /** Everyone who ever coded or settled a value of this report, wrote its chronology, or handed its coding in. */
  coders: readonly string[];
  /** Everyone who ever wrote one of its findings or recommendations, or sent them to review. */
  authors: readonly string[];
  documents: number;
  /** Pairs (factor, person it applies to) without a value. */
  uncodedFactors: number;
  /** "Present" without a passage, or another documented value without passage or reason. */
  unprovenFactors: number;
  findings: number;
  /** Without factor or passage, or resting on one that the coding does not hold any more. */
  findingsWithoutEvidence: number;
  recommendationsWithoutFinding: number;
  /** What the rules of quality call an error, beside the two above; counted while findings are being written, else 0. */
  blockingIssues: number;
  undecidedFindings: number;
  approvedFindings: number;
  returnedFindings: number;
  /** Findings for which a reviewer proposed words that wait for the author. */
  proposedFindings: number;
  /** Approved findings whose public statement waits for a second reviewer. */
  secondReviewsWaiting: number;
  /** Findings of the edition in force. */
  publishedFindings: number;
  /** Null: asked of the report as a whole; what concerns one finding then stands in nobody's way. */
  finding: FindingFacts | null;
};

/** One event per thing a person can do to a report, in the past tense. */
export type ReportEvent =
  | { type: "DOCUMENT_ADDED"; by: Actor }
  | { type: "SHEET_CORRECTED"; by: Actor }
  | { type: "REPORT_ASSIGNED"; by: Actor }
  | { type: "VALUE_CODED"; by: Actor }
  | { type: "LAYER_SUBMITTED"; by: Actor }
  | { type: "LAYER_REOPENED"; by: Actor; reason: string }
  | { type: "SECOND_CODING_ASKED"; by: Actor; reason: string }
  | { type: "VALUE_ADJUDICATED"; by: Actor }
  | { type: "ADJUDICATION_SUBMITTED"; by: Actor }
  | { type: "CODING_SUBMITTED"; by: Actor }
  | { type: "CODING_RESUMED"; by: Actor; reason: string }
  | { type: "CODING_RETURNED"; by: Actor; reason: string }
  | { type: "FINDING_WRITTEN"; by: Actor }
  | { type: "FINDINGS_SUBMITTED"; by: Actor }
  | { type: "FINDINGS_RESUMED"; by: Actor; reason: string }
  | { type: "FINDING_APPROVED"; by: Actor; reason: string }
  | { type: "FINDING_RETURNED"; by: Actor; reason: string }
  | { type: "FINDINGS_RETURNED"; by: Actor; reason: string }
  | { type: "FINDING_EDITS_PROPOSED"; by: Actor; reason: string }
  | { type: "FINDING_EDITS_ACCEPTED"; by: Actor }
  | { type: "FINDING_EDITS_DECLINED"; by: Actor; reason: string }
  | { type: "SECOND_REVIEW_ASKED"; by: Actor }
  | { type: "PUBLIC_STATEMENT_CONFIRMED"; by: Actor; reason: string }
  | { type: "DISSENT_RECORDED"; by: Actor }
  | { type: "DISSENT_WITHDRAWN"; by: Actor }
  | { type: "FINDINGS_PUBLISHED"; by: Actor }
  | { type: "FINDING_CORRECTION_PROPOSED"; by: Actor; reason: string }
  | { type: "FINDING_CORRECTED"; by: Actor; reason: string }
  | { type: "FINDING_CORRECTION_DECLINED"; by: Actor; reason: string }
  | { type: "FINDING_WITHDRAWN"; by: Actor; reason: string }
  | { type: "REPORT_REOPENED"; by: Actor; reason: string }
  | { type: "REPORT_SET_ASIDE"; by: Actor; reason: string }
  | { type: "REPORT_RESTORED"; by: Actor; reason: string };

/**
 * Events that are drafts in the making: the machine says who may cause them and when, but they neither change the report's version nor
 * enter its history (the coding acts and the texts keep their own).
 */
export const QUIET_EVENTS = ["VALUE_CODED", "VALUE_ADJUDICATED", "FINDING_WRITTEN"] as const satisfies readonly ReportEvent["type"][];

/** Events about one finding of the report: they are judged with its facts. */
export const ABOUT_ONE_FINDING = [
  "FINDING_APPROVED",
  "FINDING_RETURNED",
  "FINDING_EDITS_PROPOSED",
  "FINDING_EDITS_ACCEPTED",
  "FINDING_EDITS_DECLINED",
  "SECOND_REVIEW_ASKED",
  "PUBLIC_STATEMENT_CONFIRMED",
  "DISSENT_RECORDED",
  "DISSENT_WITHDRAWN",
  "FINDING_CORRECTION_PROPOSED",
  "FINDING_CORRECTED",
  "FINDING_CORRECTION_DECLINED",
  "FINDING_WITHDRAWN",
] as const satisfies readonly ReportEvent["type"][];

/** A rule about the finding of the event. */
const ofFinding =
  (holds: (finding: FindingFacts, by: Actor) => boolean) =>
  ({ finding }: ReportFacts, by: Actor): boolean =>
    finding === null || holds(finding, by);

const ownLayer = (facts: ReportFacts, by: Actor) => facts.layers.find(({ analyst }) => analyst === by.id);

const rules = {
  byCoordinator: (_: ReportFacts, by: Actor) => holds(by, "coordinator"),
  byReviewer: (_: ReportFacts, by: Actor) => holds(by, "reviewer"),
  byAssignedAnalyst: (facts: ReportFacts, by: Actor) => holds(by, "analyst") && facts.analysts.includes(by.id),
  byCoder: (facts: ReportFacts, by: Actor) =>
    holds(by, "analyst") &&
    (facts.coding === "blind"
      ? ownLayer(facts, by) !== undefined
      : facts.coding === "adjudicated"
        ? facts.adjudicator === by.id
        : facts.analysts.includes(by.id)),
  ownLayerIsOpen: (facts: ReportFacts, by: Actor) => !ownLayer(facts, by)?.submitted,
  ownLayerIsCoded: (facts: ReportFacts, by: Actor) => (ownLayer(facts, by)?.uncoded ?? 0) === 0,
  ownLayerIsProven: (facts: ReportFacts, by: Actor) => (ownLayer(facts, by)?.unproven ?? 0) === 0,
  codedNoOtherLayer: (facts: ReportFacts, by: Actor) =>
    facts.layers.every(({ analyst, coders }) => analyst === by.id || !coders.includes(by.id)),
  oneAnalystCodes: (facts: ReportFacts) => facts.coding !== "blind",
  twoAnalystsCode: (facts: ReportFacts) => facts.coding === "blind",
  noSecondCodingYet: (facts: ReportFacts) => facts.coding === "single",
  aLayerIsSubmitted: (facts: ReportFacts) => facts.layers.some(({ submitted }) => submitted),
  bothLayersAreSubmitted: (facts: ReportFacts) => facts.layers.length === 2 && facts.layers.every(({ submitted }) => submitted),
  byAdjudicator: (facts: ReportFacts, by: Actor) => holds(by, "analyst") && facts.adjudicator === by.id,
  bySomeoneWhoCodedNeither: (facts: ReportFacts, by: Actor) =>
    facts.layers.every(({ analyst, coders }) => analyst !== by.id && !coders.includes(by.id)),
  everyDifferenceIsDecided: (facts: ReportFacts) => facts.undecidedDifferences === 0,
  everyAgreementIsAccepted: (facts: ReportFacts) => facts.unacceptedAgreements === 0,
  byDepositorOrObservatory: (facts: ReportFacts, by: Actor) =>
    holds(by, "coordinator") ||
    (holds(by, "analyst") && facts.analysts.includes(by.id)) ||
    (holds(by, "correspondent") && facts.depositor === by.id),
  byCoordinatorOrAssignedAnalyst: (facts: ReportFacts, by: Actor) =>
    holds(by, "coordinator") || (holds(by, "analyst") && facts.analysts.includes(by.id)),
  bySomeoneElseThanTheCoder: (facts: ReportFacts, by: Actor) => !facts.coders.includes(by.id) && !facts.analysts.includes(by.id),
  bySomeoneElseThanTheAuthor: (facts: ReportFacts, by: Actor) => !facts.authors.includes(by.id),
  aDocumentIsAttached: (facts: ReportFacts) => facts.documents > 0,
  everyFactorIsCoded: (facts: ReportFacts) => facts.uncodedFactors === 0,
  everyValueIsProven: (facts: ReportFacts) => facts.unprovenFactors === 0,
  aFindingIsWritten: (facts: ReportFacts) => facts.findings > 0,
  everyFindingHasEvidence: (facts: ReportFacts) => facts.findingsWithoutEvidence === 0,
  everyRecommendationHasAFinding: (facts: ReportFacts) => facts.recommendationsWithoutFinding === 0,
  noFindingIsLeftReturned: (facts: ReportFacts) => facts.returnedFindings === 0,
  noBlockingIssue: (facts: ReportFacts) => facts.blockingIssues === 0,
  everyFindingIsDecided: (facts: ReportFacts) => facts.undecidedFindings === 0,
  aFindingIsApproved: (facts: ReportFacts) => facts.approvedFindings > 0,
  byReviewerOrCoordinator: (_: ReportFacts, by: Actor) => holds(by, "reviewer") || holds(by, "coordinator"),
  byAnalystReviewerOrCoordinator: (facts: ReportFacts, by: Actor) =>
    holds(by, "reviewer") || holds(by, "coordinator") || (holds(by, "analyst") && facts.analysts.includes(by.id)),
  byTheDissenter: ({ finding }: ReportFacts, by: Actor) =>
    (["analyst", "reviewer", "coordinator"] as const).some((role) => holds(by, role)) &&
    (finding === null || finding.dissenters.includes(by.id)),
  bySomeoneElseThanTheApprover: ofFinding(({ approver }, by) => approver !== by.id),
  noWordsAreWaiting: ofFinding(({ waiting }) => waiting === null),
  wordsOfAReviewerWait: ofFinding(({ waiting }) => waiting === "review"),
  theirProposerMayReview: ({ finding, coders, analysts, authors }: ReportFacts) =>
    !finding?.proposer || ![...coders, ...analysts, ...authors].includes(finding.proposer),
  aCorrectionWaits: ofFinding(({ waiting }) => waiting === "correction"),
  thePublicStatementIsWritten: ofFinding(({ hasPublicStatement }) => hasPublicStatement),
  noSecondReviewIsAsked: ofFinding(({ secondReview }) => secondReview === null),
  aSecondReviewIsAsked: ofFinding(({ secondReview }) => secondReview === "asked"),
  noSecondReaderIsPassedOver: ofFinding(({ secondReview, newPublicWords }) => secondReview === null || !newPublicWords),
  theFindingIsApproved: ofFinding(({ status }) => status === "approved"),
  theFindingIsPublished: ofFinding(({ published }) => published),
  anotherFindingStays: (facts: ReportFacts) => facts.publishedFindings > 1,
  everyProposalIsAnswered: (facts: ReportFacts) => facts.proposedFindings === 0,
  everySecondReviewIsDone: (facts: ReportFacts) => facts.secondReviewsWaiting === 0,
};
export type Rule = keyof typeof rules;
export const RULES = Object.keys(rules) as Rule[];

/** The rules among `names` that these facts and this person break. */
export const broken = (names: readonly Rule[], facts: ReportFacts, by: Actor): Rule[] => names.filter((name) => !rules[name](facts, by));

const when = (...names: Rule[]) => ({ guard: { type: "holds" as const, params: names } });

const setAside = { target: "set_aside" as const, ...when("byCoordinator") };
const otherReviewer = ["byReviewer", "bySomeoneElseThanTheCoder", "bySomeoneElseThanTheAuthor"] as const;
/** Anybody who works on the report may say that they do not agree, wherever its findings are read. */
const dissenting = <State extends "coded" | "analysed" | "published">(target: State) => ({
  DISSENT_RECORDED: { target, ...when("byAnalystReviewerOrCoordinator") },
  DISSENT_WITHDRAWN: { target, ...when("byTheDissenter") },
});
/** The author answers a reviewer's words, in review or when the findings came back with them. */
const answering = <State extends "coded" | "analysed">(target: State) => ({
  FINDING_EDITS_ACCEPTED: { target, ...when("byAssignedAnalyst", "wordsOfAReviewerWait", "theirProposerMayReview") },
  FINDING_EDITS_DECLINED: { target, ...when("byAssignedAnalyst", "wordsOfAReviewerWait") },
});

/**
 * The life of a report. One transition per event and state, no timers, no invoked actors: every path is finite and `decide` is total.
 * A transition to the state it leaves is an act that the history keeps but that moves nothing.
 */
export const reportMachine = setup({
  types: {} as { context: ReportFacts; events: ReportEvent; input: ReportFacts },
  guards: { holds: ({ context, event }, names: Rule[]) => broken(names, context, event.by).length === 0 },
}).createMachine({
  id: "report",
  initial: "received",
  context: ({ input }) => input,
  states: {
    received: {
      on: {
        DOCUMENT_ADDED: { target: "received", ...when("byDepositorOrObservatory") },
        SHEET_CORRECTED: { target: "received", ...when("byCoordinatorOrAssignedAnalyst") },
        REPORT_ASSIGNED: { target: "received", ...when("byCoordinator", "aDocumentIsAttached") },
        VALUE_CODED: { target: "received", ...when("byCoder", "ownLayerIsOpen", "codedNoOtherLayer") },
        CODING_SUBMITTED: {
          target: "coded",
          ...when("oneAnalystCodes", "byCoder", "aDocumentIsAttached", "everyFactorIsCoded", "everyValueIsProven"),
        },
        LAYER_SUBMITTED: {
          target: "received",
          ...when(
            "twoAnalystsCode",
            "byCoder",
            "codedNoOtherLayer",
            "ownLayerIsOpen",
            "aDocumentIsAttached",
            "ownLayerIsCoded",
            "ownLayerIsProven",
          ),
        },
        LAYER_REOPENED: { target: "received", ...when("byCoordinator", "aLayerIsSubmitted") },
        VALUE_ADJUDICATED: { target: "received", ...when("bothLayersAreSubmitted", "byAdjudicator", "bySomeoneWhoCodedNeither") },
        ADJUDICATION_SUBMITTED: {
          target: "coded",
          ...when(
            "bothLayersAreSubmitted",
            "byAdjudicator",
            "bySomeoneWhoCodedNeither",
            "everyDifferenceIsDecided",
            "everyAgreementIsAccepted",
            "everyFactorIsCoded",
            "everyValueIsProven",
          ),
        },
        REPORT_SET_ASIDE: setAside,
      },
    },
    coded: {
      on: {
        REPORT_ASSIGNED: { target: "coded", ...when("byCoordinator") },
        SECOND_CODING_ASKED: { target: "received", ...when("byCoordinator", "noSecondCodingYet") },
        CODING_RESUMED: { target: "received", ...when("byCoder") },
        CODING_RETURNED: { target: "received", ...when("byReviewer", "bySomeoneElseThanTheCoder") },
        FINDING_WRITTEN: { target: "coded", ...when("byAssignedAnalyst") },
        FINDINGS_SUBMITTED: {
          target: "analysed",
          ...when(
            "byAssignedAnalyst",
            "aFindingIsWritten",
            "everyFindingHasEvidence",
            "everyRecommendationHasAFinding",
            "noFindingIsLeftReturned",
            "noBlockingIssue",
          ),
        },
        ...answering("coded"),
        ...dissenting("coded"),
        REPORT_SET_ASIDE: setAside,
      },
    },
    analysed: {
      on: {
        FINDING_APPROVED: { target: "analysed", ...when(...otherReviewer) },
        FINDING_RETURNED: { target: "analysed", ...when(...otherReviewer) },
        FINDINGS_RESUMED: { target: "coded", ...when("byAssignedAnalyst") },
        FINDINGS_RETURNED: { target: "coded", ...when(...otherReviewer) },
        CODING_RETURNED: { target: "received", ...when(...otherReviewer) },
        FINDING_EDITS_PROPOSED: { target: "analysed", ...when(...otherReviewer, "noWordsAreWaiting") },
        ...answering("analysed"),
        SECOND_REVIEW_ASKED: {
          target: "analysed",
          ...when("byReviewerOrCoordinator", "thePublicStatementIsWritten", "noSecondReviewIsAsked"),
        },
        PUBLIC_STATEMENT_CONFIRMED: {
          target: "analysed",
          ...when(...otherReviewer, "aSecondReviewIsAsked", "theFindingIsApproved", "bySomeoneElseThanTheApprover"),
        },
        ...dissenting("analysed"),
        FINDINGS_PUBLISHED: {
          target: "published",
          ...when(...otherReviewer, "everyFindingIsDecided", "everyProposalIsAnswered", "everySecondReviewIsDone", "aFindingIsApproved"),
        },
        REPORT_SET_ASIDE: setAside,
      },
    },
    published: {
      on: {
        FINDING_CORRECTION_PROPOSED: { target: "published", ...when("byAssignedAnalyst", "theFindingIsPublished", "noWordsAreWaiting") },
        FINDING_CORRECTED: { target: "published", ...when(...otherReviewer, "aCorrectionWaits", "noSecondReaderIsPassedOver") },
        FINDING_CORRECTION_DECLINED: { target: "published", ...when(...otherReviewer, "aCorrectionWaits") },
        FINDING_WITHDRAWN: { target: "published", ...when(...otherReviewer, "theFindingIsPublished", "anotherFindingStays") },
        ...dissenting("published"),
        REPORT_REOPENED: { target: "received", ...when("byCoordinator") },
      },
    },
    set_aside: {
      on: { REPORT_RESTORED: { target: "received", ...when("byCoordinator") } },
    },
  },
});
