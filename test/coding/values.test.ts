import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { type CodebookDefinition, type Factor, parseCodebook } from "../../server/codebook/definition.ts";
import { canonicalValue, isProven, proofNeeded, rulesFor, type ValueRules } from "../../server/coding/values.ts";
import { factsOf } from "../../server/reports/facts.ts";
import { COURTS, DEPARTMENTS } from "../../server/reports/places.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn } from "../support/reports.ts";

const parsed = parseCodebook(readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8"));
if (parsed.kind !== "codebook") throw new Error("the codebook cannot be read");
const codebook: CodebookDefinition = parsed.definition;
const factor = (code: string): Factor => codebook.factors.find((one) => one.code === code)!;
const rules = (actDate = "2022-02-09"): ValueRules => rulesFor(codebook, { act_date: actDate, received_on: "2026-02-02" });
const canonical = (code: string, typed: string | string[] | number, actDate?: string) => {
  const result = canonicalValue(factor(code), typed, rules(actDate));
  return result.kind === "value" ? result.value : result.problem;
};

/** A seeded draw: the same cases at each run. */
function drawing(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const upTo = (most: number) => Math.floor(next() * (most + 1));
  return {
    next,
    upTo,
    one: <One>(list: readonly One[]): One => list[upTo(list.length - 1)]!,
    some: <One>(list: readonly One[]): One[] =>
      list
        .map((one) => ({ one, at: next() }))
        .sort((a, b) => a.at - b.at)
        .slice(0, 1 + upTo(list.length - 1))
        .map(({ one }) => one),
  };
}

/** A value that a person might well type for this factor. */
function plausible(of: Factor, draw: ReturnType<typeof drawing>): string | string[] | number {
  if (draw.next() < 0.15) return "unknown";
  if (of.optionsRef === "cog_departement") return draw.one(DEPARTMENTS).code;
  if (of.optionsRef === "ressort_judiciaire") return draw.one(COURTS).srj;
  switch (of.type) {
    case "presence":
      return draw.one(["present", "absent", "unknown"]);
    case "category":
      return draw.one(of.options).code;
    case "multi":
      return draw.some(of.options.filter(({ code }) => !codebook.exclusiveOptions.includes(code))).map(({ code }) => code);
    case "number":
      return draw.next() < 0.5 ? draw.upTo(50) : ` ${draw.upTo(50)} `;
    case "date":
      return `20${10 + draw.upTo(15)}-0${1 + draw.upTo(8)}-1${draw.upTo(9)}`;
  }
}

describe("the one form of a coded value", () => {
  it("is what it already was when it is read again, for every factor of the codebook", () => {
    const draw = drawing(20_261_123);
    let stored = 0;
    for (let turn = 0; turn < 4_000; turn++) {
      const of = draw.one(codebook.factors);
      const first = canonicalValue(of, plausible(of, draw), rules());
      if (first.kind === "problem") continue;
      stored++;
      expect(canonicalValue(of, of.type === "multi" ? first.value.split(",") : first.value, rules())).to.deep.equal(first);
      expect(first.value).to.match(/^[a-z0-9A-Z_.,-]+$/);
    }
    expect(stored).to.be.greaterThan(3_500);
  });

  it("does not depend on the order in which several options were ticked, nor on ticking one twice", () => {
    const draw = drawing(7);
    const several = codebook.factors.filter(({ type }) => type === "multi");
    for (let turn = 0; turn < 500; turn++) {
      const of = draw.one(several);
      const codes = of.options.map(({ code }) => code).filter((code) => !codebook.exclusiveOptions.includes(code));
      const chosen = draw.some(codes);
      const inOrder = codes.filter((code) => chosen.includes(code)).join(",");
      expect(canonicalValue(of, [...chosen, chosen[0]!], rules())).to.deep.equal({ kind: "value", value: inOrder });
    }
  });

  it("lets « aucun » and « non documenté » stand alone only", () => {
    expect(canonical("danger_evaluation", ["none"])).to.equal("none");
    expect(canonical("danger_evaluation", ["grille_fsi", "none"])).to.equal("coding.problem.exclusive");
    expect(canonical("danger_evaluation", ["evvi", "unknown"])).to.equal("coding.problem.exclusive");
    expect(canonical("danger_evaluation", ["evvi", "grille_fsi"])).to.equal("grille_fsi,evvi");
  });

  it("takes « non documenté » for every factor", () => {
    for (const of of codebook.factors)
      expect(canonicalValue(of, "unknown", rules()), of.code).to.deep.equal({ kind: "value", value: "unknown" });
  });

  it("takes numbers as the French write them, within what is possible", () => {
    expect(canonical("victim_age", 34)).to.equal("34");
    expect(canonical("victim_age", " 034,50 ")).to.equal("34.5");
    expect(canonical("victim_age", [])).to.equal("coding.problem.missing");
    expect(canonical("days_since_separation", "1 200")).to.equal("1200");
    expect(canonical("victim_age", "-3")).to.equal("coding.problem.number");
    expect(canonical("victim_age", "1e2")).to.equal("coding.problem.number");
    expect(canonical("victim_age", "121")).to.deep.equal({ key: "coding.problem.most", params: { most: 120 } });
    expect(canonical("children_orphaned", "1,5")).to.equal("coding.problem.whole");
    expect(canonical("collateral_adult_victims", "0")).to.equal("0");
  });

  it("takes days of the calendar up to the receipt of the report", () => {
    expect(canonical("act_date", "2024-02-29")).to.equal("2024-02-29");
    expect(canonical("act_date", "2023-02-29")).to.equal("http.invalid.date");
    expect(canonical("act_date", "14/03/2024")).to.equal("http.invalid.date");
    expect(canonical("act_date", "2026-02-03")).to.equal("coding.problem.afterReceipt");
  });

  it("takes départements and courts of the official lists, and nothing else", () => {
    expect(canonical("department_code", "2A")).to.equal("2A");
    expect(canonical("department_code", "20")).to.equal("http.invalid.choice");
    expect(canonical("judicial_district", COURTS[3]!.srj)).to.equal(COURTS[3]!.srj);
    expect(canonical("judicial_district", "Blois")).to.equal("http.invalid.choice");
    expect(canonical("place_of_act", "present")).to.equal("http.invalid.choice");
    expect(canonical("premeditation", "perhaps")).to.equal("http.invalid.choice");
    expect(canonical("premeditation", ["present", "absent"])).to.equal("coding.problem.one");
    expect(canonical("premeditation", "")).to.equal("coding.problem.missing");
  });

  it("reads the law in force at the date of the act: not requested only where it existed, not available only where it did not", () => {
    expect(canonical("bar", "not_requested", "2020-09-01")).to.equal("not_requested");
    expect(canonical("bar", "not_available", "2020-09-01")).to.equal("coding.problem.existed");
    expect(canonical("bar", "not_available", "2020-08-31")).to.equal("not_available");
    expect(canonical("bar", "not_requested", "2020-08-31")).to.equal("coding.problem.notYet");
    expect(canonical("protection_order", "not_requested", "2010-09-30")).to.equal("coding.problem.notYet");
    expect(canonical("release_notified", "not_informed", "2005-01-01")).to.equal("not_informed");
  });
});

describe("what a value rests on", () => {
  it("is a passage for present, a passage or a reason for any other documented value, nothing for silence", () => {
    expect(proofNeeded("present")).to.equal("passage");
    expect(proofNeeded("absent")).to.equal("passage-or-reason");
    expect(proofNeeded("34")).to.equal("passage-or-reason");
    expect(proofNeeded("unknown")).to.equal(null);
    expect(proofNeeded("not_available")).to.equal(null);
  });

  for (const [name, open] of Object.entries(DATABASES)) {
    it(`is counted alike by the page and by the facts of the machine, on random codings (${name})`, async () => {
      const database: Database = await open();
      try {
        const { id, analyst, documentId } = await reportIn(database, "received");
        const report = await database.db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
        const now = "2026-11-23T09:00:00.000Z";
        const passage = newId();
        await database.db
          .insertInto("passage")
          .values({
            id: passage,
            report_id: id,
            document_id: documentId,
            starts: 0,
            ends: 7,
            page: null,
            quote: "Rapport",
            created_by: analyst.id,
            created_at: now,
          })
          .execute();
        const draw = drawing(41);
        let unproven = 0;
        const forCase = codebook.factors.filter(({ appliesTo }) => appliesTo === "case");
        for (const of of forCase) {
          const value = draw.one(["present", "absent", "unknown", "not_available", "none", "12"]);
          const reason = draw.next() < 0.5 ? "Motif" : null;
          const passages = draw.upTo(1);
          const coding = newId();
          await database.db
            .insertInto("coding")
            .values({
              id: coding, report_id: id, layer: 1, codebook_version: report.codebook_version, factor: of.code, subject: "case", person_id: null,
              value, confidence: null, evidence_basis: null, known_when: null, note: null, reason, version: 1, coded_by: analyst.id, coded_at: now,
            }) // biome-ignore format: a row
            .execute();
          if (passages > 0) await database.db.insertInto("coding_passage").values({ coding_id: coding, passage_id: passage }).execute();
          if (!isProven({ value, reason }, passages)) unproven++;
        }
        const facts = await factsOf(database.db, report);
        expect(facts.unprovenFactors).to.equal(unproven);
        expect(unproven).to.be.within(1, forCase.length - 1);
      } finally {
        await database.close();
      }
    });
  }
});
