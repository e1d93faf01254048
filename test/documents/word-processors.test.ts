import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { docxOf, docxParts, odfXml, odtOf, odtParts, para, wordXml, zipOf } from "./support/packages.ts";
import { outline, read } from "./support/reading.ts";

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`;
const style = (id: string, name: string, inside = "") =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${inside}</w:style>`;
const styled = (text: string, id: string) => para(text, `<w:pStyle w:val="${id}"/>`);
const styles = (...all: string[]) => ({ kind: "styles", file: "styles.xml", xml: wordXml("styles", all.join("")) });
const cell = (inside: string, properties = "") => `<w:tc><w:tcPr>${properties}</w:tcPr>${inside}</w:tc>`;
const table = (...rows: string[][]) => `<w:tbl>${rows.map((cells) => `<w:tr>${cells.join("")}</w:tr>`).join("")}</w:tbl>`;

describe("a Word document", () => {
  it("takes headings from English and French style names, inherited styles and outline levels", async () => {
    const document = await read(
      docxOf(
        styled("Rapport", "Titre") +
          styled("Faits", "Titre1") +
          styled("Le 3 mars", "Maison") +
          para("Annexe", '<w:outlineLvl w:val="2"/>') +
          styled("Texte", "Corps"),
        [
          styles(
            style("Titre", "Titre"),
            style("Titre1", "Titre 1"),
            style("H2", "heading 2"),
            style("Maison", "Intertitre maison", '<w:basedOn w:val="H2"/>'),
            style("Corps", "Corps de texte"),
          ),
        ],
      ),
    );
    expect(outline(document)).to.deep.equal([
      "heading 1: Rapport",
      "heading 1: Faits",
      "heading 2: Le 3 mars",
      "heading 3: Annexe",
      "paragraph: Texte",
    ]);
  });

  it("writes automatic numbers by level, restarts them, and keeps bullets", async () => {
    const level = (depth: number, format: string, text: string, more = "") =>
      `<w:lvl w:ilvl="${depth}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
    const numbering = wordXml(
      "numbering",
      `<w:abstractNum w:abstractNumId="0">${level(0, "upperRoman", "%1.")}${level(1, "lowerLetter", "%2)")}${level(2, "decimal", "%1.%2.%3", "<w:isLgl/>")}</w:abstractNum>
       <w:abstractNum w:abstractNumId="1">${level(0, "bullet", "\uF0B7")}</w:abstractNum>
       <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
       <w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>
       <w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>`,
    );
    const item = (text: string, list: number, depth = 0) =>
      para(text, `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="${list}"/></w:numPr>`);
    const document = await read(
      docxOf(
        item("un", 1) +
          item("sous", 1, 1) +
          item("encore", 1, 1) +
          item("légal", 1, 2) +
          item("deux", 1) +
          item("sous", 1, 1) +
          item("quatre", 2) +
          item("point", 3) +
          item("sans numéro", 0),
        [{ kind: "numbering", file: "numbering.xml", xml: numbering }],
      ),
    );
    expect(document.text).to.equal("I. un\na) sous\nb) encore\n1.2.1 légal\nII. deux\na) sous\nIV. quatre\n• point\n\nsans numéro");
  });

  it("keeps insertions and moved text, drops deletions, and joins paragraphs whose end was deleted", async () => {
    const document = await read(
      docxOf(
        `<w:p>${run("Il a été ")}<w:del w:id="1"><w:r><w:delText>condamné</w:delText></w:r></w:del><w:ins w:id="2">${run("mis en examen")}</w:ins>${run(".")}</w:p>` +
          `<w:p><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr>${run("Une phrase ")}</w:p><w:p>${run("en deux.")}</w:p>` +
          `<w:p><w:moveFrom w:id="4">${run("ancien lieu")}</w:moveFrom><w:moveTo w:id="5">${run("nouveau lieu")}</w:moveTo></w:p>` +
          `<w:tbl><w:tr><w:trPr><w:del w:id="6"/></w:trPr>${cell(para("effacée"))}</w:tr><w:tr>${cell(para("gardée"))}</w:tr></w:tbl>`,
      ),
    );
    expect(outline(document)).to.deep.equal([
      "paragraph: Il a été mis en examen.",
      "paragraph: Une phrase en deux.",
      "paragraph: nouveau lieu",
      [["gardée"]],
    ]);
  });

  it("reads field results, not their codes, the state of check boxes, and never hidden text or comments", async () => {
    const mark = (type: string, inside = "") => `<w:r><w:fldChar w:fldCharType="${type}">${inside}</w:fldChar></w:r>`;
    const box = (value: string) => mark("begin", `<w:ffData><w:checkBox><w:default w:val="${value}"/></w:checkBox></w:ffData>`);
    const code = (text: string) => `<w:r><w:instrText>${text}</w:instrText></w:r>`;
    const document = await read(
      docxOf(
        `<w:p>${mark("begin")}${code("HYPERLINK &quot;http://exemple.invalid&quot;")}${mark("separate")}${run("le lien")}${mark("end")}${run(" suit")}</w:p>` +
          `<w:p><w:hyperlink r:id="rel0">${run("un autre")}</w:hyperlink><w:r><w:commentReference w:id="0"/></w:r></w:p>` +
          `<w:p>${box("1")}${code("FORMCHECKBOX")}${mark("end")}${run("oui ")}${box("0")}${code("FORMCHECKBOX")}${mark("end")}${run("non")}</w:p>` +
          `<w:p>${run("visible")}<w:r><w:rPr><w:vanish/></w:rPr><w:t>caché</w:t></w:r></w:p>`,
        [{ kind: "comments", file: "comments.xml", xml: wordXml("comments", `<w:comment w:id="0">${para("à relire")}</w:comment>`) }],
      ),
    );
    expect(outline(document)).to.deep.equal([
      "paragraph: le lien suit",
      "paragraph: un autre",
      "paragraph: ☒ oui ☐ non",
      "paragraph: visible",
    ]);
  });

  it("puts text boxes after their paragraph, once, and flattens tables inside cells", async () => {
    const content = `<w:txbxContent>${para("Encadré")}</w:txbxContent>`;
    const document = await read(
      docxOf(
        `<w:p>${run("Avant")}<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>${content}</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>${content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>` +
          table([cell(para("a")), cell(para("b") + para("c"))], [cell(""), cell(table([cell(para("x")), cell(para("y"))]) + para("z"))]),
      ),
    );
    expect(outline(document)).to.deep.equal([
      "paragraph: Avant",
      "paragraph: Encadré",
      [
        ["a", "b\nc"],
        ["", "x | y\nz"],
      ],
    ]);
  });

  it("gives notes one sequence, footnotes where they are called and endnotes at the end", async () => {
    const note = (id: number, text: string) => `<w:footnote w:id="${id}">${para(text)}</w:footnote>`;
    const document = await read(
      docxOf(
        `<w:p>${run("Un")}<w:r><w:footnoteReference w:id="5"/></w:r>${run(" deux")}<w:r><w:endnoteReference w:id="5"/></w:r></w:p>` +
          table([cell(`<w:p>${run("case")}<w:r><w:footnoteReference w:id="7"/></w:r></w:p>`)]) +
          para("fin"),
        [
          {
            kind: "footnotes",
            file: "footnotes.xml",
            xml: wordXml(
              "footnotes",
              `<w:footnote w:type="separator" w:id="-1">${para("---")}</w:footnote>${note(5, "première")}${note(7, "troisième")}`,
            ),
          },
          { kind: "endnotes", file: "endnotes.xml", xml: wordXml("endnotes", `<w:endnote w:id="5">${para("deuxième")}</w:endnote>`) },
        ],
      ),
    );
    expect(outline(document)).to.deep.equal([
      "paragraph: Un¹ deux²",
      "footnote: ¹ première",
      [["case³"]],
      "footnote: ³ troisième",
      "paragraph: fin",
      "footnote: ² deuxième",
    ]);
  });

  it("gives each header and footer once, as running text around the body", async () => {
    const section = (kind: string) =>
      `<w:sectPr><w:headerReference w:type="default" r:id="rel0"/><w:headerReference w:type="first" r:id="rel1"/><w:footerReference w:type="${kind}" r:id="rel2"/></w:sectPr>`;
    const document = await read(
      docxOf(`<w:p><w:pPr>${section("default")}</w:pPr>${run("corps")}</w:p>${section("default")}`, [
        { kind: "header1", file: "header1.xml", xml: wordXml("hdr", para("Parquet")) },
        { kind: "header2", file: "header2.xml", xml: wordXml("hdr", para("jamais montré")) },
        { kind: "footer1", file: "footer1.xml", xml: wordXml("ftr", para("Exemple fictif")) },
      ]),
    );
    expect(outline(document)).to.deep.equal(["running: Parquet", "paragraph: corps", "running: Exemple fictif"]);
  });

  it("knows its pages when the breaks of the last layout agree with the declared number", async () => {
    const body = `<w:p>${run("Début de phrase ")}<w:r><w:lastRenderedPageBreak/><w:t>suite.</w:t></w:r></w:p>${para("Fin.")}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>`;
    const withPages = (count: number) => {
      const app = `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Pages>${count}</Pages></Properties>`;
      return zipOf({ ...docxParts(body), "docProps/app.xml": app });
    };
    const parts = withPages(2);
    const known = await read(parts);
    const stale = await read(withPages(5));
    expect(stale).to.deep.include({ pages: [], pageCount: null });
    expect(known.text).to.equal("Début de phrase suite.\n\nFin.");
    expect(stale.text).to.equal(known.text);
    expect(known.pageCount).to.equal(2);
    expect(known.pages.map(({ start }) => known.text.slice(start))).to.deep.equal([known.text, "suite.\n\nFin."]);
    expect(known.pages[0]!.width).to.be.closeTo(595, 1);
    expect(known.blocks.map(({ page }) => page)).to.deep.equal([1, 2]);
  });
});

describe("an OpenDocument text", () => {
  it("reads headings, spaces, tabs, line ends and notes", async () => {
    const document = await read(
      odtOf(
        `<text:h text:outline-level="2">Faits</text:h><text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d\n   e<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>voir plus loin</text:p></text:note-body></text:note>.</text:p>`,
      ),
    );
    expect(outline(document)).to.deep.equal(["heading 2: Faits", "paragraph: a b c\nd e¹.", "footnote: ¹ voir plus loin"]);
  });

  it("keeps tracked insertions, drops deletions, annotations and hidden text", async () => {
    const document = await read(
      odtOf(
        `<text:tracked-changes><text:changed-region><text:deletion><text:p>meurtre</text:p></text:deletion></text:changed-region></text:tracked-changes>` +
          `<text:p>mis en examen pour <text:change text:change-id="c"/><text:change-start text:change-id="d"/>assassinat<text:change-end text:change-id="d"/><office:annotation><text:p>à vérifier</text:p></office:annotation></text:p>` +
          `<text:p><text:hidden-text text:is-hidden="true">secret</text:hidden-text>vu</text:p><text:section text:display="none"><text:p>caché</text:p></text:section>`,
      ),
    );
    expect(outline(document)).to.deep.equal(["paragraph: mis en examen pour assassinat", "paragraph: vu"]);
  });

  it("numbers lists from their styles, nested and continued", async () => {
    const automatic = `<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:display-levels="2"/></text:list-style><text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="–"/></text:list-style>`;
    const item = (inside: string) => `<text:list-item>${inside}</text:list-item>`;
    const p = (text: string) => `<text:p>${text}</text:p>`;
    const document = await read(
      odtOf(
        `<text:list text:style-name="L">${item(p("un") + p("suite"))}${item(`${p("deux")}<text:list>${item(p("sous"))}</text:list>`)}</text:list>${p("entre")}` +
          `<text:list text:style-name="L" text:continue-numbering="true">${item(p("trois"))}</text:list><text:list text:style-name="B">${item(p("tiret"))}</text:list>`,
        { automatic },
      ),
    );
    expect(document.text).to.equal("1. un\nsuite\n2. deux\n2.a) sous\n\nentre\n\n3. trois\n– tiret");
  });

  it("reads tables with repeated, covered and nested cells, and does not believe absurd repetitions", async () => {
    const c = (text: string, more = "") => `<table:table-cell ${more}>${text && `<text:p>${text}</text:p>`}</table:table-cell>`;
    const document = await read(
      odtOf(
        `<table:table><table:table-header-rows><table:table-row>${c("Point")}${c("Pièce", 'table:number-columns-repeated="2"')}</table:table-row></table:table-header-rows>` +
          `<table:table-row>${c("large", 'table:number-columns-spanned="2"')}<table:covered-table-cell/>${c("fin")}</table:table-row>` +
          `<table:table-row>${c("a")}${c("")}${c("", 'table:number-columns-repeated="1000000000"')}</table:table-row>` +
          `<table:table-row table:number-rows-repeated="1048576">${c("")}</table:table-row></table:table>`,
      ),
    );
    expect(outline(document)).to.deep.equal([[["Point", "Pièce", "Pièce"], ["large", "fin"], ["a"]]]);
  });

  it("reads frames after their paragraph, and each header and footer once", async () => {
    const area = (name: string, text: string) => `<style:${name}><text:p>${text}</text:p></style:${name}>`;
    const styles = `<office:master-styles><style:master-page style:name="Standard">${area("header", "Dossier")}${area("header-left", "Dossier")}${area("footer", "Exemple fictif")}</style:master-page></office:master-styles>`;
    const document = await read(
      odtOf(
        `<text:p>avant<draw:frame><draw:text-box><text:p>encadré</text:p></draw:text-box><svg:desc>une image</svg:desc></draw:frame> après</text:p>`,
        { styles },
      ),
    );
    expect(outline(document)).to.deep.equal([
      "running: Dossier",
      "paragraph: avant après",
      "paragraph: encadré",
      "running: Exemple fictif",
    ]);
  });
});

describe("a document that points outside itself", () => {
  it("is read without a single request", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rels = (part: string) =>
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rel0" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${part}" Target="${address}/${part}" TargetMode="External"/></Relationships>`;
    const docx = docxOf(`<w:p><w:hyperlink r:id="rel0">${run("lien")}</w:hyperlink></w:p>`, [
      { kind: "settings", file: "settings.xml", xml: wordXml("settings", '<w:attachedTemplate r:id="rel0"/>') },
      { kind: "none", file: "_rels/settings.xml.rels", xml: rels("attachedTemplate") },
    ]);
    const odt = zipOf({
      ...odtParts(
        `<text:p>texte<draw:frame><draw:image xlink:href="${address}/image.png"/></draw:frame></text:p><text:section><text:section-source xlink:href="${address}/section.odt"/></text:section>`,
      ),
      "settings.xml": odfXml("office:document-settings", ""),
    });
    try {
      expect((await read(docx)).text).to.equal("lien");
      expect((await read(odt)).text).to.equal("texte");
    } finally {
      server.close();
    }
    expect(asked).to.deep.equal([]);
  });
});
