import type { Rating } from "../../server/agreement/ratings.ts";

/** Ratings of two coders, `a` (rows) and `b` (columns), from their table of counts. */
export function fromTable(table: readonly (readonly number[])[], names: readonly string[]): Rating[] {
  const pairs = table.flatMap((row, one) =>
    row.flatMap((count, other) => Array.from({ length: count }, () => [names[one]!, names[other]!])),
  );
  return pairs.flatMap(([one, other], unit) => [
    { unit: String(unit), coder: "a", value: one! },
    { unit: String(unit), coder: "b", value: other! },
  ]);
}

/** Ratings from one line of values a coder, separated by spaces; a point is a rating that was not made. */
export const fromLines = (lines: Record<string, string>): Rating[] =>
  Object.entries(lines).flatMap(([coder, line]) =>
    line.split(/\s+/).flatMap((value, unit) => (value === "." ? [] : [{ unit: `unit ${unit + 1}`, coder, value }])),
  );
