import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { rebuild, writtenOnce } from "./rebuild.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isDate = (column: string) => `check (${column} like '____-__-__')`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;
const isDigest = (column: string) => `check (length(${column}) = 64)`;
const STATES = ["draft", "approved", "issued", "answered", "assessed", "closed", "withdrawn"];
const ANSWERS = ["accepted", "partly_accepted", "rejected", "already_in_place", "in_progress", "partly_implemented", "implemented"];
const ASSESSMENTS = ["acceptable", "acceptable_alternative", "unacceptable", "no_answer"];
const IMPLEMENTATIONS = ["fully", "in_progress", "incomplete", "not_implemented", "without_object"];

/** How recommendations are searched, as it was when this migration was written. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/ß/g, "ss")
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[‐‑–—]/g, "-")
    .replace(/\s+/g, " ")
    .trim();

/**
 * The follow-up of recommendations: dispatch and receipt, answers of addressees through personal links, what the observatory finds of them,
 * ties between recommendations, and recommendations that rest on cross-case findings.
 */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const bytes = dialect === "sqlite" ? "blob" : "bytea";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await rebuild(db, dialect, {
    name: "recommendation",
    columns: `
    id text primary key,
    reference text not null unique check (reference like 'REC-____-____%'),
    report_id text references report (id),
    number integer check (number >= 1),
    text text not null check (length(text) > 0),
    folded text not null default '',
    addressee text not null,
    level text not null,
    theme text not null,
    type text not null,
    origin text not null ${oneOf("origin", "report", "observatory")},
    deadline text ${isDate("deadline")},
    proof_expected text check (length(proof_expected) > 0),
    state text not null ${oneOf("state", ...STATES)},
    version integer not null check (version >= 1),
    written_by text not null references account (id),
    written_at text not null ${isInstant("written_at")},
    approved_at text ${isInstant("approved_at")},
    issued_at text ${isInstant("issued_at")},
    answer_due text ${isDate("answer_due")},
    received_at text ${isInstant("received_at")},
    answered_at text ${isInstant("answered_at")},
    assessed_at text ${isInstant("assessed_at")},
    closed_at text ${isInstant("closed_at")},
    assessment text ${oneOf("assessment", ...ASSESSMENTS)},
    implementation text ${oneOf("implementation", ...IMPLEMENTATIONS)},
    evidence_question_at text ${isInstant("evidence_question_at")},
    deleted_at text ${isInstant("deleted_at")},
    unique (report_id, number),
    check ((report_id is null) = (number is null)),
    check (state = 'draft' or approved_at is not null),
    check (state not in ('issued', 'answered', 'assessed', 'closed') or issued_at is not null),
    check (state not in ('assessed', 'closed') or assessment is not null),
    check (state <> 'closed' or (closed_at is not null and implementation is not null))`,
    kept: [
      "id", "reference", "report_id", "number", "text", "addressee", "level", "theme", "type", "origin", "deadline", "state", "version",
      "written_by", "written_at", "approved_at", "issued_at", "deleted_at",
    ], // biome-ignore format: a list
    also: [
      "create index recommendation_state on recommendation (state, approved_at)",
      "create index recommendation_report on recommendation (report_id)",
      "create index recommendation_lead on recommendation (addressee, state)",
      "create index recommendation_theme on recommendation (theme, state)",
      "create index recommendation_deadline on recommendation (deadline)",
      "create index recommendation_written on recommendation (written_at) where report_id is null and state = 'draft'",
      "create index recommendation_questioned on recommendation (state) where evidence_question_at is not null",
    ],
  });
  const { rows: words } = await sql<{ id: string; reference: string; report_id: string | null; text: string }>`
    select id, reference, report_id, text from recommendation`.execute(db);
  for (const { id, reference, report_id, text } of words)
    await sql`update recommendation set folded = ${folded(`${reference} ${report_id ?? ""} ${text}`)} where id = ${id}`.execute(db);
  await rebuild(db, dialect, {
    name: "recommendation_event",
    columns: `
    id ${identity},
    recommendation_id text not null references recommendation (id),
    version integer not null,
    type text not null,
    from_state text ${oneOf("from_state", ...STATES)},
    to_state text not null ${oneOf("to_state", ...STATES)},
    by text references account (id),
    link_id text,
    at text not null ${isInstant("at")},
    reason text,
    detail text,
    unique (recommendation_id, version),
    check ((by is null) <> (link_id is null))`,
    kept: ["recommendation_id", "version", "type", "from_state", "to_state", "by", "at", "reason"],
    orderedBy: "id",
  });
  await writtenOnce(db, dialect, "recommendation_event");

  await create(
    "recommendation_author",
    `
    recommendation_id text not null references recommendation (id),
    account_id text not null references account (id),
    primary key (recommendation_id, account_id)`,
  );
  // Who leads is on the recommendation itself; these are to act with them.
  await create(
    "recommendation_addressee",
    `
    recommendation_id text not null references recommendation (id),
    addressee text not null,
    primary key (recommendation_id, addressee)`,
  );
  await create(
    "recommendation_cross_finding",
    `
    recommendation_id text not null references recommendation (id),
    cross_finding_id text not null references cross_finding (id),
    primary key (recommendation_id, cross_finding_id)`,
  );
  await run("create index recommendation_cross_finding_of on recommendation_cross_finding (cross_finding_id)");
  await create(
    "recommendation_tie",
    `
    recommendation_id text not null references recommendation (id),
    kind text not null ${oneOf("kind", "same_as", "part_of")},
    target_id text not null references recommendation (id),
    by text not null references account (id),
    at text not null ${isInstant("at")},
    primary key (recommendation_id, kind),
    check (recommendation_id <> target_id)`,
  );
  await run("create index recommendation_tie_target on recommendation_tie (target_id)");
  await create(
    "addressee_contact",
    `
    id text primary key,
    addressee text not null,
    service text not null check (length(service) > 0),
    person text,
    email text check (email = lower(email) and email like '%_@_%'),
    postal_address text,
    language text not null default 'fr' ${oneOf("language", "fr", "en")},
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    closed_at text ${isInstant("closed_at")}`,
  );
  await run("create index addressee_contact_addressee on addressee_contact (addressee)");
  await create(
    "recommendation_dispatch",
    `
    id text primary key,
    recommendation_id text not null references recommendation (id),
    kind text not null ${oneOf("kind", "dispatch", "reminder", "receipt")},
    on_date text not null ${isDate("on_date")},
    channel text not null ${oneOf("channel", "registered_letter", "letter", "email", "hand", "link", "other")},
    contact_id text references addressee_contact (id),
    recipient text not null check (length(recipient) > 0),
    proof_reference text check (length(proof_reference) > 0),
    file_name text,
    media_type text,
    bytes ${bytes},
    digest text ${isDigest("digest")},
    by text references account (id),
    link_id text,
    at text not null ${isInstant("at")},
    check ((bytes is null) = (file_name is null) and (bytes is null) = (digest is null)),
    check ((by is null) <> (link_id is null))`,
  );
  await run("create index recommendation_dispatch_of on recommendation_dispatch (recommendation_id)");
  await writtenOnce(db, dialect, "recommendation_dispatch");
  await create(
    "answer_link",
    `
    id text primary key,
    recommendation_id text not null references recommendation (id),
    contact_id text references addressee_contact (id),
    recipient text not null check (length(recipient) > 0),
    hash text not null unique ${isDigest("hash")},
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    expires_at text not null ${isInstant("expires_at")},
    revoked_at text ${isInstant("revoked_at")},
    opened_at text ${isInstant("opened_at")},
    answered_at text ${isInstant("answered_at")}`,
  );
  await run("create index answer_link_of on answer_link (recommendation_id)");
  await create(
    "recommendation_answer",
    `
    id text primary key,
    recommendation_id text not null references recommendation (id),
    number integer not null check (number >= 1),
    said text not null ${oneOf("said", ...ANSWERS)},
    text text not null check (length(text) > 0),
    answered_on text not null ${isDate("answered_on")},
    planned_for text ${isDate("planned_for")},
    respondent text not null check (length(respondent) > 0),
    received_at text not null ${isInstant("received_at")},
    by text references account (id),
    link_id text references answer_link (id),
    nonce text unique,
    unique (recommendation_id, number),
    check ((by is null) <> (link_id is null))`,
  );
  await writtenOnce(db, dialect, "recommendation_answer");
  await create(
    "answer_proof",
    `
    id text primary key,
    answer_id text not null references recommendation_answer (id),
    file_name text not null check (length(file_name) > 0),
    media_type text not null,
    byte_count integer not null check (byte_count > 0),
    digest text not null ${isDigest("digest")},
    bytes ${bytes} not null`,
  );
  await run("create index answer_proof_of on answer_proof (answer_id)");
  await writtenOnce(db, dialect, "answer_proof");
  await create(
    "recommendation_assessment",
    `
    id ${identity},
    recommendation_id text not null references recommendation (id),
    kind text not null ${oneOf("kind", "answer", "implementation")},
    answer_id text references recommendation_answer (id),
    value text not null ${oneOf("value", ...ASSESSMENTS, ...IMPLEMENTATIONS)},
    comment text not null check (length(comment) > 0),
    on_date text not null ${isDate("on_date")},
    by text not null references account (id),
    at text not null ${isInstant("at")},
    check ((kind = 'answer') = (value in (${ASSESSMENTS.map((value) => `'${value}'`).join(", ")})))`,
  );
  await run("create index recommendation_assessment_of on recommendation_assessment (recommendation_id)");
  await writtenOnce(db, dialect, "recommendation_assessment");
}
