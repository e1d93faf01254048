import type { CrossFindingState } from "./cross-finding.decide.ts";
import type { CrossFindingEvent, CrossFindingFacts, CrossFindingReturn, CrossFindingRule } from "./cross-finding.machine.ts";

type Said = { fr: string; en: string };

export const CROSS_FINDING_STATE_WORDS: Record<CrossFindingState, Said> = {
  draft: { fr: "En rédaction", en: "Draft" },
  in_review: { fr: "En relecture", en: "In review" },
  approved: { fr: "Approuvé", en: "Approved" },
  withdrawn: { fr: "Retiré", en: "Withdrawn" },
};

export const CROSS_FINDING_RETURN_WORDS: Record<CrossFindingReturn, Said> = {
  evidence: { fr: "Appuis insuffisants", en: "Not enough evidence" },
  wording: { fr: "Formulation à revoir", en: "Wording to be revised" },
  confidentiality: { fr: "Risque de reconnaître une affaire", en: "A case could be recognised" },
  kind: { fr: "Nature du constat à revoir", en: "Kind of finding to be revised" },
  scope: { fr: "Portée trop large ou trop étroite", en: "Too broad or too narrow" },
  other: { fr: "Autre motif", en: "Another reason" },
};

/** `act`: what a button says. `done`: what the history says. */
export const CROSS_FINDING_EVENT_WORDS: Record<CrossFindingEvent["type"], { act: Said; done: Said }> = {
  CROSS_FINDING_WRITTEN: { act: { fr: "Modifier", en: "Edit" }, done: { fr: "Constat rédigé", en: "Finding written" } },
  CROSS_FINDING_SUBMITTED: {
    act: { fr: "Soumettre à la relecture", en: "Send to review" },
    done: { fr: "Soumis à la relecture", en: "Sent to review" },
  },
  CROSS_FINDING_RESUMED: {
    act: { fr: "Reprendre la rédaction", en: "Resume writing" },
    done: { fr: "Rédaction reprise", en: "Writing resumed" },
  },
  CROSS_FINDING_RETURNED: {
    act: { fr: "Renvoyer à l’auteur", en: "Return to the author" },
    done: { fr: "Renvoyé à l’auteur", en: "Returned to the author" },
  },
  EDITS_PROPOSED: { act: { fr: "Proposer des retouches", en: "Propose edits" }, done: { fr: "Retouches proposées", en: "Edits proposed" } },
  EDITS_ACCEPTED: {
    act: { fr: "Accepter les retouches", en: "Accept the edits" },
    done: { fr: "Retouches acceptées", en: "Edits accepted" },
  },
  EDITS_DECLINED: {
    act: { fr: "Écarter les retouches", en: "Decline the edits" },
    done: { fr: "Retouches écartées", en: "Edits declined" },
  },
  SECOND_REVIEW_ASKED: {
    act: { fr: "Demander une seconde relecture", en: "Ask for a second review" },
    done: { fr: "Seconde relecture demandée", en: "Second review asked for" },
  },
  PUBLIC_STATEMENT_CONFIRMED: {
    act: { fr: "Confirmer la formulation publique", en: "Confirm the public statement" },
    done: { fr: "Formulation publique confirmée", en: "Public statement confirmed" },
  },
  DISSENT_RECORDED: {
    act: { fr: "Consigner un désaccord", en: "Record a dissent" },
    done: { fr: "Désaccord consigné", en: "Dissent recorded" },
  },
  DISSENT_WITHDRAWN: {
    act: { fr: "Retirer son désaccord", en: "Withdraw a dissent" },
    done: { fr: "Désaccord retiré", en: "Dissent withdrawn" },
  },
  CROSS_FINDING_APPROVED: { act: { fr: "Approuver", en: "Approve" }, done: { fr: "Approuvé", en: "Approved" } },
  CORRECTION_BEGUN: { act: { fr: "Corriger", en: "Correct" }, done: { fr: "Correction commencée", en: "Correction begun" } },
  EVIDENCE_CHANGED: {
    act: { fr: "Revenir en relecture", en: "Go back to review" },
    done: { fr: "Revenu en relecture : un appui a changé", en: "Back in review: its evidence changed" },
  },
  CROSS_FINDING_WITHDRAWN: { act: { fr: "Retirer", en: "Withdraw" }, done: { fr: "Retiré", en: "Withdrawn" } },
};

const counted = (n: number, one: string, more: string): string => `${n} ${n < 2 ? one : more}`;

/** Why a rule stands in the way, in words; some say what the facts are. */
export const CROSS_FINDING_RULE_WORDS: Record<
  CrossFindingRule,
  { fr: (f: CrossFindingFacts) => string; en: (f: CrossFindingFacts) => string }
