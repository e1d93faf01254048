import { readFileSync } from "node:fs";
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";
import type { LetterDocument } from "../letter-document.ts";
import { loadFaces } from "./fonts.ts";
import { prepareLetter } from "./prepare.ts";

/** An imaginary root: the typesetter only ever sees the two files put there in memory. */
const ROOT = "/letter";

/**
 * Sets one letter as PDF/UA-1. Runs in the child process that typeset.ts starts, because the native typesetter cannot be interrupted.
 * Throws with the typesetter's reasons, stripped of anything quoted from the letter.
 */
export function compileLetter(document: LetterDocument): Uint8Array {
  const faces = loadFaces();
  const compiler = NodeCompiler.create({ workspace: ROOT, fontArgs: [{ fontBlobs: faces.blobs }] });
  compiler.addSource(`${ROOT}/letter.typ`, readFileSync(new URL("letter.typ", import.meta.url), "utf8"));
  compiler.mapShadow(`${ROOT}/letter.json`, Buffer.from(JSON.stringify(prepareLetter(document, faces))));
  const compiled = compiler.compile({ mainFilePath: `${ROOT}/letter.typ` });
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
