import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { sql } from "kysely";
import { openDatabase } from "../../db/database.ts";
import { SCHEMA_NAME } from "../../db/migrations/index.ts";

const HOUSE = fileURLToPath(new URL("../..", import.meta.url));
type Ended = { code: number | null; out: string; err: string };
type Started = { process: ChildProcess; ended: Promise<Ended>; said: () => string };

/** A start of the real thing, with nothing of this run's environment but the path. */
function start(environment: Record<string, string>): Started {
  const child = spawn(process.execPath, ["server/main.ts"], {
    cwd: HOUSE,
    env: { PATH: process.env["PATH"], LOG_LEVEL: "silent", ...environment },
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return { process: child, ended: once(child, "close").then(([code]) => ({ code: code as number | null, out, err })), said: () => out };
}

/** Everything in a folder, with modes and digests; nothing when there is no folder. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => {
        const { mode } = statSync(path);
        return [
          path,
          `${mode.toString(8)} ${statSync(path).isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : ""}`,
        ];
      }),
  );

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
};

/** Waits until the server says its address. */
async function announced(started: Started): Promise<string> {
  const end = started.ended.then(({ err }) => {
    throw new Error(err);
  });
  while (!started.said().includes("Retex")) await Promise.race([new Promise((wait) => setTimeout(wait, 50)), end]);
  end.catch(() => {});
  return started.said();
}

describe("a start", () => {
  let folder: string;
  let port: string;
  const running: ChildProcess[] = [];
  const begin = (environment: Record<string, string> = {}): Started => {
    const started = start({ PORT: port, DATA_DIR: join(folder, "var"), ...environment });
    running.push(started.process);
    return started;
  };
  /** Ends at once with one sentence, and leaves everything as it was. */
  async function refused(environment: Record<string, string>, sentence: RegExp): Promise<void> {
    const before = contents(folder);
    const { code, out, err } = await begin(environment).ended;
    expect(err.trim().split("\n"), err).to.have.length(1);
    expect(err)
      .to.match(sentence)
      .and.to.not.match(/\n {4}at /);
    expect(out).to.equal("");
    expect(code).to.equal(1);
    expect(contents(folder)).to.deep.equal(before);
  }
  async function stopped({ process: child, ended }: Started): Promise<void> {
    child.kill("SIGTERM");
    expect((await ended).code).to.equal(0);
  }
  const key = () => readFileSync(join(folder, "var", "key"), "utf8").trim();

  before(async () => {
    port = String(await freePort());
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "retex-start-"));
  });
  afterEach(() => {
    for (const child of running.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("with a setting that is wrong ends with a sentence that names it", async () => {
    await refused({ PORT: "trois mille" }, /^The setting PORT is wrong: it must be a whole number from 1 to 65535\.$/m);
    await refused({ DATABASE_KEY: "courte" }, /^The setting DATABASE_KEY is wrong: it must be 64 hexadecimal characters\.$/m);
  }).timeout(120_000);

  it("with a folder that cannot be made ends with a sentence that names DATA_DIR", async () => {
    writeFileSync(join(folder, "file"), "Un fichier.");
    await refused({ DATA_DIR: join(folder, "file", "var") }, /DATA_DIR/);
    await refused({ DATA_DIR: join(folder, "file", "var"), DATABASE_KEY: "ab".repeat(32) }, /DATA_DIR/);
  }).timeout(120_000);

  it("on a port that is taken ends with a sentence that names it, and makes nothing", async () => {
    const other = createServer().listen(Number(port), "127.0.0.1");
    await once(other, "listening");
    await refused({}, new RegExp(`PORT ${port}: cannot listen \\(EADDRINUSE\\)`));
    other.close();
    await once(other, "close");
  }).timeout(120_000);

  it("on a PostgreSQL server that does not answer ends with a sentence that names DATABASE_URL, without its password", async () => {
    const nowhere = `postgres://retex:motdepasse@127.0.0.1:${await freePort()}/retex`;
    await refused({ DATABASE_URL: nowhere }, /DATABASE_URL(?!.*motdepasse)/);
  }).timeout(120_000);

  it("for the first time makes a key for its owner alone, prints a link once, answers, and stops when asked", async () => {
    const first = begin();
    const said = await announced(first);
    const links = said.match(/http:\/\/\S+\/premier-administrateur\/\S+/g);
    expect(links).to.have.length(1);
    expect(said).to.include(`http://127.0.0.1:${port}`);
    expect(statSync(join(folder, "var", "key")).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, "var", "retex.db")).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, "var")).mode & 0o777).to.equal(0o700);
    expect(key()).to.match(/^[0-9a-f]{64}$/);
    const health = await fetch(`http://127.0.0.1:${port}/sante`);
    expect(health.status).to.equal(200);
    const { version } = JSON.parse(readFileSync(join(HOUSE, "package.json"), "utf8")) as { version: string };
    expect(await health.json()).to.deep.equal({ status: "ok", version, database: "sqlite", schema: SCHEMA_NAME });
    expect((await fetch(links![0]!)).status).to.equal(200);

    // A second start beside it changes nothing: not even the link just printed.
    const { code, err } = await begin().ended;
    expect(code).to.equal(1);
    expect(err).to.include("EADDRINUSE");
    expect((await fetch(links![0]!)).status).to.equal(200);
    await stopped(first);
    expect(readdirSync(join(folder, "var")).sort()).to.deep.equal(["key", "retex.db"]);
  }).timeout(120_000);

  it("with another key, without its key, or on a newer schema leaves everything as it is", async () => {
    const first = begin();
    await announced(first);
    await stopped(first);
    await refused({ DATABASE_KEY: randomBytes(32).toString("hex") }, /key.+DATABASE_KEY/);

    const file = join(folder, "var", "key");
    const kept = key();
    writeFileSync(file, "pas une clé");
    await refused({}, /key file.+DATA_DIR.+64 hexadecimal/);
    writeFileSync(file, kept);
    if (process.platform !== "win32") {
      chmodSync(file, 0o644);
      await refused({}, /key file.+DATA_DIR.+600/);
      chmodSync(file, 0o600);
    }
    rmSync(file);
    await refused({}, /key is missing.+DATA_DIR.+DATABASE_KEY/);
    writeFileSync(file, kept, { mode: 0o600 });

    const database = openDatabase(`sqlite:${join(folder, "var", "retex.db")}`, Buffer.from(kept, "hex"));
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`.execute(database.db);
    await database.close();
    await refused({}, /newer version.+9999-later/);
  }).timeout(120_000);
});
