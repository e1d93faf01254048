import type { Db } from "../../db/schema.ts";
import { type Actor, holds } from "../../workflows/actor.ts";
import { listCrossFindingsInReview, listCrossFindingsToRevise } from "../cross-findings/review-queue.ts";
import { dayOf, shortDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { type Group, type Item, opening } from "./groups.ts";

/** Cross-case findings that wait for this person: to decide on, or to write again. */
export async function crossFindingsWaiting(db: Db, by: Actor, { t, language }: { t: T; language: Language }): Promise<Group[]> {
  const line = (one: { reference: string; statement: string }, detail: string): Item => ({
    href: `/constats/${one.reference}`,
    label: one.reference,
    detail,
    high: false,
    due: null,
    late: false,
    why: opening(one.statement),
  });
  const groups: Group[] = [];
  if (holds(by, "reviewer")) {
    const mine = (await listCrossFindingsInReview(db, by, language)).filter(({ mayDecide, wordsWait }) => mayDecide && !wordsWait);
    if (mine.length > 0)
      groups.push({
        id: "constats-a-relire",
        title: t("home.crossFindings.review"),
        empty: "",
        items: mine.map((one) =>
          line(
            one,
            one.changed ? t("home.crossFindings.changed") : t("home.review.waiting", { date: shortDate(dayOf(one.since), language) }),
          ),
        ),
        all: "/relecture",
      });
  }
  if (holds(by, "analyst") || holds(by, "coordinator")) {
    const own = await listCrossFindingsToRevise(db, by);
    if (own.length > 0)
      groups.push({
        id: "constats-a-reprendre",
        title: t("home.crossFindings.revise"),
        empty: "",
        items: own.map((one) => line(one, t(`home.crossFindings.${one.what}`))),
        all: "/constats",
      });
  }
  return groups;
}
