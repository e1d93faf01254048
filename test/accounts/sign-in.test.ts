import { expect } from "chai";
import { endSessions, setDisabled, setRoles } from "../../server/accounts/queries.ts";
import { createPerson, PASSPHRASE, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";

describe("signing in", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  const tryWith = async (email: string, passphrase: string, retour = "") => {
    const visitor = new Visitor(app.url);
    await visitor.get("/connexion");
    const answer = await visitor.post("/connexion", { email, passphrase, retour });
    return { visitor, ...answer };
  };
  const auditOf = (accountId: string | null) =>
    app.database.db.selectFrom("audit").select(["action", "result", "detail"]).where("account_id", "is", accountId).orderBy("id").execute();

  it("opens the tool to the right e-mail and passphrase, whatever the case of the e-mail", async () => {
    const { email, id } = await createPerson(app.database, "analyst");
    const { status, location, visitor } = await tryWith(` ${email.toUpperCase()} `, PASSPHRASE);
    expect([status, location]).to.deep.equal([303, "/"]);
    expect((await visitor.get("/compte")).text).to.include(email);
    expect(await app.database.db.selectFrom("audit").select(["action", "result"]).where("account_id", "=", id).execute()).to.deep.equal([
      { action: "signed-in", result: "done" },
    ]);
  });

  it("answers alike to a wrong passphrase, an unknown e-mail and a disabled account", async () => {
    const { email } = await createPerson(app.database, "analyst");
    const closed = await createPerson(app.database, "analyst");
    await app.database.db.transaction().execute((tx) => setDisabled(tx, closed.id, app.context.clock().toISOString()));
    const page = ({ status, text }: { status: number; text: string }, typed: string) => ({
      status,
      text: text.replace(/name="_csrf" value="[^"]+"/g, "").replaceAll(typed, "TYPED"),
    });
    const wrong = page(await tryWith(email, "une autre phrase de passe"), email);
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.include("Adresse ou phrase de passe incorrecte").and.include("TYPED");
    expect(page(await tryWith("inconnue@essai.invalid", "une autre phrase de passe"), "inconnue@essai.invalid")).to.deep.equal(wrong);
    expect(page(await tryWith(closed.email, PASSPHRASE), closed.email)).to.deep.equal(wrong);
  });

  it("notes each failure for the audit without what was typed", async () => {
    const { email, id } = await createPerson(app.database, "analyst");
    await tryWith(email, "mauvaise phrase de passe");
    await tryWith("canari-inconnu@essai.invalid", "canari-phrase");
    expect(
      await app.database.db.selectFrom("audit").select(["action", "result", "detail"]).where("account_id", "=", id).execute(),
    ).to.deep.equal([{ action: "signed-in", result: "refused", detail: '{"reason":"passphrase"}' }]);
    expect(await auditOf(null)).to.deep.include({ action: "signed-in", result: "refused", detail: '{"reason":"unknown"}' });
    expect(JSON.stringify(await app.database.db.selectFrom("audit").selectAll().execute())).not.to.include("canari");
  });

  it("never sends a typed passphrase back", async () => {
    const { text } = await tryWith("quelqu.un@essai.invalid", "canari-phrase-de-passe");
    expect(text).to.include("quelqu.un@essai.invalid").and.not.include("canari-phrase");
  });

  it("starts a new session, and the earlier number opens nothing", async () => {
    const { email } = await createPerson(app.database, "analyst");
    const visitor = new Visitor(app.url);
    await visitor.get("/connexion");
    const before = visitor.cookies;
    await visitor.post("/connexion", { email, passphrase: PASSPHRASE });
    expect(visitor.cookies).not.to.equal(before);
    const thief = new Visitor(app.url);
    thief.cookies = before;
    expect((await thief.get("/compte")).location).to.equal("/connexion?retour=%2Fcompte");
  });

  it("forgets the account at once when it is disabled, and obeys a changed role at the next request", async () => {
    const { db } = app.database;
    const visitor = await visitorWith(app, "administrator");
    expect((await visitor.get("/administration/comptes")).status).to.equal(200);
    await db.transaction().execute((tx) => setRoles(tx, visitor.person.id, ["analyst"]));
    expect((await visitor.get("/administration/comptes")).status).to.equal(403);
    await db.transaction().execute((tx) => setDisabled(tx, visitor.person.id, app.context.clock().toISOString()));
    expect((await visitor.get("/compte")).location).to.equal("/connexion?retour=%2Fcompte");
  });

  it("leads back to the page that was asked for", async () => {
    const { email } = await createPerson(app.database, "analyst");
    const { location } = await tryWith(email, PASSPHRASE, "/rapports?etat=received&page=2");
    expect(location).to.equal("/rapports?etat=received&page=2");
  });

  it("leads nowhere but to own paths", async () => {
    const { email } = await createPerson(app.database, "analyst");
    const elsewhere = [
      "https://exemple.invalid/",
      "//exemple.invalid",
      "/\\exemple.invalid",
      "/\t/exemple.invalid",
      "/.//exemple.invalid",
      "javascript:alert(1)",
      "exemple",
    ];
    for (const retour of elsewhere) {
      expect([retour, (await tryWith(email, PASSPHRASE, retour)).location]).to.deep.equal([retour, "/"]);
      const page = await new Visitor(app.url).get(`/connexion?retour=${encodeURIComponent(retour)}`);
      expect([page.status, page.text.includes('name="retour" value="/"')]).to.deep.equal([200, true]);
    }
  });

  it("refuses a form that our own page did not send, and fields it does not know", async () => {
    const { email } = await createPerson(app.database, "analyst");
    const visitor = new Visitor(app.url);
    expect((await visitor.post("/connexion", { email, passphrase: PASSPHRASE })).status).to.equal(403);
    await visitor.get("/connexion");
    expect((await visitor.post("/connexion", { email, passphrase: PASSPHRASE }, { "sec-fetch-site": "cross-site" })).status).to.equal(403);
    expect((await visitor.post("/connexion", { email, passphrase: PASSPHRASE, role: "administrator" })).status).to.equal(400);
    expect((await visitor.post("/connexion", { email, passphrase: PASSPHRASE })).status).to.equal(303);
  });

  it("slows down after ten failures and tells how long to wait, even for the right passphrase", async () => {
    const own = await startApp();
    try {
      const { email } = await createPerson(own.database, "analyst");
      const guesser = new Visitor(own.url);
      await guesser.get("/connexion");
      const answers: number[] = [];
      for (let n = 0; n < 10; n++) answers.push((await guesser.post("/connexion", { email, passphrase: `essai numéro ${n}` })).status);
      expect(answers).to.deep.equal(Array(10).fill(422));
      const delayed = await guesser.post("/connexion", { email, passphrase: PASSPHRASE });
      expect(delayed.status).to.equal(429);
      expect(Number(delayed.headers.get("retry-after"))).to.be.within(1, 30);
    } finally {
      await own.close();
    }
  });

  it("ends the session on signing out: the copied cookie opens nothing", async () => {
    const visitor = await visitorWith(app, "analyst");
    const copied = visitor.cookies;
    const left = await visitor.post("/deconnexion");
    expect([left.status, left.location]).to.deep.equal([303, "/connexion?au-revoir=1"]);
    expect(left.headers.get("clear-site-data")).to.include('"storage"');
    expect((await visitor.get("/connexion?au-revoir=1")).text).to.include("Vous êtes déconnecté");
    const thief = new Visitor(app.url);
    thief.cookies = copied;
    expect((await thief.get("/compte")).status).to.equal(303);
  });

  it("shows the demonstration accounts in demonstration mode only", async () => {
    expect((await new Visitor(app.url).get("/connexion")).text).not.to.include("demo.invalid");
    const demo = await startApp({ demo: true });
    const { text } = await new Visitor(demo.url).get("/connexion");
    expect(text.match(/name="email" value="[^"]+@demo\.invalid"/g)).to.have.length(7);
    await demo.close();
  });

  it("signs out a session that was ended elsewhere", async () => {
    const visitor = await visitorWith(app, "analyst");
    await endSessions(app.database.db, visitor.person.id);
    expect((await visitor.get("/compte")).status).to.equal(303);
  });
});
