import type { CounterTable, Tx } from "./schema.ts";

/** The next number of a kind in a year, from 1; given out once even when two ask at the same time. */
export const nextNumber = (tx: Tx, kind: CounterTable["kind"], year: number): Promise<number> => nextNumbers(tx, kind, year, 1);

/** As many numbers that follow each other. @returns the first of them */
export async function nextNumbers(tx: Tx, kind: CounterTable["kind"], year: number, count: number): Promise<number> {
  const { last } = await tx
    .insertInto("counter")
    .values({ kind, year, last: count })
    .onConflict((conflict) => conflict.columns(["kind", "year"]).doUpdateSet((row) => ({ last: row("counter.last", "+", count) })))
    .returning("last")
    .executeTakeFirstOrThrow();
  return Number(last) - count + 1;
}
