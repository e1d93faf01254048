import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import express, { type Express, type RequestHandler } from "express";
import { SCHEMA_NAME } from "../db/migrations/index.ts";
import { signInWithPassport } from "./accounts/passport.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { adjudicationRoutes } from "./adjudication/routes.ts";
import { personalLinkHeaders } from "./answers/public.ts";
import { answerRoutes } from "./answers/routes.ts";
import { assignmentRoutes } from "./assignments/routes.ts";
import { chronologyRoutes } from "./chronology/routes.ts";
import { codebookRoutes } from "./codebook/routes.ts";
import { codingRoutes } from "./coding/routes.ts";
import { waitingCrossFindings } from "./cross-findings/review-queue.ts";
import { crossFindingRoutes } from "./cross-findings/routes.ts";
import { exportRoutes } from "./exports/routes.ts";
import { findingRoutes } from "./findings/routes.ts";
import { homeRoutes } from "./home/routes.ts";
import { answerError } from "./http/answer-error.ts";
import type { Context } from "./http/context.ts";
import { NotFound } from "./http/errors.ts";
import { lapsedSessions } from "./http/lapsed-sessions.ts";
import { csrfProtection, refuseNul, securityHeaders } from "./http/security.ts";
import { sessions } from "./http/sessions.ts";
import { uploads } from "./http/uploads.ts";
import { VIEWS } from "./http/views.ts";
import { importRoutes } from "./imports/routes.ts";
import { keptActRoutes } from "./kept/routes.ts";
import { observatoryRoutes } from "./observatory/routes.ts";
import { outcomeRoutes } from "./outcomes/routes.ts";
import { practiceRoutes } from "./practices/routes.ts";
import { publicationRoutes } from "./publications/routes.ts";
import { qualityRoutes } from "./quality/routes.ts";
import { questionRoutes } from "./questions/routes.ts";
import { recommendationRoutes } from "./recommendations/routes.ts";
import { reportRoutes } from "./reports/routes.ts";
import { siteRoutes } from "./site/routes.ts";
import { wellbeingRoutes } from "./wellbeing/routes.ts";

const packageFile = (name: string): string => createRequire(import.meta.url).resolve(name);

/** Style sheets, scripts and fonts: our own files and those of pinned packages, never another host's. */
function assets(): RequestHandler {
  const files = { index: false, maxAge: "1h", fallthrough: true, redirect: false } as const;
  return express
    .Router()
    .get("/modern-normalize.css", (_request, response) =>
      response.sendFile(packageFile("modern-normalize/modern-normalize.css"), { maxAge: "1d" }),
    )
    .use(
      "/fonts",
      express.static(join(dirname(packageFile("@fontsource-variable/source-sans-3/package.json")), "files"), { ...files, maxAge: "30d" }),
    )
    .use(
      "/fonts",
      express.static(join(dirname(packageFile("@fontsource/source-serif-4/package.json")), "files"), { ...files, maxAge: "30d" }),
    )
    .use(express.static(join(VIEWS, "assets"), files));
}

/** One line a request: route, status, time and account; never an address, a query or a body. */
const requestLog =
  ({ log }: Context): RequestHandler =>
  (request, response, next) => {
    const start = process.hrtime.bigint();
    response.on("finish", () => {
      const route = (request.route as { path?: string } | undefined)?.path ?? null;
      log.info({
        method: request.method,
        route,
        status: response.statusCode,
        ms: Number((process.hrtime.bigint() - start) / 1000n) / 1000,
        account: request.user?.id ?? null,
      });
    });
    next();
  };

/** `?langue=en` on any page: remembers the choice and comes back to the same page without it. */
const languageChoice: RequestHandler = (request, response, next) => {
  const { langue } = request.query;
  if (request.method !== "GET" || (langue !== "fr" && langue !== "en")) return next();
  response.cookie("langue", langue, { httpOnly: true, sameSite: "lax", maxAge: 365 * 86_400_000, path: "/", secure: request.secure });
  const query = new URLSearchParams(request.originalUrl.split("?")[1]);
  query.delete("langue");
  // The path starts with exactly one slash: "//host" and "/\host" would lead elsewhere.
  response.redirect(303, `/${request.path.replace(/^[/\\]+/, "")}${query.size > 0 ? `?${query}` : ""}`);
};

/** The whole application: the order of middleware, no more. */
export function createApp(context: Context): Express {
  const app = express();
  const { config, database, version } = context;
  const secret = createHash("sha256")
    .update("cookie signature")
    .update(config.databaseKey ?? config.databaseUrl)
    .digest("hex");
  app.disable("x-powered-by").set("trust proxy", config.trustProxy).set("etag", false).set("query parser", "simple");
  app.use(securityHeaders(config), requestLog(context));
  app.use("/assets", assets());
  app.get("/sante", async (_request, response) => {
    const ready = await database.db
      .selectFrom("codebook_version")
      .select("version")
      .limit(1)
      .execute()
      .then(() => true)
      .catch(() => false);
    response
      .status(ready ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({ status: ready ? "ok" : "unavailable", version, database: database.dialect, schema: SCHEMA_NAME });
  });
  app.use(sessions(context, secret), ...signInWithPassport(context), lapsedSessions(context, secret), languageChoice);
  app.use(personalLinkHeaders(context));
  app.use(express.urlencoded({ extended: false, limit: "1mb", parameterLimit: 1000 }), uploads(config), csrfProtection(context), refuseNul);
  app.use(
    keptActRoutes(context),
    wellbeingRoutes(context),
    accountRoutes(context),
    homeRoutes(context),
    assignmentRoutes(context),
    importRoutes(context), // before the addresses of a report: "importer" is no receipt number
    reportRoutes(context),
    codingRoutes(context),
    adjudicationRoutes(context),
    chronologyRoutes(context),
    findingRoutes(context, waitingCrossFindings),
    crossFindingRoutes(context),
    practiceRoutes(context),
    qualityRoutes(context),
    questionRoutes(context),
    outcomeRoutes(context),
    exportRoutes(context), // before the addresses of a recommendation: "export.csv" is no reference
    answerRoutes(context), // before the addresses of a recommendation: "destinataires" is no reference
    recommendationRoutes(context),
    observatoryRoutes(context),
    publicationRoutes(context),
    codebookRoutes(context),
    siteRoutes(context),
  );
  app.use(() => {
    throw new NotFound();
  });
  app.use(answerError(context));
  return app;
}

/** The version in package.json. */
export const VERSION: string = (JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")) as { version: string })
  .version;
