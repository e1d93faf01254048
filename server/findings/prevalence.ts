import { sql } from "kysely";
import type { Db, Tx } from "../../db/schema.ts";

/** In how many published cases a factor has some values, with both denominators; a case where nothing is said counts as documented nowhere. */
export type Prevalence = {
  /** Cases of the editions in force that were asked about it, less those in which the measure did not exist yet. */
  cases: number;
  /** Of those, cases in which it is documented for somebody at least. */
  documented: number;
  /** Of those, cases in which somebody has one of the values. */
  hits: number;
};

/**
 * Counts factors over the editions in force, a case once, whoever of it the factor is about. Cases coded under a version of the codebook in
 * which the factor asked for something else are left out.
 * @param version the version whose factors these are
 * @param asked factors, each with the values that are looked for; one query for all
 */
export async function prevalenceOf(
  db: Db | Tx,
  version: string,
  asked: readonly { factor: string; values: readonly string[] }[],
): Promise<Map<string, Prevalence>> {
  if (asked.length === 0) return new Map();
  const looked = asked.filter(({ values }) => values.length > 0);
  const has =
    looked.length === 0
      ? sql`0`
      : sql`case when ${sql.join(
          looked.map(({ factor, values }) => sql`(said.factor = ${factor} and said.value in (${sql.join([...values])}))`),
          sql` or `,
        )} then 1 else 0 end`;
  const { rows } = await sql<{ factor: string } & Record<keyof Prevalence, number | string>>`
    select factor, count(*) as cases, sum(documented) as documented, sum(hit) as hits from (
      select said.factor, said.edition_id,
        max(case when said.value in ('unknown', 'not_available') then 0 else 1 end) as documented,
        min(case when said.value = 'not_available' then 1 else 0 end) as not_yet,
        max(${has}) as hit
      from edition_value as said
      join edition on edition.id = said.edition_id and edition.superseded_at is null
      join report on report.id = edition.report_id and report.state <> 'set_aside'
      join codebook_factor as then_asked on then_asked.codebook_version = edition.codebook_version and then_asked.code = said.factor
      join codebook_factor as asked on asked.codebook_version = ${version} and asked.code = said.factor
        and asked.type = then_asked.type and asked.applies_to = then_asked.applies_to
      where said.factor in (${sql.join(asked.map(({ factor }) => factor))})
      group by said.factor, said.edition_id) as per_case
    where not_yet = 0 group by factor`.execute(db);
  const counted = new Map(rows.map((row) => [row.factor, row]));
  return new Map(
    asked.map(({ factor }) => {
      const row = counted.get(factor);
      return [factor, { cases: Number(row?.cases ?? 0), documented: Number(row?.documented ?? 0), hits: Number(row?.hits ?? 0) }];
    }),
  );
}
