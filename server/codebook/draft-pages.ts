import type { Db } from "../../db/schema.ts";
import { may } from "../../workflows/abilities.ts";
import { REPORT_STATES, type ReportState } from "../../workflows/report.decide.ts";
import { STATE_WORDS } from "../../workflows/report.words.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { instant, integer } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { compareCodebooks, compareFactors } from "./compare.ts";
import { type Fate, RULES, type Rule, valuesOf } from "./crosswalk.ts";
import {
  APPLIES_TO,
  type CodebookDefinition,
  DISCLOSURE,
  FACTOR_TYPES,
  type Factor,
  OPTIONS_REFS,
  type Problem,
  SENSITIVE,
} from "./definition.ts";
import { type Draft, type DraftProblem, findDraft, lastVersion, listDrafts, problemsIn, undecided } from "./drafts.ts";
import { fatesIn, partDigest, placeOf } from "./edit.ts";
import { impactOf, type States } from "./impact.ts";
import { labelOf, printed } from "./labels.ts";
import { listProposals, proposalAddress } from "./proposals.ts";
import { listVersions } from "./store.ts";
import { nextVersion } from "./versions.ts";
import { type ChangeLine, changeLines, differenceWords, type FactorChange, inForms, valueLabelOf } from "./words.ts";

type Link = { href: string; label: string };
type Choice = { value: string; label: string; group?: string };
type Errors = { href: string; text: string }[];

export const DRAFTS = "/grille/brouillons";
export const draftHref = (id: string, rest = ""): string => `${DRAFTS}/${encodeURIComponent(id)}${rest}`;
export const factorHref = (id: string, code: string): string => draftHref(id, `/facteurs/${code}`);

// --- the list of drafts -----------------------------------------------------------------------------------------------------------
const draftsPage = template<{
  title: string;
  errors: Errors;
  drafts: { href: string; label: string; facts: string; tag: { tone: string; label: string } }[];
  start: { base: Field; bases: Choice[]; version: Field };
  file: Field;
  source: Field;
  /** Lines of the file that cannot be taken. */
  wrong: { line: string; message: string }[];
}>("codebook/drafts");
const DRAFT_TONES = { open: "progress", published: "success", abandoned: "neutral" } as const;

/** Drafts, and the two ways to start one: from a published version, or with a file. `wrong`: what a file sent has wrong, line by line. */
export async function listOfDrafts(db: Db, typed: Typed | null, problems: Problems, wrong: readonly Problem[], { t, language }: Exchange) {
  const versions = await listVersions(db);
  const title = t("codebook.links.drafts");
  return draftsPage(title, {
    title,
    errors: summary(problems),
    drafts: (await listDrafts(db)).map((draft) => ({
      href: draftHref(draft.id),
      label: t("codebook.draft.named", { version: draft.version }),
      facts: t("codebook.draft.facts", { base: draft.base_version, name: draft.name, at: instant(draft.updated_at, language) }),
      tag: { tone: DRAFT_TONES[draft.status], label: t(`codebook.draft.status.${draft.status}`) },
    })),
    start: {
      base: field("base", typed, problems, versions[0]!.version),
      bases: versions.map(({ version }) => ({ value: version, label: version })),
      version: field("version", typed, problems, nextVersion(await lastVersion(db), "minor")),
    },
    file: { ...field("file", null, problems), value: "" },
    source: field("source", typed, problems),
    wrong: wrong.map(({ line, message }) => ({ line: t("codebook.import.line", { line }), message })),
  });
}

// --- one draft --------------------------------------------------------------------------------------------------------------------
const partLink = (draft: Draft, { part }: DraftProblem): string => {
  switch (part.kind) {
    case "factor":
      return factorHref(draft.id, part.code);
    case "section":
      return draftHref(draft.id, "/sections");
    default:
      return "#entete";
  }
};
const problemLines = (draft: Draft, problems: readonly DraftProblem[], t: T) =>
  problems.map((problem) => ({
    href: partLink(draft, problem),
    french: problem.key === null,
    text: problem.key ? t(problem.key, problem.params) : inForms(problem.message),
  }));

