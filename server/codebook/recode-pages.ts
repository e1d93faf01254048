import type { Db, ReportTable } from "../../db/schema.ts";
import { holds } from "../../workflows/actor.ts";
import { STATE_WORDS } from "../../workflows/report.words.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, integer, longDate, percent } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import type { Outcome } from "./crosswalk.ts";
import { type CodebookDefinition, REVERSE } from "./definition.ts";
import { labelIn, labelOf } from "./labels.ts";
import {
  findTask,
  followingOf,
  layersSeenBy,
  listTasks,
  listToRecode,
  planFor,
  progressByVersion,
  reasonsAgainst,
  stepsBetween,
  TASKS_PER_PAGE,
  type TaskStatus,
} from "./recode.ts";
import { codebookVersion, currentCodebook, listVersions } from "./store.ts";

const STATUSES = ["waiting", "done", "not_needed"] as const satisfies readonly TaskStatus[];
const TONES = { waiting: "warning", done: "success", not_needed: "neutral" } as const;

type Progress = {
  version: string;
  href: string;
  current: boolean;
  counts: { label: string; count: string }[];
  share: number;
  words: string;
};
const recodePage = template<{
  title: string;
  progress: Progress[];
  version: string | null;
  filters: { href: string; label: string; current: boolean }[];
  lines: { href: string; label: string; facts: string; tag: { tone: string; label: string }; why: string | null }[];
  pagination: Pagination;
}>("codebook/recode");

/** How far reports of earlier versions came, version by version, and the reports of one of them. */
export async function recodeProgress(
  db: Db,
  { version, status, page }: { version: string | undefined; status: TaskStatus | null; page: number },
  { t, language }: Exchange,
) {
  const byVersion = await progressByVersion(db);
  const published = (await listVersions(db)).map((one) => one.version).filter((one) => byVersion.has(one));
  const chosen = published.find((one) => one === version) ?? published[0] ?? null;
  const n = (count: number) => integer(count, language);
  const address = (wanted: TaskStatus | null, at = 1) => {
    const query = new URLSearchParams({
      ...(chosen && { version: chosen }),
      ...(wanted && { etat: wanted }),
      ...(at > 1 && { page: String(at) }),
    });
    return `/grille/recodage?${query}`;
  };
  const { total, lines } = chosen ? await listTasks(db, { version: chosen, status, page }) : { total: 0, lines: [] };
  const title = t("codebook.recode.title");
  return recodePage(title, {
    title,
    progress: published.map((one) => {
      const { done, waiting, not_needed } = byVersion.get(one)!;
      const asked = done + waiting;
      return {
        version: one,
        href: `/grille/recodage?version=${one}`,
        current: one === chosen,
        counts: [
          { label: t("codebook.recode.status.done"), count: n(done) },
          { label: t("codebook.recode.status.waiting"), count: n(waiting) },
          { label: t("codebook.recode.status.not_needed"), count: n(not_needed) },
        ],
        share: asked === 0 ? 1 : done / asked,
        words:
          asked === 0
            ? t("codebook.recode.nobody")
            : t("codebook.recode.share", { share: percent(done / asked, language), done: n(done), all: n(asked) }),
      };
    }),
    version: chosen,
    filters: [null, ...STATUSES].map((one) => ({
      href: address(one),
      label: one ? t(`codebook.recode.filter.${one}`) : t("codebook.recode.filter.all"),
      current: one === status,
    })),
    lines: lines.map((line) => ({
      href: `/rapports/${line.report_id}/version`,
      label: line.report_id,
      facts: [
        STATE_WORDS[line.state][language],
        t("codebook.recode.of", { version: line.from_version }),
        ...(line.decided_at && line.status !== "waiting"
          ? [t("codebook.recode.by", { name: line.name ?? "", date: longDate(dayOf(line.decided_at), language) })]
          : []),
      ].join(" · "),
      tag: { tone: TONES[line.status], label: t(`codebook.recode.status.${line.status}`) },
      why: line.reason ?? (line.replaced ? t("codebook.recode.replaced") : null),
    })),
    pagination: paginate({ total, page, size: TASKS_PER_PAGE, href: (at) => address(status, at) }),
  });
}

type ValueLine = { links: { href: string; label: string }[]; label: string; said: string; outcome: string; quotes: string[] };
const versionPage = template<{
  title: string;
  id: string;
  facts: string[];
  lead: string;
  done: string | null;
  excused: string | null;
  counts: { label: string; count: string; note: string }[] | null;
  hidden: string | null;
  factors: { label: string; outcome: string; count: string; tone: string }[];
  recoded: ValueLine[];
  act: { action: string; to: string; label: string; version: string; reasons: string[] } | null;
  excuse: { action: string; to: string; reason: Field; back: boolean } | null;
  errors: { href: string; text: string }[];
}>("codebook/report-version");

