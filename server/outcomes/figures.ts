import { type SelectQueryBuilder, sql } from "kysely";
import type { Db, Schema, Tx } from "../../db/schema.ts";
import {
  ANSWER_ASSESSMENTS,
  ANSWERS,
  type Answer,
  type AnswerAssessment,
  IMPLEMENTATIONS,
  type Implementation,
} from "../../workflows/recommendation.machine.ts";
import { countedOnce, inSet, issuedIn, type OutcomeSet, saidLast, yearOfIssue } from "../follow-up/conditions.ts";
import { Waits } from "./waiting-time.ts";

/** Which recommendations are counted. Years of the last issue, of Paris, both included. */
export type OutcomeScope = {
  from: number | null;
  to: number | null;
  addressee: string | null;
  level: string | null;
  theme: string | null;
  /** Of recommendations said to be the same, only the first that was sent. */
  once: boolean;
};

/** What each group of recommendations is counted by. */
export const COUNTED = [
  "issued", "received", "due", "answered", "answeredDue", "answeredEarly", "assessed", "answerOverdue", "deadlinePast",
  "implementationOverdue", "closed",
] as const satisfies readonly OutcomeSet[]; // biome-ignore format: a list
export type Counted = (typeof COUNTED)[number];

/** What became of a group of recommendations; each counts once. */
export type Outcomes = { waits: Waits } & Record<Counted, number>;
export type OutcomeFigures = {
  whole: Outcomes;
  byAddressee: Map<string, Outcomes>;
  byYear: Map<number, Outcomes>;
  byTheme: Map<string, Outcomes>;
  /** What addressees say: the last answer since the last issue. */
  said: Record<Answer, number>;
  /** What the observatory finds, the last time: of the answer, of the implementation. */
  found: Record<AnswerAssessment, number>;
  implementation: Record<Implementation, number>;
  /** Their last answer waits for what the observatory finds of it. */
  toAssess: number;
  /** Sent in the same scope and withdrawn since: counted nowhere else. */
  withdrawn: number;
};

const scoped = (db: Db | Tx, scope: OutcomeScope) => {
  let q = db.selectFrom("recommendation");
  if (scope.from !== null || scope.to !== null) q = q.where(issuedIn(scope));
  if (scope.addressee) q = q.where("recommendation.addressee", "=", scope.addressee);
  if (scope.level) q = q.where("recommendation.level", "=", scope.level);
  if (scope.theme) q = q.where("recommendation.theme", "=", scope.theme);
  if (scope.once) q = q.where(countedOnce);
  return q as SelectQueryBuilder<Schema, "recommendation", object>;
};

const zeros = <Code extends string>(codes: readonly Code[]) => Object.fromEntries(codes.map((code) => [code, 0])) as Record<Code, number>;
const nothing = (): Outcomes => ({
  ...zeros(COUNTED),
  waits: new Waits(),
});
const at = <K>(map: Map<K, Outcomes>, key: K): Outcomes => {
  const known = map.get(key) ?? nothing();
  map.set(key, known);
  return known;
};

const DAY = 86_400_000;
/** Everything that one recommendation may be counted in; in a row, a bit each of one number. */
const SETS = [...COUNTED, "withdrawn"] as const;
const bits = (today: string) =>
  sql<number>`(${sql.join(
    SETS.map((name, place) => sql`case when ${inSet(name, today)} then ${sql.lit(2 ** place)} else 0 end`),
    sql` + `,
  )})`;

/**
 * What became of the recommendations of a scope, as of a day. The register is read once: whether a recommendation belongs to a number is
 * decided in the database, by the conditions that the register filters by.
 * @param now an instant; those that still wait have waited until then, those closed without an answer until their closing
 */
export async function outcomeFigures(
  db: Db | Tx,
  scope: OutcomeScope,
  { today, now }: { today: string; now: string },
): Promise<OutcomeFigures> {
  const rows = await scoped(db, scope)
    .where(sql<boolean>`(${inSet("issued", today)} or ${inSet("withdrawn", today)})`)
    .select([
      "state", "addressee", "theme", "issued_at", "answered_at", "closed_at", "assessment", "implementation",
      yearOfIssue.as("year"),
      bits(today).as("bits"),
      sql<Answer | null>`case when recommendation.answered_at is not null then ${saidLast} end`.as("said"),
    ]) // biome-ignore format: a list
    .execute();
  const figures: OutcomeFigures = {
    whole: nothing(),
    byAddressee: new Map(),
    byYear: new Map(),
    byTheme: new Map(),
    said: zeros(ANSWERS),
    found: zeros(ANSWER_ASSESSMENTS),
    implementation: zeros(IMPLEMENTATIONS),
    toAssess: 0,
    withdrawn: 0,
  };
  const withdrawn = 2 ** SETS.indexOf("withdrawn");
  const end = Date.parse(now);
  for (const row of rows) {
    if (row.bits & withdrawn) {
      figures.withdrawn += 1;
      continue;
    }
    const until = row.answered_at ?? row.closed_at;
    const days = Math.max(0, Math.round(((until === null ? end : Date.parse(until)) - Date.parse(row.issued_at!)) / DAY));
    const wait = { days, answered: row.answered_at !== null };
    for (const group of [
      figures.whole,
      at(figures.byAddressee, row.addressee),
      at(figures.byYear, row.year),
      at(figures.byTheme, row.theme),
    ]) {
      for (const [place, set] of COUNTED.entries()) if (row.bits & (2 ** place)) group[set] += 1;
      group.waits.add(wait);
    }
    if (row.said) figures.said[row.said] += 1;
    if (row.assessment) figures.found[row.assessment] += 1;
    if (row.implementation) figures.implementation[row.implementation] += 1;
    if (row.state === "answered") figures.toAssess += 1;
  }
  return figures;
}

/** The first and last year in which recommendations were sent, of those followed or withdrawn since; null without any. */
export async function yearsOfIssue(db: Db | Tx): Promise<{ first: number; last: number } | null> {
  const { first, last } = await db
    .selectFrom("recommendation")
    .select([sql<number | null>`min(${yearOfIssue})`.as("first"), sql<number | null>`max(${yearOfIssue})`.as("last")])
    .where("issued_at", "is not", null)
    .executeTakeFirstOrThrow();
  return first === null || last === null ? null : { first: Number(first), last: Number(last) };
}
