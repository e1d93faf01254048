import type { CodebookDefinition, Factor } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { type Language, type T, translator } from "../http/words.ts";
import { foldText } from "../reports/fold.ts";
import { ACT_KINDS, ISSUING_KINDS, PROCEEDINGS, SEXES } from "../reports/forms.ts";
import { COURTS, DEPARTMENTS } from "../reports/places.ts";
import type { Target } from "./targets.ts";

/** A list that values of columns are matched with; columns of the same list share what was decided: every factor of presence, for one. */
export type Scale = "presence" | "department" | "court" | "actKind" | "proceedings" | "issuingKind" | "sex" | `factor.${string}`;

/** The value is left as if its cell were empty. */
export const LEFT_EMPTY = "-";
const UNKNOWN = "unknown";

/** The list that a column's values come from; null where they are dates, numbers or text. */
export function scaleOf(target: Target): Scale | null {
  if (target.kind === "sex") return "sex";
  if (target.kind === "count") return null;
  if (target.kind === "factor") {
    const { factor } = target;
    if (factor.type === "presence") return "presence";
    if (factor.optionsRef === "cog_departement") return "department";
    if (factor.optionsRef === "ressort_judiciaire") return "court";
    return factor.type === "category" || factor.type === "multi" ? `factor.${factor.code}` : null;
  }
  switch (target.field) {
    case "department":
    case "court":
    case "actKind":
    case "proceedings":
    case "issuingKind":
      return target.field;
    default:
      return null;
  }
}

const factorOf = (scale: Scale, { factors }: Pick<CodebookDefinition, "factors">): Factor | undefined =>
  scale.startsWith("factor.") ? factors.find(({ code }) => code === scale.slice("factor.".length)) : undefined;

/** The choices of a list, as a page offers them. */
export function scaleChoices(scale: Scale, definition: CodebookDefinition, t: T, language: Language): { value: string; label: string }[] {
  const coded = <Code extends string>(codes: readonly Code[], label: (code: Code) => string) =>
    codes.map((value) => ({ value, label: label(value) }));
  switch (scale) {
    case "presence":
      return definition.presence.map((option) => ({ value: option.code, label: labelOf(option, language) }));
    case "department":
      return DEPARTMENTS.map(({ code, name }) => ({ value: code, label: `${code} – ${name}` }));
    case "court":
      return COURTS.map(({ srj, name }) => ({ value: srj, label: name }));
    case "actKind":
      return coded(ACT_KINDS, (code) => t(`reports.actKinds.${code}`));
    case "proceedings":
      return coded(PROCEEDINGS, (code) => t(`reports.proceedings.${code}`));
    case "issuingKind":
      return coded(ISSUING_KINDS, (code) => t(`reports.issuingKinds.${code}`));
    case "sex":
      return coded(SEXES, (code) => t(`imports.sexes.${code}`));
    default: {
      const options = factorOf(scale, definition)?.options ?? [];
      const choices = options.map((option) => ({ value: option.code, label: labelOf(option, language) }));
      return options.some(({ code }) => code === UNKNOWN) ? choices : [...choices, { value: UNKNOWN, label: t("imports.values.unknown") }];
    }
  }
}

const words = (list: string): Set<string> => new Set(list.split("|"));
/** Said in a cell, they say that nothing is known. A bare dash, a zero or a one say too little to be guessed. */
const NOT_KNOWN = words(
  "nsp|ne sait pas|nc|n.c.|nr|n.r.|nd|n.d.|non connu|non connue|non communique|non renseigne|non renseignee|non precise|non precisee|non documente|non documentee|inconnu|inconnue|indetermine|indeterminee|?|unknown|not known|not documented|n/k",
);
const YES = words("oui|o|yes|y|vrai|true|present|presente|x");
const NO = words("non|no|n|faux|false|absent|absente");
const SEX_WORDS: Record<string, string> = {
  f: "female", femme: "female", feminin: "female", fille: "female", woman: "female", w: "female",
  m: "male", h: "male", homme: "male", masculin: "male", garcon: "male", man: "male",
}; // biome-ignore format: a table
const KIND_WORDS: Record<string, Record<string, string>> = {
  actKind: {
    "homicide consomme": "homicide", meurtre: "homicide", assassinat: "homicide", feminicide: "homicide",
    tentative: "attempted_homicide", "tentative de meurtre": "attempted_homicide", "tentative d'assassinat": "attempted_homicide",
    "suicide force": "forced_suicide",
  },
  proceedings: { enquete: "preliminary_investigation", instruction: "judicial_investigation", jugee: "judged", juge: "judged", definitif: "final" },
  issuingKind: { parquet: "prosecutor", "parquet general": "general_prosecutor", igj: "inspection", igpn: "inspection", iggn: "inspection" },
}; // biome-ignore format: a table

