import { createHash } from "node:crypto";
import session, { type SessionData } from "express-session";
import { keptQuery } from "../../db/kept-query.ts";
import type { Db } from "../../db/schema.ts";
import type { Config } from "../config.ts";
import type { Context } from "./context.ts";

declare module "express-session" {
  interface SessionData {
    passport?: { user: string };
    flash?: { tone: "success" | "warning" | "error" | "info"; text: string };
    /** The session has its row: if somebody ended it meanwhile, saving must not bring it back. */
    stored?: true;
    /** When its row was last marked as seen, milliseconds. */
    seen?: number;
    /** When this sign-in began, milliseconds. */
    since?: number;
    /** The expired session (its row) that this one, of nobody yet, came after in the same browser. */
    after?: string;
    /** Acts of this person wait to be saved or given up (kept-acts.ts). */
    waiting?: true;
  }
}

/** A session ends after this long without a request, milliseconds. */
export const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3_600_000;
/**
 * The row of an expired session stays this long after its last use. It opens nothing; it only lets a form that its person was still writing
 * be kept for them (kept-acts.ts).
 */
const REMEMBERED_MS = 24 * 3_600_000;
/** A session's last use is written at most this often: a page does not cost a write. */
const SEEN_EVERY_MS = 60_000;

/** Whether a session is over by its own age. */
export const hasLapsed = (row: { created_at: string; seen_at: string }, now: Date): boolean =>
  now.getTime() - Date.parse(row.seen_at) > IDLE_MS || now.getTime() - Date.parse(row.created_at) > LONGEST_MS;

/** A session's row is named by the digest of the cookie's value. */
export const digestOfCookie = (id: string): string => createHash("sha256").update(id).digest("hex");

const sessionRow = keptQuery((db, id) => db.selectFrom("session").select(["data", "created_at", "seen_at"]).where("id", "=", id).compile());

/** Sessions as rows, alike on both databases. The cookie's value is never stored, only its digest. */
class SessionStore extends session.Store {
  readonly #db: Db;
  readonly #clock: () => Date;
  constructor(db: Db, clock: () => Date) {
    super();
    this.#db = db;
    this.#clock = clock;
  }

  override get(id: string, done: (error: unknown, data?: SessionData | null) => void): void {
    sessionRow(this.#db, digestOfCookie(id))
      .then(([row]) => {
        if (!row || hasLapsed(row, this.#clock())) return done(null, null);
        done(null, { ...(JSON.parse(row.data) as SessionData), stored: true, seen: Date.parse(row.seen_at) });
      })
      .catch(done);
  }

  override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    const now = this.#clock().toISOString();
    const { cookie: _, stored, seen: __, ...kept } = data;
    const values = { data: JSON.stringify({ cookie: {}, ...kept }), account_id: data.passport?.user ?? null, seen_at: now };
    const written = stored
      ? this.#db.updateTable("session").set(values).where("id", "=", digestOfCookie(id)).execute()
      : this.#db
          .insertInto("session")
          .values({ id: digestOfCookie(id), created_at: now, ...values })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
          .execute();
    written.then(() => done?.()).catch((error: unknown) => done?.(error));
  }

  override touch(id: string, data: SessionData, done?: () => void): void {
    const now = this.#clock().getTime();
    if (data.seen !== undefined && now - data.seen < SEEN_EVERY_MS) {
      done?.();
      return;
    }
    this.#db
      .updateTable("session")
      .set({ seen_at: new Date(now).toISOString() })
      .where("id", "=", digestOfCookie(id))
      .execute()
      .then(() => done?.())
      .catch(() => done?.());
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    this.#db
      .deleteFrom("session")
      .where("id", "=", digestOfCookie(id))
      .execute()
      .then(() => done?.())
      .catch((error: unknown) => done?.(error));
  }
}

/** Sessions long past their time, removed: called at start and every hour. */
export async function forgetOldSessions(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom("session")
    .where("seen_at", "<", new Date(now.getTime() - REMEMBERED_MS).toISOString())
    .execute();
}

const overHttps = ({ publicUrl }: Pick<Config, "publicUrl">): boolean => publicUrl.startsWith("https:");
/** The cookie is `__Host-` and Secure wherever the tool is reached over https. */
export const cookieName = (config: Pick<Config, "publicUrl">): string => (overHttps(config) ? "__Host-retex" : "retex");

/** The session middleware. */
export const sessions = ({ config, database, clock }: Context, secret: string) =>
  session({
    name: cookieName(config),
    secret,
    resave: false,
    saveUninitialized: false,
    store: new SessionStore(database.db, clock),
    cookie: { path: "/", httpOnly: true, sameSite: "lax", secure: overHttps(config) },
    proxy: config.trustProxy > 0,
  });
