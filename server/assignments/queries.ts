import { sql } from "kysely";
import type { Db, Tx } from "../../db/schema.ts";
import { listAccountsWithRole } from "../accounts/queries.ts";

export type Load = {
  id: string;
  name: string;
  /** Reports to code alone, layers to code blind, differences to settle, findings to write, and of all these the late ones. */
  single: number;
  blind: number;
  adjudications: number;
  findings: number;
  late: number;
};

/** What each analyst has in hand on a day, the least loaded last; analysts who have nothing included. */
export async function listLoads(db: Db | Tx, today: string): Promise<Load[]> {
  const analysts = await listAccountsWithRole(db, "analyst");
  const { rows } = await sql<{ id: string } & Record<"single" | "blind" | "adjudications" | "findings" | "late", number | string>>`
    select assignment.analyst_id as id,
      sum(case when report.state = 'received' and (report.coding_mode = 'single' or (report.coding_mode = 'adjudicated' and assignment.layer = 3))
        then 1 else 0 end) as single,
      sum(case when report.state = 'received' and report.coding_mode = 'blind' and assignment.layer in (1, 2) and assignment.submitted_at is null
        then 1 else 0 end) as blind,
      sum(case when report.state = 'received' and report.coding_mode = 'blind' and assignment.layer = 3 then 1 else 0 end) as adjudications,
      sum(case when report.state = 'coded' then 1 else 0 end) as findings,
      sum(case when report.due_on < ${today} and report.state in ('received', 'coded') then 1 else 0 end) as late
    from assignment join report on report.id = assignment.report_id
    where assignment.ended_at is null and report.state in ('received', 'coded') group by assignment.analyst_id`.execute(db);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return analysts
    .map(({ id, name }) => {
      const row = byId.get(id);
      const of = (column: "single" | "blind" | "adjudications" | "findings" | "late") => Number(row?.[column] ?? 0);
      return {
        id,
        name,
        single: of("single"),
        blind: of("blind"),
        adjudications: of("adjudications"),
        findings: of("findings"),
        late: of("late"),
      };
    })
    .sort((a, b) => inHand(b) - inHand(a) || a.name.localeCompare(b.name, "fr"));
}
export const inHand = ({ single, blind, adjudications, findings }: Load): number => single + blind + adjudications + findings;

export type DoubleLine = {
  id: string;
  due: string | null;
  /** The three people by layer; null where nobody is. */
  people: ({ name: string; submitted: string | null } | null)[];
  settled: number;
};
/** Every report that is being coded blind, with who has which layer and when it was handed in; no word of what the layers hold. */
export async function listDoubleCodings(db: Db | Tx): Promise<DoubleLine[]> {
  const rows = await db
    .selectFrom("report")
    .leftJoin("assignment", (join) => join.onRef("assignment.report_id", "=", "report.id").on("assignment.ended_at", "is", null))
    .leftJoin("account", "account.id", "assignment.analyst_id")
    .select(["report.id", "report.due_on", "assignment.layer", "assignment.submitted_at", "account.name"])
    .where("report.coding_mode", "=", "blind")
    .where("report.state", "=", "received")
    .orderBy("report.due_on", (order) => order.asc().nullsLast())
    .orderBy("report.id")
    .execute();
  const settled = await db
    .selectFrom("coding")
    .innerJoin("report", "report.id", "coding.report_id")
    .select((e) => ["report.id", e.fn.countAll().as("n")])
    .where("report.coding_mode", "=", "blind")
    .where("report.state", "=", "received")
    .where("coding.layer", "=", 3)
    .groupBy("report.id")
    .execute();
  const counts = new Map(settled.map(({ id, n }) => [id, Number(n)]));
  return [...Map.groupBy(rows, ({ id }) => id)].map(([id, own]) => ({
    id,
    due: own[0]!.due_on,
    people: ([1, 2, 3] as const).map((layer) => {
      const row = own.find((one) => one.layer === layer);
      return row?.name ? { name: row.name, submitted: row.submitted_at } : null;
    }),
    settled: counts.get(id) ?? 0,
  }));
}

/** Reports that may be drawn for a second coder under a rule, by receipt number. */
export async function listCandidates(db: Db | Tx, rule: "share" | "low_confidence", atLeast: number): Promise<string[]> {
  const first = db
    .selectFrom("report")
    .innerJoin("assignment", (join) => join.onRef("assignment.report_id", "=", "report.id").on("assignment.ended_at", "is", null))
    .select("report.id")
    .where("report.coding_mode", "=", "single")
    .where("report.counted_layer", "=", 1)
    .where("assignment.layer", "=", 1)
    .where((e) => e.exists(e.selectFrom("document").select("document.id").whereRef("document.report_id", "=", "report.id")))
    .orderBy("report.id");
  const rows =
    rule === "share"
      ? await first.where("report.state", "=", "received").execute()
      : await first
          .where("report.state", "=", "coded")
          .where(
            (e) =>
              e
                .selectFrom("coding")
                .select((count) => count.fn.countAll<number>().as("n"))
                .whereRef("coding.report_id", "=", "report.id")
                .where("coding.layer", "=", 1)
                .where("coding.confidence", "=", "low"),
            ">=",
            atLeast,
          )
          .execute();
  return rows.map(({ id }) => id);
}

/** Every draw, newest first. */
export const listDraws = (db: Db | Tx) =>
  db
    .selectFrom("assignment_draw")
    .innerJoin("account", "account.id", "assignment_draw.drawn_by")
    .selectAll("assignment_draw")
    .select("account.name")
    .orderBy("drawn_at", "desc")
    .limit(20)
    .execute();
