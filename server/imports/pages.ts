import type { Db } from "../../db/schema.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { writeCsv } from "../exchange/csv.ts";
import { columnLetters } from "../exchange/table.ts";
import { type Field, field, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { instant, integer } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template, type View } from "../http/views.ts";
import type { T } from "../http/words.ts";
import { PROBLEM_KINDS, type Problem, type ProblemKind } from "./check-line.ts";
import { DATE_FORMATS } from "./dates.ts";
import { MOST_COLUMNS, MOST_LINES } from "./grid.ts";
import { CONSTANTS, type Constant, headerKeys, type Met, mappingOf, metValues } from "./mapping.ts";
import {
  countImports,
  countProblemLines,
  IMPORTS_PER_PAGE,
  type Import,
  LINES_PER_PAGE,
  linesToWrite,
  listImports,
  listMappings,
  listProblemLines,
  listWritten,
} from "./queries.ts";
import { LEFT_EMPTY, matching, type Scale, scaleChoices } from "./scales.ts";
import { offeredTargets, targetLabel, targetOf } from "./targets.ts";
import { isInterrupted, isWorking } from "./work.ts";

type Choice = { value: string; label: string; group?: string };
type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };
const TONES: Record<Import["state"], Tag["tone"]> = {
  mapping: "info",
  checking: "progress",
  checked: "info",
  writing: "progress",
  done: "success",
  removing: "progress",
  undone: "neutral",
  abandoned: "neutral",
};
const stateTag = (row: Pick<Import, "state" | "worker_until">, { t, now }: Exchange): Tag =>
  isInterrupted(row, now)
    ? { tone: "warning", label: t("imports.states.interrupted") }
    : { tone: TONES[row.state], label: t(`imports.states.${row.state}`) };

export const addressOf = (id: string): string => `/rapports/importer/${id}`;
export const limitsOf = ({ context }: Exchange) => ({
  limit: Math.round(Math.min(25 * 1024 * 1024, context.config.maxDocumentBytes) / 1024 / 1024),
  lines: MOST_LINES,
  columns: MOST_COLUMNS,
});

// --- the list ---------------------------------------------------------------------------------------------------------------------
const listTemplate = template<{
  hint: string;
  file: Field;
  errors: ReturnType<typeof summary>;
  lines: { href: string; name: string; state: Tag; lines: string; reports: string; by: string; at: string }[];
  pagination: Pagination;
}>("imports/list");

/** Every import, and the form that reads a file. */
export async function importListPage(db: Db, page: number, problems: Problems, exchange: Exchange): Promise<View> {
  const { t, language } = exchange;
  const rows = await listImports(db, page);
  const { limit, lines, columns } = limitsOf(exchange);
  return listTemplate(t("imports.list.title"), {
    hint: t("imports.list.hint", { limit, lines: integer(lines, language), columns }),
    file: field("file", null, problems),
    errors: summary(problems),
    lines: rows.map((row) => ({
      href: addressOf(row.id),
      name: row.file_name,
      state: stateTag(row, exchange),
      lines: integer(row.line_count, language),
      reports: row.state === "done" ? integer(row.written_count, language) : "–",
      by: row.name,
      at: instant(row.created_at, language),
    })),
    pagination: paginate({
      total: await countImports(db),
      page,
      size: IMPORTS_PER_PAGE,
      href: (n) => (n === 1 ? "/rapports/importer" : `/rapports/importer?page=${n}`),
    }),
  });
}

// --- what every page of one import shows ------------------------------------------------------------------------------------------
type Head = {
  name: string;
  state: Tag;
  facts: string[];
  tabs: { href: string; label: string; current: boolean }[];
  version: number;
  base: string;
  /** The act that gives the import up or takes it back; null when it is over. */
  back: { title: string; text: string; label: string } | null;
};
const nameOf = async (db: Db, id: string | null): Promise<string> =>
  id === null ? "" : ((await db.selectFrom("account").select("name").where("id", "=", id).executeTakeFirst())?.name ?? "");

export const isOpen = ({ state }: Import): boolean => state === "mapping" || state === "checked";

