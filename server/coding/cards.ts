import type { CodingTable, ReportTable } from "../../db/schema.ts";
import type { CodebookDefinition, Factor, Option } from "../codebook/definition.ts";
import { labelOf, printed } from "../codebook/labels.ts";
import { listField, type Problems, type Typed } from "../http/fields.ts";
import { instant, longDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { COURTS, DEPARTMENTS } from "../reports/places.ts";
import type { Covers } from "../wellbeing/veil.ts";
import { anchorOf, type Expected, type Missing, missingOf, subjectOf } from "./expected.ts";
import { optionsOf, unitLabel, valueLabel, whoseLabel } from "./labels.ts";
import type { CodedPassage, listDismissals, SourceDocument } from "./queries.ts";
import { sheetValue } from "./save-value.ts";
import { queryOf, type Shown } from "./shown.ts";
import { SHOWN, suggestionsFor } from "./suggested.ts";
import { closedOption, existedAt, UNKNOWN } from "./values.ts";

type Choice = { value: string; label: string; chosen: boolean; closed: boolean; alone: boolean };
type Select = { name: string; label: string; options: { value: string; label: string; chosen: boolean }[] };
/** A passage to read: `place` is what its buttons send, `because` the words that say why. */
type SuggestionLine = { veiled: boolean; quote: string; because: string; negation: string | null; place: string; href: string };
type QuoteLine = {
  id: string;
  quote: string;
  href: string;
  source: string;
  /** Its words are covered until asked for. */
  veiled: boolean;
  /** What its buttons say on a whole card: the one that detaches it, and the one that marks it as hard to read or takes one's own mark back. */
  acts: { detach: string; mark: { name: string; label: string; which: string } } | null;
};
/** One factor of the page, for the case or for one person. */
export type Card = {
  id: string;
  /** Prefix of the ids of its fields. */
  fields: string;
  /** Drawn with everything it can do. A page of more than a hundred cards draws the rest when it is asked for. */
  whole: boolean;
  /** The page of this card alone, whole. */
  alone: string;
  factor: string;
  subject: string;
  title: string;
  person: string | null;
  /** Words besides the title and the definition that the filter looks in, folded by the page's script. */
  search: string;
  section: string;
  tags: string[];
  definition: string;
  /** "listed": one of more than a page should repeat; its answer is shown, and changed on the whole card. */
  control: "segmented" | "radios" | "select" | "checkboxes" | "number" | "date" | "listed";
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
  /** The chosen qualifiers in words, and as a card that does not show them sends them. */
  qualified: string;
  kept: { name: string; value: string }[];
  note: string;
  reason: string;
  /** Whether the answer asks for a reason, or has one. */
  reasonOpen: boolean;
  quotes: QuoteLine[];
  /**
   * Passages to read, for whoever codes; `open` when they are worth it and the card still lacks something: then a card that is not whole shows
   * the first of them. `more` where it does not show all: how many there are; `again` takes dismissed ones back.
   */
  suggestions: { lines: SuggestionLine[]; more: string | null; title: string; open: boolean; again: string | null } | null;
  sheet: string | null;
  /** Questions under way about this card, as far as this reader may see them. */
  questions: { href: string; count: string | null };
  attach: { open: boolean; document: string; block: string; page: string; quote: string };
  errors: Record<string, string>;
};

/** What all cards of a page are drawn from. */
export type Read = {
  report: ReportTable;
  definition: CodebookDefinition;
  language: Language;
  t: T;
  /** The address of the page without what it shows. */
  base: string;
  shown: Shown;
  /** Which words this reader wants covered, and the passages they marked as hard. */
  covers: Covers;
  marked: ReadonlySet<string>;
};
/** What is stored of one card, and what was typed into it where it is drawn again. */
export type Given = {
  /** Its place among the cards of the report. */
  at: number;
  coding: (CodingTable & { name: string }) | undefined;
  passages: readonly CodedPassage[];
  /** The version of the act that cleared it, where there was one. */
  cleared: number;
  whole: boolean;
  typed: Typed | null;
  problems: Problems;
};

/** Few enough to be seen all at once. */
const RADIOS = 6;

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

/** Enough of a passage to know it by its name. */
const beginning = (quote: string): string => (quote.length > 60 ? `${[...quote].slice(0, 60).join("")}…` : quote);

/** One card, without its suggestions. */
export function cardOf(read: Read, expected: Expected, { at, coding, passages, cleared, whole, typed, problems }: Given): Card {
  const { report, definition, language, t, base, shown, covers, marked } = read;
  const { factor } = expected;
  const shownValues = typed ? listField("value", typed, problems).value : coding ? coding.value.split(",") : [];
  const kept = (name: string, stored: string | null | undefined): string => (typed ? first(typed[name]) : (stored ?? ""));
  const missing = missingOf(coding, passages.length);
  const qualifiers = [
    {
      name: "confidence",
      label: t("coding.card.confidence"),
      options: definition.confidence,
      chosen: kept("confidence", coding?.confidence),
    },
    {
      name: "evidenceBasis",
      label: t("coding.card.evidenceBasis"),
      options: definition.evidenceBasis,
      chosen: kept("evidenceBasis", coding?.evidence_basis),
    },
    { name: "knownWhen", label: t("coding.card.knownWhen"), options: definition.knownWhen, chosen: kept("knownWhen", coding?.known_when) },
  ];
  const control = !whole && factor.optionsRef ? "listed" : controlOf(factor);
  const onSheet = sheetValue(factor, report);
  const reason = kept("reason", coding?.reason);
  const note = kept("note", coding?.note);
  const subject = subjectOf(expected);
  const id = anchorOf(expected);
  return {
    id,
    fields: `f${at}`,
    whole,
    alone: `${base}${queryOf(shown) || "?"}${queryOf(shown) ? "&" : ""}carte=${id}#${id}`,
    factor: factor.code,
    subject,
    title: labelOf(factor, language),
    person: whoseLabel(expected, report, t),
    search: [factor.code, ...factor.indicatorTermsFr].join(" "),
    section: factor.section,
    tags: [
      ...(coding?.origin === "imported" ? [t("imports.mark")] : []),
      ...(factor.riskFactor ? [t("coding.risk")] : []),
      ...(factor.sensitive ? [t(`coding.sensitive.${factor.sensitive as "health" | "sex_life" | "criminal" | "vulnerability"}`)] : []),
    ],
    definition: printed(factor.definitionFr),
    control,
    choices: control === "number" || control === "date" || control === "listed" ? [] : choicesOf(read, factor, shownValues),
    typed: shownValues.find((value) => value !== UNKNOWN)?.replace(".", language === "fr" ? "," : ".") ?? "",
    unit: unitLabel(factor.unit, t),
    hint: availability(factor, report, t, language),
    version: typed ? Number(first(typed.seenVersion)) || 0 : (coding?.version ?? cleared),
    coded: coding !== undefined,
    missing: missing && { kind: missing, label: t(`coding.card.missing.${missing}`) },
    value: coding ? valueLabel(definition, factor, coding.value, t, language) : null,
    saved: coding ? t("coding.card.savedBy", { name: coding.name, at: instant(coding.coded_at, language) }) : null,
    selects: whole
      ? qualifiers.map(({ name, label, options, chosen }) => ({
          name,
          label,
          options: [
            { value: "", label: t("coding.card.none"), chosen: chosen === "" },
            ...options.map((option) => ({ value: option.code, label: labelOf(option, language), chosen: option.code === chosen })),
          ],
        }))
      : [],
    qualified: qualifiers
      .flatMap(({ options, chosen }) => options.filter(({ code }) => code === chosen).map((option) => labelOf(option, language)))
      .join(" · "),
    kept: [
      ...(control === "listed" && coding ? [{ name: "value", value: coding.value }] : []),
      ...qualifiers.map(({ name, chosen }) => ({ name, value: chosen })),
      { name: "note", value: note },
    ].filter(({ value }) => value !== ""),
    note,
    reason,
    reasonOpen: reason !== "" || missing === "passage-or-reason",
    quotes: passages.map(({ id: passage, quote, document, page }) => ({
      id: passage,
      quote,
      href: `${document === shown.document || document === shown.beside ? "" : `${base}?document=${document}`}#passage-${passage}`,
      source: page ? t("coding.card.sourcePage", { document, page }) : t("coding.card.source", { document }),
      veiled: covers([factor.code], passage),
      acts: whole
        ? {
            detach: t("coding.card.detachWhat", { quote: beginning(quote) }),
            mark: marked.has(passage)
              ? { name: "plain", label: t("wellbeing.mark.plain"), which: t("wellbeing.mark.which", { quote: beginning(quote) }) }
              : { name: "passage", label: t("wellbeing.mark.hard"), which: t("wellbeing.mark.which", { quote: beginning(quote) }) },
          }
        : null,
    })),
    suggestions: null,
    sheet: onSheet !== null && onSheet !== coding?.value ? valueLabel(definition, factor, onSheet, t, language) : null,
    questions: { href: `/rapports/${report.id}/questions?${new URLSearchParams({ facteur: factor.code, sujet: subject })}`, count: null },
    attach: {
      open: typed !== null && ["block", "quote", "page"].some((name) => first(typed[name]) !== ""),
      document: kept("document", shown.document === null ? null : String(shown.document)),
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
/**
 * What a card suggests to read in the documents shown, the likeliest first whichever holds it. A card that lacks nothing is asked only once it
 * is opened: most cards of a report coded are never opened again.
 */
export function suggestionsOf(
  documents: readonly SourceDocument[],
  factor: Factor,
  card: Card,
  passages: readonly CodedPassage[],
  dismissed: Dismissed,
  veiled: boolean,
  t: T,
): Card["suggestions"] {
  const again = dismissed.length > 0 ? t("coding.card.suggestions.again", { count: dismissed.length }) : null;
  if (!card.whole && card.missing === null && documents.some(({ has_text }) => has_text))
    return { lines: [], more: t("coding.card.open"), title: "", open: false, again };
  const suggested = documents
    .flatMap((document) => {
      const attached = passages.flatMap(({ document: number, starts, ends }) =>
        number === document.number && starts !== null && ends !== null ? [{ start: starts, end: ends }] : [],
      );
      const here = dismissed.filter(({ document_id }) => document_id === document.id);
      return suggestionsFor(document, factor, { attached, dismissed: here }).map((one) => ({ ...one, document }));
    })
    .sort((one, other) => other.score - one.score)
    .slice(0, SHOWN);
  if (suggested.length === 0 && dismissed.length === 0) return null;
  const open = card.missing !== null && suggested.some(({ slight }) => !slight);
  const lines = suggested.slice(0, card.whole ? SHOWN : open ? 1 : 0);
  return {
    lines: lines.map(({ start, end, quote, because, negation, document }) => ({
      quote: shortened(quote, 200),
      veiled,
      because: because.join(", "),
      negation,
      place: `${document.number}:${start}:${end}`,
      href: `#d${document.number}-p${document.blocks.findIndex((block) => start >= block.start && start < block.end) + 1}`,
    })),
    more: suggested.length > lines.length ? t("coding.card.suggestions.more", { count: suggested.length }) : null,
    title: t("coding.card.suggestions.title", { count: suggested.length }),
    open,
    again,
  };
}
