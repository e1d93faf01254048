import { expect } from "chai";
import fc from "fast-check";
import { daysBetween, lastDay, readDate, spokenDate, standingOf, writtenDate } from "../../server/chronology/dates.ts";
import { drawTimeline, type Mark } from "../../server/chronology/drawing.ts";
import { standingLabel } from "../../server/chronology/words.ts";
import { translator } from "../../server/http/words.ts";

describe("the dates of a chronology", () => {
  it("are read as people write them, as far as they are known", () => {
    const day = { first: "2022-03-12", last: "2022-03-12", precision: "day" };
    for (const text of [
      "12/03/2022",
      "12.3.2022",
      "12-03-2022",
      "2022-03-12",
      "12 mars 2022",
      "12 March 2022",
      " 12  MARS 2022 ",
      "12\u00a0mars\u00a02022",
    ])
      expect(readDate(text), text).to.deep.equal(day);
    expect(readDate("1er août 2020")).to.deep.equal({ first: "2020-08-01", last: "2020-08-01", precision: "day" });
    for (const text of ["02/2024", "2024-02", "février 2024", "févr. 2024", "February 2024"])
      expect(readDate(text), text).to.deep.equal({ first: "2024-02-01", last: "2024-02-29", precision: "month" });
    expect(readDate("2019")).to.deep.equal({ first: "2019-01-01", last: "2019-12-31", precision: "year" });
  });

  it("are refused when no calendar has them, or when they say nothing", () => {
    for (const text of [
      "",
      "30/02/2024",
      "29/02/2023",
      "13/2024",
      "00/2024",
      "1899",
      "2101",
      "hier",
      "mars",
      "12/03/22",
      "ma 2022",
      "12 xyz 2022",
      "2022-3-",
    ])
      expect(readDate(text), text).to.equal(null);
  });

  it("are shown in a form so that they are read back the same", () => {
    const precision = fc.constantFrom("day" as const, "month" as const, "year" as const);
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1900-01-01T00:00:00Z"), max: new Date("2100-12-31T00:00:00Z"), noInvalidDate: true }),
        precision,
        (date, known) => {
          const iso = date.toISOString().slice(0, 10);
          const first = known === "day" ? iso : known === "month" ? `${iso.slice(0, 7)}-01` : `${iso.slice(0, 4)}-01-01`;
          const expected = { first, last: lastDay(first, known), precision: known };
          expect(readDate(writtenDate(first, known))).to.deep.equal(expected);
          for (const language of ["fr", "en"] as const) expect(readDate(spokenDate(first, known, language))).to.deep.equal(expected);
        },
      ),
    );
  });

  it("stand before, on, around or after the act, in days, across leap years and the change of hour", () => {
    const act = "2024-03-14";
    const at = (starts_on: string, precision: "day" | "month" | "year", ends_on: string | null = null) =>
      standingOf({ starts_on, precision, ends_on, ends_precision: ends_on === null ? null : "day" }, act);
    expect(at("2024-03-13", "day")).to.deep.equal({ kind: "before", least: 1, most: 1 });
    expect(at("2024-02-01", "month")).to.deep.equal({ kind: "before", least: 14, most: 42 });
    expect(at("2023-01-01", "year")).to.deep.equal({ kind: "before", least: 74, most: 438 });
    expect(at("2024-03-14", "day")).to.deep.equal({ kind: "on" });
    expect(at("2024-03-01", "month")).to.deep.equal({ kind: "around", before: 13, after: 17 });
    expect(at("2024-01-01", "day", "2024-03-20")).to.deep.equal({ kind: "around", before: 73, after: 6 });
    expect(at("2024-03-31", "day")).to.deep.equal({ kind: "after", least: 17, most: 17 });
    expect(daysBetween("2024-03-30", "2024-04-01")).to.equal(2);
  });

  it("are said in both languages", () => {
    const say = (language: "fr" | "en", standing: Parameters<typeof standingLabel>[0], period = false) =>
      standingLabel(standing, period, language, translator(language));
    expect(say("fr", { kind: "before", least: 1, most: 1 })).to.equal("1 jour avant les faits");
    expect(say("fr", { kind: "before", least: 14, most: 42 })).to.equal("de 14 à 42 jours avant les faits");
    expect(say("en", { kind: "before", least: 14, most: 42 }, true)).to.equal("42 to 14 days before the act");
    expect(say("en", { kind: "after", least: 3, most: 3 })).to.equal("3 days after the act");
    expect(say("fr", { kind: "around", before: 3, after: 3 }, true)).to.equal("en cours au moment des faits");
  });
});

describe("the drawing of a chronology", () => {
  const words = {
    title: "Frise",
    description: "Deux entrées",
    act: "Les faits",
    after: "après",
    looks: { day: "jour", period: "période", span: "mois", uncertain: "incertaine" },
  };
  const draw = (marks: Mark[]) => drawTimeline(marks, words, (days) => `${days} j`);
  const mark = (given: Partial<Mark>): Mark => ({ label: "1. Plainte", most: 40, least: 40, look: "day", uncertain: false, ...given });
  const circles = (svg: string) => [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));

  it("puts what came sooner further left, the act at the end, and what followed after it", () => {
    const svg = draw([
      mark({ most: 900, least: 900 }),
      mark({ most: 30, least: 30 }),
      mark({ most: 0, least: 0 }),
      mark({ most: -5, least: -5 }),
    ]);
    const act = Number(/stroke="#b45f22"/.test(svg) && /<path d="M([\d.]+) [\d.]+V[\d.]+" stroke="#b45f22"/.exec(svg)![1]);
    const [long, month, on, after] = circles(svg) as [number, number, number, number];
    expect(long).to.be.lessThan(month);
    expect(month).to.be.lessThan(act);
    expect(on).to.equal(act);
    expect(after).to.be.greaterThan(act);
    expect(svg).to.include("après");
    expect(draw([mark({})])).not.to.include("après");
  });

  it("tells uncertain dates by dashes, hatching and words, and periods by a bar", () => {
    const svg = draw([mark({ uncertain: true }), mark({ look: "period", most: 400, least: 100 })]);
    expect(svg)
      .to.include('stroke-dasharray="3 2"')
      .and.include("url(#doubt)")
      .and.include("incertaine")
      .and.include("<rect")
      .and.include("période");
    expect(draw([mark({})])).not.to.include("incertaine");
  });

  it("carries its description, escapes what it prints, holds no style and is the same each time", () => {
    const marks = [mark({ label: "1. <Contact> & suite" })];
    const svg = draw(marks);
    expect(svg).to.include("&lt;Contact&gt; &amp; suite").and.include("<desc").and.include('role="img"');
    expect(svg).not.to.match(/style|script|on\w+=/);
    expect(draw(marks)).to.equal(svg);
    expect(svg).not.to.include("NaN");
  });
});
