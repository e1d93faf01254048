import { createHmac, timingSafeEqual } from "node:crypto";
import type { Request, RequestHandler } from "express";
import type { Db } from "../../db/schema.ts";
import type { Context } from "./context.ts";
import { cookieName, digestOfCookie, hasLapsed } from "./sessions.ts";

declare global {
  namespace Express {
    interface Request {
      /** The expired session that the request came with: it opens nothing, and its form may be kept for the same person (`kept-acts.ts`). */
      lapsed?: { accountId: string; token: string };
      /** The form bears the token of that session: one of our own pages, drawn for that person, sent it. */
      keepable?: { accountId: string };
    }
  }
}

const same = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** The session's number in a signed cookie; null when the signature is not ours. */
function sessionInCookie(request: Request, name: string, secret: string): string | null {
  const pair = (request.headers.cookie ?? "").split(/;\s*/).find((one) => one.startsWith(`${name}=s%3A`));
  if (!pair) return null;
  let value: string;
  try {
    value = decodeURIComponent(pair.slice(name.length + 1)).slice(2);
  } catch {
    return null;
  }
  const dot = value.lastIndexOf(".");
  const id = value.slice(0, dot);
  const signature = createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
  return dot > 0 && same(value.slice(dot + 1), signature) ? id : null;
}

const sessionRow = (db: Db, id: string) =>
  db.selectFrom("session").select(["account_id", "data", "created_at", "seen_at"]).where("id", "=", id).executeTakeFirst();
type Row = { account_id: string | null; data: string; created_at: string; seen_at: string };
const lapsedIn = (row: Row, now: Date): { accountId: string; token: string } | null => {
  const { csrfToken } = JSON.parse(row.data) as { csrfToken?: unknown };
  return row.account_id !== null && hasLapsed(row, now) && typeof csrfToken === "string"
    ? { accountId: row.account_id, token: csrfToken }
    : null;
};

/**
 * Recognises a session that expired without having been ended. Opening any page afterwards starts another session, which remembers the first:
 * a form left open in another tab is still recognised. To stand before the forms are read.
 */
export function lapsedSessions({ config, database, clock }: Context, secret: string): RequestHandler {
  const name = cookieName(config);
  return async (request, _response, next) => {
    const posted = request.method === "POST";
    if (request.user || !(posted || request.method === "GET")) return next();
    const { after } = request.session;
    if (after && !posted) return next();
    const inCookie = after ? null : sessionInCookie(request, name, secret);
    const row = after ?? (inCookie !== null && inCookie !== request.sessionID ? digestOfCookie(inCookie) : null);
    const found = row === null ? undefined : await sessionRow(database.db, row);
    const lapsed = found && lapsedIn(found, clock());
    if (lapsed && posted) request.lapsed = lapsed;
    else if (lapsed && row) request.session.after = row;
    next();
  };
}

/** Whether a form's token is that of one of this person's expired sessions: the page was drawn before they signed in again elsewhere. */
export async function isOfLapsedSession(db: Db, accountId: string, token: string, now: Date): Promise<boolean> {
  const rows = await db
    .selectFrom("session")
    .select(["account_id", "data", "created_at", "seen_at"])
    .where("account_id", "=", accountId)
    .orderBy("seen_at", "desc")
    .limit(20)
    .execute();
  return rows.some((row) => same(lapsedIn(row, now)?.token ?? "", token));
}

/** Whether a form bears the token of the expired session that its cookie names. */
export const bearsLapsedToken = ({ lapsed }: Request, token: string | undefined): boolean =>
  lapsed !== undefined && token !== undefined && same(lapsed.token, token);
