import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { zipSync } from "fflate";
import { pino } from "pino";
import type { AnswerLinkTable, RecommendationTable } from "../../db/schema.ts";
import { createApp } from "../../server/app.ts";
import { type RunningApp, startApp, Visitor, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, REPORT_TEXT, reportIn } from "../support/reports.ts";
import { routesOf } from "../support/routes.ts";
import { issued, linkTo, rowOf } from "./support.ts";

const PROOF = new TextEncoder().encode("Circulaire fictive du 2 novembre 2026, publiée au bulletin.");
const plain = (html: string): string => html.replace(/[\u00a0\u202f]/g, " ");
const GIVEN = {
  said: "accepted",
  text: "Nous formerons les services avant l’été.",
  answeredOn: "2026-11-20",
  plannedFor: "2027-05-01",
  name: "Mme Exemple",
  function: "cheffe de service",
};
const nonceIn = (html: string): string => /name="nonce" value="([\w-]{22})"/.exec(html)![1]!;

for (const [name, open] of Object.entries(DATABASES))
  describe(`a personal link on ${name}`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let report: BuiltReport;
    let now = clock();
    let row: RecommendationTable;
    let link: AnswerLinkTable;
    let secret: string;
    let visitor: Visitor;
    let address: string;

    const answers = () => app.database.db.selectFrom("recommendation_answer").selectAll().where("link_id", "=", link.id).execute();
    const send = (from: Visitor, html: string, given: Record<string, string> = {}, files: { name: string; bytes: Uint8Array }[] = []) =>
      from.upload(
        address,
        { nonce: nonceIn(html), ...GIVEN, ...given },
        files.map((file) => ({ field: "proofs", ...file })),
      );

    before(async () => {
      app = await startApp({}, open, () => now);
      report = await reportIn(app.database, "published");
    });
    after(() => app.close());
    beforeEach(async () => {
      now = clock();
      row = await issued(app.database, { report_id: report.id, written_by: report.analyst.id });
      ({ secret, link } = await linkTo(app.database, row, report.coordinator));
      address = `/reponse/${secret}`;
      visitor = new Visitor(app.url);
    });

    it("holds 256 bits of chance, of which the database keeps a digest alone", async () => {
      expect(Buffer.from(secret, "base64url")).to.have.length(32);
      const stored = JSON.stringify(await app.database.db.selectFrom("answer_link").selectAll().execute());
      expect(stored).not.to.include(secret);
      expect(link.hash).to.match(/^[0-9a-f]{64}$/);
    });

    it("shows the recommendation and a form without a sign-in, to be kept by nobody on the way", async () => {
      const { status, text, headers } = await visitor.get(address);
      expect(status).to.equal(200);
      for (const shown of [
        row.reference,
        "Former les services",
        "30 juin 2027",
        "1er novembre 2026",
        "Circulaire publiée",
        "Observatoire d’essai",
      ])
        expect(plain(text), shown).to.include(shown);
      expect(headers.get("cache-control")).to.equal("no-store");
      expect(headers.get("referrer-policy")).to.equal("no-referrer");
      expect(headers.get("x-robots-tag")).to.include("noindex");
      expect(text).to.include('content="noindex, nofollow"');
      expect(text, "no way inside").not.to.match(/href="\/(connexion|rapports|recommandations|compte|")/);
      const { opened_at } = await app.database.db
        .selectFrom("answer_link")
        .select("opened_at")
        .where("id", "=", link.id)
        .executeTakeFirstOrThrow();
      expect(opened_at).to.equal(now.toISOString());
    });

    it("speaks English to whoever asks for it", async () => {
      expect((await visitor.get(`${address}?langue=en`)).location).to.equal(address);
      expect((await visitor.get(address)).text)
        .to.include("What do you answer?")
        .and.to.include('lang="en"');
    });

    it("records the receipt once, however often the button is pressed", async () => {
      await visitor.get(address);
      for (const _ of [1, 2]) expect((await visitor.post(`${address}/reception`)).location).to.equal(address);
      const { received_at } = await rowOf(app.database, row);
      expect(received_at).to.equal(now.toISOString());
      const dispatches = await app.database.db.selectFrom("recommendation_dispatch").selectAll().where("link_id", "=", link.id).execute();
      expect(dispatches).to.have.length(1);
      expect(dispatches[0]).to.include({ kind: "receipt", channel: "link", recipient: "Mme Exemple", by: null });
      expect(plain((await visitor.get(address)).text)).to.include("Vous avez confirmé la réception le 23 novembre 2026");
    });

    it("takes one answer with its proofs, and then shows what was answered and whether the observatory acknowledged it", async () => {
      const { text } = await visitor.get(address);
      const { status, location } = await send(visitor, text, {}, [{ name: "circulaire.txt", bytes: PROOF }]);
      expect([status, location]).to.deep.equal([303, address]);
      const [answer, ...others] = await answers();
      expect(others).to.deep.equal([]);
      expect(answer).to.include({ said: "accepted", answered_on: "2026-11-20", planned_for: "2027-05-01", by: null, number: 1 });
      expect(answer!.respondent).to.equal("Mme Exemple, cheffe de service");
      const proofs = await app.database.db.selectFrom("answer_proof").selectAll().where("answer_id", "=", answer!.id).execute();
      expect(proofs.map(({ file_name, media_type }) => [file_name, media_type])).to.deep.equal([["circulaire.txt", "text/plain"]]);
      expect(Buffer.from(proofs[0]!.bytes)).to.deep.equal(Buffer.from(PROOF));
      expect(await rowOf(app.database, row)).to.include({ state: "answered", answered_at: "2026-11-20T11:00:00.000Z" });
      const after = plain((await visitor.get(address)).text);
      for (const shown of [
        "Votre réponse est enregistrée",
        "Nous formerons les services",
        "circulaire.txt",
        "n’a pas encore accusé réception",
        "contact@observatoire.invalid",
      ])
        expect(after, shown).to.include(shown);
      expect(after).not.to.include('name="nonce"');
      const { version } = await rowOf(app.database, row);
      const { actOnRecommendation } = await import("../../server/follow-up/act.ts");
      await app.database.db.transaction().execute((tx) =>
        actOnRecommendation(tx, {
          reference: row.reference,
          seenVersion: version,
          event: { type: "ANSWER_ACKNOWLEDGED", by: report.coordinator },
          now: now.toISOString(),
        }),
      );
      expect(plain((await visitor.get(address)).text)).to.include("a accusé réception de cette réponse le 23 novembre 2026");
    });

    it("takes the same form sent twice as one answer, even at the same moment", async () => {
      const { text } = await visitor.get(address);
      const both = await Promise.all([send(visitor, text), send(visitor, text)]);
      expect(both.map(({ status, location }) => [status, location])).to.deep.equal([
        [303, address],
        [303, address],
      ]);
      expect(await answers()).to.have.length(1);
    });

    it("shows the second of two people what the first answered, and what they had typed", async () => {
      const other = new Visitor(app.url);
      const [mine, theirs] = [(await visitor.get(address)).text, (await other.get(address)).text];
      await send(visitor, mine);
      const { status, text } = await send(other, theirs, { said: "rejected", text: "Nous ne le ferons pas.", plannedFor: "" });
      expect(status).to.equal(409);
      for (const shown of ["Une réponse a déjà été donnée", "Nous formerons les services", "Nous ne le ferons pas.", "Refusée"])
        expect(text, shown).to.include(shown);
      expect(await answers()).to.have.length(1);
    });

    it("takes one of two answers that come at the same moment", async () => {
      const other = new Visitor(app.url);
      const [mine, theirs] = [(await visitor.get(address)).text, (await other.get(address)).text];
      const both = await Promise.all([send(visitor, mine), send(other, theirs, { text: "Autre réponse." })]);
      expect(both.map(({ status }) => status).sort()).to.deep.equal([303, 409]);
      expect(await answers()).to.have.length(1);
    });

    it("gives a form back with its errors, all that was typed, and the files that came", async () => {
      const { text } = await visitor.get(address);
      const first = await send(visitor, text, { said: "", name: "", text: "Un texte long à ne pas perdre." }, [
        { name: "circulaire.txt", bytes: PROOF },
      ]);
      expect(first.status).to.equal(422);
      expect(first.text).to.include("Un texte long à ne pas perdre.").and.to.include("circulaire.txt");
      expect(first.text).to.match(/<input class="input" id="name"[^>]*aria-invalid="true"/);
      const kept = /name="kept" value="([^"]+)" checked/.exec(first.text)![1]!;
      expect(nonceIn(first.text)).to.equal(nonceIn(text));
      const again = await visitor.upload(address, { nonce: nonceIn(first.text), ...GIVEN, kept }, []);
      expect(again.status).to.equal(303);
      const [answer] = await answers();
      const proofs = await app.database.db.selectFrom("answer_proof").select("file_name").where("answer_id", "=", answer!.id).execute();
      expect(proofs).to.deep.equal([{ file_name: "circulaire.txt" }]);
      expect(await app.database.db.selectFrom("answer_file").select("id").where("link_id", "=", link.id).execute()).to.deep.equal([]);
    });

    it("does not take the file that waits behind another link", async () => {
      const elsewhere = await linkTo(app.database, row, report.coordinator, { recipient: "Une autre personne" });
      const html = (await visitor.get(`/reponse/${elsewhere.secret}`)).text;
      const form = { nonce: nonceIn(html), ...GIVEN, name: "" };
      const came = await visitor.upload(`/reponse/${elsewhere.secret}`, form, [{ field: "proofs", name: "autre.txt", bytes: PROOF }]);
      const kept = /name="kept" value="([^"]+)" checked/.exec(came.text)![1]!;
      const { text } = await visitor.get(address);
      expect((await visitor.upload(address, { nonce: nonceIn(text), ...GIVEN, kept }, [])).status).to.equal(303);
      const [answer] = await answers();
      expect(await app.database.db.selectFrom("answer_proof").select("id").where("answer_id", "=", answer!.id).execute()).to.deep.equal([]);
    });

    it("refuses files as a deposit does: by what they hold, their size and their number", async () => {
      const { text } = await visitor.get(address);
      const bomb = zipSync({ "word/document.xml": new Uint8Array(300 * 1024 * 1024) }, { level: 9 });
      const bad: [string, Uint8Array][] = [
        ["programme.pdf", new TextEncoder().encode("MZ\u0090 programme")],
        [
          "image.png",
          Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==", "base64"),
        ],
        ["bombe.docx", bomb],
        ["vide.txt", new Uint8Array(0)],
        ["grand.txt", new Uint8Array(25 * 1024 * 1024 + 1).fill(65)],
      ];
      for (const [file, bytes] of bad) {
        const { status, text: html } = await send(visitor, text, {}, [{ name: file, bytes }]);
        expect(status, file).to.equal(422);
        expect(html, file).to.include('id="proofs-error"').and.to.include(file).and.not.to.include('name="kept"');
      }
      const many = Array.from({ length: 6 }, (_, at) => ({ name: `piece${at}.txt`, bytes: PROOF }));
      const { status, text: html } = await send(visitor, text, {}, many);
      expect(status).to.equal(422);
      expect(html).to.include("Joignez au plus 5 pièces");
      expect(await answers()).to.deep.equal([]);
    });

    it("refuses dates that cannot be, next to the field", async () => {
      const { text } = await visitor.get(address);
      for (const [given, field] of [
        [{ answeredOn: "2026-11-24" }, "answeredOn"],
        [{ answeredOn: "2026-08-31" }, "answeredOn"],
        [{ answeredOn: "2026-02-30" }, "answeredOn"],
        [{ plannedFor: "2026-11-23" }, "plannedFor"],
        [{ said: "rejected" }, "plannedFor"],
      ] as const) {
        const { status, text: html } = await send(visitor, text, given);
        expect(status, JSON.stringify(given)).to.equal(422);
        expect(html, JSON.stringify(given)).to.include(`id="${field}-error"`);
      }
      expect(await answers()).to.deep.equal([]);
    });

    it("gives back what was typed on a page that stood open longer than its session, and does nothing with it", async () => {
      const { text } = await visitor.get(address);
      now = new Date(now.getTime() + 2 * 3_600_000);
      const late = await send(visitor, text, {}, [{ name: "circulaire.txt", bytes: PROOF }]);
      expect(late.status).to.equal(403);
      expect(late.text).to.include("Nous formerons les services avant l’été.").and.to.include("circulaire.txt");
      expect(await answers()).to.deep.equal([]);
      const kept = /name="kept" value="([^"]+)" checked/.exec(late.text)![1]!;
      expect((await visitor.upload(address, { nonce: nonceIn(late.text), ...GIVEN, kept }, [])).status).to.equal(303);
      expect(await answers()).to.have.length(1);
    });

    it("says calmly that it expired or was revoked, to a right secret alone, and gives back what was being typed", async () => {
      const { text } = await visitor.get(address);
      await app.database.db.updateTable("answer_link").set({ expires_at: "2026-11-22T23:59:59.999Z" }).where("id", "=", link.id).execute();
      const expired = await visitor.get(address);
      expect(expired.status).to.equal(410);
      expect(plain(expired.text)).to.include("Ce lien a expiré").and.to.include("22 novembre 2026").and.not.to.include(row.text);
      const late = await send(visitor, text);
      expect(late.status).to.equal(410);
      expect(late.text).to.include("Nous formerons les services avant l’été.");
      await app.database.db.updateTable("answer_link").set({ revoked_at: now.toISOString() }).where("id", "=", link.id).execute();
      expect((await visitor.get(address)).text).to.include("Ce lien a été révoqué");
      expect(await answers()).to.deep.equal([]);
    });

    it("says that no answer is awaited any more once the recommendation was withdrawn", async () => {
      await app.database.db.updateTable("recommendation").set({ state: "withdrawn" }).where("id", "=", row.id).execute();
      const { status, text } = await visitor.get(address);
      expect(status).to.equal(410);
      expect(text).to.include("Aucune réponse n’est plus attendue").and.not.to.include(row.text);
    });

    it("tells an altered address from a guessed one in nothing", async () => {
      const altered = `${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`;
      const pages = [];
      for (const one of [altered, "devinette", secret.slice(1), `${secret}x`, secret.toLowerCase()]) {
        const { status, text, headers } = await new Visitor(app.url).get(`/reponse/${one}`);
        expect(status, one).to.equal(404);
        expect(headers.getSetCookie(), "no session for a guess").to.deep.equal([]);
        pages.push(text.replaceAll(one, "…"));
      }
      expect(new Set(pages).size).to.equal(1);
    });

    it("lets nobody try addresses without end, and is not closed to its holder by a few mistakes", async () => {
      const own = await startApp({}, open);
      try {
        const made = await reportIn(own.database, "published");
        const { secret: right } = await linkTo(
          own.database,
          await issued(own.database, { report_id: made.id, written_by: made.analyst.id }),
          made.coordinator,
        );
        for (let at = 0; at < 5; at += 1) await new Visitor(own.url).get(`/reponse/faux${at}`);
        expect((await new Visitor(own.url).get(`/reponse/${right}`)).status).to.equal(200);
        let last = 404;
        for (let at = 0; at < 70 && last === 404; at += 1) ({ status: last } = await new Visitor(own.url).get(`/reponse/autre${at}`));
        expect(last).to.equal(429);
      } finally {
        await own.close();
      }
    });

    it("opens nothing else of the tool: every other address asks to sign in", async () => {
      await visitor.get(address);
      await visitor.post(`${address}/reception`);
      const filled = (path: string) =>
        path
          .replace("/rapports/:id", `/rapports/${report.id}`)
          .replace(":reference", row.reference)
          .replace(":secret", "inconnu")
          .replace(/[:*]\w+/g, "1");
      const PUBLIC =
        /^\/(|modern-normalize\.css|sante|connexion|deconnexion|publications.*|bonnes-pratiques.*|donnees-ouvertes.*|aide|accessibilite|mentions-legales|donnees-personnelles|plan-du-site|(invitation|premier-administrateur|recuperation|reponse)\/.*)$/;
      const inside = routesOf(createApp(app.context), "get")
        .map(filled)
        .filter((path) => !PUBLIC.test(path));
      expect(inside.length).to.be.greaterThan(60);
      for (const path of inside) {
        let at = path;
        for (let steps = 0; steps < 4 && !at.startsWith("/connexion"); steps += 1) {
          const { status, location } = await visitor.get(at);
          expect(status, `${path} ${at}`).to.equal(303);
          at = location!;
        }
        expect(at, path).to.match(/^\/connexion/);
      }
    });

    it("holds nothing of a case in its pages, headers and errors", async () => {
      const { db } = app.database;
      const findings = await db.selectFrom("finding").select(["id", "statement"]).where("report_id", "=", report.id).execute();
      await db.insertInto("recommendation_finding").values({ recommendation_id: row.id, finding_id: findings[0]!.id }).execute();
      const words = [
        report.id,
        "RETEX-",
        ...findings.map(({ statement }) => statement),
        ...REPORT_TEXT.split("\n")
          .filter((line) => line.length > 30)
          .map((line) => line.slice(0, 30)),
        "Acteur",
      ];
      const { text } = await visitor.get(address);
      const pages = [
        await visitor.get(address),
        await send(visitor, text, { name: "" }),
        await visitor.get(`/reponse/${secret}x`),
        await send(visitor, text),
        await visitor.get(address),
      ];
      for (const { text: html, headers } of pages)
        for (const word of words) {
          expect(html).not.to.include(word);
          expect(JSON.stringify([...headers])).not.to.include(word);
        }
    });

    it("is read by somebody of the house as its addressee sees it, without answering for them", async () => {
      const inside = await visitorWith(app, "coordinator");
      const { status, text } = await inside.get(address);
      expect(status).to.equal(200);
      expect(text)
        .to.include("Voici ce que voit le destinataire")
        .and.not.to.include('name="nonce"')
        .and.not.to.include('class="site-nav"');
      const form = { nonce: "aaaaaaaaaaaaaaaaaaaaaa", ...GIVEN };
      await inside.get("/compte");
      expect((await inside.upload(address, form, [])).location).to.equal(address);
      expect(await answers()).to.deep.equal([]);
    });

    it("leaves its track in the history and in the audit, by the link's number and never its secret", async () => {
      const { text } = await visitor.get(address);
      await visitor.post(`${address}/reception`);
      await send(visitor, text);
      const events = await app.database.db
        .selectFrom("recommendation_event")
        .selectAll()
        .where("recommendation_id", "=", row.id)
        .orderBy("version")
        .execute();
      expect(events.map(({ type, link_id, by }) => [type, link_id ?? "", by === null])).to.deep.equal([
        ["ANSWER_LINK_MADE", "", false],
        ["RECEIPT_RECORDED", link.id, true],
        ["ANSWER_RECEIVED", link.id, true],
      ]);
      const audit = await app.database.db.selectFrom("audit").selectAll().where("object_id", "=", link.id).orderBy("id").execute();
      expect(audit.map(({ action }) => action)).to.include.members(["answer-link-opened", "receipt-confirmed", "answer-received"]);
      expect(JSON.stringify([events, audit])).not.to.include(secret);
    });
  });

