import type { CodebookDefinition, Factor } from "../../server/codebook/definition.ts";
import type { Case, OtherPerson, Value } from "./case.ts";
import { daysBefore } from "./dates.ts";
import { applies, FINDINGS, type FindingKind, type FindingTemplate } from "./findings.ts";
import { planCases } from "./plan.ts";
import { type Random, randomFrom } from "./random.ts";
import { PROPOSALS, type ProposalId } from "./recommendations.ts";
import { type Evidence, frenchDate, typeset, writeReport } from "./text.ts";

export type GeneratedPerson = { kind: "victim" | "perpetrator" | "child"; number: number };

/** A coded value. What the report does not document is « unknown » ([“unknown”] for a factor with several values), without a passage. */
export type GeneratedCoding = {
  factor: string;
  person: GeneratedPerson | null;
  value: string | string[] | number;
  /** Each stands exactly once in the text. */
  quotes: string[];
  knownWhen: string | null;
  evidenceBasis: string | null;
  confidence: "high" | "medium" | "low";
  note: string | null;
};

export type GeneratedFinding = {
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string;
  knownWhen: string | null;
  factors: string[];
  quotes: string[];
};

/** `findings` are positions in the report's list; codes are those of the codebook's classification. */
export type GeneratedRecommendation = {
  text: string;
  addressee: string;
  level: string;
  theme: string;
  type: string;
  deadline: string | null;
  findings: number[];
};

export type GeneratedReport = {
  /** YYYY-MM-DD, as the other dates. */
  receivedOn: string;
  actDate: string;
  departmentCode: string;
  /** srj_code of the list of courts. */
  courtSrj: string;
  actKind: "homicide" | "attempted_homicide" | "forced_suicide" | "forced_suicide_attempt" | "other";
  proceedings:
    | "preliminary_investigation"
    | "judicial_investigation"
    | "awaiting_trial"
    | "judged"
    | "final"
    | "extinguished"
    | "dismissed"
    | "unknown";
  issuingKind: "prosecutor" | "general_prosecutor" | "inspection" | "police" | "gendarmerie" | "other";
  issuingService: string;
  people: (GeneratedPerson & { sex: "female" | "male" | "unknown" })[];
  title: string;
  text: string;
  codings: GeneratedCoding[];
  findings: GeneratedFinding[];
  recommendations: GeneratedRecommendation[];
};

/**
 * Invents reports for the demonstration: same seed, same reports. Frequencies are quotas, so that some 150 reports already show the published
 * margins. Every factor of the codebook is coded for every person it applies to; every documented value has its passage in the text.
 */
export function generateReports(definition: CodebookDefinition, options: { seed: number; count: number }): GeneratedReport[] {
  const random = randomFrom(options.seed);
  return planCases(random, options.count).map((c) => report(random, definition, c));
}

function report(random: Random, definition: CodebookDefinition, c: Case): GeneratedReport {
  const people: GeneratedReport["people"] = [
    { kind: "victim", number: 1, sex: c.victimSex },
    ...numbered(c.others, "victim"),
    { kind: "perpetrator", number: 1, sex: c.perpetratorSex },
    ...numbered(c.others, "perpetrator"),
  ];
  for (let number = 1; number <= (c.minors ?? 0); number++)
    people.push({ kind: "child", number, sex: random.pick(["female", "male", "unknown"] as const) });

  let chosen: FindingTemplate[] = [];
  let proposals: { id: ProposalId; findings: number[] }[] = [];
  const { text, evidence } = writeReport(random, c, (known) => {
    chosen = chooseFindings(random, c, known);
    proposals = chooseProposals(random, chosen);
    return proposals.map(({ id }) => PROPOSALS[id].text);
  });

  const known = new Set(definition.factors.map((factor) => factor.code));
  return {
    receivedOn: c.receivedOn,
    actDate: c.actDate,
    departmentCode: c.departmentCode,
    courtSrj: c.court.srj,
    actKind: c.outcome,
    proceedings: c.proceedings as GeneratedReport["proceedings"],
    issuingKind: c.issuingKind,
    issuingService: issuingService(c),
    people,
    title: titleOf(c),
    text,
    codings: definition.factors.flatMap((factor) => codingsOf(random, factor, c, people, evidence)),
    findings: chosen.map((template) => ({
      kind: template.kind,
      statement: template.statement,
      publicStatement: template.publicStatement,
      service: template.service(c),
      knownWhen: evidence.get(template.factors[0] ?? "")?.knownWhen ?? null,
      factors: template.factors.filter((code) => known.has(code)),
      quotes: [...new Set(template.factors.flatMap((code) => (evidence.get(code)?.quotes ?? []).slice(0, 1)))],
    })),
    recommendations: proposals.map(({ id, findings }) => {
      const { text: words, addressee, level, theme, type, months } = PROPOSALS[id];
      return {
        text: typeset(words),
        addressee,
        level,
        theme,
        type,
        deadline: months === null ? null : endOfMonthAfter(c.receivedOn, months),
        findings,
      };
    }),
  };
}

function numbered(others: readonly OtherPerson[], kind: OtherPerson["kind"]): GeneratedReport["people"] {
  return others.filter((other) => other.kind === kind).map((other, index) => ({ kind, number: index + 2, sex: other.sex }));
}

