import { sql } from "kysely";
import { keptQuery } from "../../db/kept-query.ts";
import type { Db, ReportTable, Tx } from "../../db/schema.ts";
import type { FindingFacts, LayerFacts, ReportFacts } from "../../workflows/report.machine.ts";
import { DIRECTIONAL_SECTION } from "../codebook/definition.ts";
import { NotFound } from "../http/errors.ts";
import { countStopping, type ReportOnFile } from "./quality/load.ts";

type Of = Pick<ReportTable, "id" | "codebook_version" | "deposited_by" | "coding_mode" | "counted_layer" | "second_direction">;

const assignments = keptQuery((db, id) =>
  db
    .selectFrom("assignment")
    .select(["analyst_id", "layer", "submitted_at"])
    .where("report_id", "=", id)
    .where("ended_at", "is", null)
    .orderBy("layer")
    .compile(),
);

/** How many pairs (factor, whom it applies to) a report's codebook version asks for. */
const expected = ({ id, codebook_version, second_direction }: Of) => sql`
  (select coalesce(sum(case applies_to
      when 'case' then case when section = ${DIRECTIONAL_SECTION} then ${1 + second_direction} else 1 end
      else (select count(*) from person where person.report_id = ${id} and person.kind = codebook_factor.applies_to) end), 0)
    from codebook_factor where codebook_version = ${codebook_version})`;
/** Values of a layer, and those that lack the passage or the reason that would prove them. */
const coded = (id: string, layer: number) => sql`(select count(*) from coding where report_id = ${id} and layer = ${layer})`;
const unproven = (id: string, layer: number) => sql`
  (select count(*) from coding where report_id = ${id} and layer = ${layer} and value not in ('unknown', 'not_available')
    and (value = 'present' or reason is null) and not exists (select 1 from coding_passage where coding_id = coding.id))`;

type Count = number | string;
/** The two layers of a report that is coded blind, with what each lacks where that is asked for. */
async function layersOf(
  db: Db | Tx,
  report: Of,
  counted: boolean,
): Promise<{ layers: LayerFacts[]; differences: number; agreements: number }> {
  const { id } = report;
  const [active, coders] = [
    await assignments(db, id),
    await db.selectFrom("coding_act").select(["layer", "by"]).where("report_id", "=", id).where("layer", "in", [1, 2]).distinct().execute(),
  ];
  const lacks: { uncoded: number; unproven: number }[] = [];
  let [differences, agreements] = [0, 0];
  if (counted) {
    const { rows } = await sql<Record<"expected" | "first" | "second" | "first_bare" | "second_bare", Count>>`
      select ${expected(report)} as expected, ${coded(id, 1)} as first, ${coded(id, 2)} as second,
        ${unproven(id, 1)} as first_bare, ${unproven(id, 2)} as second_bare`.execute(db);
    const n = rows[0]!;
    const left = (count: Count) => Math.max(0, Number(n.expected) - Number(count));
    lacks.push({ uncoded: left(n.first), unproven: Number(n.first_bare) }, { uncoded: left(n.second), unproven: Number(n.second_bare) });
  }
  // Before both are in, not even how far they differ is counted: a reason in words would tell one coder of the other.
  if (counted && ([1, 2] as const).every((layer) => active.some((one) => one.layer === layer && one.submitted_at !== null))) {
    const open = await sql<Record<"differences" | "agreements", Count>>`
      select coalesce(sum(case when both_coded < 2 or said > 1 or known > 1 then 1 else 0 end), 0) as differences,
        coalesce(sum(case when both_coded < 2 or said > 1 or known > 1 then 0 else 1 end), 0) as agreements
      from (select factor, subject, count(*) as both_coded, count(distinct value) as said, count(distinct known_when) as known
        from coding where report_id = ${id} and layer in (1, 2) group by factor, subject) as pair
      where not exists (select 1 from coding as settled where settled.report_id = ${id} and settled.layer = 3
        and settled.factor = pair.factor and settled.subject = pair.subject)`.execute(db);
    [differences, agreements] = [Number(open.rows[0]!.differences), Number(open.rows[0]!.agreements)];
  }
  const layers = ([1, 2] as const).map((layer, at): LayerFacts => {
    const own = active.find((one) => one.layer === layer);
    return {
      analyst: own?.analyst_id ?? null,
      coders: coders.filter((one) => one.layer === layer).map(({ by }) => by),
      submitted: own?.submitted_at != null,
      ...(lacks[at] ?? { uncoded: 0, unproven: 0 }),
    };
  });
  return { layers, differences, agreements };
}

