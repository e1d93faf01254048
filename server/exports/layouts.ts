import { isUniqueViolation } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { Db, ExportLayoutTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { Invalid, NotFound, Refusal } from "../http/errors.ts";
import { translator } from "../http/words.ts";
import { foldText } from "../reports/fold.ts";
import { COLUMN_KEYS, type ColumnKey, isColumnKey } from "./columns.ts";

/** What an export holds: its columns in their order, and whether the history goes with them. */
export type Layout = { columns: readonly ColumnKey[]; history: boolean };

/** The layouts of the house. "registre": what the page of the register shows; "public": nothing that only the house can read. */
export const HOUSE_LAYOUTS = {
  registre: {
    columns: [
      "reference", "report", "findings", "text", "addressee", "level", "theme", "type", "origin", "deadline", "status", "approved", "issued",
    ],
    history: false,
  },
  suivi: {
    columns: [
      "reference", "text", "addressee", "associated", "deadline", "status", "issued", "answerDue", "received", "reminders", "answered",
      "daysToAnswer", "said", "plannedFor", "assessment", "implementation", "answerOverdue", "implementationOverdue",
    ],
    history: false,
  },
  complet: { columns: COLUMN_KEYS, history: true },
  public: {
    columns: [
      "reference", "text", "addressee", "associated", "level", "theme", "type", "deadline", "status", "issued", "answered", "said",
      "plannedFor", "assessment", "implementation", "closed",
    ],
    history: false,
  },
} as const satisfies Record<string, Layout>; // biome-ignore format: lists
export type HouseLayout = keyof typeof HOUSE_LAYOUTS;
export const isHouseLayout = (code: string): code is HouseLayout => Object.hasOwn(HOUSE_LAYOUTS, code);

export type SavedLayout = Layout & { id: string; name: string; shared: boolean; by: string; author: string };
const saved = ({ columns, history, shared, ...row }: Omit<ExportLayoutTable, "name_folded" | "at"> & { author: string }): SavedLayout => ({
  ...row,
  // A column that a later version of the tool no longer has is left out.
  columns: (JSON.parse(columns) as string[]).filter(isColumnKey),
  history: history === 1,
  shared: shared === 1,
});

const seenBy = (db: Db | Tx, by: Pick<Actor, "id">) =>
  db
    .selectFrom("export_layout")
    .innerJoin("account", "account.id", "export_layout.by")
    .select([
      "export_layout.id", "export_layout.name", "export_layout.columns", "export_layout.history", "export_layout.shared",
      "export_layout.by", "account.name as author",
    ]) // biome-ignore format: a list
    .where((e) => e.or([e("export_layout.by", "=", by.id), e("shared", "=", 1)]))
    .orderBy("name_folded")
    .orderBy("export_layout.id");

/** The layouts that somebody saved: this person's own, and those of others that are for everybody; by name. */
export const listLayouts = async (db: Db | Tx, by: Pick<Actor, "id">): Promise<SavedLayout[]> =>
  (await seenBy(db, by).execute()).map(saved);

/** A layout of the house by its code, or a saved one by its id; undefined when this person knows none of that name. */
export async function findLayout(
  db: Db | Tx,
  code: string,
  by: Pick<Actor, "id">,
): Promise<(Layout & { code: string; name: string | null }) | undefined> {
  if (isHouseLayout(code)) return { ...HOUSE_LAYOUTS[code], code, name: null };
  const row = await seenBy(db, by).where("export_layout.id", "=", code).executeTakeFirst();
  if (!row) return undefined;
  const { id, name, columns, history } = saved(row);
  return { code: id, name, columns, history };
}

/**
 * Saves a choice of columns under a name; one's own layout of that name is written over.
 * @throws Invalid naming the field when the name is that of a layout of the house or of somebody else's that is for everybody
 */
export async function saveLayout(
  tx: Tx,
  { name, columns, history, shared }: Layout & { name: string; shared: boolean },
  by: Pick<Actor, "id">,
  now: string,
): Promise<string> {
  const name_folded = foldText(name);
  const houseNames = (["fr", "en"] as const).flatMap((language) =>
    Object.keys(HOUSE_LAYOUTS).map((code) => foldText(translator(language)(`exports.layouts.${code as HouseLayout}`))),
  );
  if (houseNames.includes(name_folded)) throw new Invalid({ nom: "exports.form.nameTaken" });
  const known = await tx
    .selectFrom("export_layout")
    .select(["id", "by"])
    .where("name_folded", "=", name_folded)
    .where((e) => e.or([e("by", "=", by.id), e("shared", "=", 1)]))
    .execute();
  if (known.some((one) => one.by !== by.id)) throw new Invalid({ nom: "exports.form.nameTaken" });
  const values = {
    name,
    name_folded,
    columns: JSON.stringify(columns),
    history: history ? 1 : 0,
    shared: shared ? 1 : 0,
    at: now,
  } as const;
  const own = known[0];
  try {
    if (own) await tx.updateTable("export_layout").set(values).where("id", "=", own.id).execute();
    const id = own?.id ?? newId();
    if (!own)
      await tx
        .insertInto("export_layout")
        .values({ id, by: by.id, ...values })
        .execute();
    return id;
  } catch (error) {
    if (isUniqueViolation(error)) throw new Invalid({ nom: "exports.form.nameTaken" });
    throw error;
  }
}

/** Removes one's own layout. @throws NotFound; Refusal for one that somebody else made for everybody */
export async function removeLayout(tx: Tx, id: string, by: Pick<Actor, "id">): Promise<void> {
  const row = await seenBy(tx, by).where("export_layout.id", "=", id).executeTakeFirst();
  if (!row) throw new NotFound();
  if (row.by !== by.id)
    throw new Refusal((language) => [translator(language)("exports.refused.layoutOfOther", { name: row.author })], "/exports");
  await tx.deleteFrom("export_layout").where("id", "=", id).execute();
}
