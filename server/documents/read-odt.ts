import type { Archive } from "./archive.ts";
import { type FlowItem, freezeFlow, PAGE_BREAK } from "./flow.ts";
import { cleanText, isTitleStyle, noteCall } from "./frozen-text.ts";
import { type NumberingLevel, nextLabel } from "./numbering.ts";
import type { ReadDocument } from "./read-document.ts";
import { refuse } from "./refusals.ts";
import { attribute, child, descendants, elements, isElement, parseXml, type XmlElement } from "./xml.ts";

export const ODT = "application/vnd.oasis.opendocument.text";

/** Repeated cells and rows are written once with a count, which a hostile file may set to anything. */
const MOST_CELLS = 100_000;
const MOST_REPEATS = 64;

/** Refuses an encrypted document and one that carries macros, before anything of it is read. */
export async function refuseUnsafeOdt(archive: Archive): Promise<void> {
  const manifest = await archive.read("META-INF/manifest.xml");
  if (manifest && descendants(parseXml(manifest), "manifest:encryption-data").next().done === false) refuse("encrypted");
  if (archive.has("encrypted-package")) refuse("encrypted");
  if (archive.names.some((name) => /^(Basic|Scripts)\/./i.test(name))) refuse("macros");
}

/**
 * Reads an OpenDocument text: body, tables, notes, frames and one copy of each header and footer. Tracked insertions are part of
 * the text, deletions are not, nor annotations and hidden text. Nothing outside the package is ever looked at.
 */
export async function readOdt(archive: Archive): Promise<ReadDocument> {
  const part = async (name: string): Promise<XmlElement | null> => {
    const bytes = await archive.read(name);
    return bytes && parseXml(bytes);
  };
  const content = (await part("content.xml")) ?? refuse("damaged");
  const styles = await part("styles.xml");
  for (const root of [content, styles]) {
    if (root && (child(child(root, "office:scripts"), "office:script") || hasListeners(root))) refuse("macros");
  }
  const body = child(child(content, "office:body"), "office:text") ?? refuse("damaged");

  const roots = [styles, content].filter((root) => root !== null);
  const reader = flowReader(readListStyles(roots), readOutline(styles), readStyles(roots));
  const items: FlowItem[] = [];
  const running = (side: "header" | "footer") => {
    const seen = new Set<string>();
    for (const master of styles ? descendants(styles, "style:master-page") : []) {
      for (const area of elements(master)) {
        if (!area.name.startsWith(`style:${side}`) || attribute(area, "style:display") === "false") continue;
        for (const text of reader.lines(area)) {
          const line = cleanText(text);
          if (line === "" || seen.has(line)) continue;
          seen.add(line);
          items.push({ kind: "running", text: line });
        }
      }
    }
  };
  running("header");
  reader.blocks(body, items);
  items.push(...reader.endnotes());
  running("footer");

  const meta = await part("meta.xml");
  const statistic = meta ? descendants(meta, "?:document-statistic").next().value : undefined;
  const declared = attribute(statistic ?? undefined, "?:page-count");
  const layout = styles ? firstPageLayout(styles) : undefined;
  return freezeFlow(ODT, items, {
    width: points(attribute(layout, "fo:page-width")) ?? 595,
    height: points(attribute(layout, "fo:page-height")) ?? 842,
    declared: declared && /^\d+$/.test(declared) ? Number(declared) : null,
  });
}

const hasListeners = (root: XmlElement) => descendants(root, "script:event-listener").next().done === false;

function firstPageLayout(styles: XmlElement): XmlElement | undefined {
  const name = attribute(descendants(styles, "style:master-page").next().value ?? undefined, "style:page-layout-name");
  for (const layout of descendants(styles, "style:page-layout")) {
    if (attribute(layout, "style:name") === name) return child(layout, "style:page-layout-properties");
  }
  return undefined;
}

function points(length: string | undefined): number | null {
  const match = /^([\d.]+)(in|cm|mm|pt)$/.exec(length ?? "");
  if (!match) return null;
  const unit = { in: 72, cm: 72 / 2.54, mm: 72 / 25.4, pt: 1 }[match[2]!]!;
  return Math.round(Number(match[1]) * unit * 100) / 100;
}

type Levels = (NumberingLevel | undefined)[];

const FORMATS: Record<string, string> = { "1": "decimal", a: "lowerLetter", A: "upperLetter", i: "lowerRoman", I: "upperRoman" };

