import type { Db, PersonTable, ReportTable } from "../../db/schema.ts";
import { spokenDate } from "../chronology/dates.ts";
import { REVERSE } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { valueLabel, whoseLabel } from "../coding/labels.ts";
import { type Field, field } from "../http/fields.ts";
import { dayOf, integer, longDate, percent } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { type Choice, stateTag, type Tag } from "../reports/labels.ts";
import { ABOUT, type About, applies, type CaseOnFile, type Param, type Place, SEVERITIES, type Severity } from "../reports/quality/case.ts";
import { notJudged, readFile } from "../reports/quality/load.ts";
import { countOf, judge, type NamedRule, QUALITY_RULES } from "../reports/quality/rules.ts";
import { countsLine } from "../reports/quality/summary.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { countResults, listReportsOf, REPORTS_PER_PAGE, refreshResults } from "./results.ts";

export const severityTag = (severity: Severity, t: T): Tag => ({
  tone: severity === "blocking" ? "danger" : "warning",
  label: t(`quality.severity.${severity}`),
});
type Trail = { label: string; href?: string }[];

// --- one report -----------------------------------------------------------------------------------------------------------------------
type RuleLine = {
  code: string;
  anchor: string;
  title: string;
  why: string;
  severity: Tag;
  count: string;
  issues: { text: string; place: string; href: string }[];
};
const fileView = template<{
  id: string;
  trail: Trail;
  /** Why nothing was looked at; null when it was. */
  closed: string | null;
  counts: string;
  tone: "success" | "warning" | "danger";
  checked: string;
  later: string | null;
  groups: { code: About; label: string; rules: RuleLine[] }[];
}>("quality/file");

/** Where an issue is mended, as a link: the very card, entry, finding or recommendation. */
function linkTo(
  place: Place,
  report: Pick<ReportTable, "id" | "second_direction" | "state">,
  file: CaseOnFile,
  people: readonly PersonTable[],
  language: Language,
  t: T,
): { href: string; place: string } {
  const base = `/rapports/${report.id}`;
  switch (place.on) {
    case "sheet":
      return { href: report.state === "received" ? `${base}/fiche` : `${base}#sheet`, place: t("quality.place.sheet") };
    case "coding": {
      const factor = file.codebook.factors.find(({ code }) => code === place.factor)!;
      const person = people.find(({ id }) => id === place.subject) ?? null;
      const alone = person !== null && people.filter(({ kind }) => kind === person.kind).length === 1;
      const whose = whoseLabel({ factor, person, reverse: place.subject === REVERSE }, report, t);
      const label = labelOf(factor, language);
      return {
        href: `${base}/codage?${new URLSearchParams({ facteur: place.factor, sujet: place.subject })}`,
        place: whose && !alone ? t("quality.place.of", { factor: label, whose }) : label,
      };
    }
    case "chronology": {
      const entry = file.entries.find(({ id }) => id === place.entry)!;
      return {
        href: `${base}/chronologie#entree-${entry.id}`,
        place: t("quality.place.entry", { date: spokenDate(entry.starts_on, entry.precision, language) }),
      };
    }
    case "finding":
      return { href: `${base}/constats#constat-${place.number}`, place: t("quality.place.finding", { number: place.number }) };
    case "recommendation":
      return {
        href: `${base}/constats#recommandation-${place.number}`,
        place: t("quality.place.recommendation", { number: place.number }),
      };
  }
}

function paramOf(param: Param, file: CaseOnFile, language: Language, t: T): string | number {
  if (typeof param === "number") return integer(param, language);
  if ("said" in param) return param.said;
  if ("day" in param) return longDate(param.day, language);
  if ("month" in param) return spokenDate(`${param.month}-01`, "month", language);
  const factor = file.codebook.factors.find(({ code }) => code === ("factor" in param ? param.factor : param.of));
  if ("factor" in param) return factor ? labelOf(factor, language) : param.factor;
  return factor ? valueLabel(file.codebook, factor, param.value, t, language) : param.value;
}

