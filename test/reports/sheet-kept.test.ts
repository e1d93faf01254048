import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import { assignReport } from "../../server/assignments/assign.ts";
import { saveValue } from "../../server/coding/save-value.ts";
import type { Role } from "../../workflows/actor.ts";
import { row } from "../chronology/support.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { reportIn } from "../support/reports.ts";
import { SHEET, said } from "./support.ts";

const now = clock().toISOString();

for (const [name, open] of Object.entries(DATABASES))
  describe(`what a corrected sheet takes away, on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    before(async () => {
      app = await startApp({}, open);
    });
    after(() => app.close());
    type Signed = Awaited<ReturnType<typeof visitorWith>>;
    const by = (visitor: Signed, ...roles: Role[]) => ({ id: visitor.person.id, roles });
    const within = <T>(run: (tx: Tx) => Promise<T>) => app.database.db.transaction().execute(run);
    const versionOf = async (id: string) =>
      String((await app.database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow()).version);
    const child = async (report: string) => {
      const id = newId();
      await app.database.db.insertInto("person").values({ id, report_id: report, kind: "child", number: 1, sex: "female" }).execute();
      return id;
    };
    const people = async (id: string) =>
      (await app.database.db.selectFrom("person").select("id").where("report_id", "=", id).execute()).map((person) => person.id);

    it("is never somebody whom the chronology names; whom it named in entries taken away alone may go", async () => {
      const head = await visitorWith(app, "coordinator");
      const { id, analyst } = await reportIn(app.database, "received");
      const person = await child(id);
      const entry = { ...row(id, analyst.id), person_id: person };
      await app.database.db.insertInto("chronology_entry").values(entry).execute();
      await head.get(`/rapports/${id}/fiche`);
      const kept = await head.post(`/rapports/${id}/fiche`, { ...SHEET, version: await versionOf(id) });
      expect(kept.status).to.equal(422);
      expect(said(kept.text)).to.include("que la chronologie nomme ne peut pas être retirée");
      await app.database.db.updateTable("chronology_entry").set({ deleted_at: now }).where("id", "=", entry.id).execute();
      expect((await head.post(`/rapports/${id}/fiche`, { ...SHEET, version: await versionOf(id) })).status).to.equal(303);
      expect(await people(id)).not.to.include(person);
    });

    it("is told to one of two blind coders in the same words whatever the other has coded", async () => {
      const [first, second] = [await visitorWith(app, "analyst"), await visitorWith(app, "analyst")];
      const answers: string[] = [];
      for (const coded of [false, true]) {
        const { id, coordinator, victim } = await reportIn(app.database, "received");
        const other = newId();
        await app.database.db.insertInto("person").values({ id: other, report_id: id, kind: "victim", number: 2, sex: "male" }).execute();
        await app.database.db.updateTable("report").set({ second_direction: 1 }).where("id", "=", id).execute();
        const given = { analyst: first.person.id, second: second.person.id, adjudicator: null, priority: "normal", due: null } as const;
        await within((tx) => assignReport(tx, { reportId: id, seenVersion: 1, by: coordinator, now }, given));
        if (coded)
          for (const [factor, subject] of [
            ["victim_fear", victim],
            ["victim_fear", other],
            ["physical_violence", "reverse"],
          ] as const)
            await within((tx) => saveValue(tx, id, { factor, subject, value: "unknown", seenVersion: 0 }, by(first, "analyst"), now));
        await second.get(`/rapports/${id}/fiche`);
        const version = await versionOf(id);
        for (const change of [
          { bothDirections: "oui" },
          { victim_male: "1" },
          { victim_male: "1", bothDirections: "oui", proceedings: "final" },
        ]) {
          const answer = await second.post(`/rapports/${id}/fiche`, { ...SHEET, version, ...change });
          answers.push(`${answer.status} ${/(Deux analystes codent ce rapport[^.<]*)/.exec(said(answer.text))?.[1]?.slice(0, 90) ?? ""}`);
        }
        expect(await people(id)).to.have.length(3);
      }
      expect(answers.slice(0, 3)).to.deep.equal(answers.slice(3));
      expect(answers.map((answer) => answer.slice(0, 3))).to.deep.equal(["422", "422", "303", "422", "422", "303"]);
    });
  });
