import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// node scripts/bench/export.ts [--count=20000] [--rounds=3]
// The complete XLSX export of a register (every column, and its history), read from an encrypted database file and written by the code of the
// pages; against the floor, in turns in the same process: the same cells from memory, given bare to the library that writes XLSX. Prints JSON;
// fails beyond the target.
type ExportBench = {
  recommendations: number;
  cells: number;
  bytes: number;
  /** Seconds: of the tool, and of the bare library. */
  ours: number;
  bare: number;
  /** The longest time in which nobody else was answered. */
  longestPauseMs: number;
  peakMb: number;
};
/** At most so many times the floor's time. */
const EXPORT_TARGET = 3;

/** Measured in a process of its own, on a database of its own. */
async function benchExport(count: number, rounds: number): Promise<ExportBench> {
  const folder = mkdtempSync(join(tmpdir(), "retex-bench-export-"));
  try {
    const child = fork(join(import.meta.dirname, "export-part.ts"), [folder, String(count), String(rounds)], { stdio: "inherit" });
    const [found] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`The export ended with ${code}`))),
    ])) as [ExportBench];
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const option = (name: string, usual: number): number =>
  Number(process.argv.find((one) => one.startsWith(`--${name}=`))?.split("=")[1] ?? usual);
const found = await benchExport(option("count", 20_000), option("rounds", 3));
const ratio = found.ours / found.bare;
const short = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Math.round(value * 100) / 100]));
const holds = ratio <= EXPORT_TARGET;
console.log(JSON.stringify({ ...short, ratio: Math.round(ratio * 100) / 100, target: EXPORT_TARGET, holds }, null, 2));
if (!holds) process.exitCode = 1;
