import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { agreement, DEFAULT_RESAMPLES, DEFAULT_SEED } from "../server/agreement/agreement.ts";
import { caution, explain } from "../server/agreement/explanations.ts";
import { LEVELS, RatingsError } from "../server/agreement/ratings.ts";
import { RatingsFileError, readRatingsCsv } from "../server/agreement/ratings-csv.ts";

// npm run agreement -- FILE.csv [--level nominal|ordinal|interval] [--scale a,b,c] [--not-documented VALUE] [--leave-out] [--seed N]
// [--resamples N]: every coefficient of agreement between coders with its interval, as JSON on the output.

/** Something the person can put right, said in one sentence. */
class Mistake extends Error {}

const USAGE = "npm run agreement -- FILE.csv [--level nominal|ordinal|interval]";

function run(args: string[]): string {
  const { path, ...options } = readArguments(args);
  const content = readContent(path);
  try {
    const { ratings, lines } = readRatingsCsv(content);
    try {
      return JSON.stringify(inWords(agreement(ratings, options)), null, 2);
    } catch (error) {
      if (!(error instanceof RatingsError)) throw error;
      if (error.of === "scale") throw new Mistake(`--scale, value ${error.at + 1}: ${error.message}.`);
      throw new Mistake(`${path}, line ${lines[error.at]}: ${error.message}.`);
    }
  } catch (error) {
    if (error instanceof RatingsFileError) throw new Mistake(`${path}, line ${error.line}: ${error.message}.`);
    throw error;
  }
}

function readArguments(args: string[]) {
  const { values, positionals } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Mistake(`Name one CSV file: ${USAGE}`);
  const level = LEVELS.find((one) => one === values.level);
  if (!level) throw new Mistake(`The level "${values.level}" is none of ${LEVELS.join(", ")}.`);
  if (values["leave-out"] && values["not-documented"] === undefined)
    throw new Mistake("--leave-out needs --not-documented VALUE, which says what to leave out.");
  return {
    path,
    level,
    seed: wholeNumber("seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
    resamples: wholeNumber("resamples", values.resamples, 100, 100_000),
    ...(values.scale === undefined ? {} : { scale: values.scale.split(",").map((value) => value.trim()) }),
    ...(values["not-documented"] === undefined
      ? {}
      : { notDocumented: { value: values["not-documented"], as: values["leave-out"] ? ("left-out" as const) : ("value" as const) } }),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        level: { type: "string", default: "nominal" },
        scale: { type: "string" },
        "not-documented": { type: "string" },
        "leave-out": { type: "boolean", default: false },
        seed: { type: "string", default: String(DEFAULT_SEED) },
        resamples: { type: "string", default: String(DEFAULT_RESAMPLES) },
      },
    });
  } catch (error) {
    throw new Mistake(`${(error as Error).message.split(". ")[0]}. Usage: ${USAGE}`);
  }
}

function wholeNumber(name: string, text: string, low: number, high: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high)) throw new Mistake(`--${name} takes a whole number from ${low} to ${high}.`);
  return number;
}

function readContent(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw new Mistake(`${path} is not a text in UTF-8.`);
    throw new Mistake(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message}.`,
    );
  }
}

/** The figures with a sentence beside each code. */
function inWords(figures: ReturnType<typeof agreement>) {
  const coefficients = Object.entries(figures.coefficients).map(([name, estimate]) => [
    name,
    estimate.kind === "undefined"
      ? { ...estimate, explanation: explain(estimate.why, "en") }
      : { ...estimate, cautions: estimate.cautions.map((code) => ({ code, explanation: caution(code, "en") })) },
  ]);
  return { ...figures, coefficients: Object.fromEntries(coefficients) };
}

try {
  console.log(run(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
