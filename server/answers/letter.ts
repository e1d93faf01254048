import type { AddresseeContactTable, RecommendationTable } from "../../db/schema.ts";
import type { Observatory } from "../config.ts";
import type { Block, Content, TextDocument } from "../exchange/document.ts";
import { writeDocx } from "../exchange/docx.ts";
import { writeOdt } from "../exchange/odt.ts";
import { writePdf } from "../exchange/pdf.ts";
import { dayOf, longDate } from "../http/formats.ts";
import type { Sent } from "../http/handlers.ts";
import { type Language, translator } from "../http/words.ts";

export const LETTER_FORMATS = ["docx", "odt", "pdf"] as const;
export type LetterFormat = (typeof LETTER_FORMATS)[number];
export const LETTER_KINDS = ["dispatch", "reminder"] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

const MEDIA_TYPES: Record<LetterFormat, string> = {
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  odt: "application/vnd.oasis.opendocument.text",
  pdf: "application/pdf",
};
const WRITERS: Record<LetterFormat, (document: TextDocument) => Promise<Uint8Array>> = { docx: writeDocx, odt: writeOdt, pdf: writePdf };

/** What a letter tells of a recommendation: its own words and dates, nothing of what it rests on. */
export type Told = Pick<RecommendationTable, "reference" | "text" | "deadline" | "answer_due" | "proof_expected" | "issued_at">;
export type LetterGiven = {
  kind: LetterKind | "grouped";
  recommendations: readonly Told[];
  /** Null: nobody is in the directory yet, and the addressee's own name stands in the address. */
  contact: Pick<AddresseeContactTable, "service" | "person" | "postal_address" | "language"> | null;
  addressee: string;
  observatory: Observatory;
  /** Who signs. */
  signatory: string;
  /** The personal link, where the letter is made in the same breath. */
  link: { address: string; expiresOn: string } | null;
  now: string;
};

const paragraph = (content: Content): Block => ({ kind: "paragraph", content });
const definitions = (items: { term: string; detail: string }[]): Block[] => (items.length > 0 ? [{ kind: "definitions", items }] : []);

/** A letter of dispatch or of reminder, or one for several recommendations of the same addressee, by the conventions of French letters. */
export function letterDocument(given: LetterGiven): TextDocument {
  const { kind, recommendations, contact, observatory, link, now } = given;
  const language: Language = contact?.language ?? "fr";
  const t = translator(language);
  const references = recommendations.map(({ reference }) => reference).join(", ");
  const first = recommendations[0]?.reference ?? "";
  const day = (value: string) => longDate(value, language);
  const about = (one: Told): Block[] => {
    const facts = [
      ...(one.issued_at && kind !== "dispatch" ? [{ term: t("answers.letters.issued"), detail: day(dayOf(one.issued_at)) }] : []),
      ...(one.answer_due ? [{ term: t("answers.letters.due"), detail: day(one.answer_due) }] : []),
      ...(one.deadline ? [{ term: t("answers.letters.deadline"), detail: day(one.deadline) }] : []),
      ...(one.proof_expected ? [{ term: t("answers.letters.proof"), detail: one.proof_expected }] : []),
    ];
    return [
      { kind: "callout", title: t("answers.letters.recommendation", { reference: one.reference }), paragraphs: [one.text] },
      ...definitions(facts),
    ];
  };
  return {
    language,
    title: t(`answers.letters.subject.${kind}`, { reference: first }),
    author: observatory.name,
    date: dayOf(now),
    letter: {
      letterhead: [observatory.name, ...observatory.address, ...(observatory.contact ? [observatory.contact] : [])],
      recipient: contact
        ? [contact.service, ...(contact.person ? [contact.person] : []), ...(contact.postal_address ?? "").split("\n").filter(Boolean)]
        : [given.addressee],
      ...(observatory.place && { place: observatory.place }),
      particulars: [{ term: t("answers.letters.references"), detail: references }],
    },
    footer: t("answers.letters.footer", { name: observatory.name, reference: references.length > 60 ? first : references }),
    toc: false,
    blocks: [
      paragraph(t("answers.letters.salutation")),
      paragraph(t(`answers.letters.intro.${kind}`)),
      ...recommendations.flatMap(about),
      { kind: "heading", level: 2, content: t("answers.letters.how") },
      paragraph(t("answers.letters.howText")),
      ...(link
        ? [paragraph(t("answers.letters.howLink", { date: day(link.expiresOn) })), paragraph([{ text: link.address, bold: true }])]
        : [paragraph(t("answers.letters.howLater"))]),
      ...(observatory.contact ? [paragraph(t("answers.letters.ask", { address: observatory.contact }))] : []),
      paragraph(t("answers.letters.closing")),
      { kind: "signature", lines: [t("answers.letters.signatory"), given.signatory] },
    ],
  };
}

/** The letter as a file. */
export async function letterFile(given: LetterGiven, format: LetterFormat): Promise<Sent> {
  const document = letterDocument(given);
  const t = translator(document.language);
  const name = t(`answers.letters.file.${given.kind}`, { reference: given.recommendations[0]?.reference ?? "" });
  return { kind: "file", type: MEDIA_TYPES[format], name: `${name}.${format}`, bytes: await WRITERS[format](document) };
}
