/** A text that is not separated values. `line` from 1. */
export class CsvError extends Error {
  override name = "CsvError";
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The fields of one record, and the line it begins on, from 1. */
export type CsvRecord = { fields: string[]; line: number };

/**
 * Reads separated values: commas, semicolons or tabs, whichever the first line holds most of; quotes as in RFC 4180; any line end; with or
 * without a byte order mark. Empty lines are passed over.
 * @throws CsvError for a quote left open
 */
export function readCsvRecords(text: string): CsvRecord[] {
  const content = text.replace(/^\ufeff/, "");
  return [...recordsOf(content, separatorOf(content))];
}

/** The most frequent of the three in the headings. */
function separatorOf(content: string): string {
  const headings = content.slice(0, content.search(/[\r\n]|$/));
  const times = (separator: string): number => headings.split(separator).length;
  return [",", ";", "\t"].reduce((best, separator) => (times(separator) > times(best) ? separator : best));
}

/** Empty lines are passed over. */
function* recordsOf(content: string, separator: string): Generator<CsvRecord> {
  let [line, start, field, quoted, closed] = [1, 1, "", false, false];
  let fields: string[] = [];
  const isEmpty = (): boolean => fields.length === 0 && field === "" && !closed;
  for (let at = 0; at < content.length; at++) {
    const character = content[at]!;
    if (character === "\n") line++;
    if (quoted) {
      if (character !== '"') field += character;
      else if (content[at + 1] === '"') field += content[++at];
      else [quoted, closed] = [false, true];
    } else if (character === '"' && field === "" && !closed) quoted = true;
    else if (character === separator) {
      fields.push(field);
      [field, closed] = ["", false];
    } else if (character === "\n" || character === "\r") {
      if (!isEmpty()) yield { fields: [...fields, field], line: start };
      [fields, field, closed, start] = [[], "", false, line];
    } else field += character;
  }
  if (quoted) throw new CsvError(start, "a quote is left open");
  if (!isEmpty()) yield { fields: [...fields, field], line: start };
}
