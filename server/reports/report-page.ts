import type { Db, PersonTable, ReportTable } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import type { ReportState } from "../../workflows/report.decide.ts";
import { ABOUT_ONE_FINDING, type ReportEvent } from "../../workflows/report.machine.ts";
import { EVENT_WORDS, STATE_WORDS } from "../../workflows/report.words.ts";
import { listAccountsWithRole } from "../accounts/queries.ts";
import { chronologySummary } from "../chronology/summary.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { openQuestions } from "../questions/counts.ts";
import { type Act, actsFor } from "./apply-event.ts";
import { listEditions } from "./editions.ts";
import { factsOf } from "./facts.ts";
import { type Choice, choices, kilobytes, stateTag, type Tag } from "./labels.ts";
import { courtLabel, departmentLabel, regionLabel } from "./places.ts";
import { countsLine, qualityOf } from "./quality/summary.ts";
import {
  type DocumentLine,
  findReport,
  listAssignments,
  listDocuments,
  listHistory,
  mayReadDocument,
  peopleOf,
  reasonsToldTo,
} from "./queries.ts";

const MEDIA: Record<string, string> = {
  "application/pdf": "PDF",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
  "application/vnd.oasis.opendocument.text": "ODT",
  "text/plain": "TXT",
};

const STEPS = ["received", "coded", "analysed", "published"] as const satisfies readonly ReportState[];
const steps = (state: ReportState, language: Language) =>
  STEPS.map((step, at) => {
    const here = STEPS.indexOf(state as (typeof STEPS)[number]);
    const status =
      state === "set_aside"
        ? ("aside" as const)
        : at < here || (state === "published" && at === here)
          ? ("done" as const)
          : at === here
            ? ("current" as const)
            : ("todo" as const);
    return { label: STATE_WORDS[step][language], status };
  });

const documentLine = (document: DocumentLine, reportId: string, t: T, language: Language) => ({
  number: document.number,
  name: document.file_name,
  type: MEDIA[document.media_type] ?? document.media_type,
  size: kilobytes(document.byte_count, language),
  text: document.has_text
    ? document.page_count
      ? t("reports.documents.withText", { count: document.page_count })
      : t("reports.documents.withTextPlain")
    : t("reports.documents.scan", { count: document.page_count ?? 1 }),
  scan: document.has_text === 0,
  digest: document.digest,
  href: `/rapports/${reportId}/documents/${document.number}/original`,
});

const personLabel = (person: PersonTable, t: T): string =>
  `${t(`reports.people.${person.kind}`)} ${person.number} (${t(`reports.people.sex.${person.sex}`)})`;

/** Acts of another way of coding than the report's: why they are not possible is no news to anybody. */
const OTHER_WAYS: Record<ReportTable["coding_mode"], readonly ReportEvent["type"][]> = {
  single: ["LAYER_SUBMITTED", "LAYER_REOPENED", "VALUE_ADJUDICATED", "ADJUDICATION_SUBMITTED"],
  blind: ["CODING_SUBMITTED", "SECOND_CODING_ASKED"],
  adjudicated: ["LAYER_SUBMITTED", "LAYER_REOPENED", "VALUE_ADJUDICATED", "ADJUDICATION_SUBMITTED", "SECOND_CODING_ASKED"],
};

/** Acts on one finding, judged and explained beside it on the page of review; there, approving says for all who reviews. */
const ON_ITS_FINDING: readonly ReportEvent["type"][] = ABOUT_ONE_FINDING.filter((type) => type !== "FINDING_APPROVED");

