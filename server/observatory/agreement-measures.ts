import { setImmediate } from "node:timers/promises";
import { type Agreement, agreement, type Estimate } from "../agreement/agreement.ts";
import { type Pooled, type PooledUnit, pooledAgreement } from "../agreement/pooled.ts";
import { type Level, numberOf, type Rating, type ScaleOptions } from "../agreement/ratings.ts";
import { setAlpha } from "../agreement/sets.ts";
import { type Factor, REVERSE } from "../codebook/definition.ts";
import { type Pair, yearCompared } from "./agreement-queries.ts";

/** "Not documented" counted as a value like the others, or a coding that says so taken as one not made. */
export type Silence = "value" | "left-out";
export const SILENCES = ["value", "left-out"] as const;

/** Below this alpha nothing should be concluded from a factor (Krippendorff, 2004, "Content Analysis", 2nd edition, chapter 11). */
export const LOWEST_ALPHA = 0.667;
/** From this many pairs on, a low alpha is shown as one. */
export const LEAST_PAIRS = 5;

const UNKNOWN = "unknown";
/** Draws of the intervals in lists, and on the page of one factor. */
const DRAWS_IN_LISTS = 199;
const DRAWS_IN_DETAIL = 1999;

/** Agreement of one factor, or of several together, under one reckoning of silence. */
export type Figures = {
  /** Pairs in which both said something that counts. */
  n: number;
  /** How the codings are spread: the share of one value. Null without codings. */
  prevalence: { value: string; share: number } | null;
  percent: Estimate;
  /** Plain; quadratic weights at the interval level. */
  kappa: Estimate;
  alpha: Estimate;
  ac1: Estimate;
  level: Level;
};
export type FactorAgreement = {
  factor: Factor;
  /** The same factor seen from the victim towards the perpetrator is another unit, and another line. */
  reverse: boolean;
  pairs: number;
  disagreements: number;
  figures: Record<Silence, Figures>;
  /** Whether the alpha of either reckoning is low on enough pairs. */
  low: boolean;
};
export type GroupAgreement = {
  pairs: number;
  reports: number;
  figures: Record<Silence, Figures>;
};
export type Measures = {
  pairs: number;
  reports: number;
  factors: FactorAgreement[];
  whole: GroupAgreement;
  sections: (GroupAgreement & { section: string })[];
  /** Accounts of each pair of coders, in the order of their ids. */
  coders: (GroupAgreement & { coders: [string, string] })[];
  years: (GroupAgreement & { year: number })[];
};

/** What an interval can be measured on: numbers as they are, days since 1970; null for anything else. */
function onScale(type: Factor["type"], value: string): string | null {
  if (type === "number") return numberOf(value) === null ? null : value;
  const day = type === "date" && /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(day) ? null : String(day / 86_400_000);
}

/** The codings of a factor as ratings of two coders, "1" and "2": which of two analysts came first is chance. */
export function ratingsOf(factor: Factor, pairs: readonly Pair[], silence: Silence): { ratings: Rating[]; options: ScaleOptions } {
  const measured = factor.type === "number" || factor.type === "date";
  const values = pairs.flatMap(({ first, second }) => [first, second]);
  // With silence as a value nothing can be subtracted; nor where an older codebook gave this factor another type.
  const interval = measured && silence === "left-out" && values.every((value) => value === UNKNOWN || onScale(factor.type, value) !== null);
  const written = (value: string) => (interval && value !== UNKNOWN ? onScale(factor.type, value)! : value);
  const ratings = pairs.flatMap(({ first, second }, unit) => [
    { unit: String(unit), coder: "1", value: written(first) },
    { unit: String(unit), coder: "2", value: written(second) },
  ]);
  const listed =
    factor.type === "presence" ? ["present", "absent", UNKNOWN] : factor.type === "category" ? factor.options.map(({ code }) => code) : [];
  return {
    ratings,
    options: {
      level: interval ? "interval" : "nominal",
      notDocumented: { value: UNKNOWN, as: silence },
      ...(listed.length > 0 && { scale: [...new Set([...listed, ...(silence === "value" ? [UNKNOWN] : []), ...values])] }),
    },
  };
}

function prevalenceOf(factor: Factor, { prevalence }: Agreement, label: (position: string) => string): Figures["prevalence"] {
  const given = prevalence.filter(({ share }) => share !== null);
  const present = given.find(({ value }) => value === "present");
  const chosen =
    factor.type === "presence"
      ? present
      : given.reduce<(typeof given)[number] | undefined>((a, b) => (a && a.ratings >= b.ratings ? a : b), undefined);
  return chosen ? { value: label(chosen.value), share: chosen.share! } : null;
}

function figuresOf(factor: Factor, pairs: readonly Pair[], silence: Silence): Figures {
  const { ratings, options } = ratingsOf(factor, pairs, silence);
  const found = agreement(ratings, { ...options, resamples: DRAWS_IN_LISTS });
  const interval = options.level === "interval";
  const { percent, kappa, kappaQuadratic, alphaNominal, alphaInterval, ac1 } = found.coefficients;
  const back = (position: string) =>
    interval && factor.type === "date" ? new Date(Number(position) * 86_400_000).toISOString().slice(0, 10) : position;
  return {
    n: found.n.pairableUnits,
    prevalence: prevalenceOf(factor, found, back),
    percent: percent!,
    kappa: interval ? kappaQuadratic! : kappa!,
    alpha: interval ? alphaInterval! : alphaNominal!,
    ac1: ac1!,
    level: options.level,
  };
}

const isLow = ({ n, alpha }: Figures): boolean => alpha.kind === "value" && alpha.value < LOWEST_ALPHA && n >= LEAST_PAIRS;
/** A factor seen in one direction: the unit that codings are compared within. */
const unitOf = ({ factor, subject }: Pick<Pair, "factor" | "subject">) => (subject === REVERSE ? `${factor} reverse` : factor);

