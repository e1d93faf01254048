import { setImmediate } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import type { ActKind, Db, Tx } from "../../db/schema.ts";
import type { AppliesTo, CodebookDefinition, Factor } from "../codebook/definition.ts";

/** What a figure is about: acts of these years, in this region, of this kind; null leaves open. Only editions in force count. */
export type Scope = { from: number | null; to: number | null; region: string | null; actKind: ActKind | null };

/** One value of a factor and how many subjects have it. */
export type ValueCount = { value: string; count: number };
export type NumberSummary = { least: number; lowerQuartile: number; median: number; upperQuartile: number; greatest: number };

/** A factor counted over its own subjects: cases, victims, perpetrators or children, never mixed. */
export type FactorFigures = {
  factor: Factor;
  /** Subjects coded for this factor, less those for whom the measure did not exist yet. */
  all: number;
  /** Of `all`, those about whom something is known. all − documented are not documented: never "absent". */
  documented: number;
  /** Subjects of an act older than the measure: in neither denominator. */
  notAvailable: number;
  /** Values in the order of the codebook (of time for dates); zeros included for the codebook's own values. Not for numbers. */
  values: ValueCount[];
  /** Of those present, how many a service knew of before the act; presence factors only. */
  knownBefore: number;
  /** For numbers of at least one documented subject. */
  summary: NumberSummary | null;
};

const UNKNOWN = "unknown";
const NOT_AVAILABLE = "not_available";

/**
 * Condition on `edition` (joined with its report): in force, within the scope as it was frozen. A report set aside since (a duplicate, say)
 * no longer counts.
 */
export const inScope = ({ from, to, region, actKind }: Scope): RawBuilder<unknown> => {
  const conditions = [
    sql`edition.superseded_at is null`,
    sql`report.state <> 'set_aside'`,
    ...(from === null ? [] : [sql`edition.act_date >= ${`${from}-01-01`}`]),
    ...(to === null ? [] : [sql`edition.act_date <= ${`${to}-12-31`}`]),
    ...(region === null ? [] : [sql`edition.region = ${region}`]),
    ...(actKind === null ? [] : [sql`edition.act_kind = ${actKind}`]),
  ];
  return sql.join(conditions, sql` and `);
};
const editionsIn = (scope: Scope) =>
  sql`select edition.id from edition join report on report.id = edition.report_id where ${inScope(scope)}`;

const codesOf = (factors: readonly Factor[]) => sql.join(factors.map(({ code }) => code));

/** Cases whose findings are published, within the scope. */
export async function countCases(db: Db | Tx, scope: Scope): Promise<number> {
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from (${editionsIn(scope)}) as cases`.execute(db);
  return Number(rows[0]!.n);
}

/**
 * Condition on `edition_value`: the factor asked the same kind of answer about the same subject under the version of the edition as under this
 * one. Values of a factor that asked for something else then are not counted among those of today.
 */
async function askedAlike(db: Db | Tx, version: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ code: string; version: string }>`
    select earlier.code, earlier.codebook_version as version from codebook_factor as today
    join codebook_factor as earlier on earlier.code = today.code and earlier.codebook_version <> today.codebook_version
    where today.codebook_version = ${version} and (earlier.type <> today.type or earlier.applies_to <> today.applies_to)`.execute(db);
  const others = rows.map(
    (one) => sql`and not (factor = ${one.code} and edition_id in (select id from edition where codebook_version = ${one.version}))`,
  );
  return others.length === 0 ? sql`` : sql.join(others, sql` `);
}

/** Cases within the scope that were published under another version of the codebook than this one. */
export async function countOtherVersions(db: Db | Tx, scope: Scope, version: string): Promise<number> {
  const versions = await db.selectFrom("codebook_version").select("version").where("status", "=", "published").execute();
  if (versions.length < 2) return 0;
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from edition join report on report.id = edition.report_id
    where ${inScope(scope)} and edition.codebook_version <> ${version}`.execute(db);
  return Number(rows[0]!.n);
}

/**
 * Every factor of a codebook counted over the frozen values of the editions in force: one grouped query a section, answered from an index
 * alone; a short one more counts the subjects of factors that take several values at once. Between two queries others are served: on SQLite
 * a query holds the whole process.
 */
