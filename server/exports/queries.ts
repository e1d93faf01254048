import { newId } from "../../db/ids.ts";
import type { Db, ExportTable, JobTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { NotFound } from "../http/errors.ts";
import { dropJob, queueJob } from "../jobs/queue.ts";
import { registerFilters } from "../recommendations/filters.ts";
import { digestOfBytes } from "../reports/intake.ts";
import { isColumnKey } from "./columns.ts";
import type { Asked, Made } from "./make.ts";

/** The kind of job that makes an export. */
export const EXPORT_JOB = "export";
/** A file is kept this long, milliseconds. */
export const KEPT_MS = 7 * 86_400_000;
export const EXPORTS_PER_PAGE = 25;

export type ExportState = "queued" | "running" | "ready" | "failed" | "expired" | "deleted";
/** One export as the pages show it, without its bytes. */
export type KeptExport = Omit<ExportTable, "columns" | "filters" | "history" | "bytes" | "grouped_by" | "layout"> & {
  asked: Asked;
  state: ExportState;
  progress: number;
  failure: string | null;
  author: string;
  eraser: string | null;
};

const COLUMNS = [
  "export.id", "export.job_id", "export.by", "export.at", "export.language", "export.format", "export.layout", "export.columns",
  "export.history", "export.grouped_by", "export.filters", "export.row_count", "export.file_name", "export.media_type",
  "export.byte_count", "export.digest", "export.made_at", "export.expires_at", "export.erased_at", "export.erased_by",
] as const; // biome-ignore format: a list

const rows = (db: Db | Tx) =>
  db
    .selectFrom("export")
    .innerJoin("account", "account.id", "export.by")
    .leftJoin("account as eraser", "eraser.id", "export.erased_by")
    .leftJoin("job", "job.id", "export.job_id")
    .select([...COLUMNS, "account.name as author", "eraser.name as eraser", "job.state as job_state", "job.progress", "job.failure"]);

type Row = Omit<ExportTable, "bytes"> & {
  author: string;
  eraser: string | null;
  job_state: JobTable["state"] | null;
  progress: number | null;
  failure: string | null;
};
function kept({ columns, history, filters, grouped_by, layout, job_state, progress, ...row }: Row, now: string): KeptExport {
  const state = (): ExportState => {
    if (row.erased_at !== null) return row.erased_by === null ? "expired" : "deleted";
    if (row.made_at !== null) return row.expires_at !== null && row.expires_at <= now ? "expired" : "ready";
    return job_state === "queued" || job_state === "running" ? job_state : "failed";
  };
  return {
    ...row,
    asked: {
      format: row.format,
      language: row.language,
      layout,
      columns: (JSON.parse(columns) as string[]).filter(isColumnKey),
      history: history === 1,
      groupedBy: grouped_by,
      filters: registerFilters.parse(JSON.parse(filters)),
    },
    state: state(),
    progress: progress ?? 1,
  };
}

/** Exports, the latest first, some a page. */
export async function listExports(db: Db | Tx, page: number, now: string): Promise<{ total: number; exports: KeptExport[] }> {
  const { total } = await db
    .selectFrom("export")
    .select((e) => e.fn.countAll().as("total"))
    .executeTakeFirstOrThrow();
  const found = await rows(db)
    .orderBy("export.at", "desc")
    .orderBy("export.id")
    .limit(EXPORTS_PER_PAGE)
    .offset((page - 1) * EXPORTS_PER_PAGE)
    .execute();
  return { total: Number(total), exports: found.map((row) => kept(row, now)) };
}

/** @throws NotFound */
export async function findExport(db: Db | Tx, id: string, now: string): Promise<KeptExport> {
  const row = await rows(db).where("export.id", "=", id).executeTakeFirst();
  if (!row) throw new NotFound();
  return kept(row, now);
}

/** The bytes of a file that can still be downloaded, or undefined. */
export const bytesOf = async (db: Db, id: string, now: string): Promise<Uint8Array | undefined> =>
  (await db.selectFrom("export").select("bytes").where("id", "=", id).where("expires_at", ">", now).executeTakeFirst())?.bytes ?? undefined;

const columnsOfAsked = ({ columns, history, filters, groupedBy, layout, language, format }: Asked) => ({
  language,
  format,
  layout,
  columns: JSON.stringify(columns),
  history: history ? (1 as const) : (0 as const),
  grouped_by: groupedBy,
  filters: JSON.stringify(filters),
});
const columnsOfMade = ({ bytes, name, type, rows }: Made, now: string) => ({
  row_count: rows,
  file_name: name,
  media_type: type,
  byte_count: bytes.byteLength,
  digest: digestOfBytes(bytes),
  bytes,
  made_at: now,
  expires_at: new Date(Date.parse(now) + KEPT_MS).toISOString(),
});
/** What leaves the house is noted before it leaves. */
const logged = (tx: Tx | Db, { format, filters, columns, history }: Asked, by: string, rows: number, now: string) =>
  tx
    .insertInto("export_log")
    .values({
      by,
      at: now,
      what: "recommendations",
      format,
      filters: JSON.stringify({ ...Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "")), columns, history }),
      row_count: rows,
    })
    .execute();

