import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { getDocument, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { readDocument } from "../../server/documents/read-document.ts";
import type { Block, Content, TextDocument } from "../../server/exchange/document.ts";
import { writeDocx } from "../../server/exchange/docx.ts";
import { writeOdt } from "../../server/exchange/odt.ts";
import { TypesettingFailed } from "../../server/exchange/pdf/typeset.ts";
import { writePdf } from "../../server/exchange/pdf.ts";
import { parseXml } from "../support/spreadsheets.ts";
import { type Piece, partsOf, readDocxText, readOdtText } from "../support/word-processors.ts";
import { sampleBooklet, sampleLetter } from "./sample-documents.ts";

const WRITERS = { docx: writeDocx, odt: writeOdt, pdf: writePdf } as const;
const OFFICE = {
  docx: { write: writeDocx, read: readDocxText },
  odt: { write: writeOdt, read: readOdtText },
} as const;

const HOSTILE = [
  '#eval("1+1")',
  '#read("/etc/passwd")',
  "$x^2$ et @renvoi",
  "\\u{41} *gras* _italique_ `code`",
  "#set text(red)",
  "<script>alert(1)</script>",
  "<w:p/></w:t>]]>",
  "</text:p><text:p>&amp;&#65;",
  "%PAGE {TOC} =1+1",
  "<!ENTITY x SYSTEM 'file:///etc/passwd'> &x;",
];
const ODD = "👩‍👧 日本 שלום \u202eabc\u0000\u0007\u001f\ud800 \udc00 \ufffe\uffff ≤≥ č ş Ж";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
/** No-break spaces as plain ones: what the words are, whatever their typography. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ").replace(/\u200b/g, "");
const words = (content: Content): string => (typeof content === "string" ? content : content.map(({ text }) => text).join(""));
const untoc = (blocks: Block[], changes: Partial<TextDocument> = {}): TextDocument => sampleBooklet({ toc: false, blocks, ...changes });

/** What a reader of the file should find of the blocks, in the words of the model. */
function expected(blocks: Block[]): Piece[] {
  return blocks.flatMap((block): Piece[] => {
    switch (block.kind) {
      case "heading":
        return [{ kind: "heading", level: block.level, text: words(block.content) }];
      case "list":
        return block.items.flatMap((item): Piece[] => [
          { kind: "item", depth: 0, ordered: block.ordered, text: words(item.content) },
          ...(item.list?.items ?? []).map((one): Piece => ({ kind: "item", depth: 1, ordered: item.list!.ordered, text: words(one) })),
        ]);
      case "table":
        return [
          { kind: "table", repeated: 1, rows: [block.columns.map(({ heading }) => heading), ...block.rows.map((row) => row.map(words))] },
        ];
      default:
        return [];
    }
  });
}

const structure = (pieces: Piece[]): Piece[] =>
  pieces
    .filter((piece) => piece.kind !== "paragraph")
    .map((piece) =>
      piece.kind === "table" ? { ...piece, rows: piece.rows.map((row) => row.map(plain)) } : { ...piece, text: plain(piece.text) },
    );
const paragraphs = (pieces: Piece[], style: RegExp): string[] =>
  pieces.flatMap((piece) => (piece.kind === "paragraph" && style.test(piece.style) ? [plain(piece.text)] : []));

describe("a text as a file of a word processor", function () {
  this.slow(2000);

  for (const [format, { write, read }] of Object.entries(OFFICE)) {
    describe(`in ${format.toUpperCase()}`, () => {
      it("keeps the headings by their level, the lists by their depth and kind, and the cells of the tables", async () => {
        const { blocks } = sampleBooklet();
        const { pieces } = read(await write(sampleBooklet()));
        expect(structure(pieces)).to.deep.equal(expected(blocks));
      });

      it("says who signs, when and what, before the first block", async () => {
        const { pieces } = read(await write(sampleBooklet()));
        expect(paragraphs(pieces, /^Imprint$/)).to.deep.equal(["Observatoire d’exemple des violences faites aux femmes\t25 novembre 2026"]);
        expect(paragraphs(pieces, /^Title$/)).to.deep.equal([sampleBooklet().title]);
        expect(paragraphs(pieces, /^Subtitle$/)).to.deep.equal([sampleBooklet().subtitle]);
      });

      it("lists the headings of two levels in its table of contents, each a link to its place", async () => {
        const { contents, files } = read(await write(sampleBooklet()));
        const listed = sampleBooklet().blocks.flatMap((block) =>
          block.kind === "heading" && block.level <= 2 ? [words(block.content)] : [],
        );
        expect(contents.map(plain)).to.deep.equal(listed);
        const main = files["word/document.xml"] ?? files["content.xml"]!;
        const anchors = [...main.matchAll(/(?:w:anchor="|xlink:href="#)([^"]+)"/g)].map((match) => match[1]!);
        expect(anchors).to.have.length(listed.length);
        for (const anchor of anchors) expect(main).to.match(new RegExp(`<(?:w:bookmarkStart|text:bookmark)[^>]*"${anchor}"`));
      });

      it("sets captions, quotes, boxes and definitions in styles of their own", async () => {
        const { pieces } = read(await write(sampleBooklet()));
        expect(paragraphs(pieces, /^caption$/i)).to.deep.equal(["Recommandations par destinataire"]);
        expect(paragraphs(pieces, /^Quot(e|ations)$/)).to.deep.equal(["Ce qui est recommandé sans être suivi n’a pas été dit."]);
        expect(paragraphs(pieces, /^Quot.*Source$/)).to.deep.equal(["Comité d’exemple, rapport de 2025"]);
        expect(paragraphs(pieces, /^Callout$/)).to.have.length(3);
        expect(paragraphs(pieces, /^Definition$/).slice(0, 4)).to.deep.equal([
          "Destinataire\tDirection d’exemple de la gendarmerie",
          "Échéance\t31 décembre 2026",
          "Appréciation\tRéponse acceptable.",
          "Mise en œuvre en cours : 2 unités sur 5.",
        ]);
      });

      it("keeps bold and italic words, line breaks and links", async () => {
        const { pieces, links, marked } = read(await write(sampleLetter()));
        expect(links).to.deep.equal(["https://retex.example/reponse/exemple"]);
        expect(marked).to.deep.include({ bold: true, italic: false, text: "30 octobre 2026" });
        const set = read(
          await write(
            untoc([
              {
                kind: "paragraph",
                content: [
                  { text: "un\ndeux", bold: true, italic: true },
                  { text: " tiers", italic: true },
                ],
              },
            ]),
          ),
        );
        expect(paragraphs(set.pieces, /^Body Text|Text body$/)).to.deep.equal(["un\ndeux tiers"]);
        expect(set.marked.map(({ text }) => text).join("")).to.equal("undeux tiers");
        expect(paragraphs(pieces, /^Body Text|Text body$/)[0]).to.equal("Madame, Monsieur,");
      });

      it("sets a letter as letters are set: sender, addressee, place and day, references, subject, signature", async () => {
        const { pieces, contents } = read(await write(sampleLetter()));
        const { letter, title } = sampleLetter();
        const first = pieces.flatMap((piece) => (piece.kind === "paragraph" ? [plain(piece.text)] : []));
        expect(first.slice(0, 13)).to.deep.equal([
          ...letter!.letterhead,
          ...letter!.recipient,
          "Paris, le 1er septembre 2026",
          "Nos références : REC-2026-0001",
          "Pièce jointe : texte de la recommandation",
          `Objet : ${title}`,
          "Madame, Monsieur,",
        ]);
        expect(paragraphs(pieces, /^Signature$/)).to.deep.equal(["Camille Exemple", "Responsable de l’observatoire"]);
        expect(contents).to.deep.equal([]);
      });

      it("is read by the reader of deposited documents as what it is", async () => {
        const reading = await readDocument(await write(sampleBooklet()), `recueil.${format}`);
        if (reading.kind !== "read") throw new Error(reading.reason);
        const { text, blocks } = reading.document;
        const at = ({ start, end }: { start: number; end: number }) => plain([...text].slice(start, end).join(""));
        const headings = blocks.flatMap((block) => (block.kind === "heading" && block.level <= 4 ? [at(block)] : []));
        for (const block of sampleBooklet().blocks) if (block.kind === "heading") expect(headings).to.include(words(block.content));
        const table = blocks.find((block) => block.kind === "table");
        expect(table?.kind === "table" && table.rows.map((row) => row.map(at))).to.deep.include(["Parquets", "7", "7", "100 %"]);
        expect(blocks.filter((block) => block.kind === "list-item").map(at)).to.include("– Plaintes antérieures connues");
      });

      it("declares title, author and language, and no date of making, path or program user", async () => {
        const { files } = read(await write(sampleBooklet()));
        const properties = files["docProps/core.xml"] ?? files["meta.xml"]!;
        expect(properties).to.contain(`<dc:title>${sampleBooklet().title}</dc:title>`).and.to.contain(sampleBooklet().author);
        expect(Object.values(files).join("")).to.not.match(/<dcterms:|<dc:date|creation-date|lastModifiedBy|\/home\/|\/tmp\/|node_modules/);
        const styles = files["word/styles.xml"] ?? files["styles.xml"]!;
        expect(styles).to.match(/w:lang [^>]*w:val="fr-FR"|fo:language="fr" fo:country="FR"/);
        const english = read(await write(sampleBooklet({ language: "en" })));
        expect(english.files["word/styles.xml"] ?? english.files["styles.xml"]).to.match(/"en-GB"|fo:language="en" fo:country="GB"/);
        expect(paragraphs(english.pieces, /^Imprint$/)[0]).to.match(/\t25 November 2026$/);
      });

      it("numbers the pages of a booklet, and of a letter only from the second", async () => {
        const footers = (files: Record<string, string>) =>
          files["styles.xml"]
            ? [...files["styles.xml"].matchAll(/<style:footer>(.*?)<\/style:footer>/g)].map((match) => match[1]!)
            : Object.keys(files)
                .filter((path) => /^word\/footer\d\.xml$/.test(path))
                .sort()
                .map((path) => files[path]!);
        const numbered = (files: Record<string, string>) => footers(files).map((footer) => /PAGE|text:page-number/.test(footer));
        expect(numbered(read(await write(sampleBooklet())).files)).to.deep.equal([true, true]);
        expect(numbered(read(await write(sampleLetter())).files)).to.have.members([true, false]);
      });

      it("keeps the typography typed, and completes it the French way", async () => {
        const text = async (content: string, language: "fr" | "en" = "fr") => {
          const { pieces } = read(await write(untoc([{ kind: "paragraph", content }], { language })));
          return pieces.flatMap((piece) =>
            piece.kind === "paragraph" && /^Body Text|Text body$/.test(piece.style) ? [piece.text] : [],
          )[0];
        };
        expect(await text("« Où\u00a0? » l’est, 12\u00a0%\u202f; 3\u00a0500")).to.equal(
          "«\u00a0Où\u202f?\u00a0» l’est, 12\u00a0%\u202f; 3\u00a0500",
        );
        expect(await text("l'acte : vu ; deux  espaces ")).to.equal("l’acte\u00a0: vu\u202f; deux  espaces ");
        expect(await text("Seen: 12%", "en")).to.equal("Seen: 12%");
      });

      it("never skips a level of heading, and drops what is empty", async () => {
        const { pieces } = read(
          await write(
            untoc([
              { kind: "heading", level: 3, content: "Trois" },
              { kind: "heading", level: 4, content: " \u200b" },
              { kind: "heading", level: 4, content: "Quatre" },
              { kind: "heading", level: 1, content: "Un" },
              { kind: "heading", level: 4, content: "Deux\nlignes" },
              { kind: "paragraph", content: "" },
              { kind: "list", ordered: true, items: [{ content: "" }] },
              { kind: "table", columns: [], rows: [["perdu"]] },
              {
                kind: "table",
                columns: [{ heading: "A" }, { heading: "" }],
                rows: [["un"], ["deux", "trois", "perdu"]],
                repeatHeader: false,
              },
            ]),
          ),
        );
        expect(structure(pieces)).to.deep.equal([
          { kind: "heading", level: 1, text: "Trois" },
          { kind: "heading", level: 2, text: "Quatre" },
          { kind: "heading", level: 1, text: "Un" },
          { kind: "heading", level: 2, text: "Deux lignes" },
          {
            kind: "table",
            repeated: 0,
            rows: [
              ["A", ""],
              ["un", ""],
              ["deux", "trois"],
            ],
          },
        ]);
      });

      it("takes any text as text", async () => {
        const { pieces, files, links } = read(await write(everywhere(HOSTILE)));
        const told = plain(pieces.map((piece) => (piece.kind === "table" ? piece.rows.flat().join("\n") : piece.text)).join("\n"));
        for (const text of HOSTILE) expect(told.split(text).length, text).to.be.at.least(10);
        const main = files["word/document.xml"] ?? files["content.xml"]!;
        expect(main).to.not.match(/<script|fldSimple|<w:instrText[^>]*>(?!TOC|PAGEREF|PAGE|NUMPAGES)/);
        expect(links).to.deep.equal([]);
      });

      it("stays well formed whatever characters it is given", async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { minLength: 1, maxLength: 6 }), async (texts) => {
            for (const part of Object.entries(partsOf(await write(everywhere([...texts, ODD])))))
              if (/\.(xml|rels)$/.test(part[0])) parseXml(part[1]);
          }),
          { numRuns: 6 },
        );
      });

      it("opens with nothing in it", async () => {
        const empty = { language: "fr", title: "", author: "", date: "", toc: true, blocks: [] } as const;
        for (const document of [empty, { ...empty, blocks: [], letter: { letterhead: [], recipient: [] } }]) {
          for (const [path, part] of Object.entries(partsOf(await write({ ...document, blocks: [] })))) {
            if (/\.(xml|rels)$/.test(path)) parseXml(part);
          }
        }
      });
    });
  }

  it("starts an ODT file with its uncompressed type, as OpenDocument asks", async () => {
    const bytes = Buffer.from(await writeOdt(sampleLetter()));
    expect(bytes.toString("latin1", 30, 77)).to.equal("mimetypeapplication/vnd.oasis.opendocument.text");
    expect(bytes.readUInt16LE(8)).to.equal(0);
  });

  it("starts the numbers of each list at 1", async () => {
    const list = {
      kind: "list",
      ordered: true,
      items: [{ content: "a", list: { ordered: true, items: ["b"] } }, { content: "c" }],
    } as const;
    const blocks = structuredClone([list, list]) as unknown as Block[];
    for (const format of ["docx", "odt"] as const) {
      const reading = await readDocument(await OFFICE[format].write(untoc(blocks)), `a.${format}`);
      if (reading.kind !== "read") throw new Error(reading.reason);
      const lines = reading.document.text.split("\n").filter((line) => /^\d+\./.test(line));
      expect(lines, format).to.deep.equal(["1. a", "1. b", "2. c", "1. a", "1. b", "2. c"]);
    }
  });
});

