import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { firstAdministratorLink } from "../../server/accounts/first-administrator.ts";
import { createToken, digestOf, findAccountByEmail } from "../../server/accounts/queries.ts";
import { createPerson, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";

const CHOSEN = "quatre mots sans lien entre eux";
const linkIn = (text: string) => /http:\/\/127\.0\.0\.1(\/[\w-]+\/[\w-]+)<\/textarea>/.exec(text)![1]!;
const everyRow = async ({ db }: Database) =>
  JSON.stringify([
    await db.selectFrom("token").selectAll().execute(),
    await db.selectFrom("audit").selectAll().execute(),
    await db.selectFrom("session").selectAll().execute(),
  ]);

describe("one-time links", () => {
  let app: RunningApp;
  beforeEach(async () => {
    app = await startApp();
  });
  afterEach(() => app.close());
  const ago = (hours: number) => new Date(app.context.clock().getTime() - hours * 3_600_000).toISOString();

  describe("the first administrator", () => {
    it("is offered while there is no account, by the latest link only", async () => {
      const first = await firstAdministratorLink(app.context);
      const second = await firstAdministratorLink(app.context);
      expect(second).to.match(/^http:\/\/127\.0\.0\.1\/premier-administrateur\/[\w-]{32}$/);
      const visitor = new Visitor(app.url);
      expect((await visitor.get(new URL(first!).pathname)).status).to.equal(410);
      const path = new URL(second!).pathname;
      expect((await visitor.get(path)).status).to.equal(200);
      const fields = { email: "Premiere@essai.invalid", name: "Première Personne", passphrase: CHOSEN, again: CHOSEN };
      const done = await visitor.post(path, fields);
      expect([done.status, done.location]).to.deep.equal([303, "/connexion"]);
      expect((await findAccountByEmail(app.database.db, "premiere@essai.invalid"))?.roles).to.deep.equal(["administrator"]);
      await visitor.signIn("premiere@essai.invalid", CHOSEN);
      expect((await visitor.get("/administration/comptes")).status).to.equal(200);
      expect(await firstAdministratorLink(app.context)).to.equal(null);
    });

    it("can no longer come in by a link once anybody has an account", async () => {
      const path = new URL((await firstAdministratorLink(app.context))!).pathname;
      const visitor = new Visitor(app.url);
      await visitor.get(path);
      await createPerson(app.database, "administrator");
      expect((await visitor.get(path)).status).to.equal(410);
      await visitor.get("/connexion");
      await visitor.post(path, { email: "intrus@essai.invalid", name: "Intrus", passphrase: CHOSEN, again: CHOSEN });
      expect(await findAccountByEmail(app.database.db, "intrus@essai.invalid")).to.equal(undefined);
    });
  });

  describe("an invitation", () => {
    const invite = async (roles: string[] = ["analyst", "reviewer"]) => {
      const administrator = await visitorWith(app, "administrator");
      const answer = await administrator.post("/administration/comptes/inviter", {
        email: "Nouvelle@essai.invalid",
        name: "Nouvelle Personne",
        roles,
      });
      expect(answer.status).to.equal(200);
      return { administrator, path: linkIn(answer.text), text: answer.text };
    };
    const accepted = { name: "Nouvelle Personne", passphrase: CHOSEN, again: CHOSEN };

    it("makes one account with the roles it names, once", async () => {
      const { path } = await invite();
      const visitor = new Visitor(app.url);
      const page = await visitor.get(path);
      expect(page.text).to.include("nouvelle@essai.invalid").and.include("Analyste, Relecteur").and.include('value="Nouvelle Personne"');
      const done = await visitor.post(path, accepted);
      expect([done.status, done.location]).to.deep.equal([303, "/connexion"]);
      expect((await findAccountByEmail(app.database.db, "nouvelle@essai.invalid"))?.roles).to.deep.equal(["analyst", "reviewer"]);
      expect((await visitor.get("/connexion")).text).to.include("Votre compte est créé");
      await visitor.signIn("nouvelle@essai.invalid", CHOSEN);

      const late = new Visitor(app.url);
      expect((await late.get(path)).status).to.equal(410);
      await late.get("/connexion");
      expect((await late.post(path, accepted)).location).to.equal(path);
      expect(await app.database.db.selectFrom("account").select("id").execute()).to.have.length(2);
    });

    it("is shown once and kept as a digest: no row holds its secret", async () => {
      const { path, administrator } = await invite();
      const secret = path.split("/").at(-1)!;
      const rows = await everyRow(app.database);
      expect(rows).to.include(digestOf(secret)).and.not.include(secret);
      expect((await administrator.get("/administration/comptes")).text)
        .to.include("nouvelle@essai.invalid")
        .and.not.include(secret);
    });

    it("dies when another is made for the same address, when it is revoked, and after 24 hours", async () => {
      const { path } = await invite();
      const { path: second, administrator } = await invite(["analyst"]);
      const visitor = new Visitor(app.url);
      expect((await visitor.get(path)).status).to.equal(410);
      expect((await visitor.get(second)).status).to.equal(200);
      const revoke = /action="(\/administration\/comptes\/invitations\/[^"]+)"/.exec(
        (await administrator.get("/administration/comptes")).text,
      )![1]!;
      expect((await administrator.post(revoke)).status).to.equal(303);
      expect((await visitor.get(second)).status).to.equal(410);
      const make = (hours: number) =>
        createToken(app.database.db, {
          kind: "invitation",
          email: `il-y-a-${hours}@essai.invalid`,
          name: "Tardive",
          roles: ["analyst"],
          createdBy: null,
          now: ago(hours),
          hours: 24,
        });
      expect((await visitor.get(`/invitation/${await make(23.9)}`)).status).to.equal(200);
      expect((await visitor.get(`/invitation/${await make(24)}`)).status).to.equal(410);
    });

    it("opens nothing when altered, and says whom to ask", async () => {
      const { path } = await invite();
      const answer = await new Visitor(app.url).get(`${path.slice(0, -1)}${path.endsWith("A") ? "B" : "A"}`);
      expect(answer.status).to.equal(410);
      expect(answer.text).to.include("Demandez-en une nouvelle à l’administrateur");
    });

    it("opens no account under another kind of link", async () => {
      const { path } = await invite();
      const visitor = new Visitor(app.url);
      for (const kind of ["recuperation", "premier-administrateur"])
        expect((await visitor.get(path.replace("invitation", kind))).status).to.equal(410);
    });

    it("takes no roles, address or unknown field from the person invited", async () => {
      const { path } = await invite(["correspondent"]);
      const visitor = new Visitor(app.url);
      await visitor.get(path);
      for (const extra of [{ roles: "administrator" }, { email: "autre@essai.invalid" }, { __proto__x: "1" }] as Record<string, string>[])
        expect((await visitor.post(path, { ...accepted, ...extra })).status).to.equal(400);
      expect(await findAccountByEmail(app.database.db, "nouvelle@essai.invalid")).to.equal(undefined);
    });

    it("asks for a passphrase that is long, hard to guess and typed twice, and keeps the name that was typed", async () => {
      const { path } = await invite();
      const visitor = new Visitor(app.url);
      await visitor.get(path);
      const refusal = async (passphrase: string, again = passphrase) => {
        const { status, text } = await visitor.post(path, { name: "Autre Nom", passphrase, again });
        expect(status).to.equal(422);
        expect(text).to.include('value="Autre Nom"').and.not.include(`value="${passphrase}"`);
        return text;
      };
      expect(await refusal("trop courte")).to.include("au moins 15 caractères");
      expect(await refusal("motdepasse motdepasse")).to.include("trop facile à deviner");
      expect(await refusal("nouvelle personne 1")).to.include("contient votre nom");
      expect(await refusal(CHOSEN, `${CHOSEN}s`)).to.include("Les deux saisies sont différentes");
      expect(await refusal("é".repeat(257))).to.include("256 caractères au plus");
      expect((await visitor.post(path, accepted)).status).to.equal(303);
    });

    it("is not taken up inside the session of somebody else", async () => {
      const { path, administrator } = await invite();
      const answer = await administrator.get(path);
      expect(answer.status).to.equal(409);
      expect(answer.text).to.include("Vous êtes déjà connecté");
      expect((await administrator.post(path, accepted)).location).to.equal(path);
      expect(await findAccountByEmail(app.database.db, "nouvelle@essai.invalid")).to.equal(undefined);
    });

    it("is refused for an address that has an account, without a role, and by anybody but an administrator", async () => {
      const administrator = await visitorWith(app, "administrator");
      const form = { email: administrator.person.email, name: "Déjà Là", roles: "analyst" };
      const taken = await administrator.post("/administration/comptes/inviter", form);
      expect(taken.status).to.equal(422);
      expect(taken.text).to.include("Un compte existe déjà").and.include('value="Déjà Là"');
      const without = await administrator.post("/administration/comptes/inviter", { email: "a@essai.invalid", name: "Sans rôle" });
      expect([without.status, without.text.includes("Choisissez au moins un rôle")]).to.deep.equal([422, true]);
      expect((await administrator.post("/administration/comptes/inviter", { ...form, roles: "king" })).status).to.equal(422);
      for (const role of ["correspondent", "analyst", "reviewer", "coordinator"] as const) {
        const other = await visitorWith(app, role);
        expect((await other.post("/administration/comptes/inviter", { ...form, email: "b@essai.invalid" })).status).to.equal(403);
      }
      expect(await app.database.db.selectFrom("token").select("id").execute()).to.deep.equal([]);
    });
  });

  describe("a recovery link", () => {
    const recover = async () => {
      const administrator = await visitorWith(app, "administrator");
      const person = await visitorWith(app, "analyst");
      await administrator.get(`/administration/comptes/${person.person.id}`);
      const answer = await administrator.post(`/administration/comptes/${person.person.id}/recuperation`);
      expect(answer.status).to.equal(200);
      return { administrator, person, path: linkIn(answer.text) };
    };

    it("lets its person choose another passphrase, once, and ends their sessions", async () => {
      const { person, path } = await recover();
      const visitor = new Visitor(app.url);
      expect((await visitor.get(path)).text).to.include(person.person.email);
      expect((await visitor.post(path, { passphrase: "courte", again: "courte" })).status).to.equal(422);
      expect((await visitor.post(path, { passphrase: CHOSEN, again: CHOSEN })).location).to.equal("/connexion");
      expect((await person.get("/compte")).status).to.equal(303);
      await visitor.signIn(person.person.email, CHOSEN);
      expect((await new Visitor(app.url).get(path)).status).to.equal(410);
    });

    it("lasts one hour, and opens nothing for a disabled account", async () => {
      const { administrator, person, path } = await recover();
      const { id: accountId, email } = person.person;
      const old = await createToken(app.database.db, {
        kind: "recovery",
        email: "autre@essai.invalid",
        name: "",
        roles: [],
        accountId,
        createdBy: null,
        now: ago(1),
        hours: 1,
      });
      expect((await new Visitor(app.url).get(`/recuperation/${old}`)).status).to.equal(410);
      expect((await new Visitor(app.url).get(path)).status).to.equal(200);
      expect((await administrator.post(`/administration/comptes/${accountId}/desactiver`)).status).to.equal(303);
      expect((await new Visitor(app.url).get(path)).status).to.equal(410);
      expect((await administrator.post(`/administration/comptes/${accountId}/recuperation`)).status).to.equal(409);
      expect(email).to.be.a("string");
    });
  });
});