export const tabs = (draft: Pick<Draft, "id">, current: string, { t }: Pick<Exchange, "t">) =>
  (
    [
      ["", t("codebook.draft.tabs.draft")],
      ["/sections", t("codebook.draft.tabs.sections")],
      ["/differences", t("codebook.draft.tabs.differences")],
      ["/correspondances", t("codebook.draft.tabs.crosswalk")],
    ] as const
  ).map(([rest, label]) => ({ href: draftHref(draft.id, rest), label, current: rest === current }));

type Frame = { title: string; facts: string[]; tabs: ReturnType<typeof tabs>; trail: { href?: string; label: string }[]; open: boolean };
const frameOf = (draft: Draft, current: string, exchange: Exchange): Frame => {
  const { t, language } = exchange;
  const title = t("codebook.draft.named", { version: draft.version });
  return {
    title,
    facts: [
      t(`codebook.draft.status.${draft.status}`),
      t("codebook.versions.base", { base: draft.base.version }),
      t("codebook.draft.updated", { at: instant(draft.updated_at, language) }),
    ],
    tabs: tabs(draft, current, exchange),
    trail: [{ href: "/grille", label: t("codebook.crumb") }, { href: DRAFTS, label: t("codebook.links.drafts") }, { label: title }],
    open: draft.status === "open",
  };
};

type FactorRow = { href: string; label: string; code: string; kind: string; tag: { tone: string; label: string } | null; wrong: boolean };
const draftPage = template<
  Frame & {
    id: string;
    errors: Errors;
    problems: { href: string; french: boolean; text: string }[];
    waiting: { href: string; label: string } | null;
    sections: { code: string; label: string; factors: FactorRow[] }[];
    gone: { code: string; label: string; words: string; restore: string }[];
    head: { seen: string; titleFr: Field; titleEn: Field; unit: Field; note: Field };
    add: {
      code: Field;
      labelFr: Field;
      labelEn: Field;
      section: Field;
      type: Field;
      appliesTo: Field;
      sections: Choice[];
      types: Choice[];
      applies: Choice[];
    };
    addOpen: boolean;
    merge: Link;
    exports: Link[];
    replace: { file: Field; source: Field; wrong: { line: string; message: string }[]; open: boolean };
    publish: { version: Field; note: Field; ready: boolean };
    rebase: string | null;
    proposals: Link[];
  }
>("codebook/draft", { scripts: ["/assets/codebook-draft.js"] });

/** Which form of the page was sent, when one comes back. */
export type DraftForm = "head" | "add" | "replace" | "publish" | null;

