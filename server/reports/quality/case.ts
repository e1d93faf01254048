import type { ActKind, ChronologyEntryTable, CodingTable, FindingKind, IsoDate, PersonTable, Proceedings } from "../../../db/schema.ts";
import type { ReportState } from "../../../workflows/report.decide.ts";
import { type CodebookDefinition, type Factor, REVERSE } from "../../codebook/definition.ts";
import { UNKNOWN } from "../../coding/values.ts";

/** One coded value of the layer that counts, with what qualifies it. */
export type ValueOnFile = Pick<CodingTable, "factor" | "subject" | "value" | "confidence" | "origin"> & {
  basis: string | null;
  knownWhen: string | null;
  /** Ids of the passages that prove it. */
  passages: readonly string[];
};
export type EntryOnFile = Pick<
  ChronologyEntryTable,
  "id" | "starts_on" | "precision" | "ends_on" | "ends_precision" | "uncertain" | "kind" | "service" | "description" | "passage_id"
> & {
  /** The day it was last written. */
  writtenOn: IsoDate;
};
export type FindingOnFile = {
  number: number;
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  knownWhen: string | null;
  factors: readonly string[];
  passages: readonly string[];
  /** Ids of entries of the chronology. */
  entries: readonly string[];
};
export type RecommendationOnFile = {
  number: number;
  text: string;
  addressee: string;
  deadline: IsoDate | null;
  proofExpected: string | null;
  /** Its words can still be changed. */
  draft: boolean;
  /** Numbers of the findings it rests on. */
  findings: readonly number[];
};

/** Everything the rules of quality look at, of one report. */
export type CaseOnFile = {
  today: IsoDate;
  state: ReportState;
  sheet: {
    receivedOn: IsoDate;
    actDate: IsoDate;
    actKind: ActKind;
    department: string;
    court: string;
    proceedings: Proceedings;
    dueOn: IsoDate | null;
    secondDirection: boolean;
  };
  people: readonly Pick<PersonTable, "id" | "kind" | "number" | "sex">[];
  codebook: CodebookDefinition;
  values: readonly ValueOnFile[];
  /** Words of the passages that values rest on. */
  quotes: readonly string[];
  entries: readonly EntryOnFile[];
  findings: readonly FindingOnFile[];
  recommendations: readonly RecommendationOnFile[];
};

/** Where an issue is mended: what a link leads to. */
export type Place =
  | { on: "sheet" }
  | { on: "coding"; factor: string; subject: string }
  | { on: "chronology"; entry: string }
  | { on: "finding"; number: number }
  | { on: "recommendation"; number: number };
/** What the sentence of an issue names: a number, a factor, a value of a factor, a day, a month, a service's or a text's own words. */
export type Param = number | { factor: string } | { value: string; of: string } | { day: IsoDate } | { month: string } | { said: string };
export type Issue = { place: Place; params?: Record<string, Param> };

export const SEVERITIES = ["blocking", "warning"] as const;
export type Severity = (typeof SEVERITIES)[number];
export const ABOUT = ["sheet", "coding", "chronology", "finding", "recommendation"] as const;
export type About = (typeof ABOUT)[number];

/** One thing that a file is checked for. The words of each stand in views/quality under its code. */
export type QualityRule = {
  code: string;
  /** A blocking issue is an error, whoever looks at it; a warning asks for a look. */
  severity: Severity;
  about: About;
  /** Codes of factors without which it does not apply: a version of the codebook may lack them. */
  factors?: readonly string[];
  /** Looked at only once the coding was handed in: before, what lacks is still to come. */
  once?: "coded";
  /** The machine of reports refuses it by a rule of its own, in words of its own. */
  refusedApart?: true;
  check: (file: CaseOnFile) => Issue[];
};

/** Whether a rule says anything about a report pinned to this codebook, in this state. */
export const applies = (rule: QualityRule, factors: ReadonlySet<string>, coded: boolean): boolean =>
  (rule.once === undefined || coded) && (rule.factors ?? []).every((factor) => factors.has(factor));

export const isCoded = (state: ReportState): boolean => state !== "received" && state !== "set_aside";

export const SHEET: Place = { on: "sheet" };
export const placeOf = ({ factor, subject }: Pick<ValueOnFile, "factor" | "subject">): Place => ({ on: "coding", factor, subject });

/** The documented values of a factor, of the case or of each person; never those of the second direction. */
export const documented = ({ values }: CaseOnFile, factor: string): ValueOnFile[] =>
  values.filter((one) => one.factor === factor && one.subject !== REVERSE && one.value !== UNKNOWN);

/** The values of a factor that hold one of these options. */
export const holding = (file: CaseOnFile, factor: string, ...options: string[]): ValueOnFile[] =>
  documented(file, factor).filter(({ value }) => value.split(",").some((one) => options.includes(one)));

/** Whether a factor is coded for somebody, and has this value for everybody it is coded for. */
export const allAre = (file: CaseOnFile, factor: string, value: string): boolean => {
  const coded = file.values.filter((one) => one.factor === factor && one.subject !== REVERSE);
  return coded.length > 0 && coded.every((one) => one.value === value);
};

/** The number coded for the case; null where none is documented. */
export const numberOf = (file: CaseOnFile, factor: string): number | null => {
  const [value] = documented(file, factor);
  return value ? Number(value.value) : null;
};

/** Whether a value says that the thing is there. */
export const saysPresent = ({ type }: Pick<Factor, "type">, value: string): boolean =>
  type === "presence" ? value === "present" : (type === "category" || type === "multi") && !["absent", "none", UNKNOWN].includes(value);
