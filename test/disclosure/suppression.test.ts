import { expect } from "chai";
import fc from "fast-check";
import type { Highs } from "highs";
import { attack, isOpen } from "../../server/disclosure/attack.ts";
import { costsOf, readCells, readHierarchy, systemOf, TOTAL } from "../../server/disclosure/cells.ts";
import { type CellSystem, solver } from "../../server/disclosure/solver.ts";
import { suppress } from "../../server/disclosure/suppress.ts";

/** A table of rows and columns with its margins, in the order of `grid` with a last row and column of sums. */
function tableOf(grid: readonly (readonly number[])[]): string {
  const width = grid[0]!.length;
  const name = (at: number, count: number, letter: string) => (at === count ? TOTAL : `${letter}${at}`);
  const sum = (row: number, column: number) =>
    grid.flatMap((cells, r) => cells.filter((_, c) => (row === grid.length || row === r) && (column === width || column === c)));
  const lines = [...Array(grid.length + 1).keys()].flatMap((row) =>
    [...Array(width + 1).keys()].map(
      (column) => `${name(row, grid.length, "r")},${name(column, width, "c")},${sum(row, column).reduce((all, one) => all + one, 0)}`,
    ),
  );
  return ["row,column,count", ...lines].join("\n");
}

/** Every way to fill the hidden cells with whole numbers from 0 so that all sums hold; independent of any solver. */
function everyFilling({ values, relations }: CellSystem, hidden: readonly boolean[], most: number): number[][] {
  const open = [...hidden.keys()].filter((at) => hidden[at]);
  const found: number[][] = [];
  const filled = [...values];
  const unknown = new Set(open);
  const possible = ({ total, parts }: CellSystem["relations"][number]): boolean => {
    const known = parts.filter((part) => !unknown.has(part)).reduce((all, part) => all + filled[part]!, 0);
    if (unknown.has(total)) return true;
    return parts.some((part) => unknown.has(part)) ? known <= filled[total]! : known === filled[total];
  };
  const fill = (next: number): void => {
    const cell = open[next];
    if (cell === undefined) return void found.push(open.map((at) => filled[at]!));
    unknown.delete(cell);
    for (let value = 0; value <= most; value++) {
      filled[cell] = value;
      if (relations.every((one) => (one.total === cell || one.parts.includes(cell) ? possible(one) : true))) fill(next + 1);
    }
    unknown.add(cell);
  };
  fill(0);
  return found;
}

