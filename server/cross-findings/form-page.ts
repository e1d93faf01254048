import type { CrossFindingTable, Db, FindingKind } from "../../db/schema.ts";
import { crossFindingOffers } from "../../workflows/cross-finding.decide.ts";
import { CROSS_FINDING_RULE_WORDS, crossFindingNotOffered } from "../../workflows/cross-finding.words.ts";
import { labelOf } from "../codebook/labels.ts";
import { currentCodebook } from "../codebook/store.ts";
import { PUBLIC_CHECKS } from "../findings/public-checklist.ts";
import { Refusal } from "../http/errors.ts";
import { type Field, field, type ListField, listField, type Problems, summary, type Typed } from "../http/fields.ts";
import { integer } from "../http/formats.ts";
import type { Exchange } from "../http/handlers.ts";
import { template } from "../http/views.ts";
import { foldText } from "../reports/fold.ts";
import { departmentLabel } from "../reports/places.ts";
import { veilOf } from "../wellbeing/veil.ts";
import { findCrossFinding } from "./act.ts";
import { basisChanges, basisOf, evidenceNow, keyOf, type Pair, pairOf } from "./evidence.ts";
import { crossFindingFactsOf } from "./facts.ts";
import { evidenceLines } from "./labels.ts";
import { KINDS } from "./list-page.ts";
import { type PassageCard, passageCards } from "./passages.ts";
import { CASES_OFFERED, countByFactor, findCases, listActYears, passagesBehind, unpublished } from "./queries.ts";

/** What the address says of the cases to choose among; a form posts the same. */
export type Sought = { facteur: string[]; annee: string; rapports: string; tous: string; q: string };

const FACTORS_AT_ONCE = 12;
const REPORT = /RETEX-\d{4}-\d{4,6}/giu;
/** The receipt numbers in what somebody typed. */
export const receiptNumbers = (typed: string): string[] =>
  [...new Set((typed.match(REPORT) ?? []).map((one) => one.toUpperCase()))].slice(0, 200);

type Tick = {
  id: string;
  value: string;
  checked: boolean;
  factor: string;
  section: string;
  lines: { value: string; known: string | null }[];
  /** How it differs from what was seen when the draft was last saved. */
  changed: string | null;
  passages: PassageCard[];
};

const formView = template<{
  title: string;
  trail: { label: string; href?: string }[];
  reference: string | null;
  version: number | null;
  to: string;
  /** Where the choice of factors and cases is asked again. */
  from: string;
  sought: { q: Field; annee: Field; rapports: Field; tous: ListField };
  years: { value: string; label: string }[];
  unknown: string | null;
  chosen: { code: string; label: string }[];
  sections: { code: string; label: string; factors: { code: string; label: string; count: string; checked: boolean }[] }[];
  nothing: boolean;
  cases: { id: string; report: string; href: string; facts: string; ticks: Tick[] }[];
  caption: string | null;
  more: string | null;
  fields: Record<"statement" | "publicStatement" | "service" | "knownWhen" | "kind", Field>;
  basis: string | null;
  kinds: { value: string; label: string; hint: string }[];
  knownWhens: { value: string; label: string }[];
  checks: string[];
  errors: { href: string; text: string }[];
}>("cross-findings/form");

const tickOf = ({ reportId, factor, edition }: Pair & { edition: number }): string => `${reportId} ${factor} ${edition}`;
/** A ticked box as the form posts it; null for anything else. */
export function readTick(value: string): (Pair & { edition: number }) | null {
  const match = /^(RETEX-\d{4}-\d{4,6}) ([a-z0-9_]{1,60}) (\d{1,5})$/.exec(value);
  return match ? { reportId: match[1]!, factor: match[2]!, edition: Number(match[3]) } : null;
}

const listOf = (given: string | string[] | undefined): string[] => (Array.isArray(given) ? given : given ? [given] : []);

/** The form's own words of what was sought, when it comes back with what was typed. */
export const soughtOf = (typed: Typed): Sought => ({
  facteur: listOf(typed["facteur"]).slice(0, FACTORS_AT_ONCE),
  annee: listOf(typed["annee"])[0] ?? "",
  rapports: listOf(typed["rapports"])[0] ?? "",
  tous: listOf(typed["tous"])[0] ?? "",
  q: "",
});

/**
 * The form of a cross-case finding: first the factors, then the published cases in which they are present, with their passages, to be ticked,
 * and the words. @throws NotFound; Refusal when the finding is not a draft that this person may write
 */
