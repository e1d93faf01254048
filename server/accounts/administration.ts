import { type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Db, Tx } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { Context } from "../http/context.ts";
import { BadRequest, Forbidden, Invalid, NotFound, NotSignedIn, Refusal } from "../http/errors.ts";
import { type Problems, problemsOf, type Typed } from "../http/fields.ts";
import { languageOf, sendView } from "../http/frame.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { translator } from "../http/words.ts";
import { listAudit, writeAudit } from "./audit.ts";
import { email, personName, roles } from "./fields.ts";
import { administeredPage, administrationPage, auditPage, oneTimeLinkPage } from "./pages.ts";
import { sessionOf } from "./passport.ts";
import {
  type Account,
  countAdministrators,
  createToken,
  endSessions,
  findAccount,
  findAccountByEmail,
  findLiveToken,
  listAccounts,
  listInvitations,
  listOpenSessions,
  lockAdministrators,
  setDisabled,
  setRoles,
  useToken,
} from "./queries.ts";

const INVITATION_HOURS = 24;
const RECOVERY_HOURS = 1;

const nothing = z.strictObject({});
const byId = z.strictObject({ id: z.string().max(100) });
const inviteForm = z.strictObject({ email: email(), name: personName(), roles: roles() });
const rolesForm = z.strictObject({ id: z.string().max(100), roles: roles() });
const auditQuery = z.strictObject({
  acte: z.string().max(100).optional(),
  compte: z.string().max(100).optional(),
  avant: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
});

const accountAddress = (id: string): string => `/administration/comptes/${encodeURIComponent(id)}`;

const found = async (db: Db | Tx, id: string): Promise<Account> => {
  const account = await findAccount(db, id);
  if (!account) throw new NotFound();
  return account;
};

/** Runs a change of accounts, and takes it back when it would leave the house without an administrator. */
async function keepingAnAdministrator(tx: Tx, change: () => Promise<unknown>, refusal: () => Error): Promise<void> {
  await lockAdministrators(tx);
  await change();
  if ((await countAdministrators(tx)) === 0) throw refusal();
}

