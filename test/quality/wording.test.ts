import { expect } from "chai";
import { WORDING_CHECKS, type Wording, type WordingProblem, wordingChecks } from "../../server/reports/wording-checks.ts";
import { CODEBOOK } from "./files.ts";

const TODAY = "2026-11-23";
const written = (change: Partial<Wording> = {}): Wording => ({
  text: "Transmettre toute plainte pour violences conjugales au parquet dans les vingt-quatre heures.",
  addressee: "gendarmerie",
  deadline: "2027-06-30",
  proof_expected: "La note de service.",
  findings: 1,
  ...change,
});
const problems = (change: Partial<Wording>): WordingProblem[] => wordingChecks(written(change), TODAY).flatMap(({ why }) => why);
const deed = (text: string) => wordingChecks(written({ text }), TODAY).find(({ code }) => code === "specific")!.why;

describe("the wording checks of a recommendation", () => {
  it("are those the codebook names, in its order", () => {
    expect([...WORDING_CHECKS]).to.deep.equal(CODEBOOK.recommendation.wordingChecks.map(({ code }) => code));
  });

  it("find nothing to say of one that is specific, addressed, dated, verifiable and rests on a finding", () => {
    expect(wordingChecks(written(), TODAY)).to.deep.equal(WORDING_CHECKS.map((code) => ({ code, ok: true, why: [] })));
  });

  it("know a deed by its verb or its noun, at the beginning or after what obliges, in French and in English", () => {
    for (const text of [
      "Informer le service de probation de toute nouvelle procédure.",
      "Ne pas orienter vers la médiation en présence de violences.",
      "Mise en place d’une cellule mensuelle de suivi des situations.",
      "Les brigades doivent remplir la grille d’évaluation du danger.",
      "Il convient de désigner un service chef de file par situation.",
      "Le parquet devra s’assurer de l’avis donné à la victime.",
      "Every brigade must complete the danger assessment form.",
      "Send each complaint to the prosecutor within a day.",
    ])
      expect(deed(text), text).to.deep.equal([]);
  });

  it("tell a wish from a deed", () => {
    for (const text of [
      "Renforcer la vigilance de tous les services concernés.",
      "Sensibiliser les médecins à la question des armes.",
      "Veiller à une meilleure prise en charge des victimes.",
      "Il convient de poursuivre les efforts engagés par tous.",
      "Improve the way services work with each other.",
      "Services should continue to raise awareness everywhere.",
    ])
      expect(deed(text), text).to.deep.equal(["vagueAction"]);
  });

  it("ask for an action where no word names one", () => {
    for (const text of ["Une meilleure prise en compte de ces situations.", "La situation des enfants reste un sujet de préoccupation."])
      expect(deed(text), text).to.deep.equal(["noAction"]);
    expect(deed("Former les brigades.")).to.deep.equal(["tooShort"]);
  });

  it("ask for one addressee, or for one who leads", () => {
    expect(problems({ addressee: "" })).to.deep.equal(["noAddressee"]);
    expect(problems({ addressee: "multi" })).to.deep.equal(["noLead"]);
    expect(problems({ addressee: "multi", lead: null })).to.deep.equal(["noLead"]);
    expect(problems({ addressee: "multi", lead: "prosecutor" })).to.deep.equal([]);
  });

  it("ask for a deadline that lies ahead of the day it is judged on", () => {
    expect(problems({ deadline: null })).to.deep.equal(["noDeadline"]);
    expect(problems({ deadline: "2026-11-22" })).to.deep.equal(["deadlinePast"]);
    expect(problems({ deadline: TODAY })).to.deep.equal([]);
  });

  it("ask for a proof, beside the text or in it", () => {
    const bare = { proof_expected: null };
    expect(problems(bare)).to.deep.equal(["noProof"]);
    expect(problems({ proof_expected: "  " })).to.deep.equal(["noProof"]);
    expect(problems({ ...bare, text: "Transmettre chaque année à l’observatoire un bilan des évaluations du danger." })).to.deep.equal([]);
    expect(problems({ ...bare, text: "Train every brigade and send the observatory a record of attendance." })).to.deep.equal([]);
    const { proof_expected: _, ...older } = written();
    expect(wordingChecks(older, TODAY).find(({ code }) => code === "verifiable")!.why).to.deep.equal(["noProof"]);
  });

  it("ask for a finding", () => {
    expect(problems({ findings: 0 })).to.deep.equal(["noFinding"]);
  });
});
