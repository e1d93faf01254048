import { expect } from "chai";
import { newId } from "../../db/ids.ts";
import type { Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

type Person = Visitor & { person: { id: string; email: string; roles: Role[] } };
const JSON_WANTED = { accept: "application/json" };
const COMPLAINT = "Le 2 février 2024, Madame A. a déposé plainte à la brigade.";

describe("the passages that a card suggests", () => {
  let app: RunningApp;
  let analyst: Person;
  let report: BuiltReport;
  const url = (rest = "") => `/rapports/${report.id}/codage${rest}`;
  const form = (more: Record<string, string> = {}) => ({
    factor: "complaint_filed",
    subject: report.victim,
    seenVersion: "0",
    shown: "1",
    ...more,
  });
  /** One card as the page shows it. */
  const cardOf = async (visitor: Visitor = analyst, factor = "complaint_filed"): Promise<string> =>
    new RegExp(`id="facteur-${factor}[^>]*>[\\s\\S]*?</fieldset>`).exec((await visitor.get(url())).text)?.[0] ?? "";
  const placesIn = (card: string) => [...card.matchAll(/data-suggestion="([^"]+)"/g)].map(([, place]) => place!);
  /** What stands at a place of the first document. */
  const wordsAt = async (place: string): Promise<string> => {
    const [, start, end] = place.split(":").map(Number);
    const { text } = await app.database.db
      .selectFrom("document")
      .select("text")
      .where("report_id", "=", report.id)
      .where("number", "=", 1)
      .executeTakeFirstOrThrow();
    return Array.from(text).slice(start, end).join("");
  };
  const rows = (table: "suggestion_dismissal" | "passage") =>
    app.database.db.selectFrom(table).selectAll().where("report_id", "=", report.id).execute();

  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
  });
  beforeEach(async () => {
    report = await assigned(app.database, { analyst: analyst.person });
    await analyst.get(url());
  });
  after(() => app.close());

  it("are at most three, each with why and where, for the assigned analyst alone", async () => {
    const card = await cardOf();
    const places = placesIn(card);
    expect(places).to.have.length.within(1, 3);
    expect(await wordsAt(places[0]!)).to.equal(COMPLAINT);
    expect(card).to.match(/contient\u00a0: <span class="suggestion__words" lang="fr">[^<]*déposé plainte/);
    expect(card).to.match(/href="#d1-p\d+"[^>]*>Voir</);
    const [, block] = /href="#d1-p(\d+)"/.exec(card)!;
    expect((await analyst.get(url())).text).to.match(new RegExp(`id="d1-p${block}"[^>]*>${COMPLAINT.slice(0, 20)}`));
    for (const role of ["analyst", "reviewer", "coordinator"] as const)
      expect((await (await visitorWith(app, role)).get(url())).text).to.not.include("data-suggestion");
  });

  it("say which word of them denies", async () => {
    const card = await cardOf(analyst, "physical_violence");
    expect(card).to.match(/à vérifier\u00a0: «\u00a0aucune\u00a0»/);
  });

  it("are attached at the engine’s offsets, which makes a presence factor present, and are then no longer suggested", async () => {
    const [place] = placesIn(await cardOf(analyst, "signal_not_transmitted"));
    const given = form({ factor: "signal_not_transmitted", subject: "case", suggested: place! });
    expect((await analyst.post(url("/passage"), given)).location).to.equal(`${url("?document=1")}#facteur-signal_not_transmitted`);
    const [, start, end] = place!.split(":").map(Number);
    expect((await rows("passage"))[0]).to.include({ starts: start, ends: end, quote: await wordsAt(place!) });
    const coding = await app.database.db.selectFrom("coding").select(["factor", "value"]).where("report_id", "=", report.id).execute();
    expect(coding).to.deep.equal([{ factor: "signal_not_transmitted", value: "present" }]);
    expect(placesIn(await cardOf(analyst, "signal_not_transmitted"))).to.not.include(place);
  });

  it("leave out whatever overlaps a passage already attached", async () => {
    await analyst.post(url("/passage"), form({ document: "1", quote: "déposé plainte", value: "present" }));
    for (const place of placesIn(await cardOf())) expect(await wordsAt(place)).to.not.equal(COMPLAINT);
  });

  it("stay away once dismissed, for that factor only, until they are asked for again", async () => {
    const [place] = placesIn(await cardOf());
    const { location } = await analyst.post(url("/suggestion/ecarter"), form({ suggested: place! }));
    expect(location).to.equal(`${url("?document=1")}#facteur-complaint_filed-victim-1`);
    // The same act sent twice is one.
    expect((await analyst.post(url("/suggestion/ecarter"), form({ suggested: place! }), JSON_WANTED)).status).to.equal(200);
    expect(await rows("suggestion_dismissal")).to.have.length(1);
    const card = await cardOf();
    expect(placesIn(card)).to.not.include(place);
    expect(card).to.include("Revoir le passage écarté");
    const all = (await analyst.get(url())).text;
    expect(all.split(`data-suggestion="${place}"`).length, "other factors keep it").to.be.above(1);
    await analyst.post(url("/suggestion/revoir"), form());
    expect(placesIn(await cardOf())).to.include(place);
    expect(await rows("suggestion_dismissal")).to.deep.equal([]);
  });

  it("are not hidden from one coder by what the other dismissed", async () => {
    const [place] = placesIn(await cardOf());
    const other = await visitorWith(app, "analyst");
    await app.database.db.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", report.id).execute();
    await app.database.db
      .insertInto("assignment")
      .values({
        id: newId(),
        report_id: report.id,
        analyst_id: other.person.id,
        layer: 2,
        assigned_by: report.coordinator.id,
        assigned_at: NOW,
        ended_at: null,
      })
      .execute();
    await analyst.post(url("/suggestion/ecarter"), form({ suggested: place! }));
    const card = await cardOf(other);
    expect(placesIn(card)).to.include(place);
    expect(card).to.not.include("Revoir le passage écarté");
    await other.post(url("/suggestion/revoir"), form());
    expect(await rows("suggestion_dismissal")).to.have.length(1);
  });

  it("are refused when the field was altered, with nothing stored", async () => {
    const [place] = placesIn(await cardOf());
    const [, start, end] = place!.split(":").map(Number) as [number, number, number];
    const altered = [
      `1:${start + 1}:${end}`,
      `1:${start}:${end + 1}`,
      `2:${start}:${end}`,
      `1:${end}:${start}`,
      "1:0:99999999",
      `9:0:7`,
      "1:0",
      "a:b:c",
      "",
    ];
    for (const suggested of altered)
      for (const act of ["/passage", "/suggestion/ecarter"]) {
        const { status } = await analyst.post(url(act), form({ value: "present", suggested }), JSON_WANTED);
        expect(status, `${act} ${suggested}`).to.be.oneOf([400, 422]);
      }
    expect((await analyst.post(url("/suggestion/ecarter"), form(), JSON_WANTED)).status).to.equal(422);
    expect(await rows("passage")).to.deep.equal([]);
    expect(await rows("suggestion_dismissal")).to.deep.equal([]);
    const stranger = await visitorWith(app, "analyst");
    await stranger.get(url());
    expect((await stranger.post(url("/suggestion/ecarter"), form({ suggested: place! }))).status).to.equal(409);
    expect(await rows("suggestion_dismissal")).to.deep.equal([]);
    // As it was sent to them, it is taken.
    expect((await analyst.post(url("/suggestion/ecarter"), form({ suggested: place! }), JSON_WANTED)).status).to.equal(200);
  });

  it("are not asked for once the coding is handed in", async () => {
    const analysed = await reportIn(app.database, "analysed", { analyst: analyst.person });
    expect((await analyst.get(`/rapports/${analysed.id}/codage`)).text).to.not.include("data-suggestion");
    await analyst.get(`/rapports/${analysed.id}/codage`);
    const { status } = await analyst.post(`/rapports/${analysed.id}/codage/suggestion/revoir`, form());
    expect(status).to.equal(409);
  });
});
