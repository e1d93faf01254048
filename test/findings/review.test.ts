import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { detachPassage, saveValue } from "../../server/coding/save-value.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { around } from "../../server/findings/queries.ts";
import { decideFinding, submitFindings } from "../../server/findings/review.ts";
import { removeFinding, saveFinding, saveRecommendation } from "../../server/findings/write.ts";
import { Conflict, Refusal } from "../../server/http/errors.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { factsOf } from "../../server/reports/facts.ts";
import { DATABASES } from "../support/databases.ts";
import { passagesOf, reportIn, someone } from "../support/reports.ts";

const outcome = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "done",
    (error: Error) => error.name,
  );

for (const [name, open] of Object.entries(DATABASES))
  describe(`the review of findings (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    it("takes the first of two decisions made at the same moment on the same version", async () => {
      const { id, version, reviewer } = await reportIn(database, "analysed");
      const other = await someone(database, "reviewer");
      const decide = (by: typeof reviewer) =>
        database.db
          .transaction()
          .execute((tx) =>
            decideFinding(
              tx,
              { reportId: id, seenVersion: version, by, now: "2026-11-23T10:00:00.000Z" },
              { number: 1, decision: "approved", comment: "", checklist: PUBLIC_CHECKS },
            ),
          );
      const outcomes = await Promise.all([outcome(decide(reviewer)), outcome(decide(other))]);
      expect(outcomes.sort()).to.deep.equal(["Conflict", "done"]);
    });

    it("asks again for a decision when a recommendation that rests on an approved finding changed", async () => {
      const { id, version, reviewer, analyst } = await reportIn(database, "analysed");
      await database.db.transaction().execute(async (tx) => {
        const at = (seenVersion: number, by = reviewer) => ({ reportId: id, seenVersion, by, now: "2026-11-23T10:00:00.000Z" });
        await decideFinding(tx, at(version), { number: 1, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
        await decideFinding(tx, at(version + 1), { number: 2, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
        await applyEvent(tx, { ...at(version + 2), event: { type: "FINDINGS_RESUMED", by: analyst, reason: "Autre rédaction" } });
        const given = { text: "Autre texte.", addressee: "police", level: "national", theme: "training", type: "training" };
        await saveRecommendation(tx, { ...at(1, analyst), number: 1 }, { ...given, origin: "observatory", deadline: null, findings: [1] });
        await submitFindings(tx, at(version + 3, analyst));
      });
      const statuses = await database.db.selectFrom("finding").select("status").where("report_id", "=", id).orderBy("number").execute();
      expect(statuses.map(({ status }) => status)).to.deep.equal(["draft", "approved"]);
    });

    it("lets no finding go to review on what the coding no longer holds", async () => {
      const { id, version, reviewer, analyst } = await reportIn(database, "analysed");
      const [passage] = await passagesOf(database.db, id, "signal_not_transmitted");
      const recoded = async (change: (tx: Tx, target: { factor: string; subject: string }, now: string) => Promise<unknown>) => {
        const coding = await database.db
          .selectFrom("coding")
          .select(["factor", "subject"])
          .where("report_id", "=", id)
          .where("factor", "=", "signal_not_transmitted")
          .executeTakeFirstOrThrow();
        const refused = await database.db
          .transaction()
          .execute(async (tx) => {
            const at = (seenVersion: number, by = reviewer) => ({ reportId: id, seenVersion, by, now: "2026-11-23T10:00:00.000Z" });
            await applyEvent(tx, { ...at(version), event: { type: "CODING_RETURNED", by: reviewer, reason: "À revoir" } });
            await change(tx, coding, "2026-11-23T10:00:00.000Z");
            await applyEvent(tx, { ...at(version + 1, analyst), event: { type: "CODING_SUBMITTED", by: analyst } });
            await submitFindings(tx, at(version + 2, analyst));
          })
          .catch((error: unknown) => error);
        expect(refused).to.be.instanceOf(Refusal);
        expect((refused as Refusal).reasons("fr").join()).to.match(/^1 constat .*n’est plus dans le codage$/);
      };
      await recoded((tx, target, now) => saveValue(tx, id, { ...target, value: "unknown", seenVersion: 1 }, analyst, now));
      await recoded(async (tx, target, now) => {
        await saveValue(tx, id, { ...target, value: "absent", reason: "Rien ne le montre.", seenVersion: 1 }, analyst, now);
        await detachPassage(tx, id, { ...target, passage: passage! }, analyst, now);
      });
    });

    it("keeps what an analyst was typing when the findings left for review meanwhile", async () => {
      const { id, analyst } = await reportIn(database, "analysed");
      const late = database.db.transaction().execute((tx) =>
        saveFinding(
          tx,
          { reportId: id, number: 1, seenVersion: 1, by: analyst, now: "2026-11-23T10:00:00.000Z" },
          {
            kind: "context",
            statement: "Encore une phrase",
            publicStatement: null,
            service: null,
            knownWhen: null,
            factors: [],
            passages: [],
          },
        ),
      );
      const conflict = await late.then(
        () => null,
        (error) => error as Conflict<typeof database.db>,
      );
      expect(conflict).to.be.instanceOf(Conflict);
      const [happened] = await conflict!.happened(database.db, "fr");
      expect(happened?.what).to.equal("Constats soumis à la relecture");
    });

    it("is not for whoever handed in the coding of somebody else", async () => {
      const handing = await someone(database, "analyst", "reviewer");
      const { id, version, analyst } = await reportIn(database, "coded");
      const assign = (tx: Tx, to: string) => tx.updateTable("assignment").set({ analyst_id: to }).where("report_id", "=", id).execute();
      const facts = await database.db.transaction().execute(async (tx) => {
        const at = (seenVersion: number) => ({ reportId: id, seenVersion, now: "2026-11-23T10:00:00.000Z" });
        await applyEvent(tx, { ...at(version), event: { type: "CODING_RESUMED", by: analyst, reason: "À revoir" } });
        await assign(tx, handing.id);
        await applyEvent(tx, { ...at(version + 1), event: { type: "CODING_SUBMITTED", by: handing } });
        await assign(tx, analyst.id);
        return factsOf(tx, await tx.selectFrom("report").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
      });
      expect(facts.coders).to.include(handing.id);
      expect(facts.analysts).to.deep.equal([analyst.id]);
    });

    it("remembers as author whoever only took a finding away", async () => {
      const { id, analyst } = await reportIn(database, "coded");
      const by = analyst;
      const now = "2026-11-23T10:00:00.000Z";
      const given = {
        kind: "context" as const,
        statement: "Une phrase",
        publicStatement: null,
        service: null,
        knownWhen: null,
        factors: [],
        passages: [],
      };
      await database.db.transaction().execute(async (tx) => {
        await saveFinding(tx, { reportId: id, number: null, seenVersion: null, by, now }, given);
        await tx.deleteFrom("report_author").where("report_id", "=", id).execute();
        await removeFinding(tx, { reportId: id, number: 1, seenVersion: 1, by, now });
      });
      const authors = await database.db.selectFrom("report_author").select("account_id").where("report_id", "=", id).execute();
      expect(authors).to.deep.equal([{ account_id: analyst.id }]);
    });
  });

describe("the words around a passage", () => {
  const cut = (text: string, quote: string) => {
    const before = [...text.slice(0, text.indexOf(quote))].length;
    return around(text, before, before + [...quote].length);
  };

  it("are the sentence it stands in", () => {
    expect(cut("Un début. Elle a dit avoir peur de lui. Une suite.", "avoir peur")).to.deep.equal({
      before: "Elle a dit ",
      after: " de lui.",
    });
  });

  it("stop at the paragraph", () => {
    expect(cut("Titre\n\nElle a porté plainte\n\nSuite", "porté plainte")).to.deep.equal({ before: "Elle a ", after: "" });
  });

  it("never begin or end inside a word when the sentence is long, and count code points", () => {
    const long = `${"mot 🙂 ".repeat(80)}ICI${" mot 🙂".repeat(80)}`;
    const { before, after } = cut(long, "ICI");
    expect(before).to.match(/^… (?:mot|🙂) /u);
    expect(after).to.match(/ (?:mot|🙂) …$/u);
    expect([...before].length).to.be.at.most(202);
  });
});
