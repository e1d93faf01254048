import type { ChronologyEntryTable, CodingTable, Db, ReportTable, Tx } from "../../db/schema.ts";

type Value = Pick<CodingTable, "factor" | "subject" | "value" | "confidence" | "evidence_basis" | "known_when" | "note" | "reason"> & {
  /** Places of the passages that prove it, in a fixed order. */
  passages: string[];
};
type Cited = Pick<
  ChronologyEntryTable,
  "id" | "starts_on" | "precision" | "ends_on" | "ends_precision" | "uncertain" | "kind" | "service" | "description" | "response"
>;
/** What a finding rests on at one moment: the coding of its factors, the entries of the chronology that it cites, the act itself. */
export type FindingEvidence = { act: Pick<ReportTable, "act_date" | "act_kind">; values: Value[]; entries: Cited[] };

/** One difference between what a finding rested on and what it rests on now. */
export type EvidenceChange =
  | { what: "value"; factor: string; subject: string; before: string | null; after: string | null }
  /** The same value, but known, sure, founded or explained otherwise. */
  | { what: "qualified"; factor: string; subject: string }
  | { what: "passages"; factor: string; subject: string }
  | { what: "entry"; startsOn: string }
  | { what: "act"; before: string; after: string }
  /** For decisions that kept no account of the evidence: it was acted upon since. */
  | { what: "coded"; factor: string }
  | { what: "sheet" };

type Of = Pick<ReportTable, "id" | "counted_layer" | "act_date" | "act_kind">;

const byFactor = (a: Value, b: Value) => (a.factor + a.subject < b.factor + b.subject ? -1 : 1);

/** What every finding of a report rests on now, by the finding's id. */
export async function evidenceOf(db: Db | Tx, report: Of): Promise<Map<string, FindingEvidence>> {
  const { id, counted_layer, act_date, act_kind } = report;
  const factors = await db
    .selectFrom("finding")
    .leftJoin("finding_factor", "finding_factor.finding_id", "finding.id")
    .select(["finding.id", "finding_factor.factor"])
    .where("report_id", "=", id)
    .where("deleted_at", "is", null)
    .execute();
  const codings = await db
    .selectFrom("coding")
    .select(["id", "factor", "subject", "value", "confidence", "evidence_basis", "known_when", "note", "reason"])
    .where("report_id", "=", id)
    .where("layer", "=", counted_layer)
    .where("factor", "in", (of) =>
      of
        .selectFrom("finding_factor")
        .innerJoin("finding", "finding.id", "finding_factor.finding_id")
        .select("finding_factor.factor")
        .where("finding.report_id", "=", id),
    )
    .execute();
  const ties =
    codings.length === 0
      ? []
      : await db
          .selectFrom("coding_passage")
          .innerJoin("passage", "passage.id", "coding_passage.passage_id")
          .select(["coding_id", "document_id", "starts", "ends", "page", "quote"])
          .where(
            "coding_id",
            "in",
            codings.map((coding) => coding.id),
          )
          .execute();
  // A place of the text is told by where it is; one of a scanned page by its words.
  const place = ({ document_id, starts, ends, page, quote }: (typeof ties)[number]) =>
    starts === null ? `${document_id} ${page} ${quote}` : `${document_id} ${starts}-${ends}`;
  const places = Map.groupBy(ties, ({ coding_id }) => coding_id);
  const values = codings
    .map(({ id: coding, ...value }): Value => ({ ...value, passages: (places.get(coding) ?? []).map(place).sort() }))
    .sort(byFactor);
  const cited = await db
    .selectFrom("finding_chronology")
    .innerJoin("finding", "finding.id", "finding_chronology.finding_id")
    .innerJoin("chronology_entry", "chronology_entry.id", "finding_chronology.entry_id")
    .select([
      "finding_id", "chronology_entry.id", "starts_on", "precision", "ends_on", "ends_precision", "uncertain", "chronology_entry.kind",
      "chronology_entry.service", "description", "response",
    ]) // biome-ignore format: a list
    .where("finding.report_id", "=", id)
    .where("chronology_entry.deleted_at", "is", null)
    .orderBy("starts_on")
    .orderBy("chronology_entry.id")
    .execute();
  return new Map(
    [...Map.groupBy(factors, (one) => one.id)].map(([finding, rows]) => {
      const own = new Set(rows.map(({ factor }) => factor));
      return [
        finding,
        {
          act: { act_date, act_kind },
          values: values.filter(({ factor }) => own.has(factor)),
          entries: cited.filter(({ finding_id }) => finding_id === finding).map(({ finding_id: _, ...entry }) => entry),
        },
      ];
    }),
  );
}

const QUALIFIERS = ["confidence", "evidence_basis", "known_when", "note", "reason"] as const satisfies readonly (keyof Value)[];

/** What differs between two accounts of a finding's evidence, the earlier first. */
export function evidenceChanges(before: FindingEvidence, after: FindingEvidence): EvidenceChange[] {
  const changes: EvidenceChange[] = [];
  const keyOf = ({ factor, subject }: Value) => `${factor} ${subject}`;
  const [earlier, later] = [before, after].map(({ values }) => new Map(values.map((value) => [keyOf(value), value])));
  for (const key of new Set([...earlier!.keys(), ...later!.keys()])) {
    const [was, is] = [earlier!.get(key), later!.get(key)];
    const { factor, subject } = (was ?? is)!;
    if (was?.value !== is?.value) changes.push({ what: "value", factor, subject, before: was?.value ?? null, after: is?.value ?? null });
    else if (QUALIFIERS.some((part) => was?.[part] !== is?.[part])) changes.push({ what: "qualified", factor, subject });
    else if (JSON.stringify(was?.passages) !== JSON.stringify(is?.passages)) changes.push({ what: "passages", factor, subject });
  }
  const entryOf = ({ entries }: FindingEvidence) => new Map(entries.map((entry) => [entry.id, entry]));
  const [cited, now] = [entryOf(before), entryOf(after)];
  for (const [id, entry] of new Map([...cited, ...now]))
    if (JSON.stringify(cited.get(id)) !== JSON.stringify(now.get(id))) changes.push({ what: "entry", startsOn: entry.starts_on });
  if (before.act.act_date !== after.act.act_date) changes.push({ what: "act", before: before.act.act_date, after: after.act.act_date });
  else if (before.act.act_kind !== after.act.act_kind) changes.push({ what: "sheet" });
  return changes;
}

