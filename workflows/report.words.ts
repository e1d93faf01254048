import type { Actor } from "./actor.ts";
import type { ReportState } from "./report.decide.ts";
import type { ReportEvent, ReportFacts, Rule } from "./report.machine.ts";

export type Language = "fr" | "en";
type Said = { fr: string; en: string };
type Counted = { fr: (facts: ReportFacts, by: Actor) => string; en: (facts: ReportFacts, by: Actor) => string };

const counted = (n: number, one: string, other: string, language: Language): string =>
  `${n} ${new Intl.PluralRules(language).select(n) === "one" ? one : other}`;

export const STATE_WORDS: Record<ReportState, Said> = {
  received: { fr: "Reçu", en: "Received" },
  coded: { fr: "Codé", en: "Coded" },
  analysed: { fr: "Analysé", en: "Analysed" },
  published: { fr: "Constats publiés", en: "Findings published" },
  set_aside: { fr: "Écarté", en: "Set aside" },
};

/** `act`: what a button says. `done`: what the history says. */
export const EVENT_WORDS: Record<ReportEvent["type"], { act: Said; done: Said }> = {
  DOCUMENT_ADDED: { act: { fr: "Joindre un document", en: "Add a document" }, done: { fr: "Document joint", en: "Document added" } },
  SHEET_CORRECTED: { act: { fr: "Corriger la fiche", en: "Correct the sheet" }, done: { fr: "Fiche corrigée", en: "Sheet corrected" } },
  REPORT_ASSIGNED: {
    act: { fr: "Affecter à un analyste", en: "Assign to an analyst" },
    done: { fr: "Rapport affecté", en: "Report assigned" },
  },
  VALUE_CODED: { act: { fr: "Coder", en: "Code" }, done: { fr: "Valeur codée", en: "Value coded" } },
  LAYER_SUBMITTED: {
    act: { fr: "Remettre mon codage", en: "Submit my coding" },
    done: { fr: "Codage en aveugle remis", en: "Blind coding submitted" },
  },
  LAYER_REOPENED: {
    act: { fr: "Rouvrir le codage d’un analyste", en: "Reopen one analyst’s coding" },
    done: { fr: "Codage d’un analyste rouvert", en: "One analyst’s coding reopened" },
  },
  SECOND_CODING_ASKED: {
    act: { fr: "Demander un second codage en aveugle", en: "Ask for a second blind coding" },
    done: { fr: "Second codage en aveugle demandé", en: "Second blind coding asked for" },
  },
  VALUE_ADJUDICATED: { act: { fr: "Arbitrer", en: "Adjudicate" }, done: { fr: "Valeur arbitrée", en: "Value adjudicated" } },
  ADJUDICATION_SUBMITTED: {
    act: { fr: "Remettre l’arbitrage", en: "Submit the adjudication" },
    done: { fr: "Arbitrage remis", en: "Adjudication submitted" },
  },
  CODING_SUBMITTED: { act: { fr: "Remettre le codage", en: "Submit the coding" }, done: { fr: "Codage remis", en: "Coding submitted" } },
  CODING_RESUMED: { act: { fr: "Reprendre le codage", en: "Resume the coding" }, done: { fr: "Codage repris", en: "Coding resumed" } },
  CODING_RETURNED: { act: { fr: "Renvoyer le codage", en: "Return the coding" }, done: { fr: "Codage renvoyé", en: "Coding returned" } },
  FINDING_WRITTEN: { act: { fr: "Rédiger les constats", en: "Write the findings" }, done: { fr: "Constat rédigé", en: "Finding written" } },
  FINDINGS_SUBMITTED: {
    act: { fr: "Soumettre les constats à la relecture", en: "Submit the findings for review" },
    done: { fr: "Constats soumis à la relecture", en: "Findings submitted for review" },
  },
  FINDINGS_RESUMED: {
    act: { fr: "Reprendre les constats", en: "Resume the findings" },
    done: { fr: "Constats repris par l’analyste", en: "Findings resumed by the analyst" },
  },
  FINDING_APPROVED: {
    act: { fr: "Approuver un constat", en: "Approve a finding" },
    done: { fr: "Constat approuvé", en: "Finding approved" },
  },
  FINDING_RETURNED: { act: { fr: "Renvoyer un constat", en: "Return a finding" }, done: { fr: "Constat renvoyé", en: "Finding returned" } },
  FINDINGS_RETURNED: {
    act: { fr: "Renvoyer les constats à l’analyste", en: "Return the findings to the analyst" },
    done: { fr: "Constats renvoyés à l’analyste", en: "Findings returned to the analyst" },
  },
  FINDINGS_PUBLISHED: {
    act: { fr: "Publier les constats", en: "Publish the findings" },
    done: { fr: "Constats publiés", en: "Findings published" },
  },
  FINDING_EDITS_PROPOSED: {
    act: { fr: "Proposer d’autres mots pour un constat", en: "Propose other words for a finding" },
    done: { fr: "Retouches proposées pour un constat", en: "Edits proposed for a finding" },
  },
  FINDING_EDITS_ACCEPTED: {
    act: { fr: "Accepter les retouches proposées", en: "Accept the proposed edits" },
    done: { fr: "Retouches acceptées, constat approuvé", en: "Edits accepted, finding approved" },
  },
  FINDING_EDITS_DECLINED: {
    act: { fr: "Refuser les retouches proposées", en: "Decline the proposed edits" },
    done: { fr: "Retouches refusées par l’analyste", en: "Edits declined by the analyst" },
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
    act: { fr: "Retirer un désaccord", en: "Withdraw a dissent" },
    done: { fr: "Désaccord retiré", en: "Dissent withdrawn" },
  },
  FINDING_CORRECTION_PROPOSED: {
    act: { fr: "Proposer une correction d’un constat publié", en: "Propose a correction of a published finding" },
    done: { fr: "Correction d’un constat proposée", en: "Correction of a finding proposed" },
  },
  FINDING_CORRECTED: {
    act: { fr: "Publier la correction d’un constat", en: "Publish the correction of a finding" },
    done: { fr: "Constat publié corrigé", en: "Published finding corrected" },
  },
  FINDING_CORRECTION_DECLINED: {
    act: { fr: "Refuser la correction d’un constat", en: "Decline the correction of a finding" },
    done: { fr: "Correction d’un constat refusée", en: "Correction of a finding declined" },
  },
  FINDING_WITHDRAWN: {
    act: { fr: "Retirer un constat publié", en: "Withdraw a published finding" },
    done: { fr: "Constat publié retiré", en: "Published finding withdrawn" },
  },
  REPORT_REOPENED: { act: { fr: "Rouvrir le rapport", en: "Reopen the report" }, done: { fr: "Rapport rouvert", en: "Report reopened" } },
  REPORT_SET_ASIDE: {
    act: { fr: "Écarter le rapport", en: "Set the report aside" },
    done: { fr: "Rapport écarté", en: "Report set aside" },
  },
  REPORT_RESTORED: {
    act: { fr: "Reprendre le rapport écarté", en: "Restore the report" },
    done: { fr: "Rapport repris", en: "Report restored" },
  },
};

