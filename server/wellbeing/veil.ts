import type { Db, Tx } from "../../db/schema.ts";
import { NotFound } from "../http/errors.ts";
import { readingSettings } from "./settings.ts";

/**
 * Factors whose passages describe violence done to a body, its means, or children in its sight: their words are covered for whoever wants it.
 * Codes of the codebook; a version that lacks one has nothing to cover.
 */
export const GRAPHIC_FACTORS: ReadonlySet<string> = new Set([
  "means_used",
  "overkill",
  "collateral_adult_victims",
  "children_present_at_act",
  "children_killed",
  "children_prior_harm",
  "physical_violence",
  "sexual_violence",
  "strangulation_history",
  "violence_during_pregnancy",
  "weapon_threat_or_use",
  "sequestration",
  "property_or_animal_cruelty",
  "perpetrator_suicide",
]);

/**
 * Whether the words of a passage are covered until asked for: by the factors it proves, or because somebody marked it. A passage is named by
 * its id, or by its words where they were frozen without it.
 */
export type Covers = (factors: readonly string[], passage: string) => boolean;
const NOTHING: Covers = () => false;

/**
 * Passages of a report marked as hard. While two code blind, a coder's mark says that the coder has that passage: each sees their own marks
 * only.
 */
const listHard = (db: Db | Tx, reports: readonly string[], accountId: string) =>
  db
    .selectFrom("hard_passage")
    .innerJoin("passage", "passage.id", "hard_passage.passage_id")
    .innerJoin("report", "report.id", "passage.report_id")
    .select(["passage.id", "passage.quote", "hard_passage.marked_by"])
    .where("report.id", "in", [...reports])
    .where((or) => or.or([or("report.coding_mode", "<>", "blind"), or("hard_passage.marked_by", "=", accountId)]))
    .execute();

/**
 * What is covered for this person.
 * @param place "coding" where the whole text stands beside and is being coded, "reading" everywhere else
 * @param reports whose passages are shown
 */
export async function veilOf(db: Db, accountId: string, place: "coding" | "reading", reports: readonly string[]): Promise<Covers> {
  const { veil } = await readingSettings(db, accountId);
  if (veil === "nowhere" || (veil === "reading" && place === "coding")) return NOTHING;
  const hard = new Set(reports.length > 0 ? (await listHard(db, reports, accountId)).flatMap(({ id, quote }) => [id, quote]) : []);
  return (factors, passage) => hard.has(passage) || factors.some((factor) => GRAPHIC_FACTORS.has(factor));
}

/** The passages of a report that this person marked as hard. */
export const ownMarks = async (db: Db, reportId: string, accountId: string): Promise<ReadonlySet<string>> =>
  new Set((await listHard(db, [reportId], accountId)).filter(({ marked_by }) => marked_by === accountId).map(({ id }) => id));

/** Marks a passage of a report as hard to read, or takes one's own mark back. @throws NotFound for a passage of another report */
export async function markPassage(
  tx: Tx,
  { reportId, passage, hard, by, now }: { reportId: string; passage: string; hard: boolean; by: string; now: string },
): Promise<void> {
  const known = await tx.selectFrom("passage").select("id").where("report_id", "=", reportId).where("id", "=", passage).executeTakeFirst();
  if (!known) throw new NotFound();
  if (hard)
    await tx
      .insertInto("hard_passage")
      .values({ passage_id: passage, marked_by: by, marked_at: now })
      .onConflict((conflict) => conflict.columns(["passage_id", "marked_by"]).doNothing())
      .execute();
  else await tx.deleteFrom("hard_passage").where("passage_id", "=", passage).where("marked_by", "=", by).execute();
}
