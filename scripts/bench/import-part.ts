import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pino } from "pino";
import { openDatabase, openSqliteFile } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { VERSION } from "../../server/app.ts";
import { parseCodebook } from "../../server/codebook/definition.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { writeCsv } from "../../server/exchange/csv.ts";
import { writeOds } from "../../server/exchange/ods.ts";
import type { Table } from "../../server/exchange/table.ts";
import { writeXlsx } from "../../server/exchange/xlsx.ts";
import type { Context } from "../../server/http/context.ts";
import { headerKeys, type Mapping, NO_MAPPING } from "../../server/imports/mapping.ts";
import { findImport, putLines } from "../../server/imports/queries.ts";
import { type ReadSheet, readSpreadsheet } from "../../server/imports/read-spreadsheet.ts";
import { leaseFrom, startWork } from "../../server/imports/work.ts";
import { prepareDatabase } from "../../server/prepare.ts";
import { digestOfBytes } from "../../server/reports/intake.ts";
import { COURTS, DEPARTMENTS } from "../../server/reports/places.ts";

// A child of scripts/bench/import.ts: FOLDER make | import | floor REPORTS VALUES.
const [folder, part, ...rest] = process.argv.slice(2);
const option = (name: string, usual: string): string => {
  const given = rest.find((one) => one.startsWith(`--${name}=`));
  return given ? given.slice(name.length + 3) : usual;
};
const FORMAT = option("format", "xlsx") as ReadSheet["format"];
const PATH = join(folder!, `cases.${FORMAT}`);
const KEY = Buffer.alloc(32, 7);
const BATCH = 13; // reports of 104 values in one transaction, as the import does

const turn = (n: number, of: number) => n % of;
/** A few columns of the report, and as many factors as make 110. */
function make(lines: number): { table: Table; mapping: Mapping } {
  const parsed = parseCodebook(readFileSync(join(import.meta.dirname, "../../db/data/codebook-1.0.0.yaml"), "utf8"));
  if (parsed.kind === "problems") throw new Error("The codebook cannot be read");
  const day = (from: number, n: number) => new Date(from + n * 86_400_000).toISOString().slice(0, 10);
  const columns: [heading: string, target: string, cell: (n: number) => string | number][] = [
    ["Référence", "sheet.reference", (n) => `CAS-${n}`],
    ["Date des faits", "sheet.actDate", (n) => day(Date.UTC(2004, 0, 1), turn(n * 7919, 6900))],
    ["Reçu le", "sheet.receivedOn", (n) => day(Date.UTC(2023, 0, 1), turn(n, 300))],
    ["Département", "sheet.department", (n) => DEPARTMENTS[turn(n * 31, 101)]!.code],
    ["Tribunal", "sheet.court", (n) => COURTS[turn(n * 17, COURTS.length)]!.name],
    ["Service émetteur", "sheet.issuingService", (n) => `Parquet fictif ${turn(n, 160)}`],
  ];
  const factors = parsed.definition.factors.filter(({ optionsRef, type }) => !optionsRef && type !== "date");
  for (let at = 0; columns.length < 110; at++) {
    const factor = factors[at % factors.length]!;
    const round = Math.floor(at / factors.length) + 1;
    if (factor.appliesTo === "case" && round > 1) continue;
    const options = factor.options.filter(({ code }) => !["unknown", "not_requested", "not_available"].includes(code));
    columns.push([
      `${factor.code} ${at}`,
      `factor.${factor.code}${factor.appliesTo === "case" ? "" : `.${round}`}`,
      (n) => {
        const chance = turn(n * 13 + at * 7, 10);
        if (factor.type === "number") return turn(n + at, 40);
        if (factor.type === "presence") return chance < 4 ? "oui" : chance < 7 ? "non" : "NSP";
        return options[chance % options.length]!.labelFr;
      },
    ]);
  }
  const keys = headerKeys(columns.map(([heading]) => heading));
  return {
    table: {
      name: "Cas",
      columns: columns.map(([heading, target], at) => ({
        key: `c${at}`,
        heading,
        type: /Date|On$/.test(target) ? "date" : "text",
        width: 12,
      })),
      rows: Array.from({ length: lines }, (_, n) => columns.map(([, , cell]) => cell(n))),
    },
    mapping: {
      columns: Object.fromEntries(columns.map(([, target], at) => [keys[at]!, { ...NO_MAPPING, target }])),
      values: {},
      constants: { issuingKind: "prosecutor", actKind: "homicide", victims: "2", perpetrators: "2" },
    },
  };
}

let peak = 0;
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
watching.unref();
const delays = monitorEventLoopDelay({ resolution: 5 });
/** Seconds, the most memory of the process (worker threads included), and the longest time in which nobody else was answered. */
async function measured<Result>(
  run: () => Promise<Result>,
): Promise<{ step: { seconds: number; peakMb: number; longestPauseMs: number }; result: Result }> {
  peak = process.memoryUsage.rss();
  delays.reset();
  delays.enable();
  const start = performance.now();
  const result = await run();
  delays.disable();
  const seconds = Number(((performance.now() - start) / 1000).toFixed(2));
  peak = Math.max(peak, process.memoryUsage.rss());
  return { result, step: { seconds, peakMb: Math.round(peak / 1024 / 1024), longestPauseMs: Math.round(delays.max / 1e6) } };
}

