import { createHash } from "node:crypto";
import type { Language } from "../../workflows/report.words.ts";
import { escapeXml } from "./xml.ts";

/**
 * The drawings of publications, as self-contained SVG made on the server: no script, no style attribute or element, so that a strict
 * content policy holds; text and axes in `currentColor`, so that they follow a light or a dark page; every meaning carried by a texture or
 * a shape as well as by a colour, so that they survive grey printing. The same input gives the same bytes. They are drawn by hand because
 * what matters here (masked values, silence shown as silence, interrupted series, wrapped French labels) is what a chart grammar hides.
 */
export type Bar = {
  label: string;
  /** Length of the bar in the chart's unit; null when masked: a hatched stub marked “s” is drawn, whatever the true value. */
  value: number | null;
  /** What is printed at the end of the bar, with its denominators; ignored when masked. */
  valueLabel: string;
};

export type StackedRow = {
  label: string;
  /** Cases of each kind; null when masked. */
  present: number | null;
  absent: number | null;
  notDocumented: number | null;
  /** All cases of the row: the whole length of the bar. */
  total: number;
};

export type Series = {
  label: string;
  /** One point a year; `y` null where there is no figure (the line is interrupted). */
  points: { x: number; y: number | null }[];
  /** Years from which the scope or method changed: the line stops before and starts again there. */
  breaks?: number[];
};

type Common = { title: string /** Text alternative. */; description: string; language: Language; note?: string };

const WIDTH = 640;
const SIZE = 14;
const SMALL = 12.5;
const LINE = 17;
/** Mid tones that keep 3:1 against white and against a dark page alike. */
const INK = "#3d6d9e";
const COLOURS = [INK, "#b45f22", "#5f7f3a", "#86609e"] as const;
const DASHES = ["", "7 4", "2 4", "10 4 2 4"] as const;
/** On the web the page's own face, in the PDF the face that carries this name. */
const FONT = "'Source Sans 3 Variable', 'Source Sans 3', sans-serif";

const WORDS = {
  fr: {
    masked: "s : donnée couverte par le secret statistique",
    present: "Présent",
    absent: "Absent",
    notDocumented: "Non documenté",
    empty: "Aucune donnée",
    break: "rupture de série",
  },
  en: {
    masked: "s: figure withheld for confidentiality",
    present: "Present",
    absent: "Absent",
    notDocumented: "Not documented",
    empty: "No data",
    break: "series break",
  },
} as const;

/**
 * Horizontal bars, one a line, in the order given. `unit` is printed above the bars (“En % des affaires documentées”); `max` is the length
 * of the scale in that unit (100 for percentages), the longest bar when left out.
 */
export function barChart(input: Common & { unit: string; max?: number; bars: Bar[] }): string {
  const { bars, language } = input;
  const draw = new Drawing(input);
  let y = draw.caption(input.unit);
  if (bars.length === 0) return draw.finish(draw.nothing(y), null);

  const labelWidth = Math.min(236, Math.max(...bars.map((bar) => widthOf(bar.label))));
  const valueWidth = Math.max(...bars.map((bar) => (bar.value === null ? 52 : widthOf(bar.valueLabel, SIZE, true))));
  const left = labelWidth + 14;
  const length = Math.max(80, WIDTH - left - valueWidth - 10);
  const max = input.max ?? Math.max(...bars.map((bar) => bar.value ?? 0));
  const top = y;
  for (const bar of bars) {
    const lines = wrap(bar.label, labelWidth + 1);
    const height = Math.max(lines.length * LINE, 20) + 12;
    const middle = y + height / 2;
    draw.lines(0, middle, lines);
    if (bar.value === null) {
      draw.hatched(left, middle - 9, 30, 18);
      draw.text(left + 38, middle, "s", { weight: 600 });
    } else {
      const size = max > 0 ? (Math.min(Math.max(bar.value, 0), max) / max) * length : 0;
      draw.rect(left, middle - 9, size, 18, `fill="${INK}"`);
      draw.text(left + size + 8, middle, bar.valueLabel, { weight: 600 });
    }
    y += height;
  }
  draw.rule(left, top, left, y, 1, 0.55);
  return draw.finish(y, bars.some((bar) => bar.value === null) ? WORDS[language].masked : null);
}

/**
 * One bar a factor, cut in present, absent and not documented: solid, pale and hatched. The whole length is all cases, so that silence is
 * seen as silence. Masked parts are drawn as one dashed, empty block marked “s”; where a single part is masked its length would give it away, so the whole
 * bar is masked.
 */
