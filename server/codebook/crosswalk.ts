import { createHash } from "node:crypto";
import type { CodebookDefinition, Factor } from "./definition.ts";

export const RULES = ["same", "recode", "split", "merged", "retired"] as const;
export type Rule = (typeof RULES)[number];

/** What an administrator decided of a factor of the base version. */
export type Decision = {
  rule: Rule;
  /** Codes of the factors of the draft that follow it; none when it is retired. */
  to: string[];
  /** For each of these, the value that each of its values becomes; null: it is coded again. What is not said is as `defaultValues` has it. */
  values: Record<string, Record<string, string | null>>;
  note: string;
  /** Fingerprint of the factors when this was confirmed; another one when they changed since. */
  confirmed: string | null;
};
/** By code of a factor of the base. */
export type Decisions = Record<string, Decision>;

/** What becomes of a factor from one version to the next: `values` holds the values that are carried over, "*" for whatever the value is. */
export type Link = { from: string; to: string | null; rule: Rule; note: string; values: ReadonlyMap<string, string> };

export const UNKNOWN = "unknown";
export const ANY = "*";
const NOT_AVAILABLE = "not_available";
const NOT_REQUESTED = "not_requested";

/** The values a factor can have, in order, not documented last; null where they are numbers, dates or codes of an outside list. */
export function valuesOf(factor: Factor): string[] | null {
  if (factor.type === "presence") return ["present", "absent", UNKNOWN];
  if (factor.type === "number" || factor.type === "date" || factor.optionsRef !== null) return null;
  return [...new Set([...factor.options.map(({ code }) => code), UNKNOWN])];
}

/** Whether any value of the one is, as it stands, a value of the other. */
const sameKind = (from: Factor, to: Factor): boolean =>
  from.optionsRef === to.optionsRef &&
  (from.type === to.type || (from.type === "category" && to.type === "multi")) &&
  (from.type !== "number" || from.unit === to.unit);

/** What can be carried over without asking: nothing where the factor is about somebody else or must be coded again. */
export function defaultValues(from: Factor, to: Factor, rule: Rule): Map<string, string> {
  const carried = new Map<string, string>();
  if (rule === "recode" || rule === "retired" || from.appliesTo !== to.appliesTo) return carried;
  const [before, after] = [valuesOf(from), valuesOf(to)];
  if (before === null && after === null && sameKind(from, to) && rule !== "split") return carried.set(ANY, ANY);
  carried.set(UNKNOWN, UNKNOWN);
  if (before === null || after === null || !sameKind(from, to)) return carried;
  for (const value of before) {
    // What is absent from the whole is absent from its parts; what is present may be in one or the other.
    if (rule === "split" && value !== "absent" && value !== UNKNOWN) continue;
    // "Did not exist yet" and "was not asked for" are said of the month the measure began in.
    if ((value === NOT_AVAILABLE || value === NOT_REQUESTED) && from.availableFrom !== to.availableFrom) continue;
    if (after.includes(value)) carried.set(value, value);
  }
  return carried;
}

/** The rule that the two versions suggest: the same factor, coded again where its values say something else. */
export const defaultRule = (from: Factor, to: Factor | undefined): Rule =>
  !to ? "retired" : from.appliesTo === to.appliesTo && sameKind(from, to) ? "same" : "recode";

/** What two factors mean to a coder: words and values, not the terms that find them nor what is said in English. */
const meaning = (factor: Factor) => [
  factor.code,
  factor.labelFr,
  factor.definitionFr,
  factor.includeFr,
  factor.excludeFr,
  factor.type,
  factor.appliesTo,
  factor.optionsRef,
  factor.unit,
  factor.availableFrom,
  factor.options.map(({ code, labelFr, definitionFr }) => [code, labelFr, definitionFr]),
];
export const fingerprint = (from: Factor, to: readonly Factor[]): string =>
  createHash("sha256")
    .update(JSON.stringify([meaning(from), ...to.map(meaning)]))
    .digest("hex")
    .slice(0, 32);
const sameMeaning = (from: Factor, to: Factor): boolean => JSON.stringify(meaning(from)) === JSON.stringify(meaning(to));

/** A factor of the base, what follows it in the next version, and by which rule. */
export type Fate = {
  from: Factor;
  to: Factor[];
  rule: Rule;
  note: string;
  /** By code of the following factor. */
  values: Map<string, Map<string, string>>;
  /** What it means changed, and an administrator has not said yet whether values carry over. */
  unconfirmed: boolean;
};

/** What becomes of every factor of the base: as decided, else as the two versions suggest. */
export function fatesOf(base: CodebookDefinition, next: CodebookDefinition, decisions: Decisions): Fate[] {
  const after = new Map(next.factors.map((factor) => [factor.code, factor]));
  return base.factors.map((from) => {
    const decided = Object.hasOwn(decisions, from.code) ? decisions[from.code]! : null;
    const targets = (decided?.to ?? []).flatMap((code) => after.get(code) ?? []);
    const own = after.get(from.code);
    // A decision whose factors have left the draft since says nothing any more.
    const stands = decided !== null && (targets.length > 0 || (decided.rule === "retired" && !own));
    const to = stands ? targets : own ? [own] : [];
    const rule: Rule = stands ? decided.rule : defaultRule(from, own);
    const values = new Map(
      to.map((target) => {
        const carried = defaultValues(from, target, rule);
        const [known, possible] = [valuesOf(from), valuesOf(target)];
        for (const [value, becomes] of Object.entries((stands && decided.values[target.code]) || {})) {
          if (rule === "recode" || from.appliesTo !== target.appliesTo) continue;
          if (value === ANY ? !(known === null && possible === null && sameKind(from, target)) : !(known ?? [UNKNOWN]).includes(value))
            continue;
          if (becomes === null) carried.delete(value);
          else if (value === ANY ? becomes === ANY : (possible ?? [UNKNOWN]).includes(becomes)) carried.set(value, becomes);
        }
        return [target.code, carried] as const;
      }),
    );
    const asks = rule !== "retired" && (rule !== "same" || to.length !== 1 || !sameMeaning(from, to[0]!));
    return {
      from,
      to,
      rule,
      note: stands ? decided.note : "",
      values,
      unconfirmed: asks && !(stands && decided.confirmed === fingerprint(from, to)),
    };
  });
}

