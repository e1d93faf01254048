import { expect } from "chai";
import fc from "fast-check";
import { type Agreement, agreement, COEFFICIENTS_OF } from "../../server/agreement/agreement.ts";
import { linearDistance, nominalDistance, quadraticDistance, tableDistance } from "../../server/agreement/distance.ts";
import { randomWords, studentQuantile } from "../../server/agreement/intervals.ts";
import { LEVELS, type Level, type Rating } from "../../server/agreement/ratings.ts";

const VALUES = ["1", "2", "3", "7"];
const level = fc.constantFrom<Level>(...LEVELS);
/** Up to four coders, values missing here and there, two units at least. */
const ratings = fc
  .array(fc.array(fc.option(fc.constantFrom(...VALUES), { freq: 5 }), { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 25 })
  .map((rows) =>
    rows.flatMap((row, unit) =>
      row.flatMap((value, coder): Rating[] => (value === null ? [] : [{ unit: `unit ${unit}`, coder: `coder ${coder}`, value }])),
    ),
  );
const QUICK = { resamples: 100 };
const fewRuns = { numRuns: 60 };

const values = ({ coefficients }: Agreement): (number | string)[] =>
  Object.values(coefficients).map((estimate) => (estimate.kind === "value" ? Number(estimate.value.toFixed(9)) : estimate.why));

describe("agreement, always", () => {
  it("is the same whatever the order of the ratings and the names of the units, to the last byte", () => {
    const shuffled = ratings.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, level, ([list, other], at) => {
        const renamed = other.map((rating) => ({ ...rating, unit: `another name of ${rating.unit}` }));
        expect(JSON.stringify(agreement(renamed, { level: at, ...QUICK }))).to.equal(
          JSON.stringify(agreement(list, { level: at, ...QUICK })),
        );
      }),
      fewRuns,
    );
  });

  it("does not depend on the names of the coders, nor on those of nominal values", () => {
    const names = new Map([...VALUES].map((value, at) => [value, "dcba"[at]!]));
    fc.assert(
      fc.property(ratings, (list) => {
        const renamed = list.map(({ unit, coder, value }) => ({ unit, coder: `${9 - Number(coder.at(-1))}`, value: names.get(value)! }));
        expect(values(agreement(renamed, { level: "nominal", ...QUICK }))).to.deep.equal(
          values(agreement(list, { level: "nominal", ...QUICK })),
        );
      }),
      fewRuns,
    );
  });

  it("does not depend on the direction of a scale, nor on the unit of an interval", () => {
    fc.assert(
      fc.property(ratings, (list) => {
        const scaled = list.map((rating) => ({ ...rating, value: String(2000 - 10 * Number(rating.value)) }));
        for (const at of ["ordinal", "interval"] as const)
          expect(values(agreement(scaled, { level: at, ...QUICK }))).to.deep.equal(values(agreement(list, { level: at, ...QUICK })));
      }),
      fewRuns,
    );
  });

  it("gives numbers within bounds, the interval in order, or a reason: never NaN", () => {
    fc.assert(
      fc.property(ratings, level, (list, at) => {
        const { coefficients } = agreement(list, { level: at, ...QUICK });
        expect(Object.keys(coefficients)).to.deep.equal(COEFFICIENTS_OF[at]);
        for (const [name, estimate] of Object.entries(coefficients)) {
          if (estimate.kind === "undefined") continue;
          expect(estimate.value, name).to.be.within(name.startsWith("ac2") ? -3 : name === "percent" ? 0 : -1, 1);
          expect(estimate.low, name).to.be.at.most(estimate.high);
          if (estimate.analytic) expect(estimate.analytic.low, name).to.be.at.most(estimate.analytic.high);
        }
      }),
      fewRuns,
    );
  });

  it("is 1 throughout when all agree and values vary", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...VALUES), { minLength: 2, maxLength: 30 }), level, (list, at) => {
        fc.pre(new Set(list).size > 1);
        const perfect = list.flatMap((value, unit) => ["a", "b", "c"].map((coder) => ({ unit: String(unit), coder, value })));
        for (const estimate of Object.values(agreement(perfect, { level: at, ...QUICK }).coefficients))
          expect(estimate).to.deep.include({ kind: "value", value: 1 }).and.to.have.deep.property("cautions").that.includes("perfect");
      }),
      fewRuns,
    );
  });

  it("makes alpha of two coders with equal margins kappa + (1 − kappa) / 2n: the same in large samples", () => {
    const pairs = fc.array(fc.tuple(fc.constantFrom(...VALUES), fc.constantFrom(...VALUES)), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(pairs, (list) => {
        fc.pre(new Set(list.flat()).size > 1);
        const units = [...list, ...list.map(([one, other]) => [other, one] as const)];
        const both = units.flatMap(([one, other], unit) => [
          { unit: String(unit), coder: "a", value: one },
          { unit: String(unit), coder: "b", value: other },
        ]);
        for (const [at, alpha, kappa] of [
          ["nominal", "alphaNominal", "kappa"],
          ["interval", "alphaInterval", "kappaQuadratic"],
        ] as const) {
          const { coefficients } = agreement(both, { level: at, ...QUICK });
          const [one, other] = [coefficients[alpha]!, coefficients[kappa]!];
          if (one.kind !== "value" || other.kind !== "value") throw new Error("Both have a value");
          expect(one.value).to.be.closeTo(other.value + (1 - other.value) / (2 * units.length), 1e-9);
        }
      }),
      fewRuns,
    );
  });

  it("sums distances over crossed frequencies as pair by pair", () => {
    const positions = [-3, 0.5, 2, 9];
    const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }).map((list) => Float64Array.from(list));
    const table = [0, 1, 2, 3].map((one) => [0, 1, 2, 3].map((other) => (one === other ? 0 : 1 + one * other)));
    fc.assert(
      fc.property(weights, weights, (left, right) => {
        for (const distance of [nominalDistance(4), linearDistance(positions), quadraticDistance(positions), tableDistance(table)]) {
          let total = 0;
          for (let one = 0; one < 4; one++)
            for (let other = 0; other < 4; other++) total += left[one]! * right[other]! * distance.between(one, other);
          expect(distance.crossed(left, right)).to.be.closeTo(total, 1e-6);
        }
      }),
    );
  });
});

