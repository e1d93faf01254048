import { around, type Case, care, fact, file, is, record, ruled, type Sentences } from "./case.ts";

const police = (c: Case): boolean => c.force === "police";
const reported = (c: Case): boolean => c.reported;
const quiet = (c: Case): boolean => !c.serviceKnew;

export const SERVICES: Sentences = {
  police_interventions: {
    "0": [
      fact("La consultation des registres ne fait apparaître aucune intervention au domicile."),
      fact("Les forces de l’ordre n’étaient jamais intervenues au domicile, vérification faite."),
      fact("Aucune intervention au domicile n’est enregistrée."),
    ],
    "1": [
      record("<f:Une patrouille de police|Une patrouille de gendarmerie> était intervenue une fois au domicile pour un différend."),
      record("Une intervention au domicile est enregistrée, à la suite d’un appel au 17."),
    ],
    n: [
      record("<f:La police|La gendarmerie> était intervenue <n> fois au domicile avant les faits."),
      record("<N> interventions au domicile sont enregistrées."),
    ],
  },
  complaint_filed: {
    present: [
      record("<V> avait déposé plainte contre <P> le <date:complaint>."),
      record("Une plainte de <V> avait été enregistrée le <date:complaint>."),
      record("Le <date:complaint>, <V> avait déposé plainte pour violences."),
      record("<V> s’était <v:présenté|présentée> <f:au commissariat|à la brigade> le <date:complaint> et y avait déposé plainte."),
    ],
    absent: [
      fact("Aucune plainte de <V> n’avait été enregistrée."),
      fact("<V> n’avait jamais déposé plainte contre <P>."),
      fact("Les fichiers ne comportent aucune plainte de <V>."),
    ],
  },
  main_courante_pvrj: {
    present: [
      record("Une main courante avait été enregistrée le <date:log>.", { when: police }),
      record("<V> avait fait consigner les faits par une main courante le <date:log>, sans vouloir déposer plainte.", {
        when: (c) => police(c) && !c.complaint,
      }),
      record("Un procès-verbal de renseignement judiciaire avait été établi le <date:log>.", { when: (c) => !police(c) }),
      record("Le <date:log>, la brigade avait dressé un procès-verbal de renseignement judiciaire.", { when: (c) => !police(c) }),
    ],
    absent: [
      fact("Aucune main courante n’a été retrouvée.", { when: police }),
      fact("Aucun procès-verbal de renseignement judiciaire n’a été retrouvé.", { when: (c) => !police(c) }),
      fact("Ni main courante ni procès-verbal de renseignement judiciaire ne figurent aux fichiers."),
    ],
  },
  complaint_outcome: {
    pending: [
      record("L’enquête était toujours en cours à la date des faits."),
      record("La procédure n’était pas achevée lorsque les faits sont survenus."),
    ],
    no_transmission: [
      record("<f:La main courante n’avait pas été transmise|Le renseignement judiciaire n’avait pas été transmis> au parquet.", {
        when: is("main_courante_pvrj", "present"),
      }),
      record("Le signalement n’avait pas été porté à la connaissance du parquet."),
    ],
    dismissed: [
      record("La procédure avait été classée sans suite, l’infraction étant jugée insuffisamment caractérisée."),
      record("Un classement sans suite était intervenu."),
      record("La plainte avait fait l’objet d’un classement sans suite.", { when: (c) => c.complaint }),
    ],
    alternative: [
      record("Une alternative aux poursuites avait été décidée, sous la forme d’un rappel des obligations."),
      record("Un stage de responsabilisation avait été proposé en alternative aux poursuites."),
    ],
    prosecution: [
      record("Des poursuites avaient été engagées, l’audience restant à venir."),
      record("<P> avait été <p:convoqué|convoquée> devant le tribunal correctionnel."),
    ],
    conviction: [
      record("La procédure avait abouti à une condamnation de <P>."),
      record("Le tribunal correctionnel avait condamné <P> pour ces faits."),
    ],
    acquittal: [record("<P> avait été <p:relaxé|relaxée> au bénéfice du doute.")],
    none: [
      fact("Aucune suite n’avait à être donnée, aucun fait n’ayant été signalé.", { when: quiet }),
      record("Les faits signalés n’avaient reçu aucune suite.", { when: reported }),
    ],
  },
  complaint_withdrawn: {
    present: [
      record("<V> avait ensuite retiré sa plainte.", { when: (c) => c.complaint, tag: "withdrawn" }),
      record("<V> était <v:revenu|revenue> sur ses déclarations quelques semaines plus tard.", {
        when: (c) => c.complaint,
        tag: "withdrawn",
      }),
      record("<V> n’avait pas souhaité déposer plainte, malgré l’invitation qui lui en était faite.", {
        when: (c) => !c.complaint,
        tag: "declined",
      }),
      record("<V> avait décliné la proposition de déposer plainte.", { when: (c) => !c.complaint, tag: "declined" }),
    ],
    absent: [record("<V> avait maintenu sa plainte.", { when: (c) => c.complaint })],
  },
  third_party_report: {
    relative: [
      record("Un proche avait alerté <f:la police|la gendarmerie> quelques semaines avant les faits."),
      record("La famille de <V> avait écrit au procureur de la République."),
    ],
    neighbour: [record("Des voisins avaient appelé le 17 à plusieurs reprises."), record("Le voisinage avait signalé des cris.")],
    health: [
      record("Un médecin avait adressé un signalement au procureur de la République."),
      record("L’hôpital avait signalé la situation, avec l’accord de <V>."),
    ],
    school: [record("L’école avait transmis une alerte.")],
    employer: [record("L’employeur de <V> avait alerté le service social.")],
    association: [record("Une association spécialisée avait adressé un signalement au parquet.")],
    elected_official: [record("La mairie, saisie par un habitant, avait alerté <f:le commissariat|la brigade>.")],
    none: [
      fact("Aucun tiers n’avait alerté un service."),
      fact("Aucun signalement d’un proche, d’un voisin ou d’un professionnel n’a été retrouvé."),
      fact("Les services interrogés n’avaient reçu aucune alerte."),
    ],
  },
  danger_evaluation: {
    grille_fsi: [
      record("La grille d’évaluation du danger avait été remplie lors du dépôt de plainte.", { when: (c) => c.complaint }),
      record("Une grille d’évaluation du danger avait été renseignée par <f:les policiers|les gendarmes>."),
    ],
    evvi: [
      record("Une évaluation personnalisée des besoins de la victime (EVVI) avait été conduite."),
      record("L’association mandatée avait réalisé une évaluation approfondie (EVVI)."),
    ],
    other: [care("Un questionnaire propre à l’établissement de santé avait été rempli.")],
    none: [
      record("Aucune évaluation du danger n’avait été réalisée.", { when: reported }),
      fact("Aucune évaluation du danger n’avait été faite, faute de tout signalement.", { when: quiet }),
      record("La grille figurant au dossier n’avait pas été remplie.", { when: reported }),
    ],
  },
  health_contact: {
    emergency: [
      care("<V> avait été <v:reçu|reçue> aux urgences pour des lésions dont l’origine avait été évoquée."),
      care("Un passage de <V> aux urgences, pour des traces de coups, est documenté."),
    ],
    gp: [
      care("Le médecin traitant avait recueilli les confidences de <V>."),
      care("<V> avait parlé de la situation à son médecin traitant."),
    ],
    umj: [
      care("L’unité médico-judiciaire avait examiné <V> et fixé une incapacité totale de travail."),
      care("<V> avait été <v:examiné|examinée> à l’unité médico-judiciaire."),
    ],
    maternity: [care("La sage-femme avait noté des inquiétudes de <V> sur sa vie de couple.")],
    psychiatry: [
      care("<V> avait évoqué les violences auprès d’un psychologue."),
      care("Le suivi psychologique de <V> portait en partie sur les violences."),
    ],
    other: [care("Un professionnel paramédical avait recueilli des confidences de <V>.")],
    none: [
      fact("Aucun contact de santé en lien avec des violences n’a été retrouvé."),
      fact("Les professionnels de santé interrogés n’avaient recueilli aucune confidence ni constaté de lésion."),
    ],
  },
  support_services: {
    iscg: [record("L’intervenante sociale <f:du commissariat|de la gendarmerie> avait reçu <V>.")],
    social_work: [record("Le service social du département suivait <V>."), record("<V> avait rencontré une assistante sociale.")],
    specialist: [
      record("<V> était <v:accompagné|accompagnée> par une association spécialisée."),
      record("Une association spécialisée dans les violences au sein du couple suivait <V>."),
    ],
    victim_support: [
      record("L’association d’aide aux victimes avait pris contact avec <V>."),
      record("<V> avait été <v:orienté|orientée> vers l’association d’aide aux victimes, qui l’avait <v:reçu|reçue>."),
    ],
    shelter: [
      record("Un hébergement d’urgence avait été proposé à <V>."),
      record("<V> avait bénéficié d’une mise à l’abri de quelques semaines."),
    ],
    lawyer: [
      around("Un avocat conseillait <V>."),
      around("<V> avait pris conseil auprès d’un avocat."),
      record("<V> était <v:assisté|assistée> d’un avocat."),
    ],
    other: [around("<V> avait contacté une ligne d’écoute.")],
    none: [
      fact("<V> n’avait sollicité aucun service d’aide."),
      fact("Aucun service d’accompagnement ne connaissait <V>."),
      fact("Les associations et services sociaux interrogés ne connaissaient pas <V>."),
    ],
  },
  perpetrator_supervision: {
    spip: [file("<P> était <p:suivi|suivie> par le service pénitentiaire d’insertion et de probation.")],
    programme: [file("<P> avait été <p:orienté|orientée> vers un centre de prise en charge des auteurs.")],
    care_order: [file("<P> était <p:soumis|soumise> à une obligation de soins.")],
    voluntary_care: [
      care("<P> consultait de sa propre initiative un service de soins."),
      care("<P> suivait des soins volontaires en ville."),
    ],
    none: [fact("<P> ne faisait l’objet d’aucun suivi."), fact("Aucun suivi judiciaire, éducatif ou sanitaire de <P> n’était en cours.")],
  },
  days_since_last_contact: {
    "0": [record("Le dernier contact d’un service avec le couple datait du jour même.")],
    "1": [record("Le dernier contact d’un service avec le couple datait de la veille.", { note: "Calculé : la veille des faits." })],
    n: [
      record("Le dernier contact d’un service informé des violences datait du <date:lastContact>.", {
        note: "Calculé entre la date du contact et celle des faits.",
      }),
      record("La dernière démarche connue d’un service remontait au <date:lastContact>.", {
        note: "Calculé entre la date du contact et celle des faits.",
      }),
      record("Un service avait été en contact avec le couple pour la dernière fois le <date:lastContact>.", {
        note: "Calculé entre la date du contact et celle des faits.",
      }),
    ],
  },
};

