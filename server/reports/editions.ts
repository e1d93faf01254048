import { createHash } from "node:crypto";
import { newId } from "../../db/ids.ts";
import type { ChronologyEntryTable, Db, EditionTable, EditionValueTable, FindingKind, ReportTable, Tx } from "../../db/schema.ts";
import { REVERSE } from "../codebook/definition.ts";

export type EditionPassage = {
  document: number;
  fileName: string;
  starts: number | null;
  ends: number | null;
  page: number | null;
  quote: string;
};
/** An entry of the chronology that a finding cites. */
export type EditionEntry = Pick<
  ChronologyEntryTable,
  "starts_on" | "precision" | "ends_on" | "ends_precision" | "uncertain" | "kind" | "service" | "description" | "response"
>;
export type EditionFinding = {
  number: number;
  kind: FindingKind;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  knownWhen: string | null;
  factors: string[];
  passages: EditionPassage[];
  /** Left out where it cites none. */
  entries?: EditionEntry[];
  /** Who did not agree with it (an account's id), never for the public; left out where nobody said so. */
  dissents?: { by: string; at: string; text: string; withdrawnAt: string | null }[];
};
export type EditionRecommendation = {
  reference: string;
  text: string;
  addressee: string;
  level: string;
  theme: string;
  type: string;
  deadline: string | null;
  /** Numbers of the findings it rests on. */
  findings: number[];
};
/** What a report said on the day its findings were published. */
export type EditionContent = {
  sheet: Pick<
    ReportTable,
    "received_on" | "act_date" | "act_kind" | "department" | "region" | "court" | "appeal_court" | "proceedings" | "issuing_kind"
  >;
  findings: EditionFinding[];
  recommendations: EditionRecommendation[];
};

/** Approved findings of a report as they stand, with their evidence. */
async function approvedFindings(tx: Tx, reportId: string): Promise<{ ids: string[]; findings: EditionFinding[] }> {
  const rows = await tx
    .selectFrom("finding")
    .selectAll()
    .where("report_id", "=", reportId)
    .where("status", "=", "approved")
    .where("deleted_at", "is", null)
    .orderBy("number")
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return { ids, findings: [] };
  const factors = await tx.selectFrom("finding_factor").selectAll().where("finding_id", "in", ids).orderBy("factor").execute();
  const passages = await tx
    .selectFrom("finding_passage")
    .innerJoin("passage", "passage.id", "finding_passage.passage_id")
    .innerJoin("document", "document.id", "passage.document_id")
    .select([
      "finding_passage.finding_id",
      "document.number as document",
      "document.file_name as fileName",
      "passage.starts",
      "passage.ends",
      "passage.page",
      "passage.quote",
    ])
    .where("finding_passage.finding_id", "in", ids)
    .orderBy("document.number")
    .orderBy("passage.starts")
    .execute();
  const cited = await tx
    .selectFrom("finding_chronology")
    .innerJoin("chronology_entry", "chronology_entry.id", "finding_chronology.entry_id")
    .select([
      "finding_id", "starts_on", "precision", "ends_on", "ends_precision", "uncertain", "kind", "service", "description", "response",
    ]) // biome-ignore format: a list
    .where("finding_id", "in", ids)
    .where("deleted_at", "is", null)
    .orderBy("starts_on")
    .orderBy("created_at")
    .orderBy("chronology_entry.id")
    .execute();
  const entriesOf = (id: string): Pick<EditionFinding, "entries"> => {
    const own = cited.filter(({ finding_id }) => finding_id === id).map(({ finding_id: _, ...entry }) => entry);
    return own.length > 0 ? { entries: own } : {};
  };
  const dissents = await tx
    .selectFrom("finding_dissent")
    .select(["finding_id", "by", "at", "text", "withdrawn_at as withdrawnAt"])
    .where("finding_id", "in", ids)
    .orderBy("at")
    .orderBy("id")
    .execute();
  const dissentsOf = (id: string): Pick<EditionFinding, "dissents"> => {
    const own = dissents.filter(({ finding_id }) => finding_id === id).map(({ finding_id: _, ...dissent }) => dissent);
    return own.length > 0 ? { dissents: own } : {};
  };
  return {
    ids,
    findings: rows.map((row) => ({
      number: row.number,
      kind: row.kind,
      statement: row.statement,
      publicStatement: row.public_statement,
      service: row.service,
      knownWhen: row.known_when,
      factors: factors.filter(({ finding_id }) => finding_id === row.id).map(({ factor }) => factor),
      passages: passages.filter(({ finding_id }) => finding_id === row.id).map(({ finding_id: _, ...passage }) => passage),
      ...entriesOf(row.id),
      ...dissentsOf(row.id),
    })),
  };
}

/**
 * Freezes what a report says now as its next edition: approved findings, the recommendations that rest on at least one of them, and the
 * coded values that the figures count. `leftOut`: ids of recommendations that it does not carry whatever they rest on. The edition before it stays, dated.
 * @returns the edition's number and the ids of the recommendations it carries
 */
