import { sql } from "kysely";
import type { CrossFindingTable, CrossFindingTextTable, Db, FindingKind, Tx } from "../../db/schema.ts";
import type { CrossFindingState } from "../../workflows/cross-finding.decide.ts";
import type { PublicCheck } from "../findings/public-checklist.ts";
import { around } from "../findings/queries.ts";
import { foldText } from "../reports/fold.ts";
import type { Basis, Pair } from "./evidence.ts";
import { keyOf } from "./evidence.ts";

export const FINDINGS_PER_PAGE = 25;
/** Cases offered at once for a factor: more are found by narrowing. */
export const CASES_OFFERED = 40;

export type FindingFilter = {
  kind: FindingKind | null;
  /** Code of a factor that it rests on. */
  factor: string | null;
  service: string | null;
  /** Of the writing for cross-case findings, of the act for those of a report. */
  year: number | null;
  /** Searched in both statements, the reference and the receipt numbers, whatever the case and accents. */
  text: string | null;
  page: number;
};
export type CrossFindingLine = Pick<
  CrossFindingTable,
  | "id"
  | "reference"
  | "state"
  | "kind"
  | "statement"
  | "public_statement"
  | "service"
  | "written_at"
  | "approved_at"
  | "evidence_changed_at"
> & { reports: string[]; factors: string[] };

const holds = (sought: string | null, ...texts: (string | null)[]): boolean => {
  if (!sought) return true;
  const wanted = foldText(sought);
  return texts.some((one) => one !== null && foldText(one).includes(wanted));
};
const cut = <Row>(rows: Row[], page: number): Row[] => rows.slice((page - 1) * FINDINGS_PER_PAGE, page * FINDINGS_PER_PAGE);

/** Cross-case findings that the filter lets through, the latest reference first. They are counted in hundreds at most. */
export async function listCrossFindings(
  db: Db | Tx,
  { state, kind, factor, service, year, text, page }: FindingFilter & { state: CrossFindingState | null },
): Promise<{ total: number; lines: CrossFindingLine[] }> {
  let query = db
    .selectFrom("cross_finding")
    .select([
      "id", "reference", "state", "kind", "statement", "public_statement", "service", "written_at", "approved_at", "evidence_changed_at",
    ]) // biome-ignore format: a list
    .orderBy("reference", "desc");
  if (state) query = query.where("state", "=", state);
  if (kind) query = query.where("kind", "=", kind);
  if (year) query = query.where("reference", "like", `CT-${year}-%`);
  if (factor)
    query = query.where("id", "in", (of) => of.selectFrom("cross_finding_basis").select("cross_finding_id").where("factor", "=", factor));
  const rows = await query.execute();
  const basis = Map.groupBy(
    await db.selectFrom("cross_finding_basis").select(["cross_finding_id", "report_id", "factor"]).orderBy("report_id").execute(),
    ({ cross_finding_id }) => cross_finding_id,
  );
  const kept = rows
    .map((row): CrossFindingLine => {
      const own = basis.get(row.id) ?? [];
      return {
        ...row,
        reports: [...new Set(own.map(({ report_id }) => report_id))],
        factors: [...new Set(own.map((one) => one.factor))],
      };
    })
    .filter((one) => holds(text, one.reference, one.statement, one.public_statement, one.reports.join(" ")) && holds(service, one.service));
  return { total: kept.length, lines: cut(kept, page) };
}

/** Years in which cross-case findings were first written, latest first. */
export async function listWritingYears(db: Db | Tx): Promise<string[]> {
  const rows = await db.selectFrom("cross_finding").select("reference").execute();
  return [...new Set(rows.map(({ reference }) => reference.slice(3, 7)))].sort().reverse();
}

export type PublishedFindingLine = {
  reportId: string;
  edition: number;
  number: number;
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  factors: string[];
  codebookVersion: string;
  actDate: string;
  publishedAt: string;
};

