import { expect } from "chai";
import fc from "fast-check";
import { cleanText } from "../../server/documents/frozen-text.ts";
import { decodeText, readText } from "../../server/documents/read-text.ts";
import { checkOffsets, outline, read, refusal } from "./support/reading.ts";

const bytes = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding);
const anyText = fc.string({ unit: "binary", maxLength: 300 });

describe("a plain text", () => {
  it("is read from UTF-8, UTF-16 with its mark, and Windows-1252", async () => {
    const text = "Procès-verbal – 12 € « clos »";
    const big = bytes(`\uFEFF${text}`, "utf16le").swap16();
    const windows = Buffer.from([0x50, 0x72, 0x6f, 0x63, 0xe8, 0x73, 0x20, 0x96, 0x20, 0x31, 0x32, 0x20, 0x80]);
    expect((await read(bytes(text), "note.txt")).text).to.equal(text);
    expect((await read(bytes(`\uFEFF${text}`), "note.txt")).text).to.equal(text);
    expect((await read(bytes(`\uFEFF${text}`, "utf16le"), "note.txt")).text).to.equal(text);
    expect((await read(big, "note.txt")).text).to.equal(text);
    expect((await read(windows, "note.txt")).text).to.equal("Procès – 12 €");
  });

  it("becomes paragraphs and items, its line ends kept", () => {
    const document = readText("Objet : note\r\nsuite\r\n\r\n \r\n- un\r\n- deux,\r\n  fin\r\n\fAnnexe");
    expect(outline(document)).to.deep.equal([
      "paragraph: Objet : note\nsuite",
      "list-item: - un",
      "list-item: - deux,\nfin",
      "paragraph: Annexe",
    ]);
    expect(document.text).to.equal("Objet : note\nsuite\n\n- un\n- deux,\nfin\n\nAnnexe");
  });

  it("loses what shows nothing or deceives, and keeps typographic spaces", () => {
    expect(cleanText("a\u0000b\tc\u202Ed\u200Be\uFEFFf\uFFFEg\u00ADh")).to.equal("ab cdefgh");
    expect(cleanText("« 10\u202F% »\u00A0: 👩‍👧")).to.equal("« 10\u202F% »\u00A0: 👩‍👧");
    expect(cleanText("e\u0301te\u0301 \uD800")).to.equal("été \uFFFD");
    expect(cleanText("\uF0B7 point")).to.equal("• point");
  });

  it("binary data is no text", () => {
    expect(decodeText(Buffer.from([0x4d, 0x5a, 0x90, 0x00, 0x03]))).to.equal(null);
    expect(decodeText(Buffer.from([0xff, 0xfe, 0x00]))).to.equal(null);
  });

  it("of white space alone is empty", async () => {
    expect(await refusal(bytes(" \n\t\u00A0\r\n"), "note.txt")).to.equal("empty");
  });

  it("whatever the characters, cleaning is settled in one pass", () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const clean = cleanText(raw);
        expect(cleanText(clean)).to.equal(clean);
      }),
    );
  });

  it("whatever the characters, offsets are those of code points and the blocks cover the text", () => {
    fc.assert(fc.property(anyText, (raw) => checkOffsets(readText(raw))));
  });
});