export async function publishEdition(
  tx: Tx,
  report: ReportTable,
  by: string,
  now: string,
  leftOut: readonly string[] = [],
): Promise<{ number: number; recommendationIds: string[] }> {
  const { ids, findings } = await approvedFindings(tx, report.id);
  const numbers = new Map(
    (await tx.selectFrom("finding").select(["id", "number"]).where("report_id", "=", report.id).execute()).map(({ id, number }) => [
      id,
      number,
    ]),
  );
  const ties =
    ids.length === 0
      ? []
      : await tx
          .selectFrom("recommendation_finding")
          .innerJoin("recommendation", "recommendation.id", "recommendation_finding.recommendation_id")
          .selectAll("recommendation")
          .select("recommendation_finding.finding_id")
          .where("recommendation_finding.finding_id", "in", ids)
          .where("recommendation.deleted_at", "is", null)
          .orderBy("recommendation.number")
          .execute();
  const carried = [
    ...Map.groupBy(
      ties.filter(({ id }) => !leftOut.includes(id)),
      ({ id }) => id,
    ).values(),
  ];
  const content: EditionContent = {
    sheet: {
      received_on: report.received_on,
      act_date: report.act_date,
      act_kind: report.act_kind,
      department: report.department,
      region: report.region,
      court: report.court,
      appeal_court: report.appeal_court,
      proceedings: report.proceedings,
      issuing_kind: report.issuing_kind,
    },
    findings,
    recommendations: carried.map((rows) => {
      const [r] = rows;
      const { reference, text, addressee, level, theme, type, deadline } = r!;
      return {
        reference,
        text,
        addressee,
        level,
        theme,
        type,
        deadline,
        findings: rows.map(({ finding_id }) => numbers.get(finding_id)!).sort((a, b) => a - b),
      };
    }),
  };
  const before = await tx
    .selectFrom("edition")
    .select("number")
    .where("report_id", "=", report.id)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  const number = (before?.number ?? 0) + 1;
  await tx
    .updateTable("edition")
    .set({ superseded_at: now })
    .where("report_id", "=", report.id)
    .where("superseded_at", "is", null)
    .execute();
  const text = JSON.stringify(content);
  const id = newId();
  await tx
    .insertInto("edition")
    .values({
      id,
      report_id: report.id,
      number,
      published_at: now,
      published_by: by,
      superseded_at: null,
      codebook_version: report.codebook_version,
      act_date: report.act_date,
      act_kind: report.act_kind,
      department: report.department,
      region: report.region,
      content: text,
      digest: createHash("sha256").update(text).digest("hex"),
    })
    .execute();
  if (findings.length > 0)
    await tx
      .insertInto("edition_finding")
      .values(
        findings.map((finding) => ({
          edition_id: id,
          number: finding.number,
          kind: finding.kind,
          statement: finding.statement,
          public_statement: finding.publicStatement,
          service: finding.service,
          factors: finding.factors.join(","),
        })),
      )
      .execute();
  await freezeValues(tx, id, report);
  return { number, recommendationIds: carried.map((rows) => rows[0]!.id) };
}

/** Copies the report's coded values to the rows that figures are counted on: one for each factor, subject and chosen option. The history
 * in its second direction goes to rows of its own: a case is counted once. */
async function freezeValues(tx: Tx, editionId: string, report: ReportTable): Promise<void> {
  const codings = await tx
    .selectFrom("coding")
    .innerJoin("codebook_factor", (join) =>
      join.onRef("codebook_factor.codebook_version", "=", "coding.codebook_version").onRef("codebook_factor.code", "=", "coding.factor"),
    )
    .select(["coding.factor", "coding.subject", "coding.value", "coding.known_when", "codebook_factor.type", "codebook_factor.applies_to"])
    .where("report_id", "=", report.id)
    .where("layer", "=", report.counted_layer)
    .execute();
  const reverse = codings.filter(({ subject }) => subject === REVERSE);
  if (reverse.length > 0)
    await tx
      .insertInto("edition_reverse_value")
      .values(
        reverse.flatMap(({ factor, value, known_when, type }) =>
          (type === "multi" ? value.split(",") : [value]).map((one) => ({
            edition_id: editionId,
            report_id: report.id,
            factor,
            value: one,
            known_when,
          })),
        ),
      )
      .execute();
  const counted = codings.filter(({ subject }) => subject !== REVERSE);
  const rows: EditionValueTable[] = counted.flatMap(({ factor, subject, value, known_when, type, applies_to }) =>
    (type === "multi" ? value.split(",") : [value]).map((one) => ({
      edition_id: editionId,
      report_id: report.id,
      factor,
      subject,
      subject_kind: applies_to,
      value: one,
      number: type === "number" && one !== "unknown" ? Number(one) : null,
      known_when,
    })),
  );
  for (let at = 0; at < rows.length; at += 500)
    await tx
      .insertInto("edition_value")
      .values(rows.slice(at, at + 500))
      .execute();
}

/** Every edition of a report, newest first. */
export const listEditions = (db: Db | Tx, reportId: string): Promise<Pick<EditionTable, "number" | "published_at" | "superseded_at">[]> =>
  db
    .selectFrom("edition")
    .select(["number", "published_at", "superseded_at"])
    .where("report_id", "=", reportId)
    .orderBy("number", "desc")
    .execute();

/** One edition as it was frozen. */
export async function findEdition(db: Db | Tx, reportId: string, number: number) {
  const row = await db
    .selectFrom("edition")
    .innerJoin("account", "account.id", "edition.published_by")
    .selectAll("edition")
    .select("account.name as publisher")
    .where("report_id", "=", reportId)
    .where("edition.number", "=", number)
    .executeTakeFirst();
  return row && { ...row, content: JSON.parse(row.content) as EditionContent };
}
