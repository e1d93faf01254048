import { type Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { CannotOpen, type Database } from "./database.ts";
import { MIGRATIONS } from "./migrations/index.ts";

/** What a server answers, or does not, when it cannot be had: no route, no name, wrong passphrase, no such database. */
const UNREACHABLE = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "28000", "28P01", "3D000"];

/** Names of the migrations a database has seen; none for an empty one. @throws CannotOpen when its server cannot be had */
async function appliedMigrations({ db, dialect }: Database): Promise<string[]> {
  if (dialect === "postgres")
    await sql`select 1`.execute(db).catch((error: { code?: string }) => {
      if (!UNREACHABLE.includes(error.code ?? "")) throw error;
      throw new CannotOpen(`The PostgreSQL server of DATABASE_URL cannot be had (${error.code}). Nothing was changed.`);
    });
  const found =
    dialect === "sqlite"
      ? await sql`select 1 from sqlite_master where type = 'table' and name = 'kysely_migration'`.execute(db)
      : await sql`select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'kysely_migration'`.execute(
          db,
        );
  if (found.rows.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * Brings the database to this program's schema, under the migrator's lock.
 * @throws CannotOpen when the database was written by a newer version; it is then left untouched
 */
export async function migrate(database: Database): Promise<void> {
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const unknown = (await appliedMigrations(database)).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new CannotOpen(
      `This database was written by a newer version of Retex (${unknown.join(", ")}): start that version. Nothing was changed.`,
    );
  const { db, dialect } = database;
  const last = MIGRATIONS.at(-1)!.name;
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          MIGRATIONS.map(({ name, up }) => [
            name,
            {
              up: async (tx: Kysely<unknown>) => {
                await up(tx, dialect);
                if (dialect === "sqlite" && name === last) await everyReferenceHolds(tx);
              },
            },
          ]),
        ),
    },
  });
  // A table that others refer to can only be made anew while SQLite does not watch the references; they are checked before the commit.
  if (dialect === "sqlite") await sql`pragma foreign_keys = off`.execute(db);
  try {
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } finally {
    if (dialect === "sqlite") await sql`pragma foreign_keys = on`.execute(db);
  }
}

/** @throws Error when a row refers to nothing: the migration is then undone as a whole */
async function everyReferenceHolds(tx: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ table: string }>`pragma foreign_key_check`.execute(tx);
  if (rows.length > 0) throw new Error(`A migration left rows without what they refer to, in ${rows[0]!.table}`);
}
