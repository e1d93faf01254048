import type { Basis, Case, KnownWhen, OtherPerson, Value, Variant } from "./case.ts";
import type { Random } from "./random.ts";
import { ANALYSIS_OPENINGS } from "./sentences-analysis.ts";
import { ACCOUNT_ASIDES, MOMENTS, OPENINGS } from "./sentences-circumstances.ts";
import { SEPARATIONS } from "./sentences-couple.ts";
import { CLAUSES, LEADS, type Lead } from "./sentences-history.ts";
import { AVOWALS, OCCUPATIONS } from "./sentences-people.ts";
import { QUIET_OPENINGS } from "./sentences-services.ts";
import { fitting } from "./shares.ts";

/** What the text says about one coded value, and where. */
export type Evidence = { quotes: string[]; knownWhen: KnownWhen | null; basis: Basis | null; tag: string | null; note: string | null };

/** Evidence by person and factor: « victim_fear » for the main persons and the case, « victim 2 victim_age » for the others. */
export type Written = { text: string; evidence: Map<string, Evidence> };

const MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];
const NUMBERS = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"];

/** « 2021-03-01 » → « 1er mars 2021 ». */
export function frenchDate(date: string): string {
  const [year = "", month = "", day = ""] = date.split("-");
  return `${day === "01" ? "1er" : Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** The spaces that a French typesetter would put. */
export function typeset(text: string): string {
  return text
    .replaceAll("« ", "«\u00a0")
    .replaceAll(" »", "\u00a0»")
    .replaceAll(" :", "\u00a0:")
    .replace(/ ([;!?])/g, "\u202f$1")
    .replaceAll("n° ", "n°\u00a0");
}

type Slots = { age?: number; number?: number; moment?: string };

const name = (sex: "female" | "male" | "unknown", letter: string): string => `${sex === "female" ? "Madame" : "Monsieur"} ${letter}.`;

/** Fills the places of a template. « <v:x|y> » chooses by sex (male first), « <f:…> » by force, « <o:…> » by outcome, « <m:…> » by number of minors. */
function fill(template: string, c: Case, slots: Slots): string {
  const woman = { v: c.victimSex === "female", p: c.perpetratorSex === "female" };
  return template.replace(/<([^<>]+)>/g, (_, token: string) => {
    switch (token) {
      case "V":
        return name(c.victimSex, "A");
      case "P":
        return name(c.perpetratorSex, "B");
      case "v":
        return woman.v ? "elle" : "il";
      case "p":
        return woman.p ? "elle" : "il";
      case "v+":
        return woman.v ? "Elle" : "Il";
      case "p+":
        return woman.p ? "Elle" : "Il";
      case "ve":
        return woman.v ? "e" : "";
      case "pe":
        return woman.p ? "e" : "";
      case "C":
        return `${c.commune}.`;
      case "D":
        return c.departmentName;
      case "age":
        return String(slots.age ?? "");
      case "moment":
        return slots.moment ?? "";
      case "n":
        return NUMBERS[slots.number ?? 0] ?? String(slots.number);
      case "N": {
        const word = NUMBERS[slots.number ?? 0] ?? String(slots.number);
        return word.charAt(0).toUpperCase() + word.slice(1);
      }
    }
    const colon = token.indexOf(":");
    const kind = token.slice(0, colon);
    const rest = token.slice(colon + 1);
    if (kind === "date") {
      const date = c.dates[rest];
      if (date === undefined) throw new Error(`A sentence needs the date « ${rest} », which the case lacks: ${template}`);
      return frenchDate(date);
    }
    const [first = "", second = ""] = rest.split("|");
    switch (kind) {
      case "v":
        return woman.v ? second : first;
      case "p":
        return woman.p ? second : first;
      case "f":
        return c.force === "police" ? first : second;
      case "o":
        return c.outcome === "homicide" || c.outcome === "forced_suicide" ? first : second;
      case "m":
        return (c.minors ?? 0) > 1 ? second : first;
      default:
        throw new Error(`Unknown place « ${token} » in: ${template}`);
    }
  });
}

type Mark = { codes: string[]; quote: string };

/** Takes the marks « [[code code|words]] » out of a sentence. Marks may stand within one another; without any, the sentence is the passage. */
function unmark(sentence: string, owner: string | null): { plain: string; marks: Mark[] } {
  let plain = "";
  const marks: Mark[] = [];
  const open: { codes: string[]; start: number }[] = [];
  for (let at = 0; at < sentence.length; ) {
    if (sentence.startsWith("[[", at)) {
      const bar = sentence.indexOf("|", at);
      open.push({ codes: sentence.slice(at + 2, bar).split(" "), start: plain.length });
      at = bar + 1;
    } else if (sentence.startsWith("]]", at)) {
      const mark = open.pop();
      if (mark) marks.push({ codes: mark.codes, quote: plain.slice(mark.start) });
      at += 2;
    } else {
      plain += sentence[at];
      at += 1;
    }
  }
  // An initial at the end brings its own full stop.
  plain = plain.replace(/\.\.$/, ".");
  if (marks.length === 0 && owner !== null) marks.push({ codes: [owner], quote: plain.replace(/(?<! [A-Z])\.$/, "") });
  return { plain, marks };
}

const CONNECTORS = ["Par ailleurs, ", "En outre, ", "De plus, "];

/** Writes the report of a case: French administrative prose in ten sections, each coded value with its passage. */
export function writeReport(random: Random, c: Case, proposals: (evidence: Map<string, Evidence>) => readonly string[]): Written {
  const evidence = new Map<string, Evidence>();
  const paragraphs: string[] = [];
  let sentences: string[] = [];
  let subject: "V" | "P" | null = null;
  let written = "";
  const quotes: string[] = [];

  const flush = (): void => {
    if (sentences.length > 0) paragraphs.push(sentences.join(" "));
    sentences = [];
    subject = null;
  };
  const heading = (title: string): void => {
    flush();
    paragraphs.push(title);
  };

  const attach = (mark: Mark, source: Pick<Variant, "knownWhen" | "basis" | "tag" | "note">, prefix: string): void => {
    for (const code of mark.codes) {
      const key = prefix + code;
      if (prefix === "" && c.values[code] === undefined) continue;
      const known = evidence.get(key);
      if (known) known.quotes.push(mark.quote);
      else
        evidence.set(key, { quotes: [mark.quote], knownWhen: source.knownWhen, basis: source.basis, tag: source.tag, note: source.note });
    }
    quotes.push(mark.quote);
  };

  /** Adds a sentence unless one of its passages is already in the text, or it repeats an earlier passage. */
  const add = (
    template: string,
    owner: string | null,
    source: Pick<Variant, "knownWhen" | "basis" | "tag" | "note">,
    slots: Slots = {},
    prefix = "",
  ): boolean => {
    const lead = /^(\[\[[^|]*\|)?<([VP])> (?!et )/.exec(template);
    const about = lead ? (lead[2] as "V" | "P") : null;
    let shaped = template;
    if (about !== null && about === subject && random.chance(0.7)) shaped = template.replace(`<${about}>`, `<${about.toLowerCase()}+>`);
    const { plain, marks } = unmark(typeset(fill(shaped, c, slots)), owner);
    let sentence = plain;
    if (sentences.length >= 2 && /^(?:Le|La|Les|Un|Une|Des|Aucun|Aucune|Aucuns) /.test(plain) && owner !== null && random.chance(0.16)) {
      const connector = random.pick(CONNECTORS);
      if (!sentences.some((one) => one.startsWith(connector))) {
        sentence = connector + plain.charAt(0).toLowerCase() + plain.slice(1);
        for (const mark of marks) if (plain.startsWith(mark.quote)) mark.quote = mark.quote.charAt(0).toLowerCase() + mark.quote.slice(1);
      }
    }
    if (marks.some((mark) => written.includes(mark.quote)) || quotes.some((quote) => sentence.includes(quote))) return false;
    sentences.push(sentence);
    written += `${sentence}\n`;
    subject = about ?? (plain.startsWith("Elle ") || plain.startsWith("Il ") ? subject : null);
    for (const mark of marks) attach(mark, source, prefix);
    return true;
  };

  const sayOne = (code: string, value: string, slots: Slots = {}): boolean => {
    const variants = random.shuffle(fitting(c, code, value));
    if (variants.some((variant) => add(variant.text, code, variant, slots))) return true;
    throw new Error(`No sentence left for ${code} = ${value}.`);
  };

  /** Says the value of each factor that has one and is not said yet. */
  const say = (...codes: string[]): void => {
    for (const code of codes) {
      const value = c.values[code];
      if (value === undefined || value === "not_available" || evidence.has(code)) continue;
      if (typeof value === "number") sayOne(code, value === 0 ? "0" : value === 1 ? "1" : "n", { number: value });
      else for (const one of Array.isArray(value) ? value : [value]) sayOne(code, one);
    }
  };
  const aside = (list: readonly string[]): void => {
    add(random.pick(list), null, PLAIN);
  };
  const asideVariant = (list: readonly Variant[]): void => {
    const open = list.filter((variant) => variant.when === null || variant.when(c));
    if (open.length > 0) add(random.pick(open).text, null, PLAIN);
  };

  const mainSubject =
    c.outcome === "homicide"
      ? "un homicide conjugal"
      : c.outcome === "attempted_homicide"
        ? "une tentative d’homicide conjugal"
        : c.outcome === "forced_suicide"
          ? "un suicide consécutif à un harcèlement au sein du couple"
          : "une tentative de suicide consécutive à un harcèlement au sein du couple";
  paragraphs.push(
    c.court.appeal,
    c.court.name,
    issuedBy(c),
    typeset(
      "Document fictif, établi pour la démonstration : les personnes, les faits et les services sont inventés ; le département et la juridiction ne servent que de décor.",
    ),
    `Retour d’expérience sur ${mainSubject}`,
  );
  written = `${paragraphs.join("\n")}\n`;
  evidence.set("judicial_district", { quotes: [c.court.name], knownWhen: null, basis: "official_record", tag: null, note: null });
  quotes.push(c.court.name);

  heading("1. Les faits");
  const driven = c.outcome.startsWith("forced");
  const opened = random
    .shuffle(OPENINGS.filter((opening) => !driven || !/commis|produits/.test(opening)))
    .some((opening) => add(opening, null, RECORD, { moment: random.pick(MOMENTS) }));
  if (!opened) throw new Error("No opening sentence fits.");
  if (driven) say("act_outcome");
  say("place_of_act");
  if (random.chance(0.5)) asideVariant(ACCOUNT_ASIDES);
  say("act_outcome", "means_used", "overkill", "collateral_adult_victims");
  flush();
  say("trigger_context", "premeditation", "perpetrator_intoxicated_at_act", "legal_qualification");
  if (!c.perpetratorDied && random.chance(0.35)) asideVariant(AVOWALS);

  heading("2. La victime");
  introduce("victim", c.victimSex, "<V>", c.values.victim_age, "La victime", "ve");
  say(
    "victim_disability_illness",
    "victim_pregnancy",
    "victim_substance_use",
    "victim_isolation",
    "victim_economic_dependence",
    "victim_residence_precarity",
    "victim_fear",
  );
  otherPeople("victim");

  heading("3. L’auteur");
  const title = c.perpetratorDied
    ? c.perpetratorSex === "female"
      ? "L’autrice des faits"
      : "L’auteur des faits"
    : c.perpetratorSex === "female"
      ? "La mise en cause"
      : "Le mis en cause";
  introduce("perpetrator", c.perpetratorSex, "<P>", c.values.perpetrator_age, title, "pe");
  say(
    "perpetrator_recent_loss",
    "perpetrator_alcohol_misuse",
    "perpetrator_drug_use",
    "perpetrator_depression",
    "perpetrator_psychiatric_disorder",
    "perpetrator_suicidal_behaviour",
    "perpetrator_childhood_violence",
  );
  flush();
  say(
    "perpetrator_prior_ipv_conviction",
    "perpetrator_other_record",
    "perpetrator_violence_outside_family",
    "perpetrator_violence_previous_partners",
    "perpetrator_breach_of_orders",
    "perpetrator_firearm_access",
  );
  otherPeople("perpetrator");

  heading("4. Le couple");
  say("union_type");
  const status = c.values.relationship_status;
  const since: Pick<Variant, "knownWhen" | "basis" | "tag" | "note"> = {
    knownWhen: c.serviceKnew && random.chance(0.6) ? "service_before" : "entourage_before",
    basis: c.serviceKnew ? "official_record" : "relative",
    tag: null,
    note: c.dates.separation ? typeset(`Durée calculée du ${frenchDate(c.dates.separation)} au ${frenchDate(c.actDate)}.`) : null,
  };
  const announce = (list: readonly string[]): void => {
    if (!random.shuffle(list).some((sentence) => add(sentence, null, since))) throw new Error("No sentence left for the separation.");
  };
  if (status === "separated") {
    // Who never lived together has no home to leave.
    const together = c.union !== "ex_dating";
    announce(
      (c.dates.separation ? SEPARATIONS.dated : SEPARATIONS.undated).filter((sentence) => together || !/quitté|vivait/.test(sentence)),
    );
  } else if (status === "separating") announce(SEPARATIONS.announced);
  say("relationship_status", "separation_announced", "cohabitation", "family_court_proceedings", "new_partner", "caregiver_burden");
  flush();
  if (c.minors === 0) {
    if (!random.shuffle(SEPARATIONS.childless).some((sentence) => add(sentence, null, RECORD)))
      throw new Error("No sentence left for the absence of minors.");
  } else
    say(
      "children_in_household",
      "children_present_at_act",
      "children_killed",
      "children_orphaned",
      "children_prior_harm",
      "custody_access_dispute",
      "child_protection_followup",
    );
  if (sentences.length === 0 && c.minors === null && random.chance(0.5))
    add("Le dossier transmis ne précise pas la situation des enfants.", null, PLAIN);

  heading("5. Les antécédents");
  say("prior_violence_direction");
  tellHistory();
  say(...Object.keys(CLAUSES), "known_to_entourage");
  if (sentences.length === 0) add("Le dossier transmis ne comporte pas d’élément sur d’éventuelles violences antérieures.", null, PLAIN);

  heading("6. Les services saisis");
  if (!c.serviceKnew) aside(QUIET_OPENINGS);
  say("police_interventions", "main_courante_pvrj", "complaint_filed", "complaint_withdrawn", "complaint_outcome", "third_party_report");
  flush();
  say("danger_evaluation", "health_contact", "support_services", "perpetrator_supervision", "days_since_last_contact");
  if (sentences.length === 0 && paragraphs.at(-1) === "6. Les services saisis")
    add("Le dossier ne mentionne aucune démarche antérieure.", null, PLAIN);

  heading("7. Les mesures de protection");
  say(
    "protection_order",
    "immediate_protection_order",
    "tgd",
    "bar",
    "contact_ban",
    "judicial_status_at_act",
    "weapon_removal",
    "release_notified",
  );
  if (c.values.bar === "not_available" && random.chance(0.2))
    add("Le bracelet anti-rapprochement n’existait pas encore à la date des faits.", null, PLAIN);
  if (sentences.length === 0) add("Le dossier transmis ne comporte pas d’élément sur les mesures de protection.", null, PLAIN);

  heading("8. L’analyse");
  aside(c.serviceKnew ? ANALYSIS_OPENINGS.known : ANALYSIS_OPENINGS.quiet);
  const failings = [
    "signal_not_transmitted",
    "complaint_not_registered",
    "insufficient_investigation",
    "antecedents_not_checked",
    "risk_assessment_gap",
    "inappropriate_dismissal",
    "response_delay",
    "protection_not_offered",
    "breach_not_sanctioned",
    "supervision_gap",
    "health_detection_missed",
    "coordination_gap",
    "mutual_conflict_framing",
  ];
  say(...failings.filter((code) => c.values[code] === "present"));
  flush();
  say(...failings.filter((code) => c.values[code] === "absent"), "good_practice");

  if (failings.every((code) => c.values[code] === undefined) && c.values.good_practice === undefined) {
    add("Le rapport ne formule pas d’observation sur la réponse des services.", null, PLAIN);
  }

  heading("9. Après les faits");
  say("perpetrator_suicide", "judicial_outcome", "children_care_after", "parental_authority_measure", "retex_format");
  if (sentences.length === 0) add("Le dossier ne comporte pas d’élément postérieur aux premiers actes de la procédure.", null, PLAIN);

  heading("10. Propositions");
  const lines = proposals(evidence);
  if (lines.length === 0) paragraphs.push("Le rapport ne formule pas de proposition.");
  for (const [index, line] of lines.entries()) paragraphs.push(`${index + 1}) ${typeset(line)}`);

  const text = `${paragraphs.join("\n\n")}\n`;
  for (const [key, { quotes: own }] of evidence) {
    for (const quote of own) {
      if (text.indexOf(quote) < 0 || text.indexOf(quote) !== text.lastIndexOf(quote))
        throw new Error(`The passage of ${key} does not stand exactly once in the text: ${quote}`);
    }
  }
  return { text, evidence };

  /** One sentence for name, age, nationality and occupation; each passage as short as it can be while standing once. */
  function introduce(
    kind: "victim" | "perpetrator",
    sex: string,
    person: "<V>" | "<P>",
    age: Value | undefined,
    title: string,
    ending: "ve" | "pe",
  ): void {
    void sex;
    const nationality = c.values[`${kind}_nationality_group`];
    const occupation = c.values[`${kind}_occupation`];
    const intro = age === undefined ? `${title}, ${person}` : `${title}, ${person}, âgé<${ending}> de ${age} ans`;
    let head = `[[${kind}_sex${age === undefined ? "" : ` ${kind}_age`}|${intro}]]`;
    const words = nationality === undefined ? null : nationalityWords(String(nationality), ending);
    if (words) head = `[[${kind}_nationality_group|${head}, ${words}]]`;
    if (typeof occupation !== "string") {
      const plain =
        age === undefined
          ? `${head}, est ainsi désigné<${ending}> dans tout le rapport.`
          : `${head}, est désigné<${ending}> par cette seule initiale.`;
      if (!add(plain, null, RECORD)) throw new Error(`No introduction for the ${kind}.`);
      return;
    }
    const ways = random.shuffle(OCCUPATIONS[kind][occupation] ?? []);
    if (!ways.some((way) => add(`${head}, [[${kind}_occupation|${way}]].`, null, RECORD)))
      throw new Error(`No introduction for the ${kind}.`);
  }

  function otherPeople(kind: OtherPerson["kind"]): void {
    let number = 1;
    for (const other of c.others) {
      if (other.kind !== kind) continue;
      number += 1;
      flush();
      const ending = other.sex === "female" ? "e" : "";
      const age = other.values[`${kind}_age`];
      const nationality = other.values[`${kind}_nationality_group`];
      const title = kind === "victim" ? "Une seconde victime" : "Une seconde personne est mise en cause";
      const who = kind === "victim" ? `${title}, ${other.name}` : `${title} : ${other.name}`;
      let head = `[[${kind}_sex${age === undefined ? "" : ` ${kind}_age`}|${who}${age === undefined ? "" : `, âgé${ending} de ${age} ans`}]]`;
      if (nationality !== undefined) head = `[[${kind}_nationality_group|${head}, de nationalité française]]`;
      const end =
        kind === "victim"
          ? ", présente sur les lieux, a été atteinte au cours du même acte."
          : ", pour l’aide apportée à la préparation de l’acte.";
      const prefix = `${kind} ${number} `;
      if (!add(head + end, null, RECORD, {}, prefix)) throw new Error(`No introduction for the other ${kind}.`);
      if (other.values.perpetrator_suicide === "none")
        add(`[[perpetrator_suicide|Aucune conduite suicidaire de ${other.name} n’est relevée]].`, null, RECORD, {}, prefix);
    }
  }

  /** Prior violence, grouped by who knew: one opening for each source, then shorter ways of going on. */
  function tellHistory(): void {
    const present = random.shuffle(Object.keys(CLAUSES).filter((code) => c.values[code] === "present"));
    if (present.length === 0) return;
    const open = (leads: readonly Lead[]): Lead[] => leads.filter((lead) => lead.when === null || lead.when(c));
    const service = c.serviceKnew ? random.shuffle(open(LEADS.service)) : [];
    const entourage = random.shuffle(open(LEADS.entourage));
    const after = random.shuffle(open(LEADS.after));
    const groups = new Map<Lead, string[]>();
    for (const code of present) {
      const draw = random.next();
      const leads = service.length > 0 && draw < 0.56 ? service.slice(0, 2) : draw < 0.84 ? entourage.slice(0, 2) : after.slice(0, 1);
      // A lock on a telephone or a hidden position is mostly found afterwards.
      const lead = code === "cyber_control" && draw > 0.3 && after[0] ? after[0] : random.pick(leads.length > 0 ? leads : entourage);
      groups.set(lead, [...(groups.get(lead) ?? []), code]);
    }
    for (const [rank, [lead, codes]] of [...groups].entries()) {
      if (rank % 2 === 0) flush();
      // Physical violence first: strangling, threats and the rest then read as its continuation.
      codes.sort((a, b) => Number(b === "physical_violence") - Number(a === "physical_violence"));
      for (const [index, code] of codes.entries()) {
        // Who speaks of oneself says « il » or « elle ».
        const clauses = random
          .shuffle(CLAUSES[code] ?? [])
          .map((clause) => (lead.text.startsWith("<P> ") ? clause.replace("<P>", "<p>") : clause));
        const opening = index === 0 ? lead.text : (lead.next[(index - 1) % lead.next.length] ?? lead.text);
        const said = clauses.some((clause) => add(`${opening} ${that(clause, code)}.`, null, { ...lead, tag: null, note: null }));
        if (!said) throw new Error(`No clause left for ${code}.`);
      }
    }
    flush();
  }
}

const that = (clause: string, code: string): string =>
  /^(?:[aeéiou]|<p>)/.test(clause) ? `qu’[[${code}|${clause}]]` : `que [[${code}|${clause}]]`;

const PLAIN = { knownWhen: null, basis: "official_record", tag: null, note: null } as const;
const RECORD = PLAIN;

function nationalityWords(group: string, ending: "ve" | "pe"): string {
  if (group === "french") return "de nationalité française";
  return group === "eu"
    ? `ressortissant<${ending}> d’un État membre de l’Union européenne`
    : "de nationalité étrangère, hors Union européenne";
}

/** The service that signs, as the heading has it. The court itself is named once in the text, above. */
function issuedBy(c: Case): string {
  switch (c.issuingKind) {
    case "general_prosecutor":
      return "Parquet général";
    case "inspection":
      return "Mission d’inspection";
    case "police":
      return "Service de police judiciaire, à la demande du parquet";
    case "gendarmerie":
      return "Groupement de gendarmerie départementale, à la demande du parquet";
    default:
      return "Parquet du procureur de la République";
  }
}
