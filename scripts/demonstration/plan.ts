import { readFileSync } from "node:fs";
import departments from "@etalab/decoupage-administratif/data/departements.json" with { type: "json" };
import { type Case, type Court, is } from "./case.ts";
import { daysBefore } from "./dates.ts";
import { aboutPeople, actAndAfter, coupleAndPlace, minors, people } from "./plan-people.ts";
import { contacts, history, measures, priorViolence, response, rest } from "./plan-services.ts";
import { assign, choose, type Random } from "./random.ts";
import { keepSayable, killed, set } from "./shares.ts";

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
const INITIALS = ["F", "G", "H", "L", "M", "N", "P", "Q", "R", "S", "T", "V", "Z"];

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
    cases.filter((c) => is("premeditation", "present")(c) && !c.perpetratorDied && c.perpetratorAge < 65),
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
