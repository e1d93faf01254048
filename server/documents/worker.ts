import { parentPort, workerData } from "node:worker_threads";
import { TextTooLong } from "./frozen-text.ts";
import { giveWayToPages } from "./guarded-worker.ts";
import { kindOfFile } from "./kind-of-file.ts";
import type { ReadDocument, Reading, Task } from "./read-document.ts";
import { Refusal } from "./refusals.ts";

// One file, one worker: it reads, answers and ends.
giveWayToPages();

async function read(bytes: Uint8Array, fileName: string): Promise<ReadDocument> {
  const file = await kindOfFile(bytes, fileName);
  switch (file.kind) {
    case "pdf":
      return (await import("./read-pdf.ts")).readPdf(bytes);
    case "docx":
      return (await import("./read-docx.ts")).readDocx(file.archive, file.mainPart);
    case "odt":
      return (await import("./read-odt.ts")).readOdt(file.archive);
    case "text":
      return (await import("./read-text.ts")).readText(file.text);
  }
}

async function answer(task: Task): Promise<Reading | Uint8Array | null> {
  if (task.kind === "render") {
    const { drawPage } = await import("./render-page.ts");
    return drawPage(task.bytes, task.page, task.width);
  }
  try {
    const document = await read(task.bytes, task.fileName);
    if (document.hasText || document.mediaType === "application/pdf") return { kind: "read", document };
    return { kind: "refused", reason: "empty" };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", reason: error.reason };
    if (error instanceof TextTooLong) return { kind: "refused", reason: "too-heavy" };
    return { kind: "refused", reason: "damaged" }; // a reader that stumbles: the file is not what its format asks for
  }
}

parentPort?.postMessage(await answer(workerData as Task));
