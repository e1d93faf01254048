import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { coverage, overall } from "../../server/observatory/coverage.ts";
import {
  countCases,
  DOCUMENTED,
  figuresByFactor,
  listBehind,
  type Scope,
  subjectsOf,
  summarise,
} from "../../server/observatory/figures.ts";
import { DATABASES } from "../support/databases.ts";
import { someone } from "../support/reports.ts";
import { publishedCase } from "./support.ts";

const ANY: Scope = { from: null, to: null, region: null, actKind: null };

describe("a summary of numbers", () => {
  it("interpolates median and quartiles as spreadsheets do", () => {
    const of = (...numbers: number[]) => summarise(numbers.map((number) => ({ number, count: 1 })));
    expect(of(1, 2, 3, 4)).to.deep.equal({ least: 1, lowerQuartile: 1.75, median: 2.5, upperQuartile: 3.25, greatest: 4 });
    expect(of(7)).to.deep.equal({ least: 7, lowerQuartile: 7, median: 7, upperQuartile: 7, greatest: 7 });
    expect(
      summarise([
        { number: 30, count: 3 },
        { number: 90, count: 1 },
      ])?.median,
    ).to.equal(30);
    expect(of(9, 100, 10)?.median).to.equal(10); // numbers, not texts
    expect(summarise([])).to.equal(null);
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`the figures on ${name}`, () => {
    let database: Database;
    let codebook: CodebookDefinition;
    let replaced: string;
    const figure = async (code: string, scope: Partial<Scope> = {}) =>
      (await figuresByFactor(database.db, { ...ANY, ...scope }, codebook)).find(({ factor }) => factor.code === code)!;
    const counts = async (code: string, scope: Partial<Scope> = {}) => {
      const { all, documented, notAvailable, values } = await figure(code, scope);
      return {
        all,
        documented,
        notAvailable,
        values: Object.fromEntries(values.filter(({ count }) => count > 0).map(({ value, count }) => [value, count])),
      };
    };

    before(async () => {
      database = await open();
      codebook = await currentCodebook(database.db);
      const { id: by } = await someone(database, "analyst");
      const { db } = database;
      const victims = (...values: string[]) =>
        values.map((value, at) => ({ factor: "victim_fear", value, subject: `v${at}`, subject_kind: "victim" }));
      // Four cases in force (2021, 2022, 2022, 2024), one superseded, one set aside.
      await publishedCase(db, by, {
        actDate: "2021-05-01",
        values: [
          { factor: "separation_announced", value: "present", known_when: "service_before" },
          { factor: "means_used", value: "bladed" },
          { factor: "means_used", value: "asphyxia" },
          { factor: "act_date", value: "2021-05-01" },
          { factor: "victim_age", value: "9", subject: "v0", subject_kind: "victim" },
          { factor: "victim_age", value: "100", subject: "v1", subject_kind: "victim" },
          { factor: "tgd", value: "not_available", subject: "v0", subject_kind: "victim" },
          ...victims("present", "unknown"),
        ],
      });
      await publishedCase(db, by, {
        actDate: "2022-01-01",
        region: "11",
        values: [
          { factor: "separation_announced", value: "present", known_when: "entourage_before" },
          { factor: "means_used", value: "unknown" },
          { factor: "act_date", value: "2022-01-01" },
          { factor: "victim_age", value: "unknown", subject: "v0", subject_kind: "victim" },
          ...victims("absent"),
        ],
      });
      await publishedCase(db, by, {
        actDate: "2022-12-31",
        actKind: "attempted_homicide",
        values: [
          { factor: "separation_announced", value: "absent" },
          { factor: "means_used", value: "bladed" },
          { factor: "act_date", value: "2022-12-31" },
          { factor: "victim_age", value: "10", subject: "v0", subject_kind: "victim" },
          ...victims("present"),
        ],
      });
      replaced = await publishedCase(db, by, {
        actDate: "2024-02-02",
        superseded: true,
        values: [{ factor: "separation_announced", value: "present" }, ...victims("present", "present", "present")],
      });
      await publishedCase(db, by, {
        actDate: "2024-02-02",
        report: replaced,
        values: [{ factor: "separation_announced", value: "unknown" }, { factor: "means_used", value: "unknown" }, ...victims("unknown")],
      });
      await publishedCase(db, by, {
        actDate: "2024-06-06",
        setAside: true,
        values: [{ factor: "separation_announced", value: "present" }],
      });
    });
    after(() => database.close());

    it("count only editions in force of reports that were not set aside", async () => {
      expect(await countCases(database.db, ANY)).to.equal(4);
    });

    it("never take silence for absence: the four answers are 2 present, 1 absent, 1 not documented", async () => {
      expect(await counts("separation_announced")).to.deep.equal({
        all: 4,
        documented: 3,
        notAvailable: 0,
        values: { present: 2, absent: 1 },
      });
    });

    it("say how many of those present a service knew of before the act", async () => {
      expect((await figure("separation_announced")).knownBefore).to.equal(1);
    });

    it("count victims as victims, not as cases: five in four cases", async () => {
      expect(await counts("victim_fear")).to.deep.equal({ all: 5, documented: 3, notAvailable: 0, values: { present: 2, absent: 1 } });
      const figures = await figuresByFactor(database.db, ANY, codebook);
      expect(subjectsOf(figures, "victim")).to.equal(5);
      expect(subjectsOf(figures, "child")).to.equal(0);
    });

    it("count a case once among all, however many values it has of a factor that takes several", async () => {
      expect(await counts("means_used")).to.deep.equal({ all: 4, documented: 2, notAvailable: 0, values: { bladed: 2, asphyxia: 1 } });
    });

    it("keep measures that did not exist yet out of both denominators", async () => {
      expect(await counts("tgd")).to.deep.equal({ all: 0, documented: 0, notAvailable: 1, values: {} });
    });

    it("summarise numbers as numbers and dates by year", async () => {
      const age = await figure("victim_age");
      expect([age.all, age.documented, age.summary?.median, age.summary?.greatest]).to.deep.equal([4, 3, 10, 100]);
      expect((await counts("act_date")).values).to.deep.equal({ "2021": 1, "2022": 2 });
    });

    it("show values of zero and lose none: a factor nobody was coded for has them all at zero", async () => {
      const { all, values } = await figure("strangulation_history");
      expect(all).to.equal(0);
      expect(values).to.deep.equal([
        { value: "present", count: 0 },
        { value: "absent", count: 0 },
      ]);
    });

    it("keep to the period, the region and the kind of act, as they were published", async () => {
      expect((await counts("separation_announced", { from: 2022, to: 2022 })).all).to.equal(2);
      expect((await counts("separation_announced", { to: 2021 })).values).to.deep.equal({ present: 1 });
      expect((await counts("separation_announced", { region: "11" })).values).to.deep.equal({ present: 1 });
      expect((await counts("separation_announced", { actKind: "attempted_homicide" })).values).to.deep.equal({ absent: 1 });
      await database.db.updateTable("report").set({ region: "11", act_kind: "other" }).where("id", "=", replaced).execute();
      expect(await countCases(database.db, { ...ANY, region: "11" })).to.equal(1);
      expect(await countCases(database.db, { ...ANY, from: 2030 })).to.equal(0);
      await database.db.updateTable("report").set({ region: "24", act_kind: "homicide" }).where("id", "=", replaced).execute();
    });

    it("open on as many subjects as they count, latest act first", async () => {
      const factor = codebook.factors.find(({ code }) => code === "victim_fear")!;
      const behind = await listBehind(database.db, ANY, { factor, value: "present", page: 1 });
      expect(behind.total).to.equal(2);
      expect(behind.lines.map(({ actDate }) => actDate)).to.deep.equal(["2022-12-31", "2021-05-01"]);
      const date = codebook.factors.find(({ code }) => code === "act_date")!;
      expect((await listBehind(database.db, ANY, { factor: date, value: "2022", page: 1 })).total).to.equal(2);
      const age = codebook.factors.find(({ code }) => code === "victim_age")!;
      expect((await listBehind(database.db, ANY, { factor: age, value: DOCUMENTED, page: 1 })).total).to.equal(3);
      expect((await listBehind(database.db, { ...ANY, region: "11" }, { factor: age, value: "unknown", page: 1 })).total).to.equal(1);
    });

    it("open on as many subjects for every value of every factor", async () => {
      for (const { factor, values, all, documented } of await figuresByFactor(database.db, ANY, codebook)) {
        const total = async (value: string) => (await listBehind(database.db, ANY, { factor, value, page: 1 })).total;
        if (all === 0) continue;
        for (const { value, count } of values) expect(await total(value), `${factor.code} ${value}`).to.equal(count);
        expect(await total("unknown"), factor.code).to.equal(all - documented);
      }
    });

    it("stand beside the deaths known: homicides only, year by year, both values of 2023", async () => {
      const years = await coverage(database.db, { ...ANY, from: 2021, to: 2024 });
      expect(
        years.map(({ year, known, received, published, receivedOther }) => [year, known?.value, received, published, receivedOther]),
      ).to.deep.equal([
        [2021, 143, 1, 1, 0],
        [2022, 145, 1, 1, 1],
        [2023, 119, 0, 0, 0],
        [2024, 138, 1, 1, 0],
      ]);
      expect(years[2]!.known).to.deep.include({ scope: "all_couples", other: { value: 115, scope: "ssmsi_provisional" } });
      expect(years[3]!.known?.source).to.not.equal(null);
      expect(overall(years)).to.deep.equal({
        received: 3,
        published: 3,
        comparable: { received: 3, published: 3, known: 143 + 145 + 119 + 138, scope: "all_couples", from: 2021, to: 2024 },
      });
    });

    it("are never compared with a sum across the break of the series, nor with the national series for a region", async () => {
      const across = await coverage(database.db, { ...ANY, from: 2014, to: 2015 });
      expect(across.map(({ known }) => known?.scope)).to.deep.equal(["official_couples", "all_couples"]);
      expect(overall(across).comparable).to.include({ known: 144, from: 2015, to: 2015 });
      expect(overall(await coverage(database.db, { ...ANY, from: 2024, to: 2026 })).comparable).to.include({
        known: 138,
        from: 2024,
        to: 2024,
      });
      expect(overall(await coverage(database.db, { ...ANY, from: 2025, to: 2026 })).comparable).to.equal(null);
      const regional = await coverage(database.db, { ...ANY, region: "11" });
      expect(regional.map(({ year, known, receivedOther, received }) => [year, known, received, receivedOther])).to.deep.equal([
        [2022, null, 1, 0],
      ]);
    });
  });
