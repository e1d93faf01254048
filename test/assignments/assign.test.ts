import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../db/database.ts";
import { askSecondCoding, assignReport, reopenLayer, submitLayer } from "../../server/assignments/assign.ts";
import { drawCoders, drawShare } from "../../server/assignments/draw.ts";
import { drawSecondCoders } from "../../server/assignments/draw-second-coders.ts";
import { listCandidates, listLoads } from "../../server/assignments/queries.ts";
import { codebookVersion } from "../../server/codebook/store.ts";
import { codeRestUnknown, saveValue } from "../../server/coding/save-value.ts";
import { Invalid, Refusal } from "../../server/http/errors.ts";
import type { Actor } from "../../workflows/actor.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";

const now = clock().toISOString();
const ALONE = { second: null, adjudicator: null, priority: "normal" as const, due: null };

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`assigning on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    let head: Actor;
    let [ana, bob, cleo]: Actor[] = [];
    before(async () => {
      database = await open();
      head = await someone(database, "coordinator");
      [ana, bob, cleo] = [await someone(database, "analyst"), await someone(database, "analyst"), await someone(database, "analyst")];
    });
    after(() => database.close());

    const acting = async (reportId: string, by: Actor) => {
      const { version } = await database.db.selectFrom("report").select("version").where("id", "=", reportId).executeTakeFirstOrThrow();
      return { reportId, seenVersion: version, by, now };
    };
    const within = <Answer>(run: Parameters<ReturnType<Database["db"]["transaction"]>["execute"]>[0]) =>
      database.db.transaction().execute(run) as Promise<Answer>;
    const held = async (id: string) =>
      (
        await database.db
          .selectFrom("assignment")
          .select(["layer", "analyst_id", "submitted_at"])
          .where("report_id", "=", id)
          .where("ended_at", "is", null)
          .orderBy("layer")
          .execute()
      ).map(({ layer, analyst_id, submitted_at }) => [layer, analyst_id, submitted_at !== null]);
    const mode = async (id: string) =>
      database.db.selectFrom("report").select(["coding_mode", "counted_layer", "state"]).where("id", "=", id).executeTakeFirstOrThrow();
    const give = async (id: string, given: Parameters<typeof assignReport>[2]) => {
      const at = await acting(id, head);
      return within((tx) => assignReport(tx, at, given));
    };
    const problemsOf = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => null,
        (error: unknown) => (error instanceof Invalid ? error.fields : error),
      );
    /** Every value of this person's layer not documented, but one. */
    const codeWhole = async (report: BuiltReport, by: Actor, fear: string) => {
      const { sections } = await codebookVersion(database.db, "1.0.0");
      await within(async (tx) => {
        await saveValue(
          tx,
          report.id,
          { factor: "victim_fear", subject: report.victim, value: fear, seenVersion: 0, passages: [{ document: 1, quote: "j’ai peur" }] },
          by,
          now,
        );
        for (const { code } of sections) await codeRestUnknown(tx, report.id, code, by, now);
      });
    };
    const handIn = async (id: string, by: Actor) => {
      const at = await acting(id, by);
      return within<boolean>((tx) => submitLayer(tx, at));
    };

    it("gives one report to one analyst, then to another, who goes on with what is coded", async () => {
      const { id } = await reportIn(database, "received");
      await give(id, { analyst: ana!.id, ...ALONE });
      await give(id, { analyst: bob!.id, ...ALONE });
      expect(await held(id)).to.deep.equal([[1, bob!.id, false]]);
      expect(await mode(id)).to.include({ coding_mode: "single", counted_layer: 1 });
    });

    it("has two code blind and a third settle, and goes back to one without losing the other's coding", async () => {
      const report = await reportIn(database, "received");
      const { id } = report;
      await give(id, { ...ALONE, analyst: ana!.id, second: bob!.id, adjudicator: cleo!.id });
      expect(await held(id)).to.deep.equal([
        [1, ana!.id, false],
        [2, bob!.id, false],
        [3, cleo!.id, false],
      ]);
      expect(await mode(id)).to.include({ coding_mode: "blind", counted_layer: 3 });
      await codeWhole(report, bob!, "present");
      await give(id, { ...ALONE, analyst: null, second: bob!.id });
      expect(await mode(id)).to.include({ coding_mode: "single", counted_layer: 2 });
      expect(await held(id)).to.deep.equal([[2, bob!.id, false]]);
      const { n } = await database.db
        .selectFrom("coding")
        .select((e) => e.fn.countAll<number>().as("n"))
        .where("report_id", "=", id)
        .where("layer", "=", 2)
        .executeTakeFirstOrThrow();
      expect(Number(n)).to.be.greaterThan(90);
    });

    it("freezes what both said when the second hands in, and keeps one handed in while the other is reopened or taken over", async () => {
      const report = await reportIn(database, "received");
      const { id } = report;
      await give(id, { ...ALONE, analyst: ana!.id, second: bob!.id, adjudicator: cleo!.id });
      await codeWhole(report, ana!, "present");
      expect(await problemsOf(handIn(id, bob!))).to.be.instanceOf(Refusal);
      expect(await handIn(id, ana!)).to.equal(false);
      expect(await database.db.selectFrom("double_coding").select("factor").where("report_id", "=", id).execute()).to.deep.equal([]);
      await codeWhole(report, bob!, "absent");
      expect(await handIn(id, bob!)).to.equal(true);
      const frozen = await database.db.selectFrom("double_coding").selectAll().where("report_id", "=", id).execute();
      expect(frozen.find(({ factor }) => factor === "victim_fear")).to.include({
        first_coder: ana!.id,
        second_coder: bob!.id,
        first_value: "present",
        second_value: "absent",
      });
      const at = await acting(id, head);
      await within((tx) => reopenLayer(tx, at, 2, "Une pièce n’avait pas été lue"));
      expect(await held(id)).to.deep.equal([
        [1, ana!.id, true],
        [2, bob!.id, false],
        [3, cleo!.id, false],
      ]);
      const dan = await someone(database, "analyst");
      await give(id, { ...ALONE, analyst: ana!.id, second: dan.id, adjudicator: cleo!.id });
      expect(await held(id)).to.deep.equal([
        [1, ana!.id, true],
        [2, dan.id, false],
        [3, cleo!.id, false],
      ]);
      expect(await handIn(id, dan)).to.equal(true);
      expect(
        (await database.db.selectFrom("double_coding").selectAll().where("report_id", "=", id).execute()).every(
          ({ second_coder }) => second_coder === bob!.id,
        ),
        "what was compared first stays",
      ).to.equal(true);
      const again = await acting(id, head);
      expect(await problemsOf(within((tx) => reopenLayer(tx, { ...again, by: ana! }, 1, "Je veux revoir")))).to.be.instanceOf(Refusal);
    });

    it("refuses the same person twice, who coded the other layer, who is no analyst, and a coder as adjudicator, next to the field", async () => {
      const report = await reportIn(database, "received");
      const { id } = report;
      const reviewer = await someone(database, "reviewer");
      const both = { ...ALONE, analyst: ana!.id, second: bob!.id };
      expect(await problemsOf(give(id, { ...both, second: ana!.id }))).to.deep.equal({ second: "assignments.problem.same" });
      expect(await problemsOf(give(id, { ...both, adjudicator: bob!.id }))).to.deep.equal({
        adjudicator: "assignments.problem.adjudicatorCodes",
      });
      expect(await problemsOf(give(id, { ...both, second: reviewer.id }))).to.deep.equal({ second: "assignments.problem.unknown" });
      expect(await problemsOf(give(id, { ...ALONE, analyst: null }))).to.deep.equal({ analyst: "http.invalid.missing" });
      await give(id, both);
      await codeWhole(report, ana!, "present");
      expect(await problemsOf(give(id, { ...ALONE, analyst: bob!.id, second: ana!.id }))).to.deep.equal({
        second: "assignments.problem.codedOther",
      });
      expect(await problemsOf(give(id, { ...ALONE, analyst: cleo!.id, second: bob!.id, adjudicator: ana!.id }))).to.deep.equal({
        adjudicator: "assignments.problem.adjudicatorCoded",
      });
      expect(await held(id)).to.deep.equal([
        [1, ana!.id, false],
        [2, bob!.id, false],
      ]);
    });

    it("has a coded report coded again by a second who sees nothing of the first", async () => {
      const report = await reportIn(database, "coded", { analyst: ana! });
      const at = await acting(report.id, head);
      await within((tx) => askSecondCoding(tx, at, { second: bob!.id, adjudicator: null, reason: "Confiance faible" }));
      expect(await mode(report.id)).to.deep.include({ coding_mode: "blind", counted_layer: 3, state: "received" });
      expect(await held(report.id)).to.deep.equal([
        [1, ana!.id, true],
        [2, bob!.id, false],
      ]);
    });

    it("draws a share of the reports to code, gives each to someone who does not know it, and can be drawn again", async () => {
      const reports = [];
      for (let n = 0; n < 5; n++) {
        const { id } = await reportIn(database, "received");
        await give(id, { analyst: ana!.id, ...ALONE });
        reports.push(id);
      }
      const candidates = await listCandidates(database.db, "share", 0);
      expect(candidates).to.include.members(reports);
      const given = await within<{ report: string; analyst: string }[]>((tx) =>
        drawSecondCoders(tx, { rule: "share", share: 40, atLeast: 5, seed: "graine", reason: "Contrôle" }, head, now),
      );
      const row = await database.db.selectFrom("assignment_draw").selectAll().executeTakeFirstOrThrow();
      expect(JSON.parse(row.candidates)).to.deep.equal(candidates);
      expect(JSON.parse(row.drawn)).to.deep.equal(drawShare(row.seed, JSON.parse(row.candidates) as string[], row.share_percent));
      expect(given.map(({ report }) => report)).to.deep.equal(JSON.parse(row.drawn));
      for (const { report, analyst } of given) {
        const rows = await held(report);
        expect(rows[1]).to.deep.equal([2, analyst, false]);
        expect(rows[0]![1]).not.to.equal(analyst);
        expect(await mode(report)).to.include({ coding_mode: "blind" });
      }
      const loads = await listLoads(database.db, "2026-11-23");
      expect(loads.reduce((sum, { blind }) => sum + blind, 0)).to.be.greaterThan(1);
    });

    it("draws by low confidence among coded reports only", async () => {
      const sure = await reportIn(database, "coded", { analyst: ana! });
      const unsure = await reportIn(database, "coded", { analyst: ana! });
      await database.db
        .updateTable("coding")
        .set({ confidence: "low" })
        .where("report_id", "=", unsure.id)
        .where("confidence", "is not", null)
        .execute();
      const found = await listCandidates(database.db, "low_confidence", 3);
      expect(found).to.include(unsure.id);
      expect(found).not.to.include(sure.id);
    });
  });
}

describe("a draw", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 });
  it("is the same for the same seed and candidates in any order, of the share asked for, rounded up", () => {
    fc.assert(
      fc.property(fc.string(), names, fc.integer({ min: 1, max: 100 }), (seed, candidates, share) => {
        const drawn = drawShare(seed, candidates, share);
        expect(drawn).to.deep.equal(drawShare(seed, candidates.toReversed(), share));
        expect(drawn.length).to.equal(Math.ceil((candidates.length * share) / 100));
        expect(candidates).to.include.members(drawn);
      }),
    );
  });

  it("gives every candidate the same chance", () => {
    const candidates = Array.from({ length: 20 }, (_, n) => `RETEX-2026-${String(n).padStart(4, "0")}`);
    const counts = new Map(candidates.map((id) => [id, 0]));
    for (let seed = 0; seed < 2_000; seed++) for (const id of drawShare(String(seed), candidates, 25)) counts.set(id, counts.get(id)! + 1);
    // 2,000 draws of 5 among 20: 500 expected, standard deviation 19.4; five of these on either side.
    for (const count of counts.values()) expect(count).to.be.within(403, 597);
  });

  it("gives each report to the least loaded who may have it", () => {
    const load = new Map([
      ["a", 3],
      ["b", 0],
      ["c", 1],
    ]);
    const eligible = ["r1", "r2", "r3"].map((report) => ({ report, analysts: ["a", "b", "c"] }));
    const given = drawCoders("g", eligible, load);
    expect(given.filter(({ analyst }) => analyst === "b").length).to.be.greaterThan(0);
    expect(given.some(({ analyst }) => analyst === "a")).to.equal(false);
    expect(drawCoders("g", [{ report: "r", analysts: [] }], load)).to.deep.equal([]);
  });
});
