import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { RecommendationTable } from "../../db/schema.ts";
import { basisCounts } from "../../server/follow-up/basis.ts";
import { factorReturns, factorsCameBack, fruitsSince } from "../../server/recommendations/returns.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { crossFindingRow, recommendationRow } from "./support.ts";

const TODAY = "2026-11-23";
const at = (day: string) => `${day}T09:00:00.000Z`;

describe("the day from which a recommendation should have borne fruit", () => {
  const row = { id: "r", issued_at: at("2024-06-01"), deadline: "2025-01-31", closed_at: null };

  it("is its closing, else its deadline once that has passed", () => {
    expect(fruitsSince({ ...row, state: "closed", closed_at: "2025-03-09T23:30:00.000Z" }, TODAY), "the day of Paris").to.equal(
      "2025-03-10",
    );
    expect(fruitsSince({ ...row, state: "assessed" }, TODAY)).to.equal("2025-01-31");
    expect(fruitsSince({ ...row, state: "issued", deadline: "2027-01-31" }, TODAY)).to.equal(null);
    expect(fruitsSince({ ...row, state: "issued", deadline: null }, TODAY)).to.equal(null);
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`factors that come back on ${name}`, () => {
    let database: Database;
    let first: BuiltReport;
    let closed: RecommendationTable;
    let waiting: RecommendationTable;
    /** A report whose edition says this of whether the victim was afraid, one value a victim. */
    const edition = async (day: string, values: string[], more: { superseded?: boolean; setAside?: boolean } = {}) => {
      const { db } = database;
      const { id: report_id, coordinator } = await reportIn(database, more.setAside ? "set_aside" : "received");
      const id = newId();
      await db
        .insertInto("edition")
        .values({
          id,
          report_id,
          number: 1,
          published_at: at("2026-01-01"),
          published_by: coordinator.id,
          superseded_at: more.superseded ? at("2026-02-01") : null,
          codebook_version: "1.0.0",
          act_date: day,
          act_kind: "homicide",
          department: "41",
          region: "24",
          content: "{}",
          digest: "0".repeat(64),
        })
        .execute();
      await db
        .insertInto("edition_value")
        .values(
          values.map((value, n) => ({
            edition_id: id,
            report_id,
            factor: "victim_fear",
            subject: `v${n}`,
            subject_kind: "victim",
            value,
            number: null,
            known_when: null,
          })),
        )
        .execute();
    };

    before(async () => {
      database = await open();
      const { db } = database;
      first = await reportIn(database, "received");
      const finding = await crossFindingRow(db, { written_by: first.analyst.id }, [first.id]);
      const common = {
        report_id: null,
        written_by: first.analyst.id,
        deadline: "2025-01-31",
        issued_at: at("2026-05-01"),
        answer_due: "2024-08-01",
      };
      closed = await recommendationRow(db, {
        ...common,
        state: "closed",
        assessment: "acceptable",
        implementation: "fully",
        closed_at: at("2025-03-10"),
      });
      waiting = await recommendationRow(db, { ...common, state: "issued", deadline: "2027-01-31" });
      for (const { id } of [closed, waiting]) {
        await db.insertInto("recommendation_cross_finding").values({ recommendation_id: id, cross_finding_id: finding.id }).execute();
        // Issued in 2024, and again later: the figures begin with the first.
        for (const [version, day] of [
          [3, "2024-06-01"],
          [9, "2026-05-01"],
        ] as const)
          await db
            .insertInto("recommendation_event")
            .values({
              recommendation_id: id,
              version,
              type: "RECOMMENDATION_ISSUED",
              from_state: "approved",
              to_state: "issued",
              by: first.coordinator.id,
              at: at(day),
              reason: null,
            })
            .execute();
      }
      await edition("2023-05-01", ["present"]);
      await edition("2023-08-01", ["absent"]);
      await edition("2024-01-01", ["unknown"]);
      await edition("2024-06-01", ["present"]); // the day of the issue: neither before nor after
      await edition("2025-03-10", ["present"]); // the day of the closing
      await edition("2025-04-01", ["present", "unknown"]); // two victims, one case
      await edition("2025-05-01", ["unknown"]);
      await edition("2025-06-01", ["present"], { superseded: true });
      await edition("2025-07-01", ["present"], { setAside: true });
      await edition("2025-08-01", ["not_available"]);
    });
    after(() => database.close());

    it("are counted before the first issue and after the closing, each report once, with both denominators", async () => {
      const found = await factorReturns(database.db, [closed, waiting], TODAY);
      expect(found.find(({ recommendation }) => recommendation === closed.id)).to.deep.equal({
        recommendation: closed.id,
        factor: "victim_fear",
        before: { present: 1, documented: 2, all: 3 },
        after: { present: 1, documented: 1, all: 2 },
        since: "2025-03-10",
      });
      expect(
        found.find(({ recommendation }) => recommendation === waiting.id),
        "its deadline has not passed",
      ).to.deep.include({
        before: { present: 1, documented: 2, all: 3 },
        after: null,
      });
    });

    it("are signalled for closed recommendations alone", async () => {
      expect([...(await factorsCameBack(database.db, [closed, waiting]))]).to.deep.equal([[closed.id, 1]]);
      expect([...(await factorsCameBack(database.db, [{ ...closed, closed_at: at("2025-12-01") }]))]).to.deep.equal([]);
      expect([...(await factorsCameBack(database.db, []))]).to.deep.equal([]);
      expect(await factorReturns(database.db, [{ ...closed, issued_at: null }], TODAY)).to.deep.equal([]);
    });

    it("stand behind a recommendation while its findings do", async () => {
      const { db } = database;
      expect([...(await basisCounts(db, [closed.id]))]).to.deep.equal([[closed.id, { cases: 1, factors: 1 }]]);
      const gone = await recommendationRow(db, { report_id: null, written_by: first.analyst.id });
      const withdrawn = await crossFindingRow(db, { written_by: first.analyst.id, state: "withdrawn" }, [first.id]);
      await db.insertInto("recommendation_cross_finding").values({ recommendation_id: gone.id, cross_finding_id: withdrawn.id }).execute();
      expect([...(await basisCounts(db, [gone.id]))]).to.deep.equal([]);
      const published = await reportIn(database, "published");
      const row = await db.selectFrom("recommendation").select("id").where("report_id", "=", published.id).executeTakeFirstOrThrow();
      expect((await basisCounts(db, [row.id])).get(row.id), "the factors of its published finding").to.deep.equal({ cases: 1, factors: 2 });
    });
  });
