import { expect } from "chai";
import { locateQuote } from "../../server/documents/quotes.ts";
import { grid, lines, type PdfPage, pdfFromObjects, pdfOf, type Shown, stream } from "./support/pdfs.ts";
import { outline, read, textOf } from "./support/reading.ts";

const pdf = (...pages: (PdfPage | Shown[])[]) =>
  read(pdfOf(pages.map((page) => (Array.isArray(page) ? { show: page } : page))), "rapport.pdf");

/** Lines of about `width` letters, the last one as it comes. */
function wrapped(text: string, width: number): string[] {
  const found: string[] = [];
  for (const word of text.split(" ")) {
    const line = found.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) found[found.length - 1] = `${line} ${word}`;
    else found.push(word);
  }
  return found;
}

const FIRST =
  "La mission a entendu les services du ressort et constate que chacun a accompli la plupart des diligences qui lui incombaient, sans que l’ensemble ait suffi à protéger la victime.";
const SECOND =
  "Elle observe que les informations utiles existaient, dispersées entre trois services qui ne se rencontraient pas, et que nul n’avait la charge de les réunir avant les faits.";
const THIRD =
  "Un protocole a depuis été signé par le parquet et par le conseil départemental, et une réunion mensuelle permet de revoir chaque situation signalée comme préoccupante.";

