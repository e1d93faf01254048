import { hasInk } from "./frozen-text.ts";
import { runGuarded } from "./guarded-worker.ts";

export type MediaType =
  | "application/pdf"
  | "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
  | "application/vnd.oasis.opendocument.text"
  | "text/plain";

/** Offsets everywhere: code points of `text`, half-open. `running` is a page header or footer. `page` is 1-based, null if not known. */
export type Block =
  | { kind: "heading"; level: number; start: number; end: number; page: number | null }
  | { kind: "paragraph" | "list-item" | "footnote" | "running"; start: number; end: number; page: number | null }
  | { kind: "table"; rows: { start: number; end: number }[][]; start: number; end: number; page: number | null };

/** One page: its part of the text (pages follow each other without a gap) and its size in points. */
export type Page = { number: number; start: number; end: number; width: number; height: number };

/**
 * A document as it is coded. `text` is frozen: UTF-8, NFC, LF, no control characters. `pages` is empty where page breaks are not
 * known. A scan has `hasText` false, an empty `text`, and its pages.
 */
export type ReadDocument = {
  mediaType: MediaType;
  text: string;
  blocks: Block[];
  pages: Page[];
  pageCount: number | null;
  hasText: boolean;
};

/** `too-long` is the time limit, `too-heavy` the memory limit. */
export type RefusalReason =
  | "empty"
  | "oversized"
  | "unknown-type"
  | "mislabelled"
  | "encrypted"
  | "damaged"
  | "zip-bomb"
  | "macros"
  | "too-long"
  | "too-heavy";
export type Reading = { kind: "read"; document: ReadDocument } | { kind: "refused"; reason: RefusalReason };
export type Limits = { bytes: number; milliseconds: number; megabytes: number };

export const DEFAULT_LIMITS: Limits = { bytes: 25 * 1024 * 1024, milliseconds: 30_000, megabytes: 512 };

/** What the worker is asked, and what it answers. */
export type Task =
  | { kind: "read"; bytes: Uint8Array; fileName: string }
  | { kind: "render"; bytes: Uint8Array; page: number; width: number };

const WORKER = new URL("./worker.ts", import.meta.url);

/**
 * Reads a deposited file into its frozen text, in a worker that is stopped at its limits. The type is told by the bytes; the name
 * only shows a contradiction. Never throws for what the file holds: it is read, or refused with a reason. `bytes` stays untouched.
 */
export async function readDocument(bytes: Uint8Array, fileName: string, limits: Limits = DEFAULT_LIMITS): Promise<Reading> {
  if (bytes.length === 0) return { kind: "refused", reason: "empty" };
  if (bytes.length > limits.bytes) return { kind: "refused", reason: "oversized" };
  const task: Task = { kind: "read", bytes: new Uint8Array(bytes), fileName };
  const outcome = await runGuarded<Reading>(WORKER, task, limits, [task.bytes.buffer as ArrayBuffer]);
  if (outcome.kind === "failed") return { kind: "refused", reason: "damaged" };
  if (outcome.kind !== "done") return { kind: "refused", reason: outcome.kind };
  const reading = outcome.value;
  if (reading.kind === "read" && reading.document.hasText && !hasInk(reading.document.text)) return { kind: "refused", reason: "empty" };
  return reading;
}

/**
 * One page of a PDF (1-based) as a PNG, `width` pixels wide (at most 2000), drawn in a worker with the same limits. Null when there
 * is no such page, or when it cannot be drawn within them.
 */
export async function renderPage(
  bytes: Uint8Array,
  page: number,
  width: number,
  limits: Limits = DEFAULT_LIMITS,
): Promise<Uint8Array | null> {
  if (bytes.length === 0 || bytes.length > limits.bytes) return null;
  const task: Task = { kind: "render", bytes: new Uint8Array(bytes), page, width };
  const outcome = await runGuarded<Uint8Array | null>(WORKER, task, limits, [task.bytes.buffer as ArrayBuffer]);
  return outcome.kind === "done" ? outcome.value : null;
}
