import { expect } from "chai";
import fc from "fast-check";
import { type Wait, Waits } from "../../server/outcomes/waiting-time.ts";

const waitsOf = (list: readonly Wait[]): Waits => {
  const waits = new Waits();
  for (const wait of list) waits.add(wait);
  return waits;
};
const rounded = (steps: { days: number; share: number }[]) => steps.map(({ days, share }) => [days, Number(share.toFixed(3))]);

/**
 * The weeks in remission of the leukaemia trial of Freireich et al. (Blood 21, 1963, p. 699–716), the usual worked example since Gehan (Biometrika
 * 52, 1965) and Cox (Journal of the Royal Statistical Society B 34, 1972); its Kaplan–Meier table is that of Kleinbaum and Klein, "Survival
 * Analysis", chapter 2. A plus stands for a remission that lasted when the patient was last seen.
 */
const TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";
const PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23";
const read = (text: string): Waits =>
  waitsOf(text.split(" ").map((one) => ({ days: Number.parseInt(one, 10), answered: !one.endsWith("+") })));

describe("the time until an answer", () => {
  it("gives the published table of the Kaplan–Meier example, with those still waiting", () => {
    const treated = read(TREATED);
    expect(rounded(treated.stillWaiting())).to.deep.equal([
      [6, 0.857],
      [7, 0.807],
      [10, 0.753],
      [13, 0.69],
      [16, 0.627],
      [22, 0.538],
      [23, 0.448],
    ]);
    expect(treated.medianOfAll()).to.equal(23);
  });

  it("gives the published median of the group in which everyone was seen to the end", () => {
    const placebo = read(PLACEBO);
    expect(rounded(placebo.stillWaiting()).slice(0, 5)).to.deep.equal([
      [1, 0.905],
      [2, 0.81],
      [3, 0.762],
      [4, 0.667],
      [5, 0.571],
    ]);
    expect(placebo.medianOfAll()).to.equal(8);
    expect(placebo.medianOfAnswered()).to.equal(8);
  });

  it("looks shorter when those without an answer are left out", () => {
    const waits = read("10 20 30 90+ 90+ 90+ 90+");
    expect(waits.medianOfAnswered()).to.equal(20);
    expect(waits.medianOfAll()).to.equal(null);
    expect([waits.answered, waits.waiting]).to.deep.equal([3, 4]);
  });

  it("has no median without answers, and the mean of the two in the middle when they are even", () => {
    expect(waitsOf([]).medianOfAnswered()).to.equal(null);
    expect(waitsOf([]).medianOfAll()).to.equal(null);
    expect(read("40+").medianOfAnswered()).to.equal(null);
    expect(read("10 13").medianOfAnswered()).to.equal(11.5);
    expect(read("10 13").medianOfAll()).to.equal(10);
  });

  it("is that of a reckoning from the whole list, whatever the list", () => {
    const wait = fc.record({ days: fc.integer({ min: 0, max: 12 }), answered: fc.boolean() });
    fc.assert(
      fc.property(fc.array(wait, { maxLength: 40 }), (list) => {
        const waits = waitsOf(list);
        const answered = list.flatMap(({ days, answered }) => (answered ? [days] : [])).sort((a, b) => a - b);
        const middle = answered.length / 2;
        expect(waits.medianOfAnswered()).to.equal(
          answered.length === 0 ? null : (answered[Math.ceil(middle) - 1]! + answered[Math.floor(middle)]!) / 2,
        );
        // From the definition: the product over the days of answers of 1 − answers that day / those still seen that day.
        let [numerator, denominator] = [1n, 1n];
        let median: number | null = null;
        for (const day of new Set(answered)) {
          const seen = BigInt(list.filter(({ days }) => days >= day).length);
          numerator *= seen - BigInt(answered.filter((days) => days === day).length);
          denominator *= seen;
          if (median === null && 2n * numerator <= denominator) median = day;
        }
        expect(waits.medianOfAll()).to.equal(median);
      }),
    );
  });
});
