import { newId } from "../../db/ids.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
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
    number: n + 100,
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
