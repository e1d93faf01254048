import { type Table, typedCell, type Workbook } from "./table.ts";

/**
 * The workbook as JSON: the first table as an array of objects, one a row, under the keys of its columns; the other tables, by convention what
 * states the scope, under `notes`. UTF-8 without mark, two-space indents, always in the same order.
 * `{ title, language, columns: [{ key, heading, type }], rows: [{ key: value }], notes: [{ name, columns, rows }] }`
 */
export function writeJson(book: Workbook): Uint8Array {
  const [first, ...others] = book.tables;
  const whole = {
    title: book.title,
    language: book.language,
    ...tableData(first ?? { name: "", columns: [], rows: [] }),
    notes: others.map((table) => ({ name: table.name, ...tableData(table) })),
  };
  return new TextEncoder().encode(`${JSON.stringify(whole, null, 2)}\n`);
}

function tableData({ columns, rows }: Table) {
  return {
    columns: columns.map(({ key, heading, type }) => ({ key, heading, type })),
    rows: rows.map((row) =>
      Object.fromEntries(
        columns.map((column, index) => {
          const cell = row[index];
          return [column.key, typedCell(cell, column).kind === "empty" ? null : cell];
        }),
      ),
    ),
  };
}
