import type { Db, Layer, ReportTable } from "../../db/schema.ts";
import { notOffered, STATE_WORDS } from "../../workflows/report.words.ts";
import { labelIn, labelOf, printed } from "../codebook/labels.ts";
import { anchorOf } from "../coding/expected.ts";
import { valueLabel, whoseLabel } from "../coding/labels.ts";
import { cutter } from "../coding/marks.ts";
import { type CodedPassage, findDocument, type SourceDocument } from "../coding/queries.ts";
import { UNKNOWN } from "../coding/values.ts";
import { type Field, field, type ListField, listField, type Problems, type Typed } from "../http/fields.ts";
import { dayOf, instant, longDate } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { actsFor } from "../reports/apply-event.ts";
import { type DocumentLine, findReport, listDocuments } from "../reports/queries.ts";
import { type Covers, veilOf } from "../wellbeing/veil.ts";
import { CHOICES } from "./adjudicate.ts";
import { type Control, controlOf } from "./control.ts";
import { type Comparison, compareLayers, type Decision, layersAreOpen, listHolders, type Pair, type Said } from "./queries.ts";

type Tag = { tone: string; label: string };
type Quote = { before: string; quote: string; after: string; source: string; href: string; veiled: boolean };
/** What one layer says of a pair; `value` null where its coder said nothing. */
type Side = { label: string; value: string | null; qualifiers: string; reason: string | null; note: string | null; quotes: Quote[] };
type Option = { value: string; label: string; hint?: string };
type PairForm = {
  seen: { first: number; second: number; settled: number };
  choice: Field & { id: string };
  choices: Option[];
  control: Control & { field: Field & { id: string } };
  selects: { label: string; field: Field & { id: string }; options: Option[] }[];
  passages: { field: ListField & { id: string }; options: Option[] } | null;
  /** Words that neither coder had tied to the factor. */
  found: { quote: Field & { id: string }; document: Field & { id: string }; page: (Field & { id: string }) | null; documents: Option[] };
  reason: Field & { id: string };
  submit: string;
};
type PairModel = {
  anchor: string;
  factor: string;
  subject: string;
  section: string;
  title: string;
  whose: string | null;
  definition: string;
  entry: string;
  sides: Side[];
  /** What was settled, for whom it was, and what stands today where the coding changed since. */
  settled: { value: string; choice: string; reason: string | null; by: string; now: Side | null } | null;
  tag: Tag;
  /** Both give the same value: they differ on when it was known alone. */
  sameValue: boolean;
  /** It was settled before a coder changed their answer. */
  again: boolean;
  open: boolean;
  form: PairForm | null;
};
type AgreementLine = {
  key: string;
  id: string;
  anchor: string;
  title: string;
  value: string;
  first: string;
  second: string;
  passages: string;
  accepted: boolean;
  examine: string;
};
type Progress = { label: string; done: number; total: number };

const waitingPage = template<{
  id: string;
  title: string;
  state: Tag;
  lead: string;
  layers: { name: string; state: string }[];
}>("adjudication/waiting");

const page = template<{
  id: string;
  title: string;
  action: string;
  state: Tag;
  facts: string[];
  lead: string;
  errors: { href: string; text: string }[];
  editable: boolean;
  readOnly: string[];
  version: number;
  progress: Progress[];
  sections: { code: string; label: string; pairs: PairModel[] }[];
  examined: PairModel | null;
  agreements: { open: { label: string; lines: AgreementLine[] }[]; accepted: { label: string; lines: AgreementLine[] }[] };
  agreementsOpen: number;
  agreementsAccepted: number;
  agreementError: string | null;
  submit: { reasons: string[] } | null;
  log: { at: string; iso: string; who: string; what: string; why: string | null }[];
}>("adjudication/show", { scripts: ["/assets/adjudication.js"] });

const TONES = { received: "info", coded: "progress", analysed: "progress", published: "success", set_aside: "neutral" } as const;

