import { newId } from "../../db/ids.ts";
import { nextNumber } from "../../db/numbers.ts";
import type { FindingKind, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { decideCrossFinding } from "../../workflows/cross-finding.decide.ts";
import { CROSS_FINDING_RULE_WORDS, crossFindingNotOffered } from "../../workflows/cross-finding.words.ts";
import { currentCodebook } from "../codebook/store.ts";
import { Invalid, Refusal } from "../http/errors.ts";
import { dayOf } from "../http/formats.ts";
import { refuseExposing } from "../reports/quality/public-words.ts";
import { lapseProposal, lockCrossFinding, overtaken, rememberAuthor, secondReviewOf } from "./act.ts";
import { basisRow, type Evidence, evidenceNow, keyOf, type Pair } from "./evidence.ts";
import { crossFindingFactsOf } from "./facts.ts";

export type CrossFindingGiven = {
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  /** A code of the codebook's `known_when`. */
  knownWhen: string | null;
  /** What it rests on, each with the number of the edition that its author read. */
  basis: readonly (Pair & { edition: number })[];
};

/** What the author ticked, as it is said now. @throws Invalid for "basis" */
async function seenEvidence(tx: Tx, given: CrossFindingGiven): Promise<Evidence[]> {
  const pairs = [...new Map(given.basis.map((one) => [keyOf(one), one])).values()];
  const now = await evidenceNow(tx, pairs);
  const found = pairs.map((pair) => ({ pair, evidence: now.get(keyOf(pair)) }));
  const gone = found.filter(({ evidence }) => !evidence?.documented).map(({ pair }) => pair.reportId);
  const list = (reports: string[]) => [...new Set(reports)].join(", ");
  if (gone.length > 0) throw new Invalid({ basis: { key: "cross-findings.invalid.gone", params: { reports: list(gone) } } });
  const other = found.filter(({ pair, evidence }) => evidence!.edition !== pair.edition).map(({ pair }) => pair.reportId);
  if (other.length > 0) throw new Invalid({ basis: { key: "cross-findings.invalid.newEdition", params: { reports: list(other) } } });
  if (new Set(pairs.map(({ reportId }) => reportId)).size < 2) throw new Invalid({ basis: "cross-findings.invalid.few" });
  return found.map(({ evidence }) => evidence!);
}

/**
 * Writes a cross-case finding, a new one or the draft that a page was drawn from, with what its author saw of its evidence.
 * @param writing `reference` and `seenVersion` are null for a new one
 * @returns its reference
 * @throws Invalid for what cannot be taken; Refusal, Conflict, NotFound
 */
export async function saveCrossFinding(
  tx: Tx,
  { reference, seenVersion, by, now }: { reference: string | null; seenVersion: number | null; by: Actor; now: string },
  given: CrossFindingGiven,
): Promise<string> {
  const row = reference === null ? null : await lockCrossFinding(tx, reference);
  if (row && row.version !== seenVersion) throw overtaken(row, seenVersion ?? 0);
  const nothing = { id: "", public_statement: null, second_review: null, confirmed_by: null, standing_text: null };
  const facts = await crossFindingFactsOf(tx, row ?? nothing);
  const decision = decideCrossFinding(row?.state ?? "draft", facts, { type: "CROSS_FINDING_WRITTEN", by });
  if (decision.kind !== "moved")
    throw new Refusal(
      (language) =>
        decision.kind === "refused"
          ? decision.broken.map((rule) => CROSS_FINDING_RULE_WORDS[rule][language](facts))
          : [crossFindingNotOffered("CROSS_FINDING_WRITTEN", row?.state ?? "draft", language)],
      row ? `/constats/${row.reference}` : "/constats",
    );
  const { knownWhen: known } = await currentCodebook(tx);
  if (given.knownWhen !== null && !known.some(({ code }) => code === given.knownWhen))
    throw new Invalid({ knownWhen: "http.invalid.choice" });
  // Known by whom, and when: a sign discovered after the act was not missed by anybody.
  if (given.kind === "missed_signal" && given.knownWhen !== "service_before")
    throw new Invalid({ knownWhen: "cross-findings.invalid.notMissed" });
  const evidence = await seenEvidence(tx, given);
  const reports = evidence.map(({ reportId }) => reportId);
  await refuseExposing(tx, reports, given.publicStatement, { field: "publicStatement", now });
  const words = {
    kind: given.kind,
    statement: given.statement,
    public_statement: given.publicStatement,
    service: given.service,
    known_when: given.knownWhen,
    written_by: by.id,
    written_at: now,
  };
  let id = row?.id;
  let written = reference;
  if (row) {
    const version = row.version + 1;
    await tx
      .updateTable("cross_finding")
      .set({ ...words, ...secondReviewOf(row, given.publicStatement), version })
      .where("id", "=", row.id)
      .execute();
    await lapseProposal(tx, row.id, by, now);
    await tx.deleteFrom("cross_finding_basis").where("cross_finding_id", "=", row.id).execute();
  } else {
    const year = Number(dayOf(now).slice(0, 4));
    written = `CT-${year}-${String(await nextNumber(tx, "cross_finding", year)).padStart(4, "0")}`;
    id = newId();
    await tx
      .insertInto("cross_finding")
      .values({ ...words, id, reference: written, state: "draft", version: 1 })
      .execute();
    await tx
      .insertInto("cross_finding_event")
      .values({
        cross_finding_id: id,
        version: 1,
        type: "CROSS_FINDING_WRITTEN",
        from_state: null,
        to_state: "draft",
        by: by.id,
        at: now,
        reason: null,
        detail: null,
      })
      .execute();
  }
  await tx
    .insertInto("cross_finding_basis")
    .values(evidence.map((one) => basisRow(id!, one)))
    .execute();
  await rememberAuthor(tx, id!, by);
  return written!;
}