export async function figuresByFactor(db: Db | Tx, scope: Scope, { factors, version }: CodebookDefinition): Promise<FactorFigures[]> {
  const comparable = await askedAlike(db, version);
  const counted: { factor: string; value: string; n: number | string; before: number | string }[] = [];
  for (const some of Map.groupBy(factors, ({ section }) => section).values()) {
    const { rows } = await sql<(typeof counted)[number]>`
      select factor, value, count(*) as n, sum(case when known_when = 'service_before' then 1 else 0 end) as before
      from edition_value where factor in (${codesOf(some)}) and edition_id in (${editionsIn(scope)}) ${comparable} group by factor, value`.execute(
      db,
    );
    counted.push(...rows);
    await setImmediate();
  }
  const several = factors.filter(({ type }) => type === "multi");
  const subjects =
    several.length === 0
      ? []
      : (
          await sql<{ factor: string; n: number | string }>`
            select factor, count(*) as n from (
              select distinct edition_id, factor, subject from edition_value
              where factor in (${codesOf(several)}) and edition_id in (${editionsIn(scope)}) ${comparable}) as subjects
            group by factor`.execute(db)
        ).rows;
  const byFactor = Map.groupBy(counted, ({ factor }) => factor);
  const subjectsOf = new Map(subjects.map(({ factor, n }) => [factor, Number(n)]));
  return factors.map((factor) => {
    const counts = (byFactor.get(factor.code) ?? []).map(({ value, n, before }) => ({ value, count: Number(n), before: Number(before) }));
    const countOf = (value: string) => counts.find((one) => one.value === value)?.count ?? 0;
    const notAvailable = countOf(NOT_AVAILABLE);
    const subjectCount = subjectsOf.get(factor.code) ?? counts.reduce((sum, { count }) => sum + count, 0);
    const all = subjectCount - notAvailable;
    const documented = all - countOf(UNKNOWN);
    const known = counts.filter(({ value }) => value !== UNKNOWN && value !== NOT_AVAILABLE);
    return {
      factor,
      all,
      documented,
      notAvailable,
      values: valuesOf(factor, known),
      knownBefore: factor.type === "presence" ? (counts.find(({ value }) => value === "present")?.before ?? 0) : 0,
      summary: factor.type === "number" ? summarise(known.map(({ value, count }) => ({ number: Number(value), count }))) : null,
    };
  });
}

/** The documented values of a factor in the order they are read in. */
function valuesOf(factor: Factor, known: ValueCount[]): ValueCount[] {
  if (factor.type === "number") return [];
  if (factor.type === "date") {
    const years = Map.groupBy(known, ({ value }) => value.slice(0, 4));
    return [...years].map(([value, days]) => ({ value, count: days.reduce((sum, { count }) => sum + count, 0) })).sort(byCode);
  }
  const counts = new Map(known.map(({ value, count }) => [value, count]));
  if (factor.type === "presence") return ["present", "absent"].map((value) => ({ value, count: counts.get(value) ?? 0 }));
  if (factor.optionsRef !== null)
    return known.map(({ value, count }) => ({ value, count })).sort((a, b) => b.count - a.count || byCode(a, b));
  const listed = factor.options.map(({ code }) => code).filter((code) => code !== UNKNOWN && code !== NOT_AVAILABLE);
  // A value that this version no longer lists is still shown: nothing counted may disappear.
  const others = known.filter(({ value }) => !listed.includes(value)).sort(byCode);
  return [...listed.map((value) => ({ value, count: counts.get(value) ?? 0 })), ...others.map(({ value, count }) => ({ value, count }))];
}
const byCode = (a: ValueCount, b: ValueCount) => (a.value < b.value ? -1 : 1);

/**
 * Median and quartiles of a distribution, interpolated between neighbours as spreadsheets do (the inclusive method).
 * @returns null for nobody
 */
export function summarise(distribution: readonly { number: number; count: number }[]): NumberSummary | null {
  const sorted = distribution.filter(({ count }) => count > 0).sort((a, b) => a.number - b.number);
  const size = sorted.reduce((sum, { count }) => sum + count, 0);
  if (size === 0) return null;
  const at = (rank: number): number => {
    let before = 0;
    for (const { number, count } of sorted) {
      before += count;
      if (rank < before) return number;
    }
    return sorted.at(-1)!.number;
  };
  const quantile = (share: number): number => {
    const rank = (size - 1) * share;
    const low = at(Math.floor(rank));
    return low + (at(Math.ceil(rank)) - low) * (rank - Math.floor(rank));
  };
  return { least: quantile(0), lowerQuartile: quantile(0.25), median: quantile(0.5), upperQuartile: quantile(0.75), greatest: quantile(1) };
}

