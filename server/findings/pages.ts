import type { Db, FindingKind, FindingStatus, ReportTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { offers } from "../../workflows/report.decide.ts";
import type { ReportEvent, ReportFacts, Rule } from "../../workflows/report.machine.ts";
import { explain, notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import { standingOf } from "../chronology/dates.ts";
import { type Entry, listEntries } from "../chronology/queries.ts";
import { standingLabel, whenLabel } from "../chronology/words.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import { NotFound, Refusal } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { type EditionEntry, listEditions } from "../reports/editions.ts";
import { factsOf } from "../reports/facts.ts";
import { findReport, peopleOf } from "../reports/queries.ts";
import { type Covers, veilOf } from "../wellbeing/veil.ts";
import {
  type Choice,
  type FactorCard,
  factorCards,
  factorLabel,
  optionChoices,
  optionLabel,
  type PassageCard,
  passageCard,
  recommendationFacts,
} from "./labels.ts";
import {
  type Evidence,
  type FindingRow,
  listDocumentedValues,
  listFindings,
  listPassages,
  listRecommendations,
  type RecommendationRow,
} from "./queries.ts";
import { FINDING_KINDS, ORIGINS } from "./write.ts";

export type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };
export type Link = { href: string; label: string };

const KIND_TONES: Record<FindingKind, Tag["tone"]> = {
  failing: "warning",
  missed_signal: "danger",
  good_practice: "success",
  context: "neutral",
};
const STATUS_TONES: Record<FindingStatus, Tag["tone"]> = {
  draft: "info",
  approved: "success",
  returned: "warning",
  edits_proposed: "progress",
};
export const kindTag = (kind: FindingKind, t: T): Tag => ({ tone: KIND_TONES[kind], label: t(`findings.kinds.${kind}.label`) });
const statusTag = (status: FindingStatus, t: T): Tag => ({ tone: STATUS_TONES[status], label: t(`findings.status.${status}`) });
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
  factors: FactorCard[];
  passages: PassageCard[];
  /** Entries of the chronology that it cites, in the order of their dates. */
  entries: EntryCard[];
  /** The last decision when it sent the finding back. */
  returned: { comment: string; by: string; at: string } | null;
  decisions: { at: string; iso: string; who: string; what: string; why: string | null }[];
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
  return {
    report,
    facts: await factsOf(db, report),
    codebook,
    cards: factorCards(
      codebook,
      report.coding_mode === "blind" ? [] : await listDocumentedValues(db, id),
      await peopleOf(db, id),
      language,
      t,
    ),
    passages: await listPassages(db, id),
    findings: own,
    recommendations: advised,
    kept: own.length < findings.length || advised.length < recommendations.length,
    entries: await listEntries(db, report, by),
    covers: await veilOf(db, by.id, "reading", [id]),
  };
}

/** An entry of the chronology in a line. */
export const entryWords = (entry: EditionEntry, actDate: string, language: Language, t: T): Pick<EntryCard, "when" | "text"> => ({
  when: t("findings.entries.when", {
    date: whenLabel(entry, language, t),
    standing: standingLabel(standingOf(entry, actDate), entry.ends_on !== null, language, t),
  }),
  text: [t(`chronology.kinds.${entry.kind}`), entry.service, entry.description].filter(Boolean).join(" · "),
});
const entryCard = (entry: Entry, report: Pick<ReportTable, "id" | "act_date">, language: Language, t: T): EntryCard => ({
  ...entryWords(entry, report.act_date, language, t),
  href: `/rapports/${report.id}/chronologie#entree-${entry.id}`,
});

