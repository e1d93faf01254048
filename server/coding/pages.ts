import type { Db } from "../../db/schema.ts";
import { notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import { labelOf, printed } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { type Problems, summary, type Typed } from "../http/fields.ts";
import { longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { openQuestions } from "../questions/counts.ts";
import { actsFor } from "../reports/apply-event.ts";
import { findReport, listAssignments, listDocuments, peopleOf } from "../reports/queries.ts";
import { readingSettings } from "../wellbeing/settings.ts";
import { ownMarks, veilOf } from "../wellbeing/veil.ts";
import { clearedVersions, listActs } from "./acts.ts";
import { type Card, cardOf, type Read, suggestionsOf } from "./cards.ts";
import { blocksWith, type DocumentModel, documentModel } from "./document-side.ts";
import { anchorOf, expectedIn, keyOf, missingOf, subjectOf } from "./expected.ts";
import { whoseLabel } from "./labels.ts";
import { layerFor } from "./layers.ts";
import { findDocument, listCodedPassages, listCodings, listDismissals } from "./queries.ts";
import { fieldOf, queryOf, type Shown } from "./shown.ts";
import { type Direction, offersOf } from "./undo.ts";

type Group = { person: string | null; cards: Card[] };
type SectionModel = {
  code: string;
  anchor: string;
  label: string;
  note: string | null;
  done: number;
  total: number;
  uncoded: number;
  groups: Group[];
};
type ActModel = {
  title: string;
  text: string;
  reasons: string[];
  action: string;
  button: string;
  reasonField: { label: string; value: string; error: string | null } | null;
  tone: string;
};

export type Workspace = {
  id: string;
  title: string;
  state: { tone: string; label: string };
  facts: string[];
  action: string;
  version: number;
  editable: boolean;
  readOnly: string[];
  errors: { href: string; text: string }[];
  tabs: { number: number; label: string; href: string; current: boolean; scan: boolean }[];
  /** The documents that can stand beside the one shown, and none; empty when there is but one. */
  beside: { label: string; href: string; current: boolean }[];
  /** What is shown, as the forms carry it and as part of an address. */
  shown: string;
  query: string;
  /** The documents shown: none, one or two. */
  documents: DocumentModel[];
  /** Whether the page holds one card alone, and where all of them are. */
  alone: { href: string } | null;
  /** Whether its details are open. */
  spread: boolean;
  /** Every section, even when the page shows one card. */
  progress: Pick<SectionModel, "code" | "anchor" | "label" | "done" | "total">[];
  sections: SectionModel[];
  done: number;
  total: number;
  missing: { href: string; label: string; why: string }[];
  acts: ActModel[];
  /** Undo and redo; `act` is null when there is nothing to. */
  turns: { direction: Direction; action: string; act: number | null; label: string }[];
  /** The factors this person coded last, the latest first: one key each. */
  recent: { href: string; card: string; label: string }[];
  script: string;
};
const workspace = template<Workspace>("coding/workspace", { wide: true, scripts: ["/assets/coding.js"] });

const TONES = { received: "info", coded: "progress", analysed: "progress", published: "success", set_aside: "neutral" } as const;
const SCRIPT_WORDS = [
  "saving",
  "saved",
  "failed",
  "retry",
  "offline",
  "signedOut",
  "signIn",
  "kept",
  "conflict",
  "keepTheirs",
  "keepMine",
  "choose",
  "attached",
  "noSelection",
  "noFactor",
  "allDone",
  "done",
  "noSuggestion",
  "undo",
  "valueFirst",
  "pickerNone",
  "pickerCount",
  "present",
  "absent",
  "attachSelection",
  "failedFirst",
  "attachButton",
  "dismiss",
  "detach",
  "reason",
  "pickerCoded",
] as const;

/** One key each, from 1 to 9. */
const RECENT = 9;

const first = (value: string | string[] | undefined): string => [value ?? ""].flat()[0] ?? "";

/** What an address of the coding page asks to see. */
export type Asked = {
  /** What the document side shows; the first document where it names none that is there. */
  shown: Shown;
  /**
   * One card alone, whole, by its address on the page. `blocks`: beside it only the paragraphs that hold its passages, and these ("1:12" is the twelfth of the first
   * document): what the page's script draws anew after an act.
   */
  only?: { card: string; blocks: readonly string[] | null } | undefined;
  typed?: Typed | null;
  problems?: Problems;
  status?: number;
};

/** The coding workspace of a report as this person may use it. @throws NotFound */
export async function workspacePage(db: Db, id: string, asked: Asked, { by, language, t }: Exchange) {
  const report = await findReport(db, id, by);
  const layer = await layerFor(db, report, by.id);
  const [definition, people, lines, assignments, codings, passages, acts, history, questions] = await Promise.all([
    codebookVersion(db, report.codebook_version),
    peopleOf(db, id),
    listDocuments(db, id),
    listAssignments(db, id),
    listCodings(db, id, layer),
    listCodedPassages(db, id, layer),
    actsFor(db, report, by, language),
    listActs(db, id, layer),
    openQuestions(db, report, by),
  ]);
  const numbered = (number: number | null) => lines.find((line) => line.number === number)?.number ?? null;
  const document = numbered(asked.shown.document) ?? lines[0]?.number ?? null;
  const other = numbered(asked.shown.beside);
  const beside = other === document ? null : other;
  const shown: Shown = { ...asked.shown, document, beside };
  const sources = (
    await Promise.all([document, beside].map((number) => (number === null ? undefined : findDocument(db, id, number))))
  ).filter((one) => one !== undefined);
  const act = acts.find(({ type }) => type === "VALUE_CODED");
  const readOnly = act ? act.reasons : [notOffered("VALUE_CODED", report.state, language)];
  const editable = readOnly.length === 0;
  const dismissedByKey = Map.groupBy(editable ? await listDismissals(db, id, layer) : [], ({ factor, subject }) => keyOf(factor, subject));
  const base = `/rapports/${id}/codage`;
  const pagesShown = sources.some(({ has_text }) => has_text === 0) && (await readingSettings(db, by.id)).pagesShown;
  const covers = await veilOf(db, by.id, editable ? "coding" : "reading", [id]);
  const read: Read = { report, definition, language, t, base, shown, covers, marked: await ownMarks(db, id, by.id) };

  const typed = asked.typed ?? null;
  const problems = asked.problems ?? {};
  const typedKey = typed ? keyOf(first(typed.factor), first(typed.subject)) : null;
  const byKey = new Map(codings.map((coding) => [keyOf(coding.factor, coding.subject), coding]));
  const passagesByKey = Map.groupBy(passages, ({ factor, subject }) => keyOf(factor, subject));
  const cleared = editable ? await clearedVersions(db, history, byKey) : new Map<string, number>();
  const turns = editable ? await offersOf(db, history, by.id, { definition, people, language, t }) : { undo: null, redo: null };
  const anchors = new Map<string, string>();
  const missing: Workspace["missing"] = [];
  let errorsAt: string | null = null;
  const titles = new Map<string, string>();
  let at = 0;
  const sections = definition.sections.map((section): SectionModel => {
    const groups: Group[] = [];
    let done = 0;
    let total = 0;
    let uncoded = 0;
    for (const expected of expectedIn(section, definition.factors, people, report)) {
      const { factor } = expected;
      const subject = subjectOf(expected);
      const key = keyOf(factor.code, subject);
      const coding = byKey.get(key);
      const evidence = passagesByKey.get(key) ?? [];
      const lacks = missingOf(coding, evidence.length);
      const label = labelOf(factor, language);
      const whose = whoseLabel(expected, report, t);
      const title = whose ? t("coding.missing.itemFor", { factor: label, person: whose }) : label;
      const anchor = anchorOf(expected);
      anchors.set(key, anchor);
      titles.set(key, title);
      at++;
      total++;
      if (lacks) {
        missing.push({ href: `#${anchor}`, label: title, why: t(`coding.card.missing.${lacks}`) });
        if (lacks === "value") uncoded++;
      } else done++;
      if (asked.only && asked.only.card !== anchor) continue;
      const mine = key === typedKey;
      if (mine) errorsAt = anchor;
      const card = cardOf(read, expected, {
        at,
        coding,
        passages: evidence,
        cleared: cleared.get(key) ?? 0,
        whole: mine || asked.only !== undefined,
        typed: mine ? typed : null,
        problems,
      });
      const underWay = questions.of(factor.code, subject);
      if (underWay > 0) card.questions.count = t("questions.card.count", { count: underWay });
      if (editable)
        card.suggestions = suggestionsOf(sources, factor, card, evidence, dismissedByKey.get(key) ?? [], covers([factor.code], ""), t);
      const group = groups.at(-1);
      if (group && group.person === card.person) group.cards.push(card);
      else groups.push({ person: card.person, cards: [card] });
    }
    return {
      code: section.code,
      anchor: `section-${section.code}`,
      label: labelOf(section, language),
      note: section.noteFr && printed(section.noteFr),
      done,
      total,
      uncoded,
      groups,
    };
  });
  const total = sections.reduce((sum, section) => sum + section.total, 0);

  const words = {
    CODING_SUBMITTED: "submit",
    LAYER_SUBMITTED: "submitBlind",
    CODING_RESUMED: "resume",
    CODING_RETURNED: "return",
  } as const;
  const paths = {
    CODING_SUBMITTED: "remettre",
    LAYER_SUBMITTED: "remettre-en-aveugle",
    CODING_RESUMED: "reprendre",
    CODING_RETURNED: "renvoyer",
  } as const;
  const elsewhere = report.coding_mode === "blind" ? "CODING_SUBMITTED" : "LAYER_SUBMITTED";
  const reasonTyped = typed && !typedKey?.trim() ? first(typed.reason) : "";
  const actModels = acts.flatMap(({ type, reasons }): ActModel[] => {
    if (!(type in words) || type === elsewhere) return [];
    const event = type as keyof typeof words;
    const word = words[event];
    return [
      {
        title: t(`coding.acts.${word}.title`),
        text: t(`coding.acts.${word}.text`),
        button: t(`coding.acts.${word}.button`),
        reasons,
        action: `${base}/${paths[event]}`,
        tone: type === "CODING_RETURNED" ? "danger" : "primary",
        reasonField:
          event === "CODING_SUBMITTED" || event === "LAYER_SUBMITTED"
            ? null
            : {
                label: t(type === "CODING_RESUMED" ? "coding.acts.resume.reason" : "coding.acts.return.reason"),
                value: reasonTyped,
                error: !typedKey?.trim() ? (problems.reason ?? null) : null,
              },
      },
    ];
  });
  const names = assignments.filter((one) => one.layer === layer).map(({ name }) => name);
  const factors = new Map(definition.factors.map((factor) => [factor.code, factor]));
  const tab = (number: number) => t("coding.document.tab", { number, name: lines.find((line) => line.number === number)?.file_name ?? "" });
  const only = asked.only;
  const ownEvidence = only ? passages.filter(({ factor, subject }) => anchors.get(keyOf(factor, subject)) === only.card) : [];
  const recent = [...new Set(history.toReversed().flatMap((one) => (one.by === by.id ? [keyOf(one.factor, one.subject)] : [])))]
    .filter((key) => anchors.has(key))
    .slice(0, RECENT);
  return workspace(
    t("coding.title", { report: id }),
    {
      id,
      title: t("coding.title", { report: id }),
      state: { tone: TONES[report.state], label: STATE_WORDS[report.state][language] },
      facts: [
        t("coding.facts.act", { date: longDate(report.act_date, language) }),
        names.length > 0 ? t("coding.facts.analysts", { count: names.length, names: names.join(", ") }) : t("coding.facts.nobody"),
        ...(report.coding_mode === "blind" ? [t("coding.facts.blind")] : []),
        t("coding.facts.version", { version: report.codebook_version }),
      ],
      action: base,
      version: report.version,
      editable,
      readOnly,
      errors: summary(problems).map(({ text }) => ({ href: `#${errorsAt ?? "suite"}`, text })),
      tabs: lines.map(({ number, has_text }) => ({
        number,
        label: tab(number),
        href: `${base}${queryOf({ document: number, beside: null, view: shown.view, page: null })}`,
        current: number === document,
        scan: has_text === 0,
      })),
      beside:
        lines.length < 2
          ? []
          : [
              { label: t("coding.document.besideNone"), href: `${base}${queryOf({ ...shown, beside: null })}`, current: beside === null },
              ...lines
                .filter(({ number }) => number !== document)
                .map(({ number }) => ({
                  label: tab(number),
                  href: `${base}${queryOf({ document, beside: number, view: "text", page: null })}`,
                  current: number === beside,
                })),
            ],
      // The first document alone is what is shown to whoever asks for nothing.
      shown: document === (lines[0]?.number ?? null) && beside === null && shown.view === "text" ? "" : fieldOf(shown),
      query: queryOf(shown),
      alone: only ? { href: `${base}${queryOf(shown)}#${only.card}` } : null,
      spread: only !== undefined && only.blocks === null,
      documents: sources.map((source) =>
        documentModel(source, {
          pagesShown,
          report: id,
          base,
          shown,
          label: tab(source.number),
          passages,
          factors,
          anchors,
          language,
          t,
          only: only?.blocks
            ? new Set([
                ...blocksWith(source, ownEvidence),
                ...only.blocks.flatMap((block) => (block.startsWith(`${source.number}:`) ? [Number(block.split(":")[1])] : [])),
              ])
            : null,
        }),
      ),
      progress: sections,
      sections: asked.only ? sections.filter(({ groups }) => groups.length > 0) : sections,
      done: total - missing.length,
      total,
      missing,
      acts: actModels,
      recent: editable ? recent.map((key) => ({ href: `#${anchors.get(key)}`, card: anchors.get(key)!, label: titles.get(key)! })) : [],
      turns: (["undo", "redo"] as const).map((direction) => {
        const offer = turns[direction];
        return {
          direction,
          action: `${base}/${direction === "undo" ? "annuler" : "refaire"}`,
          act: offer?.act ?? null,
          label: offer ? t(`coding.undo.${direction}`, { act: offer.words }) : t(`coding.undo.nothing.${direction}`),
        };
      }),
      script: JSON.stringify(
        Object.fromEntries(
          SCRIPT_WORDS.map((word) => [
            word,
            t(`coding.script.${word}`, { time: "{time}", factor: "{factor}", count: "{count}", quote: "{quote}" }),
          ]),
        ),
      ),
    },
    asked.status,
  );
}
