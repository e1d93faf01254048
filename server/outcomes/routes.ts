import { Router } from "express";
import type { Context } from "../http/context.ts";
import { handlers } from "../http/handlers.ts";
import { EXPORTS, exportOutcomes } from "./export.ts";
import { outcomes } from "./page.ts";
import { outcomeInput } from "./scope.ts";

/** Every URL of this room; mounted before the register, whose address of one recommendation would take them. */
export function outcomeRoutes(context: Context): Router {
  const { page } = handlers(context);
  const router = Router().get("/recommandations/suivi", page(outcomeInput, "readFigures", outcomes));
  for (const format of EXPORTS)
    router.get(
      `/recommandations/suivi/export.${format}`,
      page(outcomeInput, "exportRecommendations", (db, input, exchange) => exportOutcomes(db, input, format, exchange)),
    );
  return router;
}
