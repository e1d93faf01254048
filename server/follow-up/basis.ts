import { type Kysely, type RawBuilder, sql } from "kysely";
import { dialectOf, listed } from "../../db/dialect.ts";
import type { Db, Schema, Tx } from "../../db/schema.ts";

/**
 * What recommendations rest on, as the rows of a query: one `(recommendation_id, report_id, factor)` for each factor of the findings that
 * stand behind them. Of a report: its findings as the edition in force published them; of cross-case findings: their basis, unless withdrawn.
 * @param ids the recommendations asked for
 */
export function basisOf(db: Kysely<Schema>, ids: readonly string[]): RawBuilder<unknown> {
  const asked = sql`(select item.value ->> 0 from ${listed(db, JSON.stringify(ids.map((id) => [id])))})`;
  const split =
    dialectOf(db) === "sqlite"
      ? sql`json_each('["' || replace(edition_finding.factors, ',', '","') || '"]') as one`
      : sql`unnest(string_to_array(edition_finding.factors, ',')) as one(value)`;
  return sql`(
    select recommendation_finding.recommendation_id as recommendation_id, edition.report_id as report_id, one.value as factor
    from recommendation_finding
    join finding on finding.id = recommendation_finding.finding_id
    join edition on edition.report_id = finding.report_id and edition.superseded_at is null
    join edition_finding on edition_finding.edition_id = edition.id and edition_finding.number = finding.number
    cross join ${split}
    where recommendation_finding.recommendation_id in ${asked} and one.value <> ''
    union
    select recommendation_cross_finding.recommendation_id, cross_finding_basis.report_id, cross_finding_basis.factor
    from recommendation_cross_finding
    join cross_finding on cross_finding.id = recommendation_cross_finding.cross_finding_id and cross_finding.state <> 'withdrawn'
    join cross_finding_basis on cross_finding_basis.cross_finding_id = cross_finding.id
    where recommendation_cross_finding.recommendation_id in ${asked})`;
}

export type BasisCount = { cases: number; factors: number };

/** How many cases and factors stand behind each of some recommendations; those with none are left out. */
export async function basisCounts(db: Db | Tx, ids: readonly string[]): Promise<Map<string, BasisCount>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; cases: number | string; factors: number | string }>`
    select recommendation_id as id, count(distinct report_id) as cases, count(distinct factor) as factors
    from ${basisOf(db, ids)} as basis group by recommendation_id`.execute(db);
  return new Map(rows.map(({ id, cases, factors }) => [id, { cases: Number(cases), factors: Number(factors) }]));
}

/** The factors behind each of some recommendations, and the reports, each once. */
export async function basisRows(
  db: Db | Tx,
  ids: readonly string[],
): Promise<{ recommendation: string; report: string; factor: string }[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ recommendation: string; report: string; factor: string }>`
    select recommendation_id as recommendation, report_id as report, factor from ${basisOf(db, ids)} as basis
    order by recommendation_id, report_id, factor`.execute(db);
  return rows;
}
