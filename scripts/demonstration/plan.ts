import { readFileSync } from "node:fs";
import departments from "@etalab/decoupage-administratif/data/departements.json" with { type: "json" };
import { type Case, type Court, died, is, type Sentences, type Value, type Variant } from "./case.ts";
import { assign, choose, type Random } from "./random.ts";
import { AFTER, ANALYSIS } from "./sentences-analysis.ts";
import { CIRCUMSTANCES } from "./sentences-circumstances.ts";
import { COUPLE } from "./sentences-couple.ts";
import { CLAUSES, HISTORY } from "./sentences-history.ts";
import { PEOPLE } from "./sentences-people.ts";
import { MEASURES, SERVICES } from "./sentences-services.ts";

/** Published deaths by year (all couples); no total is published yet for 2025, which takes the mean of the others. */
const DEATHS: readonly (readonly [year: number, total: number])[] = [
  [2019, 173],
  [2020, 125],
  [2021, 143],
  [2022, 145],
  [2023, 119],
  [2024, 138],
];

/** Relative frequency of départements, the first ones as in the published lists; every other one weighs one. */
const DEPARTMENT_WEIGHTS: Record<string, number> = {
  "59": 9.5,
  "06": 6,
  "62": 6,
  "13": 5.5,
  "69": 5.5,
  "93": 5.5,
  "75": 4,
  "33": 4,
  "76": 4,
  "31": 3.5,
  "34": 3.5,
  "57": 3.5,
  "77": 3.5,
  "83": 3.5,
  "38": 3,
  "44": 3,
  "67": 3,
  "78": 3,
  "95": 3,
  "974": 3,
  "91": 2.5,
  "92": 2.5,
  "94": 2.5,
  "973": 2.5,
  "988": 2.5,
};

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

