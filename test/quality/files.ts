import { readFileSync } from "node:fs";
import { type CodebookDefinition, type Factor, parseCodebook } from "../../server/codebook/definition.ts";
import type { CaseOnFile, EntryOnFile, FindingOnFile, RecommendationOnFile, ValueOnFile } from "../../server/reports/quality/case.ts";

const parsed = parseCodebook(readFileSync(new URL("../../db/data/codebook-1.0.0.yaml", import.meta.url), "utf8"));
if (parsed.kind === "problems") throw new Error("The codebook does not parse");
/** The codebook in force. */
export const CODEBOOK: CodebookDefinition = parsed.definition;

/** The same without some factors, as an earlier or later version might be. */
export const without = (...codes: string[]): CodebookDefinition => ({
  ...CODEBOOK,
  factors: CODEBOOK.factors.filter(({ code }) => !codes.includes(code)),
});
/** The same with one factor more. */
export const withFactor = (factor: Pick<Factor, "code" | "type" | "appliesTo" | "unit">): CodebookDefinition => ({
  ...CODEBOOK,
  factors: [...CODEBOOK.factors, { ...CODEBOOK.factors[0]!, ...factor, options: [], section: "children" }],
});

export const PEOPLE: CaseOnFile["people"] = [
  { id: "v1", kind: "victim", number: 1, sex: "female" },
  { id: "p1", kind: "perpetrator", number: 1, sex: "male" },
];
type Given = string | (Partial<ValueOnFile> & { value: string });

/** A coded value; of whom follows from the factor, where it is not said. */
const value = (factor: string, given: Given, codebook: CodebookDefinition): ValueOnFile => {
  const appliesTo = codebook.factors.find(({ code }) => code === factor)?.appliesTo ?? "case";
  return {
    factor,
    subject: appliesTo === "case" ? "case" : (PEOPLE.find(({ kind }) => kind === appliesTo)?.id ?? "c1"),
    confidence: "high",
    origin: null,
    basis: "official_record",
    knownWhen: null,
    passages: [`passage of ${factor}`],
    ...(typeof given === "string" ? { value: given } : given),
  };
};

/** Two contacts before the act, in order. */
export const entry = (change: Partial<EntryOnFile> = {}): EntryOnFile => ({
  id: "e1",
  starts_on: "2024-02-02",
  precision: "day",
  ends_on: null,
  ends_precision: null,
  uncertain: 0,
  kind: "complaint",
  service: "Brigade de gendarmerie",
  description: "Dépôt d’une plainte.",
  passage_id: "passage of complaint_filed",
  writtenOn: "2026-03-01",
  ...change,
});
export const finding = (change: Partial<FindingOnFile> = {}): FindingOnFile => ({
  number: 1,
  kind: "failing",
  statement: "La plainte n’a pas été transmise au parquet.",
  publicStatement: "Une plainte n’a pas été transmise sans délai.",
  service: "Brigade de gendarmerie",
  knownWhen: "service_before",
  factors: ["complaint_filed", "signal_not_transmitted"],
  passages: ["passage of complaint_filed"],
  entries: ["e1"],
  ...change,
});
export const recommendation = (change: Partial<RecommendationOnFile> = {}): RecommendationOnFile => ({
  number: 1,
  text: "Transmettre toute plainte pour violences conjugales au parquet dans les vingt-quatre heures.",
  addressee: "gendarmerie",
  deadline: "2027-06-30",
  proofExpected: "La note de service et un relevé des délais.",
  draft: true,
  findings: [1],
  ...change,
});

export const SHEET: CaseOnFile["sheet"] = {
  receivedOn: "2026-02-02",
  actDate: "2024-03-14",
  actKind: "homicide",
  department: "41",
  court: "109",
  proceedings: "judicial_investigation",
  dueOn: null,
  secondDirection: false,
};
const VALUES: Record<string, Given> = {
  act_date: "2024-03-14",
  act_outcome: "homicide",
  department_code: "41",
  victim_sex: "female",
  perpetrator_sex: "male",
  victim_age: "34",
  perpetrator_age: "38",
  complaint_filed: { value: "present", knownWhen: "service_before" },
  signal_not_transmitted: { value: "present", knownWhen: "service_before" },
  tgd: "not_requested",
};

type Change = Partial<Omit<CaseOnFile, "sheet" | "values">> & {
  sheet?: Partial<CaseOnFile["sheet"]>;
  /** Added to, or in the place of, those of the file without fault. */
  values?: Record<string, Given>;
  /** Values as they are, beside the others: a second person, the second direction. */
  more?: readonly (Partial<ValueOnFile> & Pick<ValueOnFile, "factor" | "subject" | "value">)[];
};
/** A file that no rule finds fault with, changed. */
export function file({ sheet, values, more = [], ...change }: Change = {}): CaseOnFile {
  const codebook = change.codebook ?? CODEBOOK;
  const known = new Set(codebook.factors.map(({ code }) => code));
  return {
    today: "2026-11-23",
    state: "coded",
    people: PEOPLE,
    codebook,
    quotes: ["Madame A. a déposé plainte à la brigade le matin même"],
    entries: [entry()],
    findings: [finding()],
    recommendations: [recommendation()],
    ...change,
    sheet: { ...SHEET, ...sheet },
    values: [
      ...Object.entries({ ...VALUES, ...values })
        .filter(([factor]) => known.has(factor))
        .map(([factor, given]) => value(factor, given, codebook)),
      ...more.map((one) => ({ ...value(one.factor, one.value, codebook), ...one })),
    ],
  };
}
