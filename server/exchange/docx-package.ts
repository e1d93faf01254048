import {
  Document,
  ExternalHyperlink,
  type FileChild,
  Footer,
  Header,
  type IParagraphOptions,
  Packer,
  PageNumber,
  Paragraph,
  type ParagraphChild,
  Table,
  TableCell,
  TableOfContents,
  TableRow,
  TextRun,
} from "docx";
import { estimatePageNumbersWith } from "docx/layout";
import { unzipSync } from "fflate";
import { archive } from "./archive.ts";
import type { TextDocument } from "./document.ts";
import { docxStyles, mm, NUMBERING } from "./docx-styles.ts";
import { addressSpace, BOTTOM_MARGIN, HAIR, INK, PALE, RUNNING, TOP_MARGIN, termRoom } from "./office-look.ts";
import {
  CONTENTS_DEPTH,
  type PreparedBlock,
  type PreparedDocument,
  type PreparedRun,
  type PreparedTable,
  prepareDocument,
  RECIPIENT,
  SIDE_MARGIN,
  staysWhole,
  TEXT_WIDTH,
  withColon,
} from "./prepare.ts";
import { escapeXml } from "./xml.ts";

const HEADING_STYLES = ["Heading1", "Heading2", "Heading3", "Heading4"] as const;
/** In a text of more blocks, the table of contents names no pages: working them out would take too long. */
const MOST_PAGED = 3000;
/** Space after the last line of a list. */
const LAST = { spacing: { after: 180 } };

/**
 * The parts of a DOCX file in their archive; writeDocx in docx.ts says what it promises. Working out the pages takes about a second for
 * twenty of them: docx.ts has it done outside the thread that answers pages.
 */
export async function packDocx(document: TextDocument): Promise<Uint8Array> {
  const prepared = prepareDocument(document);
  const { letter, language, blocks } = prepared;
  const paged = prepared.contents !== null && blocks.length <= MOST_PAGED;
  const file = new Document({
    styles: docxStyles(language),
    numbering: NUMBERING,
    ...(paged && { pageNumbers: estimatePageNumbersWith({ guess: true }) }),
    sections: [
      {
        properties: {
          titlePage: true,
          page: {
            size: { width: mm(210), height: mm(297) },
            margin: {
              left: mm(SIDE_MARGIN),
              right: mm(SIDE_MARGIN),
              top: mm(letter === null ? TOP_MARGIN.booklet : TOP_MARGIN.letter),
              bottom: mm(BOTTOM_MARGIN),
              header: mm(RUNNING),
              footer: mm(RUNNING),
            },
          },
        },
        headers: { first: new Header({ children: [new Paragraph({})] }), default: runningHeader(prepared) },
        footers: { first: runningFooter(prepared, letter === null), default: runningFooter(prepared, true) },
        children: [...(letter === null ? titleLines(prepared) : letterLines(prepared)), ...contents(prepared, paged), ...body(prepared)],
      },
    ],
  });
  const parts = unzipSync(await Packer.toBuffer(file));
  const decoder = new TextDecoder();
  const links = linkNames(decoder.decode(parts["word/_rels/document.xml.rels"]));
  return archive(
    Object.entries(parts)
      .filter(([path]) => !path.endsWith("/"))
      .map(([path, bytes]): [string, string | Uint8Array] => {
        if (path === "docProps/core.xml") return [path, coreProperties(prepared)];
        return [path, /^word\/(?:_rels\/)?document\.xml/.test(path) ? named(decoder.decode(bytes), links) : bytes];
      }),
  );
}

const paragraph = (style: string, content: PreparedRun[] | string, options: IParagraphOptions = {}): Paragraph =>
  new Paragraph({ style, children: typeof content === "string" ? [new TextRun(content)] : content.map(child), ...options });

function child(run: PreparedRun): ParagraphChild {
  if (run.kind === "break") return new TextRun({ break: 1 });
  const set = { text: run.text, bold: run.bold, italics: run.italic };
  if (run.href === null) return new TextRun({ text: run.text, ...(run.bold && { bold: true }), ...(run.italic && { italics: true }) });
  return new ExternalHyperlink({ link: run.href, children: [new TextRun({ ...set, style: "Hyperlink" })] });
}

function runningHeader({ letter, title, dateLine }: PreparedDocument): Header {
  return new Header({ children: [letter === null ? paragraph("Header", `${title}\t${dateLine}`) : new Paragraph({})] });
}

function runningFooter({ footer }: PreparedDocument, numbered: boolean): Footer {
  const number = [PageNumber.CURRENT, "\u202f/\u202f", PageNumber.TOTAL_PAGES];
  const children = [new TextRun(footer), ...(numbered ? [new TextRun({ children: ["\t", ...number] })] : [])];
  return new Footer({ children: [new Paragraph({ style: "Footer", children })] });
}