export async function formPage(
  db: Db,
  reference: string | null,
  sought: Sought,
  { by, t, language, audit }: Exchange,
  typed: Typed | null = null,
  problems: Problems = {},
) {
  const row: CrossFindingTable | null = reference === null ? null : await findCrossFinding(db, reference);
  const facts = await crossFindingFactsOf(
    db,
    row ?? { id: "", public_statement: null, second_review: null, confirmed_by: null, standing_text: null },
  );
  const state = row?.state ?? "draft";
  const writing = crossFindingOffers(state, facts, by).find(({ type }) => type === "CROSS_FINDING_WRITTEN");
  if (!writing || writing.broken.length > 0)
    throw new Refusal(
      (said) =>
        writing
          ? writing.broken.map((rule) => CROSS_FINDING_RULE_WORDS[rule][said](facts))
          : [crossFindingNotOffered("CROSS_FINDING_WRITTEN", state, said)],
      row ? `/constats/${row.reference}` : "/constats",
    );
  const codebook = await currentCodebook(db);
  const basis = row ? await basisOf(db, row.id) : [];
  const reports = receiptNumbers(sought.rapports);
  const known = new Set(codebook.factors.map(({ code }) => code));
  const chosen = [...new Set(sought.facteur)].filter((code) => known.has(code)).slice(0, FACTORS_AT_ONCE);
  const presence = new Set(codebook.factors.filter(({ type }) => type === "presence").map(({ code }) => code));
  const year = /^\d{4}$/.test(sought.annee) ? Number(sought.annee) : null;
  const all = sought.tous === "oui";
  const found = await findCases(db, { factors: chosen, year, reports, all }, presence);

  // What is ticked stays in sight whatever is sought: what was just typed, else what the draft rests on.
  const ticked = new Set<string>();
  const pairs = new Map<string, Pair>();
  const own = basis.map(pairOf);
  const posted = typed ? listOf(typed["basis"]).flatMap((value) => readTick(value) ?? []) : own;
  for (const pair of [...posted, ...(typed ? own : [])]) pairs.set(keyOf(pair), { reportId: pair.reportId, factor: pair.factor });
  for (const pair of posted) ticked.add(keyOf(pair));
  for (const reportId of found.reports) for (const factor of chosen) pairs.set(keyOf({ reportId, factor }), { reportId, factor });
  const evidence = await evidenceNow(db, [...pairs.values()]);
  const changes = new Map(basisChanges(basis, evidence).map((change) => [keyOf(change), change]));
  const offered = [...evidence.values()].filter(
    (one) =>
      ticked.has(keyOf(one)) ||
      (one.documented && (all || !presence.has(one.factor) || one.subjects.some(({ value }) => value === "present"))),
  );
  const passages = await passagesBehind(db, offered);
  const shown = [...new Set(offered.map(({ reportId }) => reportId))];
  const covers = await veilOf(db, by.id, "reading", shown);
  for (const id of shown) audit("passages.read", "report", id);

  const place = new Map(codebook.factors.map(({ code }, at) => [code, at]));
  let count = 0;
  const cases = [...Map.groupBy(offered, ({ reportId }) => reportId)]
    .sort(([, a], [, b]) => {
      const isTicked = (some: typeof a) => (some.some((one) => ticked.has(keyOf(one))) ? 0 : 1);
      return isTicked(a) - isTicked(b) || (a[0]!.actDate < b[0]!.actDate ? 1 : -1);
    })
    .map(([report, said]) => ({
      id: `cas-${report}`,
      report,
      href: `/rapports/${report}/editions/${said[0]!.edition}`,
      facts: [
        t("cross-findings.list.act", { year: said[0]!.actDate.slice(0, 4) }),
        departmentLabel(said[0]!.department),
        t("cross-findings.form.edition", { number: said[0]!.edition }),
      ].join(" · "),
      ticks: said
        .sort((a, b) => (place.get(a.factor) ?? 0) - (place.get(b.factor) ?? 0))
        .map((one): Tick => {
          const factor = codebook.factors.find(({ code }) => code === one.factor);
          const change = changes.get(keyOf(one));
          return {
            id: count++ === 0 ? "basis" : `basis-${count}`,
            value: tickOf(one),
            checked: ticked.has(keyOf(one)) && one.documented,
            factor: factor ? labelOf(factor, language) : one.factor,
            section: factor?.section ?? "circumstances",
            lines: evidenceLines(codebook, one, language, t),
            changed: change === undefined ? null : t(`cross-findings.changes.short.${change.what}`),
            passages: passageCards(passages.get(keyOf(one)) ?? [], one, factor?.section, covers, t),
          };
        }),
    }));
  // A report that says nothing any more cannot be ticked: it is named, and falls away when the draft is saved.
  const gone = basis.filter((one) => !evidence.has(keyOf(pairOf(one))));

  const counts = await countByFactor(db, reports);
  const wanted = foldText(sought.q);
  const sections = codebook.sections
    .map((section) => ({
      code: section.code,
      label: labelOf(section, language),
      factors: codebook.factors
        .filter((factor) => factor.section === section.code)
        .filter(
          (factor) =>
            chosen.includes(factor.code) ||
            ((counts.get(factor.code)?.documented ?? 0) > 0 &&
              (wanted === "" || foldText(`${factor.labelFr} ${factor.labelEn} ${factor.code}`).includes(wanted))),
        )
        .map((factor) => {
          const n = counts.get(factor.code) ?? { present: 0, documented: 0 };
          return {
            code: factor.code,
            label: labelOf(factor, language),
            count:
              factor.type === "presence"
                ? t("cross-findings.form.presentIn", { count: n.present, n: integer(n.present, language) })
                : t("cross-findings.form.documentedIn", { count: n.documented, n: integer(n.documented, language) }),
            checked: chosen.includes(factor.code),
          };
        }),
    }))
    .filter(({ factors }) => factors.length > 0);
  const unknown = await unpublished(db, reports);
  const title = row ? t("cross-findings.form.editTitle", { reference: row.reference }) : t("cross-findings.form.newTitle");
  const here = row ? `/constats/${row.reference}/modifier` : "/constats/nouveau";
  const at: Typed = { ...sought };
  return formView(title, {
    title,
    trail: [
      { href: "/constats", label: t("cross-findings.title") },
      ...(row ? [{ href: `/constats/${row.reference}`, label: row.reference }] : []),
      { label: title },
    ],
    reference: row?.reference ?? null,
    version: row?.version ?? null,
    to: row ? `/constats/${row.reference}` : "/constats",
    from: here,
    sought: {
      q: field("q", at, {}),
      annee: field("annee", at, {}),
      rapports: field("rapports", at, {}),
      tous: listField("tous", at, {}),
    },
    years: (await listActYears(db)).map((value) => ({ value, label: value })),
    unknown: unknown.length > 0 ? t("cross-findings.form.unknown", { count: unknown.length, reports: unknown.join(", ") }) : null,
    chosen: chosen.map((code) => ({ code, label: labelOf(codebook.factors.find((one) => one.code === code)!, language) })),
    sections,
    nothing: sections.length === 0,
    cases,
    caption:
      chosen.length > 0 || cases.length > 0
        ? t("cross-findings.form.caption", { count: cases.length, n: integer(cases.length, language) })
        : null,
    more:
      [
        ...(found.total > CASES_OFFERED
          ? [t("cross-findings.form.more", { shown: CASES_OFFERED, total: integer(found.total, language) })]
          : []),
        ...(gone.length > 0
          ? [
              t("cross-findings.form.gone", {
                count: gone.length,
                reports: [...new Set(gone.map(({ report_id }) => report_id))].join(", "),
              }),
            ]
          : []),
      ].join(" ") || null,
    fields: {
      kind: field("kind", typed, problems, row?.kind ?? ""),
      statement: field("statement", typed, problems, row?.statement ?? ""),
      publicStatement: field("publicStatement", typed, problems, row?.public_statement ?? ""),
      service: field("service", typed, problems, row?.service ?? ""),
      knownWhen: field("knownWhen", typed, problems, row?.known_when ?? ""),
    },
    basis: problems["basis"] ?? null,
    kinds: KINDS.map((kind: FindingKind) => ({
      value: kind,
      label: t(`findings.kinds.${kind}.label`),
      hint: t(`findings.kinds.${kind}.hint`),
    })),
    knownWhens: codebook.knownWhen.map((option) => ({ value: option.code, label: labelOf(option, language) })),
    checks: PUBLIC_CHECKS.map((check) => t(`findings.checks.${check}`)),
    errors: summary(problems),
  });
}
