import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sql } from "kysely";
import { CannotOpen, openDatabase, openSqliteFile } from "../../db/database.ts";
import { migrate } from "../../db/migrate.ts";
import { MIGRATIONS } from "../../db/migrations/index.ts";
import { prepareDatabase } from "../../server/prepare.ts";
import { clock } from "../support/databases.ts";
import { someone } from "../support/reports.ts";

/** Each file of a folder with the digest of its bytes. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex"),
      ]),
  );
const refusal = async (opening: () => unknown): Promise<string> => {
  try {
    await opening();
  } catch (error) {
    expect(error).to.be.instanceOf(CannotOpen);
    return (error as Error).message;
  }
  throw new Error("It was opened");
};

describe("the file of an SQLite database", () => {
  const key = randomBytes(32);
  let folder: string;
  let path: string;
  const prepared = async () => {
    const database = openDatabase(`sqlite:${path}`, key);
    await prepareDatabase({ database, clock });
    return database;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "retex-file-"));
    path = join(folder, "retex.db");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("holds nothing that can be read without the key, nor does its journal", async () => {
    const database = await prepared();
    await someone(database, "analyst");
    await database.db.updateTable("account").set({ name: "Canari des Ardennes" }).execute();
    const files = readdirSync(folder).filter((name) => name.startsWith("retex.db"));
    expect(files).to.include.members(["retex.db", "retex.db-wal"]);
    for (const name of files) {
      const bytes = readFileSync(join(folder, name));
      for (const clear of ["Canari", "Ardennes", "SQLite format 3", "create table", "codebook"])
        expect(bytes.includes(clear), `« ${clear} » in ${name}`).to.equal(false);
    }
    await database.close();
    expect(readFileSync(path).includes("Canari")).to.equal(false);
    expect(readdirSync(folder), "the journal is folded in when the database is closed").to.deep.equal(["retex.db"]);
    const again = openDatabase(`sqlite:${path}`, key);
    expect((await again.db.selectFrom("account").select("name").executeTakeFirstOrThrow()).name).to.equal("Canari des Ardennes");
    await again.close();
  });

  it("is for its owner alone", async () => {
    await (await prepared()).close();
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it("is neither opened nor touched with another key, with none, or when it is no database", async () => {
    await (await prepared()).close();
    const before = contents(folder);
    expect(await refusal(() => openDatabase(`sqlite:${path}`, randomBytes(32)))).to.match(/key.+DATABASE_KEY.+Nothing was changed/);
    expect(await refusal(() => openDatabase(`sqlite:${path}`, null))).to.include("key");
    expect(contents(folder)).to.deep.equal(before);
    writeFileSync(path, "Ceci n’est pas une base. ".repeat(400));
    const wrong = contents(folder);
    await refusal(() => openDatabase(`sqlite:${path}`, key));
    expect(contents(folder)).to.deep.equal(wrong);
  });

  it("is left as it is when a newer version wrote it", async () => {
    const newer = await prepared();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`.execute(newer.db);
    await newer.close();
    const before = contents(folder);
    const database = openDatabase(`sqlite:${path}`, key);
    expect(await refusal(() => migrate(database))).to.match(/newer version.+9999-later.+Nothing was changed/);
    await database.close();
    expect(contents(folder)).to.deep.equal(before);
  });

  it("cannot be made where a file stands in place of the folder, and says which setting to look at", async () => {
    writeFileSync(join(folder, "file"), "");
    const message = await refusal(() => openDatabase(`sqlite:${join(folder, "file", "retex.db")}`, key));
    expect(message).to.include("DATA_DIR");
    expect(readdirSync(folder)).to.deep.equal(["file"]);
  });

  it("is written durably, with the journal ahead, references held and no trust in what it says of itself", () => {
    const file = openSqliteFile(path, key);
    const said = (pragma: string) => file.pragma(pragma, { simple: true });
    expect({
      journal: said("journal_mode"),
      synchronous: said("synchronous"),
      references: said("foreign_keys"),
      patience: said("busy_timeout"),
      trusted: said("trusted_schema"),
      erased: said("secure_delete"),
    }).to.deep.equal({ journal: "wal", synchronous: 2, references: 1, patience: 5000, trusted: 0, erased: 1 });
    file.close();
    expect(existsSync(path)).to.equal(true);
  });

  it("migrates once: a second start finds nothing to do", async () => {
    await (await prepared()).close();
    const database = await prepared();
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.db);
    expect(rows.map(({ name }) => name)).to.deep.equal(MIGRATIONS.map(({ name }) => name));
    expect(await database.db.selectFrom("codebook_version").select("version").execute()).to.have.length(1);
    await database.close();
  });
});