describe("the layout of a PDF", () => {
  it("joins the lines of a paragraph and parts paragraphs at spaces, indents and short lines", async () => {
    const spaced = [...lines(70, 100, wrapped(FIRST, 70)), ...lines(70, 160, wrapped(SECOND, 70))];
    const indented = wrapped(`     ${FIRST}`.trimStart(), 66);
    const set: Shown[] = lines(70, 100, indented).map((line, index) => (index === 0 ? { ...line, x: 94 } : line));
    const next = lines(70, 100 + indented.length * 12, wrapped(SECOND, 66)).map((line, index) => (index === 0 ? { ...line, x: 94 } : line));
    expect(outline(await pdf(spaced))).to.deep.equal([`paragraph: ${FIRST}`, `paragraph: ${SECOND}`]);
    expect(outline(await pdf([...set, ...next]))).to.deep.equal([`paragraph: ${FIRST}`, `paragraph: ${SECOND}`]);
    const tight = [...wrapped(FIRST, 70), ...wrapped(SECOND, 70)];
    expect(outline(await pdf(lines(70, 100, tight)))).to.deep.equal([`paragraph: ${FIRST}`, `paragraph: ${SECOND}`]);
  });

  it("keeps address lines apart", async () => {
    const document = await pdf([
      ...lines(70, 100, ["Tribunal judiciaire", "Parquet", "Division de la famille"]),
      ...lines(70, 200, wrapped(FIRST, 70)),
    ]);
    expect(outline(document)).to.deep.equal([
      "paragraph: Tribunal judiciaire",
      "paragraph: Parquet",
      "paragraph: Division de la famille",
      `paragraph: ${FIRST}`,
    ]);
  });

  it("reads two columns one after the other, below a title across both", async () => {
    const left = wrapped(`${FIRST} ${SECOND}`, 36);
    const right = wrapped(`${SECOND.replace("Elle", "Il")} ${THIRD}`, 36);
    const document = await pdf([
      { x: 150, y: 60, text: "Retour d’expérience sur un homicide", size: 16, font: "bold" },
      ...lines(60, 110, left),
      ...lines(310, 114, right),
    ]);
    const { text } = document;
    expect(outline(document)[0]).to.equal("heading 1: Retour d’expérience sur un homicide");
    expect(text.indexOf("Elle observe")).to.be.greaterThan(text.indexOf("La mission"));
    expect(text.indexOf("Il observe")).to.be.greaterThan(text.indexOf("Elle observe"));
    for (const sentence of [FIRST, SECOND, THIRD]) expect(locateQuote(document, sentence), sentence).to.not.equal(null);
  });

  it("tells two columns that nearly touch, with a table and a note inside one of them", async () => {
    const left = wrapped(`${FIRST} ${SECOND} ${THIRD}`, 40);
    const right = wrapped(THIRD, 40);
    const document = await pdf({
      show: [
        ...lines(60, 100, left),
        ...lines(308, 100, right),
        { x: 312, y: 100 + right.length * 12 + 20, text: "Date" },
        { x: 382, y: 100 + right.length * 12 + 20, text: "3 mars" },
        ...lines(308, 100 + right.length * 12 + 60, wrapped(FIRST, 40)),
        { x: 308, y: 700, text: "1 Procès-verbal du 3 mars.", size: 8 },
      ],
      extra: grid([308, 378, 540], [100 + right.length * 12 + 5, 100 + right.length * 12 + 30]),
    });
    expect(outline(document)).to.deep.equal([
      `paragraph: ${FIRST} ${SECOND} ${THIRD}`,
      `paragraph: ${THIRD}`,
      [["Date", "3 mars"]],
      `paragraph: ${FIRST}`,
      "footnote: ¹ Procès-verbal du 3 mars.",
    ]);
  });

  it("goes on with a sentence from column to column and from page to page", async () => {
    const all = wrapped(`${FIRST} ${SECOND}`, 36);
    const columns = await pdf([
      ...lines(60, 100, all.slice(0, 6)),
      ...lines(310, 100, all.slice(6)),
      ...lines(310, 100 + (all.length - 6) * 12 + 20, wrapped(THIRD, 36)),
    ]);
    expect(locateQuote(columns, FIRST)).to.not.equal(null);
    const wide = wrapped(`${FIRST} ${SECOND}`, 70);
    const page = (number: number, show: Shown[]): Shown[] => [
      { x: 70, y: 40, text: "Mission d’inspection", size: 9 },
      ...show,
      { x: 270, y: 810, text: `Page ${number} sur 2`, size: 9 },
    ];
    const document = await pdf(page(1, lines(70, 700, wide.slice(0, 3))), page(2, lines(70, 100, wide.slice(3))));
    expect(outline(document)).to.deep.equal([
      "running: Mission d’inspection",
      "running: Page 1 sur 2",
      `paragraph: ${FIRST} ${SECOND}`,
      "running: Mission d’inspection",
      "running: Page 2 sur 2",
    ]);
    const [first, second] = document.pages;
    expect(textOf(document, second!).startsWith(wide[3]!)).to.equal(true);
    expect(textOf(document, first!).trimEnd().endsWith(wide[2]!)).to.equal(true);
  });

  it("keeps the hyphen of a word cut at a line end, so that the word is found whole", async () => {
    const document = await pdf(
      lines(70, 100, ["Le juge a refusé de délivrer une ordon-", "nance de protection malgré l’avis de la", "vice-procureure."]),
    );
    expect(document.text).to.include("ordon-\nnance");
    expect(textOf(document, locateQuote(document, "une ordonnance de protection")!)).to.equal("une ordon-\nnance de protection");
  });

  it("reads a drawn table cell by cell, joined cells and wrapped lines included", async () => {
    const document = await pdf({
      show: [
        { x: 60, y: 80, text: "Avant le tableau." },
        { x: 75, y: 115, text: "Date" },
        { x: 155, y: 115, text: "Fait" },
        { x: 75, y: 135, text: "3 mars" },
        { x: 155, y: 135, text: "Une plainte est" },
        { x: 155, y: 147, text: "déposée." },
        { x: 315, y: 135, text: "Police" },
        { x: 60, y: 200, text: "Après le tableau." },
      ],
      extra: [grid([70, 150, 310, 400], [100, 120, 155]), "1 1 1 RG"].join("\n"),
    });
    expect(outline(document)).to.deep.equal([
      "paragraph: Avant le tableau.",
      [
        ["Date", "Fait", ""],
        ["3 mars", "Une plainte est déposée.", "Police"],
      ],
      "paragraph: Après le tableau.",
    ]);
  });

  it("a frame around text is no table", async () => {
    const document = await pdf({ show: lines(75, 115, wrapped(FIRST, 70)), extra: grid([70, 520], [100, 160]) });
    expect(outline(document)).to.deep.equal([`paragraph: ${FIRST}`]);
  });

  it("reads a table set without lines", async () => {
    const row = (y: number, ...cells: string[]): Shown[] => cells.map((text, index) => ({ x: [70, 170, 400][index]!, y, text }));
    const document = await pdf([
      ...row(100, "Date", "Fait", "Source"),
      ...row(118, "3 mars 2022", "Plainte de Madame A.", "Police"),
      ...row(136, "9 avril 2022", "Audition du mis en cause,", "Gendarmerie"),
      { x: 170, y: 148, text: "sans suite immédiate" },
      ...row(166, "2 mai 2022", "Faits", "Parquet"),
      ...lines(70, 210, wrapped(FIRST, 70)),
    ]);
    expect(outline(document)).to.deep.equal([
      [
        ["Date", "Fait", "Source"],
        ["3 mars 2022", "Plainte de Madame A.", "Police"],
        ["9 avril 2022", "Audition du mis en cause, sans suite immédiate", "Gendarmerie"],
        ["2 mai 2022", "Faits", "Parquet"],
      ],
      `paragraph: ${FIRST}`,
    ]);
  });

  it("sets notes apart with the mark that calls them", async () => {
    const document = await pdf([
      ...lines(70, 100, wrapped(FIRST, 70)),
      { x: 70, y: 180, text: "Le fait est établi" },
      { x: 70 + 18 * 6, y: 176, text: "1", size: 6 },
      { x: 70 + 18 * 6 + 4, y: 180, text: " par le dossier." },
      { x: 70, y: 760, text: "1 Réquisitoire introductif,", size: 8 },
      { x: 70, y: 770, text: "feuillet 3.", size: 8 },
    ]);
    expect(outline(document)).to.deep.equal([
      `paragraph: ${FIRST}`,
      "paragraph: Le fait est établi¹ par le dossier.",
      "footnote: ¹ Réquisitoire introductif, feuillet 3.",
    ]);
  });

  it("knows the call of a note even where its digit is not raised", async () => {
    const document = await pdf([
      ...lines(70, 100, wrapped(FIRST, 70)),
      ...lines(70, 180, ["1.1. Le fait est établi.1 Le dossier de 2021 le confirme."]),
      { x: 70, y: 760, text: "1Réquisitoire introductif.", size: 8 },
    ]);
    expect(outline(document).slice(1)).to.deep.equal([
      "paragraph: 1.1. Le fait est établi.¹ Le dossier de 2021 le confirme.",
      "footnote: ¹ Réquisitoire introductif.",
    ]);
  });

  it("keeps hyphens that the file calls soft but shows", async () => {
    const document = await pdf(lines(70, 100, ["Elle a demandé une ordon\u00AD", "nance de protection."]));
    expect(document.text).to.equal("Elle a demandé une ordon-\nnance de protection.");
  });

  it("reads what was filled into a form", async () => {
    const field = stream(
      "BT /F1 10 Tf 1 0 0 1 2 4 Tm (Madame A.) Tj ET",
      "/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 5 0 R >> >>",
    );
    const form = pdfFromObjects([
      "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] >> >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] /Resources << /Font << /F1 5 0 R >> >> >>",
      stream("BT /F1 10 Tf 1 0 0 1 70 742 Tm (Victime :) Tj ET"),
      "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
      "<< /Type /Annot /Subtype /Widget /FT /Tx /T (victime) /V (Madame A.) /F 4 /Rect [128 738 328 758] /AP << /N 7 0 R >> >>",
      field,
    ]);
    expect((await read(form)).text).to.equal("Victime : Madame A.");
  });

  it("ranks headings by size, then weight, and knows items", async () => {
    const document = await pdf([
      { x: 70, y: 80, text: "Rapport", size: 20, font: "bold" },
      { x: 70, y: 120, text: "1. Les faits", size: 14, font: "bold" },
      { x: 70, y: 150, text: "1.1. Madame L.", font: "bold" },
      ...lines(70, 175, wrapped(FIRST, 70)),
      { x: 80, y: 240, text: "– une première mesure, décidée par le parquet et par le siège du" },
      { x: 92, y: 252, text: "tribunal ;" },
      { x: 80, y: 264, text: "– une seconde." },
    ]);
    expect(outline(document)).to.deep.equal([
      "heading 1: Rapport",
      "heading 2: 1. Les faits",
      "heading 3: 1.1. Madame L.",
      `paragraph: ${FIRST}`,
      "list-item: – une première mesure, décidée par le parquet et par le siège du tribunal ;",
      "list-item: – une seconde.",
    ]);
    expect(document.text).to.include("tribunal ;\n– une seconde.");
  });

  it("reads pages turned by their viewer or set sideways, and keeps stamps out of the sentences", async () => {
    const upright = lines(70, 100, wrapped(FIRST, 70));
    const stamp: Shown = { x: 560, y: 500, text: "COURRIER ARRIVE", turned: true };
    expect(outline(await pdf([...upright, stamp]))).to.deep.equal([`paragraph: ${FIRST}`, "paragraph: COURRIER ARRIVE"]);
    const sideways = wrapped(FIRST, 70).map((text, index): Shown => ({ x: 100 + index * 12, y: 700, text, turned: true }));
    const set = await pdf({ show: sideways });
    expect(outline(set)).to.deep.equal([`paragraph: ${FIRST}`]);
    expect(set.pages[0]).to.include({ width: 842, height: 595 });
    expect(outline(await pdf({ show: sideways, rotate: 90 }))).to.deep.equal([`paragraph: ${FIRST}`]);
  });

  it("reads the text that character recognition laid, askew and uneven, over a scan", async () => {
    const tilt = 1.2;
    const slope = Math.tan((tilt * Math.PI) / 180);
    const words = [...wrapped(FIRST, 70), "", ...wrapped(SECOND, 70)].flatMap((line, row): Shown[] =>
      [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({
        x: 70 + index * 6 - row * 14 * slope,
        y: 100 + row * 14 + index * 6 * slope,
        text,
        size: 9.4 + (row % 4) * 0.4,
        tilt,
        invisible: true,
      })),
    );
    expect(outline(await pdf(words))).to.deep.equal([`paragraph: ${FIRST}`, `paragraph: ${SECOND}`]);
  });

  it("reads once what is printed twice to look bold", async () => {
    const doubled = lines(70, 100, wrapped(FIRST, 70)).flatMap((line) => [line, { ...line, x: line.x + 0.4 }]);
    expect(outline(await pdf(doubled))).to.deep.equal([`paragraph: ${FIRST}`]);
  });

  it("gives every page its part of the text, blank ones an empty part", async () => {
    const document = await pdf(lines(70, 100, [...wrapped(FIRST, 70)]), [], lines(70, 100, wrapped(SECOND, 70)));
    expect(document.pages.map((page) => textOf(document, page).trim())).to.deep.equal([FIRST, "", SECOND]);
    expect(document.pageCount).to.equal(3);
  });
});
