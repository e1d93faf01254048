import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { CoefficientName, Estimate } from "../agreement/agreement.ts";
import { caution, explain } from "../agreement/explanations.ts";
import type { Interval } from "../agreement/intervals.ts";
import { type CodebookDefinition, type Factor, REVERSE, type Section } from "../codebook/definition.ts";
import { labelOf, printed } from "../codebook/labels.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field } from "../http/fields.ts";
import { integer, percent, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import {
  detailOf,
  type FactorAgreement,
  type Figures,
  type GroupAgreement,
  LEAST_PAIRS,
  LOWEST_ALPHA,
  type Measures,
  measureAgreement,
  once,
  SILENCES,
  type Silence,
} from "./agreement-measures.ts";
import { type AgreementPeriod, listPairs, namesOf, type Pair, peopleNamed, stateOfPairs, yearCompared } from "./agreement-queries.ts";
import { address, valueLabel } from "./pages.ts";

/** What the address says of the period. */
export type AgreementInput = { du: string; au: string };
type Cell = { label: string; text: string; sub: string | null };
type Row = {
  label: string;
  /** The disagreements, for those who read cases. */
  href: string | null;
  /** The definition in the codebook. */
  entry: string | null;
  low: boolean;
  notes: string[];
  cells: Cell[];
};
type LowRow = { label: string; entry: string; href: string | null; link: string; words: string };

const UNKNOWN = "unknown";
/** Under this many units an interval is a rough one. */
const FEW = 20;
const DISAGREEMENTS_PER_PAGE = 50;
/** A cross table of more values than this says nothing at a glance. */
const MOST_VALUES_CROSSED = 12;

const yearOf = (text: string): number | null => (/^20\d\d$/.test(text) ? Number(text) : null);
export const periodOf = ({ du, au }: AgreementInput): AgreementPeriod => ({ from: yearOf(du), to: yearOf(au) });
export const periodQuery = ({ from, to }: AgreementPeriod): Record<string, string> => ({
  ...(from !== null && { du: String(from) }),
  ...(to !== null && { au: String(to) }),
});

const twoDigits = {
  fr: new Intl.NumberFormat("fr-FR", { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "negative" }),
  en: new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "negative" }),
};
/** A coefficient with two decimals and a true minus sign. */
const coefficient = (value: number, language: Language): string => twoDigits[language].format(value).replace("-", "−");

// --- what is measured ---------------------------------------------------------------------------------------------------------------
/** Every factor that pairs of this period may be about, the newest definition of each first, in the order of the codebook in force. */
export async function definitionsOf(
  db: Db,
  pairs: readonly Pair[],
): Promise<{ codebook: CodebookDefinition; factors: Factor[]; sections: Section[] }> {
  const codebook = await currentCodebook(db);
  const [factors, sections] = [[...codebook.factors], [...codebook.sections]];
  const versions = [...new Set(pairs.map(({ codebookVersion: version }) => version))].filter((one) => one !== codebook.version);
  for (const version of versions.sort().reverse()) {
    const older = await codebookVersion(db, version);
    for (const factor of older.factors) if (!factors.some(({ code }) => code === factor.code)) factors.push(factor);
    for (const section of older.sections) if (!sections.some(({ code }) => code === section.code)) sections.push(section);
  }
  return { codebook, factors, sections };
}

export type Measured = { measures: Measures; sections: Section[]; codebook: CodebookDefinition; names: Map<string, string> };
/** Agreement over a period; computed once until a comparison is added. */
export async function measured(db: Db, period: AgreementPeriod): Promise<Measured> {
  const { version } = await currentCodebook(db);
  const key = ["list", version, period.from, period.to, await stateOfPairs(db)].join("|");
  const found = await once(db, key, async () => {
    const pairs = await listPairs(db, period);
    const { factors, sections, codebook } = await definitionsOf(db, pairs);
    return { measures: await measureAgreement(pairs, factors), sections, codebook };
  });
  return { ...found, names: await namesOf(db, [...new Set(found.measures.coders.flatMap(({ coders }) => coders))]) };
}

