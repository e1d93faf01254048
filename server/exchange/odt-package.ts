import { archive } from "./archive.ts";
import type { TextDocument } from "./document.ts";
import { HEAD, odfManifest, odfMeta, odfSpaces, odfText, VERSION } from "./odf.ts";
import { type Attributes, attributes, odtStyles } from "./odt-styles.ts";
import { addressSpace, bookmarkOf, HAIR, INK, PALE, termRoom } from "./office-look.ts";
import {
  CONTENTS_DEPTH,
  type PreparedBlock,
  type PreparedDocument,
  type PreparedRun,
  type PreparedTable,
  plainText,
  prepareDocument,
  RECIPIENT,
  staysWhole,
  TEXT_WIDTH,
  withColon,
} from "./prepare.ts";
import { escapeXml } from "./xml.ts";

const MIMETYPE = "application/vnd.oasis.opendocument.text";
const SPACES = odfSpaces("office", "style", "text", "table", "fo", "svg", "xlink", "meta", "dc");

/** The parts of an ODT file in their archive; writeOdt in odt.ts says what it promises. */
export function packOdt(document: TextDocument): Uint8Array {
  const prepared = prepareDocument(document);
  return archive(
    [
      ["mimetype", MIMETYPE],
      ["META-INF/manifest.xml", odfManifest(MIMETYPE, ["content.xml", "styles.xml", "meta.xml"])],
      ["content.xml", content(prepared)],
      ["styles.xml", odtStyles(prepared)],
      ["meta.xml", odfMeta(SPACES, prepared)],
    ],
    ["mimetype"],
  );
}

/** Styles made for one place, as a change of a named one; the same change is written once. */
type Changes = {
  style: (parent: string, paragraph: Attributes, more?: { text?: Attributes; own?: Attributes }) => string;
  written: string[];
};

function changes(): Changes {
  const names = new Map<string, string>();
  const written: string[] = [];
  return {
    written,
    style(parent, paragraph, { text = {}, own = {} } = {}) {
      const [about, letters] = [attributes(paragraph), attributes(text)];
      const key = `${parent}|${about}|${letters}|${attributes(own)}`;
      const known = names.get(key);
      if (known !== undefined) return known;
      const name = `P${names.size + 1}`;
      names.set(key, name);
      written.push(
        `<style:style style:name="${name}" style:family="paragraph" style:parent-style-name="${parent}"${attributes(own)}>` +
          `${about === "" ? "" : `<style:paragraph-properties${about}/>`}${letters === "" ? "" : `<style:text-properties${letters}/>`}</style:style>`,
      );
      return name;
    },
  };
}

function content(document: PreparedDocument): string {
  const made = changes();
  const tables: string[] = [];
  const first = (style: string) => made.style(style, {}, { own: { "style:master-page-name": "First_20_Page" } });
  const text = [
    ...(document.letter === null ? titleLines(document, first) : letterLines(document, made, first)),
    contents(document),
    ...body(document, made, tables),
  ].join("");
  return [
    `${HEAD}<office:document-content ${SPACES} ${VERSION}><office:automatic-styles>`,
    ...made.written,
    ...tables,
    ...(tables.length === 0 ? [] : CELLS),
    `</office:automatic-styles><office:body><office:text>${text}</office:text></office:body></office:document-content>`,
  ].join("");
}

const line = (style: string, inside: string): string => `<text:p text:style-name="${style}">${inside}</text:p>`;

/** Runs in place; of a line of several, the first and last spaces are marked, so that none is folded. */
function inline(runs: PreparedRun[]): string {
  return runs
    .map((run) => {
      if (run.kind === "break") return "<text:line-break/>";
      const style = run.bold ? (run.italic ? "Strong_20_Italic" : "Strong_20_Emphasis") : run.italic ? "Emphasis" : null;
      const words = style === null ? odfText(run.text) : `<text:span text:style-name="${style}">${odfText(run.text)}</text:span>`;
      if (run.href === null) return words;
      return `<text:a xlink:type="simple" xlink:href="${escapeXml(run.href)}" text:style-name="Internet_20_link" text:visited-style-name="Internet_20_link">${words}</text:a>`;
    })
    .join("");
}

