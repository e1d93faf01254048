import type { Db, ReportTable } from "../../db/schema.ts";
import type { ReportEvent, Rule } from "../../workflows/report.machine.ts";
import { explain } from "../../workflows/report.words.ts";
import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import { dayOf, instant } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language } from "../http/words.ts";
import { countsLine, qualityOf } from "../reports/quality/summary.ts";
import { type About, type CardField, cardSummary, fieldsOf } from "./card-fields.ts";
import {
  type Drafts,
  type EditionLink,
  editionLinks,
  type FindingCard,
  findingCard,
  type Link,
  type RecommendationCard,
  readDrafts,
  recommendationCard,
  standing,
  stateTag,
  type Tag,
  trail,
} from "./cards.ts";
import type { FindingRow } from "./queries.ts";

/** A form is null where there is nothing to do for this person. */
type DraftCard = FindingCard & {
  /** To answer a reviewer's words. */
  answer: { open: boolean; reason: CardField; closed: string[] } | null;
  /** To propose other words for what is published. */
  correct: { open: boolean; statement: CardField; publicStatement: CardField; service: CardField; reason: CardField } | null;
  dissent: { open: boolean; text: CardField } | null;
};
const draftsView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  state: Tag;
  version: number;
  /** Why the reader cannot write now; none when they can. */
  closed: string[];
  returned: { by: string; at: string; reason: string } | null;
  findings: DraftCard[];
  recommendations: RecommendationCard[];
  /** What the rules of quality find, where it is judged. */
  quality: { counts: string; text: string; href: string } | null;
  submit: { open: boolean; missing: { text: string; links: Link[] }[] };
  resume: Field | null;
  editions: EditionLink[];
  errors: { href: string; text: string }[];
}>("findings/drafts");

/** Why the findings came back from review last time, while they are being revised. */
async function lastReturn(db: Db, report: ReportTable, language: Language) {
  if (report.state !== "coded") return null;
  const last = await db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .select(["report_event.type", "report_event.at", "report_event.reason", "account.name"])
    .where("report_id", "=", report.id)
    .where("report_event.type", "in", ["FINDINGS_RETURNED", "FINDINGS_RESUMED", "FINDINGS_SUBMITTED"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return last?.type === "FINDINGS_RETURNED" ? { by: last.name, at: instant(last.at, language), reason: last.reason ?? "" } : null;
}

/** What this person may do about one finding of the page, besides writing it again. */
function formsOf(
  finding: FindingRow,
  { report, facts, about: all }: Drafts,
  { by, language }: Exchange,
  typed: Typed | null,
  problems: Problems,
  about: About,
): Omit<DraftCard, keyof FindingCard> {
  const { number } = finding;
  const judged = { ...facts, finding: all.get(number) ?? null };
  const reasonsFor = (type: ReportEvent["type"]) => standing(report, judged, by, type, language).reasons;
  const may = (type: ReportEvent["type"]) => reasonsFor(type).length === 0;
  const fields = (form: NonNullable<About>["form"]) => fieldsOf({ number, form }, about, typed, problems);
  const [answer, correct, dissent] = [fields("answer"), fields("correction"), fields("dissent")];
  return {
    answer: may("FINDING_EDITS_DECLINED")
      ? { open: answer.here, reason: answer.one("reason"), closed: reasonsFor("FINDING_EDITS_ACCEPTED") }
      : null,
    correct: may("FINDING_CORRECTION_PROPOSED")
      ? {
          open: correct.here,
          statement: correct.one("statement", finding.statement),
          publicStatement: correct.one("publicStatement", finding.public_statement),
          service: correct.one("service", finding.service),
          reason: correct.one("reason"),
        }
      : null,
    dissent: may("DISSENT_RECORDED") ? { open: dissent.here, text: dissent.one("text") } : null,
  };
}

/** @param about the form of a finding that came back with problems */
export async function draftsPage(
  db: Db,
  id: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
  about: About = null,
) {
  const { by, t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, facts, findings, recommendations, cards } = drafts;
  exchange.audit("findings.read", "report", id);
  const here = `/rapports/${id}/constats`;
  const toFinding = (rows: readonly FindingRow[], anchor = ""): Link[] =>
    rows.map(({ number }) => ({ href: `${here}/${number}${anchor}`, label: t("findings.finding", { number }) }));
  const links: Partial<Record<Rule, Link[]>> = {
    aFindingIsWritten: [{ href: `${here}/nouveau`, label: t("findings.add") }],
    everyFindingHasEvidence: toFinding(
      findings.filter(({ factors, passages }) => {
        const theirs = cards.filter(({ code }) => factors.includes(code));
        const shown = new Set(theirs.flatMap((card) => card.passages));
        return theirs.length === 0 || theirs.length < factors.length || passages.length === 0 || passages.some((one) => !shown.has(one));
      }),
      "#factors",
    ),
    everyRecommendationHasAFinding: recommendations
      .filter((one) => one.findings.length === 0)
      .map(({ number, reference }) => ({ href: `${here}/recommandations/${number}#findings`, label: reference })),
    noFindingIsLeftReturned: toFinding(findings.filter(({ status }) => status === "returned")),
    noBlockingIssue: [{ href: `/rapports/${id}/qualite`, label: t("quality.panel.see") }],
  };
  const quality = ["coded", "analysed"].includes(report.state) ? await qualityOf(db, report, dayOf(exchange.now)) : null;
  const writing = standing(report, facts, by, "FINDING_WRITTEN", language);
  const submitting = standing(report, facts, by, "FINDINGS_SUBMITTED", language);
  const resuming = standing(report, facts, by, "FINDINGS_RESUMED", language);
  return draftsView(t("findings.drafts.pageTitle", { id }), {
    id,
    trail: trail(id, t, { label: t("findings.drafts.title") }),
    state: stateTag(report, language),
    version: report.version,
    closed: [...(drafts.kept ? [t("findings.blind")] : []), ...writing.reasons],
    returned: await lastReturn(db, report, language),
    findings: findings.map((one) => ({
      ...findingCard(one, drafts, language, t),
      ...formsOf(one, drafts, exchange, typed, problems, about),
    })),
    recommendations: recommendations.map((one) => recommendationCard(one, drafts.codebook, language, t)),
    quality: quality && {
      counts: countsLine(quality, language, t),
      text: t(quality.blocking > 0 ? "quality.panel.blocking" : quality.warnings > 0 ? "quality.panel.warnings" : "quality.panel.clear"),
      href: `/rapports/${id}/qualite`,
    },
    submit: {
      open: submitting.reasons.length === 0,
      missing: submitting.broken
        .filter((rule) => links[rule])
        .map((rule) => ({ text: explain(rule, facts, by, language), links: links[rule] ?? [] })),
    },
    resume: resuming.reasons.length === 0 ? field("reason", about ? null : typed, about ? {} : problems) : null,
    editions: await editionLinks(db, id, language, t),
    errors: cardSummary(problems, about),
  });
}
