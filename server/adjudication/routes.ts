import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { choice, optional, optionalWhole, type Problems, required, seenVersion, several, type Typed } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { acceptAgreements, adjudicateValue, CHOICES, submitAdjudication } from "./adjudicate.ts";
import { adjudicationPage } from "./pages.ts";

const code = z.string().max(100);
const decision = z.strictObject({
  id: z.string(),
  factor: code,
  subject: code.default("case"),
  choice: choice(CHOICES),
  value: several(60),
  confidence: optional(40),
  evidenceBasis: optional(40),
  knownWhen: optional(40),
  passages: several(),
  quote: optional(6_000),
  document: optionalWhole(1, 100_000),
  page: optionalWhole(1, 100_000),
  reason: required(2_000),
  first: seenVersion(),
  second: seenVersion(),
  settled: seenVersion(),
});

/** Every URL of this room: two codings of a report become one. */
export function adjudicationRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  /** The page again with what was typed and what is wrong with it. */
  const again = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) => {
    const id = String(typed.id);
    exchange.audit("adjudication-read", "report", id);
    return adjudicationPage(db, id, { typed, problems, status: 422 }, exchange);
  };

  return Router()
    .get(
      "/rapports/:id/arbitrage",
      page(
        z.object({ id: z.string(), examiner: z.string().max(200).optional().catch(undefined) }),
        "readCases",
        (db, { id, examiner }, exchange) => {
          exchange.audit("adjudication-read", "report", id);
          return adjudicationPage(db, id, { examined: examiner }, exchange);
        },
      ),
    )
    .post(
      "/rapports/:id/arbitrage/valeur",
      action(decision, "readCases", {
        run: async (tx, { id, first, second, settled, ...given }, { by, now, t }) => {
          const { next, left } = await adjudicateValue(tx, id, { ...given, seen: { first, second, settled } }, by, now);
          return {
            to: `/rapports/${id}/arbitrage#${next ?? "accords"}`,
            flash: { tone: "success", text: t("adjudication.flash.settled", { count: left }) },
          };
        },
        again,
        // Of two decisions on the same pair kept after the session expired, the later one counts.
        keptAs: ({ factor, subject }) => `${factor} ${subject}`,
      }),
    )
    .post(
      "/rapports/:id/arbitrage/accords",
      action(
        z.strictObject({ id: z.string(), version: seenVersion(), agreements: several(1_000), all: z.literal("1").optional() }),
        "readCases",
        {
          run: async (tx, { id, version, agreements, all }, { by, now, t }) => {
            const count = await acceptAgreements(tx, { reportId: id, seenVersion: version, keys: all ? null : agreements }, by, now);
            return {
              to: `/rapports/${id}/arbitrage#accords`,
              flash: { tone: "success", text: t("adjudication.flash.accepted", { count }) },
            };
          },
          again,
        },
      ),
    )
    .post(
      "/rapports/:id/arbitrage/remettre",
      action(z.strictObject({ id: z.string(), version: seenVersion() }), "readCases", {
        run: async (tx, { id, version }, { by, now, t, audit }) => {
          await submitAdjudication(tx, { reportId: id, seenVersion: version, by, now });
          audit("adjudication-submit", "report", id);
          return { to: `/rapports/${id}/arbitrage`, flash: { tone: "success", text: t("adjudication.flash.submitted") } };
        },
        again,
      }),
    );
}
