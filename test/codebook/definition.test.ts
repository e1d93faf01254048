import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type CodebookDefinition, type Problem, parseCodebook } from "../../server/codebook/definition.ts";

const REAL = readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8");

/** A small valid codebook: each test spoils one thing in it. */
const SMALL = `codebook:
  id: small
  version: 1.0.0
  status: published
  default_language: fr
  title_fr: Petite grille
  title_en: Small codebook
  unit_of_analysis_fr: Une affaire.
presence_scale:
- {code: present, label_fr: Présent, label_en: Present, rule_fr: Un passage le dit.}
- {code: absent, label_fr: Absent, label_en: Absent, rule_fr: Un passage l'écarte.}
- {code: unknown, label_fr: Non documenté, label_en: Not documented, rule_fr: Silence.}
multi_rules:
  exclusive_options: [none, unknown]
  rule_fr: Exclusives.
coding_qualifiers:
- code: evidence_basis
  label_fr: Fondement
  label_en: Evidence basis
  options:
  - {code: judgment, label_fr: Décision, label_en: Court decision}
- code: known_when
  label_fr: Connu quand
  label_en: Known when
  options:
  - {code: service_before, label_fr: Avant, label_en: Before}
- code: coder_confidence
  label_fr: Confiance
  label_en: Confidence
  options:
  - {code: high, label_fr: Élevée, label_en: High}
sources:
  dav: {title: Étude, publisher: Ministère}
sections:
- code: victim
  label_fr: Victime
  label_en: Victim
factors:
- code: victim_fear
  section: victim
  label_fr: Peur
  label_en: Fear
  definition_fr: Présent si elle l'a dit.
  type: presence
  applies_to: victim
  risk_factor: true
  source_refs: [dav]
- code: tgd
  section: victim
  label_fr: Téléphone
  label_en: Phone
  definition_fr: État du téléphone.
  type: category
  applies_to: victim
  options:
  - {code: in_force, label_fr: Actif, label_en: Active}
  - {code: unknown, label_fr: Non documenté, label_en: Not documented}
  available_from: 2014-08
  source_refs: [dav]
recommendation_classification:
  addressees: [{code: police, label_fr: Police, label_en: Police, definition_fr: Services.}]
  levels: [{code: local, label_fr: Local, label_en: Local, definition_fr: Ressort.}]
  themes: [{code: weapons, label_fr: Armes, label_en: Weapons, definition_fr: Saisie.}]
  types: [{code: tool, label_fr: Outil, label_en: Tool, definition_fr: Grille.}]
  follow_up_statuses: [{code: draft, label_fr: Projet, label_en: Draft, definition_fr: Proposée.}]
  wording_checks: [{code: dated, label_fr: Datée, label_en: Dated, definition_fr: Échéance.}]
`;

function definitionOf(yaml: string): CodebookDefinition {
  const result = parseCodebook(yaml);
  if (result.kind === "problems") throw new Error(result.problems.map((problem) => `${problem.line}: ${problem.message}`).join("\n"));
  return result.definition;
}

function problemsOf(yaml: string): Problem[] {
  const result = parseCodebook(yaml);
  return result.kind === "problems" ? result.problems : [];
}

/** Replaces one passage and says on which line the replacement starts. */
function spoil(before: string, after: string): { yaml: string; line: number } {
  const at = SMALL.indexOf(before);
  if (at < 0) throw new Error(`The sample no longer contains: ${before}`);
  return { yaml: SMALL.slice(0, at) + after + SMALL.slice(at + before.length), line: SMALL.slice(0, at).split("\n").length };
}

