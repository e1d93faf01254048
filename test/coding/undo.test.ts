import { expect } from "chai";
import fc from "fast-check";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import type { ActLine } from "../../server/coding/acts.ts";
import { attachPassage, clearValue, codeRestUnknown, detachPassage, saveValue } from "../../server/coding/save-value.ts";
import { redoLast, replay, undoLast } from "../../server/coding/undo.ts";
import { Refusal } from "../../server/http/errors.ts";
import type { Actor, Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { DATABASES } from "../support/databases.ts";
import { type BuiltReport, someone } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

/** What is coded, as a person would write it down: each factor's answer and its passages. */
type Sheet = Map<string, { answer: string; note: string | null; passages: Set<string> }>;
const copy = (sheet: Sheet): Sheet => new Map([...sheet].map(([factor, one]) => [factor, { ...one, passages: new Set(one.passages) }]));
const written = (sheet: Sheet) =>
  [...sheet].map(([factor, { answer, note, passages }]) => ({ factor, answer, note, passages: [...passages].sort() })).sort(byFactor);
const byFactor = (one: { factor: string }, other: { factor: string }) => (one.factor < other.factor ? -1 : 1);

const FACTORS = ["premeditation", "overkill", "children_killed"] as const;
const QUOTES = ["n’a pas transmis la plainte au parquet", "Aucune évaluation du danger", "au domicile de la victime"] as const;
type Step =
  | { kind: "save"; factor: string; answer: string; note: string | null; quote: string | null }
  | { kind: "attach" | "detach"; factor: string; quote: string }
  | { kind: "clear"; factor: string }
  | { kind: "section" | "undo" | "redo" };
const presence = fc.constantFrom(...FACTORS.slice(0, 2));
const quote = fc.constantFrom(...QUOTES);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("save" as const),
      factor: presence,
      answer: fc.constantFrom("present", "absent", "unknown"),
      note: fc.constantFrom(null, "à revoir"),
      quote: fc.option(quote, { nil: null }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("save" as const),
      factor: fc.constant("children_killed"),
      answer: fc.constantFrom("0", "2"),
      note: fc.constant(null),
      quote: fc.constant(null),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("attach" as const, "detach" as const), factor: presence, quote }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("clear" as const), factor: fc.constantFrom(...FACTORS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("section" as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("undo" as const, "undo" as const, "redo" as const) }) },
);

