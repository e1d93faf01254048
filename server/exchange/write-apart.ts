import { type Outcome, runGuarded } from "../documents/guarded-worker.ts";
import type { TextDocument } from "./document.ts";

/** A document could not be written: it took too long or too much room. The message says which, and quotes nothing of the text. */
export class WritingFailed extends Error {}

/** What the worker is handed. */
export type OfficeTask = { format: "docx" | "odt"; document: TextDocument };

const LIMITS = { milliseconds: 180_000, megabytes: 1500 };
/** Below this number of blocks, items and rows a document is written at once. */
const LARGE = 250;

/** Whether writing the document would keep pages waiting. */
export const isLarge = ({ blocks }: TextDocument): boolean =>
  blocks.reduce((sum, block) => sum + 1 + ("rows" in block ? block.rows.length : "items" in block ? block.items.length : 0), 0) > LARGE;

/** The document written in a thread of its own. Rejects with WritingFailed. */
export async function writeApart(task: OfficeTask): Promise<Uint8Array> {
  const outcome: Outcome<Uint8Array> = await runGuarded(new URL("office-worker.ts", import.meta.url), task, LIMITS);
  if (outcome.kind !== "done") throw new WritingFailed(`the text could not be written as ${task.format} (${outcome.kind})`);
  return outcome.value;
}
