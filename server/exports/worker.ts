import { parentPort, workerData } from "node:worker_threads";
import { giveWayToPages } from "../documents/guarded-worker.ts";
import { type Head, type Slice, writeExport } from "./writing.ts";

/** What the thread is handed: each slice as the UTF-8 of its JSON, so that nothing is copied on the way. */
export type WritingTask = { head: Head; slices: Uint8Array[] };

// One export, one thread: it writes, answers and ends.
giveWayToPages();
const { head, slices } = workerData as WritingTask;
const decoder = new TextDecoder();
const read: Slice[] = [];
for (let next = slices.shift(); next; next = slices.shift()) read.push(JSON.parse(decoder.decode(next)) as Slice);
parentPort?.postMessage(await writeExport(head, read));
