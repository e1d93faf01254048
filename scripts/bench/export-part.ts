import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pino } from "pino";
import writeExcelFile, { type Cell as SheetCell } from "write-excel-file/node";
import { openDatabase } from "../../db/database.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { VERSION } from "../../server/app.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import { readSettings } from "../../server/config.ts";
import type { Cell, Column } from "../../server/exchange/table.ts";
import { cellsOf, columnsOf, historyCells, historyColumns } from "../../server/exports/columns.ts";
import { HOUSE_LAYOUTS } from "../../server/exports/layouts.ts";
import { READ_AT_ONCE, readLines } from "../../server/exports/lines.ts";
import { type Asked, idsFor, makeExport } from "../../server/exports/make.ts";
import type { Context } from "../../server/http/context.ts";
import { dayOf } from "../../server/http/formats.ts";
import { translator } from "../../server/http/words.ts";
import { prepareDatabase } from "../../server/prepare.ts";
import { registerFilters } from "../../server/recommendations/filters.ts";
import { median } from "./measure.ts";
import { fillRegister } from "./recommendations.ts";

// A child of scripts/bench.ts and scripts/bench/export.ts: FOLDER COUNT [ROUNDS].
const [folder, count, rounds = "3"] = process.argv.slice(2);
const key = Buffer.alloc(32, 7);
const database = openDatabase(`sqlite:${join(folder!, "export.db")}`, key);
const { db } = database;
const clock = () => new Date();
const config = { ...readSettings({ DATA_DIR: folder, LOG_LEVEL: "silent" }), databaseKey: key };
const context: Context = { config, database, clock, log: pino({ level: "silent" }), version: VERSION };
await prepareDatabase(context);
const now = clock().toISOString();
const roles = ["coordinator"] as const;
const account = { email: "mesure@essai.invalid", name: "Mesure", passphraseHash: "$argon2id$nobody", language: "fr", now } as const;
const id = await createAccount(db, { ...account, roles: [...roles] });
const definition = await currentCodebook(db);
await db.transaction().execute((tx) => fillRegister(tx, Number(count), { by: { id, roles }, definition, now }));

const asked: Asked = {
  ...HOUSE_LAYOUTS.complet,
  format: "xlsx",
  language: "fr",
  layout: "complet",
  groupedBy: null,
  filters: registerFilters.parse({}),
};
let peak = 0;
const delays = monitorEventLoopDelay({ resolution: 5 });
async function measured<Result>(run: () => Promise<Result>): Promise<{ result: Result; seconds: number; pause: number; peak: number }> {
  peak = process.memoryUsage.rss();
  const watching = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  delays.reset();
  delays.enable();
  const start = performance.now();
  const result = await run();
  const seconds = (performance.now() - start) / 1000;
  delays.disable();
  clearInterval(watching);
  return { result, seconds, pause: delays.max / 1e6, peak: peak / 1024 / 1024 };
}

/** What the register asks of the tool: everything read, written in a thread. */
const ours = () =>
  measured(async () =>
    makeExport(context, asked, await idsFor(db, asked, now), now, () => new Promise((resolve) => setImmediate(resolve))),
  );

/** The same cells, held in memory beforehand. */
const sheets: { columns: Column[]; rows: Cell[][] }[] = [
  { columns: columnsOf(asked.columns, translator("fr")), rows: [] },
  { columns: historyColumns(translator("fr")), rows: [] },
];
const ids = await idsFor(db, asked, now);
const say = { lists: definition.recommendation, language: "fr", t: translator("fr"), today: dayOf(now) } as const;
for (let at = 0; at < ids.length; at += READ_AT_ONCE)
  for (const line of await readLines(db, ids.slice(at, at + READ_AT_ONCE), asked)) {
    sheets[0]!.rows.push(cellsOf(line, asked.columns, say));
    sheets[1]!.rows.push(...historyCells(line, say));
  }
/** The least a writer could do: those cells given to the bare library, typed, with no style, width, filter, scope or reading. */
const bare = () =>
  measured(() =>
    writeExcelFile(
      sheets.map(({ columns, rows }, at) => ({
        sheet: `Sheet ${at + 1}`,
        data: rows.map((row) =>
          row.map((cell, place): SheetCell => {
            if (cell === null) return null;
            if (typeof cell === "number") return { type: Number, value: cell };
            if (columns[place]!.type === "date") return { type: Date, value: new Date(`${cell}T00:00:00Z`), format: "yyyy-mm-dd" };
            return { type: String, value: cell };
          }),
        ),
      })),
    ).toBuffer(),
  );

const taken: { ours: Awaited<ReturnType<typeof ours>>[]; bare: Awaited<ReturnType<typeof bare>>[] } = { ours: [], bare: [] };
for (let round = 0; round < Number(rounds); round++) {
  taken.ours.push(await ours());
  taken.bare.push(await bare());
}
await database.close();
process.send?.({
  recommendations: ids.length,
  cells: sheets.reduce((sum, { rows }) => sum + rows.flat().filter((cell) => cell !== null).length, 0),
  bytes: taken.ours[0]!.result.bytes.byteLength,
  ours: median(taken.ours.map((one) => one.seconds)),
  bare: median(taken.bare.map((one) => one.seconds)),
  longestPauseMs: median(taken.ours.map((one) => one.pause)),
  peakMb: Math.max(...taken.ours.map((one) => one.peak)),
});
process.disconnect?.();
