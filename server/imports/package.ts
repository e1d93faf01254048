import { SaxesParser } from "saxes";
import yauzl from "yauzl";
import { RefusedSheet, refuse } from "./refusals.ts";

const MOST_MEMBERS = 2_000;
/** 10,000 lines of 110 columns are some 120 MB of OpenDocument. */
const LARGEST_PART = 400 * 1024 * 1024;
const LARGEST_READ = 600 * 1024 * 1024;
const DEEPEST = 200;

/** What a reader wants to hear of an XML part; names come without their prefix. */
export type Listener = {
  open?: (name: string, attribute: (local: string) => string | undefined) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
};

/** An opened ZIP package: its members are inflated piece by piece and never held whole, but for small ones. */
export type Package = {
  names: readonly string[];
  has: (name: string) => boolean;
  /** The part as text, or null when there is none; for small parts. */
  small: (name: string) => Promise<string | null>;
  /** Tells the listener of an XML part as it is inflated. */
  listen: (name: string, listener: Listener) => Promise<void>;
};

/**
 * Opens a ZIP package held in memory and judges it before reading any part: number of members, declared sizes, doubled or overlapping
 * members, encryption. A part longer than it declares is refused while it is inflated.
 * @throws RefusedSheet
 */
export async function openPackage(bytes: Uint8Array): Promise<Package> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, yauzl.Entry>();
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.fromBufferPromise(buffer, { lazyEntries: true, validateEntrySizes: true, strictFileNames: false });
    if (zip.entryCount > MOST_MEMBERS) refuse("zip-bomb");
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) refuse("damaged");
      entries.set(entry.fileName, entry);
      if (entries.size > MOST_MEMBERS) refuse("zip-bomb");
    }
  } catch (error) {
    if (error instanceof RefusedSheet) throw error;
    return refuse("damaged");
  }
  let end = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    if (entry.isEncrypted()) refuse("encrypted");
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) refuse("damaged");
    if (entry.uncompressedSize > LARGEST_PART) refuse("zip-bomb");
    // Members that share their bytes are how a small file claims to hold everything many times over.
    if (entry.relativeOffsetOfLocalHeader < end) refuse("zip-bomb");
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
  if (end > buffer.length) refuse("damaged");

  let read = 0;
  async function* pieces(name: string): AsyncGenerator<Buffer> {
    const entry = entries.get(name)!;
    read += entry.uncompressedSize;
    if (read > LARGEST_READ) refuse("zip-bomb");
    let size = 0;
    try {
      for await (const piece of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
        size += piece.length;
        yield piece;
      }
    } catch (error) {
      if (error instanceof RefusedSheet) throw error;
      return refuse(error instanceof Error && /too many bytes/.test(error.message) ? "zip-bomb" : "damaged");
    }
    if (size !== entry.uncompressedSize) refuse("damaged");
  }
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    async small(name) {
      const entry = entries.get(name);
      if (!entry) return null;
      if (entry.uncompressedSize > 4 * 1024 * 1024) refuse("zip-bomb");
      const parts: Buffer[] = [];
      for await (const piece of pieces(name)) parts.push(piece);
      return Buffer.concat(parts).toString("utf8");
    },
    async listen(name, listener) {
      if (!entries.has(name)) refuse("damaged");
      await listenTo(pieces(name), listener);
    },
  };
}

const local = (name: string): string => {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
};

/** Feeds XML, piece by piece, to a listener. A document type, malformed text or absurd depth refuses the file: nothing is ever resolved. */
async function listenTo(pieces: AsyncIterable<Uint8Array>, { open, close, text }: Listener): Promise<void> {
  const parser = new SaxesParser();
  let depth = 0;
  parser.on("error", () => refuse("damaged"));
  parser.on("doctype", () => refuse("damaged"));
  parser.on("opentag", (tag) => {
    if (++depth > DEEPEST) refuse("damaged");
    const { attributes } = tag as { attributes: Record<string, string> };
    open?.(local(tag.name), (wanted) => {
      for (const name in attributes) if (local(name) === wanted) return attributes[name];
      return undefined;
    });
  });
  parser.on("closetag", (tag) => {
    depth--;
    close?.(local(tag.name));
  });
  if (text) {
    parser.on("text", text);
    parser.on("cdata", text);
  }
  let decoder: TextDecoder | null = null;
  try {
    for await (const piece of pieces) {
      decoder ??= new TextDecoder(piece[0] === 0xff ? "utf-16le" : piece[0] === 0xfe ? "utf-16be" : "utf-8", { fatal: true });
      parser.write(decoder.decode(piece, { stream: true }));
    }
    parser.write(decoder?.decode() ?? "").close();
  } catch (error) {
    if (error instanceof RefusedSheet) throw error;
    refuse("damaged");
  }
}
