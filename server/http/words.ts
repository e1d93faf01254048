import i18next from "i18next";
import accountsEn from "../../views/accounts/en.json" with { type: "json" };
import accounts from "../../views/accounts/fr.json" with { type: "json" };
import adjudicationEn from "../../views/adjudication/en.json" with { type: "json" };
import adjudication from "../../views/adjudication/fr.json" with { type: "json" };
import answersEn from "../../views/answers/en.json" with { type: "json" };
import answers from "../../views/answers/fr.json" with { type: "json" };
import assignmentsEn from "../../views/assignments/en.json" with { type: "json" };
import assignments from "../../views/assignments/fr.json" with { type: "json" };
import chronologyEn from "../../views/chronology/en.json" with { type: "json" };
import chronology from "../../views/chronology/fr.json" with { type: "json" };
import codebookEn from "../../views/codebook/en.json" with { type: "json" };
import codebook from "../../views/codebook/fr.json" with { type: "json" };
import codingEn from "../../views/coding/en.json" with { type: "json" };
import coding from "../../views/coding/fr.json" with { type: "json" };
import crossFindingsEn from "../../views/cross-findings/en.json" with { type: "json" };
import crossFindings from "../../views/cross-findings/fr.json" with { type: "json" };
import exportsEn from "../../views/exports/en.json" with { type: "json" };
import exports from "../../views/exports/fr.json" with { type: "json" };
import findingsEn from "../../views/findings/en.json" with { type: "json" };
import findings from "../../views/findings/fr.json" with { type: "json" };
import frameEn from "../../views/frame/en.json" with { type: "json" };
import frame from "../../views/frame/fr.json" with { type: "json" };
import homeEn from "../../views/home/en.json" with { type: "json" };
import home from "../../views/home/fr.json" with { type: "json" };
import httpEn from "../../views/http/en.json" with { type: "json" };
import http from "../../views/http/fr.json" with { type: "json" };
import importsEn from "../../views/imports/en.json" with { type: "json" };
import imports from "../../views/imports/fr.json" with { type: "json" };
import keptEn from "../../views/kept/en.json" with { type: "json" };
import kept from "../../views/kept/fr.json" with { type: "json" };
import observatoryEn from "../../views/observatory/en.json" with { type: "json" };
import observatory from "../../views/observatory/fr.json" with { type: "json" };
import outcomesEn from "../../views/outcomes/en.json" with { type: "json" };
import outcomes from "../../views/outcomes/fr.json" with { type: "json" };
import partialsEn from "../../views/partials/en.json" with { type: "json" };
import partials from "../../views/partials/fr.json" with { type: "json" };
import practicesEn from "../../views/practices/en.json" with { type: "json" };
import practices from "../../views/practices/fr.json" with { type: "json" };
import publicationsEn from "../../views/publications/en.json" with { type: "json" };
import publications from "../../views/publications/fr.json" with { type: "json" };
import qualityEn from "../../views/quality/en.json" with { type: "json" };
import quality from "../../views/quality/fr.json" with { type: "json" };
import questionsEn from "../../views/questions/en.json" with { type: "json" };
import questions from "../../views/questions/fr.json" with { type: "json" };
import recommendationsEn from "../../views/recommendations/en.json" with { type: "json" };
import recommendations from "../../views/recommendations/fr.json" with { type: "json" };
import reportsEn from "../../views/reports/en.json" with { type: "json" };
import reports from "../../views/reports/fr.json" with { type: "json" };
import siteEn from "../../views/site/en.json" with { type: "json" };
import site from "../../views/site/fr.json" with { type: "json" };
import wellbeingEn from "../../views/wellbeing/en.json" with { type: "json" };
import wellbeing from "../../views/wellbeing/fr.json" with { type: "json" };
import type { Language } from "../../workflows/report.words.ts";

const french = {
  accounts,
  adjudication,
  answers,
  assignments,
  chronology,
  codebook,
  coding,
  "cross-findings": crossFindings,
  exports,
  findings,
  frame,
  home,
  http,
  imports,
  kept,
  observatory,
  outcomes,
  partials,
  practices,
  publications,
  quality,
  questions,
  recommendations,
  reports,
  site,
  wellbeing,
};
const english = {
  accounts: accountsEn,
  adjudication: adjudicationEn,
  answers: answersEn,
  assignments: assignmentsEn,
  chronology: chronologyEn,
  codebook: codebookEn,
  coding: codingEn,
  "cross-findings": crossFindingsEn,
  exports: exportsEn,
  findings: findingsEn,
  frame: frameEn,
  home: homeEn,
  http: httpEn,
  imports: importsEn,
  kept: keptEn,
  observatory: observatoryEn,
  outcomes: outcomesEn,
  partials: partialsEn,
  practices: practicesEn,
  publications: publicationsEn,
  quality: qualityEn,
  questions: questionsEn,
  recommendations: recommendationsEn,
  reports: reportsEn,
  site: siteEn,
  wellbeing: wellbeingEn,
};

type Singular<K extends string> = K extends `${infer Base}_${"zero" | "one" | "other"}` ? Base : K;
type KeysOf<Tree> = {
  [K in keyof Tree & string]: Tree[K] extends string ? Singular<K> : `${K}.${KeysOf<Tree[K]>}`;
}[keyof Tree & string];

/** A key of the French words, "<folder>.<path>"; plural endings left out. */
export type Key = KeysOf<typeof french>;
export type T = (key: Key, params?: Record<string, string | number>) => string;
export type { Language };

await i18next.init({
  lng: "fr",
  fallbackLng: false,
  resources: { fr: { translation: french }, en: { translation: english } },
  interpolation: { escapeValue: false }, // views escape
  returnNull: false,
});

/** A word without parameters is looked up once: pages hold hundreds. */
const remembering = (language: Language): T => {
  const look = i18next.getFixedT(language) as unknown as T;
  const known = new Map<Key, string>();
  return (key, params) => {
    if (params) return look(key, params);
    const word = known.get(key) ?? look(key);
    if (!known.has(key)) known.set(key, word);
    return word;
  };
};
const translators: Record<Language, T> = { fr: remembering("fr"), en: remembering("en") };

/** The translator of a language: interpolates {{name}}, chooses plurals by `count`. An unknown key comes back as itself. */
export const translator = (language: Language): T => translators[language];

/** True when a text is a key of the words: messages of schemas are keys, texts of the outside are not. */
export const isKey = (text: string): text is Key => i18next.exists(text, { lng: "fr" });
