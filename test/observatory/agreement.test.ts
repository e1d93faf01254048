import { expect } from "chai";
import { strFromU8, unzipSync } from "fflate";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { Estimate } from "../../server/agreement/agreement.ts";
import { codebookVersion } from "../../server/codebook/store.ts";
import { LEAST_PAIRS, LOWEST_ALPHA, measureAgreement, once } from "../../server/observatory/agreement-measures.ts";
import { listPairs, stateOfPairs } from "../../server/observatory/agreement-queries.ts";
import { createPerson, type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { someone } from "../support/reports.ts";
import { publishedCase } from "./support.ts";

type Given = { factor: string; first: string; second: string; subject?: string; report?: string; coders?: [string, string]; at?: string };

/** Pairs straight into the rows, each on a report of its own unless it names one. */
async function compare({ db }: Database, coders: [string, string], given: readonly Given[]): Promise<string[]> {
  const reports: string[] = [];
  for (const { factor, first, second, subject = "case", report, coders: own, at = "2026-05-04T10:00:00.000Z" } of given) {
    const reportId = report ?? (await publishedCase(db, coders[0], {}));
    reports.push(reportId);
    await db
      .insertInto("double_coding")
      .values({
        report_id: reportId,
        factor,
        subject,
        codebook_version: "1.0.0",
        first_coder: (own ?? coders)[0],
        second_coder: (own ?? coders)[1],
        first_value: first,
        second_value: second,
        compared_at: at,
      })
      .execute();
  }
  return reports;
}
/** As many pairs of one factor as a table of counts says. */
const crossed = (factor: string, table: readonly (readonly number[])[], values: readonly string[]): Given[] =>
  table.flatMap((row, one) =>
    row.flatMap((count, other) => Array.from({ length: count }, () => ({ factor, first: values[one]!, second: values[other]! }))),
  );
const figureOf = (estimate: Estimate): number => {
  if (estimate.kind !== "value") throw new Error(`no value: ${estimate.why}`);
  return estimate.value;
};
const PRESENCE = ["present", "absent"];

for (const [name, open] of Object.entries(DATABASES))
  describe(`agreement over what was coded twice (${name})`, () => {
    let database: Database;
    let coders: [string, string];
    before(async () => {
      database = await open();
      const [one, other] = [await someone(database, "analyst"), await someone(database, "analyst")];
      coders = [one.id, other.id];
    });
    after(() => database.close());
    const measures = async (period = { from: null, to: null } as { from: number | null; to: number | null }) =>
      measureAgreement(await listPairs(database.db, period), (await codebookVersion(database.db, "1.0.0")).factors);
    const lineOf = async (factor: string, reverse = false) =>
      (await measures()).factors.find((line) => line.factor.code === factor && line.reverse === reverse)!;

    it("says nothing of nothing", async () => {
      const { whole, factors, sections, years } = await measures();
      expect([factors, sections, years]).to.deep.equal([[], [], []]);
      expect(whole).to.deep.include({ pairs: 0, reports: 0 });
      expect(whole.figures.value.alpha).to.deep.equal({ kind: "undefined", why: "empty" });
    });

    it("gives the figures of Gwet (2002) for his table once silence is left out, and others while it counts", async () => {
      // 118 and 5, 2 and 0: kappa −0.0234, AC1 0.9408.
      await compare(database, coders, [
        ...crossed("overkill", [[118, 5], [2, 0]], PRESENCE), // biome-ignore format: a table
        { factor: "overkill", first: "unknown", second: "unknown" },
        { factor: "overkill", first: "unknown", second: "present" },
      ]);
      const { pairs, disagreements, figures } = await lineOf("overkill");
      expect([pairs, disagreements]).to.deep.equal([127, 8]);
      const left = figures["left-out"];
      expect(left.n).to.equal(125);
      expect(figureOf(left.percent)).to.be.closeTo(118 / 125, 1e-12);
      expect(figureOf(left.kappa)).to.be.closeTo(-0.0234, 0.00005);
      // The coding whose pair was silent still says how frequent "present" is: 1 of 251 more.
      const share = (2 * 118 + 5 + 2 + 1) / 251;
      expect(left.prevalence).to.deep.equal({ value: "present", share });
      const silent = figures.value;
      expect(silent.n).to.equal(127);
      expect(figureOf(silent.percent)).to.be.closeTo(119 / 127, 1e-12);
      // The margins of the table with its third value, "not documented".
      const [rows, columns] = [[123, 2, 2], [121, 5, 1]]; // biome-ignore format: present, absent, unknown
      const chance = rows!.reduce((sum, row, at) => sum + (row / 127) * (columns![at]! / 127), 0);
      expect(figureOf(silent.kappa)).to.be.closeTo((119 / 127 - chance) / (1 - chance), 1e-12);
    });

    it("measures numbers and dates by how far apart they are, and never mixes the two directions of violence", async () => {
      await compare(database, coders, [
        ...[["1", "2"], ["4", "4"], ["7", "6"], ["10", "10"], ["unknown", "3"]].map(([first, second]) => ({ factor: "police_interventions", first: first!, second: second! })), // biome-ignore format: pairs
        ...crossed("physical_violence", [[3, 0], [0, 3]], PRESENCE), // biome-ignore format: a table
        ...crossed("physical_violence", [[0, 3], [3, 0]], PRESENCE).map((one) => ({ ...one, subject: "reverse" })), // biome-ignore format: a table
      ]);
      const { figures } = await lineOf("police_interventions");
      expect([figures.value.level, figures["left-out"].level]).to.deep.equal(["nominal", "interval"]);
      const codings = [1, 2, 4, 4, 7, 6, 10, 10];
      const squares = codings.flatMap((a) => codings.map((b) => (a - b) ** 2)).reduce((sum, one) => sum + one, 0);
      const observed = (2 * (1 + 0 + 1 + 0)) / 8;
      expect(figureOf(figures["left-out"].alpha)).to.be.closeTo(1 - observed / (squares / (8 * 7)), 1e-12);
      expect(figureOf((await lineOf("physical_violence")).figures.value.kappa)).to.equal(1);
      expect(figureOf((await lineOf("physical_violence", true)).figures.value.kappa)).to.equal(-1);
    });

    it("marks as low what is under the threshold on enough pairs, and nothing else", async () => {
      await compare(database, coders, crossed("new_partner", [[1, 1], [1, 1]], PRESENCE)); // biome-ignore format: a table
      const few = await lineOf("new_partner");
      expect(few.figures.value.n).to.be.lessThan(LEAST_PAIRS);
      expect(few.low).to.equal(false);
      await compare(database, coders, crossed("new_partner", [[1, 0], [0, 0]], PRESENCE)); // biome-ignore format: a table
      const enough = await lineOf("new_partner");
      expect(figureOf(enough.figures.value.alpha)).to.be.lessThan(LOWEST_ALPHA);
      expect(enough.low).to.equal(true);
      expect((await lineOf("physical_violence", true)).low).to.equal(true);
      expect((await lineOf("physical_violence")).low).to.equal(false);
    });

    it("adds up sections, pairs of coders and years, each pair once", async () => {
      const third = await someone(database, "analyst");
      await compare(database, coders, [
        { factor: "overkill", first: "present", second: "absent", coders: [third.id, coders[0]], at: "2025-12-31T23:30:00.000Z" },
        { factor: "overkill", first: "present", second: "present", coders: [coders[0], third.id], at: "2025-07-01T10:00:00.000Z" },
      ]);
      const found = await measures();
      const sum = (groups: readonly { pairs: number }[]) => groups.reduce((all, { pairs }) => all + pairs, 0);
      for (const groups of [found.sections, found.coders, found.years, found.factors]) expect(sum(groups)).to.equal(found.pairs);
      // The night of New Year’s Eve is already the next year in Paris.
      expect(found.years.map(({ year, pairs }) => [year, pairs])).to.deep.equal([[2025, 1], [2026, found.pairs - 1]]); // biome-ignore format: pairs
      expect(found.coders).to.have.length(2);
      expect(found.coders.find(({ coders: two }) => two.includes(third.id))).to.deep.include({ pairs: 2, reports: 2 });
      expect((await measures({ from: 2025, to: 2025 })).pairs).to.equal(1);
    });

    it("leaves out a report of which one coder is at work again, until they hand in", async () => {
      const [report] = await compare(database, coders, [{ factor: "sequestration", first: "present", second: "absent" }]);
      const before = await stateOfPairs(database.db);
      await database.db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", report!).execute();
      const assignment = {
        report_id: report!,
        assigned_by: coders[0],
        assigned_at: "2026-05-01T10:00:00.000Z",
        ended_at: null,
        rule: "hand",
      } as const;
      const [one, other] = [newId(), newId()];
      await database.db
        .insertInto("assignment")
        .values([
          { ...assignment, id: one, analyst_id: coders[0], layer: 1, submitted_at: null },
          { ...assignment, id: other, analyst_id: coders[1], layer: 2, submitted_at: "2026-05-04T10:00:00.000Z" },
        ])
        .execute();
      const read = async () =>
        (await listPairs(database.db, { from: null, to: null })).filter(({ reportId }) => reportId === report).length;
      expect(await read()).to.equal(0);
      expect(await stateOfPairs(database.db)).not.to.equal(before);
      await database.db.updateTable("assignment").set({ submitted_at: "2026-06-04T10:00:00.000Z" }).where("id", "=", one).execute();
      expect(await read()).to.equal(1);
    });
  });

describe("answers kept until something new is compared", () => {
  it("are computed once for a key, and again after a failure", async () => {
    let times = 0;
    const owner = {};
    const compute = async () => ++times;
    expect([await once(owner, "a", compute), await once(owner, "a", compute), await once(owner, "b", compute)]).to.deep.equal([1, 1, 2]);
    await once(owner, "c", async () => Promise.reject(new Error("lost"))).catch(() => {});
    expect(await once(owner, "c", compute)).to.equal(3);
    expect(await once({}, "a", compute)).to.equal(4);
  });
});

describe("the pages of agreement", () => {
  let app: RunningApp;
  let empty: RunningApp;
  let reports: string[];
  before(async () => {
    [app, empty] = [await startApp(), await startApp()];
    const [one, other] = [await createPerson(app.database, "analyst"), await createPerson(app.database, "analyst")];
    reports = await compare(
      app.database,
      [one.id, other.id],
      [
        ...crossed("premeditation", [[4, 3], [3, 4]], PRESENCE), // biome-ignore format: a table
        ...crossed("cohabitation", [[6, 0], [0, 0]], PRESENCE), // biome-ignore format: a table
        ...crossed("means_used", [[3, 2], [0, 3]], ["firearm,bladed", "firearm"]), // biome-ignore format: a table
      ],
    );
  });
  after(() => Promise.all([app.close(), empty.close()]));
  const plain = (html: string) =>
    html
      .replace(/<[^>]+>/g, " ")
      .replace(/&#39;/g, "'")
      .replace(/\s+/g, " ");

  it("are read by those who work on cases and by nobody else", async () => {
    for (const path of ["/observatoire/accord", "/observatoire/accord/premeditation", "/observatoire/accord/export.csv"]) {
      for (const role of ["analyst", "reviewer", "coordinator"] as const)
        expect((await (await visitorWith(app, role)).get(path)).status, `${role} ${path}`).to.equal(200);
      for (const role of ["correspondent", "administrator"] as const)
        expect((await (await visitorWith(app, role)).get(path)).status, `${role} ${path}`).to.equal(403);
    }
    expect((await (await visitorWith(app, "analyst")).get("/observatoire/accord/inconnu")).status).to.equal(404);
  });

  it("show each coefficient with its interval, both reckonings of silence, and sentences where there is no value", async () => {
    const visitor = await visitorWith(app, "analyst");
    const { text } = await visitor.get("/observatoire/accord");
    expect(text).not.to.match(/NaN|undefined|Infinity|null/);
    const row = plain(/<tr>(?:(?!<\/tr>)[\s\S])*\/grille#cohabitation[\s\S]*?<\/tr>/.exec(text)![0]);
    expect(row).to.include("La même valeur a été donnée partout").and.include("indéfini").and.include("100,0 %");
    const low = plain(/id="a-revoir"[\s\S]*?<\/section>/.exec(text)![0]);
    // κ of 4, 3, 3, 4 is (8/14 − 1/2) / (1/2); α is 1 − (2 × 6) × 27 / (14 × 14 × 2).
    expect(low)
      .to.include("6 désaccords sur 14")
      .and.include(`α ${(1 - (12 * 27) / 392).toFixed(2).replace(".", ",")} (14 paires)`);
    expect(low).not.to.include("Cohabitation");
    expect(text).to.include("/observatoire/accord/premeditation").and.include("/grille#premeditation");
    expect(plain(text)).to.include("Silence compté").and.include("Silence écarté").and.include("Par paire d’analystes").and.include("0,14");
    expect((await visitor.get("/observatoire/accord?du=2030")).text).to.include("Aucune paire de codages à comparer");
    expect((await visitor.get("/observatoire/accord?du=2030&au=2020")).text).to.include("La période est inversée");
  });

  it("open each low factor on its disagreements, and note who read them", async () => {
    const visitor = await visitorWith(app, "reviewer");
    const { text } = await visitor.get("/observatoire/accord/premeditation");
    const differing = reports.slice(4, 10);
    for (const report of differing) expect(text).to.include(`href="/rapports/${report}"`).and.include(`/rapports/${report}/arbitrage`);
    for (const report of reports.slice(0, 4)) expect(text).not.to.include(report);
    expect(plain(text)).to.include("6 désaccords sur 14 paires").and.include("selon Fleiss, Cohen et Everitt").and.include("par tirages");
    const read = await app.database.db
      .selectFrom("audit")
      .select("object_id")
      .where("account_id", "=", visitor.person.id)
      .where("action", "=", "double-coding.read")
      .execute();
    expect(read.map(({ object_id }) => object_id).sort()).to.deep.equal([...differing].sort());
    const several = plain((await visitor.get("/observatoire/accord/means_used")).text);
    expect(several).to.include("ensembles (MASI)").and.include("Arme à feu ·");
    expect(plain((await visitor.get("/observatoire/accord/tgd")).text)).to.include("Aucune paire de codages sur ce facteur");
  });

  it("leave as spreadsheets, numbers as numbers, and are noted", async () => {
    const visitor = await visitorWith(app, "coordinator");
    const csv = await visitor.get("/observatoire/accord/export.csv?du=2026");
    expect(csv.headers.get("content-type")).to.include("text/csv");
    expect(csv.text.split("\r\n")).to.have.length(5);
    const book = unzipSync((await visitor.get("/observatoire/accord/export.xlsx")).bytes);
    expect(strFromU8(book["xl/workbook.xml"]!)).to.include("Facteurs").and.include("Ensembles").and.include("À lire");
    expect(Object.keys(unzipSync((await visitor.get("/observatoire/accord/export.ods")).bytes))).to.include("content.xml");
    const log = await app.database.db
      .selectFrom("export_log")
      .select(["format", "filters", "row_count"])
      .where("by", "=", visitor.person.id)
      .orderBy("id")
      .execute();
    expect(log).to.deep.equal([
      { format: "csv", filters: '{"du":"2026"}', row_count: 3 },
      { format: "xlsx", filters: "{}", row_count: 3 },
      { format: "ods", filters: "{}", row_count: 3 },
    ]);
  });

  it("say what is missing while nothing was coded twice, in both languages", async () => {
    const visitor = await visitorWith(empty, "analyst");
    const { status, text } = await visitor.get("/observatoire/accord");
    expect(status).to.equal(200);
    expect(text).to.include("Aucune paire de codages à comparer");
    visitor.cookies = `${visitor.cookies}; langue=en`;
    expect((await visitor.get("/observatoire/accord")).text).to.include("No pair of codings to compare");
    expect((await visitor.get("/observatoire/accord/export.xlsx")).status).to.equal(200);
  });
});
