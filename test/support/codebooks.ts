import type { Database } from "../../db/database.ts";
import { fingerprint } from "../../server/codebook/crosswalk.ts";
import { changeDraft, createDraft, type Draft, publishDraft } from "../../server/codebook/drafts.ts";
import { fatesIn } from "../../server/codebook/edit.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import type { Actor } from "../../workflows/actor.ts";
import { clock } from "./databases.ts";

/** Says of every factor that changed that what becomes of its values was seen. */
export function confirmAll(draft: Draft): void {
  for (const { from, to, rule, unconfirmed } of fatesIn(draft, draft.base)) {
    if (!unconfirmed) continue;
    const own = draft.decisions[from.code] ?? { rule, to: to.map(({ code }) => code), values: {}, note: "", confirmed: null };
    draft.decisions[from.code] = { ...own, confirmed: fingerprint(from, to) };
  }
}

/** Publishes a version drafted from the one in force, with the changes made by `change`. */
export async function publishVersion(
  database: Database,
  version: string,
  by: Actor,
  change: (draft: Draft) => void,
  now = clock().toISOString(),
): Promise<string> {
  const { db } = database;
  return db.transaction().execute(async (tx) => {
    const base = await currentCodebook(tx);
    const id = await createDraft(tx, { base: base.version, definition: null, version }, by, now);
    await changeDraft(tx, id, by, now, (draft) => {
      change(draft);
      confirmAll(draft);
    });
    await publishDraft(tx, id, { version, note: `Note de la version ${version}` }, by, now);
    return id;
  });
}