function groupOf(pairs: readonly Pair[], factors: ReadonlyMap<string, Factor>): GroupAgreement {
  const figures = (silence: Silence): Figures => {
    const kept = silence === "value" ? pairs : pairs.filter(({ first, second }) => first !== UNKNOWN && second !== UNKNOWN);
    const units = kept.map(
      (pair): PooledUnit => ({ stratum: unitOf(pair), cluster: pair.reportId, first: pair.first, second: pair.second }),
    );
    const scales = new Map(
      units.flatMap(({ stratum }) => {
        const factor = factors.get(stratum.split(" ")[0]!);
        const silent = silence === "value" ? 1 : 0;
        if (factor?.type === "presence") return [[stratum, 2 + silent] as const];
        if (factor?.type !== "category" || factor.options.length === 0) return [];
        return [[stratum, factor.options.filter(({ code }) => code !== UNKNOWN).length + silent] as const];
      }),
    );
    const { n, coefficients }: Pooled = pooledAgreement(units, { resamples: DRAWS_IN_LISTS, scales });
    const said = kept.filter(({ factor }) => factors.get(factor)?.type === "presence").flatMap(({ first, second }) => [first, second]);
    const present = said.filter((value) => value === "present").length;
    return {
      n: n.units,
      prevalence: said.length === 0 ? null : { value: "present", share: present / said.length },
      percent: coefficients.percent,
      kappa: coefficients.kappa,
      alpha: coefficients.alphaNominal,
      ac1: coefficients.ac1,
      level: "nominal",
    };
  };
  return {
    pairs: pairs.length,
    reports: new Set(pairs.map(({ reportId }) => reportId)).size,
    figures: { value: figures("value"), "left-out": figures("left-out") },
  };
}

/**
 * Agreement over all pairs: each factor alone, then the whole, each section, each pair of coders and each year. Others are served between
 * one factor and the next.
 * @param factors definitions in the order of the codebook; pairs of other factors are counted nowhere
 */
export async function measureAgreement(all: readonly Pair[], factors: readonly Factor[]): Promise<Measures> {
  const definitions = new Map(factors.map((factor) => [factor.code, factor]));
  const pairs = all.filter(({ factor }) => definitions.has(factor));
  const byUnit = Map.groupBy(pairs, unitOf);
  const lines: FactorAgreement[] = [];
  for (const factor of factors)
    for (const reverse of [false, true]) {
      const own = byUnit.get(reverse ? `${factor.code} reverse` : factor.code);
      if (!own) continue;
      const figures = { value: figuresOf(factor, own, "value"), "left-out": figuresOf(factor, own, "left-out") };
      lines.push({
        factor,
        reverse,
        pairs: own.length,
        disagreements: own.filter(({ first, second }) => first !== second).length,
        figures,
        low: SILENCES.some((silence) => isLow(figures[silence])),
      });
      await setImmediate();
    }
  const grouped = async <Key, Extra extends object>(
    key: (pair: Pair) => Key,
    extra: (key: Key, some: readonly Pair[]) => Extra,
  ): Promise<(GroupAgreement & Extra)[]> => {
    const groups: (GroupAgreement & Extra)[] = [];
    for (const [value, some] of Map.groupBy(pairs, key)) {
      groups.push({ ...groupOf(some, definitions), ...extra(value, some) });
      await setImmediate();
    }
    return groups;
  };
  const whole = groupOf(pairs, definitions);
  await setImmediate();
  const order = [...new Set(factors.map(({ section }) => section))];
  return {
    pairs: pairs.length,
    reports: whole.reports,
    factors: lines,
    whole,
    sections: (
      await grouped(
        ({ factor }) => definitions.get(factor)!.section,
        (section) => ({ section }),
      )
    ).sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section)),
    coders: (
      await grouped(
        ({ coders }) => [...coders].sort().join(" "),
        (key) => ({ coders: key.split(" ") as [string, string] }),
      )
    ).sort((a, b) => (a.coders.join() < b.coders.join() ? -1 : 1)),
    years: (await grouped(yearCompared, (year) => ({ year }))).sort((a, b) => a.year - b.year),
  };
}

/** Everything that can be said of one factor, with the intervals of 1,999 draws. */
export type FactorDetail = Record<Silence, Agreement & { sets: Estimate | null }>;

/** @param pairs of one factor in one direction */
export async function detailOf(factor: Factor, pairs: readonly Pair[]): Promise<FactorDetail> {
  const detail = (silence: Silence) => {
    const { ratings, options } = ratingsOf(factor, pairs, silence);
    const found = agreement(ratings, { ...options, resamples: DRAWS_IN_DETAIL });
    return { ...found, sets: factor.type === "multi" ? setAlpha(ratings, options, found) : null };
  };
  const value = detail("value");
  await setImmediate();
  return { value, "left-out": detail("left-out") };
}

// Kept until a comparison is added: nothing else changes what was said before anybody compared.
const kept = new WeakMap<object, Map<string, Promise<unknown>>>();
const MOST_KEPT = 12;

/** What was computed for the same key before, or now. @param owner what the answers belong to and die with: the database */
export function once<Answer>(owner: object, key: string, compute: () => Promise<Answer>): Promise<Answer> {
  const known = kept.get(owner) ?? new Map<string, Promise<unknown>>();
  kept.set(owner, known);
  const before = known.get(key) as Promise<Answer> | undefined;
  if (before) return before;
  const answer = compute();
  known.set(key, answer);
  answer.catch(() => known.delete(key));
  for (const old of [...known.keys()].slice(0, Math.max(0, known.size - MOST_KEPT))) known.delete(old);
  return answer;
}
