import { newId } from "../../db/ids.ts";
import type { Db, Tx } from "../../db/schema.ts";
import { readDocument } from "../documents/read-document.ts";
import { Invalid } from "../http/errors.ts";
import type { Exchange, UploadedFile } from "../http/handlers.ts";
import { digestOfBytes } from "../reports/intake.ts";
import { listStaged, plainName, type RefusedFile, type Staged, stageFiles, takeStaged } from "../reports/staging.ts";

/** What proves a dispatch or an answer: a file that passed the same checks as the documents of a report. */
export type Proof = { fileName: string; mediaType: string; byteCount: number; digest: string; bytes: Uint8Array };
export const MOST_PROOFS = 5;

/** Reads the files of somebody without an account: nothing of them is kept unless the caller stores it. Slow: before any transaction. */
export async function readProofs(
  files: readonly UploadedFile[],
  { maxBytes }: { maxBytes: number },
): Promise<{ proofs: Proof[]; refused: RefusedFile[] }> {
  const proofs: Proof[] = [];
  const refused: RefusedFile[] = [];
  for (const { name, bytes } of files.slice(0, MOST_PROOFS)) {
    const fileName = plainName(name);
    const reading = await readDocument(bytes, fileName, { bytes: maxBytes, milliseconds: 30_000, megabytes: 512 });
    if (reading.kind === "refused") refused.push({ fileName, reason: reading.reason });
    else proofs.push({ fileName, mediaType: reading.document.mediaType, byteCount: bytes.byteLength, digest: digestOfBytes(bytes), bytes });
  }
  return { proofs, refused };
}

/** Files that a signed-in person sent with a form: kept for them, so that a form that comes back does not ask for them again. */
export type ReceivedProofs = { staged: Staged[]; refused: RefusedFile[] };
const received = new WeakMap<Exchange, ReceivedProofs>();

/** Reads and keeps the files of a form, once for each request. @param before ids of files kept since the form came back */
export async function receiveProofs(exchange: Exchange, db: Db, before: readonly string[]): Promise<ReceivedProofs> {
  const known = received.get(exchange);
  if (known) return known;
  const { staged, refused } = await stageFiles(db, exchange.files, {
    accountId: exchange.by.id,
    now: exchange.now,
    maxBytes: exchange.context.config.maxDocumentBytes,
  });
  const got = { staged: [...(await listStaged(db, before, exchange.by.id)), ...staged], refused };
  received.set(exchange, got);
  return got;
}

/** The words for files that were refused: each with its reason. */
export const refusedProofs = (
  refused: readonly RefusedFile[],
  { t, language, context }: Pick<Exchange<unknown>, "t" | "language" | "context">,
) => {
  const limit = Math.round(context.config.maxDocumentBytes / 1024 / 1024);
  const one = ({ fileName, reason }: RefusedFile) =>
    t("reports.new.fileRefused", { name: fileName, reason: t(`reports.refused.${reason}`, { limit }) });
  return {
    key: "reports.new.filesRefused" as const,
    params: { count: refused.length, list: refused.map(one).join(language === "fr" ? "\u202f; " : "; ") },
  };
};

/**
 * Takes the files that `receiveProofs` kept for this request out of the waiting room.
 * @throws Invalid on `field` when one was refused, or when there are too many
 */
export async function takeProofs(tx: Tx, exchange: Exchange, field: string, most = MOST_PROOFS): Promise<Proof[]> {
  const got = received.get(exchange) ?? { staged: [], refused: [] };
  if (got.refused.length > 0) throw new Invalid({ [field]: refusedProofs(got.refused, exchange) });
  if (got.staged.length > most) throw new Invalid({ [field]: { key: "recommendations.proofs.tooMany", params: { most } } });
  const taken = await takeStaged(
    tx,
    got.staged.map(({ id }) => id),
    exchange.by.id,
  );
  return taken.map(({ fileName, bytes, document }) => ({
    fileName,
    mediaType: document.mediaType,
    byteCount: bytes.byteLength,
    digest: digestOfBytes(bytes),
    bytes,
  }));
}

/** Stores the proofs of an answer, written once. */
export async function storeAnswerProofs(tx: Tx, answerId: string, proofs: readonly Proof[]): Promise<void> {
  for (const { fileName, mediaType, byteCount, digest, bytes } of proofs)
    await tx
      .insertInto("answer_proof")
      .values({ id: newId(), answer_id: answerId, file_name: fileName, media_type: mediaType, byte_count: byteCount, digest, bytes })
      .execute();
}
