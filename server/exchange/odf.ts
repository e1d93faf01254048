import { escapeXml } from "./xml.ts";

/** What spreadsheets and texts in OpenDocument share. */
export const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
export const VERSION = 'office:version="1.3"';

const ADDRESSES = {
  office: "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
  table: "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
  text: "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
  style: "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
  fo: "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
  svg: "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
  number: "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
  meta: "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
  dc: "http://purl.org/dc/elements/1.1/",
  xlink: "http://www.w3.org/1999/xlink",
  config: "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
  ooo: "http://openoffice.org/2004/office",
} as const;

/** The namespace declarations of a part's root element. */
export const odfSpaces = (...prefixes: (keyof typeof ADDRESSES)[]): string =>
  prefixes.map((prefix) => `xmlns:${prefix}="${ADDRESSES[prefix]}"`).join(" ");

export function odfManifest(mimetype: string, parts: string[]): string {
  const entry = (path: string, type: string) => `<manifest:file-entry manifest:full-path="${path}" manifest:media-type="${type}"/>`;
  const space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3"';
  return `${HEAD}<manifest:manifest ${space}>${entry("/", mimetype)}${parts.map((path) => entry(path, "text/xml")).join("")}</manifest:manifest>`;
}

/** The properties of the file: no date of making, no name but the author's. */
export function odfMeta(
  spaces: string,
  { title, author = "", language }: { title: string; author?: string; language: "fr" | "en" },
): string {
  const creator =
    author === "" ? "" : `<meta:initial-creator>${escapeXml(author)}</meta:initial-creator><dc:creator>${escapeXml(author)}</dc:creator>`;
  return `${HEAD}<office:document-meta ${spaces} ${VERSION}><office:meta><dc:title>${escapeXml(title)}</dc:title>${creator}<dc:language>${language}</dc:language></office:meta></office:document-meta>`;
}

/** A line of text; spaces in a row and tabs need elements of their own, or a reader would fold them. */
export const odfText = (line: string): string =>
  escapeXml(line)
    .replace(/^ | {2,}| $/g, (spaces) => `<text:s text:c="${spaces.length}"/>`)
    .replaceAll("\t", "<text:tab/>");
