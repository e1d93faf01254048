/**
 * How far apart two values are: what makes a disagreement slight or grave. Values are indices from 0; the same value is at distance 0.
 * Only ratios of distances matter to kappa and alpha; Gwet's weights are 1 − distance / largest.
 */
export type Distance = {
  between(one: number, other: number): number;
  /** Sum over all pairs of values of left × right × distance: with frequencies, the disagreement that chance alone would bring. */
  crossed(left: Float64Array, right: Float64Array): number;
  /** The greatest distance of the scale; 0 for a scale of one value. */
  largest: number;
};

/** Equal or not: distance 0 or 1. */
export function nominalDistance(values: number): Distance {
  return {
    between: (one, other) => (one === other ? 0 : 1),
    crossed: (left, right) => {
      let same = 0;
      for (let value = 0; value < left.length; value++) same += left[value]! * right[value]!;
      return sum(left) * sum(right) - same;
    },
    largest: values > 1 ? 1 : 0,
  };
}

/** How many steps (ordinal) or how much (interval) lies between: |a − b|. @param positions ascending */
export function linearDistance(positions: readonly number[]): Distance {
  return {
    between: (one, other) => Math.abs(positions[one]! - positions[other]!),
    // Between two neighbouring positions, every pair with one value on each side crosses the gap once.
    crossed: (left, right) => {
      const [allLeft, allRight] = [sum(left), sum(right)];
      let [belowLeft, belowRight, total] = [0, 0, 0];
      for (let value = 0; value + 1 < left.length; value++) {
        belowLeft += left[value]!;
        belowRight += right[value]!;
        total += (positions[value + 1]! - positions[value]!) * (belowLeft * (allRight - belowRight) + (allLeft - belowLeft) * belowRight);
      }
      return total;
    },
    largest: span(positions),
  };
}

/** The square of the same: (a − b)², which punishes far disagreements more. @param positions ascending */
export function quadraticDistance(positions: readonly number[]): Distance {
  // Moments are taken from a middle, or years such as 2025 would lose digits to cancellation.
  const middle = positions.length > 0 ? (positions[0]! + positions[positions.length - 1]!) / 2 : 0;
  const centred = positions.map((position) => position - middle);
  const moments = (weights: Float64Array): [number, number, number] => {
    let [zeroth, first, second] = [0, 0, 0];
    for (let value = 0; value < weights.length; value++) {
      const weighted = weights[value]! * centred[value]!;
      zeroth += weights[value]!;
      first += weighted;
      second += weighted * centred[value]!;
    }
    return [zeroth, first, second];
  };
  return {
    between: (one, other) => (centred[one]! - centred[other]!) ** 2,
    crossed: (left, right) => {
      const [n, mean, square] = moments(left);
      const [m, otherMean, otherSquare] = moments(right);
      return m * square - 2 * mean * otherMean + n * otherSquare;
    },
    largest: span(positions) ** 2,
  };
}

/** Distances set by hand, one for each pair of values, as in Cohen (1968). @param table square, zeros on its diagonal */
export function tableDistance(table: readonly (readonly number[])[]): Distance {
  const between = (one: number, other: number): number => table[one]![other]!;
  return {
    between,
    crossed: (left, right) => {
      let total = 0;
      for (let one = 0; one < left.length; one++)
        for (let other = 0; other < right.length; other++) total += left[one]! * right[other]! * between(one, other);
      return total;
    },
    largest: Math.max(0, ...table.flat()),
  };
}

/**
 * Krippendorff's ordinal metric for these frequencies: two values are as far apart as the ratings between them, half of each end counted
 * (Krippendorff, 2011, "Computing Krippendorff's Alpha-Reliability", section on ordinal data). That is the squared distance of mid-ranks.
 */
export function midRanks(frequencies: Float64Array): number[] {
  let below = 0;
  return Array.from(frequencies, (frequency) => {
    const rank = below + frequency / 2;
    below += frequency;
    return rank;
  });
}

export function sum(numbers: Float64Array): number {
  let total = 0;
  for (let at = 0; at < numbers.length; at++) total += numbers[at]!;
  return total;
}

const span = (positions: readonly number[]): number => (positions.length > 0 ? positions[positions.length - 1]! - positions[0]! : 0);
