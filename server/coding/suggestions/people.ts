/** Whom a passage speaks of, as far as words tell: the victim, the perpetrator, both, or nobody in particular. */
export type Subject = "victim" | "perpetrator" | "both" | null;

const NAMED = /(?<!\p{L})(madame|mademoiselle|monsieur|mme|mlle|mr|m\.)\s+(?:\p{Lu}\p{Ll}+[-\s])?(\p{Lu}[\p{L}'’-]*)/giu;
const FEMALE = /^(?:madame|mademoiselle|mme|mlle)$/i;
const OF_VICTIM =
  /(?<!\p{L})(?:victimes?|décédée?|tuée?|blessée?|morte?|décès|corps|plaignante?|sa\speur|avait\speur|homicide\sde|a\sdéposé\splainte|a\sété\s(?:frappée?|découverte?|retrouvée?|poignardée?))(?!\p{L})/iu;
const OF_PERPETRATOR =
  /(?<!\p{L})(?:auteure?|mise?\sen\s(?:cause|examen)|interpellée?|garde\sà\svue|écrouée?|détention|condamnée?|casier|arme|accusée?|a\s(?:tiré|tué|frappé|porté|reconnu|poignardé|étranglé)|s[’']est\s(?:suicidée?|rendue?)|présumée?\sinnocente?)(?!\p{L})/iu;
const ROLE_VICTIM = /(?<!\p{L})(?:la\svictime|victime|la\splaignante)(?!\p{L})/iu;
const ROLE_PERPETRATOR =
  /(?<!\p{L})(?:l[’']auteure?|le\smis\sen\s(?:cause|examen)|la\smise\sen\s(?:cause|examen)|l[’']accusée?|le\scondamné)(?!\p{L})/iu;

/**
 * Tells of each passage whom it speaks of. Names as reports write them (« Madame A. », « M. B. ») are given a role by the company they keep
 * in the whole document; a passage that names nobody goes on with the one before in its block. Null everywhere when the roles cannot be told.
 */
export function subjectsOf(passages: readonly { text: string; block: number }[]): Subject[] {
  const named = passages.map(({ text }) => namesIn(text));
  const balance = new Map<string, number>();
  for (const [at, { text }] of passages.entries()) {
    const [only, ...others] = named[at]!;
    if (only === undefined || others.length > 0) continue;
    const points = (OF_VICTIM.test(text) ? 1 : 0) - (OF_PERPETRATOR.test(text) ? 1 : 0);
    balance.set(only, (balance.get(only) ?? 0) + points);
  }
  const ranked = [...balance].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const [victim, most] = ranked[0] ?? ["", 0];
  const [perpetrator, least] = ranked.at(-1) ?? ["", 0];
  const told = ranked.length > 1 && most - least >= 2;

  let last: Subject = null;
  let block = -2;
  return passages.map((passage, at) => {
    if (passage.block !== block) last = null;
    block = passage.block;
    const ofVictim = (told && named[at]!.includes(victim)) || ROLE_VICTIM.test(passage.text);
    const ofPerpetrator = (told && named[at]!.includes(perpetrator)) || ROLE_PERPETRATOR.test(passage.text);
    if (ofVictim || ofPerpetrator) last = ofVictim && ofPerpetrator ? "both" : ofVictim ? "victim" : "perpetrator";
    else if (named[at]!.length > 0) last = null;
    return last;
  });
}

function namesIn(text: string): string[] {
  const names = [...text.matchAll(NAMED)]
    .filter(([, , name]) => /^\p{Lu}/u.test(name!))
    .map(([, civility, name]) => `${FEMALE.test(civility!) ? "f" : "m"} ${name!.toUpperCase()}`);
  return [...new Set(names)];
}
