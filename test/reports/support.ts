import { readFileSync } from "node:fs";
import type { Visitor } from "../support/app.ts";

/** One of the ten fictional reports, as its service would send it. */
export const sample = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../samples/${name}`, import.meta.url)));

/** The fields of the deposit form, filled in. Blois: tribunal of the Loir-et-Cher. */
export const SHEET: Record<string, string> = {
  issuingKind: "prosecutor",
  issuingService: "Parquet de Blois",
  receivedOn: "2026-02-02",
  actDate: "2024-03-14",
  actKind: "homicide",
  department: "41",
  court: "109",
  proceedings: "judicial_investigation",
  victim_female: "1",
  perpetrator_male: "1",
};

export type GivenFile = { name: string; bytes: Uint8Array };
/** Sends the deposit form with files. */
export const deposit = (visitor: Visitor, fields: Record<string, string>, files: readonly GivenFile[]) =>
  visitor.upload(
    "/rapports/nouveau",
    fields,
    files.map((file) => ({ field: "documents", ...file })),
  );

/** Ids of the files that a form says it already holds. */
export const stagedIn = (html: string): string[] => [...html.matchAll(/name="staged" value="([^"]+)"/g)].map(([, id]) => id!);

/** What a page says, without its markup. */
export const said = (html: string): string =>
  html
    .replace(/<[^>]+>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\s+/gu, " ");
