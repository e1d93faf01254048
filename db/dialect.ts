import { type Kysely, PostgresAdapter, type RawBuilder, sql } from "kysely";

export type Dialect = "sqlite" | "postgres";

/** The dialect a query runs on, where one of the few things that differ is needed. */
export const dialectOf = <Schema>(db: Kysely<Schema>): Dialect =>
  db.getExecutor().adapter instanceof PostgresAdapter ? "postgres" : "sqlite";

/** True when a write broke a uniqueness the database holds (primary keys included). */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "23505" || error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY";
}

/** Case-insensitive "contains", wildcards of the typed text taken literally. ASCII case only: fold accents before storing what is searched. */
export const contains = (column: RawBuilder<unknown>, typed: string): RawBuilder<boolean> =>
  sql<boolean>`lower(${column}) like ${`%${typed.toLowerCase().replace(/[\\%_]/g, (c) => `\\${c}`)}%`} escape '\\'`;

/**
 * The elements of a JSON list as the rows of a query, one column `item.value` each, whatever their number: one parameter instead of one for
 * each cell. Of a list inside, `item.value ->> 0` is the first element as text.
 */
export const listed = <Schema>(db: Kysely<Schema>, json: string): RawBuilder<unknown> =>
  dialectOf(db) === "sqlite" ? sql`json_each(${json}) as item` : sql`jsonb_array_elements(${json}::jsonb) as item(value)`;
