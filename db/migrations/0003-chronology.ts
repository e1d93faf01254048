import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { rebuild } from "./rebuild.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isDate = (column: string) => `check (${column} like '____-__-__')`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/** Entries of the chronology with what is known of them, kept when removed, and cited by findings. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  for (const column of ["ends_precision", "updated_by", "updated_at"]) await run(`alter table chronology_entry add column ${column} text`);
  await run(`update chronology_entry set updated_by = created_by, updated_at = created_at,
    ends_precision = case when ends_on is null then null else precision end`);
  await rebuild(db, dialect, {
    name: "chronology_entry",
    columns: `
    id text primary key,
    report_id text not null references report (id),
    starts_on text not null ${isDate("starts_on")},
    precision text not null ${oneOf("precision", "day", "month", "year")},
    ends_on text ${isDate("ends_on")},
    ends_precision text ${oneOf("ends_precision", "day", "month", "year")},
    uncertain integer not null default 0 check (uncertain in (0, 1)),
    kind text not null ${oneOf("kind", "contact", "report", "complaint", "measure", "decision", "event")},
    service text check (length(service) > 0),
    description text not null check (length(description) > 0),
    response text check (length(response) > 0),
    person_id text,
    passage_id text references passage (id),
    version integer not null default 1 check (version >= 1),
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    updated_by text not null references account (id),
    updated_at text not null ${isInstant("updated_at")},
    deleted_at text ${isInstant("deleted_at")},
    foreign key (report_id, person_id) references person (report_id, id),
    check (ends_on >= starts_on),
    check ((ends_on is null) = (ends_precision is null))`,
    kept: [
      "id", "report_id", "starts_on", "precision", "ends_on", "ends_precision", "kind", "service", "description", "passage_id", "created_by",
      "created_at", "updated_by", "updated_at",
    ], // biome-ignore format: a list
    also: [
      "create index chronology_entry_report on chronology_entry (report_id, starts_on)",
      "create index chronology_entry_passage on chronology_entry (passage_id)",
    ],
  });
  await run(`create table finding_chronology (
    finding_id text not null references finding (id),
    entry_id text not null references chronology_entry (id),
    primary key (finding_id, entry_id)
)${dialect === "sqlite" ? " strict" : ""}`);
  await run("create index finding_chronology_entry on finding_chronology (entry_id)");
}
