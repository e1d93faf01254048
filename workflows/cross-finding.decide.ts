import { getNextTransitions, type StateValueFrom, transition } from "xstate";
import type { Actor } from "./actor.ts";
import {
  CROSS_FINDING_CONSEQUENCES,
  type CrossFindingEvent,
  type CrossFindingFacts,
  type CrossFindingRule,
  crossFindingBroken,
  crossFindingMachine,
} from "./cross-finding.machine.ts";

export type CrossFindingState = StateValueFrom<typeof crossFindingMachine>;
export const CROSS_FINDING_STATES = Object.keys(crossFindingMachine.states) as CrossFindingState[];

/** An event that a state knows, with the rules that stand in the way of whoever asks (none: it may be caused now). */
export type CrossFindingOffer = { type: CrossFindingEvent["type"]; broken: CrossFindingRule[] };
export type CrossFindingDecision =
  | { kind: "moved"; from: CrossFindingState; to: CrossFindingState }
  | { kind: "refused"; event: CrossFindingEvent["type"]; broken: CrossFindingRule[] }
  | { kind: "not-offered"; event: CrossFindingEvent["type"] };

const at = (value: CrossFindingState, context: CrossFindingFacts) => crossFindingMachine.resolveState({ value, context });
const known = (state: CrossFindingState, facts: CrossFindingFacts, by: Actor): CrossFindingOffer[] =>
  getNextTransitions(at(state, facts)).map(({ eventType, guard }) => ({
    type: eventType as CrossFindingEvent["type"],
    broken: crossFindingBroken((guard as unknown as { params: CrossFindingRule[] }).params, facts, by),
  }));

/** Every event a finding's state knows and a person may ask for, with what stands in its way. */
export const crossFindingOffers = (state: CrossFindingState, facts: CrossFindingFacts, by: Actor): CrossFindingOffer[] =>
  known(state, facts, by).filter(({ type }) => !(CROSS_FINDING_CONSEQUENCES as readonly string[]).includes(type));

/** What this event does to a finding in this state: moved, refused with the broken rules, or unknown to the state. */
export function decideCrossFinding(state: CrossFindingState, facts: CrossFindingFacts, event: CrossFindingEvent): CrossFindingDecision {
  const offer = known(state, facts, event.by).find(({ type }) => type === event.type);
  if (!offer) return { kind: "not-offered", event: event.type };
  if (offer.broken.length > 0) return { kind: "refused", event: event.type, broken: offer.broken };
  const [after] = transition(crossFindingMachine, at(state, facts), event);
  return { kind: "moved", from: state, to: after.value };
}
