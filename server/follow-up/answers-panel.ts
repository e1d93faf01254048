import type { Db, RecommendationTable } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { contactLine, contactsFor } from "./contacts.ts";
import { type LinkState, linkState, linksOf } from "./links.ts";

export const LINK_TONES: Record<LinkState, "neutral" | "info" | "success" | "warning" | "danger"> = {
  made: "neutral",
  opened: "info",
  answered: "success",
  expired: "warning",
  revoked: "danger",
};
const FORMATS = ["docx", "odt", "pdf"] as const;
type File = { href: string; label: string };

/** What the page of a recommendation shows of its links, letters and mails: views/answers/panel.ejs. */
export type AnswersPanel = {
  links: { recipient: string; state: { tone: string; label: string }; until: string }[];
  mails: { what: string; state: string; when: string; tone: string }[];
  manage: { href: string; label: string };
  letters: { label: string; files: File[] }[];
  /** Whom the letters may be addressed to, the first unless another is chosen; empty with an empty directory. */
  contacts: { value: string; label: string }[];
  noMail: string | null;
};

const MAIL_TONES = { queued: "info", sent: "success", failed: "danger", cancelled: "neutral" } as const;

/** The panel, for whoever writes to addressees and once the recommendation was approved; else null. */
export async function answersPanel(
  db: Db,
  row: Pick<RecommendationTable, "id" | "reference" | "state" | "addressee">,
  { by, t, language, now, context }: Pick<Exchange, "by" | "t" | "language" | "now" | "context">,
): Promise<AnswersPanel | null> {
  if (!may(by, "writeToAddressees") || row.state === "draft" || row.state === "withdrawn") return null;
  const links = await linksOf(db, row.id);
  const mails = await db
    .selectFrom("mail_message")
    .select(["kind", "state", "created_at", "sent_at"])
    .where("recommendation_id", "=", row.id)
    .orderBy("created_at", "desc")
    .limit(5)
    .execute();
  const base = `/recommandations/${row.reference}`;
  const files = (kind: string): File[] =>
    FORMATS.map((format) => ({ href: `${base}/courriers/${kind}.${format}`, label: format.toUpperCase() }));
  const followed = row.state === "issued" || row.state === "answered" || row.state === "assessed";
  return {
    links: links.map((link) => {
      const state = linkState(link, now);
      return {
        recipient: link.recipient,
        state: { tone: LINK_TONES[state], label: t(`answers.links.states.${state}`) },
        until: t("answers.panel.until", { date: longDate(link.expires_at.slice(0, 10), language) }),
      };
    }),
    mails: mails.map(({ kind, state, created_at, sent_at }) => ({
      what: t(`answers.reminders.kinds.${kind}`),
      state: t(`answers.reminders.states.${state}`),
      tone: MAIL_TONES[state],
      when: instant(sent_at ?? created_at, language),
    })),
    manage: { href: `${base}/liens`, label: t(links.length > 0 || !followed ? "answers.panel.manage" : "answers.panel.make") },
    letters: [
      { label: t("answers.panel.dispatch"), files: files("adresse") },
      ...(followed ? [{ label: t("answers.panel.reminder"), files: files("relance") }] : []),
    ],
    contacts: (await contactsFor(db, row)).map((one) => ({ value: one.id, label: contactLine(one) })),
    noMail: context.config.mail ? null : t("answers.panel.noMail"),
  };
}
