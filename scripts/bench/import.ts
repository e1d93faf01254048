import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// node scripts/bench/import.ts [--lines=10000] [--format=xlsx|ods|csv] [--database=postgres://…]
// A spreadsheet of 110 columns is read, checked, written and taken back by the code of the pages, on an encrypted database file; beside it, in
// the same run, the floor: as many rows of values and acts put into bare tables of the same shape, as many in one transaction. Each part is a
// process of its own, so that the memory measured is the import's. Prints JSON; fails where it needs 512 MB or more.
const folder = mkdtempSync(join(tmpdir(), "retex-bench-import-"));
const part = async <Told>(...names: string[]): Promise<Told> => {
  const child = fork(join(import.meta.dirname, "import-part.ts"), [folder, ...names, ...process.argv.slice(2)], { stdio: "inherit" });
  const [told] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${names[0]} ended with ${code}`))),
  ])) as [Told];
  return told;
};

type Step = { seconds: number; peakMb: number; longestPauseMs: number };
try {
  const file = await part<{ bytes: number }>("make");
  const { steps, ...run } = await part<{ lines: number; reports: number; values: number; doubtful: number; steps: Record<string, Step> }>(
    "import",
  );
  const floor = await part<Step>("floor", String(run.reports), String(Math.round(run.values / run.reports)));
  const seconds = Object.entries(steps).reduce((sum, [name, step]) => sum + (name === "removing" ? 0 : step.seconds), 0);
  const peakMb = Math.max(...Object.values(steps).map((step) => step.peakMb));
  const found = {
    ...file,
    ...run,
    columns: 110,
    steps,
    floor,
    linesPerSecond: Math.round(run.lines / seconds),
    writingToFloor: Number((steps["writing"]!.seconds / floor.seconds).toFixed(2)),
    peakMb,
    holds: peakMb < 512,
  };
  console.log(JSON.stringify(found, null, 2));
  if (!found.holds) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
