import type { CrossFindingState, Db, FindingKind, RecommendationTable, Tx } from "../../db/schema.ts";

/** A finding behind a recommendation, with the words it was last published with. */
export type EvidenceLine = {
  kind: FindingKind;
  statement: string;
  /** Of a report's finding: its number and the edition that last held it. */
  finding: { number: number; edition: number; publishedAt: string } | null;
  crossFinding: { reference: string; state: CrossFindingState } | null;
  /** "withdrawn": it no longer stands; "changed": it stands in other words than those the recommendation was approved with. */
  fate: "stands" | "changed" | "withdrawn" | "waiting";
};

/**
 * What a recommendation rests on: findings of its report as the editions published them (what a reviewer approved, not what is being
 * rewritten since), and cross-case findings; those withdrawn since are among them, and said to be.
 */
export async function evidenceBehind(
  db: Db | Tx,
  { id, report_id, approved_at }: Pick<RecommendationTable, "id" | "report_id" | "approved_at">,
): Promise<EvidenceLine[]> {
  const across = await db
    .selectFrom("recommendation_cross_finding")
    .innerJoin("cross_finding", "cross_finding.id", "recommendation_cross_finding.cross_finding_id")
    // The words that were approved last, not those that are being corrected.
    .leftJoin("cross_finding_text", (join) =>
      join
        .onRef("cross_finding_text.cross_finding_id", "=", "cross_finding.id")
        .onRef("cross_finding_text.number", "=", "cross_finding.standing_text"),
    )
    .select((e) => [
      "cross_finding.reference",
      "cross_finding.state",
      "cross_finding.evidence_changed_at",
      e.fn.coalesce("cross_finding_text.kind", "cross_finding.kind").as("kind"),
      e.fn.coalesce("cross_finding_text.statement", "cross_finding.statement").as("statement"),
    ])
    .where("recommendation_id", "=", id)
    .orderBy("reference")
    .execute();
  const lines = across.map(
    ({ reference, kind, statement, state, evidence_changed_at }): EvidenceLine => ({
      kind,
      statement,
      finding: null,
      crossFinding: { reference, state },
      fate: state === "withdrawn" ? "withdrawn" : state !== "approved" ? "waiting" : evidence_changed_at !== null ? "changed" : "stands",
    }),
  );
  if (report_id === null) return lines;
  const published = await db
    .selectFrom("recommendation_finding")
    .innerJoin("finding", "finding.id", "recommendation_finding.finding_id")
    .innerJoin("edition", "edition.report_id", "finding.report_id")
    .innerJoin("edition_finding", (join) =>
      join.onRef("edition_finding.edition_id", "=", "edition.id").onRef("edition_finding.number", "=", "finding.number"),
    )
    .select([
      "finding.number", "edition.number as edition", "edition.published_at", "edition.superseded_at", "edition_finding.kind",
      "edition_finding.statement",
    ]) // biome-ignore format: a list
    .where("recommendation_finding.recommendation_id", "=", id)
    .orderBy("finding.number")
    .orderBy("edition.number")
    .execute();
  for (const own of Map.groupBy(published, ({ number }) => number).values()) {
    const last = own.at(-1)!;
    const approvedWith = own.findLast(({ published_at }) => approved_at === null || published_at <= approved_at) ?? own[0]!;
    lines.push({
      kind: last.kind,
      statement: last.statement,
      finding: { number: last.number, edition: last.edition, publishedAt: last.published_at },
      crossFinding: null,
      fate: last.superseded_at !== null ? "withdrawn" : last.statement === approvedWith.statement ? "stands" : "changed",
    });
  }
  return lines;
}
