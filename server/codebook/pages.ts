import type { Db, Tx } from "../../db/schema.ts";
import { type Ability, may } from "../../workflows/abilities.ts";
import { NotFound } from "../http/errors.ts";
import { type Field, field, type Problems, summary, type Typed } from "../http/fields.ts";
import { dayOf, longDate } from "../http/formats.ts";
import type { Exchange, Sent } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import type { Language, T } from "../http/words.ts";
import { foldText } from "../reports/fold.ts";
import { compareCodebooks } from "./compare.ts";
import { type Fate, RULES } from "./crosswalk.ts";
import { writeCodebookCsv } from "./csv.ts";
import type { CodebookDefinition, Factor } from "./definition.ts";
import { labelOf, printed } from "./labels.ts";
import { type ProposalCard, proposalCards } from "./proposal-pages.ts";
import { listProposals, openProposals } from "./proposals.ts";
import { stepsBetween } from "./recode.ts";
import { codebookVersion, listVersions, type VersionLine } from "./store.ts";
import { differenceWords, type FactorCard, factorCard, type OptionLine, optionLine, valueLabelOf } from "./words.ts";
import { writeCodebook } from "./yaml.ts";

type Link = { href: string; label: string };
type VersionRow = { version: string; tag: string | null; facts: string; note: string | null; href: string; difference: Link | null };
const codebookPage = template<{
  title: string;
  lead: string;
  facts: string[];
  unit: string;
  q: string;
  version: Field;
  versions: { value: string; label: string }[];
  /** Where an earlier version is read: what it is, and the way to the one in force. */
  old: string | null;
  found: string | null;
  sections: { code: string; label: string; note: string | null; factors: FactorCard[] }[];
  contents: { href: string; label: string; count: string }[];
  scales: { code: string; label: string; options: OptionLine[] }[];
  sources: { code: string; title: string; publisher: string }[];
  links: Link[];
  exports: Link[];
  reset: Link | null;
  published: VersionRow[];
}>("codebook/show");

/** Whether a factor speaks of what is searched: its labels, code, definition, options and the words that point to it. */
const speaksOf = (factor: Factor, wanted: string): boolean =>
  foldText(
    [
      factor.code,
      factor.labelFr,
      factor.labelEn,
      factor.definitionFr,
      factor.includeFr ?? "",
      factor.excludeFr ?? "",
      factor.exampleFr ?? "",
      ...factor.options.flatMap(({ labelFr, labelEn }) => [labelFr, labelEn]),
      ...factor.indicatorTermsFr,
    ].join(" \n "),
  ).includes(wanted);

/** The version asked for, and the one in force. @throws NotFound for a version that was never published */
export async function versionAsked(
  db: Db | Tx,
  asked: string | undefined,
): Promise<{ definition: CodebookDefinition; line: VersionLine; current: boolean; versions: VersionLine[] }> {
  const versions = await listVersions(db);
  const line = asked ? versions.find(({ version }) => version === asked) : versions[0];
  if (!line) throw new NotFound();
  return { definition: await codebookVersion(db, line.version), line, current: line === versions[0], versions };
}

const roomLinks = ({ by, t }: Exchange): Link[] => {
  const links: [Ability, string, string][] = [
    ["readCodebook", "/grille/propositions", t("codebook.links.proposals")],
    ["readCases", "/grille/recodage", t("codebook.links.recode")],
    ["administer", "/grille/brouillons", t("codebook.links.drafts")],
  ];
  return links.filter(([ability]) => may(by, ability)).map(([, href, label]) => ({ href, label }));
};

