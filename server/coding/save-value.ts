import { newId } from "../../db/ids.ts";
import type { Confidence, Db, Layer, PersonTable, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { asksBothDirections, type CodebookDefinition, type Factor, REVERSE } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { Conflict, type Happened, Invalid } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Language, translator } from "../http/words.ts";
import { permit } from "../reports/apply-event.ts";
import { peopleOf } from "../reports/queries.ts";
import {
  type ActContent,
  clearedVersions,
  contentOf,
  type KeptPassage,
  listActs,
  recordAct,
  type State,
  sameState,
  stateOf,
} from "./acts.ts";
import { anchorOf, type Expected, expectedIn, keyOf, type Missing, missingOf, subjectOf } from "./expected.ts";
import { valueLabel } from "./labels.ts";
import { layerFor } from "./layers.ts";
import { keepPassage, type PassageGiven, untie } from "./passages.ts";
import { canonicalValue, rulesFor, UNKNOWN } from "./values.ts";

/** Which value is coded: a factor of the report's codebook version, for the "case" or for one of its people (by id). */
export type Target = { factor: string; subject: string };
export type ValueGiven = Target & {
  value: string | readonly string[] | number;
  confidence?: string | null;
  evidenceBasis?: string | null;
  knownWhen?: string | null;
  note?: string | null;
  /** Why this value, where no passage shows it. */
  reason?: string | null;
  /** The version of the coding the person saw; 0 when there was none. */
  seenVersion: number;
  passages?: readonly PassageGiven[];
};
/** Where an act took place (the card's address on the coding page), and which one it is. */
export type Acted = {
  anchor: string;
  /** The number of the act in the history of acts; null when nothing had to be written, or for what is not an act of coding. */
  act: number | null;
};
/** What a save left behind. `changed` is false when everything stood so already: nothing was written. */
export type Saved = Acted & {
  id: string;
  version: number;
  value: string;
  changed: boolean;
  /** Ids of the passages given with the value. */
  passages: string[];
  /** What the coding still lacks. */
  missing: Missing | null;
};

/** A coding about to be changed, with all that judges the change. */
type Opened = {
  report: ReportTable;
  definition: CodebookDefinition;
  factor: Factor;
  subject: string;
  layer: Layer;
  stored: (State & { id: string; version: number }) | null;
  /** The version a page must have seen: that of the coding, or of the act that cleared it; 0 before the first. */
  version: number;
  /** How many passages are tied to it. */
  tied: number;
} & Pick<Acted, "anchor">;

/**
 * Asks the machine for leave and reads what is stored, on the layer this person is assigned.
 * @throws Refusal, NotFound; Invalid for a factor of another version or a person who is not of the case or not of the factor's kind
 */
export async function openCoding(tx: Tx, reportId: string, target: Target, by: Actor): Promise<Opened> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const definition = await codebookVersion(tx, report.codebook_version);
  const factor = definition.factors.find(({ code }) => code === target.factor);
  if (!factor) throw new Invalid({ factor: "coding.problem.factor" });
  const layer = await layerFor(tx, report, by.id);
  const row = await tx
    .selectFrom("report")
    .leftJoin("person", (join) => join.on("person.report_id", "=", reportId).on("person.id", "=", target.subject))
    .leftJoin("coding", (join) =>
      join
        .on("coding.report_id", "=", reportId)
        .on("coding.layer", "=", layer)
        .on("coding.factor", "=", target.factor)
        .on("coding.subject", "=", target.subject),
    )
    .select((e) => [
      e
        .selectFrom("coding_passage")
        .select((count) => count.fn.countAll().as("n"))
        .whereRef("coding_passage.coding_id", "=", "coding.id")
        .as("tied"),
      // Where nothing is stored, the last act tells from which version to go on: a page that saw an older one is stale.
      e
        .case()
        .when("coding.id", "is", null)
        .then(
          e
            .selectFrom("coding_act")
            .select("coding_act.after")
            .where("coding_act.report_id", "=", reportId)
            .where("coding_act.layer", "=", layer)
            .where("coding_act.factor", "=", target.factor)
            .where("coding_act.subject", "=", target.subject)
            .orderBy("coding_act.id", "desc")
            .limit(1),
        )
        .end()
        .as("last"),
      "person.kind",
      "person.number",
      "coding.id",
      "coding.version",
      "coding.value",
      "coding.confidence",
      "coding.evidence_basis",
      "coding.known_when",
      "coding.note",
      "coding.reason",
      "coding.origin",
    ])
    .where("report.id", "=", reportId)
    .executeTakeFirstOrThrow();
  const kind: PersonTable["kind"] | "case" | null =
    target.subject === "case" || (target.subject === REVERSE && asksBothDirections(report, factor)) ? "case" : row.kind;
  if (kind !== factor.appliesTo) throw new Invalid({ subject: "coding.problem.subject" });
  const { id, version, value } = row;
  const stored = id === null || version === null || value === null ? null : { ...stateOf({ ...row, value }), id, version };
  const anchor = anchorOf({
    factor,
    person: row.kind && row.number !== null ? { kind: row.kind, number: row.number } : null,
    reverse: target.subject === REVERSE,
  });
  const seen = stored?.version ?? contentOf(row.last)?.version ?? 0;
  return { report, definition, factor, subject: target.subject, layer, stored, version: seen, tied: Number(row.tied), anchor };
}

