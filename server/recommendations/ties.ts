import { sql } from "kysely";
import { dialectOf, listed } from "../../db/dialect.ts";
import type { Db, RecommendationTieTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { actOnRecommendation } from "../follow-up/act.ts";
import { Invalid } from "../http/errors.ts";

export type TieKind = RecommendationTieTable["kind"];
export const TIE_KINDS = ["same_as", "part_of"] as const satisfies readonly TieKind[];
export type Tie = Pick<RecommendationTieTable, "recommendation_id" | "kind" | "target_id">;

/**
 * The way by which one recommendation already leads to another, both included: up from part to whole, and through those that are the same in
 * either direction. Null when there is none.
 */
export function wayBetween(ties: readonly Tie[], from: string, to: string): string[] | null {
  const next = new Map<string, Set<string>>();
  const leads = (one: string, other: string) => next.set(one, (next.get(one) ?? new Set()).add(other));
  for (const { recommendation_id, kind, target_id } of ties) {
    leads(recommendation_id, target_id);
    if (kind === "same_as") leads(target_id, recommendation_id);
  }
  const cameFrom = new Map<string, string | null>([[from, null]]);
  for (const one of cameFrom.keys()) {
    if (one === to) {
      const way: string[] = [];
      for (let at: string | null = one; at !== null; at = cameFrom.get(at) ?? null) way.unshift(at);
      return way;
    }
    for (const other of next.get(one) ?? []) if (!cameFrom.has(other)) cameFrom.set(other, one);
  }
  return null;
}

/**
 * What stands in the way of a tie: the two are already the same, or it would close a ring over both kinds of ties.
 * @returns the chain that exists between them, from one to the other; null when the tie can be made
 */
export function chainAgainst(ties: readonly Tie[], { recommendation_id, kind, target_id }: Tie): string[] | null {
  const back = wayBetween(ties, target_id, recommendation_id);
  if (back || kind === "part_of") return back;
  return wayBetween(ties, recommendation_id, target_id);
}

/**
 * Ties a recommendation to another.
 * @throws Invalid on `target`: unknown, itself, withdrawn, already tied, or in a ring (the chain is named); Refusal, Conflict, NotFound
 */
export async function tieRecommendation(
  tx: Tx,
  {
    reference,
    seenVersion,
    kind,
    target,
    by,
    now,
  }: {
    reference: string;
    seenVersion: number;
    kind: TieKind;
    /** The other's reference, as it was typed. */
    target: string;
    by: Actor;
    now: string;
  },
): Promise<void> {
  await holdTies(tx);
  const wanted = target.trim().toUpperCase();
  const row = await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECOMMENDATION_TIED", by },
    now,
    detail: { kind, target: wanted.slice(0, 40) },
  });
  if (wanted === reference) throw new Invalid({ target: "recommendations.ties.itself" });
  const other = await tx.selectFrom("recommendation").select(["id", "state"]).where("reference", "=", wanted).executeTakeFirst();
  if (!other || other.state === "draft") throw new Invalid({ target: "recommendations.ties.unknown" });
  if (other.state === "withdrawn") throw new Invalid({ target: "recommendations.ties.withdrawn" });
  const ties = await tx.selectFrom("recommendation_tie").select(["recommendation_id", "kind", "target_id"]).execute();
  if (ties.some((tie) => tie.recommendation_id === row.id && tie.kind === kind))
    throw new Invalid({ target: `recommendations.ties.already.${kind}` });
  const tie = { recommendation_id: row.id, kind, target_id: other.id };
  const chain = chainAgainst(ties, tie);
  if (chain) {
    const references = await tx.selectFrom("recommendation").select(["id", "reference"]).where("id", "in", chain).execute();
    const named = new Map(references.map((one) => [one.id, one.reference]));
    throw new Invalid({
      target: { key: "recommendations.ties.ring", params: { chain: chain.map((id) => named.get(id) ?? id).join(" → ") } },
    });
  }
  await tx
    .insertInto("recommendation_tie")
    .values({ ...tie, by: by.id, at: now })
    .execute();
}

/** Two people who tie at once could each close the other's ring: ties are made and undone one after the other, on both databases. */
const holdTies = async (tx: Tx): Promise<void> => {
  if (dialectOf(tx) === "postgres") await sql`lock table recommendation_tie in share row exclusive mode`.execute(tx);
};

/** Undoes a tie. @throws Invalid when there is none of this kind; Refusal, Conflict, NotFound */
export async function untieRecommendation(
  tx: Tx,
  { reference, seenVersion, kind, by, now }: { reference: string; seenVersion: number; kind: TieKind; by: Actor; now: string },
): Promise<void> {
  await holdTies(tx); // in the same order as tying, or one would wait for the other for ever
  const tied = await tx
    .selectFrom("recommendation_tie")
    .innerJoin("recommendation", "recommendation.id", "recommendation_tie.recommendation_id")
    .innerJoin("recommendation as other", "other.id", "recommendation_tie.target_id")
    .select(["recommendation_tie.recommendation_id", "other.reference as target"])
    .where("recommendation.reference", "=", reference)
    .where("recommendation_tie.kind", "=", kind)
    .executeTakeFirst();
  await actOnRecommendation(tx, {
    reference,
    seenVersion,
    event: { type: "RECOMMENDATION_UNTIED", by },
    now,
    detail: { kind, target: tied?.target ?? "" },
  });
  if (!tied) throw new Invalid({ kind: "recommendations.ties.none" });
  await tx.deleteFrom("recommendation_tie").where("recommendation_id", "=", tied.recommendation_id).where("kind", "=", kind).execute();
}

/**
 * The groups that some recommendations belong to: for each, the ids of all that are the same, itself included, the one that stands for them
 * first. A recommendation that is the same as no other is a group of one.
 */
export async function groupsOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const asked = sql`select item.value ->> 0 from ${listed(db, JSON.stringify(ids.map((id) => [id])))}`;
  const { rows } = await sql<{ start: string; representative: string; member: string }>`
    with recursive asked(id) as (${asked}),
    up(start, id) as (
      select id, id from asked
      union select up.start, tie.target_id from up join recommendation_tie as tie on tie.recommendation_id = up.id and tie.kind = 'same_as'),
    stands(start, id) as (
      select start, id from up
      where not exists (select 1 from recommendation_tie as tie where tie.recommendation_id = up.id and tie.kind = 'same_as')),
    down(start, representative, id) as (
      select start, id, id from stands
      union select down.start, down.representative, tie.recommendation_id from down
        join recommendation_tie as tie on tie.target_id = down.id and tie.kind = 'same_as')
    select start, representative, id as member from down order by start, id`.execute(db);
  const groups = new Map<string, string[]>(ids.map((id) => [id, [id]]));
  for (const [start, own] of Map.groupBy(rows, (row) => row.start)) {
    const [{ representative }] = own as [(typeof own)[number]];
    groups.set(start, [representative, ...own.map(({ member }) => member).filter((member) => member !== representative)]);
  }
  return groups;
}
