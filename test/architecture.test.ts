import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const HOUSE = fileURLToPath(new URL("..", import.meta.url));
const MODULES = globSync("{workflows,db,server,scripts,test}/**/*.ts", { cwd: HOUSE }).sort();
const text = (path: string): string => readFileSync(join(HOUSE, path), "utf8");
const code = (path: string): string => text(path).replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");

/** What a module imports: files of the house by their path, packages by their name; types included. */
const importsOf = (path: string): string[] =>
  [...code(path).matchAll(/^(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(([, still, moving]) => {
    const name = (still ?? moving)!;
    return name.startsWith(".") ? join(dirname(path), name) : name;
  });
const inside = (path: string, ...places: string[]): boolean => places.some((place) => path === place || path.startsWith(`${place}/`));

/** Features that others may build on; the follow-up is how a recommendation moves; jobs are how work outlasts a request; agreement is arithmetic alone; every page that shows a passage asks how its reader wants to meet it. */
const SHARED = ["reports", "documents", "codebook", "disclosure", "exchange", "agreement", "wellbeing", "follow-up", "jobs"].map(
  (room) => `server/${room}`,
);
/**
 * From features that are no one's foundation, only this: questions to the accounts, the words for a coded value, which touch no row, how a
 * passage is kept and tied to a factor, what is coded and the acts that code it, what a layer handed in again does to what was settled, the
 * questions and the chronology of a report as one reader may see them, and what an address of the register of recommendations asks for: exports
 * follow it; which closed recommendations have factors that came back; passages with the words around them, how public statements are checked, how two texts differ and how often a factor occurs; what a new
 * edition does to the cross-case findings and the public good practices that rest on it, and which of them wait for somebody.
 */
const SHARED_FILES = [
  "server/accounts/queries.ts",
  "server/adjudication/adjudicate.ts",
  "server/coding/acts.ts",
  "server/coding/expected.ts",
  "server/coding/labels.ts",
  "server/coding/layers.ts",
  "server/coding/marks.ts",
  "server/coding/passages.ts",
  "server/coding/queries.ts",
  "server/coding/save-value.ts",
  "server/coding/values.ts",
  "server/recommendations/export.ts",
  "server/recommendations/filters.ts",
  "server/recommendations/queries.ts",
  "server/recommendations/returns.ts",
  "server/questions/queries.ts",
  "server/questions/counts.ts",
  "server/chronology/dates.ts",
  "server/chronology/queries.ts",
  "server/chronology/summary.ts",
  "server/chronology/words.ts",
  "server/cross-findings/evidence-changed.ts",
  "server/cross-findings/review-queue.ts",
  "server/findings/prevalence.ts",
  "server/findings/public-checklist.ts",
  "server/findings/queries.ts",
  "server/findings/word-difference.ts",
  "server/practices/publish.ts",
];
const ENTRY = ["server/app.ts", "server/main.ts", "server/serve.ts", "server/prepare.ts", "server/config.ts"];

/** Whether a module may import another, by the room of the first. */
function allowed(from: string, to: string): boolean {
  const [top, room] = from.split("/");
  if (top === "test") return true;
  if (inside(to, "test") || (inside(to, "scripts") && top !== "scripts")) return false;
  if (top === "scripts") return true;
  const own = !to.includes("/") || to.startsWith("@") || to.startsWith("node:") ? false : MODULES.includes(to);
  if (top === "workflows") return inside(to, "workflows") || to === "xstate";
  if (top === "db") return inside(to, "db", "workflows") || /^(kysely|kysely\/migration|better-sqlite3|pg|node:.*)$/.test(to);
  if (!own || inside(to, "workflows", "db")) return true;
  if (ENTRY.includes(from)) return true;
  if (room === "http") return inside(to, "server/http") || to === "server/config.ts";
  return inside(to, `server/${room}`, "server/http", ...SHARED) || SHARED_FILES.includes(to) || to === "server/config.ts";
}

describe("the map of imports", () => {
  it("points one way: main, app, features, http, db, workflows; features lean only on those made to be leaned on", () => {
    const wrong = MODULES.flatMap((from) =>
      importsOf(from)
        .filter((to) => !allowed(from, to))
        .map((to) => `${from} imports ${to}`),
    );
    expect(wrong).to.deep.equal([]);
    expect(importsOf("server/reports/facts.ts")).to.include.members(["kysely", "db/schema.ts", "server/codebook/definition.ts"]);
  });

  it("has no ring among the modules of the server", () => {
    const graph = new Map(MODULES.filter((path) => !inside(path, "test", "scripts")).map((path) => [path, valueImportsOf(path)]));
    const done = new Set<string>();
    const visit = (path: string, way: string[]): void => {
      if (way.includes(path)) throw new Error([...way.slice(way.indexOf(path)), path].join(" → "));
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...way, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(done.size).to.equal(graph.size);
  });

  it("starts no path outside the house", () => {
    const outside = MODULES.flatMap((path) =>
      importsOf(path)
        .filter((to) => to.startsWith("..") || to.startsWith("/"))
        .map((to) => `${path}: ${to}`),
    );
    expect(outside).to.deep.equal([]);
  });
});

/** As importsOf, without types: what is loaded when the module is. */
function valueImportsOf(path: string): string[] {
  const types = new Set([...code(path).matchAll(/^import type\s[^"';]*?from\s"([^"]+)"/gm)].map(([, name]) => join(dirname(path), name!)));
  return importsOf(path).filter((to) => MODULES.includes(to) && !types.has(to));
}

describe("the house", () => {
  const using = (words: RegExp, ...places: string[]) => MODULES.filter((path) => inside(path, ...places) && words.test(code(path)));

  it("has no file named for what it does not say", () => {
    expect(MODULES.filter((path) => /^(utils?|helpers?|misc|common|shared)\./.test(basename(path)))).to.deep.equal([]);
  });

  it("reads the environment in one place, which the entry hands it to", () => {
    expect(using(/process\.env\b/, "server", "db", "workflows")).to.deep.equal(["server/main.ts"]);
    expect(code("server/main.ts").match(/process\.env\b/g)).to.have.length(1);
    expect(code("server/main.ts")).to.include("readSettings(process.env)");
  });

  it("takes chance from the system's generator, and the hour from the clock it is given", () => {
    expect(using(/Math\.random/, "server", "db", "workflows")).to.deep.equal([]);
    expect(using(/new Date\(\)|Date\.now\(\)/, "server", "db", "workflows").filter((path) => path !== "server/main.ts")).to.deep.equal([]);
  });

  it("writes SQL by text only where the database itself is described", () => {
    expect(using(/sql\.raw\(/, "server", "workflows")).to.deep.equal([]);
    expect(using(/sql\.raw\(/, "db").filter((path) => !inside(path, "db/migrations", "db/dialect.ts"))).to.deep.equal([]);
  });

  it("names a driver of a database in one module", () => {
    const drivers = ["better-sqlite3", "pg"];
    expect(MODULES.filter((path) => inside(path, "server", "db") && importsOf(path).some((to) => drivers.includes(to)))).to.deep.equal([
      "db/database.ts",
    ]);
  });

  it("evaluates no text as a program, and starts none but the typesetter", () => {
    expect(using(/\beval\(|new Function\(|"node:vm"/, "server", "db", "workflows")).to.deep.equal([]);
    expect(using(/"node:child_process"/, "server", "db", "workflows")).to.deep.equal(["server/exchange/pdf/typeset.ts"]);
  });

  it("moves a report in one module only", () => {
    const writers = MODULES.filter((path) => inside(path, "server") && /insertInto\("report_event"\)|\.set\(\{ state:/.test(code(path)));
    expect(writers.filter((path) => inside(path, "server/reports"))).to.deep.equal([
      "server/reports/apply-event.ts",
      "server/reports/intake.ts",
    ]);
    for (const path of writers.filter((one) => !inside(one, "server/reports")))
      expect(code(path), path).not.to.match(/insertInto\("report_event"\)|updateTable\("report"\)/);
  });
});