/** What the rules say of one report, each issue with the way to where it is mended. @throws NotFound */
export async function filePage(db: Db, id: string, exchange: Exchange) {
  const { by, t, language, now } = exchange;
  const report = await findReport(db, id, by);
  const closed = notJudged(report);
  exchange.audit("quality.read", "report", id);
  const trail: Trail = [
    { href: "/rapports", label: t("reports.list.title") },
    { href: `/rapports/${id}`, label: id },
    { label: t("quality.file.title") },
  ];
  const title = t("quality.file.pageTitle", { id });
  if (closed)
    return fileView(title, {
      id,
      trail,
      closed: t(`quality.file.${closed}`),
      counts: "",
      tone: "success",
      checked: "",
      later: null,
      groups: [],
    });
  const [file, people] = [await readFile(db, report, dayOf(now)), await peopleOf(db, id)];
  const judged = judge(file);
  const counts = countOf(judged);
  const factors = new Set(file.codebook.factors.map(({ code }) => code));
  const looked = QUALITY_RULES.filter((rule) => applies(rule, factors, file.state !== "received")).length;
  const later = QUALITY_RULES.length - looked;
  const stops = (about: About): number => Number(judged.some(({ rule }) => rule.about === about && rule.severity === "blocking"));
  return fileView(title, {
    id,
    trail,
    closed: null,
    counts: countsLine(counts, language, t),
    tone: counts.blocking > 0 ? "danger" : counts.warnings > 0 ? "warning" : "success",
    checked: t("quality.file.checked", { count: looked, n: integer(looked, language), clear: integer(looked - judged.length, language) }),
    later: later > 0 ? t("quality.file.later", { count: later, n: integer(later, language) }) : null,
    groups: ABOUT.map((about) => ({
      code: about,
      label: t(`quality.about.${about}`),
      rules: judged
        .filter(({ rule }) => rule.about === about)
        .map(
          ({ rule, issues }): RuleLine => ({
            code: rule.code,
            anchor: `regle-${rule.code}`,
            title: t(`quality.rules.${rule.code}.title`),
            why: t(`quality.rules.${rule.code}.why`),
            severity: severityTag(rule.severity, t),
            count: t("quality.counts.ofRule", { count: issues.length, n: integer(issues.length, language) }),
            issues: issues.map(({ place, params = {} }) => ({
              ...linkTo(place, report, file, people, language, t),
              text: t(
                `quality.rules.${rule.code}.issue`,
                Object.fromEntries(Object.entries(params).map(([name, param]) => [name, paramOf(param, file, language, t)])),
              ),
            })),
          }),
        ),
    }))
      .filter(({ rules }) => rules.length > 0)
      // What stops the submission is read first, wherever it stands.
      .sort((a, b) => stops(b.code) - stops(a.code)),
  });
}

// --- the whole base -------------------------------------------------------------------------------------------------------------------
export const SORTS = ["rapports", "regle"] as const;
export type BaseQuery = {
  gravite: Severity | null;
  objet: About | null;
  regle: NamedRule["code"] | null;
  tri: (typeof SORTS)[number];
  page: number;
};
type BaseLine = {
  code: string;
  title: string;
  href: string;
  severity: Tag;
  about: string;
  /** How many reports, of how many looked at. */
  reports: string;
  share: string;
  issues: string;
  none: boolean;
};
type ReportLine = { id: string; href: string; act: string; state: Tag; issues: string };
const baseView = template<{
  key: { number: string; label: string }[];
  notes: string[];
  waiting: string | null;
  fields: Record<"gravite" | "objet", Field>;
  options: Record<"gravite" | "objet", Choice[]>;
  filtered: boolean;
  caption: string;
  tri: string;
  headers: Record<"regle" | "rapports", { label: string; href: string; direction: "ascending" | "descending" | null }>;
  rules: BaseLine[];
  /** Rules that find nothing anywhere, folded away; none where the list is in the order of the rules. */
  clear: BaseLine[];
  clearCaption: string;
}>("quality/base");
const ruleView = template<{
  trail: Trail;
  title: string;
  why: string;
  severity: Tag;
  about: string;
  counts: string;
  waiting: string | null;
  headers: Record<"rapport" | "points", { label: string; href: string; direction: "ascending" | "descending" | null }>;
  reports: ReportLine[];
  pagination: Pagination;
}>("quality/rule");

const address = (query: Partial<Record<string, string | number | null>>): string => {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return search.size > 0 ? `/qualite?${search}` : "/qualite";
};