async function headOf(db: Db, given: Import, current: "columns" | "values" | "check" | "result", exchange: Exchange): Promise<Head> {
  const { t, language } = exchange;
  const base = addressOf(given.id);
  const tabs = [
    ...(isOpen(given)
      ? ([
          { href: base, key: "columns" },
          { href: `${base}/valeurs`, key: "values" },
        ] as const)
      : []),
    ...(given.found && given.state !== "mapping" ? [{ href: `${base}/verification`, key: "check" } as const] : []),
    ...(isOpen(given) ? [] : [{ href: base, key: "result" } as const]),
  ];
  const over = ["undone", "abandoned", "removing"].includes(given.state);
  const brought = given.state === "done";
  return {
    name: given.file_name,
    state: stateTag(given, exchange),
    facts: [
      t("imports.facts.lines", { count: given.line_count }),
      t("imports.facts.columns", { count: given.headers.length }),
      ...(given.sheets[given.sheet] ? [t("imports.facts.sheet", { name: given.sheets[given.sheet]! })] : []),
      t("imports.facts.by", { name: await nameOf(db, given.created_by), at: instant(given.created_at, language) }),
    ],
    tabs: tabs.map(({ href, key }) => ({ href, label: t(`imports.tabs.${key}`), current: key === current })),
    version: given.version,
    base,
    back: over
      ? null
      : {
          title: t(brought ? "imports.undo.title" : "imports.undo.abandonTitle"),
          text: t(brought ? "imports.undo.text" : "imports.undo.abandonText"),
          label: t(brought ? "imports.undo.submit" : "imports.undo.abandon"),
        },
  };
}

/** "C – Âge de la victime" */
const columnName = (header: string, at: number, t: T): string =>
  `${columnLetters(at)} – ${header === "" ? t("imports.columns.unnamed") : header}`;
const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text);

// --- columns ----------------------------------------------------------------------------------------------------------------------
type ColumnLine = {
  at: number;
  letter: string;
  header: string;
  filled: string;
  samples: string[];
  target: Field & { id: string };
  dates: { name: string; label: string; options: (Choice & { selected: boolean })[] } | null;
  unknown: { checked: boolean } | null;
};
const columnsTemplate = template<{
  head: Head;
  errors: ReturnType<typeof summary>;
  already: string | null;
  sheet: { sheet: Field; sheets: Choice[]; line: Field };
  use: { field: Field; options: Choice[] } | null;
  columns: ColumnLine[];
  targets: string[];
  constants: { kind: "text" | "date" | "number" | "select"; field: Field; label: string; options: Choice[]; empty: string }[];
  remember: Field;
}>("imports/columns", { wide: true });

const CONSTANT_SCALES: Partial<Record<Constant, Scale>> = {
  department: "department",
  court: "court",
  issuingKind: "issuingKind",
  actKind: "actKind",
  proceedings: "proceedings",
  victimSex: "sex",
  perpetratorSex: "sex",
};

/** What each column means; comes back with what was typed. */
export async function columnsPage(db: Db, given: Import, typed: Typed | null, problems: Problems, exchange: Exchange): Promise<View> {
  const { t, language } = exchange;
  const definition = await currentCodebook(db);
  const keys = headerKeys(given.headers);
  const typedTargets = typed ? listField("target", typed, {}).value : null;
  const typedDates = new Set(typed ? listField("dates", typed, {}).value : []);
  const typedUnknown = typed ? new Set(listField("unknown", typed, {}).value) : null;
  const remembered = await listMappings(db);
  const same = await db
    .selectFrom("report_import")
    .select(["finished_at", "written_count"])
    .where("digest", "=", given.digest)
    .where("state", "=", "done")
    .where("id", "<>", given.id)
    .orderBy("finished_at", "desc")
    .executeTakeFirst();
  return columnsTemplate(t("imports.columns.title"), {
    head: await headOf(db, given, "columns", exchange),
    errors: summary(problems),
    already: same ? t("imports.already", { at: instant(same.finished_at!, language), count: same.written_count }) : null,
    sheet: {
      sheet: field("sheet", typed, problems, given.sheet),
      sheets: given.sheets.map((name, at) => ({ value: String(at), label: name || t("imports.sheet.unnamed", { number: at + 1 }) })),
      line: field("line", typed, problems, given.header_line),
    },
    use:
      remembered.length > 0
        ? { field: field("name", null, problems), options: remembered.map(({ name }) => ({ value: name, label: name })) }
        : null,
    columns: given.columns!.map((column, at) => {
      const stored = mappingOf(given.mapping, keys[at]!);
      const target = targetOf(stored.target, definition);
      const isDate =
        target &&
        (target.kind === "sheet"
          ? target.field === "actDate" || target.field === "receivedOn"
          : target.kind === "factor" && target.factor.type === "date");
      const letter = columnLetters(at);
      return {
        at,
        letter,
        header: column.header || t("imports.columns.unnamed"),
        filled: t("imports.columns.filled", { filled: integer(column.filled, language), lines: integer(given.line_count, language) }),
        samples: column.values.slice(0, 3).map(([, written]) => cut(written, 40)),
        target: {
          name: "target",
          id: `target-${at}`,
          value: typedTargets?.[at] ?? (target ? targetLabel(target, t, language) : ""),
          error: problems[`target-${at}`] ?? null,
        },
        dates: isDate
          ? {
              name: "dates",
              label: t("imports.columns.datesOf", { letter }),
              options: DATE_FORMATS.map((format) => ({
                value: `${at}.${format}`,
                label: t(`imports.dates.${format}`),
                selected: typed ? typedDates.has(`${at}.${format}`) : stored.dates === format,
              })),
            }
          : null,
        unknown: target?.kind === "factor" ? { checked: typedUnknown ? typedUnknown.has(String(at)) : stored.unknown } : null,
      };
    }),
    targets: offeredTargets(definition).map((code) => targetLabel(targetOf(code, definition)!, t, language)),
    constants: CONSTANTS.map((name) => {
      const scale = CONSTANT_SCALES[name];
      return {
        kind: scale
          ? ("select" as const)
          : name === "receivedOn"
            ? ("date" as const)
            : name === "issuingService"
              ? ("text" as const)
              : ("number" as const),
        field: field(name, typed, problems, given.mapping.constants[name] ?? ""),
        label: t(`imports.constants.${name}`),
        options: scale ? scaleChoices(scale, definition, t, language) : [],
        empty: t("imports.constants.none"),
      };
    }),
    remember: field("remember", typed, problems),
  });
}

