import { newId } from "../../db/ids.ts";
import type { AssignmentTable, Layer, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { listAccountsWithRole } from "../accounts/queries.ts";
import { dropStale } from "../adjudication/adjudicate.ts";
import { Invalid } from "../http/errors.ts";
import { applyEvent, lockReport } from "../reports/apply-event.ts";

export type Acting = { reportId: string; seenVersion: number; by: Actor; now: string };
export type Rule = NonNullable<AssignmentTable["rule"]>;

/** Whom a report is given to, by account; nobody is null. */
export type AssignmentGiven = {
  analyst: string | null;
  /** A second analyst who codes without seeing the first. */
  second: string | null;
  /** Who settles their differences. */
  adjudicator: string | null;
  priority: ReportTable["priority"];
  due: string | null;
};

const active = (tx: Tx, reportId: string) =>
  tx.selectFrom("assignment").selectAll().where("report_id", "=", reportId).where("ended_at", "is", null).orderBy("layer").execute();

/**
 * Gives a layer to an analyst, or takes it back. Whoever takes a layer over goes on with what is coded on it; one that was handed in stays
 * so. An analyst has one layer of a report at a time.
 */
async function giveLayer(
  tx: Tx,
  { reportId, by, now }: Omit<Acting, "seenVersion">,
  layer: Layer,
  analyst: string | null,
  rule: Rule | null,
) {
  const rows = await active(tx, reportId);
  const held = rows.find((one) => one.layer === layer);
  if (held?.analyst_id === analyst) return;
  const ended = rows.filter((one) => one.layer === layer || one.analyst_id === analyst).map(({ id }) => id);
  if (ended.length > 0) await tx.updateTable("assignment").set({ ended_at: now }).where("id", "in", ended).execute();
  if (analyst === null) return;
  await tx
    .insertInto("assignment")
    .values({
      id: newId(),
      report_id: reportId,
      analyst_id: analyst,
      layer,
      assigned_by: by.id,
      assigned_at: now,
      submitted_at: layer === 3 ? null : (held?.submitted_at ?? null),
      ended_at: null,
      rule,
    })
    .execute();
}

/** @throws Invalid where a person is no analyst, is named twice, or coded what they may not code or settle again */
async function checkPeople(tx: Tx, reportId: string, { analyst, second, adjudicator }: Omit<AssignmentGiven, "priority" | "due">) {
  const analysts = new Set((await listAccountsWithRole(tx, "analyst")).map(({ id }) => id));
  const named = { analyst, second, adjudicator };
  for (const [field, id] of Object.entries(named))
    if (id !== null && !analysts.has(id)) throw new Invalid({ [field]: "assignments.problem.unknown" });
  if (second !== null && second === analyst) throw new Invalid({ second: "assignments.problem.same" });
  if (adjudicator !== null && (adjudicator === analyst || adjudicator === second))
    throw new Invalid({ adjudicator: "assignments.problem.adjudicatorCodes" });
  const acts = await tx
    .selectFrom("coding_act")
    .select(["layer", "by"])
    .where("report_id", "=", reportId)
    .where("layer", "in", [1, 2])
    .distinct()
    .execute();
  const coded = (id: string | null, layers: readonly number[]) =>
    id !== null && acts.some(({ layer, by }) => by === id && layers.includes(layer));
  if (second !== null && coded(analyst, [2])) throw new Invalid({ analyst: "assignments.problem.codedOther" });
  if (second !== null && coded(second, [1])) throw new Invalid({ second: "assignments.problem.codedOther" });
  if (second !== null && coded(adjudicator, [1, 2])) throw new Invalid({ adjudicator: "assignments.problem.adjudicatorCoded" });
}

/**
 * Assigns a report to one analyst, or to two who code blind, with whoever will settle their differences. Leaving one of two out goes back to
 * a single coding, which keeps what the other has coded. A report whose two codings were settled is given to whoever codes what is settled.
 * @returns the report's new version
 * @throws Invalid naming the field; Refusal, Conflict, NotFound as applyEvent
 */
export async function assignReport(tx: Tx, acting: Acting, given: AssignmentGiven, rule: Rule = "hand"): Promise<number> {
  const { reportId, seenVersion, by, now } = acting;
  const report = await lockReport(tx, reportId, by);
  const { analyst, second, adjudicator, priority, due } = given;
  await checkPeople(tx, reportId, given);
  if (due !== null && due < now.slice(0, 10) && due !== report.due_on) throw new Invalid({ due: "reports.assign.past" });
  if (analyst === null && second === null) throw new Invalid({ analyst: "http.invalid.missing" });
  const blind = analyst !== null && second !== null;
  if (blind && report.coding_mode === "adjudicated") throw new Invalid({ second: "assignments.problem.adjudicated" });
  if (blind && report.state !== "received") throw new Invalid({ second: "assignments.problem.askSecond" });
  const { version } = await applyEvent(tx, {
    reportId,
    seenVersion,
    event: { type: "REPORT_ASSIGNED", by },
    now,
    detail: { analyst: analyst ?? second!, ...(blind && { second: second! }) },
  });
  await tx.updateTable("report").set({ priority, due_on: due }).where("id", "=", reportId).execute();
  const one = { reportId, by, now };
  if (report.coding_mode === "adjudicated") {
    await giveLayer(tx, one, 3, analyst, null);
    return version;
  }
  if (!blind) {
    // One analyst goes on alone, on the layer that is theirs.
    const kept: Layer = report.coding_mode === "blind" ? (analyst === null ? 2 : 1) : report.counted_layer;
    for (const layer of [1, 2, 3] as const) if (layer !== kept) await giveLayer(tx, one, layer, null, null);
    await giveLayer(tx, one, kept, analyst ?? second, null);
    await tx.updateTable("report").set({ coding_mode: "single", counted_layer: kept }).where("id", "=", reportId).execute();
    await tx
      .updateTable("assignment")
      .set({ submitted_at: null })
      .where("report_id", "=", reportId)
      .where("ended_at", "is", null)
      .execute();
    return version;
  }
  // Taken off a layer before being given another: nobody holds two.
  for (const [layer, id] of [
    [1, analyst],
    [2, second],
    [3, adjudicator],
  ] as const) {
    const rows = await active(tx, reportId);
    if (rows.some((row) => row.layer === layer && row.analyst_id !== id)) await giveLayer(tx, one, layer, null, null);
  }
  await giveLayer(tx, one, 1, analyst, rule);
  await giveLayer(tx, one, 2, second, rule);
  await giveLayer(tx, one, 3, adjudicator, null);
  await tx.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", reportId).execute();
  return version;
}

/**
 * Has a report that one analyst has coded coded again, blind, by a second: the first coding counts as handed in.
 * @throws Invalid naming the field; Refusal, Conflict, NotFound as applyEvent
 */
export async function askSecondCoding(
  tx: Tx,
  { reportId, seenVersion, by, now }: Acting,
  { second, adjudicator, reason }: { second: string; adjudicator: string | null; reason: string },
  rule: Rule = "hand",
): Promise<number> {
  const report = await lockReport(tx, reportId, by);
  const rows = await active(tx, reportId);
  const first = rows.find(({ layer }) => layer === report.counted_layer);
  await checkPeople(tx, reportId, { analyst: first?.analyst_id ?? null, second, adjudicator });
  if (report.counted_layer === 2) throw new Invalid({ second: "assignments.problem.adjudicated" });
  const { version } = await applyEvent(tx, {
    reportId,
    seenVersion,
    event: { type: "SECOND_CODING_ASKED", by, reason },
    now,
    detail: { second },
  });
  const handedIn = await tx
    .selectFrom("report_event")
    .select("at")
    .where("report_id", "=", reportId)
    .where("type", "=", "CODING_SUBMITTED")
    .orderBy("version", "desc")
    .executeTakeFirst();
  await tx
    .updateTable("assignment")
    .set({ submitted_at: handedIn?.at ?? now, rule })
    .where("report_id", "=", reportId)
    .where("layer", "=", 1)
    .where("ended_at", "is", null)
    .execute();
  await giveLayer(tx, { reportId, by, now }, 2, second, rule);
  await giveLayer(tx, { reportId, by, now }, 3, adjudicator, null);
  await tx.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", reportId).execute();
  return version;
}

/** Freezes what two coders said the first time both have handed in: agreement is measured on it, whatever is reopened or settled later. */
async function freezeDoubleCoding(tx: Tx, report: ReportTable, first: string, second: string, now: string): Promise<void> {
  const known = await tx.selectFrom("double_coding").select("factor").where("report_id", "=", report.id).limit(1).executeTakeFirst();
  if (known) return;
  const codings = await tx
    .selectFrom("coding")
    .select(["layer", "factor", "subject", "value"])
    .where("report_id", "=", report.id)
    .where("layer", "in", [1, 2])
    .execute();
  const rows = [...Map.groupBy(codings, ({ factor, subject }) => `${factor} ${subject}`).values()].flatMap((pair) => {
    const [one, two] = ([1, 2] as const).map((layer) => pair.find((coding) => coding.layer === layer));
    if (!one || !two) return [];
    return [
      {
        report_id: report.id,
        factor: one.factor,
        subject: one.subject,
        codebook_version: report.codebook_version,
        first_coder: first,
        second_coder: second,
        first_value: one.value,
        second_value: two.value,
        compared_at: now,
      },
    ];
  });
  for (let at = 0; at < rows.length; at += 100)
    await tx
      .insertInto("double_coding")
      .values(rows.slice(at, at + 100))
      .execute();
}

/**
 * Hands a blind layer in. When both are in, what they say is frozen for the measure of agreement and the adjudicator can begin.
 * @returns whether both are in now
 * @throws Refusal, Conflict, NotFound as applyEvent
 */
export async function submitLayer(tx: Tx, { reportId, seenVersion, by, now }: Acting): Promise<boolean> {
  const { report } = await applyEvent(tx, { reportId, seenVersion, event: { type: "LAYER_SUBMITTED", by }, now });
  await tx
    .updateTable("assignment")
    .set({ submitted_at: now })
    .where("report_id", "=", reportId)
    .where("analyst_id", "=", by.id)
    .where("ended_at", "is", null)
    .execute();
  const rows = await active(tx, reportId);
  const [first, second] = ([1, 2] as const).map((layer) => rows.find((one) => one.layer === layer && one.submitted_at !== null));
  if (!first || !second) return false;
  await freezeDoubleCoding(tx, report, first.analyst_id, second.analyst_id, now);
  await dropStale(tx, reportId, by, now);
  return true;
}

/**
 * Lets one of two coders go on; the other's coding and what was settled stay.
 * @throws Invalid when that layer was not handed in; Refusal, Conflict, NotFound as applyEvent
 */
export async function reopenLayer(tx: Tx, { reportId, seenVersion, by, now }: Acting, layer: 1 | 2, reason: string): Promise<void> {
  await applyEvent(tx, { reportId, seenVersion, event: { type: "LAYER_REOPENED", by, reason }, now, detail: { layer } });
  const { numUpdatedRows } = await tx
    .updateTable("assignment")
    .set({ submitted_at: null })
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .where("ended_at", "is", null)
    .where("submitted_at", "is not", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Invalid({ layer: "assignments.problem.notSubmitted" });
}
