import type { Fate } from "./crosswalk.ts";
import type { CodebookDefinition, Factor, Option } from "./definition.ts";

/** A run of words that both texts have, or one of them. */
export type Run = { kind: "same" | "added" | "removed"; text: string };

/** Longest text compared word by word, in words of both multiplied: beyond, the whole is shown as replaced. */
const MOST = 1_000_000;

/** What changed from one text to the other, word by word; the runs give both texts back when those added or removed are left out. */
export function compareWords(before: string, after: string): Run[] {
  const wordsOf = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (old.length * now.length > MOST)
    return [
      { kind: "removed", text: before },
      { kind: "added", text: after },
    ].filter(({ text }) => text !== "") as Run[];
  // Length of the longest common sequence of what follows each pair of places.
  const width = now.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      common[i * width + j] =
        old[i] === now[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const runs: Run[] = [];
  const put = (kind: Run["kind"], text: string) => {
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else runs.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      put("same", old[i]!);
      [i, j] = [i + 1, j + 1];
    } else if (i < old.length && (j === now.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      put("removed", old[i++]!);
    else put("added", now[j++]!);
  }
  return runs;
}

export const TEXTS = ["labelFr", "labelEn", "definitionFr", "includeFr", "excludeFr", "exampleFr"] as const;
export const ATTRIBUTES = [
  "section",
  "type",
  "appliesTo",
  "optionsRef",
  "unit",
  "riskFactor",
  "sensitive",
  "disclosure",
  "availableFrom",
] as const;

/** One thing that changed in a factor. */
export type Change =
  | { kind: "text"; name: (typeof TEXTS)[number]; runs: Run[] }
  | { kind: "attribute"; name: (typeof ATTRIBUTES)[number]; before: string | null; after: string | null }
  | { kind: "list"; name: "indicatorTermsFr" | "sourceRefs"; added: string[]; removed: string[] }
  | { kind: "option-added" | "option-removed"; option: Option }
  | { kind: "option-changed"; before: Option; after: Option }
  | { kind: "options-ordered" };

const said = (value: string | boolean | null): string | null => (value === false || value === null ? null : String(value));

/** Options by code: new ones, gone ones, those whose words changed, and whether the others stand in another order. */
export function compareOptions(before: readonly Option[], after: readonly Option[]): Change[] {
  const [old, now] = [before, after].map((list) => new Map(list.map((option) => [option.code, option]))) as [
    Map<string, Option>,
    Map<string, Option>,
  ];
  const changes: Change[] = [];
  for (const option of before) if (!now.has(option.code)) changes.push({ kind: "option-removed", option });
  for (const option of after) {
    const known = old.get(option.code);
    if (!known) changes.push({ kind: "option-added", option });
    else if (JSON.stringify(known) !== JSON.stringify(option)) changes.push({ kind: "option-changed", before: known, after: option });
  }
  const kept = (list: readonly Option[], other: Map<string, Option>) => list.map(({ code }) => code).filter((code) => other.has(code));
  if (kept(before, now).join() !== kept(after, old).join()) changes.push({ kind: "options-ordered" });
  return changes;
}

/** Everything that changed from one factor to the other. */
export function compareFactors(before: Factor, after: Factor): Change[] {
  const changes: Change[] = [];
  for (const name of TEXTS) {
    const [old, now] = [before[name] ?? "", after[name] ?? ""];
    if (old !== now) changes.push({ kind: "text", name, runs: compareWords(old, now) });
  }
  for (const name of ATTRIBUTES) {
    const [old, now] = [said(before[name]), said(after[name])];
    if (old !== now) changes.push({ kind: "attribute", name, before: old, after: now });
  }
  changes.push(...compareOptions(before.options, after.options));
  for (const name of ["indicatorTermsFr", "sourceRefs"] as const) {
    const added = after[name].filter((one) => !before[name].includes(one));
    const removed = before[name].filter((one) => !after[name].includes(one));
    if (added.length + removed.length > 0) changes.push({ kind: "list", name, added, removed });
  }
  return changes;
}

/** A factor that is not as it was: what it was, what it is, and the difference where one followed one. */
export type FactorDifference = {
  kind: "added" | "retired" | "split" | "merged" | "changed";
  before: Factor[];
  after: Factor[];
  changes: Change[];
};
export type Difference = {
  /** Titles, unit of analysis, note. */
  head: { name: "titleFr" | "titleEn" | "unitOfAnalysisFr" | "noteFr"; runs: Run[] }[];
  sections: { kind: "added" | "removed" | "changed"; code: string; before: string; after: string }[];
  sectionsOrdered: boolean;
  factors: FactorDifference[];
  /** Factors that kept everything but their place. */
  ordered: number;
  /** Scales, qualifiers, classifications and sources: the parts that are not factors, by name. */
  lists: { name: string; changes: Change[] }[];
};

/** What a reader of the new version must know of it. */
export function compareCodebooks(base: CodebookDefinition, next: CodebookDefinition, fates: readonly Fate[]): Difference {
  const head = (["titleFr", "titleEn", "unitOfAnalysisFr", "noteFr"] as const).flatMap((name) =>
    base[name] === next[name] ? [] : [{ name, runs: compareWords(base[name] ?? "", next[name] ?? "") }],
  );
  const named = ({ labelFr, labelEn, noteFr }: CodebookDefinition["sections"][number]) =>
    [labelFr, labelEn, noteFr].filter(Boolean).join(" · ");
  const [old, now] = [base, next].map(({ sections }) => new Map(sections.map((one) => [one.code, one]))) as [
    Map<string, CodebookDefinition["sections"][number]>,
    Map<string, CodebookDefinition["sections"][number]>,
  ];
  const sections: Difference["sections"] = [
    ...base.sections
      .filter(({ code }) => !now.has(code))
      .map((one) => ({ kind: "removed" as const, code: one.code, before: named(one), after: "" })),
    ...next.sections.flatMap((one): Difference["sections"] => {
      const known = old.get(one.code);
      if (!known) return [{ kind: "added" as const, code: one.code, before: "", after: named(one) }];
      return named(known) === named(one) ? [] : [{ kind: "changed" as const, code: one.code, before: named(known), after: named(one) }];
    }),
  ];
  const order = (codes: readonly { code: string }[], both: (code: string) => boolean) => codes.map(({ code }) => code).filter(both);
  const stays = (code: string) => old.has(code) && now.has(code);

  const factors: FactorDifference[] = [];
  const followed = new Set<string>();
  const told = new Set<string>();
  for (const { from, to, rule } of fates) {
    for (const { code } of to) followed.add(code);
    if (to.length === 0) factors.push({ kind: "retired", before: [from], after: [], changes: [] });
    else if (rule === "split" || to.length > 1)
      factors.push({
        kind: "split",
        before: [from],
        after: to,
        changes: to.flatMap((one) => (to.length === 1 ? compareFactors(from, one) : [])),
      });
    else if (rule === "merged") {
      const into = to[0]!;
      if (told.has(into.code)) continue;
      told.add(into.code);
      const before = fates.filter((fate) => fate.rule === "merged" && fate.to[0]?.code === into.code).map((fate) => fate.from);
      const own = before.find(({ code }) => code === into.code);
      factors.push({ kind: "merged", before, after: [into], changes: own ? compareFactors(own, into) : [] });
    } else {
      const changes = compareFactors(from, to[0]!);
      if (changes.length > 0 || from.code !== to[0]!.code) factors.push({ kind: "changed", before: [from], after: to, changes });
    }
  }
  for (const factor of next.factors)
    if (!followed.has(factor.code)) factors.push({ kind: "added", before: [], after: [factor], changes: [] });

  const [oldCodes, newCodes] = [base, next].map(({ factors: some }) => new Set(some.map(({ code }) => code))) as [Set<string>, Set<string>];
  const both = (code: string) => oldCodes.has(code) && newCodes.has(code);
  const [was, is] = [order(base.factors, both), order(next.factors, both)];
  const lists = [
    ["presence", base.presence, next.presence],
    ...base.qualifiers.map(
      ({ code, options }) => [code, options, next.qualifiers.find((one) => one.code === code)?.options ?? []] as const,
    ),
    ...(["addressees", "levels", "themes", "types", "followUpStatuses", "wordingChecks"] as const).map(
      (name) => [name, base.recommendation[name], next.recommendation[name]] as const,
    ),
    [
      "sources",
      ...([base, next].map(({ sources }) =>
        sources.map(({ code, title, publisher, basis }) => ({ code, labelFr: title, labelEn: publisher, definitionFr: basis })),
      ) as [Option[], Option[]]),
    ] as const,
  ] as (readonly [string, readonly Option[], readonly Option[]])[];
  return {
    head,
    sections,
    sectionsOrdered: order(base.sections, stays).join() !== order(next.sections, stays).join(),
    factors,
    ordered: was.filter((code, at) => is[at] !== code).length,
    lists: lists
      .map(([name, before, after]) => ({ name, changes: compareOptions(before, after) }))
      .filter(({ changes }) => changes.length > 0),
  };
}

/** Whether nothing a reader or a coder would see is different. */
export const isEmpty = (difference: Difference): boolean =>
  difference.head.length + difference.sections.length + difference.factors.length + difference.lists.length + difference.ordered === 0 &&
  !difference.sectionsOrdered;
