import { longDate } from "../http/formats.ts";
import type { Block, Content, HeadingLevel, Run, Table, TextDocument } from "./document.ts";
import { typographic } from "./typography.ts";

/** The document as the three writers set it: words in their typography, nothing that a file cannot hold, nothing empty, widths settled. */
export type PreparedDocument = {
  language: "fr" | "en";
  title: string;
  subtitle: string;
  author: string;
  /** "25 novembre 2026", in a letter "Paris, le 25 novembre 2026"; empty for a text without a day. */
  dateLine: string;
  footer: string;
  /** Heading of the table of contents, or null where there is none. */
  contents: string | null;
  letter: PreparedLetter | null;
  blocks: PreparedBlock[];
};

/** The last of the particulars is the subject of the letter. */
export type PreparedLetter = { letterhead: string[]; recipient: string[]; particulars: { term: string; detail: string }[] };

export type PreparedRun = { kind: "text"; text: string; bold: boolean; italic: boolean; href: string | null } | { kind: "break" };

export type PreparedBlock =
  /** `place` numbers the headings from 0: names of bookmarks are made of it. */
  | { kind: "heading"; level: HeadingLevel; place: number; runs: PreparedRun[] }
  | { kind: "paragraph"; runs: PreparedRun[]; small: boolean }
  | { kind: "list"; ordered: boolean; items: PreparedItem[] }
  | PreparedTable
  | { kind: "definitions"; items: { term: string; paragraphs: PreparedRun[][] }[] }
  | { kind: "callout"; title: string; paragraphs: PreparedRun[][] }
  | { kind: "quote"; paragraphs: PreparedRun[][]; source: string }
  | { kind: "page-break" }
  | { kind: "signature"; lines: string[] };

export type PreparedItem = { runs: PreparedRun[]; list: { ordered: boolean; items: PreparedRun[][] } | null };

export type PreparedTable = {
  kind: "table";
  caption: string;
  /** `share` of the text's width; together 1. */
  columns: { heading: string; align: "left" | "center" | "right"; share: number }[];
  /** Size of the text in points. */
  size: number;
  rows: PreparedRun[][][];
  rowHeadings: boolean;
  repeatHeader: boolean;
};

/** Levels of headings that the table of contents lists. */
export const CONTENTS_DEPTH = 2;
/** Margins at the sides of the page and the width of its text, in millimetres: A4. */
export const SIDE_MARGIN = 27;
export const TEXT_WIDTH = 210 - 2 * SIDE_MARGIN;
/** Where the addressee stands: left edge from that of the text, top from that of the page, so that a window envelope shows it. */
export const RECIPIENT = { left: 83, top: 50 };

const WORDS = {
  fr: { untitled: "Document", contents: "Sommaire", subject: "Objet" },
  en: { untitled: "Document", contents: "Contents", subject: "Subject" },
} as const;

const TABLE_SIZE = 9;
/** Width of the text in ems of a table, and of a character and of a cell's padding. */
const TABLE_WIDTH = (TEXT_WIDTH * 72) / 25.4 / TABLE_SIZE;
const CHARACTER = 0.53;
const PADDING = 1.4;

