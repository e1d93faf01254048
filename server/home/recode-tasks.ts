import type { Db } from "../../db/schema.ts";

/** Reports this analyst has that wait to pass to a later version of the codebook and are open to it, the longest waiting first. */
export const listOwnRecodeTasks = (db: Db, analyst: string) =>
  db
    .selectFrom("recode_task")
    .innerJoin("report", "report.id", "recode_task.report_id")
    .innerJoin("assignment", "assignment.report_id", "report.id")
    .select([
      "report.id",
      "report.act_date",
      "report.received_on",
      "report.department",
      "report.due_on",
      "report.priority",
      "recode_task.to_version",
    ])
    .where("recode_task.status", "=", "waiting")
    .where("report.state", "=", "received")
    .where("report.held", "=", 0)
    .where("assignment.analyst_id", "=", analyst)
    .where("assignment.ended_at", "is", null)
    .orderBy("recode_task.created_at")
    .orderBy("report.id")
    .execute();
