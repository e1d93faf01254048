import type { Factor } from "../../codebook/definition.ts";
import { isFunctionWord, isNegation, type Word, wordsOf } from "./fold.ts";
import { type DocumentIndex, type DocumentText, indexDocument, type Passage } from "./index-document.ts";
import { type IndicatorTerms, NO_INDICATOR_TERMS } from "./indicator-terms.ts";
import type { PatternName } from "./patterns.ts";

/**
 * A passage likely to speak of a factor: code points, half-open. `because` are the words that say so, as they stand in the passage, the
 * strongest first. `slight` when only lone words of a term or of an option are there: worth a look, not a promise. `negation` is a word of the
 * passage that denies (« aucune »), a hint only: « absent » needs its passage too.
 */
export type Suggestion = { start: number; end: number; score: number; because: string[]; slight: boolean; negation: string | null };

export type SuggestOptions = {
  /** How many at most; 5 unless told. */
  count?: number;
  /** Terms besides those of the codebook. */
  terms?: IndicatorTerms;
};

/** Why a passage is suggested: `shown` are the words of a pattern, null where `from` and `to` point at them; `whole` unless a lone word of a term or an option. */
type Reason = { weight: number; from: number; to: number; stems: readonly string[]; shown: string | null; whole: boolean };

type Item = { stem: string; folded: string; acronym: boolean };
type Term = { items: Item[]; weight: number; whole: boolean };
/** A factor as it is searched: whole terms, single words with less weight, patterns. */
type Query = {
  terms: Term[];
  loose: Map<string, number>;
  patterns: PatternName[];
  titles: ReadonlySet<string>;
  opening: boolean;
  person: "victim" | "perpetrator" | null;
  proposals: ReadonlySet<string>;
};

const WEIGHTS = { term: 1, option: 0.6, label: 0.7, termWord: 0.22, labelWord: 0.4, optionWord: 0.15, definitionWord: 0.06, pattern: 0.9 };
/** The nth reason of a passage counts this much of the one before: many weak reasons do not outdo a strong one. */
const NEXT_REASON = 0.6;
/** Words that carry sense which may stand between two words of a term. */
const LARGEST_GAP = 3;
const REVERSED = 0.85;
const UNDER_TITLE = 1.25;
const UNDER_OWN_TITLE = 1.15;
const EARLY = 0.35;
const AMONG_PROPOSALS = 0.6;
const AS_TITLE = 0.75;
/** How many words explain a passage at most. */
const MOST_WORDS = 4;
const OF_THE_PERSON = 1.15;
const OF_THE_OTHER = 0.8;
const LENGTH = 0.25;

/**
 * The passages of a document most likely to speak of a factor, best first; equal scores in the order of the text. Same document, factor and
 * terms: same answer. None when nothing of the factor's words stands in the document.
 */
export function suggest(document: DocumentText | DocumentIndex, factor: Factor, options: SuggestOptions = {}): Suggestion[] {
  const index = "passages" in document ? document : indexDocument(document);
  const query = queryOf(factor, options.terms ?? NO_INDICATOR_TERMS);
  const reasons = new Map<number, Reason[]>();
  const add = (passage: number, reason: Reason) => {
    const list = reasons.get(passage);
    if (list) list.push(reason);
    else reasons.set(passage, [reason]);
  };

  for (const { items, weight, whole } of query.terms) {
    const found: { passage: number; quality: number; from: number; to: number }[] = [];
    for (const passage of candidates(index, items)) {
      const match = matchIn(index.passages[passage]!.words, items);
      if (match) found.push({ passage, ...match });
    }
    const rarity = rarityOf(found.length, index.passages.length);
    for (const { passage, quality, from, to } of found)
      add(passage, { weight: weight * quality * rarity, from, to, stems: items.map(({ stem }) => stem), shown: null, whole });
  }
  for (const [stem, weight] of query.loose) {
    const holders = index.postings.get(stem) ?? [];
    const rarity = rarityOf(holders.length, index.passages.length);
    for (const passage of holders) {
      const word = index.passages[passage]!.words.find((one) => one.stem === stem)!;
      add(passage, { weight: weight * rarity, from: word.start, to: word.end, stems: [stem], shown: null, whole: false });
    }
  }
  for (const name of query.patterns) {
    const rarity = rarityOf(index.patternCounts.get(name) ?? 0, index.passages.length);
    for (const [at, { patterns, start, end }] of index.passages.entries()) {
      const shown = patterns.get(name);
      if (shown !== undefined) add(at, { weight: WEIGHTS.pattern * rarity, from: start, to: end, stems: [], shown, whole: true });
    }
  }

  const ranked = [...reasons].map(([at, list]) => {
    const passage = index.passages[at]!;
    const counted = countedOf(list);
    const sum = counted.reduce((score, { weight }, rank) => score + weight * NEXT_REASON ** rank, 0);
    return { passage, list, counted, score: Math.round(sum * setting(passage, query, index.meanLength) * 1e4) / 1e4 };
  });
  ranked.sort((a, b) => b.score - a.score || a.passage.start - b.passage.start);
  return ranked.slice(0, options.count ?? 5).map(({ passage, list, counted, score }) => ({
    start: passage.start,
    end: passage.end,
    score,
    because: wordsFor(counted, index.points),
    slight: !list.some(({ whole }) => whole),
    negation: passage.negation,
  }));
}