const blank = (text: string | null | undefined): string | null => text?.trim() || null;

/** What a person's input makes a coding hold. @throws Invalid naming the field */
function stateGiven({ report, definition, factor }: Opened, given: Omit<ValueGiven, "passages">): State {
  const canonical = canonicalValue(factor, given.value, rulesFor(definition, report));
  if (canonical.kind === "problem") throw new Invalid({ value: canonical.problem });
  const oneOf = (field: string, options: readonly { code: string }[], typed: string | null | undefined): string | null => {
    const code = blank(typed);
    if (code !== null && !options.some((option) => option.code === code)) throw new Invalid({ [field]: "http.invalid.choice" });
    return code;
  };
  return {
    value: canonical.value,
    confidence: oneOf("confidence", definition.confidence, given.confidence) as Confidence | null,
    evidence_basis: oneOf("evidenceBasis", definition.evidenceBasis, given.evidenceBasis),
    known_when: oneOf("knownWhen", definition.knownWhen, given.knownWhen),
    note: blank(given.note),
    reason: blank(given.reason),
    origin: null,
  };
}

/** Somebody changed the same value first: both values, so that the person can choose. */
const overtaken = ({ report, factor, subject, layer }: Opened, mine: string, by: Actor, now: string) =>
  new Conflict<Db>(async (db, language: Language): Promise<Happened[]> => {
    const t = translator(language);
    const definition = await codebookVersion(db, report.codebook_version);
    const said = (value: string) => valueLabel(definition, factor, value, t, language);
    const label = labelOf(factor, language);
    const act = await db
      .selectFrom("coding_act")
      .innerJoin("account", "account.id", "coding_act.by")
      .select(["coding_act.at", "coding_act.after", "account.name"])
      .where("report_id", "=", report.id)
      .where("layer", "=", layer)
      .where("factor", "=", factor.code)
      .where("subject", "=", subject)
      .orderBy("coding_act.id", "desc")
      .limit(1)
      .executeTakeFirst();
    const { name } = await db.selectFrom("account").select("name").where("id", "=", by.id).executeTakeFirstOrThrow();
    const after = act ? contentOf(act.after) : null;
    const theirs = after?.value
      ? t("coding.conflict.stored", { factor: label, value: said(after.value) })
      : t("coding.conflict.cleared", { factor: label });
    return [
      ...(act ? [{ at: instant(act.at, language), iso: act.at, who: act.name, what: theirs, why: after?.reason ?? null }] : []),
      {
        at: instant(now, language),
        iso: now,
        who: name,
        what: t("coding.conflict.yours", { factor: label, value: said(mine) }),
        why: null,
      },
    ];
  }, `/rapports/${report.id}/codage?facteur=${factor.code}`);

const record = (
  tx: Tx,
  { report, layer, factor, subject, stored }: Opened,
  by: Actor,
  now: string,
  { attached, detached, ...after }: Omit<ActContent, "before">,
): Promise<number> =>
  recordAct(
    tx,
    { reportId: report.id, layer, factor: factor.code, subject, by: by.id, now },
    {
      ...after,
      ...(attached && { attached }),
      ...(detached && { detached }),
      before: stored && stateOf(stored),
    },
  );

/** Writes a value over what the person saw. @throws Conflict when it is no longer what is stored */
async function writeState(
  tx: Tx,
  opened: Opened,
  state: State,
  seenVersion: number,
  by: Actor,
  now: string,
): Promise<Pick<Saved, "id" | "version" | "value" | "changed">> {
  const { report, factor, subject, layer, stored } = opened;
  // The same act sent twice (an answer that got lost, a second click) is not a conflict with oneself.
  if (stored && sameState(stored, state)) return { id: stored.id, version: stored.version, value: stored.value, changed: false };
  if (opened.version !== seenVersion) throw overtaken(opened, state.value, by, now);
  const version = seenVersion + 1;
  if (stored) {
    await tx
      .updateTable("coding")
      .set({ ...state, version, coded_by: by.id, coded_at: now })
      .where("id", "=", stored.id)
      .execute();
    return { id: stored.id, version, value: state.value, changed: true };
  }
  const id = newId();
  await tx
    .insertInto("coding")
    .values({
      id,
      report_id: report.id,
      layer,
      codebook_version: report.codebook_version,
      factor: factor.code,
      subject,
      person_id: subject === "case" || subject === REVERSE ? null : subject,
      ...state,
      version,
      coded_by: by.id,
      coded_at: now,
    })
    .execute();
  return { id, version, value: state.value, changed: true };
}