export function stackedBarChart(
  input: Common & { unit: string; rows: StackedRow[]; labels?: { present: string; absent: string; notDocumented: string } },
): string {
  const { rows, language } = input;
  const draw = new Drawing(input);
  const words = { ...WORDS[language], ...input.labels };
  let y = draw.caption(input.unit);
  if (rows.length === 0) return draw.finish(draw.nothing(y), null);

  y = draw.legend(y, [
    { label: words.present, swatch: "solid" },
    { label: words.absent, swatch: "pale" },
    { label: words.notDocumented, swatch: "hatched" },
  ]);
  const labelWidth = Math.min(236, Math.max(...rows.map((row) => widthOf(row.label))));
  const left = labelWidth + 14;
  const totalWidth = Math.max(...rows.map((row) => widthOf(formatNumber(row.total, language), SIZE, true))) + 8;
  const length = WIDTH - left - totalWidth - 2;
  const max = Math.max(...rows.map((row) => row.total));
  let masked = false;
  for (const row of rows) {
    const lines = wrap(row.label, labelWidth + 1);
    const height = Math.max(lines.length * LINE, 22) + 12;
    const middle = y + height / 2;
    const scale = max > 0 ? length / max : 0;
    draw.lines(0, middle, lines);
    let x = left;
    for (const part of partsOf(row)) {
      const size = part.count * scale;
      const label = part.look === "masked" ? "s" : formatNumber(part.count, language);
      if (part.look === "masked") masked = true;
      draw.segment(x, middle - 11, size, 22, part.look, label);
      x += size;
    }
    draw.text(x + 8, middle, formatNumber(row.total, language), { faint: true });
    y += height;
  }
  return draw.finish(y, masked ? words.masked : null);
}

/**
 * Yearly series as lines named at their end, told apart by colour, dash and marker; the scale starts at zero. Where the scope or the method
 * changed the line is interrupted and a vertical mark says so.
 */
export function lineChart(input: Common & { unit: string; series: Series[] }): string {
  const { series, language } = input;
  const draw = new Drawing(input);
  const top = draw.caption(input.unit) + 18;
  const known = series.flatMap((one) => one.points.filter((point) => point.y !== null));
  const years = [...new Set(series.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => a - b);
  if (known.length === 0) return draw.finish(draw.nothing(top - 18), null);

  const step = niceStep(Math.max(...known.map((point) => point.y!)));
  const max = Math.max(1, Math.ceil(Math.max(...known.map((point) => point.y!)) / step)) * step;
  const height = 230;
  const yAt = (y: number) => top + height - (y / max) * height;
  const ends = series.flatMap((one, index): EndLabel[] => {
    const last = [...one.points].sort((a, b) => a.x - b.x).findLast((point) => point.y !== null);
    if (last === undefined) return [];
    return [{ index, lines: wrap(one.label, 150, SMALL), value: last.y!, y: yAt(last.y!) }];
  });
  const endWidth = Math.max(
    ...ends.map((end) => widthOf(formatNumber(end.value, language), SMALL, true) + 14),
    ...ends.flatMap((end) => end.lines.map((line) => widthOf(line, SMALL))),
  );
  const right = endWidth + 24;
  const left = widthOf(formatNumber(max, language), SMALL) + 12;
  const [from, to] = [years[0]!, years.at(-1)!];
  const room = WIDTH - left - right - 24;
  const xAt = (x: number) => left + 12 + (to === from ? 0.5 : (x - from) / (to - from)) * room;

  for (let value = 0; value <= max + step / 2; value += step) {
    draw.rule(left, yAt(value), WIDTH - right, yAt(value), 1, value === 0 ? 0.6 : 0.14);
    draw.text(left - 8, yAt(value), formatNumber(value, language), { size: SMALL, faint: true, anchor: "end" });
  }
  const every = Math.max(1, Math.ceil(((to - from + 1) * 40) / room));
  for (const year of years) {
    if ((to - year) % every === 0) draw.text(xAt(year), top + height + 16, String(year), { size: SMALL, faint: true, anchor: "middle" });
  }
  const breaks = [...new Set(series.flatMap((one) => one.breaks ?? []))].filter((year) => year > from && year <= to).sort((a, b) => a - b);
  for (const year of breaks) {
    const x = xAt(year - 0.5);
    draw.rule(x, top - 14, x, top + height, 1, 0.55, "3 3");
    const side = x > WIDTH / 2 ? "end" : "start";
    draw.text(x + (side === "end" ? -6 : 6), top - 10, WORDS[language].break, { size: SMALL, faint: true, anchor: side });
  }
  series.forEach((one, index) => {
    const points = [...one.points].sort((a, b) => a.x - b.x);
    for (const stretch of stretches(points, one.breaks ?? [])) {
      draw.line(
        stretch.map((point) => [xAt(point.x), yAt(point.y)]),
        index,
      );
    }
    for (const point of points) if (point.y !== null) draw.marker(xAt(point.x), yAt(point.y), index);
  });
  const bottom = draw.endLabels(ends, WIDTH - endWidth - 4, top, top + height, language);
  return draw.finish(Math.max(top + height + 28, bottom), null);
}

/** A number as printed: decimal comma and narrow no-break spaces in French, point and commas in English; at most two decimals. */
function formatNumber(value: number, language: Language): string {
  const [whole = "0", decimals] = String(Math.round(Math.abs(value) * 100) / 100).split(".");
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, language === "fr" ? "\u202f" : ",");
  const sign = value < 0 ? "\u2212" : "";
  return `${sign}${grouped}${decimals === undefined ? "" : (language === "fr" ? "," : ".") + decimals}`;
}