/** The years that comparisons were made in, latest first. */
async function yearsOf(db: Db): Promise<number[]> {
  const state = await stateOfPairs(db);
  return once(db, `years|${state}`, async () => {
    const pairs = await listPairs(db, { from: null, to: null });
    return [...new Set(pairs.map(yearCompared))].sort((a, b) => b - a);
  });
}

// --- words --------------------------------------------------------------------------------------------------------------------------
const COLUMNS = ["n", "prevalence", "percent", "kappa", "alpha", "ac1"] as const;

/** Label of a factor, with the direction where it is the second. */
export const unitLabel = ({ factor, reverse }: Pick<FactorAgreement, "factor" | "reverse">, language: Language, t: T): string =>
  reverse ? t("observatory.agreement.reverse", { factor: labelOf(factor, language) }) : labelOf(factor, language);

/** A value in words; of several options, each. */
export function saidLabel(factor: Factor, value: string, codebook: CodebookDefinition, language: Language, t: T): string {
  const codes = factor.type === "multi" && value !== UNKNOWN ? value.split(",") : [value];
  return codes.map((code) => valueLabel(factor, code, codebook, language, t)).join(" · ");
}

/** Both ends of an interval; a percentage has its sign once. */
const interval = ({ low, high }: { low: number; high: number }, write: (value: number) => string, t: T): string =>
  t("observatory.agreement.interval", { low: write(low).replace(/[\u00a0\u202f]?%$/, ""), high: write(high) });

function estimateCell(estimate: Estimate, write: (value: number) => string, t: T): Omit<Cell, "label"> {
  if (estimate.kind === "undefined") return { text: t("observatory.agreement.undefined"), sub: null };
  return { text: write(estimate.value), sub: interval(estimate, write, t) };
}

/** The six cells of one reckoning of silence. */
function cellsOf(figures: Figures, silence: Silence, said: (value: string) => string, language: Language, t: T): Cell[] {
  const share = (value: number) => percent(value, language);
  const number = (value: number) => coefficient(value, language);
  const few = figures.n > 0 && figures.n < FEW;
  const shown: Record<(typeof COLUMNS)[number], Omit<Cell, "label">> = {
    n: { text: integer(figures.n, language), sub: few ? t("observatory.agreement.few") : null },
    prevalence: figures.prevalence
      ? { text: share(figures.prevalence.share), sub: said(figures.prevalence.value) }
      : { text: t("observatory.agreement.nothing"), sub: null },
    percent: estimateCell(figures.percent, share, t),
    kappa: estimateCell(figures.kappa, number, t),
    alpha: estimateCell(figures.alpha, number, t),
    ac1: estimateCell(figures.ac1, number, t),
  };
  return COLUMNS.map((column) => ({
    label: t("observatory.agreement.cell", {
      column: t(`observatory.agreement.columns.${column}`),
      silence: t(`observatory.agreement.short.${silence}`),
    }),
    ...shown[column],
  }));
}

/** Why some of the coefficients have no value, in sentences: once where both reckonings lack it, else with the one that does. */
function whyNot(figures: Record<Silence, Figures>, language: Language, t: T): string[] {
  const reasons = (silence: Silence) => {
    const { percent: share, kappa, alpha, ac1 } = figures[silence];
    return [...new Set([share, kappa, alpha, ac1].flatMap((one) => (one.kind === "undefined" ? [one.why] : [])))];
  };
  const [counted, left] = [reasons("value"), reasons("left-out")];
  return [...new Set([...counted, ...left])].map((why) => {
    const sentence = explain(why, language);
    if (counted.includes(why) && left.includes(why)) return sentence;
    return t("observatory.agreement.only", {
      silence: t(`observatory.agreement.short.${counted.includes(why) ? "value" : "left-out"}`),
      sentence,
    });
  });
}

const detailAddress = ({ factor, reverse }: Pick<FactorAgreement, "factor" | "reverse">, period: AgreementPeriod) =>
  address(`/observatoire/accord/${factor.code}`, { ...(reverse && { sens: "inverse" }), ...periodQuery(period) });

