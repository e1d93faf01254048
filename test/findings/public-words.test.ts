import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { acceptCorrection, acceptEdits, proposeCorrection, proposeEdits } from "../../server/findings/proposals.ts";
import { askSecondReview, confirmPublicStatement, decideFinding, publishFindings } from "../../server/findings/review.ts";
import { saveFinding } from "../../server/findings/write.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { departmentLabel } from "../../server/reports/places.ts";
import { exposingWords } from "../../server/reports/quality/public-words.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn, someone } from "../support/reports.ts";
import { actingOn, findingRow, NOW, refusal, TICKED } from "./support.ts";

const inWords = (edition: number) => `Édition ${edition}`;
const CALM = { statement: "La plainte n’a pas été transmise au parquet.", service: "Brigade", reason: "Plus sobre." };

for (const [name, open] of Object.entries(DATABASES))
  describe(`public words that come after the submission, on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    it("are refused where they hold the date, a place or a number of the case, in a proposal as in a correction", async () => {
      const report = await reportIn(database, "analysed");
      const { act_date, department } = await database.db.selectFrom("report").select(["act_date", "department"]).where("id", "=", report.id).executeTakeFirstOrThrow(); // biome-ignore format: one query
      const day = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${act_date}T00:00:00Z`));
      const place = departmentLabel(department).replace(/ \(.*\)$/, "");
      const exposing = `Le ${day}, dans le département ${place}, dossier 24/123456, la plainte n’a pas été transmise.`;
      const found = await exposingWords(database.db, [report.id], exposing, "2026-11-23");
      expect(found.join(" ")).to.include(place).and.to.include("123456");
      expect(await exposingWords(database.db, [report.id], "Des plaintes n’ont pas été transmises.", "2026-11-23")).to.deep.equal([]);

      const acting = actingOn(database, report);
      const propose = (publicStatement: string) =>
        refusal(acting.act(report.reviewer, (tx, one) => proposeEdits(tx, one, { number: 1, ...TICKED, ...CALM, publicStatement })));
      expect(await propose(exposing)).to.include("publicStatement");
      expect(await propose("Des plaintes n’ont pas été transmises.")).to.equal("done");
      await acting.act(report.analyst, (tx, one) => acceptEdits(tx, one, 1));
      await acting.act(report.reviewer, (tx, one) => decideFinding(tx, one, { number: 2, decision: "approved", comment: "", ...TICKED }));
      await acting.act(report.reviewer, (tx, one) => publishFindings(tx, one, inWords));
      const correct = (publicStatement: string) =>
        refusal(acting.act(report.analyst, (tx, one) => proposeCorrection(tx, one, { number: 1, ...CALM, publicStatement })));
      expect(await correct(exposing)).to.include("publicStatement");
      expect((await findingRow(database, report.id, 1)).public_statement).to.equal("Des plaintes n’ont pas été transmises.");
    });

    it("taken away and written again, are still to be read by the second reviewer who was asked for", async () => {
      const report = await reportIn(database, "analysed");
      const acting = actingOn(database, report);
      for (const number of [1, 2])
        await acting.act(report.reviewer, (tx, one) => decideFinding(tx, one, { number, decision: "approved", comment: "", ...TICKED }));
      await acting.act(report.reviewer, (tx, one) => askSecondReview(tx, one, 1));
      await acting.act(report.analyst, (tx, one) =>
        applyEvent(tx, { ...one, event: { type: "FINDINGS_RESUMED", by: one.by, reason: "Un mot à revoir." } }),
      );
      const write = async (publicStatement: string | null) => {
        const row = await findingRow(database, report.id, 1);
        const of = (table: "finding_factor" | "finding_passage") => database.db.selectFrom(table).selectAll().where("finding_id", "=", row.id).execute(); // biome-ignore format: one query
        const [factors, passages] = [await of("finding_factor"), await of("finding_passage")] as [
          { factor: string }[],
          { passage_id: string }[],
        ];
        await database.db.transaction().execute((tx) =>
          saveFinding(
            tx,
            { reportId: report.id, number: 1, seenVersion: row.version, by: report.analyst, now: NOW },
            {
              kind: row.kind,
              statement: row.statement,
              publicStatement,
              service: row.service,
              knownWhen: row.known_when,
              factors: factors.map(({ factor }) => factor),
              passages: passages.map(({ passage_id }) => passage_id),
            },
          ),
        );
      };
      await write(null);
      await write("Des plaintes n’ont pas été transmises.");
      expect((await findingRow(database, report.id, 1)).second_review).to.equal("asked");
    });

    it("do not pass over the second reviewer that the first ones had asked for", async () => {
      const report = await reportIn(database, "analysed");
      const second = await someone(database, "reviewer");
      const acting = actingOn(database, report);
      for (const number of [1, 2])
        await acting.act(report.reviewer, (tx, one) => decideFinding(tx, one, { number, decision: "approved", comment: "", ...TICKED }));
      await acting.act(report.reviewer, (tx, one) => askSecondReview(tx, one, 1));
      await acting.act(second, (tx, one) => confirmPublicStatement(tx, one, { number: 1, comment: "", ...TICKED }));
      await acting.act(report.reviewer, (tx, one) => publishFindings(tx, one, inWords));
      await acting.act(report.analyst, (tx, one) =>
        proposeCorrection(tx, one, { number: 1, ...CALM, publicStatement: "D’autres mots pour le public." }),
      );
      const accept = () =>
        refusal(acting.act(report.reviewer, (tx, one) => acceptCorrection(tx, one, { number: 1, comment: "", ...TICKED }, inWords)));
      expect(await accept()).to.include("a demandé deux relectures");
    });
  });
