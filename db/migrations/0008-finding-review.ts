import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { rebuild, writtenOnce } from "./rebuild.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/**
 * What a review is made of: decisions with their category, their checklist and the evidence they were taken on; words proposed by a reviewer,
 * or by the author once the finding is published; a second reader of public statements; dissents.
 */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await rebuild(db, dialect, {
    name: "finding",
    columns: `
    id text primary key,
    report_id text not null references report (id),
    number integer not null check (number >= 1),
    kind text not null ${oneOf("kind", "failing", "missed_signal", "good_practice", "context")},
    statement text not null check (length(statement) > 0),
    public_statement text check (length(public_statement) > 0),
    service text,
    known_when text ${oneOf("known_when", "service_before", "entourage_before", "discovered_after", "unknown")},
    status text not null ${oneOf("status", "draft", "approved", "returned", "edits_proposed")},
    second_review text ${oneOf("second_review", "asked", "confirmed")},
    version integer not null check (version >= 1),
    written_by text not null references account (id),
    written_at text not null ${isInstant("written_at")},
    deleted_at text ${isInstant("deleted_at")},
    unique (report_id, number),
    check (second_review is null or public_statement is not null)`,
    kept: [
      "id", "report_id", "number", "kind", "statement", "public_statement", "service", "known_when", "status", "version", "written_by",
      "written_at", "deleted_at",
    ], // biome-ignore format: a list
  });
  await rebuild(db, dialect, {
    name: "finding_decision",
    columns: `
    id ${identity},
    finding_id text not null references finding (id),
    finding_version integer not null,
    decision text not null ${oneOf("decision", "approved", "returned", "second_asked", "confirmed", "reset", "withdrawn")},
    category text ${oneOf("category", "evidence", "wording", "confidentiality", "kind", "scope", "recommendation", "other")},
    checklist text,
    evidence text,
    changes text,
    comment text not null,
    by text not null references account (id),
    at text not null ${isInstant("at")},
    check (decision not in ('returned', 'withdrawn') or length(comment) > 0),
    check (category is null or decision = 'returned'),
    check (changes is null or decision = 'reset')`,
    // The numbers of the decisions give their order only: they are given anew, in the same order.
    kept: ["finding_id", "finding_version", "decision", "comment", "by", "at"],
    orderedBy: "id",
    also: ["create index finding_decision_finding on finding_decision (finding_id)"],
  });
  await writtenOnce(db, dialect, "finding_decision");
  await create(
    "finding_proposal",
    `
    id text primary key,
    finding_id text not null references finding (id),
    finding_version integer not null,
    kind text not null ${oneOf("kind", "review", "correction")},
    proposed_by text not null references account (id),
    proposed_at text not null ${isInstant("proposed_at")},
    words_before text not null,
    statement text not null check (length(statement) > 0),
    public_statement text check (length(public_statement) > 0),
    service text,
    reason text not null check (length(reason) > 0),
    checklist text,
    evidence text,
    decided_by text references account (id),
    decided_at text ${isInstant("decided_at")},
    outcome text ${oneOf("outcome", "accepted", "declined", "lapsed")},
    outcome_reason text check (length(outcome_reason) > 0),
    check ((outcome is null) = (decided_at is null)),
    check ((outcome is null) = (decided_by is null)),
    check (outcome <> 'declined' or outcome_reason is not null)`,
  );
  await run("create index finding_proposal_finding on finding_proposal (finding_id)");
  await run("create unique index finding_proposal_open on finding_proposal (finding_id) where outcome is null");
  await create(
    "finding_dissent",
    `
    id text primary key,
    finding_id text not null references finding (id),
    finding_version integer not null,
    text text not null check (length(text) > 0),
    by text not null references account (id),
    at text not null ${isInstant("at")},
    withdrawn_at text ${isInstant("withdrawn_at")}`,
  );
  await run("create index finding_dissent_finding on finding_dissent (finding_id)");
  // A dissent may be withdrawn, never forgotten.
  await run(
    dialect === "sqlite"
      ? "create trigger finding_dissent_no_delete before delete on finding_dissent begin select raise(abort, 'rows of this table are kept'); end"
      : "create trigger finding_dissent_no_delete before delete on finding_dissent for each row execute function refuse_change()",
  );
}
