import type { Db, Tx } from "../../db/schema.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import { longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { courtLabel, departmentLabel } from "../reports/places.ts";
import { listDocuments, peopleOf } from "../reports/queries.ts";
import {
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
import { listMakers } from "./queries.ts";
import { leftBehind } from "./review.ts";

type ReviewCard = FindingCard & {
  recommendations: RecommendationCard[];
  form: { decision: Field & { id: string }; comment: Field & { id: string } } | null;
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
  progress: { decided: number; total: number; label: string };
  findings: ReviewCard[];
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

/** Everything a reviewer needs on one page. `about` is the finding whose decision came back with problems; null: the sending back. */
export async function reviewPage(
  db: Db,
  id: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
  about: number | null = null,
) {
  const { by, t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, facts, codebook, findings } = drafts;
  exchange.audit("review.read", "report", id);
  const recommendations = drafts.recommendations.map((one) => ({
    findings: one.findings,
    card: recommendationCard(one, codebook, language, t),
  }));
  const deciding = standing(report, facts, by, "FINDING_APPROVED", language);
  const open = deciding.reasons.length === 0;
  const makers = await listMakers(db, report);
  const people = await peopleOf(db, id);
  const behind = report.state === "analysed" ? await leftBehind(db, id) : [];
  const named = (state: "approved" | "issued") =>
    behind
      .filter((one) => one.state === state)
      .map(({ reference, text }) => `${reference} (${RECOMMENDATION_STATE_WORDS[state][language].toLowerCase()}) – ${text}`);
  const approved = findings.filter(({ status }) => status === "approved");
  const numbers = new Set(approved.map(({ number }) => number));
  const decided = findings.filter(({ status }) => status !== "draft").length;
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
    progress: { decided, total: findings.length, label: t("findings.review.progress", { decided, total: findings.length }) },
    findings: findings.map((one) => {
      const here = about === one.number;
      const own = <Name extends string>(name: Name, stored = "") => ({
        ...field(name, here ? typed : null, here ? problems : {}, stored),
        id: `${name}-${one.number}`,
      });
      return {
        ...findingCard(one, drafts, language, t),
        recommendations: recommendations.filter((tied) => tied.findings.includes(one.number)).map(({ card }) => card),
        form: open ? { decision: own("decision"), comment: own("comment") } : null,
      };
    }),
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
    behind: { approved: named("approved"), issued: named("issued") },
    editions: await editionLinks(db, id, language, t),
    errors: Object.entries(problems).map(([name, text]) => ({ href: about === null ? `#${name}` : `#${name}-${about}`, text })),
  });
}
