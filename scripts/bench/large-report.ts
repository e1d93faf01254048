import { newId } from "../../db/ids.ts";
import type { Tx } from "../../db/schema.ts";
import type { CodebookDefinition } from "../../server/codebook/definition.ts";
import { readText } from "../../server/documents/read-text.ts";
import { storeDocument } from "../../server/reports/intake.ts";
import { peopleOf } from "../../server/reports/queries.ts";
import type { Actor } from "../../workflows/actor.ts";

const PAGES = 200;
const PARAGRAPHS_A_PAGE = 9;
const PASSAGES = 400;

/** Numbers that look drawn by chance and are the same at each run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The text of a report of 200 pages (some 600,000 characters), in which the words of every factor come back. */
function longText({ factors }: CodebookDefinition): string {
  const roll = dice(7);
  const terms = factors.flatMap(({ labelFr, indicatorTermsFr }) => [labelFr.toLowerCase(), ...indicatorTermsFr]);
  const openings = [
    "Le service a noté",
    "Madame A. avait évoqué",
    "Aucune pièce ne mentionne",
    "Le voisinage rapporte",
    "Un courrier du 3 mars 2021 relate",
  ];
  const ends = [
    "sans suite connue à ce jour",
    "ce que confirme la procédure",
    "selon les proches entendus",
    "avant que l’enquête ne soit close",
  ];
  const sentence = () =>
    `${openings[roll(openings.length)]} ${terms[roll(terms.length)]} et ${terms[roll(terms.length)]}, ${ends[roll(ends.length)]}.`;
  const paragraphs: string[] = [];
  for (let page = 1; page <= PAGES; page++) {
    paragraphs.push(`${page}. Examen des pièces, partie ${page}`);
    for (let at = 0; at < PARAGRAPHS_A_PAGE; at++) paragraphs.push([sentence(), sentence(), sentence()].join(" "));
  }
  return paragraphs.join("\n\n");
}

/** Gives a report a document of 200 pages, every factor a value, and 400 passages in that document. */
export async function fillReport(tx: Tx, reportId: string, definition: CodebookDefinition, by: Actor, now: string): Promise<void> {
  const document = readText(longText(definition));
  const bytes = new TextEncoder().encode(document.text);
  const { id: documentId } = await storeDocument(tx, { reportId, fileName: "deux-cents-pages.txt", bytes, document, by, now });
  const people = await peopleOf(tx, reportId);
  const codings = definition.factors.flatMap((factor) =>
    (factor.appliesTo === "case" ? [null] : people.filter(({ kind }) => kind === factor.appliesTo)).map((person) => ({
      id: newId(),
      report_id: reportId,
      layer: 1 as const,
      codebook_version: definition.version,
      factor: factor.code,
      subject: person?.id ?? "case",
      person_id: person?.id ?? null,
      value: factor.type === "presence" ? "present" : "unknown",
      confidence: "high" as const,
      evidence_basis: "official_record",
      known_when: "service_before",
      note: null,
      reason: null,
      version: 1,
      coded_by: by.id,
      coded_at: now,
    })),
  );
  const points = Array.from(document.text);
  const roll = dice(11);
  const places = new Map<number, number>();
  while (places.size < PASSAGES) {
    const block = document.blocks[roll(document.blocks.length)]!;
    const start = block.start + roll(Math.max(1, block.end - block.start - 60));
    places.set(start, Math.min(block.end, start + 20 + roll(150)));
  }
  const passages = [...places].map(([starts, ends]) => ({
    id: newId(),
    report_id: reportId,
    document_id: documentId,
    starts,
    ends,
    page: null,
    quote: points.slice(starts, ends).join(""),
    created_by: by.id,
    created_at: now,
  }));
  const proven = codings.filter(({ value }) => value === "present");
  const ties = passages.map(({ id }, at) => ({ coding_id: proven[at % proven.length]!.id, passage_id: id }));
  const acts = codings.map(({ factor, subject, value }) => ({
    report_id: reportId,
    layer: 1 as const,
    factor,
    subject,
    by: by.id,
    at: now,
    after: JSON.stringify({ value, version: 1 }),
  }));
  for (const [table, rows] of [
    ["coding", codings],
    ["passage", passages],
    ["coding_passage", ties],
    ["coding_act", acts],
  ] as const)
    for (let at = 0; at < rows.length; at += 100)
      await tx
        .insertInto(table)
        .values(rows.slice(at, at + 100) as never)
        .execute();
}
