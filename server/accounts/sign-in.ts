import { type Request, type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { BadRequest } from "../http/errors.ts";
import { problemsOf, type Typed, text } from "../http/fields.ts";
import { languageOf, sendView } from "../http/frame.ts";
import { handlers } from "../http/handlers.ts";
import { listKeptActs } from "../http/kept-acts.ts";
import { translator } from "../http/words.ts";
import type { AttemptLimits } from "./attempts.ts";
import { writeAudit } from "./audit.ts";
import { passphrase } from "./fields.ts";
import { signInPage } from "./pages.ts";
import { checkPassphrase } from "./passport.ts";
import { findAccountByEmail } from "./queries.ts";

/** Where to go after signing in: a path of ours, read as a browser would read it; anything else is the home page. */
export function ownPath(asked: string): string {
  const url = URL.parse(asked, "http://own.invalid");
  if (!asked.startsWith("/") || url?.origin !== "http://own.invalid") return "/";
  const path = url.pathname + url.search;
  // Reading "/.//elsewhere" leaves "//elsewhere", which would be another host.
  return /^\/(?![/\\])/.test(path) ? path : "/";
}

const back = () =>
  z
    .string()
    .max(2_000)
    .optional()
    .transform((asked) => ownPath(asked ?? "/"));
const pageQuery = z.strictObject({ retour: back(), "au-revoir": z.string().optional(), garde: z.string().optional() });
const form = z.strictObject({
  _csrf: z.string().optional(),
  email: text(254).pipe(z.string().min(1, "accounts.email.missing")),
  passphrase: passphrase(),
  retour: back(),
});

const addressOf = (request: Request): string => request.ip ?? "";

/** Signs in: one message for all that can be wrong, a new session, an audit row either way. */
function signIn(context: Context, attempts: AttemptLimits): RequestHandler {
  const { config, database, clock } = context;
  return async (request, response) => {
    const t = translator(languageOf(request));
    const sent = (request.body ?? {}) as Record<string, unknown>;
    const again = (problems: Record<string, string>) => {
      const retour = back().safeParse(sent.retour);
      const given = { typed: sent as Typed, problems, back: retour.data ?? "/", signedOut: false, kept: false, demo: config.demo };
      sendView(context, request, response, { ...signInPage({ t }, given), status: 422 });
    };

    const parsed = form.safeParse(sent);
    if (!parsed.success) {
      if (parsed.error.issues.some(({ code }) => code === "unrecognized_keys")) throw new BadRequest();
      return again(problemsOf(parsed.error, t));
    }
    const { email, retour } = parsed.data;
    const row = { at: clock().toISOString(), action: "signed-in", address: request.ip ?? null };
    try {
      await attempts.admit(email, addressOf(request));
    } catch (error) {
      const account = await findAccountByEmail(database.db, email);
      await writeAudit(database.db, { ...row, account_id: account?.id ?? null, result: "refused", detail: { reason: "attempts" } });
      throw error;
    }
    request.body = parsed.data;
    const { account, failure } = await checkPassphrase(context, request, response);
    if (failure) {
      await writeAudit(database.db, { ...row, account_id: failure.accountId, result: "refused", detail: { reason: failure.reason } });
      return again({ email: t("accounts.signIn.wrong") });
    }
    await attempts.succeeded(email, addressOf(request));
    await writeAudit(database.db, { ...row, account_id: account.id, result: "done" });
    // Passport starts a new session here: nothing that came before it, its number least of all, is kept.
    await new Promise<void>((done, failed) => request.login(account, (error: unknown) => (error ? failed(error) : done())));
    request.session.since = clock().getTime();
    if ((await listKeptActs(database.db, account.id, row.at)).length > 0) request.session.waiting = true;
    response.redirect(303, retour);
  };
}

/** Ends the session and what the browser kept of it. */
function signOut({ database, clock }: Context): RequestHandler {
  return async (request, response) => {
    const by = request.user;
    if (by) {
      const at = clock().toISOString();
      await writeAudit(database.db, { at, account_id: by.id, action: "signed-out", result: "done", address: request.ip ?? null });
    }
    await new Promise<void>((done, failed) => request.session.destroy((error: unknown) => (error ? failed(error) : done())));
    // Not "cookies": that would also sign the person out of other services of the same domain, and forget the language.
    response.setHeader("Clear-Site-Data", '"cache", "storage"');
    response.redirect(303, "/connexion?au-revoir=1");
  };
}

/** Signing in and out. */
export function signInRoutes(context: Context, attempts: AttemptLimits): Router {
  const { page } = handlers(context);
  return Router()
    .get(
      "/connexion",
      page(pageQuery, "anyone", async (_db, { retour, "au-revoir": goodbye, garde }, exchange) =>
        exchange.by
          ? { to: retour }
          : signInPage(exchange, {
              typed: null,
              problems: {},
              back: retour,
              signedOut: goodbye === "1",
              kept: garde === "1",
              demo: context.config.demo,
            }),
      ),
    )
    .post("/connexion", signIn(context, attempts))
    .get("/deconnexion", (_request, response) => response.redirect(303, "/"))
    .post("/deconnexion", signOut(context));
}
