import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Role } from "../../workflows/actor.ts";
import { createPerson, PASSPHRASE, type RunningApp } from "../support/app.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { width: 1280, height: 800 };
/** The narrowest screen of WCAG 2.2, criterion 1.4.10. */
const NARROW = { width: 320, height: 800 };

/** A Chromium without a screen, which asks nothing of the network but our pages. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env["CHROMIUM"] || "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

// A form refused with what was typed (422) and a conflict (409) are answers of the application; Chromium logs them as errors all the same.
const EXPECTED = /Failed to load resource: the server responded with a status of (409|410|422)/;

/**
 * Somebody at a browser of their own. `complaints` is everything that the browser had to say against our pages: errors of the console,
 * exceptions of scripts, reports of the content security policy, requests that leave the application, axe's violations, pages wider than
 * the screen, and anything kept outside the session.
 */
export type Reader = { page: Page; context: BrowserContext; complaints: string[]; looked: Set<string> };

export async function openReader(browser: Browser, app: RunningApp, options: BrowserContextOptions = {}): Promise<Reader> {
  const context = await browser.newContext({
    baseURL: app.url,
    viewport: DESKTOP,
    locale: "fr-FR",
    reducedMotion: "reduce",
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const say = (what: string) => complaints.push(`${new URL(page.url()).pathname}: ${what}`);
  page.on("console", (message) => {
    if ((message.type() === "error" || message.type() === "warning") && !EXPECTED.test(message.text())) say(message.text());
  });
  page.on("pageerror", (error) => say(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(app.url) && !/^(data|blob|about):/.test(request.url())) say(`request to ${request.url()}`);
  });
  return { page, context, complaints, looked: new Set() };
}

/** A new account with these roles, signed in through the page of sign-in. */
export async function signedIn(
  browser: Browser,
  app: RunningApp,
  roles: Role[],
  options: BrowserContextOptions = {},
): Promise<Reader & { person: Awaited<ReturnType<typeof createPerson>> }> {
  const person = await createPerson(app.database, ...roles);
  const reader = await openReader(browser, app, options);
  await reader.page.goto("/connexion");
  await reader.page.getByLabel(/Adresse électronique|E-mail/).fill(person.email);
  await reader.page.getByLabel(/Phrase de passe|Passphrase/).fill(PASSPHRASE);
  await reader.page.getByRole("button", { name: /Se connecter|Sign in/ }).click();
  await reader.page.waitForURL((url) => url.pathname !== "/connexion");
  return { ...reader, person };
}

const widerThanScreen = (page: Page): Promise<string | null> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return null;
    const inScrollable = (element: Element): boolean => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== "visible") return true;
      return false;
    };
    const wide = [...document.querySelectorAll("main *, header *, footer *")].find(
      (element) => element.getBoundingClientRect().right > clientWidth + 1 && !inScrollable(element),
    );
    return `${scrollWidth} px wide on ${clientWidth}: ${wide ? `<${wide.tagName.toLowerCase()} class="${wide.className}">` : "?"}`;
  });

/** What axe finds against the page as it stands, one line a violation. */
async function violations(page: Page, rules: string[] | null): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const found = await page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: { run: (where: Document, options: object) => Promise<AxeResults> } };
    const { violations } = await axe.run(document, {
      resultTypes: ["violations"],
      ...(only && { runOnly: { type: "rule", values: only } }),
    });
    return violations.map(({ id, help, nodes }) => ({ id, help, places: nodes.map(({ target }) => target.join(" ")) }));
  }, rules);
  return found.map(({ id, help, places }) => `axe ${id} (${help}): ${places.slice(0, 3).join(" | ")}${places.length > 3 ? " …" : ""}`);
}

/**
 * Looks at the page as a careful visitor would, once for each `name`: axe at desk width in the light, contrasts in the dark, then the
 * page on a narrow screen. What is wrong goes to `complaints`.
 */
export async function look({ page, complaints, looked }: Reader, name: string): Promise<void> {
  if (looked.has(name)) return;
  looked.add(name);
  const say = (what: string) => complaints.push(`${name}: ${what}`);
  for (const one of await violations(page, null)) say(one);
  await page.emulateMedia({ colorScheme: "dark" });
  for (const one of await violations(page, ["color-contrast"])) say(`dark, ${one}`);
  await page.emulateMedia({ colorScheme: "light" });
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  if (twice.length > 0) say(`the same id twice: ${twice.join(", ")}`);
  const wide = await widerThanScreen(page);
  if (wide) say(`at ${DESKTOP.width} px, ${wide}`);
  await page.setViewportSize(NARROW);
  const narrow = await widerThanScreen(page);
  if (narrow) say(`at ${NARROW.width} px, ${narrow}`);
  await page.setViewportSize(DESKTOP);
  const kept = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  if (kept.length > 0) say(`keeps ${kept.join(", ")} in the browser`);
}
