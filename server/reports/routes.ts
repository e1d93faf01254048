import { Router } from "express";
import type { Context } from "../http/context.ts";

/** Every URL of this room. */
export const reportRoutes = (_context: Context): Router => Router();
