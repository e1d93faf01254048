import { z } from "zod";
import { ANSWER_ASSESSMENTS, ANSWERS, IMPLEMENTATIONS } from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_STATE_WORDS,
} from "../../workflows/recommendation.words.ts";
import type { Classification } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import { type IssueYears, issueYearsOf, OUTCOME_SETS, SET_CODES } from "../follow-up/conditions.ts";
import type { Language, T } from "../http/words.ts";
import { type Overdue, REGISTERED, type RegisterFilter, SORTS } from "./queries.ts";

const code = z.string().max(60).catch("");
/** What an address of the register says: its page, and the exports that follow it. */
export const registerFilters = z.object({
  annee: code,
  destinataire: code,
  niveau: code,
  theme: code,
  type: code,
  statut: code,
  appreciation: code,
  "mise-en-oeuvre": code,
  retard: code,
  preuve: code,
  groupe: code,
  suivi: code,
  annee_envoi: code,
  chef_de_file: code,
  reponse: code,
  q: z.string().trim().max(200).catch(""),
  tri: z.enum(SORTS).catch("reference"),
  ordre: z.enum(["asc", "desc"]).catch("desc"),
});
export type RegisterInput = z.output<typeof registerFilters>;
/** Names of the filters in an address, in the order of the page. */
export const FILTERS = [
  "annee",
  "destinataire",
  "niveau",
  "theme",
  "type",
  "statut",
  "appreciation",
  "mise-en-oeuvre",
  "retard",
  "preuve",
  "groupe",
  "suivi",
  "annee_envoi",
  "chef_de_file",
  "reponse",
  "q",
] as const;
export type FilterName = (typeof FILTERS)[number];
/** What `retard` says in an address. */
export const OVERDUE_CODES = { oui: "either", reponse: "answer", "mise-en-oeuvre": "implementation" } as const satisfies Record<
  string,
  Overdue
>;
export type OverdueCode = keyof typeof OVERDUE_CODES;
const isOverdueCode = (code: string): code is OverdueCode => Object.hasOwn(OVERDUE_CODES, code);

/** The filter an address asks for; whatever the lists do not know is left out. @param today of Paris: what is overdue is so on that day */
export function filterOf(input: RegisterInput, lists: Classification, today: string): RegisterFilter {
  const known = (options: readonly { code: string }[], code: string) => (options.some((one) => one.code === code) ? code : null);
  return {
    year: /^\d{4}$/.test(input.annee) ? Number(input.annee) : null,
    addressee: known(lists.addressees, input.destinataire),
    level: known(lists.levels, input.niveau),
    theme: known(lists.themes, input.theme),
    type: known(lists.types, input.type),
    state: REGISTERED.find((state) => state === input.statut) ?? null,
    assessment: ANSWER_ASSESSMENTS.find((value) => value === input.appreciation) ?? null,
    implementation: IMPLEMENTATIONS.find((value) => value === input["mise-en-oeuvre"]) ?? null,
    overdue: isOverdueCode(input.retard) ? OVERDUE_CODES[input.retard] : null,
    questioned: input.preuve === "oui",
    representatives: input.groupe === "oui",
    followed: OUTCOME_SETS.find((set) => SET_CODES[set] === input.suivi) ?? null,
    issued: issueYearsOf(input.annee_envoi),
    lead: known(lists.addressees, input.chef_de_file),
    said: ANSWERS.find((value) => value === input.reponse) ?? null,
    text: input.q || null,
    sort: input.tri,
    descending: input.ordre === "desc",
    today,
  };
}

const yearsInWords = ({ from, to }: IssueYears, t: T): string => {
  if (from === to) return String(from);
  if (from === null) return t("recommendations.filters.yearsUntil", { to: to! });
  return to === null ? t("recommendations.filters.yearsFrom", { from }) : t("recommendations.filters.yearsBetween", { from, to });
};

/** The filters at work, in words, by the name they have in the address. */
export function activeFilters(
  filter: RegisterFilter,
  lists: Classification,
  language: Language,
  t: T,
): { name: FilterName; label: string; value: string }[] {
  const values: Record<FilterName, string | null> = {
    annee: filter.year === null ? null : String(filter.year),
    destinataire: filter.addressee && labelIn(lists.addressees, filter.addressee, language),
    niveau: filter.level && labelIn(lists.levels, filter.level, language),
    theme: filter.theme && labelIn(lists.themes, filter.theme, language),
    type: filter.type && labelIn(lists.types, filter.type, language),
    statut: filter.state && RECOMMENDATION_STATE_WORDS[filter.state][language],
    appreciation: filter.assessment && ANSWER_ASSESSMENT_WORDS[filter.assessment][language],
    "mise-en-oeuvre": filter.implementation && IMPLEMENTATION_WORDS[filter.implementation][language],
    retard: filter.overdue && t(`recommendations.overdue.${filter.overdue}`),
    preuve: filter.questioned ? t("recommendations.filters.yes") : null,
    groupe: filter.representatives ? t("recommendations.filters.yes") : null,
    suivi: filter.followed && t(`recommendations.sets.${filter.followed}`),
    annee_envoi: filter.issued && yearsInWords(filter.issued, t),
    chef_de_file: filter.lead && labelIn(lists.addressees, filter.lead, language),
    reponse: filter.said && ANSWER_WORDS[filter.said][language],
    q: filter.text,
  };
  return FILTERS.flatMap((name) => {
    const value = values[name];
    return value === null ? [] : [{ name, label: t(`recommendations.filters.${name}`), value }];
  });
}
