import { CsvError, readCsvRecords } from "../exchange/read-csv.ts";
import type { Rating } from "./ratings.ts";

/** Ratings of a file, and the line of the file each stands on, from 1. */
export type RatingsFile = { ratings: Rating[]; lines: number[] };

/** A file that is not a table of ratings. `line` from 1. */
export class RatingsFileError extends Error {
  override name = "RatingsFileError";
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const COLUMNS = ["unit", "coder", "value"] as const;

/**
 * Reads ratings from CSV: a line of headings with `unit`, `coder` and `value` in any order among others, commas, semicolons or tabs between,
 * quotes as in RFC 4180, with or without a byte order mark. A line without a value is a rating that was not made.
 * @throws RatingsFileError for a missing or repeated column, a line without unit or coder, of another width, or a quote left open
 */
export function readRatingsCsv(text: string): RatingsFile {
  const records = recordsIn(text);
  const headings = (records[0]?.fields ?? []).map((heading) => heading.trim().toLowerCase());
  const [unitAt, coderAt, valueAt] = COLUMNS.map((column) => {
    if (headings.filter((heading) => heading === column).length > 1) throw new RatingsFileError(1, `the column "${column}" appears twice`);
    const at = headings.indexOf(column);
    if (at < 0) throw new RatingsFileError(1, `the column "${column}" is missing: the first line must name unit, coder and value`);
    return at;
  }) as [number, number, number];
  const file: RatingsFile = { ratings: [], lines: [] };
  for (const { fields, line } of records.slice(1)) {
    if (fields.length !== headings.length)
      throw new RatingsFileError(line, `this line has ${fields.length} columns where the first has ${headings.length}`);
    const [unit, coder, value] = [fields[unitAt]!.trim(), fields[coderAt]!.trim(), fields[valueAt]!.trim()];
    if (unit === "" || coder === "") throw new RatingsFileError(line, `the ${unit === "" ? "unit" : "coder"} is empty`);
    if (value === "") continue;
    file.ratings.push({ unit, coder, value });
    file.lines.push(line);
  }
  return file;
}

const recordsIn = (text: string) => {
  try {
    return readCsvRecords(text);
  } catch (error) {
    throw error instanceof CsvError ? new RatingsFileError(error.line, error.message) : error;
  }
};
