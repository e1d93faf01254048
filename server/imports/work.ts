import { sql } from "kysely";
import { listed } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import { codebookVersion } from "../codebook/store.ts";
import type { Context } from "../http/context.ts";
import { dayOf } from "../http/formats.ts";
import { releaseHeld } from "../reports/intake.ts";
import { type Checked, checkLine, type Plan, type ProblemKind, planOf } from "./check-line.ts";
import { newDuplicates } from "./duplicates.ts";
import { findImport, forgetFile, type Import, isDoubt } from "./queries.ts";
import { matching } from "./scales.ts";
import { removeSome } from "./undo.ts";
import { writeCases } from "./write.ts";

// The long work of an import: small transactions one after the other, between which pages are answered as ever. What is half done exists for
// nobody. Each transaction prolongs the lease of this process; work whose lease ran out was interrupted and can be taken up again.

export const WORKING = ["checking", "writing", "removing"] as const satisfies readonly Import["state"][];
export const isWorking = (state: Import["state"]): state is (typeof WORKING)[number] => WORKING.some((one) => one === state);

/** Until when work is believed to be alive. */
const LEASE_MS = 30_000;
const ME = newId();
const CHECKED_AT_ONCE = 100;
/** Values written in one transaction: some tens of milliseconds, in which nobody else writes. */
const VALUES_AT_ONCE = 1_500;
const MOST_AT_ONCE = 200;

export const leaseFrom = (now: string): string => new Date(Date.parse(now) + LEASE_MS).toISOString();
/** Work that nobody does any more: its server was stopped, or failed. */
export const isInterrupted = ({ state, worker_until }: Pick<Import, "state" | "worker_until">, now: string): boolean =>
  isWorking(state) && (worker_until === null || worker_until < now);

/** Another process does the work now, or somebody stopped it. */
class NotOurs extends Error {}

const underWay = new WeakMap<Db, Map<string, Promise<void>>>();
const worksOf = (db: Db) => {
  const known = underWay.get(db) ?? new Map<string, Promise<void>>();
  underWay.set(db, known);
  return known;
};

/** The work on an import in this process; resolved when there is none. */
export const workOn = (db: Db, id: string): Promise<void> => worksOf(db).get(id) ?? Promise.resolve();

/** Does what the state of an import asks for, if nobody does it yet. Never rejects: what fails is logged and shows as interrupted. */
export function startWork(context: Context, id: string): Promise<void> {
  const { database, clock, log } = context;
  const works = worksOf(database.db);
  const known = works.get(id);
  if (known) return known;
  const work = doWork(database.db, id, () => clock().toISOString())
    .catch(async (error: Error) => {
      if (error instanceof NotOurs) return;
      log.error({ error: error.name, code: (error as { code?: string }).code ?? null, import: id });
      await database.db
        .updateTable("report_import")
        .set({ worker: null, worker_until: null })
        .where("id", "=", id)
        .where("worker", "=", ME)
        .execute();
    })
    .catch(() => {}) // the database is closed: the lease runs out by itself
    .finally(() => works.delete(id));
  works.set(id, work);
  return work;
}

const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));

async function doWork(db: Db, id: string, now: () => string): Promise<void> {
  const at = now();
  const { numUpdatedRows } = await db
    .updateTable("report_import")
    .set({ worker: ME, worker_until: leaseFrom(at) })
    .where("id", "=", id)
    .where("state", "in", WORKING)
    .where((or) => or.or([or("worker", "is", null), or("worker", "=", ME), or("worker_until", "<", at)]))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  const given = await findImport(db, id);
  if (given.state === "checking") await check(db, given, now);
  else if (given.state === "writing") await write(db, given, now);
  else await remove(db, given, now);
}

/** One step of the work in a transaction of its own, which says how far it is. @throws NotOurs when the import is somebody else's */
async function step<Result>(
  db: Db,
  { id, state }: Pick<Import, "id" | "state">,
  now: () => string,
  run: (tx: Tx) => Promise<{ result: Result; progress: number; columns?: object }>,
): Promise<Result> {
  const result = await db.transaction().execute(async (tx) => {
    const done = await run(tx);
    const { numUpdatedRows } = await tx
      .updateTable("report_import")
      .set({ progress: done.progress, worker_until: leaseFrom(now()), ...done.columns })
      .where("id", "=", id)
      .where("state", "=", state)
      .where("worker", "=", ME)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new NotOurs();
    return done.result;
  });
  await aMoment();
  return result;
}

const ENDED = { worker: null, worker_until: null };

/** The mapping of an import made ready for its lines. */
export async function planFor(db: Db | Tx, given: Import, now: string): Promise<Plan> {
  const definition = await codebookVersion(db, given.codebook_version);
  return planOf(given.mapping, given.headers, definition, matching(definition), dayOf(now));
}

