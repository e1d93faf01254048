import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { writtenOnce } from "./rebuild.ts";

// Frozen: later changes are migrations of their own.
const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/** Tables that make a version, each with the column that names it. */
const OF_A_VERSION = {
  codebook_section: "codebook_version",
  codebook_factor: "codebook_version",
  codebook_option: "codebook_version",
  codebook_crosswalk: "to_version",
  codebook_carried_value: "to_version",
} as const;
const REFUSAL = "a published version of the codebook does not change";

/**
 * The codebook lives: versions drafted from one another and published with a note; what becomes of each value from one version to the next;
 * reports to recode; proposals and what is said of them. A published version does not change, not even by one row more: the database holds it.
 */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await run("alter table codebook_version add column base_version text references codebook_version (version)");
  await run("alter table codebook_version add column note text");
  await run("alter table codebook_version add column published_by text references account (id)");
  await create(
    "codebook_carried_value",
    `
    from_version text not null,
    from_factor text not null,
    to_version text not null,
    to_factor text not null,
    from_value text not null,
    to_value text not null,
    primary key (from_version, from_factor, to_version, to_factor, from_value),
    foreign key (from_version, from_factor) references codebook_factor (codebook_version, code),
    foreign key (to_version, to_factor) references codebook_factor (codebook_version, code)`,
  );
  await create(
    "codebook_draft",
    `
    id text primary key,
    base_version text not null references codebook_version (version),
    version text not null check (length(version) > 0),
    note text not null,
    content text not null,
    decisions text not null,
    status text not null ${oneOf("status", "open", "published", "abandoned")},
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    updated_by text not null references account (id),
    updated_at text not null ${isInstant("updated_at")}`,
  );
  await create(
    "recode_task",
    `
    report_id text not null references report (id),
    to_version text not null references codebook_version (version),
    from_version text not null references codebook_version (version),
    status text not null ${oneOf("status", "waiting", "done", "not_needed", "replaced")},
    created_at text not null ${isInstant("created_at")},
    decided_by text references account (id),
    decided_at text ${isInstant("decided_at")},
    reason text check (length(reason) > 0),
    primary key (report_id, to_version),
    check (status not in ('done', 'not_needed') or (decided_by is not null and decided_at is not null)),
    check (status <> 'not_needed' or reason is not null)`,
  );
  await run("create index recode_task_version on recode_task (to_version, status)");
  await create(
    "recoded_value",
    `
    id ${identity},
    report_id text not null references report (id),
    from_version text not null references codebook_version (version),
    to_version text not null references codebook_version (version),
    layer integer not null check (layer in (1, 2, 3)),
    factor text not null,
    subject text not null,
    outcome text not null ${oneOf("outcome", "carried", "partly", "recode", "retired")},
    coding text not null,
    at text not null ${isInstant("at")}`,
  );
  await run("create index recoded_value_report on recoded_value (report_id, to_version)");
  await writtenOnce(db, dialect, "recoded_value");
  await create(
    "codebook_proposal",
    `
    id text primary key,
    codebook_version text not null references codebook_version (version),
    factor text,
    title text not null check (length(title) > 0),
    body text not null check (length(body) > 0),
    status text not null ${oneOf("status", "open", "accepted", "declined")},
    reason text check (length(reason) > 0),
    draft_id text references codebook_draft (id),
    created_by text not null references account (id),
    created_at text not null ${isInstant("created_at")},
    decided_by text references account (id),
    decided_at text ${isInstant("decided_at")},
    foreign key (codebook_version, factor) references codebook_factor (codebook_version, code),
    check ((status = 'open') = (decided_at is null)),
    check ((decided_by is null) = (decided_at is null)),
    check (status <> 'declined' or reason is not null)`,
  );
  await run("create index codebook_proposal_factor on codebook_proposal (factor, created_at)");
  await create(
    "codebook_comment",
    `
    id text primary key,
    proposal_id text not null references codebook_proposal (id),
    parent_id text references codebook_comment (id),
    body text not null check (length(body) > 0),
    by text not null references account (id),
    at text not null ${isInstant("at")}`,
  );
  await run("create index codebook_comment_proposal on codebook_comment (proposal_id, at)");
  await writtenOnce(db, dialect, "codebook_comment");

  if (dialect === "postgres") {
    await run(`create function refuse_published_version() returns trigger language plpgsql as $$
      begin
        if old.status <> 'draft' then raise exception '${REFUSAL}'; end if;
        if tg_op = 'DELETE' then return old; end if;
        return new;
      end $$`);
    // The name of the column that says the version is the argument of the trigger.
    await run(`create function refuse_published_part() returns trigger language plpgsql as $$
      begin
        if (tg_op <> 'INSERT' and exists (
            select 1 from codebook_version where version = to_jsonb(old) ->> tg_argv[0] and status <> 'draft'))
          or (tg_op <> 'DELETE' and exists (
            select 1 from codebook_version where version = to_jsonb(new) ->> tg_argv[0] and status <> 'draft'))
        then raise exception '${REFUSAL}'; end if;
        if tg_op = 'DELETE' then return old; end if;
        return new;
      end $$`);
  }
  for (const change of ["update", "delete"])
    await run(
      dialect === "sqlite"
        ? `create trigger codebook_version_published_${change} before ${change} on codebook_version when old.status <> 'draft'
           begin select raise(abort, '${REFUSAL}'); end`
        : `create trigger codebook_version_published_${change} before ${change} on codebook_version
           for each row execute function refuse_published_version()`,
    );
  for (const [table, column] of Object.entries(OF_A_VERSION))
    for (const change of ["insert", "update", "delete"]) {
      const rows = [...(change === "insert" ? [] : ["old"]), ...(change === "delete" ? [] : ["new"])].map((row) => `${row}.${column}`);
      await run(
        dialect === "sqlite"
          ? `create trigger ${table}_published_${change} before ${change} on ${table}
             when exists (select 1 from codebook_version where version in (${rows.join(", ")}) and status <> 'draft')
             begin select raise(abort, '${REFUSAL}'); end`
          : `create trigger ${table}_published_${change} before ${change} on ${table}
             for each row execute function refuse_published_part('${column}')`,
      );
    }
}
