import { dialectOf } from "../../db/dialect.ts";
import { newId } from "../../db/ids.ts";
import type { CodebookDraftTable, Db, Tx } from "../../db/schema.ts";
import type { Actor } from "../../workflows/actor.ts";
import { Conflict, type Happened, Invalid, NotFound, Refusal } from "../http/errors.ts";
import { instant } from "../http/formats.ts";
import { type Key, type Language, translator } from "../http/words.ts";
import { compareCodebooks, isEmpty } from "./compare.ts";
import { type Decisions, type Fate, linksOf } from "./crosswalk.ts";
import { type CodebookDefinition, parseCodebook } from "./definition.ts";
import { fatesIn, partDigest, type Sketch } from "./edit.ts";
import { openTasks } from "./recode.ts";
import { codebookVersion, currentCodebook, listVersions, storeVersion } from "./store.ts";
import { compareVersions, isVersion, nextVersion } from "./versions.ts";
import { type Part, writeCodebook } from "./yaml.ts";

export type Draft = Omit<CodebookDraftTable, "content" | "decisions" | "base_version"> & Sketch & { base: CodebookDefinition };

const draftAddress = (id: string): string => `/grille/brouillons/${id}`;

async function draftOf(db: Db | Tx, { content, decisions, base_version, ...row }: CodebookDraftTable): Promise<Draft> {
  return {
    ...row,
    base: await codebookVersion(db, base_version),
    definition: JSON.parse(content) as CodebookDefinition,
    decisions: JSON.parse(decisions) as Decisions,
  };
}

/** A draft, open or not. @throws NotFound */
export async function findDraft(db: Db | Tx, id: string): Promise<Draft> {
  const row = await db.selectFrom("codebook_draft").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw new NotFound();
  return draftOf(db, row);
}

export type DraftLine = Pick<CodebookDraftTable, "id" | "base_version" | "version" | "status" | "created_at" | "updated_at"> & {
  name: string;
};
/** Every draft, the last one worked on first. `name`: who worked on it last. */
export const listDrafts = (db: Db | Tx): Promise<DraftLine[]> =>
  db
    .selectFrom("codebook_draft")
    .innerJoin("account", "account.id", "codebook_draft.updated_by")
    .select(["codebook_draft.id", "base_version", "version", "status", "codebook_draft.created_at", "updated_at", "account.name"])
    .orderBy("updated_at", "desc")
    .orderBy("codebook_draft.id")
    .execute();

/**
 * Starts a draft from a published version, or from a whole codebook that came in as a file.
 * @throws Invalid for a number that is none, or not after every published one
 */
export async function createDraft(
  tx: Tx,
  { base, definition, version }: { base: string; definition: CodebookDefinition | null; version: string | null },
  by: Actor,
  now: string,
): Promise<string> {
  if (!(await listVersions(tx)).some((one) => one.version === base)) throw new Invalid({ base: "http.invalid.choice" });
  const number = version ?? (await freeVersion(tx, definition?.version ?? null));
  await checkVersion(tx, number);
  const id = newId();
  await tx
    .insertInto("codebook_draft")
    .values({
      id,
      base_version: base,
      version: number,
      note: "",
      content: JSON.stringify(definition ?? (await codebookVersion(tx, base))),
      decisions: "{}",
      status: "open",
      created_by: by.id,
      created_at: now,
      updated_by: by.id,
      updated_at: now,
    })
    .execute();
  return id;
}

/** The number a file asks for where it is free, else the next one. */
async function freeVersion(tx: Tx, asked: string | null): Promise<string> {
  const last = await lastVersion(tx);
  return asked !== null && isVersion(asked) && compareVersions(asked, last) > 0 ? asked : nextVersion(last, "minor");
}
/** The greatest published number. */
export const lastVersion = async (db: Db | Tx): Promise<string> =>
  (await listVersions(db))
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1)!;

/** @throws Invalid for a number that is none, or not after every published one */
async function checkVersion(db: Db | Tx, version: string): Promise<void> {
  if (!isVersion(version)) throw new Invalid({ version: "codebook.problem.version" });
  const last = await lastVersion(db);
  if (compareVersions(version, last) <= 0) throw new Invalid({ version: { key: "codebook.problem.versionBefore", params: { last } } });
}

/** What a form of a draft was drawn from. @throws Conflict when it is no longer what is stored */
export function seen(draft: Draft, part: unknown, digest: string): void {
  if (partDigest(part) === digest) return;
  throw new Conflict<Db>(async (db, language: Language): Promise<Happened[]> => {
    const { name } = await db.selectFrom("account").select("name").where("id", "=", draft.updated_by).executeTakeFirstOrThrow();
    const what = translator(language)("codebook.draft.changedMeanwhile");
    return [{ at: instant(draft.updated_at, language), iso: draft.updated_at, who: name, what, why: null }];
  }, draftAddress(draft.id));
}

/**
 * Changes an open draft; nobody else changes it meanwhile. `change` works on it in place.
 * @throws NotFound; Refusal when the draft is closed; whatever `change` throws
 */
