import { expect } from "chai";
import type { Browser } from "playwright-core";
import { assigned } from "../coding/support.ts";
import { PASSPHRASE, type RunningApp, startApp } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { look, openBrowser, signedIn } from "./browser.ts";

describe("a value coded after the session expired", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let browser: Browser;
  let at = clock().getTime();
  before(async () => {
    [app, browser] = await Promise.all([startApp({}, undefined, () => new Date(at)), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });

  it("is kept on the server, and saved at the same place once its coder has signed in again", async () => {
    const analyst = await signedIn(browser, app, ["analyst"]);
    const { page } = analyst;
    const report = await assigned(app.database, { analyst: analyst.person });
    const coding = `/rapports/${report.id}/codage?document=2`;
    await page.goto(coding);
    const fear = page.locator('form[data-factor="victim_fear"]');

    at += 45 * 60_000;
    await fear.getByLabel("Présent", { exact: true }).check();
    const kept = fear.locator("[data-state]", { hasText: "Votre session avait expiré" });
    await kept.waitFor();
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).to.deep.equal([0, 0]);

    // The page lets itself be left: nothing is lost by it.
    await kept.getByRole("link", { name: "Se connecter" }).click();
    await page.getByText("est gardé sur le serveur").waitFor();
    await look(analyst, "signing in again");
    await page.getByLabel("Adresse électronique").fill(analyst.person.email);
    await page.getByLabel("Phrase de passe").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Se connecter" }).click();
    await page.waitForURL((url) => url.pathname + url.search === coding);

    const banner = page.getByRole("region", { name: "Un acte n’avait pas été enregistré" });
    expect(await banner.innerText())
      .to.include("Peur exprimée par la victime")
      .and.include("Présent");
    expect(await fear.getByLabel("Présent", { exact: true }).isChecked()).to.equal(false);
    await look(analyst, "the banner of an act that waits");
    await banner.getByRole("button", { name: /Enregistrer maintenant/ }).click();
    await page.getByRole("status").filter({ hasText: "Réponse enregistrée" }).waitFor();
    expect(await fear.getByLabel("Présent", { exact: true }).isChecked()).to.equal(true);
    expect(await banner.count()).to.equal(0);
    expect(new URL(page.url()).hash).to.equal("#facteur-victim_fear-victim-1");
    expect(analyst.complaints.filter((complaint) => !/status of 401/.test(complaint))).to.deep.equal([]);
  });
});
