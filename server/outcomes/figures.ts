import { type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
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

const nothing = (): Outcomes => ({
  ...(Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<Counted, number>),
  waits: new Waits(),
});
const at = <K>(map: Map<K, Outcomes>, key: K): Outcomes => {
  const known = map.get(key) ?? nothing();
  map.set(key, known);
  return known;
};

const DAY = 86_400_000;

/** Counts one column of codes; codes that nobody has are zero. */
async function tally<Code extends string>(
  q: SelectQueryBuilder<Schema, "recommendation", object>,
  column: RawBuilder<Code>,
  codes: readonly Code[],
): Promise<Record<Code, number>> {
  const rows = await q
    .select((e) => [column.as("code"), e.fn.countAll().as("n")])
    .groupBy(column)
    .execute();
  const known = new Map<string | null, number>(rows.map(({ code, n }) => [code as string | null, Number(n)]));
  return Object.fromEntries(codes.map((code) => [code, known.get(code) ?? 0])) as Record<Code, number>;
}

/**
 * What became of the recommendations of a scope, as of a day.
 * @param now an instant; those that still wait have waited until then, those closed without an answer until their closing
 */
export async function outcomeFigures(
  db: Db | Tx,
  scope: OutcomeScope,
  { today, now }: { today: string; now: string },
): Promise<OutcomeFigures> {
  const figures = { whole: nothing(), byAddressee: new Map(), byYear: new Map(), byTheme: new Map() } as Pick<
    OutcomeFigures,
    "whole" | "byAddressee" | "byYear" | "byTheme"
  >;
  const followed = () => scoped(db, scope).where(inSet("issued", today));
  const counted = await followed()
    .select([
      "recommendation.addressee",
      "recommendation.theme",
      yearOfIssue.as("year"),
      ...COUNTED.map((name) => sql<number | string>`sum(case when ${inSet(name, today)} then 1 else 0 end)`.as(name)),
    ])
    .groupBy(["recommendation.addressee", "recommendation.theme", yearOfIssue])
    .execute();
  for (const row of counted as (Record<Counted, number | string> & { addressee: string; theme: string; year: number })[])
    for (const group of [
      figures.whole,
      at(figures.byAddressee, row.addressee),
      at(figures.byYear, Number(row.year)),
      at(figures.byTheme, row.theme),
    ]) {
      for (const name of COUNTED) group[name] += Number(row[name]);
    }
  const end = Date.parse(now);
  const waits = await followed()
    .select(["recommendation.addressee", "recommendation.theme", yearOfIssue.as("year"), "issued_at", "answered_at", "closed_at"])
    .execute();
  for (const { addressee, theme, year, issued_at, answered_at, closed_at } of waits) {
    const until = answered_at ?? closed_at;
    const days = Math.max(0, Math.round(((until === null ? end : Date.parse(until)) - Date.parse(issued_at!)) / DAY));
    const wait = { days, answered: answered_at !== null };
    figures.whole.waits.add(wait);
    figures.byAddressee.get(addressee)!.waits.add(wait);
    figures.byYear.get(Number(year))!.waits.add(wait);
    figures.byTheme.get(theme)!.waits.add(wait);
  }
  const { n: toAssess } = await scoped(db, scope)
    .where("recommendation.state", "=", "answered")
    .select((e) => e.fn.countAll().as("n"))
    .executeTakeFirstOrThrow();
  const { n: withdrawn } = await scoped(db, scope)
    .where(inSet("withdrawn", today))
    .select((e) => e.fn.countAll().as("n"))
    .executeTakeFirstOrThrow();
  return {
    ...figures,
    said: await tally(followed().where("answered_at", "is not", null), saidLast, ANSWERS),
    found: await tally(followed(), sql<AnswerAssessment>`recommendation.assessment`, ANSWER_ASSESSMENTS),
    implementation: await tally(followed(), sql<Implementation>`recommendation.implementation`, IMPLEMENTATIONS),
    toAssess: Number(toAssess),
    withdrawn: Number(withdrawn),
  };
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