describe("the order of acts", () => {
  let id = 0;
  const act = (kind: ActLine["kind"], factor: string, batch: string | null = null): ActLine => ({
    id: ++id,
    kind,
    factor,
    subject: "case",
    by: "a",
    batch,
  });
  const named = (acts: ActLine[]) => {
    const { undo, redo } = replay(acts);
    const names = (gestures: readonly (readonly ActLine[])[]) => gestures.map((gesture) => gesture.map(({ factor }) => factor).join("+"));
    return { undo: names(undo), redo: names(redo) };
  };

  it("undoes the last one first, does it again, and forgets what was undone once something else is coded", () => {
    const [a, b] = [act("coded", "a"), act("coded", "b")];
    expect(named([a, b])).to.deep.equal({ undo: ["a", "b"], redo: [] });
    expect(named([a, b, act("undone", "b")])).to.deep.equal({ undo: ["a"], redo: ["b"] });
    expect(named([a, b, act("undone", "b"), act("undone", "a")])).to.deep.equal({ undo: [], redo: ["b", "a"] });
    expect(named([a, b, act("undone", "b"), act("redone", "b")])).to.deep.equal({ undo: ["a", "b"], redo: [] });
    expect(named([a, b, act("undone", "b"), act("coded", "c")])).to.deep.equal({ undo: ["a", "c"], redo: [] });
  });

  it("takes the acts of one gesture together", () => {
    const acts = [act("coded", "a"), act("coded", "b", "x"), act("coded", "c", "x")];
    expect(named(acts)).to.deep.equal({ undo: ["a", "b+c"], redo: [] });
    expect(named([...acts, act("undone", "c", "y"), act("undone", "b", "y")])).to.deep.equal({ undo: ["a"], redo: ["b+c"] });
  });
});

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`undoing acts of coding (${name})`, () => {
    let database: Database;
    let report: BuiltReport;
    const within = <Result>(run: (tx: Tx) => Promise<Result>): Promise<Result> => database.db.transaction().execute(run);
    const undo = (by: Actor = report.analyst, seen: number | null = null) => within((tx) => undoLast(tx, report.id, by, NOW, seen));
    const redo = (by: Actor = report.analyst) => within((tx) => redoLast(tx, report.id, by, NOW));
    const version = async (factor: string): Promise<number> => {
      const last = await database.db
        .selectFrom("coding_act")
        .select("after")
        .where("report_id", "=", report.id)
        .where("factor", "=", factor)
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return last ? (JSON.parse(last.after!) as { version: number }).version : 0;
    };
    const save = async (factor: string, value: string, more: { note?: string | null; quote?: string | null } = {}, by = report.analyst) => {
      const given = { factor, subject: "case", value, note: more.note ?? null, seenVersion: await version(factor) };
      const passages = more.quote ? [{ document: 1, quote: more.quote }] : [];
      return within((tx) => saveValue(tx, report.id, { ...given, passages }, by, NOW));
    };
    const clear = async (factor: string) => {
      const seenVersion = await version(factor);
      return within((tx) => clearValue(tx, report.id, { factor, subject: "case", seenVersion }, report.analyst, NOW));
    };
    /** What the rows say, in the words of the sheet. */
    const stored = async () => {
      const codings = await database.db.selectFrom("coding").selectAll().where("report_id", "=", report.id).execute();
      const ties = await database.db
        .selectFrom("coding_passage")
        .innerJoin("passage", "passage.id", "coding_passage.passage_id")
        .select(["coding_id", "quote"])
        .where("passage.report_id", "=", report.id)
        .execute();
      return codings
        .map(({ id, factor, value, note }) => ({
          factor,
          answer: value,
          note,
          passages: ties.flatMap((tie) => (tie.coding_id === id ? [tie.quote] : [])).sort(),
        }))
        .sort(byFactor);
    };
    const passages = () => database.db.selectFrom("passage").selectAll().where("report_id", "=", report.id).orderBy("id").execute();
    const refused = async (act: Promise<unknown>): Promise<string[]> => {
      try {
        await act;
      } catch (error) {
        expect(error).to.be.instanceOf(Refusal);
        return (error as Refusal).reasons("fr");
      }
      throw new Error("expected a refusal");
    };

    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      report = await assigned(database);
    });
    after(() => database.close());

    it("gives back, act by act, what a sheet of paper with all its earlier states would show", async function () {
      this.timeout(120_000);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 24 }), async (steps) => {
          report = await assigned(database);
          let sheet: Sheet = new Map();
          let past: Sheet[] = [];
          let future: Sheet[] = [];
          const section = (
            await database.db
              .selectFrom("codebook_factor")
              .select(["code"])
              .where("section", "=", "children")
              .where("applies_to", "=", "case")
              .execute()
          ).map(({ code }) => code);
          for (const one of steps) {
            const next = copy(sheet);
            switch (one.kind) {
              case "save": {
                const tied = next.get(one.factor)?.passages ?? new Set();
                if (one.quote) tied.add(one.quote);
                next.set(one.factor, { answer: one.answer, note: one.note, passages: tied });
                await save(one.factor, one.answer, one);
                break;
              }
              case "attach": {
                const coded = next.get(one.factor) ?? { answer: "present", note: null, passages: new Set() };
                coded.passages.add(one.quote);
                next.set(one.factor, coded);
                const passage = { document: 1, quote: one.quote };
                await within((tx) => attachPassage(tx, report.id, { factor: one.factor, subject: "case", passage }, report.analyst, NOW));
                break;
              }
              case "detach": {
                if (!next.get(one.factor)?.passages.delete(one.quote)) continue;
                const passage = (await passages()).find((row) => row.quote === one.quote)!.id;
                await within((tx) => detachPassage(tx, report.id, { factor: one.factor, subject: "case", passage }, report.analyst, NOW));
                break;
              }
              case "clear":
                if (!next.delete(one.factor)) continue;
                await clear(one.factor);
                break;
              case "section":
                for (const factor of section)
                  if (!next.has(factor)) next.set(factor, { answer: "unknown", note: null, passages: new Set() });
                await within((tx) => codeRestUnknown(tx, report.id, "children", report.analyst, NOW));
                break;
              default: {
                const [from, to] = one.kind === "undo" ? [past, future] : [future, past];
                const turned = from.pop();
                if (!turned) {
                  await refused(one.kind === "undo" ? undo() : redo());
                  continue;
                }
                to.push(sheet);
                sheet = turned;
                await (one.kind === "undo" ? undo() : redo());
                expect(await stored()).to.deep.equal(written(sheet));
                continue;
              }
            }
            expect(await stored()).to.deep.equal(written(next));
            if (JSON.stringify(written(next)) === JSON.stringify(written(sheet))) continue; // nothing changed: no act
            past = [...past, sheet];
            future = [];
            sheet = next;
          }
          const resting = new Set([...sheet.values()].flatMap((one) => [...one.passages]));
          expect((await passages()).map((row) => row.quote).sort()).to.deep.equal([...resting].sort());
        }),
        { numRuns: name === "SQLite" ? 25 : 8 },
      );
    });

    it("brings a cleared answer back whole, its passages under their own names", async () => {
      const first = await save("good_practice", "present", { note: "à citer", quote: "un accompagnement et un hébergement" });
      const before = await passages();
      await clear("good_practice");
      expect(await passages()).to.deep.equal([]);
      const turned = await undo();
      expect(turned).to.include({ anchor: "facteur-good_practice", factor: "good_practice", subject: "case", several: false });
      expect(await passages()).to.deep.equal(before);
      expect(await stored()).to.deep.equal([
        { factor: "good_practice", answer: "present", note: "à citer", passages: ["un accompagnement et un hébergement"] },
      ]);
      // Coded, cleared, brought back: whoever saw the first version is stale.
      expect(await version("good_practice")).to.equal(first.version + 2);
    });

    it("undoes a section marked not documented at once", async () => {
      await save("children_killed", "0");
      const count = await within((tx) => codeRestUnknown(tx, report.id, "children", report.analyst, NOW));
      expect(count).to.be.above(1);
      expect(await undo()).to.include({ several: true, anchor: "section-children" });
      expect((await stored()).map(({ factor }) => factor)).to.deep.equal(["children_killed"]);
      await redo();
      expect(await stored()).to.have.length(count + 1);
      await undo();
      await undo();
      expect(await stored()).to.deep.equal([]);
    });

    it("leaves every act in the history, with what each did", async () => {
      await save("overkill", "absent");
      await undo();
      await redo();
      const acts = await database.db
        .selectFrom("coding_act")
        .select(["kind", "after"])
        .where("report_id", "=", report.id)
        .orderBy("id")
        .execute();
      expect(acts.map(({ kind, after }) => [kind, (JSON.parse(after!) as { value: string | null; version: number }).value])).to.deep.equal([
        ["coded", "absent"],
        ["undone", null],
        ["redone", "absent"],
      ]);
      expect(await version("overkill")).to.equal(3);
    });

    it("is refused in words when somebody else changed the same answer since", async () => {
      await save("overkill", "absent");
      const other = await someone(database, "analyst");
      const assign = (analyst: Actor) =>
        within(async (tx) => {
          await tx.updateTable("assignment").set({ ended_at: NOW }).where("report_id", "=", report.id).execute();
          await tx
            .insertInto("assignment")
            .values({
              id: newId(),
              report_id: report.id,
              analyst_id: analyst.id,
              layer: 1,
              assigned_by: report.coordinator.id,
              assigned_at: NOW,
              ended_at: null,
            })
            .execute();
        });
      await assign(other);
      // Nobody undoes what another did.
      expect(await refused(undo(other))).to.deep.equal(["Rien à annuler"]);
      await save("overkill", "unknown", {}, other);
      await assign(report.analyst);
      const [reason, ...more] = await refused(undo());
      expect(more).to.deep.equal([]);
      expect(reason).to.match(
        /^Acteur \d+ a changé depuis la réponse à «\u00a0Acharnement ou mutilation\u00a0»\u00a0: votre acte ne peut plus être annulé\.$/,
      );
      expect((await stored())[0]).to.include({ answer: "unknown" });
    });

    it("is refused when the answer changed otherwise than by an act, and when the act meant is no longer the last", async () => {
      const { act } = await save("overkill", "absent");
      await save("premeditation", "unknown");
      expect(await refused(undo(report.analyst, act))).to.deep.equal([
        "Un autre acte de codage a eu lieu depuis que cette page est ouverte. Relisez-la, puis recommencez.",
      ]);
      await undo();
      await database.db.updateTable("coding").set({ value: "unknown", origin: "imported" }).where("report_id", "=", report.id).execute();
      expect((await refused(undo(report.analyst, act)))[0]).to.include("a changé depuis autrement que par le codage");
      expect((await stored())[0]).to.include({ answer: "unknown" });
    });

    it("belongs to whoever may code", async () => {
      await save("overkill", "absent");
      const stranger = await someone(database, "analyst");
      expect(await refused(undo(stranger))).to.deep.equal(["cet acte revient à l’analyste à qui le rapport est affecté"]);
    });
  });
}

