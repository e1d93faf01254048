import type { Database } from "../../db/database.ts";
import type { Tx } from "../../db/schema.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import type { Acting } from "../../server/findings/review.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { BuiltReport } from "../support/reports.ts";

export const NOW = "2026-11-23T10:00:00.000Z";
export const LATER = "2026-11-24T10:00:00.000Z";
export const TICKED = { checklist: [...PUBLIC_CHECKS] };

/** Acts on one report one after the other, each on the version that the one before left. */
export function actingOn(database: Database, report: BuiltReport) {
  let { version } = report;
  return {
    /** One act in a transaction of its own; the version goes on only if it is done. */
    act: async <Done>(by: Actor, act: (tx: Tx, acting: Acting) => Promise<Done>, now = NOW): Promise<Done> => {
      const done = await database.db.transaction().execute((tx) => act(tx, { reportId: report.id, seenVersion: version, by, now }));
      version++;
      return done;
    },
    get version() {
      return version;
    },
  };
}

/** Why an act is refused, in French words; "done" when it is not, the name of any other error. */
export const refusal = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => "done",
    (error: Error & { reasons?: (language: "fr") => string[]; fields?: Record<string, unknown> }) =>
      error.reasons?.("fr").join(" / ") ?? (error.fields ? `Invalid: ${Object.entries(error.fields).flat().join(" ")}` : error.name),
  );

/** A finding as the database holds it. */
export const findingRow = ({ db }: Database, reportId: string, number: number) =>
  db.selectFrom("finding").selectAll().where("report_id", "=", reportId).where("number", "=", number).executeTakeFirstOrThrow();

/** Every decision on a finding, oldest first. */
export const decisionsOn = ({ db }: Database, reportId: string, number: number) =>
  db
    .selectFrom("finding_decision")
    .innerJoin("finding", "finding.id", "finding_decision.finding_id")
    .selectAll("finding_decision")
    .where("report_id", "=", reportId)
    .where("number", "=", number)
    .orderBy("finding_decision.id")
    .execute();