/** Accounts, invitations and audit. Nothing here reads a case. */
export function administrationRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const { config, database, clock } = context;

  const listPage = async (db: Db, typed: Typed | null, problems: Problems, exchange: Exchange) =>
    administrationPage(exchange, await listAccounts(db), await listInvitations(db, exchange.now), typed, problems);
  const accountPage = async (db: Db, id: string, typed: Typed | null, problems: Problems, exchange: Exchange) => {
    const account = await found(db, id);
    return administeredPage(exchange, account, (await listOpenSessions(db, id, exchange.now)).length, typed, problems);
  };
  const accountAgain = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    accountPage(db, String(typed.id), typed, problems, exchange);

  /** What an act that shows a link needs of the request: an administrator, and the words of their language. */
  const administratorOf = (request: Parameters<RequestHandler>[0]) => {
    const by = request.user;
    if (!by) throw new NotSignedIn();
    if (!may(by, "administer")) throw new Forbidden();
    const language = languageOf(request);
    return { by, language, t: translator(language), now: clock().toISOString() };
  };

  /**
   * Invites. The answer is the page that shows the link, not a redirect to it: the secret is then in no address, no session and no row.
   */
  const invite: RequestHandler = async (request, response) => {
    const { by, language, t, now } = administratorOf(request);
    const { _csrf, ...sent } = (request.body ?? {}) as Record<string, unknown>;
    const refuse = async (problems: Problems) => {
      const [accounts, invitations] = [await listAccounts(database.db), await listInvitations(database.db, now)];
      sendView(context, request, response, {
        ...administrationPage({ t, language }, accounts, invitations, sent as Typed, problems),
        status: 422,
      });
    };
    const parsed = inviteForm.safeParse(sent);
    if (!parsed.success) {
      if (parsed.error.issues.some(({ code }) => code === "unrecognized_keys")) throw new BadRequest();
      return refuse(problemsOf(parsed.error, t));
    }
    const invited = parsed.data;
    if (await findAccountByEmail(database.db, invited.email)) return refuse({ email: t("accounts.email.taken") });
    const secret = await database.db.transaction().execute(async (tx) => {
      const made = await createToken(tx, { ...invited, kind: "invitation", createdBy: by.id, now, hours: INVITATION_HOURS });
      const object = { kind: "token", id: (await findLiveToken(tx, made, now))!.id };
      await writeAudit(tx, { at: now, account_id: by.id, action: "account-invited", result: "done", address: request.ip ?? null, object });
      return made;
    });
    const link = `${config.publicUrl}/invitation/${secret}`;
    sendView(
      context,
      request,
      response,
      oneTimeLinkPage({ t, language }, "invitation", { name: invited.name, link, back: "/administration/comptes" }),
    );
  };

  /** Makes a link by which somebody who lost their passphrase chooses another; answers as `invite` does. */
  const recover: RequestHandler = async (request, response) => {
    const { by, language, t, now } = administratorOf(request);
    const { _csrf, ...sent } = (request.body ?? {}) as Record<string, unknown>;
    if (Object.keys(sent).length > 0) throw new BadRequest();
    const { account, secret } = await database.db.transaction().execute(async (tx) => {
      const account = await found(tx, String(request.params.id));
      const back = accountAddress(account.id);
      if (account.disabledAt !== null) throw new Refusal(() => [t("accounts.administered.recoveryOfDisabled")], back);
      const secret = await createToken(tx, {
        kind: "recovery",
        email: account.email,
        name: account.name,
        roles: [],
        accountId: account.id,
        createdBy: by.id,
        now,
        hours: RECOVERY_HOURS,
      });
      const object = { kind: "account", id: account.id };
      await writeAudit(tx, {
        at: now,
        account_id: by.id,
        action: "recovery-link-made",
        result: "done",
        address: request.ip ?? null,
        object,
      });
      return { account, secret };
    });
    const link = `${config.publicUrl}/recuperation/${secret}`;
    sendView(
      context,
      request,
      response,
      oneTimeLinkPage({ t, language }, "recovery", { name: account.name, link, back: accountAddress(account.id) }),
    );
  };

  const lastAdministrator = (id: string) => () =>
    new Refusal((language) => [translator(language)("accounts.administered.lastAdministrator")], accountAddress(id));

  return Router()
    .get(
      "/administration",
      page(nothing, "administer", async () => ({ to: "/administration/comptes" })),
    )
    .get(
      "/administration/comptes",
      page(nothing, "administer", (db, _input, exchange) => listPage(db, null, {}, exchange)),
    )
    .get("/administration/comptes/inviter", (_request, response) => response.redirect(303, "/administration/comptes"))
    .post("/administration/comptes/inviter", invite)
    .post(
      "/administration/comptes/invitations/:id/revoquer",
      action(byId, "administer", {
        run: async (tx, { id }, { t, now, audit }) => {
          if (!(await listInvitations(tx, now)).some((invitation) => invitation.id === id)) throw new NotFound();
          await useToken(tx, id, now);
          audit("invitation-revoked", "token", id);
          return { to: "/administration/comptes", flash: { tone: "success", text: t("accounts.administration.revoked") } };
        },
        again: (db, typed, problems, exchange) => listPage(db, typed, problems, exchange),
      }),
    )
    .get(
      "/administration/comptes/:id",
      page(byId, "administer", (db, { id }, exchange) => accountPage(db, id, null, {}, exchange)),
    )
    .get("/administration/comptes/:id/*act", (request, response) => response.redirect(303, accountAddress(request.params.id)))
    .post(
      "/administration/comptes/:id/roles",
      action(rolesForm, "administer", {
        run: async (tx, { id, roles }, { t, audit }) => {
          const account = await found(tx, id);
          await keepingAnAdministrator(
            tx,
            () => setRoles(tx, id, roles),
            () => new Invalid({ roles: "accounts.administered.lastAdministrator" }),
          );
          audit("roles-changed", "account", id, { from: account.roles.join(" "), to: roles.join(" ") });
          return { to: accountAddress(id), flash: { tone: "success", text: t("accounts.administered.rolesChanged") } };
        },
        again: accountAgain,
      }),
    )
    .post(
      "/administration/comptes/:id/desactiver",
      action(byId, "administer", {
        run: async (tx, { id }, { t, now, audit }) => {
          await found(tx, id);
          await keepingAnAdministrator(tx, () => setDisabled(tx, id, now), lastAdministrator(id));
          await endSessions(tx, id);
          audit("account-disabled", "account", id);
          return { to: accountAddress(id), flash: { tone: "success", text: t("accounts.administered.disabledDone") } };
        },
        again: accountAgain,
      }),
    )
    .post(
      "/administration/comptes/:id/reactiver",
      action(byId, "administer", {
        run: async (tx, { id }, { t, audit }) => {
          await found(tx, id);
          await setDisabled(tx, id, null);
          audit("account-enabled", "account", id);
          return { to: accountAddress(id), flash: { tone: "success", text: t("accounts.administered.enabledDone") } };
        },
        again: accountAgain,
      }),
    )
    .post(
      "/administration/comptes/:id/sessions/fermer",
      action(byId, "administer", {
        run: async (tx, { id }, { by, t, audit }) => {
          await found(tx, id);
          await endSessions(tx, id, id === by.id ? sessionOf(by) : null);
          audit("sessions-ended", "account", id);
          return { to: accountAddress(id), flash: { tone: "success", text: t("accounts.administered.sessionsEnded") } };
        },
        again: accountAgain,
      }),
    )
    .post("/administration/comptes/:id/recuperation", recover)
    .get(
      "/administration/audit",
      page(auditQuery, "administer", async (db, { acte, compte, avant }, exchange) => {
        const filter = { action: acte || null, account: compte || null, before: avant ?? null };
        exchange.audit("audit-read");
        return auditPage(exchange, await listAudit(db, filter), await listAccounts(db), filter);
      }),
    );
}
