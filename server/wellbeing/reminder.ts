import type { Db } from "../../db/schema.ts";
import { dayOf } from "../http/formats.ts";

/** What the journal calls reading or coding a case. */
const READING = [
  "coding-read",
  "document.downloaded",
  "document.page-read",
  "double-coding.read",
  "findings.read",
  "review.read",
  "passages.read",
  "questions-read",
  "question-read",
  "chronology-read",
];
/** Longer without a sign is a pause, milliseconds. */
const PAUSE_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** The time between these instants (ISO, in order) as minutes, pauses left out. */
export function minutesOf(instants: readonly string[]): number {
  let spent = 0;
  for (let at = 1; at < instants.length; at++) {
    const gap = Date.parse(instants[at]!) - Date.parse(instants[at - 1]!);
    if (gap <= PAUSE_MS) spent += gap;
  }
  return Math.floor(spent / 60_000);
}

/**
 * How many minutes of the day this person has spent on cases, from the journal that is kept anyway: computed when their own page is drawn,
 * for them alone, and stored nowhere.
 */
export async function minutesToday(db: Db, accountId: string, now: string): Promise<number> {
  const rows = await db
    .selectFrom("audit")
    .select("at")
    .where("account_id", "=", accountId)
    .where("at", ">=", new Date(Date.parse(now) - DAY_MS).toISOString())
    .where("action", "in", READING)
    .orderBy("at")
    .execute();
  const today = dayOf(now);
  return minutesOf(rows.map(({ at }) => at).filter((at) => dayOf(at) === today));
}
