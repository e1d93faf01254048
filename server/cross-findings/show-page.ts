import type { CrossFindingTable, Db, FindingKind } from "../../db/schema.ts";
import { type CrossFindingOffer, crossFindingOffers } from "../../workflows/cross-finding.decide.ts";
import {
  CROSS_FINDING_RETURNS,
  type CrossFindingEvent,
  type CrossFindingFacts,
  type CrossFindingReturn,
} from "../../workflows/cross-finding.machine.ts";
import { CROSS_FINDING_EVENT_WORDS, CROSS_FINDING_RETURN_WORDS, CROSS_FINDING_RULE_WORDS } from "../../workflows/cross-finding.words.ts";
import { RECOMMENDATION_STATE_WORDS } from "../../workflows/recommendation.words.ts";
import type { CodebookDefinition } from "../codebook/definition.ts";
import { labelIn } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { prevalenceOf } from "../findings/prevalence.ts";
import { PUBLIC_CHECKS } from "../findings/public-checklist.ts";
import { type Run, wordDifference } from "../findings/word-difference.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, integer, longDate, percent } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { suspectsIn } from "../reports/public-statement.ts";
import { veilOf } from "../wellbeing/veil.ts";
import { findCrossFinding, historyOf, type Words } from "./act.ts";
import { type Basis, type BasisChange, basisChanges, basisOf, type Evidence, evidenceNow, keyOf, pairOf } from "./evidence.ts";
import { crossFindingFactsOf } from "./facts.ts";
import { evidenceLines, factorName, kindTag, seenValue, stateTag, type Tag } from "./labels.ts";
import { type PassageCard, passageCards } from "./passages.ts";
import { findProposal, listDissents, listRecommendationsOn, listTexts, passagesBehind } from "./queries.ts";

type Link = { href: string; label: string };
type Fact = { term: string; detail: string; href?: string };
/** How an act is asked for: a button alone, with a reason, or with more. */
type ActForm = "plain" | "reason" | "return" | "approve" | "confirm" | "propose" | "accept" | "edit" | "dissent";
type Act = {
  type: CrossFindingEvent["type"];
  label: string;
  reasons: string[];
  form: ActForm;
  to: string;
  tone: "primary" | "quiet" | "danger";
  hint: string;
  /** Of a form with a reason. */
  reason: Field | null;
};

/** How each act is asked for; the order is the one of the page. */
const FORMS: Record<Exclude<CrossFindingEvent["type"], "EVIDENCE_CHANGED">, Pick<Act, "form" | "to" | "tone"> & { reason?: string }> = {
  EDITS_ACCEPTED: { form: "accept", to: "accepter", tone: "primary" },
  EDITS_DECLINED: { form: "reason", to: "ecarter", tone: "quiet", reason: "declineReason" },
  CROSS_FINDING_WRITTEN: { form: "edit", to: "modifier", tone: "primary" },
  CROSS_FINDING_SUBMITTED: { form: "plain", to: "soumettre", tone: "primary" },
  CROSS_FINDING_APPROVED: { form: "approve", to: "approuver", tone: "primary" },
  EDITS_PROPOSED: { form: "propose", to: "proposer", tone: "quiet" },
  CROSS_FINDING_RETURNED: { form: "return", to: "renvoyer", tone: "quiet", reason: "returnReason" },
  SECOND_REVIEW_ASKED: { form: "plain", to: "seconde-relecture", tone: "quiet" },
  PUBLIC_STATEMENT_CONFIRMED: { form: "confirm", to: "confirmer", tone: "primary" },
  CROSS_FINDING_RESUMED: { form: "reason", to: "reprendre", tone: "quiet", reason: "resumeReason" },
  CORRECTION_BEGUN: { form: "reason", to: "corriger", tone: "quiet", reason: "correctionReason" },
  DISSENT_RECORDED: { form: "dissent", to: "desaccord", tone: "quiet", reason: "dissent" },
  DISSENT_WITHDRAWN: { form: "plain", to: "desaccord/retirer", tone: "quiet" },
  CROSS_FINDING_WITHDRAWN: { form: "reason", to: "retirer", tone: "danger", reason: "withdrawalReason" },
};
const ORDER = Object.keys(FORMS) as (keyof typeof FORMS)[];
/** Acts that are not spoken of where they are not possible for this person: nothing waits for them. */
const SILENT: readonly CrossFindingEvent["type"][] = [
  "EDITS_ACCEPTED",
  "EDITS_DECLINED",
  "DISSENT_WITHDRAWN",
  "PUBLIC_STATEMENT_CONFIRMED",
];

