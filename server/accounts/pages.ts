import { ROLES, type Role } from "../../workflows/actor.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template, type View } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import type { ReadingForm } from "../wellbeing/pages.ts";
import { AUDIT_PAGE, type listAudit } from "./audit.ts";
import { DEMONSTRATION_ACCOUNTS, DEMONSTRATION_PASSPHRASE } from "./demonstration.ts";
import { LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE } from "./passphrases.ts";
import { sessionOf } from "./passport.ts";
import type { Account, Invitation, LiveToken, OpenSession } from "./queries.ts";

type Errors = { href: string; text: string }[];
type Item = { term: string; detail: string };
type Speaking = Pick<Exchange, "t" | "language">;

/** A passphrase is never sent back, whatever was wrong with it. */
const secretField = (name: string, problems: Problems): Field => field(name, null, problems);
const roleNames = (roles: readonly Role[], t: T): string => roles.map((role) => t(`frame.roles.${role}`)).join(", ");
const roleChoices = (t: T) =>
  ROLES.map((role) => ({ value: role, label: t(`frame.roles.${role}`), hint: t(`accounts.roleHints.${role}`) }));
const passphraseHint = (t: T) => t("accounts.passphrase.hint", { shortest: SHORTEST_PASSPHRASE, longest: LONGEST_PASSPHRASE });

// --- signing in -------------------------------------------------------------------------------------------------------------------
const signIn = template<{
  email: Field;
  passphrase: Field;
  back: string;
  signedOut: boolean;
  kept: boolean;
  demonstration: { passphrase: string; people: { email: string; name: string; role: string }[] } | null;
  errors: Errors;
}>("accounts/sign-in");

export const signInPage = (
  { t }: Pick<Exchange, "t">,
  given: { typed: Typed | null; problems: Problems; back: string; signedOut: boolean; kept: boolean; demo: boolean },
): View =>
  signIn(t("accounts.signIn.title"), {
    email: field("email", given.typed, given.problems),
    passphrase: secretField("passphrase", given.problems),
    back: given.back,
    signedOut: given.signedOut,
    kept: given.kept,
    demonstration: given.demo
      ? {
          passphrase: DEMONSTRATION_PASSPHRASE,
          people: DEMONSTRATION_ACCOUNTS.map(({ email, name, roles }) => ({ email, name, role: roleNames(roles, t) })),
        }
      : null,
    errors: summary(given.problems),
  });

// --- one-time links, seen by whoever received them --------------------------------------------------------------------------------
const join = template<{
  kind: "invitation" | "first_administrator";
  email: Field | null;
  facts: Item[];
  name: Field;
  passphrase: Field;
  again: Field;
  passphraseHint: string;
  errors: Errors;
}>("accounts/join");

/** The page that makes an account out of an invitation, or out of the first administrator's link (which asks for the e-mail too). */
export const joinPage = ({ t }: Speaking, link: LiveToken, typed: Typed | null, problems: Problems): View => {
  const kind = link.kind === "first_administrator" ? "first_administrator" : "invitation";
  return join(t(`accounts.join.${kind}.title`), {
    kind,
    email: kind === "invitation" ? null : field("email", typed, problems),
    facts: [
      ...(kind === "invitation" ? [{ term: t("accounts.email.label"), detail: link.email ?? "" }] : []),
      { term: t("accounts.roles", { count: link.roles.length }), detail: roleNames(link.roles, t) },
    ],
    name: field("name", typed, problems, link.name),
    passphrase: secretField("passphrase", problems),
    again: secretField("again", problems),
    passphraseHint: passphraseHint(t),
    errors: summary(problems),
  });
};

const recovery = template<{ email: string; passphrase: Field; again: Field; passphraseHint: string; errors: Errors }>("accounts/recovery");
export const recoveryPage = ({ t }: Speaking, account: Pick<Account, "email">, problems: Problems): View =>
  recovery(t("accounts.recovery.title"), {
    email: account.email,
    passphrase: secretField("passphrase", problems),
    again: secretField("again", problems),
    passphraseHint: passphraseHint(t),
    errors: summary(problems),
  });

