import type { ChronologyEntryTable, IsoDate } from "../../db/schema.ts";
import { longDate } from "../http/formats.ts";
import type { Language } from "../http/words.ts";

export type Precision = ChronologyEntryTable["precision"];
/** A date as far as it is known: a day, some day of a month, or some day of a year. */
export type PartialDate = { first: IsoDate; last: IsoDate; precision: Precision };

const MONTHS = [
  "janvier january",
  "fevrier february",
  "mars march",
  "avril april",
  "mai may",
  "juin june",
  "juillet july",
  "aout august",
  "septembre september",
  "octobre october",
  "novembre november",
  "decembre december",
].map((names) => names.split(" "));

const two = (n: number | string): string => String(n).padStart(2, "0");
const lastDayOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function dateOf(year: number, month: number | null, day: number | null): PartialDate | null {
  if (year < 1900 || year > 2100) return null;
  if (month === null) return { first: `${year}-01-01`, last: `${year}-12-31`, precision: "year" };
  if (month < 1 || month > 12) return null;
  const stem = `${year}-${two(month)}`;
  const end = lastDayOf(year, month);
  if (day === null) return { first: `${stem}-01`, last: `${stem}-${two(end)}`, precision: "month" };
  if (day < 1 || day > end) return null;
  const iso = `${stem}-${two(day)}`;
  return { first: iso, last: iso, precision: "day" };
}

const monthNamed = (name: string): number =>
  MONTHS.findIndex((names) => names.includes(name) || (name.length >= 3 && names.some((one) => one.startsWith(name) && name.length < 5))) +
  1;

/**
 * A date as people write it, in figures ("12/03/2022", "03/2022", "2022", "2022-03-12") or in words ("12 mars 2022", "1er mars 2022", "March
 * 2022"), from 1900 to 2100. Null for anything else, and for days that no calendar has.
 */
export function readDate(text: string): PartialDate | null {
  const plain = text
    .trim()
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[\s\u00a0\u202f]+/g, " ");
  const number = (digits: string | undefined) => (digits === undefined ? null : Number(digits));
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(plain);
  if (iso) return dateOf(Number(iso[1]), number(iso[2]), number(iso[3]));
  const figures = /^(?:(\d{1,2}) ?[/.-] ?)?(\d{1,2}) ?[/.-] ?(\d{4})$/.exec(plain);
  if (figures) return dateOf(Number(figures[3]), Number(figures[2]), number(figures[1]));
  const words = /^(?:(\d{1,2})(?:er|st|nd|rd|th)? )?([a-z]+)\.? (\d{4})$/.exec(plain);
  const month = words ? monthNamed(words[2]!) : 0;
  return words && month > 0 ? dateOf(Number(words[3]), month, number(words[1])) : null;
}

/** The same as a form shows it again: "12/03/2022", "03/2022", "2022". */
export function writtenDate(on: IsoDate, precision: Precision): string {
  const [year, month, day] = on.split("-") as [string, string, string];
  return precision === "year" ? year : precision === "month" ? `${month}/${year}` : `${day}/${month}/${year}`;
}

const monthFormats = {
  fr: new Intl.DateTimeFormat("fr-FR", { month: "long", year: "numeric", timeZone: "UTC" }),
  en: new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }),
};
/** The same to read: "12 mars 2022", "mars 2022", "2022". */
export const spokenDate = (on: IsoDate, precision: Precision, language: Language): string =>
  precision === "year"
    ? on.slice(0, 4)
    : precision === "month"
      ? monthFormats[language].format(new Date(`${on}T00:00:00Z`))
      : longDate(on, language);

/** Whole days from one day to another; negative when the second comes first. */
export const daysBetween = (from: IsoDate, to: IsoDate): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

/** The last day of what a stored date may be. */
export function lastDay(on: IsoDate, precision: Precision): IsoDate {
  const [year, month] = on.split("-").map(Number) as [number, number];
  return precision === "day" ? on : precision === "month" ? `${on.slice(0, 7)}-${two(lastDayOf(year, month))}` : `${on.slice(0, 4)}-12-31`;
}

type Span = Pick<ChronologyEntryTable, "starts_on" | "precision" | "ends_on" | "ends_precision">;
/** The days an entry can have taken place on, first and last: those of a period, or of a month or year that is not known better. */
export const spanOf = ({ starts_on, precision, ends_on }: Span): { first: IsoDate; last: IsoDate } => ({
  first: starts_on,
  last: ends_on ?? lastDay(starts_on, precision),
});

/** Where an entry stands beside the act. "around": its month, year or period holds the day of the act. Days are before the act when positive. */
export type Standing =
  | { kind: "before" | "after"; least: number; most: number }
  | { kind: "on" }
  | { kind: "around"; before: number; after: number };
export function standingOf(span: Span, actDate: IsoDate): Standing {
  const { first, last } = spanOf(span);
  if (first === actDate && last === actDate) return { kind: "on" };
  if (last < actDate) return { kind: "before", least: daysBetween(last, actDate), most: daysBetween(first, actDate) };
  if (first > actDate) return { kind: "after", least: daysBetween(actDate, first), most: daysBetween(actDate, last) };
  return { kind: "around", before: daysBetween(first, actDate), after: daysBetween(actDate, last) };
}

/** The same in days before the act, negative after it: the nearest and the furthest that it can be. */
export function rangeOf(standing: Standing): { least: number; most: number } {
  if (standing.kind === "on") return { least: 0, most: 0 };
  if (standing.kind === "around") return { least: -standing.after, most: standing.before };
  return standing.kind === "before" ? { least: standing.least, most: standing.most } : { least: -standing.most, most: -standing.least };
}