export function findingCard(
  finding: FindingRow,
  { report, codebook, cards, passages, entries, covers }: Drafts,
  language: Language,
  t: T,
): FindingCard {
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
    );
  const ofFactor = (passage: string) => factors.find((one) => one.passages.includes(passage));
  const chosenOf = (passage: string) => factors.filter((one) => one.passages.includes(passage)).map(({ code }) => code);
  const own = new Set(finding.passages);
  const last = finding.decisions.at(-1);
  return {
    number: finding.number,
    anchor: `constat-${finding.number}`,
    title: t("findings.finding", { number: finding.number }),
    kind: kindTag(finding.kind, t),
    status: statusTag(finding.status, t),
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
        ? { comment: last.comment, by: last.by, at: instant(last.at, language) }
        : null,
    decisions: finding.decisions.map(({ decision, comment, at, by, finding_version }) => ({
      at: instant(at, language),
      iso: at,
      who: by,
      what:
        finding_version === finding.version
          ? t(`findings.decision.${decision}`)
          : t("findings.decision.onEarlierText", { decision: t(`findings.decision.${decision}`) }),
      why: comment || null,
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

// --- all the findings and recommendations of a report -------------------------------------------------------------------------------
const draftsView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  state: Tag;
  version: number;
  /** Why the reader cannot write now; none when they can. */
  closed: string[];
  returned: { by: string; at: string; reason: string } | null;
  findings: FindingCard[];
  recommendations: RecommendationCard[];
  submit: { open: boolean; missing: { text: string; links: Link[] }[] };
  resume: Field | null;
  editions: EditionLink[];
  errors: { href: string; text: string }[];
}>("findings/drafts");

/** Why the findings came back from review last time, while they are being revised. */
async function lastReturn(db: Db, report: ReportTable, language: Language) {
  if (report.state !== "coded") return null;
  const last = await db
    .selectFrom("report_event")
    .innerJoin("account", "account.id", "report_event.by")
    .select(["report_event.type", "report_event.at", "report_event.reason", "account.name"])
    .where("report_id", "=", report.id)
    .where("report_event.type", "in", ["FINDINGS_RETURNED", "FINDINGS_RESUMED", "FINDINGS_SUBMITTED"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return last?.type === "FINDINGS_RETURNED" ? { by: last.name, at: instant(last.at, language), reason: last.reason ?? "" } : null;
}

export async function draftsPage(db: Db, id: string, exchange: Exchange, typed: Typed | null = null, problems: Problems = {}) {
  const { by, t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, facts, findings, recommendations, cards } = drafts;
  exchange.audit("findings.read", "report", id);
  const here = `/rapports/${id}/constats`;
  const toFinding = (rows: readonly FindingRow[], anchor = ""): Link[] =>
    rows.map(({ number }) => ({ href: `${here}/${number}${anchor}`, label: t("findings.finding", { number }) }));
  const links: Partial<Record<Rule, Link[]>> = {
    aFindingIsWritten: [{ href: `${here}/nouveau`, label: t("findings.add") }],
    everyFindingHasEvidence: toFinding(
      findings.filter(({ factors, passages }) => {
        const theirs = cards.filter(({ code }) => factors.includes(code));
        const shown = new Set(theirs.flatMap((card) => card.passages));
        return theirs.length === 0 || theirs.length < factors.length || passages.length === 0 || passages.some((one) => !shown.has(one));
      }),
      "#factors",
    ),
    everyRecommendationHasAFinding: recommendations
      .filter((one) => one.findings.length === 0)
      .map(({ number, reference }) => ({ href: `${here}/recommandations/${number}#findings`, label: reference })),
    noFindingIsLeftReturned: toFinding(findings.filter(({ status }) => status === "returned")),
  };
  const writing = standing(report, facts, by, "FINDING_WRITTEN", language);
  const submitting = standing(report, facts, by, "FINDINGS_SUBMITTED", language);
  const resuming = standing(report, facts, by, "FINDINGS_RESUMED", language);
  return draftsView(t("findings.drafts.pageTitle", { id }), {
    id,
    trail: trail(id, t, { label: t("findings.drafts.title") }),
    state: stateTag(report, language),
    version: report.version,
    closed: [...(drafts.kept ? [t("findings.blind")] : []), ...writing.reasons],
    returned: await lastReturn(db, report, language),
    findings: findings.map((one) => findingCard(one, drafts, language, t)),
    recommendations: recommendations.map((one) => recommendationCard(one, drafts.codebook, language, t)),
    submit: {
      open: submitting.reasons.length === 0,
      missing: submitting.broken
        .filter((rule) => links[rule])
        .map((rule) => ({ text: explain(rule, facts, by, language), links: links[rule] ?? [] })),
    },
    resume: resuming.reasons.length === 0 ? field("reason", typed, problems) : null,
    editions: await editionLinks(db, id, language, t),
    errors: summary(problems),
  });
}

/** Refuses the forms of drafts to whoever may not write now, with the reasons. */
function mustWrite({ report, facts }: Drafts, { by }: Exchange): void {
  if (standing(report, facts, by, "FINDING_WRITTEN", "fr").reasons.length === 0) return;
  throw new Refusal((language) => standing(report, facts, by, "FINDING_WRITTEN", language).reasons, `/rapports/${report.id}/constats`);
}

// --- one finding ------------------------------------------------------------------------------------------------------------------
type FactorChoice = {
  id: string;
  code: string;
  label: string;
  values: string[];
  checked: boolean;
  passages: (PassageCard & { field: string; checked: boolean })[];
};
const findingView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  title: string;
  to: string;
  version: number | null;
  decisions: FindingCard["decisions"];
  kind: Field;
  statement: Field;
  publicStatement: Field;
  service: Field;
  knownWhen: Field;
  kinds: Choice[];
  knownWhens: Choice[];
  factors: ListField;
  passages: ListField;
  entries: ListField;
  entryChoices: Choice[];
  sections: { code: string; label: string; factors: FactorChoice[] }[];
  errors: { href: string; text: string }[];
}>("findings/finding", { scripts: ["/assets/findings.js"] });

/** The form of a finding, new (`number` null) or existing. @throws NotFound, Refusal */
export async function findingPage(
  db: Db,
  id: string,
  number: number | null,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { t, language } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { report, codebook, cards, passages, covers } = drafts;
  const row = number === null ? null : (drafts.findings.find((one) => one.number === number) ?? null);
  if (number !== null && !row) throw new NotFound();
  mustWrite(drafts, exchange);
  exchange.audit("findings.read", "report", id);
  const factors = listField("factors", typed, problems, row?.factors);
  const chosen = listField("passages", typed, problems, row?.passages);
  const title = row ? t("findings.form.editTitle", { number: row.number }) : t("findings.form.newTitle");
  let passage = 0;
  const all = cards.map((card, at): FactorChoice & { section: string } => ({
    id: at === 0 ? "factors" : `factor-${card.code}`,
    section: card.section,
    code: card.code,
    label: card.label,
    values: card.values.map(({ subject, value }) => (subject ? t("findings.factor.ofSubject", { subject, value }) : value)),
    checked: factors.value.includes(card.code),
    passages: card.passages.flatMap((one) => {
      const found = passages.get(one);
      if (!found) return [];
      const field = passage++ === 0 ? "passages" : `passage-choice-${passage}`;
      return [{ ...passageCard(found, report.id, card, covers([card.code], one), t), field, checked: chosen.value.includes(one) }];
    }),
  }));
  return findingView(`${title} – ${id}`, {
    id,
    trail: trail(id, t, { href: `/rapports/${id}/constats`, label: t("findings.drafts.title") }, { label: title }),
    title,
    to: row ? `/rapports/${id}/constats/${row.number}` : `/rapports/${id}/constats`,
    // What was typed stands on the version it was typed over, not on the one that came since.
    version: typed?.["version"] ? Number(typed["version"]) : (row?.version ?? null),
    decisions: row ? findingCard(row, drafts, language, t).decisions : [],
    kind: field("kind", typed, problems, row?.kind),
    statement: field("statement", typed, problems, row?.statement),
    publicStatement: field("publicStatement", typed, problems, row?.public_statement ?? ""),
    service: field("service", typed, problems, row?.service ?? ""),
    knownWhen: field("knownWhen", typed, problems, row?.known_when ?? ""),
    kinds: FINDING_KINDS.map((kind) => ({
      value: kind,
      label: t(`findings.kinds.${kind}.label`),
      hint: t(`findings.kinds.${kind}.hint`),
    })),
    knownWhens: optionChoices(codebook.knownWhen, language),
    factors,
    passages: chosen,
    entries: listField("entries", typed, problems, row?.entries),
    entryChoices: drafts.entries.map((entry) => {
      const { when, text } = entryCard(entry, report, language, t);
      return { value: entry.id, label: when, hint: text };
    }),
    sections: codebook.sections
      .map(({ code, labelFr, labelEn }) => ({
        code,
        label: factorLabel({ labelFr, labelEn }, language),
        factors: all.filter(({ section }) => section === code),
      }))
      .filter((section) => section.factors.length > 0),
    errors: summary(problems),
  });
}

// --- one recommendation -------------------------------------------------------------------------------------------------------------
const recommendationView = template<{
  id: string;
  trail: { label: string; href?: string }[];
  title: string;
  to: string;
  version: number | null;
  fields: Record<"text" | "addressee" | "level" | "theme" | "type" | "origin" | "deadline", Field>;
  options: Record<"addressees" | "levels" | "themes" | "types" | "origins", Choice[]>;
  checks: string[];
  today: string;
  findings: ListField;
  choices: Choice[];
  errors: { href: string; text: string }[];
}>("findings/recommendation");

/** The form of a recommendation, new (`number` null) or existing. @throws NotFound, Refusal */
export async function recommendationPage(
  db: Db,
  id: string,
  number: number | null,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { t, language, now } = exchange;
  const drafts = await readDrafts(db, id, exchange);
  const { codebook } = drafts;
  const row = number === null ? null : (drafts.recommendations.find((one) => one.number === number) ?? null);
  if (number !== null && !row) throw new NotFound();
  mustWrite(drafts, exchange);
  if (row && row.state !== "draft") throw new Refusal(() => [t("findings.recommendation.wordsAreKept")], `/rapports/${id}/constats`);
  exchange.audit("findings.read", "report", id);
  const title = row ? t("findings.recommendation.editTitle", { reference: row.reference }) : t("findings.recommendation.newTitle");
  const lists = codebook.recommendation;
  return recommendationView(`${title} – ${id}`, {
    id,
    trail: trail(id, t, { href: `/rapports/${id}/constats`, label: t("findings.drafts.title") }, { label: title }),
    title,
    to: `/rapports/${id}/constats/recommandations${row ? `/${row.number}` : ""}`,
    version: typed?.["version"] ? Number(typed["version"]) : (row?.version ?? null),
    fields: {
      text: field("text", typed, problems, row?.text),
      addressee: field("addressee", typed, problems, row?.addressee),
      level: field("level", typed, problems, row?.level),
      theme: field("theme", typed, problems, row?.theme),
      type: field("type", typed, problems, row?.type),
      origin: field("origin", typed, problems, row?.origin ?? "observatory"),
      deadline: field("deadline", typed, problems, row?.deadline ?? ""),
    },
    options: {
      addressees: optionChoices(lists.addressees, language),
      levels: optionChoices(lists.levels, language),
      themes: optionChoices(lists.themes, language),
      types: optionChoices(lists.types, language),
      origins: ORIGINS.map((value) => ({ value, label: t(`findings.origins.${value}`) })),
    },
    checks: lists.wordingChecks.map(({ code, definitionFr }) => {
      const label = optionLabel(lists.wordingChecks, code, language);
      return language === "fr" && definitionFr ? `${label}\u00a0: ${definitionFr.replaceAll("'", "’")}` : label;
    }),
    today: dayOf(now),
    findings: listField("findings", typed, problems, row?.findings.map(String)),
    choices: drafts.findings.map((one) => ({
      value: String(one.number),
      label: `${t("findings.finding", { number: one.number })} – ${t(`findings.kinds.${one.kind}.label`)}`,
      hint: one.statement,
    })),
    errors: summary(problems),
  });
}