/** What the rules of the quiet events look at: who has the report and whose layer is open. A save asks for no more. */
export type QuietFacts = Pick<ReportFacts, "analysts" | "coding" | "layers" | "adjudicator">;
export async function quietFactsOf(db: Db | Tx, report: Of): Promise<QuietFacts> {
  const active = await assignments(db, report.id);
  return {
    analysts: active.map(({ analyst_id }) => analyst_id),
    coding: report.coding_mode,
    layers: report.coding_mode === "blind" ? (await layersOf(db, report, false)).layers : [],
    adjudicator: active.find(({ layer }) => layer === 3)?.analyst_id ?? null,
  };
}

/** What the rules look at for each finding of a report, by its number. */
export async function findingFactsOf(db: Db | Tx, reportId: string): Promise<Map<number, FindingFacts>> {
  const rows = await db
    .selectFrom("finding")
    .select((e) => [
      "id",
      "number",
      "status",
      "public_statement",
      "second_review",
      e
        .selectFrom("finding_proposal")
        .select("finding_proposal.kind")
        .whereRef("finding_proposal.finding_id", "=", "finding.id")
        .where("outcome", "is", null)
        .as("waiting"),
      e
        .selectFrom("finding_proposal")
        .select("finding_proposal.proposed_by")
        .whereRef("finding_proposal.finding_id", "=", "finding.id")
        .where("outcome", "is", null)
        .as("proposer"),
      e
        .selectFrom("finding_proposal")
        .select("finding_proposal.public_statement")
        .whereRef("finding_proposal.finding_id", "=", "finding.id")
        .where("outcome", "is", null)
        .as("public_words"),
      e
        .selectFrom("edition_finding")
        .innerJoin("edition", "edition.id", "edition_finding.edition_id")
        .select((of) => of.fn.countAll().as("n"))
        .whereRef("edition.report_id", "=", "finding.report_id")
        .whereRef("edition_finding.number", "=", "finding.number")
        .where("edition.superseded_at", "is", null)
        .as("published"),
    ])
    .where("report_id", "=", reportId)
    .where("deleted_at", "is", null)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const approvals = await db
    .selectFrom("finding_decision")
    .select(["finding_id", "by"])
    .where("finding_id", "in", ids)
    .where("decision", "=", "approved")
    .orderBy("id")
    .execute();
  const approver = new Map(approvals.map(({ finding_id, by }) => [finding_id, by]));
  const dissents = await db
    .selectFrom("finding_dissent")
    .select(["finding_id", "by"])
    .where("finding_id", "in", ids)
    .where("withdrawn_at", "is", null)
    .execute();
  return new Map(
    rows.map(({ id, number, status, public_statement, second_review, waiting, proposer, public_words, published }) => [
      number,
      {
        status,
        hasPublicStatement: public_statement !== null,
        waiting: waiting ?? null,
        proposer: proposer ?? null,
        approver: approver.get(id) ?? null,
        secondReview: second_review,
        newPublicWords: waiting !== null && (public_words ?? null) !== null && public_words !== public_statement,
        published: Number(published) > 0,
        dissenters: dissents.filter(({ finding_id }) => finding_id === id).map(({ by }) => by),
      },
    ]),
  );
}

/**
 * What the rules look at, read from the rows as they are now.
 * @param finding number of the finding that the event is about
 * @throws NotFound when the report has no such finding
 */