/** Which agreement to look at closely, and what was typed into which form. */
export type Asked = { examined?: string | undefined; typed?: Typed | null; problems?: Problems; status?: number };

/**
 * The adjudication of a report: what two coders said side by side, and what was settled. Until both layers are handed in it says only who has
 * which. @throws NotFound
 */
export async function adjudicationPage(db: Db, id: string, asked: Asked, { by, language, t }: Exchange) {
  const report = await findReport(db, id, by);
  const holders = await listHolders(db, id);
  const title = t("adjudication.title", { report: id });
  const state = { tone: TONES[report.state], label: STATE_WORDS[report.state][language] };
  const layerName = (layer: Layer): string => {
    const holder = holders.get(layer);
    return holder && !holder.ended ? holder.name : t("adjudication.nobody");
  };
  if (!layersAreOpen(report, holders)) {
    const blind = report.coding_mode === "blind";
    const standing = (layer: Layer): string => {
      const holder = holders.get(layer);
      if (!holder || holder.ended) return t("adjudication.waiting.nobody");
      if (layer === 3) return t("adjudication.waiting.adjudicator", { name: holder.name });
      return holder.submittedAt === null
        ? t("adjudication.waiting.open", { name: holder.name })
        : t("adjudication.waiting.submitted", { name: holder.name, date: longDate(dayOf(holder.submittedAt), language) });
    };
    return waitingPage(
      title,
      {
        id,
        title,
        state,
        lead: t(blind ? "adjudication.waiting.blind" : "adjudication.waiting.single"),
        layers: blind ? ([1, 2, 3] as const).map((layer) => ({ name: t(`adjudication.layer.${layer}`), state: standing(layer) })) : [],
      },
      asked.status,
    );
  }

  const acts = await actsFor(db, report, by, language);
  const blind = report.coding_mode === "blind";
  const reasons = (type: "VALUE_ADJUDICATED" | "ADJUDICATION_SUBMITTED") =>
    acts.find((act) => act.type === type)?.reasons ?? [notOffered(type, report.state, language)];
  const readOnly = blind ? reasons("VALUE_ADJUDICATED") : [];
  const editable = blind && readOnly.length === 0;
  const comparison = await compareLayers(db, report);
  const { definition, pairs, decisions } = comparison;
  const typed = asked.typed ?? null;
  const problems = asked.problems ?? {};
  const typedKey = typed && "factor" in typed ? `${first(typed.factor)} ${first(typed.subject) || "case"}` : null;
  const coders = { first: nameOn(pairs, "first") ?? layerName(1), second: nameOn(pairs, "second") ?? layerName(2) };

  // An agreement that was settled otherwise stands among the differences, with its reason.
  const asDifference = (pair: Pair) => pair.differs || (pair.decision !== null && pair.decision.choice !== "agreed");
  const shown = pairs.filter(asDifference);
  const agreed = pairs.filter((pair) => !asDifference(pair));
  const examined = agreed.find((pair) => pair.key === typedKey || anchorOf(pair) === asked.examined) ?? null;
  const drawn: Drawn = {
    report,
    comparison,
    coders,
    editable,
    typed,
    typedKey,
    problems,
    language,
    t,
    covers: await veilOf(db, by.id, "reading", [id]),
    documents: await documentsOf(db, id, examined ? [...shown, examined] : shown),
    lines: await listDocuments(db, id),
  };
  const differences = pairs.filter(({ differs }) => differs);
  const agreements = pairs.filter(({ differs }) => !differs);
  const settledOf = (some: readonly Pair[]) =>
    some.filter(({ settled, decision }) => settled !== null || (!blind && decision !== null)).length;
  const bySection = <Line>(some: readonly Pair[], line: (pair: Pair) => Line) =>
    definition.sections.flatMap((section) => {
      const here = some.filter(({ factor }) => factor.section === section.code);
      return here.length > 0 ? [{ code: section.code, label: labelOf(section, language), lines: here.map(line) }] : [];
    });
  const line = (pair: Pair) => agreementLine(drawn, pair);
  const [open, accepted] = [agreed.filter(({ settled }) => settled === null), agreed.filter(({ settled }) => settled !== null)];
  const typedPair = typedKey ? pairs.find(({ key }) => key === typedKey) : undefined;
  return page(
    title,
    {
      id,
      title,
      action: `/rapports/${id}/arbitrage`,
      state,
      facts: [
        t("adjudication.facts.first", { name: coders.first }),
        t("adjudication.facts.second", { name: coders.second }),
        t("adjudication.facts.adjudicator", { name: decisions.at(-1)?.name ?? layerName(3) }),
      ],
      lead: t(blind ? "adjudication.lead" : "adjudication.leadDone"),
      errors: Object.entries(problems).map(([name, text]) => ({
        href: typedPair && name !== "agreements" ? `#${anchorOf(typedPair)}-${name}` : name === "agreements" ? "#accords" : "#suite",
        text,
      })),
      editable,
      readOnly,
      version: report.version,
      progress: [
        { label: t("adjudication.progress.differences"), done: settledOf(differences), total: differences.length },
        { label: t("adjudication.progress.agreements"), done: settledOf(agreements), total: agreements.length },
      ],
      sections: bySection(shown, (pair) => pairModel(drawn, pair)).map(({ lines, ...section }) => ({ ...section, pairs: lines })),
      examined: examined && pairModel(drawn, examined),
      agreements: { open: bySection(open, line), accepted: bySection(accepted, line) },
      agreementsOpen: open.length,
      agreementsAccepted: accepted.length,
      agreementError: problems.agreements ?? null,
      submit: blind && state.tone === "info" ? { reasons: reasons("ADJUDICATION_SUBMITTED") } : null,
      log: logOf(drawn, decisions),
    },
    asked.status,
  );
}

