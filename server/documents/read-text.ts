import { hasInk, textBuilder } from "./frozen-text.ts";
import type { ReadDocument } from "./read-document.ts";

const WINDOWS_1252_UNUSED = /[\x81\x8D\x8F\x90\x9D]/;

/**
 * Bytes as the text they hold: UTF-16 when a byte order mark says so, else UTF-8, else Windows-1252. Null when they are not
 * text: zero bytes, many control characters, or bytes that Windows-1252 leaves unused.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  const strict = decode(bytes, encoding);
  const text = strict ?? (encoding === "utf-8" ? decode(bytes, "windows-1252") : null);
  if (text === null) return null;
  if (strict === null && WINDOWS_1252_UNUSED.test(text)) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary data from text
  const controls = text.match(/[\0-\x08\x0E-\x1A\x1C-\x1F\x7F]/g);
  if (controls && (text.includes("\0") || controls.length > text.length / 500)) return null;
  return text;
}

function decode(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const ITEM = /^\s*(?:[-–—•*▪◦➢✓]|\d{1,2}[.)]|[a-z]\))\s+\S/;

/** Reads plain text: paragraphs are what blank lines separate; line ends inside them are kept; lines with a bullet are items. */
export function readText(text: string): ReadDocument {
  const builder = textBuilder();
  for (const paragraph of text.replace(/\r\n?|[\u0085\u2028\u2029\v\f]/g, "\n").split(/\n[^\S\n]*\n/)) {
    const lines = paragraph.split("\n").filter(hasInk);
    const isList = lines.length > 1 && lines.filter((line) => ITEM.test(line)).length > 1 && ITEM.test(lines[0]!);
    if (!isList) {
      builder.add("paragraph", lines.join("\n"));
      continue;
    }
    const items: string[] = [];
    for (const line of lines) {
      if (ITEM.test(line)) items.push(line);
      else items.push(`${items.pop()}\n${line}`);
    }
    for (const item of items) builder.add("list-item", item);
  }
  const { text: frozen, blocks } = builder.finish();
  return { mediaType: "text/plain", text: frozen, blocks, pages: [], pageCount: null, hasText: frozen !== "" };
}