describe("the interval", () => {
  const made = (next: () => number, units: number): Rating[] =>
    Array.from({ length: units }, (_, unit) => {
      const truth = next() % 2;
      // Each coder sees it in nine cases of ten.
      return ["a", "b"].map((coder) => ({ unit: String(unit), coder, value: String(next() / 2 ** 32 < 0.9 ? truth : 1 - truth) }));
    }).flat();

  it("is the same for the same seed, another for another", () => {
    const list = made(randomWords(3), 40);
    const drawn = (seed: number) => JSON.stringify(agreement(list, { level: "nominal", seed }).coefficients);
    expect(drawn(5)).to.equal(drawn(5));
    expect(drawn(6)).not.to.equal(drawn(5));
  });

  it("holds the true kappa and AC1, 0.64, in about 95 samples of a hundred", () => {
    const next = randomWords(11);
    const held = { kappa: 0, kappaAnalytic: 0, ac1: 0, ac1Analytic: 0 };
    const samples = 300;
    for (let sample = 0; sample < samples; sample++) {
      const { coefficients } = agreement(made(next, 80), { level: "nominal", resamples: 199, seed: sample });
      for (const name of ["kappa", "ac1"] as const) {
        const estimate = coefficients[name]!;
        if (estimate.kind !== "value") throw new Error("A sample of 80 has a value");
        const holds = ({ low, high }: { low: number; high: number }): number => (low <= 0.64 && 0.64 <= high ? 1 : 0);
        held[name] += holds(estimate);
        held[`${name}Analytic`] += holds(estimate.analytic!);
      }
    }
    for (const [name, count] of Object.entries(held)) expect(count / samples, name).to.be.within(0.91, 0.985);
  });

  it("refuses a seed or a number of draws that makes no sense", () => {
    for (const wrong of [{ seed: 0.5 }, { resamples: 99 }, { resamples: 1e6 }, { resamples: Number.NaN }])
      expect(() => agreement([], { level: "nominal", ...wrong })).to.throw(RangeError);
  });

  it("uses Student’s quantiles as tabled", () => {
    for (const [freedom, quantile] of [
      [1, 12.706],
      [2, 4.303],
      [11, 2.201],
      [30, 2.042],
      [120, 1.98],
    ] as const)
      expect(studentQuantile(freedom), String(freedom)).to.be.closeTo(quantile, 0.0005);
  });
});
