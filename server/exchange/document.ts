/**
 * A text on its way to a DOCX, ODT or PDF file: a letter, a booklet. Pure data: no text in it is ever read as markup, a field or a formula,
 * and each writer leaves out what its format cannot hold. Spaces and apostrophes may be typed plainly: prepare.ts sets those of careful
 * printing, the same in the three formats.
 */
export type TextDocument = {
  language: "fr" | "en";
  /** Name of the file's contents: heading of the first page, or the subject of a letter. */
  title: string;
  /** Under the title; a letter has none. */
  subtitle?: string;
  /** The organisation or the person who signs the text; the only name in the file's properties. */
  author: string;
  /** Day of the text, "2026-11-25", written in words. Nothing else in the file tells when it was made. */
  date: string;
  /** Makes the text a letter: sender, addressee, place and day, subject; then no heading page and the blocks start with the salutation. */
  letter?: Letter;
  /** Foot of every page, beside its number. */
  footer?: string;
  /** Whether a table of contents stands before the first block. */
  toc: boolean;
  blocks: Block[];
};

export type Letter = {
  /** The sender's lines: the first is the organisation, the others its service, its address. */
  letterhead: string[];
  /** The addressee's lines, as on an envelope. */
  recipient: string[];
  /** "Paris": written before the day. */
  place?: string;
  /** Lines between the address and the subject: "Nos références", "Pièces jointes"… */
  particulars?: { term: string; detail: string }[];
};

/** A stretch of text set alike. Line ends in its text are line breaks. Only http, https and mailto addresses become links. */
export type Run = { text: string; bold?: boolean; italic?: boolean; href?: string };

/** Text with nothing marked, or its runs. */
export type Content = string | Run[];

export type Block =
  /** Levels follow the model, but none is skipped: a level 4 right under a level 1 becomes 2. Empty headings are left out. */
  | { kind: "heading"; level: HeadingLevel; content: Content }
  /** `small`: a note, a source, a context. */
  | { kind: "paragraph"; content: Content; small?: boolean }
  | { kind: "list"; ordered: boolean; items: ListItem[] }
  | Table
  /** Terms with their details side by side; a detail of several paragraphs is an array of contents. */
  | { kind: "definitions"; items: { term: string; detail: Content | { paragraphs: Content[] } }[] }
  /** Set apart: what must not be missed, the wording of a recommendation. */
  | { kind: "callout"; title?: string; paragraphs: Content[] }
  | { kind: "quote"; paragraphs: Content[]; source?: string }
  | { kind: "page-break" }
  /** Room for a hand-written signature, then the signatory's lines (name, function); kept together. */
  | { kind: "signature"; lines: string[] };

export type HeadingLevel = 1 | 2 | 3 | 4;

/** An item, with a list inside it or none: lists nest one level. */
export type ListItem = { content: Content; list?: { ordered: boolean; items: Content[] } };

export type Table = {
  kind: "table";
  caption?: string;
  columns: TableColumn[];
  /** Cells in the order of the columns; missing ones are empty. */
  rows: Content[][];
  /** The first column names its row. */
  rowHeadings?: boolean;
  /** Whether the headings are repeated on each page: yes unless told otherwise. */
  repeatHeader?: boolean;
};

/** `width` is a share beside those of the other columns; found from the contents when no column has one. */
export type TableColumn = { heading: string; align?: "left" | "center" | "right"; width?: number };
