import type { Db } from "../../db/schema.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { dayOf, integer, shortDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { factorsCameBack } from "../recommendations/returns.ts";
import { type Group, type Item, opening } from "./groups.ts";
import {
  answersOverdue,
  answersToAssess,
  closedLately,
  draftsToApprove,
  questionedRecommendations,
  SHOWN,
  type Waiting,
} from "./recommendations.ts";

type Asked = { t: T; language: Language; today: string };
/** How many of those closed last are looked at for factors that came back. */
const CLOSED_LOOKED_AT = 1000;

/** A recommendation as a line: its reference, whom it is addressed to, a word of where it stands, and its first words. */
async function lineMaker(db: Db, language: Language) {
  const { recommendation: lists } = await currentCodebook(db);
  return (one: Pick<Waiting, "reference" | "addressee" | "text">, detail: string, due: string | null = null): Item => ({
    href: `/recommandations/${one.reference}`,
    label: one.reference,
    detail: [labelIn(lists.addressees, one.addressee, language), detail].filter(Boolean).join(" · "),
    high: false,
    due,
    late: due !== null,
    why: opening(one.text),
  });
}

/** What the follow-up of recommendations asks of the head of the observatory. */
export async function recommendationsToFollow(db: Db, { t, language, today }: Asked): Promise<Group[]> {
  const line = await lineMaker(db, language);
  const answers = await answersToAssess(db);
  const overdue = await answersOverdue(db, today);
  const questioned = await questionedRecommendations(db);
  const closed = await closedLately(db, CLOSED_LOOKED_AT);
  const cases = await factorsCameBack(db, closed);
  const back = closed.filter(({ id }) => cases.has(id));
  return [
    {
      id: "reponses",
      title: t("home.followUp.answers.title"),
      empty: t("home.followUp.answers.empty"),
      items: answers.lines.map((one) =>
        line(
          one,
          [
            one.answered_at === null ? "" : t("home.followUp.answers.received", { date: shortDate(dayOf(one.answered_at), language) }),
            t(`home.followUp.answers.${answers.silent.has(one.id) ? "acknowledge" : "assess"}`),
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
      total: integer(answers.total, language),
      all: "/recommandations?statut=answered",
    },
    {
      id: "reponses-en-retard",
      title: t("home.followUp.overdue.title"),
      empty: t("home.followUp.overdue.empty"),
      items: overdue.lines.map((one) => line(one, "", t("home.followUp.overdue.due", { date: shortDate(one.answer_due!, language) }))),
      total: integer(overdue.total, language),
      all: "/recommandations?retard=reponse",
    },
    ...(questioned.total > 0
      ? [
          {
            id: "constats-en-question",
            title: t("home.followUp.questioned.title"),
            empty: "",
            items: questioned.lines.map((one) => line(one, "")),
            total: integer(questioned.total, language),
            all: "/recommandations?preuve=oui",
          },
        ]
      : []),
    ...(back.length > 0
      ? [
          {
            id: "facteurs-revenus",
            title: t("home.followUp.back.title"),
            empty: "",
            items: back.slice(0, SHOWN).map((one) => {
              const count = cases.get(one.id)!;
              return line(one, t("home.followUp.back.cases", { count, n: integer(count, language) }));
            }),
            total: integer(back.length, language),
            all: "/recommandations?statut=closed",
          },
        ]
      : []),
  ];
}

/** Drafts of recommendations that a reviewer may approve. */
export async function recommendationsToApprove(db: Db, reviewer: string, { t, language }: Asked): Promise<Group[]> {
  const drafts = await draftsToApprove(db, reviewer);
  if (drafts.total === 0) return [];
  const line = await lineMaker(db, language);
  return [
    {
      id: "a-approuver",
      title: t("home.followUp.drafts.title"),
      empty: "",
      items: drafts.lines.map((one) => line(one, "")),
      total: integer(drafts.total, language),
      all: "/recommandations",
    },
  ];
}
