import { expect } from "chai";
import { endSessions, setDisabled, setRoles } from "../../server/accounts/queries.ts";
import { createApp } from "../../server/app.ts";
import { forgetKeptActs } from "../../server/http/kept-acts.ts";
import { forgetOldSessions } from "../../server/http/sessions.ts";
import { assigned } from "../coding/support.ts";
import { PASSPHRASE, type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import type { BuiltReport } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

for (const [name, open] of Object.entries(DATABASES))
  describe(`a form sent after the session has expired (${name})`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let analyst: Awaited<ReturnType<typeof visitorWith>>;
    let report: BuiltReport;
    let at = clock().getTime();
    const later = (ms: number) => {
      at += ms;
    };
    const now = () => new Date(at).toISOString();
    const page = () => `/rapports/${report.id}/codage`;
    const from = () => ({ referer: `${app.url}${page()}?document=1&q=canari` });
    const fear = (value: string, more: Record<string, string> = {}) => ({
      factor: "victim_fear",
      subject: report.victim,
      seenVersion: "0",
      shown: "1",
      value,
      ...more,
    });
    const kept = () => app.database.db.selectFrom("kept_act").selectAll().orderBy("at").execute();
    const coded = () =>
      app.database.db
        .selectFrom("coding")
        .select(["value", "note"])
        .where("report_id", "=", report.id)
        .where("factor", "=", "victim_fear")
        .execute();
    const signInAgain = async (visitor: Visitor, email: string, retour: string) => {
      await visitor.get("/connexion");
      return visitor.post("/connexion", { email, passphrase: PASSPHRASE, retour });
    };
    const saveButton = (text: string) => /action="(\/actes-gardes\/[^"]+\/enregistrer)"/.exec(text)?.[1];

    beforeEach(async () => {
      at = clock().getTime();
      app = await startApp({}, open, () => new Date(at));
      analyst = await visitorWith(app, "analyst");
      report = await assigned(app.database, { analyst: analyst.person });
      await analyst.get(page());
    });
    afterEach(() => app.close());

    it("is kept, leads to signing in, comes back to the same place, and is saved there by the same person", async () => {
      later(31 * MINUTE);
      const sent = await analyst.post(`${page()}/valeur`, fear("present", { note: "Dit à sa sœur" }), from());
      expect([sent.status, sent.location]).to.deep.equal([303, `/connexion?retour=${encodeURIComponent(`${page()}?document=1`)}&garde=1`]);
      expect(await coded()).to.deep.equal([]);
      expect((await analyst.get(sent.location!)).text).to.include("est gardé sur le serveur");
      const back = await signInAgain(analyst, analyst.person.email, `${page()}?document=1`);
      expect(back.location).to.equal(`${page()}?document=1`);
      const { text } = await analyst.get(back.location!);
      expect(text).to.include("Un acte n’avait pas été enregistré").and.include("Présent").and.include("Dit à sa sœur");
      const saved = await analyst.post(saveButton(text)!);
      expect([saved.status, saved.location]).to.deep.equal([303, `${page()}?document=1#facteur-victim_fear-victim-1`]);
      expect(await coded()).to.deep.equal([{ value: "present", note: "Dit à sa sœur" }]);
      expect(await kept()).to.deep.equal([]);
      expect((await analyst.get(page())).text).not.to.include("Un acte n’avait pas été enregistré");
      expect((await analyst.post(saveButton(text)!)).status, "sent twice, done once").to.equal(404);
      const audit = await app.database.db
        .selectFrom("audit")
        .select("action")
        .where("account_id", "=", analyst.person.id)
        .where("object_kind", "=", "kept-act")
        .orderBy("id")
        .execute();
      expect(audit.map(({ action }) => action)).to.deep.equal(["act-kept", "kept-act-saved"]);
    });

    it("is told to a script with 401, kept once for each factor however often it is sent, and can be given up", async () => {
      later(13 * HOUR);
      for (const value of ["absent", "present"]) {
        const answer = await analyst.post(`${page()}/valeur`, fear(value), { accept: "application/json", ...from() });
        expect(answer.status).to.equal(401);
        expect(JSON.parse(answer.text)).to.deep.equal({
          kept: true,
          signIn: `/connexion?${new URLSearchParams({ retour: `${page()}?document=1`, garde: "1" })}`,
        });
      }
      expect((await kept()).map(({ body }) => JSON.parse(body).value)).to.deep.equal(["present"]);
      await signInAgain(analyst, analyst.person.email, page());
      const { text } = await analyst.get(page());
      const dropped = await analyst.post(saveButton(text)!.replace("enregistrer", "abandonner"));
      expect(dropped.location).to.equal(`${page()}?document=1`);
      expect(await kept()).to.deep.equal([]);
      expect(await coded()).to.deep.equal([]);
    });

    it("is judged again: a value coded meanwhile is never overwritten, and the act goes on waiting", async () => {
      later(31 * MINUTE);
      await analyst.post(`${page()}/valeur`, fear("present"), from());
      await signInAgain(analyst, analyst.person.email, page());
      await analyst.get(page());
      await analyst.post(`${page()}/valeur`, fear("absent", { reason: "Entendue" }));
      const { text } = await analyst.get(page());
      const conflict = await analyst.post(saveButton(text)!);
      expect(conflict.status).to.equal(409);
      expect((await coded()).map(({ value }) => value)).to.deep.equal(["absent"]);
      expect(await kept()).to.have.length(1);
    });

    it("never shows to, nor is saved by, another person who signs in at the same browser", async () => {
      later(31 * MINUTE);
      await analyst.post(`${page()}/valeur`, fear("present", { note: "CANARI" }), from());
      const [{ id } = { id: "" }] = await kept();
      const other = await visitorWith(app, "analyst");
      const browser = new Visitor(app.url);
      browser.cookies = analyst.cookies;
      await signInAgain(browser, other.person.email, page());
      const { text } = await browser.get(page());
      expect(text).not.to.include("CANARI").and.not.include("actes-gardes");
      expect((await browser.post(`/actes-gardes/${id}/enregistrer`)).status).to.equal(404);
      expect((await browser.post(`/actes-gardes/${id}/abandonner`)).status).to.equal(404);
      expect(await kept()).to.have.length(1);
    });

    it("is kept as well when the sign-in page was opened first, or the person signed in again in another tab", async () => {
      const [token] = [/name="_csrf" value="([^"]+)"/.exec((await analyst.get(page())).text)![1]!];
      const old = (value: string) => new URLSearchParams({ _csrf: token, ...fear(value) });
      later(31 * MINUTE);
      await analyst.get(page());
      await analyst.get("/connexion");
      expect((await analyst.request("POST", `${page()}/valeur`, old("absent"), from())).location).to.include("garde=1");
      await signInAgain(analyst, analyst.person.email, page());
      const again = await analyst.request("POST", `${page()}/valeur`, old("present"), from());
      expect([again.status, again.location]).to.deep.equal([303, `${page()}?document=1`]);
      expect((await kept()).map(({ body }) => JSON.parse(body).value)).to.deep.equal(["present"]);
      expect((await analyst.get(page())).text).to.include("Un acte n’avait pas été enregistré");
      expect(await coded()).to.deep.equal([]);
    });

    it("is refused as before without its token, with another's, from another site, after signing out, and once the account is closed", async () => {
      const refused = async (visitor: Visitor, headers: Record<string, string> = {}) => {
        const answer = await visitor.post(`${page()}/valeur`, fear("present"), headers);
        expect(answer.status).to.equal(403);
        return answer.text.replace(/name="_csrf" value="[^"]+"/g, "");
      };
      const stranger = await visitorWith(app, "analyst");
      const signedOut = await visitorWith(app, "analyst");
      const cookies = signedOut.cookies;
      await signedOut.post("/deconnexion");
      signedOut.cookies = cookies;
      const ended = await visitorWith(app, "analyst");
      await endSessions(app.database.db, ended.person.id);
      later(31 * MINUTE);
      expect((await analyst.request("POST", `${page()}/valeur`, new URLSearchParams(fear("present")))).status).to.equal(403);
      await refused(analyst, { "sec-fetch-site": "cross-site" });
      const [hers, theirs] = [analyst.cookies, stranger.cookies];
      analyst.cookies = theirs;
      const text = await refused(analyst);
      analyst.cookies = hers;
      expect(await refused(signedOut)).to.equal(text);
      expect(await refused(ended)).to.equal(text);
      await app.database.db.transaction().execute((tx) => setDisabled(tx, analyst.person.id, now()));
      expect(await refused(analyst)).to.equal(text);
      await app.database.db.transaction().execute((tx) => setDisabled(tx, analyst.person.id, null));
      await app.database.db.transaction().execute((tx) => setRoles(tx, analyst.person.id, ["administrator"]));
      expect(await refused(analyst)).to.equal(text);
      analyst.cookies = hers.slice(0, -1);
      expect(await refused(analyst), "a signature that is not ours").to.equal(text);
      expect(await kept()).to.deep.equal([]);
    });

    it("does nothing else, whatever the form: an expired session opens no page and no route of accounts, passphrases or administration", async () => {
      const everyone = await visitorWith(app, "analyst", "reviewer", "coordinator", "administrator");
      const tables = async () => {
        const names = (await app.database.db.introspection.getTables()).map(({ name: table }) => table);
        const counts: Record<string, unknown> = {};
        for (const table of names.filter((one) => !["audit", "kept_act", "session"].includes(one)))
          counts[table] = await app.database.db
            .selectFrom(table as "report")
            .selectAll()
            .execute();
        return counts;
      };
      later(31 * MINUTE);
      const before = await tables();
      const forms = routesOf(createApp(app.context), "post").map((path) =>
        path
          .replace("/rapports/:id", `/rapports/${report.id}`)
          .replace(/:number/, "1")
          .replace(/:\w+/g, "x"),
      );
      for (const path of forms) {
        const { status, location } = await everyone.post(path, {}, { accept: "application/json" });
        const mayWait = /^\/(rapports|recommandations|redaction)\//.test(path);
        expect(status, path).to.be.oneOf(mayWait ? [401, 403, 409, 429] : [403]);
        expect(location, path).to.equal(null);
      }
      expect((await kept()).every(({ path }) => /^\/(rapports|recommandations|redaction)\//.test(path))).to.equal(true);
      expect(await tables()).to.deep.equal(before);
      expect((await everyone.get(page())).status).to.equal(303);
    });

    it("waits with nineteen others at most, within a size, a day long; its own session is remembered no longer", async () => {
      later(31 * MINUTE);
      const attach = (n: number, more = {}) =>
        analyst.post(`${page()}/passage`, fear("present", { block: String(n), ...more }), { accept: "application/json", ...from() });
      for (let n = 1; n <= 20; n++) expect((await attach(n)).status).to.equal(401);
      expect((await attach(21)).status).to.equal(409);
      expect((await attach(20)).status, "the same once more").to.equal(401);
      expect(await kept()).to.have.length(20);
      expect((await attach(22, { note: "x".repeat(70_000) })).status).to.equal(413);
      let status = 0;
      for (let n = 0; n < 50 && status !== 429; n++) status = (await attach(20)).status;
      expect(status).to.equal(429);
      later(25 * HOUR);
      await forgetOldSessions(app.database.db, new Date(at));
      expect((await attach(1)).status).to.equal(403);
      await signInAgain(analyst, analyst.person.email, page());
      expect((await analyst.get(page())).text).not.to.include("actes-gardes");
      await forgetKeptActs(app.database.db, new Date(at));
      expect(await kept()).to.deep.equal([]);
    });

    it("comes back to no address but ours, and with nothing in it that was searched for", async () => {
      later(31 * MINUTE);
      for (const [referer, place] of [
        ["https://ailleurs.invalid/rapports", page()],
        ["", page()],
        [`${app.url}//ailleurs.invalid`, page()],
        [`${app.url}${page()}/valeur`, page()],
        [`${app.url}/rapports?q=Durand`, "/rapports"],
        [`${app.url}${page()}?facteur=victim_fear&sujet=case&q=x`, `${page()}?facteur=victim_fear&sujet=case`],
      ] as const) {
        const { location } = await analyst.post(`${page()}/valeur`, fear("present"), { referer });
        expect(new URL(location!, app.url).searchParams.get("retour"), referer).to.equal(place);
      }
    });
  });
