import { createHash } from "node:crypto";
import { expect } from "chai";
import { sql } from "kysely";
import { saveValue } from "../../server/coding/save-value.ts";
import { changesBetween, nothingChanged, type State, stateNow, stateOfEdition } from "../../server/findings/edition-changes.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { type EditionFinding, findEdition } from "../../server/reports/editions.ts";
import { factsOf } from "../../server/reports/facts.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { clock } from "../support/databases.ts";
import { type BuiltReport, passagesOf, reportIn } from "../support/reports.ts";

type Person = Awaited<ReturnType<typeof visitorWith>>;
const plain = (html: string) =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ");

const finding = (given: Partial<EditionFinding> = {}): EditionFinding => ({
  number: 1,
  kind: "failing",
  statement: "Un énoncé.",
  publicStatement: null,
  service: null,
  knownWhen: null,
  factors: ["a", "b"],
  passages: [{ document: 1, fileName: "r.txt", starts: 1, ends: 5, page: null, quote: "mots" }],
  ...given,
});
const state = (given: Partial<State> = {}): State => ({
  values: [{ factor: "a", subject: "case", value: "present" }],
  sheet: {
    received_on: "2026-01-01",
    act_date: "2024-03-14",
    act_kind: "homicide",
    department: "41",
    region: "24",
    court: "1",
    appeal_court: "Orléans",
    proceedings: "judged",
    issuing_kind: "prosecutor",
  },
  findings: [finding()],
  recommendations: [{ reference: "REC-2026-0001", text: "Agir." }],
  ...given,
});

describe("what changed between two editions", () => {
  it("is nothing when nothing did, whatever the order of options, factors and passages", () => {
    const several = (value: string) => state({ values: [{ factor: "m", subject: "case", value }] });
    expect(nothingChanged(changesBetween(state(), state()))).to.equal(true);
    expect(nothingChanged(changesBetween(several("x,y"), several("y,x")))).to.equal(true);
    expect(nothingChanged(changesBetween(state(), state({ findings: [finding({ factors: ["b", "a"] })] })))).to.equal(true);
  });

  it("is each value changed, coded or cleared, by subject", () => {
    const after = state({ values: [{ factor: "a", subject: "case", value: "absent" }, { factor: "a", subject: "reverse", value: "present" }] }); // biome-ignore format: values
    expect(changesBetween(state(), after).values).to.deep.equal([
      { factor: "a", subject: "case", before: "present", after: "absent" },
      { factor: "a", subject: "reverse", before: null, after: "present" },
    ]);
    expect(changesBetween(after, state({ values: [] })).values.map(({ after: now }) => now)).to.deep.equal([null, null]);
  });

  it("is each finding added, removed, or changed, with the part that did", () => {
    const after = state({ findings: [finding({ statement: "Un autre.", passages: [] }), finding({ number: 2 })] });
    const [first, second] = changesBetween(state(), after).findings;
    expect(first).to.deep.include({ number: 1, what: "changed", parts: ["statement", "passages"] });
    expect(second).to.deep.equal({ number: 2, what: "added", statement: "Un énoncé." });
    expect(changesBetween(after, state()).findings.at(-1)).to.deep.include({ number: 2, what: "removed" });
  });

  it("is each recommendation and each line of the sheet", () => {
    const after = state({
      recommendations: [{ reference: "REC-2026-0002", text: "Autre." }],
      sheet: { ...state().sheet, proceedings: "final" },
    });
    const { recommendations, sheet } = changesBetween(state(), after);
    expect(recommendations.map(({ reference, what }) => [reference, what])).to.deep.equal([["REC-2026-0001", "removed"], ["REC-2026-0002", "added"]]); // biome-ignore format: pairs
    expect(sheet).to.deep.equal([{ field: "proceedings", before: "judged", after: "final" }]);
  });
});

