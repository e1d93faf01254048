import { sql } from "kysely";
import type { Db, Tx } from "../../db/schema.ts";
import { codebookVersion, currentCodebook } from "../codebook/store.ts";
import type { EditionContent } from "../reports/editions.ts";

/** Analysed cases by what is known of one thing in them; the three add up to all analysed cases. */
export type Presence = { present: number; absent: number; notDocumented: number };
type Labels = { fr: string; en: string };

/** A count of deaths published elsewhere, for the same year. */
export type ReferenceFigure = {
  value: number;
  scope: (typeof SCOPES)[number];
  title: string;
  publisher: string;
  publishedIn: number | null;
  url: string | null;
};

/** Everything a letter on the acts of one year is composed from. Exact counts: nothing of it is printed before it went through the masking. */
export type YearFigures = {
  year: number;
  /** Reports received (not set aside). */
  received: { homicides: number; others: number };
  /** Cases whose findings are published: the denominator of every figure. */
  analysed: number;
  /** Risk factors in the order of the codebook. */
  factors: (Presence & { code: string; label: Labels })[];
  priorViolence: Presence;
  /**
   * A sign of prior violence known to a service before the act; absent where the signs present were all known otherwise: one of which nothing
   * is said leaves the case not documented.
   */
  knownBefore: Presence;
  casesWithGoodPractice: number;
  /** Public statements of good practices, each once. */
  practices: string[];
  recommendations: { text: string; addressee: Labels; level: Labels; theme: Labels }[];
  codebookVersions: string[];
  /** The widest comparable count first. */
  references: ReferenceFigure[];
};

/** Scopes of published deaths that reports on homicides can be compared with, the most comparable first. */
const SCOPES = ["all_couples", "revised_in_2025", "ssmsi_provisional", "official_couples"] as const;

const PRIOR_VIOLENCE = "prior_violence_direction";
const VIOLENCE_HISTORY = "violence_history";

/**
 * What the current editions of the reports on acts of a year say. A case counts once: a factor is present in it as soon as it is for one of
 * the people concerned, absent when it is for all of them, else not documented.
 */