type HistoryDetail = { finding?: number; document?: number; analyst?: string; second?: string; layer?: number; edition?: number };
type Form = { version: number };
const showPage = template<{
  id: string;
  title: string;
  lead: string;
  state: Tag;
  notes: Tag[];
  steps: ReturnType<typeof steps>;
  provisional: boolean;
  sheet: { term: string; detail: string }[];
  sheetAct: Act | null;
  people: string[];
  documents: ReturnType<typeof documentLine>[];
  addDocument: { act: Act; field: { name: string; value: string; error: string | null }; limit: number } | null;
  work: { href: string; label: string; detail: string }[];
  assignment: {
    /** Who has it, each with where their coding stands. */
    lines: string[];
    form:
      | (Form & {
          act: Act;
          open: boolean;
          analyst: Field;
          /** Null where only one can be named. */
          second: Field | null;
          adjudicator: Field | null;
          priority: Field;
          due: Field;
          analysts: Choice[];
          priorities: Choice[];
          again: boolean;
        })
      | null;
    /** To have a coded report coded again, blind. */
    secondCoding: (Form & { act: Act; open: boolean; second: Field; adjudicator: Field; reason: Field; analysts: Choice[] }) | null;
    /** To let one of two coders go on. */
    reopenLayer: (Form & { act: Act; open: boolean; layer: Field; layers: Choice[]; reason: Field }) | null;
  };
  notPossible: Act[];
  aside: (Form & { kind: Field; reason: Field; kinds: Choice[] }) | null;
  restore: (Form & { reason: Field }) | null;
  reopen: (Form & { kind: Field; reason: Field; kinds: Choice[] }) | null;
  editions: { href: string; label: string; status: string }[];
  history: { at: string; iso: string; who: string; what: string; why: string | null }[];
  errors: { href: string; text: string }[];
  version: number;
}>("reports/show");

