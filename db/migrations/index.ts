import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.ts";
import * as trunk from "./0001-trunk.ts";

/** Every migration, in order. Names are stored in the database: never rename one. */
export const MIGRATIONS: readonly { name: string; up: (db: Kysely<unknown>, dialect: Dialect) => Promise<void> }[] = [
  { name: "0001-trunk", up: trunk.up },
];

/** The schema this version of the program works on. */
export const SCHEMA_NAME = MIGRATIONS[MIGRATIONS.length - 1]!.name;
