import type { AddresseeContactTable, Db, RecommendationTable } from "../../db/schema.ts";
import { recommendationOffers } from "../../workflows/recommendation.decide.ts";
import { RECOMMENDATION_EVENT_WORDS, RECOMMENDATION_RULE_WORDS } from "../../workflows/recommendation.words.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { notOfferedWords } from "../follow-up/act.ts";
import { LINK_TONES } from "../follow-up/answers-panel.ts";
import { contactLine, contactsFor, lastContacts, listContacts } from "../follow-up/contacts.ts";
import { recommendationFactsOf } from "../follow-up/facts.ts";
import { dayAfter, LONGEST_LINK_DAYS, linkState, linksOf, usualExpiry } from "../follow-up/links.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, integer, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Pagination, paginate } from "../http/pagination.ts";
import { template, type View } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { LETTER_FORMATS } from "./letter.ts";
import { MAIL_ERRORS, type MailError } from "./outbox.ts";
import { byAddressee, countAwaiting, listMails, listOverdue, OVERDUE_PER_PAGE } from "./queries.ts";

type Choice = { value: string; label: string };
type Tabs = ReturnType<typeof followUpTabs>;
type File = { href: string; label: string };
type Errors = { href: string; text: string }[];

// --- contacts ---------------------------------------------------------------------------------------------------------------------
export const CONTACT_LANGUAGES = ["fr", "en"] as const;
type ContactForm = {
  addressee: Field;
  addressees: Choice[];
  service: Field;
  person: Field;
  email: Field;
  postal: Field;
  language: Field;
  languages: Choice[];
};
const contactForm = async (
  db: Db,
  typed: Typed | null,
  problems: Problems,
  stored: AddresseeContactTable | null,
  { t, language }: { t: T; language: Language },
): Promise<ContactForm> => {
  const { recommendation: lists } = await currentCodebook(db);
  const { compare } = new Intl.Collator(language);
  return {
    addressee: field("addressee", typed, problems, stored?.addressee),
    addressees: lists.addressees
      .filter(({ code }) => code !== "multi")
      .map(({ code }) => ({ value: code, label: labelIn(lists.addressees, code, language) }))
      .sort((a, b) => compare(a.label, b.label)),
    service: field("service", typed, problems, stored?.service),
    person: field("person", typed, problems, stored?.person),
    email: field("email", typed, problems, stored?.email),
    postal: field("postal", typed, problems, stored?.postal_address),
    language: field("language", typed, problems, stored?.language ?? "fr"),
    languages: CONTACT_LANGUAGES.map((code) => ({ value: code, label: t(`answers.contacts.languages.${code}`) })),
  };
};

const contactsTemplate = template<{
  title: string;
  tabs: Tabs;
  groups: {
    addressee: string;
    waiting: string;
    contacts: { service: string; person: string | null; email: string | null; postal: string[]; edit: string; letters: File[] | null }[];
  }[];
  form: ContactForm;
  opened: boolean;
  errors: Errors;
}>("answers/contacts");

/** Whom to write to, addressee by addressee, and the form for one more. */
export async function contactsPage(db: Db, exchange: Exchange, typed: Typed | null = null, problems: Problems = {}): Promise<View> {
  const { t, language, by } = exchange;
  const { recommendation: lists } = await currentCodebook(db);
  const awaiting = await countAwaiting(db);
  const { compare } = new Intl.Collator(language);
  const contacts = byAddressee(await listContacts(db));
  return contactsTemplate(t("answers.contacts.title"), {
    title: t("answers.contacts.title"),
    tabs: followUpTabs("contacts", by, t),
    groups: [...contacts]
      .map(([code, own]) => {
        const waiting = awaiting.get(code) ?? 0;
        return {
          addressee: labelIn(lists.addressees, code, language),
          waiting:
            waiting === 0
              ? t("answers.contacts.letterNone")
              : t("answers.contacts.letterText", { count: waiting, n: integer(waiting, language) }),
          contacts: own.map((one) => ({
            service: one.service,
            person: one.person,
            email: one.email,
            postal: (one.postal_address ?? "").split("\n").filter(Boolean),
            edit: `/recommandations/destinataires/${one.id}`,
            letters:
              waiting === 0
                ? null
                : LETTER_FORMATS.map((format) => ({
                    href: `/recommandations/destinataires/${one.id}/courrier.${format}`,
                    label: format.toUpperCase(),
                  })),
          })),
        };
      })
      .sort((a, b) => compare(a.addressee, b.addressee)),
    form: await contactForm(db, typed, problems, null, exchange),
    opened: typed !== null,
    errors: summary(problems),
  });
}

