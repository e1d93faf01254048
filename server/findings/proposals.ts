import { newId } from "../../db/ids.ts";
import type { FindingProposalTable, FindingTable, Tx } from "../../db/schema.ts";
import { Invalid, NotFound } from "../http/errors.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { lapseProposals } from "../reports/evidence.ts";
import { refuseExposing } from "../reports/quality/public-words.ts";
import { type Acting, checklistOf, evidenceFor, findingOf, nextEdition, publishNext, recordDecision } from "./review.ts";
import { rememberAuthor } from "./write.ts";

/** The words of a finding that somebody else than its author may propose to change; the rest is the coding's. */
export type Words = { statement: string; publicStatement: string | null; service: string | null };
export type Proposed = Words & { reason: string };

export const wordsOf = ({
  statement,
  public_statement,
  service,
}: Pick<FindingTable, "statement" | "public_statement" | "service">): Words => ({
  statement,
  publicStatement: public_statement,
  service,
});

/** Keeps proposed words beside those they would replace. @throws Invalid when nothing differs */
async function keep(
  tx: Tx,
  finding: FindingTable,
  { reason, ...words }: Proposed,
  { by, now }: Acting,
  more: Pick<FindingProposalTable, "kind"> & Partial<Pick<FindingProposalTable, "checklist" | "evidence">>,
): Promise<void> {
  await refuseExposing(tx, [finding.report_id], words.publicStatement, { field: "publicStatement", now });
  const before = wordsOf(finding);
  if ((Object.keys(before) as (keyof Words)[]).every((part) => before[part] === words[part]))
    throw new Invalid({ statement: "findings.proposal.same" });
  await tx
    .insertInto("finding_proposal")
    .values({
      id: newId(),
      finding_id: finding.id,
      finding_version: finding.version,
      proposed_by: by.id,
      proposed_at: now,
      words_before: JSON.stringify(before),
      statement: words.statement,
      public_statement: words.publicStatement,
      service: words.service,
      reason,
      checklist: null,
      evidence: null,
      decided_by: null,
      decided_at: null,
      outcome: null,
      outcome_reason: null,
      ...more,
    })
    .execute();
}

/** Words that wait on a finding. @throws NotFound */
const waitingOn = async (tx: Tx, finding: string): Promise<FindingProposalTable> => {
  const row = await tx
    .selectFrom("finding_proposal")
    .selectAll()
    .where("finding_id", "=", finding)
    .where("outcome", "is", null)
    .executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
};

const close = (
  tx: Tx,
  id: string,
  { by, now }: Acting,
  outcome: "accepted" | "declined",
  reason: string | null,
  checklist?: string | null,
) =>
  tx
    .updateTable("finding_proposal")
    .set({
      outcome,
      outcome_reason: reason,
      decided_by: by.id,
      decided_at: now,
      ...(checklist !== undefined && { checklist }),
    })
    .where("id", "=", id)
    .execute();

/** The finding takes proposed words, under a new version, and is approved as it then stands. */
async function take(tx: Tx, finding: FindingTable, words: FindingProposalTable, writer: { by: string; at: string }): Promise<FindingTable> {
  const { statement, public_statement, service } = words;
  const second_review = public_statement === null ? null : finding.second_review && ("asked" as const);
  const columns = { statement, public_statement, service, second_review, status: "approved" as const, version: finding.version + 1 };
  await tx
    .updateTable("finding")
    .set({ ...columns, written_by: writer.by, written_at: writer.at })
    .where("id", "=", finding.id)
    .execute();
  return { ...finding, ...columns };
}

/**
 * A reviewer would approve a finding in other words, and proposes them to its author.
 * @throws Refusal, Conflict, NotFound; Invalid when nothing differs, or for "checks" when the checklist of the public statement is not complete
 */