type Look = "solid" | "pale" | "hatched" | "masked";

/** The parts of a bar, in order; what is masked becomes one block, the whole bar when only one part is. */
function partsOf(row: StackedRow): { look: Look; count: number }[] {
  const parts = [row.present, row.absent, row.notDocumented];
  const hidden = parts.filter((part) => part === null).length;
  if (hidden === 1 || hidden === 3) return [{ look: "masked", count: row.total }];
  const rest = row.total - parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  const drawn: { look: Look; count: number }[] = [];
  if (row.present !== null) drawn.push({ look: "solid", count: row.present });
  if (row.absent !== null) drawn.push({ look: "pale", count: row.absent });
  if (hidden > 0) drawn.push({ look: "masked", count: Math.max(rest, 0) });
  if (row.notDocumented !== null) drawn.push({ look: "hatched", count: row.notDocumented });
  return drawn.filter((part) => part.count > 0);
}

/** Runs of neighbouring known points, cut at gaps and where a new series begins. */
function stretches(points: Series["points"], breaks: number[]): { x: number; y: number }[][] {
  const found: { x: number; y: number }[][] = [];
  let current: { x: number; y: number }[] = [];
  for (const { x, y } of points) {
    const before = current.at(-1);
    if (before !== undefined && breaks.some((year) => before.x < year && year <= x)) {
      found.push(current);
      current = [];
    }
    if (y === null) {
      found.push(current);
      current = [];
    } else current.push({ x, y });
  }
  return [...found, current].filter((stretch) => stretch.length > 1);
}

/** A round step that cuts the scale in three to six. */
function niceStep(max: number): number {
  if (max <= 0) return 1;
  const rough = max / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= rough)!;
}

/** Width of a text in the chart's face, in pixels: close enough to place things, a little on the wide side. */
function widthOf(text: string, size = SIZE, bold = false): number {
  let em = 0;
  for (const character of text) {
    if (/[ijlI.,;:'’!|f\s]/u.test(character)) em += 0.26;
    else if (/[-–()[\]trsz/]/u.test(character)) em += 0.37;
    else if (/[mwMW%—œŒ]/u.test(character)) em += 0.83;
    else if (/\p{Lu}/u.test(character)) em += 0.6;
    else if (/[\p{L}\p{N}]/u.test(character)) em += 0.52;
    else em += 0.6;
  }
  return Math.ceil(em * size * (bold ? 1.05 : 1));
}

/** The text cut at its spaces into lines of at most `width` pixels, four at most; the last one is shortened when it must be. */
function wrap(text: string, width: number, size = SIZE): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/[ \n\t]+/)) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const kept = lines.slice(0, 4).map((line) => shorten(line, width, size));
  if (lines.length > 4) kept[3] = `${shorten(kept[3]!, width - size, size).replace(/…$/, "")}…`;
  return kept;
}

function shorten(line: string, width: number, size: number): string {
  if (widthOf(line, size) <= width) return line;
  const characters = [...line];
  while (characters.length > 1 && widthOf(`${characters.join("")}…`, size) > width) characters.pop();
  return `${characters.join("")}…`;
}

