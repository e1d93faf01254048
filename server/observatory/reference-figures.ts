import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import type { ReferenceFigureTable, ReferenceSourceTable, Tx } from "../../db/schema.ts";

const figure = z.object({
  measure: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.string(),
  scope: z.string(),
  source: z.string().nullish(),
  verified: z.boolean(),
  note: z.string().nullish(),
});
const file = z.object({
  sources: z.record(
    z.string(),
    z.object({ title: z.string(), publisher: z.string(), year: z.number().nullish(), url: z.string().nullish(), kind: z.string() }),
  ),
  series_deaths: z.array(
    z.object({
      year: z.number(),
      scope: z.string(),
      total: z.number().nullable(),
      women: z.number().nullable(),
      men: z.number().nullable(),
      verified: z.boolean(),
      unverified_fields: z.array(z.string()).default([]),
    }),
  ),
  years: z.array(z.object({ year: z.number(), figures: z.array(figure) })),
  studies: z.record(z.string(), z.object({ title: z.string(), population: z.string(), figures: z.array(figure) })),
});

/** The yearly series of deaths, chosen among the published values of each year: what coverage is measured against. */
export const SERIES = { total: "series_deaths_total", women: "series_deaths_women", men: "series_deaths_men" } as const;

/**
 * Reads the file of figures published elsewhere into rows: the chosen yearly series (measures of `SERIES`), the figures of each year, and
 * those of one-off studies under the year that ends the study's code. Values that are lists of places and not numbers are left out.
 * @throws Error when the file has another form
 */
export function readReferenceFigures(yaml: string): { sources: ReferenceSourceTable[]; figures: ReferenceFigureTable[] } {
  const { sources, series_deaths, years, studies } = file.parse(parse(yaml));
  const figures: ReferenceFigureTable[] = [];
  const seen = new Map<string, number>();
  const add = (row: Omit<ReferenceFigureTable, "id">) => {
    const name = [row.year, row.measure, row.scope, row.source ?? "series"].join(":");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    figures.push({ id: count === 1 ? name : `${name}:${count}`, ...row });
  };
  for (const row of series_deaths)
    for (const part of ["total", "women", "men"] as const) {
      const value = row[part];
      if (value === null) continue;
      const verified = !row.unverified_fields.includes(part);
      add({
        measure: SERIES[part],
        year: row.year,
        scope: row.scope,
        value,
        unit: "persons",
        source: null,
        verified: verified ? 1 : 0,
        note: null,
      });
    }
  const addFigure = (year: number, { measure, value, unit, scope, source, verified, note }: z.infer<typeof figure>) => {
    if (typeof value === "number")
      add({ measure, year, scope, value, unit, source: source ?? null, verified: verified ? 1 : 0, note: note ?? null });
  };
  for (const { year, figures } of years) for (const one of figures) addFigure(year, one);
  for (const [code, { figures }] of Object.entries(studies)) for (const one of figures) addFigure(Number(code.slice(-4)), one);
  return {
    sources: Object.entries(sources).map(([code, { title, publisher, year, url, kind }]) => ({
      code,
      title,
      publisher,
      year: year ?? null,
      url: url ?? null,
      kind,
    })),
    figures,
  };
}

const byKey = <Row>(rows: readonly Row[], key: (row: Row) => string): Row[] => [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));

/** Makes the rows say what the file says: replaced when anything differs, untouched otherwise. Called at each start. */
export async function storeReferenceFigures(tx: Tx, yaml: string): Promise<void> {
  const given = readReferenceFigures(yaml);
  const sources = await tx.selectFrom("reference_source").selectAll().execute();
  const figures = await tx.selectFrom("reference_figure").selectAll().execute();
  const code = ({ code }: ReferenceSourceTable) => code;
  const id = ({ id }: ReferenceFigureTable) => id;
  if (
    isDeepStrictEqual(byKey(sources, code), byKey(given.sources, code)) &&
    isDeepStrictEqual(byKey(figures, id), byKey(given.figures, id))
  )
    return;
  await tx.deleteFrom("reference_figure").execute();
  await tx.deleteFrom("reference_source").execute();
  for (let at = 0; at < given.sources.length; at += 100)
    await tx
      .insertInto("reference_source")
      .values(given.sources.slice(at, at + 100))
      .execute();
  for (let at = 0; at < given.figures.length; at += 100)
    await tx
      .insertInto("reference_figure")
      .values(given.figures.slice(at, at + 100))
      .execute();
}
