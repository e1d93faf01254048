import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { readText } from "../../server/documents/read-text.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { storeDocument } from "../../server/reports/intake.ts";
import { type BuiltReport, type Cast, reportIn } from "../support/reports.ts";

export const NOW = "2026-11-23T09:00:00.000Z";
/** A text with characters outside the basic plane before and inside what is quoted. */
export const ASTRAL = "Pièce 𝒜 🕊️ : note fictive.\n\nElle a dit 🕊️ « j’ai peur 𝒜 » à sa sœur.";

/** A received report, assigned to its analyst, with nothing coded; a second document holds ASTRAL. */
export async function assigned(database: Database, cast: Partial<Cast> = {}): Promise<BuiltReport> {
  const built = await reportIn(database, "received", cast);
  await database.db.transaction().execute(async (tx) => {
    await storeDocument(tx, {
      reportId: built.id,
      fileName: "note.txt",
      bytes: new TextEncoder().encode(ASTRAL + built.id),
      document: readText(ASTRAL),
      by: built.coordinator,
      now: NOW,
    });
    await applyEvent(tx, { reportId: built.id, seenVersion: 1, event: { type: "REPORT_ASSIGNED", by: built.coordinator }, now: NOW });
    await tx
      .insertInto("assignment")
      .values({
        id: newId(),
        report_id: built.id,
        analyst_id: built.analyst.id,
        layer: 1,
        assigned_by: built.coordinator.id,
        assigned_at: NOW,
        ended_at: null,
      })
      .execute();
  });
  return { ...built, version: 2 };
}
