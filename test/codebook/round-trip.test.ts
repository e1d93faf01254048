import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { csvToYaml, writeCodebookCsv } from "../../server/codebook/csv.ts";
import { type CodebookDefinition, type Factor, parseCodebook } from "../../server/codebook/definition.ts";
import { digestOf, readCodebookText, textOf } from "../../server/codebook/read-file.ts";
import { writeCodebook } from "../../server/codebook/yaml.ts";

const REAL = readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8");
const shipped = (): CodebookDefinition => {
  const parsed = parseCodebook(REAL);
  if (parsed.kind === "problems") throw new Error("The shipped codebook is not one");
  return parsed.definition;
};
const read = (text: string): CodebookDefinition => {
  const file = readCodebookText(text);
  if (file.kind === "problems") throw new Error(file.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return file.definition;
};
const problemsOf = (text: string) => {
  const file = readCodebookText(text);
  return file.kind === "problems" ? file.problems : [];
};

/** Texts that a person may type, with all that YAML, CSV and spreadsheets read otherwise. */
const typed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "=1+1",
        "-",
        "+33",
        "@x",
        "'",
        "''=",
        "# x",
        ": ",
        " #",
        "true",
        "no",
        "~",
        "null",
        "1.0",
        "2019-11",
        "- a",
        "{a}",
        "[b",
        "&c",
        "*d",
        "!e",
        "|",
        ">",
        "%",
        "`",
      ),
      fc.constantFrom(";", ",", '"', '""', "\n", " ", "é", "œ", "’", "«\u00a0», ", "\u202f", "🙂", "\\n", "\\"),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) =>
    parts
      .join("")
      .replace(/[^\P{Cc}\n]|\ufeff/gu, "")
      .trim(),
  )
  .filter((text) => text !== "");
const oneLine = typed.map((text) => text.replace(/\s+/g, " ").trim()).filter((text) => text !== "");
const code = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const options = fc
  .uniqueArray(fc.record({ code, labelFr: typed, labelEn: typed, definitionFr: maybe(typed) }), {
    minLength: 1,
    maxLength: 4,
    selector: (one) => one.code,
  })
  .map((some) => [...some]);

/** One change of one factor, as the forms make them. */
const edit = fc.record({
  at: fc.nat(109),
  labelFr: typed,
  labelEn: typed,
  definitionFr: typed,
  includeFr: maybe(typed),
  excludeFr: maybe(typed),
  exampleFr: maybe(typed),
  indicatorTermsFr: fc.array(oneLine, { maxLength: 4 }),
  options,
  remove: fc.boolean(),
  sectionNote: maybe(typed),
  titleFr: typed,
});

