import type { Db } from "../../db/schema.ts";
import { recordDissent } from "../../server/findings/dissent.ts";
import { proposeCorrection, proposeEdits } from "../../server/findings/proposals.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { askSecondReview, decideFinding } from "../../server/findings/review.ts";
import type { Actor } from "../../workflows/actor.ts";

type Cast = { analysts: readonly Actor[]; reviewer: Actor; coordinator: Actor };
const DAY = 86_400_000;

/** The first words of a sentence said otherwise, as a careful reader would. */
const softened = (statement: string): string =>
  `D’après les pièces du rapport, ${statement[0]!.toLowerCase()}${statement.slice(1)}`.replace(/(?<=\S)\.?$/u, ".");

/**
 * What waits in the review: words proposed for one finding, a second review, a dissent on another, a correction of what was published. Each on
 * a report of its own, by those who may.
 */
export async function reviewFindings(db: Db, { analysts, reviewer, coordinator }: Cast, now: Date): Promise<void> {
  const reports = async (state: "analysed" | "published", count: number) =>
    db
      .selectFrom("report")
      .innerJoin("assignment", "assignment.report_id", "report.id")
      .select(["report.id", "report.version", "assignment.analyst_id"])
      .where("report.state", "=", state)
      .where("report.coding_mode", "=", "single")
      .where("assignment.layer", "=", 1)
      .where("assignment.ended_at", "is", null)
      .orderBy("report.updated_at", "desc")
      .orderBy("report.id", "desc")
      .limit(count)
      .execute();
  const ago = (days: number) => new Date(now.getTime() - days * DAY).toISOString();
  const [proposed, disputed] = await reports("analysed", 2);
  const [corrected] = await reports("published", 1);
  const first = (reportId: string) =>
    db.selectFrom("finding").selectAll().where("report_id", "=", reportId).where("number", "=", 1).executeTakeFirstOrThrow();
  if (proposed) {
    const finding = await first(proposed.id);
    await db.transaction().execute((tx) =>
      proposeEdits(
        tx,
        { reportId: proposed.id, seenVersion: proposed.version, by: reviewer, now: ago(3) },
        {
          number: 1,
          statement: softened(finding.statement),
          publicStatement: finding.public_statement,
          service: finding.service,
          reason: "Dire que cela vient des pièces : la procédure est en cours.",
          checklist: PUBLIC_CHECKS,
        },
      ),
    );
  }
  if (disputed) {
    let seenVersion = disputed.version;
    const { public_statement } = await first(disputed.id);
    await db.transaction().execute(async (tx) => {
      const acting = (by: Actor, days: number) => ({ reportId: disputed.id, seenVersion: seenVersion++, by, now: ago(days) });
      await recordDissent(tx, acting(coordinator, 4), {
        number: 1,
        text: "Le service avait transmis l’information par téléphone, ce que le rapport dit en annexe. Le constat va trop loin.",
      });
      if (public_statement === null) return;
      await askSecondReview(tx, acting(coordinator, 4), 1);
      await decideFinding(tx, acting(reviewer, 2), { number: 1, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
    });
  }
  if (corrected) {
    const finding = await first(corrected.id);
    const analyst = analysts.find(({ id }) => id === corrected.analyst_id)!;
    await db.transaction().execute((tx) =>
      proposeCorrection(
        tx,
        { reportId: corrected.id, seenVersion: corrected.version, by: analyst, now: ago(1) },
        {
          number: 1,
          statement: softened(finding.statement),
          publicStatement: finding.public_statement,
          service: finding.service,
          reason: "Le service demande que l’origine de l’information soit dite.",
        },
      ),
    );
  }
}
