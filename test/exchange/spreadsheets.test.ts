import { expect } from "chai";
import fc from "fast-check";
import { strFromU8 } from "fflate";
import { writeCsv } from "../../server/exchange/csv.ts";
import { writeJson } from "../../server/exchange/json.ts";
import { writeOds } from "../../server/exchange/ods.ts";
import { type Column, sheetNames, type Table, type Workbook } from "../../server/exchange/table.ts";
import { writeXlsx } from "../../server/exchange/xlsx.ts";
import { all, parseCsv, parseXml, readOds, readXlsx } from "../support/spreadsheets.ts";

const PAYLOADS = [
  "=cmd|' /C calc'!A0",
  "=1+1",
  "+1",
  "-1,5",
  "-2+3",
  "@SUM(A1:A2)",
  "\t=1",
  "\r=1",
  "\n=1",
  "＝1",
  'des "guillemets" ; et un point-virgule',
  "deux\nlignes",
  "retour\r\nchariot",
  " espaces  doubles ",
  "marque \u200fdroite à gauche\u202e",
  "nul\u0000 et sonnerie\u0007",
  "👩‍👧 émoji",
  "<b>&amp;</b> ]]>",
  "_x0041_ et _x000D_",
  "seul \ud800",
];

const column = (key: string, type: Column["type"]): Column => ({ key, heading: `Titre ${key}`, type });

const table: Table = {
  name: "Recommandations",
  columns: [column("texte", "text"), column("nombre", "integer"), column("part", "number"), column("jour", "date")],
  rows: [
    ["Été", 12, -1.5, "2026-11-25"],
    ["s", null, 1234567.25, "2026-02-30"],
    ["01", -3, "s", "1789-07-14"],
    ...PAYLOADS.map((payload) => [payload, 0, null, null]),
  ],
};
const book: Workbook = {
  language: "fr",
  title: "Registre des recommandations",
  tables: [
    table,
    {
      name: "Portée",
      columns: [column("cle", "text"), column("valeur", "text")],
      rows: [
        ["Date", "2026-11-25"],
        ["Filtres", "=aucun"],
      ],
    },
  ],
};

/** What a text is once the characters that a file of the format cannot hold are gone. */
const readable = (text: string) => text.replace(/[^\P{Cc}\t\n\r]|\p{Cs}/gu, "");
const oneLineEnd = (text: string) => readable(text).replace(/\r\n?/g, "\n");

const decoded = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

describe("a table as CSV", () => {
  const lines = (language: "fr" | "en") => parseCsv(decoded(writeCsv(table, language)).slice(1));

  it("starts with the UTF-8 mark and has one record a row, headings first", () => {
    expect([...writeCsv(table, "fr").slice(0, 3)]).to.deep.equal([0xef, 0xbb, 0xbf]);
    expect(lines("fr")).to.have.length(table.rows.length + 1);
    expect(lines("fr")[0]).to.deep.equal(["Titre texte", "Titre nombre", "Titre part", "Titre jour"]);
  });

  it("writes numbers with a decimal comma in French and a point in English, and days in full", () => {
    expect(lines("fr")[1]).to.deep.equal(["Été", "12", "-1,5", "2026-11-25"]);
    expect(lines("en")[1]).to.deep.equal(["Été", "12", "-1.5", "2026-11-25"]);
    expect(lines("fr")[2]![2]).to.equal("1234567,25");
  });

  for (const [index, payload] of PAYLOADS.entries()) {
    it(`gives ${JSON.stringify(payload)} back as a text that calculates nothing`, () => {
      const field = lines("fr")[4 + index]![0]!;
      expect(field).to.not.match(/^[=+\-@\t\r\n＝]/);
      expect(field.replace(/^'/, "")).to.equal(readable(payload));
    });
  }

  it("disarms headings too", () => {
    const text = decoded(writeCsv({ name: "", columns: [{ key: "a", heading: "=1+1", type: "text" }], rows: [] }, "fr"));
    expect(text).to.equal("\ufeff'=1+1\r\n");
  });

  it("gives back any texts and numbers, whatever they hold", () => {
    const cell = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(...PAYLOADS),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }), (rows) => {
        const columns = [column("a", "text"), column("b", "number"), column("c", "date")];
        const [, ...read] = parseCsv(decoded(writeCsv({ name: "t", columns, rows }, "fr")).slice(1));
        expect(read).to.have.length(rows.length);
        rows.forEach((row, line) => {
          row.forEach((value, place) => {
            const field = read[line]![place]!;
            if (typeof value === "number") expect(Number(field.replace(",", "."))).to.equal(value === 0 ? 0 : value);
            else {
              const text = readable(value ?? "");
              expect(field).to.equal(/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
            }
          });
        });
      }),
      { numRuns: 300 },
    );
  });
});

