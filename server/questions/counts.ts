import type { Db, ReportTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { listQuestions } from "./queries.ts";
import { viewpointOf } from "./viewpoint.ts";

/** How many questions of a report are not closed, as far as this person may see them: in all, and by "factor subject". */
export async function openQuestions(
  db: Db,
  report: Pick<ReportTable, "id" | "coding_mode">,
  by: Actor,
): Promise<{ total: number; of: (factor: string, subject: string) => number }> {
  // Most reports have none: one look at the index says so.
  const any = await db.selectFrom("question").select("id").where("report_id", "=", report.id).limit(1).executeTakeFirst();
  const threads = any ? await listQuestions(db, report.id, await viewpointOf(db, report, by)) : [];
  const counts = new Map<string, number>();
  const open = threads.filter(({ state }) => state !== "closed");
  for (const { factor, subject } of open)
    if (factor !== null) counts.set(`${factor} ${subject}`, (counts.get(`${factor} ${subject}`) ?? 0) + 1);
  return { total: open.length, of: (factor, subject) => counts.get(`${factor} ${subject}`) ?? 0 };
}
