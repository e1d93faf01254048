import type { RecommendationState } from "./recommendation.decide.ts";
import type {
  Answer,
  AnswerAssessment,
  Implementation,
  RecommendationEvent,
  RecommendationFacts,
  RecommendationRule,
} from "./recommendation.machine.ts";

type Said = { fr: string; en: string };

export const RECOMMENDATION_STATE_WORDS: Record<RecommendationState, Said> = {
  draft: { fr: "Projet", en: "Draft" },
  approved: { fr: "Approuvée", en: "Approved" },
  issued: { fr: "Adressée", en: "Issued" },
  answered: { fr: "Réponse reçue", en: "Answered" },
  assessed: { fr: "Appréciée", en: "Assessed" },
  closed: { fr: "Close", en: "Closed" },
  withdrawn: { fr: "Retirée", en: "Withdrawn" },
};

/** What the addressee says. */
export const ANSWER_WORDS: Record<Answer, Said> = {
  accepted: { fr: "Acceptée", en: "Accepted" },
  partly_accepted: { fr: "Acceptée en partie", en: "Partly accepted" },
  rejected: { fr: "Refusée", en: "Rejected" },
  already_in_place: { fr: "Déjà en place", en: "Already in place" },
  in_progress: { fr: "Mise en œuvre en cours", en: "Implementation in progress" },
  partly_implemented: { fr: "Mise en œuvre en partie", en: "Partly implemented" },
  implemented: { fr: "Mise en œuvre", en: "Implemented" },
};
/** What the observatory finds of the answer. */
export const ANSWER_ASSESSMENT_WORDS: Record<AnswerAssessment, Said> = {
  acceptable: { fr: "Réponse satisfaisante", en: "Acceptable" },
  acceptable_alternative: { fr: "Autre voie satisfaisante", en: "Acceptable alternative" },
  unacceptable: { fr: "Réponse non satisfaisante", en: "Unacceptable" },
  no_answer: { fr: "Aucune réponse reçue", en: "No answer received" },
};
/** What the observatory finds of the implementation. */
export const IMPLEMENTATION_WORDS: Record<Implementation, Said> = {
  fully: { fr: "Totalement mise en œuvre", en: "Fully implemented" },
  in_progress: { fr: "Mise en œuvre en cours", en: "Implementation in progress" },
  incomplete: { fr: "Mise en œuvre incomplète", en: "Incompletely implemented" },
  not_implemented: { fr: "Non mise en œuvre", en: "Not implemented" },
  without_object: { fr: "Devenue sans objet", en: "No longer applicable" },
};

/** `act`: what a button says. `done`: what the history says. */
export const RECOMMENDATION_EVENT_WORDS: Record<RecommendationEvent["type"], { act: Said; done: Said }> = {
  RECOMMENDATION_WRITTEN: { act: { fr: "Modifier", en: "Edit" }, done: { fr: "Texte écrit", en: "Text written" } },
  RECOMMENDATION_RETURNED: {
    act: { fr: "Renvoyer à l’auteur", en: "Return to the author" },
    done: { fr: "Renvoyée à l’auteur", en: "Returned to the author" },
  },
  RECOMMENDATION_APPROVED: { act: { fr: "Approuver", en: "Approve" }, done: { fr: "Approuvée", en: "Approved" } },
  RECOMMENDATION_TIED: {
    act: { fr: "Rapprocher d’une autre", en: "Tie to another" },
    done: { fr: "Rapprochée d’une autre", en: "Tied to another" },
  },
  RECOMMENDATION_UNTIED: { act: { fr: "Défaire le lien", en: "Undo the tie" }, done: { fr: "Lien défait", en: "Tie undone" } },
  RECOMMENDATION_ISSUED: {
    act: { fr: "Adresser au destinataire", en: "Issue to the addressee" },
    done: { fr: "Adressée au destinataire", en: "Issued to the addressee" },
  },
  RECEIPT_RECORDED: {
    act: { fr: "Enregistrer l’accusé de réception", en: "Record the receipt" },
    done: { fr: "Réception confirmée", en: "Receipt confirmed" },
  },
  REMINDER_SENT: { act: { fr: "Relancer", en: "Send a reminder" }, done: { fr: "Relance envoyée", en: "Reminder sent" } },
  DEADLINES_CHANGED: {
    act: { fr: "Changer les échéances", en: "Change the deadlines" },
    done: { fr: "Échéances changées", en: "Deadlines changed" },
  },
  ANSWER_LINK_MADE: {
    act: { fr: "Créer un lien de réponse", en: "Make an answer link" },
    done: { fr: "Lien de réponse créé", en: "Answer link made" },
  },
  ANSWER_LINK_REVOKED: {
    act: { fr: "Révoquer le lien de réponse", en: "Revoke the answer link" },
    done: { fr: "Lien de réponse révoqué", en: "Answer link revoked" },
  },
  ANSWER_RECEIVED: { act: { fr: "Enregistrer une réponse", en: "Record an answer" }, done: { fr: "Réponse reçue", en: "Answer received" } },
  ANSWER_ACKNOWLEDGED: {
    act: { fr: "Accuser réception de la réponse", en: "Acknowledge the answer" },
    done: { fr: "Accusé de réception de la réponse", en: "Answer acknowledged" },
  },
  ANSWER_ASSESSED: {
    act: { fr: "Apprécier la réponse", en: "Assess the answer" },
    done: { fr: "Réponse appréciée", en: "Answer assessed" },
  },
  NO_ANSWER_FOUND: {
    act: { fr: "Constater l’absence de réponse", en: "Find that no answer came" },
    done: { fr: "Absence de réponse constatée", en: "Found without answer" },
  },
  IMPLEMENTATION_ASSESSED: {
    act: { fr: "Apprécier la mise en œuvre", en: "Assess the implementation" },
    done: { fr: "Mise en œuvre appréciée", en: "Implementation assessed" },
  },
  EVIDENCE_QUESTIONED: {
    act: { fr: "Mettre en question", en: "Question" },
    done: {
      fr: "Mise en question : un constat qui la fonde est retiré ou modifié",
      en: "In question: a finding behind it was withdrawn or changed",
    },
  },
  RECOMMENDATION_MAINTAINED: {
    act: { fr: "Maintenir malgré le constat retiré", en: "Maintain despite the withdrawn finding" },
    done: { fr: "Maintenue", en: "Maintained" },
  },
  RECOMMENDATION_CLOSED: { act: { fr: "Clore le suivi", en: "Close" }, done: { fr: "Suivi clos", en: "Closed" } },
  RECOMMENDATION_REOPENED: { act: { fr: "Rouvrir", en: "Reopen" }, done: { fr: "Rouverte", en: "Reopened" } },
  RECOMMENDATION_WITHDRAWN: { act: { fr: "Retirer", en: "Withdraw" }, done: { fr: "Retirée", en: "Withdrawn" } },
};

