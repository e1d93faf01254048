import { type Case, is } from "./case.ts";
import type { ProposalId } from "./recommendations.ts";
import type { Evidence } from "./text.ts";

export type FindingKind = "failing" | "missed_signal" | "good_practice" | "context";

/** A conclusion that a report may lead to: which coded values it needs, what it says inside the house and, where wanted, in public. */
export type FindingTemplate = {
  kind: FindingKind;
  /** Factors with a passage that the finding rests on; the first one gives the passage, the tag and when it was known. */
  factors: readonly string[];
  tag: string | null;
  /** A signal is missed only if a service knew it before the act. */
  known: boolean;
  when: ((c: Case) => boolean) | null;
  statement: string;
  publicStatement: string | null;
  service: (c: Case) => string;
  proposals: readonly ProposalId[];
};

type Options = { tag?: string; when?: (c: Case) => boolean; public?: string; proposals?: readonly ProposalId[] };

const finding =
  (kind: FindingKind) =>
  (factors: readonly string[], service: string | ((c: Case) => string), statement: string, options: Options = {}): FindingTemplate => ({
    kind,
    factors,
    tag: options.tag ?? null,
    known: kind === "missed_signal",
    when: options.when ?? null,
    statement,
    publicStatement: options.public ?? null,
    service: typeof service === "string" ? () => service : service,
    proposals: options.proposals ?? [],
  });

const failing = finding("failing");
const missed = finding("missed_signal");
const good = finding("good_practice");
const context = finding("context");

const force = (c: Case): string => (c.force === "police" ? "Police nationale" : "Gendarmerie nationale");
const PROSECUTOR = "Parquet";
const HEALTH = "Établissements et professionnels de santé";
const SOCIAL = "Services sociaux du département";
const COURTS = "Juridiction";
const PROBATION = "Service pénitentiaire d’insertion et de probation";
const EVERYONE = "Ensemble des services";
const RELATIVES = "Entourage";

const police = (c: Case): boolean => c.force === "police";
const gendarmes = (c: Case): boolean => c.force === "gendarmerie";
const LATE = is("caregiver_burden", "present");