/** The draft as a whole: what is wrong with it, its factors, its head, and how it becomes a version. */
export async function oneDraft(
  db: Db,
  id: string,
  sent: DraftForm,
  typed: Typed | null,
  problems: Problems,
  wrong: readonly Problem[],
  exchange: Exchange,
) {
  const { t, language } = exchange;
  const draft = await findDraft(db, id);
  const { definition, base } = draft;
  const fates = fatesIn(draft, base);
  const open = draft.status === "open";
  const found = open ? await problemsIn(db, draft, fates) : [];
  const inFactor = new Set(found.flatMap(({ part }) => (part.kind === "factor" ? [part.code] : [])));
  const versions = await listVersions(db);
  const of = (form: DraftForm) => (sent === form ? typed : null);
  const at = (form: DraftForm) => (sent === form ? problems : {});
  const before = new Map(base.factors.map((factor) => [factor.code, factor]));
  const kinds = (factor: Factor): FactorRow["tag"] => {
    const own = before.get(factor.code);
    if (!own) return { tone: "success", label: t("codebook.difference.kind.added") };
    return compareFactors(own, factor).length > 0 ? { tone: "info", label: t("codebook.difference.kind.changed") } : null;
  };
  const labels = new Map([...base.factors, ...definition.factors].map((factor) => [factor.code, labelOf(factor, language)]));
  const waiting = undecided(fates).length;
  const named = frameOf(draft, "", exchange);
  return draftPage(named.title, {
    ...named,
    id,
    errors: summary(problems),
    problems: problemLines(draft, found, t),
    waiting:
      waiting > 0 && open ? { href: draftHref(id, "/correspondances"), label: t("codebook.draft.waiting", { count: waiting }) } : null,
    sections: definition.sections.map((section) => ({
      code: section.code,
      label: labelOf(section, language) || section.code,
      factors: definition.factors
        .filter((factor) => factor.section === section.code)
        .map((factor) => ({
          href: factorHref(id, factor.code),
          label: labelOf(factor, language) || factor.code,
          code: factor.code,
          kind: t(`codebook.types.${factor.type}`),
          tag: kinds(factor),
          wrong: inFactor.has(factor.code),
        })),
    })),
    gone: base.factors
      .filter(({ code }) => !definition.factors.some((factor) => factor.code === code))
      .map((factor) => {
        const fate = fates.find(({ from }) => from.code === factor.code)!;
        return {
          code: factor.code,
          label: labels.get(factor.code)!,
          words: [t(`codebook.rules.${fate.rule}`), ...fate.to.map(({ code }) => labels.get(code)!)].join(" → "),
          restore: `${factorHref(id, factor.code)}/retablir`,
        };
      }),
    head: {
      seen: partDigest(headOf(definition)),
      titleFr: field("titleFr", of("head"), at("head"), printed(definition.titleFr)),
      titleEn: field("titleEn", of("head"), at("head"), definition.titleEn),
      unit: field("unitOfAnalysisFr", of("head"), at("head"), printed(definition.unitOfAnalysisFr)),
      note: field("noteFr", of("head"), at("head"), definition.noteFr && printed(definition.noteFr)),
    },
    add: {
      code: field("code", of("add"), at("add")),
      labelFr: field("labelFr", of("add"), at("add")),
      labelEn: field("labelEn", of("add"), at("add")),
      section: field("section", of("add"), at("add")),
      type: field("type", of("add"), at("add"), "presence"),
      appliesTo: field("appliesTo", of("add"), at("add"), "case"),
      sections: sectionChoices(definition, language),
      types: FACTOR_TYPES.map((value) => ({ value, label: t(`codebook.types.${value}`) })),
      applies: APPLIES_TO.map((value) => ({ value, label: t(`codebook.applies.${value}`) })),
    },
    addOpen: sent === "add",
    merge: { href: draftHref(id, "/fusionner"), label: t("codebook.draft.merge") },
    exports: (["yaml", "csv"] as const).map((format) => ({
      href: draftHref(id, `/export.${format}`),
      label: t(`codebook.exports.${format}`),
    })),
    replace: {
      file: { ...field("file", null, at("replace")), value: "" },
      source: field("source", of("replace"), at("replace")),
      wrong: wrong.map(({ line, message }) => ({ line: t("codebook.import.line", { line }), message })),
      open: sent === "replace",
    },
    publish: {
      version: field("version", of("publish"), at("publish"), draft.version),
      note: field("note", of("publish"), at("publish"), draft.note),
      ready: found.length === 0 && waiting === 0,
    },
    rebase: open && versions[0]!.version !== base.version ? versions[0]!.version : null,
    proposals: (await listProposals(db, { status: "open" })).map((one) => ({ href: proposalAddress(one.id), label: one.title })),
  });
}

/** What the form of the head changes: what it was drawn from is told by its digest. */
export const headOf = ({ titleFr, titleEn, unitOfAnalysisFr, noteFr }: CodebookDefinition) => ({
  titleFr,
  titleEn,
  unitOfAnalysisFr,
  noteFr,
});
const sectionChoices = (definition: CodebookDefinition, language: Language): Choice[] =>
  definition.sections.map((section) => ({ value: section.code, label: labelOf(section, language) || section.code }));

