import type { Answer, AnswerAssessment, Implementation } from "../../workflows/recommendation.machine.ts";

/** Whom the observatory writes to at an addressee, and how likely an answer is there. Everything is fictional. */
export type Correspondence = {
  contacts: { service: string; person: string; email: string | null; postal: string }[];
  channel: "registered_letter" | "letter" | "email";
  answers: number;
};

const contact = (service: string, person: string, mailbox: string | null, postal: string) => ({
  service,
  person,
  email: mailbox && `${mailbox}@demo.invalid`,
  postal,
});

export const CORRESPONDENCE: Record<string, Correspondence> = {
  justice_ministry: {
    contacts: [
      contact("Bureau du suivi des politiques pénales", "Chef de bureau", "suivi.justice", "1 place des Tilleuls, 99001 Valmerre"),
      contact("Sous-direction de l’accès au droit", "Adjointe à la sous-directrice", "acces.droit", "1 place des Tilleuls, 99001 Valmerre"),
    ],
    channel: "registered_letter",
    answers: 0.74,
  },
  interior_ministry: {
    contacts: [
      contact(
        "Mission de lutte contre les violences au sein de la famille",
        "Cheffe de mission",
        "mission.interieur",
        "4 rue du Préau, 99001 Valmerre",
      ),
    ],
    channel: "registered_letter",
    answers: 0.68,
  },
  health_ministry: {
    contacts: [contact("Bureau de la santé des populations", "Chef de bureau", "sante.populations", "9 avenue des Saules, 99001 Valmerre")],
    channel: "registered_letter",
    answers: 0.5,
  },
  social_ministry: {
    contacts: [contact("Bureau de l’hébergement d’urgence", "Cheffe de bureau", "hebergement", "12 rue du Canal, 99001 Valmerre")],
    channel: "registered_letter",
    answers: 0.55,
  },
  equality_ministry: {
    contacts: [contact("Secrétariat des suites données", "Secrétaire", "suites.egalite", "3 allée des Frênes, 99001 Valmerre")],
    channel: "email",
    answers: 0.85,
  },
  education_ministry: {
    contacts: [contact("Bureau de la protection des élèves", "Chef de bureau", "protection.eleves", "20 rue des Écoles, 99001 Valmerre")],
    channel: "registered_letter",
    answers: 0.6,
  },
  prosecutor: {
    contacts: [
      contact("Parquet de Valmerre", "Secrétaire générale", "parquet.valmerre", "Palais de justice, 99001 Valmerre"),
      contact(
        "Parquet de Brissac-le-Haut",
        "Référent violences au sein du couple",
        "parquet.brissac",
        "Palais de justice, 99014 Brissac-le-Haut",
      ),
      contact("Parquet général d’Ormont", "Avocate générale", "parquet.general", "Cour d’appel, 99030 Ormont"),
    ],
    channel: "email",
    answers: 0.76,
  },
  courts: {
    contacts: [
      contact("Présidence du tribunal d’Ormont", "Secrétariat de la présidence", "presidence.ormont", "Palais de justice, 99030 Ormont"),
    ],
    channel: "letter",
    answers: 0.5,
  },
  probation: {
    contacts: [contact("Service de probation d’Ormont", "Directeur", "probation.ormont", "6 quai du Nord, 99030 Ormont")],
    channel: "email",
    answers: 0.7,
  },
  police: {
    contacts: [
      contact("Direction territoriale de Valmerre", "Référente violences", "police.valmerre", "2 boulevard de la Gare, 99001 Valmerre"),
    ],
    channel: "email",
    answers: 0.8,
  },
  gendarmerie: {
    contacts: [contact("Groupement d’Ormont", "Officier adjoint prévention", "groupement.ormont", "Caserne du Verger, 99030 Ormont")],
    channel: "email",
    answers: 0.82,
  },
  prefecture: {
    contacts: [
      contact("Préfecture d’Ormont", "Déléguée aux droits des femmes", "prefecture.ormont", "1 cours de la République, 99030 Ormont"),
    ],
    channel: "registered_letter",
    answers: 0.62,
  },
  ars_hospital: {
    contacts: [
      contact("Agence de santé, direction de l’offre de soins", "Chargée de mission", "offre.soins", "18 rue de l’Aqueduc, 99001 Valmerre"),
      contact("Centre hospitalier de Valmerre", "Directrice des soins", "ch.valmerre", "40 route d’Ormont, 99001 Valmerre"),
    ],
    channel: "letter",
    answers: 0.52,
  },
  gp_liberal: {
    contacts: [contact("Conseil de l’ordre des médecins", "Secrétariat général", null, "7 rue des Carmes, 99001 Valmerre")],
    channel: "letter",
    answers: 0.24,
  },
  department_council: {
    contacts: [
      contact("Direction de l’enfance et de la famille", "Directrice adjointe", "enfance.famille", "Hôtel du département, 99030 Ormont"),
    ],
    channel: "registered_letter",
    answers: 0.58,
  },
  municipality: {
    contacts: [
      contact("Mairie de Brissac-le-Haut", "Coordinatrice du conseil local", "clspd.brissac", "Place de la Mairie, 99014 Brissac-le-Haut"),
    ],
    channel: "letter",
    answers: 0.45,
  },
  associations: {
    contacts: [contact("Fédération des lieux d’écoute", "Déléguée générale", "ecoute.federation", "11 rue du Marché, 99001 Valmerre")],
    channel: "email",
    answers: 0.72,
  },
  perpetrator_services: {
    contacts: [contact("Centre de prise en charge d’Ormont", "Directeur", "centre.ormont", "15 rue du Moulin, 99030 Ormont")],
    channel: "email",
    answers: 0.7,
  },
  legislator: {
    contacts: [
      contact(
        "Secrétariat des travaux réglementaires",
        "Chef du secrétariat",
        "travaux.reglementaires",
        "5 rue de la Charte, 99001 Valmerre",
      ),
    ],
    channel: "registered_letter",
    answers: 0.3,
  },
};

