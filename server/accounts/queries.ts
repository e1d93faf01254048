import { createHash, randomBytes } from "node:crypto";
import { newId } from "../../db/ids.ts";
import { keptQuery } from "../../db/kept-query.ts";
import type { Db, TokenTable, Tx } from "../../db/schema.ts";
import type { Role } from "../../workflows/actor.ts";
import { ROLES } from "../../workflows/actor.ts";
import type { Signed } from "../http/handlers.ts";
import { IDLE_MS } from "../http/sessions.ts";

export type Account = Signed & { passphraseHash: string; disabledAt: string | null; createdAt: string };

const accounts = (db: Db | Tx) =>
  db
    .selectFrom("account")
    .leftJoin("account_role", "account_role.account_id", "account.id")
    .selectAll("account")
    .select("account_role.role");
type Row = Awaited<ReturnType<ReturnType<typeof accounts>["execute"]>>[number];

/** One account from its rows, a row a role; roles in the order of the list of roles. */
const accountOf = (rows: readonly Row[]): Account | undefined => {
  const [row] = rows;
  if (!row) return undefined;
  const held = new Set(rows.map(({ role }) => role));
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    language: row.language,
    roles: ROLES.filter((role) => held.has(role)),
    passphraseHash: row.passphrase_hash,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
  };
};

const accountRows = keptQuery((db, id) => accounts(db).where("account.id", "=", id).compile());
export const findAccount = async (db: Db | Tx, id: string): Promise<Account | undefined> => accountOf(await accountRows(db, id));

export const findAccountByEmail = async (db: Db | Tx, email: string): Promise<Account | undefined> =>
  accountOf(await accounts(db).where("account.email", "=", email.trim().toLowerCase()).execute());

/** Every account, by name. */
export async function listAccounts(db: Db | Tx): Promise<Account[]> {
  const rows = await accounts(db).orderBy("account.name").orderBy("account.id").execute();
  return [...Map.groupBy(rows, ({ id }) => id).values()].map((group) => accountOf(group)!);
}

/** Whether anybody has an account, active or not. */
export const hasAccounts = async (db: Db | Tx): Promise<boolean> =>
  (await db.selectFrom("account").select("id").limit(1).executeTakeFirst()) !== undefined;

/** Active accounts that hold a role, by name. */
export const listAccountsWithRole = async (db: Db | Tx, role: Role): Promise<Pick<Account, "id" | "name">[]> =>
  db
    .selectFrom("account")
    .innerJoin("account_role", "account_role.account_id", "account.id")
    .select(["account.id", "account.name"])
    .where("account_role.role", "=", role)
    .where("account.disabled_at", "is", null)
    .orderBy("account.name")
    .execute();

export async function createAccount(
  tx: Db | Tx,
  given: { email: string; name: string; passphraseHash: string; roles: readonly Role[]; language: "fr" | "en"; now: string },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto("account")
    .values({
      id,
      email: given.email.trim().toLowerCase(),
      name: given.name,
      passphrase_hash: given.passphraseHash,
      language: given.language,
      created_at: given.now,
      disabled_at: null,
    })
    .execute();
  await setRoles(tx, id, given.roles);
  return id;
}

export async function setRoles(tx: Db | Tx, accountId: string, roles: readonly Role[]): Promise<void> {
  await tx.deleteFrom("account_role").where("account_id", "=", accountId).execute();
  if (roles.length > 0)
    await tx
      .insertInto("account_role")
      .values(roles.map((role) => ({ account_id: accountId, role })))
      .execute();
}

/** Ends every session of an account, but the one kept (its digest). */
export const endSessions = (tx: Db | Tx, accountId: string, kept: string | null = null) =>
  tx
    .deleteFrom("session")
    .where("account_id", "=", accountId)
    .$if(kept !== null, (q) => q.where("id", "!=", kept!))
    .execute();

