import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Browser, Download, Locator, Page } from "playwright-core";
import { type RunningApp, startApp } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { readXlsx } from "../support/spreadsheets.ts";
import { look, openBrowser, openReader, type Reader, signedIn } from "./browser.ts";

const SAMPLE = join(import.meta.dirname, "../samples/retex-01-note-du-parquet.docx");
type Person = Awaited<ReturnType<typeof signedIn>>;

/** What the browser shows, with ordinary spaces. */
const textOf = async (place: Locator): Promise<string> => (await place.innerText()).replace(/[\u00a0\u202f]/g, " ");

/** The fields of a deposit, by their labels. */
async function fillSheet(page: Page, { service = "Parquet de Blois (exemple fictif)" } = {}): Promise<void> {
  await page.getByLabel("Service émetteur", { exact: false }).last().fill(service);
  await page.getByLabel("Date de réception").fill("2022-04-04");
  await page.getByLabel("Nature de l’acte").selectOption({ label: "Homicide" });
  await page.getByLabel("Département des faits").selectOption("41");
  await page.getByLabel(/Tribunal judiciaire dont/).selectOption({ label: "Tribunal judiciaire de Blois" });
  await page.getByLabel("État de la procédure").selectOption({ label: "Information judiciaire" });
  await page.getByLabel("Victimes, Femmes ou filles").fill("1");
  await page.getByLabel("Auteurs présumés, Hommes ou garçons").fill("1");
}

/** Selects words of the document with the mouse, as a reader does. */
async function select(page: Page, words: string): Promise<void> {
  const found = await page.evaluate((wanted) => {
    for (const block of document.querySelectorAll("[data-text] [data-start]")) {
      const at = block.textContent.indexOf(wanted);
      if (at < 0) continue;
      block.scrollIntoView({ block: "center" });
      const range = document.createRange();
      const nodes = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      let passed = 0;
      for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
        const length = node.textContent?.length ?? 0;
        if (at >= passed && at < passed + length) range.setStart(node, at - passed);
        if (at + wanted.length > passed && at + wanted.length <= passed + length) range.setEnd(node, at + wanted.length - passed);
        passed += length;
      }
      const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
      const [first, last] = [lines[0], lines.at(-1)];
      if (first && last) return { from: [first.left, first.top + first.height / 2], to: [last.right, last.top + last.height / 2] } as const;
    }
    return null;
  }, words);
  if (!found) throw new Error(`Not in the document: ${words}`);
  await page.mouse.move(found.from[0], found.from[1]);
  await page.mouse.down();
  await page.mouse.move(found.to[0], found.to[1], { steps: 4 });
  await page.mouse.up();
  expect((await page.evaluate(() => String(getSelection()))).trim()).to.equal(words);
}

const card = (page: Page, factor: string) => page.locator(`form[data-factor="${factor}"]`);
const saved = (place: Locator) => place.getByText(/^Enregistré à/).waitFor();

/** Gives a factor its value; waits until the page says that it is saved. */
async function answer(page: Page, factor: string, label: string): Promise<void> {
  const place = card(page, factor);
  await place.getByLabel(label, { exact: true }).check();
  await saved(place);
}

/** Attaches words of the document to a factor, by its button or by the key. */
async function attach(page: Page, factor: string, words: string, way: "button" | "key"): Promise<void> {
  const place = card(page, factor);
  await select(page, words);
  if (way === "button") await place.getByRole("button", { name: "Rattacher la sélection" }).click();
  else {
    await place.getByRole("radio", { checked: true }).focus();
    await page.keyboard.press("r");
  }
  await place.locator("a.quote", { hasText: words }).waitFor();
  await page
    .locator("[data-text] mark", { hasText: words.slice(0, 20) })
    .first()
    .waitFor();
}

const bytesOf = async (download: Download): Promise<Buffer> => readFile(await download.path());

