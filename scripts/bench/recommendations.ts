import { newId } from "../../db/ids.ts";
import type { Schema, Tx } from "../../db/schema.ts";
import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { searchedText } from "../../server/follow-up/searched.ts";
import { registerReport } from "../../server/reports/intake.ts";
import { COURTS, DEPARTMENTS } from "../../server/reports/places.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { RecommendationState } from "../../workflows/recommendation.decide.ts";
import {
  ANSWER_ASSESSMENTS,
  ANSWERS,
  IMPLEMENTATIONS,
  type Implementation,
  type RecommendationEvent,
} from "../../workflows/recommendation.machine.ts";
import { PROPOSALS } from "../demonstration/recommendations.ts";

const DAY = 86_400_000;
/** Recommendations behind one report, and behind one cross-case finding. */
const OF_A_REPORT = 20;
const REPORTS_OF_A_CROSS_FINDING = 6;

/** Numbers that look drawn by chance and are the same at each run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Rows into a table, as many at once as one query may carry. */
async function put(tx: Tx, table: keyof Schema, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const most = Math.max(1, Math.floor(30_000 / Object.keys(rows[0]!).length));
  for (let at = 0; at < rows.length; at += Math.min(most, 1000))
    await tx
      .insertInto(table)
      .values(rows.slice(at, at + Math.min(most, 1000)) as never)
      .execute();
}

const WHERE = [
  "dans chaque ressort",
  "dans les unités territoriales",
  "à l’échelle du département",
  "dans les services d’accueil",
  "partout",
];
const HOW = [
  "selon un protocole écrit et évalué chaque année",
  "avec un référent nommé et connu des partenaires",
  "en rendant compte au comité local d’aide aux victimes",
  "après une formation commune des services",
  "avec un tableau de suivi tenu à jour",
];

/**
 * A register of as many recommendations as asked for, in every state, with the findings, dispatches, reminders, answers, assessments, ties
 * and history that lead there: for measurements and for tests of large registers. Fictional, and the same at each run.
 * @param now the instant that the youngest of them are near to
 */
