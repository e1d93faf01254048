import type { ActKind, Db, IssuingKind, Proceedings, ReportTable } from "../../db/schema.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import { NotFound } from "../http/errors.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { T } from "../http/words.ts";
import { findEdition, listEditions } from "../reports/editions.ts";
import { courtLabel, departmentLabel, regionLabel } from "../reports/places.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { veilOf } from "../wellbeing/veil.ts";
import { type EditionLink, editionLinks, entryWords, kindTag, type Tag, trail } from "./cards.ts";
import { type Changes, changesBetween, nothingChanged, type SheetField, stateNow, stateOfEdition } from "./edition-changes.ts";
import { factorLabel, optionLabel, recommendationFacts, sourceLabel, subjectLabel, valueLabel } from "./labels.ts";
import { listEditionValues } from "./queries.ts";

// --- one edition ------------------------------------------------------------------------------------------------------------------
const editionView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  number: number;
  published: string;
  replaced: { text: string; href: string | null } | null;
  provisional: boolean;
  sheet: { term: string; detail: string }[];
  findings: {
    number: number;
    title: string;
    kind: Tag;
    statement: string;
    publicStatement: string | null;
    facts: { term: string; detail: string }[];
    factors: { label: string; values: string[] }[];
    passages: { quote: string; source: string; veiled: boolean }[];
    entries: { when: string; text: string }[];
    dissents: { who: string; at: string; text: string; withdrawn: string | null }[];
  }[];
  recommendations: {
    reference: string;
    text: string;
    facts: { term: string; detail: string }[];
    findings: { href: string; label: string }[];
  }[];
  /** What changed since the edition before, and what has changed since this one; `none` says that nothing did, or why it is not shown. */
  changes: ChangeView[];
  digest: string;
  editions: EditionLink[];
}>("findings/edition");

type Before = { before: string; after: string };
type ChangeView = {
  id: string;
  title: string;
  before: string;
  after: string;
  none: string | null;
  sheet: (Before & { label: string })[];
  values: (Before & { label: string })[];
  findings: { title: string; what: string; statements: Before | null; statement: string | null }[];
  recommendations: { reference: string; what: string; text: string }[];
};

type Reading = { codebook: CodebookDefinition; people: Awaited<ReturnType<typeof peopleOf>>; language: "fr" | "en"; t: T };

function sheetValue(field: SheetField, value: string, { language, t }: Reading): string {
  switch (field) {
    case "received_on":
    case "act_date":
      return longDate(value, language);
    case "act_kind":
      return t(`reports.actKinds.${value as ActKind}`);
    case "proceedings":
      return t(`reports.proceedings.${value as Proceedings}`);
    case "issuing_kind":
      return t(`reports.issuingKinds.${value as IssuingKind}`);
    case "department":
      return departmentLabel(value);
    case "region":
      return regionLabel(value);
    case "court":
      return courtLabel(value);
    case "appeal_court":
      return value;
  }
}

/** The differences between two states in words, in the order of the codebook. */
function changeView(
  heads: Pick<ChangeView, "id" | "title" | "before" | "after"> & { none: string },
  changes: Changes,
  reading: Reading,
): ChangeView {
  const { codebook, people, language, t } = reading;
  const place = new Map(codebook.factors.map(({ code }, at) => [code, at]));
  const said = (code: string, value: string | null): string => {
    if (value === null) return t("findings.changes.nothing");
    const factor = codebook.factors.find((one) => one.code === code);
    return factor ? valueLabel(factor, value, codebook, language, t) : value;
  };
  const about = (code: string, subject: string): string => {
    const factor = codebook.factors.find((one) => one.code === code);
    const name = factor ? factorLabel(factor, language) : code;
    const who = subjectLabel(people, subject, t);
    return who ? t("findings.changes.of", { factor: name, who }) : name;
  };
  return {
    ...heads,
    none: nothingChanged(changes) ? heads.none : null,
    sheet: changes.sheet.map(({ field: name, before, after }) => ({
      label: t(`findings.changes.sheet.${name}`),
      before: sheetValue(name, before, reading),
      after: sheetValue(name, after, reading),
    })),
    values: changes.values
      .toSorted((a, b) => (place.get(a.factor) ?? 10_000) - (place.get(b.factor) ?? 10_000))
      .map(({ factor, subject, before, after }) => ({
        label: about(factor, subject),
        before: said(factor, before),
        after: said(factor, after),
      })),
    findings: changes.findings.map((change) => {
      const title = t("findings.finding", { number: change.number });
      if (change.what !== "changed")
        return { title, what: t(`findings.changes.${change.what}`), statements: null, statement: change.statement };
      const parts = change.parts.map((part) => t(`findings.changes.parts.${part}`)).join(", ");
      const words = change.parts.includes("statement");
      return {
        title,
        what: t("findings.changes.changed", { parts }),
        statements: words ? { before: change.before.statement, after: change.after.statement } : null,
        statement: words ? null : change.after.statement,
      };
    }),
    recommendations: changes.recommendations.map(({ reference, what, before, after }) => ({
      reference,
      what: t(`findings.changes.recommendation.${what}`),
      text: (after ?? before)!,
    })),
  };
}

