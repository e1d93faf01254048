import { newId } from "../../db/ids.ts";
import type { CodingTable, Db, Tx } from "../../db/schema.ts";
import { DEMONSTRATION_ACCOUNTS, DEMONSTRATION_PASSPHRASE } from "../../server/accounts/demonstration.ts";
import { hashPassphrase } from "../../server/accounts/passphrases.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { assignReport, submitLayer } from "../../server/assignments/assign.ts";
import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { type ActContent, stateOf } from "../../server/coding/acts.ts";
import type { ReadDocument } from "../../server/documents/read-document.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { decideFinding, publishFindings, submitFindings } from "../../server/findings/review.ts";
import { type FindingGiven, type RecommendationGiven, saveFinding, saveRecommendation } from "../../server/findings/write.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { type PersonGiven, registerReport, type Sheet, storeDocument } from "../../server/reports/intake.ts";
import { peopleOf } from "../../server/reports/queries.ts";
import type { Actor } from "../../workflows/actor.ts";
import { writeChronology } from "./chronology.ts";
import { type Double, secondReading, settle } from "./two-coders.ts";

export type Place = { starts: number | null; ends: number | null; page: number | null; quote: string };
export type CodingToLoad = {
  factor: string;
  person: { kind: string; number: number } | null;
  value: string; // canonical
  places: Place[];
  knownWhen: string | null;
  evidenceBasis: string | null;
  confidence: CodingTable["confidence"];
  note: string | null;
  reason: string | null;
};
export type FindingToLoad = Omit<FindingGiven, "passages"> & { places: Place[] };
export type RecommendationToLoad = RecommendationGiven;
/** How far a report is brought. "returned": its findings came back from review; "reopened": published once, then opened again. */
export type Stage =
  | "received"
  | "assigned"
  | "half-coded"
  | "coded"
  | "drafted"
  | "analysed"
  | "returned"
  | "published"
  | "reopened"
  | "set_aside";
export type ReportToLoad = {
  sheet: Sheet;
  people: PersonGiven[];
  fileName: string;
  bytes: Uint8Array;
  document: ReadDocument;
  codings: CodingToLoad[];
  findings: FindingToLoad[];
  recommendations: RecommendationToLoad[];
  stage: Stage;
};
type Cast = { depositor: Actor; analysts: Actor[]; reviewer: Actor; coordinator: Actor };

/** The demonstration accounts, all with the one passphrase. @returns the people of the demonstration by role */
export async function createCast(db: Db, now: string): Promise<Cast> {
  const passphraseHash = await hashPassphrase(DEMONSTRATION_PASSPHRASE);
  const actors: Actor[] = [];
  for (const { email, name, roles } of DEMONSTRATION_ACCOUNTS)
    actors.push({ id: await createAccount(db, { email, name, passphraseHash, roles, language: "fr", now }), roles });
  const holding = (role: string) => actors.filter(({ roles }) => roles.some((one) => one === role));
  return {
    depositor: holding("correspondent")[0]!,
    analysts: holding("analyst"),
    reviewer: holding("reviewer")[0]!,
    coordinator: holding("coordinator")[0]!,
  };
}

const DAY = 86_400_000;

