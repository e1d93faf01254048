import { newId } from "../../db/ids.ts";
import type { Channel, RecommendationDispatchTable, RecommendationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { AnswerAssessment, Implementation } from "../../workflows/recommendation.machine.ts";
import { actOnRecommendation, findRecommendation } from "../follow-up/act.ts";
import { addresseesOf, contactLine, listContacts } from "../follow-up/contacts.ts";
import type { Proof } from "../follow-up/proofs.ts";
import { Invalid } from "../http/errors.ts";
import { dayOf } from "../http/formats.ts";

/** Ways in which something is sent or comes back; "link" is the addressee's own doing. */
export const CHANNELS = ["registered_letter", "letter", "email", "hand", "other"] as const satisfies readonly Channel[];
export type Acting = { reference: string; seenVersion: number; by: Actor; now: string };
export type DispatchGiven = {
  onDate: string;
  channel: Channel;
  /** Id of a contact; else `recipient` names who it was sent to. */
  contact: string | null;
  recipient: string | null;
  proofReference: string | null;
  proof: Proof | null;
};

/** A day so many days after another, "2026-11-24". */
export const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** How long an addressee is given to answer unless told otherwise, in days. */
export const ANSWER_DAYS = 60;

/** Who something was sent to, and what is wrong with it by field. */
async function recipientOf(
  tx: Tx,
  row: Pick<RecommendationTable, "id" | "addressee">,
  { contact, recipient }: DispatchGiven,
): Promise<{ contact_id: string | null; recipient: string }> {
  if (contact) {
    const known = (await listContacts(tx, await addresseesOf(tx, row))).find(({ id }) => id === contact);
    if (!known) throw new Invalid({ contact: "http.invalid.choice" });
    return { contact_id: known.id, recipient: contactLine(known) };
  }
  if (!recipient) throw new Invalid({ recipient: "recommendations.life.recipientNeeded" });
  return { contact_id: null, recipient };
}

const dispatchRow = (
  row: Pick<RecommendationTable, "id">,
  kind: RecommendationDispatchTable["kind"],
  { by, now }: Acting,
  { onDate, channel, proofReference, proof }: Pick<DispatchGiven, "onDate" | "channel" | "proofReference" | "proof">,
  to: { contact_id: string | null; recipient: string },
): RecommendationDispatchTable => ({
  id: newId(),
  recommendation_id: row.id,
  kind,
  on_date: onDate,
  channel,
  ...to,
  proof_reference: proofReference,
  file_name: proof?.fileName ?? null,
  media_type: proof?.mediaType ?? null,
  bytes: proof?.bytes ?? null,
  digest: proof?.digest ?? null,
  by: by.id,
  link_id: null,
  at: now,
});

/** @throws Invalid on `field` for a day that has not come */
const notAhead = (day: string, now: string, field: string): void => {
  if (day > dayOf(now)) throw new Invalid({ [field]: "recommendations.life.dateAhead" });
};
/** @throws Invalid on `field` for today or a day that has passed */
const ahead = (day: string | null, now: string, field: string): void => {
  if (day !== null && day <= dayOf(now)) throw new Invalid({ [field]: "recommendations.life.datePast" });
};

/** Issues a recommendation to its addressee, with what proves the dispatch. @throws Invalid, Refusal, Conflict, NotFound */
export async function issueRecommendation(
  tx: Tx,
  acting: Acting,
  given: DispatchGiven & { deadline: string; answerDue: string },
): Promise<void> {
  const { reference, seenVersion, by, now } = acting;
  ahead(given.deadline, now, "deadline");
  ahead(given.answerDue, now, "answerDue");
  if (given.answerDue > given.deadline) throw new Invalid({ answerDue: "recommendations.life.answerAfterDeadline" });
  notAhead(given.onDate, now, "onDate");
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECOMMENDATION_ISSUED", by },
    now,
    change: { deadline: given.deadline, answer_due: given.answerDue },
    on: given.onDate,
    detail: { on: given.onDate, channel: given.channel, deadline: given.deadline, answerDue: given.answerDue },
  });
  if (given.onDate < dayOf(row.approved_at!)) throw new Invalid({ onDate: "recommendations.life.beforeApproval" });
  const to = await recipientOf(tx, row, given);
  await tx
    .insertInto("recommendation_dispatch")
    .values(dispatchRow(row, "dispatch", acting, given, to))
    .execute();
}

/** Records that the addressee has it. @throws Invalid when that day has not come or is before the dispatch; Refusal, Conflict, NotFound */
export async function recordReceipt(
  tx: Tx,
  acting: Acting,
  given: Pick<DispatchGiven, "onDate" | "channel" | "proofReference" | "proof">,
): Promise<void> {
  const { reference, seenVersion, by, now } = acting;
  notAhead(given.onDate, now, "onDate");
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECEIPT_RECORDED", by },
    now,
    on: given.onDate,
    detail: { on: given.onDate, channel: given.channel },
  });
  const sent = await tx
    .selectFrom("recommendation_dispatch")
    .select(["on_date", "recipient", "contact_id"])
    .where("recommendation_id", "=", row.id)
    .where("kind", "=", "dispatch")
    .orderBy("at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (sent && given.onDate < sent.on_date) throw new Invalid({ onDate: "recommendations.life.beforeDispatch" });
  const to = { contact_id: sent?.contact_id ?? null, recipient: sent?.recipient ?? row.addressee };
  await tx
    .insertInto("recommendation_dispatch")
    .values(dispatchRow(row, "receipt", acting, given, to))
    .execute();
}

