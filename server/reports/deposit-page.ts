import type { Db, ReportTable } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { T } from "../http/words.ts";
import { ACT_KINDS, ISSUING_KINDS, PROCEEDINGS, SEXES, type SheetFields, sheetFields } from "./forms.ts";
import { type Choice, choices, courtChoices, departmentChoices, kilobytes } from "./labels.ts";
import { courtLabel, departmentLabel } from "./places.ts";
import { type PossibleDuplicate, peopleOf } from "./queries.ts";
import { listStaged, type Staged } from "./staging.ts";

type SheetOptions = Record<"issuingKinds" | "departments" | "courts" | "actKinds" | "proceedings", Choice[]>;
type PeopleWords = { kinds: Record<string, string>; sexes: { code: string; label: string }[] };
const sheetOptions = (t: T): SheetOptions => ({
  issuingKinds: choices(ISSUING_KINDS, (kind) => t(`reports.issuingKinds.${kind}`)),
  departments: departmentChoices,
  courts: courtChoices,
  actKinds: choices(ACT_KINDS, (kind) => t(`reports.actKinds.${kind}`)),
  proceedings: choices(PROCEEDINGS, (code) => t(`reports.proceedings.${code}`)),
});
const peopleWords = (t: T): PeopleWords => ({
  kinds: { victim: t("reports.people.victims"), perpetrator: t("reports.people.perpetrators"), child: t("reports.people.children") },
  sexes: SEXES.map((code) => ({ code, label: t(`reports.people.columns.${code}`) })),
});

const depositPage = template<{
  sheet: SheetFields;
  options: SheetOptions;
  words: PeopleWords;
  documents: { name: string; value: string; error: string | null };
  limit: number;
  staged: (Staged & { label: string })[];
  duplicates: { id: string; href: string | null; label: string; why: string }[];
  hiddenDuplicate: boolean;
  confirm: { name: string; error: string | null };
  errors: { href: string; text: string }[];
}>("reports/new");

/** The deposit form; files already received and possible duplicates are shown again with what was typed. */
export async function newReportPage(
  db: Db,
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
  stagedIds: readonly string[] = [],
  duplicates: readonly PossibleDuplicate[] = [],
) {
  const { t, by, now, language, context } = exchange;
  const staged = await listStaged(db, stagedIds, by.id);
  const readable = may(by, "readCases");
  const own = new Set(
    readable
      ? []
      : (
          await db
            .selectFrom("report")
            .select("id")
            .where("deposited_by", "=", by.id)
            .where("id", "in", ["", ...duplicates.map(({ id }) => id)])
            .execute()
        ).map(({ id }) => id),
  );
  const shown = duplicates.filter(({ id }) => readable || own.has(id));
  return depositPage(t("reports.new.title"), {
    sheet: sheetFields(typed, problems, null, [], dayOf(now)),
    options: sheetOptions(t),
    words: peopleWords(t),
    documents: { name: "documents", value: "", error: problems["documents"] ?? null },
    limit: Math.round(context.config.maxDocumentBytes / 1024 / 1024),
    staged: staged.map((file) => ({
      ...file,
      label: `${file.fileName} (${kilobytes(file.byteCount, language)}${file.hasText ? "" : `, ${t("reports.new.noText")}`})`,
    })),
    duplicates: shown.map(({ id, actDate, department, court, why }) => ({
      id,
      href: `/rapports/${id}`,
      label: `${longDate(actDate, language)}, ${departmentLabel(department)}, ${courtLabel(court)}`,
      why: t(why === "near" ? "reports.new.duplicateNear" : "reports.new.duplicateSame"),
    })),
    hiddenDuplicate: shown.length < duplicates.length,
    confirm: { name: "notDuplicate", error: problems["notDuplicate"] ?? null },
    errors: summary(problems),
  });
}

const sheetPage = template<{
  id: string;
  version: number;
  title: string;
  sheet: SheetFields;
  options: SheetOptions;
  words: PeopleWords;
  bothDirections: ListField;
  errors: { href: string; text: string }[];
}>("reports/sheet");
/** The form that corrects a sheet. */
export async function correctSheetPage(db: Db, report: ReportTable, typed: Typed | null, problems: Problems, { t, now }: Exchange) {
  const title = t("reports.sheet.title", { id: report.id });
  return sheetPage(title, {
    id: report.id,
    version: report.version,
    title,
    sheet: sheetFields(typed, problems, report, await peopleOf(db, report.id), dayOf(now)),
    options: sheetOptions(t),
    words: peopleWords(t),
    bothDirections: listField("bothDirections", typed, problems, report.second_direction === 1 ? ["oui"] : []),
    errors: summary(problems),
  });
}
