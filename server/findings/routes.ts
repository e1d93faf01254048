import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { choice, optional, optionalDate, required, seenVersion, several } from "../http/fields.ts";
import { handlers } from "../http/handlers.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { draftsPage } from "./drafts-page.ts";
import { findingPage } from "./finding-page.ts";
import { editionPage } from "./published-pages.ts";
import type { Elsewhere } from "./queue-page.ts";
import { recommendationPage } from "./recommendation-page.ts";
import { submitFindings } from "./review.ts";
import { reviewRoutes } from "./review-routes.ts";
import { FINDING_KINDS, ORIGINS, removeFinding, removeRecommendation, saveFinding, saveRecommendation } from "./write.ts";

const id = z.string().max(40);
const number = z.coerce.number().int().min(1).max(100_000);
const byId = z.object({ id });
const byNumber = z.object({ id, number });

const finding = {
  id,
  kind: choice(FINDING_KINDS),
  statement: required(5_000),
  publicStatement: optional(2_000),
  service: optional(200),
  knownWhen: optional(40),
  factors: several(200),
  passages: several(900),
  entries: several(500),
};
const newFinding = z.strictObject(finding);
const existingFinding = z.strictObject({ ...finding, number, version: seenVersion() });
const recommendation = {
  id,
  text: required(3_000),
  addressee: required(60),
  level: required(60),
  theme: required(60),
  type: required(60),
  origin: choice(ORIGINS),
  deadline: optionalDate(),
  proof_expected: optional(1000),
  associated: several(40),
  findings: several(200).pipe(
    z.array(
      z
        .string()
        .regex(/^\d{1,6}$/)
        .transform(Number),
    ),
  ),
};
const newRecommendation = z.strictObject(recommendation);
const existingRecommendation = z.strictObject({ ...recommendation, number, version: seenVersion() });
const removal = z.strictObject({ id, number, version: seenVersion() });
const act = z.strictObject({ id, version: seenVersion() });
const actWithReason = z.strictObject({ id, version: seenVersion(), reason: required(2_000) });

/**
 * Every URL of this room.
 * @param elsewhere what waits for review in other rooms, for the queue
 */
