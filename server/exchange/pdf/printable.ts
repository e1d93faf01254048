import type { Faces } from "./fonts.ts";

/** Characters outside our faces that Typst's own built-in face prints. */
const BUILT_IN = "≤≥≠≈‰→←";
const BUILT_IN_FAMILY = "Libertinus Serif";
/** Set in place of a character that no face has (an emoji, another script); a text is never refused for one. */
const UNKNOWN = "¤";
/** Spaces and hyphens that text shaping draws from a neighbour when a face lacks them. */
const SHAPED = "\u00a0\u202f\u2009\u2011";

/**
 * What makes any text one that the faces can print: composed, without controls and invisible marks, line ends as spaces, unknown characters
 * replaced.
 */
export function printableText(faces: Pick<Faces, "covers">): (text: string) => string {
  const known = new Map<string, boolean>();
  const printable = (character: string): boolean => {
    let answer = known.get(character);
    if (answer === undefined) {
      answer = SHAPED.includes(character) || BUILT_IN.includes(character) || faces.covers(character.codePointAt(0)!);
      known.set(character, answer);
    }
    return answer;
  };
  return (text) =>
    text
      .normalize("NFC")
      .replace(/[\s\u2028\u2029]/gu, (space) => (SHAPED.includes(space) ? space : " "))
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Variation_Selector}]/gu, "")
      .replace(/./gsu, (character) => (printable(character) ? character : UNKNOWN));
}

/** Words longer than any real one (addresses, mostly) may be cut at their signs, or anywhere when they have none. */
export function breakable(text: string, longest = 26): string {
  const words = new RegExp(`[^\\s\\u00a0\\u202f]{${longest + 1},}`, "gu");
  const places = new RegExp(`[/.\\-_?&=]|[^/.\\-_?&=]{${longest}}`, "gu");
  return text.replace(words, (word) => word.replace(places, "$&\u200b"));
}

/** The families of text and of headings and tables, in the order in which Typst tries them. */
export const familiesOf = (faces: Pick<Faces, "serif" | "sans">): { serif: string[]; sans: string[] } => ({
  serif: [...faces.serif, BUILT_IN_FAMILY],
  sans: [...faces.sans, BUILT_IN_FAMILY],
});
