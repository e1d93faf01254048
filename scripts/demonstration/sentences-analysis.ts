import { died, fact, file, is, judged, ruled, type Sentences } from "./case.ts";

const late = is("caregiver_burden", "present");

/** What the report itself says of the services. Tags tell findings which service and which moment are meant. */
export const ANALYSIS: Sentences = {
  signal_not_transmitted: {
    present: [
      judged(
        "<f:La main courante|Le renseignement judiciaire> est <f:restée|resté> au service et n’a pas été <f:transmise|transmis> au parquet.",
        { tag: "police", when: is("main_courante_pvrj", "present") },
      ),
      judged("Les éléments recueillis lors des interventions au domicile n’ont pas été portés à la connaissance du parquet.", {
        tag: "police",
        when: (c) => Number(c.values.police_interventions ?? 0) > 0,
      }),
      judged("La grille d’évaluation n’est pas parvenue au magistrat de permanence.", {
        tag: "grid",
        when: is("danger_evaluation", "grille_fsi"),
      }),
      judged("Le certificat médical, pourtant explicite, est resté au dossier de soins.", {
        tag: "health",
        when: is("health_contact", "emergency", "gp", "umj"),
      }),
      judged("Le service social détenait des informations qui n’ont pas été partagées avec le parquet.", {
        tag: "social",
        when: is("support_services", "social_work"),
      }),
      judged("L’existence d’une procédure dans un autre ressort n’a pas été signalée au service d’enquête.", {
        tag: "other_district",
        when: (c) => c.reported,
      }),
      judged("L’information est restée au service qui l’avait reçue et n’a pas été transmise en temps utile.", { tag: "general" }),
    ],
    absent: [
      judged("Aucun défaut de transmission entre services n’est relevé."),
      judged("Les informations disponibles avaient été transmises sans délai aux services compétents."),
    ],
  },
  complaint_not_registered: {
    present: [
      judged("<V>, <v:venu|venue> pour déposer plainte, a été <v:orienté|orientée> vers une simple consignation des faits.", {
        tag: "log",
      }),
      judged("Le service avait invité <V> à revenir plus tard, sans enregistrer sa plainte.", { tag: "return" }),
      judged("<V> s’était vu conseiller d’attendre l’issue de la procédure familiale avant de se plaindre.", { tag: "family" }),
    ],
    absent: [judged("Aucun refus d’enregistrer une plainte n’est relevé.")],
  },
  insufficient_investigation: {
    present: [
      judged("<P> n’a pas été <p:entendu|entendue> à la suite des faits dénoncés.", { tag: "hearing" }),
      judged("Aucune enquête de voisinage n’a été réalisée.", { tag: "neighbours" }),
      judged("Les témoins désignés par <V> n’ont pas été entendus.", { tag: "neighbours" }),
      judged("Les messages mentionnés par <V> n’ont pas été exploités.", { tag: "phones", when: (c) => c.complaint }),
    ],
    absent: [judged("Les investigations conduites avant les faits ont été complètes.", { when: (c) => c.complaint })],
  },
  antecedents_not_checked: {
    present: [
      judged("Les procédures antérieures, ouvertes dans un autre ressort, n’ont pas été recherchées.", { tag: "other_district" }),
      judged("Les fichiers d’antécédents n’ont pas été consultés lors de l’intervention.", { tag: "files" }),
      judged("Le rapprochement avec les signalements précédents n’a pas été fait.", { tag: "links" }),
    ],
    absent: [judged("Les antécédents de <P> avaient été vérifiés dès le premier signalement.")],
  },
  risk_assessment_gap: {
    present: [
      judged("Le danger n’a fait l’objet d’aucune évaluation formalisée.", {
        tag: "none",
        when: (c) => !is("danger_evaluation", "grille_fsi", "evvi")(c),
      }),
      judged("Les éléments de danger, pourtant consignés, ont été sous-estimés.", { tag: "under" }),
      judged("La grille, bien que remplie, n’a donné lieu à aucune appréciation du danger.", {
        tag: "grid",
        when: is("danger_evaluation", "grille_fsi"),
      }),
      judged("Les antécédents d’étranglement n’ont pas été pris en compte dans l’appréciation du danger.", {
        tag: "strangulation",
        when: is("strangulation_history", "present"),
      }),
      judged("L’annonce d’une issue commune, entendue par des professionnels, a été tenue pour une plainte d’épuisement.", {
        tag: "elder",
        when: late,
      }),
    ],
    absent: [judged("Le danger avait été correctement évalué au vu des éléments alors disponibles.")],
  },
  inappropriate_dismissal: {
    present: [
      judged("Le rapport qualifie d’inadapté le classement intervenu.", { tag: "dismissal", when: is("complaint_outcome", "dismissed") }),
      judged("L’auteur du rapport estime que les faits auraient justifié des poursuites plutôt qu’une alternative.", {
        tag: "alternative",
        when: is("complaint_outcome", "alternative"),
      }),
      judged("La réponse donnée à la procédure antérieure est jugée insuffisante par l’auteur du rapport.", { tag: "general" }),
    ],
    absent: [
      judged("La décision prise sur la procédure antérieure n’appelle pas de critique de la part de l’auteur du rapport.", {
        when: (c) => c.reported,
      }),
    ],
  },
  response_delay: {
    present: [
      judged("Plusieurs mois se sont écoulés entre la plainte et l’audience fixée, sans protection dans l’intervalle.", {
        tag: "hearing",
        when: is("complaint_outcome", "prosecution", "pending"),
      }),
      judged("Le délai de traitement de la procédure a laissé <V> sans protection.", { tag: "general", when: (c) => c.reported }),
      judged("La convocation de <P> était fixée à une date trop éloignée.", { tag: "summons", when: (c) => c.complaint }),
      judged("La réévaluation du plan d’aide, demandée depuis des mois, n’avait pas eu lieu.", { tag: "elder", when: late }),
    ],
    absent: [judged("Les délais de traitement n’appellent pas d’observation.", { when: (c) => c.reported })],
  },
  protection_not_offered: {
    present: [
      judged("Un téléphone grave danger aurait pu être attribué ; <V> n’en a pas été <v:informé|informée>.", {
        tag: "tgd",
        when: is("tgd", "not_requested"),
      }),
      judged("<V> n’avait pas été <v:informé|informée> de la possibilité de demander une ordonnance de protection.", {
        tag: "order",
        when: is("protection_order", "not_requested"),
      }),
      judged("Aucune mesure de protection n’a été proposée, alors que les conditions en étaient réunies.", { tag: "general" }),
      judged("La mise à l’abri de <V> n’a pas été proposée.", { tag: "shelter", when: is("cohabitation", "present") }),
    ],
    absent: [judged("Les mesures de protection possibles avaient été présentées à <V>.")],
  },
  breach_not_sanctioned: {
    present: [
      judged("Le non-respect de l’interdiction, signalé, n’a donné lieu à aucune réaction avant les faits.", { tag: "ban" }),
      judged("L’absence aux convocations n’a pas été signalée au juge de l’application des peines.", {
        tag: "probation",
        when: is("perpetrator_supervision", "spip"),
      }),
    ],
    absent: [judged("Aucune violation de mesure n’était restée sans réponse.", { when: is("perpetrator_breach_of_orders", "absent") })],
  },
  supervision_gap: {
    present: [
      judged("Le suivi ordonné n’avait pas débuté à la date des faits.", {
        tag: "start",
        when: is("perpetrator_supervision", "spip", "care_order", "programme"),
      }),
      judged("Le service de probation n’avait pas été informé des nouvelles violences.", {
        tag: "informed",
        when: is("perpetrator_supervision", "spip"),
      }),
      judged("Le suivi de <P> ne tenait pas compte des violences au sein du couple.", { tag: "violence" }),
      judged("Les soins de <P> avaient été interrompus sans que personne n’en soit avisé.", {
        tag: "care",
        when: (c) =>
          is("perpetrator_psychiatric_disorder", "present")(c) || is("perpetrator_supervision", "care_order", "voluntary_care")(c),
      }),
    ],
    absent: [
      judged("Le suivi de <P> était conforme à ce qui avait été ordonné.", {
        when: is("perpetrator_supervision", "spip", "programme", "care_order"),
      }),
    ],
  },
  health_detection_missed: {
    present: [
      judged("Les lésions constatées aux urgences n’ont pas été interrogées.", {
        tag: "emergency",
        when: is("health_contact", "emergency"),
      }),
      judged("Les confidences faites au médecin n’ont été suivies d’aucune orientation.", { tag: "gp", when: is("health_contact", "gp") }),
      judged("La question des violences n’a été posée lors d’aucune consultation.", { tag: "general" }),
      judged("Les signes d’épuisement de l’aidant, connus des soignants, n’ont conduit à aucune proposition.", {
        tag: "elder",
        when: late,
      }),
      judged("Le médecin n’a pas posé la question des armes à un patient dépressif.", {
        tag: "weapons",
        when: (c) => is("perpetrator_depression", "diagnosed")(c) && is("perpetrator_firearm_access", "present")(c),
      }),
    ],
    absent: [judged("Aucun repérage manqué n’est relevé chez les professionnels de santé.")],
  },
  coordination_gap: {
    present: [
      judged("Plusieurs services connaissaient la situation sans qu’aucune instance ne les réunisse.", { tag: "general" }),
      judged("La situation n’avait pas été évoquée au comité chargé des violences intrafamiliales.", {
        tag: "committee",
        when: (c) => c.reported,
      }),
      judged("La protection de l’enfance n’avait pas été associée.", { tag: "child", when: (c) => (c.minors ?? 0) > 0 }),
      judged("Les professionnels du domicile intervenaient sans échange organisé.", { tag: "elder", when: late }),
      judged("Le juge aux affaires familiales ignorait la procédure pénale en cours.", {
        tag: "family",
        when: is("family_court_proceedings", "present"),
      }),
    ],
    absent: [judged("La coordination entre les services n’appelle pas d’observation.")],
  },
  mutual_conflict_framing: {
    present: [
      judged("Les violences ont été traitées comme un différend de couple.", { tag: "general" }),
      judged("Les écrits de service parlent d’un conflit conjugal, là où les faits décrits étaient à sens unique.", { tag: "wording" }),
      judged("Une médiation avait été suggérée malgré les violences décrites.", { tag: "mediation" }),
    ],
    absent: [judged("Les violences n’ont pas été ramenées à un différend de couple.", { when: (c) => c.reported })],
  },
  good_practice: {
    present: [
      judged("L’enregistrement de la plainte le jour même, sans rendez-vous, mérite d’être relevé comme une bonne pratique.", {
        tag: "intake",
        when: (c) => c.complaint,
      }),
      judged("La grille d’évaluation du danger, remplie avec soin, est citée comme une bonne pratique.", {
        tag: "grid",
        when: is("danger_evaluation", "grille_fsi"),
      }),
      judged("Le relogement de <V> en moins de quarante-huit heures est à saluer.", {
        tag: "rehousing",
        when: is("relationship_status", "separated"),
      }),
      judged("L’accompagnement soutenu de <V> par l’association est relevé comme exemplaire.", {
        tag: "association",
        when: is("support_services", "specialist", "victim_support"),
      }),
      judged("Le signalement du médecin, avec l’accord de sa patiente, est une bonne pratique à étendre.", {
        tag: "health_report",
        when: (c) => is("third_party_report", "health")(c) && c.victimSex === "female",
      }),
      fact("La prise en charge immédiate <m:de l’enfant|des enfants> à l’hôpital, selon le protocole départemental, est à saluer.", {
        tag: "children_protocol",
        when: is("children_care_after", "hospital"),
      }),
      fact("La désignation rapide d’un administrateur ad hoc est relevée comme une bonne pratique.", {
        tag: "ad_hoc",
        when: is("children_care_after", "ad_hoc"),
      }),
      fact("L’annonce du décès à la famille, faite en présence de l’association d’aide aux victimes, est citée comme une bonne pratique.", {
        tag: "relatives",
        when: died,
      }),
      fact("La réunion de tous les services dans le mois qui a suivi les faits est une bonne pratique à conserver.", {
        tag: "meeting",
        when: is("retex_format", "multi_service"),
      }),
      fact("La réaction rapide des premiers intervenants, qui a permis à <V> de survivre, est à saluer.", {
        tag: "rescue",
        when: (c) => c.outcome === "attempted_homicide",
      }),
      file("Le passage régulier des aides à domicile, et leurs transmissions écrites, sont relevés comme une bonne pratique.", {
        tag: "home_care",
        when: late,
      }),
      fact("Le recueil soigné de la parole <m:de l’enfant|des enfants> après les faits est relevé comme une bonne pratique.", {
        tag: "child_hearing",
        when: (c) => (c.minors ?? 0) > 0,
      }),
      fact("L’accès direct du parquet aux écrits du service d’enquête est cité comme une bonne pratique.", { tag: "files" }),
      fact("La désignation d’un interlocuteur unique pour les proches est relevée comme une bonne pratique.", { tag: "contact_person" }),
      fact("Le temps de reprise proposé aux intervenants mérite d’être conservé.", { tag: "debriefing" }),
      fact("Le soutien psychologique proposé au voisinage et aux collègues est à saluer.", { tag: "bystander_support" }),
    ],
    absent: [judged("L’auteur du rapport ne relève aucune pratique particulière à étendre.")],
  },
};

