import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Database } from "../../db/database.ts";
import { newId } from "../../db/ids.ts";
import type { PersonTable } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { codebookVersion } from "../codebook/store.ts";
import { locateQuote } from "../documents/quotes.ts";
import { type ReadDocument, readDocument } from "../documents/read-document.ts";
import { Invalid } from "../http/errors.ts";
import { applyEvent } from "../reports/apply-event.ts";
import { registerReport, storeDocument } from "../reports/intake.ts";
import { COURTS, findDepartment } from "../reports/places.ts";
import { peopleOf } from "../reports/queries.ts";
import { attachPassage, saveValue } from "./save-value.ts";

const quotes = z
  .array(z.object({ text: z.string(), page: z.number().int().optional() }))
  .optional()
  .default([]);
const scalar = z.union([z.string(), z.number()]);
/** A reference coding: what a good analyst gives for one document. Unknown keys are other tools' business. */
const goldFile = z.object({
  document: z.object({ file: z.string(), text_layer: z.boolean().optional() }),
  factors: z.array(
    z.object({
      code: z.string(),
      value: z.union([scalar, z.array(scalar)]),
      /** Which person of the factor's kind, from 1. */
      person: z.number().int().min(1).max(20).optional(),
      quotes,
      known_when: z.string().optional(),
      evidence_basis: z.string().optional(),
      confidence: z.string().optional(),
      note: z.string().optional(),
    }),
  ),
  findings: z.array(z.object({ quotes })).optional().default([]),
  recommendations: z.array(z.object({ quotes })).optional().default([]),
});
export type Gold = z.output<typeof goldFile>;

export type Missed =
  | { document: string; factor: string | null; quote: string }
  | { document: string; factor: string | null; reason: string };
export type GoldResult = {
  documents: number;
  values: number;
  valuesStored: number;
  quotes: number;
  quotesLocated: number;
  /** Quotes of documents without text, kept as passages of their page; not among `quotes`. */
  quotesOnScans: number;
  missed: Missed[];
};

const KINDS = ["victim", "perpetrator", "child"] as const;

/** The people a coding speaks of: at least one victim and one perpetrator, and as many of each as it names. */
const peopleFor = (gold: Gold, kindOf: (code: string) => string | undefined): Pick<PersonTable, "kind" | "number" | "sex">[] =>
  KINDS.flatMap((kind) => {
    const named = gold.factors.filter(({ code }) => kindOf(code) === kind).map(({ person }) => person ?? 1);
    const count = Math.max(kind === "child" ? 0 : 1, ...named);
    return Array.from({ length: count }, (_, at) => ({ kind, number: at + 1, sex: "unknown" as const }));
  });

const singleValue = (gold: Gold, code: string): string | null => {
  const value = gold.factors.find((factor) => factor.code === code)?.value;
  return value === undefined || Array.isArray(value) ? null : String(value);
};

/**
 * Puts one reference coding through the functions of the pages: registers a report, stores its document, saves each value, attaches each
 * quote where it stands. What cannot be stored or found is added to `result.missed`; the rest goes on.
 */
