import type { Db, ReadingSettingTable, Tx } from "../../db/schema.ts";

export const VEILS = ["everywhere", "reading", "nowhere"] as const satisfies readonly ReadingSettingTable["veil"][];
export type Veil = (typeof VEILS)[number];
export const REMINDERS = [30, 60, 90] as const;
export type ReminderMinutes = (typeof REMINDERS)[number];
export type ReadingSettings = { veil: Veil; pagesShown: boolean; reminderMinutes: ReminderMinutes | null; remindedOn: string | null };

/** For whoever chose nothing: words are covered where one reads, not where one codes with the whole text in front; a reminder each hour. */
const DEFAULTS: ReadingSettings = { veil: "reading", pagesShown: false, reminderMinutes: 60, remindedOn: null };

/** How this person wants to meet hard passages. Read for that person alone. */
export async function readingSettings(db: Db | Tx, accountId: string): Promise<ReadingSettings> {
  const row = await db.selectFrom("reading_setting").selectAll().where("account_id", "=", accountId).executeTakeFirst();
  if (!row) return DEFAULTS;
  return { veil: row.veil, pagesShown: row.pages_shown === 1, reminderMinutes: row.reminder_minutes, remindedOn: row.reminded_on };
}

/** Changes some of one's own settings. */
export async function changeReadingSettings(tx: Tx, accountId: string, change: Partial<ReadingSettings>): Promise<void> {
  const { veil, pagesShown, reminderMinutes, remindedOn } = { ...(await readingSettings(tx, accountId)), ...change };
  const values = {
    veil,
    pages_shown: pagesShown ? (1 as const) : (0 as const),
    reminder_minutes: reminderMinutes,
    reminded_on: remindedOn,
  };
  await tx
    .insertInto("reading_setting")
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column("account_id").doUpdateSet(values))
    .execute();
}