// --- values -----------------------------------------------------------------------------------------------------------------------
/** How many values of one list a page shows, and of all lists: a form has a thousand fields at most. */
const MOST_OF_SCALE = 60;
const MOST_VALUES = 600;
const LONG_SCALES: readonly Scale[] = ["department", "court"];

export type ShownScale = { scale: Scale; columns: number[]; shown: Met[]; recognised: number; more: number };
/** The values that the page of values asks about, in its order: what its form speaks of by place. */
export function shownValues(given: Import, definition: CodebookDefinition): ShownScale[] {
  let room = MOST_VALUES;
  return metValues(given.columns!, given.mapping, definition, matching(definition)).map(({ scale, columns, met }) => {
    // Of long lists, what is recognised by itself needs no look.
    const asked = LONG_SCALES.includes(scale) ? met.filter(({ choice, proposed }) => !proposed || choice === "") : met;
    const shown = asked.slice(0, Math.min(MOST_OF_SCALE, room));
    room -= shown.length;
    return { scale, columns, shown, recognised: met.length - asked.length, more: asked.length - shown.length };
  });
}

const scaleName = (scale: Scale, definition: CodebookDefinition, { t, language }: Exchange): string => {
  if (scale === "presence") return t("imports.values.presence");
  if (scale === "sex") return t("imports.values.sex");
  if (scale === "department" || scale === "court" || scale === "actKind" || scale === "proceedings" || scale === "issuingKind")
    return t(`imports.constants.${scale}`);
  const factor = definition.factors.find(({ code }) => `factor.${code}` === scale);
  return factor ? labelOf(factor, language) : scale;
};

const valuesTemplate = template<{
  head: Head;
  /** Lists of which every value is recognised. */
  recognised: string | null;
  scales: {
    id: string;
    name: string;
    columns: string;
    recognised: string | null;
    more: string | null;
    values: {
      id: string;
      label: string;
      written: string;
      count: string;
      unmatched: boolean;
      options: (Choice & { selected: boolean })[];
    }[];
  }[];
}>("imports/values");

/** What each value of the columns means. */
export async function valuesPage(db: Db, given: Import, exchange: Exchange): Promise<View> {
  const { t, language } = exchange;
  const definition = await codebookVersion(db, given.codebook_version);
  const scales = shownValues(given, definition);
  const whole = scales.filter(({ shown }) => shown.length === 0);
  return valuesTemplate(t("imports.values.title"), {
    head: await headOf(db, given, "values", exchange),
    recognised:
      whole.length > 0
        ? t("imports.values.whole", { list: whole.map(({ scale }) => scaleName(scale, definition, exchange)).join(", ") })
        : null,
    scales: scales.flatMap(({ scale, columns, shown, recognised, more }, at) => {
      if (shown.length === 0) return [];
      const name = scaleName(scale, definition, exchange);
      const choices = [
        { value: "", label: t("imports.values.none") },
        { value: LEFT_EMPTY, label: t("imports.values.empty") },
        ...scaleChoices(scale, definition, t, language),
      ];
      const letters = columns.map(columnLetters);
      return {
        id: `liste-${at}`,
        name,
        columns: t("imports.values.columnsOf", {
          count: letters.length,
          list: letters.length > 12 ? `${letters.slice(0, 12).join(", ")}…` : letters.join(", "),
        }),
        recognised: recognised > 0 ? t("imports.values.recognised", { count: recognised }) : null,
        more: more > 0 ? t("imports.values.more", { count: more }) : null,
        values: shown.map(({ written, count, choice }, place) => ({
          id: `valeur-${at}-${place}`,
          label: t("imports.values.choiceOf", { value: cut(written, 60), name }),
          written: cut(written, 120),
          count: integer(count, language),
          unmatched: choice === "",
          options: choices.map(({ value, label }) => ({ value: `${at}.${place}=${value}`, label, selected: value === choice })),
        })),
      };
    }),
  });
}

