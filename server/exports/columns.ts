import type { AnswerAssessment, Implementation, RecommendationEvent } from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_EVENT_WORDS,
  RECOMMENDATION_STATE_WORDS,
} from "../../workflows/recommendation.words.ts";
import type { Classification } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import type { Cell, Column } from "../exchange/table.ts";
import { answerOverdue, implementationOverdue } from "../follow-up/overdue.ts";
import { dayOf } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import type { ExportLine } from "./lines.ts";

/** What words are made with. `today`: the day of Paris that deadlines are compared with. */
export type Saying = { lists: Classification; language: Language; t: T; today: string };
type Reading = (line: ExportLine, say: Saying) => Cell;
type Given = { type: Column["type"]; width: number; read: Reading };

const day = (at: string | null): string | null => (at === null ? null : dayOf(at));
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / 86_400_000);
const yesNo = (is: boolean, { t }: Saying): string => t(is ? "exports.values.yes" : "exports.values.no");
const lastOf = (line: ExportLine, kind: "dispatch" | "reminder" | "receipt") => line.dispatches.findLast((one) => one.kind === kind);
const count = (line: ExportLine, kind: "dispatch" | "reminder" | "receipt") => line.dispatches.filter((one) => one.kind === kind).length;
/** The last answer since the recommendation was last issued: what was said before it was reopened is history. */
const lastAnswer = ({ answers, issued_at }: ExportLine) =>
  answers.findLast(({ received_at }) => issued_at !== null && received_at >= issued_at);
const found = (line: ExportLine, kind: "answer" | "implementation") => line.assessments.findLast((one) => one.kind === kind);

const text = (width: number, read: Reading): Given => ({ type: "text", width, read });
const date = (read: Reading): Given => ({ type: "date", width: 13, read });
const whole = (width: number, read: Reading): Given => ({ type: "integer", width, read });

/** Everything of a recommendation that an export can hold: by group, in the order of the complete layout. */
const CATALOGUE = {
  recommendation: {
    reference: text(16, ({ reference }) => reference),
    text: text(60, (line) => line.text),
    origin: text(22, ({ origin }, { t }) => t(`recommendations.origins.${origin}`)),
    level: text(24, ({ level }, { lists, language }) => labelIn(lists.levels, level, language)),
    theme: text(30, ({ theme }, { lists, language }) => labelIn(lists.themes, theme, language)),
    type: text(30, ({ type }, { lists, language }) => labelIn(lists.types, type, language)),
  },
  addressee: {
    addressee: text(34, ({ addressee }, { lists, language }) => labelIn(lists.addressees, addressee, language)),
    associated: text(40, ({ associated }, { lists, language }) =>
      associated.map((code) => labelIn(lists.addressees, code, language)).join("\n"),
    ),
  },
  evidence: {
    report: text(18, ({ report_id }) => report_id),
    findings: text(12, ({ findings }) => findings.join(", ")),
    crossFindings: text(16, ({ crossFindings }) => crossFindings.join(", ")),
    cases: whole(10, ({ basis }) => basis.cases),
    factors: whole(10, ({ basis }) => basis.factors),
    questioned: date(({ evidence_question_at }) => day(evidence_question_at)),
  },
  life: {
    status: text(14, ({ state }, { language }) => RECOMMENDATION_STATE_WORDS[state][language]),
    written: date(({ written_at }) => day(written_at)),
    approved: date(({ approved_at }) => day(approved_at)),
    issued: date(({ issued_at }) => day(issued_at)),
    answerDue: date(({ answer_due }) => answer_due),
    deadline: date((line) => line.deadline),
    proofExpected: text(40, ({ proof_expected }) => proof_expected),
    received: date(({ received_at }) => day(received_at)),
    answered: date(({ answered_at }) => day(answered_at)),
    assessed: date(({ assessed_at }) => day(assessed_at)),
    closed: date(({ closed_at }) => day(closed_at)),
  },
  dispatch: {
    dispatches: whole(10, (line) => count(line, "dispatch")),
    dispatchedOn: date((line) => lastOf(line, "dispatch")?.on_date ?? null),
    channel: text(22, (line, { t }) => {
      const channel = lastOf(line, "dispatch")?.channel;
      return channel ? t(`exports.channels.${channel}`) : null;
    }),
    recipient: text(34, (line) => lastOf(line, "dispatch")?.recipient ?? null),
    dispatchProof: text(22, (line) => {
      const last = lastOf(line, "dispatch");
      return last?.proof_reference ?? last?.file_name ?? null;
    }),
    reminders: whole(10, (line) => count(line, "reminder")),
    lastReminder: date((line) => lastOf(line, "reminder")?.on_date ?? null),
  },
  answer: {
    answers: whole(10, ({ answers }) => answers.length),
    said: text(22, (line, { language }) => {
      const last = lastAnswer(line);
      return last ? ANSWER_WORDS[last.said][language] : null;
    }),
    answerText: text(60, (line) => lastAnswer(line)?.text ?? null),
    answeredOn: date((line) => lastAnswer(line)?.answered_on ?? null),
    respondent: text(30, (line) => lastAnswer(line)?.respondent ?? null),
    plannedFor: date((line) => lastAnswer(line)?.planned_for ?? null),
    proofs: text(30, (line) => lastAnswer(line)?.proofs.join("\n") ?? null),
  },
  observatory: {
    assessment: text(24, ({ assessment }, { language }) => assessment && ANSWER_ASSESSMENT_WORDS[assessment][language]),
    assessmentComment: text(50, (line) => (line.assessment === null ? null : (found(line, "answer")?.comment ?? null))),
    implementation: text(24, ({ implementation }, { language }) => implementation && IMPLEMENTATION_WORDS[implementation][language]),
    implementationComment: text(50, (line) => (line.implementation === null ? null : (found(line, "implementation")?.comment ?? null))),
  },
  times: {
    daysToAnswer: whole(12, ({ issued_at, answered_at }) => (issued_at && answered_at ? daysBetween(issued_at, answered_at) : null)),
    answerOverdue: text(12, (line, say) => yesNo(answerOverdue(line, say.today), say)),
    implementationOverdue: text(12, (line, say) => yesNo(implementationOverdue(line, say.today), say)),
  },
  ties: {
    sameAs: text(18, ({ sameAs }) => sameAs.join(", ")),
    partOf: text(18, ({ partOf }) => partOf),
    parts: text(18, ({ parts }) => parts.join(", ")),
  },
} as const satisfies Record<string, Record<string, Given>>;

