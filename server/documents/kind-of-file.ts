import { type Archive, openArchive } from "./archive.ts";
import { docxMainPart } from "./read-docx.ts";
import { ODT, refuseUnsafeOdt } from "./read-odt.ts";
import { decodeText } from "./read-text.ts";
import { refuse } from "./refusals.ts";

export type KnownFile =
  | { kind: "pdf" }
  | { kind: "docx"; archive: Archive; mainPart: string }
  | { kind: "odt"; archive: Archive }
  | { kind: "text"; text: string };

/** What the end of a name promises. The name is never believed: it only shows that somebody was misled. */
const PROMISES: Record<string, string> = {
  pdf: "pdf",
  docx: "docx",
  odt: "odt",
  txt: "text",
  text: "text",
  md: "text",
  csv: "text",
};
const OTHER_FAMILIES =
  /^(docm|dotm|dotx|doc|dot|rtf|ott|fodt|xlsx?|xlsm|ods|pptx?|odp|html?|xml|json|zip|7z|rar|gz|tar|exe|dll|msi|bat|cmd|com|scr|js|vbs|ps1|sh|jar|apk|iso|lnk|png|jpe?g|gif|webp|tiff?|bmp|svg|heic|mp3|mp4|avi|mov|wav|eml|msg)$/;

function promiseOf(fileName: string): string | null {
  const extension = /\.([^./\\]+)\s*$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  return PROMISES[extension] ?? (OTHER_FAMILIES.test(extension) ? "other" : null);
}

/**
 * Tells what a file is from its bytes alone, and opens packages for the reader. Refuses what is of no known kind, what is two
 * kinds at once, what its name contradicts, what is encrypted, and what carries macros.
 */
export async function kindOfFile(bytes: Uint8Array, fileName: string): Promise<KnownFile> {
  const promise = promiseOf(fileName);
  const known = await inspect(bytes);
  if (known) return promise !== null && promise !== known.kind ? refuse("mislabelled") : known;
  // Unknown bytes under a name that promises a document: another kind in disguise, or a document whose beginning is lost.
  if (promise === null || promise === "other") return refuse("unknown-type");
  const { fileTypeFromBuffer } = await import("file-type");
  const other = await fileTypeFromBuffer(bytes.subarray(0, 1 << 20)).catch(() => undefined);
  return refuse(other || promise === "text" || decodeText(bytes) !== null ? "mislabelled" : "damaged");
}

async function inspect(bytes: Uint8Array): Promise<KnownFile | null> {
  const head = latin1(bytes.subarray(0, 1024));
  const pdfAt = head.indexOf("%PDF-");
  if (head.startsWith("PK\x03\x04")) {
    if (pdfAt >= 0) return refuse("mislabelled");
    return inspectPackage(bytes);
  }
  if (pdfAt >= 0 && /^(?:\xEF\xBB\xBF)?\s*$/.test(head.slice(0, pdfAt))) {
    return endsAsArchive(bytes) ? refuse("mislabelled") : { kind: "pdf" };
  }
  if (head.startsWith("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) {
    // The old container of Office: today it mostly wraps a document that a password protects.
    if (holds(bytes, "EncryptedPackage")) return refuse("encrypted");
    return null;
  }
  if (/^\s*(?:\{\\rtf|%!PS|<\?xml|<!doctype|<html|<svg)/i.test(head) || pdfAt >= 0) return null;
  const text = decodeText(bytes);
  return text === null ? null : { kind: "text", text };
}

async function inspectPackage(bytes: Uint8Array): Promise<KnownFile | null> {
  const archive = await openArchive(bytes);
  if (archive.has("mimetype")) {
    const type = latin1((await archive.read("mimetype")) ?? new Uint8Array()).trim();
    if (type !== ODT) return null;
    await refuseUnsafeOdt(archive);
    return archive.has("content.xml") ? { kind: "odt", archive } : refuse("damaged");
  }
  const mainPart = await docxMainPart(archive);
  if (mainPart === null) return null;
  return archive.has(mainPart) ? { kind: "docx", archive, mainPart } : refuse("damaged");
}

/** A PDF that is also an archive: two programs would see two different documents. */
function endsAsArchive(bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-66_000);
  const end = tail.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 22 > tail.length) return false;
  const comment = tail.readUInt16LE(end + 20);
  return end + 22 + comment === tail.length || tail.lastIndexOf("%%EOF", undefined, "latin1") < end;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
const holds = (bytes: Uint8Array, name: string) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from(name, "utf16le"));
