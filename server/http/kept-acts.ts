import type { Request } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { newId } from "../../db/ids.ts";
import type { Db, KeptActTable, Tx } from "../../db/schema.ts";
import { type Ability, may } from "../../workflows/abilities.ts";
import type { Context } from "./context.ts";
import { Refusal, TooMany } from "./errors.ts";
import { INVALID_CSRF } from "./security.ts";
import { translator } from "./words.ts";

/** An act waits this long for its person, milliseconds. */
const KEPT_MS = 24 * 3_600_000;
const MOST = 20;
/** Bytes of the fields, as JSON. */
const LARGEST = 65_536;
/** Forms of case work. Whatever concerns accounts, passphrases, sessions or administration is never kept nor sent again. */
const KEEPABLE: readonly Ability[] = [
  "readCases",
  "followReports",
  "registerReports",
  "depositReports",
  "readFigures",
  "writeToAddressees",
  "readDraftPublications",
  "composePublications",
];

const since = (now: string): string => new Date(Date.parse(now) - KEPT_MS).toISOString();

export type KeptAct = Omit<KeptActTable, "body" | "had_files"> & { body: Record<string, string | string[]>; hadFiles: boolean };
const keptAct = ({ body, had_files, ...row }: KeptActTable): KeptAct => ({
  ...row,
  body: JSON.parse(body) as KeptAct["body"],
  hadFiles: had_files === 1,
});

const ofAccount = (db: Db | Tx, accountId: string, now: string) =>
  db.selectFrom("kept_act").selectAll().where("account_id", "=", accountId).where("at", ">=", since(now));

/** What waits for this person, the oldest first. */
export const listKeptActs = async (db: Db | Tx, accountId: string, now: string): Promise<KeptAct[]> =>
  (await ofAccount(db, accountId, now).orderBy("at").orderBy("id").execute()).map(keptAct);

/** One act that waits for this person. */
export const findKeptAct = async (db: Db | Tx, accountId: string, id: string, now: string): Promise<KeptAct | undefined> => {
  const row = await ofAccount(db, accountId, now).where("id", "=", id).executeTakeFirst();
  return row && keptAct(row);
};

/** Takes an act out of those that wait; false when it no longer did. */
export const takeKeptAct = async (tx: Tx, accountId: string, id: string): Promise<boolean> =>
  (await tx.deleteFrom("kept_act").where("account_id", "=", accountId).where("id", "=", id).executeTakeFirst()).numDeletedRows === 1n;

/** Acts that nobody came back for, removed: called at start and every hour. */
export const forgetKeptActs = (db: Db, now: Date) => db.deleteFrom("kept_act").where("at", "<", since(now.toISOString())).execute();

/** What of a page's query is kept in an address: numbers, codes and ids, never what was searched for. */
const QUERY = ["document", "avec", "vue", "carte", "facteur", "sujet", "passage", "page"];
/** An address of ours without what could be of a case: its path, and of its query only numbers, codes and ids of known names. */
export const soberAddress = (url: URL): string => {
  const query = new URLSearchParams([...url.searchParams].filter(([name, value]) => QUERY.includes(name) && /^[\w-]{1,60}$/.test(value)));
  return `${url.pathname}${query.size > 0 ? `?${query}` : ""}`;
};

/** The page that a form stood on: the address of the browser's own word if it is ours, else the page above the form's address. */
export function placeOf(request: Request, { config }: Pick<Context, "config">): string {
  const own = new Set([config.publicUrl, `${request.protocol}://${request.headers.host}`].map((url) => URL.parse(url)?.origin));
  const from = URL.parse(request.headers.referer ?? "");
  // A form that came back with what was typed stands at its own address, which cannot be opened.
  if (from && own.has(from.origin) && from.pathname !== request.path && /^\/(?![/\\])/.test(from.pathname)) return soberAddress(from);
  const parts = request.path.split("/").filter(Boolean);
  return `/${parts.slice(0, Math.min(3, parts.length - 1)).join("/")}`;
}

/** What one person may have kept in ten minutes: a page that tries again and again, not a flood. */
const RATE = { points: 60, duration: 600 };
const limits = new WeakMap<Context, RateLimiterMemory>();

async function admit(context: Context, accountId: string): Promise<void> {
  const known = limits.get(context) ?? new RateLimiterMemory(RATE);
  limits.set(context, known);
  try {
    await known.consume(accountId);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new TooMany(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
  }
}

/**
 * Keeps the fields of a form whose session had expired, for the person of that session alone. Returns the page to come back to.
 * @param replaces what the act is about: of acts that wait with the same word, the last one alone is kept
 * @throws INVALID_CSRF where there is nobody to keep it for, or the form is not one of case work; TooMany; Refusal when too many wait
 */
export async function keepAct(
  context: Context,
  request: Request,
  { ability, replaces }: { ability: Ability | "anyone"; replaces: string | null },
): Promise<{ place: string }> {
  const { database, clock } = context;
  const accountId = request.keepable?.accountId;
  if (accountId === undefined || ability === "anyone" || !KEEPABLE.includes(ability)) throw INVALID_CSRF;
  const { _csrf, ...fields } = (request.body ?? {}) as Record<string, string | string[]>;
  const body = JSON.stringify(fields);
  if (Buffer.byteLength(body) > LARGEST) throw Object.assign(new Error("too large to keep"), { status: 413 });
  await admit(context, accountId);
  const now = clock().toISOString();
  const place = placeOf(request, context);
  await database.db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom("account")
      .innerJoin("account_role", "account_role.account_id", "account.id")
      .select("role")
      .where("account.id", "=", accountId)
      .where("disabled_at", "is", null)
      .execute();
    if (!may({ roles: rows.map(({ role }) => role) }, ability)) throw INVALID_CSRF;
    await tx
      .deleteFrom("kept_act")
      .where("account_id", "=", accountId)
      .where((or) =>
        or.or([
          or("at", "<", since(now)),
          or.and([or("path", "=", request.path), replaces === null ? or("body", "=", body) : or("replaces", "=", replaces)]),
        ]),
      )
      .execute();
    const { waiting } = await tx
      .selectFrom("kept_act")
      .select((e) => e.fn.countAll().as("waiting"))
      .where("account_id", "=", accountId)
      .executeTakeFirstOrThrow();
    if (Number(waiting) >= MOST)
      throw new Refusal(
        (reader) => [translator(reader)("http.kept.full", { most: MOST })],
        `/connexion?retour=${encodeURIComponent(place)}`,
      );
    const id = newId();
    const values = { id, account_id: accountId, path: request.path, place, replaces, body, had_files: request.hadFiles ? 1 : 0, at: now };
    await tx
      .insertInto("kept_act")
      .values(values as KeptActTable)
      .execute();
    await tx
      .insertInto("audit")
      .values({
        at: now,
        account_id: accountId,
        action: "act-kept",
        object_kind: "kept-act",
        object_id: id,
        result: "done",
        address: request.ip ?? null,
        detail: JSON.stringify({ path: request.path }),
      })
      .execute();
  });
  return { place };
}