describe("a codebook taken out and in again", () => {
  it("is the same version as YAML and as a table, for the one shipped with the tool", () => {
    const definition = shipped();
    const digest = digestOf(definition);
    const { yaml } = writeCodebook(definition);
    expect(read(yaml)).to.deep.equal(definition);
    expect(digestOf(read(yaml))).to.equal(digest);
    const csv = textOf(writeCodebookCsv(definition))!;
    expect(read(csv)).to.deep.equal(definition);
    expect(digestOf(read(csv))).to.equal(digest);
  });

  it("is the same through a spreadsheet that writes commas, its own line ends and another alphabet of bytes", () => {
    const definition = shipped();
    const csv = textOf(writeCodebookCsv(definition))!.replace(/^\ufeff/, "");
    const rows = csv.split("\r\n").length;
    expect(rows).to.be.greaterThan(definition.factors.length);
    const tabs = csv.replaceAll("\r\n", "\n");
    expect(digestOf(read(tabs))).to.equal(digestOf(definition));
    const bytes = Buffer.from([...csv].map((c) => (c.charCodeAt(0) < 256 ? c : "'")).join(""), "latin1");
    const back = read(textOf(bytes)!);
    expect(back.factors.map(({ labelFr }) => labelFr)).to.deep.equal(definition.factors.map(({ labelFr }) => labelFr));
  });

  it("is the same whatever was edited in it", () => {
    const base = shipped();
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const definition = structuredClone(base);
        for (const { at, remove, sectionNote, titleFr, options: some, ...words } of edits) {
          const factor = definition.factors[at % definition.factors.length]!;
          const changed: Factor = { ...factor, ...words, options: factor.options.length > 0 ? some : [] };
          definition.factors.splice(definition.factors.indexOf(factor), 1, ...(remove ? [] : [changed]));
          definition.sections[at % definition.sections.length]!.noteFr = sectionNote;
          definition.titleFr = titleFr;
        }
        const digest = digestOf(definition);
        expect(read(writeCodebook(definition).yaml)).to.deep.equal(definition);
        const back = read(textOf(writeCodebookCsv(definition))!);
        expect(back).to.deep.equal(definition);
        expect(digestOf(back)).to.equal(digest);
      }),
      { numRuns: 40 },
    );
  });

  it("tells two versions apart by a single word", () => {
    const [one, other] = [shipped(), shipped()];
    other.factors[7]!.definitionFr += ".";
    expect(digestOf(other)).not.to.equal(digestOf(one));
  });

  it("marks each line of its YAML with the part it is about", () => {
    const definition = shipped();
    const { yaml, marks } = writeCodebook(definition);
    const lines = yaml.trimEnd().split("\n");
    expect(marks).to.have.length(lines.length);
    const at = lines.indexOf("- code: victim_fear");
    for (const line of [at, at + 1, at + 3]) expect(marks[line]).to.deep.equal({ kind: "factor", code: "victim_fear" });
  });
});

describe("a table that is not a codebook", () => {
  const csv = () => textOf(writeCodebookCsv(shipped()))!.replaceAll("\r\n", "\n");
  const lineOf = (text: string, start: string) => text.split("\n").findIndex((line) => line.startsWith(start)) + 1;

  it("is told by the lines of the table, not by those of what it is turned into", () => {
    const text = csv();
    const spoilt = text.replace(";police;Police nationale;", ";police;;");
    const [problem] = problemsOf(text.replace(/^(factor;;tgd;[^;]*;)[^;]*;/m, "$1;"));
    expect(problem?.line).to.equal(lineOf(text, "factor;;tgd;"));
    expect(problem?.message).to.include("label_en").and.include("tgd");
    expect(spoilt).to.be.a("string");
  });

  it("names columns that are missing, unknown or doubled, and rows of no kind", () => {
    const text = csv();
    expect(problemsOf(text.replace("row;parent;code", "row;parent;kode"))[0]).to.deep.include({ line: 1 });
    expect(
      problemsOf(text.replace("row;parent;code;label_fr", "row;parent;code;code"))
        .map(({ message }) => message)
        .join(),
    ).to.include("deux fois");
    expect(problemsOf(`${text}facteur;;x;X;X;X\n`)[0]!.message).to.include("« facteur »");
    expect(problemsOf(`${text}option;inconnu;x;X;X\n`)[0]!.message).to.include("« inconnu »");
    expect(problemsOf(`${text}section;;x;X;X;une définition\n`)[0]!.message).to.include("definition_fr");
    expect(problemsOf(`${text}factor;;"x;X;X\n`)[0]!.message).to.include("guillemet");
    expect(problemsOf(text.replace(/^version;.*\n/m, ""))[0]!.message).to.include("« version »");
  });

  it("takes the yes and no of spreadsheets, and nothing else, for a mark", () => {
    const text = csv();
    const factor = /^(factor;(?:(?:"(?:[^"]|"")*"|[^;\n]*);){13})true;/m;
    expect(factor.test(text)).to.equal(true);
    expect(problemsOf(text.replace(factor, "$1VRAI;"))).to.deep.equal([]);
    expect(problemsOf(text.replace(factor, "$1peut-être;"))[0]!.message).to.include("risk_factor");
  });

  it("is never mistaken for a table when it is YAML", () => {
    expect(csvToYaml("row;code;label_fr\n").kind).to.equal("problems");
    expect(problemsOf("codebook:\n  id: x\n").length).to.be.greaterThan(3);
  });
});
