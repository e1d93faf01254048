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

export type Overdue = Pick<RecommendationTable, "id" | "reference" | "text" | "addressee" | "version" | "state"> & {
  answer_due: string;
  reminders: number;
  lastReminder: string | null;
};
/** Recommendations whose answer was awaited by a day that has passed, the longest overdue first, with the reminders since the last issue. */
export async function listOverdue(db: Db, now: string): Promise<Overdue[]> {
  const rows = await db
    .selectFrom("recommendation")
    .select((e) => [
      "recommendation.id",
      "recommendation.reference",
      "recommendation.text",
      "recommendation.addressee",
      "recommendation.version",
      "recommendation.state",
      "recommendation.answer_due",
      e
        .selectFrom("recommendation_event")
        .select((one) => one.fn.countAll().as("n"))
        .whereRef("recommendation_event.recommendation_id", "=", "recommendation.id")
        .where("recommendation_event.type", "=", "REMINDER_SENT")
        .whereRef("recommendation_event.at", ">=", "recommendation.issued_at")
        .as("reminders"),
      e
        .selectFrom("recommendation_event")
        .select((one) => one.fn.max("recommendation_event.at").as("at"))
        .whereRef("recommendation_event.recommendation_id", "=", "recommendation.id")
        .where("recommendation_event.type", "=", "REMINDER_SENT")
        .whereRef("recommendation_event.at", ">=", "recommendation.issued_at")
        .as("lastReminder"),
    ])
    .where(answerIsOverdue(dayOf(now)))
    .orderBy("recommendation.answer_due")
    .orderBy("recommendation.reference")
    .execute();
  return rows.map((row) => ({ ...row, answer_due: row.answer_due!, reminders: Number(row.reminders) }));
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