async function replay(
  database: Database,
  { gold, bytes, document }: { gold: Gold; bytes: Uint8Array; document: ReadDocument },
  people: { analyst: Actor; coordinator: Actor },
  result: GoldResult,
  now: string,
): Promise<void> {
  const { analyst, coordinator } = people;
  const { file } = gold.document;
  const actDate = /^\d{4}-\d\d-\d\d$/.exec(singleValue(gold, "act_date") ?? "")?.[0] ?? now.slice(0, 10);
  const department = singleValue(gold, "department_code") ?? "";
  const { definition, reportId, documentNumber } = await database.db.transaction().execute(async (tx) => {
    const { version } = await tx
      .selectFrom("codebook_version")
      .select("version")
      .orderBy("published_at", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const codebook = await codebookVersion(tx, version);
    const kindOf = (code: string) => codebook.factors.find((factor) => factor.code === code)?.appliesTo;
    const id = await registerReport(
      tx,
      {
        receivedOn: now.slice(0, 10),
        issuingKind: "prosecutor",
        issuingService: "Jeu de référence",
        court: COURTS[0]!.srj,
        department: findDepartment(department)?.code ?? "75",
        actDate,
        actKind: "homicide",
        proceedings: "unknown",
      },
      peopleFor(gold, kindOf),
      coordinator,
      now,
    );
    const { number } = await storeDocument(tx, { reportId: id, fileName: file, bytes, document, by: coordinator, now });
    await applyEvent(tx, { reportId: id, seenVersion: 1, event: { type: "REPORT_ASSIGNED", by: coordinator }, now });
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
    return { definition: codebook, reportId: id, documentNumber: number };
  });
  const persons = await peopleOf(database.db, reportId);

  const located = (quote: { text: string; page?: number | undefined }) => locateQuote(document, quote.text, quote.page);
  const because = (error: unknown): string => {
    if (error instanceof Invalid)
      return Object.entries(error.fields)
        .map(([field, message]) => `${field}: ${typeof message === "string" ? message : message.key}`)
        .join(", ");
    throw error;
  };

  for (const { code, value, person = 1, quotes: given, known_when, evidence_basis, confidence, note } of gold.factors) {
    const factor = definition.factors.find((one) => one.code === code);
    const subject =
      factor && factor.appliesTo !== "case"
        ? (persons.find(({ kind, number }) => kind === factor.appliesTo && number === person)?.id ?? "case")
        : "case";
    result.values++;
    try {
      await database.db.transaction().execute((tx) =>
        saveValue(
          tx,
          reportId,
          {
            factor: code,
            subject,
            value: Array.isArray(value) ? value.map(String) : value,
            confidence: confidence ?? null,
            evidenceBasis: evidence_basis ?? null,
            knownWhen: known_when ?? null,
            note: note ?? null,
            seenVersion: 0,
          },
          analyst,
          now,
        ),
      );
      result.valuesStored++;
    } catch (error) {
      result.missed.push({ document: file, factor: code, reason: because(error) });
      for (const quote of given) count(quote, false, code);
      continue;
    }
    for (const quote of given) {
      const place = document.hasText ? located(quote) : null;
      if (document.hasText && !place) {
        count(quote, false, code);
        continue;
      }
      try {
        await database.db.transaction().execute((tx) =>
          attachPassage(
            tx,
            reportId,
            {
              factor: code,
              subject,
              passage: place
                ? { document: documentNumber, start: place.start, end: place.end }
                : { document: documentNumber, page: quote.page ?? 1, quote: quote.text },
            },
            analyst,
            now,
          ),
        );
        count(quote, true, code);
      } catch (error) {
        count(quote, false, code);
        result.missed.push({ document: file, factor: code, reason: because(error) });
      }
    }
  }
  for (const { quotes: given } of [...gold.findings, ...gold.recommendations])
    for (const quote of given) count(quote, !document.hasText || located(quote) !== null, null);

  function count(quote: { text: string }, found: boolean, factor: string | null) {
    if (document.hasText) {
      result.quotes++;
      if (found) result.quotesLocated++;
    } else if (found) result.quotesOnScans++;
    if (!found) result.missed.push({ document: file, factor, quote: quote.text });
  }
}

/**
 * The reference codings of a folder (`gold/*.yaml`, each naming a file of the folder) with their documents, in the order of their names. A
 * coding of another form, or a document that cannot be read, is given with the reason.
 */
export async function* readGold(
  folder: string,
): AsyncGenerator<
  { kind: "read"; gold: Gold; bytes: Uint8Array; document: ReadDocument } | { kind: "refused"; document: string; reason: string }
> {
  const files = readdirSync(join(folder, "gold"))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  for (const name of files) {
    const parsed = goldFile.safeParse(parse(readFileSync(join(folder, "gold", name), "utf8")));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      yield { kind: "refused", document: name, reason: `${issue?.path.join(".")}: ${issue?.code}` };
      continue;
    }
    const { file } = parsed.data.document;
    const bytes = new Uint8Array(readFileSync(join(folder, file)));
    const reading = await readDocument(bytes, file);
    if (reading.kind === "refused") yield { kind: "refused", document: file, reason: reading.reason };
    else yield { kind: "read", gold: parsed.data, bytes, document: reading.document };
  }
}

/**
 * Replays every reference coding of a folder (`gold/*.yaml`, each naming a file of the folder) on an empty, prepared database.
 * @returns what was stored and located, and what was missed; a file that cannot be read counts as missed
 */
export async function replayGold(
  folder: string,
  database: Database,
  people: { analyst: Actor; coordinator: Actor },
  now: string,
): Promise<GoldResult> {
  const result: GoldResult = { documents: 0, values: 0, valuesStored: 0, quotes: 0, quotesLocated: 0, quotesOnScans: 0, missed: [] };
  for await (const read of readGold(folder)) {
    if (read.kind === "refused") {
      result.missed.push({ document: read.document, factor: null, reason: read.reason });
      continue;
    }
    const { gold, bytes, document } = read;
    result.documents++;
    await replay(database, { gold, bytes, document }, people, result, now);
  }
  return result;
}