/** Keeps a file that was made at once, and notes it. @returns its id */
export async function keepExport(db: Db | Tx, asked: Asked, made: Made, by: Pick<Actor, "id">, now: string): Promise<string> {
  const id = newId();
  await db
    .insertInto("export")
    .values({ id, by: by.id, at: now, job_id: null, ...columnsOfAsked(asked), ...columnsOfMade(made, now) })
    .execute();
  await logged(db, asked, by.id, made.rows, now);
  return id;
}

/** Has an export made in the background. The same asked for again while it waits or is made is that one. @returns its id */
export async function queueExport(tx: Tx, asked: Asked, by: Pick<Actor, "id">, now: string): Promise<string> {
  const given = columnsOfAsked(asked);
  const same = await tx
    .selectFrom("export")
    .innerJoin("job", "job.id", "export.job_id")
    .select("export.id")
    .where("export.by", "=", by.id)
    .where("job.state", "in", ["queued", "running"])
    .where("export.erased_at", "is", null)
    .where("export.format", "=", given.format)
    .where("export.language", "=", given.language)
    .where("export.columns", "=", given.columns)
    .where("export.filters", "=", given.filters)
    .where("export.history", "=", given.history)
    .where("export.grouped_by", "is not distinct from", given.grouped_by)
    .executeTakeFirst();
  if (same) return same.id;
  const id = newId();
  const job_id = await queueJob(tx, { kind: EXPORT_JOB, payload: { export: id }, by: by.id, now });
  await tx
    .insertInto("export")
    .values({ id, by: by.id, at: now, job_id, ...given })
    .execute();
  return id;
}

/** Puts the file of a job in its place, and notes it. */
export async function completeExport(
  tx: Tx,
  { id, by, asked }: Pick<KeptExport, "id" | "by" | "asked">,
  made: Made,
  now: string,
): Promise<void> {
  await tx.updateTable("export").set(columnsOfMade(made, now)).where("id", "=", id).execute();
  await logged(tx, asked, by, made.rows, now);
  await tx
    .insertInto("audit")
    .values({
      at: now,
      account_id: by,
      action: "recommendations.exported",
      object_kind: "export",
      object_id: id,
      result: "done",
      address: null,
      detail: JSON.stringify({ format: asked.format, rows: made.rows }),
    })
    .execute();
}

/** Removes the file, or gives up the work under way; the trace stays. */
export async function removeExport(
  tx: Tx,
  { id, job_id }: Pick<KeptExport, "id" | "job_id">,
  by: Pick<Actor, "id">,
  now: string,
): Promise<void> {
  if (job_id !== null) await dropJob(tx, job_id, now);
  await tx
    .updateTable("export")
    .set({ bytes: null, erased_at: now, erased_by: by.id })
    .where("id", "=", id)
    .where("erased_at", "is", null)
    .execute();
}

/** Erases the files whose time is over: called at start and every hour. @returns how many */
export async function forgetExpiredExports(db: Db, now: Date): Promise<number> {
  const at = now.toISOString();
  const { numUpdatedRows } = await db
    .updateTable("export")
    .set({ bytes: null, erased_at: at })
    .where("expires_at", "<=", at)
    .where("erased_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
