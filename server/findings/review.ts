import { dialectOf } from "../../db/dialect.ts";
import type { Db, FindingDecisionTable, FindingTable, RecommendationTable, ReportTable, ReturnCategory, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { reviewCrossFindings } from "../cross-findings/evidence-changed.ts";
import { moveRecommendation, questionRecommendations } from "../follow-up/move.ts";
import { Invalid, NotFound } from "../http/errors.ts";
import { publishPracticesOf } from "../practices/publish.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { type EditionContent, type EditionFinding, findEdition, listEditions, publishEdition } from "../reports/editions.ts";
import { evidenceOf, lapseProposals } from "../reports/evidence.ts";
import { refuseExposing } from "../reports/quality/public-words.ts";
import { PUBLIC_CHECKS, type PublicCheck } from "./public-checklist.ts";

export type Acting = { reportId: string; seenVersion: number; by: Actor; now: string };

export const RETURN_CATEGORIES = [
  "evidence",
  "wording",
  "confidentiality",
  "kind",
  "scope",
  "recommendation",
  "other",
] as const satisfies readonly ReturnCategory[];

/** A finding of a report by its number. @throws NotFound */
export async function findingOf(tx: Tx, reportId: string, number: number): Promise<FindingTable> {
  const finding = await tx
    .selectFrom("finding")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("number", "=", number)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!finding) throw new NotFound();
  return finding;
}

/** What is ticked of the checklist, to be kept with a decision on this public statement; null where there is none. @throws Invalid for "checks" */
export function checklistOf(publicStatement: string | null, ticked: readonly string[] = []): string | null {
  if (publicStatement === null) return null;
  const checks = PUBLIC_CHECKS.filter((check) => ticked.includes(check));
  if (checks.length < PUBLIC_CHECKS.length) throw new Invalid({ checks: "findings.checks.missing" });
  return JSON.stringify(checks satisfies PublicCheck[]);
}

/** What a finding rests on now, to be kept with a decision on it. */
export const evidenceFor = async (tx: Tx, report: ReportTable, finding: string): Promise<string> =>
  JSON.stringify((await evidenceOf(tx, report)).get(finding));

/** Adds a line to the history of a finding. */
export const recordDecision = (
  tx: Tx,
  { id, version }: Pick<FindingTable, "id" | "version">,
  line: Pick<FindingDecisionTable, "decision" | "comment" | "by" | "at"> &
    Partial<Pick<FindingDecisionTable, "category" | "checklist" | "evidence">>,
) =>
  tx
    .insertInto("finding_decision")
    .values({ finding_id: id, finding_version: version, ...line })
    .execute();

export type Verdict =
  | {
      number: number;
      decision: "approved";
      comment: string /** What was ticked: every one of PUBLIC_CHECKS where there is a public statement. */;
      checklist?: readonly string[];
    }
  | { number: number; decision: "returned"; comment: string; category: ReturnCategory };

/**
 * A reviewer's decision on one finding, kept for ever beside the version of the text it was taken on. Words that waited for the author wait
 * no more, and a second reviewer asked for is to read again.
 * @throws Refusal, Conflict, NotFound; Invalid for "checks" when the checklist of the public statement is not complete
 */
export async function decideFinding(tx: Tx, { reportId, seenVersion, by, now }: Acting, verdict: Verdict): Promise<void> {
  const { number, decision, comment } = verdict;
  const type = decision === "approved" ? "FINDING_APPROVED" : "FINDING_RETURNED";
  const { report } = await applyEvent(tx, { reportId, seenVersion, event: { type, by, reason: comment }, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  if (decision === "approved") await refuseExposing(tx, [reportId], finding.public_statement, { field: "checks", now });
  await recordDecision(tx, finding, {
    decision,
    comment,
    by: by.id,
    at: now,
    ...(verdict.decision === "approved"
      ? { checklist: checklistOf(finding.public_statement, verdict.checklist), evidence: await evidenceFor(tx, report, finding.id) }
      : { category: verdict.category }),
  });
  await lapseProposals(tx, [finding.id], by.id, now);
  await tx
    .updateTable("finding")
    .set({ status: decision, second_review: finding.second_review && "asked" })
    .where("id", "=", finding.id)
    .execute();
}

/** Asks that another reviewer reads the public statement before it is published. @throws Refusal, Conflict, NotFound */
export async function askSecondReview(tx: Tx, { reportId, seenVersion, by, now }: Acting, number: number): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "SECOND_REVIEW_ASKED", by }, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  await recordDecision(tx, finding, { decision: "second_asked", comment: "", by: by.id, at: now });
  await tx.updateTable("finding").set({ second_review: "asked" }).where("id", "=", finding.id).execute();
}

/** The second reviewer has gone through the checklist, and the public statement may be published. @throws as decideFinding */
export async function confirmPublicStatement(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  { number, comment, checklist }: { number: number; comment: string; checklist: readonly string[] },
): Promise<void> {
  const event = { type: "PUBLIC_STATEMENT_CONFIRMED" as const, by, reason: comment };
  await applyEvent(tx, { reportId, seenVersion, event, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  const ticked = checklistOf(finding.public_statement, checklist);
  await recordDecision(tx, finding, { decision: "confirmed", comment, checklist: ticked, by: by.id, at: now });
  await tx.updateTable("finding").set({ second_review: "confirmed" }).where("id", "=", finding.id).execute();
}

/** Sends the findings to review. @throws Refusal, Conflict, NotFound */
export async function submitFindings(tx: Tx, { reportId, seenVersion, by, now }: Acting): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "FINDINGS_SUBMITTED", by }, now });
}

