import type { Db } from "../../db/schema.ts";
import type { ReportState } from "../../workflows/report.decide.ts";

const lines = (db: Db) =>
  db
    .selectFrom("report")
    .where("report.held", "=", 0)
    .select([
      "report.id",
      "report.state",
      "report.act_date",
      "report.received_on",
      "report.department",
      "report.due_on",
      "report.priority",
    ]);

const mine = (db: Db, analyst: string) =>
  lines(db)
    .innerJoin("assignment", "assignment.report_id", "report.id")
    .where("assignment.analyst_id", "=", analyst)
    .where("assignment.ended_at", "is", null)
    .orderBy("report.priority") // "high" sorts before "normal"
    .orderBy("report.due_on", (order) => order.asc().nullsLast())
    .orderBy("report.received_on")
    .orderBy("report.id");

/** Reports assigned to an analyst and not yet published, with how many values are coded. */
export const listAssigned = (db: Db, analyst: string) =>
  mine(db, analyst)
    .select((e) =>
      e
        .selectFrom("coding")
        .select((c) => c.fn.countAll().as("n"))
        .whereRef("coding.report_id", "=", "report.id")
        .whereRef("coding.layer", "=", "assignment.layer")
        .as("coded"),
    )
    .select((e) => [
      "assignment.layer",
      "assignment.submitted_at",
      "report.coding_mode",
      e
        .selectFrom("assignment as other")
        .select((c) => c.fn.countAll().as("n"))
        .whereRef("other.report_id", "=", "report.id")
        .where("other.ended_at", "is", null)
        .where("other.submitted_at", "is not", null)
        .as("handedIn"),
    ])
    .where("report.state", "in", ["received", "coded", "analysed"])
    .execute();

/** Reports whose two blind codings are in, and that nobody was chosen to adjudicate. */
export const listWithoutAdjudicator = (db: Db) =>
  lines(db)
    .where("report.state", "=", "received")
    .where("report.coding_mode", "=", "blind")
    .where(
      (e) =>
        e
          .selectFrom("assignment")
          .select((c) => c.fn.countAll<number>().as("n"))
          .whereRef("assignment.report_id", "=", "report.id")
          .where("assignment.ended_at", "is", null)
          .where("assignment.submitted_at", "is not", null),
      "=",
      2,
    )
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("assignment")
            .select("assignment.id")
            .whereRef("assignment.report_id", "=", "report.id")
            .where("assignment.ended_at", "is", null)
            .where("assignment.layer", "=", 3),
        ),
      ),
    )
    .orderBy("report.id")
    .execute();

/** How each of these reports came back, when nothing was submitted since: returned or reopened, by whom and why. */
export async function listReturns(
  db: Db,
  reportIds: readonly string[],
): Promise<Map<string, { how: "returned" | "reopened"; name: string; reason: string | null }>> {
  if (reportIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .select(["report_event.report_id", "report_event.type", "report_event.reason", "account.name"])
    .where("report_event.report_id", "in", [...reportIds])
    .where("report_event.type", "in", ["CODING_RETURNED", "FINDINGS_RETURNED", "REPORT_REOPENED", "CODING_SUBMITTED", "FINDINGS_SUBMITTED"])
    .orderBy("report_event.version")
    .execute();
  const last = new Map(rows.map((row) => [row.report_id, row]));
  return new Map(
    [...last]
      .filter(([, { type }]) => !type.endsWith("_SUBMITTED"))
      .map(([id, { type, name, reason }]) => [id, { how: type === "REPORT_REOPENED" ? "reopened" : "returned", name, reason }]),
  );
}

/** Reports in review that this person neither coded, nor is assigned, nor wrote, nor handed in: oldest submission first. */
export const listToReview = (db: Db, reviewer: string) =>
  lines(db)
    .select("report.updated_at")
    .where("report.state", "=", "analysed")
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("assignment")
            .select("id")
            .whereRef("assignment.report_id", "=", "report.id")
            .where("analyst_id", "=", reviewer)
            .where("ended_at", "is", null),
        ),
      ),
    )
    .where((e) =>
      e.not(
        e.exists(e.selectFrom("coding_act").select("id").whereRef("coding_act.report_id", "=", "report.id").where("by", "=", reviewer)),
      ),
    )
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("chronology_entry")
            .select("chronology_entry.id")
            .whereRef("chronology_entry.report_id", "=", "report.id")
            .where((or) => or.or([or("created_by", "=", reviewer), or("updated_by", "=", reviewer)])),
        ),
      ),
    )
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("report_author")
            .select("account_id")
            .whereRef("report_author.report_id", "=", "report.id")
            .where("account_id", "=", reviewer),
        ),
      ),
    )
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("report_event")
            .select("report_event.id")
            .whereRef("report_event.report_id", "=", "report.id")
            .where("by", "=", reviewer)
            .where("type", "in", ["CODING_SUBMITTED", "LAYER_SUBMITTED", "ADJUDICATION_SUBMITTED", "FINDINGS_SUBMITTED"]),
        ),
      ),
    )
    .orderBy("report.updated_at")
    .limit(20)
    .execute();

/** Reports received that nobody has, oldest first. */
export const listToAssign = (db: Db) =>
  lines(db)
    .where("report.state", "=", "received")
    .where((e) =>
      e.not(
        e.exists(e.selectFrom("assignment").select("id").whereRef("assignment.report_id", "=", "report.id").where("ended_at", "is", null)),
      ),
    )
    .orderBy("report.received_on")
    .orderBy("report.id")
    .limit(20)
    .execute();

/** Reports past their due date that are neither published nor set aside. */
export const listLate = (db: Db, today: string) =>
  lines(db)
    .where("report.due_on", "<", today)
    .where("report.state", "in", ["received", "coded", "analysed"])
    .orderBy("report.due_on")
    .limit(20)
    .execute();

export async function countByState(db: Db): Promise<Map<ReportState, number>> {
  const rows = await db
    .selectFrom("report")
    .where("held", "=", 0)
    .select(["state", (e) => e.fn.countAll().as("n")])
    .groupBy("state")
    .execute();
  return new Map(rows.map(({ state, n }) => [state, Number(n)]));
}

export const listOwnDeposits = (db: Db, account: string) =>
  lines(db).where("report.deposited_by", "=", account).orderBy("report.created_at", "desc").limit(5).execute();

/** The letters that anyone may read, the latest first. */
export const listLatestLetters = (db: Db) =>
  db
    .selectFrom("publication")
    .select(["slug", "title", "language", "published_at"])
    .where("state", "=", "published")
    .orderBy("published_at", "desc")
    .orderBy("slug")
    .limit(3)
    .execute();

export const listOpenPublications = (db: Db) =>
  db
    .selectFrom("publication")
    .select(["id", "title", "state"])
    .where("state", "in", ["draft", "in_review", "approved"])
    .orderBy("created_at", "desc")
    .limit(10)
    .execute();
