import { randomBytes } from "node:crypto";
import { createTransport, type Transporter } from "nodemailer";
import { newId } from "../../db/ids.ts";
import type { Db, MailMessageTable } from "../../db/schema.ts";
import type { MailSettings } from "../config.ts";
import type { Context } from "../http/context.ts";
import { dayOf } from "../http/formats.ts";

const MINUTE = 60_000;
/** How long after each failure the next try comes; after the last one the message has failed. */
const WAITS = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE);
/** A server that stopped while it was sending holds a message for so long; longer than the slowest try. */
const LEASE_MS = 5 * MINUTE;
const TRY_MS = 20_000;
const EVERY_MS = 15_000;
/** The text of a message that failed is kept for so long, for another try. */
const FAILED_MS = 14 * 86_400_000;

export const MAIL_ERRORS = ["tls", "connection", "auth", "later", "refused", "interrupted", "other"] as const;
export type MailError = (typeof MAIL_ERRORS)[number];

/** What went wrong, as a code: what the other side said may hold anything. */
export function mailError(error: unknown): MailError {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  if (code === "EAUTH") return "auth";
  if (code === "ETLS" || /certificate|self.signed|\b(ssl|tls)\b|STARTTLS/i.test(`${code} ${message}`)) return "tls";
  if (responseCode !== undefined && responseCode >= 500) return "refused";
  if (responseCode !== undefined && responseCode >= 400) return "later";
  if (["ECONNECTION", "ETIMEDOUT", "ESOCKET", "EDNS", "ECONNREFUSED", "ECONNRESET"].includes(code ?? "")) return "connection";
  return "other";
}