const lowestAlpha = ({ figures }: FactorAgreement): number =>
  Math.min(
    ...SILENCES.map((silence) =>
      figures[silence].n >= LEAST_PAIRS && figures[silence].alpha.kind === "value" ? figures[silence].alpha.value : 2,
    ),
  );

// --- the page -----------------------------------------------------------------------------------------------------------------------
const agreementTemplate = template<{
  title: string;
  fields: Record<keyof AgreementInput, Field>;
  years: { value: string; label: string }[];
  reset: { href: string; label: string } | null;
  period: string;
  empty: { title: string; text: string } | null;
  keys: { number: string; label: string; note: string }[];
  caution: string | null;
  columns: { short: string; title: string }[];
  threshold: string;
  low: LowRow[];
  groups: { title: string; id: string; rows: Row[] }[];
  sections: { code: string; label: string; rows: Row[] }[];
  without: string | null;
  method: string[];
  exports: { href: string; label: string }[];
}>("observatory/agreement", { wide: true });

/** Agreement between coders, before adjudication: low factors first, then the whole and its parts, then every factor. */
export async function agreementPage(db: Db, input: AgreementInput, exchange: Exchange) {
  const { by, t, language, audit } = exchange;
  const period = periodOf(input);
  const { measures, sections, codebook, names } = await measured(db, period);
  const years = await yearsOf(db);
  audit("agreement.opened", "agreement", "list", { pairs: measures.pairs });
  const reads = may(by, "readCases");
  const n = (value: number) => integer(value, language);
  const low = measures.factors.filter((line) => line.low).sort((a, b) => lowestAlpha(a) - lowestAlpha(b));
  const current = new Set(codebook.factors.map(({ code }) => code));
  const row = (line: FactorAgreement): Row => ({
    label: unitLabel(line, language, t),
    href: reads ? detailAddress(line, period) : null,
    entry: current.has(line.factor.code) ? `/grille#${line.factor.code}` : null,
    low: line.low,
    notes: [
      ...(SILENCES.some((silence) => line.figures[silence].level === "interval") ? [t("observatory.agreement.measured")] : []),
      ...(line.factor.type === "multi" ? [t("observatory.agreement.sets")] : []),
      ...whyNot(line.figures, language, t),
    ],
    cells: SILENCES.flatMap((silence) =>
      cellsOf(line.figures[silence], silence, (value) => saidLabel(line.factor, value, codebook, language, t), language, t),
    ),
  });
  const group = (label: string, one: GroupAgreement): Row => ({
    label,
    href: null,
    entry: null,
    low: false,
    notes: [t("observatory.agreement.reports", { count: one.reports, n: n(one.reports) }), ...whyNot(one.figures, language, t)],
    cells: SILENCES.flatMap((silence) => cellsOf(one.figures[silence], silence, () => t("observatory.agreement.present"), language, t)),
  });
  const name = (id: string) => names.get(id) ?? id;
  const labelOfSection = (code: string) => {
    const section = sections.find((one) => one.code === code);
    return section ? labelOf(section, language) : code;
  };
  const without = codebook.factors.filter(({ code }) => !measures.factors.some(({ factor }) => factor.code === code)).length;
  const query = periodQuery(period);
  const title = t("observatory.agreement.title");
  return agreementTemplate(title, {
    title,
    fields: { du: field("du", input, {}), au: field("au", input, {}) },
    years: years.map((year) => ({ value: String(year), label: String(year) })),
    reset: Object.keys(query).length > 0 ? { href: "/observatoire/accord", label: t("observatory.agreement.filters.reset") } : null,
    period: periodWords(period, t),
    empty:
      measures.pairs > 0
        ? null
        : period.from !== null && period.to !== null && period.from > period.to
          ? { title: t("observatory.empty.period"), text: t("observatory.empty.periodText") }
          : { title: t("observatory.agreement.empty.title"), text: t("observatory.agreement.empty.text") },
    keys: [
      {
        number: n(measures.reports),
        label: t("observatory.agreement.keys.reports", { count: measures.reports }),
        note: t("observatory.agreement.keys.reportsNote"),
      },
      {
        number: n(measures.pairs),
        label: t("observatory.agreement.keys.pairs", { count: measures.pairs }),
        note: t("observatory.agreement.keys.pairsNote"),
      },
      {
        number: n(measures.coders.length),
        label: t("observatory.agreement.keys.coders", { count: measures.coders.length }),
        note: t("observatory.agreement.keys.codersNote"),
      },
      {
        number: n(low.length),
        label: t("observatory.agreement.keys.low", { count: low.length }),
        note: t("observatory.agreement.keys.lowNote", { alpha: threeDigits(LOWEST_ALPHA, language) }),
      },
    ],
    caution: measures.reports < FEW ? t("observatory.agreement.caution", { count: measures.reports, n: n(measures.reports) }) : null,
    columns: COLUMNS.map((column) => ({
      short: t(`observatory.agreement.columns.${column}`),
      title: t(`observatory.agreement.columnTitles.${column}`),
    })),
    threshold: t("observatory.agreement.low.threshold", { alpha: threeDigits(LOWEST_ALPHA, language), pairs: n(LEAST_PAIRS) }),
    low: low.map((line) => ({
      label: unitLabel(line, language, t),
      entry: `/grille#${line.factor.code}`,
      href: reads ? detailAddress(line, period) : null,
      link: t("observatory.agreement.low.disagreements", { count: line.disagreements, n: n(line.disagreements), all: n(line.pairs) }),
      words: SILENCES.map((silence) => {
        const { alpha, n: size } = line.figures[silence];
        const said = alpha.kind === "value" ? coefficient(alpha.value, language) : t("observatory.agreement.undefined");
        return t(`observatory.agreement.low.${silence}`, { alpha: said, n: n(size), count: size });
      }).join(" · "),
    })),
    groups: [
      {
        title: t("observatory.agreement.groups.whole"),
        id: "ensemble",
        rows: [group(t("observatory.agreement.groups.all"), measures.whole)],
      },
      {
        title: t("observatory.agreement.groups.sections"),
        id: "sections",
        rows: measures.sections.map((one) => group(labelOfSection(one.section), one)),
      },
      {
        title: t("observatory.agreement.groups.coders"),
        id: "paires",
        rows: measures.coders.map((one) =>
          group(
            one.coders
              .map(name)
              .sort((a, b) => a.localeCompare(b, language))
              .join(" – "),
            one,
          ),
        ),
      },
      { title: t("observatory.agreement.groups.years"), id: "annees", rows: measures.years.map((one) => group(String(one.year), one)) },
    ],
    sections: [...Map.groupBy(measures.factors, ({ factor }) => factor.section)].map(([code, lines]) => ({
      code,
      label: labelOfSection(code),
      rows: lines.map(row),
    })),
    without: without > 0 ? t("observatory.agreement.without", { count: without, n: n(without) }) : null,
    method: methodWords(t, language),
    exports: EXPORTS.map((format) => ({ href: address(`/observatoire/accord/export.${format}`, query), label: format.toUpperCase() })),
  });
}

