import { expect } from "chai";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";

const SHEET = {
  issuingKind: "prosecutor",
  receivedOn: "2026-02-02",
  actDate: "2024-03-14",
  actKind: "homicide",
  department: "41",
  court: "109",
  proceedings: "judged",
  victim_female: "1",
  perpetrator_male: "1",
};

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`two people acting on the same version of a report, on ${name}`, () => {
    let app: RunningApp;
    let first: Visitor & { person: { id: string } };
    let second: Visitor & { person: { id: string } };
    let firstName: string;
    before(async () => {
      app = await startApp({}, open);
      first = await visitorWith(app, "coordinator", "reviewer");
      second = await visitorWith(app, "coordinator", "reviewer");
      ({ name: firstName } = await app.database.db
        .selectFrom("account")
        .select("name")
        .where("id", "=", first.person.id)
        .executeTakeFirstOrThrow());
    });
    after(() => app.close());

    const stored = async ({ id }: BuiltReport) => {
      const { db } = app.database;
      return {
        report: await db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
        history: await db.selectFrom("report_event").selectAll().where("report_id", "=", id).orderBy("version").execute(),
        assignments: await db.selectFrom("assignment").selectAll().where("report_id", "=", id).orderBy("id").execute(),
        people: await db.selectFrom("person").selectAll().where("report_id", "=", id).orderBy("id").execute(),
        editions: await db.selectFrom("edition").select(["number", "digest"]).where("report_id", "=", id).execute(),
        decisions: await db.selectFrom("finding_decision").selectAll().orderBy("id").execute(),
        audit: await db.selectFrom("audit").selectAll().where("object_id", "=", id).where("action", "!=", "report.read").execute(),
      };
    };
    type Answer = Awaited<ReturnType<Visitor["post"]>>;
    /** The second page: what happened meanwhile, by whom; nothing written. */
    async function overtaken(report: BuiltReport, act: (visitor: Visitor) => Promise<Answer>, done: string): Promise<Answer> {
      expect((await act(first)).status).to.equal(303);
      const between = await stored(report);
      const answer = await act(second);
      expect(answer.status).to.equal(409);
      expect(answer.text).to.include(firstName).and.to.include(done).and.to.include(`href="/rapports/${report.id}"`);
      expect(await stored(report)).to.deep.equal(between);
      return answer;
    }

    it("assigning: the second sees who assigned it, and it stays assigned as it was", async () => {
      const report = await reportIn(app.database, "received");
      const version = String(report.version);
      await overtaken(
        report,
        (visitor) =>
          visitor.post(`/rapports/${report.id}/affecter`, { version, analyst: report.analyst.id, priority: "high", due: "2027-01-31" }),
        "Rapport affecté",
      );
    });

    it("correcting the sheet: the second keeps what they typed", async () => {
      const report = await reportIn(app.database, "received");
      const version = String(report.version);
      const typed = new Map([
        [first, "Parquet de Blois, section A"],
        [second, "Parquet « de Blois » & <section B>"],
      ]);
      const answer = await overtaken(
        report,
        (visitor) =>
          visitor.post(`/rapports/${report.id}/fiche`, { ...SHEET, version, issuingService: typed.get(visitor as typeof first)! }),
        "Fiche corrigée",
      );
      expect(answer.text).to.include("Parquet « de Blois » &amp; &lt;section B&gt;").and.to.include("Service émetteur");
    });

    it("setting aside: the second sees the reason that the first gave, beside their own", async () => {
      const report = await reportIn(app.database, "coded");
      const version = String(report.version);
      const answer = await overtaken(
        report,
        (visitor) =>
          visitor.post(`/rapports/${report.id}/ecarter`, {
            version,
            kind: "duplicate",
            reason: visitor === first ? "Doublon d’un rapport de 2024" : "Hors du champ, à mon avis",
          }),
        "Rapport écarté",
      );
      expect(answer.text).to.include("Doublon d’un rapport de 2024").and.to.include("Hors du champ, à mon avis");
    });

    it("deciding and publishing: one decision, one edition", async () => {
      const report = await reportIn(app.database, "analysed");
      const decide = (number: number, version: number) => (visitor: Visitor) =>
        visitor.post(`/rapports/${report.id}/relecture/${number}`, {
          version: String(version),
          decision: "return",
          category: "wording",
          comment: "À préciser",
        });
      await overtaken(report, decide(1, report.version), "Constat renvoyé");
      const approve = (number: number, version: number) =>
        first.post(`/rapports/${report.id}/relecture/${number}`, {
          version: String(version),
          decision: "approve",
          comment: "",
          checks: [...PUBLIC_CHECKS],
        });
      expect((await approve(1, report.version + 1)).status).to.equal(303);
      expect((await approve(2, report.version + 2)).status).to.equal(303);
      const version = String(report.version + 3);
      await overtaken(report, (visitor) => visitor.post(`/rapports/${report.id}/relecture/publier`, { version }), "Constats publiés");
    });

    it("at the very same moment: one of them is told, whoever it is", async () => {
      for (let round = 0; round < 5; round++) {
        const report = await reportIn(app.database, "received");
        const version = String(report.version);
        const act = (visitor: Visitor) =>
          visitor.post(`/rapports/${report.id}/affecter`, { version, analyst: report.analyst.id, priority: "normal", due: "" });
        const answers = await Promise.all([act(first), act(second), act(first), act(second)]);
        expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([303, 409, 409, 409]);
        const { report: row, history, assignments } = await stored(report);
        expect([row.version, history.length, assignments.length]).to.deep.equal([2, 2, 1]);
      }
    });

    it("asked by a script: the same as JSON", async () => {
      const report = await reportIn(app.database, "received");
      const act = (visitor: Visitor) =>
        visitor.post(
          `/rapports/${report.id}/ecarter`,
          { version: String(report.version), kind: "unusable", reason: "Illisible" },
          { accept: "application/json" },
        );
      expect((await act(first)).status).to.equal(200);
      const answer = await act(second);
      expect(answer.status).to.equal(409);
      const { conflict, happened } = JSON.parse(answer.text) as { conflict: boolean; happened: { who: string; what: string }[] };
      expect(conflict).to.equal(true);
      expect(happened.map(({ who, what }) => [who, what])).to.deep.equal([[firstName, "Rapport écarté"]]);
    });
  });
}