/** What changed since the edition before this one, and since this one. */
async function changesOfEdition(
  db: Db,
  report: ReportTable,
  edition: NonNullable<Awaited<ReturnType<typeof findEdition>>>,
  reading: Reading,
): Promise<ChangeView[]> {
  const { t } = reading;
  const own = await stateOfEdition(db, edition);
  const name = (number: number) => t("findings.edition.title", { number });
  const views: ChangeView[] = [];
  const previous = await findEdition(db, report.id, edition.number - 1);
  if (previous)
    views.push(
      changeView(
        {
          id: "depuis-la-precedente",
          title: t("findings.changes.sincePrevious", { number: previous.number }),
          before: name(previous.number),
          after: name(edition.number),
          none: t("findings.changes.nonePrevious"),
        },
        changesBetween(await stateOfEdition(db, previous), own),
        reading,
      ),
    );
  const heads = { id: "depuis", title: t("findings.changes.since"), before: name(edition.number), after: t("findings.changes.today") };
  const now = await stateNow(db, report);
  const empty: Changes = { sheet: [], values: [], findings: [], recommendations: [] };
  views.push(
    now
      ? changeView({ ...heads, none: t("findings.changes.none") }, changesBetween(own, now), reading)
      : changeView({ ...heads, none: t("findings.changes.blind") }, empty, reading),
  );
  return views;
}

/** A report's findings as they were published, frozen. @throws NotFound */
export async function editionPage(db: Db, id: string, number: number, exchange: Exchange) {
  const { by, t, language } = exchange;
  const report = await findReport(db, id, by);
  const edition = await findEdition(db, id, number);
  if (!edition) throw new NotFound();
  exchange.audit("edition.read", "report", id, { edition: number });
  const { content } = edition;
  const codebook = await codebookVersion(db, edition.codebook_version);
  const people = await peopleOf(db, id);
  const values = await listEditionValues(db, edition.id, [...new Set(content.findings.flatMap(({ factors }) => factors))]);
  const next = (await listEditions(db, id)).some((one) => one.number === number + 1) ? number + 1 : null;
  const { sheet } = content;
  const covers = await veilOf(db, by.id, "reading", [id]);
  const dissenters = [...new Set(content.findings.flatMap(({ dissents }) => (dissents ?? []).map((one) => one.by)))];
  const names = new Map(
    dissenters.length === 0
      ? []
      : (await db.selectFrom("account").select(["id", "name"]).where("id", "in", dissenters).execute()).map((one) => [one.id, one.name]),
  );
  return editionView(t("findings.edition.pageTitle", { number, id }), {
    id,
    trail: trail(id, t, { label: t("findings.edition.title", { number }) }),
    number,
    published: t("findings.edition.published", { date: instant(edition.published_at, language), name: edition.publisher }),
    replaced: edition.superseded_at
      ? {
          text: t("findings.edition.replacedLong", { date: longDate(dayOf(edition.superseded_at), language) }),
          href: next === null ? null : `/rapports/${id}/editions/${next}`,
        }
      : null,
    provisional: !["final", "extinguished", "dismissed"].includes(sheet.proceedings),
    sheet: [
      { term: t("reports.show.actDate"), detail: longDate(sheet.act_date, language) },
      { term: t("reports.show.actKind"), detail: t(`reports.actKinds.${sheet.act_kind}`) },
      { term: t("reports.show.department"), detail: departmentLabel(sheet.department) },
      { term: t("reports.show.court"), detail: `${courtLabel(sheet.court)} (${sheet.appeal_court})` },
      { term: t("reports.show.proceedings"), detail: t(`reports.proceedings.${sheet.proceedings}`) },
      { term: t("reports.show.received"), detail: longDate(sheet.received_on, language) },
      { term: t("reports.show.codebook"), detail: t("reports.show.codebookVersion", { version: edition.codebook_version }) },
    ],
    findings: content.findings.map((finding) => ({
      number: finding.number,
      title: t("findings.finding", { number: finding.number }),
      kind: kindTag(finding.kind, t),
      statement: finding.statement,
      publicStatement: finding.publicStatement,
      facts: [
        ...(finding.service ? [{ term: t("findings.form.service"), detail: finding.service }] : []),
        ...(finding.knownWhen
          ? [{ term: t("findings.form.knownWhen"), detail: optionLabel(codebook.knownWhen, finding.knownWhen, language) }]
          : []),
      ],
      factors: codebook.factors
        .filter(({ code }) => finding.factors.includes(code))
        .map((factor) => {
          const own = Map.groupBy(
            values.filter((one) => one.factor === factor.code),
            ({ subject }) => subject,
          );
          return {
            label: factorLabel(factor, language),
            values: [...own].map(([subject, rows]) => {
              const said = rows.map(({ value }) => valueLabel(factor, value, codebook, language, t)).join(", ");
              const who = subjectLabel(people, subject, t);
              return who ? t("findings.factor.ofSubject", { subject: who, value: said }) : said;
            }),
          };
        }),
      passages: finding.passages.map((passage) => ({
        quote: passage.quote,
        source: sourceLabel(passage, t),
        veiled: covers(finding.factors, passage.quote),
      })),
      entries: (finding.entries ?? []).map((entry) => entryWords(entry, sheet.act_date, language, t)),
      dissents: (finding.dissents ?? []).map(({ by: who, at, text, withdrawnAt }) => ({
        who: names.get(who) ?? "",
        at: instant(at, language),
        text,
        withdrawn: withdrawnAt && instant(withdrawnAt, language),
      })),
    })),
    recommendations: content.recommendations.map((one) => ({
      reference: one.reference,
      text: one.text,
      facts: recommendationFacts(one, codebook, language, t),
      findings: one.findings
        .filter((of) => content.findings.some((finding) => finding.number === of))
        .map((of) => ({ href: `#constat-${of}`, label: t("findings.finding", { number: of }) })),
    })),
    changes: await changesOfEdition(db, report, edition, { codebook, people, language, t }),
    digest: edition.digest,
    editions: await editionLinks(db, id, language, t),
  });
}
