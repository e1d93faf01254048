import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { fieldOf, queryOf, readField, type Shown, shownOf } from "../../server/coding/shown.ts";
import { readDocument } from "../../server/documents/read-document.ts";
import { storeDocument } from "../../server/reports/intake.ts";
import type { Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import type { BuiltReport } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

const SAMPLES = join(import.meta.dirname, "../samples");
/** What one page of the tool may weigh, as sent, for a report of a few pages. */
const MOST_BYTES = 350_000;

describe("what the document side shows", () => {
  const number = fc.option(fc.integer({ min: 1, max: 999_999 }), { nil: null });
  const shown: fc.Arbitrary<Shown> = fc
    .record({ document: number, beside: number, view: fc.constantFrom("text" as const, "page" as const, "both" as const), page: number })
    .map((one) => (one.view === "text" ? { ...one, page: null } : one));

  it("is the same as an address and as the field of a form", () => {
    fc.assert(
      fc.property(shown, (one) => {
        expect(readField(fieldOf(one))).to.deep.equal(one);
        const query = Object.fromEntries(new URLSearchParams(queryOf(one)));
        const read = shownOf({
          ...query,
          document: Number(query.document) || undefined,
          avec: Number(query.avec) || undefined,
          page: Number(query.page) || undefined,
        });
        expect(read).to.deep.equal(one);
      }),
    );
    for (const text of ["", "x", "1+", "1:deux", "../..", "1&facteur=2", undefined])
      expect(readField(text)).to.deep.equal({ document: null, beside: null, view: "text", page: null });
  });
});

describe("the documents beside the factors", () => {
  let app: RunningApp;
  let analyst: Visitor & { person: { id: string; email: string; roles: Role[] } };
  let report: BuiltReport;
  const url = (rest = "") => `/rapports/${report.id}/codage${rest}`;
  const add = async (name: string) => {
    const bytes = readFileSync(join(SAMPLES, name));
    const read = await readDocument(bytes, name);
    if (read.kind !== "read") throw new Error(`${name}: ${read.reason}`);
    const { number } = await app.database.db.transaction().execute(async (tx) => {
      const { id } = await storeDocument(tx, {
        reportId: report.id,
        fileName: name,
        bytes,
        document: read.document,
        by: report.coordinator,
        now: NOW,
      });
      return tx.selectFrom("document").select("number").where("id", "=", id).executeTakeFirstOrThrow();
    });
    return number;
  };

  before(async function () {
    this.timeout(30_000);
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
    report = await assigned(app.database, { analyst: analyst.person });
    expect(await add("retex-04-rapport-inspection.pdf")).to.equal(3);
    expect(await add("retex-06-couple-age-numerise.pdf")).to.equal(4);
  });
  after(() => app.close());

  it("show no picture unasked, the original page alone or beside the text when asked, and the pages around it", async () => {
    for (const query of ["", "?document=3", "?document=4", "?document=3&avec=4"])
      expect((await analyst.get(url(query))).text, query).to.not.include("<img");
    const { text } = await analyst.get(url("?document=3"));
    expect(text).to.include(`href="${url("?document=3&amp;vue=deux")}"`);
    const both = (await analyst.get(url("?document=3&vue=deux&page=2"))).text;
    expect(both.match(/<img [^>]*>/g)).to.have.length(1);
    expect(both)
      .to.include(`src="/rapports/${report.id}/documents/3/pages/2.png"`)
      .and.include('loading="lazy"')
      .and.include("Page 2 sur 7")
      .and.include("data-start")
      .and.include(`href="${url("?document=3&amp;vue=deux&amp;page=3#page-d-origine")}"`);
    const page = (await analyst.get(url("?document=3&vue=page"))).text;
    expect(page).to.include("/documents/3/pages/1.png").and.not.include("data-start");
    expect((await analyst.get(url("?document=3&vue=page&page=99"))).text).to.include("/documents/3/pages/7.png");
    expect((await analyst.get(url("?document=4&vue=page&page=2"))).text).to.include("/documents/4/pages/2.png");
    // A text has no page to show.
    expect((await analyst.get(url("?document=1&vue=deux"))).text).to.not.include("<img");
  });

  it("stand side by side, each under its name, with its passages; an act comes back to both", async () => {
    const { text } = await analyst.get(url("?document=1&avec=2"));
    expect(text.match(/class="document" data-document="\d+"/g)).to.deep.equal([
      'class="document" data-document="1"',
      'class="document" data-document="2"',
    ]);
    expect(text).to.include('aria-label="1. rapport.txt"').and.include('aria-label="2. note.txt"');
    const saved = await analyst.post(url("/passage"), {
      factor: "overkill",
      subject: "case",
      seenVersion: "0",
      shown: "1+2",
      document: "2",
      quote: "à sa sœur",
    });
    expect(saved.location).to.equal(`${url("?document=1&avec=2")}#facteur-overkill`);
    const page = (await analyst.get(url("?document=1&avec=2"))).text;
    expect(page).to.match(/data-document="2"[\s\S]*<mark class="passage passage--circumstances"[^>]*>à sa sœur<\/mark>/);
    // Links to its passage stay on this page.
    expect(page).to.match(/class="quote" href="#passage-/);
    expect((await analyst.get(url("?document=1&avec=1"))).text.match(/class="document" /g)).to.have.length(1);
    expect((await analyst.get(url("?document=1&avec=77"))).text.match(/class="document" /g)).to.have.length(1);
  });

  it("are left out, but for the paragraphs concerned, from what a script draws again", async () => {
    const { text } = await analyst.get(url("?carte=facteur-overkill&document=2&blocs=2:1"));
    expect(text.match(/data-block="\d+"/g)).to.deep.equal(['data-block="1"', 'data-block="2"']);
    expect(text.match(/<form class="factor-card"/g)).to.have.length(1);
    const alone = (await analyst.get(url("?carte=facteur-overkill"))).text;
    expect(alone).to.include("Tous les facteurs").and.include('name="confidence"').and.include('name="block"');
    expect(alone.match(/data-block="\d+"/g)!.length).to.be.above(2);
  });

  it("and the factors weigh little: what few use is drawn when it is asked for", async () => {
    const { bytes, text } = await analyst.get(url("?document=3"));
    expect(text.match(/<form class="factor-card"/g)).to.have.length(110);
    expect(bytes.length).to.be.below(MOST_BYTES);
    expect(text).to.not.include('<select class="input input--select" name="confidence"');
  });

  it("a card that is not whole keeps its note and qualifiers when its answer changes", async () => {
    const given = { factor: "premeditation", subject: "case", value: "absent", confidence: "low", note: "à revoir", reason: "Écartée" };
    await analyst.post(url("/valeur"), { ...given, seenVersion: "0" });
    const { text } = await analyst.get(url());
    const [card] = /<form class="factor-card"[^>]*data-factor="premeditation"[\s\S]*?<\/form>/.exec(text)!;
    const sent = Object.fromEntries(
      [...card.matchAll(/<input(?: class="input"| type="hidden")? ?(?:type="hidden" )?name="(\w+)" value="([^"]*)"/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
    expect(sent).to.include({ factor: "premeditation", seenVersion: "1", confidence: "low", note: "à revoir", reason: "Écartée" });
  });
});
