import type { Faces } from "../../exchange/pdf/fonts.ts";
import { breakable, familiesOf, printableText } from "../../exchange/pdf/printable.ts";
import { typographic } from "../../exchange/typography.ts";
import type { Block, LetterDocument, LetterTable } from "../letter-document.ts";
import { type MarkdownBlock, markdownToBlocks, type Run } from "../markdown.ts";

/** What letter.typ reads: the letter with its texts parsed, its typography settled and nothing in it that the faces cannot print. */
export type PrintedLetter = {
  language: "fr" | "en";
  title: string;
  subtitle: string;
  issuer: string;
  dateLine: string;
  fictional: string | null;
  contents: string;
  fonts: { serif: string[]; sans: string[] };
  blocks: PrintedBlock[];
};

type PrintedBlock =
  | { kind: "text" | "note"; heading: string | null; prose: Prose[] }
  | { kind: "key-figures"; heading: string | null; figures: { value: string; label: string; detail: string }[]; across: number }
  | { kind: "table"; heading: string | null; table: PrintedTable }
  | { kind: "chart"; heading: string | null; description: string; svg: string; table: PrintedTable }
  | (Omit<GoodPractices, "heading"> & { heading: string | null })
  | (Omit<Recommendations, "heading"> & { heading: string | null });

type GoodPractices = Extract<Block, { kind: "good-practices" }>;
type Recommendations = Extract<Block, { kind: "recommendations" }>;

type Prose =
  | { kind: "paragraph"; runs: Run[] }
  | { kind: "heading"; level: number; runs: Run[] }
  | { kind: "list"; ordered: boolean; start: number; items: Prose[][] }
  | { kind: "quote"; blocks: Prose[] }
  | { kind: "code"; lines: string[] }
  | { kind: "rule" };

type PrintedTable = {
  caption: string;
  columns: LetterTable["columns"];
  /** Width of each column: a share of what is left, or a number of ems. */
  widths: { fraction: boolean; size: number }[];
  /** Size of the text in points. */
  size: number;
  rows: string[][];
  notes: string[];
};

/** What stands where a letter leaves empty what a tagged PDF must name. */
const WORDS = {
  fr: { letter: "Lettre", contents: "Sommaire", chart: "Graphique" },
  en: { letter: "Letter", contents: "Contents", chart: "Chart" },
} as const;

/** Size of tables in points, and the width of the page's text in ems of it. */
const TABLE_SIZE = 9;
const TABLE_WIDTH = 47;

