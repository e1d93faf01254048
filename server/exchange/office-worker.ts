import { parentPort, workerData } from "node:worker_threads";
import { giveWayToPages } from "../documents/guarded-worker.ts";
import type { OfficeTask } from "./write-apart.ts";

// One document, one worker: it writes, answers and ends.
giveWayToPages();
const { format, document } = workerData as OfficeTask;
const bytes =
  format === "docx" ? await (await import("./docx-package.ts")).packDocx(document) : (await import("./odt-package.ts")).packOdt(document);
parentPort?.postMessage(bytes);