const closedLink = template<{ title: string; text: string; signOut: boolean }>("accounts/closed-link");
/** 410: used, replaced, revoked, expired or altered; which one is not said. */
export const closedLinkPage = ({ t }: Speaking, kind: "invitation" | "first_administrator" | "recovery"): View => {
  const title = t("accounts.closed.title");
  return closedLink(title, { title, text: t(`accounts.closed.${kind}`), signOut: false }, 410);
};
/** A link is for one person; whoever is signed in here is somebody already. */
export const signedInAlreadyPage = ({ t }: Speaking, name: string): View => {
  const title = t("accounts.closed.signedInTitle");
  return closedLink(title, { title, text: t("accounts.closed.signedIn", { name }), signOut: true }, 409);
};

// --- one's own account ------------------------------------------------------------------------------------------------------------
const ownAccount = template<{
  facts: Item[];
  langue: Field;
  languages: { value: Language; label: string }[];
  email: string;
  current: Field;
  fresh: Field;
  again: Field;
  passphraseHint: string;
  sessions: { id: string; here: boolean; since: string; seen: string }[];
  others: number;
  reading: ReadingForm | null;
  errors: Errors;
}>("accounts/account");

/** @param reading how hard passages are met; null for whoever reads no case */
export const ownAccountPage = (
  exchange: Exchange,
  sessions: readonly OpenSession[],
  reading: ReadingForm | null,
  typed: Typed | null,
  problems: Problems,
): View => {
  const { by, t, language } = exchange;
  const here = sessionOf(by);
  const listed = sessions
    .map(({ id, since, seen }) => ({ id, here: id === here, since: instant(since, language), seen: instant(seen, language) }))
    .sort((a, b) => Number(b.here) - Number(a.here));
  return ownAccount(t("accounts.own.title"), {
    facts: [
      { term: t("accounts.name.label"), detail: by.name },
      { term: t("accounts.email.label"), detail: by.email },
      { term: t("accounts.roles", { count: by.roles.length }), detail: roleNames(by.roles, t) },
    ],
    langue: field("langue", typed, problems, language),
    languages: [
      { value: "fr", label: "Français" },
      { value: "en", label: "English" },
    ],
    email: by.email,
    current: secretField("current", problems),
    fresh: secretField("new", problems),
    again: secretField("again", problems),
    passphraseHint: passphraseHint(t),
    sessions: listed,
    others: listed.filter((session) => !session.here).length,
    reading,
    errors: summary(problems),
  });
};

// --- administration ---------------------------------------------------------------------------------------------------------------
const administration = template<{
  accounts: { href: string; name: string; email: string; roles: string; since: string; disabled: string | null }[];
  invitations: { id: string; name: string; email: string; roles: string; expires: string }[];
  email: Field;
  name: Field;
  roles: ListField;
  roleChoices: { value: string; label: string; hint: string }[];
  errors: Errors;
}>("accounts/administration");

export const administrationPage = (
  { t, language }: Speaking,
  accounts: readonly Account[],
  invitations: readonly Invitation[],
  typed: Typed | null,
  problems: Problems,
): View =>
  administration(t("accounts.administration.title"), {
    accounts: accounts.map(({ id, name, email, roles, createdAt, disabledAt }) => ({
      href: `/administration/comptes/${id}`,
      name,
      email,
      roles: roleNames(roles, t),
      since: longDate(dayOf(createdAt), language),
      disabled: disabledAt && longDate(dayOf(disabledAt), language),
    })),
    invitations: invitations.map(({ id, name, email, roles, expiresAt }) => ({
      id,
      name,
      email,
      roles: roleNames(roles, t),
      expires: instant(expiresAt, language),
    })),
    email: field("email", typed, problems),
    name: field("name", typed, problems),
    roles: listField("roles", typed, problems),
    roleChoices: roleChoices(t),
    errors: summary(problems),
  });