/** What every writer starts from. Pure: the same document gives the same result. */
export function prepareDocument(document: TextDocument): PreparedDocument {
  const { language, letter } = document;
  const words = WORDS[language];
  const line = (text: string | undefined): string => oneLine(typographic(clean(text ?? ""), language));
  const lines = (all: string[]): string[] => all.flatMap((text) => clean(text).split("\n")).flatMap((text) => line(text) || []);
  const runs = (content: Content, breaks = true): PreparedRun[] => {
    const given: Run[] = typeof content === "string" ? [{ text: content }] : content;
    const set = given.flatMap(({ text, bold = false, italic = false, href }): PreparedRun[] => {
      const address = href === undefined ? null : linkAddress(href);
      const parts = clean(text).split("\n");
      const stretch = (part: string): PreparedRun => ({ kind: "text", text: typographic(part, language), bold, italic, href: address });
      if (!breaks) return [stretch(parts.join(" "))];
      return parts.flatMap((part, index) => (index === 0 ? [stretch(part)] : [{ kind: "break" }, stretch(part)]));
    });
    return set.filter((run) => run.kind === "break" || run.text !== "");
  };
  const paragraphs = (all: Content[]): PreparedRun[][] => all.map((content) => runs(content)).filter(hasInk);

  const levels: number[] = [];
  let headings = 0;
  const block = (one: Block): PreparedBlock[] => {
    switch (one.kind) {
      case "heading": {
        const set = runs(one.content, false);
        if (!hasInk(set)) return [];
        while (levels.length > 0 && levels.at(-1)! >= one.level) levels.pop();
        levels.push(one.level);
        return [{ kind: "heading", level: levels.length as HeadingLevel, place: headings++, runs: set }];
      }
      case "paragraph": {
        const set = runs(one.content);
        return hasInk(set) ? [{ kind: "paragraph", runs: set, small: one.small ?? false }] : [];
      }
      case "list": {
        const items = one.items.flatMap(({ content, list }): PreparedItem[] => {
          const set = runs(content);
          const nested = list === undefined ? [] : paragraphs(list.items);
          if (!hasInk(set) && nested.length === 0) return [];
          return [{ runs: set, list: list === undefined || nested.length === 0 ? null : { ordered: list.ordered, items: nested } }];
        });
        return items.length === 0 ? [] : [{ kind: "list", ordered: one.ordered, items }];
      }
      case "table":
        return one.columns.length === 0 ? [] : [table(one)];
      case "definitions": {
        const items = one.items.map(({ term, detail }) => ({
          term: line(term),
          paragraphs: paragraphs(typeof detail === "object" && "paragraphs" in detail ? detail.paragraphs : [detail]),
        }));
        const told = items.filter(({ term, paragraphs: all }) => term !== "" || all.length > 0);
        return told.length === 0 ? [] : [{ kind: "definitions", items: told }];
      }
      case "callout": {
        const [title, all] = [line(one.title), paragraphs(one.paragraphs)];
        return title === "" && all.length === 0 ? [] : [{ kind: "callout", title, paragraphs: all }];
      }
      case "quote": {
        const all = paragraphs(one.paragraphs);
        return all.length === 0 ? [] : [{ kind: "quote", paragraphs: all, source: line(one.source) }];
      }
      case "page-break":
        return [one];
      case "signature":
        return [{ kind: "signature", lines: lines(one.lines) }];
    }
  };
  const table = (one: Table): PreparedTable => {
    const columns = one.columns.map(({ heading, align = "left", width }) => ({ heading: line(heading), align, width }));
    const rows = one.rows.map((cells) => columns.map((_, index) => runs(cells[index] ?? "")));
    const { size, shares } = columnShares(columns, rows);
    return {
      kind: "table",
      caption: line(one.caption),
      columns: columns.map(({ heading, align }, index) => ({ heading, align, share: shares[index]! })),
      size,
      rows,
      rowHeadings: one.rowHeadings ?? false,
      repeatHeader: one.repeatHeader ?? true,
    };
  };

  const title = line(document.title) || words.untitled;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(document.date) ? longDate(document.date, language) : "";
  const blocks = document.blocks.flatMap(block);
  return {
    language,
    title,
    subtitle: line(document.subtitle),
    author: line(document.author),
    dateLine: letter === undefined || day === "" ? day : placeAndDay(line(letter.place), day, language),
    footer: line(document.footer),
    contents: document.toc && blocks.some((one) => one.kind === "heading" && one.level <= CONTENTS_DEPTH) ? words.contents : null,
    letter:
      letter === undefined
        ? null
        : {
            letterhead: lines(letter.letterhead),
            recipient: lines(letter.recipient),
            particulars: [
              ...(letter.particulars ?? []).map(({ term, detail }) => ({ term: line(term), detail: line(detail) })),
              { term: words.subject, detail: title },
            ],
          },
    blocks,
  };
}

/** The text of runs as one line. */
export const plainText = (runs: PreparedRun[]): string => oneLine(runs.map((run) => (run.kind === "text" ? run.text : " ")).join(""));

/** Whether a row of a table is kept on one page: unless it is so long that this could leave most of a page empty. */
export const staysWhole = (row: PreparedRun[][]): boolean => row.every((runs) => plainText(runs).length < 600);

