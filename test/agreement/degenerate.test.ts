import { expect } from "chai";
import { type AgreementOptions, agreement, agreementByPair, type Caution, type Why } from "../../server/agreement/agreement.ts";
import { caution, explain } from "../../server/agreement/explanations.ts";
import { type Rating, RatingsError } from "../../server/agreement/ratings.ts";
import { fromLines, fromTable } from "./build.ts";

const NOMINAL: AgreementOptions = { level: "nominal", resamples: 100 };

const whys = (ratings: Rating[], options: AgreementOptions = NOMINAL) =>
  Object.fromEntries(
    Object.entries(agreement(ratings, options).coefficients).map(([name, estimate]) => [
      name,
      estimate.kind === "undefined" ? estimate.why : estimate.value,
    ]),
  );
const all = (why: Why) => ({ percent: why, kappa: why, alphaNominal: why, ac1: why });

describe("a table that cannot give a coefficient", () => {
  it("says that it is empty, of one coder, without a common unit, of one unit", () => {
    expect(whys([])).to.deep.equal(all("empty"));
    expect(whys(fromLines({ a: "1 2 1" }))).to.deep.equal(all("single-coder"));
    expect(whys(fromLines({ a: "1 2 . .", b: ". . 1 2" }))).to.deep.equal(all("no-common-unit"));
    expect(whys(fromLines({ a: "1 2 .", b: ". 2 1" }))).to.deep.equal(all("one-unit"));
  });

  it("says that one value was given everywhere; AC1 has a value when the scale is known to have others", () => {
    const alike = fromLines({ a: "no no no", b: "no no no" });
    expect(whys(alike)).to.deep.equal({ percent: 1, kappa: "one-value", alphaNominal: "one-value", ac1: "one-value" });
    expect(whys(alike, { ...NOMINAL, scale: ["yes", "no"] })).to.deep.equal({
      percent: 1,
      kappa: "one-value",
      alphaNominal: "one-value",
      ac1: 1,
    });
  });

  it("says that no pair varies where kappa has nothing to stand on and alpha has", () => {
    expect(whys(fromLines({ a: "x x . .", b: "x x . .", c: ". . y y", d: ". . y y" }))).to.deep.include({
      kappa: "no-pair-varies",
      alphaNominal: 1,
    });
  });

  it("gives kappa 0, not a reason, where one coder never varies and the other does", () => {
    expect(whys(fromLines({ a: "x x x x", b: "x x x y" }))).to.deep.include({ percent: 0.75, kappa: 0 });
  });

  it("explains every reason and every caution in both languages", () => {
    const reasons: Why[] = ["empty", "single-coder", "no-common-unit", "one-unit", "one-value", "no-pair-varies", "not-on-scale"];
    const cautions: Caution[] = ["perfect", "few-units", "undefined-resamples", "mean-of-pairs"];
    const french = [...reasons.map((why) => explain(why, "fr")), ...cautions.map((code) => caution(code, "fr"))];
    const english = [...reasons.map((why) => explain(why, "en")), ...cautions.map((code) => caution(code, "en"))];
    expect(new Set([...french, ...english]).size).to.equal(2 * (reasons.length + cautions.length));
    for (const sentence of [...french, ...english]) expect(sentence).to.match(/^\p{Lu}.*\.$/u);
    for (const sentence of french) expect(sentence).not.to.match(/[ ][:;!?»]|«[ ]|'/);
  });

  it("widens the interval to all it could be where too many draws do not vary", () => {
    const rare = agreement(
      fromTable(
        [
          [0, 1],
          [0, 39],
        ],
        ["yes", "no"],
      ),
      { level: "nominal" },
    ).coefficients.kappa;
    if (rare?.kind !== "value") throw new Error("Kappa has a value");
    expect(rare).to.include({ value: 0, low: -1, high: 1 });
    // The one case that differs is missed by (39/40)^40 = 36 % of the draws.
    expect(rare.undefinedResamples / 1999).to.be.closeTo(0.36, 0.04);
    expect(rare.cautions).to.include("undefined-resamples");
  });
});

describe("not documented", () => {
  const ratings = fromLines({ a: "1 2 nd 1 2 nd", b: "1 2 nd 2 2 1" });

  it("is a value like another, or as if not coded", () => {
    const value = agreement(ratings, { ...NOMINAL, notDocumented: { value: "nd", as: "value" } });
    const left = agreement(ratings, { ...NOMINAL, notDocumented: { value: "nd", as: "left-out" } });
    expect(value.n).to.include({ units: 6, pairableUnits: 6 });
    expect(value.prevalence.map((one) => [one.value, one.ratings])).to.deep.equal([
      ["1", 4],
      ["2", 5],
      ["nd", 3],
    ]);
    expect(left.n).to.include({ units: 5, pairableUnits: 4 });
    expect(left.prevalence.map((one) => one.value)).to.deep.equal(["1", "2"]);
    expect([value.coefficients.percent, left.coefficients.percent].map((one) => one?.kind === "value" && one.value)).to.deep.equal([
      4 / 6,
      3 / 4,
    ]);
  });

  it("has no place on a scale: counted, it leaves only what tells values apart; left out, all is there", () => {
    const counted = whys(ratings, { ...NOMINAL, level: "ordinal", notDocumented: { value: "nd", as: "value" } });
    for (const name of ["kappaLinear", "kappaQuadratic", "alphaOrdinal", "ac2Linear", "ac2Quadratic"])
      expect(counted[name]).to.equal("not-on-scale");
    for (const name of ["percent", "kappa", "alphaNominal", "ac1"]) expect(counted[name]).to.be.a("number");
    const left = whys(ratings, { ...NOMINAL, level: "ordinal", notDocumented: { value: "nd", as: "left-out" } });
    for (const value of Object.values(left)) expect(value).to.be.a("number");
  });
});

describe("ratings", () => {
  const fault = (list: Rating[], options: AgreementOptions): string | null => {
    try {
      agreement(list, options);
      return null;
    } catch (error) {
      if (!(error instanceof RatingsError)) throw error;
      return `${error.fault} ${error.of} ${error.at}`;
    }
  };

  it("are refused when they cannot be counted, by their place and without quoting them", () => {
    const list = fromLines({ a: "1 2", b: "1 high" });
    expect(fault([...list, list[0]!], NOMINAL)).to.equal("duplicate ratings 4");
    expect(fault(list, { ...NOMINAL, level: "interval" })).to.equal("not-a-number ratings 3");
    expect(fault(list, { ...NOMINAL, level: "ordinal" })).to.equal("no-order ratings 3");
    expect(fault(list, { ...NOMINAL, scale: ["1", "2"] })).to.equal("not-on-scale ratings 3");
    expect(fault(list, { ...NOMINAL, level: "ordinal", scale: ["1", "2", "high", "2"] })).to.equal("repeated-in-scale scale 3");
    expect(fault(list, { ...NOMINAL, level: "interval", scale: ["1", "high"] })).to.equal("not-a-number scale 1");
    expect(fault(list, { ...NOMINAL, level: "ordinal", scale: ["1", "2", "high"] })).to.equal(null);
  });

  it("take their order from the scale: the order of words is that of the codebook, not of the alphabet", () => {
    const words = fromLines({ a: "low low high none high", b: "low none high none low" });
    const numbers = words.map((rating) => ({ ...rating, value: String(["none", "low", "high"].indexOf(rating.value)) }));
    expect(whys(words, { ...NOMINAL, level: "ordinal", scale: ["none", "low", "high"] })).to.deep.equal(
      whys(numbers, { ...NOMINAL, level: "ordinal" }),
    );
  });

  it("count a number once however it is written, at the interval level", () => {
    expect(whys(fromLines({ a: "1,5 2 3", b: "1.50 2.0 4" }), { ...NOMINAL, level: "interval" })).to.deep.include({ percent: 2 / 3 });
  });

  it("are measured pair by pair too", () => {
    const pairs = agreementByPair(fromLines({ c: "x y .", a: "x y y", b: ". . y" }), NOMINAL);
    expect(pairs.map((pair) => pair.coders.join("-"))).to.deep.equal(["a-b", "a-c", "b-c"]);
    expect(pairs.map((pair) => pair.agreement.n.pairableUnits)).to.deep.equal([1, 2, 0]);
  });
});
