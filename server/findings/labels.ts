import type { PersonTable, RecommendationTable } from "../../db/schema.ts";
import { type CodebookDefinition, type Factor, type Option, REVERSE } from "../codebook/definition.ts";
import { longDate } from "../http/formats.ts";
import type { Language, T } from "../http/words.ts";
import { courtLabel, departmentLabel } from "../reports/places.ts";
import type { CodedValue, Evidence, RecommendationRow } from "./queries.ts";

export type Choice = { value: string; label: string; hint?: string };

/** Codebooks are written with straight apostrophes; pages are not. */
const set = (label: string): string => label.replaceAll("'", "’");
export const optionLabel = (options: readonly Option[], code: string, language: Language): string => {
  const option = options.find((one) => one.code === code);
  return option ? set(language === "fr" ? option.labelFr : option.labelEn) : code;
};
export const optionChoices = (options: readonly Option[], language: Language, hints = false): Choice[] =>
  options.map((option) => ({
    value: option.code,
    label: optionLabel(options, option.code, language),
    ...(hints && language === "fr" && option.definitionFr && { hint: set(option.definitionFr) }),
  }));
export const factorLabel = (factor: Pick<Factor, "labelFr" | "labelEn">, language: Language): string =>
  set(language === "fr" ? factor.labelFr : factor.labelEn);

/** A coded value in words: "Présent", "En vigueur", "12 jours", "14 mars 2024". */
export function valueLabel(factor: Factor, value: string, { presence }: CodebookDefinition, language: Language, t: T): string {
  if (value === "unknown") return optionLabel(presence, "unknown", language);
  switch (factor.type) {
    case "presence":
      return optionLabel(presence, value, language);
    case "category":
      if (factor.optionsRef === "cog_departement") return departmentLabel(value);
      if (factor.optionsRef === "ressort_judiciaire") return courtLabel(value);
      return optionLabel(factor.options, value, language);
    case "multi":
      return value
        .split(",")
        .map((code) => optionLabel(factor.options, code, language))
        .join(", ");
    case "date":
      return longDate(value, language);
    case "number": {
      const count = Number(value);
      if (factor.unit === "days") return t("findings.units.days", { count });
      if (factor.unit === "years") return t("findings.units.years", { count });
      return new Intl.NumberFormat(language).format(count);
    }
  }
}

/** "Victime 1", or null for the case itself. */
export const subjectLabel = (people: readonly PersonTable[], subject: string, t: T): string | null => {
  if (subject === REVERSE) return t("findings.changes.reverse");
  const person = people.find(({ id }) => id === subject);
  return person ? `${t(`reports.people.${person.kind}`)} ${person.number}` : null;
};

export type FactorCard = {
  code: string;
  section: string;
  label: string;
  values: { subject: string | null; value: string; confidence: string; basis: string; knownWhen: string; note: string }[];
};
/** The documented factors of a report in codebook order, each with what was coded about it. */
export function factorCards(
  codebook: CodebookDefinition,
  values: readonly CodedValue[],
  people: readonly PersonTable[],
  language: Language,
  t: T,
): (FactorCard & { passages: string[] })[] {
  const byFactor = Map.groupBy(values, ({ factor }) => factor);
  return codebook.factors.flatMap((factor) => {
    const own = byFactor.get(factor.code);
    if (!own) return [];
    return [
      {
        code: factor.code,
        section: factor.section,
        label: factorLabel(factor, language),
        passages: [...new Set(own.flatMap(({ passages }) => passages))],
        values: own.map((coding) => ({
          subject: subjectLabel(people, coding.subject, t),
          value: valueLabel(factor, coding.value, codebook, language, t),
          confidence: coding.confidence ? optionLabel(codebook.confidence, coding.confidence, language) : "",
          basis: coding.evidence_basis ? optionLabel(codebook.evidenceBasis, coding.evidence_basis, language) : "",
          knownWhen: coding.known_when ? optionLabel(codebook.knownWhen, coding.known_when, language) : "",
          note: [coding.note, coding.reason].filter(Boolean).join(" – "),
        })),
      },
    ];
  });
}

export type PassageCard = {
  id: string;
  quote: string;
  before: string;
  after: string;
  source: string;
  href: string;
  section: string;
  /** Its words are covered until the reader asks for them. */
  veiled: boolean;
};
/** A passage with its source in words and the way to it on the coding page. */
export const passageCard = (
  passage: Evidence,
  reportId: string,
  factor: { code: string; section: string } | undefined,
  veiled: boolean,
  t: T,
): PassageCard => ({
  veiled,
  id: passage.id,
  quote: passage.quote,
  before: passage.before,
  after: passage.after,
  source: sourceLabel(passage, t),
  // The coding page opens on the first document unless it is told another.
  href: `/rapports/${reportId}/codage?${new URLSearchParams({
    ...(factor && { facteur: factor.code }),
    ...(passage.document > 1 && { document: String(passage.document) }),
  })}#passage-${passage.id}`,
  section: factor?.section ?? "circumstances",
});
export const sourceLabel = ({ document, fileName, page }: { document: number; fileName: string; page: number | null }, t: T): string =>
  page === null
    ? t("findings.passage.source", { document, name: fileName })
    : t("findings.passage.sourcePage", { document, name: fileName, page });

/** The classification of a recommendation in words. */
export function recommendationFacts(
  one: Pick<RecommendationTable, "addressee" | "level" | "theme" | "type" | "deadline"> & Partial<Pick<RecommendationRow, "origin">>,
  { recommendation: lists }: CodebookDefinition,
  language: Language,
  t: T,
): { term: string; detail: string }[] {
  return [
    { term: t("findings.recommendation.addressee"), detail: optionLabel(lists.addressees, one.addressee, language) },
    { term: t("findings.recommendation.level"), detail: optionLabel(lists.levels, one.level, language) },
    { term: t("findings.recommendation.theme"), detail: optionLabel(lists.themes, one.theme, language) },
    { term: t("findings.recommendation.type"), detail: optionLabel(lists.types, one.type, language) },
    ...(one.origin ? [{ term: t("findings.recommendation.origin"), detail: t(`findings.origins.${one.origin}`) }] : []),
    {
      term: t("findings.recommendation.deadline"),
      detail: one.deadline ? longDate(one.deadline, language) : t("findings.recommendation.noDeadline"),
    },
  ];
}