/** What the layer of whoever asks still lacks: that of the other coder is nobody else's to know. */
const ownLack = ({ layers }: ReportFacts, by: Actor, lack: "uncoded" | "unproven"): number =>
  layers.find(({ analyst }) => analyst === by.id)?.[lack] ?? 0;

const RULE_WORDS: Record<Rule, Counted> = {
  byCoordinator: {
    fr: () => "cet acte revient à la ou au responsable de l’observatoire",
    en: () => "this belongs to the head of the observatory",
  },
  byReviewer: { fr: () => "cet acte revient à une relectrice ou à un relecteur", en: () => "this belongs to a reviewer" },
  byAssignedAnalyst: {
    fr: () => "cet acte revient à l’analyste à qui le rapport est affecté",
    en: () => "this belongs to the analyst to whom the report is assigned",
  },
  byCoder: {
    fr: ({ coding }) =>
      coding === "blind"
        ? "deux analystes codent ce rapport sans se voir : le codage leur revient"
        : coding === "adjudicated"
          ? "deux codages de ce rapport ont été arbitrés : son codage revient à la personne chargée de l’arbitrage"
          : "cet acte revient à l’analyste à qui le rapport est affecté",
    en: ({ coding }) =>
      coding === "blind"
        ? "two analysts are coding this report without seeing each other: its coding belongs to them"
        : coding === "adjudicated"
          ? "two codings of this report were adjudicated: its coding belongs to the adjudicator"
          : "this belongs to the analyst to whom the report is assigned",
  },
  ownLayerIsOpen: {
    fr: () => "vous avez remis votre codage : la ou le responsable de l’observatoire peut le rouvrir",
    en: () => "you have submitted your coding: the head of the observatory can reopen it",
  },
  ownLayerIsCoded: {
    fr: (facts, by) => `il reste dans votre codage ${counted(ownLack(facts, by, "uncoded"), "facteur", "facteurs", "fr")} à coder`,
    en: (facts, by) => `${counted(ownLack(facts, by, "uncoded"), "factor is", "factors are", "en")} still to be coded in your coding`,
  },
  ownLayerIsProven: {
    fr: (facts, by) =>
      `dans votre codage, ${counted(ownLack(facts, by, "unproven"), "valeur attend un passage ou un motif", "valeurs attendent un passage ou un motif", "fr")}`,
    en: (facts, by) =>
      `in your coding, ${counted(ownLack(facts, by, "unproven"), "value needs a passage or a reason", "values need a passage or a reason", "en")}`,
  },
  codedNoOtherLayer: {
    fr: () => "vous avez déjà codé ce rapport pour l’autre codage : le second revient à une autre personne",
    en: () => "you have already coded this report in the other coding: the second belongs to someone else",
  },
  oneAnalystCodes: {
    fr: () => "deux analystes codent ce rapport sans se voir : leurs codages sont remis un à un, puis arbitrés",
    en: () => "two analysts are coding this report without seeing each other: each submits a coding, then both are adjudicated",
  },
  twoAnalystsCode: { fr: () => "un seul analyste code ce rapport", en: () => "only one analyst codes this report" },
  noSecondCodingYet: { fr: () => "ce rapport a déjà été codé deux fois", en: () => "this report was already coded twice" },
  aLayerIsSubmitted: { fr: () => "aucun codage en aveugle n’est remis", en: () => "no blind coding has been submitted" },
  bothLayersAreSubmitted: {
    fr: () => "les deux codages en aveugle ne sont pas encore remis",
    en: () => "the two blind codings have not both been submitted yet",
  },
  byAdjudicator: {
    fr: () => "cet acte revient à l’analyste chargé de l’arbitrage",
    en: () => "this belongs to the analyst chosen to adjudicate",
  },
  bySomeoneWhoCodedNeither: {
    fr: () => "vous avez codé ce rapport : l’arbitrage revient à une tierce personne",
    en: () => "you coded this report: its adjudication belongs to a third person",
  },
  everyDifferenceIsDecided: {
    fr: ({ undecidedDifferences: n }) => `${counted(n, "désaccord reste", "désaccords restent", "fr")} à arbitrer`,
    en: ({ undecidedDifferences: n }) => `${counted(n, "difference is", "differences are", "en")} still to be adjudicated`,
  },
  everyAgreementIsAccepted: {
    fr: ({ unacceptedAgreements: n }) => `${counted(n, "accord reste", "accords restent", "fr")} à accepter`,
    en: ({ unacceptedAgreements: n }) => `${counted(n, "agreement is", "agreements are", "en")} still to be accepted`,
  },
  byDepositorOrObservatory: {
    fr: () => "cet acte revient au service qui a déposé le rapport, à l’analyste affecté ou à la ou au responsable",
    en: () => "this belongs to the depositing service, the assigned analyst or the head of the observatory",
  },
  byCoordinatorOrAssignedAnalyst: {
    fr: () => "cet acte revient à l’analyste affecté ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to the assigned analyst or the head of the observatory",
  },
  bySomeoneElseThanTheCoder: {
    fr: () => "vous avez codé ce rapport ou il vous est affecté : la relecture revient à une autre personne",
    en: () => "you coded this report or it is assigned to you: its review belongs to someone else",
  },
  bySomeoneElseThanTheAuthor: {
    fr: () => "vous avez écrit un constat ou une recommandation de ce rapport : la relecture revient à une autre personne",
    en: () => "you wrote a finding or a recommendation of this report: its review belongs to someone else",
  },
  aDocumentIsAttached: { fr: () => "aucun document n’est joint au rapport", en: () => "no document is attached to the report" },
  everyFactorIsCoded: {
    fr: ({ uncodedFactors: n }) => `il reste ${counted(n, "facteur", "facteurs", "fr")} à coder`,
    en: ({ uncodedFactors: n }) => `${counted(n, "factor is", "factors are", "en")} still to be coded`,
  },
  everyValueIsProven: {
    fr: ({ unprovenFactors: n }) =>
      `${counted(n, "valeur attend un passage ou un motif", "valeurs attendent un passage ou un motif", "fr")}`,
    en: ({ unprovenFactors: n }) => `${counted(n, "value needs a passage or a reason", "values need a passage or a reason", "en")}`,
  },
  aFindingIsWritten: { fr: () => "aucun constat n’est rédigé", en: () => "no finding is written" },
  everyFindingHasEvidence: {
    fr: ({ findingsWithoutEvidence: n }) =>
      `${counted(n, "constat n’est lié à aucun facteur ou à aucun passage", "constats ne sont liés à aucun facteur ou à aucun passage", "fr")}, ou l’un d’eux n’est plus dans le codage`,
    en: ({ findingsWithoutEvidence: n }) =>
      `${counted(n, "finding has", "findings have", "en")} no factor or no passage, or one that the coding no longer holds`,
  },
  everyRecommendationHasAFinding: {
    fr: ({ recommendationsWithoutFinding: n }) =>
      `${counted(n, "recommandation n’est liée à aucun constat", "recommandations ne sont liées à aucun constat", "fr")}`,
    en: ({ recommendationsWithoutFinding: n }) => `${counted(n, "recommendation is", "recommendations are", "en")} tied to no finding`,
  },
  noBlockingIssue: {
    fr: ({ blockingIssues: n }) => `${counted(n, "point bloquant de qualité est", "points bloquants de qualité sont", "fr")} à corriger`,
    en: ({ blockingIssues: n }) => `${counted(n, "blocking quality issue is", "blocking quality issues are", "en")} still to be corrected`,
  },
  noFindingIsLeftReturned: {
    fr: ({ returnedFindings: n }) => `${counted(n, "constat renvoyé n’a pas été repris", "constats renvoyés n’ont pas été repris", "fr")}`,
    en: ({ returnedFindings: n }) => `${counted(n, "returned finding has", "returned findings have", "en")} not been revised`,
  },
  everyFindingIsDecided: {
    fr: ({ undecidedFindings: n }) => `${counted(n, "constat attend une décision", "constats attendent une décision", "fr")}`,
    en: ({ undecidedFindings: n }) => `${counted(n, "finding awaits", "findings await", "en")} a decision`,
  },
  aFindingIsApproved: { fr: () => "aucun constat n’est approuvé", en: () => "no finding is approved" },
  byReviewerOrCoordinator: {
    fr: () => "cet acte revient à une relectrice, à un relecteur ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to a reviewer or to the head of the observatory",
  },
  byAnalystReviewerOrCoordinator: {
    fr: () => "cet acte revient à l’analyste affecté, à la relecture ou à la ou au responsable de l’observatoire",
    en: () => "this belongs to the assigned analyst, a reviewer or the head of the observatory",
  },
  byTheDissenter: {
    fr: () => "vous n’avez consigné aucun désaccord sur ce constat, ou vous l’avez déjà retiré",
    en: () => "you recorded no dissent on this finding, or have already withdrawn it",
  },
  bySomeoneElseThanTheApprover: {
    fr: () => "vous avez approuvé ce constat : la seconde relecture revient à une autre personne",
    en: () => "you approved this finding: its second review belongs to someone else",
  },
  noWordsAreWaiting: {
    fr: ({ finding }) =>
      finding?.waiting === "correction"
        ? "une correction attend déjà d’être relue"
        : "d’autres mots attendent déjà la réponse de l’analyste",
    en: ({ finding }) =>
      finding?.waiting === "correction" ? "a correction already waits for review" : "other words already wait for the analyst’s answer",
  },
  wordsOfAReviewerWait: {
    fr: () => "aucune retouche proposée par la relecture n’attend de réponse",
    en: () => "no edits proposed by a reviewer wait for an answer",
  },
  theirProposerMayReview: {
    fr: () => "la personne qui a proposé ces mots a pris part au rapport depuis : elle ne peut plus l’approuver",
    en: () => "whoever proposed these words has worked on the report since, and can no longer approve it",
  },
  aCorrectionWaits: { fr: () => "aucune correction n’attend d’être relue", en: () => "no correction waits for review" },
  thePublicStatementIsWritten: {
    fr: () => "ce constat n’a pas de formulation publique",
    en: () => "this finding has no public statement",
  },
  noSecondReaderIsPassedOver: {
    fr: () =>
      "la formulation publique de ce constat a demandé deux relectures : pour la changer, rouvrez le rapport, afin que deux personnes la relisent",
    en: () =>
      "the public statement of this finding asked for two reviewers: to change it, reopen the report so that two people read it again",
  },
  noSecondReviewIsAsked: {
    fr: () => "une seconde relecture est déjà demandée pour ce constat",
    en: () => "a second review of this finding was already asked for",
  },
  aSecondReviewIsAsked: {
    fr: () => "aucune seconde relecture n’attend pour ce constat",
    en: () => "no second review of this finding is waiting",
  },
  theFindingIsApproved: {
    fr: () => "ce constat n’a pas encore été approuvé par une première personne",
    en: () => "a first person has not approved this finding yet",
  },
  theFindingIsPublished: {
    fr: () => "ce constat ne figure pas dans l’édition en vigueur",
    en: () => "the edition in force does not hold this finding",
  },
  anotherFindingStays: {
    fr: () =>
      "c’est le dernier constat de l’édition : une édition sans constat ne se publie pas ; la ou le responsable peut rouvrir le rapport, ou le rouvrir et l’écarter",
    en: () =>
      "it is the last finding of the edition: an edition without findings is not published; the head of the observatory can reopen the report, or reopen it and set it aside",
  },
  everyProposalIsAnswered: {
    fr: ({ proposedFindings: n }) =>
      `${counted(n, "constat porte des retouches qui attendent", "constats portent des retouches qui attendent", "fr")} la réponse de l’analyste`,
    en: ({ proposedFindings: n }) =>
      `${counted(n, "finding has proposed edits that await", "findings have proposed edits that await", "en")} the analyst’s answer`,
  },
  everySecondReviewIsDone: {
    fr: ({ secondReviewsWaiting: n }) =>
      `${counted(n, "formulation publique attend", "formulations publiques attendent", "fr")} une seconde relecture`,
    en: ({ secondReviewsWaiting: n }) => `${counted(n, "public statement awaits", "public statements await", "en")} a second review`,
  },
};

/** Why a rule stands in the way, as a clause without capital or full stop. */
export const explain = (rule: Rule, facts: ReportFacts, by: Actor, language: Language): string => RULE_WORDS[rule][language](facts, by);

/** What to say when a state does not know an event at all. */
export const notOffered = (event: ReportEvent["type"], state: ReportState, language: Language): string =>
  language === "fr"
    ? `« ${EVENT_WORDS[event].act.fr} » n’est pas possible pour un rapport à l’état « ${STATE_WORDS[state].fr} »`
    : `“${EVENT_WORDS[event].act.en}” is not possible for a report in the state “${STATE_WORDS[state].en}”`;
