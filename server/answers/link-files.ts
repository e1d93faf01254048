import { newId } from "../../db/ids.ts";
import type { AnswerFileTable, AnswerLinkTable, Db, Tx } from "../../db/schema.ts";
import { MOST_PROOFS, type Proof, readProofs, refusedProofs } from "../follow-up/proofs.ts";
import { Invalid } from "../http/errors.ts";
import type { Exchange, UploadedFile } from "../http/handlers.ts";
import type { RefusedFile } from "../reports/staging.ts";

/** What a visit knows, with or without somebody signed in. */
export type Visit = Pick<Exchange, "t" | "language" | "now" | "context" | "files">;
export type KeptFile = Pick<AnswerFileTable, "id" | "file_name" | "byte_count">;
type Received = { kept: KeptFile[]; refused: RefusedFile[]; tooMany: boolean };

/** Files that wait behind one link: several people may have it open. */
const MOST_WAITING = 15;
const KEPT_MS = 24 * 3_600_000;
const received = new WeakMap<readonly UploadedFile[], Received>();

const keptBehind = async (db: Db | Tx, linkId: string, ids: readonly string[]): Promise<KeptFile[]> => {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("answer_file")
    .select(["id", "file_name", "byte_count"])
    .where("link_id", "=", linkId)
    .where("id", "in", [...ids])
    .execute();
  return ids.flatMap((id) => rows.find((row) => row.id === id) ?? []);
};

/**
 * Reads the files of a form and keeps them behind its link for a day, so that a form that comes back does not ask for them again; once for
 * each request. Slow: before any transaction.
 * @param before ids of files kept since the form came back
 */
export async function receiveFiles(visit: Visit, db: Db, link: Pick<AnswerLinkTable, "id">, before: readonly string[]): Promise<Received> {
  const known = received.get(visit.files);
  if (known) return known;
  const { now, files, context } = visit;
  await db
    .deleteFrom("answer_file")
    .where("received_at", "<", new Date(Date.parse(now) - KEPT_MS).toISOString())
    .execute();
  const kept = await keptBehind(db, link.id, [...new Set(before)]);
  const tooMany = kept.length + files.length > MOST_PROOFS;
  const { proofs, refused } = tooMany
    ? { proofs: [], refused: [] }
    : await readProofs(files, { maxBytes: context.config.maxDocumentBytes });
  for (const { fileName, mediaType, byteCount, digest, bytes } of proofs) {
    const id = newId();
    await db
      .insertInto("answer_file")
      .values({
        id,
        link_id: link.id,
        file_name: fileName,
        media_type: mediaType,
        byte_count: byteCount,
        digest,
        bytes,
        received_at: now,
      })
      .execute();
    kept.push({ id, file_name: fileName, byte_count: byteCount });
  }
  // Whoever has the link cannot fill the disk with it.
  const older = await db
    .selectFrom("answer_file")
    .select("id")
    .where("link_id", "=", link.id)
    .orderBy("received_at", "desc")
    .orderBy("id")
    .limit(100)
    .offset(MOST_WAITING)
    .execute();
  const gone = older.map(({ id }) => id).filter((id) => kept.every((one) => one.id !== id));
  if (gone.length > 0) await db.deleteFrom("answer_file").where("id", "in", gone).execute();
  const got = { kept, refused, tooMany };
  received.set(files, got);
  return got;
}

/** Takes the files that `receiveFiles` kept for this request. @throws Invalid on "proofs" when one was refused or there are too many */
export async function takeFiles(tx: Tx, visit: Visit, link: Pick<AnswerLinkTable, "id">): Promise<Proof[]> {
  const { kept, refused, tooMany } = received.get(visit.files) ?? { kept: [], refused: [], tooMany: false };
  if (tooMany) throw new Invalid({ proofs: { key: "recommendations.proofs.tooMany", params: { most: MOST_PROOFS } } });
  if (refused.length > 0) throw new Invalid({ proofs: refusedProofs(refused, visit) });
  const proofs: Proof[] = [];
  for (const { id } of kept) {
    const row = await tx.selectFrom("answer_file").selectAll().where("id", "=", id).executeTakeFirst();
    if (row)
      proofs.push({ fileName: row.file_name, mediaType: row.media_type, byteCount: row.byte_count, digest: row.digest, bytes: row.bytes });
  }
  await tx.deleteFrom("answer_file").where("link_id", "=", link.id).execute();
  return proofs;
}
