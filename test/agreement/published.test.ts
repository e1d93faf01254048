import { expect } from "chai";
import { type Agreement, agreement, type CoefficientName } from "../../server/agreement/agreement.ts";
import { cohenKappa, kappaStandardError } from "../../server/agreement/coefficients.ts";
import { nominalDistance, tableDistance } from "../../server/agreement/distance.ts";
import { countPatterns, tallyRatings } from "../../server/agreement/ratings.ts";
import { fromLines, fromTable } from "./build.ts";

const QUICK = { resamples: 100 };

function figureOf(figures: Agreement, name: CoefficientName): number {
  const estimate = figures.coefficients[name];
  if (estimate?.kind !== "value") throw new Error(`${name} has no value`);
  return estimate.value;
}

function analyticOf(figures: Agreement, name: CoefficientName) {
  const estimate = figures.coefficients[name];
  if (estimate?.kind !== "value" || !estimate.analytic) throw new Error(`${name} has no published interval`);
  return estimate.analytic;
}

/** Alpha from a coincidence matrix as printed, with the disagreement of two values. */
function alphaOf(coincidences: number[][], difference: (one: number, other: number) => number): number {
  const totals = coincidences.map((row) => row.reduce((all, cell) => all + cell, 0));
  const n = totals.reduce((all, total) => all + total, 0);
  let [observed, expected] = [0, 0];
  for (const [c, row] of coincidences.entries())
    for (const [k, cell] of row.entries()) {
      observed += cell * difference(c, k);
      expected += totals[c]! * totals[k]! * difference(c, k);
    }
  return 1 - ((n - 1) * observed) / expected;
}