/** The way to the mail server; encrypted, unless it is on this machine. */
export const mailTransport = ({ host, port, tls, user, pass }: MailSettings): Transporter =>
  createTransport({
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "required",
    ignoreTLS: false,
    // A server of this machine may hold any certificate: what is said to it stays here.
    tls: { rejectUnauthorized: tls !== "opportunistic", minVersion: "TLSv1.2" },
    ...(user !== null && { auth: { user, pass: pass ?? "" } }),
    connectionTimeout: TRY_MS,
    greetingTimeout: TRY_MS,
    socketTimeout: TRY_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

const due = (db: Db, now: string) =>
  db
    .selectFrom("mail_message")
    .selectAll()
    .where("state", "=", "queued")
    .where("next_attempt_at", "<=", now)
    .where((or) => or.or([or("leased_until", "is", null), or("leased_until", "<", now)]))
    .orderBy("next_attempt_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();

/** Takes one message for this server alone; null when another took it first. */
async function lease(db: Db, message: MailMessageTable, runner: string, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("mail_message")
    .set({
      runner,
      leased_until: new Date(Date.parse(now) + LEASE_MS).toISOString(),
      attempts: message.attempts + 1,
      ...(message.runner !== null && { last_error: "interrupted" }),
    })
    .where("id", "=", message.id)
    .where("state", "=", "queued")
    .where("attempts", "=", message.attempts)
    .where((or) => or.or([or("leased_until", "is", null), or("leased_until", "<", now)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether somebody is still expected to answer what the message is about: it may have been withdrawn or closed since. */
const isAwaited = async (db: Db, { recommendation_id }: MailMessageTable): Promise<boolean> =>
  (await db
    .selectFrom("recommendation")
    .select("id")
    .where("id", "=", recommendation_id)
    .where("state", "in", ["issued", "answered", "assessed"])
    .executeTakeFirst()) !== undefined;

const giveUp = (db: Db, { id }: MailMessageTable, runner: string) =>
  db
    .updateTable("mail_message")
    .set({ state: "cancelled", text: null, runner: null, leased_until: null })
    .where("id", "=", id)
    .where("runner", "=", runner)
    .execute();

/** The message has left: its text goes, and the dispatch is proved. */
async function settle(db: Db, message: MailMessageTable, runner: string, now: string, proof: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("mail_message")
      .set({ state: "sent", sent_at: now, text: null, runner: null, leased_until: null, last_error: null })
      .where("id", "=", message.id)
      .where("runner", "=", runner)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n || message.kind === "acknowledgement") return;
    await tx
      .insertInto("recommendation_dispatch")
      .values({
        id: newId(),
        recommendation_id: message.recommendation_id,
        kind: message.kind,
        on_date: dayOf(now),
        channel: "email",
        contact_id: message.contact_id,
        recipient: message.recipient,
        proof_reference: proof,
        file_name: null,
        media_type: null,
        bytes: null,
        digest: null,
        by: message.created_by,
        link_id: null,
        at: now,
      })
      .execute();
  });
}

/** The message did not leave: another try later, or none when it was refused for good or tried often enough. */
async function postpone(db: Db, { id, attempts }: MailMessageTable, runner: string, now: string, error: MailError): Promise<void> {
  const wait = error === "refused" ? undefined : WAITS[attempts];
  await db
    .updateTable("mail_message")
    .set({
      runner: null,
      leased_until: null,
      last_error: error,
      ...(wait === undefined ? { state: "failed" } : { next_attempt_at: new Date(Date.parse(now) + wait).toISOString() }),
    })
    .where("id", "=", id)
    .where("runner", "=", runner)
    .execute();
}

/**
 * Sends every message that is due, one after the other. A server that stops between the acceptance of a message and its noting sends it again
 * after the lease, under the same Message-ID.
 * @param stopped asked before each message
 * @returns how many left
 */
export async function sendDueMail(
  { config, database, clock, log }: Pick<Context, "config" | "database" | "clock" | "log">,
  transport: Transporter,
  runner: string,
  stopped: () => boolean = () => false,
): Promise<number> {
  const { db } = database;
  const { mail } = config;
  if (!mail) return 0;
  const domain = /@([^>]+)>?$/.exec(mail.from)![1]!;
  let sent = 0;
  while (!stopped()) {
    const now = clock().toISOString();
    const message = await due(db, now);
    if (!message) break;
    if (!(await lease(db, message, runner, now))) continue;
    if (message.kind !== "acknowledgement" && !(await isAwaited(db, message))) {
      await giveUp(db, message, runner);
      continue;
    }
    const messageId = `<${message.id}@${domain}>`;
    try {
      await transport.sendMail({
        from: mail.from,
        to: { name: message.recipient, address: message.to_address },
        subject: message.subject,
        text: message.text!,
        messageId,
        date: new Date(message.created_at),
        encoding: "utf-8",
        headers: { "Content-Language": message.language, "X-Auto-Response-Suppress": "OOF, AutoReply" },
      });
    } catch (error) {
      const code = mailError(error);
      log.warn({ mail: message.id, attempt: message.attempts + 1, error: code });
      await postpone(db, message, runner, clock().toISOString(), code);
      continue;
    }
    await settle(db, message, runner, clock().toISOString(), messageId);
    sent += 1;
  }
  return sent;
}

/** Texts of messages that failed long ago, erased. */
export const forgetFailedMail = (db: Db, now: Date) =>
  db
    .updateTable("mail_message")
    .set({ text: null })
    .where("state", "=", "failed")
    .where("created_at", "<", new Date(now.getTime() - FAILED_MS).toISOString())
    .execute();

/**
 * Sends mail for as long as the server runs; nothing where no mail server is set.
 * @returns stops: waits for the message that is being sent, then lets go
 */
export function startMail(context: Context): () => Promise<void> {
  const { config, database, clock, log } = context;
  if (!config.mail) return async () => {};
  const transport = mailTransport(config.mail);
  const runner = randomBytes(12).toString("base64url");
  let stopped = false;
  let working = Promise.resolve();
  const work = async () => {
    try {
      await forgetFailedMail(database.db, clock());
      await sendDueMail(context, transport, runner, () => stopped);
    } catch (error) {
      log.error({ error: (error as Error).name });
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    working = work().finally(() => {
      busy = false;
    });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await working;
    transport.close();
  };
}
