import type { Db } from "../../db/schema.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { runGuarded } from "../documents/guarded-worker.ts";
import type { Context } from "../http/context.ts";
import { dayOf, instant, integer } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { activeFilters, filterOf, type RegisterInput } from "../recommendations/filters.ts";
import { matchingIds } from "../recommendations/queries.ts";
import { type ColumnKey, cellsOf, columnsOf, historyCells, historyColumns, type Saying } from "./columns.ts";
import { HOUSE_LAYOUTS, isHouseLayout, type Layout } from "./layouts.ts";
import { READ_AT_ONCE, readLines } from "./lines.ts";
import type { WritingTask } from "./worker.ts";
import { type ExportFormat, type Head, isBooklet, type Slice, writeExport } from "./writing.ts";

export const GROUPINGS = ["addressee", "theme"] as const;
export type Grouping = (typeof GROUPINGS)[number];
/** What somebody asks for. `layout`: the code of a layout of the house, or the name of a saved one; null: columns chosen by hand. */
export type Asked = Layout & {
  format: ExportFormat;
  language: Language;
  layout: string | null;
  groupedBy: Grouping | null;
  filters: RegisterInput;
};
export type Made = { bytes: Uint8Array; name: string; type: string; rows: number };

/** The file could not be written: a code that the words of this room know. */
export class ExportFailed extends Error {
  override name = "ExportFailed";
  readonly failure: "too-long" | "too-heavy" | "failed" | "too-many";
  constructor(failure: ExportFailed["failure"]) {
    super();
    this.failure = failure;
  }
}

const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  json: "application/json; charset=utf-8",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  odt: "application/vnd.oasis.opendocument.text",
  pdf: "application/pdf",
};
/** Up to so many recommendations an export is answered at once; beyond, it is made in the background. Booklets take longer. */
export const AT_ONCE: Record<ExportFormat, number> = { csv: 2000, xlsx: 2000, ods: 2000, json: 2000, docx: 25, odt: 200, pdf: 50 };
/** A booklet is read, not calculated with: beyond so many recommendations nobody would, and no program opens it comfortably. */
export const MOST_IN_BOOKLET = 1000;
/** Up to so many cells the file is written where it was read; beyond, in a thread of its own. */
const CELLS_HERE = 8_000;
const LIMITS = { milliseconds: 240_000, megabytes: 1_536 };
/** The share of the work that is reading. */
const READING = 0.6;

/** Columns that say nothing which only the house may read. */
const PUBLIC_COLUMNS = new Set<string>(HOUSE_LAYOUTS.public.columns);
export const isPublic = ({ columns, history }: Layout): boolean => !history && columns.every((key) => PUBLIC_COLUMNS.has(key));

/** Ids of what the filters let through, in their order. */
export async function idsFor(db: Db, { filters, language }: Pick<Asked, "filters" | "language">, now: string): Promise<string[]> {
  const { recommendation: lists } = await currentCodebook(db);
  return matchingIds(db, filterOf(filters, lists, dayOf(now)), { page: null, addressees: lists.addressees, language });
}

/** The filters in words, in the reader's language. */
export async function filterWords(db: Db, filters: RegisterInput, language: Language, now: string) {
  const { recommendation: lists } = await currentCodebook(db);
  return activeFilters(filterOf(filters, lists, dayOf(now)), lists, language, translator(language)).map(({ label, value }) => ({
    label,
    value,
  }));
}

/** The name of a layout, in the reader's language where it is one of the house. */
export const layoutName = (layout: string | null, language: Language): string => {
  const t = translator(language);
  return layout === null ? t("exports.layouts.byHand") : isHouseLayout(layout) ? t(`exports.layouts.${layout}`) : layout;
};

function headOf(asked: Asked, filters: { label: string; value: string }[], rows: number, now: string, config: Context["config"]): Head {
  const { format, language } = asked;
  const t = translator(language);
  const booklet = isBooklet(format);
  return {
    format,
    language,
    title: booklet ? t("exports.file.bookletTitle") : t("recommendations.title"),
    at: now,
    schema: `${config.publicUrl}/exports/schema.json`,
    columns: columnsOf(asked.columns, t),
    history: asked.history ? historyColumns(t) : null,
    names: { rows: t("exports.file.sheet"), history: t("exports.file.historySheet"), scope: t("exports.file.scopeSheet") },
    filters,
    scope: {
      columns: [
        { key: "what", heading: t("exports.file.what"), type: "text", width: 26 },
        { key: "value", heading: t("exports.file.value"), type: "text", width: 60 },
      ],
      rows: [
        [t("exports.file.scope"), t("exports.file.scopeText")],
        [t("exports.file.date"), instant(now, language)],
        ...(filters.length === 0
          ? [[t("exports.file.filters"), t("exports.file.noFilter")]]
          : filters.map(({ label, value }) => [t("exports.file.filter", { name: label }), value])),
        [t("exports.file.layout"), layoutName(asked.layout, language)],
        [t("exports.file.rows"), integer(rows, language)],
        [t("exports.file.use"), t(isPublic(asked) ? "exports.file.usePublic" : "exports.file.useInside")],
      ],
    },
    booklet: booklet
      ? {
          author: config.observatory.name,
          groupedBy: asked.groupedBy ?? "addressee",
          date: dayOf(now),
          subtitle:
            filters.length === 0
              ? t("exports.file.noFilter")
              : filters.map(({ label, value }) => (language === "fr" ? `${label}\u00a0: ${value}` : `${label}: ${value}`)).join(" · "),
          footer: t(isPublic(asked) ? "exports.file.bookletTitle" : "exports.file.footer"),
          words: {
            scope: t("exports.file.bookletScope"),
            history: t("exports.file.historySheet"),
            empty: t("exports.file.bookletEmpty"),
            counted: { one: t("exports.file.countedOne"), other: t("exports.file.countedOther") },
          },
        }
      : null,
  };
}

