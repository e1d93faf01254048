import { strFromU8, unzipSync } from "fflate";
import { all, parseXml, textOf, type Xml } from "./spreadsheets.ts";

// Readers of our DOCX and ODT files that share no code with their writers, nor with the readers of deposited documents.

export type Piece =
  | { kind: "heading"; level: number; text: string }
  | { kind: "paragraph"; style: string; text: string }
  | { kind: "item"; depth: number; ordered: boolean; text: string }
  | { kind: "table"; repeated: number; rows: string[][] };

export type ReadText = {
  pieces: Piece[];
  /** Entries of the table of contents, without their page numbers. */
  contents: string[];
  /** Where links lead. */
  links: string[];
  /** Runs set bold or italic, with their text. */
  marked: { bold: boolean; italic: boolean; text: string }[];
  files: Record<string, string>;
};

export const partsOf = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(Object.entries(unzipSync(bytes)).map(([path, content]) => [path, strFromU8(content)]));

const elements = (node: Xml): Xml[] => node.children.filter((child): child is Xml => typeof child !== "string");
const child = (node: Xml | undefined, name: string): Xml | undefined => node && elements(node).find((one) => one.name === name);

/** A property of Word that is there and does not say no. */
const isOn = (property: Xml | undefined): boolean =>
  property !== undefined && !["false", "off", "0"].includes(property.attributes["w:val"] ?? "");

export function readDocxText(bytes: Uint8Array): ReadText {
  const files = partsOf(bytes);
  const styles = new Map(
    all(parseXml(files["word/styles.xml"]!), "w:style").map((style) => [
      style.attributes["w:styleId"]!,
      child(style, "w:name")?.attributes["w:val"] ?? "",
    ]),
  );
  const numbering = parseXml(files["word/numbering.xml"]!);
  const formats = new Map(
    all(numbering, "w:abstractNum").map((list) => [
      list.attributes["w:abstractNumId"]!,
      all(list, "w:numFmt").map((format) => format.attributes["w:val"]!),
    ]),
  );
  const lists = new Map(
    all(numbering, "w:num").map((list) => [
      list.attributes["w:numId"]!,
      formats.get(child(list, "w:abstractNumId")!.attributes["w:val"]!)!,
    ]),
  );
  const targets = new Map(
    all(parseXml(files["word/_rels/document.xml.rels"]!), "Relationship").map(({ attributes }) => [attributes.Id!, attributes]),
  );
  const text = (node: Xml): string =>
    elements(node)
      .map((one) => {
        if (one.name === "w:t") return textOf(one);
        if (one.name === "w:tab") return "\t";
        if (one.name === "w:br") return "\n";
        return one.name === "w:pPr" || one.name === "w:instrText" ? "" : text(one);
      })
      .join("");
  const body = all(parseXml(files["word/document.xml"]!), "w:body")[0]!;
  const pieces = elements(body).flatMap((node): Piece[] => {
    if (node.name === "w:tbl") {
      const rows = all(node, "w:tr");
      return [
        {
          kind: "table",
          repeated: rows.filter((row) => isOn(child(child(row, "w:trPr"), "w:tblHeader"))).length,
          rows: rows.map((row) => all(row, "w:tc").map((cell) => all(cell, "w:p").map(text).join("\n"))),
        },
      ];
    }
    if (node.name !== "w:p") return [];
    const properties = child(node, "w:pPr");
    const style = styles.get(child(properties, "w:pStyle")?.attributes["w:val"] ?? "") ?? "";
    const level = /^Heading (\d)$/.exec(style);
    if (level) return [{ kind: "heading", level: Number(level[1]), text: text(node) }];
    const list = child(properties, "w:numPr");
    if (list) {
      const depth = Number(child(list, "w:ilvl")!.attributes["w:val"]);
      const format = lists.get(child(list, "w:numId")!.attributes["w:val"]!)![depth];
      return [{ kind: "item", depth, ordered: format === "decimal", text: text(node) }];
    }
    return [{ kind: "paragraph", style, text: text(node) }];
  });
  const outside = elements(body).filter((node) => node.name !== "w:sdt");
  const runs = outside.flatMap((node) => all(node, "w:r"));
  return {
    pieces,
    contents: all(body, "w:sdt").flatMap((index) => all(index, "w:hyperlink").map((link) => text(link).split("\t")[0]!)),
    links: all(body, "w:hyperlink").flatMap((link) => targets.get(link.attributes["r:id"] ?? "")?.Target ?? []),
    marked: runs.flatMap((run) => {
      const [bold, italic] = ["w:b", "w:i"].map((name) => isOn(child(child(run, "w:rPr"), name)));
      return bold || italic ? [{ bold: bold!, italic: italic!, text: text(run) }] : [];
    }),
    files,
  };
}