describe("agreement, against worked examples", () => {
  describe("Krippendorff (2011), Computing Krippendorff’s Alpha-Reliability", () => {
    // Section D: four observers, twelve units, ratings missing.
    const FOUR_OBSERVERS = fromLines({
      A: "1 2 3 3 2 1 4 1 2 . . .",
      B: "1 2 3 3 2 2 4 1 2 5 . 3",
      C: ". 3 3 3 2 3 4 2 2 5 1 .",
      D: "1 2 3 3 2 4 4 1 2 5 1 .",
    });
    const COINCIDENCES = [
      [7, 4 / 3, 1 / 3, 1 / 3, 0],
      [4 / 3, 10, 4 / 3, 1 / 3, 0],
      [1 / 3, 4 / 3, 8, 1 / 3, 0],
      [1 / 3, 1 / 3, 1 / 3, 4, 0],
      [0, 0, 0, 0, 3],
    ];
    const TOTALS = [9, 13, 10, 5, 3];

    it("gives 0.743 for nominal data of four observers with missing values", () => {
      const found = figureOf(agreement(FOUR_OBSERVERS, { level: "nominal", ...QUICK }), "alphaNominal");
      expect(found).to.be.closeTo(0.743, 0.0005);
      expect(found).to.be.closeTo(
        alphaOf(COINCIDENCES, (c, k) => (c === k ? 0 : 1)),
        1e-12,
      );
    });

    it("gives 0.815 for the same as ordinal data", () => {
      const found = figureOf(agreement(FOUR_OBSERVERS, { level: "ordinal", ...QUICK }), "alphaOrdinal");
      expect(found).to.be.closeTo(0.815, 0.0005);
      const between = (c: number, k: number): number => {
        const [low, high] = [Math.min(c, k), Math.max(c, k)];
        return TOTALS.slice(low, high + 1).reduce((all, total) => all + total, 0) - (TOTALS[c]! + TOTALS[k]!) / 2;
      };
      expect(found).to.be.closeTo(
        alphaOf(COINCIDENCES, (c, k) => between(c, k) ** 2),
        1e-12,
      );
    });

    it("gives 0.849 for the same as interval data", () => {
      const found = figureOf(agreement(FOUR_OBSERVERS, { level: "interval", ...QUICK }), "alphaInterval");
      expect(found).to.be.closeTo(0.849, 0.0005);
      expect(found).to.be.closeTo(
        alphaOf(COINCIDENCES, (c, k) => (c - k) ** 2),
        1e-12,
      );
    });

    it("counts 40 pairable values in 11 units, the unit rated once apart", () => {
      const { n, prevalence, coefficients } = agreement(FOUR_OBSERVERS, { level: "nominal", ...QUICK });
      expect(n).to.deep.equal({ coders: 4, units: 12, pairableUnits: 11, ratings: 41, pairableRatings: 40, pairs: 6 });
      expect(prevalence.map(({ ratings }) => ratings)).to.deep.equal([9, 13, 11, 5, 3]);
      // The diagonal of the coincidence matrix over all pairable values: (7 + 10 + 8 + 4 + 3) / 40.
      expect(coefficients.percent).to.include({ kind: "value", value: 0.8 });
    });

    it("gives 0.095 for two observers and binary data without missing values (section A)", () => {
      const ratings = fromLines({ Meg: "0 1 0 0 0 0 0 0 1 0", Owen: "1 1 1 0 0 1 0 0 0 0" });
      const found = figureOf(agreement(ratings, { level: "nominal", ...QUICK }), "alphaNominal");
      expect(found).to.be.closeTo(0.095, 0.0005);
      // o01 = 4, n0 = 14, n1 = 6, n = 20: 1 − 19 × 4 / (14 × 6).
      expect(found).to.be.closeTo(1 - (19 * 4) / (14 * 6), 1e-12);
    });

    it("gives 0.692 for two observers and nominal data (section B)", () => {
      const ratings = fromLines({ Ben: "a a b b d c c c e d d a", Gerry: "b a b b b c c c e d d d" });
      expect(figureOf(agreement(ratings, { level: "nominal", ...QUICK }), "alphaNominal")).to.be.closeTo(0.692, 0.0005);
    });

    it("gives the AC1 0.77544 and the interval 0.46081 to 1 that Gwet’s own program irrCAC gives for these data", () => {
      const figures = agreement(FOUR_OBSERVERS, { level: "nominal", ...QUICK });
      expect(figureOf(figures, "ac1")).to.be.closeTo(0.77544, 0.000005);
      expect(analyticOf(figures, "ac1").low).to.be.closeTo(0.46081, 0.000005);
      expect(analyticOf(figures, "ac1").high).to.equal(1);
    });
  });

  describe("Cohen (1968), Weighted Kappa", () => {
    // Two psychiatrists, 200 patients; also the table of frequencies of Cohen (1960), A Coefficient of Agreement for Nominal Scales.
    const tally = tallyRatings(
      fromTable(
        [
          [88, 14, 18],
          [10, 40, 10],
          [2, 6, 12],
        ],
        ["personality disorder", "neurosis", "psychosis"].map((name, at) => `${at} ${name}`),
      ),
      { level: "nominal" },
    );
    const counts = countPatterns(tally);

    it("gives the kappa 0.492", () => {
      const found = cohenKappa(tally.patterns, [0, 1], 3, nominalDistance(3))(counts)!;
      expect(found).to.be.closeTo(0.492, 0.0005);
      // Agreement 0.70, by chance 0.60 × 0.50 + 0.30 × 0.30 + 0.10 × 0.20 = 0.41.
      expect(found).to.be.closeTo((0.7 - 0.41) / (1 - 0.41), 1e-12);
    });

    it("gives the weighted kappa 0.348 with his weights of disagreement", () => {
      const weights = tableDistance([
        [0, 1, 3],
        [1, 0, 6],
        [3, 6, 0],
      ]);
      const found = cohenKappa(tally.patterns, [0, 1], 3, weights)(counts)!;
      expect(found).to.be.closeTo(0.348, 0.0005);
      const observed = 1 * (0.07 + 0.05) + 3 * (0.09 + 0.01) + 6 * (0.05 + 0.03);
      const expected = 1 * (0.6 * 0.3 + 0.3 * 0.5) + 3 * (0.6 * 0.2 + 0.1 * 0.5) + 6 * (0.3 * 0.2 + 0.1 * 0.3);
      expect(found).to.be.closeTo(1 - observed / expected, 1e-12);
    });
  });

  describe("Fleiss, Cohen & Everitt (1969), Large Sample Standard Errors of Kappa and Weighted Kappa", () => {
    const SHARES = [
      [0.53, 0.05, 0.02],
      [0.11, 0.14, 0.05],
      [0.01, 0.06, 0.03],
    ];
    const ratings = fromTable(
      SHARES.map((row) => row.map((share) => Math.round(200 * share))),
      ["1", "2", "3"],
    );
    const tally = tallyRatings(ratings, { level: "nominal" });
    const counts = countPatterns(tally);

    it("gives the kappa 0.429 with the variance 0.002885", () => {
      expect(cohenKappa(tally.patterns, [0, 1], 3, nominalDistance(3))(counts)).to.be.closeTo(0.429, 0.0005);
      const error = kappaStandardError(tally.patterns, [0, 1], 3, nominalDistance(3))(counts)!;
      expect(error ** 2).to.be.closeTo(0.002885, 0.0000005);
      const figures = agreement(ratings, { level: "nominal", ...QUICK });
      expect(analyticOf(figures, "kappa").low).to.be.closeTo(0.225 / 0.525 - 1.959964 * error, 1e-6);
      expect(analyticOf(figures, "kappa").method).to.equal("fleiss-cohen-everitt");
    });

    it("gives the weighted kappa 0.507 with the variance 0.003248", () => {
      const weights = tableDistance([
        [0, 1, 5 / 9],
        [1, 0, 1 / 3],
        [5 / 9, 1 / 3, 0],
      ]);
      const error = kappaStandardError(tally.patterns, [0, 1], 3, weights)(counts)!;
      expect(cohenKappa(tally.patterns, [0, 1], 3, weights)(counts)).to.be.closeTo(0.507, 0.0005);
      expect(error ** 2).to.be.closeTo(0.003248, 0.0000005);
    });
  });
  describe("the paradox of kappa", () => {
    it("gives the kappas 0.70 and 0.32 for the same agreement of 85 % (Feinstein & Cicchetti, 1990, High Agreement but Low Kappa: I)", () => {
      const even = agreement(
        fromTable(
          [
            [40, 9],
            [6, 45],
          ],
          ["yes", "no"],
        ),
        { level: "nominal", ...QUICK },
      );
      const skewed = agreement(
        fromTable(
          [
            [80, 10],
            [5, 5],
          ],
          ["yes", "no"],
        ),
        { level: "nominal", ...QUICK },
      );
      expect([figureOf(even, "percent"), figureOf(skewed, "percent")]).to.deep.equal([0.85, 0.85]);
      expect(figureOf(even, "kappa")).to.be.closeTo(0.7, 0.005);
      expect(figureOf(skewed, "kappa")).to.be.closeTo(0.32, 0.005);
    });

    it("gives the AC1 0.9408 where kappa is −0.0234 (Gwet, 2002, Kappa Statistic is not Satisfactory for Assessing the Extent of Agreement)", () => {
      const figures = agreement(
        fromTable(
          [
            [118, 5],
            [2, 0],
          ],
          ["+", "-"],
        ),
        { level: "nominal", ...QUICK },
      );
      expect(figureOf(figures, "kappa")).to.be.closeTo(-0.0234, 0.00005);
      expect(figureOf(figures, "ac1")).to.be.closeTo(0.9408, 0.00005);
      const prevalence = (123 + 120) / 250;
      const chance = 2 * prevalence * (1 - prevalence);
      expect(figureOf(figures, "ac1")).to.be.closeTo((118 / 125 - chance) / (1 - chance), 1e-12);
    });
  });

  it("gives Wilson’s interval beside the percent agreement of two coders", () => {
    // 81 of 263: 0.2553 to 0.3662 (Newcombe, 1998, Two-Sided Confidence Intervals for the Single Proportion, table I, method 3).
    const figures = agreement(
      fromTable(
        [
          [81, 182],
          [0, 0],
        ],
        ["yes", "no"],
      ),
      { level: "nominal", ...QUICK },
    );
    const { low, high } = analyticOf(figures, "percent");
    expect(low).to.be.closeTo(0.2553, 0.00005);
    expect(high).to.be.closeTo(0.3662, 0.00005);
  });
});