/** Ties passages to a coding; those that already are stay as they are. Returns the newly tied ones. */
async function tie(
  tx: Tx,
  opened: Opened,
  codingId: string,
  passages: readonly PassageGiven[],
  by: Actor,
  now: string,
): Promise<{ all: string[]; added: KeptPassage[] }> {
  const all: string[] = [];
  const added: KeptPassage[] = [];
  for (const given of passages) {
    const { id, starts, ends, page, quote } = await keepPassage(tx, opened.report.id, given, by.id, now);
    all.push(id);
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto("coding_passage")
      .values({ coding_id: codingId, passage_id: id })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows) added.push({ id, document: given.document, starts, ends, page, quote });
  }
  return { all, added };
}

async function save(tx: Tx, opened: Opened, given: ValueGiven, by: Actor, now: string): Promise<Saved> {
  const state = stateGiven(opened, given);
  const saved = await writeState(tx, opened, state, given.seenVersion, by, now);
  const { all, added } = await tie(tx, opened, saved.id, given.passages ?? [], by, now);
  const changed = saved.changed || added.length > 0;
  const content = { ...(saved.changed ? state : opened.stored!), version: saved.version, ...(added.length > 0 && { attached: added }) };
  const act = changed ? await record(tx, opened, by, now, content) : null;
  return { ...saved, anchor: opened.anchor, act, changed, passages: all, missing: missingOf(state, opened.tied + added.length) };
}

/**
 * Codes one value, with its passages if any: the coding's row, one act in the history of acts, in the caller's transaction. The history of
 * acts is the audit of these acts. What a page did not send is emptied: a card is saved whole.
 * @throws Refusal when the machine does not allow coding now to this person; Invalid naming the field; Conflict telling both values when
 * the stored version is not the one seen; NotFound
 */
export async function saveValue(tx: Tx, reportId: string, given: ValueGiven, by: Actor, now: string): Promise<Saved> {
  return save(tx, await openCoding(tx, reportId, given, by), given, by, now);
}

/**
 * Ties a passage to a factor. Without `value` the stored value and its qualifiers stay; a presence factor without value becomes "present";
 * any other asks for its value first.
 * @throws as saveValue
 */
export async function attachPassage(
  tx: Tx,
  reportId: string,
  given: Target & { passage: PassageGiven; value?: Omit<ValueGiven, keyof Target | "passages"> | null },
  by: Actor,
  now: string,
): Promise<Saved> {
  const opened = await openCoding(tx, reportId, given, by);
  const { stored, factor } = opened;
  const { passage, value, ...target } = given;
  if (value) return save(tx, opened, { ...value, ...target, passages: [passage] }, by, now);
  if (!stored) {
    if (factor.type !== "presence") throw new Invalid({ value: "coding.problem.valueFirst" });
    return save(tx, opened, { ...target, value: "present", seenVersion: opened.version, passages: [passage] }, by, now);
  }
  const { all, added } = await tie(tx, opened, stored.id, [passage], by, now);
  const { id, version, value: same } = stored;
  const act = added.length > 0 ? await record(tx, opened, by, now, { ...stateOf(stored), version, attached: added }) : null;
  const missing = missingOf(stored, opened.tied + added.length);
  return { id, version, value: same, anchor: opened.anchor, act, changed: act !== null, passages: all, missing };
}

/**
 * Unties a passage from a factor; the passage itself goes when nothing else rests on it.
 * @throws as saveValue; Invalid when the passage is not tied to this factor
 */
export async function detachPassage(
  tx: Tx,
  reportId: string,
  given: Target & { passage: string },
  by: Actor,
  now: string,
): Promise<Acted & Pick<Saved, "version" | "missing">> {
  const opened = await openCoding(tx, reportId, given, by);
  const { stored, anchor } = opened;
  if (!stored) throw new Invalid({ passage: "coding.problem.notTied" });
  const detached = await untie(tx, stored.id, [given.passage]);
  if (detached.length === 0) throw new Invalid({ passage: "coding.problem.notTied" });
  const { version } = stored;
  const act = await record(tx, opened, by, now, { ...stateOf(stored), version, detached });
  return { anchor, act, version, missing: missingOf(stored, opened.tied - 1) };
}

/**
 * Takes a value back: the factor is not coded any more. Versions go on from there: a page that still shows the value cannot overwrite what
 * comes after.
 * @throws as saveValue
 */
