import { expect } from "chai";
import { unzipSync } from "fflate";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { findEdition } from "../../server/reports/editions.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { assign, row } from "./support.ts";

type Person = Awaited<ReturnType<typeof visitorWith>>;

describe("the pages of a chronology", () => {
  let app: RunningApp;
  let analyst: Person;
  let report: BuiltReport;
  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
    report = await reportIn(app.database, "received", { analyst: analyst.person });
    await assign(app.database, report.id, analyst.person.id);
  });
  after(() => app.close());
  const here = (id = report.id) => `/rapports/${id}/chronologie`;
  const plain = (html: string) =>
    html
      .replace(/<[^>]+>/g, " ")
      .replace(/&#39;/g, "'")
      .replace(/\s+/g, " ");
  const form = (given: Record<string, string> = {}) => ({
    start: "02/02/2024",
    end: "",
    kind: "complaint",
    service: "Brigade",
    description: "La victime dépose plainte.",
    response: "",
    person: "",
    document: "1",
    quote: "",
    block: "",
    ...given,
  });
  const rows = () =>
    app.database.db.selectFrom("chronology_entry").selectAll().where("report_id", "=", report.id).orderBy("created_at").execute();
  const added = async (visitor: Visitor, given: Record<string, string> = {}, id = report.id): Promise<string> => {
    await visitor.get(here(id));
    const { status, location, text } = await visitor.post(here(id), form(given));
    if (status !== 303) throw new Error(`${status}: ${plain(text).slice(0, 400)}`);
    return /#entree-(.+)$/.exec(location!)![1]!;
  };

  it("are read by those who work on cases and by nobody else, each reading noted", async () => {
    for (const role of ["analyst", "reviewer", "coordinator"] as const) {
      const visitor = await visitorWith(app, role);
      for (const path of [here(), `${here()}/export.csv`]) expect((await visitor.get(path)).status, `${role} ${path}`).to.equal(200);
      const noted = await app.database.db
        .selectFrom("audit")
        .select("action")
        .where("account_id", "=", visitor.person.id)
        .where("object_id", "=", report.id)
        .orderBy("id")
        .execute();
      expect(noted.map(({ action }) => action)).to.deep.equal(["chronology.read", "chronology.exported"]);
    }
    for (const role of ["correspondent", "administrator"] as const)
      expect((await (await visitorWith(app, role)).get(here())).status, role).to.equal(403);
    expect((await analyst.get(here("RETEX-2099-0001"))).status).to.equal(404);
    expect((await analyst.get(`${here()}/inconnue`)).status).to.equal(404);
  });

  it("invite whoever codes to begin, and say to the others why they cannot write", async () => {
    expect(plain((await analyst.get(here())).text))
      .to.include("La chronologie est vide")
      .and.include("Ajouter une entrée");
    const reviewer = await visitorWith(app, "reviewer");
    const { text } = await reviewer.get(here());
    expect(plain(text)).to.include("sans pouvoir la modifier").and.not.include("Ajouter une entrée");
    expect((await reviewer.get(`${here()}/nouvelle`)).status).to.equal(409);
    expect((await reviewer.post(here(), form())).status).to.equal(409);
    expect(await rows()).to.have.length(0);
  });

  it("draw the entries up to the act with the days before it, and list them beside it in the same order", async () => {
    await added(analyst, { quote: "Madame A. a déposé plainte à la brigade", person: report.victim });
    await added(analyst, {
      start: "2019",
      end: "mars 2022",
      uncertain: "1",
      kind: "contact",
      service: "Médecin",
      description: "Des consultations.",
      response: "Aucune suite.",
    });
    await added(analyst, { start: "15/03/2024", kind: "event", service: "", description: "Placement des enfants." });
    const { text } = await analyst.get(here());
    const said = plain(text);
    expect(text).to.include("<svg").and.include('role="img"').and.include("url(#doubt)");
    expect(said.indexOf("2019 à mars 2022")).to.be.greaterThan(0).and.lessThan(said.lastIndexOf("2 février 2024"));
    expect(said)
      .to.include("41 jours avant les faits")
      .and.include("date incertaine")
      .and.include("environ de")
      .and.include("1 jour après les faits")
      .and.include("Après les faits");
    const act = said.lastIndexOf("Les faits ·");
    expect(act).to.be.greaterThan(said.lastIndexOf("41 jours avant")).and.lessThan(said.lastIndexOf("Placement des enfants"));
    expect(said)
      .to.include("Madame A. a déposé plainte à la brigade")
      .and.include("Victime 1")
      .and.include("2 contacts avant les faits, le dernier 41 jours avant");
    const page = plain((await analyst.get(`/rapports/${report.id}`)).text);
    expect(page).to.include("Chronologie").and.include("2 contacts avant les faits, le dernier 41 jours avant");
    expect((await analyst.get(`/rapports/${report.id}/codage`)).text).to.include(`href="${here()}"`);
  });

  it("are drawn in English too", async () => {
    const visitor = await visitorWith(app, "reviewer");
    visitor.cookies = `${visitor.cookies}; langue=en`;
    expect(plain((await visitor.get(here())).text))
      .to.include("41 days before the act")
      .and.include("uncertain date")
      .and.include("2019 to March 2022");
  });

  it("refuse what cannot be, say it beside the field and keep what was typed", async () => {
    const before = await rows();
    const cases: [Record<string, string>, string, string][] = [
      [{ start: "31/02/2024" }, "start", "Écrivez un jour"],
      [{ start: "" }, "start", ""],
      [{ start: "01/01/2090" }, "start", "postérieure à la réception"],
      [{ end: "2010" }, "end", "La fin précède le début"],
      [{ kind: "autre" }, "kind", ""],
      [{ description: "" }, "description", ""],
      [{ person: "inconnue" }, "person", ""],
      [{ quote: "des mots qui n’y sont pas" }, "quote", ""],
      [{ block: "999" }, "block", ""],
      [{ block: "deux" }, "block", ""],
      [{ document: "7", quote: "Madame A." }, "document", ""],
    ];
    for (const [given, field, words] of cases) {
      const { status, text } = await analyst.post(here(), form({ service: "Brigade de S.", response: "Rien ne fut fait.", ...given }));
      expect(status, JSON.stringify(given)).to.equal(422);
      expect(text, field).to.include("Rien ne fut fait.").and.include('value="Brigade de S."');
      expect(text, field).to.include(`href="#${field}"`);
      if (field !== "document") expect(text, field).to.include(`id="${field}-error"`);
      expect(plain(text), field).to.include(words);
    }
    expect((await analyst.post(here(), { ...form(), layer: "2" })).status).to.equal(400);
    expect((await analyst.post(here(), { ...form(), created_by: report.reviewer.id })).status).to.equal(400);
    expect(await rows()).to.deep.equal(before);
  });

  it("change an entry on the version that was seen, and tell the second of two people", async () => {
    const id = await added(analyst);
    const { text } = await analyst.get(`${here()}/${id}`);
    expect(text).to.include('value="02/02/2024"').and.include("La victime dépose plainte.");
    const change = (version: string, description: string) => analyst.post(`${here()}/${id}`, form({ version, description }));
    expect((await change("1", "Autrement dit.")).status).to.equal(303);
    const late = await change("1", "Encore autrement.");
    expect(late.status).to.equal(409);
    expect(plain(late.text)).to.include("a modifié cette entrée").and.include("Encore autrement.");
    expect((await rows()).find((one) => one.id === id)?.description).to.equal("Autrement dit.");
    expect((await analyst.post(`${here()}/${id}/retirer`, { version: "2" })).status).to.equal(303);
    expect((await analyst.get(here())).text).not.to.include("Autrement dit.");
  });

  it("tie the passage of an entry to a factor, on the coding page", async () => {
    const { id } = (await rows()).find(({ passage_id }) => passage_id !== null)!;
    const { text } = await analyst.get(here());
    expect(text).to.include(`action="${here()}/${id}/facteur"`).and.include(`value="complaint_filed ${report.victim}"`);
    const refused = await analyst.post(`${here()}/${id}/facteur`, { about: "place_of_act case" });
    expect(refused.status).to.equal(422);
    const { status, location } = await analyst.post(`${here()}/${id}/facteur`, { about: `complaint_filed ${report.victim}` });
    expect([status, location]).to.deep.equal([303, `/rapports/${report.id}/codage#facteur-complaint_filed-victim-1`]);
    expect((await analyst.get(`/rapports/${report.id}/codage`)).text).to.include("Madame A. a déposé plainte à la brigade");
  });

  it("leave as files, noted, and cells that look like formulas are texts", async () => {
    const id = await added(analyst, { description: '=HYPERLINK("x")', start: "03/2020" });
    const csv = await analyst.get(`${here()}/export.csv`);
    expect(csv.headers.get("content-type")).to.include("text/csv");
    expect(csv.text)
      .to.include("mars 2020")
      .and.not.match(/;"?=HYPERLINK/);
    expect(Object.keys(unzipSync((await analyst.get(`${here()}/export.ods`)).bytes))).to.include("content.xml");
    const log = await app.database.db
      .selectFrom("export_log")
      .select(["what", "format", "row_count", "filters"])
      .where("by", "=", analyst.person.id)
      .orderBy("id")
      .execute();
    expect(log.map(({ format }) => format)).to.deep.equal(["csv", "ods"]);
    expect(log[0]).to.deep.include({ what: "chronology", row_count: 4, filters: JSON.stringify({ report: report.id }) });
    await analyst.post(`${here()}/${id}/retirer`, { version: "1" });
  });

  it("cover the words of hard passages until asked for, where one reads", async () => {
    const passage = await app.database.db.selectFrom("passage").select("id").where("report_id", "=", report.id).executeTakeFirstOrThrow();
    const before = (await (await visitorWith(app, "reviewer")).get(here())).text;
    expect(before).not.to.include('<details class="veil">');
    const coding = await app.database.db
      .selectFrom("coding_passage")
      .select("coding_id")
      .where("passage_id", "=", passage.id)
      .executeTakeFirstOrThrow();
    await app.database.db
      .updateTable("coding")
      .set({ factor: "physical_violence", subject: "case", person_id: null })
      .where("id", "=", coding.coding_id)
      .execute();
    expect((await (await visitorWith(app, "reviewer")).get(here())).text).to.include('<details class="veil">');
  });

  describe("while two analysts code without seeing each other", () => {
    let blind: BuiltReport;
    let first: Person;
    let second: Person;
    let secret: string;
    const CANARY = "serin jaune des deux codages";
    before(async () => {
      [first, second] = [await visitorWith(app, "analyst"), await visitorWith(app, "analyst")];
      blind = await reportIn(app.database, "received", { analyst: first.person });
      await app.database.db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", blind.id).execute();
      await assign(app.database, blind.id, first.person.id, { layer: 1 });
      await assign(app.database, blind.id, second.person.id, { layer: 2 });
      secret = await added(first, { description: CANARY, quote: "Madame A. a déposé plainte à la brigade", service: CANARY }, blind.id);
    });

    it("show each their own entries, and tell everybody why they see no more", async () => {
      expect((await first.get(here(blind.id))).text).to.include(CANARY);
      expect(plain((await first.get(here(blind.id))).text)).to.include("vous ne voyez ici que vos propres entrées");
      for (const visitor of [
        second,
        await visitorWith(app, "reviewer"),
        await visitorWith(app, "coordinator"),
        await visitorWith(app, "analyst"),
      ]) {
        for (const path of [
          "",
          "/chronologie",
          "/chronologie/export.csv",
          "/chronologie/nouvelle",
          `/chronologie/${secret}`,
          "/constats",
          "/relecture",
          "/codage",
        ]) {
          const { text } = await visitor.get(`/rapports/${blind.id}${path}`);
          expect(text, path).not.to.include(CANARY);
        }
        expect(plain((await visitor.get(here(blind.id))).text)).to.match(/vos propres entrées|à personne d’autre/);
      }
    });

    it("answer the other coder about an entry as if there were none, by pages and by JSON", async () => {
      await second.get(here(blind.id));
      const json = { accept: "application/json" };
      for (const headers of [{}, json]) {
        expect((await second.post(`${here(blind.id)}/${secret}`, form({ version: "1" }), headers)).status).to.equal(404);
        expect((await second.post(`${here(blind.id)}/${secret}/retirer`, { version: "1" }, headers)).status).to.equal(404);
        expect(
          (await second.post(`${here(blind.id)}/${secret}/facteur`, { about: `complaint_filed ${blind.victim}` }, headers)).status,
        ).to.equal(404);
      }
      const passage = await app.database.db
        .selectFrom("chronology_entry")
        .select("passage_id")
        .where("id", "=", secret)
        .executeTakeFirstOrThrow();
      expect((await second.get(`${here(blind.id)}/nouvelle?passage=${passage.passage_id}`)).status).to.equal(404);
      expect((await first.get(`${here(blind.id)}/nouvelle?passage=${passage.passage_id}`)).text).to.include("Madame A. a déposé plainte");
    });
  });

  describe("as evidence of findings", () => {
    let coded: BuiltReport;
    let coder: Person;
    let entryId: string;
    before(async () => {
      coder = await visitorWith(app, "analyst");
      coded = await reportIn(app.database, "coded", { analyst: coder.person });
      const entry = row(coded.id, coder.person.id, {
        service: "Brigade",
        description: "Plainte de la victime à la brigade.",
        kind: "complaint",
      });
      entryId = entry.id;
      await app.database.db.insertInto("chronology_entry").values(entry).execute();
    });
    const passages = () =>
      app.database.db
        .selectFrom("coding_passage")
        .innerJoin("coding", "coding.id", "coding_passage.coding_id")
        .select("passage_id")
        .where("report_id", "=", coded.id)
        .where("factor", "=", "signal_not_transmitted")
        .execute();
    const finding = async (entries: string[]) => ({
      kind: "failing",
      statement: "La plainte n’a pas été transmise.",
      publicStatement: "Une plainte n’a pas été transmise.",
      service: "",
      knownWhen: "service_before",
      factors: "signal_not_transmitted",
      passages: (await passages()).map(({ passage_id }) => passage_id),
      entries,
    });

    it("are offered in the form, kept with the finding, shown in review and frozen with the edition", async () => {
      const { text } = await coder.get(`/rapports/${coded.id}/constats/nouveau`);
      expect(plain(text)).to.include("Entrées de la chronologie").and.include("2 février 2024, 41 jours avant les faits");
      const wrong = await coder.post(`/rapports/${coded.id}/constats`, await finding(["inconnue"]));
      expect(wrong.status).to.equal(422);
      expect(plain(wrong.text)).to.include("n’est plus dans la chronologie");
      expect((await coder.post(`/rapports/${coded.id}/constats`, await finding([entryId]))).status).to.equal(303);
      expect(plain((await coder.get(`/rapports/${coded.id}/constats`)).text)).to.include("2 février 2024, 41 jours avant les faits");
      expect(plain((await coder.get(here(coded.id))).text)).to.include("Citée par Constat 1");
      const version = async () =>
        String((await app.database.db.selectFrom("report").select("version").where("id", "=", coded.id).executeTakeFirstOrThrow()).version);
      await coder.post(`/rapports/${coded.id}/constats/soumettre`, { version: await version() });
      const reviewer = await visitorWith(app, "reviewer");
      expect(plain((await reviewer.get(`/rapports/${coded.id}/relecture`)).text)).to.include("Plainte de la victime à la brigade.");
      await reviewer.post(`/rapports/${coded.id}/relecture/1`, {
        version: await version(),
        decision: "approve",
        comment: "",
        checks: [...PUBLIC_CHECKS],
      });
      await reviewer.post(`/rapports/${coded.id}/relecture/publier`, { version: await version() });
      const edition = await findEdition(app.database.db, coded.id, 1);
      expect(edition?.content.findings[0]?.entries).to.deep.equal([
        {
          starts_on: "2024-02-02",
          precision: "day",
          ends_on: null,
          ends_precision: null,
          uncertain: 0,
          kind: "complaint",
          service: "Brigade",
          description: "Plainte de la victime à la brigade.",
          response: null,
        },
      ]);
      await app.database.db.updateTable("chronology_entry").set({ description: "Autre chose." }).where("id", "=", entryId).execute();
      const { text: published } = await reviewer.get(`/rapports/${coded.id}/editions/1`);
      expect(plain(published)).to.include("Plainte de la victime à la brigade.").and.not.include("Autre chose.");
    });
  });
});