export async function changeDraft(
  tx: Tx,
  id: string,
  by: Actor,
  now: string,
  change: (draft: Draft) => void | Promise<void>,
): Promise<Draft> {
  const row = await tx
    .selectFrom("codebook_draft")
    .selectAll()
    .where("id", "=", id)
    .$if(dialectOf(tx) === "postgres", (q) => q.forUpdate())
    .executeTakeFirst();
  if (!row) throw new NotFound();
  if (row.status !== "open")
    throw new Refusal(
      (language) => [translator(language)(`codebook.draft.closed.${row.status as "published" | "abandoned"}`)],
      draftAddress(id),
    );
  const draft = await draftOf(tx, row);
  await change(draft);
  await tx
    .updateTable("codebook_draft")
    .set({
      base_version: draft.base.version,
      version: draft.version,
      note: draft.note,
      content: JSON.stringify(draft.definition),
      decisions: JSON.stringify(draft.decisions),
      status: draft.status,
      updated_by: by.id,
      updated_at: now,
    })
    .where("id", "=", id)
    .execute();
  return { ...draft, updated_by: by.id, updated_at: now };
}

/** A part of the draft that stands in the way of its publication, and why: a sentence in French, or words. */
export type DraftProblem = { part: Part; message: string; key: Key | null; params: Record<string, string> };

const asPublished = ({ definition, version }: Draft): CodebookDefinition => ({ ...definition, version, status: "published" });
const codes = (list: readonly { code: string }[]): string => list.map(({ code }) => code).join();

/** Everything that keeps a draft from being published, in the order of its parts. */
export async function problemsIn(db: Db | Tx, draft: Draft, fates: readonly Fate[]): Promise<DraftProblem[]> {
  const { definition, base } = draft;
  const said = (part: Part, key: Key, params: Record<string, string> = {}): DraftProblem => ({ part, message: "", key, params });
  const head: Part = { kind: "head", code: "" };
  const problems: DraftProblem[] = [];
  const last = await lastVersion(db);
  if (!isVersion(draft.version)) problems.push(said(head, "codebook.problem.version"));
  else if (compareVersions(draft.version, last) <= 0) problems.push(said(head, "codebook.problem.versionBefore", { last }));
  const current = await currentCodebook(db);
  if (current.version !== base.version) problems.push(said(head, "codebook.problem.baseOld", { version: current.version }));
  if (definition.id !== base.id) problems.push(said(head, "codebook.problem.otherCodebook", { id: base.id }));
  // Rows of codings hold these codes, and so does the database.
  for (const { code, options } of base.qualifiers)
    if (codes(options) !== codes(definition.qualifiers.find((one) => one.code === code)?.options ?? []))
      problems.push(said({ kind: "scale", code }, "codebook.problem.scale", { code }));
  const { yaml, marks } = writeCodebook(asPublished(draft));
  const parsed = parseCodebook(yaml);
  if (parsed.kind === "problems")
    for (const { line, message } of parsed.problems) problems.push({ part: marks[line - 1] ?? head, message, key: null, params: {} });
  if (isEmpty(compareCodebooks(base, definition, fates))) problems.push(said(head, "codebook.problem.nothing"));
  return problems;
}

/** Factors of the base about which an administrator has yet to say what becomes of their values. */
export const undecided = (fates: readonly Fate[]): Fate[] => fates.filter(({ unconfirmed }) => unconfirmed);

/**
 * Publishes a draft as the version that new reports use: immutable from then on, with its crosswalk; reports of earlier versions get a task.
 * @throws Invalid naming what stands in the way
 */
export async function publishDraft(
  tx: Tx,
  id: string,
  { version, note }: { version: string; note: string },
  by: Actor,
  now: string,
): Promise<Draft> {
  return changeDraft(tx, id, by, now, async (draft) => {
    Object.assign(draft, { version, note });
    await checkVersion(tx, version);
    const fates = fatesIn(draft, draft.base);
    if ((await problemsIn(tx, draft, fates)).length > 0) throw new Invalid({ version: "codebook.problem.notValid" });
    if (undecided(fates).length > 0) throw new Invalid({ version: "codebook.problem.undecided" });
    const definition = asPublished(draft);
    const links = linksOf(fates);
    await storeVersion(tx, definition, writeCodebook(definition).yaml, { now, base: draft.base.version, note, by: by.id }, async () => {
      const between = { from_version: draft.base.version, to_version: version };
      const rows = links.map(({ from, to, rule, note: why }) => ({
        ...between,
        from_factor: from,
        to_factor: to,
        rule,
        note: why || null,
      }));
      for (let at = 0; at < rows.length; at += 100)
        await tx
          .insertInto("codebook_crosswalk")
          .values(rows.slice(at, at + 100))
          .execute();
      const values = links.flatMap(({ from, to, values: carried }) =>
        [...carried].map(([from_value, to_value]) => ({ ...between, from_factor: from, to_factor: to!, from_value, to_value })),
      );
      for (let at = 0; at < values.length; at += 100)
        await tx
          .insertInto("codebook_carried_value")
          .values(values.slice(at, at + 100))
          .execute();
    });
    await openTasks(tx, version, now);
    draft.status = "published";
  });
}