export async function fillRegister(
  tx: Tx,
  count: number,
  { by, definition, now }: { by: Actor; definition: CodebookDefinition; now: string },
): Promise<void> {
  const roll = dice(29);
  const pick = <One>(list: readonly One[]): One => list[roll(list.length)]!;
  const lists = definition.recommendation;
  const proposals = Object.values(PROPOSALS);
  const factors = definition.factors.filter(({ type }) => type === "presence").map(({ code }) => code);
  const addressees = lists.addressees.map(({ code }) => code).filter((code) => code !== "multi");

  const reports: string[] = [];
  const findings: { id: string; report: string }[] = [];
  const findingRows: object[] = [];
  const editions: object[] = [];
  const published: object[] = [];
  for (let n = 0; n < Math.max(1, Math.ceil(count / OF_A_REPORT)); n++) {
    const actDate = new Date(Date.UTC(2014, 0, 1) + ((n * 7919) % 4000) * DAY).toISOString().slice(0, 10);
    const report = await registerReport(
      tx,
      {
        receivedOn: new Date(Date.parse(actDate) + 40 * DAY).toISOString().slice(0, 10),
        issuingKind: "prosecutor",
        issuingService: `Parquet fictif ${n % 160}`,
        court: COURTS[n % COURTS.length]!.srj,
        department: DEPARTMENTS[n % 101]!.code,
        actDate,
        actKind: "homicide",
        proceedings: "judged",
      },
      [
        { kind: "victim", number: 1, sex: "female" },
        { kind: "perpetrator", number: 1, sex: "male" },
      ],
      by,
      now,
    );
    reports.push(report);
    const edition = newId();
    editions.push({
      id: edition,
      report_id: report,
      number: 1,
      published_at: now,
      published_by: by.id,
      superseded_at: null,
      codebook_version: definition.version,
      act_date: actDate,
      act_kind: "homicide",
      department: DEPARTMENTS[n % 101]!.code,
      region: DEPARTMENTS[n % 101]!.region,
      content: JSON.stringify({ findings: [], recommendations: [] }),
      digest: "0".repeat(64),
    });
    for (let number = 1; number <= 3; number++) {
      const id = newId();
      findings.push({ id, report });
      const words = {
        kind: pick(["failing", "missed_signal", "context"]),
        statement: `Constat fictif ${number} : une information connue d’un service n’est pas parvenue à celui qui pouvait agir.`,
        public_statement: "Une information n’est pas parvenue au service qui pouvait agir.",
        service: "Service fictif",
      };
      findingRows.push({
        id,
        report_id: report,
        number,
        ...words,
        known_when: "service_before",
        status: "approved",
        version: 1,
        written_by: by.id,
        written_at: now,
        deleted_at: null,
      });
      published.push({ edition_id: edition, number, ...words, factors: [...new Set([pick(factors), pick(factors)])].join(",") });
    }
  }
  await put(tx, "finding", findingRows);
  await put(tx, "edition", editions);
  await put(tx, "edition_finding", published);

  const crossFindings: string[] = [];
  const crossRows: object[] = [];
  const bases: object[] = [];
  for (let n = 0; n < Math.ceil(count / 100); n++) {
    const id = newId();
    crossFindings.push(id);
    crossRows.push({
      id,
      reference: `CT-2025-${String(n + 1).padStart(4, "0")}`,
      state: "approved",
      version: 3,
      kind: "failing",
      statement: "Constat transversal fictif : dans plusieurs dossiers, le danger n’a pas été évalué au dépôt de la plainte.",
      public_statement: null,
      service: null,
      known_when: null,
      written_by: by.id,
      written_at: now,
      submitted_at: now,
      approved_at: now,
      standing_text: 1,
      evidence_changed_at: null,
    });
    const factor = pick(factors);
    for (const report of new Set(Array.from({ length: REPORTS_OF_A_CROSS_FINDING }, () => pick(reports))))
      bases.push({ cross_finding_id: id, report_id: report, factor, edition: 1, value: "present", known_when: "service_before" });
  }
  await put(tx, "cross_finding", crossRows);
  await put(tx, "cross_finding_basis", bases);

  const rows: Record<
    | "recommendation"
    | "recommendation_finding"
    | "recommendation_cross_finding"
    | "recommendation_addressee"
    | "recommendation_tie"
    | "recommendation_event"
    | "recommendation_dispatch"
    | "recommendation_answer"
    | "recommendation_assessment",
    object[]
  > = {
    recommendation: [],
    recommendation_finding: [],
    recommendation_cross_finding: [],
    recommendation_addressee: [],
    recommendation_tie: [],
    recommendation_event: [],
    recommendation_dispatch: [],
    recommendation_answer: [],
    recommendation_assessment: [],
  };
  const ids: string[] = [];
  const latest = Date.parse(now);
  for (let n = 0; n < count; n++) {
    const id = newId();
    const approved = latest - (30 + roll(4200)) * DAY;
    const instantAt = (days: number) => new Date(Math.min(latest, approved + days * DAY + roll(8) * 3_600_000)).toISOString();
    const proposal = proposals[n % proposals.length]!;
    const fromCross = n % 10 === 0;
    const finding = findings[Math.floor(n / OF_A_REPORT) * 3 + (n % 3)] ?? findings[0]!;
    const state = pick<RecommendationState>(["approved", "issued", "issued", "answered", "assessed", "assessed", "closed", "withdrawn"]);
    const followed = state !== "approved" && state !== "withdrawn";
    const answered = state === "answered" || state === "closed" || (state === "assessed" && n % 3 !== 0);
    const judged = state === "assessed" || state === "closed";
    const assessment = judged ? (answered ? ANSWER_ASSESSMENTS[roll(3)]! : "no_answer") : null;
    const implementation: Implementation | null = state === "closed" ? pick(IMPLEMENTATIONS.filter((one) => one !== "in_progress")) : null;
    const [issuedAt, receivedAt, answeredAt, assessedAt, closedAt] = [60, 64, 60 + 20 + roll(150), 300, 420].map(instantAt) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const dayAfter = (days: number) => new Date(approved + days * DAY).toISOString().slice(0, 10);
    const lead = pick(addressees);
    let version = 1;
    const happened = (type: RecommendationEvent["type"], to: RecommendationState, at: string, reason: string | null = null) => {
      const from = version === 1 ? null : (rows.recommendation_event.at(-1) as { to_state: RecommendationState }).to_state;
      rows.recommendation_event.push({
        recommendation_id: id,
        version: version++,
        type,
        from_state: from,
        to_state: to,
        by: by.id,
        link_id: null,
        at,
        reason,
        detail: null,
      });
    };
    happened("RECOMMENDATION_WRITTEN", "draft", instantAt(-20));
    happened("RECOMMENDATION_APPROVED", "approved", instantAt(0));
    if (state === "withdrawn")
      happened("RECOMMENDATION_WITHDRAWN", "withdrawn", instantAt(90), "Reprise dans une recommandation nationale.");
    if (followed) {
      happened("RECOMMENDATION_ISSUED", "issued", issuedAt);
      happened("RECEIPT_RECORDED", "issued", receivedAt);
      const sent = (kind: "dispatch" | "reminder" | "receipt", on_date: string, at: string) =>
        rows.recommendation_dispatch.push({
          id: newId(),
          recommendation_id: id,
          kind,
          on_date,
          channel: "registered_letter",
          contact_id: null,
          recipient: `Direction fictive ${n % 40}`,
          proof_reference: `RAR ${1_000_000 + n}`,
          file_name: null,
          media_type: null,
          bytes: null,
          digest: null,
          by: by.id,
          link_id: null,
          at,
        });
      sent("dispatch", dayAfter(60), issuedAt);
      sent("receipt", dayAfter(64), receivedAt);
      for (let reminder = 0; reminder < n % 3; reminder++) {
        const at = instantAt(130 + 30 * reminder);
        happened("REMINDER_SENT", "issued", at);
        sent("reminder", dayAfter(130 + 30 * reminder), at);
      }
    }
    if (answered) {
      happened("ANSWER_RECEIVED", "answered", answeredAt);
      rows.recommendation_answer.push({
        id: newId(),
        recommendation_id: id,
        number: 1,
        said: pick(ANSWERS),
        text: `Réponse fictive : la mesure est examinée ${pick(WHERE)}, ${pick(HOW)}.`,
        answered_on: answeredAt.slice(0, 10),
        planned_for: n % 2 ? dayAfter(700) : null,
        respondent: `Bureau fictif ${n % 90}`,
        received_at: answeredAt,
        by: by.id,
        link_id: null,
        nonce: null,
      });
    }
    const found = (kind: "answer" | "implementation", value: string, comment: string, at: string) =>
      rows.recommendation_assessment.push({
        recommendation_id: id,
        kind,
        answer_id: null,
        value,
        comment,
        on_date: at.slice(0, 10),
        by: by.id,
        at,
      });
    if (assessment !== null) {
      const comment = "Appréciation fictive : les suites annoncées répondent pour partie à ce qui est demandé.";
      happened(answered ? "ANSWER_ASSESSED" : "NO_ANSWER_FOUND", "assessed", assessedAt, comment);
      found("answer", assessment, comment, assessedAt);
    }
    if (implementation !== null) {
      const comment = "Mise en œuvre constatée sur pièces.";
      happened("IMPLEMENTATION_ASSESSED", "assessed", closedAt, comment);
      found("implementation", implementation, comment, closedAt);
      happened("RECOMMENDATION_CLOSED", "closed", closedAt, "Suivi terminé.");
    }
    const reference = `REC-2025-${String(n + 1).padStart(5, "0")}`;
    const text = `${proposal.text} Le faire ${pick(WHERE)}, ${pick(HOW)} (dossier fictif ${n + 1}).`;
    const report_id = fromCross ? null : finding.report;
    rows.recommendation.push({
      id,
      reference,
      report_id,
      number: fromCross ? null : n + 1,
      text,
      folded: searchedText(reference, report_id, text),
      addressee: lead,
      level: proposal.level,
      theme: pick(lists.themes).code,
      type: pick(lists.types).code,
      origin: n % 4 === 0 ? "report" : "observatory",
      deadline: followed ? dayAfter(425) : null,
      proof_expected: n % 5 === 0 ? "Le texte du protocole signé." : null,
      state,
      version: version - 1,
      written_by: by.id,
      written_at: instantAt(-20),
      approved_at: instantAt(0),
      issued_at: followed ? issuedAt : null,
      answer_due: followed ? dayAfter(120) : null,
      received_at: followed ? receivedAt : null,
      answered_at: answered ? answeredAt : null,
      assessed_at: judged ? assessedAt : null,
      closed_at: state === "closed" ? closedAt : null,
      assessment,
      implementation,
      evidence_question_at: n % 97 === 0 && state !== "withdrawn" ? now : null,
      deleted_at: null,
    });
    if (fromCross)
      rows.recommendation_cross_finding.push({ recommendation_id: id, cross_finding_id: crossFindings[n % crossFindings.length]! });
    else rows.recommendation_finding.push({ recommendation_id: id, finding_id: finding.id });
    for (const addressee of new Set(Array.from({ length: n % 3 }, () => pick(addressees))))
      if (addressee !== lead) rows.recommendation_addressee.push({ recommendation_id: id, addressee });
    // Towards an earlier one each time: never in a ring.
    if (n > 0 && n % 7 === 0)
      rows.recommendation_tie.push({
        recommendation_id: id,
        kind: n % 2 ? "same_as" : "part_of",
        target_id: ids[roll(ids.length)]!,
        by: by.id,
        at: now,
      });
    ids.push(id);
  }
  for (const [table, some] of Object.entries(rows)) await put(tx, table as keyof typeof rows, some);
}
