import { newId } from "../../db/ids.ts";
import type { AddresseeContactTable, MailKind, RecommendationTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import type { Config } from "../config.ts";
import { dayOf, longDate } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { contactLine } from "./contacts.ts";

/** The address that a personal link is opened at, in the language of whoever receives it. */
export const linkAddress = ({ publicUrl }: Pick<Config, "publicUrl">, secret: string, language: Language): string =>
  `${publicUrl}/reponse/${secret}${language === "en" ? "?langue=en" : ""}`;

type Given = {
  kind: MailKind;
  recommendation: Pick<RecommendationTable, "id" | "reference" | "answer_due">;
  contact: Pick<AddresseeContactTable, "id" | "service" | "person" | "email" | "language">;
  /** The link that the mail carries. */
  link: { id: string; secret: string; expiresOn: string } | null;
  /** For an acknowledgement: the day on which the answer came. */
  answeredOn?: string;
  by: Actor;
  now: string;
};

/** Subject and text of a mail: a reference, dates and a link. The words of the recommendation stay behind the link. */
function wordsOf(config: Pick<Config, "publicUrl" | "observatory">, { kind, recommendation, contact, link, answeredOn }: Given) {
  const { language } = contact;
  const t = translator(language);
  const { name, contact: ask } = config.observatory;
  const reference = recommendation.reference;
  const due = recommendation.answer_due;
  return {
    subject: t(`answers.mail.${kind}.subject`, { reference }),
    text: [
      t("answers.mail.salutation"),
      kind === "acknowledgement"
        ? t("answers.mail.acknowledgement.text", { reference, date: longDate(answeredOn!, language) })
        : t(`answers.mail.${kind}.text`, { reference, name }),
      ...(kind !== "acknowledgement" && due ? [t("answers.mail.due", { date: longDate(due, language) })] : []),
      ...(link
        ? [
            `${t("answers.mail.link", { date: longDate(link.expiresOn, language) })}\n${linkAddress(config, link.secret, language)}`,
            t("answers.mail.care"),
          ]
        : []),
      ...(ask ? [t("answers.mail.ask", { address: ask })] : []),
      name,
    ].join("\n\n"),
  };
}

/**
 * Queues a mail with the act that asks for it; it leaves after the commit. Nothing where no mail server is set, or the contact has no address.
 * @returns whether a mail will leave
 */
export async function queueMail(tx: Tx, config: Pick<Config, "publicUrl" | "observatory" | "mail">, given: Given): Promise<boolean> {
  const { kind, recommendation, contact, link, by, now } = given;
  if (!config.mail || !contact.email) return false;
  await tx
    .insertInto("mail_message")
    .values({
      id: newId(),
      kind,
      recommendation_id: recommendation.id,
      contact_id: contact.id,
      link_id: link?.id ?? null,
      language: contact.language,
      to_address: contact.email,
      recipient: contactLine(contact),
      ...wordsOf(config, given),
      created_by: by.id,
      created_at: now,
      state: "queued",
      next_attempt_at: now,
    })
    .execute();
  return true;
}

/**
 * Queues the acknowledgement of an answer to whoever gave it through a link, if they have an address.
 * @param answer its link and the instant at which it came
 * @returns whether a mail will leave
 */
export async function queueAcknowledgement(
  tx: Tx,
  config: Pick<Config, "publicUrl" | "observatory" | "mail">,
  recommendation: Pick<RecommendationTable, "id" | "reference" | "answer_due">,
  answer: { link_id: string | null; received_at: string },
  { by, now }: { by: Actor; now: string },
): Promise<boolean> {
  if (!answer.link_id) return false;
  const contact = await tx
    .selectFrom("addressee_contact")
    .innerJoin("answer_link", "answer_link.contact_id", "addressee_contact.id")
    .selectAll("addressee_contact")
    .where("answer_link.id", "=", answer.link_id)
    .where("addressee_contact.closed_at", "is", null)
    .executeTakeFirst();
  if (!contact) return false;
  return queueMail(tx, config, {
    kind: "acknowledgement",
    recommendation,
    contact,
    link: null,
    answeredOn: dayOf(answer.received_at),
    by,
    now,
  });
}
