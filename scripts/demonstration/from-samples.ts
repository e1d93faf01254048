import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ActKind, CodingTable, FindingKind } from "../../db/schema.ts";
import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { canonicalValue, proofNeeded, rulesFor } from "../../server/coding/values.ts";
import { locateQuote, sliceByCodePoints } from "../../server/documents/quotes.ts";
import { type ReadDocument, readDocument } from "../../server/documents/read-document.ts";
import type { Sheet } from "../../server/reports/intake.ts";
import { COURTS } from "../../server/reports/places.ts";
import type { CodingToLoad, Place, ReportToLoad, Stage } from "./load.ts";

type Quote = { text: string; page?: number };
type Gold = {
  document: { file: string; title: string };
  factors: {
    code: string;
    value: string | string[] | number;
    quotes?: Quote[];
    known_when?: string;
    evidence_basis?: string;
    note?: string;
  }[];
  findings: { text: string; factors: string[]; quotes: Quote[] }[];
  recommendations: { text: string; addressee: string; level: string; theme: string; type: string; origin: "report" | "observatory" }[];
};

const SAMPLES: readonly {
  number: string;
  stage: Stage;
  service: string;
  kind: Sheet["issuingKind"];
  proceedings: Sheet["proceedings"];
  receivedOn: string | null;
}[] = [
  {
    number: "01",
    stage: "published",
    service: "Parquet (exemple fictif 1)",
    kind: "prosecutor",
    proceedings: "judicial_investigation",
    receivedOn: null,
  },
  {
    number: "02",
    stage: "published",
    service: "Parquet, réunion pluri-services (exemple fictif 2)",
    kind: "prosecutor",
    proceedings: "judicial_investigation",
    receivedOn: null,
  },
  {
    number: "03",
    stage: "received",
    service: "Parquet (exemple fictif 3)",
    kind: "prosecutor",
    proceedings: "extinguished",
    receivedOn: "2026-11-16",
  },
  {
    number: "04",
    stage: "analysed",
    service: "Mission d’inspection (exemple fictif 4)",
    kind: "inspection",
    proceedings: "judicial_investigation",
    receivedOn: "2026-09-07",
  },
  {
    number: "05",
    stage: "drafted",
    service: "Parquet (exemple fictif 5)",
    kind: "prosecutor",
    proceedings: "judicial_investigation",
    receivedOn: "2026-09-21",
  },
  {
    number: "06",
    stage: "assigned",
    service: "Parquet (exemple fictif 6)",
    kind: "prosecutor",
    proceedings: "judicial_investigation",
    receivedOn: "2026-10-12",
  },
  {
    number: "07",
    stage: "half-coded",
    service: "Groupement de gendarmerie (exemple fictif 7)",
    kind: "gendarmerie",
    proceedings: "judicial_investigation",
    receivedOn: "2026-10-26",
  },
  {
    number: "08",
    stage: "returned",
    service: "Parquet (exemple fictif 8)",
    kind: "prosecutor",
    proceedings: "awaiting_trial",
    receivedOn: "2026-09-14",
  },
  { number: "09", stage: "reopened", service: "Parquet (exemple fictif 9)", kind: "prosecutor", proceedings: "final", receivedOn: null },
  {
    number: "10",
    stage: "received",
    service: "Parquet (exemple fictif 10)",
    kind: "prosecutor",
    proceedings: "judicial_investigation",
    receivedOn: "2026-11-19",
  },
];

const FINDING_KINDS: readonly [RegExp, FindingKind][] = [
  [/good_practice/, "good_practice"],
  [/signal_not_transmitted|stalking|threat|known_to|weapon/, "missed_signal"],
];
const kindOf = (factors: readonly string[]): FindingKind =>
  FINDING_KINDS.find(([pattern]) => factors.some((factor) => pattern.test(factor)))?.[1] ?? "failing";

const typographic = (text: string): string => text.replaceAll("'", "’");

