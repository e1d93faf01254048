import { around, avowed, care, died, expert, fact, file, found, is, record, ruled, type Sentences } from "./case.ts";

/** Occupations complete « <subject> … »: the plan chooses the value, the writer the person. */
export const OCCUPATIONS: Record<"victim" | "perpetrator", Record<string, readonly string[]>> = {
  victim: {
    employed: [
      "exerçait un emploi de bureau",
      "travaillait dans le commerce",
      "était en poste dans un établissement de soins",
      "travaillait à temps partiel dans une collectivité",
      "occupait un emploi d’aide à domicile",
      "exerçait un emploi salarié dans l’industrie agroalimentaire",
      "se trouvait en arrêt de travail, son emploi étant maintenu",
    ],
    unemployed: ["recherchait un emploi", "était sans emploi et inscrit<ve> à ce titre", "avait perdu son emploi et en cherchait un autre"],
    retired: ["était à la retraite", "percevait une pension de retraite", "avait cessé de travailler et vivait d’une pension de retraite"],
    student: ["poursuivait des études", "suivait une formation qualifiante"],
    inactive: [
      "n’exerçait pas d’activité professionnelle",
      "se consacrait au foyer, sans activité professionnelle",
      "percevait une pension d’invalidité",
    ],
  },
  perpetrator: {
    employed: [
      "travaillait dans le bâtiment",
      "exerçait un emploi de conduite",
      "occupait un poste dans la logistique",
      "tenait une petite entreprise artisanale",
      "travaillait comme agent technique",
      "exerçait un emploi salarié dans les services",
    ],
    unemployed: ["se trouvait au chômage", "n’avait plus d’emploi depuis plusieurs mois", "était inscrit<pe> comme demandeur d’emploi"],
    retired: ["avait pris sa retraite", "vivait d’une retraite d’ouvrier agricole", "bénéficiait d’une retraite depuis plusieurs années"],
    student: ["était en cours d’études"],
    inactive: ["ne travaillait plus en raison d’une invalidité", "vivait d’une allocation, sans activité professionnelle"],
  },
};

