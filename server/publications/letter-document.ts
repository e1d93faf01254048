/**
 * The frozen block model of a letter: what the web page, the PDF and the office files are all drawn from. Every figure in it is already
 * computed, masked and worded; drawing it reads nothing else, so a letter can be drawn again years later to the same bytes.
 */
export type LetterTable = {
  caption: string;
  columns: { label: string; numeric: boolean }[];
  /** Cells as printed, one array a row, in the order of `columns`; the first cell names the row. */
  rows: string[][];
  note: string | null;
  source: string | null;
};

export type Block =
  | { kind: "text"; heading: string | null; markdown: string }
  /** `detail` carries the denominators of the figure. */
  | { kind: "key-figures"; heading: string; figures: { value: string; label: string; detail: string }[] }
  | { kind: "table"; heading: string; table: LetterTable }
  /** `description` is the text alternative of the drawing; `table` holds the same data. `svg` comes from exchange/charts.ts, never from a person. */
  | { kind: "chart"; heading: string; description: string; svg: string; table: LetterTable }
  | { kind: "good-practices"; heading: string; items: { text: string; context: string }[]; empty: string }
  | {
      kind: "recommendations";
      heading: string;
      items: { reference: string; text: string; addressee: string; details: string }[];
      empty: string;
    }
  /** Method, sources. */
  | { kind: "note"; heading: string; markdown: string };

export type LetterDocument = {
  language: "fr" | "en";
  title: string;
  subtitle: string;
  issuer: string;
  dateLine: string;
  /** A warning that the letter is made of fictional data, or null for a real one. */
  fictional: string | null;
  /** Heading of the table of contents. */
  contents: string;
  blocks: Block[];
};