/** A department by its number or name, a court by its code or its town; what precedes the name of the town left out. */
const townOf = (folded: string): string =>
  folded
    .replace(/^(?:tribunal judiciaire|tribunal|tj|tgi|parquet)(?: (?:de la|de|du|des|d'|d))? ?/, "")
    .replace(/^(?:la|le|les) /, "")
    .replace(/-/g, " ");
const departmentNames = new Map(
  DEPARTMENTS.flatMap(({ code, name }) =>
    [code.toLowerCase(), foldText(name), foldText(`${name} (${code})`), foldText(`${code} - ${name}`)].map((key) => [key, code]),
  ),
);
const courtNames = new Map(
  COURTS.flatMap(({ srj, name }) => [srj.toLowerCase(), foldText(name), townOf(foldText(name))].map((key) => [key, srj])),
);

/** The matcher of a list: gives the code that a folded value says by itself, or null. Made once, asked for every cell. */
function matcherOf(
  scale: Scale,
  definition: CodebookDefinition,
  translations: readonly { t: T; language: Language }[],
): (folded: string) => string | null {
  if (scale === "department") return (folded) => departmentNames.get(folded) ?? departmentNames.get(folded.padStart(2, "0")) ?? null;
  if (scale === "court") return (folded) => courtNames.get(folded) ?? courtNames.get(townOf(folded)) ?? null;
  const known = new Map<string, string>();
  const put = (name: string, code: string) => {
    if (name !== "" && !known.has(name)) known.set(name, code);
  };
  const codes = new Set<string>();
  for (const { t, language } of translations)
    for (const { value, label } of scaleChoices(scale, definition, t, language)) {
      codes.add(value);
      put(value, value);
      put(value.replaceAll("_", " "), value);
      put(foldText(label), value);
    }
  // "Autre domicile" for « Autre domicile (proche, nouveau partenaire) », where no other choice begins alike.
  for (const { t, language } of translations)
    for (const { value, label } of scaleChoices(scale, definition, t, language)) put(foldText(label.replace(/\s*\(.*$/, "")), value);
  const also: Record<string, string> = scale === "sex" ? SEX_WORDS : (KIND_WORDS[scale] ?? {});
  for (const [name, code] of Object.entries(also)) put(name, code);
  if (scale === "presence") {
    for (const name of YES) put(name, "present");
    for (const name of NO) put(name, "absent");
  }
  if (codes.has(UNKNOWN)) for (const name of NOT_KNOWN) put(name, UNKNOWN);
  return (folded) => known.get(folded) ?? null;
}

const made = new WeakMap<CodebookDefinition, Map<Scale, (folded: string) => string | null>>();
/** What a folded value of a list says by itself, under a codebook version. */
export function matching(definition: CodebookDefinition): (scale: Scale, folded: string) => string | null {
  const known = made.get(definition) ?? new Map<Scale, (folded: string) => string | null>();
  made.set(definition, known);
  return (scale, folded) => {
    let matcher = known.get(scale);
    if (!matcher) {
      matcher = matcherOf(scale, definition, LANGUAGES);
      known.set(scale, matcher);
    }
    return matcher(folded);
  };
}
/** Old spreadsheets were filled in either language, whatever the reader's. */
export const LANGUAGES = (["fr", "en"] as const).map((language) => ({ t: translator(language), language }));

/** Whether a folded text says that nothing is known, for numbers and dates too. */
export const saysNotKnown = (folded: string): boolean => NOT_KNOWN.has(folded);

/** The values that one cell of a factor with several values holds: the cell itself where it is known, else what its separators part. */
export function partsOf(folded: string, isKnown: (folded: string) => boolean): string[] {
  if (isKnown(folded)) return [folded];
  for (const separator of [/[;|\n]/, /\s\+\s|\/|,/]) {
    const parts = folded
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== "");
    if (parts.length > 1) return parts;
  }
  return [folded];
}
