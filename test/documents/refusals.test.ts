import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import type { RefusalReason } from "../../server/documents/read-document.ts";
import { contentTypes, docxOf, docxParts, odfXml, odtOf, odtParts, para, rawZip, wordXml, zipOf } from "./support/packages.ts";
import { pdfFromObjects, pdfOf, stream } from "./support/pdfs.ts";
import { read, refusal } from "./support/reading.ts";

const docx = docxOf(para("Texte"));
const odt = odtOf("<text:p>Texte</text:p>");
const pdf = pdfOf([{ show: [{ x: 70, y: 100, text: "Un texte de plusieurs mots." }] }]);
const withBody = (body: string) => ({ ...docxParts(""), "word/document.xml": body });
const docxAsMembers = (parts = docxParts(para("Texte"))) =>
  Object.entries(parts).map(([name, part]) => ({ name, data: Buffer.from(part) }));

/** The same outcome for every file; the label tells which one differs. */
async function allRefused(outcome: RefusalReason | "read", files: (readonly [bytes: Uint8Array, fileName: string, label?: string])[]) {
  const found = await Promise.all(files.map(([bytes, fileName]) => refusal(bytes, fileName)));
  const labels = files.map(([, fileName, label]) => label ?? fileName);
  expect(Object.fromEntries(labels.map((label, index) => [label, found[index]]))).to.deep.equal(
    Object.fromEntries(labels.map((label) => [label, outcome])),
  );
}

