import type { CodebookDefinition } from "../codebook/definition.ts";
import { canonicalValue, UNKNOWN } from "../coding/values.ts";
import type { Message } from "../http/errors.ts";
import type { Key } from "../http/words.ts";
import { PERSON_KINDS } from "../reports/forms.ts";
import type { PersonGiven, Sheet } from "../reports/intake.ts";
import { findCourt, findDepartment } from "../reports/places.ts";
import { type DateFormat, dayWritten } from "./dates.ts";
import { remembering } from "./folded.ts";
import { headerKeys, type Mapping, mappingOf } from "./mapping.ts";
import { LEFT_EMPTY, partsOf, type Scale, saysNotKnown, scaleOf } from "./scales.ts";
import { type PersonKind, type Sex, type SheetField, type Target, targetOf } from "./targets.ts";

/** What may be wrong with a line; the last two are doubts that a person settles. */
export const PROBLEM_KINDS = [
  "missing",
  "value",
  "number",
  "date",
  "late",
  "notAvailable",
  "people",
  "duplicate",
  "sameAct",
  "sameReport",
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];
export const DOUBTS: readonly ProblemKind[] = ["sameAct", "sameReport"];
/** One thing wrong with a line. It names the column and the kind, other lines and reports, never what the cell holds. */
export type Problem = { kind: ProblemKind; column: number | null; key: Key; field?: SheetField; params?: Record<string, string | number> };

/** The case that a line tells of. */
export type Case = {
  sheet: Sheet;
  people: PersonGiven[];
  /** Canonical values; the person a value is about by kind and number. */
  values: { factor: string; person: { kind: PersonKind; number: number } | null; value: string }[];
  reference: string | null;
};
export type Checked = { problems: Problem[]; found: Case | null };

type Planned = { column: number; target: Target; dates: DateFormat; unknown: boolean; scale: Scale | null };
/** A mapping made ready for the lines of its file. */
export type Plan = {
  columns: Planned[];
  constants: Mapping["constants"];
  definition: CodebookDefinition;
  /** The code of a folded value in a list: as decided, else as matched; null where nothing fits. */
  codeOf: (scale: Scale, folded: string) => string | null;
  today: string;
  /** foldText, remembered: most cells repeat others. */
  fold: (text: string) => string;
};

export function planOf(
  mapping: Mapping,
  headers: readonly string[],
  definition: CodebookDefinition,
  match: (scale: Scale, folded: string) => string | null,
  today: string,
): Plan {
  const columns = headerKeys(headers).flatMap((key, column): Planned[] => {
    const { target: code, dates, unknown } = mappingOf(mapping, key);
    const target = targetOf(code, definition);
    return target ? [{ column, target, dates, unknown, scale: scaleOf(target) }] : [];
  });
  const codeOf = (scale: Scale, folded: string) => {
    const decided = mapping.values[scale];
    if (decided && Object.hasOwn(decided, folded)) return decided[folded] || null;
    return match(scale, folded);
  };
  return { columns, constants: mapping.constants, definition, codeOf, today, fold: remembering() };
}

const REQUIRED = ["actDate", "receivedOn", "department", "court", "issuingKind", "issuingService", "actKind", "proceedings"] as const;
const FIRST_DAY = "1990-01-01";
const MOST_PEOPLE = 20;

