import { type Cell, type Column, type Table, typedCell } from "./table.ts";

/**
 * The table as CSV for a spreadsheet opened by double click: UTF-8 with its mark, semicolons and CRLF in both languages; numbers with a
 * decimal comma in French and a point in English, never grouped; days as 2026-11-25. Fields are quoted as in RFC 4180. A text (or a heading)
 * that a spreadsheet would take for a formula gets an apostrophe before it; a number never does, so −1,5 stays a number.
 */
export function writeCsv(table: Table, language: "fr" | "en"): Uint8Array {
  const lines = [
    table.columns.map((column) => quoted(inert(column.heading))),
    ...table.rows.map((row) => table.columns.map((column, index) => field(row[index], column, language))),
  ];
  return new TextEncoder().encode(`\ufeff${lines.map((line) => `${line.join(";")}\r\n`).join("")}`);
}

function field(cell: Cell | undefined, column: Column, language: "fr" | "en"): string {
  const typed = typedCell(cell, column);
  switch (typed.kind) {
    case "empty":
      return "";
    case "number":
      return language === "fr" ? String(typed.value).replace(".", ",") : String(typed.value);
    case "date":
      return typed.iso;
    case "text":
      return quoted(inert(typed.text));
  }
}

/** Starts of a formula, in the full-width forms too that some spreadsheets fold; controls that some skip before looking. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Without the control characters that no spreadsheet takes, and disarmed. */
function inert(text: string): string {
  const clean = text.replace(/[^\P{Cc}\t\n\r]|\p{Cs}/gu, "");
  return FORMULA.test(clean) ? `'${clean}` : clean;
}

/** Quoted where RFC 4180 asks for it, and where spaces at the ends or tabs could be lost. */
const quoted = (text: string): string => (/[";\r\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
