import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import type { Layer } from "../../db/schema.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, passagesOf, reportIn } from "../support/reports.ts";

type Person = Awaited<ReturnType<typeof visitorWith>>;
const NOW = clock().toISOString();

for (const [database, open] of Object.entries(DATABASES))
  describe(`questions on a report (${database})`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let report: BuiltReport;
    let analyst: Person;
    let second: Person;
    let coordinator: Person;
    let reviewer: Person;
    let outsider: Person;

    const base = () => `/rapports/${report.id}/questions`;
    const asking = (text: string, more: Record<string, string> = {}) => ({ token: newId(), about: "report", text, to: "", ...more });
    const ask = async (who: Person, text: string, more: Record<string, string> = {}): Promise<string> => {
      const { status, location, text: said } = await who.post(base(), asking(text, more));
      expect(status, said).to.equal(303);
      return location!;
    };
    const answer = (who: Person, at: string, text: string, more: Record<string, string> = {}) =>
      who.post(`${at}/reponse`, { token: newId(), text, to: "", ...more });
    const turn = (who: Person, at: string, way: "fermer" | "rouvrir", seen: number) =>
      who.post(`${at}/${way}`, { token: newId(), seen: String(seen) });
    const nameOf = async (who: Person) =>
      (await app.database.db.selectFrom("account").select("name").where("id", "=", who.person.id).executeTakeFirstOrThrow()).name;
    const posts = () => app.database.db.selectFrom("question_post").selectAll().orderBy("id").execute();
    const assign = (who: Person, layer: Layer) =>
      app.database.db
        .insertInto("assignment")
        .values({
          id: newId(),
          report_id: report.id,
          analyst_id: who.person.id,
          layer,
          assigned_by: coordinator.person.id,
          assigned_at: NOW,
          submitted_at: null,
          ended_at: null,
          rule: "hand",
        })
        .execute();
    const mode = (coding_mode: "single" | "blind" | "adjudicated") =>
      app.database.db.updateTable("report").set({ coding_mode }).where("id", "=", report.id).execute();
    const onHome = async (who: Person) => (await who.get("/")).text;

    before(async () => {
      app = await startApp({}, open);
      [analyst, second, coordinator, reviewer, outsider] = [
        await visitorWith(app, "analyst"),
        await visitorWith(app, "analyst"),
        await visitorWith(app, "coordinator"),
        await visitorWith(app, "reviewer"),
        await visitorWith(app, "analyst"),
      ];
    });
    after(() => app.close());
    beforeEach(async () => {
      report = await reportIn(app.database, "coded", { analyst: analyst.person });
    });

    it("are asked about the report, a factor or a passage, answered, closed by whoever asked, and opened again", async () => {
      const at = await ask(analyst, "La peur est-elle celle d’avant les faits ?", { about: `victim_fear ${report.victim}` });
      let page = (await reviewer.get(at)).text;
      expect(page).to.include("Peur exprimée par la victime – Victime 1").and.include("celle d’avant les faits");
      expect((await answer(reviewer, at, "Oui, d’après la plainte.")).status).to.equal(303);
      page = (await analyst.get(at)).text;
      expect(page).to.include("Répondue").and.include("d’après la plainte");
      expect((await turn(reviewer, at, "fermer", 2)).status, "neither asked nor coordinates").to.equal(409);
      expect((await turn(analyst, at, "fermer", 2)).status).to.equal(303);
      expect((await analyst.get(base())).text).not.to.include("celle d’avant les faits");
      expect((await analyst.get(`${base()}?etat=closed`)).text).to.include("celle d’avant les faits");
      const late = await answer(reviewer, at, "TEXTE TAPÉ");
      expect(late.status).to.equal(422);
      expect(late.text).to.include("TEXTE TAPÉ").and.include("rouvrez-la");
      expect((await turn(coordinator, at, "rouvrir", 3)).status).to.equal(303);
      expect((await answer(analyst, at, "Encore une chose.")).status).to.equal(303);
      expect((await analyst.get(at)).text, "its asker's own words answer nothing").to.include("Ouverte");
    });

    it("keep the words of their passage, found in the document or named by the coding page, and lead back to them", async () => {
      const words = "La brigade n'a pas transmis la plainte";
      const typed = await ask(analyst, "Qui devait transmettre ?", { document: "1", quote: words });
      const page = (await reviewer.get(typed)).text;
      expect(page)
        .to.include("La brigade n’a pas transmis la plainte")
        .and.match(/href="\/rapports\/[^"]+\/codage\?document=1#d1-p\d+"/);
      const [passage] = await passagesOf(app.database.db, report.id, "victim_fear");
      expect((await analyst.get(`${base()}?facteur=victim_fear&sujet=${report.victim}&passage=${passage}`)).text).to.include(
        "j’ai peur de ce qu’il peut faire",
      );
      const at = await ask(analyst, "Est-ce une citation ?", { about: `victim_fear ${report.victim}`, passage: passage! });
      expect((await reviewer.get(at)).text).to.include("j’ai peur de ce qu’il peut faire");
      const wrong = await analyst.post(base(), asking("Et ceci ?", { document: "1", quote: "des mots qui n’y sont pas" }));
      expect(wrong.status).to.equal(422);
      expect(wrong.text).to.include("ne se trouvent pas dans la pièce");
    });

    it("call people by their names, and stand on their page of work until they have answered", async () => {
      const name = await nameOf(reviewer);
      const at = await ask(analyst, `@${name.toUpperCase()} : cette plainte compte-t-elle ?`);
      const home = await onHome(reviewer);
      expect(home).to.include(at).and.include("vous est adressée");
      expect(await onHome(coordinator), "it names somebody").not.to.include(at);
      expect(await onHome(outsider)).not.to.include(at);
      await answer(reviewer, at, "Oui.");
      expect(await onHome(reviewer)).not.to.include(at);
      expect(await onHome(analyst))
        .to.include(at)
        .and.include("a reçu une réponse");
      await turn(analyst, at, "fermer", 2);
      expect(await onHome(analyst)).not.to.include(at);
      const chosen = await ask(analyst, "Et vous ?", { to: outsider.person.id });
      expect(await onHome(outsider)).to.include(chosen);
      const nobody = await ask(analyst, "Question de méthode");
      expect(await onHome(coordinator)).to.include(nobody);
      const unknown = await analyst.post(base(), asking("@Ninon Personne : et vous ?"));
      expect(unknown.status).to.equal(422);
      expect(unknown.text).to.include("Personne ne s’appelle").and.include("Ninon Personne");
      const mail = await ask(analyst, "Écrire à quelqu.un@essai.invalid ?");
      expect(mail).to.include(base());
    });

    it("are asked and answered once, however often the same form is sent", async () => {
      const form = asking("Une seule fois ?");
      const answers = await Promise.all([1, 2, 3].map(() => analyst.post(base(), form)));
      expect(new Set(answers.map(({ status, location }) => `${status} ${location}`)).size).to.equal(1);
      expect(answers[0]!.status).to.equal(303);
      const at = answers[0]!.location!;
      const reply = { token: newId(), text: "Oui", to: "" };
      await Promise.all([1, 2].map(() => reviewer.post(`${at}/reponse`, reply)));
      const close = { token: newId(), seen: "2" };
      for (const _ of [1, 2]) expect((await analyst.post(`${at}/fermer`, close)).status).to.equal(303);
      expect((await posts()).filter(({ question_id }) => at.endsWith(question_id)).map(({ kind }) => kind)).to.deep.equal([
        "question",
        "answer",
        "closed",
      ]);
      const stolen = await reviewer.post(base(), form);
      expect(stolen.status, "another person's form").to.equal(400);
    });

    it("are not closed over an answer that nobody saw", async () => {
      const at = await ask(analyst, "Close trop tôt ?");
      await answer(reviewer, at, "Non, attendez.");
      const conflict = await turn(analyst, at, "fermer", 1);
      expect(conflict.status).to.equal(409);
      expect(conflict.text).to.include("Non, attendez.");
    });

    it("refuse bad input, and are closed to whoever reads no case", async () => {
      for (const bad of [
        { about: "inconnu case" },
        { about: `victim_fear ${report.perpetrator}` },
        { about: "act_date reverse" },
        { to: "personne" },
        { text: "" },
        { text: "x".repeat(5_001) },
        { document: "99", quote: "x" },
        { passage: "inconnu" },
        { audience: "3" },
      ])
        expect((await analyst.post(base(), asking("Question", bad))).status, JSON.stringify(bad).slice(0, 60)).to.equal(422);
      const at = await ask(analyst, "Une vraie");
      const elsewhere = await reportIn(app.database, "received");
      expect((await analyst.get(at.replace(report.id, elsewhere.id))).status).to.equal(404);
      for (const roles of [["correspondent"], ["administrator"]] as const) {
        const visitor = await visitorWith(app, ...roles);
        for (const path of [base(), at]) expect((await visitor.get(path)).status).to.equal(403);
        expect((await visitor.post(base(), asking("Question"))).status).to.equal(403);
        expect((await visitor.post(`${at}/reponse`, { token: newId(), text: "x", to: "" })).status).to.equal(403);
      }
    });

    describe("while two analysts code without seeing each other", () => {
      beforeEach(async () => {
        await assign(second, 2);
        await mode("blind");
      });

      it("show each coder nothing of the other's questions, answers, counts or mentions, by any address", async () => {
        const about = { about: `victim_fear ${report.victim}` };
        const mine = await ask(analyst, "CANARI-A demande", { ...about, to: coordinator.person.id });
        await answer(coordinator, mine, "CANARI-A réponse");
        const general = await ask(coordinator, "À tous les deux", { ...about, audience: "0" });
        await answer(analyst, general, "CANARI-A dans le fil commun");
        await answer(coordinator, general, "CANARI-A, merci", { audience: "1" });
        const second1 = await ask(coordinator, "CANARI-A privé", { audience: "1", to: analyst.person.id });
        for (const path of [
          base(),
          `${base()}?etat=answered`,
          `${base()}?etat=open`,
          `${base()}?etat=closed`,
          `${base()}?facteur=victim_fear&sujet=${report.victim}`,
          general,
          "/",
          `/rapports/${report.id}`,
          `/rapports/${report.id}/codage`,
        ]) {
          const { text, status } = await second.get(path);
          expect(status, path).to.equal(200);
          expect(text, path).not.to.include("CANARI-A").and.not.include(mine).and.not.include(second1);
        }
        for (const at of [mine, second1]) {
          expect((await second.get(at)).status).to.equal(404);
          expect((await answer(second, at, "x")).status).to.equal(404);
          expect((await turn(second, at, "fermer", 1)).status).to.equal(404);
        }
        const page = (await second.get(general)).text;
        expect(page, "the thread stays open for whoever has not answered it").to.include("Ouverte");
        expect((await second.get(base())).text).to.include("En cours (1)");
        // The coder's own side, and those who coded neither.
        expect((await analyst.get(base())).text).to.include("En cours (3)");
        for (const reader of [coordinator, reviewer]) {
          expect((await reader.get(base())).text).to.include("En cours (3)");
          expect((await reader.get(general)).text)
            .to.include("dans le fil commun")
            .and.include("Analyste du codage A");
        }
        expect((await outsider.get(base())).text, "an analyst who coded neither").not.to.include("CANARI-A");
      });

      it("refuse to call somebody who must not read it, in the same words for all", async () => {
        const refused = async (who: Person, whom: Person, more: Record<string, string> = {}) => {
          const name = await nameOf(whom);
          const { status, text } = await who.post(base(), asking(`@${name} : et vous ?`, more));
          expect(status).to.equal(422);
          expect((await who.post(base(), asking("Et vous ?", { ...more, to: whom.person.id }))).status).to.equal(422);
          return /<[^>]*id="text-error"[^>]*>([\s\S]*?)<\/p>/.exec(text)![1]!.replace(name, "NOM");
        };
        const before = (await posts()).length;
        const words = await refused(analyst, second);
        expect(words).to.include("NOM ne peut pas être appelé ici");
        expect(await refused(second, analyst)).to.equal(words);
        expect(await refused(analyst, outsider), "the other coder is not told apart").to.equal(words);
        await refused(coordinator, second, { audience: "1" });
        expect((await posts()).length).to.equal(before);
        await ask(coordinator, "À vous", { audience: "2", to: second.person.id });
        await ask(analyst, "Au secours", { to: reviewer.person.id });
      });

      it("keep what was said before the second coder came from the second, and open everything once it is settled", async () => {
        await mode("single");
        const early = await ask(coordinator, "CANARI-AVANT, pourquoi présent ?");
        await answer(analyst, early, "CANARI-AVANT parce que");
        await mode("blind");
        expect((await second.get(early)).status).to.equal(404);
        expect((await second.get(base())).text).not.to.include("CANARI-AVANT");
        const own = await ask(second, "Du second");
        expect((await analyst.get(own)).status).to.equal(404);
        await mode("adjudicated");
        for (const reader of [analyst, second, outsider])
          for (const at of [early, own]) expect((await reader.get(at)).status).to.equal(200);
        const after = await ask(reviewer, "Des deux valeurs");
        await mode("blind");
        for (const coder of [analyst, second]) expect((await coder.get(after)).status).to.equal(404);
      });

      it("count whoever coded as a coder, even a coordinator, and even taken off the report", async () => {
        const both = await visitorWith(app, "coordinator", "analyst");
        const mine = await ask(analyst, "CANARI du premier");
        expect((await both.get(mine)).status).to.equal(200);
        await app.database.db
          .insertInto("coding_act")
          .values({
            report_id: report.id,
            layer: 2,
            factor: "victim_fear",
            subject: report.victim,
            by: both.person.id,
            at: NOW,
            after: null,
            batch: null,
          })
          .execute();
        expect((await both.get(mine)).status).to.equal(404);
      });

      it("do not show a coder the passages of the other", async () => {
        const [passage] = await passagesOf(app.database.db, report.id, "victim_fear");
        const { text } = await second.get(`${base()}?passage=${passage}`);
        expect(text).not.to.include("ce qu’il peut faire");
        expect((await second.post(base(), asking("Et ceci ?", { passage: passage! }))).status).to.equal(422);
        expect((await analyst.get(`${base()}?passage=${passage}`)).text).to.include("ce qu’il peut faire");
      });
    });
  });
