import { expect } from "chai";
import { translator } from "../../server/http/words.ts";
import { ABOUT, type CaseOnFile, type Issue } from "../../server/reports/quality/case.ts";
import { countOf, judge, QUALITY_RULES, type QualityCode, stoppingIssues } from "../../server/reports/quality/rules.ts";
import { CODEBOOK, entry, file, finding, PEOPLE, recommendation, withFactor, without } from "./files.ts";

type Shown = {
  /** Files the rule finds fault with, and the issues it says of each. */
  fails: readonly [CaseOnFile, readonly Issue[]][];
  /** Files that are near to it and right. */
  passes: readonly CaseOnFile[];
};
const SHEET = { on: "sheet" } as const;
const coding = (factor: string, subject = "case") => ({ on: "coding", factor, subject }) as const;
const chronology = (id = "e1") => ({ on: "chronology", entry: id }) as const;
const ofFinding = (number = 1) => ({ place: { on: "finding", number } as const, params: { number } });
const ofRecommendation = (number = 1) => ({ place: { on: "recommendation", number } as const, params: { number } });
const factor = (code: string) => ({ factor: { factor: code } });
const act = { day: "2024-03-14" };

/** A public statement with some words, and the same without. */
const says = (publicStatement: string | null, change: Parameters<typeof file>[0] = {}) =>
  file({ ...change, findings: [finding({ publicStatement })] });
const found = (text: string): Issue[] => [{ place: { on: "finding", number: 1 }, params: { found: { said: text } } }];

