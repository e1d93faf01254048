import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose; a test compares them with the code's.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/** Work done in the background, the exports taken out of the register, and the layouts they are made with. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const bytes = dialect === "sqlite" ? "blob" : "bytea";
  const share = dialect === "sqlite" ? "real" : "double precision";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await create(
    "job",
    `
    id text primary key,
    kind text not null check (length(kind) > 0),
    payload text not null,
    state text not null ${oneOf("state", "queued", "running", "done", "failed")},
    progress ${share} not null default 0 check (progress between 0 and 1),
    attempts integer not null default 0 check (attempts >= 0),
    runner text,
    leased_until text ${isInstant("leased_until")},
    failure text,
    created_by text references account (id),
    created_at text not null ${isInstant("created_at")},
    finished_at text ${isInstant("finished_at")},
    check ((state = 'running') = (runner is not null) and (runner is null) = (leased_until is null)),
    check ((state in ('done', 'failed')) = (finished_at is not null)),
    check ((state = 'failed') = (failure is not null))`,
  );
  await run("create index job_waiting on job (state, created_at)");
  await create(
    "export",
    `
    id text primary key,
    job_id text references job (id),
    by text not null references account (id),
    at text not null ${isInstant("at")},
    language text not null ${oneOf("language", "fr", "en")},
    format text not null ${oneOf("format", "csv", "xlsx", "ods", "json", "docx", "odt", "pdf")},
    layout text,
    columns text not null,
    history integer not null ${oneOf("history", "0", "1").replaceAll("'", "")},
    grouped_by text ${oneOf("grouped_by", "addressee", "theme")},
    filters text not null,
    row_count integer check (row_count >= 0),
    file_name text check (length(file_name) > 0),
    media_type text,
    byte_count integer check (byte_count > 0),
    digest text check (length(digest) = 64),
    bytes ${bytes},
    made_at text ${isInstant("made_at")},
    expires_at text ${isInstant("expires_at")},
    erased_at text ${isInstant("erased_at")},
    erased_by text references account (id),
    check ((made_at is null) = (digest is null) and (made_at is null) = (expires_at is null) and (made_at is null) = (row_count is null)),
    check (job_id is not null or made_at is not null),
    check (bytes is null or (made_at is not null and erased_at is null)),
    check (made_at is null or bytes is not null or erased_at is not null)`,
  );
  await run("create index export_at on export (at)");
  await run("create index export_expiry on export (expires_at)");
  await run("create index export_job on export (job_id)");
  await create(
    "export_layout",
    `
    id text primary key,
    name text not null check (length(name) between 1 and 80),
    name_folded text not null,
    columns text not null,
    history integer not null ${oneOf("history", "0", "1").replaceAll("'", "")},
    shared integer not null ${oneOf("shared", "0", "1").replaceAll("'", "")},
    by text not null references account (id),
    at text not null ${isInstant("at")},
    unique (by, name_folded)`,
  );
  // Of those that everybody sees, no two have the same name.
  await run("create unique index export_layout_shared on export_layout (name_folded) where shared = 1");
}
