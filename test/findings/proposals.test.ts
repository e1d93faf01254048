import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { recordDissent, withdrawDissent } from "../../server/findings/dissent.ts";
import {
  acceptCorrection,
  acceptEdits,
  declineCorrection,
  declineEdits,
  proposeCorrection,
  proposeEdits,
  withdrawFinding,
} from "../../server/findings/proposals.ts";
import { askSecondReview, confirmPublicStatement, decideFinding, publishFindings } from "../../server/findings/review.ts";
import { saveFinding } from "../../server/findings/write.ts";
import { moveRecommendation } from "../../server/follow-up/move.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { findEdition } from "../../server/reports/editions.ts";
import { DATABASES } from "../support/databases.ts";
import { reportIn, someone } from "../support/reports.ts";
import { actingOn, decisionsOn, findingRow, LATER, NOW, refusal, TICKED } from "./support.ts";

const WORDS = {
  number: 1,
  statement: "La plainte est restée dix-huit jours à la brigade avant d’être transmise.",
  publicStatement: "Une plainte a tardé à être transmise.",
  service: "Gendarmerie",
  reason: "Plus exact",
};
const withdrawal = (edition: number) => `Édition ${edition}`;

for (const [name, open] of Object.entries(DATABASES))
  describe(`what is proposed and said about findings (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    const built = async (state: "analysed" | "published") => {
      const report = await reportIn(database, state);
      return { report, ...actingOn(database, report) };
    };

    describe("the checklist of a public statement", () => {
      it("stops an approval until its five checks are ticked, and is kept with the decision", async () => {
        const { report, act } = await built("analysed");
        const approve = (checklist: string[]) =>
          act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", checklist }));
        expect(await refusal(approve([]))).to.equal("Invalid: checks findings.checks.missing");
        expect(await refusal(approve(["date", "place", "age", "trait"]))).to.include("Invalid");
        expect(await refusal(approve(["date", "date", "date", "date", "date"]))).to.include("Invalid");
        expect((await findingRow(database, report.id, 1)).status).to.equal("draft");
        await approve(TICKED.checklist);
        const [decision] = await decisionsOn(database, report.id, 1);
        expect(JSON.parse(decision!.checklist!)).to.deep.equal(["date", "place", "age", "trait", "quote"]);
      });

      it("is asked for no finding without a public statement", async () => {
        const { report, act } = await built("analysed");
        await database.db.updateTable("finding").set({ public_statement: null }).where("report_id", "=", report.id).execute();
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "" }));
        expect((await decisionsOn(database, report.id, 1))[0]).to.include({ decision: "approved", checklist: null });
      });
    });

    describe("edits proposed by a reviewer", () => {
      it("are taken by the author, which approves the finding by that reviewer's decision", async () => {
        const { report, act } = await built("analysed");
        await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...TICKED }));
        expect((await findingRow(database, report.id, 1)).status).to.equal("edits_proposed");
        await act(report.analyst, (tx, acting) => acceptEdits(tx, acting, 1), LATER);
        expect(await findingRow(database, report.id, 1)).to.include({
          status: "approved",
          version: 2,
          statement: WORDS.statement,
          public_statement: WORDS.publicStatement,
          service: WORDS.service,
          written_by: report.analyst.id,
        });
        expect((await decisionsOn(database, report.id, 1)).at(-1)).to.include({
          decision: "approved",
          by: report.reviewer.id,
          finding_version: 2,
          checklist: JSON.stringify(TICKED.checklist),
        });
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 2, decision: "approved", comment: "", ...TICKED }));
        await act(report.reviewer, (tx, acting) => publishFindings(tx, acting, withdrawal));
        const edition = await findEdition(database.db, report.id, 1);
        expect(edition?.content.findings[0]?.statement).to.equal(WORDS.statement);
      });

      it("are declined with a reason, and the finding waits for a decision in its own words", async () => {
        const { report, act } = await built("analysed");
        const before = await findingRow(database, report.id, 1);
        await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...TICKED }));
        await act(report.analyst, (tx, acting) => declineEdits(tx, acting, 1, "La pièce dit dix-sept."));
        expect(await findingRow(database, report.id, 1)).to.deep.equal(before);
        const row = await database.db
          .selectFrom("finding_proposal")
          .selectAll()
          .where("finding_id", "=", before.id)
          .executeTakeFirstOrThrow();
        expect(row).to.include({ outcome: "declined", outcome_reason: "La pièce dit dix-sept.", decided_by: report.analyst.id });
      });

      it("stop the publication while they wait, and say so", async () => {
        const { report, act } = await built("analysed");
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 2, decision: "approved", comment: "", ...TICKED }));
        await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...TICKED }));
        const publish = act(report.reviewer, (tx, acting) => publishFindings(tx, acting, withdrawal));
        expect(await refusal(publish)).to.equal("1 constat porte des retouches qui attendent la réponse de l’analyste");
      });

      it("are refused when nothing differs, without the checks, twice at once, from the author, and answered by nobody but the author", async () => {
        const { report, act } = await built("analysed");
        const { statement, public_statement, service } = await findingRow(database, report.id, 1);
        const propose = (by: typeof report.reviewer, words: object = {}, checklist = TICKED.checklist) =>
          refusal(act(by, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...words, checklist })));
        expect(await propose(report.reviewer, { statement, publicStatement: public_statement, service })).to.include(
          "findings.proposal.same",
        );
        expect(await propose(report.reviewer, {}, [])).to.equal("Invalid: checks findings.checks.missing");
        expect(await propose(report.analyst)).to.include("cet acte revient à une relectrice ou à un relecteur");
        expect(await propose(report.reviewer)).to.equal("done");
        expect(await propose(await someone(database, "reviewer"))).to.equal("d’autres mots attendent déjà la réponse de l’analyste");
        expect(await refusal(act(report.reviewer, (tx, acting) => acceptEdits(tx, acting, 1)))).to.include("l’analyste à qui le rapport");
      });

      it("lapse when the author writes the finding again, or a reviewer decides otherwise", async () => {
        const { report, act } = await built("analysed");
        const outcomes = async () =>
          (
            await database.db
              .selectFrom("finding_proposal")
              .innerJoin("finding", "finding.id", "finding_id")
              .select("outcome")
              .where("report_id", "=", report.id)
              .orderBy("proposed_at")
              .execute()
          ).map(({ outcome }) => outcome);
        await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...TICKED }));
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", ...TICKED }));
        expect(await outcomes()).to.deep.equal(["lapsed"]);
        await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, { ...WORDS, ...TICKED }), LATER);
        await act(report.analyst, (tx, { by, now, ...at }) =>
          applyEvent(tx, { ...at, now, event: { type: "FINDINGS_RESUMED", by, reason: "À reprendre" } }),
        );
        await database.db.transaction().execute((tx) =>
          saveFinding(
            tx,
            { reportId: report.id, number: 1, seenVersion: 1, by: report.analyst, now: LATER },
            {
              kind: "context",
              statement: "Autrement.",
              publicStatement: null,
              service: null,
              knownWhen: null,
              factors: [],
              passages: [],
            },
          ),
        );
        expect(await outcomes()).to.deep.equal(["lapsed", "lapsed"]);
        expect((await findingRow(database, report.id, 1)).status).to.equal("draft");
      });
    });

    describe("a second reviewer", () => {
      it("is waited for by the publication, is another than the first, and goes through the checklist too", async () => {
        const { report, act } = await built("analysed");
        const other = await someone(database, "reviewer");
        await act(report.coordinator, (tx, acting) => askSecondReview(tx, acting, 1));
        for (const number of [1, 2])
          await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number, decision: "approved", comment: "", ...TICKED }));
        const publish = () => act(report.reviewer, (tx, acting) => publishFindings(tx, acting, withdrawal));
        expect(await refusal(publish())).to.equal("1 formulation publique attend une seconde relecture");
        const confirm = (by: typeof other, checklist = TICKED.checklist) =>
          refusal(act(by, (tx, acting) => confirmPublicStatement(tx, acting, { number: 1, comment: "", checklist })));
        expect(await confirm(report.reviewer)).to.equal(
          "vous avez approuvé ce constat\u00a0: la seconde relecture revient à une autre personne",
        );
        expect(await confirm(report.analyst)).to.include("revient à une autre personne");
        expect(await confirm(other, ["date"])).to.equal("Invalid: checks findings.checks.missing");
        expect(await confirm(other)).to.equal("done");
        expect(await refusal(publish())).to.equal("done");
        expect((await decisionsOn(database, report.id, 1)).map(({ decision, by }) => [decision, by])).to.deep.equal([
          ["second_asked", report.coordinator.id],
          ["approved", report.reviewer.id],
          ["confirmed", other.id],
        ]);
      });

      it("reads again when the finding is decided again, and is asked for only where there is a public statement", async () => {
        const { report, act } = await built("analysed");
        const other = await someone(database, "reviewer");
        await act(report.reviewer, (tx, acting) => askSecondReview(tx, acting, 1));
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", ...TICKED }));
        await act(other, (tx, acting) => confirmPublicStatement(tx, acting, { number: 1, comment: "", ...TICKED }));
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", ...TICKED }));
        expect((await findingRow(database, report.id, 1)).second_review).to.equal("asked");
        await database.db
          .updateTable("finding")
          .set({ public_statement: null })
          .where("report_id", "=", report.id)
          .where("number", "=", 2)
          .execute();
        const ask = act(report.reviewer, (tx, acting) => askSecondReview(tx, acting, 2));
        expect(await refusal(ask)).to.equal("ce constat n’a pas de formulation publique");
      });
    });

    describe("a dissent", () => {
      it("is kept for ever, frozen with the edition, and withdrawn by whoever recorded it alone", async () => {
        const { report, act } = await built("analysed");
        const text = "Rien ne dit que la brigade savait.";
        await act(report.analyst, (tx, acting) => recordDissent(tx, acting, { number: 1, text }));
        for (const number of [1, 2])
          await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number, decision: "approved", comment: "", ...TICKED }));
        await act(report.reviewer, (tx, acting) => publishFindings(tx, acting, withdrawal));
        const { content } = (await findEdition(database.db, report.id, 1))!;
        expect(content.findings.map(({ dissents }) => dissents)).to.deep.equal([
          [{ by: report.analyst.id, at: NOW, text, withdrawnAt: null }],
          undefined,
        ]);
        const { id } = await database.db
          .selectFrom("finding_dissent")
          .select("id")
          .where("text", "=", text)
          .where("by", "=", report.analyst.id)
          .executeTakeFirstOrThrow();
        const withdraw = (by: typeof report.analyst) =>
          refusal(act(by, (tx, acting) => withdrawDissent(tx, acting, { number: 1, dissent: id }), LATER));
        expect(await withdraw(report.reviewer)).to.include("vous n’avez consigné aucun désaccord");
        expect(await withdraw(report.analyst)).to.equal("done");
        const row = await database.db.selectFrom("finding_dissent").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
        expect(row).to.include({ text, withdrawn_at: LATER });
        const gone = database.db.deleteFrom("finding_dissent").where("id", "=", id).execute();
        expect(
          await gone.then(
            () => "deleted",
            () => "kept",
          ),
        ).to.equal("kept");
        expect((await findEdition(database.db, report.id, 1))!.content).to.deep.equal(content);
      });
    });

    describe("after publication", () => {
      it("a correction is proposed by the analyst and published by another person; the earlier text stays, dated", async () => {
        const { report, act } = await built("published");
        const earlier = await findEdition(database.db, report.id, 1);
        await act(report.analyst, (tx, acting) => proposeCorrection(tx, acting, WORDS));
        const accept = (by: typeof report.analyst, checklist: string[]) =>
          refusal(act(by, (tx, acting) => acceptCorrection(tx, acting, { number: 1, comment: "Vu", checklist }, withdrawal), LATER));
        expect(await accept(report.analyst, TICKED.checklist)).to.include("cet acte revient à une relectrice");
        expect(await accept(report.reviewer, [])).to.equal("Invalid: checks findings.checks.missing");
        expect(await accept(report.reviewer, TICKED.checklist)).to.equal("done");
        const [before, after] = [await findEdition(database.db, report.id, 1), await findEdition(database.db, report.id, 2)];
        expect(before).to.deep.equal({ ...earlier, superseded_at: LATER });
        expect(after!.content.findings[0]).to.include({ statement: WORDS.statement, publicStatement: WORDS.publicStatement });
        expect(after!.content.findings[1]).to.deep.equal(earlier!.content.findings[1]);
        expect(after!.content.recommendations).to.deep.equal(earlier!.content.recommendations);
        const values = (edition: string) =>
          database.db
            .selectFrom("edition_value")
            .select(["factor", "subject", "value"])
            .where("edition_id", "=", edition)
            .orderBy("factor")
            .orderBy("subject")
            .execute();
        expect(await values(after!.id)).to.deep.equal(await values(before!.id));
        const { state } = await database.db.selectFrom("report").select("state").where("id", "=", report.id).executeTakeFirstOrThrow();
        expect(state).to.equal("published");
      });

      it("a correction is declined with a reason, and what is published stays", async () => {
        const { report, act } = await built("published");
        await act(report.analyst, (tx, acting) => proposeCorrection(tx, acting, WORDS));
        await act(report.reviewer, (tx, acting) => declineCorrection(tx, acting, 1, "Rien ne le montre."));
        expect(await findEdition(database.db, report.id, 2)).to.equal(undefined);
        expect((await findingRow(database, report.id, 1)).version).to.equal(1);
        const again = act(report.reviewer, (tx, acting) => declineCorrection(tx, acting, 1, "Encore"));
        expect(await refusal(again)).to.equal("aucune correction n’attend d’être relue");
      });

      it("a finding is withdrawn with a reason: the next edition is without it, an approved recommendation goes, an issued one is questioned", async () => {
        for (const issued of [false, true]) {
          const { report, act } = await built("published");
          const recommendation = () =>
            database.db.selectFrom("recommendation").selectAll().where("report_id", "=", report.id).executeTakeFirstOrThrow();
          const approved = await recommendation();
          if (issued)
            await database.db
              .transaction()
              .execute((tx) => moveRecommendation(tx, approved, { type: "RECOMMENDATION_ISSUED", by: report.coordinator }, NOW));
          expect((await recommendation()).state).to.equal(issued ? "issued" : "approved");
          const reason = "La pièce a été annulée.";
          await act(report.reviewer, (tx, acting) => withdrawFinding(tx, acting, { number: 1, reason }, withdrawal), LATER);
          const [before, after] = [await findEdition(database.db, report.id, 1), await findEdition(database.db, report.id, 2)];
          expect(before!.content.findings.map(({ number }) => number)).to.deep.equal([1, 2]);
          expect(after!.content.findings.map(({ number }) => number)).to.deep.equal([2]);
          expect(await recommendation()).to.include(
            issued ? { state: "issued", evidence_question_at: LATER } : { state: "withdrawn", evidence_question_at: null },
          );
          expect((await decisionsOn(database, report.id, 1)).at(-1)).to.include({ decision: "withdrawn", comment: reason });
        }
      });

      it("the last finding is not withdrawn: the words tell what to do instead", async () => {
        const { report, act } = await built("published");
        const withdraw = (number: number) =>
          refusal(act(report.reviewer, (tx, acting) => withdrawFinding(tx, acting, { number, reason: "Erreur" }, withdrawal)));
        expect(await withdraw(1)).to.equal("done");
        expect(await withdraw(1)).to.include("ce constat ne figure pas dans l’édition en vigueur");
        expect(await withdraw(2))
          .to.include("le dernier constat de l’édition")
          .and.include("rouvrir le rapport");
        expect(await findEdition(database.db, report.id, 3)).to.equal(undefined);
      });

      it("a correction that waited is without object once its finding is withdrawn", async () => {
        const { report, act } = await built("published");
        await act(report.analyst, (tx, acting) => proposeCorrection(tx, acting, WORDS));
        await act(report.reviewer, (tx, acting) => withdrawFinding(tx, acting, { number: 1, reason: "Erreur" }, withdrawal));
        const { id } = await findingRow(database, report.id, 1);
        const row = await database.db.selectFrom("finding_proposal").selectAll().where("finding_id", "=", id).executeTakeFirstOrThrow();
        expect(row.outcome).to.equal("lapsed");
      });
    });
  });
