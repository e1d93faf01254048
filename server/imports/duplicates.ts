import type { Db, Tx } from "../../db/schema.ts";
import { foldText } from "../reports/fold.ts";
import type { Case, Problem } from "./check-line.ts";

const DAY = 86_400_000;
/** Days around an act in which another one in the same district or département may be the same, as for a deposit. */
const NEAR = [-3, -2, -1, 0, 1, 2, 3];
const SHOWN = 3;

/** Tells of each line of a file, in order, whether it repeats an earlier one or looks like a report that is already there. */
export type Duplicates = {
  /** Asks the database once for several lines. */
  expect: (references: readonly string[]) => Promise<void>;
  judge: (line: number, cells: string, found: Case, columns: { reference: number | null; actDate: number | null }) => Problem[];
};

/** Every report that exists stands in memory by the day of its act: some tens of bytes each. */
export async function newDuplicates(db: Db | Tx, importId: string): Promise<Duplicates> {
  const reports = await db
    .selectFrom("report")
    .select(["id", "act_date", "court", "department"])
    .where("held", "=", 0)
    .orderBy("id")
    .execute();
  const byDay = Map.groupBy(reports, ({ act_date }) => act_date);
  const lines = new Map<string, number>();
  const references = new Map<string, number>();
  const acts = new Map<string, number>();
  const brought = new Map<string, string>();
  return {
    async expect(given) {
      brought.clear();
      if (given.length === 0) return;
      const rows = await db
        .selectFrom("import_line")
        .innerJoin("report", "report.id", "import_line.report_id")
        .select(["import_line.own_reference", "import_line.report_id"])
        .where("own_reference", "in", given)
        .where("import_line.report_id", "is not", null)
        .where("import_line.import_id", "<>", importId)
        .where("report.held", "=", 0)
        .execute();
      for (const row of rows) brought.set(row.own_reference!, row.report_id!);
    },
    judge(line, cells, { sheet, reference }, columns) {
      const problems: Problem[] = [];
      const same = lines.get(cells);
      if (same !== undefined) problems.push({ kind: "duplicate", column: null, key: "imports.problem.sameLine", params: { line: same } });
      else lines.set(cells, line);
      const folded = reference === null ? null : foldText(reference);
      const named = folded === null ? undefined : references.get(folded);
      if (named !== undefined && same === undefined)
        problems.push({ kind: "duplicate", column: columns.reference, key: "imports.problem.sameReference", params: { line: named } });
      else if (folded !== null && named === undefined) references.set(folded, line);
      if (problems.length > 0) return problems;

      const act = `${sheet.actDate} ${sheet.court} ${sheet.department}`;
      const earlier = acts.get(act);
      if (earlier !== undefined)
        problems.push({ kind: "sameAct", column: columns.actDate, key: "imports.problem.sameAct", params: { line: earlier } });
      else acts.set(act, line);
      const before = reference === null ? undefined : brought.get(reference);
      const time = Date.parse(`${sheet.actDate}T00:00:00Z`);
      const near = NEAR.flatMap((shift) => byDay.get(new Date(time + shift * DAY).toISOString().slice(0, 10)) ?? [])
        .filter(({ court, department }) => court === sheet.court || department === sheet.department)
        .map(({ id }) => id);
      const alike = [...new Set([...(before ? [before] : []), ...near])];
      if (alike.length > 0)
        problems.push({
          kind: "sameReport",
          column: before ? columns.reference : columns.actDate,
          key: before ? "imports.problem.brought" : "imports.problem.near",
          params: { reports: `${alike.slice(0, SHOWN).join(", ")}${alike.length > SHOWN ? " …" : ""}` },
        });
      return problems;
    },
  };
}
