import type { Db } from "../../db/schema.ts";
import type { Estimate } from "../agreement/agreement.ts";
import { explain } from "../agreement/explanations.ts";
import { labelOf } from "../codebook/labels.ts";
import { writeCsv } from "../exchange/csv.ts";
import { writeOds } from "../exchange/ods.ts";
import type { Cell, Column, Workbook } from "../exchange/table.ts";
import { writeXlsx } from "../exchange/xlsx.ts";
import { dayOf, instant, integer } from "../http/formats.ts";
import type { Exchange, Sent } from "../http/handlers.ts";
import type { Language, T } from "../http/words.ts";
import { type Figures, type GroupAgreement, SILENCES, type Silence } from "./agreement-measures.ts";
import {
  type AgreementInput,
  type EXPORTS,
  type Measured,
  measured,
  methodWords,
  periodOf,
  periodQuery,
  periodWords,
  saidLabel,
  unitLabel,
} from "./agreement-page.ts";

type Format = (typeof EXPORTS)[number];
const MEDIA_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
};
const MEASURES = ["percent", "kappa", "alpha", "ac1"] as const;

/** The columns of one reckoning of silence: what the coefficients rest on, then each with both ends of its interval. */
function figureColumns(silence: Silence, t: T): Column[] {
  const heading = (what: string) => t("observatory.agreement.cell", { column: what, silence: t(`observatory.agreement.short.${silence}`) });
  const column = (key: string, what: string, type: Column["type"]): Column => ({
    key: `${key}_${silence}`,
    heading: heading(what),
    type,
    width: 14,
  });
  return [
    column("n", t("observatory.agreement.columns.n"), "integer"),
    { ...column("value", t("observatory.agreement.export.value"), "text"), width: 24 },
    column("prevalence", t("observatory.agreement.columns.prevalence"), "number"),
    ...MEASURES.flatMap((name) => {
      const label = t(`observatory.agreement.columns.${name}`);
      return [
        column(name, label, "number"),
        column(`${name}_low`, t("observatory.agreement.export.low", { name: label }), "number"),
        column(`${name}_high`, t("observatory.agreement.export.high", { name: label }), "number"),
      ];
    }),
    { ...column("why", t("observatory.agreement.export.why"), "text"), width: 40 },
  ];
}

function figureCells(figures: Figures, said: (value: string) => string, language: Language): Cell[] {
  const ends = (estimate: Estimate): Cell[] =>
    estimate.kind === "value" ? [estimate.value, estimate.low, estimate.high] : [null, null, null];
  const reasons = MEASURES.flatMap((name) => (figures[name].kind === "undefined" ? [figures[name].why] : []));
  return [
    figures.n,
    figures.prevalence && said(figures.prevalence.value),
    figures.prevalence?.share ?? null,
    ...MEASURES.flatMap((name) => ends(figures[name])),
    [...new Set(reasons)].map((why) => explain(why, language)).join(" ") || null,
  ];
}

/** The figures of the page as a workbook: factors, what they make together, and what they are. */
export function agreementWorkbook(
  { measures, sections, codebook, names }: Measured,
  input: AgreementInput,
  exchange: Pick<Exchange, "t" | "language" | "now">,
): Workbook {
  const { t, language, now } = exchange;
  const section = (code: string) => {
    const found = sections.find((one) => one.code === code);
    return found ? labelOf(found, language) : code;
  };
  const group = (kind: string, label: string, one: GroupAgreement): Cell[] => [
    kind,
    label,
    one.reports,
    one.pairs,
    ...SILENCES.flatMap((silence) => figureCells(one.figures[silence], () => t("observatory.agreement.present"), language)),
  ];
  const text = (key: string, heading: string, width: number): Column => ({ key, heading, type: "text", width });
  const count = (key: string, heading: string): Column => ({ key, heading, type: "integer", width: 12 });
  const figures = SILENCES.flatMap((silence) => figureColumns(silence, t));
  return {
    language,
    title: t("observatory.agreement.title"),
    tables: [
      {
        name: t("observatory.agreement.export.factors"),
        columns: [
          text("section", t("observatory.agreement.export.section"), 26),
          text("code", t("observatory.agreement.export.code"), 24),
          text("factor", t("observatory.columns.factor"), 40),
          count("pairs", t("observatory.agreement.export.pairs")),
          count("disagreements", t("observatory.agreement.export.disagreements")),
          ...figures,
        ],
        rows: measures.factors.map((line) => [
          section(line.factor.section),
          line.reverse ? `${line.factor.code} (reverse)` : line.factor.code,
          unitLabel(line, language, t),
          line.pairs,
          line.disagreements,
          ...SILENCES.flatMap((silence) =>
            figureCells(line.figures[silence], (value) => saidLabel(line.factor, value, codebook, language, t), language),
          ),
        ]),
      },
      {
        name: t("observatory.agreement.export.groups"),
        columns: [
          text("kind", t("observatory.agreement.export.kind"), 20),
          text("group", t("observatory.agreement.export.group"), 36),
          count("reports", t("observatory.agreement.export.reports")),
          count("pairs", t("observatory.agreement.export.pairs")),
          ...figures,
        ],
        rows: [
          group(t("observatory.agreement.groups.whole"), t("observatory.agreement.groups.all"), measures.whole),
          ...measures.sections.map((one) => group(t("observatory.agreement.groups.sections"), section(one.section), one)),
          ...measures.coders.map((one) =>
            group(t("observatory.agreement.groups.coders"), one.coders.map((id) => names.get(id) ?? id).join(" – "), one),
          ),
          ...measures.years.map((one) => group(t("observatory.agreement.groups.years"), String(one.year), one)),
        ],
      },
      {
        name: t("observatory.agreement.export.about"),
        columns: [text("what", t("observatory.agreement.export.what"), 26), text("words", t("observatory.agreement.export.words"), 80)],
        rows: [
          [t("observatory.agreement.export.date"), instant(now, language)],
          [t("observatory.agreement.export.period"), periodWords(periodOf(input), t)],
          [t("observatory.agreement.export.reports"), integer(measures.reports, language)],
          [t("observatory.agreement.export.pairs"), integer(measures.pairs, language)],
          ...methodWords(t, language).map((words): Cell[] => [t("observatory.agreement.method.title"), words]),
        ],
      },
    ],
  };
}

/** The figures as a file: CSV holds the factors alone. What leaves the house is noted before it leaves. */
export async function exportAgreement(db: Db, input: AgreementInput, format: Format, exchange: Exchange): Promise<Sent> {
  const { by, now, language, audit } = exchange;
  const period = periodOf(input);
  const found = await measured(db, period);
  const book = agreementWorkbook(found, input, exchange);
  const bytes = { csv: async () => writeCsv(book.tables[0]!, language), xlsx: () => writeXlsx(book), ods: () => writeOds(book) };
  const rows = found.measures.factors.length;
  await db
    .insertInto("export_log")
    .values({ by: by.id, at: now, what: "agreement", format, filters: JSON.stringify(periodQuery(period)), row_count: rows })
    .execute();
  audit("agreement.exported", "agreement", format, { rows });
  const name = `${language === "fr" ? "accord" : "agreement"}-${dayOf(now)}.${format}`;
  return { kind: "file", type: MEDIA_TYPES[format], name, bytes: await bytes[format]() };
}