/** Coordinates with at most two decimals, the same on every machine. */
const at = (value: number): string => String(Math.round(value * 100) / 100);

type EndLabel = { index: number; lines: string[]; value: number; y: number };

type TextLook = { size?: number; weight?: number; faint?: boolean; anchor?: "start" | "middle" | "end"; fill?: string };

/** The elements of one drawing, in order, and the small vocabulary they are drawn with. */
class Drawing {
  private readonly parts: string[] = [];
  private readonly input: Common;
  /** Derived from the input, so that several drawings can share a page. */
  private readonly id: string;
  private patterned = false;

  constructor(input: Common) {
    this.input = input;
    this.id = `g${createHash("sha256").update(JSON.stringify(input)).digest("hex").slice(0, 10)}`;
  }

  text(x: number, middle: number, content: string, look: TextLook = {}): void {
    const size = look.size ?? SIZE;
    const attributes = [
      `x="${at(x)}"`,
      `y="${at(middle + size * 0.34)}"`,
      size === SIZE ? "" : `font-size="${size}"`,
      look.weight === undefined ? "" : `font-weight="${look.weight}"`,
      look.anchor === undefined || look.anchor === "start" ? "" : `text-anchor="${look.anchor}"`,
      look.fill === undefined ? "" : `fill="${look.fill}"`,
      look.faint ? 'fill-opacity="0.75"' : "",
    ];
    this.parts.push(`<text ${attributes.filter((attribute) => attribute !== "").join(" ")}>${escapeXml(content)}</text>`);
  }

  /** Lines of text centred around a height. */
  lines(x: number, middle: number, lines: string[], look: TextLook = {}): void {
    const step = ((look.size ?? SIZE) * LINE) / SIZE;
    lines.forEach((line, index) => {
      this.text(x, middle + (index - (lines.length - 1) / 2) * step, line, look);
    });
  }

  rect(x: number, y: number, width: number, height: number, attributes: string): void {
    if (width <= 0) return;
    this.parts.push(`<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" ${attributes}/>`);
  }

  rule(x1: number, y1: number, x2: number, y2: number, width: number, opacity: number, dash = ""): void {
    const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    this.parts.push(
      `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="currentColor" stroke-width="${width}" stroke-opacity="${opacity}"${dashes}/>`,
    );
  }

  /** An outlined, hatched box; `gap` keeps a label readable in its middle. */
  hatched(x: number, y: number, width: number, height: number, gap = 0): void {
    if (width <= 0) return;
    this.patterned = true;
    const fill = `fill="url(#${this.id}-h)"`;
    if (gap === 0) this.rect(x, y, width, height, fill);
    else {
      this.rect(x, y, (width - gap) / 2, height, fill);
      this.rect(x + (width + gap) / 2, y, (width - gap) / 2, height, fill);
    }
    this.rect(x + 0.5, y + 0.5, Math.max(width - 1, 0.5), height - 1, 'fill="none" stroke="currentColor" stroke-opacity="0.5"');
  }

  /** One part of a stacked bar, with its number where there is room for it. */
  segment(x: number, y: number, width: number, height: number, look: Look, label: string): void {
    const room = widthOf(label, SIZE, true) + 8;
    const fits = width >= room;
    if (look === "solid") this.rect(x, y, width, height, `fill="${INK}"`);
    else if (look === "pale") {
      this.rect(x, y, width, height, `fill="${INK}" fill-opacity="0.2"`);
      this.rect(x + 0.5, y + 0.5, Math.max(width - 1, 0.5), height - 1, `fill="none" stroke="${INK}"`);
    } else if (look === "masked") {
      this.rect(
        x + 0.5,
        y + 0.5,
        Math.max(width - 1, 0.5),
        height - 1,
        'fill="none" stroke="currentColor" stroke-opacity="0.6" stroke-dasharray="3 3"',
      );
    } else this.hatched(x, y, width, height, fits ? Math.min(room, width) : 0);
    if (fits) {
      const fill: TextLook = look === "solid" ? { fill: "#ffffff" } : {};
      this.text(x + width / 2, y + height / 2, label, { weight: 600, anchor: "middle", ...fill });
    }
  }

