import { createHash } from "node:crypto";

/** A number between 0 and 1 that only the seed and the name decide: the first 48 bits of a SHA-256. */
const chance = (seed: string, name: string): number =>
  Number.parseInt(createHash("sha256").update(`${seed}\n${name}`).digest("hex").slice(0, 12), 16) / 2 ** 48;

const byChance = (seed: string, names: readonly string[]): string[] =>
  [...new Set(names)].sort((a, b) => chance(seed, a) - chance(seed, b) || (a < b ? -1 : 1));

/**
 * Draws a share of candidates at random. The same seed and candidates give the same draw, in whatever order they come: anyone can check it.
 * @param share percent of the candidates, 1 to 100; at least one is drawn where there is any
 */
export const drawShare = (seed: string, candidates: readonly string[], share: number): string[] =>
  byChance(seed, candidates)
    .slice(0, Math.ceil((new Set(candidates).size * share) / 100))
    .sort();

/**
 * Chooses a second coder for each report drawn: whoever has the fewest reports so far, those just given included; among equals, by chance.
 * @param eligible for each report, the analysts who may code it
 * @param load reports each analyst has now; changed nowhere
 * @returns pairs for the reports that somebody can code
 */
export function drawCoders(
  seed: string,
  eligible: readonly { report: string; analysts: readonly string[] }[],
  load: ReadonlyMap<string, number>,
): { report: string; analyst: string }[] {
  const given = new Map(load);
  return eligible.flatMap(({ report, analysts }) => {
    const [analyst] = analysts.toSorted(
      (a, b) => (given.get(a) ?? 0) - (given.get(b) ?? 0) || chance(`${seed}\n${report}`, a) - chance(`${seed}\n${report}`, b),
    );
    if (analyst === undefined) return [];
    given.set(analyst, (given.get(analyst) ?? 0) + 1);
    return [{ report, analyst }];
  });
}
