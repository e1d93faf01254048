import { sql } from "kysely";
import type { Db, Tx } from "../../db/schema.ts";
import { REPORT_STATES, type ReportState } from "../../workflows/report.decide.ts";
import { type Carried, carryOver, type Fate, linksOf, valueCarried } from "./crosswalk.ts";
import type { CodebookDefinition } from "./definition.ts";

export type States = Record<ReportState, number>;
/** How many values of one factor would be carried over, in part or not, or fall away; `reports`: by state, those where it is coded. */
export type FactorImpact = { factor: string; reports: States; carried: number; partly: number; recode: number; retired: number };
/** What publishing would ask of the reports pinned to a version. Counts only: nobody needs to read a case to see them. */
export type Impact = {
  reports: States;
  /** Reports that two analysts code blind: their values are not counted here, so that nothing of a layer shows. */
  blind: number;
  factors: FactorImpact[];
};

const none = (): States => Object.fromEntries(REPORT_STATES.map((state) => [state, 0])) as States;

/** Counts over the reports of a version what the fates of the given factors would do to their values. */
export async function impactOf(
  db: Db | Tx,
  base: CodebookDefinition,
  next: CodebookDefinition,
  fates: readonly Fate[],
  changed: readonly string[],
): Promise<Impact> {
  const reports = none();
  let blind = 0;
  const pinned = await db
    .selectFrom("report")
    .select((e) => ["state", "coding_mode", e.fn.countAll<number | string>().as("n")])
    .where("codebook_version", "=", base.version)
    .where("held", "=", 0)
    .groupBy(["state", "coding_mode"])
    .execute();
  for (const { state, coding_mode, n } of pinned) {
    reports[state] += Number(n);
    if (coding_mode === "blind") blind += Number(n);
  }
  const concerned = fates.filter(({ from }) => changed.includes(from.code));
  if (concerned.length === 0) return { reports, blind, factors: [] };
  const codes = concerned.map(({ from }) => from.code);
  const counted = sql`from coding join report on report.id = coding.report_id and report.counted_layer = coding.layer
    where report.codebook_version = ${base.version} and report.held = 0 and report.coding_mode <> 'blind'`;
  const byFactor = new Map(
    codes.map((factor): [string, FactorImpact] => [factor, { factor, reports: none(), carried: 0, partly: 0, recode: 0, retired: 0 }]),
  );
  const states = await sql<{ factor: string; state: ReportState; n: number | string }>`
    select coding.factor, report.state, count(distinct report.id) as n ${counted} and coding.factor in (${sql.join(codes)})
    group by coding.factor, report.state`.execute(db);
  for (const { factor, state, n } of states.rows) byFactor.get(factor)!.reports[state] += Number(n);

  // Values of factors that others join are followed report by report; the others are counted by value and month.
  const joined = new Set(concerned.filter(({ rule }) => rule === "merged").map(({ from }) => from.code));
  const alone = concerned.filter(({ from }) => !joined.has(from.code));
  if (alone.length > 0) {
    const rows = await sql<{ factor: string; value: string; month: string; n: number | string }>`
      select coding.factor, coding.value, substr(report.act_date, 1, 7) as month, count(*) as n ${counted}
      and coding.factor in (${sql.join(alone.map(({ from }) => from.code))}) group by coding.factor, coding.value, substr(report.act_date, 1, 7)`.execute(
      db,
    );
    const fateOf = new Map(alone.map((fate) => [fate.from.code, fate]));
    for (const { factor, value, month, n } of rows.rows) {
      const { to, values } = fateOf.get(factor)!;
      const rules = { exclusiveOptions: next.exclusiveOptions, actDate: `${month}-01` };
      const ways = to.filter((one) => valueCarried(value, one, values.get(one.code)!, rules) !== null).length;
      const outcome = to.length === 0 ? "retired" : ways === 0 ? "recode" : ways === to.length ? "carried" : "partly";
      byFactor.get(factor)![outcome] += Number(n);
    }
  }
  if (joined.size > 0) {
    const rows = await sql<{ report_id: string; factor: string; subject: string; value: string; act_date: string }>`
      select coding.report_id, coding.factor, coding.subject, coding.value, report.act_date ${counted}
      and coding.factor in (${sql.join([...joined])})`.execute(db);
    const links = linksOf(concerned.filter(({ rule }) => rule === "merged"));
    for (const own of Map.groupBy(rows.rows, ({ report_id }) => report_id).values()) {
      const codings = own.map(({ factor, subject, value }): Carried => ({ sources: [], layer: 1, factor, subject, value }));
      const { fates: outcomes } = carryOver({ from: base, to: next, links }, codings, own[0]!.act_date);
      for (const [at, outcome] of outcomes.entries()) byFactor.get(codings[at]!.factor)![outcome] += 1;
    }
  }
  return { reports, blind, factors: [...byFactor.values()] };
}
