import { csrfSync } from "csrf-sync";
import type { Request, RequestHandler } from "express";
import helmet from "helmet";
import type {} from "passport"; // adds `user` to requests
import type { Config } from "../config.ts";
import type { Context } from "./context.ts";
import { BadRequest } from "./errors.ts";
import { bearsLapsedToken, isOfLapsedSession } from "./lapsed-sessions.ts";

// The same for every page: written once, not put together at each answer.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
].join("; ");

/** Headers of every answer. No inline script or style anywhere, nothing from elsewhere. */
export function securityHeaders(config: Config): RequestHandler {
  const https = config.publicUrl.startsWith("https:");
  const others = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: https ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    referrerPolicy: { policy: "same-origin" },
    crossOriginEmbedderPolicy: false,
    xFrameOptions: { action: "deny" },
  });
  return (request, response, next) => {
    response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    others(request, response, next);
  };
}

const tokenOf = (request: Request): string | undefined => {
  const sent = (request.body as Record<string, unknown> | undefined)?._csrf ?? request.headers["x-csrf-token"];
  return typeof sent === "string" ? sent : undefined;
};
const { generateToken, csrfSynchronisedProtection, invalidCsrfTokenError } = csrfSync({
  size: 32,
  getTokenFromRequest: tokenOf,
});
/** The session's token, made at the first form. */
export const csrfToken = generateToken;
export const INVALID_CSRF = invalidCsrfTokenError;

declare global {
  namespace Express {
    interface Request {
      /** A form of a personal link without the token of this session: the page stood open for too long. It may be drawn again, never done. */
      staleForm?: true;
    }
  }
}

/** Forms of personal links: whoever holds one has no other way to find again what they typed. */
const PERSONAL_LINK = /^\/reponse\//;
/** Forms of case work: where a form of an expired session may be kept. */
const CASE_WORK = /^\/(rapports|recommandations|redaction)\//;

/**
 * Refuses a posted form that one of our own pages did not send: by the browser's own word, then by the token. A form of case work that bears
 * the token of an expired session goes on marked as such: `action` keeps it, and does nothing else with it.
 */
export const csrfProtection =
  ({ database, clock }: Context): RequestHandler =>
  (request, response, next) => {
    const site = request.headers["sec-fetch-site"];
    const safe = request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
    if (!safe && site !== undefined && site !== "same-origin" && site !== "none") return next(INVALID_CSRF);
    csrfSynchronisedProtection(request, response, (error?: unknown) => {
      const token = tokenOf(request);
      if (error !== undefined && request.method === "POST" && PERSONAL_LINK.test(request.path)) {
        request.staleForm = true;
        return next();
      }
      if (error === undefined || request.method !== "POST" || token === undefined || !CASE_WORK.test(request.path)) return next(error);
      const { user } = request;
      if (!user) {
        if (bearsLapsedToken(request, token)) request.keepable = { accountId: request.lapsed!.accountId };
        return next(request.keepable ? undefined : error);
      }
      // A script of ours takes the token of the new session by itself and sends again.
      if (request.headers.accept === "application/json") return next(error);
      isOfLapsedSession(database.db, user.id, token, clock()).then((known) => {
        if (known) request.keepable = { accountId: user.id };
        next(known ? undefined : error);
      }, next);
    });
  };

/** Refuses a NUL in an address or a form: no page of ours sends one, and PostgreSQL has no place for it in a text. */
export const refuseNul: RequestHandler = (request, _response, next) => {
  const typed = Object.values((request.body ?? {}) as Record<string, unknown>).flat();
  next(request.originalUrl.includes("%00") || typed.some((one) => String(one).includes("\0")) ? new BadRequest() : undefined);
};
