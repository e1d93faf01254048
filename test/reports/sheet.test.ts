import { Writable } from "node:stream";
import { expect } from "chai";
import { pino } from "pino";
import { createApp } from "../../server/app.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { reportIn } from "../support/reports.ts";
import { deposit, SHEET, said } from "./support.ts";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe("the sheet of a report", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());
  const stored = (id: string) => app.database.db.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const people = (id: string) =>
    app.database.db.selectFrom("person").selectAll().where("report_id", "=", id).orderBy("kind").orderBy("number").execute();

  it("is corrected by the observatory, and the history says so", async () => {
    const report = await reportIn(app.database, "received");
    const coordinator = await visitorWith(app, "coordinator");
    const form = await coordinator.get(`/rapports/${report.id}/fiche`);
    expect(form.text).to.include('value="Parquet de Blois"').and.to.include(`name="version" value="${report.version}"`);
    const answer = await coordinator.post(`/rapports/${report.id}/fiche`, {
      ...SHEET,
      version: String(report.version),
      issuingService: "Parquet d’Évry",
      proceedings: "final",
      child_female: "2",
    });
    expect(answer.status).to.equal(303);
    expect(await stored(report.id)).to.include({
      issuing_service: "Parquet d’Évry",
      service_folded: "parquet d'evry",
      proceedings: "final",
      version: 2,
    });
    expect((await people(report.id)).map(({ kind, number }) => `${kind} ${number}`)).to.deep.equal([
      "child 1",
      "child 2",
      "perpetrator 1",
      "victim 1",
    ]);
    expect(said((await coordinator.get(`/rapports/${report.id}`)).text)).to.include("Fiche corrigée");
  });

  it("keeps the people about whom values are coded, and says why", async () => {
    const report = await reportIn(app.database, "coded");
    const { version } = await stored(report.id);
    await app.database.db.updateTable("report").set({ state: "received" }).where("id", "=", report.id).execute();
    const coordinator = await visitorWith(app, "coordinator");
    const before = await people(report.id);
    const values = async () =>
      Number(
        (
          await app.database.db
            .selectFrom("coding")
            .select((e) => e.fn.countAll().as("n"))
            .where("report_id", "=", report.id)
            .executeTakeFirstOrThrow()
        ).n,
      );
    const coded = await values();
    const without = await coordinator.post(`/rapports/${report.id}/fiche`, {
      ...SHEET,
      version: String(version),
      issuingService: "Autre service",
      victim_female: "1",
      perpetrator_male: "",
      perpetrator_female: "",
    });
    expect(without.status).to.equal(422);
    expect(without.text).to.include('value="Autre service"');
    expect(await people(report.id)).to.deep.equal(before);
    expect(await stored(report.id)).to.include({ version, issuing_service: "Parquet de Blois" });

    const other = await coordinator.post(`/rapports/${report.id}/fiche`, {
      ...SHEET,
      version: String(version),
      victim_female: "",
      victim_male: "1",
      perpetrator_male: "2",
    });
    expect(other.status).to.equal(303);
    const after = await people(report.id);
    expect(after.find(({ id }) => id === report.victim)).to.include({ sex: "male", number: 1 });
    expect(after.map(({ kind, number }) => `${kind} ${number}`)).to.deep.equal(["perpetrator 1", "perpetrator 2", "victim 1"]);
    expect(await values()).to.equal(coded);
  });

  it("never changes who somebody is: a woman added beside a man leaves him his number and what is coded about him", async () => {
    const report = await reportIn(app.database, "coded");
    const { version } = await stored(report.id);
    await app.database.db.updateTable("report").set({ state: "received" }).where("id", "=", report.id).execute();
    await app.database.db.updateTable("person").set({ sex: "male" }).where("id", "=", report.victim).execute();
    const coordinator = await visitorWith(app, "coordinator");
    const form = { ...SHEET, victim_male: "1", victim_female: "1", perpetrator_male: "1" };
    expect((await coordinator.post(`/rapports/${report.id}/fiche`, { ...form, version: String(version) })).status).to.equal(303);
    const victims = async () =>
      (await people(report.id)).filter(({ kind }) => kind === "victim").map(({ id, number, sex }) => [id, number, sex]);
    const [, added] = await victims();
    expect(await victims()).to.deep.equal([[report.victim, 1, "male"], added]);
    expect(added!.slice(1)).to.deep.equal([2, "female"]);
    // Taken away again, it is the one nothing is coded about who leaves.
    const again = { ...form, victim_female: "", version: String(version + 1) };
    expect((await coordinator.post(`/rapports/${report.id}/fiche`, again)).status).to.equal(303);
    expect(await victims()).to.deep.equal([[report.victim, 1, "male"]]);
    // A sex that was wrong is corrected: the person stays.
    const corrected = { ...again, victim_male: "", victim_female: "1", version: String(version + 2) };
    expect((await coordinator.post(`/rapports/${report.id}/fiche`, corrected)).status).to.equal(303);
    expect(await victims()).to.deep.equal([[report.victim, 1, "female"]]);
  });

  it("may change once a report is taken up again, so no decision taken on it before holds", async () => {
    const report = await reportIn(app.database, "analysed");
    const findings = () =>
      app.database.db.selectFrom("finding").select("status").where("report_id", "=", report.id).orderBy("number").execute();
    await app.database.db.updateTable("finding").set({ status: "approved" }).where("report_id", "=", report.id).execute();
    const coordinator = await visitorWith(app, "coordinator");
    const { version } = await stored(report.id);
    const aside = { version: String(version), kind: "duplicate", reason: "Doublon apparent" };
    expect((await coordinator.post(`/rapports/${report.id}/ecarter`, aside)).status).to.equal(303);
    const again = { version: String(version + 1), reason: "Deux affaires distinctes" };
    expect((await coordinator.post(`/rapports/${report.id}/reprendre`, again)).status).to.equal(303);
    expect((await findings()).map(({ status }) => status)).to.deep.equal(["draft", "draft"]);
  });

  it("cannot be corrected once the findings wait for review", async () => {
    const report = await reportIn(app.database, "analysed");
    const coordinator = await visitorWith(app, "coordinator");
    const answer = await coordinator.post(`/rapports/${report.id}/fiche`, {
      ...SHEET,
      version: String(report.version),
      issuingService: "Autre",
    });
    expect(answer.status).to.equal(409);
    expect(said(answer.text)).to.include("Corriger la fiche");
    expect((await stored(report.id)).issuing_service).to.equal("Parquet de Blois");
  });
});