function titleLines({ author, dateLine, title, subtitle }: PreparedDocument): Paragraph[] {
  return [
    paragraph("Imprint", `${author}\t${dateLine}`),
    paragraph("Title", title),
    ...(subtitle === "" ? [] : [paragraph("Subtitle", subtitle)]),
  ];
}

function letterLines({ letter, dateLine, language }: PreparedDocument): Paragraph[] {
  const { letterhead, recipient, particulars } = letter!;
  const pair = ({ term, detail }: { term: string; detail: string }) => `${withColon(term, language)} ${detail}`;
  const room = mm(addressSpace(letterhead.length, RECIPIENT.top));
  return [
    ...letterhead.map((line, index) => paragraph(index === 0 ? "SenderName" : "Sender", line)),
    ...recipient.map((line, index) => paragraph("Recipient", line, index === 0 ? { spacing: { before: room } } : {})),
    ...(dateLine === "" ? [] : [paragraph("PlaceAndDate", dateLine)]),
    ...particulars.slice(0, -1).map((one) => paragraph("Particulars", pair(one))),
    paragraph("Subject", pair(particulars.at(-1)!)),
  ];
}

/** Filled in from the headings. Without the numbers of pages when these are not worked out: none rather than wrong ones. */
function contents({ contents: heading }: PreparedDocument, paged: boolean): FileChild[] {
  if (heading === null) return [];
  const range = `1-${CONTENTS_DEPTH}`;
  return [
    paragraph("TOCHeading", heading),
    new TableOfContents(heading, {
      hyperlink: true,
      headingStyleRange: range,
      beginDirty: false,
      ...(!paged && { pageNumbersEntryLevelsRange: range }),
    }),
  ];
}

function body({ blocks }: PreparedDocument): FileChild[] {
  let lists = 0;
  const set = (block: PreparedBlock, index: number): FileChild[] => {
    const opensPage = blocks[index - 1]?.kind === "page-break";
    switch (block.kind) {
      case "heading": {
        const options = index === 0 || opensPage ? { spacing: { before: 0 } } : {};
        return [paragraph(HEADING_STYLES[block.level - 1]!, block.runs, { ...options, ...(opensPage && { pageBreakBefore: true }) })];
      }
      case "paragraph":
        return [paragraph(block.small ? "Small" : "BodyText", block.runs, opensPage ? { pageBreakBefore: true } : {})];
      case "list": {
        lists += 1;
        return list(block, lists);
      }
      case "table":
        return table(block);
      case "definitions":
        return definitions(block);
      case "callout": {
        const { title, paragraphs: all } = block;
        return [
          ...(title === "" ? [] : [paragraph("CalloutTitle", title)]),
          ...all.map((runs, place) => paragraph("Callout", runs, place + 1 === all.length ? { spacing: { after: 200 } } : {})),
          // Two boxes would run into one another.
          ...(blocks[index + 1]?.kind === "callout" ? [paragraph("AfterTable", "")] : []),
        ];
      }
      case "quote":
        return [
          ...block.paragraphs.map((runs) => paragraph("Quote", runs, block.source === "" ? {} : { keepNext: true })),
          ...(block.source === "" ? [] : [paragraph("QuoteSource", block.source)]),
        ];
      case "page-break":
        // Headings and paragraphs open a page themselves; anything else needs a line to do it.
        return ["heading", "paragraph"].includes(blocks[index + 1]?.kind ?? "")
          ? []
          : [paragraph("AfterTable", "", { pageBreakBefore: true })];
      case "signature":
        return block.lines.map((line, place) =>
          paragraph("Signature", [{ kind: "text", text: line, bold: place === 0, italic: false, href: null }], {
            ...(place === 0 && { spacing: { before: mm(20) } }),
            keepNext: place + 1 < block.lines.length,
          }),
        );
    }
  };
  return blocks.flatMap(set);
}

function list({ ordered, items }: Extract<PreparedBlock, { kind: "list" }>, number: number): Paragraph[] {
  const line = (runs: PreparedRun[], numbered: boolean, level: 0 | 1, instance: number, last: boolean) =>
    paragraph(`${numbered ? "ListNumber" : "ListBullet"}${level === 1 ? "2" : ""}`, runs, {
      numbering: { reference: numbered ? "numbers" : "bullets", level, instance: number * 10_000 + instance, custom: true },
      ...(last && LAST),
    });
  return items.flatMap((item, index) => {
    const { list: inner } = item;
    const last = index + 1 === items.length;
    return [
      line(item.runs, ordered, 0, 0, last && inner === null),
      ...(inner?.items ?? []).map((runs, place) =>
        line(runs, inner!.ordered, 1, inner!.ordered === ordered ? 0 : index + 1, last && place + 1 === inner!.items.length),
      ),
    ];
  });
}

