import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";

export type FactorType = "presence" | "category" | "multi" | "number" | "date";
export type AppliesTo = "case" | "victim" | "perpetrator" | "child";

/** One allowed value, or one entry of a classification. The definition says when to choose it. */
export type Option = { code: string; labelFr: string; labelEn: string; definitionFr: string | null };

/** The section whose factors about the case may also be coded from the victim towards the perpetrator. */
export const DIRECTIONAL_SECTION = "violence_history";
/** The subject of what is coded in that direction, where others have "case" or a person's id. */
export const REVERSE = "reverse";
/** Whether a report asks for this factor once in each direction of the violence. */
export const asksBothDirections = (
  report: { second_direction: 0 | 1 },
  { section, appliesTo }: Pick<Factor, "section" | "appliesTo">,
): boolean => report.second_direction === 1 && section === DIRECTIONAL_SECTION && appliesTo === "case";

export type Section = { code: string; labelFr: string; labelEn: string; noteFr: string | null };

export type Factor = {
  code: string;
  /** Code of a section of the same codebook. */
  section: string;
  labelFr: string;
  labelEn: string;
  definitionFr: string;
  /** What is to be coded under it, and what belongs elsewhere; a made-up example. */
  includeFr: string | null;
  excludeFr: string | null;
  exampleFr: string | null;
  type: FactorType;
  appliesTo: AppliesTo;
  /** In the order of the file; empty for presence, number and date, and where `optionsRef` names an outside list. */
  options: Option[];
  optionsRef: "cog_departement" | "ressort_judiciaire" | null;
  unit: string | null;
  /** Counts among the risk factors of a case. */
  riskFactor: boolean;
  /** Kind of protected data: health, sex_life, criminal or vulnerability. */
  sensitive: string | null;
  /** `quasi_identifier`: never crossed in a publication without control of small groups. */
  disclosure: string | null;
  /** Month (YYYY-MM) from which the measure or tool existed. */
  availableFrom: string | null;
  indicatorTermsFr: string[];
  /** Codes of `sources`. */
  sourceRefs: string[];
};

export type Classification = {
  addressees: Option[];
  levels: Option[];
  themes: Option[];
  types: Option[];
  followUpStatuses: Option[];
  wordingChecks: Option[];
};

export type Source = {
  code: string;
  title: string;
  publisher: string;
  /** What the mapping of factors to this publication rests on. */
  basis: string | null;
};

/** What qualifies every coding: on what it rests, who knew when, how sure the coder is. Only "passage_refs" has no options. */
export type Qualifier = Option & { options: Option[] };

export type CodebookDefinition = {
  id: string;
  version: string;
  status: string;
  titleFr: string;
  titleEn: string;
  unitOfAnalysisFr: string;
  defaultLanguage: string | null;
  noteFr: string | null;
  /** present, absent, unknown; the coding rule stands in `definitionFr`. */
  presence: Option[];
  /** Options of a `multi` factor that exclude every other one. */
  exclusiveOptions: string[];
  exclusiveRuleFr: string | null;
  qualifiers: Qualifier[];
  /** Options of the qualifiers, by name. */
  evidenceBasis: Option[];
  knownWhen: Option[];
  confidence: Option[];
  /** What the marks of factors mean. */
  flags: { code: string; textFr: string }[];
  sections: Section[];
  factors: Factor[];
  recommendation: Classification;
  sources: Source[];
};

/** One reason why a file is not a codebook: the line (from 1) and a French sentence that names the code concerned. */
export type Problem = { line: number; message: string };