function levelsOf(parent: XmlElement): Levels {
  const levels: Levels = [];
  for (const level of elements(parent)) {
    const depth = Number(attribute(level, "text:level")) - 1;
    if (!(depth >= 0 && depth <= 9)) continue;
    const format = FORMATS[attribute(level, "style:num-format") ?? ""];
    const prefix = attribute(level, "style:num-prefix") ?? "";
    const suffix = attribute(level, "style:num-suffix") ?? "";
    const shown = Math.min(Math.max(Number(attribute(level, "text:display-levels") ?? 1) || 1, 1), depth + 1);
    const counters = Array.from({ length: shown }, (_, index) => `%${depth - shown + index + 2}`).join(".");
    const isBullet = level.name === "text:list-level-style-bullet";
    levels[depth] = {
      start: Number(attribute(level, "text:start-value") ?? 1) || 0,
      format: isBullet ? "bullet" : (format ?? "none"),
      pattern: isBullet ? bullet(attribute(level, "text:bullet-char")) : format ? `${prefix}${counters}${suffix}` : "",
      restarts: true,
      legal: false,
    };
  }
  return levels;
}

function bullet(character: string | undefined): string {
  const mark = cleanText(character ?? "");
  return /[\uE000-\uF8FF]/.test(mark) ? "•" : mark;
}

function readListStyles(roots: XmlElement[]): Map<string, Levels> {
  const found = new Map<string, Levels>();
  for (const root of roots) {
    for (const style of descendants(root, "text:list-style")) found.set(attribute(style, "style:name") ?? "", levelsOf(style));
  }
  return found;
}

const readOutline = (styles: XmlElement | null): Levels => {
  const outline = styles ? descendants(styles, "text:outline-style").next().value : undefined;
  return outline ? levelsOf(outline) : [];
};

type Style = { list: string | null; title: boolean; parent: string | null };

/** Paragraph styles: the list style they bring, for lists that name none, and whether they set the title of a document. */
function readStyles(roots: XmlElement[]): (name: string | undefined) => { list: string; title: boolean } {
  const styles = new Map<string, Style>();
  for (const root of roots) {
    for (const style of descendants(root, "style:style")) {
      const name = attribute(style, "style:name") ?? "";
      styles.set(name, {
        list: attribute(style, "style:list-style-name") ?? null,
        title: attribute(style, "style:family") === "paragraph" && isTitleStyle(attribute(style, "style:display-name") ?? name),
        parent: attribute(style, "style:parent-style-name") ?? null,
      });
    }
  }
  return (name) => {
    const found = { list: "", title: false };
    let style = styles.get(name ?? "");
    for (let steps = 0; style && steps < 20; steps++) {
      found.list ||= style.list ?? "";
      found.title ||= style.title;
      style = styles.get(style.parent ?? "");
    }
    return found;
  };
}

const SKIPPED = new Set([
  "office:annotation",
  "office:annotation-end",
  "office:forms",
  "text:tracked-changes",
  "text:sequence-decls",
  "text:variable-decls",
  "text:user-field-decls",
  "text:ruby-text",
  "text:script",
  "text:number",
  "svg:title",
  "svg:desc",
]);
const DRAWN = new Set(["draw:frame", "draw:g", "draw:custom-shape", "draw:rect", "draw:ellipse", "draw:line", "draw:connector"]);

type Inline = { text: string; notes: string[]; boxes: FlowItem[] };
type ListState = { style: string; levels: Levels; counters: (number | undefined)[]; depth: number };

