import { crc32, deflateRawSync } from "node:zlib";
import { expect } from "chai";
import { archive } from "../../server/exchange/archive.ts";
import { dayOfSerial } from "../../server/imports/grid.ts";
import { type ReadSheet, readSpreadsheet } from "../../server/imports/read-spreadsheet.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const cellsOf = ({ lines }: ReadSheet): string[][] => lines.map((line) => JSON.parse(line) as string[]);
async function sheetOf(bytes: Uint8Array, name: string, choice?: Parameters<typeof readSpreadsheet>[2]): Promise<ReadSheet> {
  const reading = await readSpreadsheet(bytes, name, choice);
  if (reading.kind === "refused") throw new Error(reading.reason);
  return reading.sheet;
}
const refusalOf = async (bytes: Uint8Array, name: string, limits?: Parameters<typeof readSpreadsheet>[3]) => {
  const reading = await readSpreadsheet(bytes, name, undefined, limits);
  return reading.kind === "refused" ? reading.reason : "read";
};

const MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
const SPREADSHEETML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/** A workbook as another program might write it: prefixes, inline texts, formulas. */
function xlsx(given: {
  sheets?: Record<string, string>;
  strings?: string;
  styles?: string;
  main?: string;
  also?: [string, string][];
  book?: string;
}): Uint8Array {
  const sheets = given.sheets ?? { Cas: "" };
  const names = Object.keys(sheets);
  return archive([
    [
      "[Content_Types].xml",
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="${given.main ?? MAIN}"/></Types>`,
    ],
    [
      "xl/workbook.xml",
      `<workbook xmlns="${SPREADSHEETML}" xmlns:r="${RELATIONS}">${given.book ?? ""}<sheets>${names.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="r${at}"/>`).join("")}</sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((_, at) => `<Relationship Id="r${at}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`).join("")}</Relationships>`,
    ],
    ...names.map((name, at): [string, string] => [
      `xl/worksheets/sheet${at + 1}.xml`,
      `<x:worksheet xmlns:x="${SPREADSHEETML}"><x:sheetData>${sheets[name]}</x:sheetData></x:worksheet>`,
    ]),
    ...(given.strings ? [["xl/sharedStrings.xml", given.strings] as [string, string]] : []),
    ...(given.styles ? [["xl/styles.xml", given.styles] as [string, string]] : []),
    ...(given.also ?? []),
  ]);
}
const HEAD =
  '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Un</x:t></x:is></x:c><x:c r="B1" t="inlineStr"><x:is><x:t>Deux</x:t></x:is></x:c></x:row>';

const ODF = [
  ["office", "office"],
  ["table", "table"],
  ["text", "text"],
]
  .map(([prefix, name]) => `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(" ");
const ods = (table: string, also: [string, string][] = []): Uint8Array =>
  archive(
    [
      ["mimetype", "application/vnd.oasis.opendocument.spreadsheet"],
      ["META-INF/manifest.xml", "<manifest/>"],
      [
        "content.xml",
        `<office:document-content ${ODF}><office:body><office:spreadsheet>${table}</office:spreadsheet></office:body></office:document-content>`,
      ],
      ...also,
    ],
    ["mimetype"],
  );
const text = (value: string, repeated = 1) =>
  `<table:table-cell office:value-type="string"${repeated > 1 ? ` table:number-columns-repeated="${repeated}"` : ""}><text:p>${value}</text:p></table:table-cell>`;

/** A ZIP of one member, with the size that its headers claim. */
function zipped(name: string, content: Buffer, claimed = content.length): Uint8Array {
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(crc32(content), 14);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(claimed, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(20, 4);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(crc32(content), 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(claimed, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return new Uint8Array(Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]));
}

describe("reading a spreadsheet", function () {
  this.timeout(60_000);

  it("takes separated values as French and English programs write them", async () => {
    const cells = [
      ["a", "b;c", 'dit "oui"'],
      ["1,5", "", "fin\nsuite"],
    ];
    const written = (separator: string, end: string) =>
      [["Un", "Deux", "Trois"], ...cells]
        .map((line) => line.map((cell) => (/[;,\t"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator))
        .join(end) + end;
    for (const [separator, end] of [
      [";", "\r\n"],
      [",", "\n"],
      ["\t", "\r\n"],
      [";", "\r"],
    ] as const) {
      const sheet = await sheetOf(bytesOf(`\ufeff${written(separator, end)}`), "cas.csv");
      expect(sheet.columns.map(({ header }) => header)).to.deep.equal(["Un", "Deux", "Trois"]);
      expect(cellsOf(sheet)).to.deep.equal(cells);
      expect(sheet.numbers).to.deep.equal([2, 3]);
    }
    const latin = new Uint8Array(Buffer.from("Départ;Été\r\nÉvreux;œuvre\r\n".replace("œ", "\x9c"), "latin1"));
    expect(cellsOf(await sheetOf(latin, "cas.csv"))).to.deep.equal([["Évreux", "œuvre"]]);
    const wide = new Uint8Array(Buffer.from("\ufeffUn\tDeux\r\né\tß\r\n", "utf16le"));
    expect(cellsOf(await sheetOf(wide, "cas.csv"))).to.deep.equal([["é", "ß"]]);
  });

  it("numbers lines as the sheet does, across empty lines and cells with line ends", async () => {
    const sheet = await sheetOf(bytesOf('Un;Deux\n\n"x\ny";1\n;;\n\nz;2\n'), "cas.csv");
    expect(sheet.numbers).to.deep.equal([3, 7]);
    expect(sheet.headerLine).to.equal(1);
  });

  it("takes texts, numbers, days and the last value of formulas out of XLSX", async () => {
    const styles = `<styleSheet xmlns="${SPREADSHEETML}"><numFmts><numFmt numFmtId="170" formatCode="d mmm yyyy"/><numFmt numFmtId="171" formatCode="0.0&quot; jours&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`;
    const strings = `<sst xmlns="${SPREADSHEETML}"><si><r><t>par</t></r><r><t>tage</t></r><rPh sb="0" eb="1"><t>lu</t></rPh></si></sst>`;
    const row = `<x:row r="3"><x:c r="A3" t="s"><x:v>0</x:v></x:c><x:c r="C3" s="1"><x:v>43538</x:v></x:c><x:c r="D3" s="2"><x:v>43538.75</x:v></x:c><x:c r="E3" s="3"><x:v>0.30000000000000004</x:v></x:c><x:c r="F3"><x:f>1+1</x:f><x:v>2</x:v></x:c><x:c r="G3" t="str"><x:f>"a"&amp;"b"</x:f><x:v>ab</x:v></x:c><x:c r="H3" t="b"><x:v>1</x:v></x:c><x:c r="I3" t="e"><x:v>#N/A</x:v></x:c></x:row>`;
    const sheet = await sheetOf(xlsx({ sheets: { Cas: HEAD + row }, styles, strings }), "cas.xlsx");
    expect(cellsOf(sheet)).to.deep.equal([["partage", "", "2019-03-14", "2019-03-14", "0.3", "2", "ab", "VRAI", "#N/A"]]);
    expect(sheet.numbers).to.deep.equal([3]);
    const of1904 = xlsx({
      sheets: { Cas: `${HEAD}<x:row r="2"><x:c r="A2" s="1"><x:v>42076</x:v></x:c></x:row>` },
      styles,
      book: '<workbookPr date1904="1"/>',
    });
    expect(cellsOf(await sheetOf(of1904, "cas.xlsx"))).to.deep.equal([["2019-03-14"]]);
  });

  it("reads the first sheet that holds something, or the one that is asked for, under the headings that are asked for", async () => {
    const row = (n: number) =>
      `<x:row r="${n}"><x:c r="A${n}" t="inlineStr"><x:is><x:t>x${n}</x:t></x:is></x:c><x:c r="B${n}"><x:v>${n}</x:v></x:c></x:row>`;
    const file = xlsx({ sheets: { Vide: "", Premier: HEAD + row(2) + row(3), Autre: row(5) + row(6) + row(7) } });
    const first = await sheetOf(file, "cas.xlsx");
    expect([first.sheets, first.sheet, first.lines.length]).to.deep.equal([["Vide", "Premier", "Autre"], 1, 2]);
    const other = await sheetOf(file, "cas.xlsx", { sheet: 2, headerLine: 6 });
    expect([other.headerLine, other.columns.map(({ header }) => header), other.numbers]).to.deep.equal([6, ["x6", "6"], [7]]);
  });

  it("takes texts, numbers and days out of ODS, and leaves comments aside", async () => {
    const note = "<office:annotation><text:p>à part</text:p></office:annotation>";
    const file = ods(
      `<table:table table:name="Cas"><table:table-row>${text("Un")}${text("Deux")}${text("Trois")}${text("Quatre")}</table:table-row><table:table-row><table:table-cell office:value-type="string">${note}<text:p>a<text:s text:c="2"/>b<text:line-break/>c</text:p><text:p>d</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2019-03-14T00:00:00"><text:p>14/03/19</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1.5"><text:p>1,5</text:p></table:table-cell><table:covered-table-cell/></table:table-row></table:table>`,
    );
    expect(cellsOf(await sheetOf(file, "cas.ods"))).to.deep.equal([["a  b\nc\nd", "2019-03-14", "1.5"]]);
  });

  it("counts the million of empty rows and columns that an ODS repeats, without making them", async () => {
    const emptiness =
      '<table:table-row table:number-rows-repeated="1048574"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>';
    const file = ods(
      `<table:table table:name="Cas"><table:table-row>${text("Un")}${text("Deux")}<table:table-cell table:number-columns-repeated="16382"/></table:table-row>${emptiness}<table:table-row>${text("oui", 2)}<table:table-cell table:number-columns-repeated="16382"/></table:table-row></table:table>`,
    );
    const sheet = await sheetOf(file, "cas.ods");
    expect(cellsOf(sheet)).to.deep.equal([["oui", "oui"]]);
    expect(sheet.numbers).to.deep.equal([1_048_576]);
    const filled = `<table:table-row>${text("Un")}</table:table-row><table:table-row table:number-rows-repeated="1048575">${text("oui")}</table:table-row>`;
    expect(await refusalOf(ods(`<table:table table:name="Cas">${filled}</table:table>`), "cas.ods")).to.equal("too-many-lines");
    const across = `<table:table-row>${text("Un")}</table:table-row><table:table-row>${text("oui", 16_384)}</table:table-row>`;
    expect(await refusalOf(ods(`<table:table table:name="Cas">${across}</table:table>`), "cas.ods")).to.equal("too-many-columns");
  });

  it("refuses macros, encryption, other kinds, names that mislead, types declared inside and damage", async () => {
    const fine = `${HEAD}<x:row r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row>`;
    expect(await refusalOf(xlsx({ sheets: { Cas: fine } }), "cas.xlsx")).to.equal("read");
    expect(await refusalOf(xlsx({ main: "application/vnd.ms-excel.sheet.macroEnabled.main+xml" }), "cas.xlsm")).to.equal("macros");
    expect(await refusalOf(xlsx({ sheets: { Cas: fine }, also: [["xl/vbaProject.bin", "x"]] }), "cas.xlsx")).to.equal("macros");
    expect(await refusalOf(ods("", [["Basic/Standard/Module1.xml", "<x/>"]]), "cas.ods")).to.equal("macros");
    const sealed = archive([
      ["mimetype", "application/vnd.oasis.opendocument.spreadsheet"],
      ["META-INF/manifest.xml", "<manifest:encryption-data/>"],
      ["content.xml", "x"],
    ]);
    expect(await refusalOf(sealed, "cas.ods")).to.equal("encrypted");
    const old = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")]);
    expect(await refusalOf(new Uint8Array(old), "cas.xlsx")).to.equal("encrypted");
    expect(await refusalOf(new Uint8Array(old.subarray(0, 600)), "cas.xls")).to.equal("unknown-type");
    expect(await refusalOf(xlsx({ sheets: { Cas: fine } }), "cas.csv")).to.equal("mislabelled");
    expect(await refusalOf(archive([["word/document.xml", "<x/>"]]), "cas.xlsx")).to.equal("unknown-type");
    expect(await refusalOf(xlsx({ sheets: { Cas: fine } }).subarray(0, 700), "cas.xlsx")).to.equal("damaged");
    expect(await refusalOf(xlsx({ sheets: { Cas: `${HEAD}<x:row r="2"><x:c>` } }), "cas.xlsx")).to.equal("damaged");
    const declared = archive([
      ["mimetype", "application/vnd.oasis.opendocument.spreadsheet"],
      ["content.xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ]);
    expect(await refusalOf(declared, "cas.ods")).to.equal("damaged");
    expect(await refusalOf(bytesOf("Un;Deux\n"), "cas.csv")).to.equal("no-line");
    expect(await refusalOf(bytesOf(`${"x;".repeat(400)}\n${"1;".repeat(400)}\n`), "cas.csv")).to.equal("too-many-columns");
    expect(await refusalOf(bytesOf("Un;Deux\n1;2\n".repeat(40)), "cas.csv", { bytes: 100, milliseconds: 1000, megabytes: 64 })).to.equal(
      "oversized",
    );
  });

  it("refuses archives that claim too much, lie about it, or hold the same bytes twice", async () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    expect(await refusalOf(zipped("content.xml", zeros, 2_000_000_000), "cas.ods")).to.equal("zip-bomb");
    expect(await refusalOf(zipped("mimetype", zeros, 100), "cas.ods")).to.equal("zip-bomb");
    expect(await refusalOf(zipped("mimetype", zeros), "cas.ods")).to.equal("zip-bomb");
    const members = Array.from({ length: 2_100 }, (_, n): [string, string] => [`n${n}`, ""]);
    expect(await refusalOf(archive(members), "cas.ods")).to.equal("zip-bomb");
  });

  it("stops a reading that takes too long", async () => {
    const huge = bytesOf(`Un;Deux\n${"oui;non\n".repeat(19_000)}`);
    expect(await refusalOf(huge, "cas.csv", { bytes: 1e9, milliseconds: 1, megabytes: 256 })).to.equal("too-long");
  });

  it("keeps a text that looks like a formula a text, without marks of direction", async () => {
    const sheet = await sheetOf(bytesOf("Un;Deux\n=1+1;\u202ea\u2066b\n"), "cas.csv");
    expect(cellsOf(sheet)).to.deep.equal([["=1+1", "ab"]]);
  });
});

describe("the serial numbers of days", () => {
  it("count from 1900 as Excel does, its missing day included, or from 1904", () => {
    expect(dayOfSerial(1)).to.equal("1900-01-01");
    expect(dayOfSerial(59)).to.equal("1900-02-28");
    expect(dayOfSerial(61)).to.equal("1900-03-01");
    expect(dayOfSerial(43_538)).to.equal("2019-03-14");
    expect(dayOfSerial(42_076, true)).to.equal("2019-03-14");
    expect(dayOfSerial(-1)).to.equal(null);
    expect(dayOfSerial(Number.NaN)).to.equal(null);
  });
});