const dayIn = (day: string, language: "fr" | "en"): string =>
  new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { dateStyle: "long", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** Why a rule stands in the way, in words; some say what the facts are. */
export const RECOMMENDATION_RULE_WORDS: Record<
  RecommendationRule,
  { fr: (f: RecommendationFacts) => string; en: (f: RecommendationFacts) => string }
> = {
  bySomeoneOfTheHouse: {
    fr: () => "cet acte revient à une personne de l’observatoire",
    en: () => "this belongs to somebody of the observatory",
  },
  byAnalystOrCoordinator: {
    fr: () => "cet acte revient à une ou un analyste ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to an analyst or to the head of the observatory",
  },
  byReviewer: { fr: () => "cet acte revient à une relectrice ou à un relecteur", en: () => "this belongs to a reviewer" },
  byCoordinator: {
    fr: () => "cet acte revient à la ou au responsable de l’observatoire",
    en: () => "this belongs to the head of the observatory",
  },
  byReviewerOrCoordinator: {
    fr: () => "cet acte revient à une relectrice, à un relecteur ou à la ou au responsable",
    en: () => "this belongs to a reviewer or to the head of the observatory",
  },
  byCoordinatorOrAddressee: {
    fr: () => "cet acte revient au destinataire ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to the addressee or to the head of the observatory",
  },
  bySomeoneElseThanTheAuthor: {
    fr: () => "vous avez écrit cette recommandation ou son constat : son approbation revient à une autre personne",
    en: () => "you wrote this recommendation or its finding: its approval belongs to someone else",
  },
  bySomeoneElseThanTheCoder: {
    fr: () => "vous avez codé un rapport qui la fonde : son approbation revient à une autre personne",
    en: () => "you coded a report behind it: its approval belongs to someone else",
  },
  aFindingStandsBehind: {
    fr: () => "aucun constat approuvé ne la fonde",
    en: () => "no approved finding stands behind it",
  },
  evidenceIsNotQuestioned: {
    fr: () => "un constat qui la fonde a été retiré ou a changé : décidez d’abord de la maintenir ou de la retirer",
    en: () => "a finding behind it was withdrawn or changed: first decide to maintain it or to withdraw it",
  },
  evidenceIsQuestioned: {
    fr: () => "aucun des constats qui la fondent n’est mis en question",
    en: () => "none of the findings behind it is in question",
  },
  aLeadIsNamed: {
    fr: () => "aucun destinataire chef de file n’est désigné",
    en: () => "no lead addressee is named",
  },
  aDeadlineIsAhead: {
    fr: ({ deadline }) => (deadline ? `son échéance du ${dayIn(deadline, "fr")} est passée` : "aucune échéance n’est fixée"),
    en: ({ deadline }) => (deadline ? `its deadline of ${dayIn(deadline, "en")} has passed` : "no deadline is set"),
  },
  theAnswerIsOverdue: {
    fr: ({ answerDue }) =>
      answerDue ? `une réponse est attendue jusqu’au ${dayIn(answerDue, "fr")}` : "aucune date de réponse n’est fixée",
    en: ({ answerDue }) => (answerDue ? `an answer is awaited until ${dayIn(answerDue, "en")}` : "no date is set for an answer"),
  },
  theImplementationIsSettled: {
    fr: ({ implementation }) =>
      implementation === null ? "la mise en œuvre n’est pas encore appréciée" : "la mise en œuvre est encore en cours",
    en: ({ implementation }) =>
      implementation === null ? "the implementation has not been assessed yet" : "the implementation is still in progress",
  },
};