function flowReader(listStyles: Map<string, Levels>, outline: Levels, styleOf: ReturnType<typeof readStyles>) {
  const outlineCounters: (number | undefined)[] = [];
  const lastOfStyle = new Map<string, (number | undefined)[]>();
  const byId = new Map<string, (number | undefined)[]>();
  const called: FlowItem[] = [];
  let cellCount = 0;

  function inline(parent: XmlElement, into: Inline): void {
    for (const node of parent.children) {
      if (!isElement(node)) {
        into.text += node.replace(/[ \t\r\n]+/g, " ");
        continue;
      }
      if (SKIPPED.has(node.name)) continue;
      if (DRAWN.has(node.name)) {
        drawn(node, into.boxes);
        continue;
      }
      switch (node.name) {
        case "text:s":
          into.text += " ";
          break;
        case "text:tab":
          into.text += "\t";
          break;
        case "text:line-break":
          into.text += "\n";
          break;
        case "text:soft-page-break":
          into.text += PAGE_BREAK;
          break;
        case "text:note":
          note(node, into);
          break;
        case "text:hidden-text":
          if (attribute(node, "text:is-hidden") === "false") inline(node, into);
          break;
        case "text:hidden-paragraph":
          break;
        default:
          inline(node, into);
      }
    }
  }

  function note(node: XmlElement, into: Inline): void {
    const mark = noteCall(plain(child(node, "text:note-citation")));
    into.text += mark;
    const noteBody = child(node, "text:note-body");
    if (!noteBody) return;
    const text = `${mark} ${lines(noteBody).join("\n")}`;
    if (attribute(node, "text:note-class") === "endnote") called.push({ kind: "footnote", text });
    else into.notes.push(text);
  }

  /** Frames and shapes: the paragraphs inside, in order. */
  function drawn(node: XmlElement, out: FlowItem[]): void {
    for (const inner of elements(node)) {
      if (SKIPPED.has(inner.name)) continue;
      if (["text:p", "text:h", "text:list", "table:table"].includes(inner.name)) {
        blocks(node, out);
        return;
      }
      drawn(inner, out);
    }
  }

  function blocks(parent: XmlElement, out: FlowItem[], list: ListState | null = null): void {
    let breaks = "";
    const push = (...items: FlowItem[]) => {
      const first = items[0];
      if (first && breaks !== "") {
        if (first.kind === "table") {
          const row = first.rows[0];
          if (row) row[0] = `${breaks}${row[0] ?? ""}`;
        } else first.text = `${breaks}${first.text}`;
        breaks = "";
      }
      out.push(...items);
    };
    const walk = (container: XmlElement) => {
      for (const node of elements(container)) {
        if (SKIPPED.has(node.name)) continue;
        if (DRAWN.has(node.name)) {
          drawn(node, out);
          continue;
        }
        switch (node.name) {
          case "text:p":
          case "text:h":
            push(...paragraph(node, list, null));
            break;
          case "text:list":
            push(...listItems(node, list));
            break;
          case "table:table": {
            const aside: FlowItem[] = [];
            push({ kind: "table", rows: rows(node, aside) }, ...aside);
            break;
          }
          case "text:soft-page-break":
            breaks += PAGE_BREAK;
            break;
          case "text:section":
            if (attribute(node, "text:display") !== "none") walk(node);
            break;
          default:
            walk(node); // indexes and their bodies, insertions kept apart, extensions
        }
      }
    };
    walk(parent);
    if (breaks !== "") out.push({ kind: "paragraph", text: breaks });
  }

  function listItems(node: XmlElement, parent: ListState | null): FlowItem[] {
    const style = attribute(node, "text:style-name") ?? parent?.style ?? styleOfFirstParagraph(node);
    const depth = parent ? parent.depth + 1 : 0;
    const continued = byId.get(attribute(node, "text:continue-list") ?? "");
    const before = attribute(node, "text:continue-numbering") === "true" ? lastOfStyle.get(style) : undefined;
    const counters = parent?.counters ?? continued ?? before ?? [];
    const state: ListState = { style, levels: listStyles.get(style) ?? [], counters, depth };
    lastOfStyle.set(style, counters);
    const id = attribute(node, "xml:id");
    if (id) byId.set(id, counters);

    const out: FlowItem[] = [];
    for (const item of elements(node)) {
      if (item.name === "text:soft-page-break") out.push({ kind: "paragraph", text: PAGE_BREAK });
      if (item.name !== "text:list-item" && item.name !== "text:list-header") continue;
      const start = Number(attribute(item, "text:start-value"));
      if (Number.isInteger(start) && attribute(item, "text:start-value")) counters[depth] = start - 1;
      let labelled = item.name === "text:list-header";
      for (const inner of elements(item)) {
        if (inner.name === "text:p" || inner.name === "text:h") {
          out.push(...paragraph(inner, state, labelled ? "" : null));
          labelled = true;
        } else if (inner.name === "text:list") out.push(...listItems(inner, state));
        else if (inner.name !== "text:number") blocks({ name: "?:group", attributes: {}, children: [inner] }, out, state);
      }
    }
    return out;
  }

  function styleOfFirstParagraph(list: XmlElement): string {
    const first = descendants(list, "text:p").next().value;
    return styleOf(attribute(first ?? undefined, "text:style-name")).list;
  }

  /** A paragraph or heading with what hangs on it. `given` is its label when the list has settled it already. */
  function paragraph(node: XmlElement, list: ListState | null, given: string | null): FlowItem[] {
    const content: Inline = { text: "", notes: [], boxes: [] };
    inline(node, content);
    const hidden = [...elements(node)].some(
      ({ name, attributes }) => name === "text:hidden-paragraph" && attributes["text:is-hidden"] !== "false",
    );
    if (hidden) content.text = "";
    const empty = cleanText(content.text) === "";
    const isHeading = node.name === "text:h";
    const isTitle = !isHeading && !list && styleOf(attribute(node, "text:style-name")).title;
    const level = isHeading ? Number(attribute(node, "text:outline-level") ?? 1) || 1 : isTitle ? 1 : null;
    let label = given ?? "";
    if (given === null && !empty) {
      if (list) label = nextLabel(list.counters, list.levels, list.depth);
      if (isHeading && level !== null && label === "" && attribute(node, "text:is-list-header") !== "true") {
        label = nextLabel(outlineCounters, outline, level - 1) || plain(child(node, "text:number"));
      }
    }
    const text = label === "" ? content.text : content.text.replace(/^[\f\s]*/, (lead) => `${lead}${label} `);
    const kind = list ? "list-item" : "paragraph";
    const notes = content.notes.map((note): FlowItem => ({ kind: "footnote", text: note }));
    return [level !== null && !empty ? { kind: "heading", level, text } : { kind, text }, ...notes, ...content.boxes];
  }

  function rows(table: XmlElement, aside: FlowItem[]): string[][] {
    const found: string[][] = [];
    let breaks = "";
    const walk = (container: XmlElement) => {
      for (const node of elements(container)) {
        if (node.name === "text:soft-page-break") breaks += PAGE_BREAK;
        else if (node.name === "table:table-row") {
          const cells = row(node, aside);
          if (breaks !== "" && cells.length > 0) {
            cells[0] = `${breaks}${cells[0]}`;
            breaks = "";
          }
          const inked = cells.some((cell) => cleanText(cell) !== "");
          const repeats = inked ? repeatsOf(node, "table:number-rows-repeated") : 1;
          for (let copy = 0; copy < repeats; copy++) {
            found.push(copy === 0 ? cells : cells.map((cell) => cell.replaceAll(PAGE_BREAK, "")));
            cellCount += cells.length;
          }
          if (cellCount > MOST_CELLS) refuse("too-heavy");
        } else if (/^table:table-(header-rows|rows|row-group)$/.test(node.name)) walk(node);
      }
    };
    walk(table);
    return found;
  }

  function row(node: XmlElement, aside: FlowItem[]): string[] {
    const cells: string[] = [];
    let spanned = 0;
    for (const cell of elements(node)) {
      const repeats = repeatsOf(cell, "table:number-columns-repeated");
      if (cell.name === "table:covered-table-cell") {
        // Under a cell that spans columns there is nothing; under one that spans rows the column goes on, empty.
        for (let copy = 0; copy < repeats; copy++) {
          if (spanned > 0) spanned--;
          else cells.push("");
        }
      } else if (cell.name === "table:table-cell") {
        const text = flat(cell, aside).join("\n");
        for (let copy = 0; copy < repeats; copy++) cells.push(copy === 0 ? text : text.replaceAll(PAGE_BREAK, ""));
        spanned = repeatsOf(cell, "table:number-columns-spanned") - 1;
      }
    }
    while (cells.length > 1 && cells.at(-1) === "") cells.pop();
    return cells;
  }

  function flat(container: XmlElement, aside: FlowItem[]): string[] {
    const items: FlowItem[] = [];
    blocks(container, items);
    const found: string[] = [];
    for (const item of items) {
      if (item.kind === "footnote") aside.push(item);
      else if (item.kind === "table") found.push(...item.rows.map((cells) => cells.filter((cell) => cleanText(cell) !== "").join(" | ")));
      else if (cleanText(item.text) !== "" || item.text.includes(PAGE_BREAK)) found.push(item.text);
    }
    return found;
  }

  const lines = (container: XmlElement): string[] => flat(container, []).map((line) => line.replaceAll(PAGE_BREAK, " "));

  return { blocks, lines, endnotes: () => called };
}

const repeatsOf = (element: XmlElement, name: string): number => {
  const count = Number(attribute(element, name) ?? 1);
  return Number.isInteger(count) && count > 0 ? Math.min(count, MOST_REPEATS) : 1;
};

const plain = (element: XmlElement | undefined): string =>
  element ? element.children.map((node) => (isElement(node) ? plain(node) : node)).join("") : "";
