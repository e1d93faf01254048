import { expect } from "chai";
import { unzipSync } from "fflate";
import { pino } from "pino";
import type { Database } from "../../db/database.ts";
import { VERSION } from "../../server/app.ts";
import { readDocument } from "../../server/documents/read-document.ts";
import { COLUMN_KEYS, type ColumnKey, columnType, HISTORY_KEYS } from "../../server/exports/columns.ts";
import { HOUSE_LAYOUTS } from "../../server/exports/layouts.ts";
import { type Asked, ExportFailed, idsFor, isPublic, type Made, MOST_IN_BOOKLET, makeExport } from "../../server/exports/make.ts";
import { exportSchema } from "../../server/exports/schema.ts";
import type { Context } from "../../server/http/context.ts";
import { translator } from "../../server/http/words.ts";
import { registerFilters } from "../../server/recommendations/filters.ts";
import { TEST_CONFIG } from "../support/app.ts";
import { clock, DATABASES } from "../support/databases.ts";
import { someone } from "../support/reports.ts";
import { parseCsv, type Read, readOds, readXlsx } from "../support/spreadsheets.ts";
import { readDocxText, readOdtText } from "../support/word-processors.ts";
import { AWKWARD, asking, filled, PAYLOAD, trueHistory, truth } from "./support.ts";

const t = translator("fr");
const headings = COLUMN_KEYS.map((key) => t(`exports.columns.${key}`));
const COMPLETE = { columns: COLUMN_KEYS, history: true, layout: "complet" } as const;

