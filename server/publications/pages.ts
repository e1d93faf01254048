import type { PublicationTable } from "../../db/schema.ts";
import type { PublicationEvent, PublicationState } from "../../workflows/publication.machine.ts";
import { PUBLICATION_STATE_WORDS } from "../../workflows/publication.machine.ts";
import { typographic } from "../exchange/typography.ts";
import type { Happened } from "../http/errors.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import type { Block, LetterDocument, LetterTable } from "./letter-document.ts";
import { markdownToHtml } from "./markdown.ts";
import type { findPublic, listPublic, listPublications, PublicationAct } from "./queries.ts";
import { eventDone } from "./queries.ts";

type Tag = { tone: "neutral" | "info" | "progress" | "success" | "warning" | "danger"; label: string };
const TONES: Record<PublicationState, Tag["tone"]> = {
  draft: "neutral",
  in_review: "progress",
  approved: "info",
  published: "success",
  withdrawn: "danger",
};
const stateTag = (state: PublicationState, language: Language): Tag => ({
  tone: TONES[state],
  label: PUBLICATION_STATE_WORDS[state][language],
});

// --- the letter itself ------------------------------------------------------------------------------------------------------------

/** A block as the page draws it: typography settled, Markdown as safe HTML, tables with their headings. */
export type DrawnBlock = { id: string; heading: string | null } & (
  | { kind: "prose"; html: string; note: boolean }
  | { kind: "key-figures"; figures: { value: string; label: string; detail: string }[] }
  | { kind: "table"; table: LetterTable }
  | { kind: "chart"; svg: string; caption: string; description: string; table: LetterTable }
  | { kind: "good-practices"; items: { text: string; context: string }[]; empty: string }
  | { kind: "recommendations"; items: { reference: string; text: string; addressee: string; details: string }[]; empty: string }
);
export type DrawnLetter = Omit<LetterDocument, "blocks"> & {
  blocks: DrawnBlock[];
  sections: { href: string; label: string }[];
  meta: string[];
};

/** The page model of a letter; reads nothing but the letter. `meta` are lines printed under its title. */
export function drawnLetter(letter: LetterDocument, t: T, meta: string[] = []): DrawnLetter {
  const { language } = letter;
  const set = (text: string): string => typographic(text, language);
  const table = (one: LetterTable): LetterTable => ({
    caption: set(one.caption),
    columns: one.columns.map(({ label, numeric }) => ({ label: set(label), numeric })),
    rows: one.rows.map((row) => row.map(set)),
    note: one.note === null ? null : set(one.note),
    source: one.source === null ? null : set(one.source),
  });
  let charts = 0;
  const drawn = (block: Block, at: number): DrawnBlock => {
    const head = { id: `partie-${at + 1}`, heading: block.heading === null ? null : set(block.heading) };
    switch (block.kind) {
      case "text":
      case "note":
        return { ...head, kind: "prose", html: markdownToHtml(block.markdown, language), note: block.kind === "note" };
      case "key-figures":
        return {
          ...head,
          kind: "key-figures",
          figures: block.figures.map(({ value, label, detail }) => ({ value: set(value), label: set(label), detail: set(detail) })),
        };
      case "table":
        return { ...head, kind: "table", table: table(block.table) };
      case "chart":
        charts += 1;
        return {
          ...head,
          kind: "chart",
          svg: block.svg,
          caption: t("publications.public.figure", { n: charts }),
          description: set(block.description),
          table: table(block.table),
        };
      case "good-practices":
        return {
          ...head,
          kind: "good-practices",
          items: block.items.map(({ text, context }) => ({ text: set(text), context: set(context) })),
          empty: set(block.empty),
        };
      case "recommendations":
        return {
          ...head,
          kind: "recommendations",
          items: block.items.map(({ reference, text, addressee, details }) => ({
            reference: set(reference),
            text: set(text),
            addressee: set(addressee),
            details: set(details),
          })),
          empty: set(block.empty),
        };
    }
  };
  const blocks = letter.blocks.map(drawn);
  return {
    ...letter,
    title: set(letter.title),
    subtitle: set(letter.subtitle),
    issuer: set(letter.issuer),
    dateLine: set(letter.dateLine),
    fictional: letter.fictional === null ? null : set(letter.fictional),
    contents: set(letter.contents),
    blocks,
    sections: blocks.flatMap(({ id, heading }) => (heading === null ? [] : [{ href: `#${id}`, label: heading }])),
    meta: meta.map(set),
  };
}

// --- composition ------------------------------------------------------------------------------------------------------------------

const list = template<{
  letters: {
    href: string;
    title: string;
    year: number;
    language: { code: Language; label: string };
    state: Tag;
    last: string;
    publicHref: string | null;
  }[];
  form: {
    errors: { href: string; text: string }[];
    year: Field;
    language: Field;
    heading: Field;
    headingHint: string;
    languages: { value: string; label: string }[];
    latest: number;
  } | null;
}>("publications/list");