/** The reasons that count, the strongest first. A word counts once: « main courante » takes « main » and « courante » with it. */
function countedOf(list: Reason[]): Reason[] {
  list.sort((a, b) => b.weight - a.weight || a.from - b.from);
  const told = new Set<string>();
  return list.filter(({ stems }) => {
    if (stems.length > 0 && stems.every((stem) => told.has(stem))) return false;
    for (const stem of stems) told.add(stem);
    return true;
  });
}

/** The words of the first few reasons, as they stand in the text. */
function wordsFor(reasons: readonly Reason[], points: readonly string[]): string[] {
  const words = reasons.map(({ from, to, shown }) => (shown ?? points.slice(from, to).join("")).replace(/\s+/g, " "));
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** What the place and the length of a passage change: its titles, its depth, proposals, long sentences. */
function setting(passage: Passage, query: Query, meanLength: number): number {
  let factor = 1 / (1 - LENGTH + LENGTH * Math.max(0.6, passage.words.length / meanLength));
  if (passage.heading) factor *= AS_TITLE;
  if (meets(passage.title, query.titles)) factor *= UNDER_TITLE;
  if (meets(passage.title, query.loose)) factor *= UNDER_OWN_TITLE;
  if (meets(passage.title, query.proposals)) factor *= AMONG_PROPOSALS;
  if (query.person && passage.subject === query.person) factor *= OF_THE_PERSON;
  else if (query.person && passage.subject && passage.subject !== "both") factor *= OF_THE_OTHER;
  if (query.opening) factor *= 1 + EARLY * (1 - passage.depth) ** 3;
  return factor;
}

function meets(title: ReadonlySet<string>, words: { has(stem: string): boolean }): boolean {
  for (const stem of title) if (words.has(stem)) return true;
  return false;
}

/** Rarer in the document weighs more; what stands in half of it or more hardly weighs. */
function rarityOf(holders: number, passages: number): number {
  return holders === 0 ? 0 : Math.max(0.1, Math.log(1 + (passages - holders + 0.5) / (holders + 0.5)));
}

/** Passages that hold the rarest word of a term. */
function candidates(index: DocumentIndex, items: readonly Item[]): readonly number[] {
  let rarest: readonly number[] | null = null;
  for (const { stem } of items) {
    const holders = index.postings.get(stem);
    if (!holders) return [];
    if (rarest === null || holders.length < rarest.length) rarest = holders;
  }
  return rarest ?? [];
}

/** Where all words of a term stand near each other, and how well; null when they do not. */
function matchIn(words: readonly Word[], items: readonly Item[]): { quality: number; from: number; to: number } | null {
  const places = items.map((item) => words.flatMap((word, at) => (fits(word, item) ? [at] : [])));
  if (places.some((list) => list.length === 0)) return null;
  let best: { quality: number; from: number; to: number } | null = null;
  for (const first of places[0]!) {
    const chosen = [first];
    for (const list of places.slice(1)) {
      const previous = chosen.at(-1)!;
      const free = list.filter((at) => !chosen.includes(at));
      if (free.length === 0) break;
      chosen.push(free.reduce((near, at) => (distance(previous, at) < distance(previous, near) ? at : near)));
    }
    if (chosen.length < items.length) continue;
    const low = Math.min(...chosen);
    const high = Math.max(...chosen);
    const gaps = high - low + 1 - items.length;
    if (gaps > LARGEST_GAP) continue;
    const ordered = chosen.every((at, rank) => rank === 0 || at > chosen[rank - 1]!);
    const quality = (1 - 0.1 * gaps) * (ordered ? 1 : REVERSED);
    if (best === null || quality > best.quality) best = { quality, from: words[low]!.start, to: words[high]!.end };
  }
  return best;
}

/** Words after count as nearer than words before: a term is usually written in its order. */
const distance = (from: number, to: number): number => (to > from ? to - from : (from - to) * 1.5);

const fits = (word: Word, item: Item): boolean =>
  item.acronym ? word.folded === item.folded && (word.capitals || item.folded.length >= 4) : word.stem === item.stem;

const asked = new WeakMap<IndicatorTerms, WeakMap<Factor, Query>>();

/** A factor made ready once for each set of terms. */
function queryOf(factor: Factor, extra: IndicatorTerms): Query {
  const kept = asked.get(extra) ?? new WeakMap<Factor, Query>();
  asked.set(extra, kept);
  const query = kept.get(factor) ?? makeQuery(factor, extra);
  kept.set(factor, query);
  return query;
}

function makeQuery(factor: Factor, extra: IndicatorTerms): Query {
  const own = extra.factors.get(factor.code) ?? { terms: [], patterns: [] };
  const options = factor.options.filter(({ code }) => !["unknown", "none", "other"].includes(code));
  const terms = new Map<string, Term>();
  const addTerm = (text: string, weight: number) => {
    const items = itemsOf(text);
    const key = items.map(({ stem, acronym }) => (acronym ? stem.toUpperCase() : stem)).join(" ");
    if (items.length > 0 && !items.every(({ folded }) => isNegation(folded)) && (terms.get(key)?.weight ?? 0) < weight)
      terms.set(key, { items, weight, whole: weight > WEIGHTS.option || items.length > 1 });
  };
  for (const text of [...factor.indicatorTermsFr, ...own.terms]) addTerm(text, WEIGHTS.term);
  addTerm(factor.labelFr, WEIGHTS.label);
  for (const { labelFr } of options) for (const part of labelFr.split(/[(),;/]| ou | et /)) addTerm(part, WEIGHTS.option);

  const loose = new Map<string, number>();
  const addWords = (text: string, weight: number, whole: boolean) => {
    const items = itemsOf(text).filter(({ folded, acronym }) => !acronym && folded.length > 3 && !isNegation(folded));
    if (!whole && items.length < 2) return;
    for (const { stem } of items) if ((loose.get(stem) ?? 0) < weight) loose.set(stem, weight);
  };
  addWords(factor.labelFr, WEIGHTS.labelWord, true);
  for (const text of [...factor.indicatorTermsFr, ...own.terms]) addWords(text, WEIGHTS.termWord, false);
  for (const { labelFr } of options) addWords(labelFr, WEIGHTS.optionWord, true);
  addWords(factor.definitionFr, WEIGHTS.definitionWord, true);

  const section = extra.sections.get(factor.section);
  const stems = (texts: readonly string[]) => new Set(texts.flatMap((text) => itemsOf(text).map(({ stem }) => stem)));
  return {
    terms: [...terms.values()],
    loose,
    patterns: own.patterns,
    titles: stems(section?.headings ?? []),
    opening: section?.opening ?? false,
    person: factor.appliesTo === "victim" || factor.appliesTo === "perpetrator" ? factor.appliesTo : null,
    proposals: stems(extra.proposals),
  };
}

function itemsOf(text: string): Item[] {
  return wordsOf(Array.from(text))
    .filter(({ folded, capitals }) => capitals || !isFunctionWord(folded))
    .map(({ stem, folded, capitals }) => ({ stem, folded, acronym: capitals }));
}
