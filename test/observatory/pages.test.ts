import { expect } from "chai";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";

describe("the pages of the observatory", () => {
  let app: RunningApp;
  let built: BuiltReport;
  before(async () => {
    app = await startApp();
    built = await reportIn(app.database, "published");
    await reportIn(app.database, "published", {}, { actDate: "2023-05-05", department: "75" });
    await reportIn(app.database, "analysed");
  });
  after(() => app.close());
  const as = (role: "analyst" | "reviewer" | "coordinator" | "correspondent" | "administrator") => visitorWith(app, role);
  /** The page without tags, spaces made one. */
  const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
  const rowOf = (html: string, factor: string) => plain(new RegExp(`<tr id="f-${factor}">[\\s\\S]*?</tr>`).exec(html)?.[0] ?? "");

  it("are read by those who work on cases and by nobody else", async () => {
    const paths = ["/observatoire", "/observatoire/series", "/observatoire/facteurs/victim_fear"];
    for (const role of ["analyst", "reviewer", "coordinator"] as const)
      for (const path of paths) expect((await (await as(role)).get(path)).status, `${role} ${path}`).to.equal(200);
    for (const role of ["correspondent", "administrator"] as const)
      for (const path of paths) expect((await (await as(role)).get(path)).status, `${role} ${path}`).to.equal(403);
  });

  it("show each percentage with its denominator, and a sentence where there is none", async () => {
    const { text } = await (await as("analyst")).get("/observatoire");
    expect(rowOf(text, "victim_fear")).to.include("2 victimes").and.include("au moins 100,0 %").and.include("2 sur 2");
    expect(rowOf(text, "physical_violence")).to.include("aucun cas relevé").and.include("0 sur 2");
    const silent = rowOf(text, "strangulation_history");
    expect(silent).to.include("jamais documenté").and.not.include("0,0 %");
    for (const [cell] of text.matchAll(/<td[^>]*>(?:(?!<\/td>)[\s\S])*?\d [\u00a0\u202f]?%(?:(?!<\/td>)[\s\S])*?<\/td>/g))
      expect(plain(cell)).to.match(/ (?:sur|de) \d/);
  });

  it("keep to the scope of the address and carry it into every link", async () => {
    const { text } = await (await as("analyst")).get("/observatoire?du=2023&au=2023&region=11");
    expect(rowOf(text, "victim_fear")).to.include("une victime");
    expect(text).to.include("/observatoire/facteurs/victim_fear?valeur=present&amp;du=2023&amp;au=2023&amp;region=11");
    expect(plain(text)).to.include("Île-de-France");
    expect((await (await as("analyst")).get("/observatoire?du=2001&au=2002")).text).to.include("Aucun rapport aux constats publiés");
    expect((await (await as("analyst")).get("/observatoire?du=2024&au=2023")).text).to.include("La période est inversée");
    expect((await (await as("analyst")).get("/observatoire?du=demain&region=zz&nature=x")).status).to.equal(200);
  });

  it("open each figure on its reports, the place in the coding and the passages, and note who read them", async () => {
    const visitor = await as("reviewer");
    const { text } = await visitor.get("/observatoire/facteurs/victim_fear?valeur=present&du=2024");
    expect(text).to.include(built.id).and.include("j’ai peur de ce qu’il peut faire").and.include("Connu d’un service avant les faits");
    expect(text).to.include(`/rapports/${built.id}/codage?facteur=victim_fear&amp;sujet=${built.victim}`);
    expect(plain(text)).to.include("Une victime derrière ce nombre");
    const audited = await app.database.db
      .selectFrom("audit")
      .select(["action", "object_id"])
      .where("account_id", "=", visitor.person.id)
      .where("action", "in", ["figure.opened", "passages.read"])
      .orderBy("id")
      .execute();
    expect(audited).to.deep.equal([
      { action: "figure.opened", object_id: "victim_fear" },
      { action: "passages.read", object_id: built.id },
    ]);
    expect((await visitor.get("/observatoire/facteurs/inconnu")).status).to.equal(404);
  });

  it("say when the coding has been resumed since the publication, and show none of its passages then", async () => {
    const change = (value: string) =>
      app.database.db.updateTable("coding").set({ value }).where("report_id", "=", built.id).where("factor", "=", "victim_fear").execute();
    await change("absent");
    const { text } = await (await as("analyst")).get("/observatoire/facteurs/victim_fear?valeur=present&du=2024");
    await change("present");
    expect(text).to.include("Le codage a été repris depuis la publication").and.not.include("j’ai peur");
  });

  it("show the reference series with both values of 2023, the break and a drawing with its description", async () => {
    const { text } = await (await as("coordinator")).get("/observatoire/series");
    expect(text).to.include("<svg").and.include("Deux courbes").and.include("Rupture de série");
    expect(plain(text)).to.include("Autre valeur : 115, dont 93 femmes");
    expect((await (await as("coordinator")).get("/observatoire/series?mesure=share_women")).text).to.include("Part des femmes");
  });

  it("are drawn in English too", async () => {
    const visitor = await as("analyst");
    visitor.cookies = `${visitor.cookies}; langue=en`;
    expect(rowOf((await visitor.get("/observatoire")).text, "victim_fear"))
      .to.include("at least 100.0%")
      .and.include("2 of 2");
    expect((await visitor.get("/observatoire/series")).text).to.include("Reference series");
    expect((await visitor.get("/observatoire/facteurs/victim_fear")).text).to.include("2 victims behind this number.");
  });
});
