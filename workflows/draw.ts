import { reportMachine } from "./report.machine.ts";
import { EVENT_WORDS, STATE_WORDS } from "./report.words.ts";

type Transition = { event: string; from: string; to: string };

const transitions = (): Transition[] =>
  Object.entries(reportMachine.config.states!).flatMap(([from, { on }]) =>
    Object.entries(on as Record<string, { target: string }>).map(([event, { target }]) => ({ event, from, to: target })),
  );

/** The report's machine as a Mermaid state diagram: what moves a report, with the words of its buttons. */
export function drawReportWorkflow(): string {
  const act = (event: string) => EVENT_WORDS[event as keyof typeof EVENT_WORDS].act.en;
  const moves = transitions().filter(({ from, to }) => from !== to);
  const grouped = Map.groupBy(moves, ({ from, to }) => `${from} --> ${to}`);
  return [
    "```mermaid",
    "stateDiagram-v2",
    "  direction LR",
    ...Object.entries(STATE_WORDS).map(([state, { en, fr }]) => `  ${state}: ${en} (${fr})`),
    "  [*] --> received: Deposit",
    ...[...grouped].map(([arrow, all]) => `  ${arrow}: ${all.map(({ event }) => act(event)).join(" / ")}`),
    "```",
  ].join("\n");
}

const BEGIN = "<!-- workflow: drawn by npm run draw -->";
const END = "<!-- /workflow -->";

/** A text with the chart between its two marks. @throws Error when the marks are not there */
export function withChart(text: string, chart: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("The README lacks the marks around the chart of the workflow");
  return `${text.slice(0, begin + BEGIN.length)}\n${chart}\n${text.slice(end)}`;
}
