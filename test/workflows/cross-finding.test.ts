import { expect } from "chai";
import fc from "fast-check";
import { CROSS_FINDING_STATES, crossFindingOffers, decideCrossFinding } from "../../workflows/cross-finding.decide.ts";
import {
  CROSS_FINDING_CONSEQUENCES,
  CROSS_FINDING_RETURNS,
  CROSS_FINDING_RULES,
  type CrossFindingEvent,
  type CrossFindingFacts,
  crossFindingMachine,
} from "../../workflows/cross-finding.machine.ts";
import {
  CROSS_FINDING_EVENT_WORDS,
  CROSS_FINDING_RETURN_WORDS,
  CROSS_FINDING_RULE_WORDS,
  CROSS_FINDING_STATE_WORDS,
  crossFindingNotOffered,
} from "../../workflows/cross-finding.words.ts";
import { anActor, somebody } from "./facts.ts";

const EVENTS = crossFindingMachine.events as CrossFindingEvent["type"][];
const few = fc.nat({ max: 3 });
const anyFacts: fc.Arbitrary<CrossFindingFacts> = fc.record({
  authors: fc.uniqueArray(somebody),
  coders: fc.uniqueArray(somebody),
  reports: few,
  fallen: fc.nat({ max: 1 }),
  changed: fc.nat({ max: 1 }),
  hasPublicStatement: fc.boolean(),
  wordsWait: fc.boolean(),
  secondReview: fc.constantFrom("asked", "confirmed", null),
  confirmer: fc.option(somebody),
  standing: fc.boolean(),
  dissenters: fc.uniqueArray(somebody),
});
const eventOf = (type: CrossFindingEvent["type"], by: CrossFindingEvent["by"]) => ({ type, by, reason: "Un motif" }) as CrossFindingEvent;

describe("the life of a cross-case finding", () => {
  it("moves by an event exactly when it could be offered without a reason against it; consequences are offered to nobody", () => {
    fc.assert(
      fc.property(fc.constantFrom(...CROSS_FINDING_STATES), fc.constantFrom(...EVENTS), anActor, anyFacts, (state, type, by, facts) => {
        const offer = crossFindingOffers(state, facts, by).find((one) => one.type === type);
        const { kind } = decideCrossFinding(state, facts, eventOf(type, by));
        if ((CROSS_FINDING_CONSEQUENCES as readonly string[]).includes(type)) {
          expect(offer).to.equal(undefined);
          expect(kind).to.equal(state === "approved" || state === "in_review" ? "moved" : "not-offered");
        } else if (!offer) expect(kind).to.equal("not-offered");
        else expect(kind).to.equal(offer.broken.length > 0 ? "refused" : "moved");
      }),
      { numRuns: 3_000 },
    );
  });

  it("is approved by a reviewer alone who neither wrote it, nor worked on its reports, nor was its second reader", () => {
    // Facts that stand in the way less often than not: a walk is to get somewhere.
    const somewhere: fc.Arbitrary<CrossFindingFacts> = fc.record({
      authors: fc.uniqueArray(somebody, { maxLength: 1 }),
      coders: fc.uniqueArray(somebody, { maxLength: 1 }),
      reports: fc.constantFrom(1, 2, 3, 4),
      fallen: fc.constantFrom(0, 0, 0, 1),
      changed: fc.constantFrom(0, 0, 0, 1),
      hasPublicStatement: fc.boolean(),
      wordsWait: fc.constantFrom(false, false, false, true),
      secondReview: fc.constantFrom(null, null, "confirmed", "asked"),
      confirmer: fc.option(somebody),
      standing: fc.boolean(),
      dissenters: fc.uniqueArray(somebody, { maxLength: 1 }),
    });
    const step = fc.record({ pick: fc.nat(), by: anActor, facts: somewhere });
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), (walk) => {
        let state = CROSS_FINDING_STATES[0]!;
        for (const { pick, by, facts } of walk) {
          // A walk that could always withdraw would seldom get further.
          const open = crossFindingOffers(state, facts, by).filter(
            ({ type, broken }) => broken.length === 0 && (type !== "CROSS_FINDING_WITHDRAWN" || pick % 40 === 0),
          );
          if (open.length === 0) continue;
          const { type } = open[pick % open.length]!;
          const decision = decideCrossFinding(state, facts, eventOf(type, by));
          if (decision.kind !== "moved") throw new Error(`${type} was offered`);
          if (type === "CROSS_FINDING_APPROVED") {
            expect(by.roles).to.include("reviewer");
            expect([...facts.authors, ...facts.coders, facts.confirmer]).not.to.include(by.id);
            expect(facts).to.include({ fallen: 0, wordsWait: false });
            expect(facts.reports).to.be.greaterThan(1);
            expect(facts.secondReview).not.to.equal("asked");
          }
          if (type === "CROSS_FINDING_SUBMITTED") expect(facts).to.include({ fallen: 0, changed: 0, wordsWait: false });
          if (decision.to === "withdrawn" && facts.standing) expect(by.roles).to.include.oneOf(["reviewer", "coordinator"]);
          if (decision.from === "withdrawn") expect(by.roles).to.include("coordinator");
          state = decision.to;
          reached.add(state);
        }
      }),
      { numRuns: 500 },
    );
    expect([...reached].sort()).to.deep.equal(["approved", "draft", "in_review", "withdrawn"]);
  }).timeout(60_000);

  it("says every state, event, reason and rule in French and in English", () => {
    expect(Object.keys(CROSS_FINDING_EVENT_WORDS).sort()).to.deep.equal([...EVENTS].sort());
    expect(Object.keys(CROSS_FINDING_STATE_WORDS).sort()).to.deep.equal([...CROSS_FINDING_STATES].sort());
    expect(Object.keys(CROSS_FINDING_RETURN_WORDS)).to.deep.equal([...CROSS_FINDING_RETURNS]);
    for (const language of ["fr", "en"] as const) {
      for (const words of [...Object.values(CROSS_FINDING_STATE_WORDS), ...Object.values(CROSS_FINDING_RETURN_WORDS)])
        expect(words[language]).to.have.length.greaterThan(2);
      for (const { act, done } of Object.values(CROSS_FINDING_EVENT_WORDS)) {
        expect(act[language]).to.match(/^\p{Lu}.{2,}/u);
        expect(done[language]).to.match(/^\p{Lu}.{2,}/u);
      }
      expect(crossFindingNotOffered("CORRECTION_BEGUN", "draft", language)).to.match(/Corriger|Correct/);
    }
    fc.assert(
      fc.property(fc.constantFrom(...CROSS_FINDING_RULES), anyFacts, (rule, facts) => {
        for (const language of ["fr", "en"] as const)
          expect(CROSS_FINDING_RULE_WORDS[rule][language](facts)).to.match(/^[\p{Ll}\d].{10,}[^.]$/u);
      }),
    );
  });
});
