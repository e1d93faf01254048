import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { Conflict, Invalid, Refusal } from "../../server/http/errors.ts";
import {
  chainAgainst,
  groupsOf,
  type TieKind,
  tieRecommendation,
  untieRecommendation,
  wayBetween,
} from "../../server/recommendations/ties.ts";
import type { Actor } from "../../workflows/actor.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { recommendationRow } from "./support.ts";

const tie = (recommendation_id: string, kind: TieKind, target_id: string) => ({ recommendation_id, kind, target_id });

describe("ties between recommendations", () => {
  const ties = [tie("b", "same_as", "a"), tie("c", "same_as", "b"), tie("a", "part_of", "whole"), tie("x", "part_of", "y")];

  it("lead up from part to whole, and either way between those that are the same", () => {
    expect(wayBetween(ties, "a", "c")).to.deep.equal(["a", "b", "c"]);
    expect(wayBetween(ties, "c", "whole")).to.deep.equal(["c", "b", "a", "whole"]);
    expect(wayBetween(ties, "whole", "a")).to.equal(null);
    expect(wayBetween(ties, "x", "a")).to.equal(null);
  });

  it("never close a ring, over both kinds together", () => {
    expect(chainAgainst(ties, tie("whole", "part_of", "c"))).to.deep.equal(["c", "b", "a", "whole"]);
    expect(chainAgainst(ties, tie("whole", "same_as", "b")), "a part is not the same as its whole").to.deep.equal(["b", "a", "whole"]);
    expect(chainAgainst(ties, tie("c", "same_as", "whole")), "nor a whole the same as its part").to.deep.equal(["c", "b", "a", "whole"]);
    expect(chainAgainst(ties, tie("a", "same_as", "c")), "they are the same already").to.deep.equal(["c", "b", "a"]);
    expect(chainAgainst(ties, tie("c", "part_of", "a")), "nor a part of it").to.deep.equal(["a", "b", "c"]);
    expect(chainAgainst(ties, tie("c", "part_of", "x"))).to.equal(null);
    expect(chainAgainst(ties, tie("y", "same_as", "c"))).to.equal(null);
  });
});

