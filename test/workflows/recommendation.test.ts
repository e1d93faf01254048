import { expect } from "chai";
import fc from "fast-check";
import { decideRecommendation, RECOMMENDATION_STATES, recommendationOffers } from "../../workflows/recommendation.decide.ts";
import {
  ANSWER_ASSESSMENTS,
  ANSWERS,
  IMPLEMENTATIONS,
  RECOMMENDATION_RULES,
  type RecommendationActor,
  type RecommendationEvent,
  type RecommendationFacts,
  recommendationMachine,
} from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_EVENT_WORDS,
  RECOMMENDATION_RULE_WORDS,
  RECOMMENDATION_STATE_WORDS,
} from "../../workflows/recommendation.words.ts";
import { anActor, somebody } from "./facts.ts";

const EVENTS = recommendationMachine.events as RecommendationEvent["type"][];
const day = fc.constantFrom("2026-01-10", "2026-06-30", "2026-12-31");
const anyFacts: fc.Arbitrary<RecommendationFacts> = fc.record({
  today: day,
  authors: fc.uniqueArray(somebody),
  coders: fc.uniqueArray(somebody),
  leadNamed: fc.boolean(),
  deadline: fc.option(day),
  answerDue: fc.option(day),
  standingFindings: fc.nat({ max: 2 }),
  evidenceQuestioned: fc.boolean(),
  implementation: fc.option(fc.constantFrom(...IMPLEMENTATIONS)),
});
const anyone: fc.Arbitrary<RecommendationActor> = fc.oneof(anActor, fc.constant({ link: "a link" }));
const SELDOM: RecommendationEvent["type"][] = [
  "RECOMMENDATION_WITHDRAWN",
  "RECOMMENDATION_TIED",
  "RECOMMENDATION_UNTIED",
  "EVIDENCE_QUESTIONED",
  "RECEIPT_RECORDED",
];
const eventOf = (type: RecommendationEvent["type"], by: RecommendationActor) => ({ type, by, reason: "Un motif" }) as RecommendationEvent;
const inBoth = (words: Record<string, { fr: string; en: string }>) => {
  for (const [code, { fr, en }] of Object.entries(words)) {
    expect(fr, code).to.have.length.greaterThan(2);
    expect(en, code).to.have.length.greaterThan(2);
  }
};

describe("the life of a recommendation", () => {
  it("moves by an event exactly when it could be offered without a reason against it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...RECOMMENDATION_STATES), fc.constantFrom(...EVENTS), anyone, anyFacts, (state, type, by, facts) => {
        const offer = recommendationOffers(state, facts, by).find((one) => one.type === type);
        const decision = decideRecommendation(state, facts, eventOf(type, by));
        if (!offer) expect(decision.kind).to.equal("not-offered");
        else expect(decision.kind).to.equal(offer.broken.length > 0 ? "refused" : "moved");
      }),
      { numRuns: 3_000 },
    );
  });

  it("lets an addressee do two things only: confirm the receipt and answer", () => {
    const done = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...RECOMMENDATION_STATES), fc.constantFrom(...EVENTS), anyFacts, (state, type, facts) => {
        if (decideRecommendation(state, facts, eventOf(type, { link: "a link" })).kind === "moved") done.add(`${type} ${state}`);
      }),
      { numRuns: 3_000 },
    );
    expect([...done].sort()).to.deep.equal(
      ["ANSWER_RECEIVED", "RECEIPT_RECORDED"].flatMap((type) => ["answered", "assessed", "issued"].map((state) => `${type} ${state}`)),
    );
  });

  it("is issued once approved, answered or overdue before it is judged, and closed once its implementation is", () => {
    const step = fc.record({ pick: fc.nat(), by: anyone, facts: anyFacts });
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100, size: "max" }), (walk) => {
        let state = RECOMMENDATION_STATES[0]!;
        let [approved, answered] = [false, false];
        for (const { pick, by, facts } of walk) {
          // A walk that could always withdraw, or tie and question for ever, would seldom get further.
          const open = recommendationOffers(state, facts, by).filter(
            ({ type, broken }) => broken.length === 0 && (!SELDOM.includes(type) || pick % 7 === 0),
          );
          if (open.length === 0) continue;
          const { type } = open[pick % open.length]!;
          const decision = decideRecommendation(state, facts, eventOf(type, by));
          if (decision.kind !== "moved") throw new Error(`${type} was offered`);
          if (type === "RECOMMENDATION_APPROVED") {
            approved = true;
            expect("link" in by ? [] : [...facts.authors, ...facts.coders]).not.to.include("link" in by ? "" : by.id);
            expect(facts.standingFindings).to.be.greaterThan(0);
          }
          if (type === "RECOMMENDATION_ISSUED") {
            expect(approved).to.equal(true);
            expect(facts.deadline! > facts.today && facts.leadNamed && !facts.evidenceQuestioned).to.equal(true);
          }
          if (type === "RECOMMENDATION_REOPENED" || type === "RECOMMENDATION_ISSUED") answered = false;
          if (type === "ANSWER_RECEIVED") answered = true;
          if (type === "ANSWER_ASSESSED") expect(answered).to.equal(true);
          if (type === "NO_ANSWER_FOUND") expect(facts.answerDue! < facts.today).to.equal(true);
          if (decision.to === "closed" && decision.from === "assessed")
            expect(facts.implementation).to.be.oneOf(["fully", "incomplete", "not_implemented", "without_object"]);
          state = decision.to;
          reached.add(state);
        }
      }),
      { numRuns: 500 },
    );
    expect([...reached].sort()).to.deep.equal(["answered", "approved", "assessed", "closed", "draft", "issued", "withdrawn"]);
  }).timeout(60_000);

  it("says every state, event, rule and value of both scales in French and in English", () => {
    expect(Object.keys(RECOMMENDATION_EVENT_WORDS).sort()).to.deep.equal([...EVENTS].sort());
    expect(Object.keys(RECOMMENDATION_STATE_WORDS).sort()).to.deep.equal([...RECOMMENDATION_STATES].sort());
    expect(Object.keys(ANSWER_WORDS)).to.deep.equal([...ANSWERS]);
    expect(Object.keys(ANSWER_ASSESSMENT_WORDS)).to.deep.equal([...ANSWER_ASSESSMENTS]);
    expect(Object.keys(IMPLEMENTATION_WORDS)).to.deep.equal([...IMPLEMENTATIONS]);
    for (const words of [RECOMMENDATION_STATE_WORDS, ANSWER_WORDS, ANSWER_ASSESSMENT_WORDS, IMPLEMENTATION_WORDS]) inBoth(words);
    for (const { act, done } of Object.values(RECOMMENDATION_EVENT_WORDS)) inBoth({ act, done });
    fc.assert(
      fc.property(fc.constantFrom(...RECOMMENDATION_RULES), anyFacts, (rule, facts) => {
        for (const language of ["fr", "en"] as const)
          expect(RECOMMENDATION_RULE_WORDS[rule][language](facts)).to.match(/^\p{Ll}.{10,}[^.]$/u);
      }),
    );
  });
});
