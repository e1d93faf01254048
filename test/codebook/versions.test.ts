import { expect } from "chai";
import type { Database } from "../../db/database.ts";
import { changeDraft, createDraft, findDraft, problemsIn, publishDraft, undecided } from "../../server/codebook/drafts.ts";
import {
  addFactor,
  decideFate,
  fatesIn,
  mergeFactors,
  restoreFactor,
  retireFactor,
  saveFactor,
  saveSections,
  splitFactor,
} from "../../server/codebook/edit.ts";
import { impactOf } from "../../server/codebook/impact.ts";
import { digestOf } from "../../server/codebook/read-file.ts";
import {
  excuseTask,
  findTask,
  listTasks,
  listToRecode,
  passToVersion,
  planFor,
  progressByVersion,
  stepsBetween,
} from "../../server/codebook/recode.ts";
import { codebookVersion, currentCodebook, listVersions } from "../../server/codebook/store.ts";
import { Invalid, Refusal } from "../../server/http/errors.ts";
import { figuresByFactor } from "../../server/observatory/figures.ts";
import { yearFigures } from "../../server/publications/figures.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { factsOf } from "../../server/reports/facts.ts";
import { findReport } from "../../server/reports/queries.ts";
import type { Actor } from "../../workflows/actor.ts";
import { confirmAll, publishVersion } from "../support/codebooks.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { type BuiltReport, reportIn, someone } from "../support/reports.ts";

const now = clock().toISOString();
const hours = (n: number) => new Date(clock().getTime() + n * 3_600_000).toISOString();
const later = hours(1);