const administered = template<{
  id: string;
  name: string;
  disabled: string | null;
  facts: Item[];
  roles: ListField;
  roleChoices: { value: string; label: string; hint: string }[];
  sessions: number;
  own: boolean;
  errors: Errors;
}>("accounts/administered");

export const administeredPage = (
  { t, language, by }: Exchange,
  account: Account,
  sessions: number,
  typed: Typed | null,
  problems: Problems,
): View =>
  administered(account.name, {
    id: account.id,
    name: account.name,
    disabled: account.disabledAt && longDate(dayOf(account.disabledAt), language),
    facts: [
      { term: t("accounts.email.label"), detail: account.email },
      { term: t("accounts.administration.since"), detail: longDate(dayOf(account.createdAt), language) },
      { term: t("accounts.administered.openSessions"), detail: String(sessions) },
    ],
    roles: listField("roles", typed, problems, account.roles),
    roleChoices: roleChoices(t),
    sessions,
    own: account.id === by.id,
    errors: summary(problems),
  });

const oneTimeLink = template<{ title: string; lead: string; link: string; back: { href: string; label: string } }>(
  "accounts/one-time-link",
);
/** The only time a link is shown: the server keeps no more than its digest. */
export const oneTimeLinkPage = (
  { t }: Speaking,
  kind: "invitation" | "recovery",
  given: { name: string; link: string; back: string },
): View => {
  const title = t(`accounts.link.${kind}.title`);
  return oneTimeLink(title, {
    title,
    lead: t(`accounts.link.${kind}.lead`, { name: given.name }),
    link: given.link,
    back: { href: given.back, label: t(`accounts.link.${kind}.back`) },
  });
};

// --- audit ------------------------------------------------------------------------------------------------------------------------
const audit = template<{
  entries: {
    at: string;
    who: string;
    account: string | null;
    action: string;
    object: string;
    refused: boolean;
    address: string;
    detail: string;
  }[];
  action: Field;
  account: Field;
  people: { value: string; label: string }[];
  reset: { href: string; label: string } | null;
  older: string | null;
  newest: string | null;
}>("accounts/audit");

export const auditPage = (
  { t, language }: Speaking,
  entries: Awaited<ReturnType<typeof listAudit>>,
  accounts: readonly Account[],
  filter: { action: string | null; account: string | null; before: number | null },
): View => {
  const address = (before: number | null): string => {
    const query = new URLSearchParams();
    if (filter.action) query.set("acte", filter.action);
    if (filter.account) query.set("compte", filter.account);
    if (before !== null) query.set("avant", String(before));
    return `/administration/audit${query.size > 0 ? `?${query}` : ""}`;
  };
  const shown = entries.slice(0, AUDIT_PAGE);
  return audit(t("accounts.audit.title"), {
    entries: shown.map((entry) => ({
      at: instant(entry.at, language),
      who: entry.name ?? (entry.account_id === null ? t("accounts.audit.nobody") : entry.account_id),
      account: entry.account_id,
      action: entry.action,
      object: [entry.object_kind, entry.object_id].filter(Boolean).join(" "),
      refused: entry.result === "refused",
      address: entry.address ?? "",
      detail: Object.entries((entry.detail ? JSON.parse(entry.detail) : {}) as Record<string, string | number>)
        .map(([name, value]) => `${name}: ${value}`)
        .join(", "),
    })),
    action: field("acte", null, {}, filter.action),
    account: field("compte", null, {}, filter.account),
    people: accounts.map(({ id, name }) => ({ value: id, label: name })),
    reset: filter.action || filter.account ? { href: "/administration/audit", label: t("accounts.audit.reset") } : null,
    older: entries.length > AUDIT_PAGE ? address(Number(shown.at(-1)!.id)) : null,
    newest: filter.before === null ? null : address(null),
  });
};
