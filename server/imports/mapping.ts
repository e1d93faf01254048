import type { CodebookDefinition } from "../codebook/definition.ts";
import { foldText } from "../reports/fold.ts";
import type { DateFormat } from "./dates.ts";
import type { Column } from "./profile.ts";
import { LEFT_EMPTY, partsOf, type Scale, scaleOf } from "./scales.ts";
import { proposeTargets, targetOf } from "./targets.ts";

export const CONSTANTS = [
  "receivedOn",
  "department",
  "court",
  "issuingKind",
  "issuingService",
  "actKind",
  "proceedings",
  "victims",
  "perpetrators",
  "children",
  "victimSex",
  "perpetratorSex",
] as const;
export type Constant = (typeof CONSTANTS)[number];

/** What is known of a column, by its heading. `unknown`: an empty cell is coded as not documented; else it is not coded at all. */
export type ColumnMapping = { target: string; dates: DateFormat; unknown: boolean };
/** What a file's columns and values mean; nothing in it depends on the order of the columns, so that it serves other files too. */
export type Mapping = {
  columns: Record<string, ColumnMapping>;
  /** What was decided of values, by list and folded value: a code, or LEFT_EMPTY, or "" for a value that no code fits. */
  values: Partial<Record<Scale, Record<string, string>>>;
  /** For all lines, where no column says it. */
  constants: Partial<Record<Constant, string>>;
};

/** What tells the columns of a file from each other: the folded heading, and which of its name it is. */
export function headerKeys(headers: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headers.map((header) => {
    const folded = foldText(header);
    const nth = (seen.get(folded) ?? 0) + 1;
    seen.set(folded, nth);
    return nth === 1 ? folded : `${folded}#${nth}`;
  });
}

export const NO_MAPPING: ColumnMapping = { target: "", dates: "auto", unknown: false };
export const mappingOf = (mapping: Mapping, key: string): ColumnMapping =>
  Object.hasOwn(mapping.columns, key) ? mapping.columns[key]! : NO_MAPPING;

/** What the headings propose. */
export function proposedMapping(headers: readonly string[], definition: CodebookDefinition): Mapping {
  const targets = proposeTargets(headers, definition);
  return {
    columns: Object.fromEntries(headerKeys(headers).map((key, at) => [key, { ...NO_MAPPING, target: targets[at]! }])),
    values: {},
    constants: {
      issuingKind: "prosecutor",
      proceedings: "unknown",
      victims: "1",
      perpetrators: "1",
      children: "0",
      victimSex: "unknown",
      perpetratorSex: "unknown",
    },
  };
}

/** A remembered mapping for this file: its columns that the file has; the others as proposed, unless what they would mean is taken. */
export function applied(remembered: Mapping, headers: readonly string[], definition: CodebookDefinition): Mapping {
  const proposed = proposedMapping(headers, definition);
  const keys = headerKeys(headers);
  const known = keys.filter((key) => Object.hasOwn(remembered.columns, key));
  const usable = (target: string) => (target === "" || targetOf(target, definition) ? target : "");
  const taken = new Set(known.map((key) => remembered.columns[key]!.target));
  return {
    columns: Object.fromEntries(
      keys.map((key) => {
        if (known.includes(key)) return [key, { ...remembered.columns[key]!, target: usable(remembered.columns[key]!.target) }];
        const { target } = proposed.columns[key]!;
        return [key, { ...NO_MAPPING, target: taken.has(target) ? "" : target }];
      }),
    ),
    values: remembered.values,
    constants: { ...proposed.constants, ...remembered.constants },
  };
}

/** One value of a list, with how often it stands in the file and what it is taken for ("" for nothing yet). */
export type Met = { folded: string; written: string; count: number; choice: string; proposed: boolean };
/** The values of each list that the mapped columns hold: those that nothing fits first, then the most frequent. */
export function metValues(
  columns: readonly Column[],
  mapping: Mapping,
  definition: CodebookDefinition,
  match: (scale: Scale, folded: string) => string | null,
): { scale: Scale; columns: number[]; met: Met[] }[] {
  const keys = headerKeys(columns.map(({ header }) => header));
  const scales = new Map<Scale, { columns: number[]; met: Map<string, Met> }>();
  for (const [at, column] of columns.entries()) {
    const target = targetOf(mappingOf(mapping, keys[at]!).target, definition);
    const scale = target && scaleOf(target);
    if (!scale) continue;
    const known = scales.get(scale) ?? { columns: [], met: new Map<string, Met>() };
    scales.set(scale, known);
    known.columns.push(at);
    const decided = mapping.values[scale] ?? {};
    const isKnown = (folded: string) => Object.hasOwn(decided, folded) || match(scale, folded) !== null;
    const several = target.kind === "factor" && target.factor.type === "multi";
    for (const [folded, written, count] of column.values)
      for (const part of several ? partsOf(folded, isKnown) : [folded]) {
        const met = known.met.get(part);
        if (met) met.count += count;
        else {
          const own = Object.hasOwn(decided, part) ? decided[part]! : null;
          known.met.set(part, {
            folded: part,
            written: part === folded ? written : part,
            count,
            choice: own ?? match(scale, part) ?? "",
            proposed: own === null,
          });
        }
      }
  }
  return [...scales].map(([scale, { columns: own, met }]) => ({
    scale,
    columns: own,
    met: [...met.values()].sort(
      (a, b) => Number(a.choice !== "") - Number(b.choice !== "") || b.count - a.count || (a.folded < b.folded ? -1 : 1),
    ),
  }));
}

/** Whether a code may stand for a value. */
export const isChoice = (codes: ReadonlySet<string>, code: string): boolean => code === "" || code === LEFT_EMPTY || codes.has(code);
