import { createHash } from "node:crypto";
import { expect } from "chai";
import { getDocument, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { TypesettingFailed } from "../../server/exchange/pdf/typeset.ts";
import { typographic } from "../../server/exchange/typography.ts";
import type { LetterDocument } from "../../server/publications/letter-document.ts";
import { typesetLetter } from "../../server/publications/pdf/typeset.ts";
import { sampleLetter } from "./sample-letter.ts";

type Node = { role?: string; alt?: string; children?: Node[] };

const open = (bytes: Uint8Array) => getDocument({ data: Uint8Array.from(bytes), verbosity: 0 }).promise;

/** The text of the whole file in reading order, every run of spaces as one, the breaks put into long words left out. */
async function textOf(pdf: PDFDocumentProxy): Promise<string> {
  const pages: string[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    pages.push(items.map((item) => ("str" in item ? item.str + (item.hasEOL ? " " : "") : "")).join(""));
  }
  return pages
    .join(" ")
    .replace(/\u200b/g, "")
    .replace(/\s+/g, " ");
}

async function nodesOf(pdf: PDFDocumentProxy): Promise<Node[]> {
  const found: Node[] = [];
  const walk = (node: Node) => {
    found.push(node);
    for (const child of node.children ?? []) walk(child);
  };
  for (let number = 1; number <= pdf.numPages; number += 1) walk((await (await pdf.getPage(number)).getStructTree()) as Node);
  return found;
}

const letterOf = (blocks: LetterDocument["blocks"], changes: Partial<LetterDocument> = {}) => sampleLetter({ blocks, ...changes });

describe("the printed letter", function () {
  this.slow(2000);

  describe("of a whole year", () => {
    let bytes: Uint8Array;
    let pdf: PDFDocumentProxy;
    before(async () => {
      bytes = await typesetLetter(sampleLetter());
      pdf = await open(bytes);
    });
    after(() => pdf.loadingTask.destroy());

    it("declares itself PDF/UA-1, tagged, in its language and under its title", async () => {
      const raw = Buffer.from(bytes).toString("latin1");
      expect(raw)
        .to.contain("/StructTreeRoot")
        .and.to.match(/\/Lang ?\(fr/);
      expect(raw).to.contain("<pdfuaid:part>1</pdfuaid:part>");
      expect(raw).to.match(/\/Marked true/);
      const { info } = (await pdf.getMetadata()) as { info: Record<string, unknown> };
      expect(info.Title).to.equal(typographic(sampleLetter().title, "fr"));
      expect(info.Author).to.equal(sampleLetter().issuer);
    });

    it("holds its texts in the order of its blocks", async () => {
      const text = await textOf(pdf);
      const inOrder = [
        "Lettre d’exemple",
        "Sommaire",
        "Derrière chaque chiffre",
        "actes connus en 2025",
        "Facteurs relevés dans les retours d’expérience",
        "Données du graphique : parts",
        "Données du graphique : victimes par an",
        "Un intervenant social présent au commissariat",
        "REC-2026-0001",
        "REC-2026-0006",
        "Les rapports sont codés avec la grille",
      ];
      let position = 0;
      for (const words of inOrder) {
        const found = text.indexOf(words, position);
        expect(found, words).to.be.at.least(position);
        position = found;
      }
    });

    it("numbers its pages and lists its sections", async () => {
      const text = await textOf(pdf);
      for (let number = 1; number <= pdf.numPages; number += 1) expect(text).to.match(new RegExp(`${number} ?/ ?${pdf.numPages}`));
      const outline = await pdf.getOutline();
      expect(outline.map((entry) => entry.title)).to.include.members([
        "Avant-propos",
        "Chiffres clés",
        "Recommandations",
        "Méthode et sources",
      ]);
    });

    it("marks table headings as headings, and gives every drawing its text alternative", async () => {
      const nodes = await nodesOf(pdf);
      const roles = nodes.map((node) => node.role);
      expect(roles).to.include.members(["H1", "H2", "Table", "TH", "TD", "L", "LI", "TOC", "Link"]);
      const drawings = nodes.filter((node) => node.role === "Figure");
      expect(drawings.map((node) => node.alt))
        .to.have.length(3)
        .and.to.satisfy((alts: string[]) => alts.every((alt) => alt.length > 20));
    });

    it("names no account, no path and no date of making", () => {
      const raw = Buffer.from(bytes).toString("latin1");
      expect(raw).to.not.match(/CreationDate|ModDate|xmp:CreateDate|\/home|\/work|\/tmp|node_modules/);
    });

    it("carries its own faces, and none of the machine's", () => {
      const faces = [
        ...Buffer.from(bytes)
          .toString("latin1")
          .matchAll(/\/BaseFont ?\/(?:[A-Z]{6}\+)?([\w-]+)/g),
      ].map((match) => match[1]!);
      expect(faces).to.not.be.empty;
      for (const face of faces) expect(face).to.match(/^Retex(?:Serif|Sans)-/);
    });

    it("comes out the same to the byte", async () => {
      const digest = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
      expect(digest(await typesetLetter(sampleLetter()))).to.equal(digest(bytes));
    });
  });

  it("repeats the headings of a table that goes over the page", async () => {
    const rows = Array.from({ length: 90 }, (_, index) => [`Ligne ${index}`, String(index)]);
    const columns = [
      { label: "Juridiction", numeric: false },
      { label: "Actes", numeric: true },
    ];
    const pdf = await open(
      await typesetLetter(
        letterOf([{ kind: "table", heading: "Longue table", table: { caption: "Actes", columns, rows, note: null, source: null } }]),
      ),
    );
    const text = await textOf(pdf);
    expect(text.match(/Juridiction Actes/g)?.length).to.be.at.least(2);
    for (const [label] of rows) expect(text).to.contain(label);
    await pdf.loadingTask.destroy();
  });

  it("sets what people typed as text, never as markup or code", async () => {
    const payloads = [
      '#eval("1+1")',
      '#read("/etc/passwd")',
      "<script>alert(1)</script>",
      "$x^2$",
      "\\u{41}",
      "@renvoi",
      "[contenu]",
      "#set text(red)",
      "//comment",
      "`",
    ];
    const table = {
      caption: payloads[0]!,
      columns: [{ label: payloads[3]!, numeric: false }],
      rows: payloads.map((one) => [one]),
      note: payloads[5]!,
      source: payloads[6]!,
    };
    const pdf = await open(
      await typesetLetter(
        letterOf(
          [
            { kind: "text", heading: payloads[0]!, markdown: '#eval("1+1") et $x^2$ et `#let a = 1` et <script>alert(1)</script>' },
            { kind: "key-figures", heading: payloads[7]!, figures: [{ value: payloads[3]!, label: payloads[0]!, detail: payloads[2]! }] },
            { kind: "table", heading: payloads[1]!, table },
            { kind: "good-practices", heading: payloads[5]!, items: payloads.map((one) => ({ text: one, context: one })), empty: "" },
            {
              kind: "recommendations",
              heading: payloads[4]!,
              items: payloads.map((one) => ({ reference: one, text: one, addressee: one, details: one })),
              empty: "",
            },
          ],
          {
            title: payloads[0]!,
            subtitle: payloads[2]!,
            issuer: payloads[7]!,
            dateLine: payloads[3]!,
            fictional: payloads[1]!,
            contents: payloads[5]!,
          },
        ),
      ),
    );
    const text = await textOf(pdf);
    for (const payload of payloads) expect(text).to.contain(payload);
    expect(text).to.contain("#let a = 1");
    await pdf.loadingTask.destroy();
  });

  it("refuses no letter for a character, a long word or an empty part", async () => {
    const odd = "👩‍👧 日本 שלום \u202e\u0000\u0007\ud800 ≤≥≠≈‰→← č ş ω Ж ắ";
    const pdf = await open(
      await typesetLetter(
        letterOf(
          [
            { kind: "text", heading: null, markdown: `# \u200b\n\n${odd}\n\n${"long".repeat(200)}\n\n###### Saut\n\n- \n` },
            { kind: "text", heading: "", markdown: "" },
            { kind: "key-figures", heading: "", figures: [] },
            {
              kind: "table",
              heading: odd,
              table: { caption: "", columns: [{ label: "", numeric: false }], rows: [], note: null, source: null },
            },
            { kind: "good-practices", heading: "Bonnes pratiques", items: [], empty: "Aucune bonne pratique validée." },
            { kind: "recommendations", heading: "Recommandations", items: [], empty: "Aucune recommandation publiée." },
          ],
          { title: "", subtitle: "", issuer: "", dateLine: "", fictional: null, contents: "" },
        ),
      ),
    );
    const text = await textOf(pdf);
    expect(text).to.contain("Aucune bonne pratique validée.").and.to.contain("Aucune recommandation publiée.");
    expect(text).to.contain("≤≥≠≈‰→← č ş ω Ж ắ");
    await pdf.loadingTask.destroy();
    await typesetLetter(letterOf([], { language: "en" }));
  });

  it("gives up on a letter that takes too long, and sets the next one", async () => {
    const [late, next] = await Promise.allSettled([typesetLetter(sampleLetter(), { limit: 1 }), typesetLetter(letterOf([]))]);
    expect(late.status === "rejected" && late.reason).to.be.instanceOf(TypesettingFailed);
    expect(next.status).to.equal("fulfilled");
  });

  it("says nothing of the letter when it cannot be set", async () => {
    const chart = {
      kind: "chart",
      heading: "Secret",
      description: "Secret",
      svg: "<svg Secret",
      table: { caption: "", columns: [], rows: [], note: null, source: null },
    } as const;
    const outcome = await typesetLetter(letterOf([{ ...chart, table: { ...chart.table, columns: [], rows: [] } }])).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(TypesettingFailed);
    expect(String(outcome)).to.not.contain("Secret");
  });
});
