import { runGuarded } from "../documents/guarded-worker.ts";
import type { Column } from "./profile.ts";
import type { SheetRefusal } from "./refusals.ts";

/** A sheet as it was read: the lines under its headings that hold something; `numbers` are their numbers in the sheet, `lines` the JSON of their cells. */
export type ReadSheet = {
  format: "xlsx" | "ods" | "csv";
  /** Names of all the sheets; one without a name for separated values. */
  sheets: string[];
  /** The one that was read, from 0. */
  sheet: number;
  /** The number of the line that names the columns. */
  headerLine: number;
  columns: Column[];
  numbers: number[];
  lines: string[];
};
export type SheetReading = { kind: "read"; sheet: ReadSheet } | { kind: "refused"; reason: SheetRefusal };
export type SheetTask = { bytes: Uint8Array; fileName: string; sheet: number | null; headerLine: number | null };
export type SheetLimits = { bytes: number; milliseconds: number; megabytes: number };

export const SHEET_LIMITS: SheetLimits = { bytes: 25 * 1024 * 1024, milliseconds: 120_000, megabytes: 320 };
const WORKER = new URL("./worker.ts", import.meta.url);

/**
 * Reads a spreadsheet (XLSX, ODS, separated values) in a worker that is stopped at its limits. The kind is told by the bytes, and must be
 * the one that the name promises. Never throws for what the file holds: it is read, or refused with a reason. `bytes` stays untouched.
 * @param choice which sheet, from 0, and which line names its columns; null for the first that holds something
 */
export async function readSpreadsheet(
  bytes: Uint8Array,
  fileName: string,
  choice: { sheet: number | null; headerLine: number | null } = { sheet: null, headerLine: null },
  limits: SheetLimits = SHEET_LIMITS,
): Promise<SheetReading> {
  if (bytes.length === 0) return { kind: "refused", reason: "empty" };
  if (bytes.length > limits.bytes) return { kind: "refused", reason: "oversized" };
  const task: SheetTask = { bytes: new Uint8Array(bytes), fileName, ...choice };
  const outcome = await runGuarded<SheetReading>(WORKER, task, limits, [task.bytes.buffer as ArrayBuffer]);
  if (outcome.kind === "failed") return { kind: "refused", reason: "damaged" };
  return outcome.kind === "done" ? outcome.value : { kind: "refused", reason: outcome.kind };
}
