import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { type AssignmentGiven, askSecondCoding, assignReport, reopenLayer, submitLayer } from "../../server/assignments/assign.ts";
import { saveFinding } from "../../server/findings/write.ts";
import { Refusal } from "../../server/http/errors.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import type { Actor, Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, visitorWith } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { codeEverything, passagesOf, reportIn, someone } from "../support/reports.ts";
import { codedTwice } from "../support/two-coders.ts";

const now = clock().toISOString();
const ALONE = { second: null, adjudicator: null, priority: "normal", due: null } as const;

for (const [name, open] of Object.entries(DATABASES))
  describe(`who has which of two codings on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    const within = <T>(run: (tx: Tx) => Promise<T>) => database.db.transaction().execute(run);
    const versionOf = async (id: string) =>
      (await database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow()).version;
    const give = async (id: string, by: Actor, given: AssignmentGiven) => {
      const seenVersion = await versionOf(id);
      return within((tx) => assignReport(tx, { reportId: id, seenVersion, by, now }, given));
    };
    const held = async (id: string) => {
      const rows = await database.db
        .selectFrom("assignment")
        .select(["layer", "analyst_id", "submitted_at"])
        .where("report_id", "=", id)
        .where("ended_at", "is", null)
        .orderBy("layer")
        .execute();
      return rows.map(({ layer, analyst_id, submitted_at }) => [layer, analyst_id, submitted_at !== null]);
    };
    const standing = (id: string) =>
      database.db.selectFrom("report").select(["coding_mode", "counted_layer", "state"]).where("id", "=", id).executeTakeFirstOrThrow();

    it("finds a coding that was handed in handed in, when somebody takes it over", async () => {
      const { id, coordinator, second, adjudicator } = await codedTwice(database);
      const other = await someone(database, "analyst");
      await give(id, coordinator, { ...ALONE, analyst: other.id, second: second.id, adjudicator: adjudicator.id });
      expect(await held(id)).to.deep.equal([
        [1, other.id, true],
        [2, second.id, true],
        [3, adjudicator.id, false],
      ]);
    });

    it("measures agreement between those who coded, not between those who have the codings by then", async () => {
      const { id, analyst, coordinator, second } = await codedTwice(database, {}, { submitted: [1] });
      const other = await someone(database, "analyst");
      await give(id, coordinator, { ...ALONE, analyst: other.id, second: second.id });
      const seenVersion = await versionOf(id);
      expect(await within((tx) => submitLayer(tx, { reportId: id, seenVersion, by: second, now }))).to.equal(true);
      const pairs = await database.db
        .selectFrom("double_coding")
        .select(["first_coder", "second_coder"])
        .where("report_id", "=", id)
        .distinct()
        .execute();
      expect(pairs).to.deep.equal([{ first_coder: analyst.id, second_coder: second.id }]);
    });

    it("leaves the second coder alone with their own coding, even when the first field names them", async () => {
      const { id, coordinator, second } = await codedTwice(database);
      await give(id, coordinator, { ...ALONE, analyst: second.id });
      expect(await standing(id)).to.include({ coding_mode: "single", counted_layer: 2 });
      expect(await held(id)).to.deep.equal([[2, second.id, false]]);
    });

    it("has the coding of a second coder who was left alone coded again, by whoever did not code it", async () => {
      const { id, analyst, coordinator, second } = await codedTwice(database);
      await give(id, coordinator, { ...ALONE, analyst: null, second: second.id });
      let seenVersion = await versionOf(id);
      await within((tx) => applyEvent(tx, { reportId: id, seenVersion, event: { type: "CODING_SUBMITTED", by: second }, now }));
      const other = await someone(database, "analyst");
      seenVersion = await versionOf(id);
      const asking = { reportId: id, seenVersion, by: coordinator, now };
      const fields = async (given: { second: string; adjudicator: string | null }) =>
        within((tx) => askSecondCoding(tx, asking, { ...given, reason: "Confiance faible" })).catch((error) => error.fields);
      expect(await fields({ second: second.id, adjudicator: null })).to.deep.equal({ second: "assignments.problem.same" });
      expect(await fields({ second: other.id, adjudicator: analyst.id })).to.deep.equal({
        adjudicator: "assignments.problem.adjudicatorCoded",
      });
      await within((tx) => askSecondCoding(tx, asking, { second: other.id, adjudicator: null, reason: "Confiance faible" }));
      expect(await standing(id)).to.deep.include({ coding_mode: "blind", counted_layer: 3, state: "received" });
      expect(await held(id)).to.deep.equal([
        [1, other.id, false],
        [2, second.id, true],
      ]);
    });

    it("tells what stands against somebody to whoever may assign, and to nobody else", async () => {
      const { id, analyst, adjudicator, second } = await codedTwice(database);
      for (const by of [analyst, adjudicator, second]) {
        const given = { ...ALONE, analyst: second.id, second: analyst.id, adjudicator: null };
        const refused = await give(id, by, given).catch((error: unknown) => error);
        expect(refused).to.be.instanceOf(Refusal);
      }
    });

    it("keeps them on their layer too when somebody joins them before they have handed in", async () => {
      const { id, coordinator, second } = await codedTwice(database);
      await give(id, coordinator, { ...ALONE, analyst: null, second: second.id });
      const other = await someone(database, "analyst");
      await give(id, coordinator, { ...ALONE, analyst: second.id, second: other.id });
      expect(await held(id)).to.deep.equal([
        [1, other.id, false],
        [2, second.id, false],
      ]);
    });
  });

describe("what was written on the first coding, once a second is asked for", function () {
  this.timeout(60_000);
  const CANARY = "canari-vert";
  type Signed = Awaited<ReturnType<typeof visitorWith>>;
  let app: RunningApp;
  let first: Signed;
  let second: Signed;
  let head: Signed;
  let id: string;
  const by = (visitor: Signed, ...roles: Role[]) => ({ id: visitor.person.id, roles });
  const act = async <T>(run: (tx: Tx, seenVersion: number) => Promise<T>) => {
    const { version } = await app.database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow();
    return app.database.db.transaction().execute((tx) => run(tx, version));
  };

  before(async () => {
    // Each act has its own moment.
    let minutes = 0;
    app = await startApp({}, DATABASES.SQLite, clock);
    const at = () => new Date(clock().getTime() + ++minutes * 60_000).toISOString();
    first = await visitorWith(app, "analyst");
    second = await visitorWith(app, "analyst");
    head = await visitorWith(app, "coordinator");
    const analyst = by(first, "analyst");
    const report = await reportIn(app.database, "coded", { analyst, coordinator: by(head, "coordinator") });
    ({ id } = report);
    await act(async (tx) =>
      saveFinding(
        tx,
        { reportId: id, number: null, seenVersion: null, by: analyst, now: at() },
        {
          kind: "context",
          statement: `${CANARY} constat`,
          publicStatement: null,
          service: null,
          knownWhen: null,
          factors: ["victim_fear"],
          passages: await passagesOf(tx, id, "victim_fear"),
        },
      ),
    );
    await act((tx, seenVersion) =>
      applyEvent(tx, {
        reportId: id,
        seenVersion,
        event: { type: "CODING_RETURNED", by: report.reviewer, reason: `${CANARY} renvoi` },
        now: at(),
      }),
    );
    await act((tx, seenVersion) =>
      applyEvent(tx, { reportId: id, seenVersion, event: { type: "CODING_SUBMITTED", by: analyst }, now: at() }),
    );
    await act((tx, seenVersion) =>
      askSecondCoding(
        tx,
        { reportId: id, seenVersion, by: by(head, "coordinator"), now: at() },
        { second: second.person.id, adjudicator: null, reason: "Confiance faible" },
      ),
    );
  });
  after(() => app.close());

  const pages = () => ["", "/constats", "/constats/nouveau", "/constats/1", "/relecture"].map((page) => `/rapports/${id}${page}`);

  it("is read by whoever wrote it, and by no page of the second coder, who is told why", async () => {
    expect((await first.get(`/rapports/${id}/constats`)).text).to.include(`${CANARY} constat`);
    expect((await first.get(`/rapports/${id}`)).text).to.include(`${CANARY} renvoi`);
    for (const address of [...pages(), "/"]) expect((await second.get(address)).text, address).not.to.include(CANARY);
    expect((await second.get(`/rapports/${id}/constats`)).text).to.include("quand les deux codages seront arbitrés");
  });

  it("is not told by why the first coding is reopened, on a page or when it overtakes an act", async () => {
    const { version } = await app.database.db.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow();
    await act((tx, seenVersion) =>
      reopenLayer(tx, { reportId: id, seenVersion, by: by(head, "coordinator"), now }, 1, `${CANARY} la peur est à revoir`),
    );
    const document = await app.database.db.selectFrom("document").select("id").where("report_id", "=", id).executeTakeFirstOrThrow();
    await act((tx) => codeEverything(tx, id, document.id, by(second, "analyst"), now, 2));
    const late = await second.post(`/rapports/${id}/codage/remettre-en-aveugle`, { version: String(version) });
    expect(late.status).to.equal(409);
    expect(late.text).not.to.include(CANARY);
    for (const address of pages()) expect((await second.get(address)).text, address).not.to.include(CANARY);
    expect((await first.get(`/rapports/${id}`)).text).to.include(`${CANARY} la peur est à revoir`);
  });
});
