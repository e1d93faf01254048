import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type CodebookDefinition, parseCodebook } from "../server/codebook/definition.ts";
import { readGold } from "../server/coding/gold.ts";
import { indexDocument } from "../server/coding/suggestions/index-document.ts";
import { indicatorTerms } from "../server/coding/suggestions/practice.ts";
import { measureRecall, type Reference } from "../server/coding/suggestions/recall.ts";
import { suggest } from "../server/coding/suggestions/suggest.ts";
import { readText } from "../server/documents/read-text.ts";
import { generateReports } from "./demonstration/generate.ts";

// npm run recall -- FOLDER: how many reference passages stand among the first suggestions of their factor, as JSON. With --generated COUNT,
// on invented reports instead of a folder: they had no part in the choice of terms.
const { values, positionals } = parseArgs({
  options: { top: { type: "string", default: "5" }, generated: { type: "string" }, seed: { type: "string", default: "2026" } },
  allowPositionals: true,
});
const [folder] = positionals;
const [top, generated, seed] = [values.top, values.generated ?? "0", values.seed].map(Number) as [number, number, number];
if (
  !(Number.isInteger(top) && top > 0 && Number.isInteger(generated) && Number.isInteger(seed)) ||
  (folder === undefined) !== generated > 0
) {
  console.error("Usage: npm run recall -- FOLDER [--top 5]   (a folder of documents with gold/*.yaml, as test/samples)");
  console.error("       npm run recall -- --generated COUNT [--top 5] [--seed 2026]");
  process.exit(2);
}

if (folder !== undefined && !existsSync(join(folder, "gold"))) {
  console.error(`${folder} has no folder "gold"`);
  process.exit(2);
}

const codebook = parseCodebook(readFileSync(join(import.meta.dirname, "../db/data/codebook-1.0.0.yaml"), "utf8"));
if (codebook.kind === "problems") throw new Error(codebook.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
const { definition } = codebook;
const terms = indicatorTerms(definition);

const references = folder === undefined ? inventedReports(definition) : await referenceCodings(folder);
const options = { count: top, terms };
const recall = measureRecall(references, definition.factors, options);
console.log(JSON.stringify({ top, ...recall, milliseconds: timesOf(references) }, null, 2));

async function referenceCodings(place: string): Promise<Reference[]> {
  const found: Reference[] = [];
  for await (const reading of readGold(place)) {
    if (reading.kind === "refused") {
      console.error(`${reading.document}: ${reading.reason}`);
      process.exitCode = 1;
    } else if (reading.document.hasText)
      found.push({
        name: reading.gold.document.file,
        document: reading.document,
        passages: reading.gold.factors.flatMap(({ code, quotes }) => quotes.map(({ text, page }) => ({ factor: code, quote: text, page }))),
      });
  }
  return found;
}

function inventedReports(codes: CodebookDefinition): Reference[] {
  return generateReports(codes, { seed, count: generated }).map((report, at) => ({
    name: `${at + 1}`,
    document: readText(report.text),
    passages: report.codings.flatMap(({ factor, quotes }) => quotes.map((quote) => ({ factor, quote }))),
  }));
}

/** Milliseconds to read a document once and to ask for all factors, the median of the documents; a figure of this machine, for comparison. */
function timesOf(documents: readonly Reference[]): { index: number; suggest: number } {
  const times = documents.map(({ document }) => {
    const start = performance.now();
    const index = indexDocument(document);
    const indexed = performance.now();
    for (const factor of definition.factors) suggest(index, factor, options);
    return { index: indexed - start, suggest: performance.now() - indexed };
  });
  const median = (numbers: number[]) => Math.round((numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0) * 10) / 10;
  return { index: median(times.map(({ index }) => index)), suggest: median(times.map((time) => time.suggest)) };
}