/** Reads one line: the case it tells of, or everything that is wrong with it. */
export function checkLine({ columns, constants, definition, codeOf, today, fold }: Plan, cells: readonly string[]): Checked {
  const problems: Problem[] = [];
  const wrong = (kind: ProblemKind, column: number | null, key: Key, more: Partial<Problem> = {}) =>
    problems.push({ kind, column, key, ...more });
  const sheet: Partial<Record<SheetField, string>> = {};
  const at: Partial<Record<SheetField, number>> = {};
  const counts = new Map<string, number>();
  const sexes = new Map<string, Sex>();
  const coded: (Planned & { target: Extract<Target, { kind: "factor" }> })[] = [];

  for (const planned of columns) {
    const { column, target, scale, dates } = planned;
    if (target.kind === "factor") {
      coded.push(planned as (typeof coded)[number]);
      continue;
    }
    const written = cells[column] ?? "";
    if (target.kind === "sheet") at[target.field] = column;
    if (written === "") continue;
    const folded = fold(written);
    if (target.kind === "count") {
      const n = /^\d{1,2}$/.test(folded) ? Number(folded) : Number.NaN;
      if (!(n <= MOST_PEOPLE)) wrong("number", column, "imports.problem.count");
      else counts.set(`${target.of} ${target.sex ?? ""}`, n);
    } else if (scale) {
      const code = codeOf(scale, folded);
      if (code === null) wrong("value", column, "imports.problem.value");
      else if (code === LEFT_EMPTY) continue;
      else if (target.kind === "sex") sexes.set(`${target.of} ${target.number}`, code as Sex);
      else sheet[target.field] = code;
    } else if (target.kind === "sheet" && (target.field === "actDate" || target.field === "receivedOn")) {
      const day = dayWritten(folded, dates);
      if (!day) wrong("date", column, "imports.problem.date");
      else if (day > today) wrong("date", column, "imports.problem.future");
      else if (day < FIRST_DAY) wrong("date", column, "imports.problem.old");
      // A day that cannot be stays given: nothing else is said of it.
      sheet[target.field] = day ?? "";
    } else if (target.kind === "sheet") {
      if (written.length > 200) wrong("value", column, "imports.problem.long");
      else sheet[target.field] = written.replace(/\s+/g, " ");
    }
  }

  for (const field of REQUIRED) {
    const column = at[field] ?? null;
    if (sheet[field] !== undefined) continue;
    if (problems.some((problem) => problem.column !== null && problem.column === column)) continue;
    const constant = field === "actDate" ? undefined : constants[field];
    if (column === null && constant) sheet[field] = constant;
    else if (field === "proceedings") sheet[field] = "unknown";
    else wrong("missing", column, "imports.problem.missing", { field });
  }
  const dated = sheet.actDate && sheet.receivedOn;
  if (dated && sheet.actDate! > sheet.receivedOn!) wrong("late", at.actDate ?? null, "imports.problem.late");

  // People: those counted, by sex where the file says so, and as many as the columns of single people speak of.
  const people: PersonGiven[] = [];
  const speaks = new Map<PersonKind, { number: number; column: number }>();
  for (const { column, target } of columns) {
    const kind =
      target.kind === "sex"
        ? target.of
        : target.kind === "factor" && target.number !== null
          ? (target.factor.appliesTo as PersonKind)
          : null;
    const number = target.kind === "sex" || target.kind === "factor" ? target.number : null;
    if (!kind || number === null || (cells[column] ?? "") === "") continue;
    if (number > (speaks.get(kind)?.number ?? 0)) speaks.set(kind, { number, column });
  }
  const constantCount = { victim: constants.victims, perpetrator: constants.perpetrators, child: constants.children };
  const constantSex = { victim: constants.victimSex, perpetrator: constants.perpetratorSex, child: undefined };
  for (const kind of PERSON_KINDS) {
    const bySex = (["female", "male", "unknown"] as const).flatMap((sex) =>
      Array.from({ length: counts.get(`${kind} ${sex}`) ?? 0 }, () => sex),
    );
    const counted = counts.get(`${kind} `);
    const column = columns.find(({ target }) => target.kind === "count" && target.of === kind)?.column ?? null;
    const spoken = speaks.get(kind);
    const stated = bySex.length > 0 ? bySex.length : counted;
    if (stated !== undefined && bySex.length > 0 && counted !== undefined && counted !== bySex.length)
      wrong("people", column, "imports.problem.sexes");
    if (stated !== undefined && spoken && spoken.number > stated)
      wrong("people", spoken.column, "imports.problem.beyond", { params: { number: spoken.number, stated } });
    const number = stated ?? Math.max(Number(constantCount[kind] ?? 0), spoken?.number ?? 0);
    if (kind !== "child" && number === 0)
      wrong("people", column, kind === "victim" ? "imports.problem.noVictim" : "imports.problem.noPerpetrator");
    if (number > MOST_PEOPLE) wrong("people", column, "imports.problem.count");
    for (let n = 1; n <= Math.min(number, MOST_PEOPLE); n++)
      people.push({
        kind,
        number: n,
        sex: sexes.get(`${kind} ${n}`) ?? bySex[n - 1] ?? (constantSex[kind] as Sex | undefined) ?? "unknown",
      });
  }

  const values: Case["values"] = [];
  const rules = {
    exclusiveOptions: definition.exclusiveOptions,
    // Where a day of the sheet is wrong, the line is refused for it, and its other values are judged without.
    actDate: sheet.actDate || today,
    receivedOn: sheet.receivedOn || today,
  };
  for (const { column, target, scale, unknown, dates } of coded) {
    const { factor, number } = target;
    const person = number === null ? null : { kind: factor.appliesTo as PersonKind, number };
    // Nothing is said of somebody who is not of the case.
    if (person && !people.some((one) => one.kind === person.kind && one.number === person.number)) continue;
    const given = givenValue(cells[column] ?? "", { factor, scale, dates, codeOf, fold });
    if (given === null) {
      if (unknown) values.push({ factor: factor.code, person, value: UNKNOWN });
      continue;
    }
    const canonical = given === WRONG ? null : canonicalValue(factor, given, rules);
    if (canonical?.kind === "value") values.push({ factor: factor.code, person, value: canonical.value });
    else if (canonical) problems.push(judged(column, canonical.problem));
    else if (factor.type === "date") wrong("date", column, "imports.problem.date");
    else wrong("value", column, "imports.problem.value");
  }
  if (problems.length > 0) return { problems, found: null };
  return { problems, found: { sheet: sheetOf(sheet), people, values, reference: sheet.reference ?? null } };
}

