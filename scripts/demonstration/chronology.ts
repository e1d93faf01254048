import { newId } from "../../db/ids.ts";
import type { ChronologyEntryTable, Tx } from "../../db/schema.ts";
import { readDate } from "../../server/chronology/dates.ts";
import { sliceByCodePoints } from "../../server/documents/quotes.ts";
import type { ReadDocument } from "../../server/documents/read-document.ts";
import type { CodingToLoad } from "./load.ts";

type Dated = Pick<ChronologyEntryTable, "starts_on" | "precision" | "uncertain" | "kind" | "service" | "description"> & {
  starts: number;
  ends: number;
  quote: string;
};

const MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre";
const DATE = new RegExp(String.raw`(?:\b\d{1,2}(?:er)? )?\b(?:${MONTHS}) (?:19|20)\d\d|\b\d{1,2}/\d{1,2}/(?:19|20)\d\d`, "iu");

/** What a dated sentence of a report is about, the first that fits; a sentence that fits none is no entry. */
const ABOUT: readonly [RegExp, ChronologyEntryTable["kind"], string][] = [
  [
    /ordonnance de protection|grave danger|anti-rapprochement|contrôle judiciaire|interdiction (?:de contact|de paraître)/iu,
    "measure",
    "Mesure de protection ou de contrôle.",
  ],
  [/main courante|renseignement judiciaire/iu, "complaint", "Main courante ou renseignement judiciaire."],
  [/plainte/iu, "complaint", "Dépôt d’une plainte."],
  [/signal(?:ement|é)|information préoccupante|3919/iu, "report", "Signalement à un service."],
  [/classement|classée|condamn|jugement|convocation|audience|poursuites/iu, "decision", "Décision ou audience."],
  [
    /intervention|patrouille|appel (?:au|de) (?:17|police)|police secours|contact d’un service|en contact/iu,
    "contact",
    "Contact avec un service.",
  ],
  [/consult|urgences|hospital|médecin|certificat/iu, "contact", "Consultation ou soins."],
  [/rupture|séparation|quitté|divorce/iu, "event", "Séparation du couple."],
];
const SERVICES: readonly [RegExp, string][] = [
  [/brigade|gendarm/iu, "Gendarmerie"],
  [/commissariat|police/iu, "Police nationale"],
  [/juge aux affaires familiales/iu, "Juge aux affaires familiales"],
  [/parquet|procureur|classement/iu, "Parquet"],
  [/urgences|hôpital|hospital/iu, "Hôpital"],
  [/médecin/iu, "Médecin"],
  [/association/iu, "Association d’aide aux victimes"],
];

/** The sentences of a document with their places in code points; initials ("Madame A. a…") end none. */
function* sentencesOf({ text, blocks }: Pick<ReadDocument, "text" | "blocks">): Generator<{ starts: number; ends: number; quote: string }> {
  for (const { start, end } of blocks) {
    const block = sliceByCodePoints(text, start, end);
    let from = 0;
    for (const stop of [...[...block.matchAll(/(?<!\b\p{Lu})[.!?](?=\s+\p{Lu}|\s*$)/gu)].map(({ index }) => index + 1), block.length]) {
      const [raw, at] = [block.slice(from, stop), from];
      from = stop;
      const quote = raw.trim();
      if (quote.length < 20 || quote.length > 500 || quote.includes("\n") || quote.includes("|")) continue;
      const starts = start + [...block.slice(0, at + raw.indexOf(quote))].length;
      yield { starts, ends: starts + [...quote].length, quote };
    }
  }
}

type Told = Pick<CodingToLoad, "factor" | "value" | "places">;
/** What is coded as so many days before the act. */
const COUNTED: Record<string, Pick<Dated, "kind" | "description">> = {
  days_since_separation: { kind: "event", description: "Séparation du couple." },
  days_since_last_contact: { kind: "contact", description: "Dernier contact d’un service." },
};
function* countedIn(codings: readonly Told[], actDate: string): Generator<Dated> {
  for (const { factor, value, places } of codings) {
    const about = COUNTED[factor];
    const [place] = places;
    if (!about || !/^\d+$/.test(value) || !place || place.starts === null || place.ends === null) continue;
    const on = new Date(Date.parse(actDate) - Number(value) * 86_400_000).toISOString().slice(0, 10);
    yield {
      ...about,
      starts: place.starts,
      ends: place.ends,
      quote: place.quote,
      starts_on: on,
      precision: "day",
      uncertain: 1,
      service: null,
    };
  }
}

/** Up to six dated contacts and events of a report, found in its own text and in what is coded of it. */
export function datedIn(
  document: Pick<ReadDocument, "text" | "blocks">,
  { actDate, receivedOn, codings }: { actDate: string; receivedOn: string; codings: readonly Told[] },
): Dated[] {
  const found = new Map<string, Dated>();
  for (const sentence of sentencesOf(document)) {
    const date = readDate(DATE.exec(sentence.quote)?.[0] ?? "");
    if (!date || date.first > receivedOn || (date.first <= actDate && date.last >= actDate)) continue;
    const about = ABOUT.find(([words]) => words.test(sentence.quote));
    if (!about) continue;
    const [, kind, description] = about;
    const key = `${date.first} ${kind}`;
    if (found.has(key)) continue;
    const service = kind === "event" ? null : (SERVICES.find(([words]) => words.test(sentence.quote))?.[1] ?? null);
    const uncertain = /\b(?:vers|environ|courant|aux alentours)\b/iu.test(sentence.quote) ? 1 : 0;
    found.set(key, { ...sentence, starts_on: date.first, precision: date.precision, uncertain, kind, service, description });
  }
  for (const counted of countedIn(codings, actDate)) {
    const known = [...found.values()].some(
      ({ starts_on, starts, ends }) => starts_on === counted.starts_on || (starts < counted.ends && ends > counted.starts),
    );
    if (!known) found.set(`${counted.starts_on} ${counted.kind}`, counted);
  }
  return [...found.values()].sort((a, b) => (a.starts_on < b.starts_on ? -1 : 1)).slice(0, 6);
}

/** Writes the chronology of a report at once, as its analyst would entry by entry. @returns its entries with their places in the text */
export async function writeChronology(
  tx: Tx,
  report: { id: string; documentId: string; document: ReadDocument; actDate: string; receivedOn: string; codings: readonly Told[] },
  by: string,
  now: string,
): Promise<{ id: string; starts: number; ends: number }[]> {
  const dated = datedIn(report.document, report).map((one) => ({ ...one, id: newId(), passage: newId() }));
  if (dated.length === 0) return [];
  await tx
    .insertInto("passage")
    .values(
      dated.map(({ passage, starts, ends, quote }) => ({
        id: passage,
        report_id: report.id,
        document_id: report.documentId,
        starts,
        ends,
        page: report.document.pages.find(({ start, end }) => starts >= start && starts < end)?.number ?? null,
        quote,
        created_by: by,
        created_at: now,
      })),
    )
    .execute();
  await tx
    .insertInto("chronology_entry")
    .values(
      dated.map(({ starts: _, ends: __, quote: ___, passage, ...entry }) => ({
        ...entry,
        report_id: report.id,
        ends_on: null,
        ends_precision: null,
        response: null,
        person_id: null,
        passage_id: passage,
        created_by: by,
        created_at: now,
        updated_by: by,
        updated_at: now,
        deleted_at: null,
      })),
    )
    .execute();
  return dated.map(({ id, starts, ends }) => ({ id, starts, ends }));
}
