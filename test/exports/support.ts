import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import { fillRegister } from "../../scripts/bench/recommendations.ts";
import { currentCodebook } from "../../server/codebook/store.ts";
import type { Asked } from "../../server/exports/make.ts";
import { registerFilters } from "../../server/recommendations/filters.ts";
import type { Actor } from "../../workflows/actor.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_EVENT_WORDS,
  RECOMMENDATION_STATE_WORDS,
} from "../../workflows/recommendation.words.ts";
import { recommendationRow } from "../recommendations/support.ts";
import { clock } from "../support/databases.ts";

export const PAYLOAD = '=HYPERLINK("http://ailleurs.invalid";"cliquer")';
export const AWKWARD = "Héberger\nsans délai ; <b>partout</b>\t« œuvre » 100 % @ici";

/** A register of some recommendations in every state, and two with texts that programs stumble over. */
export async function filled(database: Database, by: Actor, count: number): Promise<void> {
  const definition = await currentCodebook(database.db);
  await database.db.transaction().execute(async (tx) => {
    await fillRegister(tx, count, { by, definition, now: clock().toISOString() });
    const { id: report_id } = await tx.selectFrom("report").select("id").limit(1).executeTakeFirstOrThrow();
    const common = { report_id, written_by: by.id };
    await recommendationRow(tx, { ...common, reference: "REC-2026-0101", text: PAYLOAD, addressee: "courts" });
    await recommendationRow(tx, { ...common, reference: "REC-2026-0102", text: AWKWARD, addressee: "courts", deadline: "2026-12-31" });
    // Reopened: what was answered the first time is history.
    const again = { state: "issued", issued_at: "2026-10-01T09:00:00.000Z", answer_due: "2026-12-01" } as const;
    const { id } = await recommendationRow(tx, { ...common, reference: "REC-2026-0104", text: "Rouverte", addressee: "police", ...again });
    await tx
      .insertInto("recommendation_answer")
      .values({
        id: newId(),
        recommendation_id: id,
        number: 1,
        said: "rejected",
        text: "Une réponse d’avant",
        answered_on: "2026-05-01",
        planned_for: null,
        respondent: "Un bureau",
        received_at: "2026-05-01T09:00:00.000Z",
        by: by.id,
        link_id: null,
        nonce: null,
      })
      .execute();
    await recommendationRow(tx, { ...common, reference: "REC-2026-0103", state: "draft", approved_at: null });
  });
}

export const asking = (changes: Partial<Asked> = {}): Asked => ({
  format: "xlsx",
  language: "fr",
  layout: null,
  columns: ["reference", "text"],
  history: false,
  groupedBy: null,
  filters: registerFilters.parse({}),
  ...changes,
});

const paris = (at: unknown): string | null =>
  at === null ? null : new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date(String(at)));
const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

type Said = Record<string, { fr: string }>;
const said = (words: Said, code: unknown): string | null => (code === null ? null : words[String(code)]!.fr);

/**
 * What an export in French should say of every recommendation of the register, latest reference first, read by queries and words of its own.
 * Null: an empty cell.
 */
