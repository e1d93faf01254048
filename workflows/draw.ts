import { crossFindingMachine } from "./cross-finding.machine.ts";
import { CROSS_FINDING_EVENT_WORDS, CROSS_FINDING_STATE_WORDS } from "./cross-finding.words.ts";
import { recommendationMachine } from "./recommendation.machine.ts";
import { RECOMMENDATION_EVENT_WORDS, RECOMMENDATION_STATE_WORDS } from "./recommendation.words.ts";
import { reportMachine } from "./report.machine.ts";
import { EVENT_WORDS, STATE_WORDS } from "./report.words.ts";

type Said = { fr: string; en: string };
type Machine = { config: { states?: Record<string, { on?: unknown }> } };
type Words = { states: Record<string, Said>; events: Record<string, { act: Said }>; begins: string };

const transitions = (machine: Machine) =>
  Object.entries(machine.config.states!).flatMap(([from, { on }]) =>
    Object.entries((on ?? {}) as Record<string, { target: string }>).map(([event, { target }]) => ({ event, from, to: target })),
  );

/** A machine as a Mermaid state diagram: what moves it from state to state, with the words of its buttons. */
function drawn(machine: Machine, { states, events, begins }: Words): string {
  const moves = transitions(machine).filter(({ from, to }) => from !== to);
  const grouped = Map.groupBy(moves, ({ from, to }) => `${from} --> ${to}`);
  const [initial] = Object.keys(machine.config.states!);
  return [
    "```mermaid",
    "stateDiagram-v2",
    "  direction LR",
    ...Object.entries(states).map(([state, { en, fr }]) => `  ${state}: ${en} (${fr})`),
    `  [*] --> ${initial}: ${begins}`,
    ...[...grouped].map(([arrow, all]) => `  ${arrow}: ${all.map(({ event }) => events[event]!.act.en).join(" / ")}`),
    "```",
  ].join("\n");
}

/** The charts of the README, by the name of their mark. */
export const CHARTS: Readonly<Record<string, () => string>> = {
  workflow: () => drawn(reportMachine as Machine, { states: STATE_WORDS, events: EVENT_WORDS, begins: "Deposit" }),
  recommendation: () =>
    drawn(recommendationMachine as Machine, {
      states: RECOMMENDATION_STATE_WORDS,
      events: RECOMMENDATION_EVENT_WORDS,
      begins: "Write",
    }),
  "cross-finding": () =>
    drawn(crossFindingMachine as Machine, { states: CROSS_FINDING_STATE_WORDS, events: CROSS_FINDING_EVENT_WORDS, begins: "Write" }),
};

/** A text with a chart between its two marks. @throws Error when the marks are not there */
export function withChart(text: string, name: string, chart: string): string {
  const begin = `<!-- ${name}: drawn by npm run draw -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(`<!-- /${name} -->`)];
  if (from < 0 || to < from) throw new Error(`The README lacks the marks around the chart "${name}"`);
  return `${text.slice(0, from + begin.length)}\n${chart}\n${text.slice(to)}`;
}

/** A text with all charts drawn anew. @throws as withChart */
export const withCharts = (text: string): string =>
  Object.entries(CHARTS).reduce((drawnSoFar, [name, draw]) => withChart(drawnSoFar, name, draw()), text);
