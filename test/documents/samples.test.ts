import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { parse } from "yaml";
import { locateQuote } from "../../server/documents/quotes.ts";
import type { ReadDocument } from "../../server/documents/read-document.ts";
import { cellsOf, outline, read, textOf } from "./support/reading.ts";

const FOLDER = new URL("../samples/", import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.startsWith("retex-"));
const documents = new Map<string, ReadDocument>();
const sample = (number: string): ReadDocument => documents.get(number)!;

type Quote = { text: string; page?: number };
function goldQuotes(number: string): Quote[] {
  const found: Quote[] = [];
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) collect(item);
    else if (typeof node === "object" && node !== null) {
      for (const [key, value] of Object.entries(node)) {
        if (key === "quotes") found.push(...(value as Quote[]));
        else collect(value);
      }
    }
  };
  collect(parse(readFileSync(new URL(`gold/retex-${number}.yaml`, FOLDER), "utf8")));
  return found;
}

/** The comparison of the samples' README, written apart from the code under test. */
const folded = (text: string) =>
  text
    .replace(/[⁰¹²³⁴-⁹]/g, "")
    .replace(/(\p{L})-\n(\p{L})/gu, "$1$2")
    .replace(/\s+/gu, " ")
    .trim();

describe("the ten sample reports", () => {
  before(async () => {
    for (const file of files) documents.set(file.slice(6, 8), await read(readFileSync(new URL(file, FOLDER)), file));
  });

  it("are ten", () => expect(files).to.have.length(10));

  for (const file of files.filter((name) => !name.includes("06"))) {
    it(`every quote of the reference coding is found in ${file}, on its page`, () => {
      const number = file.slice(6, 8);
      const document = sample(number);
      const quotes = goldQuotes(number);
      expect(quotes).to.not.have.length(0);
      for (const { text, page } of quotes) {
        const place = locateQuote(document, text, page);
        expect(place, text).to.not.equal(null);
        expect(folded(textOf(document, place!)).replaceAll("-", "")).to.equal(folded(text).replaceAll("-", ""));
        if (page === undefined) continue;
        const { start, end } = document.pages[page - 1]!;
        expect(place!.start < end && place!.end > start, `page ${page}: ${text}`).to.equal(true);
      }
    });
  }

  it("a scanned report says that it has no text and how many pages it has", () => {
    const { hasText, text, blocks, pageCount, pages } = sample("06");
    expect({ hasText, text, blocks, pageCount }).to.deep.equal({ hasText: false, text: "", blocks: [], pageCount: 2 });
    expect(pages.map(({ number }) => number)).to.deep.equal([1, 2]);
    expect(pages[0]!.width).to.be.greaterThan(500);
  });

  it("the table of divergences is a table, cell by cell", () => {
    const document = sample("10");
    const tables = document.blocks.filter(({ kind }) => kind === "table").map((block) => cellsOf(document, block));
    expect(tables[1]![0]).to.deep.equal(["Point", "Pièce A", "Pièce B", "Position du parquet"]);
    expect(tables[1]![3]).to.deep.equal([
      "Vie commune",
      "Oui",
      "Séparée depuis le 2 avril",
      "Séparation tenue pour établie (attestation de la mère, bail).",
    ]);
    expect(document.text).to.include("Grille | Proposée, refusée | Non présentée | Non tranché.");
  });

  it("the chronology of a PDF is a table on each of its two pages, wrapped cells in one piece", () => {
    const document = sample("04");
    const tables = document.blocks.filter(({ kind }) => kind === "table");
    expect(tables.map(({ page }) => page)).to.deep.equal([3, 4]);
    expect(cellsOf(document, tables[0]!)[1]).to.deep.equal([
      "11 févr. 2022",
      "Plainte de Madame L. au commissariat. Grille d’évaluation du danger renseignée. ITT de 15 jours (UMJ).",
      "Procédure",
    ]);
    expect(cellsOf(document, tables[1]!).at(-1)).to.deep.equal(["4 déc. 2023", "Faits.", "—"]);
  });

  it("a table that sets two directions side by side keeps its empty corner", () => {
    const document = sample("05");
    const table = document.blocks.find(({ kind }) => kind === "table")!;
    expect(cellsOf(document, table)[0]).to.deep.equal([
      "",
      "Violences de Monsieur P. sur Madame N.",
      "Violences de Madame N. sur Monsieur P.",
    ]);
  });

  it("what was deleted in tracked changes and what comments say is not in the text, what was inserted is", () => {
    const { text } = sample("02");
    for (const inserted of ["mis en examen pour assassinat", "environ 60 000 euros selon le mandataire"]) {
      expect(folded(text)).to.include(inserted);
    }
    for (const absent of ["meurtre aggravé", "90 000", "Relire avec la gendarmerie", "Ne pas reprendre", "trois semaines"]) {
      expect(folded(text)).to.not.include(absent);
    }
    for (const comment of ["Elle ne souhaite pas être recontactée", "aucun appel"]) expect(sample("09").text).to.not.include(comment);
  });

  it("notes follow the paragraph that calls them, with the same number", () => {
    const blocks = outline(sample("01"));
    const note = blocks.findIndex((block) => typeof block === "string" && block.startsWith("footnote: ¹ Audition de plaignante"));
    expect(folded(String(blocks[note - 1]))).to.include("il l’a dit ». Elle indiquait");
    expect(blocks[note - 1]).to.match(/»\.¹ Elle/);
  });

  it("headers, footers and notes of a PDF never stand inside a sentence", () => {
    const { text, blocks } = sample("04");
    expect(text).to.include("elle avait déclaré le 15 novembre 2023 : « il sortira et il me tuera");
    expect(text).to.include("le ressort de résidence de Madame L., distinct");
    expect(blocks.filter(({ kind }) => kind === "running")).to.have.length(14);
    expect(blocks.filter(({ kind }) => kind === "footnote")).to.have.length(3);
  });

  it("headings keep their rank", () => {
    const headings = outline(sample("04")).filter((block) => typeof block === "string" && block.startsWith("heading"));
    expect(headings).to.include.members(["heading 2: 2. La chronologie", "heading 3: 3.6. Les armes"]);
    expect(outline(sample("07"))).to.include("heading 1: IV. Enseignements");
  });

  it("automatic list numbers are written out", () => {
    expect(sample("07").text).to.include("\n2. Les visites à domicile ont été l’unique porte d’entrée.");
  });

  it("no-break and thin spaces stay as the author set them", () => {
    expect(sample("05").text).to.match(/[\u00A0\u202F]/);
    expect(sample("01").text).to.match(/[\u00A0\u202F]/);
  });
});
