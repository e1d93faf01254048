/**
 * One word of a text. `folded` is lower case without accents, ligatures or elided article; `stem` is what words are compared by.
 * `start` and `end` are code points of the text, half-open; `capitals` says that it is written as an acronym is (TGD, T.G.D.).
 */
export type Word = { folded: string; stem: string; start: number; end: number; capitals: boolean };

const LETTER = /\p{L}/u;
const LETTER_OR_DIGIT = /[\p{L}\p{Nd}]/u;
const MARK = /\p{M}/u;
const APOSTROPHE = /['’‘ʼ′`´]/u;
const HYPHEN = /[-\u2010\u2011\u00AD]/u;
const SPACE = /\s/u;
const UPPER = /\p{Lu}/u;

/** What stands before an apostrophe and is no word of its own. */
const ELIDED = new Set(["l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"]);

/** Lower case, without accents, with ligatures undone: « Œdème » → « oedeme ». */
export function foldLetters(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .replaceAll("ß", "ss")
    .replaceAll("ø", "o");
}

/**
 * The words of a text in order, offset by `from` code points. Elided articles and pronouns go (« l’auteur » → « auteur »), hyphens part
 * compound words, a word cut by a hyphen at a line end is whole again, and an acronym with dots is one word. `known` spares folding the same
 * word twice: one map for a whole document.
 */
export function wordsOf(points: readonly string[], from = 0, known: Map<string, Folding> = new Map()): Word[] {
  const words: Word[] = [];
  const word = (letters: string, start: number, end: number): Word => {
    const folding = known.get(letters) ?? foldingOf(letters);
    known.set(letters, folding);
    return { ...folding, start, end };
  };
  let at = 0;
  while (at < points.length) {
    if (!LETTER_OR_DIGIT.test(points[at]!)) {
      at++;
      continue;
    }
    const dotted = dottedAcronym(points, at);
    if (dotted !== null) {
      words.push(word(dotted.letters, from + at, from + dotted.end));
      at = dotted.end;
      continue;
    }
    const start = at;
    const digits = !LETTER.test(points[at]!);
    let letters = "";
    while (at < points.length) {
      const point = points[at]!;
      // « 2e », « 1er » and « 34ans » part where digits end, so that the number can be found.
      if (LETTER_OR_DIGIT.test(point) && LETTER.test(point) !== digits) letters += point;
      else if (letters !== "" && MARK.test(point)) letters += point;
      else {
        const next = lineCut(points, at);
        if (next === null || digits) break;
        at = next;
        continue;
      }
      at++;
    }
    const following = points[at] ?? "";
    if (APOSTROPHE.test(following) && LETTER.test(points[at + 1] ?? "")) {
      const before = foldLetters(letters);
      if (ELIDED.has(before)) {
        at++;
        continue;
      }
      // « aujourd’hui », « prud’hommes », « quelqu’un » stay one word.
      let joined = letters;
      at++;
      while (at < points.length && LETTER.test(points[at]!)) joined += points[at++];
      words.push(word(joined, from + start, from + at));
      continue;
    }
    words.push(word(letters, from + start, from + at));
  }
  return words;
}

export type Folding = Pick<Word, "folded" | "stem" | "capitals">;

function foldingOf(letters: string): Folding {
  const folded = foldLetters(letters);
  const parts = [...letters];
  return { folded, stem: stem(folded), capitals: parts.length >= 2 && parts.every((letter) => UPPER.test(letter)) };
}

/** « P.V.R.J. » from `at`: single capitals each followed by a full stop, at least two, the last stop optional. */
function dottedAcronym(points: readonly string[], at: number): { letters: string; end: number } | null {
  let end = at;
  let letters = "";
  while (UPPER.test(points[end] ?? "") && points[end + 1] === ".") {
    letters += points[end];
    end += 2;
  }
  if (letters !== "" && UPPER.test(points[end] ?? "") && !LETTER_OR_DIGIT.test(points[end + 1] ?? "")) letters += points[end++];
  return [...letters].length >= 2 ? { letters, end } : null;
}

/** Where a word goes on after the hyphen and line end that cut it; null when it is not cut here. */
function lineCut(points: readonly string[], at: number): number | null {
  if (!HYPHEN.test(points[at] ?? "")) return null;
  if (points[at] === "\u00AD") return LETTER.test(points[at + 1] ?? "") ? at + 1 : null;
  let next = at + 1;
  let lineEnd = false;
  while (SPACE.test(points[next] ?? "")) {
    lineEnd ||= points[next] === "\n";
    next++;
  }
  return lineEnd && /\p{Ll}/u.test(points[next] ?? "") ? next : null;
}

/** What must remain of a word when an ending is taken off: shorter roots say too little. */
const SHORTEST_ROOT = 4;

/** Endings taken off a folded word, each list in order, one of each list at most. Longest first. */
const NOUN_ENDINGS = [
  "issements",
  "issement",
  "ications",
  "ication",
  "ations",
  "ation",
  "ateur",
  "atrice",
  "ements",
  "ement",
  "euse",
  "eur",
];
const VERB_ENDINGS = [
  "issaient",
  "issait",
  "issant",
  "eraient",
  "erait",
  "aient",
  "erent",
  "irent",
  "iront",
  "eront",
  "ions",
  "ait",
  "ais",
  "ant",
  "era",
  "ira",
  "ee",
  "er",
  "ir",
  "ie",
  "it",
  "a",
  "e",
  "i",
];

/**
 * The light stem of a folded French word: plural and feminine marks, the commonest endings of verbs and of nouns made from verbs, and a
 * doubled last consonant go (« séparées », « séparait », « séparation » → « separ »). Made to bring near what an analyst would read as one
 * word, not to find the root of the language: an ending goes only when at least four letters remain, and numbers stay as they are.
 */
export function stem(folded: string): string {
  if (folded.length <= SHORTEST_ROOT - 1 || /^\d/.test(folded)) return folded;
  let root = folded;
  if (root.endsWith("eaux")) root = root.slice(0, -1);
  else if (root.endsWith("aux") && root.length > 5) root = `${root.slice(0, -2)}l`;
  else if (/[sx]$/.test(root) && !root.endsWith("ss")) root = root.slice(0, -1);
  const take = (endings: readonly string[]): boolean => {
    const ending = endings.find((one) => root.endsWith(one) && root.length - one.length >= SHORTEST_ROOT);
    if (ending !== undefined) root = root.slice(0, -ending.length);
    return ending !== undefined;
  };
  if (!take(NOUN_ENDINGS)) take(VERB_ENDINGS);
  else if (root.length > SHORTEST_ROOT) root = root.replace(/[ei]$/, "");
  if (root.endsWith("iv")) root = `${root.slice(0, -1)}f`;
  if (root.length > SHORTEST_ROOT && /([^aeiou])\1$/.test(root)) root = root.slice(0, -1);
  if (root.length > SHORTEST_ROOT && root.endsWith("i")) root = root.slice(0, -1);
  return root;
}

/** Function words: they hold a term together in a sentence and say nothing by themselves. Folded. */
const FUNCTION_WORDS = new Set(
  `a ai ainsi alors apres au aucune aussi autre autres aux avaient avait avant avec avoir ayant ayez ayons c car ce ceci cela celle celles celui
  ces cet cette ceux chez ci comme comment d dans de deja des donc dont du durant elle elles en encore entre est et etaient etait etant ete etes
  etre eu eue eues eurent eus eut eux fut furent il ils j je jusqu l la laquelle le lequel les lesquelles lesquels leur leurs lors lorsque lui m ma mais
  me meme memes mes moi mon n ne ni nos notre nous on ont or ou par parce pendant peu peut plus pour pourtant pu puis puisque qu quand que quel
  quelle quelles quels qui quoi s sa se sera serait seront ses si soi soit son sont sous sur t ta te tel telle tels tes toi ton tous tout toute
  toutes tres tu un une va vers voici voila vos votre vous y`.split(/\s+/),
);

/** Words that turn a sentence round: they count inside a term (« sans profession »), never alone. Folded. */
const NEGATIONS = new Set(["pas", "sans", "non", "aucun", "aucune", "jamais", "ni", "nul", "nulle", "neant", "ras", "absence", "defaut"]);

export const isFunctionWord = (folded: string): boolean => FUNCTION_WORDS.has(folded) && !NEGATIONS.has(folded);
export const isNegation = (folded: string): boolean => NEGATIONS.has(folded);
