import type { Db, Tx } from "../../db/schema.ts";
import { codebookVersion } from "../codebook/store.ts";

/** A good practice as it was published in the house. */
export type GoodPractice = {
  reportId: string;
  /** The edition it stands in, and its number in the report. */
  edition: number;
  number: number;
  statement: string;
  publicStatement: string | null;
  service: string | null;
  /** Codes of the codebook version below. */
  factors: string[];
  codebookVersion: string;
  actDate: string;
  publishedAt: string;
};
export const PRACTICES_PER_PAGE = 25;

/** Lower case without accents, one kind of apostrophe: what a person means when searching. */
const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'").toLowerCase();

/**
 * Approved good practices of the editions in force, of reports not set aside since, latest act first. `year` is the year of the act; `text` is searched in both statements
 * and the names of its factors, `service` in the service concerned, whatever the case and accents; `publicOnly` keeps those with a public
 * statement.
 * @returns one page of them (all when `page` is left out) and how many there are in all
 */
export async function listGoodPractices(
  db: Db | Tx,
  {
    year = null,
    text = null,
    service = null,
    publicOnly = false,
    page = null,
  }: { year?: number | null; text?: string | null; service?: string | null; publicOnly?: boolean; page?: number | null } = {},
): Promise<{ practices: GoodPractice[]; total: number }> {
  let query = db
    .selectFrom("edition_finding")
    .innerJoin("edition", "edition.id", "edition_finding.edition_id")
    .innerJoin("report", "report.id", "edition.report_id")
    .selectAll("edition_finding")
    .select(["edition.report_id", "edition.number as edition", "edition.act_date", "edition.codebook_version", "edition.published_at"])
    .where("edition_finding.kind", "=", "good_practice")
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside");
  if (year !== null) query = query.where("edition.act_date", ">=", `${year}-01-01`).where("edition.act_date", "<=", `${year}-12-31`);
  if (publicOnly) query = query.where("edition_finding.public_statement", "is not", null);
  const rows = await query
    .orderBy("edition.act_date", "desc")
    .orderBy("edition.report_id", "desc")
    .orderBy("edition_finding.number")
    .execute();
  const all = rows.map(
    (row): GoodPractice => ({
      reportId: row.report_id,
      edition: row.edition,
      number: row.number,
      statement: row.statement,
      publicStatement: row.public_statement,
      service: row.service,
      factors: row.factors.split(",").filter(Boolean),
      codebookVersion: row.codebook_version,
      actDate: row.act_date,
      publishedAt: row.published_at,
    }),
  );
  // Accents and case are folded here: neither database does it alike, and good practices are counted in hundreds.
  const names = new Map<string, string>();
  for (const version of new Set(all.map(({ codebookVersion: of }) => of)))
    for (const { code, labelFr, labelEn } of (await codebookVersion(db, version)).factors)
      names.set(`${version} ${code}`, `${labelFr} ${labelEn}`);
  const holds = (sought: string | null, ...texts: (string | null)[]) => {
    if (!sought) return true;
    const wanted = folded(sought);
    return texts.some((one) => one !== null && folded(one).includes(wanted));
  };
  const kept = all.filter(
    (one) =>
      holds(text, one.statement, one.publicStatement, ...one.factors.map((code) => names.get(`${one.codebookVersion} ${code}`) ?? null)) &&
      holds(service, one.service),
  );
  return {
    practices: page === null ? kept : kept.slice((page - 1) * PRACTICES_PER_PAGE, page * PRACTICES_PER_PAGE),
    total: kept.length,
  };
}

/** Years of the acts that have a good practice in force, latest first. */
export async function listPracticeYears(db: Db | Tx): Promise<string[]> {
  const rows = await db
    .selectFrom("edition_finding")
    .innerJoin("edition", "edition.id", "edition_finding.edition_id")
    .innerJoin("report", "report.id", "edition.report_id")
    .select("edition.act_date")
    .where("edition_finding.kind", "=", "good_practice")
    .where("edition.superseded_at", "is", null)
    .where("report.state", "<>", "set_aside")
    .distinct()
    .execute();
  return [...new Set(rows.map(({ act_date }) => act_date.slice(0, 4)))].sort().reverse();
}