const contactTemplate = template<{ title: string; id: string; service: string; form: ContactForm; errors: Errors }>("answers/contact");
/** The form that changes or closes a contact. */
export async function contactPage(
  db: Db,
  contact: AddresseeContactTable,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
): Promise<View> {
  const title = exchange.t("answers.contacts.editTitle");
  return contactTemplate(title, {
    title,
    id: contact.id,
    service: contact.service,
    form: await contactForm(db, typed, problems, contact, exchange),
    errors: summary(problems),
  });
}

// --- links ------------------------------------------------------------------------------------------------------------------------
export const WAYS = ["email", "self"] as const;
const linksTemplate = template<{
  title: string;
  reference: string;
  version: number;
  links: {
    id: string;
    recipient: string;
    state: { tone: string; label: string };
    made: string;
    until: string;
    opened: string;
    answered: string;
    live: boolean;
    renewable: boolean;
  }[];
  refused: { title: string; reasons: string[] } | null;
  form: {
    contact: Field;
    contacts: Choice[];
    recipient: Field;
    until: Field;
    first: string;
    last: string;
    way: Field;
    ways: Choice[];
  } | null;
  errors: Errors;
}>("answers/links");

/** The links of a recommendation and the form for another. */
export async function linksPage(
  db: Db,
  row: RecommendationTable,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
): Promise<View> {
  const { t, language, now, by, context } = exchange;
  const facts = await recommendationFactsOf(db, row, now);
  const offer = recommendationOffers(row.state, facts, by).find(({ type }) => type === "ANSWER_LINK_MADE");
  const may = offer?.broken.length === 0;
  const day = (at: string) => longDate(dayOf(at), language);
  const title = t("answers.links.title", { reference: row.reference });
  const contacts = await contactsFor(db, row);
  return linksTemplate(title, {
    title,
    reference: row.reference,
    version: row.version,
    links: (await linksOf(db, row.id)).map((link) => {
      const state = linkState(link, now);
      const live = state === "made" || state === "opened";
      return {
        id: link.id,
        recipient: link.recipient,
        state: { tone: LINK_TONES[state], label: t(`answers.links.states.${state}`) },
        made: day(link.created_at),
        until: longDate(link.expires_at.slice(0, 10), language),
        opened: link.opened_at ? instant(link.opened_at, language) : t("answers.links.never"),
        answered: link.answered_at ? instant(link.answered_at, language) : "",
        live: live && may,
        renewable: may,
      };
    }),
    refused: may
      ? null
      : {
          title: RECOMMENDATION_EVENT_WORDS.ANSWER_LINK_MADE.act[language],
          reasons: offer
            ? offer.broken.map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](facts))
            : [notOfferedWords("ANSWER_LINK_MADE", language)],
        },
    form: may
      ? {
          contact: field("contact", typed, problems, contacts[0]?.id),
          contacts: contacts.map((one) => ({ value: one.id, label: contactLine(one) })),
          recipient: field("recipient", typed, problems),
          until: field("until", typed, problems, usualExpiry(now)),
          first: dayAfter(dayOf(now), 1),
          last: dayAfter(dayOf(now), LONGEST_LINK_DAYS),
          way: field("way", typed, problems, context.config.mail ? "email" : "self"),
          ways: (context.config.mail ? WAYS : (["self"] as const)).map((code) => ({
            value: code,
            label: t(`answers.links.ways.${code}`),
            hint: t(`answers.links.wayHints.${code}`),
          })),
        }
      : null,
    errors: summary(problems),
  });
}

const onceTemplate = template<{
  title: string;
  lead: string;
  link: string;
  letter: { action: string; secret: string; formats: string[] };
  back: string;
}>("answers/link-once");
/** The only time a link is shown: the server keeps no more than its digest. */
export const onceLinkPage = (
  { t, language }: Pick<Exchange, "t" | "language">,
  given: { recipient: string; expiresOn: string; address: string; secret: string; reference: string },
): View => {
  const title = t("answers.links.once.title");
  return onceTemplate(title, {
    title,
    lead: t("answers.links.once.lead", { name: given.recipient, date: longDate(given.expiresOn, language) }),
    link: given.address,
    letter: { action: `/recommandations/${given.reference}/courriers/lien`, secret: given.secret, formats: [...LETTER_FORMATS] },
    back: `/recommandations/${given.reference}`,
  });
};

