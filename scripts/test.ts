import { spawnSync } from "node:child_process";
import { findOrInstallChromium } from "./find-chromium.ts";

// npm test: types, lint, every suite on both databases, and the browser journey. Stops at the first step that fails.
const steps: [string, string[]][] = [
  ["tsc", ["--noEmit"]],
  ["biome", ["ci", "--diagnostic-level=error"]],
];
const run = (command: string, args: string[], environment: NodeJS.ProcessEnv = process.env): void => {
  console.log(`\n$ ${command} ${args.join(" ")}`);
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: environment });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
};

for (const [command, args] of steps) run(command, args);
const chromium = findOrInstallChromium();
run("mocha", process.argv.slice(2), { ...process.env, CHROMIUM: chromium });
