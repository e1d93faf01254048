import { sql } from "kysely";
import type { Db, Tx } from "../../db/schema.ts";
import { holdAgain, removeHeld } from "../reports/intake.ts";

/** What the import itself wrote of a report; and the tasks that a new codebook gives to every report, which nobody began. */
const OWN = ["person", "coding", "coding_act", "report_event", "import_line", "recode_task"];
const SHOWN = 10;

/** Reports of an import that somebody has touched since, the first of them by name. */
export type Touched = { count: number; ids: string[] };

/**
 * Whether somebody has done anything with the reports of an import since: an event or an act of coding beyond the import's, or a row about
 * the report in any table that the import does not write (a document, an assignment, a question…), tables added later included.
 */
export async function touchedReports(db: Db | Tx, importId: string): Promise<Touched> {
  const tables = (await db.introspection.getTables())
    .filter(({ name, columns, isView }) => !isView && !OWN.includes(name) && columns.some((column) => column.name === "report_id"))
    .map(({ name }) => name)
    .sort();
  const inTables = tables.map((table) => sql`exists (select 1 from ${sql.table(table)} as other where other.report_id = report.id)`);
  const { rows } = await sql<{ id: string }>`
    select report.id from report where report.import_id = ${importId} and (${sql.join(
      [
        sql`report.version > 1`,
        sql`exists (select 1 from coding_act where coding_act.report_id = report.id and (coding_act.batch is null or coding_act.batch <> ${importId}))`,
        sql`exists (select 1 from recode_task where recode_task.report_id = report.id and recode_task.decided_by is not null)`,
        ...inTables,
      ],
      sql` or `,
    )}) order by report.id`.execute(db);
  return { count: rows.length, ids: rows.slice(0, SHOWN).map(({ id }) => id) };
}

/**
 * Takes every report of an import from everybody's sight, or none when one of them was touched.
 * @returns those that stand in the way
 */
export async function takeBack(tx: Tx, importId: string): Promise<Touched> {
  // Held first, looked at afterwards: whoever was acting on one of them has finished by then, and nobody can begin.
  await holdAgain(tx, importId);
  return touchedReports(tx, importId);
}

/** Removes some of the held reports of an import, with their values. @returns how many; 0 when none is left */
export async function removeSome(tx: Tx, importId: string, most: number): Promise<number> {
  const rows = await tx
    .selectFrom("report")
    .select("id")
    .where("import_id", "=", importId)
    .where("held", "=", 1)
    .orderBy("id")
    .limit(most)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  for (const table of ["coding", "coding_act"] as const) await tx.deleteFrom(table).where("report_id", "in", ids).execute();
  await removeHeld(tx, ids);
  return ids.length;
}
