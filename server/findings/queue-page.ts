import type { Db, ReportTable } from "../../db/schema.ts";
import { holds } from "../../workflows/actor.ts";
import type { FindingFacts, ReportEvent, ReportFacts } from "../../workflows/report.machine.ts";
import { type Field, field } from "../http/fields.ts";
import { dayOf, integer, shortDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { factsOf, findingFactsOf } from "../reports/facts.ts";
import { departmentLabel } from "../reports/places.ts";
import { standing } from "./cards.ts";
import type { Choice } from "./labels.ts";
import { countReturns, listInReview, listSecondReviews, listWaitingProposals } from "./queue.ts";
import { RETURN_CATEGORIES } from "./review.ts";

/** One thing that waits for a decision elsewhere than in a report, with the reasons in words why this person cannot take it (none: they can). */
export type WaitingElsewhere = { href: string; label: string; detail: string; since: string; reasons: string[] };
export type Elsewhere = (db: Db, exchange: Exchange) => Promise<WaitingElsewhere[]>;

type ReportLine = {
  href: string;
  id: string;
  high: boolean;
  detail: string;
  since: string;
  days: string;
  decided: string;
  notes: string[];
  /** Empty: this person may review it. */
  reasons: string[];
};
type Line = { href: string; label: string; detail: string; since: string; reasons: string[] };
const queueView = template<{
  who: Field;
  whos: Choice[];
  empty: string | null;
  reports: ReportLine[];
  groups: { id: string; title: string; lines: Line[] }[];
  returns: { total: string; rows: { label: string; count: string }[] };
}>("findings/queue");

const DAY = 86_400_000;

/** What waits for review, everywhere; `who` null: what this person may decide if they review, else everything. */
export async function queuePage(db: Db, who: "moi" | "tous" | null, exchange: Exchange, elsewhere: Elsewhere) {
  const { by, t, language, now } = exchange;
  const chosen = who ?? (holds(by, "reviewer") ? "moi" : "tous");
  const known = new Map<string, { report: ReportTable; facts: ReportFacts; findings: Map<number, FindingFacts> }>();
  const judge = async (report: ReportTable) => {
    const found = known.get(report.id) ?? { report, facts: await factsOf(db, report), findings: await findingFactsOf(db, report.id) };
    known.set(report.id, found);
    return found;
  };
  const judgeById = async (id: string) =>
    known.get(id) ?? judge(await db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
  const since = (at: string) => shortDate(dayOf(at), language);
  const mine = ({ reasons }: { reasons: string[] }) => chosen === "tous" || reasons.length === 0;

  const reports: ReportLine[] = [];
  for (const { report, submittedAt } of await listInReview(db)) {
    const { facts, findings } = await judge(report);
    const all = [...findings.values()];
    const decided = all.filter(({ status }) => status === "approved" || status === "returned").length;
    reports.push({
      href: `/rapports/${report.id}/relecture`,
      id: report.id,
      high: report.priority === "high",
      detail: [shortDate(report.act_date, language), departmentLabel(report.department)].join(" · "),
      since: t("findings.queue.since", { date: since(submittedAt) }),
      days: t("findings.queue.days", { count: Math.max(0, Math.floor((Date.parse(now) - Date.parse(submittedAt)) / DAY)) }),
      decided: t("findings.queue.ofTotal", { decided: integer(decided, language), total: integer(all.length, language) }),
      notes: [
        ...(facts.proposedFindings > 0 ? [t("findings.queue.proposals", { count: facts.proposedFindings })] : []),
        ...(facts.secondReviewsWaiting > 0 ? [t("findings.queue.seconds", { count: facts.secondReviewsWaiting })] : []),
        ...(facts.undecidedFindings + facts.proposedFindings + facts.secondReviewsWaiting === 0 && facts.approvedFindings > 0
          ? [t("findings.queue.ready")]
          : []),
      ],
      reasons: standing(report, facts, by, "FINDING_APPROVED", language).reasons,
    });
  }
  const about = async (
    row: { report_id: string; number: number; since: string },
    type: ReportEvent["type"],
    room: "relecture" | "constats",
    detail: string,
  ): Promise<Line> => {
    const { report, facts, findings } = await judgeById(row.report_id);
    return {
      href: `/rapports/${row.report_id}/${room}#constat-${row.number}`,
      label: t("findings.queue.line", { id: row.report_id, number: row.number }),
      detail,
      since: since(row.since),
      reasons: standing(report, { ...facts, finding: findings.get(row.number) ?? null }, by, type, language).reasons,
    };
  };
  const seconds: Line[] = [];
  for (const row of await listSecondReviews(db))
    seconds.push(await about(row, "PUBLIC_STATEMENT_CONFIRMED", "relecture", t("findings.queue.approvedBy", { name: row.name })));
  const corrections: Line[] = [];
  const proposals: Line[] = [];
  for (const row of await listWaitingProposals(db)) {
    const detail = t("findings.queue.proposedBy", { name: row.name });
    if (row.kind === "correction") corrections.push(await about(row, "FINDING_CORRECTED", "relecture", detail));
    else proposals.push(await about(row, "FINDING_EDITS_DECLINED", "constats", detail));
  }
  const others: Line[] = (await elsewhere(db, exchange)).map((one) => ({ ...one, since: since(one.since) }));
  const groups = (
    [
      ["second", seconds],
      ["corrections", corrections],
      ["proposals", proposals],
      ["elsewhere", others],
    ] as const
  )
    .map(([id, lines]) => ({ id, title: t(`findings.queue.${id}`), lines: lines.filter(mine) }))
    .filter(({ lines }) => lines.length > 0);
  const shown = reports.filter(mine);
  const { decisions, returns } = await countReturns(db, new Date(Date.parse(now) - 365 * DAY).toISOString());
  const returned = [...returns.values()].reduce((sum, n) => sum + n, 0);
  exchange.audit("review-queue.read");
  return queueView(t("findings.queue.title"), {
    who: field("qui", null, {}, chosen),
    whos: [
      { value: "moi", label: t("findings.queue.mine") },
      { value: "tous", label: t("findings.queue.all") },
    ],
    empty: shown.length + groups.length > 0 ? null : t(chosen === "moi" ? "findings.queue.emptyMine" : "findings.queue.emptyAll"),
    reports: shown,
    groups,
    returns: {
      total: t("findings.queue.returnsOf", { count: returned, decisions: integer(decisions, language) }),
      rows:
        returned === 0
          ? []
          : [
              ...RETURN_CATEGORIES.map((category) => ({ label: t(`findings.categories.${category}`), count: returns.get(category) ?? 0 })),
              ...(returns.has(null) ? [{ label: t("findings.queue.uncategorised"), count: returns.get(null)! }] : []),
            ].map(({ label, count }) => ({ label, count: integer(count, language) })),
    },
  });
}
