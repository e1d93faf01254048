import { createHash } from "node:crypto";
import type { Db, Tx } from "../../db/schema.ts";
import { type CodebookDefinition, parseCodebook } from "./definition.ts";

/** A codebook file that is not one, with every problem and its line. */
export class NotACodebook extends Error {
  override name = "NotACodebook";
}

/**
 * Stores a codebook as a published version; the same file again changes nothing.
 * @throws NotACodebook listing the lines; Error when the version exists with another content (versions are immutable)
 */
export async function publishCodebook(tx: Tx, yaml: string, now: string): Promise<CodebookDefinition> {
  const parsed = parseCodebook(yaml);
  if (parsed.kind === "problems")
    throw new NotACodebook(parsed.problems.map(({ line, message }) => `ligne ${line} : ${message}`).join("\n"));
  const { definition } = parsed;
  const digest = createHash("sha256").update(yaml).digest("hex");
  const known = await tx.selectFrom("codebook_version").select("digest").where("version", "=", definition.version).executeTakeFirst();
  if (known?.digest === digest) return definition;
  if (known)
    throw new NotACodebook(
      `La version ${definition.version} de la grille est déjà publiée avec un autre contenu : une version publiée ne change pas.`,
    );
  const version = definition.version;
  await tx
    .insertInto("codebook_version")
    .values({
      version,
      codebook: definition.id,
      status: "published",
      title_fr: definition.titleFr,
      title_en: definition.titleEn,
      digest,
      source: yaml,
      published_at: now,
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
  return definition;
}

// Published versions never change, so one reading of each serves the whole life of the process.
const read = new Map<string, CodebookDefinition>();

/** A published version as it was loaded. @throws Error when the database has no such version */
export async function codebookVersion(db: Db | Tx, version: string): Promise<CodebookDefinition> {
  const known = read.get(version);
  if (known) return known;
  const row = await db.selectFrom("codebook_version").select("source").where("version", "=", version).executeTakeFirstOrThrow();
  const parsed = parseCodebook(row.source);
  if (parsed.kind === "problems") throw new NotACodebook(`The stored codebook ${version} cannot be read`);
  read.set(version, parsed.definition);
  return parsed.definition;
}

/** The version new reports are pinned to: the last one published. */
export async function currentCodebook(db: Db | Tx): Promise<CodebookDefinition> {
  const { version } = await db
    .selectFrom("codebook_version")
    .select("version")
    .where("status", "=", "published")
    .orderBy("published_at", "desc")
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return codebookVersion(db, version);
}
