import { archive } from "../exchange/archive.ts";
import { writeCsv } from "../exchange/csv.ts";
import type { Block, Content, TextDocument } from "../exchange/document.ts";
import { writeOds } from "../exchange/ods.ts";
import { type Cell, type Column, type Table, typedCell, type Workbook } from "../exchange/table.ts";
import { writeXlsx } from "../exchange/xlsx.ts";

// From what was read to the bytes of a file: no database, no clock, no words but those it is handed, so that a thread can do it.

export const TABLE_FORMATS = ["csv", "xlsx", "ods", "json"] as const;
export const BOOKLET_FORMATS = ["docx", "odt", "pdf"] as const;
export const EXPORT_FORMATS = [...TABLE_FORMATS, ...BOOKLET_FORMATS] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type BookletFormat = (typeof BOOKLET_FORMATS)[number];
export const isBooklet = (format: ExportFormat): format is BookletFormat => BOOKLET_FORMATS.some((one) => one === format);

/** What is said once of a file. Texts are in the language of the file. */
export type Head = {
  format: ExportFormat;
  language: "fr" | "en";
  title: string;
  /** The instant it was asked for. */
  at: string;
  /** Address of the JSON Schema. */
  schema: string;
  columns: Column[];
  /** Null: without the history. */
  history: Column[] | null;
  /** Names of the sheets, or of the files of an archive. */
  names: { rows: string; history: string; scope: string };
  filters: { label: string; value: string }[];
  /** Scope, date, filters, how many, what it may be used for. */
  scope: { columns: Column[]; rows: Cell[][] };
  booklet: Booklet | null;
};
export type Booklet = {
  author: string;
  /** Key of the column that the groups are named after. */
  groupedBy: "addressee" | "theme";
  /** "2026-11-24" */
  date: string;
  subtitle: string;
  footer: string;
  words: { scope: string; history: string; empty: string; counted: { one: string; other: string } };
};
/** How a recommendation stands in a booklet: under which heading, named how, in which words. */
export type BookletHead = { group: string; reference: string | null; text: string };
/** Some recommendations: their cells, and with `history` the rows of what happened to them, each list in step with `rows`. */
export type Slice = { rows: Cell[][]; history: Cell[][][]; heads: BookletHead[] };

/** The bytes of the file. */
export async function writeExport(head: Head, slices: readonly Slice[]): Promise<Uint8Array> {
  if (isBooklet(head.format)) return writeBooklet(head.format, bookletOf(head, slices));
  if (head.format === "json") return writeJson(head, slices);
  const tables = tablesOf(head, slices);
  if (head.format === "csv") {
    if (head.history === null) return writeCsv(tables[0]!, head.language);
    // One table a file: what goes together is put into one archive.
    return archive(tables.map((table) => [`${fileName(table.name)}.csv`, writeCsv(table, head.language)]));
  }
  const book: Workbook = { language: head.language, title: head.title, tables };
  return head.format === "xlsx" ? writeXlsx(book) : writeOds(book);
}

/** Plain letters, so that every archive program shows the name alike. */
const fileName = (name: string): string =>
  name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

const tablesOf = ({ names, columns, history, scope }: Head, slices: readonly Slice[]): Table[] => [
  { name: names.rows, columns, rows: slices.flatMap((slice) => slice.rows) },
  ...(history === null ? [] : [{ name: names.history, columns: history, rows: slices.flatMap((slice) => slice.history.flat()) }]),
  { name: names.scope, ...scope },
];

