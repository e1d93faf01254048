import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import SqliteDatabase from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresDialect,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import pg from "pg";
import type { Dialect } from "./dialect.ts";
import type { Schema } from "./schema.ts";

export type Database = { dialect: Dialect; db: Kysely<Schema>; close: () => Promise<void> };

/** A database that cannot be opened, with the sentence to print; nothing was changed on the way. */
export class CannotOpen extends Error {
  override name = "CannotOpen";
}

const STATEMENTS_KEPT = 500;
/** The same SQL text is prepared once: preparing costs more than most of our queries. The least recently used statement leaves. */
function withKeptStatements(file: SqliteDatabase.Database): Pick<SqliteDatabase.Database, "close" | "prepare"> {
  const kept = new Map<string, SqliteDatabase.Statement>();
  return {
    close: () => file.close(),
    prepare: ((text: string) => {
      const known = kept.get(text);
      // A statement that is being read row by row cannot be run a second time meanwhile.
      if (known?.busy) return file.prepare(text);
      const statement = known ?? file.prepare(text);
      kept.delete(text);
      kept.set(text, statement);
      if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!);
      return statement;
    }) as SqliteDatabase.Database["prepare"],
  };
}

/** Writes take their lock at `begin`: a transaction that reads first and writes later cannot fail half way on a busy file. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}
class ImmediateSqliteDialect extends SqliteDialect {
  readonly #settings: SqliteDialectConfig;
  constructor(settings: SqliteDialectConfig) {
    super(settings);
    this.#settings = settings;
  }
  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#settings);
  }
}

/** Settings of every SQLite connection; the bench's floor uses the same. */
export const SQLITE_PRAGMAS = [
  "journal_mode = WAL",
  "synchronous = FULL",
  "busy_timeout = 5000",
  "foreign_keys = ON",
  "trusted_schema = OFF",
  "cell_size_check = ON",
  "secure_delete = ON",
  "cache_size = -65536",
] as const;

/**
 * Opens an SQLite file, encrypted when a key is given (SQLCipher format).
 * @param path a file path, or ":memory:"
 * @param key 32 bytes, or null for a plain database (in-memory test databases)
 * @throws CannotOpen when the folder is not writable or the key is not the file's
 */
export function openSqliteFile(path: string, key: Uint8Array | null): SqliteDatabase.Database {
  if (path !== ":memory:") {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const existed = existsSync(path);
      closeSync(openSync(path, "a", 0o600));
      if (!existed) chmodSync(path, 0o600);
    } catch (error) {
      throw new CannotOpen(
        `The database file cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown reason"}): check DATA_DIR and its rights.`,
      );
    }
  }
  const file = new SqliteDatabase(path);
  try {
    if (key) {
      file.pragma("cipher = 'sqlcipher'");
      file.pragma(`key = "x'${Buffer.from(key).toString("hex")}'"`);
    }
    file.prepare("select count(*) from sqlite_master").get();
    for (const pragma of SQLITE_PRAGMAS) file.pragma(pragma);
  } catch (error) {
    file.close();
    if ((error as { code?: string }).code === "SQLITE_NOTADB")
      throw new CannotOpen("The key does not open this database: check DATABASE_KEY or the key file. Nothing was changed.");
    throw error;
  }
  return file;
}

/**
 * Opens the database named by a URL: "sqlite:PATH" or "postgres://…". The only place that names a driver.
 * @throws CannotOpen with a sentence for the console
 */
export function openDatabase(url: string, key: Uint8Array | null = null): Database {
  if (url.startsWith("sqlite:")) {
    const file = openSqliteFile(url.slice("sqlite:".length), key);
    const db = new Kysely<Schema>({
      dialect: new ImmediateSqliteDialect({ database: withKeptStatements(file) as SqliteDatabase.Database }),
    });
    return { dialect: "sqlite", db, close: () => db.destroy() };
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, statement_timeout: 60_000 });
  pool.on("error", () => {}); // an idle connection that dies is replaced at the next query, which reports what is wrong
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { dialect: "postgres", db, close: () => db.destroy() };
}
