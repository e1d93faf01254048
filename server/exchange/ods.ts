import { archive } from "./archive.ts";
import { HEAD, odfManifest, odfMeta, odfSpaces, odfText, VERSION } from "./odf.ts";
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

const MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet";
const SPACES = odfSpaces("office", "table", "text", "style", "fo", "number", "meta", "dc", "config", "ooo");
/** Width of a character in centimetres. */
const CHARACTER = 0.21;

/**
 * The workbook as OpenDocument (ODS), one sheet a table: typed cells, bold header row that stays in view and is repeated in print, filters,
 * widths; no formula, no name, path or date of making. The same workbook gives the same bytes. Asynchronous like writeXlsx, so
 * that callers treat the two alike.
 */
export async function writeOds(book: Workbook): Promise<Uint8Array> {
  const names = sheetNames(book.tables);
  return archive(
    [
      ["mimetype", MIMETYPE],
      ["META-INF/manifest.xml", odfManifest(MIMETYPE, ["content.xml", "styles.xml", "meta.xml", "settings.xml"])],
      ["content.xml", content(book, names)],
      ["styles.xml", styles(book)],
      ["meta.xml", odfMeta(SPACES, book)],
      ["settings.xml", settings(names)],
    ],
    ["mimetype"],
  );
}

function content(book: Workbook, names: string[]): string {
  const widths = book.tables.map(columnWidths);
  const columnStyles = widths.flatMap((sizes, sheet) =>
    sizes.map((size, index) => {
      const properties = `<style:table-column-properties style:column-width="${(size * CHARACTER).toFixed(2)}cm"/>`;
      return `<style:style style:name="t${sheet}c${index}" style:family="table-column">${properties}</style:style>`;
    }),
  );
  const filters = book.tables.flatMap((table, index) => {
    if (!takesFilter(book, index)) return [];
    const sheet = `'${names[index]!.replaceAll("'", "''")}'`;
    const address = escapeXml(`${sheet}.A1:${sheet}.${columnLetters(table.columns.length - 1)}${table.rows.length + 1}`);
    return [
      `<table:database-range table:name="__Anonymous_Sheet_DB__${index}" table:target-range-address="${address}" table:display-filter-buttons="true"/>`,
    ];
  });
  return [
    `${HEAD}<office:document-content ${SPACES} ${VERSION}><office:automatic-styles>`,
    ...columnStyles,
    '<style:style style:name="row" style:family="table-row"><style:table-row-properties style:use-optimal-row-height="true"/></style:style>',
    "</office:automatic-styles><office:body><office:spreadsheet>",
    ...book.tables.map((table, index) => sheet(table, index, names[index]!)),
    filters.length === 0 ? "" : `<table:database-ranges>${filters.join("")}</table:database-ranges>`,
    "</office:spreadsheet></office:body></office:document-content>",
  ].join("");
}

function sheet(table: Table, index: number, name: string): string {
  const { columns, rows } = table;
  const headings = columns.map((column) => {
    const style = column.type === "integer" || column.type === "number" ? "HeadingNumber" : "Heading";
    return textCell(column.heading, style);
  });
  const row = (cells: string[]) => `<table:table-row table:style-name="row">${cells.join("") || "<table:table-cell/>"}</table:table-row>`;
  return [
    `<table:table table:name="${escapeXml(name)}">`,
    columns.map((_, column) => `<table:table-column table:style-name="t${index}c${column}"/>`).join("") || "<table:table-column/>",
    `<table:table-header-rows>${row(headings)}</table:table-header-rows>`,
    ...rows.map((cells) => row(columns.map((column, place) => dataCell(cells[place], column)))),
    "</table:table>",
  ].join("");
}

function dataCell(cell: Cell | undefined, column: Column): string {
  const typed = typedCell(cell, column);
  switch (typed.kind) {
    case "empty":
      return "<table:table-cell/>";
    case "number":
      return `<table:table-cell table:style-name="Number" office:value-type="float" office:value="${typed.value}"><text:p>${typed.value}</text:p></table:table-cell>`;
    case "date":
      return `<table:table-cell table:style-name="Day" office:value-type="date" office:date-value="${typed.iso}"><text:p>${typed.iso}</text:p></table:table-cell>`;
    case "text":
      return textCell(typed.text, "Text");
  }
}

/** A text cell, a paragraph a line; spaces in a row and tabs need elements of their own, or a reader would fold them. */
function textCell(text: string, style: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => {
    return `<text:p>${odfText(line)}</text:p>`;
  });
  return `<table:table-cell table:style-name="${style}" office:value-type="string">${lines.join("")}</table:table-cell>`;
}

function styles({ language }: Workbook): string {
  const country = language === "fr" ? "FR" : "GB";
  const cell = (name: string, properties: string, attributes = "") =>
    `<style:style style:name="${name}" style:family="table-cell" style:parent-style-name="Default"${attributes}>${properties}</style:style>`;
  const top = (more = "") => `<style:table-cell-properties style:vertical-align="top"${more}/>`;
  const heading = '<style:table-cell-properties fo:background-color="#e8edf2" fo:wrap-option="wrap" style:vertical-align="bottom"/>';
  const bold = '<style:text-properties fo:font-weight="bold"/>';
  return [
    `${HEAD}<office:document-styles ${SPACES} ${VERSION}><office:styles>`,
    '<number:date-style style:name="day"><number:year number:style="long"/><number:text>-</number:text><number:month number:style="long"/>',
    '<number:text>-</number:text><number:day number:style="long"/></number:date-style>',
    '<number:number-style style:name="plain"><number:number number:min-integer-digits="1"/></number:number-style>',
    `<style:default-style style:family="table-cell"><style:text-properties fo:language="${language}" fo:country="${country}"/></style:default-style>`,
    '<style:style style:name="Default" style:family="table-cell"/>',
    cell("Text", top(' fo:wrap-option="wrap"')),
    cell("Number", top(), ' style:data-style-name="plain"'),
    cell("Day", `${top()}<style:paragraph-properties fo:text-align="start"/>`, ' style:data-style-name="day"'),
    cell("Heading", heading + bold),
    cell("HeadingNumber", `${heading}<style:paragraph-properties fo:text-align="end"/>${bold}`),
    "</office:styles></office:document-styles>",
  ].join("");
}

/** Keeps the header row of every sheet in view. */
function settings(names: string[]): string {
  const item = (name: string, type: string, value: number) =>
    `<config:config-item config:name="${name}" config:type="${type}">${value}</config:config-item>`;
  const frozen = [
    item("VerticalSplitMode", "short", 2),
    item("VerticalSplitPosition", "int", 1),
    item("ActiveSplitRange", "short", 2),
    item("PositionBottom", "int", 1),
  ];
  const sheets = names.map(
    (name) => `<config:config-item-map-entry config:name="${escapeXml(name)}">${frozen.join("")}</config:config-item-map-entry>`,
  );
  return [
    `${HEAD}<office:document-settings ${SPACES} ${VERSION}><office:settings><config:config-item-set config:name="ooo:view-settings">`,
    '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry><config:config-item-map-named config:name="Tables">',
    ...sheets,
    "</config:config-item-map-named></config:config-item-map-entry></config:config-item-map-indexed>",
    "</config:config-item-set></office:settings></office:document-settings>",
  ].join("");
}
