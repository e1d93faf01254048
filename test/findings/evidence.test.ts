import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { addEntry, changeEntry, type EntryGiven } from "../../server/chronology/write.ts";
import { saveValue } from "../../server/coding/save-value.ts";
import { proposeEdits } from "../../server/findings/proposals.ts";
import { decideFinding, submitFindings } from "../../server/findings/review.ts";
import { saveFinding } from "../../server/findings/write.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { changedSinceDecided, type EvidenceChange } from "../../server/reports/evidence.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn } from "../support/reports.ts";
import { actingOn, decisionsOn, findingRow, LATER, TICKED } from "./support.ts";

const ENTRY: EntryGiven = {
  start: "2024-02-02",
  end: null,
  uncertain: false,
  kind: "complaint",
  service: "Brigade",
  description: "Une plainte",
  response: null,
  person: null,
  passage: null,
};

for (const [name, open] of Object.entries(DATABASES))
  describe(`findings whose evidence changes after their approval (${name})`, () => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    after(() => database.close());

    /** Both findings approved, then the coding sent back; finding 1 rests on signal_not_transmitted and complaint_filed. */
    async function returned(prepare: (tx: Tx, report: BuiltReport) => Promise<void> = async () => {}) {
      const report = await reportIn(database, "analysed");
      const { act } = actingOn(database, report);
      await database.db.transaction().execute((tx) => prepare(tx, report));
      for (const number of [1, 2])
        await act(report.reviewer, (tx, acting) => decideFinding(tx, acting, { number, decision: "approved", comment: "", ...TICKED }));
      await act(report.reviewer, (tx, { by, ...at }) =>
        applyEvent(tx, { ...at, event: { type: "CODING_RETURNED", by, reason: "Une valeur à revoir" } }),
      );
      const code = (factor: string, value: string, more: object = {}) =>
        database.db.transaction().execute(async (tx) => {
          const { subject, version } = await tx
            .selectFrom("coding")
            .select(["subject", "version"])
            .where("report_id", "=", report.id)
            .where("factor", "=", factor)
            .executeTakeFirstOrThrow();
          await saveValue(tx, report.id, { factor, subject, value, seenVersion: version, ...more }, report.analyst, LATER);
        });
      const handIn = () =>
        act(report.analyst, (tx, { by, ...at }) => applyEvent(tx, { ...at, event: { type: "CODING_SUBMITTED", by } }), LATER);
      const statuses = async () => [(await findingRow(database, report.id, 1)).status, (await findingRow(database, report.id, 2)).status];
      const said = async (number = 1) => {
        const last = (await decisionsOn(database, report.id, number)).at(-1)!;
        return { decision: last.decision, changes: JSON.parse(last.changes ?? "[]") as EvidenceChange[] };
      };
      return { report, act, code, handIn, statuses, said };
    }

    it("go back to review by themselves when the coding is handed in, with what changed; the others stay approved", async () => {
      const { report, code, handIn, statuses, said } = await returned();
      await code("complaint_filed", "absent", { reason: "La main courante n’est pas une plainte." });
      await handIn();
      expect(await statuses()).to.deep.equal(["draft", "approved"]);
      const { decision, changes } = await said();
      expect(decision).to.equal("reset");
      expect(changes).to.deep.equal([
        {
          what: "value",
          factor: "complaint_filed",
          subject: changes[0] && "subject" in changes[0] ? changes[0].subject : "",
          before: "present",
          after: "absent",
        },
      ]);
      expect((await decisionsOn(database, report.id, 1)).at(-1)!.by).to.equal(report.analyst.id);
    });

    it("stay approved when a value was changed and put back, or another factor was coded", async () => {
      const { code, handIn, statuses } = await returned();
      await code("complaint_filed", "absent", { reason: "Erreur" });
      await code("complaint_filed", "present", {
        confidence: "high",
        evidenceBasis: "official_record",
        knownWhen: "service_before",
        reason: null,
      });
      await code("victim_fear", "present", { confidence: "low" });
      await handIn();
      expect(await statuses()).to.deep.equal(["approved", "approved"]);
    });

    it("go back when what qualifies a value changed, though the value did not", async () => {
      const { code, handIn, statuses, said } = await returned();
      await code("signal_not_transmitted", "present", {
        confidence: "high",
        evidenceBasis: "official_record",
        knownWhen: "discovered_after",
      });
      await handIn();
      expect(await statuses()).to.deep.equal(["draft", "approved"]);
      expect((await said()).changes).to.deep.include.members([{ what: "qualified", factor: "signal_not_transmitted", subject: "case" }]);
    });

    it("say while the coding is under way that they will be reviewed again", async () => {
      const { report, code } = await returned();
      const changed = async () =>
        changedSinceDecided(
          database.db,
          await database.db.selectFrom("report").selectAll().where("id", "=", report.id).executeTakeFirstOrThrow(),
        );
      expect((await changed()).size).to.equal(0);
      await code("complaint_filed", "absent", { reason: "La main courante n’est pas une plainte." });
      expect([...(await changed()).values()].map(({ number }) => number)).to.deep.equal([1]);
    });

    it("go back when an entry of the chronology that they cite changed", async () => {
      let entry = "";
      const { report, handIn, statuses, said } = await returned(async (tx, { id, analyst }) => {
        // As if the analyst had written it while coding.
        await tx.updateTable("report").set({ state: "received" }).where("id", "=", id).execute();
        entry = await addEntry(tx, { reportId: id, by: analyst, now: "2026-11-22T10:00:00.000Z" }, ENTRY);
        await tx.updateTable("report").set({ state: "analysed" }).where("id", "=", id).execute();
        const { id: finding } = await tx
          .selectFrom("finding")
          .select("id")
          .where("report_id", "=", id)
          .where("number", "=", 2)
          .executeTakeFirstOrThrow();
        await tx.insertInto("finding_chronology").values({ finding_id: finding, entry_id: entry }).execute();
      });
      await database.db
        .transaction()
        .execute((tx) =>
          changeEntry(tx, { reportId: report.id, by: report.analyst, now: LATER }, entry, 1, { ...ENTRY, start: "2024-02-05" }),
        );
      await handIn();
      expect(await statuses()).to.deep.equal(["approved", "draft"]);
      expect(await said(2)).to.deep.equal({ decision: "reset", changes: [{ what: "entry", startsOn: "2024-02-05" }] });
    });

    it("go back when the date of the act was corrected on the sheet", async () => {
      const { report, handIn, statuses, said } = await returned();
      await database.db.updateTable("report").set({ act_date: "2024-03-15" }).where("id", "=", report.id).execute();
      await handIn();
      expect(await statuses()).to.deep.equal(["draft", "draft"]);
      expect((await said()).changes).to.deep.equal([{ what: "act", before: "2024-03-14", after: "2024-03-15" }]);
    });

    it("go back where nothing was kept of the evidence, if somebody acted upon it since", async () => {
      const { report, code, handIn, statuses, said } = await returned(async (tx, { id, reviewer }) => {
        // Decided before the program kept what a decision was taken on.
        const { id: finding } = await tx
          .selectFrom("finding")
          .select("id")
          .where("report_id", "=", id)
          .where("number", "=", 2)
          .executeTakeFirstOrThrow();
        await tx
          .insertInto("finding_decision")
          .values({
            finding_id: finding,
            finding_version: 1,
            decision: "approved",
            comment: "",
            by: reviewer.id,
            at: "2026-11-23T10:00:00.000Z",
          })
          .execute();
      });
      const { id } = await findingRow(database, report.id, 2);
      // The approval that the builder added kept its evidence: only the earlier one counts here.
      await database.db
        .insertInto("finding_decision")
        .values({
          finding_id: id,
          finding_version: 1,
          decision: "approved",
          comment: "",
          by: report.reviewer.id,
          at: "2026-11-23T11:00:00.000Z",
        })
        .execute();
      await code("good_practice", "present", { confidence: "low", evidenceBasis: "official_record" });
      await handIn();
      expect(await statuses()).to.deep.equal(["approved", "draft"]);
      expect(await said(2)).to.deep.equal({ decision: "reset", changes: [{ what: "coded", factor: "good_practice" }] });
    });

    it("let words proposed on the earlier evidence lapse", async () => {
      const report = await reportIn(database, "analysed");
      const { act } = actingOn(database, report);
      const words = { number: 1, statement: "Autrement dit.", publicStatement: null, service: null, reason: "Plus court", checklist: [] };
      await act(report.reviewer, (tx, acting) => proposeEdits(tx, acting, words));
      await act(report.reviewer, (tx, { by, ...at }) =>
        applyEvent(tx, { ...at, event: { type: "CODING_RETURNED", by, reason: "À revoir" } }),
      );
      await database.db
        .updateTable("coding")
        .set({ known_when: "unknown" })
        .where("report_id", "=", report.id)
        .where("factor", "=", "complaint_filed")
        .execute();
      await act(report.analyst, (tx, { by, ...at }) => applyEvent(tx, { ...at, event: { type: "CODING_SUBMITTED", by } }), LATER);
      const { id, status } = await findingRow(database, report.id, 1);
      expect(status).to.equal("draft");
      const { outcome } = await database.db
        .selectFrom("finding_proposal")
        .select("outcome")
        .where("finding_id", "=", id)
        .executeTakeFirstOrThrow();
      expect(outcome).to.equal("lapsed");
    });

    it("are decided anew on a second submission: an approval on the new evidence holds", async () => {
      const { report, act, code, handIn, statuses } = await returned();
      await code("complaint_filed", "present", { confidence: "low", evidenceBasis: "official_record", knownWhen: "service_before" });
      await handIn();
      const submit = () => act(report.analyst, (tx, acting) => submitFindings(tx, acting), LATER);
      await submit();
      await act(
        report.reviewer,
        (tx, acting) => decideFinding(tx, acting, { number: 1, decision: "approved", comment: "", ...TICKED }),
        LATER,
      );
      await act(
        report.analyst,
        (tx, { by, ...at }) => applyEvent(tx, { ...at, event: { type: "FINDINGS_RESUMED", by, reason: "Un mot" } }),
        LATER,
      );
      await database.db
        .transaction()
        .execute((tx) =>
          saveFinding(
            tx,
            { reportId: report.id, number: 2, seenVersion: 1, by: report.analyst, now: LATER },
            { kind: "context", statement: "Autrement.", publicStatement: null, service: null, knownWhen: null, factors: [], passages: [] },
          ),
        );
      expect(await statuses()).to.deep.equal(["approved", "draft"]);
    });
  });
