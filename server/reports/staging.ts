import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import { type ReadDocument, type RefusalReason, readDocument } from "../documents/read-document.ts";
import type { UploadedFile } from "../http/handlers.ts";
import { digestOfBytes } from "./intake.ts";

export type Staged = { id: string; fileName: string; digest: string; byteCount: number; hasText: boolean; pageCount: number | null };
export type RefusedFile = { fileName: string; reason: RefusalReason };

const KEPT_MS = 24 * 3_600_000;

/** The file's own name without folders or control characters, at most 200 characters. */
export const plainName = (name: string): string =>
  [
    ...name
      .normalize("NFC")
      .replace(/^.*[/\\]/s, "")
      .replace(/\p{C}/gu, ""),
  ]
    .slice(0, 200)
    .join("") || "document";

/**
 * Reads uploaded files and keeps the readable ones for the person who sent them, so that a form that comes back with an error does not ask
 * for them again. Runs before any transaction: reading is slow.
 */
export async function stageFiles(
  db: Db,
  files: readonly UploadedFile[],
  given: { accountId: string; now: string; maxBytes: number },
): Promise<{ staged: Staged[]; refused: RefusedFile[] }> {
  await db
    .deleteFrom("staged_document")
    .where("staged_at", "<", new Date(Date.parse(given.now) - KEPT_MS).toISOString())
    .execute();
  const staged: Staged[] = [];
  const refused: RefusedFile[] = [];
  for (const { name, bytes } of files) {
    const fileName = plainName(name);
    const reading = await readDocument(bytes, fileName, { bytes: given.maxBytes, milliseconds: 30_000, megabytes: 512 });
    if (reading.kind === "refused") {
      refused.push({ fileName, reason: reading.reason });
      continue;
    }
    const id = newId();
    const digest = digestOfBytes(bytes);
    await db
      .insertInto("staged_document")
      .values({
        id,
        account_id: given.accountId,
        file_name: fileName,
        bytes,
        digest,
        reading: JSON.stringify(reading.document),
        staged_at: given.now,
      })
      .execute();
    staged.push({
      id,
      fileName,
      digest,
      byteCount: bytes.byteLength,
      hasText: reading.document.hasText,
      pageCount: reading.document.pageCount,
    });
  }
  return { staged, refused };
}

/** Files this person staged, in the order of the ids; ids of others or forgotten ones are left out. */
export async function listStaged(db: Db | Tx, ids: readonly string[], accountId: string): Promise<Staged[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("staged_document")
    .select(["id", "file_name", "digest", "bytes", "reading"])
    .where("id", "in", [...ids])
    .where("account_id", "=", accountId)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (!row) return [];
    const { hasText, pageCount } = JSON.parse(row.reading) as ReadDocument;
    return [{ id, fileName: row.file_name, digest: row.digest, byteCount: row.bytes.byteLength, hasText, pageCount }];
  });
}

/** Takes staged files out of the waiting room, in the order of the ids, with their bytes and reading. */
export async function takeStaged(
  tx: Tx,
  ids: readonly string[],
  accountId: string,
): Promise<{ fileName: string; bytes: Uint8Array; document: ReadDocument }[]> {
  const taken = [];
  for (const id of ids) {
    const row = await tx
      .deleteFrom("staged_document")
      .where("id", "=", id)
      .where("account_id", "=", accountId)
      .returningAll()
      .executeTakeFirst();
    if (row) taken.push({ fileName: row.file_name, bytes: row.bytes, document: JSON.parse(row.reading) as ReadDocument });
  }
  return taken;
}
