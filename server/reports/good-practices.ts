import { sql } from "kysely";
import { dialectOf } from "../../db/dialect.ts";
import type { Db, Tx } from "../../db/schema.ts";
import { codebookVersion } from "../codebook/store.ts";
import type { EditionFinding } from "./editions.ts";

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
 * Approved good practices of the editions in force, latest act first. `year` is the year of the act; `text` is searched in both statements
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
  // The document itself is asked, in either database: what counts is what was published, whatever the drafts have become.
  const [found, value, kind, act] =
    dialectOf(db) === "sqlite"
      ? [
          sql`json_each(edition.content, '$.findings') as found`,
          sql<string>`found.value`,
          sql`json_extract(found.value, '$.kind')`,
          sql<string>`json_extract(edition.content, '$.sheet.act_date')`,
        ]
      : [
          sql`jsonb_array_elements(edition.content::jsonb -> 'findings') as found (value)`,
          sql<string>`found.value::text`,
          sql`found.value ->> 'kind'`,
          sql<string>`edition.content::jsonb -> 'sheet' ->> 'act_date'`,
        ];
  const { rows } = await sql<{ report: string; edition: number; act: string; codebook: string; published: string; finding: string }>`
    select edition.report_id as report, edition.number as edition, ${act} as act, edition.codebook_version as codebook,
      edition.published_at as published, ${value} as finding
    from edition cross join ${found}
    where edition.superseded_at is null
      and edition.content like '%"kind":"good_practice"%' and ${kind} = 'good_practice'
    order by act desc, edition.report_id desc`.execute(db);
  const all = rows.map((row): GoodPractice => {
    const { number, statement, publicStatement, service: concerned, factors } = JSON.parse(row.finding) as EditionFinding;
    return {
      reportId: row.report,
      edition: row.edition,
      number,
      statement,
      publicStatement,
      service: concerned,
      factors,
      codebookVersion: row.codebook,
      actDate: row.act,
      publishedAt: row.published,
    };
  });
  const holds = (sought: string | null, ...texts: (string | null)[]) =>
    !sought || texts.some((one) => one !== null && folded(one).includes(folded(sought)));
  const names = new Map<string, string>();
  for (const version of new Set(all.map(({ codebookVersion: of }) => of)))
    for (const { code, labelFr, labelEn } of (await codebookVersion(db, version)).factors)
      names.set(`${version} ${code}`, `${labelFr} ${labelEn}`);
  const kept = all.filter(
    (one) =>
      (year === null || one.actDate.startsWith(`${year}-`)) &&
      (!publicOnly || one.publicStatement !== null) &&
      holds(text, one.statement, one.publicStatement, ...one.factors.map((code) => names.get(`${one.codebookVersion} ${code}`) ?? null)) &&
      holds(service, one.service),
  );
  return {
    practices: page === null ? kept : kept.slice((page - 1) * PRACTICES_PER_PAGE, page * PRACTICES_PER_PAGE),
    total: kept.length,
  };
}
