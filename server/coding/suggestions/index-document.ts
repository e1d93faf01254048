import type { Block, Page } from "../../documents/read-document.ts";
import { DEPARTMENTS } from "../../reports/places.ts";
import { type Folding, isFunctionWord, isNegation, type Word, wordsOf } from "./fold.ts";
import { departmentNames, type PatternName, patternsIn } from "./patterns.ts";
import { type Subject, subjectsOf } from "./people.ts";
import { sentencesOf } from "./sentences.ts";

export type DocumentText = { text: string; blocks: readonly Block[]; pages: readonly Page[] };

/** One passage as it is searched. `words` are those that carry sense, in order; `title` are the stems of the titles it stands under. */
export type Passage = {
  start: number;
  end: number;
  heading: boolean;
  words: Word[];
  title: ReadonlySet<string>;
  patterns: ReadonlyMap<PatternName, string>;
  /** The first word that denies something, as it stands there. */
  negation: string | null;
  subject: Subject;
  /** Place in the document, from 0 to 1. */
  depth: number;
};

/** A document read once for all factors. `postings`: for each stem, the passages that hold it, in order. */
export type DocumentIndex = {
  points: readonly string[];
  passages: Passage[];
  postings: ReadonlyMap<string, readonly number[]>;
  patternCounts: ReadonlyMap<PatternName, number>;
  meanLength: number;
};

const NAMES = departmentNames(DEPARTMENTS.map(({ name }) => name));
const NO_TITLE: ReadonlySet<string> = new Set();

/** Reads a document once: its passages, their words and what their titles say. Linear in the length of the text. */
export function indexDocument(document: DocumentText): DocumentIndex {
  const points = Array.from(document.text);
  const passages: Passage[] = [];
  const postings = new Map<string, number[]>();
  const patternCounts = new Map<PatternName, number>();
  // Titles above a passage, by level: a title of the same level or higher replaces those below.
  let titles: { level: number; stems: string[] }[] = [];
  let title: ReadonlySet<string> = NO_TITLE;
  let titled = -1;
  const known = new Map<string, Folding>();
  const spans = sentencesOf(points, document.blocks);
  const texts = spans.map(({ start, end }) => points.slice(start, end).join(""));
  const subjects = subjectsOf(spans.map(({ block }, at) => ({ text: texts[at]!, block })));
  for (const [at, { start, end, block }] of spans.entries()) {
    const kind = document.blocks[block];
    const all = wordsOf(points.slice(start, end), start, known);
    const words = all.filter(({ folded, capitals }) => capitals || !isFunctionWord(folded));
    const heading = kind?.kind === "heading" || (kind?.kind === "paragraph" && start === kind.start && looksLikeTitle(points, kind));
    if (heading && block !== titled) {
      titled = block;
      const level = kind?.kind === "heading" ? kind.level : 9;
      titles = titles.filter((one) => one.level < level);
      titles.push({ level, stems: words.map(({ stem }) => stem) });
      title = new Set(titles.flatMap(({ stems }) => stems));
    }
    const runIn = heading || kind === undefined || kind.kind === "table" ? NO_TITLE : runInTitle(points, kind);
    const patterns = patternsIn(texts[at]!, NAMES);
    for (const name of patterns.keys()) patternCounts.set(name, (patternCounts.get(name) ?? 0) + 1);
    const denial = all.find(({ folded }) => isNegation(folded));
    passages.push({
      start,
      end,
      heading,
      words,
      title: runIn.size === 0 ? title : new Set([...title, ...runIn]),
      patterns,
      negation: denial ? points.slice(denial.start, denial.end).join("") : null,
      subject: subjects[at]!,
      depth: points.length === 0 ? 0 : start / points.length,
    });
    for (const { stem } of words) {
      const list = postings.get(stem);
      if (!list) postings.set(stem, [at]);
      else if (list.at(-1) !== at) list.push(at);
    }
  }
  const total = passages.reduce((sum, { words }) => sum + words.length, 0);
  return { points, passages, postings, patternCounts, meanLength: passages.length === 0 ? 1 : Math.max(1, total / passages.length) };
}

/** A short paragraph that ends without a full stop: a title in a document that marks none. */
function looksLikeTitle(points: readonly string[], block: Block): boolean {
  if (block.end - block.start > 90) return false;
  return !/[.!?;,…»)\]]$/u.test(points.slice(block.start, block.end).join("").trimEnd());
}

/** The title that a paragraph opens with, if it does: up to five words before a colon or a full stop (« Alcool : … », « La santé. … »). */
function runInTitle(points: readonly string[], block: Block): ReadonlySet<string> {
  const opening = /^[^.:;!?]{3,45}(?=\s?:\s|\.\s\p{Lu})/u.exec(
    points.slice(block.start, Math.min(block.end, block.start + 60)).join(""),
  )?.[0];
  if (opening === undefined || opening.split(/\s+/u).length > 5) return NO_TITLE;
  return new Set(wordsOf(Array.from(opening)).flatMap(({ folded, stem }) => (isFunctionWord(folded) ? [] : [stem])));
}
