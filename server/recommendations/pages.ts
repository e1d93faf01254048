import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { type RecommendationState, recommendationOffers } from "../../workflows/recommendation.decide.ts";
import type { RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { RECOMMENDATION_EVENT_WORDS, RECOMMENDATION_RULE_WORDS, RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { choicesOf, labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { findRecommendation, historyOf } from "../follow-up/act.ts";
import { recommendationFactsOf } from "../follow-up/facts.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, integer, longDate, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language } from "../http/words.ts";
import { FORMATS, type Format } from "./export.ts";
import { activeFilters, FILTERS, type FilterName, filterOf, type RegisterInput } from "./filters.ts";
import { findingsBehind, listApprovalYears, listRegister, RECOMMENDATIONS_PER_PAGE, REGISTERED, type RegisterSort } from "./queries.ts";

type Choice = { value: string; label: string };
type Tag = { tone: "neutral" | "info" | "success"; label: string };
type SortHeader = { label: string; href: string; direction: "ascending" | "descending" | null };

const TONES: Record<RecommendationState, Tag["tone"]> = {
  draft: "neutral",
  approved: "info",
  issued: "info",
  answered: "info",
  assessed: "info",
  closed: "success",
  withdrawn: "neutral",
};
const stateTag = (state: RecommendationState, language: Language): Tag => ({
  tone: TONES[state],
  label: RECOMMENDATION_STATE_WORDS[state][language],
});

// --- the register -----------------------------------------------------------------------------------------------------------------
const registerPage = template<{
  title: string;
  lead: string;
  tabs: ReturnType<typeof followUpTabs>;
  fields: Record<FilterName, Field>;
  options: Record<Exclude<FilterName, "q">, Choice[]>;
  sort: { tri: string; ordre: string };
  active: { label: string; value: string; remove: string; words: string }[];
  headers: Record<RegisterSort, SortHeader>;
  lines: {
    href: string;
    reference: string;
    text: string;
    addressee: string;
    level: string;
    theme: string;
    type: string;
    deadline: string | null;
    late: boolean;
    state: Tag;
    report: { href: string; label: string } | null;
  }[];
  caption: string;
  total: number;
  exports: { href: string; label: string }[] | null;
  pagination: Pagination;
}>("recommendations/register", { wide: true });

const FORMAT_WORDS: Record<Format, string> = { csv: "CSV", xlsx: "XLSX", ods: "ODS", json: "JSON" };

/** The register of recommendations, filtered, sorted and cut in pages by its address. */
export async function register(db: Db, input: RegisterInput & { page: number }, { by, language, t, now }: Exchange) {
  const { recommendation: lists } = await currentCodebook(db);
  const filter = filterOf(input, lists);
  const { total, lines } = await listRegister(db, filter, { page: input.page, addressees: lists.addressees, language });
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
  const header = (sort: RegisterSort): SortHeader => {
    const current = input.tri === sort;
    const order = current ? (input.ordre === "desc" ? "asc" : "desc") : sort === "reference" ? "desc" : "asc";
    return {
      label: t(`recommendations.sorts.${sort}`),
      href: address("/recommandations", { ...given, tri: sort, ordre: order }),
      direction: current ? (input.ordre === "desc" ? "descending" : "ascending") : null,
    };
  };
  const typed: Typed = { ...input, page: undefined };
  const years = await listApprovalYears(db);
  const today = dayOf(now);
  const title = t("recommendations.title");
  return registerPage(title, {
    title,
    lead: t("recommendations.lead"),
    tabs: followUpTabs("register", by, t),
    fields: Object.fromEntries(FILTERS.map((name) => [name, field(name, typed, {})])) as Record<FilterName, Field>,
    options: {
      annee: years.map((year) => ({ value: String(year), label: String(year) })),
      destinataire: choicesOf(lists.addressees, language),
      niveau: choicesOf(lists.levels, language),
      theme: choicesOf(lists.themes, language),
      type: choicesOf(lists.types, language),
      statut: REGISTERED.map((state) => ({ value: state, label: RECOMMENDATION_STATE_WORDS[state][language] })),
    },
    sort: { tri: input.tri, ordre: input.ordre },
    active: active.map(({ name, label, value }) => {
      const { [name]: _, ...others } = given;
      return {
        label,
        value,
        remove: address("/recommandations", { ...others, ...sorted }),
        words: t("recommendations.removeFilter", { name: label }),
      };
    }),
    headers: {
      reference: header("reference"),
      destinataire: header("destinataire"),
      echeance: header("echeance"),
      statut: header("statut"),
    },
    lines: lines.map((line) => ({
      href: `/recommandations/${line.reference}`,
      reference: line.reference,
      text: line.text,
      addressee: labelIn(lists.addressees, line.addressee, language),
      level: labelIn(lists.levels, line.level, language),
      theme: labelIn(lists.themes, line.theme, language),
      type: labelIn(lists.types, line.type, language),
      deadline: line.deadline && shortDate(line.deadline, language),
      late: line.deadline !== null && line.deadline < today && line.state !== "withdrawn",
      state: stateTag(line.state, language),
      report: line.report_id === null ? null : { href: `/rapports/${line.report_id}`, label: line.report_id },
    })),
    caption: t("recommendations.caption", { count: total, n: integer(total, language) }),
    total,
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

// --- one recommendation -----------------------------------------------------------------------------------------------------------
const detailPage = template<{
  title: string;
  reference: string;
  version: number;
  text: string;
  state: Tag;
  facts: { term: string; detail: string; href?: string }[];
  findings: { href: string; title: string; statement: string }[];
  findingsNote: string;
  history: Awaited<ReturnType<typeof historyOf>>;
  acts: { type: "issue" | "withdraw"; label: string; reasons: string[] }[];
  noAct: string | null;
  reason: Field;
  errors: { href: string; text: string }[];
}>("recommendations/show");

/** Acts of the register; a new approval comes with the publication of the report's findings, never from here. */
const ACTS: Partial<Record<RecommendationEvent["type"], "issue" | "withdraw">> = {
  RECOMMENDATION_ISSUED: "issue",
  RECOMMENDATION_WITHDRAWN: "withdraw",
};

/** One recommendation: its words, what it rests on, what happened to it, and what may happen next. @throws NotFound */
export async function recommendation(
  db: Db,
  reference: string,
  { by, language, t, now, audit }: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const row = await findRecommendation(db, reference);
  const { recommendation: lists } = await currentCodebook(db);
  const behind = await findingsBehind(db, row);
  const facts = await recommendationFactsOf(db, row, now);
  audit("recommendation.read", "recommendation", reference);
  const fact = (
    name: "addressee" | "level" | "theme" | "type" | "origin" | "deadline" | "approved" | "issued" | "report",
    detail: string,
  ) => ({
    term: t(`recommendations.columns.${name}`),
    detail,
  });
  const day = (at: string) => longDate(dayOf(at), language);
  const title = t("recommendations.show.title", { reference });
  return detailPage(title, {
    title,
    reference,
    version: row.version,
    text: row.text,
    state: stateTag(row.state, language),
    facts: [
      fact("addressee", labelIn(lists.addressees, row.addressee, language)),
      fact("level", labelIn(lists.levels, row.level, language)),
      fact("theme", labelIn(lists.themes, row.theme, language)),
      fact("type", labelIn(lists.types, row.type, language)),
      fact("origin", t(`recommendations.origins.${row.origin}`)),
      fact("deadline", row.deadline ? longDate(row.deadline, language) : t("recommendations.noDeadline")),
      ...(row.approved_at ? [fact("approved", day(row.approved_at))] : []),
      ...(row.issued_at ? [fact("issued", day(row.issued_at))] : []),
      ...(row.report_id ? [{ ...fact("report", row.report_id), href: `/rapports/${row.report_id}` }] : []),
    ],
    findings: (behind?.findings ?? []).map((finding) => ({
      href: `/rapports/${row.report_id}/editions/${behind?.edition}#constat-${finding.number}`,
      title: t("recommendations.show.finding", { number: finding.number, kind: t(`recommendations.kinds.${finding.kind}`) }),
      statement: finding.statement,
    })),
    findingsNote: behind
      ? t("recommendations.show.findingsNote", { edition: behind.edition, date: day(behind.publishedAt) })
      : t("recommendations.show.noFindings"),
    history: (await historyOf(db, row.id, 0, language)).reverse(),
    acts: recommendationOffers(row.state, facts, by).flatMap(({ type, broken }) => {
      const act = ACTS[type];
      return act
        ? [
            {
              type: act,
              label: RECOMMENDATION_EVENT_WORDS[type].act[language],
              reasons: broken.map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](facts)),
            },
          ]
        : [];
    }),
    noAct: row.state === "withdrawn" ? t("recommendations.show.noAct") : null,
    reason: field("reason", typed, problems),
    errors: summary(problems),
  });
}
