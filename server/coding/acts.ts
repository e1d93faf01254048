import type { CodingTable, Db, Layer, Tx } from "../../db/schema.ts";
import { keyOf } from "./expected.ts";

/** What a coding holds: its value, with what qualifies it and where it came from. */
export type State = Pick<CodingTable, "value" | "confidence" | "evidence_basis" | "known_when" | "note" | "reason" | "origin">;
const PARTS = [
  "value",
  "confidence",
  "evidence_basis",
  "known_when",
  "note",
  "reason",
  "origin",
] as const satisfies readonly (keyof State)[];

/** The state of a row that holds more than it. */
export const stateOf = (row: State): State => Object.fromEntries(PARTS.map((part) => [part, row[part]])) as State;
/** Whether two codings hold the same; null: none. */
export const sameState = (one: State | null, other: State | null): boolean =>
  one === null || other === null ? one === other : PARTS.every((part) => one[part] === other[part]);

/** A passage as an act remembers it, enough to find it again or to write it anew; `document` is its number in the report. */
export type KeptPassage = { id: string; document: number; starts: number | null; ends: number | null; page: number | null; quote: string };

/**
 * What an act left behind (`coding_act.after`): the coding after it, its `value` null where it was cleared; the passages it tied and untied;
 * `before`, what the coding held, null for nothing. Acts written by others than a coder's hand have no `before`: they cannot be undone.
 */
export type ActContent = Partial<Omit<State, "value">> & {
  value: string | null;
  version: number;
  attached?: KeptPassage[];
  detached?: KeptPassage[];
  before?: State | null;
};

/** The coding after an act; null where it was cleared. */
export const stateAfter = (content: ActContent): State | null =>
  content.value === null
    ? null
    : stateOf({
        confidence: null,
        evidence_basis: null,
        known_when: null,
        note: null,
        reason: null,
        origin: null,
        ...content,
        value: content.value,
      });

/** Whose act, on which value. */
export type ActOn = { reportId: string; layer: Layer; factor: string; subject: string; by: string; now: string };
/** Adds one act to the history of acts. Returns its number. */
export async function recordAct(
  tx: Tx,
  { reportId, layer, factor, subject, by, now }: ActOn,
  content: ActContent,
  kind: "coded" | "undone" | "redone" = "coded",
  batch: string | null = null,
): Promise<number> {
  const { id } = await tx
    .insertInto("coding_act")
    .values({ report_id: reportId, layer, factor, subject, by, at: now, after: JSON.stringify(content), kind, batch })
    .returning("id")
    .executeTakeFirstOrThrow();
  return Number(id);
}

/** What a stored act says; null for those written before acts said all. */
export const contentOf = (after: string | null): ActContent | null => (after === null ? null : (JSON.parse(after) as ActContent));

/** An act without what it holds: enough for the order of acts. */
export type ActLine = {
  id: number;
  factor: string;
  subject: string;
  by: string;
  kind: "coded" | "undone" | "redone";
  batch: string | null;
};
/** Every act on a layer, whoever's, in order. */
export async function listActs(db: Db | Tx, reportId: string, layer: Layer): Promise<ActLine[]> {
  const rows = await db
    .selectFrom("coding_act")
    .select(["id", "factor", "subject", "by", "kind", "batch"])
    .where("report_id", "=", reportId)
    .where("layer", "=", layer)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}

/** What acts hold, by their numbers; those written before acts said all are left out. */
export async function listContents(db: Db | Tx, ids: readonly number[]): Promise<Map<number, ActContent>> {
  const contents = new Map<number, ActContent>();
  if (ids.length === 0) return contents;
  const rows = await db
    .selectFrom("coding_act")
    .select(["id", "after"])
    .where("id", "in", [...ids])
    .execute();
  for (const { id, after } of rows) {
    const content = contentOf(after);
    if (content) contents.set(Number(id), content);
  }
  return contents;
}

/**
 * For values that were coded and are no more, by key: the version of the act that cleared them, from which the next one goes on.
 * @param stored keys of the values that stand
 */
export async function clearedVersions(
  db: Db | Tx,
  acts: readonly ActLine[],
  stored: { has(key: string): boolean },
): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  for (const { id, factor, subject } of acts) {
    const key = keyOf(factor, subject);
    if (!stored.has(key)) last.set(key, id);
  }
  const contents = await listContents(db, [...last.values()]);
  return new Map([...last].map(([key, id]) => [key, contents.get(id)?.version ?? 0]));
}