/** Spreadsheets of the same figures, and the order they are offered in. */
export const EXPORTS = ["csv", "xlsx", "ods"] as const;

const threeDigits = (value: number, language: Language) => (language === "fr" ? String(value).replace(".", ",") : String(value));

/** The period in words. */
export const periodWords = ({ from, to }: AgreementPeriod, t: T): string =>
  from !== null && to !== null
    ? t("observatory.agreement.period.years", { from: String(from), to: String(to) })
    : from !== null
      ? t("observatory.agreement.period.since", { from: String(from) })
      : to !== null
        ? t("observatory.agreement.period.until", { to: String(to) })
        : t("observatory.agreement.period.all");

/** How the figures are to be read. */
export const methodWords = (t: T, language: Language): string[] => [
  t("observatory.agreement.method.before"),
  t("observatory.agreement.method.silence"),
  t("observatory.agreement.method.coefficients"),
  t("observatory.agreement.method.coders"),
  t("observatory.agreement.method.levels"),
  t("observatory.agreement.method.pooled"),
  t("observatory.agreement.method.intervals"),
  t("observatory.agreement.method.units"),
  t("observatory.agreement.method.threshold", { alpha: threeDigits(LOWEST_ALPHA, language) }),
  t("observatory.agreement.method.people"),
];

