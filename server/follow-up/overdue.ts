import { type RawBuilder, sql } from "kysely";
import type { RecommendationTable } from "../../db/schema.ts";

type Of = Pick<RecommendationTable, "state" | "deadline" | "answer_due" | "implementation">;

/** Past the day by which an answer was awaited, and none came. @param today "2026-11-24", of Paris */
export const answerOverdue = ({ state, answer_due }: Of, today: string): boolean =>
  state === "issued" && answer_due !== null && answer_due < today;

/** Past the day by which it was to be carried out, while the observatory has not settled what became of it. */
export const implementationOverdue = ({ state, deadline, implementation }: Of, today: string): boolean =>
  (state === "issued" || state === "answered" || state === "assessed") &&
  deadline !== null &&
  deadline < today &&
  (implementation === null || implementation === "in_progress");

/** The same as a condition on `recommendation`. */
export const answerIsOverdue = (today: string): RawBuilder<boolean> =>
  sql<boolean>`(recommendation.state = 'issued' and recommendation.answer_due < ${today})`;
/** The same as a condition on `recommendation`. */
export const implementationIsOverdue = (today: string): RawBuilder<boolean> =>
  sql<boolean>`(recommendation.state in ('issued', 'answered', 'assessed') and recommendation.deadline < ${today}
    and (recommendation.implementation is null or recommendation.implementation = 'in_progress'))`;