const versionRows = (versions: readonly VersionLine[], t: T, language: Language): VersionRow[] =>
  versions.map(({ version, publishedAt, base, note, publisher }, at) => ({
    version,
    tag: at === 0 ? t("codebook.versions.current") : null,
    facts: [
      t("codebook.published", { date: longDate(dayOf(publishedAt), language) }),
      ...(publisher ? [t("codebook.versions.by", { name: publisher })] : []),
      ...(base ? [t("codebook.versions.base", { base })] : [t("codebook.versions.first")]),
    ].join(" · "),
    note,
    href: at === 0 ? "/grille" : `/grille?version=${version}`,
    difference: base ? { href: `/grille/versions/${version}`, label: t("codebook.versions.difference", { base }) } : null,
  }));

/** A version of the codebook, whole or only the factors that speak of `q`. @throws NotFound for a version that was never published */
export async function codebook(db: Db, { q, version }: { q: string; version?: string | undefined }, exchange: Exchange) {
  const { t, language } = exchange;
  const { definition, line, current, versions } = await versionAsked(db, version);
  const open = await openProposals(db);
  const wanted = foldText(q);
  const shown = wanted === "" ? definition.factors : definition.factors.filter((factor) => speaksOf(factor, wanted));
  const sections = definition.sections
    .map((section) => ({
      code: section.code,
      label: labelOf(section, language),
      note: section.noteFr && printed(section.noteFr),
      factors: shown
        .filter((factor) => factor.section === section.code)
        .map((factor) => factorCard(factor, definition, current, open.get(factor.code) ?? 0, t, language)),
    }))
    .filter(({ factors }) => factors.length > 0);
  const title = language === "fr" ? printed(definition.titleFr) : printed(definition.titleEn);
  const scale = (code: "presence" | "known" | "evidence" | "confidence", options: CodebookDefinition["presence"]) => ({
    code,
    label: t(`codebook.scales.${code}`),
    options: options.map((option) => optionLine(option, language)),
  });
  const here = current ? "/grille" : `/grille?version=${definition.version}`;
  return codebookPage(title, {
    title,
    lead: t("codebook.lead"),
    facts: [
      t("codebook.version", { version: definition.version }),
      t("codebook.published", { date: longDate(dayOf(line.publishedAt), language) }),
      t("codebook.count", { count: definition.factors.length, sections: definition.sections.length }),
    ],
    unit: printed(definition.unitOfAnalysisFr),
    q,
    version: field("version", null, {}, current ? "" : definition.version),
    versions: versions.map((one, at) => ({
      value: at === 0 ? "" : one.version,
      label: at === 0 ? t("codebook.versions.inForce", { version: one.version }) : one.version,
    })),
    old: current ? null : t("codebook.versions.old", { version: definition.version, current: versions[0]!.version }),
    found: wanted === "" ? null : t("codebook.found", { count: shown.length }),
    sections,
    contents: sections.map(({ code, label, factors }) => ({ href: `#section-${code}`, label, count: String(factors.length) })),
    scales:
      wanted === ""
        ? [
            scale("presence", definition.presence),
            scale("known", definition.knownWhen),
            scale("evidence", definition.evidenceBasis),
            scale("confidence", definition.confidence),
          ]
        : [],
    sources:
      wanted === ""
        ? definition.sources.map(({ code, title: name, publisher }) => ({ code, title: printed(name), publisher: printed(publisher) }))
        : [],
    links: roomLinks(exchange),
    exports: (["yaml", "csv"] as const).map((format) => ({
      href: `/grille/export.${format}?version=${definition.version}`,
      label: t(`codebook.exports.${format}`),
    })),
    reset: wanted === "" ? null : { href: here, label: t("codebook.search.reset") },
    published: wanted === "" ? versionRows(versions, t, language) : [],
  });
}

/** A version as a file: its one YAML, or a table with a row for each factor and option. @throws NotFound */
export async function exportCodebook(db: Db, { version }: { version?: string | undefined }, format: "yaml" | "csv"): Promise<Sent> {
  const { definition } = await versionAsked(db, version);
  return fileOf(definition, format, definition.version);
}

