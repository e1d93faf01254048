import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";
import { type Faces, loadFaces } from "./fonts.ts";
import type { Typeset } from "./typeset.ts";

/** An imaginary root: the typesetter only ever sees the two files put there in memory. */
const ROOT = "/text";

/**
 * The work of the child process that typeset.ts starts: one document in, one answer out. `prepare` makes of the document what `template`
 * (name.typ) reads as name.json.
 */
export function setReceived<Document>(template: URL, prepare: (document: Document, faces: Faces) => object): void {
  process.once("message", (document: Document) => {
    let answer: Typeset;
    try {
      const faces = loadFaces();
      answer = { pdf: compilePdf(template, prepare(document, faces), faces) };
    } catch (error) {
      answer = { reason: error instanceof Error ? error.message : "the typesetter failed" };
    }
    process.send!(answer, () => process.disconnect());
  });
}

/** The data set as PDF/UA-1 by the template. Throws with the typesetter's reasons, stripped of anything quoted from the data. */
function compilePdf(template: URL, data: object, faces: Faces): Uint8Array {
  const name = basename(template.pathname, ".typ");
  const compiler = NodeCompiler.create({ workspace: ROOT, fontArgs: [{ fontBlobs: faces.blobs }] });
  compiler.addSource(`${ROOT}/${name}.typ`, readFileSync(template, "utf8"));
  compiler.mapShadow(`${ROOT}/${name}.json`, Buffer.from(JSON.stringify(data)));
  const compiled = compiler.compile({ mainFilePath: `${ROOT}/${name}.typ` });
  if (compiled.result === null) {
    const reasons = compiled.takeDiagnostics()?.shortDiagnostics.map((one: { message?: unknown }) => String(one.message)) ?? [];
    throw new Error(withoutQuotes(reasons.join("; ")));
  }
  try {
    return compiler.pdf(compiled.result, { pdfStandard: "ua-1" });
  } catch (error) {
    const reasons = [...String(error).matchAll(/message: "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!);
    throw new Error(withoutQuotes(reasons.join("; ") || "the typesetter failed"));
  }
}

const withoutQuotes = (reason: string): string => reason.replace(/`[^`]*`|\\?"[^"]*"/g, "…").slice(0, 500);
