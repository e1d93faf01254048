import { newId } from "../../db/ids.ts";
import type { CrossFindingTable, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { searchedText } from "../../server/follow-up/searched.ts";

let count = 0;
/** One recommendation of a report straight into its row, approved on 2026-03-02 unless said otherwise. */
export async function recommendationRow(
  db: Db | Tx,
  given: Pick<RecommendationTable, "report_id" | "written_by"> & Partial<RecommendationTable>,
): Promise<RecommendationTable> {
  const n = ++count;
  const row = {
    id: newId(),
    reference: `REC-2026-${String(n + 5000)}`,
    number: given.report_id === null ? null : n + 100,
    text: "Former les services à l’évaluation du danger.",
    addressee: "police",
    level: "national",
    theme: "training",
    type: "training",
    origin: "observatory" as const,
    deadline: null,
    state: "approved" as const,
    version: 2,
    written_at: "2026-03-01T09:00:00.000Z",
    approved_at: "2026-03-02T09:00:00.000Z",
    issued_at: null,
    deleted_at: null,
    ...given,
  };
  const folded = searchedText(row.reference, row.report_id, row.text);
  return db
    .insertInto("recommendation")
    .values({ ...row, folded })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** One cross-case finding straight into its row, approved unless said otherwise, resting on one factor of each of these reports. */
export async function crossFindingRow(
  db: Db | Tx,
  given: Pick<CrossFindingTable, "written_by"> & Partial<CrossFindingTable>,
  reports: readonly string[] = [],
): Promise<{ id: string; reference: string }> {
  const row = {
    id: newId(),
    reference: `CT-2026-${String(++count + 5000)}`,
    state: "approved" as const,
    version: 3,
    kind: "failing" as const,
    statement: "Le danger n’est pas évalué alors que des violences sont connues.",
    public_statement: null,
    service: null,
    known_when: null,
    written_at: "2026-02-01T09:00:00.000Z",
    approved_at: "2026-02-10T09:00:00.000Z",
    standing_text: 1,
    ...(given.state === "withdrawn" && { standing_text: null, withdrawn_at: "2026-03-10T09:00:00.000Z" }),
    ...given,
  };
  await db.insertInto("cross_finding").values(row).execute();
  if (reports.length > 0)
    await db
      .insertInto("cross_finding_basis")
      .values(
        reports.map((report_id) => ({
          cross_finding_id: row.id,
          report_id,
          factor: "victim_fear",
          edition: 1,
          value: "present",
          known_when: "",
          passages: null,
        })),
      )
      .execute();
  return { id: row.id, reference: row.reference };
}

/** A dispatch with a file that proves it, straight into its row. @returns its id */
export async function dispatchWithPaper(db: Db | Tx, recommendationId: string, by: string): Promise<string> {
  const id = newId();
  const bytes = new TextEncoder().encode("Avis de réception");
  await db
    .insertInto("recommendation_dispatch")
    .values({
      id,
      recommendation_id: recommendationId,
      kind: "dispatch",
      on_date: "2026-11-20",
      channel: "registered_letter",
      contact_id: null,
      recipient: "Direction centrale",
      proof_reference: "RAR 12",
      file_name: "avis.txt",
      media_type: "text/plain",
      bytes,
      digest: "0".repeat(64),
      by,
      link_id: null,
      at: "2026-11-20T09:00:00.000Z",
    })
    .execute();
  return id;
}
