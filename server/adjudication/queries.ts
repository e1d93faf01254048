import type { AdjudicationTable, CodingTable, Db, Layer, PersonTable, ReportTable, Tx } from "../../db/schema.ts";
import { asksBothDirections, type CodebookDefinition, type Factor, REVERSE } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import { clearedVersions, listActs } from "../coding/acts.ts";
import { type Expected, expectedIn, keyOf, subjectOf } from "../coding/expected.ts";
import { type CodedPassage, listCodedPassages, listCodings } from "../coding/queries.ts";
import { peopleOf } from "../reports/queries.ts";

/** Who has or had one of the layers, and when that layer was handed in. */
export type LayerHolder = { layer: Layer; analyst: string; name: string; submittedAt: string | null; ended: boolean };
/** The last person of each layer: whoever has it now, else whoever had it last. Layer 3 is the adjudicator's. */
export async function listHolders(db: Db | Tx, reportId: string): Promise<Map<Layer, LayerHolder>> {
  const rows = await db
    .selectFrom("assignment")
    .innerJoin("account", "account.id", "assignment.analyst_id")
    .select(["layer", "analyst_id", "account.name", "submitted_at", "ended_at"])
    .where("report_id", "=", reportId)
    .orderBy("assigned_at")
    .orderBy("assignment.id")
    .execute();
  const holders = new Map<Layer, LayerHolder>();
  for (const { layer, analyst_id, name, submitted_at, ended_at } of rows) {
    const known = holders.get(layer);
    if (known && !known.ended && ended_at !== null) continue;
    holders.set(layer, { layer, analyst: analyst_id, name, submittedAt: submitted_at, ended: ended_at !== null });
  }
  return holders;
}

/**
 * Whether the two layers of a report may be shown to those who read cases: both are handed in now, or were settled. Before that nobody but
 * its coder sees anything of a layer.
 */
export const layersAreOpen = (report: Pick<ReportTable, "coding_mode">, holders: ReadonlyMap<Layer, LayerHolder>): boolean =>
  report.coding_mode === "adjudicated" ||
  (report.coding_mode === "blind" &&
    ([1, 2] as const).every((layer) => {
      const holder = holders.get(layer);
      return holder !== undefined && !holder.ended && holder.submittedAt !== null;
    }));

/** What one layer says of a pair, with the name of whoever said it. */
export type Said = CodingTable & { name: string; passages: CodedPassage[] };
export type Decision = Omit<AdjudicationTable, "id"> & { id: number; name: string };
/** One factor, for whom it is about, as both coders saw it and as it was settled. */
export type Pair = Expected & {
  key: string;
  subject: string;
  first: Said | null;
  second: Said | null;
  settled: Said | null;
  /** The version that the next decision must have seen. */
  settledVersion: number;
  /** The last decision about it. */
  decision: Decision | null;
  /** The two do not say the same, or one says nothing. */
  differs: boolean;
};

type Compared = Pick<CodingTable, "value" | "known_when">;
/** A value missing, another value, or another answer on when it was known where both gave one: as the facts of the report count them. */
export const differ = (first: Compared | null, second: Compared | null): boolean =>
  !first ||
  !second ||
  first.value !== second.value ||
  (first.known_when !== null && second.known_when !== null && first.known_when !== second.known_when);

/** Every decision on a report, in order. */
export async function listDecisions(db: Db | Tx, reportId: string): Promise<Decision[]> {
  const rows = await db
    .selectFrom("adjudication")
    .innerJoin("account", "account.id", "adjudication.decided_by")
    .selectAll("adjudication")
    .select("account.name")
    .where("report_id", "=", reportId)
    .orderBy("adjudication.id")
    .execute();
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}

async function saidOn(db: Db | Tx, reportId: string, layer: Layer): Promise<Map<string, Said>> {
  const passages = Map.groupBy(await listCodedPassages(db, reportId, layer), ({ coding }) => coding);
  const codings = await listCodings(db, reportId, layer);
  return new Map(codings.map((coding) => [keyOf(coding.factor, coding.subject), { ...coding, passages: passages.get(coding.id) ?? [] }]));
}

/** The pairs of a report coded twice, in the order of the codebook, with what they are judged by. */
export type Comparison = { definition: CodebookDefinition; people: PersonTable[]; pairs: Pair[]; decisions: Decision[] };
/** Compares the two layers with each other and with what was settled. Whether that may be shown is the caller's to ask. */
export async function compareLayers(db: Db | Tx, report: ReportTable): Promise<Comparison> {
  const { id } = report;
  const definition = await codebookVersion(db, report.codebook_version);
  const people = await peopleOf(db, id);
  const [first, second, settled] = [await saidOn(db, id, 1), await saidOn(db, id, 2), await saidOn(db, id, 3)];
  const decisions = await listDecisions(db, id);
  const cleared = await clearedVersions(db, await listActs(db, id, 3), settled);
  const last = new Map(decisions.map((decision) => [keyOf(decision.factor, decision.subject), decision]));
  const expected = definition.sections.flatMap((section) => [
    ...expectedIn(section, definition.factors, people, report),
    ...noLongerAsked(report, definition, section.code, [...first.values(), ...second.values()]),
  ]);
  const pairs = expected.map((one): Pair => {
    const subject = subjectOf(one);
    const key = keyOf(one.factor.code, subject);
    const [a, b, now] = [first.get(key) ?? null, second.get(key) ?? null, settled.get(key) ?? null];
    return {
      ...one,
      key,
      subject,
      first: a,
      second: b,
      settled: now,
      settledVersion: now?.version ?? cleared.get(key) ?? 0,
      decision: last.get(key) ?? null,
      differs: differ(a, b),
    };
  });
  return { definition, people, pairs, decisions };
}

/** What was coded in the second direction of the violence before the report stopped asking for it: still to be settled. */
function noLongerAsked(report: ReportTable, definition: CodebookDefinition, section: string, said: readonly Said[]): Expected[] {
  const coded = new Set(said.filter(({ subject }) => subject === REVERSE).map(({ factor }) => factor));
  const left = (factor: Factor) => factor.section === section && coded.has(factor.code) && !asksBothDirections(report, factor);
  return definition.factors.filter(left).map((factor) => ({ factor, person: null, reverse: true }));
}
