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
    withdrawn_at text ${isInstant("withdrawn_at")},
    evidence_changed_at text ${isInstant("evidence_changed_at")},
    standing_text integer check (standing_text >= 1),
    second_review text ${oneOf("second_review", "asked", "confirmed")},
    confirmed_by text references account (id),
    check (state <> 'approved' or (approved_at is not null and standing_text is not null)),
    check ((state = 'withdrawn') = (withdrawn_at is not null)),
    check (state <> 'withdrawn' or standing_text is null),
    check (second_review is null or public_statement is not null),
    check ((coalesce(second_review, '') = 'confirmed') = (confirmed_by is not null))`,
  );
  await run("create index cross_finding_state on cross_finding (state, submitted_at)");
  await create(
    "cross_finding_basis",
    `
    cross_finding_id text not null references cross_finding (id),
    report_id text not null references report (id),
    factor text not null,
    edition integer not null check (edition >= 1),
    value text not null,
    known_when text not null,
    passages text check (length(passages) = 64),
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
  // Each text that was approved, with what it rested on: it stays readable whatever becomes of the finding.
  await create(
    "cross_finding_text",
    `
    cross_finding_id text not null references cross_finding (id),
    number integer not null check (number >= 1),
    kind text not null ${oneOf("kind", "failing", "missed_signal", "good_practice", "context")},
    statement text not null check (length(statement) > 0),
    public_statement text check (length(public_statement) > 0),
    service text,
    known_when text ${oneOf("known_when", ...KNOWN_WHEN)},
    basis text not null,
    checklist text,
    approved_by text not null references account (id),
    approved_at text not null ${isInstant("approved_at")},
    primary key (cross_finding_id, number),
    check (public_statement is null or checklist is not null)`,
  );
  await writtenOnce(db, dialect, "cross_finding_text");
  await create(
    "cross_finding_proposal",
    `
    id text primary key,
    cross_finding_id text not null references cross_finding (id),
    proposed_by text not null references account (id),
    proposed_at text not null ${isInstant("proposed_at")},
    words_before text not null,
    statement text not null check (length(statement) > 0),
    public_statement text check (length(public_statement) > 0),
    service text,
    reason text not null check (length(reason) > 0),
    decided_by text references account (id),
    decided_at text ${isInstant("decided_at")},
    outcome text ${oneOf("outcome", "accepted", "declined", "lapsed")},
    outcome_reason text check (length(outcome_reason) > 0),
    check ((outcome is null) = (decided_at is null)),
    check ((outcome is null) = (decided_by is null)),
    check (outcome <> 'declined' or outcome_reason is not null)`,
  );
  await run("create index cross_finding_proposal_of on cross_finding_proposal (cross_finding_id)");
  await run("create unique index cross_finding_proposal_open on cross_finding_proposal (cross_finding_id) where outcome is null");
  await create(
    "cross_finding_dissent",
    `
    id text primary key,
    cross_finding_id text not null references cross_finding (id),
    text text not null check (length(text) > 0),
    by text not null references account (id),
    at text not null ${isInstant("at")},
    withdrawn_at text ${isInstant("withdrawn_at")}`,
  );
  await run("create index cross_finding_dissent_of on cross_finding_dissent (cross_finding_id)");
  // A dissent may be withdrawn, never forgotten.
  await run(
    dialect === "sqlite"
      ? "create trigger cross_finding_dissent_no_delete before delete on cross_finding_dissent begin select raise(abort, 'rows of this table are kept'); end"
      : "create trigger cross_finding_dissent_no_delete before delete on cross_finding_dissent for each row execute function refuse_change()",
  );
  // What anyone may read, and nothing else of the finding behind it: public pages look at this table alone.
  await create(
    "good_practice",
    `
    reference text primary key check (reference like 'BP-____-____%'),
    finding_id text unique references finding (id),
    cross_finding_id text unique references cross_finding (id),
    statement text not null check (length(statement) > 0),
    sections text not null,
    published_at text not null ${isInstant("published_at")},
    changed_at text ${isInstant("changed_at")},
    withdrawn_at text ${isInstant("withdrawn_at")},
    check ((finding_id is null) <> (cross_finding_id is null))`,
  );
}
