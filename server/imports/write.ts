import { sql } from "kysely";
import { listed } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { registerHeld } from "../reports/intake.ts";
import type { Case } from "./check-line.ts";

/**
 * Writes cases as held reports with their people and values, each value an act of its own, marked as imported and without passage.
 * @returns the receipt numbers, in the order of the cases
 */
export async function writeCases(
  tx: Tx,
  importId: string,
  cases: readonly Case[],
  { codebookVersion, by, now }: { codebookVersion: string; by: Actor; now: string },
): Promise<string[]> {
  const registered = await registerHeld(tx, importId, cases, { codebookVersion, by, now });
  const rows = cases.flatMap(({ values }, at) => {
    const { id, people } = registered[at]!;
    const persons = new Map(people.map((person) => [`${person.kind} ${person.number}`, person.id]));
    // The ids of one report's values begin alike, so that they stand together in the index: each would take a page of its own to write.
    const own = newId();
    return values.map(({ factor, person, value }, place) => {
      const personId = person ? persons.get(`${person.kind} ${person.number}`)! : null;
      return [`${own}${place.toString(36)}`, id, factor, personId, value, JSON.stringify({ value, origin: "imported", version: 1 })];
    });
  });
  if (rows.length > 0) {
    const values = JSON.stringify(rows);
    await sql`insert into coding
        (id, report_id, layer, codebook_version, factor, subject, person_id, value, origin, version, coded_by, coded_at)
      select item.value ->> 0, item.value ->> 1, 1, cast(${codebookVersion} as text), item.value ->> 2, coalesce(item.value ->> 3, 'case'),
        item.value ->> 3, item.value ->> 4, 'imported', 1, cast(${by.id} as text), cast(${now} as text)
      from ${listed(tx, values)} where true`.execute(tx);
    await sql`insert into coding_act (report_id, layer, factor, subject, by, at, after, kind, batch)
      select item.value ->> 1, 1, item.value ->> 2, coalesce(item.value ->> 3, 'case'), cast(${by.id} as text), cast(${now} as text),
        item.value ->> 5, 'coded', cast(${importId} as text)
      from ${listed(tx, values)} where true`.execute(tx);
  }
  return registered.map(({ id }) => id);
}
