import type { Db } from "../../db/schema.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { writeCsv } from "../exchange/csv.ts";
import { writeOds } from "../exchange/ods.ts";
import type { Cell, Column, Workbook } from "../exchange/table.ts";
import { writeXlsx } from "../exchange/xlsx.ts";
import { dayOf, instant } from "../http/formats.ts";
import type { Exchange, Sent } from "../http/handlers.ts";
import { COUNTED, type Outcomes, outcomeFigures } from "./figures.ts";
import { type OutcomeInput, scopeOf, scopeQuery } from "./scope.ts";
import { COLUMNS, scalesOf } from "./tables.ts";
import { scopeWords } from "./words.ts";

export const EXPORTS = ["csv", "xlsx", "ods"] as const;
type Format = (typeof EXPORTS)[number];
const MEDIA_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
};
const share = (n: number, of: number): Cell => (of === 0 ? null : n / of);

/** The tables of the page as a workbook: every group, the two scales, and what they count. */
export async function outcomesWorkbook(db: Db, input: OutcomeInput, { language, t, now }: Pick<Exchange, "language" | "t" | "now">) {
  const { recommendation: lists } = await currentCodebook(db);
  const scope = scopeOf(input, lists);
  const today = dayOf(now);
  const figures = await outcomeFigures(db, scope, { today, now });
  const text = (key: string, heading: string, width: number): Column => ({ key, heading, type: "text", width });
  const line = (kind: "whole" | "addressee" | "year" | "theme", code: string, label: string, one: Outcomes): Cell[] => [
    t(`outcomes.export.${kind}`),
    code,
    label,
    ...COUNTED.map((name) => one[name]),
    ...COLUMNS.map(({ part, of }) => share(one[part], one[of])),
    one.waits.medianOfAnswered(),
    one.waits.answered,
    one.waits.medianOfAll(),
    one.waits.answered + one.waits.waiting,
  ];
  const bySize = (a: [string, Outcomes], b: [string, Outcomes]) => b[1].issued - a[1].issued || (a[0] < b[0] ? -1 : 1);
  const rows: Cell[][] = [
    line("whole", "", t("outcomes.export.all"), figures.whole),
    ...[...figures.byAddressee].sort(bySize).map(([code, one]) => line("addressee", code, labelIn(lists.addressees, code, language), one)),
    ...[...figures.byYear].sort(([a], [b]) => b - a).map(([year, one]) => line("year", String(year), String(year), one)),
    ...[...figures.byTheme].sort(bySize).map(([code, one]) => line("theme", code, labelIn(lists.themes, code, language), one)),
  ];
  const book: Workbook = {
    language,
    title: t("outcomes.title"),
    tables: [
      {
        name: t("outcomes.export.figures"),
        columns: [
          text("group", t("outcomes.export.group"), 18),
          text("code", t("outcomes.export.code"), 22),
          text("label", t("outcomes.export.label"), 42),
          ...COUNTED.map((name): Column => ({ key: name, heading: t(`outcomes.sets.${name}`), type: "integer", width: 16 })),
          ...COLUMNS.map(
            ({ name, of }): Column => ({
              key: `${name}_share`,
              heading: t("outcomes.export.shareOf", { what: t(`outcomes.columns.${name}`), of: t(`outcomes.sets.${of}`) }),
              type: "number",
              width: 18,
            }),
          ),
          { key: "median_answered", heading: t("outcomes.export.medianAnswered"), type: "number", width: 18 },
          { key: "answered_timed", heading: t("outcomes.export.medianAnsweredOf"), type: "integer", width: 18 },
          { key: "median_all", heading: t("outcomes.export.medianAll"), type: "number", width: 18 },
          { key: "all_timed", heading: t("outcomes.export.medianAllOf"), type: "integer", width: 18 },
        ],
        rows,
      },
      {
        name: t("outcomes.export.scales"),
        columns: [
          text("scale", t("outcomes.export.scale"), 44),
          text("code", t("outcomes.export.code"), 22),
          text("value", t("outcomes.export.valueOf"), 34),
          { key: "n", heading: t("outcomes.export.n"), type: "integer", width: 16 },
          { key: "of", heading: t("outcomes.export.of"), type: "integer", width: 16 },
          { key: "share", heading: t("outcomes.export.share"), type: "number", width: 12 },
        ],
        rows: scalesOf(figures, language).flatMap(({ id, values }) => {
          const of = values.reduce((sum, { n }) => sum + n, 0);
          return values.map(({ code, label, n }): Cell[] => [t(`outcomes.scales.${id}.title`), code, label, n, of, share(n, of)]);
        }),
      },
      {
        name: t("outcomes.export.about"),
        columns: [text("what", t("outcomes.export.what"), 26), text("words", t("outcomes.export.words"), 90)],
        rows: [
          [t("outcomes.export.date"), instant(now, language)],
          [t("outcomes.export.scope"), scopeWords(scope, lists, today, language, t)],
          [t("outcomes.export.withdrawn"), figures.withdrawn],
          ...(["issued", "due", "overdue", "median", "all", "scales", "once"] as const).map((name): Cell[] => [
            t("outcomes.method.title"),
            t(`outcomes.method.${name}`),
          ]),
        ],
      },
    ],
  };
  return { book, rows: rows.length, query: scopeQuery(scope) };
}

/** The tables as a file: CSV holds the figures alone. What leaves the house is noted before it leaves. */
export async function exportOutcomes(db: Db, input: OutcomeInput, format: Format, exchange: Exchange): Promise<Sent> {
  const { by, now, language, audit } = exchange;
  const { book, rows, query } = await outcomesWorkbook(db, input, exchange);
  const bytes = { csv: async () => writeCsv(book.tables[0]!, language), xlsx: () => writeXlsx(book), ods: () => writeOds(book) };
  await db
    .insertInto("export_log")
    .values({ by: by.id, at: now, what: "follow-up", format, filters: JSON.stringify(query), row_count: rows })
    .execute();
  audit("outcomes.exported", "recommendations", format, { rows });
  const name = `${language === "fr" ? "suivi-des-recommandations" : "follow-up-of-recommendations"}-${dayOf(now)}.${format}`;
  return { kind: "file", type: MEDIA_TYPES[format], name, bytes: await bytes[format]() };
}
