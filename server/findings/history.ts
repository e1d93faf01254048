import type { PersonTable } from "../../db/schema.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { instant, longDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import type { EvidenceChange } from "../reports/evidence.ts";
import { factorLabel, subjectLabel, valueLabel } from "./labels.ts";
import type { Words } from "./proposals.ts";
import type { PublicCheck } from "./public-checklist.ts";
import type { FindingRow, Proposal } from "./queries.ts";
import { type Run, wordDifference } from "./word-difference.ts";

export type HistoryLine = { at: string; iso: string; who: string; what: string; why: string | null };
type Reading = { codebook: CodebookDefinition; people: readonly PersonTable[]; language: Language; t: T };

/** What changed in the evidence of a finding, in words. */
export function changeWords(change: EvidenceChange, { codebook, people, language, t }: Reading): string {
  const factorOf = (code: string) => codebook.factors.find((one) => one.code === code);
  const about = (code: string, subject: string) => {
    const factor = factorOf(code);
    const name = factor ? factorLabel(factor, language) : code;
    const who = subjectLabel(people, subject, t);
    return who ? t("findings.changes.of", { factor: name, who }) : name;
  };
  switch (change.what) {
    case "value": {
      const factor = factorOf(change.factor);
      const said = (value: string | null) =>
        value === null ? t("findings.changes.nothing") : factor ? valueLabel(factor, value, codebook, language, t) : value;
      const [before, after] = [said(change.before), said(change.after)];
      return t("findings.reset.value", { factor: about(change.factor, change.subject), before, after });
    }
    case "qualified":
      return t("findings.reset.qualified", { factor: about(change.factor, change.subject) });
    case "passages":
      return t("findings.reset.passages", { factor: about(change.factor, change.subject) });
    case "entry":
      return t("findings.reset.entry", { date: longDate(change.startsOn, language) });
    case "act":
      return t("findings.reset.act", { before: longDate(change.before, language), after: longDate(change.after, language) });
    case "coded":
      return t("findings.reset.coded", { factor: about(change.factor, "case") });
    case "sheet":
      return t("findings.reset.sheet");
  }
}

const listOf = (words: readonly string[], language: Language): string => words.join(language === "fr" ? "\u202f; " : "; ");

/** Everything that was decided and proposed on a finding, oldest first, in words. */
export function historyOf(finding: FindingRow, reading: Reading): HistoryLine[] {
  const { language, t } = reading;
  const onEarlier = (version: number, what: string) =>
    version === finding.version ? what : t("findings.decision.onEarlierText", { decision: what });
  const decisions = finding.decisions.map((one): HistoryLine => {
    const checks = one.checklist ? (JSON.parse(one.checklist) as PublicCheck[]) : [];
    const more = [
      one.category && t(`findings.categories.${one.category}`),
      checks.length > 0 && t("findings.checks.done", { list: checks.map((check) => t(`findings.checks.short.${check}`)).join(", ") }),
    ].filter(Boolean);
    const what = [onEarlier(one.finding_version, t(`findings.decision.${one.decision}`)), ...more].join(" · ");
    const changes = one.changes ? (JSON.parse(one.changes) as EvidenceChange[]) : [];
    return {
      at: instant(one.at, language),
      iso: one.at,
      who: one.decision === "reset" ? t("findings.history.system", { name: one.by }) : one.by,
      what,
      why:
        changes.length > 0
          ? listOf(
              changes.map((change) => changeWords(change, reading)),
              language,
            )
          : one.comment || null,
    };
  });
  const proposals = finding.proposals.flatMap((one): HistoryLine[] => [
    {
      at: instant(one.proposed_at, language),
      iso: one.proposed_at,
      who: one.by,
      what: t(`findings.history.${one.kind}.proposed`),
      why: one.reason,
    },
    ...(one.outcome && one.decided_at
      ? [
          {
            at: instant(one.decided_at, language),
            iso: one.decided_at,
            who: one.decider ?? "",
            what: t(`findings.history.${one.kind}.${one.outcome}`),
            why: one.outcome_reason,
          },
        ]
      : []),
  ]);
  return [...decisions, ...proposals].sort((a, b) => (a.iso < b.iso ? -1 : a.iso > b.iso ? 1 : 0));
}

export type Difference = { label: string; runs: Run[] };
/** What proposed words change, part by part; parts left as they are are left out. */
export function differencesOf({ words_before, statement, public_statement, service }: Proposal, t: T): Difference[] {
  const before = JSON.parse(words_before) as Words;
  const parts: [string, string | null, string | null][] = [
    [t("findings.form.statement"), before.statement, statement],
    [t("findings.public.label"), before.publicStatement, public_statement],
    [t("findings.form.service"), before.service, service],
  ];
  return parts.filter(([, was, is]) => was !== is).map(([label, was, is]) => ({ label, runs: wordDifference(was ?? "", is ?? "") }));
}

/** Corrections that were published and reviewers' words that were taken, newest first: what the text was before. */
export const pastTexts = (finding: FindingRow, { language, t }: Pick<Reading, "language" | "t">) =>
  finding.proposals
    .filter(({ outcome }) => outcome === "accepted")
    .map((one) => ({
      title: t(`findings.history.${one.kind}.accepted`),
      at: instant(one.decided_at!, language),
      differences: differencesOf(one, t),
    }))
    .reverse();
