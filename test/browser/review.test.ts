import { expect } from "chai";
import type { Browser, Locator } from "playwright-core";
import { type RunningApp, startApp } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { look, openBrowser, type Reader, signedIn } from "./browser.ts";

type Person = Awaited<ReturnType<typeof signedIn>>;
/** What the browser shows, with ordinary spaces. */
// biome-ignore lint/performance/useDomNodeTextContent: what is covered or folded away is not shown
const textOf = async (place: Locator): Promise<string> => (await place.innerText()).replace(/[\u00a0\u202f]/g, " ");
const CORRECTED = "La plainte est restée dix-huit jours à la brigade.";
const PROPOSED = "La plainte est restée plus de deux semaines à la brigade, sans être transmise au parquet.";
const LAST = "La plainte est restée plus de deux semaines à la brigade, qui ne l’a pas transmise.";

describe("a reviewer's return and correction, in a browser", function () {
  this.timeout(60_000).bail(true); // each step stands on the one before
  let app: RunningApp;
  let browser: Browser;
  let analyst: Person;
  let reviewer: Person;
  let second: Person;
  let report: BuiltReport;
  const path = (room = "") => `/rapports/${report.id}${room}`;
  const said = ({ page }: Reader, words: string) => page.getByRole("status").filter({ hasText: words }).first().waitFor();
  const open = async (who: Reader, address: string, name: string): Promise<string> => {
    const response = await who.page.goto(address);
    expect(response?.status(), address).to.equal(200);
    await look(who, name);
    return textOf(who.page.locator("main"));
  };
  const form = ({ page }: Reader, action: string) => page.locator(`form[action="${path(action)}"]`);
  const tickAll = async (place: Locator) => {
    for (const box of await place.getByRole("checkbox").all()) await box.check();
  };

  before(async () => {
    [app, browser] = await Promise.all([startApp(), openBrowser()]);
    analyst = await signedIn(browser, app, ["analyst"]);
    reviewer = await signedIn(browser, app, ["reviewer"]);
    second = await signedIn(browser, app, ["reviewer"]);
    report = await reportIn(app.database, "analysed", { analyst: analyst.person, reviewer: reviewer.person });
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach("the browser had nothing to say against the pages", () => {
    const complaints = [analyst, reviewer, second].flatMap((who) => who?.complaints.splice(0) ?? []);
    expect(complaints.join("\n")).to.equal("");
  });

  it("begins in the queue; the first finding goes back with a category and a reason", async () => {
    const { page } = reviewer;
    expect(await open(reviewer, "/relecture", "queue"))
      .to.contain(report.id)
      .and.to.contain("0 sur 2");
    await page.getByRole("link", { name: report.id }).click();
    await look(reviewer, "review, undecided");
    const decision = form(reviewer, "/relecture/1");
    await decision.getByRole("radio", { name: "Renvoyer" }).check();
    await decision.getByLabel("Commentaire").fill("Le délai est dit deux fois : gardez celui de la pièce.");
    await decision.getByRole("button", { name: "Enregistrer la décision" }).click();
    await page.getByText("Choisissez une catégorie").first().waitFor();
    expect(await form(reviewer, "/relecture/1").getByLabel("Commentaire").inputValue(), "what was typed is kept").to.contain("Le délai");
    await form(reviewer, "/relecture/1").getByLabel("Catégorie du renvoi").selectOption({ label: "Rédaction" });
    await form(reviewer, "/relecture/1").getByRole("button", { name: "Enregistrer la décision" }).click();
    await said(reviewer, "Constat 1 renvoyé.");
    await page.getByLabel("Motif du renvoi").fill("Un constat est à reprendre.");
    await page.getByRole("button", { name: "Renvoyer à l’analyste" }).click();
    await said(reviewer, "Constats renvoyés à l’analyste.");
  });

  it("is corrected by the analyst, who sees why it came back", async () => {
    const { page } = analyst;
    expect(await open(analyst, path("/constats"), "findings returned"))
      .to.contain("Rédaction")
      .and.to.contain("Le délai est dit deux fois");
    await page.getByRole("link", { name: /Modifier le constat 1/ }).click();
    await page.getByRole("textbox", { name: "Constat" }).fill(CORRECTED);
    await page.getByRole("button", { name: "Enregistrer le constat" }).click();
    await page.getByRole("button", { name: "Soumettre à la relecture" }).click();
    await said(analyst, "Constats soumis à la relecture.");
  });

  it("is approved in other words, which the analyst reads as a difference and accepts", async () => {
    const { page } = reviewer;
    await page.goto(path("/relecture"));
    await page.locator("#constat-1").getByText("Approuver avec d’autres mots").click();
    const edits = form(reviewer, "/relecture/1/proposer");
    await edits.getByLabel("Constat", { exact: false }).first().fill(PROPOSED);
    await edits.getByLabel("Pourquoi ces mots").fill("Le jour exact n’est pas sûr.");
    await edits.getByRole("button", { name: "Proposer ces mots" }).click();
    await page.getByText("Cochez les cinq vérifications").first().waitFor();
    await look(reviewer, "review, edits refused");
    await tickAll(form(reviewer, "/relecture/1/proposer"));
    await form(reviewer, "/relecture/1/proposer").getByRole("button", { name: "Proposer ces mots" }).click();
    await said(reviewer, "Mots proposés à l’analyste pour le constat 1.");
    await look(reviewer, "review, words waiting");

    expect(await open(analyst, "/", "home of an analyst, with words proposed")).to.contain("Mots proposés par la relecture");
    await analyst.page.getByRole("link", { name: report.id }).first().click();
    await look(analyst, "findings, words proposed");
    const card = analyst.page.locator("#constat-1");
    expect(await textOf(card.locator(".difference del").first())).to.contain("dix-huit");
    expect(await textOf(card.locator(".difference ins").first())).to.contain("plus de deux");
    await card.getByRole("button", { name: "Accepter ces mots" }).click();
    await said(analyst, "Mots acceptés : le constat 1 est approuvé.".replace(" :", "\u00a0:"));
  });

  it("waits for a second reviewer of its public statement, then is published", async () => {
    const { page } = reviewer;
    await page.goto(path("/relecture"));
    const other = form(reviewer, "/relecture/2");
    await other.getByRole("radio", { name: "Approuver" }).check();
    await tickAll(other);
    await other.getByRole("button", { name: "Enregistrer la décision" }).click();
    await said(reviewer, "Constat 2 approuvé.");
    await page.locator("#constat-2").getByRole("button", { name: "Demander une seconde relecture" }).click();
    await said(reviewer, "Seconde relecture demandée pour le constat 2.");
    expect(await textOf(page.locator("#publier"))).to.contain("1 formulation publique attend une seconde relecture");
    expect(await open(second, "/", "home of a reviewer, with a second review")).to.contain("Secondes relectures et corrections");
    await second.page.goto(path("/relecture"));
    await look(second, "review, to be confirmed");
    await tickAll(form(second, "/relecture/2/confirmer"));
    await form(second, "/relecture/2/confirmer").getByRole("button", { name: "Confirmer la formulation publique" }).click();
    await said(second, "Formulation publique du constat 2 confirmée.");
    await page.reload();
    await page.getByRole("button", { name: "Publier les constats" }).click();
    await said(reviewer, "Édition 1 publiée.");
  });

  it("is corrected after publication: the new edition says the new words, the earlier one keeps its own", async () => {
    const { page } = analyst;
    await page.goto(path("/constats"));
    await page.locator("#constat-1").getByText("Corriger ce constat publié").click();
    await look(analyst, "findings published");
    const correction = form(analyst, "/constats/1/corriger");
    await correction.getByLabel("Constat", { exact: false }).first().fill(LAST);
    await correction.getByLabel("Pourquoi corriger").fill("Le parquet n’était pas encore saisi.");
    await correction.getByRole("button", { name: "Proposer la correction" }).click();
    await said(analyst, "Correction du constat 1 proposée à la relecture.");

    expect(await open(second, "/relecture", "queue, with a correction")).to.contain("Corrections de constats publiés");
    await second.page.getByRole("link", { name: `${report.id}, constat 1` }).click();
    await look(second, "review, a correction");
    const answer = form(second, "/relecture/1/correction");
    await answer.getByRole("radio", { name: "Publier la correction" }).check();
    await tickAll(answer);
    await answer.getByRole("button", { name: "Enregistrer la décision" }).click();
    await said(second, "Constat 1 corrigé, édition 2 publiée.");
    await look(second, "review, corrected");
    expect(await open(second, path("/editions/2"), "edition 2")).to.contain(LAST);
    const earlier = await open(second, path("/editions/1"), "edition 1, replaced");
    expect(earlier).to.contain(PROPOSED).and.to.contain("a été remplacée");
  });
});
