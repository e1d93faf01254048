import { crc32, deflateRawSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";

const W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

export type Parts = Record<string, string | Uint8Array>;

/** A ZIP of the given parts, in their order. */
export const zipOf = (parts: Parts): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, typeof part === "string" ? strToU8(part) : part])));

export const contentTypes = (main = MAIN) =>
  `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${main}"/></Types>`;

export const wordXml = (element: string, inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><w:${element} xmlns:w="${W}" xmlns:r="${R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">${inside}</w:${element}>`;

/** Relationships of the main part: kind of part → file beside it. */
const relationships = (related: Record<string, string>) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${Object.entries(related)
    .map(([kind, target], index) => `<Relationship Id="rel${index}" Type="${R}/${kind.replace(/\d+$/, "")}" Target="${target}"/>`)
    .join("")}</Relationships>`;

/** A DOCX with this body; `parts` are further parts of `word/`, by kind of relationship and file name. */
export function docxParts(body: string, parts: { kind: string; file: string; xml: string }[] = []): Parts {
  const all: Parts = { "[Content_Types].xml": contentTypes(), "word/document.xml": wordXml("document", `<w:body>${body}</w:body>`) };
  all["word/_rels/document.xml.rels"] = relationships(Object.fromEntries(parts.map(({ kind, file }) => [kind, file])));
  for (const { file, xml } of parts) all[`word/${file}`] = xml;
  return all;
}

export const docxOf = (body: string, parts: { kind: string; file: string; xml: string }[] = []): Uint8Array =>
  zipOf(docxParts(body, parts));

export const para = (text: string, properties = "") =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

const ODF = ["office", "text", "table", "style", "script", "manifest"]
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(" ");
const ODF_MORE =
  'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"';

export const odfXml = (element: string, inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><${element} ${ODF} ${ODF_MORE}>${inside}</${element}>`;

export function odtParts(body: string, { styles = "", automatic = "" } = {}): Parts {
  return {
    mimetype: "application/vnd.oasis.opendocument.text",
    "content.xml": odfXml(
      "office:document-content",
      `<office:automatic-styles>${automatic}</office:automatic-styles><office:body><office:text>${body}</office:text></office:body>`,
    ),
    "styles.xml": odfXml("office:document-styles", styles),
    "META-INF/manifest.xml": odfXml("manifest:manifest", ""),
  };
}

export const odtOf = (body: string, options: { styles?: string; automatic?: string } = {}): Uint8Array => zipOf(odtParts(body, options));

/** One member of a ZIP written by hand, so that its headers may lie. */
export type Member = {
  name: string;
  data: Uint8Array;
  /** Uncompressed size that the headers declare; the true one if not given. */
  declared?: number;
  flags?: number;
  /** Points at the data of an earlier member instead of writing its own. */
  sharesDataOf?: number;
};

export function rawZip(members: Member[]): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { name, data, declared, flags = 0, sharesDataOf } of members) {
    const packed = deflateRawSync(data);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(flags, 6);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(crc32(data), 14);
    header.writeUInt32LE(packed.length, 18);
    header.writeUInt32LE(declared ?? data.length, 22);
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    const offset = sharesDataOf === undefined ? at : offsets[sharesDataOf]!;
    offsets.push(offset);
    if (sharesDataOf === undefined) {
      local.push(header, Buffer.from(name), packed);
      at += 30 + Buffer.byteLength(name) + packed.length;
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    header.copy(entry, 8, 6, 30);
    entry.writeUInt16LE(0, 30);
    entry.writeUInt32LE(offset, 42);
    central.push(entry, Buffer.from(name));
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}
