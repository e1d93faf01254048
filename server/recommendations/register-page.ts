import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { holds } from "../../workflows/actor.ts";
import { ANSWER_ASSESSMENTS, IMPLEMENTATIONS } from "../../workflows/recommendation.machine.ts";
import { ANSWER_ASSESSMENT_WORDS, IMPLEMENTATION_WORDS, RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { choicesOf, labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { type BasisCount, basisRows } from "../follow-up/basis.ts";
import { answerOverdue, implementationOverdue } from "../follow-up/overdue.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type Field, field, type Typed } from "../http/fields.ts";
import { dayOf, integer, longDate, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import { FORMATS, type Format } from "./export.ts";
import { activeFilters, FILTERS, type FilterName, filterOf, OVERDUE_CODES, type RegisterInput } from "./filters.ts";
import { answerTag, assessmentTag, type Choice, implementationTag, stateTag, type Tag, wordChoices } from "./labels.ts";
import { listApprovalYears, listProjects, listRegister, RECOMMENDATIONS_PER_PAGE, REGISTERED, type RegisterSort } from "./queries.ts";
import { factorsCameBack } from "./returns.ts";
import { groupsOf } from "./ties.ts";

type SortHeader = { label: string; href: string; direction: "ascending" | "descending" | null };
type Line = {
  href: string;
  reference: string;
  text: string;
  theme: string;
  addressee: string;
  level: string;
  together: string | null;
  deadline: string | null;
  answerDue: string | null;
  late: string[];
  state: Tag;
  questioned: string | null;
  cameBack: string | null;
  said: Tag | null;
  assessment: Tag | null;
  implementation: Tag | null;
  behind: string | null;
  group: string | null;
  report: { href: string; label: string } | null;
  crossFindings: { href: string; label: string }[];
};

const registerPage = template<{
  title: string;
  lead: string;
  tabs: ReturnType<typeof followUpTabs>;
  write: string | null;
  projects: { href: string; reference: string; text: string; addressee: string; by: string; returned: boolean }[];
  projectsNote: string;
  fields: Record<FilterName, Field>;
  options: Record<Exclude<FilterName, "q" | "preuve" | "groupe" | "suivi" | "annee_envoi" | "chef_de_file" | "reponse">, Choice[]>;
  more: boolean;
  /** What the address says besides the fields of the form: kept when it is sent. */
  kept: { name: string; value: string }[];
  states: { label: string; count: string; href: string; current: boolean }[];
  active: { label: string; value: string; remove: string; words: string }[];
  headers: Record<RegisterSort, SortHeader>;
  lines: Line[];
  caption: string;
  total: number;
  exports: { href: string; label: string }[] | null;
  /** Where the same recommendations are exported with chosen columns, and as booklets. */
  exportForm: string;
  pagination: Pagination;
}>("recommendations/register", { wide: true });

const FORMAT_WORDS: Record<Format, string> = { csv: "CSV", xlsx: "XLSX", ods: "ODS", json: "JSON" };

/** Filters behind a disclosure: the others are always in sight. */
const MORE: readonly FilterName[] = ["niveau", "type", "appreciation", "mise-en-oeuvre", "preuve", "groupe"];

/** How many cases and factors stand behind the group of each of some recommendations, itself included. */
async function behindGroups(db: Db, groups: ReadonlyMap<string, readonly string[]>): Promise<Map<string, BasisCount>> {
  const rows = await basisRows(db, [...new Set([...groups.values()].flat())]);
  const own = Map.groupBy(rows, ({ recommendation }) => recommendation);
  return new Map(
    [...groups].map(([id, members]) => {
      const all = members.flatMap((member) => own.get(member) ?? []);
      return [id, { cases: new Set(all.map(({ report }) => report)).size, factors: new Set(all.map(({ factor }) => factor)).size }];
    }),
  );
}

/** The register of recommendations, filtered, sorted and cut in pages by its address; before it, the drafts that wait for a reviewer. */
export async function register(db: Db, input: RegisterInput & { page: number }, { by, language, t, now }: Exchange) {
  const { recommendation: lists } = await currentCodebook(db);
  const today = dayOf(now);
  const filter = filterOf(input, lists, today);
  const { total, lines, states } = await listRegister(db, filter, { page: input.page, addressees: lists.addressees, language });
  const groups = await groupsOf(
    db,
    lines.map(({ id }) => id),
  );
  const behind = await behindGroups(db, groups);
  const cameBack = await factorsCameBack(db, lines);
  const projects = await listProjects(db);
  const active = activeFilters(filter, lists, language, t);
  const given: Record<string, string> = Object.fromEntries(active.map(({ name }) => [name, input[name]]));
  const sorted: Record<string, string> = {
    ...(input.tri !== "reference" && { tri: input.tri }),
    ...(input.ordre !== "desc" && { ordre: input.ordre }),
  };
  const address = (path: string, query: Record<string, string>) => {
    const search = new URLSearchParams(query).toString();
    return search ? `${path}?${search}` : path;
  };
  const without = (name: FilterName) => {
    const { [name]: _, ...others } = given;
    return others;
  };
  const header = (sort: RegisterSort): SortHeader => {
    const current = input.tri === sort;
    const order = current ? (input.ordre === "desc" ? "asc" : "desc") : sort === "reference" ? "desc" : "asc";
    return {
      label: t(`recommendations.sorts.${sort}`),
      href: address("/recommandations", { ...given, tri: sort, ordre: order }),
      direction: current ? (input.ordre === "desc" ? "descending" : "ascending") : null,
    };
  };
  const count = ({ cases, factors }: BasisCount) =>
    t("recommendations.behind.count", {
      cases: t("recommendations.behind.cases", { count: cases, n: integer(cases, language) }),
      factors: t("recommendations.behind.factors", { count: factors, n: integer(factors, language) }),
    });
  const typed: Typed = { ...input, page: undefined };
  const years = await listApprovalYears(db);
  const title = t("recommendations.title");
  return registerPage(title, {
    title,
    lead: t("recommendations.lead"),
    tabs: followUpTabs("register", by, t),
    write: holds(by, "analyst") || holds(by, "coordinator") ? "/recommandations/nouvelle" : null,
    projects: projects.map(({ reference, text, addressee, written_at, writer, last }) => ({
      href: `/recommandations/${reference}`,
      reference,
      text,
      addressee: labelIn(lists.addressees, addressee, language),
      by: t("recommendations.projects.by", { name: writer, date: longDate(dayOf(written_at), language) }),
      returned: last === "RECOMMENDATION_RETURNED",
    })),
    projectsNote: t(holds(by, "reviewer") ? "recommendations.projects.toApprove" : "recommendations.projects.waiting"),
    fields: Object.fromEntries(FILTERS.map((name) => [name, field(name, typed, {})])) as Record<FilterName, Field>,
    options: {
      annee: years.map((year) => ({ value: String(year), label: String(year) })),
      destinataire: choicesOf(lists.addressees, language),
      niveau: choicesOf(lists.levels, language),
      theme: choicesOf(lists.themes, language),
      type: choicesOf(lists.types, language),
      statut: REGISTERED.map((state) => ({ value: state, label: RECOMMENDATION_STATE_WORDS[state][language] })),
      appreciation: wordChoices(ANSWER_ASSESSMENTS, ANSWER_ASSESSMENT_WORDS, language),
      "mise-en-oeuvre": wordChoices(IMPLEMENTATIONS, IMPLEMENTATION_WORDS, language),
      retard: Object.entries(OVERDUE_CODES).map(([value, overdue]) => ({ value, label: t(`recommendations.overdue.${overdue}`) })),
    },
    more: active.some(({ name }) => MORE.includes(name)),
    kept: [
      ...(["suivi", "annee_envoi", "chef_de_file", "reponse"] as const).flatMap((name) =>
        given[name] === undefined ? [] : [{ name, value: given[name] }],
      ),
      { name: "tri", value: input.tri },
      { name: "ordre", value: input.ordre },
    ],
    states: [
      {
        label: t("recommendations.allStates"),
        count: integer(
          REGISTERED.reduce((sum, state) => sum + states[state], 0),
          language,
        ),
        href: address("/recommandations", { ...without("statut"), ...sorted }),
        current: filter.state === null,
      },
      ...REGISTERED.filter((state) => states[state] > 0 || filter.state === state).map((state) => ({
        label: RECOMMENDATION_STATE_WORDS[state][language],
        count: integer(states[state], language),
        href: address("/recommandations", { ...without("statut"), statut: state, ...sorted }),
        current: filter.state === state,
      })),
    ],
    active: active.map(({ name, label, value }) => ({
      label,
      value,
      remove: address("/recommandations", { ...without(name), ...sorted }),
      words: t("recommendations.removeFilter", { name: label }),
    })),
    headers: {
      reference: header("reference"),
      destinataire: header("destinataire"),
      echeance: header("echeance"),
      statut: header("statut"),
    },
    lines: lines.map((line): Line => {
      const group = groups.get(line.id)!;
      const counts = behind.get(line.id)!;
      const later = cameBack.get(line.id);
      return {
        href: `/recommandations/${line.reference}`,
        reference: line.reference,
        text: line.text,
        theme: labelIn(lists.themes, line.theme, language),
        addressee: labelIn(lists.addressees, line.addressee, language),
        level: labelIn(lists.levels, line.level, language),
        together:
          line.associated.length > 0
            ? t("recommendations.together", {
                list: line.associated.map((code) => labelIn(lists.addressees, code, language)).join(", "),
              })
            : null,
        deadline: line.deadline && shortDate(line.deadline, language),
        answerDue: line.state === "issued" && line.answer_due ? shortDate(line.answer_due, language) : null,
        late: [
          ...(answerOverdue(line, today) ? [t("recommendations.overdue.answer")] : []),
          ...(implementationOverdue(line, today) ? [t("recommendations.overdue.implementation")] : []),
        ],
        state: stateTag(line.state, language),
        questioned: line.evidence_question_at ? t("recommendations.questioned") : null,
        cameBack: later ? t("recommendations.cameBack", { count: later, n: integer(later, language) }) : null,
        said: line.said && answerTag(line.said, language),
        assessment: line.assessment && assessmentTag(line.assessment, language),
        implementation: line.implementation && implementationTag(line.implementation, language),
        behind: counts.cases > 0 ? count(counts) : null,
        group: group.length > 1 ? t("recommendations.behind.group", { n: group.length }) : null,
        report: line.report_id === null ? null : { href: `/rapports/${line.report_id}`, label: line.report_id },
        crossFindings: line.crossFindings.map((reference) => ({ href: `/constats/${reference}`, label: reference })),
      };
    }),
    caption: t("recommendations.caption", { count: total, n: integer(total, language) }),
    total,
    exportForm: address("/exports/nouveau", { ...given, ...sorted }),
    exports: may(by, "exportRecommendations")
      ? FORMATS.map((format) => ({
          href: address(`/recommandations/export.${format}`, { ...given, ...sorted }),
          label: FORMAT_WORDS[format],
        }))
      : null,
    pagination: paginate({
      total,
      page: input.page,
      size: RECOMMENDATIONS_PER_PAGE,
      href: (page) => address("/recommandations", { ...given, ...sorted, page: String(page) }),
    }),
  });
}
