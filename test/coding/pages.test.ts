import { expect } from "chai";
import type { Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { assigned } from "./support.ts";

type Person = Visitor & { person: { id: string; email: string; roles: Role[] } };
const JSON_WANTED = { accept: "application/json" };

describe("the coding workspace", () => {
  let app: RunningApp;
  let analyst: Person;
  let report: BuiltReport;
  const url = (rest = "") => `/rapports/${report.id}/codage${rest}`;
  const card = (factor: string, more: Record<string, string | string[]> = {}) => ({
    factor,
    subject: "case",
    seenVersion: "0",
    shown: "1",
    ...more,
  });

  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
  });
  beforeEach(async () => {
    report = await assigned(app.database, { analyst: analyst.person });
    await analyst.get(url());
  });
  after(() => app.close());

  it("shows the text beside every factor, section by section, for each person it applies to", async () => {
    const { status, text } = await analyst.get(url());
    expect(status).to.equal(200);
    expect(text)
      .to.include('id="facteur-premeditation"')
      .and.include('id="facteur-victim_fear-victim-1"')
      .and.include('id="facteur-perpetrator_age-perpetrator-1"');
    expect(text).to.include("Madame A. avait quitté le domicile commun");
    expect(text).to.match(/0 réponse complète sur 110/);
    expect(text.match(/<details class="factor-section"/g)).to.have.length(10);
  });

  it("saves a card and comes back to it", async () => {
    const { status, location } = await analyst.post(
      url("/valeur"),
      card("premeditation", { value: "absent", reason: "Écartée par l’instruction" }),
    );
    expect(status).to.equal(303);
    expect(location).to.equal(`${url("?document=1")}#facteur-premeditation`);
    const { text } = await analyst.get(url());
    expect(text).to.include("1 réponse complète sur 110").and.include("Écartée par l’instruction");
  });

  it("answers a script with the version, the time and what is missing", async () => {
    const { status, text } = await analyst.post(url("/valeur"), card("premeditation", { value: "present" }), JSON_WANTED);
    expect(status).to.equal(200);
    const { act, ...answer } = JSON.parse(text) as Record<string, unknown>;
    expect(answer).to.deep.equal({ version: 1, missing: { kind: "passage", label: "Un passage est nécessaire" }, at: "10:00" });
    expect(act).to.be.a("number");
    const conflict = await analyst.post(url("/valeur"), card("premeditation", { value: "absent" }), JSON_WANTED);
    expect(conflict.status).to.equal(409);
    expect(JSON.parse(conflict.text)).to.include({ conflict: true });
  });

  it("draws the card again with what was typed when it cannot be taken", async () => {
    const { status, text } = await analyst.post(
      url("/valeur"),
      card("victim_age", { subject: report.victim, value: "trente-quatre", note: "Âge <b>approximatif</b>" }),
    );
    expect(status).to.equal(422);
    expect(text).to.include("Indiquez un nombre positif").and.include('href="#facteur-victim_age-victim-1"');
    expect(text).to.include('value="trente-quatre"').and.include("Âge &lt;b&gt;approximatif&lt;/b&gt;");
  });

  it("attaches a passage by its paragraph or its words, marks it in the text, and detaches it", async () => {
    const attached = await analyst.post(
      url("/passage"),
      card("separation_announced", { document: "1", quote: "l'avait annoncé à ses proches" }),
    );
    expect(attached.location).to.equal(`${url("?document=1")}#facteur-separation_announced`);
    const { text } = await analyst.get(url());
    const [, id] = /<mark class="passage passage--relationship" id="passage-([^"]+)"[^>]*>l’avait annoncé à ses proches<\/mark>/.exec(
      text,
    )!;
    expect(text).to.include(`href="#passage-${id}"`);
    const asked = await analyst.get(url(`?passage=${id}`));
    expect(asked.location).to.equal(`${url("?document=1")}#passage-${id}`);
    await analyst.get(url());
    await analyst.post(url("/passage/detacher"), card("separation_announced", { seenVersion: "1", passage: id! }));
    expect((await analyst.get(url())).text).to.not.include("<mark");
  });

  it("refuses a passage whose words are not those of the text at that place", async () => {
    const { status, text } = await analyst.post(
      url("/passage"),
      card("overkill", { document: "1", start: "0", end: "14", quote: "Autre chose ici" }),
      JSON_WANTED,
    );
    expect(status).to.equal(422);
    expect(JSON.parse(text)).to.deep.equal({ problems: { quote: "Ce passage ne correspond pas au texte du document" } });
    expect(await app.database.db.selectFrom("passage").select("id").where("report_id", "=", report.id).execute()).to.deep.equal([]);
  });

  it("refuses fields that no card sends", async () => {
    const { status } = await analyst.post(url("/valeur"), card("overkill", { value: "absent", layer: "2" }));
    expect(status).to.equal(400);
  });

  it("is read, not written, by anyone but the assigned analyst, with the reason", async () => {
    for (const role of ["analyst", "reviewer", "coordinator"] as const) {
      const other = await visitorWith(app, role);
      const page = await other.get(url());
      expect(page.status).to.equal(200);
      expect(page.text).to.include("cet acte revient à l’analyste à qui le rapport est affecté").and.not.include("/codage/valeur");
      const { status, text } = await other.post(url("/valeur"), card("overkill", { value: "absent" }));
      expect(status).to.equal(409);
      expect(text).to.include("cet acte revient à l’analyste à qui le rapport est affecté");
    }
    const correspondent = await visitorWith(app, "correspondent");
    expect((await correspondent.get(url())).status).to.equal(403);
  });

  it("opens at the factor asked for, in the document that shows it", async () => {
    expect((await analyst.get(url("?facteur=victim_fear"))).location).to.equal(`${url()}#facteur-victim_fear-victim-1`);
    await analyst.get(url());
    await analyst.post(url("/passage"), card("victim_fear", { subject: report.victim, document: "2", block: "2" }));
    expect((await analyst.get(url("?facteur=victim_fear"))).location).to.equal(`${url("?document=2")}#facteur-victim_fear-victim-1`);
    expect((await analyst.get(url("?facteur=nothing"))).location).to.equal(url());
  });

  it("lists what is left as links, and a refused submission leads to that list", async () => {
    await analyst.post(url("/valeur"), card("premeditation", { value: "absent" }));
    const { text } = await analyst.get(url());
    const [list] = /<section class="panel" id="reste"[\s\S]*?<\/section>/.exec(text)!;
    expect(list.match(/<a href="#facteur-/g)).to.have.length(110);
    expect(list).to.match(/href="#facteur-premeditation">[^<]+<\/a> <span class="rows__meta">Un passage ou un motif est nécessaire/);
    const refused = await analyst.post(url("/remettre"), { version: "2" });
    expect(refused.status).to.equal(409);
    expect(refused.text).to.include("il reste 109 facteurs à coder").and.include(`href="${url()}#reste"`);
  });

  it("marks the rest of each section not documented, then is submitted, and resumed with a reason", async () => {
    for (const section of [
      "circumstances",
      "victim",
      "perpetrator",
      "relationship",
      "children",
      "violence_history",
      "prior_contacts",
      "protective_measures",
      "response_failings",
      "after_act",
    ])
      expect((await analyst.post(url("/section"), { section, shown: "" })).location).to.equal(`${url()}#section-${section}`);
    const { text } = await analyst.get(url());
    expect(text).to.include("110 réponses complètes sur 110").and.include("Chaque facteur a sa réponse");
    expect((await analyst.post(url("/remettre"), { version: "2" })).location).to.equal(url());
    expect((await analyst.get(url())).text)
      .to.include("Codage remis.")
      .and.not.include("/codage/valeur");
    const unexplained = await analyst.post(url("/reprendre"), { version: "3", reason: " " });
    expect(unexplained.status).to.equal(422);
    expect(unexplained.text).to.include("Renseignez ce champ");
    expect((await analyst.post(url("/reprendre"), { version: "3", reason: "Un oubli" })).status).to.equal(303);
    expect((await analyst.get(url())).text).to.include("/codage/valeur");
  });

  it("makes approved findings drafts again when a reviewer returns the coding", async () => {
    const reviewer = await visitorWith(app, "reviewer");
    const analysed = await reportIn(app.database, "analysed", { analyst: analyst.person });
    await app.database.db
      .updateTable("finding")
      .set({ status: "approved" })
      .where("report_id", "=", analysed.id)
      .where("number", "=", 1)
      .execute();
    await reviewer.get(`/rapports/${analysed.id}/codage`);
    const { status } = await reviewer.post(`/rapports/${analysed.id}/codage/renvoyer`, {
      version: String(analysed.version),
      reason: "Passages trop longs",
    });
    expect(status).to.equal(303);
    const findings = await app.database.db.selectFrom("finding").select("status").where("report_id", "=", analysed.id).execute();
    expect(findings.map((one) => one.status)).to.deep.equal(["draft", "draft"]);
    const { state } = await app.database.db.selectFrom("report").select("state").where("id", "=", analysed.id).executeTakeFirstOrThrow();
    expect(state).to.equal("received");
  });

  it("notes who read a coding, and never what it says", async () => {
    const read = () =>
      app.database.db.selectFrom("audit").selectAll().where("object_id", "=", report.id).where("action", "=", "coding-read").execute();
    const before = (await read()).length;
    await analyst.get(url());
    await analyst.get(`${url()}?carte=facteur-place_of_act`);
    const rows = await read();
    expect(rows.length).to.equal(before + 2);
    expect(rows.at(-1)).to.include({ account_id: analyst.person.id, object_kind: "report", detail: null });
  });
});
