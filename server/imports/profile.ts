import { remembering } from "./folded.ts";

/** What a column holds, for whoever says what it means. Case data: kept with the file and forgotten with it. */
export type Column = {
  /** The heading as it stands in the file; empty when it has none. */
  header: string;
  /** Lines where it holds something. */
  filled: number;
  /** Its different values, folded, each as first written, with how often; the most frequent first. Long ones are left out. */
  values: [folded: string, written: string, count: number][];
};

const MOST_VALUES = 200;
const LONGEST_VALUE = 120;

/** The place in `lines` of the headings when nobody chose: the first line with two cells or more, else the first. */
export function headingPlace(lines: readonly string[]): number {
  for (const [at, cells] of lines.slice(0, 30).entries())
    if ((JSON.parse(cells) as string[]).filter((cell) => cell !== "").length > 1) return at;
  return 0;
}

/** Reads what the columns hold under the line of their headings. */
export function profileOf(lines: readonly string[], headings: number, width: number): Column[] {
  const headers = JSON.parse(lines[headings]!) as string[];
  const columns = Array.from({ length: width }, (_, at) => ({
    header: (headers[at] ?? "").replace(/\s+/g, " ").slice(0, 300),
    filled: 0,
    values: new Map<string, { written: string; count: number }>(),
  }));
  const fold = remembering();
  for (let at = headings + 1; at < lines.length; at++) {
    const cells = JSON.parse(lines[at]!) as string[];
    for (let column = 0; column < cells.length; column++) {
      const written = cells[column]!;
      if (written === "") continue;
      const one = columns[column]!;
      one.filled++;
      if (written.length > LONGEST_VALUE) continue;
      const key = fold(written);
      const known = one.values.get(key);
      if (known) known.count++;
      else if (one.values.size < MOST_VALUES) one.values.set(key, { written, count: 1 });
    }
  }
  return columns.map(({ header, filled, values }) => ({
    header,
    filled,
    values: [...values].map(([key, { written, count }]): Column["values"][number] => [key, written, count]).sort((a, b) => b[2] - a[2]),
  }));
}
