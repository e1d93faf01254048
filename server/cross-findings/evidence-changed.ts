import { dialectOf } from "../../db/dialect.ts";
import type { Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { questionRecommendations } from "../follow-up/move.ts";
import { basisChanges, basisOf, evidenceNow, pairOf } from "./evidence.ts";
import { moveCrossFinding } from "./move.ts";

/** Marks the recommendations that rest on a cross-case finding: each asks for a decision. */
export async function questionRecommendationsOn(tx: Tx, crossFindingId: string, by: Actor, now: string): Promise<void> {
  const rows = await tx
    .selectFrom("recommendation_cross_finding")
    .select("recommendation_id")
    .where("cross_finding_id", "=", crossFindingId)
    .execute();
  await questionRecommendations(
    tx,
    rows.map(({ recommendation_id }) => recommendation_id),
    by,
    now,
  );
}

/**
 * What a report's new edition, its being set aside or restored, does to the cross-case findings that rest on it: one whose evidence is not what
 * was seen goes back to review by itself, its history says which report and factors, and the recommendations that rest on it ask for a
 * decision. Called in the transaction of the act on the report.
 * @param by whoever acted on the report
 */
export async function reviewCrossFindings(tx: Tx, reportId: string, by: Actor, now: string): Promise<void> {
  const resting = await tx
    .selectFrom("cross_finding")
    .selectAll()
    .where((e) =>
      e.or([e("state", "in", ["approved", "in_review"]), e.and([e("state", "=", "draft"), e("standing_text", "is not", null)])]),
    )
    .where("id", "in", (of) => of.selectFrom("cross_finding_basis").select("cross_finding_id").where("report_id", "=", reportId))
    .orderBy("reference")
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .execute();
  for (const finding of resting) {
    const basis = (await basisOf(tx, finding.id)).filter(({ report_id }) => report_id === reportId);
    const changes = basisChanges(basis, await evidenceNow(tx, basis.map(pairOf)));
    if (changes.length === 0) continue;
    // A draft's author sees the change before it can be sent to review.
    if (finding.state !== "draft") {
      const decision = await moveCrossFinding(tx, finding, { type: "EVIDENCE_CHANGED", by }, now, {
        change: { second_review: finding.second_review && "asked", confirmed_by: null },
        detail: { report: reportId, factors: changes.map(({ factor }) => factor).join(",") },
      });
      if (decision.kind !== "moved") throw new Error(`EVIDENCE_CHANGED cannot follow ${finding.state}`);
    }
    if (finding.standing_text !== null) await questionRecommendationsOn(tx, finding.id, by, now);
  }
}
