import type { Db } from "../../db/schema.ts";
import { dayOf, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { foldText } from "../reports/fold.ts";
import type { CodebookDefinition, Factor, Option } from "./definition.ts";
import { labelOf, printed } from "./labels.ts";
import { currentCodebook } from "./store.ts";

type OptionLine = { code: string; label: string; definition: string | null };
type FactorCard = {
  code: string;
  label: string;
  definition: string;
  facts: { term: string; detail: string }[];
  flags: string[];
  options: OptionLine[];
  outsideList: string | null;
  terms: string[];
  /** Instruments that carry a comparable item. */
  cited: string;
};
const codebookPage = template<{
  title: string;
  lead: string;
  facts: string[];
  unit: string;
  q: string;
  found: string | null;
  sections: { code: string; label: string; note: string | null; factors: FactorCard[] }[];
  contents: { href: string; label: string; count: string }[];
  scales: { code: string; label: string; options: OptionLine[] }[];
  sources: { code: string; title: string; publisher: string }[];
}>("codebook/show");

/** Whether a factor speaks of what is searched: its labels, code, definition, options and the words that point to it. */
const speaksOf = (factor: Factor, wanted: string): boolean =>
  foldText(
    [
      factor.code,
      factor.labelFr,
      factor.labelEn,
      factor.definitionFr,
      ...factor.options.flatMap(({ labelFr, labelEn }) => [labelFr, labelEn]),
      ...factor.indicatorTermsFr,
    ].join(" \n "),
  ).includes(wanted);

/** The codebook in force, whole or only the factors that speak of `q`. */
export async function codebook(db: Db, { q }: { q: string }, { t, language }: Exchange) {
  const definition = await currentCodebook(db);
  const { published_at } = await db
    .selectFrom("codebook_version")
    .select("published_at")
    .where("version", "=", definition.version)
    .executeTakeFirstOrThrow();
  const optionLine = (option: Option): OptionLine => ({
    code: option.code,
    label: labelOf(option, language),
    definition: option.definitionFr && printed(option.definitionFr),
  });
  const wanted = foldText(q);
  const shown = wanted === "" ? definition.factors : definition.factors.filter((factor) => speaksOf(factor, wanted));
  const sections = definition.sections
    .map((section) => ({
      code: section.code,
      label: labelOf(section, language),
      note: section.noteFr && printed(section.noteFr),
      factors: shown.filter((factor) => factor.section === section.code).map((factor) => factorCard(factor, definition)),
    }))
    .filter(({ factors }) => factors.length > 0);
  function factorCard(factor: Factor, { sources }: CodebookDefinition): FactorCard {
    const cited = sources
      .filter(({ code }) => factor.sourceRefs.includes(code))
      .map(({ title, publisher }) => `${printed(title)} (${printed(publisher)})`);
    return {
      code: factor.code,
      label: labelOf(factor, language),
      definition: printed(factor.definitionFr),
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
      options: factor.options.map(optionLine),
      outsideList: factor.optionsRef && t(`codebook.lists.${factor.optionsRef}`),
      terms: factor.indicatorTermsFr.map(printed),
      cited: cited.join(" · "),
    };
  }
  const title = language === "fr" ? printed(definition.titleFr) : printed(definition.titleEn);
  return codebookPage(title, {
    title,
    lead: t("codebook.lead"),
    facts: [
      t("codebook.version", { version: definition.version }),
      ...(published_at ? [t("codebook.published", { date: longDate(dayOf(published_at), language) })] : []),
      t("codebook.count", { count: definition.factors.length, sections: definition.sections.length }),
    ],
    unit: printed(definition.unitOfAnalysisFr),
    q,
    found: wanted === "" ? null : t("codebook.found", { count: shown.length }),
    sections,
    contents: sections.map(({ code, label, factors }) => ({ href: `#section-${code}`, label, count: String(factors.length) })),
    scales:
      wanted === ""
        ? [
            { code: "presence", label: t("codebook.scales.presence"), options: definition.presence.map(optionLine) },
            { code: "known", label: t("codebook.scales.known"), options: definition.knownWhen.map(optionLine) },
            { code: "evidence", label: t("codebook.scales.evidence"), options: definition.evidenceBasis.map(optionLine) },
            { code: "confidence", label: t("codebook.scales.confidence"), options: definition.confidence.map(optionLine) },
          ]
        : [],
    sources:
      wanted === ""
        ? definition.sources.map(({ code, title, publisher }) => ({ code, title: printed(title), publisher: printed(publisher) }))
        : [],
  });
}
type Sensitive = "health" | "sex_life" | "criminal" | "vulnerability";

/** "2019-11" → "novembre 2019" */
const monthOf = (month: string, language: "fr" | "en"): string =>
  new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
