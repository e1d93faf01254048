import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { withdrawFinding } from "../../server/findings/proposals.ts";
import { decideFinding, publishFindings, submitFindings } from "../../server/findings/review.ts";
import { saveFinding, saveRecommendation } from "../../server/findings/write.ts";
import { actOnRecommendation } from "../../server/follow-up/act.ts";
import { recordAnswer } from "../../server/follow-up/answer.ts";
import { outcomeFigures } from "../../server/outcomes/figures.ts";
import { assessAnswer, findNoAnswer, issueRecommendation } from "../../server/recommendations/life.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import type { Actor } from "../../workflows/actor.ts";
import { actingOn, LATER, NOW, refusal } from "../findings/support.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, passagesOf, reportIn, someone } from "../support/reports.ts";

const inWords = (edition: number) => `Édition ${edition}`;

for (const [name, open] of Object.entries(DATABASES))
  describe(`what stands behind a recommendation on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    type Acting = { reference: string; seenVersion: number; by: Actor; now: string };
    const of = ({ id }: BuiltReport) =>
      database.db.selectFrom("recommendation").selectAll().where("report_id", "=", id).orderBy("number").executeTakeFirstOrThrow();
    const on = async <Done>(report: BuiltReport, by: Actor, act: (tx: Tx, acting: Acting) => Promise<Done>, now = NOW): Promise<Done> => {
      const { reference, version } = await of(report);
      return database.db.transaction().execute((tx) => act(tx, { reference, seenVersion: version, by, now }));
    };
    const issue = (report: BuiltReport, onDate = "2026-11-23", now = NOW) =>
      on(
        report,
        report.coordinator,
        (tx, acting) =>
          issueRecommendation(tx, acting, {
            onDate,
            channel: "letter",
            contact: null,
            recipient: "Direction générale",
            proofReference: null,
            proof: null,
            deadline: "2027-06-30",
            answerDue: "2027-01-30",
          }),
        now,
      );
    const withdraw = (report: BuiltReport, by: Actor) =>
      on(report, by, (tx, acting) =>
        actOnRecommendation(tx, { ...acting, event: { type: "RECOMMENDATION_WITHDRAWN", by, reason: "Un dispositif la remplace." } }),
      );
    const answer = (report: BuiltReport) =>
      on(report, report.coordinator, (tx, acting) =>
        recordAnswer(tx, {
          ...acting,
          given: { said: "accepted", text: "Nous le ferons.", answeredOn: "2026-11-23", plannedFor: null, respondent: "La directrice" },
        }),
      );
    /** Two findings and one recommendation that rests on both, published. */
    const onTwoFindings = async (
      analyst?: Actor,
      writer?: Actor,
    ): Promise<{ report: BuiltReport; acting: ReturnType<typeof actingOn> }> => {
      const report = await reportIn(database, "coded", analyst ? { analyst } : {});
      const by = writer ?? report.analyst;
      if (writer) await database.db.updateTable("assignment").set({ analyst_id: writer.id }).where("report_id", "=", report.id).execute();
      const acting = actingOn(database, report);
      await database.db.transaction().execute(async (tx) => {
        const writing = { reportId: report.id, number: null, seenVersion: null, by, now: NOW };
        for (const [kind, factor] of [["missed_signal", "signal_not_transmitted"], ["failing", "risk_assessment_gap"]] as const) // biome-ignore format: a table
          await saveFinding(tx, writing, {
            kind,
            statement: `Constat sur ${factor}.`,
            publicStatement: null,
            service: "Brigade",
            knownWhen: "service_before",
            factors: [factor],
            passages: await passagesOf(tx, report.id, factor),
          });
        await saveRecommendation(tx, writing, {
          text: "Transmettre et évaluer toute plainte dans les vingt-quatre heures.",
          addressee: "gendarmerie",
          level: "national",
          theme: "information_sharing",
          type: "policy_instruction",
          origin: "observatory",
          deadline: "2027-06-30",
          findings: [1, 2],
        });
      });
      await acting.act(by, (tx, one) => submitFindings(tx, one));
      for (const number of [1, 2])
        await acting.act(report.reviewer, (tx, one) => decideFinding(tx, one, { number, decision: "approved", comment: "" }));
      await acting.act(report.reviewer, (tx, one) => publishFindings(tx, one, inWords));
      return { report, acting };
    };

    it("asks for a decision when one of two findings is withdrawn, and says so in its history", async () => {
      const { report, acting } = await onTwoFindings();
      await issue(report);
      await acting.act(report.reviewer, (tx, one) => withdrawFinding(tx, one, { number: 1, reason: "Une erreur." }, inWords));
      const row = await of(report);
      expect(row).to.include({ state: "issued", evidence_question_at: NOW });
      const last = await database.db
        .selectFrom("recommendation_event")
        .select(["type", "by", "version"])
        .where("recommendation_id", "=", row.id)
        .orderBy("version", "desc")
        .executeTakeFirstOrThrow();
      expect(last).to.deep.equal({ type: "EVIDENCE_QUESTIONED", by: report.reviewer.id, version: row.version });
    });

    it("asks for one when its report is set aside, and none while nothing behind it moves", async () => {
      const report = await reportIn(database, "published");
      const acting = actingOn(database, report);
      await issue(report);
      const event = (type: "REPORT_REOPENED" | "REPORT_SET_ASIDE") =>
        acting.act(report.coordinator, (tx, one) => applyEvent(tx, { ...one, event: { type, by: one.by, reason: "Un doublon." } }));
      await event("REPORT_REOPENED");
      expect((await of(report)).evidence_question_at).to.equal(null);
      await event("REPORT_SET_ASIDE");
      expect((await of(report)).evidence_question_at).to.equal(NOW);
    });

    it("does not bring back what somebody withdrew, whatever is published again", async () => {
      const report = await reportIn(database, "published");
      const acting = actingOn(database, report);
      await issue(report);
      await answer(report);
      await on(report, report.coordinator, (tx, one) => assessAnswer(tx, one, { value: "unacceptable", comment: "Elle ne dit rien." }));
      await withdraw(report, report.coordinator);
      await acting.act(report.coordinator, (tx, one) =>
        applyEvent(tx, { ...one, event: { type: "REPORT_REOPENED", by: one.by, reason: "Un jugement." } }),
      );
      await acting.act(report.analyst, (tx, one) => applyEvent(tx, { ...one, event: { type: "CODING_SUBMITTED", by: one.by } }), LATER);
      await acting.act(report.analyst, (tx, one) => submitFindings(tx, one), LATER);
      await acting.act(report.reviewer, (tx, one) => publishFindings(tx, one, inWords), LATER);
      expect((await of(report)).state).to.equal("withdrawn");
      const edition = await database.db.selectFrom("edition").select("content").where("report_id", "=", report.id).where("number", "=", 2).executeTakeFirstOrThrow(); // biome-ignore format: one query
      expect((JSON.parse(edition.content) as { recommendations: unknown[] }).recommendations).to.deep.equal([]);

      // Approved again by a person, its second issue begins anew.
      await on(report, report.reviewer, (tx, one) =>
        actOnRecommendation(tx, { ...one, event: { type: "RECOMMENDATION_APPROVED", by: one.by } }),
      );
      await issue(report, "2026-11-24", LATER);
      expect(await of(report)).to.include({ state: "issued", answered_at: null, assessed_at: null, assessment: null, received_at: null });
    });

    it("is approved by nobody who coded a report behind it", async () => {
      const coder = await someone(database, "analyst", "reviewer");
      const { report } = await onTwoFindings(coder, await someone(database, "analyst"));
      await withdraw(report, report.coordinator);
      const approve = (by: Actor) =>
        refusal(on(report, by, (tx, one) => actOnRecommendation(tx, { ...one, event: { type: "RECOMMENDATION_APPROVED", by } })));
      expect(await approve(coder)).to.include("vous avez codé un rapport qui la fonde");
      expect(await approve(report.reviewer)).to.equal("done");
    });

    it("waits to be assessed again when an answer comes after one was judged, or found missing", async () => {
      const report = await reportIn(database, "published");
      await issue(report);
      await database.db.updateTable("recommendation").set({ answer_due: "2026-11-01" }).where("report_id", "=", report.id).execute();
      await on(report, report.coordinator, (tx, one) => findNoAnswer(tx, one, "Rien n’est venu."));
      expect((await of(report)).assessment).to.equal("no_answer");
      await answer(report);
      expect(await of(report)).to.include({ state: "answered", assessment: null, assessed_at: null });
    });

    it("counts from the day it was sent to the day it was answered, whenever that was typed", async () => {
      const report = await reportIn(database, "published");
      await database.db.updateTable("recommendation").set({ approved_at: "2025-12-01T09:00:00.000Z" }).where("report_id", "=", report.id).execute(); // biome-ignore format: one statement
      const wrong = await refusal(issue(report, "2025-11-30"));
      expect(wrong).to.include("onDate").and.to.include("beforeApproval");
      await issue(report, "2025-12-20");
      await on(report, report.coordinator, (tx, acting) =>
        recordAnswer(tx, {
          ...acting,
          given: { said: "accepted", text: "Nous le ferons.", answeredOn: "2026-02-20", plannedFor: null, respondent: "La directrice" },
        }),
      );
      const row = await of(report);
      expect([row.issued_at, row.answered_at].map((at) => at!.slice(0, 10))).to.deep.equal(["2025-12-20", "2026-02-20"]);
      await database.db.updateTable("recommendation").set({ theme: "weapons" }).where("id", "=", row.id).execute();
      const scope = { from: null, to: null, addressee: null, level: null, theme: "weapons", once: false };
      const figures = await outcomeFigures(database.db, scope, { today: "2026-11-24", now: LATER });
      expect([...figures.byYear.keys()]).to.deep.equal([2025]);
      expect(figures.whole.waits.medianOfAnswered()).to.equal(62);
    });
  });
