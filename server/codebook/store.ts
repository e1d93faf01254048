import { createHash } from "node:crypto";
import type { Db, Tx } from "../../db/schema.ts";
import { type CodebookDefinition, parseCodebook } from "./definition.ts";
import { compareVersions } from "./versions.ts";

/** A codebook file that is not one, with every problem and its line. */
export class NotACodebook extends Error {
  override name = "NotACodebook";
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Where a version comes from: the version it was drafted from, its publisher and what they say of it; all null for one shipped with the tool. */
export type Publication = { now: string; base: string | null; note: string | null; by: string | null };

/**
 * Stores a codebook as a published version; the same file again changes nothing.
 * @throws NotACodebook listing the lines; Error when the version exists with another content (versions are immutable)
 */
export async function publishCodebook(tx: Tx, yaml: string, now: string): Promise<CodebookDefinition> {
  const parsed = parseCodebook(yaml);
  if (parsed.kind === "problems")
    throw new NotACodebook(parsed.problems.map(({ line, message }) => `ligne ${line} : ${message}`).join("\n"));
  const { definition } = parsed;
  const known = await tx.selectFrom("codebook_version").select("digest").where("version", "=", definition.version).executeTakeFirst();
  if (known?.digest === sha256(yaml)) return definition;
  if (known)
    throw new NotACodebook(
      `La version ${definition.version} de la grille est déjà publiée avec un autre contenu : une version publiée ne change pas.`,
    );
  await storeVersion(tx, definition, yaml, { now, base: null, note: null, by: null }, async () => {});
  return definition;
}

/**
 * Writes a version and publishes it. The database takes rows of a version only until it is published: `alongside` writes there what goes with
 * it (the crosswalk).
 * @param source the YAML that `definition` was read from
 */
export async function storeVersion(
  tx: Tx,
  definition: CodebookDefinition,
  source: string,
  { now, base, note, by }: Publication,
  alongside: () => Promise<void>,
): Promise<void> {
  const { version } = definition;
  await tx
    .insertInto("codebook_version")
    .values({
      version,
      codebook: definition.id,
      status: "draft",
      title_fr: definition.titleFr,
      title_en: definition.titleEn,
      digest: sha256(source),
      source,
      published_at: null,
      base_version: base,
      note,
      published_by: by,
    })
    .execute();
  await tx
    .insertInto("codebook_section")
    .values(
      definition.sections.map((s, position) => ({
        codebook_version: version,
        code: s.code,
        position,
        label_fr: s.labelFr,
        label_en: s.labelEn,
        note_fr: s.noteFr,
      })),
    )
    .execute();
  for (const [position, f] of definition.factors.entries()) {
    await tx
      .insertInto("codebook_factor")
      .values({
        codebook_version: version,
        code: f.code,
        section: f.section,
        position,
        type: f.type,
        applies_to: f.appliesTo,
        label_fr: f.labelFr,
        label_en: f.labelEn,
        definition_fr: f.definitionFr,
        options_ref: f.optionsRef,
        unit: f.unit,
        risk_factor: f.riskFactor ? 1 : 0,
        sensitive: f.sensitive,
        disclosure: f.disclosure,
        available_from: f.availableFrom,
        indicator_terms_fr: JSON.stringify(f.indicatorTermsFr),
      })
      .execute();
    if (f.options.length > 0)
      await tx
        .insertInto("codebook_option")
        .values(
          f.options.map((o, at) => ({
            codebook_version: version,
            factor: f.code,
            code: o.code,
            position: at,
            label_fr: o.labelFr,
            label_en: o.labelEn,
          })),
        )
        .execute();
  }
  await alongside();
  await tx.updateTable("codebook_version").set({ status: "published", published_at: now }).where("version", "=", version).execute();
}

// Published versions never change, so one reading of each serves the whole life of a database.
const readings = new WeakMap<object, Map<string, CodebookDefinition>>();

/** A published version as it was loaded. @throws Error when the database has no such version */
export async function codebookVersion(db: Db | Tx, version: string): Promise<CodebookDefinition> {
  const read = keptBy(readings, db);
  const known = read.get(version);
  if (known) return known;
  const row = await db.selectFrom("codebook_version").select("source").where("version", "=", version).executeTakeFirstOrThrow();
  const parsed = parseCodebook(row.source);
  if (parsed.kind === "problems") throw new NotACodebook(`The stored codebook ${version} cannot be read`);
  read.set(version, parsed.definition);
  return parsed.definition;
}

/** What is remembered of a database: the same for it and for its transactions. */
export function keptBy<Value>(memory: WeakMap<object, Map<string, Value>>, db: Db | Tx): Map<string, Value> {
  const { adapter } = db.getExecutor();
  const kept = memory.get(adapter) ?? new Map<string, Value>();
  memory.set(adapter, kept);
  return kept;
}

/** A published version as it stands in the list of versions. */
export type VersionLine = { version: string; publishedAt: string; base: string | null; note: string | null; publisher: string | null };

/** Every published version, the one in force first: by the day of publication, then by number. */
export async function listVersions(db: Db | Tx): Promise<VersionLine[]> {
  const rows = await db
    .selectFrom("codebook_version")
    .leftJoin("account", "account.id", "codebook_version.published_by")
    .select(["version", "published_at", "base_version", "note", "account.name"])
    .where("status", "=", "published")
    .execute();
  return rows
    .map(({ version, published_at, base_version, note, name }) => ({
      version,
      publishedAt: published_at!,
      base: base_version,
      note,
      publisher: name,
    }))
    .sort((a, b) => (a.publishedAt === b.publishedAt ? compareVersions(b.version, a.version) : a.publishedAt < b.publishedAt ? 1 : -1));
}

/** The version new reports are pinned to: the last one published. */
export async function currentCodebook(db: Db | Tx): Promise<CodebookDefinition> {
  const rows = await db
    .selectFrom("codebook_version")
    .select(["version", "published_at"])
    .where("status", "=", "published")
    .where("published_at", "=", (e) =>
      e
        .selectFrom("codebook_version")
        .select((of) => of.fn.max("published_at").as("last"))
        .where("status", "=", "published"),
    )
    .execute();
  const [last] = rows
    .map(({ version }) => version)
    .sort(compareVersions)
    .slice(-1);
  if (last === undefined) throw new Error("The database has no published codebook");
  return codebookVersion(db, last);
}
