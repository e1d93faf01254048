import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { prevalenceOf } from "../../server/findings/prevalence.ts";
import { proposeCorrection } from "../../server/findings/proposals.ts";
import { countReturns, listInReview, listSecondReviews, listWaitingProposals } from "../../server/findings/queue.ts";
import { askSecondReview, decideFinding } from "../../server/findings/review.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { actingOn, NOW, TICKED } from "./support.ts";

const WORDS = { number: 1, statement: "Autrement.", publicStatement: null, service: null, reason: "Plus court" };

for (const [name, open] of Object.entries(DATABASES))
  describe(`what waits for review (${name})`, () => {
    let database: Database;
    let old: BuiltReport;
    let urgent: BuiltReport;
    let recent: BuiltReport;
    before(async () => {
      database = await open();
      old = await reportIn(database, "analysed");
      recent = await reportIn(database, "analysed");
      urgent = await reportIn(database, "analysed");
      const { db } = database;
      // The history is written once: what is older is told by the row alone.
      for (const [report, submitted] of [
        [recent, "2026-11-20T08:00:00.000Z"],
        [urgent, "2026-11-21T08:00:00.000Z"],
      ] as const) {
        const { version } = await db.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
        const again = { report_id: report.id, version: version + 1, type: "FINDINGS_SUBMITTED", from_state: "coded", to_state: "analysed" };
        await db
          .insertInto("report_event")
          .values({
            ...again,
            from_state: "coded",
            to_state: "analysed",
            by: report.analyst.id,
            at: `2027${submitted.slice(4)}`,
            reason: null,
            detail: null,
          })
          .execute();
      }
      await db.updateTable("report").set({ priority: "high" }).where("id", "=", urgent.id).execute();
    });
    after(() => database.close());

    it("comes by priority, then by the age of its submission", async () => {
      const waiting = await listInReview(database.db);
      expect(waiting.map(({ report }) => report.id)).to.deep.equal([urgent.id, old.id, recent.id]);
    });

    it("tells second reviews once approved a first time, and corrections while their report is published", async () => {
      const { act } = actingOn(database, old);
      await act(old.reviewer, (tx, acting) => askSecondReview(tx, acting, 1));
      expect(await listSecondReviews(database.db)).to.deep.equal([]);
      await act(old.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", ...TICKED }));
      expect((await listSecondReviews(database.db)).map(({ report_id, number }) => [report_id, number])).to.deep.equal([[old.id, 1]]);
      const published = await reportIn(database, "published");
      await actingOn(database, published).act(published.analyst, (tx, acting) => proposeCorrection(tx, acting, WORDS));
      const listed = async () => (await listWaitingProposals(database.db)).map(({ report_id, kind }) => [report_id, kind]);
      expect(await listed()).to.deep.equal([[published.id, "correction"]]);
      await database.db.updateTable("report").set({ state: "received" }).where("id", "=", published.id).execute();
      expect(await listed()).to.deep.equal([]);
    });

    it("counts returns by category, beside all decisions, since an instant", async () => {
      const report = await reportIn(database, "analysed");
      const { act } = actingOn(database, report);
      const before = await countReturns(database.db, NOW);
      const at = "2026-11-25T10:00:00.000Z";
      for (const category of ["evidence", "wording", "evidence"] as const)
        await act(
          report.reviewer,
          (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "returned", comment: "Non", category }),
          at,
        );
      const { decisions, returns } = await countReturns(database.db, "2026-11-25T00:00:00.000Z");
      expect([decisions, [...returns]]).to.deep.equal([3, [...returns]]);
      expect(Object.fromEntries(returns)).to.deep.equal({ evidence: 2, wording: 1 });
      expect((await countReturns(database.db, NOW)).decisions).to.equal(before.decisions + 3);
    });
  });