/** What the analysis says first when no service knew anything. */
export const ANALYSIS_OPENINGS = {
  quiet: [
    "Le présent retour d’expérience n’a pas pour objet de désigner des responsabilités.",
    "L’analyse porte sur ce que les services pouvaient connaître avant les faits.",
    "Les services ont été invités à relire leur intervention sans recherche de faute.",
  ],
  known: [
    "L’analyse, conduite avec les services concernés, distingue ce qui était connu avant les faits de ce qui a été découvert ensuite.",
    "Le retour d’expérience porte sur la réponse apportée, non sur les personnes.",
    "Les constats qui suivent ont été partagés avec les services concernés.",
  ],
} as const;

export const AFTER: Sentences = {
  perpetrator_suicide: {
    completed: [
      fact("<P> s’est donné la mort aussitôt après."),
      fact("<P> a été <p:retrouvé|retrouvée> <p:mort|morte> le jour même ; le suicide est établi."),
      fact("<P> s’est <p:suicidé|suicidée> après l’acte."),
      fact("L’enquête établit le suicide de <P> dans les heures qui ont suivi."),
    ],
    attempted: [
      fact("<P> a tenté de se donner la mort après l’acte et a survécu."),
      fact("<P>, <p:blessé|blessée> après une tentative de suicide, a été <p:hospitalisé|hospitalisée>."),
    ],
    none: [
      fact("<P> n’a pas tenté de mettre fin à ses jours."),
      fact("Aucune conduite suicidaire de <P> n’a accompagné l’acte."),
      fact("Aucun geste suicidaire de <P> n’est relevé au moment de l’acte ni dans les jours suivants."),
    ],
  },
  judicial_outcome: {
    ongoing: [
      fact("La procédure est en cours ; <P> est <p:présumé innocent|présumée innocente>."),
      fact("L’information judiciaire se poursuit."),
      fact("L’affaire n’est pas jugée à la date du présent rapport."),
      fact("La procédure suit son cours à la date du rapport."),
    ],
    extinguished: [
      fact("L’action publique est éteinte par le décès de <P>."),
      fact("Le décès de <P> a entraîné l’extinction de l’action publique."),
      fact("La procédure a été clôturée, l’action publique étant éteinte."),
    ],
    convicted: [
      ruled("<P> a été définitivement <p:condamné|condamnée> par la cour d’assises."),
      ruled("La condamnation de <P> est définitive."),
    ],
    appeal: [
      ruled("<P> a été <p:condamné|condamnée> en première instance et a interjeté appel."),
      ruled("La décision rendue n’est pas définitive."),
    ],
    irresponsible: [ruled("L’irresponsabilité pénale de <P> a été retenue pour cause de trouble mental.")],
    other: [fact("La procédure a été classée, l’infraction n’étant pas suffisamment établie.")],
  },
  children_care_after: {
    relatives: [
      fact("<m:L’enfant a été confié|Les enfants ont été confiés> à des proches."),
      fact("Des proches ont accueilli <m:l’enfant|les enfants> dès le lendemain."),
      fact("Les grands-parents ont été désignés pour accueillir <m:l’enfant|les enfants>."),
    ],
    ase: [
      fact("Une ordonnance de placement provisoire a confié <m:l’enfant|les enfants> à l’aide sociale à l’enfance."),
      fact("<m:L’enfant a été confié|Les enfants ont été confiés> à l’aide sociale à l’enfance."),
    ],
    other_parent: [fact("<m:L’enfant a été remis|Les enfants ont été remis> à l’autre parent.")],
    hospital: [
      fact(
        "<m:L’enfant a été accueilli|Les enfants ont été accueillis> à l’hôpital pendant quelques jours, selon le protocole en vigueur.",
      ),
    ],
    ad_hoc: [
      fact("Un administrateur ad hoc a été désigné."),
      fact("Un administrateur ad hoc représente <m:l’enfant|les enfants> dans la procédure."),
    ],
    none: [fact("Aucune mesure particulière n’a été nécessaire pour <m:l’enfant|les enfants>.")],
  },
  parental_authority_measure: {
    present: [
      ruled("L’exercice de l’autorité parentale de <P> a été suspendu."),
      ruled("L’exercice de l’autorité parentale a été retiré à <P>."),
      ruled("Une délégation de l’autorité parentale a été prononcée."),
    ],
    absent: [fact("Aucune mesure n’a été prise sur l’autorité parentale de <P>.")],
    unknown: [fact("La requête relative à l’autorité parentale est pendante.", { note: "Demandée, non rendue à la date du rapport." })],
  },
  retex_format: {
    multi_service: [
      fact("Le présent rapport fait suite à une réunion qui a rassemblé les services concernés."),
      fact("Ce retour d’expérience résulte d’une réunion de l’ensemble des services, suivie d’un écrit."),
    ],
    prosecutor_only: [
      fact("Le présent rapport a été rédigé par le parquet, sans réunion des services."),
      fact("Ce retour d’expérience est un écrit du parquet, établi au vu de la procédure."),
    ],
    inspection: [fact("Le présent rapport a été établi par une mission d’inspection.")],
    other: [fact("Le présent rapport a été établi par <f:le service de police|l’unité de gendarmerie> à la demande du parquet.")],
  },
};
