import { readFileSync } from "node:fs";
import { expect } from "chai";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { FINDING_KINDS, ORIGINS } from "../../server/findings/write.ts";
import { CHANNELS } from "../../server/recommendations/life.ts";
import { TIE_KINDS } from "../../server/recommendations/ties.ts";
import { ACT_KINDS, ISSUING_KINDS, PERSON_KINDS, PROCEEDINGS, SEXES } from "../../server/reports/forms.ts";
import { ROLES } from "../../workflows/actor.ts";
import { CROSS_FINDING_STATES } from "../../workflows/cross-finding.decide.ts";
import { PUBLICATION_STATES } from "../../workflows/publication.machine.ts";
import { RECOMMENDATION_STATES } from "../../workflows/recommendation.decide.ts";
import { ANSWER_ASSESSMENTS, ANSWERS, IMPLEMENTATIONS } from "../../workflows/recommendation.machine.ts";
import { REPORT_STATES } from "../../workflows/report.decide.ts";
import { DATABASES } from "../support/databases.ts";

type Column = { name: string; nullable: boolean };
type Tables = Record<string, Column[]>;
const byName = (a: Column, b: Column) => (a.name < b.name ? -1 : 1);

/** Every table of ours with its columns, as the database describes itself. */
async function describedBy({ db, dialect }: Database): Promise<Tables> {
  const { rows } =
    dialect === "sqlite"
      ? await sql<{ table: string; name: string; nullable: number }>`
          select m.name as "table", c.name, (c."notnull" = 0 and c.pk = 0) as nullable
          from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'`.execute(db)
      : await sql<{ table: string; name: string; nullable: boolean }>`
          select table_name as "table", column_name as name, is_nullable = 'YES' as nullable
          from information_schema.columns where table_schema = current_schema()`.execute(db);
  const ours = rows.filter(({ table }) => !/^(sqlite_|kysely_)/.test(table));
  return Object.fromEntries(
    [...Map.groupBy(ours, ({ table }) => table)]
      .sort()
      .map(([table, columns]) => [table, columns.map(({ name, nullable }) => ({ name, nullable: Boolean(nullable) })).sort(byName)]),
  );
}

/** The same as db/schema.ts declares it. */
function declared(): Tables {
  const text = readFileSync(new URL("../../db/schema.ts", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const columnsOf = (body: string) =>
    [...body.matchAll(/^ {2}(\w+): ([^;]+);/gm)].map(([, name, type]) => ({ name: name!, nullable: /\bnull\b/.test(type!) }));
  const interfaces = new Map([...text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name, body]) => [name!, body!]));
  return Object.fromEntries(
    [...interfaces.get("Schema")!.matchAll(/^ {2}(\w+): (?:Defaulted<)?(\w+)[^;]*;/gm)]
      .map(([, table, name]): [string, Column[]] => [table!, columnsOf(interfaces.get(name!)!).sort(byName)])
      .sort(),
  );
}

/** The values that a check allows in a column. */
async function allowedIn({ db, dialect }: Database, table: string, column: string): Promise<string[]> {
  const { rows } =
    dialect === "sqlite"
      ? await sql<{ text: string }>`select sql as text from sqlite_master where name = ${table}`.execute(db)
      : await sql<{ text: string }>`
          select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = ${table}::regclass and contype = 'c'`.execute(db);
  const list = new RegExp(`\\(${column} (?:in \\(|= ANY \\(ARRAY\\[)([^)\\]]*)`);
  const found = rows.map(({ text }) => list.exec(text)?.[1]).find((one) => one !== undefined);
  return [...(found ?? "").matchAll(/'([^']*)'/g)].map(([, value]) => value!);
}

const described = new Map<string, Tables>();
for (const [name, open] of Object.entries(DATABASES)) {
  describe(`the schema on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
      described.set(name, await describedBy(database));
    });
    after(() => database.close());

    it("has the tables and columns that the code declares, empty where it says they may be", () => {
      expect(Object.keys(declared())).to.have.length.greaterThan(35);
      expect(described.get(name)).to.deep.equal(declared());
    });

    it("allows the states, roles and kinds that the code knows, and no others", async () => {
      const codebook = await currentCodebook(database.db);
      const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code);
      const lists: Record<string, readonly string[]> = {
        "report.state": REPORT_STATES,
        "report_event.from_state": REPORT_STATES,
        "report_event.to_state": REPORT_STATES,
        "publication.state": PUBLICATION_STATES,
        "publication_event.to_state": PUBLICATION_STATES,
        "publication_event.from_state": PUBLICATION_STATES,
        "recommendation.state": RECOMMENDATION_STATES,
        "recommendation_event.to_state": RECOMMENDATION_STATES,
        "recommendation_event.from_state": RECOMMENDATION_STATES,
        "recommendation.assessment": ANSWER_ASSESSMENTS,
        "recommendation.implementation": IMPLEMENTATIONS,
        "recommendation_answer.said": ANSWERS,
        "recommendation_tie.kind": TIE_KINDS,
        "recommendation_dispatch.channel": [...CHANNELS, "link"],
        "cross_finding.state": CROSS_FINDING_STATES,
        "cross_finding_event.from_state": CROSS_FINDING_STATES,
        "cross_finding_event.to_state": CROSS_FINDING_STATES,
        "cross_finding.kind": FINDING_KINDS,
        "cross_finding_text.kind": FINDING_KINDS,
        "cross_finding.known_when": codes(codebook.knownWhen),
        "cross_finding_text.known_when": codes(codebook.knownWhen),
        "account_role.role": ROLES,
        "report.act_kind": ACT_KINDS,
        "edition.act_kind": ACT_KINDS,
        "report.proceedings": PROCEEDINGS,
        "report.issuing_kind": ISSUING_KINDS,
        "person.kind": PERSON_KINDS,
        "person.sex": SEXES,
        "finding.kind": FINDING_KINDS,
        "recommendation.origin": ORIGINS,
        "coding.confidence": codes(codebook.confidence),
        "coding.evidence_basis": codes(codebook.evidenceBasis),
        "coding.known_when": codes(codebook.knownWhen),
        "finding.known_when": codes(codebook.knownWhen),
      };
      for (const [place, known] of Object.entries(lists)) {
        const [table, column] = place.split(".");
        expect((await allowedIn(database, table!, column!)).sort(), place).to.deep.equal([...known].sort());
      }
    });
  });
}

describe("the schema", () => {
  it("is the same on both databases", () => {
    expect(described.get("SQLite")).to.deep.equal(described.get("PostgreSQL"));
  });
});