/** Reads every line and notes what is wrong with it. Begins anew when it was interrupted: duplicates are told by all lines before. */
async function check(db: Db, given: Import, now: () => string): Promise<void> {
  const plan = await planFor(db, given, now());
  const duplicates = await newDuplicates(db, given.id);
  const columnOf = (field: string) => plan.columns.find(({ target }) => target.kind === "sheet" && target.field === field)?.column ?? null;
  const columns = { reference: columnOf("reference"), actDate: columnOf("actDate") };
  const counts = { ready: 0, doubtful: 0, refused: 0 };
  const found: Partial<Record<ProblemKind, number>> = {};
  let last = 0;
  let done = 0;
  for (let more = true; more; ) {
    const lines = await db
      .selectFrom("import_line")
      .select(["line", "cells"])
      .where("import_id", "=", given.id)
      .where("line", ">", last)
      .orderBy("line")
      .limit(CHECKED_AT_ONCE)
      .execute();
    const checked = lines.map(({ line, cells }): { line: number; cells: string } & Checked => ({
      line,
      cells: cells!,
      ...checkLine(plan, JSON.parse(cells!) as string[]),
    }));
    await duplicates.expect(checked.flatMap((one) => one.found?.reference ?? []));
    const rows = checked.map(({ line, cells, found: told, problems }) => {
      const all = told ? duplicates.judge(line, cells, told, columns) : problems;
      const status = all.length === 0 ? "ready" : all.every(({ kind }) => isDoubt(kind)) ? "doubtful" : "refused";
      counts[status]++;
      for (const kind of new Set(all.map((one) => one.kind))) found[kind] = (found[kind] ?? 0) + 1;
      return [line, status, all.length === 0 ? null : JSON.stringify(all), told?.reference ?? null];
    });
    last = lines.at(-1)?.line ?? last;
    done += lines.length;
    more = lines.length === CHECKED_AT_ONCE;
    await step(db, given, now, async (tx) => {
      // By the key of each line: joined with a list, the whole import would be read for each batch.
      await sql`insert into import_line (import_id, line, status, problems, own_reference)
        select cast(${given.id} as text), cast(item.value ->> 0 as integer), item.value ->> 1, item.value ->> 2, item.value ->> 3
        from ${listed(tx, JSON.stringify(rows))} where true
        on conflict (import_id, line) do update
        set status = excluded.status, problems = excluded.problems, own_reference = excluded.own_reference`.execute(tx);
      const ended = {
        state: "checked",
        version: given.version + 1,
        ready_count: counts.ready,
        doubtful_count: counts.doubtful,
        refused_count: counts.refused,
        found: JSON.stringify(found),
        ...ENDED,
      } as const;
      return { result: null, progress: done, ...(more ? {} : { columns: ended }) };
    });
  }
}

/** Writes the reports, held, some at a time; in the last transaction all of them begin to exist and the file is forgotten. */
async function write(db: Db, given: Import, now: () => string): Promise<void> {
  const plan = await planFor(db, given, now());
  const by = { id: given.accepted_by!, roles: [] };
  const statuses = given.with_doubtful === 1 ? (["ready", "doubtful"] as const) : (["ready"] as const);
  const most = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(VALUES_AT_ONCE / Math.max(1, plan.columns.length))));
  let done = given.progress;
  let last = 0;
  for (;;) {
    const lines = await db
      .selectFrom("import_line")
      .select(["line", "cells"])
      .where("import_id", "=", given.id)
      .where("line", ">", last)
      .where("status", "in", statuses)
      .where("report_id", "is", null)
      .orderBy("line")
      .limit(most)
      .execute();
    if (lines.length === 0) break;
    const cases = lines.flatMap(({ cells }) => checkLine(plan, JSON.parse(cells!) as string[]).found ?? []);
    if (cases.length !== lines.length) throw new Error("A line that was checked reads otherwise now");
    last = lines.at(-1)!.line;
    done += lines.length;
    await step(db, given, now, async (tx) => {
      const ids = await writeCases(tx, given.id, cases, { codebookVersion: given.codebook_version, by, now: given.accepted_at! });
      await sql`insert into import_line (import_id, line, report_id)
        select cast(${given.id} as text), cast(item.value ->> 0 as integer), item.value ->> 1
        from ${listed(tx, JSON.stringify(lines.map(({ line }, at) => [line, ids[at]])))} where true
        on conflict (import_id, line) do update set report_id = excluded.report_id, cells = null`.execute(tx);
      return { result: null, progress: done };
    });
  }
  await step(db, given, now, async (tx) => {
    await releaseHeld(tx, given.id, by, given.accepted_at!);
    await forgetFile(tx, given.id);
    await traced(tx, "import.finished", given.accepted_by!, now(), given.id, { reports: done });
    return {
      result: null,
      progress: done,
      columns: { state: "done", written_count: done, finished_at: now(), version: given.version + 1, ...ENDED },
    };
  });
}

/** Removes what an import brought, held before: all of it is out of sight already. */
async function remove(db: Db, given: Import, now: () => string): Promise<void> {
  const most = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(VALUES_AT_ONCE / Math.max(1, given.headers.length))));
  let left = given.progress;
  for (let removed = -1; removed !== 0; )
    removed = await step(db, given, now, async (tx) => {
      const n = await removeSome(tx, given.id, most);
      left = Math.max(0, left - n);
      return { result: n, progress: left };
    });
  await step(db, given, now, async (tx) => {
    await forgetFile(tx, given.id);
    await tx.deleteFrom("import_line").where("import_id", "=", given.id).execute();
    const state = given.finished_at === null ? "abandoned" : "undone";
    await traced(tx, state === "undone" ? "import.undone" : "import.abandoned", given.removed_by!, now(), given.id, {
      reports: given.finished_at === null ? 0 : given.written_count,
    });
    return { result: null, progress: 0, columns: { state, version: given.version + 1, ...ENDED } };
  });
}

/** The end of the work in the audit, by whoever asked for it. */
const traced = (tx: Tx, action: string, by: string, now: string, id: string, detail: Record<string, number>) =>
  tx
    .insertInto("audit")
    .values({
      at: now,
      account_id: by,
      action,
      object_kind: "import",
      object_id: id,
      result: "done",
      address: null,
      detail: JSON.stringify(detail),
    })
    .execute();