/** What addressees write, by what they say. */
export const ANSWER_TEXTS: Record<Answer, readonly string[]> = {
  accepted: [
    "Nous partageons cette recommandation. Une note en reprend les termes et sera adressée à tous les services concernés d’ici la fin du trimestre.",
    "La recommandation est acceptée. Elle est inscrite au plan d’action de l’année, avec un point d’étape prévu à six mois.",
    "Accord sur le principe et sur le calendrier. Un groupe de travail a été désigné ; il se réunira pour la première fois le mois prochain.",
    "Cette mesure répond à une difficulté que nos équipes nous avaient signalée. Nous la retenons et en confions la conduite à notre référente.",
  ],
  partly_accepted: [
    "Nous retenons la mesure pour les situations où des violences ont déjà été signalées. L’étendre à toutes les situations demanderait des moyens dont nous ne disposons pas cette année.",
    "L’objectif est partagé. Le délai proposé nous paraît court : nous nous engageons sur un délai double, avec un bilan intermédiaire.",
    "La partie relative à la procédure est acceptée. Celle qui concerne l’outil informatique dépend d’un autre service, à qui nous avons transmis votre courrier.",
  ],
  rejected: [
    "Nous ne donnerons pas suite. La mesure suppose une modification des textes qui ne relève pas de notre compétence.",
    "Après examen, la recommandation n’est pas retenue : les effectifs ne permettent pas d’ajouter cette vérification sans retarder les autres.",
    "Nous estimons que la pratique actuelle permet d’atteindre le même but et ne souhaitons pas la modifier.",
  ],
  already_in_place: [
    "Cette pratique existe dans notre service depuis plus d’un an ; la note interne qui l’organise est jointe ou tenue à votre disposition.",
    "La mesure figure déjà dans notre protocole. Un rappel sera fait lors de la prochaine réunion de service.",
    "Nous appliquons déjà cette règle. Le cas que vous avez étudié est antérieur à sa mise en place.",
  ],
  in_progress: [
    "Les travaux sont engagés. Une première version a été testée dans deux services ; sa généralisation est prévue au semestre prochain.",
    "La mise en œuvre a commencé : la moitié des équipes est formée, la seconde session est programmée.",
    "Le marché correspondant est en cours de passation. Nous vous tiendrons informés de la date d’ouverture.",
  ],
  partly_implemented: [
    "La mesure est en place dans les sites principaux. Les sites isolés ne sont pas encore couverts, faute d’un local adapté.",
    "Le circuit fonctionne aux heures ouvrées. La permanence de nuit reste à organiser avec nos partenaires.",
    "La fiche est diffusée et utilisée ; le suivi statistique prévu n’a pas encore pu être mis en place.",
  ],
  implemented: [
    "La mesure est appliquée depuis trois mois. Le compte rendu de la réunion de lancement et la note de service sont tenus à votre disposition.",
    "La recommandation est mise en œuvre. Un premier bilan, joint au dossier de suivi, montre que toutes les équipes s’en servent.",
    "C’est fait : la procédure est entrée en vigueur et un contrôle trimestriel a été ajouté au tableau de bord.",
  ],
};

