import { type ColumnDefinitionBuilder, type RawBuilder, sql } from "kysely";

export type Dialect = "sqlite" | "postgres";

/** Column builder of a growing integer key. */
export const identity = (dialect: Dialect) => (column: ColumnDefinitionBuilder) =>
  dialect === "sqlite" ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity();

export const identityType = (dialect: Dialect): "integer" | "bigint" => (dialect === "sqlite" ? "integer" : "bigint");
export const bytesType = (dialect: Dialect): "blob" | "bytea" => (dialect === "sqlite" ? "blob" : "bytea");

/** True when a write broke a uniqueness the database holds (primary keys included). */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "23505" || error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY";
}

/** Case-insensitive "contains", wildcards of the typed text taken literally. ASCII case only: fold accents before storing what is searched. */
export const contains = (column: RawBuilder<unknown>, typed: string): RawBuilder<boolean> =>
  sql<boolean>`lower(${column}) like ${`%${typed.toLowerCase().replace(/[\\%_]/g, (c) => `\\${c}`)}%`} escape '\\'`;
