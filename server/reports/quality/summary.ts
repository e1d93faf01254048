import type { Db, IsoDate, ReportTable } from "../../../db/schema.ts";
import { integer } from "../../http/formats.ts";
import type { Language, T } from "../../http/words.ts";
import { notJudged, readFile } from "./load.ts";
import { countOf, judge } from "./rules.ts";

export type QualityCounts = { blocking: number; warnings: number };

/** How many issues the rules find in a report as it is now; null where it is not judged. */
export const qualityOf = async (db: Db, report: ReportTable, today: IsoDate): Promise<QualityCounts | null> =>
  notJudged(report) ? null : countOf(judge(await readFile(db, report, today)));

/** "2 points bloquants, 5 points à vérifier" */
export const countsLine = ({ blocking, warnings }: QualityCounts, language: Language, t: T): string =>
  t("quality.counts.line", {
    blocking: t("quality.counts.blocking", { count: blocking, n: integer(blocking, language) }),
    warnings: t("quality.counts.warnings", { count: warnings, n: integer(warnings, language) }),
  });