function titleLines({ author, dateLine, title, subtitle }: PreparedDocument, first: (style: string) => string): string[] {
  return [
    line(first("Imprint"), `${odfText(author)}<text:tab/>${odfText(dateLine)}`),
    line("Title", odfText(title)),
    subtitle === "" ? "" : line("Subtitle", odfText(subtitle)),
  ];
}

function letterLines({ letter, dateLine, language }: PreparedDocument, made: Changes, first: (style: string) => string): string[] {
  const { letterhead, recipient, particulars } = letter!;
  const pair = ({ term, detail }: { term: string; detail: string }) => odfText(`${withColon(term, language)} ${detail}`);
  const room = { "fo:margin-top": `${addressSpace(letterhead.length, RECIPIENT.top)}mm` };
  const lines: [style: string, text: string][] = [
    ...letterhead.map((one, index): [string, string] => [index === 0 ? "Sender_20_Name" : "Sender", odfText(one)]),
    ...recipient.map((one, index): [string, string] => [index === 0 ? made.style("Addressee", room) : "Addressee", odfText(one)]),
    ...(dateLine === "" ? [] : [["Place_20_and_20_Date", odfText(dateLine)] as [string, string]]),
    ...particulars.slice(0, -1).map((one): [string, string] => ["Particulars", pair(one)]),
    ["Subject", pair(particulars.at(-1)!)],
  ];
  return lines.map(([style, text], index) => line(index === 0 ? first(style) : style, text));
}

/** Filled in, but for the page numbers: references to the headings, which LibreOffice works out when it opens the file. */
function contents({ contents: heading, blocks }: PreparedDocument): string {
  if (heading === null) return "";
  const levels = Array.from({ length: CONTENTS_DEPTH }, (_, index) => index + 1);
  const template = (level: number) =>
    `<text:table-of-content-entry-template text:outline-level="${level}" text:style-name="Contents_20_${level}"><text:index-entry-link-start/>` +
    '<text:index-entry-text/><text:index-entry-tab-stop style:type="right" style:leader-char="."/><text:index-entry-page-number/>' +
    "<text:index-entry-link-end/></text:table-of-content-entry-template>";
  const entries = blocks.map((block) => {
    if (block.kind !== "heading" || block.level > CONTENTS_DEPTH) return "";
    const name = bookmarkOf(block.place);
    const page = `<text:bookmark-ref text:reference-format="page" text:ref-name="${name}"></text:bookmark-ref>`;
    return line(
      `Contents_20_${block.level}`,
      `<text:a xlink:type="simple" xlink:href="#${name}" text:style-name="Index_20_Link" text:visited-style-name="Index_20_Link">${odfText(plainText(block.runs))}<text:tab/>${page}</text:a>`,
    );
  });
  const title = odfText(heading);
  return [
    `<text:table-of-content text:name="${title}" text:protected="true"><text:table-of-content-source text:outline-level="${CONTENTS_DEPTH}">`,
    `<text:index-title-template text:style-name="Contents_20_Heading">${title}</text:index-title-template>`,
    ...levels.map(template),
    `</text:table-of-content-source><text:index-body><text:index-title text:name="${title}_Head">${line("Contents_20_Heading", title)}</text:index-title>`,
    ...entries,
    "</text:index-body></text:table-of-content>",
  ].join("");
}

