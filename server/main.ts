import { pino } from "pino";
import { CannotOpen, openDatabase } from "../db/database.ts";
import { firstAdministratorLink } from "./accounts/first-administrator.ts";
import { VERSION } from "./app.ts";
import { readConfig, WrongSetting } from "./config.ts";
import type { Context } from "./http/context.ts";
import { prepareDatabase } from "./prepare.ts";
import { serve } from "./serve.ts";

// npm start: the real thing, on its own database.
try {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel });
  const database = openDatabase(config.databaseUrl, config.databaseKey);
  const context: Context = { config, database, clock: () => new Date(), log, version: VERSION };
  await prepareDatabase(context);
  const link = await firstAdministratorLink(context);
  await serve(context);
  console.log(`Retex ${VERSION} : ${config.publicUrl}`);
  if (link) console.log(`\nPremier démarrage. Pour créer le compte administrateur (lien à usage unique, 24 h) :\n  ${link}\n`);
} catch (error) {
  if (!(error instanceof WrongSetting || error instanceof CannotOpen)) throw error;
  console.error(error.message);
  process.exit(1);
}
