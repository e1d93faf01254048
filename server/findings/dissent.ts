import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import { NotFound } from "../http/errors.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { type Acting, findingOf } from "./review.ts";

/** Somebody who works on the report does not agree with a finding; kept for ever. @throws Refusal, Conflict, NotFound */
export async function recordDissent(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  { number, text }: { number: number; text: string },
): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "DISSENT_RECORDED", by }, now, finding: number });
  const { id, version } = await findingOf(tx, reportId, number);
  await tx
    .insertInto("finding_dissent")
    .values({ id: newId(), finding_id: id, finding_version: version, text, by: by.id, at: now, withdrawn_at: null })
    .execute();
}

/** Whoever recorded a dissent withdraws it; its words stay, with the date. @throws Refusal, Conflict, NotFound */
export async function withdrawDissent(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  { number, dissent }: { number: number; dissent: string },
): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "DISSENT_WITHDRAWN", by }, now, finding: number });
  const { id } = await findingOf(tx, reportId, number);
  const { numUpdatedRows } = await tx
    .updateTable("finding_dissent")
    .set({ withdrawn_at: now })
    .where("id", "=", dissent)
    .where("finding_id", "=", id)
    .where("by", "=", by.id)
    .where("withdrawn_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new NotFound();
}
