import { expect } from "chai";
import fc from "fast-check";
import { locateQuote, sliceByCodePoints } from "../../server/documents/quotes.ts";
import { readText } from "../../server/documents/read-text.ts";

const found = (text: string, quote: string) => {
  const place = locateQuote({ text, pages: [] }, quote);
  return place && sliceByCodePoints(text, place.start, place.end);
};

describe("finding a quote", () => {
  it("takes all spaces, no-break spaces and line ends as one space", () => {
    expect(found("elle dit\u00A0: «\u202Fj’ai\npeur\u202F».", "dit : « j’ai peur »")).to.equal("dit\u00A0: «\u202Fj’ai\npeur\u202F»");
    expect(found("fin.\n\nDébut", "fin. Début")).to.equal("fin.\n\nDébut");
  });

  it("rejoins words cut at a line end, with or without a hyphen of their own", () => {
    expect(found("une ordon-\nnance de protection", "une ordonnance de")).to.equal("une ordon-\nnance de");
    expect(found("la vice-\nprocureure", "vice-procureure")).to.equal("vice-\nprocureure");
    expect(found("la vice-procureure", "vice-\nprocureure")).to.equal("vice-procureure");
    expect(found("circulaire 2020-\n19 du", "2020-19 du")).to.equal("2020-\n19 du");
  });

  it("passes over note calls and what shows nothing", () => {
    expect(found("du collègue.¹ Monsieur E.", "collègue. Monsieur")).to.equal("collègue.¹ Monsieur");
    expect(found("sur\u00ADveillance", "surveillance")).to.equal("sur\u00ADveillance");
  });

  it("prefers what is written, and falls back on typed marks", () => {
    expect(found("l'aîné et l’aîné", "l’aîné")).to.equal("l’aîné");
    expect(found("c’est « non »…", "c'est « non »...")).to.equal("c’est « non »…");
    expect(found("c’est dit", "C’est dit")).to.equal(null);
  });

  it("finds nothing for an empty quote or one that is not there", () => {
    expect(found("texte", " \n")).to.equal(null);
    expect(found("texte", "autre")).to.equal(null);
  });

  it("of several places takes the one on the page asked for, else the nearest", () => {
    const text = "Faits. Faits. Faits.";
    const pages = [1, 2, 3].map((number) => ({
      number,
      start: (number - 1) * 7,
      end: number * 7 - (number === 3 ? 1 : 0),
      width: 1,
      height: 1,
    }));
    const at = (page?: number) => locateQuote({ text, pages }, "Faits.", page)?.start;
    expect([at(), at(1), at(2), at(3), at(9)]).to.deep.equal([0, 0, 7, 14, 14]);
  });

  it("counts astral characters as one, and points at whole ones", () => {
    expect(locateQuote({ text: "👩 dit 𝒜 oui", pages: [] }, "𝒜 oui")).to.deep.equal({ start: 6, end: 11 });
  });

  it("slices by code points as an array of characters does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(70), fc.nat(70), (text, a, b) => {
        expect(sliceByCodePoints(text, a, b)).to.equal(Array.from(text).slice(a, Math.max(a, b)).join(""));
      }),
    );
  });

  it("finds again any passage that was selected in a frozen text", () => {
    const words = fc.array(
      fc.constantFrom(
        "peur",
        "l’aîné",
        "«\u00A0non\u00A0»",
        "👩‍👧",
        "𝒜",
        "ordon-\nnance",
        "e\u0301",
        "vice-procureure",
        "\n\n",
        "12\u202F%",
      ),
      {
        minLength: 3,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), (list, a, b) => {
        const document = readText(list.join(" "));
        const points = Array.from(document.text);
        const start = a % points.length;
        const end = start + 1 + (b % (points.length - start));
        const quote = points.slice(start, end).join("");
        fc.pre(/[\p{L}\d]/u.test(quote));
        const place = locateQuote(document, quote);
        expect(place, quote).to.not.equal(null);
        const same = (text: string) => text.replace(/[-\s\u200D]+/gu, "");
        expect(same(sliceByCodePoints(document.text, place!.start, place!.end))).to.equal(same(quote));
      }),
    );
  });
});
