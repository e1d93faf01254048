import { type Grid, MOST_COLUMNS, numberText } from "./grid.ts";
import type { Package } from "./package.ts";
import { refuse } from "./refusals.ts";

export const ODS = "application/vnd.oasis.opendocument.spreadsheet";

/** @throws RefusedSheet for a spreadsheet that is encrypted or carries macros */
export async function refuseUnsafeOds(file: Package): Promise<void> {
  if (/encryption-data/.test((await file.small("META-INF/manifest.xml")) ?? "") || file.has("encrypted-package")) refuse("encrypted");
  if (file.names.some((name) => /^(Basic|Scripts)\/./i.test(name))) refuse("macros");
}

/**
 * Reads the sheets of an OpenDocument spreadsheet in one pass: the names of all of them, and the lines of one. Cells and rows are written
 * once with a count, which a file may set to anything: what holds nothing is only counted.
 */
export async function readOdsSheet(
  file: Package,
  wanted: number,
  gridFor: (sheet: number) => Grid,
): Promise<{ name: string; grid: Grid }[]> {
  const sheets: { name: string; grid: Grid }[] = [];
  let grid: Grid | null = null;
  let depth = 0; // tables inside a cell are not sheets
  let line = 1;
  let rows = 1;
  let column = 0;
  let cells = 1;
  let typed: string | null = null;
  let text = "";
  let paragraphs = 0;
  let inCell = false;
  let aside = 0; // annotations and drawings stand beside the value
  let inParagraph = 0;
  const count = (given: string | undefined): number => {
    const n = Number(given ?? 1);
    return Number.isSafeInteger(n) && n >= 1 ? n : 1;
  };
  await file.listen("content.xml", {
    open: (name, attribute) => {
      if (name === "table" && inCell) aside++;
      else if (name === "table" && depth++ === 0) {
        grid = gridFor(sheets.length);
        sheets.push({ name: attribute("name") ?? "", grid });
        if (sheets.length > 200) refuse("too-heavy");
        line = 1;
      } else if (name === "script" || name === "event-listener") {
        const language = attribute("language") ?? "";
        if (/basic|script/i.test(language)) refuse("macros");
      }
      if (!grid) return;
      if (inCell && /^(annotation|frame|shapes|custom-shape|g|control)$/.test(name)) aside++;
      if (aside > 0) return;
      if (name === "table-row") {
        rows = count(attribute("number-rows-repeated"));
        column = 0;
      } else if (name === "table-cell" || name === "covered-table-cell") {
        cells = count(attribute("number-columns-repeated"));
        inCell = true;
        text = "";
        paragraphs = 0;
        const kind = attribute("value-type");
        const value = attribute("value");
        if (kind === "date") typed = (attribute("date-value") ?? "").slice(0, 10);
        else if (kind === "boolean") typed = attribute("boolean-value") === "true" ? "VRAI" : "FAUX";
        else if ((kind === "float" || kind === "percentage" || kind === "currency") && value !== undefined)
          typed = Number.isFinite(Number(value)) ? numberText(Number(value)) : value;
        else typed = attribute("string-value") ?? null;
      } else if (inCell && name === "p") {
        if (paragraphs++ > 0) text += "\n";
        inParagraph++;
      } else if (inParagraph > 0) {
        if (name === "s") text += " ".repeat(Math.min(count(attribute("c")), 1000));
        else if (name === "tab") text += "\t";
        else if (name === "line-break") text += "\n";
      }
    },
    text: (piece) => {
      if (inParagraph > 0 && aside === 0 && text.length < 40_000) text += piece;
    },
    close: (name) => {
      if (inCell && (name === "table" || /^(annotation|frame|shapes|custom-shape|g|control)$/.test(name))) {
        aside = Math.max(0, aside - 1);
        return;
      }
      if (aside > 0 || !grid) return;
      if (name === "p" && inParagraph > 0) inParagraph--;
      else if (name === "table-cell" || name === "covered-table-cell") {
        inCell = false;
        const value = typed ?? text;
        if (value.trim() !== "") {
          // One repeated value never fills more columns than a sheet may have.
          for (let n = 0; n < Math.min(cells, MOST_COLUMNS + 1); n++) grid.cell(column + n, value);
        }
        column += cells;
      } else if (name === "table-row") {
        grid.endLine(line, rows);
        line += rows;
      } else if (name === "table" && --depth === 0) grid = null;
    },
  });
  return sheets.length > wanted ? sheets : refuse(sheets.length === 0 ? "damaged" : "no-line");
}
