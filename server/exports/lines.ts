import { sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type {
  AnswerProofTable,
  Db,
  RecommendationAnswerTable,
  RecommendationAssessmentTable,
  RecommendationDispatchTable,
  RecommendationEventTable,
  RecommendationTable,
  Tx,
} from "../../db/schema.ts";
import { type BasisCount, basisCounts } from "../follow-up/basis.ts";

type Dispatch = Pick<RecommendationDispatchTable, "kind" | "on_date" | "channel" | "recipient" | "proof_reference" | "file_name" | "at">;
type Answer = Omit<RecommendationAnswerTable, "nonce"> & { proofs: AnswerProofTable["file_name"][] };
type Assessment = Pick<RecommendationAssessmentTable, "kind" | "value" | "comment" | "on_date" | "at">;
/** `who`: the account's name, or the recipient of the link that an addressee used. */
type Happened = Pick<RecommendationEventTable, "type" | "at" | "reason"> & { who: string; link: boolean };

/** A recommendation with everything that the register knows of it. */
export type ExportLine = Omit<RecommendationTable, "folded" | "deleted_at"> & {
  /** Numbers of the findings of its report, ascending; references of the cross-case findings. */
  findings: number[];
  crossFindings: string[];
  /** Codes of those who act with the lead. */
  associated: string[];
  /** References: what it is the same as or a part of, and what is the same as it or a part of it. */
  sameAs: string[];
  partOf: string | null;
  parts: string[];
  dispatches: Dispatch[];
  answers: Answer[];
  assessments: Assessment[];
  basis: BasisCount;
  /** Oldest first; empty unless asked for. */
  events: Happened[];
};

/** How many recommendations are read in one transaction: some tens of milliseconds, in which nobody else is answered. */
export const READ_AT_ONCE = 200;

/**
 * Some recommendations (READ_AT_ONCE at most) as they are at one moment, in the order of the ids; those that are no longer there are left
 * out.
 */
export function readLines(db: Db, ids: readonly string[], { history }: { history: boolean }): Promise<ExportLine[]> {
  const some = db.transaction();
  const moment = dialectOf(db) === "postgres" ? some.setIsolationLevel("repeatable read").setAccessMode("read only") : some;
  return moment.execute((tx) => linesIn(tx, [...ids], history));
}

async function linesIn(tx: Tx, ids: string[], history: boolean): Promise<ExportLine[]> {
  const of = <Row extends { recommendation_id: string }>(rows: readonly Row[]) => {
    const grouped = Map.groupBy(rows, ({ recommendation_id }) => recommendation_id);
    return (id: string): Row[] => grouped.get(id) ?? [];
  };
  const rows = await tx.selectFrom("recommendation").selectAll().where("id", "in", ids).execute();
  const findings = of(
    await tx
      .selectFrom("recommendation_finding")
      .innerJoin("finding", "finding.id", "finding_id")
      .select(["recommendation_id", "finding.number"])
      .where("recommendation_id", "in", ids)
      .where("finding.deleted_at", "is", null)
      .orderBy("finding.number")
      .execute(),
  );
  const crossFindings = of(
    await tx
      .selectFrom("recommendation_cross_finding")
      .innerJoin("cross_finding", "cross_finding.id", "cross_finding_id")
      .select(["recommendation_id", "cross_finding.reference"])
      .where("recommendation_id", "in", ids)
      .orderBy("cross_finding.reference")
      .execute(),
  );
  const associated = of(
    await tx.selectFrom("recommendation_addressee").selectAll().where("recommendation_id", "in", ids).orderBy("addressee").execute(),
  );
  const ties = of(
    (
      await sql<{ recommendation_id: string; kind: "same_as" | "part_of" | "has_part"; reference: string }>`
        select tie.recommendation_id, tie.kind, other.reference
        from recommendation_tie as tie join recommendation as other on other.id = tie.target_id
        where tie.recommendation_id in (${sql.join(ids)})
        union all
        select tie.target_id, case tie.kind when 'part_of' then 'has_part' else tie.kind end, other.reference
        from recommendation_tie as tie join recommendation as other on other.id = tie.recommendation_id
        where tie.target_id in (${sql.join(ids)})
        order by reference`.execute(tx)
    ).rows,
  );
  const dispatches = of(
    await tx
      .selectFrom("recommendation_dispatch")
      .select(["recommendation_id", "kind", "on_date", "channel", "recipient", "proof_reference", "file_name", "at"])
      .where("recommendation_id", "in", ids)
      .orderBy("on_date")
      .orderBy("at")
      .orderBy("id")
      .execute(),
  );
  const answers = of(
    await tx
      .selectFrom("recommendation_answer")
      .select([
        "id", "recommendation_id", "number", "said", "text", "answered_on", "planned_for", "respondent", "received_at", "by", "link_id",
      ]) // biome-ignore format: a list
      .where("recommendation_id", "in", ids)
      .orderBy("number")
      .execute(),
  );
  const proofs = Map.groupBy(
    await tx
      .selectFrom("answer_proof")
      .innerJoin("recommendation_answer", "recommendation_answer.id", "answer_id")
      .select(["answer_id", "file_name"])
      .where("recommendation_id", "in", ids)
      .orderBy("file_name")
      .execute(),
    ({ answer_id }) => answer_id,
  );
  const assessments = of(
    await tx
      .selectFrom("recommendation_assessment")
      .select(["recommendation_id", "kind", "value", "comment", "on_date", "at"])
      .where("recommendation_id", "in", ids)
      .orderBy("id")
      .execute(),
  );
  const basis = await basisCounts(tx, ids);
  const events = of(
    history
      ? await tx
          .selectFrom("recommendation_event")
          .leftJoin("account", "account.id", "recommendation_event.by")
          .leftJoin("answer_link", "answer_link.id", "recommendation_event.link_id")
          .select([
            "recommendation_event.recommendation_id", "recommendation_event.type", "recommendation_event.at",
            "recommendation_event.reason", "account.name", "answer_link.recipient", "recommendation_event.link_id",
          ]) // biome-ignore format: a list
          .where("recommendation_event.recommendation_id", "in", ids)
          .orderBy("recommendation_event.version")
          .execute()
      : [],
  );
  const found = new Map(
    rows.map(({ folded, deleted_at, ...row }): [string, ExportLine] => {
      const tied = (kind: "same_as" | "part_of" | "has_part") =>
        ties(row.id)
          .filter((one) => one.kind === kind)
          .map(({ reference }) => reference);
      const line: ExportLine = {
        ...row,
        findings: findings(row.id).map(({ number }) => number),
        crossFindings: crossFindings(row.id).map(({ reference }) => reference),
        associated: associated(row.id).map(({ addressee }) => addressee),
        sameAs: tied("same_as"),
        partOf: tied("part_of")[0] ?? null,
        parts: tied("has_part"),
        dispatches: dispatches(row.id),
        answers: answers(row.id).map((answer) => ({ ...answer, proofs: (proofs.get(answer.id) ?? []).map((one) => one.file_name) })),
        assessments: assessments(row.id),
        basis: basis.get(row.id) ?? { cases: 0, factors: 0 },
        events: events(row.id).map(({ type, at, reason, name, recipient, link_id }) => ({
          type,
          at,
          reason,
          who: name ?? recipient ?? "",
          link: link_id !== null,
        })),
      };
      return [row.id, line];
    }),
  );
  return ids.flatMap((id) => found.get(id) ?? []);
}
