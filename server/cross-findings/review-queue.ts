import type { CrossFindingTable, Db } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { crossFindingOffers } from "../../workflows/cross-finding.decide.ts";
import type { CrossFindingRule } from "../../workflows/cross-finding.machine.ts";
import { CROSS_FINDING_RULE_WORDS } from "../../workflows/cross-finding.words.ts";
import type { Exchange } from "../http/handlers.ts";
import type { Language } from "../http/words.ts";
import { crossFindingFactsOf } from "./facts.ts";

export type InReview = Pick<CrossFindingTable, "reference" | "kind" | "statement"> & {
  /** Since when it waits: sent to review, or brought back by its evidence. */
  since: string;
  reports: number;
  /** Its evidence changed since it was approved. */
  changed: boolean;
  wordsWait: boolean;
  /** This person may decide on it now; else why not, in words. */
  mayDecide: boolean;
  why: string[];
};

/** What rules out the person, and not the moment. */
const ABOUT_THE_PERSON: readonly CrossFindingRule[] = [
  "byReviewer",
  "bySomeoneElseThanTheAuthor",
  "bySomeoneElseThanTheCoders",
  "bySomeoneElseThanTheConfirmer",
];

/** The cross-case findings that wait for a reviewer, the longest wait first. They have no priority of their own. */
export async function listCrossFindingsInReview(db: Db, by: Actor, language: Language): Promise<InReview[]> {
  const rows = await db
    .selectFrom("cross_finding")
    .selectAll()
    .where("state", "=", "in_review")
    .orderBy("submitted_at")
    .orderBy("reference")
    .execute();
  const found: InReview[] = [];
  for (const row of rows) {
    const facts = await crossFindingFactsOf(db, row);
    const offer = crossFindingOffers(row.state, facts, by).find(({ type }) => type === "CROSS_FINDING_APPROVED");
    const against = (offer?.broken ?? []).filter((rule) => ABOUT_THE_PERSON.includes(rule));
    found.push({
      reference: row.reference,
      kind: row.kind,
      statement: row.statement,
      since: row.submitted_at ?? row.written_at,
      reports: facts.reports,
      changed: row.evidence_changed_at !== null,
      wordsWait: facts.wordsWait,
      mayDecide: against.length === 0,
      why: against.map((rule) => CROSS_FINDING_RULE_WORDS[rule][language](facts)),
    });
  }
  return found;
}

/** The same as the lines of the reviewers' queue. */
export async function waitingCrossFindings(db: Db, { by, t, language }: Exchange) {
  return (await listCrossFindingsInReview(db, by, language)).map((one) => ({
    href: `/constats/${one.reference}`,
    label: one.reference,
    detail: [
      t(`findings.kinds.${one.kind}.label`),
      t("cross-findings.list.reports", { count: one.reports }),
      ...(one.changed ? [t("cross-findings.list.changed")] : []),
      ...(one.wordsWait ? [t("cross-findings.queue.words")] : []),
    ].join(" · "),
    since: one.since,
    reasons: one.why,
  }));
}

/** Drafts that wait for somebody who wrote them: sent back by a reviewer, or with words of a reviewer to answer; the oldest first. */
export async function listCrossFindingsToRevise(
  db: Db,
  by: Actor,
): Promise<(Pick<CrossFindingTable, "reference" | "statement"> & { what: "returned" | "words" })[]> {
  const rows = await db
    .selectFrom("cross_finding")
    .innerJoin("cross_finding_author", "cross_finding_author.cross_finding_id", "cross_finding.id")
    .select((e) => [
      "reference",
      "statement",
      "cross_finding.state",
      e
        .selectFrom("cross_finding_proposal")
        .select("cross_finding_proposal.id")
        .whereRef("cross_finding_proposal.cross_finding_id", "=", "cross_finding.id")
        .where("outcome", "is", null)
        .as("words"),
      e
        .selectFrom("cross_finding_event")
        .select("type")
        .whereRef("cross_finding_event.cross_finding_id", "=", "cross_finding.id")
        .where("type", "not in", ["DISSENT_RECORDED", "DISSENT_WITHDRAWN"])
        .orderBy("version", "desc")
        .limit(1)
        .as("last"),
    ])
    .where("account_id", "=", by.id)
    .where("cross_finding.state", "in", ["draft", "in_review"])
    .orderBy("written_at")
    .execute();
  return rows.flatMap(({ reference, statement, state, words, last }) => {
    if (words !== null) return { reference, statement, what: "words" as const };
    return state === "draft" && last === "CROSS_FINDING_RETURNED" ? { reference, statement, what: "returned" as const } : [];
  });
}
