import type { ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { Factor } from "../codebook/definition.ts";
import { codebookVersion } from "../codebook/store.ts";
import { Invalid } from "../http/errors.ts";
import { findReport } from "../reports/queries.ts";
import { findDocument, type SourceDocument } from "./queries.ts";
import { type Acted, attachPassage, openCoding, type Saved, type Target, type ValueGiven } from "./save-value.ts";
import type { DocumentIndex } from "./suggestions/index-document.ts";
import { indicatorTerms, keepIndexes } from "./suggestions/practice.ts";
import { type Suggestion, suggest } from "./suggestions/suggest.ts";

const terms = indicatorTerms(null);
/** Ten or so of the longest reports, in code points. */
const indexOf = keepIndexes(4_000_000);

/** How many a card shows. */
export const SHOWN = 3;
/** How many are ranked at first: most cards never need more, whatever is attached or dismissed. */
const RANKED = 20;

type Range = { start: number; end: number };
/** Where a suggestion stands: code points of the text of a document, by its number in the report. */
export type SuggestedPlace = Range & { document: number };
/** A suggestion and its words. */
export type Suggested = Suggestion & { quote: string };

const ranked = new WeakMap<DocumentIndex, WeakMap<Factor, Suggestion[]>>();
/** The first suggestions of a factor in a document, made once for as long as the document's index is kept. */
function rankedFor(index: DocumentIndex, factor: Factor): Suggestion[] {
  const known = ranked.get(index) ?? new WeakMap<Factor, Suggestion[]>();
  ranked.set(index, known);
  const list = known.get(factor) ?? suggest(index, factor, { terms, count: RANKED });
  known.set(factor, list);
  return list;
}

const overlap = (one: Range, other: Range): boolean => one.start < other.end && other.start < one.end;

/**
 * The passages of a document most likely to speak of a factor, best first, at most three. What overlaps a passage already attached, or one
 * that was dismissed, is left out. None in a document without text.
 */
export function suggestionsFor(
  document: SourceDocument,
  factor: Factor,
  { attached, dismissed }: { attached: readonly Range[]; dismissed: readonly Range[] },
): Suggested[] {
  if (!document.has_text) return [];
  const index = indexOf(document.id, () => document);
  const dropped = [...attached, ...dismissed];
  const kept = (list: readonly Suggestion[]) => list.filter((one) => !dropped.some((range) => overlap(one, range))).slice(0, SHOWN);
  const first = rankedFor(index, factor);
  let shown = kept(first);
  if (shown.length < SHOWN && first.length === RANKED) shown = kept(suggest(index, factor, { terms, count: Number.POSITIVE_INFINITY }));
  return shown.map((one) => ({ ...one, quote: index.points.slice(one.start, one.end).join("") }));
}

/** The document of a suggestion. @throws Invalid when that passage is not one that is suggested for the factor */
async function suggestedIn(tx: Tx, reportId: string, factor: Factor, place: SuggestedPlace): Promise<SourceDocument> {
  const document = await findDocument(tx, reportId, place.document);
  const same = ({ start, end }: Range) => start === place.start && end === place.end;
  if (document?.has_text) {
    const index = indexOf(document.id, () => document);
    if (rankedFor(index, factor).some(same)) return document;
    if (suggest(index, factor, { terms, count: Number.POSITIVE_INFINITY }).some(same)) return document;
  }
  throw new Invalid({ suggested: "coding.problem.suggested" });
}

/** Ties a suggested passage to its factor, as attachPassage does. @throws as attachPassage; Invalid when it is not suggested there */
export async function attachSuggested(
  tx: Tx,
  reportId: string,
  given: Target & { place: SuggestedPlace; value: Omit<ValueGiven, keyof Target | "passages"> | null },
  by: Actor,
  now: string,
): Promise<Saved> {
  const { place, ...rest } = given;
  const saved = await attachPassage(tx, reportId, { ...rest, passage: place }, by, now);
  const report: ReportTable = await findReport(tx, reportId, by);
  const { factors } = await codebookVersion(tx, report.codebook_version);
  await suggestedIn(tx, reportId, factors.find(({ code }) => code === given.factor)!, place);
  return saved;
}

/**
 * Remembers, for this person's layer, that a suggestion is not to be shown again for this factor and subject; twice is as once.
 * @throws as saveValue; Invalid when it is not suggested there
 */
export async function dismissSuggestion(
  tx: Tx,
  reportId: string,
  given: Target & { place: SuggestedPlace | null },
  by: Actor,
  now: string,
): Promise<Acted> {
  const { factor, subject, layer, anchor } = await openCoding(tx, reportId, given, by);
  if (!given.place) throw new Invalid({ suggested: "coding.problem.suggested" });
  const { start, end } = given.place;
  const document = await suggestedIn(tx, reportId, factor, given.place);
  await tx
    .insertInto("suggestion_dismissal")
    .values({
      report_id: reportId,
      layer,
      factor: factor.code,
      subject,
      document_id: document.id,
      starts: start,
      ends: end,
      by: by.id,
      at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { anchor, act: null };
}

/** Forgets what was dismissed on this person's layer for a factor and subject. @throws as saveValue */
export async function forgetDismissals(tx: Tx, reportId: string, given: Target, by: Actor): Promise<Acted> {
  const { factor, subject, layer, anchor } = await openCoding(tx, reportId, given, by);
  await tx
    .deleteFrom("suggestion_dismissal")
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .where("factor", "=", factor.code)
    .where("subject", "=", subject)
    .execute();
  return { anchor, act: null };
}