describe("a document that the observatory adds to a deposit", () => {
  it("is not the depositor's: neither named nor given", async () => {
    const app = await startApp();
    const correspondent = await visitorWith(app, "correspondent");
    const coordinator = await visitorWith(app, "coordinator");
    const { location } = await deposit(correspondent, SHEET, [
      { name: "rapport.txt", bytes: text("Rapport fictif déposé par le parquet.") },
    ]);
    const files = [{ field: "documents", name: "note-interne.txt", bytes: text("Note fictive de l’observatoire.") }];
    await coordinator.upload(`${location}/documents`, { version: "1" }, files);
    const page = await correspondent.get(location!);
    expect(page.text).to.include("rapport.txt").and.not.to.include("note-interne");
    expect((await correspondent.get(`${location}/documents/1/original`)).status).to.equal(200);
    expect((await correspondent.get(`${location}/documents/2/original`)).status).to.equal(404);
    expect((await coordinator.get(`${location}/documents/2/original`)).status).to.equal(200);
    await app.close();
  });
});

describe("a document taken out", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  it("keeps its name in every program, runs nothing, and is read as nothing but what it is", async () => {
    const report = await reportIn(app.database, "received");
    await app.database.db.updateTable("document").set({ file_name: 'l’été "x".pdf' }).where("id", "=", report.documentId).execute();
    const analyst = await visitorWith(app, "analyst");
    const { status, headers } = await analyst.get(`/rapports/${report.id}/documents/1/original`);
    expect(status).to.equal(200);
    expect(headers.get("content-disposition")).to.equal(
      "attachment; filename=\"lete _x_.pdf\"; filename*=UTF-8''l%E2%80%99%C3%A9t%C3%A9%20%22x%22.pdf",
    );
    expect(headers.get("content-security-policy")).to.include("default-src 'none'").and.to.include("sandbox");
    expect(headers.get("x-content-type-options")).to.equal("nosniff");
    expect(headers.get("cache-control")).to.equal("no-store");
    expect(headers.get("content-type")).to.equal("text/plain; charset=utf-8");
    const noted = await app.database.db
      .selectFrom("audit")
      .select(["account_id", "object_id", "detail"])
      .where("action", "=", "document.downloaded")
      .execute();
    expect(noted).to.deep.equal([{ account_id: analyst.person.id, object_id: report.id, detail: '{"document":1}' }]);
    for (const path of ["documents/2/original", "documents/x/original", "documents/1/pages/1.png"])
      expect((await analyst.get(`/rapports/${report.id}/${path}`)).status, path).to.equal(404);
  });

  it("is kept under the name it had, without folders", async () => {
    const analyst = await visitorWith(app, "analyst");
    const { location } = await deposit(analyst, { ...SHEET, actDate: "2019-01-01" }, [
      { name: "C:\\Dossiers\\..\\été\u202e.txt", bytes: text("Un texte.") },
    ]);
    const id = location!.split("/").at(-1)!;
    const { file_name } = await app.database.db
      .selectFrom("document")
      .select("file_name")
      .where("report_id", "=", id)
      .executeTakeFirstOrThrow();
    expect(file_name).to.equal("été.txt");
  });
});

