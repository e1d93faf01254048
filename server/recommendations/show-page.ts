import type { Db, RecommendationTable } from "../../db/schema.ts";
import { recommendationOffers } from "../../workflows/recommendation.decide.ts";
import type { AnswerAssessment, Implementation } from "../../workflows/recommendation.machine.ts";
import {
  ANSWER_ASSESSMENT_WORDS,
  ANSWER_WORDS,
  IMPLEMENTATION_WORDS,
  RECOMMENDATION_RULE_WORDS,
} from "../../workflows/recommendation.words.ts";
import { labelIn, labelOf } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { findRecommendation, historyOf } from "../follow-up/act.ts";
import { answersPanel } from "../follow-up/answers-panel.ts";
import { basisRows } from "../follow-up/basis.ts";
import { addresseesOf, listContacts } from "../follow-up/contacts.ts";
import { recommendationFactsOf } from "../follow-up/facts.ts";
import { answerOverdue, implementationOverdue } from "../follow-up/overdue.ts";
import { receiveProofs } from "../follow-up/proofs.ts";
import { followUpTabs } from "../follow-up/tabs.ts";
import { type CheckLine, checkLines } from "../follow-up/wording.ts";
import { type Field, field, type Problems, type Typed } from "../http/fields.ts";
import { dayOf, integer, longDate, percent } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Key, Language, T } from "../http/words.ts";
import { type ActForm, type ActSlug, actForms, type RefusedAct } from "./acts.ts";
import { type EvidenceLine, evidenceBehind } from "./evidence.ts";
import { answerTag, assessmentTag, type Choice, implementationTag, stateTag, type Tag } from "./labels.ts";
import { nearDuplicates } from "./near.ts";
import { factorReturns, factorsCameBack, fruitsSince, type Share } from "./returns.ts";
import { groupsOf, TIE_KINDS, type TieKind } from "./ties.ts";

type Paper = { href: string; label: string };
type Other = { href: string; reference: string; text: string; state: Tag; where: string; stands: boolean; here: boolean };
type Finding = { href: string | null; title: string; statement: string; fate: Tag | null };
type Answered = {
  said: Tag;
  when: string;
  text: string;
  respondent: string;
  planned: string | null;
  proofs: Paper[];
  recorded: string;
};
type Found = { value: Tag; when: string; by: string; comment: string };
/** Forms besides the acts: ties, and the draft itself. */
export type OtherForm = "rapprocher" | "defaire" | "supprimer";

const detailPage = template<{
  title: string;
  reference: string;
  version: number;
  tabs: ReturnType<typeof followUpTabs>;
  text: string;
  state: Tag;
  badges: Tag[];
  facts: { term: string; detail: string; href?: string }[];
  together: string[];
  proofExpected: string | null;
  checks: CheckLine[];
  findings: Finding[];
  findingsNote: string;
  counts: string;
  /** What is in question, and the two ways to decide of it for whoever may. */
  questioned: { findings: Finding[]; since: string; forms: ActForm[] } | null;
  scales: {
    said: Tag | null;
    answers: Answered[];
    assessment: Tag | null;
    assessments: Found[];
    implementation: Tag | null;
    implementations: Found[];
  } | null;
  dates: { term: string; detail: string; late: string | null }[];
  dispatches: { kind: string; when: string; channel: string; recipient: string; proof: string | null; paper: Paper | null }[];
  figures: {
    since: string | null;
    cameBack: string | null;
    lines: { factor: string; before: ShareWords; after: ShareWords | null; sentence: string | null }[];
  } | null;
  group: Other[];
  groupCounts: string | null;
  wholes: Other[];
  parts: Other[];
  untie: { kind: TieKind; label: string; button: string }[];
  tie: {
    target: Field;
    kind: Field;
    kinds: Choice[];
    near: { href: string; reference: string; text: string; state: Tag; why: string }[];
    open: boolean;
  } | null;
  tieRefused: string[];
  edit: { href: string | null; drop: boolean; refused: string[] } | null;
  forms: ActForm[];
  refused: RefusedAct[];
  noAct: string | null;
  /** What views/answers/panel.ejs draws: links for answers and letters. */
  answers: Awaited<ReturnType<typeof answersPanel>>;
  history: Awaited<ReturnType<typeof historyOf>>;
  errors: { href: string; text: string }[];
}>("recommendations/show");