// --- one factor of a draft --------------------------------------------------------------------------------------------------------
type OptionRow = { at: number; was: string; code: Field; labelFr: Field; labelEn: Field; definitionFr: Field; isNew: boolean };
const EMPTY_ROWS = 3;
const factorFormPage = template<
  Frame & {
    kicker: string;
    errors: Errors;
    problems: string[];
    action: string;
    seen: string;
    fields: Record<
      | "labelFr"
      | "labelEn"
      | "definitionFr"
      | "includeFr"
      | "excludeFr"
      | "exampleFr"
      | "type"
      | "appliesTo"
      | "section"
      | "after"
      | "optionsRef"
      | "unit"
      | "sensitive"
      | "disclosure"
      | "availableFrom"
      | "terms",
      Field
    >;
    riskFactor: ListField;
    sources: ListField;
    choices: Record<"types" | "applies" | "sections" | "after" | "lists" | "sensitive" | "disclosure" | "sources", Choice[]>;
    options: OptionRow[];
    optionsError: string | null;
    changes: ChangeLine[];
    retire: { action: string; note: Field; kept: boolean };
    split: { action: string; note: Field; parts: { code: Field; labelFr: Field; labelEn: Field }[]; open: boolean };
    published: Link | null;
  }
>("codebook/draft-factor", { scripts: ["/assets/codebook-draft.js"] });

const list = (typed: Typed, name: string): string[] => [typed[name] ?? []].flat();

