import { Router } from "express";
import { z } from "zod";
import { newId } from "../../db/ids.ts";
import type { AddresseeContactTable, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import type { RecommendationState } from "../../workflows/recommendation.decide.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { actOnRecommendation, findRecommendation } from "../follow-up/act.ts";
import { contactLine, contactsFor, findContact } from "../follow-up/contacts.ts";
import { dayAfter, LONGEST_LINK_DAYS, linkBehind, linkState, linksOf, makeLink, revokeLink, usualExpiry } from "../follow-up/links.ts";
import { linkAddress, queueMail } from "../follow-up/mail.ts";
import type { Context } from "../http/context.ts";
import { Invalid, NotFound, Refusal } from "../http/errors.ts";
import { choice, date, optional, type Problems, required, seenVersion, type Typed, text } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import { type Exchange, handlers, type Outcome, type Sent } from "../http/handlers.ts";
import { pageNumber } from "../http/pagination.ts";
import type { View } from "../http/views.ts";
import { translator } from "../http/words.ts";
import { addContact, type ContactGiven, changeContact, closeContact } from "./contacts.ts";
import { LETTER_FORMATS, type LetterFormat, type LetterKind, letterFile } from "./letter.ts";
import { CONTACT_LANGUAGES, contactPage, contactsPage, linksPage, onceLinkPage, REMINDER_CHANNELS, remindersPage, WAYS } from "./pages.ts";
import { publicAnswerRoutes } from "./public.ts";
import { awaitingAnswer } from "./queries.ts";

const byContact = { contact: z.string().max(60) };
const byReference = { reference: z.string().max(40) };
const contactFields = {
  addressee: z.string().max(60),
  service: required(200),
  person: optional(160),
  email: text(254)
    .transform((typed) => typed.toLowerCase())
    .pipe(
      z.union(
        [z.literal(""), z.string().regex(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/, "answers.contacts.emailInvalid")],
        "answers.contacts.emailInvalid",
      ),
    ),
  postal: optional(600),
  language: choice(CONTACT_LANGUAGES),
};
const newContactForm = z.strictObject(contactFields);
const contactForm = z.strictObject({ ...byContact, ...contactFields });
const closeForm = z.strictObject(byContact);
const linkForm = z.strictObject({
  ...byReference,
  version: seenVersion(),
  contact: z.string().max(60),
  recipient: optional(200),
  until: date(),
  way: choice(WAYS),
});
const oneLinkForm = z.strictObject({ ...byReference, link: z.string().max(60), version: seenVersion() });
const letterQuery = z.object({ ...byReference, contact: z.string().max(60).optional().catch(undefined) });
const linkLetterForm = z
  .strictObject({ ...byReference, secret: z.string().max(200), format: choice(LETTER_FORMATS) })
  .transform((input) => ({ ...input, file: null as Sent | null }));
const reminderForm = z.strictObject({
  ...byReference,
  version: seenVersion(),
  contact: z.string().max(60),
  channel: choice(REMINDER_CHANNELS),
});
const mailForm = z.strictObject({ mail: z.string().max(60) });
const nothing = z.object({});

/** When each letter can leave. */
const LETTERS_IN: Record<"dispatch" | "reminder", readonly RecommendationState[]> = {
  dispatch: ["approved", "issued", "answered", "assessed"],
  reminder: ["issued", "assessed"],
};

type Given = z.output<typeof newContactForm>;
/** @throws Invalid naming the field */
async function contactGiven(tx: Tx, { addressee, service, person, email, postal, language }: Given): Promise<ContactGiven> {
  const { recommendation: lists } = await currentCodebook(tx);
  if (addressee === "multi" || lists.addressees.every(({ code }) => code !== addressee))
    throw new Invalid({ addressee: "http.invalid.choice" });
  return { addressee, service, person, email: email || null, postal_address: postal, language };
}

/** A contact among those of whoever the recommendation is addressed to. @throws Invalid on "contact" */
async function contactOf(tx: Tx, row: RecommendationTable, id: string): Promise<AddresseeContactTable> {
  const found = (await contactsFor(tx, row)).find((one) => one.id === id);
  if (!found) throw new Invalid({ contact: "http.invalid.choice" });
  return found;
}

/** Links of a contact, or of a person named by hand, that could still be answered through: a new one takes their place. */
async function revokeLive(
  tx: Tx,
  row: RecommendationTable,
  { contactId, recipient }: { contactId: string | null; recipient: string },
  { by, now }: Pick<Exchange, "by" | "now">,
): Promise<RecommendationTable> {
  let after = row;
  for (const link of await linksOf(tx, row.id)) {
    const theirs = contactId ? link.contact_id === contactId : link.contact_id === null && link.recipient === recipient;
    if (theirs && ["made", "opened"].includes(linkState(link, now)))
      after = await revokeLink(tx, { reference: row.reference, seenVersion: after.version, by, now }, link.id);
  }
  return after;
}

/** Every URL of this room: whom to write to, personal links and what they open, letters, reminders and mails. */
export function answerRoutes(context: Context): Router {
  const { page, action } = handlers(context);

  const linksAgain = async (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    linksPage(db, await findRecommendation(db, String(typed.reference)), exchange, typed, problems);
  const remindersAgain = (db: Db, typed: Typed, problems: Problems, exchange: Exchange) =>
    remindersPage(db, exchange, { about: String(typed.reference), typed, problems });

  /** Makes the link and hands it over: by mail, or on the page that shows it once. */
  const handOver = async (
    tx: Tx,
    row: RecommendationTable,
    given: { contact: AddresseeContactTable | null; recipient: string; until: string; way: "email" | "self"; seenVersion: number },
    exchange: Exchange,
  ): Promise<Outcome | View> => {
    const { by, now, t, audit } = exchange;
    const { config } = exchange.context;
    const { contact, recipient, until: expiresOn } = given;
    const to = { contactId: contact?.id ?? null, recipient };
    const { secret, link, recommendation } = await makeLink(
      tx,
      { reference: row.reference, seenVersion: given.seenVersion, by, now },
      { ...to, expiresOn },
    );
    audit("answer-link-made", "answer-link", link.id);
    if (given.way === "email" && contact) {
      const carried = { id: link.id, secret, expiresOn };
      if (await queueMail(tx, config, { kind: "dispatch", recommendation, contact, link: carried, by, now }))
        return { to: `/recommandations/${row.reference}/liens`, flash: { tone: "success", text: t("answers.links.sent") } };
    }
    return onceLinkPage(exchange, {
      recipient,
      expiresOn,
      address: linkAddress(config, secret, contact?.language ?? "fr"),
      secret,
      reference: row.reference,
    });
  };

  const letterAbout = async (
    db: Db,
    row: RecommendationTable,
    kind: LetterKind,
    contact: AddresseeContactTable | null,
    link: { address: string; expiresOn: string } | null,
    format: LetterFormat,
    { by, now, language }: Pick<Exchange, "by" | "now" | "language">,
  ): Promise<Sent> => {
    const { recommendation: lists } = await currentCodebook(db);
    return letterFile(
      {
        kind,
        recommendations: [row],
        contact,
        addressee: labelIn(lists.addressees, row.addressee, contact?.language ?? language),
        observatory: context.config.observatory,
        signatory: by.name,
        link,
        now,
      },
      format,
    );
  };

  const router = Router()
    .use(publicAnswerRoutes(context))
    // --- contacts
    .get(
      "/recommandations/destinataires",
      page(nothing, "writeToAddressees", (db, _input, exchange) => contactsPage(db, exchange)),
    )
    .post(
      "/recommandations/destinataires",
      action(newContactForm, "writeToAddressees", {
        run: async (tx, input, { by, now, t, audit }) => {
          const id = await addContact(tx, await contactGiven(tx, input), by, now);
          audit("contact-added", "contact", id);
          return { to: "/recommandations/destinataires", flash: { tone: "success", text: t("answers.contacts.added") } };
        },
        again: (db, typed, problems, exchange) => contactsPage(db, exchange, typed, problems),
      }),
    )
    .get(
      "/recommandations/destinataires/:contact",
      page(z.object(byContact), "writeToAddressees", async (db, { contact }, exchange) =>
        contactPage(db, await findContact(db, contact), exchange),
      ),
    )
    .post(
      "/recommandations/destinataires/:contact",
      action(contactForm, "writeToAddressees", {
        run: async (tx, { contact, ...input }, { by, now, t, audit }) => {
          const id = await changeContact(tx, contact, await contactGiven(tx, input), by, now);
          audit("contact-changed", "contact", id, { before: contact });
          return { to: "/recommandations/destinataires", flash: { tone: "success", text: t("answers.contacts.changed") } };
        },
        again: async (db, typed, problems, exchange) =>
          contactPage(db, await findContact(db, String(typed.contact)), exchange, typed, problems),
      }),
    )
    .post(
      "/recommandations/destinataires/:contact/fermer",
      action(closeForm, "writeToAddressees", {
        run: async (tx, { contact }, { now, t, audit }) => {
          await closeContact(tx, contact, now);
          audit("contact-closed", "contact", contact);
          return { to: "/recommandations/destinataires", flash: { tone: "success", text: t("answers.contacts.closed") } };
        },
        again: (db, _typed, _problems, exchange) => contactsPage(db, exchange),
      }),
    )
    // --- reminders and mails
    .get(
      "/recommandations/relances",
      page(
        z.object({ page: z.string().optional().catch(undefined).transform(pageNumber) }),
        "writeToAddressees",
        (db, { page: number }, exchange) => remindersPage(db, exchange, { page: number }),
      ),
    )
    .post(
      "/recommandations/courriels/:mail/renvoyer",
      action(mailForm, "writeToAddressees", {
        run: async (tx, { mail }, { now, t, audit }) => {
          const { numUpdatedRows } = await tx
            .updateTable("mail_message")
            .set({ state: "queued", attempts: 0, next_attempt_at: now, last_error: null })
            .where("id", "=", mail)
            .where("state", "=", "failed")
            .where("text", "is not", null)
            .executeTakeFirst();
          return settled(numUpdatedRows, "mail-retried", mail, t("answers.reminders.retried"), { t, audit });
        },
        again: (db, _typed, _problems, exchange) => remindersPage(db, exchange),
      }),
    )
    .post(
      "/recommandations/courriels/:mail/abandonner",
      action(mailForm, "writeToAddressees", {
        run: async (tx, { mail }, { t, audit }) => {
          const { numUpdatedRows } = await tx
            .updateTable("mail_message")
            .set({ state: "cancelled", text: null, runner: null, leased_until: null })
            .where("id", "=", mail)
            .where("state", "in", ["queued", "failed"])
            .executeTakeFirst();
          return settled(numUpdatedRows, "mail-given-up", mail, t("answers.reminders.givenUp"), { t, audit });
        },
        again: (db, _typed, _problems, exchange) => remindersPage(db, exchange),
      }),
    )
    .post(
      "/recommandations/:reference/relance",
      action(reminderForm, "writeToAddressees", {
        run: async (tx, { reference, version, contact: id, channel }, exchange) => {
          const { by, now, t, audit } = exchange;
          const { config } = exchange.context;
          const before = await findRecommendation(tx, reference);
          const contact = await contactOf(tx, before, id);
          if (channel === "email" && !(config.mail && contact.email)) throw new Invalid({ channel: "answers.reminders.noAddress" });
          const row = await actOnRecommendation(tx, {
            reference,
            seenVersion: version,
            event: { type: "REMINDER_SENT", by },
            now,
            detail: { on: dayOf(now), channel },
          });
          audit("reminder-sent", "recommendation", reference, { contact: contact.id, channel });
          const to = "/recommandations/relances";
          if (channel === "email") {
            // The earlier secret is known to nobody here: the mail carries a new link, and the earlier ones serve no more.
            const given = { contactId: contact.id, recipient: contactLine(contact) };
            const { version: seen } = await revokeLive(tx, row, given, exchange);
            const expiresOn = usualExpiry(now);
            const made = await makeLink(tx, { reference, seenVersion: seen, by, now }, { ...given, expiresOn });
            const link = { id: made.link.id, secret: made.secret, expiresOn };
            await queueMail(tx, config, { kind: "reminder", recommendation: row, contact, link, by, now });
            audit("answer-link-made", "answer-link", made.link.id);
            return { to, flash: { tone: "success", text: t("answers.reminders.sentMail") } };
          }
          await tx
            .insertInto("recommendation_dispatch")
            .values({
              id: newId(),
              recommendation_id: row.id,
              kind: "reminder",
              on_date: dayOf(now),
              channel,
              contact_id: contact.id,
              recipient: contactLine(contact),
              proof_reference: null,
              file_name: null,
              media_type: null,
              bytes: null,
              digest: null,
              by: by.id,
              link_id: null,
              at: now,
            })
            .execute();
          return { to, flash: { tone: "success", text: t("answers.reminders.recorded") } };
        },
        again: remindersAgain,
      }),
    )
    // --- links
    .get(
      "/recommandations/:reference/liens",
      page(z.object(byReference), "writeToAddressees", async (db, { reference }, exchange) =>
        linksPage(db, await findRecommendation(db, reference), exchange),
      ),
    )
    .post(
      "/recommandations/:reference/liens",
      action(linkForm, "writeToAddressees", {
        run: async (tx, input, exchange) => {
          const today = dayOf(exchange.now);
          if (input.until <= today) throw new Invalid({ until: "answers.links.untilPast" });
          if (input.until > dayAfter(today, LONGEST_LINK_DAYS)) throw new Invalid({ until: "answers.links.untilFar" });
          const row = await findRecommendation(tx, input.reference);
          const contact = input.contact === "" ? null : await contactOf(tx, row, input.contact);
          const recipient = contact ? contactLine(contact) : input.recipient;
          if (!recipient) throw new Invalid({ recipient: "answers.links.recipientNeeded" });
          if (input.way === "email" && !(exchange.context.config.mail && contact?.email))
            throw new Invalid({ way: "answers.links.noAddress" });
          return handOver(tx, row, { contact, recipient, until: input.until, way: input.way, seenVersion: input.version }, exchange);
        },
        again: linksAgain,
      }),
    )
    .post(
      "/recommandations/:reference/liens/:link/revoquer",
      action(oneLinkForm, "writeToAddressees", {
        run: async (tx, { reference, link, version }, { by, now, t, audit }) => {
          await revokeLink(tx, { reference, seenVersion: version, by, now }, link);
          audit("answer-link-revoked", "answer-link", link);
          return { to: `/recommandations/${reference}/liens`, flash: { tone: "success", text: t("answers.links.revoked") } };
        },
        again: linksAgain,
      }),
    )
    .post(
      "/recommandations/:reference/liens/:link/renouveler",
      action(oneLinkForm, "writeToAddressees", {
        run: async (tx, { reference, link: id, version }, exchange) => {
          const { by, now, audit } = exchange;
          const row = await findRecommendation(tx, reference);
          const link = (await linksOf(tx, row.id)).find((one) => one.id === id);
          if (!link) throw new NotFound();
          let seen = version;
          if (["made", "opened"].includes(linkState(link, now))) {
            ({ version: seen } = await revokeLink(tx, { reference, seenVersion: version, by, now }, id));
            audit("answer-link-revoked", "answer-link", id);
          }
          const contacts = await contactsFor(tx, row);
          const contact = contacts.find((one) => one.id === link.contact_id) ?? null;
          const given = {
            contact,
            recipient: contact ? contactLine(contact) : link.recipient,
            until: usualExpiry(now),
            way: "self" as const,
          };
          return handOver(tx, row, { ...given, seenVersion: seen }, exchange);
        },
        again: linksAgain,
      }),
    )
    // --- letters
    .post(
      "/recommandations/:reference/courriers/lien",
      // Not an ability whose forms are kept when a session expires: this one holds a secret.
      action(linkLetterForm, "exportRecommendations", {
        // Written before the transaction: a PDF takes its time, and a transaction must not.
        prepare: async (input, exchange, db) => {
          const row = await findRecommendation(db, input.reference);
          const link = await linkBehind(db, input.secret);
          // Revoked or answered since: the letter would carry a link that opens nothing.
          if (link?.recommendation_id !== row.id || !["made", "opened"].includes(linkState(link, exchange.now))) throw new NotFound();
          const contact = link.contact_id
            ? await db.selectFrom("addressee_contact").selectAll().where("id", "=", link.contact_id).executeTakeFirstOrThrow()
            : null;
          const carried = {
            address: linkAddress(context.config, input.secret, contact?.language ?? "fr"),
            expiresOn: link.expires_at.slice(0, 10),
          };
          input.file = await letterAbout(db, row, "dispatch", contact, carried, input.format, exchange);
        },
        run: async (_tx, { reference, format, file }, { audit }) => {
          if (!file) throw new NotFound();
          audit("letter-made", "recommendation", reference, { kind: "dispatch", format });
          return file;
        },
        again: linksAgain,
      }),
    );
  for (const format of LETTER_FORMATS) {
    for (const [name, kind] of [
      ["adresse", "dispatch"],
      ["relance", "reminder"],
    ] as const)
      router.get(
        `/recommandations/:reference/courriers/${name}.${format}`,
        page(letterQuery, "writeToAddressees", async (db, { reference, contact: wanted }, exchange) => {
          const row = await findRecommendation(db, reference);
          // A letter is signed by the house: none before the approval, none about what was withdrawn, no reminder of what was not sent.
          if (!LETTERS_IN[kind].includes(row.state))
            throw new Refusal(
              (language) => [translator(language)("answers.letters.notNow", { state: RECOMMENDATION_STATE_WORDS[row.state][language] })],
              `/recommandations/${reference}`,
            );
          const contacts = await contactsFor(db, row);
          const contact = wanted ? contacts.find(({ id }) => id === wanted) : (contacts[0] ?? null);
          if (contact === undefined) throw new NotFound();
          exchange.audit("letter-made", "recommendation", reference, { kind, format });
          return letterAbout(db, row, kind, contact, null, format, exchange);
        }),
      );
    router.get(
      `/recommandations/destinataires/:contact/courrier.${format}`,
      page(z.object(byContact), "writeToAddressees", async (db, { contact: id }, exchange) => {
        const contact = await findContact(db, id);
        const recommendations = await awaitingAnswer(db, contact.addressee);
        if (recommendations.length === 0) throw new NotFound();
        exchange.audit("letter-made", "contact", id, { kind: "grouped", format, recommendations: recommendations.length });
        return letterFile(
          {
            kind: "grouped",
            recommendations,
            contact,
            addressee: contact.service,
            observatory: context.config.observatory,
            signatory: exchange.by.name,
            link: null,
            now: exchange.now,
          },
          format,
        );
      }),
    );
  }
  return router;
}

/** What an act on a mail leads to; a mail that left or was given up meanwhile is said to have. */
const settled = (changed: bigint, action: string, mail: string, done: string, { t, audit }: Pick<Exchange, "t" | "audit">): Outcome => {
  const to = "/recommandations/relances";
  if (changed !== 1n) return { to, flash: { tone: "warning", text: t("answers.reminders.gone") } };
  audit(action, "mail", mail);
  return { to, flash: { tone: "success", text: done } };
};