/** A codebook as a file that can be read back. */
export const fileOf = (definition: CodebookDefinition, format: "yaml" | "csv", version: string): Sent => ({
  kind: "file",
  type: format === "yaml" ? "application/yaml; charset=utf-8" : "text/csv; charset=utf-8",
  name: `grille-${version}.${format}`,
  bytes: format === "yaml" ? new TextEncoder().encode(writeCodebook(definition).yaml) : writeCodebookCsv(definition),
});

// --- one factor -------------------------------------------------------------------------------------------------------------------
const entryPage = template<{
  title: string;
  section: string;
  factor: FactorCard;
  back: Link;
  old: string | null;
  facts: string[];
  history: { version: string; words: string; note: string | null; links: Link[] }[];
  proposals: ProposalCard[];
  errors: { href: string; text: string }[];
  /** The form by which a change is proposed; null for those who read no case. */
  form: { action: string; version: string; factor: string; title: Field; body: Field } | null;
}>("codebook/entry");

/** What became of a factor in each version after this one, and what it came from in those before, as far as one drafted from the other leads. */
async function historyOf(db: Db, factor: string, definition: CodebookDefinition, versions: readonly VersionLine[], t: T) {
  const lines: { version: string; words: string; note: string | null; links: Link[] }[] = [];
  const link = (code: string, version: string): Link => ({ href: `/grille/${code}?version=${version}`, label: code });
  for (const { version, base } of versions.toReversed()) {
    if (!base || (base !== definition.version && version !== definition.version)) continue;
    const [step] = (await stepsBetween(db, base, version)) ?? [];
    if (!step) continue;
    const later = base === definition.version;
    const own = step.links.filter(({ from, to }) => (later ? from : to) === factor);
    if (own.length === 0) {
      if (!later) lines.push({ version, words: t("codebook.entry.addedIn", { version }), note: null, links: [] });
      continue;
    }
    const same = own.length === 1 && own[0]!.rule === "same" && own[0]!.from === own[0]!.to;
    lines.push({
      version: later ? version : base,
      words: t(`codebook.entry.${later ? "became" : "cameFrom"}.${same ? "same" : own[0]!.rule}`, { version: later ? version : base }),
      note: own.map(({ note }) => note).find((note) => note !== "") ?? null,
      links: own.flatMap(({ from, to }) => (later ? (to === null ? [] : [link(to, version)]) : [link(from, base)])),
    });
  }
  return lines;
}

/** One factor of a version, with what is proposed about it. @throws NotFound */
export async function factorPage(
  db: Db,
  { factor: code, version }: { factor: string; version?: string | undefined },
  typed: Typed | null,
  problems: Problems,
  exchange: Exchange,
) {
  const { t, language, by } = exchange;
  const { definition, line, current, versions } = await versionAsked(db, version);
  const factor = definition.factors.find((one) => one.code === code);
  if (!factor) throw new NotFound();
  const proposals = await listProposals(db, { factor: code });
  const open = proposals.filter(({ status }) => status === "open").length;
  const section = definition.sections.find((one) => one.code === factor.section)!;
  const title = labelOf(factor, language);
  return entryPage(title, {
    title,
    section: labelOf(section, language),
    factor: factorCard(factor, definition, current, open, t, language),
    back: { href: `/grille${current ? "" : `?version=${definition.version}`}#${code}`, label: t("codebook.crumb") },
    old: current ? null : t("codebook.versions.old", { version: definition.version, current: versions[0]!.version }),
    facts: [
      t("codebook.version", { version: definition.version }),
      t("codebook.published", { date: longDate(dayOf(line.publishedAt), language) }),
    ],
    history: await historyOf(db, code, definition, versions, t),
    proposals: proposalCards(proposals, exchange),
    errors: summary(problems),
    form: may(by, "readCases")
      ? {
          action: "/grille/propositions",
          version: definition.version,
          factor: code,
          title: field("title", typed, problems),
          body: field("body", typed, problems),
        }
      : null,
  });
}

