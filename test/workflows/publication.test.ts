import { expect } from "chai";
import fc from "fast-check";
import {
  decidePublication,
  PUBLICATION_EVENT_WORDS,
  PUBLICATION_RULE_WORDS,
  PUBLICATION_STATE_WORDS,
  PUBLICATION_STATES,
  type PublicationEvent,
  publicationMachine,
  publicationOffers,
} from "../../workflows/publication.machine.ts";
import { anActor, somebody } from "./facts.ts";

const facts = fc.record({ composers: fc.uniqueArray(somebody), blocks: fc.integer({ min: 0, max: 2 }) });
const inBoth = (words: Record<string, { fr: string; en: string }>) => {
  for (const [code, { fr, en }] of Object.entries(words)) {
    expect(fr, code).to.have.length.greaterThan(2);
    expect(en, code).to.have.length.greaterThan(2);
  }
};

describe("the workflow of a publication", () => {
  const EVENTS = publicationMachine.events as PublicationEvent["type"][];
  const eventOf = (type: PublicationEvent["type"], by: PublicationEvent["by"]) => ({ type, by, reason: "Un motif" }) as PublicationEvent;

  it("moves by an event exactly when it could be offered without a reason against it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PUBLICATION_STATES), fc.constantFrom(...EVENTS), anActor, facts, (state, type, by, known) => {
        const offer = publicationOffers(state, known, by).find((one) => one.type === type);
        const decision = decidePublication(state, known, eventOf(type, by));
        if (!offer) expect(decision.kind).to.equal("not-offered");
        else expect(decision.kind).to.equal(offer.broken.length > 0 ? "refused" : "moved");
      }),
      { numRuns: 2_000 },
    );
  });

  it("is never approved by someone who composed a part of it, nor published unapproved", () => {
    const step = fc.record({ type: fc.constantFrom(...EVENTS), by: anActor });
    let published = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (walk) => {
        let state = PUBLICATION_STATES[0]!;
        const composers = new Set<string>();
        let approved = false;
        for (const { type, by } of walk) {
          const decision = decidePublication(state, { composers: [...composers], blocks: composers.size }, eventOf(type, by));
          if (decision.kind !== "moved") continue;
          if (type === "BLOCKS_EDITED") composers.add(by.id);
          if (type === "APPROVED") {
            expect(composers).not.to.include(by.id);
            approved = true;
          }
          if (decision.to === "draft") approved = false;
          if (decision.to === "published") {
            expect(approved).to.equal(true);
            published += 1;
          }
          state = decision.to;
        }
      }),
      { numRuns: 6_000 },
    );
    expect(published, "walks that reached a publication").to.be.greaterThan(5);
  }).timeout(60_000);

  it("says every state, event and rule in French and in English", () => {
    expect(Object.keys(PUBLICATION_EVENT_WORDS).sort()).to.deep.equal([...EVENTS].sort());
    inBoth(PUBLICATION_STATE_WORDS);
    inBoth(PUBLICATION_RULE_WORDS);
    for (const { act, done } of Object.values(PUBLICATION_EVENT_WORDS)) inBoth({ act, done });
  });
});
