import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { withdrawCrossFinding } from "../../server/cross-findings/act.ts";
import { withdrawFinding } from "../../server/findings/proposals.ts";
import { publishPracticesOf } from "../../server/practices/publish.ts";
import { findPublicPractice, insideOf, listGoodPractices, listPublicPractices } from "../../server/practices/queries.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { acting, crossFindingIn, LATER, NOW, PRACTICE, type Scene } from "../cross-findings/support.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`good practices (${name})`, () => {
    let database: Database;
    let reports: BuiltReport[];
    let set: Scene;
    let cross: string;
    before(async () => {
      database = await open();
      reports = [
        await reportIn(database, "published", {}, { actDate: "2023-05-05" }),
        await reportIn(database, "published", {}, { actDate: "2025-01-09" }),
      ];
      await reportIn(database, "analysed", {}, { actDate: "2025-02-02" });
      set = {
        reports,
        author: await someone(database, "analyst"),
        reviewer: await someone(database, "reviewer"),
        coordinator: await someone(database, "coordinator"),
      };
      cross = await crossFindingIn(database, "approved", set, PRACTICE);
      await crossFindingIn(database, "in_review", set, { ...PRACTICE, statement: "Encore en relecture" });
    });
    after(() => database.close());
    const db = () => database.db;
    const sources = async (filter: Parameters<typeof listGoodPractices>[1] = {}) =>
      (await listGoodPractices(db(), filter)).practices
        .map(({ source }) => (source.kind === "report" ? source.reportId : source.reference))
        .sort();
    const all = () => [cross, ...reports.map(({ id }) => id)].sort();

    it("are the approved ones of published reports and of cross-case findings, and no others", async () => {
      expect(await sources()).to.deep.equal(all());
      const { practices, total, years } = await listGoodPractices(db());
      expect([total, years]).to.deep.equal([3, ["2026"]]);
      const one = practices.find(({ source }) => source.kind === "report")!;
      expect(one).to.include({ service: "Association d’aide aux victimes", publishedAt: NOW });
      expect(one.factors).to.deep.equal(["good_practice"]);
      expect(practices.find(({ source }) => source.kind === "cross")!.source).to.include({ reports: 2, inReview: false });
    });

    it("are found by their words, service, theme and year of publication, whatever the case and accents", async () => {
      expect(await sources({ text: "HEBERGEMENT le jour" })).to.deep.equal(reports.map(({ id }) => id).sort());
      expect(await sources({ text: "DANS CES AFFAIRES" })).to.deep.equal([cross]);
      expect(await sources({ service: "gendarmerie" })).to.deep.equal([]);
      expect(await sources({ service: "ASSOCIATION D'AIDE" })).to.deep.equal(reports.map(({ id }) => id).sort());
      expect(await sources({ section: "response_failings" })).to.deep.equal(all());
      expect(await sources({ section: "children" })).to.deep.equal([]);
      expect(await sources({ year: "2026" })).to.deep.equal(all());
      expect(await sources({ year: "2025" })).to.deep.equal([]);
    });

    it("are public under a reference of their own once their public statement went through the checklist", async () => {
      const { practices } = await listPublicPractices(db());
      expect(practices.map(({ statement }) => statement).sort()).to.deep.equal([
        "Un hébergement proposé sans attendre protège.",
        "Une association a proposé un hébergement dans la journée.",
      ]);
      for (const one of practices) {
        expect(one.reference).to.match(/^BP-2026-\d{4}$/);
        expect(one.sections).to.deep.equal(["response_failings"]);
      }
    });

    it("are shown once in public where several reports say it in the same words", async () => {
      const rows = await db().selectFrom("good_practice").select("reference").execute();
      expect(rows, "each keeps its reference").to.have.length(3);
      expect((await listPublicPractices(db())).total).to.equal(2);
      for (const { reference } of rows) expect((await findPublicPractice(db(), reference))?.withdrawn_at).to.equal(null);
    });

    it("are not public on an approval that kept no checklist, as before there was one", async () => {
      const older = await reportIn(database, "published");
      const finding = await db()
        .selectFrom("finding")
        .selectAll()
        .where("report_id", "=", older.id)
        .where("number", "=", 2)
        .executeTakeFirstOrThrow();
      await db()
        .insertInto("finding_decision")
        .values({
          finding_id: finding.id,
          finding_version: finding.version,
          decision: "approved",
          comment: "",
          by: older.reviewer.id,
          at: NOW,
        })
        .execute();
      await database.db.transaction().execute((tx) => publishPracticesOf(tx, older.id, LATER));
      const row = await db().selectFrom("good_practice").selectAll().where("finding_id", "=", finding.id).executeTakeFirstOrThrow();
      expect(row.withdrawn_at).to.equal(LATER);
    });

    const reportOf = async (reference: string) => (await insideOf(db(), reference))?.match(/RETEX-[\d-]+/)?.[0];
    const practiceOf = async (report: BuiltReport) => {
      const row = await db()
        .selectFrom("good_practice")
        .innerJoin("finding", "finding.id", "finding_id")
        .selectAll("good_practice")
        .where("report_id", "=", report.id)
        .executeTakeFirstOrThrow();
      return row;
    };

    it("lead back inside the house, and only there", async () => {
      const { reference } = await practiceOf(reports[0]!);
      expect(await insideOf(db(), reference)).to.equal(`/rapports/${reports[0]!.id}/editions/1#constat-2`);
      expect(await reportOf(reference)).to.equal(reports[0]!.id);
      const { id } = await db().selectFrom("cross_finding").select("id").where("reference", "=", cross).executeTakeFirstOrThrow();
      const own = await db().selectFrom("good_practice").select("reference").where("cross_finding_id", "=", id).executeTakeFirstOrThrow();
      expect(await insideOf(db(), own.reference)).to.equal(`/constats/${cross}`);
    });

    it("are withdrawn with their report, and come back under the same reference", async () => {
      const report = reports[1]!;
      const { reference } = await practiceOf(report);
      const step = (event: ReportEvent, now: string) =>
        db()
          .transaction()
          .execute(async (tx) => {
            const { version } = await tx.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
            await applyEvent(tx, { reportId: report.id, seenVersion: version, event, now });
          });
      await step({ type: "REPORT_REOPENED", by: report.coordinator, reason: "Doublon ?" }, LATER);
      expect((await practiceOf(report)).withdrawn_at, "what is published stands while the report is worked on").to.equal(null);
      await step({ type: "REPORT_SET_ASIDE", by: report.coordinator, reason: "Doublon" }, LATER);
      expect(await practiceOf(report)).to.include({ reference, withdrawn_at: LATER });
      expect(await sources()).not.to.include(report.id);
      await step({ type: "REPORT_RESTORED", by: report.coordinator, reason: "Erreur" }, LATER);
      expect(await practiceOf(report)).to.include({ reference, withdrawn_at: null });
    });

    it("are withdrawn with their finding", async () => {
      const report = await reportIn(database, "published");
      const { version } = await db().selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
      await db()
        .transaction()
        .execute((tx) =>
          withdrawFinding(
            tx,
            { reportId: report.id, seenVersion: version, by: report.reviewer, now: LATER },
            { number: 2, reason: "Erreur" },
            () => "",
          ),
        );
      expect((await practiceOf(report)).withdrawn_at).to.equal(LATER);
    });

    it("are withdrawn with their cross-case finding", async () => {
      const own = await crossFindingIn(database, "approved", set, { ...PRACTICE, publicStatement: "À retirer." });
      expect((await listPublicPractices(db(), { text: "a retirer" })).total).to.equal(1);
      await acting(database, own, set.coordinator, (tx, act) => withdrawCrossFinding(tx, act, "Erreur"), LATER);
      expect((await listPublicPractices(db(), { text: "a retirer" })).total).to.equal(0);
      expect(await sources()).not.to.include(own);
    });

    it("stay as they were published when the draft behind them changes", async () => {
      await db()
        .updateTable("finding")
        .set({ statement: "Autre chose", public_statement: "Autre chose", status: "draft" })
        .where("report_id", "=", reports[0]!.id)
        .execute();
      const { practices } = await listGoodPractices(db(), { text: "L’association a proposé" });
      expect(practices.some(({ source }) => source.kind === "report" && source.reportId === reports[0]!.id)).to.equal(true);
      expect((await practiceOf(reports[0]!)).statement).to.equal("Une association a proposé un hébergement dans la journée.");
    });
  });
