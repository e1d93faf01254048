import { type Expression, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { Db, RecommendationTable, Schema, Tx } from "../../db/schema.ts";
import type { RecommendationState } from "../../workflows/recommendation.decide.ts";
import type { Option } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { dayOf } from "../http/formats.ts";
import type { Language } from "../http/words.ts";
import type { EditionContent } from "../reports/editions.ts";
import { foldText } from "../reports/fold.ts";

/**
 * States that the register shows: drafts are the business of their report, and so is whether an analyst took one out of the next edition.
 */
export const REGISTERED = [
  "approved",
  "issued",
  "answered",
  "assessed",
  "closed",
  "withdrawn",
] as const satisfies readonly RecommendationState[];
export type RegisteredState = (typeof REGISTERED)[number];

export const SORTS = ["reference", "destinataire", "echeance", "statut"] as const;
export type RegisterSort = (typeof SORTS)[number];
export type RegisterFilter = {
  /** Of the approval, time of Paris. */
  year: number | null;
  addressee: string | null;
  level: string | null;
  theme: string | null;
  type: string | null;
  state: RegisteredState | null;
  /** Searched in the text, the reference and the receipt number, whatever the case and accents. */
  text: string | null;
  sort: RegisterSort;
  descending: boolean;
};
export const RECOMMENDATIONS_PER_PAGE = 50;

export type RegisterLine = Pick<
  RecommendationTable,
  | "id"
  | "reference"
  | "report_id"
  | "text"
  | "addressee"
  | "level"
  | "theme"
  | "type"
  | "origin"
  | "deadline"
  | "state"
  | "approved_at"
  | "issued_at"
> & {
  /** Internal numbers of the findings it rests on, ascending. */
  findings: number[];
};

/** The first instant of a year in Paris, which is one hour ahead in winter. */
const yearStarts = (year: number): string => `${year - 1}-12-31T23:00:00.000Z`;

const registered = (db: Db | Tx, f: RegisterFilter) => {
  let q = db.selectFrom("recommendation").where("recommendation.state", "in", f.state ? [f.state] : [...REGISTERED]);
  if (f.year)
    q = q.where("recommendation.approved_at", ">=", yearStarts(f.year)).where("recommendation.approved_at", "<", yearStarts(f.year + 1));
  if (f.addressee) q = q.where("recommendation.addressee", "=", f.addressee);
  if (f.level) q = q.where("recommendation.level", "=", f.level);
  if (f.theme) q = q.where("recommendation.theme", "=", f.theme);
  if (f.type) q = q.where("recommendation.type", "=", f.type);
  return q as SelectQueryBuilder<Schema, "recommendation", object>;
};

/** A column of codes as the place of each in a list, so that both databases sort as the reader's language does. */
const placeIn = (column: Expression<string>, codes: readonly string[]): RawBuilder<number> =>
  sql<number>`case ${column} ${sql.join(
    codes.map((code, at) => sql`when ${code} then ${sql.lit(at)}`),
    sql` `,
  )} else ${sql.lit(codes.length)} end`;

/** Codes of the addressees in the order of their labels. */
const byAddresseeLabel = (addressees: readonly Option[], language: Language): string[] => {
  const { compare } = new Intl.Collator(language);
  return [...addressees].sort((a, b) => compare(labelOf(a, language), labelOf(b, language))).map(({ code }) => code);
};

/**
 * Ids of the recommendations that the filter lets through, in its order; ties by reference. Text is compared here and not in SQL, folded the
 * same way on both databases (a few milliseconds for some thousands of recommendations).
 */
async function matchingIds(db: Db | Tx, f: RegisterFilter, addressees: readonly Option[], language: Language): Promise<string[]> {
  const direction = f.descending ? "desc" : "asc";
  let q = registered(db, f).select("recommendation.id");
  if (f.sort === "destinataire")
    q = q.orderBy(placeIn(sql.ref("recommendation.addressee"), byAddresseeLabel(addressees, language)), direction);
  if (f.sort === "statut") q = q.orderBy(placeIn(sql.ref("recommendation.state"), REGISTERED), direction);
  if (f.sort === "echeance")
    q = q.orderBy(sql`case when recommendation.deadline is null then 1 else 0 end`).orderBy("recommendation.deadline", direction);
  q = q.orderBy("recommendation.reference", f.sort === "reference" ? direction : "asc");
  const wanted = f.text ? foldText(f.text) : "";
  if (wanted === "") return (await q.execute()).map(({ id }) => id);
  const rows = await q.select(["recommendation.text", "recommendation.reference", "recommendation.report_id"]).execute();
  return rows
    .filter(({ text, reference, report_id }) => foldText(`${reference} ${report_id} ${text}`).includes(wanted))
    .map(({ id }) => id);
}

/** The lines of these recommendations, in the order of the ids. */
async function linesOf(db: Db | Tx, ids: readonly string[]): Promise<RegisterLine[]> {
  const found = new Map<string, RegisterLine>();
  // Both databases limit how many values one query may carry.
  for (let at = 0; at < ids.length; at += 500) {
    const some = ids.slice(at, at + 500);
    const rows = await db
      .selectFrom("recommendation")
      .select([
        "id", "reference", "report_id", "text", "addressee", "level", "theme", "type", "origin", "deadline", "state", "approved_at",
        "issued_at",
      ]) // biome-ignore format: a list
      .where("id", "in", some)
      .execute();
    const ties = await db
      .selectFrom("recommendation_finding")
      .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
      .select(["recommendation_finding.recommendation_id", "finding.number"])
      .where("recommendation_finding.recommendation_id", "in", some)
      .where("finding.deleted_at", "is", null)
      .orderBy("finding.number")
      .execute();
    const numbers = Map.groupBy(ties, ({ recommendation_id }) => recommendation_id);
    for (const row of rows) found.set(row.id, { ...row, findings: (numbers.get(row.id) ?? []).map(({ number }) => number) });
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/**
 * The register: what the filter lets through, in its order.
 * @param page a page of 50, or null for all of them
 * @param addressees the list that the addressees' labels come from: sorting by addressee follows the reader's language
 */
export async function listRegister(
  db: Db | Tx,
  filter: RegisterFilter,
  { page, addressees, language }: { page: number | null; addressees: readonly Option[]; language: Language },
): Promise<{ total: number; lines: RegisterLine[] }> {
  const ids = await matchingIds(db, filter, addressees, language);
  const shown = page === null ? ids : ids.slice((page - 1) * RECOMMENDATIONS_PER_PAGE, page * RECOMMENDATIONS_PER_PAGE);
  return { total: ids.length, lines: await linesOf(db, shown) };
}

/** Years in which recommendations of the register were approved, latest first. */
export async function listApprovalYears(db: Db | Tx): Promise<number[]> {
  const { first, last } = await db
    .selectFrom("recommendation")
    .select((e) => [e.fn.min("approved_at").as("first"), e.fn.max("approved_at").as("last")])
    .where("state", "in", [...REGISTERED])
    .executeTakeFirstOrThrow();
  if (!first || !last) return [];
  const [from, to] = [Number(dayOf(first).slice(0, 4)), Number(dayOf(last).slice(0, 4))];
  return Array.from({ length: to - from + 1 }, (_, at) => to - at);
}

/**
 * The findings that carry a recommendation, as the last edition that holds it published them: what a reviewer approved, not what is being
 * rewritten since.
 */
export async function findingsBehind(db: Db | Tx, { report_id, reference }: Pick<RecommendationTable, "report_id" | "reference">) {
  if (report_id === null) return null;
  const editions = await db
    .selectFrom("edition")
    .select(["number", "content", "published_at"])
    .where("report_id", "=", report_id)
    .orderBy("number", "desc")
    .execute();
  for (const { number, content, published_at } of editions) {
    const { recommendations, findings } = JSON.parse(content) as EditionContent;
    const carried = recommendations.find((one) => one.reference === reference);
    if (carried)
      return { edition: number, publishedAt: published_at, findings: findings.filter((one) => carried.findings.includes(one.number)) };
  }
  return null;
}
