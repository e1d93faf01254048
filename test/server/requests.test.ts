import { get, type IncomingMessage } from "node:http";
import { expect } from "chai";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";

for (const [name, open] of Object.entries(DATABASES))
  describe(`requests that no page sends (${name})`, () => {
    let app: RunningApp;
    let visitor: Visitor;
    let report: BuiltReport;
    before(async () => {
      app = await startApp({}, open);
      visitor = await visitorWith(app, "analyst", "reviewer", "coordinator", "administrator");
      report = await reportIn(app.database, "coded");
    });
    after(() => app.close());

    it("with a NUL in the address are refused, whatever the page", async () => {
      for (const path of [
        "/rapports/%00",
        "/rapports?q=a%00",
        "/rapports?analyste=%00",
        "/recommandations/%00",
        "/observatoire/facteurs/victim_fear?valeur=%00",
        "/redaction/%00",
        "/publications/%00",
        "/publications/%00.pdf",
        "/administration/comptes/%00",
        "/administration/audit?compte=%00",
      ])
        expect((await visitor.get(path)).status, path).to.equal(400);
    });

    it("with a NUL in a form are refused", async () => {
      for (const headers of [{}, { accept: "application/json" }]) {
        expect((await visitor.post("/rapports/%00/ecarter", { version: "1", kind: "duplicate", reason: "x" }, headers)).status).to.equal(
          400,
        );
        expect((await visitor.post("/rapports/nouveau", { staged: "\0" }, headers)).status).to.equal(400);
        const value = { factor: "victim_fear", subject: "\0", seenVersion: "0", value: "present" };
        expect((await visitor.post(`/rapports/${report.id}/codage/valeur`, value, headers)).status).to.equal(400);
      }
    });

    it("with a number beyond every integer are answered like any wrong one", async () => {
      for (const number of ["99999999999", "9007199254740991"]) {
        expect((await visitor.get(`/rapports/${report.id}/documents/${number}/original`)).status).to.equal(404);
        expect((await visitor.get(`/rapports/${report.id}/documents/1/pages/${number}.png`)).status).to.equal(404);
        const act = await visitor.post(`/rapports/${report.id}/constats/soumettre`, { version: number });
        expect(act.status).to.equal(422);
      }
    });

    it("as multipart without a boundary are refused", async () => {
      const headers = { cookie: visitor.cookies, "content-type": "multipart/form-data" };
      expect((await fetch(`${app.url}/rapports/nouveau`, { method: "POST", headers, body: "x" })).status).to.equal(400);
    });

    it("to change the language lead nowhere else, and keep what the address asked for", async () => {
      for (const [path, to] of [
        ["//ailleurs.invalid?langue=en", "/ailleurs.invalid"],
        ["/aide?langue=en&a=1&a=2", "/aide?a=1&a=2"],
      ] as const)
        expect((await visitor.get(path)).location, path).to.equal(to);
      // fetch would make a slash of it, as browsers do
      const { headers } = await new Promise<IncomingMessage>((answered) =>
        get(app.url, { path: "/\\ailleurs.invalid?langue=en" }, answered),
      );
      expect(headers.location).to.equal("/ailleurs.invalid");
    });

    it("on a report that is not theirs are answered to a correspondent like one that does not exist", async () => {
      const correspondent = await visitorWith(app, "correspondent");
      for (const headers of [{}, { accept: "application/json" }])
        for (const id of [report.id, "RETEX-2026-9999"]) {
          const answer = await correspondent.post(`/rapports/${id}/affecter`, { version: "1", analyst: "x", priority: "normal" }, headers);
          expect(answer.status, id).to.equal(404);
        }
    });
  });
