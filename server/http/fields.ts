import { z } from "zod";
import { Invalid, type Message } from "./errors.ts";
import { isKey, type T } from "./words.ts";

/** What one input shows: its name, what was typed or stored, and what is wrong with it. */
export type Field = { name: string; value: string; error: string | null };
export type ListField = { name: string; value: string[]; error: string | null };
/** Raw input, as it was typed: strings, or lists of strings for repeated names. */
export type Typed = Record<string, string | string[] | undefined>;
/** Messages by field name, in the reader's language. */
export type Problems = Record<string, string>;

z.config({
  customError: (issue) => (issue.code === "invalid_type" && issue.input === undefined ? "http.invalid.missing" : "http.invalid.value"),
});

/** Text of a form: trimmed, controls removed, NFC, at most `longest` characters. */
export const text = (longest: number) =>
  z
    .string()
    .transform((value) =>
      value
        .replace(/\r\n?/g, "\n")
        // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
        .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, "")
        .normalize("NFC")
        .trim(),
    )
    .pipe(z.string().max(longest, "http.invalid.long"));
/** Text that must not be empty. */
export const required = (longest: number) => text(longest).pipe(z.string().min(1, "http.invalid.missing"));
/** Optional text: empty becomes null. */
export const optional = (longest: number) =>
  text(longest)
    .optional()
    .transform((value) => value || null);
/** A date of the calendar, "2026-11-23". */
export const date = () =>
  z
    .string()
    .min(1, "http.invalid.missing")
    .refine((value) => {
      const day = new Date(`${value}T00:00:00Z`);
      return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
    }, "http.invalid.date");
export const optionalDate = () =>
  z
    .union([z.literal("").transform(() => null), date()])
    .optional()
    .transform((value) => value ?? null);
/** One of a list of codes. */
export const choice = <const Codes extends readonly [string, ...string[]]>(codes: Codes) => z.enum(codes, "http.invalid.choice");
/** Zero, one or several values under one name, as check boxes send them. */
export const several = (most = 200) =>
  z
    .union([z.string().transform((value) => [value]), z.array(z.string())])
    .optional()
    .transform((value) => value ?? [])
    .pipe(z.array(z.string()).max(most));
/** A whole number between two bounds, both included. */
export const whole = (least: number, most: number) =>
  z.coerce.number("http.invalid.value").int("http.invalid.value").min(least, "http.invalid.value").max(most, "http.invalid.value");
/** The same where it may be left out or empty: null. */
export const optionalWhole = (least: number, most: number) =>
  z
    .union([z.literal("").transform(() => null), whole(least, most)])
    .optional()
    .transform((value) => value ?? null);
/** The version of the object that the page was drawn from: what an integer column of both databases holds. */
export const seenVersion = () => z.coerce.number().int().min(0).max(2_147_483_647);

const first = (value: string | string[] | undefined): string => (Array.isArray(value) ? (value[0] ?? "") : (value ?? ""));

/** The field `name`: what was typed, else what is stored; with its problem. */
export const field = (name: string, typed: Typed | null, problems: Problems, stored: string | number | null = ""): Field => ({
  name,
  value: typed && name in typed ? first(typed[name]) : String(stored ?? ""),
  error: problems[name] ?? null,
});

export const listField = (name: string, typed: Typed | null, problems: Problems, stored: readonly string[] = []): ListField => {
  const given = typed?.[name];
  return { name, value: typed ? (Array.isArray(given) ? given : given ? [given] : []) : [...stored], error: problems[name] ?? null };
};

/** Problems as the links of the summary at the top of a page. */
export const summary = (problems: Problems) => Object.entries(problems).map(([name, text]) => ({ href: `#${name}`, text }));

const say = (message: Message | string, t: T): string => {
  if (typeof message !== "string") return t(message.key, message.params);
  return isKey(message) ? t(message) : t("http.invalid.value");
};

/** What a schema or a rule found wrong, by field. */
export function problemsOf(problem: z.ZodError | Invalid, t: T): Problems {
  const problems: Problems = {};
  if (problem instanceof Invalid) for (const [name, message] of Object.entries(problem.fields)) problems[name] = say(message, t);
  else for (const issue of problem.issues) problems[String(issue.path[0] ?? "")] ??= say(issue.message, t);
  return problems;
}
