import type { Column } from "../exchange/table.ts";
import type { T } from "../http/words.ts";
import { COLUMN_KEYS, columnType, HISTORY_KEYS, historyType } from "./columns.ts";

/** How a cell of a column is written in JSON. */
const cell = (type: Column["type"], title: string) => ({
  title,
  type: [type === "integer" ? "integer" : type === "number" ? "number" : "string", "null"],
  ...(type === "date" && { format: "date" }),
});
const strings = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  required: names,
  additionalProperties: false,
});

/**
 * The JSON Schema (2020-12) of an export as JSON, its descriptions in the reader's language.
 * @param id its own address
 */
export function exportSchema(id: string, t: T): object {
  const named = {
    type: "array",
    items: { $ref: "#/$defs/column" },
    description: t("exports.schema.columns"),
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: id,
    title: t("exports.schema.title"),
    description: t("exports.schema.text"),
    type: "object",
    properties: {
      $schema: { type: "string", description: t("exports.schema.own") },
      title: { type: "string", description: t("exports.schema.heading") },
      language: { enum: ["fr", "en"], description: t("exports.schema.language") },
      exportedAt: { type: "string", format: "date-time", description: t("exports.schema.exportedAt") },
      filters: { type: "array", items: strings("label", "value"), description: t("exports.schema.filters") },
      columns: named,
      rows: { type: "array", items: { $ref: "#/$defs/recommendation" }, description: t("exports.schema.rows") },
      history: {
        type: "object",
        properties: { columns: named, rows: { type: "array", items: { $ref: "#/$defs/event" } } },
        required: ["columns", "rows"],
        additionalProperties: false,
        description: t("exports.schema.history"),
      },
      notes: {
        type: "array",
        items: {
          type: "object",
          properties: { name: { type: "string" }, columns: named, rows: { type: "array", items: strings("what", "value") } },
          required: ["name", "columns", "rows"],
          additionalProperties: false,
        },
        description: t("exports.schema.notes"),
      },
    },
    required: ["$schema", "title", "language", "exportedAt", "filters", "columns", "rows", "notes"],
    additionalProperties: false,
    $defs: {
      column: {
        type: "object",
        properties: { key: { type: "string" }, heading: { type: "string" }, type: { enum: ["text", "integer", "number", "date"] } },
        required: ["key", "heading", "type"],
        additionalProperties: false,
      },
      recommendation: {
        type: "object",
        properties: Object.fromEntries(COLUMN_KEYS.map((key) => [key, cell(columnType(key), t(`exports.columns.${key}`))])),
        additionalProperties: false,
      },
      event: {
        type: "object",
        properties: Object.fromEntries(HISTORY_KEYS.map((key) => [key, cell(historyType(key), t(`exports.history.${key}`))])),
        required: [...HISTORY_KEYS],
        additionalProperties: false,
      },
    },
  };
}
