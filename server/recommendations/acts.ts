import type { AddresseeContactTable, RecommendationTable } from "../../db/schema.ts";
import type { RecommendationOffer } from "../../workflows/recommendation.decide.ts";
import {
  ANSWER_ASSESSMENTS,
  ANSWERS,
  IMPLEMENTATIONS,
  type RecommendationEvent,
  type RecommendationFacts,
} from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_EVENT_WORDS,
  RECOMMENDATION_RULE_WORDS,
} from "../../workflows/recommendation.words.ts";
import { contactLine } from "../follow-up/contacts.ts";
import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import { dayOf } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { type Choice, wordChoices } from "./labels.ts";
import { ANSWER_DAYS, CHANNELS, daysAfter } from "./life.ts";

type Control =
  | { kind: "line" | "text"; label: string; field: Field & { id: string }; hint: string | null; required: boolean }
  | {
      kind: "day";
      label: string;
      field: Field & { id: string };
      hint: string | null;
      required: boolean;
      min: string | null;
      max: string | null;
    }
  | {
      kind: "choice";
      label: string;
      field: Field & { id: string };
      hint: string | null;
      options: Choice[];
      empty: string | null;
      required: boolean;
    }
  | { kind: "radios"; label: string; field: Field & { id: string }; hint: string | null; options: Choice[] }
  | { kind: "file"; label: string; field: Field & { id: string }; hint: string; multiple: boolean };
/** One act as a small form of its own: the end of its address, and what it asks for. */
export type ActForm = {
  slug: ActSlug;
  label: string;
  hint: string | null;
  tone: "primary" | "quiet" | "danger";
  open: boolean;
  multipart: boolean;
  controls: Control[];
  staged: { id: string; label: string }[];
};
export type RefusedAct = { label: string; reasons: string[] };

/** Acts of the page by the end of their address. Links for answers, ties and the words of a draft have places of their own. */
export const ACT_SLUGS = {
  RECOMMENDATION_APPROVED: "approuver",
  RECOMMENDATION_RETURNED: "renvoyer",
  RECOMMENDATION_ISSUED: "adresser",
  RECEIPT_RECORDED: "reception",
  REMINDER_SENT: "relancer",
  DEADLINES_CHANGED: "echeances",
  ANSWER_RECEIVED: "reponses",
  ANSWER_ACKNOWLEDGED: "accuser-reception",
  ANSWER_ASSESSED: "apprecier-reponse",
  NO_ANSWER_FOUND: "absence-de-reponse",
  IMPLEMENTATION_ASSESSED: "apprecier-mise-en-oeuvre",
  RECOMMENDATION_MAINTAINED: "maintenir",
  RECOMMENDATION_CLOSED: "clore",
  RECOMMENDATION_REOPENED: "rouvrir",
  RECOMMENDATION_WITHDRAWN: "retirer",
} as const satisfies Partial<Record<RecommendationEvent["type"], string>>;
export type ActType = keyof typeof ACT_SLUGS;
export type ActSlug = (typeof ACT_SLUGS)[ActType];
const isAct = (type: RecommendationEvent["type"]): type is ActType => Object.hasOwn(ACT_SLUGS, type);

/** The act that usually comes next: its form is open when the page is. */
const expected = ({ state, received_at, implementation }: RecommendationTable, facts: RecommendationFacts): ActType | null => {
  // Nothing goes on before somebody decides whether it stands.
  if (facts.evidenceQuestioned) return "RECOMMENDATION_MAINTAINED";
  switch (state) {
    case "draft":
      return "RECOMMENDATION_APPROVED";
    case "approved":
      return "RECOMMENDATION_ISSUED";
    case "issued":
      if (facts.answerDue !== null && facts.answerDue < facts.today) return "REMINDER_SENT";
      return received_at ? "ANSWER_RECEIVED" : "RECEIPT_RECORDED";
    case "answered":
      return "ANSWER_ASSESSED";
    case "assessed":
      return implementation === null || implementation === "in_progress" ? "IMPLEMENTATION_ASSESSED" : "RECOMMENDATION_CLOSED";
    default:
      return null;
  }
};

