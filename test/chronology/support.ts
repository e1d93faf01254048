import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { ChronologyEntryTable, Layer } from "../../db/schema.ts";
import type { EntryGiven } from "../../server/chronology/write.ts";
import { clock } from "../support/databases.ts";

/** An analyst on a layer of a report, as an assignment would put them. */
export async function assign(
  { db }: Pick<Database, "db">,
  reportId: string,
  analystId: string,
  { layer = 1, submitted = false }: { layer?: Layer; submitted?: boolean } = {},
): Promise<void> {
  const now = clock().toISOString();
  await db
    .insertInto("assignment")
    .values({
      id: newId(),
      report_id: reportId,
      analyst_id: analystId,
      layer,
      assigned_by: analystId,
      assigned_at: now,
      submitted_at: submitted ? now : null,
      ended_at: null,
      rule: null,
    })
    .execute();
}

export const entry = (given: Partial<EntryGiven> = {}): EntryGiven => ({
  start: "02/02/2024",
  end: null,
  uncertain: false,
  kind: "complaint",
  service: "Brigade",
  description: "Plainte de la victime.",
  response: null,
  person: null,
  passage: null,
  ...given,
});

/** An entry straight into the rows. */
export const row = (reportId: string, by: string, given: Partial<ChronologyEntryTable> = {}): ChronologyEntryTable => ({
  id: newId(),
  report_id: reportId,
  starts_on: "2024-02-02",
  precision: "day",
  ends_on: null,
  ends_precision: null,
  uncertain: 0,
  kind: "contact",
  service: null,
  description: "Un contact.",
  response: null,
  person_id: null,
  passage_id: null,
  version: 1,
  created_by: by,
  created_at: clock().toISOString(),
  updated_by: by,
  updated_at: clock().toISOString(),
  deleted_at: null,
  ...given,
});
