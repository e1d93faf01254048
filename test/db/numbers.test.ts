import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { nextNumber } from "../../db/numbers.ts";
import { DATABASES } from "../support/databases.ts";

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`receipt numbers on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());
    const one = (kind: "report" | "recommendation", year: number) => database.db.transaction().execute((tx) => nextNumber(tx, kind, year));

    it("are given once each, in order, to twenty who ask at the same time", async () => {
      const given = await Promise.all(Array.from({ length: 20 }, () => one("report", 2026)));
      expect(given.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: 20 }, (_, at) => at + 1));
    });

    it("count each year and each kind by itself", async () => {
      expect([
        await one("report", 2031),
        await one("recommendation", 2031),
        await one("report", 2032),
        await one("report", 2031),
      ]).to.deep.equal([1, 1, 1, 2]);
    });

    it("leave no gap where a deposit was not saved", async () => {
      expect(await one("report", 2040)).to.equal(1);
      const undone = database.db.transaction().execute(async (tx) => {
        await nextNumber(tx, "report", 2040);
        throw new Error("not saved");
      });
      await undone.catch(() => {});
      expect(await one("report", 2040)).to.equal(2);
    });
  });
}
