import type { Request, RequestHandler, Response } from "express";
import passport from "passport";
import type { Context } from "../http/context.ts";
import type { Signed } from "../http/handlers.ts";
import { passphraseMatches } from "./passphrases.ts";
import { type Account, digestOf, findAccount, findAccountByEmail } from "./queries.ts";

/** Whoever is signed in, with the digest of the session they act from. */
type Here = Signed & { session: string };
/** The session (its digest, the row's id) that a signed-in person acts from. */
export const sessionOf = (by: Signed): string => (by as Here).session;

/** Why nobody was recognised: for the audit, never for the page. */
type Failure = { accountId: string | null; reason: "unknown" | "disabled" | "passphrase" };
export type Verdict = { account: Account; failure: null } | { account: null; failure: Failure };

/** E-mail and passphrase, from the fields of those names. The same work is done whether or not the account exists or is active. */
class PassphraseStrategy extends passport.Strategy {
  override readonly name = "passphrase";
  // Not a private field: Passport hands each request an object derived from this one.
  readonly context: Context;
  constructor(context: Context) {
    super();
    this.context = context;
  }

  override authenticate(this: passport.StrategyCreated<this, this & passport.StrategyCreatedStatic>, request: Request): void {
    const { email, passphrase } = request.body as { email: string; passphrase: string };
    const check = async () => {
      const account = await findAccountByEmail(this.context.database.db, email);
      const matches = await passphraseMatches(account?.passphraseHash ?? null, passphrase);
      if (account && matches && account.disabledAt === null) return this.success(account);
      const reason = !account ? "unknown" : account.disabledAt !== null ? "disabled" : "passphrase";
      this.fail({ accountId: account?.id ?? null, reason } satisfies Failure as never);
    };
    check().catch((error: unknown) => this.error(error));
  }
}

const authenticators = new WeakMap<Context, passport.Authenticator>();
/** Passport with our one strategy, one for each running application. */
function authenticatorOf(context: Context): passport.Authenticator {
  const known = authenticators.get(context);
  if (known) return known;
  const made: passport.Authenticator = new passport.Passport();
  made.use(new PassphraseStrategy(context));
  made.serializeUser<string>((user, done) => done(null, user.id));
  made.deserializeUser<string, Request>((request, id, done) => {
    findAccount(context.database.db, id)
      .then((account) => {
        if (!account || account.disabledAt !== null) return done(null, false);
        const { email, name, language, roles } = account;
        const here: Here = { id, email, name, language, roles, session: digestOf(request.sessionID) };
        done(null, here);
      })
      .catch((error: unknown) => done(error));
  });
  authenticators.set(context, made);
  return made;
}

/** Who is signed in, read from the rows at every request: a disabled account or a changed role counts at once. To stand after the session. */
export const signInWithPassport = (context: Context): RequestHandler[] => {
  const authenticator = authenticatorOf(context);
  return [authenticator.initialize(), authenticator.session()];
};

/** Whether the posted e-mail and passphrase are those of an active account; signs nobody in yet. */
export const checkPassphrase = (context: Context, request: Request, response: Response): Promise<Verdict> =>
  new Promise((resolve, reject) => {
    const decided: passport.AuthenticateCallback = (error, account, failure) => {
      if (error) reject(error);
      else resolve(account ? { account: account as Account, failure: null } : { account: null, failure: failure as Failure });
    };
    authenticatorOf(context).authenticate("passphrase", decided)(request, response, reject);
  });
