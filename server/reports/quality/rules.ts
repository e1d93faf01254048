import { ABOUT, applies, type CaseOnFile, type Issue, isCoded, type QualityRule, SEVERITIES } from "./case.ts";
import { CHRONOLOGY_RULES } from "./chronology-rules.ts";
import { CODING_RULES } from "./coding-rules.ts";
import { FINDING_RULES } from "./finding-rules.ts";
import { RECOMMENDATION_RULES } from "./recommendation-rules.ts";
import { SHEET_RULES } from "./sheet-rules.ts";

const ALL = [...SHEET_RULES, ...CODING_RULES, ...CHRONOLOGY_RULES, ...FINDING_RULES, ...RECOMMENDATION_RULES] as const;
export type QualityCode = (typeof ALL)[number]["code"];
export type NamedRule = QualityRule & { code: QualityCode };

/** Every rule, by what it is about; within that, blocking ones first. */
export const QUALITY_RULES: readonly NamedRule[] = [...(ALL as readonly NamedRule[])].sort(
  (a, b) => ABOUT.indexOf(a.about) - ABOUT.indexOf(b.about) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
);
/** Changed whenever a rule is, so that results kept from before are judged again. */
export const RULES_EDITION = 1;

export type Judged = { rule: NamedRule; issues: Issue[] };
/** What the rules say of a file: those with an issue, in the order of the rules. */
export function judge(file: CaseOnFile, rules: readonly NamedRule[] = QUALITY_RULES): Judged[] {
  const factors = new Set(file.codebook.factors.map(({ code }) => code));
  const coded = isCoded(file.state);
  return rules
    .filter((rule) => applies(rule, factors, coded))
    .map((rule) => ({ rule, issues: rule.check(file) }))
    .filter(({ issues }) => issues.length > 0);
}

/** How many issues of each severity. */
export const countOf = (judged: readonly Judged[]): { blocking: number; warnings: number } => {
  const of = (severity: QualityRule["severity"]) =>
    judged.filter(({ rule }) => rule.severity === severity).reduce((sum, { issues }) => sum + issues.length, 0);
  return { blocking: of("blocking"), warnings: of("warning") };
};

const STOPPING = QUALITY_RULES.filter((rule) => rule.severity === "blocking" && !rule.refusedApart);
/** Issues that stop findings from going to review, without those that the machine counts by themselves. None of them depends on today. */
export const stoppingIssues = (file: CaseOnFile): number => judge(file, STOPPING).reduce((sum, { issues }) => sum + issues.length, 0);
