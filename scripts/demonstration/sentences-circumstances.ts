import { type Case, died, fact, found, is, type judged, type Sentences } from "./case.ts";

const fatal = died;
const alive = (c: Parameters<typeof died>[0]): boolean => !died(c);

/** Driven to suicide, against struck by another hand: nobody « commits an act » in the first case. */
const driven = (c: Case): boolean => c.outcome.startsWith("forced");
const struck = (c: Case): boolean => !driven(c);

/** Opening of the account: date and place of the act are marked, since both are coded. */
export const OPENINGS: readonly string[] = [
  "[[act_date|Le <date:act>, <moment>]], les secours et <f:la police nationale|la gendarmerie> ont été appelés [[department_code|sur la commune de <C> (<D>)]].",
  "[[act_date|Les faits ont été commis le <date:act>]], <moment>, [[department_code|sur le territoire de la commune de <C> (<D>)]].",
  "[[act_date|Les faits remontent au <date:act>]] ; ils se sont produits <moment>, [[department_code|commune de <C> (<D>)]].",
  "[[act_date|Dans la journée du <date:act>]], <f:une patrouille de police|une patrouille de gendarmerie> a été envoyée [[department_code|à une adresse de la commune de <C> (<D>)]].",
  "[[department_code|À <C> (<D>)]], [[act_date|le <date:act>, <moment>]], un appel au centre d’alerte a signalé une situation grave.",
];

export const MOMENTS: readonly string[] = [
  "au petit matin",
  "dans la matinée",
  "à la mi-journée",
  "dans l’après-midi",
  "en fin de journée",
  "dans la soirée",
  "en fin de soirée",
  "dans la nuit",
];

