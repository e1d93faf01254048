import { createHash } from "node:crypto";
import { expect } from "chai";
import type { LetterDocument } from "../../server/publications/letter-document.ts";
import { typesetLetter } from "../../server/publications/pdf/typeset.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { CANARY, storeCase, storeReference, storeYear } from "./cases.ts";

type SignedIn = Awaited<ReturnType<typeof visitorWith>>;

const PAYLOAD = `<script>alert("x")</script> <img src=x onerror=alert(1)> [lien](javascript:alert(1)) **Ce texte est important.**`;

for (const [name, open] of Object.entries(DATABASES))
  describe(`a letter from its first word to its withdrawal, on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let coordinator: SignedIn;
    let second: SignedIn;
    let reviewer: SignedIn;
    let analyst: SignedIn;
    let reader: Visitor;
    let home: string;
    const idOf = () => home.split("/").at(-1)!;
    const row = () => app.database.db.selectFrom("publication").selectAll().where("id", "=", idOf()).executeTakeFirstOrThrow();
    const version = async () => String((await row()).version);
    const act = async (visitor: SignedIn, path: string, fields: Record<string, string> = {}) =>
      visitor.post(`${home}/${path}`, { version: await version(), ...fields });
    const texts = ({ text }: { text: string }) => text.replace(/[\u00a0\u202f]/g, " ");

    before(async () => {
      app = await startApp({}, open);
      coordinator = await visitorWith(app, "coordinator");
      second = await visitorWith(app, "coordinator", "reviewer");
      reviewer = await visitorWith(app, "reviewer");
      analyst = await visitorWith(app, "analyst");
      reader = new Visitor(app.url);
      await storeYear(app.database, coordinator.person.id);
      await storeReference(app.database);
    });
    after(() => app.close());

    it("is nobody's business but of those who review and compose", async () => {
      expect((await analyst.get("/redaction")).status).to.equal(403);
      expect((await reader.get("/redaction")).location).to.contain("/connexion");
      expect((await reviewer.get("/redaction")).status).to.equal(200);
      await reviewer.get("/redaction");
      expect((await reviewer.post("/redaction", { year: "2024", language: "fr", title: "" })).status).to.equal(403);
    });

    it("shows the public an empty shelf, without a sign-in and without a cookie", async () => {
      const answer = await reader.get("/publications");
      expect(answer.status).to.equal(200);
      expect(answer.text).to.contain("Aucune publication pour le moment");
      expect(answer.headers.getSetCookie()).to.deep.equal([]);
      expect(answer.headers.get("cache-control")).to.equal("public, max-age=300");
    });

    it("begins with a year, once for each language", async () => {
      const made = await coordinator.post("/redaction", { year: "2024", language: "fr", title: "" });
      expect(made.status).to.equal(303);
      home = made.location!;
      expect((await row()).slug).to.equal("lettre-annuelle-2024");
      expect((await row()).title).to.contain("les retours d’expérience sur les faits de 2024");
      const again = await coordinator.post("/redaction", { year: "2024", language: "fr", title: "Une autre" });
      expect(again.status).to.equal(422);
      expect(again.text).to.contain('id="year-error"').and.to.contain("existe déjà dans cette langue").and.to.contain("Une autre");
      expect((await coordinator.post("/redaction", { year: "2024", language: "en", title: "" })).status).to.equal(303);
      for (const year of ["1999", "2099", "20x4"])
        expect((await coordinator.post("/redaction", { year, language: "fr", title: "" })).status, year).to.equal(422);
    });

    it("shows the whole letter drawn from the data of now, and what stands in the way of each act", async () => {
      const page = await coordinator.get(home);
      expect(page.status).to.equal(200);
      expect(texts(page)).to.contain("13 affaires sur 24 ; 72,2 % des 18 affaires où l’information est documentée");
      expect(page.text).to.contain("<svg").and.to.contain("Envoyer en relecture");
      expect(page.text).not.to.contain(CANARY);
      expect((await reviewer.get(home)).text).to.contain("cet acte revient à la ou au responsable de l’observatoire");
      expect((await coordinator.get("/redaction/inconnue")).status).to.equal(404);
    });

    it("keeps the foreword as text: no tag, no handler, no script address", async () => {
      expect((await act(coordinator, "avant-propos", { foreword: PAYLOAD })).status).to.equal(303);
      const { text } = await coordinator.get(home);
      const drawn = text.slice(text.indexOf("letter-title"));
      expect(drawn).to.contain("<strong>Ce texte est important.</strong>").and.to.contain("&lt;script&gt;");
      expect(drawn).not.to.match(/<script>alert|<img|href="javascript:/);
      expect((await act(coordinator, "avant-propos", { foreword: PAYLOAD })).status).to.equal(303);
      expect(await version()).to.equal("2");
    });

    it("tells the second of two people what the first did, and keeps what was typed", async () => {
      const seen = await version();
      await act(coordinator, "avant-propos", { foreword: `${PAYLOAD}\n\nUn paragraphe de plus.` });
      await second.get(home);
      const late = await second.post(`${home}/avant-propos`, { version: seen, foreword: "Mon texte à garder" });
      expect(late.status).to.equal(409);
      expect(late.text).to.contain("Mon texte à garder").and.to.contain("Texte modifié");
    });

    it("is frozen with its figures and its PDF when it is sent to review", async () => {
      expect((await coordinator.get(`${home}/apercu.pdf`)).status).to.equal(404);
      expect((await act(reviewer, "relecture")).status).to.equal(409);
      expect((await act(coordinator, "relecture")).status).to.equal(303);
      const { state, frozen, digest } = await row();
      expect(state).to.equal("in_review");
      expect(createHash("sha256").update(frozen!).digest("hex")).to.equal(digest);
      const pdf = await reviewer.get(`${home}/apercu.pdf`);
      expect(pdf.headers.get("content-type")).to.equal("application/pdf");
      const raw = Buffer.from(pdf.bytes).toString("latin1");
      expect(raw.slice(0, 5)).to.equal("%PDF-");
      expect(raw).to.contain("/StructTreeRoot").and.to.contain("<pdfuaid:part>1</pdfuaid:part>");
      expect((await analyst.get(`${home}/apercu.pdf`)).status).to.equal(403);
      const again = await typesetLetter(JSON.parse(frozen!) as LetterDocument);
      expect(Buffer.from(again).equals(Buffer.from(pdf.bytes)), "set again from what was frozen").to.equal(true);
    });

    it("does not change any more when the data do", async () => {
      const before = await reviewer.get(`${home}/apercu.pdf`);
      for (let at = 0; at < 5; at += 1)
        await storeCase(app.database, coordinator.person.id, { values: { death_threats: "present", coercive_control: "absent" } });
      expect(texts(await reviewer.get(home))).to.contain("13 affaires sur 24");
      expect(Buffer.from((await reviewer.get(`${home}/apercu.pdf`)).bytes).equals(Buffer.from(before.bytes))).to.equal(true);
      expect((await act(coordinator, "avant-propos", { foreword: "Trop tard" })).status).to.equal(409);
    });

    it("stays unknown to the public until it is published", async () => {
      for (const address of ["/publications/lettre-annuelle-2024", "/publications/lettre-annuelle-2024.pdf"])
        expect((await reader.get(address)).status, address).to.equal(404);
      expect((await reader.get("/publications")).text).not.to.contain("2024");
    });

    it("goes back to draft with a reason, and its frozen text and file with it", async () => {
      expect((await act(reviewer, "renvoyer", { reason: " " })).status).to.equal(422);
      expect((await act(reviewer, "renvoyer", { reason: "Relire le premier paragraphe." })).status).to.equal(303);
      const { state, frozen, digest, frozen_at } = await row();
      expect([state, frozen, digest, frozen_at]).to.deep.equal(["draft", null, null, null]);
      expect(await app.database.db.selectFrom("publication_file").select("digest").execute()).to.deep.equal([]);
      const page = await coordinator.get(home);
      expect(page.text).to.contain("Relire le premier paragraphe.");
      expect(texts(page)).to.contain("13 affaires sur 29");
      expect((await act(coordinator, "relecture")).status).to.equal(303);
    });

    it("is approved by someone who composed nothing of it, then published", async () => {
      const own = await act(coordinator, "approuver");
      expect(own.status).to.equal(409);
      expect(own.text).to.contain("vous avez composé cette publication");
      expect((await act(coordinator, "publier")).status).to.equal(409);
      expect((await act(reviewer, "approuver")).status).to.equal(303);
      expect((await act(reviewer, "publier")).status).to.equal(409);
      expect((await act(coordinator, "publier")).status).to.equal(303);
      expect((await row()).published_at).to.equal("2026-11-23T09:00:00.000Z");
      const events = await app.database.db
        .selectFrom("publication_event")
        .select(["version", "type"])
        .where("publication_id", "=", idOf())
        .orderBy("version")
        .execute();
      expect(events.map(({ version }) => version)).to.deep.equal(events.map((_, at) => at + 1));
      expect(events.at(-1)!.type).to.equal("PUBLISHED");
    });

    it("is read by everyone: no sign-in, no cookie, cacheable, whole and inert", async () => {
      const listed = await reader.get("/publications");
      expect(listed.text).to.contain('href="/publications/lettre-annuelle-2024"').and.to.contain("/publications/lettre-annuelle-2024.pdf");
      const page = await reader.get("/publications/lettre-annuelle-2024");
      expect(page.status).to.equal(200);
      expect(page.headers.getSetCookie()).to.deep.equal([]);
      expect(page.headers.get("cache-control")).to.equal("public, max-age=300");
      expect(page.text).to.contain("23 novembre 2026");
      expect((page.text.match(/<svg[^>]*role="img"/g) ?? []).length).to.equal(2);
      expect((page.text.match(/<table/g) ?? []).length).to.equal(3);
      expect(page.text).not.to.match(/<script>|<img|href="javascript:|_csrf/);
      expect(page.text).not.to.contain(CANARY).and.not.to.contain("RETEX-2026").and.not.to.contain(coordinator.person.id);
      const pdf = await reader.get("/publications/lettre-annuelle-2024.pdf");
      expect(pdf.headers.get("content-type")).to.equal("application/pdf");
      expect(pdf.headers.get("content-disposition")).to.match(/^inline/);
      expect(pdf.headers.get("cache-control")).to.equal("public, max-age=300");
      expect(pdf.headers.getSetCookie()).to.deep.equal([]);
      expect(Buffer.from(pdf.bytes).equals(Buffer.from((await reviewer.get(`${home}/apercu.pdf`)).bytes))).to.equal(true);
      const again = await reader.get("/publications/lettre-annuelle-2024.pdf", { "if-none-match": pdf.headers.get("etag")! });
      expect(again.status).to.equal(304);
    });

    it("leaves its name, the day and the reason when it is withdrawn, and nothing of what it said", async () => {
      expect((await act(reviewer, "retirer", { reason: "x" })).status).to.equal(409);
      expect((await act(coordinator, "retirer", { reason: "Une erreur de comptage est en cours d’examen." })).status).to.equal(303);
      const listed = await reader.get("/publications");
      expect(listed.text).to.contain("Une erreur de comptage").and.not.to.contain("lettre-annuelle-2024.pdf");
      const page = await reader.get("/publications/lettre-annuelle-2024");
      expect(page.status).to.equal(410);
      expect(page.text).to.contain("Une erreur de comptage").and.not.to.contain("<svg").and.not.to.contain("Chiffres clés");
      expect((await reader.get("/publications/lettre-annuelle-2024.pdf")).location).to.equal("/publications/lettre-annuelle-2024");
      expect((await coordinator.get(home)).text).to.contain("Rien ne peut plus changer");
    });

    it("refuses an empty letter: no foreword, no finding of that year", async () => {
      await coordinator.get("/redaction");
      const made = await coordinator.post("/redaction", { year: "2010", language: "fr", title: "Vide" });
      home = made.location!;
      const sent = await act(coordinator, "relecture");
      expect(sent.status).to.equal(409);
      expect(sent.text).to.contain("la publication est vide");
    });
  });

describe("a letter of the demonstration", function () {
  this.timeout(30_000);
  it("says that its data are fictional and does not speak for the observatory", async () => {
    const app = await startApp({ demo: true });
    try {
      const coordinator = await visitorWith(app, "coordinator");
      await storeYear(app.database, coordinator.person.id);
      await coordinator.get("/redaction");
      const { location } = await coordinator.post("/redaction", { year: "2024", language: "fr", title: "" });
      const { text } = await coordinator.get(location!);
      expect(text).to.contain("Données fictives de démonstration").and.to.contain("Retex, démonstration");
    } finally {
      await app.close();
    }
  });
});