for (const [format, write, read] of [
  ["XLSX", writeXlsx, readXlsx],
  ["ODS", writeOds, readOds],
] as const) {
  describe(`a workbook as ${format}`, () => {
    let bytes: Uint8Array;
    before(async () => {
      bytes = await write(book);
    });

    it("keeps numbers numbers, days days and everything else text", () => {
      const { rows } = read(bytes);
      expect(rows[0]!.map(({ value }) => value)).to.deep.equal(["Titre texte", "Titre nombre", "Titre part", "Titre jour"]);
      expect(rows[1]).to.deep.equal([
        { kind: "text", value: "Été" },
        { kind: "number", value: "12" },
        { kind: "number", value: "-1.5" },
        { kind: "date", value: "2026-11-25" },
      ]);
      expect(rows[2]!.map(({ kind }) => kind)).to.deep.equal(["text", "empty", "number", "text"]);
      expect(rows[3]!.slice(0, 3)).to.deep.equal([
        { kind: "text", value: "01" },
        { kind: "number", value: "-3" },
        { kind: "text", value: "s" },
      ]);
      expect(rows[3]![3]!.value).to.equal("1789-07-14");
    });

    it("gives every hostile text back as text, with no formula anywhere", () => {
      const { rows, files } = read(bytes);
      expect(rows.slice(4).map((row) => row[0])).to.deep.equal(PAYLOADS.map((payload) => ({ kind: "text", value: oneLineEnd(payload) })));
      for (const [path, xml] of Object.entries(files)) {
        if (path !== "mimetype") {
          expect(all(parseXml(xml), "f"), path).to.deep.equal([]);
          expect(xml, path).to.not.match(/table:formula|externalLink|<script/);
        }
      }
    });

    it("keeps the header row in view and offers a filter on the data, not on the scope", () => {
      const { files } = read(bytes);
      if (format === "XLSX") {
        expect(all(parseXml(files["xl/worksheets/sheet1.xml"]!), "pane")[0]!.attributes).to.include({ ySplit: "1", state: "frozen" });
        expect(all(parseXml(files["xl/worksheets/sheet1.xml"]!), "autoFilter")[0]!.attributes.ref).to.equal(`A1:D${table.rows.length + 1}`);
        expect(files["xl/worksheets/sheet2.xml"]).to.not.contain("autoFilter");
      } else {
        expect(files["settings.xml"]).to.contain('config:name="VerticalSplitPosition"');
        const ranges = all(parseXml(files["content.xml"]!), "table:database-range");
        expect(ranges.map(({ attributes }) => attributes["table:target-range-address"])).to.deep.equal([
          `'Recommandations'.A1:'Recommandations'.D${table.rows.length + 1}`,
        ]);
      }
    });

    it("states the scope on its last sheet", () => {
      expect(
        read(bytes, format === "XLSX" ? 2 : 1)
          .rows[2]!.map(({ value }) => value)
          .slice(0, 2),
      ).to.deep.equal(["Filtres", "=aucun"]);
    });

    it("carries its title and language, and no author, path or date of making", () => {
      const { files } = read(bytes);
      const properties = files[format === "XLSX" ? "docProps/core.xml" : "meta.xml"]!;
      expect(properties).to.contain("<dc:title>Registre des recommandations</dc:title>").and.to.contain("<dc:language>fr</dc:language>");
      for (const xml of Object.values(files))
        expect(xml).to.not.match(/creator|created|modified|initial-creator|creation-date|\/home|\/tmp|LastModifiedBy/i);
    });

    it("comes out the same to the byte", async () => {
      expect(Buffer.from(await write(book)).equals(Buffer.from(bytes))).to.equal(true);
    });

    it("opens with no row, no column or no table name", async () => {
      const empty = await write({
        language: "en",
        title: "",
        tables: [
          { name: "", columns: [column("a", "text")], rows: [] },
          { name: "", columns: [], rows: [[]] },
        ],
      });
      expect(read(empty).rows[0]![0]!.value).to.equal("Titre a");
    });
  });
}

describe("an ODS file", () => {
  it("starts with its uncompressed type, as OpenDocument asks", async () => {
    const bytes = await writeOds(book);
    expect(strFromU8(bytes.slice(30, 38))).to.equal("mimetype");
    expect(strFromU8(bytes.slice(38, 84))).to.equal("application/vnd.oasis.opendocument.spreadsheet");
  });
});

describe("an XLSX file", () => {
  it("cuts a text that is longer than a cell of Excel holds", async () => {
    const long = await writeXlsx({ ...book, tables: [{ name: "Long", columns: [column("a", "text")], rows: [["é".repeat(40_000)]] }] });
    expect(readXlsx(long).rows[1]![0]!.value).to.have.length(32_767).and.to.match(/é…$/);
  });
});

describe("the names of sheets", () => {
  it("are accepted by Excel and different from one another", () => {
    const named = (...names: string[]) => sheetNames(names.map((name) => ({ name, columns: [], rows: [] })));
    expect(named("Facteurs : présent/absent [2025]?", "'a'", "A", "")).to.deep.equal([
      "Facteurs présent absent 2025",
      "a",
      "A (2)",
      "Table 4",
    ]);
    expect(named("x".repeat(40), "x".repeat(40)).map((name) => name.length)).to.deep.equal([31, 31]);
  });
});

describe("a workbook as JSON", () => {
  it("holds each row under the keys of its columns, and the scope under notes", () => {
    const data = JSON.parse(decoded(writeJson(book)));
    expect(data).to.include({ title: book.title, language: "fr" });
    expect(data.columns[1]).to.deep.equal({ key: "nombre", heading: "Titre nombre", type: "integer" });
    expect(data.rows[0]).to.deep.equal({ texte: "Été", nombre: 12, part: -1.5, jour: "2026-11-25" });
    expect(data.rows[1]).to.deep.include({ nombre: null });
    expect(data.rows.map((row: { texte: string }) => row.texte).slice(3)).to.deep.equal(PAYLOADS);
    expect(data.notes[0].rows[1]).to.deep.equal({ cle: "Filtres", valeur: "=aucun" });
  });

  it("is the same to the byte for the same workbook, without a mark at its start", () => {
    expect(writeJson(book)).to.deep.equal(writeJson(structuredClone(book)));
    expect(writeJson(book)[0]).to.equal("{".charCodeAt(0));
  });
});
