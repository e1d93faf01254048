import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { rebuild, writtenOnce } from "./rebuild.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;
const EVIDENCE = ["judgment", "official_record", "professional", "relative", "perpetrator", "inference"];
const KNOWN_WHEN = ["service_before", "entourage_before", "discovered_after", "unknown"];

/**
 * Two analysts on layers 1 and 2, what was settled between them on layer 3; the violence of the history in its second direction; acts that
 * are undone and redone; values that came from elsewhere than a coder's hand.
 */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await run(
    `alter table report add column coding_mode text not null default 'single' ${oneOf("coding_mode", "single", "blind", "adjudicated")}`,
  );
  await run("alter table report add column counted_layer integer not null default 1 check (counted_layer in (1, 2, 3))");
  await run("alter table report add column second_direction integer not null default 0 check (second_direction in (0, 1))");

  await rebuild(db, dialect, {
    name: "assignment",
    columns: `
    id text primary key,
    report_id text not null references report (id),
    analyst_id text not null references account (id),
    layer integer not null check (layer in (1, 2, 3)),
    assigned_by text not null references account (id),
    assigned_at text not null ${isInstant("assigned_at")},
    submitted_at text ${isInstant("submitted_at")},
    ended_at text ${isInstant("ended_at")},
    rule text ${oneOf("rule", "hand", "draw", "low_confidence")}`,
    kept: ["id", "report_id", "analyst_id", "layer", "assigned_by", "assigned_at", "ended_at"],
    also: [
      "create index assignment_report on assignment (report_id)",
      "create unique index assignment_layer on assignment (report_id, layer) where ended_at is null",
      "create unique index assignment_analyst on assignment (analyst_id, report_id) where ended_at is null",
    ],
  });
  await rebuild(db, dialect, {
    name: "coding",
    columns: `
    id text primary key,
    report_id text not null references report (id),
    layer integer not null check (layer in (1, 2, 3)),
    codebook_version text not null,
    factor text not null,
    subject text not null,
    person_id text,
    value text not null check (length(value) > 0),
    confidence text ${oneOf("confidence", "high", "medium", "low")},
    evidence_basis text ${oneOf("evidence_basis", ...EVIDENCE)},
    known_when text ${oneOf("known_when", ...KNOWN_WHEN)},
    note text,
    reason text check (length(reason) > 0),
    origin text ${oneOf("origin", "imported", "carried")},
    version integer not null check (version >= 1),
    coded_by text not null references account (id),
    coded_at text not null ${isInstant("coded_at")},
    unique (report_id, layer, factor, subject),
    foreign key (codebook_version, factor) references codebook_factor (codebook_version, code),
    foreign key (report_id, person_id) references person (report_id, id),
    check (subject = coalesce(person_id, 'case') or (subject = 'reverse' and person_id is null))`,
    kept: [
      "id", "report_id", "layer", "codebook_version", "factor", "subject", "person_id", "value", "confidence", "evidence_basis", "known_when",
      "note", "reason", "version", "coded_by", "coded_at",
    ], // biome-ignore format: a list
  });
  await rebuild(db, dialect, {
    name: "suggestion_dismissal",
    columns: `
    report_id text not null references report (id),
    layer integer not null check (layer in (1, 2, 3)),
    factor text not null,
    subject text not null,
    document_id text not null,
    starts integer not null check (starts >= 0),
    ends integer not null,
    by text not null references account (id),
    at text not null ${isInstant("at")},
    primary key (report_id, layer, factor, subject, document_id, starts, ends),
    foreign key (report_id, document_id) references document (report_id, id),
    check (ends > starts)`,
    kept: ["report_id", "layer", "factor", "subject", "document_id", "starts", "ends", "by", "at"],
  });
  await rebuild(db, dialect, {
    name: "coding_act",
    columns: `
    id ${identity},
    report_id text not null references report (id),
    layer integer not null check (layer in (1, 2, 3)),
    factor text not null,
    subject text not null,
    by text not null references account (id),
    at text not null ${isInstant("at")},
    after text,
    kind text not null default 'coded' ${oneOf("kind", "coded", "undone", "redone")},
    batch text`,
    // The numbers of the acts give their order only: they are given anew, in the same order.
    kept: ["report_id", "layer", "factor", "subject", "by", "at", "after"],
    orderedBy: "id",
    also: ["create index coding_act_report on coding_act (report_id, id)", "create index coding_act_coder on coding_act (report_id, by)"],
  });
  await writtenOnce(db, dialect, "coding_act");

  await run("drop table adjudication");
  await create(
    "adjudication",
    `
    id ${identity},
    report_id text not null references report (id),
    factor text not null,
    subject text not null,
    choice text not null ${oneOf("choice", "agreed", "first", "second", "other", "unknown")},
    value text not null check (length(value) > 0),
    first_value text,
    second_value text,
    reason text check (length(reason) > 0),
    decided_by text not null references account (id),
    decided_at text not null ${isInstant("decided_at")},
    check (choice = 'agreed' or reason is not null)`,
  );
  await run("create index adjudication_report on adjudication (report_id, factor, subject)");
  await writtenOnce(db, dialect, "adjudication");
  await create(
    "double_coding",
    `
    report_id text not null references report (id),
    factor text not null,
    subject text not null,
    codebook_version text not null references codebook_version (version),
    first_coder text not null references account (id),
    second_coder text not null references account (id),
    first_value text not null,
    second_value text not null,
    compared_at text not null ${isInstant("compared_at")},
    primary key (report_id, factor, subject),
    check (first_coder <> second_coder)`,
  );
  await run("create index double_coding_factor on double_coding (factor, report_id)");
  await writtenOnce(db, dialect, "double_coding");
  await create(
    "assignment_draw",
    `
    id text primary key,
    drawn_by text not null references account (id),
    drawn_at text not null ${isInstant("drawn_at")},
    rule text not null ${oneOf("rule", "share", "low_confidence")},
    seed text not null check (length(seed) > 0),
    share_percent integer not null check (share_percent between 1 and 100),
    candidates text not null,
    drawn text not null`,
  );
  await writtenOnce(db, dialect, "assignment_draw");
  await create(
    "edition_reverse_value",
    `
    edition_id text not null references edition (id),
    report_id text not null references report (id),
    factor text not null,
    value text not null,
    known_when text,
    primary key (edition_id, factor, value)`,
  );
  await writtenOnce(db, dialect, "edition_reverse_value");
}
