import { ANSWER_ASSESSMENTS, ANSWERS, IMPLEMENTATIONS } from "../../workflows/recommendation.machine.ts";
import { ANSWER_ASSESSMENT_WORDS, ANSWER_WORDS, IMPLEMENTATION_WORDS } from "../../workflows/recommendation.words.ts";
import type { Language } from "../http/words.ts";
import type { OutcomeFigures } from "./figures.ts";

/** What the columns of the tables count, each beside what it is a part of. */
export const COLUMNS = [
  { name: "answered", n: "answered", part: "answeredDue", of: "due" },
  { name: "assessed", n: "assessed", part: "assessed", of: "answered" },
  { name: "answerOverdue", n: "answerOverdue", part: "answerOverdue", of: "due" },
  { name: "implementationOverdue", n: "implementationOverdue", part: "implementationOverdue", of: "deadlinePast" },
  { name: "closed", n: "closed", part: "closed", of: "issued" },
] as const;

/** The two scales, never mixed: what addressees say, and what the observatory finds of the answer and of the implementation. */
export const scalesOf = ({ said, found, implementation }: OutcomeFigures, language: Language) =>
  [
    {
      id: "said",
      set: "answered",
      filter: "reponse",
      values: ANSWERS.map((code) => ({ code, label: ANSWER_WORDS[code][language], n: said[code] })),
    },
    {
      id: "found",
      set: "found",
      filter: "appreciation",
      values: ANSWER_ASSESSMENTS.map((code) => ({ code, label: ANSWER_ASSESSMENT_WORDS[code][language], n: found[code] })),
    },
    {
      id: "implementation",
      set: "implementationFound",
      filter: "mise-en-oeuvre",
      values: IMPLEMENTATIONS.map((code) => ({ code, label: IMPLEMENTATION_WORDS[code][language], n: implementation[code] })),
    },
  ] as const;
