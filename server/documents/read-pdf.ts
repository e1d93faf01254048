import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { cleanText, LONGEST_TEXT } from "./frozen-text.ts";
import { layOut } from "./pdf-layout.ts";
import type { Ruling, Run, Sheet } from "./pdf-lines.ts";
import { openPdf, type Pdf } from "./pdf-open.ts";
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

type Matrix = number[];
const times = (a: Matrix, b: Matrix): Matrix => [
  a[0]! * b[0]! + a[2]! * b[1]!,
  a[1]! * b[0]! + a[3]! * b[1]!,
  a[0]! * b[2]! + a[2]! * b[3]!,
  a[1]! * b[2]! + a[3]! * b[3]!,
  a[0]! * b[4]! + a[2]! * b[5]! + a[4]!,
  a[1]! * b[4]! + a[3]! * b[5]! + a[5]!,
];
const place = (m: Matrix, x: number, y: number): [number, number] => [m[0]! * x + m[2]! * y + m[4]!, m[1]! * x + m[3]! * y + m[5]!];

/** One page: its text where it is shown, turned upright when it is mostly set sideways, and its drawn lines. */
async function sheetOf({ pdfjs }: Pdf, page: PDFPageProxy, number: number): Promise<{ sheet: Sheet; drawn: boolean }> {
  const view = page.getViewport({ scale: 1 });
  const content = await page.getTextContent({ includeMarkedContent: false, disableNormalization: true });
  // Fonts and lines are only known once the page has been interpreted; a page that fails half-way still has its text.
  const operators = await page.getOperatorList().catch(() => ({ fnArray: [] as number[], argsArray: [] as unknown[] }));
  const bold = boldFonts(page, Object.keys(content.styles));

  const turns = new Map<number, number>();
  const placed = content.items.flatMap((item) => {
    if (!("str" in item) || item.str === "") return [];
    const matrix = times(view.transform, item.transform as Matrix);
    const angle = (Math.atan2(matrix[1]!, matrix[0]!) * 180) / Math.PI;
    const size = Math.hypot(matrix[2]!, matrix[3]!) || Math.hypot(matrix[0]!, matrix[1]!);
    const turn = (Math.round(angle / 90) * 90 + 360) % 360;
    const straight = Math.abs(angle - Math.round(angle / 90) * 90) < 8;
    if (straight) turns.set(turn, (turns.get(turn) ?? 0) + item.str.trim().length);
    return [{ item, x: matrix[4]!, y: matrix[5]!, size, turn: straight ? turn : null }];
  });
  const upright = [...turns].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
  const turned = turnBack(upright, view.width, view.height);

  const runs: Run[] = [];
  const aside: string[] = [];
  let asideTurn: number | null | undefined;
  for (const { item, x, y, size, turn } of placed) {
    if (turn === upright) {
      const [left, baseline] = turned.point(x, y);
      const text = plainForms(item.str);
      runs.push({
        text,
        x: left,
        y: baseline,
        width: item.width * scaleOf(view.transform),
        size: size || 1,
        bold: bold.has(item.fontName),
      });
    } else if (item.str.trim() !== "" || item.hasEOL) {
      if (aside.length > 0 && asideTurn === turn) aside.push(`${aside.pop()}${item.str}${item.hasEOL ? " " : ""}`);
      else aside.push(`${item.str}${item.hasEOL ? " " : ""}`);
      asideTurn = turn;
    }
  }
  const { rulings, drawn } = drawnLines(pdfjs.OPS, operators, view.transform);
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

const round = (value: number) => Math.round(value * 100) / 100;
const scaleOf = (matrix: Matrix) => Math.hypot(matrix[0]!, matrix[1]!);

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

function boldFonts(page: PDFPageProxy, names: string[]): Set<string> {
  const bold = new Set<string>();
  for (const name of names) {
    if (!page.commonObjs.has(name)) continue;
    const font: unknown = page.commonObjs.get(name);
    const given = typeof font === "object" && font !== null && "name" in font ? String(font.name) : "";
    if (/bold|black|heavy|semibold|demi/i.test(given)) bold.add(name);
  }
  return bold;
}

type Operators = { fnArray: readonly number[]; argsArray: readonly unknown[] };
const isMatrix = (value: unknown): value is Matrix =>
  (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) && value.length === 6;

/** Lines thinner than this many points are lines, whether stroked or filled. */
const THIN = 2.5;
const MOST_RULINGS = 20_000;

/** The straight upright lines of a page, and whether anything but text is drawn on it. */
function drawnLines(OPS: Record<string, number>, { fnArray, argsArray }: Operators, base: Matrix): { rulings: Ruling[]; drawn: boolean } {
  const rulings: Ruling[] = [];
  const stack: Matrix[] = [];
  let matrix = base;
  let drawn = false;
  const stroked = new Set([OPS.stroke, OPS.closeStroke, OPS.fillStroke, OPS.eoFillStroke, OPS.closeFillStroke, OPS.closeEOFillStroke]);
  const filled = new Set([OPS.fill, OPS.eoFill]);
  const images = new Set([
    OPS.paintImageXObject,
    OPS.paintInlineImageXObject,
    OPS.paintImageMaskXObject,
    OPS.paintSolidColorImageMask,
    OPS.shadingFill,
  ]);
  for (let index = 0; index < fnArray.length; index++) {
    const operator = fnArray[index]!;
    const args = argsArray[index];
    if (images.has(operator)) drawn = true;
    else if (operator === OPS.save) stack.push(matrix);
    else if (operator === OPS.restore) matrix = stack.pop() ?? matrix;
    else if (operator === OPS.transform && isMatrix(args)) matrix = times(matrix, args);
    else if (operator === OPS.paintFormXObjectBegin && Array.isArray(args)) {
      stack.push(matrix);
      if (isMatrix(args[0])) matrix = times(matrix, args[0]);
    } else if (operator === OPS.paintFormXObjectEnd) matrix = stack.pop() ?? matrix;
    else if (operator === OPS.constructPath && Array.isArray(args)) {
      const [paint, data] = args as [number, unknown];
      const path = Array.isArray(data) ? data[0] : null;
      if (!(path instanceof Float32Array) || rulings.length > MOST_RULINGS) continue;
      if (stroked.has(paint)) rulings.push(...strokes(path, matrix));
      else if (filled.has(paint)) rulings.push(...thinShapes(path, matrix));
      else continue;
      drawn = true;
    }
  }
  return { rulings, drawn };
}

/** The subpaths of a path, as points on the page; curves by their end points. */
function* subpaths(path: Float32Array, matrix: Matrix): Generator<[number, number][]> {
  let points: [number, number][] = [];
  // Operands of moveTo, lineTo, curveTo, quadraticCurveTo, closePath.
  const operands = [2, 2, 6, 4, 0];
  for (let at = 0; at < path.length; ) {
    const operator = path[at]!;
    const count = operands[operator];
    if (count === undefined) return;
    if (operator === 0 && points.length > 0) {
      yield points;
      points = [];
    }
    if (count > 0) points.push(place(matrix, path[at + count - 1]!, path[at + count]!));
    else if (points[0]) points.push(points[0]);
    at += 1 + count;
  }
  if (points.length > 0) yield points;
}

function strokes(path: Float32Array, matrix: Matrix): Ruling[] {
  const found: Ruling[] = [];
  for (const points of subpaths(path, matrix)) {
    for (let index = 1; index < points.length; index++) {
      const [ax, ay] = points[index - 1]!;
      const [bx, by] = points[index]!;
      if (Math.abs(ax - bx) < 1 || Math.abs(ay - by) < 1) found.push(rulingOf(ax, ay, bx, by));
    }
  }
  return found.filter(isLong);
}

function thinShapes(path: Float32Array, matrix: Matrix): Ruling[] {
  const found: Ruling[] = [];
  for (const points of subpaths(path, matrix)) {
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const shape = rulingOf(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    if (shape.x2 - shape.x1 < THIN || shape.y2 - shape.y1 < THIN) found.push(shape);
  }
  return found.filter(isLong);
}

const rulingOf = (ax: number, ay: number, bx: number, by: number): Ruling => ({
  x1: Math.min(ax, bx),
  y1: Math.min(ay, by),
  x2: Math.max(ax, bx),
  y2: Math.max(ay, by),
});
const isLong = ({ x1, y1, x2, y2 }: Ruling) => Math.max(x2 - x1, y2 - y1) > 6;