const LINE = "Une plainte n’a pas été transmise";
/** A failing and a passing file for every rule: does not compile when a rule has none. */
const SHOWN: Record<QualityCode, Shown> = {
  // --- the sheet
  received_before_act: {
    fails: [[file({ sheet: { receivedOn: "2024-03-13" } }), [{ place: SHEET, params: { received: { day: "2024-03-13" }, act } }]]],
    passes: [file({ sheet: { receivedOn: "2024-03-14" } })],
  },
  people_missing: {
    fails: [
      [file({ people: PEOPLE.filter(({ kind }) => kind === "victim") }), [{ place: SHEET }]],
      [file({ people: [] }), [{ place: SHEET }]],
    ],
    passes: [file({ people: [...PEOPLE, { id: "v2", kind: "victim", number: 2, sex: "unknown" }] })],
  },
  act_date_differs: {
    fails: [
      [file({ values: { act_date: "2024-03-15" } }), [{ place: coding("act_date"), params: { coded: { day: "2024-03-15" }, sheet: act } }]],
    ],
    passes: [file({ values: { act_date: "unknown" } })],
  },
  act_kind_differs: {
    fails: [
      [
        file({ sheet: { actKind: "attempted_homicide" } }),
        [
          {
            place: coding("act_outcome"),
            params: { coded: { value: "homicide", of: "act_outcome" }, sheet: { value: "attempted_homicide", of: "act_outcome" } },
          },
        ],
      ],
    ],
    passes: [file({ sheet: { actKind: "attempted_homicide" }, values: { act_outcome: "attempted_homicide" } })],
  },
  department_differs: {
    fails: [
      [
        file({ values: { department_code: "75" } }),
        [{ place: coding("department_code"), params: { coded: { said: "Paris (75)" }, sheet: { said: "Loir-et-Cher (41)" } } }],
      ],
    ],
    passes: [file({ values: { department_code: "75" }, sheet: { department: "75" } }), file({ values: { department_code: "unknown" } })],
  },
  court_differs: {
    fails: [[file({ values: { judicial_district: "1" } }), [{ place: coding("judicial_district") }]]],
    passes: [file({ values: { judicial_district: "109" } })],
  },
  sex_differs: {
    fails: [[file({ values: { victim_sex: "male" } }), [{ place: coding("victim_sex", "v1"), params: factor("victim_sex") }]]],
    passes: [file({ people: PEOPLE.map((person) => ({ ...person, sex: "unknown" as const })), values: { victim_sex: "male" } })],
  },
  fewer_children_than_sheet: {
    fails: [
      [
        file({
          people: [...PEOPLE, { id: "c1", kind: "child", number: 1, sex: "female" }],
          values: { children_in_household: "0" },
        }),
        [{ place: coding("children_in_household"), params: { coded: 0, sheet: 1 } }],
      ],
    ],
    passes: [
      file({ people: [...PEOPLE, { id: "c1", kind: "child", number: 1, sex: "female" }], values: { children_in_household: "1" } }),
      file({ values: { children_in_household: "2" } }),
    ],
  },
  proceedings_differ: {
    fails: [
      [
        file({ sheet: { proceedings: "final" }, values: { judicial_outcome: "ongoing" } }),
        [{ place: coding("judicial_outcome"), params: { coded: { value: "ongoing", of: "judicial_outcome" } } }],
      ],
      [
        file({ sheet: { proceedings: "preliminary_investigation" }, values: { judicial_outcome: "convicted" } }),
        [{ place: coding("judicial_outcome"), params: { coded: { value: "convicted", of: "judicial_outcome" } } }],
      ],
    ],
    passes: [
      file({ sheet: { proceedings: "final" }, values: { judicial_outcome: "convicted" } }),
      file({ sheet: { proceedings: "judicial_investigation" }, values: { judicial_outcome: "ongoing" } }),
    ],
  },
  due_passed: {
    fails: [[file({ sheet: { dueOn: "2026-11-22" } }), [{ place: SHEET, params: { due: { day: "2026-11-22" } } }]]],
    passes: [file({ sheet: { dueOn: "2026-11-23" } }), file({ sheet: { dueOn: "2026-11-22" }, state: "published" })],
  },
  // --- the coding
  outcome_without_complaint: {
    fails: [
      [
        file({
          values: { complaint_outcome: "dismissed", complaint_filed: "absent", main_courante_pvrj: "absent" },
          findings: [],
          recommendations: [],
        }),
        [{ place: coding("complaint_outcome") }],
      ],
    ],
    passes: [
      file({ values: { complaint_outcome: "dismissed" } }),
      file({ values: { complaint_outcome: "none", complaint_filed: "absent", main_courante_pvrj: "absent" } }),
      file({ values: { complaint_outcome: "dismissed", complaint_filed: "absent", main_courante_pvrj: "present" } }),
    ],
  },
  conviction_missing: {
    fails: [
      [
        file({ values: { complaint_outcome: "prosecution,conviction", perpetrator_prior_ipv_conviction: "none" } }),
        [{ place: coding("perpetrator_prior_ipv_conviction", "p1") }],
      ],
    ],
    passes: [
      file({ values: { complaint_outcome: "conviction", perpetrator_prior_ipv_conviction: "same_victim" } }),
      file({ values: { complaint_outcome: "prosecution", perpetrator_prior_ipv_conviction: "none" } }),
    ],
  },
  separation_contradicts: {
    fails: [
      [
        file({ values: { separation_announced: "absent", relationship_status: "separated", days_since_separation: "90" } }),
        [{ place: coding("separation_announced") }],
      ],
      [
        file({ values: { separation_announced: "present", relationship_status: "ongoing", days_since_separation: "90" } }),
        [{ place: coding("days_since_separation") }],
      ],
    ],
    passes: [
      file({ values: { separation_announced: "present", relationship_status: "separated", days_since_separation: "90" } }),
      file({ values: { separation_announced: "absent", relationship_status: "separated", days_since_separation: "900" } }),
      file({ values: { separation_announced: "absent", relationship_status: "ongoing" } }),
    ],
  },
  shared_home_without_cohabitation: {
    fails: [[file({ values: { place_of_act: "shared_home", cohabitation: "absent" } }), [{ place: coding("cohabitation") }]]],
    passes: [
      file({ values: { place_of_act: "shared_home", cohabitation: "present" } }),
      file({ values: { place_of_act: "victim_home", cohabitation: "absent" } }),
    ],
  },
  children_contradict: {
    fails: [
      [
        file({ values: { children_in_household: "0", custody_access_dispute: "present", children_orphaned: "2" } }),
        [
          { place: coding("custody_access_dispute"), params: factor("custody_access_dispute") },
          { place: coding("children_orphaned"), params: factor("children_orphaned") },
        ],
      ],
    ],
    passes: [
      file({ values: { children_in_household: "2", custody_access_dispute: "present", children_orphaned: "2" } }),
      file({ values: { children_in_household: "0", custody_access_dispute: "absent", child_protection_followup: "none" } }),
      file({ values: { children_in_household: "unknown", custody_access_dispute: "present" } }),
    ],
  },
  orphans_of_the_living: {
    fails: [
      [
        file({
          sheet: { actKind: "attempted_homicide" },
          values: { act_outcome: "attempted_homicide", perpetrator_suicide: "none", children_orphaned: "1" },
        }),
        [{ place: coding("children_orphaned") }],
      ],
    ],
    passes: [
      file({ values: { children_orphaned: "1", perpetrator_suicide: "none" } }),
      file({ values: { act_outcome: "attempted_homicide", perpetrator_suicide: "completed", children_orphaned: "1" } }),
    ],
  },
  offence_contradicts_outcome: {
    fails: [
      [
        file({ values: { legal_qualification: "attempt" } }),
        [{ place: coding("legal_qualification"), params: { offence: { value: "attempt", of: "legal_qualification" } } }],
      ],
    ],
    passes: [
      file({ values: { legal_qualification: "murder_aggravated" } }),
      file({ values: { act_outcome: "attempted_homicide", legal_qualification: "attempt" } }),
    ],
  },
  dead_perpetrator_judged: {
    fails: [
      [
        file({ values: { perpetrator_suicide: "completed", judicial_outcome: "convicted" } }),
        [{ place: coding("judicial_outcome"), params: { outcome: { value: "convicted", of: "judicial_outcome" } } }],
      ],
    ],
    passes: [
      file({ values: { perpetrator_suicide: "completed", judicial_outcome: "extinguished" } }),
      file({ values: { perpetrator_suicide: "attempted", judicial_outcome: "convicted" } }),
      // A second perpetrator lives, and was tried.
      file({
        values: { perpetrator_suicide: "completed", judicial_outcome: "convicted" },
        more: [{ factor: "perpetrator_suicide", subject: "p2", value: "none" }],
      }),
    ],
  },
  firearm_without_access: {
    fails: [
      [
        file({ values: { means_used: "bladed,firearm", perpetrator_firearm_access: "absent" } }),
        [{ place: coding("perpetrator_firearm_access", "p1") }],
      ],
    ],
    passes: [
      file({ values: { means_used: "bladed", perpetrator_firearm_access: "absent" } }),
      file({ values: { means_used: "firearm", perpetrator_firearm_access: "unknown" } }),
    ],
  },
  premeditation_contradicts: {
    fails: [[file({ values: { legal_qualification: "assassinat", premeditation: "absent" } }), [{ place: coding("premeditation") }]]],
    passes: [
      file({ values: { legal_qualification: "assassinat", premeditation: "present" } }),
      file({ values: { legal_qualification: "murder", premeditation: "absent" } }),
    ],
  },
  violence_contradicts_direction: {
    fails: [
      [
        file({ values: { prior_violence_direction: "none", physical_violence: "present" } }),
        [{ place: coding("physical_violence"), params: factor("physical_violence") }],
      ],
    ],
    passes: [
      file({ values: { prior_violence_direction: "perp_to_victim", physical_violence: "present" } }),
      file({ values: { prior_violence_direction: "none", physical_violence: "absent", obsessive_jealousy: "present" } }),
      // What is coded of the second direction does not speak of the first.
      file({ values: { prior_violence_direction: "none" }, more: [{ factor: "physical_violence", subject: "reverse", value: "present" }] }),
    ],
  },
  strangulation_without_violence: {
    fails: [
      [file({ values: { strangulation_history: "present", physical_violence: "absent" } }), [{ place: coding("physical_violence") }]],
    ],
    passes: [file({ values: { strangulation_history: "present", physical_violence: "unknown" } })],
  },
  breach_contradicts: {
    fails: [
      [
        file({ values: { breach_not_sanctioned: "present", perpetrator_breach_of_orders: "absent" } }),
        [{ place: coding("perpetrator_breach_of_orders", "p1") }],
      ],
    ],
    passes: [
      file({ values: { breach_not_sanctioned: "present", perpetrator_breach_of_orders: "present" } }),
      file({ values: { breach_not_sanctioned: "absent", perpetrator_breach_of_orders: "absent" } }),
    ],
  },
  measure_before_law: {
    fails: [
      // The date of the act was corrected to before August 2014, and the value was kept.
      [
        file({ sheet: { actDate: "2014-07-31" }, values: { act_date: "2014-07-31" } }),
        [{ place: coding("tgd", "v1"), params: { factor: { factor: "tgd" }, from: { month: "2014-08" }, act: { day: "2014-07-31" } } }],
      ],
    ],
    passes: [
      file({ sheet: { actDate: "2014-07-31" }, values: { act_date: "2014-07-31", tgd: "not_available" } }),
      file({ sheet: { actDate: "2014-08-01" }, values: { act_date: "2014-08-01" } }),
    ],
  },
  law_existed: {
    fails: [
      [
        file({ values: { tgd: "not_available" } }),
        [{ place: coding("tgd", "v1"), params: { factor: { factor: "tgd" }, from: { month: "2014-08" }, act } }],
      ],
    ],
    passes: [file({ values: { immediate_protection_order: "not_available" } })],
  },
  age_implausible: {
    fails: [
      [
        file({ values: { victim_age: "340" } }),
        [{ place: coding("victim_age", "v1"), params: { factor: { factor: "victim_age" }, age: 340 } }],
      ],
      [
        file({ values: { perpetrator_age: "3" } }),
        [{ place: coding("perpetrator_age", "p1"), params: { factor: { factor: "perpetrator_age" }, age: 3 } }],
      ],
    ],
    passes: [file({ values: { victim_age: "91", perpetrator_age: "16" } })],
  },
  child_older_than_adults: {
    fails: [
      [
        file({
          codebook: withFactor({ code: "child_age", type: "number", appliesTo: "child", unit: "years" }),
          values: { child_age: "40" },
        }),
        [{ place: coding("child_age", "c1"), params: { age: 40, oldest: 38 } }],
      ],
    ],
    passes: [
      file({
        codebook: withFactor({ code: "child_age", type: "number", appliesTo: "child", unit: "years" }),
        values: { child_age: "17" },
      }),
    ],
  },
  response_without_known_when: {
    fails: [
      [file({ values: { coordination_gap: "present" } }), [{ place: coding("coordination_gap"), params: factor("coordination_gap") }]],
    ],
    passes: [
      file({ values: { coordination_gap: { value: "present", knownWhen: "service_before" } } }),
      file({ values: { coordination_gap: "absent", good_practice: "present" } }),
    ],
  },
  perpetrator_word_excluded: {
    fails: [
      [
        file({ values: { trigger_context: { value: "jealousy", basis: "perpetrator" } } }),
        [{ place: coding("trigger_context"), params: factor("trigger_context") }],
      ],
    ],
    passes: [
      file({ values: { trigger_context: { value: "jealousy", basis: "relative" } } }),
      file({ values: { new_partner: { value: "present", basis: "perpetrator" } } }),
    ],
  },
  mostly_undocumented: {
    fails: [
      [
        file({ values: Object.fromEntries(CODEBOOK.factors.slice(30, 60).map(({ code }) => [code, "unknown"])) }),
        [{ place: coding(CODEBOOK.factors[30]!.code, "p1"), params: { silent: 30, asked: 40 } }],
      ],
    ],
    passes: [
      file({ values: Object.fromEntries(CODEBOOK.factors.slice(30, 45).map(({ code }) => [code, "unknown"])) }),
      // Before the coding is handed in, the rest is still to come.
      file({ state: "received", values: Object.fromEntries(CODEBOOK.factors.slice(30, 60).map(({ code }) => [code, "unknown"])) }),
    ],
  },
  values_unconfirmed: {
    fails: [
      [
        file({ values: { victim_age: { value: "34", origin: "imported" }, perpetrator_age: { value: "38", origin: "carried" } } }),
        [{ place: coding("victim_age", "v1"), params: { count: 2 } }],
      ],
    ],
    passes: [file({ values: { victim_age: { value: "unknown", origin: "imported" } } })],
  },
  second_direction_missing: {
    fails: [[file({ values: { prior_violence_direction: "both" } }), [{ place: coding("prior_violence_direction") }]]],
    passes: [
      file({ values: { prior_violence_direction: "perp_to_victim" } }),
      file({
        sheet: { secondDirection: true },
        values: { prior_violence_direction: "both" },
        more: [{ factor: "physical_violence", subject: "reverse", value: "present" }],
      }),
    ],
  },
  second_direction_empty: {
    fails: [
      [
        file({ sheet: { secondDirection: true }, more: [{ factor: "physical_violence", subject: "reverse", value: "unknown" }] }),
        [{ place: coding("physical_violence", "reverse") }],
      ],
    ],
    passes: [file({ sheet: { secondDirection: true }, more: [{ factor: "physical_violence", subject: "reverse", value: "absent" }] })],
  },
  // --- the chronology
  entry_in_future: {
    fails: [[file({ entries: [entry({ starts_on: "2026-03-02" })] }), [{ place: chronology(), params: { date: { day: "2026-03-02" } } }]]],
    passes: [file({ entries: [entry({ starts_on: "2026-03-01" })] })],
  },
  entry_contradicts_coding: {
    fails: [
      [
        file({ values: { complaint_filed: "absent", main_courante_pvrj: "absent" }, findings: [], recommendations: [] }),
        [{ place: chronology(), params: { factor: { factor: "complaint_filed" }, date: { day: "2024-02-02" } } }],
      ],
      [
        file({ entries: [entry({ kind: "contact", service: "Commissariat de police" })], values: { police_interventions: "0" } }),
        [{ place: chronology(), params: { factor: { factor: "police_interventions" }, date: { day: "2024-02-02" } } }],
      ],
      [
        file({ entries: [entry({ kind: "report", service: "Collège" })], values: { third_party_report: "none" } }),
        [{ place: chronology(), params: { factor: { factor: "third_party_report" }, date: { day: "2024-02-02" } } }],
      ],
    ],
    passes: [
      file({ values: { complaint_filed: "absent", main_courante_pvrj: "unknown" }, findings: [], recommendations: [] }),
      file({ entries: [entry({ kind: "contact", service: "Urgences" })], values: { police_interventions: "0" } }),
      file({ entries: [entry({ kind: "report", uncertain: 1 })], values: { third_party_report: "none" } }),
      // A report made the day after, when the neighbours understood.
      file({ entries: [entry({ kind: "report", starts_on: "2024-03-15" })], values: { third_party_report: "none" } }),
    ],
  },
  later_contact_known: {
    fails: [
      // 2 February is 41 days before 14 March.
      [file({ values: { days_since_last_contact: "90" } }), [{ place: chronology(), params: { days: 90, before: 41 } }]],
    ],
    passes: [
      file({ values: { days_since_last_contact: "41" } }),
      file({ values: { days_since_last_contact: "44" } }),
      file({ values: { days_since_last_contact: "20" } }),
      file({ values: { days_since_last_contact: "90" }, entries: [entry({ service: null })] }),
    ],
  },
  entry_before_law: {
    fails: [
      [
        file({ entries: [entry({ kind: "measure", starts_on: "2013-05-01", description: "Attribution d’un téléphone grave danger." })] }),
        [
          {
            place: chronology(),
            params: { factor: { factor: "tgd" }, from: { month: "2014-08" }, date: { day: "2013-05-01" } },
          },
        ],
      ],
      [
        file({ entries: [entry({ kind: "measure", starts_on: "2019-01-10", description: "Pose d’un BAR." })] }),
        [{ place: chronology(), params: { factor: { factor: "bar" }, from: { month: "2020-09" }, date: { day: "2019-01-10" } } }],
      ],
    ],
    passes: [
      file({ entries: [entry({ kind: "measure", starts_on: "2015-05-01", description: "Attribution d’un téléphone grave danger." })] }),
      file({ entries: [entry({ kind: "measure", starts_on: "2013-05-01", description: "Dispute dans un bar du centre." })] }),
      // Of a year that is not known better, any day may be meant.
      file({
        entries: [entry({ kind: "measure", starts_on: "2014-01-01", precision: "year", description: "Attribution d’un TGD." })],
      }),
    ],
  },
  cited_entry_without_passage: {
    fails: [
      [file({ entries: [entry({ passage_id: null })] }), [{ place: chronology(), params: { number: 1, date: { day: "2024-02-02" } } }]],
    ],
    passes: [file({ entries: [entry({ passage_id: null })], findings: [finding({ entries: [] })] })],
  },
  // --- the findings
  finding_without_evidence: {
    fails: [
      [file({ findings: [finding({ factors: [] })] }), [ofFinding()]],
      [file({ findings: [finding({ passages: [] })] }), [ofFinding()]],
    ],
    passes: [file()],
  },
  finding_evidence_lost: {
    fails: [
      [
        file({ values: { signal_not_transmitted: "unknown" } }),
        [{ place: { on: "finding", number: 1 }, params: { number: 1, factor: { factor: "signal_not_transmitted" } } }],
      ],
      [
        file({ findings: [finding({ passages: ["passage of complaint_filed", "passage of victim_age"] })] }),
        [{ place: { on: "finding", number: 1 }, params: { number: 1, factor: { factor: "complaint_filed" } } }],
      ],
    ],
    passes: [file({ findings: [finding({ passages: ["passage of complaint_filed", "passage of signal_not_transmitted"] })] })],
  },
  missed_signal_not_known: {
    fails: [
      [file({ findings: [finding({ kind: "missed_signal", knownWhen: "discovered_after" })] }), [ofFinding()]],
      [file({ findings: [finding({ kind: "missed_signal", knownWhen: null })] }), [ofFinding()]],
    ],
    passes: [file({ findings: [finding({ kind: "missed_signal" })] }), file({ findings: [finding({ knownWhen: "discovered_after" })] })],
  },
  missed_signal_coded_otherwise: {
    fails: [
      [
        file({
          values: { complaint_filed: "present", signal_not_transmitted: { value: "present", knownWhen: "discovered_after" } },
          findings: [finding({ kind: "missed_signal" })],
        }),
        [ofFinding()],
      ],
    ],
    passes: [
      file({ values: { complaint_filed: "present" }, findings: [finding({ kind: "missed_signal" })] }),
      file({ findings: [finding({ kind: "missed_signal" })] }),
    ],
  },
  signal_after_act: {
    fails: [[file({ entries: [entry({ starts_on: "2024-03-20" })], findings: [finding({ kind: "missed_signal" })] }), [ofFinding()]]],
    passes: [
      file({ findings: [finding({ kind: "missed_signal" })] }),
      file({ entries: [entry({ starts_on: "2024-03-20" })] }),
      file({
        entries: [entry(), entry({ id: "e2", starts_on: "2024-03-20" })],
        findings: [finding({ kind: "missed_signal", entries: ["e1", "e2"] })],
      }),
      // Somewhere in the month of the act.
      file({ entries: [entry({ starts_on: "2024-03-01", precision: "month" })], findings: [finding({ kind: "missed_signal" })] }),
    ],
  },
  risk_without_finding: {
    fails: [
      [file({ values: { death_threats: "present" } }), [{ place: coding("death_threats"), params: factor("death_threats") }]],
      [
        file({ values: { perpetrator_depression: "reported" } }),
        [{ place: coding("perpetrator_depression", "p1"), params: factor("perpetrator_depression") }],
      ],
    ],
    passes: [
      file({
        values: { death_threats: "present" },
        findings: [
          finding(),
          finding({
            number: 2,
            kind: "context",
            statement: "Menaces.",
            factors: ["death_threats"],
            passages: ["passage of death_threats"],
          }),
        ],
      }),
      file({ values: { death_threats: "absent", perpetrator_depression: "absent", perpetrator_prior_ipv_conviction: "none" } }),
      file({ values: { cohabitation: "present" } }),
      file({ values: { death_threats: "present" }, state: "received" }),
    ],
  },
  known_risk_without_signal: {
    fails: [
      [
        file({ values: { death_threats: { value: "present", knownWhen: "service_before" } } }),
        [{ place: coding("death_threats"), params: factor("death_threats") }],
      ],
      // A finding of context does not say what the service did.
      [
        file({
          values: { death_threats: { value: "present", knownWhen: "service_before" } },
          findings: [
            finding(),
            finding({
              number: 2,
              kind: "context",
              statement: "Menaces.",
              factors: ["death_threats"],
              passages: ["passage of death_threats"],
            }),
          ],
        }),
        [{ place: coding("death_threats"), params: factor("death_threats") }],
      ],
    ],
    passes: [
      file({
        values: { death_threats: { value: "present", knownWhen: "service_before" } },
        findings: [finding({ factors: ["complaint_filed", "signal_not_transmitted", "death_threats"] })],
      }),
    ],
  },
  response_without_finding: {
    fails: [[file({ values: { good_practice: "present" } }), [{ place: coding("good_practice"), params: factor("good_practice") }]]],
    passes: [file(), file({ values: { good_practice: "absent" } })],
  },
  finding_without_service: {
    fails: [
      [file({ findings: [finding({ service: null })] }), [ofFinding()]],
      [file({ findings: [finding({ kind: "missed_signal", service: " " })] }), [ofFinding()]],
    ],
    passes: [file({ findings: [finding({ kind: "context", service: null })] })],
  },
  finding_without_known_when: {
    fails: [
      [file({ findings: [finding({ knownWhen: null })] }), [ofFinding()]],
      [file({ findings: [finding({ knownWhen: "unknown" })] }), [ofFinding()]],
    ],
    passes: [
      file({ findings: [finding({ knownWhen: "discovered_after" })] }),
      file({ findings: [finding({ kind: "context", knownWhen: null })] }),
    ],
  },
  practice_without_public_words: {
    fails: [[file({ findings: [finding({ kind: "good_practice", publicStatement: null })] }), [ofFinding()]]],
    passes: [file({ findings: [finding({ kind: "good_practice" })] }), file({ findings: [finding({ publicStatement: null })] })],
  },
  public_date_of_case: {
    fails: [
      [says(`${LINE} avant le 14 mars 2024.`), found("14 mars 2024")],
      [says(`${LINE} avant le 14 mars.`), found("14 mars")],
      [says(`${LINE} avant le 14/03/2024.`), found("14/03/2024")],
      [says(`${LINE} déposée le 2 février 2024.`), found("2 février 2024")],
    ],
    passes: [says(`${LINE}, malgré la loi du 28 décembre 2019.`), says(`${LINE} en vingt-quatre heures.`), says(null)],
  },
  public_date: {
    fails: [
      [says(`${LINE}, malgré la loi du 28 décembre 2019.`), found("28 décembre 2019")],
      [says(`${LINE} en mars 2024.`), found("mars 2024")],
    ],
    passes: [says(`${LINE} avant le 14 mars 2024.`), says(`${LINE} en vingt-quatre heures.`)],
  },
  public_place_of_case: {
    fails: [
      [says(`${LINE} dans le Loir-et-Cher.`), found("Loir-et-Cher")],
      [says(`${LINE} au parquet de Blois.`), found("Blois")],
    ],
    passes: [says(`${LINE} en région Centre.`), says(`${LINE} au parquet de Bordeaux.`)],
  },
  public_place: {
    fails: [[says(`${LINE} au parquet de Bordeaux.`), found("Bordeaux")]],
    passes: [says(`${LINE} au parquet de Blois.`), says(`${LINE} dans toute la région.`)],
  },
  public_age: {
    fails: [
      [says("Une femme âgée de 34 ans n’a pas été entendue."), found("âgée de 34 ans")],
      [says("Une femme de trente-quatre ans n’a pas été entendue."), found("trente-quatre ans")],
    ],
    passes: [says("Une femme n’a pas été entendue.")],
  },
  public_quote: {
    fails: [[says("La victime a déposé plainte à la brigade."), found("a déposé plainte à la brigade")]],
    // Five words in a row are no quote.
    passes: [says("La victime avait déposé plainte à la brigade.")],
  },
  public_identifier: {
    fails: [
      [says(`${LINE} (dossier RETEX-2026-0012).`), found("RETEX-2026-0012")],
      [says(`${LINE} (procédure 12345/2023).`), found("12345/2023")],
      [says(`${LINE} (procédure 2023/12345).`), found("2023/12345")],
      [says(`${LINE} ; écrire à brigade@exemple.invalid.`), found("brigade@exemple.invalid")],
      [says(`${LINE} ; appeler le 01 02 03 04 05.`), found("01 02 03 04 05")],
    ],
    passes: [says(`${LINE} ; le 3919 répond à toute heure.`), says(`${LINE}, malgré la directive 2012/29/UE et la loi n° 2020-936.`)],
  },
  public_person: {
    fails: [
      [says("La plainte de Madame A. n’a pas été transmise."), found("Madame A.")],
      [says("La plainte visant M. Bernard n’a pas été transmise."), found("M. Bernard")],
    ],
    passes: [says("La plainte de madame le maire n’a pas été transmise.")],
  },
  blame_on_low_confidence: {
    fails: [
      [
        file({
          values: {
            complaint_filed: { value: "present", knownWhen: "service_before", confidence: "low" },
            signal_not_transmitted: { value: "present", knownWhen: "service_before", confidence: "low" },
          },
        }),
        [ofFinding()],
      ],
    ],
    passes: [file({ values: { complaint_filed: { value: "present", confidence: "low" } } })],
  },
  blame_on_perpetrator_word: {
    fails: [
      [
        file({
          values: {
            complaint_filed: { value: "present", basis: "perpetrator" },
            signal_not_transmitted: { value: "present", knownWhen: "service_before", basis: "perpetrator" },
          },
        }),
        [ofFinding()],
      ],
    ],
    passes: [file({ values: { complaint_filed: { value: "present", basis: "perpetrator" } } })],
  },
  blame_on_inference: {
    fails: [
      [
        file({
          values: {
            complaint_filed: { value: "present", basis: "inference" },
            signal_not_transmitted: { value: "present", knownWhen: "service_before", basis: "inference" },
          },
        }),
        [ofFinding()],
      ],
    ],
    passes: [
      file({
        values: {
          complaint_filed: { value: "present", basis: "inference" },
          signal_not_transmitted: { value: "present", knownWhen: "service_before", basis: "inference" },
        },
        findings: [finding({ kind: "context" })],
      }),
    ],
  },
  finding_twice: {
    fails: [
      [
        file({ findings: [finding(), finding({ number: 2, statement: "LA PLAINTE n'a pas été transmise au parquet." })] }),
        [{ place: { on: "finding", number: 2 }, params: { number: 2, first: 1 } }],
      ],
    ],
    passes: [file({ findings: [finding(), finding({ number: 2, statement: "La victime n’a pas été rappelée." })] })],
  },
  failing_without_recommendation: {
    fails: [[file({ recommendations: [] }), [ofFinding()]]],
    passes: [file({ findings: [finding({ kind: "missed_signal" })], recommendations: [] })],
  },
  // --- the recommendations
  recommendation_without_finding: {
    fails: [[file({ recommendations: [recommendation({ findings: [] })] }), [ofRecommendation()]]],
    passes: [file()],
  },
  recommendation_not_specific: {
    fails: [
      [
        file({ recommendations: [recommendation({ text: "Renforcer la vigilance de tous les services concernés." })] }),
        [ofRecommendation()],
      ],
      [file({ recommendations: [recommendation({ text: "Une meilleure prise en compte de ces situations." })] }), [ofRecommendation()]],
    ],
    passes: [file(), file({ recommendations: [recommendation({ text: "Renforcer la vigilance.", draft: false })] })],
  },
  recommendation_not_addressed: {
    fails: [[file({ recommendations: [recommendation({ addressee: "multi" })] }), [ofRecommendation()]]],
    passes: [file({ recommendations: [recommendation({ addressee: "police" })] })],
  },
  recommendation_not_dated: {
    fails: [[file({ recommendations: [recommendation({ deadline: null })] }), [ofRecommendation()]]],
    passes: [file(), file({ recommendations: [recommendation({ deadline: "2026-01-01" })] })],
  },
  recommendation_deadline_past: {
    fails: [
      [
        file({ recommendations: [recommendation({ deadline: "2026-11-22" })] }),
        [{ place: { on: "recommendation", number: 1 }, params: { number: 1, deadline: { day: "2026-11-22" } } }],
      ],
    ],
    // Once approved, it is followed up: being late is no longer a fault of its words.
    passes: [
      file({ recommendations: [recommendation({ deadline: "2026-11-23" })] }),
      file({ recommendations: [recommendation({ deadline: "2026-11-22", draft: false })] }),
    ],
  },
  recommendation_not_verifiable: {
    fails: [[file({ recommendations: [recommendation({ proofExpected: null })] }), [ofRecommendation()]]],
    passes: [
      file(),
      file({
        recommendations: [
          recommendation({
            proofExpected: null,
            text: "Transmettre au parquet chaque mois un relevé des plaintes pour violences conjugales.",
          }),
        ],
      }),
    ],
  },
  recommendation_twice: {
    fails: [
      [
        file({ recommendations: [recommendation(), recommendation({ number: 2 })] }),
        [{ place: { on: "recommendation", number: 2 }, params: { number: 2, first: 1 } }],
      ],
    ],
    passes: [
      file({ recommendations: [recommendation(), recommendation({ number: 2, text: "Former chaque brigade à l’évaluation du danger." })] }),
    ],
  },
};

