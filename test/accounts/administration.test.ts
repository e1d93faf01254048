import { expect } from "chai";
import { findAccount, findLiveToken } from "../../server/accounts/queries.ts";
import { ROLES } from "../../workflows/actor.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";

describe("the administration of accounts", () => {
  let app: RunningApp;
  beforeEach(async () => {
    app = await startApp();
  });
  afterEach(() => app.close());
  const account = async (id: string) => (await findAccount(app.database.db, id))!;

  it("is open to administrators and to nobody else", async () => {
    const target = await visitorWith(app, "analyst");
    const pages = ["/administration/comptes", `/administration/comptes/${target.person.id}`, "/administration/audit"];
    for (const role of ROLES) {
      const visitor = await visitorWith(app, role);
      const allowed = role === "administrator";
      for (const path of pages) expect([role, path, (await visitor.get(path)).status]).to.deep.equal([role, path, allowed ? 200 : 403]);
      expect((await visitor.get("/administration")).status).to.equal(allowed ? 303 : 403);
      await visitor.get("/compte");
      const acts = ["roles", "sessions/fermer", "recuperation", "desactiver", "reactiver"];
      if (!allowed)
        for (const act of acts)
          expect(
            (await visitor.post(`/administration/comptes/${target.person.id}/${act}`, act === "roles" ? { roles: role } : {})).status,
          ).to.equal(403);
    }
    for (const path of pages) expect((await new Visitor(app.url).get(path)).status).to.equal(303);
    expect((await account(target.person.id)).roles).to.deep.equal(["analyst"]);
  });

  it("changes roles, which count at the person's next page", async () => {
    const administrator = await visitorWith(app, "administrator");
    const person = await visitorWith(app, "analyst");
    const path = `/administration/comptes/${person.person.id}`;
    expect((await administrator.post(`${path}/roles`, { roles: ["reviewer", "administrator"] })).location).to.equal(path);
    expect((await account(person.person.id)).roles).to.deep.equal(["reviewer", "administrator"]);
    expect((await person.get("/administration/comptes")).status).to.equal(200);
    expect((await administrator.post(`${path}/roles`, {})).status).to.equal(422);
    expect((await administrator.post(`${path}/roles`, { roles: ["analyst", "owner"] })).status).to.equal(422);
    expect((await account(person.person.id)).roles).to.deep.equal(["reviewer", "administrator"]);
  });

  it("disables an account, ends its sessions, and opens it again", async () => {
    const administrator = await visitorWith(app, "administrator");
    const person = await visitorWith(app, "analyst");
    const path = `/administration/comptes/${person.person.id}`;
    await administrator.post(`${path}/desactiver`);
    expect((await person.get("/compte")).status).to.equal(303);
    expect((await administrator.get(path)).text).to.include("Compte désactivé");
    await administrator.post(`${path}/reactiver`);
    expect((await person.get("/compte")).status).to.equal(303);
    await person.signIn(person.person.email);
    expect((await person.get("/compte")).status).to.equal(200);
    await administrator.post(`${path}/sessions/fermer`);
    expect((await person.get("/compte")).status).to.equal(303);
  });

  it("never leaves the house without an active administrator", async () => {
    const last = await visitorWith(app, "administrator", "analyst");
    const path = `/administration/comptes/${last.person.id}`;
    const refused = await last.post(`${path}/roles`, { roles: "analyst" });
    expect(refused.status).to.equal(422);
    expect(refused.text).to.include("dernier compte administrateur actif");
    const kept = await last.post(`${path}/desactiver`);
    expect(kept.status).to.equal(409);
    expect(kept.text).to.include("dernier compte administrateur actif");
    expect(await account(last.person.id)).to.deep.include({ roles: ["analyst", "administrator"], disabledAt: null });

    const other = await visitorWith(app, "administrator");
    await other.post(`/administration/comptes/${other.person.id}/desactiver`);
    await last.get(path);
    expect((await last.post(`${path}/roles`, { roles: "analyst" })).status).to.equal(422); // a disabled administrator is none
    const third = await visitorWith(app, "administrator");
    expect((await third.post(`${path}/roles`, { roles: "analyst" })).status).to.equal(303);
  });

  it("answers 404 for an account or invitation that does not exist", async () => {
    const administrator = await visitorWith(app, "administrator");
    expect((await administrator.get("/administration/comptes/personne")).status).to.equal(404);
    await administrator.get("/compte");
    for (const act of ["desactiver", "reactiver", "recuperation", "sessions/fermer"])
      expect((await administrator.post(`/administration/comptes/personne/${act}`)).status).to.equal(404);
    expect((await administrator.post("/administration/comptes/invitations/aucune/revoquer")).status).to.equal(404);
  });

  it("writes who did what to whom, with ids only", async () => {
    const administrator = await visitorWith(app, "administrator");
    const person = await visitorWith(app, "analyst");
    const path = `/administration/comptes/${person.person.id}`;
    await administrator.post(`${path}/roles`, { roles: ["reviewer"] });
    await administrator.post(`${path}/recuperation`);
    await administrator.get(path);
    await administrator.post(`${path}/desactiver`);
    const rows = await app.database.db
      .selectFrom("audit")
      .select(["account_id", "action", "object_id", "detail"])
      .where("object_kind", "=", "account")
      .orderBy("id")
      .execute();
    const by = { account_id: administrator.person.id, object_id: person.person.id };
    expect(rows).to.deep.equal([
      { ...by, action: "roles-changed", detail: '{"from":"analyst","to":"reviewer"}' },
      { ...by, action: "recovery-link-made", detail: null },
      { ...by, action: "account-disabled", detail: null },
    ]);
    const all = JSON.stringify(await app.database.db.selectFrom("audit").selectAll().execute());
    expect(all).not.to.include(person.person.email).and.not.include("Personne");
  });

  it("shows the log by act and by account, a hundred entries a page, and notes who read it", async () => {
    const administrator = await visitorWith(app, "administrator");
    const at = app.context.clock().toISOString();
    const row = { at, account_id: null, object_kind: "essai", result: "done", address: null, detail: null } as const;
    await app.database.db
      .insertInto("audit")
      .values(Array.from({ length: 150 }, (_, n) => ({ ...row, action: "counted", object_id: `n${n}.` })))
      .execute();
    const first = (await administrator.get("/administration/audit?acte=counted")).text;
    expect(first.match(/essai n\d+\./g)).to.have.length(100);
    expect(first).to.include("essai n149.").and.not.include("essai n49.");
    const older = /href="(\/administration\/audit\?acte=counted&amp;avant=\d+)"/.exec(first)![1]!.replace("&amp;", "&");
    const second = (await administrator.get(older)).text;
    expect(second.match(/essai n\d+\./g)).to.have.length(50);
    expect(second).to.include("essai n49.").and.include("essai n0.");
    const own = (await administrator.get(`/administration/audit?compte=${administrator.person.id}&acte=`)).text;
    expect(own).to.include("audit-read").and.not.include("counted</code>");
    expect((await administrator.get("/administration/audit?compte=a&compte=b")).status).to.equal(400);
  });

  it("keeps earlier recovery links from working when a newer one is made", async () => {
    const administrator = await visitorWith(app, "administrator");
    const person = await visitorWith(app, "analyst");
    const path = `/administration/comptes/${person.person.id}/recuperation`;
    const secretOf = (text: string) => /\/recuperation\/([\w-]+)<\/textarea>/.exec(text)![1]!;
    const earlier = secretOf((await administrator.post(path)).text);
    const newer = secretOf((await administrator.post(path)).text);
    expect(await findLiveToken(app.database.db, earlier, app.context.clock().toISOString())).to.equal(undefined);
    expect((await findLiveToken(app.database.db, newer, app.context.clock().toISOString()))?.accountId).to.equal(person.person.id);
  });
});
