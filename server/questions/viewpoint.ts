import type { Db, ReportTable, Side, Tx } from "../../db/schema.ts";
import { type Actor, holds } from "../../workflows/actor.ts";

/**
 * What of a report's questions somebody may read. Without two blind coders: everything. While two code blind, a coder reads what concerns
 * their own layer or both; a coordinator or reviewer who coded neither reads everything; anybody else, what concerns both.
 */
export type Viewpoint = {
  blind: boolean;
  /** The layers this person codes or coded (1, 2); empty for whoever coded neither. */
  layers: readonly (1 | 2)[];
  reads: (row: { side: Side }) => boolean;
};

type Blindable = Pick<ReportTable, "id" | "coding_mode">;

/** Layers 1 and 2 of a report that this person was given, or ever coded on. */
async function layersOf(db: Db | Tx, reportId: string, accountId: string): Promise<(1 | 2)[]> {
  const rows = await db
    .selectFrom("assignment")
    .select("layer")
    .where("report_id", "=", reportId)
    .where("analyst_id", "=", accountId)
    .where("ended_at", "is", null)
    .where("layer", "in", [1, 2])
    .union((e) =>
      e.selectFrom("coding_act").select("layer").where("report_id", "=", reportId).where("by", "=", accountId).where("layer", "in", [1, 2]),
    )
    .execute();
  return rows.map(({ layer }) => layer as 1 | 2).sort();
}

/** What this person may read of a report's questions. The report itself is theirs to read already. */
export async function viewpointOf(db: Db | Tx, report: Blindable, by: Actor): Promise<Viewpoint> {
  const layers = await layersOf(db, report.id, by.id);
  const blind = report.coding_mode === "blind";
  const everything = !blind || (layers.length === 0 && (holds(by, "coordinator") || holds(by, "reviewer")));
  return { blind, layers, reads: ({ side }) => everything || side === 0 || layers.some((layer) => layer === side) };
}

/**
 * Whom something said now concerns, should two analysts code blind now or later. Before a second coder comes, everything is about the first
 * one's coding; once the differences are settled, about both.
 * @param chosen by whoever coded neither, while two code blind
 */
export function sideOf(report: Pick<ReportTable, "coding_mode">, { layers }: Viewpoint, chosen: 0 | 1 | 2): Side {
  if (report.coding_mode === "single") return 1;
  if (report.coding_mode === "adjudicated") return 3;
  return layers[0] ?? chosen;
}
