import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import { type CodebookDefinition, type Factor, parseCodebook } from "../../server/codebook/definition.ts";
import { readGold } from "../../server/coding/gold.ts";
import { foldLetters, stem, wordsOf } from "../../server/coding/suggestions/fold.ts";
import { indexDocument } from "../../server/coding/suggestions/index-document.ts";
import { parseIndicatorTerms } from "../../server/coding/suggestions/indicator-terms.ts";
import { departmentNames, patternsIn } from "../../server/coding/suggestions/patterns.ts";
import { subjectsOf } from "../../server/coding/suggestions/people.ts";
import { keepIndexes } from "../../server/coding/suggestions/practice.ts";
import { measureRecall, type Reference } from "../../server/coding/suggestions/recall.ts";
import { sentencesOf } from "../../server/coding/suggestions/sentences.ts";
import { suggest } from "../../server/coding/suggestions/suggest.ts";
import { sliceByCodePoints } from "../../server/documents/quotes.ts";
import type { Block } from "../../server/documents/read-document.ts";
import { readText } from "../../server/documents/read-text.ts";

const data = (name: string): string => readFileSync(new URL(`../../db/data/${name}`, import.meta.url), "utf8");

function codebook(): CodebookDefinition {
  const read = parseCodebook(data("codebook-1.0.0.yaml"));
  if (read.kind === "problems") throw new Error("the codebook does not read");
  return read.definition;
}
const definition = codebook();
const factor = (code: string): Factor => definition.factors.find((one) => one.code === code)!;
const read = parseIndicatorTerms(data("indicator-terms.yaml"), definition);
const terms = read.kind === "terms" ? read.terms : undefined;

const plain = (text: string) => ({ text, blocks: [] as Block[], pages: [] });
const paragraphs = (...texts: string[]) => readText(texts.join("\n\n"));
const sentences = (text: string): string[] => {
  const points = Array.from(text);
  return sentencesOf(points, []).map(({ start, end }) => points.slice(start, end).join(""));
};
const stems = (text: string): string[] => wordsOf(Array.from(text)).map((word) => word.stem);

describe("the folding of French words", () => {
  it("undoes accents, ligatures and case", () => {
    expect(foldLetters("Œdème CÆCUM naïf À")).to.equal("oedeme caecum naif a");
  });

  for (const [family, ...words] of [
    ["the forms of one verb", "séparer", "séparait", "séparée", "séparées", "séparés", "séparant", "séparation", "séparations"],
    ["a noun and its verb", "harcèlement", "harceler", "harcelait", "harcelée"],
    ["a noun and its participle", "classement", "classée", "classer"],
    ["plural in -aux", "conjugal", "conjugaux", "conjugale", "conjugales"],
    ["plural in -x", "couteau", "couteaux"],
    ["a doubled consonant", "ancien", "ancienne", "anciennes"],
    ["feminine in -ive", "agressif", "agressive", "agressives"],
    ["threats", "menace", "menaces", "menaçait", "menacer", "menaçant"],
    ["signals", "signalement", "signalements", "signaler", "signalée"],
  ] as const) {
    it(`brings near ${family}`, () => {
      expect(new Set(words.map((word) => stem(foldLetters(word))))).to.have.length(1);
    });
  }

  it("keeps apart short words, numbers and words of another root", () => {
    expect(stem("age")).to.equal("age");
    expect(stem("2019")).to.equal("2019");
    expect(stem("enfant")).not.to.equal(stem("enferme"));
    expect(stem("plainte")).not.to.equal(stem("plaie"));
  });

  it("drops elided words before either apostrophe, and keeps words that have one inside", () => {
    expect(wordsOf(Array.from("l’auteur d'abord qu’elle s’est jusqu’au")).map(({ folded }) => folded)).to.deep.equal([
      "auteur",
      "abord",
      "elle",
      "est",
      "au",
    ]);
    expect(wordsOf(Array.from("aujourd’hui")).map(({ folded }) => folded)).to.deep.equal(["aujourdhui"]);
  });

  it("parts compounds at their hyphen, rejoins words cut at a line end, and reads acronyms with dots", () => {
    expect(stems("anti-rapprochement")).to.deep.equal(stems("anti rapprochement"));
    expect(stems("rappro-\nchement")).to.deep.equal(stems("rapprochement"));
    const [word] = wordsOf(Array.from("P.V.R.J. établi"));
    expect(word).to.include({ folded: "pvrj", capitals: true, start: 0, end: 8 });
  });

  it("gives places in code points", () => {
    const [, second] = wordsOf(Array.from("𝐀 𐍈𐍈 main"), 10);
    expect(second).to.include({ start: 12, end: 14 });
  });
});