// --- the check --------------------------------------------------------------------------------------------------------------------
/** What is wrong, in words. */
const said = ({ key, params, field: name }: Problem, t: T): string =>
  t(key, { ...params, ...(name && { field: t(`imports.fields.${name}`) }) });
const placeOf = ({ column }: Problem, headers: readonly string[], t: T): string =>
  column === null ? "" : columnName(headers[column] ?? "", column, t);

const checkTemplate = template<{
  head: Head;
  lead: string;
  errors: ReturnType<typeof summary>;
  figures: { number: string; label: string }[];
  kinds: { href: string; label: string; count: string; current: boolean }[];
  lines: { line: number; tag: Tag; problems: { text: string; column: string; cell: string | null }[] }[];
  clean: boolean;
  csv: string;
  pagination: Pagination;
  accept: {
    sentences: string[];
    mode: Field;
    modes: (Choice & { hint: string })[];
    doubtful: string | null;
    doubtfulChecked: boolean;
    possible: boolean;
  } | null;
}>("imports/check");

export type CheckInput = { page: number; kind: ProblemKind | null };
/** What the check found, line by line, and the form that accepts. */
export async function checkPage(
  db: Db,
  given: Import,
  { page, kind }: CheckInput,
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
): Promise<View> {
  const { t, language } = exchange;
  const base = `${addressOf(given.id)}/verification`;
  const total = countProblemLines(given, kind);
  const lines = await listProblemLines(db, { importId: given.id, kind, page });
  const address = (of: ProblemKind | null, n: number) => {
    const query = new URLSearchParams({ ...(of && { nature: of }), ...(n > 1 && { page: String(n) }) }).toString();
    return query ? `${base}?${query}` : base;
  };
  const found = PROBLEM_KINDS.filter((one) => given.found?.[one]);
  const number = (n: number, label: string) => ({ number: integer(n, language), label });
  return checkTemplate(t("imports.check.title"), {
    head: await headOf(db, given, "check", exchange),
    lead: t(given.state === "checked" ? "imports.check.lead" : "imports.check.leadDone"),
    errors: summary(problems),
    figures: [
      number(given.line_count, t("imports.check.lines")),
      number(given.ready_count, t("imports.check.ready")),
      number(given.doubtful_count, t("imports.check.doubtful")),
      number(given.refused_count, t("imports.check.refused")),
    ],
    kinds: [
      { href: base, label: t("imports.check.all"), count: integer(countProblemLines(given, null), language), current: kind === null },
      ...found.map((one) => ({
        href: address(one, 1),
        label: t(`imports.check.kinds.${one}`),
        count: integer(given.found![one]!, language),
        current: one === kind,
      })),
    ],
    lines: lines.map(({ line, status, problems: own, cells }) => ({
      line,
      tag:
        status === "refused"
          ? { tone: "danger", label: t("imports.check.refused") }
          : { tone: "warning", label: t("imports.check.doubtful") },
      problems: own.map((problem) => ({
        text: said(problem, t),
        column: placeOf(problem, given.headers, t),
        cell: cells && problem.column !== null && cells[problem.column] ? cut(cells[problem.column]!, 60) : null,
      })),
    })),
    clean: countProblemLines(given, null) === 0,
    csv: `${base}.csv`,
    pagination: paginate({ total, page, size: LINES_PER_PAGE, href: (n) => address(kind, n) }),
    accept:
      given.state === "checked"
        ? {
            sentences: [
              t("imports.check.willWrite", { count: given.ready_count }),
              ...(given.refused_count > 0 ? [t("imports.check.leftOut", { count: given.refused_count })] : []),
              t("imports.check.where"),
            ],
            mode: field("mode", typed, problems, "ready"),
            modes: [
              { value: "ready", label: t("imports.check.modeReady"), hint: t("imports.check.modeReadyHint") },
              { value: "all", label: t("imports.check.modeAll"), hint: t("imports.check.modeAllHint") },
            ],
            doubtful: given.doubtful_count > 0 ? t("imports.check.doubtful", { count: given.doubtful_count }) : null,
            doubtfulChecked: typed?.["doubtful"] === "oui",
            possible: linesToWrite(given, true) > 0,
          }
        : null,
  });
}