type Given = {
  row: RecommendationTable;
  facts: RecommendationFacts;
  contacts: readonly AddresseeContactTable[];
  staged: { id: string; label: string }[];
  /** The form that came back, with what was typed in it. */
  form: ActSlug | null;
  typed: Typed | null;
  problems: Problems;
};

/** What may be done now by this person, each act with its form, and what may not, with the reasons in words. */
export function actForms(
  offers: readonly RecommendationOffer[],
  { row, facts, contacts, staged, form, typed, problems }: Given,
  { t, language, now, context }: Exchange,
): { forms: ActForm[]; refused: RefusedAct[] } {
  const today = dayOf(now);
  const tomorrow = daysAfter(today, 1);
  const next = expected(row, facts);
  const megabytes = Math.round(context.config.maxDocumentBytes / 1024 / 1024);
  const channels = CHANNELS.map((value) => ({ value, label: t(`recommendations.channels.${value}`) }));

  const formOf = (type: ActType): ActForm => {
    const slug = ACT_SLUGS[type];
    const own = form === slug;
    const named = (name: string, stored: string | null = "") => ({
      ...field(name, own ? typed : null, own ? problems : {}, stored),
      id: `${slug}-${name}`,
    });
    const word = (name: string) => t(`recommendations.life.${name}` as "recommendations.life.reason");
    const day = (
      name: string,
      label: string,
      {
        stored = "",
        min = null,
        max = null,
        hint = null,
        required = true,
      }: { stored?: string | null; min?: string | null; max?: string | null; hint?: string | null; required?: boolean } = {},
    ): Control => ({ kind: "day", label: word(label), field: named(name, stored), hint, required, min, max });
    const text = (name: string, label: string, hint: string | null = null): Control => ({
      kind: "text",
      label: word(label),
      field: named(name),
      hint,
      required: true,
    });
    const line = (name: string, label: string, required: boolean, hint: string | null = null): Control => ({
      kind: "line",
      label: word(label),
      field: named(name),
      hint,
      required,
    });
    const channel: Control = {
      kind: "choice",
      label: word("channel"),
      field: named("channel", "registered_letter"),
      hint: null,
      options: channels,
      empty: null,
      required: true,
    };
    const recipient: Control[] = [
      ...(contacts.length > 0
        ? [
            {
              kind: "choice",
              label: word("contact"),
              field: named("contact", contacts[0]!.id),
              hint: null,
              options: contacts.map((one) => ({ value: one.id, label: contactLine(one) })),
              empty: word("otherRecipient"),
              required: false,
            } satisfies Control,
          ]
        : []),
      line("recipient", "recipient", contacts.length === 0, word(contacts.length > 0 ? "recipientHint" : "recipientAlone")),
    ];
    const proof: Control[] = [
      line("proofReference", "proofReference", false, word("proofReferenceHint")),
      {
        kind: "file",
        label: word("proofFile"),
        field: named("proof"),
        hint: t("recommendations.proofs.hint", { megabytes }),
        multiple: false,
      },
    ];
    const answerBy = [daysAfter(today, ANSWER_DAYS), ...(row.deadline && row.deadline > today ? [row.deadline] : [])].sort()[0]!;
    const reason = (hint: string | null = null) => [text("reason", "reason", hint)];
    const made: Record<ActType, { tone?: ActForm["tone"]; hint?: string; multipart?: true; controls: Control[] }> = {
      RECOMMENDATION_APPROVED: { controls: [], hint: word("approveHint") },
      RECOMMENDATION_RETURNED: { tone: "quiet", controls: reason() },
      RECOMMENDATION_ISSUED: {
        multipart: true,
        hint: word("issueHint"),
        controls: [
          day("onDate", "sentOn", { stored: today, max: today }),
          channel,
          ...recipient,
          day("deadline", "deadline", { stored: row.deadline, min: tomorrow, hint: word("deadlineHint") }),
          day("answerDue", "answerDue", { stored: answerBy, min: tomorrow }),
          ...proof,
        ],
      },
      RECEIPT_RECORDED: {
        multipart: true,
        controls: [day("onDate", "receivedOn", { stored: today, max: today }), channel, ...proof],
      },
      REMINDER_SENT: {
        multipart: true,
        controls: [day("onDate", "sentOn", { stored: today, max: today }), channel, ...recipient, ...proof],
      },
      DEADLINES_CHANGED: {
        tone: "quiet",
        controls: [
          day("deadline", "deadline", { stored: row.deadline, min: tomorrow }),
          day("answerDue", "answerDue", { stored: row.answer_due, min: tomorrow, required: row.state === "issued" }),
          ...reason(),
        ],
      },
      ANSWER_RECEIVED: {
        multipart: true,
        hint: word("answerHint"),
        controls: [
          {
            kind: "choice",
            label: word("said"),
            field: named("said"),
            hint: null,
            options: wordChoices(ANSWERS, ANSWER_WORDS, language),
            empty: word("choose"),
            required: true,
          },
          text("text", "answerText"),
          day("answeredOn", "answeredOn", { stored: today, max: today }),
          day("plannedFor", "plannedFor", { required: false }),
          line("respondent", "respondent", true, word("respondentHint")),
          {
            kind: "file",
            label: word("proofFiles"),
            field: named("proof"),
            hint: t("recommendations.proofs.hint", { megabytes }),
            multiple: true,
          },
        ],
      },
      ANSWER_ACKNOWLEDGED: { tone: "quiet", controls: [], hint: word("acknowledgeHint") },
      ANSWER_ASSESSED: {
        controls: [
          {
            kind: "radios",
            label: word("assessment"),
            field: named("value"),
            hint: null,
            options: wordChoices(
              ANSWER_ASSESSMENTS.filter((value) => value !== "no_answer"),
              ANSWER_ASSESSMENT_WORDS,
              language,
            ),
          },
          text("comment", "comment"),
        ],
      },
      NO_ANSWER_FOUND: { controls: [text("comment", "comment")] },
      IMPLEMENTATION_ASSESSED: {
        controls: [
          {
            kind: "radios",
            label: word("implementation"),
            field: named("value"),
            hint: null,
            options: wordChoices(IMPLEMENTATIONS, IMPLEMENTATION_WORDS, language),
          },
          day("onDate", "foundOn", { stored: today, max: today }),
          text("comment", "comment"),
        ],
      },
      RECOMMENDATION_MAINTAINED: { controls: reason() },
      RECOMMENDATION_CLOSED: { controls: reason() },
      RECOMMENDATION_REOPENED: {
        tone: "quiet",
        controls: [
          day("deadline", "deadline", { stored: row.deadline && row.deadline > today ? row.deadline : "", min: tomorrow }),
          day("answerDue", "newAnswerDue", { stored: daysAfter(today, ANSWER_DAYS), min: tomorrow }),
          ...reason(),
        ],
      },
      RECOMMENDATION_WITHDRAWN: { tone: "danger", controls: reason(word("reasonHint")) },
    };
    const { tone = "primary", hint = null, multipart = false, controls } = made[type];
    const label = RECOMMENDATION_EVENT_WORDS[type].act[language];
    return { slug, label, hint, tone, open: own || (form === null && next === type), multipart, controls, staged: own ? staged : [] };
  };

  /** What comes next first, what changes a plan after it, what puts an end to it last. */
  const place = (type: ActType): number =>
    type === next
      ? 0
      : type === "DEADLINES_CHANGED"
        ? 2
        : type === "RECOMMENDATION_CLOSED"
          ? 3
          : type === "RECOMMENDATION_WITHDRAWN"
            ? 4
            : 1;
  const forms: ActForm[] = [];
  const refused: RefusedAct[] = [];
  const inOrder = offers.flatMap(({ type, broken }) => (isAct(type) ? [{ type, broken }] : []));
  inOrder.sort((a, b) => place(a.type) - place(b.type));
  for (const { type, broken } of inOrder) {
    // The form of an issue asks for the deadline: that it lacks one now stands in nobody's way.
    const inTheWay = type === "RECOMMENDATION_ISSUED" ? broken.filter((rule) => rule !== "aDeadlineIsAhead") : broken;
    if (inTheWay.length === 0) forms.push(formOf(type));
    else if (type !== "RECOMMENDATION_MAINTAINED" || facts.evidenceQuestioned)
      refused.push({
        label: RECOMMENDATION_EVENT_WORDS[type].act[language],
        reasons: inTheWay.map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](facts)),
      });
  }
  return { forms, refused };
}