export function findingRoutes(context: Context, elsewhere: Elsewhere = async () => []): Router {
  const { page, action } = handlers(context);
  const drafts = "/rapports/:id/constats";
  const numberOf = (typed: Record<string, unknown>): number => Number(typed["number"]);
  return Router()
    .use(reviewRoutes(context, elsewhere))
    .get(
      drafts,
      page(byId, "readCases", (db, input, exchange) => draftsPage(db, input.id, exchange)),
    )
    .get(
      `${drafts}/nouveau`,
      page(byId, "readCases", (db, input, exchange) => findingPage(db, input.id, null, exchange)),
    )
    .post(
      drafts,
      action(newFinding, "readCases", {
        run: async (tx, { id: reportId, ...given }, { by, now, t, audit }) => {
          const written = await saveFinding(tx, { reportId, number: null, seenVersion: null, by, now }, given);
          audit("finding.write", "report", reportId, { finding: written });
          return {
            to: `/rapports/${reportId}/constats#constat-${written}`,
            flash: { tone: "success", text: t("findings.done.findingWritten", { number: written }) },
          };
        },
        again: (db, typed, problems, exchange) => findingPage(db, String(typed["id"]), null, exchange, typed, problems),
      }),
    )
    .post(
      `${drafts}/soumettre`,
      action(act, "readCases", {
        run: async (tx, { id: reportId, version }, { by, now, t, audit }) => {
          await submitFindings(tx, { reportId, seenVersion: version, by, now });
          audit("findings.submit", "report", reportId);
          return { to: `/rapports/${reportId}/constats`, flash: { tone: "success", text: t("findings.done.submitted") } };
        },
        again: (db, typed, problems, exchange) => draftsPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .post(
      `${drafts}/reprendre`,
      action(actWithReason, "readCases", {
        run: async (tx, { id: reportId, version, reason }, { by, now, t, audit }) => {
          await applyEvent(tx, { reportId, seenVersion: version, event: { type: "FINDINGS_RESUMED", by, reason }, now });
          audit("findings.resume", "report", reportId);
          return { to: `/rapports/${reportId}/constats`, flash: { tone: "success", text: t("findings.done.resumed") } };
        },
        again: (db, typed, problems, exchange) => draftsPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .get(
      `${drafts}/recommandations/nouvelle`,
      page(byId, "readCases", (db, input, exchange) => recommendationPage(db, input.id, null, exchange)),
    )
    .post(
      `${drafts}/recommandations`,
      action(newRecommendation, "readCases", {
        run: async (tx, { id: reportId, ...given }, { by, now, t, audit }) => {
          const written = await saveRecommendation(tx, { reportId, number: null, seenVersion: null, by, now }, given);
          audit("recommendation.write", "report", reportId, { recommendation: written.number });
          return {
            to: `/rapports/${reportId}/constats#recommandation-${written.number}`,
            flash: { tone: "success", text: t("findings.done.recommendationWritten", { reference: written.reference }) },
          };
        },
        again: (db, typed, problems, exchange) => recommendationPage(db, String(typed["id"]), null, exchange, typed, problems),
      }),
    )
    .get(
      `${drafts}/recommandations/:number`,
      page(byNumber, "readCases", (db, input, exchange) => recommendationPage(db, input.id, input.number, exchange)),
    )
    .post(
      `${drafts}/recommandations/:number`,
      action(existingRecommendation, "readCases", {
        run: async (tx, { id: reportId, number: which, version, ...given }, { by, now, t, audit }) => {
          const written = await saveRecommendation(tx, { reportId, number: which, seenVersion: version, by, now }, given);
          audit("recommendation.write", "report", reportId, { recommendation: which });
          return {
            to: `/rapports/${reportId}/constats#recommandation-${which}`,
            flash: { tone: "success", text: t("findings.done.recommendationWritten", { reference: written.reference }) },
          };
        },
        again: (db, typed, problems, exchange) => recommendationPage(db, String(typed["id"]), numberOf(typed), exchange, typed, problems),
      }),
    )
    .post(
      `${drafts}/recommandations/:number/supprimer`,
      action(removal, "readCases", {
        run: async (tx, { id: reportId, number: which, version }, { by, now, t, audit }) => {
          await removeRecommendation(tx, { reportId, number: which, seenVersion: version, by, now });
          audit("recommendation.remove", "report", reportId, { recommendation: which });
          return { to: `/rapports/${reportId}/constats`, flash: { tone: "success", text: t("findings.done.recommendationRemoved") } };
        },
        again: (db, typed, problems, exchange) => draftsPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .get(
      `${drafts}/:number`,
      page(byNumber, "readCases", (db, input, exchange) => findingPage(db, input.id, input.number, exchange)),
    )
    .post(
      `${drafts}/:number`,
      action(existingFinding, "readCases", {
        run: async (tx, { id: reportId, number: which, version, ...given }, { by, now, t, audit }) => {
          await saveFinding(tx, { reportId, number: which, seenVersion: version, by, now }, given);
          audit("finding.write", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/constats#constat-${which}`,
            flash: { tone: "success", text: t("findings.done.findingWritten", { number: which }) },
          };
        },
        again: (db, typed, problems, exchange) => findingPage(db, String(typed["id"]), numberOf(typed), exchange, typed, problems),
      }),
    )
    .post(
      `${drafts}/:number/supprimer`,
      action(removal, "readCases", {
        run: async (tx, { id: reportId, number: which, version }, { by, now, t, audit }) => {
          await removeFinding(tx, { reportId, number: which, seenVersion: version, by, now });
          audit("finding.remove", "report", reportId, { finding: which });
          return {
            to: `/rapports/${reportId}/constats`,
            flash: { tone: "success", text: t("findings.done.findingRemoved", { number: which }) },
          };
        },
        again: (db, typed, problems, exchange) => draftsPage(db, String(typed["id"]), exchange, typed, problems),
      }),
    )
    .get(
      "/rapports/:id/editions/:number",
      page(byNumber, "readCases", (db, input, exchange) => editionPage(db, input.id, input.number, exchange)),
    );
}
