import { sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { Db, JobTable, Tx } from "../../db/schema.ts";

/** Until when a job that was begun is believed to be in work, from its last sign of life. */
export const LEASE_MS = 30_000;
/** So often a job is begun before it is given up: one that kills its server would otherwise kill the next one for ever. */
export const MOST_ATTEMPTS = 3;

/** Why a job was given up: its server stopped each time before it was done, or it failed by itself. */
export type JobFailure = "interrupted" | "failed" | (string & {});
/** A job as its holder knows it: `attempts` tells this holder from an earlier one of the same process. */
export type HeldJob = Pick<JobTable, "id" | "kind" | "payload" | "attempts" | "created_by"> & { runner: string };

const leaseFrom = (now: string): string => new Date(Date.parse(now) + LEASE_MS).toISOString();

/** Puts work into the queue; it is begun as soon as a runner is free, once the transaction is committed. @returns its id */
export async function queueJob(
  tx: Tx,
  { kind, payload, by, now }: { kind: string; payload: object; by: string | null; now: string },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto("job")
    .values({ id, kind, payload: JSON.stringify(payload), state: "queued", created_by: by, created_at: now })
    .execute();
  return id;
}

/**
 * Takes the oldest job of these kinds that nobody does: one that waits, or whose holder gave no sign of life for longer than its lease. Two
 * servers that ask at the same time get two jobs. Jobs that were begun too often are given up on the way.
 * @returns null when there is nothing to do
 */
export async function takeJob(db: Db, kinds: readonly string[], runner: string, now: string): Promise<HeldJob | null> {
  if (kinds.length === 0) return null;
  await db
    .updateTable("job")
    .set({ state: "failed", failure: "interrupted", runner: null, leased_until: null, finished_at: now })
    .where("state", "=", "running")
    .where("leased_until", "<", now)
    .where("attempts", ">=", MOST_ATTEMPTS)
    .execute();
  const free = db
    .selectFrom("job")
    .select("id")
    .where("kind", "in", [...kinds])
    .where((e) => e.or([e("state", "=", "queued"), e.and([e("state", "=", "running"), e("leased_until", "<", now)])]))
    .orderBy("created_at")
    .orderBy("id")
    .limit(1);
  const row = await db
    .updateTable("job")
    .set((e) => ({ state: "running", runner, leased_until: leaseFrom(now), attempts: e("attempts", "+", 1) }))
    .where("id", "=", (e) =>
      e.selectFrom((dialectOf(db) === "postgres" ? free.forUpdate().skipLocked() : free).as("free")).select("free.id"),
    )
    .returning(["id", "kind", "payload", "attempts", "created_by"])
    .executeTakeFirst();
  return row ? { ...row, runner } : null;
}

const held = ({ id, runner, attempts }: HeldJob) =>
  sql<boolean>`id = ${id} and state = 'running' and runner = ${runner} and attempts = ${attempts}`;

/** Says that a job is still being done, and how far it is. @returns false when it is no longer this holder's */
export async function keepJob(db: Db | Tx, job: HeldJob, now: string, progress: number | null = null): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("job")
    .set({ leased_until: leaseFrom(now), ...(progress !== null && { progress }) })
    .where(held(job))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Ends a job in the transaction that writes what it made. @returns false when it is no longer this holder's: the transaction must not stand */
export async function finishJob(tx: Tx, job: HeldJob, now: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("job")
    .set({ state: "done", progress: 1, runner: null, leased_until: null, finished_at: now })
    .where(held(job))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Gives a job up for a reason that trying again does not change. */
export async function failJob(db: Db, job: HeldJob, now: string, failure: JobFailure): Promise<void> {
  await db
    .updateTable("job")
    .set({ state: "failed", failure, runner: null, leased_until: null, finished_at: now })
    .where(held(job))
    .execute();
}

/** Hands a job back undone, as a server that stops does: the next one begins it at once, and it counts as not begun. */
export async function handBack(db: Db, job: HeldJob): Promise<void> {
  await db
    .updateTable("job")
    .set((e) => ({ state: "queued", progress: 0, runner: null, leased_until: null, attempts: e("attempts", "-", 1) }))
    .where(held(job))
    .execute();
}

/** Puts a job that failed back into the queue. @returns false when it had not failed */
export async function retryJob(tx: Tx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("job")
    .set({ state: "queued", progress: 0, attempts: 0, failure: null, finished_at: null })
    .where("id", "=", id)
    .where("state", "=", "failed")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Takes a job that is not done out of the queue for good: whoever does it finds that it is no longer theirs. */
export async function dropJob(tx: Tx, id: string, now: string): Promise<void> {
  await tx
    .updateTable("job")
    .set({ state: "failed", failure: "dropped", runner: null, leased_until: null, finished_at: now })
    .where("id", "=", id)
    .where("state", "in", ["queued", "running"])
    .execute();
}
