import { expect } from "chai";
import type { Kysely } from "kysely";
import type { Database } from "../../db/database.ts";
import type { Db, Schema } from "../../db/schema.ts";
import {
  attachPassage,
  clearValue,
  codeRestUnknown,
  detachPassage,
  saveValue,
  takeFromSheet,
  type ValueGiven,
} from "../../server/coding/save-value.ts";
import { Conflict, Invalid, Refusal } from "../../server/http/errors.ts";
import type { Actor } from "../../workflows/actor.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, someone } from "../support/reports.ts";
import { ASTRAL, assigned, NOW } from "./support.ts";

/** What an act was refused with. */
async function refused<Kind>(act: Promise<unknown>, kind: abstract new (...given: never[]) => Kind): Promise<Kind> {
  try {
    await act;
  } catch (error) {
    expect(error).to.be.instanceOf(kind);
    return error as Kind;
  }
  throw new Error(`expected ${kind.name}`);
}

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`coding a value (${name})`, () => {
    let database: Database;
    let report: BuiltReport;
    const save = (given: Partial<ValueGiven> & Pick<ValueGiven, "factor" | "value">, by: Actor = report.analyst, on = report.id) =>
      database.db.transaction().execute((tx) => saveValue(tx, on, { subject: "case", seenVersion: 0, ...given }, by, NOW));
    const attach = (given: Parameters<typeof attachPassage>[2]) =>
      database.db.transaction().execute((tx) => attachPassage(tx, report.id, given, report.analyst, NOW));
    const codings = () => database.db.selectFrom("coding").selectAll().where("report_id", "=", report.id).execute();
    const acts = () => database.db.selectFrom("coding_act").selectAll().where("report_id", "=", report.id).orderBy("id").execute();
    const passages = () => database.db.selectFrom("passage").selectAll().where("report_id", "=", report.id).execute();

    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      report = await assigned(database);
    });
    after(() => database.close());

    it("keeps the value with its qualifiers, and each act for ever", async () => {
      const first = await save({
        factor: "premeditation",
        value: "absent",
        confidence: "low",
        evidenceBasis: "relative",
        knownWhen: "service_before",
        note: " à revoir ",
        reason: "Dit par la sœur",
      });
      expect(first).to.include({ version: 1, value: "absent", changed: true, missing: null, anchor: "facteur-premeditation" });
      const second = await save({ factor: "premeditation", value: "unknown", seenVersion: 1 });
      expect(second).to.include({ version: 2, changed: true });
      const [row] = await codings();
      expect(row).to.include({ value: "unknown", version: 2, note: null, confidence: null, coded_by: report.analyst.id });
      const kept = (await acts()).map(({ after }) => JSON.parse(after!) as Record<string, unknown>);
      expect(kept).to.have.length(2);
      expect(kept[0]).to.deep.include({ value: "absent", version: 1, confidence: "low", note: "à revoir", reason: "Dit par la sœur" });
      expect(kept[1]).to.deep.include({ value: "unknown", version: 2 });
    });

    it("is not overwritten by someone who saw an older one: both values are told", async () => {
      await save({ factor: "overkill", value: "absent" });
      await save({ factor: "overkill", value: "unknown", seenVersion: 1, reason: "Non précisé" });
      const conflict = await refused(save({ factor: "overkill", value: "present", seenVersion: 1 }), Conflict<Db>);
      const told = await conflict.happened(database.db, "fr");
      expect(told.map(({ what }) => what)).to.deep.equal([
        "Acharnement ou mutilation\u00a0: réponse enregistrée, «\u00a0Non documenté\u00a0»",
        "Acharnement ou mutilation\u00a0: votre réponse, non enregistrée, «\u00a0Présent\u00a0»",
      ]);
      expect(told[0]!.why).to.equal("Non précisé");
      expect((await codings())[0]).to.include({ value: "unknown", version: 2 });
      expect(await acts()).to.have.length(2);
    });

    it("takes the same act sent twice as one, and a first answer where one exists as a conflict", async () => {
      const given = { factor: "victim_age", subject: report.victim, value: "34" };
      await save(given);
      expect(await save(given)).to.include({ version: 1, changed: false });
      expect(await acts()).to.have.length(1);
      await refused(save({ ...given, value: "35" }), Conflict);
    });

    it("refuses a factor of no such codebook, a person of another kind or another case, and values out of the options", async () => {
      const other = await assigned(database);
      const wrong: [Partial<ValueGiven> & Pick<ValueGiven, "factor" | "value">, string][] = [
        [{ factor: "no_such_factor", value: "present" }, "factor"],
        [{ factor: "victim_fear", value: "present" }, "subject"],
        [{ factor: "victim_fear", subject: report.perpetrator, value: "present" }, "subject"],
        [{ factor: "victim_fear", subject: other.victim, value: "present" }, "subject"],
        [{ factor: "premeditation", subject: report.victim, value: "present" }, "subject"],
        [{ factor: "premeditation", value: "maybe" }, "value"],
        [{ factor: "premeditation", value: "absent", confidence: "certain" }, "confidence"],
        [{ factor: "premeditation", value: "absent", evidenceBasis: "rumour" }, "evidenceBasis"],
        [{ factor: "premeditation", value: "absent", knownWhen: "later" }, "knownWhen"],
      ];
      for (const [given, field] of wrong) {
        const invalid = await refused(save(given), Invalid);
        expect(Object.keys(invalid.fields), JSON.stringify(given)).to.deep.equal([field]);
      }
      expect(await codings()).to.deep.equal([]);
      expect(await acts()).to.deep.equal([]);
    });

    it("belongs to the assigned analyst, in the words of the rules", async () => {
      const stranger = await someone(database, "analyst");
      const refusal = await refused(save({ factor: "overkill", value: "absent" }, stranger), Refusal);
      expect(refusal.reasons("fr")).to.deep.equal(["cet acte revient à l’analyste à qui le rapport est affecté"]);
    });

    it("takes a handful of statements in one transaction", async () => {
      const counted: string[] = [];
      const watched: Kysely<Schema> = database.db.withPlugin({
        transformQuery: ({ node }) => {
          counted.push(node.kind);
          return node;
        },
        transformResult: async ({ result }) => result,
      });
      await watched
        .transaction()
        .execute((tx) =>
          saveValue(tx, report.id, { factor: "overkill", subject: "case", value: "unknown", seenVersion: 0 }, report.analyst, NOW),
        );
      expect(counted.length).to.be.at.most(6);
    });

    it("shows its passage by code points of the frozen text, and says what is still missing", async () => {
      const points = Array.from(ASTRAL);
      const start = points.join("").indexOf("«");
      const from = Array.from(ASTRAL.slice(0, start)).length;
      const to = from + Array.from("« j’ai peur 𝒜 »").length;
      const before = await save({ factor: "victim_fear", subject: report.victim, value: "present" });
      expect(before.missing).to.equal("passage");
      const tied = await attach({
        factor: "victim_fear",
        subject: report.victim,
        passage: { document: 2, start: from, end: to, quote: "« j’ai peur 𝒜 »" },
      });
      expect(tied).to.include({ missing: null, version: 1, anchor: "facteur-victim_fear-victim-1" });
      expect((await passages())[0]).to.include({ starts: from, ends: to, quote: "« j’ai peur 𝒜 »" });
    });

    it("makes a presence factor present with its first passage, and asks any other for its value first", async () => {
      const passage = { document: 1, quote: "n’a pas transmis la plainte au parquet" };
      expect(await attach({ factor: "signal_not_transmitted", subject: "case", passage })).to.include({
        value: "present",
        version: 1,
        missing: null,
      });
      const invalid = await refused(attach({ factor: "place_of_act", subject: "case", passage }), Invalid);
      expect(invalid.fields).to.deep.equal({ value: "coding.problem.valueFirst" });
      const both = await attach({
        factor: "place_of_act",
        subject: "case",
        passage: { document: 1, block: 2 },
        value: { value: "victim_home", seenVersion: 0 },
      });
      expect(both).to.include({ value: "victim_home", missing: null });
      const whole = (await passages()).find(({ quote }) => quote.startsWith("Le 14 mars 2024"));
      expect(whole!.quote).to.equal("Le 14 mars 2024, les faits ont été commis au domicile de la victime.");
    });

    it("refuses a passage that is not in the text as it is said to be", async () => {
      const at = { factor: "victim_fear", subject: report.victim };
      const wrong = [
        { document: 1, start: 0, end: 7, quote: "Dossier" },
        { document: 1, start: 5_000, end: 5_010, quote: null },
        { document: 1, start: 7, end: 7 },
        { document: 1, start: 0, end: 1_000_000 },
        { document: 1, quote: "cette phrase n’est nulle part" },
        { document: 1, block: 99 },
        { document: 1, block: 1, quote: "Madame A. a déposé plainte" },
        { document: 1 },
        { document: 9, block: 1 },
      ];
      for (const passage of wrong) await refused(attach({ ...at, passage }), Invalid);
      expect(await passages()).to.deep.equal([]);
      expect(await codings()).to.deep.equal([]);
    });

    it("keeps one passage for several factors, and forgets it with the last of them", async () => {
      const passage = { document: 1, quote: "Aucune évaluation du danger n’a été conduite" };
      await attach({ factor: "risk_assessment_gap", subject: "case", passage });
      await attach({ factor: "protection_not_offered", subject: "case", passage });
      await attach({ factor: "protection_not_offered", subject: "case", passage });
      const [only, ...others] = await passages();
      expect(others).to.deep.equal([]);
      expect(await acts()).to.have.length(2);
      const detach = (factor: string) =>
        database.db
          .transaction()
          .execute((tx) => detachPassage(tx, report.id, { factor, subject: "case", passage: only!.id }, report.analyst, NOW));
      await detach("risk_assessment_gap");
      expect(await passages()).to.have.length(1);
      await detach("protection_not_offered");
      expect(await passages()).to.deep.equal([]);
      const last = JSON.parse((await acts()).at(-1)!.after!) as { detached: unknown[] };
      expect(last.detached).to.deep.equal([
        { id: only!.id, document: 1, starts: only!.starts, ends: only!.ends, page: null, quote: only!.quote },
      ]);
      await refused(detach("protection_not_offered"), Invalid);
    });

    it("can be taken back, passages and all, and says so to whoever still shows it", async () => {
      await attach({ factor: "good_practice", subject: "case", passage: { document: 1, quote: "un accompagnement et un hébergement" } });
      await database.db
        .transaction()
        .execute((tx) => clearValue(tx, report.id, { factor: "good_practice", subject: "case", seenVersion: 1 }, report.analyst, NOW));
      expect(await codings()).to.deep.equal([]);
      expect(await passages()).to.deep.equal([]);
      const cleared = JSON.parse((await acts()).at(-1)!.after!) as { value: null; version: number; detached: { quote: string }[] };
      expect(cleared).to.deep.include({ value: null, version: 2 });
      expect(cleared.detached.map(({ quote }) => quote)).to.deep.equal(["un accompagnement et un hébergement"]);
      const conflict = await refused(save({ factor: "good_practice", value: "absent", seenVersion: 1 }), Conflict<Db>);
      expect((await conflict.happened(database.db, "en"))[0]!.what).to.match(/: answer cleared$/);
      // Nor by a page that was opened before it was first coded: versions never start again.
      await refused(save({ factor: "good_practice", value: "absent", seenVersion: 0 }), Conflict);
      expect(await save({ factor: "good_practice", value: "absent", seenVersion: 2 })).to.include({ version: 3 });
    });

    it("can be taken from the sheet, and nothing else can", async () => {
      const take = (factor: string) =>
        database.db
          .transaction()
          .execute((tx) => takeFromSheet(tx, report.id, { factor, subject: "case", seenVersion: 0 }, report.analyst, NOW, "fr"));
      expect(await take("act_date")).to.include({ value: "2024-03-14", missing: null });
      expect(await take("department_code")).to.include({ value: "41", missing: null });
      expect((await codings())[0]!.reason).to.equal("Repris de la fiche du rapport.");
      await refused(take("premeditation"), Invalid);
    });

    it("leaves what is coded when the rest of a section is not documented, each an act of its own", async () => {
      await save({ factor: "children_killed", value: "0", reason: "Aucun enfant" });
      const count = await database.db.transaction().execute((tx) => codeRestUnknown(tx, report.id, "children", report.analyst, NOW));
      const rows = await codings();
      expect(rows).to.have.length(count + 1);
      expect(rows.find(({ factor }) => factor === "children_killed")!.value).to.equal("0");
      expect(rows.filter(({ value }) => value === "unknown")).to.have.length(count);
      expect(await acts()).to.have.length(count + 1);
      expect(await database.db.transaction().execute((tx) => codeRestUnknown(tx, report.id, "children", report.analyst, NOW))).to.equal(0);
    });

    it("takes what the sheet says for the rest of a section: what the house knows is never silence", async () => {
      const count = await database.db.transaction().execute((tx) => codeRestUnknown(tx, report.id, "circumstances", report.analyst, NOW));
      const known = (await codings()).filter(({ value }) => value !== "unknown");
      expect(known.map(({ value }) => value)).to.include.members(["2024-03-14", "41"]);
      expect(known.map(({ reason }) => reason)).to.deep.equal(known.map(() => "Repris de la fiche du rapport."));
      expect(count).to.be.greaterThan(known.length);
    });
  });
}
