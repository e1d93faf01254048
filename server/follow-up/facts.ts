import { sql } from "kysely";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { RecommendationFacts } from "../../workflows/recommendation.machine.ts";
import { dayOf } from "../http/formats.ts";

/** The addressee code that names nobody to lead. */
export const NO_LEAD = "multi";

type Of = Pick<
  RecommendationTable,
  "id" | "report_id" | "addressee" | "deadline" | "answer_due" | "implementation" | "evidence_question_at"
>;

/**
 * What the rules of a recommendation look at, read from the rows as they are now.
 * @param now an instant; the day of Paris it falls on is what deadlines are compared with
 */
export async function recommendationFactsOf(db: Db | Tx, one: Of, now: string): Promise<RecommendationFacts> {
  const { rows } = await sql<{ standing: number | string }>`
    select (select count(*) from recommendation_finding join finding on finding.id = finding_id
        where recommendation_id = ${one.id} and deleted_at is null and (status = 'approved' or exists (
          select 1 from edition join edition_finding on edition_finding.edition_id = edition.id
          join report on report.id = edition.report_id and report.state <> 'set_aside'
          where edition.report_id = finding.report_id and edition.superseded_at is null and edition_finding.number = finding.number)))
      + (select count(*) from recommendation_cross_finding join cross_finding on cross_finding.id = cross_finding_id
        where recommendation_id = ${one.id} and state = 'approved') as standing`.execute(db);
  const reports = sql`(select ${one.report_id} as id union select report_id from cross_finding_basis
    join recommendation_cross_finding on recommendation_cross_finding.cross_finding_id = cross_finding_basis.cross_finding_id
    where recommendation_id = ${one.id})`;
  const coders = await sql<{ id: string }>`
    select by as id from coding_act where report_id in ${reports}
    union select decided_by from adjudication where report_id in ${reports}
    union select created_by from chronology_entry where report_id in ${reports}
    union select updated_by from chronology_entry where report_id in ${reports}
    union select analyst_id from assignment where report_id in ${reports} and ended_at is null
    union select by from report_event where report_id in ${reports}
      and type in ('CODING_SUBMITTED', 'LAYER_SUBMITTED', 'ADJUDICATION_SUBMITTED')`.execute(db);
  // Whoever wrote a finding behind it, or anything of its report, approves it no more than whoever wrote its words.
  const authors = await sql<{ id: string }>`
    select account_id as id from recommendation_author where recommendation_id = ${one.id}
    union select account_id from report_author where report_id = ${one.report_id}
    union select account_id from cross_finding_author
      join recommendation_cross_finding on recommendation_cross_finding.cross_finding_id = cross_finding_author.cross_finding_id
      where recommendation_id = ${one.id}`.execute(db);
  return {
    today: dayOf(now),
    authors: authors.rows.map(({ id }) => id),
    coders: coders.rows.map(({ id }) => id),
    leadNamed: one.addressee !== NO_LEAD,
    deadline: one.deadline,
    answerDue: one.answer_due,
    standingFindings: Number(rows[0]!.standing),
    evidenceQuestioned: one.evidence_question_at !== null,
    implementation: one.implementation,
  };
}
