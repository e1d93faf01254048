import { foldText } from "../reports/fold.ts";

/** French words that say nothing of what a recommendation is about, folded; and those that nearly every one begins with. */
const EMPTY = new Set(
  `a afin ai ainsi alors apres au aucun aucune aupres autant autre autres aux avant avec avoir c car cas ce ceci cela celle celles celui cependant
  ces cet cette ceux chacun chacune chaque ci comme comment concernant contre d dans de des dela depuis des doit doivent donc dont du duquel
  durant elle elles en encore entre est et etaient etait etant ete etre eux faire fait faut furent il ils j jusque jusqu l la laquelle le
  lequel les lesquelles lesquels leur leurs lors lorsque lorsqu lui m mais meme memes mettre moins n ne ni non nos notre nous on ont ou par
  parmi pas pendant peut peuvent plus pour pourrait pouvoir puis qu quand que quel quelle quelles quels qui quoi s sa sans se sein selon sera
  seront ses si soit soient son sont sous soumettre sur t tel telle telles tels tous tout toute toutes tres un une vers veiller vos votre
  vous y the of and to in for on with be is are by or an that it its as at from this`.split(/\s+/),
);

// The longest that leaves four letters goes: "formation", "formations", "former" and "formé" are one word here.
const ENDINGS =
  "issements issement atrices atrice ateurs ateur ations ation itions ition ements ement ments ment ances ance ences ence euses euse eurs eur iques ique ives ive ifs if elles elle els el ales ale aux als al ites ite ees ee ents ent er ez es e s x"
    .split(" ")
    .sort((a, b) => b.length - a.length);

/** A word without its ending, so that its forms are one. @param word folded */
export const stemOf = (word: string): string => {
  for (const ending of ENDINGS) if (word.endsWith(ending) && word.length - ending.length >= 4) return word.slice(0, -ending.length);
  return word;
};

/** The words of a text that count, by their stem, each as the text first writes it. */
export function wordsThatCount(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [written] of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const word = foldText(written);
    if (word.length < 3 || EMPTY.has(word)) continue;
    const stem = stemOf(word);
    if (!found.has(stem)) found.set(stem, written.toLowerCase());
  }
  return found;
}

/** A recommendation that resembles another: how much, from 0 to 1, and the words they share, the rarest first. */
export type Likeness = { id: string; score: number; words: string[] };

/**
 * Texts by their words, to find those that resemble one quickly. A word weighs the more, the fewer texts hold it (inverse document
 * frequency); the likeness of two texts is the cosine of their weighted words.
 */
export class LikenessIndex {
  readonly #stems = new Map<string, string[]>();
  readonly #holders = new Map<string, string[]>();

  get size(): number {
    return this.#stems.size;
  }
  has(id: string): boolean {
    return this.#stems.has(id);
  }

  add(id: string, text: string): void {
    const stems = [...wordsThatCount(text).keys()];
    this.#stems.set(id, stems);
    for (const stem of stems) {
      const holders = this.#holders.get(stem);
      if (holders) holders.push(id);
      else this.#holders.set(stem, [id]);
    }
  }

  #weight(stem: string): number {
    // A text of its own counts as one more: a word that the index does not know weighs the most.
    return Math.log(1 + (this.#stems.size + 1) / (1 + (this.#holders.get(stem)?.length ?? 0)));
  }

  /**
   * The texts most like this one, the most alike first.
   * @param besides ids left out
   * @param least the likeness from which a text is named
   */
  like(
    text: string,
    { besides = new Set(), least = 0.45, most = 5 }: { besides?: ReadonlySet<string>; least?: number; most?: number } = {},
  ): Likeness[] {
    const own = wordsThatCount(text);
    const weights = new Map([...own.keys()].map((stem) => [stem, this.#weight(stem)]));
    const length = Math.sqrt(sumOfSquares(weights.values()));
    if (length === 0) return [];
    const shared = new Map<string, number>();
    for (const [stem, weight] of weights)
      for (const id of this.#holders.get(stem) ?? []) shared.set(id, (shared.get(id) ?? 0) + weight * weight);
    const found: { id: string; score: number }[] = [];
    for (const [id, sum] of shared) {
      // The other text is at least as long as what it shares: most are left out by that alone.
      if (Math.sqrt(sum) / length < least || besides.has(id)) continue;
      const other = Math.sqrt(sumOfSquares(this.#stems.get(id)!.map((stem) => weights.get(stem) ?? this.#weight(stem))));
      const score = sum / (length * other);
      if (score >= least) found.push({ id, score });
    }
    found.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    return found.slice(0, most).map(({ id, score }) => {
      const theirs = new Set(this.#stems.get(id));
      const words = [...own]
        .filter(([stem]) => theirs.has(stem))
        .sort(([a], [b]) => weights.get(b)! - weights.get(a)!)
        .map(([, word]) => word);
      return { id, score: Math.min(1, score), words };
    });
  }
}

const sumOfSquares = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const n of numbers) sum += n * n;
  return sum;
};