const COURTS: readonly Court[] = readFileSync(new URL("../../db/data/jurisdictions.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))
  .map(([name = "", , srj = "", , , department = "", , appeal = ""]) => ({
    srj,
    name: name.replaceAll("'", "’"),
    appeal: appeal.trim().replaceAll("'", "’"),
    department,
  }));

const NAMES = new Map(departments.map((department) => [department.code, department.nom.replaceAll("'", "’")]));
const INITIALS = ["E", "F", "G", "H", "L", "M", "N", "O", "P", "R", "S", "T", "V"];

const DAY = 86_400_000;

/** The day that lies `days` before (or, if negative, after) a date of the form YYYY-MM-DD. */
export function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
}

const couple = (c: Case): string => `${c.victimSex}/${c.perpetratorSex}`;
const killed = (c: Case): boolean => c.outcome === "homicide";
const kind = (c: Case): string => c.outcome;
const late = (c: Case): boolean => c.motive === "illness_age";
const split = (c: Case): boolean => c.status === "separated" || c.status === "separating" || c.status === "on_off";

/**
 * Invents `count` cases over 2019–2025. Every frequency is a quota and not a draw: the shares published for France hold for the whole, and
 * mostly for the killings alone. What depends on something else is decided after it.
 */
export function planCases(random: Random, count: number): Case[] {
  const cases = blankCases(random, count);
  people(random, cases);
  coupleAndPlace(random, cases);
  actAndAfter(random, cases);
  priorViolence(random, cases);
  contacts(random, cases);
  measures(random, cases);
  history(random, cases);
  aboutPeople(random, cases);
  minors(random, cases);
  response(random, cases);
  rest(random, cases);
  others(random, cases);
  for (const c of cases) keepSayable(c);
  return cases;
}

/** Number of reports of each year: largest remainders of the published totals. */
function yearlyCounts(count: number): [number, number][] {
  const known = DEATHS.reduce((sum, [, total]) => sum + total, 0);
  const all: [number, number][] = [...DEATHS.map(([year, total]): [number, number] => [year, total]), [2025, known / DEATHS.length]];
  const total = all.reduce((sum, [, n]) => sum + n, 0);
  const exact = all.map(([year, n]) => ({ year, n: Math.floor((n / total) * count), rest: ((n / total) * count) % 1 }));
  let missing = count - exact.reduce((sum, { n }) => sum + n, 0);
  for (const entry of exact.toSorted((a, b) => b.rest - a.rest)) {
    if (missing <= 0) break;
    entry.n += 1;
    missing -= 1;
  }
  return exact.map(({ year, n }) => [year, n]);
}

function blankCases(random: Random, count: number): Case[] {
  const cases: Case[] = [];
  for (const [year, n] of yearlyCounts(count)) {
    for (let i = 0; i < n; i++) {
      const day = Math.floor(((i + random.next()) / n) * 365);
      cases.push({
        year,
        actDate: daysBefore(`${year}-01-01`, -day),
        receivedOn: "",
        outcome: "homicide",
        victimSex: "female",
        perpetratorSex: "male",
        victimAge: 40,
        perpetratorAge: 40,
        motive: "",
        status: "",
        union: "",
        prior: false,
        reverse: false,
        reported: false,
        complaint: false,
        serviceKnew: false,
        force: "police",
        departmentCode: "",
        departmentName: "",
        court: { srj: "", name: "", appeal: "", department: "" },
        commune: "",
        minors: null,
        perpetratorDied: false,
        proceedings: "unknown",
        issuingKind: "prosecutor",
        dates: {},
        values: {},
        others: [],
      });
    }
  }
  // Suicide after harassment has been an offence of its own since the summer of 2020.
  const after2020 = cases.filter((c) => c.actDate >= "2020-08-01");
  const forced = [...choose(random, after2020, Math.round(count * 0.053), () => 1)];
  for (const [index, c] of forced.entries()) c.outcome = index % 4 === 3 ? "forced_suicide_attempt" : "forced_suicide";
  const open = cases.filter((c) => killed(c));
  for (const c of choose(random, open, Math.round(count * 0.155), () => 1)) c.outcome = "attempted_homicide";

  const shares = Object.fromEntries(
    [...new Set(COURTS.map((court) => court.department))].map((code) => [code, DEPARTMENT_WEIGHTS[code] ?? 1]),
  );
  const codes = assign(random, cases, () => shares);
  for (const c of cases) {
    c.departmentCode = codes.get(c) ?? "59";
    c.departmentName = NAMES.get(c.departmentCode) ?? c.departmentCode;
    c.commune = random.pick(INITIALS);
    const near = COURTS.filter((court) => court.department === c.departmentCode);
    c.court = random.pick(near);
    if (random.chance(0.07)) {
      const neighbours = COURTS.filter((court) => court.appeal === c.court.appeal && court.department !== c.departmentCode);
      if (neighbours.length > 0) c.court = random.pick(neighbours);
    }
    const rural = (DEPARTMENT_WEIGHTS[c.departmentCode] ?? 1) < 2.5;
    c.force = random.chance(rural ? 0.68 : 0.3) ? "gendarmerie" : "police";
    c.dates.act = c.actDate;
    set(c, "act_date", c.actDate);
    set(c, "department_code", c.departmentCode);
    set(c, "judicial_district", c.court.srj);
    set(c, "act_outcome", c.outcome);
  }
  return cases;
}

/** Silence is the default: `unknown` is stored nowhere, except where the report speaks without settling the point. */
function set(c: Case, code: string, value: Value | undefined): void {
  if (value === undefined || value === "unknown" || (Array.isArray(value) && value.length === 0)) return;
  c.values[code] = value;
}

type Rates = { present?: number; absent?: number };

/** A presence factor: the rates of present and absent depend on the case, the rest is silence. Impossible sayings are never drawn. */
function presence(random: Random, cases: readonly Case[], code: string, ratesOf: (c: Case) => Rates, by: (c: Case) => string = kind): void {
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
function exactly(random: Random, cases: readonly Case[], code: string, count: number, weightOf: (c: Case) => number, absent: number): void {
  const present = choose(random, cases, Math.round(count), weightOf, kind);
  for (const c of present) set(c, code, "present");
  presence(
    random,
    cases.filter((c) => !present.has(c)),
    code,
    () => ({ absent }),
  );
}

function category(
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
function several(
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

function sayable(c: Case, code: string, value: string): boolean {
  return (value === "present" && CLAUSES[code] !== undefined) || fitting(c, code, value).length > 0;
}

/** A value decided early whose every wording depends on something that came out otherwise returns to silence. */
function keepSayable(c: Case): void {
  for (const [code, value] of Object.entries(c.values)) {
    if (ALL_SENTENCES[code] === undefined || typeof value === "number") continue;
    if (Array.isArray(value)) {
      const kept = value.filter((option) => sayable(c, code, option));
      if (kept.length > 0) c.values[code] = kept;
      else delete c.values[code];
    } else if (value !== "not_available" && !SAID_ELSEWHERE.has(`${code}=${value}`) && !sayable(c, code, value)) delete c.values[code];
  }
}

/** Values told by a sentence of their own kind, with a date or with other factors. */
const SAID_ELSEWHERE = new Set([
  "relationship_status=separated",
  "relationship_status=separating",
  "separation_announced=present",
  "children_in_household=0",
]);

function people(random: Random, cases: Case[]): void {
  const pairs = assign<Case, string>(
    random,
    cases,
    (c) =>
      c.outcome.startsWith("forced")
        ? { "female/male": 1 }
        : { "female/male": 0.797, "male/female": 0.161, "male/male": 0.035, "female/female": 0.007 },
    kind,
  );
  for (const c of cases) {
    const [victim, perpetrator] = (pairs.get(c) ?? "female/male").split("/");
    c.victimSex = victim === "male" ? "male" : "female";
    c.perpetratorSex = perpetrator === "female" ? "female" : "male";
    set(c, "victim_sex", c.victimSex);
    set(c, "perpetrator_sex", c.perpetratorSex);
  }

  const motives = assign<Case, string>(
    random,
    cases,
    (c) => {
      if (c.outcome.startsWith("forced")) return { separation_refused: 0.5, jealousy: 0.25, unknown: 0.25 };
      const woman = c.perpetratorSex === "female";
      const mixed = c.victimSex !== c.perpetratorSex;
      return {
        dispute: 0.295,
        separation_refused: woman ? 0.06 : 0.225,
        jealousy: 0.12,
        illness_age: mixed ? 0.155 : 0,
        psychic: 0.055,
        child_dispute: woman ? 0.01 : 0.03,
        money: 0.03,
        response_to_violence: woman ? 0.2 : 0,
        other: 0.02,
        unknown: 0.07,
      };
    },
    kind,
  );
  for (const c of cases) c.motive = motives.get(c) ?? "unknown";

  // One perpetrator in four is seventy or more: those of the late-life cases, and as many others as the published share requires.
  const old = choose(
    random,
    cases,
    Math.round(cases.length * 0.2455),
    (c) => (late(c) ? 1000 : c.outcome.startsWith("forced") || c.motive === "child_dispute" ? 0 : 1),
    kind,
  );
  const bands = assign<Case, string>(
    random,
    cases.filter((c) => !old.has(c)),
    () => ({ "18-19": 0.01, "20-29": 0.17, "30-39": 0.3, "40-49": 0.27, "50-59": 0.16, "60-69": 0.09 }),
    couple,
  );
  for (const c of cases) {
    const [low = 70, high = 90] = old.has(c) ? [70, 91] : (bands.get(c) ?? "30-39").split("-").map(Number);
    const top = c.motive === "child_dispute" ? Math.min(high, 49) : high;
    c.perpetratorAge = random.integer(Math.min(low, top), top);
    const gap = c.perpetratorAge >= 70 ? random.integer(-4, 6) : random.integer(-5, 7);
    c.victimAge = Math.max(18, c.perpetratorAge - (c.perpetratorSex === "male" ? gap : -gap));
    set(c, "perpetrator_age", c.perpetratorAge);
    if (!random.chance(0.02)) set(c, "victim_age", c.victimAge);
  }
}

function coupleAndPlace(random: Random, cases: Case[]): void {
  const statuses = assign<Case, string>(
    random,
    cases,
    (c) => {
      if (late(c) || c.motive === "response_to_violence" || c.perpetratorAge >= 72) return { ongoing: 0.97, separating: 0.03 };
      if (c.motive === "separation_refused") return { separating: 0.4, separated: 0.54, on_off: 0.06 };
      if (c.motive === "child_dispute") return { separated: 1 };
      if (c.outcome.startsWith("forced")) return { separated: 0.5, ongoing: 0.5 };
      return { ongoing: 0.78, separated: 0.11, separating: 0.07, on_off: 0.04 };
    },
    kind,
  );
  for (const c of cases) c.status = statuses.get(c) ?? "ongoing";

  const unions = assign<Case, string>(
    random,
    cases,
    (c) => {
      if (c.status === "separated")
        return c.perpetratorAge >= 60
          ? { married: 0.5, ex_spouse: 0.5 }
          : {
              married: 0.14,
              ex_spouse: 0.22,
              ex_pacs: 0.05,
              ex_cohabiting: c.motive === "child_dispute" ? 0.6 : 0.42,
              ex_dating: c.motive === "child_dispute" ? 0 : 0.17,
            };
      if (c.perpetratorAge >= 70) return { married: 0.95, cohabiting: 0.05 };
      if (c.status === "separating") return { married: 0.5, pacs: 0.08, cohabiting: 0.42 };
      return { married: 0.37, pacs: 0.05, cohabiting: 0.4, dating: 0.12, extramarital: 0.06 };
    },
    (c) => c.status,
  );
  const silent = choose(random, cases, cases.length * 0.05, () => 1);
  for (const c of cases) {
    c.union = unions.get(c) ?? "married";
    if (!silent.has(c)) {
      set(c, "union_type", c.union);
      set(c, "relationship_status", c.status);
    }
  }

  const apart = (c: Case): boolean => c.status === "separated" || c.union === "dating" || c.union === "extramarital";
  presence(random, cases, "cohabitation", (c) =>
    apart(c) ? { absent: 0.86, present: c.status === "separated" && c.union === "married" ? 0.1 : 0 } : { present: 0.88 },
  );

  for (const c of cases) {
    if (split(c) && c.values.relationship_status !== undefined && c.status !== "on_off") set(c, "separation_announced", "present");
  }
  presence(
    random,
    cases.filter((c) => c.status === "ongoing"),
    "separation_announced",
    () => ({ absent: 0.24 }),
  );
  const separated = random.shuffle(cases.filter((c) => c.values.relationship_status === "separated"));
  for (const [index, c] of separated.entries()) {
    // From a few days to about two years, half of them within four months: quantiles of a long-tailed spread.
    const quantile = (index + 0.5) / separated.length;
    const days = Math.max(2, Math.round(-165 * Math.log(1 - quantile)));
    if (index % 7 === 6) continue;
    c.dates.separation = daysBefore(c.actDate, days);
    set(c, "days_since_separation", days);
    // Beyond twelve months the separation is old news: « announced, sought or effective within the year » no longer holds.
    if (days > 365) delete c.values.separation_announced;
  }
  presence(random, cases, "family_court_proceedings", (c) =>
    split(c) && c.union !== "ex_dating" && c.union !== "dating" ? { present: 0.42, absent: 0.12 } : { absent: 0.12 },
  );
  presence(random, cases, "new_partner", (c) =>
    c.motive === "jealousy"
      ? { present: 0.6, absent: 0.1 }
      : c.motive === "separation_refused"
        ? { present: 0.35, absent: 0.12 }
        : { present: c.perpetratorAge < 60 ? 0.04 : 0, absent: 0.1 },
  );
  presence(random, cases, "caregiver_burden", (c) =>
    late(c) ? { present: 0.82, absent: 0.06 } : { absent: c.perpetratorAge >= 70 ? 0.2 : 0.02 },
  );

  category(
    random,
    cases,
    "place_of_act",
    (c) => {
      if (c.status === "separated")
        return {
          victim_home: 0.58,
          perpetrator_home: 0.12,
          public_space: 0.15,
          workplace: 0.04,
          vehicle: 0.04,
          other_home: 0.05,
          unknown: 0.02,
        };
      if (c.union === "dating" || c.union === "extramarital")
        return { victim_home: 0.44, perpetrator_home: 0.38, public_space: 0.08, vehicle: 0.06, unknown: 0.04 };
      if (late(c)) return { shared_home: 0.9, institution: 0.1 };
      return { shared_home: 0.9, other_home: 0.02, public_space: 0.04, vehicle: 0.01, other: 0.01, unknown: 0.02 };
    },
    (c) => c.status,
  );
}

function actAndAfter(random: Random, cases: Case[]): void {
  const violent = cases.filter((c) => !c.outcome.startsWith("forced"));
  const n = cases.length;

  // Means: quotas are exact, late-life acts are weighted towards firearms, suffocation and drugs.
  const means = assign<Case, string>(
    random,
    violent,
    (c) => {
      const old = late(c) || c.perpetratorAge >= 70;
      const woman = c.perpetratorSex === "female";
      return {
        bladed: woman ? 0.62 : old ? 0.26 : 0.425,
        firearm: woman ? 0.1 : old ? 0.4 : 0.265,
        strangulation: woman ? 0.06 : old ? 0.18 : 0.19,
        beating: old ? 0.01 : woman ? 0.04 : 0.06,
        blunt: woman ? 0.06 : 0.045,
        poison: late(c) ? 0.09 : woman ? 0.04 : 0,
        fall: 0.01,
        fire: 0.015,
        vehicle: old ? 0 : 0.01,
        drowning: 0.006,
      };
    },
    kind,
  );
  rebalance(random, violent, means, { bladed: Math.round(0.39 * n), firearm: Math.round(0.26 * n), strangulation: Math.round(0.17 * n) });
  for (const c of violent) {
    const first = means.get(c) ?? "bladed";
    const list = [first];
    if ((first === "strangulation" || first === "blunt") && random.chance(0.3)) list.push("beating");
    set(c, "means_used", list);
  }

  presence(random, violent, "overkill", (c) =>
    is("means_used", "bladed")(c) && !late(c) ? { present: 0.3, absent: 0.2 } : { absent: 0.22 },
  );

  // The perpetrator's suicide: weighted by firearm, age and separation, exact in the killings and in the whole.
  const fatal = violent.filter(killed);
  const weight = (c: Case): number =>
    (c.perpetratorSex === "female" ? 0.15 : 1) * (is("means_used", "firearm")(c) ? 3.2 : 1) * (late(c) ? 1.8 : 1) * (split(c) ? 1.4 : 1);
  const suicides = new Set([
    ...choose(random, fatal, Math.round(fatal.length * 0.295), weight),
    ...choose(
      random,
      violent.filter((c) => !killed(c)),
      Math.round((n - fatal.length) * 0.16),
      weight,
    ),
  ]);
  for (const c of suicides) {
    c.perpetratorDied = true;
    set(c, "perpetrator_suicide", "completed");
  }
  category(
    random,
    cases.filter((c) => !suicides.has(c)),
    "perpetrator_suicide",
    (c) => (c.outcome.startsWith("forced") ? { none: 0.5, unknown: 0.5 } : { attempted: late(c) ? 0.28 : 0.13, none: 0.5, unknown: 0.35 }),
  );

  const planned = choose(
    random,
    violent,
    Math.round(n * 0.18),
    (c) =>
      (c.motive === "separation_refused" || late(c) ? 3 : c.motive === "dispute" ? 0.2 : 1) * (is("means_used", "firearm")(c) ? 1.6 : 1),
    kind,
  );
  for (const c of planned) set(c, "premeditation", "present");
  presence(
    random,
    violent.filter((c) => !planned.has(c)),
    "premeditation",
    (c) => ({ absent: c.motive === "dispute" ? 0.42 : 0.26 }),
  );

  // The context: the main one, with jealousy beside a refused separation in some cases.
  const named = cases.filter((c) => c.motive !== "unknown");
  const both = choose(
    random,
    named.filter((c) => c.motive === "separation_refused"),
    Math.round(named.length * 0.05),
    () => 1,
  );
  for (const c of named) set(c, "trigger_context", both.has(c) ? [c.motive, "jealousy"] : [c.motive]);

  // Alcohol at the act and habitual misuse: exact shares, mostly the same people.
  const drinkers = choose(
    random,
    cases,
    Math.round(n * 0.335),
    (c) => (late(c) ? 0.12 : c.motive === "dispute" ? 2.4 : c.outcome.startsWith("forced") ? 0.6 : 1),
    kind,
  );
  for (const c of drinkers) set(c, "perpetrator_alcohol_misuse", "present");
  presence(
    random,
    cases.filter((c) => !drinkers.has(c)),
    "perpetrator_alcohol_misuse",
    () => ({ absent: 0.26 }),
  );
  presence(random, cases, "perpetrator_drug_use", (c) => ({ present: c.perpetratorAge < 50 ? 0.16 : 0.02, absent: 0.2 }));
  exactly(random, violent, "perpetrator_intoxicated_at_act", n * 0.335, (c) => (drinkers.has(c) ? 5 : late(c) ? 0.1 : 0.7), 0.38);

  exactlyNumber(
    random,
    violent,
    "collateral_adult_victims",
    (c) => (c.status === "separated" && is("new_partner", "present")(c) ? 4 : split(c) ? 1 : 0.25),
    Math.round(n * 0.033),
  );

  // Where the proceedings stand follows from the time between the act and the report.
  for (const c of cases) {
    const draw = random.next();
    const lag = draw < 0.68 ? random.integer(75, 330) : draw < 0.88 ? random.integer(331, 700) : random.integer(701, 1200);
    const received = daysBefore(c.actDate, -lag);
    const latest = "2026-03-20";
    c.receivedOn = received <= latest ? received : daysBefore(latest, random.integer(0, 40));
    if (c.receivedOn <= c.actDate) c.receivedOn = daysBefore(c.actDate, -60);
    const days = (Date.parse(c.receivedOn) - Date.parse(c.actDate)) / DAY;
    const mad = c.motive === "psychic" && days > 400;
    c.proceedings = c.perpetratorDied
      ? "extinguished"
      : mad
        ? "final"
        : days < 110
          ? "preliminary_investigation"
          : days < 420
            ? "judicial_investigation"
            : days < 620
              ? "awaiting_trial"
              : days < 850
                ? "judged"
                : "final";
    if (c.outcome.startsWith("forced") && c.proceedings === "final") c.proceedings = "judged";
    const outcome: Record<string, string> = {
      preliminary_investigation: "ongoing",
      judicial_investigation: "ongoing",
      awaiting_trial: "ongoing",
      judged: "appeal",
      extinguished: "extinguished",
      final: mad ? "irresponsible" : "convicted",
    };
    if (!random.chance(0.06)) set(c, "judicial_outcome", outcome[c.proceedings]);
    else if (!c.perpetratorDied) c.proceedings = random.chance(0.5) ? c.proceedings : "unknown";
    if (c.outcome === "forced_suicide_attempt" && c.values.judicial_outcome === "appeal") {
      c.proceedings = "dismissed";
      set(c, "judicial_outcome", "other");
    }
  }
  category(random, cases, "legal_qualification", (c) => {
    if (c.outcome.startsWith("forced")) return { harassment_suicide: 0.8, pending: 0.2 };
    const early = c.proceedings === "preliminary_investigation" ? 0.12 : 0;
    if (c.outcome === "attempted_homicide") return { attempt: 0.86, pending: early, unknown: 0.12 };
    if (is("premeditation", "present")(c)) return { assassinat: 0.6, murder_aggravated: 0.26, pending: early, unknown: 0.14 };
    if (is("means_used", "poison")(c)) return { poisoning: 0.7, murder_aggravated: 0.3 };
    if (is("means_used", "beating")(c)) return { fatal_violence: 0.3, murder_aggravated: 0.55, unknown: 0.1, pending: early };
    return {
      murder_aggravated: 0.8,
      murder: c.union === "extramarital" || c.union === "dating" ? 0.25 : 0.01,
      pending: early,
      unknown: 0.12,
    };
  });
}

/** Moves cases between means until the three published shares are exact; whoever moves takes the means that is short. */
function rebalance(random: Random, cases: readonly Case[], means: Map<Case, string>, targets: Record<string, number>): void {
  const count = (value: string): number => cases.filter((c) => means.get(c) === value).length;
  const spare = ["beating", "blunt"];
  for (const [value, target] of Object.entries(targets)) {
    while (count(value) > target) {
      const from = random.pick(cases.filter((c) => means.get(c) === value && !late(c)));
      means.set(from, random.pick(spare));
    }
  }
  for (const [value, target] of Object.entries(targets)) {
    while (count(value) < target) {
      const open = cases.filter((c) => spare.includes(means.get(c) ?? ""));
      if (open.length === 0) return;
      means.set(random.pick(open), value);
    }
  }
}

/** A number of other persons: one in exactly `count` cases, zero in half of the others. */
function exactlyNumber(random: Random, cases: readonly Case[], code: string, weightOf: (c: Case) => number, count: number): void {
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

/** Violence before the act, and how far it had been reported: the three published shares are exact among women killed. */
function priorViolence(random: Random, cases: Case[]): void {
  const weight = (c: Case): number =>
    late(c)
      ? 0.06
      : c.perpetratorAge >= 70
        ? 0.3
        : c.motive === "separation_refused"
          ? 2.2
          : c.motive === "jealousy" || c.motive === "child_dispute"
            ? 1.8
            : 1;
  const women = cases.filter((c) => killed(c) && c.victimSex === "female");
  const men = cases.filter((c) => killed(c) && c.victimSex === "male");
  const attempts = cases.filter((c) => c.outcome === "attempted_homicide");
  const chosen = [
    ...choose(random, women, Math.round(women.length * 0.44), weight),
    ...choose(random, attempts, Math.round(attempts.length * 0.55), (c) => (c.perpetratorSex === "male" ? weight(c) : 0.1)),
    ...choose(random, men, Math.round(men.length * 0.16), (c) => (c.perpetratorSex === "male" ? 3 : 0.4)),
    ...cases.filter((c) => c.outcome.startsWith("forced")),
  ];
  for (const c of chosen) c.prior = true;
  for (const c of cases) if (c.motive === "response_to_violence") c.prior = false;

  // About half of the women who killed had suffered violence from the victim.
  const womenPerpetrators = cases.filter((c) => c.perpetratorSex === "female" && c.victimSex === "male");
  for (const c of choose(random, womenPerpetrators, Math.round(womenPerpetrators.length * 0.5), (c) =>
    c.motive === "response_to_violence" ? 1000 : late(c) ? 0.05 : 1,
  ))
    c.reverse = true;

  const strata: [Case[], number][] = [
    [cases.filter((c) => c.prior && killed(c) && c.victimSex === "female"), 0.69],
    [cases.filter((c) => c.prior && !(killed(c) && c.victimSex === "female")), 0.69],
    [cases.filter((c) => c.reverse && !c.prior), 0.5],
  ];
  for (const [group, share] of strata) for (const c of choose(random, group, Math.round(group.length * share), () => 1)) c.reported = true;
  for (const target of [true, false]) {
    const group = cases.filter((c) => c.prior && c.reported && (killed(c) && c.victimSex === "female") === target);
    for (const c of choose(random, group, Math.round(group.length * 0.79), () => 1)) c.complaint = true;
  }

  for (const c of cases) if (c.prior && c.reverse) set(c, "prior_violence_direction", "both");
  const one = cases.filter((c) => c.prior && !c.reverse);
  const established = choose(
    random,
    one.filter((c) => !(killed(c) && c.victimSex === "female")),
    one.length,
    () => 1,
  );
  for (const c of one) set(c, "prior_violence_direction", established.has(c) && random.chance(0.1) ? "both" : "perp_to_victim");
  for (const c of cases) if (c.reverse && !c.prior) set(c, "prior_violence_direction", "victim_to_perp");
  const others = cases.filter((c) => !c.prior && !c.reverse);
  const none = assign(random, others, (c) => ({ none: late(c) ? 0.6 : 0.3, unknown: late(c) ? 0.4 : 0.7 }), kind);
  for (const [c, value] of none) set(c, "prior_violence_direction", value);
}

function contacts(random: Random, cases: Case[]): void {
  for (const c of cases) c.serviceKnew = c.reported;

  for (const c of cases) {
    if (c.complaint) set(c, "complaint_filed", "present");
  }
  presence(
    random,
    cases.filter((c) => !c.complaint),
    "complaint_filed",
    (c) => ({ absent: c.reported ? 0.6 : 0.42 }),
  );
  // Whoever was known to the police without a complaint was known by a log entry.
  for (const c of cases) if (c.reported && !c.complaint && !c.reverse) set(c, "main_courante_pvrj", "present");
  presence(
    random,
    cases.filter((c) => !is("main_courante_pvrj", "present")(c)),
    "main_courante_pvrj",
    (c) => (c.complaint ? { present: 0.38, absent: 0.14 } : { absent: 0.34 }),
  );

  several(
    random,
    cases,
    "third_party_report",
    (c): Record<string, number> =>
      c.prior && c.reported
        ? {
            relative: 0.1,
            neighbour: 0.2,
            health: 0.08,
            school: (c.perpetratorAge < 55 ? 1 : 0) * 0.05,
            association: 0.05,
            employer: 0.03,
            elected_official: 0.03,
          }
        : c.prior
          ? { health: 0.05, employer: 0.02 }
          : {},
    (c) => (c.reported ? 0.2 : 0.34),
  );
  for (const c of cases) {
    if (is("third_party_report", "relative", "neighbour", "health", "school", "association", "employer", "elected_official")(c))
      c.serviceKnew = true;
  }
  several(
    random,
    cases,
    "health_contact",
    (c): Record<string, number> =>
      c.prior
        ? {
            gp: 0.26,
            emergency: c.reported ? 0.22 : 0.08,
            umj: c.complaint ? 0.3 : 0,
            psychiatry: 0.12,
            maternity: c.victimSex === "female" && c.victimAge < 42 ? 0.08 : 0,
            other: 0.03,
          }
        : {},
    (c) => (c.prior ? 0.16 : 0.24),
  );
  for (const c of cases) if (is("health_contact", "gp", "emergency", "umj", "psychiatry", "maternity", "other")(c)) c.serviceKnew = true;

  // Interventions at home: never where nothing was reported.
  const interventions = assign<Case, string>(
    random,
    cases,
    (c) =>
      c.reported && c.prior
        ? { "0": 0.14, "1": 0.24, "2": 0.14, "3": 0.08, "4": 0.03, "6": 0.02, unknown: 0.35 }
        : c.prior || c.reverse
          ? { "0": 0.3, unknown: 0.7 }
          : { "0": 0.4, unknown: 0.6 },
    (c) => String(c.reported),
  );
  for (const [c, value] of interventions) if (value !== "unknown") set(c, "police_interventions", Number(value));

  // Dates: the last contact of a service that knew, then complaint and log entry before it.
  const knew = random.shuffle(cases.filter((c) => c.serviceKnew));
  for (const [index, c] of knew.entries()) {
    const quantile = (index + 0.5) / knew.length;
    const last = Math.round(-70 * Math.log(1 - quantile));
    if (index % 3 !== 2) {
      c.dates.lastContact = daysBefore(c.actDate, last);
      set(c, "days_since_last_contact", last);
    }
    const complaint = Math.max(1, last + (random.chance(0.3) ? 0 : random.integer(1, 240)));
    c.dates.complaint = daysBefore(c.actDate, complaint);
    c.dates.log = daysBefore(c.actDate, complaint + random.integer(20, 500));
  }

  several(
    random,
    cases,
    "complaint_outcome",
    (c): Record<string, number> =>
      c.complaint
        ? {
            pending: 0.26,
            dismissed: 0.4,
            alternative: 0.12,
            prosecution: 0.14,
            conviction: 0.1,
            acquittal: 0.01,
            no_transmission: is("main_courante_pvrj", "present")(c) ? 0.3 : 0,
          }
        : c.reported && c.prior
          ? { no_transmission: 0.55 }
          : {},
    (c) => (c.reverse ? 0 : c.reported ? 0.35 : 0.08),
  );
  presence(random, cases, "complaint_withdrawn", (c) =>
    c.complaint ? { present: 0.24, absent: 0.2 } : c.reported && !c.reverse ? { present: 0.55 } : {},
  );

  several(
    random,
    cases,
    "danger_evaluation",
    (c): Record<string, number> => {
      if (c.actDate < "2019-11-01" || (c.dates.complaint ?? c.actDate) < "2019-11-01") return {};
      return c.complaint ? { grille_fsi: 0.52, evvi: 0.22 } : c.reported && c.prior ? { grille_fsi: 0.12, evvi: 0.04 } : {};
    },
    (c) => (c.actDate < "2019-11-01" || c.reverse ? 0 : c.reported ? 0.5 : 0.1),
  );
  several(
    random,
    cases,
    "support_services",
    (c): Record<string, number> =>
      c.reported && c.prior
        ? { specialist: 0.17, victim_support: 0.2, social_work: 0.16, iscg: 0.1, shelter: 0.07, lawyer: split(c) ? 0.2 : 0.03 }
        : c.prior
          ? { lawyer: split(c) ? 0.12 : 0, social_work: 0.04, other: 0.04 }
          : split(c)
            ? { lawyer: 0.12 }
            : {},
    (c) => (c.reported ? 0.26 : 0.28),
  );
  for (const c of cases)
    if (c.prior && is("support_services", "specialist", "victim_support", "social_work", "iscg", "shelter")(c)) c.serviceKnew = true;

  // Earlier convictions: those of the complaint, then others; one perpetrator in seven in all.
  for (const c of cases)
    if (is("complaint_outcome", "conviction")(c)) set(c, "perpetrator_prior_ipv_conviction", random.chance(0.3) ? "both" : "same_victim");
  category(
    random,
    cases.filter((c) => c.values.perpetrator_prior_ipv_conviction === undefined),
    "perpetrator_prior_ipv_conviction",
    (c) =>
      late(c) || c.perpetratorAge >= 72
        ? { none: 0.66, unknown: 0.34 }
        : { same_victim: c.complaint ? 0.04 : 0, other_partner: c.prior ? 0.1 : 0.04, none: 0.56, unknown: 0.3 },
  );
  presence(random, cases, "perpetrator_other_record", (c) => ({
    present: late(c) || c.perpetratorAge > 69 ? 0.03 : 0.36,
    absent: late(c) ? 0.5 : 0.32,
  }));
  several(
    random,
    cases,
    "perpetrator_supervision",
    (c): Record<string, number> => {
      const convicted = is("perpetrator_prior_ipv_conviction", "same_victim", "both", "other_partner")(c);
      return {
        spip: convicted ? 0.5 : 0,
        programme: convicted ? 0.14 : 0.01,
        care_order: convicted ? 0.2 : 0.01,
        voluntary_care: late(c) ? 0.04 : 0.09,
      };
    },
    () => 0.34,
  );
}

function measures(random: Random, cases: Case[]): void {
  // Very few women were under a measure: an exact number, one kind each in turn.
  const women = cases.filter((c) => c.victimSex === "female" && c.complaint && !c.outcome.startsWith("forced"));
  const count = Math.max(1, Math.round(cases.filter((c) => c.victimSex === "female" && killed(c)).length * 0.03));
  const protectedWomen = [
    ...choose(
      random,
      women.filter((c) => killed(c) && split(c)),
      count,
      () => 1,
    ),
    ...choose(
      random,
      women.filter((c) => !killed(c)),
      Math.round(cases.length / 150),
      () => 1,
    ),
  ];
  const kinds = ["order", "phone", "supervision", "bracelet"];
  for (const [index, c] of protectedWomen.entries()) {
    let measure = kinds[index % kinds.length] ?? "order";
    if (measure === "bracelet" && c.actDate < "2020-09-01") measure = "order";
    if (measure === "phone" && is("cohabitation", "present")(c)) measure = "order";
    if (measure === "order") {
      set(c, "protection_order", "in_force");
      set(c, "contact_ban", "present");
    }
    if (measure === "phone") set(c, "tgd", "in_force");
    if (measure === "bracelet") {
      set(c, "bar", "in_force");
      set(c, "contact_ban", "present");
      set(c, "judicial_status_at_act", "judicial_supervision");
    }
    if (measure === "supervision") {
      set(c, "judicial_status_at_act", "judicial_supervision");
      set(c, "contact_ban", "present");
    }
  }
  const free = cases.filter((c) => !protectedWomen.includes(c));
  const asked = (c: Case): number => (c.reported && c.prior ? 1 : 0);
  category(random, free, "protection_order", (c) => ({
    not_requested: c.prior ? 0.46 : 0.2,
    refused: asked(c) * 0.04,
    expired: asked(c) * 0.03,
    pending: asked(c) * (split(c) ? 0.06 : 0),
    unknown: 0.5,
  }));
  category(random, free, "tgd", (c) => ({
    not_requested: c.prior ? 0.48 : 0.16,
    refused: asked(c) * 0.03,
    withdrawn: asked(c) * (split(c) ? 0.05 : 0),
    requested: asked(c) * (split(c) ? 0.04 : 0),
    unknown: 0.5,
  }));
  for (const c of cases) {
    if (c.actDate < "2025-01-01") set(c, "immediate_protection_order", "not_available");
    if (c.actDate < "2020-09-01") set(c, "bar", "not_available");
  }
  category(
    random,
    cases.filter((c) => c.actDate >= "2025-01-01"),
    "immediate_protection_order",
    (c) => ({ not_requested: c.prior ? 0.5 : 0.2, refused: asked(c) * 0.04, unknown: 0.5 }),
  );
  category(
    random,
    free.filter((c) => c.actDate >= "2020-09-01"),
    "bar",
    (c) => ({ not_requested: c.prior ? 0.3 : 0.12, considered: asked(c) * 0.05, unknown: 0.65 }),
  );
  category(
    random,
    free.filter((c) => c.values.judicial_status_at_act === undefined),
    "judicial_status_at_act",
    (c) => {
      const convicted = is("perpetrator_prior_ipv_conviction", "same_victim", "both", "other_partner")(c);
      const summoned = is("complaint_outcome", "prosecution")(c);
      const released = convicted && !is("perpetrator_supervision", "spip")(c);
      return {
        summoned: summoned ? 0.8 : 0,
        probation: is("perpetrator_supervision", "spip")(c) ? 0.8 : 0,
        recently_released: released ? 0.3 : 0,
        sentence_adjustment: convicted ? 0.06 : 0,
        none: summoned || is("perpetrator_supervision", "spip")(c) ? 0 : 0.5,
        unknown: 0.4,
      };
    },
  );
  presence(
    random,
    cases.filter((c) => c.values.contact_ban === undefined),
    "contact_ban",
    (c) => ({ absent: c.prior ? 0.42 : 0.18 }),
  );
  presence(random, cases, "perpetrator_breach_of_orders", (c) => {
    const bound =
      is("contact_ban", "present")(c) || is("perpetrator_supervision", "spip", "care_order")(c) || is("protection_order", "expired")(c);
    return bound ? { present: 0.6, absent: 0.15 } : { absent: is("perpetrator_other_record", "present")(c) ? 0.2 : 0.04 };
  });
  category(random, cases, "release_notified", (c) =>
    is("judicial_status_at_act", "recently_released")(c)
      ? { not_informed: 0.6, informed: 0.3, unknown: 0.1 }
      : { not_applicable: is("judicial_status_at_act", "none")(c) ? 0.36 : 0.08, unknown: 0.7 },
  );
}

function history(random: Random, cases: Case[]): void {
  const rates: Record<string, [present: number, absent: number]> = {
    physical_violence: [0.88, 0.06],
    psychological_violence: [0.66, 0.04],
    sexual_violence: [0.1, 0.06],
    economic_violence: [0.18, 0.06],
    coercive_control: [0.44, 0.06],
    strangulation_history: [0.26, 0.12],
    weapon_threat_or_use: [0.24, 0.1],
    death_threats: [0.5, 0.1],
    stalking_harassment: [0.34, 0.08],
    cyber_control: [0.24, 0.08],
    sequestration: [0.14, 0.06],
    property_or_animal_cruelty: [0.2, 0.04],
    escalation: [0.4, 0.06],
    obsessive_jealousy: [0.5, 0.06],
    known_to_entourage: [0.72, 0.06],
  };
  for (const [code, [present, absent]] of Object.entries(rates)) {
    presence(
      random,
      cases,
      code,
      (c) => {
        if (c.prior) {
          let p = present;
          if (c.outcome.startsWith("forced")) {
            if (code === "physical_violence") p = 0.4;
            if (["psychological_violence", "stalking_harassment", "coercive_control"].includes(code)) p = 0.9;
          }
          if (code === "obsessive_jealousy" && c.motive === "jealousy") p = 0.9;
          if (code === "stalking_harassment" && c.status === "separated") p = 0.6;
          // A strangling, a weapon or a confinement is physical violence: never without it.
          if (["strangulation_history", "sexual_violence", "sequestration"].includes(code) && !is("physical_violence", "present")(c)) p = 0;
          return { present: p, absent: p > 0 ? absent : 0 };
        }
        if (c.reverse) return code === "known_to_entourage" ? { present: 0.6, absent: 0.1 } : {};
        // Nothing prior is known: jealousy may be described all the same, and much is ruled out where it was looked for.
        if (code === "obsessive_jealousy") return { present: c.motive === "jealousy" ? 0.5 : 0.02, absent: 0.12 };
        const sought = is("prior_violence_direction", "none")(c);
        if (code === "known_to_entourage") return { absent: sought ? 0.6 : 0.24 };
        const common = ["physical_violence", "psychological_violence", "coercive_control", "death_threats"].includes(code);
        return { absent: sought ? (common ? 0.6 : 0.18) : common ? 0.16 : 0.05 };
      },
      (c) => String(c.prior),
    );
  }
  presence(random, cases, "violence_during_pregnancy", (c) =>
    is("physical_violence", "present")(c) && c.victimSex === "female" && c.victimAge < 50 ? { present: 0.14 } : {},
  );
}

function aboutPeople(random: Random, cases: Case[]): void {
  const occupation = (age: number, woman: boolean): Record<string, number> =>
    age >= 65
      ? { retired: 0.92, unknown: 0.08 }
      : age < 24
        ? { student: 0.32, employed: 0.3, unemployed: 0.2, unknown: 0.18 }
        : age >= 60
          ? { retired: 0.5, employed: 0.24, inactive: 0.12, unknown: 0.14 }
          : { employed: woman ? 0.48 : 0.44, unemployed: 0.24, inactive: 0.12, unknown: 0.16 };
  for (const [code, age, woman] of [
    ["victim_occupation", (c: Case) => c.victimAge, true],
    ["perpetrator_occupation", (c: Case) => c.perpetratorAge, false],
  ] as const) {
    for (const [c, value] of assign<Case, string>(
      random,
      cases,
      (c) => occupation(age(c), woman),
      (c) => String(Math.floor(age(c) / 10)),
    ))
      set(c, code, value);
  }
  for (const code of ["victim_nationality_group", "perpetrator_nationality_group"]) {
    for (const [c, value] of assign<Case, string>(random, cases, () => ({ french: 0.74, eu: 0.04, other: 0.1, unknown: 0.12 }), kind))
      set(c, code, value);
  }

  const young = (c: Case): boolean => c.victimSex === "female" && c.victimAge < 46;
  presence(random, cases, "victim_pregnancy", (c) => (young(c) ? { present: 0.1, absent: 0.3 } : {}));
  presence(random, cases, "victim_disability_illness", (c) =>
    late(c) ? { present: 0.95 } : { present: c.victimAge >= 70 ? 0.4 : 0.08, absent: 0.22 },
  );
  presence(random, cases, "victim_substance_use", (c) => ({
    present: late(c) ? 0 : is("perpetrator_alcohol_misuse", "present")(c) ? 0.2 : 0.05,
    absent: 0.18,
  }));
  presence(random, cases, "victim_isolation", (c) => ({ present: c.prior ? 0.36 : late(c) ? 0.26 : 0.06, absent: 0.16 }));
  presence(random, cases, "victim_economic_dependence", (c) =>
    is("victim_occupation", "employed", "retired")(c) ? { present: 0.03, absent: 0.3 } : { present: c.prior ? 0.36 : 0.12, absent: 0.06 },
  );
  presence(random, cases, "victim_residence_precarity", (c) =>
    is("victim_nationality_group", "other")(c) ? { present: 0.4, absent: 0.3 } : {},
  );
  presence(random, cases, "victim_fear", (c) =>
    c.prior ? { present: 0.5, absent: 0.06 } : { present: split(c) ? 0.06 : 0, absent: 0.14 },
  );

  presence(random, cases, "perpetrator_recent_loss", (c) => ({
    present: c.motive === "money" ? 0.9 : c.perpetratorAge < 62 ? 0.16 : 0.02,
    absent: 0.2,
  }));
  category(random, cases, "perpetrator_depression", (c) => ({
    diagnosed: late(c) ? 0.24 : 0.12,
    reported: late(c) || c.perpetratorDied ? 0.28 : 0.12,
    absent: 0.14,
    unknown: 0.5,
  }));
  presence(random, cases, "perpetrator_psychiatric_disorder", (c) =>
    c.motive === "psychic" ? { present: 0.95 } : { present: late(c) ? 0.02 : 0.07, absent: 0.28 },
  );
  presence(random, cases, "perpetrator_suicidal_behaviour", (c) => ({ present: c.perpetratorDied ? 0.36 : 0.12, absent: 0.14 }));
  presence(random, cases, "perpetrator_childhood_violence", (c) => ({ present: late(c) ? 0 : 0.13, absent: 0.12 }));
  presence(random, cases, "perpetrator_violence_outside_family", (c) => ({
    present: is("perpetrator_other_record", "present")(c) ? 0.34 : late(c) ? 0 : 0.05,
    absent: 0.16,
  }));
  presence(random, cases, "perpetrator_violence_previous_partners", (c) =>
    is("perpetrator_prior_ipv_conviction", "other_partner", "both")(c)
      ? { present: 0.95 }
      : { present: c.prior ? 0.22 : 0.03, absent: 0.1 },
  );
  presence(random, cases, "perpetrator_firearm_access", (c) =>
    is("means_used", "firearm")(c) ? { present: 0.96 } : { present: 0.1, absent: 0.28 },
  );
  presence(random, cases, "weapon_removal", (c) =>
    is("perpetrator_firearm_access", "present")(c) ? { absent: 0.44, present: is("means_used", "firearm")(c) ? 0 : 0.1 } : {},
  );
}

function minors(random: Random, cases: Case[]): void {
  const numbers = assign<Case, string>(
    random,
    cases,
    (c) => {
      const age = c.victimSex === "female" ? c.victimAge : c.perpetratorSex === "female" ? c.perpetratorAge : 70;
      if (c.motive === "child_dispute") return { "1": 0.4, "2": 0.4, "3": 0.2 };
      if (is("third_party_report", "school")(c)) return { "1": 0.5, "2": 0.5 };
      if (age >= 60) return { "0": 0.86, unknown: 0.14 };
      if (age >= 48) return { "0": 0.46, "1": 0.24, "2": 0.1, unknown: 0.2 };
      return { "0": 0.26, "1": 0.2, "2": 0.22, "3": 0.12, "4": 0.04, unknown: 0.14 };
    },
    kind,
  );
  for (const c of cases) {
    const value = numbers.get(c) ?? "unknown";
    if (value === "unknown") continue;
    c.minors = Number(value);
    set(c, "children_in_household", c.minors);
    if (c.minors === 0) for (const code of ["children_present_at_act", "children_killed", "children_orphaned"]) set(c, code, 0);
  }
  const parents = cases.filter((c) => (c.minors ?? 0) > 0);
  const present = assign<Case, string>(
    random,
    parents,
    (c) => (c.status === "separated" ? { none: 0.5, all: 0.2, silent: 0.3 } : { none: 0.3, all: 0.4, one: 0.1, silent: 0.2 }),
    kind,
  );
  for (const [c, value] of present) {
    if (value === "none") set(c, "children_present_at_act", 0);
    if (value === "all") set(c, "children_present_at_act", c.minors ?? 0);
    if (value === "one") set(c, "children_present_at_act", 1);
  }
  const lost = choose(
    random,
    parents.filter((c) => killed(c)),
    Math.round(cases.length * 0.02),
    (c) => (c.perpetratorDied ? 4 : 1),
  );
  for (const c of parents) {
    if (lost.has(c)) set(c, "children_killed", 1);
    else if (random.chance(0.55)) set(c, "children_killed", 0);
    const killedChildren = lost.has(c) ? 1 : 0;
    const left = (c.minors ?? 0) - killedChildren;
    if (died(c) || c.perpetratorDied) {
      if (left > 0 && random.chance(0.85)) set(c, "children_orphaned", left);
    } else if (random.chance(0.4)) set(c, "children_orphaned", 0);
  }
  const survivors = (c: Case): boolean => (c.minors ?? 0) > (typeof c.values.children_killed === "number" ? c.values.children_killed : 0);
  presence(random, parents, "children_prior_harm", (c) => (c.prior ? { present: 0.52, absent: 0.06 } : { present: 0.04, absent: 0.16 }));
  presence(random, parents, "custody_access_dispute", (c) =>
    c.motive === "child_dispute" ? { present: 1 } : c.status === "separated" ? { present: 0.42, absent: 0.12 } : { absent: 0.1 },
  );
  several(
    random,
    parents,
    "child_protection_followup",
    (c): Record<string, number> =>
      c.prior && c.reported
        ? { info_preoccupante: 0.24, aed: 0.08, aemo: 0.12, placement: 0.04, pmi: 0.1, juge_enfants: 0.08 }
        : { pmi: 0.04, aed: 0.03 },
    () => 0.4,
  );
  several(
    random,
    parents.filter((c) => survivors(c) && (died(c) || c.perpetratorDied)),
    "children_care_after",
    (c): Record<string, number> => ({
      relatives: 0.5,
      ase: 0.24,
      other_parent: c.perpetratorDied && !died(c) ? 0.5 : 0.05,
      hospital: c.actDate >= "2021-06-01" ? 0.24 : 0.04,
      ad_hoc: c.perpetratorDied ? 0.14 : 0.34,
    }),
    () => 0.05,
  );
  presence(
    random,
    parents.filter((c) => survivors(c) && !c.perpetratorDied),
    "parental_authority_measure",
    () => ({ present: 0.42, absent: 0.14 }),
  );
}

function response(random: Random, cases: Case[]): void {
  const known = (c: Case): boolean => c.reported && c.prior;
  const some = (c: Case): boolean => c.serviceKnew;
  const measured = (c: Case): boolean =>
    is("protection_order", "in_force")(c) || is("tgd", "in_force")(c) || is("bar", "in_force")(c) || is("contact_ban", "present")(c);
  presence(random, cases, "signal_not_transmitted", (c) =>
    is("complaint_outcome", "no_transmission")(c)
      ? { present: 0.85, absent: 0 }
      : known(c)
        ? { present: 0.36, absent: 0.12 }
        : some(c)
          ? { present: 0.36 }
          : { absent: 0.12 },
  );
  presence(random, cases, "complaint_not_registered", (c) =>
    known(c) && !c.complaint && !is("complaint_withdrawn", "present")(c)
      ? { present: 0.6 }
      : known(c)
        ? { present: c.complaint ? 0.06 : 0, absent: 0.22 }
        : {},
  );
  presence(random, cases, "insufficient_investigation", (c) => (known(c) ? { present: 0.44, absent: 0.12 } : {}));
  presence(random, cases, "antecedents_not_checked", (c) =>
    known(c) ? { present: is("perpetrator_violence_previous_partners", "present")(c) ? 0.5 : 0.18, absent: 0.12 } : {},
  );
  presence(random, cases, "risk_assessment_gap", (c) =>
    known(c)
      ? { present: is("danger_evaluation", "none")(c) ? 0.75 : 0.34, absent: 0.1 }
      : late(c)
        ? { present: 0.34, absent: 0.08 }
        : { absent: 0.03 },
  );
  presence(random, cases, "inappropriate_dismissal", (c) =>
    is("complaint_outcome", "dismissed", "alternative")(c) ? { present: 0.44, absent: 0.22 } : {},
  );
  presence(random, cases, "response_delay", (c) =>
    is("complaint_outcome", "pending", "prosecution")(c)
      ? { present: 0.5, absent: 0.1 }
      : known(c)
        ? { present: 0.08, absent: 0.14 }
        : late(c)
          ? { present: 0.2 }
          : {},
  );
  presence(random, cases, "protection_not_offered", (c) =>
    known(c) && !measured(c) ? { present: split(c) ? 0.62 : 0.42, absent: 0.06 } : measured(c) ? { absent: 0.6 } : {},
  );
  presence(random, cases, "breach_not_sanctioned", (c) =>
    is("perpetrator_breach_of_orders", "present")(c)
      ? { present: 0.6 }
      : is("perpetrator_breach_of_orders", "absent")(c)
        ? { absent: 0.3 }
        : {},
  );
  presence(random, cases, "supervision_gap", (c) =>
    is("perpetrator_supervision", "spip", "programme", "care_order")(c)
      ? { present: 0.55, absent: 0.2 }
      : is("perpetrator_psychiatric_disorder", "present")(c)
        ? { present: 0.3 }
        : {},
  );
  presence(random, cases, "health_detection_missed", (c) =>
    is("health_contact", "gp", "emergency")(c)
      ? { present: 0.42, absent: 0.06 }
      : late(c)
        ? { present: 0.44, absent: 0.1 }
        : { present: 0.02, absent: 0.08 },
  );
  presence(random, cases, "coordination_gap", (c) =>
    known(c) ? { present: 0.36, absent: 0.1 } : late(c) ? { present: 0.36, absent: 0.1 } : some(c) ? { present: 0.16 } : { absent: 0.05 },
  );
  presence(random, cases, "mutual_conflict_framing", (c) => (known(c) || (c.reverse && c.reported) ? { present: 0.3, absent: 0.1 } : {}));
}

function rest(random: Random, cases: Case[]): void {
  const formats = assign<Case, string>(
    random,
    cases,
    () => ({ multi_service: 0.33, prosecutor_only: 0.44, inspection: 0.03, other: 0.08, unknown: 0.12 }),
    kind,
  );
  for (const c of cases) {
    const format = formats.get(c) ?? "unknown";
    set(c, "retex_format", format);
    c.issuingKind =
      format === "inspection" ? "inspection" : format === "other" ? c.force : random.chance(0.1) ? "general_prosecutor" : "prosecutor";
  }
  presence(random, cases, "good_practice", (c) => ({ present: c.reported ? 0.46 : 0.3, absent: 0.1 }));
}

/** A few acts have a second victim or a second person prosecuted: four denominators, never one. */
function others(random: Random, cases: Case[]): void {
  for (const c of cases) {
    if (c.values.collateral_adult_victims !== 1) continue;
    const sex = random.chance(0.5) ? "male" : "female";
    const age = random.integer(22, 64);
    c.others.push({
      kind: "victim",
      sex,
      name: sex === "male" ? "Monsieur C." : "Madame C.",
      values: {
        victim_sex: sex,
        ...(random.chance(0.8) ? { victim_age: age } : {}),
        ...(random.chance(0.5) ? { victim_nationality_group: "french" } : {}),
      },
    });
  }
  const pairs = choose(
    random,
    cases.filter((c) => is("premeditation", "present")(c) && !c.perpetratorDied),
    Math.round(cases.length / 100),
    () => 1,
  );
  for (const c of pairs) {
    c.others.push({
      kind: "perpetrator",
      sex: "male",
      name: "Monsieur D.",
      values: { perpetrator_sex: "male", perpetrator_age: random.integer(24, 50), perpetrator_suicide: "none" },
    });
  }
}
