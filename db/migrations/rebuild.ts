import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.ts";

/** A table that gets another shape: `columns` as in `create table`, `kept` the columns copied from the old one, in the order of `orderedBy`; `also` its indexes. */
export type Rebuilt = { name: string; columns: string; kept: readonly string[]; orderedBy?: string; also?: readonly string[] };

/**
 * Gives a table another shape with its rows kept. SQLite cannot change the checks of a table in place, so that both databases take the same
 * way: the rows are put aside, the table is made anew and filled. Tables that refer to it keep their references (`migrate` has SQLite look
 * away meanwhile, and checks them before the commit).
 */
export async function rebuild(
  db: Kysely<unknown>,
  dialect: Dialect,
  { name, columns, kept, orderedBy = "1", also = [] }: Rebuilt,
): Promise<void> {
  const list = kept.join(", ");
  const run = (statement: string) => sql.raw(statement).execute(db);
  await run(`create table ${name}_before as select ${list} from ${name} order by ${orderedBy}`);
  if (dialect === "sqlite") {
    await run(`drop table ${name}`);
    await run(`create table ${name} (${columns}\n) strict`);
    await run(`insert into ${name} (${list}) select ${list} from ${name}_before`);
  } else {
    // What refers to the table is put back as it was, word for word.
    const { rows } = await sql<{ child: string; name: string; definition: string }>`
      select conrelid::regclass::text as child, conname as name, pg_get_constraintdef(oid) as definition
      from pg_constraint where contype = 'f' and confrelid = ${name}::regclass and conrelid <> ${name}::regclass`.execute(db);
    for (const { child, name: constraint } of rows) await run(`alter table ${child} drop constraint "${constraint}"`);
    await run(`drop table ${name}`);
    await run(`create table ${name} (${columns}\n)`);
    await run(`insert into ${name} (${list}) select ${list} from ${name}_before`);
    for (const { child, name: constraint, definition } of rows)
      await run(`alter table ${child} add constraint "${constraint}" ${definition}`);
  }
  await run(`drop table ${name}_before`);
  for (const index of also) await run(index);
}

/** Rows of a table are written once from here on: no update, no delete, whatever the code does. */
export async function writtenOnce(db: Kysely<unknown>, dialect: Dialect, table: string): Promise<void> {
  for (const change of ["update", "delete"])
    await sql
      .raw(
        dialect === "sqlite"
          ? `create trigger ${table}_no_${change} before ${change} on ${table} begin select raise(abort, 'rows of this table are written once'); end`
          : `create trigger ${table}_no_${change} before ${change} on ${table} for each row execute function refuse_change()`,
      )
      .execute(db);
}