export const MEASURES: Sentences = {
  protection_order: {
    in_force: [ruled("Une ordonnance de protection, délivrée quelques semaines auparavant, était en vigueur.")],
    expired: [ruled("Une ordonnance de protection avait été délivrée ; elle avait expiré sans être renouvelée.")],
    pending: [
      fact("Une demande d’ordonnance de protection était en cours d’examen."),
      fact("L’audience sur la demande d’ordonnance de protection était fixée à une date postérieure aux faits."),
    ],
    refused: [ruled("La demande d’ordonnance de protection avait été rejetée.")],
    not_requested: [
      fact("Aucune ordonnance de protection n’avait été demandée."),
      fact("<V> n’avait pas sollicité d’ordonnance de protection."),
      fact("Le juge aux affaires familiales n’avait été saisi d’aucune demande d’ordonnance de protection."),
    ],
  },
  immediate_protection_order: {
    in_force: [ruled("Une ordonnance provisoire de protection immédiate avait été rendue et restait en vigueur.")],
    refused: [ruled("La demande d’ordonnance provisoire de protection immédiate avait été rejetée.")],
    not_requested: [
      fact("Le ministère public n’avait pas requis d’ordonnance provisoire de protection immédiate."),
      fact("Aucune ordonnance provisoire de protection immédiate n’avait été sollicitée."),
    ],
  },
  tgd: {
    in_force: [record("Un téléphone grave danger avait été attribué à <V> et était actif.")],
    withdrawn: [record("Le téléphone grave danger attribué à <V> avait été restitué quelques semaines avant les faits.")],
    refused: [record("L’attribution d’un téléphone grave danger avait été refusée.")],
    requested: [record("Une demande de téléphone grave danger était en cours d’instruction.")],
    not_requested: [
      fact("L’attribution d’un téléphone grave danger n’avait pas été envisagée."),
      fact("Aucun téléphone grave danger n’avait été demandé."),
      fact("La question d’un téléphone grave danger n’avait pas été soulevée."),
    ],
  },
  bar: {
    in_force: [ruled("Un bracelet anti-rapprochement avait été ordonné et était porté à la date des faits.")],
    considered: [record("Un bracelet anti-rapprochement avait été envisagé sans être ordonné.")],
    refused: [ruled("Le prononcé d’un bracelet anti-rapprochement avait été refusé.")],
    ended: [ruled("Le port d’un bracelet anti-rapprochement avait pris fin.")],
    not_requested: [
      fact("Aucun bracelet anti-rapprochement n’avait été envisagé."),
      fact("La pose d’un bracelet anti-rapprochement n’avait pas été discutée."),
    ],
  },
  judicial_status_at_act: {
    none: [
      fact("<P> était libre de toute mesure judiciaire."),
      fact("Aucune mesure judiciaire n’était en cours à l’égard de <P>."),
      fact("<P> ne faisait l’objet d’aucune mesure à la date des faits."),
    ],
    summoned: [file("<P> était <p:convoqué|convoquée> à une audience correctionnelle qui n’avait pas encore eu lieu.")],
    judicial_supervision: [ruled("<P> était <p:placé|placée> sous contrôle judiciaire.")],
    probation: [ruled("<P> exécutait un sursis probatoire."), ruled("<P> était <p:soumis|soumise> à une peine en milieu ouvert.")],
    sentence_adjustment: [ruled("<P> bénéficiait d’un aménagement de peine.")],
    recently_released: [file("<P> était <p:sorti|sortie> de détention depuis moins de six mois.")],
  },
  contact_ban: {
    present: [
      ruled("Une interdiction d’entrer en contact avec <V> était en vigueur."),
      ruled("<P> avait interdiction de paraître au domicile de <V>."),
    ],
    absent: [
      fact("Aucune interdiction de contact n’était en vigueur."),
      fact("Aucune interdiction de paraître ni d’entrer en contact n’avait été prononcée."),
    ],
  },
  weapon_removal: {
    present: [file("Les armes de <P> avaient été remises aux services plusieurs mois auparavant.")],
    absent: [
      fact("Aucune saisie administrative des armes n’avait été engagée, vérification faite auprès de la préfecture."),
      fact("Les armes de <P> n’avaient fait l’objet d’aucune mesure de retrait, ce que le rapport a vérifié."),
    ],
  },
  release_notified: {
    informed: [file("<V> avait été <v:avisé|avisée> de la sortie de détention de <P>.")],
    not_informed: [file("<V> n’avait pas été <v:informé|informée> de la sortie de détention de <P>.")],
    not_applicable: [
      fact("Aucune sortie de détention ni levée de mesure n’étant intervenue, l’avis à victime est sans objet."),
      fact("L’information de <V> sur une libération est sans objet dans cette affaire."),
    ],
  },
};

/** What the services section says when nothing was known to anyone. */
export const QUIET_OPENINGS: readonly string[] = [
  "Les services interrogés pour le présent retour d’expérience ont tous répondu.",
  "Les fichiers ont été consultés après les faits.",
  "Une recherche a été conduite auprès de l’ensemble des services du département.",
];