/** Records that the addressee was reminded. @throws Invalid, Refusal, Conflict, NotFound */
export async function sendReminder(tx: Tx, acting: Acting, given: DispatchGiven): Promise<void> {
  const { reference, seenVersion, by, now } = acting;
  notAhead(given.onDate, now, "onDate");
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "REMINDER_SENT", by },
    now,
    detail: { on: given.onDate, channel: given.channel },
  });
  const to = await recipientOf(tx, row, given);
  await tx
    .insertInto("recommendation_dispatch")
    .values(dispatchRow(row, "reminder", acting, given, to))
    .execute();
}

/** Changes by when it is to be carried out or answered. @throws Invalid when nothing changes, or to a day that is not ahead; Refusal, Conflict, NotFound */
export async function changeDeadlines(
  tx: Tx,
  { reference, seenVersion, by, now }: Acting,
  { deadline, answerDue, reason }: { deadline: string; answerDue: string | null; reason: string },
): Promise<void> {
  const before = await findRecommendation(tx, reference);
  if (deadline !== before.deadline) ahead(deadline, now, "deadline");
  if (answerDue !== before.answer_due) ahead(answerDue, now, "answerDue");
  if (deadline === before.deadline && answerDue === before.answer_due)
    throw new Invalid({ deadline: "recommendations.life.nothingChanged" });
  await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "DEADLINES_CHANGED", by, reason },
    now,
    change: { deadline, answer_due: answerDue },
    detail: { deadline, ...(answerDue && { answerDue }) },
  });
}

/** What the observatory finds of the last answer. @throws Refusal, Conflict, NotFound */
export async function assessAnswer(
  tx: Tx,
  { reference, seenVersion, by, now }: Acting,
  { value, comment }: { value: Exclude<AnswerAssessment, "no_answer">; comment: string },
): Promise<void> {
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "ANSWER_ASSESSED", by, reason: comment },
    now,
    change: { assessment: value },
    detail: { value },
  });
  const last = await tx
    .selectFrom("recommendation_answer")
    .select("id")
    .where("recommendation_id", "=", row.id)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  await tx
    .insertInto("recommendation_assessment")
    .values({
      recommendation_id: row.id,
      kind: "answer",
      answer_id: last?.id ?? null,
      value,
      comment,
      on_date: dayOf(now),
      by: by.id,
      at: now,
    })
    .execute();
}

/** Finds that no answer came by the day it was awaited. @throws Refusal, Conflict, NotFound */
export async function findNoAnswer(tx: Tx, { reference, seenVersion, by, now }: Acting, comment: string): Promise<void> {
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "NO_ANSWER_FOUND", by, reason: comment },
    now,
    change: { assessment: "no_answer" },
    detail: { value: "no_answer" },
  });
  await tx
    .insertInto("recommendation_assessment")
    .values({
      recommendation_id: row.id,
      kind: "answer",
      answer_id: null,
      value: "no_answer",
      comment,
      on_date: dayOf(now),
      by: by.id,
      at: now,
    })
    .execute();
}

/** What the observatory finds of the implementation, on a day. @throws Invalid for a day that has not come; Refusal, Conflict, NotFound */
export async function assessImplementation(
  tx: Tx,
  { reference, seenVersion, by, now }: Acting,
  { value, comment, onDate }: { value: Implementation; comment: string; onDate: string },
): Promise<void> {
  notAhead(onDate, now, "onDate");
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "IMPLEMENTATION_ASSESSED", by, reason: comment },
    now,
    change: { implementation: value },
    detail: { value, on: onDate },
  });
  await tx
    .insertInto("recommendation_assessment")
    .values({ recommendation_id: row.id, kind: "implementation", answer_id: null, value, comment, on_date: onDate, by: by.id, at: now })
    .execute();
}

/** Opens a closed recommendation again: a new answer is awaited. @throws Invalid for a day that is not ahead; Refusal, Conflict, NotFound */
export async function reopenRecommendation(
  tx: Tx,
  { reference, seenVersion, by, now }: Acting,
  { reason, answerDue, deadline }: { reason: string; answerDue: string; deadline: string },
): Promise<void> {
  ahead(deadline, now, "deadline");
  ahead(answerDue, now, "answerDue");
  if (answerDue > deadline) throw new Invalid({ answerDue: "recommendations.life.answerAfterDeadline" });
  await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECOMMENDATION_REOPENED", by, reason },
    now,
    change: { answer_due: answerDue, deadline },
    detail: { answerDue, deadline },
  });
}
