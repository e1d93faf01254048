import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { listGoodPractices, listPracticeYears } from "../../server/reports/good-practices.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn } from "../support/reports.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`good practices (${name})`, () => {
    let database: Database;
    let ids: string[];
    before(async () => {
      database = await open();
      const older = await reportIn(database, "published", {}, { actDate: "2023-05-05" });
      const newer = await reportIn(database, "published", {}, { actDate: "2025-01-09" });
      await reportIn(database, "analysed", {}, { actDate: "2025-02-02" });
      ids = [newer.id, older.id];
    });
    after(() => database.close());

    it("are the approved ones of published reports, the latest act first", async () => {
      const { practices, total } = await listGoodPractices(database.db);
      expect(practices.map(({ reportId }) => reportId)).to.deep.equal(ids);
      expect(total).to.equal(2);
      expect(practices[0]).to.include({ number: 2, edition: 1, actDate: "2025-01-09", service: "Association d’aide aux victimes" });
      expect(practices[0]?.factors).to.deep.equal(["good_practice"]);
    });

    it("are kept by year of the act, and found whatever the case and accents", async () => {
      const found = async (given: Parameters<typeof listGoodPractices>[1]) =>
        (await listGoodPractices(database.db, given)).practices.map(({ reportId }) => reportId);
      expect(await found({ year: 2023 })).to.deep.equal([ids[1]]);
      expect(await found({ text: "HEBERGEMENT le jour" })).to.deep.equal(ids);
      expect(await found({ text: "l'association" })).to.deep.equal(ids);
      expect(await found({ service: "gendarmerie" })).to.deep.equal([]);
    });

    it("leave with a report that is set aside, as they leave the figures", async () => {
      const set = (state: "published" | "set_aside") =>
        database.db.updateTable("report").set({ state }).where("id", "=", ids[0]!).execute();
      await set("set_aside");
      expect((await listGoodPractices(database.db)).practices.map(({ reportId }) => reportId)).to.deep.equal([ids[1]]);
      expect(await listPracticeYears(database.db)).to.deep.equal(["2023"]);
      await set("published");
    });

    it("stay as they were published when the draft behind them changes", async () => {
      await database.db
        .updateTable("finding")
        .set({ statement: "Autre chose", status: "draft" })
        .where("report_id", "=", ids[0]!)
        .execute();
      const { practices } = await listGoodPractices(database.db, { year: 2025 });
      expect(practices[0]?.statement).to.match(/^L’association a proposé/);
    });
  });
