import type { Logger } from "pino";
import type { Database } from "../../db/database.ts";
import type { Config } from "../config.ts";

/** What every feature is given at start: nothing else is global. */
export type Context = { config: Config; database: Database; clock: () => Date; log: Logger; version: string };
