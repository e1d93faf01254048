import type { Db, ReportTable, Tx } from "../../db/schema.ts";
import { REVERSE } from "../codebook/definition.ts";
import type { EditionContent, EditionFinding } from "../reports/editions.ts";
import { listFindings, listRecommendations } from "./queries.ts";

/** What a report said of one factor of one subject: option codes joined by ",", "reverse" as subject for the second direction of violence. */
export type Said = { factor: string; subject: string; value: string };
export type ValueChange = { factor: string; subject: string; before: string | null; after: string | null };
export const FINDING_PARTS = ["kind", "statement", "publicStatement", "service", "knownWhen", "factors", "passages", "entries"] as const;
export type FindingPart = (typeof FINDING_PARTS)[number];
export type FindingChange =
  | { number: number; what: "added" | "removed"; statement: string }
  | { number: number; what: "changed"; parts: FindingPart[]; before: EditionFinding; after: EditionFinding };
export type RecommendationChange = {
  reference: string;
  what: "added" | "removed" | "changed";
  before: string | null;
  after: string | null;
};
export type SheetField = keyof EditionContent["sheet"];
/** Everything that differs between two states of a report, the earlier first. */
export type Changes = {
  sheet: { field: SheetField; before: string; after: string }[];
  values: ValueChange[];
  findings: FindingChange[];
  recommendations: RecommendationChange[];
};
/** A state of a report: an edition, or what it says today. */
export type State = {
  values: Said[];
  sheet: EditionContent["sheet"];
  findings: EditionFinding[];
  recommendations: { reference: string; text: string }[];
};

export const nothingChanged = ({ sheet, values, findings, recommendations }: Changes): boolean =>
  sheet.length + values.length + findings.length + recommendations.length === 0;

/** The order in which several options were chosen says nothing. */
const set = (codes: readonly string[]): string => [...codes].sort().join(",");

const sameEvidence = (one: EditionFinding, other: EditionFinding, part: FindingPart): boolean => {
  if (part === "factors") return set(one.factors) === set(other.factors);
  if (part === "passages") {
    const places = ({ passages }: EditionFinding) =>
      set(
        passages.map(({ document, starts, ends, page, quote }) => `${document} ${starts} ${ends} ${starts === null ? page : ""} ${quote}`),
      );
    return places(one) === places(other);
  }
  if (part === "entries") return JSON.stringify(one.entries ?? []) === JSON.stringify(other.entries ?? []);
  return one[part] === other[part];
};

const changesOf = <Item>(before: ReadonlyMap<string, Item>, after: ReadonlyMap<string, Item>) =>
  [...new Set([...before.keys(), ...after.keys()])].map((key) => ({ key, before: before.get(key), after: after.get(key) }));

/** What differs between two states of one report. */
export function changesBetween(before: State, after: State): Changes {
  const byKey = (said: readonly Said[]) => new Map(said.map((one) => [`${one.factor} ${one.subject}`, one]));
  const byNumber = (findings: readonly EditionFinding[]) => new Map(findings.map((one) => [String(one.number), one]));
  const byReference = (state: State) => new Map(state.recommendations.map((one) => [one.reference, one]));
  return {
    sheet: (Object.keys(after.sheet) as SheetField[])
      .filter((field) => before.sheet[field] !== after.sheet[field])
      .map((field) => ({ field, before: before.sheet[field], after: after.sheet[field] })),
    values: changesOf(byKey(before.values), byKey(after.values))
      .filter((one) => set(one.before?.value.split(",") ?? []) !== set(one.after?.value.split(",") ?? []))
      .map((one) => ({
        factor: (one.before ?? one.after)!.factor,
        subject: (one.before ?? one.after)!.subject,
        before: one.before?.value ?? null,
        after: one.after?.value ?? null,
      })),
    findings: changesOf(byNumber(before.findings), byNumber(after.findings))
      .flatMap((one): FindingChange[] => {
        const number = Number(one.key);
        if (!one.after) return [{ number, what: "removed", statement: one.before!.statement }];
        if (!one.before) return [{ number, what: "added", statement: one.after.statement }];
        const parts = FINDING_PARTS.filter((part) => !sameEvidence(one.before!, one.after!, part));
        return parts.length > 0 ? [{ number, what: "changed", parts, before: one.before, after: one.after }] : [];
      })
      .sort((a, b) => a.number - b.number),
    recommendations: changesOf(byReference(before), byReference(after))
      .filter((one) => one.before?.text !== one.after?.text)
      .map((one) => ({
        reference: one.key,
        what: one.before ? (one.after ? ("changed" as const) : ("removed" as const)) : ("added" as const),
        before: one.before?.text ?? null,
        after: one.after?.text ?? null,
      })),
  };
}

