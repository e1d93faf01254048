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
 * Gives a layer to an analyst, or takes it back. An analyst has one layer of a report at a time.
 * @param submitted when it was handed in, where whoever takes it over finds it so
 */
async function giveLayer(
  tx: Tx,
  { reportId, by, now }: Omit<Acting, "seenVersion">,
  layer: Layer,
  analyst: string | null,
  rule: Rule | null,
  submitted: string | null = null,
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
      submitted_at: layer === 3 ? null : submitted,
      ended_at: null,
      rule,
    })
    .execute();
}

/** Who is to have each layer, and the field of the form that names them. */
type Named = Record<Layer, { id: string | null; field: "analyst" | "second" | "adjudicator" }>;
/** @throws Invalid where a person is no analyst, is named twice, or coded what they may not code or settle again */
async function checkPeople(tx: Tx, reportId: string, { 1: first, 2: second, 3: third }: Named) {
  const analysts = new Set((await listAccountsWithRole(tx, "analyst")).map(({ id }) => id));
  for (const { id, field } of [first, second, third])
    if (id !== null && !analysts.has(id)) throw new Invalid({ [field]: "assignments.problem.unknown" });
  if (second.id !== null && second.id === first.id) throw new Invalid({ second: "assignments.problem.same" });
  if (third.id !== null && (third.id === first.id || third.id === second.id))
    throw new Invalid({ [third.field]: "assignments.problem.adjudicatorCodes" });
  if (first.id === null || second.id === null) return;
  const acts = await tx
    .selectFrom("coding_act")
    .select(["layer", "by"])
    .where("report_id", "=", reportId)
    .where("layer", "in", [1, 2])
    .distinct()
    .execute();
  const coded = (id: string | null, layers: readonly number[]) =>
    id !== null && acts.some(({ layer, by }) => by === id && layers.includes(layer));
  if (coded(first.id, [2])) throw new Invalid({ [first.field]: "assignments.problem.codedOther" });
  if (coded(second.id, [1])) throw new Invalid({ [second.field]: "assignments.problem.codedOther" });
  if (coded(third.id, [1, 2])) throw new Invalid({ [third.field]: "assignments.problem.adjudicatorCoded" });
}

/**
 * Assigns a report to one analyst, or to two who code blind, with whoever will settle their differences. Leaving one of two out goes back to
 * a single coding, which keeps what the other has coded, whichever field names them. A report whose two codings were settled is given to whoever codes what is settled.
 * @returns the report's new version
 * @throws Invalid naming the field; Refusal, Conflict, NotFound as applyEvent
 */
