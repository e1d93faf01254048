/**
 * The text with the spaces and apostrophes of careful French printing: no-break spaces before : ; ! ? % € and inside « », ’ for '. Only
 * spaces that are already there change, so figures, times and addresses are left alone. English keeps its text, but for the apostrophe.
 */
export function typographic(text: string, language: "fr" | "en"): string {
  const apostrophes = text.replace(/(?<=\p{L})'(?=\p{L}|\p{N}|$)/gu, "’");
  if (language !== "fr") return apostrophes;
  return apostrophes
    .replace(/[ \u00a0](?=[;!?](?:[^\p{L}\p{N}]|$))/gu, "\u202f")
    .replace(/ (?=[:%€](?:[^\p{L}\p{N}]|$))/gu, "\u00a0")
    .replace(/« /gu, "«\u00a0")
    .replace(/ »/gu, "\u00a0»")
    .replace(/(?<=(?:^|[\s(])n[°º]) (?=\d)/giu, "\u00a0");
}
