import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withCharts } from "../workflows/draw.ts";

// npm run draw: prints the charts of the machines into the README. --check only says whether one is stale.
const readme = join(import.meta.dirname, "../README.md");
const before = readFileSync(readme, "utf8");
const after = withCharts(before);
if (process.argv.includes("--check")) process.exit(before === after ? 0 : 1);
writeFileSync(readme, after);
