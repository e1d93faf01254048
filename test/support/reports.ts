import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { CodingTable, Db, Layer, Tx } from "../../db/schema.ts";
import { createAccount } from "../../server/accounts/queries.ts";
import { codebookVersion } from "../../server/codebook/store.ts";
import { locateQuote } from "../../server/documents/quotes.ts";
import { readText } from "../../server/documents/read-text.ts";
import { PUBLIC_CHECKS } from "../../server/findings/public-checklist.ts";
import { decideFinding, publishFindings, submitFindings } from "../../server/findings/review.ts";
import { saveFinding, saveRecommendation } from "../../server/findings/write.ts";
import { applyEvent } from "../../server/reports/apply-event.ts";
import { registerReport, type Sheet, storeDocument } from "../../server/reports/intake.ts";
import { COURTS } from "../../server/reports/places.ts";
import { peopleOf } from "../../server/reports/queries.ts";
import type { Actor, Role } from "../../workflows/actor.ts";
import type { ReportState } from "../../workflows/report.decide.ts";
import type { ReportEvent } from "../../workflows/report.machine.ts";
import { clock } from "./databases.ts";

export type Cast = { analyst: Actor; reviewer: Actor; coordinator: Actor };
export type BuiltReport = { id: string; version: number; victim: string; perpetrator: string; documentId: string } & Cast;

let count = 0;
/** An account that nobody signs in with: for suites without pages. */
export async function someone(database: Database, ...roles: Role[]): Promise<Actor> {
  const n = ++count;
  const id = await createAccount(database.db, {
    email: `acteur${n}@essai.invalid`,
    name: `Acteur ${n}`,
    passphraseHash: "$argon2id$nobody-signs-in-with-this",
    roles,
    language: "fr",
    now: clock().toISOString(),
  });
  return { id, roles };
}

/** The document of every built report: each value of CODED has its passage in it. */
export const REPORT_TEXT = `Rapport fictif de retour d’expérience

Le 14 mars 2024, les faits ont été commis au domicile de la victime.

Madame A. avait quitté le domicile commun trois semaines plus tôt et l’avait annoncé à ses proches.

Le 2 février 2024, Madame A. a déposé plainte à la brigade. Elle a déclaré : « j’ai peur de ce qu’il peut faire ».

La brigade n’a pas transmis la plainte au parquet avant le 20 février 2024.

Aucune évaluation du danger n’a été conduite à cette occasion.

Les voisins ont été entendus : aucune scène de violence physique n’avait été vue ni entendue.

L’association locale a proposé un accompagnement et un hébergement dans la journée, ce qui doit être relevé.`;

/** One value with its passage, or with the reason that stands for one; sure and from an official record where nothing else is said. */
export type Coded = {
  factor: string;
  value: string;
  quote: string | null;
  knownWhen?: string;
  confidence?: CodingTable["confidence"];
  basis?: string;
  note?: string;
  reason?: string;
};
/** What a built report's analyst found; every other factor is not documented. */
export const CODED: readonly Coded[] = [
  { factor: "act_date", value: "2024-03-14", quote: "Le 14 mars 2024" },
  { factor: "place_of_act", value: "victim_home", quote: "au domicile de la victime" },
  { factor: "separation_announced", value: "present", quote: "l’avait annoncé à ses proches", knownWhen: "entourage_before" },
  { factor: "victim_fear", value: "present", quote: "« j’ai peur de ce qu’il peut faire »", knownWhen: "service_before" },
  { factor: "complaint_filed", value: "present", quote: "Madame A. a déposé plainte à la brigade", knownWhen: "service_before" },
  { factor: "physical_violence", value: "absent", quote: "aucune scène de violence physique n’avait été vue ni entendue" },
  { factor: "danger_evaluation", value: "none", quote: "Aucune évaluation du danger n’a été conduite" },
  { factor: "signal_not_transmitted", value: "present", quote: "n’a pas transmis la plainte au parquet", knownWhen: "service_before" },
  { factor: "risk_assessment_gap", value: "present", quote: "Aucune évaluation du danger n’a été conduite à cette occasion" },
  { factor: "good_practice", value: "present", quote: "un accompagnement et un hébergement dans la journée" },
];

