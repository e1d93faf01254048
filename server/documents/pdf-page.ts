import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import type { Ruling } from "./pdf-lines.ts";

/** A transformation as PDF writes it: [a b c d e f]. */
export type Matrix = readonly number[];

export const times = (a: Matrix, b: Matrix): Matrix => [
  a[0]! * b[0]! + a[2]! * b[1]!,
  a[1]! * b[0]! + a[3]! * b[1]!,
  a[0]! * b[2]! + a[2]! * b[3]!,
  a[1]! * b[2]! + a[3]! * b[3]!,
  a[0]! * b[4]! + a[2]! * b[5]! + a[4]!,
  a[1]! * b[4]! + a[3]! * b[5]! + a[5]!,
];
const place = (m: Matrix, x: number, y: number): [number, number] => [m[0]! * x + m[2]! * y + m[4]!, m[1]! * x + m[3]! * y + m[5]!];

/** A text shown at one go: where it begins, how long and high it is, and the angle it runs at (degrees, clockwise). */
export type ShownText = {
  text: string;
  x: number;
  y: number;
  width: number;
  size: number;
  angle: number;
  bold: boolean;
  /** Not painted: character recognition lays such a text over the picture of a page. */
  invisible: boolean;
};
/** What one page shows. `drawn` says whether there is anything besides text. */
export type Shown = { texts: ShownText[]; rulings: Ruling[]; drawn: boolean };

/** Units of text space by which two glyphs of one string must stand apart to be two pieces, in heights of the letters. */
const APART = 0.12;
/** Lines thinner than this many points are lines, whether stroked or filled. */
const THIN = 2.5;
const MOST_RULINGS = 20_000;

type Font = { matrix: Matrix; vertical: boolean; bold: boolean; type3: boolean };
type State = {
  matrix: Matrix;
  font: Font;
  fontSize: number;
  charSpacing: number;
  wordSpacing: number;
  scale: number;
  leading: number;
  rise: number;
  invisible: boolean;
};
const PLAIN: Font = { matrix: [0.001, 0, 0, 0.001, 0, 0], vertical: false, bold: false, type3: false };

/**
 * Goes through what a page draws and gathers its texts and straight lines, in points from the top left corner of the page as
 * `base` sets it. The glyphs are read one by one, so that no-break spaces and the hyphens of cut words are kept.
 */
export async function shownOn(page: PDFPageProxy, OPS: Record<string, number>, base: Matrix): Promise<Shown> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const texts: ShownText[] = [];
  const rulings: Ruling[] = [];
  const fonts = new Map<string, Font>();
  const stack: State[] = [];
  let drawn = false;
  let state: State = {
    matrix: base,
    font: PLAIN,
    fontSize: 0,
    charSpacing: 0,
    wordSpacing: 0,
    scale: 1,
    leading: 0,
    rise: 0,
    invisible: false,
  };
  let textMatrix: Matrix = IDENTITY;
  let [x, y, lineX, lineY] = [0, 0, 0, 0];

  const set = (change: Partial<State>) => {
    state = { ...state, ...change };
  };
  const setFont = (name: unknown, size: unknown) => {
    const key = String(name);
    const font = fonts.get(key) ?? fontOf(page, key);
    fonts.set(key, font);
    set({ font, fontSize: Number(size) || 0 });
  };
  const moveText = (dx: number, dy: number) => {
    lineX += dx;
    lineY += dy;
    [x, y] = [lineX, lineY];
  };
  const show = (glyphs: unknown) => {
    if (!Array.isArray(glyphs) || state.fontSize === 0) return;
    const { pieces, advance } = piecesOf(glyphs, state);
    const horizontal = state.scale * Math.sign(state.fontSize);
    const matrix = times(state.matrix, textMatrix);
    const angle = (Math.atan2(matrix[1]!, matrix[0]!) * 180) / Math.PI + (horizontal < 0 ? 180 : 0);
    const stretch = Math.hypot(matrix[0]!, matrix[1]!) * Math.abs(state.scale);
    const height = Math.hypot(matrix[2]!, matrix[3]!) || stretch;
    for (const piece of pieces) {
      const [atX, atY] = state.font.vertical
        ? place(matrix, x, y + state.rise - piece.start)
        : place(matrix, x + piece.start * horizontal, y + state.rise);
      const width = (piece.end - piece.start) * stretch;
      // The glyphs of a Type 3 font are drawings of any size: their width tells more than the size of the font.
      const size = state.font.type3 ? (2 * width) / Math.max(piece.text.length, 1) : Math.abs(state.fontSize) * height;
      texts.push({ text: piece.text, x: atX, y: atY, width, size: size || 1, angle, bold: state.font.bold, invisible: state.invisible });
    }
    if (state.font.vertical) y -= advance;
    else x += advance * horizontal;
  };

  for (let index = 0; index < fnArray.length; index++) {
    const operator = fnArray[index]!;
    const args: readonly unknown[] = Array.isArray(argsArray[index]) || isMatrix(argsArray[index]) ? argsArray[index] : [];
    const number = (at: number) => Number(args[at]) || 0;
    switch (operator) {
      case OPS.save:
        stack.push(state);
        break;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
      case OPS.endAnnotation:
        state = stack.pop() ?? state;
        break;
      case OPS.transform:
        if (isMatrix(args)) set({ matrix: times(state.matrix, args) });
        break;
      case OPS.paintFormXObjectBegin:
        stack.push(state);
        if (isMatrix(args[0])) set({ matrix: times(state.matrix, args[0]) });
        break;
      case OPS.beginAnnotation:
        stack.push(state);
        if (isMatrix(args[2])) set({ matrix: times(state.matrix, args[2]) });
        if (isMatrix(args[3])) set({ matrix: times(state.matrix, args[3]) });
        break;
      case OPS.beginText:
        textMatrix = IDENTITY;
        [x, y, lineX, lineY] = [0, 0, 0, 0];
        break;
      case OPS.setTextMatrix:
        textMatrix = isMatrix(args) ? args : isMatrix(args[0]) ? args[0] : IDENTITY;
        [x, y, lineX, lineY] = [0, 0, 0, 0];
        break;
      case OPS.moveText:
        moveText(number(0), number(1));
        break;
      case OPS.setLeadingMoveText:
        set({ leading: number(1) });
        moveText(number(0), number(1));
        break;
      case OPS.setLeading:
        set({ leading: -number(0) });
        break;
      case OPS.nextLine:
        moveText(0, state.leading);
        break;
      case OPS.setFont:
        setFont(args[0], args[1]);
        break;
      case OPS.setGState:
        for (const [key, value] of Array.isArray(args[0]) ? (args[0] as [string, unknown][]) : []) {
          if (key === "Font" && Array.isArray(value)) setFont(value[0], value[1]);
        }
        break;
      case OPS.setCharSpacing:
        set({ charSpacing: number(0) });
        break;
      case OPS.setWordSpacing:
        set({ wordSpacing: number(0) });
        break;
      case OPS.setHScale:
        set({ scale: number(0) / 100 || 1 });
        break;
      case OPS.setTextRenderingMode:
        set({ invisible: number(0) === 3 });
        break;
      case OPS.setTextRise:
        set({ rise: number(0) });
        break;
      case OPS.showText:
        show(args[0]);
        break;
      case OPS.constructPath: {
        const path = Array.isArray(args[1]) ? args[1][0] : null;
        if (!(path instanceof Float32Array) || rulings.length > MOST_RULINGS) break;
        const found = pathLines(path, Number(args[0]), OPS, state.matrix);
        if (!found) break;
        drawn = true;
        rulings.push(...found);
        break;
      }
      case OPS.paintImageXObject:
      case OPS.paintInlineImageXObject:
      case OPS.paintImageMaskXObject:
      case OPS.paintSolidColorImageMask:
      case OPS.shadingFill:
        drawn = true;
    }
  }
  return { texts, rulings, drawn };
}

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const isMatrix = (value: unknown): value is Matrix =>
  (Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array) &&
  value.length === 6 &&
  typeof value[0] === "number";