/** One fictional sample with its reference coding; factors the coding leaves out become "not documented". */
async function sample(definition: CodebookDefinition, folder: string, one: (typeof SAMPLES)[number]): Promise<ReportToLoad> {
  const gold = parse(readFileSync(join(folder, "gold", `retex-${one.number}.yaml`), "utf8")) as Gold;
  const bytes = readFileSync(join(folder, gold.document.file));
  const reading = await readDocument(bytes, gold.document.file);
  if (reading.kind === "refused") throw new Error(`The sample ${one.number} was refused: ${reading.reason}`);
  const { document } = reading;
  const coded = new Map(gold.factors.map((factor) => [factor.code, factor]));
  const text = (code: string) => String(coded.get(code)?.value ?? "");
  const actDate = text("act_date");
  const department = text("department_code");
  const receivedOn = one.receivedOn ?? new Date(Date.parse(actDate) + 120 * 86_400_000).toISOString().slice(0, 10);
  const sexOf = (code: string) => (["female", "male"].includes(text(code)) ? (text(code) as "female" | "male") : ("unknown" as const));
  const people = [
    { kind: "victim" as const, number: 1, sex: sexOf("victim_sex") },
    { kind: "perpetrator" as const, number: 1, sex: sexOf("perpetrator_sex") },
    ...Array.from({ length: Number(text("children_in_household")) || 0 }, (_, at) => ({
      kind: "child" as const,
      number: at + 1,
      sex: "unknown" as const,
    })),
  ];
  const rules = rulesFor(definition, { act_date: actDate, received_on: receivedOn });
  const codings: CodingToLoad[] = definition.factors.flatMap((factor) => {
    const given = coded.get(factor.code);
    const persons =
      factor.appliesTo === "case"
        ? [null]
        : people.filter(({ kind }) => kind === factor.appliesTo).map(({ kind, number }) => ({ kind, number }));
    return persons.map((person, at): CodingToLoad => {
      const canonical = given && at === 0 ? canonicalValue(factor, given.value, rules) : null;
      const value = canonical?.kind === "value" ? canonical.value : "unknown";
      // A finding's own quotes prove the first of its factors.
      const more = gold.findings
        .filter(({ factors }) => factors.find((code) => coded.has(code)) === factor.code)
        .flatMap(({ quotes }) => quotes);
      const places = given && at === 0 ? [...(given.quotes ?? []), ...more].flatMap((quote) => placeOf(document, quote)) : [];
      return {
        factor: factor.code,
        person,
        value,
        places,
        knownWhen: given?.known_when ?? null,
        evidenceBasis: given?.evidence_basis ?? null,
        confidence: given && value !== "unknown" ? ("high" as CodingTable["confidence"]) : null,
        note: given?.note ?? null,
        reason: places.length === 0 && proofNeeded(value) !== null ? (given?.note ?? "Déduit de l’ensemble du document.") : null,
      };
    });
  });
  const proven = new Set(codings.filter(({ places }) => places.length > 0).map(({ factor }) => factor));
  return {
    sheet: {
      receivedOn,
      issuingKind: one.kind,
      issuingService: one.service,
      court: (COURTS.find((court) => court.department === department) ?? COURTS[0]!).srj,
      department,
      actDate,
      actKind: text("act_outcome") as ActKind,
      proceedings: one.proceedings,
    },
    people,
    fileName: gold.document.file,
    bytes,
    document,
    codings,
    findings: gold.findings.map(({ text: statement, factors }) => {
      const tied = factors.filter((factor) => proven.has(factor));
      return {
        kind: kindOf(factors),
        statement: typographic(statement),
        publicStatement: null,
        service: null,
        knownWhen: kindOf(factors) === "missed_signal" ? "service_before" : null,
        factors: tied,
        places: codings.filter(({ factor }) => tied.includes(factor)).flatMap(({ places }) => places),
      };
    }),
    recommendations: gold.recommendations.map(({ text: wording, addressee, level, theme, type, origin }) => ({
      text: typographic(wording),
      addressee,
      level,
      theme,
      type,
      origin,
      deadline: null,
      findings: [1],
    })),
    stage: one.stage,
  };
}

/** Where a quote of a reference coding stands: in the text, or on its page when the document is a scan. */
function placeOf(document: ReadDocument, quote: Quote): Place[] {
  if (!document.hasText) return [{ starts: null, ends: null, page: quote.page ?? 1, quote: quote.text }];
  const found = locateQuote(document, quote.text, quote.page);
  return found
    ? [{ starts: found.start, ends: found.end, page: null, quote: sliceByCodePoints(document.text, found.start, found.end) }]
    : [];
}

/** The ten fictional samples, at every stage of the work. Two are read at a time. */
export async function sampleReports(definition: CodebookDefinition, folder: string): Promise<ReportToLoad[]> {
  const reports: ReportToLoad[] = [];
  const rest = [...SAMPLES];
  const reader = async () => {
    for (let one = rest.shift(); one; one = rest.shift()) reports.push(await sample(definition, folder, one));
  };
  await Promise.all([reader(), reader()]);
  return reports.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
}
