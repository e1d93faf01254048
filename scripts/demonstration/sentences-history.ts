import { around, type Basis, type Case, died, found, is, type KnownWhen, record, type Sentences } from "./case.ts";

/**
 * Prior violence is told as « source + que + clause »: the same act is worth something else according to who said it and when it was known.
 * Each source has an opening, then shorter ways of going on.
 */
export type Lead = { text: string; next: readonly string[]; knownWhen: KnownWhen; basis: Basis; when: ((c: Case) => boolean) | null };

export const LEADS: Record<"service" | "entourage" | "after", readonly Lead[]> = {
  service: [
    {
      text: "La plainte du <date:complaint> relate",
      next: ["Elle mentionne également", "Il y est ajouté", "Elle précise"],
      knownWhen: "service_before",
      basis: "official_record",
      when: (c) => c.complaint && is("complaint_filed", "present")(c),
    },
    {
      text: "<f:La main courante|Le procès-verbal de renseignement judiciaire> du <date:log> consigne",
      next: ["Il y est aussi mentionné", "Le même document indique"],
      knownWhen: "service_before",
      basis: "official_record",
      when: is("main_courante_pvrj", "present"),
    },
    {
      text: "Le compte rendu d’intervention note",
      next: ["Le même compte rendu indique", "Il y est ajouté"],
      knownWhen: "service_before",
      basis: "official_record",
      when: (c) => typeof c.values.police_interventions === "number" && c.values.police_interventions > 0,
    },
    {
      text: "Le médecin traitant avait noté dans son dossier",
      next: ["Le même dossier mentionne", "Il avait aussi relevé"],
      knownWhen: "service_before",
      basis: "professional",
      when: is("health_contact", "gp"),
    },
    {
      text: "L’association qui accompagnait <V> avait relevé",
      next: ["Ses écrits ajoutent", "Elle avait également noté"],
      knownWhen: "service_before",
      basis: "professional",
      when: is("support_services", "specialist", "victim_support"),
    },
    {
      text: "Le signalement reçu avant les faits faisait état de ce",
      next: ["Il indiquait aussi", "Le même écrit précisait"],
      knownWhen: "service_before",
      basis: "official_record",
      when: is("third_party_report", "relative", "neighbour", "school", "association", "health", "employer", "elected_official"),
    },
  ],
  entourage: [
    {
      text: "Une sœur de <V> a déclaré",
      next: ["Elle a ajouté", "La même personne a précisé"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: null,
    },
    {
      text: "Une amie proche rapporte",
      next: ["Elle indique aussi", "Elle ajoute"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: null,
    },
    {
      text: "Les voisins entendus indiquent",
      next: ["Ils ajoutent", "Ils précisent"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: null,
    },
    {
      text: "Une collègue de <V> a expliqué",
      next: ["Elle a précisé", "Elle savait aussi"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: is("victim_occupation", "employed"),
    },
    {
      text: "Les parents de <V> ont dit savoir",
      next: ["Ils ont ajouté", "Ils ont également rapporté"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: (c) => c.victimAge < 50,
    },
    {
      text: "Un proche du couple a rapporté",
      next: ["Il a ajouté", "Le même proche indique"],
      knownWhen: "entourage_before",
      basis: "relative",
      when: null,
    },
  ],
  after: [
    {
      text: "L’enquête conduite après les faits a établi",
      next: ["Elle montre également", "Il en ressort aussi"],
      knownWhen: "discovered_after",
      basis: "official_record",
      when: null,
    },
    {
      text: "L’exploitation des téléphones a révélé",
      next: ["Il en ressort également", "Les messages montrent aussi"],
      knownWhen: "discovered_after",
      basis: "official_record",
      when: null,
    },
    {
      text: "Des écrits de <V>, retrouvés après les faits, rapportent",
      next: ["Ils mentionnent aussi", "Il y est écrit"],
      knownWhen: "discovered_after",
      basis: "official_record",
      when: null,
    },
    {
      text: "L’audition de la victime, après les faits, a montré",
      next: ["Elle a aussi montré", "Il en ressort encore"],
      knownWhen: "discovered_after",
      basis: "official_record",
      when: (c) => !died(c),
    },
    {
      text: "<P> a reconnu en audition",
      next: ["<p+> a aussi admis"],
      knownWhen: "discovered_after",
      basis: "perpetrator",
      when: (c) => !c.perpetratorDied,
    },
  ],
};

/** Clauses for « que … », in the words of a file: what was done, without detail. */
export const CLAUSES: Record<string, readonly string[]> = {
  physical_violence: [
    "<P> avait frappé <V> à plusieurs reprises",
    "<P> avait porté des gifles et des coups à <V>",
    "<V> avait subi des coups de <P>, avec des traces visibles",
    "des violences physiques de <P> sur <V> s’étaient répétées",
    "<P> bousculait et frappait <V> lors des disputes",
  ],
  psychological_violence: [
    "<P> insultait et rabaissait <V> quotidiennement",
    "<V> subissait de <P> des humiliations répétées",
    "<P> dénigrait <V> devant les proches",
    "les propos de <P> étaient constamment dévalorisants pour <V>",
  ],
  sexual_violence: ["<P> imposait à <V> des rapports non consentis", "<V> avait subi des contraintes sexuelles de la part de <P>"],
  economic_violence: [
    "<P> conservait la carte bancaire de <V>",
    "<P> contrôlait toutes les dépenses de <V>",
    "<P> empêchait <V> de travailler",
    "<P> gardait les papiers et les moyens de paiement de <V>",
  ],
  coercive_control: [
    "<P> imposait à <V> des règles strictes et contrôlait ses sorties",
    "<V> devait rendre compte à <P> de ses horaires et de ses rencontres",
    "<P> décidait de tout et surveillait les relations de <V>",
    "la vie de <V> était organisée par <P> dans ses moindres moments",
  ],
  strangulation_history: [
    "<P> avait déjà serré le cou de <V>",
    "<P> avait tenté d’étrangler <V> lors d’une scène précédente",
    "<V> avait subi de <P> un étranglement quelques mois auparavant",
  ],
  violence_during_pregnancy: [
    "<P> avait frappé <V> pendant une grossesse",
    "des violences avaient été commises alors que <V> attendait un enfant",
  ],
  weapon_threat_or_use: [
    "<P> avait menacé <V> avec un couteau",
    "<P> avait brandi une arme devant <V>",
    "<V> avait été <v:menacé|menacée> par <P> avec un objet utilisé comme arme",
  ],
  death_threats: [
    "<P> avait menacé <V> de mort",
    "<P> avait écrit à <V> des messages annonçant sa mort",
    "<P> avait dit à plusieurs reprises qu’<p> tuerait <V>",
    "des menaces de mort de <P> visaient <V> en cas de départ",
  ],
  stalking_harassment: [
    "<P> suivait <V> et apparaissait sur ses trajets",
    "<P> appelait <V> des dizaines de fois par jour",
    "<P> stationnait régulièrement devant le domicile ou le travail de <V>",
    "<P> multipliait les appels et les venues non désirées auprès de <V>",
  ],
  cyber_control: [
    "<P> consultait le téléphone de <V> et connaissait ses mots de passe",
    "<P> avait activé la géolocalisation du téléphone de <V>, à l’insu de <v:celui-ci|celle-ci>",
    "<P> surveillait les comptes de <V> sur les réseaux sociaux",
  ],
  sequestration: ["<P> avait enfermé <V> dans le logement", "<P> avait empêché <V> de sortir en gardant les clés"],
  property_or_animal_cruelty: [
    "<P> avait détruit des effets personnels de <V>",
    "<P> avait dégradé le véhicule de <V>",
    "<P> s’en était pris à l’animal de <V>",
  ],
  escalation: [
    "les violences étaient devenues plus fréquentes au cours des derniers mois",
    "la situation s’aggravait nettement depuis quelques mois",
    "les scènes, d’abord espacées, étaient devenues presque hebdomadaires",
  ],
  obsessive_jealousy: [
    "<P> accusait sans cesse <V> d’infidélité",
    "<P> se montrait d’une jalousie constante envers <V>",
    "<P> interrogeait <V> sur chacune de ses rencontres",
    "<P> n’admettait pas que <V> voie d’autres personnes",
  ],
};

/** Direction, absences and what people around knew: whole sentences. */
export const HISTORY: Sentences = {
  prior_violence_direction: {
    perp_to_victim: [
      found("Les éléments recueillis établissent des violences de <P> sur <V> avant les faits."),
      found("Les violences antérieures allaient de <P> vers <V>."),
      record("Des violences de <P> sur <V> étaient décrites avant les faits."),
      found("Le rapport retient que <V> était victime des agissements de <P>."),
    ],
    victim_to_perp: [
      found("Le rapport établit que <P> avait subi des violences de la part de <V>.", {
        note: "Sens inverse : les violences subies par l’auteur des faits sont décrites ici, les autres facteurs de la section ne les portent pas.",
      }),
      around("Plusieurs témoins décrivent <P> comme victime des violences de <V>.", {
        note: "Sens inverse : violences subies par l’auteur des faits.",
      }),
      record("<P> avait signalé, avant les faits, des violences commises par <V>.", {
        tag: "reverse_reported",
        when: (c) => c.reported,
        note: "Sens inverse : violences subies par l’auteur des faits, signalées.",
      }),
    ],
    both: [
      found("Des violences dans les deux sens sont établies par plusieurs témoignages concordants."),
      found("Le rapport tient pour établies des violences de chacun envers l’autre."),
    ],
    none: [
      found("Les violences antérieures ont été recherchées auprès de l’entourage et des services ; aucune n’a été mise en évidence."),
      found("Ni la famille, ni les voisins, ni les soignants entendus ne rapportent de violences antérieures, qui ont été recherchées."),
      found("Après recherche, aucune violence antérieure dans le couple n’est retenue."),
    ],
  },
  physical_violence: {
    absent: [
      found("Aucun épisode de violences physiques antérieur n’a été retrouvé, malgré les recherches."),
      around("Les personnes entendues excluent tout coup antérieur."),
      found("Les dossiers médicaux examinés ne comportent aucune trace de coups."),
    ],
  },
  psychological_violence: {
    absent: [
      around("Les proches n’ont jamais constaté d’insultes ni d’humiliations."),
      found("L’enquête écarte l’existence de violences verbales répétées."),
    ],
  },
  sexual_violence: { absent: [found("Aucune violence sexuelle n’a été rapportée, la question ayant été posée.")] },
  economic_violence: { absent: [found("L’examen des comptes écarte toute violence économique.")] },
  coercive_control: {
    absent: [
      around("L’entourage, interrogé sur ce point, écarte toute emprise."),
      found("L’enquête ne retient aucune conduite de contrôle."),
    ],
  },
  strangulation_history: { absent: [found("Aucun étranglement antérieur n’est rapporté, la question ayant été posée aux témoins.")] },
  weapon_threat_or_use: { absent: [found("Aucune arme n’avait été brandie par le passé, selon les personnes entendues.")] },
  death_threats: {
    absent: [
      found("L’exploitation des messages n’a mis au jour aucune menace de mort."),
      around("Aucun proche n’a eu connaissance de menaces de mort."),
    ],
  },
  stalking_harassment: { absent: [found("Aucun fait de harcèlement ni de filature n’a été relevé.")] },
  cyber_control: { absent: [found("L’expertise des téléphones n’a révélé aucun dispositif de surveillance.")] },
  sequestration: { absent: [found("Aucune privation de liberté antérieure n’est rapportée.")] },
  property_or_animal_cruelty: { absent: [around("Aucune destruction de biens n’est signalée par les proches.")] },
  escalation: { absent: [found("Aucune aggravation récente n’est décrite par les témoins interrogés sur ce point.")] },
  obsessive_jealousy: {
    absent: [
      around("L’entourage ne décrit aucune jalousie particulière de <P>."),
      around("Aucun témoin ne fait état de soupçons ou d’interrogatoires de la part de <P>."),
    ],
  },
  known_to_entourage: {
    present: [
      around("La situation était connue de plusieurs proches, qui n’en avaient parlé à aucun service.", {
        tag: "silent",
        when: (c) => !c.reported,
      }),
      around("Les voisins entendaient régulièrement des cris, sans les avoir signalés.", {
        tag: "silent",
        when: (c) => !is("third_party_report", "neighbour")(c),
      }),
      around("Des collègues avaient remarqué des traces et recueilli des confidences.", {
        tag: "workplace",
        when: is("victim_occupation", "employed"),
      }),
      around("La famille savait, et avait encouragé <V> à se faire aider."),
      around("Une amie était informée de la situation depuis plusieurs années.", { tag: "silent" }),
    ],
    absent: [
      around("Les proches indiquent n’avoir rien su ni rien perçu."),
      found("Le voisinage, entendu dans son ensemble, n’avait rien remarqué."),
      around("Aucun membre de l’entourage n’avait connaissance de difficultés."),
    ],
  },
};
