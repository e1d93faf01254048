import type { Db, RecommendationTable } from "../../db/schema.ts";
import { recommendationOffers } from "../../workflows/recommendation.decide.ts";
import { RECOMMENDATION_RULE_WORDS } from "../../workflows/recommendation.words.ts";
import { choicesOf } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { findRecommendation, notOfferedWords } from "../follow-up/act.ts";
import { addresseesOf } from "../follow-up/contacts.ts";
import { recommendationFactsOf } from "../follow-up/facts.ts";
import { type CheckLine, checkLines } from "../follow-up/wording.ts";
import { Refusal } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { citableFindings } from "./drafts.ts";
import type { Choice } from "./labels.ts";
import { daysAfter } from "./life.ts";

const FIELDS = ["text", "addressee", "level", "theme", "type", "deadline", "proofExpected"] as const;

const formPage = template<{
  title: string;
  to: string;
  back: string;
  trail: { label: string; href?: string }[];
  version: number;
  fields: Record<(typeof FIELDS)[number], Field>;
  options: Record<"addressees" | "levels" | "themes" | "types", Choice[]>;
  associated: ListField;
  crossFindings: ListField;
  choices: Choice[];
  checks: CheckLine[];
  tomorrow: string;
  errors: { href: string; text: string }[];
}>("recommendations/form", { scripts: ["/assets/wording.js"] });

/**
 * The form of a recommendation that rests on cross-case findings, new (`reference` null) or while it is a draft.
 * @param cited the reference of a cross-case finding ticked beforehand
 * @throws NotFound; Refusal when it is no draft, or not this person's to write
 */
export async function draftForm(
  db: Db,
  reference: string | null,
  cited: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { by, language, t, now, audit } = exchange;
  const row = reference === null ? null : await findRecommendation(db, reference);
  const facts = await recommendationFactsOf(db, row ?? NOBODYS, now);
  const offer = recommendationOffers(row?.state ?? "draft", facts, by).find(({ type }) => type === "RECOMMENDATION_WRITTEN");
  if (!offer || offer.broken.length > 0)
    throw new Refusal(
      (spoken) =>
        offer
          ? offer.broken.map((rule) => RECOMMENDATION_RULE_WORDS[rule][spoken](facts))
          : [notOfferedWords("RECOMMENDATION_WRITTEN", spoken)],
      row ? `/recommandations/${row.reference}` : "/recommandations",
    );
  if (row) audit("recommendation.read", "recommendation", row.reference);
  const { recommendation: lists } = await currentCodebook(db);
  const findings = await citableFindings(db);
  const stored: string[] = row
    ? (
        await db
          .selectFrom("recommendation_cross_finding")
          .innerJoin("cross_finding", "cross_finding.id", "recommendation_cross_finding.cross_finding_id")
          .select("cross_finding.reference")
          .where("recommendation_id", "=", row.id)
          .execute()
      ).map((one) => one.reference)
    : [cited];
  const crossFindings = listField("crossFindings", typed, problems, stored);
  const fields = {
    text: field("text", typed, problems, row?.text),
    addressee: field("addressee", typed, problems, row?.addressee),
    level: field("level", typed, problems, row?.level),
    theme: field("theme", typed, problems, row?.theme),
    type: field("type", typed, problems, row?.type),
    deadline: field("deadline", typed, problems, row?.deadline ?? ""),
    proofExpected: field("proofExpected", typed, problems, row?.proof_expected ?? ""),
  };
  const title = row ? t("recommendations.form.editTitle", { reference: row.reference }) : t("recommendations.form.newTitle");
  return formPage(title, {
    title,
    to: row ? `/recommandations/${row.reference}/modifier` : "/recommandations/nouvelle",
    back: row ? `/recommandations/${row.reference}` : "/recommandations",
    trail: [
      { href: "/recommandations", label: t("recommendations.title") },
      ...(row ? [{ href: `/recommandations/${row.reference}`, label: row.reference }] : []),
      { label: title },
    ],
    version: typed?.version ? Number(typed.version) : (row?.version ?? 0),
    fields,
    options: {
      addressees: choicesOf(lists.addressees, language),
      levels: choicesOf(lists.levels, language),
      themes: choicesOf(lists.themes, language),
      types: choicesOf(lists.types, language),
    },
    associated: listField("associated", typed, problems, row ? (await addresseesOf(db, row)).slice(1) : []),
    crossFindings,
    choices: findings.map((one) => ({
      value: one.reference,
      label: t(`recommendations.form.findingIn.${one.state === "approved" ? "approved" : "in_review"}`, {
        reference: one.reference,
        kind: t(`recommendations.kinds.${one.kind}`),
      }),
      hint: one.statement,
    })),
    checks: checkLines(
      {
        text: fields.text.value,
        addressee: fields.addressee.value,
        deadline: fields.deadline.value || null,
        proof_expected: fields.proofExpected.value || null,
        findings: crossFindings.value.length,
      },
      dayOf(now),
      lists.wordingChecks,
      language,
      t,
    ),
    tomorrow: daysAfter(dayOf(now), 1),
    errors: summary(problems),
  });
}

/** A draft that does not exist yet: whoever may write one is asked of it. */
const NOBODYS: Pick<
  RecommendationTable,
  "id" | "report_id" | "addressee" | "deadline" | "answer_due" | "implementation" | "evidence_question_at"
> = { id: "", report_id: null, addressee: "", deadline: null, answer_due: null, implementation: null, evidence_question_at: null };