/** The texts in every place that takes one. */
function everywhere(texts: string[]): TextDocument {
  const all = texts.join(" ");
  return {
    language: "fr",
    title: all,
    subtitle: all,
    author: all,
    date: "2026-11-25",
    footer: all,
    toc: true,
    blocks: texts.flatMap((text): Block[] => [
      { kind: "heading", level: 1, content: text },
      { kind: "paragraph", content: [{ text, bold: true, href: `javascript:${text}` }, { text }] },
      { kind: "paragraph", content: text, small: true },
      { kind: "list", ordered: true, items: [{ content: text, list: { ordered: false, items: [text] } }] },
      { kind: "table", caption: text, columns: [{ heading: text }], rows: [[text]], rowHeadings: true },
      { kind: "definitions", items: [{ term: text, detail: text }] },
      { kind: "callout", title: text, paragraphs: [text] },
      { kind: "quote", paragraphs: [text], source: text },
      { kind: "signature", lines: [text] },
    ]),
  };
}

type Node = { role?: string; children?: Node[] };
const open = (bytes: Uint8Array) => getDocument({ data: Uint8Array.from(bytes), verbosity: 0 }).promise;

async function pagesOf(pdf: PDFDocumentProxy): Promise<string[]> {
  const pages: string[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? " " : "") : "")).join("");
    pages.push(plain(text).replace(/\s+/g, " "));
  }
  return pages;
}