/** Writes the codings of a report at once, with the acts and passages that saving them one by one would leave. @returns passages by their words */
async function writeCodings(
  tx: Tx,
  report: { id: string; version: string; documentId: string },
  codings: readonly CodingToLoad[],
  by: Actor,
  now: string,
  layer: 1 | 2 = 1,
): Promise<Map<string, string>> {
  const people = new Map((await peopleOf(tx, report.id)).map(({ id, kind, number }) => [`${kind} ${number}`, id]));
  const passages = new Map<string, string>();
  const passageRows = [];
  const codingRows = [];
  const ties = [];
  for (const coding of codings) {
    const id = newId();
    const person = coding.person ? people.get(`${coding.person.kind} ${coding.person.number}`)! : null;
    codingRows.push({
      id,
      report_id: report.id,
      layer,
      codebook_version: report.version,
      factor: coding.factor,
      subject: person ?? "case",
      person_id: person,
      value: coding.value,
      confidence: coding.confidence,
      evidence_basis: coding.evidenceBasis,
      known_when: coding.knownWhen,
      note: coding.note,
      reason: coding.reason,
      version: 1,
      coded_by: by.id,
      coded_at: now,
    });
    const tied = new Set<string>();
    for (const place of coding.places) {
      const passage = passages.get(place.quote) ?? newId();
      if (!passages.has(place.quote)) {
        passages.set(place.quote, passage);
        passageRows.push({
          id: passage,
          report_id: report.id,
          document_id: report.documentId,
          ...place,
          created_by: by.id,
          created_at: now,
        });
      }
      if (!tied.has(passage)) ties.push({ coding_id: id, passage_id: passage });
      tied.add(passage);
    }
  }
  // As the coding page would have written them: each can be undone.
  const kept = new Map(passageRows.map(({ id, starts, ends, page, quote }) => [id, { id, document: 1, starts, ends, page, quote }]));
  const tiedTo = Map.groupBy(ties, ({ coding_id }) => coding_id);
  const acts = codingRows.map((row) => {
    const attached = (tiedTo.get(row.id) ?? []).map(({ passage_id }) => kept.get(passage_id)!);
    const content: ActContent = {
      ...stateOf({ ...row, origin: null }),
      version: 1,
      before: null,
      ...(attached.length > 0 && { attached }),
    };
    const { factor, subject } = row;
    return { report_id: report.id, layer, factor, subject, by: by.id, at: now, after: JSON.stringify(content) };
  });
  for (const [table, rows] of [
    ["coding", codingRows],
    ["coding_act", acts],
    ["passage", passageRows],
    ["coding_passage", ties],
  ] as const)
    for (let at = 0; at < rows.length; at += 200)
      await tx
        .insertInto(table)
        .values(rows.slice(at, at + 200) as never)
        .execute();
  return passages;
}

