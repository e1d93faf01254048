import { expect } from "chai";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { SEVEN, tell } from "./support.ts";

/** The panel of a page with this id, its tags left out. */
const panel = (html: string, id: string): string | null => {
  const found = new RegExp(`<section[^>]*aria-labelledby="${id}">([\\s\\S]*?)</section>`).exec(html)?.[1];
  return found === undefined ? null : found.replace(/<[^>]+>/gu, " ").replace(/\s+/gu, " ").trim(); // biome-ignore format: one chain
};

describe("what the follow-up asks on the page of one’s work", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let coordinator: Awaited<ReturnType<typeof visitorWith>>;
  before(async () => {
    app = await startApp();
    coordinator = await visitorWith(app, "coordinator");
  });
  after(() => app.close());

  it("says so when nothing waits", async () => {
    const { text } = await coordinator.get("/");
    expect(panel(text, "reponses")).to.equal("Réponses à traiter Aucune réponse n’attend d’être appréciée.");
    expect(panel(text, "reponses-en-retard")).to.equal("Réponses en retard Aucune réponse n’est en retard.");
    expect(panel(text, "constats-en-question")).to.equal(null);
  });

  it("shows the head of the observatory the answers that wait, those that are late and the findings in question, with how many there are", async () => {
    const questioned = { evidence_question_at: "2026-11-20T09:00:00.000Z" };
    await tell(app.database.db, coordinator.person.id, [
      ...SEVEN,
      ...Array.from({ length: 8 }, (_, at) => ({
        reference: `REC-2026-01${at + 10}`,
        state: "issued" as const,
        issued_at: "2026-03-01T09:00:00.000Z",
        answer_due: `2026-06-${at + 10}`,
        ...(at === 3 && questioned),
      })),
    ]);
    const { text } = await coordinator.get("/");
    expect(panel(text, "reponses")).to.include("Réponses à traiter (1)").and.to.include("REC-2026-0003");
    expect(panel(text, "reponses")).to.include("reçue le 24/10/2026 · à acquitter et apprécier");
    const late = panel(text, "reponses-en-retard")!;
    expect(late).to.include("Réponses en retard (9)").and.to.include("attendue le 01/02/2026");
    expect(late.match(/REC-/gu)).to.have.length(6);
    expect(late.indexOf("REC-2025-0002")).to.be.lessThan(late.indexOf("REC-2026-0110"));
    expect(panel(text, "constats-en-question")).to.include("(1)").and.to.include("REC-2026-0113");
    for (const [, href] of text.matchAll(/<a href="(\/recommandations\?[^"]+)">Tout voir/gu))
      expect((await coordinator.get(href!.replaceAll("&amp;", "&"))).status).to.equal(200);
  });

  it("tells an acknowledged answer from one that nobody acknowledged", async () => {
    const { id } = await app.database.db
      .selectFrom("recommendation")
      .select("id")
      .where("reference", "=", "REC-2026-0003")
      .executeTakeFirstOrThrow();
    const event = { recommendation_id: id, from_state: "answered" as const, to_state: "answered" as const, by: coordinator.person.id };
    await app.database.db
      .insertInto("recommendation_event")
      .values([
        { ...event, version: 10, type: "ANSWER_RECEIVED", at: "2026-10-24T09:00:00.000Z", reason: null },
        { ...event, version: 11, type: "ANSWER_ACKNOWLEDGED", at: "2026-10-25T09:00:00.000Z", reason: null },
      ])
      .execute();
    expect(panel((await coordinator.get("/")).text, "reponses")).to.include("reçue le 24/10/2026 · à apprécier");
  });

  it("asks reviewers for the drafts that others wrote, but not for those that went back to their author", async () => {
    const author = await visitorWith(app, "analyst", "reviewer");
    const other = await visitorWith(app, "reviewer");
    const draft = { state: "draft" as const, approved_at: null, addressee: "police" };
    await tell(app.database.db, author.person.id, [
      { ...draft, reference: "REC-2026-0301" },
      { ...draft, reference: "REC-2026-0302" },
    ]);
    const rows = await app.database.db.selectFrom("recommendation").select(["id", "reference"]).where("state", "=", "draft").execute();
    for (const { id, reference } of rows) {
      await app.database.db.insertInto("recommendation_author").values({ recommendation_id: id, account_id: author.person.id }).execute();
      await app.database.db
        .insertInto("recommendation_event")
        .values({
          recommendation_id: id,
          version: 3,
          type: reference.endsWith("2") ? "RECOMMENDATION_RETURNED" : "RECOMMENDATION_WRITTEN",
          from_state: "draft",
          to_state: "draft",
          by: other.person.id,
          at: "2026-11-20T09:00:00.000Z",
          reason: null,
        })
        .execute();
    }
    const asked = panel((await other.get("/")).text, "a-approuver");
    expect(asked).to.include("Recommandations à approuver (1)").and.to.include("REC-2026-0301").and.not.to.include("REC-2026-0302");
    expect(panel((await author.get("/")).text, "a-approuver")).to.equal(null);
  });

  it("asks nothing of it from the others", async () => {
    const analyst = await visitorWith(app, "analyst");
    const { text } = await analyst.get("/");
    for (const id of ["reponses", "reponses-en-retard", "constats-en-question", "a-approuver"]) expect(panel(text, id), id).to.equal(null);
  });
});