const showView = template<{
  title: string;
  trail: { label: string; href?: string }[];
  reference: string;
  version: number;
  state: Tag;
  kind: Tag;
  facts: Fact[];
  statement: string;
  publicStatement: string | null;
  /** What in the public statement looks like something that lets a case be recognised; shown to whoever decides. */
  suspects: string[] | null;
  /** What changed of the evidence since it was seen. */
  changes: string[];
  /** The approved text that stands while another one is being written or reviewed. */
  standing: { text: string; statement: string; publicStatement: string | null } | null;
  proposal: { who: string; reason: string; statement: Run[]; publicStatement: Run[] | null; service: Run[] | null } | null;
  columns: string[];
  rows: { report: Link; year: string; cells: { lines: { value: string; known: string | null }[]; changed: string | null }[] }[];
  evidence: { report: string; href: string; factors: { label: string; passages: PassageCard[] }[] }[];
  counts: {
    factor: Link;
    values: string;
    having: string;
    other: string;
    silent: string;
    ofAll: string;
    ofDocumented: string;
    here: string;
  }[];
  recommendations: { href: string; reference: string; text: string; state: string; questioned: boolean }[];
  recommend: { href: string | null; why: string };
  texts: { title: string; when: string; standing: boolean; statement: string; publicStatement: string | null; facts: string }[];
  dissents: { who: string; at: string; text: string; withdrawn: string | null }[];
  history: { at: string; iso: string; who: string; what: string; why: string | null }[];
  acts: Act[];
  returns: { category: Field; options: { value: string; label: string }[] };
  checks: { field: ListField; options: { value: string; label: string }[] } | null;
  comment: Field;
  proposed: Record<"proposedStatement" | "proposedPublic" | "proposedService" | "proposalReason", Field>;
  practice: Link | null;
  errors: { href: string; text: string }[];
}>("cross-findings/show");

/** One change of the evidence in words. */
function changeWords(change: BasisChange, codebook: CodebookDefinition, language: Language, t: T): string {
  const { reportId: report, what } = change;
  const factor = factorName(codebook, change.factor, language);
  switch (what) {
    case "value":
      return t("cross-findings.changes.value", {
        report,
        factor,
        before: seenValue(codebook, change.factor, change.before, language, t),
        after: seenValue(codebook, change.factor, change.after ?? "unknown", language, t),
      });
    case "fallen":
    case "known":
    case "passages":
      return t(`cross-findings.changes.${what}`, { report, factor });
  }
}

/** What the history says besides the event: which report and factors, which category. */
function detailWords(
  detail: Record<string, string | number> | null,
  codebook: CodebookDefinition,
  language: Language,
  t: T,
): string | null {
  if (!detail) return null;
  if (typeof detail["report"] === "string")
    return t("cross-findings.history.evidence", {
      report: detail["report"],
      factors: String(detail["factors"] ?? "")
        .split(",")
        .map((code) => factorName(codebook, code, language))
        .join(", "),
    });
  if (typeof detail["category"] === "string")
    return CROSS_FINDING_RETURN_WORDS[detail["category"] as CrossFindingReturn]?.[language] ?? null;
  return null;
}

/** What each act needs said beside its button. */
const hintOf = (type: CrossFindingEvent["type"], t: T): string => {
  switch (type) {
    case "CROSS_FINDING_SUBMITTED":
    case "CROSS_FINDING_APPROVED":
    case "CORRECTION_BEGUN":
    case "CROSS_FINDING_WITHDRAWN":
    case "SECOND_REVIEW_ASKED":
    case "DISSENT_RECORDED":
    case "EDITS_PROPOSED":
      return t(`cross-findings.hints.${type}`);
    default:
      return "";
  }
};

