import { escapeXml } from "../exchange/xml.ts";

/** One entry on the line; days are before the act, negative after it. */
export type Mark = {
  /** What stands at the left of its row: number and kind. */
  label: string;
  /** Furthest and nearest day before the act that it can have taken place on. */
  most: number;
  least: number;
  /** "day": known to the day; "period": it lasted; "span": some day of a month or a year. */
  look: "day" | "period" | "span";
  uncertain: boolean;
};
export type TimelineWords = {
  title: string;
  /** Text alternative. */
  description: string;
  act: string;
  after: string;
  /** Each look in words, for the key. */
  looks: Record<Mark["look"] | "uncertain", string>;
};

const WIDTH = 640;
const LABELS = 168;
const EDGE = 14;
const AFTER = 96;
const TOP = 46;
const ROW = 26;
const INK = "#3d6d9e";
const WARM = "#b45f22";
const FONT = `font-family="'Source Sans 3 Variable', 'Source Sans 3', sans-serif"`;
/** Days of the marks of the scale. */
const TICKS = [7, 30, 91, 182, 365, 730, 1826, 3652, 7305, 14610];

const rounded = (x: number) => String(Math.round(x * 10) / 10);
/** Days on paper: a week before the act has the room of years long ago. */
const scaled = (days: number) => Math.log1p(days / 10);

/**
 * The line of time as self-contained SVG: one row an entry, the act as an upright line, days before it on a scale that tightens towards the
 * past. Text in `currentColor`; an uncertain date is dashed and hatched, never told by colour alone. The same input gives the same bytes.
 * @param tick the words of a mark of the scale, from its days
 */
export function drawTimeline(marks: readonly Mark[], words: TimelineWords, tick: (days: number) => string): string {
  const furthest = Math.max(30, ...marks.map(({ most }) => most));
  const latest = Math.max(0, ...marks.map(({ least }) => -least));
  const right = latest > 0 ? WIDTH - AFTER : WIDTH - EDGE - 26;
  const length = right - LABELS;
  const x = (days: number) =>
    days >= 0 ? right - (scaled(days) / scaled(furthest)) * length : right + (scaled(-days) / scaled(latest)) * (AFTER - EDGE);
  const bottom = TOP + marks.length * ROW;
  const out: string[] = [];
  const text = (at: number, y: number, content: string, more = "") =>
    out.push(`<text x="${rounded(at)}" y="${rounded(y)}" font-size="14"${more}>${escapeXml(content)}</text>`);

  // Marks of the scale, those that would stand on each other left out.
  let free = right - 34;
  for (const days of TICKS.filter((one) => one <= furthest)) {
    const at = x(days);
    out.push(`<path d="M${rounded(at)} ${TOP - 8}V${bottom}" stroke="currentColor" stroke-opacity="0.18"/>`);
    const content = tick(days);
    const half = content.length * 3.6;
    if (at + half > free || at - half < LABELS - 40) continue;
    text(at, TOP - 14, content, ' text-anchor="middle" fill-opacity="0.8"');
    free = at - half - 8;
  }
  out.push(`<path d="M${rounded(right)} ${TOP - 10}V${bottom + 6}" stroke="${WARM}" stroke-width="2.5"/>`);
  text(right, 14, words.act, ` text-anchor="${latest > 0 ? "middle" : "end"}" font-weight="700"`);
  if (latest > 0) text(WIDTH, TOP - 14, words.after, ' text-anchor="end" fill-opacity="0.8"');

  const used = new Set<Mark["look"] | "uncertain">();
  const shape = (mark: Pick<Mark, "look" | "uncertain">, from: number, to: number, y: number) => {
    used.add(mark.look);
    if (mark.uncertain) used.add("uncertain");
    const dashed = mark.uncertain ? ' stroke-dasharray="3 2"' : "";
    if (mark.look === "day") {
      const fill = mark.uncertain ? "url(#doubt)" : INK;
      return `<circle cx="${rounded(from)}" cy="${rounded(y)}" r="6" fill="${fill}" stroke="${INK}" stroke-width="1.6"${dashed}/>`;
    }
    const width = Math.max(8, to - from);
    const fill = mark.uncertain ? "url(#doubt)" : mark.look === "period" ? INK : "none";
    const height = mark.look === "period" ? 11 : 7;
    return `<rect x="${rounded(from - Math.max(0, width - (to - from)) / 2)}" y="${rounded(y - height / 2)}" width="${rounded(width)}" height="${height}" rx="3" fill="${fill}" stroke="${INK}" stroke-width="1.6"${dashed}/>`;
  };
  for (const [row, mark] of marks.entries()) {
    const y = TOP + row * ROW + ROW / 2;
    text(0, y + 4.5, mark.label);
    out.push(shape(mark, x(mark.most), x(mark.least), y));
  }
  let [at, y] = [0, bottom + 26];
  for (const look of ["day", "period", "span", "uncertain"] as const) {
    if (!used.has(look)) continue;
    const content = words.looks[look];
    const width = 34 + content.length * 6.9;
    if (at > 0 && at + width > WIDTH) [at, y] = [0, y + 20];
    out.push(
      shape(
        look === "uncertain" ? { look: "day", uncertain: true } : { look, uncertain: false },
        at + 8,
        at + (look === "day" || look === "uncertain" ? 8 : 24),
        y - 4.5,
      ),
    );
    text(at + 30, y, content);
    at += width + 10;
  }
  const height = (used.size > 0 ? y : bottom) + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${rounded(height)}" width="${WIDTH}" height="${rounded(height)}" role="img" aria-labelledby="timeline-title timeline-text" ${FONT} fill="currentColor">`,
    `<title id="timeline-title">${escapeXml(words.title)}</title><desc id="timeline-text">${escapeXml(words.description)}</desc>`,
    `<defs><pattern id="doubt" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V5" stroke="${INK}" stroke-width="2"/></pattern></defs>`,
    ...out,
    "</svg>",
  ].join("");
}