for (const [name, open] of Object.entries(DATABASES))
  describe(`versions of the codebook on ${name}`, () => {
    let database: Database;
    let administrator: Actor;
    let received: BuiltReport;
    let published: BuiltReport;
    let first: string;

    const inTx = <T>(run: Parameters<ReturnType<Database["db"]["transaction"]>["execute"]>[0] & ((tx: never) => Promise<T>)) =>
      database.db.transaction().execute(run as never) as Promise<T>;
    const codings = (report: BuiltReport) =>
      database.db.selectFrom("coding").selectAll().where("report_id", "=", report.id).orderBy("factor").orderBy("subject").execute();
    const acts = (report: BuiltReport) =>
      database.db.selectFrom("coding_act").selectAll().where("report_id", "=", report.id).orderBy("id").execute();
    const tied = async (report: BuiltReport) =>
      (
        await database.db
          .selectFrom("coding_passage")
          .innerJoin("coding", "coding.id", "coding_passage.coding_id")
          .innerJoin("passage", "passage.id", "coding_passage.passage_id")
          .select(["coding.factor", "passage.quote"])
          .where("coding.report_id", "=", report.id)
          .execute()
      ).map(({ factor, quote }) => `${factor}: ${quote}`);
    const refusal = async (act: Promise<unknown>): Promise<string> => {
      const error = await act.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Refusal);
      return (error as Refusal).reasons("fr").join(" ");
    };
    const invalid = async (act: Promise<unknown>): Promise<Invalid["fields"]> => {
      const error = await act.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(Invalid);
      return (error as Invalid).fields;
    };

    before(async () => {
      database = await open();
      administrator = await someone(database, "administrator");
      // Coded whole, handed in, then taken up again.
      received = await reportIn(database, "coded");
      published = await reportIn(database, "published");
      first = (await currentCodebook(database.db)).version;
      await inTx(async (tx) => {
        received.version = (
          await applyEvent(tx, {
            reportId: received.id,
            seenVersion: received.version,
            event: { type: "CODING_RESUMED", by: received.analyst, reason: "À revoir" },
            now,
          })
        ).version;
      });
    });
    after(() => database.close());

    it("are drafted: what is missing is told by its part, and nothing is published meanwhile", async () => {
      const id = await inTx((tx) => createDraft(tx, { base: first, definition: null, version: "1.1.0" }, administrator, now));
      const told = async () => {
        const draft = await findDraft(database.db, id);
        return (await problemsIn(database.db, draft, fatesIn(draft, draft.base))).map(
          ({ part, key, message }) => `${part.kind} ${part.code} ${key ?? message}`,
        );
      };
      expect(await told()).to.deep.equal(["head  codebook.problem.nothing"]);
      await inTx((tx) =>
        changeDraft(tx, id, administrator, now, (draft) =>
          addFactor(
            draft,
            { code: "new_signal", section: "victim", labelFr: "Nouveau signe", labelEn: "", type: "category", appliesTo: "victim" },
            draft.base,
          ),
        ),
      );
      const problems = await told();
      expect(problems.length).to.be.greaterThan(2);
      expect(problems.every((one) => one.startsWith("factor new_signal"))).to.equal(true);
      expect(await invalid(inTx((tx) => publishDraft(tx, id, { version: "1.1.0", note: "Essai" }, administrator, now)))).to.have.property(
        "version",
      );
      expect((await listVersions(database.db)).map(({ version }) => version)).to.deep.equal([first]);
      await inTx((tx) =>
        changeDraft(tx, id, administrator, now, (draft) => {
          draft.status = "abandoned";
        }),
      );
      expect(await refusal(inTx((tx) => changeDraft(tx, id, administrator, now, () => {})))).to.include("abandonné");
    });

    it("refuse a number that is none, is published already, or comes before", async () => {
      for (const version of ["1", "1.0.0", "0.9.0", "v2.0.0"])
        expect(
          await invalid(inTx((tx) => createDraft(tx, { base: first, definition: null, version }, administrator, now))),
          version,
        ).to.have.property("version");
      expect(
        await invalid(inTx((tx) => createDraft(tx, { base: "7.7.7", definition: null, version: "8.0.0" }, administrator, now))),
      ).to.have.property("base");
    });

    it("refuse edits that would leave codes doubled, malformed or homeless", async () => {
      const draft = await inTx(async (tx) => {
        const id = await createDraft(tx, { base: first, definition: null, version: "1.1.0" }, administrator, now);
        return changeDraft(tx, id, administrator, now, (one) => {
          one.status = "abandoned";
        });
      });
      const { base } = draft;
      const given = { section: "victim", labelFr: "X", labelEn: "X", type: "presence", appliesTo: "victim" } as const;
      const fails = (act: () => unknown, field: string) =>
        expect(act)
          .to.throw(Invalid)
          .that.satisfies((error: Invalid) => field in error.fields);
      fails(() => addFactor(draft, { ...given, code: "victim_fear" }, base), "code");
      fails(() => addFactor(draft, { ...given, code: "Capital" }, base), "code");
      fails(() => addFactor(draft, { ...given, code: "x", section: "nowhere" }, base), "section");
      fails(() => splitFactor(draft, "victim_fear", [{ code: "a", labelFr: "A", labelEn: "A" }], "", base), "part_code");
      fails(() => mergeFactors(draft, ["victim_fear"], { code: "x", labelFr: "", labelEn: "" }, "", base), "merged");
      fails(() => mergeFactors(draft, ["victim_fear", "overkill"], { code: "x", labelFr: "", labelEn: "" }, "", base), "merged");
      fails(() => saveSections(draft, [{ was: "victim", code: "victim", labelFr: "V", labelEn: "V", noteFr: null }]), "sections");
      fails(() => restoreFactor(draft, "victim_fear", base), "code");
      fails(() => decideFate(draft, "victim_fear", { rule: "same", to: ["nowhere"], values: {}, note: "", confirm: true }, base), "to");
      fails(() => decideFate(draft, "victim_fear", { rule: "retired", to: [], values: {}, note: "", confirm: true }, base), "to");
      fails(
        () =>
          decideFate(
            draft,
            "victim_fear",
            { rule: "same", to: ["victim_fear"], values: { victim_fear: { present: "perhaps" } }, note: "", confirm: true },
            base,
          ),
        "to",
      );
      retireFactor(draft, "victim_fear", "Raison", base);
      fails(() => addFactor(draft, { ...given, code: "victim_fear" }, base), "code");
      restoreFactor(draft, "victim_fear", base);
      expect(draft.definition.factors).to.deep.equal(base.factors);
      expect(draft.decisions).to.deep.equal({});
    });

    it("are published with a note once all is said, then never change; new reports use them", async () => {
      const id = await inTx((tx) => createDraft(tx, { base: first, definition: null, version: "1.1.0" }, administrator, now));
      await inTx((tx) =>
        changeDraft(tx, id, administrator, now, (draft) => {
          const { base, definition } = draft;
          const factor = (code: string) => definition.factors.find((one) => one.code === code)!;
          addFactor(
            draft,
            { code: "new_signal", section: "victim", labelFr: "Nouveau signe", labelEn: "New sign", type: "presence", appliesTo: "victim" },
            base,
          );
          factor("new_signal").definitionFr = "Présent si un passage le dit.";
          retireFactor(draft, "overkill", "Trop rarement documenté", base);
          splitFactor(draft, "victim_fear", [
            { code: "fear_told", labelFr: "Peur dite", labelEn: "Fear told" },
            { code: "fear_shown", labelFr: "Peur montrée", labelEn: "Fear shown" },
          ], "Deux sources", base); // biome-ignore format: a list
          mergeFactors(
            draft,
            ["signal_not_transmitted", "risk_assessment_gap"],
            { code: "signal_not_transmitted", labelFr: "", labelEn: "" },
            "Même manquement",
            base,
          );
          const place = factor("place_of_act");
          saveFactor(
            draft,
            "place_of_act",
            {
              ...place,
              after: "judicial_district",
              options: place.options
                .filter(({ code }) => code !== "workplace")
                .map((option) => ({
                  ...option,
                  was: option.code,
                  code: option.code === "victim_home" ? "home_of_victim" : option.code,
                  definitionFr: "",
                })),
            },
            base,
          );
          factor("act_outcome").type = "multi";
          factor("premeditation").type = "number";
        }),
      );
      const draft = await findDraft(database.db, id);
      const waiting = undecided(fatesIn(draft, draft.base)).map(({ from }) => from.code);
      expect(waiting.sort()).to.deep.equal(
        ["act_outcome", "place_of_act", "premeditation", "risk_assessment_gap", "signal_not_transmitted", "victim_fear"].sort(),
      );
      expect(await invalid(inTx((tx) => publishDraft(tx, id, { version: "1.1.0", note: "Essai" }, administrator, now)))).to.have.property(
        "version",
      );
      const impact = await impactOf(database.db, draft.base, draft.definition, fatesIn(draft, draft.base), [...waiting, "overkill"]);
      expect(impact.reports).to.deep.include({ received: 1, published: 1 });
      const of = (code: string) => impact.factors.find(({ factor }) => factor === code)!;
      expect(of("overkill")).to.include({ retired: 2, carried: 0 });
      expect(of("victim_fear")).to.include({ recode: 2, carried: 0 });
      expect(of("signal_not_transmitted")).to.include({ carried: 2 });
      expect(of("place_of_act")).to.include({ carried: 2, recode: 0 });
      expect(of("victim_fear").reports).to.deep.include({ received: 1, published: 1 });
      await inTx((tx) => changeDraft(tx, id, administrator, now, confirmAll));
      await inTx((tx) => publishDraft(tx, id, { version: "1.1.0", note: "Ce qui change et pourquoi" }, administrator, later));
      const [last, before] = await listVersions(database.db);
      expect(last).to.include({ version: "1.1.0", base: first, note: "Ce qui change et pourquoi", publishedAt: later });
      expect(before!.version).to.equal(first);
      const current = await currentCodebook(database.db);
      expect(current.version).to.equal("1.1.0");
      expect(current.status).to.equal("published");
      expect(digestOf(await codebookVersion(database.db, first)), "the earlier version").to.equal(digestOf(draft.base));
      const fresh = await reportIn(database, "coded");
      expect((await findReport(database.db, fresh.id, fresh.analyst)).codebook_version).to.equal("1.1.0");
      expect((await findReport(database.db, received.id, received.analyst)).codebook_version).to.equal(first);
      expect(await refusal(inTx((tx) => changeDraft(tx, id, administrator, now, () => {})))).to.include("publié");
      for (const write of [
        database.db.updateTable("codebook_version").set({ note: "Autre" }).where("version", "=", "1.1.0"),
        database.db.deleteFrom("codebook_crosswalk").where("to_version", "=", "1.1.0"),
        database.db.updateTable("codebook_carried_value").set({ to_value: "absent" }).where("to_version", "=", "1.1.0"),
        database.db.updateTable("codebook_factor").set({ definition_fr: "Autre" }).where("codebook_version", "=", "1.1.0"),
        database.db
          .insertInto("codebook_crosswalk")
          .values({ from_version: first, from_factor: "act_date", to_version: "1.1.0", to_factor: "place_of_act", rule: "same" }),
      ]) {
        const said = await write.execute().then(
          () => "stored",
          (error: Error) => error.message,
        );
        expect(said).to.include("a published version of the codebook does not change");
      }
    });

    it("ask every report of an earlier version to pass, and count how far they came", async () => {
      expect((await progressByVersion(database.db)).get("1.1.0")).to.deep.equal({ waiting: 2, done: 0, not_needed: 0 });
      const { lines, total } = await listTasks(database.db, { version: "1.1.0", status: "waiting", page: 1 });
      expect(total).to.equal(2);
      expect(lines.map(({ report_id }) => report_id).sort()).to.deep.equal([published.id, received.id].sort());
      await inTx((tx) =>
        excuseTask(tx, { reportId: published.id, version: "1.1.0", reason: "Affaire ancienne" }, published.coordinator, now),
      );
      expect((await progressByVersion(database.db)).get("1.1.0")).to.deep.equal({ waiting: 1, done: 0, not_needed: 1 });
      await inTx((tx) => excuseTask(tx, { reportId: published.id, version: "1.1.0", reason: null }, published.coordinator, now));
      expect((await findTask(database.db, published.id, "1.1.0"))!.status).to.equal("waiting");
    });

    it("let a report pass only when it is received, by its analyst or the coordination", async () => {
      const pass = (report: BuiltReport, by: Actor, to = "1.1.0") => inTx((tx) => passToVersion(tx, { reportId: report.id, to }, by, now));
      expect(await refusal(pass(published, published.coordinator))).to.include("rouvrir");
      expect(await refusal(pass(received, await someone(database, "analyst")))).to.include("analyste du rapport");
      expect(await refusal(pass(received, received.reviewer))).to.include("analyste du rapport");
      expect(await refusal(pass(received, received.analyst, first))).to.include("suit déjà");
      expect(await refusal(pass(received, received.analyst, "9.9.9"))).to.include("en vigueur");
      await database.db.updateTable("report").set({ coding_mode: "blind" }).where("id", "=", received.id).execute();
      await database.db.updateTable("assignment").set({ submitted_at: now }).where("report_id", "=", received.id).execute();
      expect(await refusal(pass(received, received.analyst))).to.include("sans se voir");
      await database.db.updateTable("report").set({ coding_mode: "single" }).where("id", "=", received.id).execute();
      await database.db.updateTable("assignment").set({ submitted_at: null }).where("report_id", "=", received.id).execute();
      expect((await findReport(database.db, received.id, received.analyst)).codebook_version).to.equal(first);
    });

    it("carry codings over with their passages, as acts; the rest is coded again and nothing is lost", async () => {
      const before = await codings(received);
      const passages = await tied(received);
      const actsBefore = (await acts(received)).length;
      const report = await findReport(database.db, received.id, received.analyst);
      const plan = (await planFor(database.db, report, "1.1.0", [1]))!;
      const passed = await inTx((tx) => passToVersion(tx, { reportId: received.id, to: "1.1.0" }, received.analyst, later));
      expect(passed.outcomes).to.deep.equal(plan.outcomes);
      expect(passed.outcomes.retired).to.equal(1);
      expect(passed.outcomes.recode, "victim_fear was present; premeditation is a number now").to.equal(2);
      const after = await codings(received);
      const of = (code: string) => after.filter(({ factor }) => factor === code);
      expect(after.every((one) => one.codebook_version === "1.1.0" && one.origin === "carried")).to.equal(true);
      expect(of("overkill").length + of("victim_fear").length + of("fear_told").length + of("risk_assessment_gap").length).to.equal(0);
      expect(of("place_of_act")[0]!.value).to.equal("home_of_victim");
      expect(of("premeditation")).to.deep.equal([]);
      expect(of("danger_evaluation")[0]!.value).to.equal("none");
      const signal = of("signal_not_transmitted")[0]!;
      expect(signal).to.include({ value: "present", confidence: "high", known_when: null });
      // Untouched but for the version: who coded it, when, and what they knew.
      const old = before.find(({ factor }) => factor === "complaint_filed")!;
      expect(of("complaint_filed")[0]).to.deep.equal({ ...old, codebook_version: "1.1.0", origin: "carried", version: old.version + 1 });
      const now_ = await tied(received);
      expect(now_.filter((one) => one.startsWith("signal_not_transmitted")).map((one) => one.split(": ")[1])).to.have.members(
        passages.filter((one) => /^(signal_not_transmitted|risk_assessment_gap)/.test(one)).map((one) => one.split(": ")[1]),
      );
      expect(now_.filter((one) => one.startsWith("complaint_filed"))).to.deep.equal(
        passages.filter((one) => one.startsWith("complaint_filed")),
      );
      const made = (await acts(received)).slice(actsBefore);
      expect(made.every(({ by, batch }) => by === received.analyst.id && batch === "version 1.1.0")).to.equal(true);
      const cleared = made
        .filter(({ after: left }) => (JSON.parse(left!) as { value: string | null }).value === null)
        .map(({ factor }) => factor);
      expect(cleared.sort()).to.deep.equal(["overkill", "premeditation", "risk_assessment_gap", "victim_fear"]);
      expect(made.length).to.equal(after.length + cleared.length);
      const former = await listToRecode(database.db, received.id, "1.1.0", [1]);
      expect(former.map(({ factor, outcome, value }) => `${factor} ${outcome} ${value}`).sort()).to.deep.equal([
        "overkill retired unknown",
        "premeditation recode unknown",
        "victim_fear recode present",
      ]);
      expect(former.find(({ factor }) => factor === "victim_fear")!.passages[0]!.quote).to.include("j’ai peur");
      expect(await listToRecode(database.db, received.id, "1.1.0", [])).to.deep.equal([]);
      const facts = await factsOf(database.db, await findReport(database.db, received.id, received.analyst));
      expect(facts.uncodedFactors, "new_signal, fear_told, fear_shown and premeditation").to.equal(4);
      expect((await progressByVersion(database.db)).get("1.1.0")).to.deep.equal({ waiting: 1, done: 1, not_needed: 0 });
      const stored = await database.db.selectFrom("recoded_value").selectAll().where("report_id", "=", received.id).execute();
      expect(stored).to.have.length(before.length);
    });

    it("leave what was published as it was, also after a reopening and a passing", async () => {
      const edition = () => database.db.selectFrom("edition").selectAll().where("report_id", "=", published.id).execute();
      const values = () =>
        database.db
          .selectFrom("edition_value")
          .selectAll()
          .where("report_id", "=", published.id)
          .orderBy("factor")
          .orderBy("subject")
          .orderBy("value")
          .execute();
      const [was, valuesWere] = [await edition(), await values()];
      await inTx((tx) =>
        applyEvent(tx, {
          reportId: published.id,
          seenVersion: published.version,
          event: { type: "REPORT_REOPENED", by: published.coordinator, reason: "Nouvelle version de la grille" },
          now: later,
        }),
      );
      await inTx((tx) => passToVersion(tx, { reportId: published.id, to: "1.1.0" }, published.coordinator, later));
      expect(await edition()).to.deep.equal(was);
      expect(await values()).to.deep.equal(valuesWere);
      expect((await findReport(database.db, published.id, published.analyst)).codebook_version).to.equal("1.1.0");
    });

    it("are read together: figures of editions of two versions are counted", async () => {
      const scope = { from: null, to: null, region: null, actKind: null };
      const current = await currentCodebook(database.db);
      const figures = await figuresByFactor(database.db, scope, current);
      const of = (code: string) => figures.find(({ factor }) => factor.code === code)!;
      expect(of("complaint_filed")).to.include({ all: 1, documented: 1 });
      // The edition was coded before the split: it says nothing of the parts.
      expect(of("fear_told")).to.include({ all: 0, documented: 0 });
      expect(
        of("place_of_act").values.find(({ value }) => value === "victim_home"),
        "an option that is no longer listed",
      ).to.include({ count: 1 });
      const letter = await yearFigures(database.db, 2024);
      expect(letter.codebookVersions).to.deep.equal([first]);
      expect(letter.analysed).to.equal(1);
    });

    it("follow each other: a report passes over two of them at once", async () => {
      const report = await reportIn(database, "received", {}, {});
      await database.db.updateTable("report").set({ codebook_version: first }).where("id", "=", report.id).execute();
      const { coordinator } = report;
      const row = {
        id: `${report.id}-1`,
        report_id: report.id,
        layer: 1 as const,
        codebook_version: first,
        confidence: null,
        evidence_basis: null,
        known_when: null,
        note: null,
        reason: null,
        origin: null,
        version: 4,
        coded_by: report.analyst.id,
        coded_at: now,
      };
      await database.db
        .insertInto("coding")
        .values([
          { ...row, factor: "place_of_act", subject: "case", person_id: null, value: "victim_home" },
          {
            ...row,
            id: `${report.id}-2`,
            factor: "victim_fear",
            subject: report.victim,
            person_id: report.victim,
            value: "absent",
            note: "Une note",
          },
          { ...row, id: `${report.id}-3`, factor: "overkill", subject: "case", person_id: null, value: "present" },
        ])
        .execute();
      await publishVersion(
        database,
        "1.2.0",
        administrator,
        (draft) => {
          retireFactor(draft, "fear_shown", "", draft.base);
          draft.definition.factors.find(({ code }) => code === "place_of_act")!.labelFr = "Lieu";
        },
        hours(2),
      );
      expect((await stepsBetween(database.db, first, "1.2.0"))!.map(({ from, to }) => `${from.version} ${to.version}`)).to.deep.equal([
        `${first} 1.1.0`,
        "1.1.0 1.2.0",
      ]);
      expect(await stepsBetween(database.db, "1.2.0", first)).to.equal(null);
      const { outcomes } = await inTx((tx) => passToVersion(tx, { reportId: report.id, to: "1.2.0" }, coordinator, later));
      expect(outcomes).to.deep.equal({ carried: 2, partly: 0, recode: 0, retired: 1 });
      const after = await codings(report);
      expect(after.map(({ factor, value, note }) => `${factor} ${value} ${note}`)).to.deep.equal([
        "fear_told absent Une note",
        "place_of_act home_of_victim null",
      ]);
      // What an earlier version asked for is replaced, what was done stays done.
      expect((await findTask(database.db, received.id, "1.1.0"))!.status).to.equal("done");
      const progress = await progressByVersion(database.db);
      expect(progress.get("1.2.0")!.waiting).to.equal(3);
      expect(progress.get("1.2.0")!.done).to.equal(1);
      expect(progress.get("1.1.0")!.waiting).to.equal(0);
    });

    it("move both blind layers together, each in the name of its own coder", async () => {
      const [one, other] = [await someone(database, "analyst"), await someone(database, "analyst")];
      const report = await reportIn(database, "received", { analyst: one });
      await database.db.updateTable("report").set({ coding_mode: "blind", counted_layer: 3 }).where("id", "=", report.id).execute();
      const assigned = { report_id: report.id, assigned_by: report.coordinator.id, assigned_at: now };
      await database.db
        .insertInto("assignment")
        .values([
          { ...assigned, id: `${report.id}-a`, analyst_id: one.id, layer: 1 },
          { ...assigned, id: `${report.id}-b`, analyst_id: other.id, layer: 2 },
        ])
        .execute();
      const { codebook_version } = await findReport(database.db, report.id, one);
      for (const [layer, by] of [
        [1, one],
        [2, other],
      ] as const)
        await database.db
          .insertInto("coding")
          .values({
            id: `${report.id}-${layer}`,
            report_id: report.id,
            layer,
            codebook_version,
            factor: "complaint_filed",
            subject: report.victim,
            person_id: report.victim,
            value: layer === 1 ? "present" : "absent",
            confidence: null,
            evidence_basis: null,
            known_when: null,
            note: null,
            reason: null,
            origin: null,
            version: 1,
            coded_by: by.id,
            coded_at: now,
          })
          .execute();
      await publishVersion(
        database,
        "1.3.0",
        administrator,
        (draft) => {
          draft.definition.titleFr = "Grille reprise";
        },
        hours(3),
      );
      await inTx((tx) => passToVersion(tx, { reportId: report.id, to: "1.3.0" }, one, later));
      const made = (await acts(report)).map(({ layer, by }) => `${layer} ${by}`);
      expect(made).to.deep.equal([`1 ${one.id}`, `2 ${other.id}`]);
      expect((await codings(report)).map(({ layer, value, codebook_version: of }) => `${layer} ${value} ${of}`).sort()).to.deep.equal([
        "1 present 1.3.0",
        "2 absent 1.3.0",
      ]);
    });
  });