describe("what is typed about a case", () => {
  const CANARY = "Canari-des-Ardennes";

  it("is in no address that an answer leads to, and in no line of the log", async () => {
    const app = await startApp();
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const server = createApp({ ...app.context, log: pino({ level: "trace" }, stream) }).listen(0, "127.0.0.1");
    await new Promise((ready) => server.once("listening", ready));
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const addresses: string[] = [];
    const at = async (...roles: Parameters<typeof visitorWith>[1][]) => {
      const { person } = await visitorWith(app, ...roles);
      const visitor = new Visitor(url);
      await visitor.signIn(person.email);
      return Object.assign(visitor, { person });
    };
    const noting = async (answer: Promise<{ status: number; location: string | null }>) => {
      const { status, location } = await answer;
      if (location) addresses.push(location);
      return status;
    };
    const coordinator = await at("coordinator", "analyst");
    const report = await reportIn(app.database, "received");
    const path = `/rapports/${report.id}`;
    const version = { version: String(report.version) };
    const file = { name: `${CANARY}.txt`, bytes: text(`${CANARY} a été vu.`) };
    expect(await noting(deposit(coordinator, { ...SHEET, actDate: "2020-01-01", issuingService: CANARY }, [file]))).to.equal(303);
    expect(await noting(deposit(coordinator, { ...SHEET, issuingService: CANARY, actDate: CANARY }, [file]))).to.equal(422);
    expect(await noting(coordinator.get(`/rapports?q=${CANARY}`))).to.equal(200);
    expect(await noting(coordinator.get(`/rapports?q=${CANARY}&langue=en`))).to.equal(303);
    addresses.pop(); // the reader's own search, which the choice of a language keeps
    expect(await noting(coordinator.get(`/${CANARY}`))).to.equal(404);
    expect(await noting(coordinator.post(`${path}/ecarter`, { ...version, kind: "duplicate", reason: CANARY, [CANARY]: "1" }))).to.equal(
      400,
    );
    expect(await noting(coordinator.post(`${path}/ecarter`, { version: "99", kind: "duplicate", reason: CANARY }))).to.equal(409);
    expect(await noting(coordinator.post(`${path}/fiche`, { ...SHEET, ...version, issuingService: CANARY }))).to.equal(303);
    expect(await noting(coordinator.post(`${path}/constats`, { kind: "context", statement: CANARY }))).to.equal(409);
    expect(await noting(coordinator.post(`${path}/ecarter`, { version: "2", kind: "duplicate", reason: CANARY }))).to.equal(303);
    expect(await noting(coordinator.post(`${path}/reprendre`, { version: "3", reason: CANARY }))).to.equal(303);

    // Even what fails where nobody expected it is told without its text.
    const nobody = new Visitor(url);
    await nobody.get("/connexion");
    expect(await noting(nobody.post("/connexion", { email: `${CANARY}@essai.invalid`, passphrase: CANARY, retour: "" }))).to.equal(422);
    expect(await noting(nobody.get(`${path}?q=${CANARY}`))).to.equal(303);
    await app.database.close();
    expect(await noting(coordinator.post(`${path}/ecarter`, { ...version, kind: "duplicate", reason: CANARY }))).to.equal(500);

    expect(addresses.length).to.be.greaterThan(4);
    expect(addresses.filter((one) => one.includes("Canari"))).to.deep.equal([]);
    expect(lines.length).to.be.greaterThan(12);
    expect(lines.filter((one) => /canari/i.test(one))).to.deep.equal([]);
    expect(lines.filter((one) => one.includes(report.id))).to.deep.equal([]);
    expect(lines.some((one) => one.includes('"reference"'))).to.equal(true);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await app.close().catch(() => {});
  });
});