/** The form of one factor of a draft, with what has to be done about it. `sent`: which form came back. @throws NotFound */
export async function factorForm(
  db: Db,
  id: string,
  code: string,
  sent: "save" | "retire" | "split" | null,
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
) {
  const { t, language } = exchange;
  const draft = await findDraft(db, id);
  const { definition, base } = draft;
  const factor = definition.factors.find((one) => one.code === code);
  if (!factor) throw new NotFound();
  const own = sent === "save" ? typed : null;
  const told = sent === "save" ? problems : {};
  const f = (name: string, stored: string | null): Field => field(name, own, told, stored && printed(stored));
  const rows: OptionRow[] = own
    ? list(own, "option_code").map((value, at) => ({
        at,
        was: list(own, "option_was")[at] ?? "",
        code: { name: "option_code", value, error: null },
        labelFr: { name: "option_label_fr", value: list(own, "option_label_fr")[at] ?? "", error: null },
        labelEn: { name: "option_label_en", value: list(own, "option_label_en")[at] ?? "", error: null },
        definitionFr: { name: "option_definition_fr", value: list(own, "option_definition_fr")[at] ?? "", error: null },
        isNew: (list(own, "option_was")[at] ?? "") === "",
      }))
    : [...factor.options, ...Array.from({ length: EMPTY_ROWS }, () => ({ code: "", labelFr: "", labelEn: "", definitionFr: null }))].map(
        (option, at) => ({
          at,
          was: option.code,
          code: { name: "option_code", value: option.code, error: null },
          labelFr: { name: "option_label_fr", value: printed(option.labelFr), error: null },
          labelEn: { name: "option_label_en", value: option.labelEn, error: null },
          definitionFr: { name: "option_definition_fr", value: option.definitionFr ? printed(option.definitionFr) : "", error: null },
          isNew: option.code === "",
        }),
      );
  const before = base.factors.find((one) => one.code === code);
  const fates = fatesIn(draft, base);
  const frame = frameOf(draft, "-", exchange);
  const label = labelOf(factor, language) || code;
  const splitTyped = sent === "split" ? typed : null;
  const splitTold = sent === "split" ? problems : {};
  return factorFormPage(label, {
    ...frame,
    trail: [...frame.trail.slice(0, 2), { href: draftHref(id), label: frame.title }, { label }],
    kicker: frame.title,
    title: label,
    errors: summary(problems),
    problems:
      draft.status === "open"
        ? (await problemsIn(db, draft, fates))
            .filter(({ part }) => part.kind === "factor" && part.code === code)
            .map(({ message }) => inForms(message))
        : [],
    action: factorHref(id, code),
    seen: partDigest([factor, placeOf(draft, code)]),
    fields: {
      labelFr: f("labelFr", factor.labelFr),
      labelEn: field("labelEn", own, told, factor.labelEn),
      definitionFr: f("definitionFr", factor.definitionFr),
      includeFr: f("includeFr", factor.includeFr),
      excludeFr: f("excludeFr", factor.excludeFr),
      exampleFr: f("exampleFr", factor.exampleFr),
      type: f("type", factor.type),
      appliesTo: f("appliesTo", factor.appliesTo),
      section: f("section", factor.section),
      after: f("after", placeOf(draft, code)),
      optionsRef: f("optionsRef", factor.optionsRef),
      unit: f("unit", factor.unit),
      sensitive: f("sensitive", factor.sensitive),
      disclosure: f("disclosure", factor.disclosure),
      availableFrom: f("availableFrom", factor.availableFrom),
      terms: f("terms", factor.indicatorTermsFr.join("\n")),
    },
    riskFactor: listField("riskFactor", own, told, factor.riskFactor ? ["1"] : []),
    sources: listField("sourceRefs", own, told, factor.sourceRefs),
    choices: {
      types: FACTOR_TYPES.map((value) => ({ value, label: t(`codebook.types.${value}`) })),
      applies: APPLIES_TO.map((value) => ({ value, label: t(`codebook.applies.${value}`) })),
      sections: sectionChoices(definition, language),
      after: definition.factors
        .filter((one) => one.section === factor.section && one.code !== code)
        .map((one) => ({ value: one.code, label: labelOf(one, language) || one.code })),
      lists: OPTIONS_REFS.map((value) => ({ value, label: t(`codebook.lists.${value}`) })),
      sensitive: SENSITIVE.map((value) => ({ value, label: t(`codebook.sensitive.${value}`) })),
      disclosure: DISCLOSURE.map((value) => ({ value, label: t("codebook.flags.quasi") })),
      sources: definition.sources.map(({ code: value, title, publisher }) => ({
        value,
        label: `${printed(title)} (${printed(publisher)})`,
      })),
    },
    options: rows,
    optionsError: told.options ?? null,
    changes: before ? changeLines(compareFactors(before, factor), { base, next: definition }, t, language) : [],
    retire: {
      action: `${factorHref(id, code)}/retirer`,
      note: field("note", sent === "retire" ? typed : null, sent === "retire" ? problems : {}),
      kept: before !== undefined,
    },
    split: {
      action: `${factorHref(id, code)}/diviser`,
      note: field("note", splitTyped, splitTold),
      parts: [0, 1, 2].map((at) => ({
        code: {
          name: "part_code",
          value: list(splitTyped ?? {}, "part_code")[at] ?? "",
          error: at === 0 ? (splitTold.part_code ?? null) : null,
          id: at === 0 ? "part_code" : `part_code-${at}`,
        },
        labelFr: {
          name: "part_label_fr",
          value: list(splitTyped ?? {}, "part_label_fr")[at] ?? "",
          error: at === 0 ? (splitTold.part_label_fr ?? null) : null,
          id: at === 0 ? "part_label_fr" : `part_label_fr-${at}`,
        },
        labelEn: {
          name: "part_label_en",
          value: list(splitTyped ?? {}, "part_label_en")[at] ?? "",
          error: null,
          id: `part_label_en-${at}`,
        },
      })),
      open: sent === "split",
    },
    published: before
      ? { href: `/grille/${code}?version=${base.version}`, label: t("codebook.draft.asPublished", { version: base.version }) }
      : null,
  });
}

