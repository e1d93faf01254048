import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { Invalid } from "../http/errors.ts";
import type { Problems, Typed } from "../http/fields.ts";
import { type Exchange, handlers, type Signed } from "../http/handlers.ts";
import type { View } from "../http/views.ts";
import { email, hashOfNew, passphrase, personName } from "./fields.ts";
import { closedLinkPage, joinPage, recoveryPage, signedInAlreadyPage } from "./pages.ts";
import {
  createAccount,
  endSessions,
  findAccount,
  findAccountByEmail,
  findLiveToken,
  hasAccounts,
  type LiveToken,
  setPassphrase,
  useToken,
} from "./queries.ts";

type Kind = LiveToken["kind"];
const bySecret = z.strictObject({ secret: z.string().max(200) });
/** `hash` is made before the transaction: argon2 takes its time, and a transaction must not. */
const chosen = { secret: z.string().max(200), passphrase: passphrase(), again: passphrase() };
const recoveryForm = z.strictObject(chosen).transform((input) => ({ ...input, hash: "" }));
const invitationForm = z.strictObject({ ...chosen, name: personName() }).transform((input) => ({ ...input, hash: "" }));
const firstForm = z.strictObject({ ...chosen, name: personName(), email: email() }).transform((input) => ({ ...input, hash: "" }));

/** The live link of this kind behind a secret: to a first administrator only while there is nobody, to a recovery only while its account is active. */
async function liveLink(db: Db, kind: Kind, secret: string, now: string): Promise<LiveToken | null> {
  const link = await findLiveToken(db, secret, now);
  if (link?.kind !== kind) return null;
  if (kind === "invitation") return link;
  if (kind === "first_administrator") return (await hasAccounts(db)) ? null : link;
  const account = link.accountId && (await findAccount(db, link.accountId));
  return account && account.disabledAt === null ? link : null;
}

/** Pages that people without a session open from a link they were given: joining, the first administrator, a new passphrase. */
export function oneTimeLinkRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  /** The form behind a link, or why there is none. */
  const linkPage = async (
    db: Db,
    kind: Kind,
    secret: string,
    typed: Typed | null,
    problems: Problems,
    exchange: Exchange,
  ): Promise<View> => {
    const link = await liveLink(db, kind, secret, exchange.now);
    if (!link) return closedLinkPage(exchange, kind);
    const by = exchange.by as Signed | undefined;
    if (by) return signedInAlreadyPage(exchange, by.name);
    if (kind !== "recovery") return joinPage(exchange, link, typed, problems);
    return recoveryPage(exchange, (await findAccount(db, link.accountId!))!, problems);
  };
  const opened = (kind: Kind) => page(bySecret, "anyone", (db, { secret }, exchange) => linkPage(db, kind, secret, null, {}, exchange));
  const again = (kind: Kind) => (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    linkPage(db, kind, String(typed.secret), typed, problems, exchange);
  /** The address of the link itself: it says that the link is dead, or who is signed in. */
  const address = { invitation: "/invitation", first_administrator: "/premier-administrateur", recovery: "/recuperation" } as const;

  /** Makes the account that a link promises. */
  const join = (kind: "invitation" | "first_administrator") => {
    type Input = z.output<typeof invitationForm> & { email?: string };
    return action(kind === "invitation" ? invitationForm : firstForm, "anyone", {
      prepare: async (input: Input, exchange, db) => {
        const link = await liveLink(db, kind, input.secret, exchange.now);
        if (!link || exchange.by) return;
        const address = input.email ?? link.email!;
        if (await findAccountByEmail(db, address)) throw new Invalid({ [input.email ? "email" : "name"]: "accounts.email.taken" });
        input.hash = await hashOfNew("passphrase", input, { email: address, name: input.name });
      },
      run: async (tx, input: Input, { t, language, now, audit }) => {
        const link = input.hash ? await findLiveToken(tx, input.secret, now) : undefined;
        if (!link || !(await useToken(tx, link.id, now))) return { to: `${address[kind]}/${encodeURIComponent(input.secret)}` };
        const id = await createAccount(tx, {
          email: input.email ?? link.email!,
          name: input.name,
          passphraseHash: input.hash,
          roles: link.roles,
          language,
          now,
        });
        audit("account-created", "account", id);
        return { to: "/connexion", flash: { tone: "success", text: t("accounts.join.done") } };
      },
      again: again(kind),
    });
  };

  return Router()
    .get("/invitation/:secret", opened("invitation"))
    .post("/invitation/:secret", join("invitation"))
    .get("/premier-administrateur/:secret", opened("first_administrator"))
    .post("/premier-administrateur/:secret", join("first_administrator"))
    .get("/recuperation/:secret", opened("recovery"))
    .post(
      "/recuperation/:secret",
      action(recoveryForm, "anyone", {
        prepare: async (input, exchange, db) => {
          const link = await liveLink(db, "recovery", input.secret, exchange.now);
          if (!link || exchange.by) return;
          input.hash = await hashOfNew("passphrase", input, (await findAccount(db, link.accountId!))!);
        },
        run: async (tx, { secret, hash }, { t, now, audit }) => {
          const link = hash ? await findLiveToken(tx, secret, now) : undefined;
          if (!link?.accountId || !(await useToken(tx, link.id, now))) return { to: `${address.recovery}/${encodeURIComponent(secret)}` };
          await setPassphrase(tx, link.accountId, hash);
          await endSessions(tx, link.accountId);
          audit("passphrase-recovered", "account", link.accountId);
          return { to: "/connexion", flash: { tone: "success", text: t("accounts.recovery.done") } };
        },
        again: again("recovery"),
      }),
    );
}