/** One report: its sheet, its documents, what may happen next and why not, its history. `form` says which form the problems belong to. */
export async function reportPage(
  db: Db,
  id: string,
  exchange: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
  form: "document" | "assign" | "second" | "layer" | "aside" | "restore" | "reopen" | null = null,
) {
  const { by, t, language, context } = exchange;
  const report = await findReport(db, id, by);
  const inside = may(by, "readCases");
  const questions = inside ? (await openQuestions(db, report, by)).total : 0;
  const acts = await actsFor(db, report, by, language);
  const act = (type: ReportEvent["type"]) => acts.find((one) => one.type === type) ?? null;
  const open = (type: ReportEvent["type"]) => act(type)?.reasons.length === 0;
  const facts = await factsOf(db, report);
  const quality = inside ? await qualityOf(db, report, dayOf(exchange.now)) : null;
  const told = await reasonsToldTo(db, report, by);
  const [people, documents, assignments, history, editions, depositor] = [
    await peopleOf(db, id),
    await listDocuments(db, id),
    await listAssignments(db, id),
    await listHistory(db, id),
    await listEditions(db, id),
    await db.selectFrom("account").select("name").where("id", "=", report.deposited_by).executeTakeFirstOrThrow(),
  ];
  const { coded } = await db
    .selectFrom("coding")
    .select((e) => e.fn.countAll().as("coded"))
    .where("report_id", "=", id)
    .where("layer", "=", report.counted_layer)
    .executeTakeFirstOrThrow();
  const on = (name: typeof form) => (form === name ? typed : null);
  const wrong = (name: typeof form) => (form === name ? problems : {});
  exchange.audit("report.read", "report", id);
  const title = t("reports.show.reference", { id });
  const version = report.version;
  const assign = act("REPORT_ASSIGNED");
  const analysts = (await listAccountsWithRole(db, "analyst")).map((account) => ({ value: account.id, label: account.name }));
  const holder = (layer: number) => assignments.find((one) => one.layer === layer)?.analyst_id ?? "";
  const twoCanCode = report.state === "received" && report.coding_mode !== "adjudicated";
  const addDocument = act("DOCUMENT_ADDED");
  const names = new Map((await db.selectFrom("account").select(["id", "name"]).execute()).map((account) => [account.id, account.name]));
  return showPage(title, {
    id,
    title,
    lead: t("reports.show.lead", { date: longDate(report.act_date, language), department: departmentLabel(report.department) }),
    state: stateTag(report.state, language),
    notes: report.priority === "high" ? [{ tone: "warning", label: t("reports.list.high") }] : [],
    steps: steps(report.state, language),
    provisional: !["final", "extinguished", "dismissed"].includes(report.proceedings),
    sheet: [
      [t("reports.show.received"), longDate(report.received_on, language)],
      [t("reports.show.depositedBy"), depositor.name],
      [t("reports.show.issuing"), `${report.issuing_service} (${t(`reports.issuingKinds.${report.issuing_kind}`)})`],
      [t("reports.show.actDate"), longDate(report.act_date, language)],
      [t("reports.show.actKind"), t(`reports.actKinds.${report.act_kind}`)],
      [t("reports.show.department"), departmentLabel(report.department)],
      [t("reports.show.region"), regionLabel(report.region)],
      [t("reports.show.court"), courtLabel(report.court)],
      [t("reports.show.appealCourt"), report.appeal_court],
      [t("reports.show.proceedings"), t(`reports.proceedings.${report.proceedings}`)],
      [t("reports.show.codebook"), t("reports.show.codebookVersion", { version: report.codebook_version })],
      ...(report.due_on ? [[t("reports.show.due"), longDate(report.due_on, language)]] : []),
    ].map(([term, detail]) => ({
      term: term!,
      detail: detail!,
      // To whoever works on the case: whether a later version is in force, and what passing to it would do.
      ...(term === t("reports.show.codebook") && may(by, "readCases") && { href: `/rapports/${id}/version` }),
    })),
    sheetAct: open("SHEET_CORRECTED") ? act("SHEET_CORRECTED") : null,
    people: people.map((person) => personLabel(person, t)),
    documents: documents.filter((one) => mayReadDocument(one, by)).map((document) => documentLine(document, id, t, language)),
    addDocument:
      addDocument && addDocument.reasons.length === 0
        ? {
            act: addDocument,
            field: { name: "documents", value: "", error: form === "document" ? (problems["documents"] ?? null) : null },
            limit: Math.round(context.config.maxDocumentBytes / 1024 / 1024),
          }
        : null,
    work: inside
      ? [
          {
            href: `/rapports/${id}/codage`,
            label: t("reports.show.coding"),
            detail:
              report.coding_mode === "blind"
                ? t("reports.show.codingBlind")
                : t("reports.show.codingProgress", {
                    count: Number(coded),
                    coded: Number(coded),
                    expected: Number(coded) + facts.uncodedFactors,
                  }),
          },
          ...(report.coding_mode === "single"
            ? []
            : [
                {
                  href: `/rapports/${id}/arbitrage`,
                  label: t("adjudication.crumb"),
                  detail: t(
                    report.coding_mode === "adjudicated"
                      ? "adjudication.report.done"
                      : assignments.filter(({ layer, submitted_at }) => layer !== 3 && submitted_at !== null).length === 2
                        ? "adjudication.report.ready"
                        : "adjudication.report.waiting",
                  ),
                },
              ]),
          {
            href: `/rapports/${id}/chronologie`,
            label: t("chronology.title"),
            detail: await chronologySummary(db, report, by, language, t),
          },
          {
            href: `/rapports/${id}/constats`,
            label: t("reports.show.findings"),
            detail: t("reports.show.findingsCount", { count: facts.findings }),
          },
          ...(quality
            ? [{ href: `/rapports/${id}/qualite`, label: t("quality.report.link"), detail: countsLine(quality, language, t) }]
            : []),
          {
            href: `/rapports/${id}/relecture`,
            label: t("reports.show.review"),
            detail: t("reports.show.reviewProgress", { count: facts.undecidedFindings }),
          },
          {
            href: `/rapports/${id}/questions`,
            label: t("questions.report.title"),
            detail: questions === 0 ? t("questions.report.none") : t("questions.card.count", { count: questions }),
          },
        ]
      : [],
    assignment: {
      lines: assignments.map(({ name, layer, submitted_at }) => {
        if (report.coding_mode !== "blind")
          return report.coding_mode === "adjudicated" && layer === 3 ? t("reports.assign.adjudicates", { name }) : name;
        if (layer === 3) return t("reports.assign.adjudicates", { name });
        return submitted_at
          ? t("reports.assign.layerSubmitted", { layer: layer === 1 ? "A" : "B", name, date: longDate(dayOf(submitted_at), language) })
          : t("reports.assign.layerOpen", { layer: layer === 1 ? "A" : "B", name });
      }),
      form:
        assign && assign.reasons.length === 0
          ? {
              version,
              act: assign,
              open: assignments.length === 0 || (form === "assign" && Object.keys(problems).length > 0),
              analyst: field("analyst", on("assign"), wrong("assign"), holder(report.coding_mode === "blind" ? 1 : report.counted_layer)),
              second: twoCanCode ? field("second", on("assign"), wrong("assign"), report.coding_mode === "blind" ? holder(2) : "") : null,
              adjudicator: twoCanCode ? field("adjudicator", on("assign"), wrong("assign"), holder(3)) : null,
              priority: field("priority", on("assign"), wrong("assign"), report.priority),
              due: field("due", on("assign"), wrong("assign"), report.due_on),
              analysts,
              priorities: choices(["normal", "high"] as const, (code) => t(`reports.priority.${code}`)),
              again: assignments.length > 0,
            }
          : null,
      secondCoding: (() => {
        const ask = act("SECOND_CODING_ASKED");
        if (!ask || ask.reasons.length > 0) return null;
        const named = (name: string) => ({ ...field(name, on("second"), wrong("second")), id: `second-${name}` });
        return {
          version,
          act: ask,
          open: form === "second",
          second: named("second"),
          adjudicator: named("adjudicator"),
          reason: named("reason"),
          analysts,
        };
      })(),
      reopenLayer: (() => {
        const reopenOne = act("LAYER_REOPENED");
        if (!reopenOne || reopenOne.reasons.length > 0) return null;
        const named = (name: string) => ({ ...field(name, on("layer"), wrong("layer")), id: `layer-${name}` });
        return {
          version,
          act: reopenOne,
          open: form === "layer",
          layer: named("layer"),
          layers: assignments
            .filter((one) => one.layer !== 3 && one.submitted_at !== null)
            .map((one) => ({
              value: String(one.layer),
              label: t("reports.assign.layer", { layer: one.layer === 1 ? "A" : "B", name: one.name }),
            })),
          reason: named("reason"),
        };
      })(),
    },
    notPossible: inside
      ? acts.filter(
          ({ type, reasons }) => reasons.length > 0 && !OTHER_WAYS[report.coding_mode].includes(type) && !ON_ITS_FINDING.includes(type),
        )
      : [],
    aside: open("REPORT_SET_ASIDE")
      ? {
          version,
          kind: field("kind", on("aside"), wrong("aside")),
          reason: { ...field("reason", on("aside"), wrong("aside")) },
          kinds: choices(["duplicate", "out_of_scope", "unusable"] as const, (code) => t(`reports.aside.kinds.${code}`)),
        }
      : null,
    restore: open("REPORT_RESTORED") ? { version, reason: field("reason", on("restore"), wrong("restore")) } : null,
    reopen: open("REPORT_REOPENED")
      ? {
          version,
          kind: field("kind", on("reopen"), wrong("reopen")),
          reason: field("reason", on("reopen"), wrong("reopen")),
          kinds: choices(["judgment", "new_document", "error"] as const, (code) => t(`reports.reopen.kinds.${code}`)),
        }
      : null,
    editions: editions.map(({ number, published_at, superseded_at }) => ({
      href: `/rapports/${id}/editions/${number}`,
      label: t("reports.show.edition", { number, date: longDate(dayOf(published_at), language) }),
      status: superseded_at ? t("reports.show.superseded", { date: longDate(dayOf(superseded_at), language) }) : t("reports.show.current"),
    })),
    history: history.map(({ type, at, reason, name, detail, by: who }) => {
      const what = type === "REPORT_RECEIVED" ? t("reports.show.receivedEvent") : EVENT_WORDS[type as ReportEvent["type"]].done[language];
      const about = detail ? (JSON.parse(detail) as HistoryDetail) : {};
      const more = [
        about.finding && t("reports.show.finding", { number: about.finding }),
        about.edition && t("reports.show.editionNumber", { number: about.edition }),
        about.document && t("reports.show.document", { number: about.document }),
        inside && about.analyst && t("reports.show.to", { name: names.get(about.analyst) ?? "" }),
        inside && about.second && t("reports.show.toSecond", { name: names.get(about.second) ?? "" }),
        inside && about.layer && t("reports.show.layer", { layer: about.layer === 1 ? "A" : "B" }),
      ].filter(Boolean);
      return {
        at: instant(at, language),
        iso: at,
        who: inside ? name : "",
        what: more.length > 0 ? `${what} (${more.join(", ")})` : what,
        why: inside && told({ type, by: who, at, detail }) ? reason : null,
      };
    }),
    errors: summary(problems),
    version,
  });
}
