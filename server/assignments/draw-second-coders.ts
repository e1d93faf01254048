import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { listAccountsWithRole } from "../accounts/queries.ts";
import { Invalid } from "../http/errors.ts";
import { askSecondCoding, assignReport } from "./assign.ts";
import { drawCoders, drawShare } from "./draw.ts";
import { inHand, listCandidates, listLoads } from "./queries.ts";

export type DrawGiven = { rule: "share" | "low_confidence"; share: number; atLeast: number; seed: string; reason: string };

/**
 * Draws reports for a second, blind coding and gives each to the least loaded analyst who may code it. The draw is kept with its seed and its
 * candidates, so that anyone can draw again and compare.
 * @returns the reports drawn, those that nobody could be found for left out
 * @throws Invalid when there is nothing to draw from
 */
export async function drawSecondCoders(
  tx: Tx,
  { rule, share, atLeast, seed, reason }: DrawGiven,
  by: Actor,
  now: string,
): Promise<{ report: string; analyst: string }[]> {
  const candidates = await listCandidates(tx, rule, atLeast);
  if (candidates.length === 0) throw new Invalid({ rule: "assignments.draw.noCandidate" });
  const drawn = drawShare(seed, candidates, share);
  const analysts = (await listAccountsWithRole(tx, "analyst")).map(({ id }) => id);
  const involved = [
    ...(await tx.selectFrom("coding_act").select(["report_id", "by"]).where("report_id", "in", drawn).distinct().execute()),
    ...(await tx
      .selectFrom("assignment")
      .select(["report_id", "analyst_id as by"])
      .where("report_id", "in", drawn)
      .where("ended_at", "is", null)
      .execute()),
  ];
  const eligible = drawn.map((report) => ({
    report,
    analysts: analysts.filter((id) => !involved.some((one) => one.report_id === report && one.by === id)),
  }));
  const load = new Map((await listLoads(tx, now.slice(0, 10))).map((one) => [one.id, inHand(one)]));
  const given = drawCoders(seed, eligible, load);
  if (given.length === 0) throw new Invalid({ rule: "assignments.draw.nobody" });
  for (const { report: reportId, analyst: second } of given) {
    const report = await tx.selectFrom("report").selectAll().where("id", "=", reportId).executeTakeFirstOrThrow();
    const acting = { reportId, seenVersion: report.version, by, now };
    if (rule === "low_confidence") await askSecondCoding(tx, acting, { second, adjudicator: null, reason }, "low_confidence");
    else {
      const first = await tx
        .selectFrom("assignment")
        .select("analyst_id")
        .where("report_id", "=", reportId)
        .where("layer", "=", 1)
        .where("ended_at", "is", null)
        .executeTakeFirstOrThrow();
      const { priority, due_on: due } = report;
      await assignReport(tx, acting, { analyst: first.analyst_id, second, adjudicator: null, priority, due }, "draw");
    }
  }
  await tx
    .insertInto("assignment_draw")
    .values({
      id: newId(),
      drawn_by: by.id,
      drawn_at: now,
      rule,
      seed,
      share_percent: share,
      candidates: JSON.stringify(candidates),
      drawn: JSON.stringify(drawn),
    })
    .execute();
  return given;
}