type ShareWords = { present: string; ofDocumented: string; ofAll: string };
const shareWords = ({ present, documented, all }: Share, language: Language): ShareWords => {
  const of = (whole: number) =>
    whole === 0 ? `${present} / 0` : `${integer(present, language)} / ${integer(whole, language)} (${percent(present / whole, language)})`;
  return { present: integer(present, language), ofDocumented: of(documented), ofAll: of(all) };
};

/** How the question of a withdrawn finding is decided. */
const DECISIONS: readonly ActSlug[] = ["maintenir", "retirer"];

const FATES: Record<EvidenceLine["fate"], Tag["tone"] | null> = {
  stands: null,
  changed: "warning",
  withdrawn: "danger",
  waiting: "neutral",
};

/** What the history keeps of an act besides its name, in words. */
function detailWords(detail: Record<string, string | number> | null, language: Language, t: T): string[] {
  if (!detail) return [];
  const text = (name: string) => (detail[name] === undefined || detail[name] === "" ? null : String(detail[name]));
  const day = (name: string, key: Key) => {
    const value = text(name);
    return value && /^\d{4}-\d\d-\d\d$/.test(value) ? [t(key, { date: longDate(value, language) })] : [];
  };
  const said = <Code extends string>(name: string, words: Record<Code, { fr: string; en: string }>) => {
    const value = text(name);
    return value && Object.hasOwn(words, value) ? [words[value as Code][language]] : [];
  };
  const channel = text("channel");
  const kind = text("kind");
  return [
    ...day("on", "recommendations.detail.on"),
    ...(channel ? [t(`recommendations.channels.${channel}` as "recommendations.channels.letter")] : []),
    ...day("deadline", "recommendations.detail.deadline"),
    ...day("answerDue", "recommendations.detail.answerDue"),
    ...said("said", ANSWER_WORDS),
    ...said<AnswerAssessment | Implementation>("value", { ...ANSWER_ASSESSMENT_WORDS, ...IMPLEMENTATION_WORDS }),
    ...(kind === "same_as" || kind === "part_of" ? [t(`recommendations.detail.${kind}`, { reference: text("target") ?? "" })] : []),
    ...(detail.dropped ? [t("recommendations.detail.dropped")] : []),
  ];
}

/** Files of a recommendation, what proves a dispatch and what came with an answer: where they are read. */
const paper = (reference: string, { id, file_name }: { id: string; file_name: string }): Paper => ({
  href: `/recommandations/${reference}/pieces/${id}`,
  label: file_name,
});

/** Answers, dispatches and findings of the observatory, oldest first. */
async function readFollowUp(db: Db, id: string) {
  const answers = await db
    .selectFrom("recommendation_answer")
    .leftJoin("account", "account.id", "recommendation_answer.by")
    .selectAll("recommendation_answer")
    .select("account.name")
    .where("recommendation_id", "=", id)
    .orderBy("number")
    .execute();
  const proofs = await db
    .selectFrom("answer_proof")
    .innerJoin("recommendation_answer", "recommendation_answer.id", "answer_proof.answer_id")
    .select(["answer_proof.id", "answer_proof.answer_id", "answer_proof.file_name"])
    .where("recommendation_id", "=", id)
    .orderBy("answer_proof.file_name")
    .execute();
  const dispatches = await db
    .selectFrom("recommendation_dispatch")
    .select(["id", "kind", "on_date", "channel", "recipient", "proof_reference", "file_name", "at"])
    .where("recommendation_id", "=", id)
    .orderBy("at")
    .execute();
  const found = await db
    .selectFrom("recommendation_assessment")
    .innerJoin("account", "account.id", "recommendation_assessment.by")
    .select(["kind", "value", "comment", "on_date", "account.name"])
    .where("recommendation_id", "=", id)
    .orderBy("recommendation_assessment.id")
    .execute();
  return { answers, proofs, dispatches, found };
}

/** Recommendations around one: those that are the same, what it is part of, and its parts. */
async function readAround(db: Db, row: RecommendationTable) {
  const group = (await groupsOf(db, [row.id])).get(row.id) ?? [row.id];
  const tied = await db
    .selectFrom("recommendation_tie")
    .select(["recommendation_id", "kind", "target_id"])
    .where((e) => e.or([e("recommendation_id", "in", group), e("target_id", "in", group)]))
    .execute();
  const members = new Set(group);
  const wholes = tied.filter((tie) => tie.kind === "part_of" && members.has(tie.recommendation_id)).map((tie) => tie.target_id);
  const parts = tied.filter((tie) => tie.kind === "part_of" && members.has(tie.target_id)).map((tie) => tie.recommendation_id);
  const rows = await db
    .selectFrom("recommendation")
    .select(["id", "reference", "report_id", "text", "state", "approved_at"])
    .where("id", "in", [...new Set([...group, ...wholes, ...parts])])
    .execute();
  const own = tied.filter(({ recommendation_id }) => recommendation_id === row.id);
  return { group, wholes: [...new Set(wholes)], parts: [...new Set(parts)], rows: new Map(rows.map((one) => [one.id, one])), own };
}

