import type { Db, Tx } from "../../db/schema.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import { longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { T } from "../http/words.ts";
import { courtLabel, departmentLabel } from "../reports/places.ts";
import { suspectsIn } from "../reports/public-statement.ts";
import { listDocuments, peopleOf } from "../reports/queries.ts";
import { type About, type CardField, type CardListField, cardSummary, fieldsOf } from "./card-fields.ts";
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
  type Standing,
  standing,
  stateTag,
  type Tag,
  trail,
} from "./cards.ts";
import type { Choice } from "./labels.ts";
import { PUBLIC_CHECKS } from "./public-checklist.ts";
import { type FindingRow, listMakers } from "./queries.ts";
import { leftBehind, RETURN_CATEGORIES } from "./review.ts";

/** A public statement cut where something in it looks like what a public text must not hold. */
type Marked = { runs: { text: string; check: string | null }[]; suspects: string[] };
/** A form, or why it is closed to this person; null: nothing to do. */
type Closed = { reasons: string[] };
type ReviewCard = FindingCard & {
  recommendations: RecommendationCard[];
  marked: Marked | null;
  /** The correction that waits, with its public statement marked in the same way. */
  markedCorrection: Marked | null;
  form: { decision: CardField; comment: CardField; category: CardField; checks: CardListField | null } | null;
  edits: {
    open: boolean;
    statement: CardField;
    publicStatement: CardField;
    service: CardField;
    reason: CardField;
    checks: CardListField;
  } | null;
  askSecond: boolean;
  confirm: { comment: CardField; checks: CardListField } | Closed | null;
  correction: { answer: CardField; comment: CardField; checks: CardListField | null } | Closed | null;
  withdraw: { open: boolean; reason: CardField } | Closed | null;
  dissent: { open: boolean; text: CardField } | null;
};
const reviewView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  state: Tag;
  version: number;
  provisional: boolean;
  sheet: { term: string; detail: string }[];
  documents: Link[];
  /** Why the reader cannot decide; none when they can. */
  closed: string[];
  /** The findings are published: what may still be done is a correction or a withdrawal. */
  published: boolean;
  progress: { decided: number; total: number; label: string };
  findings: ReviewCard[];
  checks: Choice[];
  categories: Choice[];
  sendBack: { standing: Standing; reason: Field };
  publish: { standing: Standing; approved: number; returned: number; recommendations: number };
  behind: { approved: string[]; issued: string[] };
  editions: EditionLink[];
  errors: { href: string; text: string }[];
}>("findings/review");

/** The next finding that waits for a decision, after the one just decided and round again; null when none is left. */
export async function nextUndecided(tx: Tx, reportId: string, after: number): Promise<number | null> {
  const rows = await tx
    .selectFrom("finding")
    .select("number")
    .where("report_id", "=", reportId)
    .where("status", "=", "draft")
    .where("deleted_at", "is", null)
    .orderBy("number")
    .execute();
  return (rows.find(({ number }) => number > after) ?? rows[0])?.number ?? null;
}

/** The checks of a public statement, to tick. */
export const checkChoices = (t: T): Choice[] => PUBLIC_CHECKS.map((check) => ({ value: check, label: t(`findings.checks.${check}`) }));

/** @param passages everything that the text must not repeat */
function markedStatement(text: string, passages: readonly string[], t: T): Marked {
  const suspects = suspectsIn(text, { passages, places: [] });
  const runs: Marked["runs"] = [];
  let from = 0;
  for (const { start, end, check } of suspects) {
    if (start > from) runs.push({ text: text.slice(from, start), check: null });
    runs.push({ text: text.slice(start, end), check: t(`findings.checks.short.${check}`) });
    from = end;
  }
  if (from < text.length) runs.push({ text: text.slice(from), check: null });
  return {
    runs,
    suspects: suspects.map((one) => t("findings.checks.suspect", { check: t(`findings.checks.short.${one.check}`), text: one.text })),
  };
}

/** What this person may do about one finding of the page. */
function formsOf(
  finding: FindingRow,
  { report, facts, about: all, passages }: Drafts,
  { by, t, language }: Exchange,
  typed: Typed | null,
  problems: Problems,
  about: About,
): Omit<ReviewCard, keyof FindingCard | "recommendations"> {
  const { number } = finding;
  const judged = { ...facts, finding: all.get(number) ?? null };
  const reasonsFor = (type: ReportEvent["type"]) => standing(report, judged, by, type, language).reasons;
  const may = (type: ReportEvent["type"]) => reasonsFor(type).length === 0;
  const fields = (form: NonNullable<About>["form"]) => fieldsOf({ number, form }, about, typed, problems);
  const waiting = finding.proposals.find(({ outcome }) => outcome === null);
  const quotes = [...passages.values()].map(({ quote }) => quote);
  const decision = fields("decision");
  const edits = fields("edits");
  const confirm = fields("confirm");
  const correction = fields("correction");
  const withdraw = fields("withdraw");
  const dissent = fields("dissent");
  const confirming = report.state === "analysed" && finding.second_review === "asked" && finding.status === "approved";
  const correcting = report.state === "published" && waiting?.kind === "correction";
  return {
    marked: finding.public_statement === null || report.state !== "analysed" ? null : markedStatement(finding.public_statement, quotes, t),
    markedCorrection: correcting && waiting.public_statement ? markedStatement(waiting.public_statement, quotes, t) : null,
    form: may("FINDING_APPROVED")
      ? {
          decision: decision.one("decision"),
          comment: decision.one("comment"),
          category: decision.one("category"),
          checks: finding.public_statement === null ? null : decision.list("checks"),
        }
      : null,
    edits: may("FINDING_EDITS_PROPOSED")
      ? {
          open: edits.here,
          statement: edits.one("statement", finding.statement),
          publicStatement: edits.one("publicStatement", finding.public_statement),
          service: edits.one("service", finding.service),
          reason: edits.one("reason"),
          checks: edits.list("checks"),
        }
      : null,
    askSecond: may("SECOND_REVIEW_ASKED"),
    confirm: !confirming
      ? null
      : may("PUBLIC_STATEMENT_CONFIRMED")
        ? { comment: confirm.one("comment"), checks: confirm.list("checks") }
        : { reasons: reasonsFor("PUBLIC_STATEMENT_CONFIRMED") },
    correction: !correcting
      ? null
      : may("FINDING_CORRECTED")
        ? {
            answer: correction.one("answer"),
            comment: correction.one("comment"),
            checks: waiting.public_statement === null ? null : correction.list("checks"),
          }
        : { reasons: reasonsFor("FINDING_CORRECTED") },
    withdraw:
      report.state !== "published" ||
      !judged.finding?.published ||
      standing(report, facts, by, "FINDING_CORRECTED", language).reasons.length > 0
        ? null
        : may("FINDING_WITHDRAWN")
          ? { open: withdraw.here, reason: withdraw.one("reason") }
          : { reasons: reasonsFor("FINDING_WITHDRAWN") },
    dissent: may("DISSENT_RECORDED") ? { open: dissent.here, text: dissent.one("text") } : null,
  };
}

