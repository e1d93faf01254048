import type { IsoDate } from "../../db/schema.ts";
import { foldText } from "./fold.ts";

/** The five checks that the codebook names (`wording_checks`), in its order. */
export const WORDING_CHECKS = ["specific", "addressed", "dated", "verifiable", "evidence_linked"] as const;
export type WordingCheck = (typeof WORDING_CHECKS)[number];

/** Why a check fails; words in `recommendations.checks.why.<why>`. */
export type WordingProblem =
  | "tooShort"
  | "noAction"
  | "vagueAction"
  | "noAddressee"
  | "noLead"
  | "noDeadline"
  | "deadlinePast"
  | "noProof"
  | "noFinding";

/** What is looked at. `findings`: how many findings it rests on, of reports or across cases. */
export type Wording = {
  text: string;
  /** A code of the codebook; "multi" names nobody who leads. */
  addressee: string;
  /** Who leads where the addressee is "multi". */
  lead?: string | null;
  deadline: IsoDate | null;
  proof_expected?: string | null;
  findings: number;
};
export type WordingResult = { code: WordingCheck; ok: boolean; why: WordingProblem[] };

const FEWEST_WORDS = 5;
/** Verbs that name a wish and not a deed: nobody can say on what day they were done. */
const VAGUE_FR =
  /^(?:ameliorer|renforcer|favoriser|encourager|promouvoir|optimiser|developper|poursuivre|reflechir|veiller|tendre|sensibiliser|inciter|accompagner|soutenir|penser|essayer|tenter|envisager|faciliter|contribuer|participer|s'efforcer)$/;
const VAGUE_EN =
  /^(?:improve|strengthen|foster|encourage|promote|optimise|optimize|develop|continue|consider|reflect|raise|support|facilitate|try|strive|explore|enhance|contribute)$/;
/** Deeds said by a noun: « Création d'une cellule ». */
const DEED_FR =
  /^(?:creation|mise|transmission|formation|diffusion|designation|organisation|revision|modification|ouverture|publication|signature|evaluation|etude|systematisation|generalisation|interdiction|suppression|attribution|nomination|elaboration|redaction|installation|extension|maintien|remise|verification|consultation|information|integration|inscription)$/;
/** Verbs that begin an English recommendation; any other word is a verb after « must », « should » or « to ». */
const DEED_EN =
  /^(?:send|train|create|set|publish|adopt|amend|appoint|check|record|share|transmit|notify|issue|give|provide|require|review|revise|write|open|keep|extend|install|organise|organize|ensure|remind|inform|assess|equip|fund|sign|draft|hold|meet|ask|offer|include|add|list|study|name|designate|maintain|distribute|circulate)$/;
const INFINITIVE_FR = /^(?:ne|n'|se|s')?\s*(?:pas\s+)?[a-z']{2,}(?:er|ir|re)$/;
/** Words in -er, -ir or -re that begin a sentence without being a verb. */
const NO_VERB = /^(?:hier|premier|dernier|notre|votre|autre|quatre|entre|contre|outre|membre|titre|cadre|ministere|offre|centre|maire)$/;
/** What would show that it was done. */
const PROOF =
  /\b(?:preuves?|attestations?|attester|bilans?|comptes? rendus?|rapports? (?:annuels?|d'activite|d'etape)|indicateurs?|justificatifs?|copie|publie(?:e|s|es)? (?:au|sur)|taux|releves?|tableaux? de bord|proof|evidence|indicator|annual report|record of|copy of)\b/;

/** The deed a text names: a clear one, a vague one, or none. Looked for at its beginning, then after what obliges. */
function deedOf(text: string): "clear" | "vague" | "none" {
  const folded = foldText(text).replace(/[«»"“”]/g, " ");
  const judged = (word: string): "clear" | "vague" | null => {
    if (VAGUE_FR.test(word) || VAGUE_EN.test(word)) return "vague";
    if (DEED_FR.test(word) || DEED_EN.test(word)) return "clear";
    return INFINITIVE_FR.test(word) && !NO_VERB.test(word) ? "clear" : null;
  };
  const verbs = [
    ...folded.matchAll(/(?:^|[.;:!?]\s+)(?:ne pas |il faut |il convient (?:de |d')|il est recommande (?:de |d')|to )?(?:s'|se )?([a-z]+)/g),
    ...folded.matchAll(
      /\b(?:doi(?:t|vent)|devra(?:it|ient)?|devront|faut|convient (?:de|d')|charger? [a-z' ]{2,40}? (?:de|d'))\s*(?:ne pas |s'|se )?([a-z]+)/g,
    ),
    ...folded.matchAll(/\b(?:must|should|shall)\s+(?:not\s+)?([a-z]+)/g),
  ].map(([whole, word]) => (/(?:must|should|shall)\s/.test(whole) && !VAGUE_EN.test(word!) ? "clear" : judged(word!)));
  return verbs.includes("clear") ? "clear" : verbs.includes("vague") ? "vague" : "none";
}

/**
 * Judges the words of a recommendation by the codebook's five checks, each explained where it fails. Heuristics of French and of English: they
 * help whoever writes, and never stand in for a reader.
 * - specific: at least five words, one of which names a deed (an infinitive, a noun of deed, what somebody must do) and not only a wish;
 * - addressed: one addressee, or one who leads where they are several;
 * - dated: a deadline, later than the day of judging;
 * - verifiable: a proof of completion is foreseen, beside the text or in it;
 * - evidence_linked: it rests on a finding.
 * @param today the day it is judged on: of a recommendation already sent, the day it was approved
 */
export function wordingChecks(recommendation: Wording, today: IsoDate): WordingResult[] {
  const { text, addressee, lead, deadline, proof_expected: proof, findings } = recommendation;
  const deed = deedOf(text);
  const words = text.match(/[\p{L}\p{N}’'-]+/gu)?.length ?? 0;
  const problems: Record<WordingCheck, WordingProblem[]> = {
    specific: [
      ...(words < FEWEST_WORDS ? (["tooShort"] as const) : []),
      ...(deed === "none" ? (["noAction"] as const) : deed === "vague" ? (["vagueAction"] as const) : []),
    ],
    addressed: addressee === "" ? ["noAddressee"] : addressee === "multi" && !lead ? ["noLead"] : [],
    dated: deadline === null ? ["noDeadline"] : deadline < today ? ["deadlinePast"] : [],
    verifiable: proof?.trim() || PROOF.test(foldText(text)) ? [] : ["noProof"],
    evidence_linked: findings > 0 ? [] : ["noFinding"],
  };
  return WORDING_CHECKS.map((code) => ({ code, ok: problems[code].length === 0, why: problems[code] }));
}
