import { expect } from "chai";
import fc from "fast-check";
import { NOT_LOOKED_AT } from "../../server/reports/apply-event.ts";
import { type Actor, ROLES } from "../../workflows/actor.ts";
import { decide, offers, REPORT_STATES, type ReportState } from "../../workflows/report.decide.ts";
import { type LayerFacts, QUIET_EVENTS, type ReportFacts, RULES, type Rule } from "../../workflows/report.machine.ts";
import { EVENT_WORDS, explain, notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import { anActor, anyFacts, eventOf, PEOPLE, REPORT_EVENTS, somebody } from "./facts.ts";

const aState = fc.constantFrom(...REPORT_STATES);
const anEvent = fc.constantFrom(...REPORT_EVENTS);
const REVIEWS = [
  "FINDING_APPROVED",
  "FINDING_RETURNED",
  "FINDING_EDITS_PROPOSED",
  "PUBLIC_STATEMENT_CONFIRMED",
  "FINDINGS_RETURNED",
  "FINDINGS_PUBLISHED",
  "FINDING_CORRECTED",
  "FINDING_CORRECTION_DECLINED",
  "FINDING_WITHDRAWN",
] as const;

const nobody: Actor = { id: "personne", roles: [] };
/** Facts in which nothing but the person can stand in the way. */
const NOTHING_MISSING: ReportFacts = {
  depositor: null,
  analysts: [],
  coding: "single",
  layers: [],
  adjudicator: null,
  undecidedDifferences: 0,
  unacceptedAgreements: 0,
  coders: [],
  authors: [],
  documents: 1,
  uncodedFactors: 0,
  unprovenFactors: 0,
  findings: 1,
  findingsWithoutEvidence: 0,
  recommendationsWithoutFinding: 0,
  blockingIssues: 0,
  undecidedFindings: 0,
  approvedFindings: 1,
  returnedFindings: 0,
  proposedFindings: 0,
  secondReviewsWaiting: 0,
  publishedFindings: 2,
  finding: null,
};

const ORDER: ReportState[] = ["received", "coded", "analysed", "published"];
/** The acts by which this person could lead the report to its next state. */
const forward = (state: ReportState, facts: ReportFacts, by: Actor) =>
  REPORT_EVENTS.filter((type) => {
    const decision = decide(state, facts, eventOf(type, by));
    return decision.kind === "moved" && ORDER.indexOf(decision.to) > ORDER.indexOf(state);
  }).map((type) => ({ type, by }));

describe("the workflow of a report", () => {
  it("moves by an event exactly when the page could offer it without a reason against it", () => {
    fc.assert(
      fc.property(aState, anEvent, anActor, anyFacts, (state, type, by, facts) => {
        const offer = offers(state, facts, by).find((one) => one.type === type);
        const decision = decide(state, facts, eventOf(type, by));
        if (!offer) expect(decision.kind).to.equal("not-offered");
        else if (offer.broken.length > 0) expect(decision).to.deep.include({ kind: "refused", broken: offer.broken, from: state });
        else expect(decision).to.include({ kind: "moved", from: state });
      }),
      { numRuns: 5_000 },
    );
  });

  it("offers every event in at least one state, each state's offers once", () => {
    const nobody: Actor = { id: "x", roles: [] };
    const everywhere = REPORT_STATES.map((state) => offers(state, NOTHING_MISSING, nobody).map(({ type }) => type));
    for (const types of everywhere) expect(types).to.deep.equal([...new Set(types)]);
    expect([...new Set(everywhere.flat())].sort()).to.deep.equal([...REPORT_EVENTS].sort());
    expect(REPORT_EVENTS.filter((type) => !(type in EVENT_WORDS))).to.deep.equal([]);
  });

  it("lets nobody who holds no role do anything", () => {
    for (const state of REPORT_STATES)
      for (const type of REPORT_EVENTS)
        expect(
          decide(state, { ...NOTHING_MISSING, depositor: "x", analysts: ["x"] }, eventOf(type, { id: "x", roles: [] })).kind,
        ).not.to.equal("moved");
  });

  it("never lets a review be decided by who coded, wrote, or has the report assigned", () => {
    fc.assert(
      fc.property(aState, fc.constantFrom(...REVIEWS), anActor, anyFacts, (state, type, by, facts) => {
        fc.pre([...facts.coders, ...facts.authors, ...facts.analysts].includes(by.id));
        expect(decide(state, facts, eventOf(type, by)).kind).not.to.equal("moved");
      }),
      { numRuns: 3_000 },
    );
  });

  it("leads on only when nothing is missing: each lack alone stops it, by its own rule", () => {
    const by: Actor = { id: "a", roles: ["analyst"] };
    const reviewer: Actor = { id: "r", roles: ["reviewer"] };
    const lacks: [ReportState, (typeof REPORT_EVENTS)[number], Actor, Partial<ReportFacts>, Rule][] = [
      ["received", "REPORT_ASSIGNED", { id: "c", roles: ["coordinator"] }, { documents: 0 }, "aDocumentIsAttached"],
      ["received", "CODING_SUBMITTED", by, { documents: 0 }, "aDocumentIsAttached"],
      ["received", "CODING_SUBMITTED", by, { uncodedFactors: 1 }, "everyFactorIsCoded"],
      ["received", "CODING_SUBMITTED", by, { unprovenFactors: 1 }, "everyValueIsProven"],
      ["received", "CODING_SUBMITTED", by, { analysts: ["b"] }, "byCoder"],
      ["coded", "FINDINGS_SUBMITTED", by, { findings: 0 }, "aFindingIsWritten"],
      ["coded", "FINDINGS_SUBMITTED", by, { findingsWithoutEvidence: 1 }, "everyFindingHasEvidence"],
      ["coded", "FINDINGS_SUBMITTED", by, { recommendationsWithoutFinding: 1 }, "everyRecommendationHasAFinding"],
      ["coded", "FINDINGS_SUBMITTED", by, { returnedFindings: 1 }, "noFindingIsLeftReturned"],
      ["coded", "FINDINGS_SUBMITTED", by, { blockingIssues: 1 }, "noBlockingIssue"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { undecidedFindings: 1 }, "everyFindingIsDecided"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { approvedFindings: 0 }, "aFindingIsApproved"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { proposedFindings: 1 }, "everyProposalIsAnswered"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { secondReviewsWaiting: 1 }, "everySecondReviewIsDone"],
      ["published", "FINDING_WITHDRAWN", reviewer, { publishedFindings: 1 }, "anotherFindingStays"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { coders: ["r"] }, "bySomeoneElseThanTheCoder"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { analysts: ["r"] }, "bySomeoneElseThanTheCoder"],
      ["analysed", "FINDINGS_PUBLISHED", reviewer, { authors: ["r"] }, "bySomeoneElseThanTheAuthor"],
      ["analysed", "FINDINGS_PUBLISHED", { id: "r", roles: ["coordinator", "analyst"] }, {}, "byReviewer"],
    ];
    for (const [state, type, actor, lack, rule] of lacks) {
      const whole = { ...NOTHING_MISSING, analysts: ["a"], coders: ["a"], authors: ["a"] };
      if (rule !== "byReviewer") expect(decide(state, whole, eventOf(type, actor)).kind, type).to.equal("moved");
      expect(decide(state, { ...whole, ...lack }, eventOf(type, actor)), `${type}, ${JSON.stringify(lack)}`).to.deep.include({
        kind: "refused",
        broken: [rule],
      });
    }
  });

  it("lets two analysts hand in blind only what is whole, and a third who coded neither settle it: each lack alone stops it", () => {
    const layer = (analyst: string, change: Partial<LayerFacts> = {}): LayerFacts => ({
      analyst,
      coders: [analyst],
      submitted: false,
      uncoded: 0,
      unproven: 0,
      ...change,
    });
    const open: ReportFacts = {
      ...NOTHING_MISSING,
      coding: "blind",
      analysts: ["a", "b", "c"],
      adjudicator: "c",
      layers: [layer("a"), layer("b")],
    };
    const handedIn = { ...open, layers: [layer("a", { submitted: true }), layer("b", { submitted: true })] };
    const [a, b, c]: Actor[] = ["a", "b", "c"].map((id) => ({ id, roles: ["analyst"] as const }));
    const head: Actor = { id: "h", roles: ["coordinator"] };
    const moved: [(typeof REPORT_EVENTS)[number], Actor, ReportFacts][] = [
      ["VALUE_CODED", a!, open],
      ["LAYER_SUBMITTED", b!, open],
      ["LAYER_REOPENED", head, handedIn],
      ["VALUE_ADJUDICATED", c!, handedIn],
      ["ADJUDICATION_SUBMITTED", c!, handedIn],
    ];
    for (const [type, by, facts] of moved) expect(decide("received", facts, eventOf(type, by)).kind, type).to.equal("moved");
    const stopped: [(typeof REPORT_EVENTS)[number], Actor, ReportFacts, Rule[]][] = [
      ["VALUE_CODED", c!, open, ["byCoder"]],
      ["VALUE_CODED", a!, { ...open, layers: [layer("a", { submitted: true }), layer("b")] }, ["ownLayerIsOpen"]],
      ["VALUE_CODED", a!, { ...open, layers: [layer("a"), layer("b", { coders: ["a", "b"] })] }, ["codedNoOtherLayer"]],
      ["CODING_SUBMITTED", a!, open, ["oneAnalystCodes"]],
      ["LAYER_SUBMITTED", a!, { ...open, layers: [layer("a", { uncoded: 1 }), layer("b")] }, ["ownLayerIsCoded"]],
      ["LAYER_SUBMITTED", a!, { ...open, layers: [layer("a", { unproven: 1 }), layer("b")] }, ["ownLayerIsProven"]],
      ["LAYER_SUBMITTED", a!, { ...open, layers: [layer("a", { submitted: true }), layer("b")] }, ["ownLayerIsOpen"]],
      ["LAYER_SUBMITTED", a!, { ...open, documents: 0 }, ["aDocumentIsAttached"]],
      ["LAYER_SUBMITTED", a!, { ...open, coding: "single", layers: [] }, ["twoAnalystsCode"]],
      ["LAYER_REOPENED", head, open, ["aLayerIsSubmitted"]],
      ["LAYER_REOPENED", a!, handedIn, ["byCoordinator"]],
      ["VALUE_ADJUDICATED", c!, { ...open, layers: [layer("a", { submitted: true }), layer("b")] }, ["bothLayersAreSubmitted"]],
      ["VALUE_ADJUDICATED", a!, { ...handedIn, adjudicator: "a" }, ["bySomeoneWhoCodedNeither"]],
      ["VALUE_ADJUDICATED", b!, handedIn, ["byAdjudicator", "bySomeoneWhoCodedNeither"]],
      [
        "VALUE_ADJUDICATED",
        c!,
        { ...handedIn, layers: [layer("a", { submitted: true, coders: ["a", "c"] }), layer("b", { submitted: true })] },
        ["bySomeoneWhoCodedNeither"],
      ],
      ["ADJUDICATION_SUBMITTED", c!, { ...handedIn, undecidedDifferences: 1 }, ["everyDifferenceIsDecided"]],
      ["ADJUDICATION_SUBMITTED", c!, { ...handedIn, unacceptedAgreements: 1 }, ["everyAgreementIsAccepted"]],
      ["ADJUDICATION_SUBMITTED", c!, { ...handedIn, uncodedFactors: 1 }, ["everyFactorIsCoded"]],
      ["ADJUDICATION_SUBMITTED", c!, { ...handedIn, unprovenFactors: 1 }, ["everyValueIsProven"]],
    ];
    for (const [type, by, facts, rules] of stopped)
      expect(decide("received", facts, eventOf(type, by)), `${type}: ${rules}`).to.deep.include({ kind: "refused", broken: rules });
    const adjudicated: ReportFacts = { ...NOTHING_MISSING, coding: "adjudicated", analysts: ["a", "b", "c"], adjudicator: "c" };
    expect(decide("received", adjudicated, eventOf("VALUE_CODED", c!)).kind).to.equal("moved");
    expect(decide("received", adjudicated, eventOf("VALUE_CODED", a!)).kind).to.equal("refused");
    expect(decide("coded", adjudicated, eventOf("SECOND_CODING_ASKED", head)).kind).to.equal("refused");
  });

  it("judges a draft by who has the report and whose layer is open, and by nothing else", () => {
    fc.assert(
      fc.property(aState, fc.constantFrom(...QUIET_EVENTS), anActor, anyFacts, (state, type, by, facts) => {
        const { analysts, coding, layers, adjudicator } = facts;
        const whole = decide(state, facts, eventOf(type, by));
        const part = decide(state, { ...NOT_LOOKED_AT, analysts, coding, layers, adjudicator }, eventOf(type, by));
        expect({ ...part, facts: null }).to.deep.equal({ ...whole, facts: null });
      }),
      { numRuns: 3_000 },
    );
  });

  it("tells nobody how far the other coder is", () => {
    const layers = [
      { analyst: "a", coders: [], submitted: false, uncoded: 3, unproven: 1 },
      { analyst: "b", coders: [], submitted: false, uncoded: 41, unproven: 9 },
    ];
    for (const rule of RULES)
      expect(explain(rule, { ...NOTHING_MISSING, coding: "blind", layers }, { id: "a", roles: ["analyst"] }, "fr")).not.to.match(/41|9/);
  });

  it("asks for a reason wherever it goes back or aside", () => {
    const quiet: readonly string[] = QUIET_EVENTS;
    for (const state of REPORT_STATES)
      for (const type of REPORT_EVENTS) {
        const everybody: Actor = { id: "a", roles: ["correspondent", "analyst", "reviewer", "coordinator"] };
        const other: Actor = { id: "b", roles: everybody.roles };
        for (const by of [everybody, other]) {
          const decision = decide(state, { ...NOTHING_MISSING, analysts: ["a"], coders: ["a"], authors: ["a"] }, eventOf(type, by));
          if (decision.kind !== "moved") continue;
          if (quiet.includes(type)) expect(decision.to, type).to.equal(state);
          if (
            decision.to !== state &&
            (decision.to === "set_aside" || ORDER.indexOf(decision.to) < ORDER.indexOf(state) || state === "set_aside")
          )
            expect(type, `${state} to ${decision.to}`).to.be.oneOf([
              "CODING_RESUMED",
              "CODING_RETURNED",
              "FINDINGS_RESUMED",
              "FINDINGS_RETURNED",
              "REPORT_REOPENED",
              "REPORT_SET_ASIDE",
              "REPORT_RESTORED",
              "SECOND_CODING_ASKED",
            ]);
        }
      }
  });

  it("on random walks by random people skips no state, and is published by nobody who made it", () => {
    const step = fc.record({ pick: fc.nat(), any: anEvent, by: anActor, analyst: somebody, numbers: anyFacts });
    let published = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.boolean(), (walk, lucky) => {
        let state: ReportState = "received";
        let facts: ReportFacts = { ...NOTHING_MISSING, depositor: "dan" };
        for (const { pick, any, by: walker, analyst, numbers } of walk) {
          const { depositor, analysts, coders, authors } = facts;
          // What is missing changes at random between two acts; who did what is remembered. Lucky walks get far: nothing is missing, their
          // people hold every role, and whoever can lead the report on does so rather than send it back.
          facts = { ...(lucky ? NOTHING_MISSING : numbers), depositor, analysts, coders, authors };
          const onward =
            lucky && pick % 3 > 0 ? PEOPLE.map((id) => ({ id, roles: ROLES })).flatMap((one) => forward(state, facts, one)) : [];
          const { type, by } = onward[pick % Math.max(1, onward.length)] ?? { type: any, by: walker };
          const decision = decide(state, facts, eventOf(type, by));
          if (decision.kind !== "moved") continue;
          if (type === "REPORT_ASSIGNED") facts = { ...facts, analysts: [analyst] };
          if (type === "VALUE_CODED") facts = { ...facts, coders: [...new Set([...coders, by.id])] };
          if (type === "FINDING_WRITTEN") facts = { ...facts, authors: [...new Set([...authors, by.id])] };
          const [from, to] = [ORDER.indexOf(decision.from), ORDER.indexOf(decision.to)];
          if (REVIEWS.some((review) => review === type)) expect([...coders, ...authors, ...analysts]).not.to.include(by.id);
          if (decision.to === "published" && decision.from !== "published") {
            published += 1;
            expect(decision.from).to.equal("analysed");
            expect([...coders, ...authors, ...analysts]).not.to.include(by.id);
            expect(by.roles).to.include("reviewer");
          }
          if (decision.from === "set_aside") expect(decision.to).to.equal("received");
          else if (decision.to !== "set_aside") expect(to - from).to.be.lessThanOrEqual(1);
          if (decision.from === "published" && decision.to !== "published") expect(type).to.equal("REPORT_REOPENED");
          state = decision.to;
        }
      }),
      { numRuns: 1_500 },
    );
    expect(published, "walks that reached the end").to.be.greaterThan(20);
  }).timeout(60_000);

  it("says every state, event and rule in French and in English", () => {
    for (const n of [0, 1, 2, 11]) {
      const facts: ReportFacts = {
        ...NOTHING_MISSING,
        uncodedFactors: n,
        unprovenFactors: n,
        findingsWithoutEvidence: n,
        recommendationsWithoutFinding: n,
        undecidedFindings: n,
        returnedFindings: n,
      };
      for (const rule of RULES) {
        const [fr, en] = [explain(rule, facts, nobody, "fr"), explain(rule, facts, nobody, "en")];
        expect(fr, rule)
          .to.match(/^\p{Ll}|^\d/u)
          .and.to.not.match(/[.'"]|undefined$/);
        expect(en, rule)
          .to.match(/^\p{Ll}|^\d/u)
          .and.to.not.match(/\.$|undefined/);
        expect(fr).not.to.equal(en);
      }
    }
    for (const state of REPORT_STATES) {
      expect(STATE_WORDS[state].fr).to.match(/^\p{Lu}/u);
      expect(STATE_WORDS[state].en).to.match(/^\p{Lu}/u);
      for (const type of REPORT_EVENTS) {
        expect(notOffered(type, state, "fr"))
          .to.include(STATE_WORDS[state].fr)
          .and.to.include(EVENT_WORDS[type].act.fr);
        expect(notOffered(type, state, "en"))
          .to.include(STATE_WORDS[state].en)
          .and.to.include(EVENT_WORDS[type].act.en);
      }
    }
    for (const type of REPORT_EVENTS)
      for (const said of [EVENT_WORDS[type].act, EVENT_WORDS[type].done]) {
        expect(said.fr, type).to.match(/^\p{Lu}/u);
        expect(said.en, type).to.match(/^\p{Lu}/u);
      }
  });

  it("counts with the plural of the language", () => {
    const left = (uncodedFactors: number, language: "fr" | "en") =>
      explain("everyFactorIsCoded", { ...NOTHING_MISSING, uncodedFactors }, nobody, language);
    expect([left(1, "fr"), left(4, "fr")]).to.deep.equal(["il reste 1 facteur à coder", "il reste 4 facteurs à coder"]);
    expect([left(1, "en"), left(4, "en")]).to.deep.equal(["1 factor is still to be coded", "4 factors are still to be coded"]);
  });
});
