import { expect } from "chai";
import { recordDissent } from "../../server/cross-findings/act.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { acting, basisFor, crossFindingIn, recommendationOn, type Scene, scene, WORDS } from "./support.ts";

describe("the pages of cross-case findings", () => {
  let app: RunningApp;
  let set: Scene;
  let analyst: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    set = await scene(app.database);
    analyst = await visitorWith(app, "analyst");
  });
  after(() => app.close());
  const ticks = async () => (await basisFor(app.database.db, set.reports)).map((one) => `${one.reportId} ${one.factor} ${one.edition}`);

  it("are for those who work on cases alone", async () => {
    const reference = await crossFindingIn(app.database, "approved", set);
    for (const path of ["/constats", "/constats/nouveau", `/constats/${reference}`, `/constats/${reference}/modifier`]) {
      for (const role of ["correspondent", "administrator"] as const)
        expect((await (await visitorWith(app, role)).get(path)).status, `${role} ${path}`).to.equal(403);
      expect((await new Visitor(app.url).get(path)).status, path).to.equal(303);
    }
    for (const role of ["reviewer", "coordinator", "analyst"] as const)
      expect((await (await visitorWith(app, role)).get(`/constats/${reference}`)).status).to.equal(200);
  });

  it("begin with the factors of published cases, each with the number of cases where it is present", async () => {
    const { text } = await analyst.get("/constats/nouveau");
    expect(text).to.include("Information non transmise entre services").and.to.include("présent dans 2 affaires");
    expect(text, "what nobody documented cannot be chosen").not.to.include("caregiver_burden");
    expect(text).not.to.include("2. Cocher les affaires");
    const found = await analyst.get("/constats/nouveau?q=PEUR");
    expect(found.text).to.include("victim_fear").and.not.to.include("signal_not_transmitted");
  });

  it("then show the published cases with receipt number, year, value, when it was known, and the passage in its context", async () => {
    const { text } = await analyst.get("/constats/nouveau?facteur=signal_not_transmitted");
    for (const { id } of set.reports) expect(text).to.include(id);
    expect(text).to.include("faits de 2024").and.to.include("Présent · Connu d’un service avant les faits");
    expect(text).to.match(/La brigade <mark[^>]*>n’a pas transmis la plainte au parquet<\/mark> avant le 20 février 2024\./);
    expect(text).to.include(`/rapports/${set.reports[0]!.id}/codage?facteur=signal_not_transmitted#passage-`);
    const narrowed = await analyst.get(
      `/constats/nouveau?facteur=signal_not_transmitted&rapports=${set.reports[0]!.id.toLowerCase()},+RETEX-2099-0001`,
    );
    expect(narrowed.text).to.include("1 affaire à lire").and.to.include("Aucune édition publiée ne porte le numéro RETEX-2099-0001");
    expect((await analyst.get("/constats/nouveau?facteur=signal_not_transmitted&annee=2019")).text).to.include(
      "Aucune affaire ne correspond",
    );
    expect((await analyst.get("/constats/nouveau?facteur=physical_violence")).text, "absent is not present").to.include("Aucune affaire");
    expect((await analyst.get("/constats/nouveau?facteur=physical_violence&tous=oui")).text).to.include("Absent");
  });

  it("keep what was typed and ticked when something is wrong, and say so beside the field", async () => {
    await analyst.get("/constats/nouveau?facteur=signal_not_transmitted");
    const [one] = await ticks();
    const answer = await analyst.post("/constats", {
      kind: "failing",
      statement: "",
      publicStatement: "Ce que je voulais dire",
      service: "Brigades",
      knownWhen: "",
      facteur: "signal_not_transmitted",
      basis: [one!],
    });
    expect(answer.status).to.equal(422);
    expect(answer.text).to.include("Renseignez ce champ").and.to.include("Ce que je voulais dire");
    expect(answer.text).to.match(new RegExp(`value="${one}" checked`));
    const few = await analyst.post("/constats", { ...WORDS, facteur: "signal_not_transmitted", basis: [one!] });
    expect(few.status).to.equal(422);
    expect(few.text).to.include("Cochez des affaires d’au moins deux rapports").and.to.include(WORDS.statement);
    const none = await analyst.post("/constats", { ...WORDS, facteur: "signal_not_transmitted" });
    expect(none.status).to.equal(422);
    expect(none.text).to.include("au moins deux rapports");
    const foreign = await analyst.post("/constats", { ...WORDS, basis: ["' or 1=1"] });
    expect(foreign.status).to.equal(422);
  });

  it("are written, and show their evidence: a table, passages, and counts over all published cases with both denominators", async () => {
    await analyst.get("/constats/nouveau?facteur=signal_not_transmitted");
    const { location } = await analyst.post("/constats", { ...WORDS, facteur: "signal_not_transmitted", basis: await ticks() });
    expect(location).to.match(/^\/constats\/CT-2026-\d{4}$/);
    const { text } = await analyst.get(location!);
    expect(text).to.include("En rédaction").and.to.include(WORDS.publicStatement).and.to.include("Plainte antérieure de la victime");
    for (const { id } of set.reports) expect(text).to.include(`/rapports/${id}/editions/1`);
    const cells = text.replace(/<[^>]+>/g, " ").replace(/[\s\u00a0\u202f]+/g, " ");
    expect(cells).to.include("100,0 % (n = 2)");
    const edit = await analyst.get(`${location}/modifier`);
    expect(edit.text.match(/name="basis" value="[^"]+" checked/g)).to.have.length(4);
    const version = /name="version" value="(\d+)"/.exec(edit.text)![1]!;
    const saved = await analyst.post(location!, { ...WORDS, statement: "Mieux dit.", version, basis: await ticks() });
    expect(saved.status).to.equal(303);
    expect((await analyst.get(location!)).text).to.include("Mieux dit.");
  });

  it("refuse public words that name a place of one of its cases, and keep what was typed", async () => {
    const refused = await analyst.post("/constats", {
      ...WORDS,
      basis: await ticks(),
      publicStatement: "À Blois, une plainte n’a pas été transmise.",
    });
    expect(refused.status).to.equal(422);
    expect(refused.text).to.include("feraient reconnaître une affaire").and.to.include("À Blois, une plainte");
  });

  it("tell a reviewer what in the public statement may let a case be recognised, and approve after the five checks", async () => {
    const reviewer = await visitorWith(app, "reviewer");
    const reference = await crossFindingIn(app.database, "in_review", set, {
      ...WORDS,
      publicStatement: "À Quimper, le 2 février 2023, une plainte n’a pas été transmise.",
    });
    const { text } = await reviewer.get(`/constats/${reference}`);
    expect(text)
      .to.match(/date : « 2 février 2023 »/)
      .and.to.match(/lieu : « Quimper »/);
    const version = /name="version" value="(\d+)"/.exec(text)![1]!;
    const refused = await reviewer.post(`/constats/${reference}/approuver`, { version, checks: ["date", "place"], comment: "Bien vu" });
    expect(refused.status).to.equal(422);
    expect(refused.text).to.include("Cochez les cinq vérifications").and.to.include("Bien vu");
    expect(refused.text).to.match(/value="place" checked/);
    const unexplained = await reviewer.post(`/constats/${reference}/renvoyer`, { version, category: "", returnReason: "Trop précis" });
    expect(unexplained.status).to.equal(422);
    expect(unexplained.text).to.include("Choisissez dans la liste").and.to.include("Trop précis");
  });

  it("explain to each person what cannot be done, and lead from an approved one to a recommendation", async () => {
    const reference = await crossFindingIn(app.database, "approved", set);
    await recommendationOn(app.database, reference, set.author);
    await acting(app.database, reference, set.coordinator, (tx, act) => recordDissent(tx, act, "Pas d’accord du tout"));
    const { text } = await analyst.get(`/constats/${reference}`);
    expect(text).to.include(`/recommandations/nouvelle?constat=${reference}`).and.to.include("un texte approuvé est en vigueur");
    expect(text)
      .to.include("Pas d’accord du tout")
      .and.to.include("Texte 1")
      .and.to.match(/\/recommandations\/REC-2026-9\d+/);
    const coder = { id: set.reports[0]!.analyst.id };
    expect(coder.id).to.be.a("string");
    const reviewer = await visitorWith(app, "reviewer");
    expect((await reviewer.get(`/constats/${reference}`)).text).to.include("L’écriture d’une recommandation revient");
  });

  it("list all of them, and every published finding of the reports, found by kind, state, factor, service, year and words", async () => {
    const reference = await crossFindingIn(app.database, "in_review", set, {
      ...WORDS,
      kind: "failing",
      service: "Service très particulier",
    });
    const listed = async (query: string) => (await analyst.get(`/constats${query}`)).text;
    for (const query of [
      "?etat=in_review",
      "?nature=failing",
      "?service=TRES+particulier",
      `?q=${reference}`,
      "?annee=2026",
      "?facteur=complaint_filed",
    ])
      expect(await listed(query), query).to.include(`/constats/${reference}"`);
    for (const query of ["?etat=withdrawn", "?nature=context", "?service=mairie", "?q=introuvable", "?annee=2025", "?facteur=victim_fear"])
      expect(await listed(query), query).not.to.include(`/constats/${reference}"`);
    const own = `/rapports/${set.reports[0]!.id}/editions/1#constat-1`;
    for (const query of [
      "",
      "&nature=missed_signal",
      "&q=dix-huit+JOURS",
      "&service=gendarmerie",
      "&facteur=signal_not_transmitted",
      "&annee=2024",
    ])
      expect(await listed(`?onglet=rapports${query}`), query).to.include(own);
    for (const query of ["&nature=context", "&q=introuvable", "&service=mairie", "&facteur=not_transmitted", "&annee=2023"])
      expect(await listed(`?onglet=rapports${query}`), query).not.to.include(own);
  });

  it("note who read what", async () => {
    const reference = await crossFindingIn(app.database, "draft", set);
    await analyst.get(`/constats/${reference}`);
    const rows = await app.database.db.selectFrom("audit").selectAll().where("account_id", "=", analyst.person.id).execute();
    expect(rows.some(({ action, object_id }) => action === "cross-finding.read" && object_id === reference)).to.equal(true);
    for (const { id } of set.reports)
      expect(rows.some(({ action, object_id }) => action === "passages.read" && object_id === id)).to.equal(true);
    expect(JSON.stringify(rows)).not.to.include("plainte");
  });
});
