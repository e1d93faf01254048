import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { around } from "../../server/findings/queries.ts";
import { decideFinding, submitFindings } from "../../server/findings/review.ts";
import { removeFinding, saveFinding } from "../../server/findings/write.ts";
import { Conflict } from "../../server/http/errors.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn, someone } from "../support/reports.ts";

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
              { number: 1, decision: "approved", comment: "" },
            ),
          );
      const outcomes = await Promise.all([outcome(decide(reviewer)), outcome(decide(other))]);
      expect(outcomes.sort()).to.deep.equal(["Conflict", "done"]);
    });

    it("asks again for a decision when a factor of an approved finding was coded anew", async () => {
      const { id, version, reviewer, analyst } = await reportIn(database, "analysed");
      const status = async () =>
        (await database.db.selectFrom("finding").select("status").where("report_id", "=", id).orderBy("number").execute()).map(
          (row) => row.status,
        );
      await database.db.transaction().execute(async (tx) => {
        const at = (seenVersion: number, by = reviewer, now = "2026-11-23T10:00:00.000Z") => ({ reportId: id, seenVersion, by, now });
        await decideFinding(tx, at(version), { number: 1, decision: "approved", comment: "" });
        await decideFinding(tx, at(version + 1), { number: 2, decision: "approved", comment: "" });
        await applyEvent(tx, { ...at(version + 2), event: { type: "CODING_RETURNED", by: reviewer, reason: "Valeur à revoir" } });
        await tx
          .insertInto("coding_act")
          .values({
            report_id: id,
            layer: 1,
            factor: "signal_not_transmitted",
            subject: "case",
            by: analyst.id,
            at: "2026-11-23T11:00:00.000Z",
            after: null,
          })
          .execute();
        const now = "2026-11-23T12:00:00.000Z";
        await applyEvent(tx, { ...at(version + 3, analyst, now), event: { type: "CODING_SUBMITTED", by: analyst } });
        await submitFindings(tx, at(version + 4, analyst, now));
      });
      expect(await status()).to.deep.equal(["draft", "approved"]);
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
