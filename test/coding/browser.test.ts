import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import { findOrInstallChromium } from "../../scripts/find-chromium.ts";
import { readDocument } from "../../server/documents/read-document.ts";
import { storeDocument } from "../../server/reports/intake.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import type { BuiltReport } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
type Violations = { id: string; nodes: { html: string }[] }[];

describe("the coding workspace in a browser", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let browser: Browser;
  let report: BuiltReport;
  let cookies: { name: string; value: string; url: string }[];
  const said: string[] = [];

  before(async () => {
    app = await startApp();
    browser = await chromium.launch({ executablePath: findOrInstallChromium(), args: ["--no-sandbox"] });
    const analyst = await visitorWith(app, "analyst");
    report = await assigned(app.database, { analyst: analyst.person });
    cookies = analyst.cookies
      .split("; ")
      .map((pair) => ({ name: pair.slice(0, pair.indexOf("=")), value: pair.slice(pair.indexOf("=") + 1), url: app.url }));
  });
  after(async () => {
    await browser.close();
    await app.close();
  });

  /** The workspace in a tab of its own. */
  async function tab(query = ""): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "fr-FR", reducedMotion: "reduce" });
    await context.addCookies(cookies);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (/Content Security Policy|TypeError|ReferenceError/.test(message.text())) said.push(message.text());
    });
    page.on("pageerror", (error) => said.push(error.message));
    await page.goto(`${app.url}/rapports/${report.id}/codage${query}`);
    return page;
  }
  const card = (page: Page, factor: string) => page.locator(`#facteur-${factor}`);
  const state = (page: Page, factor: string) => card(page, factor).locator("[data-state]");
  const answer = (page: Page, factor: string, label: string) => card(page, factor).locator(".choice label", { hasText: label }).click();
  /** Selects the words in the text, as the mouse would. */
  const select = (page: Page, words: string) =>
    page.evaluate((wanted) => {
      const blocks = [...document.querySelectorAll("[data-start]")];
      const block = blocks.find(({ textContent }) => textContent?.includes(wanted));
      const walker = document.createTreeWalker(block!, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent!.indexOf(wanted);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        getSelection()!.removeAllRanges();
        getSelection()!.addRange(range);
      }
    }, words);
  const shown = (locator: ReturnType<Page["locator"]>, text: RegExp) => locator.filter({ hasText: text }).waitFor();

  it("attaches what is selected, characters outside the basic plane included, and shows it after a reload", async () => {
    const page = await tab("?document=2");
    await select(page, "« j’ai peur 𝒜 »");
    await card(page, "victim_fear-victim-1").locator("[data-attach]").click();
    await page.locator("mark.passage--victim").waitFor();
    expect(await page.locator("mark.passage--victim").textContent()).to.equal("« j’ai peur 𝒜 »");
    await page.reload();
    expect(await page.locator("mark.passage--victim").textContent()).to.equal("« j’ai peur 𝒜 »");
    expect(await card(page, "victim_fear-victim-1").locator("input[value=present]").isChecked()).to.equal(true);
    // From the passage to its factor, and back.
    await page.locator("mark.passage--victim").click();
    await page.waitForFunction(() => document.activeElement?.id === "facteur-victim_fear-victim-1");
    await card(page, "victim_fear-victim-1").locator("a.quote").click();
    await page.locator("mark.passage--current").waitFor();
    await page.context().close();
  });

  it("attaches with the keyboard alone, by the number of a paragraph", async () => {
    const page = await tab();
    await page.keyboard.press("n");
    await page.waitForFunction(() => document.activeElement?.id === "facteur-act_date");
    const premeditation = card(page, "premeditation");
    await premeditation.locator("a[data-open]").focus();
    await page.keyboard.press("Enter");
    await premeditation.locator("[name=block]").fill("3");
    await premeditation.locator("[data-attach-form]").focus();
    await page.keyboard.press("Enter");
    await premeditation.locator(".quotes").waitFor();
    expect(await premeditation.locator(".quotes a").textContent()).to.include("Madame A. avait quitté le domicile commun");
    await page.context().close();
  });

  it("saves as one goes, keeps an act that did not arrive and sends it again", async () => {
    const page = await tab();
    await answer(page, "overkill", "Absent");
    await shown(state(page, "overkill"), /Enregistré à 10:00/);
    await page.route("**/codage/valeur", (route) => route.abort());
    await answer(page, "cohabitation", "Présent");
    await shown(state(page, "cohabitation"), /Votre réponse est gardée ici/);
    await page.unroute("**/codage/valeur");
    await state(page, "cohabitation").locator("button").click();
    await shown(state(page, "cohabitation"), /Enregistré à 10:00/);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).to.equal(0);
    await page.reload();
    expect(await card(page, "cohabitation").locator("input[value=present]").isChecked()).to.equal(true);
    await page.context().close();
  });

  it("asks which of two answers to keep when another tab was first", async () => {
    const [one, other] = [await tab(), await tab()];
    await answer(one, "new_partner", "Non documenté");
    await shown(state(one, "new_partner"), /Enregistré/);
    await answer(other, "new_partner", "Absent");
    await shown(state(other, "new_partner"), /réponse enregistrée, «\sNon documenté\s»[\s\S]*votre réponse, non enregistrée, «\sAbsent\s»/);
    await state(other, "new_partner").locator("button", { hasText: "Enregistrer la mienne" }).click();
    await shown(state(other, "new_partner"), /Enregistré à/);
    await one.reload();
    expect(await card(one, "new_partner").locator("input[value=absent]").isChecked()).to.equal(true);
    await one.context().close();
    await other.context().close();
  });

  it("shows the next passages to read, attaches one and dismisses another, each with one key", async () => {
    const page = await tab();
    const complaint = card(page, "complaint_filed-victim-1");
    await complaint.focus();
    const first = await complaint.locator(".suggestion").first().textContent();
    await page.keyboard.press("s");
    await page.waitForFunction((words) => getSelection()?.toString() === words, first);
    expect(await page.evaluate(() => document.activeElement?.hasAttribute("data-suggestion"))).to.equal(true);
    await page.keyboard.press("r");
    await complaint.locator(".quotes", { hasText: first! }).waitFor();
    const second = await complaint.locator(".suggestion").first().textContent();
    await page.keyboard.press("s");
    await page.waitForFunction((words) => getSelection()?.toString() === words, second);
    await page.keyboard.press("x");
    await complaint.locator("[data-again]").waitFor();
    expect(await complaint.locator(".suggestion").allTextContents()).to.not.include(second);
    await page.context().close();
  });

  it("attaches what is selected to a factor chosen by name, and the next to one coded recently, by its number", async () => {
    const page = await tab();
    await select(page, "Aucune évaluation du danger");
    await page.keyboard.press("f");
    const dialog = page.getByRole("dialog", { name: "Choisir un facteur" });
    await dialog.waitFor();
    expect(await dialog.locator("[data-picker-quote]").textContent()).to.equal("Aucune évaluation du danger");
    const search = dialog.getByRole("combobox");
    // Without accents, and by a word of its definition or of its terms.
    await search.pressSequentially("prememoire");
    await shown(dialog.locator("[data-picker-said]"), /Aucun facteur/);
    await search.fill("evaluation danger");
    await dialog.getByRole("option").first().waitFor();
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate("axe.run(document)")) as { violations: Violations };
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).to.deep.equal([]);
    await search.fill("risk_assessment_gap");
    expect(await dialog.getByRole("option").allTextContents()).to.have.length(2);
    await page.keyboard.press("Enter");
    await card(page, "risk_assessment_gap").locator(".quotes", { hasText: "Aucune évaluation du danger" }).waitFor();
    expect(await card(page, "risk_assessment_gap").locator("input[value=present]").isChecked()).to.equal(true);
    expect(await dialog.count()).to.equal(0);

    await page.locator("#recents a", { hasText: /./ }).first().waitFor();
    await select(page, "n’a pas transmis la plainte au parquet");
    await page.keyboard.press("1");
    await card(page, "risk_assessment_gap").locator(".quotes", { hasText: "n’a pas transmis" }).waitFor();

    await select(page, "aucune scène de violence physique");
    await page.keyboard.press("f");
    await search.fill("physical_violence");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await card(page, "physical_violence").locator(".quotes").waitFor();
    expect(await card(page, "physical_violence").locator("input[value=absent]").isChecked()).to.equal(true);
    await page.context().close();
  });

  it("undoes and redoes with the keys, after a reload too, never while a text is typed", async () => {
    const page = await tab();
    await answer(page, "escalation", "Absent");
    await shown(state(page, "escalation"), /Enregistré/);
    await page.reload();
    await page.keyboard.press("Control+z");
    await shown(page.locator("[data-said]"), /^Annulé.*«\sAbsent\s»$/);
    expect(await card(page, "escalation").locator("input:checked").count()).to.equal(0);
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal("facteur-escalation");
    await page.keyboard.press("Control+Shift+z");
    await shown(page.locator("[data-said]"), /^Rétabli/);
    expect(await card(page, "escalation").locator("input[value=absent]").isChecked()).to.equal(true);
    await card(page, "escalation").locator("[name=reason]").fill("Aucune");
    await page.keyboard.press("Control+z");
    await shown(state(page, "escalation"), /Enregistré/);
    expect(await card(page, "escalation").locator("input[value=absent]").isChecked()).to.equal(true);
    await page.context().close();
  });

  it("sends again the very act that did not arrive", async () => {
    const page = await tab();
    await page.route("**/codage/passage", (route) => route.abort());
    await select(page, "l’avait annoncé à ses proches");
    await card(page, "separation_announced").locator("[data-attach]").click();
    await shown(state(page, "separation_announced"), /gardée ici/);
    await page.unroute("**/codage/passage");
    await state(page, "separation_announced").locator("button").click();
    await card(page, "separation_announced").locator(".quotes", { hasText: "annoncé à ses proches" }).waitFor();
    await page.context().close();
  });

  it("shows two documents side by side and takes passages from both", async () => {
    const page = await tab("?document=1&avec=2");
    expect(await page.locator(".document[data-document]").count()).to.equal(2);
    await select(page, "à sa sœur");
    await card(page, "premeditation").locator("[data-attach]").click();
    await page.locator('.document[data-document="2"] mark', { hasText: "à sa sœur" }).waitFor();
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate("axe.run(document)")) as { violations: Violations };
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).to.deep.equal([]);
    await page.context().close();
  });

  it("turns the original page in place, and to the passage that is shown", async () => {
    const name = "retex-04-rapport-inspection.pdf";
    const bytes = readFileSync(new URL(`../samples/${name}`, import.meta.url));
    const read = await readDocument(bytes, name);
    if (read.kind !== "read") throw new Error(read.reason);
    const { id } = await app.database.db
      .transaction()
      .execute((tx) =>
        storeDocument(tx, { reportId: report.id, fileName: name, bytes, document: read.document, by: report.coordinator, now: NOW }),
      );
    const { number } = await app.database.db.selectFrom("document").select("number").where("id", "=", id).executeTakeFirstOrThrow();
    const page = await tab(`?document=${number}&vue=deux`);
    const picture = (at: number) => page.locator(`[data-picture="${at}"] img[src$="/pages/${at}.png"]`);
    await picture(1).waitFor();
    await page.getByRole("link", { name: "Page suivante" }).click();
    await picture(2).waitFor();
    expect(new URL(page.url()).searchParams.get("page")).to.equal("2");
    const words = await page.locator('[data-page="4"] ~ p[data-start]:not([class])').first().textContent();
    await select(page, words!);
    await card(page, "coordination_gap").locator("[data-attach]").click();
    await card(page, "coordination_gap").locator(".quotes a").click();
    await picture(4).waitFor();
    await page.context().close();
  });

  it("codes a whole section with the keyboard alone", async () => {
    const page = await tab();
    const open = page.locator('[data-section="children"] form[data-card]');
    const total = await open.count();
    await page.locator('[data-section="children"] .factor').first().focus();
    for (let at = 0; at < total; at++) {
      const name = await page.evaluate(() => document.activeElement!.id.replace("facteur-", ""));
      // The answers come after the definition: the first radio, box or field of the card.
      const field = card(page, name).locator("input[type=radio], input[type=checkbox]").last();
      await field.focus();
      await page.keyboard.press("Space");
      await shown(state(page, name), /Enregistré/);
      if (at < total - 1) await page.keyboard.press("j");
    }
    await page.reload();
    expect(await open.locator("[data-missing-label] .tag--success").count()).to.equal(total);
    await page.context().close();
  });

  it("has nothing that axe finds fault with, in light and dark, and breaks no content security policy", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await tab("?document=2");
      await page.emulateMedia({ colorScheme });
      await page.evaluate(AXE);
      const { violations } = (await page.evaluate("axe.run(document)")) as { violations: Violations };
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).to.deep.equal([]);
      await page.context().close();
    }
    expect(said).to.deep.equal([]);
  });
});