function body({ blocks }: PreparedDocument, made: Changes, tables: string[]): string[] {
  const set = (block: PreparedBlock, index: number): string => {
    const opensPage = blocks[index - 1]?.kind === "page-break" ? { "fo:break-before": "page" } : {};
    const keep = { "fo:keep-with-next": "always" };
    switch (block.kind) {
      case "heading": {
        const named = `Heading_20_${block.level}`;
        const style = "fo:break-before" in opensPage ? made.style(named, { ...opensPage, "fo:margin-top": "0mm" }) : named;
        const mark = `<text:bookmark text:name="${bookmarkOf(block.place)}"/>`;
        return `<text:h text:style-name="${style}" text:outline-level="${block.level}">${mark}${inline(block.runs)}</text:h>`;
      }
      case "paragraph": {
        const named = block.small ? "Small_20_Text" : "Text_20_body";
        return line("fo:break-before" in opensPage ? made.style(named, opensPage) : named, inline(block.runs));
      }
      case "list":
        return list(block, made);
      case "table":
        return table(block, tables, made);
      case "definitions":
        return definitions(block, made);
      case "callout": {
        const { title, paragraphs } = block;
        const last = made.style("Callout", { "fo:margin-bottom": "11pt" });
        return [
          title === "" ? "" : line("Callout_20_Title", odfText(title)),
          ...paragraphs.map((runs, place) => line(place + 1 === paragraphs.length ? last : "Callout", inline(runs))),
          // Two boxes would run into one another.
          blocks[index + 1]?.kind === "callout" ? line("Separator", "") : "",
        ].join("");
      }
      case "quote": {
        const kept = block.source === "" ? "Quotations" : made.style("Quotations", keep);
        const source = block.source === "" ? "" : line("Quotation_20_Source", odfText(block.source));
        return block.paragraphs.map((runs) => line(kept, inline(runs))).join("") + source;
      }
      case "page-break":
        // Headings and paragraphs open a page themselves; anything else needs a line to do it.
        if (["heading", "paragraph"].includes(blocks[index + 1]?.kind ?? "")) return "";
        return line(made.style("Separator", { "fo:break-before": "page" }), "");
      case "signature":
        return block.lines
          .map((words, place) => {
            const room = place === 0 ? { "fo:margin-top": "20mm" } : {};
            const style = made.style("Signature", { ...room, ...(place + 1 < block.lines.length && keep) });
            return line(
              style,
              place === 0 ? `<text:span text:style-name="Strong_20_Emphasis">${odfText(words)}</text:span>` : odfText(words),
            );
          })
          .join("");
    }
  };
  return blocks.map(set);
}

function list({ ordered, items }: Extract<PreparedBlock, { kind: "list" }>, made: Changes): string {
  const named = (numbered: boolean) => (numbered ? "Numbers" : "Bullets");
  const last = made.style("List_20_Contents", { "fo:margin-bottom": "9pt" });
  const written = items.map((item, index) => {
    const { list: inner } = item;
    const ends = index + 1 === items.length;
    const nested =
      inner === null
        ? ""
        : `<text:list text:style-name="${named(inner.ordered)}">${inner.items
            .map((runs, place) => {
              const style = ends && place + 1 === inner.items.length ? last : "List_20_Contents";
              return `<text:list-item>${line(style, inline(runs))}</text:list-item>`;
            })
            .join("")}</text:list>`;
    return `<text:list-item>${line(ends && inner === null ? last : "List_20_Contents", inline(item.runs))}${nested}</text:list-item>`;
  });
  return `<text:list text:style-name="${named(ordered)}">${written.join("")}</text:list>`;
}

/** The cells of every table: heading, in the middle, in the last row. */
const CELLS = (
  [
    [
      "Head",
      {
        "fo:background-color": `#${PALE}`,
        "fo:border-top": `1pt solid #${INK}`,
        "fo:border-bottom": `0.75pt solid #${INK}`,
        "style:vertical-align": "bottom",
      },
    ],
    ["Cell", { "fo:border-bottom": `0.5pt solid #${HAIR}` }],
    ["Last", { "fo:border-bottom": `0.75pt solid #${INK}` }],
  ] as [string, Attributes][]
).map(
  ([name, own]) =>
    `<style:style style:name="${name}" style:family="table-cell"><style:table-cell-properties${attributes({ "fo:padding": "1.5mm", ...own })}/></style:style>`,
);

