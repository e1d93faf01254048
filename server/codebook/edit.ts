import { createHash } from "node:crypto";
import { Invalid } from "../http/errors.ts";
import { type Decisions, fatesOf, fingerprint, type Rule, valuesOf } from "./crosswalk.ts";
import { CODE, type CodebookDefinition, type Factor, type Section } from "./definition.ts";

/** A version in the making: it may lack something, and the factors of its base are decided one by one. */
export type Sketch = { definition: CodebookDefinition; decisions: Decisions };

/** Changes when the part does: what a form was drawn from. */
export const partDigest = (part: unknown): string => createHash("sha256").update(JSON.stringify(part)).digest("hex").slice(0, 32);

const clean = (text: string): string => text.replaceAll("’", "'");
/** @throws Invalid naming `field` for a code that is malformed or already used */
function checkedCode(field: string, code: string, taken: readonly { code: string }[]): string {
  if (!CODE.test(code)) throw new Invalid({ [field]: "codebook.problem.code" });
  if (taken.some((one) => one.code === code)) throw new Invalid({ [field]: "codebook.problem.taken" });
  return code;
}

export type HeadGiven = Pick<CodebookDefinition, "titleFr" | "titleEn" | "unitOfAnalysisFr" | "noteFr">;
/** Titles, unit of analysis and note of the whole. */
export function saveHead({ definition }: Sketch, given: HeadGiven): void {
  Object.assign(definition, {
    titleFr: clean(given.titleFr),
    titleEn: clean(given.titleEn),
    unitOfAnalysisFr: clean(given.unitOfAnalysisFr),
    noteFr: given.noteFr && clean(given.noteFr),
  });
}

/** Places a factor after another one of its section (first of it for ""), among all the factors. */
function place({ definition }: Sketch, factor: Factor, after: string): void {
  const others = definition.factors.filter(({ code }) => code !== factor.code);
  const own = others.filter(({ section }) => section === factor.section);
  const before = after === "" ? -1 : others.findIndex(({ code }) => code === after);
  const at = before >= 0 ? before + 1 : own[0] ? others.indexOf(own[0]) : others.length;
  definition.factors = others.toSpliced(at, 0, factor);
}

export type NewFactor = Pick<Factor, "code" | "section" | "labelFr" | "labelEn" | "type" | "appliesTo">;
/** A factor of its own, last of its section. @throws Invalid for a code that is malformed or taken, or an unknown section */
export function addFactor(sketch: Sketch, given: NewFactor, base: CodebookDefinition): void {
  const { definition } = sketch;
  if (!definition.sections.some(({ code }) => code === given.section)) throw new Invalid({ section: "http.invalid.choice" });
  // A code that the base knows would be read as the same factor.
  const code = checkedCode("code", given.code, [...definition.factors, ...base.factors]);
  const factor: Factor = {
    ...given,
    code,
    labelFr: clean(given.labelFr),
    labelEn: clean(given.labelEn),
    definitionFr: "",
    includeFr: null,
    excludeFr: null,
    exampleFr: null,
    options: [],
    optionsRef: null,
    unit: null,
    riskFactor: false,
    sensitive: null,
    disclosure: null,
    availableFrom: null,
    indicatorTermsFr: [],
    sourceRefs: [],
  };
  const last = definition.factors.findLast(({ section }) => section === given.section);
  place(sketch, factor, last?.code ?? "");
}

export type OptionGiven = { was: string; code: string; labelFr: string; labelEn: string; definitionFr: string };
export type FactorGiven = Omit<Factor, "code" | "options"> & { options: OptionGiven[]; after: string };

/**
 * A factor as its form says. An option whose code was changed stands for the one it was: its values become the new code.
 * @throws Invalid for codes of options that are malformed or doubled, or an unknown section
 */