/** Brings one report to its stage by the events that lead there. @param until no act is dated after this instant */
async function loadReport(
  tx: Tx,
  definition: CodebookDefinition,
  report: ReportToLoad,
  cast: Cast,
  analyst: Actor,
  until: number,
  double: Double | null,
): Promise<string> {
  const received = Date.parse(`${report.sheet.receivedOn}T08:30:00Z`);
  const after = (days: number) => new Date(Math.min(received + days * DAY, until)).toISOString();
  const id = await registerReport(tx, report.sheet, report.people, cast.depositor, after(0));
  const document = await storeDocument(tx, {
    reportId: id,
    fileName: report.fileName,
    bytes: report.bytes,
    document: report.document,
    by: cast.depositor,
    now: after(0),
  });
  const { stage } = report;
  let version = 1;
  const happens = async (
    event: Parameters<typeof applyEvent>[1]["event"],
    days: number,
    detail: Record<string, string | number> | null = null,
  ) => {
    ({ version } = await applyEvent(tx, { reportId: id, seenVersion: version, event, now: after(days), detail }));
  };
  if (stage === "received") return id;
  if (stage === "set_aside") {
    await happens(
      {
        type: "REPORT_SET_ASIDE",
        by: cast.coordinator,
        reason: "Hors champ : les faits n’opposent pas des partenaires ou anciens partenaires.",
      },
      3,
      { kind: "out_of_scope" },
    );
    return id;
  }
  const given = {
    analyst: analyst.id,
    second: double?.second.id ?? null,
    adjudicator: double?.adjudicator.id ?? null,
    priority: "normal" as const,
    due: null,
  };
  version = await assignReport(
    tx,
    { reportId: id, seenVersion: version, by: cast.coordinator, now: after(2) },
    given,
    double ? "draw" : "hand",
  );
  if (stage === "assigned") return id;
  const codings = stage === "half-coded" ? report.codings.slice(0, Math.ceil(report.codings.length / 2)) : report.codings;
  const passages = await writeCodings(tx, { id, version: definition.version, documentId: document.id }, codings, analyst, after(9));
  const told = { id, documentId: document.id, document: report.document, ...report.sheet, codings };
  const entries = await writeChronology(tx, told, analyst.id, after(9));
  if (double) {
    const presence = new Set(definition.factors.filter(({ type }) => type === "presence").map(({ code }) => code));
    const reading = secondReading(id, codings, presence);
    const half = double.until === "open" ? reading.slice(0, Math.ceil(reading.length / 3)) : reading;
    await writeCodings(tx, { id, version: definition.version, documentId: document.id }, half, double.second, after(9), 2);
    if (double.until === "open") return id;
    for (const by of [analyst, double.second]) await submitLayer(tx, { reportId: id, seenVersion: version++, by, now: after(10) });
    if (double.until === "handed-in") return id;
    version = await settle(tx, id, version, double.adjudicator, after(12));
  }
  if (stage === "half-coded") return id;
  if (!double) await happens({ type: "CODING_SUBMITTED", by: analyst }, 10);
  if (stage === "coded") return id;
  const writing = { reportId: id, number: null, seenVersion: null, by: analyst, now: after(14) };
  for (const { places, ...finding } of report.findings)
    await saveFinding(tx, writing, {
      ...finding,
      passages: [...new Set(places.flatMap(({ quote }) => passages.get(quote) ?? []))],
      // Entries found in the very words that the finding rests on.
      entries: entries
        .filter(({ starts, ends }) =>
          places.some((place) => place.starts !== null && place.ends !== null && place.starts < ends && place.ends > starts),
        )
        .map((entry) => entry.id),
    });
  for (const recommendation of report.recommendations) await saveRecommendation(tx, writing, recommendation);
  if (stage === "drafted") return id;
  await submitFindings(tx, { reportId: id, seenVersion: version++, by: analyst, now: after(15) });
  if (stage === "analysed") return id;
  const deciding = (days: number) => ({ reportId: id, seenVersion: version++, by: cast.reviewer, now: after(days) });
  if (stage === "returned") {
    await decideFinding(tx, deciding(20), {
      number: 1,
      decision: "returned",
      category: "evidence",
      comment: "Le passage cité ne dit pas que le service connaissait le fait avant l’acte : préciser la source.",
    });
    await happens({ type: "FINDINGS_RETURNED", by: cast.reviewer, reason: "Un constat est à reprendre, voir le commentaire." }, 20);
    return id;
  }
  for (const number of report.findings.keys())
    await decideFinding(tx, deciding(20), { number: number + 1, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
  await publishFindings(tx, deciding(21), (edition) => `L’édition ${edition} ne la reprend pas.`);
  if (stage === "reopened") {
    await happens(
      { type: "REPORT_REOPENED", by: cast.coordinator, reason: "Décision de justice : l’arrêt définitif a été communiqué." },
      90,
      { kind: "judgment" },
    );
    await tx.updateTable("finding").set({ status: "draft" }).where("report_id", "=", id).execute();
  }
  return id;
}

/** Which reports two analysts code: one half coded, one that waits to be settled, and one published report in five. */
const doubled = (stage: Stage, count: number): Double["until"] | null => {
  if (stage === "half-coded") return count === 1 ? "open" : null;
  if (stage === "coded") return count === 1 ? "handed-in" : null;
  return stage === "published" && count % 5 === 0 ? "settled" : null;
};

/** Loads reports in the order of their receipt, so that receipt numbers follow it; all or nothing. */
export async function loadReports(
  db: Db,
  definition: CodebookDefinition,
  reports: readonly ReportToLoad[],
  cast: Cast,
  now: Date,
): Promise<void> {
  const ordered = [...reports].sort((a, b) => (a.sheet.receivedOn < b.sheet.receivedOn ? -1 : 1));
  await db.transaction().execute(async (tx) => {
    const met = new Map<Stage, number>();
    for (const [at, report] of ordered.entries()) {
      const count = (met.get(report.stage) ?? 0) + 1;
      met.set(report.stage, count);
      const [analyst, second, adjudicator] = [0, 1, 2].map((shift) => cast.analysts[(at + shift) % cast.analysts.length]!);
      const until = doubled(report.stage, count);
      const double = until && cast.analysts.length > 2 ? { second: second!, adjudicator: adjudicator!, until } : null;
      await loadReport(tx, definition, report, cast, analyst!, now.getTime(), double);
    }
  });
}
