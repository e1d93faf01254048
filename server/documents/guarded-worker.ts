import { availableParallelism, setPriority } from "node:os";
import { isMainThread, Worker } from "node:worker_threads";

/** `failed`: the worker threw or ended without an answer. What it threw is not told: it may quote the file. */
export type Outcome<Value> = { kind: "done"; value: Value } | { kind: "too-long" | "too-heavy" | "failed" };

// So many at once: further files wait, and the thread that answers pages keeps its share of the machine.
const LANES = Math.max(2, availableParallelism() - 1);
const WATCH_EVERY = 100;
let busy = 0;
const waiting: (() => void)[] = [];

async function lane(): Promise<() => void> {
  if (busy < LANES) busy++;
  else await new Promise<void>((resolve) => waiting.push(resolve)); // handed over by the one that leaves
  let left = false;
  return () => {
    if (left) return;
    left = true;
    const next = waiting.shift();
    if (next) next();
    else busy--;
  };
}

/**
 * Called first by a worker, so that pages are answered before whatever it works on. On Linux a priority is a thread's own; elsewhere it would
 * be that of the whole server.
 */
export function giveWayToPages(): void {
  if (isMainThread || process.platform !== "linux") return;
  try {
    setPriority(0, 10);
  } catch {
    // a house rule of the machine; the limits hold all the same
  }
}

/**
 * Runs `entry` in a worker of its own with `data`, until it posts its one answer. It is stopped after `milliseconds` (counted from
 * its start, not from the call) or beyond `megabytes`, be it in a loop without end. It sees no environment and prints nothing.
 */
export async function runGuarded<Value>(
  entry: URL,
  data: unknown,
  { milliseconds, megabytes }: { milliseconds: number; megabytes: number },
  transfer: ArrayBuffer[] = [],
): Promise<Outcome<Value>> {
  const leave = await lane();
  try {
    return await run(entry, data, milliseconds, megabytes, transfer);
  } finally {
    leave();
  }
}

function run<Value>(entry: URL, data: unknown, milliseconds: number, megabytes: number, transfer: ArrayBuffer[]): Promise<Outcome<Value>> {
  return new Promise((resolve) => {
    const worker = new Worker(entry, {
      workerData: data,
      transferList: transfer,
      env: {},
      execArgv: [],
      argv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: Math.max(8, Math.min(64, megabytes / 8)) },
    });
    // Warnings of the libraries may quote the file: they go nowhere.
    worker.stdout.resume();
    worker.stderr.resume();
    const settle = (outcome: Outcome<Value>) => {
      clearTimeout(deadline);
      clearInterval(watch);
      void worker.terminate();
      resolve(outcome);
    };
    const deadline = setTimeout(() => settle({ kind: "too-long" }), milliseconds);
    // The engine limits the heap alone; buffers count too.
    const watch = setInterval(() => {
      worker
        .getHeapStatistics()
        .then(({ total_heap_size, external_memory }) => {
          if (total_heap_size + external_memory > megabytes * 1024 * 1024) settle({ kind: "too-heavy" });
        })
        .catch(() => {});
    }, WATCH_EVERY);
    worker.once("message", (value: Value) => settle({ kind: "done", value }));
    worker.once("error", (error: NodeJS.ErrnoException) =>
      settle({ kind: error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "too-heavy" : "failed" }),
    );
    worker.once("exit", () => settle({ kind: "failed" }));
  });
}
