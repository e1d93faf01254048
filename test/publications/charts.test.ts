import { expect } from "chai";
import { SaxesParser } from "saxes";
import { barChart, lineChart, stackedBarChart } from "../../server/exchange/charts.ts";

const common = { title: "Titre", description: "Description", language: "fr" as const };
const HOSTILE = "<script>alert(1)</script> & \"'\u0000\u0008\ud800 ]]>";

type Element = { name: string; attributes: Record<string, string>; text: string };

/** The elements of a drawing in order, each with its own text; throws when it is not well-formed XML. */
function elements(svg: string): Element[] {
  const parser = new SaxesParser();
  const found: Element[] = [];
  const open: Element[] = [];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    const element = { name: tag.name, attributes: tag.attributes as Record<string, string>, text: "" };
    found.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += text;
  });
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(svg).close();
  return found;
}

const texts = (svg: string) => elements(svg).flatMap(({ name, text }) => (name === "text" ? [text] : []));

const drawings = {
  barChart: (label: string) =>
    barChart({
      ...common,
      title: label,
      description: label,
      unit: label,
      note: label,
      bars: [
        { label, value: 3, valueLabel: label },
        { label, value: null, valueLabel: "" },
      ],
    }),
  stackedBarChart: (label: string) =>
    stackedBarChart({ ...common, title: label, unit: label, rows: [{ label, present: 6, absent: 5, notDocumented: 9, total: 20 }] }),
  lineChart: (label: string) =>
    lineChart({
      ...common,
      title: label,
      unit: label,
      series: [
        {
          label,
          points: [
            { x: 2020, y: 5 },
            { x: 2021, y: 7 },
          ],
          breaks: [2021],
        },
      ],
    }),
};

describe("the charts of publications", () => {
  for (const [name, draw] of Object.entries(drawings)) {
    it(`${name} names itself and its text alternative to those who cannot see it`, () => {
      const [root, title, description] = elements(draw("Facteurs"));
      expect(root!.attributes.role).to.equal("img");
      expect(root!.attributes["aria-labelledby"]).to.equal(`${title!.attributes.id} ${description!.attributes.id}`);
      expect([title!.name, title!.text, description!.name]).to.deep.equal(["title", "Facteurs", "desc"]);
    });

    it(`${name} stays well-formed and inert with hostile labels, and keeps to a strict content policy`, () => {
      const found = elements(draw(HOSTILE));
      expect(found.map((element) => element.name))
        .to.not.include.members(["script"])
        .and.not.include("style");
      for (const { attributes } of found) {
        expect(attributes).to.not.have.property("style");
        expect(Object.keys(attributes).filter((key) => key.startsWith("on"))).to.deep.equal([]);
      }
    });

    it(`${name} gives the same bytes for the same input`, () => {
      expect(draw("Facteurs")).to.equal(draw("Facteurs"));
    });
  }

  it("draws bars in proportion to their values, on the scale asked for", () => {
    const widths = (max?: number) =>
      elements(
        barChart({
          ...common,
          unit: "%",
          ...(max === undefined ? {} : { max }),
          bars: [
            { label: "a", value: 50, valueLabel: "" },
            { label: "b", value: 25, valueLabel: "" },
          ],
        }),
      ).flatMap(({ name, attributes }) => (name === "rect" ? [Number(attributes.width)] : []));
    const [half, quarter] = widths(100);
    expect(half! / quarter!).to.be.closeTo(2, 0.01);
    expect(widths()[0]! / half!).to.be.closeTo(2, 0.01);
  });

  it("draws a masked value as the same stub whatever it hides, and says what s means", () => {
    const masked = barChart({ ...common, unit: "", bars: [{ label: "a", value: null, valueLabel: "3 sur 50" }] });
    expect(masked).to.not.contain("3 sur 50");
    expect(texts(masked)).to.include("s").and.to.include("s : donnée couverte par le secret statistique");
  });

  it("shows present, absent and not documented by texture as well as colour, silence filling the rest", () => {
    const svg = stackedBarChart({ ...common, unit: "", rows: [{ label: "a", present: 10, absent: 5, notDocumented: 5, total: 20 }] });
    expect(texts(svg)).to.include.members(["Présent", "Absent", "Non documenté", "10", "5", "20"]);
    const bars = elements(svg).filter(({ name, attributes }) => name === "rect" && attributes.height === "22");
    const fills = bars.map(({ attributes }) => [attributes.fill, attributes["fill-opacity"]].join(" "));
    expect(new Set(fills.map((fill) => (fill.startsWith("url") ? "hatched" : fill))).size).to.equal(3);
    const [present, absent] = bars.map(({ attributes }) => Number(attributes.width));
    expect(present! / absent!).to.be.closeTo(2, 0.01);
  });

  it("masks the whole bar when a single part is masked, because its length would give it away", () => {
    const row = (present: number) =>
      stackedBarChart({ ...common, unit: "", rows: [{ label: "a", present: null, absent: 20 - present, notDocumented: 10, total: 30 }] });
    const shapes = (svg: string) => elements(svg).map(({ name, attributes, text }) => [name, attributes.width, text]);
    expect(shapes(row(1))).to.deep.equal(shapes(row(4)));
  });

  it("draws two masked parts as one block", () => {
    const svg = stackedBarChart({ ...common, unit: "", rows: [{ label: "a", present: null, absent: null, notDocumented: 10, total: 30 }] });
    const block = elements(svg).filter(({ attributes }) => attributes["stroke-dasharray"] === "3 3");
    expect(block).to.have.length(1);
  });

  it("interrupts a line where a year is missing and where the series changes, and marks the break", () => {
    const years = (breaks: number[], missing: number) => ({
      label: "Femmes",
      points: [2015, 2016, 2017, 2018, 2019, 2020].map((x) => ({ x, y: x === missing ? null : 100 })),
      breaks,
    });
    const strokes = (svg: string) => elements(svg).filter(({ name, attributes }) => name === "path" && attributes.fill === "none").length;
    expect(strokes(lineChart({ ...common, unit: "", series: [years([], 0)] }))).to.equal(1);
    const broken = lineChart({ ...common, unit: "", series: [years([2017], 0)] });
    expect(strokes(broken)).to.equal(2);
    expect(texts(broken)).to.include("rupture de série");
    expect(strokes(lineChart({ ...common, unit: "", series: [years([], 2018)] }))).to.equal(2);
  });

  it("writes numbers the French and the English way", () => {
    const chart = (language: "fr" | "en") =>
      texts(lineChart({ ...common, language, unit: "", series: [{ label: "a", points: [{ x: 2020, y: 12345.5 }] }] }));
    expect(chart("fr")).to.include("12\u202f345,5");
    expect(chart("en")).to.include("12,345.5");
  });

  it("says so when there is nothing to draw", () => {
    expect(texts(barChart({ ...common, unit: "", bars: [] }))).to.deep.equal(["Aucune donnée"]);
    expect(texts(stackedBarChart({ ...common, unit: "", rows: [] }))).to.deep.equal(["Aucune donnée"]);
    expect(
      texts(lineChart({ ...common, language: "en", unit: "", series: [{ label: "a", points: [{ x: 2020, y: null }] }] })),
    ).to.deep.equal(["No data"]);
  });
});
