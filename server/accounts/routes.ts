import { Router } from "express";
import type { Context } from "../http/context.ts";
import { administrationRoutes } from "./administration.ts";
import { attemptLimits } from "./attempts.ts";
import { oneTimeLinkRoutes } from "./one-time-links.ts";
import { ownAccountRoutes } from "./own-account.ts";
import { signInRoutes } from "./sign-in.ts";

/** Every URL about accounts: signing in and out, one-time links, one's own account, the administration of all. */
export function accountRoutes(context: Context): Router {
  const attempts = attemptLimits();
  return Router().use(
    signInRoutes(context, attempts),
    oneTimeLinkRoutes(context),
    ownAccountRoutes(context, attempts),
    administrationRoutes(context),
  );
}
