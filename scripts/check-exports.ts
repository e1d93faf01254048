import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { pino } from "pino";
import { openDatabase } from "../db/database.ts";
import { createAccount } from "../server/accounts/queries.ts";
import { VERSION } from "../server/app.ts";
import { currentCodebook } from "../server/codebook/store.ts";
import { readSettings } from "../server/config.ts";
import { HOUSE_LAYOUTS } from "../server/exports/layouts.ts";
import { type Asked, idsFor, makeExport } from "../server/exports/make.ts";
import type { ExportFormat } from "../server/exports/writing.ts";
import type { Context } from "../server/http/context.ts";
import { prepareDatabase } from "../server/prepare.ts";
import { registerFilters } from "../server/recommendations/filters.ts";
import { fillRegister } from "./bench/recommendations.ts";

// The first half of check-exports.sh, which says how to use it: FOLDER [COUNT]. A register made for the purpose, exported whole in every format.
const [folder, count = "400"] = process.argv.slice(2);
const database = openDatabase("sqlite::memory:");
const { db } = database;
const clock = () => new Date();
const config = { ...readSettings({ LOG_LEVEL: "silent" }), databaseKey: null };
const context: Context = { config, database, clock, log: pino({ level: "silent" }), version: VERSION };
await prepareDatabase(context);
const now = clock().toISOString();
const account = { email: "essai@essai.invalid", name: "Essai", passphraseHash: "$argon2id$nobody", language: "fr", now } as const;
const id = await createAccount(db, { ...account, roles: ["coordinator"] });
const definition = await currentCodebook(db);
await db.transaction().execute((tx) => fillRegister(tx, Number(count), { by: { id, roles: ["coordinator"] }, definition, now }));
// Texts that programs stumble over: a formula, signs of markup, line ends, quotes.
for (const [at, text] of [
  '=HYPERLINK("http://ailleurs.invalid";"cliquer")',
  'Un "mot" ; <b>deux</b>\nlignes',
  "@SUM(A1)",
  "-1,5 %",
].entries())
  await db
    .updateTable("recommendation")
    .set({ text })
    .where("reference", "=", `REC-2025-0000${at + 1}`)
    .execute();

const made = async (format: ExportFormat, history: boolean, filters = {}): Promise<Uint8Array> => {
  const asked: Asked = {
    format,
    language: "fr",
    layout: "complet",
    columns: HOUSE_LAYOUTS.complet.columns,
    history,
    groupedBy: "addressee",
    filters: registerFilters.parse(filters),
  };
  return (await makeExport(context, asked, await idsFor(db, asked, now), now, async () => {})).bytes;
};
mkdirSync(folder!, { recursive: true });
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder!, name), bytes);
const tables = unzipSync(await made("csv", true));
for (const format of ["xlsx", "ods"] as const) {
  const bytes = await made(format, true);
  // The same workbook beside each of its tables: whichever the CSV holds is looked for among its sheets.
  put(`recommandations.${format}`, bytes);
  put(`historique.${format}`, bytes);
}
put("recommandations.csv", tables["recommandations.csv"]!);
put("historique.csv", tables["historique.csv"]!);
for (const format of ["docx", "odt"] as const) put(`cahier.${format}`, await made(format, true, { statut: "closed", niveau: "local" }));
await database.close();
