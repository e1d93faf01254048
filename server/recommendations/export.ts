/** Formats that the page of the register offers at once; the room of exports answers their addresses (/recommandations/export.csv …). */
export const FORMATS = ["csv", "xlsx", "ods", "json"] as const;
export type Format = (typeof FORMATS)[number];
