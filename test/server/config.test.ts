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
      observatory: { name: "Observatoire national des violences faites aux femmes", contact: null, address: [], place: null },
      mail: null,
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
      ["OBSERVATORY_CONTACT", "contact observatoire"],
      ["SMTP_URL", "courrier.invalid:465"],
      ["SMTP_URL", "http://courrier.invalid"],
      ["SMTP_URL", "smtp://courrier.invalid/chemin"],
      ["SMTP_URL", "smtp://cle%zz:secret@courrier.invalid"],
      ["MAIL_FROM", "l’observatoire"],
    ] as const) {
      const said = sentence({ [name]: value });
      expect(said, `${name}=${value}`).to.match(new RegExp(`^The setting ${name} is wrong: it must be .+\\.$`));
      if (value.length > 5) expect(said).not.to.include(value);
    }
  });

  it("of mail go together, and say how the way to the server is kept private", () => {
    const mail = (SMTP_URL: string) =>
      readSettings({ SMTP_URL, MAIL_FROM: "Observatoire <suivi@observatoire.invalid>", PUBLIC_URL: "https://retex.invalid" }).mail;
    expect(mail("smtps://retex:mot%40passe@courrier.invalid")).to.deep.equal({
      host: "courrier.invalid",
      port: 465,
      tls: "implicit",
      user: "retex",
      pass: "mot@passe",
      from: "Observatoire <suivi@observatoire.invalid>",
    });
    expect(mail("smtp://courrier.invalid")).to.include({ port: 587, tls: "required", user: null, pass: null });
    for (const own of ["localhost:25", "127.0.0.1:25", "[::1]:25"])
      expect(mail(`smtp://${own}`), own).to.include({ port: 25, tls: "opportunistic" });
    expect(mail("smtp://127.0.0.1.invalid")).to.include({ tls: "required" });
    const here = { SMTP_URL: "smtp://localhost", MAIL_FROM: "a@b.invalid" };
    expect(sentence({ SMTP_URL: "smtp://localhost" })).to.match(/^The setting MAIL_FROM is wrong/);
    expect(sentence(here)).to.match(/^The setting PUBLIC_URL is wrong/);
    expect(readSettings(here, { demo: true }).mail).not.to.equal(null);
  });

  it("name the observatory as its letters do", () => {
    const { observatory } = readSettings({
      OBSERVATORY_NAME: "Observatoire",
      OBSERVATORY_ADDRESS: "1, rue de l’Exemple | 75000 Paris",
      OBSERVATORY_PLACE: "Paris",
      OBSERVATORY_CONTACT: "contact@observatoire.invalid",
    });
    expect(observatory).to.deep.equal({
      name: "Observatoire",
      address: ["1, rue de l’Exemple", "75000 Paris"],
      place: "Paris",
      contact: "contact@observatoire.invalid",
    });
  });

  it("are all in the table of the README", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const source = readFileSync(new URL("../../server/config.ts", import.meta.url), "utf8");
    const names = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name!).filter((name) => name !== "NODE_ENV");
    expect(names).to.have.length.greaterThan(7);
    for (const name of names) expect(readme).to.match(new RegExp(`^\\| \`${name}\` \\|`, "m"));
  });
});
