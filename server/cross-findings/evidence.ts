import { createHash } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { CrossFindingBasisTable, Db, PersonTable, Tx } from "../../db/schema.ts";

/** A factor of a report, and what the edition in force says of it. */
export type Pair = { reportId: string; factor: string };
export type Subject = {
  subject: string;
  person: { kind: PersonTable["kind"]; number: number } | null;
  /** Options of a factor that takes several, joined by ",". */
  value: string;
  knownWhen: string | null;
};
export type Evidence = Pair & {
  edition: number;
  codebookVersion: string;
  actDate: string;
  department: string;
  subjects: Subject[];
  /** Something is known about at least one of its subjects. */
  documented: boolean;
  /** As a basis keeps them: see CrossFindingBasisTable. */
  value: string;
  known: string;
  passages: string | null;
};
export type Basis = Pick<CrossFindingBasisTable, "report_id" | "factor" | "edition" | "value" | "known_when" | "passages">;

/** How what a finding rests on differs from what its author saw. */
export type BasisChange = Pair & {
  /** "fallen": no edition in force says anything of it any more. */
  what: "fallen" | "value" | "known" | "passages";
  before: string;
  after: string | null;
};

const SILENT = ["unknown", "not_available"];
export const keyOf = ({ reportId, factor }: Pair): string => `${reportId} ${factor}`;

type Row = {
  report_id: string;
  factor: string;
  edition: number;
  codebook_version: string;
  act_date: string;
  department: string;
  state: string;
  subject: string;
  kind: PersonTable["kind"] | null;
  number: number | null;
  value: string;
  known_when: string | null;
};

/** The places of the passages that show these factors as the reports are coded now, as one digest a pair. */
async function passageDigests(db: Db | Tx, reports: readonly string[], factors: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("coding")
    .innerJoin("report", (join) => join.onRef("report.id", "=", "coding.report_id").onRef("report.counted_layer", "=", "coding.layer"))
    .innerJoin("coding_passage", "coding_passage.coding_id", "coding.id")
    .innerJoin("passage", "passage.id", "coding_passage.passage_id")
    .select(["coding.report_id", "factor", "document_id", "starts", "ends", "page", "quote"])
    .where("coding.report_id", "in", [...reports])
    .where("factor", "in", [...factors])
    .execute();
  const place = ({ document_id, starts, ends, page, quote }: (typeof rows)[number]) =>
    starts === null ? `${document_id} ${page} ${quote}` : `${document_id} ${starts}-${ends}`;
  const found = Map.groupBy(rows, ({ report_id, factor }) => keyOf({ reportId: report_id, factor }));
  return new Map(
    [...found].map(([key, own]) => [
      key,
      createHash("sha256")
        .update([...new Set(own.map(place))].sort().join("\n"))
        .digest("hex"),
    ]),
  );
}
const NO_PASSAGE = createHash("sha256").update("").digest("hex");

const listOf = (codes: readonly string[]): RawBuilder<unknown> => sql.join(codes);

/**
 * What the editions in force say of these factors of these reports, by `keyOf`; a report set aside since, or without an edition, says
 * nothing. The passages of a report that is being coded again are left out: they are nobody's to rest on before it is published.
 */
export async function evidenceNow(db: Db | Tx, pairs: readonly Pair[]): Promise<Map<string, Evidence>> {
  const wanted = new Set(pairs.map(keyOf));
  const reports = [...new Set(pairs.map(({ reportId }) => reportId))];
  const factors = [...new Set(pairs.map(({ factor }) => factor))];
  const found = new Map<string, Evidence>();
  if (pairs.length === 0) return found;
  for (let at = 0; at < reports.length; at += 200) {
    const some = reports.slice(at, at + 200);
    const { rows } = await sql<Row>`
      select edition.report_id, edition_value.factor, edition.number as edition, edition.codebook_version, edition.act_date, edition.department,
        report.state, edition_value.subject, person.kind, person.number, edition_value.value, edition_value.known_when
      from edition_value join edition on edition.id = edition_value.edition_id
      join report on report.id = edition.report_id
      left join person on person.id = edition_value.subject
      where edition.superseded_at is null and report.state <> 'set_aside' and edition_value.report_id in (${listOf(some)})
        and edition_value.factor in (${listOf(factors)})
      order by edition.report_id, edition_value.factor, person.number, edition_value.value`.execute(db);
    const digests = await passageDigests(db, some, factors);
    for (const [key, own] of Map.groupBy(rows, ({ report_id, factor }) => keyOf({ reportId: report_id, factor }))) {
      if (!wanted.has(key)) continue;
      const [{ report_id, factor, edition, codebook_version, act_date, department, state }] = own as [Row];
      const subjects = [...Map.groupBy(own, ({ subject }) => subject).values()].map((rowsOf): Subject => {
        const [first] = rowsOf as [Row];
        return {
          subject: first.subject,
          person: first.kind && first.number !== null ? { kind: first.kind, number: first.number } : null,
          value: rowsOf.map(({ value }) => value).join(","),
          knownWhen: first.known_when,
        };
      });
      found.set(key, {
        reportId: report_id,
        factor,
        edition,
        codebookVersion: codebook_version,
        actDate: act_date,
        department,
        subjects,
        documented: subjects.some(({ value }) => !SILENT.includes(value)),
        value: subjects.map(({ value }) => value).join(";"),
        known: subjects.map(({ knownWhen }) => knownWhen ?? "").join(";"),
        passages: state === "published" ? (digests.get(key) ?? NO_PASSAGE) : null,
      });
    }
  }
  return found;
}

/** The rows of what a finding rests on, by report and factor. */
export const basisOf = (db: Db | Tx, crossFindingId: string): Promise<Basis[]> =>
  db
    .selectFrom("cross_finding_basis")
    .select(["report_id", "factor", "edition", "value", "known_when", "passages"])
    .where("cross_finding_id", "=", crossFindingId)
    .orderBy("report_id")
    .orderBy("factor")
    .execute();

export const pairOf = ({ report_id, factor }: Pick<Basis, "report_id" | "factor">): Pair => ({ reportId: report_id, factor });

/** What differs between what was seen and what is said now. */
export function basisChanges(basis: readonly Basis[], now: ReadonlyMap<string, Evidence>): BasisChange[] {
  return basis.flatMap((seen): BasisChange[] => {
    const pair = pairOf(seen);
    const evidence = now.get(keyOf(pair));
    if (!evidence?.documented) return [{ ...pair, what: "fallen", before: seen.value, after: evidence?.value ?? null }];
    if (evidence.value !== seen.value) return [{ ...pair, what: "value", before: seen.value, after: evidence.value }];
    if (evidence.known !== seen.known_when) return [{ ...pair, what: "known", before: seen.known_when, after: evidence.known }];
    // Seen while its report was open again, the passages could not be kept: the next edition is to be read again.
    const unseen = seen.passages === null && evidence.edition !== seen.edition;
    if (evidence.passages !== null && seen.passages !== evidence.passages && (seen.passages !== null || unseen))
      return [{ ...pair, what: "passages", before: seen.value, after: evidence.value }];
    return [];
  });
}

/** A basis as it is seen now. */
export const basisRow = (crossFindingId: string, evidence: Evidence): CrossFindingBasisTable => ({
  cross_finding_id: crossFindingId,
  report_id: evidence.reportId,
  factor: evidence.factor,
  edition: evidence.edition,
  value: evidence.value,
  known_when: evidence.known,
  passages: evidence.passages,
});
