import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import {
  answerEdits,
  approveCrossFinding,
  askSecondReview,
  confirmPublicStatement,
  findCrossFinding,
  historyOf,
  proposeEdits,
  recordDissent,
  returnCrossFinding,
  submitCrossFinding,
  withdrawCrossFinding,
  withdrawDissent,
} from "../../server/cross-findings/act.ts";
import { listDissents, listTexts } from "../../server/cross-findings/queries.ts";
import { listCrossFindingsInReview, listCrossFindingsToRevise } from "../../server/cross-findings/review-queue.ts";
import { saveCrossFinding } from "../../server/cross-findings/write.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { decideFinding, publishFindings, submitFindings } from "../../server/findings/review.ts";
import { Conflict, Invalid, Refusal } from "../../server/http/errors.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { acting, basisFor, crossFindingIn, LATER, NOW, recommendationOn, type Scene, scene, WORDS } from "./support.ts";

/** What a promise was refused with. */
const refusal = async (promise: Promise<unknown>): Promise<string[] | Record<string, unknown> | string> => {
  try {
    await promise;
    return "done";
  } catch (error) {
    if (error instanceof Refusal) return error.reasons("fr");
    if (error instanceof Invalid) return error.fields;
    if (error instanceof Conflict) return "conflict";
    throw error;
  }
};

