import { type RequestHandler, Router } from "express";
import { z } from "zod";
import type { Context } from "../http/context.ts";
import { BadRequest, NotFound, NotSignedIn } from "../http/errors.ts";
import { languageOf } from "../http/frame.ts";
import { handlers } from "../http/handlers.ts";
import { findKeptAct, takeKeptAct } from "../http/kept-acts.ts";
import { translator } from "../http/words.ts";
import { waitingActs } from "./waiting.ts";

/** On every page of somebody whose acts wait: what they are, and what can be done about them. */
function waitingBanner({ database, clock }: Context): RequestHandler {
  return async (request, _response, next) => {
    const { user, session } = request;
    // What a script fetches shows no banner.
    if (!user || request.method !== "GET" || !session.waiting || request.headers["sec-fetch-dest"] === "empty") return next();
    const language = languageOf(request);
    const acts = await waitingActs(database.db, user, clock().toISOString(), language, translator(language));
    if (acts.length > 0) request.above = [...(request.above ?? []), { path: "kept/waiting", model: { acts } }];
    else delete session.waiting;
    next();
  };
}

/** Every URL of this room, and the banner of acts that wait. To stand before every other room: an act that is saved goes on to its own. */
export function keptActRoutes(context: Context): Router {
  const { action } = handlers(context);
  const { database, clock } = context;
  return Router()
    .use(waitingBanner(context))
    .post("/actes-gardes/:act/enregistrer", async (request, _response, next) => {
      const by = request.user;
      if (!by) throw new NotSignedIn();
      if (Object.keys((request.body ?? {}) as object).some((name) => name !== "_csrf")) throw new BadRequest();
      const kept = await findKeptAct(database.db, by.id, request.params.act, clock().toISOString());
      if (!kept) throw new NotFound();
      // The same form, to the same address, judged as if it were sent now by whoever is signed in now.
      request.keptAct = kept.id;
      request.url = kept.path;
      request.body = kept.body;
      next();
    })
    .post(
      "/actes-gardes/:act/abandonner",
      action(z.strictObject({ act: z.string() }), "useTheTool", {
        run: async (tx, { act }, { by, t, now, audit }) => {
          const kept = await findKeptAct(tx, by.id, act, now);
          if (!kept || !(await takeKeptAct(tx, by.id, act))) throw new NotFound();
          audit("kept-act-dropped", "kept-act", act);
          return { to: kept.place, flash: { tone: "info", text: t("kept.dropped") } };
        },
        again: () => Promise.reject(new NotFound()),
      }),
    );
}
