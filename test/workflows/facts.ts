import fc from "fast-check";
import { type Actor, ROLES } from "../../workflows/actor.ts";
import { type FindingFacts, type LayerFacts, type ReportEvent, type ReportFacts, reportMachine } from "../../workflows/report.machine.ts";

/** Every event the machine of reports knows, read from the machine. */
export const REPORT_EVENTS = reportMachine.events as ReportEvent["type"][];

/** One event of a type; those that ask for a reason are given one. */
export const eventOf = (type: ReportEvent["type"], by: Actor): ReportEvent => ({ type, by, reason: "Un motif" }) as ReportEvent;

/** The people of a small house. */
export const PEOPLE = ["ana", "bob", "cléo", "dan"] as const;
export const somebody = fc.constantFrom(...PEOPLE);
const some = fc.uniqueArray(somebody, { maxLength: 3 });
const few = fc.integer({ min: 0, max: 2 });

/** Anybody of a small house, with any set of roles. */
export const anActor: fc.Arbitrary<Actor> = fc.record({ id: somebody, roles: fc.uniqueArray(fc.constantFrom(...ROLES)) });

const aLayer: fc.Arbitrary<LayerFacts> = fc.record({
  analyst: fc.option(somebody),
  coders: some,
  submitted: fc.boolean(),
  uncoded: few,
  unproven: few,
});

const aFinding: fc.Arbitrary<FindingFacts> = fc.record({
  status: fc.constantFrom("draft", "approved", "returned", "edits_proposed"),
  hasPublicStatement: fc.boolean(),
  waiting: fc.constantFrom("review", "correction", null),
  proposer: fc.option(somebody),
  approver: fc.option(somebody),
  secondReview: fc.constantFrom("asked", "confirmed", null),
  newPublicWords: fc.boolean(),
  published: fc.boolean(),
  dissenters: some,
});

/** Any facts the rules may look at, the contradictory ones included: the machine is total. */
export const anyFacts: fc.Arbitrary<ReportFacts> = fc.record({
  depositor: fc.option(somebody),
  analysts: some,
  coding: fc.constantFrom("single", "blind", "adjudicated"),
  layers: fc.uniqueArray(aLayer, { maxLength: 2, selector: ({ analyst }) => analyst }),
  adjudicator: fc.option(somebody),
  undecidedDifferences: few,
  unacceptedAgreements: few,
  coders: some,
  authors: some,
  documents: few,
  uncodedFactors: few,
  unprovenFactors: few,
  findings: few,
  findingsWithoutEvidence: few,
  recommendationsWithoutFinding: few,
  blockingIssues: few,
  undecidedFindings: few,
  approvedFindings: few,
  returnedFindings: few,
  proposedFindings: few,
  secondReviewsWaiting: few,
  publishedFindings: few,
  finding: fc.option(aFinding),
});