/** As /exports/schema.json describes it: an object a recommendation, under the keys of its columns; an object an event. */
function writeJson({ schema, title, language, at, columns, history, names, filters, scope }: Head, slices: readonly Slice[]): Uint8Array {
  const named = (of: Column[]) => of.map(({ key, heading, type }) => ({ key, heading, type }));
  const object = (of: Column[]) => (row: Cell[]) =>
    Object.fromEntries(of.map((column, at) => [column.key, typedCell(row[at], column).kind === "empty" ? null : row[at]]));
  const whole = {
    $schema: schema,
    title,
    language,
    exportedAt: at,
    filters,
    columns: named(columns),
    rows: slices.flatMap((slice) => slice.rows).map(object(columns)),
    ...(history && {
      history: { columns: named(history), rows: slices.flatMap((slice) => slice.history.flat()).map(object(history)) },
    }),
    notes: [{ name: names.scope, columns: named(scope.columns), rows: scope.rows.map(object(scope.columns)) }],
  };
  return new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`);
}

// --- the booklet ------------------------------------------------------------------------------------------------------------------
const HEADING_LENGTH = 64;
/** The first words of a recommendation, for its heading. */
const beginning = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= HEADING_LENGTH) return line;
  return `${line
    .slice(0, HEADING_LENGTH)
    .replace(/\s+\S*$/, "")
    .replace(/[\s,;:.–-]+$/, "")}…`;
};

/** What stands in the heading of an entry or above it, and is not told again among its facts. */
const toldAbove = (key: string, groupedBy: string): boolean => key === "reference" || key === "text" || key === groupedBy;

/** Shares of the width, in the order of the columns of the history. */
const HISTORY_WIDTHS = [0, 12, 20, 16, 26, 26];

function bookletOf(head: Head, slices: readonly Slice[]): TextDocument {
  const { author, date, subtitle, footer, groupedBy, words } = head.booklet!;
  const entries = slices.flatMap((slice) => slice.rows.map((row, at) => ({ row, history: slice.history[at] ?? [], ...slice.heads[at]! })));
  const groups = [...Map.groupBy(entries, ({ group }) => group)].sort(([a], [b]) => a.localeCompare(b, head.language));
  const written = (cell: Cell | undefined, column: Column): string => {
    const typed = typedCell(cell, column);
    if (typed.kind === "empty") return "";
    return typed.kind === "date" ? shown(typed.iso, head.language) : typed.kind === "number" ? String(typed.value) : typed.text;
  };
  const factColumns = head.columns.flatMap((column, at) => (toldAbove(column.key, groupedBy) ? [] : [{ column, at }]));
  /** What happened, without the columns that stay empty; the reference stands above. */
  const life = (history: Cell[][]): Block[] => {
    const shown = (head.history ?? []).flatMap((column, at) =>
      at > 0 && history.some((cells) => written(cells[at], column) !== "") ? [{ column, at }] : [],
    );
    if (shown.length === 0) return [];
    return [
      { kind: "heading", level: 3, content: words.history },
      {
        kind: "table",
        columns: shown.map(({ column, at }) => ({ heading: column.heading, width: HISTORY_WIDTHS[at] ?? 20 })),
        rows: history.map((cells): Content[] => shown.map(({ column, at }) => written(cells[at], column))),
      },
    ];
  };
  const entry = ({ row, history, reference, text }: (typeof entries)[number]): Block[] => [
    { kind: "heading", level: 2, content: [reference, beginning(text)].filter(Boolean).join(" – ") },
    { kind: "callout", paragraphs: [text] },
    {
      kind: "definitions",
      items: factColumns.flatMap(({ column, at }) => {
        const detail = written(row[at], column);
        // "No reminder" is told by its absence.
        return detail === "" || detail === "0" ? [] : [{ term: column.heading, detail }];
      }),
    },
    ...life(history),
  ];
  return {
    language: head.language,
    title: head.title,
    subtitle,
    author,
    date,
    footer,
    toc: entries.length > 0,
    blocks: [
      { kind: "heading", level: 1, content: words.scope },
      {
        kind: "definitions",
        items: head.scope.rows.map(([term, detail]) => ({ term: String(term ?? ""), detail: String(detail ?? "") })),
      },
      ...(entries.length === 0 ? [{ kind: "paragraph" as const, content: words.empty }] : []),
      ...groups.flatMap(([group, some]): Block[] => [
        { kind: "heading", level: 1, content: group },
        {
          kind: "paragraph",
          small: true,
          content: (some.length === 1 ? words.counted.one : words.counted.other).replace("{{n}}", String(some.length)),
        },
        ...some.flatMap(entry),
      ]),
    ],
  };
}

/** "2026-11-24" → "24/11/2026" */
const shown = (iso: string, language: "fr" | "en"): string =>
  new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { dateStyle: "short", timeZone: "UTC" }).format(
    new Date(`${iso}T00:00:00Z`),
  );

async function writeBooklet(format: BookletFormat, document: TextDocument): Promise<Uint8Array> {
  switch (format) {
    case "docx":
      return (await import("../exchange/docx-package.ts")).packDocx(document);
    case "odt":
      return (await import("../exchange/odt-package.ts")).packOdt(document);
    case "pdf":
      return (await import("../exchange/pdf.ts")).writePdf(document, { limit: PDF_MILLISECONDS });
  }
}
/** The typesetter gives up before the thread does, so that it is stopped and not left behind. */
const PDF_MILLISECONDS = 200_000;
