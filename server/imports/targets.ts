import type { CodebookDefinition, Factor } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import type { Language, T } from "../http/words.ts";
import { foldText } from "../reports/fold.ts";
import { PERSON_KINDS, SEXES } from "../reports/forms.ts";

export const SHEET_FIELDS = [
  "actDate",
  "receivedOn",
  "department",
  "court",
  "issuingKind",
  "issuingService",
  "actKind",
  "proceedings",
  "reference",
] as const;
export type SheetField = (typeof SHEET_FIELDS)[number];
export type PersonKind = (typeof PERSON_KINDS)[number];
export type Sex = (typeof SEXES)[number];
/** Numbers of people offered in lists; others up to 20 can be typed. */
const OFFERED = 2;
const MOST_PEOPLE = 20;

/** What a column means. */
export type Target =
  | { kind: "sheet"; field: SheetField }
  | { kind: "count"; of: PersonKind; sex: Sex | null }
  | { kind: "sex"; of: PersonKind; number: number }
  | { kind: "factor"; factor: Factor; number: number | null };

const isKind = (text: string | undefined): text is PersonKind => PERSON_KINDS.some((kind) => kind === text);
const numberIn = (text: string | undefined): number | null =>
  text !== undefined && /^[1-9]\d?$/.test(text) && Number(text) <= MOST_PEOPLE ? Number(text) : null;

/** The target of a code ("sheet.actDate", "count.victim", "count.child.female", "sex.victim.1", "factor.tgd", "factor.victim_age.2"); null for none. */
export function targetOf(code: string, { factors }: Pick<CodebookDefinition, "factors">): Target | null {
  const [kind, name, more, extra] = code.split(".");
  if (extra !== undefined) return null;
  const field = SHEET_FIELDS.find((one) => one === name);
  if (kind === "sheet") return field && more === undefined ? { kind, field } : null;
  if (kind === "count" && isKind(name)) {
    const sex = SEXES.find((one) => one === more);
    return more === undefined || sex ? { kind, of: name, sex: sex ?? null } : null;
  }
  const number = numberIn(more);
  if (kind === "sex" && isKind(name)) return number ? { kind, of: name, number } : null;
  const factor = kind === "factor" ? factors.find((one) => one.code === name) : undefined;
  if (!factor || (factor.appliesTo === "case") !== (more === undefined)) return null;
  return factor.appliesTo === "case" || number ? { kind: "factor", factor, number } : null;
}

/** What a column may mean, as it is read and typed. */
export function targetLabel(target: Target, t: T, language: Language): string {
  switch (target.kind) {
    case "sheet":
      return t("imports.targets.sheet", { field: t(`imports.fields.${target.field}`) });
    case "count":
      return target.sex
        ? t("imports.targets.countOf", { people: t(`imports.people.${target.of}`), sex: t(`imports.sexes.${target.sex}`) })
        : t("imports.targets.count", { people: t(`imports.people.${target.of}`) });
    case "sex":
      return t("imports.targets.sex", { person: t(`imports.person.${target.of}`, { number: target.number }) });
    case "factor": {
      const label = labelOf(target.factor, language);
      return target.number === null
        ? label
        : t("imports.targets.person", {
            label,
            person: t(`imports.person.${target.factor.appliesTo as PersonKind}`, { number: target.number }),
          });
    }
  }
}

/** Every code that a list offers, in the order of the sheet and of the codebook. */
export const offeredTargets = ({ factors }: Pick<CodebookDefinition, "factors">): string[] => {
  const numbers = Array.from({ length: OFFERED }, (_, at) => at + 1);
  return [
    ...SHEET_FIELDS.map((field) => `sheet.${field}`),
    ...PERSON_KINDS.flatMap((kind) => [`count.${kind}`, ...SEXES.map((sex) => `count.${kind}.${sex}`)]),
    ...PERSON_KINDS.flatMap((kind) => numbers.map((number) => `sex.${kind}.${number}`)),
    ...factors.flatMap(({ code, appliesTo }) =>
      appliesTo === "case" ? [`factor.${code}`] : numbers.map((number) => `factor.${code}.${number}`),
    ),
  ];
};

/** Finds the code of what somebody typed: a label of the list in either language, with any number of a person, or a code. */
export function targetFinder(
  definition: CodebookDefinition,
  words: readonly { t: T; language: Language }[],
): (typed: string) => string | null {
  const known = new Map<string, string>();
  const targets = offeredTargets(definition).map((code) => ({ code, target: targetOf(code, definition)! }));
  for (const { t, language } of words) for (const { code, target } of targets) known.set(foldText(targetLabel(target, t, language)), code);
  return (typed) => {
    const folded = foldText(typed);
    const found = known.get(folded);
    if (found) return found;
    if (targetOf(typed, definition)) return typed;
    const factor = definition.factors.find(({ code }) => code === folded);
    if (factor) return factor.appliesTo === "case" ? `factor.${factor.code}` : `factor.${factor.code}.1`;
    const numbered = /^(.*\D)(\d{1,2})$/s.exec(folded);
    const first = numbered && known.get(`${numbered[1]}1`);
    const code = numbered && first?.replace(/\.1$/, `.${numbered[2]}`);
    return code && targetOf(code, definition) ? code : null;
  };
}