function codingsOf(
  random: Random,
  factor: Factor,
  c: Case,
  people: GeneratedReport["people"],
  evidence: Map<string, Evidence>,
): GeneratedCoding[] {
  if (factor.appliesTo === "case") return [coding(random, factor, null, c.values[factor.code], evidence.get(factor.code))];
  return people
    .filter((person) => person.kind === factor.appliesTo)
    .map(({ kind, number }) => {
      const person = { kind, number };
      if (number === 1) return coding(random, factor, person, c.values[factor.code], evidence.get(factor.code));
      const other = c.others.filter((one) => one.kind === kind)[number - 2];
      const unavailable = c.values[factor.code] === "not_available" ? "not_available" : undefined;
      return coding(random, factor, person, other?.values[factor.code] ?? unavailable, evidence.get(`${kind} ${number} ${factor.code}`));
    });
}

function coding(
  random: Random,
  factor: Factor,
  person: GeneratedPerson | null,
  value: Value | undefined,
  found: Evidence | undefined,
): GeneratedCoding {
  const unknown = value === undefined || value === "unknown";
  const shown = unknown ? (factor.type === "multi" ? ["unknown"] : "unknown") : value;
  if (value === "not_available") {
    return {
      factor: factor.code,
      person,
      value,
      quotes: [],
      knownWhen: null,
      evidenceBasis: null,
      confidence: "high",
      note: "Mesure créée après les faits.",
    };
  }
  const basis = found?.basis ?? null;
  return {
    factor: factor.code,
    person,
    value: shown,
    quotes: found?.quotes ?? [],
    knownWhen: unknown ? null : (found?.knownWhen ?? (factor.section === "response_failings" ? "unknown" : null)),
    evidenceBasis: unknown ? null : basis,
    confidence: unknown && found ? "low" : unknown ? "high" : confidence(random, basis),
    note: found?.note ?? null,
  };
}

function confidence(random: Random, basis: Evidence["basis"]): GeneratedCoding["confidence"] {
  if (basis === "judgment" || basis === "official_record") return random.chance(0.93) ? "high" : "medium";
  if (basis === "professional") return random.chance(0.75) ? "high" : "medium";
  if (basis === "perpetrator") return "low";
  return random.chance(0.8) ? "medium" : random.chance(0.5) ? "high" : "low";
}

/** Up to five findings, no factor twice as the main one: failings and missed signals first, a good practice whenever there is one. */
function chooseFindings(random: Random, c: Case, evidence: Map<string, Evidence>): FindingTemplate[] {
  const open = random.shuffle(FINDINGS.filter((template) => applies(template, c, evidence)));
  const taken = new Set<string>();
  const chosen: FindingTemplate[] = [];
  const take = (kind: FindingKind, most: number): void => {
    let left = most;
    for (const template of open) {
      const main = template.factors[0] ?? "";
      if (left <= 0 || template.kind !== kind || taken.has(main)) continue;
      taken.add(main);
      chosen.push(template);
      left -= 1;
    }
  };
  take("failing", 3);
  take("missed_signal", 2);
  take("good_practice", 1);
  take("context", chosen.length >= 3 ? 0 : random.integer(1, 2));
  return chosen;
}

/** At most four proposals; one that answers two findings is made once and names both. */
function chooseProposals(random: Random, findings: readonly FindingTemplate[]): { id: ProposalId; findings: number[] }[] {
  const made: { id: ProposalId; findings: number[] }[] = [];
  for (const [index, template] of findings.entries()) {
    if (template.proposals.length === 0) continue;
    const same = made.find(({ id }) => template.proposals.includes(id));
    if (same) same.findings.push(index);
    else if (made.length < 4 && random.chance(template.kind === "context" ? 0.55 : 0.85))
      made.push({ id: random.pick(template.proposals), findings: [index] });
  }
  return made;
}

const KIND_WORDS = {
  homicide: "homicide conjugal",
  attempted_homicide: "tentative d’homicide conjugal",
  forced_suicide: "suicide consécutif à un harcèlement",
  forced_suicide_attempt: "tentative de suicide consécutive à un harcèlement",
} as const;

const titleOf = (c: Case): string => `Retour d’expérience – ${KIND_WORDS[c.outcome]} du ${frenchDate(c.actDate)} (${c.departmentName})`;

function issuingService(c: Case): string {
  const [, place = ""] = /^Tribunal (?:judiciaire|de première instance) (.+)$/.exec(c.court.name) ?? [];
  switch (c.issuingKind) {
    case "general_prosecutor":
      return `Parquet général, ${c.court.appeal.charAt(0).toLowerCase()}${c.court.appeal.slice(1)}`;
    case "inspection":
      return "Mission d’inspection (fictive)";
    case "police":
      return `Service de police judiciaire (${c.departmentName})`;
    case "gendarmerie":
      return `Groupement de gendarmerie (${c.departmentName})`;
    default:
      return `Parquet ${place}`;
  }
}

/** Last day of the month that lies `months` after a date. */
function endOfMonthAfter(date: string, months: number): string {
  const [year = 0, month = 1] = date.split("-").map(Number);
  const next = year * 12 + (month - 1) + months + 1;
  return daysBefore(`${Math.floor(next / 12)}-${String((next % 12) + 1).padStart(2, "0")}-01`, 1);
}
