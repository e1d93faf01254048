import { randomBytes } from "node:crypto";
import type { ErrorRequestHandler, Request } from "express";
import type { Context } from "./context.ts";
import { BadRequest, Forbidden, NotFound, NotSignedIn, Refusal, TooMany } from "./errors.ts";
import { languageOf, sendView } from "./frame.ts";
import { soberAddress } from "./kept-acts.ts";
import { INVALID_CSRF } from "./security.ts";
import { template } from "./views.ts";
import { translator } from "./words.ts";

const errorPage = template<{
  status: number;
  title: string;
  text: string;
  reference: string | null;
  details: string[];
  back: { href: string; label: string } | null;
}>("site/error");

type Kind = "400" | "403" | "404" | "csrf" | "409" | "413" | "429" | "500";
const STATUS: Record<Kind, number> = { "400": 400, "403": 403, "404": 404, csrf: 403, "409": 409, "413": 413, "429": 429, "500": 500 };

const kindOf = (error: unknown): Kind => {
  if (error instanceof NotFound) return "404";
  if (error instanceof Forbidden) return "403";
  if (error instanceof Refusal) return "409";
  if (error instanceof TooMany) return "429";
  if (error === INVALID_CSRF) return "csrf";
  if (error instanceof BadRequest) return "400";
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 413) return "413";
  if (typeof status === "number" && status >= 400 && status < 500) return "400";
  return "500";
};

/** Where to come back after signing in: a page of ours that was asked for by its address. */
const returnTo = (request: Request): string =>
  request.method === "GET" && request.path !== "/"
    ? `?retour=${encodeURIComponent(soberAddress(new URL(`http://own.invalid${request.path}?${request.originalUrl.split("?")[1] ?? ""}`)))}`
    : "";

/** The one map from an error to a status and a page in the reader's language. Nothing technical is shown; a 500 has a number to quote. */
export const answerError =
  (context: Context): ErrorRequestHandler =>
  (error, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const wantsJson = request.headers.accept === "application/json";
    if (error instanceof NotSignedIn && !wantsJson) return void response.redirect(303, `/connexion${returnTo(request)}`);
    const kind = error instanceof NotSignedIn ? "403" : kindOf(error);
    const language = languageOf(request);
    const t = translator(language);
    const reference = kind === "500" ? randomBytes(6).toString("hex") : null;
    if (kind === "500") {
      const { name, stack } = error instanceof Error ? error : { name: "unknown", stack: undefined };
      // The message may quote a value of a row; the stack's frames do not.
      context.log.error({
        reference,
        error: name,
        code: (error as { code?: unknown }).code,
        frames: stack?.split("\n").filter((line) => line.startsWith("    at ")),
      });
    }
    const seconds = error instanceof TooMany ? error.seconds : 0;
    if (error instanceof TooMany) response.setHeader("Retry-After", String(seconds));
    response.setHeader("Cache-Control", "no-store");
    const details = error instanceof Refusal ? error.reasons(language) : [];
    const title = t(`http.error.${kind}.title`);
    const text = t(`http.error.${kind}.text`, { seconds });
    if (wantsJson)
      return void response
        .status(error instanceof NotSignedIn ? 401 : STATUS[kind])
        .json({ error: kind, title, text, details, ...(reference && { reference }) });
    const back =
      error instanceof Refusal ? { href: error.back, label: t("http.error.backThere") } : { href: "/", label: t("http.error.back") };
    sendView(context, request, response, errorPage(title, { status: STATUS[kind], title, text, reference, details, back }, STATUS[kind]));
  };
