import { createHash } from "node:crypto";
import { csvToYaml } from "./csv.ts";
import { type CodebookDefinition, type Problem, parseCodebook } from "./definition.ts";
import { writeCodebook } from "./yaml.ts";

/** What a file of a codebook says, or every line of it that cannot be taken. */
export type CodebookFile = { kind: "codebook"; definition: CodebookDefinition } | { kind: "problems"; problems: Problem[] };

/** A codebook written in YAML or as a table; a table is known by its first line, which names its columns. */
export function readCodebookText(text: string): CodebookFile {
  const first = text.replace(/^\ufeff/, "").slice(0, 200);
  if (!/^"?row"?\s*[;,\t]/i.test(first)) return parseCodebook(text.replace(/^\ufeff/, ""));
  const table = csvToYaml(text);
  if (table.kind === "problems") return table;
  const parsed = parseCodebook(table.yaml);
  if (parsed.kind === "codebook") return parsed;
  const problems = parsed.problems.map(({ line, message }) => ({ line: table.lines[line - 1] ?? 1, message }));
  return { kind: "problems", problems: problems.toSorted((a, b) => a.line - b.line) };
}

/** The text of an uploaded file: UTF-8, or what spreadsheets of the West write where it is not; null where it is no text. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** SHA-256 of the one YAML of a codebook, hexadecimal: two codebooks have the same exactly when they are the same version. */
export const digestOf = (definition: CodebookDefinition): string =>
  createHash("sha256").update(writeCodebook(definition).yaml).digest("hex");