const WRONG = Symbol("a value that no code fits");
/** What a cell says of a factor: codes, a number or a day to be judged; null for nothing, WRONG where no code fits. */
function givenValue(
  written: string,
  {
    factor,
    scale,
    dates,
    codeOf,
    fold,
  }: { factor: { type: string }; scale: Scale | null; dates: DateFormat; codeOf: Plan["codeOf"]; fold: Plan["fold"] },
): string | string[] | null | typeof WRONG {
  if (written === "") return null;
  const folded = fold(written);
  if (!scale) {
    if (saysNotKnown(folded)) return UNKNOWN;
    return factor.type === "date" ? (dayWritten(folded, dates) ?? WRONG) : written;
  }
  const parts = factor.type === "multi" ? partsOf(folded, (part) => codeOf(scale, part) !== null) : [folded];
  const codes: string[] = [];
  for (const part of parts) {
    const code = codeOf(scale, part);
    if (code === null) return WRONG;
    if (code !== LEFT_EMPTY) codes.push(code);
  }
  return codes.length > 0 ? codes : null;
}

/** A value that the codebook does not take, with the reason that the coding page would give. */
function judged(column: number, problem: Message): Problem {
  const { key, params } = typeof problem === "string" ? { key: problem, params: undefined } : problem;
  const kinds: Partial<Record<Key, ProblemKind>> = {
    "coding.problem.notYet": "notAvailable",
    "coding.problem.existed": "notAvailable",
    "coding.problem.number": "number",
    "coding.problem.whole": "number",
    "coding.problem.most": "number",
    "http.invalid.date": "date",
    "coding.problem.afterReceipt": "late",
  };
  return { kind: kinds[key] ?? "value", column, key, ...(params && { params }) };
}

const sheetOf = (given: Partial<Record<SheetField, string>>): Sheet => ({
  receivedOn: given.receivedOn!,
  actDate: given.actDate!,
  issuingKind: given.issuingKind as Sheet["issuingKind"],
  issuingService: given.issuingService!,
  court: findCourt(given.court!)!.srj,
  department: findDepartment(given.department!)!.code,
  actKind: given.actKind as Sheet["actKind"],
  proceedings: given.proceedings as Sheet["proceedings"],
});
