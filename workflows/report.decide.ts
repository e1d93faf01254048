import { getNextTransitions, type StateValueFrom, transition } from "xstate";
import type { Actor } from "./actor.ts";
import { broken, type ReportEvent, type ReportFacts, type Rule, reportMachine } from "./report.machine.ts";

export type ReportState = StateValueFrom<typeof reportMachine>;
export const REPORT_STATES = Object.keys(reportMachine.states) as ReportState[];

/** An event that a state knows, with the rules that stand in this person's way (none: it may be caused now). */
export type Offer = { type: ReportEvent["type"]; broken: Rule[] };

export type Decision =
  | { kind: "moved"; from: ReportState; to: ReportState }
  | { kind: "refused"; event: ReportEvent["type"]; from: ReportState; broken: Rule[]; facts: ReportFacts }
  | { kind: "not-offered"; event: ReportEvent["type"]; from: ReportState };

const at = (value: ReportState, context: ReportFacts) => reportMachine.resolveState({ value, context });

const rulesOf = (guard: unknown): readonly Rule[] => (guard as { params: readonly Rule[] }).params;

/** Every event the state knows, with what stands in its way: what a page needs for its buttons and its explanations. */
export const offers = (state: ReportState, facts: ReportFacts, by: Actor): Offer[] =>
  getNextTransitions(at(state, facts)).map(({ eventType, guard }) => ({
    type: eventType as ReportEvent["type"],
    broken: broken(rulesOf(guard), facts, by),
  }));

/** What this event does to a report in this state, given the facts: moved, refused with the broken rules, or unknown to the state. */
export function decide(state: ReportState, facts: ReportFacts, event: ReportEvent): Decision {
  const offer = offers(state, facts, event.by).find(({ type }) => type === event.type);
  if (!offer) return { kind: "not-offered", event: event.type, from: state };
  if (offer.broken.length > 0) return { kind: "refused", event: event.type, from: state, broken: offer.broken, facts };
  const [after] = transition(reportMachine, at(state, facts), event);
  return { kind: "moved", from: state, to: after.value };
}
