import { strFromU8, unzipSync } from "fflate";
import { SaxesParser } from "saxes";

// Readers of our spreadsheet files that share no code with their writers.

/** Records of a semicolon-separated file, per RFC 4180; quoted tells a quoted field from a bare one. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let position = 0;
  while (position < text.length) {
    let field = "";
    if (text[position] === '"') {
      position += 1;
      while (text[position] !== '"' || text[position + 1] === '"') {
        if (position >= text.length) throw new Error("open quote");
        field += text[position];
        position += text[position] === '"' ? 2 : 1;
      }
      position += 1;
    } else {
      while (position < text.length && text[position] !== ";" && !text.startsWith("\r\n", position)) {
        if (text[position] === '"') throw new Error("quote in a bare field");
        field += text[position++];
      }
    }
    record.push(field);
    if (text[position] === ";") position += 1;
    else if (text.startsWith("\r\n", position)) {
      records.push(record);
      record = [];
      position += 2;
    } else throw new Error(`unexpected sign at ${position}`);
  }
  if (record.length > 0) throw new Error("no line end after the last record");
  return records;
}

export type Xml = { name: string; attributes: Record<string, string>; children: (Xml | string)[] };

export function parseXml(text: string): Xml {
  const parser = new SaxesParser();
  const root: Xml = { name: "", attributes: {}, children: [] };
  const open = [root];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    const element: Xml = { name: tag.name, attributes: tag.attributes as Record<string, string>, children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on("text", (content) => open.at(-1)!.children.push(content));
  parser.on("closetag", () => open.pop());
  parser.write(text).close();
  return root;
}

export const all = (node: Xml, name: string): Xml[] =>
  node.children.flatMap((child) => (typeof child === "string" ? [] : [...(child.name === name ? [child] : []), ...all(child, name)]));
export const textOf = (node: Xml): string => node.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");

export type Read = { kind: "empty" | "text" | "number" | "date"; value: string };

/** The cells of a sheet of an XLSX file, typed by its own rules (shared strings, styles with a date format). */
export function readXlsx(bytes: Uint8Array, sheet = 1, columns = 4): { rows: Read[][]; files: Record<string, string> } {
  const files = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([path, content]) => [path, strFromU8(content)]));
  const strings = all(parseXml(files["xl/sharedStrings.xml"]!), "si").map((one) => textOf(one));
  const styles = parseXml(files["xl/styles.xml"]!);
  const dates = new Set(
    all(styles, "numFmt").flatMap(({ attributes }) => (attributes.formatCode!.includes("yy") ? [attributes.numFmtId] : [])),
  );
  const formats = all(all(styles, "cellXfs")[0]!, "xf").map(({ attributes }) => attributes.numFmtId);
  const rows = all(parseXml(files[`xl/worksheets/sheet${sheet}.xml`]!), "row").map((row) => {
    const cells: Read[] = [];
    for (const cell of all(row, "c")) {
      const letters = /^[A-Z]+/.exec(cell.attributes.r!)![0];
      const place = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      const value = textOf(cell);
      const date = dates.has(formats[Number(cell.attributes.s ?? 0)]);
      if (cell.attributes.t === "s") cells[place] = { kind: "text", value: strings[Number(value)]!.replace(/_x005F_/g, "_") };
      else if (value !== "") {
        const iso = new Date(Date.UTC(1899, 11, 30) + Number(value) * 86_400_000).toISOString().slice(0, 10);
        cells[place] = date ? { kind: "date", value: iso } : { kind: "number", value };
      }
    }
    return Array.from({ length: columns }, (_, place) => cells[place] ?? { kind: "empty" as const, value: "" });
  });
  return { rows, files };
}

export function readOds(bytes: Uint8Array, sheet = 0, columns = 4): { rows: Read[][]; files: Record<string, string> } {
  const files = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([path, content]) => [path, strFromU8(content)]));
  const paragraph = (node: Xml): string =>
    node.children
      .map((child) => {
        if (typeof child === "string") return child;
        return child.name === "text:s" ? " ".repeat(Number(child.attributes["text:c"])) : child.name === "text:tab" ? "\t" : textOf(child);
      })
      .join("");
  const tables = all(parseXml(files["content.xml"]!), "table:table");
  const rows = all(tables[sheet]!, "table:table-row").map((row) => {
    const cells = all(row, "table:table-cell").map(({ attributes, ...cell }): Read => {
      const type = attributes["office:value-type"];
      if (type === "float") return { kind: "number", value: attributes["office:value"]! };
      if (type === "date") return { kind: "date", value: attributes["office:date-value"]! };
      if (type === "string") {
        return {
          kind: "text",
          value: all({ ...cell, attributes }, "text:p")
            .map(paragraph)
            .join("\n"),
        };
      }
      return { kind: "empty", value: "" };
    });
    return Array.from({ length: columns }, (_, place) => cells[place] ?? { kind: "empty" as const, value: "" });
  });
  return { rows, files };
}