export async function truth(database: Database): Promise<Record<string, string | number | null>[]> {
  const { db } = database;
  const { recommendation: lists } = await currentCodebook(db);
  const label = (list: readonly { code: string; labelFr: string }[], code: unknown) =>
    list.find((one) => one.code === code)!.labelFr.replaceAll("'", "’");
  const join = database.dialect === "sqlite" ? sql.raw("group_concat(x, ', ')") : sql.raw("string_agg(x::text, ', ')");
  const last = (column: string, kind: string) =>
    sql`(select ${sql.ref(column)} from recommendation_dispatch d where d.recommendation_id = r.id and d.kind = ${kind}
      order by on_date desc, at desc limit 1)`;
  const answer = (column: string) =>
    sql`(select ${sql.ref(column)} from recommendation_answer a where a.recommendation_id = r.id and a.received_at >= r.issued_at
      order by number desc limit 1)`;
  const found = (kind: string) =>
    sql`(select comment from recommendation_assessment s where s.recommendation_id = r.id and kind = ${kind} order by id desc limit 1)`;
  const { rows } = await sql<Record<string, string | number | null>>`
    select r.*,
      (select ${join} from (select f.number as x from recommendation_finding rf join finding f on f.id = rf.finding_id
        where rf.recommendation_id = r.id order by 1) as t) as findings,
      (select ${join} from (select c.reference as x from recommendation_cross_finding rc join cross_finding c on c.id = rc.cross_finding_id
        where rc.recommendation_id = r.id order by 1) as t) as cross_findings,
      (select ${join} from (select addressee as x from recommendation_addressee where recommendation_id = r.id order by 1) as t) as associated,
      (select count(*) from recommendation_dispatch d where d.recommendation_id = r.id and kind = 'dispatch') as dispatches,
      (select count(*) from recommendation_dispatch d where d.recommendation_id = r.id and kind = 'reminder') as reminders,
      ${last("on_date", "dispatch")} as dispatched_on, ${last("recipient", "dispatch")} as recipient,
      ${last("proof_reference", "dispatch")} as dispatch_proof, ${last("on_date", "reminder")} as last_reminder,
      (select count(*) from recommendation_answer a where a.recommendation_id = r.id) as answers,
      ${answer("said")} as said, ${answer("text")} as answer_text, ${answer("answered_on")} as answered_on,
      ${answer("respondent")} as respondent, ${answer("planned_for")} as planned_for,
      ${found("answer")} as assessment_comment, ${found("implementation")} as implementation_comment,
      (select t.reference from recommendation_tie x join recommendation t on t.id = x.target_id
        where x.recommendation_id = r.id and x.kind = 'part_of') as part_of,
      (select ${join} from (select t.reference as x from recommendation_tie k join recommendation t on t.id = k.recommendation_id
        where k.target_id = r.id and k.kind = 'part_of' order by 1) as t) as parts,
      (select ${join} from (select t.reference as x from recommendation_tie k
          join recommendation t on t.id = case when k.recommendation_id = r.id then k.target_id else k.recommendation_id end
        where r.id in (k.recommendation_id, k.target_id) and k.kind = 'same_as' order by 1) as t) as same_as
    from recommendation r where r.state <> 'draft' order by r.reference desc`.execute(db);
  const today = "2026-11-23";
  const basis = await db
    .selectFrom("recommendation_cross_finding as rc")
    .innerJoin("cross_finding_basis as b", "b.cross_finding_id", "rc.cross_finding_id")
    .select(["rc.recommendation_id as id", "b.report_id as report", "b.factor as factor"])
    .execute();
  const published = await db
    .selectFrom("recommendation_finding as rf")
    .innerJoin("finding as f", "f.id", "rf.finding_id")
    .innerJoin("edition as e", "e.report_id", "f.report_id")
    .innerJoin("edition_finding as ef", (on) => on.onRef("ef.edition_id", "=", "e.id").onRef("ef.number", "=", "f.number"))
    .select(["rf.recommendation_id as id", "e.report_id as report", "ef.factors as factors"])
    .execute();
  const behind = Map.groupBy(
    [...basis, ...published.flatMap(({ factors, ...one }) => factors.split(",").map((factor) => ({ ...one, factor })))],
    ({ id }) => id,
  );
  return rows.map((row) => {
    const issued = paris(row.issued_at);
    const state = String(row.state);
    const late = (day: unknown) => day !== null && String(day) < today;
    const own = behind.get(String(row.id)) ?? [];
    return {
      reference: row.reference!,
      text: row.text!,
      origin: row.origin === "report" ? "Proposée par le rapport" : "Tirée par l’observatoire",
      level: label(lists.levels, row.level),
      theme: label(lists.themes, row.theme),
      type: label(lists.types, row.type),
      addressee: label(lists.addressees, row.addressee),
      associated:
        row.associated === null
          ? null
          : String(row.associated)
              .split(", ")
              .map((code) => label(lists.addressees, code))
              .join("\n"),
      report: row.report_id!,
      findings: row.findings!,
      crossFindings: row.cross_findings!,
      cases: new Set(own.map(({ report }) => report)).size,
      factors: new Set(own.map(({ factor }) => factor)).size,
      questioned: paris(row.evidence_question_at),
      status: said(RECOMMENDATION_STATE_WORDS, state),
      written: paris(row.written_at),
      approved: paris(row.approved_at),
      issued,
      answerDue: row.answer_due!,
      deadline: row.deadline!,
      proofExpected: row.proof_expected!,
      received: paris(row.received_at),
      answered: paris(row.answered_at),
      assessed: paris(row.assessed_at),
      closed: paris(row.closed_at),
      dispatches: Number(row.dispatches),
      dispatchedOn: row.dispatched_on!,
      channel: row.dispatched_on === null ? null : "Lettre recommandée",
      recipient: row.recipient!,
      dispatchProof: row.dispatch_proof!,
      reminders: Number(row.reminders),
      lastReminder: row.last_reminder!,
      answers: Number(row.answers),
      said: said(ANSWER_WORDS, row.said),
      answerText: row.answer_text!,
      answeredOn: row.answered_on!,
      respondent: row.respondent!,
      plannedFor: row.planned_for!,
      proofs: null,
      assessment: said(ANSWER_ASSESSMENT_WORDS, row.assessment),
      assessmentComment: row.assessment_comment!,
      implementation: said(IMPLEMENTATION_WORDS, row.implementation),
      implementationComment: row.implementation_comment!,
      daysToAnswer: row.answered_at === null ? null : days(issued!, paris(row.answered_at)!),
      answerOverdue: state === "issued" && late(row.answer_due) ? "oui" : "non",
      implementationOverdue:
        ["issued", "answered", "assessed"].includes(state) &&
        late(row.deadline) &&
        [null, "in_progress"].includes(row.implementation as null)
          ? "oui"
          : "non",
      sameAs: row.same_as!,
      partOf: row.part_of!,
      parts: row.parts!,
    };
  });
}

/** Reference, day, event and reason of the history, in the order of the register, then oldest first. */
export async function trueHistory(database: Database): Promise<(string | null)[][]> {
  const rows = await database.db
    .selectFrom("recommendation_event as e")
    .innerJoin("recommendation as r", "r.id", "e.recommendation_id")
    .innerJoin("account as a", "a.id", "e.by")
    .select(["r.reference", "e.at", "e.type", "e.reason", "a.name"])
    .where("r.state", "<>", "draft")
    .orderBy("r.reference", "desc")
    .orderBy("e.version")
    .execute();
  return rows.map(({ reference, at, type, reason, name }) => [
    reference,
    paris(at),
    (RECOMMENDATION_EVENT_WORDS as Record<string, { done: { fr: string } }>)[type]!.done.fr,
    name,
    reason,
  ]);
}