async function rolesOf(pdf: PDFDocumentProxy): Promise<string[]> {
  const roles: string[] = [];
  const walk = (node: Node) => {
    if (node.role) roles.push(node.role);
    for (const child of node.children ?? []) walk(child);
  };
  for (let number = 1; number <= pdf.numPages; number += 1) walk((await (await pdf.getPage(number)).getStructTree()) as Node);
  return roles;
}

describe("a text as PDF", function () {
  this.slow(3000);

  /** Opens the document as PDF, for as long as `use` looks at it. */
  async function reading(document: TextDocument, use: (pdf: PDFDocumentProxy, bytes: Uint8Array) => Promise<void>): Promise<void> {
    const bytes = await writePdf(document);
    const pdf = await open(bytes);
    try {
      await use(pdf, bytes);
    } finally {
      await pdf.loadingTask.destroy();
    }
  }

  it("is tagged PDF/UA-1 with headings, lists, tables and their headings, in its language and under its title", () =>
    reading(sampleBooklet(), async (pdf, bytes) => {
      const raw = Buffer.from(bytes).toString("latin1");
      expect(raw)
        .to.contain("<pdfuaid:part>1</pdfuaid:part>")
        .and.to.match(/\/Marked true/);
      expect(raw).to.match(/\/Lang ?\(fr/);
      expect(raw).to.not.match(/CreationDate|ModDate|xmp:CreateDate|\/home|\/tmp|node_modules/);
      const { info } = (await pdf.getMetadata()) as { info: Record<string, unknown> };
      expect([info.Title, info.Author]).to.deep.equal([sampleBooklet().title, sampleBooklet().author]);
      const roles = await rolesOf(pdf);
      expect(roles).to.include.members(["H1", "H2", "H3", "H4", "Table", "TH", "TD", "L", "LI", "Lbl", "LBody", "TOC", "BlockQuote"]);
      expect(roles.filter((role) => role === "TH")).to.have.length(4);
      expect(roles.filter((role) => role === "TD")).to.have.length(12);
    }));

  it("carries its faces with it", () =>
    reading(sampleBooklet(), async (_, bytes) => {
      const raw = Buffer.from(bytes).toString("latin1");
      const faces = [...raw.matchAll(/\/BaseFont ?\/(?:[A-Z]{6}\+)?([\w-]+)/g)].map((match) => match[1]!);
      expect(faces).to.not.be.empty;
      for (const face of faces) expect(face).to.match(/^Retex(?:Serif|Sans)-/);
    }));

  it("holds every block in its order, an outline of its headings, and the number of each page", () =>
    reading(sampleBooklet(), async (pdf) => {
      const pages = await pagesOf(pdf);
      pages.forEach((page, index) => {
        expect(page).to.match(new RegExp(`${index + 1} ?/ ?${pages.length}`));
      });
      const outline = await pdf.getOutline();
      const entries = outline.flatMap((entry) => [
        entry.title,
        ...entry.items.flatMap((one) => [one.title, ...one.items.map((inner: { title: string }) => inner.title)]),
      ]);
      const headings = sampleBooklet().blocks.flatMap((block) =>
        block.kind === "heading" && block.level <= 3 ? [words(block.content)] : [],
      );
      expect(entries.filter((title) => title !== "Sommaire")).to.deep.equal(headings);
      let position = 0;
      const text = pages.join(" ");
      for (const found of [
        "Sommaire",
        "« oui » n’est pas « fait ».",
        "Comité d’exemple",
        "Réponses reçues",
        "100 %",
        "Échéance",
        "classées sans suite ;",
      ]) {
        const place = text.indexOf(found, position);
        expect(place, found).to.be.at.least(position);
        position = place;
      }
    }));

  it("sets a letter on one page without a number, its address where an envelope shows it", () =>
    reading(sampleLetter(), async (pdf) => {
      expect(pdf.numPages).to.equal(1);
      const [text] = await pagesOf(pdf);
      expect(text).to.contain("Paris, le 1er septembre 2026").and.to.contain("Objet : Transmission d’une recommandation");
      expect(text).to.not.match(/1 ?\/ ?1/);
      const { items } = await (await pdf.getPage(1)).getTextContent();
      const place = items.flatMap((item) =>
        "str" in item && item.str.startsWith("Direction d’exemple") ? [item.transform as number[]] : [],
      )[0]!;
      const millimetres = { left: (place[4]! * 25.4) / 72, top: 297 - (place[5]! * 25.4) / 72 };
      expect(millimetres.left).to.be.within(105, 120);
      expect(millimetres.top).to.be.within(45, 58);
    }));

  it("repeats the headings of a table on each page, and keeps every word of it between the margins", () => {
    const long = `https://exemple.invalid/${"tres-long-chemin/".repeat(12)}${"x".repeat(120)}`;
    const columns = [
      { heading: "Destinataire" },
      { heading: long },
      { heading: "Anticonstitutionnellement".repeat(2), align: "right" as const },
    ];
    const rows = Array.from({ length: 90 }, (_, index) => [
      `Ligne ${index}`,
      index % 9 ? "court" : long,
      String(index).repeat(index % 7 ? 1 : 40),
    ]);
    const many = Array.from({ length: 14 }, (_, index) => ({ heading: `Appréciation ${index}` }));
    return reading(
      untoc([
        { kind: "table", caption: "Longue", columns, rows },
        { kind: "table", caption: "Large", columns: many, rows: [many.map(() => "Non documentée")] },
        {
          kind: "table",
          caption: "Étroite",
          columns: [
            { heading: "Un", width: 1 },
            { heading: "Deux", width: 30 },
          ],
          rows: [["incompréhensible", long]],
        },
      ]),
      async (pdf) => {
        const pages = await pagesOf(pdf);
        const filled = pages.filter((page) => page.includes("Ligne"));
        expect(filled).to.have.length.at.least(3);
        for (const page of filled) expect(page).to.contain("Destinataire");
        for (const [label] of rows) expect(pages.join(" ")).to.contain(label);
        const [left, right] = [(27 * 72) / 25.4, ((210 - 27) * 72) / 25.4];
        for (let number = 1; number <= pdf.numPages; number += 1) {
          const { items } = await (await pdf.getPage(number)).getTextContent();
          for (const item of items) {
            if (!("str" in item) || item.str.trim() === "") continue;
            expect(item.transform[4], item.str).to.be.at.least(left - 0.1);
            expect(item.transform[4] + item.width, item.str).to.be.at.most(right + 0.1);
          }
        }
      },
    );
  });

  it("takes any text as text", () =>
    reading(everywhere(HOSTILE), async (pdf) => {
      const text = (await pagesOf(pdf)).join(" ");
      for (const one of HOSTILE) expect(text.split(one).length, one).to.be.at.least(6);
      for (let number = 1; number <= pdf.numPages; number += 1) {
        const links = (await (await pdf.getPage(number)).getAnnotations()).filter(({ url }) => url !== undefined);
        expect(links).to.deep.equal([]);
      }
    }));

  it("refuses no text for its characters or for being empty", async () => {
    const odd = fc.sample(fc.string({ unit: "binary", maxLength: 40 }), { numRuns: 30, seed: 4 });
    await writePdf(everywhere([ODD, "long".repeat(300), "", " ", ...odd]));
    const empty: TextDocument = { language: "en", title: "", author: "", date: "", toc: true, blocks: [] };
    await writePdf(empty);
    await writePdf({ ...empty, letter: { letterhead: [], recipient: [] } });
  });

  it("gives up on a text that takes too long, and says nothing of it", async () => {
    const outcome = await writePdf(sampleLetter({ title: "Secret" }), { limit: 1 }).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(TypesettingFailed);
    expect(String(outcome)).to.not.contain("Secret");
  });
});

describe("the same text", function () {
  this.slow(3000);

  for (const [format, write] of Object.entries(WRITERS)) {
    it(`gives the same ${format.toUpperCase()} to the byte`, async () => {
      for (const document of [sampleLetter(), sampleBooklet()])
        expect(digest(await write(document))).to.equal(digest(await write(document)));
    });
  }
});

describe("a text of two hundred pages", function () {
  this.timeout(120_000);
  this.slow(20_000);

  const long = untoc(
    Array.from({ length: 60 }, (_, section): Block[] => [
      { kind: "heading", level: 1, content: `Partie ${section + 1}` },
      {
        kind: "table",
        columns: [{ heading: "Référence" }, { heading: "Texte" }],
        rows: Array.from({ length: 90 }, (_row, index) => [
          `REC-${section + 1}-${index + 1}`,
          "Évaluer le danger à chaque dépôt de plainte pour violences au sein du couple, et transmettre l’évaluation au parquet le jour même.",
        ]),
      },
    ]).flat(),
  );

  for (const [format, write] of Object.entries(WRITERS)) {
    it(`is written as ${format.toUpperCase()} while pages are answered`, async () => {
      let answered = 0;
      const other = setInterval(() => {
        answered += 1;
      }, 1);
      const bytes = await write(long);
      clearInterval(other);
      expect(answered).to.be.at.least(20);
      if (format === "pdf") {
        const pdf = await open(bytes);
        expect(pdf.numPages).to.be.at.least(200);
        expect(await pdf.getOutline()).to.have.length(60);
        await pdf.loadingTask.destroy();
      } else {
        const { pieces } = OFFICE[format as "docx" | "odt"].read(bytes);
        expect(pieces.filter((piece) => piece.kind === "heading")).to.have.length(60);
        expect(pieces.filter((piece) => piece.kind === "table").flatMap((piece) => piece.rows)).to.have.length(60 * 91);
      }
    });
  }
});