/** The whole report of a check as CSV: a row for each problem. */
export async function checkCsv(db: Db, given: Import, { t, language }: Exchange): Promise<{ bytes: Uint8Array; rows: number }> {
  const lines = await listProblemLines(db, { importId: given.id, kind: null, page: 1 }, MOST_LINES);
  const rows = lines.flatMap(({ line, problems, cells }) =>
    problems.map((problem) => [
      line,
      problem.column === null ? null : columnLetters(problem.column),
      problem.column === null ? null : (given.headers[problem.column] ?? null),
      t(`imports.check.kinds.${problem.kind}`),
      said(problem, t),
      problem.column === null ? null : (cells?.[problem.column] ?? null),
    ]),
  );
  const text = (key: string, heading: string) => ({ key, heading, type: "text" as const });
  const bytes = writeCsv(
    {
      name: t("imports.check.title"),
      columns: [
        { key: "line", heading: t("imports.check.line"), type: "integer" },
        text("column", t("imports.check.column")),
        text("header", t("imports.columns.column")),
        text("kind", t("imports.check.kindsLabel")),
        text("problem", t("imports.check.problem")),
        text("cell", t("imports.check.cell")),
      ],
      rows,
    },
    language,
  );
  return { bytes, rows: rows.length };
}

// --- work under way and its end ---------------------------------------------------------------------------------------------------
export type Progress = { state: Import["state"]; interrupted: boolean; done: number; total: number; percent: number; text: string };
export function progressOf(given: Import, { t, language, now }: Exchange): Progress {
  const total =
    given.state === "writing"
      ? linesToWrite(given, given.with_doubtful === 1)
      : given.state === "removing"
        ? Math.max(given.written_count, given.progress, 1)
        : given.line_count;
  const done = Math.min(given.progress, total);
  const share = Math.floor(((given.state === "removing" ? total - done : done) / Math.max(1, total)) * 100);
  return {
    state: given.state,
    interrupted: isInterrupted(given, now),
    done,
    total,
    percent: share,
    text:
      given.state === "removing"
        ? t("imports.progress.removingText", { done: integer(done, language) })
        : t("imports.progress.text", { done: integer(done, language), total: integer(total, language), percent: share }),
  };
}

const progressTemplate = template<{ head: Head; title: string; progress: Progress; live: string }>("imports/progress", {
  scripts: ["/assets/imports.js"],
});
const doneTemplate = template<{
  head: Head;
  title: string;
  text: string;
  left: { text: string; href: string; label: string } | null;
  forgotten: string;
  rows: { line: number; reference: string; href: string; id: string }[];
  pagination: Pagination | null;
}>("imports/done");

/** An import while it is worked on, or when it is over. */
export async function statePage(db: Db, given: Import, page: number, exchange: Exchange): Promise<View> {
  const { t, language } = exchange;
  const head = await headOf(db, given, "result", exchange);
  if (isWorking(given.state)) {
    const title = t(`imports.progress.${given.state}`);
    return progressTemplate(title, { head, title, progress: progressOf(given, exchange), live: `${head.base}/avancement` });
  }
  const removed = { at: given.removed_at ? instant(given.removed_at, language) : "", name: await nameOf(db, given.removed_by) };
  const left = given.line_count - given.written_count;
  const done = given.state === "done";
  const key = given.state === "undone" ? "undone" : "abandoned";
  const title = t(done ? "imports.done.title" : `imports.done.${key}Title`);
  return doneTemplate(title, {
    head,
    title,
    text: done
      ? t("imports.done.text", {
          count: given.written_count,
          at: instant(given.accepted_at!, language),
          name: await nameOf(db, given.accepted_by),
        })
      : t(`imports.done.${key}`, removed),
    left:
      done && left > 0
        ? { text: t("imports.done.left", { count: left }), href: `${head.base}/verification`, label: t("imports.done.see") }
        : null,
    forgotten: t("imports.done.forgotten", { digest: given.digest.slice(0, 16) }),
    rows: done
      ? (await listWritten(db, given.id, page)).map(({ line, own_reference, report_id }) => ({
          line,
          reference: own_reference ?? "",
          href: `/rapports/${report_id}`,
          id: report_id!,
        }))
      : [],
    pagination: done
      ? paginate({ total: given.written_count, page, size: LINES_PER_PAGE, href: (n) => (n === 1 ? head.base : `${head.base}?page=${n}`) })
      : null,
  });
}
