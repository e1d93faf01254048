import { expect } from "chai";
import { sql } from "kysely";
import { createApp } from "../../server/app.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";

describe("what stands before every page and form", () => {
  let app: RunningApp;
  let forms: string[];
  let report: BuiltReport;
  let visitor: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    report = await reportIn(app.database, "published");
    visitor = await visitorWith(app, "correspondent", "analyst", "reviewer", "coordinator", "administrator");
    forms = routesOf(createApp(app.context), "post").map((path) =>
      path
        .replace("/rapports/:id", `/rapports/${report.id}`)
        .replace(/:number/, "1")
        .replace(/:\w+/g, "x"),
    );
  });
  after(() => app.close());

  it("is the token of the session: a form without it, with another one, or sent by another site does nothing", async () => {
    expect(forms.length).to.be.greaterThan(40);
    const stranger = await visitorWith(app, "analyst");
    const token = /name="_csrf" value="([^"]+)"/.exec((await stranger.get("/compte")).text)![1]!;
    for (const path of forms) {
      for (const body of [new URLSearchParams(), new URLSearchParams({ _csrf: token })])
        for (const headers of [{}, { accept: "application/json" }] as Record<string, string>[])
          expect((await visitor.request("POST", path, body, headers)).status, path).to.equal(403);
      expect((await visitor.post(path, {}, { "sec-fetch-site": "cross-site" })).status, path).to.equal(403);
    }
    expect((await visitor.get("/compte")).status, "still signed in").to.equal(200);
  });

  it("is the list of a form's fields: one more is refused, whatever its name", async () => {
    for (const path of forms.filter((one) => one !== "/deconnexion"))
      for (const name of ["role", "constructor"])
        expect((await visitor.post(path, Object.fromEntries([[name, "administrator"]]))).status, `${path} ${name}`).to.equal(400);
  });

  it("are the headers of every answer, errors and files included", async () => {
    for (const path of [
      "/",
      `/rapports/${report.id}`,
      `/rapports/${report.id}/documents/1/original`,
      "/recommandations/export.xlsx",
      "/publications",
      "/sante",
      "/assets/theme.css",
      "/assets/modern-normalize.css",
      "/assets/inconnu.css",
      "/inconnu",
      "/rapports/%00",
      "/rapports/%FF",
      "/administration",
    ]) {
      const { headers, status } = await visitor.get(path);
      expect(headers.get("content-security-policy"), path).to.include("default-src 'none'").and.to.include("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options"), path).to.equal("nosniff");
      expect(headers.get("referrer-policy"), path).to.equal("same-origin");
      expect(headers.has("x-powered-by"), path).to.equal(false);
      if (!path.startsWith("/assets/") && status !== 303) expect(headers.get("cache-control"), path).to.equal("no-store");
    }
  });

  it("lets nobody on the way keep an error, whoever it was answered to", async () => {
    for (const path of ["/inconnu", "/publications/inconnue", "/publications/inconnue.pdf", "/rapports/%00"])
      expect((await fetch(app.url + path, { redirect: "manual" })).headers.get("cache-control"), path).to.equal("no-store");
    expect((await fetch(`${app.url}/publications`)).headers.get("cache-control")).to.equal("public, max-age=300");
  });

  it("is the audit: what it cannot note is neither shown nor done", async () => {
    await sql`create trigger audit_full before insert on audit begin select raise(abort, 'full'); end`.execute(app.database.db);
    const version = String(report.version);
    for (const path of [
      "",
      "/fiche",
      "/codage",
      "/codage?carte=facteur-victim_fear-victim-1",
      "/arbitrage",
      "/constats",
      "/relecture",
      "/editions/1",
      "/documents/1/original",
    ])
      expect((await visitor.get(`/rapports/${report.id}${path}`)).status, path).to.equal(500);
    for (const path of [
      "/recommandations/export.csv",
      "/recommandations/REC-2026-0001",
      "/observatoire/facteurs/victim_fear",
      "/bonnes-pratiques",
    ])
      expect((await visitor.get(path)).status, path).to.equal(500);
    const reopened = await visitor.post(`/rapports/${report.id}/rouvrir`, { version, kind: "judgment", reason: "Jugement rendu" });
    expect(reopened.status).to.equal(500);
    const { state } = await app.database.db.selectFrom("report").select("state").where("id", "=", report.id).executeTakeFirstOrThrow();
    expect(state).to.equal("published");
    await sql`drop trigger audit_full`.execute(app.database.db);
  });
});
