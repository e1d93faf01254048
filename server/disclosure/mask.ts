/**
 * Small numbers in a table that leaves the house. Counts from 1 to 4 could let a case be recognised and are masked; zero says nobody and is
 * shown. Pure and local to one row: what several tables give away together is judged elsewhere.
 */
export const THRESHOLD = 5;

/** Whether this count has to be masked on its own account. */
export const isSmall = (count: number, threshold = THRESHOLD): boolean => count > 0 && count < threshold;

/** The count, or null when it is masked (or was already). */
export const maskSmall = (count: number | null, threshold = THRESHOLD): number | null =>
  count === null || isSmall(count, threshold) ? null : count;

/**
 * One row of counts whose sum is shown beside it. Besides the small counts, more are masked where subtracting what is shown from the total
 * would give one away: from the end of the row, so that what matters most comes first; a zero last. Which ones never depends on how large
 * they are: choosing the smallest would tell whoever knows this program that the others are larger.
 * A row whose total is small is masked whole; see `maskTotal`.
 * @param parts counts that exclude each other and add up to `total`
 * @throws RangeError when they are not whole numbers from 0 that add up to the total: such a row would not be protected by this
 */
export function maskRow(parts: readonly number[], total: number, threshold = THRESHOLD): (number | null)[] {
  if (!parts.every((part) => Number.isInteger(part) && part >= 0) || parts.reduce((sum, part) => sum + part, 0) !== total)
    throw new RangeError("The parts of a masked row are counts that add up to its total");
  if (isSmall(total, threshold)) return parts.map(() => null);
  const shown: (number | null)[] = parts.map((part) => maskSmall(part, threshold));
  while (isPinned(hiddenOf(parts, shown), threshold)) {
    const last = shown.findLastIndex((part) => part !== null && part > 0);
    const next = last >= 0 ? last : shown.lastIndexOf(0);
    if (next < 0) break;
    shown[next] = null;
  }
  return shown;
}

/** The total beside a masked row: null when it is small itself, or when all the row is masked and the total would still give it away. */
export function maskTotal(parts: readonly number[], total: number, threshold = THRESHOLD): number | null {
  const hidden = hiddenOf(parts, maskRow(parts, total, threshold));
  return isSmall(total, threshold) || (hidden.length === parts.length && isPinned(hidden, threshold)) ? null : total;
}

const hiddenOf = (parts: readonly number[], shown: readonly (number | null)[]): number[] => parts.filter((_, at) => shown[at] === null);

/** Whether the sum of the hidden counts, which anybody can compute, leaves one way only to share it out. */
function isPinned(hidden: readonly number[], threshold: number): boolean {
  if (hidden.length === 0) return false;
  const sum = hidden.reduce((all, one) => all + one, 0);
  return hidden.length === 1 || sum === hidden.length || sum === hidden.length * (threshold - 1);
}

/** A count out of a whole that is shown beside it: masked too when the rest of the whole is small. */
export const maskPart = (count: number, whole: number, threshold = THRESHOLD): number | null =>
  maskRow([count, whole - count], whole, threshold)[0] ?? null;

/** A share of 1, masked exactly when its count is; null also for a whole of nobody. */
export const maskShare = (count: number, whole: number, threshold = THRESHOLD): number | null => {
  const shown = maskPart(count, whole, threshold);
  return shown === null || whole === 0 ? null : shown / whole;
};
