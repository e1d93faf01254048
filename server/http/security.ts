import { csrfSync } from "csrf-sync";
import type { RequestHandler } from "express";
import helmet from "helmet";
import type { Config } from "../config.ts";
import { BadRequest } from "./errors.ts";

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

const { generateToken, csrfSynchronisedProtection, invalidCsrfTokenError } = csrfSync({
  getTokenFromRequest: (request) => {
    const sent = (request.body as Record<string, unknown> | undefined)?._csrf ?? request.headers["x-csrf-token"];
    return typeof sent === "string" ? sent : undefined;
  },
});
/** The session's token, made at the first form. */
export const csrfToken = generateToken;
export const INVALID_CSRF = invalidCsrfTokenError;

/** Refuses a posted form that one of our own pages did not send: by the browser's own word, then by the token. */
export const csrfProtection: RequestHandler = (request, response, next) => {
  const site = request.headers["sec-fetch-site"];
  const safe = request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
  if (!safe && site !== undefined && site !== "same-origin" && site !== "none") return next(INVALID_CSRF);
  csrfSynchronisedProtection(request, response, next);
};

/** Refuses a NUL in an address or a form: no page of ours sends one, and PostgreSQL has no place for it in a text. */
export const refuseNul: RequestHandler = (request, _response, next) => {
  const typed = Object.values((request.body ?? {}) as Record<string, unknown>).flat();
  next(request.originalUrl.includes("%00") || typed.some((one) => String(one).includes("\0")) ? new BadRequest() : undefined);
};
