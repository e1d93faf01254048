import type { Db } from "../../db/schema.ts";
import { writeCsv } from "../exchange/csv.ts";
import { writeOds } from "../exchange/ods.ts";
import type { Cell, Column, Workbook } from "../exchange/table.ts";
import { dayOf, instant, integer, longDate } from "../http/formats.ts";
import type { Exchange, Sent } from "../http/handlers.ts";
import { findReport } from "../reports/queries.ts";
import { rangeOf, standingOf } from "./dates.ts";
import { lineOf } from "./pages.ts";
import { listEntries } from "./queries.ts";

export const FORMATS = ["csv", "ods"] as const;
type Format = (typeof FORMATS)[number];
const MEDIA_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
};

/** The chronology that this person may see as a file. What leaves the house is noted before it leaves. @throws NotFound */
export async function exportChronology(db: Db, id: string, format: Format, exchange: Exchange): Promise<Sent> {
  const { by, t, language, now, audit } = exchange;
  const report = await findReport(db, id, by);
  const entries = await listEntries(db, report, by);
  const column = (key: string, heading: string, width: number, type: Column["type"] = "text"): Column => ({ key, heading, type, width });
  const rows = entries.map((entry, at): Cell[] => {
    const line = lineOf(entry, at + 1, report, language, t);
    const { least, most } = rangeOf(standingOf(entry, report.act_date));
    return [
      line.number,
      line.when,
      entry.precision === "day" ? entry.starts_on : null,
      entry.ends_precision === "day" ? entry.ends_on : null,
      line.uncertain ? t("chronology.uncertain") : null,
      least,
      most,
      line.type,
      line.service,
      line.person,
      line.description,
      line.response,
      line.passage?.quote ?? null,
      line.passage?.place ?? null,
    ];
  });
  const book: Workbook = {
    language,
    title: t("chronology.pageTitle", { id }),
    tables: [
      {
        name: t("chronology.title"),
        columns: [
          column("number", t("chronology.columns.number"), 6, "integer"),
          column("when", t("chronology.columns.when"), 26),
          column("starts_on", t("chronology.export.start"), 12, "date"),
          column("ends_on", t("chronology.export.end"), 12, "date"),
          column("uncertain", t("chronology.export.uncertain"), 14),
          column("least", t("chronology.export.least"), 12, "integer"),
          column("most", t("chronology.export.most"), 12, "integer"),
          column("kind", t("chronology.columns.kind"), 22),
          column("service", t("chronology.columns.service"), 28),
          column("person", t("chronology.columns.person"), 14),
          column("description", t("chronology.columns.description"), 60),
          column("response", t("chronology.columns.response"), 40),
          column("quote", t("chronology.columns.passage"), 60),
          column("place", t("chronology.export.place"), 22),
        ],
        rows,
      },
      {
        name: t("chronology.export.about"),
        columns: [column("what", t("chronology.export.what"), 24), column("words", t("chronology.export.words"), 70)],
        rows: [
          [t("chronology.export.report"), id],
          [t("chronology.export.act"), longDate(report.act_date, language)],
          [t("chronology.export.rows"), integer(rows.length, language)],
          [t("chronology.export.date"), instant(now, language)],
          [t("chronology.export.use"), t("chronology.export.useText")],
        ],
      },
    ],
  };
  const bytes = { csv: async () => writeCsv(book.tables[0]!, language), ods: () => writeOds(book) };
  await db
    .insertInto("export_log")
    .values({ by: by.id, at: now, what: "chronology", format, filters: JSON.stringify({ report: id }), row_count: rows.length })
    .execute();
  audit("chronology.exported", "report", id, { rows: rows.length });
  const name = `${language === "fr" ? "chronologie" : "chronology"}-${id}-${dayOf(now)}.${format}`;
  return { kind: "file", type: MEDIA_TYPES[format], name, bytes: await bytes[format]() };
}
