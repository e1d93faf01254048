import { around, care, fact, found, is, record, type Sentences } from "./case.ts";

export const COUPLE: Sentences = {
  union_type: {
    married: [
      fact("<V> et <P> étaient mariés."),
      fact("Le couple était marié de longue date.", { when: (c) => c.victimAge >= 45 }),
      fact("Le couple était uni par le mariage."),
    ],
    pacs: [fact("<V> et <P> étaient liés par un pacte civil de solidarité."), fact("Le couple avait conclu un pacte civil de solidarité.")],
    cohabiting: [
      fact("<V> et <P> vivaient en concubinage."),
      fact("Le couple vivait en concubinage depuis plusieurs années."),
      fact("Les intéressés vivaient maritalement, sans être mariés."),
    ],
    dating: [
      fact("<V> et <P> entretenaient une relation sans cohabitation."),
      fact("Leur relation, suivie, n’avait pas donné lieu à une vie commune."),
    ],
    ex_spouse: [fact("<V> et <P>, autrefois mariés, étaient divorcés."), fact("Le mariage de <V> et <P> avait été dissous par divorce.")],
    ex_pacs: [fact("Le pacte civil de solidarité qui liait <V> et <P> avait été dissous.")],
    ex_cohabiting: [
      fact("<V> et <P> avaient vécu en concubinage jusqu’à leur séparation."),
      fact("<P> est <p:l’ancien concubin|l’ancienne concubine> de <V>."),
    ],
    ex_dating: [
      fact("<V> et <P> avaient entretenu une relation sans vie commune, désormais rompue."),
      fact("Leur ancienne relation n’avait jamais donné lieu à cohabitation."),
    ],
    extramarital: [fact("<V> et <P> entretenaient une relation extraconjugale."), fact("Leur relation était épisodique.")],
  },
  relationship_status: {
    ongoing: [
      fact("La relation était en cours à la date des faits."),
      around("Aucune rupture n’était engagée, selon l’entourage."),
      fact("La vie de couple se poursuivait à la date des faits."),
      fact("Le couple n’était pas séparé."),
    ],
    on_off: [
      around("Le couple alternait ruptures et reprises de la vie commune."),
      around("Plusieurs séparations suivies de réconciliations sont décrites par les proches."),
    ],
  },
  cohabitation: {
    present: [
      fact("<V> et <P> partageaient le même logement."),
      fact("Tous deux vivaient sous le même toit."),
      fact("La cohabitation était effective.", { when: (c) => c.status === "ongoing" }),
      fact("Malgré la rupture, tous deux occupaient encore le même logement.", {
        when: (c) => c.status === "separating" || c.status === "separated",
      }),
    ],
    absent: [
      fact("Chacun disposait de son propre logement."),
      fact("<V> et <P> ne cohabitaient pas à la date des faits."),
      fact("<V> vivait dans un logement distinct.", { when: (c) => c.status === "separated" }),
    ],
  },
  separation_announced: {
    absent: [
      around("Aucun projet de séparation n’a été rapporté par les proches."),
      found("L’enquête n’a mis au jour ni annonce ni démarche de rupture."),
    ],
    unknown: [
      around("Un projet de départ est évoqué par un témoin, sans que le rapport le tienne pour acquis.", {
        note: "Projet de départ incertain.",
      }),
    ],
  },
  family_court_proceedings: {
    present: [
      record("Une requête en divorce était pendante devant le juge aux affaires familiales.", { when: is("union_type", "married") }),
      fact("Le juge aux affaires familiales était saisi de la résidence des enfants.", { when: (c) => (c.minors ?? 0) > 0 }),
      fact("Une procédure était en cours devant le juge aux affaires familiales."),
      fact("Une audience devant le juge aux affaires familiales était fixée au mois suivant."),
    ],
    absent: [fact("Aucune procédure familiale n’était en cours."), fact("Le juge aux affaires familiales n’était saisi d’aucune demande.")],
  },
  new_partner: {
    present: [
      around("<V> avait noué une nouvelle relation, que <P> connaissait."),
      around("<P> prêtait à <V> une liaison, que rien ne confirme.", { note: "Nouveau partenaire supposé par l’auteur." }),
      found("L’enquête confirme l’existence d’une nouvelle relation de <V>."),
      around("<P> soupçonnait <V> de voir quelqu’un.", { note: "Nouveau partenaire supposé par l’auteur." }),
    ],
    absent: [
      found("<V> n’entretenait aucune autre relation, et <P> ne le soutenait pas."),
      around("Les proches écartent toute nouvelle relation de <V>."),
    ],
  },
  caregiver_burden: {
    present: [
      care("<P> s’occupait seul<pe> de <V>, dont l’état s’aggravait, et se disait à bout de forces.", { tag: "exhausted" }),
      around("La famille avait constaté l’épuisement de <P>, qui refusait toute aide extérieure.", { tag: "refused_help" }),
      care("L’infirmière libérale avait noté l’épuisement de <P> auprès de <V>.", { tag: "exhausted" }),
      found("Une lettre laissée par <P> évoque la maladie de <V> et l’impossibilité de poursuivre.", { tag: "letter" }),
      care("L’entrée de <V> en établissement, envisagée, avait été repoussée faute de place, et <P> restait seul<pe> à l’aider.", {
        tag: "no_place",
      }),
    ],
    absent: [
      found("L’enquête écarte l’hypothèse d’un épuisement lié à l’aide apportée."),
      around("Aucun projet de mort lié à la maladie n’est évoqué par les proches."),
    ],
  },
  children_in_household: {
    "1": [
      fact("Un enfant mineur, l’enfant 1, vivait au foyer."),
      fact("Un enfant mineur, désigné l’enfant 1, est issu du couple.", {
        when: (c) => c.union !== "dating" && c.union !== "extramarital",
      }),
      fact("Le foyer comptait un mineur, l’enfant 1."),
    ],
    n: [
      fact("<N> enfants mineurs vivaient au foyer."),
      fact("Le foyer comptait <n> enfants mineurs, désignés par leur rang d’âge."),
      fact("<N> enfants mineurs sont issus du couple ou vivaient avec lui.", {
        when: (c) => c.union !== "dating" && c.union !== "extramarital",
      }),
    ],
  },
  children_present_at_act: {
    "0": [
      fact("Aucun mineur ne se trouvait sur les lieux.", { when: (c) => (c.minors ?? 0) > 0 }),
      fact(
        "<m:L’enfant était alors confié|Les enfants étaient alors confiés> à des proches et n’<m:était pas présent|étaient pas présents>.",
        { when: (c) => (c.minors ?? 0) > 0 && c.motive !== "child_dispute" },
      ),
      fact("<m:L’enfant se trouvait|Les enfants se trouvaient> ce jour-là chez des proches.", {
        when: (c) => (c.minors ?? 0) > 0 && c.motive !== "child_dispute",
      }),
    ],
    "1": [
      fact("Un mineur était présent sur les lieux."),
      fact("L’un des enfants était présent et a été pris en charge aussitôt.", { when: (c) => (c.minors ?? 0) > 1 }),
      fact("L’enfant 1 se trouvait dans une autre pièce."),
    ],
    n: [fact("<N> mineurs étaient présents sur les lieux."), fact("<N> enfants se trouvaient dans une autre pièce au moment de l’acte.")],
  },
  children_killed: {
    "0": [fact("Aucun enfant n’a été atteint."), fact("Aucun mineur n’a été tué ni blessé.")],
    "1": [fact("L’enfant 1 est décédé dans le même contexte.")],
    n: [fact("<N> enfants sont décédés dans le même contexte.")],
  },
  children_orphaned: {
    "0": [fact("<m:L’enfant n’a pas|Les enfants n’ont pas> perdu de parent du fait de l’acte.", { when: (c) => (c.minors ?? 0) > 0 })],
    "1": [fact("Un mineur a perdu l’un de ses parents ou les deux du fait de l’acte."), fact("L’acte laisse un enfant orphelin.")],
    n: [fact("<N> mineurs ont perdu un parent ou les deux du fait de l’acte."), fact("L’acte laisse <n> enfants orphelins.")],
  },
  children_prior_harm: {
    present: [
      record("<m:L’enfant était décrit comme témoin|Les enfants étaient décrits comme témoins> des scènes dans la procédure antérieure.", {
        when: (c) => c.reported,
      }),
      around("Selon la famille, <m:l’enfant assistait|les enfants assistaient> régulièrement aux violences."),
      record("L’école avait relevé des propos <m:de l’enfant|d’un enfant> sur les scènes du domicile.", {
        when: is("third_party_report", "school"),
      }),
      found("<m:L’enfant, entendu après les faits, a|Les enfants, entendus après les faits, ont> décrit des scènes répétées."),
    ],
    absent: [
      found("<m:L’enfant, entendu, n’a|Les enfants, entendus, n’ont> décrit aucune violence antérieure."),
      around("Aucune exposition <m:de l’enfant|des enfants> à des violences n’est rapportée."),
    ],
  },
  custody_access_dispute: {
    present: [
      fact("La résidence <m:de l’enfant|des enfants> faisait l’objet d’un désaccord ancien."),
      around("Chaque remise <m:de l’enfant|des enfants> donnait lieu à des tensions, selon la famille."),
      record("Le droit de visite et d’hébergement avait suscité plusieurs signalements.", { when: (c) => c.reported }),
    ],
    absent: [fact("Aucun désaccord sur la résidence <m:de l’enfant|des enfants> n’est relevé.")],
  },
  child_protection_followup: {
    info_preoccupante: [record("Une information préoccupante avait été adressée à la cellule départementale.", { tag: "crip" })],
    aed: [record("Une aide éducative administrative était en cours auprès de la famille.")],
    aemo: [record("Une mesure d’assistance éducative en milieu ouvert était exercée auprès de la famille.")],
    placement: [record("Un placement avait été ordonné par le passé pour <m:l’enfant|l’un des enfants>.")],
    pmi: [care("La protection maternelle et infantile suivait la famille.")],
    juge_enfants: [record("Le juge des enfants était saisi de la situation.")],
    none: [
      fact("Aucun suivi de protection de l’enfance n’existait."),
      fact("La famille n’était pas connue de l’aide sociale à l’enfance."),
      fact("Les services de protection de l’enfance n’avaient jamais été saisis."),
    ],
  },
};