// --- merging ----------------------------------------------------------------------------------------------------------------------
const mergePage = template<
  Frame & {
    errors: Errors;
    action: string;
    merged: (Field & { id: string })[];
    factors: Choice[];
    code: Field;
    labelFr: Field;
    labelEn: Field;
    note: Field;
    mergedError: string | null;
  }
>("codebook/draft-merge");

/** The form that makes one factor of several. */
export async function mergeForm(db: Db, id: string, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t, language } = exchange;
  const draft = await findDraft(db, id);
  const { definition } = draft;
  const frame = frameOf(draft, "-", exchange);
  const title = t("codebook.draft.merge");
  const chosen = list(typed ?? {}, "merged");
  return mergePage(title, {
    ...frame,
    trail: [...frame.trail.slice(0, 2), { href: draftHref(id), label: frame.title }, { label: title }],
    title,
    errors: summary(problems),
    action: draftHref(id, "/fusionner"),
    mergedError: problems.merged ?? null,
    merged: [0, 1, 2].map((at) => ({
      name: "merged",
      value: chosen[at] ?? "",
      error: at === 0 ? (problems.merged ?? null) : null,
      id: at === 0 ? "merged" : `merged-${at}`,
    })),
    factors: definition.sections.flatMap((section) =>
      definition.factors
        .filter((factor) => factor.section === section.code)
        .map((factor) => ({
          value: factor.code,
          label: labelOf(factor, language) || factor.code,
          group: labelOf(section, language) || section.code,
        })),
    ),
    code: field("code", typed, problems),
    labelFr: field("labelFr", typed, problems),
    labelEn: field("labelEn", typed, problems),
    note: field("note", typed, problems),
  });
}

// --- sections ---------------------------------------------------------------------------------------------------------------------
type SectionRow = { at: number; was: string; code: string; labelFr: string; labelEn: string; noteFr: string; used: string | null };
const sectionsPage = template<Frame & { errors: Errors; action: string; seen: string; rows: SectionRow[]; error: string | null }>(
  "codebook/draft-sections",
);

/** The sections of a draft: their words and their order. */
export async function sectionsForm(db: Db, id: string, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t } = exchange;
  const draft = await findDraft(db, id);
  const { definition } = draft;
  const frame = frameOf(draft, "/sections", exchange);
  const count = (code: string) => definition.factors.filter(({ section }) => section === code).length;
  const rows = typed
    ? list(typed, "section_code").map((code, at) => ({
        at,
        was: list(typed, "section_was")[at] ?? "",
        code,
        labelFr: list(typed, "section_label_fr")[at] ?? "",
        labelEn: list(typed, "section_label_en")[at] ?? "",
        noteFr: list(typed, "section_note_fr")[at] ?? "",
      }))
    : [...definition.sections, { code: "", labelFr: "", labelEn: "", noteFr: null }].map((section, at) => ({
        at,
        was: section.code,
        code: section.code,
        labelFr: printed(section.labelFr),
        labelEn: section.labelEn,
        noteFr: section.noteFr ? printed(section.noteFr) : "",
      }));
  return sectionsPage(frame.title, {
    ...frame,
    errors: summary(problems),
    action: draftHref(id, "/sections"),
    seen: typeof typed?.seen === "string" ? typed.seen : partDigest(definition.sections),
    rows: rows.map((row) => ({ ...row, used: row.was === "" ? null : t("codebook.draft.sectionHolds", { count: count(row.was) }) })),
    error: problems.sections ?? null,
  });
}

// --- differences and what they ask of reports --------------------------------------------------------------------------------------
type ImpactLine = { label: string; code: string; reports: string; carried: string; partly: string; recode: string; retired: string };
const differencePage = template<
  Frame & {
    difference: ReturnType<typeof differenceWords>;
    nothing: boolean;
    impact: {
      words: string;
      states: { label: string; count: string; href: string | null }[];
      blind: string | null;
      lines: ImpactLine[];
      sum: ImpactLine;
    };
  }
>("codebook/draft-difference");

