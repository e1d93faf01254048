import { dayOfSerial } from "./grid.ts";

/** How the days of a column are written. `auto`: as a spreadsheet types them, day first, or written out. */
export const DATE_FORMATS = ["auto", "dmy", "mdy", "iso", "serial"] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

const MONTHS: readonly (readonly string[])[] = [
  ["janvier", "january", "janv", "jan"], ["fevrier", "february", "fevr", "fev", "feb"], ["mars", "march", "mar"], ["avril", "april", "avr", "apr"],
  ["mai", "may"], ["juin", "june", "jun"], ["juillet", "july", "juil", "jul"], ["aout", "august", "aug"], ["septembre", "september", "sept", "sep"],
  ["octobre", "october", "oct"], ["novembre", "november", "nov"], ["decembre", "december", "dec"],
]; // biome-ignore format: a table

/** The day when the calendar has it: 31 February is none. */
function real(year: number, month: number, day: number): string | null {
  if (year < 1000 || year > 9999) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  const iso = date.toISOString().slice(0, 10);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? iso : null;
}

/**
 * A written day as ISO; null for none. Two figures for a year say no century and are refused.
 * @param folded as foldText gives it; a time behind the day is left out
 */
export function dayWritten(folded: string, format: DateFormat): string | null {
  const text = folded.replace(/[t ]\d{1,2}[:h]\d{0,2}(?::\d\d(?:\.\d+)?)?z?$/, "");
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  // What a spreadsheet typed as a date comes in this form, whatever the column shows.
  if (iso) return real(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  if (format === "serial" || (format === "auto" && /^\d{5}(?:\.\d+)?$/.test(text)))
    return /^\d{1,6}(?:\.\d+)?$/.test(text) ? dayOfSerial(Number(text)) : null;
  if (format === "iso") return null;
  const parts = /^(\d{1,2})[/.\-\s](\d{1,2})[/.\-\s](\d{4})$/.exec(text);
  if (parts) {
    const [first, second, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
    return format === "mdy" ? real(year, first, second) : real(year, second, first);
  }
  const written = format === "auto" ? /^(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+)\.? (\d{4})$/.exec(text) : null;
  const month = written ? MONTHS.findIndex((names) => names.includes(written[2]!)) : -1;
  return written && month >= 0 ? real(Number(written[3]), month + 1, Number(written[1])) : null;
}