/** The letter as letter.typ reads it. `faces` says which characters can be printed. */
export function prepareLetter(document: LetterDocument, faces: Pick<Faces, "serif" | "sans" | "covers">): PrintedLetter {
  const { language } = document;
  const words = WORDS[language];
  const clean = printableText(faces);
  const set = (text: string): string => breakable(typographic(clean(text), language));

  /** A heading that can be printed, or null: a tagged PDF holds no empty one. */
  const titled = (text: string | null): string | null => (text === null ? null : set(text).trim() || null);

  const run = (one: Run): Run => (one.kind === "break" ? one : { ...one, text: breakable(clean(one.text)), href: printedLink(one.href) });
  const prose = (blocks: MarkdownBlock[], base: number): Prose[] =>
    blocks.map((block) => proseBlock(block, base)).filter((block) => block.kind !== "heading" || wordsOf(block.runs).trim() !== "");
  const proseBlock = (block: MarkdownBlock, base: number): Prose => {
    switch (block.kind) {
      case "paragraph":
        return { kind: "paragraph", runs: block.runs.map(run) };
      case "heading":
        return { kind: "heading", level: block.level - 3 + base, runs: block.runs.map(run) };
      case "list":
        return { ...block, items: block.items.map((item) => prose(item, base)) };
      case "quote":
        return { kind: "quote", blocks: prose(block.blocks, base) };
      case "code":
        return { kind: "code", lines: block.text.split("\n").map((line) => breakable(clean(line))) };
      case "rule":
        return block;
    }
  };
  const table = (one: LetterTable): PrintedTable => {
    const columns = one.columns.map(({ label, numeric }) => ({ label: set(label), numeric }));
    const rows = one.rows.map((row) => columns.map((_, index) => set(row[index] ?? "")));
    return {
      caption: set(one.caption),
      columns,
      ...columnWidths(columns, rows),
      rows,
      notes: [one.note, one.source].flatMap((text) => (text === null || text === "" ? [] : [set(text)])),
    };
  };
  const block = (one: Block): PrintedBlock => {
    switch (one.kind) {
      case "text":
      case "note": {
        const heading = titled(one.heading);
        return { kind: one.kind, heading, prose: prose(markdownToBlocks(one.markdown, language), heading === null ? 1 : 2) };
      }
      case "key-figures": {
        const figures = one.figures.map(({ value, label, detail }) => ({ value: set(value), label: set(label), detail: set(detail) }));
        return { kind: one.kind, heading: titled(one.heading), figures, across: [1, 2, 4].includes(figures.length) ? 2 : 3 };
      }
      case "table":
        return { kind: one.kind, heading: titled(one.heading), table: table(one.table) };
      case "chart":
        return {
          kind: one.kind,
          heading: titled(one.heading),
          description: titled(one.description) ?? titled(one.heading) ?? words.chart,
          svg: printedChart(one.svg, clean, faces.sans),
          table: table(one.table),
        };
      case "good-practices":
        return { ...one, heading: titled(one.heading), empty: set(one.empty), items: one.items.map((item) => mapValues(item, set)) };
      case "recommendations":
        return { ...one, heading: titled(one.heading), empty: set(one.empty), items: one.items.map((item) => mapValues(item, set)) };
    }
  };
  return {
    language,
    title: titled(document.title) ?? words.letter,
    subtitle: set(document.subtitle),
    issuer: set(document.issuer),
    dateLine: set(document.dateLine),
    fictional: titled(document.fictional),
    contents: titled(document.contents) ?? words.contents,
    fonts: familiesOf(faces),
    blocks: document.blocks.map(block),
  };
}

function mapValues<Item extends Record<string, string>>(item: Item, change: (text: string) => string): Item {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, change(value)])) as Item;
}

const wordsOf = (runs: Run[]): string => runs.map((run) => (run.kind === "text" ? run.text : " ")).join("");

/** Addresses that lead somewhere from a printed file; a relative one has no page to start from. */
const printedLink = (href: string | null): string | null => (href !== null && /^(?:https?:|mailto:)/i.test(href) ? href : null);

/** The drawing in the letter's own faces, its texts limited to what they can print. */
function printedChart(svg: string, clean: (text: string) => string, families: string[]): string {
  return svg
    .replace(/font-family="[^"]*"/g, `font-family="${families.map((family) => `'${family}'`).join(", ")}"`)
    .replace(/>([^<]+)</g, (_, text: string) => `>${clean(text)}<`)
    .replace("<svg ", '<svg color="#1b1f24" ');
}

/**
 * Numeric columns get the width of their longest number or of their heading on three lines, short texts their own; longer texts share the
 * rest by how much they hold. A table with too many columns for that is set smaller, its columns sharing the whole by what they need.
 */
function columnWidths(columns: LetterTable["columns"], rows: string[][]): Pick<PrintedTable, "widths" | "size"> {
  const needs = columns.map(({ label, numeric }, index) => {
    const longest = Math.max(1, ...rows.map((row) => row[index]!.length));
    const word = Math.max(1, ...label.split(/\s+/).map((part) => part.length));
    const fixed = numeric || Math.max(longest, word) <= 16;
    const length = fixed ? Math.max(longest, word, Math.ceil(label.length / 3)) : Math.min(longest, 28);
    return { fixed, ems: length * 0.55 + 1.6, share: Math.sqrt(Math.max(longest, word)) };
  });
  const total = needs.reduce((sum, { ems }) => sum + ems, 0);
  if (total > TABLE_WIDTH) {
    return { size: Math.max(5.5, (TABLE_SIZE * TABLE_WIDTH) / total), widths: needs.map(({ ems }) => ({ fraction: true, size: ems })) };
  }
  return {
    size: TABLE_SIZE,
    widths: needs.map(({ fixed, ems, share }) => ({ fraction: !fixed, size: fixed ? ems : share })),
  };
}
