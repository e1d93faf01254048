/** Seeded numbers: the demonstration is the same on every machine and every day. */
export type Random = {
  /** In [0, 1). */
  next(): number;
  /** Whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
};

/** The mulberry32 generator: thirty-two bits of state, only integer operations, hence identical everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const picked = list[Math.floor(next() * list.length)];
      if (picked === undefined) throw new Error("Nothing to pick from an empty list.");
      return picked;
    },
    shuffle: (list) => {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last--) {
        const other = Math.floor(next() * (last + 1));
        const kept = copy[last] as (typeof copy)[number];
        copy[last] = copy[other] as (typeof copy)[number];
        copy[other] = kept;
      }
      return copy;
    },
  };
}

/**
 * Gives each item one of several values, so that every value comes out as often as the sum of its shares says, to about one item: the next
 * value is always the one that lags most behind. Shares may differ from item to item and need not add up to one. Items of a same stratum
 * follow one another, hence the shares also hold within each stratum.
 */
export function assign<T, V extends string>(
  random: Random,
  items: readonly T[],
  sharesOf: (item: T) => Partial<Record<V, number>>,
  stratumOf: (item: T) => string = () => "",
): Map<T, V> {
  const due = new Map<V, number>();
  const result = new Map<T, V>();
  for (const item of ordered(random, items, stratumOf)) {
    const shares = Object.entries(sharesOf(item)) as [V, number][];
    const total = shares.reduce((sum, [, share]) => sum + Math.max(0, share), 0);
    let best: V | null = null;
    for (const [value, share] of shares) {
      if (share <= 0) continue;
      due.set(value, (due.get(value) ?? 0) + share / total);
      if (best === null || (due.get(value) as number) > (due.get(best) as number)) best = value;
    }
    if (best === null) throw new Error("An item has no value with a share above zero.");
    due.set(best, (due.get(best) as number) - 1);
    result.set(item, best);
  }
  return result;
}

/**
 * Draws exactly `count` items (or all that have a weight), each with a probability in proportion to its weight: systematic sampling over the
 * cumulated weights, so that groups of equal weight are drawn in equal proportion.
 */
export function choose<T>(
  random: Random,
  items: readonly T[],
  count: number,
  weightOf: (item: T) => number,
  stratumOf: (item: T) => string = () => "",
): Set<T> {
  const chosen = new Set<T>();
  let open = ordered(random, items, stratumOf).filter((item) => weightOf(item) > 0);
  // Whoever would be drawn more than once is drawn for sure, and leaves the rest to the others.
  for (;;) {
    const left = count - chosen.size;
    const total = open.reduce((sum, item) => sum + weightOf(item), 0);
    if (left <= 0 || open.length === 0) return chosen;
    const sure = open.filter((item) => weightOf(item) * left >= total);
    if (sure.length === 0) {
      const step = total / left;
      let next = random.next() * step;
      let sum = 0;
      for (const item of open) {
        sum += weightOf(item);
        if (sum > next && chosen.size < count) {
          chosen.add(item);
          next += step;
        }
      }
      return chosen;
    }
    for (const item of sure.slice(0, left)) chosen.add(item);
    open = open.filter((item) => !chosen.has(item));
  }
}

function ordered<T>(random: Random, items: readonly T[], stratumOf: (item: T) => string): T[] {
  return random.shuffle(items).toSorted((a, b) => (stratumOf(a) < stratumOf(b) ? -1 : stratumOf(a) > stratumOf(b) ? 1 : 0));
}