const OUTCOMES = ["carried", "partly", "recode", "retired"] as const satisfies readonly Outcome[];
const OUTCOME_TONES = { carried: "success", partly: "progress", recode: "warning", retired: "neutral" } as const;

const valueWords = (definition: CodebookDefinition, factor: string, value: string, language: Language): string => {
  const own = definition.factors.find(({ code }) => code === factor);
  return value
    .split(",")
    .map((one) => {
      const listed = own?.options.some(({ code }) => code === one) ? own.options : definition.presence;
      return labelIn(listed, one, language);
    })
    .join(", ");
};

const subjectWords = async (db: Db, reportId: string, t: T) => {
  const people = new Map(
    (await peopleOf(db, reportId)).map(({ id, kind, number }) => [id, t(`codebook.recode.people.${kind}`, { number })]),
  );
  return (subject: string): string =>
    subject === "case"
      ? t("codebook.recode.people.case")
      : subject === REVERSE
        ? t("codebook.recode.people.reverse")
        : (people.get(subject) ?? "");
};

/** What passing to the version in force does to the codings of a report, and the act itself. @throws NotFound */
export async function reportVersion(db: Db, id: string, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t, language, by, audit } = exchange;
  const report: ReportTable = await findReport(db, id, by);
  audit("report.version-read", "report", report.id);
  const current = await currentCodebook(db);
  const layers = await layersSeenBy(db, report, by);
  const behind = report.codebook_version !== current.version;
  const plan = behind ? await planFor(db, report, current.version, layers) : null;
  const task = await findTask(db, report.id, current.version);
  const own = await codebookVersion(db, report.codebook_version);
  const n = (count: number) => integer(count, language);
  const passed = behind ? [] : await listToRecode(db, report.id, current.version, layers);
  const subjectOf = await subjectWords(db, report.id, t);
  const recoded = await Promise.all(
    passed.map(async ({ factor, subject, outcome, value, passages, fromVersion }): Promise<ValueLine> => {
      const before = await codebookVersion(db, fromVersion);
      const known = before.factors.find(({ code }) => code === factor);
      const steps = (await stepsBetween(db, fromVersion, report.codebook_version)) ?? [];
      const following = own.factors.filter(({ code }) => followingOf(steps, factor).includes(code));
      return {
        links: following.map((one) => ({ href: `/rapports/${report.id}/codage?facteur=${one.code}`, label: labelOf(one, language) })),
        label: known ? labelOf(known, language) : factor,
        said: t("codebook.recode.formerLine", { subject: subjectOf(subject), value: valueWords(before, factor, value, language) }),
        outcome: t(`codebook.recode.outcome.${outcome}`),
        quotes: passages.map(({ quote }) => quote),
      };
    }),
  );
  const reasons = behind ? (await reasonsAgainst(db, report, by)).map((key) => t(key)) : [];
  if (behind && !plan) reasons.push(t("codebook.recode.refused.noWay"));
  const title = t("codebook.recode.reportTitle");
  const coordinates = holds(by, "coordinator");
  return versionPage(title, {
    title,
    id: report.id,
    facts: [STATE_WORDS[report.state][language], t("codebook.recode.pinned", { version: report.codebook_version })],
    lead: behind ? t("codebook.recode.behind", { version: current.version }) : t("codebook.recode.upToDate", { version: current.version }),
    done:
      task?.status === "done" && task.decided_at
        ? t("codebook.recode.passed", { from: task.from_version, date: longDate(dayOf(task.decided_at), language) })
        : null,
    excused: task?.status === "not_needed" ? task.reason : null,
    counts: plan
      ? OUTCOMES.map((outcome) => ({
          label: t(`codebook.recode.outcome.${outcome}`),
          count: n(plan.outcomes[outcome]),
          note: t(`codebook.recode.outcomeNote.${outcome}`),
        }))
      : null,
    hidden:
      behind && report.coding_mode === "blind" ? t(layers.length === 0 ? "codebook.recode.blindNone" : "codebook.recode.blindOwn") : null,
    factors: (plan?.byFactor ?? [])
      .filter(({ outcome }) => outcome !== "carried")
      .map(({ factor, outcome, count }) => {
        const known = own.factors.find(({ code }) => code === factor);
        return {
          label: known ? labelOf(known, language) : factor,
          outcome: t(`codebook.recode.outcome.${outcome}`),
          count: n(count),
          tone: OUTCOME_TONES[outcome],
        };
      }),
    recoded,
    act: behind
      ? {
          action: `/rapports/${report.id}/version`,
          to: current.version,
          version: String(report.version),
          label: t("codebook.recode.act", { version: current.version }),
          reasons,
        }
      : null,
    excuse:
      behind && coordinates && task && (task.status === "waiting" || task.status === "not_needed")
        ? {
            action: `/rapports/${report.id}/version/dispense`,
            to: current.version,
            reason: field("reason", typed, problems),
            back: task.status === "not_needed",
          }
        : null,
    errors: summary(problems),
  });
}
