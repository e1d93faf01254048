import type { AnswerLinkTable, Db, RecommendationTable, Tx } from "../../db/schema.ts";
import { ANSWERS } from "../../workflows/recommendation.machine.ts";
import { ANSWER_WORDS } from "../../workflows/recommendation.words.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { linkState } from "../follow-up/links.ts";
import { type Field, field, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import { template, type View } from "../http/views.ts";
import { kilobytes } from "../reports/labels.ts";
import { type KeptFile, receiveFiles, type Visit } from "./link-files.ts";

/** States in which an addressee is expected to act. */
export const FOLLOWED: readonly RecommendationTable["state"][] = ["issued", "answered", "assessed"];

type Fact = { term: string; detail: string };
type TypedLine = { label: string; value: string };
const answerTemplate = template<{
  title: string;
  lead: string;
  words: string;
  facts: Fact[];
  notice: { tone: "info" | "warning"; title: string; text: string } | null;
  receipt: { done: string | null; action: string } | null;
  form: {
    action: string;
    nonce: string;
    said: Field;
    answers: { value: string; label: string; hint: string }[];
    text: Field;
    answeredOn: Field;
    plannedFor: Field;
    name: Field;
    function: Field;
    proofs: Field;
    kept: { value: string; label: string }[];
    limit: number;
    today: string;
    issued: string;
  } | null;
  answered: { lead: string; facts: Fact[]; text: string; acknowledged: string; correct: string } | null;
  typed: TypedLine[];
  errors: { href: string; text: string }[];
}>("answers/answer", { bare: true });

const closedTemplate = template<{ title: string; text: string; answered: string | null; ask: string | null; typed: TypedLine[] }>(
  "answers/closed",
  { bare: true },
);

const askFor = ({ t, context }: Visit, which: "page.correct" | "closed.ask"): string => {
  const { contact } = context.config.observatory;
  return contact ? t(`answers.${which}At`, { address: contact }) : t(`answers.${which}`);
};

/** Fields of the form as somebody typed them, to be shown again where they cannot be sent. */
function typedLines(typed: Typed | null, { t, language }: Visit): TypedLine[] {
  return (["said", "text", "answeredOn", "plannedFor", "name", "function"] as const).flatMap((name) => {
    const value = typed?.[name];
    if (typeof value !== "string" || value.trim() === "") return [];
    const answer = ANSWERS.find((code) => code === value);
    return [{ label: t(`answers.page.${name}`), value: name === "said" && answer ? ANSWER_WORDS[answer][language] : value }];
  });
}

/** The page of an address that no link has: the same whether one ever existed or not. */
export const unknownPage = (visit: Visit): View => {
  const title = visit.t("answers.closed.unknown.title");
  return closedTemplate(title, { title, text: visit.t("answers.closed.unknown.text"), answered: null, ask: null, typed: [] }, 404);
};

/** What was answered through a link. */
const answerThrough = (db: Db | Tx, linkId: string) =>
  db.selectFrom("recommendation_answer").selectAll().where("link_id", "=", linkId).executeTakeFirst();

const closedPage = async (
  db: Db,
  link: AnswerLinkTable,
  row: RecommendationTable,
  why: "expired" | "revoked" | "over",
  visit: Visit,
  typed: Typed | null,
): Promise<View> => {
  const { t, language } = visit;
  const title = t(`answers.closed.${why}.title`);
  const answer = await answerThrough(db, link.id);
  const text = t(`answers.closed.${why}.text`, { date: longDate(link.expires_at.slice(0, 10), language), reference: row.reference });
  return closedTemplate(
    title,
    {
      title,
      text,
      answered: answer ? t("answers.closed.answered", { date: instant(answer.received_at, language) }) : null,
      ask: why === "over" ? null : askFor(visit, "closed.ask"),
      typed: typedLines(typed, visit),
    },
    410,
  );
};

/** What the house says of an answer since: acknowledged on which day, or null. */
async function acknowledgedAt(db: Db, recommendationId: string, receivedAt: string): Promise<string | null> {
  const row = await db
    .selectFrom("recommendation_event")
    .select("at")
    .where("recommendation_id", "=", recommendationId)
    .where("type", "=", "ANSWER_ACKNOWLEDGED")
    .where("at", ">=", receivedAt)
    .orderBy("version")
    .executeTakeFirst();
  return row?.at ?? null;
}

const receiptThrough = (db: Db | Tx, linkId: string) =>
  db.selectFrom("recommendation_dispatch").select("at").where("link_id", "=", linkId).where("kind", "=", "receipt").executeTakeFirst();

/**
 * What a personal link shows: the recommendation with the form, or with what was answered; else why it opens nothing any more. Never anything
 * of the cases behind it.
 * @param given.inside somebody of the house looks at it: nothing can be sent
 * @param given.stale the form came without the token of the session
 * @param given.nonce made at each drawing of a new form; a form that comes back keeps its own
 */
export async function answerPage(
  db: Db,
  link: AnswerLinkTable,
  visit: Visit,
  given: { typed: Typed | null; problems: Problems; inside: boolean; stale: boolean; nonce: string; secret: string },
): Promise<View> {
  const { t, language, now, context } = visit;
  const { typed, problems } = given;
  const row = await db.selectFrom("recommendation").selectAll().where("id", "=", link.recommendation_id).executeTakeFirstOrThrow();
  if (link.revoked_at) return closedPage(db, link, row, "revoked", visit, typed);
  if (link.expires_at < now) return closedPage(db, link, row, "expired", visit, typed);
  const answer = await answerThrough(db, link.id);
  if (!answer && !FOLLOWED.includes(row.state)) return closedPage(db, link, row, "over", visit, typed);

  const { recommendation: lists } = await currentCodebook(db);
  const day = (value: string) => longDate(value, language);
  const fact = (name: "addressee" | "recipient" | "issued" | "deadline" | "due" | "proof" | "until", detail: string | null): Fact[] =>
    detail ? [{ term: t(`answers.page.${name}`), detail }] : [];
  const title = t("answers.page.title", { reference: row.reference });
  const shown = {
    title,
    lead: t(answer ? "answers.page.fromAnswered" : "answers.page.from", { name: context.config.observatory.name }),
    words: row.text,
    facts: [
      ...fact("addressee", labelIn(lists.addressees, row.addressee, language)),
      ...fact("recipient", link.recipient),
      ...fact("issued", row.issued_at && day(dayOf(row.issued_at))),
      ...fact("due", row.answer_due && day(row.answer_due)),
      ...fact("deadline", row.deadline && day(row.deadline)),
      ...fact("proof", row.proof_expected),
      ...(answer ? [] : fact("until", day(link.expires_at.slice(0, 10)))),
    ],
  };

  if (answer) {
    const files = await db
      .selectFrom("answer_proof")
      .select(["file_name", "byte_count"])
      .where("answer_id", "=", answer.id)
      .orderBy("file_name")
      .execute();
    const acknowledged = await acknowledgedAt(db, row.id, answer.received_at);
    const second = typed !== null && typedLines(typed, visit).length > 0;
    return answerTemplate(
      title,
      {
        ...shown,
        notice: second
          ? { tone: "warning", title: t("answers.page.already"), text: t("answers.page.alreadyText") }
          : given.inside
            ? { tone: "info", title: t("answers.page.inside"), text: t("answers.page.insideText") }
            : null,
        receipt: null,
        form: null,
        answered: {
          lead: t("answers.page.answeredLead", { date: instant(answer.received_at, language) }),
          facts: [
            { term: t("answers.page.answer"), detail: ANSWER_WORDS[answer.said][language] },
            { term: t("answers.page.answeredOn"), detail: day(answer.answered_on) },
            ...(answer.planned_for ? [{ term: t("answers.page.plannedFor"), detail: day(answer.planned_for) }] : []),
            { term: t("answers.page.respondent"), detail: answer.respondent },
            ...(files.length > 0 ? [{ term: t("answers.page.files"), detail: files.map(fileLabel(language)).join(", ") }] : []),
          ],
          text: answer.text,
          acknowledged: acknowledged
            ? t("answers.page.acknowledged", { date: day(dayOf(acknowledged)) })
            : t("answers.page.notAcknowledged"),
          correct: askFor(visit, "page.correct"),
        },
        typed: second ? typedLines(typed, visit) : [],
        errors: [],
      },
      second ? 409 : 200,
    );
  }

  const receipt = await receiptThrough(db, link.id);
  const files = typed && !given.inside ? await receiveFiles(visit, db, link, listField("kept", typed, {}).value) : null;
  const base = `/reponse/${encodeURIComponent(given.secret)}`;
  return answerTemplate(
    title,
    {
      ...shown,
      notice: given.inside
        ? { tone: "info", title: t("answers.page.inside"), text: t("answers.page.insideText") }
        : given.stale
          ? { tone: "warning", title: t("answers.page.stale"), text: t("answers.page.staleText") }
          : null,
      receipt: given.inside
        ? null
        : { done: receipt ? t("answers.page.receiptDone", { date: instant(receipt.at, language) }) : null, action: `${base}/reception` },
      form: given.inside
        ? null
        : {
            action: base,
            nonce: given.nonce,
            said: field("said", typed, problems),
            answers: ANSWERS.map((code) => ({
              value: code,
              label: ANSWER_WORDS[code][language],
              hint: t(`answers.page.saidHints.${code}`),
            })),
            text: field("text", typed, problems),
            answeredOn: field("answeredOn", typed, problems, dayOf(now)),
            plannedFor: field("plannedFor", typed, problems),
            name: field("name", typed, problems),
            function: field("function", typed, problems),
            proofs: { name: "proofs", value: "", error: problems.proofs ?? null },
            kept: (files?.kept ?? []).map((one) => ({ value: one.id, label: fileLabel(language)(one) })),
            limit: Math.round(context.config.maxDocumentBytes / 1024 / 1024),
            today: dayOf(now),
            issued: dayOf(row.issued_at ?? now),
          },
      answered: null,
      typed: [],
      errors: summary(problems),
    },
    given.stale ? 403 : 200,
  );
}

const fileLabel =
  (language: Visit["language"]) =>
  ({ file_name, byte_count }: Pick<KeptFile, "file_name" | "byte_count">): string =>
    `${file_name} (${kilobytes(byte_count, language)})`;

/** Whether a link may carry an answer now. */
export const isOpen = (link: AnswerLinkTable, now: string): boolean => ["made", "opened"].includes(linkState(link, now));
