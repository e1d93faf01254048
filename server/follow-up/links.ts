import { createHash, randomBytes } from "node:crypto";
import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { AnswerLinkTable, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { NotFound } from "../http/errors.ts";
import { dayOf } from "../http/formats.ts";
import { actOnRecommendation } from "./act.ts";

/** A link serves this long unless another day is chosen, and never longer than the second. Days. */
export const LINK_DAYS = 90;
export const LONGEST_LINK_DAYS = 365;

/** "2026-11-23" and a number of days → the day so many days later. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** The day that a link runs until unless another is chosen. */
export const usualExpiry = (now: string): string => dayAfter(dayOf(now), LINK_DAYS);

const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** What a link has come to: "answered" and "revoked" are final; "made": nobody opened it yet. */
export type LinkState = "made" | "opened" | "answered" | "expired" | "revoked";
export const linkState = (
  link: Pick<AnswerLinkTable, "revoked_at" | "answered_at" | "expires_at" | "opened_at">,
  now: string,
): LinkState =>
  link.answered_at ? "answered" : link.revoked_at ? "revoked" : link.expires_at < now ? "expired" : link.opened_at ? "opened" : "made";

/** The link behind a secret, whatever became of it. Found by the digest: how long it takes tells nothing of the secret. */
export const linkBehind = (db: Db | Tx, secret: string): Promise<AnswerLinkTable | undefined> =>
  db.selectFrom("answer_link").selectAll().where("hash", "=", digestOf(secret)).executeTakeFirst();

/** The link behind a secret, held until the end of the transaction: two forms sent at once are taken one after the other. */
export const holdLinkBehind = (tx: Tx, secret: string): Promise<AnswerLinkTable | undefined> =>
  tx
    .selectFrom("answer_link")
    .selectAll()
    .where("hash", "=", digestOf(secret))
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();

/** Every link of a recommendation, latest first. */
export const linksOf = (db: Db | Tx, recommendationId: string): Promise<AnswerLinkTable[]> =>
  db
    .selectFrom("answer_link")
    .selectAll()
    .where("recommendation_id", "=", recommendationId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();

type Act = { reference: string; seenVersion: number; by: Actor; now: string };

/**
 * Makes a personal link to answer one recommendation: 256 bits of chance, of which the digest alone is kept.
 * @param expiresOn its last day, Paris
 * @returns the secret, to be shown or sent now or never
 * @throws as actOnRecommendation
 */
export async function makeLink(
  tx: Tx,
  { reference, seenVersion, by, now }: Act,
  { contactId, recipient, expiresOn }: { contactId: string | null; recipient: string; expiresOn: string },
): Promise<{ secret: string; link: AnswerLinkTable; recommendation: RecommendationTable }> {
  const id = newId();
  const recommendation = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "ANSWER_LINK_MADE", by },
    now,
    detail: { link: id, until: expiresOn },
  });
  const secret = randomBytes(32).toString("base64url");
  const link: AnswerLinkTable = {
    id,
    recommendation_id: recommendation.id,
    contact_id: contactId,
    recipient,
    hash: digestOf(secret),
    created_by: by.id,
    created_at: now,
    expires_at: `${expiresOn}T23:59:59.999Z`,
    revoked_at: null,
    opened_at: null,
    answered_at: null,
  };
  await tx.insertInto("answer_link").values(link).execute();
  return { secret, link, recommendation };
}

/**
 * Revokes a link: it opens nothing from now on, and a mail that was to carry it does not leave.
 * @throws NotFound when it is no link of this recommendation; as actOnRecommendation
 */
export async function revokeLink(tx: Tx, { reference, seenVersion, by, now }: Act, linkId: string): Promise<RecommendationTable> {
  const recommendation = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "ANSWER_LINK_REVOKED", by },
    now,
    detail: { link: linkId },
  });
  const { numUpdatedRows } = await tx
    .updateTable("answer_link")
    .set({ revoked_at: now })
    .where("id", "=", linkId)
    .where("recommendation_id", "=", recommendation.id)
    .where("revoked_at", "is", null)
    .where("answered_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new NotFound();
  await tx.deleteFrom("answer_file").where("link_id", "=", linkId).execute();
  await tx
    .updateTable("mail_message")
    .set({ state: "cancelled", text: null, runner: null, leased_until: null })
    .where("link_id", "=", linkId)
    .where("state", "in", ["queued", "failed"])
    .execute();
  return recommendation;
}
