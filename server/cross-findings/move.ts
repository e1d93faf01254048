import type { CrossFindingTable, Tx } from "../../db/schema.ts";
import { type CrossFindingDecision, decideCrossFinding } from "../../workflows/cross-finding.decide.ts";
import type { CrossFindingEvent, CrossFindingFacts } from "../../workflows/cross-finding.machine.ts";
import { crossFindingFactsOf } from "./facts.ts";

/** What an event leaves on the row besides its state. */
export type CrossFindingChange = Partial<
  Pick<
    CrossFindingTable,
    | "statement"
    | "public_statement"
    | "service"
    | "written_by"
    | "written_at"
    | "approved_at"
    | "evidence_changed_at"
    | "standing_text"
    | "second_review"
    | "confirmed_by"
  >
>;

/** The instants that the row keeps of an event. */
const stampsOf = ({ type }: CrossFindingEvent, now: string): Partial<CrossFindingTable> => {
  switch (type) {
    case "CROSS_FINDING_SUBMITTED":
      return { submitted_at: now };
    case "EVIDENCE_CHANGED":
      return { submitted_at: now, evidence_changed_at: now };
    case "CROSS_FINDING_APPROVED":
      return { approved_at: now, evidence_changed_at: null };
    case "CROSS_FINDING_WITHDRAWN":
      return { withdrawn_at: now, standing_text: null };
    case "CROSS_FINDING_RESUMED":
      return { withdrawn_at: null };
    default:
      return {};
  }
};

/**
 * The only writer of a cross-case finding's state and of its history: its row and its history change together, or not at all.
 * @param detail codes, references and ids for the history, never a text
 * @returns what the machine decided, with the facts it looked at; nothing is written unless it moved
 */
export async function moveCrossFinding(
  tx: Tx,
  row: CrossFindingTable,
  event: CrossFindingEvent,
  now: string,
  { change = {}, detail = null }: { change?: CrossFindingChange; detail?: Record<string, string | number> | null } = {},
): Promise<CrossFindingDecision & { facts: CrossFindingFacts }> {
  const facts = await crossFindingFactsOf(tx, row);
  const decision = decideCrossFinding(row.state, facts, event);
  if (decision.kind !== "moved") return { ...decision, facts };
  const version = row.version + 1;
  await tx
    .updateTable("cross_finding")
    .set({ state: decision.to, version, ...change, ...stampsOf(event, now) })
    .where("id", "=", row.id)
    .execute();
  await tx
    .insertInto("cross_finding_event")
    .values({
      cross_finding_id: row.id,
      version,
      type: event.type,
      from_state: decision.from,
      to_state: decision.to,
      by: event.by.id,
      at: now,
      reason: "reason" in event ? (event.reason ?? null) : null,
      detail: detail ? JSON.stringify(detail) : null,
    })
    .execute();
  return { ...decision, facts };
}