function actsOf(
  offers: readonly CrossFindingOffer[],
  reference: string,
  facts: CrossFindingFacts,
  { language, t }: Exchange,
  typed: Typed | null,
  problems: Problems,
): Act[] {
  return ORDER.flatMap((type): Act[] => {
    const offer = offers.find((one) => one.type === type);
    if (!offer || (offer.broken.length > 0 && SILENT.includes(type))) return [];
    const { reason, to, ...form } = FORMS[type];
    return [
      {
        type,
        label: CROSS_FINDING_EVENT_WORDS[type].act[language],
        reasons: offer.broken.map((rule) => CROSS_FINDING_RULE_WORDS[rule][language](facts)),
        ...form,
        to: `/constats/${reference}/${to}`,
        hint: hintOf(type, t),
        reason: reason ? field(reason, typed, problems) : null,
      },
    ];
  });
}

/** In how many published cases each factor says what this finding rests on, with both denominators. */
async function countsOf(db: Db, codebook: CodebookDefinition, basis: readonly Basis[], language: Language, t: T) {
  const factors = [...new Set(basis.map(({ factor }) => factor))];
  const place = new Map(codebook.factors.map(({ code }, at) => [code, at]));
  factors.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  const asked = factors.map((factor) => ({
    factor,
    values: [
      ...new Set(
        basis
          .filter((one) => one.factor === factor)
          .flatMap(({ value }) => value.split(/[;,]/u))
          .filter((value) => value !== "unknown" && value !== "not_available"),
      ),
    ],
  }));
  const counted = await prevalenceOf(db, codebook.version, asked);
  const share = (n: number, of: number) => (of === 0 ? "–" : percent(n / of, language));
  return asked.map(({ factor, values }) => {
    const { cases, documented, hits } = counted.get(factor)!;
    return {
      factor: { href: `/observatoire/facteurs/${factor}`, label: factorName(codebook, factor, language) },
      values: values.map((value) => seenValue(codebook, factor, value, language, t)).join(", "),
      having: integer(hits, language),
      other: integer(documented - hits, language),
      silent: integer(cases - documented, language),
      ofAll: t("cross-findings.counts.share", { share: share(hits, cases), n: integer(cases, language) }),
      ofDocumented: t("cross-findings.counts.share", { share: share(hits, documented), n: integer(documented, language) }),
      here: integer(new Set(basis.filter((one) => one.factor === factor).map(({ report_id }) => report_id)).size, language),
    };
  });
}

const differs = (before: string | null, after: string | null): Run[] | null =>
  before === after ? null : wordDifference(before ?? "", after ?? "");

