import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import {
  countAdministrators,
  createToken,
  endSessions,
  findAccount,
  findAccountByEmail,
  findLiveToken,
  hasAccounts,
  listAccounts,
  listAccountsWithRole,
  listInvitations,
  listOpenSessions,
  setDisabled,
  useToken,
} from "../../server/accounts/queries.ts";
import { createPerson, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";

const NOW = clock().toISOString();
const CHOSEN = "quatre mots sans lien entre eux";

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`accounts on ${name}`, () => {
    let app: RunningApp;
    let database: Database;
    before(async () => {
      app = await startApp({}, open);
      database = app.database;
    });
    after(() => app.close());

    it("are none at first, then found by id and by e-mail with their roles in order", async () => {
      expect(await hasAccounts(database.db)).to.equal(false);
      const { id, email } = await createPerson(database, "reviewer", "analyst");
      expect(await hasAccounts(database.db)).to.equal(true);
      const account = await findAccount(database.db, id);
      expect(account).to.deep.include({ id, email, language: "fr", roles: ["analyst", "reviewer"], disabledAt: null });
      expect(await findAccountByEmail(database.db, ` ${email.toUpperCase()}`)).to.deep.equal(account);
      expect(await findAccount(database.db, "nobody")).to.equal(undefined);
      expect((await listAccounts(database.db)).map((one) => one.id)).to.deep.equal([id]);
    });

    it("that are disabled hold no role for the work", async () => {
      const { id } = await createPerson(database, "coordinator");
      expect((await listAccountsWithRole(database.db, "coordinator")).map((one) => one.id)).to.deep.equal([id]);
      await database.db.transaction().execute((tx) => setDisabled(tx, id, NOW));
      expect(await listAccountsWithRole(database.db, "coordinator")).to.deep.equal([]);
    });

    it("take a link up once, even when two people do at the same moment", async () => {
      const secret = await createToken(database.db, {
        kind: "invitation",
        email: "deux@essai.invalid",
        name: "Deux",
        roles: ["analyst"],
        createdBy: null,
        now: NOW,
        hours: 24,
      });
      expect((await listInvitations(database.db, NOW)).map((one) => one.email)).to.deep.equal(["deux@essai.invalid"]);
      const visitors = [new Visitor(app.url), new Visitor(app.url)];
      for (const visitor of visitors) await visitor.get(`/invitation/${secret}`);
      const fields = { name: "Deux", passphrase: CHOSEN, again: CHOSEN };
      const answers = await Promise.all(visitors.map((visitor) => visitor.post(`/invitation/${secret}`, fields)));
      expect(answers.map(({ location }) => location).sort()).to.deep.equal(["/connexion", `/invitation/${secret}`]);
      const live = await findLiveToken(database.db, secret, NOW);
      expect(live).to.equal(undefined);
      expect(await listInvitations(database.db, NOW)).to.deep.equal([]);
      const row = await database.db.selectFrom("token").select("id").where("email", "=", "deux@essai.invalid").executeTakeFirstOrThrow();
      expect(await database.db.transaction().execute((tx) => useToken(tx, row.id, NOW))).to.equal(false);
    });

    it("list and end their own sessions only", async () => {
      const [one, other] = [await visitorWith(app, "analyst"), await visitorWith(app, "analyst")];
      const [session] = await listOpenSessions(database.db, one.person.id, NOW);
      expect(session).to.deep.include({ since: NOW, seen: NOW });
      await endSessions(database.db, one.person.id, session!.id);
      expect((await one.get("/compte")).status).to.equal(200);
      await endSessions(database.db, one.person.id);
      expect((await one.get("/compte")).status).to.equal(303);
      expect((await other.get("/compte")).status).to.equal(200);
    });

    it("keep an administrator when two disable each other at the same moment", async () => {
      const pair = [await visitorWith(app, "administrator"), await visitorWith(app, "administrator")] as const;
      const disable = (by: Visitor, id: string) => by.post(`/administration/comptes/${id}/desactiver`);
      await Promise.all([disable(pair[0], pair[1].person.id), disable(pair[1], pair[0].person.id)]);
      expect(await countAdministrators(database.db)).to.equal(1);
    });
  });
}