describe("the suppression of small cells", () => {
  let highs: Highs;
  before(async () => {
    highs = await solver();
  });

  it("computes of hidden cells what a reader can: the four cells of a square, by hand", () => {
    // Row 1 keeps 30 to share, row 2 keeps 29, column 0 keeps 25 and column 2 keeps 34.
    const system = systemOf(readCells(tableOf([[20, 50, 10], [8, 19, 22], [17, 32, 12]]))); // biome-ignore format: a table
    const square = [4, 6, 8, 10];
    const ranges = attack(highs, system, [...system.values.keys()].map((at) => square.includes(at)), 5); // biome-ignore format: one call
    expect(ranges.map(({ least, greatest }) => [least, greatest])).to.deep.equal([
      [0, 25],
      [5, 30],
      [0, 25],
      [4, 29],
    ]);
  });

  it("hides one cell only where nothing adds up, and four where a table has margins", () => {
    const alone = systemOf(readCells("row,count\na,3\nb,12\nc,9"));
    expect(suppress(highs, alone, { threshold: 5 }, () => 0)?.hidden).to.deep.equal([true, false, false]);
    const square = systemOf(readCells(tableOf([[2, 30, 20], [10, 40, 30], [60, 20, 70]]))); // biome-ignore format: a table
    expect(suppress(highs, square, { threshold: 5 }, () => 0)?.hidden.filter(Boolean)).to.have.length(4);
  });

  it("finds ranges that trying every number finds too, and leaves no small count exposed", () => {
    const grid = fc.array(fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 });
    let tried = 0;
    fc.assert(
      fc.property(grid, fc.integer({ min: 2, max: 4 }), fc.boolean(), (cells, threshold, quick) => {
        const table = readCells(tableOf(cells));
        const system = systemOf(table);
        const rule = { threshold, costs: costsOf(table), milliseconds: quick ? 0 : 60_000 };
        const pattern = suppress(highs, system, rule, () => 0);
        if (!pattern) throw new Error("a table of which everything may be hidden can always be protected");
        expect(pattern.found).to.equal(quick && pattern.hidden.includes(true) ? "greedy" : "optimal");
        for (const [at, value] of system.values.entries()) if (value > 0 && value < threshold) expect(pattern.hidden[at]).to.equal(true);
        const ranges = attack(highs, system, pattern.hidden, threshold);
        expect(ranges.filter(({ exposed }) => exposed)).to.deep.equal([]);
        // Trying is possible where the margins are all shown and few cells are open.
        if (ranges.length === 0 || ranges.length > 6 || ranges.some(({ greatest }) => greatest === Number.POSITIVE_INFINITY)) return;
        tried++;
        const fillings = everyFilling(system, pattern.hidden, Math.max(...ranges.map(({ greatest }) => greatest)) + 1);
        for (const [at, { least, greatest, primary }] of ranges.entries()) {
          const possible = fillings.map((filling) => filling[at]!);
          expect([Math.min(...possible), Math.max(...possible)]).to.deep.equal([least, greatest]);
          if (primary) expect(isOpen({ least: Math.min(...possible), greatest: Math.max(...possible) }, threshold)).to.equal(true);
        }
      }),
      { numRuns: 60, seed: 20261124 },
    );
    expect(tried).to.be.greaterThan(15);
  }).timeout(120_000);

  it("finds no cheaper pattern by trying them all", () => {
    const table = readCells(tableOf([[1, 8], [9, 7], [6, 2]])); // biome-ignore format: a table
    const system = systemOf(table);
    const costs = costsOf(table);
    const price = (hidden: readonly boolean[]) => hidden.reduce((sum, one, at) => sum + (one ? costs[at]! : 0), 0);
    const pattern = suppress(highs, system, { threshold: 3, costs }, () => 0)!;
    expect(pattern.found).to.equal("optimal");
    let cheapest = Number.POSITIVE_INFINITY;
    for (let bits = 0; bits < 2 ** system.values.length; bits++) {
      const hidden = system.values.map((value, at) => ((bits >> at) & 1) === 1 || (value > 0 && value < 3));
      if (price(hidden) >= Math.min(cheapest, price(pattern.hidden))) continue;
      if (!attack(highs, system, hidden, 3).some(({ exposed }) => exposed)) cheapest = price(hidden);
    }
    expect(cheapest).to.equal(Number.POSITIVE_INFINITY);
  }).timeout(120_000);

  it("keeps the secret across the levels of a hierarchy", () => {
    const text = [
      "place,count", "d1,2", "d2,7", "d3,11", "R1,20", "d4,9", "d5,8", "R2,17", "TOTAL,37",
    ].join("\n"); // biome-ignore format: a table
    const table = readCells(text);
    const hierarchy = readHierarchy("code,parent\nd1,R1\nd2,R1\nd3,R1\nd4,R2\nd5,R2\nR1,TOTAL\nR2,TOTAL", table);
    const system = systemOf(table, hierarchy);
    expect(system.relations).to.deep.equal([
      { total: 3, parts: [0, 1, 2] },
      { total: 6, parts: [4, 5] },
      { total: 7, parts: [3, 6] },
    ]);
    const { hidden } = suppress(highs, system, { threshold: 5, costs: costsOf(table) }, () => 0)!;
    expect(hidden.filter(Boolean)).to.have.length(2);
    expect(hidden.slice(3)).not.to.include(true);
    // A region that the file leaves out stands for its départements.
    expect(systemOf(readCells("place,count\nd1,2\nd2,7\nTOTAL,9"), hierarchy).relations).to.deep.equal([{ total: 2, parts: [0, 1] }]);
  });

  it("hides nothing of what was published before, and says so when that cannot be", () => {
    const table = readCells(tableOf([[2, 30], [10, 40]])); // biome-ignore format: a table
    const system = systemOf(table);
    const published = system.values.map((_, at) => at === 4 || at === 8);
    const pattern = suppress(highs, system, { threshold: 5, fixed: published }, () => 0);
    expect(pattern!.hidden.filter((one, at) => one && published[at])).to.deep.equal([]);
    expect(pattern!.hidden.filter(Boolean)).to.have.length(4);
    expect(suppress(highs, system, { threshold: 5, fixed: system.values.map((_, at) => at !== 0) }, () => 0)).to.equal(null);
  });

  it("refuses a table that is none, naming the line", () => {
    expect(() => readCells("row,n\na,3")).to.throw('must name one column "count"');
    expect(() => readCells("row,count\na,3\na,4")).to.throw("stands on line 2");
    expect(() => readCells("row,count\na,-3")).to.throw("whole number from 0");
    expect(() => systemOf(readCells("row,count\na,3\nb,4\nTOTAL,8"))).to.throw("TOTAL counts 8, but its cells over \"row\" add up to 7"); // biome-ignore format: one line
    const two = readCells("row,column,count\na,b,3");
    expect(() => readHierarchy("code,parent\na,TOTAL", two)).to.throw('a column "dimension"');
    expect(() => readHierarchy("dimension,code,parent\nrow,a,x\nrow,x,a", two)).to.throw("belongs to itself");
  });
});
