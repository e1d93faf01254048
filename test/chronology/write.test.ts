import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { factsOfEntries, listEntries } from "../../server/chronology/queries.ts";
import { addEntry, changeEntry, removeEntry, tieEntry } from "../../server/chronology/write.ts";
import { Conflict, type Invalid, NotFound, Refusal } from "../../server/http/errors.ts";
import type { Actor } from "../../workflows/actor.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";
import { assign, entry, row } from "./support.ts";

const QUOTE = "Madame A. a déposé plainte à la brigade";

for (const [name, open] of Object.entries(DATABASES))
  describe(`the chronology of a report (${name})`, () => {
    let database: Database;
    let report: BuiltReport;
    let analyst: Actor;
    before(async () => {
      database = await open();
      report = await reportIn(database, "received");
      analyst = report.analyst;
      await assign(database, report.id, analyst.id);
    });
    after(() => database.close());
    const writing = (by: Actor = analyst, reportId = report.id) => ({ reportId, by, now: clock().toISOString() });
    const inside = <Answer>(run: Parameters<ReturnType<Database["db"]["transaction"]>["execute"]>[0]) =>
      database.db.transaction().execute(run) as Promise<Answer>;
    const add = (given: Parameters<typeof entry>[0] = {}, by: Actor = analyst) =>
      inside<string>((tx) => addEntry(tx, writing(by), entry(given)));
    const stored = (id: string) => database.db.selectFrom("chronology_entry").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const seen = async (by: Actor) => {
      const found = await database.db
        .selectFrom("report")
        .select(["id", "coding_mode"])
        .where("id", "=", report.id)
        .executeTakeFirstOrThrow();
      return (await listEntries(database.db, found, by)).map(({ id }) => id);
    };
    const failure = async (act: Promise<unknown>) => act.then(() => null).catch((error: unknown) => error);
    const problems = async (given: Parameters<typeof entry>[0]) => ((await failure(add(given))) as Invalid | null)?.fields;

    it("keeps what the report says: a period, a doubt, who, what was done, and the place of the passage", async () => {
      const id = await add({
        start: "mars 2019",
        end: "2022",
        uncertain: true,
        kind: "measure",
        person: report.victim,
        response: "Rien.",
        passage: { document: 1, quote: QUOTE },
      });
      const { passage_id, ...found } = await stored(id);
      expect(found).to.deep.include({
        starts_on: "2019-03-01",
        precision: "month",
        ends_on: "2022-12-31",
        ends_precision: "year",
        uncertain: 1,
        kind: "measure",
        person_id: report.victim,
        response: "Rien.",
        version: 1,
        created_by: analyst.id,
        deleted_at: null,
      });
      const passage = await database.db
        .selectFrom("passage")
        .select(["quote", "starts"])
        .where("id", "=", passage_id!)
        .executeTakeFirstOrThrow();
      expect(passage.quote).to.equal(QUOTE);
      expect(passage.starts).to.be.a("number");
    });

    it("refuses what cannot be, beside the field, and stores nothing", async () => {
      const before = await seen(analyst);
      const last = await database.db.selectFrom("report").select("received_on").where("id", "=", report.id).executeTakeFirstOrThrow();
      const year = Number(last.received_on.slice(0, 4));
      expect(await problems({ start: "31/02/2024" })).to.deep.equal({ start: "chronology.problem.date" });
      expect(await problems({ start: String(year + 1) })).to.deep.equal({ start: "chronology.problem.afterReceipt" });
      expect(await problems({ start: "2020", end: `01/01/${year + 1}` })).to.deep.equal({ end: "chronology.problem.afterReceipt" });
      expect(await problems({ start: "02/02/2024", end: "01/2024" })).to.deep.equal({ end: "chronology.problem.endBeforeStart" });
      expect(await problems({ person: "inconnue" })).to.deep.equal({ person: "http.invalid.choice" });
      expect(await problems({ passage: { document: 1, quote: "des mots qui n’y sont pas" } })).to.have.keys("quote");
      expect(await problems({ passage: { document: 9, quote: QUOTE } })).to.deep.equal({ document: "http.invalid.choice" });
      expect(await problems({ passage: { document: 1, block: 999 } })).to.have.keys("block");
      expect(await seen(analyst)).to.deep.equal(before);
    });

    it("refuses a person of another report", async () => {
      const other = await reportIn(database, "received");
      expect(await problems({ person: other.victim })).to.deep.equal({ person: "http.invalid.choice" });
    });

    it("takes a paragraph as passage, and an end that only repeats the start as none", async () => {
      const id = await add({ start: "2022", end: "2022", passage: { document: 1, block: 4 } });
      const found = await stored(id);
      expect(found.ends_on).to.equal(null);
      expect(found.passage_id).to.be.a("string");
    });

    it("is written by whoever codes, while coding is open, and by nobody else", async () => {
      for (const by of [report.reviewer, report.coordinator, await someone(database, "analyst")])
        expect(await failure(add({}, by)), by.roles.join()).to.be.instanceOf(Refusal);
      const closed = await reportIn(database, "coded");
      const refused = await failure(inside((tx) => addEntry(tx, writing(closed.analyst, closed.id), entry())));
      expect(refused).to.be.instanceOf(Refusal);
      expect(await failure(add({}, await someone(database, "correspondent")))).to.be.instanceOf(NotFound);
    });

    it("is changed on the version that was seen: the second of two people is told", async () => {
      const id = await add({ passage: { document: 1, quote: QUOTE } });
      const { passage_id } = await stored(id);
      const change = (version: number, given = {}) => inside<void>((tx) => changeEntry(tx, writing(), id, version, entry(given)));
      await change(1, { start: "03/02/2024", passage: { document: 1, quote: QUOTE } });
      expect(await stored(id)).to.deep.include({ starts_on: "2024-02-03", version: 2, passage_id });
      const late = (await failure(change(1, { start: "04/02/2024" }))) as Conflict<unknown>;
      expect(late).to.be.instanceOf(Conflict);
      expect((await late.happened(database.db as never, "fr"))[0]?.what).to.include("modifié");
      expect((await stored(id)).starts_on).to.equal("2024-02-03");
      expect(await failure(inside((tx) => changeEntry(tx, writing(), "inconnue", 1, entry())))).to.be.instanceOf(NotFound);
    });

    it("lets go of a passage that nothing else rests on, and keeps one that serves elsewhere", async () => {
      const alone = await add({ passage: { document: 1, quote: "Aucune évaluation du danger" } });
      const first = await add({ passage: { document: 1, quote: "Les voisins ont été entendus" } });
      const second = await add({ passage: { document: 1, quote: "Les voisins ont été entendus" } });
      const [lone, shared] = [(await stored(alone)).passage_id!, (await stored(first)).passage_id!];
      expect((await stored(second)).passage_id).to.equal(shared);
      const without = (id: string) => inside<void>((tx) => changeEntry(tx, writing(), id, 1, entry()));
      await without(alone);
      await without(first);
      const left = await database.db.selectFrom("passage").select("id").where("id", "in", [lone, shared]).execute();
      expect(left).to.deep.equal([{ id: shared }]);
    });

    it("removes an entry from sight and keeps its row; not while a finding cites it", async () => {
      const id = await add();
      const finding = {
        id: `constat-${id}`,
        report_id: report.id,
        number: 77,
        kind: "failing",
        statement: "Un constat.",
        public_statement: null,
        service: null,
        known_when: null,
        status: "draft",
        version: 1,
        written_by: analyst.id,
        written_at: clock().toISOString(),
        deleted_at: null,
      } as const;
      await database.db.insertInto("finding").values(finding).execute();
      await database.db.insertInto("finding_chronology").values({ finding_id: finding.id, entry_id: id }).execute();
      const remove = () => inside<void>((tx) => removeEntry(tx, writing(), id, 1));
      const refused = (await failure(remove())) as Refusal;
      expect(refused).to.be.instanceOf(Refusal);
      expect(refused.reasons("fr").join()).to.include("constat 77");
      await database.db.updateTable("finding").set({ deleted_at: clock().toISOString() }).where("id", "=", finding.id).execute();
      await remove();
      expect(await seen(analyst)).not.to.include(id);
      expect((await stored(id)).deleted_at).to.be.a("string");
      expect(await failure(remove())).to.be.instanceOf(Conflict);
    });

    it("ties the passage of an entry to a factor, as the coding page would", async () => {
      const id = await add({ passage: { document: 1, quote: QUOTE } });
      const tie = (about: string, entryId = id) => inside<{ anchor: string }>((tx) => tieEntry(tx, writing(), entryId, about));
      const { anchor } = await tie(`complaint_filed ${report.victim}`);
      expect(anchor).to.include("complaint_filed");
      const coded = await database.db
        .selectFrom("coding")
        .innerJoin("coding_passage", "coding_passage.coding_id", "coding.id")
        .select(["coding.value", "coding_passage.passage_id"])
        .where("coding.report_id", "=", report.id)
        .where("factor", "=", "complaint_filed")
        .execute();
      expect(coded).to.deep.equal([{ value: "present", passage_id: (await stored(id)).passage_id }]);
      for (const about of ["place_of_act case", "inconnu case", "complaint_filed case", ""])
        expect(((await failure(tie(about))) as Invalid).fields, about).to.have.keys("about");
      expect(await failure(tie(`complaint_filed ${report.victim}`, await add()))).to.be.instanceOf(NotFound);
    });

    it("counts the contacts before the act and how long before it the last one was", async () => {
      const entries = (rows: ReturnType<typeof row>[]) => rows.map((one) => ({ ...one, author: "A", person: null, passage: null }));
      const of = (...rows: Parameters<typeof row>[2][]) =>
        factsOfEntries(entries(rows.map((one) => row(report.id, analyst.id, one))), "2024-03-14");
      expect(of()).to.deep.equal({ entries: 0, contacts: 0, last: null });
      expect(of({ kind: "event" }, { starts_on: "2024-03-20" })).to.deep.equal({ entries: 2, contacts: 0, last: null });
      expect(of({}, { starts_on: "2024-03-12", kind: "complaint" }, { starts_on: "2024-03-13", kind: "decision" })).to.deep.equal({
        entries: 3,
        contacts: 2,
        last: { least: 2, most: 2, uncertain: false },
      });
      expect(of({ starts_on: "2024-02-01", precision: "month", uncertain: 1 }).last).to.deep.equal({
        least: 14,
        most: 42,
        uncertain: true,
      });
      expect(of({ starts_on: "2019-01-01", precision: "year", ends_on: "2024-03-04", ends_precision: "day" }).last).to.deep.equal({
        least: 10,
        most: 10,
        uncertain: false,
      });
    });

    describe("while two analysts code without seeing each other", () => {
      let other: Actor;
      before(async () => {
        other = await someone(database, "analyst");
        await database.db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", report.id).execute();
        await assign(database, report.id, other.id, { layer: 2 });
      });
      after(() => database.db.updateTable("report").set({ coding_mode: "single" }).where("id", "=", report.id).execute());

      it("shows each their own entries and nobody else any", async () => {
        const [mine, theirs] = [await add(), await add({}, other)];
        expect(await seen(analyst))
          .to.include(mine)
          .and.not.include(theirs);
        expect(await seen(other)).to.deep.equal([theirs]);
        for (const by of [report.reviewer, report.coordinator, await someone(database, "analyst")])
          expect(await seen(by)).to.deep.equal([]);
      });

      it("lets nobody change, remove or use an entry of the other, or learn that it exists", async () => {
        const id = await add({ passage: { document: 1, quote: QUOTE } });
        for (const act of [
          (by: Actor) => inside((tx) => changeEntry(tx, writing(by), id, 1, entry())),
          (by: Actor) => inside((tx) => removeEntry(tx, writing(by), id, 1)),
          (by: Actor) => inside((tx) => tieEntry(tx, writing(by), id, `complaint_filed ${report.victim}`)),
        ])
          expect(await failure(act(other))).to.be.instanceOf(NotFound);
        expect((await stored(id)).version).to.equal(1);
      });
    });
  });