> = {
  byAnalystOrCoordinator: {
    fr: () => "cet acte revient à une ou un analyste ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to an analyst or to the head of the observatory",
  },
  byReviewer: { fr: () => "cet acte revient à une relectrice ou à un relecteur", en: () => "this belongs to a reviewer" },
  byReviewerOrCoordinator: {
    fr: () => "cet acte revient à une relectrice, à un relecteur ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to a reviewer or to the head of the observatory",
  },
  byCoordinator: {
    fr: () => "cet acte revient à la ou au responsable de l’observatoire",
    en: () => "this belongs to the head of the observatory",
  },
  bySomeoneOfTheObservatory: {
    fr: () => "cet acte revient à une personne de l’observatoire",
    en: () => "this belongs to somebody of the observatory",
  },
  byWhoMayWithdraw: {
    fr: ({ standing }) =>
      standing
        ? "un texte approuvé est en vigueur : son retrait revient à la relecture ou à la ou au responsable de l’observatoire"
        : "cet acte revient à une personne de l’observatoire",
    en: ({ standing }) =>
      standing
        ? "an approved text stands: its withdrawal belongs to a reviewer or to the head of the observatory"
        : "this belongs to somebody of the observatory",
  },
  bySomeoneElseThanTheAuthor: {
    fr: () => "vous avez écrit ce constat : sa relecture revient à une autre personne",
    en: () => "you wrote this finding: its review belongs to someone else",
  },
  bySomeoneElseThanTheCoders: {
    fr: () => "vous avez codé ou rédigé l’un des rapports qui le fondent : sa relecture revient à une autre personne",
    en: () => "you coded or wrote on one of the reports it rests on: its review belongs to someone else",
  },
  bySomeoneElseThanTheConfirmer: {
    fr: () => "vous avez confirmé la formulation publique : l’approbation revient à une autre personne",
    en: () => "you confirmed the public statement: the approval belongs to someone else",
  },
  byTheDissenter: {
    fr: () => "vous n’avez consigné aucun désaccord sur ce constat, ou vous l’avez déjà retiré",
    en: () => "you recorded no dissent on this finding, or have already withdrawn it",
  },
  itRestsOnSeveralReports: {
    fr: ({ reports: n }) => `il repose sur ${counted(n, "rapport", "rapports")} : un constat transversal en demande au moins deux`,
    en: ({ reports: n }) => `it rests on ${counted(n, "report", "reports")}: a cross-case finding asks for two at least`,
  },
  everyReportStands: {
    fr: ({ fallen: n }) =>
      `${counted(n, "rapport qui le fonde a été écarté ou n’est plus documenté", "rapports qui le fondent ont été écartés ou ne sont plus documentés")} sur ses facteurs : revoyez les appuis`,
    en: ({ fallen: n }) =>
      `${counted(n, "report it rests on was set aside or is no longer documented", "reports it rests on were set aside or are no longer documented")} on its factors: revise the evidence`,
  },
  theEvidenceIsWhatWasSeen: {
    fr: ({ changed: n }) =>
      `${counted(n, "valeur qui le fonde a changé", "valeurs qui le fondent ont changé")} depuis la rédaction : relisez les appuis et enregistrez`,
    en: ({ changed: n }) =>
      `${counted(n, "value it rests on has changed", "values it rests on have changed")} since it was written: read the evidence again and save`,
  },
  noWordsAreWaiting: {
    fr: () => "des retouches attendent la réponse de l’auteur",
    en: () => "edits wait for the author’s answer",
  },
  wordsOfAReviewerWait: {
    fr: () => "aucune retouche n’attend de réponse",
    en: () => "no edits wait for an answer",
  },
  thePublicStatementIsWritten: {
    fr: () => "ce constat n’a pas de formulation publique",
    en: () => "this finding has no public statement",
  },
  noSecondReviewIsAsked: {
    fr: () => "une seconde relecture est déjà demandée",
    en: () => "a second review was already asked for",
  },
  aSecondReviewIsAsked: {
    fr: () => "aucune seconde relecture n’est attendue",
    en: () => "no second review is awaited",
  },
  theSecondReviewIsDone: {
    fr: () => "la seconde relecture de la formulation publique n’est pas faite",
    en: () => "the second review of the public statement has not been done",
  },
};

/** What a page says of an act that the finding's state does not know. */
export const crossFindingNotOffered = (type: CrossFindingEvent["type"], state: CrossFindingState, language: "fr" | "en"): string =>
  language === "fr"
    ? `« ${CROSS_FINDING_EVENT_WORDS[type].act.fr} » n’est pas possible : le constat est dans l’état « ${CROSS_FINDING_STATE_WORDS[state].fr} »`
    : `“${CROSS_FINDING_EVENT_WORDS[type].act.en}” is not possible: the finding is in the state “${CROSS_FINDING_STATE_WORDS[state].en}”`;
