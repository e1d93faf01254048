import { sql } from "kysely";
import { newId } from "../../db/ids.ts";
import type { CodingTable, Db, Layer, RecodeTaskTable, ReportTable, Tx } from "../../db/schema.ts";
import { type Actor, holds } from "../../workflows/actor.ts";
import type { ReportState } from "../../workflows/report.decide.ts";
import { NotFound, Refusal } from "../http/errors.ts";
import { type Key, translator } from "../http/words.ts";
import { lockReport, permit } from "../reports/apply-event.ts";
import { type Carried, type Crosswalk, carryOver, type Outcome } from "./crosswalk.ts";
import { codebookVersion, currentCodebook, keptBy, listVersions } from "./store.ts";

// Published versions never change, and neither does what leads from one to the next.
const readings = new WeakMap<object, Map<string, Crosswalk>>();

/** What leads from a version to the one drafted from it. */
async function crosswalkBetween(db: Db | Tx, from: string, to: string): Promise<Crosswalk> {
  const key = `${from} ${to}`;
  const read = keptBy(readings, db);
  const known = read.get(key);
  if (known) return known;
  const links = await db
    .selectFrom("codebook_crosswalk")
    .selectAll()
    .where("from_version", "=", from)
    .where("to_version", "=", to)
    .execute();
  const values = await db
    .selectFrom("codebook_carried_value")
    .selectAll()
    .where("from_version", "=", from)
    .where("to_version", "=", to)
    .execute();
  const carried = Map.groupBy(values, ({ from_factor, to_factor }) => `${from_factor} ${to_factor}`);
  const [before, after] = [await codebookVersion(db, from), await codebookVersion(db, to)];
  const place = (definition: typeof before, code: string | null) => definition.factors.findIndex((factor) => factor.code === code);
  links.sort(
    (a, b) => place(before, a.from_factor) - place(before, b.from_factor) || place(after, a.to_factor) - place(after, b.to_factor),
  );
  const crosswalk: Crosswalk = {
    from: before,
    to: after,
    links: links.map(({ from_factor, to_factor, rule, note }) => ({
      from: from_factor,
      to: to_factor,
      rule,
      note: note ?? "",
      values: new Map((carried.get(`${from_factor} ${to_factor}`) ?? []).map(({ from_value, to_value }) => [from_value, to_value])),
    })),
  };
  read.set(key, crosswalk);
  return crosswalk;
}

/** The steps from one version to a later one, each drafted from the one before; null when none leads there. */
export async function stepsBetween(db: Db | Tx, from: string, to: string): Promise<Crosswalk[] | null> {
  const bases = new Map((await listVersions(db)).map(({ version, base }) => [version, base]));
  const steps: Crosswalk[] = [];
  for (let at = to; at !== from; ) {
    const base = bases.get(at);
    if (!base) return null;
    steps.unshift(await crosswalkBetween(db, base, at));
    at = base;
  }
  return steps;
}

/** The factors that a factor is followed by at the end of these steps. */
export const followingOf = (steps: readonly Crosswalk[], factor: string): string[] =>
  steps.reduce<string[]>(
    (codes, { links }) => [...new Set(codes.flatMap((code) => links.filter(({ from }) => from === code).flatMap(({ to }) => to ?? [])))],
    [factor],
  );

/** What becomes of codings over several steps: what is carried, and of each coding (by id) what became of it. */
function carryAlong(
  steps: readonly Crosswalk[],
  codings: readonly CodingRow[],
  actDate: string,
): { carried: Carried[]; outcomes: Map<string, Outcome> } {
  let carried: Carried[] = codings.map(({ id, layer, factor, subject, value }) => ({ sources: [id], layer, factor, subject, value }));
  // What was lost of each coding on the way: to somebody who must code again, or with a factor that is gone.
  const coded = new Set<string>();
  // An absence that a presence took in when factors were merged.
  const absorbed = new Set<string>();
  for (const step of steps) {
    const { carried: next, fates } = carryOver(step, carried, actDate);
    const on = new Set(next.flatMap(({ sources }) => sources));
    for (const [at, fate] of fates.entries())
      for (const id of carried[at]!.sources) {
        if (fate === "recode" || fate === "partly") coded.add(id);
        else if (fate === "carried" && !on.has(id)) absorbed.add(id);
      }
    carried = next;
  }
  const left = new Set([...carried.flatMap(({ sources }) => sources), ...absorbed]);
  const outcomes = new Map(
    codings.map(({ id }): [string, Outcome] => [
      id,
      left.has(id) ? (coded.has(id) ? "partly" : "carried") : coded.has(id) ? "recode" : "retired",
    ]),
  );
  return { carried, outcomes };
}

