import type { Db, Tx } from "../../db/schema.ts";
import { dayOf } from "../http/formats.ts";

/** What two coders said of one factor of one subject before anybody compared. */
export type Pair = {
  reportId: string;
  factor: string;
  /** "case", "reverse", or a person's id. */
  subject: string;
  codebookVersion: string;
  /** Accounts of the coders of layers 1 and 2. */
  coders: readonly [string, string];
  first: string;
  second: string;
  comparedAt: string;
};
/** Years of the comparison, both included; null leaves open. */
export type AgreementPeriod = { from: number | null; to: number | null };

/** The year a comparison belongs to, in Paris. */
export const yearCompared = ({ comparedAt }: Pick<Pair, "comparedAt">): number => Number(dayOf(comparedAt).slice(0, 4));

/**
 * Reports of which one coder is at work again on a blind layer: what the other said stays out of sight, in figures too, until both have
 * handed in once more.
 */
export const reportsBlindAgain = async (db: Db | Tx): Promise<string[]> =>
  (
    await db
      .selectFrom("assignment")
      .innerJoin("report", "report.id", "assignment.report_id")
      .select("report.id")
      .distinct()
      .where("report.coding_mode", "=", "blind")
      .where("assignment.layer", "in", [1, 2])
      .where("assignment.ended_at", "is", null)
      .where("assignment.submitted_at", "is", null)
      .orderBy("report.id")
      .execute()
  ).map(({ id }) => id);

/** A short text that is another one as soon as `listPairs` has something else to say. */
export async function stateOfPairs(db: Db | Tx): Promise<string> {
  const { count, last } = await db
    .selectFrom("double_coding")
    .select((e) => [e.fn.countAll<number | string>().as("count"), e.fn.max("compared_at").as("last")])
    .executeTakeFirstOrThrow();
  return [count, last, ...(await reportsBlindAgain(db))].join(" ");
}

/** Every pair that may be read, oldest comparison first. */
export async function listPairs(db: Db | Tx, { from, to }: AgreementPeriod): Promise<Pair[]> {
  const hidden = await reportsBlindAgain(db);
  const rows = await db
    .selectFrom("double_coding")
    .selectAll()
    .$if(hidden.length > 0, (q) => q.where("report_id", "not in", hidden))
    .orderBy("compared_at")
    .orderBy("report_id")
    .orderBy("factor")
    .orderBy("subject")
    .execute();
  const pairs = rows.map(
    (row): Pair => ({
      reportId: row.report_id,
      factor: row.factor,
      subject: row.subject,
      codebookVersion: row.codebook_version,
      coders: [row.first_coder, row.second_coder],
      first: row.first_value,
      second: row.second_value,
      comparedAt: row.compared_at,
    }),
  );
  return pairs.filter((pair) => (from === null || yearCompared(pair) >= from) && (to === null || yearCompared(pair) <= to));
}

/** Names of people, by account. */
export async function namesOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("account").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export type PersonOf = { kind: "victim" | "perpetrator" | "child"; number: number };
/** The people that some pairs are about, by id. */
export async function peopleNamed(db: Db | Tx, ids: readonly string[]): Promise<Map<string, PersonOf>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("person").select(["id", "kind", "number"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, kind, number }) => [id, { kind, number }]));
}
