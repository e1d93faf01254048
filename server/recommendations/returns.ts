import { sql } from "kysely";
import { listed } from "../../db/dialect.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { basisRows } from "../follow-up/basis.ts";
import { dayOf } from "../http/formats.ts";

/** Reports that a factor was asked of: those where it is present, those where something is known, all of them. */
export type Share = { present: number; documented: number; all: number };
export type FactorReturn = {
  recommendation: string;
  factor: string;
  /** Acts before the day it was first issued. */
  before: Share;
  /** Acts after `since`; null while that day has not come. */
  after: Share | null;
  since: string | null;
};

type Of = Pick<RecommendationTable, "id" | "state" | "deadline" | "closed_at" | "issued_at">;

/**
 * The day from which the recommendation should have borne fruit: its closing, the last one where it was reopened since, else its deadline once
 * past; null before.
 */
export const fruitsSince = ({ state, deadline, closed_at }: Of, today: string, lastClosed: string | null = null): string | null => {
  if (state === "closed" && closed_at) return dayOf(closed_at);
  if (lastClosed !== null) return dayOf(lastClosed);
  return deadline !== null && deadline < today ? deadline : null;
};

// Only factors that are present or absent can come back; a measure that did not exist yet is in no denominator.
const COUNTED = sql`edition.superseded_at is null and report.state <> 'set_aside' and edition_value.value <> 'not_available'
  and codebook_factor.type = 'presence'`;

/**
 * The figures of the factors behind some issued recommendations, before they were issued and since they should have borne fruit: reports
 * counted once each whatever their number of persons, editions in force only.
 */
export async function factorReturns(db: Db | Tx, recommendations: readonly Of[], today: string): Promise<FactorReturn[]> {
  const issued = recommendations.filter(({ issued_at }) => issued_at !== null);
  const ids = issued.map(({ id }) => id);
  const basis = await basisRows(db, ids);
  if (basis.length === 0) return [];
  // `issued_at` is that of the last issue: a reopening begins anew, the figures do not.
  const first = await db
    .selectFrom("recommendation_event")
    .select((e) => ["recommendation_id", e.fn.min("at").as("at")])
    .where("recommendation_id", "in", ids)
    .where("type", "=", "RECOMMENDATION_ISSUED")
    .groupBy("recommendation_id")
    .execute();
  const closings = await db
    .selectFrom("recommendation_event")
    .select((e) => ["recommendation_id", e.fn.max("at").as("at")])
    .where("recommendation_id", "in", ids)
    .where("type", "=", "RECOMMENDATION_CLOSED")
    .groupBy("recommendation_id")
    .execute();
  const lastClosed = new Map(closings.map(({ recommendation_id, at }) => [recommendation_id, at as string]));
  const since = (one: Of) => fruitsSince(one, today, lastClosed.get(one.id) ?? null);
  const days = new Map(first.map(({ recommendation_id, at }) => [recommendation_id, dayOf(at)]));
  const asked = issued.flatMap((one) => {
    const before = days.get(one.id) ?? dayOf(one.issued_at!);
    const factors = new Set(basis.filter(({ recommendation }) => recommendation === one.id).map(({ factor }) => factor));
    return [...factors].map((factor) => [one.id, factor, before, since(one) ?? "9999-12-31"]);
  });
  const counted = (condition: ReturnType<typeof sql>) => sql`count(distinct case when ${condition} then edition.report_id end)`;
  const [before, after] = [sql`edition.act_date < item.value ->> 2`, sql`edition.act_date > item.value ->> 3`];
  const [known, present] = [sql`edition_value.value <> 'unknown'`, sql`edition_value.value = 'present'`];
  type Row = Record<"id" | "factor", string> & Record<"ba" | "bd" | "bp" | "aa" | "ad" | "ap", number | string>;
  const { rows } = await sql<Row>`
    select item.value ->> 0 as id, item.value ->> 1 as factor,
      ${counted(before)} as ba, ${counted(sql`${before} and ${known}`)} as bd, ${counted(sql`${before} and ${present}`)} as bp,
      ${counted(after)} as aa, ${counted(sql`${after} and ${known}`)} as ad, ${counted(sql`${after} and ${present}`)} as ap
    from ${listed(db, JSON.stringify(asked))}
    join edition_value on edition_value.factor = item.value ->> 1
    join edition on edition.id = edition_value.edition_id
    join report on report.id = edition.report_id
    join codebook_factor on codebook_factor.codebook_version = edition.codebook_version and codebook_factor.code = edition_value.factor
    where ${COUNTED}
    group by 1, 2 order by 1, 2`.execute(db);
  const byId = new Map(issued.map((one) => [one.id, one]));
  return rows.map((row) => ({
    recommendation: row.id,
    factor: row.factor,
    before: { present: Number(row.bp), documented: Number(row.bd), all: Number(row.ba) },
    since: since(byId.get(row.id)!),
    after: since(byId.get(row.id)!) === null ? null : { present: Number(row.ap), documented: Number(row.ad), all: Number(row.aa) },
  }));
}

/** In how many later cases a factor behind each closed recommendation is present again; those without any are left out. */
export async function factorsCameBack(db: Db | Tx, recommendations: readonly Of[]): Promise<Map<string, number>> {
  const closed = recommendations.filter(({ state, closed_at }) => state === "closed" && closed_at !== null);
  const basis = await basisRows(
    db,
    closed.map(({ id }) => id),
  );
  if (basis.length === 0) return new Map();
  const since = new Map(closed.map(({ id, closed_at }) => [id, dayOf(closed_at!)]));
  const pairs = new Map(basis.map(({ recommendation, factor }) => [`${recommendation} ${factor}`, [recommendation, factor]]));
  const asked = [...pairs.values()].map(([id, factor]) => [id, factor, since.get(id!)]);
  const { rows } = await sql<{ id: string; n: number | string }>`
    select item.value ->> 0 as id, count(distinct edition.report_id) as n
    from ${listed(db, JSON.stringify(asked))}
    join edition_value on edition_value.factor = item.value ->> 1 and edition_value.value = 'present'
    join edition on edition.id = edition_value.edition_id and edition.act_date > item.value ->> 2
    join report on report.id = edition.report_id
    join codebook_factor on codebook_factor.codebook_version = edition.codebook_version and codebook_factor.code = edition_value.factor
    where ${COUNTED}
    group by 1`.execute(db);
  return new Map(rows.map(({ id, n }) => [id, Number(n)]));
}
