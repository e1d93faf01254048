import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { labelOf, printed } from "../codebook/labels.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field } from "../http/fields.ts";
import { dayOf, integer, longDate } from "../http/formats.ts";
import type { Exchange, Signed } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template } from "../http/views.ts";
import {
  findPublicPractice,
  insideOf,
  listGoodPractices,
  listPublicPractices,
  PRACTICES_PER_PAGE,
  type PublicPractice,
  yearOf,
} from "./queries.ts";

type Choice = { value: string; label: string };
/** What the address asks; the public version knows no service. */
export type PracticesInput = { q: string; service: string; theme: string; annee: string; page: number };

/** Whether somebody reads the catalogue of the house, with its sources. */
const readsInside = (by: Signed | null): by is Signed => by !== null && may(by, "readFigures");

const href = (given: Record<string, string>, page: number): string => {
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/bonnes-pratiques?${query}` : "/bonnes-pratiques";
};

// --- inside -----------------------------------------------------------------------------------------------------------------------
const insideView = template<{
  filters: Record<"q" | "service" | "theme" | "annee", Field>;
  sections: Choice[];
  years: Choice[];
  filtered: boolean;
  count: string;
  practices: {
    statement: string;
    publicStatement: string | null;
    reference: { href: string; label: string } | null;
    review: boolean;
    facts: string;
    source: { href: string; label: string };
  }[];
  pagination: Pagination;
}>("practices/inside");

/** Good practices with what the house says of them, and where they come from. */
async function insidePage(db: Db, { page, ...given }: PracticesInput, { by, t, language, audit }: Exchange) {
  const codebook = await currentCodebook(db);
  const { practices, total, years } = await listGoodPractices(db, {
    text: given.q,
    service: given.service,
    section: given.theme,
    year: given.annee,
    page,
  });
  const shown = [];
  for (const one of practices) {
    const { factors } = await codebookVersion(db, one.codebookVersion);
    const names = factors.filter(({ code }) => one.factors.includes(code)).map((factor) => labelOf(factor, language));
    const { source } = one;
    shown.push({
      statement: one.statement,
      publicStatement: one.publicStatement,
      reference: one.reference === null ? null : { href: `/bonnes-pratiques/${one.reference}`, label: one.reference },
      review: source.kind === "cross" && source.inReview,
      facts: [
        one.service,
        source.kind === "report"
          ? t("practices.inside.act", { year: source.actDate.slice(0, 4) })
          : t("practices.inside.several", { count: source.reports }),
        t("practices.inside.published", { date: longDate(dayOf(one.publishedAt), language) }),
        names.join(", "),
      ]
        .filter(Boolean)
        .join(" · "),
      source:
        source.kind === "report"
          ? { href: `/rapports/${source.reportId}/editions/${source.edition}#constat-${source.number}`, label: source.reportId }
          : { href: `/constats/${source.reference}`, label: source.reference },
    });
  }
  audit("practices.read", "account", by.id, { practices: total });
  return insideView(t("practices.title"), {
    filters: {
      q: field("q", given, {}),
      service: field("service", given, {}),
      theme: field("theme", given, {}),
      annee: field("annee", given, {}),
    },
    sections: codebook.sections.map((section) => ({ value: section.code, label: labelOf(section, language) })),
    years: years.map((value) => ({ value, label: value })),
    filtered: Object.values(given).some(Boolean),
    count: t("practices.count", { count: total, n: integer(total, language) }),
    practices: shown,
    pagination: paginate({ total, page, size: PRACTICES_PER_PAGE, href: (to) => href(given, to) }),
  });
}

// --- for anyone -------------------------------------------------------------------------------------------------------------------
type Shown = { reference: string; href: string; statement: string; themes: string; when: string };
const publicView = template<{
  filters: Record<"q" | "theme" | "annee", Field>;
  sections: Choice[];
  years: Choice[];
  filtered: boolean;
  count: string;
  practices: Shown[];
  pagination: Pagination;
}>("practices/public");

const publicWords = async (db: Db, one: PublicPractice, { t, language }: Pick<Exchange, "t" | "language">): Promise<Shown> => {
  const { sections } = await currentCodebook(db);
  return {
    reference: one.reference,
    href: `/bonnes-pratiques/${one.reference}`,
    statement: printed(one.statement),
    themes: sections
      .filter(({ code }) => one.sections.includes(code))
      .map((section) => labelOf(section, language))
      .join(", "),
    when: [
      // The year alone: a day or a month would lead to the report that was published then.
      t("practices.public.published", { year: yearOf(one.published_at) }),
      ...(one.changed_at ? [t("practices.public.changed", { year: yearOf(one.changed_at) })] : []),
    ].join(", "),
  };
};

/** Good practices for anyone: public statements that went through the checklist, and the broad themes they belong to. */
async function publicPage(db: Db, { page, q, theme, annee }: PracticesInput, exchange: Exchange<Signed | null>) {
  const { t, language } = exchange;
  const given = { q, theme, annee };
  const codebook = await currentCodebook(db);
  const { practices, total, years, sections } = await listPublicPractices(db, { text: q, section: theme, year: annee, page });
  const shown: Shown[] = [];
  for (const one of practices) shown.push(await publicWords(db, one, exchange));
  return publicView(t("practices.title"), {
    filters: { q: field("q", given, {}), theme: field("theme", given, {}), annee: field("annee", given, {}) },
    sections: codebook.sections
      .filter(({ code }) => sections.has(code))
      .map((section) => ({ value: section.code, label: labelOf(section, language) })),
    years: years.map((value) => ({ value, label: value })),
    filtered: Object.values(given).some(Boolean),
    count: t("practices.count", { count: total, n: integer(total, language) }),
    practices: shown,
    pagination: paginate({ total, page, size: PRACTICES_PER_PAGE, href: (to) => href(given, to) }),
  });
}

/** The catalogue: the house's own for those who read its figures, the public one for everybody else. */
export const practicesPage = (db: Db, input: PracticesInput, exchange: Exchange) =>
  readsInside((exchange.by as Signed | undefined) ?? null) ? insidePage(db, input, exchange) : publicPage(db, input, exchange);

const practiceView = template<{ practice: Shown; address: string; inside: string | null }>("practices/practice");
const withdrawnView = template<{ reference: string; when: string; inside: string | null }>("practices/withdrawn");

/** One public good practice under its permanent address; a withdrawn one says since which year (a day could lead to its report), and nothing else. @throws NotFound */
export async function practicePage(db: Db, reference: string, exchange: Exchange) {
  const { t, context } = exchange;
  const practice = await findPublicPractice(db, reference);
  if (!practice) throw new NotFound();
  const inside = readsInside((exchange.by as Signed | undefined) ?? null) ? await insideOf(db, reference) : null;
  if (practice.withdrawn_at !== null)
    return withdrawnView(
      t("practices.public.withdrawnTitle", { reference }),
      { reference, when: dayOf(practice.withdrawn_at).slice(0, 4), inside },
      410,
    );
  return practiceView(t("practices.public.practice", { reference }), {
    practice: await publicWords(db, practice, exchange),
    address: `${context.config.publicUrl}/bonnes-pratiques/${reference}`,
    inside,
  });
}
