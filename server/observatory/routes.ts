import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { exportAgreement } from "./agreement-export.ts";
import { agreementPage, EXPORTS, factorAgreementPage } from "./agreement-page.ts";
import { behindFigure, observatory, referenceSeries } from "./pages.ts";

const code = z.string().max(60).catch("");
const scope = { du: code, au: code, region: code, nature: code };
const page = z.string().optional().catch(undefined).transform(pageNumber);

/** Every URL of this room. */
export function observatoryRoutes(context: Context): Router {
  const { page: answer } = handlers(context);
  const period = { du: code, au: code };
  const router = Router();
  for (const format of EXPORTS)
    router.get(
      `/observatoire/accord/export.${format}`,
      answer(z.object(period), "readFigures", (db, input, exchange) => exportAgreement(db, input, format, exchange)),
    );
  return router
    .get("/observatoire/accord", answer(z.object(period), "readFigures", agreementPage))
    .get(
      "/observatoire/accord/:factor",
      answer(z.object({ ...period, factor: z.string(), sens: code, page }), "readCases", factorAgreementPage),
    )
    .get("/observatoire", answer(z.object(scope), "readFigures", observatory))
    .get("/observatoire/series", answer(z.object({ mesure: code }), "readFigures", referenceSeries))
    .get(
      "/observatoire/facteurs/:factor",
      answer(z.object({ ...scope, factor: z.string(), valeur: code, page }), "readFigures", behindFigure),
    );
}
