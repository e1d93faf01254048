import type { RecommendationState } from "../../workflows/recommendation.decide.ts";
import type { Answer, AnswerAssessment, Implementation } from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_STATE_WORDS,
} from "../../workflows/recommendation.words.ts";
import type { Language } from "../http/words.ts";

export type Choice = { value: string; label: string; hint?: string };
export type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };

const STATE_TONES: Record<RecommendationState, Tag["tone"]> = {
  draft: "neutral",
  approved: "info",
  issued: "progress",
  answered: "progress",
  assessed: "progress",
  closed: "success",
  withdrawn: "neutral",
};
export const stateTag = (state: RecommendationState, language: Language): Tag => ({
  tone: STATE_TONES[state],
  label: RECOMMENDATION_STATE_WORDS[state][language],
});

const ANSWER_TONES: Record<Answer, Tag["tone"]> = {
  accepted: "info",
  partly_accepted: "info",
  rejected: "warning",
  already_in_place: "info",
  in_progress: "info",
  partly_implemented: "info",
  implemented: "info",
};
/** What the addressee says: never in a colour of judgment, but for a refusal. */
export const answerTag = (said: Answer, language: Language): Tag => ({ tone: ANSWER_TONES[said], label: ANSWER_WORDS[said][language] });

const ASSESSMENT_TONES: Record<AnswerAssessment, Tag["tone"]> = {
  acceptable: "success",
  acceptable_alternative: "success",
  unacceptable: "danger",
  no_answer: "warning",
};
export const assessmentTag = (value: AnswerAssessment, language: Language): Tag => ({
  tone: ASSESSMENT_TONES[value],
  label: ANSWER_ASSESSMENT_WORDS[value][language],
});

const IMPLEMENTATION_TONES: Record<Implementation, Tag["tone"]> = {
  fully: "success",
  in_progress: "progress",
  incomplete: "warning",
  not_implemented: "danger",
  without_object: "neutral",
};
export const implementationTag = (value: Implementation, language: Language): Tag => ({
  tone: IMPLEMENTATION_TONES[value],
  label: IMPLEMENTATION_WORDS[value][language],
});

/** Codes of a list as choices, in words of the machine. */
export const wordChoices = <Code extends string>(
  codes: readonly Code[],
  words: Record<Code, { fr: string; en: string }>,
  language: Language,
): Choice[] => codes.map((value) => ({ value, label: words[value][language] }));
