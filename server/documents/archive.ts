import { crc32, inflateRawSync } from "node:zlib";
import yauzl from "yauzl";
import { Refusal, refuse } from "./refusals.ts";

/** What a document of this field may reasonably be; anything beyond is taken for an attack, before anything is inflated. */
const MOST_ENTRIES = 3_000;
const LARGEST_TOTAL = 300 * 1024 * 1024;
const LARGEST_PART = 32 * 1024 * 1024;
const LARGEST_READ = 64 * 1024 * 1024;
/**
 * A large member inflated more than this many times is a bomb: real XML stays under 60. Pictures, which are never inflated, may
 * be larger before they are suspected: a blank bitmap shrinks to nothing.
 */
const LARGEST_RATIO = 150;
const SUSPECT_XML = 4 * 1024 * 1024;
const SUSPECT_OTHER = 32 * 1024 * 1024;

const ARCHIVE_NAME = /\.(zip|jar|7z|rar|gz|tgz|bz2|xz|zst|tar|docx|odt|xlsx|ods|pptx|odp)$/i;
const ARCHIVE_STARTS = ["PK\x03\x04", "PK\x05\x06", "7z\xBC\xAF", "Rar!\x1A", "\x1F\x8B\x08", "BZh", "\xFD7zXZ"];
const EMBEDDED_OBJECT = /^word\/embeddings\/[^/]+\.(docx|xlsx|pptx|vsdx|ods|odt|odp|bin|docm|xlsm|xlsb|pptm)$/i;

/** One opened package: its member names, and its parts by name. Nothing is ever written to disk. */
export type Archive = {
  names: readonly string[];
  has(name: string): boolean;
  /** The inflated part, or null when there is none of that name. Refuses a part that is not what its header says. */
  read(name: string): Promise<Uint8Array | null>;
};

/**
 * Opens a ZIP package held in memory and judges it whole before reading any part: number of members, declared sizes and
 * ratios, overlapping or doubled members, paths that lead outside, archives inside the archive, encrypted members.
 */
export async function openArchive(bytes: Uint8Array): Promise<Archive> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.fromBufferPromise(buffer, { lazyEntries: true, validateEntrySizes: true, strictFileNames: false });
  } catch {
    return refuse("damaged");
  }
  if (zip.entryCount > MOST_ENTRIES) refuse("zip-bomb");
  const entries = new Map<string, yauzl.Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) refuse("damaged"); // two members of one name: readers would not agree on the document
      entries.set(entry.fileName, entry);
      if (entries.size > MOST_ENTRIES) refuse("zip-bomb");
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse("damaged"); // among others a name with `..`, a drive letter or an absolute path
  }
  judge([...entries.values()], buffer);

  let total = 0;
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return null;
      if (entry.uncompressedSize > LARGEST_PART) refuse("zip-bomb");
      total += entry.uncompressedSize;
      if (total > LARGEST_READ) refuse("zip-bomb");
      return inflate(zip, entry);
    },
  };
}

function judge(entries: yauzl.Entry[], buffer: Buffer): void {
  let total = 0;
  for (const entry of entries) {
    if (entry.isEncrypted()) refuse("encrypted");
    total += entry.uncompressedSize;
    if (total > LARGEST_TOTAL) refuse("zip-bomb");
    const suspect = /\.(xml|rels)$/i.test(entry.fileName) ? SUSPECT_XML : SUSPECT_OTHER;
    if (entry.uncompressedSize > suspect && entry.uncompressedSize > entry.compressedSize * LARGEST_RATIO) refuse("zip-bomb");
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) refuse("damaged");
  }
  // Members that share their compressed bytes are how a small file claims to hold everything many times over.
  const inOrder = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of inOrder) {
    if (entry.relativeOffsetOfLocalHeader < end) refuse("zip-bomb");
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.compressedSize;
  }
  if (end > buffer.length) refuse("damaged");
  for (const entry of entries) {
    if (EMBEDDED_OBJECT.test(entry.fileName)) continue; // an annexed spreadsheet: ordinary, and never opened
    if (ARCHIVE_NAME.test(entry.fileName) || startsLikeArchive(entry, buffer)) refuse("zip-bomb");
  }
}

/** Looks at the first bytes of a member without inflating the rest of it. */
function startsLikeArchive(entry: yauzl.Entry, buffer: Buffer): boolean {
  const header = entry.relativeOffsetOfLocalHeader;
  if (header + 30 > buffer.length) return refuse("damaged");
  const start = header + 30 + buffer.readUInt16LE(header + 26) + buffer.readUInt16LE(header + 28);
  const raw = buffer.subarray(start, Math.min(start + Math.min(entry.compressedSize, 512), buffer.length));
  if (raw.length === 0) return false;
  let head: Buffer = raw;
  if (entry.compressionMethod === 8) {
    try {
      head = inflateRawSync(raw, { finishFlush: 2, maxOutputLength: 256 * 1024 });
    } catch {
      return false; // broken data is found out when, and if, the part is read
    }
  }
  const beginning = head.subarray(0, 6).toString("latin1");
  return ARCHIVE_STARTS.some((magic) => beginning.startsWith(magic));
}

async function inflate(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const part of stream as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > entry.uncompressedSize) refuse("zip-bomb");
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    // A part longer than its header admits is a bomb with a lying size; anything else is damage.
    return refuse(error instanceof Error && /too many bytes/.test(error.message) ? "zip-bomb" : "damaged");
  }
  const bytes = Buffer.concat(parts, size);
  if (size !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) return refuse("damaged");
  return bytes;
}
