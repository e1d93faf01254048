import { foldText } from "../fold.ts";
import { type WordingCheck, wordingChecks } from "../wording-checks.ts";
import type { CaseOnFile, Issue, Place, QualityRule, RecommendationOnFile } from "./case.ts";

const at = ({ number }: Pick<RecommendationOnFile, "number">): Place => ({ on: "recommendation", number });

/** Recommendations whose words can still be changed, and fail one of the codebook's checks. */
const failing = ({ recommendations, today }: CaseOnFile, check: WordingCheck): Issue[] =>
  recommendations
    .filter(({ draft }) => draft)
    .filter(({ proofExpected, findings, ...one }) =>
      wordingChecks({ ...one, proof_expected: proofExpected, findings: findings.length }, today).some(
        ({ code, ok }) => code === check && !ok,
      ),
    )
    .map((one) => ({ place: at(one), params: { number: one.number } }));

/** The five wording checks of the codebook, and what else makes a recommendation that cannot be answered. */
export const RECOMMENDATION_RULES = [
  {
    // It would be an opinion.
    code: "recommendation_without_finding",
    severity: "blocking",
    about: "recommendation",
    refusedApart: true,
    check: (file) => failing(file, "evidence_linked"),
  },
  {
    // A deed can be done; a wish cannot.
    code: "recommendation_not_specific",
    severity: "warning",
    about: "recommendation",
    check: (file) => failing(file, "specific"),
  },
  {
    // What everybody must do, nobody does.
    code: "recommendation_not_addressed",
    severity: "warning",
    about: "recommendation",
    check: (file) => failing(file, "addressed"),
  },
  {
    // Without a date it is never late.
    code: "recommendation_not_dated",
    severity: "warning",
    about: "recommendation",
    check: ({ recommendations }) =>
      recommendations
        .filter(({ draft, deadline }) => draft && deadline === null)
        .map((one) => ({ place: at(one), params: { number: one.number } })),
  },
  {
    // It was written in time, and waited.
    code: "recommendation_deadline_past",
    severity: "warning",
    about: "recommendation",
    check: ({ recommendations, today }) =>
      recommendations
        .filter(({ draft, deadline }) => draft && deadline !== null && deadline < today)
        .map((one) => ({ place: at(one), params: { number: one.number, deadline: { day: one.deadline! } } })),
  },
  {
    // An addressee who does not know what would prove it sends a letter of intent.
    code: "recommendation_not_verifiable",
    severity: "warning",
    about: "recommendation",
    check: (file) => failing(file, "verifiable"),
  },
  {
    // Asked twice, answered once, counted twice.
    code: "recommendation_twice",
    severity: "warning",
    about: "recommendation",
    check: ({ recommendations }) =>
      recommendations.flatMap((one, index) => {
        const first = recommendations.slice(0, index).find(({ text }) => foldText(text) === foldText(one.text));
        return first ? [{ place: at(one), params: { number: one.number, first: first.number } }] : [];
      }),
  },
] as const satisfies readonly QualityRule[];
