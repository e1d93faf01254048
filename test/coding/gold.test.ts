import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { replayGold } from "../../server/coding/gold.ts";
import { DATABASES } from "../support/databases.ts";
import { someone } from "../support/reports.ts";

describe("the reference codings of the ten samples", () => {
  it("go through the functions of the pages whole: every value stored, every quote found in its text", async function () {
    this.timeout(60_000);
    const database = await DATABASES.SQLite();
    try {
      const people = { analyst: await someone(database, "analyst"), coordinator: await someone(database, "coordinator") };
      const result = await replayGold(fileURLToPath(new URL("../samples", import.meta.url)), database, people, "2026-11-23T09:00:00.000Z");
      expect(result.missed).to.deep.equal([]);
      expect(result).to.include({ documents: 10, values: 541, valuesStored: 541, quotes: 588, quotesLocated: 588, quotesOnScans: 52 });
      const stored = await database.db
        .selectFrom("coding_passage")
        .innerJoin("passage", "passage.id", "coding_passage.passage_id")
        .innerJoin("document", "document.id", "passage.document_id")
        .select(["passage.starts", "passage.ends", "passage.quote", "document.text"])
        .where("passage.starts", "is not", null)
        .execute();
      expect(stored.length).to.be.greaterThan(450);
      for (const { starts, ends, quote, text } of stored) expect(Array.from(text).slice(starts!, ends!).join("")).to.equal(quote);
    } finally {
      await database.close();
    }
  });
});
