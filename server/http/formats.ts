import type { Language } from "./words.ts";

const ZONE = "Europe/Paris";
const locale = { fr: "fr-FR", en: "en-GB" } as const;
const formats = new Map<string, Intl.DateTimeFormat>();
const dateFormat = (language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${language} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale[language], options);
  formats.set(key, made);
  return made;
};

/** The first of a month, as French writes it: "1er mars 2026". */
const ordinal = (written: string, language: Language): string => (language === "fr" ? written.replace(/^1(?= )/, "1er") : written);
/** "2026-11-23" → "23 novembre 2026" */
export const longDate = (day: string, language: Language): string =>
  ordinal(dateFormat(language, "long", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`)), language);
/** "2026-11-23" → "23/11/2026": for columns. */
export const shortDate = (day: string, language: Language): string => {
  const [year, month, date] = day.split("-");
  return language === "fr" || language === "en" ? `${date}/${month}/${year}` : day;
};
/** An instant → "23 novembre 2026 à 21:04", time of Paris. */
export const instant = (at: string, language: Language): string =>
  ordinal(dateFormat(language, "instant", { dateStyle: "long", timeStyle: "short", timeZone: ZONE }).format(new Date(at)), language);
let lastAsked = { minute: "", day: "" };
/** The calendar day of an instant in Paris, ISO. Every request asks for that of now: the answer of the same minute is kept. */
export function dayOf(at: string): string {
  const minute = at.slice(0, 16);
  if (lastAsked.minute !== minute) {
    const written = dateFormat("en", "day", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));
    lastAsked = { minute, day: written.split("/").reverse().join("-") };
  }
  return lastAsked.day;
}

const integers = { fr: new Intl.NumberFormat("fr-FR"), en: new Intl.NumberFormat("en-GB") };
const decimals = {
  fr: new Intl.NumberFormat("fr-FR", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  en: new Intl.NumberFormat("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
};
export const integer = (n: number, language: Language): string => integers[language].format(n);
export const decimal = (n: number, language: Language): string => decimals[language].format(n);
/** A share of 1 as a percentage with one decimal: 0.425 → "42,5 %". */
export const percent = (share: number, language: Language): string =>
  language === "fr" ? `${decimals.fr.format(share * 100)}\u00a0%` : `${decimals.en.format(share * 100)}%`;
