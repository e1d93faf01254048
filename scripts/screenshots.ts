import { mkdirSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { chromium, type Page } from "playwright-core";
import { openDatabase } from "../db/database.ts";
import { DEMONSTRATION_PASSPHRASE } from "../server/accounts/demonstration.ts";
import { createApp, VERSION } from "../server/app.ts";
import { currentCodebook } from "../server/codebook/store.ts";
import { readSettings } from "../server/config.ts";
import { prepareDatabase } from "../server/prepare.ts";
import { generatedReports } from "./demonstration/from-generated.ts";
import { sampleReports } from "./demonstration/from-samples.ts";
import { createCast, loadReports } from "./demonstration/load.ts";
import { findOrInstallChromium } from "./find-chromium.ts";

// npm run screenshots: the pictures of the README, taken from the demonstration's fictional data on a database in memory.
const FOLDER = join(import.meta.dirname, "../.github/screenshots");
const MOST_BYTES = 250_000;
const LETTER_YEAR = "2022";

const config = { ...readSettings({ LOG_LEVEL: "silent", DATABASE_URL: "sqlite::memory:" }, { demo: true }), databaseKey: null };
const database = openDatabase(config.databaseUrl);
const context = { config, database, clock: () => new Date(), log: pino({ level: "silent" }), version: VERSION };
await prepareDatabase(context);
const definition = await currentCodebook(database.db);
const cast = await createCast(database.db, context.clock().toISOString());
const samples = await sampleReports(definition, join(import.meta.dirname, "../test/samples"));
await loadReports(database.db, definition, [...generatedReports(definition), ...samples], cast, context.clock());
const server = createApp(context).listen(0, "127.0.0.1");
await new Promise((ready) => server.once("listening", ready));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await chromium.launch({ executablePath: findOrInstallChromium(), args: ["--no-sandbox", "--disable-gpu"] });

/** The receipt number of a sample, by the name of its file. */
const numberOf = async (fileName: string): Promise<string> =>
  (await database.db.selectFrom("document").select("report_id").where("file_name", "like", `${fileName}%`).executeTakeFirstOrThrow())
    .report_id;

async function signedIn(email: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    locale: "fr-FR",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto("/connexion");
  await page.locator("input[name=email][type=email]").fill(email);
  await page.locator("input[name=passphrase][type=password]").fill(DEMONSTRATION_PASSPHRASE);
  await page.getByRole("button", { name: "Se connecter", exact: true }).click();
  await page.waitForURL((address) => address.pathname === "/");
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(FOLDER, `${name}.png`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${name}.png: ${Math.round(size / 1000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${name}.png is heavier than ${MOST_BYTES / 1000} kB`);
}

/** Brings a place of the page near its top. */
const showFrom = (page: Page, selector: string, above = 16): Promise<void> =>
  page
    .locator(selector)
    .first()
    .evaluate((element, above) => scrollTo(0, element.getBoundingClientRect().top + scrollY - above), above);

try {
  mkdirSync(FOLDER, { recursive: true });

  const coded = await numberOf("retex-07");
  const analyst = await database.db
    .selectFrom("assignment")
    .innerJoin("account", "account.id", "assignment.analyst_id")
    .select("email")
    .where("report_id", "=", coded)
    .executeTakeFirstOrThrow();
  const coding = await signedIn(analyst.email);
  await coding.goto(`/rapports/${coded}/codage`);
  await showFrom(coding, ".workspace");
  const quote = coding.locator("form[data-card]:has(.choices--segmented) a.quote").nth(1);
  await quote.click();
  await quote.evaluate((element) => element.closest("form")?.scrollIntoView({ block: "start" }));
  await showFrom(coding, ".workspace");
  await take(coding, "coding");

  const review = await signedIn("relecteur@demo.invalid");
  await review.goto(`/rapports/${await numberOf("retex-04")}/relecture`);
  await showFrom(review, "#findings");
  await take(review, "review");

  const coordinator = await signedIn("responsable@demo.invalid");
  await coordinator.goto("/observatoire");
  await showFrom(coordinator, "#section-violence_history");
  await take(coordinator, "observatory");

  await coordinator.goto("/redaction");
  await coordinator.getByLabel("Année des faits").fill(LETTER_YEAR);
  await coordinator.getByRole("button", { name: "Créer la lettre" }).click();
  await coordinator.getByRole("button", { name: "Envoyer en relecture" }).click();
  await coordinator.getByText("Lettre envoyée en relecture").waitFor();
  await review.goto(new URL(coordinator.url()).pathname);
  await review.getByRole("button", { name: "Approuver" }).click();
  await review.getByText("Lettre approuvée").waitFor();
  await coordinator.reload();
  await coordinator.getByRole("button", { name: "Publier" }).click();
  await coordinator.getByText("Lettre publiée").waitFor();
  const reader = await (await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, locale: "fr-FR" })).newPage();
  await reader.goto(`/publications/lettre-annuelle-${LETTER_YEAR}`);
  await showFrom(reader, "h2:has-text('Chiffres clés')");
  await take(reader, "letter");
} finally {
  await browser.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await database.close();
}
