import { expect } from "chai";
import { QUALITY_RULES } from "../../server/reports/quality/rules.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { passagesOf, reportIn } from "../support/reports.ts";
import { codedTwice } from "../support/two-coders.ts";

type Person = Awaited<ReturnType<typeof visitorWith>>;
/** A page as it is read: words without marks, spaces made plain. */
const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/[\s\u00a0\u202f]+/g, " ");

describe("the pages of quality", () => {
  let app: RunningApp;
  let analyst: Person;
  let reviewer: Person;
  let coordinator: Person;
  before(async () => {
    app = await startApp();
    [analyst, reviewer, coordinator] = [
      await visitorWith(app, "analyst"),
      await visitorWith(app, "reviewer"),
      await visitorWith(app, "coordinator"),
    ];
  });
  after(() => app.close());
  const cast = () => ({ analyst: analyst.person, reviewer: reviewer.person, coordinator: coordinator.person });
  const version = async (id: string) =>
    String((await app.database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow()).version);
  const act = async (who: Person, id: string, path: string, fields: Record<string, string> = {}) => {
    await who.get(`/rapports/${id}`);
    return who.post(`/rapports/${id}/${path}`, { version: await version(id), ...fields });
  };
  /** Findings sent to review and taken back: they can be written. */
  const drafted = async () => {
    const { id } = await reportIn(app.database, "analysed", cast());
    expect((await act(analyst, id, "constats/reprendre", { reason: "À préciser" })).status).to.equal(303);
    return id;
  };
  const writeFinding = async (id: string, publicStatement: string) => {
    const { version: seen } = await app.database.db
      .selectFrom("finding")
      .select("version")
      .where("report_id", "=", id)
      .where("number", "=", 1)
      .executeTakeFirstOrThrow();
    await analyst.get(`/rapports/${id}/constats/1`);
    const { status } = await analyst.post(`/rapports/${id}/constats/1`, {
      version: String(seen),
      kind: "missed_signal",
      statement: "La plainte déposée à la brigade n’a pas été transmise au parquet pendant dix-huit jours.",
      publicStatement,
      service: "Brigade de gendarmerie",
      knownWhen: "service_before",
      factors: ["complaint_filed", "signal_not_transmitted"],
      passages: await passagesOf(app.database.db, id, "signal_not_transmitted"),
    });
    expect(status).to.equal(303);
  };

  it("are for those who read cases, and for nobody else", async () => {
    const { id } = await reportIn(app.database, "coded", cast());
    for (const path of [`/rapports/${id}/qualite`, "/qualite"]) {
      for (const who of [analyst, reviewer, coordinator]) expect((await who.get(path)).status, path).to.equal(200);
      for (const role of ["correspondent", "administrator"] as const)
        expect((await (await visitorWith(app, role)).get(path)).status, `${role} ${path}`).to.equal(403);
      expect((await fetch(app.url + path, { redirect: "manual" })).status).to.equal(303);
    }
    expect((await analyst.get("/rapports/RETEX-2099-0001/qualite")).status).to.equal(404);
    for (const role of ["correspondent", "administrator"] as const) {
      const other = await visitorWith(app, role);
      expect((await other.post("/qualite/rejuger")).status).to.equal(403);
    }
  });

  it("list what one report lacks, with a way to the very factor, finding and recommendation, in French and in English", async () => {
    const { id, victim } = await reportIn(app.database, "analysed", cast());
    const { text } = await analyst.get(`/rapports/${id}/qualite`);
    expect(plain(text)).to.include("aucun point bloquant, 6 points à vérifier");
    expect(text).to.include(`href="/rapports/${id}/codage?facteur=victim_fear&amp;sujet=${victim}"`);
    expect(text).to.include(`href="/rapports/${id}/constats#recommandation-1"`);
    expect(plain(text)).to.include("100 réponses sur 110 sont « non documenté »");
    const there = await analyst.get(`/rapports/${id}/codage?facteur=victim_fear&sujet=${victim}`);
    expect(there.location).to.match(/#facteur-victim_fear-victim-1$/);
    const english = await analyst.get(`/rapports/${id}/qualite`, { cookie: `${analyst.cookies}; langue=en` });
    expect(plain(english.text)).to.include("no blocking issue, 6 things to check");
    const { detail, action } = await app.database.db
      .selectFrom("audit")
      .selectAll()
      .where("object_id", "=", id)
      .where("action", "=", "quality.read")
      .executeTakeFirstOrThrow();
    expect([action, detail]).to.deep.equal(["quality.read", null]);
  });

  it("say nothing of a report coded blind, nor of one set aside, but why", async () => {
    const blind = await codedTwice(app.database, { ...cast() });
    for (const who of [analyst, reviewer, coordinator]) {
      const { text } = await who.get(`/rapports/${blind.id}/qualite`);
      expect(plain(text)).to.include("sans se voir").and.not.to.include("à vérifier");
      expect((await who.get(`/rapports/${blind.id}`)).text).not.to.include("/qualite");
    }
    const aside = await reportIn(app.database, "set_aside", cast());
    expect(plain((await analyst.get(`/rapports/${aside.id}/qualite`)).text)).to.include("Ce rapport est écarté");
  });

  it("stop findings with an error in words, lead to it, and let them go once it is corrected", async () => {
    const id = await drafted();
    await writeFinding(id, "Une plainte du 2 février 2024 n’a pas été transmise ; les faits sont du 14 mars 2024.");
    const page = await analyst.get(`/rapports/${id}/constats`);
    expect(plain(page.text)).to.include("1 point bloquant, ");
    expect(page.text).to.include(`href="/rapports/${id}/qualite"`).and.not.to.include(`action="/rapports/${id}/constats/soumettre"`);
    const refused = await act(analyst, id, "constats/soumettre");
    expect(refused.status).to.equal(409);
    expect(plain(refused.text)).to.include("1 point bloquant de qualité est à corriger");
    const { text } = await analyst.get(`/rapports/${id}/qualite`);
    expect(plain(text)).to.include("Elle contient « 14 mars 2024 », une date de cette affaire.");
    expect(text).to.include(`href="/rapports/${id}/constats#constat-1"`);
    await writeFinding(id, "Une plainte n’a pas été transmise sans délai.");
    expect((await act(analyst, id, "constats/soumettre")).status).to.equal(303);
  });

  it("show on the report what a corrected date of the act lays bare", async () => {
    const { id } = await reportIn(app.database, "coded", cast());
    expect(plain((await analyst.get(`/rapports/${id}`)).text)).to.include("Qualité du dossier aucun point bloquant");
    expect((await act(analyst, id, "codage/reprendre", { reason: "Date à corriger" })).status).to.equal(303);
    const corrected = await act(analyst, id, "fiche", {
      issuingKind: "prosecutor",
      issuingService: "Parquet de Blois",
      receivedOn: "2026-02-02",
      actDate: "2024-03-15",
      actKind: "homicide",
      department: "41",
      court: "109",
      proceedings: "judicial_investigation",
      victim_female: "1",
      perpetrator_male: "1",
    });
    expect(corrected.status).to.equal(303);
    const { text } = await analyst.get(`/rapports/${id}`);
    expect(plain(text)).to.include("Qualité du dossier 1 point bloquant");
    expect(text).to.include(`href="/rapports/${id}/qualite"`);
    expect(plain((await analyst.get(`/rapports/${id}/qualite`)).text)).to.include(
      "Codée au 14 mars 2024, elle est au 15 mars 2024 sur la fiche.",
    );
  });

  it("count the whole base rule by rule, filter, sort and lead to the reports", async () => {
    const base = await startApp();
    const reader = await visitorWith(base, "analyst");
    const coded = await reportIn(base.database, "coded");
    const analysed = await reportIn(base.database, "analysed");
    await reportIn(base.database, "received");
    await codedTwice(base.database);
    const { text } = await reader.get("/qualite");
    expect(plain(text)).to.include("3 rapports examinés").and.to.include("1 rapport codé en aveugle n’est pas examiné");
    // Looked at once coded: two of the three.
    expect(plain(text)).to.match(/Chaque facteur de risque présent est repris dans un constat\. .{0,80}2 sur 2 examinés 100,0 %/);
    expect(plain(text)).to.match(/Une preuve de réalisation est prévue\. .{0,80}1 sur 3 examinés 33,3 %/);
    const rows = (page: string) => [...page.matchAll(/<th scope="row"><a href="\/qualite\?regle=(\w+)"/g)].map(([, code]) => code!);
    expect(rows(text)).to.have.members(QUALITY_RULES.map(({ code }) => code));
    expect(rows(text).slice(0, 5)).to.have.members([
      "response_without_known_when", "mostly_undocumented", "risk_without_finding", "known_risk_without_signal", "response_without_finding",
    ]); // biome-ignore format: a list
    expect(rows((await reader.get("/qualite?tri=regle")).text)).to.deep.equal(QUALITY_RULES.map(({ code }) => code));
    const blocking = QUALITY_RULES.filter(({ severity, about }) => severity === "blocking" && about === "finding").map(({ code }) => code);
    expect(rows((await reader.get("/qualite?gravite=blocking&objet=finding&tri=regle")).text)).to.deep.equal(blocking);
    const one = (await reader.get("/qualite?regle=response_without_finding")).text;
    const reports = [...one.matchAll(/href="\/rapports\/([\w-]+)\/qualite#regle-response_without_finding"/g)].map(([, id]) => id!);
    expect(reports).to.deep.equal([coded.id, analysed.id]);
    expect(plain((await reader.get("/qualite?regle=people_missing")).text)).to.include("Aucun rapport n’est concerné");
    expect((await reader.get("/qualite?regle=inconnue&gravite=zz&objet=zz&tri=zz&page=-1")).status).to.equal(200);
    await base.close();
  });

  it("judge the whole base again when asked", async () => {
    await analyst.get("/qualite");
    const before = await app.database.db.selectFrom("quality_result").select(["report_id", "stamp"]).execute();
    await app.database.db.updateTable("quality_result").set({ warnings: 99 }).execute();
    await app.database.db.deleteFrom("quality_count").execute();
    expect((await analyst.post("/qualite/rejuger")).location).to.equal("/qualite");
    const { text } = await analyst.get("/qualite");
    expect(plain(text)).to.match(/\d+ rapports vont être rejugés/);
    const after = await app.database.db.selectFrom("quality_result").select(["report_id", "stamp", "warnings"]).execute();
    expect(after.map(({ report_id, stamp }) => ({ report_id, stamp }))).to.have.deep.members(before);
    expect(after.every(({ warnings }) => warnings < 99)).to.equal(true);
  });
});