/** One cross-case finding with everything it rests on, its review, and what may happen next. @throws NotFound */
export async function showPage(db: Db, reference: string, exchange: Exchange, typed: Typed | null = null, problems: Problems = {}) {
  const { by, t, language, audit } = exchange;
  const row = await findCrossFinding(db, reference);
  const codebook = await currentCodebook(db);
  const facts = await crossFindingFactsOf(db, row);
  const offers = crossFindingOffers(row.state, facts, by);
  const basis = await basisOf(db, row.id);
  const now = await evidenceNow(db, basis.map(pairOf));
  const changes = basisChanges(basis, now);
  const passages = await passagesBehind(db, basis.map(pairOf));
  const reports = [...new Set(basis.map(({ report_id }) => report_id))];
  const covers = await veilOf(db, by.id, "reading", reports);
  audit("cross-finding.read", "cross-finding", reference);
  for (const id of reports) audit("passages.read", "report", id);

  const day = (at: string) => longDate(dayOf(at), language);
  const place = new Map(codebook.factors.map(({ code }, at) => [code, at]));
  const columns = [...new Set(basis.map(({ factor }) => factor))].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  const sectionOf = (code: string) => codebook.factors.find((one) => one.code === code)?.section;
  const seen = new Map(basis.map((one) => [keyOf(pairOf(one)), one]));
  const changed = new Map(changes.map((change) => [keyOf(change), change]));
  const evidenceOf = (reportId: string): Evidence | undefined =>
    columns.map((factor) => now.get(keyOf({ reportId, factor }))).find(Boolean);

  const texts = await listTexts(db, row.id);
  const standing = row.state === "approved" ? null : (texts.find(({ number }) => number === row.standing_text) ?? null);
  const proposal = await findProposal(db, row.id);
  const before = proposal ? (JSON.parse(proposal.words_before) as Words) : null;
  const decides = offers.some(
    ({ type, broken }) =>
      broken.length === 0 &&
      (type === "CROSS_FINDING_APPROVED" || type === "PUBLIC_STATEMENT_CONFIRMED" || type === "CROSS_FINDING_RETURNED"),
  );
  const quotes = [...passages.values()].flat().map(({ quote }) => quote);
  const practice = await db.selectFrom("good_practice").selectAll().where("cross_finding_id", "=", row.id).executeTakeFirst();
  const writer = await db.selectFrom("account").select("name").where("id", "=", row.written_by).executeTakeFirstOrThrow();
  return showView(t("cross-findings.show.pageTitle", { reference }), {
    title: t("cross-findings.show.title", { reference }),
    trail: [{ href: "/constats", label: t("cross-findings.title") }, { label: reference }],
    reference,
    version: row.version,
    state: stateTag(row.state, language),
    kind: kindTag(row.kind, t),
    facts: [
      ...(row.service ? [{ term: t("findings.form.service"), detail: row.service }] : []),
      ...(row.known_when ? [{ term: t("findings.form.knownWhen"), detail: labelIn(codebook.knownWhen, row.known_when, language) }] : []),
      { term: t("findings.written"), detail: t("findings.writtenBy", { name: writer.name, date: instant(row.written_at, language) }) },
      ...approvedFact(row, texts[0]?.approver ?? "", language, t),
      ...(row.second_review ? [{ term: t("cross-findings.show.second"), detail: t(`cross-findings.second.${row.second_review}`) }] : []),
    ],
    statement: row.statement,
    publicStatement: row.public_statement,
    suspects:
      decides && row.public_statement
        ? suspectsIn(row.public_statement, { passages: quotes, places: [] }).map(({ check, text }) =>
            t("findings.checks.suspect", { check: t(`findings.checks.short.${check}`), text }),
          )
        : null,
    changes: changes.map((change) => changeWords(change, codebook, language, t)),
    standing: standing && {
      text: t("cross-findings.show.standing", { date: day(standing.approved_at), name: standing.approver }),
      statement: standing.statement,
      publicStatement: standing.public_statement,
    },
    proposal:
      proposal && before
        ? {
            who: t("cross-findings.proposal.who", { name: proposal.proposer, date: instant(proposal.proposed_at, language) }),
            reason: proposal.reason,
            statement: wordDifference(before.statement, proposal.statement),
            publicStatement: differs(before.publicStatement, proposal.public_statement),
            service: differs(before.service, proposal.service),
          }
        : null,
    columns: columns.map((code) => factorName(codebook, code, language)),
    rows: reports.map((reportId) => {
      const one = evidenceOf(reportId);
      const edition = one?.edition ?? basis.find(({ report_id }) => report_id === reportId)!.edition;
      return {
        report: { href: `/rapports/${reportId}/editions/${edition}`, label: reportId },
        year: one ? one.actDate.slice(0, 4) : "–",
        cells: columns.map((factor) => {
          const key = keyOf({ reportId, factor });
          const kept = seen.get(key);
          if (!kept) return { lines: [], changed: null };
          const said = now.get(key);
          const change = changed.get(key);
          return {
            lines: said
              ? evidenceLines(codebook, said, language, t)
              : [{ value: seenValue(codebook, factor, kept.value, language, t), known: null }],
            changed: change ? t(`cross-findings.changes.short.${change.what}`) : null,
          };
        }),
      };
    }),
    evidence: reports
      .map((reportId) => ({
        report: reportId,
        href: `/rapports/${reportId}`,
        factors: columns.flatMap((factor) => {
          const pair = { reportId, factor };
          const own = passages.get(keyOf(pair)) ?? [];
          if (!seen.has(keyOf(pair)) || own.length === 0) return [];
          return [{ label: factorName(codebook, factor, language), passages: passageCards(own, pair, sectionOf(factor), covers, t) }];
        }),
      }))
      .filter(({ factors }) => factors.length > 0),
    counts: await countsOf(db, codebook, basis, language, t),
    recommendations: (await listRecommendationsOn(db, row.id)).map((one) => ({
      href: `/recommandations/${one.reference}`,
      reference: one.reference,
      text: one.text,
      state: RECOMMENDATION_STATE_WORDS[one.state][language],
      questioned: one.evidence_question_at !== null,
    })),
    recommend: recommendOf(row, by.roles.includes("analyst") || by.roles.includes("coordinator"), t),
    texts: texts.map((text) => ({
      title: t("cross-findings.texts.title", { number: text.number }),
      when: t("cross-findings.texts.when", { date: day(text.approved_at), name: text.approver }),
      standing: text.number === row.standing_text,
      statement: text.statement,
      publicStatement: text.public_statement,
      facts: [
        t(`findings.kinds.${text.kind as FindingKind}.label`),
        text.service,
        t("cross-findings.list.reports", { count: new Set(text.basis.map(({ report_id }) => report_id)).size }),
        text.checklist.length > 0
          ? t("findings.checks.done", { list: text.checklist.map((check) => t(`findings.checks.short.${check}`)).join(", ") })
          : null,
      ]
        .filter(Boolean)
        .join(" · "),
    })),
    dissents: (await listDissents(db, row.id)).map((one) => ({
      who: one.name,
      at: instant(one.at, language),
      text: one.text,
      withdrawn: one.withdrawn_at && t("cross-findings.dissents.withdrawn", { date: day(one.withdrawn_at) }),
    })),
    history: (await historyOf(db, row.id, 0, language))
      .map(({ at, iso, who, what, why, detail }) => {
        const more = detailWords(detail, codebook, language, t);
        return { at, iso, who, what: more ? `${what} – ${more}` : what, why };
      })
      .reverse(),
    acts: actsOf(offers, reference, facts, exchange, typed, problems),
    returns: {
      category: field("category", typed, problems),
      options: CROSS_FINDING_RETURNS.map((code) => ({ value: code, label: CROSS_FINDING_RETURN_WORDS[code][language] })),
    },
    checks: row.public_statement
      ? {
          field: listField("checks", typed, problems),
          options: PUBLIC_CHECKS.map((check) => ({ value: check, label: t(`findings.checks.${check}`) })),
        }
      : null,
    comment: field("comment", typed, problems),
    proposed: {
      proposedStatement: field("proposedStatement", typed, problems, row.statement),
      proposedPublic: field("proposedPublic", typed, problems, row.public_statement),
      proposedService: field("proposedService", typed, problems, row.service),
      proposalReason: field("proposalReason", typed, problems),
    },
    practice: practice
      ? { href: `/bonnes-pratiques/${practice.reference}`, label: t("cross-findings.show.practice", { reference: practice.reference }) }
      : null,
    errors: summary(problems),
  });
}

const approvedFact = ({ approved_at, state }: CrossFindingTable, approver: string, language: Language, t: T): Fact[] =>
  approved_at === null || state !== "approved"
    ? []
    : [
        {
          term: t("cross-findings.show.approved"),
          detail: t("findings.writtenBy", { name: approver, date: instant(approved_at, language) }),
        },
      ];

/** The way to a recommendation that rests on this finding, or why there is none. */
const recommendOf = ({ state, reference }: CrossFindingTable, writes: boolean, t: T) => {
  if (state !== "approved") return { href: null, why: t("cross-findings.recommend.notApproved") };
  if (!writes) return { href: null, why: t("cross-findings.recommend.notYours") };
  return { href: `/recommandations/nouvelle?constat=${reference}`, why: "" };
};