describe("undo and redo on the coding page", () => {
  let app: RunningApp;
  let analyst: Visitor & { person: { id: string; email: string; roles: Role[] } };
  let report: BuiltReport;
  const url = (rest = "") => `/rapports/${report.id}/codage${rest}`;
  const form = (more: Record<string, string> = {}) => ({ factor: "overkill", subject: "case", seenVersion: "0", shown: "1", ...more });
  const offered = (html: string, direction: "annuler" | "refaire") => {
    const [, act, label] = new RegExp(
      `action="${url(`/${direction}`)}"[\\s\\S]*?name="act" value="(\\d*)"[\\s\\S]*?<button[^>]*>([^<]*)<`,
    ).exec(html)!;
    return { act: act!, label: label! };
  };

  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
  });
  beforeEach(async () => {
    report = await assigned(app.database, { analyst: analyst.person });
    await analyst.get(url());
  });
  after(() => app.close());

  it("are offered by name, survive every reload, and lead to the factor concerned", async () => {
    expect(offered((await analyst.get(url())).text, "annuler")).to.deep.equal({ act: "", label: "Rien à annuler" });
    await analyst.post(url("/valeur"), form({ value: "absent", reason: "Non relevé" }));
    const undo = offered((await analyst.get(url())).text, "annuler");
    expect(undo.label).to.equal("Annuler\u00a0: Acharnement ou mutilation, «\u00a0Absent\u00a0»");
    const undone = await analyst.post(url("/annuler"), { act: undo.act, shown: "1" });
    expect(undone.status).to.equal(303);
    expect(undone.location).to.equal(`${url("?document=1")}#facteur-overkill`);
    const { text } = await analyst.get(url());
    expect(text).to.include("Annulé\u00a0: Acharnement ou mutilation").and.include("0 réponse complète sur");
    const redo = offered(text, "refaire");
    expect(redo.label).to.equal("Rétablir\u00a0: Acharnement ou mutilation, «\u00a0Absent\u00a0»");
    await analyst.post(url("/refaire"), { act: redo.act, shown: "1" });
    expect((await analyst.get(url())).text)
      .to.include("Non relevé")
      .and.include("1 réponse complète sur");
  });

  it("tell a script where to look", async () => {
    await analyst.post(url("/valeur"), form({ value: "absent", reason: "Non relevé" }));
    const { status, text } = await analyst.post(url("/annuler"), { act: "", shown: "1" }, { accept: "application/json" });
    expect(status).to.equal(200);
    expect(JSON.parse(text)).to.deep.include({ anchor: "facteur-overkill", factor: "overkill", subject: "case", several: false });
  });

  it("are refused in words where there is nothing, where the page is stale and to whoever does not code", async () => {
    const nothing = await analyst.post(url("/annuler"), { act: "", shown: "" });
    expect(nothing.status).to.equal(409);
    expect(nothing.text).to.include("Rien à annuler");
    await analyst.post(url("/valeur"), form({ value: "absent", reason: "Non relevé" }));
    const { act } = offered((await analyst.get(url())).text, "annuler");
    await analyst.post(url("/valeur"), form({ value: "unknown", seenVersion: "1" }));
    const stale = await analyst.post(url("/annuler"), { act, shown: "" });
    expect(stale.status).to.equal(409);
    expect(stale.text).to.include("Un autre acte de codage a eu lieu");
    const other = await visitorWith(app, "analyst");
    const page = await other.get(url());
    expect(page.text).to.not.include("/codage/annuler");
    expect((await other.post(url("/annuler"), { act: "", shown: "" })).status).to.equal(409);
    expect((await analyst.post(url("/annuler"), { act: "", layer: "2" })).status).to.equal(400);
    const { value } = await app.database.db
      .selectFrom("coding")
      .select("value")
      .where("report_id", "=", report.id)
      .executeTakeFirstOrThrow();
    expect(value).to.equal("unknown");
  });
});