const first = (value: string | string[] | undefined): string => [value ?? ""].flat()[0] ?? "";

/** Whoever coded most of a layer; a layer can have passed from one analyst to another. */
function nameOn(pairs: readonly Pair[], layer: "first" | "second"): string | null {
  const names = new Map<string, number>();
  for (const pair of pairs) {
    const name = pair[layer]?.name;
    if (name !== undefined) names.set(name, (names.get(name) ?? 0) + 1);
  }
  return [...names].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** What every pair of a page is drawn from. */
type Drawn = {
  report: ReportTable;
  comparison: Comparison;
  coders: { first: string; second: string };
  editable: boolean;
  typed: Typed | null;
  typedKey: string | null;
  problems: Problems;
  language: Language;
  t: T;
  covers: Covers;
  /** Those that the passages shown are in, with their text. */
  documents: ReadonlyMap<number, SourceDocument>;
  /** All of the report's. */
  lines: readonly DocumentLine[];
};

async function documentsOf(db: Db, reportId: string, pairs: readonly Pair[]): Promise<Map<number, SourceDocument>> {
  const numbers = new Set(
    pairs.flatMap((pair) =>
      [pair.first, pair.second, pair.settled].flatMap((said) => said?.passages.map(({ document }) => document) ?? []),
    ),
  );
  const documents = new Map<number, SourceDocument>();
  for (const number of numbers) {
    const document = await findDocument(db, reportId, number);
    if (document) documents.set(number, document);
  }
  return documents;
}

const titleOf = ({ report, language, t }: Drawn, pair: Pair) => ({
  title: labelOf(pair.factor, language),
  whose: whoseLabel(pair, report, t),
});
const nameOf = (drawn: Drawn, pair: Pair): string => {
  const { title, whose } = titleOf(drawn, pair);
  return whose ? drawn.t("coding.missing.itemFor", { factor: title, person: whose }) : title;
};
const saidAs = ({ comparison, t, language }: Drawn, { factor }: Pick<Pair, "factor">, value: string) =>
  valueLabel(comparison.definition, factor, value, t, language);

/** How far around a passage its words are shown, in code points. */
const AROUND = 140;
const single = (text: string): string => text.replace(/[\s|]+/gu, " ");
/** The words before and after a passage, within its line of the text. */
function around(document: SourceDocument, starts: number, ends: number): { before: string; after: string } {
  const cut = cutter(document.text);
  const before = cut(Math.max(0, starts - AROUND), starts);
  const after = cut(ends, ends + AROUND);
  const line = before.lastIndexOf("\n");
  const next = after.indexOf("\n");
  return {
    before: line >= 0 ? single(before.slice(line + 1)) : starts > AROUND ? `…${single(before).replace(/^\S*/u, "")}` : single(before),
    after:
      next >= 0 ? single(after.slice(0, next)) : [...after].length === AROUND ? `${single(after).replace(/\S*$/u, "")}…` : single(after),
  };
}

const sourceOf = ({ t }: Drawn, { document, page }: CodedPassage): string =>
  page ? t("coding.card.sourcePage", { document, page }) : t("coding.card.source", { document });

function quoteOf(drawn: Drawn, { factor }: Pair, passage: CodedPassage): Quote {
  const { report, documents, covers } = drawn;
  const { document: number, starts, ends, page } = passage;
  const document = documents.get(number);
  const base = `/rapports/${report.id}/codage?document=${number}`;
  const placed = document && starts !== null && ends !== null ? { document, starts, ends } : null;
  const block = placed ? placed.document.blocks.findIndex(({ start, end }) => placed.starts >= start && placed.starts < end) : -1;
  return {
    ...(placed ? around(placed.document, placed.starts, placed.ends) : { before: "", after: "" }),
    quote: single(passage.quote),
    source: sourceOf(drawn, passage),
    href: placed ? `${base}${block >= 0 ? `#d${number}-p${block + 1}` : ""}` : `${base}${page ? `&vue=page&page=${page}` : ""}`,
    veiled: covers([factor.code], passage.id),
  };
}

const qualifiersOf = ({ comparison: { definition }, language, t }: Drawn, said: Said): string => {
  const { confidence, evidence_basis: basis, known_when: when } = said;
  return [
    confidence && t("adjudication.confidence", { value: labelIn(definition.confidence, confidence, language).toLocaleLowerCase(language) }),
    basis && labelIn(definition.evidenceBasis, basis, language),
    when && labelIn(definition.knownWhen, when, language),
  ]
    .filter(Boolean)
    .join(" · ");
};

const sideOf = (drawn: Drawn, pair: Pair, label: string, said: Said | null): Side => ({
  label,
  value: said && saidAs(drawn, pair, said.value),
  qualifiers: said ? qualifiersOf(drawn, said) : "",
  reason: said?.reason ?? null,
  note: said?.note ?? null,
  quotes: said?.passages.map((passage) => quoteOf(drawn, pair, passage)) ?? [],
});

const changedSince = (settled: Said | null, decision: Decision): boolean => settled === null || settled.value !== decision.value;

function pairModel(drawn: Drawn, pair: Pair): PairModel {
  const { t, language, coders, editable, typedKey, report } = drawn;
  const { factor, settled, decision, differs } = pair;
  const anchor = anchorOf(pair);
  const mine = pair.key === typedKey;
  // In a report that is still being settled, a decision without its value was taken back: a coder changed theirs.
  const stands = decision !== null && (settled !== null || report.coding_mode === "adjudicated");
  const changed = stands && changedSince(settled, decision);
  return {
    anchor,
    factor: factor.code,
    subject: pair.subject,
    section: factor.section,
    ...titleOf(drawn, pair),
    definition: printed(factor.definitionFr),
    entry: `/grille#${factor.code}`,
    sides: [
      sideOf(drawn, pair, t("adjudication.side.first", { name: pair.first?.name ?? coders.first }), pair.first),
      sideOf(drawn, pair, t("adjudication.side.second", { name: pair.second?.name ?? coders.second }), pair.second),
    ],
    settled: stands
      ? {
          value: saidAs(drawn, pair, decision.value),
          choice: t(`adjudication.chosen.${decision.choice}`),
          reason: decision.reason,
          by: t("adjudication.decidedBy", { name: decision.name, at: instant(decision.decided_at, language) }),
          now: sideOf(drawn, pair, t(changed ? "adjudication.side.changed" : "adjudication.side.settled"), settled),
        }
      : null,
    tag: stands
      ? { tone: "success", label: t(differs ? "adjudication.tag.settled" : "adjudication.tag.overruled") }
      : decision
        ? { tone: "warning", label: t("adjudication.tag.again") }
        : differs
          ? { tone: "warning", label: t(pair.first || pair.second ? "adjudication.tag.open" : "adjudication.tag.uncoded") }
          : { tone: "neutral", label: t(settled ? "adjudication.tag.accepted" : "adjudication.tag.agreed") },
    again: decision !== null && !stands,
    sameValue: differs && pair.first !== null && pair.first.value === pair.second?.value,
    open: mine || !stands || !editable || !differs,
    form: editable ? formOf(drawn, pair, anchor) : null,
  };
}

function formOf(drawn: Drawn, pair: Pair, anchor: string): PairForm {
  const { comparison, report, t, language, typedKey, lines } = drawn;
  const { definition } = comparison;
  const { settled, decision, first: a, second: b, factor } = pair;
  const typed = pair.key === typedKey ? drawn.typed : null;
  const problems = typed ? drawn.problems : {};
  const own = <Shown extends { name: string }>(shown: Shown): Shown & { id: string } => ({ ...shown, id: `${anchor}-${shown.name}` });
  const other = settled && decision?.choice === "other" ? settled : null;
  const seen = (name: "first" | "second" | "settled", stored: number) => (typed ? Number(first(typed[name])) || 0 : stored);
  const choice = own(field("choice", typed, problems, settled && decision?.choice !== "agreed" ? (decision?.choice ?? "") : ""));
  const value = own(field("value", typed, problems));
  const values = typed
    ? listField("value", typed, {}).value.filter(Boolean)
    : other && other.value !== UNKNOWN
      ? other.value.split(",")
      : [];
  const keep = (side: "first" | "second", said: Said | null): Option[] => {
    if (!said) return [];
    const hint = qualifiersOf(drawn, said);
    return [
      { value: side, label: t(`adjudication.form.${side}`, { value: saidAs(drawn, pair, said.value) }), ...(hint !== "" && { hint }) },
    ];
  };
  const qualifiers = [
    ["confidence", definition.confidence, other?.confidence],
    ["evidenceBasis", definition.evidenceBasis, other?.evidence_basis],
    ["knownWhen", definition.knownWhen, other?.known_when],
  ] as const;
  const passages = new Map<string, Option>();
  for (const [letter, said] of [
    ["A", a],
    ["B", b],
  ] as const)
    for (const passage of said?.passages ?? []) {
      const source = sourceOf(drawn, passage);
      const whose = passages.has(passage.id) ? "A, B" : letter;
      const label = drawn.covers([factor.code], passage.id)
        ? t("adjudication.form.coveredPassage", { coder: whose, source })
        : t("adjudication.form.passage", { coder: whose, source, quote: beginning(passage.quote) });
      passages.set(passage.id, { value: passage.id, label });
    }
  const kept = other?.passages.map(({ id }) => id) ?? [...passages.keys()];
  return {
    seen: { first: seen("first", a?.version ?? 0), second: seen("second", b?.version ?? 0), settled: seen("settled", pair.settledVersion) },
    choice,
    choices: [
      ...keep("first", a),
      ...keep("second", b),
      // What a coder already said is chosen as that coder's.
      ...CHOICES.filter((code) => code === "other" || (code === "unknown" && ![a, b].some((said) => said?.value === UNKNOWN))).map(
        (code) => ({
          value: code,
          label: t(`adjudication.form.${code}`),
        }),
      ),
    ],
    control: { ...controlOf(definition, report, factor, values, t, language), field: value },
    selects: qualifiers.map(([name, options, stored]) => ({
      label: t(`coding.card.${name}`),
      field: own(field(name, typed, problems, stored ?? "")),
      options: options.map((option) => ({ value: option.code, label: labelOf(option, language) })),
    })),
    passages: passages.size > 0 ? { field: own(listField("passages", typed, problems, kept)), options: [...passages.values()] } : null,
    found: {
      quote: own(field("quote", typed, problems)),
      document: own(field("document", typed, problems, lines[0]?.number ?? 1)),
      page: lines.some(({ has_text }) => has_text === 0) ? own(field("page", typed, problems)) : null,
      documents: lines.map(({ number, file_name }) => ({ value: String(number), label: `${number}. ${file_name}` })),
    },
    reason: own(field("reason", typed, problems, decision && settled ? decision.reason : "")),
    submit: t(settled ? "adjudication.form.again" : "adjudication.form.submit"),
  };
}

const beginning = (quote: string): string => {
  const points = [...single(quote)];
  return points.length > 90 ? `${points.slice(0, 90).join("").trimEnd()}…` : points.join("");
};

function agreementLine(drawn: Drawn, pair: Pair): AgreementLine {
  const { t, report, comparison } = drawn;
  const [a, b] = [pair.first, pair.second];
  const count = new Set([...(a?.passages ?? []), ...(b?.passages ?? [])].map(({ id }) => id)).size;
  const anchor = anchorOf(pair);
  return {
    key: pair.key,
    id: `accord-${comparison.pairs.indexOf(pair) + 1}`,
    anchor,
    title: nameOf(drawn, pair),
    value: a ? saidAs(drawn, pair, a.value) : "",
    first: a ? qualifiersOf(drawn, a) : "",
    second: b ? qualifiersOf(drawn, b) : "",
    passages: count === 0 ? "" : t("adjudication.agreements.passages", { count }),
    accepted: pair.settled !== null,
    examine: `/rapports/${report.id}/arbitrage?examiner=${anchor}#${anchor}`,
  };
}

/** The log of decisions, the last one first; agreements accepted in one act are one line. */
function logOf(drawn: Drawn, decisions: readonly Decision[]) {
  const { comparison, t, language } = drawn;
  const entries: { decisions: Decision[] }[] = [];
  for (const decision of decisions) {
    const last = entries.at(-1)?.decisions;
    const same = last?.[0];
    if (
      last &&
      same?.choice === "agreed" &&
      decision.choice === "agreed" &&
      same.decided_at === decision.decided_at &&
      same.decided_by === decision.decided_by
    )
      last.push(decision);
    else entries.push({ decisions: [decision] });
  }
  return entries.toReversed().map(({ decisions: [one, ...more] }) => {
    const { choice, value, first_value, second_value, decided_at, name, reason, factor, subject } = one!;
    const pair = comparison.pairs.find((each) => each.factor.code === factor && each.subject === subject);
    const said = (code: string | null) => (code === null ? t("adjudication.side.nothing") : pair ? saidAs(drawn, pair, code) : code);
    const words = { factor: pair ? nameOf(drawn, pair) : factor, value: said(value), first: said(first_value), second: said(second_value) };
    return {
      at: instant(decided_at, language),
      iso: decided_at,
      who: name,
      what: more.length > 0 ? t("adjudication.log.accepted", { count: more.length + 1 }) : t(`adjudication.log.${choice}`, words),
      why: reason,
    };
  });
}