for (const [name, open] of Object.entries(DATABASES))
  describe(`cross-case findings (${name})`, () => {
    let database: Database;
    let set: Scene;
    before(async () => {
      database = await open();
      set = await scene(database);
    });
    after(() => database.close());
    const row = (reference: string) => findCrossFinding(database.db, reference);
    const history = async (reference: string) => (await historyOf(database.db, (await row(reference)).id, 0, "fr")).map(({ type }) => type);
    const write = (given: Partial<Parameters<typeof saveCrossFinding>[2]>) =>
      database.db
        .transaction()
        .execute(async (tx) =>
          saveCrossFinding(
            tx,
            { reference: null, seenVersion: null, by: set.author, now: NOW },
            { ...WORDS, basis: await basisFor(tx, set.reports), ...given },
          ),
        );

    /** Publishes a report again, with a value coded otherwise. */
    async function published(report: BuiltReport, change: (tx: Tx) => Promise<unknown>, now: string): Promise<void> {
      await database.db.transaction().execute(async (tx) => {
        const { id, coordinator, analyst, reviewer } = report;
        const version = async () =>
          (await tx.selectFrom("report").select("version").where("id", "=", id).executeTakeFirstOrThrow()).version;
        const step = async (event: ReportEvent) => applyEvent(tx, { reportId: id, seenVersion: await version(), event, now });
        await step({ type: "REPORT_REOPENED", by: coordinator, reason: "Un arrêt" });
        await change(tx);
        await step({ type: "CODING_SUBMITTED", by: analyst });
        await submitFindings(tx, { reportId: id, seenVersion: await version(), by: analyst, now });
        for (const number of [1, 2])
          await decideFinding(
            tx,
            { reportId: id, seenVersion: await version(), by: reviewer, now },
            { number, decision: "approved", comment: "", checklist: PUBLIC_CHECKS },
          );
        await publishFindings(tx, { reportId: id, seenVersion: await version(), by: reviewer, now }, () => "");
      });
    }
    const recode = (tx: Tx, report: BuiltReport, factor: string, set: { value?: string; known_when?: string }) =>
      tx
        .updateTable("coding")
        .set(set)
        .where("report_id", "=", report.id)
        .where("factor", "=", factor)
        .where("value", "=", "present")
        .execute();

    it("keep what their author saw of each factor: the edition, the value of each person, when it was known, the passages", async () => {
      const reference = await write({});
      expect(reference).to.match(/^CT-2026-\d{4}$/);
      const { id } = await row(reference);
      const basis = await database.db.selectFrom("cross_finding_basis").selectAll().where("cross_finding_id", "=", id).execute();
      expect(basis).to.have.length(4);
      for (const one of basis) {
        expect(one).to.include({ edition: 1, value: "present", known_when: "service_before" });
        expect(one.passages).to.match(/^[0-9a-f]{64}$/);
      }
      expect(await history(reference)).to.deep.equal(["CROSS_FINDING_WRITTEN"]);
    });

    it("rest on two published reports at least, on documented values of the edition their author read", async () => {
      const basis = await basisFor(database.db, set.reports);
      const [one] = basis;
      expect(await refusal(write({ basis: basis.filter(({ reportId }) => reportId === one!.reportId) }))).to.deep.equal({
        basis: "cross-findings.invalid.few",
      });
      const silent = { reportId: one!.reportId, factor: "caregiver_burden", edition: 1 };
      expect(await refusal(write({ basis: [...basis, silent] }))).to.deep.equal({
        basis: { key: "cross-findings.invalid.gone", params: { reports: one!.reportId } },
      });
      expect(await refusal(write({ basis: basis.map((pair, at) => (at === 0 ? { ...pair, edition: 7 } : pair)) }))).to.deep.equal({
        basis: { key: "cross-findings.invalid.newEdition", params: { reports: one!.reportId } },
      });
      const unpublished = await reportIn(database, "analysed");
      expect(await refusal(write({ basis: [...basis, { ...one!, reportId: unpublished.id }] }))).to.have.nested.property(
        "basis.params.reports",
        unpublished.id,
      );
    });

    it("do not call a missed signal what no service knew before the act", async () => {
      for (const knownWhen of [null, "discovered_after", "entourage_before"])
        expect(await refusal(write({ knownWhen }))).to.deep.equal({ knownWhen: "cross-findings.invalid.notMissed" });
      expect(await refusal(write({ kind: "failing", knownWhen: "discovered_after" }))).to.equal("done");
      expect(await refusal(write({ knownWhen: "autrefois" }))).to.deep.equal({ knownWhen: "http.invalid.choice" });
    });

    it("are saved once when two save the same draft", async () => {
      const reference = await write({});
      const save = async () =>
        database.db
          .transaction()
          .execute(async (tx) =>
            saveCrossFinding(
              tx,
              { reference, seenVersion: 1, by: set.author, now: LATER },
              { ...WORDS, statement: "Autrement", basis: await basisFor(tx, set.reports) },
            ),
          );
      expect(await refusal(save())).to.equal("done");
      expect(await refusal(save())).to.equal("conflict");
    });

    it("are approved by somebody who had no part in them, after the whole checklist", async () => {
      const reference = await crossFindingIn(database, "in_review", set);
      const approve = (by: Scene["author"], checks: readonly string[]) =>
        refusal(acting(database, reference, by, (tx, act) => approveCrossFinding(tx, act, checks, "")));
      const { id: author } = set.author;
      expect(await approve({ id: author, roles: ["analyst", "reviewer"] }, PUBLIC_CHECKS)).to.deep.equal([
        "vous avez écrit ce constat : sa relecture revient à une autre personne".replace(" :", " :"),
      ]);
      const coder = { id: set.reports[0]!.analyst.id, roles: ["reviewer"] as const };
      expect(await approve(coder, PUBLIC_CHECKS)).to.satisfy((reasons: string[]) => /vous avez codé ou rédigé/.test(reasons[0]!));
      expect(await approve(set.reviewer, PUBLIC_CHECKS.slice(1))).to.deep.equal({ checks: "cross-findings.checks.missing" });
      expect((await row(reference)).state, "nothing was written").to.equal("in_review");
      expect(await approve(set.reviewer, PUBLIC_CHECKS)).to.equal("done");
      const [text] = await listTexts(database.db, (await row(reference)).id);
      expect(text).to.deep.include({ number: 1, statement: WORDS.statement, approved_by: set.reviewer.id, checklist: [...PUBLIC_CHECKS] });
      expect(text!.basis.map(({ report_id, factor }) => `${report_id} ${factor}`)).to.have.length(4);
    });

    it("go back with a category and a reason, and are written again", async () => {
      const reference = await crossFindingIn(database, "in_review", set);
      await acting(database, reference, set.reviewer, (tx, act) => returnCrossFinding(tx, act, "scope", "Trop large"));
      const { id, state } = await row(reference);
      expect(state).to.equal("draft");
      const waits = (await listCrossFindingsToRevise(database.db, set.author)).find((one) => one.reference === reference);
      expect(waits?.what, "its author is told").to.equal("returned");
      expect(await listCrossFindingsToRevise(database.db, set.coordinator), "and nobody else").to.deep.equal([]);
      const last = (await historyOf(database.db, id, 0, "fr")).at(-1);
      expect(last).to.deep.include({ type: "CROSS_FINDING_RETURNED", why: "Trop large", detail: { category: "scope" } });
    });

    it("take the words of a reviewer when the author accepts them, and say why when not", async () => {
      const reference = await crossFindingIn(database, "in_review", set);
      const words = { statement: "Une plainte n’a pas été transmise.", publicStatement: "Des plaintes se sont perdues.", service: null };
      const same = { statement: WORDS.statement, publicStatement: WORDS.publicStatement, service: WORDS.service };
      const propose = (proposed: typeof words | typeof same) =>
        refusal(acting(database, reference, set.reviewer, (tx, act) => proposeEdits(tx, act, proposed, "Plus court")));
      expect(await propose(same)).to.deep.equal({ proposedStatement: "cross-findings.edits.same" });
      await acting(database, reference, set.coordinator, askSecondReview);
      const second = { id: (await reportIn(database, "received")).reviewer.id, roles: ["reviewer"] as const };
      await acting(database, reference, second, (tx, act) => confirmPublicStatement(tx, act, PUBLIC_CHECKS));
      expect(await propose(words)).to.equal("done");
      expect(await propose(words)).to.deep.equal(["des retouches attendent la réponse de l’auteur"]);
      await acting(database, reference, set.author, (tx, act) => answerEdits(tx, act, { accepted: false, reason: "Le sens change" }));
      expect((await row(reference)).statement).to.equal(WORDS.statement);
      expect(await propose(words)).to.equal("done");
      const waits = (await listCrossFindingsToRevise(database.db, set.author)).find((one) => one.reference === reference);
      expect(waits?.what, "its author is told").to.equal("words");
      await acting(database, reference, set.author, (tx, act) => answerEdits(tx, act, { accepted: true }), LATER);
      expect(await row(reference)).to.include({
        statement: words.statement,
        public_statement: words.publicStatement,
        service: null,
        second_review: "asked", // the second reader has not read these words
        confirmed_by: null,
      });
    });

    it("keep a dissent with its reasons, withdrawn or not", async () => {
      const reference = await crossFindingIn(database, "approved", set);
      await acting(database, reference, set.coordinator, (tx, act) => recordDissent(tx, act, "Une affaire dit le contraire"));
      await acting(database, reference, set.coordinator, withdrawDissent, LATER);
      const { id } = await row(reference);
      expect(await listDissents(database.db, id)).to.have.length(1);
      expect((await listDissents(database.db, id))[0]).to.include({ text: "Une affaire dit le contraire", withdrawn_at: LATER });
    });

    it("keep the approved text while another one is written, dated until that one is approved", async () => {
      const reference = await crossFindingIn(database, "correction", set);
      const { id, version } = await row(reference);
      await database.db
        .transaction()
        .execute(async (tx) =>
          saveCrossFinding(
            tx,
            { reference, seenVersion: version, by: set.author, now: NOW },
            { ...WORDS, statement: "Le texte corrigé.", basis: await basisFor(tx, set.reports) },
          ),
        );
      expect(await row(reference)).to.include({ state: "draft", standing_text: 1, statement: "Le texte corrigé." });
      await acting(database, reference, set.author, submitCrossFinding);
      await acting(database, reference, set.reviewer, (tx, act) => approveCrossFinding(tx, act, PUBLIC_CHECKS, ""), LATER);
      expect((await row(reference)).standing_text).to.equal(2);
      expect(
        (await listTexts(database.db, id)).map(({ number, statement, approved_at }) => ({ number, statement, approved_at })),
      ).to.deep.equal([
        { number: 2, statement: "Le texte corrigé.", approved_at: LATER },
        { number: 1, statement: WORDS.statement, approved_at: NOW },
      ]);
    });

    it("ask for a decision on what rests on them once withdrawn", async () => {
      const reference = await crossFindingIn(database, "approved", set);
      const recommendation = await recommendationOn(database, reference, set.author);
      await acting(database, reference, set.coordinator, (tx, act) => withdrawCrossFinding(tx, act, "Erreur"), LATER);
      expect(await row(reference)).to.include({ state: "withdrawn", standing_text: null, withdrawn_at: LATER });
      const asked = await database.db.selectFrom("recommendation").selectAll().where("id", "=", recommendation).executeTakeFirstOrThrow();
      expect(asked.evidence_question_at).to.equal(LATER);
      expect(await listTexts(database.db, (await row(reference)).id), "the text stays").to.have.length(1);
    });

    describe("when a report they rest on is published again", () => {
      it("stay approved while it says the same", async () => {
        const own = await scene(database);
        const reference = await crossFindingIn(database, "approved", own);
        await published(own.reports[0]!, async () => {}, LATER);
        expect((await row(reference)).state).to.equal("approved");
      });

      for (const [what, change] of [
        ["a value", { value: "absent" }],
        ["the moment it was known", { known_when: "discovered_after" }],
      ] as const)
        it(`go back to review by themselves when ${what} changed: the history says which report and factor`, async () => {
          const own = await scene(database);
          const reference = await crossFindingIn(database, "approved", own);
          const recommendation = await recommendationOn(database, reference, own.author);
          await published(own.reports[1]!, (tx) => recode(tx, own.reports[1]!, "signal_not_transmitted", change), LATER);
          const after = await row(reference);
          expect(after).to.include({ state: "in_review", evidence_changed_at: LATER, standing_text: 1 });
          const last = (await historyOf(database.db, after.id, 0, "fr")).at(-1)!;
          expect(last).to.include({ type: "EVIDENCE_CHANGED", iso: LATER });
          expect(last.detail).to.deep.equal({ report: own.reports[1]!.id, factors: "signal_not_transmitted" });
          const asked = await database.db
            .selectFrom("recommendation")
            .selectAll()
            .where("id", "=", recommendation)
            .executeTakeFirstOrThrow();
          expect(asked.evidence_question_at).to.equal(LATER);
          // The reviewer sees what changed and may approve it as it is now.
          await acting(database, reference, own.reviewer, (tx, act) => approveCrossFinding(tx, act, PUBLIC_CHECKS, "Toujours vrai"), LATER);
          const [text] = await listTexts(database.db, after.id);
          const kept = text!.basis.find((one) => one.report_id === own.reports[1]!.id && one.factor === "signal_not_transmitted");
          expect(kept).to.deep.include({ edition: 2, ...("value" in change ? { value: "absent" } : { known_when: "discovered_after" }) });
        });

      it("go back to review when the passages are others", async () => {
        const own = await scene(database);
        const reference = await crossFindingIn(database, "approved", own);
        const report = own.reports[0]!;
        await published(
          report,
          async (tx) => {
            const coding = await tx
              .selectFrom("coding")
              .select("id")
              .where("report_id", "=", report.id)
              .where("factor", "=", "complaint_filed")
              .where("value", "=", "present")
              .executeTakeFirstOrThrow();
            const other = await tx
              .selectFrom("coding_passage")
              .innerJoin("coding", "coding.id", "coding_passage.coding_id")
              .select("passage_id")
              .where("report_id", "=", report.id)
              .where("factor", "=", "signal_not_transmitted")
              .executeTakeFirstOrThrow();
            await tx.insertInto("coding_passage").values({ coding_id: coding.id, passage_id: other.passage_id }).execute();
          },
          LATER,
        );
        expect((await row(reference)).state).to.equal("in_review");
      });
    });

    describe("when a report they rest on is set aside", () => {
      const aside = (report: BuiltReport) =>
        database.db.transaction().execute(async (tx) => {
          const step = async (event: ReportEvent) => {
            const { version } = await tx.selectFrom("report").select("version").where("id", "=", report.id).executeTakeFirstOrThrow();
            await applyEvent(tx, { reportId: report.id, seenVersion: version, event, now: LATER });
          };
          await step({ type: "REPORT_REOPENED", by: report.coordinator, reason: "Doublon" });
          await step({ type: "REPORT_SET_ASIDE", by: report.coordinator, reason: "Doublon" });
          return step;
        });

      it("go back to review and are not approved before their evidence is revised", async () => {
        const own = await scene(database);
        const reference = await crossFindingIn(database, "approved", own);
        await aside(own.reports[0]!);
        expect((await row(reference)).state).to.equal("in_review");
        const approval = refusal(acting(database, reference, own.reviewer, (tx, act) => approveCrossFinding(tx, act, PUBLIC_CHECKS, "")));
        expect((await approval) as string[]).to.satisfy(([first]: string[]) => /1 rapport qui le fonde a été écarté/.test(first!));
      });

      it("tell the queue that their evidence changed", async () => {
        const own = await scene(database);
        const reference = await crossFindingIn(database, "approved", own);
        await aside(own.reports[1]!);
        const queue = await listCrossFindingsInReview(database.db, own.reviewer, "fr");
        expect(queue.find((one) => one.reference === reference)).to.include({ changed: true, since: LATER, mayDecide: true, reports: 2 });
      });
    });

    it("wait in the queue of reviewers, the longest first, each with why it is not for this person", async () => {
      const own = await scene(database);
      const reference = await crossFindingIn(database, "in_review", own);
      const queue = await listCrossFindingsInReview(database.db, own.author, "fr");
      expect(queue.map(({ since }) => since)).to.deep.equal(queue.map(({ since }) => since).sort());
      const line = queue.find((one) => one.reference === reference)!;
      expect(line.mayDecide).to.equal(false);
      expect(line.why.join(" ")).to.include("cet acte revient à une relectrice").and.to.include("vous avez écrit ce constat");
    });
  });