export async function factsOf(db: Db | Tx, report: Of & ReportOnFile, finding: number | null = null): Promise<ReportFacts> {
  const { id, counted_layer: layer } = report;
  const about = finding === null ? null : (await findingFactsOf(db, id)).get(finding);
  if (about === undefined) throw new NotFound();
  const { rows } = await sql<
    Record<
      | "documents"
      | "expected"
      | "coded"
      | "unproven"
      | "findings"
      | "bare"
      | "untied"
      | "draft"
      | "approved"
      | "returned"
      | "proposed"
      | "second"
      | "published",
      Count
    >
  >`
    select
      (select count(*) from document where report_id = ${id}) as documents,
      ${expected(report)} as expected, ${coded(id, layer)} as coded, ${unproven(id, layer)} as unproven,
      (select count(*) from finding where report_id = ${id} and deleted_at is null) as findings,
      (select count(*) from finding where report_id = ${id} and deleted_at is null
        and (not exists (select 1 from finding_factor where finding_id = finding.id)
          or not exists (select 1 from finding_passage where finding_id = finding.id)
          or exists (select 1 from finding_factor where finding_id = finding.id and not exists (
            select 1 from coding where report_id = ${id} and layer = ${layer} and coding.factor = finding_factor.factor and value <> 'unknown'))
          or exists (select 1 from finding_passage where finding_id = finding.id and not exists (
            select 1 from coding_passage join coding on coding.id = coding_passage.coding_id and layer = ${layer} and value <> 'unknown'
            join finding_factor on finding_factor.finding_id = finding.id and finding_factor.factor = coding.factor
            where coding_passage.passage_id = finding_passage.passage_id)))) as bare,
      (select count(*) from recommendation where report_id = ${id} and deleted_at is null and not exists (
        select 1 from recommendation_finding join finding on finding.id = recommendation_finding.finding_id
        where recommendation_id = recommendation.id and finding.deleted_at is null)) as untied,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'draft') as draft,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'approved') as approved,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'returned') as returned,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'edits_proposed') as proposed,
      (select count(*) from finding where report_id = ${id} and deleted_at is null and status = 'approved' and second_review = 'asked') as second,
      (select count(*) from edition_finding join edition on edition.id = edition_id where report_id = ${id} and superseded_at is null)
        as published`.execute(db);
  // Each coder is found by one step down the index: a report can have thousands of acts and has a few coders.
  const people = await sql<{ part: "coder" | "author"; id: string }>`
    with recursive coder (by) as (
      select min(by) from coding_act where report_id = ${id}
      union all
      select (select min(act.by) from coding_act as act where act.report_id = ${id} and act.by > coder.by) from coder where coder.by is not null
    )
    select 'coder' as part, by as id from coder where by is not null
    union select 'coder', decided_by from adjudication where report_id = ${id}
    union select 'coder', created_by from chronology_entry where report_id = ${id}
    union select 'coder', updated_by from chronology_entry where report_id = ${id}
    union select 'author', account_id from report_author where report_id = ${id}
    union select case type when 'FINDINGS_SUBMITTED' then 'author' else 'coder' end, by from report_event
      where report_id = ${id} and type in ('CODING_SUBMITTED', 'LAYER_SUBMITTED', 'ADJUDICATION_SUBMITTED', 'FINDINGS_SUBMITTED')`.execute(
    db,
  );
  const ids = (part: string) => people.rows.filter((row) => row.part === part).map((row) => row.id);
  const active = await assignments(db, id);
  const blind = report.coding_mode === "blind" ? await layersOf(db, report, true) : null;
  const n = rows[0]!;
  return {
    depositor: report.deposited_by,
    analysts: active.map(({ analyst_id }) => analyst_id),
    coding: report.coding_mode,
    layers: blind?.layers ?? [],
    adjudicator: active.find((one) => one.layer === 3)?.analyst_id ?? null,
    undecidedDifferences: blind?.differences ?? 0,
    unacceptedAgreements: blind?.agreements ?? 0,
    coders: ids("coder"),
    authors: ids("author"),
    documents: Number(n.documents),
    // While two code, what waits to be settled is counted as such: what is left here, neither of them coded.
    uncodedFactors: Math.max(0, Number(n.expected) - Number(n.coded) - (blind?.differences ?? 0) - (blind?.agreements ?? 0)),
    unprovenFactors: Number(n.unproven),
    findings: Number(n.findings),
    findingsWithoutEvidence: Number(n.bare),
    recommendationsWithoutFinding: Number(n.untied),
    blockingIssues: report.state === "coded" ? await countStopping(db, report) : 0,
    undecidedFindings: Number(n.draft),
    approvedFindings: Number(n.approved),
    returnedFindings: Number(n.returned),
    proposedFindings: Number(n.proposed),
    secondReviewsWaiting: Number(n.second),
    publishedFindings: Number(n.published),
    finding: about,
  };
}
