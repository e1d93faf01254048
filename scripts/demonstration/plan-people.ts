import { type Case, died, is } from "./case.ts";
import { DAY, daysBefore } from "./dates.ts";
import { assign, choose, type Random } from "./random.ts";
import { category, couple, exactly, exactlyNumber, killed, kind, late, presence, set, several, split } from "./shares.ts";

export function people(random: Random, cases: Case[]): void {
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

export function coupleAndPlace(random: Random, cases: Case[]): void {
  const statuses = assign<Case, string>(
    random,
    cases,
    (c) => {
      if (late(c)) return { ongoing: 1 };
      if (c.motive === "response_to_violence" || c.perpetratorAge >= 72) return { ongoing: 0.96, separating: 0.04 };
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
  presence(random, cases, "cohabitation", (c) => (apart(c) ? { absent: 0.88 } : { present: 0.88 }));

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
      if (c.outcome.startsWith("forced")) return c.status === "separated" ? { victim_home: 1 } : { shared_home: 1 };
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

export function actAndAfter(random: Random, cases: Case[]): void {
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
      murder: c.union === "extramarital" || c.union === "dating" ? 0.25 : 0,
      pending: early,
      unknown: 0.12,
    };
  });
}

/** Moves cases between means until the three published shares are exact; whoever moves takes the means that is short. */
export function rebalance(random: Random, cases: readonly Case[], means: Map<Case, string>, targets: Record<string, number>): void {
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

export function minors(random: Random, cases: Case[]): void {
  const numbers = assign<Case, string>(
    random,
    cases,
    (c) => {
      const age = c.victimSex === "female" ? c.victimAge : c.perpetratorSex === "female" ? c.perpetratorAge : 70;
      if (c.motive === "child_dispute") return { "1": 0.4, "2": 0.4, "3": 0.2 };
      if (is("third_party_report", "school")(c)) return { "1": 0.5, "2": 0.5 };
      if (age >= 60) return { "0": 0.86, unknown: 0.14 };
      if (["dating", "ex_dating", "extramarital"].includes(c.union)) return { "0": 0.6, "1": 0.15, unknown: 0.25 };
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

export function aboutPeople(random: Random, cases: Case[]): void {
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
