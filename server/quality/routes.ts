import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { integer } from "../http/formats.ts";
import { handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { ABOUT, SEVERITIES } from "../reports/quality/case.ts";
import { QUALITY_RULES } from "../reports/quality/rules.ts";
import { basePage, filePage, SORTS } from "./pages.ts";
import { judgeAllAgain } from "./results.ts";

const byId = z.object({ id: z.string().max(40) });
const RULES = QUALITY_RULES.map(({ code }) => code);
const base = z.object({
  gravite: z.enum(SEVERITIES).nullable().catch(null).default(null),
  objet: z.enum(ABOUT).nullable().catch(null).default(null),
  regle: z.enum(RULES).nullable().catch(null).default(null),
  tri: z.enum(SORTS).catch("rapports").default("rapports"),
  page: z.string().optional().transform(pageNumber),
});
const nothing = z.strictObject({});

/** Every URL of this room. */
export function qualityRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  return Router()
    .get(
      "/rapports/:id/qualite",
      page(byId, "readCases", (db, { id }, exchange) => filePage(db, id, exchange)),
    )
    .get(
      "/qualite",
      page(base, "readCases", (db, query, exchange) => basePage(db, query, exchange)),
    )
    .post(
      "/qualite/rejuger",
      action(nothing, "readCases", {
        run: async (tx, _, { t, language, audit }) => {
          const count = await judgeAllAgain(tx);
          audit("quality.judge-again", "base");
          return { to: "/qualite", flash: { tone: "info", text: t("quality.base.againDone", { count, n: integer(count, language) }) } };
        },
        again: (db, _, __, exchange) => basePage(db, base.parse({}), exchange),
      }),
    );
}
