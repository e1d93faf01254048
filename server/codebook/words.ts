import { type Language, type T, translator } from "../http/words.ts";
import type { Change, Difference, FactorDifference, Run } from "./compare.ts";
import type { CodebookDefinition, Factor, Option } from "./definition.ts";
import { labelIn, labelOf, printed } from "./labels.ts";

export type OptionLine = { code: string; label: string; definition: string | null };
export type FactorCard = {
  code: string;
  label: string;
  /** Its own page. */
  href: string;
  definition: string;
  /** What to include, to exclude, an example: those it has. */
  guidance: { term: string; text: string }[];
  facts: { term: string; detail: string }[];
  flags: string[];
  options: OptionLine[];
  outsideList: string | null;
  terms: string[];
  /** Instruments that carry a comparable item. */
  cited: string;
  /** Proposals that are open about it, in words. */
  discussed: string | null;
};
type Sensitive = "health" | "sex_life" | "criminal" | "vulnerability";

/** "2019-11" → "novembre 2019"; what is no month as it is. */
export const monthOf = (month: string, language: Language): string =>
  /^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)
    ? new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(
        new Date(`${month}-01T00:00:00Z`),
      )
    : month;

export const optionLine = (option: Option, language: Language): OptionLine => ({
  code: option.code,
  label: labelOf(option, language),
  definition: option.definitionFr && printed(option.definitionFr),
});

/** A factor of a published version as it is read. */
export function factorCard(
  factor: Factor,
  { sources, version }: CodebookDefinition,
  current: boolean,
  open: number,
  t: T,
  language: Language,
): FactorCard {
  const cited = sources
    .filter(({ code }) => factor.sourceRefs.includes(code))
    .map(({ title, publisher }) => `${printed(title)} (${printed(publisher)})`);
  return {
    code: factor.code,
    label: labelOf(factor, language),
    href: `/grille/${factor.code}${current ? "" : `?version=${version}`}`,
    definition: printed(factor.definitionFr),
    guidance: (["include", "exclude", "example"] as const).flatMap((name) => {
      const text = factor[`${name}Fr`];
      return text ? [{ term: t(`codebook.guidance.${name}`), text: printed(text) }] : [];
    }),
    facts: [
      { term: t("codebook.type"), detail: t(`codebook.types.${factor.type}`) },
      { term: t("codebook.appliesTo"), detail: t(`codebook.applies.${factor.appliesTo}`) },
      ...(factor.availableFrom ? [{ term: t("codebook.availableFrom"), detail: monthOf(factor.availableFrom, language) }] : []),
    ],
    flags: [
      ...(factor.riskFactor ? [t("codebook.flags.risk")] : []),
      ...(factor.sensitive ? [t("codebook.flags.sensitive", { kind: t(`codebook.sensitive.${factor.sensitive as Sensitive}`) })] : []),
      ...(factor.disclosure ? [t("codebook.flags.quasi")] : []),
    ],
    options: factor.options.map((option) => optionLine(option, language)),
    outsideList: factor.optionsRef && t(`codebook.lists.${factor.optionsRef}`),
    terms: factor.indicatorTermsFr.map(printed),
    cited: cited.join(" · "),
    discussed: open > 0 ? t("codebook.discussed", { count: open }) : null,
  };
}

const FIELD_OF_KEY = {
  label_fr: "labelFr",
  label_en: "labelEn",
  definition_fr: "definitionFr",
  include_fr: "includeFr",
  exclude_fr: "excludeFr",
  example_fr: "exampleFr",
  available_from: "availableFrom",
  options_ref: "optionsRef",
  source_refs: "sourceRefs",
  indicator_terms_fr: "indicatorTermsFr",
  title_fr: "titleFr",
  title_en: "titleEn",
  unit_of_analysis_fr: "unitOfAnalysisFr",
  note_fr: "noteFr",
} as const;
/** What the reader of files says of a part, with the names that its form has instead of the keys of the file. Always in French. */
export const inForms = (message: string): string =>
  message.replace(/« (\w+) »/g, (whole, key: string) => {
    const name = Object.hasOwn(FIELD_OF_KEY, key) ? FIELD_OF_KEY[key as keyof typeof FIELD_OF_KEY] : null;
    return name ? `«\u00a0${translator("fr")(`codebook.fields.${name}`)}\u00a0»` : whole;
  });

/** One change as a page shows it: what it is about, then words with what came and went, or two values, or a list. */
export type ChangeLine = {
  term: string;
  runs: Run[] | null;
  before: string | null;
  after: string | null;
  tone: "added" | "removed" | null;
  code: string | null;
};

const attribute = (
  name: Extract<Change, { kind: "attribute" }>["name"],
  value: string | null,
  sections: CodebookDefinition["sections"],
  t: T,
  language: Language,
): string => {
  if (value === null) return t("codebook.difference.none");
  switch (name) {
    case "section": {
      const section = sections.find(({ code }) => code === value);
      return section ? labelOf(section, language) : value;
    }
    case "type":
      return t(`codebook.types.${value as Factor["type"]}`);
    case "appliesTo":
      return t(`codebook.applies.${value as Factor["appliesTo"]}`);
    case "optionsRef":
      return t(`codebook.lists.${value as NonNullable<Factor["optionsRef"]>}`);
    case "sensitive":
      return t(`codebook.sensitive.${value as Sensitive}`);
    case "availableFrom":
      return monthOf(value, language);
    case "riskFactor":
    case "disclosure":
      return t("codebook.difference.yes");
    case "unit":
      return value;
  }
};

const saidOption = ({ labelFr, labelEn, definitionFr }: Option): string =>
  printed([labelFr, labelEn, definitionFr].filter(Boolean).join(" · "));

