import type { Grid } from "./grid.ts";

/** The separator that the first lines of a text use most evenly: semicolon, tab or comma. */
function separatorOf(text: string): string {
  const named = /^sep=(.)\r?\n/i.exec(text)?.[1];
  if (named) return named;
  const sample = text.slice(0, 20_000).replace(/"(?:[^"]|"")*"/g, "");
  const lines = sample.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  const head = lines.slice(0, Math.max(1, Math.min(20, lines.length - 1)));
  const score = (separator: string): number => Math.min(...head.slice(0, 3).map((line) => line.split(separator).length - 1));
  return [";", "\t", ","].map((separator) => ({ separator, n: score(separator) })).sort((a, b) => b.n - a.n)[0]!.separator;
}

/**
 * Reads separated values into the grid: quotes as in RFC 4180 (a field may hold line ends), any line end. The line of a record is that on
 * which it begins.
 */
export function readCsv(text: string, grid: Grid): void {
  const body = text.replace(/^\ufeff/, "");
  const separator = separatorOf(body);
  let at = /^sep=.\r?\n/i.exec(body)?.[0].length ?? 0;
  let line = at > 0 ? 2 : 1;
  while (at < body.length) {
    const begins = line;
    for (let column = 0; ; column++) {
      let field = "";
      if (body[at] === '"') {
        at++;
        for (;;) {
          const close = body.indexOf('"', at);
          const part = body.slice(at, close < 0 ? body.length : close);
          field += part;
          at = close < 0 ? body.length : close + 1;
          if (body[at] !== '"' || close < 0) break;
          field += '"';
          at++;
        }
        line += field.match(/\r\n|\r|\n/g)?.length ?? 0;
      }
      const from = at;
      while (at < body.length && body[at] !== separator && body[at] !== "\n" && body[at] !== "\r") at++;
      field += body.slice(from, at);
      grid.cell(column, field);
      if (body[at] !== separator) break;
      at++;
    }
    grid.endLine(begins);
    if (body[at] === "\r" && body[at + 1] === "\n") at++;
    at++;
    line++;
  }
}
