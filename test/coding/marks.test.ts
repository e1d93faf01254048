import { expect } from "chai";
import { cutter, drawnBlocks, type Marked, piecesOf } from "../../server/coding/marks.ts";

const TEXT = "Le 🕊️ dossier 𝒜 parle d’une plainte.";
const length = Array.from(TEXT).length;
const mark = (id: string, start: number, end: number, tone = "victim"): Marked => ({ id, start, end, tone, label: id });
const shape = (marked: Marked[], range = { start: 0, end: length }) =>
  piecesOf(range, marked, cutter(TEXT)).map(
    ({ text, marks }) => `${text}[${marks.map(({ id, first }) => `${id}${first ? "" : "…"}`).join(" ")}]`,
  );

describe("passages drawn in a text", () => {
  it("leave the text whole, whatever overlaps", () => {
    let state = 3;
    const upTo = (most: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % (most + 1);
    };
    for (let turn = 0; turn < 500; turn++) {
      const marked = Array.from({ length: upTo(6) }, (_, at) => {
        const start = upTo(length - 1);
        return mark(`p${at}`, start, start + 1 + upTo(length - start - 1));
      });
      const pieces = piecesOf({ start: 0, end: length }, marked, cutter(TEXT));
      expect(pieces.map(({ text }) => text).join("")).to.equal(TEXT);
      for (const { id, start, end } of marked) {
        const covered = pieces
          .filter(({ marks }) => marks.some((one) => one.id === id))
          .map(({ text }) => text)
          .join("");
        expect(covered).to.equal(Array.from(TEXT).slice(start, end).join(""));
        expect(pieces.flatMap(({ marks }) => marks).filter((one) => one.id === id && one.first)).to.have.length(1);
      }
    }
  });

  it("count code points, so that characters outside the basic plane do not shift them", () => {
    const start = Array.from("Le 🕊️ dossier ").length;
    expect(shape([mark("a", start, start + 1)])).to.deep.equal(["Le 🕊️ dossier []", "𝒜[a]", " parle d’une plainte.[]"]);
  });

  it("nest where they overlap, the one that begins first outside", () => {
    expect(shape([mark("b", 6, 12), mark("a", 3, 9)], { start: 0, end: 14 })).to.deep.equal([
      "Le []",
      `${Array.from(TEXT).slice(3, 6).join("")}[a]`,
      `${Array.from(TEXT).slice(6, 9).join("")}[a… b]`,
      `${Array.from(TEXT).slice(9, 12).join("")}[b…]`,
      `${Array.from(TEXT).slice(12, 14).join("")}[]`,
    ]);
  });

  it("show page breaks between blocks and never skip a level of heading", () => {
    const text = "Titre\n\nUn\n\nDeux";
    const drawn = drawnBlocks(
      {
        text,
        blocks: [
          { kind: "heading", level: 4, start: 0, end: 5, page: 1 },
          { kind: "list-item", start: 7, end: 9, page: 1 },
          { kind: "list-item", start: 11, end: 15, page: 3 },
        ],
      },
      [],
    );
    expect(drawn.map((block) => (block.kind === "page" ? `page ${block.page}` : block.kind))).to.deep.equal([
      "page 1",
      "heading",
      "list",
      "page 2",
      "page 3",
      "list",
    ]);
    expect(drawn[1]).to.include({ level: 1, number: 1 });
  });
});