export const digestOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Makes a one-time link's secret and stores its digest; earlier links of the same kind for the same person die. Returns the secret. */
export async function createToken(
  tx: Db | Tx,
  given: {
    kind: TokenTable["kind"];
    email: string | null;
    name: string | null;
    roles: readonly Role[];
    accountId?: string;
    createdBy: string | null;
    now: string;
    hours: number;
  },
): Promise<string> {
  const secret = randomBytes(24).toString("base64url");
  await tx
    .updateTable("token")
    .set({ used_at: given.now })
    .where("kind", "=", given.kind)
    .where("used_at", "is", null)
    .$if(given.email !== null, (q) => q.where("email", "=", given.email))
    .execute();
  await tx
    .insertInto("token")
    .values({
      id: newId(),
      kind: given.kind,
      hash: digestOf(secret),
      email: given.email,
      name: given.name,
      roles: JSON.stringify(given.roles),
      account_id: given.accountId ?? null,
      created_by: given.createdBy,
      created_at: given.now,
      expires_at: new Date(Date.parse(given.now) + given.hours * 3_600_000).toISOString(),
      used_at: null,
    })
    .execute();
  return secret;
}

export type LiveToken = {
  id: string;
  kind: TokenTable["kind"];
  email: string | null;
  name: string | null;
  roles: Role[];
  accountId: string | null;
};
/** The link that this secret opens, unless used, replaced or expired. */
export async function findLiveToken(db: Db | Tx, secret: string, now: string): Promise<LiveToken | undefined> {
  const row = await db
    .selectFrom("token")
    .selectAll()
    .where("hash", "=", digestOf(secret))
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      kind: row.kind,
      email: row.email,
      name: row.name,
      roles: JSON.parse(row.roles) as Role[],
      accountId: row.account_id,
    }
  );
}

/** Uses a link up; false when somebody else just did. */
export const useToken = async (tx: Tx, id: string, now: string): Promise<boolean> =>
  (await tx.updateTable("token").set({ used_at: now }).where("id", "=", id).where("used_at", "is", null).executeTakeFirst())
    .numUpdatedRows === 1n;

/** How many active accounts hold the administrator's role. */
export const countAdministrators = async (db: Db | Tx): Promise<number> => (await listAccountsWithRole(db, "administrator")).length;

/**
 * Holds the list of administrators still until the transaction ends, so that two of them cannot leave the house without one by removing each
 * other at the same moment. (An update that changes nothing takes the rows' locks on both databases.)
 */
export const lockAdministrators = (tx: Tx) =>
  tx.updateTable("account_role").set({ role: "administrator" }).where("role", "=", "administrator").execute();

export const setPassphrase = (tx: Tx, accountId: string, passphraseHash: string) =>
  tx.updateTable("account").set({ passphrase_hash: passphraseHash }).where("id", "=", accountId).execute();

export const setLanguage = (tx: Tx, accountId: string, language: "fr" | "en") =>
  tx.updateTable("account").set({ language }).where("id", "=", accountId).execute();

/** Closes an account from an instant on, or opens it again (null). */
export const setDisabled = (tx: Tx, accountId: string, disabledAt: string | null) =>
  tx.updateTable("account").set({ disabled_at: disabledAt }).where("id", "=", accountId).execute();

export type OpenSession = { id: string; since: string; seen: string };
/** Sessions of an account used within half an hour, the last used first. An older one opens nothing: the session store refuses it. */
export async function listOpenSessions(db: Db | Tx, accountId: string, now: string): Promise<OpenSession[]> {
  const idle = new Date(Date.parse(now) - IDLE_MS).toISOString();
  return db
    .selectFrom("session")
    .select(["id", "created_at as since", "seen_at as seen"])
    .where("account_id", "=", accountId)
    .where("seen_at", ">=", idle)
    .orderBy("seen_at", "desc")
    .orderBy("id")
    .execute();
}

/** Ends one session of an account. */
export const endSession = (tx: Tx, accountId: string, id: string) =>
  tx.deleteFrom("session").where("account_id", "=", accountId).where("id", "=", id).execute();

export type Invitation = { id: string; email: string; name: string; roles: Role[]; expiresAt: string };
/** Invitations that can still be accepted, the first to expire first. */
export async function listInvitations(db: Db | Tx, now: string): Promise<Invitation[]> {
  const rows = await db
    .selectFrom("token")
    .select(["id", "email", "name", "roles", "expires_at"])
    .where("kind", "=", "invitation")
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .orderBy("expires_at")
    .orderBy("id")
    .execute();
  return rows.map(({ id, email, name, roles, expires_at }) => ({
    id,
    email: email ?? "",
    name: name ?? "",
    roles: JSON.parse(roles) as Role[],
    expiresAt: expires_at,
  }));
}
