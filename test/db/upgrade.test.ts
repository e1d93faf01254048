import { expect } from "chai";
import { type Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import type { Database } from "../../db/database.ts";
import { migrate } from "../../db/migrate.ts";
import { MIGRATIONS } from "../../db/migrations/index.ts";
import { EMPTY_DATABASES } from "../support/databases.ts";

const at = "2026-11-20T09:00:00.000Z";
const digest = "0".repeat(64);
/** Rows as the first version of the program left them: a report that is coded with a passage, a dismissal and a contact. */
const ROWS: Record<string, Record<string, string | number | null>[]> = {
  account: [
    {
      id: "ana",
      email: "ana@essai.invalid",
      name: "Ana",
      passphrase_hash: "$argon2id$x",
      language: "fr",
      created_at: at,
      disabled_at: null,
    },
  ],
  codebook_version: [
    {
      version: "1.0.0", codebook: "essai", status: "published", title_fr: "Grille", title_en: "Codebook", digest, source: "essai",
      published_at: at,
    },
  ], // biome-ignore format: columns
  codebook_section: [{ codebook_version: "1.0.0", code: "victim", position: 0, label_fr: "Victime", label_en: "Victim", note_fr: null }],
  codebook_factor: [
    {
      codebook_version: "1.0.0", code: "victim_fear", section: "victim", position: 0, type: "presence", applies_to: "victim",
      label_fr: "Peur", label_en: "Fear", definition_fr: "Peur dite", options_ref: null, unit: null, risk_factor: 1, sensitive: null,
      disclosure: null, available_from: null, indicator_terms_fr: "[]",
    },
  ], // biome-ignore format: columns
  report: [
    {
      id: "RETEX-2026-0001", state: "received", version: 2, received_on: "2026-01-02", issuing_kind: "prosecutor", issuing_service: "Parquet",
      service_folded: "parquet", court: "41018", appeal_court: "Orléans", department: "41", region: "24", act_date: "2025-01-02",
      act_kind: "homicide", proceedings: "unknown", priority: "normal", due_on: null, codebook_version: "1.0.0", deposited_by: "ana",
      created_at: at, updated_at: at,
    },
  ], // biome-ignore format: columns
  person: [{ id: "v1", report_id: "RETEX-2026-0001", kind: "victim", number: 1, sex: "female" }],
  document: [
    {
      id: "d1", report_id: "RETEX-2026-0001", number: 1, file_name: "a.txt", media_type: "text/plain", byte_count: 9, digest, has_text: 1,
      page_count: null, text: "J’ai peur", blocks: "[]", pages: "[]", added_by: "ana", added_at: at,
    },
  ], // biome-ignore format: columns
  assignment: [
    { id: "a1", report_id: "RETEX-2026-0001", analyst_id: "ana", layer: 1, assigned_by: "ana", assigned_at: at, ended_at: null },
  ],
  coding: [
    {
      id: "c1", report_id: "RETEX-2026-0001", layer: 1, codebook_version: "1.0.0", factor: "victim_fear", subject: "v1", person_id: "v1",
      value: "present", confidence: "high", evidence_basis: null, known_when: null, note: "Une note", reason: null, version: 3,
      coded_by: "ana", coded_at: at,
    },
  ], // biome-ignore format: columns
  coding_act: ["present", "absent", "present"].map((value) => ({
    report_id: "RETEX-2026-0001", layer: 1, factor: "victim_fear", subject: "v1", by: "ana", at, after: JSON.stringify({ value }),
  })), // biome-ignore format: columns
  passage: [
    {
      id: "p1", report_id: "RETEX-2026-0001", document_id: "d1", starts: 0, ends: 9, page: null, quote: "J’ai peur", created_by: "ana",
      created_at: at,
    },
  ], // biome-ignore format: columns
  coding_passage: [{ coding_id: "c1", passage_id: "p1" }],
  suggestion_dismissal: [
    {
      report_id: "RETEX-2026-0001", layer: 1, factor: "victim_fear", subject: "v1", document_id: "d1", starts: 0, ends: 3, by: "ana", at,
    },
  ], // biome-ignore format: columns
  chronology_entry: [
    {
      id: "e1", report_id: "RETEX-2026-0001", starts_on: "2024-12-01", ends_on: null, precision: "month", service: "Brigade", kind: "contact",
      description: "Un appel", passage_id: "p1", created_by: "ana", created_at: at,
    },
  ], // biome-ignore format: columns
};

/** The schema as the first version of the program made it. */
async function firstVersion({ db, dialect }: Database): Promise<void> {
  const [first] = MIGRATIONS;
  const provider = { getMigrations: async () => ({ [first!.name]: { up: (kysely: Kysely<unknown>) => first!.up(kysely, dialect) } }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error) throw error;
}

for (const [name, open] of Object.entries(EMPTY_DATABASES)) {
  describe(`an upgrade on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
      await firstVersion(database);
      const { db } = database;
      for (const [table, rows] of Object.entries(ROWS))
        for (const row of rows)
          await sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((column) => sql.ref(column)))})
            values (${sql.join(Object.values(row))})`.execute(db);
      await migrate(database);
    });
    after(() => database.close());

    it("keeps every row of a database that the first version wrote, column by column", async () => {
      for (const [table, rows] of Object.entries(ROWS)) {
        const columns = Object.keys(rows[0]!);
        const order = table === "coding_act" ? sql`id` : sql`1`;
        const stored = await sql<Record<string, unknown>>`
          select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(table)} order by ${order}`.execute(database.db);
        expect(
          stored.rows.map((row) => ({ ...row })),
          table,
        ).to.deep.equal(rows);
      }
    });

    it("fills what is new as if one analyst had coded: on the layer that counts, in one direction", async () => {
      const report = await database.db.selectFrom("report").selectAll().executeTakeFirstOrThrow();
      expect(report).to.include({ coding_mode: "single", counted_layer: 1, second_direction: 0 });
      expect(await database.db.selectFrom("coding_act").select("kind").distinct().execute()).to.deep.equal([{ kind: "coded" }]);
      expect((await database.db.selectFrom("coding").select("origin").executeTakeFirstOrThrow()).origin).to.equal(null);
    });

    it("holds every reference as before, between rebuilt tables too", async () => {
      const refused = async (statement: ReturnType<typeof sql>) =>
        statement.execute(database.db).then(
          () => "stored",
          () => "refused",
        );
      expect(await refused(sql`insert into coding_passage (coding_id, passage_id) values ('nobody', 'p1')`)).to.equal("refused");
      expect(await refused(sql`delete from coding where id = 'c1'`)).to.equal("refused");
      expect(await refused(sql`delete from passage where id = 'p1'`)).to.equal("refused");
      expect(await refused(sql`update coding_act set factor = 'x'`)).to.equal("refused");
      if (database.dialect === "sqlite") expect((await sql`pragma foreign_key_check`.execute(database.db)).rows).to.deep.equal([]);
      const { rows } =
        database.dialect === "sqlite"
          ? await sql`select name from sqlite_master where name like '%\_before' escape '\\'`.execute(database.db)
          : await sql`select table_name from information_schema.tables where table_name like '%\_before'`.execute(database.db);
      expect(rows).to.deep.equal([]);
    });
  });
}