export const PEOPLE: Sentences = {
  victim_pregnancy: {
    present: [
      around("<V> était enceinte, ce que sa famille savait."),
      care("<V> avait accouché quelques mois auparavant et restait suivie à ce titre."),
      found("L’autopsie a révélé une grossesse en cours.", { when: died }),
      care("Le suivi de maternité de <V>, qui avait un nourrisson, était régulier."),
    ],
    absent: [
      found("L’examen médical indique qu’aucune grossesse n’était en cours."),
      found("<V> n’était pas enceinte et n’avait pas accouché récemment."),
    ],
  },
  victim_disability_illness: {
    present: [
      care("<V> souffrait d’une maladie chronique invalidante, suivie depuis plusieurs années."),
      care("Une perte d’autonomie avait conduit à la mise en place d’aides à domicile auprès de <V>."),
      care("<V> était <v:atteint|atteinte> d’une maladie neurodégénérative.", { when: (c) => c.victimAge >= 60 }),
      care("La maison départementale des personnes handicapées avait reconnu un handicap à <V>."),
      around("Les proches décrivent l’état de santé très dégradé de <V> depuis un an."),
    ],
    absent: [
      found("<V> ne présentait aucune maladie ni aucun handicap connus."),
      around("La famille indique que <V> était en bonne santé, sans limitation particulière."),
      care("Le médecin traitant entendu ne signale chez <V> aucune affection durable."),
    ],
  },
  victim_substance_use: {
    present: [
      around("Les proches décrivent chez <V> une consommation d’alcool habituelle et ancienne."),
      care("<V> était <v:suivi|suivie> par un service d’addictologie."),
      around("Plusieurs témoins évoquent une dépendance de <V> à l’alcool."),
    ],
    absent: [
      around("Aucun usage problématique d’alcool ou de stupéfiants n’est prêté à <V> par les personnes entendues."),
      found("Les analyses pratiquées et l’enquête écartent tout usage problématique de substances par <V>."),
    ],
  },
  victim_isolation: {
    present: [
      around("<V> s’était progressivement <v:éloigné|éloignée> de sa famille, qui ne <v:le|la> voyait presque plus."),
      around("Ses proches décrivent l’isolement croissant de <V>, sous l’effet des exigences de <P>."),
      record("Le dossier social notait que <V> n’avait plus de relations en dehors du foyer."),
      around("<V> ne recevait plus personne et ne sortait qu’<v:accompagné|accompagnée>."),
      found(
        "L’enquête d’environnement établit que <V>, sans moyen de transport ni proches à distance raisonnable, vivait très <v:isolé|isolée>.",
      ),
    ],
    absent: [
      around("<V> voyait régulièrement sa famille, et rien n’indique un isolement."),
      found("L’enquête d’environnement montre que <V> conservait des liens nombreux et réguliers."),
      around("<V> était <v:entouré|entourée> de collègues et d’amis, qui le confirment.", { when: is("victim_occupation", "employed") }),
    ],
  },
  victim_economic_dependence: {
    present: [
      around("<V> ne disposait d’aucun revenu propre et dépendait de <P> pour se loger."),
      record("L’assistante sociale avait relevé que <V> n’avait ni compte bancaire ni ressources personnelles."),
      found("Les comptes étaient au seul nom de <P>, dont <V> dépendait entièrement."),
      around("Ses proches indiquent que <V>, sans ressources propres, ne pouvait envisager un autre logement."),
    ],
    absent: [
      found("<V> percevait des revenus propres et disposait de son compte bancaire."),
      around("<V> était financièrement autonome, selon ses proches."),
      found("Le logement était au nom de <V>, qui en assumait la charge."),
    ],
  },
  victim_residence_precarity: {
    present: [
      file("Le droit au séjour de <V> dépendait de la vie commune."),
      file("La demande de titre de séjour de <V> était en cours d’instruction à la préfecture."),
      around("<V> craignait, en cas de départ, de perdre son titre de séjour."),
    ],
    absent: [
      file("<V> disposait d’un droit au séjour stable, indépendant de la vie commune."),
      file("La situation administrative de <V> était régulière et pérenne."),
    ],
  },
  victim_fear: {
    present: [
      record("<V> avait déclaré aux enquêteurs craindre pour sa vie.", { when: (c) => c.complaint }),
      record("« J’ai peur de ce qui peut arriver », avait dit <V> <f:au policier|au gendarme> qui l’entendait.", {
        when: (c) => c.reported,
      }),
      around("<V> avait confié à une amie redouter que <P> <v:le|la> tue."),
      around("« S’il m’arrive quelque chose, vous saurez pourquoi », avait dit <V> à un proche.", {
        when: (c) => c.perpetratorSex === "male",
      }),
      around("<V> avait dit à sa famille qu’<v> craignait pour sa vie."),
      found("Un message retrouvé dans le téléphone de <V> exprime la crainte d’être <v:tué|tuée>."),
    ],
    absent: [
      around("Aucun proche n’a recueilli de propos de <V> exprimant une crainte."),
      record("Interrogé<ve> par les enquêteurs avant les faits, <V> avait dit ne pas avoir peur.", { when: (c) => c.reported }),
      around("<V> n’avait exprimé de peur à personne, selon l’ensemble des personnes entendues."),
    ],
  },
  perpetrator_recent_loss: {
    present: [
      around("<P> avait perdu son emploi dans l’année précédant les faits."),
      found("Un dossier de surendettement avait été déposé par <P> quelques mois auparavant."),
      file("Une procédure d’expulsion locative visait <P> depuis peu."),
      found("L’entreprise de <P> avait été placée en liquidation au cours de l’année."),
    ],
    absent: [
      found("La situation professionnelle et financière de <P> était stable."),
      found("Aucune perte récente d’emploi ni de ressources n’a été relevée chez <P>."),
    ],
  },
  perpetrator_alcohol_misuse: {
    present: [
      around("L’entourage décrit une consommation d’alcool quotidienne et ancienne de <P>."),
      care("<P> était <p:suivi|suivie> pour une dépendance à l’alcool."),
      record("Les comptes rendus d’intervention mentionnaient l’alcoolisation habituelle de <P>.", { when: (c) => c.reported }),
      around("Plusieurs proches évoquent l’alcoolisme de <P>, aggravé depuis quelques mois."),
      care("Le médecin traitant avait proposé à <P> un sevrage, sans suite."),
    ],
    absent: [
      around("Aucune consommation excessive d’alcool de <P> n’est rapportée par l’entourage."),
      found("L’enquête écarte toute alcoolisation habituelle de <P>."),
      expert("L’expert ne retient chez <P> aucune consommation problématique d’alcool.", { when: (c) => !c.perpetratorDied }),
    ],
  },
  perpetrator_drug_use: {
    present: [
      around("<P> consommait régulièrement du cannabis, selon ses proches."),
      file("<P> avait déjà été <p:contrôlé|contrôlée> pour usage de stupéfiants."),
      found("Une consommation régulière de stupéfiants par <P> ressort de l’enquête."),
      found("Les analyses établissent chez <P> un usage détourné et répété de médicaments psychotropes."),
    ],
    absent: [
      found("Aucun usage de stupéfiants par <P> n’a été mis en évidence."),
      around("Les personnes entendues écartent toute consommation de stupéfiants par <P>."),
    ],
  },
  perpetrator_depression: {
    diagnosed: [
      care("Une dépression de <P> avait été diagnostiquée et traitée."),
      care("<P> recevait un traitement antidépresseur prescrit par son médecin."),
      care("<P> avait été <p:hospitalisé|hospitalisée> pour un épisode dépressif."),
    ],
    reported: [
      around("Les proches décrivent <P> comme très <p:abattu|abattue> depuis plusieurs mois."),
      around("L’entourage évoque des idées noires de <P>, sans consultation."),
      around("La famille avait remarqué l’état dépressif de <P>."),
    ],
    absent: [
      expert("L’expertise psychiatrique écarte tout état dépressif antérieur de <P>.", { when: (c) => !c.perpetratorDied }),
      care("Le médecin traitant de <P> n’avait relevé aucun signe de dépression."),
    ],
  },
  perpetrator_psychiatric_disorder: {
    present: [
      care("<P> était <p:suivi|suivie> en psychiatrie pour un trouble ancien."),
      expert("L’expertise retient chez <P> un trouble psychiatrique caractérisé.", { when: (c) => !c.perpetratorDied }),
      care("<P> avait fait l’objet de soins psychiatriques sans consentement."),
    ],
    absent: [
      expert("L’expertise psychiatrique ne relève chez <P> aucune pathologie mentale.", { when: (c) => !c.perpetratorDied }),
      found("Aucun antécédent psychiatrique de <P> n’a été retrouvé auprès des établissements interrogés."),
    ],
  },
  perpetrator_suicidal_behaviour: {
    present: [
      around("<P> avait menacé à plusieurs reprises de se suicider en cas de départ de <V>."),
      care("Une tentative de suicide de <P> avait conduit à une hospitalisation deux ans auparavant."),
      around("<P> disait à ses proches vouloir mourir."),
      record("Les menaces de suicide de <P> figuraient dans un procès-verbal antérieur.", { when: (c) => c.reported }),
    ],
    absent: [
      around("Aucun propos ni geste suicidaire antérieur de <P> n’est rapporté par les proches."),
      found("L’enquête n’a mis au jour aucune tentative de suicide antérieure de <P>."),
    ],
    unknown: [
      around("<P> aurait dit « ne plus voir d’issue », propos que le rapport laisse sans interprétation.", {
        note: "Propos équivoque ; ne suffit pas.",
      }),
    ],
  },
  perpetrator_childhood_violence: {
    present: [
      expert("L’enquête de personnalité décrit l’enfance de <P> auprès d’un père violent.", { when: (c) => !c.perpetratorDied }),
      found("<P> avait été <p:placé|placée> durant l’enfance en raison de violences familiales."),
      expert("L’expert psychologue rapporte des violences subies par <P> dans son enfance.", { when: (c) => !c.perpetratorDied }),
    ],
    absent: [expert("L’enquête de personnalité ne relève aucune violence dans l’enfance de <P>.", { when: (c) => !c.perpetratorDied })],
  },
  perpetrator_prior_ipv_conviction: {
    same_victim: [
      ruled("<P> avait déjà été <p:condamné|condamnée> pour des violences sur <V>."),
      ruled("Le casier judiciaire de <P> porte une condamnation pour violences commises sur <V>."),
    ],
    other_partner: [
      ruled(
        "<P> avait été <p:condamné|condamnée>, des années auparavant, pour des violences sur une autre personne avec qui <p> vivait alors.",
      ),
      ruled("Le casier judiciaire de <P> mentionne des violences sur un précédent partenaire."),
    ],
    both: [
      ruled(
        "Deux condamnations pour violences conjugales figurent au casier de <P>, l’une pour des faits sur <V>, l’autre sur un précédent partenaire.",
      ),
    ],
    none: [
      fact("Le casier judiciaire de <P> ne porte aucune condamnation pour violences conjugales."),
      fact("<P> n’avait jamais été <p:condamné|condamnée> pour des violences au sein du couple."),
      fact("Aucune condamnation pour violences sur conjoint ne figure au casier de <P>."),
    ],
  },
  perpetrator_other_record: {
    present: [
      file("<P> est <p:connu|connue> des services pour des infractions routières."),
      file("Le casier de <P> porte des condamnations pour vols et recel."),
      file("Le traitement des antécédents mentionne <P> pour des faits d’outrage."),
      file("<P> avait été <p:incarcéré|incarcérée> pour d’autres faits."),
    ],
    absent: [
      fact("<P> était inconnu<pe> des services de police et de gendarmerie."),
      fact("Le fichier des antécédents ne contient aucune autre mention relative à <P>."),
      fact("Le bulletin n° 1 du casier judiciaire de <P> est vierge.", { when: is("perpetrator_prior_ipv_conviction", "none") }),
    ],
  },
  perpetrator_violence_outside_family: {
    present: [
      file("<P> avait été <p:mis|mise> en cause pour des violences sur un voisin."),
      around("Des collègues décrivent des altercations répétées de <P> sur son lieu de travail."),
      file("Une rixe sur la voie publique avait valu une procédure à <P>."),
    ],
    absent: [
      around("Aucune violence de <P> envers des tiers n’est rapportée."),
      found("L’enquête de voisinage ne fait état d’aucun comportement violent de <P> hors de la famille."),
    ],
  },
  perpetrator_violence_previous_partners: {
    present: [
      found("Une ancienne compagne, entendue après les faits, décrit les mêmes violences.", {
        when: (c) => c.perpetratorSex === "male" && c.victimSex === "female",
      }),
      file("Une plainte d’un précédent partenaire de <P> avait été classée.", { tag: "other_district" }),
      around("Les proches savaient que <P> s’était déjà <p:montré|montrée> violent<pe> dans sa précédente union."),
      file("Des violences de <P> sur une précédente compagne étaient connues d’un autre ressort.", {
        tag: "other_district",
        when: (c) => c.perpetratorSex === "male" && c.victimSex === "female",
      }),
    ],
    absent: [
      found("Les anciens partenaires de <P>, entendus, n’évoquent aucune violence."),
      found("Aucune violence de <P> sur de précédents partenaires n’a été mise en évidence."),
    ],
  },
  perpetrator_breach_of_orders: {
    present: [
      file("<P> n’avait pas respecté l’interdiction de paraître prononcée contre <p:lui|elle>."),
      file("<P> avait cessé de déférer aux convocations du service de probation.", { when: is("perpetrator_supervision", "spip") }),
      file("<P> s’était <p:présenté|présentée> au domicile de <V> malgré une décision qui le lui interdisait."),
    ],
    absent: [
      fact("Aucun manquement de <P> à une mesure judiciaire n’a été relevé."),
      fact("<P> avait respecté les obligations antérieurement mises à sa charge."),
    ],
  },
  perpetrator_firearm_access: {
    present: [
      file("<P> était titulaire d’un permis de chasser et détenait des armes déclarées."),
      file("<P> détenait une arme à titre de tireur sportif."),
      around("La présence d’un fusil au domicile était connue de la famille."),
      found("Une arme non déclarée était détenue par <P>, ce que l’enquête a établi."),
      found("<P> conservait une arme de famille, jamais déclarée."),
    ],
    absent: [
      file("Aucune arme n’était enregistrée au nom de <P>, et la perquisition n’en a pas révélé."),
      found("La vérification des fichiers et la perquisition n’ont fait apparaître aucune arme à feu accessible à <P>."),
    ],
  },
};

/** What the accused says, kept apart from what is established. */
export const AVOWALS = [
  avowed("<P> reconnaît les faits."),
  avowed("<P> reconnaît les gestes et conteste l’intention."),
  avowed("<P> dit n’avoir gardé qu’un souvenir partiel des faits.", { when: (c) => !c.outcome.startsWith("forced") }),
];
