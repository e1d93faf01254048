import { newId } from "../../db/ids.ts";
import { nextNumber } from "../../db/numbers.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { RECOMMENDATION_RULE_WORDS } from "../../workflows/recommendation.words.ts";
import type { Classification } from "../codebook/definition.ts";
import { currentCodebook } from "../codebook/store.ts";
import { actOnRecommendation } from "../follow-up/act.ts";
import { beginRecommendation } from "../follow-up/move.ts";
import { searchedText } from "../follow-up/searched.ts";
import { Invalid, type Message, Refusal } from "../http/errors.ts";
import { dayOf } from "../http/formats.ts";

export type DraftGiven = Pick<RecommendationTable, "text" | "addressee" | "level" | "theme" | "type" | "deadline" | "proof_expected"> & {
  /** Who is to act with the lead. */
  associated: readonly string[];
  /** References of cross-case findings, approved or in review. */
  crossFindings: readonly string[];
};

/** What cannot be taken of the classification of a recommendation, by field. */
export function classificationProblems(
  lists: Classification,
  given: Pick<DraftGiven, "addressee" | "level" | "theme" | "type" | "associated">,
): Record<string, Message> {
  const problems: Record<string, Message> = {};
  for (const [name, list] of [
    ["addressee", lists.addressees],
    ["level", lists.levels],
    ["theme", lists.themes],
    ["type", lists.types],
  ] as const)
    if (!list.some(({ code }) => code === given[name]))
      problems[name] = given[name] === "" ? "http.invalid.missing" : "http.invalid.choice";
  if (given.associated.some((code) => !lists.addressees.some((one) => one.code === code))) problems.associated = "http.invalid.choice";
  else if (given.associated.includes(given.addressee)) problems.associated = "recommendations.form.leadTwice";
  return problems;
}

/** Cross-case findings that a recommendation may rest on: approved, or in review. */
export const citableFindings = (db: Db | Tx) =>
  db
    .selectFrom("cross_finding")
    .select(["id", "reference", "kind", "statement", "state"])
    .where("state", "in", ["approved", "in_review"])
    .orderBy("reference", "desc")
    .execute();

/** Makes a list of rows tied to a recommendation those given. */
async function tieAnew(tx: Tx, id: string, associated: readonly string[], findings: readonly string[]): Promise<void> {
  await tx.deleteFrom("recommendation_addressee").where("recommendation_id", "=", id).execute();
  await tx.deleteFrom("recommendation_cross_finding").where("recommendation_id", "=", id).execute();
  if (associated.length > 0)
    await tx
      .insertInto("recommendation_addressee")
      .values([...new Set(associated)].map((addressee) => ({ recommendation_id: id, addressee })))
      .execute();
  if (findings.length > 0)
    await tx
      .insertInto("recommendation_cross_finding")
      .values(findings.map((cross_finding_id) => ({ recommendation_id: id, cross_finding_id })))
      .execute();
}

/**
 * Writes a recommendation that rests on cross-case findings, new (`reference` null) or again while it is a draft.
 * @returns its reference
 * @throws Invalid naming the fields; Refusal, Conflict, NotFound
 */
export async function saveDraft(
  tx: Tx,
  { reference, seenVersion, by, now }: { reference: string | null; seenVersion: number; by: Actor; now: string },
  given: DraftGiven,
): Promise<string> {
  const today = dayOf(now);
  const { associated, crossFindings, ...columns } = given;
  const { recommendation: lists } = await currentCodebook(tx);
  const stored =
    reference === null
      ? null
      : await tx.selectFrom("recommendation").select("deadline").where("reference", "=", reference).executeTakeFirst();
  const problems = classificationProblems(lists, given);
  // A deadline that passed while the draft waited is only looked at again when it is changed, or when it is issued.
  if (given.deadline !== null && given.deadline <= today && given.deadline !== stored?.deadline)
    problems.deadline = "recommendations.form.deadlinePast";
  const wanted = new Set(crossFindings);
  const findings = (await citableFindings(tx)).filter((one) => wanted.has(one.reference));
  if (wanted.size === 0) problems.crossFindings = "recommendations.form.aFinding";
  else if (findings.length < wanted.size) problems.crossFindings = "http.invalid.choice";
  if (Object.keys(problems).length > 0) throw new Invalid(problems);
  const ids = findings.map(({ id }) => id);
  const written = { ...columns, written_by: by.id, written_at: now };
  let id: string;
  let name: string;
  if (reference === null) {
    const year = Number(today.slice(0, 4));
    id = newId();
    name = `REC-${year}-${String(await nextNumber(tx, "recommendation", year)).padStart(4, "0")}`;
    const decision = await beginRecommendation(
      tx,
      {
        id,
        reference: name,
        report_id: null,
        number: null,
        ...written,
        folded: searchedText(name, null, given.text),
        origin: "observatory",
        state: "draft",
        version: 1,
        approved_at: null,
        issued_at: null,
        deleted_at: null,
      },
      by,
      now,
    );
    if (decision.kind !== "moved")
      throw new Refusal(
        (language) =>
          decision.kind === "refused" ? decision.broken.map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](decision.facts)) : [],
        "/recommandations",
      );
  } else {
    const row = await actOnRecommendation(tx, {
      reference,
      seenVersion,
      event: { type: "RECOMMENDATION_WRITTEN", by },
      now,
      change: { ...written, folded: searchedText(reference, null, given.text) },
    });
    id = row.id;
    name = reference;
  }
  await tieAnew(tx, id, associated, ids);
  await tx
    .insertInto("recommendation_author")
    .values({ recommendation_id: id, account_id: by.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return name;
}

/** Takes a draft away; its row and its history stay. @throws Refusal, Conflict, NotFound */
export async function dropDraft(
  tx: Tx,
  { reference, seenVersion, by, now }: { reference: string; seenVersion: number; by: Actor; now: string },
): Promise<void> {
  await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECOMMENDATION_WRITTEN", by },
    now,
    change: { deleted_at: now },
    detail: { dropped: 1 },
  });
}
