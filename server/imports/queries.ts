import { sql } from "kysely";
import { dialectOf, listed } from "../../db/dialect.ts";
import type { Db, ReportImportTable, Tx } from "../../db/schema.ts";
import { NotFound } from "../http/errors.ts";
import { foldText } from "../reports/fold.ts";
import { DOUBTS, type Problem, type ProblemKind } from "./check-line.ts";
import { headerKeys, type Mapping } from "./mapping.ts";
import type { Column } from "./profile.ts";
import type { ReadSheet } from "./read-spreadsheet.ts";

/** An import with what it holds as JSON read. */
export type Import = Omit<ReportImportTable, "sheets" | "headers" | "profile" | "mapping" | "found"> & {
  sheets: string[];
  headers: string[];
  /** Null once the file is forgotten. */
  columns: Column[] | null;
  mapping: Mapping;
  /** How many lines have a problem of each kind; null before a check. */
  found: Partial<Record<ProblemKind, number>> | null;
};

const readImport = ({ sheets, headers, profile, mapping, found, ...row }: ReportImportTable): Import => ({
  ...row,
  sheets: JSON.parse(sheets) as string[],
  headers: JSON.parse(headers) as string[],
  columns: profile === null ? null : (JSON.parse(profile) as Column[]),
  mapping: JSON.parse(mapping) as Mapping,
  found: found === null ? null : (JSON.parse(found) as Import["found"]),
});

/** @throws NotFound */
export async function findImport(db: Db | Tx, id: string): Promise<Import> {
  const row = await db.selectFrom("report_import").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new NotFound();
  return readImport(row);
}

/** The import for the length of the transaction. @throws NotFound */
export async function lockImport(tx: Tx, id: string): Promise<Import> {
  const row = await tx
    .selectFrom("report_import")
    .selectAll()
    .where("id", "=", id)
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!row) throw new NotFound();
  return readImport(row);
}

export const IMPORTS_PER_PAGE = 25;
/** Imports, the latest first, with the names of those who made them. */
export const listImports = (db: Db, page: number) =>
  db
    .selectFrom("report_import")
    .innerJoin("account", "account.id", "report_import.created_by")
    .select([
      "report_import.id",
      "state",
      "file_name",
      "format",
      "line_count",
      "written_count",
      "report_import.created_at",
      "finished_at",
      "worker_until",
      "account.name",
    ])
    .orderBy("report_import.created_at", "desc")
    .orderBy("report_import.id")
    .limit(IMPORTS_PER_PAGE)
    .offset((page - 1) * IMPORTS_PER_PAGE)
    .execute();

