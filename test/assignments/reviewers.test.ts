import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { listToReview } from "../../server/home/queries.ts";
import { actsFor } from "../../server/reports/apply-event.ts";
import { findReport } from "../../server/reports/queries.ts";
import { row } from "../chronology/support.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn, someone } from "../support/reports.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`who may review, on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    it("is nobody who wrote the chronology that findings rest on, on the page of the report and among their work", async () => {
      const { id } = await reportIn(database, "analysed");
      const writer = await someone(database, "reviewer", "analyst");
      const reasons = async () =>
        (await actsFor(database.db, await findReport(database.db, id, writer), writer, "fr")).find(
          ({ type }) => type === "FINDING_APPROVED",
        )?.reasons;
      const waiting = async () => (await listToReview(database.db, writer.id)).some((line) => line.id === id);
      expect([await reasons(), await waiting()]).to.deep.equal([[], true]);
      await database.db.insertInto("chronology_entry").values(row(id, writer.id)).execute();
      expect(await reasons()).to.have.length(1);
      expect((await reasons())?.[0]).to.include("la relecture revient à une autre personne");
      expect(await waiting()).to.equal(false);
    });
  });
