import { expect } from "chai";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { parseCsv, type Read, readOds, readXlsx } from "../support/spreadsheets.ts";
import { recommendationRow } from "./support.ts";

/** The form of an issue, filled as it should be. */
const ISSUE = {
  onDate: "2026-11-23",
  channel: "registered_letter",
  recipient: "Direction des services judiciaires",
  deadline: "2027-06-30",
  answerDue: "2027-01-22",
  proofReference: "RAR 1A 123 456 7890 1",
};

const PAYLOAD = '=HYPERLINK("http://ailleurs.invalid";"cliquer")';

describe("the pages of the register", () => {
  let app: RunningApp;
  let built: BuiltReport;
  before(async () => {
    app = await startApp();
    built = await reportIn(app.database, "published");
    const common = { report_id: built.id, written_by: built.analyst.id };
    await recommendationRow(app.database.db, { ...common, reference: "REC-2026-0101", text: PAYLOAD, addressee: "courts" });
    await recommendationRow(app.database.db, {
      ...common,
      reference: "REC-2026-0102",
      text: "Héberger\nsans délai ; <b>partout</b>",
      addressee: "courts",
      deadline: "2026-12-31",
      state: "issued",
      issued_at: "2026-04-01T09:00:00.000Z",
    });
    await recommendationRow(app.database.db, { ...common, reference: "REC-2026-0103", state: "draft", approved_at: null });
  });
  after(() => app.close());

  const as = (role: "analyst" | "reviewer" | "coordinator" | "correspondent" | "administrator") => visitorWith(app, role);
  const stateOf = async (reference: string) =>
    app.database.db
      .selectFrom("recommendation")
      .select(["state", "version", "issued_at"])
      .where("reference", "=", reference)
      .executeTakeFirstOrThrow();

  it("are read by those who work on cases and by nobody else", async () => {
    for (const role of ["analyst", "reviewer", "coordinator"] as const) {
      const page = await (await as(role)).get("/recommandations");
      expect(page.status).to.equal(200);
      expect(page.text).to.include("REC-2026-0101").and.not.include("REC-2026-0103");
    }
    for (const role of ["correspondent", "administrator"] as const)
      for (const path of ["/recommandations", "/recommandations/REC-2026-0101"])
        expect((await (await as(role)).get(path)).status).to.equal(403);
  });

  it("show what the address filters, each filter removable, and say when nothing is left", async () => {
    const visitor = await as("analyst");
    const some = await visitor.get("/recommandations?destinataire=courts&q=heberger&annee=");
    expect(some.text).to.include("REC-2026-0102").and.not.include(">REC-2026-0101<");
    expect(some.text).to.include('href="/recommandations?q=heberger"').and.include('href="/recommandations?destinataire=courts"');
    expect(some.text).to.include("&lt;b&gt;partout&lt;/b&gt;");
    const none = await visitor.get("/recommandations?niveau=local");
    expect(none.text).to.include("Aucune recommandation ne correspond");
    const unknown = await visitor.get("/recommandations?niveau=nulle-part&annee=bientot&page=abc");
    expect(unknown.text).to.include("REC-2026-0101");
  });

  it("are drawn in English too", async () => {
    const visitor = await as("analyst");
    visitor.cookies = `${visitor.cookies}; langue=en`;
    expect((await visitor.get("/recommandations")).text).to.include("Register of recommendations");
    expect((await visitor.get("/recommandations/REC-2026-0101")).text).to.include("What can be done now");
  });

  it("show one recommendation with its findings, its history and why an act is not possible", async () => {
    const { text } = await (await as("analyst")).get("/recommandations/REC-2026-0001");
    expect(text).to.include("La plainte déposée à la brigade").and.include("Approuvée");
    expect(text).to.include("cet acte revient à la ou au responsable de l’observatoire");
    expect((await (await as("analyst")).get("/recommandations/REC-2026-0103")).status).to.equal(404);
    expect((await (await as("analyst")).get("/recommandations/REC-2026-9999")).status).to.equal(404);
  });

  it("refuse to let an analyst issue, whatever the page shows", async () => {
    const visitor = await as("analyst");
    await visitor.get("/recommandations/REC-2026-0101");
    const answer = await visitor.post("/recommandations/REC-2026-0101/adresser", { version: "2", ...ISSUE });
    expect(answer.status).to.equal(409);
    expect((await stateOf("REC-2026-0101")).state).to.equal("approved");
  });

  it("let the head issue and withdraw, with a reason, and tell the second of two what happened meanwhile", async () => {
    const head = await as("coordinator");
    const page = await head.get("/recommandations/REC-2026-0001");
    const version = /name="version" value="(\d+)"/.exec(page.text)![1]!;
    expect((await head.post("/recommandations/REC-2026-0001/adresser", { version, ...ISSUE })).status).to.equal(303);
    expect(await stateOf("REC-2026-0001")).to.include({ state: "issued", issued_at: "2026-11-23T09:00:00.000Z" });

    const late = await head.post("/recommandations/REC-2026-0001/retirer", { version, reason: "Un motif tapé trop tard" });
    expect(late.status).to.equal(409);
    expect(late.text).to.include("Adressée").and.include("Un motif tapé trop tard");

    const next = String((await stateOf("REC-2026-0001")).version);
    const bare = await head.post("/recommandations/REC-2026-0001/retirer", { version: next, reason: "  " });
    expect(bare.status).to.equal(422);
    expect(bare.text).to.include("Renseignez ce champ");
    expect((await head.post("/recommandations/REC-2026-0001/retirer", { version: next, reason: "Doublon" })).status).to.equal(303);
    const { text } = await head.get("/recommandations/REC-2026-0001");
    expect(text).to.include("Retirée").and.include("Doublon").and.include("ne revient que si");
    expect((await head.post("/recommandations/REC-2026-0001/adresser", { version: String(Number(next) + 1), ...ISSUE })).status).to.equal(
      409,
    );
  });

  it("give no export to an analyst, a reviewer, a correspondent or an administrator", async () => {
    for (const role of ["analyst", "reviewer", "correspondent", "administrator"] as const) {
      const visitor = await as(role);
      for (const format of ["csv", "xlsx", "ods", "json"])
        expect((await visitor.get(`/recommandations/export.${format}`)).status).to.equal(403);
    }
  });

  describe("exports", () => {
    const QUERY = "?destinataire=courts&tri=echeance&ordre=asc";
    const EXPECTED = [
      ["REC-2026-0102", "Héberger\nsans délai ; <b>partout</b>", "2026-12-31", "Adressée", "2026-04-01"],
      ["REC-2026-0101", PAYLOAD, "", "Approuvée", ""],
    ];
    const pick = (record: string[]) => [record[0], record[3], record[9], record[10], record[12]];

    it("as CSV hold what the page shows, in its order, with no live formula", async () => {
      const head = await as("coordinator");
      const page = await head.get(`/recommandations${QUERY}`);
      const shown = [...page.text.matchAll(/<th scope="row"[^>]*><a [^>]*>(REC-[\d-]+)</g)].map(([, reference]) => reference);
      const file = await head.get(`/recommandations/export.csv${QUERY}`);
      expect(file.headers.get("content-type")).to.match(/^text\/csv; charset=utf-8/);
      expect(file.headers.get("content-disposition")).to.include('filename="recommandations-2026-11-23.csv"');
      expect([...file.bytes.slice(0, 3)]).to.deep.equal([0xef, 0xbb, 0xbf]);
      const [headings, ...records] = parseCsv(file.text.replace(/^\ufeff/, ""));
      expect(headings!.slice(0, 5)).to.deep.equal(["Référence", "Rapport", "Constats (numéros)", "Recommandation", "Destinataire"]);
      expect(records.map(([reference]) => reference)).to.deep.equal(shown);
      expect(records.map(pick)).to.deep.equal([EXPECTED[0], EXPECTED[1]!.with(1, `'${PAYLOAD}`)]);
    });

    const cells = (rows: Read[][]) => rows.slice(1).map((row) => pick(row.map(({ value }) => value)));
    it("as XLSX and ODS hold the same, dates as dates, and a sheet that states scope, date and filters", async () => {
      const head = await as("coordinator");
      const xlsx = await head.get(`/recommandations/export.xlsx${QUERY}`);
      const ods = await head.get(`/recommandations/export.ods${QUERY}`);
      for (const [rows, about] of [
        [readXlsx(xlsx.bytes, 1, 13).rows, readXlsx(xlsx.bytes, 2, 2).rows],
        [readOds(ods.bytes, 0, 13).rows, readOds(ods.bytes, 1, 2).rows],
      ]) {
        expect(cells(rows!)).to.deep.equal(EXPECTED);
        expect(rows![1]![9]!.kind).to.equal("date");
        expect(rows![2]![3]!.kind).to.equal("text");
        const said = about!.map((row) => row.map(({ value }) => value).join(" = "));
        expect(said.some((line) => line.includes("Destinataire = Juridictions du siège"))).to.equal(true);
        expect(said.some((line) => line.includes("23 novembre 2026"))).to.equal(true);
        expect(said).to.include("Nombre de lignes = 2");
      }
    });

    it("as JSON hold the same under English keys", async () => {
      const file = await (await as("coordinator")).get(`/recommandations/export.json${QUERY}`);
      const { rows } = JSON.parse(file.text) as { rows: Record<string, string | null>[] };
      expect(rows.map((row) => [row.reference, row.text, row.deadline ?? "", row.status, row.issued ?? ""])).to.deep.equal(EXPECTED);
    });

    it("have their headings in the reader's language", async () => {
      const head = await as("coordinator");
      head.cookies = `${head.cookies}; langue=en`;
      const file = await head.get("/recommandations/export.csv");
      expect(file.text).to.include("Reference;Report;").and.include("Courts (bench)");
      expect(file.headers.get("content-disposition")).to.include("recommendations-2026-11-23.csv");
    });

    it("are each noted with who, when, what and how many rows", async () => {
      const head = await as("coordinator");
      await head.get(`/recommandations/export.json${QUERY}`);
      const log = await app.database.db.selectFrom("export_log").selectAll().where("by", "=", head.person.id).execute();
      expect(log).to.have.length(1);
      expect(log[0]).to.include({ what: "recommendations", format: "json", row_count: 2, at: "2026-11-23T09:00:00.000Z" });
      expect(JSON.parse(log[0]!.filters)).to.include({ destinataire: "courts" });
      const audited = await app.database.db
        .selectFrom("audit")
        .select(["action", "object_id"])
        .where("account_id", "=", head.person.id)
        .where("action", "=", "recommendations.exported")
        .execute();
      expect(audited).to.deep.equal([{ action: "recommendations.exported", object_id: "json" }]);
    });
  });
});