for (const [name, open] of Object.entries(DATABASES))
  describe(`what exports hold on ${name}`, function () {
    this.timeout(60_000);
    let database: Database;
    let context: Context;
    let expected: Awaited<ReturnType<typeof truth>>;
    let happened: Awaited<ReturnType<typeof trueHistory>>;
    const steps: number[] = [];
    const made = async (changes: Partial<Asked>): Promise<Made> => {
      const asked = asking(changes);
      const now = clock().toISOString();
      steps.length = 0;
      return makeExport(context, asked, await idsFor(database.db, asked, now), now, async (progress) => void steps.push(progress));
    };
    const row = (line: (typeof expected)[number]) => COLUMN_KEYS.map((key) => line[key] ?? null);

    before(async () => {
      database = await open();
      context = { config: TEST_CONFIG, database, clock, log: pino({ level: "silent" }), version: VERSION };
      await filled(database, await someone(database, "coordinator"), 450);
      expected = await truth(database);
      happened = await trueHistory(database);
    });
    after(() => database.close());

    it("is everything of the register, in its order, drafts left out", async () => {
      const { rows } = await made({ ...COMPLETE, format: "json" });
      expect(rows).to.equal(453).and.to.equal(expected.length);
      expect(steps, "told slice by slice").to.have.length(3);
      expect(steps.every((progress, at) => progress > (steps[at - 1] ?? 0) && progress < 1)).to.equal(true);
      // The generated register shows something in every column but the proofs of answers, or the comparison would say nothing.
      for (const key of COLUMN_KEYS)
        if (key !== "proofs") expect(expected.filter((one) => one[key] !== null && one[key] !== 0).length, key).to.be.greaterThan(0);
    });

    it("reads back from CSV: French numbers and days, a formula disarmed", async () => {
      const { bytes, name: file, type } = await made({ ...COMPLETE, history: false, format: "csv" });
      expect(file).to.equal("recommandations-2026-11-23.csv");
      expect(type).to.match(/^text\/csv; charset=utf-8/);
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      expect(text.startsWith("\ufeff")).to.equal(true);
      const [head, ...records] = parseCsv(text.slice(1));
      expect(head).to.deep.equal(headings);
      const shown = (cell: string | number | null) => (cell === null ? "" : cell === PAYLOAD ? `'${cell}` : String(cell));
      expect(records).to.deep.equal(expected.map((line) => row(line).map(shown)));
    });

    it("reads back from CSV with its history as an archive of tables", async () => {
      const { bytes, name: file, type } = await made({ ...COMPLETE, format: "csv" });
      expect([file, type]).to.deep.equal(["recommandations-2026-11-23.zip", "application/zip"]);
      const files = unzipSync(bytes);
      expect(Object.keys(files)).to.deep.equal(["recommandations.csv", "historique.csv", "portee.csv"]);
      const [head, ...records] = parseCsv(new TextDecoder().decode(files["historique.csv"]));
      expect(head).to.deep.equal(["Référence", "Date", "Événement", "Par", "Motif", "Précisions"]);
      expect(records.map((record) => record.slice(0, 5))).to.deep.equal(happened.map((one) => one.map((cell) => cell ?? "")));
      expect(records.some(([, , event, , , detail]) => event === "Réponse reçue" && /Réponse fictive/.test(detail!))).to.equal(true);
      expect(records.some(([, , event, , , detail]) => event === "Relance envoyée" && /Lettre recommandée/.test(detail!))).to.equal(true);
      expect(parseCsv(new TextDecoder().decode(files["recommandations.csv"]))).to.have.length(454);
    });

    const kinds: Record<ReturnType<typeof columnType>, Read["kind"]> = { text: "text", integer: "number", number: "number", date: "date" };
    for (const format of ["xlsx", "ods"] as const)
      it(`reads back from ${format.toUpperCase()}: cells typed, nothing that calculates, the history and the scope beside`, async () => {
        const { bytes, name: file } = await made({ ...COMPLETE, format });
        expect(file).to.equal(`recommandations-2026-11-23.${format}`);
        const sheet = (at: number, columns: number) => (format === "xlsx" ? readXlsx(bytes, at + 1, columns) : readOds(bytes, at, columns));
        const { rows, files } = sheet(0, COLUMN_KEYS.length);
        expect(rows[0]!.map(({ value }) => value)).to.deep.equal(headings);
        const cells = (line: Read[]) =>
          line.map(({ kind, value }) => (kind === "empty" ? null : kind === "number" ? Number(value) : value));
        expect(rows.slice(1).map(cells)).to.deep.equal(expected.map(row));
        for (const [at, key] of COLUMN_KEYS.entries())
          for (const line of rows.slice(1)) if (line[at]!.kind !== "empty") expect(line[at]!.kind, key).to.equal(kinds[columnType(key)]);
        expect(
          rows
            .flat()
            .filter(({ value }) => value === PAYLOAD)
            .map(({ kind }) => kind),
        ).to.deep.equal(["text"]);
        expect(Object.values(files).join("")).not.to.match(/<f>|table:formula/);
        const history = sheet(1, HISTORY_KEYS.length).rows.slice(1);
        expect(history.map((line) => cells(line).slice(0, 5))).to.deep.equal(happened);
        const scope = sheet(2, 2).rows.map((line) => line.map(({ value }) => value).join(" = "));
        expect(scope).to.include("Nombre de lignes = 453").and.include("Modèle = Complet, avec l’historique");
        expect(scope).to.include("Filtres = Aucun\u00a0: tout le registre");
      });

    it("reads back from JSON, as its schema describes", async () => {
      const { bytes } = await made({ ...COMPLETE, format: "json" });
      const whole = JSON.parse(new TextDecoder().decode(bytes)) as {
        rows: Record<string, string | number | null>[];
        history: { rows: Record<string, string | null>[] };
      };
      expect(whole.rows).to.deep.equal(expected.map((line) => Object.fromEntries(COLUMN_KEYS.map((key) => [key, line[key] ?? null]))));
      expect(whole.history.rows.map(({ reference, date, event, by, reason }) => [reference, date, event, by, reason])).to.deep.equal(
        happened,
      );
      const schema = exportSchema("http://127.0.0.1/exports/schema.json", t) as Schema;
      expect(faults(whole, schema, schema)).to.deep.equal([]);
      const wrong = { ...whole, exportedAt: 3, rows: [{ ...whole.rows[0], deadline: "bientôt", more: 1 }] };
      expect(faults(wrong, schema, schema)).to.deep.equal(["/exportedAt: type", "/rows/0/deadline: date", "/rows/0: more"]);
    });

    it("tells as the answer what was said since the last issue, and earlier answers in their number alone", async () => {
      const columns: ColumnKey[] = ["status", "answers", "said", "answerText", "answerOverdue"];
      const { bytes } = await made({ columns, filters: registerFilters.parse({ q: "REC-2026-0104" }), format: "json" });
      const [reopened] = JSON.parse(new TextDecoder().decode(bytes)).rows;
      expect(reopened).to.deep.equal({ status: "Adressée", answers: 1, said: null, answerText: null, answerOverdue: "non" });
    });

    it("follows the columns chosen, in their order, and leaves out of JSON what was not chosen", async () => {
      const columns: ColumnKey[] = ["deadline", "text", "reference"];
      const csv = await made({ columns, format: "csv" });
      expect(parseCsv(new TextDecoder().decode(csv.bytes))[0]).to.deep.equal(["Échéance", "Recommandation", "Référence"]);
      const json = JSON.parse(new TextDecoder().decode((await made({ columns, format: "json" })).bytes));
      expect(Object.keys(json.rows[0])).to.deep.equal(columns);
      expect(json).not.to.have.property("history");
    });

    it("follows the filters and the order of the register, and says them", async () => {
      const filters = registerFilters.parse({ destinataire: "courts", tri: "echeance", ordre: "asc" });
      const { bytes, rows } = await made({ columns: ["reference", "deadline", "addressee", "associated"], filters, format: "json" });
      const json = JSON.parse(new TextDecoder().decode(bytes));
      expect(json.rows).to.have.length(rows);
      expect(rows).to.be.lessThan(expected.length).and.to.be.greaterThan(2);
      const courts = "Juridictions du siège (JAF, JE, JAP, instruction, correctionnel)";
      for (const one of json.rows) expect([one.addressee, ...(one.associated ?? "").split("\n")]).to.include(courts);
      const deadlines = json.rows.map((one: { deadline: string | null }) => one.deadline ?? "9999");
      expect(deadlines).to.deep.equal([...deadlines].sort());
      expect(json.filters).to.deep.equal([{ label: "Destinataire", value: courts }]);
    });

    it("is in the reader's language, headings, values and name", async () => {
      const { bytes, name: file } = await made({ columns: ["reference", "status", "answerOverdue"], language: "en", format: "csv" });
      expect(file).to.equal("recommendations-2026-11-23.csv");
      const [head, ...records] = parseCsv(new TextDecoder().decode(bytes));
      expect(head).to.deep.equal(["Reference", "Status", "Answer overdue"]);
      expect(new Set(records.map(([, status]) => status)))
        .to.include("Closed")
        .and.not.include("Close");
      expect(new Set(records.map(([, , late]) => late))).to.deep.equal(new Set(["yes", "no"]));
    });

    describe("as a booklet", () => {
      const filters = registerFilters.parse({ statut: "closed" });
      const columns = ["reference", "addressee", "theme", "deadline", "said", "implementation"] as const;
      for (const [format, read] of [
        ["docx", readDocxText],
        ["odt", readOdtText],
      ] as const)
        it(`in ${format.toUpperCase()} has an entry for each recommendation with its life, grouped, listed in its contents`, async () => {
          const { bytes } = await made({ format, columns, history: true, groupedBy: "addressee", filters });
          const closed = expected.filter(({ status }) => status === "Close");
          const { pieces, contents } = read(bytes);
          const entries = pieces.flatMap((piece) => (piece.kind === "heading" && piece.level === 2 ? [piece.text] : []));
          expect(entries.map((text) => text.split(" ")[0]).sort()).to.deep.equal(closed.map(({ reference }) => reference).sort());
          expect(contents.filter((line) => line.startsWith("REC-"))).to.have.length(closed.length);
          const groups = pieces.flatMap((piece) => (piece.kind === "heading" && piece.level === 1 ? [piece.text] : [])).slice(1);
          expect(groups).to.deep.equal(
            [...new Set(closed.map(({ addressee }) => String(addressee)))].sort((a, b) => a.localeCompare(b, "fr")),
          );
          const all = JSON.stringify(pieces);
          for (const { text, said } of closed) expect(all).to.include(JSON.stringify(text).slice(1, 30)).and.include(String(said));
          const tables = pieces.flatMap((piece) => (piece.kind === "table" ? [piece.rows] : []));
          expect(tables.filter((rows) => rows[0]![0] === "Date")).to.have.length(closed.length);
          expect(tables.flat().some((cells) => cells.includes("Suivi clos"))).to.equal(true);
        });

      it("in PDF says the same", async () => {
        const { bytes } = await made({ format: "pdf", columns, groupedBy: "theme", filters: registerFilters.parse({ q: "REC-2026-010" }) });
        const reading = await readDocument(bytes, "cahier.pdf");
        expect(reading.kind).to.equal("read");
        const text = reading.kind === "read" ? reading.document.text.replace(/\s+/g, " ") : "";
        expect(text).to.include("REC-2026-0101").and.include("=HYPERLINK").and.include("sans délai").and.include("<b>partout</b>");
      });

      it("is refused beyond what anyone reads", async () => {
        const ids = Array.from({ length: MOST_IN_BOOKLET + 1 }, (_, n) => String(n));
        const error = await makeExport(context, asking({ format: "pdf" }), ids, clock().toISOString(), async () => {}).catch((e) => e);
        expect(error).to.be.instanceOf(ExportFailed);
        expect(error.failure).to.equal("too-many");
      });
    });

    it("keeps awkward texts whole in every table", async () => {
      const filters = registerFilters.parse({ q: "REC-2026-0102" });
      for (const format of ["csv", "json", "xlsx", "ods"] as const) {
        const { bytes } = await made({ format, filters });
        const cell =
          format === "csv"
            ? parseCsv(new TextDecoder().decode(bytes))[1]![1]
            : format === "json"
              ? JSON.parse(new TextDecoder().decode(bytes)).rows[0].text
              : (format === "xlsx" ? readXlsx(bytes, 1, 2) : readOds(bytes, 0, 2)).rows[1]![1]!.value;
        expect(cell, format).to.equal(AWKWARD);
      }
    });
  });