const stateSum = (states: States): number => REPORT_STATES.reduce((sum, state) => sum + states[state], 0);
const stateWords = (states: States, language: Language): string =>
  REPORT_STATES.filter((state) => states[state] > 0)
    .map((state) =>
      `${STATE_WORDS[state][language]} : ${integer(states[state], language)}`.replace(" :", language === "fr" ? "\u00a0:" : ":"),
    )
    .join(", ");

/** Factors whose codings the change touches: all but those carried over as they are. */
const touched = (fates: readonly Fate[], changes: readonly FactorChange[]): string[] => {
  const told = new Set(changes.flatMap(({ from }) => (from ? [from] : [])));
  return fates.filter(({ from, rule }) => told.has(from.code) || rule !== "same").map(({ from }) => from.code);
};

/** What the draft changes of its base, and what that asks of the reports pinned to it: counts, no case. */
export async function differences(db: Db, id: string, exchange: Exchange) {
  const { t, language, by } = exchange;
  const draft = await findDraft(db, id);
  const { definition: next, base } = draft;
  const fates = fatesIn(draft, base);
  const difference = differenceWords(compareCodebooks(base, next, fates), { base, next }, t, language);
  const impact = await impactOf(db, base, next, fates, touched(fates, difference.factors));
  const n = (count: number) => integer(count, language);
  const line = (label: string, code: string, one: Omit<(typeof impact.factors)[number], "factor">): ImpactLine => ({
    label,
    code,
    reports: stateSum(one.reports) === 0 ? n(0) : `${n(stateSum(one.reports))} (${stateWords(one.reports, language)})`,
    carried: n(one.carried),
    partly: n(one.partly),
    recode: n(one.recode),
    retired: n(one.retired),
  });
  const sum = (name: "carried" | "partly" | "recode" | "retired") => impact.factors.reduce((all, one) => all + one[name], 0);
  const reads = may(by, "readCases");
  const frame = frameOf(draft, "/differences", exchange);
  return differencePage(frame.title, {
    ...frame,
    difference,
    nothing:
      difference.head.length +
        difference.sections.length +
        difference.factors.length +
        difference.lists.length +
        difference.notes.length ===
      0,
    impact: {
      words: t("codebook.impact.reports", { count: stateSum(impact.reports), version: base.version }),
      states: REPORT_STATES.filter((state) => impact.reports[state] > 0).map((state: ReportState) => ({
        label: STATE_WORDS[state][language],
        count: n(impact.reports[state]),
        href: reads ? `/rapports?etat=${state}` : null,
      })),
      blind: impact.blind > 0 ? t("codebook.impact.blind", { count: impact.blind }) : null,
      lines: impact.factors.map((one) => line(labelOf(base.factors.find(({ code }) => code === one.factor)!, language), one.factor, one)),
      sum: {
        label: t("codebook.impact.sum"),
        code: "",
        reports: "",
        carried: n(sum("carried")),
        partly: n(sum("partly")),
        recode: n(sum("recode")),
        retired: n(sum("retired")),
      },
    },
  });
}

// --- crosswalk --------------------------------------------------------------------------------------------------------------------
type ValueRow = { from: string; label: string; field: Field & { id: string }; options: Choice[] };
type FateForm = {
  code: string;
  label: string;
  tag: { tone: string; label: string } | null;
  action: string;
  rule: Field;
  rules: Choice[];
  /** One select where one factor follows; what is sent back where several do. */
  to: { field: Field & { id: string }; choices: Choice[] } | { codes: string[] };
  targets: { code: string; label: string; values: ValueRow[] }[];
  note: Field;
  lines: ChangeLine[];
  plain: string;
  seen: string;
};
const crosswalkPage = template<
  Frame & {
    errors: Errors;
    waiting: string | null;
    forms: FateForm[];
    settled: { label: string; words: string; href: string }[];
  }
>("codebook/draft-crosswalk");

