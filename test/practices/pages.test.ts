import { expect } from "chai";
import { withdrawCrossFinding } from "../../server/cross-findings/act.ts";
import { acting, crossFindingIn, LATER, PRACTICE, type Scene, scene } from "../cross-findings/support.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";

describe("the pages of good practices", () => {
  let app: RunningApp;
  let set: Scene;
  let anyone: Visitor;
  let references: string[];
  before(async () => {
    app = await startApp();
    set = await scene(app.database);
    await crossFindingIn(app.database, "approved", set, PRACTICE);
    anyone = new Visitor(app.url);
    references = (await app.database.db.selectFrom("good_practice").select("reference").orderBy("reference").execute()).map(
      ({ reference }) => reference,
    );
  });
  after(() => app.close());

  it("are open to anyone, from the first page on, and may be kept by whoever carries them", async () => {
    expect((await anyone.get("/")).text).to.include('href="/bonnes-pratiques"');
    for (const path of ["/bonnes-pratiques", `/bonnes-pratiques/${references[0]}`]) {
      const { status, headers } = await new Visitor(app.url).get(path);
      expect([status, headers.get("cache-control")], path).to.deep.equal([200, "public, max-age=300"]);
    }
  });

  it("show the public statement, its theme, its year of publication and its permanent address", async () => {
    const list = await anyone.get("/bonnes-pratiques?q=SANS+attendre");
    expect(list.text).to.include("Un hébergement proposé sans attendre protège.").and.to.include("1 bonne pratique");
    expect(list.text).not.to.include("dans la journée");
    const [, reference] = /BP-2026-\d{4}/.exec(list.text)!.input!.match(/href="\/bonnes-pratiques\/(BP-2026-\d{4})"/)!;
    const { text } = await anyone.get(`/bonnes-pratiques/${reference}`);
    expect(text)
      .to.include("Réponse des institutions")
      .and.to.include("Publiée en 2026")
      .and.to.include(`/bonnes-pratiques/${reference}</a>`);
    expect((await anyone.get("/bonnes-pratiques?q=introuvable")).text).to.include("Aucune bonne pratique ne correspond");
    expect((await anyone.get("/bonnes-pratiques?theme=children")).text).to.include("Aucune bonne pratique ne correspond");
    expect((await anyone.get("/bonnes-pratiques?annee=1999")).text).to.include("Aucune bonne pratique ne correspond");
    const english = new Visitor(app.url);
    await english.get(`/bonnes-pratiques/${reference}?langue=en`);
    expect((await english.get(`/bonnes-pratiques/${reference}`)).text).to.include("Published in 2026");
  });

  it("let nothing of the inside out: no internal statement, service, quote, receipt number, place, person or date of the act", async () => {
    const planted = {
      statement: "CANARI-ENONCE",
      service: "CANARI-SERVICE",
      quote: "CANARI-CITATION",
      place: "CANARI-LIEU",
    };
    const { db } = app.database;
    const [one] = set.reports;
    await db.updateTable("passage").set({ quote: planted.quote }).where("report_id", "=", one!.id).execute();
    await db.updateTable("report").set({ issuing_service: planted.place }).where("id", "=", one!.id).execute();
    await crossFindingIn(app.database, "approved", set, {
      ...PRACTICE,
      statement: planted.statement,
      service: planted.service,
      publicStatement: "Une formulation sans rien de plus.",
    });
    const names = (await db.selectFrom("account").select(["name", "id"]).execute()).flatMap(({ name, id }) => [name, id]);
    const ids = (await db.selectFrom("finding").select("id").execute()).map(({ id }) => id);
    const canaries = [
      ...Object.values(planted), ...names, ...ids, "RETEX-", "CT-2026", "2024", "14 mars", "Loir-et-Cher", "Blois", "Association d’aide",
    ]; // biome-ignore format: a list
    const seen = new Set<string>();
    const crawl = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { text, status } = await new Visitor(app.url).get(path);
      expect(status, path).to.be.oneOf([200, 410]);
      for (const canary of canaries) expect(text, `${path} holds ${canary}`).not.to.include(canary);
      for (const [, next] of text.matchAll(/href="(\/bonnes-pratiques[^"#]*)"/g))
        if (!next!.includes("langue=")) await crawl(next!.replaceAll("&amp;", "&"));
    };
    for (const path of [
      "/bonnes-pratiques",
      "/bonnes-pratiques?q=canari",
      "/bonnes-pratiques?service=association",
      "/bonnes-pratiques?q=RETEX",
    ])
      await crawl(path);
    expect([...seen].filter((path) => /BP-/.test(path)).length).to.be.greaterThan(2);
    for (const reference of references) await crawl(`/bonnes-pratiques/${reference}`);
    for (const canary of [...Object.values(planted), one!.id])
      expect((await new Visitor(app.url).get(`/bonnes-pratiques?q=${encodeURIComponent(canary)}`)).text).to.include("ne correspond");
  });

  it("show the same to those signed in who work on no case", async () => {
    for (const role of ["correspondent", "administrator"] as const) {
      const { text, status } = await (await visitorWith(app, role)).get("/bonnes-pratiques");
      expect(status).to.equal(200);
      expect(text).to.include("Une association a proposé un hébergement dans la journée.").and.not.to.include("RETEX-");
    }
  });

  it("show those who work on cases the internal statement, its sources and which text is public", async () => {
    const analyst = await visitorWith(app, "analyst");
    const { text } = await analyst.get("/bonnes-pratiques");
    expect(text).to.include(PRACTICE.statement).and.to.include(PRACTICE.publicStatement).and.to.include("CT-2026-0001");
    expect(text).to.include(`/rapports/${set.reports[0]!.id}/editions/1#constat-2`);
    expect((await analyst.get(`/bonnes-pratiques/${references[0]}`)).text).to.include("Lire le constat dans l’observatoire");
    expect((await anyone.get(`/bonnes-pratiques/${references[0]}`)).text).not.to.include("Lire le constat dans l’observatoire");
  });

  it("say of a withdrawn one that it was, and when, and nothing else", async () => {
    const own = await crossFindingIn(app.database, "approved", set, { ...PRACTICE, publicStatement: "Ce qui sera retiré." });
    const { id } = await app.database.db.selectFrom("cross_finding").select("id").where("reference", "=", own).executeTakeFirstOrThrow();
    const { reference } = await app.database.db
      .selectFrom("good_practice")
      .select("reference")
      .where("cross_finding_id", "=", id)
      .executeTakeFirstOrThrow();
    expect((await anyone.get(`/bonnes-pratiques/${reference}`)).status).to.equal(200);
    await acting(
      app.database,
      own,
      set.coordinator,
      (tx, act) => withdrawCrossFinding(tx, act, "Elle laisse reconnaître une affaire"),
      LATER,
    );
    const { status, text } = await anyone.get(`/bonnes-pratiques/${reference}`);
    expect(status).to.equal(410);
    expect(text).to.include("retirée en 2026").and.not.to.include("Ce qui sera retiré").and.not.to.include("reconnaître");
    expect((await anyone.get("/bonnes-pratiques/BP-2099-0001")).status).to.equal(404);
    expect((await anyone.get("/bonnes-pratiques/..%2f..%2fetc")).status).to.equal(404);
  });
});
