import { expect } from "chai";
import type { Browser, Locator } from "playwright-core";
import { codebookVersion } from "../../server/codebook/store.ts";
import { codeRestUnknown } from "../../server/coding/save-value.ts";
import { type RunningApp, startApp } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { look, openBrowser, type Reader, signedIn } from "./browser.ts";

type Person = Awaited<ReturnType<typeof signedIn>>;
/** What the browser shows, with ordinary spaces. */
// biome-ignore lint/performance/useDomNodeTextContent: what is covered or folded away is not shown
const textOf = async (place: Locator): Promise<string> => (await place.innerText()).replace(/[\u00a0\u202f]/g, " ");
const QUOTE = "« j’ai peur de ce qu’il peut faire »";
const FEAR = "facteur-victim_fear-victim-1";

describe("blind double coding to adjudication, with three accounts in a browser", function () {
  this.timeout(60_000).bail(true); // each step stands on the one before
  let app: RunningApp;
  let browser: Browser;
  let head: Person;
  let first: Person;
  let second: Person;
  let third: Person;
  let report: BuiltReport;
  const path = (room = "") => `/rapports/${report.id}${room}`;
  const nameOf = async ({ person }: Person) =>
    (await app.database.db.selectFrom("account").select("name").where("id", "=", person.id).executeTakeFirstOrThrow()).name;
  const seen = new Set<string>();
  /** Opens a page, looked at closely the first time whoever opens it. */
  const open = async (who: Reader, address: string, name: string): Promise<string> => {
    const response = await who.page.goto(address);
    expect(response?.status(), address).to.equal(200);
    if (!seen.has(name)) await look(who, name);
    seen.add(name);
    return textOf(who.page.locator("main"));
  };

  before(async () => {
    [app, browser] = await Promise.all([startApp(), openBrowser()]);
    head = await signedIn(browser, app, ["coordinator"]);
    first = await signedIn(browser, app, ["analyst"]);
    second = await signedIn(browser, app, ["analyst"]);
    third = await signedIn(browser, app, ["analyst"]);
    report = await reportIn(app.database, "received");
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach("the browser had nothing to say against the pages", () => {
    const complaints = [head, first, second, third].flatMap((who) => who?.complaints.splice(0) ?? []);
    expect(complaints.join("\n")).to.equal("");
  });

  it("begins with the head of the observatory, who gives the report to two analysts and a third person", async () => {
    const { page } = head;
    await open(head, path(), "report to assign");
    await page
      .getByLabel("Analyste", { exact: false })
      .first()
      .selectOption({ label: await nameOf(first) });
    await page.getByLabel("Second analyste, en aveugle").selectOption({ label: await nameOf(second) });
    await page.getByLabel("Arbitrage", { exact: false }).selectOption({ label: await nameOf(third) });
    await page.getByRole("button", { name: "Affecter", exact: true }).click();
    await page.getByRole("status").filter({ hasText: "qui codent sans se voir" }).waitFor();
    await open(head, path(), "report coded blind");
  });

  /** One factor by hand, the others not documented; then the coding is handed in. */
  async function codeAndSubmit(who: Person, answer: string, prove: (card: Locator) => Promise<void>): Promise<void> {
    const { page } = who;
    await page.goto(path(`/codage?carte=${FEAR}`));
    const card = page.locator('form[data-factor="victim_fear"]');
    await card.getByLabel(answer, { exact: true }).check();
    await card.getByText(/^Enregistré à/).waitFor();
    await prove(card);
    const now = clock().toISOString();
    await app.database.db.transaction().execute(async (tx) => {
      const { codebook_version } = await tx.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow();
      for (const { code } of (await codebookVersion(tx, codebook_version)).sections)
        await codeRestUnknown(tx, report.id, code, who.person, now);
    });
    await page.goto(path("/codage"));
    await page.getByRole("button", { name: "Remettre mon codage" }).click();
    await page.getByRole("status").filter({ hasText: "remis" }).first().waitFor();
  }

  it("is coded by the first, who hands in; the second sees nothing of it, nor does the adjudicator", async () => {
    await codeAndSubmit(first, "Présent", async (card) => {
      const attach = card.locator(".factor__attach");
      if (!(await attach.evaluate((one) => (one as HTMLDetailsElement).open))) await attach.locator("summary").click();
      await attach.getByLabel("Texte du passage").fill(QUOTE);
      await attach.getByRole("button", { name: "Rattacher" }).click();
      await card.locator("a.quote", { hasText: QUOTE }).waitFor();
    });
    for (const who of [second, third, head]) {
      const words = await open(who, path("/arbitrage"), "adjudication, waiting");
      expect(words).to.match(/remis le 23 novembre 2026[\s\S]*en cours/);
      expect(words).not.to.contain("Peur exprimée");
    }
    await second.page.goto(path("/codage"));
    expect(await second.page.locator(`#${FEAR} input:checked`).count()).to.equal(0);
    expect(await second.page.locator("a.quote").count()).to.equal(0);
  });

  it("is coded by the second, who finds otherwise and hands in", async () => {
    await codeAndSubmit(second, "Absent", async (card) => {
      await card.getByLabel(/Motif, si aucun passage/).fill("La déclaration est rapportée par un tiers.");
      await second.page.keyboard.press("Tab");
      await card.locator("[data-missing-label]", { hasText: "Complet" }).waitFor();
    });
    const words = await open(second, path("/arbitrage"), "adjudication, read by a coder");
    expect(words).to.contain("Vous lisez cet arbitrage sans pouvoir le modifier").and.to.contain(QUOTE);
    expect(await second.page.getByRole("button", { name: "Retenir" }).count()).to.equal(0);
  });

  it("is settled by the third, by keyboard and with a reason; the agreements are accepted in one act", async () => {
    const { page } = third;
    await page.goto("/");
    await page.locator(`a[href="${path("/arbitrage")}"]`).click();
    await look(third, "adjudication");
    expect(await textOf(page.locator("main"))).to.match(/Désaccords tranchés\s+0 \/ 1/);
    await page.keyboard.press("j");
    await page.keyboard.press("3");
    await look(third, "adjudication, another answer");
    await page.keyboard.press("Escape");
    await page.keyboard.press("1");
    await page.keyboard.type("12 : la phrase est citée telle quelle.");
    await look(third, "adjudication, chosen");
    const pair = page.locator(`#${FEAR}`);
    expect(await pair.getByLabel(/^Codage A/).isChecked()).to.equal(true);
    expect(await pair.getByLabel("Motif de la décision").inputValue(), "digits in a field are text").to.match(/^12 :/);
    await pair.getByRole("button", { name: "Retenir" }).click();
    await page.getByRole("status").filter({ hasText: "Aucun désaccord ne reste" }).waitFor();
    await page.getByRole("button", { name: /^Accepter les \d+ accords/ }).click();
    await page.getByRole("status").filter({ hasText: "accords acceptés" }).waitFor();
    await look(third, "adjudication, complete");
    await page.getByRole("button", { name: "Remettre l’arbitrage" }).click();
    await page.getByRole("status").filter({ hasText: "Arbitrage remis" }).waitFor();
  });

  it("leaves both codings readable beside what was settled, for everybody who reads cases", async () => {
    for (const who of [first, second, third, head]) {
      const words = await open(who, path("/arbitrage"), "adjudication, handed in");
      expect(words)
        .to.contain("Retenu : Présent (codage A)")
        .and.to.contain("12 : la phrase est citée telle quelle.")
        .and.to.contain("La déclaration est rapportée par un tiers.");
    }
    const words = await open(head, path(), "report adjudicated");
    expect(words).to.contain("Arbitrage remis").and.to.contain("Codé");
    await third.page.goto(path("/codage"));
    expect(await textOf(third.page.locator(`#${FEAR}`))).to.contain("Présent");
  });
});
