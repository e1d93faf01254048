import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { registerFilters } from "./filters.ts";
import { draftRoutes, lifeRoutes } from "./life-routes.ts";
import { register } from "./register-page.ts";
import { recommendation } from "./show-page.ts";

/** Every URL of this room. */
export function recommendationRoutes(context: Context): Router {
  const { page } = handlers(context);
  return Router()
    .get(
      "/recommandations",
      page(
        registerFilters.extend({ page: z.string().optional().catch(undefined).transform(pageNumber) }),
        "readFigures",
        (db, input, exchange) => register(db, input, exchange),
      ),
    )
    .use(draftRoutes(context))
    .get(
      "/recommandations/:reference",
      page(z.object({ reference: z.string() }), "readFigures", (db, { reference }, exchange) => recommendation(db, reference, exchange)),
    )
    .use(lifeRoutes(context));
}