/** What was done to the evidence of a finding after an instant, where no account of it was kept. */
async function actedUponSince(db: Db | Tx, { id }: Of, finding: string, since: string): Promise<EvidenceChange[]> {
  const coded = await db
    .selectFrom("coding_act")
    .innerJoin("finding_factor", "finding_factor.factor", "coding_act.factor")
    .select("coding_act.factor")
    .where("coding_act.report_id", "=", id)
    .where("finding_factor.finding_id", "=", finding)
    .where("coding_act.at", ">", since)
    .distinct()
    .orderBy("coding_act.factor")
    .execute();
  const entries = await db
    .selectFrom("finding_chronology")
    .innerJoin("chronology_entry", "chronology_entry.id", "finding_chronology.entry_id")
    .select("starts_on")
    .where("finding_id", "=", finding)
    .where("updated_at", ">", since)
    .orderBy("starts_on")
    .execute();
  const sheet = await db
    .selectFrom("report_event")
    .select("id")
    .where("report_id", "=", id)
    .where("type", "=", "SHEET_CORRECTED")
    .where("at", ">", since)
    .limit(1)
    .execute();
  return [
    ...coded.map(({ factor }): EvidenceChange => ({ what: "coded", factor })),
    ...entries.map(({ starts_on }): EvidenceChange => ({ what: "entry", startsOn: starts_on })),
    ...sheet.map((): EvidenceChange => ({ what: "sheet" })),
  ];
}

/**
 * Findings that a reviewer approved, or proposed words for, and whose evidence is not the same since: with what changed, by the finding's
 * id. Nothing while two code blind: the layer that counts is not yet what it will be.
 */
export async function changedSinceDecided(
  db: Db | Tx,
  report: Of & Pick<ReportTable, "state" | "coding_mode">,
): Promise<Map<string, { number: number; version: number; changes: EvidenceChange[] }>> {
  const changed = new Map<string, { number: number; version: number; changes: EvidenceChange[] }>();
  const decided = await db
    .selectFrom("finding")
    .select(["id", "number", "version", "status"])
    .where("report_id", "=", report.id)
    .where("deleted_at", "is", null)
    .where("status", "in", ["approved", "edits_proposed"])
    .orderBy("number")
    .execute();
  if (decided.length === 0 || (report.coding_mode === "blind" && report.state === "received")) return changed;
  const ids = decided.map(({ id }) => id);
  const approvals = await db
    .selectFrom("finding_decision")
    .select(["finding_id", "evidence", "at"])
    .where("finding_id", "in", ids)
    .where("decision", "=", "approved")
    .orderBy("id")
    .execute();
  const proposals = await db
    .selectFrom("finding_proposal")
    .select(["finding_id", "evidence", "proposed_at as at"])
    .where("finding_id", "in", ids)
    .where("kind", "=", "review")
    .where("outcome", "is", null)
    .execute();
  const [approved, proposed] = [approvals, proposals].map((rows) => new Map(rows.map((row) => [row.finding_id, row])));
  const now = await evidenceOf(db, report);
  for (const { id, number, version, status } of decided) {
    const basis = (status === "approved" ? approved! : proposed!).get(id);
    if (!basis) continue;
    const changes = basis.evidence
      ? evidenceChanges(JSON.parse(basis.evidence) as FindingEvidence, now.get(id)!)
      : await actedUponSince(db, report, id, basis.at);
    if (changes.length > 0) changed.set(id, { number, version, changes });
  }
  return changed;
}

/** Words that wait for an answer no longer stand on the text or the evidence they were proposed for. */
export const lapseProposals = async (tx: Tx, findings: readonly string[], by: string, now: string): Promise<void> => {
  if (findings.length === 0) return;
  await tx
    .updateTable("finding_proposal")
    .set({ outcome: "lapsed", decided_by: by, decided_at: now })
    .where("finding_id", "in", [...findings])
    .where("outcome", "is", null)
    .execute();
};

/** Takes back the decisions whose evidence changed: those findings wait for a new one, with a line of what changed in their history. */
export async function decideAgainWhereChanged(
  tx: Tx,
  report: Of & Pick<ReportTable, "state" | "coding_mode">,
  by: string,
  now: string,
): Promise<void> {
  const changed = await changedSinceDecided(tx, report);
  if (changed.size === 0) return;
  const ids = [...changed.keys()];
  await lapseProposals(tx, ids, by, now);
  await tx.updateTable("finding").set({ status: "draft" }).where("id", "in", ids).execute();
  await tx.updateTable("finding").set({ second_review: "asked" }).where("id", "in", ids).where("second_review", "is not", null).execute();
  await tx
    .insertInto("finding_decision")
    .values(
      [...changed].map(([finding_id, { version, changes }]) => ({
        finding_id,
        finding_version: version,
        decision: "reset" as const,
        changes: JSON.stringify(changes),
        comment: "",
        by,
        at: now,
      })),
    )
    .execute();
}
