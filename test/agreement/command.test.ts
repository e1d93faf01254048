import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { RatingsFileError, readRatingsCsv } from "../../server/agreement/ratings-csv.ts";

const HOUSE = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLE = "test/agreement/krippendorff-2011.csv";
const run = (...args: string[]) => spawnSync(process.execPath, ["scripts/agreement.ts", ...args], { cwd: HOUSE, encoding: "utf8" });

describe("npm run agreement", () => {
  const folder = mkdtempSync(join(tmpdir(), "agreement-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it("prints every coefficient of the level as JSON, the same bytes for the same seed", () => {
    const first = run(EXAMPLE, "--level", "ordinal", "--seed", "4", "--resamples", "200");
    expect(first).to.include({ status: 0, stderr: "" });
    const { coefficients, seed, resamples } = JSON.parse(first.stdout);
    expect({ seed, resamples }).to.deep.equal({ seed: 4, resamples: 200 });
    expect(coefficients.alphaOrdinal.value).to.be.closeTo(0.815, 0.0005);
    expect(coefficients.kappa.cautions.map(({ code }: { code: string }) => code)).to.deep.equal(["few-units", "mean-of-pairs"]);
    expect(run(EXAMPLE, "--level", "ordinal", "--seed", "4", "--resamples", "200").stdout).to.equal(first.stdout);
  });

  it("says what is wrong in one sentence, and leaves with status 1", () => {
    const words = file("words.csv", "unit;coder;value\n1;a;low\n1;b;high\n");
    const refusals: [string[], RegExp][] = [
      [[], /^Name one CSV file: npm run agreement -- FILE\.csv/],
      [[join(folder, "nowhere.csv")], /nowhere\.csv cannot be read: there is no such file\.\n$/],
      [[EXAMPLE, "--level", "ratio"], /^The level "ratio" is none of nominal, ordinal, interval\.\n$/],
      [[EXAMPLE, "--seed", "x"], /^--seed takes a whole number/],
      [[EXAMPLE, "--colour"], /^Unknown option '--colour'\. Usage/],
      [[file("columns.csv", "unit,rater,value\n1,a,x\n")], /line 1: the column "coder" is missing/],
      [[words, "--level", "interval"], /words\.csv, line 2: the interval level needs numbers/],
      [[file("image.csv", Uint8Array.of(0xff, 0xd8, 0xff))], /is not a text in UTF-8\.\n$/],
    ];
    for (const [args, sentence] of refusals) {
      const { status, stdout, stderr } = run(...args);
      expect({ status, stdout }, stderr).to.deep.equal({ status: 1, stdout: "" });
      expect(stderr).to.match(sentence);
      expect(stderr.trim().split("\n")).to.have.length(1);
    }
  });
});

describe("a file of ratings", () => {
  it("is read with commas, semicolons or tabs, in any order of columns, quotes and a mark at its head", () => {
    const expected = [
      { unit: "1", coder: "a", value: "x, y" },
      { unit: "1", coder: "b", value: 'say "z"' },
    ];
    for (const separator of [",", ";", "\t"]) {
      const line = (...fields: string[]) => fields.join(separator);
      const text = `\ufeff${line("Coder", "note", "value", "UNIT")}\r\n${line("a", "", '"x, y"', "1")}\r\n\r\n${line("b", '"two\nlines"', '"say ""z"""', "1")}\r\n${line("c", "", "", "1")}`;
      expect(readRatingsCsv(text)).to.deep.equal({ ratings: expected, lines: [2, 4] });
    }
  });

  it("is refused by its line when it is not a table of ratings", () => {
    const refused = (text: string): string => {
      try {
        readRatingsCsv(text);
        return "";
      } catch (error) {
        if (!(error instanceof RatingsFileError)) throw error;
        return `${error.line}: ${error.message}`;
      }
    };
    expect(refused("")).to.match(/^1: the column "unit" is missing/);
    expect(refused("unit,coder,value,value\n")).to.equal('1: the column "value" appears twice');
    expect(refused("unit,coder,value\n1,a\n")).to.equal("2: this line has 2 columns where the first has 3");
    expect(refused("unit,coder,value\n1,a,x\n,a,x\n")).to.equal("3: the unit is empty");
    expect(refused("unit,coder,value\n1, ,x\n")).to.equal("2: the coder is empty");
    expect(refused('unit,coder,value\n1,a,"x\n2,b,y\n')).to.equal("2: a quote is left open");
  });
});