export const ASSESSMENT_TEXTS: Record<AnswerAssessment, readonly string[]> = {
  acceptable: [
    "La réponse porte sur l’objet de la recommandation et fixe un calendrier vérifiable.",
    "Réponse précise, accompagnée d’un engagement daté.",
  ],
  acceptable_alternative: [
    "La voie proposée diffère de la nôtre ; elle atteint le même but si le bilan annoncé est tenu.",
    "Le délai est plus long que demandé, mais les étapes sont datées.",
  ],
  unacceptable: [
    "La réponse ne dit ni qui agit ni quand ; le risque décrit par les constats demeure.",
    "La pratique invoquée est celle que les rapports montrent insuffisante.",
  ],
  no_answer: [
    "Deux relances sont restées sans réponse.",
    "Aucune réponse dans le délai, ni à la relance ; la recommandation garde son objet.",
  ],
};

export const IMPLEMENTATION_TEXTS: Record<Implementation, readonly string[]> = {
  fully: [
    "Note de service et compte rendu communiqués ; la mesure s’applique dans tous les services visés.",
    "Les pièces jointes montrent une application complète et contrôlée.",
  ],
  in_progress: ["Les étapes annoncées sont tenues ; la généralisation reste à venir.", "Expérimentation en cours, bilan attendu."],
  incomplete: [
    "Une partie des services n’est pas couverte ; aucune date n’est donnée pour les autres.",
    "La procédure existe, mais rien ne montre qu’elle est suivie.",
  ],
  not_implemented: [
    "Aucune mesure n’a été prise à l’échéance.",
    "L’échéance est passée ; aucune pièce ne montre un commencement d’exécution.",
  ],
  without_object: ["L’organisation visée a été remplacée depuis ; la recommandation n’a plus d’objet."],
};

export const CLOSING_TEXTS: Record<Implementation, string> = {
  fully: "Recommandation mise en œuvre : le suivi s’arrête.",
  in_progress: "",
  incomplete: "Le suivi de cette recommandation s’arrête ; ce qui manque est repris dans une recommandation plus récente.",
  not_implemented: "Sans suite à l’échéance malgré les relances : constat publié dans la lettre annuelle.",
  without_object: "La recommandation n’a plus d’objet.",
};

export const DEADLINE_REASONS = [
  "Le destinataire demande un délai supplémentaire pour consulter les organisations syndicales.",
  "Réorganisation du service destinataire : échéance reportée d’un commun accord.",
  "Calendrier budgétaire : les crédits ne sont disponibles que l’exercice suivant.",
];