// --- tasks ------------------------------------------------------------------------------------------------------------------------

/** Asks every report of an earlier version to pass to this one; what an earlier publication asked is replaced. */
export async function openTasks(tx: Tx, version: string, now: string): Promise<void> {
  await tx
    .updateTable("recode_task")
    .set({ status: "replaced" })
    .where("status", "in", ["waiting", "not_needed"])
    .where("to_version", "<>", version)
    .execute();
  await tx
    .insertInto("recode_task")
    .columns(["report_id", "to_version", "from_version", "status", "created_at"])
    .expression((e) =>
      e
        .selectFrom("report")
        .select([
          "report.id",
          sql<string>`${version}`.as("to_version"),
          "report.codebook_version",
          sql<"waiting">`'waiting'`.as("status"),
          sql<string>`${now}`.as("created_at"),
        ])
        .where("report.codebook_version", "<>", version),
    )
    .execute();
}

export type TaskStatus = "done" | "waiting" | "not_needed";
/** How far the reports of earlier versions came, for each version published since. Reports set aside need nothing. */
export async function progressByVersion(db: Db | Tx): Promise<Map<string, Record<TaskStatus, number>>> {
  const { rows } = await sql<{ to_version: string; status: TaskStatus; n: number | string }>`
    select to_version, ${STATUS} as status, count(*) as n from recode_task join report on report.id = recode_task.report_id
    where report.held = 0 group by to_version, ${STATUS}`.execute(db);
  const progress = new Map<string, Record<TaskStatus, number>>();
  for (const { to_version, status, n } of rows) {
    const own = progress.get(to_version) ?? { done: 0, waiting: 0, not_needed: 0 };
    own[status] = Number(n);
    progress.set(to_version, own);
  }
  return progress;
}
/** What a task comes to, given its report. */
const STATUS = sql<TaskStatus>`case when recode_task.status = 'done' then 'done'
  when recode_task.status = 'waiting' and report.state <> 'set_aside' then 'waiting' else 'not_needed' end`;

export const TASKS_PER_PAGE = 50;
export type TaskLine = Pick<RecodeTaskTable, "report_id" | "from_version" | "decided_at" | "reason"> & {
  status: TaskStatus;
  replaced: boolean;
  state: ReportState;
  act_date: string;
  /** Who decided it. */
  name: string | null;
};
/** The tasks of a version, one page of them: what waits first, then by receipt number. */
export async function listTasks(
  db: Db | Tx,
  { version, status, page }: { version: string; status: TaskStatus | null; page: number },
): Promise<{ total: number; lines: TaskLine[] }> {
  const where = sql`from recode_task join report on report.id = recode_task.report_id left join account on account.id = recode_task.decided_by
    where report.held = 0 and recode_task.to_version = ${version} ${status === null ? sql`` : sql`and ${STATUS} = ${status}`}`;
  const { rows } = await sql<Omit<TaskLine, "replaced"> & { stored: RecodeTaskTable["status"] }>`
    select recode_task.report_id, recode_task.from_version, recode_task.decided_at, recode_task.reason, recode_task.status as stored,
      ${STATUS} as status, report.state, report.act_date, account.name ${where}
    order by case ${STATUS} when 'waiting' then 0 when 'not_needed' then 1 else 2 end, recode_task.report_id desc
    limit ${TASKS_PER_PAGE} offset ${(page - 1) * TASKS_PER_PAGE}`.execute(db);
  const total = await sql<{ n: number | string }>`select count(*) as n ${where}`.execute(db);
  return { total: Number(total.rows[0]!.n), lines: rows.map(({ stored, ...row }) => ({ ...row, replaced: stored === "replaced" })) };
}

/** The task of a report towards a version, if there is one. */
export const findTask = (db: Db | Tx, reportId: string, version: string): Promise<RecodeTaskTable | undefined> =>
  db.selectFrom("recode_task").selectAll().where("report_id", "=", reportId).where("to_version", "=", version).executeTakeFirst();

/**
 * Says that a report need not pass to a version, or that it has to after all.
 * @throws NotFound without such a task; Refusal when it is no longer open
 */
