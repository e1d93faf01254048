/**
 * Tables on their way to a spreadsheet, whatever they are about. The value of a cell decides how it is written: a number is always a number,
 * a text always a text that nothing will calculate; a text of a date column that is a real day (“2026-11-25”) is a date.
 */
export type Cell = string | number | null;

export type Column = {
  /** Name of the column in JSON: unique in its table. */
  key: string;
  heading: string;
  type: "text" | "integer" | "number" | "date";
  /** In characters; found from the contents when left out. */
  width?: number;
};

/** Rows hold their cells in the order of the columns; cells that are missing at the end are empty. */
export type Table = { name: string; columns: Column[]; rows: Cell[][] };

/** By convention the last of several tables states scope, date and filters. */
export type Workbook = { language: "fr" | "en"; title: string; tables: Table[] };

/** A cell as a spreadsheet types it. */
export type TypedCell =
  | { kind: "empty" }
  | { kind: "text"; text: string }
  | { kind: "number"; value: number }
  | { kind: "date"; iso: string };

/** How the cell of a column is to be written. A number that is not finite is empty. */
export function typedCell(cell: Cell | undefined, column: Column): TypedCell {
  if (cell === null || cell === undefined || cell === "") return { kind: "empty" };
  if (typeof cell === "number") return Number.isFinite(cell) ? { kind: "number", value: cell } : { kind: "empty" };
  if (column.type === "date" && isDay(cell)) return { kind: "date", iso: cell };
  return { kind: "text", text: cell };
}

/** Width of each column in characters: as asked, else enough for its heading's longest word and for most of its contents, 60 at most. */
export function columnWidths({ columns, rows }: Table): number[] {
  return columns.map((column, index) => {
    if (column.width !== undefined) return column.width;
    const longestWord = Math.max(...column.heading.split(/\s+/).map((word) => word.length));
    const contents = rows.slice(0, 500).map((row) =>
      Math.max(
        ...String(row[index] ?? "")
          .split("\n")
          .map((line) => line.length),
      ),
    );
    return Math.min(60, Math.max(10, longestWord + 2, ...contents.map((length) => length + 2)));
  });
}

/** Names that Excel and LibreOffice both accept (no []:*?/\, at most 31 characters), each different from the others. */
export function sheetNames(tables: Table[]): string[] {
  const names: string[] = [];
  for (const { name } of tables) {
    const cleaned = name
      .replace(/[\p{Cc}\p{Cs}[\]:*?/\\]/gu, " ")
      .replace(/\s+/g, " ")
      .replace(/^[\s']+|[\s']+$/g, "");
    const base = cleaned === "" ? `Table ${names.length + 1}` : cleaned;
    const taken = new Set(names.map((one) => one.toLowerCase()));
    let candidate = cut(base, 31);
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1)
      candidate = `${cut(base, 31 - String(number).length - 3)} (${number})`;
    names.push(candidate);
  }
  return names;
}

/** Whether the table takes a filter in its header: data does, the closing table that states the scope does not. */
export function takesFilter(book: Workbook, index: number): boolean {
  const table = book.tables[index];
  return table !== undefined && table.rows.length > 0 && table.columns.length > 0 && (index === 0 || index < book.tables.length - 1);
}

/** The column's letters, from 0: A … Z, AA … */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest === 0 ? "" : columnLetters(rest - 1)) + String.fromCharCode(65 + (index % 26));
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** At most so many UTF-16 units, without halving a character. */
const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : text
        .slice(0, length)
        .replace(/[\ud800-\udbff]$/, "")
        .trimEnd();
