import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { cleanText, LONGEST_TEXT } from "./frozen-text.ts";
import { layOut } from "./pdf-layout.ts";
import type { Ruling, Run, Sheet } from "./pdf-lines.ts";
import { openPdf, type Pdf } from "./pdf-open.ts";
import { type ShownText, shownOn } from "./pdf-page.ts";
import type { ReadDocument } from "./read-document.ts";
import { refuse } from "./refusals.ts";

export const PDF = "application/pdf";

/** Below this many letters a page, on average, a document of images is a scan with a stamp on it, not a text. */
const FEWEST_LETTERS = 12;

/**
 * Reads the text layer of a PDF. One without (a scan), or whose fonts tell no characters, has `hasText` false, an empty text and
 * its pages; one without text and without anything drawn is refused as empty.
 */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  // pdf.js keeps the array it is given: what is looked for in the raw bytes is looked for before.
  const hasImages = /\/Subtype\s*\/Image\b/.test(new TextDecoder("latin1").decode(bytes));
  const pdf = await openPdf(bytes, { images: false });
  const sheets: Sheet[] = [];
  let drawn = hasImages;
  let units = 0;
  for (let number = 1; number <= pdf.document.numPages; number++) {
    let page: PDFPageProxy;
    try {
      page = await pdf.document.getPage(number);
    } catch {
      return refuse("damaged");
    }
    const sheet = await sheetOf(pdf, page, number);
    sheets.push(sheet.sheet);
    drawn ||= sheet.drawn;
    units += sheet.sheet.runs.reduce((sum, { text }) => sum + text.length, 0);
    if (units > LONGEST_TEXT) return refuse("too-heavy");
    page.cleanup();
  }
  const document = { mediaType: PDF, ...layOut(sheets), pageCount: sheets.length, hasText: true } satisfies ReadDocument;
  if (isReadable(document, hasImages)) return document;
  if (!drawn) return refuse("empty");
  const pages = document.pages.map((page) => ({ ...page, start: 0, end: 0 }));
  return { mediaType: PDF, text: "", blocks: [], pages, pageCount: sheets.length, hasText: false };
}

function isReadable({ text, blocks, pages }: ReadDocument, hasImages: boolean): boolean {
  const body = blocks.filter(({ kind }) => kind !== "running").reduce((sum, { start, end }) => sum + end - start, 0);
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const unreadable = text.match(/[\uE000-\uF8FF\uFFFD]/g)?.length ?? 0;
  if (letters === 0 || unreadable > letters * 0.5) return false;
  return !hasImages || Math.min(body, letters) >= FEWEST_LETTERS * Math.max(pages.length, 1);
}

/** One page: its text where it is shown, turned upright when it is mostly set sideways, and its drawn lines. */
async function sheetOf({ pdfjs }: Pdf, page: PDFPageProxy, number: number): Promise<{ sheet: Sheet; drawn: boolean }> {
  const view = page.getViewport({ scale: 1 });
  const { texts, rulings, drawn } = await shownOn(page, pdfjs.OPS, view.transform);
  const letters = new Map<number, number>();
  for (const { text, angle } of texts) {
    const turn = turnOf(angle);
    if (turn !== null) letters.set(turn, (letters.get(turn) ?? 0) + text.trim().length);
  }
  const upright = [...letters].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
  const turned = turnBack(upright, view.width, view.height);
  const level = levelled(texts.filter(({ angle }) => turnOf(angle) === upright).map(({ angle }) => angle - upright));
  const sizeOf = evenSizes(texts);

  const runs: Run[] = [];
  const aside: string[] = [];
  let lastTurn: number | null | undefined;
  for (const { text, x, y, width, size, angle, bold } of texts) {
    const turn = turnOf(angle);
    if (turn === upright) {
      const [left, baseline] = level(...turned.point(x, y));
      runs.push({ text: plainForms(text), x: left, y: baseline, width, size: sizeOf(size), bold });
    } else if (text.trim() !== "") {
      if (aside.length > 0 && lastTurn === turn) aside.push(`${aside.pop()} ${text}`);
      else aside.push(text);
    }
    lastTurn = turn;
  }
  return {
    sheet: {
      number,
      width: round(turned.width),
      height: round(turned.height),
      runs,
      rulings: rulings.map((line) => turned.line(line)),
      aside: aside.map(cleanText).filter((text) => /[\p{L}\p{N}]/u.test(text)),
    },
    drawn,
  };
}

/** The quarter turn nearest to an angle, in degrees; null for a text set at a slant, a stamp for instance. */
function turnOf(angle: number): number | null {
  const turn = Math.round(angle / 90) * 90;
  return Math.abs(angle - turn) < 8 ? (turn + 360) % 360 : null;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Sets the lines of a page that was scanned askew level again; `angles` are those of its texts, in degrees. */
function levelled(angles: number[]): (x: number, y: number) => [number, number] {
  const tilt = median(angles.map((angle) => ((angle + 540) % 360) - 180));
  if (Math.abs(tilt) < 0.1) return (x, y) => [x, y];
  const [cos, sin] = [Math.cos((tilt * Math.PI) / 180), Math.sin((tilt * Math.PI) / 180)];
  return (x, y) => [x * cos + y * sin, y * cos - x * sin];
}

/** Character recognition guesses a size for each line: on such a page, sizes near the usual one are the usual one. */
function evenSizes(texts: ShownText[]): (size: number) => number {
  const letters = texts.filter(({ text }) => text.trim() !== "");
  if (letters.filter(({ invisible }) => invisible).length <= letters.length / 2) return (size) => size;
  const usual = median(letters.map(({ size }) => size));
  return (size) => (Math.abs(size - usual) < 0.35 * usual ? usual : size);
}

const round = (value: number) => Math.round(value * 100) / 100;

/** Ligatures and presentation forms as the letters they stand for. */
const plainForms = (text: string) =>
  text.replace(/[\uFB00-\uFB06\uFB13-\uFB17\uFB50-\uFDFF\uFE70-\uFEFC]/g, (form) => form.normalize("NFKC"));

function turnBack(turn: number, width: number, height: number) {
  const point = (x: number, y: number): [number, number] => {
    if (turn === 90) return [y, width - x];
    if (turn === 180) return [width - x, height - y];
    if (turn === 270) return [height - y, x];
    return [x, y];
  };
  const line = ({ x1, y1, x2, y2 }: Ruling): Ruling => {
    const [ax, ay] = point(x1, y1);
    const [bx, by] = point(x2, y2);
    return { x1: Math.min(ax, bx), y1: Math.min(ay, by), x2: Math.max(ax, bx), y2: Math.max(ay, by) };
  };
  const sideways = turn === 90 || turn === 270;
  return { point, line, width: sideways ? height : width, height: sideways ? width : height };
}
