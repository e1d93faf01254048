import { newId } from "../../db/ids.ts";
import type { Db, Layer, PersonTable, ReportTable, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { asksBothDirections, type CodebookDefinition, type Factor, REVERSE } from "../codebook/definition.ts";
import { labelOf } from "../codebook/labels.ts";
import { codebookVersion } from "../codebook/store.ts";
import { Refusal } from "../http/errors.ts";
import { type Language, type T, translator } from "../http/words.ts";
import { permit } from "../reports/apply-event.ts";
import { peopleOf } from "../reports/queries.ts";
import {
  type ActContent,
  type ActLine,
  clearedVersions,
  type KeptPassage,
  listActs,
  listContents,
  recordAct,
  type State,
  sameState,
  stateAfter,
  stateOf,
} from "./acts.ts";
import { anchorOf, keyOf } from "./expected.ts";
import { personLabel, valueLabel } from "./labels.ts";
import { layerFor } from "./layers.ts";
import { recallPassage, rewritePassage, untie } from "./passages.ts";
import { canonicalValue, rulesFor } from "./values.ts";

/** Acts of one gesture, in order: one act, or those of a whole section. */
export type Gesture = readonly ActLine[];
export type Direction = "undo" | "redo";

/** What a person can undo and redo after these acts of theirs on a layer; of each list the last one comes first. */
export function replay(acts: readonly ActLine[]): Record<Direction, Gesture[]> {
  const gestures: ActLine[][] = [];
  for (const act of acts) {
    const open = gestures.at(-1);
    if (open && act.batch !== null && open[0]!.batch === act.batch) open.push(act);
    else gestures.push([act]);
  }
  const undo: Gesture[] = [];
  let redo: Gesture[] = [];
  for (const gesture of gestures) {
    const { kind } = gesture[0]!;
    if (kind === "coded") {
      undo.push(gesture);
      redo = [];
      continue;
    }
    const [from, to] = kind === "undone" ? [undo, redo] : [redo, undo];
    const turned = from.pop();
    if (turned) to.push(turned);
  }
  return { undo, redo };
}

/** An act with what it holds, where that is enough to undo it. */
type Told = { act: ActLine; content: ActContent & { before: State | null } };
/** A gesture with what its acts hold; null when they were written by others than a coder's hand, or before acts could be undone. */
async function toldOf(db: Db | Tx, gesture: Gesture | undefined): Promise<Told[] | null> {
  if (!gesture) return null;
  const contents = await listContents(
    db,
    gesture.map(({ id }) => id),
  );
  const told = gesture.flatMap((act): Told[] => {
    const content = contents.get(act.id);
    return content?.before === undefined ? [] : [{ act, content: { ...content, before: content.before } }];
  });
  return told.length === gesture.length ? told : null;
}
/** What names a gesture to a page: the number of its last act. */
const numberOf = (gesture: Gesture): number => gesture.at(-1)!.id;

type Words = { definition: CodebookDefinition; people: readonly PersonTable[]; language: Language; t: T };
const factorWords = ({ definition, people, language, t }: Words, { factor: code, subject }: Pick<ActLine, "factor" | "subject">) => {
  const factor = definition.factors.find((one) => one.code === code);
  const label = factor ? labelOf(factor, language) : code;
  const person = people.find(({ id }) => id === subject);
  const whose = person ? personLabel(person, t) : subject === REVERSE ? t("coding.person.reverse") : null;
  return whose ? t("coding.missing.itemFor", { factor: label, person: whose }) : label;
};
/** A gesture in a few words: « Préméditation : absent ». */
function gestureWords(words: Words, told: readonly Told[]): string {
  const { definition, t, language } = words;
  const { act, content } = told[0]!;
  if (told.length > 1) return t("coding.undo.act.several", { count: told.length });
  const factor = factorWords(words, act);
  const after = stateAfter(content);
  const { before, attached = [], detached = [] } = content;
  if (after === null) return t("coding.undo.act.cleared", { factor });
  if (before?.value !== after.value) {
    const known = definition.factors.find(({ code }) => code === act.factor);
    const value = known ? valueLabel(definition, known, after.value, t, language) : after.value;
    return t("coding.undo.act.value", { factor, value });
  }
  if (!sameState(before, after)) return t("coding.undo.act.qualifiers", { factor });
  if (attached.length > 0) return t("coding.undo.act.attached", { factor, count: attached.length });
  return t("coding.undo.act.detached", { factor, count: detached.length });
}

/** What a page offers: the number of the act to undo or redo, and its words. */
export type TurnOffer = { act: number; words: string };
/** What this person may undo and redo next, of the acts on their layer. */
export async function offersOf(
  db: Db | Tx,
  acts: readonly ActLine[],
  by: string,
  words: Words,
): Promise<Record<Direction, TurnOffer | null>> {
  const { undo, redo } = replay(acts.filter((act) => act.by === by));
  const offer = async (gesture: Gesture | undefined): Promise<TurnOffer | null> => {
    const told = await toldOf(db, gesture);
    return gesture && told ? { act: numberOf(gesture), words: gestureWords(words, told) } : null;
  };
  return { undo: await offer(undo.at(-1)), redo: await offer(redo.at(-1)) };
}

/** What was undone or redone: where its card stands on the page, and its words. */
export type Turned = { anchor: string; factor: string; subject: string; several: boolean; words: (t: T, language: Language) => string };

/**
 * Undoes this person's last standing act of coding on a report, or all acts of one gesture: value, qualifiers, note, reason and passages are
 * again what they were, by acts of its own.
 * @param seen number of the act that the person means, as the page offered it; null for whichever is last
 * @throws Refusal when there is none, when it is not the one meant, when the value changed since otherwise than by this person's acts, or when
 * what would come back is not asked or cannot be answered any more; or when the machine does not allow coding now; NotFound
 */
export const undoLast = (tx: Tx, reportId: string, by: Actor, now: string, seen: number | null = null): Promise<Turned> =>
  turn(tx, reportId, "undo", by, now, seen);
/** Does again what this person undid last. @throws as undoLast */
export const redoLast = (tx: Tx, reportId: string, by: Actor, now: string, seen: number | null = null): Promise<Turned> =>
  turn(tx, reportId, "redo", by, now, seen);

/** Whether a report asks for this factor for this subject as its sheet and codebook now stand. */
const isAsked = (report: ReportTable, factor: Factor, subject: string, people: readonly PersonTable[]): boolean =>
  subject === "case"
    ? factor.appliesTo === "case"
    : subject === REVERSE
      ? asksBothDirections(report, factor)
      : people.some(({ id, kind }) => id === subject && kind === factor.appliesTo);

async function turn(tx: Tx, reportId: string, direction: Direction, by: Actor, now: string, seen: number | null): Promise<Turned> {
  const report = await permit(tx, reportId, { type: "VALUE_CODED", by });
  const definition = await codebookVersion(tx, report.codebook_version);
  const people = await peopleOf(tx, reportId);
  const layer = await layerFor(tx, report, by.id);
  const refuse = (reason: (t: T, words: Words) => string) =>
    new Refusal((language) => {
      const t = translator(language);
      return [reason(t, { definition, people, language, t })];
    }, `/rapports/${reportId}/codage`);

  const acts = await listActs(tx, reportId, layer);
  const gesture = replay(acts.filter((act) => act.by === by.id))[direction].at(-1);
  const told = await toldOf(tx, gesture);
  if (!gesture || !told) throw refuse((t) => t(`coding.undo.nothing.${direction}`));
  if (seen !== null && seen !== numberOf(gesture)) throw refuse((t) => t("coding.undo.moved"));
  const keys = new Set(gesture.map(({ factor, subject }) => keyOf(factor, subject)));
  const other = acts.findLast((act) => act.by !== by.id && act.id > gesture[0]!.id && keys.has(keyOf(act.factor, act.subject)));
  if (other) {
    const { name } = await tx.selectFrom("account").select("name").where("id", "=", other.by).executeTakeFirstOrThrow();
    throw refuse((t, words) => t(`coding.undo.byOther.${direction}`, { factor: factorWords(words, other), name }));
  }

  const batch = told.length > 1 ? newId() : null;
  const cleared = await clearedVersions(
    tx,
    acts.filter((act) => keys.has(keyOf(act.factor, act.subject))),
    { has: () => false },
  );
  for (const { act, content } of direction === "undo" ? told.toReversed() : told) {
    const { attached = [], detached = [] } = content;
    const after = stateAfter(content);
    const factor = definition.factors.find(({ code }) => code === act.factor);
    const [before, next] = direction === "undo" ? [after, content.before] : [content.before, after];
    if (factor && next !== null) {
      if (!isAsked(report, factor, act.subject, people))
        throw refuse((t, words) => t(`coding.undo.notAsked.${direction}`, { factor: factorWords(words, act) }));
      // The sheet's dates or the codebook may have changed since: what could not be coded now does not come back by undoing.
      if (next.value !== before?.value && canonicalValue(factor, next.value, rulesFor(definition, report)).kind === "problem")
        throw refuse((t, words) => t(`coding.undo.noLongerFits.${direction}`, { factor: factorWords(words, act) }));
    }
    const done = await putBack(tx, {
      report,
      layer,
      act,
      lastVersion: cleared.get(keyOf(act.factor, act.subject)) ?? 0,
      ...(direction === "undo"
        ? { from: before, to: next, attach: detached, detach: attached }
        : { from: before, to: next, attach: attached, detach: detached }),
      known: factor !== undefined,
      kind: direction === "undo" ? "undone" : "redone",
      batch,
      by,
      now,
    });
    if (!done) throw refuse((t, words) => t(`coding.undo.otherwise.${direction}`, { factor: factorWords(words, act) }));
  }
  const { factor: code, subject } = gesture[0]!;
  const factor = definition.factors.find((one) => one.code === code)!;
  const person = people.find(({ id }) => id === subject) ?? null;
  return {
    anchor: told.length > 1 ? `section-${factor.section}` : anchorOf({ factor, person, reverse: subject === REVERSE }),
    factor: code,
    subject,
    several: told.length > 1,
    words: (t, language) => gestureWords({ definition, people, language, t }, told),
  };
}

type PutBack = {
  report: ReportTable;
  layer: Layer;
  act: ActLine;
  /** The version of the key's last act, for a coding that is no more. */
  lastVersion: number;
  /** What must stand now, and what is to stand; null: no coding. */
  from: State | null;
  to: State | null;
  attach: readonly KeptPassage[];
  detach: readonly KeptPassage[];
  /** Whether the report's codebook still has the factor. */
  known: boolean;
  kind: "undone" | "redone";
  batch: string | null;
  by: Actor;
  now: string;
};
/** Brings one coding from one state to another, as an act. False, with nothing written, when something else stands. */
async function putBack(tx: Tx, { report, layer, act, lastVersion, from, to, attach, detach, known, kind, batch, by, now }: PutBack) {
  const { factor, subject } = act;
  const on = { reportId: report.id, layer, factor, subject, by: by.id, now };
  const stored = await tx
    .selectFrom("coding")
    .selectAll()
    .where("report_id", "=", report.id)
    .where("layer", "=", layer)
    .where("factor", "=", factor)
    .where("subject", "=", subject)
    .executeTakeFirst();
  if (!known || !sameState(stored ? stateOf(stored) : null, from)) return false;
  const version = stored?.version ?? lastVersion;
  if (to === null) {
    const detached = stored ? await untie(tx, stored.id) : [];
    if (stored) await tx.deleteFrom("coding").where("id", "=", stored.id).execute();
    await recordAct(tx, on, { value: null, version: version + 1, detached }, kind, batch);
    return true;
  }
  const id = stored?.id ?? newId();
  const next = stored && sameState(stored, to) ? version : version + 1;
  if (!stored)
    await tx
      .insertInto("coding")
      .values({
        id,
        report_id: report.id,
        layer,
        codebook_version: report.codebook_version,
        factor,
        subject,
        person_id: subject === "case" || subject === REVERSE ? null : subject,
        ...to,
        version: next,
        coded_by: by.id,
        coded_at: now,
      })
      .execute();
  else if (next !== version)
    await tx
      .updateTable("coding")
      .set({ ...to, version: next, coded_by: by.id, coded_at: now })
      .where("id", "=", id)
      .execute();
  const gone: string[] = [];
  for (const kept of detach) {
    const passage = await recallPassage(tx, id, kept);
    if (passage) gone.push(passage);
  }
  const detached = gone.length > 0 ? await untie(tx, id, gone) : [];
  for (const kept of attach)
    await tx
      .insertInto("coding_passage")
      .values({ coding_id: id, passage_id: await rewritePassage(tx, report.id, kept, by.id, now) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  await recordAct(tx, on, { ...to, version: next, attached: [...attach], detached }, kind, batch);
  return true;
}
