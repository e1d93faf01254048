import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { codebookVersion } from "../../server/codebook/store.ts";
import { storeDocument } from "../../server/reports/intake.ts";
import { minutesOf } from "../../server/wellbeing/reminder.ts";
import { GRAPHIC_FACTORS, veilOf } from "../../server/wellbeing/veil.ts";
import { assigned } from "../coding/support.ts";
import { read } from "../documents/support/reading.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, passagesOf, reportIn } from "../support/reports.ts";

const MINUTE = 60_000;
type Person = Awaited<ReturnType<typeof visitorWith>>;

describe("the time spent with cases", () => {
  const at = (minutes: number) => new Date(clock().getTime() + minutes * MINUTE).toISOString();
  it("is the time between signs of work, pauses left out", () => {
    expect(minutesOf([])).to.equal(0);
    expect(minutesOf([at(0)])).to.equal(0);
    expect(minutesOf([at(0), at(4), at(9.5)])).to.equal(9);
    expect(minutesOf([at(0), at(10), at(60), at(65)])).to.equal(15);
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`hard reading (${name})`, function () {
    this.timeout(60_000);
    let app: RunningApp;
    let analyst: Person;
    let reviewer: Person;
    let report: BuiltReport;
    let at = clock().getTime();
    const now = () => new Date(at).toISOString();
    const settle = (who: Person, veil: string, more: Record<string, string> = {}) =>
      who.post("/compte/lecture", { veil, reminder: "60", ...more });
    const WORDS = "aucune scène de violence physique n’avait été vue ni entendue";
    /** Whether the words of a passage stand behind a summary on this page. */
    const covered = (text: string, words: string): boolean => {
      expect(text).to.include(words);
      const before = text.slice(0, text.indexOf(words));
      return before.lastIndexOf('<details class="veil">') > before.lastIndexOf("</details>");
    };

    before(async () => {
      app = await startApp({}, open, () => new Date(at));
      analyst = await visitorWith(app, "analyst");
      reviewer = await visitorWith(app, "reviewer");
      report = await reportIn(app.database, "published", { analyst: analyst.person });
    });
    after(() => app.close());
    beforeEach(() => {
      at = clock().getTime();
    });

    it("knows its factors by codes of the codebook", async () => {
      const { factors } = await codebookVersion(app.database.db, "1.0.0");
      const codes = new Set(factors.map(({ code }) => code));
      expect([...GRAPHIC_FACTORS].filter((code) => !codes.has(code))).to.deep.equal([]);
    });

    it("covers the words of graphic factors where one reads, and what everybody marked, by each person's own choice", async () => {
      const behind = "/observatoire/facteurs/physical_violence?valeur=absent";
      const edition = `/rapports/${report.id}/editions/1`;
      const marked = "n’a pas transmis la plainte au parquet";
      expect(covered((await reviewer.get(behind)).text, WORDS)).to.equal(true);
      expect(covered((await reviewer.get(edition)).text, marked)).to.equal(false);
      const [passage] = await passagesOf(app.database.db, report.id, "signal_not_transmitted");
      const mark = await analyst.post(`/rapports/${report.id}/passages/difficile`, { passage: passage! });
      expect([mark.status, mark.location]).to.deep.equal([303, `/rapports/${report.id}/codage?passage=${passage}`]);
      expect(covered((await reviewer.get(edition)).text, marked)).to.equal(true);
      expect(covered((await reviewer.get(`/rapports/${report.id}/relecture`)).text, marked)).to.equal(true);
      expect((await settle(reviewer, "nowhere")).status).to.equal(303);
      expect(covered((await reviewer.get(edition)).text, marked)).to.equal(false);
      expect(covered((await reviewer.get(behind)).text, WORDS)).to.equal(false);
      expect(covered((await analyst.get(behind)).text, WORDS), "another person's choice is their own").to.equal(true);
      await settle(reviewer, "reading");
      await analyst.post(`/rapports/${report.id}/passages/difficile`, { plain: passage! });
      expect(covered((await reviewer.get(edition)).text, marked)).to.equal(false);
      expect((await analyst.post(`/rapports/${report.id}/passages/difficile`, { passage: "inconnu" })).status).to.equal(404);
      const other = await reportIn(app.database, "received");
      expect((await analyst.post(`/rapports/${other.id}/passages/difficile`, { passage: passage! })).status).to.equal(404);
    });

    it("covers quotes on the coding page for those who read it, and for whoever codes only if they ask for it", async () => {
      const coder = await visitorWith(app, "analyst");
      const received = await assigned(app.database, { analyst: coder.person });
      const card = `/rapports/${received.id}/codage?carte=facteur-physical_violence`;
      const attach = {
        factor: "physical_violence",
        subject: "case",
        seenVersion: "0",
        shown: "1",
        document: "1",
        quote: WORDS,
        value: "absent",
      };
      await coder.get(card);
      expect((await coder.post(`/rapports/${received.id}/codage/passage`, attach)).status).to.equal(303);
      const quote = async (who: Person) => {
        const text = /<li data-quote=[\s\S]*?<\/li>/.exec((await who.get(card)).text)![0];
        expect(text).to.include(WORDS);
        return text.includes('<details class="veil">');
      };
      expect(await quote(coder), "the whole text stands beside").to.equal(false);
      expect(await quote(reviewer)).to.equal(true);
      await settle(coder, "everywhere");
      expect(await quote(coder)).to.equal(true);
      expect((await coder.get(card)).text).to.include("Passage difficile");
    });

    it("shows no picture of a scanned page unasked, but to whoever chose so", async () => {
      const { db } = app.database;
      const bytes = await readFile(new URL("../samples/retex-06-couple-age-numerise.pdf", import.meta.url));
      const document = await read(bytes, "numerise.pdf");
      await db
        .transaction()
        .execute((tx) =>
          storeDocument(tx, { reportId: report.id, fileName: "numerise.pdf", bytes, document, by: report.coordinator, now: now() }),
        );
      const reader = await visitorWith(app, "reviewer");
      const pictures = async (query = "") =>
        [...(await reader.get(`/rapports/${report.id}/codage?document=2${query}`)).text.matchAll(/<img [^>]*src="([^"]+)"/g)].map(
          ([, src]) => src,
        );
      expect(await pictures()).to.deep.equal([]);
      expect(await pictures("&vue=page&page=2")).to.deep.equal([`/rapports/${report.id}/documents/2/pages/2.png`]);
      await settle(reader, "reading", { pages: "1" });
      expect(await pictures()).to.deep.equal([`/rapports/${report.id}/documents/2/pages/1.png`]);
    });

    it("tells no blind coder what the other marked", async () => {
      const { db } = app.database;
      const blind = await reportIn(app.database, "coded", { analyst: analyst.person });
      const [passage] = await passagesOf(db, blind.id, "complaint_filed");
      await db.insertInto("hard_passage").values({ passage_id: passage!, marked_by: analyst.person.id, marked_at: now() }).execute();
      const veiled = async (who: Person) => (await veilOf(db, who.person.id, "reading", [blind.id]))(["complaint_filed"], passage!);
      expect(await veiled(reviewer)).to.equal(true);
      await db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", blind.id).execute();
      expect(await veiled(reviewer)).to.equal(false);
      expect(await veiled(analyst)).to.equal(true);
    });

    it("is reminded of quietly after one's own time, once put aside no more that day, and to nobody else", async () => {
      const coding = `/rapports/${report.id}/codage`;
      const noted = (who: Person, minutes: number) =>
        app.database.db
          .insertInto("audit")
          .values({
            at: new Date(at - minutes * MINUTE).toISOString(),
            account_id: who.person.id,
            action: "coding-read",
            object_kind: "report",
            object_id: report.id,
            result: "done",
            address: null,
            detail: null,
          })
          .execute();
      for (let minutes = 64; minutes >= 0; minutes -= 4) await noted(reviewer, minutes);
      const { text } = await reviewer.get(`${coding}?document=1`);
      expect(text)
        .to.match(/Environ 1\sheure avec des dossiers aujourd’hui/)
        .and.include(`value="${coding}?document=1"`);
      expect((await analyst.get(coding)).text).not.to.include("avec des dossiers");
      expect((await reviewer.get("/")).text, "the coding page alone").not.to.include("avec des dossiers");
      await settle(reviewer, "reading", { reminder: "90" });
      expect((await reviewer.get(coding)).text).not.to.include("avec des dossiers");
      await settle(reviewer, "reading", { reminder: "30" });
      expect((await reviewer.get(coding)).text).to.include("avec des dossiers");
      expect((await reviewer.post("/compte/rappel", { place: `${coding}?document=1` })).location).to.equal(`${coding}?document=1`);
      expect((await reviewer.get(coding)).text).not.to.include("avec des dossiers");
      expect((await reviewer.post("/compte/rappel", { place: "//ailleurs.invalid/rapports/x/codage" })).status).to.equal(400);
      at += 26 * 60 * MINUTE;
      const tomorrow = await visitorWith(app, "reviewer");
      for (let minutes = 40; minutes >= 0; minutes -= 5) await noted(tomorrow, minutes);
      expect((await tomorrow.get(coding)).text, "an hour is the default").not.to.include("avec des dossiers");
      await settle(tomorrow, "reading", { reminder: "0" });
      for (let minutes = 90; minutes >= 0; minutes -= 5) await noted(tomorrow, minutes);
      expect((await tomorrow.get(coding)).text).not.to.include("avec des dossiers");
    });

    it("is set on the page of one's account by whoever reads cases, each setting from its list", async () => {
      const person = await visitorWith(app, "analyst");
      const page = (await person.get("/compte")).text;
      expect(page)
        .to.match(/value="reading"[^>]* checked/)
        .and.match(/value="60"[^>]* checked/);
      await settle(person, "everywhere", { pages: "1", reminder: "90" });
      expect((await person.get("/compte")).text)
        .to.match(/value="everywhere"[^>]* checked/)
        .and.match(/name="pages" value="1" checked/);
      expect((await settle(person, "partout")).status).to.equal(422);
      expect((await settle(person, "reading", { reminder: "5" })).status).to.equal(422);
      const administrator = await visitorWith(app, "administrator");
      expect((await administrator.get("/compte")).text).not.to.include("Lire des passages difficiles");
      expect((await settle(administrator, "nowhere")).status).to.equal(403);
      expect(
        await app.database.db.selectFrom("reading_setting").selectAll().where("account_id", "=", administrator.person.id).execute(),
      ).to.deep.equal([]);
    });
  });
