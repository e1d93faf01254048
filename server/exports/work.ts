import { JobFailed, type Worker } from "../jobs/runner.ts";
import { ExportFailed, idsFor, makeExport } from "./make.ts";
import { completeExport, findExport } from "./queries.ts";

/** Makes one large export; its job names it. */
export const exportWorker: Worker = async ({ payload, context, step, finish }) => {
  const { db } = context.database;
  const now = context.clock().toISOString();
  const one = await findExport(db, (payload as { export: string }).export, now);
  try {
    const made = await makeExport(context, one.asked, await idsFor(db, one.asked, now), now, step);
    await finish((tx) => completeExport(tx, one, made, context.clock().toISOString()));
  } catch (error) {
    if (error instanceof ExportFailed) throw new JobFailed(error.failure);
    throw error;
  }
};
