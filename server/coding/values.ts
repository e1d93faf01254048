import type { CodebookDefinition, Factor } from "../codebook/definition.ts";
import type { Message } from "../http/errors.ts";
import { findCourt, findDepartment } from "../reports/places.ts";

/** Not documented, for every type of factor. */
export const UNKNOWN = "unknown";
/** The measure did not exist at the date of the act. */
export const NOT_AVAILABLE = "not_available";
const NOT_REQUESTED = "not_requested";

/** What a value is judged by beside its factor: the codebook's exclusive options and the dates of the report's sheet. */
export type ValueRules = { exclusiveOptions: readonly string[]; actDate: string; receivedOn: string };
export type Canonical = { kind: "value"; value: string } | { kind: "problem"; problem: Message };

export const rulesFor = (
  { exclusiveOptions }: Pick<CodebookDefinition, "exclusiveOptions">,
  report: { act_date: string; received_on: string },
): ValueRules => ({ exclusiveOptions, actDate: report.act_date, receivedOn: report.received_on });

/** Whether the measure of this factor existed at the date of the act (true where the codebook gives no date). */
export const existedAt = ({ availableFrom }: Pick<Factor, "availableFrom">, actDate: string): boolean =>
  availableFrom === null || actDate.slice(0, 7) >= availableFrom;

/** Why an option of this factor cannot be chosen for an act of this date; null when it can. */
export function closedOption(factor: Pick<Factor, "availableFrom">, code: string, actDate: string): Message | null {
  const existed = existedAt(factor, actDate);
  if (code === NOT_AVAILABLE && existed) return "coding.problem.existed";
  if (code === NOT_REQUESTED && !existed) return "coding.problem.notYet";
  return null;
}

/** Greatest value of each unit, and whether halves of it make sense. A number without a unit counts things. */
const UNITS: Record<string, { most: number; whole: boolean }> = {
  years: { most: 120, whole: false },
  days: { most: 36_600, whole: true },
  persons: { most: 50, whole: true },
  events: { most: 1_000, whole: true },
};
const COUNT = { most: 1_000, whole: true };
const MEASURE = { most: 1_000_000, whole: false };

const value = (text: string): Canonical => ({ kind: "value", value: text });
const problem = (message: Message): Canonical => ({ kind: "problem", problem: message });

function canonicalNumber(unit: string | null, typed: string): Canonical {
  const match = /^(\d{1,9})(?:[.,](\d{1,4}))?$/.exec(typed.replace(/[\s\u00a0\u202f]/g, ""));
  if (!match) return problem("coding.problem.number");
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  const { most, whole } = unit === null ? COUNT : (UNITS[unit] ?? MEASURE);
  if (whole && fraction !== "") return problem("coding.problem.whole");
  const text = `${Number(match[1])}${fraction && `.${fraction}`}`;
  return Number(text) > most ? problem({ key: "coding.problem.most", params: { most } }) : value(text);
}

function canonicalDate(receivedOn: string, typed: string): Canonical {
  const day = new Date(`${typed}T00:00:00Z`);
  const real = /^\d{4}-\d\d-\d\d$/.test(typed) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(typed);
  if (!real || typed < "1900-01-01") return problem("http.invalid.date");
  return typed > receivedOn ? problem("coding.problem.afterReceipt") : value(typed);
}

const known = (factor: Factor, code: string): boolean => {
  if (code === UNKNOWN) return true;
  if (factor.optionsRef === "cog_departement") return findDepartment(code) !== undefined;
  if (factor.optionsRef === "ressort_judiciaire") return findCourt(code) !== undefined;
  return factor.options.some((option) => option.code === code);
};

function canonicalSeveral(factor: Factor, codes: readonly string[], { exclusiveOptions, actDate }: ValueRules): Canonical {
  const chosen = new Set(codes);
  for (const code of chosen) {
    if (!known(factor, code)) return problem("http.invalid.choice");
    const closed = closedOption(factor, code, actDate);
    if (closed) return problem(closed);
  }
  if (chosen.size > 1 && [...chosen].some((code) => code === UNKNOWN || exclusiveOptions.includes(code)))
    return problem("coding.problem.exclusive");
  if (chosen.has(UNKNOWN)) return value(UNKNOWN);
  return value(
    factor.options
      .filter(({ code }) => chosen.has(code))
      .map(({ code }) => code)
      .join(","),
  );
}

/**
 * The one stored form of a typed value: "present", "absent" or "unknown"; an option code; for several, codes in codebook order joined by
 * ","; a decimal number with a point; an ISO date. "unknown" is allowed everywhere. Or the message to show beside the field.
 */
export function canonicalValue(factor: Factor, typed: string | readonly string[] | number, rules: ValueRules): Canonical {
  const given = [typed]
    .flat()
    .map((one) => String(one).trim())
    .filter((one) => one !== "");
  const [only] = given;
  if (only === undefined) return problem("coding.problem.missing");
  if (factor.type === "multi")
    return canonicalSeveral(
      factor,
      given.flatMap((one) => one.split(",")),
      rules,
    );
  if (new Set(given).size > 1) return problem("coding.problem.one");
  if (only === UNKNOWN) return value(UNKNOWN);
  switch (factor.type) {
    case "presence":
      return only === "present" || only === "absent" ? value(only) : problem("http.invalid.choice");
    case "category": {
      if (!known(factor, only)) return problem("http.invalid.choice");
      const closed = closedOption(factor, only, rules.actDate);
      return closed ? problem(closed) : value(only);
    }
    case "number":
      return canonicalNumber(factor.unit, only);
    case "date":
      return canonicalDate(rules.receivedOn, only);
  }
}

/** What a canonical value rests on: a passage, a passage or else a reason, or nothing (silence proves nothing). */
export const proofNeeded = (canonical: string): "passage" | "passage-or-reason" | null => {
  if (canonical === UNKNOWN || canonical === NOT_AVAILABLE) return null;
  return canonical === "present" ? "passage" : "passage-or-reason";
};

/** Whether a coding may be submitted as it stands: the same rule that the facts of the report's machine count by. */
export const isProven = (coding: { value: string; reason: string | null }, passages: number): boolean => {
  const needed = proofNeeded(coding.value);
  return needed === null || passages > 0 || (needed === "passage-or-reason" && coding.reason !== null);
};
