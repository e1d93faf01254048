import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

// Frozen: later changes are migrations of their own. The lists are repeated by value on purpose.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;
const isBit = (column: string) => `check (${column} in (0, 1))`;

/** Reports taken over from spreadsheets, hidden until the whole import is there; an import taken back as one act. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);
  const bytes = dialect === "sqlite" ? "blob" : "bytea";

  await create(
    "report_import",
    `
    id text primary key,
    state text not null ${oneOf("state", "mapping", "checking", "checked", "writing", "done", "removing", "undone", "abandoned")},
    version integer not null check (version >= 1),
    file_name text not null check (length(file_name) > 0),
    format text not null ${oneOf("format", "xlsx", "ods", "csv")},
    digest text not null check (length(digest) = 64),
    byte_count integer not null check (byte_count > 0),
    sheets text not null,
    sheet integer not null check (sheet >= 0),
    header_line integer not null check (header_line >= 1),
    headers text not null,
    profile text,
    mapping text not null,
    found text,
    codebook_version text not null references codebook_version (version),
    line_count integer not null check (line_count >= 0),
    ready_count integer not null default 0,
    doubtful_count integer not null default 0,
    refused_count integer not null default 0,
    with_doubtful integer not null default 0 ${isBit("with_doubtful")},
    progress integer not null default 0 check (progress >= 0),
    written_count integer not null default 0 check (written_count >= 0),
    worker text,
    worker_until text ${isInstant("worker_until")},
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    accepted_by text references account (id),
    accepted_at text ${isInstant("accepted_at")},
    finished_at text ${isInstant("finished_at")},
    removed_by text references account (id),
    removed_at text ${isInstant("removed_at")},
    check ((accepted_by is null) = (accepted_at is null)),
    check (state not in ('writing', 'done', 'undone') or accepted_at is not null),
    check (state <> 'done' or (finished_at is not null and profile is null))`,
  );
  await create("import_file", `import_id text primary key references report_import (id),\n    bytes ${bytes} not null`);
  await create(
    "import_line",
    `
    import_id text not null references report_import (id),
    line integer not null check (line >= 1),
    cells text,
    status text ${oneOf("status", "ready", "doubtful", "refused")},
    problems text,
    own_reference text,
    report_id text,
    primary key (import_id, line)`,
  );
  await run("create index import_line_status on import_line (import_id, status, line)");
  await run("create index import_line_reference on import_line (own_reference) where report_id is not null");
  await create(
    "import_mapping",
    `
    name text primary key check (length(name) > 0),
    headers text not null,
    mapping text not null,
    saved_by text not null references account (id),
    saved_at text not null ${isInstant("saved_at")}`,
  );

  await run("alter table report add column import_id text references report_import (id)");
  await run(`alter table report add column held integer not null default 0 ${isBit("held")}`);
  await run("create index report_import_reports on report (import_id) where import_id is not null");

  // What is written once stays so for every report that anybody could have seen worked on. Only a report that nobody touched since its
  // import can be held again, and only the rows of a held report can go with it.
  if (dialect === "sqlite") {
    for (const table of ["coding_act", "report_event"]) {
      await run(`drop trigger ${table}_no_delete`);
      await run(
        `create trigger ${table}_no_delete before delete on ${table} when coalesce((select held from report where id = old.report_id), 0) = 0 begin select raise(abort, 'rows of this table are written once'); end`,
      );
    }
    await run(
      "create trigger report_held before update of held on report when new.held = 1 and old.held = 0 and (old.import_id is null or old.version > 1) begin select raise(abort, 'a report that was worked on is not taken back'); end",
    );
  } else {
    await run(
      "create function refuse_delete_unless_held() returns trigger language plpgsql as $$ begin if exists (select 1 from report where id = old.report_id and held = 1) then return old; end if; raise exception 'rows of this table are written once'; end $$",
    );
    for (const table of ["coding_act", "report_event"]) {
      await run(`drop trigger ${table}_no_delete on ${table}`);
      await run(`create trigger ${table}_no_delete before delete on ${table} for each row execute function refuse_delete_unless_held()`);
    }
    await run(
      "create function refuse_holding() returns trigger language plpgsql as $$ begin if new.held = 1 and old.held = 0 and (old.import_id is null or old.version > 1) then raise exception 'a report that was worked on is not taken back'; end if; return new; end $$",
    );
    await run("create trigger report_held before update of held on report for each row execute function refuse_holding()");
  }
}
