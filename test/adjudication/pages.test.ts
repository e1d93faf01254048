import { expect } from "chai";
import { said } from "../reports/support.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { passagesOf, reportIn } from "../support/reports.ts";
import { codedTwice, DIFFERENT, type TwiceCoded } from "../support/two-coders.ts";

type Signed = Awaited<ReturnType<typeof visitorWith>>;

/** What a page says, with ordinary spaces. */
const read = (html: string): string => said(html).replaceAll("\u202f", " ").replaceAll("\u00a0", " ").replace(/\s+/g, " ");

describe("the page of adjudication", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let first: Signed;
  let second: Signed;
  let adjudicator: Signed;
  let head: Signed;
  let report: TwiceCoded;
  const people = () => ({ analyst: first.person, second: second.person, adjudicator: adjudicator.person, coordinator: head.person });
  const page = () => `/rapports/${report.id}/arbitrage`;
  const layer3 = () => app.database.db.selectFrom("coding").selectAll().where("report_id", "=", report.id).where("layer", "=", 3).execute();
  const decisions = () => app.database.db.selectFrom("adjudication").selectAll().where("report_id", "=", report.id).execute();
  const version = async () =>
    String((await app.database.db.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow()).version);
  const decision = (more: Record<string, string | string[]> = {}): Record<string, string | string[]> => ({
    factor: "victim_fear",
    subject: report.victim,
    choice: "first",
    reason: "Le passage est explicite.",
    first: "1",
    second: "1",
    settled: "0",
    ...more,
  });
  const subjectOf = (factor: string) => (["victim_fear", "danger_evaluation"].includes(factor) ? report.victim : "case");

  before(async () => {
    app = await startApp();
    first = await visitorWith(app, "analyst");
    second = await visitorWith(app, "analyst");
    adjudicator = await visitorWith(app, "analyst");
    head = await visitorWith(app, "coordinator");
  });
  after(() => app.close());
  beforeEach(async () => {
    report = await codedTwice(app.database, people());
  });

  it("says who has handed in and nothing else, to everybody, until both codings are in", async () => {
    const early = await codedTwice(app.database, people(), { submitted: [1] });
    for (const visitor of [first, second, adjudicator, head, await visitorWith(app, "reviewer")]) {
      const { status, text } = await visitor.get(`/rapports/${early.id}/arbitrage`);
      expect(status).to.equal(200);
      expect(read(text)).to.match(/Codage A Personne \d+, remis le 23 novembre 2026 Codage B Personne \d+, en cours/);
      expect(text).not.to.match(/victim_fear|facteur-|Peur exprimée|À relire|Plainte confirmée|data-pair|\/ 106/);
    }
    const alone = await reportIn(app.database, "coded");
    const { text } = await adjudicator.get(`/rapports/${alone.id}/arbitrage`);
    expect(read(text)).to.contain("Un seul analyste code ce rapport : il n’y a rien à arbitrer.");
  });

  it("shows both values, qualifiers, notes and passages in their sentence, with the names of the coders", async () => {
    const { status, text } = await adjudicator.get(page());
    expect(status).to.equal(200);
    const words = read(text);
    expect(words).to.match(/Désaccords tranchés 0 \/ 4 Accords acceptés 0 \/ 106/);
    for (const factor of DIFFERENT) expect(text).to.contain(`id="facteur-${factor}`);
    expect(words).to.contain("Confiance faible · Déduction du rapporteur");
    expect(words).to.contain("À relire : les voisins n’ont peut-être rien vu.");
    expect(words).to.contain("Elle a déclaré : « j’ai peur de ce qu’il peut faire » . Document 1");
    expect(text).to.contain(`href="/rapports/${report.id}/codage?document=1#d1-p`);
    expect(text).to.contain('href="/grille#victim_fear"');
    expect(words, "a hard passage is covered").to.contain("Afficher le passage");
    const english = await adjudicator.get(`${page()}?langue=en`).then(() => adjudicator.get(page()));
    expect(read(english.text)).to.contain("Differences settled 0 / 4");
    await adjudicator.get(`${page()}?langue=fr`);
  });

  it("can be read by those who read cases once both are in; forms are the adjudicator's", async () => {
    for (const visitor of [first, second, head, await visitorWith(app, "reviewer"), await visitorWith(app, "analyst")]) {
      const { status, text } = await visitor.get(page());
      expect(status).to.equal(200);
      expect(read(text)).to.contain("Vous lisez cet arbitrage sans pouvoir le modifier");
      expect(text).not.to.contain(`action="${page()}`);
    }
    expect((await (await visitorWith(app, "correspondent")).get(page())).status).to.equal(403);
    expect((await (await visitorWith(app, "administrator")).get(page())).status).to.equal(403);
    expect((await adjudicator.get("/rapports/RETEX-2099-0001/arbitrage")).status).to.equal(404);
  });

  it("settles differences one after the other, accepts agreements in one act, is handed in, and stays readable", async () => {
    let answer = await adjudicator.post(`${page()}/valeur`, decision());
    expect([answer.status, answer.location]).to.deep.equal([303, `${page()}#facteur-separation_announced`]);
    expect(read((await adjudicator.get(page())).text))
      .to.contain("Décision enregistrée. Il reste 3 désaccords à trancher.")
      .and.to.contain("Retenu : Présent (codage A)")
      .and.to.contain("Désaccords tranchés 1 / 4");
    for (const factor of DIFFERENT.slice(1)) {
      answer = await adjudicator.post(`${page()}/valeur`, decision({ factor, subject: subjectOf(factor), choice: "second" }));
      expect(answer.status, factor).to.equal(303);
    }
    expect(answer.location).to.equal(`${page()}#accords`);
    const refused = await adjudicator.post(`${page()}/remettre`, { version: await version() });
    expect(refused.status).to.equal(409);
    expect(read(refused.text)).to.contain("106 accords restent à accepter");
    answer = await adjudicator.post(`${page()}/accords`, { version: await version(), all: "1" });
    expect(answer.status).to.equal(303);
    expect(read((await adjudicator.get(page())).text)).to.contain("106 accords acceptés.");
    answer = await adjudicator.post(`${page()}/remettre`, { version: await version() });
    expect([answer.status, answer.location]).to.deep.equal([303, page()]);

    for (const visitor of [adjudicator, first, head]) {
      const { text } = await visitor.get(page());
      const words = read(text);
      expect(words).to.contain("Désaccords tranchés 4 / 4 Accords acceptés 106 / 106");
      expect(words).to.match(/Codage A – Personne \d+ Présent .* Codage B – Personne \d+ Non documenté .* Retenu Présent /);
      expect(words).to.contain("106 accords acceptés en un acte");
      expect(words).to.contain("Le passage est explicite.");
      expect(text).not.to.contain(`action="${page()}`);
    }
    expect(read((await head.get(`/rapports/${report.id}`)).text)).to.contain("Arbitrage Arbitrage remis");
    const audited = await app.database.db
      .selectFrom("audit")
      .select("action")
      .where("object_id", "=", report.id)
      .where("action", "like", "adjudication-%")
      .distinct()
      .execute();
    expect(audited.map(({ action }) => action).sort()).to.deep.equal(["adjudication-read", "adjudication-submit"]);
  });

  it("draws the form again with what was typed and what is wrong", async () => {
    const answer = await adjudicator.post(
      `${page()}/valeur`,
      decision({ choice: "other", value: "present", confidence: "low", reason: "Entre les deux." }),
    );
    expect(answer.status).to.equal(422);
    expect(read(answer.text)).to.contain("« Présent » demande au moins un passage");
    const anchor = "facteur-victim_fear-victim-1";
    expect(answer.text).to.contain(`href="#${anchor}-passages"`).and.to.contain(`id="${anchor}-passages"`);
    expect(answer.text).to.match(new RegExp(`id="${anchor}-reason"[^>]*>\\s*Entre les deux\\.`));
    expect(answer.text).to.match(/value="other" checked/);
    const silent = await adjudicator.post(`${page()}/valeur`, decision({ reason: "" }));
    expect(silent.status).to.equal(422);
    expect(silent.text).to.contain(`href="#${anchor}-reason"`);
    expect((await adjudicator.post(`${page()}/accords`, { version: await version() })).status).to.equal(422);
    expect(await decisions()).to.deep.equal([]);
  });

  it("takes a passage that neither coder had found, by its words, and refuses words that are nowhere", async () => {
    const given = { choice: "other", value: "present", reason: "Ni l’un ni l’autre ne l’avait relevé." };
    const nowhere = await adjudicator.post(
      `${page()}/valeur`,
      decision({ ...given, quote: "Ces mots ne sont pas au dossier", document: "1" }),
    );
    expect(nowhere.status).to.equal(422);
    expect(nowhere.text).to.contain('id="facteur-victim_fear-victim-1-quote-error"');
    expect(await layer3()).to.deep.equal([]);
    const quote = "Madame A. avait quitté le domicile commun trois semaines plus tôt";
    expect((await adjudicator.post(`${page()}/valeur`, decision({ ...given, quote, document: "1" }))).status).to.equal(303);
    const tied = await app.database.db
      .selectFrom("coding_passage")
      .innerJoin("coding", "coding.id", "coding_passage.coding_id")
      .innerJoin("passage", "passage.id", "coding_passage.passage_id")
      .select(["coding.layer", "passage.quote"])
      .where("coding.report_id", "=", report.id)
      .where("coding.factor", "=", "victim_fear")
      .where("coding.layer", "=", 3)
      .execute();
    expect(tied).to.deep.equal([{ layer: 3, quote }]);
  });

  it("shows an agreement closely when asked, which can be overruled with a reason", async () => {
    const { text } = await adjudicator.get(`${page()}?examiner=facteur-complaint_filed-victim-1`);
    expect(read(text)).to.contain("Accord examiné").and.to.contain("Plainte confirmée plus loin.");
    const overruled = decision({ factor: "complaint_filed", choice: "unknown", reason: "La date est contestée." });
    expect((await adjudicator.post(`${page()}/valeur`, overruled)).status).to.equal(303);
    expect(read((await adjudicator.get(page())).text))
      .to.contain("Accord écarté")
      .and.to.contain("La date est contestée.");
    expect(await layer3()).to.have.length(1);
  });

  it("tells of a decision taken meanwhile in another tab, and keeps the first", async () => {
    await adjudicator.post(`${page()}/valeur`, decision());
    const late = await adjudicator.post(`${page()}/valeur`, decision({ choice: "second", reason: "Autre avis." }));
    expect(late.status).to.equal(409);
    expect(read(late.text)).to.contain("retenu, « Présent »").and.to.contain("Autre avis.");
    const stale = await adjudicator.post(`${page()}/accords`, { version: "1", all: "1" });
    expect(stale.status).to.equal(409);
    expect((await layer3()).map(({ value }) => value)).to.deep.equal(["present"]);
  });

  it("refuses forged decisions with words, and stores nothing", async () => {
    const stranger = await codedTwice(app.database);
    const [foreign] = await passagesOf(app.database.db, stranger.id, "victim_fear");
    const [elsewhere] = await passagesOf(app.database.db, report.id, "act_date");
    const wrong: [Record<string, string | string[]>, RegExp][] = [
      [{ factor: "invented" }, /n’est pas dans la grille de ce rapport/],
      [{ subject: "case" }, /n’est pas concernée par ce facteur/],
      [{ subject: report.perpetrator }, /n’est pas concernée par ce facteur/],
      [{ subject: stranger.victim }, /n’est pas concernée par ce facteur/],
      [{ choice: "agreed" }, /Choisissez/],
      [{ choice: "third" }, /Choisissez/],
      [{ choice: "other", value: "certain", passages: [] }, /Choisissez|corriger/],
      [{ choice: "other", value: "present", passages: [foreign!] }, /n’est pas de ceux que les deux codages ont relevés/],
      [{ choice: "other", value: "present", passages: [elsewhere!] }, /n’est pas de ceux que les deux codages ont relevés/],
      [{ choice: "other", value: "absent", confidence: "absolute" }, /Choisissez|corriger/],
      [{ first: "x" }, /corriger/],
    ];
    for (const [more, words] of wrong) {
      const { status, text } = await adjudicator.post(`${page()}/valeur`, decision(more));
      expect(status, JSON.stringify(more)).to.equal(422);
      expect(read(text), JSON.stringify(more)).to.match(words);
    }
    for (const more of [{ layer: "1" }, { coder: first.person.id }, { first_value: "present" }] as Record<string, string>[])
      expect((await adjudicator.post(`${page()}/valeur`, decision(more))).status).to.equal(400);
    for (const agreements of [["invented case"], ["physical_violence case"], [`victim_fear ${report.victim}`]])
      expect((await adjudicator.post(`${page()}/accords`, { version: await version(), agreements })).status).to.equal(422);
    expect(await layer3()).to.deep.equal([]);
    expect(await decisions()).to.deep.equal([]);
  });

  it("refuses the acts of the coders, of the head, of anybody else, and of an adjudicator who coded", async () => {
    const tries = async (visitor: Visitor, words: RegExp) => {
      for (const [form, fields] of [
        ["valeur", decision()],
        ["accords", { version: await version(), all: "1" }],
        ["remettre", { version: await version() }],
      ] as const) {
        const { status, text } = await visitor.post(`${page()}/${form}`, fields);
        expect(status, form).to.equal(409);
        expect(read(text), form).to.match(words);
      }
    };
    for (const visitor of [first, second, head, await visitorWith(app, "analyst")])
      await tries(visitor, /revient à l’analyste chargé de l’arbitrage/);
    await app.database.db
      .insertInto("coding_act")
      .values({
        report_id: report.id,
        layer: 1,
        factor: "overkill",
        subject: "case",
        by: adjudicator.person.id,
        at: "2026-11-20T09:00:00.000Z",
        after: null,
      })
      .execute();
    await tries(adjudicator, /vous avez codé ce rapport : l’arbitrage revient à une tierce personne/);
    expect((await (await visitorWith(app, "correspondent")).post(`${page()}/valeur`, decision())).status).to.equal(403);
    expect(await layer3()).to.deep.equal([]);
    expect(await decisions()).to.deep.equal([]);
  });
});