export async function proposeEdits(
  tx: Tx,
  acting: Acting,
  { number, checklist, ...proposed }: Proposed & { number: number; checklist: readonly string[] },
): Promise<void> {
  const { reportId, seenVersion, by, now } = acting;
  const event = { type: "FINDING_EDITS_PROPOSED" as const, by, reason: proposed.reason };
  const { report } = await applyEvent(tx, { reportId, seenVersion, event, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  const ticked = checklistOf(proposed.publicStatement, checklist);
  await keep(tx, finding, proposed, acting, { kind: "review", checklist: ticked, evidence: await evidenceFor(tx, report, finding.id) });
  await tx.updateTable("finding").set({ status: "edits_proposed" }).where("id", "=", finding.id).execute();
}

/** The author takes a reviewer's words: the finding is approved by that reviewer's decision, without another round. @throws Refusal, Conflict, NotFound */
export async function acceptEdits(tx: Tx, acting: Acting, number: number): Promise<void> {
  const { reportId, seenVersion, by, now } = acting;
  await applyEvent(tx, { reportId, seenVersion, event: { type: "FINDING_EDITS_ACCEPTED", by }, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  const words = await waitingOn(tx, finding.id);
  await refuseExposing(tx, [reportId], words.public_statement, { field: "publicStatement", now });
  const taken = await take(tx, finding, words, { by: by.id, at: now });
  await close(tx, words.id, acting, "accepted", null);
  const { checklist, evidence, reason } = words;
  await recordDecision(tx, taken, { decision: "approved", comment: reason, checklist, evidence, by: words.proposed_by, at: now });
  await rememberAuthor(tx, reportId, by);
}

/** The author keeps their own words: the finding waits for another decision. @throws Refusal, Conflict, NotFound */
export async function declineEdits(tx: Tx, acting: Acting, number: number, reason: string): Promise<void> {
  const { reportId, seenVersion, by, now } = acting;
  await applyEvent(tx, { reportId, seenVersion, event: { type: "FINDING_EDITS_DECLINED", by, reason }, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  await close(tx, (await waitingOn(tx, finding.id)).id, acting, "declined", reason);
  await tx.updateTable("finding").set({ status: "draft" }).where("id", "=", finding.id).execute();
}

/** The author of a published finding proposes other words for it. @throws Refusal, Conflict, NotFound; Invalid when nothing differs */
export async function proposeCorrection(tx: Tx, acting: Acting, { number, ...proposed }: Proposed & { number: number }): Promise<void> {
  const { reportId, seenVersion, by, now } = acting;
  const event = { type: "FINDING_CORRECTION_PROPOSED" as const, by, reason: proposed.reason };
  await applyEvent(tx, { reportId, seenVersion, event, now, finding: number });
  await keep(tx, await findingOf(tx, reportId, number), proposed, acting, { kind: "correction" });
  await rememberAuthor(tx, reportId, by);
}

/**
 * A reviewer publishes a correction: the next edition says the new words, the one before it keeps the earlier ones.
 * @returns the edition's number
 * @throws Refusal, Conflict, NotFound; Invalid for "checks" when the checklist of the public statement is not complete
 */
export async function acceptCorrection(
  tx: Tx,
  acting: Acting,
  { number, comment, checklist }: { number: number; comment: string; checklist: readonly string[] },
  withdrawal: (edition: number) => string,
): Promise<number> {
  const { reportId, seenVersion, by, now } = acting;
  const event = { type: "FINDING_CORRECTED" as const, by, reason: comment };
  const detail = { edition: await nextEdition(tx, reportId) };
  const { report } = await applyEvent(tx, { reportId, seenVersion, event, now, finding: number, detail });
  const finding = await findingOf(tx, reportId, number);
  const words = await waitingOn(tx, finding.id);
  const ticked = checklistOf(words.public_statement, checklist);
  await refuseExposing(tx, [reportId], words.public_statement, { field: "checks", now });
  const taken = await take(tx, finding, words, { by: words.proposed_by, at: words.proposed_at });
  await close(tx, words.id, acting, "accepted", comment || null, ticked);
  const evidence = await evidenceFor(tx, report, finding.id);
  await recordDecision(tx, taken, { decision: "approved", comment, checklist: ticked, evidence, by: by.id, at: now });
  return publishNext(tx, report, acting, false, withdrawal);
}

/** A reviewer leaves what was published as it is. @throws Refusal, Conflict, NotFound */
export async function declineCorrection(tx: Tx, acting: Acting, number: number, reason: string): Promise<void> {
  const { reportId, seenVersion, by, now } = acting;
  await applyEvent(tx, { reportId, seenVersion, event: { type: "FINDING_CORRECTION_DECLINED", by, reason }, now, finding: number });
  const finding = await findingOf(tx, reportId, number);
  await close(tx, (await waitingOn(tx, finding.id)).id, acting, "declined", reason);
}

/**
 * A reviewer takes a finding out of what is published: the next edition is without it, the one before it keeps it.
 * @returns the edition's number
 * @throws Refusal (the last finding, say), Conflict, NotFound
 */
export async function withdrawFinding(
  tx: Tx,
  acting: Acting,
  { number, reason }: { number: number; reason: string },
  withdrawal: (edition: number) => string,
): Promise<number> {
  const { reportId, seenVersion, by, now } = acting;
  const event = { type: "FINDING_WITHDRAWN" as const, by, reason };
  const detail = { edition: await nextEdition(tx, reportId) };
  const { report } = await applyEvent(tx, { reportId, seenVersion, event, now, finding: number, detail });
  const finding = await findingOf(tx, reportId, number);
  await lapseProposals(tx, [finding.id], by.id, now);
  await recordDecision(tx, finding, { decision: "withdrawn", comment: reason, by: by.id, at: now });
  await tx.updateTable("finding").set({ status: "returned" }).where("id", "=", finding.id).execute();
  return publishNext(tx, report, acting, false, withdrawal);
}
