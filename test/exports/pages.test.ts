import { expect } from "chai";
import { forgetExpiredExports, KEPT_MS } from "../../server/exports/queries.ts";
import { exportWorker } from "../../server/exports/work.ts";
import { startRunner } from "../../server/jobs/runner.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { parseCsv, readXlsx } from "../support/spreadsheets.ts";
import { filled } from "./support.ts";

const FORM = { modele: "", colonnes: ["reference", "text"], format: "csv", destinataire: "courts" };

for (const [name, open] of Object.entries(DATABASES))
  describe(`the exports page on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let time: number;
    let head: Awaited<ReturnType<typeof visitorWith>>;
    let other: Awaited<ReturnType<typeof visitorWith>>;
    before(async () => {
      time = clock().getTime();
      app = await startApp({}, open, () => new Date(time));
      head = await visitorWith(app, "coordinator");
      other = await visitorWith(app, "coordinator");
      await filled(app.database, head.person, 2300);
    });
    after(() => app.close());
    beforeEach(async () => {
      await head.get("/exports/nouveau");
      await other.get("/exports/nouveau");
    });

    const one = (id: string) => app.database.db.selectFrom("export").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    const jobOf = async (id: string) =>
      app.database.db
        .selectFrom("job")
        .selectAll()
        .where("id", "=", (await one(id)).job_id!)
        .executeTakeFirstOrThrow();
    const idIn = (location: string | null) => /^\/exports\/([\w-]+)$/.exec(location ?? "")![1]!;
    const work = async () => {
      const runner = startRunner(app.context, { export: exportWorker });
      await runner.idle();
      await runner.stop();
    };

    it("is the heads' alone: nobody else reads a page, makes an export or downloads one", async () => {
      const made = idIn((await head.post("/exports", FORM)).location);
      for (const role of ["analyst", "reviewer", "correspondent", "administrator"] as const) {
        const visitor = await visitorWith(app, role);
        for (const path of [
          "/exports",
          "/exports/nouveau",
          "/exports/schema.json",
          `/exports/${made}`,
          `/exports/${made}/etat`,
          `/exports/${made}/fichier`,
        ])
          expect((await visitor.get(path)).status, path).to.equal(403);
        for (const path of [
          "/exports",
          "/exports/modeles",
          "/exports/colonnes",
          `/exports/${made}/supprimer`,
          `/exports/${made}/reprendre`,
        ])
          expect((await visitor.post(path, FORM)).status, path).to.equal(403);
      }
      expect((await new Visitor(app.url).get(`/exports/${made}/fichier`)).location).to.match(/^\/connexion/);
    });

    it("makes a small export at once, notes it, and gives its file to every head", async () => {
      const answer = await head.post("/exports", FORM);
      const id = idIn(answer.location);
      const page = await head.get(answer.location!);
      expect(page.text).to.include("Le fichier est prêt").and.include("Juridictions du siège").and.include(`/exports/${id}/fichier`);
      const file = await other.get(`/exports/${id}/fichier`);
      expect(file.headers.get("content-disposition")).to.include('filename="recommandations-2026-11-23.csv"');
      const [headings, ...records] = parseCsv(file.text.replace(/^\ufeff/, ""));
      expect(headings).to.deep.equal(["Référence", "Recommandation"]);
      expect(records.length).to.be.greaterThan(2);
      const row = await one(id);
      expect(row).to.include({ by: head.person.id, row_count: records.length, format: "csv", job_id: null });
      const log = await app.database.db.selectFrom("export_log").selectAll().orderBy("id", "desc").executeTakeFirstOrThrow();
      expect(log).to.include({ by: head.person.id, what: "recommendations", format: "csv", row_count: records.length });
      expect(JSON.parse(log.filters)).to.include({ destinataire: "courts" });
      const acts = await app.database.db
        .selectFrom("audit")
        .select(["action", "account_id"])
        .where("object_id", "=", id)
        .orderBy("id")
        .execute();
      expect(acts.map(({ action, account_id }) => [action, account_id])).to.deep.equal([
        ["recommendations.exported", head.person.id],
        ["export.downloaded", other.person.id],
      ]);
      const list = await other.get("/exports");
      expect(list.text).to.include(`href="/exports/${id}"`).and.include("2 colonnes").and.include("30 novembre 2026");
    });

    it("says what is wrong beside the choice, with everything that was typed kept", async () => {
      const none = await head.post("/exports", { ...FORM, colonnes: [], q: "un mot cherché", format: "pdf" });
      expect(none.status).to.equal(422);
      expect(none.text).to.include("Choisissez au moins une colonne").and.include("un mot cherché");
      expect(none.text)
        .to.match(/value="courts" selected/)
        .and.match(/value="pdf" checked/);
      const unknown = await head.post("/exports", { ...FORM, colonnes: ["reference", "salaire"] });
      expect(unknown.status).to.equal(422);
      expect(unknown.text).to.include("Cette colonne n’existe pas\u00a0: salaire");
      expect((await head.post("/exports", { ...FORM, modele: "inconnu" })).text).to.include("Ce modèle n’existe pas ou n’est pas à vous");
      expect((await head.post("/exports", { ...FORM, format: "exe" })).status).to.equal(422);
    });

    it("arranges columns without a script: up, down, added, those of a layout", async () => {
      const form = { ...FORM, colonnes: ["reference", "text", "deadline"] };
      const columns = async (acte: string, changes: object = {}) => {
        const { location } = await head.post("/exports/colonnes", { ...form, ...changes, acte });
        return new URL(location!, app.url).searchParams.get("colonnes");
      };
      expect(await columns("monter:deadline")).to.equal("reference,deadline,text");
      expect(await columns("descendre:reference")).to.equal("text,reference,deadline");
      expect(await columns("monter:reference")).to.equal("reference,text,deadline");
      expect(await columns("monter:salaire")).to.equal("reference,text,deadline");
      expect(await columns("liste", { colonnes: ["reference", "said"] })).to.equal("reference,said");
      const { location } = await head.post("/exports/colonnes", { ...form, modele: "public", acte: "modele" });
      expect(location).to.include("modele=public").and.include("destinataire=courts");
      const page = await head.get(location!.replace(/#.*/, ""));
      const chosen = [...page.text.matchAll(/name="colonnes" value="(\w+)" checked/g)].map(([, key]) => key);
      expect(chosen.slice(0, 4)).to.deep.equal(["reference", "text", "addressee", "associated"]);
    });

    it("takes the columns of a layout that was chosen and not applied, and those of the list once it was", async () => {
      const asked = async (changes: object) => (await one(idIn((await head.post("/exports", { ...FORM, ...changes })).location))).columns;
      expect(JSON.parse(await asked({ modele: "public", applique: "suivi" })))
        .to.include("implementation")
        .and.not.include("report");
      expect(JSON.parse(await asked({ modele: "public", applique: "public" }))).to.deep.equal(["reference", "text"]);
    });

    it("saves layouts: one's own, those for everybody; a name is one layout's, and nobody removes another's", async () => {
      const save = (by: typeof head, nom: string, changes: object = {}) => by.post("/exports/modeles", { ...FORM, nom, ...changes });
      expect((await save(head, "  ")).status).to.equal(422);
      for (const nom of ["Suivi", "complet, avec l'historique"])
        expect((await save(head, nom)).text, nom).to.include("Ce nom est déjà celui d’un autre modèle");
      const mine = new URL((await save(head, "Réunion")).location!, app.url).searchParams.get("modele")!;
      const shared = new URL((await save(head, "Comité", { partager: "oui" })).location!, app.url).searchParams.get("modele")!;
      expect((await other.get(`/exports/nouveau?modele=${mine}`)).text).not.to.include("Réunion");
      expect((await other.get(`/exports/nouveau?modele=${shared}`)).text).to.include("Comité");
      expect((await save(other, "COMITE")).text).to.include("Ce nom est déjà celui d’un autre modèle");
      expect((await save(other, "Réunion")).status, "another's private name is free").to.equal(303);
      expect((await save(other, "Reunion", { partager: "oui" })).status).to.equal(303);
      expect((await save(head, "Réunion", { colonnes: ["text"], partager: "oui" })).status, "two for everybody").to.equal(422);
      expect((await save(head, "comité", { partager: "oui", colonnes: ["text", "status"] })).status, "one's own is written over").to.equal(
        303,
      );
      const layouts = await app.database.db
        .selectFrom("export_layout")
        .select(["id", "columns"])
        .where("by", "=", head.person.id)
        .execute();
      expect(layouts.find(({ id }) => id === shared)?.columns).to.equal('["text","status"]');
      expect(layouts).to.have.length(2);

      expect((await other.post("/exports", { ...FORM, colonnes: ["text"], modele: mine })).text).to.include("n’est pas à vous");
      expect((await other.post(`/exports/modeles/${mine}/supprimer`)).status).to.equal(404);
      const refused = await other.post(`/exports/modeles/${shared}/supprimer`);
      expect(refused.status).to.equal(409);
      expect(refused.text).to.include("ce modèle a été enregistré par");
      expect((await head.post(`/exports/modeles/${shared}/supprimer`)).status).to.equal(303);
      expect((await head.get(`/recommandations/export.csv?modele=${shared}&destinataire=courts`)).status).to.equal(422);
    });

    it("answers the addresses of the register, with columns, a layout or the history asked for", async () => {
      const at = (query: string, format = "csv") => head.get(`/recommandations/export.${format}?q=REC-2026-010&${query}`);
      const headings = async (query: string) => parseCsv((await at(query)).text.replace(/^\ufeff/, ""))[0]!;
      expect(await headings("")).to.have.length(13);
      expect(await headings("colonnes=deadline,reference")).to.deep.equal(["Échéance", "Référence"]);
      expect(await headings("modele=public"))
        .to.include("Mise en œuvre constatée")
        .and.not.include("Rapport");
      expect(await headings("modele=public&colonnes=text")).to.deep.equal(["Recommandation"]);
      // What was searched for stays inside, where the file is for others.
      const others = await at("modele=public", "json");
      expect(JSON.parse(others.text).filters).to.deep.equal([]);
      expect(others.text).not.to.include("« REC-2026-010 »");
      expect(JSON.parse((await at("modele=suivi", "json")).text).filters).to.have.length(1);
      expect((await at("colonnes=reference&historique=oui")).headers.get("content-disposition")).to.include(".zip");
      const xlsx = await at("modele=complet", "xlsx");
      expect(readXlsx(xlsx.bytes, 1, 49).rows).to.have.length(4);
      for (const query of ["colonnes=reference,salaire", "modele=inconnu"]) {
        const wrong = await at(query);
        expect(wrong.status, query).to.equal(422);
        expect(wrong.text).to.include("n’existe pas").and.include("REC-2026-010");
      }
      const kept = await app.database.db.selectFrom("export").select(["by", "format"]).orderBy("at", "desc").orderBy("id").execute();
      expect(
        kept.some(({ format }) => format === "xlsx"),
        "it stands in the list too",
      ).to.equal(true);
    });

    it("makes a large export in the background, with its progress, once for one who asks twice", async () => {
      const big = { ...FORM, destinataire: "", format: "xlsx" };
      const id = idIn((await head.post("/exports", big)).location);
      expect(idIn((await head.post("/exports", big)).location), "the same, asked again").to.equal(id);
      const page = await head.get(`/exports/${id}`);
      expect(page.text).to.include("En attente").and.include("attend son tour").and.include("Actualiser");
      expect((await head.get(`/exports/${id}/fichier`)).status).to.equal(410);
      await work();
      const done = await head.get(`/exports/${id}`);
      expect(done.text).to.include("Le fichier est prêt").and.include("2\u202f303");
      expect(JSON.parse((await head.get(`/exports/${id}/etat`)).text)).to.include({ underWay: false, percent: 100 });
      const { bytes } = await head.get(`/exports/${id}/fichier`);
      expect(readXlsx(bytes, 1, 2).rows).to.have.length(2304);
      const log = await app.database.db.selectFrom("export_log").select("row_count").where("row_count", "=", 2303).execute();
      expect(log).to.have.length(1);
      expect(idIn((await head.post("/exports", big)).location), "made anew once it is done").not.to.equal(id);
      await work();
    });

    it("sends the large exports of the register's addresses to the background too", async () => {
      const { location } = await head.get("/recommandations/export.json");
      const id = idIn(location);
      await work();
      expect(JSON.parse((await head.get(`/exports/${id}/fichier`)).text).rows).to.have.length(2303);
    });

    it("answers others while a large export is made", async () => {
      const id = idIn((await head.post("/exports", { ...FORM, destinataire: "", format: "json" })).location);
      const happened: string[] = [];
      let going = true;
      const runner = startRunner(app.context, {
        export: (given) =>
          exportWorker({
            ...given,
            step: async (progress) => {
              happened.push("slice");
              await given.step(progress);
            },
          }),
      });
      const asking = (async () => {
        while (going) {
          const { underWay, percent } = JSON.parse((await other.get(`/exports/${id}/etat`)).text) as { underWay: boolean; percent: number };
          happened.push(underWay && percent > 0 ? "answered" : "before or after");
        }
      })();
      await runner.idle();
      going = false;
      await asking;
      await runner.stop();
      const slices = happened.flatMap((what, at) => (what === "slice" ? [at] : []));
      expect(slices).to.have.length(12);
      const between = happened.slice(slices[0], slices.at(-1)).filter((what) => what === "answered");
      expect(between.length, happened.join(" ")).to.be.greaterThan(0);
      expect((await one(id)).row_count).to.equal(2303);
    });

    it("makes each export once, however many servers there are", async () => {
      const ids: string[] = [];
      for (const columns of [["text"], ["reference"], ["status"], ["deadline"]])
        ids.push(idIn((await head.post("/exports", { ...FORM, destinataire: "", colonnes: columns })).location));
      const before = await app.database.db.selectFrom("export_log").select("id").execute();
      const servers = [1, 2].map(() => startRunner(app.context, { export: exportWorker }));
      await Promise.all(servers.map((server) => server.idle()));
      for (const server of servers) await server.stop();
      for (const id of ids) expect(await jobOf(id)).to.include({ state: "done", attempts: 1 });
      const after = await app.database.db.selectFrom("export_log").select("id").execute();
      expect(after.length - before.length).to.equal(ids.length);
    });

    it("says in words why an export failed, and tries it again when asked", async () => {
      const id = idIn((await head.post("/exports", { ...FORM, destinataire: "", format: "ods" })).location);
      const broken = startRunner(app.context, { export: () => Promise.reject(new Error("out of order")) });
      await broken.idle();
      await broken.stop();
      const page = await head.get(`/exports/${id}`);
      expect(page.text).to.include("L’export n’a pas abouti").and.include("Une erreur est survenue").and.include("Recommencer");
      expect(page.text).not.to.include("out of order");
      expect((await head.post(`/exports/${id}/reprendre`)).status).to.equal(303);
      expect((await head.get(`/exports/${id}`)).text).to.include("En attente");
      const refused = await head.post(`/exports/${id}/reprendre`);
      expect(refused.status).to.equal(409);
      expect(refused.text).to.include("il n’y a rien à recommencer");
      await work();
      expect((await head.get(`/exports/${id}`)).text).to.include("Le fichier est prêt");
    });

    it("gives up an export under way when its maker or another head says so", async () => {
      const id = idIn((await head.post("/exports", { ...FORM, destinataire: "", format: "ods", colonnes: ["type"] })).location);
      expect((await other.post(`/exports/${id}/supprimer`)).status).to.equal(303);
      await work();
      expect(await one(id)).to.include({ made_at: null, erased_by: other.person.id, bytes: null });
      expect((await head.get(`/exports/${id}`)).text).to.include("Supprimé");
    });

    it("deletes a file when asked: its trace stays, with who", async () => {
      const id = idIn((await head.post("/exports", FORM)).location);
      expect((await head.post(`/exports/${id}/supprimer`)).status).to.equal(303);
      const gone = await head.get(`/exports/${id}/fichier`);
      expect(gone.status).to.equal(410);
      expect(gone.text).to.include("Le fichier a été supprimé le 23 novembre 2026");
      expect((await one(id)).bytes).to.equal(null);
    });

    it("keeps a file a week, not a moment longer, and erases it", async () => {
      const id = idIn((await head.post("/exports", FORM)).location);
      time += KEPT_MS - 1;
      const later = await visitorWith(app, "coordinator");
      expect((await later.get(`/exports/${id}/fichier`)).status).to.equal(200);
      time += 1;
      const late = await later.get(`/exports/${id}/fichier`);
      expect(late.status).to.equal(410);
      expect(late.text).to.include("Expiré").and.include("au terme de sa durée de garde");
      expect(await forgetExpiredExports(app.database.db, new Date(time))).to.be.greaterThan(0);
      expect(await one(id)).to.include({ bytes: null, erased_by: null });
      expect(await forgetExpiredExports(app.database.db, new Date(time)), "once").to.equal(0);
      expect((await later.get("/exports")).text).to.include("Expiré");
    });

    it("reads alike in English", async () => {
      const english = await visitorWith(app, "coordinator");
      english.cookies = `${english.cookies}; langue=en`;
      expect((await english.get("/exports")).text).to.include("Exports of the register");
      expect((await english.get("/exports/nouveau?modele=complet")).text)
        .to.include("Complete, with the history")
        .and.include("Days to the answer");
      const schema = JSON.parse((await english.get("/exports/schema.json")).text) as { $defs: { recommendation: { properties: object } } };
      expect(Object.keys(schema.$defs.recommendation.properties)).to.have.length(49);
    });
  });