describe("the parting into sentences", () => {
  for (const [what, text, parts] of [
    ["civilities and initials", "M. B. a frappé Mme A. avec un couteau. Elle est morte.", 2],
    ["an initial that ends a sentence", "Les faits visent Monsieur B. Il a été interpellé.", 2],
    ["a bracket after an initial", "Une patrouille est venue à V. (Loir-et-Cher) vers midi. Personne n’a ouvert.", 2],
    ["articles of law", "L’art. 515-9 du code civil et l’al. 2 le prévoient. Rien n’a été demandé.", 2],
    ["quotations", "Elle a dit : « J’ai peur. Il va me tuer. » Personne n’a répondu.", 3],
    ["numbers and hours", "Le taux était de 1.10 gramme à 20.15 précises. Il est libre.", 2],
    ["marks before a closing quote", "« Pourquoi ? » Il n’a rien dit ! Puis il est parti…", 3],
    ["items of a list", "Sont relevés :\n- une plainte classée sans suite\n- une main courante du 3 mars", 3],
    ["a note call", "Elle a porté plainte en 2019.¹ La suite est inconnue.", 2],
    ["a line end inside a sentence", "La victime avait déposé\nplainte la veille des faits. Rien n’a suivi.", 2],
  ] as const) {
    it(`reads ${what}`, () => {
      expect(sentences(text)).to.have.length(parts);
    });
  }

  it("keeps a title run into its paragraph with what it announces", () => {
    expect(sentences("La santé. Deux passages aux urgences pour des chutes. Rien d’autre n’est connu.")).to.deep.equal([
      "La santé. Deux passages aux urgences pour des chutes.",
      "Rien d’autre n’est connu.",
    ]);
  });

  it("reads a short row of a table as one passage, a long one cell by cell, and leaves page headers out", () => {
    const long = "Cette cellule raconte longuement ce qui fut fait. ".repeat(8).trim();
    const text = `Exemple fictif\n\n3 mars | Main courante\n4 mars | ${long}`;
    const at = (part: string) => ({ start: text.indexOf(part), end: text.indexOf(part) + part.length });
    const blocks: Block[] = [
      { kind: "running", ...at("Exemple fictif"), page: 1 },
      {
        kind: "table",
        start: 16,
        end: text.length,
        page: 1,
        rows: [
          [at("3 mars"), at("Main courante")],
          [at("4 mars"), at(long)],
        ],
      },
    ];
    const found = sentencesOf(Array.from(text), blocks).map(({ start, end }) => text.slice(start, end));
    expect(found[0]).to.equal("3 mars | Main courante");
    expect(found[1]).to.equal("4 mars");
    expect(found.slice(2)).to.have.length(8);
  });

  it("parts any text into ordered passages that do not overlap, within it and without spaces at their ends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("M.", "Mme", "A.", "art.", "«", "»", "12", "plainte", "\n", "- ", ".", "!", "😀", "(", "Elle")),
        (parts) => {
          const points = Array.from(parts.join(" "));
          let last = 0;
          for (const { start, end } of sentencesOf(points, [])) {
            expect(start).to.be.at.least(last);
            expect(end).to.be.greaterThan(start);
            expect(points.slice(start, end).join("")).to.match(/^\S(?:.*\S)?$/su);
            last = end;
          }
          expect(last).to.be.at.most(points.length);
        },
      ),
    );
  });
});

describe("what tells a value without a word of the codebook", () => {
  const departments = departmentNames(["Loir-et-Cher", "Nord"]);
  for (const [pattern, text] of [
    ["date", "le 9 février 2022"],
    ["date", "le 30/11/2020"],
    ["hour", "vers 18 h 40"],
    ["age", "Madame A., âgée de 34 ans"],
    ["age", "Madame A., 34 ans"],
    ["duration", "trois jours avant les faits"],
    ["duration", "la veille"],
    ["children", "trois enfants"],
    ["department", "commune de V. (Loir-et-Cher)"],
    ["speech", "« il va me tuer »"],
    ["denial", "le parquet n’a pas été avisé"],
    ["service", "le SPIP"],
  ] as const) {
    it(`finds ${pattern} in « ${text} »`, () => expect(patternsIn(text, departments).has(pattern)).to.equal(true));
  }
  it("takes a prison term for no age", () => expect(patternsIn("condamné à 20 ans de réclusion", null).has("age")).to.equal(false));
});

