import { dayOfSerial, type Grid, numberText } from "./grid.ts";
import type { Package } from "./package.ts";
import { refuse } from "./refusals.ts";

const MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
const MACROS = /macroEnabled|vbaProject|intlmacrosheet|macrosheet/i;
const MOST_STRING_CHARACTERS = 60_000_000;

/** The path of the workbook when the package is an XLSX; null for another kind. @throws RefusedSheet for one with macros */
export async function workbookPath(file: Package): Promise<string | null> {
  const types = await file.small("[Content_Types].xml");
  if (types === null) return null;
  if (/spreadsheetml|ms-excel/i.test(types) && (MACROS.test(types) || file.names.some((name) => /vbaProject|macrosheets\//i.test(name))))
    refuse("macros");
  const override = new RegExp(`<(?:\\w+:)?Override\\b(?=[^>]*ContentType="${MAIN.replace(/[.+]/g, "\\$&")}")[^>]*PartName="/([^"]+)"`, "i");
  return override.exec(types)?.[1] ?? null;
}

type Workbook = { sheets: { name: string; path: string }[]; since1904: boolean };

/** The visible sheets of a workbook in their order, with their parts. */
export async function readWorkbook(file: Package, path: string): Promise<Workbook> {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
  const resolve = (target: string) => (target.startsWith("/") ? target.slice(1) : `${folder}${target}`);
  const targets = new Map<string, string>();
  const relations = `${folder}_rels/${path.slice(folder.length)}.rels`;
  if (file.has(relations))
    await file.listen(relations, {
      open: (name, attribute) => {
        if (name === "Relationship" && attribute("TargetMode") !== "External")
          targets.set(attribute("Id") ?? "", resolve(attribute("Target") ?? ""));
      },
    });
  const sheets: Workbook["sheets"] = [];
  let since1904 = false;
  await file.listen(path, {
    open: (name, attribute) => {
      if (name === "workbookPr") since1904 = ["1", "true"].includes(attribute("date1904") ?? "");
      if (name !== "sheet") return;
      const part = targets.get(attribute("id") ?? "");
      if (part && /worksheets\//.test(part) && file.has(part)) sheets.push({ name: attribute("name") ?? "", path: part });
    },
  });
  return sheets.length > 0 ? { sheets, since1904 } : refuse("damaged");
}

/** Whether a format shows a day: letters of dates outside quotes, brackets and escapes. */
const showsDay = (code: string): boolean => /[dy]/i.test(code.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, ""));
const BUILT_IN_DAYS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);

/** For each style of a cell, whether a number in it is a day. */
async function dayStyles(file: Package, folder: string): Promise<boolean[]> {
  const path = `${folder}styles.xml`;
  const formats = new Map<number, boolean>();
  const styles: boolean[] = [];
  let inCells = false;
  if (file.has(path))
    await file.listen(path, {
      open: (name, attribute) => {
        if (name === "numFmt") formats.set(Number(attribute("numFmtId")), showsDay(attribute("formatCode") ?? ""));
        if (name === "cellXfs") inCells = true;
        if (name === "xf" && inCells) {
          const id = Number(attribute("numFmtId") ?? 0);
          styles.push(formats.get(id) ?? BUILT_IN_DAYS.has(id));
        }
      },
      close: (name) => {
        if (name === "cellXfs") inCells = false;
      },
    });
  return styles;
}

async function sharedStrings(file: Package, folder: string): Promise<string[]> {
  const path = `${folder}sharedStrings.xml`;
  const strings: string[] = [];
  if (!file.has(path)) return strings;
  let text = "";
  let taking = false;
  let aside = 0; // phonetic readings stand beside the text
  let total = 0;
  await file.listen(path, {
    open: (name) => {
      if (name === "si") text = "";
      if (name === "rPh") aside++;
      taking = name === "t" && aside === 0;
    },
    text: (piece) => {
      if (taking) text += piece;
    },
    close: (name) => {
      taking = false;
      if (name === "rPh") aside--;
      if (name !== "si") return;
      total += text.length + 8;
      if (total > MOST_STRING_CHARACTERS) refuse("too-heavy");
      strings.push(unescaped(text));
    },
  });
  return strings;
}

/** Excel writes some characters as `_x000D_`. */
const unescaped = (text: string): string =>
  text.includes("_x") ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text;

/** The column (from 0) of "AB12". */
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at++) {
    const letter = place.charCodeAt(at) & 0xdf;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  return column - 1;
}

/** Reads a sheet of a workbook into the grid: texts, numbers, days as 2026-11-25; of a formula, the value that was last calculated. */
export async function readXlsxSheet(file: Package, workbookAt: string, { sheets, since1904 }: Workbook, sheet: number, grid: Grid) {
  const folder = workbookAt.slice(0, workbookAt.lastIndexOf("/") + 1);
  const strings = await sharedStrings(file, folder);
  const days = await dayStyles(file, folder);
  let line = 0;
  let column = -1;
  let kind = "n";
  let isDay = false;
  let value = "";
  let taking = false;
  let aside = 0;
  const put = () => {
    if (value === "") return;
    const number = Number(value);
    if (kind === "s") grid.cell(column, strings[number] ?? "");
    else if (kind === "b") grid.cell(column, value === "1" ? "VRAI" : "FAUX");
    else if (kind === "d") grid.cell(column, /^\d{4}-\d\d-\d\d/.exec(value)?.[0] ?? value);
    else if (kind !== "n") grid.cell(column, unescaped(value));
    else if (isDay) grid.cell(column, dayOfSerial(number, since1904) ?? value);
    else grid.cell(column, Number.isFinite(number) ? numberText(number) : value);
  };
  await file.listen(sheets[sheet]!.path, {
    open: (name, attribute) => {
      if (name === "row") {
        line = Number(attribute("r") ?? line + 1);
        column = -1;
      } else if (name === "c") {
        const place = attribute("r");
        column = place ? columnOf(place) : column + 1;
        kind = attribute("t") ?? "n";
        isDay = kind === "n" && (days[Number(attribute("s") ?? 0)] ?? false);
        value = "";
      } else if (name === "rPh") aside++;
      taking = (name === "v" || name === "t") && aside === 0;
    },
    text: (piece) => {
      if (taking) value += piece;
    },
    close: (name) => {
      taking = false;
      if (name === "rPh") aside--;
      else if (name === "c") put();
      else if (name === "row") {
        if (!Number.isSafeInteger(line) || line < 1) refuse("damaged");
        grid.endLine(line);
      }
    },
  });
}