/** Approved findings of the reports' editions in force that the filter lets through, latest act first; reports set aside since left out. */
export async function searchPublishedFindings(
  db: Db | Tx,
  { kind, factor, service, year, text, page }: FindingFilter,
): Promise<{ total: number; lines: PublishedFindingLine[] }> {
  let query = db
    .selectFrom("edition_finding")
    .innerJoin("edition", "edition.id", "edition_finding.edition_id")
    .innerJoin("report", "report.id", "edition.report_id")
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside");
  if (kind) query = query.where("edition_finding.kind", "=", kind);
  if (year) query = query.where("edition.act_date", ">=", `${year}-01-01`).where("edition.act_date", "<=", `${year}-12-31`);
  if (factor) query = query.where(sql<boolean>`',' || edition_finding.factors || ',' like ${`%,${factor},%`}`);
  const columns = query
    .select([
      "edition.report_id as reportId", "edition.number as edition", "edition_finding.number", "edition_finding.kind",
      "edition_finding.statement", "edition_finding.public_statement as publicStatement", "edition_finding.service",
      "edition_finding.factors", "edition.codebook_version as codebookVersion", "edition.act_date as actDate",
      "edition.published_at as publishedAt",
    ]) // biome-ignore format: a list
    .orderBy("edition.act_date", "desc")
    .orderBy("edition.report_id", "desc")
    .orderBy("edition_finding.number");
  const line = ({ factors, ...row }: Awaited<ReturnType<typeof columns.execute>>[number]): PublishedFindingLine => ({
    ...row,
    factors: factors.split(",").filter(Boolean),
  });
  if (!text && !service) {
    const { n } = await query.select((e) => e.fn.countAll().as("n")).executeTakeFirstOrThrow();
    const rows = await columns
      .limit(FINDINGS_PER_PAGE)
      .offset((page - 1) * FINDINGS_PER_PAGE)
      .execute();
    return { total: Number(n), lines: rows.map(line) };
  }
  // Accents and case are folded here: neither database does it alike.
  const kept = (await columns.execute()).filter(
    (one) => holds(text, one.statement, one.publicStatement, one.reportId) && holds(service, one.service),
  );
  return { total: kept.length, lines: cut(kept, page).map(line) };
}

/** Years of the acts of the editions in force, latest first. */
export async function listActYears(db: Db | Tx): Promise<string[]> {
  const { rows } = await sql<{ year: string }>`select distinct substr(act_date, 1, 4) as year from edition
    where superseded_at is null order by year desc`.execute(db);
  return rows.map(({ year }) => year);
}

export type CaseSought = {
  factors: readonly string[];
  year: number | null;
  /** Receipt numbers; empty for any. */
  reports: readonly string[];
  /** Whatever is documented, and not only what is present, where a factor is one of presence. */
  all: boolean;
};

/**
 * Published cases in which one of the factors is present (documented, for factors that are not of presence), latest act first, reports set
 * aside left out.
 * @param presence codes, among the factors, of those of presence
 * @returns CASES_OFFERED receipt numbers at most, and how many there are in all
 */
export async function findCases(
  db: Db | Tx,
  { factors, year, reports, all }: CaseSought,
  presence: ReadonlySet<string>,
): Promise<{ total: number; reports: string[] }> {
  if (factors.length === 0) return { total: 0, reports: [] };
  const own = factors.filter((code) => presence.has(code) && !all);
  const any = factors.filter((code) => !own.includes(code));
  // Each half is answered from the index of the figures alone.
  const said = sql.join(
    [
      ...(own.length > 0 ? [sql`select edition_id from edition_value where factor in (${sql.join(own)}) and value = 'present'`] : []),
      ...(any.length > 0
        ? [sql`select edition_id from edition_value where factor in (${sql.join(any)}) and value not in ('unknown', 'not_available')`]
        : []),
    ],
    sql` union `,
  );
  const from = sql`from edition join report on report.id = edition.report_id
    where edition.superseded_at is null and report.state <> 'set_aside' and edition.id in (${said})
      ${year === null ? sql`` : sql`and edition.act_date >= ${`${year}-01-01`} and edition.act_date <= ${`${year}-12-31`}`}
      ${reports.length === 0 ? sql`` : sql`and edition.report_id in (${sql.join([...reports])})`}`;
  const { rows: counted } = await sql<{ n: number | string }>`select count(*) as n ${from}`.execute(db);
  const { rows } = await sql<{ id: string }>`select edition.report_id as id ${from}
    order by edition.act_date desc, edition.report_id desc limit ${CASES_OFFERED}`.execute(db);
  return { total: Number(counted[0]!.n), reports: rows.map(({ id }) => id) };
}

