import { sql } from "kysely";
import type { Db } from "../../db/schema.ts";
import { type Likeness, LikenessIndex } from "./likeness.ts";
import { REGISTERED } from "./queries.ts";

type Kept = { index: LikenessIndex; stamp: string };
/** The texts of the register by their words: one index a database, for as long as the database is open. */
const kept = new WeakMap<object, Kept>();

/** Words do not change once they are approved, so that the index only ever grows: what it lacks is read when the register has changed. */
async function indexOf(db: Db): Promise<LikenessIndex> {
  const known = kept.get(db) ?? { index: new LikenessIndex(), stamp: "" };
  kept.set(db, known);
  const { rows } = await sql<{ n: number | string; last: string | null }>`
    select count(*) as n, max(approved_at) as last from recommendation
    where state in (${sql.join(REGISTERED)})`.execute(db);
  const stamp = `${rows[0]!.n} ${rows[0]!.last}`;
  if (stamp === known.stamp) return known.index;
  const ids = await db
    .selectFrom("recommendation")
    .select("id")
    .where("state", "in", [...REGISTERED])
    .execute();
  const missing = ids.map(({ id }) => id).filter((id) => !known.index.has(id));
  for (let at = 0; at < missing.length; at += 500)
    for (const { id, text } of await db
      .selectFrom("recommendation")
      .select(["id", "text"])
      .where("id", "in", missing.slice(at, at + 500))
      .execute())
      if (!known.index.has(id)) known.index.add(id, text);
  known.stamp = stamp;
  return known.index;
}

export type Near = Likeness & { reference: string; text: string; state: (typeof REGISTERED)[number]; addressee: string };

/** Recommendations of the register whose words are nearly those of a text. @param besides ids left out: itself, and those it is tied to */
export async function nearDuplicates(db: Db, text: string, besides: ReadonlySet<string>, most = 5): Promise<Near[]> {
  const found = (await indexOf(db)).like(text, { besides, most: most * 2 });
  if (found.length === 0) return [];
  const rows = await db
    .selectFrom("recommendation")
    .select(["id", "reference", "text", "state", "addressee"])
    .where(
      "id",
      "in",
      found.map(({ id }) => id),
    )
    .where(
      "state",
      "in",
      REGISTERED.filter((state) => state !== "withdrawn"),
    )
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return found
    .flatMap((one) => {
      const row = byId.get(one.id);
      return row ? [{ ...one, ...row, state: row.state as Near["state"] }] : [];
    })
    .slice(0, most);
}