export const CIRCUMSTANCES: Sentences = {
  place_of_act: {
    shared_home: [
      fact("Le geste est survenu au domicile commun du couple.", { when: driven }),
      fact("<V> se trouvait alors au domicile commun.", { when: driven }),
      fact("L’acte a eu lieu au domicile commun du couple.", { when: struck }),
      fact("L’acte a été commis dans le logement que <V> et <P> partageaient.", { when: struck }),
      fact("C’est au domicile conjugal que l’acte a été commis.", { when: struck }),
      fact("Le logement familial a été le cadre des faits.", { when: struck }),
      fact("Le couple se trouvait alors chez lui, dans le logement commun.", { when: struck }),
    ],
    victim_home: [
      fact("Le geste est survenu au domicile de <V>.", { when: driven }),
      fact("<V> se trouvait alors à son domicile.", { when: driven }),
      fact("L’acte a été commis au domicile de <V>.", { when: struck }),
      fact("Les faits ont eu pour cadre le logement de <V>.", { when: struck }),
      fact("<P> s’est <p:rendu|rendue> chez <V>, où l’acte a été commis.", { when: struck }),
      fact("C’est dans l’appartement personnel de <V> que les faits se sont produits.", { when: struck }),
    ],
    perpetrator_home: [
      fact("L’acte a été commis au domicile de <P>."),
      fact("<V> s’était <v:rendu|rendue> chez <P>, où l’acte a été commis."),
      fact("C’est dans le logement personnel de <P> que les faits se sont produits."),
    ],
    other_home: [
      fact("L’acte a été commis chez un proche qui hébergeait <V>."),
      fact("Les faits se sont produits au domicile d’un membre de la famille de <V>."),
    ],
    workplace: [
      fact("L’acte a été commis sur le lieu de travail de <V>."),
      fact("Les faits se sont produits à l’entrée de l’établissement où travaillait <V>."),
    ],
    public_space: [
      fact("L’acte a été commis sur la voie publique."),
      fact("Les faits se sont produits dans la rue, à proximité du logement de <V>."),
      fact("L’acte a été commis dans un lieu ouvert au public."),
    ],
    vehicle: [
      fact("L’acte a été commis dans un véhicule en stationnement."),
      fact("Les faits se sont produits à bord du véhicule de <P>."),
    ],
    institution: [
      fact("L’acte a été commis dans l’établissement de soins où <V> séjournait."),
      fact("Les faits se sont produits dans une résidence médicalisée."),
    ],
    other: [fact("L’acte a été commis dans un local attenant à une propriété isolée.")],
  },
  act_outcome: {
    homicide: [
      fact("<V> est <v:décédé|décédée> sur place malgré l’intervention des secours."),
      fact("Les secours n’ont pu que constater le décès de <V>."),
      fact("<V>, <v:transporté|transportée> à l’hôpital, y est <v:décédé|décédée> peu après son arrivée."),
      fact("Le décès de <V> a été constaté par le médecin du service mobile d’urgence."),
      fact("<V> est <v:décédé|décédée> des suites de l’acte."),
    ],
    attempted_homicide: [
      fact("<V>, grièvement <v:blessé|blessée>, a survécu."),
      fact("<V> a survécu après plusieurs jours d’hospitalisation."),
      fact("Le pronostic vital de <V>, d’abord engagé, ne l’est plus à la date du rapport."),
      fact("L’intervention des secours a permis à <V> de survivre."),
    ],
    forced_suicide: [
      fact("<V> s’est donné la mort ; la procédure rattache ce décès au harcèlement exercé par <P>."),
      fact("<V> a mis fin à ses jours, dans un contexte de harcèlement par <P> que l’enquête retient."),
      fact("Le suicide de <V> est rattaché par la procédure aux agissements répétés de <P>."),
    ],
    forced_suicide_attempt: [
      fact("<V> a tenté de mettre fin à ses jours ; la procédure rattache ce geste au harcèlement exercé par <P>."),
      fact("<V> a survécu à une tentative de suicide que l’enquête rattache aux agissements de <P>."),
    ],
  },
  means_used: {
    bladed: [
      fact("<o:Le décès résulte|Les blessures résultent> de coups portés avec une arme blanche."),
      fact("L’arme employée est un couteau de cuisine, saisi sur place."),
      fact("<P> a fait usage d’un couteau."),
      fact("Les constatations médicales font état de plaies par arme blanche."),
    ],
    firearm: [
      fact("<P> a fait usage d’une arme à feu."),
      fact("<o:Le décès résulte|Les blessures résultent> d’un tir d’arme à feu."),
      fact("L’arme employée est un fusil de chasse, saisi sur place."),
      fact("L’expertise balistique attribue les tirs à l’arme à feu retrouvée sur les lieux."),
    ],
    strangulation: [
      fact("<o:Le décès résulte d’une|Les lésions sont celles d’une> strangulation."),
      fact("L’examen médico-légal conclut à une asphyxie par strangulation."),
      fact("L’examen médico-légal retient un étouffement."),
      fact("Les constatations relèvent une compression du cou."),
    ],
    beating: [
      fact("<o:Le décès résulte|Les blessures résultent> de coups portés sans arme."),
      fact("L’examen médico-légal relève de multiples traces de coups, sans usage d’arme."),
    ],
    blunt: [
      fact("<P> a porté des coups avec un objet contondant."),
      fact("L’examen médico-légal retient l’emploi d’un objet contondant, retrouvé au domicile."),
    ],
    fire: [
      fact("<o:Le décès est lié|Les brûlures sont liées> à un incendie allumé volontairement."),
      fact("Le feu a été mis au logement où se trouvait <V>."),
    ],
    poison: [
      fact("Les analyses toxicologiques établissent l’administration de médicaments à dose mortelle."),
      fact("<o:Le décès|L’état de la victime> est dû à une absorption de médicaments administrés par <P>."),
    ],
    fall: [
      fact("<o:Le décès résulte|Les blessures résultent> d’une chute provoquée depuis un étage."),
      fact("<V> a été <v:précipité|précipitée> d’un point haut du logement."),
    ],
    drowning: [fact("L’autopsie conclut à une noyade.")],
    vehicle: [fact("<P> a dirigé son véhicule sur <V>."), fact("<V> a été <v:heurté|heurtée> volontairement par le véhicule de <P>.")],
  },
  overkill: {
    present: [
      fact("Le rapport médico-légal relève un nombre de coups très supérieur à ce qui a causé la mort.", { when: fatal }),
      fact("Le médecin légiste souligne la répétition des coups bien au-delà du coup mortel.", { when: fatal }),
      fact("L’expert médical souligne une répétition des coups traduisant un acharnement.", { when: alive }),
    ],
    absent: [
      fact("L’examen médico-légal ne relève aucun acharnement."),
      fact("Un seul tir a été effectué, sans autre violence constatée.", { when: is("means_used", "firearm") }),
    ],
  },
  collateral_adult_victims: {
    "0": [
      fact("Aucun autre adulte n’a été atteint."),
      fact("Aucune autre personne majeure n’a été blessée."),
      fact("L’acte n’a fait aucune autre victime adulte."),
      fact("Nulle autre personne adulte n’était présente ni n’a été atteinte."),
    ],
    "1": [
      fact("Un autre adulte, présent sur les lieux, a été blessé au cours du même acte."),
      fact("Une autre personne majeure a été atteinte au cours du même acte."),
    ],
  },
  legal_qualification: {
    assassinat: [
      fact("L’information est ouverte du chef d’assassinat.", {
        note: "Qualification provisoire, procédure en cours à la date du rapport.",
      }),
      fact("La qualification d’assassinat est retenue."),
      fact("La préméditation a conduit à retenir la qualification d’assassinat."),
    ],
    murder_aggravated: [
      fact("La procédure est suivie du chef de meurtre par conjoint, concubin, partenaire ou ancien partenaire.", {
        note: "Dernière qualification connue à la date du rapport.",
      }),
      fact("La qualification retenue est celle de meurtre aggravé par la qualité de conjoint ou d’ancien conjoint."),
      fact("Le meurtre aggravé par le lien de couple est la qualification retenue."),
      fact("Les poursuites visent un meurtre commis par une personne liée à la victime par un lien de couple, actuel ou passé."),
    ],
    murder: [
      fact("La procédure est suivie du chef de meurtre, sans la circonstance tenant au lien de couple."),
      fact("La qualification de meurtre est seule retenue à ce stade."),
    ],
    fatal_violence: [
      fact("La procédure est suivie du chef de violences ayant entraîné la mort sans intention de la donner."),
      fact("Sont retenues des violences ayant entraîné la mort sans intention de la donner, aggravées par le lien de couple."),
    ],
    poisoning: [fact("La procédure est suivie du chef d’empoisonnement.")],
    attempt: [
      fact("La procédure est suivie du chef de tentative de meurtre aggravé par le lien de couple."),
      fact("La qualification retenue est celle de tentative de meurtre sur conjoint ou ancien conjoint."),
      fact("Une tentative d’homicide volontaire est retenue."),
    ],
    harassment_suicide: [
      fact(
        "Les poursuites visent un harcèlement moral par conjoint ou ancien conjoint ayant conduit la victime au suicide ou à une tentative.",
      ),
      fact("La qualification retenue est celle de harcèlement au sein du couple ayant conduit au suicide ou à sa tentative."),
    ],
    pending: [
      fact("À la date du rapport, les faits ne sont pas encore qualifiés."),
      fact("L’enquête est conduite en recherche des causes de la mort, sans qualification arrêtée à ce jour.", { when: fatal }),
    ],
  },
  premeditation: {
    present: [
      found("L’enquête a mis au jour des actes préparatoires, accomplis plusieurs jours auparavant."),
      found("Un écrit annonçant l’acte a été découvert après les faits."),
      found("<P> s’était procuré l’arme dans les jours précédents.", { when: is("means_used", "bladed", "firearm") }),
      found("<P> avait attendu <V> à proximité des lieux.", { when: is("place_of_act", "victim_home", "public_space", "workplace") }),
      found("Des recherches conservées sur son ordinateur montrent que <P> préparait l’acte depuis plusieurs semaines."),
    ],
    absent: [
      found("L’enquête écarte toute préméditation."),
      found("Aucun acte préparatoire n’a été mis en évidence, et la préméditation n’est pas retenue."),
      found("Le magistrat instructeur n’a pas retenu la préméditation.", { when: (c) => !c.perpetratorDied }),
    ],
    unknown: [
      found("La question d’une éventuelle préméditation reste débattue.", { note: "Le rapport ne tranche pas." }),
      found("Le rapport évoque des gestes préparatoires possibles sans conclure.", { note: "Le rapport ne permet pas de trancher." }),
    ],
  },
  trigger_context: {
    dispute: [
      found("Une dispute, dont le motif précis reste discuté, a précédé l’acte."),
      found("L’enquête retient une dispute immédiatement antérieure à l’acte."),
      found("Le voisinage a entendu une dispute peu avant l’acte."),
      found("Selon les éléments recueillis, l’acte est survenu au cours d’une dispute."),
    ],
    separation_refused: [
      found("Le rapport retient que <P> n’acceptait pas la séparation."),
      found("La séparation, que <P> refusait, est retenue comme le contexte de l’acte."),
      found("L’acte s’inscrit dans le refus de la rupture par <P>."),
      found("L’enquête relie l’acte à une séparation non acceptée."),
    ],
    jealousy: [
      found("La jalousie de <P> est retenue parmi les éléments du contexte."),
      found("Des reproches de <P> sur une relation supposée de <V> ont précédé l’acte."),
      found("L’enquête retient un contexte de jalousie."),
    ],
    illness_age: [
      found("L’acte s’inscrit dans un contexte de maladie et de perte d’autonomie."),
      found("La maladie, l’âge et l’épuisement du couple sont retenus comme contexte."),
      found("Le rapport replace l’acte dans une situation de dépendance liée au grand âge."),
    ],
    child_dispute: [
      found("Un désaccord sur la résidence <m:de l’enfant|des enfants> est retenu comme contexte immédiat."),
      found("Un désaccord sur la remise <m:de l’enfant|des enfants> a précédé l’acte."),
    ],
    money: [
      found("De graves difficultés financières du couple sont retenues comme contexte."),
      found("L’acte a suivi l’annonce d’une échéance financière que le couple ne pouvait honorer."),
    ],
    response_to_violence: [
      found("L’enquête retient que <P> a réagi à des violences qu’<p> subissait."),
      found("L’acte est survenu alors que <P> subissait une nouvelle scène de violences."),
    ],
    psychic: [
      found("L’acte est survenu au cours d’un épisode psychique aigu."),
      found("Une décompensation psychique de <P> est retenue comme contexte de l’acte."),
    ],
    other: [found("Le rapport retient un contexte propre à cette affaire, qui ne relève d’aucune des situations habituelles.")],
  },
  perpetrator_intoxicated_at_act: {
    present: [
      found("Le dépistage pratiqué après l’interpellation a établi une alcoolémie élevée de <P>.", { when: (c) => !c.perpetratorDied }),
      found("<P> se trouvait sous l’emprise de l’alcool, selon les prélèvements effectués."),
      found("Les analyses toxicologiques établissent que <P> était sous l’emprise de l’alcool au moment de l’acte."),
      found("Des témoins concordants décrivent <P> en état d’ivresse manifeste ce jour-là."),
      found("Les prélèvements montrent une consommation récente d’alcool et de cannabis par <P>.", {
        when: is("perpetrator_drug_use", "present"),
      }),
    ],
    absent: [
      found("Le dépistage de l’alcool et des stupéfiants pratiqué sur <P> s’est révélé négatif."),
      found("Les analyses toxicologiques de <P> n’ont mis en évidence aucune substance."),
      found("Aucune substance n’a été retrouvée dans les prélèvements effectués sur <P>."),
    ],
  },
};

/** Turns of phrase by which the account goes on without adding a coded fact. */
export const ACCOUNT_ASIDES: readonly ReturnType<typeof judged>[] = [
  fact("Les lieux ont été gelés et l’identité judiciaire requise."),
  fact("Le parquet s’est transporté sur les lieux."),
  fact("L’alerte a été donnée par un voisin."),
  fact("L’alerte a été donnée par un membre de la famille, sans réponse à ses appels."),
  fact("<P> a prévenu les secours avant de quitter les lieux.", { when: (c) => !c.perpetratorDied && !c.outcome.startsWith("forced") }),
  fact("<P> a été <p:interpellé|interpellée> sans incident.", { when: (c) => !c.perpetratorDied && !c.outcome.startsWith("forced") }),
  fact("L’enquête a été confiée <f:à la police judiciaire|à la section de recherches>."),
];