/** What an edition froze. */
export async function stateOfEdition(db: Db | Tx, edition: { id: string; content: EditionContent }): Promise<State> {
  const rows = await db.selectFrom("edition_value").select(["factor", "subject", "value"]).where("edition_id", "=", edition.id).execute();
  const reverse = await db.selectFrom("edition_reverse_value").select(["factor", "value"]).where("edition_id", "=", edition.id).execute();
  const all = [...rows, ...reverse.map((row) => ({ ...row, subject: REVERSE }))];
  const { sheet, findings, recommendations } = edition.content;
  return {
    values: [...Map.groupBy(all, ({ factor, subject }) => `${factor} ${subject}`).values()].map((some) => ({
      factor: some[0]!.factor,
      subject: some[0]!.subject,
      value: set(some.map(({ value }) => value)),
    })),
    sheet,
    findings,
    recommendations: recommendations.map(({ reference, text }) => ({ reference, text })),
  };
}

/** What the report says today, its findings as drafts; nothing while two code blind, when the coding is nobody's to read. */
export async function stateNow(db: Db, report: ReportTable): Promise<State | null> {
  if (report.coding_mode === "blind") return null;
  const values = await db
    .selectFrom("coding")
    .select(["factor", "subject", "value"])
    .where("report_id", "=", report.id)
    .where("layer", "=", report.counted_layer)
    .execute();
  const passages = await db
    .selectFrom("passage")
    .innerJoin("document", "document.id", "passage.document_id")
    .select(["passage.id", "document.number as document", "document.file_name as fileName", "starts", "ends", "page", "quote"])
    .where("passage.report_id", "=", report.id)
    .execute();
  const entries = await db
    .selectFrom("chronology_entry")
    .select(["id", "starts_on", "precision", "ends_on", "ends_precision", "uncertain", "kind", "service", "description", "response"])
    .where("report_id", "=", report.id)
    .where("deleted_at", "is", null)
    .orderBy("starts_on")
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const findings = await listFindings(db, report.id);
  const kept = findings.filter(({ status }) => status !== "returned");
  const { received_on, act_date, act_kind, department, region, court, appeal_court, proceedings, issuing_kind } = report;
  const numbers = new Set(kept.map(({ number }) => number));
  return {
    values,
    sheet: { received_on, act_date, act_kind, department, region, court, appeal_court, proceedings, issuing_kind },
    findings: kept.map((finding): EditionFinding => {
      const cited = entries.filter(({ id }) => finding.entries.includes(id)).map(({ id: _, ...entry }) => entry);
      return {
        number: finding.number,
        kind: finding.kind,
        statement: finding.statement,
        publicStatement: finding.public_statement,
        service: finding.service,
        knownWhen: finding.known_when,
        factors: finding.factors,
        passages: passages.filter(({ id }) => finding.passages.includes(id)).map(({ id: _, ...passage }) => passage),
        ...(cited.length > 0 && { entries: cited }),
      };
    }),
    recommendations: (await listRecommendations(db, report.id))
      .filter((one) => one.findings.some((number) => numbers.has(number)))
      .map(({ reference, text }) => ({ reference, text })),
  };
}
