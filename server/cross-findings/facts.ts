import { sql } from "kysely";
import type { CrossFindingTable, Db, Tx } from "../../db/schema.ts";
import type { CrossFindingFacts } from "../../workflows/cross-finding.machine.ts";
import { basisChanges, basisOf, evidenceNow, pairOf } from "./evidence.ts";

type Of = Pick<CrossFindingTable, "id" | "public_statement" | "second_review" | "confirmed_by" | "standing_text">;

/** What the rules of a cross-case finding look at, read from the rows as they are now. */
export async function crossFindingFactsOf(db: Db | Tx, one: Of): Promise<CrossFindingFacts> {
  const basis = await basisOf(db, one.id);
  const changes = basisChanges(basis, await evidenceNow(db, basis.map(pairOf)));
  const reports = sql`(select report_id from cross_finding_basis where cross_finding_id = ${one.id})`;
  const people = await sql<{ part: "author" | "coder" | "dissenter" | "words"; id: string }>`
    select 'author' as part, account_id as id from cross_finding_author where cross_finding_id = ${one.id}
    union select 'dissenter', by from cross_finding_dissent where cross_finding_id = ${one.id} and withdrawn_at is null
    union select 'words', proposed_by from cross_finding_proposal where cross_finding_id = ${one.id} and outcome is null
    union select 'coder', by from coding_act where report_id in ${reports}
    union select 'coder', decided_by from adjudication where report_id in ${reports}
    union select 'coder', created_by from chronology_entry where report_id in ${reports}
    union select 'coder', updated_by from chronology_entry where report_id in ${reports}
    union select 'coder', account_id from report_author where report_id in ${reports}
    union select 'coder', analyst_id from assignment where report_id in ${reports} and ended_at is null
    union select 'coder', by from report_event where report_id in ${reports}
      and type in ('CODING_SUBMITTED', 'LAYER_SUBMITTED', 'ADJUDICATION_SUBMITTED', 'FINDINGS_SUBMITTED')`.execute(db);
  const ids = (part: string) => people.rows.filter((row) => row.part === part).map(({ id }) => id);
  return {
    authors: ids("author"),
    coders: ids("coder"),
    reports: new Set(basis.map(({ report_id }) => report_id)).size,
    fallen: new Set(changes.filter(({ what }) => what === "fallen").map(({ reportId }) => reportId)).size,
    changed: changes.filter(({ what }) => what !== "fallen").length,
    hasPublicStatement: one.public_statement !== null,
    wordsWait: ids("words").length > 0,
    secondReview: one.second_review,
    confirmer: one.confirmed_by,
    standing: one.standing_text !== null,
    dissenters: ids("dissenter"),
  };
}