export async function excuseTask(
  tx: Tx,
  { reportId, version, reason }: { reportId: string; version: string; reason: string | null },
  by: Actor,
  now: string,
): Promise<void> {
  await lockReport(tx, reportId, by);
  const task = await findTask(tx, reportId, version);
  if (!task) throw new NotFound();
  if (task.status === "done" || task.status === "replaced")
    throw new Refusal((language) => [translator(language)("codebook.recode.refused.closed")], `/rapports/${reportId}/version`);
  await tx
    .updateTable("recode_task")
    .set(
      reason === null
        ? { status: "waiting", decided_by: null, decided_at: null, reason: null }
        : { status: "not_needed", decided_by: by.id, decided_at: now, reason },
    )
    .where("report_id", "=", reportId)
    .where("to_version", "=", version)
    .execute();
}

// --- one report -------------------------------------------------------------------------------------------------------------------

type CodingRow = CodingTable;
/** What a person may see of the codings of a report: all of them, their own layer alone while two code blind, else none. */
export async function layersSeenBy(db: Db | Tx, report: Pick<ReportTable, "id" | "coding_mode">, by: Actor): Promise<Layer[]> {
  if (report.coding_mode !== "blind") return [1, 2, 3];
  const own = await db
    .selectFrom("assignment")
    .select("layer")
    .where("report_id", "=", report.id)
    .where("analyst_id", "=", by.id)
    .where("ended_at", "is", null)
    .where("layer", "in", [1, 2])
    .execute();
  return own.map(({ layer }) => layer);
}

export type Plan = {
  steps: Crosswalk[];
  outcomes: Record<Outcome, number>;
  byFactor: { factor: string; outcome: Outcome; count: number }[];
};
/** What passing to a version would do to the codings of some layers of a report; null when no crosswalk leads there. */
export async function planFor(
  db: Db | Tx,
  report: Pick<ReportTable, "id" | "codebook_version" | "act_date">,
  version: string,
  layers: readonly Layer[],
): Promise<Plan | null> {
  const steps = await stepsBetween(db, report.codebook_version, version);
  if (!steps) return null;
  const codings =
    layers.length === 0
      ? []
      : await db
          .selectFrom("coding")
          .selectAll()
          .where("report_id", "=", report.id)
          .where("layer", "in", [...layers])
          .execute();
  const { outcomes } = carryAlong(steps, codings, report.act_date);
  const counts: Record<Outcome, number> = { carried: 0, partly: 0, recode: 0, retired: 0 };
  const byFactor = new Map<string, Plan["byFactor"][number]>();
  for (const { id, factor } of codings) {
    const outcome = outcomes.get(id)!;
    counts[outcome] += 1;
    const key = `${factor} ${outcome}`;
    const line = byFactor.get(key) ?? { factor, outcome, count: 0 };
    line.count += 1;
    byFactor.set(key, line);
  }
  return { steps, outcomes: counts, byFactor: [...byFactor.values()] };
}

/**
 * Why this person cannot make a report pass to another version now, as keys of words; the rules that the machine holds for a coder are asked
 * of it when the act takes place.
 */
export async function reasonsAgainst(db: Db | Tx, report: ReportTable, by: Actor): Promise<Key[]> {
  const reasons: Key[] = [];
  if (report.state === "published") reasons.push("codebook.recode.refused.published");
  else if (report.state === "set_aside") reasons.push("codebook.recode.refused.setAside");
  else if (report.state !== "received") reasons.push("codebook.recode.refused.state");
  const active = await db
    .selectFrom("assignment")
    .select(["analyst_id", "layer", "submitted_at"])
    .where("report_id", "=", report.id)
    .where("ended_at", "is", null)
    .execute();
  const assigned = holds(by, "analyst") && active.some(({ analyst_id }) => analyst_id === by.id);
  if (!assigned && !holds(by, "coordinator")) reasons.push("codebook.recode.refused.role");
  if (report.coding_mode === "blind" && active.some(({ layer, submitted_at }) => layer !== 3 && submitted_at !== null))
    reasons.push("codebook.recode.refused.submitted");
  return reasons;
}

type Kept = { id: string; document: number; starts: number | null; ends: number | null; page: number | null; quote: string };
type State = Pick<CodingTable, "value" | "confidence" | "evidence_basis" | "known_when" | "note" | "reason" | "origin">;
const stateOf = ({ value, confidence, evidence_basis, known_when, note, reason, origin }: State): State => ({
  value,
  confidence,
  evidence_basis,
  known_when,
  note,
  reason,
  origin,
});
/** The one thing that all of them say; null where they differ. */
const agreed = <T>(values: readonly T[]): T | null => (new Set(values).size === 1 ? values[0]! : null);

/** Every layer of a report, factor by factor as it is carried; how many codings met which end. */
export type Passed = { from: string; to: string; outcomes: Record<Outcome, number> };