function table({ caption, columns, rows, rowHeadings, repeatHeader, size }: PreparedTable, tables: string[], made: Changes): string {
  const number = tables.length + 1;
  const name = `Table${number}`;
  const row = (kind: string, together: string) =>
    `<style:style style:name="${name}.${kind}" style:family="table-row"><style:table-row-properties fo:keep-together="${together}"/></style:style>`;
  tables.push(
    [
      `<style:style style:name="${name}" style:family="table"><style:table-properties style:width="${TEXT_WIDTH}mm" table:align="margins" fo:margin-bottom="4mm"/></style:style>`,
      ...columns.map(
        ({ share }, index) =>
          `<style:style style:name="${name}.${index + 1}" style:family="table-column"><style:table-column-properties style:column-width="${(share * TEXT_WIDTH).toFixed(2)}mm" style:rel-column-width="${Math.max(1, Math.round(share * 65_535))}*"/></style:style>`,
      ),
      row("Whole", "always"),
      row("Broken", "auto"),
    ].join(""),
  );
  const styles = columns.map(({ align }) => {
    const aligned = align === "left" ? {} : { "fo:text-align": align === "right" ? "end" : "center" };
    const sized = (points: number) => (size === 9 ? {} : { text: { "fo:font-size": `${points.toFixed(1)}pt` } });
    return {
      heading: made.style("Table_20_Heading", aligned, sized(size * 0.95)),
      cell: made.style("Table_20_Contents", aligned, sized(size)),
    };
  });
  const cell = (style: string, inside: string) =>
    `<table:table-cell table:style-name="${style}" office:value-type="string">${inside}</table:table-cell>`;
  const headings = `<table:table-row table:style-name="${name}.Whole">${columns
    .map(({ heading }, index) => cell("Head", line(styles[index]!.heading, odfText(heading))))
    .join("")}</table:table-row>`;
  return [
    caption === "" ? "" : line("Caption", odfText(caption)),
    `<table:table table:name="${name}" table:style-name="${name}">`,
    ...columns.map((_, index) => `<table:table-column table:style-name="${name}.${index + 1}"/>`),
    repeatHeader ? `<table:table-header-rows>${headings}</table:table-header-rows>` : headings,
    ...rows.map((cells, place) => {
      const whole = staysWhole(cells);
      const inside = cells.map((runs, index) => {
        const set = index === 0 && rowHeadings ? runs.map((run) => (run.kind === "text" ? { ...run, bold: true } : run)) : runs;
        return cell(place + 1 === rows.length ? "Last" : "Cell", line(styles[index]!.cell, inline(set)));
      });
      return `<table:table-row table:style-name="${name}.${whole ? "Whole" : "Broken"}">${inside.join("")}</table:table-row>`;
    }),
    "</table:table>",
  ].join("");
}

function definitions(block: Extract<PreparedBlock, { kind: "definitions" }>, made: Changes): string {
  const room = `${termRoom(block)}mm`;
  return block.items
    .flatMap(({ term, paragraphs }, index) => {
      const [first = [], ...rest] = paragraphs;
      const last = (place: number) => (index + 1 === block.items.length && place === rest.length ? { "fo:margin-bottom": "9pt" } : {});
      const hanging = made.style("Definition", { "fo:margin-left": room, "fo:text-indent": `-${room}`, ...last(0) });
      return [
        line(hanging, `<text:span text:style-name="Term">${odfText(term)}</text:span><text:tab/>${inline(first)}`),
        ...rest.map((runs, place) => line(made.style("Definition", { "fo:margin-left": room, ...last(place + 1) }), inline(runs))),
      ];
    })
    .join("");
}