/** The crosswalk as it is stored with the version. */
export const linksOf = (fates: readonly Fate[]): Link[] =>
  fates.flatMap(({ from, to, rule, note, values }): Link[] =>
    to.length === 0
      ? [{ from: from.code, to: null, rule: "retired", note, values: new Map() }]
      : to.map(({ code }) => ({ from: from.code, to: code, rule, note, values: values.get(code)! })),
  );

// --- carrying values over ---------------------------------------------------------------------------------------------------------

/** One step of the codebook: both versions and what leads from the one to the other. */
export type Crosswalk = { from: CodebookDefinition; to: CodebookDefinition; links: readonly Link[] };
/** A value on its way: `sources` are the codings it comes from. */
export type Carried = { sources: string[]; layer: number; factor: string; subject: string; value: string };
/** What became of a coding: carried over whole, in part (one of two factors that follow), to be coded again, or gone with its factor. */
export type Outcome = "carried" | "partly" | "recode" | "retired";

/** What a value becomes in the factor that follows, or null when somebody must say. `actDate` judges what did not exist yet. */
export function valueCarried(
  value: string,
  to: Factor,
  values: ReadonlyMap<string, string>,
  { exclusiveOptions, actDate }: { exclusiveOptions: readonly string[]; actDate: string },
): string | null {
  if (values.has(ANY)) return value;
  const parts = value.split(",").map((one) => values.get(one));
  if (parts.some((one) => one === undefined)) return null;
  const chosen = [...new Set(parts as string[])];
  const existed = to.availableFrom === null || actDate.slice(0, 7) >= to.availableFrom;
  if (chosen.includes(NOT_AVAILABLE) && existed) return null;
  if (chosen.includes(NOT_REQUESTED) && !existed) return null;
  if (chosen.length === 1) return chosen[0]!;
  if (to.type !== "multi" || chosen.some((one) => one === UNKNOWN || exclusiveOptions.includes(one))) return null;
  return to.options
    .map(({ code }) => code)
    .filter((code) => chosen.includes(code))
    .join(",");
}

/** Values of several factors that became one: the same everywhere; present as soon as one is; several choices together. Else null. */
function combined(values: readonly (string | null)[], to: Factor, exclusiveOptions: readonly string[]): string | null {
  const said = values.filter((value) => value !== null);
  if (to.type === "presence" && said.includes("present")) return "present";
  if (said.length < values.length || said.length === 0) return null;
  if (new Set(said).size === 1) return said[0]!;
  if (to.type !== "multi") return null;
  const chosen = new Set(said.flatMap((value) => value.split(",")));
  if ([...chosen].some((one) => one === UNKNOWN || exclusiveOptions.includes(one))) return null;
  return to.options
    .map(({ code }) => code)
    .filter((code) => chosen.has(code))
    .join(",");
}

/**
 * Carries codings over one step of the codebook. `fates` says of each of the given values what became of it, in their order; the carried ones
 * are each for one factor and subject of a layer.
 */
export function carryOver(
  { to: next, links }: Crosswalk,
  codings: readonly Carried[],
  actDate: string,
): { carried: Carried[]; fates: Outcome[] } {
  const rules = { exclusiveOptions: next.exclusiveOptions, actDate };
  const factors = new Map(next.factors.map((factor) => [factor.code, factor]));
  const byFrom = Map.groupBy(links, ({ from }) => from);
  const byTo = Map.groupBy(
    links.filter(({ to }) => to !== null),
    ({ to }) => to!,
  );
  const at = new Map(codings.map((coding) => [`${coding.layer} ${coding.factor} ${coding.subject}`, coding]));
  const reached = new Map<Carried, number>();
  const carried: Carried[] = [];
  for (const [code, into] of byTo) {
    const factor = factors.get(code);
    if (!factor) continue;
    const places = new Set(
      into.flatMap(({ from }) => codings.filter((one) => one.factor === from).map((one) => `${one.layer} ${one.subject}`)),
    );
    for (const place of places) {
      const [layer, subject] = place.split(" ") as [string, string];
      const found = into.map(({ from, values }) => {
        const coding = at.get(`${layer} ${from} ${subject}`) ?? null;
        return { coding, value: coding && valueCarried(coding.value, factor, values, rules) };
      });
      const value = combined(
        found.map((one) => one.value),
        factor,
        rules.exclusiveOptions,
      );
      if (value === null) continue;
      const sources = found.filter((one) => one.coding !== null && one.value !== null);
      // Where one is present, what is absent or unknown of the others is not what shows it.
      const shown = factor.type === "presence" && value === "present" ? sources.filter((one) => one.value === "present") : sources;
      carried.push({ sources: shown.flatMap(({ coding }) => coding!.sources), layer: Number(layer), factor: code, subject, value });
      for (const { coding } of found) if (coding) reached.set(coding, (reached.get(coding) ?? 0) + 1);
    }
  }
  const fates = codings.map((coding): Outcome => {
    const ways = (byFrom.get(coding.factor) ?? []).filter(({ to }) => to !== null).length;
    if (ways === 0) return "retired";
    const count = reached.get(coding) ?? 0;
    return count === 0 ? "recode" : count === ways ? "carried" : "partly";
  });
  return { carried, fates };
}
