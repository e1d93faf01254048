import { nextNumber } from "../../db/numbers.ts";
import type { GoodPracticeTable, Tx } from "../../db/schema.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { dayOf } from "../http/formats.ts";

type Behind = { finding_id: string } | { cross_finding_id: string };
type Open = Pick<GoodPracticeTable, "statement" | "sections">;

/** Puts one practice before the public under its reference, which it keeps whatever happens; or takes it away. */
async function show(tx: Tx, behind: Behind, open: Open | null, now: string): Promise<void> {
  const [column, id] = Object.entries(behind)[0] as ["finding_id" | "cross_finding_id", string];
  const known = await tx.selectFrom("good_practice").selectAll().where(column, "=", id).executeTakeFirst();
  if (open === null) {
    if (known && known.withdrawn_at === null)
      await tx.updateTable("good_practice").set({ withdrawn_at: now }).where("reference", "=", known.reference).execute();
    return;
  }
  if (known) {
    const same = known.statement === open.statement && known.sections === open.sections;
    if (same && known.withdrawn_at === null) return;
    await tx
      .updateTable("good_practice")
      .set({ ...open, changed_at: now, withdrawn_at: null })
      .where("reference", "=", known.reference)
      .execute();
    return;
  }
  const year = Number(dayOf(now).slice(0, 4));
  const number = await nextNumber(tx, "practice", year);
  await tx
    .insertInto("good_practice")
    .values({
      reference: `BP-${year}-${String(number).padStart(4, "0")}`,
      finding_id: "finding_id" in behind ? behind.finding_id : null,
      cross_finding_id: "cross_finding_id" in behind ? behind.cross_finding_id : null,
      ...open,
      published_at: now,
    })
    .execute();
}

/** The sections that factors belong to, in the order of the codebook: the only thing said in public of what a practice rests on. */
const sectionsOf = (
  { sections, factors }: { sections: readonly { code: string }[]; factors: readonly { code: string; section: string }[] },
  codes: readonly string[],
): string => {
  const own = new Set(factors.filter(({ code }) => codes.includes(code)).map(({ section }) => section));
  return sections
    .map(({ code }) => code)
    .filter((code) => own.has(code))
    .join(",");
};

/**
 * Brings what the public reads of a report's good practices in line with its edition in force: those with a public statement that a reviewer
 * went through the checklist for. Called in the transaction of whatever published, withdrew, set aside or restored.
 */
export async function publishPracticesOf(tx: Tx, reportId: string, now: string): Promise<void> {
  const known = await tx
    .selectFrom("good_practice")
    .innerJoin("finding", "finding.id", "good_practice.finding_id")
    .select("finding.id")
    .where("finding.report_id", "=", reportId)
    .execute();
  const rows = await tx
    .selectFrom("edition_finding")
    .innerJoin("edition", "edition.id", "edition_finding.edition_id")
    .innerJoin("report", "report.id", "edition.report_id")
    .innerJoin("finding", (join) =>
      join.onRef("finding.report_id", "=", "edition.report_id").onRef("finding.number", "=", "edition_finding.number"),
    )
    .select((e) => [
      "finding.id",
      "edition_finding.public_statement",
      "edition_finding.factors",
      "edition.codebook_version",
      e
        .selectFrom("finding_decision")
        .select("checklist")
        .whereRef("finding_decision.finding_id", "=", "finding.id")
        .where("decision", "=", "approved")
        .orderBy("finding_decision.id", "desc")
        .limit(1)
        .as("checklist"),
    ])
    .where("edition.report_id", "=", reportId)
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside")
    .where("report.held", "=", 0)
    .where("edition_finding.kind", "=", "good_practice")
    .orderBy("edition_finding.number")
    .execute();
  const shown = new Set<string>();
  for (const { id, public_statement, factors, codebook_version, checklist } of rows) {
    if (public_statement === null || checklist === null) continue;
    const sections = sectionsOf(await codebookVersion(tx, codebook_version), factors.split(","));
    await show(tx, { finding_id: id }, { statement: public_statement, sections }, now);
    shown.add(id);
  }
  for (const { id } of known) if (!shown.has(id)) await show(tx, { finding_id: id }, null, now);
}

/** The same for a cross-case finding: its text that stands. */
export async function publishCrossPractice(tx: Tx, crossFindingId: string, now: string): Promise<void> {
  const text = await tx
    .selectFrom("cross_finding_text")
    .innerJoin("cross_finding", (join) =>
      join
        .onRef("cross_finding.id", "=", "cross_finding_text.cross_finding_id")
        .onRef("cross_finding.standing_text", "=", "cross_finding_text.number"),
    )
    .select(["cross_finding_text.kind", "cross_finding_text.public_statement", "cross_finding_text.basis", "checklist"])
    .where("cross_finding.id", "=", crossFindingId)
    .executeTakeFirst();
  if (text?.kind !== "good_practice" || text.public_statement === null || text.checklist === null)
    return show(tx, { cross_finding_id: crossFindingId }, null, now);
  const factors = (JSON.parse(text.basis) as { factor: string }[]).map(({ factor }) => factor);
  const sections = sectionsOf(await currentCodebook(tx), factors);
  return show(tx, { cross_finding_id: crossFindingId }, { statement: text.public_statement, sections }, now);
}
