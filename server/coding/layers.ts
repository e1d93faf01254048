import type { Db, Layer, ReportTable, Tx } from "../../db/schema.ts";

type Of = Pick<ReportTable, "id" | "coding_mode" | "counted_layer">;

/** Which of the two blind layers is this person's now; null for everybody else. */
async function blindLayerOf(db: Db | Tx, reportId: string, by: string): Promise<1 | 2 | null> {
  const row = await db
    .selectFrom("assignment")
    .select("layer")
    .where("report_id", "=", reportId)
    .where("analyst_id", "=", by)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return row?.layer === 1 || row?.layer === 2 ? row.layer : null;
}

/**
 * The layer of codings that this person codes on and sees. While two code blind, each has their own and everybody else has what is settled
 * so far: no road shows a coder's layer to anyone else. Otherwise all share the layer that counts.
 */
export async function layerFor(db: Db | Tx, report: Of, by: string): Promise<Layer> {
  if (report.coding_mode !== "blind") return report.counted_layer;
  return (await blindLayerOf(db, report.id, by)) ?? 3;
}
