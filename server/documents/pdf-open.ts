import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { refuse } from "./refusals.ts";

const root = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const folder = (name: string) => `${join(root, name)}/`;

/** More pages than any report with its annexes: a page tree that claims more is not read. */
const MOST_PAGES = 3_000;

export type Pdf = { document: PDFDocumentProxy; pdfjs: typeof import("pdfjs-dist/legacy/build/pdf.mjs") };

/**
 * Opens a PDF for reading or drawing. Loaded only when a PDF comes, for it takes longer than most documents to read. No script
 * of the file runs, nothing is fetched: fonts and character maps come from the package. Refuses one that asks for a password.
 */
export async function openPdf(bytes: Uint8Array, { images }: { images: boolean }): Promise<Pdf> {
  const pdfjs = await import("pdfjs-dist/legacy/build/pdf.mjs");
  const isProtected = /\/Encrypt\s*(?:\d+\s+\d+\s+R|<<)/.test(tailOf(bytes)); // looked for first: pdf.js takes the bytes over
  let document: PDFDocumentProxy;
  try {
    document = await pdfjs.getDocument({
      data: bytes,
      verbosity: 0,
      enableXfa: false,
      useSystemFonts: false,
      disableFontFace: true,
      fontExtraProperties: true,
      isOffscreenCanvasSupported: false,
      isImageDecoderSupported: false,
      useWorkerFetch: false,
      disableAutoFetch: true,
      maxImageSize: images ? 80_000_000 : 1,
      cMapUrl: folder("cmaps"),
      cMapPacked: true,
      standardFontDataUrl: folder("standard_fonts"),
      wasmUrl: folder("wasm"),
      iccUrl: folder("iccs"),
    }).promise;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException") return refuse("encrypted");
    // A protection that cannot even be understood is still a protection.
    return refuse(isProtected ? "encrypted" : "damaged");
  }
  if (document.numPages > MOST_PAGES) return refuse("too-heavy");
  return { document, pdfjs };
}

const tailOf = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes.subarray(-65_536));
