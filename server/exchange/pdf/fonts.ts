import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";

/**
 * The faces of printed letters, unpacked from the web fonts that the pages use too, so that a letter looks the same whatever is installed
 * on the machine. Each script subset gets a family name of its own: Typst takes one face per family, and looks further down the list for
 * the characters it lacks.
 */
export type Faces = {
  /** OpenType files for the typesetter. */
  blobs: Buffer[];
  /** Family names in the order to try them. */
  serif: string[];
  sans: string[];
  /** Whether both families can print the character with this code point. */
  covers: (codePoint: number) => boolean;
};

const SUBSETS = ["latin", "latin-ext", "greek", "cyrillic", "vietnamese"] as const;
const FAMILIES = {
  serif: { package: "source-serif-4", name: "Retex Serif" },
  sans: { package: "source-sans-3", name: "Retex Sans" },
} as const;

/** Reads and unpacks every face; some 40 small files, a few tens of milliseconds. Throws when a font package is not installed. */
export function loadFaces(): Faces {
  const require = createRequire(import.meta.url);
  const blobs: Buffer[] = [];
  const covered = { serif: new Set<number>(), sans: new Set<number>() };
  const names = { serif: [] as string[], sans: [] as string[] };
  for (const kind of ["serif", "sans"] as const) {
    const family = FAMILIES[kind];
    const folder = join(dirname(require.resolve(`@fontsource/${family.package}/package.json`)), "files");
    for (const subset of SUBSETS) {
      const name = subset === "latin" ? family.name : `${family.name} ${subset}`;
      names[kind].push(name);
      for (const weight of [400, 600]) {
        for (const style of ["normal", "italic"]) {
          const tables = unpackWoff(readFileSync(join(folder, `${family.package}-${subset}-${weight}-${style}.woff`)));
          const postscript = `${family.name.replaceAll(" ", "")}-${subset}-${weight}${style === "italic" ? "i" : ""}`;
          tables.set("name", nameTable(name, postscript));
          blobs.push(packOpenType(tables));
          if (weight === 400 && style === "normal") for (const code of codePoints(tables.get("cmap")!)) covered[kind].add(code);
        }
      }
    }
  }
  return { blobs, ...names, covers: (code) => covered.serif.has(code) && covered.sans.has(code) };
}

/** The tables of a WOFF 1.0 file (each deflated on its own), by tag. */
function unpackWoff(file: Buffer): Map<string, Buffer> {
  if (file.toString("latin1", 0, 4) !== "wOFF") throw new Error("not a WOFF 1.0 font");
  const tables = new Map<string, Buffer>();
  const count = file.readUInt16BE(12);
  for (let index = 0; index < count; index += 1) {
    const entry = 44 + index * 20;
    const [offset, packed, size] = [file.readUInt32BE(entry + 4), file.readUInt32BE(entry + 8), file.readUInt32BE(entry + 12)];
    const data = file.subarray(offset, offset + packed);
    tables.set(file.toString("latin1", entry, entry + 4), packed === size ? data : inflateSync(data));
  }
  return tables;
}

/** An OpenType file with TrueType outlines from its tables. */
function packOpenType(tables: Map<string, Buffer>): Buffer {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  const padded = (size: number) => (size + 3) & ~3;
  const directory = 12 + 16 * sorted.length;
  const out = Buffer.alloc(sorted.reduce((size, [, data]) => size + padded(data.length), directory));
  const power = 2 ** Math.floor(Math.log2(sorted.length));
  out.writeUInt32BE(tables.has("CFF ") ? 0x4f54544f : 0x00010000, 0);
  out.writeUInt16BE(sorted.length, 4);
  out.writeUInt16BE(power * 16, 6);
  out.writeUInt16BE(Math.log2(power), 8);
  out.writeUInt16BE((sorted.length - power) * 16, 10);
  let position = directory;
  sorted.forEach(([tag, data], index) => {
    data.copy(out, position);
    const entry = 12 + 16 * index;
    out.write(tag, entry, "latin1");
    out.writeUInt32BE(checksum(out.subarray(position, position + padded(data.length))), entry + 4);
    out.writeUInt32BE(position, entry + 8);
    out.writeUInt32BE(data.length, entry + 12);
    position += padded(data.length);
  });
  return out;
}

function checksum(words: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < words.length; offset += 4) sum = (sum + words.readUInt32BE(offset)) >>> 0;
  return sum;
}

/** A naming table with the family (1), style (2), full (4) and PostScript (6) names, for Windows, in UTF-16. */
function nameTable(family: string, postscript: string): Buffer {
  const names: [number, string][] = [
    [1, family],
    [2, "Regular"],
    [4, postscript],
    [6, postscript],
  ];
  const strings = names.map(([, text]) => Buffer.from(text, "utf16le").swap16());
  const header = Buffer.alloc(6 + 12 * names.length);
  header.writeUInt16BE(names.length, 2);
  header.writeUInt16BE(header.length, 4);
  let offset = 0;
  names.forEach(([id], index) => {
    const size = strings[index]!.length;
    [3, 1, 0x409, id, size, offset].forEach((value, place) => {
      header.writeUInt16BE(value, 6 + 12 * index + 2 * place);
    });
    offset += size;
  });
  return Buffer.concat([header, ...strings]);
}

/** The code points of a character map (formats 4 and 12, the two in use). */
function codePoints(cmap: Buffer): Set<number> {
  const codes = new Set<number>();
  const add = (from: number, to: number) => {
    for (let code = from; code <= to; code += 1) if (code !== 0xffff) codes.add(code);
  };
  const count = cmap.readUInt16BE(2);
  for (let index = 0; index < count; index += 1) {
    const start = cmap.readUInt32BE(4 + index * 8 + 4);
    const format = cmap.readUInt16BE(start);
    if (format === 12) {
      const groups = cmap.readUInt32BE(start + 12);
      for (let group = 0; group < groups; group += 1) {
        const entry = start + 16 + group * 12;
        add(cmap.readUInt32BE(entry), cmap.readUInt32BE(entry + 4));
      }
    } else if (format === 4) {
      const size = cmap.readUInt16BE(start + 6);
      for (let segment = 0; segment < size; segment += 2) {
        add(cmap.readUInt16BE(start + 16 + size + segment), cmap.readUInt16BE(start + 14 + segment));
      }
    }
  }
  return codes;
}
