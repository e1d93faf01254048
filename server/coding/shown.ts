import { z } from "zod";

/** "text": the frozen text; "page": the page as it was received, where there is a picture of it; "both": one beside the other. */
export type PaneView = "text" | "page" | "both";
/** What the document side shows: a document by number, another beside it, its text or its pages, and which page. */
export type Shown = { document: number | null; beside: number | null; view: PaneView; page: number | null };
export const NOTHING_SHOWN: Shown = { document: null, beside: null, view: "text", page: null };

/** In addresses: `?document=1&avec=2`, `?document=1&vue=deux&page=3`. */
const IN_ADDRESS = { text: "texte", page: "page", both: "deux" } as const satisfies Record<PaneView, string>;
const VIEWS: Record<string, PaneView> = { texte: "text", page: "page", deux: "both" };

const whole = z.coerce.number().int().min(1).max(1_000_000).optional().catch(undefined);
/** The part of an address that says what is shown; what cannot be read is as if it were not there. */
export const shownInAddress = {
  document: whole,
  avec: whole,
  vue: z.enum(["texte", "page", "deux"]).optional().catch(undefined),
  page: whole,
};
export const shownOf = (query: {
  document?: number | undefined;
  avec?: number | undefined;
  vue?: string | undefined;
  page?: number | undefined;
}): Shown => ({
  document: query.document ?? null,
  beside: query.avec ?? null,
  view: VIEWS[query.vue ?? ""] ?? "text",
  page: query.page ?? null,
});

/** The same as part of an address: "?document=1&avec=2", or nothing. */
export function queryOf({ document, beside, view, page }: Shown): string {
  const query = new URLSearchParams();
  if (document !== null) query.set("document", String(document));
  if (beside !== null) query.set("avec", String(beside));
  if (view !== "text") query.set("vue", IN_ADDRESS[view]);
  if (view !== "text" && page !== null) query.set("page", String(page));
  return query.size > 0 ? `?${query}` : "";
}

const FIELD = /^(\d{1,6})?(?:\+(\d{1,6}))?(?::(page|both)(?::(\d{1,6}))?)?$/;
/** The same as the one field that every form of the page carries: "1", "1+2", "1:both:3". */
export const fieldOf = ({ document, beside, view, page }: Shown): string =>
  `${document ?? ""}${beside === null ? "" : `+${beside}`}${view === "text" ? "" : `:${view}${page === null ? "" : `:${page}`}`}`;
/** What such a field says; nothing where it cannot be read. */
export function readField(text: string | undefined): Shown {
  const match = FIELD.exec(text ?? "");
  if (!match) return NOTHING_SHOWN;
  const [, document, beside, view, page] = match;
  const number = (digits: string | undefined) => (digits ? Number(digits) : null);
  return { document: number(document), beside: number(beside), view: (view as PaneView | undefined) ?? "text", page: number(page) };
}
/** The field in a form. */
export const shownField = () => z.string().max(40).optional().transform(readField);
