import type { Db, GoodPracticeTable, Tx } from "../../db/schema.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import { dayOf } from "../http/formats.ts";
import { foldText } from "../reports/fold.ts";

export const PRACTICES_PER_PAGE = 25;

/** A good practice as those who work in the house read it. */
export type GoodPractice = {
  source:
    | { kind: "report"; reportId: string; edition: number; number: number; actDate: string }
    | { kind: "cross"; reference: string; reports: number; inReview: boolean };
  statement: string;
  publicStatement: string | null;
  service: string | null;
  /** Codes of the codebook version below. */
  factors: string[];
  codebookVersion: string;
  /** Since when the house holds it as it stands. */
  publishedAt: string;
  /** Its public reference, while it is public. */
  reference: string | null;
};
export type PracticeFilter = {
  text?: string | null;
  service?: string | null;
  /** Code of a section of the codebook that one of its factors belongs to. */
  section?: string | null;
  /** Of the publication, time of Paris. */
  year?: string | null;
  /** All of them when left out. */
  page?: number | null;
};

const holds = (sought: string | null | undefined, ...texts: (string | null)[]): boolean => {
  if (!sought) return true;
  const wanted = foldText(sought);
  return texts.some((one) => one !== null && foldText(one).includes(wanted));
};
export const yearOf = (at: string): string => dayOf(at).slice(0, 4);
const cut = <Row>(rows: Row[], page: number | null | undefined): Row[] =>
  page ? rows.slice((page - 1) * PRACTICES_PER_PAGE, page * PRACTICES_PER_PAGE) : rows;

/** Good practices of the reports' editions in force, of reports not set aside since. */
async function ofReports(db: Db | Tx): Promise<GoodPractice[]> {
  const rows = await db
    .selectFrom("edition_finding")
    .innerJoin("edition", "edition.id", "edition_finding.edition_id")
    .innerJoin("report", "report.id", "edition.report_id")
    .leftJoin("finding", (join) =>
      join.onRef("finding.report_id", "=", "edition.report_id").onRef("finding.number", "=", "edition_finding.number"),
    )
    .leftJoin("good_practice", (join) => join.onRef("good_practice.finding_id", "=", "finding.id").on("good_practice.withdrawn_at", "is", null))
    .select([
      "edition.report_id", "edition.number as edition", "edition.act_date", "edition.codebook_version", "edition.published_at",
      "edition_finding.number", "edition_finding.statement", "edition_finding.public_statement", "edition_finding.service",
      "edition_finding.factors", "good_practice.reference",
    ]) // biome-ignore format: a list
    .where("edition_finding.kind", "=", "good_practice")
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside")
    .execute();
  return rows.map(
    (row): GoodPractice => ({
      source: { kind: "report", reportId: row.report_id, edition: row.edition, number: row.number, actDate: row.act_date },
      statement: row.statement,
      publicStatement: row.public_statement,
      service: row.service,
      factors: row.factors.split(",").filter(Boolean),
      codebookVersion: row.codebook_version,
      publishedAt: row.published_at,
      reference: row.reference,
    }),
  );
}

/** The approved texts that stand of cross-case findings that are good practices. */
async function ofCrossFindings(db: Db | Tx): Promise<GoodPractice[]> {
  const rows = await db
    .selectFrom("cross_finding_text")
    .innerJoin("cross_finding", (join) =>
      join
        .onRef("cross_finding.id", "=", "cross_finding_text.cross_finding_id")
        .onRef("cross_finding.standing_text", "=", "cross_finding_text.number"),
    )
    .leftJoin("good_practice", (join) =>
      join.onRef("good_practice.cross_finding_id", "=", "cross_finding.id").on("good_practice.withdrawn_at", "is", null),
    )
    .select([
      "cross_finding.reference", "cross_finding.state", "cross_finding_text.statement", "cross_finding_text.public_statement",
      "cross_finding_text.service", "cross_finding_text.basis", "cross_finding_text.approved_at", "good_practice.reference as practice",
    ]) // biome-ignore format: a list
    .where("cross_finding_text.kind", "=", "good_practice")
    .execute();
  const { version } = await currentCodebook(db);
  return rows.map((row): GoodPractice => {
    const basis = JSON.parse(row.basis) as { report_id: string; factor: string }[];
    return {
      source: {
        kind: "cross",
        reference: row.reference,
        reports: new Set(basis.map(({ report_id }) => report_id)).size,
        inReview: row.state !== "approved",
      },
      statement: row.statement,
      publicStatement: row.public_statement,
      service: row.service,
      factors: [...new Set(basis.map(({ factor }) => factor))],
      codebookVersion: version,
      publishedAt: row.approved_at,
      reference: row.practice,
    };
  });
}