describe("a deposited file", () => {
  it("is read whatever its name, as long as the name does not contradict it", async () => {
    await allRefused("read", [
      [docx, "rapport.docx"],
      [docx, "RAPPORT.DOCX"],
      [docx, "rapport"],
      [docx, "rapport.final v2"],
      [odt, "rapport.odt"],
      [pdf, "rapport.pdf"],
      [pdf, ""],
      [strToU8("Texte"), "rapport.txt"],
      [strToU8("Texte"), 'l\'été "x".log'],
    ]);
  });

  it("stays untouched in the caller's hands", async () => {
    const copy = Uint8Array.from(docx);
    await read(docx);
    expect(docx).to.deep.equal(copy);
  });

  it("is refused when empty, blank or too large", async () => {
    expect(await refusal(new Uint8Array(), "rapport.pdf")).to.equal("empty");
    expect(await refusal(docxOf(para(" ")), "rapport.docx")).to.equal("empty");
    expect(await refusal(odtOf("<text:p/>"), "rapport.odt")).to.equal("empty");
    expect(await refusal(pdfOf([{ show: [] }]), "rapport.pdf")).to.equal("empty");
    expect(await refusal(docx, "rapport.docx", { bytes: docx.length - 1, milliseconds: 5_000, megabytes: 256 })).to.equal("oversized");
  });

  it("is refused when its name contradicts its content", async () => {
    const executable = Buffer.concat([Buffer.from("MZ\x90\0\x03\0\0\0\x04", "latin1"), Buffer.alloc(400)]);
    const png = Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010806000000", "hex");
    await allRefused("mislabelled", [
      [pdf, "rapport.docx"],
      [docx, "rapport.odt"],
      [odt, "rapport.pdf"],
      [docx, "rapport.docm"],
      [docx, "rapport.zip"],
      [strToU8("Du texte"), "rapport.pdf"],
      [strToU8("Du texte"), "facture.exe"],
      [executable, "rapport.pdf"],
      [png, "rapport.docx"],
    ]);
  });

  it("is refused when it is of no known kind", async () => {
    const spreadsheet = zipOf({
      "[Content_Types].xml": contentTypes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
      "xl/workbook.xml": "<a/>",
    });
    const template = zipOf({ ...odtParts("<text:p>a</text:p>"), mimetype: "application/vnd.oasis.opendocument.text-template" });
    const oldWord = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600)]);
    await allRefused("unknown-type", [
      [spreadsheet, "tableau.xlsx"],
      [template, "modele"],
      [oldWord, "ancien.doc"],
      [strToU8("{\\rtf1 texte}"), "texte.rtf"],
      [strToU8("<!DOCTYPE html><p>texte"), "page.html"],
      [Buffer.from([0, 1, 2, 3, 0, 255, 254, 7]), "inconnu"],
    ]);
  });

  it("is refused when it is two kinds of file at once", async () => {
    const hidden = zipSync({
      "%PDF-1.7": [strToU8("%PDF-1.7"), { level: 0 }],
      ...Object.fromEntries(Object.entries(docxParts(para("a"))).map(([n, p]) => [n, strToU8(String(p))])),
    });
    expect(await refusal(Buffer.concat([pdf, docx]), "rapport.pdf")).to.equal("mislabelled");
    expect(await refusal(hidden, "rapport.docx")).to.equal("mislabelled");
  });

  it("is refused when a password protects it", async () => {
    const officeContainer = Buffer.concat([
      Buffer.from("d0cf11e0a1b11ae1", "hex"),
      Buffer.alloc(600),
      Buffer.from("EncryptedPackage", "utf16le"),
      Buffer.alloc(300),
    ]);
    const manifest = odfXml(
      "manifest:manifest",
      '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>',
    );
    const lockedPdf = pdfOf(
      [{ show: [{ x: 70, y: 100, text: "secret" }] }],
      `/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <${"5a".repeat(32)}> /U <${"a5".repeat(32)}> >> /ID [<${"00".repeat(16)}> <${"00".repeat(16)}>]`,
    );
    const unknownLock = pdfOf([{ show: [{ x: 70, y: 100, text: "secret" }] }], "/Encrypt << /Filter /Autre /V 9 >>");
    expect(await refusal(officeContainer, "rapport.docx")).to.equal("encrypted");
    expect(await refusal(zipOf({ ...odtParts("<text:p>a</text:p>"), "META-INF/manifest.xml": manifest }), "rapport.odt")).to.equal(
      "encrypted",
    );
    expect(await refusal(lockedPdf, "rapport.pdf")).to.equal("encrypted");
    expect(await refusal(unknownLock, "rapport.pdf")).to.equal("encrypted");
    expect(await refusal(rawZip(docxAsMembers().map((member) => ({ ...member, flags: 1 }))), "rapport.docx")).to.equal("encrypted");
  });

  it("is refused when it carries macros", async () => {
    const macroType = "application/vnd.ms-word.document.macroEnabled.main+xml";
    const listener = odfXml(
      "office:document-content",
      '<office:scripts><office:event-listeners><script:event-listener script:language="ooo:script"/></office:event-listeners></office:scripts><office:body><office:text/></office:body>',
    );
    for (const parts of [
      { ...docxParts(para("a")), "[Content_Types].xml": contentTypes(macroType) },
      { ...docxParts(para("a")), "word/vbaProject.bin": "macro" },
      { ...docxParts(para("a")), "word/embeddings/classeur.xlsm": zipOf({ a: "a" }) },
      { ...odtParts("<text:p>a</text:p>"), "Basic/Standard/Module1.xml": "<a/>" },
      { ...odtParts("<text:p>a</text:p>"), "Scripts/python/a.py": "a" },
      { ...odtParts(""), "content.xml": listener },
    ]) {
      expect(await refusal(zipOf(parts)), Object.keys(parts).at(-1)).to.equal("macros");
    }
  });

  it("is refused when it is damaged", async () => {
    const garbled = pdfFromObjects(["<< /Type /Catalog >>"]);
    const upwards = rawZip([...docxAsMembers(), { name: "../../etc/passwd", data: Buffer.from("a") }]);
    const twice = rawZip([...docxAsMembers(), { name: "word/document.xml", data: Buffer.from(wordXml("document", "<w:body/>")) }]);
    const files = {
      "cut.docx": docx.subarray(0, docx.length - 40),
      "half.docx": docx.subarray(0, docx.length >> 1),
      "garbled.pdf": garbled,
      "head.pdf": Buffer.from("%PDF-1.7\nrien d'autre"),
      "noise.pdf": Buffer.from([0, 1, 2, 3, 0, 255, 254, 7]),
      "unclosed.docx": zipOf(withBody("<w:document><w:body>")),
      "undeclared.docx": zipOf(withBody("<w:document/>")),
      "bodyless.docx": zipOf(withBody(wordXml("document", ""))),
      "upwards.docx": upwards,
      "twice.docx": twice,
      "absolute.docx": rawZip([...docxAsMembers(), { name: "/etc/passwd", data: Buffer.from("a") }]),
      "drive.docx": rawZip([...docxAsMembers(), { name: "C:\\a", data: Buffer.from("a") }]),
      "flipped.docx": rawZip(docxAsMembers()).map((byte, index) => (index === 70 ? byte ^ 0xff : byte)),
      "contentless.odt": zipOf({ mimetype: "application/vnd.oasis.opendocument.text" }),
    };
    await allRefused(
      "damaged",
      Object.entries(files).map(([name, bytes]) => [bytes, name]),
    );
  });

  it("with a document type or an entity is refused, and nothing is expanded", async () => {
    const laughs = Array.from({ length: 30 }, (_, index) => `<!ENTITY l${index + 1} "&l${index};&l${index};&l${index};">`).join("");
    for (const doctype of [
      `<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>`,
      `<!DOCTYPE w [<!ENTITY l0 "ha">${laughs}]>`,
      `<!DOCTYPE w SYSTEM "http://127.0.0.1:9/a.dtd">`,
    ]) {
      const xml = wordXml("document", `<w:body>${para("&l30;&x;")}</w:body>`).replace("?>", `?>${doctype}`);
      expect(await refusal(zipOf(withBody(xml)), "rapport.docx")).to.equal("damaged");
    }
    expect(await refusal(zipOf(withBody(wordXml("document", `<w:body>${para("&inconnue;")}</w:body>`))))).to.equal("damaged");
    const deep = `${"<w:sdt><w:sdtContent>".repeat(5_000)}${para("fond")}${"</w:sdtContent></w:sdt>".repeat(5_000)}`;
    expect(await refusal(docxOf(deep))).to.equal("damaged");
  });

  it("is refused as a bomb: sizes, ratios, lies, members, shared bytes, archives inside", async () => {
    const zeros = Buffer.alloc(40 * 1024 * 1024, 0x20);
    const many = Array.from({ length: 4_000 }, (_, index) => ({ name: `word/media/${index}.png`, data: Buffer.alloc(0) }));
    const shared = Array.from({ length: 50 }, (_, index) => ({
      name: `word/media/${index}.png`,
      data: Buffer.alloc(2_000_000, 65),
      sharesDataOf: 3,
    }));
    const files = {
      ratio: rawZip([...docxAsMembers(), { name: "word/media/a.bmp", data: zeros }]),
      declared: rawZip([...docxAsMembers(), { name: "word/media/a.bmp", data: Buffer.from("a"), declared: 900 * 1024 * 1024 }]),
      lying: rawZip(docxAsMembers().map((member) => (member.name === "word/document.xml" ? { ...member, declared: 50 } : member))),
      members: rawZip([...docxAsMembers(), ...many]),
      shared: rawZip([...docxAsMembers(), { name: "word/media/x.png", data: Buffer.alloc(2_000_000, 65) }, ...shared]),
      nested: zipOf({ ...docxParts(para("a")), "word/media/a.zip": zipOf({ a: "a" }) }),
      disguised: zipOf({ ...docxParts(para("a")), "word/media/a.png": zipOf({ a: "a" }) }),
    };
    await allRefused(
      "zip-bomb",
      Object.entries(files).map(([name, bytes]) => [bytes, "rapport.docx", name]),
    );
  });

  it("may hold an annexed spreadsheet, which is never opened", async () => {
    expect(await refusal(zipOf({ ...docxParts(para("a")), "word/embeddings/tableau.xlsx": zipOf({ a: "a" }) }), "rapport.docx")).to.equal(
      "read",
    );
  });

  it("a scan, with a picture and no words, is read and not empty", async () => {
    const picture = stream("\xFF\xFF\xFF", "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8");
    const scan = pdfFromObjects([
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>",
      stream("q 595 0 0 842 0 0 cm /I Do Q"),
      picture,
    ]);
    const document = await read(scan, "scan.pdf");
    expect(document).to.deep.include({ hasText: false, text: "", pageCount: 1 });
  });
});
