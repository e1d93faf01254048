import { Router } from "express";
import { z } from "zod";
import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { Context } from "../http/context.ts";
import { Invalid } from "../http/errors.ts";
import { choice, type Problems, type Typed } from "../http/fields.ts";
import { type Exchange, handlers } from "../http/handlers.ts";
import { readingForm } from "../wellbeing/pages.ts";
import { changeReadingSettings, type ReminderMinutes, readingSettings, VEILS } from "../wellbeing/settings.ts";
import type { AttemptLimits } from "./attempts.ts";
import { hashOfNew, passphrase } from "./fields.ts";
import { ownAccountPage } from "./pages.ts";
import { passphraseMatches } from "./passphrases.ts";
import { sessionOf } from "./passport.ts";
import { endSession, endSessions, findAccount, listOpenSessions, setLanguage, setPassphrase } from "./queries.ts";

const languageForm = z.strictObject({ langue: choice(["fr", "en"]) });
const passphraseForm = z
  .strictObject({ current: passphrase(), new: passphrase(), again: passphrase() })
  .transform((input) => ({ ...input, hash: "" }));
const readingSettingsForm = z.strictObject({
  veil: choice(VEILS),
  pages: z.literal("1").optional(),
  reminder: choice(["0", "30", "60", "90"]),
});
const sessionForm = z.strictObject({ session: z.union([z.literal("others"), z.string().regex(/^[0-9a-f]{64}$/)]) });

/** One's own account: language, passphrase, open sessions. */
export function ownAccountRoutes(context: Context, attempts: AttemptLimits): Router {
  const { page, action } = handlers(context);
  const accountPage = async (db: Db, typed: Typed | null, problems: Problems, exchange: Exchange) =>
    ownAccountPage(
      exchange,
      await listOpenSessions(db, exchange.by.id, exchange.now),
      may(exchange.by, "readCases") ? readingForm(await readingSettings(db, exchange.by.id), typed, problems, exchange.t) : null,
      typed,
      problems,
    );
  const again = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) => accountPage(db, typed, problems, exchange);

  return Router()
    .get(
      "/compte",
      page(z.strictObject({}), "useTheTool", (db, _input, exchange) => accountPage(db, null, {}, exchange)),
    )
    .get(["/compte/langue", "/compte/phrase", "/compte/lecture", "/compte/rappel", "/compte/sessions/fermer"], (_request, response) =>
      response.redirect(303, "/compte"),
    )
    .post(
      "/compte/langue",
      action(languageForm, "useTheTool", {
        run: async (tx, { langue }, { by, audit }) => {
          await setLanguage(tx, by.id, langue);
          audit("language-changed", "account", by.id);
          // The choice of the page at hand follows that of the account.
          return { to: `/compte?langue=${langue}` };
        },
        again,
      }),
    )
    .post(
      "/compte/lecture",
      action(readingSettingsForm, "readCases", {
        run: async (tx, { veil, pages, reminder }, { by, t, audit }) => {
          const reminderMinutes = reminder === "0" ? null : (Number(reminder) as ReminderMinutes);
          await changeReadingSettings(tx, by.id, { veil, pagesShown: pages === "1", reminderMinutes });
          audit("reading-settings-changed", "account", by.id);
          return { to: "/compte#lecture", flash: { tone: "success", text: t("wellbeing.settings.saved") } };
        },
        again,
      }),
    )
    .post(
      "/compte/phrase",
      action(passphraseForm, "useTheTool", {
        prepare: async (input, { by }, db) => {
          // Somebody at a screen left open must not find out the passphrase by trying.
          await attempts.admit(by.email, sessionOf(by));
          const account = await findAccount(db, by.id);
          if (!(await passphraseMatches(account?.passphraseHash ?? null, input.current)))
            throw new Invalid({ current: "accounts.passphrase.wrong" });
          await attempts.succeeded(by.email, sessionOf(by));
          input.hash = await hashOfNew("new", { passphrase: input.new, again: input.again }, by);
        },
        run: async (tx, { hash }, { by, t, audit }) => {
          await setPassphrase(tx, by.id, hash);
          await endSessions(tx, by.id, sessionOf(by));
          audit("passphrase-changed", "account", by.id);
          return { to: "/compte", flash: { tone: "success", text: t("accounts.own.passphraseChanged") } };
        },
        again,
      }),
    )
    .post(
      "/compte/sessions/fermer",
      action(sessionForm, "useTheTool", {
        run: async (tx, { session }, { by, t, audit }) => {
          const here = sessionOf(by);
          if (session === "others") await endSessions(tx, by.id, here);
          else if (session !== here) await endSession(tx, by.id, session);
          audit("sessions-ended", "account", by.id);
          return { to: "/compte", flash: { tone: "success", text: t("accounts.own.sessionsEnded") } };
        },
        again,
      }),
    );
}
