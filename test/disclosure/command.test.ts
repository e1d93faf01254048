import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const HOUSE = fileURLToPath(new URL("../..", import.meta.url));

describe("the command that protects a table", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "retex-protect-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const protect = (...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["scripts/protect.ts", ...args], { cwd: HOUSE, encoding: "utf8" });
    const lines = stdout.trim().split("\n");
    return { status, stderr: stderr.trim(), table: lines.slice(0, -1), last: lines.at(-1)! };
  };

  it("prints the table in its own order with `s` for what is hidden, then what the attack finds as one line of JSON", () => {
    const path = file(
      "cells.csv",
      "act,count,region\nI,20,A\nI,10,B\nI,30,TOTAL\nII,9,A\nII,2,B\nII,11,TOTAL\nIII,8,A\nIII,16,B\nIII,24,TOTAL\nTOTAL,37,A\nTOTAL,28,B\nTOTAL,65,TOTAL\n",
    );
    const { status, table, last } = protect(path);
    expect(status).to.equal(0);
    expect(table[0]).to.equal("act,count,region");
    expect(table).to.include("II,s,B").and.to.include("TOTAL,65,TOTAL");
    expect(table.filter((line) => line.includes(",s,"))).to.have.length(4);
    const result = JSON.parse(last) as { exposed: number; hidden: number; found: string; ranges: { cell: object; least: number }[] };
    expect(result).to.include({ threshold: 5, cells: 12, hidden: 4, primary: 1, found: "optimal", exposed: 0 });
    expect(result.ranges.map(({ cell }) => cell)).to.deep.include({ act: "II", region: "B" });
  }).timeout(60_000);

  it("takes another threshold and a hierarchy", () => {
    const path = file("places.csv", "place,count\nd1,7\nd2,30\nd3,40\nR1,77\nd4,50\nTOTAL,127\n");
    const hierarchy = file("hierarchy.csv", "code,parent\nd1,R1\nd2,R1\nd3,R1\n");
    const { table } = protect(path, "--threshold", "11", "--hierarchy", hierarchy);
    expect(table).to.include("d1,s").and.to.include("R1,77");
    expect(table.filter((line) => line.endsWith(",s"))).to.have.length(2);
  }).timeout(60_000);

  it("says in one sentence what is wrong, and where", () => {
    expect(protect(join(folder, "none.csv"))).to.include({ status: 1 }).and.to.have.property("stderr").that.matches(/no such file\.$/); // biome-ignore format: one line
    expect(protect(file("wrong.csv", "row,count\na,3\nb,4\nTOTAL,8\n")).stderr).to.match(/wrong\.csv, line 4: TOTAL counts 8, but its cells over "row" add up to 7\.$/); // biome-ignore format: one line
    expect(protect("--threshold", "1", file("one.csv", "row,count\na,3\n")).stderr).to.equal(
      "--threshold takes a whole number from 2 to 1000000.",
    );
  }).timeout(60_000);
});