export function saveFactor(sketch: Sketch, code: string, { options, after, ...given }: FactorGiven, base: CodebookDefinition): void {
  const { definition, decisions } = sketch;
  const before = definition.factors.find((one) => one.code === code);
  if (!before) throw new Invalid({ code: "http.invalid.choice" });
  if (!definition.sections.some((one) => one.code === given.section)) throw new Invalid({ section: "http.invalid.choice" });
  const listed: Factor["options"] = [];
  for (const option of options) {
    checkedCode("options", option.code, listed);
    listed.push({
      code: option.code,
      labelFr: clean(option.labelFr),
      labelEn: clean(option.labelEn),
      definitionFr: clean(option.definitionFr) || null,
    });
  }
  const takesOptions = given.type === "category" || given.type === "multi";
  const factor: Factor = {
    ...before,
    ...given,
    labelFr: clean(given.labelFr),
    labelEn: clean(given.labelEn),
    definitionFr: clean(given.definitionFr),
    includeFr: given.includeFr && clean(given.includeFr),
    excludeFr: given.excludeFr && clean(given.excludeFr),
    exampleFr: given.exampleFr && clean(given.exampleFr),
    indicatorTermsFr: given.indicatorTermsFr.map(clean),
    // Answers of another kind are not kept where the kind has none: they could not be seen nor taken away.
    options: takesOptions && given.optionsRef === null ? listed : [],
    optionsRef: takesOptions ? given.optionsRef : null,
    unit: given.type === "number" ? given.unit : null,
  };
  definition.factors = definition.factors.map((one) => (one.code === code ? factor : one));
  if (factor.section !== before.section || after !== placeOf(sketch, code)) place(sketch, factor, after);

  const from = base.factors.find((one) => one.code === code);
  const decided = decisions[code]?.to.includes(code)
    ? decisions[code]
    : { rule: "same" as const, to: [code], values: {}, note: "", confirmed: null };
  const becomes: Record<string, string | null> = { ...decided.values[code] };
  for (const { was, code: now } of options) {
    if (was === "" || was === now) continue;
    // A new code is given to an option of the base, or to one that had already been given another code here.
    if (from?.options.some((one) => one.code === was)) becomes[was] = now;
    for (const [value, given] of Object.entries(becomes)) if (given === was) becomes[value] = now;
  }
  if (from && JSON.stringify(becomes) !== JSON.stringify(decided.values[code] ?? {}))
    decisions[code] = { ...decided, values: { ...decided.values, [code]: becomes }, confirmed: null };
}

/** The factor of its section that a factor follows: "" for the first. */
export function placeOf({ definition }: Pick<Sketch, "definition">, code: string): string {
  const factor = definition.factors.find((one) => one.code === code);
  const own = definition.factors.filter(({ section }) => section === factor?.section);
  return own[own.findIndex((one) => one.code === code) - 1]?.code ?? "";
}

/** Takes a factor out of the draft. Where the base has it, it is retired: the reason stays with the crosswalk. */
export function retireFactor({ definition, decisions }: Sketch, code: string, note: string, base: CodebookDefinition): void {
  definition.factors = definition.factors.filter((one) => one.code !== code);
  if (base.factors.some((one) => one.code === code)) decisions[code] = { rule: "retired", to: [], values: {}, note, confirmed: null };
}

/** Puts a factor of the base back as it was there; what it had been split or merged into stays, to be taken out by hand. */
export function restoreFactor(sketch: Sketch, code: string, base: CodebookDefinition): void {
  const { definition, decisions } = sketch;
  const from = base.factors.find((one) => one.code === code);
  if (!from || definition.factors.some((one) => one.code === code)) throw new Invalid({ code: "http.invalid.choice" });
  delete decisions[code];
  const sections = new Set(definition.sections.map((one) => one.code));
  const sources = new Set(definition.sources.map((one) => one.code));
  const factor: Factor = {
    ...structuredClone(from),
    section: sections.has(from.section) ? from.section : definition.sections[0]!.code,
    sourceRefs: from.sourceRefs.filter((source) => sources.has(source)),
  };
  const earlier = base.factors
    .slice(0, base.factors.indexOf(from))
    .findLast((one) => definition.factors.some((own) => own.code === one.code && own.section === factor.section));
  place(sketch, factor, earlier?.code ?? "");
}

export type PartGiven = { code: string; labelFr: string; labelEn: string };
/** Replaces a factor by two or more, each beginning as a copy of it under its own name. @throws Invalid */
export function splitFactor(sketch: Sketch, code: string, parts: readonly PartGiven[], note: string, base: CodebookDefinition): void {
  const { definition, decisions } = sketch;
  const factor = definition.factors.find((one) => one.code === code);
  if (!factor) throw new Invalid({ code: "http.invalid.choice" });
  if (parts.length < 2) throw new Invalid({ part_code: "codebook.problem.twoParts" });
  const made: Factor[] = [];
  for (const part of parts) {
    if (part.labelFr === "") throw new Invalid({ part_label_fr: "http.invalid.missing" });
    checkedCode("part_code", part.code, [...definition.factors, ...base.factors, ...made]);
    made.push({ ...structuredClone(factor), code: part.code, labelFr: clean(part.labelFr), labelEn: clean(part.labelEn) });
  }
  definition.factors = definition.factors.flatMap((one) => (one.code === code ? made : one));
  if (base.factors.some((one) => one.code === code))
    decisions[code] = { rule: "split", to: made.map((one) => one.code), values: {}, note, confirmed: null };
}