/** Status of the couple where it carries a date and several factors at once. */
export const SEPARATIONS = {
  /** Separated, with the date that gives the number of days. */
  dated: [
    "[[relationship_status separation_announced days_since_separation|La séparation était effective depuis le <date:separation>]].",
    "[[relationship_status separation_announced days_since_separation|<V> avait quitté le domicile le <date:separation>]].",
    "[[relationship_status separation_announced days_since_separation|Le couple vivait séparé depuis le <date:separation>]].",
    "[[relationship_status separation_announced days_since_separation|La rupture remontait au <date:separation>, date à laquelle <P> avait quitté le logement]].",
  ],
  undated: [
    "[[relationship_status separation_announced|Le couple était séparé depuis plusieurs mois]].",
    "[[relationship_status separation_announced|La séparation était consommée à la date des faits]], sans que le rapport en donne la date.",
    "[[relationship_status separation_announced|<V> s’était <v:séparé|séparée> de <P>]], à une date non précisée.",
  ],
  announced: [
    "[[relationship_status separation_announced|<V> avait annoncé son intention de se séparer]].",
    "[[relationship_status separation_announced|Une séparation était en cours]] ; <V> cherchait un logement.",
    "[[relationship_status separation_announced|<V> avait consulté un avocat en vue d’une séparation]], ce que <P> avait appris.",
    "[[relationship_status separation_announced|La rupture venait d’être annoncée par <V>]].",
  ],
  /** The household has no minor: one sentence answers several factors. */
  childless: [
    "[[children_in_household children_present_at_act children_killed children_orphaned|Aucun enfant mineur ne vivait au foyer, et le couple n’en avait pas]].",
    "[[children_in_household children_present_at_act children_killed children_orphaned|Le couple n’avait pas d’enfant mineur]].",
    "[[children_in_household children_present_at_act children_killed children_orphaned|Les enfants du couple sont majeurs ; aucun mineur n’était concerné]].",
    "[[children_in_household children_present_at_act children_killed children_orphaned|L’affaire ne concerne aucun mineur]].",
  ],
} as const;
