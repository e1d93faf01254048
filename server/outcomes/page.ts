import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { choicesOf, labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { barChart, lineChart, stackedBarChart } from "../exchange/charts.ts";
import type { OutcomeSet } from "../follow-up/conditions.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type Field, field, type Typed } from "../http/fields.ts";
import { dayOf, integer, percent } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { EXPORTS } from "./export.ts";
import { type OutcomeFigures, type OutcomeScope, type Outcomes, outcomeFigures, yearsOfIssue } from "./figures.ts";
import { address, behind, type OutcomeInput, scopeOf, scopeQuery } from "./scope.ts";
import { COLUMNS, scalesOf } from "./tables.ts";
import { scopeWords, waitWords } from "./words.ts";

type Choice = { value: string; label: string };
/** A number with the recommendations behind it, and in words what it counts for those who hear links out of their sentence. */
type Linked = { n: string; href: string | null; what: string };
/** "12 of 48 (25.0%)": both numbers lead to their recommendations. */
type Rate = { n: Linked; of: Linked; share: string | null };
type Key = {
  number: Linked;
  label: string;
  of: Linked | null;
  note: string;
  share: string | null;
  early: (Linked & { words: string }) | null;
};
type Row = { label: string; issued: Linked; cells: { head: string; n: Linked; rate: Rate }[]; wait: ReturnType<typeof waitWords> };
type Group = { id: string; title: string; head: string; caption: string; rows: Row[]; chart: Chart | null };
type Chart = { svg: string; label: string; note: string };
type Scale = {
  id: string;
  title: string;
  lead: string;
  caption: string;
  rows: { label: string; n: Linked; share: string }[];
  chart: Chart | null;
};

const outcomesPage = template<{
  title: string;
  tabs: ReturnType<typeof followUpTabs>;
  fields: Record<keyof OutcomeInput, Field>;
  options: Record<"years" | "addressees" | "levels" | "themes" | "alike", Choice[]>;
  reset: { href: string; label: string } | null;
  scope: string;
  empty: { title: string; text: string; action: { href: string; label: string } | null } | null;
  keys: Key[];
  wait: ReturnType<typeof waitWords> & { title: string; lead: string };
  withdrawn: Linked | null;
  scales: Scale[];
  groups: Group[];
  exports: { href: string; label: string }[] | null;
  reserved: string | null;
}>("outcomes/page", { wide: true });

const FIELDS = ["du", "au", "destinataire", "niveau", "theme", "semblables"] as const;
const FORMAT_WORDS = { csv: "CSV", xlsx: "XLSX", ods: "ODS" } as const;

/** Numbers of a scope as links to the register. */
function linking(scope: OutcomeScope, language: Language, t: T) {
  const linked = (n: number, set: OutcomeSet, within: Partial<OutcomeScope>, where: string | null, more: Record<string, string> = {}) => {
    const what = t(`outcomes.sets.${set}`);
    return {
      n: integer(n, language),
      href: n === 0 ? null : behind({ ...scope, ...within }, set, more),
      what: where === null ? what : t("outcomes.in", { what, where }),
    };
  };
  const rate = (
    one: Outcomes,
    set: keyof Outcomes & OutcomeSet,
    of: keyof Outcomes & OutcomeSet,
    within: Partial<OutcomeScope> = {},
    where: string | null = null,
  ): Rate => ({
    n: linked(one[set], set, within, where),
    of: linked(one[of], of, within, where),
    share: one[of] === 0 ? null : percent(one[set] / one[of], language),
  });
  return { linked, rate };
}

function keysOf({ whole, toAssess }: OutcomeFigures, { linked, rate }: ReturnType<typeof linking>, language: Language, t: T): Key[] {
  const key = (
    name: "received" | "answeredDue" | "assessed" | "answerOverdue" | "implementationOverdue" | "closed",
    { n, of, share }: Rate,
  ): Key => ({
    number: n,
    label: t(`outcomes.keys.${name}`, { count: whole[name] }),
    of,
    note: t(`outcomes.keys.${name}Of`),
    share,
    early: null,
  });
  const all = linked(whole.answered, "answered", {}, null);
  return [
    {
      number: linked(whole.issued, "issued", {}, null),
      label: t("outcomes.keys.issued", { count: whole.issued }),
      of: null,
      note: t("outcomes.keys.issuedNote"),
      share: null,
      early: null,
    },
    key("received", rate(whole, "received", "issued")),
    {
      ...key("answeredDue", rate(whole, "answeredDue", "due")),
      early:
        whole.answeredEarly > 0
          ? { ...linked(whole.answeredEarly, "answeredEarly", {}, null), words: t("outcomes.keys.early", { count: whole.answeredEarly }) }
          : null,
    },
    key("assessed", rate(whole, "assessed", "answered")),
    {
      number: { ...linked(toAssess, "issued", {}, null, { statut: "answered" }), what: t("outcomes.keys.toAssess", { count: toAssess }) },
      label: t("outcomes.keys.toAssess", { count: toAssess }),
      of: all,
      note: t("outcomes.keys.toAssessOf"),
      share: whole.answered === 0 ? null : percent(toAssess / whole.answered, language),
      early: null,
    },
    key("answerOverdue", rate(whole, "answerOverdue", "due")),
    key("implementationOverdue", rate(whole, "implementationOverdue", "deadlinePast")),
    key("closed", rate(whole, "closed", "issued")),
  ];
}

function scaleViews(figures: OutcomeFigures, { linked }: ReturnType<typeof linking>, language: Language, t: T): Scale[] {
  return scalesOf(figures, language).map(({ id, set, filter, values }) => {
    const of = values.reduce((sum, { n }) => sum + n, 0);
    const title = t(`outcomes.scales.${id}.title`);
    const share = (n: number) => (of === 0 ? "–" : percent(n / of, language));
    return {
      id,
      title,
      lead: t(`outcomes.scales.${id}.lead`, { count: of, n: integer(of, language) }),
      caption: t(`outcomes.scales.${id}.caption`),
      rows: values.map(({ code, label, n }) => ({
        label,
        n: { ...linked(n, set, {}, null, { [filter]: code }), what: label },
        share: share(n),
      })),
      chart:
        of === 0
          ? null
          : {
              svg: barChart({
                title,
                description: t("outcomes.chart.beside"),
                language,
                unit: t("outcomes.chart.recommendations"),
                bars: values.map(({ label, n }) => ({ label, value: n, valueLabel: `${integer(n, language)} (${share(n)})` })),
              }),
              label: title,
              note: t("outcomes.chart.beside"),
            },
    };
  });
}

/** What became of the recommendations sent to addressees: counted, timed, and each number with the recommendations behind it. */
export async function outcomes(db: Db, input: OutcomeInput, { by, language, t, now }: Exchange) {
  const { recommendation: lists } = await currentCodebook(db);
  const today = dayOf(now);
  const scope = scopeOf(input, lists);
  const years = await yearsOfIssue(db);
  const figures = await outcomeFigures(db, scope, { today, now });
  const { whole } = figures;
  const links = linking(scope, language, t);
  const query = scopeQuery(scope);
  const title = t("outcomes.title");
  const reset = Object.keys(query).length > 0 ? { href: "/recommandations/suivi", label: t("outcomes.filters.reset") } : null;

  const row = (label: string, one: Outcomes, within: Partial<OutcomeScope>): Row => ({
    label,
    issued: links.linked(one.issued, "issued", within, label),
    cells: COLUMNS.map(({ name, n, part, of }) => ({
      head: t(`outcomes.columns.${name}`),
      n: links.linked(one[n], n, within, label),
      rate: links.rate(one, part, of, within, label),
    })),
    wait: waitWords(one.waits, language, t),
  });
  const group = (id: "addressee" | "year" | "theme", rows: Row[], chart: Chart | null): Group => ({
    id,
    title: t(`outcomes.groups.${id}.title`),
    head: t(`outcomes.groups.${id}.head`),
    caption: t(`outcomes.groups.${id}.caption`),
    rows,
    chart,
  });
  const bySize = (a: [string, Outcomes], b: [string, Outcomes]) => b[1].issued - a[1].issued || (a[0] < b[0] ? -1 : 1);
  const addressees = [...figures.byAddressee].sort(bySize);
  const themes = [...figures.byTheme].sort(bySize);
  const byYear = [...figures.byYear].sort(([a], [b]) => b - a);
  const addresseeChart: Chart | null =
    addressees.length === 0
      ? null
      : {
          svg: stackedBarChart({
            title: t("outcomes.groups.addressee.chart"),
            description: t("outcomes.chart.beside"),
            language,
            unit: t("outcomes.chart.recommendations"),
            labels: {
              present: t("outcomes.chart.answered"),
              absent: t("outcomes.chart.others"),
              notDocumented: t("outcomes.chart.overdue"),
            },
            rows: addressees.map(([code, one]) => ({
              label: labelIn(lists.addressees, code, language),
              present: one.answered,
              absent: one.issued - one.answered - one.answerOverdue,
              notDocumented: one.answerOverdue,
              total: one.issued,
            })),
          }),
          label: t("outcomes.groups.addressee.chart"),
          note: t("outcomes.groups.addressee.note"),
        };
  const span = byYear.length === 0 ? [] : Array.from({ length: byYear[0]![0] - byYear.at(-1)![0] + 1 }, (_, at) => byYear.at(-1)![0] + at);
  const yearChart: Chart | null =
    span.length < 2
      ? null
      : {
          svg: lineChart({
            title: t("outcomes.groups.year.chart"),
            description: t("outcomes.chart.beside"),
            language,
            unit: t("outcomes.chart.recommendations"),
            series: (["issued", "answered", "closed"] as const).map((name) => ({
              label: t(`outcomes.series.${name}`),
              points: span.map((x) => ({ x, y: figures.byYear.get(x)?.[name] ?? 0 })),
            })),
          }),
          label: t("outcomes.groups.year.chart"),
          note: t("outcomes.groups.year.note"),
        };
  const typed: Typed = input;
  return outcomesPage(title, {
    title,
    tabs: followUpTabs("followUp", by, t),
    fields: Object.fromEntries(FIELDS.map((name) => [name, field(name, typed, {})])) as Record<keyof OutcomeInput, Field>,
    options: {
      years: years
        ? Array.from({ length: years.last - years.first + 1 }, (_, at) => String(years.last - at)).map((year) => ({
            value: year,
            label: year,
          }))
        : [],
      addressees: choicesOf(lists.addressees, language),
      levels: choicesOf(lists.levels, language),
      themes: choicesOf(lists.themes, language),
      alike: [{ value: "une", label: t("outcomes.filters.once") }],
    },
    reset,
    scope: scopeWords(scope, lists, today, language, t),
    empty:
      whole.issued > 0
        ? null
        : scope.from !== null && scope.to !== null && scope.from > scope.to
          ? { title: t("outcomes.empty.period"), text: t("outcomes.empty.periodText"), action: reset }
          : years === null
            ? {
                title: t("outcomes.empty.none"),
                text: t("outcomes.empty.noneText"),
                action: { href: "/recommandations", label: t("outcomes.empty.register") },
              }
            : { title: t("outcomes.empty.title"), text: t("outcomes.empty.text"), action: reset },
    keys: keysOf(figures, links, language, t),
    wait: { ...waitWords(whole.waits, language, t), title: t("outcomes.wait.title"), lead: t("outcomes.wait.lead") },
    withdrawn: figures.withdrawn > 0 ? links.linked(figures.withdrawn, "withdrawn", {}, null) : null,
    scales: scaleViews(figures, links, language, t),
    groups: [
      group(
        "addressee",
        addressees.map(([code, one]) => row(labelIn(lists.addressees, code, language), one, { addressee: code })),
        addresseeChart,
      ),
      group(
        "year",
        byYear.map(([year, one]) => row(String(year), one, { from: year, to: year })),
        yearChart,
      ),
      group(
        "theme",
        themes.map(([code, one]) => row(labelIn(lists.themes, code, language), one, { theme: code })),
        null,
      ),
    ],
    exports: may(by, "exportRecommendations")
      ? EXPORTS.map((format) => ({ href: address(`/recommandations/suivi/export.${format}`, query), label: FORMAT_WORDS[format] }))
      : null,
    reserved: may(by, "exportRecommendations") ? null : t("outcomes.export.reserved"),
  });
}