function table({ caption, columns, rows, rowHeadings, repeatHeader, size }: PreparedTable): FileChild[] {
  const ink = { style: "single", size: 8, color: INK } as const;
  const hair = { style: "single", size: 4, color: HAIR } as const;
  const none = { style: "none", size: 0, color: "auto" } as const;
  const widths = columns.map(({ share }) => Math.floor(mm(TEXT_WIDTH) * share));
  const sized = (halves: number) => (size === 9 ? {} : { run: { size: halves } });
  const cell = (index: number, content: Paragraph, heading: boolean) =>
    new TableCell({
      width: { size: widths[index]!, type: "dxa" },
      verticalAlign: heading ? "bottom" : "top",
      ...(heading && { shading: { type: "clear", color: "auto", fill: PALE }, borders: { bottom: ink } }),
      children: [content],
    });
  const scale = (run: PreparedRun): ParagraphChild =>
    size === 9 || run.kind === "break" || run.href !== null
      ? child(run)
      : new TextRun({ text: run.text, size: Math.round(size * 2), ...(run.bold && { bold: true }), ...(run.italic && { italics: true }) });
  const lines = (runs: PreparedRun[], index: number, style: string) =>
    new Paragraph({
      style,
      alignment: columns[index]!.align,
      ...sized(Math.round(size * 2)),
      children: runs.map((run) =>
        scale(run.kind === "text" && index === 0 && rowHeadings && style === "TableContents" ? { ...run, bold: true } : run),
      ),
    });
  const text = (words: string): PreparedRun[] => [{ kind: "text", text: words, bold: false, italic: false, href: null }];
  return [
    ...(caption === "" ? [] : [paragraph("Caption", caption)]),
    new Table({
      layout: "fixed",
      width: { size: widths.reduce((sum, width) => sum + width, 0), type: "dxa" },
      columnWidths: widths,
      margins: { top: mm(1.2), bottom: mm(1.2), left: mm(1.6), right: mm(1.6), marginUnitType: "dxa" },
      borders: { top: ink, bottom: ink, left: none, right: none, insideHorizontal: hair, insideVertical: none },
      tableLook: { firstRow: true, firstColumn: rowHeadings, noVBand: true },
      rows: [
        new TableRow({
          tableHeader: repeatHeader,
          cantSplit: true,
          children: columns.map(({ heading }, index) => cell(index, lines(text(heading), index, "TableHeading"), true)),
        }),
        ...rows.map(
          (row) =>
            new TableRow({
              cantSplit: staysWhole(row),
              children: row.map((runs, index) => cell(index, lines(runs, index, "TableContents"), false)),
            }),
        ),
      ],
    }),
    paragraph("AfterTable", ""),
  ];
}

function definitions(block: Extract<PreparedBlock, { kind: "definitions" }>): Paragraph[] {
  const room = mm(termRoom(block));
  return block.items.flatMap(({ term, paragraphs }, index) => {
    const [first = [], ...rest] = paragraphs;
    const last = (place: number) => (index + 1 === block.items.length && place === rest.length ? LAST : {});
    return [
      new Paragraph({
        style: "Definition",
        indent: { left: room, hanging: room },
        children: [new TextRun({ text: term, style: "Term" }), new TextRun({ children: ["\t"] }), ...first.map(child)],
        ...last(0),
      }),
      ...rest.map((runs, place) => paragraph("Definition", runs, { indent: { left: room }, ...last(place + 1) })),
    ];
  });
}

/** Names for the links of the document, which the package names by chance, so that the same document gives the same bytes. */
function linkNames(relationships: string): Map<string, string> {
  const drawn = [...relationships.matchAll(/ Id="([^"]+)"/g)].map((match) => match[1]!).filter((id) => !/^rId\d+$/.test(id));
  return new Map(drawn.map((id, index) => [id, `rIdLink${index + 1}`]));
}

const named = (xml: string, links: Map<string, string>): string =>
  xml.replace(/((?:r:id|\bId)=")([^"]+)"/g, (whole, start: string, id: string) => (links.has(id) ? `${start}${links.get(id)}"` : whole));

/** Who wrote what, in which language: Word and LibreOffice add the dates when somebody saves the file. */
function coreProperties({ title, author, language }: PreparedDocument): string {
  const spaces =
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"';
  const creator = author === "" ? "" : `<dc:creator>${escapeXml(author)}</dc:creator>`;
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties ${spaces}><dc:title>${escapeXml(title)}</dc:title>${creator}<dc:language>${language === "fr" ? "fr-FR" : "en-GB"}</dc:language></cp:coreProperties>`;
}
