import { newId } from "../../db/ids.ts";
import type { ActKind, Db, EditionValueTable, Tx } from "../../db/schema.ts";

let count = 0;
export type GivenValue = Pick<EditionValueTable, "factor" | "value"> &
  Partial<Pick<EditionValueTable, "subject" | "subject_kind" | "known_when">>;

/** A report with one edition and just these values, straight into the rows; `superseded` makes it an edition that no longer counts. */
export async function publishedCase(
  db: Db | Tx,
  by: string,
  {
    actDate = "2024-03-14",
    actKind = "homicide",
    region = "24",
    department = "41",
    superseded = false,
    setAside = false,
    report = null,
    values = [],
  }: {
    actDate?: string;
    actKind?: ActKind;
    region?: string;
    department?: string;
    superseded?: boolean;
    setAside?: boolean;
    /** An existing report, for its next edition. */
    report?: string | null;
    values?: GivenValue[];
  },
): Promise<string> {
  const n = ++count;
  const at = "2026-03-02T09:00:00.000Z";
  const id = report ?? `RETEX-2026-${String(5000 + n)}`;
  if (report === null)
    await db
      .insertInto("report")
      .values({
        id,
        state: setAside ? "set_aside" : "published",
        version: 9,
        received_on: "2026-02-02",
        issuing_kind: "prosecutor",
        issuing_service: "Parquet",
        service_folded: "parquet",
        court: "00000000",
        appeal_court: "Orléans",
        department,
        region,
        act_date: actDate,
        act_kind: actKind,
        proceedings: "final",
        priority: "normal",
        due_on: null,
        codebook_version: "1.0.0",
        deposited_by: by,
        created_at: at,
        updated_at: at,
      })
      .execute();
  const edition = newId();
  await db
    .insertInto("edition")
    .values({
      id: edition,
      report_id: id,
      number: report === null ? 1 : 2,
      published_at: at,
      published_by: by,
      superseded_at: superseded ? at : null,
      codebook_version: "1.0.0",
      act_date: actDate,
      act_kind: actKind,
      department,
      region,
      content: "{}",
      digest: "0".repeat(64),
    })
    .execute();
  if (values.length > 0)
    await db
      .insertInto("edition_value")
      .values(
        values.map(({ factor, value, subject = "case", subject_kind = "case", known_when = null }) => ({
          edition_id: edition,
          report_id: id,
          factor,
          subject,
          subject_kind,
          value,
          number: /^\d+$/.test(value) ? Number(value) : null,
          known_when,
        })),
      )
      .execute();
  return id;
}
