import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { rebuild, writtenOnce } from "./rebuild.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;
const STATES = ["draft", "in_review", "approved", "withdrawn"];
const KNOWN_WHEN = ["service_before", "entourage_before", "discovered_after", "unknown"];

/** Findings that rest on several reports, with a life of their own. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await rebuild(db, dialect, {
    name: "counter",
    columns: `
    kind text not null ${oneOf("kind", "report", "recommendation", "cross_finding", "practice")},
    year integer not null,
    last integer not null check (last >= 0),
    primary key (kind, year)`,
    kept: ["kind", "year", "last"],
  });
  await create(
    "cross_finding",
    `
    id text primary key,
    reference text not null unique check (reference like 'CT-____-____%'),
    state text not null ${oneOf("state", ...STATES)},
    version integer not null check (version >= 1),
    kind text not null ${oneOf("kind", "failing", "missed_signal", "good_practice", "context")},
    statement text not null check (length(statement) > 0),
    public_statement text check (length(public_statement) > 0),
    service text,
    known_when text ${oneOf("known_when", ...KNOWN_WHEN)},
    written_by text not null references account (id),
    written_at text not null ${isInstant("written_at")},
    submitted_at text ${isInstant("submitted_at")},
    approved_at text ${isInstant("approved_at")},
    evidence_changed_at text ${isInstant("evidence_changed_at")},
    check (state <> 'approved' or approved_at is not null)`,
  );
  await create(
    "cross_finding_basis",
    `
    cross_finding_id text not null references cross_finding (id),
    report_id text not null references report (id),
    factor text not null,
    edition integer not null check (edition >= 1),
    value text not null,
    primary key (cross_finding_id, report_id, factor)`,
  );
  await run("create index cross_finding_basis_report on cross_finding_basis (report_id)");
  await create(
    "cross_finding_author",
    `
    cross_finding_id text not null references cross_finding (id),
    account_id text not null references account (id),
    primary key (cross_finding_id, account_id)`,
  );
  await create(
    "cross_finding_event",
    `
    id ${identity},
    cross_finding_id text not null references cross_finding (id),
    version integer not null,
    type text not null,
    from_state text ${oneOf("from_state", ...STATES)},
    to_state text not null ${oneOf("to_state", ...STATES)},
    by text not null references account (id),
    at text not null ${isInstant("at")},
    reason text,
    detail text,
    unique (cross_finding_id, version)`,
  );
  await writtenOnce(db, dialect, "cross_finding_event");
}
