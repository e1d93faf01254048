import type { AddresseeContactTable, Db, MailMessageTable, RecommendationTable } from "../../db/schema.ts";
import { answerIsOverdue } from "../follow-up/overdue.ts";
import { dayOf } from "../http/formats.ts";

/** Issued recommendations that an addressee leads and has not answered, oldest first. */
export const awaitingAnswer = (db: Db, addressee: string): Promise<RecommendationTable[]> =>
  db
    .selectFrom("recommendation")
    .selectAll()
    .where("addressee", "=", addressee)
    .where("state", "=", "issued")
    .orderBy("answer_due")
    .orderBy("reference")
    .execute();

/** How many issued recommendations await an answer, by addressee. */
export async function countAwaiting(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("recommendation")
    .select((e) => ["addressee", e.fn.countAll().as("n")])
    .where("state", "=", "issued")
    .groupBy("addressee")
    .execute();
  return new Map(rows.map(({ addressee, n }) => [addressee, Number(n)]));
}

export const OVERDUE_PER_PAGE = 20;
export type Overdue = Pick<RecommendationTable, "id" | "reference" | "text" | "addressee" | "version"> & {
  answer_due: string;
  reminders: number;
  lastReminder: string | null;
};
/**
 * Recommendations whose answer was awaited by a day that has passed, the longest overdue first, with the reminders since the last issue.
 * @param about a reference: the page that holds it, instead of the page asked for
 */
export async function listOverdue(
  db: Db,
  now: string,
  { page, about }: { page: number; about: string | null },
): Promise<{ total: number; page: number; lines: Overdue[] }> {
  const all = await db
    .selectFrom("recommendation")
    .select(["recommendation.id", "recommendation.reference"])
    .where(answerIsOverdue(dayOf(now)))
    .orderBy("recommendation.answer_due")
    .orderBy("recommendation.reference")
    .execute();
  const found = about === null ? -1 : all.findIndex(({ reference }) => reference === about);
  const shown = found >= 0 ? Math.floor(found / OVERDUE_PER_PAGE) + 1 : page;
  const ids = all.slice((shown - 1) * OVERDUE_PER_PAGE, shown * OVERDUE_PER_PAGE).map(({ id }) => id);
  if (ids.length === 0) return { total: all.length, page: shown, lines: [] };
  const rows = await db
    .selectFrom("recommendation")
    .select(["id", "reference", "text", "addressee", "version", "answer_due", "issued_at"])
    .where("id", "in", ids)
    .orderBy("answer_due")
    .orderBy("reference")
    .execute();
  const reminders = await db
    .selectFrom("recommendation_event")
    .select(["recommendation_id", "at"])
    .where("recommendation_id", "in", ids)
    .where("type", "=", "REMINDER_SENT")
    .orderBy("at")
    .execute();
  return {
    total: all.length,
    page: shown,
    lines: rows.map(({ issued_at, ...row }) => {
      const own = reminders.filter((one) => one.recommendation_id === row.id && one.at >= (issued_at ?? ""));
      return { ...row, answer_due: row.answer_due!, reminders: own.length, lastReminder: own.at(-1)?.at ?? null };
    }),
  };
}

export type MailLine = Omit<MailMessageTable, "text"> & { reference: string; hasText: boolean };
/** Mails that wait, failed, or were settled last: those that need somebody first, at most 200. */
export async function listMails(db: Db, recommendationId?: string): Promise<MailLine[]> {
  const rows = await db
    .selectFrom("mail_message")
    .innerJoin("recommendation", "recommendation.id", "mail_message.recommendation_id")
    .selectAll("mail_message")
    .select("recommendation.reference")
    .$if(recommendationId !== undefined, (q) => q.where("mail_message.recommendation_id", "=", recommendationId!))
    .$if(recommendationId === undefined, (q) => q.where("mail_message.state", "in", ["queued", "failed"]))
    .orderBy((e) => e.case().when("mail_message.state", "=", "failed").then(0).else(1).end())
    .orderBy("mail_message.created_at", "desc")
    .orderBy("mail_message.id")
    .limit(200)
    .execute();
  return rows.map(({ text, ...row }) => ({ ...row, hasText: text !== null }));
}

/** The open contacts by addressee. */
export const byAddressee = (contacts: readonly AddresseeContactTable[]): Map<string, AddresseeContactTable[]> =>
  Map.groupBy(contacts, ({ addressee }) => addressee);