/** The letters by year and, for those who compose, the form that begins one. */
export function listPage(
  rows: Awaited<ReturnType<typeof listPublications>>,
  {
    composes,
    typed,
    problems,
    language,
    now,
    t,
  }: { composes: boolean; typed: Typed | null; problems: Problems; language: Language; now: string; t: T },
) {
  const latest = Number(dayOf(now).slice(0, 4));
  return list(t("publications.list.title"), {
    letters: rows.map((row) => ({
      href: `/redaction/${row.id}`,
      title: typographic(row.title, row.language),
      year: row.year,
      language: { code: row.language, label: t(`publications.languages.${row.language}`) },
      state: stateTag(row.state, language),
      last: `${eventDone(row.type, language)}, ${longDate(dayOf(row.at), language)}, ${row.name}`,
      publicHref: row.state === "published" || row.state === "withdrawn" ? `/publications/${row.slug}` : null,
    })),
    form: composes
      ? {
          errors: summary(problems),
          year: field("year", typed, problems, latest - 1),
          language: field("language", typed, problems, "fr"),
          heading: field("title", typed, problems),
          headingHint: t("publications.new.headingHint", { title: t("publications.letter.defaultTitle", { year: latest - 1 }) }),
          languages: (["fr", "en"] as const).map((value) => ({ value, label: t(`publications.languages.${value}`) })),
          latest,
        }
      : null,
  });
}

/** Address of each act under `/redaction/:id/`. */
export const ACT_PATHS = {
  SENT_TO_REVIEW: "relecture",
  RETURNED_TO_DRAFT: "renvoyer",
  APPROVED: "approuver",
  PUBLISHED: "publier",
  WITHDRAWN: "retirer",
} as const satisfies Partial<Record<PublicationEvent["type"], string>>;
export type ActType = keyof typeof ACT_PATHS;
const WITH_REASON = ["RETURNED_TO_DRAFT", "WITHDRAWN"] as const satisfies ActType[];

const compose = template<{
  id: string;
  title: string;
  letterLanguage: Language;
  kicker: string;
  version: number;
  state: Tag;
  steps: { label: string; status: "done" | "current" | "todo" | "aside" }[];
  errors: { href: string; text: string }[];
  acts: {
    label: string;
    action: string;
    reasons: string[];
    hint: string | null;
    tone: "primary" | "quiet" | "danger";
    reason: { field: Field; label: string; hint: string } | null;
  }[];
  foreword: { field: Field; action: string; html: string } | { reasons: string[]; label: string } | null;
  facts: { term: string; detail: string; href?: string }[];
  pdf: string | null;
  history: Happened[];
  frozen: string | null;
  letter: DrawnLetter;
}>("publications/compose");

const PATH: PublicationState[] = ["draft", "in_review", "approved", "published"];