/**
 * Approved good practices of reports and of cross-case findings, the latest publication first. `text` is searched in both statements, the names of
 * the factors and the public reference, `service` in the service concerned, whatever the case and accents.
 * @returns one page of them, how many there are in all, and the years of publication of all there is, latest first
 */
export async function listGoodPractices(
  db: Db | Tx,
  { text, service, section, year, page }: PracticeFilter = {},
): Promise<{ practices: GoodPractice[]; total: number; years: string[] }> {
  // Accents and case are folded here: neither database does it alike, and good practices are counted in hundreds.
  const all = [...(await ofReports(db)), ...(await ofCrossFindings(db))].sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1));
  const names = new Map<string, { name: string; section: string }>();
  for (const version of new Set(all.map(({ codebookVersion: of }) => of)))
    for (const { code, labelFr, labelEn, section: of } of (await codebookVersion(db, version)).factors)
      names.set(`${version} ${code}`, { name: `${labelFr} ${labelEn}`, section: of });
  const kept = all.filter((one) => {
    const factors = one.factors.flatMap((code) => names.get(`${one.codebookVersion} ${code}`) ?? []);
    return (
      (!year || yearOf(one.publishedAt) === year) &&
      (!section || factors.some((factor) => factor.section === section)) &&
      holds(service, one.service) &&
      holds(text, one.statement, one.publicStatement, one.reference, ...factors.map(({ name }) => name))
    );
  });
  return {
    practices: cut(kept, page),
    total: kept.length,
    years: [...new Set(all.map(({ publishedAt }) => yearOf(publishedAt)))].sort().reverse(),
  };
}

/** What anyone may read of a good practice: nothing of this comes from another table than good_practice. */
export type PublicPractice = Pick<GoodPracticeTable, "reference" | "statement" | "published_at" | "changed_at" | "withdrawn_at"> & {
  sections: string[];
};
const shown = ({ sections, ...row }: Omit<PublicPractice, "sections"> & { sections: string }): PublicPractice => ({
  ...row,
  sections: sections.split(",").filter(Boolean),
});
const COLUMNS = ["reference", "statement", "sections", "published_at", "changed_at", "withdrawn_at"] as const;

/**
 * Public good practices, the latest first; those withdrawn left out. What several reports led to in the same words is shown once, under its
 * first reference: how many cases stand behind a text is nobody's to count here.
 */
export async function listPublicPractices(
  db: Db | Tx,
  { text, section, year, page }: Omit<PracticeFilter, "service"> = {},
): Promise<{ practices: PublicPractice[]; total: number; years: string[]; sections: Set<string> }> {
  const rows = await db
    .selectFrom("good_practice")
    .select(COLUMNS)
    .where("withdrawn_at", "is", null)
    .orderBy("published_at", "desc")
    .orderBy("reference", "desc")
    .execute();
  const first = new Map(
    rows
      .toReversed()
      .map((row) => [foldText(row.statement), row.reference] as const)
      .toReversed(),
  );
  const all = rows.filter(({ statement, reference }) => first.get(foldText(statement)) === reference).map(shown);
  const kept = all.filter(
    (one) =>
      (!year || yearOf(one.published_at) === year) &&
      (!section || one.sections.includes(section)) &&
      holds(text, one.statement, one.reference),
  );
  return {
    practices: cut(kept, page),
    total: kept.length,
    years: [...new Set(all.map(({ published_at }) => yearOf(published_at)))].sort().reverse(),
    sections: new Set(all.flatMap(({ sections }) => sections)),
  };
}

/** One public good practice, withdrawn or not; nothing for a reference that was never given. */
export async function findPublicPractice(db: Db | Tx, reference: string): Promise<PublicPractice | undefined> {
  const row = await db.selectFrom("good_practice").select(COLUMNS).where("reference", "=", reference).executeTakeFirst();
  return row && shown(row);
}

/** Where the house keeps what is behind a public reference. */
export async function insideOf(db: Db | Tx, reference: string): Promise<string | null> {
  const row = await db
    .selectFrom("good_practice")
    .leftJoin("finding", "finding.id", "good_practice.finding_id")
    .leftJoin("cross_finding", "cross_finding.id", "good_practice.cross_finding_id")
    .leftJoin("edition", (join) => join.onRef("edition.report_id", "=", "finding.report_id").on("superseded_at", "is", null))
    .select(["finding.report_id", "finding.number", "edition.number as edition", "cross_finding.reference as cross"])
    .where("good_practice.reference", "=", reference)
    .executeTakeFirst();
  if (!row) return null;
  if (row.cross) return `/constats/${row.cross}`;
  return row.report_id && row.edition ? `/rapports/${row.report_id}/editions/${row.edition}#constat-${row.number}` : null;
}
