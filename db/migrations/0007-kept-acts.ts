import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

/** What somebody sent after their session had expired, kept a day on the server until they save it or give it up. */
export async function up(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table kept_act (
    id text primary key,
    account_id text not null references account (id),
    path text not null check (path like '/%'),
    place text not null check (place like '/%'),
    replaces text,
    body text not null check (length(body) <= 65536),
    had_files integer not null check (had_files in (0, 1)),
    at text not null check (at like '____-__-__T__:__:__.___Z')
  )${dialect === "sqlite" ? " strict" : ""}`);
  await run("create index kept_act_account on kept_act (account_id, at)");
}
