import { expect } from "chai";
import { LikenessIndex, stemOf, wordsThatCount } from "../../server/recommendations/likeness.ts";

const TEXTS: Record<string, string> = {
  training: "Former les policiers et les gendarmes à l’évaluation du danger dans les violences au sein du couple.",
  trainingReworded: "Assurer la formation des policiers et gendarmes pour qu’ils évaluent le danger en cas de violences dans le couple.",
  prosecutor: "Transmettre au parquet, le jour même, toute main courante relative à des violences au sein du couple.",
  prosecutorReworded: "Les mains courantes relatives aux violences au sein du couple doivent être transmises au parquet le jour même.",
  weapons: "Saisir les armes à feu détenues au domicile dès la première plainte.",
  housing: "Ouvrir des places d’hébergement d’urgence pour les femmes accompagnées d’enfants.",
  health: "Doter les services d’urgence d’un questionnaire de repérage systématique.",
  children: "Évaluer la situation des enfants après chaque intervention au domicile.",
  data: "Regrouper dans une fiche unique les interventions répétées à une même adresse.",
};
const indexed = (...left: string[]) => {
  const index = new LikenessIndex();
  for (const [id, text] of Object.entries(TEXTS)) if (!left.includes(id)) index.add(id, text);
  return index;
};

describe("texts that are nearly the same", () => {
  it("count the forms of a French word as one, whatever its accents", () => {
    expect(
      new Set(["formation", "formations", "former", "formés"].map((word) => stemOf(word.normalize("NFD").replace(/\p{M}/gu, "")))),
    ).to.have.length(1);
    expect(stemOf("evaluation")).to.equal(stemOf("evaluer"));
    expect(stemOf("cas")).to.equal("cas");
  });

  it("leave out the words that say nothing, and keep each as it was written first", () => {
    expect([...wordsThatCount("Évaluer l’évaluation du danger, et le danger d’une évaluation").values()]).to.deep.equal([
      "évaluer",
      "danger",
    ]);
    expect(wordsThatCount("le la les de du des un une et ou").size).to.equal(0);
  });

  it("are found when the same recommendation is worded otherwise, with the words they share", () => {
    for (const [one, other] of [
      ["training", "trainingReworded"],
      ["prosecutor", "prosecutorReworded"],
    ] as const) {
      const [first, ...rest] = indexed(one).like(TEXTS[one]!);
      expect(first?.id, one).to.equal(other);
      expect(first!.score, one).to.be.greaterThan(0.6);
      expect(rest, one).to.deep.equal([]);
    }
    expect(indexed("training").like(TEXTS.training!)[0]!.words).to.include.members(["danger", "policiers", "gendarmes", "évaluation"]);
  });

  it("are not found among recommendations about something else that share a common word", () => {
    for (const id of ["weapons", "housing", "health", "children", "data"]) expect(indexed(id).like(TEXTS[id]!), id).to.deep.equal([]);
  });

  it("are wholly alike when the words are the same in another order", () => {
    const [same] = indexed().like("Danger : évaluation, gendarmes, policiers ; former dans le couple les violences", { most: 1 });
    expect(same?.id).to.equal("training");
    expect(same!.score).to.be.closeTo(1, 1e-9);
  });

  it("leave out those that are asked to be left out, and say nothing of a text without words", () => {
    const index = indexed();
    expect(index.like(TEXTS.training!, { besides: new Set(["training"]) }).map(({ id }) => id)).to.deep.equal(["trainingReworded"]);
    expect(index.like("de la, et du")).to.deep.equal([]);
    expect(new LikenessIndex().like(TEXTS.training!)).to.deep.equal([]);
    expect(index.has("training")).to.equal(true);
    expect(index.size).to.equal(Object.keys(TEXTS).length);
  });
});