export type ColumnGroup = keyof typeof CATALOGUE;
type KeyOf<Group> = Group extends unknown ? keyof Group : never;
export type ColumnKey = KeyOf<(typeof CATALOGUE)[ColumnGroup]> & string;

/** Keys of the columns by group: what a choice is made from. */
export const COLUMN_GROUPS = Object.entries(CATALOGUE).map(([group, columns]) => ({
  group: group as ColumnGroup,
  keys: Object.keys(columns) as ColumnKey[],
}));
/** Every column, in the order of the complete layout. */
export const COLUMN_KEYS: readonly ColumnKey[] = COLUMN_GROUPS.flatMap(({ keys }) => keys);
const GIVEN = Object.assign({}, ...Object.values(CATALOGUE)) as Record<ColumnKey, Given>;

export const isColumnKey = (key: string): key is ColumnKey => Object.hasOwn(GIVEN, key);
/** How a column is typed, whatever the row. */
export const columnType = (key: ColumnKey): Column["type"] => GIVEN[key].type;

/** These columns as a spreadsheet or a JSON file names them. */
export const columnsOf = (keys: readonly ColumnKey[], t: T): Column[] =>
  keys.map((key) => ({ key, heading: t(`exports.columns.${key}`), type: GIVEN[key].type, width: GIVEN[key].width }));

/** The cells of a recommendation under these columns. */
export const cellsOf = (line: ExportLine, keys: readonly ColumnKey[], say: Saying): Cell[] =>
  keys.map((key) => {
    const cell = GIVEN[key].read(line, say);
    return cell === "" ? null : cell;
  });

/** Columns of the history: a row an event. */
export const HISTORY_KEYS = ["reference", "date", "event", "by", "reason", "detail"] as const;
export type HistoryKey = (typeof HISTORY_KEYS)[number];
const HISTORY_WIDTHS: Record<HistoryKey, number> = { reference: 16, date: 13, event: 34, by: 28, reason: 50, detail: 60 };
export const historyType = (key: HistoryKey): Column["type"] => (key === "date" ? "date" : "text");
export const historyColumns = (t: T): Column[] =>
  HISTORY_KEYS.map((key) => ({ key, heading: t(`exports.history.${key}`), type: historyType(key), width: HISTORY_WIDTHS[key] }));

/** What happened to a recommendation, oldest first, with what was written at that moment: the dispatch, the answer, the assessment. */
export function historyCells(line: ExportLine, { language, t }: Saying): Cell[][] {
  const written = (type: string, at: string): string | null => {
    const parts: (string | null)[] = [];
    for (const one of line.dispatches)
      if (one.at === at) parts.push(t(`exports.channels.${one.channel}`), one.recipient, one.proof_reference ?? one.file_name);
    if (type === "ANSWER_RECEIVED")
      for (const one of line.answers) if (one.received_at === at) parts.push(ANSWER_WORDS[one.said][language], one.respondent, one.text);
    for (const one of line.assessments)
      if (one.at === at && (type === "IMPLEMENTATION_ASSESSED") === (one.kind === "implementation"))
        parts.push(
          one.kind === "answer"
            ? ANSWER_ASSESSMENT_WORDS[one.value as AnswerAssessment][language]
            : IMPLEMENTATION_WORDS[one.value as Implementation][language],
        );
    return parts.filter(Boolean).join(" – ") || null;
  };
  return line.events.map(({ type, at, reason, who }) => [
    line.reference,
    dayOf(at),
    RECOMMENDATION_EVENT_WORDS[type as RecommendationEvent["type"]].done[language],
    who || null,
    reason,
    written(type, at),
  ]);
}
