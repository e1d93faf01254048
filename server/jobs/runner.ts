import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import type { Context } from "../http/context.ts";
import { failJob, finishJob, type HeldJob, handBack, type JobFailure, keepJob, takeJob } from "./queue.ts";

/** The work cannot be done, for a reason that trying again does not change: a code that the room's pages have words for. */
export class JobFailed extends Error {
  override name = "JobFailed";
  readonly failure: JobFailure;
  constructor(failure: JobFailure) {
    super();
    this.failure = failure;
  }
}
/** Another server does the job now, somebody gave it up, or this server stops: what is under way is to be let go. */
class LetGo extends Error {
  override name = "LetGo";
}

/** What a job's work is given. */
export type Work = {
  payload: unknown;
  /** The account that asked for it. */
  by: string | null;
  context: Context;
  /** Aborted when the work is to be let go. */
  signal: AbortSignal;
  /** Between two slices of the work: says how far it is (0 to 1), and lets others be answered. Throws when the work is to be let go. */
  step: (progress: number) => Promise<void>;
  /** Once, at the end: what the work made, written in the same transaction as the end of the job, or not at all. */
  finish: (write: (tx: Tx) => Promise<void>) => Promise<void>;
};
export type Worker = (work: Work) => Promise<void>;
export type Workers = Readonly<Record<string, Worker>>;

export type Runner = {
  /** Looks for work now instead of a little later. */
  wake: () => void;
  /** Resolved when this runner finds nothing more to do. */
  idle: () => Promise<void>;
  /** Lets go of the work under way, hands it back and resolves: the next server takes it up at once. */
  stop: () => Promise<void>;
};

const POLL_MS = 5_000;
const SIGN_OF_LIFE_MS = 10_000;

const runners = new WeakMap<Db, Set<Runner>>();

/** Tells the runners of this process that there may be work; without one, another server finds it within seconds. */
export const wakeRunners = ({ database }: Pick<Context, "database">): void => {
  for (const runner of runners.get(database.db) ?? []) runner.wake();
};

const aMoment = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Does the jobs of these kinds one after the other, whoever queued them, until it is stopped. */
export function startRunner(context: Context, workers: Workers): Runner {
  const { database, clock, log } = context;
  const { db } = database;
  const me = newId();
  const kinds = Object.keys(workers);
  const now = () => clock().toISOString();
  const stopping = new AbortController();
  let looking: Promise<void> | null = null;
  let again = false;

  async function doOne(job: HeldJob): Promise<void> {
    const letGo = new AbortController();
    const signal = AbortSignal.any([letGo.signal, stopping.signal]);
    const keep = async (progress: number | null): Promise<void> => {
      if (!signal.aborted && !(await keepJob(db, job, now(), progress))) letGo.abort();
      if (signal.aborted) throw new LetGo();
    };
    // Work that is quiet for long, such as a file being written by a thread, is still alive.
    const alive = setInterval(() => void keep(null).catch(() => {}), SIGN_OF_LIFE_MS);
    alive.unref();
    let finished = false;
    // Work that does not look up, such as a thread that writes, is not waited for.
    const dropped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new LetGo()), { once: true });
    });
    dropped.catch(() => {});
    try {
      // A stop that came while the job was being taken tells nobody who listens only now.
      if (signal.aborted) throw new LetGo();
      const work = workers[job.kind]!({
        payload: JSON.parse(job.payload),
        by: job.created_by,
        context,
        signal,
        step: async (progress) => {
          await keep(Math.min(1, Math.max(0, progress)));
          await aMoment();
        },
        finish: async (write) => {
          if (signal.aborted) throw new LetGo();
          await db.transaction().execute(async (tx) => {
            // First the end of the job, which locks its row: whoever took it over meanwhile has made this holder's writing void.
            if (!(await finishJob(tx, job, now()))) throw new LetGo();
            await write(tx);
          });
          finished = true;
        },
      });
      await Promise.race([work, dropped]);
      if (!finished) throw new Error("The work ended without an end");
    } catch (error) {
      if (finished) throw error;
      if (stopping.signal.aborted) return void (await handBack(db, job));
      if (error instanceof LetGo || signal.aborted) return;
      if (!(error instanceof JobFailed))
        log.error({ error: (error as Error).name, code: (error as { code?: string }).code ?? null, job: job.id, kind: job.kind });
      await failJob(db, job, now(), error instanceof JobFailed ? error.failure : "failed");
    } finally {
      clearInterval(alive);
    }
  }

  async function look(): Promise<void> {
    for (;;) {
      again = false;
      const job = stopping.signal.aborted ? null : await takeJob(db, kinds, me, now());
      if (job) await doOne(job);
      else if (!again || stopping.signal.aborted) return;
    }
  }

  const wake = (): void => {
    again = true;
    looking ??= look()
      .catch((error: Error) => {
        // The database does not answer: asked again at the next turn.
        if (!stopping.signal.aborted) log.error({ error: error.name, code: (error as { code?: string }).code ?? null });
      })
      .finally(() => {
        looking = null;
      });
  };
  const polling = setInterval(wake, POLL_MS);
  polling.unref();
  const runner: Runner = {
    wake,
    idle: async () => {
      while (looking) await looking;
    },
    stop: async () => {
      clearInterval(polling);
      runners.get(db)?.delete(runner);
      stopping.abort();
      while (looking) await looking;
    },
  };
  const known = runners.get(db) ?? new Set();
  runners.set(db, known.add(runner));
  wake();
  return runner;
}