/** How many people of each kind the figures are about: as many as the factors that apply to them were coded for. */
export const subjectsOf = (figures: readonly FactorFigures[], kind: AppliesTo): number =>
  Math.max(0, ...figures.filter(({ factor }) => factor.appliesTo === kind).map(({ all, notAvailable }) => all + notAvailable));

// --- behind a figure --------------------------------------------------------------------------------------------------------------
export const BEHIND_PER_PAGE = 25;
/** A case behind a figure, as it was published. */
export type Behind = {
  reportId: string;
  edition: number;
  actDate: string;
  department: string;
  subject: string;
  /** Null for the case itself. */
  person: { kind: "victim" | "perpetrator" | "child"; number: number } | null;
  value: string;
  knownWhen: string | null;
};

/** Every value but "not documented" and "did not exist yet": what a summary of numbers or of dates rests on. */
export const DOCUMENTED = "documented";

/**
 * Subjects behind one figure, latest act first.
 * @param value a value of the factor, a year for dates, or DOCUMENTED
 */
export async function listBehind(
  db: Db | Tx,
  scope: Scope,
  { factor, value, page }: { factor: Factor; value: string; page: number },
): Promise<{ total: number; lines: Behind[] }> {
  const chosen =
    value === DOCUMENTED
      ? sql`edition_value.value not in (${UNKNOWN}, ${NOT_AVAILABLE})`
      : factor.type === "date" && value !== UNKNOWN
        ? sql`edition_value.value between ${`${value}-01-01`} and ${`${value}-12-31`}`
        : sql`edition_value.value = ${value}`;
  const from = sql`from edition_value join edition on edition.id = edition_value.edition_id join report on report.id = edition.report_id
    left join person on person.id = edition_value.subject
    where edition_value.factor = ${factor.code} and ${chosen} and ${inScope(scope)}`;
  const { rows } = await sql<{
    report_id: string;
    edition: number;
    act_date: string;
    department: string;
    subject: string;
    kind: "victim" | "perpetrator" | "child" | null;
    number: number | null;
    value: string;
    known_when: string | null;
  }>`select edition.report_id, edition.number as edition, edition.act_date, edition.department, edition_value.subject, person.kind,
      person.number, edition_value.value, edition_value.known_when ${from}
    order by edition.act_date desc, edition.report_id desc, person.number, edition_value.value
    limit ${BEHIND_PER_PAGE} offset ${(page - 1) * BEHIND_PER_PAGE}`.execute(db);
  const total = await sql<{ n: number | string }>`select count(*) as n ${from}`.execute(db);
  return {
    total: Number(total.rows[0]!.n),
    lines: rows.map((row) => ({
      reportId: row.report_id,
      edition: row.edition,
      actDate: row.act_date,
      department: row.department,
      subject: row.subject,
      person: row.kind && row.number !== null ? { kind: row.kind, number: row.number } : null,
      value: row.value,
      knownWhen: row.known_when,
    })),
  };
}

export type Quote = { passage: string; document: number; page: number | null; quote: string };
/** What the coding of a factor says today, which may differ from what was published, and the passages that show it. */
export type CodedNow = { value: string; quotes: Quote[] };

/** The codings of one factor in these reports as they stand, with their passages, by "report subject". */
export async function codedNow(db: Db | Tx, factor: string, lines: readonly Pick<Behind, "reportId">[]): Promise<Map<string, CodedNow>> {
  if (lines.length === 0) return new Map();
  const rows = await db
    .selectFrom("coding")
    .innerJoin("report", "report.id", "coding.report_id")
    .leftJoin("coding_passage", "coding_passage.coding_id", "coding.id")
    .leftJoin("passage", "passage.id", "coding_passage.passage_id")
    .leftJoin("document", "document.id", "passage.document_id")
    .select(["coding.report_id", "coding.subject", "coding.value", "passage.id", "passage.quote", "passage.page", "document.number"])
    .where("coding.factor", "=", factor)
    .whereRef("coding.layer", "=", "report.counted_layer")
    // What is settled so far between two who code blind would tell one of them of the other.
    .where("report.coding_mode", "<>", "blind")
    .where("coding.report_id", "in", [...new Set(lines.map(({ reportId }) => reportId))])
    .orderBy("document.number")
    .orderBy("passage.starts")
    .execute();
  const found = new Map<string, CodedNow>();
  for (const { report_id, subject, value, id, quote, page, number } of rows) {
    const key = `${report_id} ${subject}`;
    const coded = found.get(key) ?? { value, quotes: [] };
    if (id !== null && quote !== null && number !== null) coded.quotes.push({ passage: id, document: number, page, quote });
    found.set(key, coded);
  }
  return found;
}
