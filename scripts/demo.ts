import { rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { CannotOpen, openDatabase } from "../db/database.ts";
import { DEMONSTRATION_ACCOUNTS, DEMONSTRATION_PASSPHRASE } from "../server/accounts/demonstration.ts";
import { VERSION } from "../server/app.ts";
import { currentCodebook } from "../server/codebook/store.ts";
import { readSettings, WrongSetting, withDatabaseKey } from "../server/config.ts";
import type { Context } from "../server/http/context.ts";
import { prepareDatabase } from "../server/prepare.ts";
import { listen, serve } from "../server/serve.ts";
import { loadCodebookDraft } from "./demonstration/codebook.ts";
import { loadCrossFindings } from "./demonstration/cross-findings.ts";
import { loadExports } from "./demonstration/exports.ts";
import { followUp } from "./demonstration/follow-up.ts";
import { generatedReports } from "./demonstration/from-generated.ts";
import { sampleReports } from "./demonstration/from-samples.ts";
import { loadLetters } from "./demonstration/letters.ts";
import { createCast, loadReports } from "./demonstration/load.ts";
import { loadQuality } from "./demonstration/quality.ts";
import { loadQuestions } from "./demonstration/questions.ts";
import { reviewFindings } from "./demonstration/review.ts";

// npm run demo: fictional accounts and reports on a database made anew at each start, in a folder of its own.
try {
  const folder = join(process.env.DATA_DIR || "var", "demonstration");
  const { DATABASE_URL: _, DATABASE_KEY: __, ...environment } = process.env;
  const settings = readSettings({ LOG_LEVEL: "warn", ...environment, DATA_DIR: folder }, { demo: true });
  // The address first: a second demonstration does not empty the database of the one that runs.
  const server = await listen(settings);
  rmSync(folder, { recursive: true, force: true });
  const config = withDatabaseKey(settings);
  const database = openDatabase(config.databaseUrl, config.databaseKey);
  const context: Context = { config, database, clock: () => new Date(), log: pino({ level: config.logLevel }), version: VERSION };
  await prepareDatabase(context);
  const definition = await currentCodebook(database.db);
  // The samples are read by workers while the rest is invented.
  const reading = sampleReports(definition, join(import.meta.dirname, "../test/samples"));
  const cast = await createCast(database.db, context.clock().toISOString());
  const generated = generatedReports(definition);
  await loadReports(database.db, definition, [...generated, ...(await reading)], cast, context.clock());
  await followUp(database.db, cast, context.clock());
  await reviewFindings(database.db, cast, context.clock());
  await loadCrossFindings(database.db, cast, context.clock());
  await loadQuestions(database.db, cast, context.clock());
  await loadCodebookDraft(database.db, cast, context.clock());
  await loadExports(context, cast);
  await serve(context, server);
  await loadQuality(database.db, context.clock());
  // Letters are typeset while the first visitor signs in.
  await loadLetters(database.db, cast, VERSION);
  console.log(`\nRetex ${VERSION}, démonstration (données fictives) : ${config.publicUrl}\n`);
  for (const { email, name } of DEMONSTRATION_ACCOUNTS) console.log(`  ${email.padEnd(28)} ${name}`);
  console.log(`\n  Phrase de passe de tous les comptes : ${DEMONSTRATION_PASSPHRASE}\n`);
} catch (error) {
  if (!(error instanceof WrongSetting || error instanceof CannotOpen)) throw error;
  console.error(error.message);
  process.exit(1);
}
