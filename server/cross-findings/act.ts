import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { CrossFindingTable, Db, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { CrossFindingEvent, CrossFindingReturn } from "../../workflows/cross-finding.machine.ts";
import { CROSS_FINDING_EVENT_WORDS, CROSS_FINDING_RULE_WORDS, crossFindingNotOffered } from "../../workflows/cross-finding.words.ts";
import { PUBLIC_CHECKS } from "../findings/public-checklist.ts";
import { Conflict, type Happened, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { publishCrossPractice } from "../practices/publish.ts";
import { refuseExposing } from "../reports/quality/public-words.ts";
import { basisOf, basisRow, evidenceNow, keyOf, pairOf } from "./evidence.ts";
import { questionRecommendationsOn } from "./evidence-changed.ts";
import { type CrossFindingChange, moveCrossFinding } from "./move.ts";

/** One cross-case finding. @throws NotFound */
export async function findCrossFinding(db: Db | Tx, reference: string): Promise<CrossFindingTable> {
  const row = await db.selectFrom("cross_finding").selectAll().where("reference", "=", reference).executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
}

/** The finding for the length of the transaction: nobody else moves it meanwhile. @throws NotFound */
export const lockCrossFinding = async (tx: Tx, reference: string): Promise<CrossFindingTable> => {
  if (dialectOf(tx) === "postgres")
    await tx.selectFrom("cross_finding").select("id").where("reference", "=", reference).forUpdate().execute();
  return findCrossFinding(tx, reference);
};

/** What was done to a finding after a version (0: all of it), oldest first, in words. */
export async function historyOf(db: Db | Tx, id: string, after: number, language: Language) {
  const rows = await db
    .selectFrom("cross_finding_event")
    .innerJoin("account", "account.id", "cross_finding_event.by")
    .select(["type", "at", "reason", "detail", "account.name"])
    .where("cross_finding_id", "=", id)
    .where("version", ">", after)
    .orderBy("version")
    .execute();
  return rows.map(({ type, at, reason, detail, name }) => ({
    type: type as CrossFindingEvent["type"],
    at: instant(at, language),
    iso: at,
    who: name,
    what: CROSS_FINDING_EVENT_WORDS[type as CrossFindingEvent["type"]].done[language],
    why: reason,
    detail: detail ? (JSON.parse(detail) as Record<string, string | number>) : null,
  }));
}

const addressOf = (reference: string) => `/constats/${reference}`;

/** Somebody acted on the finding, or saved another text of it, since the page was drawn. */
export const overtaken = ({ id, reference }: Pick<CrossFindingTable, "id" | "reference">, seenVersion: number) =>
  new Conflict<Db>(async (db, language): Promise<Happened[]> => {
    const told = await historyOf(db, id, seenVersion, language);
    if (told.length > 0) return told;
    const row = await db
      .selectFrom("cross_finding")
      .innerJoin("account", "account.id", "written_by")
      .select(["written_at", "account.name"])
      .where("cross_finding.id", "=", id)
      .executeTakeFirstOrThrow();
    const what = translator(language)("cross-findings.happened.written");
    return [{ at: instant(row.written_at, language), iso: row.written_at, who: row.name, what, why: null }];
  }, addressOf(reference));

export type Acting = { reference: string; seenVersion: number; by: Actor; now: string };

/**
 * Applies an event to a finding: the row and its history in the same transaction as whatever the caller writes with it.
 * @returns the row as it was before the event
 * @throws Refusal with the reasons in words; Conflict when somebody acted since `seenVersion`; NotFound
 */
async function act(
  tx: Tx,
  { reference, seenVersion, now }: Acting,
  event: CrossFindingEvent,
  more: { change?: CrossFindingChange; detail?: Record<string, string | number> | null } = {},
): Promise<CrossFindingTable> {
  const row = await lockCrossFinding(tx, reference);
  if (row.version !== seenVersion) throw overtaken(row, seenVersion);
  const decision = await moveCrossFinding(tx, row, event, now, more);
  if (decision.kind !== "moved")
    throw new Refusal(
      (language) =>
        decision.kind === "refused"
          ? decision.broken.map((rule) => CROSS_FINDING_RULE_WORDS[rule][language](decision.facts))
          : [crossFindingNotOffered(event.type, row.state, language)],
      addressOf(reference),
    );
  return row;
}

/** Everyone who ever wrote a finding is kept: they never approve it. */
export const rememberAuthor = (tx: Tx, crossFindingId: string, by: Actor) =>
  tx
    .insertInto("cross_finding_author")
    .values({ cross_finding_id: crossFindingId, account_id: by.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

/** Words that waited for the author wait no more: the text they were proposed on is another, or stands no more. */
export const lapseProposal = (tx: Tx, crossFindingId: string, by: Actor, now: string) =>
  tx
    .updateTable("cross_finding_proposal")
    .set({ outcome: "lapsed", decided_by: by.id, decided_at: now })
    .where("cross_finding_id", "=", crossFindingId)
    .where("outcome", "is", null)
    .execute();

/** What is ticked of the checklist, to be kept with the approval of this public statement. @throws Invalid for "checks" */
function checklistOf(publicStatement: string | null, ticked: readonly string[]): string | null {
  if (publicStatement === null) return null;
  const checks = PUBLIC_CHECKS.filter((check) => ticked.includes(check));
  if (checks.length < PUBLIC_CHECKS.length) throw new Invalid({ checks: "cross-findings.checks.missing" });
  return JSON.stringify(checks);
}

/** Sends a finding to review. @throws Refusal, Conflict, NotFound */
export async function submitCrossFinding(tx: Tx, acting: Acting): Promise<void> {
  const row = await act(tx, acting, { type: "CROSS_FINDING_SUBMITTED", by: acting.by });
  await rememberAuthor(tx, row.id, acting.by);
}

/** Takes a finding back from review, or a withdrawn one up again, to write. @throws Refusal, Conflict, NotFound */
export async function resumeCrossFinding(tx: Tx, acting: Acting, reason: string): Promise<void> {
  await act(tx, acting, { type: "CROSS_FINDING_RESUMED", by: acting.by, reason });
}

/** A reviewer sends a finding back to its author. @throws Refusal, Conflict, NotFound */
export async function returnCrossFinding(tx: Tx, acting: Acting, category: CrossFindingReturn, reason: string): Promise<void> {
  await act(tx, acting, { type: "CROSS_FINDING_RETURNED", by: acting.by, reason }, { detail: { category } });
}

export type Words = { statement: string; publicStatement: string | null; service: string | null };

/** A reviewer proposes other words, which wait for the author. @throws Refusal, Conflict, NotFound; Invalid when they are the same */
export async function proposeEdits(tx: Tx, acting: Acting, words: Words, reason: string): Promise<void> {
  const row = await act(tx, acting, { type: "EDITS_PROPOSED", by: acting.by, reason });
  const reports = (await basisOf(tx, row.id)).map(({ report_id }) => report_id);
  await refuseExposing(tx, reports, words.publicStatement, { field: "proposedPublic", now: acting.now });
  const before: Words = { statement: row.statement, publicStatement: row.public_statement, service: row.service };
  if (words.statement === before.statement && words.publicStatement === before.publicStatement && words.service === before.service)
    throw new Invalid({ proposedStatement: "cross-findings.edits.same" });
  await tx
    .insertInto("cross_finding_proposal")
    .values({
      id: newId(),
      cross_finding_id: row.id,
      proposed_by: acting.by.id,
      proposed_at: acting.now,
      words_before: JSON.stringify(before),
      statement: words.statement,
      public_statement: words.publicStatement,
      service: words.service,
      reason,
    })
    .execute();
}

/** The author takes a reviewer's words, or declines them with a reason. @throws Refusal, Conflict, NotFound */
export async function answerEdits(tx: Tx, acting: Acting, answer: { accepted: true } | { accepted: false; reason: string }): Promise<void> {
  const { reference, by, now } = acting;
  const { id } = await findCrossFinding(tx, reference);
  const waiting = await tx
    .selectFrom("cross_finding_proposal")
    .selectAll()
    .where("cross_finding_id", "=", id)
    .where("outcome", "is", null)
    .executeTakeFirst();
  const decide = async (outcome: "accepted" | "declined", reason: string | null) => {
    await tx
      .updateTable("cross_finding_proposal")
      .set({ outcome, decided_by: by.id, decided_at: now, outcome_reason: reason })
      .where("id", "=", waiting!.id)
      .execute();
    await rememberAuthor(tx, id, by);
  };
  if (!answer.accepted) {
    await act(tx, acting, { type: "EDITS_DECLINED", by, reason: answer.reason });
    return decide("declined", answer.reason);
  }
  const row = await findCrossFinding(tx, reference);
  const change: CrossFindingChange = waiting
    ? {
        statement: waiting.statement,
        public_statement: waiting.public_statement,
        service: waiting.service,
        written_by: by.id,
        written_at: now,
        ...secondReviewOf(row, waiting.public_statement),
      }
    : {};
  await act(tx, acting, { type: "EDITS_ACCEPTED", by }, { change });
  await decide("accepted", null);
}

/** A second reviewer who was asked for reads a changed public statement again. */
export const secondReviewOf = (
  row: Pick<CrossFindingTable, "public_statement" | "second_review" | "confirmed_by">,
  publicStatement: string | null,
): Pick<CrossFindingTable, "second_review" | "confirmed_by"> => {
  if (publicStatement === null || row.second_review === null) return { second_review: null, confirmed_by: null };
  if (publicStatement === row.public_statement) return { second_review: row.second_review, confirmed_by: row.confirmed_by };
  return { second_review: "asked", confirmed_by: null };
};

/** Asks that another reviewer reads the public statement before the approval. @throws Refusal, Conflict, NotFound */
export async function askSecondReview(tx: Tx, acting: Acting): Promise<void> {
  await act(tx, acting, { type: "SECOND_REVIEW_ASKED", by: acting.by }, { change: { second_review: "asked" } });
}

/** The second reviewer went through the checklist. @throws Refusal, Conflict, NotFound; Invalid for "checks" */
export async function confirmPublicStatement(tx: Tx, acting: Acting, ticked: readonly string[]): Promise<void> {
  const event = { type: "PUBLIC_STATEMENT_CONFIRMED" as const, by: acting.by };
  const row = await act(tx, acting, event, { change: { second_review: "confirmed", confirmed_by: acting.by.id } });
  checklistOf(row.public_statement, ticked);
}

/** Keeps that somebody does not agree, with their reasons. @throws Refusal, Conflict, NotFound */
export async function recordDissent(tx: Tx, acting: Acting, text: string): Promise<void> {
  const { by, now } = acting;
  const { id } = await act(tx, acting, { type: "DISSENT_RECORDED", by });
  await tx.insertInto("cross_finding_dissent").values({ id: newId(), cross_finding_id: id, text, by: by.id, at: now }).execute();
}

/** Somebody takes their dissents back; their texts stay, dated. @throws Refusal, Conflict, NotFound */
export async function withdrawDissent(tx: Tx, acting: Acting): Promise<void> {
  const { by, now } = acting;
  const { id } = await act(tx, acting, { type: "DISSENT_WITHDRAWN", by });
  await tx
    .updateTable("cross_finding_dissent")
    .set({ withdrawn_at: now })
    .where("cross_finding_id", "=", id)
    .where("by", "=", by.id)
    .where("withdrawn_at", "is", null)
    .execute();
}

/**
 * Approves the text as it stands, with the evidence as it is said now: both are kept for ever, the text before stays readable, dated.
 * @param ticked every one of PUBLIC_CHECKS where there is a public statement
 * @throws Refusal, Conflict, NotFound; Invalid for "checks"
 */
export async function approveCrossFinding(tx: Tx, acting: Acting, ticked: readonly string[], comment: string): Promise<void> {
  const { reference, by, now } = acting;
  const { id } = await lockCrossFinding(tx, reference);
  const last = await tx
    .selectFrom("cross_finding_text")
    .select((e) => e.fn.max("number").as("number"))
    .where("cross_finding_id", "=", id)
    .executeTakeFirstOrThrow();
  const number = Number(last.number ?? 0) + 1;
  const event = { type: "CROSS_FINDING_APPROVED" as const, by, ...(comment && { reason: comment }) };
  const row = await act(tx, acting, event, { change: { standing_text: number, approved_at: now }, detail: { text: number } });
  const checklist = checklistOf(row.public_statement, ticked);
  const basis = await basisOf(tx, id);
  await refuseExposing(
    tx,
    basis.map(({ report_id }) => report_id),
    row.public_statement,
    { field: "checks", now },
  );
  const evidence = await evidenceNow(tx, basis.map(pairOf));
  const seen = basis.map((one) => basisRow(id, evidence.get(keyOf(pairOf(one)))!));
  await tx.deleteFrom("cross_finding_basis").where("cross_finding_id", "=", id).execute();
  await tx.insertInto("cross_finding_basis").values(seen).execute();
  await tx
    .insertInto("cross_finding_text")
    .values({
      cross_finding_id: id,
      number,
      kind: row.kind,
      statement: row.statement,
      public_statement: row.public_statement,
      service: row.service,
      known_when: row.known_when,
      basis: JSON.stringify(seen.map(({ cross_finding_id: _, passages: __, ...one }) => one)),
      checklist,
      approved_by: by.id,
      approved_at: now,
    })
    .execute();
  await publishCrossPractice(tx, id, now);
}

/** Opens an approved finding to a new text; the approved one stands until the new one is approved. @throws Refusal, Conflict, NotFound */
export async function beginCorrection(tx: Tx, acting: Acting, reason: string): Promise<void> {
  await act(tx, acting, { type: "CORRECTION_BEGUN", by: acting.by, reason });
}

/**
 * Withdraws a finding: its texts stay readable as what they were, its public page says that it was withdrawn, and the recommendations that
 * rest on it ask for a decision.
 * @throws Refusal, Conflict, NotFound
 */
export async function withdrawCrossFinding(tx: Tx, acting: Acting, reason: string): Promise<void> {
  const { by, now } = acting;
  const { id } = await act(tx, acting, { type: "CROSS_FINDING_WITHDRAWN", by, reason });
  await lapseProposal(tx, id, by, now);
  await publishCrossPractice(tx, id, now);
  await questionRecommendationsOn(tx, id, by, now);
}