/** Keeps the names in a sentence instead of what they stand for. */
const KEPT = { skipInterpolation: 1 };

describe("the rules of quality", () => {
  const issuesOf = (code: QualityCode, of: CaseOnFile): readonly Issue[] => judge(of).find(({ rule }) => rule.code === code)?.issues ?? [];

  it("are more than twenty-five, each with a name of its own and shown by a failing and a passing file", () => {
    expect(QUALITY_RULES.length).to.be.greaterThan(24);
    expect(Object.keys(SHOWN).sort()).to.deep.equal([...new Set(QUALITY_RULES.map(({ code }) => code))].sort());
    for (const [code, { fails, passes }] of Object.entries(SHOWN)) {
      expect(fails, code).not.to.be.empty;
      expect(passes, code).not.to.be.empty;
    }
  });

  it("find no fault with a file that has none", () => {
    expect(judge(file())).to.deep.equal([]);
  });

  for (const { code, severity } of QUALITY_RULES) {
    it(`${code} (${severity}) says where and what, and nothing of what is right`, () => {
      for (const [at, [of, expected]] of SHOWN[code].fails.entries()) expect(issuesOf(code, of), `failing ${at}`).to.deep.equal(expected);
      for (const [at, of] of SHOWN[code].passes.entries()) expect(issuesOf(code, of), `passing ${at}`).to.deep.equal([]);
    });

    it(`${code} is said in French and in English, with everything it names`, () => {
      for (const language of ["fr", "en"] as const) {
        const t = translator(language);
        for (const part of ["title", "why", "issue"] as const) {
          const words = t(`quality.rules.${code}.${part}`);
          expect(words, part).not.to.match(/^quality\./);
          expect(words, part).to.match(/[.]$/);
        }
        const named = [...t(`quality.rules.${code}.issue`, KEPT).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!);
        for (const [, issues] of SHOWN[code].fails)
          for (const { params = {} } of issues) expect(Object.keys(params), named.join()).to.include.members(named);
      }
    });
  }

  it("that need a factor say nothing where the codebook lacks it, and fail on no codebook without their factors", () => {
    for (const rule of QUALITY_RULES)
      for (const needed of rule.factors ?? [])
        for (const [of] of SHOWN[rule.code].fails) {
          const codebook = without(needed);
          expect(
            issuesOf(rule.code, { ...of, codebook, values: of.values.filter((one) => one.factor !== needed) }),
            rule.code,
          ).to.deep.equal([]);
        }
    const bare = { ...CODEBOOK, factors: [] };
    expect(() => judge(file({ codebook: bare, values: {}, findings: [], recommendations: [] }))).not.to.throw();
  });

  it("name only factors and options that the codebook in force has", () => {
    const codes = new Set(CODEBOOK.factors.map(({ code }) => code));
    for (const { code, factors = [] } of QUALITY_RULES) for (const one of factors) expect(codes.has(one), `${code}: ${one}`).to.equal(true);
  });

  it("stop a submission by the blocking ones alone, and leave to the machine what it counts itself", () => {
    const before = (of: CaseOnFile) => ({ ...of, today: "1990-01-01" });
    for (const { code, severity, refusedApart } of QUALITY_RULES)
      for (const [of, expected] of SHOWN[code].fails) {
        const { blocking, warnings } = countOf(judge(of));
        expect(severity === "blocking" ? blocking : warnings, code).to.be.at.least(expected.length);
        if (severity === "blocking" && !refusedApart) expect(stoppingIssues(of), code).to.be.at.least(expected.length);
        // What stops does not depend on the day it is asked on.
        expect(stoppingIssues(before(of)), code).to.equal(stoppingIssues(of));
      }
    expect(stoppingIssues(file({ findings: [finding({ factors: [], passages: [] })], recommendations: [] }))).to.equal(0);
  });

  it("are given by what they are about, blocking ones first", () => {
    const places = QUALITY_RULES.map(({ about, severity }) => ABOUT.indexOf(about) * 2 + (severity === "blocking" ? 0 : 1));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
  });
});