/** Everything a reviewer needs on one page. `about` is the form that came back with problems; null: the sending back. */
export async function reviewPage(
  db: Db,
  id: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
  about: About = null,
) {
  const { by, t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, facts, codebook, findings } = drafts;
  exchange.audit("review.read", "report", id);
  const recommendations = drafts.recommendations.map((one) => ({
    findings: one.findings,
    card: recommendationCard(one, codebook, language, t),
  }));
  const published = report.state === "published";
  const deciding = standing(report, facts, by, published ? "FINDING_CORRECTED" : "FINDING_APPROVED", language);
  const makers = await listMakers(db, report);
  const people = await peopleOf(db, id);
  const behind = report.state === "analysed" ? await leftBehind(db, id) : [];
  const named = (issued: boolean) =>
    behind
      .filter(({ state }) => (state !== "approved") === issued)
      .map(({ reference, text, state }) => `${reference} (${RECOMMENDATION_STATE_WORDS[state][language].toLowerCase()}) – ${text}`);
  const approved = findings.filter(({ status }) => status === "approved");
  const numbers = new Set(approved.map(({ number }) => number));
  const decided = findings.filter(({ status }) => status === "approved" || status === "returned").length;
  return reviewView(t("findings.review.pageTitle", { id }), {
    id,
    trail: trail(id, t, { label: t("findings.review.title") }),
    state: stateTag(report, language),
    version: report.version,
    provisional: !["final", "extinguished", "dismissed"].includes(report.proceedings),
    sheet: [
      [t("reports.show.actDate"), longDate(report.act_date, language)],
      [t("reports.show.actKind"), t(`reports.actKinds.${report.act_kind}`)],
      [t("reports.show.department"), departmentLabel(report.department)],
      [t("reports.show.court"), `${courtLabel(report.court)} (${report.appeal_court})`],
      [t("reports.show.proceedings"), t(`reports.proceedings.${report.proceedings}`)],
      [t("reports.show.issuing"), `${report.issuing_service} (${t(`reports.issuingKinds.${report.issuing_kind}`)})`],
      [t("reports.show.received"), longDate(report.received_on, language)],
      [t("reports.show.people"), people.map(({ kind, number }) => `${t(`reports.people.${kind}`)} ${number}`).join(", ")],
      [t("findings.review.coders"), report.coding_mode === "blind" ? "" : makers.coders.join(", ")],
      [t("findings.review.authors"), makers.authors.join(", ")],
    ]
      .filter(([, detail]) => detail)
      .map(([term, detail]) => ({ term: term!, detail: detail! })),
    documents: (await listDocuments(db, id)).map(({ number, file_name }) => ({
      href: `/rapports/${id}/documents/${number}/original`,
      label: `${number}. ${file_name}`,
    })),
    closed: [...(drafts.kept ? [t("findings.blind")] : []), ...deciding.reasons],
    published,
    progress: { decided, total: findings.length, label: t("findings.review.progress", { decided, total: findings.length }) },
    findings: findings.map((one) => ({
      ...findingCard(one, drafts, language, t),
      recommendations: recommendations.filter((tied) => tied.findings.includes(one.number)).map(({ card }) => card),
      ...formsOf(one, drafts, exchange, typed, problems, about),
    })),
    checks: checkChoices(t),
    categories: RETURN_CATEGORIES.map((value) => ({ value, label: t(`findings.categories.${value}`) })),
    sendBack: {
      standing: standing(report, facts, by, "FINDINGS_RETURNED", language),
      reason: field("reason", about === null ? typed : null, about === null ? problems : {}),
    },
    publish: {
      standing: standing(report, facts, by, "FINDINGS_PUBLISHED", language),
      approved: approved.length,
      returned: facts.returnedFindings,
      recommendations: recommendations.filter((one) => one.findings.some((number) => numbers.has(number))).length,
    },
    behind: { approved: named(false), issued: named(true) },
    editions: await editionLinks(db, id, language, t),
    errors: cardSummary(problems, about),
  });
}
