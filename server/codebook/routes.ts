import { Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { handlers } from "../http/handlers.ts";
import { codebook } from "./pages.ts";

/** Every URL of this room. */
export function codebookRoutes(context: Context): Router {
  const { page } = handlers(context);
  return Router().get("/grille", page(z.object({ q: z.string().trim().max(200).catch("") }), "readCodebook", codebook));
}
