import type { AddresseeContactTable, Db, Tx } from "../../db/schema.ts";
import { NotFound } from "../http/errors.ts";

/** Whom to write to at these addressees, of all of them without a list; closed ones left out. */
export async function listContacts(db: Db | Tx, addressees?: readonly string[]): Promise<AddresseeContactTable[]> {
  if (addressees?.length === 0) return [];
  return db
    .selectFrom("addressee_contact")
    .selectAll()
    .where("closed_at", "is", null)
    .$if(addressees !== undefined, (q) => q.where("addressee", "in", [...addressees!]))
    .orderBy("addressee")
    .orderBy("service")
    .orderBy("person")
    .orderBy("id")
    .execute();
}

/** One open contact. @throws NotFound */
export async function findContact(db: Db | Tx, id: string): Promise<AddresseeContactTable> {
  const row = await db.selectFrom("addressee_contact").selectAll().where("id", "=", id).where("closed_at", "is", null).executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
}

/** Codes of whoever a recommendation is addressed to: the lead first, then those who act with them. */
export async function addresseesOf(db: Db | Tx, { id, addressee }: { id: string; addressee: string }): Promise<string[]> {
  const others = await db
    .selectFrom("recommendation_addressee")
    .select("addressee")
    .where("recommendation_id", "=", id)
    .orderBy("addressee")
    .execute();
  return [...new Set([addressee, ...others.map((one) => one.addressee)])];
}

/** "Sous-direction des droits, Mme Exemple": how a contact is named on one line. */
export const contactLine = ({ service, person }: Pick<AddresseeContactTable, "service" | "person">): string =>
  person ? `${service}, ${person}` : service;

/** The contact that each of these recommendations was last sent to: ids by id of the recommendation; closed contacts too. */
export async function lastContacts(db: Db | Tx, recommendationIds: readonly string[]): Promise<Map<string, string>> {
  if (recommendationIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("recommendation_dispatch")
    .select(["recommendation_id", "contact_id"])
    .where("recommendation_id", "in", [...recommendationIds])
    .where("contact_id", "is not", null)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return new Map(rows.map(({ recommendation_id, contact_id }) => [recommendation_id, contact_id!]));
}

/** Open contacts of whoever a recommendation is addressed to, the one it was last sent to first. */
export async function contactsFor(db: Db | Tx, row: { id: string; addressee: string }): Promise<AddresseeContactTable[]> {
  const contacts = await listContacts(db, await addresseesOf(db, row));
  const last = (await lastContacts(db, [row.id])).get(row.id);
  // The lead's own come before those of the others.
  const rank = (one: AddresseeContactTable) => (one.id === last ? 0 : one.addressee === row.addressee ? 1 : 2);
  return contacts.sort((a, b) => rank(a) - rank(b));
}
