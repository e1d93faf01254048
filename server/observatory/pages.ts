import type { ActKind, Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { AppliesTo, CodebookDefinition, Factor } from "../codebook/definition.ts";
import { labelIn, labelOf, printed } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { lineChart } from "../exchange/charts.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field, type Typed } from "../http/fields.ts";
import { decimal, integer, longDate, percent, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import { isKey, type Language, type T } from "../http/words.ts";
import { ACT_KINDS } from "../reports/forms.ts";
import { courtLabel, departmentLabel, REGIONS, regionLabel } from "../reports/places.ts";
import { veilOf } from "../wellbeing/veil.ts";
import {
  BREAK,
  type CoverageYear,
  coverage,
  type KnownDeaths,
  listMeasures,
  listReferenceFigures,
  overall,
  type ReferenceLine,
} from "./coverage.ts";
import {
  BEHIND_PER_PAGE,
  codedNow,
  countCases,
  countOtherVersions,
  DOCUMENTED,
  type FactorFigures,
  figuresByFactor,
  listBehind,
  type Scope,
  subjectsOf,
} from "./figures.ts";
import { SERIES } from "./reference-figures.ts";

type Choice = { value: string; label: string };
type Linked = { n: string; href: string | null };
/** A percentage with the two numbers it comes from; `share` is a sentence where nothing can be divided. */
type Share = { share: string; of: string | null };
type Part = { value: number; tone: "present" | "absent" | "unknown" | "accent" };
type Bar = { label: string; max: number; parts: Part[] };

// --- the scope --------------------------------------------------------------------------------------------------------------------
/** What the address says of the scope. */
export type ScopeInput = { du: string; au: string; region: string; nature: string };
const yearOf = (text: string): number | null => (/^(?:19|20)\d\d$/.test(text) ? Number(text) : null);

/** The scope an address asks for; what is not a year, a region or a kind of act is left open. */
export const scopeOf = ({ du, au, region, nature }: ScopeInput): Scope => ({
  from: yearOf(du),
  to: yearOf(au),
  region: REGIONS.some(({ code }) => code === region) ? region : null,
  actKind: ACT_KINDS.find((kind) => kind === nature) ?? null,
});

const scopeQuery = ({ from, to, region, actKind }: Scope): Record<string, string> => ({
  ...(from !== null && { du: String(from) }),
  ...(to !== null && { au: String(to) }),
  ...(region !== null && { region }),
  ...(actKind !== null && { nature: actKind }),
});
/** An address with its query. */
export const address = (path: string, query: Record<string, string>) => {
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
};

/** The scope in words: "Actes de 2019 à 2024 · Centre-Val de Loire · Homicide". */
function scopeWords({ from, to, region, actKind }: Scope, t: T): string {
  const period =
    from !== null && to !== null
      ? from === to
        ? t("observatory.scope.year", { year: String(from) })
        : t("observatory.scope.years", { from: String(from), to: String(to) })
      : from !== null
        ? t("observatory.scope.since", { from: String(from) })
        : to !== null
          ? t("observatory.scope.until", { to: String(to) })
          : t("observatory.scope.allYears");
  return [
    period,
    region === null ? t("observatory.scope.allRegions") : regionLabel(region),
    actKind === null ? t("observatory.scope.allKinds") : kindLabel(actKind, t),
  ].join(" · ");
}
const kindLabel = (kind: ActKind, t: T) => t(`reports.actKinds.${kind}`);

const scopeFields = (input: ScopeInput): Record<keyof ScopeInput, Field> => {
  const typed: Typed = input;
  return { du: field("du", typed, {}), au: field("au", typed, {}), region: field("region", typed, {}), nature: field("nature", typed, {}) };
};
const scopeOptions = (t: T, now: string): Record<"years" | "regions" | "kinds", Choice[]> => {
  const last = Number(now.slice(0, 4));
  return {
    years: Array.from({ length: last - 2005 }, (_, at) => ({ value: String(last - at), label: String(last - at) })),
    regions: REGIONS.map(({ code, name }) => ({ value: code, label: name })),
    kinds: ACT_KINDS.map((kind) => ({ value: kind, label: kindLabel(kind, t) })),
  };
};

// --- the figures ------------------------------------------------------------------------------------------------------------------
type PresenceRow = {
  code: string;
  label: string;
  definition: string;
  unit: string;
  present: Linked;
  absent: Linked;
  unknown: Linked;
  ofAll: Share;
  ofDocumented: Share;
  notes: string[];
  bar: Bar;
};
type ListFactor = {
  code: string;
  label: string;
  definition: string;
  summary: string;
  empty: string | null;
  unknown: Linked;
  notes: string[];
  values: { label: string; n: Linked; ofAll: Share; ofDocumented: Share; bar: Bar }[];
};
type NumberRow = {
  code: string;
  label: string;
  definition: string;
  documented: Linked;
  unknown: Linked;
  of: string;
  summary: { median: string; quartiles: string; extremes: string } | null;
  empty: string;
};
type CoverageLine = {
  year: string;
  known: string;
  knownNote: string | null;
  source: { label: string; href: string | null } | null;
  received: string;
  receivedShare: string | null;
  published: string;
  publishedShare: string | null;
  other: string;
  breakBefore: boolean;
};

const figuresPage = template<{
  title: string;
  scope: string;
  fields: Record<keyof ScopeInput, Field>;
  options: Record<"years" | "regions" | "kinds", Choice[]>;
  reset: { href: string; label: string } | null;
  wrongPeriod: boolean;
  cases: number;
  keys: { number: string; label: string; note: string }[];
  sections: {
    code: string;
    label: string;
    presence: PresenceRow[];
    lists: ListFactor[];
    numbers: NumberRow[];
  }[];
  coverage: { lines: CoverageLine[]; sum: string; notes: string[] };
  codebook: { version: string; href: string; earlier: string | null };
}>("observatory/figures", { wide: true });

/** Numbers, words and links of the figures of one scope. */
function figureWords(scope: Scope, { t, language }: Pick<Exchange, "t" | "language">) {
  const subjects = (kind: AppliesTo, count: number) => t(`observatory.units.${kind}`, { count, n: integer(count, language) });
  const behind = (factor: Factor, value: string, count: number): Linked => ({
    n: integer(count, language),
    href: count === 0 ? null : address(`/observatoire/facteurs/${factor.code}`, { valeur: value, ...scopeQuery(scope) }),
  });
  const outOf = (count: number, whole: number) =>
    t("observatory.outOf", { count: integer(count, language), whole: integer(whole, language) });
  /** "au moins": a case that says nothing may still have the factor. */
  const ofAll = (count: number, { all, factor }: FactorFigures): Share =>
    all === 0
      ? { share: t(`observatory.nobody.${factor.appliesTo}`), of: null }
      : count === 0
        ? { share: t("observatory.none"), of: outOf(0, all) }
        : { share: t("observatory.atLeast", { share: percent(count / all, language) }), of: outOf(count, all) };
  const ofDocumented = (count: number, { documented }: FactorFigures): Share =>
    documented === 0
      ? { share: t("observatory.undocumented"), of: null }
      : count === 0
        ? { share: t("observatory.none"), of: outOf(0, documented) }
        : { share: percent(count / documented, language), of: outOf(count, documented) };
  return { subjects, behind, ofAll, ofDocumented };
}

/** Whether a value is a day of the calendar; the other dates of an address are a year, or nothing we know. */
const isDay = (value: string) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

/** A value of a factor in words. */
export function valueLabel(factor: Factor, value: string, { presence }: CodebookDefinition, language: Language, t: T): string {
  if (value === "unknown" || factor.type === "presence") return labelIn(presence, value, language);
  if (factor.optionsRef === "cog_departement") return departmentLabel(value);
  if (factor.optionsRef === "ressort_judiciaire") return courtLabel(value);
  if (factor.type === "date") return isDay(value) ? longDate(value, language) : value;
  if (factor.type === "number") return inUnit(Number(value), factor, language, t);
  return labelIn(factor.options, value, language);
}

const UNITS = ["years", "days", "persons", "events"] as const;
const number = (n: number, language: Language) => (Number.isInteger(n) ? integer(n, language) : decimal(n, language));
const inUnit = (n: number, { unit }: Pick<Factor, "unit">, language: Language, t: T): string => {
  const known = UNITS.find((one) => one === unit);
  return known ? t(`observatory.numberUnits.${known}`, { count: n, n: number(n, language) }) : number(n, language);
};

function presenceRow(figures: FactorFigures, words: ReturnType<typeof figureWords>, language: Language, t: T): PresenceRow {
  const { factor, all, documented, values, knownBefore, notAvailable } = figures;
  const [present, absent] = [values[0]?.count ?? 0, values[1]?.count ?? 0];
  const unknown = all - documented;
  const label = labelOf(factor, language);
  return {
    code: factor.code,
    label,
    definition: printed(factor.definitionFr),
    unit: words.subjects(factor.appliesTo, all),
    present: words.behind(factor, "present", present),
    absent: words.behind(factor, "absent", absent),
    unknown: words.behind(factor, "unknown", unknown),
    ofAll: words.ofAll(present, figures),
    ofDocumented: words.ofDocumented(present, figures),
    notes: [
      ...(knownBefore > 0 ? [t("observatory.knownBefore", { count: knownBefore, n: integer(knownBefore, language) })] : []),
      ...(notAvailable > 0 ? [t("observatory.notAvailable", { count: notAvailable, n: integer(notAvailable, language) })] : []),
    ],
    bar: {
      label: t("observatory.bar", {
        label,
        present: integer(present, language),
        absent: integer(absent, language),
        unknown: integer(unknown, language),
      }),
      max: all,
      parts: [
        { value: present, tone: "present" },
        { value: absent, tone: "absent" },
        { value: unknown, tone: "unknown" },
      ],
    },
  };
}

function listFactor(
  figures: FactorFigures,
  words: ReturnType<typeof figureWords>,
  codebook: CodebookDefinition,
  language: Language,
  t: T,
): ListFactor {
  const { factor, all, documented, values, notAvailable } = figures;
  return {
    code: factor.code,
    label: labelOf(factor, language),
    definition: printed(factor.definitionFr),
    summary: t("observatory.documentedOf", { documented: integer(documented, language), all: words.subjects(factor.appliesTo, all) }),
    empty: all === 0 ? t(`observatory.nobody.${factor.appliesTo}`) : documented === 0 ? t("observatory.undocumented") : null,
    unknown: words.behind(factor, "unknown", all - documented),
    notes: [
      ...(factor.type === "multi" ? [t("observatory.several")] : []),
      ...(notAvailable > 0 ? [t("observatory.notAvailable", { count: notAvailable, n: integer(notAvailable, language) })] : []),
    ],
    values: values.map(({ value, count }) => {
      const label = valueLabel(factor, value, codebook, language, t);
      return {
        label,
        n: words.behind(factor, value, count),
        ofAll: words.ofAll(count, figures),
        ofDocumented: words.ofDocumented(count, figures),
        bar: { label: `${label} – ${integer(count, language)}`, max: documented, parts: [{ value: count, tone: "present" }] },
      };
    }),
  };
}

function numberRow(figures: FactorFigures, words: ReturnType<typeof figureWords>, language: Language, t: T): NumberRow {
  const { factor, all, documented, summary } = figures;
  const said = (n: number) => inUnit(n, factor, language, t);
  return {
    code: factor.code,
    label: labelOf(factor, language),
    definition: printed(factor.definitionFr),
    documented: words.behind(factor, DOCUMENTED, documented),
    unknown: words.behind(factor, "unknown", all - documented),
    of: words.subjects(factor.appliesTo, all),
    summary: summary && {
      median: said(summary.median),
      quartiles: t("observatory.range", { from: number(summary.lowerQuartile, language), to: said(summary.upperQuartile) }),
      extremes: t("observatory.range", { from: number(summary.least, language), to: said(summary.greatest) }),
    },
    empty: all === 0 ? t(`observatory.nobody.${factor.appliesTo}`) : t("observatory.undocumented"),
  };
}

/** The figures of a scope, section by section, beside what they cover. */
export async function observatory(db: Db, input: ScopeInput, exchange: Exchange) {
  const { t, language, now } = exchange;
  const scope = scopeOf(input);
  const codebook = await currentCodebook(db);
  const cases = await countCases(db, scope);
  const figures = cases === 0 ? [] : await figuresByFactor(db, scope, codebook);
  const earlier = await countOtherVersions(db, scope, codebook.version);
  const years = await coverage(db, scope);
  const words = figureWords(scope, exchange);
  const title = t("observatory.title");
  // Only the kinds of people that the codebook says something of.
  const people = (["victim", "perpetrator", "child"] as const)
    .filter((kind) => codebook.factors.some(({ appliesTo }) => appliesTo === kind))
    .map((kind) => ({ kind, count: subjectsOf(figures, kind) }));
  return figuresPage(title, {
    title,
    scope: scopeWords(scope, t),
    fields: scopeFields(input),
    options: scopeOptions(t, now),
    reset: Object.keys(scopeQuery(scope)).length > 0 ? { href: "/observatoire", label: t("observatory.filters.reset") } : null,
    wrongPeriod: scope.from !== null && scope.to !== null && scope.from > scope.to,
    cases,
    keys: [
      { number: integer(cases, language), label: t("observatory.keys.cases", { count: cases }), note: t("observatory.keys.casesNote") },
      ...people.map(({ kind, count }) => ({
        number: integer(count, language),
        label: t(`observatory.keys.${kind}`, { count }),
        note: t(`observatory.keys.${kind}Note`),
      })),
    ],
    sections: codebook.sections.map((section) => {
      const own = figures.filter(({ factor }) => factor.section === section.code);
      return {
        code: section.code,
        label: labelOf(section, language),
        presence: own.filter(({ factor }) => factor.type === "presence").map((one) => presenceRow(one, words, language, t)),
        lists: own
          .filter(({ factor }) => factor.type === "category" || factor.type === "multi" || factor.type === "date")
          .map((one) => listFactor(one, words, codebook, language, t)),
        numbers: own.filter(({ factor }) => factor.type === "number").map((one) => numberRow(one, words, language, t)),
      };
    }),
    coverage: coverageWords(years, scope, language, t),
    codebook: {
      version: codebook.version,
      href: "/grille",
      earlier: earlier > 0 ? t("observatory.method.earlier", { count: earlier }) : null,
    },
  });
}

/** Label of a scope of the published figures; the code itself for one we have no words for. */
const referenceScope = (scope: string, t: T): string => {
  const key = `observatory.referenceScopes.${scope}`;
  return isKey(key) ? t(key) : scope;
};
const measureLabel = (measure: string, t: T): string => {
  const key = `observatory.measures.${measure}`;
  return isKey(key) ? t(key) : measure;
};

function coverageWords(years: readonly CoverageYear[], scope: Scope, language: Language, t: T) {
  const n = (value: number) => integer(value, language);
  const share = (count: number, known: KnownDeaths | null) =>
    known === null || known.value === 0 || count === 0
      ? null
      : t("observatory.coverage.share", { share: percent(count / known.value, language), known: n(known.value) });
  const all = overall(years);
  const scopes = new Set(years.flatMap(({ known }) => known?.scope ?? []));
  return {
    lines: years.map(
      (one, at): CoverageLine => ({
        year: String(one.year),
        known: one.known ? n(one.known.value) : t("observatory.coverage.unknown"),
        knownNote: one.known?.other
          ? t("observatory.coverage.other", { value: n(one.known.other.value), scope: referenceScope(one.known.other.scope, t) })
          : one.known && !one.known.verified
            ? t("observatory.series.unverified")
            : null,
        source: one.known?.source
          ? { label: `${one.known.source.title} (${one.known.source.publisher})`, href: one.known.source.url }
          : null,
        received: n(one.received),
        receivedShare: share(one.received, one.known),
        published: n(one.published),
        publishedShare: share(one.published, one.known),
        other: n(one.receivedOther),
        breakBefore: at > 0 && one.year === BREAK && scopes.size > 1,
      }),
    ),
    sum:
      all.comparable === null || all.comparable.known === 0
        ? t("observatory.coverage.sumPlain", { received: n(all.received), published: n(all.published) })
        : t(all.comparable.from === all.comparable.to ? "observatory.coverage.sumYear" : "observatory.coverage.sum", {
            from: String(all.comparable.from),
            to: String(all.comparable.to),
            known: n(all.comparable.known),
            scope: referenceScope(all.comparable.scope, t),
            received: n(all.comparable.received),
            receivedShare: percent(all.comparable.received / all.comparable.known, language),
            published: n(all.comparable.published),
            publishedShare: percent(all.comparable.published / all.comparable.known, language),
          }),
    notes: [
      t("observatory.coverage.note"),
      ...(scope.region === null ? [] : [t("observatory.coverage.national")]),
      ...(scope.actKind === null || scope.actKind === "homicide" ? [] : [t("observatory.coverage.onlyHomicides")]),
      ...(scopes.size > 1 ? [t("observatory.coverage.break", { year: String(BREAK) })] : []),
      ...(years.some(({ year, known }) => year === 2023 && known?.other) ? [t("observatory.coverage.two")] : []),
    ],
  };
}

// --- behind a figure --------------------------------------------------------------------------------------------------------------
const behindPage = template<{
  title: string;
  lead: string;
  scope: string;
  back: string;
  definition: string;
  code: string;
  choices: { label: string; href: string; current: boolean }[];
  fields: Record<keyof ScopeInput, Field>;
  lines: {
    report: { href: string; label: string };
    edition: { href: string; label: string };
    actDate: string;
    department: string;
    subject: string | null;
    value: string;
    knownWhen: string | null;
    coding: { href: string; words: string } | null;
    changed: string | null;
    quotes: { href: string; quote: string; where: string; veiled: boolean }[];
  }[];
  caption: string;
  pagination: Pagination;
}>("observatory/behind");

/** The reports behind one figure, with the passages that show it for those who may read cases. @throws NotFound for no such factor */
export async function behindFigure(db: Db, input: ScopeInput & { factor: string; valeur: string; page: number }, exchange: Exchange) {
  const { by, t, language, audit } = exchange;
  const codebook = await currentCodebook(db);
  const factor = codebook.factors.find(({ code }) => code === input.factor);
  if (!factor) throw new NotFound();
  const scope = scopeOf(input);
  const value = input.valeur || (factor.type === "presence" ? "present" : DOCUMENTED);
  const { total, lines } = await listBehind(db, scope, { factor, value, page: input.page });
  const reads = may(by, "readCases");
  const coded = reads ? await codedNow(db, factor.code, lines) : new Map();
  const covers = await veilOf(db, by.id, "reading", reads ? [...new Set(lines.map(({ reportId }) => reportId))] : []);
  audit("figure.opened", "factor", factor.code, { reports: lines.length });
  if (reads) for (const id of new Set(lines.map(({ reportId }) => reportId))) audit("passages.read", "report", id);
  const said = value === DOCUMENTED ? t("observatory.behind.documented") : valueLabel(factor, value, codebook, language, t);
  const label = labelOf(factor, language);
  const here = `/observatoire/facteurs/${factor.code}`;
  const query = scopeQuery(scope);
  const offered =
    factor.type === "presence"
      ? ["present", "absent", "unknown"]
      : factor.type === "number" || factor.type === "date" || factor.optionsRef !== null
        ? [DOCUMENTED, "unknown"]
        : [DOCUMENTED, ...factor.options.map(({ code }) => code).filter((code) => code !== "unknown"), "unknown"];
  const title = t("observatory.behind.title", { factor: label, value: said });
  return behindPage(title, {
    title,
    lead: t(`observatory.behind.lead.${factor.appliesTo}`, { count: total, n: integer(total, language) }),
    scope: scopeWords(scope, t),
    back: address("/observatoire", query),
    definition: printed(factor.definitionFr),
    code: factor.code,
    choices: offered.map((one) => ({
      label: one === DOCUMENTED ? t("observatory.behind.documented") : valueLabel(factor, one, codebook, language, t),
      href: address(here, { valeur: one, ...query }),
      current: one === value,
    })),
    fields: scopeFields(input),
    lines: lines.map((line) => {
      const now = coded.get(`${line.reportId} ${line.subject}`);
      const same = now && (factor.type === "multi" ? now.value.split(",").includes(line.value) : now.value === line.value);
      const subject = line.person && t(`observatory.people.${line.person.kind}`, { number: line.person.number });
      const at = { facteur: factor.code, ...(line.person && { sujet: line.subject }) };
      return {
        report: { href: `/rapports/${line.reportId}`, label: line.reportId },
        edition: {
          href: `/rapports/${line.reportId}/editions/${line.edition}`,
          label: t("observatory.behind.edition", { number: line.edition }),
        },
        actDate: shortDate(line.actDate, language),
        department: departmentLabel(line.department),
        subject,
        value: valueLabel(factor, line.value, codebook, language, t),
        knownWhen: line.knownWhen && labelIn(codebook.knownWhen, line.knownWhen, language),
        coding: reads
          ? {
              href: address(`/rapports/${line.reportId}/codage`, at),
              words: t("observatory.behind.coding", { report: line.reportId }),
            }
          : null,
        changed: reads && !same ? t("observatory.behind.changed") : null,
        quotes: same
          ? now.quotes.map(
              ({ passage, document, page, quote }: { passage: string; document: number; page: number | null; quote: string }) => ({
                href: address(`/rapports/${line.reportId}/codage`, { passage }),
                quote,
                veiled: covers([factor.code], passage),
                where:
                  page === null
                    ? t("observatory.behind.document", { number: document })
                    : t("observatory.behind.page", { number: document, page }),
              }),
            )
          : [],
      };
    }),
    caption: t("observatory.behind.caption"),
    pagination: paginate({
      total,
      page: input.page,
      size: BEHIND_PER_PAGE,
      href: (page) => address(here, { valeur: value, ...query, page: String(page) }),
    }),
  });
}

// --- what is published elsewhere --------------------------------------------------------------------------------------------------
type ReferenceRow = {
  year: string;
  measure: string;
  scope: string;
  value: string;
  unit: string;
  verified: boolean;
  source: { label: string; href: string | null } | null;
  note: string | null;
};
const seriesPage = template<{
  title: string;
  chart: { svg: string };
  chartNote: string;
  years: { year: string; official: string; all: string; women: string; men: string; note: string | null; breakBefore: boolean }[];
  measure: Field;
  measures: Choice[];
  rows: ReferenceRow[];
  caption: string;
}>("observatory/series");

/** An address of the outside as a link, when it is one. */
const outside = (url: string | null): string | null => (url !== null && /^https?:\/\//.test(url) ? url : null);

const referenceRow = (line: ReferenceLine, language: Language, t: T): ReferenceRow => {
  const unit = `observatory.referenceUnits.${line.unit}`;
  return {
    year: String(line.year),
    measure: measureLabel(line.measure, t),
    scope: referenceScope(line.scope, t),
    value: number(line.value, language),
    unit: isKey(unit) ? t(unit) : line.unit,
    verified: line.verified === 1,
    source: line.source && { label: `${line.source.title} – ${line.source.publisher}`, href: outside(line.source.url) },
    note: line.note,
  };
};

/** The reference series: the yearly deaths as a chart and a table, and every published figure as a record. */
export async function referenceSeries(db: Db, { mesure }: { mesure: string }, { t, language }: Exchange) {
  const series = (await listReferenceFigures(db, null)).filter(({ measure }) => Object.values(SERIES).some((one) => one === measure));
  const measures = await listMeasures(db);
  const chosen = measures.includes(mesure) ? mesure : "deaths_total";
  const years = [...new Set(series.map(({ year }) => year))].sort((a, b) => a - b);
  const value = (measure: string, year: number, scope: string) =>
    series.find((row) => row.measure === measure && row.year === year && row.scope === scope) ?? null;
  const cell = (row: ReferenceLine | null) => (row === null ? "–" : `${integer(row.value, language)}${row.verified ? "" : "*"}`);
  const points = (scope: string) => years.map((year) => ({ x: year, y: value(SERIES.total, year, scope)?.value ?? null }));
  const title = t("observatory.series.title");
  const records = await listReferenceFigures(db, chosen);
  return seriesPage(title, {
    title,
    chart: {
      svg: lineChart({
        title: t("observatory.series.chart"),
        description: t("observatory.series.chartText"),
        language,
        unit: t("observatory.series.unit"),
        series: [
          {
            label: t("observatory.series.until", {
              series: t("observatory.series.official"),
              from: String(years[0]),
              to: String(BREAK + 1),
            }),
            points: points("official_couples").filter(({ x }) => x < BREAK + 2),
            breaks: [BREAK],
          },
          {
            label: t("observatory.series.until", { series: t("observatory.series.all"), from: String(BREAK), to: String(years.at(-1)) }),
            points: points("all_couples").filter(({ x }) => x >= BREAK),
          },
        ],
      }),
    },
    chartNote: t("observatory.series.breakNote"),
    years: years.map((year) => {
      const official = value(SERIES.total, year, "official_couples");
      const all = value(SERIES.total, year, "all_couples");
      const counted = all === null ? "official_couples" : "all_couples";
      const other = value(SERIES.total, year, "ssmsi_provisional");
      return {
        year: String(year),
        official: cell(official),
        all: cell(all),
        women: cell(value(SERIES.women, year, counted)),
        men: cell(value(SERIES.men, year, counted)),
        note: other
          ? t("observatory.series.other", {
              value: integer(other.value, language),
              women: integer(value(SERIES.women, year, other.scope)?.value ?? 0, language),
              scope: referenceScope(other.scope, t),
            })
          : null,
        breakBefore: year === BREAK,
      };
    }),
    measure: { name: "mesure", value: chosen, error: null },
    measures: measures.map((one) => ({ value: one, label: measureLabel(one, t) })).sort((a, b) => a.label.localeCompare(b.label, language)),
    rows: records.map((line) => referenceRow(line, language, t)),
    caption: t("observatory.series.caption", { measure: measureLabel(chosen, t), count: records.length }),
  });
}
