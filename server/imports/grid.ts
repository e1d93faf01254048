import { refuse } from "./refusals.ts";

export const MOST_LINES = 20_000;
export const MOST_COLUMNS = 300;
const LONGEST_CELL = 32_767;
const MOST_CHARACTERS = 60_000_000;

/** One line that holds something: its number in the sheet, and the JSON of its cells as text, without the empty ones at its end. */
export type Line = { line: number; cells: string };

/** What a reader fills, line by line; lines and cells that hold nothing leave no trace, however many a file declares. */
export type Grid = {
  /** Puts a text in a column (from 0) of the line being read. */
  cell: (column: number, text: string) => void;
  /** Closes the line of this number (from 1), `times` alike. */
  endLine: (line: number, times?: number) => void;
  lines: Line[];
  columns: () => number;
};

/** @throws RefusedSheet beyond the limits of an import */
export function newGrid(): Grid {
  const lines: Line[] = [];
  let cells: string[] = [];
  let width = 0;
  let characters = 0;
  return {
    lines,
    columns: () => width,
    cell(column, text) {
      const clean = cleaned(text);
      if (clean === "") return;
      if (column >= MOST_COLUMNS) refuse("too-many-columns");
      while (cells.length < column) cells.push("");
      cells[column] = clean;
    },
    endLine(line, times = 1) {
      if (cells.length === 0) return;
      width = Math.max(width, cells.length);
      const text = JSON.stringify(cells);
      cells = [];
      if (lines.length + times > MOST_LINES + 1) refuse("too-many-lines");
      characters += text.length * times;
      if (characters > MOST_CHARACTERS) refuse("too-heavy");
      for (let n = 0; n < times; n++) lines.push({ line: line + n, cells: text });
    },
  };
}

/** A cell as the house keeps text: without controls or marks of direction, NFC, spaces at the ends gone. */
function cleaned(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim().slice(0, LONGEST_CELL);
  return (
    text
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufeff]/g, "")
      .toWellFormed()
      .normalize("NFC")
      .trim()
      .slice(0, LONGEST_CELL)
      .toWellFormed()
  );
}

/** The text of a number as people read it: 45366, 0.5; what binary fractions add is dropped. */
export const numberText = (value: number): string => String(Number(value.toPrecision(15)));

/** The day of a serial number of a spreadsheet; null for none. Excel counts a 29 February 1900 that never was. */
export function dayOfSerial(serial: number, since1904 = false): string | null {
  const days = Math.floor(serial);
  if (!Number.isFinite(serial) || days < 1 || days > 2_958_465) return null;
  const start = since1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  return new Date(start + days * 86_400_000).toISOString().slice(0, 10);
}
