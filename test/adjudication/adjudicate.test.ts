import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { CodingTable, Layer } from "../../db/schema.ts";
import {
  acceptAgreements,
  adjudicateValue,
  type Choice,
  type DecisionGiven,
  dropStale,
  submitAdjudication,
} from "../../server/adjudication/adjudicate.ts";
import { compareLayers } from "../../server/adjudication/queries.ts";
import { reopenLayer, submitLayer } from "../../server/assignments/assign.ts";
import { saveValue } from "../../server/coding/save-value.ts";
import { Conflict, Invalid, Refusal } from "../../server/http/errors.ts";
import { factsOf } from "../../server/reports/facts.ts";
import type { Actor } from "../../workflows/actor.ts";
import { DATABASES } from "../support/databases.ts";
import { passagesOf, reportIn } from "../support/reports.ts";
import { codedTwice, DIFFERENT, type TwiceCoded } from "../support/two-coders.ts";

const NOW = "2026-11-23T10:00:00.000Z";
const LATER = "2026-11-23T11:00:00.000Z";

/** What a promise is refused with. */
async function refusal(of: Promise<unknown>): Promise<unknown> {
  try {
    await of;
  } catch (error) {
    return error;
  }
  return null;
}

for (const [name, open] of Object.entries(DATABASES))
  describe(`settling two blind codings (${name})`, () => {
    let database: Database;
    let report: TwiceCoded;
    before(async () => {
      database = await open();
    });
    after(() => database.close());
    beforeEach(async () => {
      report = await codedTwice(database);
    });

    const reportRow = () => database.db.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow();
    const facts = async () => factsOf(database.db, await reportRow());
    const layerRows = (layer: Layer) =>
      database.db
        .selectFrom("coding")
        .selectAll()
        .where("report_id", "=", report.id)
        .where("layer", "=", layer)
        .orderBy("factor")
        .orderBy("subject")
        .execute();
    const ties = (layer: Layer) =>
      database.db
        .selectFrom("coding_passage")
        .innerJoin("coding", "coding.id", "coding_passage.coding_id")
        .select(["coding.factor", "passage_id"])
        .where("report_id", "=", report.id)
        .where("layer", "=", layer)
        .orderBy("coding.factor")
        .orderBy("passage_id")
        .execute();
    const log = () => database.db.selectFrom("adjudication").selectAll().where("report_id", "=", report.id).orderBy("id").execute();
    const subjectOf = (factor: string) =>
      ["victim_fear", "danger_evaluation", "complaint_filed"].includes(factor) ? report.victim : "case";
    const on = async (layer: Layer, factor: string): Promise<CodingTable | undefined> =>
      (await layerRows(layer)).find((one) => one.factor === factor && one.subject === subjectOf(factor));
    const given = (factor: string, choice: Choice, more: Partial<DecisionGiven> = {}): DecisionGiven => ({
      factor,
      subject: subjectOf(factor),
      choice,
      reason: "Le passage est explicite.",
      seen: { first: 1, second: 1, settled: 0 },
      ...more,
    });
    const decide = (decision: DecisionGiven, by: Actor = report.adjudicator, now = NOW) =>
      database.db.transaction().execute((tx) => adjudicateValue(tx, report.id, decision, by, now));
    const accept = async (keys: readonly string[] | null = null, by: Actor = report.adjudicator) => {
      const { version } = await reportRow();
      return database.db.transaction().execute((tx) => acceptAgreements(tx, { reportId: report.id, seenVersion: version, keys }, by, NOW));
    };
    const submit = (by: Actor = report.adjudicator) =>
      database.db.transaction().execute(async (tx) => {
        const { version } = await tx.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
        return submitAdjudication(tx, { reportId: report.id, seenVersion: version, by, now: LATER });
      });

    it("finds the same differences and agreements as the facts of the report", async () => {
      const { pairs } = await compareLayers(database.db, await reportRow());
      const differing = pairs.filter(({ differs }) => differs);
      expect(differing.map(({ factor }) => factor.code)).to.deep.equal(DIFFERENT);
      const { undecidedDifferences, unacceptedAgreements } = await facts();
      expect([undecidedDifferences, unacceptedAgreements]).to.deep.equal([differing.length, pairs.length - differing.length]);
    });

    it("takes over a coder's value whole: qualifiers and passages; the coders' own layers stay as they were", async () => {
      const before = [await layerRows(1), await layerRows(2), await ties(1), await ties(2)];
      const decided = await decide(given("victim_fear", "first"));
      expect(decided).to.deep.include({ changed: true, version: 1, left: 3, next: "facteur-separation_announced" });
      const [first, settled] = [await on(1, "victim_fear"), await on(3, "victim_fear")];
      expect(settled).to.deep.include({
        value: "present",
        confidence: first!.confidence,
        evidence_basis: first!.evidence_basis,
        known_when: "service_before",
        coded_by: report.adjudicator.id,
        version: 1,
      });
      expect((await ties(3)).map(({ passage_id }) => passage_id)).to.deep.equal(
        (await ties(1)).filter(({ factor }) => factor === "victim_fear").map(({ passage_id }) => passage_id),
      );
      expect(await log()).to.have.length(1);
      expect((await log())[0]).to.deep.include({
        choice: "first",
        value: "present",
        first_value: "present",
        second_value: "unknown",
        reason: "Le passage est explicite.",
        decided_by: report.adjudicator.id,
      });
      expect([await layerRows(1), await layerRows(2), await ties(1), await ties(2)]).to.deep.equal(before);
      expect((await facts()).undecidedDifferences).to.equal(3);
    });

    it("keeps each decision as an act of coding, by whoever decided: separation of duties counts it", async () => {
      await decide(given("danger_evaluation", "second"));
      const acts = await database.db
        .selectFrom("coding_act")
        .select(["by", "layer", "kind", "after"])
        .where("report_id", "=", report.id)
        .where("layer", "=", 3)
        .execute();
      expect(acts).to.have.length(1);
      expect(acts[0]).to.deep.include({ by: report.adjudicator.id, kind: "coded" });
      expect(JSON.parse(acts[0]!.after!)).to.deep.include({ value: "unknown", version: 1 });
      expect((await facts()).coders).to.include(report.adjudicator.id);
    });

    it("takes another value than both, judged as any coded value, on passages of the two coders or on its reason", async () => {
      const [passage] = await passagesOf(database.db, report.id, "danger_evaluation");
      await decide(
        given("danger_evaluation", "other", { value: "evvi", passages: [passage!], confidence: "medium", reason: "En partie." }),
      );
      expect(await on(3, "danger_evaluation")).to.deep.include({ value: "evvi", confidence: "medium", reason: null });
      expect(await ties(3)).to.have.length(1);
      await decide(
        given("danger_evaluation", "other", {
          value: "evvi",
          reason: "Rien ne le montre mieux.",
          seen: { first: 1, second: 1, settled: 1 },
        }),
      );
      expect(await on(3, "danger_evaluation")).to.deep.include({ value: "evvi", reason: "Rien ne le montre mieux.", version: 2 });
      expect(await ties(3)).to.deep.equal([]);
      expect(
        (await ties(1)).map(({ passage_id }) => passage_id),
        "the coder's passage is still there",
      ).to.include(passage);
      expect(await log()).to.have.length(2);
    });

    it("refuses what no coder could code, and passages that neither coder has", async () => {
      const [elsewhere] = await passagesOf(database.db, report.id, "act_date");
      const stranger = await codedTwice(database);
      const [foreign] = await passagesOf(database.db, stranger.id, "victim_fear");
      const wrong: [DecisionGiven, string][] = [
        [given("danger_evaluation", "other", { value: "certainly" }), "value"],
        [given("danger_evaluation", "other", { value: "" }), "value"],
        [given("danger_evaluation", "other", { value: "evvi", confidence: "absolute" }), "confidence"],
        [given("danger_evaluation", "other", { value: "evvi", knownWhen: "yesterday" }), "knownWhen"],
        [given("danger_evaluation", "other", { value: "evvi", passages: [elsewhere!] }), "passages"],
        [given("victim_fear", "other", { value: "present", passages: [foreign!] }), "passages"],
        [given("victim_fear", "other", { value: "present" }), "passages"],
        [given("victim_fear", "first", { reason: "   " }), "reason"],
        [given("invented", "first"), "factor"],
        [given("victim_fear", "first", { subject: "case" }), "subject"],
        [given("victim_fear", "first", { subject: report.perpetrator }), "subject"],
        [given("victim_fear", "first", { subject: stranger.victim }), "subject"],
        [given("physical_violence", "first", { subject: "reverse" }), "subject"],
      ];
      for (const [decision, field] of wrong) {
        const error = await refusal(decide(decision));
        expect(error, `${decision.factor} ${field}`).to.be.instanceOf(Invalid);
        expect(Object.keys((error as Invalid).fields)).to.deep.equal([field]);
      }
      expect(await layerRows(3)).to.deep.equal([]);
      expect(await log()).to.deep.equal([]);
    });

    it("belongs to the adjudicator alone, once both codings are handed in", async () => {
      const other = await codedTwice(database, { analyst: report.analyst }, { submitted: [2] });
      const decision = given("victim_fear", "first");
      for (const by of [report.analyst, report.second, report.coordinator, report.reviewer, other.adjudicator])
        expect(await refusal(decide(decision, by)), by.roles.join()).to.be.instanceOf(Refusal);
      const early = database.db
        .transaction()
        .execute((tx) => adjudicateValue(tx, other.id, { ...decision, subject: other.victim }, other.adjudicator, NOW));
      expect(await refusal(early)).to.be.instanceOf(Refusal);
      const alone = await reportIn(database, "coded");
      const words = (await refusal(
        database.db.transaction().execute((tx) => adjudicateValue(tx, alone.id, decision, alone.analyst, NOW)),
      )) as Refusal;
      expect(words.reasons("fr")[0]).to.contain("il n’y a rien à arbitrer");
      expect(await log()).to.deep.equal([]);
    });

    it("refuses an adjudicator who once coded one of the two layers", async () => {
      await database.db
        .insertInto("coding_act")
        .values({
          report_id: report.id,
          layer: 2,
          factor: "weapon_owned",
          subject: "case",
          by: report.adjudicator.id,
          at: NOW,
          after: null,
        })
        .execute();
      const error = await refusal(decide(given("victim_fear", "first")));
      expect(error).to.be.instanceOf(Refusal);
      expect((error as Refusal).reasons("fr")).to.deep.equal(["vous avez codé ce rapport : l’arbitrage revient à une tierce personne"]);
      expect(await refusal(accept())).to.be.instanceOf(Refusal);
    });

    it("can be decided otherwise until it is handed in; the log keeps every decision", async () => {
      await decide(given("victim_fear", "first"));
      await decide(
        given("victim_fear", "unknown", { reason: "La peur est rapportée, non exprimée.", seen: { first: 1, second: 1, settled: 1 } }),
      );
      expect(await on(3, "victim_fear")).to.deep.include({ value: "unknown", confidence: null, known_when: null, version: 2 });
      expect(await ties(3)).to.deep.equal([]);
      expect((await log()).map(({ choice }) => choice)).to.deep.equal(["first", "unknown"]);
    });

    it("is a conflict when the pair was settled meanwhile, and tells by whom, what and why; the same decision sent twice is not", async () => {
      const decision = given("victim_fear", "first");
      await decide(decision);
      expect(await decide(decision)).to.deep.include({ changed: false, version: 1 });
      expect(await log()).to.have.length(1);
      const error = await refusal(decide(given("victim_fear", "second", { reason: "Autre avis." })));
      expect(error).to.be.instanceOf(Conflict);
      const happened = await (error as Conflict<typeof database.db>).happened(database.db, "fr");
      expect(happened.map(({ what }) => what.replaceAll("\u00a0", " "))).to.deep.equal([
        "Peur exprimée par la victime : retenu, « Présent »",
        "Peur exprimée par la victime : votre décision, non enregistrée, « Non documenté »",
      ]);
      expect(happened[0]!.why).to.equal("Le passage est explicite.");
      expect(await on(3, "victim_fear")).to.deep.include({ value: "present", version: 1 });
    });

    it("accepts all agreements in one act: the lower confidence, either's knowledge, both notes and passages", async () => {
      const { unacceptedAgreements } = await facts();
      expect(await accept()).to.equal(unacceptedAgreements);
      expect((await facts()).unacceptedAgreements).to.equal(0);
      expect(await on(3, "complaint_filed")).to.deep.include({
        value: "present",
        confidence: "medium",
        evidence_basis: "official_record",
        known_when: "service_before",
        note: "Plainte confirmée plus loin.",
      });
      expect((await ties(3)).filter(({ factor }) => factor === "complaint_filed")).to.have.length(2);
      const acts = await database.db
        .selectFrom("coding_act")
        .select("batch")
        .where("report_id", "=", report.id)
        .where("layer", "=", 3)
        .distinct()
        .execute();
      expect(acts).to.have.length(1);
      expect(acts[0]!.batch).to.be.a("string");
      expect((await log()).every(({ choice, reason }) => choice === "agreed" && reason === null)).to.equal(true);
      expect(await accept(), "once is enough").to.equal(0);
      expect(await log()).to.have.length(unacceptedAgreements);
      expect((await facts()).undecidedDifferences).to.equal(DIFFERENT.length);
    });

    it("accepts some agreements by name, never a difference; one can be overruled with a reason", async () => {
      expect(await accept(["act_date case"])).to.equal(1);
      expect(await layerRows(3)).to.have.length(1);
      for (const keys of [[], [`victim_fear ${report.victim}`], ["invented case"], ["act_date case", "physical_violence case"]]) {
        const error = await refusal(accept(keys));
        expect(error, keys.join()).to.be.instanceOf(Invalid);
        expect(Object.keys((error as Invalid).fields)).to.deep.equal(["agreements"]);
      }
      expect(await layerRows(3)).to.have.length(1);
      await decide({ ...given("place_of_act", "unknown"), subject: "case", reason: "Le lieu reste discuté." });
      const before = (await facts()).unacceptedAgreements;
      await accept();
      expect((await layerRows(3)).find(({ factor }) => factor === "place_of_act")!.value).to.equal("unknown");
      expect(await log()).to.have.length(before + 2);
    });

    it("asks for what nobody could code: a person who came to the case after both handed in", async () => {
      await database.db
        .insertInto("person")
        .values({ id: `victime-${report.id}`, report_id: report.id, kind: "victim", number: 2, sex: "female" })
        .execute();
      const { pairs } = await compareLayers(database.db, await reportRow());
      const uncoded = pairs.filter(({ first, second }) => !first && !second);
      expect(uncoded.length).to.be.greaterThan(0);
      expect(uncoded.every(({ differs, factor }) => differs && factor.appliesTo === "victim")).to.equal(true);
      const about = { factor: uncoded[0]!.factor.code, subject: `victime-${report.id}`, seen: { first: 0, second: 0, settled: 0 } };
      const error = await refusal(decide(given("", "first", about)));
      expect(Object.keys((error as Invalid).fields)).to.deep.equal(["choice"]);
      await decide(given("", "unknown", about));
      expect((await layerRows(3)).map(({ person_id }) => person_id)).to.deep.equal([about.subject]);
      expect((await log())[0]).to.deep.include({ first_value: null, second_value: null, value: "unknown" });
    });

    it("is handed in when every difference is settled and every agreement accepted, and not before", async () => {
      const refused = async () => ((await refusal(submit())) as Refusal).reasons("fr");
      expect(await refused()).to.deep.equal(["4 désaccords restent à arbitrer", "106 accords restent à accepter"]);
      await accept();
      for (const factor of DIFFERENT) await decide(given(factor, "first"));
      for (const by of [report.analyst, report.second, report.coordinator])
        expect(await refusal(submit(by)), by.roles.join()).to.be.instanceOf(Refusal);
      await submit();
      expect(await reportRow()).to.deep.include({ state: "coded", coding_mode: "adjudicated", counted_layer: 3 });
      const counted = await facts();
      expect([counted.uncodedFactors, counted.unprovenFactors]).to.deep.equal([0, 0]);
      expect([await layerRows(1), await layerRows(2), await layerRows(3)].map(({ length }) => length)).to.deep.equal([110, 110, 110]);
      const closed = await refusal(decide(given("victim_fear", "second", { seen: { first: 1, second: 1, settled: 1 } })));
      expect((closed as Refusal).reasons("fr")[0]).to.contain("l’arbitrage de ce rapport est remis");
    });

    it("takes back what was settled on values that a reopened coder changed, and only that; the log stays", async () => {
      await accept();
      for (const factor of DIFFERENT) await decide(given(factor, "first"));
      const settled = (await layerRows(3)).length;
      const step = async (run: (tx: Parameters<typeof dropStale>[0], version: number) => Promise<unknown>) =>
        database.db.transaction().execute(async (tx) => {
          const { version } = await tx.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
          return run(tx, version);
        });
      const acting = (seenVersion: number, by: Actor) => ({ reportId: report.id, seenVersion, by, now: LATER });
      await step((tx, version) => reopenLayer(tx, acting(version, report.coordinator), 2, "À compléter"));
      expect(await refusal(decide(given("victim_fear", "second", { seen: { first: 1, second: 1, settled: 1 } })))).to.be.instanceOf(
        Refusal,
      );
      await step(async (tx) => {
        const change = (factor: string, subject: string, value: string, knownWhen: string | null = null) =>
          saveValue(tx, report.id, { factor, subject, value, knownWhen, reason: "Relu.", seenVersion: 1 }, report.second, LATER);
        await change("danger_evaluation", report.victim, "none"); // a difference, settled on the first coder's value: another value now
        await change("place_of_act", "case", "unknown"); // an agreement no more
        await change("act_date", "case", "2024-03-14", "service_before"); // still the same value, with something more
      });
      const before = await layerRows(1);
      await step(async (tx, version) => {
        await submitLayer(tx, acting(version, report.second));
        await dropStale(tx, report.id, report.second, LATER); // again, should handing in have done it: nothing is left to take back
      });
      const left = await layerRows(3);
      expect(settled - left.length).to.equal(3);
      for (const factor of ["danger_evaluation", "place_of_act", "act_date"])
        expect(
          left.some((one) => one.factor === factor && one.subject === (factor === "danger_evaluation" ? report.victim : "case")),
        ).to.equal(false);
      expect(left.some(({ factor }) => factor === "victim_fear")).to.equal(true);
      expect(await log()).to.have.length(settled);
      expect(await layerRows(1)).to.deep.equal(before);
      const { pairs } = await compareLayers(database.db, await reportRow());
      const again = pairs.find(({ factor }) => factor.code === "place_of_act")!;
      expect([again.differs, again.settledVersion, again.settled]).to.deep.equal([true, 2, null]);
      await decide({ ...given("place_of_act", "first"), subject: "case", seen: { first: 1, second: 2, settled: 2 } });
      expect((await layerRows(3)).find(({ factor }) => factor === "place_of_act")).to.deep.include({ value: "victim_home", version: 3 });
    });
  });
