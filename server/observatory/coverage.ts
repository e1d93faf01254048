import { sql } from "kysely";
import type { Db, ReferenceFigureTable, ReferenceSourceTable, Tx } from "../../db/schema.ts";
import { inScope, type Scope } from "./figures.ts";
import { SERIES } from "./reference-figures.ts";

/** From this year on the yearly count covers every kind of couple; the two ways of counting are never added up. */
export const BREAK = 2015;

export type KnownDeaths = {
  value: number;
  scope: string;
  verified: boolean;
  source: Pick<ReferenceSourceTable, "title" | "publisher" | "url"> | null;
  /** Another value published for the same year under another scope. */
  other: { value: number; scope: string } | null;
};
/** Reports beside the deaths known from the published series; homicides only, which is what the series counts. */
export type CoverageYear = {
  year: number;
  /** Null where no series gives the year. */
  known: KnownDeaths | null;
  /** Reports on homicides, not set aside; of these, with findings published. */
  received: number;
  published: number;
  /** Reports on attempts, suicides and other acts, which the series does not count. */
  receivedOther: number;
  publishedOther: number;
};

const COMPARABLE = ["all_couples", "official_couples"] as const;

const CLOSEST_FIRST = ["official digest", "quotation of primary", "secondary"];
const closeness = (kind: string | null) => (CLOSEST_FIRST.includes(kind ?? "") ? CLOSEST_FIRST.indexOf(kind ?? "") : CLOSEST_FIRST.length);

/** The deaths a year's reports are compared with: every couple where that was counted, official couples before. */
export async function knownDeaths(db: Db | Tx): Promise<Map<number, KnownDeaths>> {
  const rows = await db
    .selectFrom("reference_figure")
    .leftJoin("reference_source", "reference_source.code", "reference_figure.source")
    .select(["measure", "reference_figure.year", "scope", "value", "verified", "title", "publisher", "url", "kind"])
    .where("measure", "in", [SERIES.total, "deaths_total"])
    .orderBy("reference_figure.id")
    .execute();
  const found = new Map<number, KnownDeaths>();
  for (const [year, figures] of Map.groupBy(rows, (row) => row.year)) {
    const series = figures.filter(({ measure }) => measure === SERIES.total);
    const chosen = COMPARABLE.flatMap((scope) => series.find((row) => row.scope === scope) ?? []).at(0);
    if (!chosen) continue;
    // The same value often stands in several sources: what an authority printed comes before what a newspaper reports.
    const printed = figures
      .filter((row) => row.measure === "deaths_total" && row.scope === chosen.scope && row.value === chosen.value && row.title !== null)
      .sort((a, b) => closeness(a.kind) - closeness(b.kind))
      .at(0);
    const other = series.find((row) => row.scope !== chosen.scope && !(COMPARABLE as readonly string[]).includes(row.scope));
    found.set(year, {
      value: chosen.value,
      scope: chosen.scope,
      verified: chosen.verified === 1,
      source: printed?.title && printed.publisher ? { title: printed.title, publisher: printed.publisher, url: printed.url } : null,
      other: other ? { value: other.value, scope: other.scope } : null,
    });
  }
  return found;
}

/**
 * Year by year, what has come in beside what is known to have happened. The series is national: with a region in the scope nothing is
 * known to compare with. Years run over the scope's period, or else from the first to the last act on which there is a report.
 */
export async function coverage(db: Db | Tx, scope: Scope): Promise<CoverageYear[]> {
  const { from, to, region } = scope;
  const count = async (table: "report" | "edition", where: ReturnType<typeof inScope>) =>
    (
      await sql<{ year: string; kind: string; n: number | string }>`
        select substr(${sql.ref(`${table}.act_date`)}, 1, 4) as year, ${sql.ref(`${table}.act_kind`)} as kind, count(*) as n
        from ${table === "report" ? sql`report` : sql`edition join report on report.id = edition.report_id`}
        where ${where} group by 1, 2`.execute(db)
    ).rows.map(({ year, kind, n }) => ({ year: Number(year), homicide: kind === "homicide", n: Number(n) }));
  const whole: Scope = { ...scope, actKind: null };
  const received = await count(
    "report",
    sql.join(
      [
        sql`report.state <> 'set_aside' and report.held = 0`,
        ...(from === null ? [] : [sql`report.act_date >= ${`${from}-01-01`}`]),
        ...(to === null ? [] : [sql`report.act_date <= ${`${to}-12-31`}`]),
        ...(region === null ? [] : [sql`report.region = ${region}`]),
      ],
      sql` and `,
    ),
  );
  const published = await count("edition", inScope(whole));
  const known = region === null ? await knownDeaths(db) : new Map<number, KnownDeaths>();
  const years = [...received, ...published].map(({ year }) => year);
  const first = from ?? Math.min(...years);
  const last = to ?? Math.max(...years, from ?? 0);
  if (!Number.isFinite(first) || !Number.isFinite(last)) return [];
  const sum = (rows: typeof received, year: number, homicide: boolean) =>
    rows.filter((row) => row.year === year && row.homicide === homicide).reduce((all, { n }) => all + n, 0);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at).map((year) => ({
    year,
    known: known.get(year) ?? null,
    received: sum(received, year, true),
    published: sum(published, year, true),
    receivedOther: sum(received, year, false),
    publishedOther: sum(published, year, false),
  }));
}

/**
 * Reports on homicides over several years, and beside the deaths known: only over the years that the latest way of counting gives, since
 * deaths counted in two ways are never added up. `comparable` is null where no year has a series.
 */
export function overall(years: readonly CoverageYear[]) {
  const totals = (some: readonly CoverageYear[]) => ({
    received: some.reduce((sum, { received }) => sum + received, 0),
    published: some.reduce((sum, { published }) => sum + published, 0),
  });
  const latest = years.findLast(({ known }) => known !== null)?.known?.scope;
  const alike = years.filter(({ known }) => known !== null && known.scope === latest);
  return {
    ...totals(years),
    comparable:
      alike.length === 0
        ? null
        : {
            ...totals(alike),
            known: alike.reduce((sum, { known }) => sum + known!.value, 0),
            scope: latest!,
            from: alike[0]!.year,
            to: alike.at(-1)!.year,
          },
  };
}

export type ReferenceLine = Omit<ReferenceFigureTable, "source"> & {
  source: Pick<ReferenceSourceTable, "title" | "publisher" | "year" | "url" | "kind"> | null;
};

/** Published figures with their sources, by year and scope; of one measure when given. */
export async function listReferenceFigures(db: Db | Tx, measure: string | null): Promise<ReferenceLine[]> {
  const rows = await db
    .selectFrom("reference_figure")
    .leftJoin("reference_source", "reference_source.code", "reference_figure.source")
    .selectAll("reference_figure")
    .select(["title", "publisher", "reference_source.year as published", "url", "kind"])
    .$if(measure !== null, (q) => q.where("measure", "=", measure!))
    .orderBy("reference_figure.year", "desc")
    .orderBy("measure")
    .orderBy("scope")
    .orderBy("reference_figure.id")
    .execute();
  return rows.map(({ title, publisher, published, url, kind, ...row }) => ({
    ...row,
    source: title !== null && publisher !== null && kind !== null ? { title, publisher, year: published, url, kind } : null,
  }));
}

/** Measures that have figures. */
export const listMeasures = async (db: Db | Tx): Promise<string[]> =>
  (await db.selectFrom("reference_figure").select("measure").distinct().orderBy("measure").execute()).map(({ measure }) => measure);
