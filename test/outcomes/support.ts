import { newId } from "../../db/ids.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import type { Answer } from "../../workflows/recommendation.machine.ts";
import { recommendationRow } from "../recommendations/support.ts";

/** One recommendation as a suite tells it: what the addressee said, in order, and the one it is the same as. */
export type Told = Partial<RecommendationTable> & { reference: string; says?: readonly Answer[]; sameAs?: string };

/** Somebody who wrote the recommendations. */
export const authorIn = (db: Db): Promise<string> =>
  createAccount(db, {
    email: "autrice@essai.invalid",
    name: "Autrice",
    passphraseHash: "$argon2id$none",
    roles: ["analyst"],
    language: "fr",
    now: "2020-01-01T09:00:00.000Z",
  });

/** Writes recommendations of no report, with their answers and ties. */
export async function tell(db: Db | Tx, author: string, told: readonly Told[]): Promise<void> {
  const ids = new Map<string, string>();
  for (const { says, sameAs, ...row } of told) {
    const { id } = await recommendationRow(db, { report_id: null, number: null, written_by: author, ...row });
    ids.set(row.reference, id);
    for (const [at, said] of (says ?? []).entries())
      await db
        .insertInto("recommendation_answer")
        .values({
          id: newId(),
          recommendation_id: id,
          number: at + 1,
          said,
          text: "Une réponse d’essai.",
          answered_on: "2026-01-01",
          planned_for: null,
          respondent: "Service d’essai",
          received_at: row.answered_at ?? "2026-01-01T09:00:00.000Z",
          by: author,
          link_id: null,
          nonce: null,
        })
        .execute();
    if (sameAs)
      await db
        .insertInto("recommendation_tie")
        .values({ recommendation_id: id, kind: "same_as", target_id: ids.get(sameAs)!, by: author, at: "2026-01-02T09:00:00.000Z" })
        .execute();
  }
}

/** Seven recommendations on 23 November 2026, whose figures are counted by hand in the suites. */
export const SEVEN: readonly Told[] = [
  // Sent in 2025 (already 2025 in Paris), answered after 40 days, assessed, carried out, closed.
  {
    reference: "REC-2025-0001", addressee: "police", theme: "training", state: "closed",
    issued_at: "2024-12-31T23:30:00.000Z", received_at: "2025-01-05T09:00:00.000Z", answer_due: "2025-03-31", deadline: "2025-12-31",
    answered_at: "2025-02-09T23:30:00.000Z", assessed_at: "2025-03-01T09:00:00.000Z", assessment: "acceptable", implementation: "fully",
    closed_at: "2026-01-10T09:00:00.000Z", says: ["accepted", "implemented"],
  },
  // Sent in 2025, nothing came: overdue on both counts.
  {
    reference: "REC-2025-0002", addressee: "police", theme: "housing", state: "issued", issued_at: "2025-11-23T09:00:00.000Z",
    answer_due: "2026-02-01", deadline: "2026-10-01", received_at: "2025-11-25T09:00:00.000Z",
  },
  // Sent in 2026, the date of its answer is to come, and it answered already; not assessed yet.
  {
    reference: "REC-2026-0003", addressee: "courts", theme: "training", state: "answered", issued_at: "2026-10-04T09:00:00.000Z",
    answer_due: "2026-12-31", deadline: "2027-06-30", answered_at: "2026-10-24T09:00:00.000Z", says: ["partly_accepted"],
  },
  // Sent in 2026, found without an answer; its deadline is ahead.
  {
    reference: "REC-2026-0004", addressee: "courts", theme: "training", state: "assessed", issued_at: "2026-03-01T09:00:00.000Z",
    answer_due: "2026-06-01", deadline: "2027-01-31", assessed_at: "2026-09-01T09:00:00.000Z", assessment: "no_answer",
  },
  // Sent in 2026 and answered after 60 days; implementation still in progress past its deadline; the same as the first.
  {
    reference: "REC-2026-0005", addressee: "police", theme: "training", state: "assessed", issued_at: "2026-02-01T09:00:00.000Z",
    answer_due: "2026-05-01", deadline: "2026-09-30", answered_at: "2026-04-02T09:00:00.000Z", assessed_at: "2026-05-01T09:00:00.000Z",
    assessment: "unacceptable", implementation: "in_progress", says: ["rejected"], sameAs: "REC-2025-0001",
  },
  // Sent, then withdrawn.
  {
    reference: "REC-2026-0006", addressee: "police", theme: "training", state: "withdrawn", issued_at: "2026-02-01T09:00:00.000Z",
    answer_due: "2026-05-01", deadline: "2026-09-30",
  },
  // Approved, never sent.
  { reference: "REC-2026-0007", addressee: "police", theme: "training", state: "approved" },
]; // biome-ignore format: one line a stage of its life
