import type { FindingKind } from "../../db/schema.ts";
import type { CrossFindingState } from "../../workflows/cross-finding.decide.ts";
import { CROSS_FINDING_STATE_WORDS } from "../../workflows/cross-finding.words.ts";
import type { CodebookDefinition, Factor } from "../codebook/definition.ts";
import { labelIn, labelOf } from "../codebook/labels.ts";
import { personLabel, valueLabel } from "../coding/labels.ts";
import type { Language, T } from "../http/words.ts";
import type { Evidence } from "./evidence.ts";

export type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };

const KIND_TONES: Record<FindingKind, Tag["tone"]> = {
  failing: "warning",
  missed_signal: "danger",
  good_practice: "success",
  context: "neutral",
};
const STATE_TONES: Record<CrossFindingState, Tag["tone"]> = {
  draft: "info",
  in_review: "progress",
  approved: "success",
  withdrawn: "neutral",
};
export const kindTag = (kind: FindingKind, t: T): Tag => ({ tone: KIND_TONES[kind], label: t(`findings.kinds.${kind}.label`) });
export const stateTag = (state: CrossFindingState, language: Language): Tag => ({
  tone: STATE_TONES[state],
  label: CROSS_FINDING_STATE_WORDS[state][language],
});

/** Label of a factor; its code when the codebook in force lacks it (an earlier version had it). */
export const factorName = ({ factors }: CodebookDefinition, code: string, language: Language): string => {
  const factor = factors.find((one) => one.code === code);
  return factor ? labelOf(factor, language) : code;
};

/** A value as a basis keeps it: subjects in their order joined by ";". */
export function seenValue(codebook: CodebookDefinition, code: string, value: string, language: Language, t: T): string {
  const factor: Factor | undefined = codebook.factors.find((one) => one.code === code);
  return value
    .split(";")
    .map((one) => (factor ? valueLabel(codebook, factor, one, t, language) : one))
    .join(" ; ");
}

/** What an edition says of a factor, subject by subject, with when it was known. */
export function evidenceLines(
  codebook: CodebookDefinition,
  { factor: code, subjects }: Evidence,
  language: Language,
  t: T,
): { value: string; known: string | null }[] {
  const factor = codebook.factors.find((one) => one.code === code);
  return subjects.map(({ person, value, knownWhen }) => {
    const said = factor ? valueLabel(codebook, factor, value, t, language) : value;
    return {
      value: person ? t("cross-findings.ofPerson", { person: personLabel(person, t), value: said }) : said,
      known: knownWhen && knownWhen !== "unknown" ? labelIn(codebook.knownWhen, knownWhen, language) : null,
    };
  });
}