async function runImport() {
  const database = openDatabase(option("database", `sqlite:${join(folder!, "import.db")}`), KEY);
  const { db } = database;
  const clock = () => new Date();
  const context = { database, clock, log: pino({ level: "error" }), version: VERSION } as Context;
  await prepareDatabase({ database, clock });
  const now = clock().toISOString();
  const by = await createAccount(db, {
    email: "mesure@essai.invalid",
    name: "Mesure",
    passphraseHash: "$argon2id$nobody",
    roles: ["coordinator"],
    language: "fr",
    now,
  });
  const id = newId();
  const reading = await measured(async () => {
    const bytes = readFileSync(PATH);
    const found = await readSpreadsheet(bytes, PATH);
    if (found.kind === "refused") throw new Error(found.reason);
    const { sheet } = found;
    const { version } = await currentCodebook(db);
    await db.transaction().execute(async (tx) => {
      await tx
        .insertInto("report_import")
        .values({
          id,
          state: "checking",
          version: 1,
          file_name: "mesure",
          format: FORMAT,
          digest: digestOfBytes(bytes),
          byte_count: bytes.byteLength,
          sheets: JSON.stringify(sheet.sheets),
          sheet: 0,
          header_line: sheet.headerLine,
          headers: JSON.stringify(sheet.columns.map(({ header }) => header)),
          profile: JSON.stringify(sheet.columns),
          mapping: readFileSync(`${PATH}.json`, "utf8"),
          found: null,
          codebook_version: version,
          line_count: sheet.lines.length,
          worker: null,
          worker_until: leaseFrom(now),
          created_by: by,
          created_at: now,
          accepted_by: null,
          accepted_at: null,
          finished_at: null,
          removed_by: null,
          removed_at: null,
        })
        .execute();
      await tx.insertInto("import_file").values({ import_id: id, bytes }).execute();
      await putLines(tx, id, sheet);
    });
    return sheet.lines.length;
  });
  const asked = async (columns: object) => {
    const worker_until = leaseFrom(clock().toISOString());
    await db
      .updateTable("report_import")
      .set({ ...columns, worker: null, worker_until })
      .where("id", "=", id)
      .execute();
    return measured(() => startWork(context, id));
  };
  const ended = async (state: string) => {
    const given = await findImport(db, id);
    if (given.state !== state) throw new Error(`The import is ${given.state}, not ${state}`);
    return given;
  };
  const checking = await asked({});
  const { refused_count, doubtful_count } = await ended("checked");
  if (refused_count > 0) throw new Error(`${refused_count} lines are refused`);
  const writing = await asked({ state: "writing", with_doubtful: 1, progress: 0, accepted_by: by, accepted_at: now });
  const { written_count: reports } = await ended("done");
  const { n } = await db
    .selectFrom("coding")
    .select((e) => e.fn.countAll().as("n"))
    .executeTakeFirstOrThrow();
  const removing = await measured(async () => {
    await db.updateTable("report").set({ held: 1 }).where("import_id", "=", id).execute();
    await asked({ state: "removing", progress: reports, removed_by: by, removed_at: now });
  });
  await ended("undone");
  await database.close();
  const steps = { reading: reading.step, checking: checking.step, writing: writing.step, removing: removing.step };
  return { lines: reading.result, reports, values: Number(n), doubtful: doubtful_count, steps };
}

/** As many rows as the import wrote, with nothing decided, checked or told. */
async function runFloor(reports: number, values: number) {
  const floor = openSqliteFile(join(folder!, "floor.db"), KEY);
  floor.exec(`create table coding (id text primary key, report_id text, layer integer, factor text, subject text, value text, by text, at text,
      unique (report_id, layer, factor, subject));
    create table coding_act (id integer primary key autoincrement, report_id text, layer integer, factor text, subject text, by text, at text, after text);
    create index act_report on coding_act (report_id, id); create index act_coder on coding_act (report_id, by)`);
  const putCoding = floor.prepare("insert into coding values (?, ?, 1, ?, 'case', 'present', ?, ?)");
  const putAct = floor.prepare(
    "insert into coding_act (report_id, layer, factor, subject, by, at, after) values (?, 1, ?, 'case', ?, ?, ?)",
  );
  const by = newId();
  const now = new Date().toISOString();
  const some = floor.transaction((from: number, to: number) => {
    for (let report = from; report < to; report++) {
      const own = newId();
      for (let factor = 0; factor < values; factor++) {
        putCoding.run(`${own}${factor}`, `RETEX-2023-${report}`, `factor_number_${factor}`, by, now);
        putAct.run(`RETEX-2023-${report}`, `factor_number_${factor}`, by, now, '{"value":"present","origin":"imported","version":1}');
      }
    }
  });
  const { step } = await measured(async () => {
    for (let from = 0; from < reports; from += BATCH) some(from, Math.min(reports, from + BATCH));
  });
  floor.close();
  return step;
}

async function answer(): Promise<object> {
  if (part === "import") return runImport();
  if (part === "floor") return runFloor(Number(rest[0]), Number(rest[1]));
  const { table, mapping } = make(Number(option("lines", "10000")));
  const bytes =
    FORMAT === "csv"
      ? writeCsv(table, "fr")
      : await (FORMAT === "ods" ? writeOds : writeXlsx)({ language: "fr", title: "Mesure", tables: [table] });
  writeFileSync(PATH, bytes);
  writeFileSync(`${PATH}.json`, JSON.stringify(mapping));
  return { format: FORMAT, bytes: bytes.byteLength };
}
const told = await answer();
if (process.send) process.send(told);
else console.log(JSON.stringify(told));
process.disconnect?.();
