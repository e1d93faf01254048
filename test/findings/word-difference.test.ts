import { expect } from "chai";
import fc from "fast-check";
import { type Run, wordDifference } from "../../server/findings/word-difference.ts";

const joined = (runs: readonly Run[], ...kinds: Run["kind"][]) =>
  runs
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text)
    .join("");
const wordsOf = (text: string) => text.split(/\s+/u).filter(Boolean);

describe("the difference between two texts", () => {
  it("says which words stayed, went and came", () => {
    expect(wordDifference("La plainte n’a pas été transmise.", "La plainte a été transmise.")).to.deep.equal([
      { kind: "same", text: "La plainte " },
      { kind: "removed", text: "n’a pas " },
      { kind: "added", text: "a " },
      { kind: "same", text: "été transmise." },
    ]);
    expect(wordDifference("Transmise ici.", "Transmise"), "words are never stuck together").to.deep.equal([
      { kind: "same", text: "Transmise " },
      { kind: "removed", text: "ici." },
    ]);
  });

  it("is nothing between a text and itself, and everything between a text and none", () => {
    expect(wordDifference("Une phrase.", "Une phrase.")).to.deep.equal([{ kind: "same", text: "Une phrase." }]);
    expect(wordDifference("", "Une phrase.")).to.deep.equal([{ kind: "added", text: "Une phrase." }]);
    expect(wordDifference("Une phrase.", "")).to.deep.equal([{ kind: "removed", text: "Une phrase." }]);
    expect(wordDifference("", "")).to.deep.equal([]);
  });

  it("loses no word of either text and keeps as many as can be kept, whatever the texts", () => {
    const text = fc.array(fc.constantFrom("la", "plainte", "été", "reçue", "ici", "\n"), { maxLength: 12 }).map((words) => words.join(" "));
    const common = (a: string[], b: string[]): number =>
      a.length === 0 || b.length === 0
        ? 0
        : a[0] === b[0]
          ? 1 + common(a.slice(1), b.slice(1))
          : Math.max(common(a.slice(1), b), common(a, b.slice(1)));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const runs = wordDifference(before, after);
        expect(wordsOf(joined(runs, "same", "removed"))).to.deep.equal(wordsOf(before));
        expect(wordsOf(joined(runs, "same", "added"))).to.deep.equal(wordsOf(after));
        expect(wordsOf(joined(runs, "same")).length).to.equal(common(wordsOf(before), wordsOf(after)));
        for (const [at, run] of runs.entries()) expect(run.kind).not.to.equal(runs[at + 1]?.kind);
      }),
      { numRuns: 500 },
    );
  });

  it("of two very long texts that share nothing shows one after the other", () => {
    const long = (word: string) => Array.from({ length: 3_000 }, (_, at) => `${word}${at}`).join(" ");
    const runs = wordDifference(long("a"), long("b"));
    expect(runs.map(({ kind }) => kind)).to.deep.equal(["removed", "added"]);
  });
});