/** What the list of factors is read with: published cases in which each is documented, and present where it is one of presence. */
export type FactorCounts = Map<string, { present: number; documented: number }>;

/**
 * Published cases by factor.
 * @param reports only among these receipt numbers; empty for all
 */
export async function countByFactor(db: Db | Tx, reports: readonly string[]): Promise<FactorCounts> {
  const { rows } = await sql<{ factor: string; present: number | string; documented: number | string }>`
    select factor, count(distinct case when value = 'present' then edition_id end) as present, count(distinct edition_id) as documented
    from edition_value where value not in ('unknown', 'not_available') and edition_id in (
      select edition.id from edition join report on report.id = edition.report_id
      where edition.superseded_at is null and report.state <> 'set_aside'
        ${reports.length === 0 ? sql`` : sql`and edition.report_id in (${sql.join([...reports])})`})
    group by factor`.execute(db);
  return new Map(rows.map(({ factor, present, documented }) => [factor, { present: Number(present), documented: Number(documented) }]));
}

/** Of these receipt numbers, those that no published case has. */
export async function unpublished(db: Db | Tx, reports: readonly string[]): Promise<string[]> {
  if (reports.length === 0) return [];
  const rows = await db
    .selectFrom("edition")
    .innerJoin("report", "report.id", "edition.report_id")
    .select("report.id")
    .where("superseded_at", "is", null)
    .where("report.state", "<>", "set_aside")
    .where("report.id", "in", [...reports])
    .execute();
  return reports.filter((one) => !rows.some(({ id }) => id === one));
}

/** A passage that shows a factor of a report, with the words around it. */
export type PlacedPassage = {
  id: string;
  document: number;
  fileName: string;
  page: number | null;
  quote: string;
  before: string;
  after: string;
};

/**
 * The passages that show these factors as the reports are coded now, by `keyOf`, in the order of the documents. While two code blind nothing
 * is shown: it would tell one of the other.
 */
