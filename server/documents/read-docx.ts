import type { Archive } from "./archive.ts";
import { type FlowItem, freezeFlow, PAGE_BREAK } from "./flow.ts";
import { cleanText, isTitleStyle, noteCall } from "./frozen-text.ts";
import { type NumberingLevel, nextLabel } from "./numbering.ts";
import type { ReadDocument } from "./read-document.ts";
import { refuse } from "./refusals.ts";
import { attribute, child, descendants, elements, parseXml, type XmlElement } from "./xml.ts";

export const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const DOCX_MAIN = `${DOCX}.main+xml`;

/** The name of the main part when the package is a DOCX, null when it is another kind of package. Refuses macros. */
export async function docxMainPart(archive: Archive): Promise<string | null> {
  const types = await archive.read("[Content_Types].xml");
  if (!types) return null;
  const root = parseXml(types);
  let main: string | null = null;
  for (const entry of elements(root)) {
    const type = attribute(entry, "ContentType") ?? "";
    if (/macroEnabled|vbaProject/i.test(type)) refuse("macros");
    if (entry.name === "ct:Override" && type === DOCX_MAIN) main = (attribute(entry, "PartName") ?? "").replace(/^\//, "");
  }
  if (archive.names.some((name) => /(^|\/)(vbaProject|vbaData)[^/]*$|\.(docm|xlsm|xlsb|pptm)$/i.test(name))) refuse("macros");
  return main;
}

/**
 * Reads a Word document: body, tables, notes, text boxes and one copy of each header and footer. Tracked insertions are part of
 * the text, deletions are not, nor comments, field codes and hidden text. Parts outside the package are never looked at.
 */
export async function readDocx(archive: Archive, mainPart: string): Promise<ReadDocument> {
  const part = async (name: string | undefined): Promise<XmlElement | null> => {
    const bytes = name === undefined ? null : await archive.read(name);
    return bytes && parseXml(bytes);
  };
  const main = (await part(mainPart)) ?? refuse("damaged");
  const body = child(main, "w:body") ?? refuse("damaged");
  const related = relationships(await part(relationshipsOf(mainPart)), mainPart);
  const ofType = (kind: string) => [...related.values()].find(({ type }) => type.endsWith(`/${kind}`))?.target;

  const styles = readStyles(await part(ofType("styles")));
  const settings = await part(ofType("settings"));
  const notes = new Map<string, XmlElement>();
  for (const [kind, element] of [
    ["footnote", "w:footnote"],
    ["endnote", "w:endnote"],
  ] as const) {
    const root = await part(ofType(`${kind}s`));
    for (const note of root ? elements(root) : []) {
      if (note.name === element && attribute(note, "w:type") === undefined) notes.set(`${kind}:${attribute(note, "w:id")}`, note);
    }
  }
  const diagrams = new Map<string, XmlElement>();
  for (const [id, { type, target }] of related) {
    const diagram = type.endsWith("/diagramData") ? await part(target) : null;
    if (diagram) diagrams.set(id, diagram);
  }

  const reader = flowReader({ styles, numbering: readNumbering(await part(ofType("numbering"))), notes, diagrams });
  const items: FlowItem[] = [];
  const sections = [...descendants(body, "w:sectPr")];
  const running = async (kind: "header" | "footer") => {
    const seen = new Set<string>();
    for (const section of sections) {
      for (const reference of elements(section)) {
        if (reference.name !== `w:${kind}Reference`) continue;
        const when = attribute(reference, "w:type");
        if (when === "first" && !isOn(child(section, "w:titlePg"))) continue;
        if (when === "even" && !isOn(child(settings ?? undefined, "w:evenAndOddHeaders"))) continue;
        const root = await part(related.get(attribute(reference, "r:id") ?? "")?.target);
        for (const text of root ? reader.lines(root) : []) {
          const line = cleanText(text);
          if (line === "" || seen.has(line)) continue;
          seen.add(line);
          items.push({ kind: "running", text: line });
        }
      }
    }
  };
  await running("header");
  reader.blocks(body, items);
  items.push(...reader.endnotes());
  await running("footer");

  const app = await part("docProps/app.xml");
  const declared = [...(app ? elements(app) : [])].find(({ name }) => name === "?:Pages")?.children.join("");
  const size = child(sections.at(0), "w:pgSz");
  return freezeFlow(DOCX, items, {
    width: points(attribute(size, "w:w")) ?? 595,
    height: points(attribute(size, "w:h")) ?? 842,
    // Programs that lay nothing out leave the "1" of their template: one page without any break proves nothing.
    declared: declared && /^\d+$/.test(declared.trim()) && Number(declared) > 1 ? Number(declared) : null,
  });
}

const points = (twips: string | undefined): number | null => (twips && /^\d+$/.test(twips) ? Number(twips) / 20 : null);

/** An on/off property: present counts as on, unless it says otherwise. */
const isOn = (property: XmlElement | undefined): boolean =>
  property !== undefined && !["0", "false", "off", "none"].includes(attribute(property, "w:val") ?? "true");

const relationshipsOf = (part: string) => part.replace(/([^/]*)$/, "_rels/$1.rels");

function relationships(root: XmlElement | null, part: string): Map<string, { type: string; target: string }> {
  const found = new Map<string, { type: string; target: string }>();
  const folder = part.replace(/[^/]*$/, "");
  for (const relation of root ? elements(root) : []) {
    if (attribute(relation, "TargetMode") === "External") continue;
    const target = attribute(relation, "Target") ?? "";
    // Resolved against a made-up root: a path that climbs out of the package stays inside it and names no part.
    const path = decodeURIComponentSafely(new URL(target, `package:///${folder}`).pathname).replace(/^\//, "");
    found.set(attribute(relation, "Id") ?? "", { type: attribute(relation, "Type") ?? "", target: path });
  }
  return found;
}

function decodeURIComponentSafely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

type ListRef = { list: string | null; depth: number | null };
type Style = ListRef & { name: string; basedOn: string | null; outline: number | null };

function listRefOf(properties: XmlElement | undefined): ListRef {
  const numbering = child(properties, "w:numPr");
  const depth = attribute(child(numbering, "w:ilvl"), "w:val");
  return { list: attribute(child(numbering, "w:numId"), "w:val") ?? null, depth: depth && /^[0-8]$/.test(depth) ? Number(depth) : null };
}

function outlineOf(properties: XmlElement | undefined): number | null {
  const level = attribute(child(properties, "w:outlineLvl"), "w:val");
  return level && /^\d$/.test(level) ? Number(level) : null;
}

function readStyles(root: XmlElement | null): Map<string, Style> {
  const styles = new Map<string, Style>();
  for (const style of root ? elements(root) : []) {
    if (style.name !== "w:style" || (attribute(style, "w:type") ?? "paragraph") !== "paragraph") continue;
    const properties = child(style, "w:pPr");
    styles.set(attribute(style, "w:styleId") ?? "", {
      name: attribute(child(style, "w:name"), "w:val") ?? "",
      basedOn: attribute(child(style, "w:basedOn"), "w:val") ?? null,
      outline: outlineOf(properties),
      ...listRefOf(properties),
    });
  }
  return styles;
}

/** A style and those it is based on, nearest first. */
function chainOf(styles: Map<string, Style>, id: string | undefined): Style[] {
  const chain: Style[] = [];
  for (let style = styles.get(id ?? ""); style && chain.length < 20; style = styles.get(style.basedOn ?? "")) chain.push(style);
  return chain;
}

type List = { abstract: string; levels: (NumberingLevel | undefined)[]; restarts: Map<number, number> };

function levelOf(element: XmlElement): NumberingLevel {
  const value = (name: string) => attribute(child(element, name), "w:val");
  const format = value("w:numFmt") ?? "decimal";
  const pattern = value("w:lvlText") ?? "";
  return {
    start: Number(value("w:start") ?? 1) || 0,
    format,
    pattern: format === "bullet" ? bullet(pattern) : pattern,
    restarts: value("w:lvlRestart") !== "0",
    legal: isOn(child(element, "w:isLgl")),
  };
}

/** Bullets come as letters of symbol fonts; the shape that is meant, or a plain bullet. */
function bullet(character: string): string {
  const mark = cleanText(character);
  if (mark === "") return "";
  const shapes: Record<string, string> = { "·": "•", o: "◦", "§": "▪", Ø: "➢", ü: "✓", q: "❑", v: "❖", à: "→" };
  return shapes[mark] ?? (/[\uE000-\uF8FF]/.test(mark) ? "•" : mark);
}

function readNumbering(root: XmlElement | null): Map<string, List> {
  const abstracts = new Map<string, XmlElement>();
  const byStyle = new Map<string, XmlElement>();
  const lists = new Map<string, List>();
  for (const element of root ? elements(root) : []) {
    if (element.name !== "w:abstractNum") continue;
    abstracts.set(attribute(element, "w:abstractNumId") ?? "", element);
    const style = attribute(child(element, "w:styleLink"), "w:val");
    if (style !== undefined) byStyle.set(style, element);
  }
  const setLevels = (levels: (NumberingLevel | undefined)[], parent: XmlElement) => {
    for (const level of elements(parent)) {
      const depth = Number(attribute(level, "w:ilvl"));
      if (level.name === "w:lvl" && depth >= 0 && depth <= 8) levels[depth] = levelOf(level);
    }
  };
  for (const element of root ? elements(root) : []) {
    if (element.name !== "w:num") continue;
    const abstract = attribute(child(element, "w:abstractNumId"), "w:val") ?? "";
    const direct = abstracts.get(abstract);
    const linked = byStyle.get(attribute(child(direct, "w:numStyleLink"), "w:val") ?? "") ?? direct;
    const levels: (NumberingLevel | undefined)[] = [];
    const restarts = new Map<number, number>();
    if (linked) setLevels(levels, linked);
    for (const override of elements(element)) {
      if (override.name !== "w:lvlOverride") continue;
      setLevels(levels, override);
      const depth = Number(attribute(override, "w:ilvl"));
      const start = attribute(child(override, "w:startOverride"), "w:val");
      if (start && depth >= 0 && depth <= 8) restarts.set(depth, Number(start));
    }
    lists.set(attribute(element, "w:numId") ?? "", { abstract, levels, restarts });
  }
  return lists;
}

type Sources = {
  styles: Map<string, Style>;
  numbering: Map<string, List>;
  notes: Map<string, XmlElement>;
  diagrams: Map<string, XmlElement>;
};

const SKIPPED = new Set([
  "w:pPr",
  "w:rPr",
  "w:del",
  "w:moveFrom",
  "w:delText",
  "w:delInstrText",
  "w:fldData",
  "w:ffData",
  "w:sdtPr",
  "w:sdtEndPr",
  "w:rt",
  "w:rubyPr",
  "w:footnoteRef",
  "w:endnoteRef",
  "w:annotationRef",
  "w:commentReference",
]);

/** What follows the paragraph it is anchored in. */
type Inline = { text: string; notes: string[]; boxes: FlowItem[] };

function flowReader({ styles, numbering, notes, diagrams }: Sources) {
  const counters = new Map<string, (number | undefined)[]>();
  const begun = new Set<string>();
  // Fields may run over several paragraphs (a table of contents does): only results are text, never the code before them.
  const fields: ("code" | "result")[] = [];
  let code = "";
  let resultStart = -1;
  let noteNumber = 0;
  const called: FlowItem[] = [];

  function inline(parent: XmlElement, into: Inline): void {
    for (const node of elements(parent)) {
      if (SKIPPED.has(node.name)) continue;
      const shown = !fields.includes("code");
      switch (node.name) {
        case "w:r":
          if (isOn(child(child(node, "w:rPr"), "w:vanish"))) hidden(node);
          else inline(node, into);
          break;
        case "w:t":
        case "m:t":
          if (shown) into.text += textOf(node);
          break;
        case "w:tab":
        case "w:ptab":
          if (shown) into.text += "\t";
          break;
        case "w:br":
        case "w:cr":
          if (shown) into.text += "\n";
          break;
        case "w:lastRenderedPageBreak":
          into.text += PAGE_BREAK;
          break;
        case "w:noBreakHyphen":
          if (shown) into.text += "\u2011";
          break;
        case "w:sym":
          if (shown) into.text += symbol(attribute(node, "w:char"));
          break;
        case "w:fldChar":
          fieldMark(node, into);
          break;
        case "w:instrText":
          if (fields.at(-1) === "code") code += textOf(node);
          break;
        case "w:fldSimple": {
          const before = into.text;
          inline(node, into);
          if (into.text === before) into.text += pageNumber(attribute(node, "w:instr") ?? "");
          break;
        }
        case "w:footnoteReference":
        case "w:endnoteReference":
          if (shown) noteReference(node, into);
          break;
        case "w:txbxContent":
          blocks(node, into.boxes);
          break;
        case "a:p":
          into.boxes.push({ kind: "paragraph", text: drawnText(node) });
          break;
        case "dgm:relIds":
          for (const line of descendants(diagrams.get(attribute(node, "r:dm") ?? "") ?? node, "a:p")) {
            into.boxes.push({ kind: "paragraph", text: drawnText(line) });
          }
          break;
        case "mc:AlternateContent":
          inline(child(node, "mc:Choice") ?? child(node, "mc:Fallback") ?? node, into);
          break;
        default:
          inline(node, into);
      }
    }
  }

  /** Hidden text is not read, yet the field marks in it count. */
  function hidden(run: XmlElement): void {
    for (const node of elements(run)) if (node.name === "w:fldChar") fieldMark(node, { text: "", notes: [], boxes: [] });
  }

  function fieldMark(mark: XmlElement, into: Inline): void {
    switch (attribute(mark, "w:fldCharType")) {
      case "begin": {
        if (!fields.includes("code")) into.text += formField(child(mark, "w:ffData"));
        fields.push("code");
        code = "";
        resultStart = -1;
        break;
      }
      case "separate":
        if (fields.length > 0) fields[fields.length - 1] = "result";
        resultStart = into.text.length;
        break;
      case "end":
        if (fields.pop() === "code" || resultStart === into.text.length) into.text += pageNumber(code);
        code = "";
    }
  }

  function noteReference(node: XmlElement, into: Inline): void {
    const kind = node.name === "w:footnoteReference" ? "footnote" : "endnote";
    const note = notes.get(`${kind}:${attribute(node, "w:id")}`);
    if (!note) return;
    const ownMark = ["1", "true", "on"].includes(attribute(node, "w:customMarkFollows") ?? ""); // the mark is in the text that follows
    const mark = ownMark ? "" : noteCall(String(++noteNumber));
    into.text += mark;
    const text = `${mark} ${lines(note).join("\n")}`;
    if (kind === "footnote") into.notes.push(text);
    else called.push({ kind: "footnote", text });
  }

  function label(properties: XmlElement | undefined, chain: Style[]): { text: string } | null {
    const direct = listRefOf(properties);
    const list = direct.list ?? chain.find((style) => style.list !== null)?.list ?? null;
    const depth = direct.depth ?? chain.find((style) => style.depth !== null)?.depth ?? 0;
    const found = numbering.get(list ?? "0");
    if (!found) return null;
    const counts = counters.get(found.abstract) ?? [];
    counters.set(found.abstract, counts);
    if (!begun.has(list!)) {
      begun.add(list!);
      for (const [level, start] of found.restarts) counts[level] = start - 1;
    }
    return { text: nextLabel(counts, found.levels, depth) };
  }

  /** Paragraphs of `parent`, in order, as items. */
  function blocks(parent: XmlElement, out: FlowItem[]): void {
    // The text of a paragraph whose end was deleted in a tracked change: it belongs to the next one.
    let carried: Inline | null = null;
    const walk = (container: XmlElement) => {
      for (const node of elements(container)) {
        switch (node.name) {
          case "w:p": {
            const properties = child(node, "w:pPr");
            const content: Inline = carried ?? { text: "", notes: [], boxes: [] };
            carried = null;
            inline(node, content);
            // A field code that its paragraph does not close is broken: better show too much than lose the rest.
            for (const [index, state] of fields.entries()) if (state === "code") fields[index] = "result";
            const mark = child(properties, "w:rPr");
            if (child(mark, "w:del") || child(mark, "w:moveFrom")) carried = content;
            else paragraph(properties, content, out);
            break;
          }
          case "w:tbl": {
            const aside: FlowItem[] = [];
            out.push({ kind: "table", rows: rows(node, aside) }, ...aside);
            break;
          }
          case "w:sdt":
            walk(child(node, "w:sdtContent") ?? node);
            break;
          case "mc:AlternateContent":
            walk(child(node, "mc:Choice") ?? child(node, "mc:Fallback") ?? node);
            break;
          case "w:ins":
          case "w:moveTo":
          case "w:customXml":
          case "w:smartTag":
            walk(node);
        }
      }
    };
    walk(parent);
    if (carried) paragraph(undefined, carried, out);
  }

  function paragraph(properties: XmlElement | undefined, { text, notes: calls, boxes }: Inline, out: FlowItem[]): void {
    const chain = chainOf(styles, attribute(child(properties, "w:pStyle"), "w:val") ?? "");
    const empty = cleanText(text) === "";
    // An empty paragraph takes no number, but keeps the page break it may hold.
    const numbered = empty ? null : label(properties, chain);
    const full = numbered && numbered.text !== "" ? text.replace(/^[\f\s]*/, (lead) => `${lead}${numbered.text} `) : text;
    const level = headingLevel(properties, chain);
    if (level !== null && !empty) out.push({ kind: "heading", level, text: full });
    else out.push({ kind: numbered ? "list-item" : "paragraph", text: full });
    for (const note of calls) out.push({ kind: "footnote", text: note });
    out.push(...boxes);
  }

  function headingLevel(properties: XmlElement | undefined, chain: Style[]): number | null {
    const outline = outlineOf(properties);
    if (outline !== null) return outline < 9 ? outline + 1 : null;
    for (const { name, outline: styled } of chain) {
      if (styled !== null) return styled < 9 ? styled + 1 : null;
      const level = /^(?:heading|titre|überschrift|título|titolo|kop)\s*([1-9])$/i.exec(name)?.[1];
      if (level) return Number(level);
      if (isTitleStyle(name)) return 1;
    }
    return null;
  }

  /** Rows of a table as the text of their cells; the notes called in it go to `aside`, to follow the table. */
  function rows(table: XmlElement, aside: FlowItem[]): string[][] {
    const found: string[][] = [];
    const walk = (container: XmlElement) => {
      for (const node of elements(container)) {
        if (node.name === "w:tr") {
          const properties = child(node, "w:trPr");
          if (child(properties, "w:del")) continue;
          const cells: string[] = [];
          const cellsIn = (row: XmlElement) => {
            for (const cell of elements(row)) {
              if (cell.name === "w:tc") {
                if (!child(child(cell, "w:tcPr"), "w:cellDel")) cells.push(flat(cell, aside).join("\n"));
              } else if (cell.name === "w:sdt") cellsIn(child(cell, "w:sdtContent") ?? cell);
              else if (["w:customXml", "w:ins", "w:moveTo"].includes(cell.name)) cellsIn(cell);
            }
          };
          cellsIn(node);
          found.push(cells);
        } else if (node.name === "w:sdt") walk(child(node, "w:sdtContent") ?? node);
        else if (["w:customXml", "w:ins", "w:moveTo"].includes(node.name)) walk(node);
      }
    };
    walk(table);
    return found;
  }

  /** The blocks of a container as plain lines; a table inside becomes a line a row. Notes go to `aside`. */
  function flat(container: XmlElement, aside: FlowItem[]): string[] {
    const items: FlowItem[] = [];
    blocks(container, items);
    const found: string[] = [];
    for (const item of items) {
      if (item.kind === "footnote") aside.push(item);
      else if (item.kind === "table") found.push(...item.rows.map((row) => row.filter((cell) => cleanText(cell) !== "").join(" | ")));
      else if (cleanText(item.text) !== "" || item.text.includes(PAGE_BREAK)) found.push(item.text);
    }
    return found;
  }

  /** A story of its own (note, header, footer), in which no field of another story is open. */
  function lines(container: XmlElement): string[] {
    const open = fields.splice(0);
    const found = flat(container, []).map((line) => line.replaceAll(PAGE_BREAK, " "));
    fields.splice(0, fields.length, ...open);
    return found;
  }

  return { blocks, lines, endnotes: () => called };
}

function textOf(node: XmlElement): string {
  const text = node.children.filter((part) => typeof part === "string").join("");
  return attribute(node, "xml:space") === "preserve" ? text : text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

const drawnText = (paragraph: XmlElement): string => [...descendants(paragraph, "a:t")].map((run) => run.children.join("")).join("");

/** A character of a symbol font; what the fonts hold beyond the common marks cannot be told. */
function symbol(code: string | undefined): string {
  const value = Number.parseInt(code ?? "", 16);
  if (Number.isNaN(value) || value < 0x20 || value > 0xffff) return "";
  const character = cleanText(String.fromCharCode(value < 0x100 ? value + 0xf000 : value));
  return /[\uE000-\uF8FF]/.test(character) ? "•" : character;
}

/** Page numbers are known to a layout only: where the file holds none, the place of one. */
const pageNumber = (code: string): string => (/^\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b/i.test(code) ? "…" : "");

/** Check boxes and drop-down lists of older forms have no result text: what they show is in their settings. */
function formField(data: XmlElement | undefined): string {
  const box = child(data, "w:checkBox");
  if (box) return isOn(child(box, "w:checked") ?? child(box, "w:default")) ? "☒ " : "☐ ";
  const choices = child(data, "w:ddList");
  if (!choices) return "";
  const index = Number(attribute(child(choices, "w:result") ?? child(choices, "w:default"), "w:val") ?? 0);
  const entries = [...elements(choices)].filter(({ name }) => name === "w:listEntry");
  return attribute(entries[index], "w:val") ?? "";
}
