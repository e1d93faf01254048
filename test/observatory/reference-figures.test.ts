import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { readReferenceFigures, SERIES, storeReferenceFigures } from "../../server/observatory/reference-figures.ts";
import { DATABASES } from "../support/databases.ts";

const YAML = readFileSync(new URL("../../db/data/reference-figures.yaml", import.meta.url), "utf8");

describe("the reference figures", () => {
  const { sources, figures } = readReferenceFigures(YAML);
  const value = (measure: string, year: number, scope: string) =>
    figures.find((row) => row.measure === measure && row.year === year && row.scope === scope)?.value;

  it("keep both values of 2023, each under its scope", () => {
    expect(value(SERIES.total, 2023, "all_couples")).to.equal(119);
    expect(value(SERIES.total, 2023, "ssmsi_provisional")).to.equal(115);
    expect(value(SERIES.women, 2023, "all_couples")).to.equal(96);
    expect(value(SERIES.women, 2023, "ssmsi_provisional")).to.equal(93);
  });

  it("keep the years where both scopes of couples were published", () => {
    expect([value(SERIES.total, 2016, "official_couples"), value(SERIES.total, 2016, "all_couples")]).to.deep.equal([138, 157]);
  });

  it("mark as not verified only the fields that were not read in a source", () => {
    const of2007 = figures.filter((row) => row.year === 2007 && row.measure.startsWith("series_"));
    expect(of2007.map(({ measure, verified }) => [measure, verified])).to.deep.equal([
      [SERIES.total, 1],
      [SERIES.women, 1],
      [SERIES.men, 0],
    ]);
  });

  it("leave out lists of places, name each figure once and know each source they quote", () => {
    expect(figures.every((row) => Number.isFinite(row.value))).to.equal(true);
    expect(new Set(figures.map(({ id }) => id)).size).to.equal(figures.length);
    const known = new Set(sources.map(({ code }) => code));
    expect(figures.filter(({ source }) => source !== null && !known.has(source))).to.deep.equal([]);
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`the reference figures on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());
    const stored = () => database.db.selectFrom("reference_figure").selectAll().orderBy("id").execute();
    const store = (yaml: string) => database.db.transaction().execute((tx) => storeReferenceFigures(tx, yaml));

    it("are there from the first start, and the same file again changes nothing", async () => {
      const { figures } = readReferenceFigures(YAML);
      const rows = await stored();
      expect(rows).to.have.length(figures.length);
      await store(YAML);
      expect(await stored()).to.deep.equal(rows);
    });

    it("are replaced when the file says something else", async () => {
      await store(YAML.replace("year: 2023, scope: all_couples, total: 119", "year: 2023, scope: all_couples, total: 118"));
      const of2023 = (await stored()).find((row) => row.measure === SERIES.total && row.year === 2023 && row.scope === "all_couples");
      expect(of2023?.value).to.equal(118);
      await store(YAML);
      expect((await stored()).find(({ id }) => id === of2023?.id)?.value).to.equal(119);
    });
  });