/** "recommandations-2026-11-23.csv"; an archive where a table a file is not enough. */
const nameOf = ({ format, language, history }: Asked, now: string): string =>
  `${language === "fr" ? "recommandations" : "recommendations"}-${dayOf(now)}.${format === "csv" && history ? "zip" : format}`;

/**
 * Reads the recommendations and writes the file. Read some at a time, between which others are answered, each as it is at that moment; what
 * makes more than a few cells is written in a thread.
 * @param ids from `idsFor`
 * @param step called between two slices with how far the work is, 0 to 1; it may throw to let the work go
 * @throws ExportFailed
 */
export async function makeExport(
  { database: { db }, config }: Pick<Context, "database" | "config">,
  asked: Asked,
  ids: readonly string[],
  now: string,
  step: (progress: number) => Promise<void>,
): Promise<Made> {
  const booklet = isBooklet(asked.format);
  if (booklet && ids.length > MOST_IN_BOOKLET) throw new ExportFailed("too-many");
  const { recommendation: lists } = await currentCodebook(db);
  const say: Saying = { lists, language: asked.language, t: translator(asked.language), today: dayOf(now) };
  const encoder = new TextEncoder();
  const slices: Uint8Array<ArrayBuffer>[] = [];
  const few = !booklet && ids.length * (asked.columns.length + (asked.history ? 30 : 0)) <= CELLS_HERE;
  const here: Slice[] = [];
  let rows = 0;
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    const lines = await readLines(db, ids.slice(at, at + READ_AT_ONCE), asked);
    const slice: Slice = {
      rows: lines.map((line) => cellsOf(line, asked.columns, say)),
      history: asked.history ? lines.map((line) => historyCells(line, say)) : [],
      heads: booklet
        ? lines.map((line) => ({
            group: labelIn(
              asked.groupedBy === "theme" ? lists.themes : lists.addressees,
              line[asked.groupedBy ?? "addressee"],
              asked.language,
            ),
            reference: asked.columns.includes("reference") ? line.reference : null,
            text: line.text,
          }))
        : [],
    };
    rows += lines.length;
    if (few) here.push(slice);
    else slices.push(encoder.encode(JSON.stringify(slice)));
    await step((READING * Math.min(ids.length, at + READ_AT_ONCE)) / ids.length);
  }
  // What the house searched for, such as a receipt number, does not leave with a file made for others.
  const told = isPublic(asked) ? { ...asked.filters, q: "" } : asked.filters;
  const head = headOf(asked, await filterWords(db, told, asked.language, now), rows, now, config);
  const bytes = few ? await writeExport(head, here) : await writeApart({ head, slices } satisfies WritingTask);
  const type = asked.format === "csv" && asked.history ? "application/zip" : MEDIA_TYPES[asked.format];
  return { bytes, name: nameOf(asked, now), type, rows };
}

async function writeApart(task: { head: Head; slices: Uint8Array<ArrayBuffer>[] }): Promise<Uint8Array> {
  const outcome = await runGuarded<Uint8Array>(
    new URL("worker.ts", import.meta.url),
    task,
    LIMITS,
    task.slices.map(({ buffer }) => buffer),
  );
  if (outcome.kind !== "done") throw new ExportFailed(outcome.kind);
  return outcome.value;
}

/** Whether an export of so many recommendations is answered at once. */
export const isSmall = (format: ExportFormat, rows: number): boolean => rows <= AT_ONCE[format];
/** The keys of columns that a text names, or those it names wrongly. */
export function readColumns(
  keys: readonly string[],
  known: (key: string) => key is ColumnKey,
): { columns: ColumnKey[]; unknown: string[] } {
  const columns = [...new Set(keys)];
  return { columns: columns.filter(known), unknown: columns.filter((key) => !known(key)) };
}
