/**
 * A text as it is searched: without accents, case, ligatures or kinds of apostrophe and space, so that « Évaluer l’œuvre » is found by
 * "evaluer l'oeuvre". Done here and not in SQL: the two databases fold differently, and neither folds French by default.
 */
export const foldText = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/æ/g, "ae")
    .replace(/ß/g, "ss")
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[‐‑–—]/g, "-")
    .replace(/\s+/g, " ")
    .trim();