describe("Reading a codebook", () => {
  it("reads the whole of version 1.0.0: 110 factors in ten sections", () => {
    const definition = definitionOf(REAL);
    expect(definition.version).to.equal("1.0.0");
    expect(definition.factors).to.have.length(110);
    expect(definition.sections).to.have.length(10);
    expect(new Set(definition.factors.map((factor) => factor.code)).size).to.equal(110);
    expect(definition.presence.map((option) => option.code)).to.deep.equal(["present", "absent", "unknown"]);
    expect(definition.presence.every((option) => option.definitionFr)).to.equal(true);
    expect(definition.exclusiveOptions).to.deep.equal(["none", "unknown"]);
    expect(definition.evidenceBasis).to.have.length(6);
    expect(definition.knownWhen).to.have.length(4);
    expect(definition.confidence).to.have.length(3);
    expect(definition.recommendation.addressees).to.have.length(20);
    expect(definition.recommendation.followUpStatuses).to.have.length(13);
    expect(definition.sections.find((section) => section.code === "violence_history")?.noteFr).to.include("deux fois");
  });

  it("keeps months, lists from outside, units and flags as the file has them", () => {
    const definition = definitionOf(REAL);
    const factor = (code: string) => definition.factors.find((candidate) => candidate.code === code);
    expect(factor("immediate_protection_order")?.availableFrom).to.equal("2025-01");
    expect(factor("department_code")?.optionsRef).to.equal("cog_departement");
    expect(factor("department_code")?.disclosure).to.equal("quasi_identifier");
    expect(factor("victim_age")?.unit).to.equal("years");
    expect(factor("strangulation_history")?.riskFactor).to.equal(true);
    expect(factor("sexual_violence")?.sensitive).to.equal("sex_life");
    expect(factor("third_party_report")?.indicatorTermsFr).to.include("3919");
    expect(factor("victim_sex")?.options.map((option) => option.code)).to.deep.equal(["female", "male", "unknown"]);
  });

  it("accepts the small codebook that the following tests spoil", () => {
    expect(definitionOf(SMALL).factors.map((factor) => factor.code)).to.deep.equal(["victim_fear", "tgd"]);
  });
});

