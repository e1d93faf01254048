import { z } from "zod";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import type { Classification } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import type { Language, T } from "../http/words.ts";
import { REGISTERED, type RegisterFilter, SORTS } from "./queries.ts";

const code = z.string().max(60).catch("");
/** What an address of the register says: its page, and the exports that follow it. */
export const registerFilters = z.object({
  annee: code,
  destinataire: code,
  niveau: code,
  theme: code,
  type: code,
  statut: code,
  q: z.string().trim().max(200).catch(""),
  tri: z.enum(SORTS).catch("reference"),
  ordre: z.enum(["asc", "desc"]).catch("desc"),
});
export type RegisterInput = z.output<typeof registerFilters>;
/** Names of the filters in an address, in the order of the page. */
export const FILTERS = ["annee", "destinataire", "niveau", "theme", "type", "statut", "q"] as const;
export type FilterName = (typeof FILTERS)[number];

/** The filter an address asks for; whatever the lists do not know is left out. */
export function filterOf(input: RegisterInput, lists: Classification): RegisterFilter {
  const known = (options: readonly { code: string }[], code: string) => (options.some((one) => one.code === code) ? code : null);
  return {
    year: /^\d{4}$/.test(input.annee) ? Number(input.annee) : null,
    addressee: known(lists.addressees, input.destinataire),
    level: known(lists.levels, input.niveau),
    theme: known(lists.themes, input.theme),
    type: known(lists.types, input.type),
    state: REGISTERED.find((state) => state === input.statut) ?? null,
    text: input.q || null,
    sort: input.tri,
    descending: input.ordre === "desc",
  };
}

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
    q: filter.text,
  };
  return FILTERS.flatMap((name) => {
    const value = values[name];
    return value === null ? [] : [{ name, label: t(`recommendations.filters.${name}`), value }];
  });
}
