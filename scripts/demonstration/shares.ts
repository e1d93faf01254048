import type { Case, Sentences, Value, Variant } from "./case.ts";
import { assign, choose, type Random } from "./random.ts";
import { AFTER, ANALYSIS } from "./sentences-analysis.ts";
import { CIRCUMSTANCES } from "./sentences-circumstances.ts";
import { COUPLE } from "./sentences-couple.ts";
import { CLAUSES, HISTORY } from "./sentences-history.ts";
import { PEOPLE } from "./sentences-people.ts";
import { MEASURES, SERVICES } from "./sentences-services.ts";

/** Every way of saying every value, by factor. */
export const ALL_SENTENCES: Sentences = {
  ...CIRCUMSTANCES,
  ...PEOPLE,
  ...COUPLE,
  ...HISTORY,
  ...SERVICES,
  ...MEASURES,
  ...ANALYSIS,
  ...AFTER,
};

/** Ways that fit this case. */
export function fitting(c: Case, code: string, value: string): Variant[] {
  return (ALL_SENTENCES[code]?.[value] ?? []).filter((variant) => variant.when === null || variant.when(c));
}

/** Silence is the default: `unknown` is stored nowhere, except where the report speaks without settling the point. */
export function set(c: Case, code: string, value: Value | undefined): void {
  if (value === undefined || value === "unknown" || (Array.isArray(value) && value.length === 0)) return;
  c.values[code] = value;
}

type Rates = { present?: number; absent?: number };

/** A presence factor: the rates of present and absent depend on the case, the rest is silence. Impossible sayings are never drawn. */
export function presence(
  random: Random,
  cases: readonly Case[],
  code: string,
  ratesOf: (c: Case) => Rates,
  by: (c: Case) => string = kind,
): void {
  const debated = (ALL_SENTENCES[code]?.unknown ?? []).length > 0;
  const values = assign<Case, "present" | "absent" | "unknown" | "debated">(
    random,
    cases,
    (c) => {
      const rates = ratesOf(c);
      const p = sayable(c, code, "present") ? (rates.present ?? 0) : 0;
      const a = sayable(c, code, "absent") ? (rates.absent ?? 0) : 0;
      const d = debated && fitting(c, code, "unknown").length > 0 ? 0.05 : 0;
      return { present: p, absent: a, debated: d, unknown: Math.max(0.0001, 1 - p - a - d) };
    },
    by,
  );
  for (const c of cases) {
    const value = values.get(c);
    if (value === "debated") c.values[code] = "unknown";
    else set(c, code, value);
  }
}

/** Exactly `count` cases are present, drawn by weight; of the others a share is absent. */
export function exactly(
  random: Random,
  cases: readonly Case[],
  code: string,
  count: number,
  weightOf: (c: Case) => number,
  absent: number,
): void {
  const present = choose(random, cases, Math.round(count), weightOf, kind);
  for (const c of present) set(c, code, "present");
  presence(
    random,
    cases.filter((c) => !present.has(c)),
    code,
    () => ({ absent }),
  );
}

export function category(
  random: Random,
  cases: readonly Case[],
  code: string,
  sharesOf: (c: Case) => Record<string, number>,
  by: (c: Case) => string = kind,
): void {
  const values = assign(
    random,
    cases,
    (c) => {
      const shares = sharesOf(c);
      const open = Object.entries(shares).filter(([value]) => value === "unknown" || sayable(c, code, value));
      return Object.fromEntries(open.length > 0 ? open : [["unknown", 1]]);
    },
    by,
  );
  for (const c of cases) set(c, code, values.get(c));
}

/** A factor with several values: each option on its own, else « none », else silence. */
export function several(
  random: Random,
  cases: readonly Case[],
  code: string,
  sharesOf: (c: Case) => Record<string, number>,
  noneOf: (c: Case) => number,
): void {
  const lists = new Map<Case, string[]>(cases.map((c) => [c, []]));
  const options = new Set(cases.flatMap((c) => Object.keys(sharesOf(c))));
  for (const option of options) {
    const drawn = assign(
      random,
      cases,
      (c) => {
        const p = sayable(c, code, option) ? (sharesOf(c)[option] ?? 0) : 0;
        return { yes: p, no: Math.max(0.0001, 1 - p) };
      },
      kind,
    );
    for (const c of cases) if (drawn.get(c) === "yes") lists.get(c)?.push(option);
  }
  const empty = cases.filter((c) => (lists.get(c) ?? []).length === 0);
  const none = assign(random, empty, (c) => {
    const p = sayable(c, code, "none") ? noneOf(c) : 0;
    return { none: p, unknown: Math.max(0.0001, 1 - p) };
  });
  for (const c of empty) if (none.get(c) === "none") lists.get(c)?.push("none");
  for (const [c, list] of lists) set(c, code, list);
}

/** A number of other persons: one in exactly `count` cases, zero in half of the others. */
export function exactlyNumber(random: Random, cases: readonly Case[], code: string, weightOf: (c: Case) => number, count: number): void {
  const some = choose(random, cases, count, weightOf);
  for (const c of some) set(c, code, 1);
  const zero = assign(
    random,
    cases.filter((c) => !some.has(c)),
    () => ({ zero: 0.5, silent: 0.5 }),
    kind,
  );
  for (const [c, value] of zero) if (value === "zero") set(c, code, 0);
}

export function sayable(c: Case, code: string, value: string): boolean {
  return (value === "present" && CLAUSES[code] !== undefined) || fitting(c, code, value).length > 0;
}

/** Values told by a sentence of their own kind, with a date or with other factors. */
const SAID_ELSEWHERE = new Set([
  "relationship_status=separated",
  "relationship_status=separating",
  "separation_announced=present",
  "children_in_household=0",
]);

/** A value decided early whose every wording depends on something that came out otherwise returns to silence. */
export function keepSayable(c: Case): void {
  for (const [code, value] of Object.entries(c.values)) {
    if (ALL_SENTENCES[code] === undefined || typeof value === "number") continue;
    if (Array.isArray(value)) {
      const kept = value.filter((option) => sayable(c, code, option));
      if (kept.length > 0) c.values[code] = kept;
      else delete c.values[code];
    } else if (value !== "not_available" && !SAID_ELSEWHERE.has(`${code}=${value}`) && !sayable(c, code, value)) delete c.values[code];
  }
}

export const killed = (c: Case): boolean => c.outcome === "homicide";

export const kind = (c: Case): string => c.outcome;

export const late = (c: Case): boolean => c.motive === "illness_age";

export const split = (c: Case): boolean => c.status === "separated" || c.status === "separating" || c.status === "on_off";

export const couple = (c: Case): string => `${c.victimSex}/${c.perpetratorSex}`;
