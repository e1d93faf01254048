import { Router } from "express";
import { z } from "zod";
import { currentCodebook } from "../codebook/store.ts";
import { actOnRecommendation } from "../follow-up/act.ts";
import type { Context } from "../http/context.ts";
import { required, seenVersion } from "../http/fields.ts";
import { handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { FORMATS, registerFile, registerWorkbook } from "./export.ts";
import { activeFilters, filterOf, registerFilters } from "./filters.ts";
import { recommendation, register } from "./pages.ts";
import { listRegister } from "./queries.ts";

const byReference = { reference: z.string() };
const issueForm = z.strictObject({ ...byReference, version: seenVersion() });
const withdrawForm = issueForm.extend({ reason: required(2000) });

/** Every URL of this room. */
export function recommendationRoutes(context: Context): Router {
  const { page, action } = handlers(context);
  const router = Router().get(
    "/recommandations",
    page(
      registerFilters.extend({ page: z.string().optional().catch(undefined).transform(pageNumber) }),
      "readFigures",
      (db, input, exchange) => register(db, input, exchange),
    ),
  );
  for (const format of FORMATS)
    router.get(
      `/recommandations/export.${format}`,
      page(registerFilters, "exportRecommendations", async (db, input, { by, language, t, now, audit }) => {
        const { recommendation: lists } = await currentCodebook(db);
        const filter = filterOf(input, lists);
        const { total, lines } = await listRegister(db, filter, { page: null, addressees: lists.addressees, language });
        const file = await registerFile(
          registerWorkbook(lines, activeFilters(filter, lists, language, t), { lists, language, t, now }),
          format,
          now,
        );
        // What leaves the house is noted before it leaves; nothing else is changed by this address.
        await db
          .insertInto("export_log")
          .values({ by: by.id, at: now, what: "recommendations", format, filters: JSON.stringify(filter), row_count: total })
          .execute();
        audit("recommendations.exported", "recommendations", format, { rows: total });
        return file;
      }),
    );
  return router
    .get(
      "/recommandations/:reference",
      page(z.object(byReference), "readFigures", (db, { reference }, exchange) => recommendation(db, reference, exchange)),
    )
    .post(
      "/recommandations/:reference/adresser",
      action(issueForm, "readFigures", {
        run: async (tx, { reference, version }, { by, t, now, audit }) => {
          await actOnRecommendation(tx, { reference, seenVersion: version, event: { type: "RECOMMENDATION_ISSUED", by }, now });
          audit("recommendation.issued", "recommendation", reference);
          return { to: `/recommandations/${reference}`, flash: { tone: "success", text: t("recommendations.issued") } };
        },
        again: (db, typed, problems, exchange) => recommendation(db, String(typed.reference), exchange, typed, problems),
      }),
    )
    .post(
      "/recommandations/:reference/retirer",
      action(withdrawForm, "readFigures", {
        run: async (tx, { reference, version, reason }, { by, t, now, audit }) => {
          const event = { type: "RECOMMENDATION_WITHDRAWN", by, reason } as const;
          await actOnRecommendation(tx, { reference, seenVersion: version, event, now });
          audit("recommendation.withdrawn", "recommendation", reference);
          return { to: `/recommandations/${reference}`, flash: { tone: "success", text: t("recommendations.withdrawn") } };
        },
        again: (db, typed, problems, exchange) => recommendation(db, String(typed.reference), exchange, typed, problems),
      }),
    );
}
