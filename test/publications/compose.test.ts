import { createHash } from "node:crypto";
import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { composeLetter, digestOf, printable } from "../../server/publications/compose.ts";
import { type YearFigures, yearFigures } from "../../server/publications/figures.ts";
import type { Block, LetterDocument } from "../../server/publications/letter-document.ts";
import { typesetLetter } from "../../server/publications/pdf/typeset.ts";
import { createPerson } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { CANARY, CANARY_DAY, CANARY_DEPARTMENT, storeCase, storeReference, storeYear } from "./cases.ts";

const NOW = "2026-11-23T09:00:00.000Z";
const occasion = (language: "fr" | "en" = "fr", foreword = "") => ({
  publication: { title: "Lettre d’essai", language, foreword },
  demo: false,
  version: "0.0.0",
  now: NOW,
});
const blockOf = <Kind extends Block["kind"]>(letter: LetterDocument, kind: Kind) =>
  letter.blocks.filter((block): block is Extract<Block, { kind: Kind }> => block.kind === kind);
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
/** All that the letter computed, its foreword left out. */
const textsOf = (letter: LetterDocument) => plain(JSON.stringify(letter.blocks.filter(({ kind }) => kind !== "text")));

describe("the masking of a row of the letter", () => {
  it("hides a count of 1 to 4 and another one beside it", () => {
    for (let present = 0; present <= 9; present += 1)
      for (let absent = 0; absent <= 9; absent += 1)
        for (let notDocumented = 0; notDocumented <= 9; notDocumented += 1) {
          const total = present + absent + notDocumented;
          const row = printable({ present, absent, notDocumented });
          const parts = [row.present, row.absent, row.notDocumented];
          const where = `${present}/${absent}/${notDocumented}`;
          for (const part of [...parts, row.documented, row.total]) expect(part === null || part === 0 || part > 4, where).to.equal(true);
          const hidden = parts.filter((part) => part === null).length;
          expect(hidden, where).not.to.equal(1);
          const shown = parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
          if (row.total !== null && hidden > 0) expect(total - shown, where).to.satisfy((rest: number) => rest === 0 || rest > 4);
          if (row.documented !== null) expect(row.documented, where).to.equal(present + absent);
        }
  });

  it("keeps large and empty groups as they are", () => {
    expect(printable({ present: 18, absent: 6, notDocumented: 0 })).to.deep.equal({
      present: 18,
      absent: 6,
      notDocumented: 0,
      documented: 24,
      total: 24,
    });
  });

  it("hides everything where only a few cases are documented", () => {
    expect(printable({ present: 3, absent: 0, notDocumented: 30 })).to.include({ present: null, absent: null, notDocumented: null });
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`the figures of a letter, on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    let by: string;
    let ids: string[];
    let figures: YearFigures;
    before(async () => {
      database = await open();
      by = (await createPerson(database, "coordinator")).id;
      ids = await storeYear(database, by);
      await storeReference(database);
      figures = await yearFigures(database.db, 2024);
    });
    after(() => database.close());

    const factor = (code: string) => {
      const { present, absent, notDocumented } = figures.factors.find((one) => one.code === code)!;
      return [present, absent, notDocumented];
    };

    it("are what was counted by hand: each case once, silence apart from absence", () => {
      expect(figures.analysed).to.equal(24);
      expect(figures.received).to.deep.equal({ homicides: 26, others: 4 });
      expect(factor("death_threats")).to.deep.equal([12, 6, 6]);
      expect(factor("coercive_control")).to.deep.equal([18, 6, 0]);
      expect(factor("separation_announced")).to.deep.equal([10, 3, 11]);
      expect(factor("strangulation_history")).to.deep.equal([2, 14, 8]);
      expect(factor("victim_fear")).to.deep.equal([7, 6, 11]);
      expect(factor("perpetrator_firearm_access")).to.deep.equal([0, 5, 19]);
      expect(factor("stalking_harassment")).to.deep.equal([0, 0, 24]);
      expect(figures.priorViolence).to.deep.equal({ present: 13, absent: 5, notDocumented: 6 });
      expect(figures.knownBefore).to.deep.equal({ present: 9, absent: 6, notDocumented: 9 });
      expect(figures.casesWithGoodPractice).to.equal(5);
      expect(figures.references.map(({ value }) => value)).to.deep.equal([138]);
    });

    it("do not take a sign of which nothing is said for one that no service knew", async () => {
      await storeCase(database, by, { year: 2012, values: { death_threats: "present:entourage_before", coercive_control: "present" } });
      await storeCase(database, by, { year: 2012, values: { death_threats: "present:entourage_before", coercive_control: "absent" } });
      const { knownBefore } = await yearFigures(database.db, 2012);
      expect(knownBefore).to.deep.equal({ present: 0, absent: 1, notDocumented: 1 });
    });

    it("are printed with both denominators, the most frequent first, those that are masked left out", () => {
      const [table] = blockOf(composeLetter(figures, occasion()), "table");
      expect(table!.table.rows.map((row) => row.map(plain))).to.deep.equal([
        ["Contrôle coercitif ou emprise", "18", "6", "0", "75,0 %", "75,0 %"],
        ["Menaces de mort antérieures", "12", "6", "6", "50,0 %", "66,7 %"],
        ["Séparation annoncée, demandée ou effective", "10", "s", "s", "41,7 %", "s"],
        ["Peur exprimée par la victime", "7", "6", "11", "29,2 %", "53,8 %"],
      ]);
    });

    it("open the letter: received, analysed, covered, known before", () => {
      const [key] = blockOf(composeLetter(figures, occasion()), "key-figures");
      expect(key!.figures.map(({ value }) => plain(value))).to.deep.equal(["26", "24", "18,8 %", "54,2 %", "37,5 %", "5"]);
      expect(plain(key!.figures[3]!.detail)).to.equal("13 affaires sur 24 ; 72,2 % des 18 affaires où l’information est documentée");
      expect(plain(key!.figures[2]!.detail)).to.equal("26 rapports pour 138 décès au sein du couple (source : Délégation d’essai)");
    });

    it("leave out the homicides received when the cases analysed beside them would tell how few the other acts are", () => {
      const received = { homicides: 22, others: 3 };
      const [key] = blockOf(composeLetter({ ...figures, received }, occasion()), "key-figures");
      expect(key!.figures.slice(0, 3).map(({ value }) => plain(value))).to.deep.equal(["–", "24", "–"]);
      // Coordinates of drawings apart, which hold any number.
      const words = JSON.stringify(composeLetter({ ...figures, received }, occasion()), (name, value) => (name === "svg" ? "" : value));
      expect(words).not.to.match(/\b22\b/);
    });

    it("never print 1 to 4 cases, nor a number that gives them away", () => {
      for (const language of ["fr", "en"] as const) {
        const letter = composeLetter(figures, occasion(language));
        for (const { table } of [...blockOf(letter, "table"), ...blockOf(letter, "chart")])
          for (const row of table.rows) {
            const counts = row.slice(1, 4).filter((cell) => /^\d+$/.test(cell));
            for (const cell of counts) expect(Number(cell) === 0 || Number(cell) > 4, row[0]).to.equal(true);
            // Masked: 3 absent, 11 silent, 13 documented.
            if (row[0]!.startsWith("Sépar")) expect(row.join(" ")).not.to.match(/\b(3|11|13)\b|76[,.]9/);
          }
        // 2 present: not listed, in no table and no chart.
        expect(JSON.stringify(letter)).not.to.match(/[Ss]trangulation/);
        const text = textsOf(letter).replace(/(1 à|1 to) 4 (affaires|cases)/g, "");
        expect(text).not.to.match(/\b[1-4] (affaires|rapports|sur|cases|reports|out of|d’autres)\b/);
        expect(text).not.to.match(/76[,.]9|[^1]8[,.]3 ?%|12[,.]5 ?%/);
        for (const { svg } of blockOf(letter, "chart")) expect(svg).not.to.match(/>(?:[1-4])</);
      }
    });

    it("hold nothing that is internal, nothing that says which case it is", () => {
      const letter = JSON.stringify(composeLetter(figures, occasion()));
      expect(letter).not.to.contain(CANARY);
      for (const id of ids) expect(letter).not.to.contain(id);
      expect(letter).not.to.match(/RE[CT][A-Z]*-2026/);
      expect(letter).not.to.contain(CANARY_DAY);
      expect(letter).not.to.contain("29 février");
      expect(letter).not.to.contain(`"${CANARY_DEPARTMENT}"`);
      expect(letter).not.to.contain("Corse");
    });

    it("bring public good practices once each and recommendations with whom they are for", () => {
      const letter = composeLetter(figures, occasion());
      expect(blockOf(letter, "good-practices")[0]!.items.map(({ text }) => text)).to.deep.equal([
        "Le parquet réunit chaque semaine les services autour des situations de danger.",
        "Une association a proposé un hébergement dans la journée.",
      ]);
      const { items } = blockOf(letter, "recommendations")[0]!;
      expect(items.map(({ reference }) => reference)).to.deep.equal(["R1", "R2"]);
      expect(items[0]!.text).to.contain("menaces de mort");
      expect(items[1]!.details.toLowerCase()).to.contain("formation");
    });

    it("give the same letter and the same bytes from the same data, and another digest once the data change", async () => {
      const first = composeLetter(await yearFigures(database.db, 2024), occasion());
      const second = composeLetter(await yearFigures(database.db, 2024), occasion());
      expect(digestOf(JSON.stringify(second))).to.equal(digestOf(JSON.stringify(first)));
      const sha = async (letter: LetterDocument) =>
        createHash("sha256")
          .update(await typesetLetter(letter))
          .digest("hex");
      expect(await sha(second)).to.equal(await sha(first));
      await storeCase(database, by, { values: { death_threats: "present" } });
      const later = composeLetter(await yearFigures(database.db, 2024), occasion());
      expect(digestOf(JSON.stringify(later))).not.to.equal(digestOf(JSON.stringify(first)));
    });

    it("say that nothing can be said where fewer than five cases are analysed, or none", async () => {
      for (let at = 0; at < 3; at += 1) await storeCase(database, by, { year: 2022, values: { death_threats: "present" } });
      const few = composeLetter(await yearFigures(database.db, 2022), occasion());
      expect(few.blocks.some(({ kind }) => kind === "table" || kind === "chart")).to.equal(false);
      const [key] = blockOf(few, "key-figures");
      expect(key!.figures.map(({ value }) => value)).to.deep.equal(["–", "–", "–", "–", "–", "–"]);
      expect(textsOf(few)).not.to.match(/\b3\b(?! mars)/);
      for (let at = 0; at < 7; at += 1)
        await storeCase(database, by, { year: 2021, values: { death_threats: at < 3 ? "present" : "unknown" } });
      const masked = composeLetter(await yearFigures(database.db, 2021), occasion());
      expect(masked.blocks.some(({ kind }) => kind === "table" || kind === "chart")).to.equal(false);
      expect(blockOf(masked, "text")[0]!.markdown).to.contain("aucun facteur");
      const none = composeLetter(await yearFigures(database.db, 2010), occasion());
      expect(blockOf(none, "text")[0]!.markdown).to.contain("Aucun constat");
    });
  });
