import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { parse } from "yaml";
import type { Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { openBrowser, openReader, signedIn } from "./browser.ts";

const HOUSE = join(import.meta.dirname, "../..");
const plain = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Every text of a tree of words, at its address. */
const textsOf = (words: unknown, at = ""): [string, string][] =>
  typeof words === "string" ? [[at, plain(words)]] : Object.entries(words ?? {}).flatMap(([key, value]) => textsOf(value, `${at}.${key}`));

/** Words of the interface and labels of the codebook that are French and only French. */
function frenchOnly(): Set<string> {
  const wordsIn = (language: string) =>
    globSync(`views/*/${language}.json`, { cwd: HOUSE }).flatMap((path) => textsOf(JSON.parse(readFileSync(join(HOUSE, path), "utf8"))));
  const french = wordsIn("fr").map(([, text]) => text);
  const english = wordsIn("en").map(([, text]) => text);
  const labels = textsOf(parse(readFileSync(join(HOUSE, "db/data/codebook-1.0.0.yaml"), "utf8")));
  const labelled = (language: string) => labels.filter(([at]) => at.endsWith(`.label_${language}`)).map(([, text]) => text);
  const both = new Set([...english, ...labelled("en")].map((text) => text.toLowerCase()));
  return new Set([...french, ...labelled("fr")].filter((text) => text.length > 2 && !both.has(text.toLowerCase())));
}

const PUBLIC = [
  "/",
  "/publications",
  "/connexion",
  "/aide",
  "/accessibilite",
  "/mentions-legales",
  "/donnees-personnelles",
  "/plan-du-site",
];
const PAGES: Partial<Record<Role, (report: string) => string[]>> = {
  analyst: (report) => [
    "/",
    "/compte",
    "/rapports",
    report,
    `${report}/codage`,
    `${report}/constats`,
    `${report}/constats/nouveau`,
    `${report}/constats/recommandations/nouvelle`,
    `${report}/relecture`,
    "/constats",
    "/constats?onglet=rapports",
    "/constats/nouveau?facteur=complaint_filed",
    "/grille",
  ],
  coordinator: (report) => [
    "/rapports/nouveau",
    "/rapports/importer",
    `${report}/fiche`,
    "/recommandations",
    "/bonnes-pratiques",
    "/observatoire",
    "/observatoire/facteurs/complaint_filed",
    "/observatoire/series",
    "/redaction",
  ],
  administrator: () => ["/", "/administration", "/administration/comptes"],
};

describe("the pages in English", function () {
  this.timeout(60_000);
  const french = frenchOnly();
  french.delete("Français"); // a language is named in itself
  let app: RunningApp;
  let browser: Browser;
  before(async () => {
    [app, browser] = await Promise.all([startApp(), openBrowser()]);
    await reportIn(app.database, "published");
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });

  /** Texts, names and placeholders of a page that say they are in this language. */
  const shown = (page: Page, language: string): Promise<string[]> =>
    page.evaluate((language) => {
      const texts: string[] = [];
      const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      for (let node: Node | null = nodes.currentNode; node; node = nodes.nextNode()) {
        const element = node instanceof Element ? node : node.parentElement;
        if (!element || element.closest("[lang]")?.getAttribute("lang") !== language) continue;
        if (!(node instanceof Element)) texts.push(node.textContent ?? "");
        else for (const name of ["aria-label", "title", "placeholder", "alt"]) texts.push(element.getAttribute(name) ?? "");
      }
      return texts;
    }, language);

  const readable = async (reader: Awaited<ReturnType<typeof openReader>>, paths: string[]): Promise<void> => {
    const left: string[] = [];
    for (const path of paths) {
      const response = await reader.page.goto(path);
      expect(response?.status(), path).to.equal(200);
      expect(await reader.page.locator("html").getAttribute("lang"), path).to.equal("en");
      expect(await reader.page.locator("h1").count(), `${path}: one heading of the first level`).to.equal(1);
      for (const text of new Set((await shown(reader.page, "en")).map(plain))) if (french.has(text)) left.push(`${path}: ${text}`);
    }
    expect(left.join("\n")).to.equal("");
    expect(reader.complaints.join("\n")).to.equal("");
  };

  it("hold no word of the French ones, for whoever comes by", async () => {
    const visitor = await openReader(browser, app);
    await visitor.page.goto("/aide");
    const there = (await shown(visitor.page, "fr")).map(plain).filter((text) => french.has(text));
    expect(there.length, "the same comparison finds the French words of a French page").to.be.greaterThan(10);
    await visitor.page.goto("/aide?langue=en");
    await readable(visitor, PUBLIC);
  });

  for (const [role, pages] of Object.entries(PAGES) as [Role, (report: string) => string[]][])
    it(`hold no word of the French ones, for the ${role}`, async () => {
      const person = await signedIn(browser, app, [role]);
      await person.page.goto("/compte?langue=en");
      const analysed = await reportIn(app.database, "coded", role === "analyst" ? { analyst: person.person } : {});
      await readable(person, pages(`/rapports/${analysed.id}`));
    });
});