// --- reminders and mails ----------------------------------------------------------------------------------------------------------
export const REMINDER_CHANNELS = ["email", "letter", "registered_letter", "hand", "other"] as const;
/** A field among others of the same name: the one with a problem keeps the name as its id, which the summary points at. */
type OwnField = Field & { id: string };
const remindersTemplate = template<{
  title: string;
  tabs: Tabs;
  overdue: {
    reference: string;
    href: string;
    version: number;
    text: string;
    addressee: string;
    due: string;
    late: string;
    reminded: string;
    contact: OwnField;
    contacts: Choice[];
    channel: OwnField;
    letters: File[];
  }[];
  channels: Choice[];
  mails: {
    id: string;
    reference: string;
    href: string;
    to: string;
    kind: string;
    state: { tone: string; label: string };
    why: string | null;
    asked: string;
    next: string;
    retry: boolean;
    erased: boolean;
  }[];
  mailOn: boolean;
  pagination: Pagination;
  errors: Errors;
}>("answers/reminders", { wide: true });

const isMailError = (code: string): code is MailError => MAIL_ERRORS.some((known) => known === code);

/** Answers that are overdue, each with its act, and mails that wait or failed. @param given.about the recommendation whose form comes back */
export async function remindersPage(
  db: Db,
  exchange: Exchange,
  {
    page = 1,
    about = null,
    typed = null,
    problems = {},
  }: { page?: number; about?: string | null; typed?: Typed | null; problems?: Problems } = {},
): Promise<View> {
  const { t, language, now, by, context } = exchange;
  const { recommendation: lists } = await currentCodebook(db);
  const overdue = await listOverdue(db, now, { page, about });
  const last = await lastContacts(
    db,
    overdue.lines.map(({ id }) => id),
  );
  const contacts = byAddressee(await listContacts(db));
  const mailOn = context.config.mail !== null;
  const today = Date.parse(`${dayOf(now)}T00:00:00Z`);
  return remindersTemplate(t("answers.reminders.title"), {
    title: t("answers.reminders.title"),
    tabs: followUpTabs("reminders", by, t),
    overdue: overdue.lines.map((one) => {
      const own = about === one.reference;
      const days = Math.round((today - Date.parse(`${one.answer_due}T00:00:00Z`)) / 86_400_000);
      const named = (name: string, stored: string | undefined): OwnField => ({
        ...field(name, own ? typed : null, own ? problems : {}, stored),
        id: own && problems[name] ? name : `${name}-${one.reference}`,
      });
      const known = contacts.get(one.addressee) ?? [];
      const first = known.find(({ id }) => id === last.get(one.id)) ?? known[0];
      return {
        reference: one.reference,
        href: `/recommandations/${one.reference}`,
        version: one.version,
        text: one.text,
        addressee: labelIn(lists.addressees, one.addressee, language),
        due: t("answers.reminders.answerDue", { date: longDate(one.answer_due, language) }),
        late: t("answers.reminders.late", { count: days, n: integer(days, language) }),
        reminded: t("answers.reminders.reminded", {
          count: one.reminders,
          n: integer(one.reminders, language),
          date: one.lastReminder ? longDate(dayOf(one.lastReminder), language) : "",
        }),
        contact: named("contact", first?.id),
        contacts: known.map((contact) => ({ value: contact.id, label: contactLine(contact) })),
        channel: named("channel", mailOn && first?.email ? "email" : "letter"),
        letters: LETTER_FORMATS.map((format) => ({
          href: `/recommandations/${one.reference}/courriers/relance.${format}`,
          label: format.toUpperCase(),
        })),
      };
    }),
    channels: REMINDER_CHANNELS.filter((code) => mailOn || code !== "email").map((code) => ({
      value: code,
      label: t(`answers.reminders.channels.${code}`),
    })),
    mails: (await listMails(db)).map((mail) => ({
      id: mail.id,
      reference: mail.reference,
      href: `/recommandations/${mail.reference}`,
      to: mail.recipient,
      kind: t(`answers.reminders.kinds.${mail.kind}`),
      state: { tone: mail.state === "failed" ? "danger" : "info", label: t(`answers.reminders.states.${mail.state}`) },
      why: [
        mail.attempts > 0 ? t("answers.reminders.attempts", { count: mail.attempts, n: integer(mail.attempts, language) }) : "",
        mail.last_error && isMailError(mail.last_error) ? t(`answers.reminders.errors.${mail.last_error}`) : "",
      ]
        .filter(Boolean)
        .join(", "),
      asked: instant(mail.created_at, language),
      next: mail.state === "queued" ? instant(mail.next_attempt_at, language) : "",
      retry: mail.state === "failed" && mail.hasText,
      erased: mail.state === "failed" && !mail.hasText,
    })),
    mailOn,
    pagination: paginate({
      total: overdue.total,
      page: overdue.page,
      size: OVERDUE_PER_PAGE,
      href: (number) => `/recommandations/relances?page=${number}`,
    }),
    errors: summary(problems),
  });
}