function fontOf(page: PDFPageProxy, name: string): Font {
  if (!page.commonObjs.has(name)) return PLAIN;
  const font = page.commonObjs.get(name) as { name?: string; vertical?: boolean; isType3Font?: boolean; fontMatrix?: Matrix } | null;
  return {
    matrix: font?.fontMatrix ?? PLAIN.matrix,
    vertical: font?.vertical === true,
    bold: /bold|black|heavy|semibold|demi/i.test(font?.name ?? ""),
    type3: font?.isType3Font === true,
  };
}

type Glyph = { unicode: string; width: number; isSpace: boolean; vmetric?: number[] };
const isGlyph = (value: unknown): value is Glyph => typeof value === "object" && value !== null && "unicode" in value;
type Piece = { text: string; start: number; end: number };

/** The glyphs of one string as pieces of text, along the writing direction, in units of text space; blanks are pieces of their own. */
function piecesOf(glyphs: unknown[], { font, fontSize, charSpacing, wordSpacing }: State): { pieces: Piece[]; advance: number } {
  const pieces: Piece[] = [];
  const size = Math.abs(fontSize);
  const unit = size * Math.abs(font.matrix[0] ?? 0.001);
  let pen = 0;
  let end = 0;
  for (const glyph of glyphs) {
    if (typeof glyph === "number") pen += ((font.vertical ? 1 : -1) * glyph * size) / 1000;
    if (!isGlyph(glyph)) continue;
    const width = (font.vertical ? Math.abs(glyph.vmetric?.[0] ?? 1000) : glyph.width) * unit;
    const blank = /^\s*$/u.test(glyph.unicode);
    // A soft hyphen that takes room on the page is a hyphen that is seen.
    const text = glyph.unicode === "\u00AD" && width > 0 ? "-" : glyph.unicode;
    const last = pieces.at(-1);
    const together = last && Math.abs(pen - end) <= APART * size;
    if (blank) {
      if (together && isBlank(last)) {
        last.text += text;
        last.end = pen + width;
      } else if (text !== "") pieces.push({ text: text, start: pen, end: pen + width });
    } else if (together && isBlank(last) && last.text.length < 3 && pieces.length > 1 && last.start - pieces.at(-2)!.end <= APART * size) {
      // One or two spaces between words of one string: a single piece.
      pieces.pop();
      const word = pieces.at(-1)!;
      word.text += last.text + text;
      word.end = pen + width;
    } else if (together && !isBlank(last)) {
      last.text += text;
      last.end = pen + width;
    } else pieces.push({ text: text, start: pen, end: pen + width });
    pen += width + charSpacing + (glyph.isSpace ? wordSpacing : 0);
    end = pen;
  }
  return { pieces, advance: pen };
}

const isBlank = ({ text }: Piece) => /^\s*$/u.test(text);

/** The straight lines that a painted path draws; null when it paints nothing. */
function pathLines(path: Float32Array, paint: number, OPS: Record<string, number>, matrix: Matrix): Ruling[] | null {
  if ([OPS.fill, OPS.eoFill].includes(paint)) return thinShapes(path, matrix);
  const strokes = [OPS.stroke, OPS.closeStroke, OPS.fillStroke, OPS.eoFillStroke, OPS.closeFillStroke, OPS.closeEOFillStroke];
  return strokes.includes(paint) ? strokedLines(path, matrix) : null;
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

function strokedLines(path: Float32Array, matrix: Matrix): Ruling[] {
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
