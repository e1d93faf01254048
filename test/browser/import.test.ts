import { expect } from "chai";
import type { Browser } from "playwright-core";
import { csv, HEADINGS, lineOf } from "../imports/support.ts";
import { type RunningApp, startApp } from "../support/app.ts";
import { look, openBrowser, signedIn } from "./browser.ts";

describe("an import with errors, in a browser", function () {
  this.timeout(120_000);
  let app: RunningApp;
  let browser: Browser;
  before(async () => {
    app = await startApp();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await app.close();
  });

  it("goes from a refused file to reports on the list, and back to none as one act", async () => {
    const reader = await signedIn(browser, app, ["coordinator"]);
    const { page, complaints } = reader;
    const send = async (name: string, bytes: Uint8Array) => {
      await page.getByLabel("Fichier").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(bytes) });
      await page.getByRole("button", { name: "Lire le fichier" }).click();
    };
    await page.goto("/rapports");
    await page.getByRole("link", { name: "Importer un tableur" }).click();
    await page.getByRole("heading", { name: "Importer des rapports" }).waitFor();
    await look(reader, "imports, none yet");
    await send("cas.csv", csv(HEADINGS));
    await page.getByRole("alert").getByText("aucune ligne sous ses intitulés").waitFor();
    await look(reader, "a refused file");

    const headings = [...HEADINGS.slice(0, 8), "Crainte", "Moyens employés"];
    await send(
      "suivi.csv",
      csv(
        headings,
        lineOf({ Référence: "A" }),
        lineOf({ Référence: "B", "Date des faits": "31/02/2019" }),
        lineOf({ Référence: "C", "Date des faits": "01/06/2018", "Peur exprimée par la victime": "manifeste" }),
        lineOf({ Référence: "A", "Date des faits": "01/01/2018" }),
        lineOf({ Référence: "E", "Date des faits": "15/02/2018", "Moyens employés": "lance-pierre" }),
      ),
    );
    await page.getByRole("heading", { name: "Que signifient les colonnes" }).waitFor();
    await look(reader, "columns");
    const target = page.getByLabel("Signification de la colonne I");
    expect(await target.inputValue()).to.equal("");
    await target.fill("quelque chose");
    await page.getByRole("button", { name: "Enregistrer et passer aux valeurs" }).click();
    await page.getByRole("alert").getByText("Colonne I : cette signification n’existe pas").waitFor();
    await look(reader, "a column that is not understood");
    // What was typed is still there, and the list offers what is meant.
    expect(await target.inputValue()).to.equal("quelque chose");
    expect(await page.locator('#targets option[value="Peur exprimée par la victime – victime 1"]').count()).to.equal(1);
    await target.fill("Peur exprimée par la victime – victime 1");
    await page.getByLabel("Retenir cette correspondance sous le nom").fill("Suivi annuel");
    await page.getByRole("button", { name: "Enregistrer et passer aux valeurs" }).click();

    await page.getByRole("heading", { name: "Que signifient les valeurs" }).waitFor();
    await look(reader, "values");
    await page.getByLabel(/manifeste/).selectOption({ label: "Présent" });
    await page.getByRole("button", { name: "Enregistrer et vérifier toutes les lignes" }).click();

    await page.getByRole("heading", { name: "Vérification ligne par ligne" }).waitFor();
    await look(reader, "the check");
    const lines = page.locator("tbody tr");
    await lines.filter({ hasText: "31/02/2019" }).getByText("Cette date n’existe pas").waitFor();
    await lines.filter({ hasText: "Même référence que la ligne 2" }).waitFor();
    await lines.filter({ hasText: "lance-pierre" }).waitFor();
    expect(await lines.count()).to.equal(3);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Télécharger le rapport" }).click();
    expect((await downloading).suggestedFilename()).to.equal("verification-import.csv");

    await page.getByText("2 lignes sans problème seront importées").waitFor();
    await page.getByText("3 lignes à corriger seront laissées de côté").waitFor();
    await page.getByLabel("Tout ou rien").check();
    await page.getByRole("button", { name: "Importer les lignes" }).click();
    await page.getByRole("alert").getByText("Tout ou rien : 3 lignes restent à corriger").waitFor();
    await page.getByLabel("Importer les autres").check();
    await page.getByRole("button", { name: "Importer les lignes" }).click();
    await page.getByRole("heading", { name: "Import terminé" }).waitFor();
    await look(reader, "an import that is done");

    const report = page.getByRole("rowheader").getByRole("link").first();
    const number = (await report.textContent())!;
    await report.click();
    await page.getByRole("heading", { name: number }).waitFor();
    await page.goto(`/rapports/${number}/codage?facteur=victim_fear`);
    await page.getByText("Importé, sans passage").first().waitFor();

    await page.goto("/rapports/importer");
    await look(reader, "imports");
    await page.getByRole("link", { name: "suivi.csv" }).click();
    await page.getByRole("button", { name: "Annuler tout l’import" }).click();
    await page.getByRole("heading", { name: "Import annulé" }).waitFor();
    await look(reader, "an import that is undone");
    await page.goto("/rapports");
    expect(await page.getByText(number).count()).to.equal(0);
    expect(complaints.join("\n")).to.equal("");
  });

  it("follows work under way without a click, and shows where it stopped", async () => {
    const reader = await signedIn(browser, app, ["coordinator"]);
    const { page, complaints } = reader;
    await page.goto("/rapports/importer");
    await page
      .getByLabel("Fichier")
      .setInputFiles({ name: "cas.csv", mimeType: "text/csv", buffer: Buffer.from(csv(HEADINGS, lineOf(), lineOf({ Référence: "2" }))) });
    await page.getByRole("button", { name: "Lire le fichier" }).click();
    await page.getByRole("heading", { name: "Que signifient les colonnes" }).waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1)!;
    const put = (columns: object) => app.database.db.updateTable("report_import").set(columns).where("id", "=", id).execute();
    await put({ state: "checking", progress: 1, worker: "elsewhere", worker_until: "2026-11-23T09:00:30.000Z" });
    await page.reload();
    await page.getByRole("status").getByText("1 sur 2 lignes (50").waitFor();
    await look(reader, "work under way");
    await put({ worker_until: "2026-11-23T08:00:00.000Z" });
    await page.getByRole("heading", { name: "Ce travail s’est interrompu" }).waitFor();
    await look(reader, "work interrupted");
    await page.getByRole("button", { name: "Reprendre" }).click();
    await page.getByRole("link", { name: "3. Vérification" }).waitFor();
    expect(complaints.join("\n")).to.equal("");
  });
});
