import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";
import { writtenOnce } from "./rebuild.ts";

const oneOf = (column: string, ...values: string[]) => `check (${column} in (${values.map((value) => `'${value}'`).join(", ")}))`;
const isInstant = (column: string) => `check (${column} like '____-__-__T__:__:__.___Z')`;

/** Questions about a report, a factor or a passage, with everything said about them; and how each person wants to meet hard passages. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const identity = dialect === "sqlite" ? "integer primary key autoincrement" : "bigint generated always as identity primary key";
  const run = (statement: string) => sql.raw(statement).execute(db);
  const create = (name: string, columns: string) => run(`create table ${name} (${columns}\n)${dialect === "sqlite" ? " strict" : ""}`);

  await create(
    "question",
    `
    id text primary key,
    report_id text not null references report (id),
    target text not null ${oneOf("target", "report", "factor", "passage")},
    factor text,
    subject text,
    document_id text,
    starts integer check (starts >= 0),
    ends integer,
    page integer check (page >= 1),
    quote text check (length(quote) > 0),
    side integer not null check (side in (0, 1, 2, 3)),
    asked_by text not null references account (id),
    asked_at text not null ${isInstant("asked_at")},
    foreign key (report_id, document_id) references document (report_id, id),
    check ((factor is null) = (subject is null)),
    check ((starts is null) = (ends is null)),
    check (ends > starts),
    check (target <> 'report' or (factor is null and document_id is null)),
    check (target <> 'factor' or (factor is not null and document_id is null)),
    check ((target = 'passage') = (document_id is not null)),
    check ((document_id is null) = (quote is null))`,
  );
  await run("create index question_report on question (report_id, asked_at)");
  await run("create index question_asker on question (asked_by, asked_at)");
  await create(
    "question_post",
    `
    id ${identity},
    question_id text not null references question (id),
    kind text not null ${oneOf("kind", "question", "answer", "closed", "reopened")},
    side integer not null check (side in (0, 1, 2, 3)),
    text text check (length(text) between 1 and 5000),
    by text not null references account (id),
    at text not null ${isInstant("at")},
    token text not null unique check (length(token) > 0),
    check (text is not null or kind in ('closed', 'reopened'))`,
  );
  await run("create index question_post_question on question_post (question_id, id)");
  await create(
    "question_mention",
    `
    post_id ${dialect === "sqlite" ? "integer" : "bigint"} not null references question_post (id),
    account_id text not null references account (id),
    written text not null check (length(written) > 0),
    primary key (post_id, account_id)`,
  );
  await run("create index question_mention_account on question_mention (account_id, post_id)");
  for (const table of ["question", "question_post", "question_mention"]) await writtenOnce(db, dialect, table);

  await create(
    "reading_setting",
    `
    account_id text primary key references account (id),
    veil text not null ${oneOf("veil", "everywhere", "reading", "nowhere")},
    pages_shown integer not null check (pages_shown in (0, 1)),
    reminder_minutes integer check (reminder_minutes in (30, 60, 90)),
    reminded_on text check (reminded_on like '____-__-__')`,
  );
  await create(
    "hard_passage",
    `
    passage_id text not null references passage (id) on delete cascade,
    marked_by text not null references account (id),
    marked_at text not null ${isInstant("marked_at")},
    primary key (passage_id, marked_by)`,
  );
  await run("create index audit_account on audit (account_id, at)");
}
