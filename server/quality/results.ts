import { sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type { Bit, Db, IsoDate, ReportTable, Tx } from "../../db/schema.ts";
import { isCoded } from "../reports/quality/case.ts";
import { notJudged, readFile } from "../reports/quality/load.ts";
import { countOf, judge, RULES_EDITION } from "../reports/quality/rules.ts";

type Stamped = Record<
  "id" | "version" | "codebook_version" | "counted_layer" | "coding_mode" | "acts" | "findings" | "recommendations" | "entries" | "late",
  string | number | null
>;
const stampOf = ({ id: _, ...parts }: Stamped): string => [RULES_EDITION, ...Object.values(parts).map((part) => part ?? "")].join("|");

/**
 * What tells that a report is no longer what was judged: its version, its last act of coding, how often its findings, recommendations and
 * chronology were written, and how many of its dates have passed.
 */
async function stamps(db: Db | Tx, today: IsoDate): Promise<Map<string, string>> {
  const { rows } = await sql<Stamped>`
    select id, version, codebook_version, counted_layer, coding_mode,
      (select max(coding_act.id) from coding_act where report_id = report.id) as acts,
      (select count(*) || '.' || coalesce(sum(finding.version), 0) from finding where report_id = report.id) as findings,
      (select count(*) || '.' || coalesce(sum(recommendation.version), 0) || '.' || coalesce(sum(case when deadline < ${today} then 1 else 0 end), 0)
        from recommendation where report_id = report.id) as recommendations,
      (select count(*) || '.' || coalesce(sum(chronology_entry.version), 0) || '.' || coalesce(max(updated_at), '')
        from chronology_entry where report_id = report.id) as entries,
      case when due_on < ${today} then 1 else 0 end as late
    from report where held = 0 and coding_mode <> 'blind' and state <> 'set_aside'`.execute(db);
  return new Map(rows.map((row) => [String(row.id), stampOf(row)]));
}

/** Reports that were never judged, or have changed since, oldest receipt first. */
export async function staleReports(db: Db | Tx, today: IsoDate): Promise<{ id: string; stamp: string }[]> {
  const now = await stamps(db, today);
  const kept = new Map(
    (await db.selectFrom("quality_result").select(["report_id", "stamp"]).execute()).map(({ report_id, stamp }) => [report_id, stamp]),
  );
  return [...now]
    .filter(([id, stamp]) => kept.get(id) !== stamp)
    .map(([id, stamp]) => ({ id, stamp }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Judges one report as it is now and keeps the result; a report that is no longer to be judged is left alone. */
async function judgeOne(tx: Tx, { id, stamp }: { id: string; stamp: string }, now: string, today: IsoDate): Promise<void> {
  const report = await tx
    .selectFrom("report")
    .selectAll()
    .where("id", "=", id)
    .where("held", "=", 0)
    .$if(dialectOf(tx) === "postgres", (q) => q.forShare())
    .executeTakeFirst();
  if (!report || notJudged(report)) return;
  const judged = judge(await readFile(tx, report, today));
  const result = {
    judged_at: now,
    stamp,
    codebook_version: report.codebook_version,
    coded: (isCoded(report.state) ? 1 : 0) as Bit,
    ...countOf(judged),
    issues: JSON.stringify(judged.flatMap(({ rule, issues }) => issues.map(({ place }) => ({ rule: rule.code, place })))),
  };
  await tx
    .insertInto("quality_result")
    .values({ report_id: id, ...result })
    .onConflict((known) => known.column("report_id").doUpdateSet(result))
    .execute();
  await tx.deleteFrom("quality_count").where("report_id", "=", id).execute();
  if (judged.length > 0)
    await tx
      .insertInto("quality_count")
      .values(judged.map(({ rule, issues }) => ({ report_id: id, rule: rule.code, issues: issues.length })))
      .execute();
}

/** Judged in one transaction, then others are let in. */
const SLICE = 5;
const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Judges these reports, a few at a time, so that nobody waits for it.
 * @param goesOn asked between two slices
 */
export async function judgeReports(
  db: Db,
  reports: readonly { id: string; stamp: string }[],
  now: string,
  today: IsoDate,
  goesOn: () => boolean = () => true,
): Promise<void> {
  for (let at = 0; at < reports.length && goesOn(); at += SLICE) {
    await db.transaction().execute(async (tx) => {
      for (const one of reports.slice(at, at + SLICE)) await judgeOne(tx, one, now, today);
    });
    await aMoment();
  }
}

/** So many reports are judged while the page that asks is being made; more, and it goes on after the answer. */
const AT_ONCE = 30;
const underWay = new WeakMap<Db, Promise<void>>();

/**
 * Brings the results up to date: a few reports at once, many in the background, one round at a time for each database.
 * @param failed told of an error of the background, which the next visit tries again
 * @returns how many reports still wait to be judged
 */
export async function refreshResults(db: Db, now: string, today: IsoDate, failed: (error: unknown) => void): Promise<number> {
  const stale = await staleReports(db, today);
  if (stale.length <= AT_ONCE && !underWay.has(db)) {
    await judgeReports(db, stale, now, today);
    return 0;
  }
  if (!underWay.has(db) && stale.length > 0)
    underWay.set(
      db,
      judgeReports(db, stale, now, today)
        .catch(failed)
        .finally(() => underWay.delete(db)),
    );
  return stale.length;
}

/** Resolved when nothing is being judged in the background. */
export const settled = async (db: Db): Promise<void> => {
  await underWay.get(db);
};

/** Forgets that results are up to date. @returns how many reports will be judged again */
export async function judgeAllAgain(tx: Tx): Promise<number> {
  await tx.updateTable("quality_result").set({ stamp: "" }).execute();
  const { n } = await tx
    .selectFrom("report")
    .select((e) => e.fn.countAll().as("n"))
    .where("held", "=", 0)
    .where("coding_mode", "<>", "blind")
    .where("state", "<>", "set_aside")
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Results of reports that are still to be judged: of those coded blind or set aside since, nothing is told. */
const shown = (db: Db) =>
  db
    .selectFrom("quality_result")
    .innerJoin("report", "report.id", "quality_result.report_id")
    .where("report.held", "=", 0)
    .where("report.coding_mode", "<>", "blind")
    .where("report.state", "<>", "set_aside");

export type BaseCounts = {
  judged: number;
  withBlocking: number;
  clear: number;
  /** Reports that are not judged, by the reason. */
  blind: number;
  aside: number;
  /** How many judged reports each codebook version has, before and after their coding was handed in. */
  pinned: { codebook_version: string; coded: boolean; reports: number }[];
  /** By the code of the rule. */
  rules: Map<string, { reports: number; issues: number }>;
};
export async function countResults(db: Db): Promise<BaseCounts> {
  const pinned = await shown(db)
    .select((e) => [
      "quality_result.codebook_version",
      "quality_result.coded",
      e.fn.countAll().as("reports"),
      e.fn.sum<number | string>(e.case().when("blocking", ">", 0).then(1).else(0).end()).as("withBlocking"),
      e.fn.sum<number | string>(e.case().when(sql<number>`blocking + warnings`, "=", 0).then(1).else(0).end()).as("clear"),
    ])
    .groupBy(["quality_result.codebook_version", "quality_result.coded"])
    .orderBy("quality_result.codebook_version")
    .execute();
  const rules = await shown(db)
    .innerJoin("quality_count", "quality_count.report_id", "quality_result.report_id")
    .select((e) => ["quality_count.rule", e.fn.countAll().as("reports"), e.fn.sum<number | string>("quality_count.issues").as("issues")])
    .groupBy("quality_count.rule")
    .execute();
  const left = await db
    .selectFrom("report")
    .select((e) => ["coding_mode", "state", e.fn.countAll().as("reports")])
    .where("held", "=", 0)
    .where((e) => e.or([e("coding_mode", "=", "blind"), e("state", "=", "set_aside")]))
    .groupBy(["coding_mode", "state"])
    .execute();
  const sum = (values: readonly (number | string | bigint)[]) => values.reduce<number>((total, value) => total + Number(value), 0);
  return {
    judged: sum(pinned.map(({ reports }) => reports)),
    withBlocking: sum(pinned.map(({ withBlocking }) => withBlocking)),
    clear: sum(pinned.map(({ clear }) => clear)),
    blind: sum(left.filter((one) => notJudged(one) === "blind").map(({ reports }) => reports)),
    aside: sum(left.filter((one) => notJudged(one) === "set_aside").map(({ reports }) => reports)),
    pinned: pinned.map(({ codebook_version, coded, reports }) => ({ codebook_version, coded: coded === 1, reports: Number(reports) })),
    rules: new Map(rules.map(({ rule, reports, issues }) => [rule, { reports: Number(reports), issues: Number(issues) }])),
  };
}

export type ReportOfRule = Pick<ReportTable, "id" | "state" | "act_date"> & { issues: number };
export const REPORTS_PER_PAGE = 50;
/** The reports that a rule finds something in: most issues first, or by receipt number. */
export const listReportsOf = (db: Db, rule: string, order: "issues" | "receipt", page: number): Promise<ReportOfRule[]> =>
  shown(db)
    .innerJoin("quality_count", "quality_count.report_id", "quality_result.report_id")
    .select(["report.id", "report.state", "report.act_date", "quality_count.issues"])
    .where("quality_count.rule", "=", rule)
    .$if(order === "issues", (q) => q.orderBy("quality_count.issues", "desc"))
    .orderBy("report.id")
    .limit(REPORTS_PER_PAGE)
    .offset((page - 1) * REPORTS_PER_PAGE)
    .execute();
