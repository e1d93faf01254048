import type { Db } from "../../db/schema.ts";
import { saveFinding } from "../../server/findings/write.ts";
import { dayOf, longDate } from "../../server/http/formats.ts";
import { judgeReports, staleReports } from "../../server/quality/results.ts";
import type { Actor } from "../../workflows/actor.ts";

/**
 * What the rules of quality have to show: on the first report whose findings are being written, a public statement tells the day of the act,
 * which stops its submission. Every report is judged, so that the page of the base is whole at the first visit.
 */
export async function loadQuality(db: Db, now: Date): Promise<void> {
  const at = now.toISOString();
  const draft = await db
    .selectFrom("finding")
    .innerJoin("report", "report.id", "finding.report_id")
    .selectAll("finding")
    .select(["report.act_date"])
    .where("report.state", "=", "coded")
    .where("finding.deleted_at", "is", null)
    .where("finding.status", "=", "draft")
    .where("finding.public_statement", "is not", null)
    .orderBy("finding.report_id")
    .orderBy("finding.number")
    .limit(1)
    .executeTakeFirst();
  if (draft) {
    const author: Actor = { id: draft.written_by, roles: ["analyst"] };
    const factors = await db.selectFrom("finding_factor").select("factor").where("finding_id", "=", draft.id).execute();
    const passages = await db.selectFrom("finding_passage").select("passage_id").where("finding_id", "=", draft.id).execute();
    const entries = await db.selectFrom("finding_chronology").select("entry_id").where("finding_id", "=", draft.id).execute();
    await db.transaction().execute((tx) =>
      saveFinding(
        tx,
        { reportId: draft.report_id, number: draft.number, seenVersion: draft.version, by: author, now: at },
        {
          kind: draft.kind,
          statement: draft.statement,
          publicStatement: `${draft.public_statement} Les faits sont du ${longDate(draft.act_date, "fr")}.`,
          service: draft.service,
          knownWhen: draft.known_when,
          factors: factors.map(({ factor }) => factor),
          passages: passages.map(({ passage_id }) => passage_id),
          entries: entries.map(({ entry_id }) => entry_id),
        },
      ),
    );
  }
  const today = dayOf(at);
  await judgeReports(db, await staleReports(db, today), at, today);
}
