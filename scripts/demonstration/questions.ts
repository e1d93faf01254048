import { newId } from "../../db/ids.ts";
import type { Db } from "../../db/schema.ts";
import { answerQuestion, askQuestion, turnQuestion } from "../../server/questions/write.ts";
import type { Actor } from "../../workflows/actor.ts";

type Cast = { analysts: Actor[]; reviewer: Actor; coordinator: Actor };

/** A few questions on the reports being coded: one open, one answered, one closed. */
export async function loadQuestions(db: Db, { analysts, reviewer, coordinator }: Cast, now: Date): Promise<void> {
  const at = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const coded = await db
    .selectFrom("coding")
    .innerJoin("report", "report.id", "coding.report_id")
    .innerJoin("coding_passage", "coding_passage.coding_id", "coding.id")
    .select(["coding.report_id", "coding.factor", "coding.subject", "coding.coded_by", "coding_passage.passage_id"])
    .where("report.state", "=", "received")
    .where("report.coding_mode", "=", "single")
    .where("coding.factor", "in", ["victim_fear", "separation_announced", "physical_violence", "complaint_filed", "coercive_control"])
    .orderBy("coding.report_id", "desc")
    .orderBy("coding.factor")
    .limit(40)
    .execute();
  const [first, second, third] = [...Map.groupBy(coded, ({ report_id }) => report_id).values()].map(([line]) => line!);
  const asking = (reportId: string, by: Actor, days: number) => ({ reportId, by, now: at(days), token: newId() });
  const analystOf = (id: string): Actor => analysts.find((one) => one.id === id) ?? analysts[0]!;
  await db.transaction().execute(async (tx) => {
    if (first) {
      const { report_id, factor, subject, passage_id, coded_by } = first;
      await askQuestion(tx, asking(report_id, analystOf(coded_by), 2), {
        text: "@Maxime Responsable, le passage parle d’une inquiétude rapportée par une voisine : est-ce assez pour « présent » ?",
        about: `${factor} ${subject}`,
        passage: passage_id,
        document: null,
        quote: null,
        to: null,
        audience: 0,
      });
    }
    if (second) {
      const { report_id, factor, subject, coded_by } = second;
      const asker = analystOf(coded_by);
      const id = await askQuestion(tx, asking(report_id, asker, 6), {
        text: "Deux pièces se contredisent sur la date : laquelle retenir ?",
        about: `${factor} ${subject}`,
        passage: null,
        document: null,
        quote: null,
        to: reviewer.id,
        audience: 0,
      });
      await answerQuestion(tx, asking(report_id, reviewer, 5), id, {
        text: "Le jugement prime sur la note ; gardez les deux passages et dites-le dans la note du facteur.",
        to: null,
        audience: 0,
      });
    }
    if (third) {
      const { report_id, coded_by } = third;
      const asker = analystOf(coded_by);
      const id = await askQuestion(tx, asking(report_id, asker, 20), {
        text: "Le rapport annonce une annexe qui n’est pas jointe. La demander avant de coder ?",
        about: "report",
        passage: null,
        document: null,
        quote: null,
        to: null,
        audience: 0,
      });
      await answerQuestion(tx, asking(report_id, coordinator, 19), id, {
        text: "Oui, demandée au parquet ; codez le reste.",
        to: null,
        audience: 0,
      });
      await turnQuestion(tx, asking(report_id, asker, 18), id, "closed", 2);
    }
  });
}
