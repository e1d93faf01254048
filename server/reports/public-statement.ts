import { COURTS, DEPARTMENTS } from "./places.ts";

/** Words of a public text that may let a case be recognised, and where they stand in it (UTF-16 units, `end` not included). */
export type Suspect = { check: "date" | "place" | "age" | "quote"; start: number; end: number; text: string };

/** How many words in a row, shared with the file, make a quote. */
const QUOTED_WORDS = 6;

const MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre";
const NUMBERS =
  "un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent";
const COUNT = `(?:\\d+(?:[.,]\\d+)?|(?:${NUMBERS})(?:[- ](?:et[- ])?(?:${NUMBERS}))*)`;
/** Letters and digits that belong to a word: JavaScript's \b knows no accents. */
const BEGIN = "(?<![\\p{L}\\p{N}])";
const END = "(?![\\p{L}\\p{N}])";
const words = (pattern: string) => new RegExp(`${BEGIN}(?:${pattern})${END}`, "giu");

const AGES = words(
  `âgée?s?\\s+de\\s+${COUNT}(?:\\s+ans?)?|${COUNT}\\s+ans?|${COUNT}-?\\s?mois\\s+d[’']âge|(?:quinqua|quadra|sexa|septua|octo|nona)génaires?`,
);
const DATES = words(
  [
    `(?:1er|\\d{1,2})\\s+(?:${MONTHS})(?:\\s+\\d{4})?`,
    `(?:${MONTHS})(?:\\s+\\d{4})?`,
    "\\d{1,2}[/.-]\\d{1,2}(?:[/.-]\\d{2,4})?",
    "(?:19|20)\\d{2}",
    "(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)",
    `${COUNT}\\s+(?:heures?|jours?|semaines?|mois|années?)`,
    "\\d{1,2}\\s?h(?:\\s?\\d{2})?",
  ].join("|"),
);
const NUMBER = words("\\d+(?:[.,]\\d+)?");

const escaped = (text: string) =>
  text
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/['’]/g, "[’']")
    .replace(/[- ]/g, "[- ]");
/** As they are written: many names ("Lot", "Nord", "Tours") are words of every day without their capital. */
const placesOf = (names: readonly string[]): RegExp | null =>
  names.length === 0
    ? null
    : new RegExp(
        `${BEGIN}(?:${[...names]
          .sort((a, b) => b.length - a.length)
          .map(escaped)
          .join("|")})${END}`,
        "gu",
      );
/** Départements that are not a region of their own, and the towns that courts are named after. */
const KNOWN_PLACES = placesOf([
  ...new Set([
    ...DEPARTMENTS.filter(({ name, regionName }) => name !== regionName).map(({ name }) => name),
    ...COURTS.map(({ name }) => name.replace(/^Tribunal (?:judiciaire|de première instance|supérieur d’appel) (?:de |d’|du |des )?/u, "")),
  ]),
])!;

/** Words of a text with where they stand, folded so that accents, case and apostrophes tell nothing. */
const foldedWords = (text: string) =>
  [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    word: match[0].normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));

/** Where a text says six words or more as one of the passages does. */
function quotesIn(text: string, passages: readonly string[]): Omit<Suspect, "check" | "text">[] {
  const known = new Set<string>();
  for (const passage of passages) {
    const said = foldedWords(passage).map(({ word }) => word);
    for (let at = 0; at + QUOTED_WORDS <= said.length; at++) known.add(said.slice(at, at + QUOTED_WORDS).join(" "));
  }
  const own = foldedWords(text);
  const found: { start: number; end: number }[] = [];
  for (let at = 0; at + QUOTED_WORDS <= own.length; at++) {
    const some = own.slice(at, at + QUOTED_WORDS);
    if (!known.has(some.map(({ word }) => word).join(" "))) continue;
    const { start } = some[0]!;
    const { end } = some.at(-1)!;
    const last = found.at(-1);
    if (last && start <= last.end) last.end = end;
    else found.push({ start, end });
  }
  return found;
}

/**
 * What in a public text looks like something that lets a case be recognised: a date or a length of time, an age, a number, a place below the
 * region, words quoted from the file. An aid to whoever checks, never a proof: a rare trait is seen by nobody but a reader. Where two suspicions overlap,
 * the quote, then the age, then the date, then the place stands.
 * @param passages words of the file that the text must not repeat
 * @param places names of places of the case, besides départements and court towns, which are known
 */
export function suspectsIn(text: string, { passages, places }: { passages: readonly string[]; places: readonly string[] }): Suspect[] {
  const found: Omit<Suspect, "text">[] = quotesIn(text, passages).map((one) => ({ check: "quote", ...one }));
  const look = (check: Suspect["check"], pattern: RegExp | null) => {
    for (const match of pattern ? text.matchAll(pattern) : []) {
      const [start, end] = [match.index, match.index + match[0].length];
      if (!found.some((one) => start < one.end && end > one.start)) found.push({ check, start, end });
    }
  };
  look("age", AGES);
  look("date", DATES);
  look("place", placesOf(places.filter((name) => name.trim() !== "")));
  look("place", KNOWN_PLACES);
  look("date", NUMBER);
  return found.sort((a, b) => a.start - b.start).map((one) => ({ ...one, text: text.slice(one.start, one.end) }));
}
