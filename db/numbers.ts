import type { CounterTable, Tx } from "./schema.ts";

/** The next number of a kind in a year, from 1; given out once even when two ask at the same time. */
export async function nextNumber(tx: Tx, kind: CounterTable["kind"], year: number): Promise<number> {
  const { last } = await tx
    .insertInto("counter")
    .values({ kind, year, last: 1 })
    .onConflict((conflict) => conflict.columns(["kind", "year"]).doUpdateSet((row) => ({ last: row("counter.last", "+", 1) })))
    .returning("last")
    .executeTakeFirstOrThrow();
  return Number(last);
}