export async function assignReport(tx: Tx, acting: Acting, given: AssignmentGiven, rule: Rule = "hand"): Promise<number> {
  const { reportId, seenVersion, by, now } = acting;
  const report = await lockReport(tx, reportId, by);
  const { analyst, second, adjudicator, priority, due } = given;
  if (analyst === null && second === null) throw new Invalid({ analyst: "http.invalid.missing" });
  const blind = analyst !== null && second !== null;
  // The machine first: what stands against a person is told to whoever may assign alone.
  const { version } = await applyEvent(tx, {
    reportId,
    seenVersion,
    event: { type: "REPORT_ASSIGNED", by },
    now,
    detail: { analyst: analyst ?? second!, ...(blind && { second: second! }) },
  });
  // Whoever codes alone on the second layer stays on it when somebody joins them.
  const alone = report.coding_mode === "single" && (await active(tx, reportId)).find((row) => row.analyst_id === analyst);
  const [named, joining] = [
    { id: analyst, field: "analyst" },
    { id: second, field: "second" },
  ] as const;
  const [first, other] = alone && alone.layer === 2 && second !== null ? [joining, named] : [named, joining];
  await checkPeople(tx, reportId, { 1: first, 2: other, 3: { id: adjudicator, field: "adjudicator" } });
  if (due !== null && due < now.slice(0, 10) && due !== report.due_on) throw new Invalid({ due: "reports.assign.past" });
  if (blind && report.coding_mode === "adjudicated") throw new Invalid({ second: "assignments.problem.adjudicated" });
  if (blind && report.state !== "received") throw new Invalid({ second: "assignments.problem.askSecond" });
  await tx.updateTable("report").set({ priority, due_on: due }).where("id", "=", reportId).execute();
  const one = { reportId, by, now };
  if (report.coding_mode === "adjudicated") {
    await giveLayer(tx, one, 3, analyst, null);
    return version;
  }
  if (!blind) {
    // One analyst goes on alone, on the layer that is theirs.
    const own = (await active(tx, reportId)).find((row) => row.layer !== 3 && row.analyst_id === (analyst ?? second))?.layer;
    const kept: Layer = report.coding_mode === "blind" ? (own ?? (analyst === null ? 2 : 1)) : report.counted_layer;
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
  // Whoever takes a layer over goes on with what is coded on it; one that was handed in stays so.
  const before = report.coding_mode === "blind" ? await active(tx, reportId) : [];
  const handedIn = (layer: Layer) => before.find((row) => row.layer === layer)?.submitted_at ?? null;
  // Taken off a layer before being given another: nobody holds two.
  for (const [layer, id] of [
    [1, first.id],
    [2, other.id],
    [3, adjudicator],
  ] as const) {
    const rows = await active(tx, reportId);
    if (rows.some((row) => row.layer === layer && row.analyst_id !== id)) await giveLayer(tx, one, layer, null, null);
  }
  await giveLayer(tx, one, 1, first.id, rule, handedIn(1));
  await giveLayer(tx, one, 2, other.id, rule, handedIn(2));
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
  const { version } = await applyEvent(tx, {
    reportId,
    seenVersion,
    event: { type: "SECOND_CODING_ASKED", by, reason },
    now,
    detail: { second },
  });
  // The one coding there is may be on either layer: that of a second coder who was left alone is on the second.
  const [codedOn, other] = report.counted_layer === 2 ? ([2, 1] as const) : ([1, 2] as const);
  const coder = (await active(tx, reportId)).find(({ layer }) => layer === codedOn)?.analyst_id;
  if (coder === undefined) throw new Invalid({ second: "assignments.problem.noCoder" });
  const [first, again] = [
    { id: coder, field: "second" },
    { id: second, field: "second" },
  ] as const;
  await checkPeople(tx, reportId, {
    ...(codedOn === 1 ? { 1: first, 2: again } : { 1: again, 2: first }),
    3: { id: adjudicator, field: "adjudicator" },
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
    .where("layer", "=", codedOn)
    .where("ended_at", "is", null)
    .execute();
  await giveLayer(tx, { reportId, by, now }, other, second, rule);
  await giveLayer(tx, { reportId, by, now }, 3, adjudicator, null);
  await tx.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", reportId).execute();
  return version;
}

/**
 * Freezes what two coders said the first time both have handed in: agreement is measured on it, whatever is reopened or settled later. Each
 * value is its coder's, whoever has the layer by then; nobody is compared with themselves.
 */
async function freezeDoubleCoding(tx: Tx, report: ReportTable, now: string): Promise<void> {
  const known = await tx.selectFrom("double_coding").select("factor").where("report_id", "=", report.id).limit(1).executeTakeFirst();
  if (known) return;
  const codings = await tx
    .selectFrom("coding")
    .select(["layer", "factor", "subject", "value", "coded_by"])
    .where("report_id", "=", report.id)
    .where("layer", "in", [1, 2])
    .execute();
  const rows = [...Map.groupBy(codings, ({ factor, subject }) => `${factor} ${subject}`).values()].flatMap((pair) => {
    const [one, two] = ([1, 2] as const).map((layer) => pair.find((coding) => coding.layer === layer));
    if (!one || !two || one.coded_by === two.coded_by) return [];
    return [
      {
        report_id: report.id,
        factor: one.factor,
        subject: one.subject,
        codebook_version: report.codebook_version,
        first_coder: one.coded_by,
        second_coder: two.coded_by,
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
  if (!([1, 2] as const).every((layer) => rows.some((one) => one.layer === layer && one.submitted_at !== null))) return false;
  await freezeDoubleCoding(tx, report, now);
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
