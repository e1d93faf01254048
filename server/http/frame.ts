import type { Request, Response } from "express";
import type { Db } from "../../db/schema.ts";
import { type Ability, may } from "../../workflows/abilities.ts";
import type { Context } from "./context.ts";
import type { Conflict, Happened } from "./errors.ts";
import type { Typed } from "./fields.ts";
import type { Signed } from "./handlers.ts";
import { csrfToken } from "./security.ts";
import { draw, drawOnce, strictModel, template, type View } from "./views.ts";
import { isKey, type Key, type Language, translator } from "./words.ts";

/** The language somebody chose on a page, else the one of their account, else French. */
export const languageOf = (request: Request): Language => {
  const cookie = /(?:^|;\s*)langue=(fr|en)(?:;|$)/.exec(request.headers.cookie ?? "")?.[1];
  return (cookie as Language | undefined) ?? request.user?.language ?? "fr";
};

const NAVIGATION: readonly { href: string; key: Key; ability: Ability }[] = [
  { href: "/", key: "frame.nav.home", ability: "useTheTool" },
  { href: "/rapports", key: "frame.nav.reports", ability: "readCases" },
  { href: "/affectations", key: "frame.nav.assignments", ability: "assignReports" },
  { href: "/rapports", key: "frame.nav.deposits", ability: "readOwnDeposits" },
  { href: "/constats", key: "frame.nav.findings", ability: "readFigures" },
  { href: "/recommandations", key: "frame.nav.recommendations", ability: "readFigures" },
  { href: "/bonnes-pratiques", key: "frame.nav.practices", ability: "readFigures" },
  { href: "/observatoire", key: "frame.nav.observatory", ability: "readFigures" },
  { href: "/redaction", key: "frame.nav.composition", ability: "readDraftPublications" },
  { href: "/grille", key: "frame.nav.codebook", ability: "readCodebook" },
  { href: "/administration", key: "frame.nav.administration", ability: "administer" },
];

/** The entries of the main navigation for this person; an address is shown once even when two roles open it. */
export const navigationFor = (by: Pick<Signed, "roles"> | null, path: string, t: (key: Key) => string) => {
  if (!by) return [];
  const seen = new Set<string>();
  return NAVIGATION.filter(({ href, ability }) => may(by, ability) && !seen.has(href) && seen.add(href)).map(({ href, key }) => ({
    href,
    label: t(key),
    current: href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`),
  }));
};

/** This page's address with the other language asked for; a page that answers a form leads back to where the form stands. */
const inOtherLanguage = (request: Request, language: "fr" | "en"): string => {
  const query = new URLSearchParams(request.method === "GET" ? (request.originalUrl.split("?")[1] ?? "") : "");
  query.set("langue", language === "fr" ? "en" : "fr");
  return `${request.path}?${query}`;
};

declare global {
  namespace Express {
    interface Request {
      /** What stands above the body of the page that answers: small views with their models, drawn in the reader's language. */
      above?: { path: string; model: object }[];
    }
  }
}

/** Where the body goes in the frame: characters that no text of ours can hold. */
const BODY = "\u0000body\u0000";

/** Draws a page in its frame and answers with it. Signed-in pages are never stored by the browser. */
export function sendView(context: Context, request: Request, response: Response, view: View): void {
  const language = languageOf(request);
  const t = translator(language);
  const by = (request.user as Signed | undefined) ?? null;
  // A token, and with it a session, is made only for pages that hold a form of their own or belong to somebody signed in.
  const ownForm = view.path.startsWith("accounts/") || view.path === "answers/answer";
  const csrf = by || request.session?.csrfToken || ownForm ? csrfToken(request) : "";
  const strict = !context.config.production;
  const model = { ...view.model, t, lang: language, csrf };
  const m = strict ? strictModel(model, view.path) : model;
  const body = view.repeatable ? drawOnce(view.path, view.model, language, m) : Buffer.from(draw(view.path, m));
  const flash = request.session?.flash ?? null;
  if (flash) delete request.session.flash;
  // The frame is drawn around a mark, so that a body drawn before is sent as the bytes it already is.
  const [head, tail] = draw("layout", {
    t,
    frame: {
      lang: language,
      title: view.title,
      path: request.path,
      version: context.version,
      demo: context.config.demo,
      csrf,
      otherLanguage: { lang: language === "fr" ? "en" : "fr", href: inOtherLanguage(request, language) },
      bare: view.bare,
      account: by && !view.bare && { name: by.name, roles: by.roles.map((role) => t(`frame.roles.${role}`)) },
      navigation: view.bare ? [] : navigationFor(by, request.path, t),
      flash,
      above: (view.bare ? [] : (request.above ?? [])).map(({ path, model }) => {
        const shown = { ...model, t, lang: language, csrf };
        return draw(path, strict ? strictModel(shown, path) : shown);
      }),
      body: BODY,
      scripts: view.scripts,
      wide: view.wide,
    },
  }).split(BODY);
  if (!response.hasHeader("Cache-Control")) response.setHeader("Cache-Control", by || csrf ? "no-store" : "public, max-age=300");
  response.setHeader("Vary", "Cookie");
  const html = Buffer.concat([Buffer.from(head!), body, Buffer.from(tail!)]);
  response.status(view.status).setHeader("Content-Type", "text/html; charset=utf-8").send(html);
}

const conflictPage = template<{
  title: string;
  text: string;
  happened: Happened[];
  typed: { label: string; value: string }[];
  back: { href: string; label: string };
}>("site/conflict");

/** The page of the second of two people: what happened meanwhile, and what they typed. */
export async function sendConflict(
  context: Context,
  request: Request,
  response: Response,
  conflict: Conflict<Db>,
  typed: Typed,
): Promise<void> {
  const language = languageOf(request);
  const t = translator(language);
  const happened = await conflict.happened(context.database.db, language);
  if (request.headers.accept === "application/json") return void response.status(409).json({ conflict: true, happened });
  // What a person wrote is shown again under its name; codes and ids of a form say nothing to a reader.
  const kept = Object.entries(typed).flatMap(([name, value]) => {
    const key = `http.typed.${name}`;
    return isKey(key) && typeof value === "string" && value.trim() !== "" ? [{ label: t(key), value }] : [];
  });
  sendView(
    context,
    request,
    response,
    conflictPage(
      t("http.conflict.title"),
      {
        title: t("http.conflict.title"),
        text: t("http.conflict.text"),
        happened,
        typed: kept,
        back: { href: conflict.back, label: t("http.conflict.back") },
      },
      409,
    ),
  );
}