/**
 * One recommendation: its words, what it rests on, what was said and found of it, what happened to it, and what may happen next.
 * @param form the form that came back, with what was typed in it
 * @throws NotFound
 */
export async function recommendation(
  db: Db,
  reference: string,
  exchange: Exchange,
  form: ActSlug | OtherForm | null = null,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const { by, language, t, now, audit } = exchange;
  const row = await findRecommendation(db, reference);
  const codebook = await currentCodebook(db);
  const lists = codebook.recommendation;
  const today = dayOf(now);
  const facts = await recommendationFactsOf(db, row, now);
  const offers = recommendationOffers(row.state, facts, by);
  const evidence = await evidenceBehind(db, row);
  const addressees = await addresseesOf(db, row);
  const { answers, proofs, dispatches, found } = await readFollowUp(db, row.id);
  const around = await readAround(db, row);
  const basis = await basisRows(db, around.group);
  const cameBack = (await factorsCameBack(db, [row])).get(row.id);
  const returns = await factorReturns(db, [row], today);
  const history = await historyOf(db, row.id, 0, language);
  audit("recommendation.read", "recommendation", reference);

  const day = (at: string) => longDate(dayOf(at), language);
  const label = (code: string) => labelIn(lists.addressees, code, language);
  const count = (rows: typeof basis) =>
    t("recommendations.behind.count", {
      cases: t("recommendations.behind.cases", {
        count: new Set(rows.map(({ report }) => report)).size,
        n: integer(new Set(rows.map(({ report }) => report)).size, language),
      }),
      factors: t("recommendations.behind.factors", {
        count: new Set(rows.map(({ factor }) => factor)).size,
        n: integer(new Set(rows.map(({ factor }) => factor)).size, language),
      }),
    });
  const findings = evidence.map(({ kind, statement, finding, crossFinding, fate }): Finding & { fateCode: EvidenceLine["fate"] } => {
    const tone = FATES[fate];
    return {
      href: finding
        ? `/rapports/${row.report_id}/editions/${finding.edition}#constat-${finding.number}`
        : crossFinding && `/constats/${crossFinding.reference}`,
      title: finding
        ? t("recommendations.show.finding", { number: finding.number, kind: t(`recommendations.kinds.${kind}`) })
        : t("recommendations.show.crossFinding", { reference: crossFinding!.reference, kind: t(`recommendations.kinds.${kind}`) }),
      statement,
      fate: tone && { tone, label: t(`recommendations.fates.${fate}`) },
      fateCode: fate,
    };
  });
  const lastEdition = evidence.findLast(({ finding }) => finding !== null)?.finding;

  const other = (id: string): Other[] => {
    const one = around.rows.get(id);
    if (!one) return [];
    return [
      {
        href: `/recommandations/${one.reference}`,
        reference: one.reference,
        text: one.text,
        state: stateTag(one.state, language),
        where: [one.report_id ?? t("recommendations.show.across"), one.approved_at ? dayOf(one.approved_at).slice(0, 4) : ""]
          .filter(Boolean)
          .join(" · "),
        stands: around.group.length > 1 && around.group[0] === id,
        here: id === row.id,
      },
    ];
  };
  const offer = (type: (typeof offers)[number]["type"]) => offers.find((one) => one.type === type);
  const reasons = (type: (typeof offers)[number]["type"]) =>
    (offer(type)?.broken ?? []).map((rule) => RECOMMENDATION_RULE_WORDS[rule][language](facts));
  const mayTie = offer("RECOMMENDATION_TIED")?.broken.length === 0;
  const tying = form === "rapprocher";
  const near = mayTie ? await nearDuplicates(db, row.text, new Set([...around.group, ...around.wholes, ...around.parts])) : [];
  const writing = offer("RECOMMENDATION_WRITTEN");

  const followed = row.issued_at !== null;
  const foundOf = (kind: "answer" | "implementation"): Found[] =>
    found
      .filter((one) => one.kind === kind)
      .map(({ value, comment, on_date, name }) => ({
        value:
          kind === "answer" ? assessmentTag(value as AnswerAssessment, language) : implementationTag(value as Implementation, language),
        when: longDate(on_date, language),
        by: name,
        comment,
      }))
      .reverse();
  const sinceIssue = row.answered_at === null ? undefined : answers.at(-1);
  const since = returns[0]?.since ?? fruitsSince(row, today);
  const act = form !== null && form !== "rapprocher" && form !== "defaire" && form !== "supprimer" ? form : null;
  const before = [typed?.staged ?? []].flat();
  const staged = act ? (await receiveProofs(exchange, db, before)).staged.map(({ id, fileName }) => ({ id, label: fileName })) : [];
  const { forms, refused } = actForms(
    offers,
    { row, facts, contacts: await listContacts(db, addressees), staged, form: act, typed, problems },
    exchange,
  );
  const title = t("recommendations.show.title", { reference });
  const fact = (name: "addressee" | "level" | "theme" | "type" | "origin" | "approved" | "report" | "writtenBy", detail: string) => ({
    term: t(`recommendations.columns.${name}`),
    detail,
  });
  return detailPage(title, {
    title,
    reference,
    version: row.version,
    tabs: followUpTabs(null, by, t),
    text: row.text,
    state: stateTag(row.state, language),
    badges: [
      ...(answerOverdue(row, today) ? [{ tone: "warning" as const, label: t("recommendations.overdue.answer") }] : []),
      ...(implementationOverdue(row, today) ? [{ tone: "warning" as const, label: t("recommendations.overdue.implementation") }] : []),
      ...(row.evidence_question_at ? [{ tone: "danger" as const, label: t("recommendations.questioned") }] : []),
      ...(cameBack
        ? [{ tone: "warning" as const, label: t("recommendations.cameBack", { count: cameBack, n: integer(cameBack, language) }) }]
        : []),
    ],
    facts: [
      fact("addressee", label(row.addressee)),
      fact("level", labelIn(lists.levels, row.level, language)),
      fact("theme", labelIn(lists.themes, row.theme, language)),
      fact("type", labelIn(lists.types, row.type, language)),
      fact("origin", t(`recommendations.origins.${row.origin}`)),
      ...(row.approved_at ? [fact("approved", day(row.approved_at))] : []),
      ...(row.report_id ? [{ ...fact("report", row.report_id), href: `/rapports/${row.report_id}` }] : []),
    ],
    together: addressees.slice(1).map(label),
    proofExpected: row.proof_expected,
    checks: checkLines(
      { ...row, findings: evidence.length },
      row.issued_at && row.approved_at ? dayOf(row.approved_at) : today,
      lists.wordingChecks,
      language,
      t,
    ),
    findings,
    findingsNote: lastEdition
      ? t("recommendations.show.findingsNote", { edition: lastEdition.edition, date: day(lastEdition.publishedAt) })
      : findings.length === 0
        ? t("recommendations.show.noFindings")
        : "",
    counts: count(basis.filter((one) => one.recommendation === row.id)),
    questioned:
      row.evidence_question_at === null
        ? null
        : {
            findings: findings.filter(({ fateCode }) => fateCode === "withdrawn" || fateCode === "changed"),
            since: day(row.evidence_question_at),
            forms: forms.filter(({ slug }) => DECISIONS.includes(slug)),
          },
    scales: followed
      ? {
          said: sinceIssue ? answerTag(sinceIssue.said, language) : null,
          answers: answers
            .map(
              (one): Answered => ({
                said: answerTag(one.said, language),
                when: longDate(one.answered_on, language),
                text: one.text,
                respondent: one.respondent,
                planned: one.planned_for && t("recommendations.show.planned", { date: longDate(one.planned_for, language) }),
                proofs: proofs.filter(({ answer_id }) => answer_id === one.id).map((file) => paper(reference, file)),
                recorded: one.name
                  ? t("recommendations.show.recordedBy", { name: one.name, date: day(one.received_at) })
                  : t("recommendations.show.byLink", { date: day(one.received_at) }),
              }),
            )
            .reverse(),
          assessment: row.assessment && assessmentTag(row.assessment, language),
          assessments: foundOf("answer"),
          implementation: row.implementation && implementationTag(row.implementation, language),
          implementations: foundOf("implementation"),
        }
      : null,
    dates: [
      {
        term: t("recommendations.columns.deadline"),
        detail: row.deadline ? longDate(row.deadline, language) : t("recommendations.noDeadline"),
        late: implementationOverdue(row, today) ? t("recommendations.overdue.implementation") : null,
      },
      ...(row.answer_due
        ? [
            {
              term: t("recommendations.show.answerDue"),
              detail: longDate(row.answer_due, language),
              late: answerOverdue(row, today) ? t("recommendations.overdue.answer") : null,
            },
          ]
        : []),
      ...(["issued_at", "received_at", "answered_at", "assessed_at", "closed_at"] as const).flatMap((name) => {
        const at = row[name];
        return at === null ? [] : [{ term: t(`recommendations.show.${name}`), detail: day(at), late: null }];
      }),
    ],
    dispatches: dispatches.map((one) => ({
      kind: t(`recommendations.dispatch.${one.kind}`),
      when: longDate(one.on_date, language),
      channel: t(`recommendations.channels.${one.channel}`),
      recipient: one.recipient,
      proof: one.proof_reference,
      paper: one.file_name === null ? null : paper(reference, { id: one.id, file_name: one.file_name }),
    })),
    figures:
      returns.length === 0
        ? null
        : {
            since: since && longDate(since, language),
            cameBack: cameBack ? t("recommendations.cameBack", { count: cameBack, n: integer(cameBack, language) }) : null,
            lines: returns.map(({ factor, before, after }) => {
              const known = codebook.factors.find(({ code }) => code === factor);
              return {
                factor: known ? labelOf(known, language) : factor,
                before: shareWords(before, language),
                after: after && shareWords(after, language),
                sentence:
                  after && after.all > 0
                    ? t("recommendations.figures.sentence", {
                        count: after.present,
                        present: integer(after.present, language),
                        all: integer(after.all, language),
                        documented: integer(after.documented, language),
                        date: longDate(since!, language),
                      })
                    : null,
              };
            }),
          },
    group: around.group.length > 1 ? around.group.flatMap(other) : [],
    groupCounts: around.group.length > 1 ? count(basis) : null,
    wholes: around.wholes.flatMap(other),
    parts: around.parts.flatMap(other),
    untie:
      offer("RECOMMENDATION_UNTIED")?.broken.length === 0
        ? around.own.map(({ kind, target_id }) => {
            const target = around.rows.get(target_id)?.reference ?? "";
            return { kind, label: t(`recommendations.detail.${kind}`, { reference: target }), button: t("recommendations.ties.undo") };
          })
        : [],
    tie: mayTie
      ? {
          target: field("target", tying ? typed : null, tying ? problems : {}),
          kind: field("kind", tying ? typed : null, tying ? problems : {}, "same_as"),
          kinds: TIE_KINDS.filter((kind) => !around.own.some((tie) => tie.kind === kind)).map((kind) => ({
            value: kind,
            label: t(`recommendations.ties.kinds.${kind}`),
            hint: t(`recommendations.ties.hints.${kind}`),
          })),
          near: near.map((one) => ({
            href: `/recommandations/${one.reference}`,
            reference: one.reference,
            text: one.text,
            state: stateTag(one.state, language),
            why: t("recommendations.ties.likeness", {
              percent: percentWhole(one.score, language),
              words: one.words.slice(0, 8).join(", "),
            }),
          })),
          open: tying,
        }
      : null,
    tieRefused: reasons("RECOMMENDATION_TIED"),
    edit:
      row.state === "draft" && writing
        ? {
            href: writing.broken.length === 0 ? `/recommandations/${reference}/modifier` : null,
            drop: writing.broken.length === 0,
            refused: reasons("RECOMMENDATION_WRITTEN"),
          }
        : null,
    forms: row.evidence_question_at === null ? forms : forms.filter(({ slug }) => !DECISIONS.includes(slug)),
    refused,
    answers: await answersPanel(db, row, exchange),
    noAct: row.state === "withdrawn" ? t("recommendations.show.noAct") : null,
    history: history.map((entry) => ({ ...entry, what: [entry.what, ...detailWords(entry.detail, language, t)].join(" – ") })).reverse(),
    errors: Object.entries(problems).map(([name, text]) => ({ href: act ? `#${act}-${name}` : `#${name}`, text })),
  });
}

const percentWhole = (share: number, language: Language): string =>
  language === "fr" ? `${Math.round(share * 100)}\u00a0%` : `${Math.round(share * 100)}%`;
