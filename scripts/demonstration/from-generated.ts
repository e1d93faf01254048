import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { canonicalValue, rulesFor } from "../../server/coding/values.ts";
import { readText } from "../../server/documents/read-text.ts";
import { type GeneratedReport, generateReports } from "./generate.ts";
import type { Place, ReportToLoad, Stage } from "./load.ts";

/** Where verbatim words stand, in code points. @throws Error when the text does not hold them */
function placeIn(text: string, quote: string): Place {
  const at = text.indexOf(quote);
  if (at < 0) throw new Error("A generated quote is not in its text");
  const starts = [...text.slice(0, at)].length;
  return { starts, ends: starts + [...quote].length, page: null, quote };
}

/** One in two of the latest reports is at some stage of the work; all the others are published, so that the last year has figures too. */
const LATE_STAGES: readonly Stage[] = [
  "received",
  "received",
  "received",
  "assigned",
  "assigned",
  "half-coded",
  "half-coded",
  "coded",
  "coded",
  "drafted",
  "analysed",
  "analysed",
  "analysed",
  "returned",
  "set_aside",
];

/** A report that blames and praises nothing still says something: its context, on the first fact it establishes. */
function withContext({ findings, codings }: GeneratedReport): GeneratedReport["findings"] {
  const fact =
    codings.find(({ value, quotes }) => value === "present" && quotes.length > 0) ?? codings.find(({ quotes }) => quotes.length > 0);
  if (findings.length > 0 || !fact) return findings;
  const statement = "Le rapport ne relève ni défaillance ni signal manqué ; il documente le contexte des faits.";
  return [{ kind: "context", statement, publicStatement: null, service: "", knownWhen: null, factors: [fact.factor], quotes: fact.quotes }];
}

function toLoad(definition: CodebookDefinition, report: GeneratedReport, stage: Stage): ReportToLoad {
  const document = readText(report.text);
  const factors = new Map(definition.factors.map((factor) => [factor.code, factor]));
  const rules = rulesFor(definition, { act_date: report.actDate, received_on: report.receivedOn });
  const places = new Map<string, Place>();
  const place = (quote: string) => places.get(quote) ?? places.set(quote, placeIn(document.text, quote)).get(quote)!;
  return {
    sheet: {
      receivedOn: report.receivedOn,
      issuingKind: report.issuingKind,
      issuingService: report.issuingService,
      court: report.courtSrj,
      department: report.departmentCode,
      actDate: report.actDate,
      actKind: report.actKind,
      proceedings: report.proceedings,
    },
    people: report.people,
    fileName: "retour-experience-fictif.txt",
    bytes: new TextEncoder().encode(report.text),
    document,
    codings: report.codings.map((coding) => {
      const canonical = canonicalValue(factors.get(coding.factor)!, coding.value, rules);
      if (canonical.kind === "problem") throw new Error(`${coding.factor}: the generated value is not one of the codebook's`);
      return { ...coding, value: canonical.value, places: coding.quotes.map(place), reason: null };
    }),
    findings: withContext(report).map(({ quotes, ...finding }) => ({ ...finding, places: quotes.map(place) })),
    recommendations: report.recommendations.map((recommendation) => ({
      ...recommendation,
      origin: "observatory" as const,
      findings: recommendation.findings.map((at) => at + 1),
    })),
    stage,
  };
}

/** The 150 invented reports, ready to load. */
export function generatedReports(definition: CodebookDefinition, options = { seed: 2026, count: 150 }): ReportToLoad[] {
  const reports = generateReports(definition, options).sort((a, b) => (a.receivedOn < b.receivedOn ? -1 : 1));
  return reports.map((report, at) => toLoad(definition, report, LATE_STAGES[(reports.length - 1 - at) / 2] ?? "published"));
}
