import { dialectOf } from "../../db/dialect.ts";
import type { Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import { RECOMMENDATION_EVENT_WORDS, RECOMMENDATION_RULE_WORDS } from "../../workflows/recommendation.words.ts";
import { Conflict, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import type { Language } from "../http/words.ts";
import { type FollowUpChange, moveRecommendation } from "./move.ts";

/** One recommendation of the register, or a draft that rests on cross-case findings. @throws NotFound, for drafts of a report too */
export async function findRecommendation(db: Db | Tx, reference: string): Promise<RecommendationTable> {
  const row = await db
    .selectFrom("recommendation")
    .selectAll()
    .where("reference", "=", reference)
    .where((e) => e.or([e("state", "<>", "draft"), e.and([e("report_id", "is", null), e("deleted_at", "is", null)])]))
    .executeTakeFirst();
  if (!row) throw new NotFound();
  return row;
}

/** What was done to a recommendation after a version (0: all of it), oldest first, in words. `who` is empty where an addressee acted. */
export async function historyOf(db: Db | Tx, id: string, after: number, language: Language) {
  const rows = await db
    .selectFrom("recommendation_event")
    .leftJoin("account", "account.id", "recommendation_event.by")
    .leftJoin("answer_link", "answer_link.id", "recommendation_event.link_id")
    .select([
      "recommendation_event.type", "recommendation_event.at", "recommendation_event.reason", "recommendation_event.detail", "account.name",
      "answer_link.recipient",
    ]) // biome-ignore format: a list
    .where("recommendation_event.recommendation_id", "=", id)
    .where("recommendation_event.version", ">", after)
    .orderBy("recommendation_event.version")
    .execute();
  return rows.map(({ type, at, reason, detail, name, recipient }) => ({
    type: type as RecommendationEvent["type"],
    at: instant(at, language),
    iso: at,
    who: name ?? recipient ?? "",
    what: RECOMMENDATION_EVENT_WORDS[type as RecommendationEvent["type"]].done[language],
    why: reason,
    detail: detail ? (JSON.parse(detail) as Record<string, string | number>) : null,
  }));
}

/** What a page says of an act that the recommendation's state does not know. */
export const notOfferedWords = (type: RecommendationEvent["type"], language: Language): string =>
  language === "fr"
    ? `« ${RECOMMENDATION_EVENT_WORDS[type].act.fr} » n’est pas possible dans l’état actuel de la recommandation`
    : `“${RECOMMENDATION_EVENT_WORDS[type].act.en}” is not possible in the recommendation’s present state`;

/**
 * Applies an event to a recommendation: the row and its history in the same transaction as whatever the caller writes with it.
 * @param change, on, detail as for `moveRecommendation`
 * @returns the row as it is after the event
 * @throws Refusal with the reasons in words; Conflict when somebody acted since `seenVersion`; NotFound
 */
export async function actOnRecommendation(
  tx: Tx,
  {
    reference,
    seenVersion,
    event,
    now,
    change = {},
    on = null,
    detail = null,
  }: {
    reference: string;
    seenVersion: number;
    event: RecommendationEvent;
    now: string;
    change?: FollowUpChange;
    on?: string | null;
    detail?: Record<string, string | number> | null;
  },
): Promise<RecommendationTable> {
  // What it rests on is held first, as whoever withdraws a finding does: an approval and that withdrawal come one after the other.
  if (dialectOf(tx) === "postgres" && event.type === "RECOMMENDATION_APPROVED")
    await tx
      .selectFrom("cross_finding")
      .select("id")
      .where("id", "in", (e) =>
        e
          .selectFrom("recommendation_cross_finding")
          .innerJoin("recommendation", "recommendation.id", "recommendation_cross_finding.recommendation_id")
          .select("cross_finding_id")
          .where("recommendation.reference", "=", reference),
      )
      .orderBy("id")
      .forShare()
      .execute();
  if (dialectOf(tx) === "postgres")
    await tx.selectFrom("recommendation").select("id").where("reference", "=", reference).forUpdate().execute();
  const row = await findRecommendation(tx, reference);
  const back = `/recommandations/${reference}`;
  if (row.version !== seenVersion) throw new Conflict<Db>((db, language) => historyOf(db, row.id, seenVersion, language), back);
  const decision = await moveRecommendation(tx, row, event, now, { change, on, detail });
  if (decision.kind !== "moved")
    throw new Refusal(
      (language) =>
        decision.kind === "refused"
          ? decision.broken.map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](decision.facts))
          : [notOfferedWords(event.type, language)],
      back,
    );
  return tx.selectFrom("recommendation").selectAll().where("id", "=", row.id).executeTakeFirstOrThrow();
}