export async function passagesBehind(db: Db | Tx, pairs: readonly Pair[]): Promise<Map<string, PlacedPassage[]>> {
  const found = new Map<string, PlacedPassage[]>();
  if (pairs.length === 0) return found;
  const wanted = new Set(pairs.map(keyOf));
  const rows = await db
    .selectFrom("coding")
    .innerJoin("report", (join) => join.onRef("report.id", "=", "coding.report_id").onRef("report.counted_layer", "=", "coding.layer"))
    .innerJoin("coding_passage", "coding_passage.coding_id", "coding.id")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .innerJoin("document", "document.id", "passage.document_id")
    .select([
      "coding.report_id", "coding.factor", "passage.id", "passage.document_id", "passage.starts", "passage.ends", "passage.page",
      "passage.quote", "document.number", "document.file_name",
    ]) // biome-ignore format: a list
    .where("report.coding_mode", "<>", "blind")
    .where("coding.report_id", "in", [...new Set(pairs.map(({ reportId }) => reportId))])
    .where("coding.factor", "in", [...new Set(pairs.map(({ factor }) => factor))])
    .orderBy("document.number")
    .orderBy("passage.starts")
    .orderBy("passage.id")
    .execute();
  const shown = rows.filter(({ report_id, factor }) => wanted.has(keyOf({ reportId: report_id, factor })));
  const ids = [...new Set(shown.map(({ document_id }) => document_id))];
  const texts = new Map<string, { text: string; pages: { number: number; start: number; end: number }[] }>();
  for (let at = 0; at < ids.length; at += 100)
    for (const { id, text, pages } of await db
      .selectFrom("document")
      .select(["id", "text", "pages"])
      .where("id", "in", ids.slice(at, at + 100))
      .execute())
      texts.set(id, { text, pages: JSON.parse(pages) as { number: number; start: number; end: number }[] });
  for (const row of shown) {
    const key = keyOf({ reportId: row.report_id, factor: row.factor });
    const own = found.get(key) ?? [];
    found.set(key, own);
    if (own.some(({ id }) => id === row.id)) continue; // one passage may show a factor of two persons
    const document = texts.get(row.document_id)!;
    const placed = row.starts !== null && row.ends !== null;
    own.push({
      id: row.id,
      document: row.number,
      fileName: row.file_name,
      page:
        row.page ?? (placed ? (document.pages.find(({ start, end }) => start <= row.starts! && row.starts! < end)?.number ?? null) : null),
      quote: row.quote,
      ...(placed ? around(document.text, row.starts!, row.ends!) : { before: "", after: "" }),
    });
  }
  return found;
}

export type ApprovedText = Omit<CrossFindingTextTable, "basis" | "checklist"> & {
  basis: Omit<Basis, "passages">[];
  checklist: PublicCheck[];
  approver: string;
};
/** The texts of a finding that were approved, the latest first. */
export async function listTexts(db: Db | Tx, crossFindingId: string): Promise<ApprovedText[]> {
  const rows = await db
    .selectFrom("cross_finding_text")
    .innerJoin("account", "account.id", "cross_finding_text.approved_by")
    .selectAll("cross_finding_text")
    .select("account.name as approver")
    .where("cross_finding_id", "=", crossFindingId)
    .orderBy("number", "desc")
    .execute();
  return rows.map(({ basis, checklist, ...row }) => ({
    ...row,
    basis: JSON.parse(basis) as Omit<Basis, "passages">[],
    checklist: checklist ? (JSON.parse(checklist) as PublicCheck[]) : [],
  }));
}

/** The words that a reviewer proposed and that wait for the author. */
export const findProposal = (db: Db | Tx, crossFindingId: string) =>
  db
    .selectFrom("cross_finding_proposal")
    .innerJoin("account", "account.id", "cross_finding_proposal.proposed_by")
    .selectAll("cross_finding_proposal")
    .select("account.name as proposer")
    .where("cross_finding_id", "=", crossFindingId)
    .where("outcome", "is", null)
    .executeTakeFirst();

/** Every dissent recorded, oldest first; those withdrawn since say when. */
export const listDissents = (db: Db | Tx, crossFindingId: string) =>
  db
    .selectFrom("cross_finding_dissent")
    .innerJoin("account", "account.id", "cross_finding_dissent.by")
    .select(["cross_finding_dissent.id", "text", "by", "at", "withdrawn_at", "account.name"])
    .where("cross_finding_id", "=", crossFindingId)
    .orderBy("at")
    .orderBy("cross_finding_dissent.id")
    .execute();

/** Recommendations that rest on a cross-case finding, drafts included. */
export const listRecommendationsOn = (db: Db | Tx, crossFindingId: string) =>
  db
    .selectFrom("recommendation")
    .innerJoin("recommendation_cross_finding", "recommendation_cross_finding.recommendation_id", "recommendation.id")
    .select(["recommendation.reference", "recommendation.text", "recommendation.state", "recommendation.evidence_question_at"])
    .where("cross_finding_id", "=", crossFindingId)
    .where("deleted_at", "is", null)
    .orderBy("recommendation.reference")
    .execute();