describe("whom a passage speaks of", () => {
  it("gives names their role by the company they keep, and follows pronouns inside a block", () => {
    const told = subjectsOf([
      { text: "La victime, Madame A., est décédée.", block: 0 },
      { text: "Elle avait 34 ans.", block: 0 },
      { text: "Monsieur B. a été mis en examen.", block: 1 },
      { text: "Monsieur B. reconnaît avoir tiré sur Madame A.", block: 2 },
      { text: "Un voisin est venu.", block: 3 },
    ]);
    expect(told).to.deep.equal(["victim", "victim", "perpetrator", "both", null]);
  });
});

describe("suggestions of passages", () => {
  it("say which words of the passage speak of the factor, as they stand there", () => {
    const document = paragraphs("Le couple vivait à la campagne.", "Deux mains courantes ont été rédigées.", "Le dossier est clos.");
    const [first] = suggest(document, factor("main_courante_pvrj"));
    expect(sliceByCodePoints(document.text, first!.start, first!.end)).to.equal("Deux mains courantes ont été rédigées.");
    expect(first!.because[0]).to.equal("mains courantes");
    expect(first!.slight).to.equal(false);
  });

  it("find a term through elision, inflection, a small gap and another order", () => {
    for (const text of ["Elle a ensuite déposé une nouvelle plainte.", "Elle déposait plainte.", "Une plainte fut déposée."])
      expect(suggest(plain(text), factor("complaint_filed")), text).to.have.length(1);
  });

  it("take an acronym for the acronym alone", () => {
    const document = paragraphs("Le couple sortait d’un bar du centre.", "Le BAR n’a pas été prononcé.");
    const found = suggest(document, factor("bar")).filter(({ because }) => because.some((words) => words.toLowerCase() === "bar"));
    expect(found.map(({ start, end }) => sliceByCodePoints(document.text, start, end))).to.deep.equal(["Le BAR n’a pas été prononcé."]);
  });

  it("put the rarer term first, and a whole term before its lone words", () => {
    const document = paragraphs(
      "La plainte fut lue.",
      "La plainte fut relue.",
      "La plainte est ancienne.",
      "Un PVRJ a été établi.",
      "Le cours fut suivi.",
    );
    const [first] = suggest(document, factor("main_courante_pvrj"));
    expect(first!.because[0]).to.equal("PVRJ");
  });

  it("do not leave out what denies, and say the word that does", () => {
    const [first] = suggest(plain("Aucune menace de mort n’est rapportée."), factor("death_threats"));
    expect(first).to.include({ negation: "Aucune" });
  });

  it("are none where nothing speaks of the factor, nor in an empty document", () => {
    expect(suggest(plain("Il pleuvait."), factor("tgd"))).to.deep.equal([]);
    expect(suggest(plain(""), factor("tgd"))).to.deep.equal([]);
  });

  it("count in code points, whatever stands before", () => {
    const before = "😀𝐀𐍈 Rien de tout cela n’était connu ici. ";
    const document = plain(`${before}Un téléphone grave danger a été attribué.`);
    const [first] = suggest(document, factor("tgd"));
    expect(first).to.include({ start: Array.from(before).length, end: Array.from(document.text).length });
    expect(sliceByCodePoints(document.text, first!.start, first!.end)).to.equal("Un téléphone grave danger a été attribué.");
  });

  it("lower what a report proposes below what it tells", () => {
    const document = readText(
      "Les faits\n\nUne ordonnance de protection existait.\n\nPropositions\n\nUne ordonnance de protection aiderait.\n\nIl pleut.",
    );
    const blocks = document.blocks.map(
      (block): Block =>
        /^(?:Les faits|Propositions)$/.test(sliceByCodePoints(document.text, block.start, block.end))
          ? { kind: "heading", level: 1, start: block.start, end: block.end, page: null }
          : block,
    );
    const [first] = suggest({ ...document, blocks }, factor("protection_order"), { terms: terms! });
    expect(sliceByCodePoints(document.text, first!.start, first!.end)).to.include("existait");
  });

  it("are the same whenever they are asked, best first, each within the text", () => {
    const words = fc.constantFrom(
      "plainte",
      "déposée",
      "main",
      "courante",
      "TGD",
      "Madame A.",
      "34 ans",
      "n’a pas",
      "transmis",
      ".",
      "😀",
      "le 3 mars 2020",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), fc.constantFrom(...definition.factors), (parts, one) => {
        const document = plain(parts.join(" "));
        const found = suggest(indexDocument(document), one, { terms: terms! });
        expect(found).to.deep.equal(suggest(document, one, { terms: terms! }));
        expect(found.map(({ score }) => score)).to.deep.equal(found.map(({ score }) => score).sort((a, b) => b - a));
        for (const { start, end, because } of found) {
          const text = sliceByCodePoints(document.text, start, end);
          expect(because).not.to.deep.equal([]);
          for (const reason of because) expect(text.replace(/\s+/g, " ")).to.include(reason);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("the additional terms", () => {
  it("read whole against the codebook", () => {
    expect(read.kind === "problems" ? read.problems : []).to.deep.equal([]);
  });

  it("are refused with the line of an unknown factor, section, key or pattern, and of an empty or repeated term", () => {
    const wrong = parseIndicatorTerms(
      "sections:\n  nowhere: {headings: [a]}\nfactors:\n  tgdd:\n    terms: [x]\n  tgd:\n    patterns: [smell]\n    words: [x]\n  bar:\n    terms:\n    - a\n    - ''\n    - a\n",
      definition,
    );
    if (wrong.kind !== "problems") throw new Error("it should be refused");
    expect(wrong.problems.map(({ line }) => line)).to.deep.equal([2, 4, 7, 8, 12, 13]);
    expect(wrong.problems[1]!.message).to.include("tgdd");
  });

  it("are refused when the file is no YAML", () => {
    expect(parseIndicatorTerms("factors: [", definition).kind).to.equal("problems");
  });
});

describe("the indexes that are kept", () => {
  it("are made once while they fit, the one asked for longest ago going first", () => {
    const keep = keepIndexes(20);
    let made = 0;
    const ask = (id: string) => keep(id, () => ({ ...plain("dix lettres"), made: ++made }));
    const first = ask("a");
    expect(ask("a")).to.equal(first);
    ask("b");
    expect(made).to.equal(2);
    expect(ask("a")).not.to.equal(first);
    expect(made).to.equal(3);
  });
});

describe("the recall of suggestions", () => {
  it("counts a passage as found when one suggestion covers half of it, and names those missed", () => {
    const document = paragraphs("Elle a déposé plainte en mars.", "Il pleuvait ce jour-là.");
    const passages = [
      { factor: "complaint_filed", quote: "a déposé plainte" },
      { factor: "complaint_filed", quote: "Il pleuvait ce jour-là" },
      { factor: "complaint_filed", quote: "ne figure pas" },
    ];
    const recall = measureRecall([{ name: "essai", document, passages }], definition.factors);
    expect(recall).to.include({ documents: 1, passages: 3, found: 1, recall: 0.3333 });
    expect(recall.missed.map(({ quote }) => quote)).to.deep.equal(["Il pleuvait ce jour-là", "ne figure pas"]);
  });

  it("is at least seven passages in ten among the first five, on the samples with text", async function () {
    this.timeout(60_000);
    const references: Reference[] = [];
    for await (const reading of readGold(fileURLToPath(new URL("../samples", import.meta.url)))) {
      if (reading.kind === "refused") throw new Error(reading.reason);
      if (!reading.document.hasText) continue;
      references.push({
        name: reading.gold.document.file,
        document: reading.document,
        passages: reading.gold.factors.flatMap(({ code, quotes }) => quotes.map(({ text, page }) => ({ factor: code, quote: text, page }))),
      });
    }
    const recall = measureRecall(references, definition.factors, { terms: terms!, count: 5 });
    expect(recall.documents).to.equal(9);
    expect(recall.recall).to.be.at.least(0.7);
    expect(measureRecall(references, definition.factors, { count: 5 }).recall, "without the additional terms").to.be.below(recall.recall);
  });
});
