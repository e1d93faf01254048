import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { handlers } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import { practicePage, practicesPage } from "./pages.ts";

const word = (longest: number) => z.string().trim().max(longest).catch("");
const search = z.object({
  q: word(200),
  service: word(200),
  theme: word(60),
  annee: z
    .string()
    .regex(/^\d{4}$/)
    .catch(""),
  page: z.string().optional().catch(undefined).transform(pageNumber),
});

/** Every URL of this room: open to anyone, who reads what is public. */
export function practiceRoutes(context: Context): Router {
  const { page } = handlers(context);
  return Router()
    .get(
      "/bonnes-pratiques",
      page(search, "anyone", (db, input, exchange) => practicesPage(db, input, exchange)),
    )
    .get(
      "/bonnes-pratiques/:practice",
      page(z.object({ practice: z.string().max(20) }), "anyone", (db, { practice }, exchange) => practicePage(db, practice, exchange)),
    );
}
