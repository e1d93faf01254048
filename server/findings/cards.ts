import type { Db, FindingKind, PersonTable, ReportTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { offers } from "../../workflows/report.decide.ts";
import type { FindingFacts, ReportEvent, ReportFacts, Rule } from "../../workflows/report.machine.ts";
import { explain, notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import { standingOf } from "../chronology/dates.ts";
import { type Entry, listEntries } from "../chronology/queries.ts";
import { standingLabel, whenLabel } from "../chronology/words.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { Refusal } from "../http/errors.ts";
import { dayOf, instant, integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import type { Language, T } from "../http/words.ts";
import { type EditionEntry, listEditions } from "../reports/editions.ts";
import { changedSinceDecided } from "../reports/evidence.ts";
import { factsOf, findingFactsOf } from "../reports/facts.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { type Covers, veilOf } from "../wellbeing/veil.ts";
import { changeWords, type Difference, differencesOf, type HistoryLine, historyOf, pastTexts } from "./history.ts";
import { type FactorCard, factorCards, factorLabel, optionLabel, type PassageCard, passageCard, recommendationFacts } from "./labels.ts";
import { type Prevalence, prevalenceOf } from "./prevalence.ts";
import {
  type CodedValue,
  type Evidence,
  type FindingRow,
  listDocumentedValues,
  listFindings,
  listPassages,
  listRecommendations,
  type RecommendationRow,
} from "./queries.ts";

export type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };
export type Link = { href: string; label: string };

const KIND_TONES: Record<FindingKind, Tag["tone"]> = {
  failing: "warning",
  missed_signal: "danger",
  good_practice: "success",
  context: "neutral",
};
const STATUS_TONES: Record<FindingRow["status"], Tag["tone"]> = {
  draft: "info",
  approved: "success",
  returned: "warning",
  edits_proposed: "progress",
};
export const kindTag = (kind: FindingKind, t: T): Tag => ({ tone: KIND_TONES[kind], label: t(`findings.kinds.${kind}.label`) });
const statusTag = ({ status, decisions }: FindingRow, t: T): Tag =>
  status === "returned" && decisions.at(-1)?.decision === "withdrawn"
    ? { tone: "neutral", label: t("findings.status.withdrawn") }
    : { tone: STATUS_TONES[status], label: t(`findings.status.${status}`) };
export const stateTag = (report: Pick<ReportTable, "state">, language: Language): Tag => ({
  tone: report.state === "published" ? "success" : report.state === "set_aside" ? "neutral" : "progress",
  label: STATE_WORDS[report.state][language],
});

/** Whether this person may cause an event now: the rules that stand in the way, and the reasons in words (none: it may be done). */
export type Standing = { broken: Rule[]; reasons: string[] };
export const standing = (report: ReportTable, facts: ReportFacts, by: Actor, type: ReportEvent["type"], language: Language): Standing => {
  const offer = offers(report.state, facts, by).find((one) => one.type === type);
  if (!offer) return { broken: [], reasons: [notOffered(type, report.state, language)] };
  return { broken: offer.broken, reasons: offer.broken.map((rule) => explain(rule, facts, by, language)) };
};

export type FindingCard = {
  number: number;
  anchor: string;
  title: string;
  kind: Tag;
  status: Tag;
  statement: string;
  publicStatement: string | null;
  facts: { term: string; detail: string }[];
  factors: (FactorCard & { across: { text: string; href: string | null } | null })[];
  passages: PassageCard[];
  /** Entries of the chronology that it cites, in the order of their dates. */
  entries: EntryCard[];
  /** The last decision when it sent the finding back. */
  returned: { comment: string; by: string; at: string; category: string | null } | null;
  decisions: HistoryLine[];
  /** Whether a second reviewer reads its public statement. */
  second: Tag | null;
  /** What changed in its evidence since it was decided: it will be decided again. */
  again: string[];
  /** Words that wait for an answer. */
  proposal: { kind: "review" | "correction"; by: string; at: string; reason: string; differences: Difference[] } | null;
  pastTexts: { title: string; at: string; differences: Difference[] }[];
  dissents: { id: string; who: string; at: string; text: string; withdrawn: string | null; own: boolean }[];
  version: number;
};
export type EntryCard = { when: string; text: string; href: string };
export type RecommendationCard = {
  number: number;
  anchor: string;
  reference: string;
  text: string;
  state: Tag | null;
  facts: { term: string; detail: string }[];
  findings: Link[];
  draft: boolean;
  version: number;
};
/** Everything the pages of a report's findings are drawn from. */
export type Drafts = {
  report: ReportTable;
  facts: ReportFacts;
  codebook: CodebookDefinition;
  cards: ReturnType<typeof factorCards>;
  passages: Map<string, Evidence>;
  findings: FindingRow[];
  recommendations: RecommendationRow[];
  /** What the rules look at for each finding, by its number. */
  about: Map<number, FindingFacts>;
  people: PersonTable[];
  /** Who reads: an account's id. */
  reader: string;
  /** What changed in the evidence of findings already decided, by the finding's id. */
  changed: Awaited<ReturnType<typeof changedSinceDecided>>;
  /** The factors of these findings counted over the published cases, and the codes of factors that the observatory shows. */
  across: { counts: Map<string, Prevalence>; values: Map<string, string[]>; shown: ReadonlySet<string> };
  /** The chronology as this reader may see it. */
  entries: Entry[];
  /** Which passages this reader wants covered. */
  covers: Covers;
  /** What was written on one coding by others is kept from this reader while a second one is coded blind. */
  kept: boolean;
};

/**
 * Reads a report's findings and what they rest on. While two analysts code blind, each reads what they wrote themselves: what another wrote
 * rests on the other coding. @throws NotFound
 */
export async function readDrafts(db: Db, id: string, { by, language, t }: Exchange): Promise<Drafts> {
  const report = await findReport(db, id, by);
  const codebook = await codebookVersion(db, report.codebook_version);
  const [findings, recommendations] = [await listFindings(db, id), await listRecommendations(db, id)];
  const told = <Row extends { written_by: string }>(rows: Row[]): Row[] =>
    report.coding_mode === "blind" ? rows.filter(({ written_by }) => written_by === by.id) : rows;
  const [own, advised] = [told(findings), told(recommendations)];
  const people = await peopleOf(db, id);
  const values = report.coding_mode === "blind" ? [] : await listDocumentedValues(db, id);
  return {
    report,
    facts: await factsOf(db, report),
    codebook,
    about: await findingFactsOf(db, id),
    people,
    reader: by.id,
    changed: await changedSinceDecided(db, report),
    across: await acrossCases(db, codebook, own, values),
    cards: factorCards(codebook, values, people, language, t),
    passages: await listPassages(db, id),
    findings: own,
    recommendations: advised,
    kept: own.length < findings.length || advised.length < recommendations.length,
    entries: await listEntries(db, report, by),
    covers: await veilOf(db, by.id, "reading", [id]),
  };
}

/**
 * In how many published cases the factors of these findings are present; for a factor with several answers, have the answer that it has here;
 * for a date or a number, are documented.
 */
async function acrossCases(db: Db, codebook: CodebookDefinition, findings: readonly FindingRow[], coded: readonly CodedValue[]) {
  const codes = new Set(findings.flatMap(({ factors }) => factors));
  const asked = codebook.factors
    .filter(({ code }) => codes.has(code))
    .map(({ code, type }) => {
      const here = coded.filter(({ factor }) => factor === code).flatMap(({ value }) => value.split(","));
      const values = type === "presence" ? ["present"] : type === "category" || type === "multi" ? [...new Set(here)] : [];
      return { factor: code, values };
    });
  return {
    counts: await prevalenceOf(db, codebook.version, asked),
    values: new Map(asked.map(({ factor, values }) => [factor, values])),
    shown: new Set((await currentCodebook(db)).factors.map(({ code }) => code)),
  };
}

/** "présent dans 12 affaires sur 40 documentées (60 affaires)" */
function acrossWords(code: string, { across, codebook }: Drafts, language: Language, t: T): FindingCard["factors"][number]["across"] {
  const counts = across.counts.get(code);
  const factor = codebook.factors.find((one) => one.code === code);
  if (!counts || !factor) return null;
  const href = across.shown.has(code) ? `/observatoire/facteurs/${code}` : null;
  if (counts.cases === 0) return { text: t("findings.across.none"), href };
  const numbers = {
    count: counts.hits,
    having: integer(counts.hits, language),
    documented: integer(counts.documented, language),
    cases: integer(counts.cases, language),
  };
  if (factor.type === "presence") return { text: t("findings.across.present", numbers), href };
  const values = across.values.get(code) ?? [];
  if (values.length === 0) return { text: t("findings.across.documented", { ...numbers, count: counts.documented }), href };
  return { text: t("findings.across.same", numbers), href };
}

/** An entry of the chronology in a line. */
export const entryWords = (entry: EditionEntry, actDate: string, language: Language, t: T): Pick<EntryCard, "when" | "text"> => ({
  when: t("findings.entries.when", {
    date: whenLabel(entry, language, t),
    standing: standingLabel(standingOf(entry, actDate), entry.ends_on !== null, language, t),
  }),
  text: [t(`chronology.kinds.${entry.kind}`), entry.service, entry.description].filter(Boolean).join(" · "),
});
export const entryCard = (entry: Entry, report: Pick<ReportTable, "id" | "act_date">, language: Language, t: T): EntryCard => ({
  ...entryWords(entry, report.act_date, language, t),
  href: `/rapports/${report.id}/chronologie#entree-${entry.id}`,
});

export function findingCard(finding: FindingRow, drafts: Drafts, language: Language, t: T): FindingCard {
  const { report, codebook, cards, passages, entries, covers, people, changed, reader } = drafts;
  const chosen = new Set(finding.factors);
  const factors = codebook.factors
    .filter(({ code }) => chosen.has(code))
    .map(
      // A factor whose value was cleared or became "not documented" since stays in sight, without a value.
      (factor) =>
        cards.find(({ code }) => code === factor.code) ?? {
          code: factor.code,
          section: factor.section,
          label: factorLabel(factor, language),
          passages: [],
          values: [],
        },
    )
    .map((card) => ({ ...card, across: acrossWords(card.code, drafts, language, t) }));
  const ofFactor = (passage: string) => factors.find((one) => one.passages.includes(passage));
  const chosenOf = (passage: string) => factors.filter((one) => one.passages.includes(passage)).map(({ code }) => code);
  const own = new Set(finding.passages);
  const last = finding.decisions.at(-1);
  const reading = { codebook, people, language, t };
  const waiting = finding.proposals.find(({ outcome }) => outcome === null);
  return {
    number: finding.number,
    anchor: `constat-${finding.number}`,
    title: t("findings.finding", { number: finding.number }),
    kind: kindTag(finding.kind, t),
    status: statusTag(finding, t),
    statement: finding.statement,
    publicStatement: finding.public_statement,
    facts: [
      ...(finding.service ? [{ term: t("findings.form.service"), detail: finding.service }] : []),
      ...(finding.known_when
        ? [{ term: t("findings.form.knownWhen"), detail: optionLabel(codebook.knownWhen, finding.known_when, language) }]
        : []),
      {
        term: t("findings.written"),
        detail: t("findings.writtenBy", { name: finding.writer, date: instant(finding.written_at, language) }),
      },
    ],
    factors,
    passages: [...passages.values()]
      .filter(({ id }) => own.has(id))
      .map((one) => passageCard(one, report.id, ofFactor(one.id), covers(chosenOf(one.id), one.id), t)),
    entries: entries.filter(({ id }) => finding.entries.includes(id)).map((one) => entryCard(one, report, language, t)),
    returned:
      last?.decision === "returned" && finding.status === "returned"
        ? {
            comment: last.comment,
            by: last.by,
            at: instant(last.at, language),
            category: last.category && t(`findings.categories.${last.category}`),
          }
        : null,
    decisions: historyOf(finding, reading),
    second: finding.second_review && {
      tone: finding.second_review === "confirmed" ? "success" : "progress",
      label: t(`findings.second.${finding.second_review}`),
    },
    again: (changed.get(finding.id)?.changes ?? []).map((change) => changeWords(change, reading)),
    proposal: waiting
      ? {
          kind: waiting.kind,
          by: waiting.by,
          at: instant(waiting.proposed_at, language),
          reason: waiting.reason,
          differences: differencesOf(waiting, t),
        }
      : null,
    pastTexts: pastTexts(finding, reading),
    dissents: finding.dissents.map(({ id, name, by, at, text, withdrawn_at }) => ({
      id,
      who: name,
      at: instant(at, language),
      text,
      withdrawn: withdrawn_at && instant(withdrawn_at, language),
      own: by === reader && withdrawn_at === null,
    })),
    version: finding.version,
  };
}

export const recommendationCard = (one: RecommendationRow, codebook: CodebookDefinition, language: Language, t: T): RecommendationCard => ({
  number: one.number!, // a recommendation of a report has its number there
  anchor: `recommandation-${one.number}`,
  reference: one.reference,
  text: one.text,
  state:
    one.state === "draft"
      ? null
      : { tone: one.state === "withdrawn" ? "neutral" : "success", label: RECOMMENDATION_STATE_WORDS[one.state][language] },
  facts: recommendationFacts(one, codebook, language, t),
  findings: one.findings.map((number) => ({ href: `#constat-${number}`, label: t("findings.finding", { number }) })),
  draft: one.state === "draft",
  version: one.version,
});

export type EditionLink = Link & { status: string };
export const editionLinks = async (db: Db, reportId: string, language: Language, t: T): Promise<EditionLink[]> =>
  (await listEditions(db, reportId)).map(({ number, published_at, superseded_at }) => ({
    href: `/rapports/${reportId}/editions/${number}`,
    label: t("findings.edition.link", { number, date: longDate(dayOf(published_at), language) }),
    status: superseded_at
      ? t("findings.edition.replacedOn", { date: longDate(dayOf(superseded_at), language) })
      : t("findings.edition.inForce"),
  }));

/** The way to a page of a report. */
export const trail = (id: string, t: T, ...steps: { label: string; href?: string }[]) => [
  { href: "/rapports", label: t("reports.list.title") },
  { href: `/rapports/${id}`, label: id },
  ...steps,
];

/** Refuses the forms of drafts to whoever may not write now, with the reasons. */
export function mustWrite({ report, facts }: Drafts, { by }: Exchange): void {
  if (standing(report, facts, by, "FINDING_WRITTEN", "fr").reasons.length === 0) return;
  throw new Refusal((language) => standing(report, facts, by, "FINDING_WRITTEN", language).reasons, `/rapports/${report.id}/constats`);
}
