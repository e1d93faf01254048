import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { type RunningApp, startApp } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { openBrowser, signedIn } from "./browser.ts";

describe("coding in a browser without script", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let browser: Browser;
  before(async () => {
    [app, browser] = await Promise.all([startApp(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });
  const card = (page: Page) => page.locator('form[data-factor="victim_fear"]');
  const told = (page: Page, words: string) => page.getByRole("status").filter({ hasText: words }).waitFor();

  it("saves a value, attaches a passage by the number of its paragraph, and shows it in the text", async () => {
    const { id } = await reportIn(app.database, "received");
    const options = { javaScriptEnabled: false };
    const coordinator = await signedIn(browser, app, ["coordinator"], options);
    const analyst = await signedIn(browser, app, ["analyst"], options);
    await coordinator.page.goto(`/rapports/${id}`);
    await coordinator.page.locator("#analyst").selectOption(analyst.person.id);
    await coordinator.page.getByRole("button", { name: "Affecter" }).click();
    await told(coordinator.page, "Rapport affecté");

    const { page } = analyst;
    await page.goto(`/rapports/${id}/codage`);
    await card(page).getByLabel("Présent", { exact: true }).check();
    await card(page).getByRole("button", { name: "Enregistrer" }).click();
    await told(page, "Réponse enregistrée.");
    expect(new URL(page.url()).hash).to.contain("victim_fear");
    expect(await card(page).getByLabel("Présent", { exact: true }).isChecked()).to.equal(true);
    await card(page).getByText("Un passage est nécessaire").waitFor();

    const number = await page.locator("[data-block]", { hasText: "a déposé plainte à la brigade" }).getAttribute("data-block");
    // The card alone holds all that a card can do.
    await card(page)
      .getByRole("link", { name: /^Précisions et passages/ })
      .click();
    await page.getByRole("link", { name: "Tous les facteurs" }).waitFor();
    await card(page).getByLabel("Numéro du paragraphe").fill("400");
    await card(page).locator("button[data-attach-form]").click();
    await card(page).getByText("Ce paragraphe n’existe pas dans le document").waitFor();
    await card(page).getByLabel("Numéro du paragraphe").fill(number!);
    await card(page).locator("button[data-attach-form]").click();
    await told(page, "Passage rattaché.");
    await card(page).locator("a.quote", { hasText: "j’ai peur de ce qu’il peut faire" }).waitFor();
    await card(page).getByText("Complet").waitFor();
    await page.locator("mark.passage", { hasText: "a déposé plainte à la brigade" }).waitFor();
    expect([...coordinator.complaints, ...analyst.complaints].join("\n")).to.equal("");
  });
});