export const FINDINGS: readonly FindingTemplate[] = [
  // Information that stayed where it was.
  failing(["signal_not_transmitted", "main_courante_pvrj"], force, "La main courante n’est pas parvenue au parquet avant les faits.", {
    tag: "police",
    when: police,
    public: "Des mains courantes relatives à des violences au sein du couple ne parviennent pas au parquet.",
    proposals: ["log_to_prosecutor", "committee"],
  }),
  failing(
    ["signal_not_transmitted", "main_courante_pvrj"],
    force,
    "Le procès-verbal de renseignement judiciaire n’a pas été adressé au parquet avant les faits.",
    {
      tag: "police",
      when: gendarmes,
      public: "Des procès-verbaux de renseignement judiciaire restent à l’unité qui les a établis.",
      proposals: ["pvrj_to_prosecutor", "committee"],
    },
  ),
  failing(
    ["signal_not_transmitted"],
    force,
    "Les constatations faites lors des interventions au domicile n’ont pas été portées à la connaissance du parquet.",
    {
      tag: "police",
      when: (c) => Number(c.values.police_interventions ?? 0) > 0 && !is("main_courante_pvrj", "present")(c),
      public: "Des interventions répétées à une même adresse ne sont pas toujours signalées au parquet.",
      proposals: ["intervention_summary"],
    },
  ),
  failing(
    ["signal_not_transmitted", "danger_evaluation"],
    force,
    "La grille d’évaluation du danger n’est pas parvenue au magistrat qui a statué.",
    {
      tag: "grid",
      public: "Des grilles d’évaluation du danger sont remplies sans parvenir au magistrat.",
      proposals: ["grid_before_call"],
    },
  ),
  failing(
    ["signal_not_transmitted", "health_contact"],
    HEALTH,
    "Les constatations médicales n’ont été partagées avec aucun autre service.",
    {
      tag: "health",
      public: "Des constatations médicales demeurent au dossier de soins sans que la victime soit orientée.",
      proposals: ["gp_toolkit", "emergency_question"],
    },
  ),
  failing(
    ["signal_not_transmitted", "support_services"],
    SOCIAL,
    "Les informations du service social n’ont pas été partagées avec le parquet.",
    {
      tag: "social",
      public: "Les services sociaux disposent parfois d’éléments qui ne parviennent pas au parquet.",
      proposals: ["lead_service", "committee"],
    },
  ),
  failing(["signal_not_transmitted"], PROSECUTOR, "Une procédure ouverte dans un autre ressort est restée inconnue du service d’enquête.", {
    tag: "other_district",
    public: "Les procédures d’un autre ressort sont difficilement accessibles aux services d’enquête.",
    proposals: ["other_district"],
  }),
  failing(["signal_not_transmitted"], EVERYONE, "Un élément utile est resté au service qui le détenait.", {
    tag: "general",
    public: "Des éléments utiles ne circulent pas entre les services.",
    proposals: ["lead_service", "intervention_summary"],
  }),

  // Complaint and investigation.
  failing(["complaint_not_registered"], force, "La plainte a été remplacée par une simple consignation des faits.", {
    tag: "log",
    public: "Des victimes venues déposer plainte sont encore orientées vers une simple consignation.",
    proposals: ["intake_no_refusal", "intake_training"],
  }),
  failing(["complaint_not_registered"], force, "La personne venue se plaindre a été invitée à revenir, sans rendez-vous.", {
    tag: "return",
    public: "L’enregistrement d’une plainte est parfois différé, sans rendez-vous proposé.",
    proposals: ["intake_appointments", "intake_outside"],
  }),
  failing(["complaint_not_registered"], force, "La plainte a été déconseillée au motif de la procédure familiale.", {
    tag: "family",
    public: "L’existence d’une procédure familiale conduit parfois à différer une plainte.",
    proposals: ["intake_training", "family_criminal_link"],
  }),
  failing(["insufficient_investigation"], force, "La personne mise en cause n’a pas été entendue après les faits dénoncés.", {
    tag: "hearing",
    public: "L’audition de la personne mise en cause tarde ou n’a pas lieu.",
    proposals: ["hear_suspect"],
  }),
  failing(["insufficient_investigation"], force, "Ni le voisinage ni les témoins désignés n’ont été entendus.", {
    tag: "neighbours",
    public: "L’enquête de voisinage n’est pas systématique.",
    proposals: ["neighbours"],
  }),
  failing(["insufficient_investigation"], force, "Les messages signalés par la victime n’ont pas été exploités.", {
    tag: "phones",
    public: "Les messages signalés par les victimes ne sont pas toujours exploités.",
    proposals: ["phones"],
  }),
  failing(["antecedents_not_checked"], force, "Les procédures d’un autre ressort n’ont pas été recherchées.", {
    tag: "other_district",
    public: "Les antécédents connus d’un autre ressort ne sont pas toujours recherchés.",
    proposals: ["other_district", "antecedents_reflex"],
  }),
  failing(["antecedents_not_checked"], force, "Les fichiers d’antécédents n’ont pas été consultés lors de l’intervention.", {
    tag: "files",
    public: "La consultation des antécédents lors des interventions n’est pas systématique.",
    proposals: ["antecedents_reflex", "antecedents_reflex_g"],
  }),
  failing(["antecedents_not_checked"], force, "Les signalements successifs n’ont pas été rapprochés.", {
    tag: "links",
    public: "Des signalements successifs sont traités isolément.",
    proposals: ["intervention_summary"],
  }),

  // Danger, decision, delay.
  failing(["risk_assessment_gap"], force, "Le danger n’a pas été évalué alors que des violences étaient connues.", {
    tag: "none",
    public: "L’évaluation du danger n’est pas toujours conduite lorsque des violences sont connues.",
    proposals: ["evvi_systematic", "risk_training"],
  }),
  failing(["risk_assessment_gap"], force, "Des éléments de danger consignés ont été minorés.", {
    tag: "under",
    public: "Des éléments de danger connus sont sous-estimés.",
    proposals: ["risk_training", "grid_rereading"],
  }),
  failing(["risk_assessment_gap", "danger_evaluation"], force, "La grille remplie n’a conduit à aucune appréciation du danger.", {
    tag: "grid",
    public: "La grille d’évaluation du danger est parfois remplie sans être exploitée.",
    proposals: ["grid_rereading"],
  }),
  failing(
    ["risk_assessment_gap", "strangulation_history"],
    EVERYONE,
    "L’étranglement antérieur n’a pas été tenu pour un signe de danger.",
    {
      tag: "strangulation",
      public: "L’étranglement antérieur n’est pas assez reconnu comme un signe de danger.",
      proposals: ["grid_strangulation", "risk_training"],
    },
  ),
  failing(
    ["risk_assessment_gap", "caregiver_burden"],
    HEALTH,
    "L’annonce d’une issue commune, entendue par des professionnels, n’a pas été prise au sérieux.",
    {
      tag: "elder",
      public: "Les propos d’épuisement d’un aidant ne sont pas toujours entendus comme une alerte.",
      proposals: ["caregiver_screening"],
    },
  ),
  failing(
    ["inappropriate_dismissal", "complaint_outcome"],
    PROSECUTOR,
    "Le rapport qualifie d’inadapté le classement de la procédure antérieure.",
    {
      tag: "dismissal",
      public: "Des rapports estiment inadapté le classement d’une procédure antérieure.",
      proposals: ["dismissal_second_look"],
    },
  ),
  failing(
    ["inappropriate_dismissal", "complaint_outcome"],
    PROSECUTOR,
    "Le rapport estime que les faits appelaient des poursuites plutôt qu’une alternative.",
    {
      tag: "alternative",
      public: "Le recours aux alternatives aux poursuites est parfois jugé inadapté.",
      proposals: ["alternatives_limits"],
    },
  ),
  failing(["inappropriate_dismissal"], PROSECUTOR, "La réponse donnée à la procédure antérieure est jugée insuffisante par le rapport.", {
    tag: "general",
    public: "La réponse pénale antérieure est parfois jugée insuffisante par les auteurs des rapports.",
    proposals: ["dismissal_second_look", "alternatives_limits"],
  }),
  failing(["response_delay"], COURTS, "L’audience était trop éloignée pour protéger la victime dans l’intervalle.", {
    tag: "hearing",
    public: "Le délai d’audiencement laisse des victimes sans protection.",
    proposals: ["short_track"],
  }),
  failing(["response_delay"], PROSECUTOR, "La convocation était fixée à une date trop éloignée.", {
    tag: "summons",
    public: "Le délai de convocation est parfois trop long.",
    proposals: ["summons_delay"],
  }),
  failing(["response_delay"], force, "Le délai de traitement a laissé la situation sans réponse.", {
    tag: "general",
    public: "Le délai de traitement d’une procédure peut laisser une situation sans réponse.",
    proposals: ["short_track", "hear_suspect"],
  }),
  failing(["response_delay", "caregiver_burden"], SOCIAL, "La réévaluation du plan d’aide n’a pas eu lieu à temps.", {
    tag: "elder",
    public: "Les plans d’aide ne sont pas toujours réévalués lorsque la situation s’aggrave.",
    proposals: ["care_plan"],
  }),

  // Protection, breach, supervision.
  failing(
    ["protection_not_offered", "tgd"],
    PROSECUTOR,
    "Le téléphone grave danger n’a pas été proposé alors que les conditions étaient réunies.",
    {
      tag: "tgd",
      public: "Le téléphone grave danger n’est pas toujours proposé lorsque ses conditions sont réunies.",
      proposals: ["tgd_offer", "tgd_stock"],
    },
  ),
  failing(["protection_not_offered", "protection_order"], EVERYONE, "La victime n’a pas été informée de l’ordonnance de protection.", {
    tag: "order",
    public: "L’information sur l’ordonnance de protection reste inégale.",
    proposals: ["order_information"],
  }),
  failing(["protection_not_offered"], EVERYONE, "Aucune mesure de protection n’a été proposée alors que les conditions étaient réunies.", {
    tag: "general",
    public: "Des mesures de protection possibles ne sont pas proposées.",
    proposals: ["evvi_systematic", "tgd_offer"],
  }),
  failing(["protection_not_offered", "cohabitation"], SOCIAL, "La mise à l’abri n’a pas été proposée.", {
    tag: "shelter",
    public: "La mise à l’abri n’est pas toujours proposée lorsque le couple vit sous le même toit.",
    proposals: ["shelter", "eviction"],
  }),
  failing(["breach_not_sanctioned"], force, "Le non-respect d’une interdiction est resté sans suite.", {
    tag: "ban",
    public: "Le non-respect d’une interdiction n’est pas toujours suivi d’effet.",
    proposals: ["breach_alert"],
  }),
  failing(["breach_not_sanctioned", "perpetrator_supervision"], PROBATION, "Les absences aux convocations n’ont pas été signalées.", {
    tag: "probation",
    public: "Des manquements au suivi ne sont pas toujours signalés au juge.",
    proposals: ["breach_circuit"],
  }),
  failing(["supervision_gap"], PROBATION, "Le suivi ordonné n’avait pas commencé à la date des faits.", {
    tag: "start",
    public: "Le délai de prise en charge par le service de probation peut être trop long.",
    proposals: ["probation_start"],
  }),
  failing(["supervision_gap"], PROBATION, "Le service de probation ignorait les nouvelles violences.", {
    tag: "informed",
    public: "Le service de probation n’est pas toujours informé des nouveaux faits.",
    proposals: ["probation_information"],
  }),
  failing(["supervision_gap"], PROBATION, "Le suivi ne portait pas sur les violences au sein du couple.", {
    tag: "violence",
    public: "Le suivi des auteurs n’aborde pas toujours les violences au sein du couple.",
    proposals: ["perpetrator_places"],
  }),
  failing(["supervision_gap"], HEALTH, "L’interruption des soins n’a été signalée à personne.", {
    tag: "care",
    public: "L’interruption de soins n’est pas toujours signalée.",
    proposals: ["care_interruption"],
  }),
  failing(["release_notified", "judicial_status_at_act"], PROBATION, "La victime n’avait pas été avisée de la sortie de détention.", {
    when: is("release_notified", "not_informed"),
    public: "L’avis à victime avant une sortie de détention n’est pas toujours effectif.",
    proposals: ["release_notice"],
  }),
  failing(
    ["weapon_removal", "perpetrator_firearm_access"],
    "Préfecture",
    "Aucun retrait d’arme n’avait été engagé alors que l’arme était déclarée ou connue.",
    {
      when: (c) => is("weapon_removal", "absent")(c) && c.serviceKnew,
      public: "Le retrait des armes n’est pas toujours engagé lorsque des violences sont signalées.",
      proposals: ["weapons_check", "weapons_prefecture"],
    },
  ),

  // Health, coordination, words.
  failing(["health_detection_missed", "health_contact"], HEALTH, "Les lésions vues aux urgences n’ont conduit à aucune question.", {
    tag: "emergency",
    public: "Des lésions prises en charge aux urgences ne conduisent pas à interroger les violences.",
    proposals: ["emergency_question"],
  }),
  failing(["health_detection_missed", "health_contact"], HEALTH, "Les confidences faites au médecin n’ont pas conduit à une orientation.", {
    tag: "gp",
    public: "Des confidences faites à un médecin restent sans orientation.",
    proposals: ["gp_toolkit", "health_training"],
  }),
  failing(["health_detection_missed"], HEALTH, "La question des violences n’a jamais été posée lors des soins.", {
    tag: "general",
    public: "La question des violences n’est pas systématiquement posée dans les soins.",
    proposals: ["health_training", "emergency_question"],
  }),
  failing(
    ["health_detection_missed", "caregiver_burden"],
    HEALTH,
    "L’épuisement de l’aidant, connu des soignants, est resté sans proposition.",
    {
      tag: "elder",
      public: "L’épuisement des aidants est repéré sans qu’une aide soit proposée.",
      proposals: ["caregiver_screening", "caregiver_respite"],
    },
  ),
  failing(
    ["health_detection_missed", "perpetrator_firearm_access"],
    HEALTH,
    "La question des armes n’a pas été posée à un patient dépressif.",
    { tag: "weapons", public: "La question des armes est rarement posée dans les soins.", proposals: ["weapons_doctors"] },
  ),
  failing(["coordination_gap"], EVERYONE, "Plusieurs services connaissaient la situation sans se réunir.", {
    tag: "general",
    public: "Des situations connues de plusieurs services ne sont examinées par aucune instance.",
    proposals: ["committee", "lead_service"],
  }),
  failing(["coordination_gap"], PROSECUTOR, "La situation n’avait pas été portée au comité local.", {
    tag: "committee",
    public: "Le comité local n’examine pas toutes les situations connues.",
    proposals: ["committee", "municipal"],
  }),
  failing(["coordination_gap", "children_in_household"], SOCIAL, "La protection de l’enfance n’avait pas été associée.", {
    tag: "child",
    public: "La protection de l’enfance n’est pas toujours associée au traitement des violences.",
    proposals: ["concern_reports"],
  }),
  failing(["coordination_gap", "caregiver_burden"], SOCIAL, "Les professionnels du domicile n’échangeaient pas entre eux.", {
    tag: "elder",
    public: "Les intervenants au domicile des personnes âgées manquent d’un lieu d’échange.",
    proposals: ["care_plan", "lead_service"],
  }),
  failing(["coordination_gap", "family_court_proceedings"], COURTS, "Le juge aux affaires familiales ignorait la procédure pénale.", {
    tag: "family",
    public: "Les procédures civiles et pénales s’ignorent parfois.",
    proposals: ["family_criminal_link"],
  }),
  failing(["mutual_conflict_framing"], force, "Des violences à sens unique ont été traitées comme un différend.", {
    tag: "general",
    public: "Des violences sont encore qualifiées de différend de couple.",
    proposals: ["wording"],
  }),
  failing(["mutual_conflict_framing"], force, "Les écrits de service parlent de conflit, ce qui masque les violences.", {
    tag: "wording",
    public: "Le vocabulaire des écrits de service masque parfois les violences.",
    proposals: ["wording"],
  }),
  failing(["mutual_conflict_framing"], EVERYONE, "Une médiation a été suggérée malgré des violences décrites.", {
    tag: "mediation",
    public: "La médiation est parfois proposée malgré des violences.",
    proposals: ["mediation"],
  }),

  // Signals that a service knew before the act.
  missed(["death_threats"], force, "Les menaces de mort étaient connues d’un service avant les faits.", {
    public: "Des menaces de mort étaient connues d’un service avant les faits.",
    proposals: ["hear_suspect", "tgd_offer"],
  }),
  missed(["strangulation_history"], force, "L’étranglement antérieur était connu avant les faits.", {
    public: "Un étranglement antérieur était connu d’un service avant les faits.",
    proposals: ["grid_strangulation"],
  }),
  missed(["victim_fear"], force, "La peur exprimée par la victime avait été recueillie par un service.", {
    public: "La peur exprimée par la victime avait été entendue par un service.",
    proposals: ["evvi_systematic", "tgd_offer"],
  }),
  missed(["escalation"], EVERYONE, "L’aggravation des violences avait été consignée par un service.", {
    public: "L’aggravation récente des violences était connue d’un service.",
    proposals: ["intervention_summary", "grid_rereading"],
  }),
  missed(["stalking_harassment"], force, "Les venues et appels répétés étaient connus avant les faits.", {
    public: "Un harcèlement après la séparation était connu d’un service.",
    proposals: ["hear_suspect", "tgd_offer"],
  }),
  missed(["weapon_threat_or_use"], force, "Des menaces avec une arme étaient connues avant les faits.", {
    public: "Des menaces avec arme étaient connues d’un service.",
    proposals: ["weapons_check", "weapons_prefecture"],
  }),
  missed(
    ["perpetrator_firearm_access", "means_used"],
    "Préfecture",
    "La détention d’armes était déclarée, sans que les violences signalées en soient rapprochées.",
    {
      when: (c) => c.serviceKnew && is("means_used", "firearm")(c),
      public: "La détention d’une arme déclarée n’avait pas été rapprochée des violences signalées.",
      proposals: ["weapons_prefecture", "weapons_check"],
    },
  ),
  missed(["perpetrator_suicidal_behaviour"], HEALTH, "Une conduite suicidaire antérieure était connue d’un service.", {
    public: "Une conduite suicidaire de l’auteur était connue avant les faits.",
    proposals: ["health_training"],
  }),
  missed(["children_prior_harm"], SOCIAL, "L’exposition des enfants aux violences était connue avant les faits.", {
    public: "L’exposition d’enfants aux violences était connue d’un service.",
    proposals: ["concern_reports", "school_alert"],
  }),
  missed(["third_party_report"], force, "Une alerte d’un tiers avait été reçue par un service avant les faits.", {
    public: "Une alerte d’un tiers avait été reçue avant les faits.",
    proposals: ["intervention_summary", "bystanders"],
  }),
  missed(["health_contact"], HEALTH, "Un professionnel de santé avait eu connaissance des violences.", {
    public: "Un professionnel de santé connaissait les violences.",
    proposals: ["gp_toolkit", "health_training"],
  }),
  missed(["perpetrator_violence_previous_partners"], EVERYONE, "Des violences sur un précédent partenaire étaient connues.", {
    tag: "other_district",
    public: "Des violences sur un précédent partenaire étaient connues d’un service.",
    proposals: ["other_district"],
  }),
  missed(["coercive_control"], EVERYONE, "Le contrôle exercé sur la victime avait été décrit à un service.", {
    public: "Le contrôle exercé sur la victime était connu d’un service.",
    proposals: ["risk_training", "intake_training"],
  }),
  missed(["perpetrator_breach_of_orders"], PROBATION, "Le non-respect d’une mesure antérieure était connu avant les faits.", {
    public: "Le non-respect d’une mesure antérieure était connu d’un service.",
    proposals: ["breach_circuit", "breach_alert"],
  }),
  missed(["caregiver_burden"], HEALTH, "L’épuisement de l’aidant était connu des professionnels du domicile.", {
    tag: "exhausted",
    public: "L’épuisement d’un aidant était connu des professionnels.",
    proposals: ["caregiver_screening", "caregiver_respite"],
  }),
  missed(["caregiver_burden"], SOCIAL, "Faute de place, l’entrée en établissement avait été repoussée sans solution d’attente.", {
    tag: "no_place",
    public: "L’attente d’une place en établissement laisse des couples sans solution.",
    proposals: ["caregiver_respite", "care_plan"],
  }),
  missed(["victim_isolation"], SOCIAL, "L’isolement de la victime avait été noté par un service.", {
    public: "L’isolement de la victime était connu d’un service.",
    proposals: ["rural_transport", "municipal"],
  }),

  // What was done well.
  good(["good_practice", "complaint_filed"], force, "La plainte a été enregistrée le jour même, sans rendez-vous.", {
    tag: "intake",
    public: "Un accueil sans rendez-vous a permis d’enregistrer la plainte le jour même.",
    proposals: ["keep_intake"],
  }),
  good(["good_practice", "danger_evaluation"], force, "La grille d’évaluation du danger a été remplie avec soin.", {
    tag: "grid",
    public: "Des grilles d’évaluation du danger sont remplies avec soin et relues.",
    proposals: ["keep_grid"],
  }),
  good(["good_practice"], "Commune", "Un relogement a été trouvé en moins de quarante-huit heures.", {
    tag: "rehousing",
    public: "Des logements relais permettent un relogement en quarante-huit heures.",
    proposals: ["keep_rehousing"],
  }),
  good(["good_practice", "support_services"], "Association", "L’association a maintenu un accompagnement régulier.", {
    tag: "association",
    public: "Un accompagnement associatif régulier a été maintenu.",
    proposals: [],
  }),
  good(["good_practice", "third_party_report"], HEALTH, "Un médecin a signalé la situation avec l’accord de sa patiente.", {
    tag: "health_report",
    public: "Des professionnels de santé signalent les situations avec l’accord de la personne.",
    proposals: ["gp_toolkit"],
  }),
  good(["good_practice", "children_care_after"], HEALTH, "Les enfants ont été accueillis aussitôt à l’hôpital, selon le protocole.", {
    tag: "children_protocol",
    public: "Un protocole permet l’accueil hospitalier immédiat des enfants.",
    proposals: ["children_protocol"],
  }),
  good(["good_practice", "children_care_after"], COURTS, "Un administrateur ad hoc a été désigné sans délai.", {
    tag: "ad_hoc",
    public: "La désignation rapide d’un administrateur ad hoc garantit les droits des enfants.",
    proposals: ["ad_hoc"],
  }),
  good(["good_practice"], "Association", "L’annonce à la famille a été faite en présence de l’association d’aide aux victimes.", {
    tag: "relatives",
    public: "L’annonce aux familles se fait en présence d’une association d’aide aux victimes.",
    proposals: ["relatives", "relatives_rights"],
  }),
  good(["good_practice", "retex_format"], PROSECUTOR, "Tous les services ont été réunis dans le mois qui a suivi les faits.", {
    tag: "meeting",
    public: "La réunion rapide de tous les services enrichit le retour d’expérience.",
    proposals: ["keep_meeting"],
  }),
  good(["good_practice", "act_outcome"], force, "La réaction des premiers intervenants a permis à la victime de survivre.", {
    tag: "rescue",
    public: "La rapidité des premiers intervenants a sauvé une vie.",
    proposals: [],
  }),
  good(["good_practice", "caregiver_burden"], SOCIAL, "Les aides à domicile transmettaient régulièrement leurs observations.", {
    tag: "home_care",
    public: "Les transmissions écrites des aides à domicile sont une ressource.",
    proposals: ["care_plan"],
  }),
  good(["good_practice"], force, "La parole des enfants a été recueillie avec soin.", {
    tag: "child_hearing",
    public: "La parole des enfants est recueillie avec soin après les faits.",
    proposals: [],
  }),
  good(["good_practice"], PROSECUTOR, "Le parquet disposait d’un accès direct aux écrits du service d’enquête.", {
    tag: "files",
    public: "L’accès direct du parquet aux écrits du service d’enquête accélère la réponse.",
    proposals: [],
  }),
  good(["good_practice"], PROSECUTOR, "Un interlocuteur unique a été désigné pour les proches.", {
    tag: "contact_person",
    public: "La désignation d’un interlocuteur unique facilite les démarches des proches.",
    proposals: ["relatives_rights"],
  }),
  good(["good_practice"], force, "Un temps de reprise a été proposé aux intervenants éprouvés par les faits.", {
    tag: "debriefing",
    public: "Un temps de reprise est proposé aux intervenants.",
    proposals: [],
  }),
  good(["good_practice"], "Association", "Les voisins et collègues éprouvés ont été orientés vers un soutien psychologique.", {
    tag: "bystander_support",
    public: "Un soutien psychologique est proposé au voisinage et aux collègues.",
    proposals: ["relatives"],
  }),
  good(["weapon_removal"], "Préfecture", "Les armes avaient été remises aux services avant les faits.", {
    when: is("weapon_removal", "present"),
    public: "La remise volontaire des armes est organisée.",
    proposals: [],
  }),

  // Context that helps to understand without blaming anyone.
  context(["known_to_entourage"], RELATIVES, "L’entourage savait et n’a su à qui s’adresser.", {
    tag: "silent",
    public: "L’entourage connaît souvent la situation sans savoir à qui s’adresser.",
    proposals: ["bystanders"],
  }),
  context(["known_to_entourage"], "Employeur", "Des collègues avaient remarqué des signes sans savoir qui alerter.", {
    tag: "workplace",
    public: "Le lieu de travail est un lieu possible de repérage.",
    proposals: ["employers"],
  }),
  context(["caregiver_burden"], EVERYONE, "L’acte est survenu dans une situation d’aide à une personne malade ou dépendante.", {
    when: LATE,
    public: "Une part des actes survient dans des situations de grand âge et de maladie.",
    proposals: ["caregiver_respite", "care_plan"],
  }),
  context(["separation_announced"], EVERYONE, "L’acte est survenu dans le temps de la séparation.", {
    when: is("separation_announced", "present"),
    public: "La période de la séparation reste un temps de danger.",
    proposals: ["order_information"],
  }),
  context(
    ["prior_violence_direction"],
    EVERYONE,
    "La personne mise en cause avait subi des violences de la part de la personne décédée ou blessée.",
    {
      when: is("prior_violence_direction", "victim_to_perp"),
      public: "Des personnes mises en cause avaient elles-mêmes subi des violences.",
      proposals: ["study_men"],
    },
  ),
  context(["prior_violence_direction"], EVERYONE, "Aucune violence antérieure n’a été retrouvée, malgré des recherches.", {
    when: is("prior_violence_direction", "none"),
    public: "Dans certaines situations, aucune violence antérieure n’a été retrouvée.",
    proposals: ["study_silence"],
  }),
  context(
    ["perpetrator_alcohol_misuse"],
    "Service d’addictologie",
    "L’alcoolisation de l’auteur était ancienne et connue de l’entourage.",
    {
      when: is("perpetrator_alcohol_misuse", "present"),
      public: "L’alcoolisation habituelle est un élément fréquent du contexte.",
      proposals: ["addiction"],
    },
  ),
  context(["cyber_control"], "Associations", "Le téléphone servait à surveiller la victime.", {
    when: is("cyber_control", "present"),
    public: "Le téléphone sert souvent à surveiller la victime.",
    proposals: ["cyber"],
  }),
  context(["victim_residence_precarity"], "Préfecture", "La situation administrative de la victime a pesé sur ses démarches.", {
    when: is("victim_residence_precarity", "present"),
    public: "La précarité administrative freine les démarches.",
    proposals: ["residence_permit"],
  }),
  context(["custody_access_dispute"], COURTS, "La remise des enfants était un moment de tension connu.", {
    when: is("custody_access_dispute", "present"),
    public: "La remise des enfants est un moment de tension.",
    proposals: ["handover"],
  }),
  context(["parental_authority_measure"], COURTS, "La situation des enfants a été réglée par une décision sur l’autorité parentale.", {
    when: is("parental_authority_measure", "present"),
    proposals: ["parental_authority"],
  }),
  context(["protection_order"], COURTS, "Une ordonnance de protection avait été délivrée et avait pris fin.", {
    when: is("protection_order", "expired"),
    public: "La fin d’une ordonnance de protection est un moment à anticiper.",
    proposals: ["order_duration"],
  }),
];

const passages = (evidence: Map<string, Evidence>, code: string): Evidence | null => {
  const found = evidence.get(code);
  return found && found.quotes.length > 0 ? found : null;
};

/** Whether the case and what its text says of it lead to this finding. */
export function applies(template: FindingTemplate, c: Case, evidence: Map<string, Evidence>): boolean {
  for (const code of template.factors) if (passages(evidence, code) === null || c.values[code] === "unknown") return false;
  const first = template.factors[0] ?? "";
  const main = evidence.get(first);
  if (template.tag !== null && main?.tag !== template.tag) return false;
  if (template.known && main?.knownWhen !== "service_before") return false;
  // Without a condition or a tag, a presence must be present and a list must say more than « none ».
  if (template.when === null && template.tag === null) {
    const value = c.values[first];
    if (value === "absent" || value === "none" || (Array.isArray(value) && value.includes("none"))) return false;
  }
  return template.when === null || template.when(c);
}
