import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { attack } from "../server/disclosure/attack.ts";
import { CellsError, costsOf, readCells, readHierarchy, systemOf } from "../server/disclosure/cells.ts";
import { THRESHOLD } from "../server/disclosure/mask.ts";
import { solver } from "../server/disclosure/solver.ts";
import { suppress } from "../server/disclosure/suppress.ts";
import { CsvError } from "../server/exchange/read-csv.ts";

// npm run protect -- CELLS.csv [--threshold 5] [--hierarchy FILE] [--seconds 20]: the table with its small counts hidden (`s`), and what
// more must be hidden so that nobody computes them; then, on one line of JSON, what an attack on the result finds for each hidden cell.

/** Something the person can put right, said in one sentence. */
class Mistake extends Error {}

const USAGE = "npm run protect -- CELLS.csv [--threshold N] [--hierarchy FILE]";

function readArguments(args: string[]) {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new Mistake(`${(error as Error).message.split(". ")[0]}. Usage: ${USAGE}`);
  }
  const [path, ...more] = parsed.positionals;
  if (path === undefined || more.length > 0) throw new Mistake(`Name one CSV file: ${USAGE}`);
  return {
    path,
    hierarchy: parsed.values.hierarchy,
    threshold: wholeNumber("threshold", parsed.values.threshold, 2, 1_000_000),
    seconds: wholeNumber("seconds", parsed.values.seconds, 0, 3_600),
  };
}
const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      threshold: { type: "string", default: String(THRESHOLD) },
      hierarchy: { type: "string" },
      seconds: { type: "string", default: "20" },
    },
  });

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) throw new Mistake(`--${name} takes a whole number from ${low} to ${high}.`);
  return number;
}

/** Reads a file with `read`; what is wrong in it is said with its line. */
function readFrom<Read>(path: string, read: (text: string) => Read): Read {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw new Mistake(`${path} is not a text in UTF-8.`);
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new Mistake(`${path} cannot be read: ${why}.`);
  }
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof CellsError || error instanceof CsvError)) throw error;
    throw new Mistake(`${path}${error.line === null ? "" : `, line ${error.line}`}: ${error.message}.`);
  }
}

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

async function run(args: string[]): Promise<string> {
  const { path, hierarchy, threshold, seconds } = readArguments(args);
  const { table, system } = readFrom(path, (text) => {
    const read = readCells(text);
    const above = hierarchy === undefined ? undefined : readFrom(hierarchy, (lines) => readHierarchy(lines, read));
    return { table: read, system: systemOf(read, above) };
  });
  const highs = await solver();
  const rule = { threshold, costs: costsOf(table), milliseconds: seconds * 1_000 };
  const pattern = suppress(highs, system, rule, () => performance.now());
  if (!pattern) throw new Mistake("No pattern of hidden cells protects this table.");
  const { hidden, found } = pattern;
  const ranges = attack(highs, system, hidden, threshold);
  const place = (cell: number) => Object.fromEntries(table.dimensions.map((name, at) => [name, table.cells[cell]!.at[at]!]));
  const rows = table.cells.map(({ at, count }, cell) => at.toSpliced(table.countAt, 0, hidden[cell] ? "s" : String(count)));
  const result = {
    threshold,
    cells: table.cells.length,
    hidden: ranges.length,
    primary: ranges.filter(({ primary }) => primary).length,
    found,
    exposed: ranges.filter(({ exposed }) => exposed).length,
    ranges: ranges.map(({ cell, least, greatest, primary, exposed }) => ({
      cell: place(cell),
      least,
      greatest: Number.isFinite(greatest) ? greatest : null, // nothing shown bounds it
      primary,
      exposed,
    })),
  };
  return `${[table.dimensions.toSpliced(table.countAt, 0, "count"), ...rows].map((row) => row.map(quoted).join(",")).join("\n")}\n${JSON.stringify(result)}`;
}

try {
  console.log(await run(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