for (const [name, open] of Object.entries(DATABASES))
  describe(`a factor across published cases (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    const asked = [
      { factor: "complaint_filed", values: ["present"] },
      { factor: "victim_fear", values: ["present"] },
      { factor: "danger_evaluation", values: ["none"] },
      { factor: "act_date", values: [] },
    ];
    const counts = async () => Object.fromEntries(await prevalenceOf(database.db, "1.0.0", asked));

    it("is counted with both denominators; silence is never absence, a case counts once, and only as it stands published", async () => {
      const none = { cases: 0, documented: 0, hits: 0 };
      expect(await counts()).to.deep.equal({ complaint_filed: none, victim_fear: none, danger_evaluation: none, act_date: none });
      const [one, two, three] = [
        await reportIn(database, "published"),
        await reportIn(database, "published"),
        await reportIn(database, "published"),
      ];
      await reportIn(database, "analysed"); // not published: counts nowhere
      const all = { cases: 3, documented: 3, hits: 3 };
      expect(await counts()).to.deep.equal({
        complaint_filed: all,
        victim_fear: all,
        danger_evaluation: all,
        act_date: { ...all, hits: 0 },
      });
      const { db } = database;
      const edition = async (report: string) =>
        await db.selectFrom("edition").selectAll().where("report_id", "=", report).executeTakeFirstOrThrow();
      // As other editions would have frozen it: rows of an edition are written once, so new editions take the place of these.
      for (const [report, value] of [
        [one, "unknown"],
        [two, "absent"],
      ] as const) {
        const before = await edition(report.id);
        await db.updateTable("edition").set({ superseded_at: NOW }).where("id", "=", before.id).execute();
        const next = { ...before, id: `${before.id.slice(0, -1)}~`, number: 2, superseded_at: null };
        await db.insertInto("edition").values(next).execute();
        const rows = await db.selectFrom("edition_value").selectAll().where("edition_id", "=", before.id).execute();
        await db
          .insertInto("edition_value")
          .values(rows.map((row) => ({ ...row, edition_id: next.id, ...(row.factor === "complaint_filed" && { value }) })))
          .execute();
        // A second victim of whom it is not documented adds no case.
        await db
          .insertInto("edition_value")
          .values({
            edition_id: next.id,
            report_id: report.id,
            factor: "victim_fear",
            subject: "autre",
            subject_kind: "victim",
            value: "unknown",
            number: null,
            known_when: null,
          })
          .execute();
      }
      expect((await counts())["complaint_filed"]).to.deep.equal({ cases: 3, documented: 2, hits: 1 });
      expect((await counts())["victim_fear"]).to.deep.equal({ cases: 3, documented: 3, hits: 3 });
      await db.updateTable("report").set({ state: "set_aside" }).where("id", "=", three.id).execute();
      expect((await counts())["complaint_filed"]).to.deep.equal({ cases: 2, documented: 1, hits: 0 });
    });
  });

describe("the pages of the review queue and of what is said about findings", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it("tells each reader what they may decide, and why not where they may not", async () => {
    const analyst = await visitorWith(app, "analyst", "reviewer");
    const reviewer = await visitorWith(app, "reviewer");
    const report = await reportIn(app.database, "analysed", { analyst: analyst.person });
    const own = (await analyst.get("/relecture")).text;
    expect(own).to.include("Rien n’attend votre décision").and.not.include(report.id);
    const all = (await analyst.get("/relecture?qui=tous")).text;
    expect(all).to.include(report.id).and.include("la relecture revient à une autre personne");
    const others = (await reviewer.get("/relecture")).text;
    expect(others).to.include(report.id).and.include("0 sur 2").and.not.include("Non\u00a0:");
    expect((await reviewer.get("/")).text).to.include('href="/relecture"');
    for (const role of ["correspondent", "administrator"] as const)
      expect((await (await visitorWith(app, role)).get("/relecture")).status).to.equal(403);
  });

  it("keeps every word of proposed edits that cannot be taken, each problem beside its field", async () => {
    const reviewer = await visitorWith(app, "reviewer");
    const report = await reportIn(app.database, "analysed", { reviewer: reviewer.person });
    await reviewer.get(`/rapports/${report.id}/relecture`);
    const { status, text } = await reviewer.post(`/rapports/${report.id}/relecture/1/proposer`, {
      version: String(report.version),
      statement: "D’autres mots <i>",
      publicStatement: "Publics",
      service: "Le service",
      reason: " ",
      checks: ["date", "age"],
    });
    expect(status).to.equal(422);
    expect(text)
      .to.include('href="#edits-reason-1"')
      .and.include("D’autres mots &lt;i&gt;")
      .and.include("Publics")
      .and.include('value="Le service"');
    expect(text).to.match(/id="edits-checks-1" name="checks" value="date" checked/);
    expect(text)
      .to.match(/value="age" checked/)
      .and.not.match(/value="place" checked/);
  });

  it("shows a dissent inside, with its withdrawal, and lets nobody else withdraw it", async () => {
    const coordinator = await visitorWith(app, "coordinator");
    const reviewer = await visitorWith(app, "reviewer");
    const report = await reportIn(app.database, "published", { reviewer: reviewer.person });
    const path = `/rapports/${report.id}/constats/1/desaccord`;
    await coordinator.get(`/rapports/${report.id}/relecture`);
    const version = (n: number) => String(report.version + n);
    const text = "Le constat va trop loin.";
    expect((await coordinator.post(path, { version: version(0), page: "relecture", text })).location).to.equal(
      `/rapports/${report.id}/relecture#constat-1`,
    );
    const { id } = await app.database.db.selectFrom("finding_dissent").select("id").where("text", "=", text).executeTakeFirstOrThrow();
    const page = (await reviewer.get(`/rapports/${report.id}/relecture`)).text;
    expect(page).to.include(text).and.not.include(`${path}/${id}/retirer`);
    await reviewer.get(`/rapports/${report.id}/relecture`);
    expect((await reviewer.post(`${path}/${id}/retirer`, { version: version(1), page: "relecture" })).status).to.equal(409);
    expect((await coordinator.post(`${path}/${id}/retirer`, { version: version(1), page: "constats" })).status).to.equal(303);
    const after = (await reviewer.get(`/rapports/${report.id}/relecture`)).text;
    expect(after).to.include(text).and.include("Retiré le 23 novembre 2026");
    // The edition was frozen before: it says nothing of it.
    expect((await reviewer.get(`/rapports/${report.id}/editions/1`)).text).not.to.include(text);
  });
});