/** One value for each factor and person it applies to on a layer, with its passage where one is given; the rest is not documented. */
export async function codeEverything(
  tx: Tx,
  reportId: string,
  documentId: string,
  by: Actor,
  now: string,
  layer: Layer = 1,
  values: readonly Coded[] = CODED,
): Promise<void> {
  const { codebook_version } = await tx
    .selectFrom("report")
    .select("codebook_version")
    .where("id", "=", reportId)
    .executeTakeFirstOrThrow();
  const { factors } = await codebookVersion(tx, codebook_version);
  const people = await peopleOf(tx, reportId);
  const document = await tx.selectFrom("document").select(["text"]).where("id", "=", documentId).executeTakeFirstOrThrow();
  const found = new Map(values.map((coded) => [coded.factor, coded]));
  const known = await tx.selectFrom("passage").select(["id", "starts", "ends"]).where("document_id", "=", documentId).execute();
  const passages: { coding: string; passage: string; starts: number; ends: number; quote: string; stored: boolean }[] = [];
  const codings = factors.flatMap((factor) => {
    const subjects = factor.appliesTo === "case" ? [null] : people.filter(({ kind }) => kind === factor.appliesTo).map(({ id }) => id);
    return subjects.map((person, at): CodingTable => {
      const id = newId();
      const coded = at === 0 ? found.get(factor.code) : undefined;
      if (coded?.quote) {
        const place = locateQuote({ text: document.text, pages: [] }, coded.quote);
        if (!place) throw new Error(`The built report does not hold « ${coded.quote} »`);
        const { start: starts, end: ends } = place;
        const stored = known.find((one) => one.starts === starts && one.ends === ends);
        passages.push({ coding: id, passage: stored?.id ?? newId(), starts, ends, quote: coded.quote, stored: stored !== undefined });
      }
      return {
        id,
        report_id: reportId,
        layer,
        codebook_version,
        factor: factor.code,
        subject: person ?? "case",
        person_id: person,
        value: coded?.value ?? "unknown",
        confidence: coded ? (coded.confidence ?? "high") : null,
        evidence_basis: coded ? (coded.basis ?? "official_record") : null,
        known_when: coded?.knownWhen ?? null,
        note: coded?.note ?? null,
        reason: coded?.reason ?? null,
        origin: null,
        version: 1,
        coded_by: by.id,
        coded_at: now,
      };
    });
  });
  await tx.insertInto("coding").values(codings).execute();
  await tx
    .insertInto("coding_act")
    .values(
      codings.map((coding) => ({
        report_id: reportId,
        layer,
        factor: coding.factor,
        subject: coding.subject,
        by: by.id,
        at: now,
        after: JSON.stringify({ value: coding.value }),
      })),
    )
    .execute();
  const written = passages.filter(({ stored }) => !stored);
  if (written.length > 0)
    await tx
      .insertInto("passage")
      .values(
        written.map(({ passage, starts, ends, quote }) => ({
          id: passage,
          report_id: reportId,
          document_id: documentId,
          starts,
          ends,
          page: null,
          quote,
          created_by: by.id,
          created_at: now,
        })),
      )
      .execute();
  await tx
    .insertInto("coding_passage")
    .values(passages.map(({ coding, passage }) => ({ coding_id: coding, passage_id: passage })))
    .execute();
}

/** Passages of a factor of a report. */
export const passagesOf = async (db: Db | Tx, reportId: string, factor: string): Promise<string[]> =>
  (
    await db
      .selectFrom("coding_passage")
      .innerJoin("coding", "coding.id", "coding_passage.coding_id")
      .select("passage_id")
      .where("report_id", "=", reportId)
      .where("factor", "=", factor)
      .execute()
  ).map(({ passage_id }) => passage_id);

/** Finding 1, a missed signal with its recommendation, and finding 2, a good practice. */
async function writeFindings(tx: Tx, reportId: string, by: Actor, now: string): Promise<void> {
  const writing = { reportId, number: null, seenVersion: null, by, now };
  await saveFinding(tx, writing, {
    kind: "missed_signal",
    statement: "La plainte déposée à la brigade n’a pas été transmise au parquet pendant dix-huit jours.",
    publicStatement: "Une plainte n’a pas été transmise sans délai au parquet.",
    service: "Brigade de gendarmerie",
    knownWhen: "service_before",
    factors: ["complaint_filed", "signal_not_transmitted"],
    passages: await passagesOf(tx, reportId, "signal_not_transmitted"),
  });
  await saveFinding(tx, writing, {
    kind: "good_practice",
    statement: "L’association a proposé accompagnement et hébergement le jour même.",
    publicStatement: "Une association a proposé un hébergement dans la journée.",
    service: "Association d’aide aux victimes",
    knownWhen: null,
    factors: ["good_practice"],
    passages: await passagesOf(tx, reportId, "good_practice"),
  });
  await saveRecommendation(tx, writing, {
    text: "Transmettre toute plainte pour violences conjugales au parquet dans les vingt-quatre heures.",
    addressee: "gendarmerie",
    level: "national",
    theme: "information_sharing",
    type: "policy_instruction",
    origin: "observatory",
    deadline: "2027-06-30",
    findings: [1],
  });
}

