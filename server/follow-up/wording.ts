import type { Option } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import type { Language, T } from "../http/words.ts";
import { type Wording, wordingChecks } from "../reports/wording-checks.ts";

export type CheckLine = { code: string; ok: boolean; label: string; why: string[] };
/** The codebook's five checks of the words of a recommendation: each passed, or with what is to be mended. */
export const checkLines = (wording: Wording, today: string, checks: readonly Option[], language: Language, t: T): CheckLine[] =>
  wordingChecks(wording, today).map(({ code, ok, why }) => ({
    code,
    ok,
    label: labelIn(checks, code, language),
    why: why.map((one) => t(`recommendations.checks.why.${one}`)),
  }));