describe("a report in a browser, from its deposit to the annual letter", function () {
  this.timeout(60_000).bail(true); // each step stands on the one before
  let app: RunningApp;
  let browser: Browser;
  let correspondent: Person;
  let analyst: Person;
  let reviewer: Person;
  let coordinator: Person;
  let reader: Reader;
  let id: string;
  let reference: string;
  let letter: string;
  const report = () => `/rapports/${id}`;
  /** Opens a page and looks at it as a careful visitor would. */
  const open = async (who: Reader, path: string, name: string): Promise<void> => {
    const response = await who.page.goto(path);
    expect(response?.status(), path).to.equal(200);
    await look(who, name);
  };
  const said = async (who: Reader, words: string) => expect(await textOf(who.page.getByRole("status").first())).to.contain(words);

  before(async () => {
    [app, browser] = await Promise.all([startApp(), openBrowser()]);
    // Six other reports of the same year are published already: figures and letter need company.
    for (let count = 0; count < 6; count += 1)
      await reportIn(app.database, "published", {}, { actDate: `2022-0${count + 3}-14`, receivedOn: "2023-02-02" });
    correspondent = await signedIn(browser, app, ["correspondent"]);
    analyst = await signedIn(browser, app, ["analyst"]);
    reviewer = await signedIn(browser, app, ["reviewer"]);
    coordinator = await signedIn(browser, app, ["coordinator"]);
    reader = await openReader(browser, app);
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach("the browser had nothing to say against the pages", () => {
    const complaints = [correspondent, analyst, reviewer, coordinator, reader].flatMap((who) => who?.complaints.splice(0) ?? []);
    expect(complaints.join("\n")).to.equal("");
  });

  it("is deposited by a correspondent; a wrong first try keeps what was typed, and the file", async () => {
    const { page } = correspondent;
    await open(reader, "/connexion", "sign-in");
    await open(correspondent, "/", "home of a correspondent");
    await open(correspondent, "/rapports/nouveau", "deposit");
    await fillSheet(page);
    await page.getByLabel("Documents du rapport").setInputFiles(SAMPLE);
    await page.getByRole("button", { name: "Déposer le rapport" }).click(); // the date of the act is missing
    await page.getByRole("alert").getByRole("link", { name: "Date des faits : Renseignez ce champ" }).waitFor();
    await look(correspondent, "deposit, refused");
    expect(await page.getByLabel("Date des faits").getAttribute("aria-invalid")).to.equal("true");
    expect(await page.getByLabel("Département des faits").inputValue()).to.equal("41");
    expect(await page.getByLabel("Victimes, Femmes ou filles").inputValue()).to.equal("1");
    expect(await page.getByLabel(/retex-01-note-du-parquet\.docx/).isChecked()).to.equal(true);
    await page.getByLabel("Date des faits").fill("2022-02-09");
    await page.getByRole("button", { name: "Déposer le rapport" }).click();
    await page.waitForURL(/\/rapports\/RETEX-\d{4}-\d{4}$/);
    id = page.url().split("/").at(-1)!;
    await said(correspondent, `Rapport enregistré sous le numéro ${id}`);
    await look(correspondent, "own deposit");
    expect(await textOf(page.getByRole("region", { name: "Documents", exact: true })))
      .to.contain("retex-01-note-du-parquet.docx")
      .and.to.contain("texte extrait");
    await open(correspondent, "/rapports", "own deposits");
    expect(await page.locator("main").innerText()).to.contain(id);
  });

  it("is assigned to an analyst by the head of the observatory", async () => {
    const { page } = coordinator;
    await open(coordinator, "/", "home of the coordinator");
    await open(coordinator, "/rapports", "reports");
    await page.getByRole("link", { name: id }).first().click();
    await page.waitForURL(`**${report()}`);
    await look(coordinator, "report received");
    const { name } = await app.database.db
      .selectFrom("account")
      .select("name")
      .where("id", "=", analyst.person.id)
      .executeTakeFirstOrThrow();
    await page.locator("#analyst").selectOption({ label: name });
    await page.getByLabel("Échéance").fill("2026-12-18");
    await page.getByRole("button", { name: "Affecter" }).click();
    await said(coordinator, `Rapport affecté à ${name}`);
    await open(coordinator, `${report()}/fiche`, "correction of a sheet");
  });

  it("is coded with passages taken from the document, by button and by key, and saved as one goes", async () => {
    const { page } = analyst;
    await open(analyst, "/", "home of an analyst");
    await page.getByRole("link", { name: id }).first().click();
    await page.goto(`${report()}/codage`);
    await answer(page, "victim_fear", "Présent");
    expect(await textOf(card(page, "victim_fear"))).to.contain("Un passage est nécessaire");
    await attach(page, "victim_fear", "j’ai peur qu’il me tue, il l’a dit", "button");
    expect(await textOf(card(page, "victim_fear"))).to.contain("Complet");
    await answer(page, "death_threats", "Présent");
    await attach(page, "death_threats", "si tu pars avec les petits, je te plante", "key");
    await look(analyst, "coding");
    await answer(page, "signal_not_transmitted", "Présent");
    await attach(page, "signal_not_transmitted", "La grille, annexée à la procédure, n’a été lue au parquet qu’après les faits", "button");
    await answer(page, "stalking_harassment", "Présent");
    await page.reload();
    expect(await card(page, "stalking_harassment").getByLabel("Présent", { exact: true }).isChecked()).to.equal(true);
    expect(await card(page, "death_threats").locator("a.quote").count()).to.equal(1);
    await card(page, "death_threats").locator("a.quote").click();
    expect(await page.locator("mark.passage--current").first().innerText()).to.contain("si tu pars");
  });

  it("is not handed in while a present factor has no passage: the page lists what is missing, and leads there", async () => {
    const { page } = analyst;
    for (;;) {
      const rest = page.locator("details.factor__rest").first();
      if ((await rest.count()) === 0) break;
      await rest.locator("summary").click();
      // The page before shows the same words: only those of the page that answers count.
      await Promise.all([page.waitForEvent("load"), rest.getByRole("button", { name: "Confirmer" }).click()]);
      await page
        .getByRole("status")
        .filter({ hasText: /a sa réponse|ont leur réponse/ })
        .waitFor();
    }
    expect(await textOf(page.locator("#reste")))
      .to.contain("Il reste un point à compléter")
      .and.to.contain("Un passage est nécessaire");
    expect(await page.getByRole("button", { name: "Remettre le codage" }).count()).to.equal(0);
    expect(await textOf(page.locator("#suite"))).to.match(/passage/);
    await page.locator("#reste").getByRole("link", { name: "Harcèlement" }).click();
    await attach(page, "stalking_harassment", "Il révélait pourtant une surveillance quotidienne", "key");
    await page.getByRole("button", { name: "Remettre le codage" }).click();
    await page.getByRole("status").filter({ hasText: "Codage remis." }).waitFor();
    await look(analyst, "coding handed in");
  });

  it("gives a finding and a recommendation, tied to what was coded, submitted to review", async () => {
    const { page } = analyst;
    await open(analyst, `${report()}/constats`, "findings, none yet");
    await page.getByRole("link", { name: "Ajouter un constat" }).first().click();
    await look(analyst, "finding, new");
    await page.getByLabel("Signal manqué").check();
    await page
      .getByRole("textbox", { name: "Constat" })
      .fill("La grille d’évaluation du danger n’a pas été lue au parquet avant les faits.");
    await page.getByLabel("Formulation publique").fill("Une évaluation du danger n’a pas été lue à temps.");
    await page.getByLabel("Connu quand et par qui").selectOption("service_before");
    await page.getByLabel("Information non transmise entre services", { exact: true }).check();
    await page.getByRole("button", { name: "Enregistrer le constat" }).click(); // no passage yet: kept, but it cannot be submitted
    await said(analyst, "Constat 1 enregistré.");
    expect(await textOf(page.locator("#soumettre"))).to.contain("il reste à compléter");
    await page.getByRole("link", { name: /Modifier le constat 1/ }).click();
    await page.getByLabel(/La grille, annexée à la procédure/).check();
    await page.getByRole("button", { name: "Enregistrer le constat" }).click();
    await page.getByRole("link", { name: "Ajouter une recommandation" }).first().click();
    await look(analyst, "recommendation, new");
    await page
      .getByRole("textbox", { name: "Recommandation" })
      .fill("Lire toute grille d’évaluation du danger le jour de sa transmission.");
    for (const name of ["Destinataire", "Niveau", "Thème", "Type"]) await page.getByRole("combobox", { name }).selectOption({ index: 1 });
    await page.getByLabel("Échéance").fill("2027-06-30");
    await page.getByRole("checkbox", { name: /Constat 1/ }).check();
    await page.getByRole("button", { name: "Enregistrer la recommandation" }).click();
    reference = /Recommandation (REC-\d{4}-\d+) enregistrée/.exec(await textOf(page.getByRole("status").first()))![1]!;
    await look(analyst, "findings, written");
    await page.getByRole("button", { name: "Soumettre à la relecture" }).click();
    await said(analyst, "Constats soumis à la relecture.");
    await open(analyst, `${report()}/relecture`, "review, seen by the analyst");
    expect(await page.getByRole("button", { name: "Enregistrer la décision" }).count()).to.equal(0);
  });

  it("is returned by a reviewer with a comment, and corrected", async () => {
    const { page } = reviewer;
    await open(reviewer, "/", "home of a reviewer");
    await page.getByRole("link", { name: id }).first().click();
    await open(reviewer, `${report()}/relecture`, "review");
    expect(await textOf(page.locator("main"))).to.contain("n’a été lue au parquet qu’après les faits");
    await page.getByRole("radio", { name: "Renvoyer" }).check();
    await page.getByRole("button", { name: "Enregistrer la décision" }).click();
    await page.getByText("Dites pourquoi vous renvoyez ce constat").first().waitFor();
    await look(reviewer, "review, refused");
    await page.getByLabel("Catégorie du renvoi").selectOption("wording");
    await page.getByLabel("Commentaire").fill("Dites quel service devait lire la grille.");
    await page.getByRole("button", { name: "Enregistrer la décision" }).click();
    await said(reviewer, "Constat 1 renvoyé.");
    await page.getByLabel("Motif du renvoi").fill("Un constat est à reprendre.");
    await page.getByRole("button", { name: "Renvoyer à l’analyste" }).click();
    await said(reviewer, "Constats renvoyés à l’analyste.");

    const writer = analyst.page;
    await open(analyst, "/", "home of an analyst, with findings returned");
    await open(analyst, `${report()}/constats`, "findings returned");
    expect(await textOf(writer.locator("main"))).to.contain("Dites quel service devait lire la grille.");
    await writer.getByRole("link", { name: /Modifier le constat 1/ }).click();
    await writer.getByLabel("Service concerné").fill("Parquet");
    await writer.getByRole("textbox", { name: "Constat" }).fill("Le parquet n’a lu la grille d’évaluation du danger qu’après les faits.");
    await writer.getByRole("button", { name: "Enregistrer le constat" }).click();
    await writer.getByRole("button", { name: "Soumettre à la relecture" }).click();
    await said(analyst, "Constats soumis à la relecture.");
  });

  it("is approved and published by the reviewer; the edition is dated, the history tells it all", async () => {
    const { page } = reviewer;
    await page.goto(`${report()}/relecture`);
    const decision = page.locator('form[action$="/relecture/1"]');
    await decision.getByRole("radio", { name: "Approuver" }).check();
    for (const box of await decision.getByRole("checkbox").all()) await box.check();
    await decision.getByRole("button", { name: "Enregistrer la décision" }).click();
    await said(reviewer, "Constat 1 approuvé.");
    await look(reviewer, "review, decided");
    await page.getByRole("button", { name: "Publier les constats" }).click();
    await said(reviewer, "Édition 1 publiée.");
    await open(reviewer, `${report()}/editions/1`, "edition");
    expect(await textOf(page.locator("main")))
      .to.contain("Le parquet n’a lu la grille")
      .and.to.contain(reference);
    await open(reviewer, report(), "report published");
    const history = await textOf(page.locator("section", { has: page.locator("#history") }));
    for (const words of ["Rapport reçu", "Un constat est à reprendre."]) expect(history).to.contain(words);
    await open(reviewer, "/bonnes-pratiques", "good practices");
    await open(correspondent, report(), "own deposit, published");
  });

  it("leaves the register as CSV and XLSX, exactly what the filters show", async () => {
    const { page } = coordinator;
    await open(coordinator, "/recommandations", "register");
    await page.getByLabel("Texte, référence ou rapport").fill("grille d’évaluation");
    await page.getByRole("button", { name: "Filtrer" }).click();
    await page.getByRole("link", { name: reference }).waitFor();
    await look(coordinator, "register, filtered");
    const files: Record<string, Buffer> = {};
    for (const format of ["CSV", "XLSX"]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: format, exact: true }).click()]);
      expect(download.suggestedFilename()).to.match(new RegExp(`\\.${format.toLowerCase()}$`));
      files[format] = await bytesOf(download);
    }
    const csv = files["CSV"]!.toString("utf8");
    expect(csv.charCodeAt(0)).to.equal(0xfeff);
    const lines = csv.slice(1).trimEnd().split("\r\n");
    expect(lines).to.have.length(2);
    expect(lines[0]).to.contain("Référence;").and.to.contain(";Destinataire;");
    expect(lines[1]).to.contain(reference).and.to.contain("Lire toute grille d’évaluation du danger");
    const sheets = readXlsx(files["XLSX"]!);
    expect(JSON.stringify(sheets)).to.contain(reference).and.to.contain("grille d’évaluation");
    await open(coordinator, `/recommandations/${reference}`, "recommendation");
  });

  it("counts at the observatory with both denominators, and each number leads to the report and the passage", async () => {
    const { page } = coordinator;
    await open(coordinator, "/observatoire", "observatory");
    const row = page.locator("#f-death_threats");
    const words = (await textOf(row)).replace(/\s+/g, " ");
    expect(words)
      .to.contain("1 sur 7")
      .and.to.contain("1 sur 1")
      .and.to.contain("au moins 14,3 %")
      .and.to.match(/100(,0)? %/);
    await row.getByRole("link", { name: "1", exact: true }).first().click();
    await look(coordinator, "behind a figure");
    expect(await textOf(page.locator("main")))
      .to.contain(id)
      .and.to.contain("si tu pars avec les petits, je te plante");
    await page
      .getByRole("link", { name: /^Document 1/ })
      .first()
      .click();
    await page.locator("mark.passage--current", { hasText: "si tu pars" }).first().waitFor();
    expect(new URL(page.url()).pathname).to.equal(`${report()}/codage`);
    await open(coordinator, "/observatoire/series", "reference series");
  });

  it("feeds the annual letter: composed, reviewed and approved by someone else, published", async () => {
    const { page } = coordinator;
    await open(coordinator, "/redaction", "letters");
    await page.getByLabel("Année des faits").fill("2022");
    await page.getByRole("button", { name: "Créer la lettre" }).click();
    await page.waitForURL(/\/redaction\/[^/]+$/);
    letter = new URL(page.url()).pathname;
    await look(coordinator, "letter, draft");
    await page.getByRole("textbox", { name: "Avant-propos" }).fill("Ce que ces rapports **apprennent**.");
    await page.getByRole("button", { name: "Enregistrer l’avant-propos" }).click();
    await said(coordinator, "Avant-propos enregistré");
    await page.getByRole("button", { name: "Envoyer en relecture" }).click();
    await said(coordinator, "Lettre envoyée en relecture");
    await look(coordinator, "letter, in review");
    expect(await page.getByRole("button", { name: "Approuver" }).count()).to.equal(0);
    expect(await textOf(page.locator("main"))).to.contain("vous avez composé cette publication");

    await open(reviewer, letter, "letter, seen by a reviewer");
    await reviewer.page.getByRole("button", { name: "Approuver" }).click();
    await said(reviewer, "Lettre approuvée");
    await page.reload();
    await page.getByRole("button", { name: "Publier" }).click();
    await said(coordinator, "Lettre publiée");
    await look(coordinator, "letter, published");
  });

  it("is read by everyone, without an account, as a page and as an accessible PDF", async () => {
    const { page, context } = reader;
    await context.clearCookies(); // the page of sign-in gave one
    await open(reader, "/", "home of a visitor");
    await open(reader, "/publications", "publications");
    await page.locator("h2 a").first().click();
    await page.waitForURL(/\/publications\/lettre-annuelle-2022$/);
    await look(reader, "letter, public");
    const text = await textOf(page.locator("main"));
    expect(text).to.contain("Ce que ces rapports apprennent.");
    expect(text, "a single case stays secret").not.to.contain(id).and.not.to.contain("je te plante");
    expect(await page.locator("article svg[role=img], main svg[role=img]").count()).to.be.greaterThan(0);
    const address = await page.getByRole("link", { name: /PDF/ }).first().getAttribute("href");
    const answer = await context.request.get(address!);
    const pdf = (await answer.body()).toString("latin1");
    expect(pdf.slice(0, 4)).to.equal("%PDF");
    expect(pdf).to.contain("/StructTreeRoot");
    expect((await context.cookies()).length, "cookies of a visitor").to.equal(0);
    for (const path of ["aide", "accessibilite", "mentions-legales", "donnees-personnelles", "plan-du-site"])
      await open(reader, `/${path}`, path);
  });

  it("stands beside an administration, an account and a codebook that bear the same look", async () => {
    const administrator = await signedIn(browser, app, ["administrator"]);
    await open(administrator, "/administration", "accounts");
    await open(administrator, `/administration/comptes/${analyst.person.id}`, "an account, administered");
    await open(administrator, "/administration/audit", "audit");
    await open(administrator, "/compte", "own account");
    await open(analyst, "/grille", "codebook");
    await open(analyst, "/grille?q=menaces", "codebook, searched");
    const refused = await administrator.page.goto(report());
    expect(refused?.status(), "administrators read no case").to.be.oneOf([403, 404]);
    administrator.complaints.pop(); // the browser logs that refusal
    await look(administrator, "refusal");
    expect(administrator.complaints.join("\n")).to.equal("");
  });
});
