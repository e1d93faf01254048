/** How one level of an automatic numbering is written. `pattern` holds "%1" … "%9" for the counters of the levels. */
export type NumberingLevel = { start: number; format: string; pattern: string; restarts: boolean; legal: boolean };

const ROMAN: [number, string][] = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
];

function roman(value: number): string {
  if (value < 1 || value > 3999) return String(value);
  let rest = value;
  let written = "";
  for (const [worth, letters] of ROMAN) {
    while (rest >= worth) {
      written += letters;
      rest -= worth;
    }
  }
  return written;
}

/** a … z, then aa, bb, cc, as word processors count. */
function letter(value: number): string {
  if (value < 1 || value > 780) return String(value);
  return String.fromCharCode(97 + ((value - 1) % 26)).repeat(Math.ceil(value / 26));
}

/** A counter in the format of an OOXML `numFmt`; formats that have no short form are written in digits. */
export function writeCounter(value: number, format: string): string {
  switch (format) {
    case "none":
    case "bullet":
      return "";
    case "upperRoman":
      return roman(value).toUpperCase();
    case "lowerRoman":
      return roman(value);
    case "upperLetter":
      return letter(value).toUpperCase();
    case "lowerLetter":
      return letter(value);
    case "decimalZero":
      return String(value).padStart(2, "0");
    default:
      return String(value);
  }
}

/**
 * The counters of one list: gives the label of the next item at a level and sets the deeper ones back. A level that is
 * entered without its parents counts them as begun.
 */
export function nextLabel(counters: (number | undefined)[], levels: (NumberingLevel | undefined)[], depth: number): string {
  const level = levels[depth];
  if (!level) return "";
  counters[depth] = (counters[depth] ?? level.start - 1) + 1;
  for (let deeper = depth + 1; deeper < counters.length; deeper++) {
    if (levels[deeper]?.restarts !== false) counters[deeper] = undefined;
  }
  return level.pattern.replace(/%([1-9])/g, (_, digit: string) => {
    const index = Number(digit) - 1;
    const other = levels[index];
    if (!other) return "";
    if (index < depth) counters[index] ??= other.start;
    const value = counters[index] ?? other.start;
    return writeCounter(value, level.legal && other.format !== "none" ? "decimal" : other.format);
  });
}