describe("the layouts of the house", () => {
  it("hold each column once, and the public one nothing that only the house may read", () => {
    for (const { columns } of Object.values(HOUSE_LAYOUTS)) expect(new Set(columns).size).to.equal(columns.length);
    const inside = ["report", "findings", "crossFindings", "respondent", "recipient", "dispatchProof", "answerText", "assessmentComment"];
    expect(HOUSE_LAYOUTS.public.columns).not.to.include.members(inside);
    expect(HOUSE_LAYOUTS.public.columns.filter((key) => inside.includes(key))).to.deep.equal([]);
    expect(isPublic(HOUSE_LAYOUTS.public)).to.equal(true);
    expect([HOUSE_LAYOUTS.registre, HOUSE_LAYOUTS.complet, { ...HOUSE_LAYOUTS.public, history: true }].some(isPublic)).to.equal(false);
  });
});

// --- a small validator of its own: as much of JSON Schema as the schema of exports uses -----------------------------------------------
type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  $defs?: Record<string, Schema>;
};
const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;

/** Where a value is not as the schema says, and why. */
function faults(value: unknown, given: Schema, root: Schema, at = ""): string[] {
  const schema = given.$ref ? root.$defs![given.$ref.replace("#/$defs/", "")]! : given;
  const wrong: string[] = [];
  if (schema.type !== undefined && ![schema.type].flat().includes(typeOf(value))) return [`${at}: type`];
  if (schema.enum && !schema.enum.includes(String(value))) wrong.push(`${at}: enum`);
  if (typeof value === "string" && schema.format === "date" && !/^\d{4}-\d\d-\d\d$/.test(value)) wrong.push(`${at}: date`);
  if (typeof value === "string" && schema.format === "date-time" && Number.isNaN(Date.parse(value))) wrong.push(`${at}: date-time`);
  if (Array.isArray(value)) for (const [place, item] of value.entries()) wrong.push(...faults(item, schema.items!, root, `${at}/${place}`));
  else if (typeof value === "object" && value !== null) {
    for (const name of schema.required ?? []) if (!(name in value)) wrong.push(`${at}: lacks ${name}`);
    for (const [key, inner] of Object.entries(value))
      if (!schema.properties?.[key]) wrong.push(`${at}: ${key}`);
      else wrong.push(...faults(inner, schema.properties[key], root, `${at}/${key}`));
  }
  return wrong.sort();
}