  line(points: [number, number][], index: number): void {
    const dash = DASHES[index % DASHES.length]!;
    const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
    const path = points.map(([x, y], place) => `${place === 0 ? "M" : "L"}${at(x)} ${at(y)}`).join("");
    this.parts.push(`<path d="${path}" fill="none" stroke="${colour(index)}" stroke-width="2" stroke-linejoin="round"${dashes}/>`);
  }

  /** Disc, square, triangle, diamond: the shape tells the series without its colour. */
  marker(x: number, y: number, index: number): void {
    const fill = `fill="${colour(index)}"`;
    const shape = index % 4;
    if (shape === 0) this.parts.push(`<circle cx="${at(x)}" cy="${at(y)}" r="3.5" ${fill}/>`);
    else if (shape === 1) this.rect(x - 3.2, y - 3.2, 6.4, 6.4, fill);
    else if (shape === 2) this.parts.push(`<path d="M${at(x)} ${at(y - 4.4)}l4.2 7.4h-8.4z" ${fill}/>`);
    else this.parts.push(`<path d="M${at(x)} ${at(y - 4.8)}l4.4 4.8l-4.4 4.8l-4.4 -4.8z" ${fill}/>`);
  }

  /** The unit above the drawing; gives the height at which the drawing starts. */
  caption(unit: string): number {
    if (unit === "") return 2;
    const lines = wrap(unit, WIDTH, SMALL);
    lines.forEach((line, index) => {
      this.text(0, 8 + index * 15, line, { size: SMALL, faint: true });
    });
    return 8 + lines.length * 15 + 4;
  }

  legend(y: number, entries: { label: string; swatch: Look }[]): number {
    let x = 0;
    for (const { label, swatch } of entries) {
      this.segment(x, y + 2, 22, 12, swatch, "        ");
      this.text(x + 29, y + 8, label, { size: SMALL });
      x += 29 + widthOf(label, SMALL) + 20;
    }
    return y + 24;
  }

  /** Names and last values at the end of the lines, pushed apart and kept above `bottom` where there is room; gives the lowest point. */
  endLabels(labels: EndLabel[], x: number, top: number, bottom: number, language: Language): number {
    const step = (SMALL * LINE) / SIZE;
    const heightOf = ({ lines }: EndLabel) => (lines.length + 1) * step + 4;
    const sorted = [...labels].sort((a, b) => a.y - b.y || a.index - b.index);
    const starts = sorted.map(({ y }) => y);
    let limit = bottom + step / 2;
    for (let place = sorted.length - 1; place >= 0; place -= 1) {
      starts[place] = Math.min(starts[place]!, limit - heightOf(sorted[place]!) + step / 2);
      limit = starts[place]! - step / 2;
    }
    let free = top;
    sorted.forEach(({ index, lines, value }, place) => {
      const start = Math.max(starts[place]!, free);
      this.marker(x + 4, start, index);
      this.text(x + 14, start, formatNumber(value, language), { weight: 600, size: SMALL });
      this.lines(x, start + step + ((lines.length - 1) / 2) * step, lines, { size: SMALL });
      free = start + heightOf(sorted[place]!);
    });
    return free;
  }

  nothing(y: number): number {
    this.text(0, y + 14, WORDS[this.input.language].empty, { faint: true });
    return y + 28;
  }

  /** The whole SVG: names for those who cannot see it, then the parts, then the notes below. */
  finish(bottom: number, legend: string | null): string {
    const { title, description, language, note } = this.input;
    let height = bottom + 4;
    for (const line of [legend, note ?? null].flatMap((text) => (text === null || text === "" ? [] : wrap(text, WIDTH, SMALL)))) {
      this.text(0, height + 10, line, { size: SMALL, faint: true });
      height += 16;
    }
    height = Math.ceil(height + 4);
    const pattern = this.patterned
      ? `<defs><pattern id="${this.id}-h" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M-1 1L1 -1M0 5L5 0M4 6L6 4" stroke="currentColor" stroke-opacity="0.5" fill="none"/></pattern></defs>`
      : "";
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" role="img" lang="${language}" aria-labelledby="${this.id}-t ${this.id}-d"`,
      ` width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" fill="currentColor" font-family="${FONT}" font-size="${SIZE}">`,
      `<title id="${this.id}-t">${escapeXml(title)}</title><desc id="${this.id}-d">${escapeXml(description)}</desc>`,
      pattern,
      ...this.parts,
      "</svg>",
    ].join("");
  }
}

const colour = (index: number): string => COLOURS[index % COLOURS.length]!;