export const FACTOR_TYPES: readonly FactorType[] = ["presence", "category", "multi", "number", "date"];
export const APPLIES_TO: readonly AppliesTo[] = ["case", "victim", "perpetrator", "child"];
export const OPTIONS_REFS = ["cog_departement", "ressort_judiciaire"] as const;
export const SENSITIVE = ["health", "sex_life", "criminal", "vulnerability"] as const;
export const DISCLOSURE = ["quasi_identifier"] as const;
const PRESENCE_CODES = ["present", "absent", "unknown"] as const;
const QUALIFIERS = ["evidence_basis", "known_when", "passage_refs", "coder_confidence"] as const;
/** Codes of factors, options, sections and sources. */
export const CODE = /^[a-z0-9_]+$/;
const IDENTIFIER = /^[a-z0-9_-]+$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** One mapping of the file while it is being read: `where` names it in messages (« le facteur « tgd » »). */
type Entry = { node: YAMLMap; where: string; line: number };

/**
 * Reads a codebook written in YAML and checks everything that the rest of the house relies on: known keys only, codes unique and well formed,
 * both labels on each option, known types, sections and sources. Either the whole definition, or every problem found, in the order of the
 * lines; a syntax error is reported alone, since what follows it cannot be trusted.
 */
export function parseCodebook(
  yaml: string,
): { kind: "codebook"; definition: CodebookDefinition } | { kind: "problems"; problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = [];
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      problems.push({ line: lines.linePos(error.pos[0]).line, message: syntaxMessage(error.code, error.message) });
    }
    return { kind: "problems", problems };
  }

  const report = (line: number, message: string): void => {
    problems.push({ line: Math.max(1, line), message });
  };
  const reader = readerOf(lines, report);

  if (!isMap(document.contents)) {
    return {
      kind: "problems",
      problems: [{ line: 1, message: "Le fichier est vide ou n’est pas une grille : un bloc de clés est attendu." }],
    };
  }
  const root: Entry = { node: document.contents, where: "la grille", line: reader.lineOf(document.contents) };
  reader.keys(root, [
    "codebook",
    "presence_scale",
    "multi_rules",
    "coding_qualifiers",
    "flags",
    "sources",
    "sections",
    "factors",
    "recommendation_classification",
  ]);

  const head = reader.map(root, "codebook", "l’en-tête « codebook »");
  if (head) reader.keys(head, ["id", "version", "status", "default_language", "title_fr", "title_en", "unit_of_analysis_fr", "note_fr"]);
  const id = reader.text(head, "id");
  if (id !== "" && !IDENTIFIER.test(id)) {
    report(
      reader.lineOfKey(head, "id"),
      `L’identifiant « ${id} » de la grille n’admet que minuscules sans accent, chiffres, « - » et « _ ».`,
    );
  }
  const version = reader.text(head, "version");
  if (version !== "" && !VERSION.test(version)) {
    report(reader.lineOfKey(head, "version"), `La version « ${version} » n’a pas la forme attendue (par exemple 1.0.0).`);
  }

  const presence = reader.options(root, "presence_scale", { definition: "rule_fr", definitionRequired: true });
  for (const code of PRESENCE_CODES) {
    if (root.node.has("presence_scale") && !presence.some((option) => option.code === code)) {
      report(reader.lineOfKey(root, "presence_scale"), `L’échelle de présence n’a pas la valeur « ${code} ».`);
    }
  }
  for (const option of presence) {
    if (option.code !== "" && !PRESENCE_CODES.some((code) => code === option.code)) {
      report(reader.lineOfKey(root, "presence_scale"), `L’échelle de présence n’admet pas la valeur « ${option.code} ».`);
    }
  }

  const rules = reader.map(root, "multi_rules", "le bloc « multi_rules »");
  if (rules) reader.keys(rules, ["exclusive_options", "rule_fr"]);
  const exclusiveOptions = reader.texts(rules, "exclusive_options");
  const exclusiveRuleFr = reader.optionalText(rules, "rule_fr");

  const qualifiers = new Map<string, Qualifier>();
  for (const entry of reader.list(root, "coding_qualifiers", "le qualificateur")) {
    reader.keys(entry, ["code", "label_fr", "label_en", "definition_fr", "options"]);
    const code = reader.code(entry);
    const words = {
      labelFr: reader.text(entry, "label_fr"),
      labelEn: reader.text(entry, "label_en"),
      definitionFr: reader.optionalText(entry, "definition_fr"),
    };
    if (code === "") continue;
    if (!isOneOf(QUALIFIERS, code)) {
      report(entry.line, `Le qualificateur « ${code} » est inconnu (attendus : ${QUALIFIERS.join(", ")}).`);
      continue;
    }
    qualifiers.set(code, { code, ...words, options: entry.node.has("options") ? reader.options(entry, "options", {}) : [] });
  }
  for (const code of ["evidence_basis", "known_when", "coder_confidence"]) {
    if (root.node.has("coding_qualifiers") && (qualifiers.get(code)?.options ?? []).length === 0) {
      report(reader.lineOfKey(root, "coding_qualifiers"), `Le qualificateur « ${code} » manque ou n’a pas d’options.`);
    }
  }

  const flagTexts: CodebookDefinition["flags"] = [];
  if (root.node.has("flags")) {
    const flags = reader.map(root, "flags", "le bloc « flags »");
    if (flags) {
      reader.keys(flags, ["risk_factor", "sensitive", "disclosure", "available_from"]);
      for (const code of reader.keyNames(flags)) flagTexts.push({ code, textFr: reader.text(flags, code) });
    }
  }

  const sources: Source[] = [];
  const sourceMap = reader.map(root, "sources", "le bloc « sources »");
  for (const code of sourceMap ? reader.keyNames(sourceMap) : []) {
    const entry = reader.map(sourceMap, code, `la source « ${code} »`);
    if (!entry) continue;
    if (!CODE.test(code)) report(entry.line, malformed(code));
    reader.keys(entry, ["title", "publisher", "basis_of_mapping"]);
    sources.push({
      code,
      title: reader.text(entry, "title"),
      publisher: reader.text(entry, "publisher"),
      basis: reader.optionalText(entry, "basis_of_mapping"),
    });
  }

  const sections: Section[] = [];
  for (const entry of reader.list(root, "sections", "la section")) {
    reader.keys(entry, ["code", "label_fr", "label_en", "note_fr"]);
    sections.push({
      code: reader.code(entry),
      labelFr: reader.text(entry, "label_fr"),
      labelEn: reader.text(entry, "label_en"),
      noteFr: reader.optionalText(entry, "note_fr"),
    });
  }
  const sectionCodes = new Set(sections.map((section) => section.code));
  const sourceCodes = new Set(sources.map((source) => source.code));

  const factors = reader
    .list(root, "factors", "le facteur")
    .map((entry) => readFactor(entry, reader, report, { sections: sectionCodes, sources: sourceCodes }));

  const classification = reader.map(root, "recommendation_classification", "le bloc « recommendation_classification »");
  if (classification) {
    reader.keys(classification, ["addressees", "levels", "themes", "types", "follow_up_statuses", "wording_checks"]);
  }
  const classified = (key: string): Option[] => (classification ? reader.options(classification, key, {}) : []);

  const definition: CodebookDefinition = {
    id,
    version,
    status: reader.text(head, "status"),
    titleFr: reader.text(head, "title_fr"),
    titleEn: reader.text(head, "title_en"),
    unitOfAnalysisFr: reader.text(head, "unit_of_analysis_fr"),
    defaultLanguage: reader.optionalText(head, "default_language"),
    noteFr: reader.optionalText(head, "note_fr"),
    presence,
    exclusiveOptions,
    exclusiveRuleFr,
    qualifiers: [...qualifiers.values()],
    evidenceBasis: qualifiers.get("evidence_basis")?.options ?? [],
    knownWhen: qualifiers.get("known_when")?.options ?? [],
    confidence: qualifiers.get("coder_confidence")?.options ?? [],
    flags: flagTexts,
    sections,
    factors,
    recommendation: {
      addressees: classified("addressees"),
      levels: classified("levels"),
      themes: classified("themes"),
      types: classified("types"),
      followUpStatuses: classified("follow_up_statuses"),
      wordingChecks: classified("wording_checks"),
    },
    sources,
  };
  if (problems.length > 0) return { kind: "problems", problems: problems.toSorted((a, b) => a.line - b.line) };
  return { kind: "codebook", definition };
}