// --- one factor ---------------------------------------------------------------------------------------------------------------------
type CoefficientRow = { name: string; cells: { label: string; text: string; bootstrap: string | null; analytic: string | null }[] };

const factorTemplate = template<{
  title: string;
  factor: string;
  lead: string;
  period: string;
  definition: string;
  entry: string | null;
  back: string;
  silences: string[];
  coefficients: CoefficientRow[];
  remarks: string[];
  cross: { values: string[]; rows: { label: string; cells: { n: string; same: boolean }[] }[] } | null;
  lines: { report: string; href: string; subject: string | null; first: string; second: string; on: string; settled: string }[];
  pagination: Pagination;
}>("observatory/agreement-factor");

function coefficientRows(detail: Awaited<ReturnType<typeof detailOf>>, language: Language, t: T): CoefficientRow[] {
  const names = [...new Set(SILENCES.flatMap((silence) => Object.keys(detail[silence].coefficients) as CoefficientName[]))];
  const cell = (estimate: Estimate | null | undefined, silence: Silence, write: (value: number) => string) => {
    const label = t(`observatory.agreement.short.${silence}`);
    if (!estimate) return { label, text: t("observatory.agreement.notAsked"), bootstrap: null, analytic: null };
    if (estimate.kind === "undefined") return { label, text: t("observatory.agreement.undefined"), bootstrap: null, analytic: null };
    const { analytic } = estimate;
    return {
      label,
      text: write(estimate.value),
      bootstrap: t("observatory.agreement.bootstrap", { interval: interval(estimate, write, t) }),
      analytic:
        analytic && t("observatory.agreement.analytic", { interval: interval(analytic, write, t), method: methodName(analytic, t) }),
    };
  };
  const rows = names.map((name): CoefficientRow => {
    const write = (value: number) => (name === "percent" ? percent(value, language) : coefficient(value, language));
    return {
      name: t(`observatory.agreement.coefficients.${name}`),
      cells: SILENCES.map((silence) => cell(detail[silence].coefficients[name], silence, write)),
    };
  });
  if (SILENCES.some((silence) => detail[silence].sets))
    rows.push({
      name: t("observatory.agreement.coefficients.sets"),
      cells: SILENCES.map((silence) => cell(detail[silence].sets, silence, (value) => coefficient(value, language))),
    });
  return rows;
}
const methodName = ({ method }: Interval, t: T): string => t(`observatory.agreement.methods.${method}`);

/** Reasons and cautions of a factor, each once, in sentences. */
function remarksOf(detail: Awaited<ReturnType<typeof detailOf>>, language: Language, t: T): string[] {
  const said = new Map<string, Set<Silence>>();
  for (const silence of SILENCES)
    for (const estimate of [...Object.values(detail[silence].coefficients), detail[silence].sets]) {
      if (!estimate) continue;
      const sentences =
        estimate.kind === "undefined" ? [explain(estimate.why, language)] : estimate.cautions.map((code) => caution(code, language));
      for (const sentence of sentences) said.set(sentence, (said.get(sentence) ?? new Set()).add(silence));
    }
  return [...said].map(([sentence, where]) =>
    where.size === SILENCES.length
      ? sentence
      : t("observatory.agreement.only", { silence: t(`observatory.agreement.short.${[...where][0]!}`), sentence }),
  );
}

