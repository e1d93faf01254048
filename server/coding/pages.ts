import type { CodingTable, Db, ReportTable } from "../../db/schema.ts";
import { notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import type { CodebookDefinition, Factor, Option } from "../codebook/definition.ts";
import { labelOf, printed } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { openQuestions } from "../questions/counts.ts";
import { actsFor } from "../reports/apply-event.ts";
import { COURTS, DEPARTMENTS } from "../reports/places.ts";
import { findReport, listAssignments, listDocuments, peopleOf } from "../reports/queries.ts";
import { clearedVersions, listActs } from "./acts.ts";
import { anchorOf, type Expected, expectedIn, keyOf, type Missing, missingOf, subjectOf } from "./expected.ts";
import { optionsOf, personLabel, unitLabel, valueLabel } from "./labels.ts";
import { type DrawnBlock, drawnBlocks, type Marked } from "./marks.ts";
import {
  type CodedPassage,
  findDocument,
  layerFor,
  listCodedPassages,
  listCodings,
  listDismissals,
  type SourceDocument,
} from "./queries.ts";
import { sheetValue } from "./save-value.ts";
import { suggestionsFor } from "./suggested.ts";
import { type Direction, offersOf } from "./undo.ts";
import { closedOption, existedAt, UNKNOWN } from "./values.ts";

type Choice = { value: string; label: string; chosen: boolean; closed: boolean; alone: boolean };
type Select = { name: string; label: string; options: { value: string; label: string; chosen: boolean }[] };
/** A passage to read: `place` is what its buttons send, `because` the words that say why. */
type SuggestionLine = { quote: string; because: string; negation: string | null; place: string; href: string };
type QuoteLine = { id: string; quote: string; href: string; source: string; detach: string };
/** One factor of the page, for the case or for one person. */
export type Card = {
  id: string;
  factor: string;
  subject: string;
  title: string;
  person: string | null;
  /** Words the filter looks in, folded by the page's script. */
  search: string;
  section: string;
  tags: string[];
  definition: string;
  control: "segmented" | "radios" | "select" | "checkboxes" | "number" | "date";
  choices: Choice[];
  /** What a number or date shows; the unit of a number. */
  typed: string;
  unit: string | null;
  hint: string | null;
  version: number;
  coded: boolean;
  missing: { kind: Missing; label: string } | null;
  value: string | null;
  saved: string | null;
  selects: Select[];
  /** The chosen qualifiers in words. */
  qualified: string;
  note: string;
  reason: string;
  reasonOpen: boolean;
  quotes: QuoteLine[];
  /** Passages to read, for whoever codes; `open` when they are worth it and the card still lacks something; `again` takes dismissed ones back. */
  suggestions: { lines: SuggestionLine[]; title: string; open: boolean; again: string | null } | null;
  sheet: string | null;
  /** Questions under way about this card, as far as this reader may see them. */
  questions: { href: string; count: string | null };
  attach: { open: boolean; document: string; block: string; page: string; quote: string };
  errors: Record<string, string>;
};
type Group = { person: string | null; cards: Card[] };
type SectionModel = {
  code: string;
  anchor: string;
  label: string;
  note: string | null;
  done: number;
  total: number;
  uncoded: number;
  groups: Group[];
};
type DocumentModel = {
  number: number;
  scan: boolean;
  blocks: DrawnBlock[];
  pages: { number: number; src: string; passages: { id: string; quote: string; href: string; factor: string }[] }[];
  original: string;
  pageHref: string | null;
};
type ActModel = {
  title: string;
  text: string;
  reasons: string[];
  action: string;
  button: string;
  reasonField: { label: string; value: string; error: string | null } | null;
  tone: string;
};

export type Workspace = {
  id: string;
  title: string;
  state: { tone: string; label: string };
  facts: string[];
  action: string;
  version: number;
  editable: boolean;
  readOnly: string[];
  errors: { href: string; text: string }[];
  tabs: { number: number; label: string; href: string; current: boolean; scan: boolean }[];
  shown: number | null;
  document: DocumentModel | null;
  /** Every section, even when the page shows one card. */
  progress: Pick<SectionModel, "code" | "anchor" | "label" | "done" | "total">[];
  sections: SectionModel[];
  done: number;
  total: number;
  missing: { href: string; label: string; why: string }[];
  acts: ActModel[];
  /** Undo and redo; `act` is null when there is nothing to. */
  turns: { direction: Direction; action: string; act: number | null; label: string }[];
  script: string;
};
const workspace = template<Workspace>("coding/workspace", { wide: true, scripts: ["/assets/coding.js"] });

const TONES = { received: "info", coded: "progress", analysed: "progress", published: "success", set_aside: "neutral" } as const;
const SCRIPT_WORDS = [
  "saving",
  "saved",
  "failed",
  "retry",
  "offline",
  "signedOut",
  "signIn",
  "kept",
  "conflict",
  "keepTheirs",
  "keepMine",
  "choose",
  "attached",
  "noSelection",
  "noFactor",
  "allDone",
  "done",
  "noSuggestion",
  "undo",
] as const;

/** Few enough to be seen all at once. */
const RADIOS = 6;

type Read = {
  report: ReportTable;
  definition: CodebookDefinition;
  language: Language;
  t: T;
  documents: { number: number; scan: boolean }[];
  shown: number | null;
};

const monthLabel = (month: string, language: Language): string => longDate(`${month}-01`, language).replace(/^\S+ /, "");

function choicesOf({ definition, report, language, t }: Read, factor: Factor, chosen: readonly string[]): Choice[] {
  const listed = (options: readonly Option[]) => options.map((option) => ({ value: option.code, label: labelOf(option, language) }));
  const all =
    factor.optionsRef === "cog_departement"
      ? DEPARTMENTS.map(({ code, name }) => ({ value: code, label: `${code} – ${name}` }))
      : factor.optionsRef === "ressort_judiciaire"
        ? COURTS.map(({ srj, name }) => ({ value: srj, label: name }))
        : listed(optionsOf(definition, factor));
  if (!all.some(({ value }) => value === UNKNOWN)) all.push({ value: UNKNOWN, label: t("coding.card.notDocumented") });
  return all.map(({ value, label }) => ({
    value,
    label,
    chosen: chosen.includes(value),
    closed: closedOption(factor, value, report.act_date) !== null && !chosen.includes(value),
    alone: value === UNKNOWN || definition.exclusiveOptions.includes(value),
  }));
}

/** Why one of the options is closed, where one is. */
function availability(factor: Factor, report: ReportTable, t: T, language: Language): string | null {
  if (!factor.availableFrom) return null;
  const month = monthLabel(factor.availableFrom, language);
  const has = (code: string) => factor.options.some((option) => option.code === code);
  if (existedAt(factor, report.act_date)) return has("not_available") ? t("coding.card.availability.before", { month }) : null;
  return has("not_requested") ? t("coding.card.availability.after", { month }) : null;
}

const controlOf = (factor: Factor): Card["control"] => {
  if (factor.type === "presence") return "segmented";
  if (factor.type === "multi") return "checkboxes";
  if (factor.type === "category") return factor.optionsRef || factor.options.length > RADIOS ? "select" : "radios";
  return factor.type;
};

const first = (value: string | string[] | undefined): string => [value ?? ""].flat()[0] ?? "";

function cardOf(
  read: Read,
  expected: Expected,
  coding: (CodingTable & { name: string }) | undefined,
  passages: readonly CodedPassage[],
  /** The version of the act that cleared it, where there was one. */
  cleared: number,
  typed: Typed | null,
  problems: Problems,
): Card {
  const { report, definition, language, t } = read;
  const { factor, person } = expected;
  const shownValues = typed ? listField("value", typed, problems).value : coding ? coding.value.split(",") : [];
  const kept = (name: string, stored: string | null | undefined): string => (typed ? first(typed[name]) : (stored ?? ""));
  const missing = missingOf(coding, passages.length);
  const select = (name: string, label: string, options: readonly Option[], stored: string | null | undefined): Select => {
    const chosen = kept(name, stored);
    return {
      name,
      label,
      options: [
        { value: "", label: t("coding.card.none"), chosen: chosen === "" },
        ...options.map((option) => ({ value: option.code, label: labelOf(option, language), chosen: option.code === chosen })),
      ],
    };
  };
  const selects = [
    select("confidence", t("coding.card.confidence"), definition.confidence, coding?.confidence),
    select("evidenceBasis", t("coding.card.evidenceBasis"), definition.evidenceBasis, coding?.evidence_basis),
    select("knownWhen", t("coding.card.knownWhen"), definition.knownWhen, coding?.known_when),
  ];
  const control = controlOf(factor);
  const onSheet = sheetValue(factor, report);
  const reason = kept("reason", coding?.reason);
  return {
    id: anchorOf(expected),
    factor: factor.code,
    subject: subjectOf(expected),
    title: labelOf(factor, language),
    person: person && personLabel(person, t),
    search: [factor.labelFr, factor.labelEn, factor.code, ...factor.indicatorTermsFr].join(" "),
    section: factor.section,
    tags: [
      ...(factor.riskFactor ? [t("coding.risk")] : []),
      ...(factor.sensitive ? [t(`coding.sensitive.${factor.sensitive as "health" | "sex_life" | "criminal" | "vulnerability"}`)] : []),
    ],
    definition: printed(factor.definitionFr),
    control,
    choices: control === "number" || control === "date" ? [] : choicesOf(read, factor, shownValues),
    typed: shownValues.find((value) => value !== UNKNOWN)?.replace(".", language === "fr" ? "," : ".") ?? "",
    unit: unitLabel(factor.unit, t),
    hint: availability(factor, report, t, language),
    version: typed ? Number(first(typed.seenVersion)) || 0 : (coding?.version ?? cleared),
    coded: coding !== undefined,
    missing: missing && { kind: missing, label: t(`coding.card.missing.${missing}`) },
    value: coding ? valueLabel(definition, factor, coding.value, t, language) : null,
    saved: coding ? t("coding.card.savedBy", { name: coding.name, at: instant(coding.coded_at, language) }) : null,
    selects,
    qualified: selects
      .flatMap(({ options }) => options.filter(({ chosen, value }) => chosen && value !== "").map(({ label }) => label))
      .join(" · "),
    note: kept("note", coding?.note),
    reason,
    reasonOpen: reason !== "" || missing === "passage-or-reason",
    quotes: passages.map(({ id, quote, document, page }) => ({
      id,
      quote,
      href: `${document === read.shown ? "" : `?document=${document}`}#passage-${id}`,
      source: page ? t("coding.card.sourcePage", { document, page }) : t("coding.card.source", { document }),
      detach: t("coding.card.detachWhat", { quote: quote.length > 60 ? `${[...quote].slice(0, 60).join("")}…` : quote }),
    })),
    suggestions: null,
    sheet: onSheet !== null && onSheet !== coding?.value ? valueLabel(definition, factor, onSheet, t, language) : null,
    questions: {
      href: `/rapports/${report.id}/questions?${new URLSearchParams({ facteur: factor.code, sujet: subjectOf(expected) })}`,
      count: null,
    },
    attach: {
      open: typed !== null && ["block", "quote", "page"].some((name) => first(typed[name]) !== ""),
      document: kept("document", read.shown === null ? null : String(read.shown)),
      block: kept("block", null),
      page: kept("page", null),
      quote: kept("quote", null),
    },
    errors: typed ? problems : {},
  };
}

/** Cuts a passage between words where it is longer than `most` characters. */
function shortened(quote: string, most: number): string {
  const points = Array.from(quote.replace(/[\s|]+/gu, " ").trim());
  if (points.length <= most) return points.join("");
  const cut = points.slice(0, most - 1).join("");
  return `${cut.replace(/\s\S{0,20}$/u, "").replace(/[\s,;:(«]+$/u, "")}…`;
}

type Dismissed = Awaited<ReturnType<typeof listDismissals>>;
/** What a card suggests to read in the document shown. */
function suggestionsOf(
  document: SourceDocument,
  { factor }: Expected,
  missing: boolean,
  passages: readonly CodedPassage[],
  dismissed: Dismissed,
  t: T,
): Card["suggestions"] {
  const attached = passages.flatMap(({ document: number, starts, ends }) =>
    number === document.number && starts !== null && ends !== null ? [{ start: starts, end: ends }] : [],
  );
  const here = dismissed.filter(({ document_id }) => document_id === document.id);
  const suggested = suggestionsFor(document, factor, { attached, dismissed: here });
  if (suggested.length === 0 && dismissed.length === 0) return null;
  return {
    lines: suggested.map(({ start, end, quote, because, negation }) => ({
      quote: shortened(quote, 200),
      because: because.join(", "),
      negation,
      place: `${document.number}:${start}:${end}`,
      href: `#d${document.number}-p${document.blocks.findIndex((block) => start >= block.start && start < block.end) + 1}`,
    })),
    title: t("coding.card.suggestions.title", { count: suggested.length }),
    open: missing && suggested.some(({ slight }) => !slight),
    again: dismissed.length > 0 ? t("coding.card.suggestions.again", { count: dismissed.length }) : null,
  };
}

function documentModel(
  report: string,
  document: SourceDocument,
  passages: readonly CodedPassage[],
  tones: Map<string, Factor>,
  anchors: Map<string, string>,
  language: Language,
): DocumentModel {
  const here = passages.filter((passage) => passage.document === document.number);
  const labelled = (passage: CodedPassage) => labelOf(tones.get(passage.factor)!, language);
  const original = `/rapports/${report}/documents/${document.number}`;
  const pages = document.has_text
    ? []
    : Array.from({ length: document.page_count ?? 1 }, (_, at) => ({
        number: at + 1,
        src: `${original}/pages/${at + 1}.png`,
        passages: here
          .filter(({ page }) => page === at + 1)
          .map((passage) => ({
            id: passage.id,
            quote: passage.quote,
            href: `#${anchors.get(keyOf(passage.factor, passage.subject)) ?? ""}`,
            factor: labelled(passage),
          })),
      }));
  // One passage may prove several factors: one mark a section, the first of them carrying the anchor.
  const marked = new Map<string, Marked>();
  for (const passage of here) {
    if (passage.starts === null || passage.ends === null) continue;
    const tone = tones.get(passage.factor)!.section;
    const key = `${passage.id} ${tone}`;
    const known = marked.get(key);
    if (known) known.label += ` · ${labelled(passage)}`;
    else marked.set(key, { id: passage.id, start: passage.starts, end: passage.ends, tone, label: labelled(passage) });
  }
  return {
    number: document.number,
    scan: !document.has_text,
    blocks: document.has_text ? drawnBlocks(document, [...marked.values()]) : [],
    pages,
    original: `${original}/original`,
    pageHref: document.media_type === "application/pdf" ? `${original}/pages/` : null,
  };
}

/** What an address of the coding page asks to see. */
export type Asked = {
  /** The document shown, by number; the first one otherwise. */
  document?: number | undefined;
  /** One card only, with the document: what the page's script refreshes. */
  only?: { factor: string; subject: string } | undefined;
  typed?: Typed | null;
  problems?: Problems;
  status?: number;
};

/** The coding workspace of a report as this person may use it. @throws NotFound */
export async function workspacePage(db: Db, id: string, asked: Asked, { by, language, t }: Exchange) {
  const report = await findReport(db, id, by);
  const layer = await layerFor(db, id, by.id);
  const [definition, people, lines, assignments, codings, passages, acts, history, questions] = await Promise.all([
    codebookVersion(db, report.codebook_version),
    peopleOf(db, id),
    listDocuments(db, id),
    listAssignments(db, id),
    listCodings(db, id, layer),
    listCodedPassages(db, id, layer),
    actsFor(db, report, by, language),
    listActs(db, id, layer),
    openQuestions(db, report, by),
  ]);
  const shown = lines.find(({ number }) => number === asked.document)?.number ?? lines[0]?.number ?? null;
  const document = shown === null ? undefined : await findDocument(db, id, shown);
  const act = acts.find(({ type }) => type === "VALUE_CODED");
  const readOnly = act ? act.reasons : [notOffered("VALUE_CODED", report.state, language)];
  const editable = readOnly.length === 0;
  const dismissedByKey = Map.groupBy(editable ? await listDismissals(db, id, layer) : [], ({ factor, subject }) => keyOf(factor, subject));
  const read: Read = {
    report,
    definition,
    language,
    t,
    shown,
    documents: lines.map(({ number, has_text }) => ({ number, scan: has_text === 0 })),
  };

  const typed = asked.typed ?? null;
  const problems = asked.problems ?? {};
  const typedKey = typed ? keyOf(first(typed.factor), first(typed.subject)) : null;
  const byKey = new Map(codings.map((coding) => [keyOf(coding.factor, coding.subject), coding]));
  const passagesByKey = Map.groupBy(passages, ({ factor, subject }) => keyOf(factor, subject));
  const cleared = editable ? await clearedVersions(db, history, byKey) : new Map<string, number>();
  const turns = editable ? await offersOf(db, history, by.id, { definition, people, language, t }) : { undo: null, redo: null };
  const anchors = new Map<string, string>();
  const missing: Workspace["missing"] = [];
  let errorsAt: string | null = null;
  const sections = definition.sections.map((section): SectionModel => {
    const groups: Group[] = [];
    let done = 0;
    let total = 0;
    let uncoded = 0;
    for (const expected of expectedIn(section, definition.factors, people)) {
      const key = keyOf(expected.factor.code, subjectOf(expected));
      const mine = key === typedKey;
      const card = cardOf(
        read,
        expected,
        byKey.get(key),
        passagesByKey.get(key) ?? [],
        cleared.get(key) ?? 0,
        mine ? typed : null,
        problems,
      );
      if (mine) errorsAt = card.id;
      anchors.set(key, card.id);
      total++;
      if (card.missing) {
        missing.push({
          href: `#${card.id}`,
          label: card.person ? t("coding.missing.itemFor", { factor: card.title, person: card.person }) : card.title,
          why: card.missing.label,
        });
        if (card.missing.kind === "value") uncoded++;
      } else done++;
      if (asked.only && (asked.only.factor !== card.factor || asked.only.subject !== card.subject)) continue;
      const underWay = questions.of(card.factor, card.subject);
      if (underWay > 0) card.questions.count = t("questions.card.count", { count: underWay });
      if (editable && document)
        card.suggestions = suggestionsOf(
          document,
          expected,
          card.missing !== null,
          passagesByKey.get(key) ?? [],
          dismissedByKey.get(key) ?? [],
          t,
        );
      const group = groups.at(-1);
      if (group && group.person === card.person) group.cards.push(card);
      else groups.push({ person: card.person, cards: [card] });
    }
    return {
      code: section.code,
      anchor: `section-${section.code}`,
      label: labelOf(section, language),
      note: section.noteFr && printed(section.noteFr),
      done,
      total,
      uncoded,
      groups,
    };
  });
  const total = sections.reduce((sum, section) => sum + section.total, 0);

  const base = `/rapports/${id}/codage`;
  const words = { CODING_SUBMITTED: "submit", CODING_RESUMED: "resume", CODING_RETURNED: "return" } as const;
  const paths = { CODING_SUBMITTED: "remettre", CODING_RESUMED: "reprendre", CODING_RETURNED: "renvoyer" } as const;
  const reasonTyped = typed && !typedKey?.trim() ? first(typed.reason) : "";
  const actModels = acts.flatMap(({ type, reasons }): ActModel[] => {
    if (type !== "CODING_SUBMITTED" && type !== "CODING_RESUMED" && type !== "CODING_RETURNED") return [];
    const word = words[type];
    return [
      {
        title: t(`coding.acts.${word}.title`),
        text: t(`coding.acts.${word}.text`),
        button: t(`coding.acts.${word}.button`),
        reasons,
        action: `${base}/${paths[type]}`,
        tone: type === "CODING_RETURNED" ? "danger" : "primary",
        reasonField:
          type === "CODING_SUBMITTED"
            ? null
            : {
                label: t(type === "CODING_RESUMED" ? "coding.acts.resume.reason" : "coding.acts.return.reason"),
                value: reasonTyped,
                error: !typedKey?.trim() ? (problems.reason ?? null) : null,
              },
      },
    ];
  });
  const names = assignments.filter((one) => one.layer === layer).map(({ name }) => name);
  const factors = new Map(definition.factors.map((factor) => [factor.code, factor]));
  return workspace(
    t("coding.title", { report: id }),
    {
      id,
      title: t("coding.title", { report: id }),
      state: { tone: TONES[report.state], label: STATE_WORDS[report.state][language] },
      facts: [
        t("coding.facts.act", { date: longDate(report.act_date, language) }),
        names.length > 0 ? t("coding.facts.analysts", { count: names.length, names: names.join(", ") }) : t("coding.facts.nobody"),
        t("coding.facts.version", { version: report.codebook_version }),
      ],
      action: base,
      version: report.version,
      editable,
      readOnly,
      errors: summary(problems).map(({ text }) => ({ href: `#${errorsAt ?? "suite"}`, text })),
      tabs: lines.map(({ number, file_name, has_text }) => ({
        number,
        label: t("coding.document.tab", { number, name: file_name }),
        href: `${base}?document=${number}`,
        current: number === shown,
        scan: has_text === 0,
      })),
      shown,
      document: document ? documentModel(id, document, passages, factors, anchors, language) : null,
      progress: sections,
      sections: asked.only ? sections.filter(({ groups }) => groups.length > 0) : sections,
      done: total - missing.length,
      total,
      missing,
      acts: actModels,
      turns: (["undo", "redo"] as const).map((direction) => {
        const offer = turns[direction];
        return {
          direction,
          action: `${base}/${direction === "undo" ? "annuler" : "refaire"}`,
          act: offer?.act ?? null,
          label: offer ? t(`coding.undo.${direction}`, { act: offer.words }) : t(`coding.undo.nothing.${direction}`),
        };
      }),
      script: JSON.stringify(
        Object.fromEntries(SCRIPT_WORDS.map((word) => [word, t(`coding.script.${word}`, { time: "{time}", factor: "{factor}" })])),
      ),
    },
    asked.status,
  );
}
