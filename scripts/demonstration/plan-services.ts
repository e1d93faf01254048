import { type Case, is } from "./case.ts";
import { daysBefore } from "./dates.ts";
import { assign, choose, type Random } from "./random.ts";
import { category, killed, kind, late, presence, set, several, split } from "./shares.ts";

/** Violence before the act, and how far it had been reported: the three published shares are exact among women killed. */
export function priorViolence(random: Random, cases: Case[]): void {
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

export function contacts(random: Random, cases: Case[]): void {
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
        ? { "0": is("third_party_report", "neighbour")(c) ? 0 : 0.14, "1": 0.24, "2": 0.14, "3": 0.08, "4": 0.03, "6": 0.02, unknown: 0.35 }
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
        programme: convicted ? 0.14 : 0,
        care_order: convicted ? 0.2 : 0,
        voluntary_care: late(c) ? 0.04 : 0.09,
      };
    },
    () => 0.34,
  );
}

export function measures(random: Random, cases: Case[]): void {
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

export function history(random: Random, cases: Case[]): void {
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

export function response(random: Random, cases: Case[]): void {
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

export function rest(random: Random, cases: Case[]): void {
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
