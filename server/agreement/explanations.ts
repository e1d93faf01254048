import type { Caution, Why } from "./agreement.ts";

type Sentence = { fr: string; en: string };

const WHY: Record<Why, Sentence> = {
  empty: {
    fr: "Aucun codage à comparer.",
    en: "There is no rating to compare.",
  },
  "single-coder": {
    fr: "Une seule personne a codé : l’accord se mesure entre deux personnes au moins.",
    en: "Only one person has coded: agreement is measured between two people at least.",
  },
  "no-common-unit": {
    fr: "Aucun cas n’a été codé par deux personnes.",
    en: "No case was coded by two people.",
  },
  "one-unit": {
    fr: "Un seul cas a été codé par deux personnes : un cas ne dit rien de l’accord sur les suivants.",
    en: "Only one case was coded by two people: one case says nothing of agreement on the next.",
  },
  "one-value": {
    fr: "La même valeur a été donnée partout : sans variation, l’accord ne peut pas être distingué du hasard.",
    en: "The same value was given everywhere: without variation, agreement cannot be told from chance.",
  },
  "no-pair-varies": {
    fr: "Chaque paire de personnes a donné une seule valeur à tous ses cas communs : aucune paire ne permet de distinguer l’accord du hasard.",
    en: "Each pair of people gave a single value to all its common cases: no pair lets agreement be told from chance.",
  },
  "not-on-scale": {
    fr: "Une des valeurs comptées (« non documenté ») n’a pas de place sur l’échelle : les écarts ne peuvent pas être pondérés.",
    en: "One of the counted values (“not documented”) has no place on the scale: differences cannot be weighted.",
  },
};

const CAUTION: Record<Caution, Sentence> = {
  perfect: {
    fr: "L’accord est total : l’intervalle se réduit à un point sans que la certitude soit entière. L’intervalle de Wilson du pourcentage d’accord, entre deux personnes, dit mieux ce que permet le nombre de cas.",
    en: "Agreement is complete: the interval shrinks to a point, which is not certainty. Between two people, Wilson’s interval of the percent agreement says better what the number of cases allows.",
  },
  "few-units": {
    fr: "Moins de vingt cas ont été codés par deux personnes : l’intervalle est approximatif.",
    en: "Fewer than twenty cases were coded by two people: the interval is a rough one.",
  },
  "undefined-resamples": {
    fr: "Certains tirages de l’intervalle n’ont pas de valeur, faute de variation : chacun compte comme le pire, puis comme le meilleur, ce qui élargit l’intervalle.",
    en: "Some draws of the interval have no value, for want of variation: each counts as the worst, then as the best, which widens the interval.",
  },
  "mean-of-pairs": {
    fr: "Plus de deux personnes ont codé : moyenne des kappas de chaque paire de personnes.",
    en: "More than two people coded: mean of the kappas of each pair of people.",
  },
};

/** Why a coefficient has no value, as a sentence. */
export const explain = (why: Why, language: "fr" | "en"): string => WHY[why][language];

/** What to keep in mind beside a value, as a sentence. */
export const caution = (code: Caution, language: "fr" | "en"): string => CAUTION[code][language];
