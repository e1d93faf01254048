import { expect } from "chai";
import { suspectsIn } from "../../server/reports/public-statement.ts";

const inText = (text: string, passages: readonly string[] = [], places: readonly string[] = []) =>
  suspectsIn(text, { passages, places }).map((one) => `${one.check}: ${one.text}`);

describe("what a public text may let slip", () => {
  it("is a date, however it is written, and a length of time that leads to one", () => {
    expect(inText("Le 12 mars 2024")).to.deep.equal(["date: 12 mars 2024"]);
    expect(inText("le 1er août, le 03/04/2023, en 2019")).to.deep.equal(["date: 1er août", "date: 03/04/2023", "date: 2019"]);
    expect(inText("un mardi, à 22h30, dix-huit jours plus tard")).to.deep.equal(["date: mardi", "date: 22h30", "date: dix-huit jours"]);
  });

  it("is an age, in figures or in words", () => {
    expect(inText("une femme de 34 ans")).to.deep.equal(["age: 34 ans"]);
    expect(inText("âgée de trente-deux ans")).to.deep.equal(["age: âgée de trente-deux ans"]);
    expect(inText("un septuagénaire")).to.deep.equal(["age: septuagénaire"]);
  });

  it("is any other number", () => {
    expect(inText("Elle avait appelé 17 fois.")).to.deep.equal(["date: 17"]);
  });

  it("is a place below the region: a département, a court town, or one that is told to it; never a region, nor a word of every day", () => {
    expect(inText("Dans le Loir-et-Cher, à Blois")).to.deep.equal(["place: Loir-et-Cher", "place: Blois"]);
    expect(inText("Dans le Lot, un lot de mesures")).to.deep.equal(["place: Lot"]);
    expect(inText("En Bretagne, en Occitanie, à La Réunion")).to.deep.equal([]);
    expect(inText("À Vendôme, rue des Prés", [], ["Vendôme", "rue des Prés"])).to.deep.equal(["place: Vendôme", "place: rue des Prés"]);
  });

  it("is six words in a row that the file says too, whatever their accents, case and apostrophes", () => {
    const passages = ["La brigade n’a pas transmis la plainte au parquet avant le 20 février"];
    expect(inText("On sait que LA BRIGADE N'A PAS TRANSMIS LA PLAINTE, faute de moyens", passages)).to.deep.equal([
      "quote: LA BRIGADE N'A PAS TRANSMIS LA PLAINTE",
    ]);
    expect(inText("La brigade n’a pas informé le parquet", passages)).to.deep.equal([]);
  });

  it("stands where it is said, and nothing is suspected twice", () => {
    const text = "🙂 Le 12 mars 2024, 34 ans";
    for (const one of suspectsIn(text, { passages: [text], places: [] })) expect(text.slice(one.start, one.end)).to.equal(one.text);
    expect(inText(text, [text])).to.have.length(1);
  });

  it("leaves restrained words alone", () => {
    expect(inText("Une plainte n’a pas été transmise sans délai au parquet.")).to.deep.equal([]);
    expect(inText("Une association a proposé un hébergement dans la journée.")).to.deep.equal([]);
    expect(inText("")).to.deep.equal([]);
  });
});