/** What the rules find in the whole base; of one rule, the reports it concerns. */
export async function basePage(db: Db, query: BaseQuery, exchange: Exchange) {
  const { t, language, now, context } = exchange;
  const waiting = await refreshResults(db, now, dayOf(now), (error) => context.log.error({ err: error }, "quality"));
  const counts = await countResults(db);
  exchange.audit("quality.read", "base");
  const n = (count: number) => ({ count, n: integer(count, language) });
  const versions = new Map<string, Set<string>>();
  for (const { codebook_version } of counts.pinned)
    if (!versions.has(codebook_version))
      versions.set(codebook_version, new Set((await codebookVersion(db, codebook_version)).factors.map(({ code }) => code)));
  /** How many judged reports a rule applies to. */
  const looked = (rule: NamedRule): number =>
    counts.pinned
      .filter(({ codebook_version, coded }) => applies(rule, versions.get(codebook_version)!, coded))
      .reduce((sum, { reports }) => sum + reports, 0);
  const found = (rule: NamedRule) => counts.rules.get(rule.code) ?? { reports: 0, issues: 0 };
  const told = waiting > 0 ? t("quality.base.waiting", n(waiting)) : null;
  const of = (rule: NamedRule): string => {
    const total = looked(rule);
    return total === 0
      ? t("quality.base.ofNone")
      : t("quality.base.of", { n: integer(found(rule).reports, language), total: integer(total, language) });
  };

  const rule = QUALITY_RULES.find(({ code }) => code === query.regle);
  if (rule) {
    const order = query.tri === "regle" ? "receipt" : "issues";
    const reports = await listReportsOf(db, rule.code, order, query.page);
    const sorted = (tri: (typeof SORTS)[number]) => address({ regle: rule.code, tri });
    const title = t(`quality.rules.${rule.code}.title`);
    return ruleView(`${title} – ${t("quality.base.title")}`, {
      trail: [{ href: "/qualite", label: t("quality.base.title") }, { label: title }],
      title,
      why: t(`quality.rules.${rule.code}.why`),
      severity: severityTag(rule.severity, t),
      about: t(`quality.about.${rule.about}`),
      counts: of(rule),
      waiting: told,
      headers: {
        rapport: { label: t("quality.columns.report"), href: sorted("regle"), direction: order === "receipt" ? "ascending" : null },
        points: { label: t("quality.columns.issues"), href: sorted("rapports"), direction: order === "issues" ? "descending" : null },
      },
      reports: reports.map(({ id, state, act_date, issues }) => ({
        id,
        href: `/rapports/${id}/qualite#regle-${rule.code}`,
        act: longDate(act_date, language),
        state: stateTag(state, language),
        issues: integer(issues, language),
      })),
      pagination: paginate({
        total: found(rule).reports,
        page: query.page,
        size: REPORTS_PER_PAGE,
        href: (page) => address({ regle: rule.code, tri: query.tri, page }),
      }),
    });
  }

  const wanted = QUALITY_RULES.filter(
    (one) => (query.gravite === null || one.severity === query.gravite) && (query.objet === null || one.about === query.objet),
  );
  // As many reports as possible first; the order of the rules is kept among equals.
  const rules = query.tri === "regle" ? wanted : [...wanted].sort((a, b) => found(b).reports - found(a).reports);
  const clear = query.tri === "regle" ? [] : rules.filter((one) => found(one).reports === 0);
  const shownRules = rules.filter((one) => !clear.includes(one));
  const line = (one: NamedRule): BaseLine => {
    const { reports, issues } = found(one);
    const total = looked(one);
    return {
      code: one.code,
      title: t(`quality.rules.${one.code}.title`),
      href: address({ regle: one.code }),
      severity: severityTag(one.severity, t),
      about: t(`quality.about.${one.about}`),
      reports: of(one),
      share: total > 0 && reports > 0 ? percent(reports / total, language) : "",
      issues: integer(issues, language),
      none: reports === 0,
    };
  };
  const sorted = (tri: (typeof SORTS)[number]) => address({ gravite: query.gravite, objet: query.objet, tri });
  return baseView(t("quality.base.title"), {
    key: (["judged", "withBlocking", "clear"] as const).map((what) => ({
      number: integer(counts[what], language),
      label: t(`quality.base.${what}`, { count: counts[what] }),
    })),
    notes: [
      ...(counts.blind > 0 ? [t("quality.base.blind", n(counts.blind))] : []),
      ...(counts.aside > 0 ? [t("quality.base.aside", n(counts.aside))] : []),
      t("quality.base.denominator"),
    ],
    waiting: told,
    fields: { gravite: field("gravite", { gravite: query.gravite ?? "" }, {}), objet: field("objet", { objet: query.objet ?? "" }, {}) },
    options: {
      gravite: SEVERITIES.map((value) => ({ value, label: t(`quality.severity.${value}`) })),
      objet: ABOUT.map((value) => ({ value, label: t(`quality.about.${value}`) })),
    },
    filtered: query.gravite !== null || query.objet !== null,
    caption: t("quality.base.caption", n(shownRules.length)),
    tri: query.tri,
    headers: {
      regle: { label: t("quality.columns.rule"), href: sorted("regle"), direction: query.tri === "regle" ? "ascending" : null },
      rapports: {
        label: t("quality.columns.reports"),
        href: sorted("rapports"),
        direction: query.tri === "rapports" ? "descending" : null,
      },
    },
    rules: shownRules.map(line),
    clear: clear.map(line),
    clearCaption: t("quality.base.rulesClear", n(clear.length)),
  });
}
