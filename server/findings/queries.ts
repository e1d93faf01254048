import type {
  CodingTable,
  Db,
  FindingDecisionTable,
  FindingDissentTable,
  FindingProposalTable,
  FindingTable,
  RecommendationTable,
  ReportTable,
  Tx,
} from "../../db/schema.ts";
import { sliceByCodePoints } from "../documents/quotes.ts";
import type { Page } from "../documents/read-document.ts";

/** A passage with the place where it stands. */
export type Evidence = {
  id: string;
  document: number;
  fileName: string;
  starts: number | null;
  ends: number | null;
  /** 1-based; null where the document's pages are not known. */
  page: number | null;
  quote: string;
  /** Up to 200 code points of the frozen text on each side, cut between words; empty for a passage of a page without text. */
  before: string;
  after: string;
};
export type CodedValue = Pick<
  CodingTable,
  "factor" | "subject" | "value" | "confidence" | "evidence_basis" | "known_when" | "note" | "reason"
> & { passages: string[] };
export type Decision = Pick<
  FindingDecisionTable,
  "finding_version" | "decision" | "category" | "checklist" | "changes" | "comment" | "at"
> & {
  by: string;
};
/** Words proposed for a finding; `by` and `decider` are names. */
export type Proposal = Omit<FindingProposalTable, "evidence" | "finding_id"> & { by: string; decider: string | null };
export type Dissent = Pick<FindingDissentTable, "id" | "text" | "at" | "withdrawn_at"> & { by: string; name: string };
export type FindingRow = FindingTable & {
  factors: string[];
  passages: string[];
  /** Ids of entries of the chronology. */
  entries: string[];
  decisions: Decision[];
  /** Oldest first; at most one without outcome. */
  proposals: Proposal[];
  dissents: Dissent[];
  writer: string;
};
export type RecommendationRow = RecommendationTable & { findings: number[] };

const AROUND = 200;

/** The words around a passage: whole sentences where they end near enough, else whole words. */
export function around(text: string, starts: number, ends: number): { before: string; after: string } {
  const from = Math.max(0, starts - AROUND);
  const before = sliceByCodePoints(text, from, starts);
  const after = sliceByCodePoints(text, ends, ends + AROUND);
  // A sentence or a paragraph that begins in the reach is where the context begins; else at the first whole word.
  const sentence = [...before.matchAll(/\n+|[.!?…»]\s+(?=\p{Lu}|«)/gu)].at(-1);
  const begin = sentence ? sentence.index + sentence[0].length : from === 0 ? 0 : before.search(/\s/u) + 1;
  const close = /\n|[.!?…](?=\s|$)/u.exec(after);
  const cut = after.search(/\s\S*$/u);
  const whole = [...after].length < AROUND;
  const end = close ? close.index + (close[0] === "\n" ? 0 : 1) : whole || cut < 0 ? after.length : cut;
  return {
    before: `${!sentence && from > 0 ? "… " : ""}${before.slice(begin)}`,
    after: `${after.slice(0, end)}${!close && !whole ? " …" : ""}`,
  };
}

/** Every passage of a report with its place and the words around it, in the order of the documents. */
export async function listPassages(db: Db | Tx, reportId: string): Promise<Map<string, Evidence>> {
  const documents = new Map(
    (
      await db.selectFrom("document").select(["id", "number", "file_name", "text", "pages"]).where("report_id", "=", reportId).execute()
    ).map(({ pages, ...document }) => [document.id, { ...document, pages: JSON.parse(pages) as Page[] }]),
  );
  const rows = await db.selectFrom("passage").selectAll().where("report_id", "=", reportId).execute();
  const found = rows.map((row): Evidence => {
    const document = documents.get(row.document_id)!;
    const placed = row.starts !== null && row.ends !== null;
    return {
      id: row.id,
      document: document.number,
      fileName: document.file_name,
      starts: row.starts,
      ends: row.ends,
      page:
        row.page ?? (placed ? (document.pages.find(({ start, end }) => start <= row.starts! && row.starts! < end)?.number ?? null) : null),
      quote: row.quote,
      ...(placed ? around(document.text, row.starts!, row.ends!) : { before: "", after: "" }),
    };
  });
  found.sort((a, b) => a.document - b.document || (a.page ?? 0) - (b.page ?? 0) || (a.starts ?? 0) - (b.starts ?? 0));
  return new Map(found.map((passage) => [passage.id, passage]));
}

/** The documented values of a report with their passages: everything but "not documented". */
export async function listDocumentedValues(db: Db | Tx, reportId: string): Promise<CodedValue[]> {
  const codings = await db
    .selectFrom("coding")
    .innerJoin("report", (join) => join.onRef("report.id", "=", "coding.report_id").onRef("report.counted_layer", "=", "coding.layer"))
    .select(["coding.id", "factor", "subject", "value", "confidence", "evidence_basis", "known_when", "note", "reason"])
    .where("report_id", "=", reportId)
    .where("value", "!=", "unknown")
    .execute();
  const ties = await db
    .selectFrom("coding_passage")
    .innerJoin("coding", "coding.id", "coding_passage.coding_id")
    .innerJoin("report", (join) => join.onRef("report.id", "=", "coding.report_id").onRef("report.counted_layer", "=", "coding.layer"))
    .select(["coding_id", "passage_id"])
    .where("report_id", "=", reportId)
    .execute();
  const passages = Map.groupBy(ties, ({ coding_id }) => coding_id);
  return codings.map(({ id, ...coding }) => ({ ...coding, passages: (passages.get(id) ?? []).map(({ passage_id }) => passage_id) }));
}