/** Replaces factors by one: one of them that takes the others in, or a new one that begins as a copy of the first. @throws Invalid */
export function mergeFactors(sketch: Sketch, codes: readonly string[], into: PartGiven, note: string, base: CodebookDefinition): void {
  const { definition, decisions } = sketch;
  const chosen = [...new Set(codes)].map((code) => definition.factors.find((one) => one.code === code));
  if (chosen.length < 2 || chosen.some((one) => !one)) throw new Invalid({ merged: "codebook.problem.twoFactors" });
  const [first] = chosen as Factor[];
  if (chosen.some((one) => one!.appliesTo !== first!.appliesTo)) throw new Invalid({ merged: "codebook.problem.otherSubject" });
  const own = chosen.find((one) => one!.code === into.code);
  if (!own) checkedCode("code", into.code, [...definition.factors, ...base.factors]);
  const label = (given: string, stored: string) => clean(given) || stored;
  const model = own ?? first!;
  const factor: Factor = {
    ...structuredClone(model),
    code: into.code,
    labelFr: label(into.labelFr, model.labelFr),
    labelEn: label(into.labelEn, model.labelEn),
    indicatorTermsFr: [...new Set(chosen.flatMap((one) => one!.indicatorTermsFr))],
    sourceRefs: [...new Set(chosen.flatMap((one) => one!.sourceRefs))],
    options:
      model.options.length === 0 ? [] : [...new Map(chosen.flatMap((one) => one!.options).map((option) => [option.code, option])).values()],
  };
  const gone = new Set(chosen.map((one) => one!.code));
  definition.factors = definition.factors.flatMap((one) => (one === model ? factor : gone.has(one.code) ? [] : one));
  for (const code of gone)
    if (base.factors.some((one) => one.code === code))
      decisions[code] = { rule: "merged", to: [into.code], values: {}, note, confirmed: null };
}

export type SectionGiven = Section & { was: string };
/** The sections in their order. One that factors still stand in cannot go. @throws Invalid */
export function saveSections({ definition }: Sketch, given: readonly SectionGiven[]): void {
  const made: Section[] = [];
  const renamed = new Map<string, string>();
  for (const { was, code, labelFr, labelEn, noteFr } of given) {
    checkedCode("sections", code, made);
    made.push({ code, labelFr: clean(labelFr), labelEn: clean(labelEn), noteFr: noteFr && clean(noteFr) });
    if (was !== "") renamed.set(was, code);
  }
  if (made.length === 0) throw new Invalid({ sections: "http.invalid.missing" });
  const left = definition.factors.find(({ section }) => !renamed.has(section) && !made.some(({ code }) => code === section));
  if (left) throw new Invalid({ sections: { key: "codebook.problem.sectionUsed", params: { section: left.section } } });
  definition.sections = made;
  definition.factors = definition.factors.map((factor) => ({ ...factor, section: renamed.get(factor.section) ?? factor.section }));
}

/** What an administrator says of a factor of the base. `values`: what each of its values becomes, by following factor; "" to be coded again. */
export type FateGiven = { rule: Rule; to: string[]; values: Record<string, Record<string, string>>; note: string; confirm: boolean };
/** Decides and, where what becomes of the values was seen, confirms. @throws Invalid for a factor that the draft does not have, or a value that it could not take */
export function decideFate(sketch: Sketch, code: string, { rule, to, values, note, confirm }: FateGiven, base: CodebookDefinition): void {
  const { definition, decisions } = sketch;
  const from = base.factors.find((one) => one.code === code);
  if (!from) throw new Invalid({ rule: "http.invalid.choice" });
  const following = to.map((one) => definition.factors.find((factor) => factor.code === one));
  if (following.some((one) => !one)) throw new Invalid({ to: "http.invalid.choice" });
  const own = definition.factors.some((one) => one.code === code);
  if (rule === "retired" ? to.length > 0 || own : to.length === 0) throw new Invalid({ to: "codebook.problem.following" });
  if ((rule === "same" || rule === "merged") && to.length > 1) throw new Invalid({ to: "codebook.problem.oneFollowing" });
  const kept: Decisions[string]["values"] = {};
  for (const factor of following as Factor[]) {
    const possible = valuesOf(factor);
    const own: Record<string, string | null> = {};
    for (const [value, becomes] of Object.entries(values[factor.code] ?? {})) {
      if (becomes !== "" && becomes !== "*" && !(possible ?? ["unknown"]).includes(becomes))
        throw new Invalid({ to: "http.invalid.choice" });
      own[value] = becomes === "" ? null : becomes;
    }
    kept[factor.code] = own;
  }
  decisions[code] = {
    rule,
    to: [...to],
    values: kept,
    note,
    confirmed: rule === "retired" || !confirm ? null : fingerprint(from, following as Factor[]),
  };
}

/** What the draft makes of every factor of its base. */
export const fatesIn = ({ definition, decisions }: Sketch, base: CodebookDefinition) => fatesOf(base, definition, decisions);