export async function clearValue(
  tx: Tx,
  reportId: string,
  given: Target & { seenVersion: number },
  by: Actor,
  now: string,
): Promise<Acted & Pick<Saved, "version" | "missing">> {
  const opened = await openCoding(tx, reportId, given, by);
  const { stored, anchor } = opened;
  if (!stored) return { anchor, act: null, version: opened.version, missing: "value" };
  if (stored.version !== given.seenVersion) throw overtaken(opened, stored.value, by, now);
  const version = stored.version + 1;
  const detached = await untie(tx, stored.id);
  await tx.deleteFrom("coding").where("id", "=", stored.id).execute();
  const act = await record(tx, opened, by, now, { value: null, version, ...(detached.length > 0 && { detached }) });
  return { anchor, act, version, missing: "value" };
}

/** The value a report's sheet already holds for a factor (date, département or court of the act), if it is one of these. */
export const sheetValue = (
  factor: Pick<Factor, "code" | "type" | "optionsRef">,
  report: Pick<ReportTable, "act_date" | "department" | "court">,
): string | null => {
  if (factor.type === "date" && factor.code === "act_date") return report.act_date;
  if (factor.optionsRef === "cog_departement") return report.department;
  if (factor.optionsRef === "ressort_judiciaire") return report.court;
  return null;
};

/**
 * Codes a factor as the report's sheet says, with that as its reason.
 * @throws as saveValue; Invalid when the sheet does not hold this factor
 */
export async function takeFromSheet(
  tx: Tx,
  reportId: string,
  given: Target & { seenVersion: number },
  by: Actor,
  now: string,
  language: Language,
): Promise<Saved> {
  const opened = await openCoding(tx, reportId, given, by);
  const value = sheetValue(opened.factor, opened.report);
  if (value === null) throw new Invalid({ value: "coding.problem.notOnSheet" });
  const { stored } = opened;
  return save(
    tx,
    opened,
    {
      ...given,
      value,
      confidence: stored?.confidence ?? null,
      evidenceBasis: stored?.evidence_basis ?? null,
      knownWhen: stored?.known_when ?? null,
      note: stored?.note ?? null,
      reason: translator(language)("coding.fromSheet"),
    },
    by,
    now,
  );
}

/**
 * Codes every factor of a section that has no value as not documented, or as the report's sheet says where it says it: what the house already
 * knows is never silence. Each is an act of its own, all of one gesture; values that exist stay as they are.
 * @returns how many were coded
 * @throws as saveValue; Invalid for an unknown section
 */
export async function codeRestUnknown(
  tx: Tx,
  reportId: string,
  section: string,
  by: Actor,
  now: string,
  language: Language = "fr",
): Promise<number> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const definition = await codebookVersion(tx, report.codebook_version);
  const known = definition.sections.find(({ code }) => code === section);
  if (!known) throw new Invalid({ section: "http.invalid.choice" });
  const layer = await layerFor(tx, report, by.id);
  const people = await peopleOf(tx, reportId);
  const coded = await tx
    .selectFrom("coding")
    .select(["factor", "subject"])
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .execute();
  const done = new Set(coded.map(({ factor, subject }) => keyOf(factor, subject)));
  const rest = expectedIn(known, definition.factors, people, report).filter((one) => !done.has(keyOf(one.factor.code, subjectOf(one))));
  if (rest.length === 0) return 0;
  const fromSheet = translator(language)("coding.fromSheet");
  const stateOf = ({ factor }: Expected): State => {
    const known = sheetValue(factor, report);
    return {
      value: known ?? UNKNOWN,
      confidence: null,
      evidence_basis: null,
      known_when: null,
      note: null,
      reason: known === null ? null : fromSheet,
      origin: null,
    };
  };
  // A value that was cleared goes on from the version of that act.
  const cleared = await clearedVersions(tx, await listActs(tx, reportId, layer), done);
  const versionOf = (one: Expected) => (cleared.get(keyOf(one.factor.code, subjectOf(one))) ?? 0) + 1;
  const batch = rest.length > 1 ? newId() : null;
  await tx
    .insertInto("coding")
    .values(
      rest.map((one) => ({
        id: newId(),
        report_id: reportId,
        layer,
        codebook_version: report.codebook_version,
        factor: one.factor.code,
        subject: subjectOf(one),
        person_id: one.person?.id ?? null,
        ...stateOf(one),
        version: versionOf(one),
        coded_by: by.id,
        coded_at: now,
      })),
    )
    .execute();
  await tx
    .insertInto("coding_act")
    .values(
      rest.map((one) => ({
        report_id: reportId,
        layer,
        factor: one.factor.code,
        subject: subjectOf(one),
        by: by.id,
        at: now,
        after: JSON.stringify({ ...stateOf(one), version: versionOf(one), before: null } satisfies ActContent),
        batch,
      })),
    )
    .execute();
  return rest.length;
}
