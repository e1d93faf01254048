import { expect } from "chai";
import { strFromU8, unzipSync } from "fflate";
import type { RecommendationTable } from "../../db/schema.ts";
import type { MailSettings } from "../../server/config.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, REPORT_TEXT, reportIn } from "../support/reports.ts";
import { contact, issued, linkTo, rowOf } from "./support.ts";

const MAIL: MailSettings = { host: "127.0.0.1", port: 1, tls: "opportunistic", user: null, pass: null, from: "suivi@observatoire.invalid" };
const plain = (html: string): string => html.replace(/[\u00a0\u202f]/g, " ").replaceAll("&#39;", "'");
const GIVEN = {
  addressee: "police",
  service: "Bureau fictif",
  person: "M. Essai",
  email: "Essai@Police.invalid",
  postal: "1, rue A\n75000 Paris",
  language: "fr",
};

for (const [name, open] of Object.entries(DATABASES))
  describe(`whoever writes to addressees on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let report: BuiltReport;
    let coordinator: Awaited<ReturnType<typeof visitorWith>>;
    let row: RecommendationTable;
    const contacts = () => app.database.db.selectFrom("addressee_contact").selectAll().orderBy("created_at").execute();

    before(async () => {
      app = await startApp(
        {
          observatory: {
            name: "Observatoire d’essai",
            contact: "contact@observatoire.invalid",
            address: ["2, rue du Port"],
            place: "Paris",
          },
        },
        open,
      );
      report = await reportIn(app.database, "published");
      coordinator = await visitorWith(app, "coordinator");
    });
    after(() => app.close());
    beforeEach(async () => {
      await app.database.db.deleteFrom("mail_message").execute();
      await app.database.db.updateTable("addressee_contact").set({ closed_at: "2026-11-01T00:00:00.000Z" }).execute();
      app.context.config.mail = null;
      row = await issued(app.database, { report_id: report.id, written_by: report.analyst.id });
    });

    describe("keeps a directory", () => {
      it("adds a contact, with its address in lower case, and refuses the same one twice", async () => {
        await coordinator.get("/recommandations/destinataires");
        expect((await coordinator.post("/recommandations/destinataires", GIVEN)).status).to.equal(303);
        const again = await coordinator.post("/recommandations/destinataires", GIVEN);
        expect(again.status).to.equal(422);
        expect(again.text).to.include("Ce contact existe déjà");
        const open = (await contacts()).filter(({ closed_at }) => closed_at === null);
        expect(open).to.have.length(1);
        expect(open[0]).to.include({ addressee: "police", email: "essai@police.invalid", postal_address: "1, rue A\n75000 Paris" });
        expect((await coordinator.get("/recommandations/destinataires")).text)
          .to.include("Bureau fictif")
          .and.to.include("M. Essai");
      });

      it("says what is wrong next to the field, and keeps what was typed", async () => {
        await coordinator.get("/recommandations/destinataires");
        for (const [given, field] of [
          [{ addressee: "multi" }, "addressee"],
          [{ addressee: "inconnu" }, "addressee"],
          [{ service: " " }, "service"],
          [{ email: "sans arobase" }, "email"],
          [{ language: "de" }, "language"],
        ] as const) {
          const { status, text } = await coordinator.post("/recommandations/destinataires", { ...GIVEN, person: "Mme Gardée", ...given });
          expect(status, field).to.equal(422);
          expect(text, field).to.include(`id="${field}-error"`).and.to.include("Mme Gardée");
        }
      });

      it("changes a contact by closing the one that earlier letters name; two people at once are told", async () => {
        const known = await contact(app.database, report.coordinator);
        const place = `/recommandations/destinataires/${known.id}`;
        await coordinator.get(place);
        expect((await coordinator.post(place, { ...GIVEN, service: "Service renommé" })).status).to.equal(303);
        const rows = await contacts();
        expect(rows.find(({ id }) => id === known.id)!.closed_at).not.to.equal(null);
        expect(rows.find(({ service }) => service === "Service renommé")).to.include({ closed_at: null });
        const second = await coordinator.post(place, { ...GIVEN, service: "Autre nom" });
        expect(second.status).to.equal(409);
        expect(second.text).to.include("Contact modifié ou fermé");
        expect((await coordinator.get(place)).status).to.equal(404);
        const open = rows.find(({ service }) => service === "Service renommé")!;
        expect((await coordinator.post(`/recommandations/destinataires/${open.id}/fermer`)).status).to.equal(303);
        expect((await coordinator.get("/recommandations/destinataires")).text).not.to.include("Service renommé");
      });

      it("is theirs alone", async () => {
        const analyst = await visitorWith(app, "analyst");
        for (const path of ["destinataires", "relances", `${row.reference}/liens`, `${row.reference}/courriers/adresse.odt`])
          expect((await analyst.get(`/recommandations/${path}`)).status, path).to.equal(403);
      });
    });

    describe("makes personal links", () => {
      const make = async (given: Record<string, string> = {}) => {
        const place = `/recommandations/${row.reference}/liens`;
        await coordinator.get(place);
        const { version } = await rowOf(app.database, row);
        return coordinator.post(place, {
          version: String(version),
          contact: "",
          recipient: "M. Essai",
          until: "2027-02-21",
          way: "self",
          ...given,
        });
      };

      it("shows the link once, with the letter that carries it", async () => {
        const { status, text } = await make();
        expect(status).to.equal(200);
        const address = /http:\/\/127\.0\.0\.1\/reponse\/([\w-]{43})/.exec(text)!;
        expect(text).to.include("n’est montré qu’une fois");
        expect((await new Visitor(app.url).get(`/reponse/${address[1]}`)).status).to.equal(200);
        const page = await coordinator.get(`/recommandations/${row.reference}/liens`);
        expect(page.text).to.include("M. Essai").and.not.to.include(address[1]);
        const letter = await coordinator.post(`/recommandations/${row.reference}/courriers/lien`, { secret: address[1]!, format: "odt" });
        expect(letter.status).to.equal(200);
        expect(strFromU8(unzipSync(letter.bytes)["content.xml"]!)).to.include(address[1]);
        for (const secret of [
          "inconnu",
          (
            await linkTo(
              app.database,
              await issued(app.database, { report_id: report.id, written_by: report.analyst.id }),
              report.coordinator,
            )
          ).secret,
        ])
          expect((await coordinator.post(`/recommandations/${row.reference}/courriers/lien`, { secret, format: "odt" })).status).to.equal(
            404,
          );
      });

      it("never keeps the form that holds the secret when the session expires", async () => {
        const { secret } = await linkTo(app.database, row, report.coordinator);
        const own = await visitorWith(app, "coordinator");
        await own.get(`/recommandations/${row.reference}/liens`);
        await app.database.db
          .updateTable("session")
          .set({ seen_at: "2026-11-22T10:00:00.000Z" })
          .where("account_id", "=", own.person.id)
          .execute();
        const { status } = await own.post(`/recommandations/${row.reference}/courriers/lien`, { secret, format: "odt" });
        expect(status).to.equal(403);
        expect(await app.database.db.selectFrom("kept_act").select("id").where("account_id", "=", own.person.id).execute()).to.deep.equal(
          [],
        );
      });

      it("makes one link of a form sent twice", async () => {
        const place = `/recommandations/${row.reference}/liens`;
        await coordinator.get(place);
        const { version } = await rowOf(app.database, row);
        const form = { version: String(version), contact: "", recipient: "M. Essai", until: "2027-02-21", way: "self" };
        const both = await Promise.all([coordinator.post(place, form), coordinator.post(place, form)]);
        expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
        expect(
          await app.database.db.selectFrom("answer_link").select("id").where("recommendation_id", "=", row.id).execute(),
        ).to.have.length(1);
      });

      it("refuses days that have passed or are too far, and a link for nobody", async () => {
        for (const [given, field] of [
          [{ until: "2026-11-23" }, "until"],
          [{ until: "2028-01-01" }, "until"],
          [{ until: "demain" }, "until"],
          [{ recipient: " " }, "recipient"],
          [{ contact: "inconnu" }, "contact"],
          [{ way: "email" }, "way"],
        ] as const) {
          const { status, text } = await make(given);
          expect(status, field).to.equal(422);
          expect(text, field).to.include(`id="${field}-error"`);
        }
        expect((await coordinator.get(`/recommandations/${row.reference}/liens`)).text).to.include(
          "Aucun envoi de courriel n’est configuré",
        );
      });

      it("sends it by mail where a server is set, and does not show it", async () => {
        app.context.config.mail = MAIL;
        const to = await contact(app.database, report.coordinator);
        const { status, text, location } = await make({ contact: to.id, recipient: "", way: "email" });
        expect([status, location]).to.deep.equal([303, `/recommandations/${row.reference}/liens`]);
        expect(text).not.to.match(/reponse\/[\w-]{43}/);
        const [mail] = await app.database.db.selectFrom("mail_message").selectAll().execute();
        expect(mail).to.include({ kind: "dispatch", to_address: to.email, state: "queued", recommendation_id: row.id });
      });

      it("revokes and renews: the earlier one opens nothing any more", async () => {
        const { text } = await make();
        const secret = /reponse\/([\w-]{43})/.exec(text)![1]!;
        const { id } = await app.database.db
          .selectFrom("answer_link")
          .select("id")
          .where("recommendation_id", "=", row.id)
          .executeTakeFirstOrThrow();
        const place = `/recommandations/${row.reference}/liens/${id}`;
        const { version } = await rowOf(app.database, row);
        const renewed = await coordinator.post(`${place}/renouveler`, { version: String(version) });
        expect(renewed.status).to.equal(200);
        expect((await new Visitor(app.url).get(`/reponse/${secret}`)).text).to.include("Ce lien a été révoqué");
        const next = /reponse\/([\w-]{43})/.exec(renewed.text)![1]!;
        expect((await new Visitor(app.url).get(`/reponse/${next}`)).status).to.equal(200);
        const other = await app.database.db
          .selectFrom("answer_link")
          .select("id")
          .where("recommendation_id", "=", row.id)
          .where("id", "<>", id)
          .executeTakeFirstOrThrow();
        await coordinator.get(`/recommandations/${row.reference}/liens`);
        const revoke = () =>
          coordinator.post(`/recommandations/${row.reference}/liens/${other.id}/revoquer`, { version: String(version + 2) });
        expect((await revoke()).status).to.equal(303);
        expect((await revoke()).status, "twice").to.equal(409);
        expect((await new Visitor(app.url).get(`/reponse/${next}`)).status).to.equal(410);
      });

      it("says in words why none can be made before the recommendation was issued", async () => {
        await app.database.db.updateTable("recommendation").set({ state: "approved" }).where("id", "=", row.id).execute();
        const { text } = await coordinator.get(`/recommandations/${row.reference}/liens`);
        expect(plain(text)).to.include("« Créer un lien de réponse » n’est pas possible").and.not.to.include('name="until"');
        const { version } = await rowOf(app.database, row);
        const posted = await coordinator.post(`/recommandations/${row.reference}/liens`, {
          version: String(version),
          contact: "",
          recipient: "M. Essai",
          until: "2027-02-21",
          way: "self",
        });
        expect(posted.status).to.equal(409);
      });
    });

    describe("writes letters", () => {
      const textOf = (bytes: Uint8Array, file: string): string =>
        strFromU8(unzipSync(bytes)[file]!)
          .replace(/<[^>]+>/g, " ")
          .replace(/[\u00a0\u202f]/g, " ")
          .replace(/\s+/g, " ");

      it("of dispatch and of reminder, in three formats, from the directory and the recommendation, without a word of a case", async () => {
        await contact(app.database, report.coordinator);
        const words = [
          report.id,
          "RETEX-",
          ...REPORT_TEXT.split("\n")
            .filter((line) => line.length > 30)
            .map((line) => line.slice(0, 30)),
        ];
        for (const [kind, subject] of [
          ["adresse", `Recommandation ${row.reference}`],
          ["relance", `Relance : recommandation ${row.reference}`],
        ] as const)
          for (const [format, file] of [
            ["docx", "word/document.xml"],
            ["odt", "content.xml"],
          ] as const) {
            const { status, bytes, headers } = await coordinator.get(`/recommandations/${row.reference}/courriers/${kind}.${format}`);
            expect(status).to.equal(200);
            expect(headers.get("content-disposition")).to.match(/^attachment/);
            const text = textOf(bytes, file);
            for (const shown of [
              subject,
              "Direction fictive de la sécurité publique",
              "Mme Exemple",
              "41000 Blois",
              "Observatoire d’essai",
              "2, rue du Port",
              "Paris, le 23 novembre 2026",
              row.text,
              "30 juin 2027",
              "1er novembre 2026",
              "Un lien personnel vous sera transmis",
              "Je vous prie d’agréer",
            ])
              expect(text, `${kind}.${format}: ${shown}`).to.include(shown);
            for (const word of words) expect(text).not.to.include(word);
          }
        const pdf = await coordinator.get(`/recommandations/${row.reference}/courriers/adresse.pdf`);
        expect(strFromU8(pdf.bytes.subarray(0, 5))).to.equal("%PDF-");
        const audit = await app.database.db
          .selectFrom("audit")
          .select("object_id")
          .where("action", "=", "letter-made")
          .where("object_id", "=", row.reference)
          .execute();
        expect(audit).to.have.length(5);
      });

      it("in English to whoever reads English, and to the addressee's name where the directory is empty", async () => {
        const one = await coordinator.get(`/recommandations/${row.reference}/courriers/adresse.docx`);
        expect(textOf(one.bytes, "word/document.xml")).to.include("Police nationale");
        await contact(app.database, report.coordinator, { language: "en" });
        const other = await coordinator.get(`/recommandations/${row.reference}/courriers/adresse.docx`);
        expect(textOf(other.bytes, "word/document.xml")).to.include("Dear Sir or Madam").and.to.include("1 November 2026");
      });

      it("of no kind before the approval or after the withdrawal, and no reminder of what was not sent", async () => {
        const other = await issued(app.database, { report_id: report.id, written_by: report.analyst.id, text: "Former les services." });
        const letter = (kind: string) => coordinator.get(`/recommandations/${other.reference}/courriers/${kind}.docx`);
        for (const [state, adresse, relance] of [
          ["issued", 200, 200],
          ["approved", 200, 409],
          ["withdrawn", 409, 409],
        ] as const) {
          await app.database.db.updateTable("recommendation").set({ state }).where("id", "=", other.id).execute();
          expect([(await letter("adresse")).status, (await letter("relance")).status], state).to.deep.equal([adresse, relance]);
        }
        expect((await letter("adresse")).text).to.include("aucun courrier de ce genre ne part");
      });

      it("one for all that an addressee has not answered", async () => {
        const to = await contact(app.database, report.coordinator);
        const other = await issued(app.database, {
          report_id: report.id,
          written_by: report.analyst.id,
          text: "Tenir un registre commun.",
        });
        const { bytes } = await coordinator.get(`/recommandations/destinataires/${to.id}/courrier.docx`);
        expect(textOf(bytes, "word/document.xml"))
          .to.include(row.reference)
          .and.to.include(other.reference)
          .and.to.include("Tenir un registre commun.");
        const none = await contact(app.database, report.coordinator, { addressee: "health_ministry" });
        expect((await coordinator.get(`/recommandations/destinataires/${none.id}/courrier.docx`)).status).to.equal(404);
      });
    });

    describe("reminds", () => {
      const remind = async (given: Record<string, string>) => {
        await coordinator.get("/recommandations/relances");
        const { version } = await rowOf(app.database, row);
        return coordinator.post(`/recommandations/${row.reference}/relance`, { version: String(version), channel: "letter", ...given });
      };

      it("of answers that are overdue, by letter: the history and the dispatch are written", async () => {
        const to = await contact(app.database, report.coordinator);
        const before = await coordinator.get("/recommandations/relances");
        expect(plain(before.text)).to.include(row.reference).and.to.include("en retard de 22 jours").and.to.include("jamais relancé");
        expect((await remind({ contact: to.id })).location).to.equal("/recommandations/relances");
        expect(plain((await coordinator.get("/recommandations/relances")).text)).to.include("une relance, le 23 novembre 2026");
        const dispatch = await app.database.db
          .selectFrom("recommendation_dispatch")
          .selectAll()
          .where("recommendation_id", "=", row.id)
          .executeTakeFirstOrThrow();
        expect(dispatch).to.include({ kind: "reminder", channel: "letter", contact_id: to.id });
      });

      it("by mail, with a new link that takes the place of the contact's earlier ones", async () => {
        app.context.config.mail = MAIL;
        const to = await contact(app.database, report.coordinator);
        const earlier = await linkTo(app.database, row, report.coordinator, { contactId: to.id });
        const others = await linkTo(app.database, row, report.coordinator, { recipient: "Autre personne" });
        expect((await remind({ contact: to.id, channel: "email" })).status).to.equal(303);
        const [mail] = await app.database.db.selectFrom("mail_message").selectAll().execute();
        expect(mail).to.include({ kind: "reminder", state: "queued" });
        const secret = /reponse\/([\w-]{43})/.exec(mail!.text!)![1]!;
        expect((await new Visitor(app.url).get(`/reponse/${secret}`)).status).to.equal(200);
        expect((await new Visitor(app.url).get(`/reponse/${earlier.secret}`)).status).to.equal(410);
        expect((await new Visitor(app.url).get(`/reponse/${others.secret}`)).status).to.equal(200);
        const { version } = await rowOf(app.database, row);
        expect(version, "two links, a reminder, a revocation, a link").to.equal(row.version + 5);
      });

      it("refuses mail where it cannot leave, and a contact of somebody else", async () => {
        const silent = await contact(app.database, report.coordinator, { email: null });
        const elsewhere = await contact(app.database, report.coordinator, { addressee: "health_ministry" });
        for (const given of [{ contact: silent.id, channel: "email" }, { contact: elsewhere.id }, { contact: "" }])
          expect((await remind(given)).status, JSON.stringify(given)).to.equal(422);
      });

      it("sees the mails that wait or failed, tries again or gives up; no secret is on the page", async () => {
        app.context.config.mail = MAIL;
        const to = await contact(app.database, report.coordinator);
        await remind({ contact: to.id, channel: "email" });
        const [mail] = await app.database.db.selectFrom("mail_message").selectAll().execute();
        await app.database.db.updateTable("mail_message").set({ state: "failed", last_error: "refused", attempts: 3 }).execute();
        const { text } = await coordinator.get("/recommandations/relances");
        expect(plain(text))
          .to.include("3 essais, le serveur de courriel refuse ce message")
          .and.not.to.match(/reponse\/[\w-]{43}/);
        expect((await coordinator.post(`/recommandations/courriels/${mail!.id}/renvoyer`)).status).to.equal(303);
        expect(await app.database.db.selectFrom("mail_message").select(["state", "attempts"]).executeTakeFirst()).to.deep.equal({
          state: "queued",
          attempts: 0,
        });
        expect((await coordinator.post(`/recommandations/courriels/${mail!.id}/abandonner`)).status).to.equal(303);
        expect(await app.database.db.selectFrom("mail_message").select(["state", "text"]).executeTakeFirst()).to.deep.equal({
          state: "cancelled",
          text: null,
        });
        await coordinator.post(`/recommandations/courriels/${mail!.id}/renvoyer`);
        expect((await coordinator.get("/recommandations/relances")).text).to.include("déjà parti ou abandonné");
      });
    });
  });
