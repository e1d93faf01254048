import { expect } from "chai";
import { writeOds } from "../../server/exchange/ods.ts";
import type { Workbook } from "../../server/exchange/table.ts";
import { writeXlsx } from "../../server/exchange/xlsx.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { accepted, checked, csv, formOf, HEADINGS, lineOf, read } from "./support.ts";

const plain = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/[\s\u00a0\u202f]+/g, " ");

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`an import on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let coordinator: Awaited<ReturnType<typeof visitorWith>>;
    const db = () => app.database.db;
    const reports = () => db().selectFrom("report").selectAll().orderBy("id").execute();
    before(async () => {
      app = await startApp({}, open);
      coordinator = await visitorWith(app, "coordinator");
    });
    after(() => app.close());
    afterEach(async () => {
      // Each test begins without reports: what it brought is taken back as a coordinator would.
      for (const { id } of await db().selectFrom("report_import").select("id").where("state", "=", "done").execute()) {
        await coordinator.get(`/rapports/importer/${id}`);
        await coordinator.post(`/rapports/importer/${id}/annuler`);
        await coordinator.get(`/rapports/importer/${id}`);
      }
    });

    it("brings a report a line: its sheet, its people, its values without passage, and the acts that wrote them", async () => {
      const address = await read(
        coordinator,
        csv(HEADINGS, lineOf({ Référence: "A-1", "Moyens employés": "Arme blanche ; Coups sans arme" })),
      );
      const page = await checked(coordinator, address, { victimSex: "female" });
      expect(plain(page)).to.include("Une ligne sans problème sera importée");
      expect(await reports()).to.have.length(0);
      const end = await accepted(coordinator, address);
      expect(plain(end)).to.include("Un rapport a été importé");

      const [report] = await reports();
      expect(report).to.include({
        state: "received",
        version: 1,
        act_date: "2019-03-14",
        received_on: "2019-05-02",
        department: "41",
        act_kind: "homicide",
        issuing_kind: "prosecutor",
        issuing_service: "Parquet de Blois",
        proceedings: "unknown",
        deposited_by: coordinator.person.id,
        held: 0,
      });
      expect(report!.id).to.match(/^RETEX-2019-\d{4}$/);
      const people = await db().selectFrom("person").select(["kind", "number", "sex"]).orderBy("kind").execute();
      expect(people).to.deep.equal([
        { kind: "perpetrator", number: 1, sex: "unknown" },
        { kind: "victim", number: 1, sex: "female" },
      ]);
      const codings = await db().selectFrom("coding").selectAll().orderBy("factor").execute();
      expect(codings.map(({ factor, value, origin, layer, version }) => [factor, value, origin, layer, version])).to.deep.equal([
        ["means_used", "bladed,beating", "imported", 1, 1],
        ["victim_age", "42", "imported", 1, 1],
        ["victim_fear", "present", "imported", 1, 1],
      ]);
      const acts = await db().selectFrom("coding_act").selectAll().orderBy("factor").execute();
      expect(acts.map(({ factor, by, kind, batch }) => [factor, by, kind, batch])).to.deep.equal(
        ["means_used", "victim_age", "victim_fear"].map((factor) => [factor, coordinator.person.id, "coded", report!.import_id]),
      );
      const events = await db()
        .selectFrom("report_event")
        .select(["type", "version", "to_state"])
        .where("report_id", "=", report!.id)
        .execute();
      expect(events).to.deep.equal([{ type: "REPORT_RECEIVED", version: 1, to_state: "received" }]);
    });

    it("forgets the file, its cells and its examples once it is done, and keeps who imported what", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf({ Référence: "SECRET-77", "Âge de la victime": "quarante" }), lineOf()));
      await checked(coordinator, address);
      const end = await accepted(coordinator, address);
      const id = address.split("/").at(-1)!;
      expect(plain(end)).to.include("Une ligne a été laissée de côté");
      expect(await db().selectFrom("import_file").selectAll().where("import_id", "=", id).execute()).to.have.length(0);
      const lines = await db().selectFrom("import_line").selectAll().where("import_id", "=", id).execute();
      expect(lines.map(({ cells }) => cells)).to.deep.equal([null, null]);
      const row = await db().selectFrom("report_import").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
      expect(row.profile).to.equal(null);
      expect(JSON.stringify([row, lines])).not.to.include("quarante");
      const { text } = await coordinator.get(`${address}/verification`);
      expect(plain(text)).to.include("Nombre impossible").and.not.to.include("quarante");
      const audit = await db()
        .selectFrom("audit")
        .select(["action", "detail"])
        .where("object_id", "=", id)
        .where("action", "<>", "import.opened")
        .orderBy("id")
        .execute();
      expect(audit.map(({ action }) => action)).to.deep.equal(["import.read", "import.checked", "import.accepted", "import.finished"]);
      expect(JSON.parse(audit[2]!.detail!)).to.deep.equal({ digest: row.digest, lines: 1 });
    });

    it("takes an empty cell for silence: not coded, or not documented where that was chosen; never absent", async () => {
      const empty = lineOf({ "Peur exprimée par la victime": "", "Moyens employés": "" });
      const address = await read(coordinator, csv(HEADINGS, empty));
      await checked(coordinator, address, { unknown: [String(HEADINGS.indexOf("Moyens employés"))] });
      await accepted(coordinator, address);
      const codings = await db().selectFrom("coding").select(["factor", "value"]).orderBy("factor").execute();
      expect(codings).to.deep.equal([
        { factor: "means_used", value: "unknown" },
        { factor: "victim_age", value: "42" },
      ]);
    });

    it("tells of each line what is wrong with it, and writes the others", async () => {
      const address = await read(
        coordinator,
        csv(
          HEADINGS,
          lineOf({ Référence: "1" }),
          lineOf({ Référence: "2", "Date des faits": "31/02/2019" }),
          lineOf({ Référence: "3", "Date des faits": "14/06/2019" }),
          lineOf({ Référence: "4", "Peur exprimée par la victime": "peut-être" }),
          lineOf({ Référence: "5", "Service émetteur": "" }),
          lineOf({ Référence: "1", "Date des faits": "15/04/2019" }),
          lineOf({ Référence: "7", "Date des faits": "20/04/2019", "Âge de la victime": "=1+1" }),
          lineOf({ Référence: "8", "Service émetteur": '=HYPERLINK("http://essai.invalid")', "Date des faits": "25/04/2019" }),
        ),
      );
      const page = await checked(coordinator, address);
      const text = plain(page);
      for (const words of [
        "Cette date n’existe pas ou n’est pas écrite comme prévu",
        "Les faits sont postérieurs à la réception",
        "Cette valeur ne correspond à rien dans la liste",
        "Champ obligatoire vide : service émetteur",
        "Même référence que la ligne 2",
      ])
        expect(text).to.include(words);
      expect(text).to.include("2 lignes sans problème seront importées").and.to.include("6 lignes à corriger seront laissées de côté");
      const only = await coordinator.get(`${address}/verification?nature=date`);
      expect(plain(only.text)).to.include("31/02/2019").and.not.to.include("peut-être");

      const file = await coordinator.get(`${address}/verification.csv`);
      expect(file.headers.get("content-type")).to.include("text/csv");
      expect(file.text.split("\r\n")).to.have.length(8);
      expect(file.text).to.include("'=1+1").and.to.include("31/02/2019");

      const refusedAll = await coordinator.post(`${address}/accepter`, { ...formOf(page, `${address}/accepter`), mode: "all" });
      expect(refusedAll.status).to.equal(422);
      expect(plain(refusedAll.text)).to.include("Tout ou rien : 6 lignes restent à corriger");
      expect(await reports()).to.have.length(0);
      await accepted(coordinator, address);
      const written = await reports();
      expect(written.map(({ issuing_service }) => issuing_service)).to.deep.equal([
        "Parquet de Blois",
        '=HYPERLINK("http://essai.invalid")',
      ]);
    });

    it("doubts of an act that is there already, and writes it only when somebody says it is another", async () => {
      const first = await read(coordinator, csv(HEADINGS, lineOf({ Référence: "X" })));
      await checked(coordinator, first);
      await accepted(coordinator, first);
      const [known] = await reports();
      const second = await read(
        coordinator,
        csv(
          HEADINGS,
          lineOf({ "Date des faits": "16/03/2019" }),
          lineOf({ Référence: "X", "Date des faits": "01/01/2018" }),
          lineOf({ "Date des faits": "20/03/2019" }),
        ),
      );
      const page = await checked(coordinator, second);
      expect(plain(page)).to.include(`Faits à trois jours près dans le même ressort ou département : ${known!.id}`);
      expect(plain(page)).to.include(`Cette référence a déjà été importée : ${known!.id}`);
      await accepted(coordinator, second);
      expect(await reports()).to.have.length(2);
      const third = await read(coordinator, csv(HEADINGS, lineOf({ "Date des faits": "16/03/2019" })));
      await checked(coordinator, third);
      await accepted(coordinator, third, { doubtful: "oui" });
      expect(await reports()).to.have.length(3);
      // The others are taken back by afterEach; each only its own.
    });

    it("remembers what columns and values mean, and proposes it for a file with the same headings in another order", async () => {
      const headings = [...HEADINGS.slice(0, 8), "Crainte", "Arme"];
      const address = await read(coordinator, csv(headings, lineOf({ "Peur exprimée par la victime": "manifeste" })));
      const form = formOf((await coordinator.get(address)).text, `${address}/colonnes`);
      const target = [...form["target"]!];
      target[8] = "victim_fear";
      target[9] = "Moyens employés";
      await checked(coordinator, address, { target, remember: "Suivi 2019" });
      const page = (await coordinator.get(`${address}/valeurs`)).text;
      const values = formOf(page, `${address}/valeurs`);
      const presence = /<option value="(\d+\.\d+=present)"/.exec(page)![1]!;
      const choice = [values["choice"]!].flat().map((one) => (one.split("=")[0] === presence.split("=")[0] ? presence : one));
      expect((await coordinator.post(`${address}/valeurs`, { ...values, choice, next: "save" })).status).to.equal(303);

      const again = await read(
        coordinator,
        csv([...headings].reverse(), lineOf({ "Peur exprimée par la victime": "Manifeste" }).reverse()),
        "2020.csv",
      );
      const opened = (await coordinator.get(again)).text;
      expect(plain(opened)).to.include("« Suivi 2019 » a été reprise");
      await checked(coordinator, again);
      await accepted(coordinator, again);
      const coded = await db().selectFrom("coding").select("value").where("factor", "=", "victim_fear").execute();
      expect(coded).to.deep.equal([{ value: "present" }]);
    });

    it("is undone as one act: nothing of it is left but that it took place", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf(), lineOf({ "Date des faits": "01/02/2018" })));
      await checked(coordinator, address);
      await accepted(coordinator, address);
      const brought = await reports();
      expect(brought).to.have.length(2);
      // A task of a later codebook that nobody began is no touch.
      const { id: report_id, codebook_version } = brought[0]!;
      await db()
        .insertInto("recode_task")
        .values({
          report_id,
          to_version: codebook_version,
          from_version: codebook_version,
          status: "waiting",
          created_at: "2026-11-23T09:00:00.000Z",
          decided_by: null,
          decided_at: null,
          reason: null,
        })
        .execute();
      await coordinator.get(address);
      expect((await coordinator.post(`${address}/annuler`)).status).to.equal(303);
      const { text } = await coordinator.get(address);
      expect(plain(text)).to.include("Cet import a été annulé");
      for (const table of ["report", "person", "coding", "coding_act", "report_event"] as const)
        expect(await db().selectFrom(table).selectAll().execute(), table).to.have.length(0);
      const id = address.split("/").at(-1)!;
      for (const table of ["import_line", "import_file"] as const)
        expect(await db().selectFrom(table).selectAll().where("import_id", "=", id).execute(), table).to.have.length(0);
    });

    it("is not undone once a report of it was touched, and says which", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf(), lineOf({ "Date des faits": "01/02/2018" })));
      await checked(coordinator, address);
      await accepted(coordinator, address);
      const [first] = await reports();
      const document = await coordinator.get(`/rapports/${first!.id}`);
      expect(document.status).to.equal(200);
      const added = await coordinator.upload(`/rapports/${first!.id}/documents`, { version: "1" }, [
        { field: "documents", name: "note.txt", bytes: new TextEncoder().encode("Une note fictive qui complète ce rapport.") },
      ]);
      expect(added.status).to.equal(303);
      await coordinator.get(address);
      const refusal = await coordinator.post(`${address}/annuler`);
      expect(refusal.status).to.equal(409);
      expect(plain(refusal.text)).to.include(`Un rapport de cet import a été touché depuis : ${first!.id}`);
      expect((await reports()).map(({ held }) => held)).to.deep.equal([0, 0]);
      expect((await coordinator.get(`/rapports/${first!.id}`)).status).to.equal(200);
      // Makes room for the next test.
      await app.close();
      app = await startApp({}, open);
      coordinator = await visitorWith(app, "coordinator");
    });

    it("shows nothing of itself before it is whole, goes on after a stop, and can be given up half way", async () => {
      const lines = Array.from({ length: 400 }, (_, n) =>
        lineOf({
          Référence: `R${n}`,
          "Date des faits": `${String((n % 28) + 1).padStart(2, "0")}/${String((n % 12) + 1).padStart(2, "0")}/${2000 + (n % 19)}`,
          Département: String((n % 19) + 1).padStart(2, "0"),
        }),
      );
      const address = await read(coordinator, csv(HEADINGS, ...lines));
      const id = address.split("/").at(-1)!;
      await checked(coordinator, address);
      await db().updateTable("import_line").set({ status: "ready" }).where("import_id", "=", id).execute();
      await db().updateTable("report_import").set({ ready_count: 400, doubtful_count: 0 }).where("id", "=", id).execute();
      // Half of the work done by a server that was stopped: its lease is over.
      await accepted(coordinator, address);
      const written = await reports();
      expect(written).to.have.length(400);
      await db().updateTable("report").set({ held: 1 }).where("import_id", "=", id).execute();
      await db()
        .updateTable("report_import")
        .set({ state: "writing", finished_at: null, worker: "gone", worker_until: "2026-11-23T08:00:00.000Z" })
        .where("id", "=", id)
        .execute();
      const analyst = await visitorWith(app, "analyst");
      for (const who of [coordinator, analyst]) {
        expect((await who.get(`/rapports/${written[7]!.id}`)).status).to.equal(404);
        expect((await who.get(`/rapports/${written[7]!.id}/codage`)).status).to.equal(404);
        expect((await who.get("/rapports?q=RETEX")).text).not.to.include(written[7]!.id);
      }
      const page = plain((await coordinator.get(address)).text);
      expect(page).to.include("Ce travail s’est interrompu").and.to.include("Reprendre");
      const progress = JSON.parse((await coordinator.get(`${address}/avancement`)).text) as { interrupted: boolean };
      expect(progress.interrupted).to.equal(true);
      expect((await coordinator.post(`${address}/annuler`)).status).to.equal(303);
      const end = plain((await coordinator.get(address)).text);
      expect(end).to.include("Cet import a été abandonné");
      expect(await reports()).to.have.length(0);
    });

    it("takes interrupted work up where it was", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf(), lineOf({ "Date des faits": "01/02/2018" })));
      const id = address.split("/").at(-1)!;
      await checked(coordinator, address);
      await db()
        .updateTable("report_import")
        .set({
          state: "writing",
          progress: 0,
          accepted_by: coordinator.person.id,
          accepted_at: "2026-11-23T08:00:00.000Z",
          worker: "gone",
          worker_until: "2026-11-23T08:00:30.000Z",
        })
        .where("id", "=", id)
        .execute();
      await coordinator.get(address);
      expect((await coordinator.post(`${address}/reprendre`)).status).to.equal(303);
      expect(plain((await coordinator.get(address)).text)).to.include("2 rapports ont été importés");
      expect((await reports()).map(({ held }) => held)).to.deep.equal([0, 0]);
    });

    it("is written from two people's pages once only", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf()));
      const page = await checked(coordinator, address);
      const form = formOf(page, `${address}/accepter`);
      const answers = [await coordinator.post(`${address}/accepter`, form), await coordinator.post(`${address}/accepter`, form)];
      expect(answers.map(({ status }) => status)).to.deep.equal([303, 409]);
      await coordinator.get(address);
      expect(await reports()).to.have.length(1);
    });

    it("keeps what is written once as it is, whoever asks: only an untouched report of an import can be held again", async () => {
      const address = await read(coordinator, csv(HEADINGS, lineOf()));
      await checked(coordinator, address);
      await accepted(coordinator, address);
      const refusedBy = async (change: Promise<unknown>) =>
        change.then(
          () => "done",
          (error: Error) => error.message,
        );
      expect(await refusedBy(db().deleteFrom("coding_act").execute())).to.include("written once");
      expect(await refusedBy(db().deleteFrom("report_event").execute())).to.include("written once");
      expect(await refusedBy(db().updateTable("coding_act").set({ by: "x" }).execute())).to.include("written once");
      await db().updateTable("report").set({ version: 2 }).execute();
      expect(await refusedBy(db().updateTable("report").set({ held: 1 }).execute())).to.include("not taken back");
      await db().updateTable("report").set({ version: 1 }).execute();
    });
  });
}

describe("the pages of imports", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let coordinator: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    coordinator = await visitorWith(app, "coordinator");
  });
  after(() => app.close());

  const book: Workbook = {
    language: "fr",
    title: "Cas",
    tables: [
      { name: "Lisez-moi", columns: [{ key: "a", heading: "Sans objet", type: "text" }], rows: [] },
      {
        name: "Cas",
        columns: HEADINGS.map((heading, at) => ({
          key: `c${at}`,
          heading,
          type: heading.startsWith("Date") ? ("date" as const) : heading.startsWith("Âge") ? ("integer" as const) : ("text" as const),
        })),
        rows: [
          lineOf().map((cell, at) =>
            HEADINGS[at]!.startsWith("Date") ? cell.split("/").reverse().join("-") : HEADINGS[at]!.startsWith("Âge") ? Number(cell) : cell,
          ),
        ],
      },
    ],
  };
  for (const [format, write] of [
    ["xlsx", writeXlsx],
    ["ods", writeOds],
  ] as const)
    it(`read ${format} with typed days and numbers, of the sheet that is chosen`, async () => {
      const address = await read(coordinator, await write(book), `cas.${format}`).catch((error: Error) => error.message);
      // The first sheet holds a heading only.
      expect(address).to.include("422");
      const filled: Workbook = { ...book, tables: [{ ...book.tables[0]!, rows: [["Bonjour"]] }, book.tables[1]!] };
      const opened = await read(coordinator, await write(filled), `cas.${format}`);
      const form = formOf((await coordinator.get(opened)).text, `${opened}/feuille`);
      expect(form["sheet"]).to.equal("0");
      expect((await coordinator.post(`${opened}/feuille`, { ...form, sheet: "1" })).status).to.equal(303);
      const page = await checked(coordinator, opened);
      expect(plain(page)).to.include("Une ligne sans problème sera importée");
    });

  it("are the coordinator's alone", async () => {
    for (const role of ["analyst", "reviewer", "correspondent", "administrator"] as const) {
      const visitor = await visitorWith(app, role);
      expect((await visitor.get("/rapports/importer")).status, role).to.equal(403);
    }
    expect((await coordinator.get("/rapports")).text).to.include('href="/rapports/importer"');
    expect((await (await visitorWith(app, "analyst")).get("/rapports")).text).not.to.include('href="/rapports/importer"');
  });

  it("refuse what is no spreadsheet, in words, and keep nothing of it", async () => {
    const cases: [string, Uint8Array, string][] = [
      ["vide.csv", new Uint8Array(), "Ce fichier est vide"],
      ["photo.csv", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]), "ne correspond pas à l’extension"],
      ["cas.xlsx", csv(HEADINGS, lineOf()), "ne correspond pas à l’extension"],
      ["cas.xls", csv(HEADINGS, lineOf()), "ne correspond pas à l’extension"],
      ["seul.csv", csv(HEADINGS), "aucune ligne sous ses intitulés"],
    ];
    for (const [name, bytes, words] of cases) {
      await coordinator.get("/rapports/importer");
      const answer = await coordinator.upload("/rapports/importer", {}, [{ field: "file", name, bytes }]);
      expect(answer.status, name).to.equal(422);
      expect(plain(answer.text), name).to.include(words);
    }
    await coordinator.get("/rapports/importer");
    const none = await coordinator.upload("/rapports/importer", {}, []);
    expect(plain(none.text)).to.include("Choisissez un fichier");
    const names = await app.database.db.selectFrom("report_import").select("file_name").execute();
    expect(names.every(({ file_name }) => file_name.startsWith("cas."))).to.equal(true);
  });

  it("say which columns are not understood, and go on only when what a report needs is given", async () => {
    const address = await read(coordinator, csv(["Un", "Deux"], ["x", "y"]));
    const form = formOf((await coordinator.get(address)).text, `${address}/colonnes`);
    expect(form["target"]).to.deep.equal(["", ""]);
    const unknown = await coordinator.post(`${address}/colonnes`, { ...form, target: ["n’importe quoi", ""] });
    expect(unknown.status).to.equal(422);
    expect(plain(unknown.text)).to.include("Colonne A : cette signification n’existe pas");
    expect(unknown.text).to.include("n’importe quoi");
    const twice = await coordinator.post(`${address}/colonnes`, { ...form, target: ["victim_fear", "victim_fear"] });
    expect(plain(twice.text)).to.include("Colonnes A et B : la même signification");
    const missing = await coordinator.post(`${address}/colonnes`, form);
    expect(plain(missing.text))
      .to.include("Aucune colonne ne donne la date des faits")
      .and.to.include("Choisissez une colonne ou une valeur");
  });

  it("put no cell of the file in an address, nor in the audit", async () => {
    const address = await read(
      coordinator,
      csv(HEADINGS, lineOf({ Référence: "CANARI-99", "Peur exprimée par la victime": "canari bleu" })),
    );
    const page = await checked(coordinator, address);
    expect(page).to.include("canari bleu");
    for (const [, href] of page.matchAll(/(?:href|action)="([^"]*)"/g)) expect(href!.toLowerCase()).not.to.include("canari");
    const audit = await app.database.db.selectFrom("audit").selectAll().execute();
    expect(JSON.stringify(audit).toLowerCase()).not.to.include("canari");
  });

  it("give an import up before anything is written, and forget its file", async () => {
    const address = await read(coordinator, csv(HEADINGS, lineOf()));
    await coordinator.get(address);
    await coordinator.post(`${address}/annuler`);
    const { text } = await coordinator.get(address);
    expect(plain(text)).to.include("Cet import a été abandonné");
    const id = address.split("/").at(-1)!;
    for (const table of ["import_file", "import_line"] as const)
      expect(await app.database.db.selectFrom(table).selectAll().where("import_id", "=", id).execute()).to.have.length(0);
    const row = await app.database.db.selectFrom("report_import").select("profile").where("id", "=", id).executeTakeFirstOrThrow();
    expect(row.profile).to.equal(null);
  });
});
