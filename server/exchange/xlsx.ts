import { unzipSync } from "fflate";
import writeExcelFile, { type Cell as SheetCell, type Row as SheetRow } from "write-excel-file/node";
import { archive } from "./archive.ts";
import {
  type Cell,
  type Column,
  columnLetters,
  columnWidths,
  sheetNames,
  type Table,
  takesFilter,
  typedCell,
  type Workbook,
} from "./table.ts";
import { escapeXml } from "./xml.ts";

/** Longest text a cell of Excel holds. */
const LONGEST_TEXT = 32_767;
/** Excel counts a 29 February 1900 that never was; days before March 1900 are written as text. */
const FIRST_DAY = "1900-03-01";

/**
 * The workbook as XLSX, one sheet a table: typed cells, bold header row that stays in view, filters, widths; no formula, no name, path or date
 * of making. The same workbook gives the same bytes.
 */
export async function writeXlsx(book: Workbook): Promise<Uint8Array> {
  const names = sheetNames(book.tables);
  const sheets = book.tables.map((table, index) => ({
    sheet: names[index]!,
    data: [table.columns.map(headingCell), ...table.rows.map((row) => rowCells(row, table))],
    columns: columnWidths(table).map((width) => ({ width })),
    stickyRowsCount: 1,
  }));
  const parts = unzipSync(await writeExcelFile(sheets).toBuffer());
  const decoder = new TextDecoder();
  return archive([
    ...Object.entries(parts).map(([path, bytes]): [string, string] => [path, completed(path, decoder.decode(bytes), book, names)]),
    ["docProps/core.xml", coreProperties(book)],
  ]);
}

function headingCell(column: Column): SheetCell {
  const numeric = column.type === "integer" || column.type === "number";
  return {
    type: String,
    value: cellText(column.heading) || " ",
    fontWeight: "bold",
    backgroundColor: "#e8edf2",
    wrap: true,
    align: numeric ? "right" : "left",
  };
}

function rowCells(row: Cell[], table: Table): SheetRow {
  return table.columns.map((column, index): SheetCell => {
    const typed = typedCell(row[index], column);
    if (typed.kind === "number") return { type: Number, value: typed.value, alignVertical: "top" };
    if (typed.kind === "date" && typed.iso >= FIRST_DAY) {
      return { type: Date, value: new Date(`${typed.iso}T00:00:00Z`), format: "yyyy-mm-dd", align: "left", alignVertical: "top" };
    }
    const text = typed.kind === "text" ? cellText(typed.text) : typed.kind === "date" ? typed.iso : "";
    return text === "" ? null : { type: String, value: text, wrap: true, alignVertical: "top" };
  });
}

/** Line ends as Excel wants them, at most as much as it holds, and nothing it would read as one of its own `_x0041_` codes. */
function cellText(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replace(/_(?=x[0-9a-f]{4}_)/gi, "_x005F_");
  return lines.length <= LONGEST_TEXT ? lines : `${lines.slice(0, LONGEST_TEXT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** What the writer leaves out: filters, the pane they belong to, the title of the file. */
function completed(path: string, xml: string, book: Workbook, names: string[]): string {
  const sheet = /^xl\/worksheets\/sheet(\d+)\.xml$/.exec(path);
  if (sheet !== null) {
    const index = Number(sheet[1]) - 1;
    const filter = takesFilter(book, index) ? `<autoFilter ref="${range(book.tables[index]!, "")}"/>` : "";
    return xml.replace("</sheetData>", `</sheetData>${filter}`).replace('activePane="bottomRight"', 'activePane="bottomLeft"');
  }
  if (path === "xl/workbook.xml") {
    const filters = book.tables.flatMap((table, index) =>
      takesFilter(book, index)
        ? [
            `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">` +
              `${escapeXml(`'${names[index]!.replaceAll("'", "''")}'`)}!${range(table, "$")}</definedName>`,
          ]
        : [],
    );
    return xml.replace("<definedNames/>", filters.length === 0 ? "" : `<definedNames>${filters.join("")}</definedNames>`);
  }
  if (path === "[Content_Types].xml") {
    const type = "application/vnd.openxmlformats-package.core-properties+xml";
    return xml.replace("</Types>", `<Override ContentType="${type}" PartName="/docProps/core.xml"/></Types>`);
  }
  if (path === "_rels/.rels") {
    const type = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    return xml.replace("</Relationships>", `<Relationship Id="rId-core" Type="${type}" Target="docProps/core.xml"/></Relationships>`);
  }
  return xml;
}

const range = ({ columns, rows }: Table, lock: "" | "$"): string =>
  `${lock}A${lock}1:${lock}${columnLetters(columns.length - 1)}${lock}${rows.length + 1}`;

function coreProperties({ title, language }: Workbook): string {
  const spaces =
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"';
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties ${spaces}><dc:title>${escapeXml(title)}</dc:title><dc:language>${language}</dc:language></cp:coreProperties>`;
}
