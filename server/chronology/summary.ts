import type { Db, ReportTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { Language, T } from "../http/words.ts";
import { chronologyFacts } from "./queries.ts";
import { factsLabel } from "./words.ts";

/** What the page of a report says of its chronology, in a line; while two code blind, of what this person wrote. */
export async function chronologySummary(
  db: Db,
  report: Pick<ReportTable, "id" | "coding_mode" | "act_date">,
  by: Pick<Actor, "id">,
  language: Language,
  t: T,
): Promise<string> {
  const facts = await chronologyFacts(db, report, by);
  if (report.coding_mode === "blind" && facts.entries === 0) return t("chronology.facts.blind");
  return factsLabel(facts, language, t);
}
