import { type Expression, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { Db, RecommendationTable, Schema, Tx } from "../../db/schema.ts";
import type { RecommendationState } from "../../workflows/recommendation.decide.ts";
import type { Answer, AnswerAssessment, Implementation } from "../../workflows/recommendation.machine.ts";
import type { Option } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { countedOnce, hasSaid, type IssueYears, inSet, issuedIn, type OutcomeSet } from "../follow-up/conditions.ts";
import { answerIsOverdue, implementationIsOverdue } from "../follow-up/overdue.ts";
import { textFound } from "../follow-up/searched.ts";
import { dayOf } from "../http/formats.ts";
import type { Language } from "../http/words.ts";

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
/** "either": the answer or the implementation. */
export const OVERDUE = ["either", "answer", "implementation"] as const;
export type Overdue = (typeof OVERDUE)[number];
export type RegisterFilter = {
  /** Of the approval, time of Paris. */
  year: number | null;
  /** Who leads, or acts with them. */
  addressee: string | null;
  level: string | null;
  theme: string | null;
  type: string | null;
  state: RegisteredState | null;
  assessment: AnswerAssessment | null;
  implementation: Implementation | null;
  overdue: Overdue | null;
  /** Only those whose evidence was withdrawn or changed, and nobody decided since. */
  questioned: boolean;
  /** Of recommendations that are the same, one alone: as the follow-up counts them. */
  representatives: boolean;
  /** Those that a number of the follow-up counts. */
  followed: OutcomeSet | null;
  /** Years of the last issue. */
  issued: IssueYears | null;
  /** Who leads. */
  lead: string | null;
  /** What the addressee said last. */
  said: Answer | null;
  /** Searched in the text, the reference and the receipt number, word by word, whatever the case and accents. */
  text: string | null;
  sort: RegisterSort;
  descending: boolean;
  /** The day that deadlines are compared with, of Paris. */
  today: string;
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
  | "answer_due"
  | "closed_at"
  | "assessment"
  | "implementation"
  | "evidence_question_at"
> & {
  /** Internal numbers of the findings of its report it rests on, ascending. */
  findings: number[];
  /** References of the cross-case findings it rests on. */
  crossFindings: string[];
  /** Who is to act with the lead. */
  associated: string[];
  /** What the addressee last said since it was issued. */
  said: Answer | null;
};

/** The first instant of a year in Paris, which is one hour ahead in winter. */
const yearStarts = (year: number): string => `${year - 1}-12-31T23:00:00.000Z`;

type Registered = SelectQueryBuilder<Schema, "recommendation", object>;
const registered = (db: Db | Tx, f: RegisterFilter, states: readonly RegisteredState[]): Registered => {
  let q = db.selectFrom("recommendation").where("recommendation.state", "in", [...states]) as Registered;
  if (f.year)
    q = q.where("recommendation.approved_at", ">=", yearStarts(f.year)).where("recommendation.approved_at", "<", yearStarts(f.year + 1));
  if (f.addressee) {
    const addressee = f.addressee;
    q = q.where("recommendation.id", "in", (e) =>
      e
        .selectFrom("recommendation as led")
        .select("led.id")
        .where("led.addressee", "=", addressee)
        .union(e.selectFrom("recommendation_addressee").select("recommendation_id as id").where("addressee", "=", addressee)),
    );
  }
  if (f.level) q = q.where("recommendation.level", "=", f.level);
  if (f.theme) q = q.where("recommendation.theme", "=", f.theme);
  if (f.type) q = q.where("recommendation.type", "=", f.type);
  if (f.assessment) q = q.where("recommendation.assessment", "=", f.assessment);
  if (f.implementation) q = q.where("recommendation.implementation", "=", f.implementation);
  if (f.overdue === "answer") q = q.where(answerIsOverdue(f.today));
  if (f.overdue === "implementation") q = q.where(implementationIsOverdue(f.today));
  if (f.overdue === "either") q = q.where(sql<boolean>`(${answerIsOverdue(f.today)} or ${implementationIsOverdue(f.today)})`);
  if (f.questioned) q = q.where("recommendation.evidence_question_at", "is not", null);
  if (f.representatives) q = q.where(countedOnce);
  if (f.followed) q = q.where(inSet(f.followed, f.today));
  if (f.issued) q = q.where(issuedIn(f.issued));
  if (f.lead) q = q.where("recommendation.addressee", "=", f.lead);
  if (f.said) q = q.where(hasSaid(f.said));
  if (f.text) q = q.where(textFound(db, f.text));
  return q;
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

/** Ids of the recommendations that the filter lets through, in its order; those that sort alike by reference. */
export async function matchingIds(
  db: Db | Tx,
  f: RegisterFilter,
  { page, addressees, language }: { page: number | null; addressees: readonly Option[]; language: Language },
): Promise<string[]> {
  const direction = f.descending ? "desc" : "asc";
  let q = registered(db, f, f.state ? [f.state] : REGISTERED).select("recommendation.id");
  if (f.sort === "destinataire")
    q = q.orderBy(placeIn(sql.ref("recommendation.addressee"), byAddresseeLabel(addressees, language)), direction);
  if (f.sort === "statut") q = q.orderBy(placeIn(sql.ref("recommendation.state"), REGISTERED), direction);
  if (f.sort === "echeance") q = q.orderBy("recommendation.deadline", (o) => (f.descending ? o.desc() : o.asc()).nullsLast());
  q = q.orderBy("recommendation.reference", f.sort === "reference" ? direction : "asc");
  if (page !== null) q = q.limit(RECOMMENDATIONS_PER_PAGE).offset((page - 1) * RECOMMENDATIONS_PER_PAGE);
  return (await q.execute()).map(({ id }) => id);
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
        "issued_at", "answer_due", "closed_at", "assessment", "implementation", "evidence_question_at",
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
    const across = await db
      .selectFrom("recommendation_cross_finding")
      .innerJoin("cross_finding", "cross_finding.id", "recommendation_cross_finding.cross_finding_id")
      .select(["recommendation_cross_finding.recommendation_id", "cross_finding.reference"])
      .where("recommendation_cross_finding.recommendation_id", "in", some)
      .orderBy("cross_finding.reference")
      .execute();
    const together = await db
      .selectFrom("recommendation_addressee")
      .selectAll()
      .where("recommendation_id", "in", some)
      .orderBy("addressee")
      .execute();
    const answers = await db
      .selectFrom("recommendation_answer")
      .innerJoin("recommendation", "recommendation.id", "recommendation_answer.recommendation_id")
      .select(["recommendation_answer.recommendation_id", "recommendation_answer.said"])
      .where("recommendation_answer.recommendation_id", "in", some)
      .where("recommendation.answered_at", "is not", null)
      .orderBy("recommendation_answer.number")
      .execute();
    const by = <Row extends { recommendation_id: string }>(list: readonly Row[]) =>
      Map.groupBy(list, ({ recommendation_id }) => recommendation_id);
    const [numbers, references, associated, said] = [by(ties), by(across), by(together), by(answers)];
    for (const row of rows)
      found.set(row.id, {
        ...row,
        findings: (numbers.get(row.id) ?? []).map(({ number }) => number),
        crossFindings: (references.get(row.id) ?? []).map(({ reference }) => reference),
        associated: (associated.get(row.id) ?? []).map(({ addressee }) => addressee),
        said: said.get(row.id)?.at(-1)?.said ?? null,
      });
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** How many recommendations the filter lets through in each state, whatever state it asks for. */
export async function countByState(db: Db | Tx, filter: RegisterFilter): Promise<Record<RegisteredState, number>> {
  const rows = await registered(db, filter, REGISTERED)
    .select((e) => ["recommendation.state", e.fn.countAll<number | string>().as("n")])
    .groupBy("recommendation.state")
    .execute();
  const found = new Map(rows.map(({ state, n }) => [state, Number(n)]));
  return Object.fromEntries(REGISTERED.map((state) => [state, found.get(state) ?? 0])) as Record<RegisteredState, number>;
}

/**
 * The register: what the filter lets through, in its order.
 * @param page a page of 50, or null for all of them
 * @param addressees the list that the addressees' labels come from: sorting by addressee follows the reader's language
 */
export async function listRegister(
  db: Db | Tx,
  filter: RegisterFilter,
  shown: { page: number | null; addressees: readonly Option[]; language: Language },
): Promise<{ total: number; lines: RegisterLine[]; states: Record<RegisteredState, number> }> {
  const states = await countByState(db, filter);
  const total = filter.state ? states[filter.state] : REGISTERED.reduce((sum, state) => sum + states[state], 0);
  const lines = total === 0 ? [] : await linesOf(db, await matchingIds(db, filter, shown));
  return { total, lines, states };
}

/** Years in which recommendations of the register were approved, latest first. */
export async function listApprovalYears(db: Db | Tx): Promise<number[]> {
  // The two ends of an index in each state, rather than every row.
  const ends = await Promise.all(
    REGISTERED.map((state) =>
      db
        .selectFrom("recommendation")
        .select((e) => [e.fn.min("approved_at").as("first"), e.fn.max("approved_at").as("last")])
        .where("state", "=", state)
        .executeTakeFirstOrThrow(),
    ),
  );
  const days = ends.flatMap(({ first, last }) => [first, last].flatMap((at) => (at === null ? [] : [Number(dayOf(at).slice(0, 4))])));
  if (days.length === 0) return [];
  const [from, to] = [Math.min(...days), Math.max(...days)];
  return Array.from({ length: to - from + 1 }, (_, at) => to - at);
}

/** Drafts that rest on cross-case findings, oldest first: they wait for a reviewer. */
export const listProjects = (db: Db | Tx) =>
  db
    .selectFrom("recommendation")
    .innerJoin("account", "account.id", "recommendation.written_by")
    .select([
      "recommendation.reference", "recommendation.text", "recommendation.addressee", "recommendation.written_at", "account.name as writer",
    ]) // biome-ignore format: a list
    .select((e) =>
      e
        .selectFrom("recommendation_event")
        .select("recommendation_event.type")
        .whereRef("recommendation_event.recommendation_id", "=", "recommendation.id")
        .orderBy("recommendation_event.version", "desc")
        .limit(1)
        .as("last"),
    )
    .where("recommendation.report_id", "is", null)
    .where("recommendation.state", "=", "draft")
    .where("recommendation.deleted_at", "is", null)
    .orderBy("recommendation.written_at")
    .limit(100)
    .execute();