const FACTOR_KEYS = [
  "code",
  "section",
  "label_fr",
  "label_en",
  "definition_fr",
  "include_fr",
  "exclude_fr",
  "example_fr",
  "type",
  "applies_to",
  "options",
  "options_ref",
  "unit",
  "risk_factor",
  "sensitive",
  "disclosure",
  "available_from",
  "indicator_terms_fr",
  "source_refs",
] as const;

function readFactor(
  entry: Entry,
  reader: Reader,
  report: (line: number, message: string) => void,
  known: { sections: Set<string>; sources: Set<string> },
): Factor {
  reader.keys(entry, FACTOR_KEYS);
  const code = reader.code(entry);
  const { where } = entry;
  const at = (key: string): number => reader.lineOfKey(entry, key);

  const section = reader.text(entry, "section");
  if (section !== "" && !known.sections.has(section)) {
    report(at("section"), `${capital(where)} est rangé dans une section inconnue : « ${section} ».`);
  }
  const type = reader.oneOf(entry, "type", FACTOR_TYPES);
  const appliesTo = reader.oneOf(entry, "applies_to", APPLIES_TO);
  const optionsRef = entry.node.has("options_ref") ? reader.oneOf(entry, "options_ref", OPTIONS_REFS) : null;
  const options = entry.node.has("options") ? reader.options(entry, "options", {}) : [];

  if (type === "category" || type === "multi") {
    if (options.length === 0 && !entry.node.has("options_ref")) {
      report(entry.line, `${capital(where)} est à choisir dans une liste : il lui faut « options » ou « options_ref ».`);
    }
    if (entry.node.has("options") && entry.node.has("options_ref")) {
      report(at("options_ref"), `${capital(where)} a à la fois « options » et « options_ref » : une seule des deux est admise.`);
    }
  } else if (type !== null) {
    for (const key of ["options", "options_ref"]) {
      if (entry.node.has(key)) report(at(key), `${capital(where)} est de type « ${type} », qui n’admet pas « ${key} ».`);
    }
  }

  const availableFrom = reader.optionalText(entry, "available_from");
  if (availableFrom !== null && !MONTH.test(availableFrom)) {
    report(
      at("available_from"),
      `${capital(where)} : « available_from » doit être un mois de la forme AAAA-MM, et non « ${availableFrom} ».`,
    );
  }
  const sourceRefs = reader.texts(entry, "source_refs");
  for (const source of sourceRefs) {
    if (!known.sources.has(source)) report(at("source_refs"), `${capital(where)} renvoie à une source inconnue : « ${source} ».`);
  }

  return {
    code,
    section,
    labelFr: reader.text(entry, "label_fr"),
    labelEn: reader.text(entry, "label_en"),
    definitionFr: reader.text(entry, "definition_fr"),
    includeFr: reader.optionalText(entry, "include_fr"),
    excludeFr: reader.optionalText(entry, "exclude_fr"),
    exampleFr: reader.optionalText(entry, "example_fr"),
    type: type ?? "presence",
    appliesTo: appliesTo ?? "case",
    options,
    optionsRef,
    unit: reader.optionalText(entry, "unit"),
    riskFactor: reader.flag(entry, "risk_factor"),
    sensitive: entry.node.has("sensitive") ? reader.oneOf(entry, "sensitive", SENSITIVE) : null,
    disclosure: entry.node.has("disclosure") ? reader.oneOf(entry, "disclosure", DISCLOSURE) : null,
    availableFrom,
    indicatorTermsFr: entry.node.has("indicator_terms_fr") ? reader.texts(entry, "indicator_terms_fr") : [],
    sourceRefs,
  };
}

