import { expect } from "chai";
import type { Browser, Locator } from "playwright-core";
import { type RunningApp, startApp } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { look, openBrowser, signedIn } from "./browser.ts";

const STATEMENT = "Dans ces affaires, une plainte n’a pas été transmise au parquet.";
const TEXT = "Transmettre au parquet toute plainte pour violences conjugales dans les vingt-quatre heures.";
/** What the browser shows, with ordinary spaces. */
const textOf = async (place: Locator): Promise<string> => (await place.innerText()).replace(/[\u00a0\u202f]/g, " ");

describe("from a cross-case finding to an issued recommendation", function () {
  this.timeout(60_000).bail(true); // each step stands on the one before
  let app: RunningApp;
  let browser: Browser;
  let analyst: Awaited<ReturnType<typeof signedIn>>;
  let reviewer: typeof analyst;
  let coordinator: typeof analyst;
  let finding: string;
  let reference: string;

  before(async () => {
    app = await startApp();
    browser = await openBrowser();
    for (const state of ["published", "published"] as const) await reportIn(app.database, state);
    [analyst, reviewer, coordinator] = [
      await signedIn(browser, app, ["analyst"]),
      await signedIn(browser, app, ["reviewer"]),
      await signedIn(browser, app, ["coordinator"]),
    ];
  });
  after(async () => {
    await browser.close();
    await app.close();
  });

  it("an analyst finds in two cases what one alone did not show, and keeps what was typed when only one is ticked", async () => {
    const { page } = analyst;
    await page.goto("/constats");
    await look(analyst, "cross-case findings, none yet");
    await page.getByRole("link", { name: "Écrire un constat transversal" }).first().click();
    await page.getByLabel("Chercher un facteur").fill("transmis");
    await page.getByRole("button", { name: "Voir les affaires" }).first().click();
    await page.getByLabel(/transmis/i).filter({ visible: true }).and(page.locator("[name=facteur]")).first().check(); // biome-ignore format: one line
    await page.getByRole("button", { name: "Voir les affaires" }).last().click();
    await look(analyst, "cross-case finding, its cases");
    const cases = page.locator("[name=basis]");
    expect(await cases.count()).to.equal(2);
    await cases.first().check();
    await page.getByLabel("Défaillance").check();
    await page.getByLabel(/^Constat(?! transversal)/).and(page.locator("textarea")).first().fill(STATEMENT); // biome-ignore format: one line
    await page.getByRole("button", { name: "Enregistrer le constat" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.locator("[name=statement]").inputValue()).to.equal(STATEMENT);
    await page.locator("[name=basis]").last().check();
    await page.locator("[name=publicStatement]").fill("Des plaintes n’ont pas été transmises.");
    await page.getByRole("button", { name: "Enregistrer le constat" }).click();
    await page.waitForURL(/\/constats\/CT-\d{4}-\d{4}$/);
    finding = new URL(page.url()).pathname.split("/").at(-1)!;
    await look(analyst, "cross-case finding, a draft");
    await page.getByRole("button", { name: "Soumettre à la relecture" }).click();
    await page.getByText("En relecture", { exact: true }).first().waitFor();
  });

  it("a reviewer meets it in the queue, goes through the five checks and approves it", async () => {
    const { page } = reviewer;
    await page.goto("/relecture");
    await page
      .getByRole("link", { name: new RegExp(finding) })
      .first()
      .click();
    await look(reviewer, "cross-case finding, in review");
    await page.getByRole("button", { name: "Approuver", exact: true }).click();
    await page.getByRole("alert").waitFor();
    for (const box of await page.locator("[name=checks]").all()) await box.check();
    await page.getByRole("button", { name: "Approuver", exact: true }).click();
    await page.getByText("Approuvé", { exact: true }).first().waitFor();
  });

  it("the analyst writes a recommendation out of it; whoever wrote it does not approve it", async () => {
    const { page } = analyst;
    await page.goto(`/constats/${finding}`);
    await page.getByRole("link", { name: /recommandation/i }).and(page.locator(`[href*="constat=${finding}"]`)).first().click(); // biome-ignore format: one line
    expect(await page.getByLabel(new RegExp(finding)).isChecked()).to.equal(true);
    await page.locator("[name=text]").fill(TEXT);
    for (const [name, value] of [["addressee", "gendarmerie"], ["level", "national"], ["theme", "complaint_intake"], ["type", "procedure"]] as const) await page.locator(`select[name=${name}]`).selectOption(value); // biome-ignore format: a table
    await page.locator("[name=deadline]").fill("2020-01-01");
    await page.getByRole("button", { name: "Enregistrer le projet" }).click();
    await page.getByRole("alert").waitFor();
    expect(await textOf(page.getByRole("alert"))).to.include("L’échéance doit être à venir.");
    expect(await page.locator("[name=text]").inputValue()).to.equal(TEXT);
    await look(analyst, "recommendation, a deadline in the past");
    await page.locator("[name=deadline]").fill("2027-06-30");
    await page.locator("[name=proofExpected]").fill("Une instruction publiée et un bilan des délais de transmission.");
    await page.getByRole("button", { name: "Enregistrer le projet" }).click();
    await page.waitForURL(/\/recommandations\/REC-\d{4}-\d{4}$/);
    reference = new URL(page.url()).pathname.split("/").at(-1)!;
    expect(await page.getByRole("button", { name: "Approuver", exact: true }).count()).to.equal(0);
    await look(analyst, "recommendation, a draft");
  });

  it("the reviewer approves it from the register, and the coordinator issues it with the proof of its dispatch", async () => {
    await reviewer.page.goto("/recommandations");
    await reviewer.page.getByRole("link", { name: reference, exact: true }).first().click();
    await reviewer.page.getByRole("button", { name: "Approuver", exact: true }).click();
    await reviewer.page.getByText("Approuvée", { exact: true }).first().waitFor();

    const { page } = coordinator;
    await page.goto(`/recommandations?q=${reference}`);
    await page.getByRole("link", { name: reference, exact: true }).first().click();
    const form = page.locator("form[action$='/adresser']");
    await form.locator("[name=recipient]").fill("Direction générale, bureau du courrier");
    await form.locator("[name=channel]").selectOption("registered_letter");
    await form.locator("[name=proofReference]").fill("1A 234 567 8901 2");
    await look(coordinator, "recommendation, to be issued");
    await form.locator("button[type=submit]").click();
    await page.getByText("Adressée", { exact: true }).first().waitFor();
    const main = await textOf(page.locator("main"));
    expect(main).to.include("1A 234 567 8901 2").and.to.include(TEXT).and.to.include(finding);
    await look(coordinator, "recommendation, issued");
  });

  it("withdraws its finding: the issued recommendation says so and asks for a decision", async () => {
    const { page } = reviewer;
    await page.goto(`/constats/${finding}`);
    const form = page.locator("form[action$='/retirer']");
    await page.locator("summary", { hasText: /^Retirer$/ }).click();
    await form.locator("textarea").fill("Les deux affaires relèvent de causes différentes.");
    await form.locator("button[type=submit]").click();
    await page.getByText("Retiré", { exact: true }).first().waitFor();

    await coordinator.page.goto(`/recommandations/${reference}`);
    await look(coordinator, "recommendation, its finding withdrawn");
    expect(await textOf(coordinator.page.locator("main"))).to.include("Une décision est attendue");
    const kept = coordinator.page.locator("form[action$='/maintenir']");
    await kept.locator("textarea").fill("La transmission des plaintes reste nécessaire.");
    await kept.locator("button[type=submit]").click();
    await coordinator.page.getByText("Maintenue").first().waitFor();
    expect(await textOf(coordinator.page.locator("main"))).not.to.include("Une décision est attendue");
  });

  it("leaves nothing that the browser, axe or a narrow screen complains of", () => {
    expect([...analyst.complaints, ...reviewer.complaints, ...coordinator.complaints]).to.deep.equal([]);
  });
});