/**
 * Makes a report pass to the version in force: codings are carried over as the crosswalk says, with their passages and as acts in the history;
 * the others leave the coding for the history and are coded again. All layers move together. Published editions stay as they are.
 * @param seen the version that the person's page was drawn from
 * @throws Refusal with the reasons in words; NotFound
 */
export async function passToVersion(tx: Tx, { reportId, to }: { reportId: string; to: string }, by: Actor, now: string): Promise<Passed> {
  const back = `/rapports/${reportId}/version`;
  const refuse = (keys: readonly Key[]): never => {
    throw new Refusal((language) => keys.map((key) => translator(language)(key)), back);
  };
  const report = await lockReport(tx, reportId, by);
  const current = await currentCodebook(tx);
  if (report.codebook_version === to) refuse(["codebook.recode.refused.done"]);
  if (current.version !== to) refuse(["codebook.recode.refused.notCurrent"]);
  const reasons = await reasonsAgainst(tx, report, by);
  if (reasons.length > 0) refuse(reasons);
  if (!holds(by, "coordinator")) await permit(tx, reportId, { type: "VALUE_CODED", by });
  const steps = await stepsBetween(tx, report.codebook_version, to);
  if (!steps) return refuse(["codebook.recode.refused.noWay"]);

  const codings = await tx
    .selectFrom("coding")
    .selectAll()
    .where("report_id", "=", reportId)
    .orderBy("layer")
    .orderBy("factor")
    .orderBy("subject")
    .execute();
  const tied = Map.groupBy(
    await tx
      .selectFrom("coding_passage")
      .innerJoin("coding", "coding.id", "coding_passage.coding_id")
      .innerJoin("passage", "passage.id", "coding_passage.passage_id")
      .innerJoin("document", "document.id", "passage.document_id")
      .select([
        "coding.id as coding",
        "passage.id",
        "document.number as document",
        "passage.starts",
        "passage.ends",
        "passage.page",
        "passage.quote",
      ])
      .where("coding.report_id", "=", reportId)
      .orderBy("passage.id")
      .execute(),
    ({ coding }) => coding,
  );
  const passagesOf = (id: string): Kept[] => (tied.get(id) ?? []).map(({ coding: _, ...passage }) => passage);
  const { carried, outcomes } = carryAlong(steps, codings, report.act_date);
  const rowOf = new Map(codings.map((coding) => [coding.id, coding]));
  const placeOf = (of: { layer: number; factor: string; subject: string }) => `${of.layer} ${of.factor} ${of.subject}`;
  const at = new Map(codings.map((coding) => [placeOf(coding), coding]));
  // While two code blind, an act on a layer is in the name of its coder: anybody else's would make them a coder of that layer.
  const actor = (row: CodingTable): string => (report.coding_mode === "blind" ? row.coded_by : by.id);
  const batch = `version ${to}`;
  const acts: { layer: Layer; factor: string; subject: string; by: string; after: string }[] = [];
  const kept = new Set<string>();
  const made: CodingTable[] = [];
  const ties: { coding_id: string; passage_id: string }[] = [];
  const changes: { id: string; state: State }[] = [];
  for (const one of carried) {
    const sources = one.sources.map((id) => rowOf.get(id)!);
    const lead = sources[0]!;
    const passages = [...new Map(sources.flatMap(({ id }) => passagesOf(id)).map((passage) => [passage.id, passage])).values()];
    const notes = [...new Set(sources.map(({ note }) => note).filter((note) => note !== null))];
    const state: State = {
      value: one.value,
      confidence: agreed(sources.map((source) => source.confidence)),
      evidence_basis: agreed(sources.map((source) => source.evidence_basis)),
      known_when: agreed(sources.map((source) => source.known_when)),
      note: notes.length > 0 ? notes.join("\n\n") : null,
      reason: sources.map((source) => source.reason).find((reason) => reason !== null) ?? null,
      // What came from a spreadsheet has been confirmed by nobody since either.
      origin: sources.every((source) => source.origin === "imported") ? "imported" : "carried",
    };
    const own = at.get(placeOf(one));
    const before = own && one.sources.includes(own.id) ? own : null;
    const held = new Set(before ? passagesOf(before.id).map(({ id }) => id) : []);
    const attached = passages.filter(({ id }) => !held.has(id));
    const version = (own?.version ?? 0) + 1;
    const id = before?.id ?? newId();
    if (before) {
      kept.add(before.id);
      changes.push({ id, state });
    } else
      made.push({
        ...lead,
        ...state,
        id,
        codebook_version: to,
        factor: one.factor,
        version,
        coded_at: now,
      });
    for (const passage of attached) ties.push({ coding_id: id, passage_id: passage.id });
    acts.push({
      layer: one.layer as Layer,
      factor: one.factor,
      subject: one.subject,
      by: actor(lead),
      after: JSON.stringify({ ...state, version, ...(attached.length > 0 && { attached }) }),
    });
  }
  const gone = codings.filter(({ id }) => !kept.has(id));
  const replaced = new Set(made.map(placeOf));
  for (const coding of gone) {
    if (replaced.has(placeOf(coding))) continue;
    const detached = passagesOf(coding.id);
    acts.push({
      layer: coding.layer,
      factor: coding.factor,
      subject: coding.subject,
      by: actor(coding),
      after: JSON.stringify({ value: null, version: coding.version + 1, ...(detached.length > 0 && { detached }) }),
    });
  }
  const some = <T>(list: readonly T[], size = 200): T[][] =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
  for (const ids of some(gone.map(({ id }) => id))) {
    await tx.deleteFrom("coding_passage").where("coding_id", "in", ids).execute();
    await tx.deleteFrom("coding").where("id", "in", ids).execute();
  }
  const plain = changes.filter(({ id, state }) => {
    const { origin: _, ...before } = stateOf(rowOf.get(id)!);
    const { origin: __, ...after } = state;
    return JSON.stringify(before) === JSON.stringify(after);
  });
  for (const origin of ["carried", "imported"] as const)
    for (const ids of some(plain.filter(({ state }) => state.origin === origin).map(({ id }) => id)))
      await tx
        .updateTable("coding")
        .set((e) => ({ codebook_version: to, origin, version: e("version", "+", 1) }))
        .where("id", "in", ids)
        .execute();
  const simple = new Set(plain.map(({ id }) => id));
  for (const { id, state } of changes)
    if (!simple.has(id))
      await tx
        .updateTable("coding")
        .set((e) => ({ ...state, codebook_version: to, version: e("version", "+", 1) }))
        .where("id", "=", id)
        .execute();
  for (const rows of some(made, 50)) await tx.insertInto("coding").values(rows).execute();
  for (const rows of some(ties)) await tx.insertInto("coding_passage").values(rows).execute();
  for (const rows of some(acts, 100))
    await tx
      .insertInto("coding_act")
      .values(rows.map((act) => ({ ...act, report_id: reportId, at: now, kind: "coded" as const, batch })))
      .execute();
  for (const rows of some(codings, 100))
    await tx
      .insertInto("recoded_value")
      .values(
        rows.map((coding) => ({
          report_id: reportId,
          from_version: report.codebook_version,
          to_version: to,
          layer: coding.layer,
          factor: coding.factor,
          subject: coding.subject,
          outcome: outcomes.get(coding.id)!,
          coding: JSON.stringify({ ...stateOf(coding), passages: passagesOf(coding.id) }),
          at: now,
        })),
      )
      .execute();
  await tx.updateTable("report").set({ codebook_version: to, updated_at: now }).where("id", "=", reportId).execute();
  const done = { status: "done" as const, decided_by: by.id, decided_at: now, reason: null };
  await tx
    .insertInto("recode_task")
    .values({ report_id: reportId, to_version: to, from_version: report.codebook_version, created_at: now, ...done })
    .onConflict((conflict) => conflict.columns(["report_id", "to_version"]).doUpdateSet(done))
    .execute();
  const counts: Record<Outcome, number> = { carried: 0, partly: 0, recode: 0, retired: 0 };
  for (const outcome of outcomes.values()) counts[outcome] += 1;
  return { from: report.codebook_version, to, outcomes: counts };
}

/** A value that was not carried over whole, as it was: what its coder has to look at again. */
export type ToRecode = {
  layer: Layer;
  factor: string;
  subject: string;
  outcome: Outcome;
  value: string;
  passages: Kept[];
  fromVersion: string;
};
/** What a report's codings were before it passed to a version, for the layers a person sees; those carried over whole are left out. */
export async function listToRecode(db: Db | Tx, reportId: string, version: string, layers: readonly Layer[]): Promise<ToRecode[]> {
  if (layers.length === 0) return [];
  const rows = await db
    .selectFrom("recoded_value")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("to_version", "=", version)
    .where("outcome", "<>", "carried")
    .where("layer", "in", [...layers])
    .orderBy("id")
    .execute();
  return rows.map(({ layer, factor, subject, outcome, coding, from_version }) => {
    const { value, passages } = JSON.parse(coding) as { value: string; passages: Kept[] };
    return { layer, factor, subject, outcome, value, passages, fromVersion: from_version };
  });
}
