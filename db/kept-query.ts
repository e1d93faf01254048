import type { CompiledQuery } from "kysely";
import type { Db, Tx } from "./schema.ts";

/**
 * A query that every request makes, with one parameter: its SQL is composed once for each connection, then only the parameter changes.
 * @param compose the query for some parameter; it must hold that parameter exactly once, and no other
 */
export function keptQuery<Row>(
  compose: (db: Db | Tx, parameter: string) => CompiledQuery<Row>,
): (db: Db | Tx, parameter: string) => Promise<Row[]> {
  const kept = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, parameter) => {
    const known = kept.get(db) ?? compose(db, parameter);
    kept.set(db, known);
    if (known.parameters.length !== 1) throw new Error("A kept query has one parameter");
    const { rows } = await db.executeQuery<Row>({ ...known, parameters: [parameter] });
    return rows;
  };
}
