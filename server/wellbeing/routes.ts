import { type RequestHandler, Router } from "express";
import { z } from "zod";
import { may } from "../../workflows/abilities.ts";
import type { Context } from "../http/context.ts";
import { BadRequest, NotFound } from "../http/errors.ts";
import { dayOf } from "../http/formats.ts";
import { languageOf } from "../http/frame.ts";
import { handlers } from "../http/handlers.ts";
import { soberAddress } from "../http/kept-acts.ts";
import { translator } from "../http/words.ts";
import { findReport } from "../reports/queries.ts";
import { minutesToday } from "./reminder.ts";
import { changeReadingSettings, readingSettings } from "./settings.ts";
import { markPassage } from "./veil.ts";

const CODING = /^\/rapports\/[^/]+\/codage$/;

/** Above the coding page: how long one has been with cases today, when it is longer than one's own setting. */
function quietReminder({ database, clock }: Context): RequestHandler {
  return async (request, _response, next) => {
    const { user } = request;
    if (
      !user ||
      request.method !== "GET" ||
      !CODING.test(request.path) ||
      request.headers["sec-fetch-dest"] === "empty" ||
      !may(user, "readCases")
    )
      return next();
    const now = clock().toISOString();
    const { reminderMinutes, remindedOn } = await readingSettings(database.db, user.id);
    if (reminderMinutes === null || remindedOn === dayOf(now)) return next();
    const minutes = await minutesToday(database.db, user.id, now);
    if (minutes >= reminderMinutes) {
      const t = translator(languageOf(request));
      const [hours, rest] = [Math.floor(minutes / 60), Math.floor((minutes % 60) / 5) * 5];
      const spent =
        hours === 0
          ? t("wellbeing.minutes", { minutes: rest })
          : rest === 0
            ? t("wellbeing.hours", { count: hours })
            : t("wellbeing.hoursMinutes", { hours, minutes: String(rest).padStart(2, "0") });
      const place = soberAddress(new URL(`http://own.invalid${request.path}?${request.originalUrl.split("?")[1] ?? ""}`));
      request.above = [...(request.above ?? []), { path: "wellbeing/reminder", model: { spent, place } }];
    }
    next();
  };
}

const later = z.strictObject({
  place: z
    .string()
    .max(200)
    .regex(/^\/rapports\/[\w-]+\/codage(?:\?[\w=&-]*)?$/),
});
const mark = z.strictObject({ id: z.string(), passage: z.string().max(100).optional(), plain: z.string().max(100).optional() });

/** Every URL of this room, and the reminder above the coding page. */
export function wellbeingRoutes(context: Context): Router {
  const { action } = handlers(context);
  return Router()
    .use(quietReminder(context))
    .post(
      "/compte/rappel",
      action(later, "useTheTool", {
        run: async (tx, { place }, { by, now }) => {
          await changeReadingSettings(tx, by.id, { remindedOn: dayOf(now) });
          return { to: place };
        },
        again: () => Promise.reject(new BadRequest()),
      }),
    )
    .post(
      "/rapports/:id/passages/difficile",
      action(mark, "readCases", {
        run: async (tx, { id, passage, plain }, { by, now, t, audit }) => {
          await findReport(tx, id, by);
          const one = passage ?? plain;
          if (!one) throw new NotFound();
          const hard = passage !== undefined;
          await markPassage(tx, { reportId: id, passage: one, hard, by: by.id, now });
          audit(hard ? "passage.marked-hard" : "passage.unmarked", "passage", one);
          return {
            to: `/rapports/${id}/codage?${new URLSearchParams({ passage: one })}`,
            flash: { tone: "success", text: t(hard ? "wellbeing.mark.done" : "wellbeing.mark.undone") },
          };
        },
        again: () => Promise.reject(new BadRequest()),
      }),
    );
}