/** Moves a recommendation as publishing requires; the machine lets it, or the programme is wrong. */
async function moved(
  tx: Tx,
  recommendation: RecommendationTable,
  event: RecommendationEvent,
  now: string,
  detail: { edition: number } | null = null,
): Promise<void> {
  const { kind } = await moveRecommendation(tx, recommendation, event, now, { detail });
  if (kind !== "moved") throw new Error(`${event.type} cannot follow ${recommendation.state}`);
}

/**
 * Recommendations of a report that somebody withdrew, with a reason: publishing again does not bring them back. One that an edition withdrew
 * because nothing carried it any more comes back with what carries it.
 */
async function withdrawnForGood(tx: Tx, reportId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom("recommendation")
    .innerJoin("recommendation_event", "recommendation_event.recommendation_id", "recommendation.id")
    .select(["recommendation.id", "recommendation_event.detail"])
    .where("recommendation.report_id", "=", reportId)
    .where("recommendation.state", "=", "withdrawn")
    .where("recommendation_event.type", "=", "RECOMMENDATION_WITHDRAWN")
    .orderBy("recommendation_event.version")
    .execute();
  const last = new Map(rows.map(({ id, detail }) => [id, detail]));
  return [...last].flatMap(([id, detail]) => (detail !== null && "edition" in (JSON.parse(detail) as object) ? [] : [id]));
}

/** References of the recommendations of an edition of whose findings one is no longer in the next, or says or rests on something else. */
function recommendationsShaken(before: EditionContent, after: EditionContent): Set<string> {
  const meaning = ({ kind, statement, factors, passages }: EditionFinding): string => JSON.stringify([kind, statement, factors, passages]);
  const [was, is] = [before, after].map(({ findings }) => new Map(findings.map((one) => [one.number, meaning(one)]))) as [
    Map<number, string>,
    Map<number, string>,
  ];
  return new Set(
    before.recommendations
      .filter(({ findings }) => findings.some((number) => is.get(number) !== was.get(number)))
      .map((one) => one.reference),
  );
}

/** The number that a report's next edition will have. */
export const nextEdition = async (tx: Tx, reportId: string): Promise<number> => ((await listEditions(tx, reportId))[0]?.number ?? 0) + 1;

/**
 * Freezes the approved findings as the report's next edition. Recommendations that no finding of it carries any more are withdrawn while they
 * are only approved; those already issued stay, each marked as asking for a decision. Cross-case findings that rest on the report go back to
 * review where their evidence is another, and what the public reads of its good practices follows.
 * @param approving whether those it carries are approved with it
 * @param withdrawal why a recommendation is withdrawn, for its history
 */
export async function publishNext(
  tx: Tx,
  report: ReportTable,
  { by, now }: Pick<Acting, "by" | "now">,
  approving: boolean,
  withdrawal: (edition: number) => string,
): Promise<number> {
  const [last] = await listEditions(tx, report.id);
  const before = last && (await findEdition(tx, report.id, last.number));
  const { number, recommendationIds } = await publishEdition(tx, report, by.id, now, await withdrawnForGood(tx, report.id));
  const fallen = before ? recommendationsShaken(before.content, (await findEdition(tx, report.id, number))!.content) : new Set();
  const carried = new Set(recommendationIds);
  const recommendations = await tx
    .selectFrom("recommendation")
    .selectAll()
    .where("report_id", "=", report.id)
    .orderBy("number")
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate()) // the register may be acting on one at this moment
    .execute();
  const questioned: string[] = [];
  for (const one of recommendations) {
    if (carried.has(one.id)) {
      if (one.state === "draft" || one.state === "withdrawn") {
        if (approving) await moved(tx, one, { type: "RECOMMENDATION_APPROVED", by }, now);
        // One that nobody was sent yet was read again with its findings, where they were all reviewed.
      } else if (fallen.has(one.reference) && (one.state !== "approved" || !approving)) questioned.push(one.id);
    } else if (one.state === "approved")
      await moved(tx, one, { type: "RECOMMENDATION_WITHDRAWN", by, reason: withdrawal(number) }, now, { edition: number });
    else questioned.push(one.id);
  }
  await questionRecommendations(tx, questioned, by, now);
  await reviewCrossFindings(tx, report.id, by, now);
  await publishPracticesOf(tx, report.id, now);
  return number;
}

/**
 * Publishes the approved findings as the report's next edition. The recommendations it carries are approved with it.
 * @param withdrawal why a recommendation is withdrawn, for its history
 * @returns the edition's number
 * @throws Refusal, Conflict, NotFound
 */
export async function publishFindings(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  withdrawal: (edition: number) => string,
): Promise<number> {
  const edition = await nextEdition(tx, reportId);
  const event = { type: "FINDINGS_PUBLISHED" as const, by };
  const { report } = await applyEvent(tx, { reportId, seenVersion, event, now, detail: { edition } });
  return publishNext(tx, report, { by, now }, true, withdrawal);
}

/** Recommendations of earlier editions, not withdrawn, that would not be carried if the findings were published as they stand. */
export const leftBehind = (db: Db | Tx, reportId: string) =>
  db
    .selectFrom("recommendation")
    .select(["reference", "text", "state"])
    .where("report_id", "=", reportId)
    .where("state", "not in", ["draft", "withdrawn"])
    .where((e) =>
      e.or([
        e("deleted_at", "is not", null),
        e.not(
          e.exists(
            e
              .selectFrom("recommendation_finding")
              .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
              .select("finding.id")
              .whereRef("recommendation_finding.recommendation_id", "=", "recommendation.id")
              .where("finding.status", "=", "approved")
              .where("finding.deleted_at", "is", null),
          ),
        ),
      ]),
    )
    .orderBy("reference")
    .execute();
