import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import type { T } from "../http/words.ts";
import { REMINDERS, type ReadingSettings, VEILS } from "./settings.ts";

type Choice = { value: string; label: string; hint?: string };
/** What the page of one's account shows of this room (views/wellbeing/settings.ejs). */
export type ReadingForm = { veil: Field; veils: Choice[]; pages: boolean; reminder: Field; reminders: Choice[] };

/** The settings as they stand, or as they were typed. */
export const readingForm = (settings: ReadingSettings, typed: Typed | null, problems: Problems, t: T): ReadingForm => ({
  veil: field("veil", typed, problems, settings.veil),
  veils: VEILS.map((value) => ({ value, label: t(`wellbeing.settings.veil.${value}`) })),
  pages: typed && "veil" in typed ? "pages" in typed : settings.pagesShown,
  reminder: field("reminder", typed, problems, settings.reminderMinutes ?? "0"),
  reminders: ["0", ...REMINDERS.map(String)].map((value) => ({
    value,
    label: value === "0" ? t("wellbeing.settings.reminder.never") : t("wellbeing.settings.reminder.after", { minutes: value }),
  })),
});