/** Other ways in which old spreadsheets head the columns of a sheet, folded. */
const HEADINGS: Record<string, readonly string[]> = {
  "sheet.actDate": ["date des faits", "date faits", "date du fait", "date de l'acte", "date de commission", "act date", "date of act"],
  "sheet.receivedOn": ["date de reception", "recu le", "date reception", "date de saisine", "date d'arrivee", "received on", "date received"],
  "sheet.department": ["departement", "departement des faits", "dept", "dpt", "dep", "code departement", "department"],
  "sheet.court": ["tribunal", "tribunal judiciaire", "tj", "tgi", "juridiction", "parquet", "ressort", "court"],
  "sheet.issuingKind": ["nature du service", "type de service", "origine", "nature du service emetteur"],
  "sheet.issuingService": ["service emetteur", "service", "emetteur", "redacteur", "issuing service"],
  "sheet.actKind": ["nature des faits", "nature de l'acte", "type de fait", "type d'acte", "faits", "act kind"],
  "sheet.proceedings": ["etat de la procedure", "procedure", "stade de la procedure", "proceedings"],
  "sheet.reference": ["reference", "ref", "numero", "n°", "no", "n", "identifiant", "id", "numero de dossier", "dossier", "affaire", "numero d'affaire", "cas"],
  "count.victim": ["nombre de victimes", "nb victimes", "nb de victimes", "victimes"],
  "count.perpetrator": ["nombre d'auteurs", "nb auteurs", "nb d'auteurs", "auteurs", "nombre d'auteurs presumes"],
  "count.child": ["nombre d'enfants", "nb enfants", "nb d'enfants", "enfants"],
  "sex.victim.1": ["sexe de la victime", "sexe victime", "sexe victime 1"],
  "sex.perpetrator.1": ["sexe de l'auteur", "sexe auteur", "sexe du mis en cause", "sexe auteur 1"],
  "sex.child.1": ["sexe de l'enfant", "sexe enfant", "sexe enfant 1"],
}; // biome-ignore format: lists

const EMPTY_WORDS = new Set("de du des d l la le les un une au aux a et ou par en dans sur the of a an".split(" "));
const wordsOf = (text: string): string[] =>
  foldText(text)
    .replace(/[_/().,:;?'"°-]+/g, " ")
    .split(" ")
    .filter((word) => word !== "" && !EMPTY_WORDS.has(word))
    .map((word) => (word.length > 4 ? word.replace(/s$/, "") : word));

/** How alike two lists of words are, from 0 to 1: what they share of what they hold together. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [new Set(a), new Set(b)];
  if (one.size === 0 || other.size === 0) return 0;
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / (one.size + other.size - shared);
}

const LIKE_ENOUGH = 0.6;
/**
 * What the headings probably mean: each target at most once, the most alike first; an empty code where nothing is alike enough. "Âge de la
 * victime 2" is the second victim's.
 */
export function proposeTargets(headers: readonly string[], definition: CodebookDefinition): string[] {
  const candidates = [
    ...Object.entries(HEADINGS).flatMap(([code, names]) => names.map((name) => ({ code, name }))),
    ...definition.factors.flatMap(({ code, labelFr, labelEn, appliesTo }) =>
      [labelFr, labelEn, code].map((name) => ({ code: `factor.${code}${appliesTo === "case" ? "" : ".1"}`, name })),
    ),
  ].map(({ code, name }) => ({ code, folded: foldText(name), words: wordsOf(name) }));
  const scored = headers.flatMap((header, column) => {
    if (header.trim() === "") return [];
    const number = numberIn(/\D0?(\d{1,2})\s*$/.exec(header)?.[1]);
    const folded = foldText(header);
    const words = wordsOf(header);
    const bare = number === null ? words : words.slice(0, -1);
    return candidates.flatMap((candidate) => {
      const person = candidate.code.endsWith(".1");
      const score = candidate.folded === folded ? 2 : likeness(person ? bare : words, candidate.words);
      const code = person && number !== null ? candidate.code.replace(/1$/, String(number)) : candidate.code;
      return score >= LIKE_ENOUGH ? [{ column, code, score }] : [];
    });
  });
  const proposed = headers.map(() => "");
  const taken = new Set<string>();
  for (const { column, code } of scored.sort((a, b) => b.score - a.score || a.column - b.column)) {
    if (proposed[column] !== "" || taken.has(code)) continue;
    proposed[column] = code;
    taken.add(code);
  }
  return proposed;
}
