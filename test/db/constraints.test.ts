import { expect } from "chai";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { Schema } from "../../db/schema.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";

const now = clock().toISOString();
type Kind = "check" | "foreign key" | "unique";
const CODES: Record<Kind, readonly string[]> = {
  check: ["SQLITE_CONSTRAINT_CHECK", "23514"],
  "foreign key": ["SQLITE_CONSTRAINT_FOREIGNKEY", "23503"],
  unique: ["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"],
};

/** Tables that make a version of the codebook, each with a column to try to change: fixed once it is published. */
const OF_A_VERSION = {
  codebook_section: "label_fr",
  codebook_factor: "definition_fr",
  codebook_option: "label_fr",
  codebook_crosswalk: "note",
  codebook_carried_value: "to_value",
} as const satisfies Partial<Record<keyof Schema, string>>;
/** Tables whose rows are written once, each with a column to try to change. */
const WRITTEN_ONCE = {
  audit: "action",
  report_event: "type",
  coding_act: "factor",
  finding_decision: "comment",
  recommendation_event: "type",
  recommendation_dispatch: "recipient",
  recommendation_answer: "text",
  answer_proof: "file_name",
  recommendation_assessment: "comment",
  publication_event: "type",
  edition_value: "value",
  edition_finding: "statement",
  edition_reverse_value: "value",
  adjudication: "value",
  double_coding: "first_value",
  assignment_draw: "seed",
  recoded_value: "coding",
  codebook_comment: "body",
  question: "target",
  question_post: "kind",
  question_mention: "written",
  cross_finding_event: "type",
  cross_finding_text: "statement",
} as const satisfies Partial<Record<keyof Schema, string>>;

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`the constraints of ${name}`, () => {
    let database: Database;
    let report: BuiltReport;
    let other: BuiltReport;
    let publication: string;
    let question: string;

    const run = (table: string, set: Record<string, unknown>, where: string) =>
      sql`update ${sql.table(table)} set ${sql.join(
        Object.entries(set).map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
      )} where id = ${where}`.execute(database.db);

    /** The write is refused by a constraint of this kind, and by nothing else. */
    async function refuses(kind: Kind, write: Promise<unknown>, said: string): Promise<void> {
      const error = await write.then(
        () => null,
        (reason: { code?: string }) => reason,
      );
      expect(error, `${said}: was stored`).not.to.equal(null);
      expect(error!.code, said).to.be.oneOf(CODES[kind]);
    }
    /** A row that is stored may not become this. */
    const neverBecomes = async (kind: Kind, table: keyof Schema, id: string, ...sets: Record<string, unknown>[]) => {
      for (const set of sets) await refuses(kind, run(table, set, id), `${table} ${JSON.stringify(set)}`);
    };
    const idOf = async (table: "coding" | "passage" | "person" | "finding" | "recommendation" | "edition" | "assignment", of: string) => {
      const row = await database.db.selectFrom(table).select("id").where("report_id", "=", of).orderBy("id").executeTakeFirstOrThrow();
      return row.id;
    };

    before(async () => {
      database = await open();
      report = await reportIn(database, "published");
      other = await reportIn(database, "coded");
      await database.db
        .insertInto("audit")
        .values({
          at: now,
          account_id: null,
          action: "essai",
          object_kind: null,
          object_id: null,
          result: "done",
          address: null,
          detail: null,
        })
        .execute();
      const { db } = database;
      const coding = { report_id: report.id, factor: "victim_fear", subject: report.victim };
      await db
        .insertInto("adjudication")
        .values({
          ...coding,
          choice: "other",
          value: "absent",
          reason: "Les pièces le disent",
          decided_by: report.reviewer.id,
          decided_at: now,
        })
        .execute();
      await db
        .insertInto("double_coding")
        .values({
          ...coding,
          codebook_version: "1.0.0",
          first_coder: report.analyst.id,
          second_coder: report.reviewer.id,
          first_value: "present",
          second_value: "absent",
          compared_at: now,
        })
        .execute();
      await db
        .insertInto("assignment_draw")
        .values({
          id: newId(),
          drawn_by: report.coordinator.id,
          drawn_at: now,
          rule: "share",
          seed: "2026",
          share_percent: 10,
          candidates: "[]",
          drawn: "[]",
        })
        .execute();
      await db
        .insertInto("recoded_value")
        .values({
          report_id: report.id,
          from_version: "1.0.0",
          to_version: "1.0.0",
          layer: 1,
          factor: "victim_fear",
          subject: report.victim,
          outcome: "recode",
          coding: "{}",
          at: now,
        })
        .execute();
      const proposal = { id: newId(), codebook_version: "1.0.0", title: "Un titre", body: "Un texte", created_by: report.analyst.id };
      await db
        .insertInto("codebook_proposal")
        .values({ ...proposal, status: "open", created_at: now })
        .execute();
      await db
        .insertInto("codebook_comment")
        .values({ id: newId(), proposal_id: proposal.id, body: "Un avis", by: report.analyst.id, at: now })
        .execute();
      await db
        .insertInto("edition_reverse_value")
        .values({
          edition_id: await idOf("edition", report.id),
          report_id: report.id,
          factor: "physical_violence",
          value: "present",
          known_when: null,
        })
        .execute();
      question = newId();
      await db
        .insertInto("question")
        .values({
          id: question,
          report_id: report.id,
          target: "factor",
          factor: "victim_fear",
          subject: report.victim,
          document_id: null,
          starts: null,
          ends: null,
          page: null,
          quote: null,
          side: 1,
          asked_by: report.analyst.id,
          asked_at: now,
        })
        .execute();
      const post = await db
        .insertInto("question_post")
        .values({
          question_id: question,
          kind: "question",
          side: 1,
          text: "Est-ce une peur ?",
          by: report.analyst.id,
          at: now,
          token: newId(),
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      await db.insertInto("question_mention").values({ post_id: post.id, account_id: report.reviewer.id, written: "Acteur" }).execute();
      const followed = { recommendation_id: await idOf("recommendation", report.id), by: report.coordinator.id };
      const dispatch = { kind: "dispatch", on_date: "2026-11-20", channel: "letter", recipient: "Direction", contact_id: null } as const;
      const paper = { proof_reference: null, file_name: null, media_type: null, bytes: null, digest: null, link_id: null };
      await db
        .insertInto("recommendation_dispatch")
        .values({ ...followed, ...dispatch, ...paper, id: newId(), at: now })
        .execute();
      const answer = { id: newId(), number: 1, said: "accepted", text: "Oui", answered_on: "2026-11-20", planned_for: null } as const;
      await db
        .insertInto("recommendation_answer")
        .values({ ...followed, ...answer, respondent: "Direction", received_at: now, link_id: null, nonce: null })
        .execute();
      const proof = { file_name: "a.txt", media_type: "text/plain", byte_count: 1, digest: "0".repeat(64), bytes: new Uint8Array([65]) };
      await db
        .insertInto("answer_proof")
        .values({ ...proof, id: newId(), answer_id: answer.id })
        .execute();
      const found = { kind: "answer", value: "acceptable", comment: "Bien", on_date: "2026-11-20", at: now } as const;
      await db
        .insertInto("recommendation_assessment")
        .values({ ...followed, ...found, answer_id: answer.id })
        .execute();
      const cross = { kind: "context", statement: "Un constat", public_statement: null, service: null, known_when: null } as const;
      const of = newId();
      await db
        .insertInto("cross_finding")
        .values({ ...cross, id: of, reference: "CT-2026-0001", state: "draft", version: 1, written_by: report.analyst.id, written_at: now })
        .execute();
      const written = { version: 1, type: "CROSS_FINDING_WRITTEN", from_state: null, to_state: "draft", at: now, reason: null } as const;
      await db
        .insertInto("cross_finding_event")
        .values({ ...written, cross_finding_id: of, by: report.analyst.id, detail: null })
        .execute();
      const approved = { number: 1, basis: "[]", checklist: null, approved_by: report.reviewer.id, approved_at: now };
      await db
        .insertInto("cross_finding_text")
        .values({ ...cross, ...approved, cross_finding_id: of })
        .execute();
      publication = newId();
      await database.db
        .insertInto("publication")
        .values({
          id: publication,
          slug: "lettre-2025",
          kind: "annual_letter",
          year: 2025,
          title: "Lettre",
          language: "fr",
          state: "draft",
          version: 1,
          foreword: "",
          frozen: null,
          frozen_at: null,
          digest: null,
          published_at: null,
          created_by: report.coordinator.id,
          created_at: now,
        })
        .execute();
      await database.db
        .insertInto("publication_event")
        .values({
          publication_id: publication,
          version: 1,
          type: "BLOCKS_EDITED",
          from_state: null,
          to_state: "draft",
          by: report.coordinator.id,
          at: now,
          reason: null,
        })
        .execute();
    });
    after(() => database.close());

    it("refuse a report in no known state, dated backwards, or under no codebook", async () => {
      await neverBecomes(
        "check",
        "report",
        report.id,
        { state: "lost" },
        { version: 0 },
        { act_date: "2026-02-03" },
        { received_on: "hier" },
        { act_kind: "accident" },
        { proceedings: "closed" },
        { issuing_kind: "press" },
        { issuing_service: "" },
        { priority: "urgent" },
        { due_on: "demain" },
        { created_at: "2026-02-02" },
      );
      await neverBecomes("foreign key", "report", report.id, { codebook_version: "9.9.9" }, { deposited_by: "personne" });
      await refuses(
        "foreign key",
        database.db.deleteFrom("report").where("id", "=", other.id).execute(),
        "a report with a history removed",
      );
    });

    it("refuse an account without a real e-mail or with a passphrase kept as typed", async () => {
      const { id } = report.analyst;
      const give = (row: Schema["account_role"]) => database.db.insertInto("account_role").values(row).execute();
      await neverBecomes(
        "check",
        "account",
        id,
        { email: "Ana@Essai.invalid" },
        { email: "ana" },
        { passphrase_hash: "soleil" },
        { name: "" },
      );
      await neverBecomes("check", "account", id, { language: "de" }, { disabled_at: "oui" });
      const { email } = await database.db
        .selectFrom("account")
        .select("email")
        .where("id", "=", report.reviewer.id)
        .executeTakeFirstOrThrow();
      await neverBecomes("unique", "account", id, { email });
      await refuses("check", give({ account_id: id, role: "chief" as never }), "a role that is none");
      await refuses("unique", give({ account_id: id, role: "analyst" }), "a role held twice");
    });
    it("refuse a second history entry of one version", async () => {
      const [entry] = await database.db.selectFrom("report_event").selectAll().where("report_id", "=", report.id).limit(1).execute();
      const { id: _, ...again } = entry!;
      await refuses("unique", database.db.insertInto("report_event").values(again).execute(), "the same version twice");
      await refuses(
        "check",
        database.db
          .insertInto("report_event")
          .values({ ...again, version: 99, to_state: "lost" as never })
          .execute(),
        "an entry into no state",
      );
      await refuses(
        "foreign key",
        database.db
          .insertInto("report_event")
          .values({ ...again, version: 99, by: "personne" })
          .execute(),
        "by nobody",
      );
    });

    it("refuse a passage without extent, before the text, without words or of another report's document", async () => {
      const id = await idOf("passage", report.id);
      const { starts } = await database.db.selectFrom("passage").select("starts").where("id", "=", id).executeTakeFirstOrThrow();
      await neverBecomes(
        "check",
        "passage",
        id,
        { ends: starts },
        { ends: starts! - 1 },
        { starts: -1 },
        { ends: null },
        { starts: null, ends: null },
        { page: 0 },
        { quote: "" },
      );
      await neverBecomes("foreign key", "passage", id, { document_id: other.documentId }, { report_id: other.id });
    });

    it("refuse a dismissed suggestion without extent, of a fourth layer, of another report's document, or twice", async () => {
      const row = {
        report_id: report.id,
        layer: 1 as const,
        factor: "complaint_filed",
        subject: report.victim,
        document_id: report.documentId,
        starts: 3,
        ends: 9,
        by: report.analyst.id,
        at: now,
      };
      const dismiss = (changed: object) =>
        database.db
          .insertInto("suggestion_dismissal")
          .values({ ...row, ...changed })
          .execute();
      await dismiss({});
      await dismiss({ layer: 2 });
      await refuses("unique", dismiss({}), "the same twice");
      for (const changed of [{ ends: 3 }, { starts: -1 }, { layer: 4 }, { at: "hier" }])
        await refuses("check", dismiss(changed), JSON.stringify(changed));
      for (const changed of [{ document_id: other.documentId }, { starts: 4, by: "personne" }, { report_id: "RETEX-1999-0001" }])
        await refuses("foreign key", dismiss(changed), JSON.stringify(changed));
    });

    it("refuse a value about another report's person, of no factor, twice, or empty", async () => {
      const coded = await database.db
        .selectFrom("coding")
        .selectAll()
        .where("report_id", "=", report.id)
        .where("person_id", "=", report.victim)
        .orderBy("factor")
        .limit(2)
        .execute();
      const [one, two] = coded;
      await neverBecomes("foreign key", "coding", one!.id, { person_id: other.victim, subject: other.victim }, { factor: "horoscope" });
      await neverBecomes("foreign key", "coding", one!.id, { codebook_version: "9.9.9" }, { coded_by: "personne" });
      await neverBecomes("check", "coding", one!.id, { subject: "case" }, { subject: report.perpetrator }, { value: "" }, { layer: 4 });
      await neverBecomes(
        "check",
        "coding",
        one!.id,
        { confidence: "sure" },
        { known_when: "later" },
        { evidence_basis: "rumour" },
        { reason: "" },
      );
      await neverBecomes("unique", "coding", one!.id, { factor: two!.factor });
    });

    it("refuse people without number, twice the same, or of no kind", async () => {
      await neverBecomes("check", "person", report.victim, { number: 0 }, { number: 21 }, { kind: "witness" }, { sex: "" });
      await neverBecomes("unique", "person", report.perpetrator, { kind: "victim" });
      await refuses(
        "foreign key",
        database.db.deleteFrom("person").where("id", "=", report.victim).execute(),
        "a person with coded values removed",
      );
    });

    it("refuse a document without bytes, without digest, twice, or with a text it does not have", async () => {
      await neverBecomes(
        "check",
        "document",
        report.documentId,
        { byte_count: 0 },
        { digest: "abc" },
        { has_text: 0 },
        { has_text: 2 },
        { number: 0 },
      );
      await neverBecomes("check", "document", report.documentId, { page_count: 0 }, { file_name: "" });
      const row = await database.db.selectFrom("document").selectAll().where("id", "=", report.documentId).executeTakeFirstOrThrow();
      await refuses(
        "unique",
        database.db
          .insertInto("document")
          .values({ ...row, id: newId(), number: 2 })
          .execute(),
        "the same bytes twice",
      );
      await refuses(
        "unique",
        database.db
          .insertInto("document")
          .values({ ...row, id: newId(), digest: "0".repeat(64) })
          .execute(),
        "the same number twice",
      );
    });

    it("refuse two analysts of one layer, two layers of one analyst, and a fourth layer", async () => {
      const analyst = await someone(database, "analyst");
      const [active] = await database.db.selectFrom("assignment").selectAll().where("report_id", "=", report.id).execute();
      const assign = (given: object) =>
        database.db
          .insertInto("assignment")
          .values({ ...active!, id: newId(), ...given })
          .execute();
      await refuses("unique", assign({ analyst_id: analyst.id }), "two on layer 1");
      await refuses("unique", assign({ layer: 2 }), "one on both layers");
      await refuses("check", assign({ analyst_id: analyst.id, layer: 4 }), "layer 4");
      await assign({ analyst_id: analyst.id, ended_at: now }); // one that ended stands in nobody's way
    });

    it("refuse findings and recommendations of no kind, empty, or further than their dates say", async () => {
      const finding = await idOf("finding", report.id);
      await neverBecomes(
        "check",
        "finding",
        finding,
        { kind: "opinion" },
        { statement: "" },
        { public_statement: "" },
        { status: "done" },
        { version: 0 },
      );
      const recommendation = await idOf("recommendation", report.id);
      await neverBecomes("check", "recommendation", recommendation, { approved_at: null }, { state: "issued" }, { state: "lost" });
      await neverBecomes(
        "check",
        "recommendation",
        recommendation,
        { reference: "42" },
        { origin: "press" },
        { deadline: "bientôt" },
        { text: "" },
      );
      const [decision] = await database.db.selectFrom("finding_decision").selectAll().limit(1).execute();
      const { id: _, ...again } = decision!;
      await refuses(
        "check",
        database.db
          .insertInto("finding_decision")
          .values({ ...again, decision: "returned", comment: "" })
          .execute(),
        "returned without a word",
      );
    });

    it("refuse two current editions, and an edition's value twice", async () => {
      const edition = await database.db.selectFrom("edition").selectAll().where("report_id", "=", report.id).executeTakeFirstOrThrow();
      await refuses(
        "unique",
        database.db
          .insertInto("edition")
          .values({ ...edition, id: newId(), number: 2 })
          .execute(),
        "two current editions",
      );
      await refuses(
        "unique",
        database.db
          .insertInto("edition")
          .values({ ...edition, id: newId(), superseded_at: now })
          .execute(),
        "two editions of one number",
      );
      const [value] = await database.db.selectFrom("edition_value").selectAll().where("edition_id", "=", edition.id).limit(1).execute();
      await refuses("unique", database.db.insertInto("edition_value").values(value!).execute(), "a value counted twice");
      await neverBecomes("check", "edition", edition.id, { number: 0 }, { digest: "" }, { act_kind: "accident" });
    });

    it("refuse a publication that is in review without being frozen, or frozen while it is a draft", async () => {
      await neverBecomes(
        "check",
        "publication",
        publication,
        { state: "in_review" },
        { frozen: "{}", digest: "0".repeat(64) },
        { state: "in_review", frozen: "{}" },
        { state: "published", frozen: "{}", digest: "0".repeat(64) },
        { year: 1999 },
        { title: "" },
      );
    });

    it("refuse a question about nothing, a passage without its words, a post without text, and the same post twice", async () => {
      const { db } = database;
      const row = await db.selectFrom("question").selectAll().where("id", "=", question).executeTakeFirstOrThrow();
      const asked = (change: object) =>
        db
          .insertInto("question")
          .values({ ...row, id: newId(), ...change })
          .execute();
      for (const change of [
        { target: "report" },
        { target: "passage" },
        { factor: null },
        { subject: null },
        { side: 4 },
        { target: "passage", document_id: report.documentId },
        { target: "passage", document_id: report.documentId, quote: "mots", starts: 4, ends: 4 },
      ])
        await refuses("check", asked(change), JSON.stringify(change));
      const elsewhere = { target: "passage", document_id: other.documentId, quote: "mots" };
      await refuses("foreign key", asked(elsewhere), "a document of another report");
      const { id: _, ...post } = await db
        .selectFrom("question_post")
        .selectAll()
        .where("question_id", "=", question)
        .executeTakeFirstOrThrow();
      const posted = (change: object) =>
        db
          .insertInto("question_post")
          .values({ ...post, ...change })
          .execute();
      await refuses("unique", posted({}), "the same form twice");
      await refuses("check", posted({ token: newId(), text: null }), "a question without text");
      await refuses("check", posted({ token: newId(), text: "" }), "an empty text");
      await refuses("check", posted({ token: newId(), kind: "deleted" }), "an unknown kind");
    });

    it("refuse a codebook version published without a day, and an option without its words", async () => {
      const version = { version: "9.0.0", codebook: "essai", title_fr: "Essai", title_en: "Trial", digest: "0".repeat(64), source: "" };
      await database.db
        .insertInto("codebook_version")
        .values({ ...version, status: "draft" })
        .execute();
      const set = (change: object) =>
        database.db.updateTable("codebook_version").set(change).where("version", "=", version.version).execute();
      await refuses("check", set({ status: "published" }), "published without a day");
      await refuses("check", set({ published_at: now }), "a draft with a day");
      const { codebook_version: _, ...section } = await database.db.selectFrom("codebook_section").selectAll().executeTakeFirstOrThrow();
      const { codebook_version: __, ...factor } = await database.db
        .selectFrom("codebook_factor")
        .selectAll()
        .where("section", "=", section.code)
        .executeTakeFirstOrThrow();
      await database.db
        .insertInto("codebook_section")
        .values({ ...section, codebook_version: "9.0.0" })
        .execute();
      await database.db
        .insertInto("codebook_factor")
        .values({ ...factor, codebook_version: "9.0.0" })
        .execute();
      const option = { codebook_version: "9.0.0", factor: factor.code, code: "x", position: 0, label_fr: "", label_en: "X" };
      await refuses("check", database.db.insertInto("codebook_option").values(option).execute(), "an option without label");
      for (const table of ["codebook_factor", "codebook_section"] as const)
        await database.db.deleteFrom(table).where("codebook_version", "=", "9.0.0").execute();
      await database.db.deleteFrom("codebook_version").where("version", "=", "9.0.0").execute();
      await refuses("check", database.db.updateTable("counter").set({ last: -1 }).execute(), "a counter below zero");
    });

    it("refuse any change to a published version of the codebook, one row more included", async () => {
      const said = (write: Promise<unknown>) =>
        write.then(
          () => "stored",
          (error: Error) => error.message,
        );
      const refusal = "a published version of the codebook does not change";
      const { db } = database;
      for (const column of ["note", "source", "status", "title_fr"])
        expect(await said(sql`update codebook_version set ${sql.ref(column)} = ${sql.ref(column)}`.execute(db)), column).to.include(
          refusal,
        );
      expect(await said(sql`delete from codebook_version`.execute(db))).to.include(refusal);
      for (const [table, column] of Object.entries(OF_A_VERSION).slice(0, 3)) {
        expect(await said(sql`update ${sql.table(table)} set ${sql.ref(column)} = 'autre'`.execute(db)), table).to.include(refusal);
        expect(await said(sql`delete from ${sql.table(table)}`.execute(db)), table).to.include(refusal);
      }
      const section = await db.selectFrom("codebook_section").selectAll().executeTakeFirstOrThrow();
      const factor = await db.selectFrom("codebook_factor").selectAll().executeTakeFirstOrThrow();
      const option = await db.selectFrom("codebook_option").selectAll().executeTakeFirstOrThrow();
      const link = { from_version: "1.0.0", from_factor: factor.code, to_version: "1.0.0", to_factor: factor.code };
      for (const more of [
        db.insertInto("codebook_section").values({ ...section, code: "une_de_plus", position: 999 }),
        db.insertInto("codebook_factor").values({ ...factor, code: "un_de_plus", position: 999 }),
        db.insertInto("codebook_option").values({ ...option, code: "une_de_plus", position: 999 }),
        db.insertInto("codebook_crosswalk").values({ ...link, rule: "same" }),
        db.insertInto("codebook_carried_value").values({ ...link, from_value: "*", to_value: "*" }),
      ])
        expect(await said(more.execute())).to.include(refusal);
    });

    it("guard every table that is written once, and no other", async () => {
      const { rows } =
        database.dialect === "sqlite"
          ? await sql<{ name: string }>`select name from sqlite_master where type = 'trigger'`.execute(database.db)
          : await sql<{ name: string }>`select distinct trigger_name as name from information_schema.triggers`.execute(database.db);
      const guards = [
        ...Object.keys(WRITTEN_ONCE).flatMap((table) => [`${table}_no_update`, `${table}_no_delete`]),
        ...["update", "delete"].map((change) => `codebook_version_published_${change}`),
        "report_held",
        "finding_dissent_no_delete",
        "cross_finding_dissent_no_delete",
        ...Object.keys(OF_A_VERSION).flatMap((table) => ["insert", "update", "delete"].map((change) => `${table}_published_${change}`)),
      ];
      expect(rows.map((row) => row.name).sort()).to.deep.equal(guards.sort());
    });

    for (const [table, column] of Object.entries(WRITTEN_ONCE))
      it(`keep the rows of ${table} as they were written`, async () => {
        const count = async () => (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(database.db)).rows[0]!.n;
        const before = Number(await count());
        expect(before, "rows to try it on").to.be.greaterThan(0);
        for (const change of [
          sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.ref(column)}`,
          sql`delete from ${sql.table(table)}`,
        ]) {
          const said = await change.execute(database.db).then(
            () => "stored",
            (error: Error) => error.message,
          );
          expect(said).to.include("rows of this table are written once");
        }
        expect(Number(await count())).to.equal(before);
      });
  });
}