/** The findings of a report as they stand, by number, each with its evidence and every decision taken on it, oldest first. */
export async function listFindings(db: Db | Tx, reportId: string): Promise<FindingRow[]> {
  const findings = await db
    .selectFrom("finding")
    .innerJoin("account", "account.id", "finding.written_by")
    .selectAll("finding")
    .select("account.name as writer")
    .where("report_id", "=", reportId)
    .where("deleted_at", "is", null)
    .orderBy("number")
    .execute();
  const ids = findings.map(({ id }) => id);
  if (ids.length === 0) return [];
  const factors = await db.selectFrom("finding_factor").selectAll().where("finding_id", "in", ids).execute();
  const passages = await db.selectFrom("finding_passage").selectAll().where("finding_id", "in", ids).execute();
  const entries = await db.selectFrom("finding_chronology").selectAll().where("finding_id", "in", ids).execute();
  const decisions = await db
    .selectFrom("finding_decision")
    .innerJoin("account", "account.id", "finding_decision.by")
    .select(["finding_id", "finding_version", "decision", "category", "checklist", "changes", "comment", "at", "account.name as by"])
    .where("finding_id", "in", ids)
    .orderBy("finding_decision.id")
    .execute();
  const proposals = await db
    .selectFrom("finding_proposal")
    .innerJoin("account as proposer", "proposer.id", "finding_proposal.proposed_by")
    .leftJoin("account as decider", "decider.id", "finding_proposal.decided_by")
    .selectAll("finding_proposal")
    .select(["proposer.name as by", "decider.name as decider"])
    .where("finding_id", "in", ids)
    .orderBy("proposed_at")
    .execute();
  const dissents = await db
    .selectFrom("finding_dissent")
    .innerJoin("account", "account.id", "finding_dissent.by")
    .select(["finding_id", "finding_dissent.id", "text", "at", "withdrawn_at", "by", "account.name"])
    .where("finding_id", "in", ids)
    .orderBy("at")
    .orderBy("finding_dissent.id")
    .execute();
  return findings.map((finding) => ({
    ...finding,
    factors: factors.filter(({ finding_id }) => finding_id === finding.id).map(({ factor }) => factor),
    passages: passages.filter(({ finding_id }) => finding_id === finding.id).map(({ passage_id }) => passage_id),
    entries: entries.filter(({ finding_id }) => finding_id === finding.id).map(({ entry_id }) => entry_id),
    decisions: decisions.filter(({ finding_id }) => finding_id === finding.id).map(({ finding_id: _, ...decision }) => decision),
    proposals: proposals
      .filter(({ finding_id }) => finding_id === finding.id)
      .map(({ finding_id: _, evidence: __, ...proposal }) => proposal),
    dissents: dissents.filter(({ finding_id }) => finding_id === finding.id).map(({ finding_id: _, ...dissent }) => dissent),
  }));
}

/** The recommendations of a report as they stand, by number, with the numbers of the findings they rest on. */
export async function listRecommendations(db: Db | Tx, reportId: string): Promise<RecommendationRow[]> {
  const rows = await db
    .selectFrom("recommendation")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("deleted_at", "is", null)
    .orderBy("number")
    .execute();
  const ties = await db
    .selectFrom("recommendation_finding")
    .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
    .select(["recommendation_id", "finding.number"])
    .where("finding.report_id", "=", reportId)
    .where("finding.deleted_at", "is", null)
    .orderBy("finding.number")
    .execute();
  return rows.map((row) => ({
    ...row,
    findings: ties.filter(({ recommendation_id }) => recommendation_id === row.id).map(({ number }) => number),
  }));
}

/** Names of those who coded a report, and of those who wrote its findings. */
export async function listMakers(db: Db | Tx, report: Pick<ReportTable, "id">): Promise<{ coders: string[]; authors: string[] }> {
  const coders = await db
    .selectFrom("coding_act")
    .innerJoin("account", "account.id", "coding_act.by")
    .select("account.name")
    .where("report_id", "=", report.id)
    .distinct()
    .orderBy("account.name")
    .execute();
  const authors = await db
    .selectFrom("report_author")
    .innerJoin("account", "account.id", "report_author.account_id")
    .select("account.name")
    .where("report_id", "=", report.id)
    .orderBy("account.name")
    .execute();
  return { coders: coders.map(({ name }) => name), authors: authors.map(({ name }) => name) };
}

/** The values an edition froze for some factors: factor, kind of subject and value. */
export const listEditionValues = (db: Db | Tx, editionId: string, factors: readonly string[]) =>
  factors.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom("edition_value")
        .select(["factor", "subject", "subject_kind", "value"])
        .where("edition_id", "=", editionId)
        .where("factor", "in", [...factors])
        .orderBy("subject")
        .execute();
