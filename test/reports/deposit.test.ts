import { createHash } from "node:crypto";
import { expect } from "chai";
import { COURTS } from "../../server/reports/places.ts";
import { listHistory, peopleOf } from "../../server/reports/queries.ts";
import { contentTypes, docxOf, docxParts, para, rawZip, zipOf } from "../documents/support/packages.ts";
import { pdfOf } from "../documents/support/pdfs.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { deposit, type GivenFile, SHEET, said, sample, stagedIn } from "./support.ts";

const TOURS = COURTS.find(({ name }) => name === "Tribunal judiciaire de Tours")!.srj;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
let far = 0;
/** A sheet that is like no other: an act of its own year. */
const elsewhere = (): Record<string, string> => ({ ...SHEET, actDate: `${1991 + (far++ % 30)}-07-0${1 + Math.floor(far / 30)}` });

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`a deposit on ${name}`, () => {
    let app: RunningApp;
    let correspondent: Visitor & { person: { id: string } };
    before(async () => {
      app = await startApp({}, open);
      correspondent = await visitorWith(app, "correspondent");
    });
    after(() => app.close());

    const reports = async () =>
      Number(
        (
          await app.database.db
            .selectFrom("report")
            .select((e) => e.fn.countAll().as("n"))
            .executeTakeFirstOrThrow()
        ).n,
      );
    const idOf = (location: string | null) => /^\/rapports\/(RETEX-\d{4}-\d{4})$/.exec(location ?? "")?.[1];

    it("keeps the documents byte for byte, gives a number in order, numbers the people, and begins the history", async () => {
      const kinds = [
        ["retex-01-note-du-parquet.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 1],
        ["retex-03-fiche-breve.odt", "application/vnd.oasis.opendocument.text", 1],
        ["retex-04-rapport-inspection.pdf", "application/pdf", 1],
        ["retex-06-couple-age-numerise.pdf", "application/pdf", 0],
      ] as const;
      const given = kinds.map(([file]) => ({ name: file, bytes: sample(file) }));
      const answer = await deposit(correspondent, { ...elsewhere(), victim_male: "1", child_female: "1", child_unknown: "2" }, given);
      expect(answer.status, said(answer.text).slice(0, 800)).to.equal(303);
      const id = idOf(answer.location)!;
      expect(id).to.equal("RETEX-2026-0001");

      const { db } = app.database;
      const documents = await db.selectFrom("document").selectAll().where("report_id", "=", id).orderBy("number").execute();
      expect(documents.map(({ file_name, media_type, has_text }) => [file_name, media_type, has_text])).to.deep.equal(kinds);
      for (const [at, document] of documents.entries()) {
        const { bytes } = given[at]!;
        expect(document.digest).to.equal(digest(bytes));
        expect(document.byte_count).to.equal(bytes.byteLength);
        expect(document.text === "").to.equal(document.has_text === 0);
        const original = await correspondent.get(`/rapports/${id}/documents/${at + 1}/original`);
        expect(digest(original.bytes)).to.equal(digest(bytes));
        expect(original.headers.get("content-type")).to.equal(document.media_type);
      }
      expect((await peopleOf(db, id)).map(({ kind, number, sex }) => `${kind} ${number} ${sex}`)).to.deep.equal([
        "victim 1 female",
        "victim 2 male",
        "perpetrator 1 male",
        "child 1 female",
        "child 2 unknown",
        "child 3 unknown",
      ]);
      const history = await listHistory(db, id);
      expect(history.map(({ type, version, by }) => [type, version, by])).to.deep.equal([["REPORT_RECEIVED", 1, correspondent.person.id]]);
      const page = await correspondent.get(`/rapports/${id}`);
      expect(said(page.text)).to.include(id).and.to.include("Blois").and.to.include("numérisé");
      expect(await db.selectFrom("staged_document").select("id").execute(), "nothing is left waiting").to.deep.equal([]);

      const second = await deposit(correspondent, elsewhere(), [{ name: "suite.txt", bytes: text("Un autre rapport.") }]);
      expect(idOf(second.location)).to.equal("RETEX-2026-0002");
      const older = await deposit(correspondent, { ...elsewhere(), receivedOn: "2025-12-30" }, [
        { name: "a.txt", bytes: text("Reçu en 2025.") },
      ]);
      expect(idOf(older.location)).to.equal("RETEX-2025-0001");
    }).timeout(60_000);

    it("takes the court of appeal from the court, and the region from the département, separately", async () => {
      const { location } = await deposit(correspondent, { ...elsewhere(), department: "2A" }, [
        { name: "a.txt", bytes: text("Corse et Blois.") },
      ]);
      const row = await app.database.db.selectFrom("report").selectAll().where("id", "=", idOf(location)!).executeTakeFirstOrThrow();
      expect([row.department, row.region, row.court, row.appeal_court]).to.deep.equal(["2A", "94", "109", "Cour d’appel d’Orléans"]);
    });

    it("shows a possible duplicate before saving: within three days in the same district or département, or the same document", async () => {
      const observatory = await visitorWith(app, "coordinator");
      const bytes = text("Le premier dépôt de cette affaire.");
      const first = await deposit(correspondent, { ...SHEET, actDate: "2023-05-10" }, [{ name: "un.txt", bytes }]);
      const known = idOf(first.location)!;
      const near: [string, Record<string, string>, Uint8Array, RegExp | null][] = [
        ["three days later, same district", { actDate: "2023-05-13", department: "37" }, text("b"), /trois jours/],
        ["three days before, same département", { actDate: "2023-05-07", court: TOURS }, text("c"), /trois jours/],
        ["the same document of another act", { actDate: "1990-05-10", department: "37" }, bytes, /document identique/],
      ];
      for (const [what, change, content, why] of near) {
        const fields = { ...SHEET, ...change };
        const before = await reports();
        const asked = await deposit(observatory, fields, [{ name: "deux.txt", bytes: content }]);
        expect(asked.status, what).to.equal(422);
        expect(said(asked.text), what).to.include(known).and.to.match(why!);
        expect(await reports(), what).to.equal(before);
        const staged = stagedIn(asked.text);
        expect(staged, what).to.have.length(1);
        const saved = await deposit(observatory, { ...fields, staged: staged[0]!, notDuplicate: "oui" }, []);
        expect(saved.status, `${what}, confirmed`).to.equal(303);
        await app.database.db
          .updateTable("report")
          .set({ act_date: `1990-01-0${near.findIndex(([one]) => one === what) + 1}` })
          .where("id", "=", idOf(saved.location)!)
          .execute();
      }
      const apart = await deposit(observatory, { ...SHEET, actDate: "2023-05-14" }, [{ name: "trois.txt", bytes: text("d") }]);
      expect(apart.status, "four days later").to.equal(303);
    });

    it("tells a correspondent that another service deposited a like report, and nothing more of it", async () => {
      const other = await visitorWith(app, "correspondent");
      const theirs = idOf((await deposit(other, { ...SHEET, actDate: "2022-09-01" }, [{ name: "x.txt", bytes: text("x") }])).location)!;
      const asked = await deposit(correspondent, { ...SHEET, actDate: "2022-09-02" }, [{ name: "y.txt", bytes: text("y") }]);
      expect(asked.status).to.equal(422);
      expect(said(asked.text)).to.include("déjà été déposé par un autre service");
      expect(asked.text).not.to.include(theirs).and.not.to.include("1 septembre 2022");
      for (const path of ["", "/documents/1/original", "/documents/1/pages/1.png"])
        expect((await correspondent.get(`/rapports/${theirs}${path}`)).status, path).to.equal(404);
      expect((await correspondent.get("/rapports")).text).not.to.include(theirs);
      expect((await other.get("/rapports")).text).to.include(theirs);
    });

    it("names every refused file with its reason, and loses neither what was typed nor the good files", async () => {
      const pdf = pdfOf([{ show: [{ x: 70, y: 100, text: "Un texte de plusieurs mots." }] }]);
      const docx = docxOf(para("Texte"));
      const lockedPdf = pdfOf([{ show: [{ x: 70, y: 100, text: "secret" }] }], "/Encrypt << /Filter /Autre /V 9 >>");
      const macro = zipOf({
        ...docxParts(para("a")),
        "[Content_Types].xml": contentTypes("application/vnd.ms-word.document.macroEnabled.main+xml"),
      });
      const bomb = rawZip([
        ...Object.entries(docxParts(para("a"))).map(([member, part]) => ({ name: member, data: Buffer.from(part) })),
        { name: "word/media/a.bmp", data: Buffer.alloc(40 * 1024 * 1024, 0x20) },
      ]);
      const refused: [GivenFile, RegExp][] = [
        [{ name: "vide.pdf", bytes: new Uint8Array() }, /« vide\.pdf » : le fichier est vide/],
        [
          { name: "tableau.xlsx", bytes: text("PK inconnu\0\0") },
          /« tableau\.xlsx » : (ce format n’est pas accepté|le contenu ne correspond pas)/,
        ],
        [{ name: "deguise.pdf", bytes: docx }, /« deguise\.pdf » : le contenu ne correspond pas/],
        [{ name: "verrou.pdf", bytes: lockedPdf }, /« verrou\.pdf » : le fichier est protégé par un mot de passe/],
        [{ name: "coupe.docx", bytes: docx.subarray(0, docx.length >> 1) }, /« coupe\.docx » : le fichier est endommagé/],
        [{ name: "macros.docx", bytes: macro }, /« macros\.docx » : le fichier contient des macros/],
        [{ name: "bombe.docx", bytes: bomb }, /« bombe\.docx » : l’archive est anormale/],
      ];
      const fields: Record<string, string> = { ...elsewhere(), issuingService: "Parquet de « l’Été » & <autres>" };
      const before = await reports();
      const answer = await deposit(correspondent, fields, [
        { name: "bon.pdf", bytes: pdf },
        ...refused.map(([file]) => file),
        { name: "bon.docx", bytes: docx },
      ]);
      expect(answer.status).to.equal(422);
      const shown = said(answer.text);
      for (const [, reason] of refused) expect(shown).to.match(reason);
      expect(answer.text).to.include("Parquet de « l’Été » &amp; &lt;autres&gt;").and.to.include(`value="${fields["actDate"]}"`);
      expect(await reports()).to.equal(before);
      const staged = stagedIn(answer.text);
      expect(staged).to.have.length(2);
      expect(shown).to.include("bon.pdf").and.to.include("bon.docx");

      // Somebody else who learnt the numbers of these files gets nothing of them.
      const stranger = await visitorWith(app, "correspondent");
      const stolen = await deposit(stranger, { ...elsewhere(), staged: staged[0]! }, []);
      expect(stolen.status).to.equal(422);
      expect(said(stolen.text)).to.include("Joignez au moins un document").and.not.to.include("bon.pdf");

      const saved = await correspondent.post("/rapports/nouveau", { ...fields, staged });
      expect(saved.status, said(saved.text).slice(0, 600)).to.equal(303);
      const id = idOf(saved.location)!;
      const kept = await app.database.db
        .selectFrom("document")
        .select(["file_name", "digest"])
        .where("report_id", "=", id)
        .orderBy("number")
        .execute();
      expect(kept).to.deep.equal([
        { file_name: "bon.pdf", digest: digest(pdf) },
        { file_name: "bon.docx", digest: digest(docx) },
      ]);
      // Taken once: the same form sent again finds its files gone, and says so.
      const again = await correspondent.post("/rapports/nouveau", { ...elsewhere(), staged });
      expect(again.status).to.equal(422);
    }).timeout(60_000);

    it("keeps the files of a form whose fields are wrong, and says what is wrong beside each", async () => {
      const wrong: [string, string, RegExp][] = [
        ["actDate", "2026-02-30", /date/i],
        ["actDate", "2026-02-03", /postérieurs à la réception/],
        ["receivedOn", "2027-01-01", /dans l’avenir/],
        ["actDate", "1889-01-01", /trop ancienne/],
        ["issuingService", "  ", /obligatoire|Renseignez|Indiquez/i],
        ["court", "999999", /liste|Choisissez|choix/i],
        ["department", "20", /liste|Choisissez|choix/i],
        ["victim_female", "0", /au moins une victime/],
        ["perpetrator_male", "", /au moins un auteur/],
        ["child_male", "21", /Vingt personnes au plus/],
        ["child_male", "-1", /./],
        ["actKind", "accident", /./],
      ];
      for (const [field, value, message] of wrong) {
        const answer = await deposit(correspondent, { ...elsewhere(), [field]: value }, [
          { name: "rapport.txt", bytes: text(`${field} ${value}`) },
        ]);
        expect(answer.status, `${field} ${value}`).to.equal(422);
        expect(said(answer.text), `${field} ${value}`).to.match(message);
        expect(answer.text, `${field} ${value}: the summary leads to the field`).to.include(`href="#${field}"`);
        expect(stagedIn(answer.text), `${field} ${value}`).to.have.length(1);
      }
      const none = await deposit(correspondent, elsewhere(), []);
      expect([none.status, said(none.text).includes("Joignez au moins un document")]).to.deep.equal([422, true]);
    }).timeout(60_000);

    it("refuses a file over the limit with the limit in the words", async () => {
      const small = await startApp({ maxDocumentBytes: 1024 * 1024 });
      const visitor = await visitorWith(small, "analyst");
      const answer = await deposit(visitor, elsewhere(), [{ name: "long.txt", bytes: new Uint8Array(1024 * 1024 + 1).fill(97) }]);
      expect(answer.status).to.equal(422);
      expect(said(answer.text)).to.match(/« long\.txt » : le fichier dépasse 1 Mo/);
      await small.close();
    });

    it("refuses the same document twice in one report", async () => {
      const bytes = text("Deux fois le même.");
      const answer = await deposit(correspondent, elsewhere(), [
        { name: "a.txt", bytes },
        { name: "b.txt", bytes },
      ]);
      expect(answer.status).to.equal(422);
      expect(stagedIn(answer.text)).to.have.length(2);
    });

    it("is for those who deposit: a reviewer and an administrator are refused", async () => {
      for (const role of ["reviewer", "administrator"] as const) {
        const visitor = await visitorWith(app, role);
        expect((await visitor.get("/rapports/nouveau")).status, role).to.equal(403);
        expect((await deposit(visitor, elsewhere(), [{ name: "a.txt", bytes: text("a") }])).status, role).to.equal(403);
      }
      const administrator = await visitorWith(app, "administrator");
      for (const path of [
        "/rapports",
        "/rapports/RETEX-2026-0001",
        "/rapports/RETEX-2026-9999",
        "/rapports/RETEX-2026-0001/documents/1/original",
      ])
        expect((await administrator.get(path)).status, path).to.equal(403);
    });
  });
}
