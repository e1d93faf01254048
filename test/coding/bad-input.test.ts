import { readFileSync } from "node:fs";
import { expect } from "chai";
import { publishCodebook } from "../../server/codebook/store.ts";
import type { Role } from "../../workflows/actor.ts";
import { type RunningApp, startApp, type Visitor, visitorWith } from "../support/app.ts";
import { type BuiltReport, REPORT_TEXT } from "../support/reports.ts";
import { assigned, NOW } from "./support.ts";

type Fields = Record<string, string | string[]>;
const LENGTH = [...REPORT_TEXT].length;

describe("bad input on the coding page", () => {
  let app: RunningApp;
  let analyst: Visitor & { person: { id: string; email: string; roles: Role[] } };
  let report: BuiltReport;
  let other: BuiltReport;
  const url = (rest = "") => `/rapports/${report.id}/codage${rest}`;
  const rows = async () => {
    const count = async (table: "coding" | "coding_act" | "passage" | "coding_passage" | "suggestion_dismissal") =>
      Number(
        (
          await app.database.db
            .selectFrom(table)
            .select((e) => e.fn.countAll().as("n"))
            .executeTakeFirstOrThrow()
        ).n,
      );
    return [
      await count("coding"),
      await count("coding_act"),
      await count("passage"),
      await count("coding_passage"),
      await count("suggestion_dismissal"),
    ];
  };
  /** Posts as a script and as a form would: refused both times, in words, with nothing stored. */
  const refused = async (path: string, fields: Fields, field: string | null, message: RegExp | null, name: string) => {
    const before = await rows();
    const asked = await analyst.post(url(path), fields, { accept: "application/json" });
    if (field === null) expect(asked.status, name).to.be.oneOf([400, 409]);
    else {
      expect(asked.status, name).to.equal(422);
      const { problems } = JSON.parse(asked.text) as { problems: Record<string, string> };
      expect(Object.keys(problems), name).to.deep.equal([field]);
      expect(problems[field], name).to.match(message!);
    }
    const page = await analyst.post(url(path), fields);
    expect(page.status, name).to.equal(asked.status);
    if (message) expect(page.text, name).to.match(message);
    await analyst.get(url());
    expect(await rows(), name).to.deep.equal(before);
  };

  before(async () => {
    app = await startApp();
    analyst = await visitorWith(app, "analyst");
    other = await assigned(app.database);
    report = await assigned(app.database, { analyst: analyst.person });
    const next = readFileSync("db/data/codebook-1.0.0.yaml", "utf8")
      .replace("  version: 1.0.0", "  version: 1.0.1")
      .replace(/\bpremeditation\b/g, "premeditation_elsewhere");
    await app.database.db.transaction().execute((tx) => publishCodebook(tx, next, NOW));
    await analyst.get(url());
  });
  after(() => app.close());

  it("values: out of the options, impossible numbers and dates, dates after the report, several where one is asked", async () => {
    const cases: [string, Fields, string, RegExp][] = [
      ["an option that does not exist", { factor: "overkill", value: "maybe" }, "value", /./],
      ["an option of another factor", { factor: "place_of_act", value: "present" }, "value", /./],
      ["two answers", { factor: "overkill", value: ["present", "absent"] }, "value", /Une seule réponse/],
      ["no answer", { factor: "overkill", value: "" }, "value", /Choisissez une réponse/],
      ["a date after the report", { factor: "act_date", value: "2031-01-01" }, "value", /postérieure/],
      ["a day that does not exist", { factor: "act_date", value: "2024-02-31" }, "value", /./],
      ["a negative age", { factor: "victim_age", subject: report.victim, value: "-3" }, "value", /nombre positif/],
      ["an age no one reaches", { factor: "victim_age", subject: report.victim, value: "131" }, "value", /maximum/],
      ["a confidence of no list", { factor: "overkill", value: "absent", confidence: "certain" }, "confidence", /./],
      ["a note too long", { factor: "overkill", value: "absent", note: "x".repeat(5_001) }, "note", /./],
    ];
    for (const [name, fields, field, message] of cases) await refused("/valeur", { seenVersion: "0", ...fields }, field, message, name);
  });

  it("factors and people: of another version, of another case, of another kind", async () => {
    const cases: [string, Fields, string, RegExp][] = [
      ["a factor of no version", { factor: "no_such_factor" }, "factor", /pas dans la grille de ce rapport/],
      ["a factor of another version", { factor: "premeditation_elsewhere" }, "factor", /pas dans la grille de ce rapport/],
      ["a person of another case", { factor: "victim_fear", subject: other.victim }, "subject", /pas concernée/],
      ["a person of another kind", { factor: "victim_fear", subject: report.perpetrator }, "subject", /pas concernée/],
      ["the case for a factor of a person", { factor: "victim_fear", subject: "case" }, "subject", /pas concernée/],
      ["nobody at all", { factor: "victim_fear", subject: "nobody" }, "subject", /pas concernée/],
      [
        "a second direction that this report does not have",
        { factor: "physical_violence", subject: "reverse" },
        "subject",
        /pas concernée/,
      ],
    ];
    for (const [name, fields, field, message] of cases) {
      await refused("/valeur", { seenVersion: "0", value: "absent", ...fields }, field, message, name);
      await refused("/passage", { seenVersion: "0", block: "1", document: "1", ...fields }, field, message, name);
    }
  });

  it("passages: outside the text, of other words, of a document or paragraph that is not there", async () => {
    const cases: [string, Fields, string, RegExp][] = [
      ["beyond the end", { document: "1", start: String(LENGTH - 5), end: String(LENGTH + 50) }, "quote", /ne correspond pas/],
      ["wholly outside", { document: "1", start: "900000", end: "900010" }, "quote", /ne correspond pas/],
      ["backwards", { document: "1", start: "20", end: "10" }, "quote", /ne correspond pas/],
      ["empty", { document: "1", start: "10", end: "10" }, "quote", /ne correspond pas/],
      ["other words", { document: "1", start: "0", end: "14", quote: "Autre chose ici" }, "quote", /ne correspond pas/],
      ["no such words", { document: "1", quote: "cette phrase n’est nulle part" }, "quote", /ne se trouve pas/],
      ["no such paragraph", { document: "1", block: "400" }, "block", /n’existe pas/],
      ["no such document", { document: "7", block: "1" }, "document", /./],
      ["not a number", { document: "1", start: "un", end: "deux" }, "start", /./],
      ["nothing", { document: "1" }, "quote", /Recopiez/],
    ];
    for (const [name, fields, field, message] of cases) {
      const asked = await analyst.post(
        url("/passage"),
        { factor: "overkill", seenVersion: "0", ...fields },
        { accept: "application/json" },
      );
      expect(asked.status, name).to.equal(422);
      const { problems } = JSON.parse(asked.text) as { problems: Record<string, string> };
      expect(problems[field], name).to.match(message);
    }
    const [codings, acts, passages] = await rows();
    expect([codings, acts, passages]).to.deep.equal([0, 0, 0]);
  });

  it("passages of another report are not detached here", async () => {
    const [passage] = await app.database.db
      .insertInto("passage")
      .values({
        id: "of-the-other",
        report_id: other.id,
        document_id: other.documentId,
        starts: 0,
        ends: 7,
        page: null,
        quote: "Rapport",
        created_by: other.analyst.id,
        created_at: NOW,
      })
      .returning("id")
      .execute();
    await refused(
      "/passage/detacher",
      { factor: "overkill", passage: passage!.id },
      "passage",
      /plus rattaché/,
      "another report's passage",
    );
    await app.database.db.deleteFrom("passage").where("id", "=", passage!.id).execute();
  });

  it("forged coders, layers, versions and acts", async () => {
    for (const forged of [{ layer: "2" }, { by: other.analyst.id }, { coded_by: other.analyst.id }, { origin: "imported" }, { batch: "x" }])
      await refused("/valeur", { factor: "overkill", value: "absent", seenVersion: "0", ...forged }, null, null, JSON.stringify(forged));
    await refused("/annuler", { act: "1", by: other.analyst.id }, null, null, "undo by another");
    await refused("/annuler", { act: "99999999" }, null, null, "undo of nothing");
    await refused("/valeur", { factor: "overkill", value: "absent", seenVersion: "-1" }, "seenVersion", /./, "a version below none");
    const conflict = await analyst.post(
      url("/valeur"),
      { factor: "overkill", value: "absent", seenVersion: "7" },
      { accept: "application/json" },
    );
    expect(conflict.status).to.equal(409);
    expect((await rows()).slice(0, 2)).to.deep.equal([0, 0]);
  });
});