export async function countImports(db: Db): Promise<number> {
  const { n } = await db
    .selectFrom("report_import")
    .select((e) => e.fn.countAll().as("n"))
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** The lines of a sheet in the place of those of another reading of the same file. */
export async function putLines(tx: Tx, importId: string, { numbers, lines }: Pick<ReadSheet, "numbers" | "lines">): Promise<void> {
  await tx.deleteFrom("import_line").where("import_id", "=", importId).execute();
  const SIZE = 1000;
  for (let from = 0; from < lines.length; from += SIZE) {
    const rows = lines.slice(from, from + SIZE).map((cells, at) => [numbers[from + at], cells]);
    await sql`insert into import_line (import_id, line, cells)
      select cast(${importId} as text), cast(item.value ->> 0 as integer), item.value ->> 1 from ${listed(tx, JSON.stringify(rows))}
      where true`.execute(tx);
  }
}

/** What the file held is forgotten: the file, the cells, the profile of its columns. What was found wrong stays, for it quotes nothing. */
export async function forgetFile(tx: Tx, importId: string): Promise<void> {
  await tx.deleteFrom("import_file").where("import_id", "=", importId).execute();
  await tx.updateTable("import_line").set({ cells: null }).where("import_id", "=", importId).where("cells", "is not", null).execute();
  await tx.updateTable("report_import").set({ profile: null }).where("id", "=", importId).execute();
}

/** Which lines of the report of a check are asked for. */
export type LineFilter = { importId: string; kind: ProblemKind | null; page: number };
export type ProblemLine = { line: number; status: "ready" | "doubtful" | "refused"; problems: Problem[]; cells: string[] | null };
export const LINES_PER_PAGE = 50;

/** A problem of this kind is among those of a line; its text begins as JSON.stringify writes it. */
const ofKind = (kind: ProblemKind) => sql<boolean>`problems like ${`%{"kind":"${kind}",%`}`;

/** Lines with a problem or a doubt, in the order of the sheet. */
export async function listProblemLines(db: Db, { importId, kind, page }: LineFilter, size = LINES_PER_PAGE): Promise<ProblemLine[]> {
  const rows = await db
    .selectFrom("import_line")
    .select(["line", "status", "problems", "cells"])
    .where("import_id", "=", importId)
    .where("status", "in", ["doubtful", "refused"])
    .$if(kind !== null, (q) => q.where(ofKind(kind!)))
    .orderBy("line")
    .limit(size)
    .offset((page - 1) * size)
    .execute();
  return rows.map(({ line, status, problems, cells }) => ({
    line,
    status: status!,
    problems: JSON.parse(problems ?? "[]") as Problem[],
    cells: cells === null ? null : (JSON.parse(cells) as string[]),
  }));
}

/** Lines that became reports, with their receipt numbers. */
export const listWritten = (db: Db, importId: string, page: number) =>
  db
    .selectFrom("import_line")
    .select(["line", "own_reference", "report_id"])
    .where("import_id", "=", importId)
    .where("report_id", "is not", null)
    .orderBy("line")
    .limit(LINES_PER_PAGE)
    .offset((page - 1) * LINES_PER_PAGE)
    .execute();

/** How many lines have a problem or doubt, of one kind or of any. */
export const countProblemLines = ({ found, doubtful_count, refused_count }: Import, kind: ProblemKind | null): number =>
  kind === null ? Number(doubtful_count) + Number(refused_count) : (found?.[kind] ?? 0);

/** How many lines would be written as the import stands. */
export const linesToWrite = (
  { ready_count, doubtful_count }: Pick<Import, "ready_count" | "doubtful_count">,
  withDoubtful: boolean,
): number => ready_count + (withDoubtful ? doubtful_count : 0);

export const isDoubt = (kind: ProblemKind): boolean => DOUBTS.includes(kind);

// --- remembered mappings ----------------------------------------------------------------------------------------------------------
export type Remembered = { name: string; headers: string[]; mapping: Mapping };
export async function listMappings(db: Db | Tx): Promise<Remembered[]> {
  const rows = await db.selectFrom("import_mapping").select(["name", "headers", "mapping"]).orderBy("name").execute();
  return rows.map(({ name, headers, mapping }) => ({
    name,
    headers: JSON.parse(headers) as string[],
    mapping: JSON.parse(mapping) as Mapping,
  }));
}

/** The mapping that was remembered for a file with exactly these headings, whatever their order. */
export function mappingFor(remembered: readonly Remembered[], headers: readonly string[]): Remembered | undefined {
  const wanted = headerKeys(headers).sort().join("\n");
  return remembered.find((one) => [...one.headers].sort().join("\n") === wanted);
}

/** Remembers a mapping under a name; the same name again replaces it. */
export async function rememberMapping(
  tx: Tx,
  name: string,
  headers: readonly string[],
  mapping: Mapping,
  by: string,
  now: string,
): Promise<void> {
  const row = { headers: JSON.stringify(headerKeys(headers)), mapping: JSON.stringify(mapping), saved_by: by, saved_at: now };
  const known = await tx.selectFrom("import_mapping").select("name").execute();
  const same = known.find((one) => foldText(one.name) === foldText(name));
  if (same) await tx.updateTable("import_mapping").set(row).where("name", "=", same.name).execute();
  else
    await tx
      .insertInto("import_mapping")
      .values({ name, ...row })
      .execute();
}
