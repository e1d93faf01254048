import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import {
  countResults,
  judgeAllAgain,
  judgeReports,
  listReportsOf,
  refreshResults,
  settled,
  staleReports,
} from "../../server/quality/results.ts";
import { registerReport } from "../../server/reports/intake.ts";
import { COURTS } from "../../server/reports/places.ts";
import { readFile } from "../../server/reports/quality/load.ts";
import { row } from "../chronology/support.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { CODED, REPORT_TEXT, reportIn, someone } from "../support/reports.ts";
import { codedTwice } from "../support/two-coders.ts";

const now = clock().toISOString();
const TODAY = "2026-11-23";
const failed = (error: unknown) => {
  throw error;
};

for (const [name, open] of Object.entries(DATABASES))
  describe(`what the rules said of each report (${name})`, () => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.db.destroy());
    const sheet = (id: string) => database.db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const refresh = () => refreshResults(database.db, now, TODAY, failed);
    const rules = async () => Object.fromEntries([...(await countResults(database.db)).rules].sort());
    const stale = async () => (await staleReports(database.db, TODAY)).map(({ id }) => id);

    it("is read from the rows: the sheet, its people, values with their passages, findings, recommendations and the chronology", async () => {
      const built = await reportIn(database, "analysed");
      await database.db.insertInto("chronology_entry").values(row(built.id, built.analyst.id)).execute();
      const file = await readFile(database.db, await sheet(built.id), TODAY);
      expect(file.sheet).to.include({ actDate: "2024-03-14", receivedOn: "2026-02-02", department: "41", secondDirection: false });
      expect(file.people.map(({ id }) => id)).to.have.members([built.victim, built.perpetrator]);
      expect(file.values).to.have.length(110);
      const fear = file.values.find(({ factor }) => factor === "victim_fear")!;
      expect(fear).to.include({
        subject: built.victim,
        value: "present",
        knownWhen: "service_before",
        basis: "official_record",
        origin: null,
      });
      expect(fear.passages).to.have.length(1);
      expect(file.quotes).to.have.members([...new Set(CODED.map(({ quote }) => quote!))]);
      for (const quote of file.quotes) expect(REPORT_TEXT).to.include(quote);
      expect(file.entries).to.have.length(1);
      expect(file.findings.map(({ number, kind, factors }) => ({ number, kind, factors: [...factors].sort() }))).to.deep.equal([
        { number: 1, kind: "missed_signal", factors: ["complaint_filed", "signal_not_transmitted"] },
        { number: 2, kind: "good_practice", factors: ["good_practice"] },
      ]);
      expect(file.findings[0]!.passages).to.have.length(1);
      expect(file.recommendations).to.have.length(1);
      expect(file.recommendations[0]).to.include({ number: 1, addressee: "gendarmerie", deadline: "2027-06-30", draft: true });
      expect(file.recommendations[0]!.findings).to.deep.equal([1]);
    });

    it("rests on the layer that counts", async () => {
      const built = await reportIn(database, "coded");
      const { id, ...coding } = await database.db
        .selectFrom("coding")
        .selectAll()
        .where("report_id", "=", built.id)
        .where("factor", "=", "physical_violence")
        .executeTakeFirstOrThrow();
      await database.db
        .insertInto("coding")
        .values({ ...coding, id: newId(), layer: 3, value: "present" })
        .execute();
      const violenceOn = async (layer: 1 | 3) => {
        const file = await readFile(database.db, { ...(await sheet(built.id)), counted_layer: layer }, TODAY);
        return file.values.filter(({ factor }) => factor === "physical_violence").map(({ value, passages }) => [value, passages.length]);
      };
      expect(await violenceOn(1)).to.deep.equal([["absent", 1]]);
      expect(await violenceOn(3)).to.deep.equal([["present", 0]]);
    });

    it("counts as by hand, with the reports each rule was looked at in, and keeps codes and places without a word of the case", async () => {
      await reportIn(database, "received");
      const coded = await reportIn(database, "coded");
      const analysed = await reportIn(database, "analysed");
      const aside = await reportIn(database, "set_aside");
      const blind = await codedTwice(database);
      expect(await refresh()).to.equal(0);
      const counts = await countResults(database.db);
      // Received: nothing coded yet. Coded: 7 warnings. Analysed: two of its findings took up a failing and a practice, its recommendation has no proof.
      expect(counts).to.deep.include({ judged: 3, withBlocking: 0, clear: 1, blind: 1, aside: 1 });
      expect(counts.pinned).to.have.deep.members([
        { codebook_version: "1.0.0", coded: false, reports: 1 },
        { codebook_version: "1.0.0", coded: true, reports: 2 },
      ]);
      expect(await rules()).to.deep.equal({
        known_risk_without_signal: { reports: 2, issues: 2 },
        mostly_undocumented: { reports: 2, issues: 2 },
        recommendation_not_verifiable: { reports: 1, issues: 1 },
        response_without_finding: { reports: 2, issues: 4 },
        response_without_known_when: { reports: 2, issues: 2 },
        risk_without_finding: { reports: 2, issues: 2 },
      });
      const kept = await database.db.selectFrom("quality_result").selectAll().orderBy("report_id").execute();
      expect(kept.map(({ report_id, blocking, warnings }) => [report_id, blocking, warnings])).to.have.deep.members([
        [kept.find(({ warnings }) => warnings === 0)!.report_id, 0, 0],
        [coded.id, 0, 7],
        [analysed.id, 0, 6],
      ]);
      expect(kept.map(({ report_id }) => report_id)).not.to.include.members([blind.id, aside.id]);
      for (const { issues } of kept)
        for (const issue of JSON.parse(issues) as object[]) expect(Object.keys(issue)).to.have.members(["rule", "place"]);
      expect(JSON.stringify(kept)).not.to.match(/plainte|brigade|2024-03-14/i);
      const most = await listReportsOf(database.db, "response_without_finding", "issues", 1);
      expect(most.map(({ id, issues }) => [id, issues])).to.deep.equal([
        [coded.id, 3],
        [analysed.id, 1],
      ]);
      const received = await listReportsOf(database.db, "response_without_finding", "receipt", 1);
      expect(received.map(({ id }) => id)).to.deep.equal([coded.id, analysed.id].sort());
    });

    it("is judged again only where something changed: the sheet, the coding, the findings, the recommendations, the chronology, the day", async () => {
      const [a, b] = [await reportIn(database, "analysed"), await reportIn(database, "analysed")];
      expect(await stale()).to.have.members([a.id, b.id]);
      await refresh();
      expect(await stale()).to.deep.equal([]);
      const { db } = database;
      const changes: (() => Promise<unknown>)[] = [
        () => db.updateTable("report").set({ version: 90, department: "75" }).where("id", "=", a.id).execute(),
        () =>
          db
            .insertInto("coding_act")
            .values({ report_id: a.id, layer: 1, factor: "tgd", subject: a.victim, by: a.analyst.id, at: now, after: null, batch: null })
            .execute(),
        () => db.updateTable("finding").set({ version: 9 }).where("report_id", "=", a.id).where("number", "=", 2).execute(),
        () => db.updateTable("recommendation").set({ version: 9 }).where("report_id", "=", a.id).execute(),
        () => db.insertInto("chronology_entry").values(row(a.id, a.analyst.id)).execute(),
        () => db.updateTable("report").set({ due_on: "2026-11-22" }).where("id", "=", a.id).execute(),
        () => db.updateTable("recommendation").set({ deadline: "2026-11-22" }).where("report_id", "=", a.id).execute(),
      ];
      for (const [at, change] of changes.entries()) {
        await change();
        expect(await stale(), `change ${at}`).to.deep.equal([a.id]);
        await refresh();
        expect(await stale(), `change ${at}, judged`).to.deep.equal([]);
      }
      expect((await rules())["due_passed"]).to.deep.equal({ reports: 1, issues: 1 });
      expect((await rules())["recommendation_deadline_past"]).to.deep.equal({ reports: 1, issues: 1 });
      // The day after, a date may have passed.
      await db.updateTable("report").set({ due_on: TODAY }).where("id", "=", b.id).execute();
      expect((await staleReports(db, TODAY)).length).to.equal(0);
      expect((await staleReports(db, "2026-11-24")).map(({ id }) => id)).to.deep.equal([b.id]);
    });

    it("tells nothing more of a report that is set aside or coded blind since", async () => {
      const built = await reportIn(database, "coded");
      await refresh();
      expect((await countResults(database.db)).judged).to.equal(1);
      await database.db.updateTable("report").set({ coding_mode: "blind", state: "received" }).where("id", "=", built.id).execute();
      expect(await countResults(database.db)).to.deep.include({ judged: 0, blind: 1 });
      expect(await rules()).to.deep.equal({});
      expect(await listReportsOf(database.db, "mostly_undocumented", "issues", 1)).to.deep.equal([]);
    });

    it("follows in the background where many reports wait, and says how many; two rounds at once are one", async () => {
      const coordinator = await someone(database, "coordinator");
      const court = COURTS.find(({ name: town }) => town === "Tribunal judiciaire de Blois")!;
      await database.db.transaction().execute(async (tx) => {
        for (let n = 0; n < 35; n++)
          await registerReport(
            tx,
            {
              receivedOn: "2026-02-02",
              issuingKind: "prosecutor",
              issuingService: "Parquet de Blois",
              court: court.srj,
              department: "41",
              actDate: "2024-03-14",
              actKind: "homicide",
              proceedings: "judicial_investigation",
            },
            [{ kind: "victim", number: 1, sex: "female" }],
            coordinator,
            now,
          );
      });
      expect(await refresh()).to.equal(35);
      expect(await refresh()).to.be.at.least(1);
      await settled(database.db);
      expect(await refresh()).to.equal(0);
      expect(await countResults(database.db)).to.deep.include({ judged: 35, withBlocking: 35, clear: 0 });
      expect(await rules()).to.deep.equal({ people_missing: { reports: 35, issues: 35 } });
      expect(await database.db.transaction().execute((tx) => judgeAllAgain(tx))).to.equal(35);
      expect(await stale()).to.have.length(35);
      let slices = 0;
      await judgeReports(database.db, await staleReports(database.db, TODAY), now, TODAY, () => slices++ < 2);
      expect(await stale(), "two slices of five").to.have.length(25);
    });
  });
