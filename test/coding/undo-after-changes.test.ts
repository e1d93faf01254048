import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import { assignReport } from "../../server/assignments/assign.ts";
import { attachPassage, saveValue, type ValueGiven } from "../../server/coding/save-value.ts";
import { redoLast, undoLast } from "../../server/coding/undo.ts";
import { Refusal } from "../../server/http/errors.ts";
import type { Actor } from "../../workflows/actor.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn, someone } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`undoing after the report changed, on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    const within = <T>(run: (tx: Tx) => Promise<T>) => database.db.transaction().execute(run);
    const save = (id: string, by: Actor, given: Omit<ValueGiven, "seenVersion"> & { seenVersion?: number }) =>
      within((tx) => saveValue(tx, id, { seenVersion: 0, ...given }, by, NOW));
    const refused = async (turning: Promise<unknown>): Promise<string> => {
      const error = await turning.then(
        () => null,
        (thrown) => thrown as unknown,
      );
      expect(error).to.be.instanceOf(Refusal);
      return (error as Refusal).reasons("fr").join(" ");
    };
    const values = async (id: string) =>
      (await database.db.selectFrom("coding").select("value").where("report_id", "=", id).execute()).map(({ value }) => value);

    it("does not bring back what was coded about a person whom the sheet no longer names", async () => {
      const { id, analyst } = await assigned(database);
      const person = newId();
      await database.db.insertInto("person").values({ id: person, report_id: id, kind: "victim", number: 2, sex: "male" }).execute();
      await save(id, analyst, { factor: "victim_fear", subject: person, value: "unknown" });
      await within((tx) => undoLast(tx, id, analyst, NOW));
      await database.db.deleteFrom("person").where("id", "=", person).execute();
      expect(await refused(within((tx) => redoLast(tx, id, analyst, NOW)))).to.match(/n’est plus demandé pour ce rapport.*rétabli/);
      expect(await values(id)).to.deep.equal([]);
    });

    it("does not bring back the second direction of the history once it is no longer asked for", async () => {
      const { id, analyst } = await assigned(database);
      const direction = (second_direction: 0 | 1) =>
        database.db.updateTable("report").set({ second_direction }).where("id", "=", id).execute();
      await direction(1);
      await save(id, analyst, { factor: "physical_violence", subject: "reverse", value: "unknown" });
      await within((tx) => undoLast(tx, id, analyst, NOW));
      await direction(0);
      expect(await refused(within((tx) => redoLast(tx, id, analyst, NOW)))).to.match(/n’est plus demandé/);
      expect(await values(id)).to.deep.equal([]);
      await direction(1);
      await within((tx) => redoLast(tx, id, analyst, NOW));
      expect(await values(id)).to.deep.equal(["unknown"]);
    });

    it("does not bring back “not requested” once the act is dated before the measure existed", async () => {
      const { id, analyst, victim } = await assigned(database);
      await save(id, analyst, { factor: "tgd", subject: victim, value: "not_requested", reason: "Dit la fiche" });
      await save(id, analyst, { factor: "tgd", subject: victim, value: "unknown", seenVersion: 1 });
      await database.db.updateTable("report").set({ act_date: "1995-01-01" }).where("id", "=", id).execute();
      expect(await refused(within((tx) => undoLast(tx, id, analyst, NOW)))).to.match(/ne peut plus être donnée.*annulé/);
      expect(await values(id)).to.deep.equal(["unknown"]);
    });

    it("unties the passage of its own coding where the other coder wrote one at the same place", async () => {
      const { id, analyst, coordinator } = await reportIn(database, "received");
      const other = await someone(database, "analyst");
      const give = async (second: string | null) => {
        const { version } = await database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow();
        const given = { analyst: analyst.id, second, adjudicator: null, priority: "normal", due: null } as const;
        await within((tx) => assignReport(tx, { reportId: id, seenVersion: version, by: coordinator, now: NOW }, given));
      };
      await give(other.id);
      const passage = { document: 1, quote: "au domicile de la victime" };
      for (const by of [other, analyst]) {
        await save(id, by, { factor: "place_of_act", subject: "case", value: "victim_home", reason: "Dit la fiche" });
        await within((tx) => attachPassage(tx, id, { factor: "place_of_act", subject: "case", passage }, by, NOW));
      }
      await give(null);
      await within((tx) => undoLast(tx, id, analyst, NOW));
      const tied = await database.db
        .selectFrom("coding_passage")
        .innerJoin("coding", "coding.id", "coding_passage.coding_id")
        .select("coding.layer")
        .where("report_id", "=", id)
        .execute();
      expect(tied.map(({ layer }) => layer)).to.deep.equal([2]);
    });
  });