/** Controls other than the end of a line, and halves of characters. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\ufeff\ufffe\uffff]|\p{Cs}/u;

type Reader = ReturnType<typeof readerOf>;

/** The few ways in which a file is read, each reporting what it misses. A missing mapping (null) is reported once, by whoever looked for it. */
function readerOf(lines: LineCounter, report: (line: number, message: string) => void) {
  const lineOf = (node: Node | null | undefined): number => (node?.range ? lines.linePos(node.range[0]).line : 1);

  const lineOfKey = (entry: Entry | null, key: string): number => {
    const pair = entry?.node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    return pair && isScalar(pair.key) ? lineOf(pair.key) : (entry?.line ?? 1);
  };

  const keyNames = (entry: Entry): string[] => entry.node.items.map((item) => (isScalar(item.key) ? String(item.key.value) : ""));

  /** A typo in a key must not pass silently: whatever is not in the list is reported. */
  const keys = (entry: Entry, allowed: readonly string[]): void => {
    for (const name of keyNames(entry)) {
      if (!allowed.includes(name)) report(lineOfKey(entry, name), `Clé inconnue « ${name} » dans ${entry.where}.`);
    }
  };

  /** The text of a scalar as it was typed, so that `1.10` or `2019-11` keep their form; null when there is none. */
  const scalarText = (node: unknown): string | null => {
    if (!isScalar(node) || node.value === null) return null;
    const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    const clean = text.replace(/\r\n?/g, "\n").replace(/\t/g, " ").trim();
    if (UNPRINTABLE.test(clean)) report(lineOf(node), "Un texte contient un caractère de contrôle, que rien n’affiche.");
    return clean === "" ? null : clean;
  };

  const optionalText = (entry: Entry | null, key: string): string | null => {
    if (!entry?.node.has(key)) return null;
    const text = scalarText(entry.node.get(key, true));
    if (text === null) report(lineOfKey(entry, key), `« ${key} » est vide ou n’est pas un texte dans ${entry.where}.`);
    return text;
  };

  const text = (entry: Entry | null, key: string): string => {
    if (!entry) return "";
    if (!entry.node.has(key)) {
      report(entry.line, `Il manque « ${key} » dans ${entry.where}.`);
      return "";
    }
    return optionalText(entry, key) ?? "";
  };

  const texts = (entry: Entry | null, key: string): string[] => {
    if (!entry) return [];
    if (!entry.node.has(key)) {
      report(entry.line, `Il manque « ${key} » dans ${entry.where}.`);
      return [];
    }
    const node = entry.node.get(key, true) as unknown;
    if (!isSeq(node)) {
      report(lineOfKey(entry, key), `« ${key} » doit être une liste dans ${entry.where}.`);
      return [];
    }
    return node.items.flatMap((item) => {
      const value = scalarText(item);
      if (value === null)
        report(lineOf(item as Node), `« ${key} » contient un élément vide ou qui n’est pas un texte dans ${entry.where}.`);
      else if (value.includes("\n"))
        report(lineOf(item as Node), `« ${key} » contient un élément de plusieurs lignes dans ${entry.where}.`);
      return value === null ? [] : [value];
    });
  };

  const flag = (entry: Entry, key: string): boolean => {
    if (!entry.node.has(key)) return false;
    const value = entry.node.get(key);
    if (typeof value !== "boolean") report(lineOfKey(entry, key), `« ${key} » doit valoir true ou false dans ${entry.where}.`);
    return value === true;
  };

  const oneOf = <T extends string>(entry: Entry, key: string, allowed: readonly T[]): T | null => {
    const value = text(entry, key);
    if (value === "") return null;
    if (isOneOf(allowed, value)) return value;
    report(lineOfKey(entry, key), `« ${key} » vaut « ${value} » dans ${entry.where} ; valeurs admises : ${allowed.join(", ")}.`);
    return null;
  };

  const code = (entry: Entry): string => {
    const value = text(entry, "code");
    if (value !== "" && !CODE.test(value)) report(lineOfKey(entry, "code"), malformed(value));
    return value;
  };

  const map = (entry: Entry | null, key: string, where: string): Entry | null => {
    if (!entry) return null;
    if (!entry.node.has(key)) {
      report(entry.line, `Il manque « ${key} » dans ${entry.where}.`);
      return null;
    }
    const node = entry.node.get(key, true) as unknown;
    if (!isMap(node)) {
      report(lineOfKey(entry, key), `${capital(where)} doit être un bloc de clés.`);
      return null;
    }
    return { node, where, line: lineOfKey(entry, key) };
  };

  /** The mappings of a list, each named by its code; a code that comes back is reported at its second line. */
  const list = (parent: Entry, key: string, noun: string): Entry[] => {
    if (!parent.node.has(key)) {
      report(parent.line, `Il manque « ${key} » dans ${parent.where}.`);
      return [];
    }
    const node = parent.node.get(key, true) as unknown;
    if (!isSeq(node) || node.items.length === 0) {
      report(lineOfKey(parent, key), `« ${key} » doit être une liste non vide dans ${parent.where}.`);
      return [];
    }
    const seen = new Map<string, number>();
    return node.items.flatMap((item) => {
      const line = lineOf(item as Node);
      if (!isMap(item)) {
        report(
          line,
          `« ${key} » contient un élément qui n’est pas ${isAlias(item) ? "écrit en toutes lettres (alias YAML)" : "un bloc de clés"}.`,
        );
        return [];
      }
      const itemCode = scalarText(item.get("code", true)) ?? "";
      const of = parent.where === "la grille" ? "" : ` ${elide(parent.where)}`;
      const where = itemCode === "" ? `${noun} sans code${of} (ligne ${line})` : `${noun} « ${itemCode} »${of}`;
      const first = seen.get(itemCode);
      if (itemCode !== "" && first !== undefined) report(line, `${capital(where)} reprend un code déjà employé à la ligne ${first}.`);
      else seen.set(itemCode, line);
      return [{ node: item, where, line }];
    });
  };

  const options = (parent: Entry, key: string, rules: { definition?: string; definitionRequired?: boolean }): Option[] => {
    const definition = rules.definition ?? "definition_fr";
    return list(parent, key, "l’option").map((entry) => {
      keys(entry, ["code", "label_fr", "label_en", definition]);
      return {
        code: code(entry),
        labelFr: text(entry, "label_fr"),
        labelEn: text(entry, "label_en"),
        definitionFr: rules.definitionRequired ? text(entry, definition) : optionalText(entry, definition),
      };
    });
  };

  return { lineOf, lineOfKey, keyNames, keys, text, optionalText, texts, flag, oneOf, code, map, list, options };
}