describe("a form of a personal link", () => {
  it("takes a document as offices write them", async () => {
    const app = await startApp();
    try {
      const report = await reportIn(app.database, "published");
      const file = "retex-01-note-du-parquet.docx";
      const row = await issued(app.database, { report_id: report.id, written_by: report.analyst.id });
      const { secret } = await linkTo(app.database, row, report.coordinator);
      const visitor = new Visitor(app.url);
      const { text } = await visitor.get(`/reponse/${secret}`);
      const bytes = readFileSync(join(import.meta.dirname, "../samples", file));
      const { status } = await visitor.upload(`/reponse/${secret}`, { nonce: nonceIn(text), ...GIVEN }, [
        { field: "proofs", name: file, bytes },
      ]);
      expect(status).to.equal(303);
    } finally {
      await app.close();
    }
  });

  it("leaves in the logs neither its secret nor a word of what was said", async () => {
    const app = await startApp();
    const lines: string[] = [];
    const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
    const server = createApp({ ...app.context, log }).listen(0, "127.0.0.1");
    try {
      await new Promise((listening) => server.once("listening", listening));
      const report = await reportIn(app.database, "published");
      const row = await issued(app.database, { report_id: report.id, written_by: report.analyst.id });
      const { secret } = await linkTo(app.database, row, report.coordinator);
      const visitor = new Visitor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      const { text } = await visitor.get(`/reponse/${secret}`);
      await visitor.upload(`/reponse/${secret}`, { nonce: nonceIn(text), ...GIVEN, name: "" }, []);
      await visitor.upload(`/reponse/${secret}`, { nonce: nonceIn(text), ...GIVEN }, []);
      await visitor.get(`/reponse/${secret}x`);
      expect(lines.length).to.be.greaterThan(3);
      for (const word of [secret, row.reference, report.id, "formerons", "Exemple"]) expect(lines.join("\n")).not.to.include(word);
    } finally {
      server.closeAllConnections();
      server.close();
      await app.close();
    }
  });
});
