import { expect } from "chai";
import { findAccount } from "../../server/accounts/queries.ts";
import { PASSPHRASE, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";

const CHOSEN = "quatre mots sans lien entre eux";

describe("one's own account", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp();
  });
  after(() => app.close());

  const alsoSignedIn = async (email: string) => {
    const visitor = new Visitor(app.url);
    await visitor.signIn(email);
    return visitor;
  };

  it("changes the passphrase for whoever knows the present one, and ends the other sessions", async () => {
    const visitor = await visitorWith(app, "analyst");
    const { email } = visitor.person;
    const elsewhere = await alsoSignedIn(email);
    const changed = await visitor.post("/compte/phrase", { current: PASSPHRASE, new: CHOSEN, again: CHOSEN });
    expect([changed.status, changed.location]).to.deep.equal([303, "/compte"]);
    expect((await visitor.get("/compte")).text).to.include("Votre phrase de passe est changée");
    expect((await elsewhere.get("/compte")).status).to.equal(303);
    const again = new Visitor(app.url);
    await again.get("/connexion");
    expect((await again.post("/connexion", { email, passphrase: PASSPHRASE })).status).to.equal(422);
    expect((await again.post("/connexion", { email, passphrase: CHOSEN })).status).to.equal(303);
  });

  it("refuses a wrong present passphrase, a weak new one and two that differ, next to the field", async () => {
    const visitor = await visitorWith(app, "analyst");
    const before = (await findAccount(app.database.db, visitor.person.id))!.passphraseHash;
    const refusal = async (current: string, fresh: string, again = fresh) => {
      const { status, text } = await visitor.post("/compte/phrase", { current, new: fresh, again });
      expect(status).to.equal(422);
      expect(text).not.to.include(fresh);
      return text;
    };
    expect(await refusal("ce n’est pas celle-ci", CHOSEN)).to.match(/id="current-error"[\s\S]*pas votre phrase de passe actuelle/);
    expect(await refusal(PASSPHRASE, "phrase brève")).to.match(/id="new-error"[\s\S]*au moins 15/);
    expect(await refusal(PASSPHRASE, CHOSEN, "autre chose de long")).to.match(/id="again-error"[\s\S]*différentes/);
    expect((await findAccount(app.database.db, visitor.person.id))!.passphraseHash).to.equal(before);
  });

  it("keeps every character of a long passphrase: changing the last one fails", async () => {
    const visitor = await visitorWith(app, "analyst");
    const long = `Été à l’île, ${"vingt-deux cèdres bleus ".repeat(3)}!`;
    await visitor.post("/compte/phrase", { current: PASSPHRASE, new: long, again: long });
    const again = new Visitor(app.url);
    await again.get("/connexion");
    const email = visitor.person.email;
    expect((await again.post("/connexion", { email, passphrase: `${long.slice(0, -1)}?` })).status).to.equal(422);
    expect((await again.post("/connexion", { email, passphrase: long.normalize("NFD") })).status).to.equal(303);
  });

  it("lists one's open sessions and ends one of them, or all others", async () => {
    const visitor = await visitorWith(app, "analyst");
    const { email } = visitor.person;
    const [second, third, fourth] = [await alsoSignedIn(email), await alsoSignedIn(email), await alsoSignedIn(email)];
    const { text } = await visitor.get("/compte");
    const ids = [...text.matchAll(/name="session" value="([0-9a-f]{64})"/g)].map(([, id]) => id!);
    expect(ids).to.have.length(3);
    expect((await visitor.post("/compte/sessions/fermer", { session: ids[0]! })).status).to.equal(303);
    const open = async () => Promise.all([second, third, fourth].map(async (one) => (await one.get("/compte")).status));
    expect((await open()).filter((status) => status === 200)).to.have.length(2);
    await visitor.post("/compte/sessions/fermer", { session: "others" });
    expect(await open()).to.deep.equal([303, 303, 303]);
    expect((await visitor.get("/compte")).status).to.equal(200);
  });

  it("does not end the session of somebody else", async () => {
    const visitor = await visitorWith(app, "analyst");
    const other = await visitorWith(app, "analyst");
    const row = await app.database.db
      .selectFrom("session")
      .select("id")
      .where("account_id", "=", other.person.id)
      .executeTakeFirstOrThrow();
    await visitor.post("/compte/sessions/fermer", { session: row.id });
    expect((await other.get("/compte")).status).to.equal(200);
  });

  it("no longer lists a session that has been idle for half an hour", async () => {
    const visitor = await visitorWith(app, "analyst");
    await alsoSignedIn(visitor.person.email);
    const idle = new Date(app.context.clock().getTime() - 30 * 60_000 - 1).toISOString();
    const text = (await visitor.get("/compte")).text;
    const other = /name="session" value="([0-9a-f]{64})"/.exec(text)![1]!;
    await app.database.db.updateTable("session").set({ seen_at: idle }).where("id", "=", other).execute();
    expect((await visitor.get("/compte")).text).not.to.include(other);
  });

  it("keeps the language for this account and shows the page in it at once", async () => {
    const visitor = await visitorWith(app, "analyst");
    const { location } = await visitor.post("/compte/langue", { langue: "en" });
    expect((await visitor.get(location!)).location).to.equal("/compte");
    expect((await visitor.get("/compte")).text).to.include("My account");
    expect((await findAccount(app.database.db, visitor.person.id))?.language).to.equal("en");
    expect((await visitor.post("/compte/langue", { langue: "de" })).status).to.equal(422);
  });

  it("refuses every form without the token of the session", async () => {
    const visitor = await visitorWith(app, "administrator");
    const posts = [
      "/compte/langue",
      "/compte/phrase",
      "/compte/sessions/fermer",
      "/deconnexion",
      "/administration/comptes/inviter",
      `/administration/comptes/${visitor.person.id}/desactiver`,
    ];
    for (const path of posts)
      expect([path, (await visitor.request("POST", path, new URLSearchParams({ _csrf: "0".repeat(64) }))).status]).to.deep.equal([
        path,
        403,
      ]);
    expect((await visitor.get("/compte")).status).to.equal(200);
  });
});