/** One letter: where it stands, what may happen next and why not, its foreword, and the whole of it as it reads now or as it is frozen. */
export function composePage({
  publication,
  acts,
  history,
  letter,
  typed,
  problems,
  failed,
  language,
  t,
}: {
  publication: PublicationTable;
  acts: PublicationAct[];
  history: Happened[];
  letter: LetterDocument;
  typed: Typed | null;
  problems: Problems;
  /** The form that came back, when one did. */
  failed: ActType | "BLOCKS_EDITED" | null;
  language: Language;
  t: T;
}) {
  const { id, state } = publication;
  const at = PATH.indexOf(state);
  const edit = acts.find(({ type }) => type === "BLOCKS_EDITED");
  const typedFor = (type: string) => (failed === type ? typed : null);
  const problemsFor = (type: string) => (failed === type ? problems : {});
  const reasonOf = (type: (typeof WITH_REASON)[number]) => {
    const name = type === "WITHDRAWN" ? "reasonWithdraw" : "reasonReturn";
    return {
      field: { ...field("reason", typedFor(type), problemsFor(type)), id: `reason-${ACT_PATHS[type]}` },
      label: t(`publications.compose.${name}`),
      hint: t(`publications.compose.${name}Hint`),
    };
  };
  const foreword = field("foreword", typedFor("BLOCKS_EDITED"), problemsFor("BLOCKS_EDITED"), publication.foreword);
  return compose(publication.title, {
    id,
    title: typographic(publication.title, publication.language),
    letterLanguage: publication.language,
    kicker: t("publications.compose.kicker", { year: publication.year }),
    version: publication.version,
    state: stateTag(state, language),
    steps: [
      ...PATH.map((one, index) => ({
        label: PUBLICATION_STATE_WORDS[one][language],
        status: state === "withdrawn" || index < at ? ("done" as const) : index === at ? ("current" as const) : ("todo" as const),
      })),
      ...(state === "withdrawn" ? [{ label: PUBLICATION_STATE_WORDS.withdrawn[language], status: "aside" as const }] : []),
    ],
    errors: Object.entries(problems).map(([name, text]) => ({
      href: name === "reason" && failed !== null && failed !== "BLOCKS_EDITED" ? `#reason-${ACT_PATHS[failed]}` : `#${name}`,
      text,
    })),
    acts: acts
      .filter((act): act is PublicationAct & { type: ActType } => act.type !== "BLOCKS_EDITED")
      .sort((a, b) => Number(a.type === "RETURNED_TO_DRAFT") - Number(b.type === "RETURNED_TO_DRAFT"))
      .map(({ type, label, reasons }) => ({
        label,
        action: `/redaction/${id}/${ACT_PATHS[type]}`,
        reasons,
        hint: type === "RETURNED_TO_DRAFT" ? null : t(`publications.compose.hints.${type}`),
        tone: type === "WITHDRAWN" ? "danger" : type === "RETURNED_TO_DRAFT" ? "quiet" : "primary",
        reason: type === "RETURNED_TO_DRAFT" || type === "WITHDRAWN" ? reasonOf(type) : null,
      })),
    foreword: !edit
      ? null
      : edit.reasons.length > 0
        ? { reasons: edit.reasons, label: edit.label }
        : { field: foreword, action: `/redaction/${id}/avant-propos`, html: markdownToHtml(foreword.value, publication.language) },
    facts: [
      { term: t("publications.new.language"), detail: t(`publications.languages.${publication.language}`) },
      state === "published" || state === "withdrawn"
        ? {
            term: t("publications.compose.address"),
            detail: `/publications/${publication.slug}`,
            href: `/publications/${publication.slug}`,
          }
        : { term: t("publications.compose.address"), detail: `/publications/${publication.slug}` },
      ...(publication.frozen_at ? [{ term: t("publications.compose.frozenOn"), detail: instant(publication.frozen_at, language) }] : []),
      ...(publication.published_at
        ? [{ term: t("publications.compose.publishedOn"), detail: instant(publication.published_at, language) }]
        : []),
      ...(publication.digest ? [{ term: t("publications.compose.digest"), detail: publication.digest }] : []),
    ],
    pdf: publication.frozen ? `/redaction/${id}/apercu.pdf` : null,
    history: history.toReversed(),
    frozen: publication.frozen_at ? t("publications.compose.frozenText", { date: instant(publication.frozen_at, language) }) : null,
    letter: drawnLetter(letter, t),
  });
}

// --- the public site --------------------------------------------------------------------------------------------------------------

const publicList = template<{
  demo: boolean;
  letters: {
    href: string;
    pdf: string | null;
    pdfLabel: string;
    title: string;
    lang: Language;
    acts: string;
    when: string;
    withdrawn: boolean;
  }[];
}>("publications/index");

/** The letters that everyone may read, the latest year first; withdrawn ones say so. */
export const publicListPage = (
  rows: Awaited<ReturnType<typeof listPublic>>,
  { demo, language, t }: { demo: boolean; language: Language; t: T },
) =>
  publicList(t("publications.public.title"), {
    demo,
    letters: rows.map((row) => {
      const withdrawn = row.state === "withdrawn";
      const title = typographic(row.title, row.language);
      return {
        href: `/publications/${row.slug}`,
        pdf: withdrawn ? null : `/publications/${row.slug}.pdf`,
        pdfLabel: t("publications.public.pdfOf", { title }),
        title,
        lang: row.language,
        acts: t("publications.public.acts", { year: row.year }),
        when: withdrawn
          ? t("publications.public.withdrawnOn", {
              date: longDate(dayOf(row.withdrawn_at ?? row.published_at!), language),
              reason: typographic(row.withdrawn_reason ?? "", row.language),
            })
          : t("publications.public.published", { date: longDate(dayOf(row.published_at!), language) }),
        withdrawn,
      };
    }),
  });

const letterPage = template<{ letter: DrawnLetter; pdf: string }>("publications/letter");
const withdrawnPage = template<{ title: string; text: string; reason: string }>("publications/withdrawn");

/** A published letter, drawn from what was frozen; or, of a withdrawn one, when and why. */
export function publicPage(found: Awaited<ReturnType<typeof findPublic>>, language: Language, t: T) {
  if (found.kind === "withdrawn") {
    const date = longDate(dayOf(found.at), language);
    return withdrawnPage(
      t("publications.public.withdrawnTitle"),
      {
        title: t("publications.public.withdrawnTitle"),
        text: t("publications.public.withdrawnText", { title: typographic(found.title, found.language), date }),
        reason: typographic(found.reason, found.language),
      },
      410,
    );
  }
  const { publication, letter } = found;
  return letterPage(letter.title, {
    letter: drawnLetter(letter, t, [
      t("publications.public.published", { date: longDate(dayOf(publication.published_at!), language) }),
      t("publications.public.edition", {
        date: longDate(dayOf(publication.frozen_at!), language),
        digest: publication.digest!.slice(0, 12),
      }),
    ]),
    pdf: `/publications/${publication.slug}.pdf`,
  });
}
