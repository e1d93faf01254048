import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { readSettings, WrongSetting } from "../../server/config.ts";

const sentence = (environment: Record<string, string>): string => {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).to.be.instanceOf(WrongSetting);
    return (error as Error).message;
  }
  return "";
};

describe("the settings", () => {
  it("have defaults that serve this machine alone, on an encrypted file", () => {
    expect(readSettings({})).to.deep.equal({
      host: "127.0.0.1",
      port: 3000,
      dataDir: resolve("var"),
      databaseUrl: `sqlite:${join(resolve("var"), "retex.db")}`,
      givenKey: null,
      publicUrl: "http://127.0.0.1:3000",
      trustProxy: 0,
      maxDocumentBytes: 25 * 1024 * 1024,
      logLevel: "info",
      production: false,
      demo: false,
    });
  });

  it("are taken as they are when they are right; an empty one is one that is not set", () => {
    const settings = readSettings({
      HOST: "::1",
      PORT: "8080",
      MAX_DOCUMENT_MB: "40",
      LOG_LEVEL: "",
      TRUST_PROXY: "1",
      NODE_ENV: "production",
    });
    expect(settings).to.include({
      publicUrl: "http://[::1]:8080",
      maxDocumentBytes: 40 * 1024 * 1024,
      logLevel: "info",
      trustProxy: 1,
      production: true,
    });
    expect(readSettings({ DATABASE_URL: "postgres://retex@base/retex" }).databaseUrl).to.equal("postgres://retex@base/retex");
    expect(readSettings({ PUBLIC_URL: "https://retex.example" }).publicUrl).to.equal("https://retex.example");
  });

  it("that are wrong are named in one sentence, without their value", () => {
    for (const [name, value] of [
      ["PORT", "trois mille"],
      ["PORT", "70000"],
      ["PORT", "0"],
      ["DATABASE_KEY", "courte"],
      ["DATABASE_URL", "mysql://quelque-part"],
      ["MAX_DOCUMENT_MB", "0"],
      ["MAX_DOCUMENT_MB", "2.5"],
      ["TRUST_PROXY", "-1"],
      ["LOG_LEVEL", "loud"],
      ["PUBLIC_URL", "observatoire.invalid"],
      ["PUBLIC_URL", "https://observatoire.invalid/chemin"],
    ] as const) {
      const said = sentence({ [name]: value });
      expect(said, `${name}=${value}`).to.match(new RegExp(`^The setting ${name} is wrong: it must be .+\\.$`));
      if (value.length > 5) expect(said).not.to.include(value);
    }
  });

  it("are all in the table of the README", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const source = readFileSync(new URL("../../server/config.ts", import.meta.url), "utf8");
    const names = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name!).filter((name) => name !== "NODE_ENV");
    expect(names).to.have.length.greaterThan(7);
    for (const name of names) expect(readme).to.match(new RegExp(`^\\| \`${name}\` \\|`, "m"));
  });
});