export async function yearFigures(db: Db | Tx, year: number): Promise<YearFigures> {
  const codebook = await currentCodebook(db);
  const ofYear = (table: "edition" | "report") =>
    sql`report.state <> 'set_aside' and report.held = 0 and ${sql.ref(`${table}.act_date`)} between ${`${year}-01-01`} and ${`${year}-12-31`}`;
  const current = sql`edition join report on report.id = edition.report_id where edition.superseded_at is null and ${ofYear("edition")}`;

  const received = await sql<{ homicides: number | string; others: number | string }>`
    select count(case when act_kind = 'homicide' then 1 end) as homicides, count(case when act_kind <> 'homicide' then 1 end) as others
    from report where ${ofYear("report")}`.execute(db);
  const editions = await sql<{ content: string; codebook_version: string }>`
    select edition.content, edition.codebook_version from ${current} order by edition.report_id`.execute(db);
  const counted = await sql<{ factor: string; present: number | string; absent: number | string }>`
    select factor, sum(present) as present, sum(absent) as absent from (
      select edition_value.factor as factor, edition_value.edition_id,
        max(case when edition_value.value in ('absent', 'none', 'unknown', 'not_available') then 0 else 1 end) as present,
        min(case when edition_value.value in ('absent', 'none') then 1 else 0 end) as absent
      from edition_value
      join codebook_factor on codebook_factor.codebook_version = ${codebook.version} and codebook_factor.code = edition_value.factor
      where (codebook_factor.risk_factor = 1 or codebook_factor.code = ${PRIOR_VIOLENCE})
        and edition_value.edition_id in (select edition.id from ${current})
      group by edition_value.factor, edition_value.edition_id) as cases
    group by factor`.execute(db);
  const known = await sql<{ before: number | string; documented: number | string }>`
    select coalesce(sum(before), 0) as before, coalesce(sum(case when before = 1 or silent = 0 then 1 else 0 end), 0) as documented from (
      select edition_id, max(case when known_when = 'service_before' then 1 else 0 end) as before,
        max(case when known_when in ('service_before', 'entourage_before', 'discovered_after') then 0 else 1 end) as silent
      from edition_value
      join codebook_factor on codebook_factor.codebook_version = ${codebook.version} and codebook_factor.code = edition_value.factor
      where codebook_factor.risk_factor = 1 and codebook_factor.section = ${VIOLENCE_HISTORY}
        and edition_value.value not in ('absent', 'none', 'unknown', 'not_available')
        and edition_id in (select edition.id from ${current})
      group by edition_id) as cases`.execute(db);
  const references = await sql<{
    value: number;
    scope: ReferenceFigure["scope"];
    title: string;
    publisher: string;
    year: number | null;
    url: string | null;
  }>`
    select reference_figure.value, reference_figure.scope, reference_source.title, reference_source.publisher, reference_source.year,
      reference_source.url
    from reference_figure join reference_source on reference_source.code = reference_figure.source
    where reference_figure.measure = 'deaths_total' and reference_figure.year = ${year} and reference_figure.verified = 1
      and reference_figure.scope in (${sql.join(SCOPES)})
    order by reference_figure.id`.execute(db);

  const analysed = editions.rows.length;
  const presence = (present: number | string, absent: number | string): Presence => ({
    present: Number(present),
    absent: Number(absent),
    notDocumented: analysed - Number(present) - Number(absent),
  });
  const counts = new Map(counted.rows.map(({ factor, present, absent }) => [factor, presence(present, absent)]));
  const of = (factor: string) => counts.get(factor) ?? presence(0, 0);
  const contents = editions.rows.map(({ content }) => JSON.parse(content) as EditionContent);
  const { before, documented } = known.rows[0]!;
  const versions = [...new Set(editions.rows.map(({ codebook_version }) => codebook_version))].sort();
  return {
    year,
    received: { homicides: Number(received.rows[0]!.homicides), others: Number(received.rows[0]!.others) },
    analysed,
    factors: codebook.factors
      .filter(({ riskFactor }) => riskFactor)
      .map(({ code, labelFr, labelEn }) => ({ code, label: { fr: labelFr, en: labelEn }, ...of(code) })),
    priorViolence: of(PRIOR_VIOLENCE),
    knownBefore: presence(before, Number(documented) - Number(before)),
    casesWithGoodPractice: contents.filter(({ findings }) => findings.some(({ kind }) => kind === "good_practice")).length,
    practices: practicesOf(contents),
    recommendations: await recommendationsOf(db, contents, versions),
    codebookVersions: versions.length > 0 ? versions : [codebook.version],
    references: references.rows
      .map(({ value, scope, title, publisher, year: publishedIn, url }) => ({
        value: Number(value),
        scope,
        title,
        publisher,
        publishedIn,
        url,
      }))
      .sort((a, b) => SCOPES.indexOf(a.scope) - SCOPES.indexOf(b.scope)),
  };
}

/** Only what was written for the public, in an order that says nothing of the cases. */
const practicesOf = (contents: EditionContent[]): string[] =>
  [
    ...new Set(
      contents.flatMap(({ findings }) =>
        findings.flatMap(({ kind, publicStatement }) => (kind === "good_practice" && publicStatement ? [publicStatement.trim()] : [])),
      ),
    ),
  ].sort();

/** The recommendations that were not withdrawn since, each once, their classification in words. */
async function recommendationsOf(db: Db | Tx, contents: EditionContent[], versions: string[]): Promise<YearFigures["recommendations"]> {
  const carried = contents.flatMap(({ recommendations }) => recommendations);
  if (carried.length === 0) return [];
  const gone = new Set(
    (await db.selectFrom("recommendation").select("reference").where("state", "=", "withdrawn").execute()).map(
      ({ reference }) => reference,
    ),
  );
  const books = await Promise.all(versions.map((version) => codebookVersion(db, version)));
  const labels = (list: "addressees" | "levels" | "themes", code: string): Labels => {
    const option = books.flatMap((book) => book.recommendation[list]).find((one) => one.code === code);
    return { fr: option?.labelFr ?? code, en: option?.labelEn ?? code };
  };
  const distinct = new Map(
    carried
      .filter(({ reference }) => !gone.has(reference))
      .map(({ text, addressee, level, theme }) => [
        JSON.stringify([theme, text.trim(), addressee, level]),
        { text: text.trim(), addressee, level, theme },
      ]),
  );
  return [...distinct]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { text, addressee, level, theme }]) => ({
      text,
      addressee: labels("addressees", addressee),
      level: labels("levels", level),
      theme: labels("themes", theme),
    }));
}
