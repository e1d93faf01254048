import { stopPostgres } from "./databases.ts";

/** Root hooks of the whole run. */
export const mochaHooks = { afterAll: () => stopPostgres() };