/** The term of a pair as it is written before its detail: « Objet : » in French, “Subject:” in English. */
export const withColon = (term: string, language: "fr" | "en"): string => (language === "fr" ? `${term}\u00a0:` : `${term}:`);

const hasInk = (runs: PreparedRun[]): boolean => runs.some((run) => run.kind === "text" && /[^\s\p{Cf}]/u.test(run.text));

/**
 * Without what XML, a PDF or an honest reader cannot take: controls, lone surrogates, non-characters, marks that turn the reading direction
 * around. Every kind of line end is one line feed, a tab a space.
 */
function clean(text: string): string {
  return text
    .replace(/\r\n?|[\n\v\f\u0085\u2028\u2029]/g, "\n")
    .replaceAll("\t", " ")
    .replace(/[^\P{Cc}\n]|\p{Cs}|\p{Noncharacter_Code_Point}|[\ufeff\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** Ends trimmed, line ends as spaces; no-break spaces stay. */
const oneLine = (text: string): string => text.replace(/[ \n]+/g, " ").replace(/^ | $/g, "");

/** The address in full when it may become a link, or null. */
function linkAddress(href: string): string | null {
  if (!/^(?:https?:|mailto:)/i.test(href) || !URL.canParse(href)) return null;
  const address = new URL(href).href;
  return address.length <= 2000 ? address : null;
}

function placeAndDay(place: string, day: string, language: "fr" | "en"): string {
  if (language === "fr") return place === "" ? `Le ${day}` : `${place}, le ${day}`;
  return place === "" ? day : `${place}, ${day}`;
}

/**
 * Shares of the width and size of the text. Each column first gets the room of its longest word; what is left goes to those that hold more
 * than that. A table with too many columns is set smaller, down to 5.5 points; then words are cut.
 */
function columnShares(
  columns: { heading: string; align: string; width: number | undefined }[],
  rows: PreparedRun[][][],
): Pick<PreparedTable, "size"> & { shares: number[] } {
  const needs = columns.map(({ heading }, index) => {
    // The first 500 rows say enough of what a column holds.
    const texts = [...rows.slice(0, 500).map((row) => plainText(row[index]!)), heading];
    const word = Math.min(24, Math.max(1, ...texts.flatMap((text) => text.split(/[ /]/)).map((part) => part.length)));
    const longest = Math.max(word, Math.ceil(heading.length / 3), ...texts.slice(0, -1).map((text) => text.length));
    return { least: word * CHARACTER + PADDING, wanted: Math.min(longest, 34) * CHARACTER + PADDING, weight: Math.sqrt(longest) };
  });
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const least = sum(needs.map((need) => need.least));
  const size = least > TABLE_WIDTH ? Math.max(5.5, (TABLE_SIZE * TABLE_WIDTH) / least) : TABLE_SIZE;
  const asked = columns.map(({ width }) => (width !== undefined && Number.isFinite(width) && width > 0 ? width : null));
  if (asked.some((width) => width !== null)) {
    const known = asked.filter((width) => width !== null);
    const widths = asked.map((width) => width ?? sum(known) / known.length);
    return { size, shares: widths.map((width) => width / sum(widths)) };
  }
  if (least >= TABLE_WIDTH) return { size, shares: needs.map((need) => need.least / least) };
  const wanted = sum(needs.map((need) => need.wanted));
  const left = TABLE_WIDTH - least;
  if (wanted > TABLE_WIDTH) {
    const weight = sum(needs.map((need) => (need.wanted - need.least) * need.weight));
    return { size, shares: needs.map((need) => (need.least + (left * (need.wanted - need.least) * need.weight) / weight) / TABLE_WIDTH) };
  }
  // Room to spare: the texts take it, and the numbers stay near one another.
  const takers = columns.map(({ align }) => columns.every((one) => one.align === "right") || align !== "right");
  const weight = sum(needs.map((need, index) => (takers[index] ? need.weight : 0)));
  const spare = TABLE_WIDTH - wanted;
  return { size, shares: needs.map((need, index) => (need.wanted + (takers[index] ? (spare * need.weight) / weight : 0)) / TABLE_WIDTH) };
}