/** What each coder gave, crossed; null where there are too many values to cross. */
function crossTable(factor: Factor, pairs: readonly Pair[], codebook: CodebookDefinition, language: Language, t: T) {
  if (factor.type === "number" || factor.type === "date") return null;
  const order = ["present", "absent", ...factor.options.map(({ code }) => code)].filter((code) => code !== UNKNOWN);
  const place = (value: string) => (value === UNKNOWN ? 2_000 : order.includes(value) ? order.indexOf(value) : 1_000);
  const values = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))].sort(
    (a, b) => place(a) - place(b) || a.localeCompare(b),
  );
  if (values.length > MOST_VALUES_CROSSED) return null;
  const label = (value: string) => saidLabel(factor, value, codebook, language, t);
  return {
    values: values.map(label),
    rows: values.map((first) => ({
      label: label(first),
      cells: values.map((second) => ({
        n: integer(pairs.filter((pair) => pair.first === first && pair.second === second).length, language),
        same: first === second,
      })),
    })),
  };
}

/** One factor: every coefficient, what was confused with what, and each pair that differs. @throws NotFound for no such factor */
export async function factorAgreementPage(
  db: Db,
  input: AgreementInput & { factor: string; sens: string; page: number },
  exchange: Exchange,
) {
  const { t, language, audit } = exchange;
  const period = periodOf(input);
  const all = await listPairs(db, period);
  const { codebook, factors } = await definitionsOf(db, all);
  const factor = factors.find(({ code }) => code === input.factor);
  if (!factor) throw new NotFound();
  const reverse = input.sens === "inverse";
  const pairs = all.filter((pair) => pair.factor === factor.code && (pair.subject === REVERSE) === reverse);
  const state = await stateOfPairs(db);
  const key = ["factor", factor.code, reverse, codebook.version, period.from, period.to, state].join("|");
  const detail = await once(db, key, () => detailOf(factor, pairs));
  const differing = pairs.filter(({ first, second }) => first !== second).reverse();
  const shown = differing.slice((input.page - 1) * DISAGREEMENTS_PER_PAGE, input.page * DISAGREEMENTS_PER_PAGE);
  const people = await peopleNamed(db, [...new Set(shown.map(({ subject }) => subject))]);
  audit("agreement.opened", "factor", factor.code, { reports: new Set(shown.map(({ reportId }) => reportId)).size });
  for (const id of new Set(shown.map(({ reportId }) => reportId))) audit("double-coding.read", "report", id);
  const label = unitLabel({ factor, reverse }, language, t);
  const title = t("observatory.agreement.factor.title", { factor: label });
  const n = (value: number) => integer(value, language);
  const query = periodQuery(period);
  return factorTemplate(title, {
    title,
    factor: label,
    lead:
      pairs.length === 0
        ? t("observatory.agreement.factor.nothing")
        : t("observatory.agreement.factor.lead", { count: differing.length, n: n(differing.length), all: n(pairs.length) }),
    period: periodWords(period, t),
    definition: printed(factor.definitionFr),
    entry: codebook.factors.some(({ code }) => code === factor.code) ? `/grille#${factor.code}` : null,
    back: address("/observatoire/accord", query),
    silences: SILENCES.map((silence) =>
      t("observatory.agreement.factor.column", {
        silence: t(`observatory.agreement.silences.${silence}`),
        count: detail[silence].n.pairableUnits,
        n: n(detail[silence].n.pairableUnits),
      }),
    ),
    coefficients: pairs.length === 0 ? [] : coefficientRows(detail, language, t),
    remarks: remarksOf(detail, language, t),
    cross: pairs.length === 0 ? null : crossTable(factor, pairs, codebook, language, t),
    lines: shown.map((pair) => {
      const person = people.get(pair.subject);
      return {
        report: pair.reportId,
        href: `/rapports/${pair.reportId}`,
        subject: person ? t(`observatory.people.${person.kind}`, { number: person.number }) : null,
        first: saidLabel(factor, pair.first, codebook, language, t),
        second: saidLabel(factor, pair.second, codebook, language, t),
        on: shortDate(pair.comparedAt.slice(0, 10), language),
        settled: `/rapports/${pair.reportId}/arbitrage`,
      };
    }),
    pagination: paginate({
      total: differing.length,
      page: input.page,
      size: DISAGREEMENTS_PER_PAGE,
      href: (page) => address(`/observatoire/accord/${factor.code}`, { ...(reverse && { sens: "inverse" }), ...query, page: String(page) }),
    }),
  });
}