/**
 * A report brought to a state by the events that lead there: registered with a victim, a perpetrator and a text document, assigned, coded
 * whole, and so on. People who are not given are made. Findings 1 (missed signal, with its recommendation) and 2 (good practice) exist
 * from "analysed" on; both are approved in "published".
 */
export async function reportIn(
  database: Database,
  state: ReportState,
  cast: Partial<Cast> = {},
  given: Partial<Sheet> = {},
): Promise<BuiltReport> {
  const analyst = cast.analyst ?? (await someone(database, "analyst"));
  const reviewer = cast.reviewer ?? (await someone(database, "reviewer"));
  const coordinator = cast.coordinator ?? (await someone(database, "coordinator"));
  const now = clock().toISOString();
  const court = COURTS.find(({ name }) => name === "Tribunal judiciaire de Blois")!;
  return database.db.transaction().execute(async (tx) => {
    const id = await registerReport(
      tx,
      {
        receivedOn: "2026-02-02",
        issuingKind: "prosecutor",
        issuingService: "Parquet de Blois",
        court: court.srj,
        department: "41",
        actDate: "2024-03-14",
        actKind: "homicide",
        proceedings: "judicial_investigation",
        ...given,
      },
      [
        { kind: "victim", number: 1, sex: "female" },
        { kind: "perpetrator", number: 1, sex: "male" },
      ],
      coordinator,
      now,
    );
    const [victim, perpetrator] = await peopleOf(tx, id);
    const bytes = new TextEncoder().encode(`${REPORT_TEXT}\n\n${id}`);
    const { id: documentId } = await storeDocument(tx, {
      reportId: id,
      fileName: "rapport.txt",
      bytes,
      document: readText(REPORT_TEXT),
      by: coordinator,
      now,
    });
    let version = 1;
    const built = (): BuiltReport => ({
      id,
      version,
      victim: victim!.id,
      perpetrator: perpetrator!.id,
      documentId,
      analyst,
      reviewer,
      coordinator,
    });
    const step = async (event: ReportEvent) => {
      ({ version } = await applyEvent(tx, { reportId: id, seenVersion: version, event, now }));
    };
    if (state === "received") return built();
    if (state === "set_aside") {
      await step({ type: "REPORT_SET_ASIDE", by: coordinator, reason: "Hors du champ de l’observatoire" });
      return built();
    }
    await step({ type: "REPORT_ASSIGNED", by: coordinator });
    await tx
      .insertInto("assignment")
      .values({
        id: newId(),
        report_id: id,
        analyst_id: analyst.id,
        layer: 1,
        assigned_by: coordinator.id,
        assigned_at: now,
        ended_at: null,
      })
      .execute();
    // The coding says the day of the sheet: a report that contradicts itself would not go to review.
    const coded = CODED.map((one) => (one.factor === "act_date" && given.actDate ? { ...one, value: given.actDate } : one));
    await codeEverything(tx, id, documentId, analyst, now, 1, coded);
    await step({ type: "CODING_SUBMITTED", by: analyst });
    if (state === "coded") return built();
    await writeFindings(tx, id, analyst, now);
    await submitFindings(tx, { reportId: id, seenVersion: version++, by: analyst, now });
    if (state === "analysed") return built();
    for (const number of [1, 2]) {
      const acting = { reportId: id, seenVersion: version++, by: reviewer, now };
      await decideFinding(tx, acting, { number, decision: "approved", comment: "", checklist: PUBLIC_CHECKS });
    }
    await publishFindings(tx, { reportId: id, seenVersion: version++, by: reviewer, now }, (edition) => `Édition ${edition}`);
    return built();
  });
}
