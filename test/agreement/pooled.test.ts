import { expect } from "chai";
import fc from "fast-check";
import { agreement } from "../../server/agreement/agreement.ts";
import { type PooledUnit, pooledAgreement } from "../../server/agreement/pooled.ts";
import { setAlpha, setDistance } from "../../server/agreement/sets.ts";

/** Units of one stratum from their table of counts, each of a cluster of its own. */
const fromTable = (stratum: string, table: readonly (readonly number[])[], names: readonly string[]): PooledUnit[] =>
  table.flatMap((row, one) =>
    row.flatMap((count, other) =>
      Array.from({ length: count }, (_, at) => ({
        stratum,
        cluster: `${stratum} ${one} ${other} ${at}`,
        first: names[one]!,
        second: names[other]!,
      })),
    ),
  );
const QUICK = { resamples: 199, scales: new Map<string, number>() };
const value = (estimate: ReturnType<typeof pooledAgreement>["coefficients"]["kappa"]) => {
  if (estimate.kind !== "value") throw new Error(`no value: ${estimate.why}`);
  return estimate.value;
};

describe("agreement over several factors", () => {
  it("is that of the factor when there is only one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("a", "b", "c")), { minLength: 2, maxLength: 40 }),
        (pairs) => {
          const alone = agreement(
            pairs.flatMap(([first, second], unit) => [
              { unit: String(unit), coder: "1", value: first },
              { unit: String(unit), coder: "2", value: second },
            ]),
            { level: "nominal", resamples: 100, scale: ["a", "b", "c"] },
          );
          const pooled = pooledAgreement(
            pairs.map(([first, second], at) => ({ stratum: "s", cluster: String(at), first, second })),
            { resamples: 100, scales: new Map([["s", 3]]) },
          );
          for (const name of ["percent", "kappa", "alphaNominal", "ac1"] as const) {
            const [one, other] = [alone.coefficients[name]!, pooled.coefficients[name]];
            expect(other.kind, name).to.equal(one.kind);
            if (one.kind === "value" && other.kind === "value") expect(other.value, name).to.be.closeTo(one.value, 1e-9);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("reckons chance within each factor: κ = 1 − Σ N(1 − Po) / Σ N(1 − Pe)", () => {
    // Both tables of Feinstein & Cicchetti (1990, "High Agreement but Low Kappa: I"), 100 units each.
    const tables = [
      [
        [40, 9],
        [6, 45],
      ],
      [
        [80, 10],
        [5, 5],
      ],
    ];
    const units = tables.flatMap((table, at) => fromTable(`s${at}`, table, ["yes", "no"]));
    const { n, coefficients } = pooledAgreement(units, QUICK);
    const byChance = [0.49 * 0.46 + 0.51 * 0.54, 0.9 * 0.85 + 0.1 * 0.15];
    expect(n).to.deep.equal({ units: 200, strata: 2, clusters: 200 });
    expect(value(coefficients.percent)).to.be.closeTo(0.85, 1e-12);
    expect(value(coefficients.kappa)).to.be.closeTo(1 - 0.3 / (2 - byChance[0]! - byChance[1]!), 1e-12);
    const shares = [(49 + 46) / 200, (90 + 85) / 200];
    const gwet = shares.map((share) => 2 * share * (1 - share));
    expect(value(coefficients.ac1)).to.be.closeTo(1 - 0.3 / (2 - gwet[0]! - gwet[1]!), 1e-12);
  });

  it("is not raised by factors that differ in how frequent they are", () => {
    // Two factors coded at random around 90 % and 10 %: chance alone, although the two values go together over both.
    const units = [
      ...fromTable("often", [[81, 9], [9, 1]], ["yes", "no"]), // biome-ignore format: a table
      ...fromTable("seldom", [[1, 9], [9, 81]], ["yes", "no"]), // biome-ignore format: a table
    ];
    expect(value(pooledAgreement(units, QUICK).coefficients.kappa)).to.be.closeTo(0, 1e-12);
    const together = pooledAgreement(units.map((unit) => ({ ...unit, stratum: "one" })), QUICK); // biome-ignore format: one call
    expect(value(together.coefficients.kappa)).to.be.greaterThan(0.6);
  });

  it("leaves factors of a single unit out of what chance explains", () => {
    const units = [...fromTable("s", [[8, 2], [3, 7]], ["yes", "no"]), { stratum: "lone", cluster: "x", first: "yes", second: "no" }]; // biome-ignore format: a table
    const { coefficients } = pooledAgreement(units, QUICK);
    expect(value(coefficients.percent)).to.be.closeTo(15 / 21, 1e-12);
    expect(value(coefficients.kappa)).to.be.closeTo((0.75 - 0.5) / 0.5, 1e-12);
  });

  it("says why it has no value: nothing, one case, no variation", () => {
    const why = (units: PooledUnit[]) =>
      Object.values(pooledAgreement(units, QUICK).coefficients).map((one) => (one.kind === "undefined" ? one.why : one.value));
    expect(why([])).to.deep.equal(["empty", "empty", "empty", "empty"]);
    expect(why([{ stratum: "s", cluster: "c", first: "a", second: "b" }])).to.deep.equal(["one-unit", "one-unit", "one-unit", "one-unit"]);
    const alike = ["c", "d", "e"].map((cluster) => ({ stratum: "s", cluster, first: "a", second: "a" }));
    expect(why(alike)).to.deep.equal([1, "one-value", "one-value", "one-value"]);
  });

  it("draws whole cases, so that units of one case do not make the interval narrower", () => {
    const pattern = ["aa", "bb", "ab", "ba", "aa", "bb"];
    const once = pattern.map((pair, at) => ({ stratum: "s", cluster: String(at), first: pair[0]!, second: pair[1]! }));
    const tenfold = Array.from({ length: 10 }, () => once).flat();
    const [one, other] = [pooledAgreement(once, QUICK), pooledAgreement(tenfold, QUICK)].map(({ coefficients }) => coefficients.percent);
    expect(one).to.deep.include({ kind: "value" });
    if (one!.kind !== "value" || other!.kind !== "value") throw new Error("no value");
    expect([other!.low, other!.high]).to.deep.equal([one!.low, one!.high]);
  });

  it("is the same whatever the order of the pairs", () => {
    const units = fromTable("s", [[5, 1, 2], [0, 4, 1], [2, 0, 6]], ["a", "b", "c"]); // biome-ignore format: a table
    expect(pooledAgreement([...units].reverse(), QUICK)).to.deep.equal(pooledAgreement(units, QUICK));
  });
});

describe("agreement on sets of options", () => {
  const set = (text: string) => new Set(text.split(","));
  it("puts sets apart as MASI does (Passonneau, 2006)", () => {
    expect(setDistance(set("a,b"), set("b,a"))).to.equal(0);
    expect(setDistance(set("a"), set("b"))).to.equal(1);
    expect(setDistance(set("a"), set("a,b"))).to.be.closeTo(1 - (1 / 2) * (2 / 3), 1e-12);
    expect(setDistance(set("a,b"), set("b,c"))).to.be.closeTo(1 - (1 / 3) * (1 / 3), 1e-12);
  });

  it("gives an alpha that counts what two choices share", () => {
    const pairs: [string, string][] = [["a,b", "a,b"], ["a", "a,b"], ["c", "c"], ["c", "c"]]; // biome-ignore format: pairs
    const ratings = pairs.flatMap(([one, other], unit) => [
      { unit: String(unit), coder: "1", value: one },
      { unit: String(unit), coder: "2", value: other },
    ]);
    const figures = agreement(ratings, { level: "nominal", resamples: 100 });
    const found = setAlpha(ratings, { level: "nominal" }, figures);
    // Eight codings: {a,b} three times, {a} once, {c} four times; the only pair apart is {a} and {a,b}, at 2/3.
    const observed = (2 * (2 / 3)) / 8;
    const expected = (2 * (3 * 1 * (2 / 3) + 3 * 4 + 1 * 4)) / (8 * 7);
    if (found.kind !== "value") throw new Error("no value");
    expect(found.value).to.be.closeTo(1 - observed / expected, 1e-12);
    const strict = figures.coefficients.alphaNominal!;
    expect(strict.kind === "value" && strict.value < found.value).to.equal(true);
  });
});