/** Changes of one factor or list in the reader's words. Texts of the codebook stay in their language. */
export function changeLines(
  changes: readonly Change[],
  { base, next }: { base: CodebookDefinition; next: CodebookDefinition },
  t: T,
  language: Language,
): ChangeLine[] {
  const line = (term: string, rest: Partial<ChangeLine>): ChangeLine => ({
    term,
    runs: null,
    before: null,
    after: null,
    tone: null,
    code: null,
    ...rest,
  });
  const linesOf = (change: Change): ChangeLine[] => {
    switch (change.kind) {
      case "text":
        return [line(t(`codebook.fields.${change.name}`), { runs: change.runs.map(({ kind, text }) => ({ kind, text: printed(text) })) })];
      case "attribute":
        return [
          line(t(`codebook.fields.${change.name}`), {
            before: attribute(change.name, change.before, base.sections, t, language),
            after: attribute(change.name, change.after, next.sections, t, language),
          }),
        ];
      case "list":
        return [
          ...(change.removed.length > 0
            ? [line(t(`codebook.fields.${change.name}`), { before: printed(change.removed.join(", ")), tone: "removed" as const })]
            : []),
          ...(change.added.length > 0
            ? [line(t(`codebook.fields.${change.name}`), { after: printed(change.added.join(", ")), tone: "added" as const })]
            : []),
        ];
      case "option-added":
        return [line(t("codebook.difference.optionAdded"), { after: saidOption(change.option), tone: "added", code: change.option.code })];
      case "option-removed":
        return [
          line(t("codebook.difference.optionRemoved"), { before: saidOption(change.option), tone: "removed", code: change.option.code }),
        ];
      case "option-changed":
        return [
          line(t("codebook.difference.optionChanged"), {
            before: saidOption(change.before),
            after: saidOption(change.after),
            code: change.after.code,
          }),
        ];
      case "options-ordered":
        return [line(t("codebook.difference.optionsOrdered"), {})];
    }
  };
  return changes.flatMap(linesOf);
}

export type FactorChange = {
  kind: FactorDifference["kind"];
  tag: { tone: string; label: string };
  title: string;
  codes: string;
  /** Its code in the base, where it has one: what the count of impact hangs on. */
  from: string | null;
  lines: ChangeLine[];
};
const TONES = { added: "success", retired: "danger", split: "progress", merged: "progress", changed: "info" } as const;

/** A difference between two versions in the reader's words. */
export function differenceWords(
  difference: Difference,
  books: { base: CodebookDefinition; next: CodebookDefinition },
  t: T,
  language: Language,
): {
  head: ChangeLine[];
  sections: ChangeLine[];
  factors: FactorChange[];
  lists: { title: string; lines: ChangeLine[] }[];
  notes: string[];
} {
  const empty = { runs: null, before: null, after: null, tone: null, code: null } as const;
  const LISTS = [
    "presence",
    "evidence_basis",
    "known_when",
    "coder_confidence",
    "passage_refs",
    "addressees",
    "levels",
    "themes",
    "types",
    "followUpStatuses",
    "wordingChecks",
    "sources",
  ] as const;
  const isList = (name: string): name is (typeof LISTS)[number] => (LISTS as readonly string[]).includes(name);
  return {
    head: difference.head.map(({ name, runs }) => ({ ...empty, term: t(`codebook.fields.${name}`), runs })),
    sections: difference.sections.map(({ kind, code, before, after }) => ({
      term: t(`codebook.difference.section.${kind}`),
      runs: null,
      before: before === "" ? null : printed(before),
      after: after === "" ? null : printed(after),
      tone: kind === "changed" ? null : kind,
      code,
    })),
    factors: difference.factors.map(({ kind, before, after, changes }) => {
      const labels = (list: readonly Factor[]) => list.map((factor) => labelOf(factor, language)).join(" + ");
      const codes = (list: readonly Factor[]) => list.map(({ code }) => code).join(" + ");
      const both = kind === "split" || kind === "merged" || before[0]?.code !== after[0]?.code;
      return {
        kind,
        tag: { tone: TONES[kind], label: t(`codebook.difference.kind.${kind}`) },
        title:
          both && before.length > 0 && after.length > 0
            ? `${labels(before)} → ${labels(after)}`
            : labels(after.length > 0 ? after : before),
        codes:
          both && before.length > 0 && after.length > 0 ? `${codes(before)} → ${codes(after)}` : codes(after.length > 0 ? after : before),
        from: before[0]?.code ?? null,
        lines:
          kind === "added"
            ? after.map((factor) => ({
                ...empty,
                term: t("codebook.fields.definitionFr"),
                after: printed(factor.definitionFr) || t("codebook.difference.none"),
                tone: "added" as const,
              }))
            : changeLines(changes, books, t, language),
      };
    }),
    lists: difference.lists.map(({ name, changes }) => ({
      title: isList(name) ? t(`codebook.difference.lists.${name}`) : name,
      lines: changeLines(changes, books, t, language),
    })),
    notes: [
      ...(difference.sectionsOrdered ? [t("codebook.difference.sectionsOrdered")] : []),
      ...(difference.ordered > 0 ? [t("codebook.difference.ordered", { count: difference.ordered })] : []),
    ],
  };
}

/** A value of a factor in words; "*" for whatever it is. */
export const valueLabelOf = (definition: CodebookDefinition, factor: Factor, value: string, t: T, language: Language): string => {
  if (value === "*") return t("codebook.crosswalk.any");
  const options = factor.type === "presence" || value === "unknown" ? definition.presence : factor.options;
  const own = factor.options.find(({ code }) => code === value);
  return own ? labelOf(own, language) : labelIn(options, value, language);
};
