import { pino } from "pino";
import { CannotOpen, type Database, openDatabase } from "../db/database.ts";
import { firstAdministratorLink } from "./accounts/first-administrator.ts";
import { VERSION } from "./app.ts";
import { readSettings, WrongSetting, withDatabaseKey } from "./config.ts";
import type { Context } from "./http/context.ts";
import { prepareDatabase } from "./prepare.ts";
import { listen, serve } from "./serve.ts";

// npm start: the real thing, on its own database.
let database: Database | undefined;
try {
  const settings = readSettings(process.env);
  const server = await listen(settings);
  const config = withDatabaseKey(settings);
  const log = pino({ level: config.logLevel });
  database = openDatabase(config.databaseUrl, config.databaseKey);
  const context: Context = { config, database, clock: () => new Date(), log, version: VERSION };
  await prepareDatabase(context);
  const link = await firstAdministratorLink(context);
  await serve(context, server);
  const first = link ? `\n\nPremier démarrage. Pour créer le compte administrateur (lien à usage unique, 24 h) :\n  ${link}\n` : "";
  console.log(`Retex ${VERSION} : ${config.publicUrl}${first}`); // one write: who reads the first line has the link too
} catch (error) {
  await database?.close(); // leaves no journal beside the file
  if (!(error instanceof WrongSetting || error instanceof CannotOpen)) throw error;
  console.error(error.message);
  process.exit(1);
}
