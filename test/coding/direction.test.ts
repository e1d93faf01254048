import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { codebookVersion } from "../../server/codebook/store.ts";
import { codeRestUnknown, saveValue } from "../../server/coding/save-value.ts";
import { Invalid } from "../../server/http/errors.ts";
import { figuresByFactor } from "../../server/observatory/figures.ts";
import { publishEdition } from "../../server/reports/editions.ts";
import { factsOf } from "../../server/reports/facts.ts";
import { startApp, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { assigned, NOW } from "./support.ts";

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`the history of violence in both directions (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    const reportRow = (id: string) => database.db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const both = (id: string) => database.db.updateTable("report").set({ second_direction: 1 }).where("id", "=", id).execute();

    it("asks once more for each factor of the history about the case, and for no other", async () => {
      const { id } = await assigned(database);
      const before = (await factsOf(database.db, await reportRow(id))).uncodedFactors;
      await both(id);
      const after = (await factsOf(database.db, await reportRow(id))).uncodedFactors;
      const { factors } = await codebookVersion(database.db, "1.0.0");
      const twice = factors.filter(({ section, appliesTo }) => section === "violence_history" && appliesTo === "case").length;
      expect(twice).to.be.greaterThan(5);
      expect(after - before).to.equal(twice);
    });

    it("is coded apart from the first direction, by section too, and refused where the sheet does not ask for it", async () => {
      const report = await assigned(database);
      const code = (factor: string, subject: string, value: string) =>
        database.db
          .transaction()
          .execute((tx) =>
            saveValue(tx, report.id, { factor, subject, value, reason: "Dit au dossier", seenVersion: 0 }, report.analyst, NOW),
          );
      const refused = async (work: Promise<unknown>) =>
        work.then(
          () => null,
          (error: unknown) => (error instanceof Invalid ? error.fields : error),
        );
      expect(await refused(code("physical_violence", "reverse", "absent"))).to.deep.equal({ subject: "coding.problem.subject" });
      await both(report.id);
      await code("physical_violence", "case", "absent");
      await code("physical_violence", "reverse", "unknown");
      expect(await refused(code("overkill", "reverse", "absent")), "a factor of another section").to.deep.equal({
        subject: "coding.problem.subject",
      });
      await database.db.transaction().execute((tx) => codeRestUnknown(tx, report.id, "violence_history", report.analyst, NOW));
      const coded = await database.db
        .selectFrom("coding")
        .select(["subject", "value"])
        .where("report_id", "=", report.id)
        .where("factor", "=", "physical_violence")
        .orderBy("subject")
        .execute();
      expect(coded).to.deep.equal([
        { subject: "case", value: "absent" },
        { subject: "reverse", value: "unknown" },
      ]);
    });

    it("is frozen beside the figures: a case is counted once", async () => {
      const report = await assigned(database);
      await both(report.id);
      const definition = await codebookVersion(database.db, "1.0.0");
      await database.db.transaction().execute(async (tx) => {
        for (const [subject, value] of [
          ["case", "absent"],
          ["reverse", "present"],
        ] as const)
          await saveValue(
            tx,
            report.id,
            {
              factor: "physical_violence",
              subject,
              value,
              seenVersion: 0,
              passages: [{ document: 1, quote: "aucune scène de violence physique" }],
            },
            report.analyst,
            NOW,
          );
        const row = await tx.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow();
        await publishEdition(tx, row, report.reviewer.id, NOW);
      });
      const [figure] = (await figuresByFactor(database.db, { from: null, to: null, region: null, actKind: null }, definition)).filter(
        ({ factor }) => factor.code === "physical_violence",
      );
      expect(figure).to.include({ all: 1, documented: 1 });
      expect(figure!.values).to.deep.equal([
        { value: "present", count: 0 },
        { value: "absent", count: 1 },
      ]);
      expect(await database.db.selectFrom("edition_reverse_value").select(["factor", "value"]).execute()).to.deep.equal([
        { factor: "physical_violence", value: "present" },
      ]);
    });
  });
}

describe("the second direction on the sheet", () => {
  it("is asked for with a tick, shown on the coding page for each direction, and stays while it is coded", async () => {
    const app = await startApp();
    const analyst = await visitorWith(app, "analyst");
    const report = await assigned(app.database, { analyst: analyst.person });
    const sheet = await app.database.db.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow();
    let { version } = sheet;
    const correct = (fields: Record<string, string>) =>
      analyst.post(`/rapports/${report.id}/fiche`, {
        version: String(version),
        issuingKind: sheet.issuing_kind,
        issuingService: sheet.issuing_service,
        receivedOn: sheet.received_on,
        actDate: sheet.act_date,
        actKind: sheet.act_kind,
        department: sheet.department,
        court: sheet.court,
        proceedings: sheet.proceedings,
        victim_female: "1",
        perpetrator_male: "1",
        ...fields,
      });
    expect((await correct({ bothDirections: "oui" })).status).to.equal(303);
    version++;
    const page = (await analyst.get(`/rapports/${report.id}/codage`)).text;
    expect(page).to.include('id="facteur-physical_violence"').and.to.include('id="facteur-physical_violence-reverse"');
    expect(page).to.match(/From the victim to the perpetrator|De la victime vers l’auteur/);
    const saved = await analyst.post(`/rapports/${report.id}/codage/valeur`, {
      factor: "physical_violence",
      subject: "reverse",
      seenVersion: "0",
      value: "unknown",
    });
    expect(saved.location).to.include("#facteur-physical_violence-reverse");
    const kept = await correct({});
    expect(kept.status).to.equal(422);
    expect(kept.text).to.match(/already coded|déjà codé/);
    await app.close();
  });
});