for (const [name, open] of Object.entries(DATABASES))
  describe(`ties between recommendations on ${name}`, () => {
    const now = clock().toISOString();
    let database: Database;
    let built: BuiltReport;
    let by: Actor;
    const make = async (reference: string, state: "approved" | "draft" | "withdrawn" = "approved") =>
      recommendationRow(database.db, {
        report_id: built.id,
        written_by: built.analyst.id,
        reference,
        state,
        ...(state === "draft" && { approved_at: null }),
      });
    const versionOf = async (reference: string) =>
      (await database.db.selectFrom("recommendation").select("version").where("reference", "=", reference).executeTakeFirstOrThrow())
        .version;
    const tied = async (reference: string, kind: TieKind, target: string, as = by) => {
      const seenVersion = await versionOf(reference);
      return database.db.transaction().execute((tx) => tieRecommendation(tx, { reference, seenVersion, kind, target, by: as, now }));
    };
    const refused = async (write: Promise<unknown>) =>
      write.then(
        () => null,
        (error: unknown) => error,
      );

    before(async () => {
      database = await open();
      built = await reportIn(database, "published");
      by = { id: built.analyst.id, roles: ["analyst"] };
      for (const letter of ["A", "B", "C", "D"]) await make(`REC-2024-000${letter}`);
      await make("REC-2024-000W", "withdrawn");
      await make("REC-2024-000P", "draft");
    });
    after(() => database.close());

    it("are kept with who made them, and the history of the recommendation tells it", async () => {
      await tied("REC-2024-000B", "same_as", "rec-2024-000a ");
      const { version, id } = await database.db
        .selectFrom("recommendation")
        .selectAll()
        .where("reference", "=", "REC-2024-000B")
        .executeTakeFirstOrThrow();
      const [entry] = await database.db.selectFrom("recommendation_event").selectAll().where("recommendation_id", "=", id).execute();
      expect(entry).to.include({ type: "RECOMMENDATION_TIED", version, by: by.id, from_state: "approved", to_state: "approved" });
      expect(JSON.parse(entry!.detail!)).to.deep.equal({ kind: "same_as", target: "REC-2024-000A" });
    });

    it("are refused in words: to itself, to nothing, to a draft, to a withdrawn one, twice, in a ring", async () => {
      await tied("REC-2024-000C", "same_as", "REC-2024-000B");
      await tied("REC-2024-000A", "part_of", "REC-2024-000D");
      for (const [reference, kind, target, key] of [
        ["REC-2024-000D", "same_as", "REC-2024-000D", "recommendations.ties.itself"],
        ["REC-2024-000D", "same_as", "REC-1999-0001", "recommendations.ties.unknown"],
        ["REC-2024-000D", "same_as", "REC-2024-000P", "recommendations.ties.unknown"],
        ["REC-2024-000D", "same_as", "REC-2024-000W", "recommendations.ties.withdrawn"],
        ["REC-2024-000B", "same_as", "REC-2024-000D", "recommendations.ties.already.same_as"],
      ] as const) {
        const error = await refused(tied(reference, kind, target));
        expect(error, target).to.be.instanceOf(Invalid);
        expect((error as Invalid).fields, target).to.deep.equal({ target: key });
      }
      const ring = (await refused(tied("REC-2024-000D", "part_of", "REC-2024-000C"))) as Invalid;
      expect(ring.fields).to.deep.equal({
        target: {
          key: "recommendations.ties.ring",
          params: { chain: "REC-2024-000C → REC-2024-000B → REC-2024-000A → REC-2024-000D" },
        },
      });
      const rows = await database.db.selectFrom("recommendation_tie").selectAll().execute();
      expect(rows, "nothing of what was refused is kept").to.have.length(3);
    });

    it("are made by analysts and the head, on what they have seen", async () => {
      expect(
        await refused(tied("REC-2024-000D", "same_as", "REC-2024-000A", { id: built.reviewer.id, roles: ["reviewer"] })),
      ).to.be.instanceOf(Refusal);
      const late = database.db
        .transaction()
        .execute((tx) =>
          tieRecommendation(tx, { reference: "REC-2024-000C", seenVersion: 2, kind: "part_of", target: "REC-2024-000D", by, now }),
        );
      expect(await refused(late)).to.be.instanceOf(Conflict);
    });

    it("make groups, whose first is the one that stands for the others however long the chain", async () => {
      const rows = await database.db.selectFrom("recommendation").select(["id", "reference"]).execute();
      const id = (reference: string) => rows.find((row) => row.reference === reference)!.id;
      const [a, b, c, d] = ["A", "B", "C", "D"].map((letter) => id(`REC-2024-000${letter}`)) as [string, string, string, string];
      const groups = await groupsOf(database.db, [a, b, c, d]);
      for (const one of [a, b, c]) {
        expect(groups.get(one)![0]).to.equal(a);
        expect([...groups.get(one)!].sort()).to.deep.equal([a, b, c].sort());
      }
      expect(groups.get(d)).to.deep.equal([d]);
    });

    it("are undone, and the history keeps that they were", async () => {
      const undo = async () => {
        const seenVersion = await versionOf("REC-2024-000B");
        await database.db
          .transaction()
          .execute((tx) => untieRecommendation(tx, { reference: "REC-2024-000B", seenVersion, kind: "same_as", by, now }));
      };
      await undo();
      const events = await database.db
        .selectFrom("recommendation_event")
        .innerJoin("recommendation", "recommendation.id", "recommendation_event.recommendation_id")
        .select("recommendation_event.type")
        .where("reference", "=", "REC-2024-000B")
        .orderBy("recommendation_event.version")
        .execute();
      expect(events.map(({ type }) => type)).to.deep.equal(["RECOMMENDATION_TIED", "RECOMMENDATION_UNTIED"]);
      const error = await refused(undo());
      expect((error as Invalid).fields).to.deep.equal({ kind: "recommendations.ties.none" });
    });
  });