// --- what changed with a version ---------------------------------------------------------------------------------------------------
const versionPage = template<{
  title: string;
  facts: string[];
  note: string | null;
  difference: ReturnType<typeof differenceWords>;
  crosswalk: { from: string; label: string; rule: string; to: string; values: string | null; note: string | null }[];
  links: Link[];
}>("codebook/version");

/** What a published version changed of the one it was drafted from, and what is carried over from there. @throws NotFound */
export async function publishedVersion(db: Db, { version }: { version: string }, { t, language }: Exchange) {
  const { definition: next, line } = await versionAsked(db, version);
  if (!line.base) throw new NotFound();
  const base = await codebookVersion(db, line.base);
  const [step] = (await stepsBetween(db, line.base, version)) ?? [];
  if (!step) throw new NotFound();
  const fates = base.factors.map((from): Fate => {
    const own = step.links.filter((link) => link.from === from.code);
    const to = own.flatMap((link) => next.factors.find(({ code }) => code === link.to) ?? []);
    const rule = RULES.find((one) => one === own[0]?.rule) ?? "retired";
    return {
      from,
      to,
      rule,
      note: own[0]?.note ?? "",
      values: new Map(own.map((link) => [link.to ?? "", new Map(link.values)])),
      unconfirmed: false,
    };
  });
  const title = t("codebook.versions.title", { version });
  return versionPage(title, {
    title,
    facts: [
      t("codebook.published", { date: longDate(dayOf(line.publishedAt), language) }),
      ...(line.publisher ? [t("codebook.versions.by", { name: line.publisher })] : []),
      t("codebook.versions.base", { base: line.base }),
    ],
    note: line.note,
    difference: differenceWords(compareCodebooks(base, next, fates), { base, next }, t, language),
    crosswalk: fates
      .filter(
        ({ rule, from, to, note }) => rule !== "same" || to[0]?.code !== from.code || note !== "" || lost(from, to[0]!, fates).length > 0,
      )
      .map((fate) => ({ ...fate, words: carriedWords(fate, { base, next }, t, language) }))
      .map(({ from, to, rule, note, words }) => ({
        from: from.code,
        label: labelOf(from, language),
        rule: t(`codebook.rules.${rule}`),
        to: to.map((factor) => labelOf(factor, language)).join(" + "),
        values: words,
        note: note || null,
      })),
    links: [
      { href: `/grille?version=${version}`, label: t("codebook.versions.read", { version }) },
      { href: `/grille/export.yaml?version=${version}`, label: t("codebook.exports.yaml") },
      { href: `/grille/export.csv?version=${version}`, label: t("codebook.exports.csv") },
    ],
  });
}

/** Answers of the earlier factor that are not carried over to the later one. */
const lost = (from: Factor, to: Factor, fates: readonly Fate[]): string[] => {
  const values = fates.find((fate) => fate.from.code === from.code)?.values.get(to.code);
  return values?.has("*") ? [] : from.options.map(({ code }) => code).filter((code) => values?.get(code) !== code);
};

/** What every value of a factor becomes, for each factor that follows it, in words. */
function carriedWords(
  { from, to, values }: Fate,
  { base, next }: { base: CodebookDefinition; next: CodebookDefinition },
  t: T,
  language: Language,
): string | null {
  if (to.length === 0) return null;
  return to
    .map((factor) => {
      const carried = values.get(factor.code) ?? new Map<string, string>();
      if (carried.size === 0) return t("codebook.crosswalk.nothing");
      if (carried.has("*")) return t("codebook.crosswalk.whatever");
      return [...carried]
        .map(([value, becomes]) => {
          const label = valueLabelOf(base, from, value, t, language);
          return value === becomes ? label : `${label} → ${valueLabelOf(next, factor, becomes, t, language)} (${becomes})`;
        })
        .join(", ");
    })
    .join(" · ");
}
