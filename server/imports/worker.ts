import { setPriority } from "node:os";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { decodeText } from "../documents/read-text.ts";
import { type Grid, newGrid } from "./grid.ts";
import { openPackage } from "./package.ts";
import { headingPlace, profileOf } from "./profile.ts";
import { readCsv } from "./read-csv.ts";
import { ODS, readOdsSheet, refuseUnsafeOds } from "./read-ods.ts";
import type { ReadSheet, SheetReading, SheetTask } from "./read-spreadsheet.ts";
import { readWorkbook, readXlsxSheet, workbookPath } from "./read-xlsx.ts";
import { RefusedSheet, refuse } from "./refusals.ts";

// One file, one worker, behind the thread that answers pages.
if (!isMainThread && process.platform === "linux") {
  try {
    setPriority(0, 10);
  } catch {
    // a house rule of the machine; the limits hold all the same
  }
}

const PROMISES: Record<string, string> = { xlsx: "xlsx", ods: "ods", csv: "csv", txt: "csv", tsv: "csv" };

async function read({ bytes, fileName, sheet, headerLine }: SheetTask): Promise<ReadSheet> {
  const extension = /\.([^./\\]+)\s*$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 8)).toString("latin1");
  const promised = (kind: string) => {
    if (["xlsm", "xltm", "xlam", "xlsb"].includes(extension)) refuse("macros");
    if (PROMISES[extension] !== kind) refuse(extension === "" ? "unknown-type" : "mislabelled");
  };
  if (head.startsWith("PK\x03\x04")) {
    const file = await openPackage(bytes);
    if (file.has("mimetype")) {
      if (((await file.small("mimetype")) ?? "").trim() !== ODS) return refuse("unknown-type");
      await refuseUnsafeOds(file);
      promised("ods");
      return readOds(file, sheet, headerLine);
    }
    const path = await workbookPath(file);
    if (path === null) return refuse("unknown-type");
    promised("xlsx");
    const book = await readWorkbook(file, path);
    const grids: Grid[] = [];
    const readInto = async (at: number) => {
      const grid = newGrid();
      await readXlsxSheet(file, path, book, at, grid);
      grids[at] = grid;
      return grid;
    };
    // Without a choice, the first sheet that holds something.
    let chosen = sheet ?? 0;
    if (chosen >= book.sheets.length) refuse("no-line");
    let grid = await readInto(chosen);
    while (sheet === null && grid.lines.length === 0 && chosen + 1 < book.sheets.length) grid = await readInto(++chosen);
    return answer(
      "xlsx",
      book.sheets.map(({ name }) => name),
      chosen,
      grid,
      headerLine,
    );
  }
  if (head.startsWith("\xD0\xCF\x11\xE0")) {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return refuse(whole.includes(Buffer.from("EncryptedPackage", "utf16le")) ? "encrypted" : "unknown-type");
  }
  if (/^(%PDF|<\?xml|<!doc|<html|\{\\rtf)/i.test(head)) return refuse(PROMISES[extension] ? "mislabelled" : "unknown-type");
  const text = decodeText(bytes);
  if (text === null) return refuse(PROMISES[extension] ? "mislabelled" : "unknown-type");
  promised("csv");
  const grid = newGrid();
  readCsv(text, grid);
  return answer("csv", [""], 0, grid, headerLine);
}

async function readOds(file: Awaited<ReturnType<typeof openPackage>>, sheet: number | null, headerLine: number | null): Promise<ReadSheet> {
  const nothing: Grid = { cell: () => {}, endLine: () => {}, lines: [], columns: () => 0 };
  if (sheet !== null) {
    const sheets = await readOdsSheet(file, sheet, (at) => (at === sheet ? newGrid() : nothing));
    return answer(
      "ods",
      sheets.map(({ name }) => name),
      sheet,
      sheets[sheet]!.grid,
      headerLine,
    );
  }
  let first = -1;
  let grid = nothing;
  const sheets = await readOdsSheet(file, 0, (at) => {
    if (first < 0 || grid.lines.length === 0) {
      first = at;
      grid = newGrid();
      return grid;
    }
    return nothing;
  });
  const chosen = grid.lines.length > 0 ? first : 0;
  return answer(
    "ods",
    sheets.map(({ name }) => name),
    chosen,
    grid,
    headerLine,
  );
}

function answer(format: ReadSheet["format"], sheets: string[], sheet: number, grid: Grid, headerLine: number | null): ReadSheet {
  const cells = grid.lines.map((one) => one.cells);
  if (cells.length === 0) return refuse("no-line");
  const place = headerLine === null ? headingPlace(cells) : grid.lines.findIndex(({ line }) => line === headerLine);
  if (place < 0 || place === cells.length - 1) return refuse("no-line");
  const under = grid.lines.slice(place + 1);
  return {
    format,
    sheets,
    sheet,
    headerLine: grid.lines[place]!.line,
    columns: profileOf(cells, place, grid.columns()),
    numbers: under.map(({ line }) => line),
    lines: under.map((one) => one.cells),
  };
}

async function reading(task: SheetTask): Promise<SheetReading> {
  try {
    return { kind: "read", sheet: await read(task) };
  } catch (error) {
    return { kind: "refused", reason: error instanceof RefusedSheet ? error.reason : "damaged" };
  }
}

parentPort?.postMessage(await reading(workerData as SheetTask));
