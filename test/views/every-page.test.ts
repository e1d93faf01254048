import { createHash } from "node:crypto";
import { expect } from "chai";
import { sql } from "kysely";
import type { Schema } from "../../db/schema.ts";
import { createApp } from "../../server/app.ts";
import type { Role } from "../../workflows/actor.ts";
import { contact } from "../answers/support.ts";
import { row } from "../chronology/support.ts";
import { crossFindingIn, scene } from "../cross-findings/support.ts";
import { checked, csv, HEADINGS, lineOf, read as readSheet } from "../imports/support.ts";
import { dispatchWithPaper } from "../recommendations/support.ts";
import { createPerson, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";
import { codedTwice } from "../support/two-coders.ts";

/** What a visit may write: that it took place, and what the rules of quality say of what is already there. */
const JOURNALS = ["audit", "session", "export_log", "export", "quality_result", "quality_count"] as const satisfies (keyof Schema)[];

/** One digest for each table but the journals. */
async function digests({ database: { db } }: RunningApp): Promise<Record<string, string>> {
  const tables = (await db.introspection.getTables()).map(({ name }) => name).filter((name) => !JOURNALS.some((one) => one === name));
  const found: Record<string, string> = {};
  for (const table of tables) {
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(db);
    const lines = rows.map((row) => JSON.stringify(row)).sort();
    found[table] = createHash("sha256").update(lines.join("\n")).digest("hex");
  }
  return found;
}

/** Pages that nobody signs in for; the two last are refused there, in words of their own. */
const PUBLIC =
  /^\/(sante|connexion|publications(\/.*)?|bonnes-pratiques(\/.*)?|aide|accessibilite|mentions-legales|donnees-personnelles|plan-du-site|(invitation|premier-administrateur|recuperation)\/.*)?$/;
const PEOPLE: (Role[] | null)[] = [
  null,
  ["correspondent"],
  ["analyst"],
  ["reviewer"],
  ["coordinator"],
  ["administrator"],
  ["analyst", "reviewer", "coordinator"],
];
/** What people and programs may put behind an address. */
const ODD = new URLSearchParams({
  page: "-1",
  q: "100 % _ ' \" <b>",
  tri: "nimporte",
  ordre: "nimporte",
  annee: "x",
  du: "2030",
  au: "1900",
  region: "zz",
  nature: "zz",
  valeur: "zz",
  document: "99",
  facteur: "zz",
  passage: "zz",
  langue: "zz",
});

describe("every page of the application", function () {
  this.timeout(120_000);
  let app: RunningApp;
  let addresses: string[];
  let analyst: Awaited<ReturnType<typeof visitorWith>>;

  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
    const reports = [];
    for (const state of ["received", "coded", "analysed", "published", "set_aside"] as const)
      reports.push((await reportIn(app.database, state, { analyst: analyst.person })).id);
    for (const submitted of [[1], [1, 2]] as const)
      reports.push((await codedTwice(app.database, { analyst: analyst.person }, { submitted })).id);
    const { id: recommended, reference } = await app.database.db.selectFrom("recommendation").selectAll().executeTakeFirstOrThrow();
    const several = await scene(app.database);
    const finding = await crossFindingIn(app.database, "correction", several);
    const crossDraft = await crossFindingIn(app.database, "in_review", several);
    const other = await createPerson(app.database, "reviewer");
    const coordinator = await visitorWith(app, "coordinator");
    const paper = await dispatchWithPaper(app.database.db, recommended, coordinator.person.id);
    await coordinator.get("/redaction");
    const letter = (await coordinator.post("/redaction", { year: "2024", language: "fr", title: "" })).location!.split("/").at(-1)!;
    const { slug } = await app.database.db.selectFrom("publication").select("slug").executeTakeFirstOrThrow();
    const asked = { token: "pour-toutes-les-pages0", about: "report", text: "Une question ?", to: "" };
    await analyst.post(`/rapports/${reports[1]}/questions`, asked);
    const entry = row(reports[0]!, analyst.person.id);
    await app.database.db.insertInto("chronology_entry").values(entry).execute();
    const [mapped, verified] = [
      await readSheet(coordinator, csv(HEADINGS, lineOf())),
      await readSheet(coordinator, csv(HEADINGS, lineOf({ Département: "?" }))),
    ].map((address) => address.split("/").at(-1)!) as [string, string];
    await checked(coordinator, `/rapports/importer/${verified}`);
    const administrator = await visitorWith(app, "administrator");
    await administrator.get("/grille/brouillons");
    const draft = (await administrator.post("/grille/brouillons", { base: "1.0.0", version: "1.1.0" })).location!.split("/").at(-1)!;
    await administrator.post(`/grille/brouillons/${draft}/facteurs/tgd/retirer`, { note: "" });
    const proposed = { version: "1.0.0", factor: "complaint_filed", title: "Essai", body: "Essai" };
    const proposal = (await analyst.post("/grille/propositions", proposed)).location!.split("/").at(-1)!;
    const addressed = await contact(app.database, coordinator.person);
    await coordinator.get("/exports/nouveau");
    const taken = (await coordinator.post("/exports", { format: "csv", colonnes: ["text"] })).location!.split("/").at(-1)!;
    const values: Record<string, string[]> = {
      "/rapports/:id": [...reports, "RETEX-2099-0001", "..%2f..%2fetc"],
      "/redaction/:id": [letter, "inconnue"],
      "/administration/comptes/:id": [other.id, "inconnu"],
      ":import": [mapped, verified, "inconnu"],
      ":number": ["1", "99", "x"],
      ":page": ["1", "0"],
      ":factor": ["complaint_filed", "act_date", "victim_age", "inconnu"],
      "/versions/:version": ["1.0.0", "inconnue"],
      ":draft": [draft, "inconnu"],
      ":proposal": [proposal, "inconnue"],
      "/pieces/:id": [paper, "inconnue"],
      "/constats/:reference": [finding, crossDraft, "CT-2099-0001"],
      ":practice": ["BP-2026-0001", "BP-2099-0001"],
      ":reference": [reference, "REC-2099-0001"],
      ":entry": [entry.id, "inconnue"],
      ":question": [asked.token, "inconnue"],
      ":slug": [slug, "inconnue"],
      ":secret": ["inconnu"],
      ":contact": [addressed.id, "inconnu"],
      "/exports/:id": [taken, "inconnu"],
      "*act": ["roles"],
    };
    const filled = (path: string): string[] => {
      for (const [place, given] of Object.entries(values))
        if (path.includes(place)) return given.flatMap((value) => filled(path.replace(place, place.replace(/[:*]\w+$/, value))));
      return [path];
    };
    addresses = routesOf(createApp(app.context), "get").flatMap(filled);
  });
  after(() => app.close());

  it("is known to this suite, with something in the place of each name of its address", () => {
    expect(addresses.filter((address) => /[:*]/.test(address))).to.deep.equal([]);
    expect(addresses.length).to.be.greaterThan(80);
    for (const known of ["/", "/rapports", "/observatoire", "/recommandations/export.csv", "/publications", "/grille"])
      expect(addresses).to.include(known);
  });

  for (const roles of PEOPLE)
    it(`answers ${roles ? roles.join(", ") : "a visitor"} without failing, and changes nothing`, async () => {
      // The analyst is the one who coded: the forms of findings open for nobody else.
      const visitor = roles?.join() === "analyst" ? analyst : roles ? await visitorWith(app, ...roles) : new Visitor(app.url);
      const before = await digests(app);
      const wrong: string[] = [];
      const seen: string[] = [];
      for (const address of addresses)
        for (const query of ["", `?${ODD}`]) {
          const { status } = await visitor.get(address + query);
          // 409: a form that the state of the report does not offer; 410: a link that served or never was.
          if (![200, 303, 400, 403, 404, 409, 410].includes(status)) wrong.push(`${status} ${address}${query}`);
          if (status === 200) seen.push(address);
        }
      expect(wrong).to.deep.equal([]);
      const isCase = (address: string) => /^\/rapports\/RETEX/.test(address);
      if (!roles) expect(seen.filter((address) => !PUBLIC.test(address))).to.deep.equal([]);
      if (roles?.length === 1 && (roles[0] === "administrator" || roles[0] === "correspondent"))
        expect(seen.filter(isCase), "cases are not theirs").to.deep.equal([]);
      if (roles?.includes("analyst")) expect(seen.filter(isCase).length).to.be.greaterThan(20);
      expect(await digests(app)).to.deep.equal(before);
    });
});
