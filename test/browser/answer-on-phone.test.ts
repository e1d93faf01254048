import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser, Locator } from "playwright-core";
import type { RecommendationTable } from "../../db/schema.ts";
import { contact, issued } from "../answers/support.ts";
import { type RunningApp, startApp } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { look, openBrowser, openReader, type Reader, signedIn } from "./browser.ts";

const PHONE = { width: 390, height: 844 };
const SAMPLE = join(import.meta.dirname, "../samples/retex-01-note-du-parquet.docx");
/** What the browser shows, with ordinary spaces. */
const textOf = async (place: Locator): Promise<string> => (await place.innerText()).replace(/[\u00a0\u202f]/g, " ");

describe("an addressee who answers on a phone", function () {
  this.timeout(60_000).bail(true); // each step stands on the one before
  let app: RunningApp;
  let browser: Browser;
  let coordinator: Awaited<ReturnType<typeof signedIn>>;
  let phone: Reader;
  let row: RecommendationTable;
  let address: string;
  /** As `look`, and back to the phone's own screen. */
  const lookOnPhone = async (name: string): Promise<void> => {
    const { scrollWidth, clientWidth } = await phone.page.evaluate(() => document.documentElement);
    if (scrollWidth > clientWidth) phone.complaints.push(`${name}: ${scrollWidth} px wide on a phone of ${clientWidth}`);
    await look(phone, name);
    await phone.page.setViewportSize(PHONE);
  };

  before(async () => {
    app = await startApp();
    browser = await openBrowser();
    const report = await reportIn(app.database, "published");
    row = await issued(app.database, {
      report_id: report.id,
      written_by: report.analyst.id,
      text: "Lire toute grille d’évaluation du danger le jour même.",
    });
    await contact(app.database, report.coordinator);
    coordinator = await signedIn(browser, app, ["coordinator"]);
    phone = await openReader(browser, app, { viewport: PHONE, isMobile: true, hasTouch: true });
  });
  after(async () => {
    await browser.close();
    await app.close();
  });

  it("is given a link that the coordinator makes, with the letter that carries it", async () => {
    const { page } = coordinator;
    await page.goto(`/recommandations/${row.reference}`);
    await page.getByRole("link", { name: "Créer un lien de réponse" }).click();
    await look(coordinator, "links of a recommendation");
    await page.getByRole("button", { name: "Créer le lien" }).click();
    await look(coordinator, "link, shown once");
    address = new URL(await page.getByLabel("Lien personnel").inputValue()).pathname;
    for (const format of ["DOCX", "ODT"]) {
      const [letter] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Courrier ${format}` }).click()]);
      expect(letter.suggestedFilename()).to.equal(`courrier-${row.reference}.${format.toLowerCase()}`);
      expect((await readFile(await letter.path())).subarray(0, 2).toString()).to.equal("PK");
    }
    await page.getByRole("link", { name: "Revenir à la recommandation" }).click();
    expect(await textOf(page.locator("main"))).to.include("Jamais ouvert");
  });

  it("opens it without an account, and confirms the receipt", async () => {
    const { page } = phone;
    await page.goto(address);
    await lookOnPhone("answer, new");
    expect(await textOf(page.locator("main"))).to.include("Lire toute grille d’évaluation du danger le jour même.");
    expect(await page.getByRole("navigation", { name: "Navigation principale" }).count()).to.equal(0);
    await page.getByRole("button", { name: "Confirmer la réception" }).tap();
    await page.getByText("Réception confirmée. Merci.").waitFor();
  });

  it("keeps what was typed when something is missing, and the document that came with it", async () => {
    const { page } = phone;
    await page.getByLabel("Mise en œuvre en cours").check();
    await page.getByLabel(/^Explication/).fill("Une instruction est en préparation.\n\nElle sera diffusée avant l’été.");
    await page.getByLabel(/^Pièces à l’appui/).setInputFiles(SAMPLE);
    await page.getByRole("button", { name: "Envoyer la réponse" }).tap();
    await page.getByRole("heading", { name: /à corriger|erreur/i }).waitFor();
    await lookOnPhone("answer, with errors");
    expect(await page.getByLabel(/^Explication/).inputValue()).to.include("Elle sera diffusée avant l’été.");
    expect(await page.getByLabel("Mise en œuvre en cours").isChecked()).to.equal(true);
    expect(await page.getByLabel(/^retex-01-note-du-parquet\.docx/).isChecked()).to.equal(true);
  });

  it("answers, and reads what was received", async () => {
    const { page } = phone;
    await page.getByLabel(/^Votre nom/).fill("Mme Exemple");
    await page.getByLabel(/^Votre fonction/).fill("cheffe de service");
    await page.getByLabel(/^Date prévue/).fill("2027-05-31");
    await page.getByRole("button", { name: "Envoyer la réponse" }).tap();
    await page.getByText("Votre réponse est enregistrée. Merci.").waitFor();
    await lookOnPhone("answer, given");
    const read = await textOf(page.locator("main"));
    for (const shown of [
      "Mise en œuvre en cours",
      "31 mai 2027",
      "Mme Exemple, cheffe de service",
      "retex-01-note-du-parquet.docx",
      "n’a pas encore accusé réception",
    ])
      expect(read, shown).to.include(shown);
    expect(await page.getByRole("button", { name: "Envoyer la réponse" }).count()).to.equal(0);
  });

  it("is acknowledged and assessed by the observatory, and reads the acknowledgement by the same link", async () => {
    const { page } = coordinator;
    await page.goto(`/recommandations/${row.reference}`);
    expect(await textOf(page.locator("main"))).to.include("Une instruction est en préparation.");
    const act = async (summary: string) => {
      const place = page.locator("details", { has: page.locator("summary", { hasText: summary }) });
      if (!(await place.evaluate((one) => (one as HTMLDetailsElement).open))) await place.locator("summary").click();
      return place;
    };
    const acknowledge = await act("Accuser réception de la réponse");
    await acknowledge.getByRole("button").click();
    await page.locator(".flash").waitFor();
    const assess = await act("Apprécier la réponse");
    await assess.getByLabel("Réponse satisfaisante", { exact: true }).check();
    await assess.getByRole("textbox").first().fill("La réponse engage le service et donne une date.");
    await assess.getByRole("button").click();
    await page.locator(".flash").waitFor();
    expect(
      await app.database.db.selectFrom("recommendation").select(["state", "assessment"]).where("id", "=", row.id).executeTakeFirst(),
    ).to.deep.equal({ state: "assessed", assessment: "acceptable" });
    await phone.page.goto(address);
    expect(await textOf(phone.page.locator("main"))).to.include("a accusé réception de cette réponse");
    await lookOnPhone("answer, acknowledged");
  });

  it("finds a calm page behind a link that was revoked, and a recommendation page that shows each step", async () => {
    const { page } = coordinator;
    await page.goto("/recommandations/destinataires");
    await look(coordinator, "directory");
    await page.goto("/recommandations/relances");
    await look(coordinator, "reminders");
    await page.goto(`/recommandations/${row.reference}/liens`);
    await page.getByRole("button", { name: "Créer le lien" }).click();
    const second = new URL(await page.getByLabel("Lien personnel").inputValue()).pathname;
    await page.goto(`/recommandations/${row.reference}/liens`);
    await page.getByRole("button", { name: /^Révoquer le lien/ }).click();
    await page.getByText("Lien révoqué").waitFor();
    await phone.page.goto(second);
    await lookOnPhone("link, revoked");
    expect(await textOf(phone.page.locator("main"))).to.include("Ce lien a été révoqué");
  });

  it("met nothing that a careful visitor would complain about", () => {
    expect([...coordinator.complaints, ...phone.complaints]).to.deep.equal([]);
  });
});