/** What a form that came back says of a value. */
const becomes = (typed: Typed | null, to: string, value: string): string | undefined => {
  if (!typed) return undefined;
  const at = list(typed, "value_to").findIndex((one, n) => one === to && list(typed, "value_from")[n] === value);
  return at < 0 ? undefined : list(typed, "value_becomes")[at];
};

/** What becomes of every factor that changed, to be said or confirmed. `open`: the factor whose form came back, or is asked for. */
export async function crosswalkForm(db: Db, id: string, open: string | null, typed: Typed | null, problems: Problems, exchange: Exchange) {
  const { t, language } = exchange;
  const draft = await findDraft(db, id);
  const { definition: next, base } = draft;
  const fates = fatesIn(draft, base);
  const asked = fates.filter(
    (fate) =>
      fate.unconfirmed || fate.rule !== "same" || fate.from.code === open || fate.note !== "" || fate.to[0]?.code !== fate.from.code,
  );
  const left = undecided(fates).length;
  const frame = frameOf(draft, "/correspondances", exchange);
  const choices = next.sections.flatMap((section) =>
    next.factors
      .filter((factor) => factor.section === section.code)
      .map((factor) => ({
        value: factor.code,
        label: labelOf(factor, language) || factor.code,
        group: labelOf(section, language) || section.code,
      })),
  );
  const formOf = (fate: Fate): FateForm => {
    const { from, to, rule, values } = fate;
    const own = open === from.code ? typed : null;
    const told = open === from.code ? problems : {};
    const single = to[0]?.code === from.code ? to[0] : null;
    return {
      code: from.code,
      label: labelOf(from, language),
      tag:
        rule === "retired"
          ? { tone: "neutral", label: t("codebook.rules.retired") }
          : fate.unconfirmed
            ? { tone: "warning", label: t("codebook.crosswalk.unconfirmed") }
            : { tone: "success", label: t("codebook.crosswalk.confirmed") },
      action: draftHref(id, `/correspondances/${from.code}`),
      rule: field("rule", own, told, rule),
      rules: RULES.filter((one) => (next.factors.some(({ code }) => code === from.code) ? one !== "retired" : true)).map((one: Rule) => ({
        value: one,
        label: t(`codebook.rules.${one}`),
      })),
      to:
        to.length > 1
          ? { codes: to.map(({ code }) => code) }
          : { field: { ...field("to", own, told, to[0]?.code ?? ""), id: `to-${from.code}` }, choices },
      targets: to.map((target) => ({
        code: target.code,
        label: labelOf(target, language) || target.code,
        values: (valuesOf(from) ?? ["*", "unknown"])
          .filter((value) => value !== "*" || valuesOf(target) === null)
          .map((value) => ({
            from: value,
            label: valueLabelOf(base, from, value, t, language),
            field: {
              ...field("value_becomes", null, {}, becomes(own, target.code, value) ?? values.get(target.code)?.get(value) ?? ""),
              id: `${from.code}-${target.code}-${value === "*" ? "any" : value}`,
            },
            options: (value === "*" ? ["*"] : (valuesOf(target) ?? ["unknown"])).map((one) => ({
              value: one,
              label: one === "*" ? t("codebook.crosswalk.same") : valueLabelOf(next, target, one, t, language),
            })),
          })),
      })),
      note: field("note", own, told, fate.note),
      lines: single ? changeLines(compareFactors(from, single), { base, next }, t, language) : [],
      plain: t(`codebook.crosswalk.plain.${rule}`),
      seen: partDigest([draft.decisions[from.code] ?? null, to]),
    };
  };
  return crosswalkPage(frame.title, {
    ...frame,
    errors: summary(problems),
    waiting: left > 0 ? t("codebook.draft.waiting", { count: left }) : null,
    forms: asked.map(formOf),
    settled: fates
      .filter((fate) => !asked.includes(fate))
      .map(({ from }) => ({
        label: labelOf(from, language),
        words: t("codebook.rules.same"),
        href: draftHref(id, `/correspondances?facteur=${from.code}#${from.code}`),
      })),
  });
}