/** What is wrong with the YAML itself, in words for whoever edits the file; the parser's own words only where ours would say less. */
function syntaxMessage(code: string, message: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "La même clé figure deux fois dans ce bloc.";
    case "TAB_AS_INDENT":
      return "Le retrait est fait d’une tabulation : YAML n’admet que des espaces.";
    case "BAD_INDENT":
      return "Le retrait de cette ligne ne correspond pas à celui du bloc.";
    case "MISSING_CHAR":
      return "Il manque un guillemet, une virgule, un deux-points ou un crochet.";
    case "MULTILINE_IMPLICIT_KEY":
    case "BLOCK_AS_IMPLICIT_KEY":
      return "Une clé doit tenir sur une ligne et finir par un deux-points ; un texte contenant « : » se met entre guillemets.";
    default:
      return `Le fichier n’est pas du YAML valable : ${message}`;
  }
}

const malformed = (code: string): string => `Le code « ${code} » n’admet que minuscules sans accent, chiffres et « _ ».`;

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

/** « le facteur … » → « du facteur … », so that a nested entry is named in readable French. */
const elide = (where: string): string => (where.startsWith("le ") ? `du ${where.slice(3)}` : `de ${where}`);

const isOneOf = <T extends string>(allowed: readonly T[], value: string): value is T => (allowed as readonly string[]).includes(value);