export function readOdtText(bytes: Uint8Array): ReadText {
  const files = partsOf(bytes);
  const content = parseXml(files["content.xml"]!);
  const parents = new Map(
    all(content, "style:style").map(({ attributes }) => [attributes["style:name"]!, attributes["style:parent-style-name"]]),
  );
  const named = (style: string): string => (parents.get(style) ?? style).replaceAll("_20_", " ");
  const lists = new Map(
    all(parseXml(files["styles.xml"]!), "text:list-style").map((style) => [
      style.attributes["style:name"]!,
      elements(style).map((level) => level.name === "text:list-level-style-number"),
    ]),
  );
  // Spaces fold as OpenDocument folds them: only text:s keeps several.
  const text = (node: Xml): string =>
    node.children
      .map((one) => {
        if (typeof one === "string") return one.replace(/[ \t\r\n]+/g, " ");
        if (one.name === "text:s") return " ".repeat(Number(one.attributes["text:c"] ?? 1));
        if (one.name === "text:tab") return "\t";
        return one.name === "text:line-break" ? "\n" : text(one);
      })
      .join("");
  const read = (node: Xml, list?: { depth: number; ordered: boolean }): Piece[] => {
    switch (node.name) {
      case "text:h":
        return [{ kind: "heading", level: Number(node.attributes["text:outline-level"]), text: text(node) }];
      case "text:p":
        if (list) return [{ kind: "item", ...list, text: text(node) }];
        return [{ kind: "paragraph", style: named(node.attributes["text:style-name"]!), text: text(node) }];
      case "text:list": {
        const depth = list ? list.depth + 1 : 0;
        const ordered = lists.get(node.attributes["text:style-name"]!)![depth]!;
        return elements(node).flatMap((item) => elements(item).flatMap((inner) => read(inner, { depth, ordered })));
      }
      case "table:table": {
        const repeated = all(node, "table:table-header-rows").flatMap((head) => all(head, "table:table-row")).length;
        const rows = all(node, "table:table-row").map((row) =>
          all(row, "table:table-cell").map((cell) => elements(cell).map(text).join("\n")),
        );
        return [{ kind: "table", repeated, rows }];
      }
      default:
        return [];
    }
  };
  const body = all(content, "office:text")[0]!;
  return {
    pieces: elements(body).flatMap((node) => read(node)),
    contents: all(body, "text:table-of-content").flatMap((index) => all(index, "text:a").map((link) => text(link).split("\t")[0]!)),
    links: all(body, "text:a").flatMap(({ attributes }) => (attributes["xlink:href"]!.startsWith("#") ? [] : [attributes["xlink:href"]!])),
    marked: all(body, "text:span").flatMap((span) => {
      const style = named(span.attributes["text:style-name"]!);
      const [bold, italic] = [/^Strong/.test(style), /Emphasis$|Italic$/.test(style) && style !== "Strong Emphasis"];
      return bold || italic ? [{ bold, italic, text: text(span) }] : [];
    }),
    files,
  };
}