describe("A codebook is refused, with the line, when", () => {
  const cases: [title: string, before: string, after: string, words: RegExp, offset?: number][] = [
    [
      "a factor stands in an unknown section",
      "section: victim\n  label_fr: Peur",
      "section: victims\n  label_fr: Peur",
      /« victim_fear ».*« victims »/,
    ],
    [
      "a section code comes back",
      "factors:\n",
      "- {code: victim, label_fr: Autre, label_en: Other}\nfactors:\n",
      /« victim » reprend un code déjà employé à la ligne 35/,
    ],
    ["a factor code comes back", "- code: tgd", "- code: victim_fear", /« victim_fear » reprend un code/],
    [
      "an option code comes back",
      "- {code: unknown, label_fr: Non documenté, label_en: Not documented}\n  av",
      "- {code: in_force, label_fr: Bis, label_en: Again}\n  av",
      /« in_force » du facteur « tgd » reprend un code/,
    ],
    [
      "an option has no French label",
      "- {code: in_force, label_fr: Actif, label_en: Active}",
      "- {code: in_force, label_en: Active}",
      /« label_fr ».*« in_force » du facteur « tgd »/,
    ],
    [
      "an option has an empty English label",
      "- {code: in_force, label_fr: Actif, label_en: Active}",
      "- {code: in_force, label_fr: Actif, label_en: ''}",
      /« label_en » est vide.*« in_force »/,
    ],
    ["a factor has an unknown type", "type: presence", "type: boolean", /« boolean ».*« victim_fear ».*presence, category/],
    ["a factor applies to nobody known", "applies_to: victim\n  risk", "applies_to: witness\n  risk", /« witness ».*« victim_fear »/],
    [
      "a category has neither options nor an outside list",
      "- code: tgd\n  section: victim\n  label_fr: Téléphone\n  label_en: Phone\n  definition_fr: État du téléphone.\n  type: category\n  applies_to: victim\n  options:\n  - {code: in_force, label_fr: Actif, label_en: Active}\n  - {code: unknown, label_fr: Non documenté, label_en: Not documented}\n",
      "- code: tgd\n  section: victim\n  label_fr: Téléphone\n  label_en: Phone\n  definition_fr: État du téléphone.\n  type: category\n  applies_to: victim\n",
      /« tgd ».*options_ref/,
    ],
    ["an outside list is unknown", "available_from: 2014-08", "options_ref: communes", /« communes ».*« tgd »/],
    ["a number carries options", "type: category", "type: number", /« tgd » est de type « number »/, 2],
    ["a month is not a month", "available_from: 2014-08", "available_from: 2014-13", /« tgd ».*AAAA-MM.*« 2014-13 »/],
    ["a month is a year", "available_from: 2014-08", "available_from: 2014", /AAAA-MM.*« 2014 »/],
    [
      "a key of a factor is misspelt",
      "risk_factor: true",
      "riskfactor: true",
      /Clé inconnue « riskfactor » dans le facteur « victim_fear »/,
    ],
    [
      "a key of an option is misspelt",
      "- {code: in_force, label_fr: Actif, label_en: Active}",
      "- {code: in_force, label_fr: Actif, label_en: Active, labl: x}",
      /Clé inconnue « labl » dans l’option « in_force »/,
    ],
    ["a key of the whole is misspelt", "multi_rules:", "multirules:", /Clé inconnue « multirules »/],
    ["a definition is missing", "  definition_fr: État du téléphone.\n", "", /« definition_fr » dans le facteur « tgd »/, -4],
    ["a source is unknown", "source_refs: [dav]\n- code", "source_refs: [dav, dvd]\n- code", /« victim_fear ».*« dvd »/],
    ["a code has a capital", "code: tgd", "code: TGD", /« TGD » n’admet que minuscules/],
    ["a code has a hyphen", "{code: in_force", "{code: in-force", /« in-force »/],
    ["a flag is a word", "risk_factor: true", "risk_factor: oui", /« risk_factor ».*« victim_fear »/],
    ["a kind of sensitivity is unknown", "risk_factor: true", "sensitive: secret", /« secret ».*« victim_fear »/],
    ["a presence value is missing", "presence_scale:\n- {code: present,", "presence_scale:\n- {code: presents,", /« present »/],
    [
      "a classification list is missing",
      "  themes: [{code: weapons, label_fr: Armes, label_en: Weapons, definition_fr: Saisie.}]\n",
      "",
      /« themes »/,
      -3,
    ],
    ["a key is written twice", "type: presence\n", "type: presence\n  type: number\n", /même clé/, 1],
    ["the version has no three numbers", "version: 1.0.0", "version: 1.0", /« 1.0 »/],
  ];
  for (const [title, before, after, words, offset = 0] of cases) {
    it(title, () => {
      const { yaml, line } = spoil(before, after);
      const found = problemsOf(yaml).filter((problem) => words.test(problem.message.replaceAll(/[\u00a0\u202f]/g, " ")));
      expect(found, JSON.stringify(problemsOf(yaml))).to.have.length.greaterThan(0);
      expect(found[0]?.line).to.equal(line + offset);
    });
  }

  it("the YAML itself is broken, and it says at which line", () => {
    const { yaml, line } = spoil("  label_en: Fear", "\tlabel_en: Fear");
    const [problem] = problemsOf(yaml);
    expect(problem?.line).to.equal(line);
    const quote = spoil("title_fr: Petite grille", 'title_fr: "Petite grille');
    expect(problemsOf(quote.yaml)).to.have.length.greaterThan(0);
  });

  it("it is empty, or holds something else than a codebook", () => {
    expect(problemsOf("")).to.deep.equal([
      { line: 1, message: "Le fichier est vide ou n’est pas une grille\u00a0: un bloc de clés est attendu." },
    ]);
    expect(problemsOf("- a\n- b\n")).to.have.length(1);
    expect(problemsOf("codebook: 3\n").length).to.be.greaterThan(3);
  });

  it("several things are wrong: all of them are reported, in the order of the lines", () => {
    const yaml = SMALL.replace("type: presence", "type: boolean")
      .replace("available_from: 2014-08", "available_from: 2014")
      .replace("section: victim\n  label_fr: Téléphone", "section: other\n  label_fr: Téléphone");
    const problems = problemsOf(yaml);
    expect(problems).to.have.length(3);
    expect(problems.map((problem) => problem.line)).to.deep.equal(problems.map((problem) => problem.line).toSorted((a, b) => a - b));
  });

  it("a damaged file never makes the reader throw", () => {
    for (let cut = 0; cut < SMALL.length; cut += 37) expect(() => parseCodebook(SMALL.slice(0, cut))).not.to.throw();
    for (let cut = 0; cut < SMALL.length; cut += 53)
      expect(() => parseCodebook(`${SMALL.slice(0, cut)}*&x${SMALL.slice(cut)}`)).not.to.throw();
  });
});
