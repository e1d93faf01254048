import { z } from "zod";
import type { Classification } from "../codebook/definition.ts";
import { issueYearsCode, type OutcomeSet, SET_CODES } from "../follow-up/conditions.ts";
import type { OutcomeScope } from "./figures.ts";

const code = z.string().max(60).catch("");
/** What the address of the page and of its exports says. */
export const outcomeInput = z.object({ du: code, au: code, destinataire: code, niveau: code, theme: code, semblables: code });
export type OutcomeInput = z.output<typeof outcomeInput>;

const yearOf = (text: string): number | null => (/^(?:19|20)\d\d$/.test(text) ? Number(text) : null);
const known = (options: readonly { code: string }[], code: string): string | null =>
  options.some((one) => one.code === code) ? code : null;

/** The scope an address asks for; what the lists do not know is left open. */
export const scopeOf = (input: OutcomeInput, lists: Classification): OutcomeScope => ({
  from: yearOf(input.du),
  to: yearOf(input.au),
  addressee: known(lists.addressees, input.destinataire),
  level: known(lists.levels, input.niveau),
  theme: known(lists.themes, input.theme),
  once: input.semblables === "une",
});

/** The same scope as the query of an address of this page. */
export const scopeQuery = ({ from, to, addressee, level, theme, once }: OutcomeScope): Record<string, string> => ({
  ...(from !== null && { du: String(from) }),
  ...(to !== null && { au: String(to) }),
  ...(addressee !== null && { destinataire: addressee }),
  ...(level !== null && { niveau: level }),
  ...(theme !== null && { theme }),
  ...(once && { semblables: "une" }),
});

export const address = (path: string, query: Record<string, string>): string => {
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
};

/** The register, showing exactly the recommendations of a scope that a number of this page counts. @param more other filters of the register */
export const behind = (
  { from, to, addressee, level, theme, once }: OutcomeScope,
  set: OutcomeSet,
  more: Record<string, string> = {},
): string =>
  address("/recommandations", {
    suivi: SET_CODES[set],
    ...((from !== null || to !== null) && { annee_envoi: issueYearsCode({ from, to }) }),
    ...(addressee !== null && { chef_de_file: addressee }),
    ...(level !== null && { niveau: level }),
    ...(theme !== null && { theme }),
    ...(once && { groupe: "oui" }),
    ...more,
  });
