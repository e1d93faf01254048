import { isUniqueViolation } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { AddresseeContactTable, Db, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { Conflict, Invalid } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { translator } from "../http/words.ts";

export type ContactGiven = Pick<AddresseeContactTable, "addressee" | "service" | "person" | "email" | "postal_address" | "language">;

/** @throws Invalid when the same addressee already has this contact */
export async function addContact(tx: Tx, given: ContactGiven, by: Actor, now: string): Promise<string> {
  const id = newId();
  try {
    await tx
      .insertInto("addressee_contact")
      .values({ id, ...given, created_by: by.id, created_at: now, closed_at: null })
      .execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new Invalid({ service: "answers.contacts.same" });
    throw error;
  }
  return id;
}

/** Closes a contact: no longer offered, never removed. @throws Conflict when somebody changed or closed it since */
export async function closeContact(tx: Tx, id: string, now: string): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("addressee_contact")
    .set({ closed_at: now })
    .where("id", "=", id)
    .where("closed_at", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  throw new Conflict<Db>(async (db, language) => {
    const row = await db.selectFrom("addressee_contact").select("closed_at").where("id", "=", id).executeTakeFirst();
    return row?.closed_at
      ? [
          {
            at: instant(row.closed_at, language),
            iso: row.closed_at,
            who: "",
            what: translator(language)("answers.contacts.changedSince"),
            why: null,
          },
        ]
      : [];
  }, "/recommandations/destinataires");
}

/**
 * Changes a contact: the one that earlier letters and links refer to is closed as it was, another takes its place.
 * @returns the id of the new one
 * @throws Conflict, Invalid
 */
export async function changeContact(tx: Tx, id: string, given: ContactGiven, by: Actor, now: string): Promise<string> {
  await closeContact(tx, id, now);
  return addContact(tx, given, by, now);
}
