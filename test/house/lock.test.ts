import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

type Entry = { version?: string; resolved?: string; optionalDependencies?: Record<string, string> };
const root = join(import.meta.dirname, "../..");
const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, Entry> };

describe("the lock file", () => {
  it("holds every platform's package, so that a clean install works on each", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).to.deep.equal([]);
  });

  it("names no address to download from", () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith("http"))).to.deep.equal([]);
  });

  it("goes with exact versions", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).to.match(/^(npm:[a-z0-9-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });
});
