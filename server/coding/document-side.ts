import type { Factor } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import type { Language, T } from "../http/words.ts";
import { keyOf } from "./expected.ts";
import { type DrawnBlock, drawnBlocks, type Marked } from "./marks.ts";
import type { CodedPassage, SourceDocument } from "./queries.ts";
import { type PaneView, queryOf, type Shown } from "./shown.ts";

/** A page of a document as it was received, asked for by its reader: no picture is shown unasked, but to whoever chose so. */
export type Picture = {
  page: number;
  src: string;
  alt: string;
  label: string;
  previous: string | null;
  next: string | null;
  width: number;
  height: number;
};
export type DocumentModel = {
  number: number;
  label: string;
  scan: boolean;
  /** Whether its text is shown. */
  text: boolean;
  blocks: DrawnBlock[];
  /** The pages of a document without text, each with the passages typed from it and the address of its picture. */
  pages: { number: number; href: string; current: boolean; passages: { id: string; quote: string; href: string; factor: string }[] }[];
  original: string;
  /** Where the pages are pictures: the start of the address that shows one, the page's number to be added. */
  pageHref: string | null;
  views: { label: string; href: string; current: boolean }[];
  picture: Picture | null;
};

/** What a document is drawn from, beside itself. */
export type Around = {
  report: string;
  /** The address of the page without what it shows. */
  base: string;
  shown: Shown;
  label: string;
  passages: readonly CodedPassage[];
  factors: ReadonlyMap<string, Factor>;
  /** The address of each card on the page, by factor and subject. */
  anchors: ReadonlyMap<string, string>;
  language: Language;
  t: T;
  /** This reader wants the pictures of scanned pages at once. */
  pagesShown: boolean;
  /** The numbers of the only blocks to draw; null: all of them. */
  only: ReadonlySet<number> | null;
};

const A4 = { width: 595, height: 842 };

/** One document as its side of the page shows it, with its passages. */
export function documentModel(document: SourceDocument, around: Around): DocumentModel {
  const { report, base, shown, label, factors, anchors, language, t, only, pagesShown } = around;
  const here = around.passages.filter((passage) => passage.document === document.number);
  const labelled = (passage: CodedPassage) => labelOf(factors.get(passage.factor)!, language);
  const scan = !document.has_text;
  const original = `/rapports/${report}/documents/${document.number}`;
  const pictured = document.media_type === "application/pdf";
  // Two documents side by side are read as texts; a document without text has no text to stand beside its pages.
  const view: PaneView = !pictured || shown.beside !== null ? "text" : scan && (shown.view === "both" || pagesShown) ? "page" : shown.view;
  const count = document.page_count ?? 1;
  const at = (asked: PaneView, page: number | null) => `${base}${queryOf({ ...shown, document: document.number, view: asked, page })}`;
  const page = Math.min(Math.max(shown.page ?? 1, 1), count);
  const size = document.pages.find(({ number }) => number === page) ?? A4;
  // One passage may prove several factors: one mark a section, the first of them carrying the anchor.
  const marked = new Map<string, Marked>();
  for (const passage of here) {
    if (passage.starts === null || passage.ends === null) continue;
    const factor = factors.get(passage.factor);
    if (!factor) continue;
    const key = `${passage.id} ${factor.section}`;
    const known = marked.get(key);
    if (known) known.label += ` · ${labelled(passage)}`;
    else marked.set(key, { id: passage.id, start: passage.starts, end: passage.ends, tone: factor.section, label: labelled(passage) });
  }
  return {
    number: document.number,
    label,
    scan,
    text: !scan && view !== "page",
    blocks: scan || view === "page" ? [] : drawnBlocks(document, [...marked.values()], only),
    pages: !scan
      ? []
      : Array.from({ length: count }, (_, index) => ({
          number: index + 1,
          href: `${base}${queryOf({ document: document.number, beside: null, view: "page", page: index + 1 })}`,
          current: view === "page" && page === index + 1,
          passages: here
            .filter((passage) => passage.page === index + 1)
            .map((passage) => ({
              id: passage.id,
              quote: passage.quote,
              href: `#${anchors.get(keyOf(passage.factor, passage.subject)) ?? ""}`,
              factor: labelled(passage),
            })),
        })),
    original: `${original}/original`,
    pageHref: pictured && shown.beside === null ? at("both", null) : null,
    views:
      pictured && !scan && shown.beside === null
        ? (["text", "page", "both"] as const).map((one) => ({
            label: t(`coding.document.view.${one}`),
            href: at(one, one === "text" ? null : shown.page),
            current: one === view,
          }))
        : [],
    picture:
      view === "text"
        ? null
        : {
            page,
            src: `${original}/pages/${page}.png`,
            alt: t(scan ? "coding.document.scanAlt" : "coding.document.pageAlt", { page, number: document.number }),
            label: t("coding.document.pageOf", { page, count }),
            previous: page > 1 ? at(view, page - 1) : null,
            next: page < count ? at(view, page + 1) : null,
            width: Math.round(size.width),
            height: Math.round(size.height),
          },
  };
}

/** The numbers of the blocks, from 1, that hold some of these passages. */
export const blocksWith = (document: SourceDocument, passages: readonly CodedPassage[]): number[] =>
  document.blocks.flatMap(({ start, end }, at) =>
    passages.some(
      ({ document: number, starts, ends }) =>
        number === document.number && starts !== null && ends !== null && starts < end && ends > start,
    )
      ? [at + 1]
      : [],
  );
