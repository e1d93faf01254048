import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export type Court = { srj: string; name: string; appealCourt: string; department: string };
export type Department = { code: string; name: string; region: string; regionName: string };

type CogDepartment = { code: string; nom: string; region?: string; zone: string };
type CogRegion = { code: string; nom: string };
const load = createRequire(import.meta.url);
const cogDepartments = load("@etalab/decoupage-administratif/data/departements.json") as CogDepartment[];
const cogRegions = load("@etalab/decoupage-administratif/data/regions.json") as CogRegion[];

const typographic = (name: string): string => name.replaceAll("'", "’");
const regionNames = new Map(cogRegions.map(({ code, nom }) => [code, typographic(nom)]));
/** Territories where nobody lives all the year round. */
const UNINHABITED = new Set(["984", "989"]);

/** Départements and overseas collectivities of the COG, in the order of their codes; the latter are their own region. */
export const DEPARTMENTS: readonly Department[] = cogDepartments
  .filter(({ code }) => !UNINHABITED.has(code))
  .map(({ code, nom, region }) => ({
    code,
    name: typographic(nom),
    region: region ?? code,
    regionName: regionNames.get(region ?? code) ?? typographic(nom),
  }))
  .sort((a, b) => (a.code < b.code ? -1 : 1));
const departments = new Map(DEPARTMENTS.map((department) => [department.code, department]));

/** First-instance courts with their appeal court, by name. The district of a court never follows from a département, nor the reverse. */
export const COURTS: readonly Court[] = readFileSync(join(import.meta.dirname, "../../db/data/jurisdictions.csv"), "utf8")
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => {
    const [name, , srj, , , department, , appealCourt] = line.split(",");
    return { name: typographic(name!), srj: srj!, department: department!, appealCourt: typographic(appealCourt!) };
  });
const courts = new Map(COURTS.map((court) => [court.srj, court]));

export const REGIONS: readonly { code: string; name: string }[] = [
  ...new Map(DEPARTMENTS.map(({ region, regionName }) => [region, regionName])),
]
  .map(([code, name]) => ({ code, name }))
  .sort((a, b) => a.name.localeCompare(b.name, "fr"));
export const APPEAL_COURTS: readonly string[] = [...new Set(COURTS.map(({ appealCourt }) => appealCourt))].sort((a, b) =>
  a.localeCompare(b, "fr"),
);

export const findCourt = (srj: string): Court | undefined => courts.get(srj);
export const findDepartment = (code: string): Department | undefined => departments.get(code);
/** "75" → "Paris (75)" */
export const departmentLabel = (code: string): string => (departments.has(code) ? `${departments.get(code)!.name} (${code})` : code);
export const courtLabel = (srj: string): string => courts.get(srj)?.name ?? srj;
export const regionLabel = (code: string): string => regionNames.get(code) ?? departments.get(code)?.name ?? code;
