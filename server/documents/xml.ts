import { SaxesParser } from "saxes";
import { Refusal, refuse } from "./refusals.ts";

/** An element with the short prefix of the list below, whatever prefix the file itself uses; "?" for any other namespace. */
export type XmlElement = { name: string; attributes: Record<string, string>; children: XmlNode[] };
export type XmlNode = XmlElement | string;

const odf = (name: string) => `urn:oasis:names:tc:opendocument:xmlns:${name}:1.0`;
const PREFIXES: Record<string, string> = {
  "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
  "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
  "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
  "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
  "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
  "http://schemas.openxmlformats.org/package/2006/content-types": "ct",
  "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
  "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
  "http://purl.oclc.org/ooxml/drawingml/main": "a",
  "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
  "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm",
  "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
  "http://purl.oclc.org/ooxml/officeDocument/math": "m",
  "urn:schemas-microsoft-com:vml": "v",
  "http://www.w3.org/XML/1998/namespace": "xml",
  [odf("office")]: "office",
  [odf("text")]: "text",
  [odf("table")]: "table",
  [odf("style")]: "style",
  [odf("drawing")]: "draw",
  [odf("svg-compatible")]: "svg",
  [odf("xsl-fo-compatible")]: "fo",
  [odf("script")]: "script",
  [odf("manifest")]: "manifest",
  "http://openoffice.org/2001/manifest": "manifest",
};

const DEEPEST = 400;

/**
 * Reads an XML part into elements. A document type declaration, an entity beyond the five of XML, malformed text or absurd
 * depth refuses the document as damaged: nothing is ever resolved or fetched.
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const stack: XmlElement[] = [];
  let root: XmlElement | null = null;
  parser.on("error", () => refuse("damaged"));
  parser.on("doctype", () => refuse("damaged"));
  parser.on("opentag", (tag) => {
    const attributes: Record<string, string> = {};
    for (const key in tag.attributes) {
      const { uri, local, value } = tag.attributes[key]!;
      attributes[uri === "" ? local : `${PREFIXES[uri] ?? "?"}:${local}`] = value;
    }
    const element: XmlElement = { name: `${PREFIXES[tag.uri] ?? "?"}:${tag.local}`, attributes, children: [] };
    const parent = stack.at(-1);
    if (parent) parent.children.push(element);
    else root ??= element;
    stack.push(element);
    if (stack.length > DEEPEST) refuse("damaged");
  });
  parser.on("closetag", () => stack.pop());
  const text = (value: string) => stack.at(-1)?.children.push(value);
  parser.on("text", text);
  parser.on("cdata", text);
  try {
    parser.write(decodeXml(bytes)).close();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse("damaged");
  }
  return root ?? refuse("damaged");
}

function decodeXml(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le", { fatal: true }).decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be", { fatal: true }).decode(bytes);
  const declaration = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const encoding = /^(?:\xEF\xBB\xBF)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(declaration)?.[1] ?? "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

export const isElement = (node: XmlNode): node is XmlElement => typeof node !== "string";

export function* elements(parent: XmlElement): Generator<XmlElement> {
  for (const node of parent.children) if (typeof node !== "string") yield node;
}

export const child = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  parent?.children.find((node): node is XmlElement => typeof node !== "string" && node.name === name);

/** Every descendant of that name, in document order. */
export function* descendants(parent: XmlElement, name: string): Generator<XmlElement> {
  for (const node of elements(parent)) {
    if (node.name === name) yield node;
    yield* descendants(node, name);
  }
}

export const attribute = (element: XmlElement | undefined, name: string): string | undefined => element?.attributes[name];
