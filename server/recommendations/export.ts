import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import type { Classification } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import { writeCsv } from "../exchange/csv.ts";
import { writeJson } from "../exchange/json.ts";
import { writeOds } from "../exchange/ods.ts";
import type { Column, Workbook } from "../exchange/table.ts";
import { writeXlsx } from "../exchange/xlsx.ts";
import { dayOf, instant, integer } from "../http/formats.ts";
import type { Sent } from "../http/handlers.ts";
import type { Language, T } from "../http/words.ts";
import type { RegisterLine } from "./queries.ts";

export const FORMATS = ["csv", "xlsx", "ods", "json"] as const;
export type Format = (typeof FORMATS)[number];

const MEDIA_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  json: "application/json; charset=utf-8",
};

const COLUMNS = [
  ["reference", "text", 16],
  ["report", "text", 18],
  ["findings", "text", 12],
  ["text", "text", 60],
  ["addressee", "text", 34],
  ["level", "text", 24],
  ["theme", "text", 30],
  ["type", "text", 30],
  ["origin", "text", 22],
  ["deadline", "date", 12],
  ["status", "text", 12],
  ["approved", "date", 13],
  ["issued", "date", 13],
] as const;

/** The register as a workbook: one row a recommendation, and a last table that states scope, date and filters. */
export function registerWorkbook(
  lines: readonly RegisterLine[],
  filters: readonly { label: string; value: string }[],
  { lists, language, t, now }: { lists: Classification; language: Language; t: T; now: string },
): Workbook {
  const columns = COLUMNS.map(([key, type, width]): Column => ({ key, heading: t(`recommendations.columns.${key}`), type, width }));
  const day = (at: string | null) => (at === null ? null : dayOf(at));
  return {
    language,
    title: t("recommendations.title"),
    tables: [
      {
        name: t("recommendations.export.sheet"),
        columns,
        rows: lines.map((line) => [
          line.reference,
          line.report_id,
          line.findings.join(", "),
          line.text,
          labelIn(lists.addressees, line.addressee, language),
          labelIn(lists.levels, line.level, language),
          labelIn(lists.themes, line.theme, language),
          labelIn(lists.types, line.type, language),
          t(`recommendations.origins.${line.origin}`),
          line.deadline,
          RECOMMENDATION_STATE_WORDS[line.state][language],
          day(line.approved_at),
          day(line.issued_at),
        ]),
      },
      {
        name: t("recommendations.export.about"),
        columns: [
          { key: "what", heading: t("recommendations.export.what"), type: "text", width: 26 },
          { key: "value", heading: t("recommendations.export.value"), type: "text", width: 60 },
        ],
        rows: [
          [t("recommendations.export.scope"), t("recommendations.export.scopeText")],
          [t("recommendations.export.date"), instant(now, language)],
          ...(filters.length === 0
            ? [[t("recommendations.export.filters"), t("recommendations.export.noFilter")]]
            : filters.map(({ label, value }) => [t("recommendations.export.filter", { name: label }), value])),
          [t("recommendations.export.rows"), integer(lines.length, language)],
          [t("recommendations.export.use"), t("recommendations.export.useText")],
        ],
      },
    ],
  };
}

/** The workbook as a file to send, named after its day: "recommandations-2026-11-23.csv". */
export async function registerFile(book: Workbook, format: Format, now: string): Promise<Sent> {
  const bytes = {
    csv: () => writeCsv(book.tables[0]!, book.language),
    xlsx: () => writeXlsx(book),
    ods: () => writeOds(book),
    json: () => writeJson(book),
  }[format]();
  const name = `${book.language === "fr" ? "recommandations" : "recommendations"}-${dayOf(now)}.${format}`;
  return { kind: "file", type: MEDIA_TYPES[format], name, bytes: await bytes };
}
