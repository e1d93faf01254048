import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawReportWorkflow, withChart } from "../workflows/draw.ts";

// npm run draw: prints the chart of the report's machine into the README. --check only says whether it is stale.
const readme = join(import.meta.dirname, "../README.md");
const before = readFileSync(readme, "utf8");
const after = withChart(before, drawReportWorkflow());
if (process.argv.includes("--check")) process.exit(before === after ? 0 : 1);
writeFileSync(readme, after);
