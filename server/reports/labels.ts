import type { ReportState } from "../../workflows/report.decide.ts";
import { STATE_WORDS } from "../../workflows/report.words.ts";
import { integer } from "../http/formats.ts";
import type { Language } from "../http/words.ts";
import { APPEAL_COURTS, COURTS, DEPARTMENTS } from "./places.ts";

export type Choice = { value: string; label: string; group?: string };
export type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };

const STATE_TONES: Record<ReportState, Tag["tone"]> = {
  received: "info",
  coded: "progress",
  analysed: "progress",
  published: "success",
  set_aside: "neutral",
};
/** The state of a report as a tag. */
export const stateTag = (state: ReportState, language: Language): Tag => ({
  tone: STATE_TONES[state],
  label: STATE_WORDS[state][language],
});

export const choices = <Code extends string>(codes: readonly Code[], label: (code: Code) => string): Choice[] =>
  codes.map((value) => ({ value, label: label(value) }));
export const departmentChoices: Choice[] = DEPARTMENTS.map(({ code, name }) => ({ value: code, label: `${code} – ${name}` }));
export const courtChoices: Choice[] = APPEAL_COURTS.flatMap((group) =>
  COURTS.filter((court) => court.appealCourt === group).map(({ srj, name }) => ({ value: srj, label: name, group })),
);

export const kilobytes = (bytes: number, language: Language): string =>
  bytes < 1_048_576
    ? `${integer(Math.max(1, Math.round(bytes / 1024)), language)}\u00a0${language === "fr" ? "Ko" : "KB"}`
    : `${integer(Math.round(bytes / 1_048_576), language)}\u00a0${language === "fr" ? "Mo" : "MB"}`;
