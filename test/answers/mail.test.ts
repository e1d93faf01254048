import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect } from "chai";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Database } from "../../db/database.ts";
import type { AddresseeContactTable, MailMessageTable, RecommendationTable } from "../../db/schema.ts";
import { forgetFailedMail, mailTransport, sendDueMail, startMail } from "../../server/answers/outbox.ts";
import type { MailSettings } from "../../server/config.ts";
import { revokeLink } from "../../server/follow-up/links.ts";
import { queueAcknowledgement, queueMail } from "../../server/follow-up/mail.ts";
import type { Context } from "../../server/http/context.ts";
import { TEST_CONFIG } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, REPORT_TEXT, reportIn } from "../support/reports.ts";
import { certificate, contact, issued, linkTo, NOW, rowOf } from "./support.ts";

type Letter = { from: string; to: string[]; raw: string; text: string; encrypted: boolean };
/** A real mail server on a free port of this machine. `letters` is what it accepted. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; letters: Letter[]; close: () => Promise<void> }> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const { mailFrom, rcptTo } = session.envelope;
        const [head = "", ...body] = raw.split("\r\n\r\n");
        const coded = body.join("\r\n\r\n");
        const text = /base64/i.test(head) ? Buffer.from(coded, "base64").toString("utf8") : unquoted(coded);
        letters.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          raw,
          text,
          encrypted: session.secure === true,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.server.address() as AddressInfo).port,
    letters,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
/** Quoted-printable, decoded. */
const unquoted = (text: string): string =>
  Buffer.from(
    text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");

const settings = (port: number, given: Partial<MailSettings> = {}): MailSettings => ({
  host: "127.0.0.1",
  port,
  tls: "opportunistic",
  user: null,
  pass: null,
  from: "Observatoire d’essai <suivi@observatoire.invalid>",
  ...given,
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`mail on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    let report: BuiltReport;
    let row: RecommendationTable;
    let to: AddresseeContactTable;
    let now: Date;

    const context = (mail: MailSettings | null): Context => ({
      config: { ...TEST_CONFIG, publicUrl: "https://retex.invalid", mail },
      database,
      clock: () => now,
      log: { warn() {}, error() {}, info() {} } as unknown as Context["log"],
      version: "0",
    });
    const later = (minutes: number) => {
      now = new Date(now.getTime() + minutes * 60_000);
    };
    /** Queues a link by mail as the page does. */
    async function queued(own: Context): Promise<{ secret: string; linkId: string }> {
      const { secret, link } = await linkTo(database, row, report.coordinator, { contactId: to.id });
      await database.db.transaction().execute((tx) =>
        queueMail(tx, own.config, {
          kind: "dispatch",
          recommendation: row,
          contact: to,
          link: { id: link.id, secret, expiresOn: "2027-02-01" },
          by: report.coordinator,
          now: now.toISOString(),
        }),
      );
      return { secret, linkId: link.id };
    }
    const mails = (): Promise<MailMessageTable[]> =>
      database.db.selectFrom("mail_message").selectAll().where("recommendation_id", "=", row.id).orderBy("created_at").execute();
    const trySending = async (own: Context): Promise<number> => {
      const transport = mailTransport(own.config.mail!);
      try {
        return await sendDueMail(own, transport, "a");
      } finally {
        transport.close();
      }
    };

    before(async () => {
      database = await open();
      report = await reportIn(database, "published");
    });
    after(() => database.close());
    beforeEach(async () => {
      now = clock();
      await database.db.deleteFrom("mail_message").execute();
      await database.db.updateTable("addressee_contact").set({ closed_at: NOW }).where("closed_at", "is", null).execute();
      row = await issued(database, { report_id: report.id, written_by: report.analyst.id });
      to = await contact(database, report.coordinator);
    });

    it("leaves once, with the link and no word of a case, and its text is erased", async () => {
      const server = await mailServer();
      try {
        const own = context(settings(server.port));
        const { secret } = await queued(own);
        expect(await trySending(own)).to.equal(1);
        expect(await trySending(own)).to.equal(0);
        expect(server.letters).to.have.length(1);
        const [letter] = server.letters;
        expect(letter).to.deep.include({ from: "suivi@observatoire.invalid", to: ["cheffe@police.invalid"] });
        expect(letter!.text)
          .to.include(`https://retex.invalid/reponse/${secret}`)
          .and.to.include(row.reference)
          .and.to.include("1er février 2027");
        const findings = await database.db.selectFrom("finding").select("statement").where("report_id", "=", report.id).execute();
        const words = [
          report.id,
          "RETEX-",
          row.text,
          ...findings.map(({ statement }) => statement),
          ...REPORT_TEXT.split("\n")
            .filter((line) => line.length > 30)
            .map((line) => line.slice(0, 30)),
        ];
        for (const word of words) expect(letter!.text + letter!.raw, word).not.to.include(word);
        const [mail] = await mails();
        expect(mail).to.include({ state: "sent", text: null, attempts: 1, runner: null, last_error: null });
        const proof = await database.db
          .selectFrom("recommendation_dispatch")
          .selectAll()
          .where("recommendation_id", "=", row.id)
          .executeTakeFirstOrThrow();
        expect(proof).to.include({
          kind: "dispatch",
          channel: "email",
          contact_id: to.id,
          proof_reference: `<${mail!.id}@observatoire.invalid>`,
        });
        expect(letter!.raw).to.include(`Message-ID: <${mail!.id}@observatoire.invalid>`);
      } finally {
        await server.close();
      }
    });

    it("is written in the language of the contact", async () => {
      const server = await mailServer();
      try {
        to = await contact(database, report.coordinator, { language: "en", email: "chief@police.invalid" });
        const own = context(settings(server.port));
        await queued(own);
        await trySending(own);
        expect(server.letters[0]!.text).to.include("Dear Sir or Madam").and.to.include("?langue=en");
        expect(server.letters[0]!.raw).to.match(/Content-Language: en/i);
      } finally {
        await server.close();
      }
    });

    it("that a server puts off is tried again, later each time, and given up after the eighth try", async () => {
      let refusals = 0;
      const server = await mailServer({
        onRcptTo: (_address, _session, done) => {
          refusals += 1;
          done(Object.assign(new Error("greylisted, RETEX"), { responseCode: 450 }));
        },
      });
      try {
        const own = context(settings(server.port));
        await queued(own);
        await trySending(own);
        expect((await mails())[0]).to.include({
          state: "queued",
          attempts: 1,
          last_error: "later",
          next_attempt_at: "2026-11-23T09:01:00.000Z",
        });
        await trySending(own);
        expect(refusals, "not before its time").to.equal(1);
        const waits = [];
        for (let at = 0; at < 7; at += 1) {
          const before = now.getTime();
          now = new Date((await mails())[0]!.next_attempt_at);
          waits.push((now.getTime() - before) / 60_000);
          await trySending(own);
        }
        expect(waits).to.deep.equal([1, 5, 15, 60, 180, 360, 720]);
        const [mail] = await mails();
        expect(mail).to.include({ state: "failed", attempts: 8, last_error: "later" });
        expect(mail!.text, "kept for another try").to.be.a("string");
        await forgetFailedMail(database.db, new Date(now.getTime() + 15 * 86_400_000));
        expect((await mails())[0]!.text).to.equal(null);
      } finally {
        await server.close();
      }
    });

    it("that was put off leaves when the server takes it", async () => {
      let greeted = 0;
      const server = await mailServer({
        onRcptTo: (_address, _session, done) => {
          greeted += 1;
          done(greeted === 1 ? Object.assign(new Error("greylisted"), { responseCode: 451 }) : null);
        },
      });
      try {
        const own = context(settings(server.port));
        await queued(own);
        expect(await trySending(own)).to.equal(0);
        later(2);
        expect(await trySending(own)).to.equal(1);
        expect((await mails())[0]).to.include({ state: "sent", attempts: 2, last_error: null });
      } finally {
        await server.close();
      }
    });

    it("that is refused for good fails at once", async () => {
      const server = await mailServer({
        onRcptTo: (_address, _session, done) => done(Object.assign(new Error("no such user"), { responseCode: 550 })),
      });
      try {
        const own = context(settings(server.port));
        await queued(own);
        await trySending(own);
        expect((await mails())[0]).to.include({ state: "failed", attempts: 1, last_error: "refused" });
      } finally {
        await server.close();
      }
    });

    it("is not said to a server without encryption, nor to one whose certificate nobody vouches for", async () => {
      const { key, cert } = certificate();
      const bare = await mailServer({ hideSTARTTLS: true, disabledCommands: ["STARTTLS", "AUTH"] });
      const strange = await mailServer({ key, cert });
      const strangeWhole = await mailServer({ key, cert, secure: true });
      try {
        for (const [port, tls] of [
          [bare.port, "required"],
          [strange.port, "required"],
          [strangeWhole.port, "implicit"],
        ] as const) {
          const own = context(settings(port, { tls }));
          await database.db.deleteFrom("mail_message").execute();
          await queued(own);
          await trySending(own);
          expect((await mails())[0], tls).to.include({ state: "queued", attempts: 1, last_error: "tls" });
        }
        expect([bare.letters, strange.letters, strangeWhole.letters]).to.deep.equal([[], [], []]);
      } finally {
        await Promise.all([bare.close(), strange.close(), strangeWhole.close()]);
      }
    });

    it("leaves encrypted through a server that is vouched for, with its passphrase", async () => {
      const { key, cert } = certificate();
      const known = getCACertificates("default");
      setDefaultCACertificates([...known, cert]);
      const onAuth: SMTPServerOptions["onAuth"] = ({ username, password }, _session, done) =>
        username === "retex" && password === "mot de passe"
          ? done(null, { user: "retex" })
          : done(Object.assign(new Error("wrong"), { responseCode: 535 }));
      const options: SMTPServerOptions = { key, cert, authOptional: false, onAuth };
      const upgraded = await mailServer(options);
      const whole = await mailServer({ ...options, secure: true });
      try {
        for (const [server, tls] of [
          [upgraded, "required"],
          [whole, "implicit"],
        ] as const) {
          await database.db.deleteFrom("mail_message").execute();
          const wrong = context(settings(server.port, { tls, user: "retex", pass: "autre" }));
          await queued(wrong);
          await trySending(wrong);
          expect((await mails())[0], tls).to.include({ state: "queued", last_error: "auth" });
          later(2);
          expect(await trySending(context(settings(server.port, { tls, user: "retex", pass: "mot de passe" }))), tls).to.equal(1);
          expect(server.letters.map(({ encrypted }) => encrypted)).to.deep.equal([true]);
        }
      } finally {
        setDefaultCACertificates(known);
        await Promise.all([upgraded.close(), whole.close()]);
      }
    });

    it("waits when nobody answers at the server's address", async () => {
      const server = await mailServer();
      await server.close();
      const own = context(settings(server.port));
      await queued(own);
      await trySending(own);
      expect((await mails())[0]).to.include({ state: "queued", attempts: 1, last_error: "connection" });
    });

    it("leaves once from two servers that share the database, and again from the other when one stopped in between", async () => {
      const server = await mailServer();
      try {
        const own = context(settings(server.port));
        for (let at = 0; at < 6; at += 1) await queued(own);
        const transports = [mailTransport(own.config.mail!), mailTransport(own.config.mail!)];
        const sent = await Promise.all([sendDueMail(own, transports[0]!, "a"), sendDueMail(own, transports[1]!, "b")]);
        expect(sent[0]! + sent[1]!).to.equal(6);
        expect(new Set(server.letters.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)![1])).size).to.equal(6);
        expect(server.letters).to.have.length(6);
        // One that took a message and stopped.
        await queued(own);
        await database.db
          .updateTable("mail_message")
          .set({ runner: "gone", leased_until: new Date(now.getTime() + 5 * 60_000).toISOString(), attempts: 1 })
          .where("state", "=", "queued")
          .execute();
        expect(await sendDueMail(own, transports[1]!, "b")).to.equal(0);
        later(6);
        expect(await sendDueMail(own, transports[1]!, "b")).to.equal(1);
        for (const transport of transports) transport.close();
      } finally {
        await server.close();
      }
    });

    it("does not leave when its link was revoked meanwhile", async () => {
      const server = await mailServer();
      try {
        const own = context(settings(server.port));
        const { linkId } = await queued(own);
        const { version } = await rowOf(database, row);
        await database.db
          .transaction()
          .execute((tx) => revokeLink(tx, { reference: row.reference, seenVersion: version, by: report.coordinator, now: NOW }, linkId));
        expect(await trySending(own)).to.equal(0);
        expect((await mails())[0]).to.include({ state: "cancelled", text: null });
        expect(server.letters).to.deep.equal([]);
      } finally {
        await server.close();
      }
    });

    it("does not leave when the recommendation was withdrawn meanwhile", async () => {
      const server = await mailServer();
      try {
        const own = context(settings(server.port));
        await queued(own);
        await database.db.updateTable("recommendation").set({ state: "withdrawn" }).where("id", "=", row.id).execute();
        expect(await trySending(own)).to.equal(0);
        expect((await mails())[0]).to.include({ state: "cancelled", text: null });
        expect(server.letters).to.deep.equal([]);
      } finally {
        await server.close();
      }
    });

    it("acknowledges an answer to whoever gave it through a link, and proves no dispatch", async () => {
      const server = await mailServer();
      try {
        const own = context(settings(server.port));
        const { link } = await linkTo(database, row, report.coordinator, { contactId: to.id });
        const answer = { link_id: link.id, received_at: "2026-11-20T10:00:00.000Z" };
        const acting = { by: report.coordinator, now: NOW };
        expect(await database.db.transaction().execute((tx) => queueAcknowledgement(tx, own.config, row, answer, acting))).to.equal(true);
        await trySending(own);
        expect(server.letters[0]!.text).to.include("20 novembre 2026").and.not.to.include("/reponse/");
        expect(
          await database.db.selectFrom("recommendation_dispatch").select("id").where("recommendation_id", "=", row.id).execute(),
        ).to.deep.equal([]);
        const silent = context(null);
        expect(await database.db.transaction().execute((tx) => queueAcknowledgement(tx, silent.config, row, answer, acting))).to.equal(
          false,
        );
      } finally {
        await server.close();
      }
    });

    it("stops cleanly, whether or not a server is set", async () => {
      await startMail(context(null))();
      await startMail(context(settings(1)))();
    });
  });
