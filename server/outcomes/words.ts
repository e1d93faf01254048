import type { Classification } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import { integer, longDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import type { OutcomeScope } from "./figures.ts";
import type { Waits } from "./waiting-time.ts";

/** "2019", "de 2019 à 2024", "depuis 2019", "jusqu’en 2024" or every year. */
function periodWords({ from, to }: OutcomeScope, t: T): string {
  if (from !== null && from === to) return t("outcomes.scope.year", { year: String(from) });
  if (from !== null && to !== null) return t("outcomes.scope.years", { from: String(from), to: String(to) });
  if (from !== null) return t("outcomes.scope.since", { from: String(from) });
  return to !== null ? t("outcomes.scope.until", { to: String(to) }) : t("outcomes.scope.always");
}

/** What is counted, in one line, with the day it was counted on. */
export const scopeWords = (scope: OutcomeScope, lists: Classification, today: string, language: Language, t: T): string =>
  [
    periodWords(scope, t),
    scope.addressee === null ? t("outcomes.scope.addressees") : labelIn(lists.addressees, scope.addressee, language),
    scope.level === null ? t("outcomes.scope.levels") : labelIn(lists.levels, scope.level, language),
    scope.theme === null ? t("outcomes.scope.themes") : labelIn(lists.themes, scope.theme, language),
    ...(scope.once ? [t("outcomes.scope.once")] : []),
    t("outcomes.scope.day", { date: longDate(today, language) }),
  ].join(" · ");

/** Days as printed: whole, or with a half. */
const daysWords = (days: number, language: Language, t: T): string =>
  t("outcomes.days", { count: days, n: days.toLocaleString(language === "fr" ? "fr-FR" : "en-GB", { maximumFractionDigits: 1 }) });

/** The two medians of a group in words, each with what it rests on; null where there is none. */
export function waitWords(waits: Waits, language: Language, t: T) {
  const [answered, all] = [waits.medianOfAnswered(), waits.medianOfAll()];
  const whole = waits.answered + waits.waiting;
  return {
    answered: answered === null ? null : daysWords(answered, language, t),
    answeredShort: t("outcomes.wait.answeredShort", { count: waits.answered, n: integer(waits.answered, language) }),
    answeredOf: t("outcomes.wait.answeredOf", { count: waits.answered, n: integer(waits.answered, language) }),
    all: all === null ? null : daysWords(all, language, t),
    allOf: t("outcomes.wait.allOf", { count: whole, n: integer(whole, language), waiting: integer(waits.waiting, language) }),
  };
}
