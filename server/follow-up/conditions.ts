import { type RawBuilder, sql } from "kysely";
import type { Answer } from "../../workflows/recommendation.machine.ts";
import { answerIsOverdue, implementationIsOverdue } from "./overdue.ts";

type Condition = RawBuilder<boolean>;

/** It was sent to its addressee and is followed since; one withdrawn after that counts nowhere. */
const followed = sql<boolean>`recommendation.state in ('issued', 'answered', 'assessed', 'closed')`;
const answered = sql<boolean>`recommendation.answered_at is not null`;
const among = (...conditions: Condition[]): Condition => sql<boolean>`(${sql.join([followed, ...conditions], sql` and `)})`;

/**
 * What the follow-up counts and the register filters by, as conditions on `recommendation`: one list, so that a number and the recommendations
 * behind it are the same. `today` is the day of Paris, "2026-11-24".
 */
const SETS = {
  issued: () => among(),
  received: () => among(sql`recommendation.received_at is not null`),
  /** The day by which an answer was awaited has passed. */
  due: (today) => among(sql`recommendation.answer_due < ${today}`),
  answered: () => among(answered),
  answeredDue: (today) => among(answered, sql`recommendation.answer_due < ${today}`),
  /** Answered while that day is ahead, or was never set. */
  answeredEarly: (today) => among(answered, sql`(recommendation.answer_due is null or recommendation.answer_due >= ${today})`),
  /** Answered, and the observatory has found something of the answer. */
  assessed: () => among(answered, sql`recommendation.assessment in ('acceptable', 'acceptable_alternative', 'unacceptable')`),
  answerOverdue: answerIsOverdue,
  /** The day by which it was to be carried out has passed. */
  deadlinePast: (today) => among(sql`recommendation.deadline < ${today}`),
  implementationOverdue: implementationIsOverdue,
  closed: () => sql`recommendation.state = 'closed'`,
  /** Of the answer, whatever it says; the absence of any is a finding too. */
  found: () => among(sql`recommendation.assessment is not null`),
  implementationFound: () => among(sql`recommendation.implementation is not null`),
  /** Sent, and withdrawn since. */
  withdrawn: () => sql`(recommendation.state = 'withdrawn' and recommendation.issued_at is not null)`,
} as const satisfies Record<string, (today: string) => Condition>;
export type OutcomeSet = keyof typeof SETS;
export const OUTCOME_SETS = Object.keys(SETS) as OutcomeSet[];
export const inSet = (set: OutcomeSet, today: string): Condition => SETS[set](today);

/** What `suivi` says in an address of the register. */
export const SET_CODES: Record<OutcomeSet, string> = {
  issued: "adressees",
  received: "recues",
  due: "reponse-attendue",
  answered: "repondues",
  answeredDue: "repondues-attendues",
  answeredEarly: "repondues-avant",
  assessed: "appreciees",
  answerOverdue: "reponse-en-retard",
  deadlinePast: "echeance-passee",
  implementationOverdue: "mise-en-oeuvre-en-retard",
  closed: "closes",
  found: "constatees",
  implementationFound: "mise-en-oeuvre-constatee",
  withdrawn: "retirees",
};

/** The first instant of a year in Paris, which is one hour ahead in winter. */
const yearStarts = (year: number): string => `${year - 1}-12-31T23:00:00.000Z`;
/** The year of the last issue, of Paris; a number on both databases. */
export const yearOfIssue = sql<number>`(cast(substr(recommendation.issued_at, 1, 4) as integer)
  + case when substr(recommendation.issued_at, 6, 8) >= '12-31T23' then 1 else 0 end)`;
/** Years of the last issue, of Paris, both included; null leaves an end open. */
export type IssueYears = { from: number | null; to: number | null };
export const issuedIn = ({ from, to }: IssueYears): Condition =>
  sql<boolean>`(recommendation.issued_at >= ${yearStarts(from ?? 1001)} and recommendation.issued_at < ${yearStarts((to ?? 9998) + 1)})`;
/** What `annee_envoi` says in an address: "2024", "2020-2024", "2020-", "-2024". */
export const issueYearsCode = ({ from, to }: IssueYears): string => (from === to ? String(from ?? "") : `${from ?? ""}-${to ?? ""}`);
/** The years of such a code; null for anything else. */
export function issueYearsOf(code: string): IssueYears | null {
  const [, first, dash, last] = /^((?:19|20)\d\d)?(-)?((?:19|20)\d\d)?$/.exec(code) ?? [];
  if (first === undefined && last === undefined) return null;
  const from = first === undefined ? null : Number(first);
  return { from, to: dash === undefined ? from : last === undefined ? null : Number(last) };
}

/** What the addressee said last; only meant where an answer came since the last issue. */
export const saidLast = sql<Answer>`(select said from recommendation_answer where recommendation_answer.recommendation_id = recommendation.id
  order by number desc limit 1)`;
export const hasSaid = (said: Answer): Condition => among(answered, sql`${saidLast} = ${said}`);

/**
 * Of recommendations that are the same, only one: the one that the others lead to if it is followed, else the first of them that was sent, else
 * the one they lead to. (The kind is not looked for as a key in the recursion: SQLite would leave the index of targets for it.)
 */
export const countedOnce = sql<boolean>`recommendation.id not in (
  with recursive same(id, head) as (
    select tie.recommendation_id, tie.target_id from recommendation_tie as tie
      where tie.kind = 'same_as' and not exists (
        select 1 from recommendation_tie as above where above.kind = 'same_as' and above.recommendation_id = tie.target_id)
    union all
    select tie.recommendation_id, same.head from recommendation_tie as tie
      join same on same.id = tie.target_id where coalesce(tie.kind, '') = 'same_as'),
  member(id, head) as (select id, head from same union select head, head from same)
  select placed.id from (
    select member.id, row_number() over (partition by member.head order by
        case when one.state in ('issued', 'answered', 'assessed', 'closed') then 0 else 1 end,
        case when member.id = member.head then 0 else 1 end, one.issued_at, one.reference) as place
    from member join recommendation as one on one.id = member.id) as placed
  where placed.place > 1)`;
