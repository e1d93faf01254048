import { expect } from "chai";
import fc from "fast-check";
import { maskPart, maskRow, maskShare, maskSmall, maskTotal } from "../../server/disclosure/mask.ts";

/** Every row of `length` counts that add up to `total`. */
function* rowsOf(length: number, total: number): Generator<number[]> {
  if (length === 0) {
    if (total === 0) yield [];
  } else if (length === 1) yield [total];
  else for (let first = 0; first <= total; first++) for (const rest of rowsOf(length - 1, total - first)) yield [first, ...rest];
}

const sum = (parts: readonly number[]) => parts.reduce((all, part) => all + part, 0);

/**
 * What somebody finds out who knows the total, the shown counts and the very program that masks: for each masked count, every value that
 * gives the same printed row.
 */
function attack(printed: readonly (number | null)[], total: number): Set<number>[] {
  const holes = printed.filter((part) => part === null).length;
  const hiddenSum = total - sum(printed.filter((part) => part !== null));
  const found = printed.map(() => new Set<number>());
  for (const guess of rowsOf(holes, hiddenSum)) {
    const left = [...guess];
    const row = printed.map((part) => part ?? left.shift()!);
    if (String(maskRow(row, total)) !== String(printed)) continue;
    row.forEach((value, at) => {
      found[at]!.add(value);
    });
  }
  return found;
}

describe("masked rows", () => {
  it("hide every count from 1 to 4 and show zeros and larger counts", () => {
    expect([0, 1, 2, 3, 4, 5, 6].map((count) => maskSmall(count))).to.deep.equal([0, null, null, null, null, 5, 6]);
    expect(maskSmall(null)).to.equal(null);
    expect(maskSmall(9, 11)).to.equal(null);
  });

  it("hide a second count where one alone could be found by subtraction", () => {
    expect(maskRow([2, 38, 60], 100)).to.deep.equal([null, 38, null]);
    expect(maskRow([38, 60, 2], 100)).to.deep.equal([38, null, null]);
    expect(maskRow([40, 7, 3, 0], 50)).to.deep.equal([40, null, null, 0]);
    expect(maskRow([40, 10, 0], 50)).to.deep.equal([40, 10, 0]);
  });

  it("hide more where the sum of the hidden counts leaves one answer only", () => {
    expect(maskRow([1, 1, 30], 32)).to.deep.equal([null, null, null]);
    expect(maskRow([1, 2, 30], 33)).to.deep.equal([null, null, 30]);
  });

  it("are hidden whole when their total is small", () => {
    expect(maskRow([3, 0, 0], 3)).to.deep.equal([null, null, null]);
    expect(maskTotal([3, 0, 0], 3)).to.equal(null);
    expect(maskTotal([30, 0, 3], 33)).to.equal(33);
  });

  it("lose their total too where nothing else is left to hide", () => {
    expect(maskRow([1, 1, 1, 1, 1], 5)).to.deep.equal([null, null, null, null, null]);
    expect(maskTotal([1, 1, 1, 1, 1], 5)).to.equal(null);
  });

  it("take only counts that add up to their total", () => {
    expect(() => maskRow([2, 3], 6)).to.throw(RangeError);
    expect(() => maskRow([-1, 7], 6)).to.throw(RangeError);
    expect(() => maskRow([1.5, 4.5], 6)).to.throw(RangeError);
  });

  it("leave at least two candidates for each small count, even to somebody who knows the program: every row of two to four counts up to 26", () => {
    for (const length of [2, 3, 4])
      for (let total = 0; total <= (length === 4 ? 18 : 26); total++) {
        const seen = new Map<string, Set<number>[]>();
        for (const row of rowsOf(length, total)) {
          const printed = maskRow(row, total);
          if (maskTotal(row, total) === null) continue; // nothing is printed of such a row
          const known = String(printed);
          const candidates = seen.get(known) ?? attack(printed, total);
          seen.set(known, candidates);
          row.forEach((count, at) => {
            if (count >= 1 && count <= 4) {
              expect(printed[at], `${row}`).to.equal(null);
              expect(candidates[at]!.size, `${row} printed as ${known}`).to.be.at.least(2);
            }
          });
        }
      }
  });

  it("show the true counts, never another one, and protect rows of any length", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 2, maxLength: 12 }), (row) => {
        const printed = maskRow(row, sum(row));
        const hidden = row.filter((_, at) => printed[at] === null);
        printed.forEach((part, at) => {
          if (part !== null) expect(part).to.equal(row[at]);
        });
        expect(hidden.length).to.not.equal(1);
        if (hidden.length > 0 && maskTotal(row, sum(row)) !== null) {
          expect(sum(hidden)).to.be.greaterThan(hidden.length);
          expect(sum(hidden)).to.not.equal(4 * hidden.length);
        }
      }),
    );
  });
});

describe("masked shares", () => {
  it("go with their count, and with what is left of the whole", () => {
    expect(maskShare(10, 40)).to.equal(0.25);
    expect(maskShare(3, 40)).to.equal(null);
    expect(maskShare(38, 40)).to.equal(null);
    expect(maskPart(38, 40)).to.equal(null);
    expect(maskShare(40, 40)).to.equal(1);
    expect(maskShare(0, 40)).to.equal(0);
    expect(maskShare(0, 0)).to.equal(null);
  });
});