describe("a report that is opened again, recoded and published a second time", function () {
  this.timeout(60_000);
  let app: RunningApp;
  let analyst: Person;
  let reviewer: Person;
  let coordinator: Person;
  let report: BuiltReport;
  before(async () => {
    app = await startApp();
    [analyst, reviewer, coordinator] = [
      await visitorWith(app, "analyst"),
      await visitorWith(app, "reviewer"),
      await visitorWith(app, "coordinator"),
    ];
    report = await reportIn(app.database, "published", {
      analyst: analyst.person,
      reviewer: reviewer.person,
      coordinator: coordinator.person,
    });
  });
  after(() => app.close());

  const row = () => app.database.db.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow();
  const move = async (event: ReportEvent) => {
    const { version } = await row();
    await app.database.db
      .transaction()
      .execute((tx) => applyEvent(tx, { reportId: report.id, seenVersion: version, event, now: clock().toISOString() }));
  };
  /** Every byte that an edition and a published letter are made of; the day an edition was replaced is the one thing that may be added. */
  const published = async () => {
    const digest = async (query: ReturnType<typeof sql<Record<string, unknown>>>) =>
      createHash("sha256")
        .update(JSON.stringify((await query.execute(app.database.db)).rows))
        .digest("hex");
    return {
      edition:
        await digest(sql`select id, report_id, number, published_at, published_by, codebook_version, act_date, act_kind, department, region, content, digest
        from edition where report_id = ${report.id} and number = 1`),
      values: await digest(
        sql`select * from edition_value where edition_id in (select id from edition where number = 1) order by factor, subject, value`,
      ),
      findings: await digest(
        sql`select * from edition_finding where edition_id in (select id from edition where number = 1) order by number`,
      ),
      letters: await digest(
        sql`select id, slug, state, frozen, frozen_at, digest, foreword, title, published_at from publication order by id`,
      ),
      files: await digest(sql`select publication_id, format, hex(bytes) as bytes, digest from publication_file order by publication_id`),
    };
  };
  const page = async (visitor: Visitor, number: number) => plain((await visitor.get(`/rapports/${report.id}/editions/${number}`)).text);

  it("changes no byte of the first edition, nor of a letter that was published from it", async () => {
    const home =
      (await coordinator.get("/redaction")) &&
      (await coordinator.post("/redaction", { year: "2024", language: "fr", title: "" })).location!;
    const act = async (visitor: Person, path: string) => {
      const { version } = await app.database.db.selectFrom("publication").select("version").executeTakeFirstOrThrow();
      await visitor.get(home);
      expect((await visitor.post(`${home}/${path}`, { version: String(version) })).status, path).to.equal(303);
    };
    await act(coordinator, "relecture");
    await act(reviewer, "approuver");
    await act(coordinator, "publier");
    expect(await page(analyst, 1))
      .to.include("Rien n’a changé")
      .and.not.include("depuis l’édition");
    const letter = await analyst.get("/publications/lettre-annuelle-2024.pdf");
    expect(letter.status).to.equal(200);
    const before = await published();

    await move({ type: "REPORT_REOPENED", by: coordinator.person, reason: "Jugement rendu" });
    const coding = await app.database.db
      .selectFrom("coding")
      .select("version")
      .where("report_id", "=", report.id)
      .where("factor", "=", "physical_violence")
      .executeTakeFirstOrThrow();
    await app.database.db.transaction().execute((tx) =>
      saveValue(
        tx,
        report.id,
        {
          factor: "physical_violence",
          subject: "case",
          value: "present",
          seenVersion: coding.version,
          passages: [{ document: 1, quote: "aucune scène de violence physique" }],
        },
        analyst.person,
        clock().toISOString(),
      ),
    );
    expect(await page(reviewer, 1))
      .to.include("Ce qui a changé depuis cette édition")
      .and.match(/Violences? physiques?[^.]{0,60} Absent Présent/);
    await move({ type: "CODING_SUBMITTED", by: analyst.person });
    const changed = {
      version: String(
        (
          await app.database.db
            .selectFrom("finding")
            .select("version")
            .where("report_id", "=", report.id)
            .where("number", "=", 1)
            .executeTakeFirstOrThrow()
        ).version,
      ),
      kind: "missed_signal",
      statement: "La plainte est restée à la brigade, dit le jugement.",
      knownWhen: "service_before",
      factors: ["signal_not_transmitted"],
      passages: await passagesOf(app.database.db, report.id, "signal_not_transmitted"),
    };
    await analyst.get(`/rapports/${report.id}/constats`);
    expect((await analyst.post(`/rapports/${report.id}/constats/1`, changed)).status).to.equal(303);
    await analyst.post(`/rapports/${report.id}/constats/soumettre`, { version: String((await row()).version) });
    for (const number of (
      await app.database.db
        .selectFrom("finding")
        .select("number")
        .where("report_id", "=", report.id)
        .where("status", "=", "draft")
        .execute()
    ).map((one) => one.number)) {
      await reviewer.get(`/rapports/${report.id}/relecture`);
      await reviewer.post(`/rapports/${report.id}/relecture/${number}`, {
        version: String((await row()).version),
        decision: "approve",
        checks: [...PUBLIC_CHECKS],
        comment: "",
      });
    }
    await reviewer.post(`/rapports/${report.id}/relecture/publier`, { version: String((await row()).version) });
    expect((await row()).state).to.equal("published");
    expect(await findEdition(app.database.db, report.id, 2)).to.be.an("object");

    expect(await published()).to.deep.equal(before);
    const again = await analyst.get("/publications/lettre-annuelle-2024.pdf");
    expect(Buffer.from(again.bytes).equals(Buffer.from(letter.bytes))).to.equal(true);
  });

  it("says on the second edition what differs from the first, and on the first what differs today", async () => {
    const second = await page(analyst, 2);
    expect(second)
      .to.include("Ce qui a changé depuis l’édition 1")
      .and.match(/Violences? physiques?[^.]{0,60} Absent Présent/);
    expect(second)
      .to.include("modifié")
      .and.include("énoncé")
      .and.include("n’a pas été transmise au parquet pendant dix-huit jours")
      .and.include("dit le jugement");
    expect(second).to.include(
      "Rien n’a changé : le codage et les constats sont tels qu’ils ont été publiés.".replace(" :", "\u00a0:").replace(/\s+/g, " "),
    );
    const first = await page(analyst, 1);
    expect(first).to.include("Ce qui a changé depuis cette édition").and.include("dit le jugement").and.not.include("depuis l’édition 0");
    analyst.cookies = `${analyst.cookies}; langue=en`;
    expect(await page(analyst, 2)).to.include("What changed since edition 1");
  });

  it("finds no difference between what was just published and what it was published from", async () => {
    const edition = await findEdition(app.database.db, report.id, 2);
    expect(changesBetween(await stateOfEdition(app.database.db, edition!), (await stateNow(app.database.db, await row()))!)).to.deep.equal({
      sheet: [],
      values: [],
      findings: [],
      recommendations: [],
    });
    expect((await factsOf(app.database.db, await row())).undecidedFindings).to.equal(0);
  });

  it("compares nothing with a coding that two analysts do blind", async () => {
    await app.database.db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", report.id).execute();
    await app.database.db
      .updateTable("coding")
      .set({ value: "present" })
      .where("report_id", "=", report.id)
      .where("factor", "=", "obsessive_jealousy")
      .execute();
    expect(await stateNow(app.database.db, await row())).to.equal(null);
    const text = await page(reviewer, 2);
    expect(text)
      .to.include("Deux analystes codent de nouveau")
      .and.not.match(/Jalousie/);
  });
});
